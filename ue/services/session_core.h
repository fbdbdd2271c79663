/**
 * @file session_core.h  What the files of the session layer call of each
 * other; private
 */
#ifndef SERVICES_SESSION_CORE_H
#define SERVICES_SESSION_CORE_H

#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/sip/multipart.h"

/** Session interval that we ask for, seconds (RFC 4028 s4) */
#define SESSION_EXPIRES_S 1800

/** Smallest that we accept, seconds (RFC 4028 s5) */
#define SESSION_MIN_SE_S 90

/** 491 in a row before a change is given up: each leaves a client transaction
 *  that repeats its ACK for 130 s (RFC 3261 s17.1.1.2) */
#define SESSION_TRIES_MAX 4

/** What the work timer has to do, in this order */
enum session_todo {
	SESSION_TODO_INVITE  = 1 << 0,  /* UAC: send it                  */
	SESSION_TODO_REJECT  = 1 << 1,
	SESSION_TODO_END     = 1 << 2,
	SESSION_TODO_LOST    = 1 << 3,  /* the registration              */
	SESSION_TODO_LEAVE   = 1 << 4,  /* about to deregister           */
	SESSION_TODO_NEXT    = 1 << 5   /* UAS: what can be answered; hold,
					 * modify, refresh, confirm      */
};

/** What we are changing in an established dialog */
enum session_change {
	SESSION_CHANGE_NONE = 0,
	SESSION_CHANGE_MEDIA,   /* re-INVITE by session_hold(), _modify() */
	SESSION_CHANGE_REFRESH, /* RFC 4028: UPDATE or re-INVITE         */
	SESSION_CHANGE_CONFIRM  /* RFC 3312: UPDATE with an offer        */
};

/** What a description is written for */
enum session_write {
	SESSION_WRITE_NEW,      /* new offer or answer: o= counts up     */
	SESSION_WRITE_AGAIN     /* the last one, unchanged               */
};

static inline struct sip *session_sip(const struct session *s)
{
	return &s->all->ue->sip;
}

static inline struct ue_timers *session_timers(const struct session *s)
{
	return &s->all->ue->timers;
}

/* ---- session.c: states, work, end ---- */

void session_todo(struct session *s, unsigned todo);
struct session *session_alloc(struct sessions *ss);

/** Not claimed or not begun: forget it without an event */
void session_free(struct session *s);

/** It is over: SESSION_ENDED, the entry is free when this returns */
void session_over(struct session *s, const struct session_cause *cause);

/** The same with what is remembered from the command that ended it */
void session_over_as_said(struct session *s);

/** Remember how it ends.  text: constant */
void session_because(struct session *s, int err, uint16_t status,
		     const char *text);

/** End an established or half-made dialog by BYE; SESSION_ENDED with this
 *  cause follows.  text: constant */
void session_bye(struct session *s, int err, uint16_t status,
		 const char *text);

/** The same with what is remembered */
void session_bye_as_said(struct session *s);

void session_tell(struct session *s, enum session_event event,
		  const struct session_cause *cause);

/** The change under way has come to an end.  cause NULL: done */
void session_change_over(struct session *s,
			 const struct session_cause *cause);

/** 500 with Retry-After 0..10 (RFC 3261 s14.2, RFC 3311 s5.2) */
void session_reply_later(struct session *s, struct sip_strans *st);

/* ---- session_write.c: messages ---- */

struct sip_writer *session_begin(struct session *s, const char *method);

/* Each returns 0 or as sip_ctrans_start() */
int  session_send_invite(struct session *s, enum session_write how);
int  session_send_update(struct session *s, bool offer);
int  session_send_prack(struct session *s, struct sip_dialog *dlg,
			const struct sip_msg *msg, bool body);

/** The ACK to a 2xx.  ct: it answers the offer in it, and is kept with this
 *  transaction; NULL: no body.  @return 0; an error: the offer could not be
 *  answered, the ACK has left all the same */
int  session_send_ack(struct session *s, struct sip_dialog *dlg,
		      uint32_t cseq, struct sip_ctrans *ct);

/** A response to an INVITE or UPDATE: header fields of ours */
struct sip_writer *session_reply_begin(struct session *s,
				       struct sip_strans *st, uint16_t code);
int  session_reply(struct session *s, struct sip_strans *st, uint16_t code);

/* ---- session_offer.c: offer and answer ---- */

/** Write Content-Type, description and what belongs to it, end the message.
 *  An outstanding offer of the peer is answered, else we offer.
 *  @return 0; EPROTO the answer would refuse everything; else the writer's */
int  session_write_body(struct session *s, struct sip_writer *w,
			enum session_write how, bool parts);

/** Take the description in a message: the answer to our offer, or an offer.
 *  @return 0; ENOENT there is none; EBADMSG malformed; EPROTO the answer does
 *  not fit the offer; ENOTSUP preconditions that we cannot meet; ENOMEM;
 *  EOVERFLOW too long or too many streams */
int  session_take(struct session *s, const struct sip_msg *msg);

/** Let the user know of the answer in a 1xx that is not reliable */
void session_take_early(struct session *s, const struct sip_msg *msg);

/** Take the answer of another branch that is kept.  @return the same */
int  session_take_kept(struct session *s);

/** Status that refuses an offer because of such an error */
uint16_t session_take_status(int err);

/** Nothing more is wanted of our requests; invite: of an INVITE, too */
void session_detach_requests(struct session *s, bool invite);

/** What we have offered is not what we write next: o= counts up then */
void session_other_next(struct session *s);

/** Forget an offer, ours or the peer's */
void session_drop_offer(struct session *s);

/* ---- session_qos.c: preconditions ---- */

/** Our side of them as it is when nothing was said yet */
void session_qos_init(struct session *s);

/** Take those of a media description.  @return 0; EBADMSG, ENOTSUP: an offer
 *  is to be refused */
int  session_qos_take(struct session *s, const struct sdesc_media *m,
		      bool offer);

/** Is the peer to be told, by an offer, what is there now? */
bool session_qos_tells(const struct session *s);

/** Begin to reserve resources where preconditions ask for it */
void session_reserve(struct session *s);

/* ---- session_auth.c: challenges ---- */

/** Answer a 401 or 407 to the first INVITE.  @return false: that cannot be */
bool session_auth_answer(struct session *s, const struct sip_msg *msg);

/** Authorization of the INVITE being written, if it answers a challenge */
void session_auth_write(struct session *s, struct sip_writer *w);

/** The same once more: in its ACK (RFC 3261 s22.1) */
void session_auth_again(struct session *s, struct sip_writer *w);

/* ---- session_uac.c ---- */

sip_response_h session_invite_h;

/** Of a text and a number, to know it again */
uint32_t session_hash(const struct pl *str, uint32_t n);

/** What the peer understands: Allow, Supported */
void session_learn(struct session *s, const struct sip_msg *msg);

/* ---- session_change.c ---- */

sip_response_h session_update_h, session_prack_h;

void session_cause_of(struct session_cause *cause, const struct sip_msg *msg);
void session_error_of(struct session_cause *cause, int err);

/** An offer of ours was refused */
void session_take_back(struct session *s);

/** The change under way was refused, or not answered */
void session_not_changed(struct session *s, const struct sip_msg *msg);
void session_not_answered(struct session *s, int err);

/** End it in whatever state: BYE, CANCEL */
void session_fail(struct session *s, int err, uint16_t status,
		  const char *text);

/** Send what is to be changed, when nothing else is under way */
void session_change_now(struct session *s);

/* ---- session_uas.c ---- */

/** An INVITE outside of dialogs */
void session_incoming(struct sessions *ss, struct sip_strans *st,
		      const struct sip_msg *msg);

/** Send the next response to the INVITE that can be sent now */
void session_answer(struct session *s);

/** The transaction gets a 2xx: s->st until its ACK */
void session_await_ack(struct session *s, struct sip_strans *st,
		       uint32_t cseq);

/** The 1xx again from time to time (RFC 3261 s13.3.1.1) */
void session_progress_start(struct session *s);

/** Refuse the INVITE that waits, or say 1xx */
void session_refuse(struct session *s, uint16_t status);

/* ---- session_dialog.c: requests inside the dialog ---- */

void session_request_h(struct session *s, struct sip_strans *st,
		       const struct sip_msg *msg);

/* ---- session_rel.c: RFC 3262 ---- */

/** Send a 1xx.  body: with a description.  It is sent reliably when the peer
 *  supports that and there is a body or the peer requires it */
int  session_send_1xx(struct session *s, uint16_t code, bool body);

/** Is it a reliable 1xx?  rseq may be NULL */
bool session_is_rel(uint32_t *rseq, const struct sip_msg *msg);

/** The same; false also when it came before, or one before it is missing */
bool session_rel_new(struct session *s, const struct sip_msg *msg);

void session_prack(struct session *s, struct sip_strans *st,
		   const struct sip_msg *msg);

/* ---- session_timer.c: RFC 4028 ---- */

/** Session-Expires, Min-SE of our INVITE or UPDATE */
void session_timer_request(struct session *s, struct sip_writer *w);

/** Is the interval that a request asks for too short?  Then 422 was sent */
bool session_timer_refuse(struct session *s, struct sip_strans *st,
			  const struct sip_msg *msg);

/** Take the interval of a request that will be answered 2xx, and what the 2xx
 *  says about it */
void session_timer_accept(struct session *s, const struct sip_msg *msg);
void session_timer_reply(struct session *s, struct sip_writer *w);

/** Take the interval of a 2xx to a request of ours */
void session_timer_response(struct session *s, const struct sip_msg *msg);

/** 422: ask for a longer one.  @return false: that is no help */
bool session_timer_longer(struct session *s, const struct sip_msg *msg);

/** Start or restart the timer: the session lives */
void session_timer_start(struct session *s);

#endif
