/**
 * @file life.c  One whole life of a UE over a bad network
 */
#include <string.h>
#include "test/sim/life.h"
#include "test/sim/world.h"

/** Longer than any back-off with what may follow it */
#define PATIENCE_S (24 * 3600)

/** Longer than a transaction, and than the UE keeps its port afterwards */
#define END_S 600


static void make_link(struct sim *sim)
{
	struct sim_link *l = &sim->link;

	l->loss = sim_below(sim, 31);
	l->dup = sim_below(sim, 11);
	l->reorder = sim_below(sim, 21);
	l->delay_ms = 5 + sim_below(sim, 200);
	l->jitter_ms = sim_below(sim, 150);
	l->segment = sim_chance(sim, 70);
}


static void make_net(struct net *net, struct sim *sim)
{
	static const uint32_t grantv[] = {600000, 3600, 1200, 600};

	net->logging = false;
	net->grant_s = grantv[sim_below(sim, 4)];
	net->sub_grant_s = grantv[sim_below(sim, 4)];
	net->rechallenge = sim_chance(sim, 40);
	net->qop = sim_chance(sim, 50);
	net->rspauth = sim_chance(sim, 30);
	net->opaque = sim_chance(sim, 30) ? "abcdef" : NULL;
	net->barred = sim_chance(sim, 50);
	net->gruu = sim_chance(sim, 30);
	net->keep_s = sim_chance(sim, 40) ? 20 + sim_below(sim, 200) : 0;
	net->notify_connect = sim_chance(sim, 40);

	if (sim_chance(sim, 20))
		net_use_ipv6(net);
}


static void make_settings(struct ue_settings *set, struct sim *sim,
			  const struct net *net)
{
	set->transport = (enum ue_transport_choice)sim_below(sim, 3);

	if (net->pcscfv[0].addr.family == 6) {
		set->pcscfv[0] = "[2001:db8::1]:5060";
		set->local.family = 6;
		set->local.ip[0] = 0xfd;
		set->local.ip[15] = 9;
	}
	else if (sim_chance(sim, 30)) {
		set->pcscfv[0] = "pcscf.test";
	}
	else {
		set->pcscfv[1] = "192.0.2.2:5060";
	}
}


/* Registered, and the network says so, too */
static const char *check_registered(const struct world *w)
{
	const struct ims_reg_info *info = ue_reg_info(&w->u.ue);

	if (!info->registered)
		return "registered was reported, but it is not";

	if (!net_is_registered(&w->net))
		return "the network knows no registration";

	if (info->expires_s > w->net.grant_s)
		return "longer registered than granted";

	return NULL;
}


static const char *register_first(struct world *w)
{
	const struct ue_event *ev;

	if (sim_ue_register(&w->u))
		return "ue_register() refused";

	ev = sim_wait2(&w->u, UE_EVENT_REGISTERED, UE_EVENT_REGISTER_FAILED,
		       PATIENCE_S);
	if (!ev)
		return "no outcome of the registration";

	if (ev->type == UE_EVENT_REGISTER_FAILED)
		return "registration failed for good";

	return check_registered(w);
}


static const char *reregister(struct life *life, struct world *w)
{
	const struct ue_event *ev;

	(void)sim_run_s(&w->sim, sim_below(&w->sim, 1500));

	/* lost meanwhile, perhaps, and not yet made again */
	while (!ue_reg_info(&w->u.ue)->registered) {
		if (!sim_wait(&w->u, UE_EVENT_REGISTERED, PATIENCE_S))
			return "a lost registration does not come back";
	}

	/* what has been reported so far was the UE's own doing */
	w->u.seen = w->u.eventc;
	if (sim_ue_reregister(&w->u))
		return "ue_reregister() refused";

	ev = sim_wait2(&w->u, UE_EVENT_REREGISTERED, UE_EVENT_DEREGISTERED,
		       PATIENCE_S);
	if (!ev)
		return "no outcome of the re-registration";

	if (ev->type == UE_EVENT_REREGISTERED)
		return check_registered(w);

	/* Timer F is possible where a third of all packets is lost */
	if (!ev->again)
		return "re-registration failed for good";

	++life->renewed;
	if (!sim_wait(&w->u, UE_EVENT_REGISTERED, PATIENCE_S))
		return "a lost registration does not come back";

	return check_registered(w);
}


static const char *deregister(struct world *w)
{
	const struct ue_event *ev;

	w->u.seen = w->u.eventc;
	if (sim_ue_deregister(&w->u))
		return "ue_deregister() refused";

	/* a registration may have been lost by itself just before */
	do {
		ev = sim_wait(&w->u, UE_EVENT_DEREGISTERED, END_S);
		if (!ev)
			return "no outcome of the deregistration";

	} while (ev->dereg != UE_DEREG_USER);

	if (ue_reg_info(&w->u.ue)->registered)
		return "deregistered was reported, but it is not";

	(void)sim_run_s(&w->sim, END_S);

	return sim_residue(&w->u);
}


static uint64_t mark(const struct world *w)
{
	uint64_t h = w->sim.now_ms;
	unsigned i;

	h = h * 31 + w->sim.stats.packets;
	h = h * 31 + w->net.requests;
	for (i = 0; i < w->u.eventc && i < SIM_EVENTS; i++)
		h = (h * 31 + (uint64_t)w->u.eventv[i].ev.type) * 31 +
			w->u.eventv[i].at_ms;

	return h;
}


void life_record(struct life *life)
{
	const struct world *w = &world;

	life->loss = w->sim.link.loss;
	life->time_ms = w->sim.now_ms;
	life->packets = w->sim.stats.packets;
	life->lost = w->sim.stats.lost;
	life->requests = w->net.requests;
	life->retries = sim_events(&w->u, UE_EVENT_REGISTER_RETRY);
	life->peaks = w->u.peaks;
	life->mark = mark(w);
}


static const char *live(struct life *life, struct world *w)
{
	const char *why = register_first(w);

	if (!why)
		why = reregister(life, w);
	if (!why)
		why = reregister(life, w);
	if (!why)
		why = deregister(w);

	return w->sim.broken ? w->sim.broken : why;
}


const char *life_run(struct life *life, uint64_t seed)
{
	struct world *w = &world;
	const char *why;

	memset(life, 0, sizeof(*life));
	world_begin(seed);
	make_link(&w->sim);
	make_net(&w->net, &w->sim);
	make_settings(&w->set, &w->sim, &w->net);

	life->transport = w->set.transport;
	life->grant_s = w->net.grant_s;

	if (world_ue())
		return "ue_init() failed";

	if (sim_chance(&w->sim, 50))
		w->u.card_delay_ms = 100 + sim_below(&w->sim, 2000);
	w->u.no_listen = sim_chance(&w->sim, 10);

	why = live(life, w);

	life_record(life);
	sim_ue_close(&w->u);

	return why;
}
