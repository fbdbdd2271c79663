/**
 * @file session_change.c  Changes of a session: re-INVITE, UPDATE, offers in
 * PRACK (RFC 3261 14.1, RFC 3311)
 *
 * A session that is established, and what changes it:
 *
 *   state      event                action                            next
 *   -------------------------------------------------------------------------
 *   STABLE     hold                 INVITE (RFC 3261 s14.1)           MEDIA
 *              refresh              UPDATE (RFC 4028 s7.4)            REFRESH
 *   STABLE,    INVITE               200, tell CHANGED (s14.2)         PEER
 *   GLARE*     INVITE none          200 (our offer, s14.2)            PEER*
 *   MEDIA      rel                  PRACK (RFC 3262 s5: the answer)   MEDIA*
 *              200 none             ACK, BYE, tell MODIFY_FAILED      GONE
 *   MEDIA*     200 none             ACK, tell MODIFIED                STABLE
 *   MEDIA(*)   200                  ACK, tell MODIFIED                STABLE
 *              488, 501, 503        ACK, tell MODIFY_FAILED (s14.1)   STABLE
 *              491, later           ACK                               GLARE
 *              481                  ACK, BYE, tell MODIFY_FAILED      GONE
 *   AGAIN      rel                  PRACK                             AGAIN*
 *              200 none             ACK, BYE                          GONE
 *   AGAIN*     200 none             ACK                               STABLE
 *   AGAIN(*)   200                  ACK                               STABLE
 *              488, 501, 503        ACK (lives to its end, s10)       STABLE
 *              491, later           ACK                               GLARE*
 *              481                  ACK, BYE (s12.2.1.2)              GONE
 *              hold                 - (one offer at a time)           WAITING
 *   MEDIA*     BYE                  200, CANCEL, tell MODIFY_FAILED,  GONE
 *                                   tell ENDED
 *              lost                 CANCEL, tell MODIFY_FAILED, tell  GONE
 *                                   ENDED
 *   AGAIN*     BYE                  200, CANCEL, tell ENDED           GONE
 *              lost                 CANCEL, tell ENDED                GONE
 *   MEDIA*,    rel                  PRACK                             -
 *   AGAIN*     UPDATE               200, tell CHANGED                 -
 *              UPDATE bad           488                               -
 *   REFRESH    200, 200 none, 488   -                                 STABLE
 *              503                  - (later, RFC 4028 s10)           STABLE
 *              501                  INVITE (RFC 4028 s10)             AGAIN
 *              491, later           - (RFC 3311 s5.3)                 GLARE*
 *              hold                 - (after the answer)              WAITING
 *              INVITE               200, tell CHANGED                 BOTH
 *              INVITE none          200 (the UPDATE offers nothing)   BOTH*
 *   WAITING    200, 200 none, 488   INVITE                            MEDIA
 *              501, 503             INVITE                            MEDIA
 *              491, later           -                                 GLARE
 *              481, no answer       BYE, tell MODIFY_FAILED           GONE
 *              refresh              BYE, tell MODIFY_FAILED           GONE
 *   WAITING,   INVITE               200, tell CHANGED                 WAITING*
 *   GLARE      INVITE none          200                               WAITING*
 *   GLARE      back-off             INVITE (s14.1)                    MEDIA
 *   GLARE*     back-off             UPDATE                            REFRESH
 *              hold                 -                                 GLARE
 *   PEER       ACK, ACK none        -                                 STABLE
 *   PEER*      ACK                  tell CHANGED (RFC 3264 s4)        STABLE
 *              ACK none             BYE                               GONE
 *   WAITING*   ACK, ACK none        INVITE                            MEDIA
 *              no ACK               BYE, tell MODIFY_FAILED           GONE
 *   BOTH       200, 200 none, 488   -                                 PEER
 *              491, later           -                                 PEER
 *              501, 503             -                                 PEER
 *              ACK, ACK none        -                                 REFRESH
 *   BOTH*      200, 200 none, 488   -                                 PEER*
 *              491, later           -                                 PEER*
 *              501, 503             -                                 PEER*
 *              ACK                  tell CHANGED                      REFRESH
 *              ACK none             BYE                               GONE
 *   PEER,      no ACK               BYE (s13.3.1.4)                   GONE
 *   PEER*,     hold                 - (after the ACK)                 WAITING*
 *   BOTH,
 *   BOTH*
 *   REFRESH,   481                  BYE (s12.2.1.2)                   GONE
 *   BOTH,
 *   BOTH*
 *   REFRESH,   no answer            BYE (s12.2.1.2)                   GONE
 *   AGAIN,
 *   BOTH,
 *   BOTH*
 *   MEDIA      no answer            BYE, tell MODIFY_FAILED           GONE
 *   REFRESH,   refresh              BYE (RFC 4028 s10)                GONE
 *   AGAIN(*),
 *   GLARE*
 *   STABLE,    200, 200 none        ACK (it has come again)           -
 *   PEER,
 *   PEER*,
 *   WAITING*
 *   MEDIA(*),  hold                 EPROTO                            -
 *   WAITING,
 *   GLARE,
 *   WAITING*
 *   MEDIA(*),  INVITE, INVITE none  491 (s14.2)                       -
 *   AGAIN(*)   INVITE bad           491                               -
 *   MEDIA,     UPDATE, UPDATE bad   491 (RFC 3311 s5.2)               -
 *   AGAIN
 *   PEER*,     INVITE, INVITE none  491 (ours waits in the 200)       -
 *   BOTH*      INVITE bad           491                               -
 *              UPDATE, UPDATE bad   491 (RFC 3311 s5.2)               -
 *   PEER,      INVITE, INVITE none  500 (s14.2)                       -
 *   BOTH,      INVITE bad           500                               -
 *   WAITING*
 *   STABLE,    INVITE bad           488 (s14.2)                       -
 *   REFRESH,
 *   WAITING,
 *   GLARE,
 *   GLARE*
 *   STABLE,    UPDATE               200, tell CHANGED (RFC 3311)      -
 *   REFRESH,   UPDATE bad           488 (RFC 3311 s5.2)               -
 *   WAITING,
 *   GLARE,
 *   GLARE*,
 *   PEER,
 *   BOTH,
 *   WAITING*
 *   MEDIA(*),  UPDATE none          200                               -
 *   WAITING,   end                  BYE, tell MODIFY_FAILED           GONE
 *   GLARE,     BYE                  200, tell MODIFY_FAILED, tell     GONE
 *   WAITING*                        ENDED
 *              lost                 tell MODIFY_FAILED, tell ENDED    GONE
 *   STABLE,    UPDATE none          200                               -
 *   AGAIN(*),  end                  BYE                               GONE
 *   REFRESH,   BYE                  200, tell ENDED                   GONE
 *   GLARE*,    lost                 tell ENDED                        GONE
 *   PEER,
 *   PEER*,
 *   BOTH,
 *   BOTH*
 *
 * MEDIA: our re-INVITE of hold or modify; AGAIN, REFRESH: the refresh, by
 * re-INVITE where the peer has no UPDATE, else by UPDATE without an offer;
 * MEDIA*, AGAIN*: the answer was in a reliable 1xx (rel), nothing else is;
 * GLARE, GLARE*: a hold or a refresh waits for the back-off after 491; PEER:
 * the ACK of the peer's INVITE is missing, PEER*: and with it the answer to
 * our offer; BOTH, BOTH*: the same while our UPDATE is under way; WAITING,
 * WAITING*: a hold waits, for the refresh or for the ACK.  none: without a
 * description; bad: it is refused; later: 500 with Retry-After of at most 10
 * s.  A refresh that was refused for now (503) is tried again when half of
 * what is left of the interval is over.  Any other pair of state and event:
 * nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/services/session_core.h"


static void retry_h(void *arg)
{
	/* who is called may be waiting for something else by now */
	session_todo(arg, SESSION_TODO_NEXT);
}


/* Anything under way that a new offer would meet (RFC 3264 s4, RFC 3261
   s14.1, RFC 3311 s5.1)? */
bool session_is_busy(const struct session *s)
{
	return s->change || s->offer || s->rel_pending ||
		(s->state == SESSION_CONFIRMED && (s->st || s->ct)) ||
		s->retry.h == retry_h;
}


/* ------------------------------------------------------------------ */
/* Refused, not answered */


void session_cause_of(struct session_cause *cause, const struct sip_msg *msg)
{
	memset(cause, 0, sizeof(*cause));
	cause->status = msg->code;
	cause->text = sip_phrase(msg->code);
	cause->msg = msg;

	if (sip_msg_uint(&cause->retry_after_s, msg, SIP_HDR_RETRY_AFTER))
		cause->retry_after_s = 0;
}


void session_error_of(struct session_cause *cause, int err)
{
	memset(cause, 0, sizeof(*cause));
	cause->err = err;
	cause->text = err == ETIMEDOUT ? "no answer" : "not sent";
}


void session_take_back(struct session *s)
{
	if (s->offer != SESSION_OFFER_LOCAL)
		return;

	session_drop_offer(s);
	s->told = SDESC_INACTIVE;
}


static uint32_t glare_ms(const struct session *s)
{
	uint32_t r = 0;

	(void)sip_random_u32(session_sip(s), &r);

	/* RFC 3261 s14.1: the owner of the Call-ID waits longer */
	return s->uac ? 2100 + 10 * (r % 191) : 10 * (r % 201);
}


static void again(struct session *s, uint32_t delay_ms)
{
	if (s->change == SESSION_CHANGE_MEDIA)
		s->want = true;
	else if (s->change == SESSION_CHANGE_REFRESH)
		s->refresh = true;
	s->change = SESSION_CHANGE_NONE;

	ue_timer_start(session_timers(s), &s->retry, delay_ms, retry_h, s);
}


/* Is the refusal only for now? */
static bool is_for_now(uint32_t *delay_ms, struct session *s,
		       const struct sip_msg *msg)
{
	uint32_t delay_s;

	*delay_ms = glare_ms(s);

	/* RFC 3261 s14.2, RFC 3311 s5.2: another request has no final response
	   or no ACK yet; s21.5.4 */
	if ((msg->code == 500 || msg->code == 503) &&
	    !sip_msg_uint(&delay_s, msg, SIP_HDR_RETRY_AFTER) &&
	    delay_s <= 10) {
		*delay_ms = delay_s * 1000;
		return true;
	}

	return msg->code == 491 ||
		(msg->code == 422 && session_timer_longer(s, msg));
}


static void refresh_h(void *arg)
{
	struct session *s = arg;

	/* another request may have done it meanwhile */
	if (s->refreshing)
		s->refresh = true;
	session_change_now(s);
}


/* RFC 4028 s10: as the status says, until the interval is over */
static void refresh_again(struct session *s, const struct session_cause *cause)
{
	const uint32_t after = session_wait_ms(cause);
	const uint32_t left = (uint32_t)ue_timer_left_ms(session_timers(s),
							 &s->expiry);

	/* by re-INVITE, whatever its Allow has said */
	if ((cause->status == 405 || cause->status == 501) &&
	    s->peer_update == SESSION_UPDATE_YES) {
		s->peer_update = SESSION_UPDATE_NO;
		s->refresh = true;
	}
	else if (after || cause->status == 480 || cause->status / 100 == 5) {
		/* 2 s: not faster and faster towards the end */
		ue_timer_start(session_timers(s), &s->rel,
			       max(after, left / 2 + 2000), refresh_h, s);
	}
}


/* RFC 3261 s14.1, RFC 3311 s5.1: as if nothing had been asked */
void session_not_changed(struct session *s, const struct sip_msg *msg)
{
	struct session_cause cause;
	uint32_t delay_ms;

	session_cause_of(&cause, msg);

	if (is_for_now(&delay_ms, s, msg) &&
	    ++s->tries <= SESSION_TRIES_MAX) {
		again(s, delay_ms);
		return;
	}

	/* s12.2.1.2: the dialog is gone */
	if (msg->code == 481 || msg->code == 408) {
		session_fail(s, EPROTO, msg->code, cause.text);
		return;
	}

	/* RFC 3312 s8: the peer will never know that we are ready.  Who is
	   called says it by 180, too (RFC 4032 s4) */
	if (s->change == SESSION_CHANGE_CONFIRM && s->state == SESSION_EARLY) {
		session_fail(s, EPROTO, msg->code, cause.text);
		return;
	}
	if (s->change == SESSION_CHANGE_CONFIRM)
		s->confirm = false;
	else if (s->change == SESSION_CHANGE_REFRESH)
		refresh_again(s, &cause);

	session_change_over(s, &cause);
}


void session_not_answered(struct session *s, int err)
{
	struct session_cause cause;

	session_error_of(&cause, err);

	/* RFC 3261 s12.2.1.2: no answer counts as 408.  RFC 3312 s6: until the
	   peer knows that we are ready, nothing goes on */
	if (err == ETIMEDOUT ||
	    (s->change == SESSION_CHANGE_CONFIRM &&
	     ++s->tries > SESSION_TRIES_MAX))
		session_fail(s, err, 0, cause.text);
	else if (s->change != SESSION_CHANGE_MEDIA)
		/* RFC 4028 s10: until the interval is over */
		again(s, glare_ms(s));
	else
		session_change_over(s, &cause);
}


/* ------------------------------------------------------------------ */
/* UPDATE, PRACK */


static void updated(struct session *s, const struct sip_msg *msg)
{
	int err = sip_dialog_response(&s->dlg, msg);

	if (!err && s->change == SESSION_CHANGE_CONFIRM)
		err = session_take(s, msg);
	if (err) {
		session_fail(s, EPROTO, 0, "unusable answer");
		return;
	}

	if (s->state == SESSION_CONFIRMED) {
		session_timer_response(s, msg);
		session_timer_start(s);
	}
	session_change_over(s, NULL);
}


static bool may_change(const struct session *s)
{
	return s->state == SESSION_EARLY || s->state == SESSION_INCOMING ||
		s->state == SESSION_CONFIRMED;
}


void session_update_h(struct sip_ctrans *ct, int err,
		      const struct sip_msg *msg, void *arg)
{
	struct session *s = arg;

	(void)ct;

	if ((!err && msg->code < 200) || !may_change(s))
		return;

	/* a refresh has no offer: one that waits is that of a 2xx of ours */
	if (s->change == SESSION_CHANGE_CONFIRM && (err || msg->code >= 300))
		session_take_back(s);

	if (err)
		session_not_answered(s, err);
	else if (msg->code < 300)
		updated(s, msg);
	else
		session_not_changed(s, msg);
}


void session_prack_h(struct sip_ctrans *ct, int err,
		     const struct sip_msg *msg, void *arg)
{
	struct session *s = arg;

	(void)ct;

	if ((!err && msg->code < 200) || s->offer != SESSION_OFFER_LOCAL ||
	    !s->described)
		return;

	if (err || msg->code >= 300 || session_take(s, msg))
		session_fail(s, EPROTO, 0, "PRACK refused");
	else
		session_todo(s, SESSION_TODO_NEXT);
}


/* ------------------------------------------------------------------ */
/* Changes of ours */


/* In whatever state: end it */
void session_fail(struct session *s, int err, uint16_t status,
		  const char *text)
{
	if (s->state == SESSION_CONFIRMED) {
		session_bye(s, err, status, text);
	}
	else if (s->state != SESSION_CANCELLING) {
		session_because(s, err, status, text);
		session_todo(s, SESSION_TODO_END);
	}
}


void session_change_now(struct session *s)
{
	int err;

	if (!may_change(s) || session_is_busy(s))
		return;

	if (s->want) {
		s->want = false;
		s->change = SESSION_CHANGE_MEDIA;
		err = session_send_invite(s, SESSION_WRITE_NEW);
	}
	else if (session_qos_tells(s) &&
		 s->peer_update != SESSION_UPDATE_NO) {
		/* RFC 3312 s6, s7, RFC 3311 s5.1.  s11: who has preconditions
		   has UPDATE, be there an Allow or not */
		s->change = SESSION_CHANGE_CONFIRM;
		err = session_send_update(s, true);
	}
	else if (s->refresh) {
		/* RFC 4028 s7.4: UPDATE without an offer is to be preferred.
		   An answer may have had less than what we offer or another
		   direction, and messages whose connection was lost get
		   another path: then it is another description (RFC 3264
		   s8) */
		s->refresh = false;
		s->change = SESSION_CHANGE_REFRESH;
		err = s->peer_update == SESSION_UPDATE_YES
			? session_send_update(s, false)
			: session_send_invite(s, s->answered ||
					      s->remote_dir !=
					      SDESC_SENDRECV ||
					      messaging_is_lost(s)
					      ? SESSION_WRITE_NEW
					      : SESSION_WRITE_AGAIN);
	}
	else {
		return;
	}

	if (err)
		session_not_answered(s, err);
}
