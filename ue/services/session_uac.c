/**
 * @file session_uac.c  Answers to our INVITE, UPDATE and PRACK; changes of an
 * established session (RFC 3261 13.2.2, 14.1, RFC 3311, TS 24.229 5.1.3.1)
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
 *              488                  ACK, tell MODIFY_FAILED (s14.1)   STABLE
 *              491                  ACK                               GLARE
 *              481                  ACK, BYE, tell MODIFY_FAILED      GONE
 *   AGAIN      rel                  PRACK                             AGAIN*
 *              200 none             ACK, BYE                          GONE
 *   AGAIN*     200 none             ACK                               STABLE
 *   AGAIN(*)   200                  ACK                               STABLE
 *              488                  ACK (lives to its end, s10)       STABLE
 *              491                  ACK                               GLARE*
 *              481                  ACK, BYE (s12.2.1.2)              GONE
 *              hold                 - (one offer at a time)           WAITING
 *   MEDIA*     BYE                  200, CANCEL, tell MODIFY_FAILED,  GONE
 *                                   tell ENDED
 *   AGAIN*     BYE                  200, CANCEL, tell ENDED           GONE
 *   MEDIA*,    rel                  PRACK                             -
 *   AGAIN*     UPDATE               200, tell CHANGED                 -
 *              UPDATE bad           488                               -
 *   REFRESH    200, 200 none, 488   -                                 STABLE
 *              491                  - (RFC 3311 s5.3)                 GLARE*
 *              hold                 - (after the answer)              WAITING
 *              INVITE               200, tell CHANGED                 BOTH
 *              INVITE none          200 (the UPDATE offers nothing)   BOTH*
 *   WAITING    200, 200 none, 488   INVITE                            MEDIA
 *              491                  -                                 GLARE
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
 *              491                  -                                 PEER
 *              ACK, ACK none        -                                 REFRESH
 *   BOTH*      200, 200 none, 488   -                                 PEER*
 *              491                  -                                 PEER*
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
 * description; bad: it is refused.  Any other pair of state and event:
 * nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/restoration.h"
#include "ue/services/session_core.h"


static void retry_h(void *arg)
{
	session_change_now(arg);
}


static bool is_initial(const struct session *s)
{
	return s->state == SESSION_CALLING || s->state == SESSION_EARLY ||
		s->state == SESSION_CANCELLING;
}


/* Anything under way that a new offer would meet (RFC 3264 s4, RFC 3261
   s14.1, RFC 3311 s5.1)? */
static bool is_busy(const struct session *s)
{
	return s->change || s->offer || s->rel_pending ||
		(s->state == SESSION_CONFIRMED && (s->st || s->ct)) ||
		s->retry.h == retry_h;
}


static void cause_of(struct session_cause *cause, const struct sip_msg *msg)
{
	memset(cause, 0, sizeof(*cause));
	cause->status = msg->code;
	cause->text = sip_phrase(msg->code);
	cause->msg = msg;

	if (sip_msg_uint(&cause->retry_after_s, msg, SIP_HDR_RETRY_AFTER))
		cause->retry_after_s = 0;
}


static void error_of(struct session_cause *cause, int err)
{
	memset(cause, 0, sizeof(*cause));
	cause->err = err;
	cause->text = err == ETIMEDOUT ? "no answer" : "not sent";
}


void session_learn(struct session *s, const struct sip_msg *msg)
{
	if (sip_msg_has(msg, SIP_HDR_ALLOW))
		s->peer_update = sip_msg_has_token(msg, SIP_HDR_ALLOW,
						   "UPDATE");
	if (sip_msg_has(msg, SIP_HDR_SUPPORTED)) {
		s->peer_rel = sip_msg_has_token(msg, SIP_HDR_SUPPORTED,
						"100rel");
		s->peer_timer = sip_msg_has_token(msg, SIP_HDR_SUPPORTED,
						  "timer");
	}
}


/* End a session that is not made yet, because of what the peer has sent */
static void give_up(struct session *s, int err, const char *text)
{
	if (s->state == SESSION_CANCELLING)
		return;

	session_because(s, err, 0, text);
	session_todo(s, SESSION_TODO_END);
}


/* ------------------------------------------------------------------ */
/* Other branches of a forked INVITE */


static uint32_t fork_hash(const struct pl *tag, uint32_t n)
{
	uint32_t h = 2166136261u ^ n;
	size_t i;

	for (i = 0; i < tag->l; i++)
		h = (h ^ (uint8_t)tag->p[i]) * 16777619u;

	return h;
}


/* CSeq numbers of all branches come from one counter: each sees them grow
   (RFC 3261 s12.2.1.1) */
static bool fork_begin(struct session *s, const struct sip_msg *msg)
{
	struct sip_dialog *fork = &s->all->ue->work.fork;

	if (sip_dialog_fork(fork, &s->dlg, msg))
		return false;

	fork->local_cseq = s->dlg.local_cseq;

	return true;
}


/* RFC 3261 s13.2.2.4: the first one counts, others end.  A 2xx that comes
   again gets its ACK, but not another BYE */
static void fork_lost(struct session *s, const struct sip_msg *msg)
{
	struct sip_dialog *fork = &s->all->ue->work.fork;
	const uint32_t hash = fork_hash(&msg->to_tag, 0);
	struct sip_writer *w;

	if (!fork_begin(s, msg))
		return;

	(void)session_send_ack(s, fork, msg->cseq, NULL);
	if (s->fork != hash) {
		w = sip_dialog_begin(fork, session_sip(s), "BYE");
		ims_hdr_request(w, &s->all->ue->reg, SIP_METHOD_BYE);
		if (!sip_writer_end(w) &&
		    !sip_ctrans_start(NULL, session_sip(s), fork->hop, NULL,
				      NULL))
			s->fork = hash;
		s->dlg.local_cseq = fork->local_cseq;
	}
	sip_dialog_close(fork);
}


/* The session goes on in the dialog of this response: what the branch before
   has answered is void, and will be to UPDATE and PRACK */
static int follow(struct session *s, const struct sip_msg *msg)
{
	struct sip_dialog *fork = &s->all->ue->work.fork;
	const struct pl tag = ims_pl(sip_dialog_text(&s->dlg,
						     SIP_DIALOG_REMOTE_TAG));
	const uint32_t before = fork_hash(&tag, s->rseq);

	if (!fork_begin(s, msg))
		return EPROTO;

	/* what it repeats was acknowledged */
	if (s->rseq)
		s->fork = before;
	s->rseq = 0;

	session_detach_requests(s, false);
	s->change = SESSION_CHANGE_NONE;
	sip_dialog_close(&s->dlg);
	s->dlg = *fork;
	memset(fork, 0, sizeof(*fork));

	if (!(s->flags & SESSION_LATE_OFFER))
		s->offer = SESSION_OFFER_LOCAL;
	s->described = false;
	if (s->reserved_port)
		s->told = SDESC_INACTIVE;

	return 0;
}


/* RFC 3262 s4: each branch is acknowledged.  The one that answers first is
   followed, or, where it has to be told more (RFC 3312 s6), the last one: a
   call that is forwarded.  Of others the last answer is kept: a 2xx has none
   after it.
   @return true: this one is followed from now on */
static bool fork_reliable(struct session *s, const struct sip_msg *msg)
{
	struct sip_dialog *fork = &s->all->ue->work.fork;
	uint32_t rseq = 0, hash;
	struct pl body;
	bool answer;

	if (!session_is_rel(&rseq, msg))
		return false;

	hash = fork_hash(&msg->to_tag, rseq);
	if (s->fork == hash)
		return false;

	answer = !(s->flags & SESSION_LATE_OFFER) &&
		!sip_body_find(&body, msg, "application", "sdp");
	if (answer && (!s->described || s->preconditions))
		return !follow(s, msg);

	if (!fork_begin(s, msg))
		return false;
	if (!session_send_prack(s, fork, msg, false))
		s->fork = hash;
	s->dlg.local_cseq = fork->local_cseq;
	sip_dialog_close(fork);

	if (answer && !sip_store_put(&s->offered, &session_sip(s)->store,
				     body.p, body.l))
		s->answer_fork = (uint16_t)fork_hash(&msg->to_tag, 0);

	return false;
}


/* ------------------------------------------------------------------ */
/* INVITE: provisional */


/* Only the first description in the answers to an INVITE counts (RFC 3261
   s13.2.1).  In an early dialog our offer may be another one, of PRACK or
   UPDATE */
static int take_first(struct session *s, const struct sip_msg *msg)
{
	const bool taken = is_initial(s) ? s->described
		: s->offer == SESSION_OFFER_NONE;

	return taken ? ENOENT : session_take(s, msg);
}


/* RFC 3262 s4, s5 */
static void reliable(struct session *s, const struct sip_msg *msg)
{
	const int err = take_first(s, msg);

	if (err && err != ENOENT)
		give_up(s, EPROTO, "unusable answer");
	if (!err && s->offer == SESSION_OFFER_NONE)
		session_reserve(s);

	/* an offer is answered there, and resources that are there already
	   are told */
	if (session_send_prack(s, &s->dlg, msg,
			       s->offer == SESSION_OFFER_REMOTE ||
			       (!is_busy(s) && session_qos_tells(s))))
		give_up(s, EPROTO, "PRACK not sent");
	else if (!err)
		session_reserve(s);
}


static void provisional(struct session *s, const struct sip_msg *msg)
{
	struct session_cause cause;
	int err;

	if (msg->code == 100)
		return;

	err = sip_dialog_response(&s->dlg, msg);
	if (err && (err != EPROTO || !fork_reliable(s, msg)))
		return;

	session_learn(s, msg);
	if (s->state == SESSION_CALLING &&
	    s->dlg.state == SIP_DIALOG_EARLY)
		s->state = SESSION_EARLY;

	if (session_is_rel(NULL, msg)) {
		if (!session_rel_new(s, msg))
			return;
		reliable(s, msg);
	}

	if (s->state == SESSION_CALLING || s->state == SESSION_EARLY) {
		cause_of(&cause, msg);
		session_tell(s, SESSION_PROGRESS, &cause);
	}
}


/* ------------------------------------------------------------------ */
/* INVITE: 2xx */


/* The first 2xx to the first INVITE */
static void made(struct session *s, struct sip_ctrans *ct,
		 const struct sip_msg *msg)
{
	const bool cancelled = s->state == SESSION_CANCELLING;
	struct session_cause cause;
	int err;

	err = sip_dialog_response(&s->dlg, msg);
	if (err == EPROTO)
		err = follow(s, msg);
	s->ct = NULL;

	if (err) {
		error_of(&cause, EPROTO);
		cause.text = "unusable 2xx";
		session_over(s, &cause);
		return;
	}

	session_learn(s, msg);
	session_timer_response(s, msg);
	err = take_first(s, msg);
	if (err == ENOENT && !s->described &&
	    s->answer_fork == (uint16_t)fork_hash(&msg->to_tag, 0))
		err = session_take_kept(s);
	if (s->offer != SESSION_OFFER_REMOTE)
		sip_store_free(&session_sip(s)->store, &s->offered);
	s->state = SESSION_CONFIRMED;
	if (session_send_ack(s, &s->dlg, msg->cseq, s->offer ==
			     SESSION_OFFER_REMOTE ? ct : NULL)) {
		session_bye(s, EPROTO, 0, "offer refused");
		return;
	}

	/* RFC 3261 s9.1, s13.2.2.4 */
	if (cancelled) {
		session_bye(s, s->ended_err, s->ended_status, s->ended_text);
	}
	else if ((err && err != ENOENT) || !s->described) {
		session_bye(s, EPROTO, 0, "unusable answer");
	}
	else {
		session_timer_start(s);
		session_reserve(s);
		s->established = true;
		cause_of(&cause, msg);
		session_tell(s, SESSION_ESTABLISHED, &cause);
		session_todo(s, SESSION_TODO_NEXT);
	}
}


/* The first 2xx to a re-INVITE */
static void changed(struct session *s, const struct sip_msg *msg)
{
	int err;

	s->ct = NULL;
	err = take_first(s, msg);
	session_timer_response(s, msg);
	(void)session_send_ack(s, &s->dlg, msg->cseq, NULL);

	if ((err && err != ENOENT) || s->offer != SESSION_OFFER_NONE) {
		session_bye(s, EPROTO, 0, "unusable answer");
		return;
	}

	session_timer_start(s);
	session_change_over(s, NULL);
}


static void success(struct session *s, struct sip_ctrans *ct,
		    const struct sip_msg *msg)
{
	int err;

	if (is_initial(s)) {
		made(s, ct, msg);
		return;
	}

	err = sip_dialog_response(&s->dlg, msg);
	if (err == EPROTO) {
		fork_lost(s, msg);
	}
	else if (s->ct && s->state == SESSION_CONFIRMED &&
		 msg->cseq == s->dlg.invite_cseq) {
		changed(s, msg);
	}
	else if (sip_send_ack_again(ct, session_hop(s)) == ENOENT) {
		/* it has come again, or BYE has crossed it */
		(void)session_send_ack(s, &s->dlg, msg->cseq, NULL);
	}
}


/* ------------------------------------------------------------------ */
/* INVITE: 300-699 and errors */


void session_contacts(char *str, size_t size, const struct session *s,
		      const struct session_cause *cause)
{
	struct sip_addr *addr = &s->all->ue->reg.scratch.addr;
	struct sip_iter it;
	size_t n = 0;

	if (!cause->msg || cause->status / 100 != 3)
		return;

	sip_iter_init(&it, cause->msg, SIP_HDR_CONTACT);
	while (!sip_iter_addr(addr, &it)) {

		const struct pl *uri = &addr->uri.text;
		const size_t sep = n ? 2 : 0;

		if (!uri->p || n + sep + uri->l >= size)
			continue;

		memcpy(str + n, ", ", sep);
		memcpy(str + n + sep, uri->p, uri->l);
		n += sep + uri->l;
		str[n] = '\0';
	}
}


static void not_made(struct session *s, const struct sip_msg *msg)
{
	struct ims_reg *reg = &s->all->ue->reg;
	struct session_cause cause;

	if (s->state == SESSION_CALLING && session_auth_answer(s, msg))
		return;

	/* RFC 4028 s7.3 */
	if (s->state == SESSION_CALLING && msg->code == 422 &&
	    session_timer_longer(s, msg)) {
		session_drop_offer(s);
		if (!session_send_invite(s, SESSION_WRITE_AGAIN))
			return;
	}

	if (s->state == SESSION_CANCELLING) {
		s->ended_status = msg->code;
		session_over_as_said(s);
		return;
	}

	cause_of(&cause, msg);
	if (msg->code == 401 || msg->code == 407)
		cause.err = EACCES;

	/* TS 24.229 5.1.2A.1.6 */
	(void)ims_restoration(reg, msg);

	session_over(s, &cause);
}


static void take_back(struct session *s)
{
	if (s->offer != SESSION_OFFER_LOCAL)
		return;

	session_drop_offer(s);
	s->told = SDESC_INACTIVE;
}


/* RFC 3261 s14.1, RFC 3311 s5.1: as if nothing had been asked */
static void not_changed(struct session *s, const struct sip_msg *msg)
{
	struct session_cause cause;

	cause_of(&cause, msg);

	if (msg->code == 491 && ++s->tries <= SESSION_TRIES_MAX) {
		session_again(s);
		return;
	}

	if (msg->code == 422 && ++s->tries <= SESSION_TRIES_MAX &&
	    session_timer_longer(s, msg)) {
		session_again(s);
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
	s->confirm = false;

	session_change_over(s, &cause);
}


static void not_answered(struct session *s, int err)
{
	struct session_cause cause;

	error_of(&cause, err);

	/* RFC 3261 s12.2.1.2: no answer counts as 408.  RFC 3312 s6: until the
	   peer knows that we are ready, nothing goes on */
	if (err == ETIMEDOUT ||
	    (s->change == SESSION_CHANGE_CONFIRM &&
	     ++s->tries > SESSION_TRIES_MAX))
		session_fail(s, err, 0, cause.text);
	else if (s->change == SESSION_CHANGE_CONFIRM)
		session_again(s);
	else
		session_change_over(s, &cause);
}


static void invite_failed(struct session *s, int err)
{
	struct session_cause cause;

	if (s->state == SESSION_CANCELLING) {
		session_over_as_said(s);
	}
	else if (is_initial(s)) {
		error_of(&cause, err);
		session_over(s, &cause);
	}
	else if (s->state == SESSION_CONFIRMED) {
		not_answered(s, err);
	}
}


void session_invite_h(struct sip_ctrans *ct, int err,
		      const struct sip_msg *msg, void *arg)
{
	struct session *s = arg;

	if (!err && msg->code < 200) {
		provisional(s, msg);
		return;
	}

	if (!err && msg->code < 300) {
		success(s, ct, msg);
		return;
	}

	s->ct = NULL;
	if (!is_initial(s))
		take_back(s);
	if (err)
		invite_failed(s, err);
	else if (is_initial(s))
		not_made(s, msg);
	else if (s->state == SESSION_CONFIRMED)
		not_changed(s, msg);
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
		take_back(s);

	if (err)
		not_answered(s, err);
	else if (msg->code < 300)
		updated(s, msg);
	else
		not_changed(s, msg);
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


static uint32_t glare_ms(const struct session *s)
{
	uint32_t r = 0;

	(void)sip_random_u32(session_sip(s), &r);

	/* RFC 3261 s14.1: the owner of the Call-ID waits longer */
	return s->uac ? 2100 + 10 * (r % 191) : 10 * (r % 201);
}


void session_again(struct session *s)
{
	if (s->change == SESSION_CHANGE_MEDIA)
		s->want = true;
	else if (s->change == SESSION_CHANGE_REFRESH)
		s->refresh = true;
	s->change = SESSION_CHANGE_NONE;

	ue_timer_start(session_timers(s), &s->retry, glare_ms(s),
		       retry_h, s);
}


void session_change_now(struct session *s)
{
	int err;

	if (!may_change(s) || is_busy(s))
		return;

	if (s->want) {
		s->want = false;
		s->change = SESSION_CHANGE_MEDIA;
		err = session_send_invite(s, SESSION_WRITE_NEW);
	}
	else if (session_qos_tells(s) && s->peer_update) {
		/* RFC 3312 s6, s7, RFC 3311 s5.1 */
		s->change = SESSION_CHANGE_CONFIRM;
		err = session_send_update(s, true);
	}
	else if (s->refresh) {
		/* RFC 4028 s7.4: UPDATE without an offer is to be preferred.
		   An answer may have had less than what we offer: then it is
		   another description (RFC 3264 s8) */
		s->refresh = false;
		s->change = SESSION_CHANGE_REFRESH;
		err = s->peer_update ? session_send_update(s, false)
			: session_send_invite(s, s->answered
					      ? SESSION_WRITE_NEW
					      : SESSION_WRITE_AGAIN);
	}
	else {
		return;
	}

	if (err)
		not_answered(s, err);
}
