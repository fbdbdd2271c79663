/**
 * @file session_timer.c  Session timers (RFC 4028)
 */
#include <errno.h>
#include "ue/services/session_core.h"


static void expiry_h(void *arg);


/* s7.1, s7.4 */
void session_timer_request(struct session *s, struct sip_writer *w)
{
	uint32_t expires_s = s->expires_s;

	/* it is agreed in the INVITE */
	if (s->state == SESSION_INCOMING)
		return;

	if (!expires_s) {
		/* not agreed in the first exchange: not asked for again */
		if (s->established)
			return;
		expires_s = SESSION_EXPIRES_S;
	}
	if (expires_s < s->min_se_s)
		expires_s = s->min_se_s;

	if (s->established)
		sip_writer_hdr(w, SIP_HDR_SESSION_EXPIRES,
			       "%u;refresher=%s", expires_s,
			       s->refresher ? "uac" : "uas");
	else
		sip_writer_hdr(w, SIP_HDR_SESSION_EXPIRES, "%u", expires_s);

	/* s7.3, s7.4: after a 422, or that of the peer */
	if (s->min_se_s)
		sip_writer_hdr(w, SIP_HDR_MIN_SE, "%u", s->min_se_s);
}


/* s9 */
bool session_timer_refuse(struct session *s, struct sip_strans *st,
			  const struct sip_msg *msg)
{
	struct sip_writer *w;
	uint32_t expires_s;

	if (sip_msg_uint(&expires_s, msg, SIP_HDR_SESSION_EXPIRES) ||
	    expires_s >= SESSION_MIN_SE_S)
		return false;

	w = session_reply_begin(s, st, 422);
	sip_writer_hdr(w, SIP_HDR_MIN_SE, "%u", (uint32_t)SESSION_MIN_SE_S);
	sip_strans_set_handler(st, NULL, NULL);
	(void)sip_reply_end(st);

	return true;
}


/* The refresher in Session-Expires: `uac` is who has sent the request.
   false: none is named */
static bool refresher(bool *uac, const struct sip_msg *msg)
{
	struct pl val, head, params, who;

	if (sip_msg_hdr(&val, msg, SIP_HDR_SESSION_EXPIRES))
		return false;

	sip_value_split(&head, &params, &val);
	if (sip_param_get(&who, &params, "refresher") || !who.p)
		return false;

	*uac = !pl_strcasecmp(&who, "uac");

	return true;
}


/* s9, table 2 */
void session_timer_accept(struct session *s, const struct sip_msg *msg)
{
	uint32_t expires_s, min_s;
	bool uac;

	/* s7.4: no refresh of ours is to be shorter */
	if (!sip_msg_uint(&min_s, msg, SIP_HDR_MIN_SE) && min_s > s->min_se_s)
		s->min_se_s = min_s;

	if (sip_msg_uint(&expires_s, msg, SIP_HDR_SESSION_EXPIRES)) {
		s->expires_s = 0;
		return;
	}

	if (!s->peer_timer)
		uac = false;
	else if (!refresher(&uac, msg))
		uac = true;

	s->expires_s = expires_s;
	s->refresher = !uac;
}


void session_timer_reply(struct session *s, struct sip_writer *w)
{
	if (!s->expires_s)
		return;

	/* s9: Require where the other side has something to do: to refresh,
	   or to end what is not refreshed */
	if (!s->refresher || s->peer_timer)
		sip_writer_hdr(w, SIP_HDR_REQUIRE, "timer");
	sip_writer_hdr(w, SIP_HDR_SESSION_EXPIRES, "%u;refresher=%s",
		       s->expires_s, s->refresher ? "uas" : "uac");
}


/* s7.2 */
void session_timer_response(struct session *s, const struct sip_msg *msg)
{
	uint32_t expires_s;
	bool uac = true;

	if (sip_msg_uint(&expires_s, msg, SIP_HDR_SESSION_EXPIRES)) {
		s->expires_s = 0;
		return;
	}

	(void)refresher(&uac, msg);
	/* shorter than anybody may ask for: not followed blindly */
	s->expires_s = expires_s < SESSION_MIN_SE_S ? SESSION_MIN_SE_S
		: expires_s;
	s->refresher = uac;
}


/* s7.3 */
bool session_timer_longer(struct session *s, const struct sip_msg *msg)
{
	uint32_t min_s;

	if (sip_msg_uint(&min_s, msg, SIP_HDR_MIN_SE) ||
	    min_s <= s->min_se_s)
		return false;

	s->min_se_s = min_s;

	return true;
}


/* s10: the refresher at half of the interval; the other side gives up
   min(32 s, a third) before its end */
void session_timer_start(struct session *s)
{
	struct ue_timers *ts = session_timers(s);
	const uint64_t ms = (uint64_t)s->expires_s * 1000;
	const uint64_t margin = ms / 3 < 32000 ? ms / 3 : 32000;

	s->refreshing = false;

	if (!ms)
		ue_timer_cancel(ts, &s->expiry);
	else
		ue_timer_start(ts, &s->expiry,
			       s->refresher ? ms / 2 : ms - margin, expiry_h,
			       s);
}


static void expiry_h(void *arg)
{
	struct session *s = arg;
	const uint64_t ms = (uint64_t)s->expires_s * 1000;
	const uint64_t margin = ms / 3 < 32000 ? ms / 3 : 32000;

	if (s->state != SESSION_CONFIRMED)
		return;

	if (!s->refresher || s->refreshing) {
		session_bye(s, ETIMEDOUT, 0, "session expired");
		return;
	}

	s->refreshing = true;
	s->refresh = true;
	ue_timer_start(session_timers(s), &s->expiry, ms / 2 - margin,
		       expiry_h, s);
	session_change_now(s);
}
