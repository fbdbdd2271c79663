/**
 * @file world.c  One UE and one network, as most simulator tests want them
 */
#include <stdlib.h>
#include <string.h>
#include "test/sim/world.h"

/** Longer than all timers of a transaction and than the time that a UE keeps
 *  its port for late NOTIFYs */
#define END_S 600

struct world world;


void world_begin(uint64_t seed)
{
	sim_init(&world.sim, seed);
	net_init(&world.net, &world.sim);
	sim_settings(&world.set, "192.0.2.1");
}


int world_ue(void)
{
	return sim_ue_init(&world.u, &world.sim, &world.set);
}


int world_register(void)
{
	const int err = world_ue();

	return err ? err : sim_ue_register(&world.u);
}


bool world_registered(void)
{
	if (world_register() ||
	    !sim_wait(&world.u, UE_EVENT_REGISTERED, 300))
		return false;

	if (world.set.no_reg_event)
		return true;

	return sim_wait(&world.u, UE_EVENT_REG_INFO, 300) != NULL;
}


const char *world_end(void)
{
	const char *residue;

	if (ue_reg_info(&world.u.ue)->state != IMS_REG_IDLE) {
		if (sim_ue_deregister(&world.u))
			return "ue_deregister() refused";
		(void)sim_wait(&world.u, UE_EVENT_DEREGISTERED, END_S);
	}

	(void)sim_run_s(&world.sim, END_S);
	residue = sim_residue(&world.u);
	sim_ue_close(&world.u);

	return residue;
}


/* A test that fails must not crash */
static const struct net_rx *logged(enum sip_method method, unsigned n)
{
	static const struct net_rx none = {.pcscf = -1};
	const struct net_rx *rx = net_log(&world.net, method, n);

	return rx ? rx : &none;
}


const struct net_rx *world_reg(unsigned n)
{
	return logged(SIP_METHOD_REGISTER, n);
}


const struct net_rx *world_sub(unsigned n)
{
	return logged(SIP_METHOD_SUBSCRIBE, n);
}


unsigned world_regs(void)
{
	return net_log_count(&world.net, SIP_METHOD_REGISTER);
}


unsigned world_subs(void)
{
	return net_log_count(&world.net, SIP_METHOD_SUBSCRIBE);
}


uint64_t world_gap_s(const struct net_rx *a, const struct net_rx *b)
{
	return (b->at_ms - a->at_ms) / 1000;
}


unsigned world_cseq(const struct net_rx *rx)
{
	return (unsigned)strtoul(net_hdr(rx, "CSeq"), NULL, 10);
}


const char *world_auth(const struct net_rx *rx, const char *name)
{
	return net_prm(net_hdr(rx, "Authorization"), name);
}


bool world_has_auth(const struct net_rx *rx, const char *name)
{
	const char *p = net_hdr(rx, "Authorization");
	const size_t len = strlen(name);

	while ((p = strstr(p, name)) != NULL) {
		if (p[len] == '=' && strchr(" ,", p[-1]))
			return true;
		++p;
	}

	return false;
}


bool world_initial(const struct net_rx *rx)
{
	return rx->pcscf >= 0 && world_has_auth(rx, "nonce") &&
		!world_auth(rx, "nonce")[0] && !world_auth(rx, "response")[0];
}
