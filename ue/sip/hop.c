/**
 * @file hop.c  The way to one P-CSCF: which flow carries what
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

/** Ports tried until one is free for UDP and for TCP */
#define PORT_TRIES 8

/** RFC 5626 s4.4.1 */
#define PONG_MS 10000

/** RFC 5389 7.2.1 */
#define STUN_RTO_MS 500
#define STUN_TIMES 7


bool sip_hop_is_live(const struct sip *sip, const struct sip_hop *hop)
{
	const struct sip_hop *h;

	for (h = sip->hops; h; h = h->next) {
		if (h == hop)
			return true;
	}

	return false;
}


bool sip_hop_is_open(const struct sip_hop *hop)
{
	return hop->sip != NULL;
}


static bool uses_flow(const struct sip_hop *hop, int8_t flow)
{
	return hop->flow_us == flow || hop->flow_uc == flow ||
		hop->flow_listen == flow || hop->flow_conn == flow;
}


/* How well does the sender fit?  Hops that share a port differ in their
   peer, or after a re-authentication only in its ports (TS 33.203 7.4) */
static unsigned match(const struct sip_hop *hop, int8_t flow,
		      const struct ue_addr *remote)
{
	if (!uses_flow(hop, flow))
		return 0;

	if (!ue_addr_same_ip(&hop->prm.peer, remote))
		return 1;

	if (remote->port == hop->prm.peer.port ||
	    (hop->prm.port_pc && remote->port == hop->prm.port_pc))
		return 3;

	return 2;
}


/* TS 33.203 7.1: an association has two ports on each side; what is only
   offered has none yet, and takes nothing */
static unsigned least(const struct sip_hop *hop)
{
	return !hop->prm.protect ? 1 : hop->prm.port_pc ? 3 : 4;
}


struct sip_hop *sip_hop_find(struct sip *sip, int8_t flow,
			     const struct ue_addr *remote)
{
	struct sip_hop *hop, *best = NULL;
	unsigned most = 0;

	for (hop = sip->hops; hop; hop = hop->next) {

		const unsigned n = match(hop, flow, remote);

		if (n > most && n >= least(hop)) {
			most = n;
			best = hop;
		}
	}

	return best;
}


/* ------------------------------------------------------------------ */
/* Events */


/* One at a time: the handler may close the hop */
static void event_h(void *arg)
{
	struct sip_hop *hop = arg;
	unsigned ev = SIP_HOP_UP;

	while (ev < SIP_HOP_HEARD && !(hop->pending & 1U << ev))
		++ev;

	hop->pending = (uint8_t)(hop->pending & ~(1U << ev));
	if (hop->pending)
		ue_timer_start(hop->sip->timers, &hop->event, 0, event_h, hop);

	if (hop->h)
		hop->h(hop, (enum sip_hop_event)ev,
		       ev == SIP_HOP_UP ? 0 : hop->pending_err, hop->arg);
}


/* By a timer: the port may have called back from inside a send function */
static void notify(struct sip_hop *hop, enum sip_hop_event event, int err)
{
	const unsigned heard = hop->pending & 1U << SIP_HOP_HEARD;

	/* a flow that was lost says more */
	if (event == SIP_HOP_DOUBT && hop->pending & 1U << SIP_HOP_DOWN)
		return;

	/* up or down, the latest counts */
	if (event != SIP_HOP_HEARD) {
		hop->pending = (uint8_t)heard;
		hop->pending_err = err;
	}
	hop->pending = (uint8_t)(hop->pending | 1U << event);
	ue_timer_start(hop->sip->timers, &hop->event, 0, event_h, hop);
}


void sip_hop_up(struct sip_hop *hop)
{
	struct sip_flow *fl = &hop->sip->flowv[hop->flow_conn];

	/* neither UDP nor a listener told the own address */
	if (!hop->sent_by.family)
		hop->sent_by = fl->local;

	hop->no_tcp = false;
	notify(hop, SIP_HOP_UP, 0);
	sip_ctrans_flow_up(hop);
	sip_strans_flow_up(hop);
}


/* RFC 3261 s18.1.1; ENOPROTOOPT: by the ICMP that it names */
bool sip_tcp_refused(int err)
{
	return err == ECONNREFUSED || err == ECONNRESET ||
		err == ENOPROTOOPT || err == ENOTSUP;
}


void sip_hop_flow_lost(struct sip *sip, int8_t flow, bool was_up, int err)
{
	struct sip_hop *hop;

	for (hop = sip->hops; hop; hop = hop->next) {

		if (!uses_flow(hop, flow))
			continue;

		if (hop->flow_conn == flow) {
			hop->flow_conn = -1;
			if (hop->keepalive_transport == UE_TRANSPORT_TCP) {
				ue_timer_cancel(sip->timers, &hop->pong);
				/* RFC 5626 s4.4: it was needed */
				if (hop->keepalive_s && !err)
					err = ECONNRESET;
			}
			sip_ctrans_flow_lost(hop, was_up,
					     err ? err : ECONNRESET);
		}
		if (hop->flow_us == flow)
			hop->flow_us = -1;
		if (hop->flow_uc == flow)
			hop->flow_uc = -1;
		if (hop->flow_listen == flow)
			hop->flow_listen = -1;

		/* a P-CSCF without TCP is reached by UDP as before */
		if (was_up || !hop->prm.udp || !sip_tcp_refused(err))
			notify(hop, SIP_HOP_DOWN, err);
		else
			hop->no_tcp = true;
	}
}


/* ------------------------------------------------------------------ */
/* Open and close */


/* A flow that another hop has open on this port already, -1 = none */
static int8_t shared(const struct sip *sip, enum ue_flow_kind kind,
		     const struct ue_addr *local)
{
	int8_t i;

	if (!local->port)
		return -1;

	for (i = 0; i < UE_FLOWS_MAX; i++) {

		const struct sip_flow *fl = &sip->flowv[i];

		if (fl->kind == kind && fl->local.port == local->port &&
		    (!local->family || ue_addr_same_ip(&fl->local, local)))
			return i;
	}

	return -1;
}


static int open_or_share(int8_t *flow, struct sip_hop *hop,
			 enum ue_flow_kind kind, struct ue_addr *local)
{
	int err;

	*flow = shared(hop->sip, kind, local);
	if (*flow < 0) {
		err = sip_flow_open(flow, hop, kind, local);
		if (err)
			return err;
	}

	*local = hop->sip->flowv[*flow].local;

	return 0;
}


static int hop_connect(struct sip_hop *hop)
{
	struct ue_addr local = hop->prm.local;
	int err;

	if (hop->flow_conn >= 0)
		return 0;

	if (hop->sent_by.family)
		local = hop->sent_by;
	local.port = hop->prm.port_uc;

	err = sip_flow_open(&hop->flow_conn, hop, UE_FLOW_CONNECT, &local);
	if (err)
		return err;

	/* refused before flow_open() returned */
	return hop->flow_conn < 0 ? ECONNREFUSED : 0;
}


static int open_flows(struct sip_hop *hop)
{
	struct ue_addr local = hop->prm.local;
	int err;

	if (hop->prm.udp) {
		err = open_or_share(&hop->flow_us, hop, UE_FLOW_DATAGRAM,
				    &local);
		if (err)
			return err;

		hop->flow_uc = hop->flow_us;
	}

	if (hop->prm.tcp) {
		err = open_or_share(&hop->flow_listen, hop, UE_FLOW_LISTEN,
				    &local);
		/* TS 33.203 7.1: the P-CSCF must reach port_us */
		if (err && (err != ENOTSUP ||
			    (hop->prm.protect && !hop->prm.udp)))
			return err;
	}

	if (hop->prm.udp && hop->prm.port_uc &&
	    hop->prm.port_uc != local.port) {

		struct ue_addr uc = local;

		uc.port = hop->prm.port_uc;
		err = open_or_share(&hop->flow_uc, hop, UE_FLOW_DATAGRAM,
				    &uc);
		if (err)
			return err;
	}

	if (hop->flow_us >= 0 || hop->flow_listen >= 0) {
		hop->sent_by = local;
		return 0;
	}

	/* only the connection itself can tell the own address */
	err = hop_connect(hop);
	if (!err)
		hop->sent_by = hop->sip->flowv[hop->flow_conn].local;

	return err;
}


/* Close a flow, unless another hop uses it too */
static void release(struct sip_hop *hop, int8_t flow)
{
	struct sip *sip = hop->sip;
	struct sip_hop *h;

	if (flow < 0)
		return;

	for (h = sip->hops; h; h = h->next) {

		if (h != hop && uses_flow(h, flow)) {
			sip->flowv[flow].hop = h;
			return;
		}
	}

	sip_flow_shut(sip, flow);
}


static void close_flows(struct sip_hop *hop)
{
	struct sip *sip = hop->sip;
	int8_t i;

	release(hop, hop->flow_conn);
	release(hop, hop->flow_listen);
	if (hop->flow_uc != hop->flow_us)
		release(hop, hop->flow_uc);
	release(hop, hop->flow_us);

	for (i = 0; i < UE_FLOWS_MAX; i++) {
		if (sip->flowv[i].kind == UE_FLOW_ACCEPTED &&
		    sip->flowv[i].hop == hop)
			sip_flow_shut(sip, i);
	}

	hop->flow_us = hop->flow_uc = -1;
	hop->flow_listen = hop->flow_conn = -1;
}


static void unlink_hop(struct sip_hop *hop)
{
	struct sip_hop **pp;

	for (pp = &hop->sip->hops; *pp; pp = &(*pp)->next) {
		if (*pp == hop) {
			*pp = hop->next;
			break;
		}
	}

	hop->next = NULL;
}


int sip_hop_open(struct sip_hop *hop, struct sip *sip,
		 const struct sip_hop_params *prm, sip_hop_h *h, void *arg)
{
	unsigned i;
	int err = EADDRINUSE;

	if (!prm->peer.family || !prm->peer.port || (!prm->udp && !prm->tcp))
		return EINVAL;

	memset(hop, 0, sizeof(*hop));
	hop->sip = sip;
	hop->prm = *prm;
	hop->h   = h;
	hop->arg = arg;
	hop->flow_us = hop->flow_uc = -1;
	hop->flow_listen = hop->flow_conn = -1;
	hop->next = sip->hops;
	sip->hops = hop;

	/* RFC 3261 s18.2.1: one port for both transports; the one that is
	   free for UDP may be taken for TCP */
	for (i = 0; i < PORT_TRIES && err == EADDRINUSE; i++) {

		if (i && prm->local.port)
			break;

		err = open_flows(hop);
		if (err)
			close_flows(hop);
	}

	if (err) {
		ue_timer_cancel(sip->timers, &hop->event);
		unlink_hop(hop);
		hop->sip = NULL;
	}

	return err;
}


void sip_hop_close(struct sip_hop *hop)
{
	struct sip *sip = hop->sip;

	if (!sip)
		return;

	ue_timer_cancel(sip->timers, &hop->event);
	ue_timer_cancel(sip->timers, &hop->keepalive);
	ue_timer_cancel(sip->timers, &hop->pong);

	sip_ctrans_abort_hop(sip, hop, 0);
	close_flows(hop);
	unlink_hop(hop);
	hop->sip = NULL;
	if (hop->base)
		sip_hop_use(hop->base, NULL);

	/* last: its handlers may do anything */
	sip_strans_abort_hop(sip, hop, ECONNABORTED);
}


void sip_hop_drop(struct sip_hop *hop, int err)
{
	if (!hop->sip)
		return;

	sip_ctrans_abort_hop(hop->sip, hop, err);
	sip_hop_close(hop);
}


void sip_hop_use(struct sip_hop *base, struct sip_hop *hop)
{
	if (base->active)
		base->active->base = NULL;

	base->active = hop;
	if (hop)
		hop->base = base;
}


struct sip_hop *sip_hop_active(struct sip_hop *hop)
{
	return hop->active ? hop->active : hop;
}


void sip_hop_set_ports(struct sip_hop *hop, uint16_t port_ps, uint16_t port_pc)
{
	/* a connection to the port before leads nowhere */
	if (hop->prm.peer.port != port_ps)
		sip_flow_fail(hop->sip, hop->flow_conn, ECONNRESET);

	hop->prm.peer.port = port_ps;
	hop->prm.port_pc = port_pc;
}


void sip_hop_expect(struct sip_hop *hop)
{
	hop->expecting = true;
}


void sip_hop_heard(struct sip_hop *hop)
{
	if (!hop->expecting)
		return;

	hop->expecting = false;
	notify(hop, SIP_HOP_HEARD, 0);
}


void sip_hop_doubt(struct sip_hop *hop, int err)
{
	notify(hop, SIP_HOP_DOUBT, err);
}


bool sip_hop_is_busy(const struct sip_hop *hop)
{
	const struct sip *sip = hop->sip;
	unsigned i;

	for (i = 0; sip && i < UE_CTRANS_MAX; i++) {
		if (sip->ctransv[i].state != SIP_CT_FREE &&
		    sip->ctransv[i].hop == hop)
			return true;
	}

	for (i = 0; sip && i < UE_STRANS_MAX; i++) {
		if (sip->stransv[i].state != SIP_ST_FREE &&
		    sip->stransv[i].hop == hop)
			return true;
	}

	return false;
}


/* ------------------------------------------------------------------ */
/* Send */


static int send_tcp(struct sip_hop *hop, const char *msg, size_t len)
{
	int err;

	err = hop_connect(hop);
	if (err)
		return err;

	if (!hop->sip->flowv[hop->flow_conn].up)
		return ENOTCONN;

	return sip_flow_send(hop, hop->flow_conn, NULL, msg, len);
}


int sip_hop_send(struct sip_hop *hop, enum ue_transport transport,
		 const char *msg, size_t len)
{
	if (transport == UE_TRANSPORT_TCP)
		return send_tcp(hop, msg, len);

	/* TS 33.203 7.1: UDP leaves from the client port */
	return sip_flow_send(hop, hop->flow_uc, &hop->prm.peer, msg, len);
}


/* ------------------------------------------------------------------ */
/* Keep-alive */


/* The P-CSCF does not reach us any more: tell the user.  The port itself is in
   order and stays open */
static void udp_failed(struct sip_hop *hop, int err)
{
	memset(&hop->mapped, 0, sizeof(hop->mapped));
	hop->stun_sent = 0;
	ue_timer_cancel(hop->sip->timers, &hop->pong);
	notify(hop, SIP_HOP_DOWN, err);
}


static void pong_h(void *arg);


/* RFC 5389 s7.2.1: after RTO, 2*RTO ... ; after the last one 16*RTO */
static void stun_send(struct sip_hop *hop)
{
	struct sip *sip = hop->sip;
	uint8_t req[SIP_STUN_HEADER];
	uint32_t wait_ms;

	sip_stun_request(req, hop->stun_id);
	(void)sip->port->flow_send(sip->port->arg, (unsigned)hop->flow_uc,
				   &hop->prm.peer, req, sizeof(req));

	wait_ms = ++hop->stun_sent < STUN_TIMES
		? (uint32_t)STUN_RTO_MS << (hop->stun_sent - 1)
		: 16 * STUN_RTO_MS;
	ue_timer_start(sip->timers, &hop->pong, wait_ms, pong_h, hop);
}


/* RFC 5626 s4.4.1, s4.4.2: no answer, the flow has failed */
static void pong_h(void *arg)
{
	struct sip_hop *hop = arg;

	if (hop->keepalive_transport != UE_TRANSPORT_UDP)
		sip_flow_fail(hop->sip, hop->flow_conn, ETIMEDOUT);
	else if (hop->stun_sent < STUN_TIMES && hop->flow_uc >= 0)
		stun_send(hop);
	else
		udp_failed(hop, ETIMEDOUT);
}


/* RFC 5626 s4.4.2: another address than before is a failed flow */
void sip_hop_stun(struct sip_hop *hop, const void *data, size_t len)
{
	struct ue_addr mapped;

	if (!hop->stun_sent ||
	    hop->keepalive_transport != UE_TRANSPORT_UDP)
		return;

	/* an error response, too, shows that the P-CSCF is there */
	switch (sip_stun_response(&mapped, data, len, hop->stun_id)) {

	case 0:
		break;

	case EACCES:
		memset(&mapped, 0, sizeof(mapped));
		break;

	default:
		return;
	}

	hop->stun_sent = 0;
	ue_timer_cancel(hop->sip->timers, &hop->pong);

	if (mapped.family && hop->mapped.family &&
	    !ue_addr_equal(&mapped, &hop->mapped))
		udp_failed(hop, ENETRESET);
	else
		hop->kept = true;

	if (mapped.family)
		hop->mapped = mapped;
}


void sip_hop_pong(struct sip_hop *hop, int8_t flow)
{
	if (flow != hop->flow_conn)
		return;

	ue_timer_cancel(hop->sip->timers, &hop->pong);
	hop->kept = true;
}


static void keepalive_h(void *arg);


/* RFC 5626 s4.4, RFC 6223 s4.4: at random between 80 and 100 % */
static void keepalive_next(struct sip_hop *hop)
{
	const uint64_t full = (uint64_t)hop->keepalive_s * 1000;
	uint32_t r = 0;

	(void)sip_random_u32(hop->sip, &r);

	ue_timer_start(hop->sip->timers, &hop->keepalive,
		       full - full / 5 * (r >> 16) / UINT16_MAX, keepalive_h,
		       hop);
}


static void keepalive_h(void *arg)
{
	struct sip_hop *hop = arg;
	struct sip *sip = hop->sip;
	const bool tcp = hop->keepalive_transport == UE_TRANSPORT_TCP;
	const int8_t flow = tcp ? hop->flow_conn : hop->flow_uc;

	keepalive_next(hop);

	if (flow < 0 || !sip->flowv[flow].up)
		return;

	if (ue_timer_running(&hop->pong))
		return;

	if (!tcp) {
		if (!sip->port->random(sip->port->arg, hop->stun_id,
				       sizeof(hop->stun_id))) {
			hop->stun_sent = 0;
			stun_send(hop);
		}
		return;
	}

	/* what there is no room for is not answered */
	if (!sip_flow_keepalive(hop, flow, "\r\n\r\n", 4))
		ue_timer_start(sip->timers, &hop->pong, PONG_MS, pong_h, hop);
}


void sip_hop_keepalive(struct sip_hop *hop, enum ue_transport transport,
		       uint32_t interval_s)
{
	if (!hop->sip ||
	    (interval_s && interval_s == hop->keepalive_s &&
	     transport == hop->keepalive_transport))
		return;

	hop->keepalive_transport = (uint8_t)transport;
	hop->keepalive_s = interval_s;
	hop->stun_sent = 0;
	ue_timer_cancel(hop->sip->timers, &hop->keepalive);
	ue_timer_cancel(hop->sip->timers, &hop->pong);

	if (interval_s)
		keepalive_next(hop);
}
