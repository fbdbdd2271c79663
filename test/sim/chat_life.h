/**
 * @file chat_life.h  A life full of chats: the user and the phones of
 * net_call.h send each other messages over MSRP connections that are cut at
 * any octet, and call again
 */
#ifndef SIM_CHAT_LIFE_H
#define SIM_CHAT_LIFE_H

#include "test/sim/life.h"

/** Run one in `world`.  @return NULL, or what went wrong */
const char *chat_life_run(struct life *life, uint64_t seed);

/** What has happened in all lives so far */
struct chat_life_total {
	unsigned chats;         /* that became ready                     */
	unsigned lost;          /* whose connection was lost             */
	unsigned renewed;       /* by another offer                      */
	unsigned cuts;
	unsigned shared;        /* a connection for two                  */
	unsigned sent, failed;  /* of the user's messages                */
	unsigned got, broken;   /* of the phones', as the user sees them */
	unsigned copies;        /* of both sides, known as such          */
	unsigned phone_sent, phone_failed;
	unsigned again;         /* of both sides                         */
	unsigned muted, refused, reports;
};
extern struct chat_life_total chat_life_total;

/** Trace handler of the UE's port, NULL = none */
extern void (*chat_life_trace)(void *arg, const struct ue_trace *trace);

#endif
