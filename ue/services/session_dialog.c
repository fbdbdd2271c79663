/**
 * @file session_dialog.c  Requests inside the dialog (RFC 3261 12.2.2, 14.2,
 * 15.1.2, RFC 3311 5.2)
 */
#include <errno.h>
#include "ue/services/call.h"
#include "ue/services/session_core.h"


/* ------------------------------------------------------------------ */
/* ACK */


/* RFC 3261 s13.3.1.4 */
static void ack(struct session *s, const struct sip_msg *msg)
{
	struct session *old;
	bool answer;
	int err = 0;

	/* only a 2xx is acknowledged here */
	if (!s->st || msg->cseq != s->peer_cseq ||
	    s->state == SESSION_INCOMING)
		return;

	sip_strans_set_handler(s->st, NULL, NULL);
	s->st = NULL;

	/* RFC 3264 s4: the offer was in the 2xx */
	answer = s->offer == SESSION_OFFER_LOCAL;
	if (answer)
		err = session_take(s, msg);

	if (s->state == SESSION_CONFIRMED && !err) {
		if (answer)
			session_tell(s, SESSION_CHANGED, NULL);
		session_todo(s, SESSION_TODO_NEXT);
		return;
	}
	if (s->state == SESSION_ENDING)
		return;

	s->state = SESSION_CONFIRMED;

	if (err) {
		session_bye(s, EPROTO, 0, "unusable answer");
		return;
	}

	/* RFC 3891 s3 */
	if (s->replaces) {
		old = &s->all->sv[s->replaces - 1];
		s->replaces = 0;
		(void)session_end(old);
	}

	if (s->ending) {
		session_bye_as_said(s);
		return;
	}

	session_timer_start(s);
	s->established = true;
	session_tell(s, SESSION_ESTABLISHED, NULL);
}


/* ------------------------------------------------------------------ */
/* BYE */


static void bye(struct session *s, struct sip_strans *st)
{
	const struct session_cause cause = {
		.by_peer = true, .text = "BYE",
		.status = sip_msg_reason(&session_sip(s)->rx)
	};

	(void)session_reply(s, st, 200);

	/* they have crossed: ours is answered, too */
	if (s->state == SESSION_ENDING)
		return;

	/* s15.1.2: what waits for an answer gets 487 */
	if (s->state == SESSION_INCOMING)
		(void)session_reply(s, s->st, 487);
	else if (s->ct)
		(void)sip_ctrans_cancel(s->ct);

	session_over(s, &cause);
}


/* ------------------------------------------------------------------ */
/* re-INVITE, UPDATE */


/* Take the offer of a request, if there is one.  @return true: go on; false:
   it was answered */
static bool offered(struct session *s, struct sip_strans *st,
		    const struct sip_msg *msg)
{
	int err;

	session_learn(s, msg);
	if (session_timer_refuse(s, st, msg))
		return false;

	err = session_take(s, msg);
	if (!err || err == ENOENT)
		return true;

	(void)session_reply(s, st, session_take_status(err));

	return false;
}


/* RFC 4028 s9: what is asked for in an early dialog is answered to the
   INVITE */
static bool is_made(const struct session *s)
{
	return s->state == SESSION_ACCEPTED || s->state == SESSION_CONFIRMED;
}


/* RFC 4028 s7.4: is it answered as before? */
static bool is_refresh(const struct session *s)
{
	return s->offer == SESSION_OFFER_REMOTE && s->same && s->answered &&
		!s->want && s->told == s->qos.curr_local &&
		!messaging_is_lost(s);
}


/* Send the 200.  body: with a description */
static bool answered(struct session *s, struct sip_strans *st,
		     const struct sip_msg *msg, bool body)
{
	struct sip_writer *w = session_reply_begin(s, st, 200);
	const uint32_t expires_s = s->expires_s;
	const bool refresher = s->refresher;
	const struct ue_media media = *call_media(s);
	const uint8_t agreedc = s->agreedc, agreed_dir = s->agreed_dir;
	const uint8_t offer = s->offer, told = s->told;
	const uint32_t version = s->version;
	int err;

	if (is_made(s)) {
		session_timer_accept(s, msg);
		session_timer_reply(s, w);
	}
	err = body ? session_write_body(s, w, is_refresh(s)
					? SESSION_WRITE_AGAIN
					: SESSION_WRITE_NEW, false)
		: sip_writer_end(w);
	if (!err)
		err = sip_dialog_target(&s->dlg, msg);
	if (!err)
		err = sip_reply_send(st);
	if (!err)
		return true;

	/* nothing that we want: all stays as it was (RFC 4028 s9, too) */
	s->expires_s = expires_s;
	s->refresher = refresher;
	*call_media(s) = media;
	if (body) {
		s->agreedc = agreedc;
		s->agreed_dir = agreed_dir;
		s->offer = offer;
		s->told = told;
		s->version = version;
		session_drop_offer(s);
	}
	(void)session_reply(s, st, err == EPROTO ? 488 : 500);

	return false;
}


static void reinvite(struct session *s, struct sip_strans *st,
		     const struct sip_msg *msg)
{
	bool offer;

	/* s14.2 */
	if (s->ct || (s->offer == SESSION_OFFER_LOCAL &&
		      s->state == SESSION_CONFIRMED)) {
		(void)session_reply(s, st, 491);
		return;
	}
	if (s->state != SESSION_CONFIRMED || s->st) {
		session_reply_later(s, st);
		return;
	}

	if (!offered(s, st, msg))
		return;

	offer = s->offer == SESSION_OFFER_REMOTE;
	session_await_ack(s, st, msg->cseq);
	if (!answered(s, st, msg, true)) {
		s->st = NULL;
		return;
	}

	session_timer_start(s);
	if (offer)
		session_tell(s, SESSION_CHANGED, NULL);
}


static bool has_sdp(const struct sip_msg *msg)
{
	struct pl body;

	return !sip_body_find(&body, msg, "application", "sdp");
}


static void update(struct session *s, struct sip_strans *st,
		   const struct sip_msg *msg)
{
	bool offer;

	/* RFC 3311 s5.2 */
	if (has_sdp(msg)) {
		if (s->offer == SESSION_OFFER_LOCAL) {
			(void)session_reply(s, st, 491);
			return;
		}
		if (s->offer == SESSION_OFFER_REMOTE || !s->described) {
			session_reply_later(s, st);
			return;
		}
	}

	if (!offered(s, st, msg))
		return;

	offer = s->offer == SESSION_OFFER_REMOTE && s->described;
	if (!answered(s, st, msg, offer))
		return;

	if (s->state == SESSION_INCOMING)
		session_todo(s, SESSION_TODO_NEXT);
	if (s->state == SESSION_CONFIRMED)
		session_timer_start(s);
	/* who is called learns it with the event that follows */
	if (offer && (s->state == SESSION_EARLY ||
		      s->state == SESSION_CONFIRMED))
		session_tell(s, SESSION_CHANGED, NULL);
}


/* ------------------------------------------------------------------ */


static void other(struct session *s, struct sip_strans *st,
		  const struct sip_msg *msg)
{
	if (!s->user->request_h || !s->user->request_h(s, st, msg, s->arg))
		ue_request_other(s->all->ue, st, msg);
}


void session_request_h(struct session *s, struct sip_strans *st,
		       const struct sip_msg *msg)
{
	int err;

	if (msg->method == SIP_METHOD_ACK) {
		ack(s, msg);
		return;
	}
	if (!st)
		return;

	/* there is no dialog before the peer has answered */
	if (s->dlg.state == SIP_DIALOG_CALLING) {
		(void)sip_reply(st, 481, NULL);
		return;
	}

	/* s12.2.2 */
	err = sip_dialog_request(&s->dlg, msg);
	if (err) {
		(void)session_reply(s, st, err == EBADMSG ? 400 : 500);
		return;
	}

	if (s->state == SESSION_ENDING && msg->method != SIP_METHOD_BYE) {
		(void)session_reply(s, st, 481);
		return;
	}

	switch (msg->method) {

	case SIP_METHOD_INVITE: reinvite(s, st, msg); break;
	case SIP_METHOD_UPDATE: update(s, st, msg); break;
	case SIP_METHOD_PRACK:  session_prack(s, st, msg); break;
	case SIP_METHOD_BYE:    bye(s, st); break;
	default:                other(s, st, msg); break;
	}
}
