/**
 * @file chaos.c  A life in which everything happens: refusals, dead and
 * restarted P-CSCFs, resets, documents at any time, faults of the platform,
 * garbage, and a user who gives commands whenever he likes
 */
#include <errno.h>
#include <string.h>
#include "test/sim/life.h"
#include "test/sim/world.h"

#define STEPS 40
#define END_S 600

static struct sim *const sim = &world.sim;
static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


/* ------------------------------------------------------------------ */
/* What may happen */


static void any_link(void)
{
	sim->link.loss = sim_below(sim, 60);
	sim->link.dup = sim_below(sim, 30);
	sim->link.reorder = sim_below(sim, 40);
	sim->link.delay_ms = sim_below(sim, 900);
	sim->link.jitter_ms = sim_below(sim, 900);
	sim->link.segment = sim_chance(sim, 80);
}


static uint16_t any_code(void)
{
	static const uint16_t codev[] = {
		200, 202, 300, 305, 400, 401, 403, 404, 407, 408, 420, 421,
		423, 481, 486, 489, 494, 500, 501, 503, 504, 513, 600, 603
	};

	return codev[sim_below(sim, sizeof(codev) / sizeof(codev[0]))];
}


static void script_clear(struct net_script *s)
{
	s->count = s->next = 0;
}


static void any_answers(void)
{
	unsigned n = 1 + sim_below(sim, 6);

	script_clear(&net->reg);
	while (n--) {

		const enum net_act act = (enum net_act)sim_below(sim, 10);

		net_reg(net, act, act == NET_BRIEF ? sim_below(sim, 2000000)
			: sim_below(sim, 500));
		net->reg.v[net->reg.count - 1].code = any_code();
		if (sim_chance(sim, 70))
			net->reg.v[net->reg.count - 1].value = 0;
	}

	script_clear(&net->sub);
	if (sim_chance(sim, 50))
		net_sub_answer(net, any_code(), sim_below(sim, 300));
}


static void any_document(void)
{
	static const char *const statev[] = {
		NULL, NULL, NULL, NULL, "active;expires=60", "pending",
		"terminated", "terminated;reason=timeout",
		"terminated;reason=probation;retry-after=50",
		"terminated;reason=rejected", "terminated;reason=deactivated",
		"terminated;reason=giveup;retry-after=4000000000",
		"active;expires=0", "nonsense"
	};

	if (sim_chance(sim, 20))
		net->version += sim_below(sim, 3);

	net_notify(net, (enum net_doc)sim_below(sim, NET_DOC_NONE + 1),
		   sim_chance(sim, 10) ? UINT32_MAX : sim_below(sim, 1000),
		   statev[sim_below(sim, sizeof(statev) /
				    sizeof(statev[0]))]);
}


static void any_fault(void)
{
	static const enum sim_fault_kind kindv[] = {
		SIM_FAULT_OPEN, SIM_FAULT_RANDOM, SIM_FAULT_USIM,
		SIM_FAULT_USIM_FAILED, SIM_FAULT_NV_WRITE, SIM_FAULT_INSTALL,
		SIM_FAULT_SEND
	};
	static const int errv[] = {
		EAGAIN, EMSGSIZE, ENOTCONN, ECONNRESET, ENETUNREACH, EPERM
	};
	struct sim_fault *f = &ue->fault;
	const enum sim_fault_kind kind = kindv[sim_below(sim, 7)];

	f->n[kind] = 1 + sim_below(sim, 4);
	f->err = kind == SIM_FAULT_SEND ? errv[sim_below(sim, 6)] : 0;
}


/* Over all connections, and as a datagram */
static void send_garbage(const uint8_t *buf, size_t len)
{
	const unsigned from = sim_below(sim, NET_PCSCFS);
	unsigned i;

	for (i = 0; i < SIM_CONNS; i++) {
		if (net->connv[i].used && net->connv[i].up)
			sim_tcp_send(sim, i, buf, len);
	}

	if (net->contact_addr.family)
		sim_udp_send(sim, &net->pcscfv[from].addr,
			     &net->contact_addr, buf, len);
}


/* A message that was fine once, or nothing at all, from a P-CSCF */
static void any_garbage(void)
{
	static uint8_t buf[1500];
	const struct net_strans *st = &net->stransv[sim_below(sim,
							      NET_STRANS)];
	size_t len = st->len, i;
	unsigned n = 1 + sim_below(sim, 8);

	if (len && len <= sizeof(buf) && sim_chance(sim, 80)) {
		memcpy(buf, st->text, len);
	}
	else {
		len = 1 + sim_below(sim, sizeof(buf) - 1);
		for (i = 0; i < len; i++)
			buf[i] = (uint8_t)sim_rand(sim);
	}

	while (n--)
		buf[sim_below(sim, (uint32_t)len)] =
			(uint8_t)(sim_chance(sim, 50) ? sim_rand(sim) : ' ');

	send_garbage(buf, len);
}


static void any_request(void)
{
	static const char *const methodv[] = {
		"OPTIONS", "INVITE", "MESSAGE", "NOTIFY", "BYE", "UPDATE",
		"FOO", "SUBSCRIBE"
	};

	if (net->contact[0])
		net_request(net, methodv[sim_below(sim, 8)],
			    sim_chance(sim, 50) ? "" : "Require: foo\r\n");
}


static void any_command(void)
{
	switch (sim_below(sim, 4)) {
	case 0:
	case 1:  (void)sim_ue_register(ue);   break;
	case 2:  (void)sim_ue_reregister(ue); break;
	default: (void)sim_ue_deregister(ue); break;
	}
}


static void any_pcscf(void)
{
	const int i = (int)sim_below(sim, NET_PCSCFS);

	net->restart_clears = sim_chance(sim, 50);
	if (net->pcscfv[i].up)
		net_kill(net, i);
	else
		net_start(net, i);
}


static void any_agreement(void)
{
	net->sec.fault = (enum net_sec_fault)sim_below(sim,
						NET_SEC_WEAK_SERVER + 1);
	net->sec.faults = 1 + sim_below(sim, 2);
	net->sec.no_494 = sim_chance(sim, 50);
}


static void any_keepalive(void)
{
	net->no_pong = sim_chance(sim, 50);
	net->nat = (uint16_t)sim_below(sim, 3);
}


static void any_thing(void)
{
	switch (sim_below(sim, 16)) {
	case 0:  any_link();            break;
	case 1:
	case 2:  any_answers();         break;
	case 3:
	case 4:  any_document();        break;
	case 5:  any_fault();           break;
	case 6:  any_garbage();         break;
	case 7:  any_request();         break;
	case 8:  any_pcscf();           break;
	case 9:  net_reset(net);        break;
	case 10: net->refuse_tcp = !net->refuse_tcp; break;
	case 11: any_keepalive();       break;
	case 12: any_agreement();       break;
	default: any_command();         break;
	}
}


static void any_time(void)
{
	static const uint32_t longestv[] = {50, 3000, 60000, 2000000};

	(void)sim_run(sim, sim->now_ms +
		      sim_below(sim, longestv[sim_below(sim, 4)]));
}


/* ------------------------------------------------------------------ */


/* The world is good again */
static void calm(void)
{
	int i;

	memset(&ue->fault, 0, sizeof(ue->fault));
	memset(&sim->link, 0, sizeof(sim->link));
	sim->link.delay_ms = 20;
	script_clear(&net->reg);
	script_clear(&net->sub);
	net->refuse_tcp = false;
	net->no_pong = false;
	for (i = 0; i < NET_PCSCFS; i++)
		net_start(net, i);
}


static const char *finish(void)
{
	int err;

	calm();
	err = sim_ue_deregister(ue);
	if (err && err != EPROTO)
		return "ue_deregister() refused";

	(void)sim_run_s(sim, END_S);
	if (ue_reg_info(&ue->ue)->state != IMS_REG_IDLE)
		return sim->broken ? sim->broken : "not deregistered";

	return sim_residue(ue);
}


static void make_world(void)
{
	net->logging = false;
	net->grant_s = 100 + sim_below(sim, 4000);
	net->sub_grant_s = 100 + sim_below(sim, 4000);
	net->rechallenge = sim_chance(sim, 50);
	net->qop = sim_chance(sim, 50);
	net->rspauth = sim_chance(sim, 50);
	net->barred = sim_chance(sim, 50);
	net->gruu = sim_chance(sim, 50);
	net->keep_s = sim_chance(sim, 50) ? sim_below(sim, 200) : 0;
	net->notify_connect = sim_chance(sim, 50);

	if (sim_chance(sim, 50) && UE_IPSEC) {
		net_use_sec(net);
		net->sec.patient = sim_chance(sim, 50);
		net->sec.ps_to_uc = sim_chance(sim, 50);
		world.set.sec = UE_SEC_IPSEC;
	}

	world.set.transport = (enum ue_transport_choice)sim_below(sim, 3);
	world.set.pcscfv[0] = sim_chance(sim, 30) ? "pcscf.test"
		: "192.0.2.1";
	world.set.pcscfv[1] = sim_chance(sim, 50) ? "192.0.2.2" : NULL;
}


const char *chaos_run(struct life *life, uint64_t seed)
{
	const char *why = NULL;
	unsigned i;

	memset(life, 0, sizeof(*life));
	world_begin(seed);
	make_world();
	life->transport = world.set.transport;
	life->grant_s = net->grant_s;

	if (world_ue())
		return "ue_init() failed";

	ue->card_delay_ms = sim_chance(sim, 50) ? sim_below(sim, 3000) : 0;
	(void)sim_ue_register(ue);

	for (i = 0; i < STEPS && !sim->broken; i++) {
		any_time();
		any_thing();
		if (sim_chance(sim, 10)) {
			calm();
			(void)sim_run_s(sim, 300);
		}
	}

	why = finish();
	life_record(life);
	sim_ue_close(ue);

	return why;
}
