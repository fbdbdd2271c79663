/**
 * @file sim_ue.c  A simulated UE: its life, commands, events, what is left
 */
#include <errno.h>
#include <string.h>
#include "test/sim/sim.h"

const uint8_t sim_k[16] = {
	0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
	0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc
};
const uint8_t sim_opc[16] = {
	0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
	0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf
};


static void raise(unsigned *peak, unsigned n)
{
	if (n > *peak)
		*peak = n;
}


/* What is in use now */
static void sample(struct sim_ue *u)
{
	const struct ue *ue = &u->ue;
	const struct ue_timer *t;
	unsigned ctrans = 0, strans = 0, flows = 0, streams = 0, timers = 0;
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++)
		ctrans += ue->sip.ctransv[i].state != SIP_CT_FREE;
	for (i = 0; i < UE_STRANS_MAX; i++)
		strans += ue->sip.stransv[i].state != SIP_ST_FREE;
	for (i = 0; i < UE_FLOWS_MAX; i++) {
		flows += ue->sip.flowv[i].kind != 0;
		streams += ue->sip.flowv[i].part.head ||
			ue->sip.flowv[i].wire.head;
	}
	for (t = ue->timers.head; t; t = t->next)
		++timers;

	raise(&u->peaks.ctrans, ctrans);
	raise(&u->peaks.strans, strans);
	raise(&u->peaks.flows, flows);
	raise(&u->peaks.streams, streams);
	raise(&u->peaks.timers, timers);
	raise(&u->peaks.store, ue->sip.store.peak);
	raise(&u->peaks.events, ue->event_count);
	raise(&u->peaks.pcscfs, ue->reg.pcscfs.count);
}


void sim_ue_poll(struct sim_ue *u)
{
	struct sim *sim = u->sim;
	uint32_t wait_ms = 0;

	sample(u);
	if (ue_poll(&u->ue, sim->now_ms, &wait_ms))
		sim->broken = "ue_poll() failed";
	sample(u);

	u->due_ms = wait_ms == UINT32_MAX ? UINT64_MAX : sim->now_ms + wait_ms;
}


/* ------------------------------------------------------------------ */
/* Life cycle */


void sim_settings(struct ue_settings *set, const char *pcscf)
{
	memset(set, 0, sizeof(*set));
	set->pcscfv[0] = pcscf;
	set->access_network_info =
		"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000001";
}


/* The end of a registration that was asked for, or that the UE has announced
   to make by itself */
static void registration_ended(struct sim_balance *b)
{
	if (!b->register_owed && !b->automatic)
		b->wrong = "a registration ended that nobody has begun";

	b->register_owed = false;
	b->automatic = false;
}


static void deregistered(struct sim_balance *b, const struct ue_event *ev)
{
	++b->deregistered;
	b->reregister_owed = false;
	b->automatic = ev->again;

	if (ev->dereg != UE_DEREG_USER)
		return;

	if (!b->deregister_owed)
		b->wrong = "a deregistration ended that nobody has begun";
	if (b->register_owed)
		b->wrong = "deregistered, but the registration has no outcome";
	b->deregister_owed = false;
}


static void count(struct sim_balance *b, const struct ue_event *ev)
{
	switch (ev->type) {

	case UE_EVENT_REGISTERED:
		++b->registered;
		registration_ended(b);
		break;

	case UE_EVENT_REGISTER_FAILED:
		++b->failed;
		registration_ended(b);
		break;

	case UE_EVENT_REREGISTERED:
		++b->reregistered;
		b->reregister_owed = false;
		break;

	case UE_EVENT_DEREGISTERED:
		deregistered(b, ev);
		break;

	default:
		break;
	}
}


static void event_h(struct ue *ue, const struct ue_event *ev, void *arg)
{
	struct sim_ue *u = arg;
	struct sim_event *e = &u->eventv[u->eventc++ % SIM_EVENTS];

	(void)ue;
	sample(u);
	e->at_ms = u->sim->now_ms;
	e->ev = *ev;
	count(&u->bal, ev);
	if (u->event_h)
		u->event_h(u, ev);
}


int sim_ue_init(struct sim_ue *u, struct sim *sim,
		const struct ue_settings *set)
{
	struct usim_soft_params prm;
	unsigned i, n = 0;
	int err;

	while (n < SIM_UES && sim->uev[n])
		++n;
	if (n == SIM_UES)
		return ENOMEM;

	memset(u, 0, sizeof(*u));
	u->sim = sim;
	u->set = *set;
	u->rng = sim->seed ^ (0x5bd1e995ULL * (n + 1));
	u->next_port = (uint16_t)(49152 + sim_below(sim, 8000));
	u->addr = set->local;
	if (!u->addr.family) {
		u->addr.family = 4;
		u->addr.ip[0] = 10;
		u->addr.ip[3] = (uint8_t)(n + 2);
	}
	u->addr.port = 0;

	memcpy(u->id.imsi, SIM_IMSI, sizeof(SIM_IMSI));
	u->id.mnc_len = 2;
	memcpy(u->id.imei, "350000010000019", 16);
	sim_port_init(u);

	memset(&prm, 0, sizeof(prm));
	prm.algorithm = USIM_MILENAGE;
	memcpy(prm.k, sim_k, sizeof(sim_k));
	memcpy(prm.opc, sim_opc, sizeof(sim_opc));
	prm.k_len = sizeof(sim_k);
	prm.res_len = prm.mac_len = 8;
	err = usim_soft_init(&u->card, &prm, &u->port);
	if (err)
		return err;

	/* the time of a UE does not begin with 0 */
	if (!sim->now_ms)
		(void)sim_run(sim, 1 + sim_below(sim, 100000));

	err = ue_init(&u->ue, &u->set, &u->port, event_h, u);
	if (err)
		return err;

	for (i = 0; i < UE_FLOWS_ALL; i++)
		u->flowv[i].conn = -1;
	u->open = true;
	u->due_ms = sim->now_ms;
	sim->uev[n] = u;

	return 0;
}


void sim_ue_close(struct sim_ue *u)
{
	struct sim *sim = u->sim;
	unsigned i;

	ue_close(&u->ue);
	u->open = false;
	ue_timer_cancel(&sim->timers, &u->card_timer);
	ue_timer_cancel(&sim->timers, &u->resolve_timer);

	for (i = 0; i < SIM_UES; i++) {
		if (sim->uev[i] == u)
			sim->uev[i] = NULL;
	}
}


/* ------------------------------------------------------------------ */
/* Commands */


/* Time has passed since the last poll: a port polls before it commands */
static void before(struct sim_ue *u)
{
	sim_ue_poll(u);
	u->due_ms = u->sim->now_ms;
}


int sim_ue_register(struct sim_ue *u)
{
	int err;

	before(u);
	err = ue_register(&u->ue);
	if (!err)
		u->bal.register_owed = true;

	return err;
}


int sim_ue_reregister(struct sim_ue *u)
{
	int err;

	before(u);
	err = ue_reregister(&u->ue);
	if (!err)
		u->bal.reregister_owed = true;

	return err;
}


int sim_ue_deregister(struct sim_ue *u)
{
	int err;

	before(u);
	err = ue_deregister(&u->ue);
	if (!err)
		u->bal.deregister_owed = true;

	return err;
}


unsigned sim_flows(const struct sim_ue *u)
{
	unsigned i, n = 0;

	for (i = 0; i < MESSAGING_LISTENER; i++)
		n += u->flowv[i].kind != 0;

	return n;
}


static const char *unbalanced(const struct sim_balance *b)
{
	if (b->wrong)
		return b->wrong;

	if (b->register_owed)
		return "a registration without outcome";

	if (b->reregister_owed)
		return "a re-registration without outcome";

	if (b->deregister_owed)
		return "a deregistration without outcome";

	return b->automatic ? "an announced registration was not made" : NULL;
}


/* Messages and files */
static const char *media_residue(const struct ue *ue)
{
	const struct messaging *mg = &ue->messaging;
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (mg->mediav[i].s)
			return "an MSRP session is not free";
	}
	for (i = 0; i < MSRP_OUT; i++) {
		if (mg->outv[i].state)
			return "a message on its way is not free";
	}
	for (i = 0; i < MSRP_IN; i++) {
		if (mg->inv[i].state)
			return "a message that comes is not free";
	}
	for (i = 0; i < MSRP_CONNS; i++) {
		if (mg->m.connv[i].used)
			return "an MSRP connection is not free";
	}
	for (i = 0; i < UE_PAGES_MAX; i++) {
		if (ue->pages.v[i].used)
			return "a MESSAGE is not free";
	}
#if UE_FILE_TRANSFER
	for (i = 0; i < UE_FILES_MAX; i++) {
		if (ue->files.v[i].id)
			return "a file is not free";
	}
#endif

	return NULL;
}


const char *sim_services_residue(const struct sim_ue *u)
{
	const struct ue *ue = &u->ue;
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX; i++) {
		if (ue->confs.v[i].state != UE_CONF_FREE)
			return "a conference is not free";
	}
	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ue->sessions.sv[i].state != SESSION_FREE)
			return "a session is not free";
	}
	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (ue->refers.v[i].state || ue->confs.requestv[i].conf)
			return "a REFER is not free";
	}
	for (i = 0; i < UE_REFERRED_MAX; i++) {
		if (ue->refers.inv[i].used)
			return "a REFER to us is not free";
	}
	for (i = 0; i < UE_REFER_DIALOGS; i++) {
		if (ue->refers.dlgv[i].state != SIP_DIALOG_NONE)
			return "a dialog is not free";
	}

	return media_residue(ue);
}


const char *sim_residue(const struct sim_ue *u)
{
	const struct ue *ue = &u->ue;
	const char *why;

	if (u->sim->broken)
		return u->sim->broken;

	if (ue->timers.head)
		return "a timer is running";

	if (!sip_idle(&ue->sip))
		return "a transaction or block is taken";

	if (ue->sip.hops)
		return "a hop is open";

	if (sim_flows(u))
		return "a flow is open";

	if (sim_sets(u) || u->esp.installed != u->esp.removed ||
	    ims_sec_is_open(&ue->reg))
		return "an association is left";
#if UE_IPSEC
	if (ipsec_next_ms(&ue->ipsec) != UINT64_MAX)
		return "a set is left in the database";
#endif

	if (ue->stats.events_lost)
		return "an event was lost";

	if (u->reserved)
		return "resources are reserved";

	why = unbalanced(&u->bal);

	return why ? why : sim_services_residue(u);
}
