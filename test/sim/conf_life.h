/**
 * @file conf_life.h  A life full of conferences: a user who creates, joins,
 * invites, removes, holds and leaves, a focus that refers, invites, hangs up,
 * storms and forgets, over a network that loses, repeats and reorders
 *
 * Each accepted command has one outcome; when all is quiet both sides agree
 * about which sessions are up; in the end no entry of any table is taken.
 */
#ifndef SIM_CONF_LIFE_H
#define SIM_CONF_LIFE_H

#include "test/sim/life.h"
#include "ue/ue.h"

/** What has happened in all of them */
struct conf_life_total {
	unsigned joined, failed, ended, by_peer, done, lost, rosters;
	unsigned invitations, modified, changed, subscribed;
	/* the focus */
	unsigned forks, glares, crossed, documents, storms, refers, referred;
	unsigned restarts;
};

extern struct conf_life_total conf_life_total;

/** Told of each message from now on; NULL: nobody */
extern void (*conf_life_trace)(void *arg, const struct ue_trace *trace);

/** @return NULL, or what went wrong */
const char *conf_life_run(struct life *life, uint64_t seed);

/**
 * A storm of n documents while the user invites and holds
 *
 * @return NULL, or what went wrong: a command without outcome, a table that
 *         is not as before
 */
const char *conf_storm_run(uint64_t seed, unsigned n);

/**
 * A life in which the n-th call of one kind fails, over a good network.  The
 * fault ends with the last command: what it has broken comes to its end
 *
 * @param struck  Result: there was such a call
 * @param fault   What fails and when, from the registration on
 */
const char *conf_fault_run(bool *struck, uint64_t seed,
			   const struct sim_fault *fault);

#endif
