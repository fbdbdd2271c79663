/**
 * @file sim_port.c  The platform of a simulated UE: struct ue_port
 */
#include <errno.h>
#include <string.h>
#include "test/sim/sim.h"


/* Does the n-th call fail?  Counts down */
static bool fails(unsigned *n)
{
	return *n && --*n == 0;
}


/* ---- flows ---- */

static bool port_taken(const struct sim_ue *u, uint8_t kind, uint16_t port)
{
	unsigned i;

	for (i = 0; i < UE_FLOWS_MAX; i++) {
		if (u->flowv[i].kind == kind &&
		    u->flowv[i].local.port == port)
			return true;
	}

	return false;
}


static int flow_open(void *arg, unsigned flow,
		     const struct ue_flow_params *prm, struct ue_addr *local)
{
	struct sim_ue *u = arg;
	struct sim_flow *f = &u->flowv[flow];
	uint16_t port = prm->local.port;
	int conn = -1;

	if (flow >= UE_FLOWS_MAX || f->kind) {
		u->sim->broken = "flow_open: number in use";
		return EINVAL;
	}

	if (fails(&u->fault.open))
		return EADDRNOTAVAIL;

	if (prm->kind == UE_FLOW_LISTEN && u->no_listen)
		return ENOTSUP;

	if (port && port_taken(u, (uint8_t)prm->kind, port))
		return EADDRINUSE;

	while (!port || port_taken(u, (uint8_t)prm->kind, port)) {
		port = u->next_port;
		u->next_port = (uint16_t)(port < 65000 ? port + 1 : 49152);
	}

	f->local = u->addr;
	f->local.port = port;

	if (prm->kind == UE_FLOW_CONNECT) {
		conn = sim_conn_new(u->sim, u, (int)flow, &f->local,
				    &prm->remote);
		if (conn < 0)
			return ENOMEM;
	}

	f->kind = (uint8_t)prm->kind;
	f->conn = conn;
	*local = f->local;

	return 0;
}


static int flow_send(void *arg, unsigned flow, const struct ue_addr *dst,
		     const void *data, size_t len)
{
	struct sim_ue *u = arg;
	struct sim_flow *f = &u->flowv[flow];

	if (flow >= UE_FLOWS_MAX || !f->kind || !len || len > 65535) {
		u->sim->broken = "flow_send: no such flow, or no data";
		return EINVAL;
	}

	++u->sends;
	if (fails(&u->fault.send))
		return u->fault.send_err ? u->fault.send_err : ENETUNREACH;

	if (f->kind == UE_FLOW_DATAGRAM)
		return sim_queue_udp(u->sim, true, &f->local, dst, data, len);

	if (f->kind == UE_FLOW_LISTEN)
		return EINVAL;

	if (!u->sim->connv[f->conn].used)
		return ENOTCONN;

	return sim_queue_tcp(u->sim, SIM_PACKET_DATA, true,
			     (unsigned)f->conn, 0, data, len);
}


static void flow_close(void *arg, unsigned flow)
{
	struct sim_ue *u = arg;
	struct sim_flow *f = &u->flowv[flow];

	if (flow >= UE_FLOWS_MAX || !f->kind) {
		u->sim->broken = "flow_close: no such flow";
		return;
	}

	if (f->conn >= 0)
		sim_conn_ue_closed(u->sim, (unsigned)f->conn);

	memset(f, 0, sizeof(*f));
	f->conn = -1;
}


/* ---- names ---- */

static void resolve_h(void *arg)
{
	struct sim_ue *u = arg;
	struct sim *sim = u->sim;
	struct ue_addr addrv[UE_PCSCF_MAX];
	enum ue_transport transpv[UE_PCSCF_MAX];
	size_t n = 0;

	memset(transpv, 0, sizeof(transpv));
	if (sim->host.resolve_h)
		n = sim->host.resolve_h(addrv, UE_PCSCF_MAX, u->name,
					sim->host.arg);

	u->due_ms = sim->now_ms;
	ue_resolved(&u->ue, n ? 0 : ENOENT, addrv, transpv, n);
}


static int resolve(void *arg, const char *name, enum ue_transport transport)
{
	struct sim_ue *u = arg;

	(void)transport;

	if (strlen(name) >= sizeof(u->name))
		return EINVAL;

	memcpy(u->name, name, strlen(name) + 1);
	ue_timer_start(&u->sim->timers, &u->resolve_timer, 40, resolve_h, u);

	return 0;
}


/* ---- random octets, card, memory ---- */

static int port_random(void *arg, void *buf, size_t len)
{
	struct sim_ue *u = arg;
	uint8_t *p = buf;
	uint64_t r = 0;
	size_t i;

	if (fails(&u->fault.random))
		return EIO;

	for (i = 0; i < len; i++) {
		if (i % 8 == 0)
			r = sim_splitmix(&u->rng);
		p[i] = (uint8_t)(r >> (i % 8 * 8));
	}

	return 0;
}


static int usim_identity(void *arg, struct ue_identity *id)
{
	struct sim_ue *u = arg;

	if (u->no_card)
		return ENOENT;

	*id = u->id;

	return 0;
}


static void card_h(void *arg)
{
	struct sim_ue *u = arg;

	u->due_ms = u->sim->now_ms;
	ue_usim_result(&u->ue, &u->card_res);
}


static int usim_authenticate(void *arg, const uint8_t rand[16],
			     const uint8_t autn[16])
{
	struct sim_ue *u = arg;

	if (u->no_card)
		return ENOENT;

	if (ue_timer_running(&u->card_timer))
		return EBUSY;

	if (fails(&u->fault.usim))
		return EIO;

	usim_soft_authenticate(&u->card, &u->card_res, rand, autn);

	if (fails(&u->fault.usim_result)) {
		memset(&u->card_res, 0, sizeof(u->card_res));
		u->card_res.status = UE_USIM_FAILED;
	}

	if (u->card_delay_ms)
		ue_timer_start(&u->sim->timers, &u->card_timer,
			       u->card_delay_ms, card_h, u);
	else
		card_h(u);

	return 0;
}


static struct sim_nv *nv_find(struct sim_ue *u, const char *key)
{
	unsigned i;

	for (i = 0; i < SIM_NV; i++) {
		if (!strcmp(u->nvv[i].key, key))
			return &u->nvv[i];
	}

	return NULL;
}


static int nv_read(void *arg, const char *key, void *buf, size_t *len)
{
	const struct sim_nv *nv = nv_find(arg, key);

	if (!nv)
		return ENOENT;

	if (nv->len > *len)
		return EOVERFLOW;

	memcpy(buf, nv->val, nv->len);
	*len = nv->len;

	return 0;
}


static int nv_write(void *arg, const char *key, const void *buf, size_t len)
{
	struct sim_ue *u = arg;
	struct sim_nv *nv = nv_find(u, key);

	if (fails(&u->fault.nv_write))
		return ENOSPC;

	if (!nv)
		nv = nv_find(u, "");

	if (!nv || len > sizeof(nv->val) || strlen(key) >= sizeof(nv->key))
		return ENOSPC;

	memcpy(nv->key, key, strlen(key) + 1);
	memcpy(nv->val, buf, len);
	nv->len = len;

	return 0;
}


static void wake(void *arg)
{
	struct sim_ue *u = arg;

	++u->wakes;
	u->due_ms = u->sim->now_ms;
}


void sim_port_init(struct sim_ue *u)
{
	struct ue_port *p = &u->port;
	unsigned i;

	p->arg = u;
	p->flow_open = flow_open;
	p->flow_send = flow_send;
	p->flow_close = flow_close;
	p->resolve = resolve;
	p->random = port_random;
	p->usim_identity = usim_identity;
	p->usim_authenticate = usim_authenticate;
	p->nv_read = nv_read;
	p->nv_write = nv_write;
	p->wake = wake;

	for (i = 0; i < UE_FLOWS_MAX; i++)
		u->flowv[i].conn = -1;
}
