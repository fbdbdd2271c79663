/**
 * @file session.c  Sessions: life cycle, commands, end
 *
 *   state        event       action                          next
 *   ---------------------------------------------------------------------
 *   FREE         start       INVITE (RFC 3261 s13.2.1)       CALLING
 *                new INVITE  - (1xx, s13.3.1)                INCOMING
 *   CALLING,     180         - (PRACK if reliable)           EARLY
 *   EARLY
 *   CALLING,     200         ACK (s13.2.2.4)                 CONFIRMED
 *   EARLY
 *   CALLING      422         ACK, INVITE (RFC 4028 s7.3)     -
 *                end         - (CANCEL with the next 1xx)    CANCELLING
 *   EARLY        422         ACK, tell ENDED                 FREE
 *                end         CANCEL (s9.1)                   CANCELLING
 *                BYE         200, CANCEL, tell ENDED         FREE
 *   CALLING,     486         ACK, tell ENDED                 FREE
 *   EARLY,
 *   CANCELLING
 *   CANCELLING   200         ACK, BYE (s9.1, s15)            ENDING
 *                422         ACK, tell ENDED                 FREE
 *                BYE         200, tell ENDED                 FREE
 *   EARLY,       INVITE      491 (s14.2)                     -
 *   CANCELLING   UPDATE      200 (RFC 3311 s5.2)             -
 *   INCOMING     accept      200 (preconditions are met)     ACCEPTED
 *                reject      486, tell ENDED                 FREE
 *                end         480, tell ENDED                 FREE
 *                CANCEL      200, 487, tell ENDED (s9.2)     FREE
 *                BYE         200, 487, tell ENDED (s15.1.2)  FREE
 *   ACCEPTED     ACK         -                               CONFIRMED
 *                end         - (BYE after the ACK, s15)      -
 *                CANCEL      200 (s9.2: no effect)           -
 *                BYE         200, tell ENDED                 FREE
 *   INCOMING,    INVITE      500 (s14.2)                     -
 *   ACCEPTED     UPDATE      200                             -
 *   CONFIRMED    hold        INVITE (s14.1)                  -
 *                end         BYE                             ENDING
 *                200         ACK                             -
 *                INVITE      200                             -
 *                UPDATE      200                             -
 *                BYE         200, tell ENDED                 FREE
 *   ENDING       200         ACK                             -
 *                BYE         200 (they have crossed)         -
 *   CALLING,     accept      EPROTO                          -
 *   EARLY,       reject      EPROTO                          -
 *   CANCELLING,
 *   ACCEPTED,
 *   CONFIRMED,
 *   ENDING
 *   CALLING,     hold        EPROTO                          -
 *   EARLY,
 *   CANCELLING,
 *   INCOMING,
 *   ACCEPTED,
 *   ENDING
 *   CANCELLING,  end         EPROTO                          -
 *   ENDING
 *   CALLING,     INVITE      481                             -
 *   ENDING       UPDATE      481                             -
 *   CALLING      BYE         481                             -
 *   CALLING,     PRACK       481 (of no reliable response)   -
 *   EARLY,
 *   CANCELLING,
 *   INCOMING,
 *   ACCEPTED,
 *   CONFIRMED,
 *   ENDING
 *   CALLING,     lost        tell ENDED                      FREE
 *   CANCELLING,
 *   ACCEPTED,
 *   CONFIRMED,
 *   ENDING
 *   EARLY        lost        CANCEL, tell ENDED              FREE
 *   INCOMING     lost        480, tell ENDED                 FREE
 *
 * lost: the registration.  Any other pair of state and event: nothing.
 *
 * By time: no answer to INVITE, timer F of BYE: tell ENDED, FREE; no ACK
 * (s13.3.1.4), session interval over (RFC 4028 s10): BYE, ENDING; a reliable
 * 1xx without PRACK: 504 (RFC 3262 s3), FREE; preconditions refused or not
 * met in 64*T1: 580 (RFC 3312 s8), FREE; half of the interval: UPDATE or
 * re-INVITE; 491: again later (s14.1); 408, 481 to a re-INVITE: BYE, ENDING
 * (s12.2.1.2).  A 2xx of another fork: ACK, BYE (s13.2.2.4).
 */
#include <errno.h>
#include <string.h>
#include "ue/services/call.h"
#include "ue/services/session_core.h"

static void work_h(void *arg);


/* ------------------------------------------------------------------ */
/* Entries of the table */


unsigned session_id(const struct session *s)
{
	return s->serial;
}


struct session *session_by_id(struct sessions *ss, unsigned id)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ss->sv[i].state != SESSION_FREE && ss->sv[i].serial == id)
			return &ss->sv[i];
	}

	return NULL;
}


struct session *session_alloc(struct sessions *ss)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		struct session *s = &ss->sv[i];

		if (s->state != SESSION_FREE)
			continue;

		memset(s, 0, sizeof(*s));
		s->all = ss;
		s->privacy = ss->ue->set->privacy;
		s->remote_dir = SDESC_SENDRECV;
		s->agreed_dir = SDESC_SENDRECV;
		call_media_init(s);

		do {
			++ss->serial;
		} while (!ss->serial || session_by_id(ss, ss->serial));
		s->serial = ss->serial;

		return s;
	}

	return NULL;
}


void session_detach_requests(struct session *s, bool invite)
{
	struct sip *sip = session_sip(s);
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {
		if (sip->ctransv[i].arg == s &&
		    (invite || sip->ctransv[i].method != SIP_METHOD_INVITE))
			sip_ctrans_detach(&sip->ctransv[i]);
	}
}


/* Transactions outlive the session and must not call it any more */
static void detach(struct session *s)
{
	struct sip *sip = session_sip(s);
	unsigned i;

	session_detach_requests(s, true);

	for (i = 0; i < UE_STRANS_MAX; i++) {
		if (sip->stransv[i].arg == s)
			sip_strans_set_handler(&sip->stransv[i], NULL, NULL);
	}

	s->ct = NULL;
	s->st = NULL;
}


static void stop(struct session *s)
{
	struct ue_timers *ts = session_timers(s);
	const struct ue_port *port = s->all->ue->port;

	ue_timer_cancel(ts, &s->work);
	ue_timer_cancel(ts, &s->retry);
	ue_timer_cancel(ts, &s->rel);
	ue_timer_cancel(ts, &s->expiry);
	s->todo = 0;
	detach(s);
	sip_store_free(&session_sip(s)->store, &s->offered);
	sip_store_free(&session_sip(s)->store, &s->kept);
	sip_store_free(&session_sip(s)->store, &s->note);
	sip_store_free(&session_sip(s)->store, &s->credentials);

	if (s->reserved_port && port->qos_release)
		port->qos_release(port->arg, session_id(s));
	s->reserved_port = false;
}


void session_free(struct session *s)
{
	struct sessions *ss = s->all;
	const unsigned n = (unsigned)(s - ss->sv) + 1;
	unsigned i;

	stop(s);
	/* the table's next session is none of theirs */
	refers_dialog_closed(&ss->ue->refers, &s->dlg);
	sip_dialog_close(&s->dlg);
	s->state = SESSION_FREE;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ss->sv[i].replaces == n)
			ss->sv[i].replaces = 0;
	}
}


/* ------------------------------------------------------------------ */
/* Telling the user, ending */


void session_tell(struct session *s, enum session_event event,
		  const struct session_cause *cause)
{
	static const struct session_cause none = {.text = ""};

	if (s->user && s->user->event_h)
		s->user->event_h(s, event, cause ? cause : &none, s->arg);
}


void session_change_over(struct session *s, const struct session_cause *cause)
{
	/* one that only waits has its outcome when the session ends */
	const bool media = s->change == SESSION_CHANGE_MEDIA ||
		(s->want && s->state == SESSION_ENDING);

	s->change = SESSION_CHANGE_NONE;
	s->tries = 0;

	if (media) {
		s->want = false;
		if (cause)
			s->hold = s->hold_before;
		session_tell(s, cause ? SESSION_MODIFY_FAILED
			     : SESSION_MODIFIED, cause);
	}

	session_todo(s, SESSION_TODO_NEXT);
}


void session_over(struct session *s, const struct session_cause *cause)
{
	/* commands from its handlers come too late */
	s->state = SESSION_ENDING;
	if (s->change == SESSION_CHANGE_MEDIA || s->want)
		session_change_over(s, cause);

	stop(s);
	session_tell(s, SESSION_ENDED, cause);
	session_free(s);
}


static void said(struct session_cause *cause, const struct session *s)
{
	memset(cause, 0, sizeof(*cause));
	cause->err = s->ended_err;
	cause->status = s->ended_status;
	cause->text = s->ended_text ? s->ended_text : "ended";
}


void session_over_as_said(struct session *s)
{
	struct session_cause cause;

	/* an INVITE of ours would wait for ever */
	if (s->ct)
		(void)sip_ctrans_cancel(s->ct);

	said(&cause, s);
	session_over(s, &cause);
}


void session_because(struct session *s, int err, uint16_t status,
		     const char *text)
{
	s->ended_err = err;
	s->ended_status = status;
	s->ended_text = text;
}


static void bye_h(struct sip_ctrans *ct, int err, const struct sip_msg *msg,
		  void *arg)
{
	struct session *s = arg;

	(void)ct;

	/* once more where the connection has taken it along */
	if (err == ECONNRESET && !s->tries++)
		session_bye_as_said(s);

	/* whatever the answer says, and also when none comes: RFC 3261
	   s15.1.1 */
	else if (err || msg->code >= 200)
		session_over_as_said(s);
}


static void bye_guard_h(void *arg)
{
	session_over_as_said(arg);
}


void session_bye(struct session *s, int err, uint16_t status,
		 const char *text)
{
	session_because(s, err, status, text);
	session_bye_as_said(s);
}


void session_bye_as_said(struct session *s)
{
	struct session_cause cause;
	struct sip_writer *w;

	/* what was tried before was no BYE */
	if (s->state != SESSION_ENDING)
		s->tries = 0;

	said(&cause, s);
	s->state = SESSION_ENDING;
	if (s->change == SESSION_CHANGE_MEDIA || s->want)
		session_change_over(s, &cause);

	session_drop_offer(s);
	ue_timer_cancel(session_timers(s), &s->expiry);
	ue_timer_cancel(session_timers(s), &s->rel);

	w = session_begin(s, "BYE");
	if (sip_writer_end(w) ||
	    sip_ctrans_start(NULL, session_sip(s), s->dlg.hop, bye_h, s)) {
		session_over_as_said(s);
		return;
	}

	/* the hop may go with its transactions in silence */
	ue_timer_start(session_timers(s), &s->retry,
		       65ULL * session_sip(s)->cfg.timers.t1_ms, bye_guard_h,
		       s);
}


/* RFC 3261 s9.1 */
static void cancel(struct session *s)
{
	s->state = SESSION_CANCELLING;

	if (!s->ct) {
		session_over_as_said(s);
		return;
	}

	(void)sip_ctrans_cancel(s->ct);
}


static void end_now(struct session *s)
{
	switch (s->state) {

	case SESSION_CALLING:
	case SESSION_EARLY:
	case SESSION_CANCELLING:
		cancel(s);
		break;

	case SESSION_INCOMING:
		session_refuse(s, 480);
		break;

	case SESSION_ACCEPTED:
		/* s15: not before the ACK */
		s->ending = true;
		break;

	case SESSION_CONFIRMED:
		session_bye_as_said(s);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Work */


void session_todo(struct session *s, unsigned todo)
{
	s->todo = (uint16_t)(s->todo | todo);
	ue_timer_start(session_timers(s), &s->work, 0, work_h, s);
	ue_wake(s->all->ue);
}


/* What has no final response yet would stay for ever (RFC 3261 s9.1,
   s13.3.1) */
static void gone(struct session *s, const char *text)
{
	session_because(s, ECONNABORTED, 0, text);

	if (s->state == SESSION_INCOMING)
		(void)session_reply(s, s->st, 480);

	session_over_as_said(s);
}


/* About to deregister: nobody waits for the answers */
static void leave(struct session *s)
{
	struct sip_writer *w;

	/* s15: not before the ACK, which may come before the registration
	   ends */
	if (s->state == SESSION_ACCEPTED) {
		session_because(s, ECONNABORTED, 0, "deregistered");
		s->ending = true;
		return;
	}

	if (s->state == SESSION_CONFIRMED) {
		w = session_begin(s, "BYE");
		if (!sip_writer_end(w))
			(void)sip_ctrans_start(NULL, session_sip(s),
					       s->dlg.hop, NULL, NULL);
	}

	gone(s, "deregistered");
}


static void start(struct session *s)
{
	const struct session_cause cause = {
		.err = session_send_invite(s, SESSION_WRITE_NEW),
		.text = "INVITE not sent"
	};

	if (cause.err)
		session_over(s, &cause);
}


static void next(struct session *s)
{
	if (s->state == SESSION_INCOMING)
		session_answer(s);
	else
		session_change_now(s);
}


/* One thing at a time: the session may be gone after it */
static void work_h(void *arg)
{
	struct session *s = arg;
	const unsigned todo = s->todo & -(unsigned)s->todo;

	s->todo = (uint16_t)(s->todo & ~todo);
	if (s->todo)
		ue_timer_start(session_timers(s), &s->work, 0, work_h, s);

	switch (todo) {

	case SESSION_TODO_LOST:    gone(s, "registration lost"); break;
	case SESSION_TODO_LEAVE:   leave(s); break;
	case SESSION_TODO_END:     end_now(s); break;
	case SESSION_TODO_REJECT:  session_refuse(s, s->reject); break;
	case SESSION_TODO_INVITE:  start(s); break;
	case SESSION_TODO_NEXT:    next(s); break;
	default:                   break;
	}
}


/* ------------------------------------------------------------------ */
/* For users */


int session_add_user(struct sessions *ss, const struct session_user *user,
		     void *arg)
{
	if (ss->userc == SESSION_USERS_MAX)
		return ENOMEM;

	ss->userv[ss->userc].user = user;
	ss->userv[ss->userc++].arg = arg;

	return 0;
}


int session_start(struct session **sp, struct sessions *ss,
		  const char *target, const struct session_user *user,
		  unsigned flags, void *arg)
{
	struct ims_reg *reg = &ss->ue->reg;
	const struct pl text = ims_pl(target);
	struct session *s;
	struct sip_uri uri;
	int err;

	/* TS 24.229 5.1.1.6.1: what began now would end without a word */
	if (!reg->info.registered || reg->cmd_deregister)
		return EPROTO;
	if (sip_uri_decode(&uri, &text))
		return EINVAL;

	s = session_alloc(ss);
	if (!s)
		return ENOMEM;

	err = sip_random_u32(&ss->ue->sip, &s->sess_id);
	if (!err)
		err = ims_hdr_dialog(&s->dlg, reg, target);
	if (err)
		return err;

	s->state = SESSION_CALLING;
	s->uac = true;
	s->user = user;
	s->arg = arg;
	s->flags = (uint8_t)flags;
	s->preconditions = ss->ue->set->preconditions &&
		!(flags & (SESSION_LATE_OFFER | SESSION_NO_PRECONDITIONS));
	session_qos_init(s);
	session_todo(s, SESSION_TODO_INVITE);
	*sp = s;

	return 0;
}


int session_accept(struct session *s)
{
	if (s->state != SESSION_INCOMING || s->accepted || s->reject >= 300)
		return EPROTO;

	s->accepted = true;
	session_todo(s, SESSION_TODO_NEXT);

	return 0;
}


int session_reject(struct session *s, uint16_t status)
{
	if (status <= 100 || status > 699 || status / 100 == 2)
		return EINVAL;
	if (s->state != SESSION_INCOMING || s->accepted || s->reject >= 300)
		return EPROTO;

	s->reject = status;
	session_todo(s, SESSION_TODO_REJECT);

	return 0;
}


int session_end(struct session *s)
{
	if (s->state == SESSION_FREE || s->state == SESSION_CANCELLING ||
	    s->state == SESSION_ENDING || s->ending ||
	    (s->todo & SESSION_TODO_END))
		return EPROTO;

	session_because(s, ECANCELED, 0, "ended");
	session_todo(s, SESSION_TODO_END);

	return 0;
}


int session_hold(struct session *s, bool hold)
{
	int err = session_modify(s);

	if (!err) {
		s->hold_before = s->hold;
		s->hold = hold;
	}

	return err;
}


int session_modify(struct session *s)
{
	if (s->state != SESSION_CONFIRMED || s->want ||
	    s->change == SESSION_CHANGE_MEDIA ||
	    (s->todo & SESSION_TODO_END))
		return EPROTO;

	s->want = true;
	s->hold_before = s->hold;
	session_todo(s, SESSION_TODO_NEXT);

	return 0;
}


bool session_is_held(const struct session *s)
{
	return !(s->remote_dir & SDESC_RECVONLY);
}


const char *session_target(const struct session *s)
{
	return sip_dialog_text(&s->dlg, SIP_DIALOG_REMOTE_TARGET);
}


void session_set_arg(struct session *s, void *arg)
{
	s->arg = arg;
}


struct sip_writer *session_request(struct session *s, const char *method)
{
	return session_begin(s, method);
}


struct sip_hop *session_hop(const struct session *s)
{
	return ims_reg_hop(&s->all->ue->reg);
}


/* ------------------------------------------------------------------ */
/* For ue.c */


void sessions_init(struct sessions *ss, struct ue *ue)
{
	memset(ss, 0, sizeof(*ss));
	ss->ue = ue;
}


void sessions_close(struct sessions *ss)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ss->sv[i].state != SESSION_FREE)
			session_free(&ss->sv[i]);
	}
}


bool sessions_full(struct sessions *ss)
{
	/* what is not used is free again */
	return !session_alloc(ss);
}


bool sessions_request(struct sessions *ss, struct sip_strans *st,
		      const struct sip_msg *msg)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		struct session *s = &ss->sv[i];

		if (s->state != SESSION_FREE && msg->to_tag.p &&
		    sip_dialog_match(&s->dlg, msg)) {
			session_request_h(s, st, msg);
			return true;
		}
	}

	if (!st || msg->method != SIP_METHOD_INVITE || msg->to_tag.p)
		return false;

	session_incoming(ss, st, msg);

	return true;
}


void sessions_dialog_gone(struct sessions *ss, const struct sip_dialog *dlg,
			  uint16_t status)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		struct session *s = &ss->sv[i];

		if (s->state == SESSION_CONFIRMED && &s->dlg == dlg)
			session_bye(s, status ? EPROTO : ETIMEDOUT, status,
				    "the session is gone");
	}
}


static void all_todo(struct sessions *ss, unsigned todo)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ss->sv[i].state != SESSION_FREE)
			session_todo(&ss->sv[i], todo);
	}
}


void sessions_lost(struct sessions *ss)
{
	all_todo(ss, SESSION_TODO_LOST);
}


void sessions_leave(struct sessions *ss)
{
	all_todo(ss, SESSION_TODO_LEAVE);
}
