/**
 * @file sec_world.c  A UE and a network with security agreement
 */
#include <stdlib.h>
#include <string.h>
#include "test/sim/sec_world.h"


void sec_begin(uint64_t seed)
{
	world_begin(seed);
	net_use_sec(&world.net);
	world.set.sec = UE_SEC_IPSEC;
	world.set.sec_algs = SEC_ALGS;
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
}


const char *sec_end(void)
{
	const char *why = world_end();

	return world.net.sec.wrong ? world.net.sec.wrong : why;
}


unsigned long sec_num(const struct net_rx *rx, const char *hdr,
		      const char *prm)
{
	return strtoul(net_prm(net_hdr(rx, hdr), prm), NULL, 10);
}


const struct net_rx *sec_last(void)
{
	return world_reg(world_regs() - 1);
}
