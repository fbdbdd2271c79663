/**
 * @file story.h  The whole story of a UE: it registers with security
 * agreement and SigComp, makes a conference, subscribes to its state, invites
 * somebody, says something, sends a file, hears something, re-registers, says
 * more, removes the guest again, leaves and deregisters
 *
 * The user does a step again that fails, and first what it needs: registers
 * again, makes the conference again.  A message that was sent has arrived, and
 * none arrives twice.
 */
#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "test/sim/life.h"

/** What has happened in all stories */
struct story_total {
	unsigned steps;         /**< that came to a good end             */
	unsigned failed;        /**< that did not, and were done again   */
	unsigned lost;          /**< registrations, by the restart       */
	unsigned rejoined;      /**< conferences made again              */
	unsigned notes;         /**< messages sent                       */
	unsigned files;
};
extern struct story_total story_total;

/** Told of each message from now on; NULL: nobody */
extern void (*story_trace)(void *arg, const struct ue_trace *trace);

/**
 * 20 % of the packets are lost, the others take up to 2 s longer than they
 * need, and in the middle the P-CSCF restarts: registration, associations and
 * SigComp's states are gone there, and nobody tells the UE.  It ends well all
 * the same
 *
 * @return NULL, or what went wrong
 */
const char *story_run(struct life *life, uint64_t seed);

/**
 * A story in which something fails, over a good network; without SigComp where
 * the seed is odd.  What fails once is made good; what fails for ever ends the
 * story, and the fault is over when the user has given up.  In the same UE the
 * next story succeeds without a failure
 *
 * @param struck  Result: there was such a call
 *
 * @return NULL, or what went wrong
 */
const char *story_fault_run(bool *struck, uint64_t seed,
			    const struct sim_fault *fault);

#endif
