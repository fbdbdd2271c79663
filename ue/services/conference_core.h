/**
 * @file conference_core.h  What the files of conferences call of each other;
 * private
 */
#ifndef CONFERENCE_CORE_H
#define CONFERENCE_CORE_H

#include "ue/ue.h"

/** RFC 4575 3.4 */
#define CONF_EXPIRES_S 3600

/** A free entry, begun; NULL: none */
struct ue_conf *conf_new(struct confs *cs, enum ue_conf_state state,
			 const char *uri, const struct ue_conf_params *prm);

/** Forget it in silence */
void conf_free(struct ue_conf *conf);

/** Event with the conference, its URI as text */
struct ue_event *conf_event(struct ue_conf *conf, enum ue_event_type type);

/** Go on with its end, from a timer */
void conf_work(struct ue_conf *conf, uint64_t delay_ms);

/** It ends: nothing is subscribed to again */
void conf_leaving(struct ue_conf *conf);

/** Remember how it ends */
void conf_because(struct ue_conf *conf, int err, uint16_t status,
		  const char *text);

/** Send a REFER whose outcome is UE_EVENT_CONF_REQUEST_DONE.  uri: its text */
int  conf_request(struct ue_conf *conf, enum ue_conf_request kind,
		  const char *uri, struct refer_params *prm);

/** The outcome of what has none yet is ECONNABORTED */
void conf_abort_requests(struct ue_conf *conf);

/** Is it a command's conference, in a state for requests? */
bool conf_is_joined(const struct ue_conf *conf);

/** Is it a URI, and may a conference begin?  @return 0, EINVAL, EOVERFLOW,
 *  EPROTO */
int  conf_check(const struct ue *ue, const char *uri);

/** The conference that waits for this INVITE of the server; NULL: none */
struct ue_conf *conf_initiated(struct confs *cs, const struct sip_msg *msg);

/* Handlers of a subscription, arg: the conference */
const char *conf_target_h(void *arg);
const char *conf_privacy(void *arg);
void conf_document_h(const struct pl *body, void *arg);
void conf_subscribed_h(uint32_t expires_s, void *arg);
void conf_sub_ended_h(const struct subscription_end *end, void *arg);

/** User of their sessions */
extern const struct session_user conf_user;

/** Subscription of conferences */
extern const struct subscription_package conf_package;

#endif
