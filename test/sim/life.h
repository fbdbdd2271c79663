/**
 * @file life.h  One whole life of a UE: register, re-register twice,
 * deregister, over a bad network; everything follows from the seed
 */
#ifndef SIM_LIFE_H
#define SIM_LIFE_H

#include <stdint.h>
#include "test/sim/sim.h"

struct life {
	/* what the seed made of it */
	unsigned loss;
	unsigned transport;     /**< enum ue_transport_choice            */
	uint32_t grant_s;

	/* what happened */
	uint64_t time_ms;       /**< simulated                           */
	unsigned packets;
	unsigned lost;
	unsigned requests;      /**< that the network has seen           */
	unsigned retries;       /**< failed attempts that were repeated  */
	unsigned renewed;       /**< registrations that were lost and made
				 *   again                               */
	struct sim_peaks peaks;
	uint64_t mark;          /**< the same for the same seed          */
};

/** Run one in `world`.  @return NULL, or what went wrong */
const char *life_run(struct life *life, uint64_t seed);

/** The same, but anything may happen at any time (chaos.c): the UE may fail
 *  to register, but whatever happened, each command has one outcome and in the
 *  end nothing is left */
const char *chaos_run(struct life *life, uint64_t seed);

/** With security associations, and everything crosses (races.c) */
const char *races_run(struct life *life, uint64_t seed);
/** Told of each message; NULL = nobody */
extern void (*races_trace)(void *arg, const struct ue_trace *trace);

/** What has happened in `world` */
void life_record(struct life *life);

#endif
