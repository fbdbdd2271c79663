/**
 * @file sim_stream.c  Connections for MSRP in the simulator: a window of
 * octets on their way, a UE that is told when there is room again, a break at
 * a given octet
 */
#include <errno.h>
#include <string.h>
#include "test/sim/sim.h"

#define WINDOW 16384


static uint32_t room(const struct sim *sim, unsigned conn, bool to_net)
{
	const struct sim_conn *c = &sim->connv[conn];
	const uint32_t window = sim->link.window ? sim->link.window : WINDOW;

	return c->flight[to_net] < window ? window - c->flight[to_net] : 0;
}


/* ------------------------------------------------------------------ */
/* From the UE */


/* Octets from position off on, of all pieces */
static size_t gather(uint8_t *buf, size_t size, const struct ue_iov *iov,
		     unsigned n, size_t off)
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < n; i++) {

		size_t k = iov[i].len;

		if (off >= k) {
			off -= k;
			continue;
		}
		k -= off;
		if (k > size - len)
			k = size - len;
		memcpy(buf + len, (const uint8_t *)iov[i].data + off, k);
		len += k;
		off = 0;
	}

	return len;
}


size_t sim_stream_sendv(void *arg, unsigned flow, const struct ue_iov *iov,
			unsigned n)
{
	struct sim_ue *u = arg;
	struct sim *sim = u->sim;
	struct sim_flow *f = &u->flowv[flow];
	uint8_t buf[SIM_PACKET_MAX];
	size_t took = 0, len;

	if (flow < UE_FLOWS_MAX || flow >= MESSAGING_LISTENER || f->conn < 0 ||
	    !n || n > 3) {
		sim->broken = "flow_sendv: no such flow, or no data";
		return 0;
	}

	if (sim_fails(&u->fault, SIM_FAULT_SENDV)) {
		f->full = true;
		return 0;
	}

	while ((len = gather(buf, sizeof(buf), iov, n, took)) != 0) {

		const size_t most = room(sim, (unsigned)f->conn, true);

		if (len > most)
			len = most;
		f->full = !len || sim_queue_tcp(sim, SIM_PACKET_DATA, true,
						(unsigned)f->conn, 0, buf,
						len);
		if (f->full)
			break;
		took += len;
	}

	return took;
}


void sim_stream_writable(struct sim *sim)
{
	unsigned i, k;

	for (i = 0; i < SIM_UES; i++) {

		struct sim_ue *u = sim->uev[i];

		for (k = UE_FLOWS_MAX; u && k < MESSAGING_LISTENER; k++) {

			struct sim_flow *f = &u->flowv[k];

			if (!f->full || !sim_packet_room(sim) ||
			    !room(sim, (unsigned)f->conn, true))
				continue;
			f->full = false;
			ue_flow_writable(&u->ue, sim->now_ms, k);
		}
	}
}


/* ------------------------------------------------------------------ */
/* To the UE */


size_t sim_tcp_room(const struct sim *sim, unsigned conn)
{
	const uint32_t most = room(sim, conn, false);

	if (!sim->connv[conn].net_open || !sim_packet_room(sim))
		return 0;

	return most < SIM_PACKET_MAX ? most : SIM_PACKET_MAX;
}


static struct sim_conn *conn_of(struct sim *sim, const struct sim_packet *p)
{
	struct sim_conn *c = &sim->connv[p->conn];

	return c->used && c->gen == p->gen ? c : NULL;
}


bool sim_stream_is(const struct sim *sim, const struct sim_packet *p)
{
	const struct sim_conn *c = &sim->connv[p->conn];

	return p->kind == SIM_PACKET_DATA && !p->to_net && c->used &&
		c->gen == p->gen && c->flow >= UE_FLOWS_MAX && c->ue->open;
}


void sim_stream_arrives(struct sim *sim, struct sim_packet *p, uint8_t *data,
			size_t len)
{
	struct sim_conn *c = &sim->connv[p->conn];
	struct sim_ue *u = c->ue;
	const struct sim_packet head = {
		.kind = p->kind, .conn = p->conn, .gen = p->gen, .seq = p->seq
	};
	size_t used = 0;
	int err = 0;

	if (len)
		err = ue_flow_stream(&u->ue, sim->now_ms, (unsigned)c->flow,
				     data, len, &used);
	if ((err && err != EAGAIN) || used > len || (!err && used < len))
		sim->broken = "ue_flow_stream() failed";

	/* unless the connection has gone meanwhile */
	if (p->kind == SIM_PACKET_DATA && p->seq == head.seq) {
		p->off = (uint16_t)(p->off + used);
		if (p->off < p->len)
			sim_hold_up(sim, p);
		else
			p->kind = SIM_PACKET_FREE;
	}
	sim_stream_done(sim, &head, used);
}


/* ------------------------------------------------------------------ */
/* Cuts */


void sim_tcp_cut(struct sim *sim, unsigned conn, uint32_t octets)
{
	sim->connv[conn].cut = octets + 1;
}


size_t sim_stream_carried(struct sim *sim, const struct sim_packet *p,
			  size_t len)
{
	const struct sim_conn *c = conn_of(sim, p);

	return c && c->cut && len > c->cut - 1 ? c->cut - 1 : len;
}


void sim_stream_fault(struct sim *sim, const struct sim_packet *p, size_t len)
{
	const struct sim_conn *c = conn_of(sim, p);
	size_t i;

	if (!c || !c->ue || !c->ue->open || c->cut ||
	    !ue_addr_same_ip(&c->net_addr, &sim->peer_addr))
		return;

	for (i = 0; i < len; i++) {
		if (sim_fails(&c->ue->fault, SIM_FAULT_OCTET)) {
			sim_tcp_cut(sim, p->conn, (uint32_t)i);
			return;
		}
	}
}


/* One end may learn of it long before the other one */
static void tell(struct sim *sim, unsigned conn, bool to_net)
{
	struct sim_conn *c = &sim->connv[conn];

	if (to_net ? !c->net_open : c->flow < 0)
		return;

	c->last_ms[to_net] = sim->now_ms +
		sim_below(sim, sim_chance(sim, 60) ? 200 : 100000);
	(void)sim_queue_tcp(sim, SIM_PACKET_RST, to_net, conn, ECONNRESET,
			    NULL, 0);
}


static void conn_break(struct sim *sim, unsigned conn)
{
	struct sim_conn *c = &sim->connv[conn];
	unsigned i;

	for (i = 0; i < SIM_PACKETS; i++) {

		struct sim_packet *p = &sim->packetv[i];

		if (p->kind > SIM_PACKET_UDP && p->conn == conn &&
		    p->gen == c->gen)
			p->kind = SIM_PACKET_FREE;
	}

	tell(sim, conn, true);
	tell(sim, conn, false);
	c->broken = true;
}


void sim_stream_done(struct sim *sim, const struct sim_packet *p, size_t len)
{
	struct sim_conn *c = conn_of(sim, p);

	if (!c)
		return;

	c->flight[p->to_net] -= (uint32_t)len;
	if (!c->cut || c->broken)
		return;

	c->cut -= (uint32_t)len;
	if (c->cut == 1)
		conn_break(sim, p->conn);
}
