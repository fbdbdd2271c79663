/**
 * @file strans.c  Server transactions (RFC 3261 17.2, RFC 6026 7.1, RFC 4320)
 *
 * INVITE (RFC 6026 figure 7; TU = the request handler, then the handler of
 * sip_strans_set_handler(); PROCEEDING*: a 1xx was sent, ACCEPTED*: the ACK is
 * there; NAME(*) = with a star or without)
 *
 *   state          event       action                           next
 *   ---------------------------------------------------------------------
 *   (start)        INVITE      TU                               PROCEEDING
 *                  CANCEL      481 (9.2)                        -
 *                  ACK         TU ACK (to a 2xx, 13.3.1.4)      -
 *   PROCEEDING     200 ms      send (100)                       PROCEEDING*
 *   PROCEEDING*    INVITE      send (the last one)              -
 *   PROCEEDING(*)  TU 1xx      send                             PROCEEDING*
 *                  TU 2xx      send, L = 64*T1                  ACCEPTED
 *                  TU 300-699  send, G = T1 (UDP), H = 64*T1    COMPLETED
 *                  CANCEL      200, TU CANCEL (once)            -
 *   ACCEPTED       2*T1        send (13.3.1.4: T1, 2*T1 .. T2)  -
 *                  ACK         TU ACK                           ACCEPTED*
 *                  L           TU ETIMEDOUT                     FREE
 *                  CANCEL      200                              -
 *   ACCEPTED*      ACK         TU ACK                           -
 *                  L           -                                FREE
 *                  CANCEL      200                              -
 *   COMPLETED      INVITE      send                             -
 *                  G           send, G = min(2*G, T2)           -
 *                  ACK         I = T4 (TCP 0)                   CONFIRMED
 *                  H           TU ETIMEDOUT                     FREE
 *                  CANCEL      200                              -
 *   CONFIRMED      I           -                                FREE
 *                  CANCEL      200                              -
 *   FREE           INVITE      TU                               PROCEEDING
 *                  CANCEL      481                              -
 *                  ACK         TU ACK                           -
 *
 * Others (RFC 3261 figure 8)
 *
 *   state          event       action                           next
 *   ---------------------------------------------------------------------
 *   (start), FREE  request     TU                               TRYING
 *                  CANCEL      481                              -
 *   TRYING         T2 - T1     send (100, RFC 4320 4.1)         PROCEEDING
 *                  TU 200-699  send, J = 64*T1 (TCP 0)          COMPLETED
 *                  64*T1       TU ETIMEDOUT (nobody waits)      FREE
 *                  CANCEL      200                              -
 *   PROCEEDING     request     send                             -
 *                  TU 200-699  send, J = 64*T1 (TCP 0)          COMPLETED
 *                  64*T1       TU ETIMEDOUT                     FREE
 *                  CANCEL      200                              -
 *   COMPLETED      request     send                             -
 *                  J           -                                FREE
 *                  CANCEL      200                              -
 *
 * A transport error changes no state (RFC 6026 7.1).  Any other pair of state
 * and event: nothing.
 *
 * J and L last 128 s with the timers of IMS; J over TCP with SigComp is T4: a
 * NACK may refuse the response (RFC 4077 2.3.2), which is sent again.  When
 * transactions or blocks run out, the oldest in COMPLETED (not INVITE) ends
 * early, then the oldest INVITE that has its ACK, at last the oldest one that
 * was refused.  A request that is repeated then counts as new: in a dialog it
 * is answered like the first as long as it is the last one there; a refused
 * INVITE may call once more.  A 503 to a request that nobody has seen yet
 * would hurt more.  Where there is no room to keep a refusal it is sent once
 * and FREE follows: nothing would end an INVITE without a final response.
 *
 * Over 800 lines: two state machines, their tables and ACK, CANCEL, merging.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

/** RFC 3261 s17.2.1 */
#define TRYING_MS 200


static void end_h(void *arg);
static void retry_h(void *arg);


void sip_strans_close(struct sip_strans *st)
{
	struct sip *sip = st->sip;

	if (st->state == SIP_ST_FREE)
		return;

	ue_timer_cancel(sip->timers, &st->retry);
	ue_timer_cancel(sip->timers, &st->end);
	sip_store_free(&sip->store, &st->msg);
	sip_store_free(&sip->store, &st->resp);
	st->h = NULL;
	st->state = SIP_ST_FREE;
}


static struct sip_strans *find_free(struct sip *sip)
{
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->state == SIP_ST_FREE) {
			memset(st, 0, sizeof(*st));
			st->sip = sip;
			return st;
		}
	}

	return NULL;
}


/* Only absorbs what comes again? */
static bool is_done(const struct sip_strans *st)
{
	return (st->state >= SIP_ST_COMPLETED && !st->unsent) ||
		(st->state == SIP_ST_ACCEPTED && st->acked);
}


/* The lowest gives way first.  RFC 3261 s17.2.1: a refusal is repeated until
   the ACK, which is still to come */
static unsigned rank(const struct sip_strans *st)
{
	if (st->method != SIP_METHOD_INVITE)
		return 0;

	return st->state == SIP_ST_COMPLETED ? 2 : 1;
}


static bool is_before(const struct sip_strans *a, const struct sip_strans *b)
{
	const unsigned ra = rank(a), rb = rank(b);

	return ra == rb ? a->end.due_ms < b->end.due_ms : ra < rb;
}


bool sip_strans_evict(struct sip *sip)
{
	struct sip_strans *first = NULL;
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (is_done(st) && st != sip->sending_s &&
		    (!first || is_before(st, first)))
			first = st;
	}

	if (!first)
		return false;

	sip_strans_close(first);

	return true;
}


static struct sip_strans *strans_alloc(struct sip *sip)
{
	struct sip_strans *st = find_free(sip);

	return !st && sip_strans_evict(sip) ? find_free(sip) : st;
}


int sip_keep(struct sip *sip, struct sip_stored *m, size_t len)
{
	const int err = sip_store_put(m, &sip->store, sip->tx, len);

	if (err)
		++sip->stats.no_memory;

	return err;
}


/* No final response yet */
static bool is_open(const struct sip_strans *st)
{
	return st->state == SIP_ST_TRYING || st->state == SIP_ST_PROCEEDING;
}


static bool is_invite(const struct sip_strans *st)
{
	return st->method == SIP_METHOD_INVITE;
}


static void start_end(struct sip_strans *st, uint64_t delay_ms)
{
	ue_timer_start(st->sip->timers, &st->end, delay_ms, end_h, st);
}


static void start_retry(struct sip_strans *st, uint32_t delay_ms)
{
	st->interval_ms = delay_ms;
	ue_timer_start(st->sip->timers, &st->retry, delay_ms, retry_h, st);
}


/* The last call of the handler */
static void report(struct sip_strans *st, int err)
{
	sip_strans_h *h = st->h;

	sip_strans_close(st);
	if (h)
		h(st, err, st->arg);
}


/* ------------------------------------------------------------------ */
/* Send */


/* RFC 3261 s18.2.2: on the connection of the request, else on one to the
   P-CSCF */
static int send_tcp(struct sip_strans *st, const char *msg, size_t len)
{
	int err;

	if (sip_flow_is(st->sip, st->flow, st->flow_gen)) {

		err = sip_flow_send(st->hop, st->flow, NULL, msg, len);
		if (err != ECONNRESET)
			return err;
	}

	/* ours may be as dead without our having noticed */
	err = sip_hop_send(st->hop, UE_TRANSPORT_TCP, msg, len);

	return err == ECONNRESET
		? sip_hop_send(st->hop, UE_TRANSPORT_TCP, msg, len) : err;
}


/* TCP: try again while the port has no room or the connection is made */
static void transmit(struct sip_strans *st, size_t len)
{
	struct sip *sip = st->sip;
	struct sip_hop *hop = st->hop;
	int err;

	if (st->transport == UE_TRANSPORT_UDP) {

		/* RFC 3581 s4: from where the request was received.  TS 33.203
		   7.1: but always from the client port */
		const bool uc = hop->flow_uc != hop->flow_us ||
			!sip_flow_is(sip, st->flow, st->flow_gen);
		const int8_t flow = uc ? hop->flow_uc : st->flow;

		sip->sending_s = st;
		(void)sip_flow_send(hop, flow, &st->dst, sip->tx, len);
		sip->sending_s = NULL;
		return;
	}

	sip->sending_s = st;
	err = send_tcp(st, sip->tx, len);
	sip->sending_s = NULL;
	st->unsent = err == EAGAIN || err == ENOTCONN;

	if (st->unsent)
		start_retry(st, sip->cfg.timers.t1_ms);
}


static void send_stored(struct sip_strans *st, const struct sip_stored *m)
{
	struct sip *sip = st->sip;
	size_t len;

	len = sip_store_get(sip->tx, sizeof(sip->tx), &sip->store, m);
	if (len)
		transmit(st, len);
}


void sip_strans_again(struct sip *sip, uint64_t key)
{
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->key == key && st->resp.head) {
			++sip->stats.retransmissions;
			send_stored(st, &st->resp);
		}
	}
}


void sip_strans_flow_up(struct sip_hop *hop)
{
	struct sip *sip = hop->sip;
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->state == SIP_ST_FREE || st->hop != hop || !st->unsent)
			continue;

		ue_timer_cancel(sip->timers, &st->retry);
		retry_h(st);
	}
}


void sip_strans_abort_hop(struct sip *sip, struct sip_hop *hop, int err)
{
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->state == SIP_ST_FREE || st->hop != hop)
			continue;

		if (is_open(st) || st->state == SIP_ST_ACCEPTED)
			report(st, err);
		else
			sip_strans_close(st);
	}
}


/* ------------------------------------------------------------------ */
/* Responses */


/* RFC 3261 s12.1.1: Record-Route goes into what may make a dialog.  s8.2.6.1:
   Timestamp into the 100.  The body comes later */
static bool line_belongs(const char *line, size_t n, uint16_t code)
{
	if (sip_line_is(line, n, SIP_HDR_RECORD_ROUTE))
		return code > 100 && code < 300;

	if (sip_line_is(line, n, SIP_HDR_TIMESTAMP))
		return code == 100;

	return !sip_line_is(line, n, SIP_HDR_CONTENT_LENGTH);
}


struct sip_writer *sip_reply_begin(struct sip_strans *st, uint16_t code,
				   const char *reason)
{
	struct sip *sip = st->sip;
	struct sip_writer *w = &sip->writer;
	struct sip_store_reader r;
	size_t n, lines = 0;

	sip->tx_what = SIP_TX_RESPONSE;
	sip->tx_code = code;
	sip_writer_init(w, sip->tx, sizeof(sip->tx));

	if (!is_open(st)) {
		w->err = EPROTO;
		return w;
	}

	sip_writer_status(w, code, reason);
	sip_store_reader_init(&r, &sip->store, &st->msg);

	while (!w->err) {

		char *line = w->buf + w->pos;

		n = sip_store_line(line, w->size - w->pos, &r);
		if (n == 0)
			w->err = EOVERFLOW;
		if (n <= 2)
			break;

		/* the stored status line makes room for the new one */
		if (lines++ == 0 || !line_belongs(line, n, code))
			continue;

		w->pos += n;
		if (code > 100 && !st->to_tag &&
		    sip_line_is(line, n, SIP_HDR_TO)) {
			/* RFC 3261 s8.2.6.2 */
			w->pos -= 2;
			sip_writer_line(w, ";tag=%x", st->tag);
		}
	}

	return w;
}


/* RFC 4320: what may not be said to other requests than INVITE */
static bool is_allowed(const struct sip_strans *st, uint16_t code)
{
	if (!is_open(st))
		return false;

	/* s4.1: only 100, and not by the user; s4.2: no 408 */
	return is_invite(st) || (code >= 200 && code != 408);
}


/* J over TCP is 0; where the peer may be unable to decompress it (RFC 4077
   s2.3.2), its NACK comes within T4 */
static void start_tcp_j(struct sip_strans *st)
{
	start_end(st, st->hop->filter ? st->sip->cfg.timers.t4_ms : 0);
}


/* What happens after a final response has been sent */
static void final_sent(struct sip_strans *st, uint16_t code)
{
	const struct sip_timers *t = &st->sip->cfg.timers;
	const bool udp = st->transport == UE_TRANSPORT_UDP;
	const bool retry = is_invite(st) && (udp || code < 300);

	if (is_invite(st) && code < 300)
		st->state = SIP_ST_ACCEPTED;
	else
		st->state = SIP_ST_COMPLETED;

	/* G, or the 2xx; while unsent the timer has its own use */
	if (retry && !st->unsent)
		start_retry(st, t->t1_ms);

	/* L, H; J */
	if (is_invite(st) || udp || st->unsent)
		start_end(st, 64ULL * t->t1_ms);
	else
		start_tcp_j(st);
}


int sip_reply_send(struct sip_strans *st)
{
	struct sip *sip = st->sip;
	const uint16_t code = sip->tx_code;
	const size_t len = sip_writer_len(&sip->writer);
	const bool final = code >= 200;
	int err = sip_writer_err(&sip->writer);

	if (sip->tx_what != SIP_TX_RESPONSE)
		return EINVAL;

	sip->tx_what = SIP_TX_NONE;

	if (!is_allowed(st, code))
		return EPROTO;
	if (err)
		return err;

	/* a final response takes the place of what is stored */
	while (!sip_store_fits(&sip->store, len, &st->resp,
			       final ? &st->msg : NULL)) {
		if (sip_strans_evict(sip) || sip_ctrans_evict(sip))
			continue;

		++sip->stats.no_memory;
		if (code < 300)
			return ENOMEM;

		transmit(st, len);
		sip_strans_close(st);
		return 0;
	}

	if (final)
		sip_store_free(&sip->store, &st->msg);
	(void)sip_store_put(&st->resp, &sip->store, sip->tx, len);

	ue_timer_cancel(sip->timers, &st->retry);
	transmit(st, len);
	if (final)
		final_sent(st, code);

	return 0;
}


int sip_reply_end(struct sip_strans *st)
{
	(void)sip_writer_end(&st->sip->writer);

	return sip_reply_send(st);
}


int sip_reply_again(struct sip_strans *st)
{
	if (!is_open(st) || !st->resp.head)
		return EPROTO;

	++st->sip->stats.retransmissions;
	send_stored(st, &st->resp);

	return 0;
}


int sip_reply(struct sip_strans *st, uint16_t code, const char *reason)
{
	const struct sip_uas_config *uas = st->sip->uas;
	struct sip_writer *w = sip_reply_begin(st, code, reason);
	int err;

	if (uas && uas->write_h)
		uas->write_h(w, (enum sip_method)st->method, st->sip->arg);
	err = sip_writer_end(w);

	/* also to be told EPROTO before a writer's error */
	return err && is_open(st) ? err : sip_reply_send(st);
}


/* The 100 is what is stored first, without its Record-Route */
static void send_trying(struct sip_strans *st)
{
	struct sip *sip = st->sip;
	size_t len;

	if (sip_writer_end(sip_reply_begin(st, 100, NULL)))
		return;

	sip->tx_what = SIP_TX_NONE;
	len = sip_writer_len(&sip->writer);
	st->state = SIP_ST_PROCEEDING;

	/* not kept: the timer is started again by a repeated request */
	transmit(st, len);
	st->trying_sent = true;
}


/* ------------------------------------------------------------------ */
/* Timers */


static void retry_h(void *arg)
{
	struct sip_strans *st = arg;
	const struct sip_timers *t = &st->sip->cfg.timers;
	uint32_t next = 2 * st->interval_ms;

	if (next > t->t2_ms)
		next = t->t2_ms;

	if (is_open(st)) {
		if (st->resp.head)
			send_stored(st, &st->resp);
		else
			send_trying(st);
		return;
	}

	if (!st->unsent)
		++st->sip->stats.retransmissions;

	/* G, or a 2xx (RFC 3261 s13.3.1.4: over TCP too) */
	if (st->state == SIP_ST_ACCEPTED ||
	    (st->state == SIP_ST_COMPLETED && is_invite(st) &&
	     st->transport == UE_TRANSPORT_UDP))
		start_retry(st, next);

	send_stored(st, &st->resp);

	if (st->state == SIP_ST_COMPLETED && !is_invite(st) && !st->unsent &&
	    st->transport == UE_TRANSPORT_TCP)
		start_tcp_j(st);
}


static void end_h(void *arg)
{
	struct sip_strans *st = arg;
	const bool lost_ack = (st->state == SIP_ST_ACCEPTED && !st->acked) ||
		(st->state == SIP_ST_COMPLETED && is_invite(st));

	if (lost_ack || is_open(st))
		report(st, ETIMEDOUT);
	else
		sip_strans_close(st);
}


/* ------------------------------------------------------------------ */
/* Requests */


/* RFC 3261 s17.2.3: branch and sent-by; without the cookie, what RFC 2543
   compared */
static uint64_t strans_key(const struct sip *sip, const struct sip_msg *m)
{
	uint64_t h = sip->secret;

	if (m->via.rfc3261) {
		h = sip_hash_pl(h, &m->via.branch);
		h = sip_hash_pl(h, &m->via.host);
		return sip_hash(h, &m->via.port, sizeof(m->via.port));
	}

	h = sip_hash_pl(h, &m->via.text);
	h = sip_hash_pl(h, &m->ruri.text);
	h = sip_hash_pl(h, &m->from_tag);
	h = sip_hash_pl(h, &m->call_id);

	return sip_hash(h, &m->cseq, sizeof(m->cseq));
}


/* RFC 3261 s8.2.2.2: From tag, Call-ID, CSeq */
static uint32_t merge_key(const struct sip *sip, const struct sip_msg *m,
			  uint8_t method)
{
	uint64_t h = sip->secret;

	h = sip_hash_pl(h, &m->from_tag);
	h = sip_hash_pl(h, &m->call_id);
	h = sip_hash(h, &m->cseq, sizeof(m->cseq));
	h = sip_hash(h, &method, sizeof(method));

	return (uint32_t)(h >> 16);
}


static struct sip_strans *find(struct sip *sip, uint64_t key, uint8_t method)
{
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->state != SIP_ST_FREE && st->key == key &&
		    st->method == method)
			return st;
	}

	return NULL;
}


static struct sip_strans *find_merge(struct sip *sip, uint32_t merge)
{
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX; i++) {

		struct sip_strans *st = &sip->stransv[i];

		if (st->state != SIP_ST_FREE && st->merge == merge)
			return st;
	}

	return NULL;
}


/* The request has come again */
static void repeated(struct sip_strans *st)
{
	struct sip *sip = st->sip;

	switch (st->state) {

	case SIP_ST_PROCEEDING:
		++sip->stats.retransmissions;
		if (st->resp.head)
			send_stored(st, &st->resp);
		else if (st->trying_sent)
			send_trying(st);
		break;

	case SIP_ST_COMPLETED:
		++sip->stats.retransmissions;
		send_stored(st, &st->resp);
		break;

	default:
		/* RFC 6026 s7.1: absorbed, like RFC 3261 s17.2.2 Trying */
		break;
	}
}


/* TS 24.229 5.1.1.5.1: what comes again over another set of associations is
   answered there: the first one may be gone at the other end */
static void move(struct sip_strans *st, const struct sip_src *src)
{
	struct sip_reply_route rt;

	if (st->hop == src->hop || st->transport != src->transport)
		return;

	sip_reply_route(&rt, src, &src->sip->rx.via);
	st->dst = rt.dst;
	st->hop = src->hop;
	st->flow = (int8_t)src->flow;
	st->flow_gen = src->flow_gen;
}


/* Is it the To tag of the response that was sent? */
static bool answered_with(struct sip_strans *st, const struct pl *tag)
{
	struct sip *sip = st->sip;
	struct sip_store_reader r;
	size_t n;

	sip_store_reader_init(&r, &sip->store, &st->resp);
	while ((n = sip_store_line(sip->tx, sizeof(sip->tx), &r)) > 2) {

		if (!sip_line_is(sip->tx, n, SIP_HDR_TO))
			continue;

		/* our writer puts it last */
		n -= 2;
		return tag->p && n > tag->l &&
			sip->tx[n - tag->l - 1] == '=' &&
			!memcmp(sip->tx + n - tag->l, tag->p, tag->l);
	}

	return false;
}


/* RFC 6026 s7.1: the ACK to a 2xx is a transaction of its own and goes to
   the user */
static void ack_2xx(struct sip *sip, struct sip_strans *st)
{
	const struct sip_msg *m = &sip->rx;
	char tag[9];

	/* RFC 3261 s8.2.7: the ACK to a refusal without a state */
	if (!st && m->to_tag.p &&
	    !pl_strcmp(&m->to_tag, sip_stateless_tag(tag, sip)))
		return;

	if (!st)
		st = find_merge(sip, merge_key(sip, m, SIP_METHOD_INVITE));

	if (st && st->state == SIP_ST_ACCEPTED &&
	    answered_with(st, &m->to_tag)) {
		st->acked = true;
		st->unsent = false;
		ue_timer_cancel(sip->timers, &st->retry);
		sip_store_free(&sip->store, &st->resp);
	}

	sip->reqh(sip, NULL, m, sip->arg);
}


static void ack(struct sip *sip, struct sip_strans *st)
{
	if (!st || st->state == SIP_ST_ACCEPTED) {
		ack_2xx(sip, st);
		return;
	}

	if (st->state != SIP_ST_COMPLETED)
		return;

	/* I */
	st->state = SIP_ST_CONFIRMED;
	ue_timer_cancel(sip->timers, &st->retry);
	sip_store_free(&sip->store, &st->resp);
	start_end(st, st->transport == UE_TRANSPORT_UDP
		  ? sip->cfg.timers.t4_ms : 0);
}


/**
 * RFC 3261 s9.2.  The 200 or 481 is sent without a transaction: a repeated
 * CANCEL finds the same INVITE and earns the same answer
 */
static void cancel(const struct sip_src *src, uint64_t key)
{
	struct sip *sip = src->sip;
	struct sip_strans *st = NULL;
	char tag[9];
	unsigned i;

	for (i = 0; i < UE_STRANS_MAX && !st; i++) {
		if (sip->stransv[i].state != SIP_ST_FREE &&
		    sip->stransv[i].key == key)
			st = &sip->stransv[i];
	}

	if (!st) {
		sip_reply_stateless(src, 481, NULL);
		return;
	}

	/* the To tag is that of the answers to the INVITE */
	sip_reply_stateless(src, 200, sip_hex32(tag, st->tag));

	/* after a final response it has no effect, nor on other methods */
	if (!is_invite(st) || !is_open(st) || st->cancelled)
		return;

	st->cancelled = true;
	if (st->h)
		st->h(st, 0, st->arg);
	else
		(void)sip_reply(st, 487, NULL);
}


/* What every response will copy, as a 100 */
static int keep_request(struct sip_strans *st, const struct sip_src *src)
{
	struct sip *sip = src->sip;
	struct sip_writer *w = &sip->writer;
	struct sip_reply_route rt;
	struct pl received;
	int err;

	sip_reply_route(&rt, src, &sip->rx.via);
	st->dst = rt.dst;
	pl_set_str(&received, rt.received);

	sip->tx_what = SIP_TX_NONE;
	sip_writer_init(w, sip->tx, sizeof(sip->tx));
	sip_writer_reply(w, &sip->rx, 100, NULL, NULL,
			 received.l ? &received : NULL, rt.rport);
	sip_writer_copy(w, &sip->rx, SIP_HDR_RECORD_ROUTE);
	err = sip_writer_end(w);
	if (err)
		return err;

	return sip_keep(sip, &st->msg, sip_writer_len(w));
}


static void begin(const struct sip_src *src, uint64_t key, uint32_t merge)
{
	struct sip *sip = src->sip;
	const struct sip_msg *m = &sip->rx;
	const struct sip_timers *t = &sip->cfg.timers;
	struct sip_strans *st = strans_alloc(sip);

	if (!st || keep_request(st, src) || sip_random_u32(sip, &st->tag)) {

		if (st)
			sip_store_free(&sip->store, &st->msg);
		else
			++sip->stats.no_memory;

		sip_reply_stateless(src, 503, NULL);
		return;
	}

	st->hop = src->hop;
	st->key = key;
	st->merge = merge;
	st->method = m->method;
	st->transport = src->transport;
	st->flow = (int8_t)src->flow;
	st->flow_gen = src->flow_gen;
	st->to_tag = m->to_tag.p != NULL;

	if (is_invite(st)) {
		st->state = SIP_ST_PROCEEDING;
		start_retry(st, TRYING_MS);
	}
	else {
		st->state = SIP_ST_TRYING;
		/* RFC 4320 s4.1: when timer E of the client reaches T2 */
		start_retry(st, t->t2_ms - t->t1_ms);
		start_end(st, 64ULL * t->t1_ms);
	}

	sip->reqh(sip, st, m, sip->arg);
}


void sip_strans_request(const struct sip_src *src)
{
	struct sip *sip = src->sip;
	const struct sip_msg *m = &sip->rx;
	const bool is_ack = m->method == SIP_METHOD_ACK;
	const uint64_t key = strans_key(sip, m);
	const uint32_t merge = merge_key(sip, m, m->method);
	struct sip_strans *st;
	uint16_t status;

	st = find(sip, key, is_ack ? SIP_METHOD_INVITE : m->method);

	if (is_ack) {
		ack(sip, st);
		return;
	}

	if (m->method == SIP_METHOD_CANCEL) {
		cancel(src, key);
		return;
	}

	if (st) {
		move(st, src);
		repeated(st);
		return;
	}

	/* RFC 3261 s8.2.2.2: the same request by another way */
	if (!m->to_tag.p && find_merge(sip, merge)) {
		sip_reply_stateless(src, 482, NULL);
		return;
	}

	if (sip_msg_uas_check(&status, m, sip->uas->methodv,
			      sip->uas->optionv, sip->uas->acceptv)) {
		sip_reply_stateless(src, status, NULL);
		return;
	}

	begin(src, key, merge);
}


/* ------------------------------------------------------------------ */
/* What the users call */


void sip_strans_set_handler(struct sip_strans *st, sip_strans_h *h,
			    void *arg)
{
	st->h   = h;
	st->arg = arg;
}
