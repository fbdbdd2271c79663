/**
 * @file session_life.h  A life full of sessions: the user and the phones of
 * net_call.h do what they like over a bad network
 */
#ifndef SIM_SESSION_LIFE_H
#define SIM_SESSION_LIFE_H

#include "test/sim/life.h"

/** Run one in `world`.  @return NULL, or what went wrong */
const char *session_life_run(struct life *life, uint64_t seed);

/** What has happened in all lives so far */
struct session_life_total {
	unsigned started, incoming, established, failed, ended;
	unsigned modified, modify_failed, changed;
	unsigned forks, pracks, glares, crossed;
	unsigned qos;           /* descriptions in early dialogs         */
};
extern struct session_life_total session_life_total;

/** Trace handler of the UE's port, NULL = none */
extern void (*session_life_trace)(void *arg, const struct ue_trace *trace);

#endif
