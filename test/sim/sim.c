/**
 * @file sim.c  The simulator: clock, packets, connections, events
 *
 * Over 800 lines: both transports and the clock that drives them.
 */
#include <errno.h>
#include <string.h>
#include "test/sim/sim.h"

/** Steps without time passing: somebody runs in circles */
#define SPINS_MAX 10000

/** A lost TCP segment is repeated after, milliseconds */
#define TCP_RTO_MS 400

/** Packets kept for FIN, RST and the like */
#define PACKETS_RESERVE 6


/* ------------------------------------------------------------------ */
/* Random numbers: splitmix64 */


uint64_t sim_splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;

	return z ^ (z >> 31);
}


uint64_t sim_rand(struct sim *sim)
{
	return sim_splitmix(&sim->rng);
}


uint32_t sim_below(struct sim *sim, uint32_t n)
{
	return n ? (uint32_t)((sim_rand(sim) >> 32) * n >> 32) : 0;
}


bool sim_chance(struct sim *sim, unsigned percent)
{
	return percent && sim_below(sim, 100) < percent;
}


/* ------------------------------------------------------------------ */
/* Packets */


static struct sim_packet *packet_new(struct sim *sim, bool reserve)
{
	struct sim_packet *p = NULL;
	unsigned i, n = 0;

	for (i = 0; i < SIM_PACKETS; i++) {
		if (sim->packetv[i].kind == SIM_PACKET_FREE) {
			p = &sim->packetv[i];
			++n;
		}
	}

	if (n <= (reserve ? 0 : PACKETS_RESERVE))
		return NULL;

	p->err = 0;
	p->off = 0;
	p->len = 0;
	p->seq = ++sim->seq;
	++sim->stats.packets;

	return p;
}


bool sim_packet_room(const struct sim *sim)
{
	unsigned i, n = 0;

	for (i = 0; i < SIM_PACKETS; i++)
		n += sim->packetv[i].kind == SIM_PACKET_FREE;

	return n > PACKETS_RESERVE;
}


static uint64_t arrival(struct sim *sim)
{
	return sim->now_ms + sim->link.delay_ms +
		sim_below(sim, sim->link.jitter_ms + 1);
}


static void fill(struct sim_packet *p, const void *data, size_t len)
{
	p->len = (uint16_t)len;
	if (len)
		memcpy(p->data, data, len);
}


static void queue_datagram(struct sim *sim, bool to_net,
			   const struct ue_addr *src,
			   const struct ue_addr *dst,
			   const struct sim_esp *esp, const void *data,
			   size_t len)
{
	struct sim_packet *p;

	if (sim_chance(sim, sim->link.loss)) {
		++sim->stats.lost;
		return;
	}

	p = packet_new(sim, false);
	if (!p) {
		++sim->stats.dropped;
		return;
	}

	p->kind = SIM_PACKET_UDP;
	p->to_net = to_net;
	p->src = *src;
	p->dst = *dst;
	p->esp = *esp;
	p->at_ms = arrival(sim);
	if (sim_chance(sim, sim->link.reorder))
		p->at_ms += sim_below(sim, 3000);
	fill(p, data, len);
}


int sim_queue_udp(struct sim *sim, bool to_net, const struct ue_addr *src,
		  const struct ue_addr *dst, const struct sim_esp *esp,
		  const void *data, size_t len)
{
	if (len > SIM_PACKET_MAX)
		return EMSGSIZE;

	queue_datagram(sim, to_net, src, dst, esp, data, len);

	if (sim_chance(sim, sim->link.dup)) {
		++sim->stats.duplicated;
		queue_datagram(sim, to_net, src, dst, esp, data, len);
	}

	return 0;
}


static struct sim_ue *ue_at(struct sim *sim, const struct ue_addr *addr);


static const struct sim_host *host_of(const struct sim *sim,
				      const struct ue_addr *net)
{
	return ue_addr_same_ip(&sim->peer_addr, net) ? &sim->peer : &sim->host;
}


static bool net_seal(struct sim *sim, struct sim_esp *esp,
		     const struct ue_addr *net, const struct ue_addr *ue)
{
	const struct sim_host *h = host_of(sim, net);

	memset(esp, 0, sizeof(*esp));

	return !h->seal_h || h->seal_h(esp, net, ue, h->arg);
}


/* @return false: dropped */
static bool conn_seal(struct sim *sim, struct sim_esp *esp, bool to_net,
		      const struct sim_conn *c)
{
	struct sim_ue *u = c->ue ? c->ue : ue_at(sim, &c->ue_addr);

	if (!to_net)
		return net_seal(sim, esp, &c->net_addr, &c->ue_addr);

	memset(esp, 0, sizeof(*esp));

	return !u || sim_ue_seal(u, esp, &c->ue_addr, &c->net_addr);
}


/* The UE has closed it, and the network finds out in its own way */
static void conn_lost(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];
	const struct sim_host *h = host_of(sim, &c->net_addr);

	if (!c->net_open)
		return;

	c->net_open = false;
	h->closed_h(conn, h->arg);
}


/* A stream keeps its order: a late piece holds up those behind it */
int sim_queue_tcp(struct sim *sim, enum sim_packet_kind kind, bool to_net,
		  unsigned conn, int err, const void *data, size_t len)
{
	struct sim_conn *c = &sim->connv[conn];
	struct sim_packet *p;
	struct sim_esp esp;

	if (len > SIM_PACKET_MAX)
		return EMSGSIZE;

	if (kind == SIM_PACKET_DATA)
		c->flight[to_net] += (uint32_t)len;
	if (c->broken)
		return 0;

	/* the other end never learns of it */
	if (!conn_seal(sim, &esp, to_net, c)) {
		if (kind == SIM_PACKET_FIN && to_net)
			conn_lost(sim, conn);
		return 0;
	}

	p = packet_new(sim, kind != SIM_PACKET_DATA);
	if (!p) {
		if (kind == SIM_PACKET_DATA)
			c->flight[to_net] -= (uint32_t)len;
		else
			sim->broken = "too many packets";
		return EAGAIN;
	}

	p->kind = (uint8_t)kind;
	p->to_net = to_net;
	p->conn = (uint8_t)conn;
	p->gen = c->gen;
	p->err = err;
	p->esp = esp;
	p->at_ms = arrival(sim);
	while (sim_chance(sim, sim->link.loss)) {
		++sim->stats.lost;
		p->at_ms += TCP_RTO_MS;
	}
	if (p->at_ms < c->last_ms[to_net])
		p->at_ms = c->last_ms[to_net];
	c->last_ms[to_net] = p->at_ms;
	fill(p, data, len);

	return 0;
}


static struct sim_packet *packet_first(struct sim *sim)
{
	struct sim_packet *first = NULL;
	unsigned i;

	for (i = 0; i < SIM_PACKETS; i++) {

		struct sim_packet *p = &sim->packetv[i];

		if (p->kind == SIM_PACKET_FREE)
			continue;

		if (!first || p->at_ms < first->at_ms ||
		    (p->at_ms == first->at_ms && p->seq < first->seq))
			first = p;
	}

	return first;
}


/* ------------------------------------------------------------------ */
/* Connections */


int sim_conn_new(struct sim *sim, struct sim_ue *u, int flow,
		 const struct ue_addr *ue_addr, const struct ue_addr *net_addr)
{
	unsigned i;

	for (i = 0; i < SIM_CONNS; i++) {

		struct sim_conn *c = &sim->connv[i];
		const uint16_t gen = c->gen;

		if (c->used)
			continue;

		memset(c, 0, sizeof(*c));
		c->used = true;
		c->gen = (uint16_t)(gen + 1);
		c->ue = u;
		c->flow = flow;
		c->ue_addr = *ue_addr;
		c->net_addr = *net_addr;
		c->net_open = !u;

		if (sim_queue_tcp(sim, SIM_PACKET_SYN, u != NULL, i, 0,
				  NULL, 0)) {
			c->used = false;
			return -1;
		}

		return (int)i;
	}

	return -1;
}


static void conn_check(struct sim_conn *c)
{
	if (c->flow < 0 && !c->net_open)
		c->used = false;
}


void sim_conn_ue_closed(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];

	if (!c->used)
		return;

	c->flow = -1;
	if (c->net_open)
		(void)sim_queue_tcp(sim, SIM_PACKET_FIN, true, conn, 0, NULL,
				    0);
	conn_check(c);
}


/* The UE's end has gone: tell its core */
static void ue_lost(struct sim *sim, struct sim_conn *c, int err)
{
	struct sim_ue *u = c->ue;
	const int flow = c->flow;

	c->flow = -1;
	conn_check(c);

	if (!u || !u->open || flow < 0)
		return;

	memset(&u->flowv[flow], 0, sizeof(u->flowv[flow]));
	u->flowv[flow].conn = -1;
	u->due_ms = sim->now_ms;
	ue_flow_closed(&u->ue, sim->now_ms, (unsigned)flow, err);
}


int sim_tcp_connect(struct sim *sim, const struct ue_addr *src,
		    const struct ue_addr *dst)
{
	return sim_conn_new(sim, NULL, -1, dst, src);
}


void sim_tcp_send(struct sim *sim, unsigned conn, const void *data,
		  size_t len)
{
	if (!sim->connv[conn].net_open)
		return;

	if (sim_queue_tcp(sim, SIM_PACKET_DATA, false, conn, 0, data, len))
		sim->broken = "the network's data do not fit";
}


void sim_tcp_close(struct sim *sim, unsigned conn, int err)
{
	struct sim_conn *c = &sim->connv[conn];
	unsigned i;

	if (!c->net_open)
		return;

	c->net_open = false;

	for (i = 0; err && i < SIM_PACKETS; i++) {

		struct sim_packet *p = &sim->packetv[i];

		if (p->kind == SIM_PACKET_DATA && p->conn == conn &&
		    p->gen == c->gen)
			p->kind = SIM_PACKET_FREE;
	}

	if (c->flow >= 0)
		(void)sim_queue_tcp(sim, err ? SIM_PACKET_RST : SIM_PACKET_FIN,
				    false, conn, err, NULL, 0);
	conn_check(c);
}


void sim_tcp_vanish(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];

	c->net_open = false;
	conn_check(c);
}


void sim_udp_send(struct sim *sim, const struct ue_addr *src,
		  const struct ue_addr *dst, const void *data, size_t len)
{
	struct sim_esp esp;

	if (net_seal(sim, &esp, src, dst))
		(void)sim_queue_udp(sim, false, src, dst, &esp, data, len);
}


/* ------------------------------------------------------------------ */
/* Arrivals */


static struct sim_ue *ue_at(struct sim *sim, const struct ue_addr *addr)
{
	unsigned i;

	for (i = 0; i < SIM_UES; i++) {

		struct sim_ue *u = sim->uev[i];

		if (u && u->open && ue_addr_same_ip(&u->addr, addr))
			return u;
	}

	return NULL;
}


static int ue_flow_at(const struct sim_ue *u, enum ue_flow_kind kind,
		      uint16_t port)
{
	int i;

	for (i = 0; i < UE_FLOWS_ALL; i++) {
		if (u->flowv[i].kind == (uint8_t)kind &&
		    u->flowv[i].local.port == port)
			return i;
	}

	return -1;
}


/* Octets for the core, at the end of their buffer so that a sanitizer sees
   who reads behind them */
static void ue_input(struct sim_ue *u, int flow, const struct ue_addr *src,
		     uint8_t *data, size_t len)
{
	struct sim *sim = u->sim;
	int err;

	u->due_ms = sim->now_ms;
	if (sim_fails(&u->fault, SIM_FAULT_LOST))
		return;
	if (sim_fails(&u->fault, SIM_FAULT_CUT))
		len /= 2;
	if (sim_fails(&u->fault, SIM_FAULT_BAD) && len)
		data[sim_below(sim, (uint32_t)len)] ^=
			(uint8_t)(1 + sim_below(sim, 255));
	err = ue_flow_recv(&u->ue, sim->now_ms, (unsigned)flow, src, data,
			   len);
	if (err == EAGAIN) {
		sim_ue_poll(u);
		err = ue_flow_recv(&u->ue, sim->now_ms, (unsigned)flow, src,
				   data, len);
	}

	if (err)
		sim->broken = "ue_flow_recv() failed";
}


static bool net_open(struct sim *sim, const struct sim_esp *esp,
		     const struct ue_addr *net, const struct ue_addr *ue)
{
	const struct sim_host *h = host_of(sim, net);

	return !h->open_h || h->open_h(esp, net, ue, h->arg);
}


static void udp_arrives(struct sim *sim, const struct sim_packet *p,
			uint8_t *data)
{
	struct sim_ue *u;
	int flow;

	if (p->to_net) {
		if (sim->host.udp_h && net_open(sim, &p->esp, &p->dst,
						&p->src))
			sim->host.udp_h(&p->dst, &p->src, data, p->len,
					sim->host.arg);
		return;
	}

	u = ue_at(sim, &p->dst);
	if (u && !sim_ue_open(u, &p->esp, &p->dst, &p->src))
		return;

	flow = u ? ue_flow_at(u, UE_FLOW_DATAGRAM, p->dst.port) : -1;
	if (flow >= 0)
		ue_input(u, flow, &p->src, data, p->len);
}


static void syn_to_net(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];
	const struct sim_host *h = host_of(sim, &c->net_addr);
	int err = ECONNREFUSED;

	/* the UE has given up */
	if (c->flow < 0)
		return;

	if (h->accept_h)
		err = h->accept_h(conn, &c->net_addr, h->arg);

	if (!err) {
		c->net_open = true;
		(void)sim_queue_tcp(sim, SIM_PACKET_SYN_ACK, false, conn, 0,
				    NULL, 0);
		return;
	}

	if (err == ETIMEDOUT)
		c->last_ms[0] = sim->now_ms + SIM_SYN_TIMEOUT_MS;
	(void)sim_queue_tcp(sim, SIM_PACKET_RST, false, conn, err, NULL, 0);
}


static void syn_to_ue(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];
	struct sim_ue *u = ue_at(sim, &c->ue_addr);
	unsigned flow = 0;
	int listener = u ? ue_flow_at(u, UE_FLOW_LISTEN, c->ue_addr.port) : -1;

	if (listener >= 0)
		u->due_ms = sim->now_ms;

	if (listener < 0 ||
	    ue_flow_accepted(&u->ue, sim->now_ms, (unsigned)listener,
			     &c->net_addr, &flow)) {
		(void)sim_queue_tcp(sim, SIM_PACKET_RST, true, conn,
				    ECONNREFUSED, NULL, 0);
		return;
	}

	if (flow >= UE_FLOWS_ALL || u->flowv[flow].kind) {
		sim->broken = "ue_flow_accepted(): number in use";
		return;
	}

	c->ue = u;
	c->flow = (int)flow;
	u->flowv[flow].kind = UE_FLOW_ACCEPTED;
	u->flowv[flow].local = c->ue_addr;
	u->flowv[flow].conn = (int)conn;
	(void)sim_queue_tcp(sim, SIM_PACKET_SYN_ACK, true, conn, 0, NULL, 0);
}


static void tcp_to_net(struct sim *sim, const struct sim_packet *p,
		       uint8_t *data, size_t len)
{
	struct sim_conn *c = &sim->connv[p->conn];
	const struct sim_host *h = host_of(sim, &c->net_addr);

	switch (p->kind) {

	case SIM_PACKET_SYN:
		syn_to_net(sim, p->conn);
		break;

	case SIM_PACKET_SYN_ACK:
		if (c->net_open)
			h->connect_h(p->conn, 0, h->arg);
		break;

	case SIM_PACKET_DATA:
		if (c->net_open)
			h->data_h(p->conn, data, len, h->arg);
		else if (c->flow >= 0 && h->alive_h(&c->net_addr, h->arg))
			(void)sim_queue_tcp(sim, SIM_PACKET_RST, false,
					    p->conn, ECONNRESET, NULL, 0);
		break;

	case SIM_PACKET_FIN:
		if (!c->net_open)
			break;
		c->net_open = false;
		h->closed_h(p->conn, h->arg);
		break;

	case SIM_PACKET_RST:
		if (!c->net_open)
			break;
		c->net_open = false;
		if (c->broken)
			h->closed_h(p->conn, h->arg);
		else
			h->connect_h(p->conn, p->err, h->arg);
		break;

	default:
		break;
	}

	conn_check(c);
}


static void tcp_to_ue(struct sim *sim, const struct sim_packet *p,
		      uint8_t *data, size_t len)
{
	struct sim_conn *c = &sim->connv[p->conn];
	struct sim_ue *u = c->ue;

	switch (p->kind) {

	case SIM_PACKET_SYN:
		syn_to_ue(sim, p->conn);
		break;

	case SIM_PACKET_SYN_ACK:
		if (c->flow < 0 || !u->open)
			break;
		u->due_ms = sim->now_ms;
		ue_flow_connected(&u->ue, sim->now_ms, (unsigned)c->flow);
		break;

	case SIM_PACKET_DATA:
		if (c->flow >= 0 && u->open)
			ue_input(u, c->flow, &c->net_addr, data, len);
		break;

	case SIM_PACKET_FIN:
	case SIM_PACKET_RST:
		if (p->kind == SIM_PACKET_FIN && c->net_open)
			break;
		ue_lost(sim, c, p->err);
		break;

	default:
		break;
	}

	conn_check(c);
}


/* How much of a stream's packet arrives in one piece */
static size_t piece(struct sim *sim, struct sim_packet *p)
{
	const size_t left = (size_t)(p->len - p->off);

	if (!sim->link.segment || left < 2 || sim_chance(sim, 60))
		return left;

	return 1 + sim_below(sim, (uint32_t)left - 1);
}


void sim_hold_up(struct sim *sim, struct sim_packet *p)
{
	const uint64_t at_ms = sim->now_ms + sim_below(sim, 40);
	unsigned i;

	p->at_ms = at_ms;

	for (i = 0; i < SIM_PACKETS; i++) {

		struct sim_packet *q = &sim->packetv[i];

		if (q->kind > SIM_PACKET_UDP && q->conn == p->conn &&
		    q->gen == p->gen && q->to_net == p->to_net &&
		    q->at_ms < at_ms)
			q->at_ms = at_ms;
	}

	if (sim->connv[p->conn].last_ms[p->to_net] < at_ms)
		sim->connv[p->conn].last_ms[p->to_net] = at_ms;
}


static void tcp_arrives(struct sim *sim, const struct sim_packet *p,
			uint8_t *data, size_t len)
{
	struct sim_conn *c = &sim->connv[p->conn];
	struct sim_ue *u;

	/* of a connection that is no more */
	if (!c->used || c->gen != p->gen)
		return;

	if (p->to_net && !net_open(sim, &p->esp, &c->net_addr,
				   &c->ue_addr)) {
		if (p->kind == SIM_PACKET_FIN)
			conn_lost(sim, p->conn);
		conn_check(c);
		return;
	}

	u = c->ue ? c->ue : ue_at(sim, &c->ue_addr);
	if (!p->to_net && u &&
	    !sim_ue_open(u, &p->esp, &c->ue_addr, &c->net_addr))
		return;

	if (p->to_net)
		tcp_to_net(sim, p, data, len);
	else
		tcp_to_ue(sim, p, data, len);
}


static void deliver(struct sim *sim, struct sim_packet *p)
{
	static uint8_t rx[SIM_PACKET_MAX];
	struct sim_packet head;
	size_t len = (size_t)(p->len - p->off);
	uint8_t *data;

	if (p->kind == SIM_PACKET_DATA) {
		len = piece(sim, p);
		sim_stream_fault(sim, p, len);
		len = sim_stream_carried(sim, p, len);
	}

	data = rx + sizeof(rx) - len;
	memcpy(data, p->data + p->off, len);
	if (sim_stream_is(sim, p)) {
		sim_stream_arrives(sim, p, data, len);
		return;
	}

	memcpy(&head, p, offsetof(struct sim_packet, data));
	p->off = (uint16_t)(p->off + len);

	if (p->kind == SIM_PACKET_DATA && p->off < p->len)
		sim_hold_up(sim, p);
	else
		p->kind = SIM_PACKET_FREE;

	if (head.kind == SIM_PACKET_UDP)
		udp_arrives(sim, &head, data);
	else
		tcp_arrives(sim, &head, data, len);
	if (head.kind == SIM_PACKET_DATA)
		sim_stream_done(sim, &head, len);
}


/* ------------------------------------------------------------------ */
/* Time */


static uint64_t next_ms(struct sim *sim)
{
	const struct sim_packet *p = packet_first(sim);
	uint64_t t = p ? p->at_ms : UINT64_MAX;
	unsigned i;

	if (sim->timers.head && sim->timers.head->due_ms < t)
		t = sim->timers.head->due_ms;

	for (i = 0; i < SIM_UES; i++) {

		const struct sim_ue *u = sim->uev[i];

		if (u && u->open && u->due_ms < t)
			t = u->due_ms;
	}

	return t;
}


/* One thing that is due */
static void step(struct sim *sim)
{
	struct sim_packet *p;
	unsigned i;

	for (i = 0; i < SIM_UES; i++) {

		struct sim_ue *u = sim->uev[i];

		if (u && u->open && u->due_ms <= sim->now_ms) {
			sim_ue_poll(u);
			return;
		}
	}

	sim->net_runs = true;
	if (ue_timers_run(&sim->timers, 1))
		goto out;

	p = packet_first(sim);
	sim->net_runs = p && p->to_net;
	if (p && p->at_ms <= sim->now_ms)
		deliver(sim, p);
	sim_stream_writable(sim);

 out:
	sim->net_runs = false;
}


/* @return false: nothing (more) until then */
static bool advance(struct sim *sim, uint64_t until_ms)
{
	const uint64_t t = next_ms(sim);

	if (sim->broken || t > until_ms)
		return false;

	if (t > sim->now_ms) {
		sim->now_ms = t;
		sim->spins = 0;
		ue_timers_set_now(&sim->timers, t);
	}
	else if (++sim->spins > SPINS_MAX) {
		sim->broken = "no time passes any more";
		return false;
	}

	step(sim);

	return true;
}


bool sim_run(struct sim *sim, uint64_t until_ms)
{
	while (advance(sim, until_ms))
		;

	if (until_ms > sim->now_ms && !sim->broken) {
		sim->now_ms = until_ms;
		ue_timers_set_now(&sim->timers, until_ms);
	}

	return !sim->broken;
}


bool sim_run_s(struct sim *sim, uint32_t seconds)
{
	return sim_run(sim, sim->now_ms + seconds * 1000ULL);
}


static const struct ue_event *unseen(struct sim_ue *u, enum ue_event_type a,
				     enum ue_event_type b)
{
	if (u->eventc - u->seen > SIM_EVENTS)
		u->seen = u->eventc - SIM_EVENTS;

	while (u->seen < u->eventc) {

		const struct ue_event *ev =
			&u->eventv[u->seen++ % SIM_EVENTS].ev;

		if (ev->type == a || ev->type == b || (!a && !b))
			return ev;
	}

	return NULL;
}


const struct ue_event *sim_wait2(struct sim_ue *u, enum ue_event_type a,
				 enum ue_event_type b, uint32_t max_s)
{
	struct sim *sim = u->sim;
	const uint64_t until_ms = sim->now_ms + max_s * 1000ULL;

	for (;;) {

		const struct ue_event *ev = unseen(u, a, b);

		if (ev)
			return ev;

		if (!advance(sim, until_ms)) {
			(void)sim_run(sim, until_ms);
			return NULL;
		}
	}
}


const struct ue_event *sim_wait(struct sim_ue *u, enum ue_event_type type,
				uint32_t max_s)
{
	return sim_wait2(u, type, type, max_s);
}


unsigned sim_events(const struct sim_ue *u, enum ue_event_type type)
{
	const unsigned n = u->eventc < SIM_EVENTS ? u->eventc : SIM_EVENTS;
	unsigned i, found = 0;

	for (i = 0; i < n; i++) {
		if (u->eventv[i].ev.type == type)
			++found;
	}

	return found;
}


void sim_init(struct sim *sim, uint64_t seed)
{
	memset(sim, 0, sizeof(*sim));
	sim->seed = seed;
	sim->rng = seed;
	sim->link.delay_ms = 20;
}
