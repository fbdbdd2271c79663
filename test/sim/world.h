/**
 * @file world.h  One UE and one network, as most simulator tests want them
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "test/sim/net.h"
#include "test/sim/sim.h"

struct world {
	struct sim sim;
	struct net net;
	struct sim_ue u;
	struct ue_settings set;         /* for world_ue()                */
};

/** The only one: its storage is too large for a stack */
extern struct world world;

/** An empty world, settings with the P-CSCF 192.0.2.1.  Tests change
 *  world.net and world.set before they go on */
void world_begin(uint64_t seed);

/** Insert the UE.  @return of ue_init() */
int world_ue(void);

/** Insert the UE, begin to register.  @return of ue_init() or ue_register() */
int world_register(void);

/** Insert the UE, register, wait for the registration and for the first
 *  NOTIFY.  @return false: it did not happen */
bool world_registered(void);

/** Deregister when registered, let everything come to its end, take the UE
 *  out.  @return NULL, or what is left (sim_residue()) */
const char *world_end(void);

/** n-th REGISTER or SUBSCRIBE in the network's log, from 0; an empty one
 *  (pcscf -1) where there is none */
const struct net_rx *world_reg(unsigned n);
const struct net_rx *world_sub(unsigned n);
unsigned world_regs(void);
unsigned world_subs(void);

/** Time between two logged messages, seconds, rounded down */
uint64_t world_gap_s(const struct net_rx *a, const struct net_rx *b);

/** Number in the CSeq; parameter of Authorization ("" = not there) */
unsigned world_cseq(const struct net_rx *rx);
const char *world_auth(const struct net_rx *rx, const char *name);
bool world_has_auth(const struct net_rx *rx, const char *name);

/** A REGISTER that begins a registration: no answer to a challenge in it */
bool world_initial(const struct net_rx *rx);

#endif
