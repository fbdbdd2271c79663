/**
 * @file call.h  The application's plain sessions with audio: ue_session_*()
 */
#ifndef SERVICES_CALL_H
#define SERVICES_CALL_H

#include "ue/services/session.h"

struct ue;
struct ue_event;

/** Serve incoming ones: after every other service, for ue.c.  @return 0,
 *  ENOMEM */
int call_init(struct ue *ue);

/** What is negotiated for audio */
struct ue_media *call_media(const struct session *s);

/** That stream has ended: port 0 in an offer or an answer after the first
 *  ones (RFC 3264 s6, s8.2) */
void call_removed(struct session *s, unsigned index);

/** A new session: nothing is negotiated yet */
void call_media_init(struct session *s);

/** What the user wants of a session: see struct ue_session_params.  audio
 *  means nothing where the offer is the peer's, or was made */
void call_want(struct session *s, bool audio, const char *privacy);

/** Learn what is offered by an INVITE; sdp NULL: nothing, we are to offer.
 *  @return can there be a session? */
bool call_offered(struct session *s, const struct sdesc *sdp);

/** Can that be?  @return 0; ENOTSUP, EINVAL as ue_session_start() */
int call_check(const struct ue *ue, bool audio, const char *privacy);

/** Remember who calls, as the network says it; then the other side's URI,
 *  that if there is one.  @return 0; EOVERFLOW: str is "" */
void call_note(struct session *s, const struct sip_msg *msg);
int  call_caller(char str[UE_URI_MAX], const struct session *s);

/** Audio and messages of the settings, as write_media_h and answer_h of a
 *  struct session_user */
int call_write_media(struct session *s, struct sip_writer *w, unsigned index,
		     const struct sdesc_media *offer, void *arg);
int call_answer_media(struct session *s, unsigned index,
		      const struct sdesc_media *m, void *arg);

#endif
