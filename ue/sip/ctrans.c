/**
 * @file ctrans.c  Client transactions (RFC 3261 17.1, RFC 6026 7.2)
 *
 * INVITE (RFC 6026 figure 5; TU = the handler; a state with a star: its CANCEL
 * is wanted or was sent, 9.1; NAME(*) = with a star or without)
 *
 *   state          event     action                             next
 *   ---------------------------------------------------------------------
 *   (start)        start     send, A = T1 (UDP), B = 64*T1      CALLING
 *   CALLING(*)     A         send, A = 2*A                      -
 *                  B         TU ETIMEDOUT                       FREE
 *                  2xx       M = 64*T1, TU                      ACCEPTED
 *                  300-699   ACK, D = 65*T1 (TCP 0), TU         COMPLETED
 *                  lost      TU ECONNRESET (17.1.4)             FREE
 *   CALLING(*),    NACK      send                               -
 *   PROCEEDING(*)  refused   TU EMSGSIZE                        FREE
 *   CALLING        1xx       TU                                 PROCEEDING
 *                  cancel    -                                  CALLING*
 *   CALLING*       1xx       CANCEL, B = 64*T1, TU              PROCEEDING*
 *   PROCEEDING(*)  1xx       TU                                 -
 *                  2xx       M = 64*T1, TU                      ACCEPTED
 *                  300-699   ACK, D = 65*T1 (TCP 0), TU         COMPLETED
 *   PROCEEDING     cancel    CANCEL, B = 64*T1                  PROCEEDING*
 *   PROCEEDING*    B         TU ETIMEDOUT                       FREE
 *   ACCEPTED       2xx       TU                                 -
 *                  M         -                                  FREE
 *   COMPLETED      300-699   ACK                                -
 *                  NACK      ACK                                -
 *                  D         -                                  FREE
 *
 * Others (RFC 3261 figure 6)
 *
 *   state          event     action                             next
 *   ---------------------------------------------------------------------
 *   (start)        start     send, E = T1 (UDP), F = 64*T1      TRYING
 *   TRYING         E         send, E = min(2*E, T2)             -
 *                  F         TU ETIMEDOUT                       FREE
 *                  1xx       TU                                 PROCEEDING
 *                  200-699   K = T4 (TCP 0), TU                 COMPLETED
 *                  lost      TU ECONNRESET (17.1.4)             FREE
 *   PROCEEDING     E         send, E = T2                       -
 *                  F         TU ETIMEDOUT                       FREE
 *                  1xx       TU                                 -
 *                  200-699   K = T4 (TCP 0), TU                 COMPLETED
 *   TRYING,        NACK      send                               -
 *   PROCEEDING     refused   TU EMSGSIZE                        FREE
 *   COMPLETED      K         -                                  FREE
 *
 * lost: the connection, or a datagram that cannot be sent.  TU gets it from a
 * timer.  NACK: the peer could not decompress what a connection has taken (RFC
 * 4077 2.3.2), refused: nor will it; D over TCP with SigComp is T4 for that.
 * Any other pair of state and event: nothing.
 *
 * Over 800 lines: two state machines, their tables, ACK and CANCEL.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

#define PORT_DEFAULT 5060


static void end_h(void *arg);
static void retry_h(void *arg);


void sip_ctrans_close(struct sip_ctrans *ct)
{
	struct sip *sip = ct->sip;

	if (ct->state == SIP_CT_FREE)
		return;

	ue_timer_cancel(sip->timers, &ct->retry);
	ue_timer_cancel(sip->timers, &ct->end);
	sip_store_free(&sip->store, &ct->req);
	ct->h = NULL;
	ct->state = SIP_CT_FREE;
}


/* Does a give way before b?  Both have their final response.  K (17 s with the
   timers of IMS) only absorbs repeated responses, which are dropped without a
   transaction just as well.  An INVITE acknowledges repeated ones: it stays as
   long as there are others, then the oldest goes */
static bool is_older(const struct sip_ctrans *a, const struct sip_ctrans *b)
{
	const bool ia = a->method == SIP_METHOD_INVITE;
	const bool ib = b->method == SIP_METHOD_INVITE;

	return ia == ib ? a->end.due_ms < b->end.due_ms : ib;
}


/* stored: for the memory of its message.  The ACK of a 2xx may be asked for
   again (RFC 3261 s13.2.2.4) */
static struct sip_ctrans *find_oldest(struct sip *sip, bool stored)
{
	struct sip_ctrans *found = NULL;
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		if ((ct->state == SIP_CT_COMPLETED ||
		     (ct->state == SIP_CT_ACCEPTED && !stored)) &&
		    (!stored || ct->req.head) && ct != sip->sending_c &&
		    (!found || is_older(ct, found)))
			found = ct;
	}

	return found;
}


bool sip_ctrans_evict(struct sip *sip)
{
	struct sip_ctrans *ct = find_oldest(sip, true);

	if (ct)
		sip_ctrans_close(ct);

	return ct != NULL;
}


static struct sip_ctrans *ctrans_alloc(struct sip *sip)
{
	struct sip_ctrans *found = NULL;
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX && !found; i++) {
		if (sip->ctransv[i].state == SIP_CT_FREE)
			found = &sip->ctransv[i];
	}

	if (!found) {
		found = find_oldest(sip, false);
		if (!found) {
			++sip->stats.no_memory;
			return NULL;
		}
		sip_ctrans_close(found);
	}

	memset(found, 0, sizeof(*found));
	found->sip = sip;

	return found;
}


static bool is_open(const struct sip_ctrans *ct)
{
	return ct->state == SIP_CT_CALLING || ct->state == SIP_CT_TRYING ||
		ct->state == SIP_CT_PROCEEDING;
}


unsigned sip_ctrans_waiting(const struct sip *sip)
{
	unsigned n = 0;

	for (unsigned i = 0; i < UE_CTRANS_MAX; i++) {
		if (is_open(&sip->ctransv[i]))
			++n;
	}

	return n;
}


static void start_end(struct sip_ctrans *ct, uint64_t delay_ms)
{
	ue_timer_start(ct->sip->timers, &ct->end, delay_ms, end_h, ct);
}


static void start_retry(struct sip_ctrans *ct, uint32_t delay_ms)
{
	ct->interval_ms = delay_ms;
	ue_timer_start(ct->sip->timers, &ct->retry, delay_ms, retry_h, ct);
}


/* The last call of the handler */
static void report(struct sip_ctrans *ct, int err)
{
	sip_response_h *h = ct->h;

	sip_ctrans_close(ct);
	if (h)
		h(ct, err, NULL, ct->arg);
}


/* ------------------------------------------------------------------ */
/* Send */


/* RFC 3261 s17.1.4: tell the user, but not from inside a call of his */
static void fail(struct sip_ctrans *ct, int err)
{
	if (!is_open(ct))
		return;

	if (!ct->err)
		ct->err = err;

	ct->unsent = false;
	ue_timer_cancel(ct->sip->timers, &ct->retry);
	start_end(ct, 0);
}


/* By a timer: TCP may have refused from inside a send */
static void udp_h(void *arg);


static void use_udp(struct sip_ctrans *ct)
{
	struct sip *sip = ct->sip;
	size_t len;

	len = sip_store_get(sip->tx, sizeof(sip->tx), &sip->store, &ct->req);
	sip_via_set_transport(sip->tx, len, UE_TRANSPORT_UDP);

	/* the same room again */
	(void)sip_store_put(&ct->req, &sip->store, sip->tx, len);

	ct->switched = false;
	ct->unsent = false;
	ct->transport = UE_TRANSPORT_UDP;
	ue_timer_start(sip->timers, &ct->retry, 0, udp_h, ct);
}


/* RFC 3261 s18.1.1: a peer without TCP gets the long request over UDP */
static void send_failed(struct sip_ctrans *ct, int err)
{
	if (ct->err || !is_open(ct))
		return;

	if (ct->switched && sip_tcp_refused(err))
		use_udp(ct);
	else
		fail(ct, err);
}


/* TCP has taken the request: only an INVITE is needed again, or what the peer
   may be unable to decompress (RFC 4077 s2.3) */
static void sent_tcp(struct sip_ctrans *ct)
{
	struct sip *sip = ct->sip;

	ct->unsent = false;
	ct->switched = false;
	ue_timer_cancel(sip->timers, &ct->retry);
	if (ct->method != SIP_METHOD_INVITE && !ct->hop->filter)
		sip_store_free(&sip->store, &ct->req);
}


/* Send what is in sip->tx and in the store */
static void transmit(struct sip_ctrans *ct, size_t len)
{
	struct sip *sip = ct->sip;
	const uint8_t transport = ct->transport;
	int err;

	sip->sending_c = ct;
	err = sip_hop_send(ct->hop, transport, sip->tx, len);
	sip->sending_c = NULL;

	/* refused at once, and on its way over UDP already */
	if (ct->transport != transport)
		return;

	if (transport == UE_TRANSPORT_UDP) {
		/* no room: as if it was lost on the way */
		if (err && err != EAGAIN)
			send_failed(ct, err);
		return;
	}

	switch (err) {

	case 0:
		sent_tcp(ct);
		break;

	case ENOTCONN:          /* sip_ctrans_flow_up() follows */
		ct->unsent = true;
		break;

	case EAGAIN:
		ct->unsent = true;
		start_retry(ct, sip->cfg.timers.t1_ms);
		break;

	default:
		send_failed(ct, err);
		break;
	}
}


static void send_stored(struct sip_ctrans *ct)
{
	struct sip *sip = ct->sip;
	size_t len;

	len = sip_store_get(sip->tx, sizeof(sip->tx), &sip->store, &ct->req);
	if (len)
		transmit(ct, len);
}


static void udp_h(void *arg)
{
	struct sip_ctrans *ct = arg;

	start_retry(ct, ct->sip->cfg.timers.t1_ms);
	send_stored(ct);
}


void sip_ctrans_again(struct sip *sip, uint64_t key, uint8_t method, int err)
{
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		/* what is kept of a refused INVITE is the ACK */
		if (ct->key != key || ct->unsent || !ct->req.head ||
		    (method == SIP_METHOD_ACK ? is_open(ct) :
		     ct->method != method || !is_open(ct)))
			continue;

		if (err) {
			fail(ct, err);
			return;
		}
		++sip->stats.retransmissions;
		send_stored(ct);
		return;
	}
}


void sip_ctrans_flow_up(struct sip_hop *hop)
{
	struct sip *sip = hop->sip;
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		if (ct->hop == hop && ct->state != SIP_CT_FREE && ct->unsent)
			send_stored(ct);
	}
}


/* A response may still come over a connection that the peer opens (RFC 3261
   s18.2.2), so a request that got a provisional one stays */
void sip_ctrans_flow_lost(struct sip_hop *hop, bool was_up, int err)
{
	struct sip *sip = hop->sip;
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		if (ct->hop != hop || ct->transport != UE_TRANSPORT_TCP ||
		    !is_open(ct) || ct->state == SIP_CT_PROCEEDING)
			continue;

		if (was_up)
			fail(ct, err);
		else
			send_failed(ct, err);
	}
}


/* ------------------------------------------------------------------ */
/* ACK and CANCEL */


/* RFC 3261 s17.1.1.2: the ACK takes the place of the INVITE, to be sent again
   with each repeated final response */
static void send_ack(struct sip_ctrans *ct, const struct sip_msg *msg)
{
	struct sip *sip = ct->sip;
	struct pl to;

	if (sip_msg_hdr(&to, msg, SIP_HDR_TO) ||
	    sip_write_from_invite(sip, &ct->req, "ACK", &to)) {
		sip_store_free(&sip->store, &ct->req);
		return;
	}

	(void)sip_keep(sip, &ct->req, sip_writer_len(&sip->writer));

	transmit(ct, sip_writer_len(&sip->writer));

	/* the connection is gone: there is one chance to make a new one */
	if (ct->unsent)
		start_end(ct, sip->cfg.timers.t4_ms);
}


/* RFC 3261 s9.1: a transaction of its own, with the branch of the INVITE */
static int send_cancel(struct sip_ctrans *inv)
{
	struct sip *sip = inv->sip;
	struct sip_ctrans *ct;
	size_t len;
	int err;

	ct = ctrans_alloc(sip);
	if (!ct)
		return ENOMEM;

	err = sip_write_from_invite(sip, &inv->req, "CANCEL", NULL);
	if (err)
		return err;

	len = sip_writer_len(&sip->writer);
	err = sip_keep(sip, &ct->req, len);
	if (err)
		return err;

	ct->hop = inv->hop;
	ct->key = inv->key;
	ct->method = SIP_METHOD_CANCEL;
	ct->transport = inv->transport;
	ct->state = SIP_CT_TRYING;
	start_end(ct, 64ULL * sip->cfg.timers.t1_ms);
	if (ct->transport == UE_TRANSPORT_UDP)
		start_retry(ct, sip->cfg.timers.t1_ms);

	inv->cancel = false;
	inv->cancelled = true;
	/* s9.1: no final response in 64*T1: the INVITE is over */
	start_end(inv, 64ULL * sip->cfg.timers.t1_ms);

	transmit(ct, len);

	return 0;
}


/* As soon as there is a provisional response; again when memory was short */
static void try_cancel(struct sip_ctrans *ct)
{
	const uint32_t t1_ms = ct->sip->cfg.timers.t1_ms;

	if (!ct->cancel || !send_cancel(ct))
		return;

	start_retry(ct, t1_ms);
	/* s9.1: over in that time, be there room for a CANCEL or not */
	if (!ue_timer_running(&ct->end))
		start_end(ct, 64ULL * t1_ms);
}


int sip_ctrans_cancel(struct sip_ctrans *ct)
{
	if (ct->method != SIP_METHOD_INVITE)
		return EINVAL;

	/* over, and about to be reported */
	if (ct->err)
		return EPROTO;

	switch (ct->state) {

	case SIP_CT_CALLING:
		/* RFC 3261 s9.1: not before a provisional response */
		ct->cancel = true;
		return 0;

	case SIP_CT_PROCEEDING:
		if (!ct->cancel && !ct->cancelled) {
			ct->cancel = true;
			try_cancel(ct);
		}
		return 0;

	default:
		return EPROTO;
	}
}


/* ------------------------------------------------------------------ */
/* Timers */


static void retry_h(void *arg)
{
	struct sip_ctrans *ct = arg;
	const struct sip_timers *t = &ct->sip->cfg.timers;
	uint32_t next = 2 * ct->interval_ms;

	if (ct->unsent) {
		send_stored(ct);
		return;
	}

	switch (ct->state) {

	case SIP_CT_CALLING:            /* A */
		break;

	case SIP_CT_TRYING:             /* E */
		if (next > t->t2_ms)
			next = t->t2_ms;
		break;

	case SIP_CT_PROCEEDING:
		if (ct->method == SIP_METHOD_INVITE) {
			try_cancel(ct);
			return;
		}
		next = t->t2_ms;
		break;

	default:
		return;
	}

	++ct->sip->stats.retransmissions;
	start_retry(ct, next);
	send_stored(ct);
}


/* B, F: has the P-CSCF restarted, and its associations are gone?  REGISTER
   sees to it by itself: a connection that leads nowhere would be taken for
   the next one, too.  Others may wait for somebody behind the P-CSCF
   (RFC 4320 4.2) */
static void no_answer(struct sip_ctrans *ct)
{
	const int8_t conn = ct->transport == UE_TRANSPORT_TCP
		? ct->hop->flow_conn : -1;
	const bool reg = ct->method == SIP_METHOD_REGISTER;

	if (conn >= 0 && (reg || !ct->sip->flowv[conn].up))
		sip_flow_fail(ct->sip, conn, ETIMEDOUT);
	else if (!reg && !ct->far)
		sip_hop_doubt(ct->hop, ETIMEDOUT);
}


static void end_h(void *arg)
{
	struct sip_ctrans *ct = arg;

	if (!is_open(ct)) {     /* D, K, M */
		sip_ctrans_close(ct);
		return;
	}

	if (!ct->err && ct->state != SIP_CT_PROCEEDING)
		no_answer(ct);

	report(ct, ct->err ? ct->err : ETIMEDOUT);
}


/* ------------------------------------------------------------------ */
/* Responses */


/* The branch that sip_request_begin() made */
bool sip_branch_decode(uint64_t *key, const struct pl *branch)
{
	static const char cookie[] = "z9hG4bK";
	const size_t n = sizeof(cookie) - 1;
	uint64_t v = 0;
	size_t i;

	if (!branch->p || branch->l != SIP_BRANCH_LEN ||
	    memcmp(branch->p, cookie, n))
		return false;

	for (i = n; i < SIP_BRANCH_LEN; i++) {

		const char c = branch->p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (unsigned)(c - 'a' + 10);
		else
			return false;
	}

	*key = v;

	return true;
}


/* RFC 3261 s17.1.3: branch and CSeq method.  A CANCEL has the branch of its
   INVITE */
static struct sip_ctrans *find(struct sip *sip, const struct sip_msg *msg)
{
	uint64_t key;
	unsigned i;

	if (!sip_branch_decode(&key, &msg->via.branch))
		return NULL;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		if (ct->state != SIP_CT_FREE && ct->key == key &&
		    ct->method == msg->method)
			return ct;
	}

	return NULL;
}


/* RFC 3261 s18.1.2: the sent-by must be the one we wrote; s8.1.3.3: and the
   only Via.  TS 33.203 7.1: nor is it an answer from outside of ESP to what
   went inside */
static bool is_ours(const struct sip_ctrans *ct, const struct sip_src *src)
{
	const struct sip_msg *msg = &src->sip->rx;
	const struct ue_addr *own = &ct->hop->sent_by;
	const struct sip_via *via = &msg->via;
	struct ue_addr a;

	if (msg->viac != 1 || ue_addr_decode(&a, &via->host) ||
	    (ct->hop->prm.protect && !src->hop->prm.protect))
		return false;

	a.port = via->port ? via->port : PORT_DEFAULT;

	return ue_addr_equal(&a, own);
}


/* The handler's last call, unless it is a 2xx to an INVITE */
static void pass(struct sip_ctrans *ct, const struct sip_msg *msg, bool last)
{
	sip_response_h *h = ct->h;

	if (last)
		ct->h = NULL;

	if (h)
		h(ct, 0, msg, ct->arg);
}


static void invite_final(struct sip_ctrans *ct, const struct sip_msg *msg)
{
	struct sip *sip = ct->sip;
	const uint64_t t1 = sip->cfg.timers.t1_ms;

	ue_timer_cancel(sip->timers, &ct->retry);
	ct->cancel = false;
	ct->unsent = false;

	if (msg->code < 300) {
		/* RFC 6026 s7.2: M */
		ct->state = SIP_CT_ACCEPTED;
		sip_store_free(&sip->store, &ct->req);
		start_end(ct, 64 * t1);
		pass(ct, msg, false);
		return;
	}

	/* D: more than 64*T1 (RFC 3261 table 4, TS 24.229 7.7), TCP: 0; the
	   NACK for an ACK (RFC 4077 s2.3.2) comes within T4 */
	ct->state = SIP_CT_COMPLETED;
	start_end(ct, ct->transport == UE_TRANSPORT_UDP ? 65 * t1 :
		  ct->hop->filter ? sip->cfg.timers.t4_ms : 0);
	send_ack(ct, msg);
	pass(ct, msg, true);
}


static void invite_response(struct sip_ctrans *ct, const struct sip_msg *msg)
{
	struct sip *sip = ct->sip;

	switch (ct->state) {

	case SIP_CT_CALLING:
	case SIP_CT_PROCEEDING:
		if (msg->code >= 200) {
			invite_final(ct, msg);
			break;
		}
		if (ct->state == SIP_CT_CALLING) {
			ct->state = SIP_CT_PROCEEDING;
			ue_timer_cancel(sip->timers, &ct->retry);
			ue_timer_cancel(sip->timers, &ct->end);
			try_cancel(ct);
		}
		pass(ct, msg, false);
		break;

	case SIP_CT_ACCEPTED:
		if (msg->code >= 200 && msg->code < 300)
			pass(ct, msg, false);
		break;

	case SIP_CT_COMPLETED:
		if (msg->code >= 300) {
			++sip->stats.retransmissions;
			send_stored(ct);
		}
		break;

	default:
		break;
	}
}


static void other_response(struct sip_ctrans *ct, const struct sip_msg *msg)
{
	struct sip *sip = ct->sip;

	switch (ct->state) {

	case SIP_CT_TRYING:
	case SIP_CT_PROCEEDING:
		if (msg->code < 200) {
			ct->state = SIP_CT_PROCEEDING;
			pass(ct, msg, false);
			break;
		}

		ct->state = SIP_CT_COMPLETED;
		ct->unsent = false;
		ue_timer_cancel(sip->timers, &ct->retry);
		sip_store_free(&sip->store, &ct->req);
		/* K */
		start_end(ct, ct->transport == UE_TRANSPORT_UDP
			  ? sip->cfg.timers.t4_ms : 0);
		pass(ct, msg, true);
		break;

	default:
		break;
	}
}


void sip_ctrans_response(const struct sip_src *src)
{
	struct sip *sip = src->sip;
	const struct sip_msg *msg = &sip->rx;
	struct sip_ctrans *ct = find(sip, msg);

	/* RFC 6026 s7.2: without a transaction it is simply dropped; an error
	   that is about to be reported comes first */
	if (!ct || ct->err || !is_ours(ct, src)) {
		++sip->stats.rx_unmatched;
		sip_verdict(src, false);
		return;
	}

	sip_verdict(src, true);

	/* a repetition may be older than what it repeats */
	if (is_open(ct))
		sip_hop_heard(src->hop);

	/* RFC 3329 s2.3.1: the agreement must start again; REGISTER sees to it
	   by itself */
	if (msg->code == 494 && ct->hop->prm.protect &&
	    ct->method != SIP_METHOD_REGISTER && is_open(ct))
		sip_hop_doubt(ct->hop, EPROTO);

	if (ct->method == SIP_METHOD_INVITE)
		invite_response(ct, msg);
	else
		other_response(ct, msg);
}


/* ------------------------------------------------------------------ */
/* What the users call */


int sip_ctrans_start(struct sip_ctrans **ctp, struct sip *sip,
		     struct sip_hop *base, sip_response_h *h, void *arg)
{
	const size_t len = sip_writer_len(&sip->writer);
	struct sip_hop *hop = base ? sip_hop_active(base) : NULL;
	struct sip_ctrans *ct;
	int err;

	err = sip_tx_check(sip, hop);
	if (err)
		return err;

	if (sip->tx_method == SIP_METHOD_ACK)
		return EINVAL;

	ct = ctrans_alloc(sip);
	if (!ct)
		return ENOMEM;

	ct->hop = hop;
	ct->h   = h;
	ct->arg = arg;
	ct->key = sip->tx_key;
	ct->method = sip->tx_method;
	ct->transport = (uint8_t)sip_choose_transport(hop, len);
	ct->switched = hop->prm.udp && ct->transport == UE_TRANSPORT_TCP;
	sip_via_set_transport(sip->tx, len, ct->transport);

	err = sip_keep(sip, &ct->req, len);
	if (err)
		return err;

	ct->state = ct->method == SIP_METHOD_INVITE ? SIP_CT_CALLING
		: SIP_CT_TRYING;

	/* B, F; A, E */
	start_end(ct, 64ULL * sip->cfg.timers.t1_ms);
	if (ct->transport == UE_TRANSPORT_UDP)
		start_retry(ct, sip->cfg.timers.t1_ms);

	if (ctp)
		*ctp = ct;

	transmit(ct, len);
	if (sip->port->wake)
		sip->port->wake(sip->port->arg);

	return 0;
}


void sip_ctrans_far(struct sip_ctrans *ct)
{
	ct->far = true;
}


void sip_ctrans_detach(struct sip_ctrans *ct)
{
	ct->h = NULL;
}


void sip_ctrans_abort_hop(struct sip *sip, const struct sip_hop *hop, int err)
{
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {

		struct sip_ctrans *ct = &sip->ctransv[i];

		if (ct->hop != hop)
			continue;

		if (err && is_open(ct)) {
			/* without its request nothing is sent any more */
			fail(ct, err);
			sip_store_free(&sip->store, &ct->req);
			ct->hop = NULL;
		}
		else {
			sip_ctrans_close(ct);
		}
	}
}
