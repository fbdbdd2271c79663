/**
 * @file races.c  A life with security associations in which things cross:
 * re-registration while requests of both sides are under way, lost 401 and
 * 200, network re-authentication, invalid challenges, a P-CSCF that forgets
 *
 * All the time: nothing but REGISTER leaves without an association, and after
 * the first 200 not even an open port is left for it; the network finds
 * nothing wrong; platform, database and network agree on the sets.  In the
 * end the UE answers requests and is registered, and nothing is left.
 */
#include <string.h>
#include "test/sim/life.h"
#include "test/sim/sec_world.h"

void (*races_trace)(void *arg, const struct ue_trace *trace);

#if UE_IPSEC

#define STEPS 14
#define PATIENCE_S (24 * 3600)
#define END_S 600

static struct sim *const sim = &world.sim;
static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


static void make_world(void)
{
	static const char *const algv[] = {
		SEC_ALGS, NULL, "null/aes-gcm,aes-gmac/null",
		"hmac-md5-96/des-ede3-cbc"
	};
	struct sim_link *l = &sim->link;

	l->loss = sim_below(sim, 26);
	l->dup = sim_below(sim, 11);
	l->reorder = sim_below(sim, 21);
	l->delay_ms = 5 + sim_below(sim, 200);
	l->jitter_ms = sim_below(sim, 150);
	l->segment = sim_chance(sim, 70);

	net->logging = false;
	net->rechallenge = sim_chance(sim, 70);
	net->qop = sim_chance(sim, 50);
	net->barred = sim_chance(sim, 50);
	net->keep_s = sim_chance(sim, 30) ? 20 + sim_below(sim, 200) : 0;
	net->grant_s = sim_chance(sim, 50) ? 600000 : 1200;
	net->sec.patient = sim_chance(sim, 50);
	net->sec.ps_to_uc = sim_chance(sim, 30);
	net->restart_clears = true;

	world.set.sec_algs = algv[sim_below(sim, IPSEC_GCM && IPSEC_MD5 &&
					    IPSEC_3DES ? 4 : 2)];
	if (sim_chance(sim, 20)) {
		net_use_ipv6(net);
		world.set.pcscfv[0] = "[2001:db8::1]:5060";
		world.set.local.family = 6;
		world.set.local.ip[0] = 0xfd;
	}

	world.set.transport = (enum ue_transport_choice)sim_below(sim, 3);
	if (sim_chance(sim, 20)) {
		world.set.transport = UE_TRANSPORT_UDP_ONLY;
		world.set.sigcomp = true;
		net_use_sigcomp(net);
	}
}


/* ------------------------------------------------------------------ */
/* What must be true all the time */


static unsigned sets(void)
{
	unsigned i, n = 0;

	for (i = IPSEC_TEMPORARY; i <= IPSEC_OLD; i++)
		n += ipsec_get(&ue->ue.ipsec, (enum ipsec_state)i) != NULL;

	return n;
}


static const char *check(void)
{
	const struct ims_sec_stats *st = &ue->ue.reg.sec.stats;

	if (sim->broken)
		return sim->broken;
	if (net->sec.wrong)
		return net->sec.wrong;
	if (sets() != sim_sets(ue))
		return "database and platform have different sets";
	if (st->installed - st->removed != sets())
		return "the counters do not count the sets";
	if (ue_reg_info(&ue->ue)->registered &&
	    sip_hop_is_open(&ue->ue.reg.hop))
		return "registered, but an unprotected port is open";
	if (ue_reg_info(&ue->ue)->registered &&
	    !ipsec_get(&ue->ue.ipsec, IPSEC_CURRENT))
		return "registered without associations";

	return ue->bal.wrong;
}


/* ------------------------------------------------------------------ */
/* What crosses */


static void requests(void)
{
	unsigned n = 1 + sim_below(sim, 4);

	while (n--)
		net_request(net, sim_chance(sim, 50) ? "OPTIONS" : "MESSAGE",
			    "");
	if (sim_chance(sim, 50))
		net_notify(net, sim_chance(sim, 50) ? NET_DOC_PARTIAL
			   : NET_DOC_REGISTERED, 0, NULL);
}


static void answers(void)
{
	static const enum net_act actv[] = {
		NET_LOSE, NET_LOSE, NET_BAD_MAC, NET_OLD_SQN, NET_NORMAL,
		NET_RESET
	};
	unsigned n = 1 + sim_below(sim, 3);

	net->reg.count = net->reg.next = 0;
	while (n--)
		net_reg(net, actv[sim_below(sim, 6)], 0);
}


static void restart(void)
{
	net_kill(net, 0);
	(void)sim_run_s(sim, sim_below(sim, 100));
	net_start(net, 0);
}


static void step(void)
{
	switch (sim_below(sim, 10)) {

	case 0:
	case 1:
		requests();
		(void)sim_ue_reregister(ue);
		break;

	case 2:
		(void)sim_ue_reregister(ue);
		(void)sim_run(sim, sim->now_ms + sim_below(sim, 2000));
		requests();
		break;

	case 3:
	case 4:
		answers();
		(void)sim_ue_reregister(ue);
		break;

	case 5:
		net_notify(net, NET_DOC_SHORTENED, 10 + sim_below(sim, 60),
			   NULL);
		break;

	case 6:
		net_notify(net, sim_chance(sim, 50) ? NET_DOC_DEACTIVATED
			   : NET_DOC_EXPIRED, 0, NULL);
		break;

	case 7:
		restart();
		break;

	case 8:
		net->rechallenge = sim_chance(sim, 70);
		net->sec.patient = sim_chance(sim, 50);
		(void)sim_ue_reregister(ue);
		break;

	default:
		requests();
		break;
	}
}


static void some_time(void)
{
	static const uint32_t longestv[] = {30, 1500, 40000, 400000};

	(void)sim_run(sim, sim->now_ms +
		      sim_below(sim, longestv[sim_below(sim, 4)]));
}


/* ------------------------------------------------------------------ */


/* A good network: what the UE says is true, and it can be reached */
static const char *settle(void)
{
	const uint64_t until_ms = sim->now_ms + PATIENCE_S * 1000ULL;
	unsigned ok;

	memset(&sim->link, 0, sizeof(sim->link));
	sim->link.delay_ms = 20;
	net->reg.count = net->reg.next = 0;
	net_start(net, 0);

	/* what was under way has come to its end, good or bad */
	(void)sim_run_s(sim, 400);
	while ((!ue_reg_info(&ue->ue)->registered ||
		!net_is_registered(net)) && sim->now_ms < until_ms) {
		/* given up for good, or one side has forgotten */
		if (sim_ue_register(ue))
			(void)sim_ue_reregister(ue);
		(void)sim_run_s(sim, 100);
	}

	if (!ue_reg_info(&ue->ue)->registered)
		return "the registration does not come back";

	net->sec.patient = false;
	net->rechallenge = true;
	ue->seen = ue->eventc;
	(void)sim_ue_reregister(ue);
	if (!sim_wait2(ue, UE_EVENT_REREGISTERED, UE_EVENT_REGISTERED,
		       PATIENCE_S))
		return "no re-registration in a good network";

	/* the subscription may have to be made again; where a NOTIFY was on
	   its way when its set of associations went, the network has given it
	   up (RFC 6665 s4.2.2), and the UE learns that when it refreshes */
	(void)sim_run_s(sim, 4000);
	if (!net->subscribed && net->unheard)
		(void)sim_run_s(sim, net->sub_grant_s);
	if (!net->subscribed)
		return "no subscription in a good network";

	ok = net->notify_ok;
	net_notify(net, NET_DOC_PARTIAL, 0, NULL);
	(void)sim_run_s(sim, 200);

	return net->notify_ok > ok ? NULL : "a NOTIFY is not answered";
}


static const char *live(void)
{
	const char *why = NULL;
	unsigned i;

	if (sim_ue_register(ue))
		return "ue_register() refused";
	if (!sim_wait(ue, UE_EVENT_REGISTERED, PATIENCE_S))
		return "no registration";

	for (i = 0; i < STEPS && !why; i++) {
		step();
		some_time();
		why = check();
	}

	if (!why)
		why = settle();
	if (!why)
		why = check();
	if (why)
		return why;

	ue->seen = ue->eventc;
	if (sim_ue_deregister(ue))
		return "ue_deregister() refused";
	if (!sim_wait(ue, UE_EVENT_DEREGISTERED, END_S))
		return "no outcome of the deregistration";
	(void)sim_run_s(sim, END_S);

	why = sim_residue(ue);

	return why ? why : net->sec.wrong;
}


const char *races_run(struct life *life, uint64_t seed)
{
	const char *why;

	memset(life, 0, sizeof(*life));
	sec_begin(seed);
	make_world();
	life->transport = world.set.transport;
	life->grant_s = net->grant_s;

	if (world_ue())
		return "ue_init() failed";

	ue->port.trace = races_trace;
	ue->card_delay_ms = sim_chance(sim, 50) ? sim_below(sim, 3000) : 0;
	why = live();
	life_record(life);
	sim_ue_close(ue);

	return why;
}

#else

const char *races_run(struct life *life, uint64_t seed)
{
	(void)seed;
	memset(life, 0, sizeof(*life));

	return NULL;
}

#endif
