/**
 * @file session_rel.c  Provisional responses, reliable or not (RFC 3262)
 */
#include <errno.h>
#include "ue/services/session_core.h"


/* ------------------------------------------------------------------ */
/* UAC */


bool session_is_rel(uint32_t *rseq, const struct sip_msg *msg)
{
	uint32_t n;

	/* s4: 100 is never reliable */
	if (msg->code <= 100 || msg->code >= 200 ||
	    !sip_msg_has_token(msg, SIP_HDR_REQUIRE, "100rel") ||
	    sip_msg_uint(&n, msg, SIP_HDR_RSEQ))
		return false;

	if (rseq)
		*rseq = n;

	return true;
}


/* s4: in order, each once */
bool session_rel_new(struct session *s, const struct sip_msg *msg)
{
	uint32_t n;

	if (!session_is_rel(&n, msg) || (s->rseq && n != s->rseq + 1))
		return false;

	s->rseq = n;

	return true;
}


/* ------------------------------------------------------------------ */
/* UAS */


/* s3: T1, doubling; 64*T1 in all, then 5xx */
static void rel_h(void *arg)
{
	struct session *s = arg;
	const uint32_t t1 = session_sip(s)->cfg.timers.t1_ms;

	s->rel_sent_ms += s->rel_interval_ms;
	if (s->rel_sent_ms >= 64 * t1) {
		session_because(s, ETIMEDOUT, 504, "no PRACK");
		session_refuse(s, 504);
		return;
	}

	(void)sip_reply_again(s->st);

	s->rel_interval_ms *= 2;
	if (s->rel_interval_ms > 64 * t1 - s->rel_sent_ms)
		s->rel_interval_ms = 64 * t1 - s->rel_sent_ms;
	ue_timer_start(session_timers(s), &s->rel, s->rel_interval_ms, rel_h,
		       s);
}


/* s3: 31 random bits at first */
static int next_rseq(struct session *s)
{
	uint32_t r;

	if (s->rseq) {
		++s->rseq;
		return 0;
	}

	if (sip_random_u32(session_sip(s), &r))
		return EIO;

	s->rseq = (r & 0x3fffffff) + 1;

	return 0;
}


int session_send_1xx(struct session *s, uint16_t code, bool body)
{
	const bool rel = s->peer_rel && (body || s->rel_wanted);
	struct sip_writer *w;
	int err;

	/* s3: not before the one before it was acknowledged */
	if (s->rel_pending)
		return EPROTO;

	w = session_reply_begin(s, s->st, code);
	if (rel) {
		err = next_rseq(s);
		if (err)
			return err;
		sip_writer_hdr(w, SIP_HDR_REQUIRE, "100rel");
		sip_writer_hdr(w, SIP_HDR_RSEQ, "%u", s->rseq);
	}

	err = body ? session_write_body(s, w, SESSION_WRITE_NEW, false)
		: sip_writer_end(w);
	if (!err)
		err = sip_reply_send(s->st);
	if (err || !rel)
		return err;

	s->rel_pending = true;
	s->rel_sent_ms = 0;
	s->rel_interval_ms = session_sip(s)->cfg.timers.t1_ms;
	ue_timer_start(session_timers(s), &s->rel, s->rel_interval_ms, rel_h,
		       s);

	return 0;
}


/* s3, s5 */
void session_prack(struct session *s, struct sip_strans *st,
		   const struct sip_msg *msg)
{
	struct sip_writer *w;
	struct sip_rack rack;
	int err;

	if (!s->rel_pending || sip_msg_rack(&rack, msg) ||
	    rack.rseq != s->rseq || rack.cseq != s->peer_cseq ||
	    pl_strcmp(&rack.met, "INVITE")) {
		(void)session_reply(s, st, 481);
		return;
	}

	/* the answer to our offer in the 1xx, or another offer */
	err = session_take(s, msg);
	if (err && err != ENOENT) {
		(void)session_reply(s, st, session_take_status(err));
		return;
	}

	s->rel_pending = false;
	ue_timer_cancel(session_timers(s), &s->rel);

	w = session_reply_begin(s, st, 200);
	if (!err && s->offer == SESSION_OFFER_REMOTE)
		(void)session_write_body(s, w, SESSION_WRITE_NEW, false);
	else
		(void)sip_writer_end(w);
	(void)sip_reply_send(st);

	session_todo(s, SESSION_TODO_ANSWER);
}
