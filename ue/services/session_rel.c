/**
 * @file session_rel.c  Provisional responses, reliable or not (RFC 3262)
 *
 * The answers to an INVITE, with the first exchange (RFC 3262 s3, s5):
 *
 *   state       event               action                           next
 *   ------------------------------------------------------------------------
 *   INVITED     accept              200, description (RFC 3264 s4)   ACCEPTED
 *   EMPTY       accept              200, description (our offer)     ACCEPTED*
 *   SETTLED     accept              200                              ACCEPTED
 *   RELIABLE    accept              - (2xx after the PRACK, s3)      RELIABLE*
 *   OFFERED     accept              - (2xx after the PRACK)          OFFERED*
 *   INVITED,    1xx                 183                              -
 *   EMPTY,      64*T1               again (RFC 3261 s13.3.1.1)       -
 *   SETTLED
 *   WAITING     1xx                 183                              WAITING*
 *   WAITING*    1xx                 again                            -
 *   RELIABLE    PRACK none          200                              INVITED
 *   RELIABLE*   PRACK none          200, description                 ACCEPTED
 *   RELIABLE,   PRACK, PRACK bad    488 (the INVITE has the offer)   -
 *   RELIABLE*
 *   OFFERED     PRACK               200, read (s5)                   SETTLED
 *   OFFERED*    PRACK               200, read                        ACCEPTED
 *   OFFERED,    PRACK none          400 (its answer is missing, s5)  -
 *   OFFERED*
 *   OFFERED,    PRACK bad           488                              -
 *   OFFERED*,
 *   ANSWERED
 *   ANSWERED    PRACK               200, description (s5)            WAITING
 *               PRACK none          200                              WAITING
 *   WAITING,    ready               180 (RFC 3312 s5.1.1)            SETTLED
 *   WAITING*    refused             580, tell ENDED (RFC 3312 s8)    GONE
 *               64*T1               580, tell ENDED                  GONE
 *   RELIABLE,   T1                  again (s3)                       -
 *   RELIABLE*,  64*T1               again, 504, tell ENDED (s3)      GONE
 *   OFFERED,
 *   OFFERED*,
 *   ANSWERED
 *   ACCEPTED    ACK, ACK none       tell ESTABLISHED                 STABLE
 *   ACCEPTED*   ACK                 read, tell ESTABLISHED           STABLE
 *               ACK none            BYE (RFC 3264 s4)                GONE
 *   ACCEPTED,   T1                  again (RFC 3261 s13.3.1.4)       -
 *   ACCEPTED*   64*T1               again, BYE                       GONE
 *   INVITED,    PRACK, PRACK none   481 (s3)                         -
 *   EMPTY,      PRACK bad           481                              -
 *   WAITING,
 *   WAITING*,
 *   SETTLED,
 *   ACCEPTED,
 *   ACCEPTED*,
 *   STABLE
 *   INVITED,    PRACK other         481                              -
 *   EMPTY,      UPDATE none         200                              -
 *   RELIABLE,
 *   RELIABLE*,
 *   OFFERED,
 *   OFFERED*,
 *   ANSWERED,
 *   WAITING,
 *   WAITING*,
 *   SETTLED,
 *   ACCEPTED,
 *   ACCEPTED*,
 *   STABLE
 *   INVITED,    CANCEL              200, 487, tell ENDED             GONE
 *   EMPTY,
 *   RELIABLE,
 *   RELIABLE*,
 *   OFFERED,
 *   OFFERED*,
 *   ANSWERED,
 *   WAITING,
 *   WAITING*,
 *   SETTLED
 *   INVITED,    UPDATE, UPDATE bad  500 (RFC 3311 s5.2)              -
 *   EMPTY,
 *   RELIABLE,
 *   RELIABLE*
 *   OFFERED,    UPDATE, UPDATE bad  491 (RFC 3311 s5.2)              -
 *   OFFERED*,
 *   ACCEPTED*
 *   ANSWERED,   UPDATE              200, description                 -
 *   WAITING,    UPDATE bad          488                              -
 *   WAITING*,
 *   SETTLED,
 *   ACCEPTED,
 *   STABLE
 *   ACCEPTED,   CANCEL              200 (RFC 3261 s9.2: no effect)   -
 *   ACCEPTED*,
 *   STABLE
 *
 * INVITED, EMPTY: by an INVITE with an offer or without, 180 was sent;
 * RELIABLE, OFFERED: so that it needs a PRACK, OFFERED: with our offer
 * (RFC 3261 s13.2.1); RELIABLE*, OFFERED*: accepted meanwhile; ANSWERED: a 183
 * with the answer needs its PRACK; WAITING, WAITING*: and then resources, the
 * user has said 1xx; SETTLED: the first exchange is over; ACCEPTED: 2xx sent,
 * ACCEPTED*: with our offer.  none: without a description; bad: one that is of
 * no use; other: its RAck is of another response.  Any other pair: nothing.
 */
#include <errno.h>
#include "ue/services/call.h"
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

	/* RFC 3261 s13.2.1: no offer in the INVITE: it is in the first
	   reliable response */
	body = body || (rel && !s->described &&
			s->offer == SESSION_OFFER_NONE);

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
	const struct ue_media media = *call_media(s);
	struct sip_writer *w;
	struct sip_rack rack;
	int err;

	if (!s->rel_pending || sip_msg_rack(&rack, msg) ||
	    rack.rseq != s->rseq || rack.cseq != s->peer_cseq ||
	    pl_strcmp(&rack.met, "INVITE")) {
		(void)session_reply(s, st, 481);
		return;
	}

	/* s5: the answer to our offer in the 1xx must be there */
	err = session_take(s, msg);
	if (err == ENOENT && s->offer == SESSION_OFFER_LOCAL)
		err = EBADMSG;
	if (err && err != ENOENT) {
		(void)session_reply(s, st, session_take_status(err));
		return;
	}

	w = session_reply_begin(s, st, 200);
	if (!err && s->offer == SESSION_OFFER_REMOTE) {
		/* another offer: nothing that we want, all stays as it was */
		err = session_write_body(s, w, SESSION_WRITE_NEW, false);
		if (err) {
			*call_media(s) = media;
			session_drop_offer(s);
			(void)session_reply(s, st, session_take_status(err));
			return;
		}
	}
	else {
		(void)sip_writer_end(w);
	}
	(void)sip_reply_send(st);

	s->rel_pending = false;
	ue_timer_cancel(session_timers(s), &s->rel);

	session_todo(s, SESSION_TODO_NEXT |
		     (s->reject ? SESSION_TODO_REJECT : 0));
}
