/**
 * @file flow.c  FreeRTOS port: UDP ports, TCP listeners and connections
 *
 * lwIP's callbacks only note what has come. freertos_flow_deliver() hands it
 * to the UE afterwards, so that the UE may open and close flows as it likes
 * without lwIP in the middle of one.
 */
#include <errno.h>
#include <string.h>
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <lwip/udp.h>
#include <mbedtls/sha1.h>
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"
#include "ports/freertos/lwip_addr.h"
#include "ports/freertos/lwip_hooks.h"


/** Half seconds until a connection that found no room tries again */
#define TCP_LOOKS_AGAIN 2

/** Half seconds for what is still to be sent when a connection is closed */
#define TCP_GIVES_UP 60

/** Of lwIP's heap: a segment beside its octets, and all of a message of SIP
 *  over TCP, which MSRP leaves free; as many segments, too. A peer may want
 *  the smallest (RFC 1122 s4.2.2.6) */
#define SEGMENT_EXTRA 112
#define SIP_SEGMENTS  (UE_SIP_MSG_MAX / 536 + 1)
#define SIP_HEAP      (UE_SIP_MSG_MAX + SIP_SEGMENTS * SEGMENT_EXTRA + \
		       TCP_OVERSIZE)

/** One piece on its way to the UE: the largest datagram of a P-CSCF */
static uint8_t piece[UE_SIP_MSG_MAX + 512];

_Static_assert(sizeof(piece) >= TCP_MSS, "piece holds a segment");

static struct freertos_port *port;


static int errno_of(err_t err)
{
	switch (err) {

	case ERR_OK:    return 0;
	case ERR_MEM:
	case ERR_BUF:   return ENOMEM;
	case ERR_USE:   return EADDRINUSE;
	case ERR_RTE:   return ENETUNREACH;
	case ERR_RST:
	case ERR_ABRT:  return ECONNRESET;
	case ERR_CLSD:
	case ERR_CONN:  return ENOTCONN;
	default:        return EIO;
	}
}


static void *flow_arg(unsigned num)
{
	return &port->flowv[num];
}


static unsigned flow_num(const struct freertos_flow *f)
{
	return (unsigned)(f - port->flowv);
}


/**
 * RFC 6528 s3: ISN = M + F(localip, localport, remoteip, remoteport,
 * secretkey). lwIP's own can be guessed, so that anybody could speak TCP in
 * the name of the P-CSCF
 */
u32_t flow_lwip_isn(const ip_addr_t *local, u16_t local_port,
		    const ip_addr_t *remote, u16_t remote_port)
{
	/* RFC 793 s3.3: the clock ticks every 4 microseconds */
	const uint32_t m = (uint32_t)freertos_now_ms() * 250;
	static uint32_t secret[4];
	struct {
		uint32_t secret[4];
		struct ue_addr local, remote;
	} in;
	uint32_t hash[5];

	for (unsigned i = 0; i < 4 && !secret[i]; i++)
		secret[i] = port_random_u32();
	memcpy(in.secret, secret, sizeof(in.secret));
	lwip_addr_get(&in.local, local, local_port);
	lwip_addr_get(&in.remote, remote, remote_port);
	if (mbedtls_sha1_ret((const uint8_t *)&in, sizeof(in),
			     (uint8_t *)hash))
		return port_random_u32();

	return m + hash[0];
}


/* ------------------------------------------------------------------ */
/* What lwIP says */


static void udp_received(void *arg, struct udp_pcb *pcb, struct pbuf *p,
			 const ip_addr_t *addr, u16_t remote_port)
{
	struct freertos_flow *f = arg;
	struct freertos_datagram *d;

	(void)pcb;

	if (port->dgram_count == FREERTOS_DATAGRAMS) {
		++port->rx_lost;
		(void)pbuf_free(p);
		return;
	}

	d = &port->dgramv[(port->dgram_head + port->dgram_count++) %
			  FREERTOS_DATAGRAMS];
	if (port->dgram_count > port->dgram_peak)
		port->dgram_peak = port->dgram_count;
	d->p    = p;
	d->flow = (uint8_t)flow_num(f);
	lwip_addr_get(&d->src, addr, remote_port);
}


static err_t tcp_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p,
			  err_t err)
{
	struct freertos_flow *f = arg;

	(void)pcb;
	(void)err;

	if (!p)
		f->closed = true;
	else if (f->rx)
		pbuf_cat(f->rx, p);
	else
		f->rx = p;

	return ERR_OK;
}


/* the pcb is gone already */
static void tcp_failed(void *arg, err_t err)
{
	struct freertos_flow *f = arg;

	f->tcp    = NULL;
	f->closed = true;
	f->err    = errno_of(err);
}


/* lwIP 2.1.3: when what is to be sent again is acknowledged while the window
   is shut, its persist timer goes on with nothing to send, and asserts */
static void persist_ends(struct tcp_pcb *pcb)
{
	if (!pcb->unsent)
		pcb->persist_backoff = 0;
}


static err_t tcp_has_room(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	struct freertos_flow *f = arg;

	(void)len;
	persist_ends(pcb);
	f->room = f->full;

	return ERR_OK;
}


/* Nothing of ours may be on its way whose acknowledgement would tell: the
   heap was full of other connections' octets */
static err_t tcp_looks_again(void *arg, struct tcp_pcb *pcb)
{
	return tcp_has_room(arg, pcb, 0);
}


static void tcp_is_of(struct tcp_pcb *pcb, struct freertos_flow *f)
{
	tcp_arg(pcb, f);
	tcp_recv(pcb, tcp_received);
	tcp_err(pcb, tcp_failed);
	tcp_sent(pcb, tcp_has_room);
	tcp_poll(pcb, tcp_looks_again, TCP_LOOKS_AGAIN);
	/* RFC 1122 s4.2.3.4: an ACK may be half a second away */
	tcp_nagle_disable(pcb);
}


static err_t tcp_is_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct freertos_flow *f = arg;

	(void)err;
	guard_connection(pcb);
	f->connected = true;

	return ERR_OK;
}


/* A connection that has no number yet: its octets wait at the listener, which
   has none of its own */
static void accepted_failed(void *arg, err_t err)
{
	struct freertos_flow *f = arg;

	(void)err;
	f->accepted = NULL;
	f->closed   = false;
	if (f->rx)
		(void)pbuf_free(f->rx);
	f->rx = NULL;
}


static err_t tcp_is_accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct freertos_flow *f = arg;

	if (err != ERR_OK)
		return err;

	f->accepted = pcb;
	pcb->prio = TCP_PRIO_NORMAL;
	guard_connection(pcb);
	tcp_backlog_delayed(pcb);
	tcp_recv(pcb, tcp_received);
	tcp_err(pcb, accepted_failed);

	return ERR_OK;
}


/* ------------------------------------------------------------------ */
/* struct ue_port */


static void flow_drop_datagrams(unsigned num)
{
	unsigned i, kept = 0;

	for (i = 0; i < port->dgram_count; i++) {
		struct freertos_datagram d = port->dgramv[
			(port->dgram_head + i) % FREERTOS_DATAGRAMS];

		if (d.flow == num)
			(void)pbuf_free(d.p);
		else
			port->dgramv[(port->dgram_head + kept++) %
				     FREERTOS_DATAGRAMS] = d;
	}
	port->dgram_count = kept;
}


/* A peer that takes nothing, or next to nothing, and says so when it is asked,
   would keep memory for ever.  arg: when it was closed */
static err_t tcp_gives_up(void *arg, struct tcp_pcb *pcb)
{
	if (tcp_ticks - (u32_t)(uintptr_t)arg < TCP_GIVES_UP)
		return ERR_OK;

	tcp_abort(pcb);

	return ERR_ABRT;
}


static err_t tcp_took(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	(void)arg;
	(void)len;
	persist_ends(pcb);

	return ERR_OK;
}


static void tcp_end(struct tcp_pcb *pcb)
{
	if (pcb->state != LISTEN) {
		tcp_arg(pcb, (void *)(uintptr_t)tcp_ticks);
		/* who needs its place takes it */
		tcp_setprio(pcb, TCP_PRIO_MIN);
		tcp_recv(pcb, NULL);
		tcp_err(pcb, NULL);
		tcp_sent(pcb, tcp_took);
		tcp_poll(pcb, tcp_gives_up, 1);
		/* lwIP resets what has not been read, and sends nothing */
		tcp_recved(pcb, TCP_WND);
	}
	if (tcp_close(pcb) != ERR_OK)
		tcp_abort(pcb);
}


static void flow_close(void *arg, unsigned num)
{
	struct freertos_flow *f = flow_arg(num);

	(void)arg;

	if (f->udp) {
		udp_remove(f->udp);
		flow_drop_datagrams(num);
	}
	if (f->accepted)
		tcp_abort(f->accepted);
	if (f->tcp && f->protect && f->kind == UE_FLOW_CONNECT) {
		/* TS 33.203 7.1: the next one has the same four numbers */
		tcp_abort(f->tcp);
	}
	else if (f->tcp) {
		tcp_end(f->tcp);
	}
	if (f->rx)
		(void)pbuf_free(f->rx);

	memset(f, 0, sizeof(*f));
}


static int udp_open(struct freertos_flow *f, const ip_addr_t *ip,
		    uint16_t local_port, struct netif *only)
{
	int err;

	f->udp = udp_new_ip_type(IP_GET_TYPE(ip));
	if (!f->udp)
		return ENOMEM;

	err = errno_of(udp_bind(f->udp, ip, local_port));
	if (err) {
		udp_remove(f->udp);
		f->udp = NULL;
		return err;
	}
	if (only)
		udp_bind_netif(f->udp, only);
	udp_recv(f->udp, udp_received, f);

	return 0;
}


static int tcp_open(struct freertos_flow *f, const ip_addr_t *ip,
		    const struct ue_flow_params *prm, struct netif *only)
{
	struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(ip)), *lpcb;
	ip_addr_t remote;
	err_t err;

	if (!pcb)
		return ENOMEM;

	/* a protected port is used again for the next connection */
	ip_set_option(pcb, SOF_REUSEADDR);
	err = tcp_bind(pcb, ip, prm->local.port);
	if (err != ERR_OK)
		goto out;
	if (only)
		tcp_bind_netif(pcb, only);

	if (prm->kind == UE_FLOW_LISTEN) {
		/* who has only begun gives way to connections of ours */
		pcb->prio = TCP_PRIO_MIN + 1;
		lpcb = tcp_listen_with_backlog_and_err(
			pcb, TCP_DEFAULT_LISTEN_BACKLOG, &err);
		if (!lpcb)
			goto out;
		f->tcp = lpcb;
		tcp_arg(lpcb, f);
		tcp_accept(lpcb, tcp_is_accepted);
		return 0;
	}

	tcp_is_of(pcb, f);
	lwip_addr_set(&remote, &prm->remote);
	err = tcp_connect(pcb, &remote, prm->remote.port, tcp_is_connected);
	if (err != ERR_OK)
		goto out;
	f->tcp = pcb;

	return 0;

 out:
	tcp_abort(pcb);
	/* says tcp_failed(), of a flow that there never was */
	memset(f, 0, sizeof(*f));

	return errno_of(err);
}


static int flow_open(void *arg, unsigned num,
		     const struct ue_flow_params *prm, struct ue_addr *local)
{
	struct freertos_flow *f = flow_arg(num);
	struct netif *only = prm->protect ? esp_netif() : NULL;
	struct ue_addr addr = prm->local;
	ip_addr_t ip;
	int err;

	(void)arg;

	if (!addr.family)
		addr = prm->remote.family == 6 ? port->net.ip6 :
			port->net.ip4;
	if (!addr.family)
		return EADDRNOTAVAIL;
	addr.port = prm->local.port;
	lwip_addr_set(&ip, &addr);

	memset(f, 0, sizeof(*f));
	if (prm->kind == UE_FLOW_DATAGRAM)
		err = udp_open(f, &ip, addr.port, only);
	else
		err = tcp_open(f, &ip, prm, only);
	if (err)
		return err;

	f->kind = (uint8_t)prm->kind;
	f->protect = prm->protect;
	addr.port = f->udp ? f->udp->local_port : f->tcp->local_port;
	*local = addr;

	return 0;
}


static int send_datagram(struct freertos_flow *f, const struct ue_addr *dst,
			 const void *data, size_t len)
{
	ip_addr_t ip;
	struct pbuf *p;
	err_t err;

	p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
	if (!p)
		return EAGAIN;
	(void)pbuf_take(p, data, (u16_t)len);

	lwip_addr_set(&ip, dst);
	err = udp_sendto(f->udp, p, &ip, dst->port);
	(void)pbuf_free(p);

	/* ERR_BUF: the controller has no room for the frame */
	return err == ERR_MEM || err == ERR_BUF ? EAGAIN : errno_of(err);
}


static int flow_send(void *arg, unsigned num, const struct ue_addr *dst,
		     const void *data, size_t len)
{
	struct freertos_flow *f = flow_arg(num);
	err_t err;

	(void)arg;

	if (f->udp)
		return send_datagram(f, dst, data, len);
	/* RFC 9293 s3.6: who sends no more may still want an answer */
	if (!f->tcp)
		return ENOTCONN;
	if (len > TCP_SND_BUF)
		return EMSGSIZE;
	if (tcp_sndbuf(f->tcp) < len)
		return EAGAIN;

	err = tcp_write(f->tcp, data, (u16_t)len, TCP_WRITE_FLAG_COPY);
	if (err == ERR_OK)
		(void)tcp_output(f->tcp);

	return err == ERR_MEM ? EAGAIN : errno_of(err);
}


/* What MSRP may take of the heap for one segment */
static size_t segment_room(void)
{
	const size_t kept = SIP_HEAP + SEGMENT_EXTRA + TCP_OVERSIZE +
		lwip_stats.mem.used;

	if (lwip_stats.memp[MEMP_TCP_SEG]->used + SIP_SEGMENTS >=
	    MEMP_NUM_TCP_SEG)
		return 0;

	return kept < MEM_SIZE ? min(MEM_SIZE - kept, (size_t)TCP_MSS) : 0;
}


/* As much of the pieces as there is room for: lwIP copies it */
static size_t flow_sendv(void *arg, unsigned num, const struct ue_iov *iov,
			 unsigned n)
{
	struct freertos_flow *f = flow_arg(num);
	size_t took = 0, pos, len;
	unsigned i;

	(void)arg;

	if (!f->tcp)
		return 0;

	for (i = 0; i < n; i++) {
		for (pos = 0; pos < iov[i].len; pos += len) {
			const uint8_t *p = (const uint8_t *)iov[i].data + pos;

			len = min(min(iov[i].len - pos, segment_room()),
				  (size_t)tcp_sndbuf(f->tcp));
			if (!len || tcp_write(f->tcp, p, (u16_t)len,
					      TCP_WRITE_FLAG_COPY) != ERR_OK) {
				f->full = true;
				goto out;
			}
			took += len;
		}
	}

 out:
	(void)tcp_output(f->tcp);

	return took;
}


/* ------------------------------------------------------------------ */
/* To the UE */


/* A datagram that the UE has no room for now is a datagram lost */
static void deliver_datagrams(void)
{
	while (port->dgram_count) {
		struct freertos_datagram d = port->dgramv[port->dgram_head];
		const size_t len = d.p->tot_len;

		/* each may have bytecode that takes its time */
		board_watchdog_feed();
		port->dgram_head = (port->dgram_head + 1) %
			FREERTOS_DATAGRAMS;
		--port->dgram_count;

		if (len && len <= sizeof(piece)) {
			(void)pbuf_copy_partial(d.p, piece, (u16_t)len, 0);
			(void)pbuf_free(d.p);
			if (ue_flow_recv(port->ue, freertos_now_ms(), d.flow,
					 &d.src, piece, len))
				++port->rx_lost;
		}
		else {
			++port->rx_lost;
			(void)pbuf_free(d.p);
		}
	}
}


static void deliver_accepted(struct freertos_flow *f)
{
	struct tcp_pcb *pcb = f->accepted;
	struct freertos_flow *n;
	struct ue_addr remote;
	unsigned num;

	tcp_backlog_accepted(pcb);
	lwip_addr_get(&remote, &pcb->remote_ip, pcb->remote_port);
	if (ue_flow_accepted(port->ue, freertos_now_ms(), flow_num(f),
			     &remote, &num)) {
		/* says accepted_failed() */
		tcp_abort(pcb);
		return;
	}

	n = flow_arg(num);
	memset(n, 0, sizeof(*n));
	n->kind   = UE_FLOW_ACCEPTED;
	n->tcp    = pcb;
	n->rx     = f->rx;
	n->closed = f->closed;
	f->accepted = NULL;
	f->rx       = NULL;
	f->closed   = false;
	tcp_is_of(pcb, n);
}


/* How many octets the UE has taken */
static size_t hand_in(unsigned num, size_t len)
{
	size_t used = 0;

	if (num >= UE_FLOWS_MAX)
		(void)ue_flow_stream(port->ue, freertos_now_ms(), num, piece,
				     len, &used);
	else if (ue_flow_recv(port->ue, freertos_now_ms(), num, NULL, piece,
			      len) != EAGAIN)
		used = len;

	return used;
}


/* @return true when the UE wants to be polled first */
static bool deliver_stream(struct freertos_flow *f)
{
	const unsigned num = flow_num(f);
	/* SIP no more than of one segment: a piece may be full of bytecode,
	   and the time that it takes must have a bound */
	const size_t most = num < UE_FLOWS_MAX ? TCP_MSS : sizeof(piece);

	while (f->rx) {
		const size_t len = min(f->rx->tot_len, most);
		size_t used;

		(void)pbuf_copy_partial(f->rx, piece, (u16_t)len, 0);
		used = hand_in(num, len);
		if (used)
			board_watchdog_feed();

		/* the UE may have closed it, and even opened it again */
		if (!f->rx)
			return false;
		if (f->tcp)
			tcp_recved(f->tcp, (u16_t)used);
		f->rx = pbuf_free_header(f->rx, (u16_t)used);
		if (used < len)
			return true;
		/* a buffer may have no octets */
		if (f->rx && !f->rx->tot_len) {
			(void)pbuf_free(f->rx);
			f->rx = NULL;
		}
	}

	if (f->closed) {
		const int err = f->err;

		flow_close(NULL, num);
		ue_flow_closed(port->ue, freertos_now_ms(), num, err);
	}

	return false;
}


bool freertos_flow_deliver(struct freertos_port *fp)
{
	bool left = false;

	deliver_datagrams();

	for (unsigned i = 0; i < UE_FLOWS_ALL; i++) {
		struct freertos_flow *f = &fp->flowv[i];

		if (f->connected) {
			f->connected = false;
			ue_flow_connected(fp->ue, freertos_now_ms(), i);
		}
		if (f->room) {
			f->room = f->full = false;
			ue_flow_writable(fp->ue, freertos_now_ms(), i);
		}
		if (f->accepted)
			deliver_accepted(f);
		else if (deliver_stream(f))
			left = true;
	}

	return left;
}


/** Buffers of the longest frame */
#define FRAME_BUFS ((BOARD_FRAME_MAX + PBUF_POOL_BUFSIZE - 1) / \
		    PBUF_POOL_BUFSIZE)


/* What waits for its other fragments.  lwIP keeps it for 15 seconds, or 60,
   and up to IP_REASS_MAX_PBUFS for each version: anybody could leave no buffer
   for anything else */
static void shed_fragments(void)
{
	unsigned i;

	if (!lwip_stats.memp[MEMP_REASSDATA]->used &&
	    !lwip_stats.memp[MEMP_IP6_REASSDATA]->used)
		return;

	for (i = 0; i <= IP_REASS_MAXAGE; i++)
		ip_reass_tmr();
	for (i = 0; i <= IPV6_REASS_MAXAGE; i++)
		ip6_reass_tmr();
}


void freertos_flow_shed(struct freertos_port *fp)
{
	static STAT_COUNTER seen;
	const struct stats_mem *pool = lwip_stats.memp[MEMP_PBUF_POOL];
	const STAT_COUNTER lost = pool->err;

	if (lost == seen)
		return;

	seen = lost;
	shed_fragments();
	/* a small one does not protect who keeps the rest */
	if (pool->avail - pool->used >= FRAME_BUFS)
		return;
	for (unsigned i = UE_FLOWS_MAX; i < UE_FLOWS_ALL; i++) {
		/* also one that the peer has reset; what waits at the listener
		   is no connection of the UE yet */
		if (!fp->flowv[i].rx || fp->flowv[i].kind == UE_FLOW_LISTEN)
			continue;
		/* RFC 9293 s3.6.1: a reset says that octets are lost */
		if (fp->flowv[i].tcp)
			tcp_abort(fp->flowv[i].tcp);
		flow_close(NULL, i);
		ue_flow_closed(fp->ue, freertos_now_ms(), i, ENOMEM);
	}
}


void freertos_flow_init(struct freertos_port *fp)
{
	port = fp;
	fp->port.flow_open  = flow_open;
	fp->port.flow_send  = flow_send;
	fp->port.flow_close = flow_close;
	fp->port.flow_sendv = flow_sendv;
}
