/**
 * @file sim_port.c  The platform of a simulated UE: struct ue_port
 */
#include <errno.h>
#include <string.h>
#include "test/sim/sim.h"


bool sim_fails(struct sim_fault *f, enum sim_fault_kind kind)
{
	if (!f->n[kind] || --f->n[kind])
		return false;

	f->struck = true;
	f->n[kind] = f->stays;  /* the next one, too */

	return true;
}


/* ---- flows ---- */

static bool port_taken(const struct sim_ue *u, uint8_t kind, uint16_t port)
{
	unsigned i;

	for (i = 0; i < UE_FLOWS_ALL; i++) {
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

	if (flow >= UE_FLOWS_ALL || f->kind) {
		u->sim->broken = "flow_open: number in use";
		return EINVAL;
	}

	if (sim_fails(&u->fault, SIM_FAULT_OPEN))
		return EADDRNOTAVAIL;

	if (prm->protect != (port >= IPSEC_PORT_MIN && port <= IPSEC_PORT_MAX))
		u->sim->broken = "flow_open: protect and port do not agree";

	/* valgrind sees a flag that nobody has set */
	if (prm->tls)
		u->sim->broken = "flow_open: SIP over TLS was not asked for";

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
	struct sim_esp esp;

	if (flow >= UE_FLOWS_MAX || !f->kind || !len || len > 65535) {
		u->sim->broken = "flow_send: no such flow, or no data";
		return EINVAL;
	}

	++u->sends;
	if (sim_fails(&u->fault, SIM_FAULT_SEND))
		return u->fault.err ? u->fault.err : ENETUNREACH;

	/* without an association it goes nowhere */
	if (f->kind == UE_FLOW_DATAGRAM)
		return sim_ue_seal(u, &esp, &f->local, dst) ?
			sim_queue_udp(u->sim, true, &f->local, dst, &esp,
				      data, len) : 0;

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

	if (flow >= UE_FLOWS_ALL || !f->kind) {
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
	ue_resolved(&u->ue, u->lookup, n ? 0 : ENOENT, addrv, transpv, n);
}


static int resolve(void *arg, uint32_t id, const char *name,
		   enum ue_transport transport)
{
	struct sim_ue *u = arg;

	(void)transport;

	if (strlen(name) >= sizeof(u->name))
		return EINVAL;

	u->lookup = id;
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

	if (sim_fails(&u->fault, SIM_FAULT_RANDOM))
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


static void card_fails(struct sim_ue *u, enum ue_usim_status status)
{
	memset(&u->card_res, 0, sizeof(u->card_res));
	u->card_res.status = status;
}


static int usim_authenticate(void *arg, const uint8_t rand[16],
			     const uint8_t autn[16])
{
	struct sim_ue *u = arg;
	unsigned i;

	if (u->no_card)
		return ENOENT;

	if (ue_timer_running(&u->card_timer))
		return EBUSY;

	if (sim_fails(&u->fault, SIM_FAULT_USIM))
		return u->fault.err ? u->fault.err : EIO;

	if (sim_fails(&u->fault, SIM_FAULT_USIM_SYNC)) {
		for (i = 0; i < USIM_SQN_SLOTS; i++)
			u->card.seq[i] += 100;
	}

	usim_soft_authenticate(&u->card, &u->card_res, rand, autn);

	if (sim_fails(&u->fault, SIM_FAULT_USIM_FAILED))
		card_fails(u, UE_USIM_FAILED);
	if (sim_fails(&u->fault, SIM_FAULT_USIM_MAC))
		card_fails(u, UE_USIM_MAC_FAILURE);

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

	if (sim_fails(&u->fault, SIM_FAULT_NV_WRITE))
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


/* ---- associations ---- */

static int ipsec_install(void *arg, const struct ipsec_params *prm,
			 const struct ipsec_keys *keys)
{
	struct sim_ue *u = arg;

	(void)keys;

	return sim_fails(&u->fault, SIM_FAULT_INSTALL)
		? ENOMEM : sim_ue_install(u, prm);
}


static void ipsec_remove(void *arg, const struct ipsec_offer *ue)
{
	sim_ue_remove(arg, ue);
}


/* ---- resources for sessions ---- */

static struct sim_qos *qos_find(struct sim_ue *u, unsigned session)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (u->qosv[i].session == session)
			return &u->qosv[i];
	}

	return NULL;
}


static void qos_h(void *arg)
{
	struct sim_qos *q = arg;

	ue_qos_result(&q->u->ue, q->session,
		      sim_chance(q->u->sim, q->u->refuse_qos) ? ENOMEM : 0);
}


static int qos_reserve(void *arg, unsigned session)
{
	struct sim_ue *u = arg;
	struct sim_qos *q = qos_find(u, 0);

	if (!q || sim_chance(u->sim, u->refuse_qos))
		return ENOMEM;

	q->u = u;
	q->session = session;
	++u->reserved;

	/* a radio bearer takes its time, or is there already */
	if (sim_chance(u->sim, 30))
		qos_h(q);
	else
		ue_timer_start(&u->sim->timers, &q->timer,
			       sim_below(u->sim, 4000), qos_h, q);

	return 0;
}


static void qos_release(void *arg, unsigned session)
{
	struct sim_ue *u = arg;
	struct sim_qos *q = qos_find(u, session);

	if (!q)
		return;

	ue_timer_cancel(&u->sim->timers, &q->timer);
	q->session = 0;
	--u->reserved;
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
	p->flow_sendv = sim_stream_sendv;
	p->flow_close = flow_close;
	p->qos_reserve = qos_reserve;
	p->qos_release = qos_release;
	p->resolve = resolve;
	p->random = port_random;
	p->usim_identity = usim_identity;
	p->usim_authenticate = usim_authenticate;
	p->ipsec_install = ipsec_install;
	p->ipsec_remove = ipsec_remove;
	p->nv_read = nv_read;
	p->nv_write = nv_write;
	p->wake = wake;

	for (i = 0; i < UE_FLOWS_ALL; i++)
		u->flowv[i].conn = -1;
}
