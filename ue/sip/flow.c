/**
 * @file flow.c  SIP flows: octets to and from the sockets of the port
 *
 * A TCP connection of a hop (a star: a part of a message is there; NAME(*) =
 * with a star or without; ACCEPTED: the P-CSCF has made it, the others we)
 *
 *   state          event        action                       next
 *   ---------------------------------------------------------------------
 *   CLOSED         request      open                         CONNECTING
 *                  response     open (RFC 3261 18.2.2)       CONNECTING
 *                  accept       -                            ACCEPTED
 *   CONNECTING     up           send, tell UP                UP
 *                  end, reset   TU error, tell DOWN          CLOSED
 *                  F, other F   close, TU error, tell DOWN   CLOSED
 *                  other port   close, TU error, tell DOWN   CLOSED
 *                  hop closes   close                        CLOSED
 *   UP(*),         request      send                         -
 *   PINGED(*)      response     send                         -
 *                  full         send (after T1)              -
 *                  broken       close, TU error, tell DOWN   CLOSED
 *                  bad          close, TU error, tell DOWN   CLOSED
 *                  end, reset   TU error, tell DOWN          CLOSED
 *                  F            close, TU error, tell DOWN   CLOSED
 *                  other F      TU error, tell DOUBT         -
 *                  other port   close, TU error, tell DOWN   CLOSED
 *                  hop closes   close                        CLOSED
 *   UP             keep-alive   ping (RFC 5626 4.4.1)        PINGED
 *                  part         -                            UP*
 *   UP*            keep-alive   ping                         PINGED*
 *                  rest         TU request                   UP
 *   PINGED         pong         -                            UP
 *                  part         -                            PINGED*
 *   PINGED*        rest         TU request                   PINGED
 *   PINGED(*)      10 s         close, TU error, tell DOWN   CLOSED
 *   UP, PINGED,    message      TU request                   -
 *   ACCEPTED       ping         pong                         -
 *   ACCEPTED(*)    request      open (another one)           -
 *                  response     send                         -
 *                  full         send (after T1)              -
 *                  broken       close, open                  CONNECTING
 *                  bad          close                        CLOSED
 *                  end, reset   -                            CLOSED
 *                  hop closes   close                        CLOSED
 *   ACCEPTED       part         -                            ACCEPTED*
 *   ACCEPTED*      rest         TU request                   ACCEPTED
 *
 * up: connected; F: a REGISTER has no answer in 64*T1, other F: another
 * request, which may wait for somebody behind the P-CSCF (RFC 4320 4.2);
 * full, broken: the port takes nothing (EAGAIN, ECONNRESET); bad: what cannot
 * be delimited (RFC 3261 18.3); other port: that of the P-CSCF, with a new set
 * of associations.  TU error: a request that waits for its answer is told.
 * Nothing happens when another set takes over (sip_hop_use()) before the hop
 * closes, nor in any other pair of state and event.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

/** Connections that one hop's P-CSCF may have open; the oldest one gives way
 *  (a peer that was restarted does not close what it has forgotten) */
#define ACCEPTED_MAX 2


static struct sip_flow *flow_get(struct sip *sip, unsigned flow)
{
	if (flow >= UE_FLOWS_MAX || !sip->flowv[flow].kind)
		return NULL;

	return &sip->flowv[flow];
}


static int8_t flow_alloc(struct sip_hop *hop, enum ue_flow_kind kind)
{
	struct sip *sip = hop->sip;
	unsigned i;

	for (i = 0; i < UE_FLOWS_MAX; i++) {

		struct sip_flow *fl = &sip->flowv[i];
		const uint8_t gen = fl->gen;

		if (fl->kind)
			continue;

		memset(fl, 0, sizeof(*fl));
		fl->kind = (uint8_t)kind;
		fl->gen = (uint8_t)(gen + 1);
		fl->hop = hop;
		fl->up = kind != UE_FLOW_CONNECT;

		return (int8_t)i;
	}

	++sip->stats.no_memory;

	return -1;
}


static void flow_free(struct sip *sip, struct sip_flow *fl)
{
	sip_store_free(&sip->store, &fl->part);
	sip_store_free(&sip->store, &fl->wire);
	fl->kind = 0;
	fl->up = false;
	fl->hop = NULL;
}


bool sip_flow_is(const struct sip *sip, int8_t flow, uint8_t gen)
{
	return flow >= 0 && sip->flowv[flow].kind &&
		sip->flowv[flow].gen == gen;
}


int sip_flow_open(int8_t *flow, struct sip_hop *hop, enum ue_flow_kind kind,
		  const struct ue_addr *local)
{
	struct sip *sip = hop->sip;
	struct ue_flow_params prm;
	struct ue_addr used = *local;
	struct sip_flow *fl;
	int8_t n;
	uint8_t gen;
	int err;

	n = flow_alloc(hop, kind);
	if (n < 0)
		return ENOMEM;

	fl = &sip->flowv[n];
	gen = fl->gen;
	fl->remote = hop->prm.peer;
	fl->local = *local;
	*flow = n;

	memset(&prm, 0, sizeof(prm));
	prm.kind = kind;
	prm.local = *local;
	prm.remote = hop->prm.peer;
	prm.protect = hop->prm.protect;

	err = sip->port->flow_open(sip->port->arg, (unsigned)n, &prm, &used);

	/* the port may have called sip_flow_closed() already */
	if (!sip_flow_is(sip, n, gen))
		return err ? err : ECONNREFUSED;

	if (err) {
		flow_free(sip, fl);
		*flow = -1;
		return err;
	}

	fl->local = used;

	return 0;
}


void sip_flow_shut(struct sip *sip, int8_t flow)
{
	if (flow < 0 || !sip->flowv[flow].kind)
		return;

	flow_free(sip, &sip->flowv[flow]);
	sip->port->flow_close(sip->port->arg, (unsigned)flow);
}


void sip_flow_fail(struct sip *sip, int8_t flow, int err)
{
	if (flow < 0)
		return;

	sip_flow_shut(sip, flow);
	sip_hop_flow_lost(sip, flow, true, err);
}


static void trace(struct sip *sip, bool sent, const struct sip_flow *fl,
		  const struct ue_addr *remote, const char *msg, size_t len,
		  size_t wire_len)
{
	struct ue_trace t;

	if (!sip->port->trace)
		return;

	t.sent = sent;
	t.transport = fl->kind == UE_FLOW_DATAGRAM ? UE_TRANSPORT_UDP
		: UE_TRANSPORT_TCP;
	t.local = fl->local;
	t.remote = *remote;
	t.msg = msg;
	t.len = len;
	t.wire_len = wire_len;

	sip->port->trace(sip->port->arg, &t);
}


static int wire_send(struct sip_hop *hop, int8_t flow,
		     const struct ue_addr *dst, const void *wire, size_t len)
{
	const struct ue_port *port = hop->sip->port;
	const struct sip_filter *f = hop->filter;
	int err;

	err = port->flow_send(port->arg, (unsigned)flow, dst, wire, len);
	if (f && f->sent)
		f->sent(f->arg, (unsigned)flow, err);

	return err;
}


int sip_flow_send(struct sip_hop *hop, int8_t flow,
		  const struct ue_addr *dst, const char *msg, size_t len)
{
	struct sip *sip = hop->sip;
	struct sip_flow *fl;
	const void *wire = msg;
	size_t wire_len = len;
	int err = ENOTCONN;

	if (flow < 0 || !sip->flowv[flow].kind)
		goto out;

	fl = &sip->flowv[flow];

	if (hop->filter) {
		err = hop->filter->encode(hop->filter->arg, (unsigned)flow,
					  msg, len, &wire, &wire_len);
		if (err)
			goto out;
	}

	if (fl->kind != UE_FLOW_DATAGRAM)
		dst = &fl->remote;

	err = wire_send(hop, flow, dst, wire, wire_len);
	if (err && err != EAGAIN && err != EMSGSIZE &&
	    fl->kind != UE_FLOW_DATAGRAM) {
		err = ECONNRESET;
		sip_flow_fail(sip, flow, err);
	}
	if (err)
		goto out;

	++sip->stats.tx_messages;
	trace(sip, true, fl, dst, msg, len, wire_len);

 out:
	if (err)
		++sip->stats.tx_failed;

	return err;
}


int sip_flow_keepalive(struct sip_hop *hop, int8_t flow, const char *data,
		       size_t len)
{
	const struct sip_filter *f = hop->filter;
	const void *wire = data;
	int err = 0;

	if (f)
		err = f->encode(f->arg, (unsigned)flow, data, len, &wire,
				&len);

	return err ? err : wire_send(hop, flow, NULL, wire, len);
}


/* ------------------------------------------------------------------ */
/* Received octets */


/* Still the same flow and hop?  A handler may have closed them */
static bool src_is_live(const struct sip_src *src)
{
	return sip_flow_is(src->sip, (int8_t)src->flow, src->flow_gen) &&
		sip_hop_is_live(src->sip, src->hop);
}


/* The stream is of no use any more */
static void stream_fail(const struct sip_src *src, int err)
{
	if (sip_flow_is(src->sip, (int8_t)src->flow, src->flow_gen))
		sip_flow_fail(src->sip, (int8_t)src->flow, err);
}


static void datagram_recv(const struct sip_src *src, char *buf, size_t len)
{
	struct sip *sip = src->sip;
	const size_t wire_len = src->wire_len ? src->wire_len : len;
	size_t i = 0;

	/* RFC 5626 s8: SIP begins with a letter, STUN does not */
	if (sip_stun_is(buf, len)) {
		++sip->stats.rx_keepalive;
		sip_hop_stun(src->hop, buf, len);
		return;
	}

	/* RFC 3261 s7.5: CRLF before a start line is ignored */
	while (i < len && (buf[i] == '\r' || buf[i] == '\n'))
		++i;

	if (i == len) {
		++sip->stats.rx_keepalive;
		return;
	}

	trace(sip, false, &sip->flowv[src->flow], &src->addr, buf + i,
	      len - i, wire_len);

	if (len - i > UE_SIP_MSG_MAX)
		sip_recv_oversize(src, buf + i, len - i);
	else
		sip_recv(src, buf + i, len - i, SIP_FRAMING_DATAGRAM);
}


/* One frame of a stream.  RFC 5626 s3.5.1 */
static void frame_recv(const struct sip_src *src, enum sip_frame kind,
		       char *buf, size_t len)
{
	struct sip *sip = src->sip;

	switch (kind) {

	case SIP_FRAME_PING:
		++sip->stats.rx_keepalive;
		(void)sip_flow_keepalive(src->hop, (int8_t)src->flow, "\r\n",
					 2);
		break;

	case SIP_FRAME_PONG:
		++sip->stats.rx_keepalive;
		sip_hop_pong(src->hop, (int8_t)src->flow);
		break;

	case SIP_FRAME_MSG:
		trace(sip, false, &sip->flowv[src->flow], &src->addr, buf,
		      len, src->wire_len ? src->wire_len : len);
		sip_recv(src, buf, len, SIP_FRAMING_STREAM);
		break;
	}
}


/**
 * Take all whole messages from the octets of a stream
 *
 * @return Octets used up; what is left is an incomplete message, or the
 *         stream is closed
 */
static size_t frames_recv(const struct sip_src *src, char *buf, size_t len)
{
	struct sip *sip = src->sip;
	size_t pos = 0;

	while (pos < len) {

		enum sip_frame kind = SIP_FRAME_MSG;
		size_t n = 0;
		int err;

		err = sip_msg_frame(&n, &kind, buf + pos, len - pos,
				    UE_SIP_MSG_MAX);
		if (err == EAGAIN)
			break;

		if (err) {
			if (err == EOVERFLOW)
				sip_recv_oversize(src, buf + pos, len - pos);
			else
				++sip->stats.rx_malformed;

			stream_fail(src, err);
			break;
		}

		frame_recv(src, kind, buf + pos, n);
		pos += n;

		if (!src_is_live(src))
			break;
	}

	return pos;
}


/* May the flow with this message have one?  Streams of which a part has come
   leave room for what else is kept */
static bool may_gather(const struct sip *sip, const struct sip_stored *m)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++) {

		const struct sip_flow *fl = &sip->flowv[i];

		if (m == &fl->part || m == &fl->wire)
			continue;
		n += fl->part.head || fl->wire.head;
	}

	return n < UE_STREAMS_MAX;
}


int sip_flow_gather(struct sip *sip, struct sip_stored *m, const void *data,
		    size_t len)
{
	if (!len)
		return 0;
	if (len > UE_SIP_MSG_MAX - (size_t)m->len)
		return EOVERFLOW;

	if (!may_gather(sip, m) ||
	    sip_store_append(m, &sip->store, data, len)) {
		++sip->stats.no_memory;
		return ENOMEM;
	}

	return 0;
}


/* Add to the incomplete message of the flow and see what is whole now.
   Returns the octets taken */
static size_t stream_fill(const struct sip_src *src, const char *data,
			  size_t len)
{
	struct sip *sip = src->sip;
	struct sip_flow *fl = &sip->flowv[src->flow];
	const size_t room = UE_SIP_MSG_MAX - fl->part.len;
	const size_t n = len < room ? len : room;
	struct sip_stored m;
	size_t used;

	if (sip_flow_gather(sip, &fl->part, data, n)) {
		stream_fail(src, ENOMEM);
		return n;
	}

	/* it outlives the flow while it is read */
	m = fl->part;
	memset(&fl->part, 0, sizeof(fl->part));
	sip_store_pin(&sip->store, &m, true);
	used = frames_recv(src, sip_store_ptr(&sip->store, &m), m.len);
	sip_store_pin(&sip->store, &m, false);

	if (!src_is_live(src)) {
		sip_store_free(&sip->store, &m);
		return n;
	}

	sip_store_trim(&m, &sip->store, used, m.len - used);
	fl->part = m;

	return n;
}


/* RFC 3261 s18.3: messages in a stream are delimited by Content-Length */
static void stream_recv(const struct sip_src *src, char *data, size_t len)
{
	struct sip_flow *fl = &src->sip->flowv[src->flow];

	while (len && src_is_live(src)) {

		size_t n;

		if (fl->part.head) {
			n = stream_fill(src, data, len);
		}
		else {
			/* most pieces are whole messages: no copy */
			n = frames_recv(src, data, len);
			if (n < len && src_is_live(src)) {
				if (sip_flow_gather(src->sip, &fl->part,
						    data + n, len - n))
					stream_fail(src, ENOMEM);
				break;
			}
		}

		data += n;
		len -= n;
	}
}


static void input(const struct sip_src *src, char *buf, size_t len)
{
	if (src->transport == UE_TRANSPORT_UDP)
		datagram_recv(src, buf, len);
	else
		stream_recv(src, buf, len);
}


static void filter_recv(struct sip_src *src, uint8_t *data, size_t len)
{
	struct sip *sip = src->sip;
	const struct sip_filter *f = src->hop->filter;
	struct sip_filter_rx rx = {
		.flow = src->flow, .from = &src->addr,
		.data = data, .len = len
	};

	while (src_is_live(src) && src->hop->filter == f) {

		int err;

		rx.wire_len = 0;
		err = f->decode(f->arg, &rx);
		if (err == EAGAIN)
			break;

		if (err) {
			++sip->stats.rx_filtered;
			if (src->transport == UE_TRANSPORT_TCP)
				stream_fail(src, err);
			break;
		}

		src->wire_len = rx.wire_len;
		input(src, (char *)rx.out, rx.out_len);
		if (f->done)
			f->done(f->arg);
		rx.len = 0;
	}
}


int sip_flow_recv(struct sip *sip, unsigned flow, const struct ue_addr *src,
		  uint8_t *data, size_t len)
{
	struct sip_flow *fl = flow_get(sip, flow);
	struct sip_src s;

	if (!fl || fl->kind == UE_FLOW_LISTEN)
		return EINVAL;

	memset(&s, 0, sizeof(s));
	s.sip = sip;
	s.flow = (uint8_t)flow;
	s.flow_gen = fl->gen;
	if (fl->kind == UE_FLOW_DATAGRAM) {
		if (!src)
			return EINVAL;
		s.transport = UE_TRANSPORT_UDP;
		s.addr = *src;
		s.hop = sip_hop_find(sip, (int8_t)flow, src);
	}
	else {
		s.transport = UE_TRANSPORT_TCP;
		s.addr = fl->remote;
		s.hop = fl->hop;
	}

	/* a protected port: not from the other end of an association */
	if (!s.hop) {
		++sip->stats.rx_filtered;
		return 0;
	}

	if (s.hop->filter)
		filter_recv(&s, data, len);
	else
		input(&s, (char *)data, len);

	return 0;
}


/* ------------------------------------------------------------------ */
/* Connections */


void sip_flow_connected(struct sip *sip, unsigned flow)
{
	struct sip_flow *fl = flow_get(sip, flow);

	if (!fl || fl->kind != UE_FLOW_CONNECT || fl->up)
		return;

	fl->up = true;
	sip_hop_up(fl->hop);
}


/* Make room where a hop has ACCEPTED_MAX already */
static void accepted_limit(struct sip *sip, const struct sip_hop *hop)
{
	int8_t oldest = -1;
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++) {

		const struct sip_flow *fl = &sip->flowv[i];

		if (fl->kind != UE_FLOW_ACCEPTED || fl->hop != hop)
			continue;

		++n;
		if (oldest < 0 || (int16_t)(fl->seq -
				   sip->flowv[oldest].seq) < 0)
			oldest = (int8_t)i;
	}

	if (n >= ACCEPTED_MAX)
		sip_flow_shut(sip, oldest);
}


int sip_flow_accepted(struct sip *sip, unsigned listener,
		      const struct ue_addr *remote, unsigned *flow)
{
	struct sip_flow *fl = flow_get(sip, listener);
	struct sip_hop *hop;
	int8_t n;

	if (!fl || fl->kind != UE_FLOW_LISTEN)
		return EINVAL;

	/* only a P-CSCF of ours has a reason to connect: nobody else may use
	   up the flows */
	hop = sip_hop_find(sip, (int8_t)listener, remote);
	if (!hop || !ue_addr_same_ip(&hop->prm.peer, remote))
		return EINVAL;

	accepted_limit(sip, hop);

	n = flow_alloc(hop, UE_FLOW_ACCEPTED);
	if (n < 0)
		return ENOMEM;

	sip->flowv[n].local = fl->local;
	sip->flowv[n].remote = *remote;
	sip->flowv[n].seq = ++sip->accept_seq;
	*flow = (unsigned)n;

	return 0;
}


void sip_flow_closed(struct sip *sip, unsigned flow, int err)
{
	struct sip_flow *fl = flow_get(sip, flow);
	bool was_up;

	if (!fl)
		return;

	was_up = fl->up;
	flow_free(sip, fl);
	sip_hop_flow_lost(sip, (int8_t)flow, was_up, err);
}
