/**
 * @file session_uas.c  An INVITE from the network: claim, provisional and
 * final responses (RFC 3261 13.3.1, RFC 3891, TS 24.229 5.1.4.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/services/session_core.h"

/** RFC 3261 s13.3.1.1: a 1xx a minute; RFC 3262 s3: reliable, 2.5 minutes */
#define PROGRESS_MS 60000
#define PROGRESS_REL_MS 150000


/* ------------------------------------------------------------------ */
/* The server transaction of an INVITE */


/* RFC 3261 s9.2, s13.3.1.4 */
static void invite_st_h(struct sip_strans *st, int err, void *arg)
{
	struct session *s = arg;
	struct session_cause cancelled = {
		.status = 487, .by_peer = true, .text = "cancelled"
	};
	uint16_t reason;

	if (!err) {
		/* of the CANCEL, which is still there */
		reason = sip_msg_reason(&session_sip(s)->rx);
		if (reason)
			cancelled.status = reason;
		(void)session_reply(s, st, 487);
		s->st = NULL;
		session_over(s, &cancelled);
		return;
	}

	s->st = NULL;
	if (err != ETIMEDOUT) {
		/* commands and timers come too late: there is nothing left to
		   answer */
		s->state = SESSION_ENDING;
		ue_timer_cancel(session_timers(s), &s->retry);
		ue_timer_cancel(session_timers(s), &s->rel);
		session_todo(s, SESSION_TODO_LOST);
	}
	else if (s->state == SESSION_ACCEPTED ||
		 s->state == SESSION_CONFIRMED) {
		s->state = SESSION_CONFIRMED;
		if (!s->ending)
			session_because(s, ETIMEDOUT, 0, "no ACK");
		session_bye_as_said(s);
	}
}


void session_await_ack(struct session *s, struct sip_strans *st,
		       uint32_t cseq)
{
	s->st = st;
	s->peer_cseq = cseq;
	sip_strans_set_handler(st, invite_st_h, s);
}


/* ------------------------------------------------------------------ */
/* Answers */


static void progress_h(void *arg)
{
	struct session *s = arg;

	if (s->peer_rel && s->rel_wanted)
		(void)session_send_1xx(s, 180, false);
	else
		(void)sip_reply_again(s->st);

	session_progress_start(s);
}


void session_progress_start(struct session *s)
{
	ue_timer_start(session_timers(s), &s->retry,
		       s->peer_rel && s->rel_wanted ? PROGRESS_REL_MS
		       : PROGRESS_MS, progress_h, s);
}


void session_refuse(struct session *s, uint16_t status)
{
	if (s->state != SESSION_INCOMING)
		return;

	if (status < 200) {
		/* RFC 3262 s3: session_prack() comes back to it */
		if (s->rel_pending || s->accepted)
			return;
		s->reject = 0;
		(void)session_send_1xx(s, status, false);
		/* not in place of the wait for preconditions */
		if (!s->preconditions || sdesc_qos_met(&s->qos))
			session_progress_start(s);
		return;
	}

	(void)session_reply(s, s->st, status);
	s->st = NULL;
	if (!s->ended_text)
		session_because(s, ECANCELED, status, "refused");
	session_over_as_said(s);
}


static void accept(struct session *s)
{
	struct sip_strans *st = s->st;
	struct sip_writer *w = session_reply_begin(s, st, 200);
	int err;

	session_timer_reply(s, w);

	/* RFC 3264 s4, RFC 3261 s13.3.1.4 */
	if (s->described)
		err = sip_writer_end(w);
	else
		err = session_write_body(s, w, SESSION_WRITE_NEW, false);
	if (!err)
		err = sip_reply_send(st);

	if (err) {
		session_because(s, err, session_take_status(err),
				"200 not sent");
		session_refuse(s, session_take_status(err));
		return;
	}

	ue_timer_cancel(session_timers(s), &s->retry);
	s->dlg.state = SIP_DIALOG_CONFIRMED;
	s->state = SESSION_ACCEPTED;
}


/* The caller has gone, or will never be ready: nobody here knows of the call
   who could end it */
static void unmet_h(void *arg)
{
	struct session *s = arg;

	session_because(s, ETIMEDOUT, 580, "preconditions not met");
	session_refuse(s, 580);
}


/* RFC 3312 s5.1.1, s8; RFC 3262 s3: the 2xx waits for the PRACK */
void session_answer(struct session *s)
{
	if (s->rel_pending)
		return;

	if (s->reserve == SESSION_RESERVE_FAILED) {
		session_because(s, EBUSY, 580, "resources refused");
		session_refuse(s, 580);
		return;
	}

	if (s->preconditions && !s->described) {
		/* the answer first: what is to be reserved */
		if (session_send_1xx(s, 183, true)) {
			session_because(s, EPROTO, 488, "no media accepted");
			session_refuse(s, 488);
			return;
		}
		session_reserve(s);
		if (s->rel_pending)
			return;
	}

	/* RFC 3312 s7: as soon as it may be said, and before the 180 */
	if (s->change || (session_qos_tells(s) &&
			  s->peer_update != SESSION_UPDATE_NO)) {
		session_change_now(s);
		return;
	}

	if (s->preconditions && !sdesc_qos_met(&s->qos)) {
		if (!ue_timer_running(&s->retry))
			ue_timer_start(session_timers(s), &s->retry, 64ULL *
				       session_sip(s)->cfg.timers.t1_ms,
				       unmet_h, s);
		return;
	}
	if (!s->alerted)
		ue_timer_cancel(session_timers(s), &s->retry);

	if (s->accepted) {
		accept(s);
	}
	else if (!s->alerted) {
		s->alerted = true;
		(void)session_send_1xx(s, 180, false);
		session_progress_start(s);
		session_tell(s, SESSION_ALERT, NULL);
	}
}


/* ------------------------------------------------------------------ */
/* RFC 3891 */


static bool is_tag(const struct pl *tag, const char *str)
{
	return !pl_strcmp(tag, str);
}


static const char *text(const struct session *s, enum sip_dialog_text which)
{
	return sip_dialog_text(&s->dlg, which);
}


struct session *session_find(struct sessions *ss, const struct pl *dialog)
{
	struct pl id, params, to, from;
	unsigned i;

	sip_value_split(&id, &params, dialog);
	if (sip_param_get(&to, &params, "to-tag") || !to.p ||
	    sip_param_get(&from, &params, "from-tag") || !from.p)
		return NULL;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		struct session *s = &ss->sv[i];

		if (s->state != SESSION_FREE &&
		    is_tag(&id, text(s, SIP_DIALOG_CALL_ID)) &&
		    is_tag(&to, text(s, SIP_DIALOG_LOCAL_TAG)) &&
		    is_tag(&from, text(s, SIP_DIALOG_REMOTE_TAG)))
			return s;
	}

	return NULL;
}


int session_replaces(char *str, size_t size, const struct session *s)
{
	size_t pos;

	/* RFC 3891 s3: there an early dialog of ours cannot be replaced */
	if (s->state != SESSION_INCOMING && s->state != SESSION_ACCEPTED &&
	    s->state != SESSION_CONFIRMED)
		return EPROTO;

	pos = ims_put(str, size, 0, text(s, SIP_DIALOG_CALL_ID));
	pos = ims_put(str, size, pos, ";to-tag=");
	pos = ims_put(str, size, pos, text(s, SIP_DIALOG_REMOTE_TAG));
	pos = ims_put(str, size, pos, ";from-tag=");
	pos = ims_put(str, size, pos, text(s, SIP_DIALOG_LOCAL_TAG));

	return pos >= size ? EOVERFLOW : 0;
}


/* s3: what the new one replaces.  @return status, 0 = go on */
static uint16_t replaces(struct session *s, const struct sip_msg *msg)
{
	struct session *old;
	struct pl val, id, params;

	if (sip_msg_hdr(&val, msg, SIP_HDR_REPLACES))
		return 0;

	old = session_find(s->all, &val);
	if (!old)
		return 481;

	sip_value_split(&id, &params, &val);

	switch (old->state) {

	case SESSION_EARLY:
		break;

	case SESSION_CONFIRMED:
	case SESSION_ACCEPTED:
		if (!sip_param_get(NULL, &params, "early-only"))
			return 486;
		break;

	case SESSION_ENDING:
	case SESSION_CANCELLING:
		return 603;

	default:
		/* an early dialog that the other side has begun */
		return 481;
	}

	s->replaces = (uint8_t)(old - s->all->sv + 1);

	return 0;
}


/* ------------------------------------------------------------------ */
/* A new INVITE */


static bool claim(struct session *s, const struct sip_msg *msg,
		  const struct sdesc *sdp)
{
	struct sessions *ss = s->all;
	unsigned i;

	for (i = 0; i < ss->userc; i++) {

		s->user = ss->userv[i].user;
		s->arg = ss->userv[i].arg;

		if (s->user->claim_h &&
		    s->user->claim_h(s, msg, sdp, s->arg))
			return true;
	}

	return false;
}


/* @return status that refuses it, 0 = it waits for an answer */
static uint16_t examine(struct session *s, const struct sip_msg *msg)
{
	struct sdesc sdp;
	struct pl body;
	uint16_t status;
	bool offer = false;
	int err;

	status = replaces(s, msg);
	if (status)
		return status;

	session_qos_init(s);
	err = session_take(s, msg);
	if (!err) {
		offer = !sip_body_find(&body, msg, "application", "sdp") &&
			!sdesc_decode(&sdp, &body);
	}
	else if (err != ENOENT) {
		return session_take_status(err);
	}

	/* RFC 3312 s11: there is no way to tell the status */
	if (s->preconditions && !s->peer_rel) {
		if (!sdesc_qos_met(&s->qos))
			return 421;
		s->preconditions = false;
	}

	return claim(s, msg, offer ? &sdp : NULL) ? 0 : 488;
}


/* RFC 3261 s8.2.2.2: the same INVITE by another way, or so late that its
   transaction has given way */
static bool is_merged(const struct sessions *ss, const struct sip_msg *msg)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		const struct session *s = &ss->sv[i];

		if (s->state != SESSION_FREE && !s->uac &&
		    msg->cseq <= s->dlg.remote_cseq &&
		    is_tag(&msg->call_id, text(s, SIP_DIALOG_CALL_ID)) &&
		    is_tag(&msg->from_tag, text(s, SIP_DIALOG_REMOTE_TAG)))
			return true;
	}

	return false;
}


/* RFC 3261 s13.3.1: no final answer in time */
static void expired_h(void *arg)
{
	struct session *s = arg;

	if (s->state == SESSION_INCOMING) {
		session_because(s, ETIMEDOUT, 487, "expired");
		session_refuse(s, 487);
	}
}


void session_incoming(struct sessions *ss, struct sip_strans *st,
		      const struct sip_msg *msg)
{
	struct session *s;
	uint32_t expires_s;
	uint16_t status;
	int err;

	if (is_merged(ss, msg)) {
		(void)sip_reply(st, 482, NULL);
		return;
	}

	s = session_alloc(ss);
	if (!s) {
		++ss->full;
		(void)sip_reply(st, 486, NULL);
		return;
	}

	err = sip_random_u32(&ss->ue->sip, &s->sess_id);
	if (!err)
		err = sip_dialog_accept(&s->dlg, st, session_hop(s), msg);
	if (err) {
		(void)sip_reply(st, err == EBADMSG ? 400 : 500, NULL);
		return;
	}

	s->state = SESSION_INCOMING;
	session_await_ack(s, st, msg->cseq);
	session_learn(s, msg);
	s->rel_wanted = sip_msg_has_token(msg, SIP_HDR_REQUIRE, "100rel");
	s->peer_rel = s->peer_rel || s->rel_wanted;

	if (session_timer_refuse(s, st, msg)) {
		session_free(s);
		return;
	}

	status = examine(s, msg);
	if (status) {
		struct sip_writer *w = session_reply_begin(s, st, status);

		if (status == 421)
			sip_writer_hdr(w, SIP_HDR_REQUIRE, "100rel");
		(void)sip_reply_end(st);
		session_free(s);
		return;
	}

	session_timer_accept(s, msg);
	if (!sip_msg_uint(&expires_s, msg, SIP_HDR_EXPIRES))
		ue_timer_start(session_timers(s), &s->expiry,
			       (uint64_t)expires_s * 1000, expired_h, s);
	session_todo(s, SESSION_TODO_NEXT);
}
