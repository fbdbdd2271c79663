/**
 * @file session_uac.c  Answers to our INVITE (RFC 3261 13.2.2, RFC 3262 4, TS
 * 24.229 5.1.3.1)
 *
 * Which 2xx gets which ACK (RFC 3261 s13.2.2.4):
 *
 *   state       event              action                             next
 *   ------------------------------------------------------------------------
 *   OFFERED,    200                ACK, tell ESTABLISHED              MADE
 *   EARLY       200 none, 200 bad  ACK, BYE                           ENDING
 *   LATE        200                ACK answer, tell ESTABLISHED       MADE*
 *               200 none, 200 bad  ACK, BYE                           ENDING*
 *   ANSWERED    200                ACK, tell ESTABLISHED              MADE
 *               200 none, 200 bad  ACK, tell ESTABLISHED (s13.2.1)    MADE
 *   OFFERED,    200 b              ACK b, tell ESTABLISHED            OTHER
 *   EARLY,
 *   ANSWERED
 *   LATE        200 b              ACK b, ACK answer, tell            OTHER*
 *                                  ESTABLISHED
 *   CANCELLING  200                ACK, BYE (s9.1, s15)               ENDING
 *               200 none, 200 bad  ACK, BYE                           ENDING
 *               200 b              ACK b, BYE b                       ENDING
 *   HOLD        200 hold           ACK hold, tell MODIFIED            HELD
 *   HOLD*       200 hold           ACK hold, tell MODIFIED            HELD*
 *   HELD(*)     200 hold           ACK hold (it has come again)       -
 *   MADE,       200                ACK (it has come again)            -
 *   HOLD,       200 none, 200 bad  ACK                                -
 *   HELD,
 *   ENDING
 *   MADE*,      200                ACK same                           -
 *   HOLD*,      200 none, 200 bad  ACK same                           -
 *   HELD*,
 *   ENDING*
 *   MADE(*),    200 b              ACK b, BYE b (it has lost)         -
 *   HOLD(*),
 *   HELD(*),
 *   ENDING(*)
 *   OTHER       200 b              ACK b                              -
 *   OTHER*      200 b              ACK same                           -
 *   OTHER(*)    200                ACK, BYE                           -
 *               200 none, 200 bad  ACK, BYE                           -
 *
 * OFFERED: INVITE with our offer; LATE: without; EARLY: a branch has rung,
 * ANSWERED: by a reliable 1xx with the answer; MADE: that one has won, OTHER:
 * the other one, b; HOLD: our re-INVITE is under way, HELD: has its ACK; star:
 * the ACK to the INVITE had the answer.  200: of the first branch; hold:
 * to the re-INVITE; none, bad: without a description, with one that is of no
 * use.  ACK same: the octets of before.  Any other pair: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/restoration.h"
#include "ue/services/session_core.h"


static bool is_initial(const struct session *s)
{
	return s->state == SESSION_CALLING || s->state == SESSION_EARLY ||
		s->state == SESSION_CANCELLING;
}


void session_learn(struct session *s, const struct sip_msg *msg)
{
	if (sip_msg_has(msg, SIP_HDR_ALLOW))
		s->peer_update = sip_msg_has_token(msg, SIP_HDR_ALLOW,
						   "UPDATE")
			? SESSION_UPDATE_YES : SESSION_UPDATE_NO;
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


uint32_t session_hash(const struct pl *str, uint32_t n)
{
	uint32_t h = 2166136261u ^ n;
	size_t i;

	for (i = 0; i < str->l; i++)
		h = (h ^ (uint8_t)str->p[i]) * 16777619u;

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
	const uint32_t hash = session_hash(&msg->to_tag, 0);
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
	const uint32_t before = session_hash(&tag, s->rseq);

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


/* Of another branch, and it was acknowledged? */
static bool fork_repeats(const struct session *s, const struct sip_msg *msg)
{
	uint32_t rseq;

	return session_is_rel(&rseq, msg) &&
		s->fork == session_hash(&msg->to_tag, rseq);
}


/* RFC 3262 s4: each branch is acknowledged.  The one that answers first is
   followed, or, where it has to be told more (RFC 3312 s6), the last one: a
   call that is forwarded.  Of others the last answer is kept: a 2xx has none
   after it.
   @return true: this one is followed from now on */
static bool fork_reliable(struct session *s, const struct sip_msg *msg)
{
	struct sip_dialog *fork = &s->all->ue->work.fork;
	struct pl body;
	uint32_t rseq;
	bool answer;

	if (!is_initial(s) || !session_is_rel(&rseq, msg))
		return false;

	answer = !(s->flags & SESSION_LATE_OFFER) &&
		!sip_body_find(&body, msg, "application", "sdp");
	if (answer && (!s->described || s->preconditions))
		return !follow(s, msg);

	if (!fork_begin(s, msg))
		return false;
	if (!session_send_prack(s, fork, msg, false))
		s->fork = session_hash(&msg->to_tag, rseq);
	s->dlg.local_cseq = fork->local_cseq;
	sip_dialog_close(fork);

	if (answer && !sip_store_put(&s->kept, &session_sip(s)->store,
				     body.p, body.l))
		s->answer_fork = (uint16_t)session_hash(&msg->to_tag, 0);

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
			       (!session_is_busy(s) && session_qos_tells(s))))
		give_up(s, EPROTO, "PRACK not sent");
	else if (!err)
		session_reserve(s);
}


/* Of the branch that we follow.  @return false: it has come before */
static bool followed(struct session *s, const struct sip_msg *msg)
{
	session_learn(s, msg);
	if (s->state == SESSION_CALLING &&
	    s->dlg.state == SIP_DIALOG_EARLY)
		s->state = SESSION_EARLY;

	if (!session_is_rel(NULL, msg)) {
		session_take_early(s, msg);
		return true;
	}
	if (!session_rel_new(s, msg))
		return false;

	(void)sip_dialog_target(&s->dlg, msg);
	reliable(s, msg);

	return true;
}


static void provisional(struct session *s, const struct sip_msg *msg)
{
	struct session_cause cause;
	int err;

	if (msg->code == 100)
		return;

	/* that another branch rings is to be known, too */
	err = sip_dialog_response(&s->dlg, msg);
	if (err && (err != EPROTO || fork_repeats(s, msg)))
		return;
	if ((!err || fork_reliable(s, msg)) && !followed(s, msg))
		return;

	if (s->state == SESSION_CALLING || s->state == SESSION_EARLY) {
		session_cause_of(&cause, msg);
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

	/* what the user has said before stays, his CANCEL be sent or not */
	if (!s->ended_text)
		session_because(s, EPROTO, 0, "unusable 2xx");

	err = sip_dialog_response(&s->dlg, msg);
	if (err == EPROTO)
		err = follow(s, msg);
	s->ct = NULL;

	/* RFC 3261 s13.2.2.4: the ACK goes all the same, where the early
	   dialog leads */
	if (err && s->dlg.state == SIP_DIALOG_EARLY &&
	    sip_dialog_match(&s->dlg, msg)) {
		(void)session_send_ack(s, &s->dlg, msg->cseq, NULL);
		session_bye_as_said(s);
		return;
	}

	if (err) {
		session_over_as_said(s);
		return;
	}

	session_learn(s, msg);
	/* RFC 4028 s7.4: what was asked for before the dialog */
	s->min_se_s = 0;
	session_timer_response(s, msg);
	err = take_first(s, msg);
	if (err == ENOENT && !s->described &&
	    s->answer_fork == (uint16_t)session_hash(&msg->to_tag, 0))
		err = session_take_kept(s);
	sip_store_free(&session_sip(s)->store, &s->kept);
	s->state = SESSION_CONFIRMED;
	if (session_send_ack(s, &s->dlg, msg->cseq, s->offer ==
			     SESSION_OFFER_REMOTE ? ct : NULL)) {
		session_bye_as_said(s);
		return;
	}

	/* RFC 3261 s9.1, s13.2.2.4 */
	if (cancelled || (err && err != ENOENT) || !s->described) {
		session_bye_as_said(s);
	}
	else {
		session_timer_start(s);
		session_reserve(s);
		s->established = true;
		session_cause_of(&cause, msg);
		session_tell(s, SESSION_ESTABLISHED, &cause);
		session_todo(s, SESSION_TODO_NEXT);
	}
}


/* The first 2xx to a re-INVITE */
static void changed(struct session *s, const struct sip_msg *msg)
{
	int err;

	s->ct = NULL;
	(void)sip_dialog_target(&s->dlg, msg);
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
	if (is_initial(s)) {
		made(s, ct, msg);
		return;
	}

	if (!sip_dialog_match(&s->dlg, msg)) {
		fork_lost(s, msg);
	}
	else if (s->ct && s->state == SESSION_CONFIRMED &&
		 msg->cseq == s->dlg.invite_cseq) {
		changed(s, msg);
	}
	else {
		/* it has come again, or BYE has crossed it: then nothing is
		   left to cancel */
		if (s->ct == ct)
			s->ct = NULL;
		if (sip_send_ack_again(ct, session_hop(s)) == ENOENT)
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
		/* another request, which may be challenged */
		s->challenges = 0;
		if (!session_send_invite(s, SESSION_WRITE_AGAIN))
			return;
	}

	if (s->state == SESSION_CANCELLING) {
		s->ended_status = msg->code;
		session_over_as_said(s);
		return;
	}

	session_cause_of(&cause, msg);
	if (msg->code == 401 || msg->code == 407)
		cause.err = EACCES;

	/* TS 24.229 5.1.2A.1.6 */
	(void)ims_restoration(reg, msg);

	session_over(s, &cause);
}


static void invite_failed(struct session *s, int err)
{
	struct session_cause cause;

	if (s->state == SESSION_CANCELLING) {
		session_over_as_said(s);
	}
	else if (is_initial(s)) {
		session_error_of(&cause, err);
		session_over(s, &cause);
	}
	else if (s->state == SESSION_CONFIRMED) {
		session_not_answered(s, err);
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
		session_take_back(s);
	if (err)
		invite_failed(s, err);
	else if (is_initial(s))
		not_made(s, msg);
	else if (s->state == SESSION_CONFIRMED)
		session_not_changed(s, msg);
}
