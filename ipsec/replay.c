/**
 * @file ipsec/replay.c  Receive window (RFC 4303 s3.4.3)
 */
#include "ipsec/replay.h"


bool ipsec_replay_check(const struct ipsec_replay *rp, uint32_t seq)
{
	uint32_t age;

	/* RFC 4303 s2.2, s3.3.3: the first number is 1, none cycles */
	if (seq == 0)
		return false;

	if (seq > rp->top)
		return true;

	age = rp->top - seq;
	if (age >= IPSEC_REPLAY_WINDOW)
		return false;

	return ((rp->map >> age) & 1) == 0;
}


void ipsec_replay_update(struct ipsec_replay *rp, uint32_t seq)
{
	uint32_t step;

	if (seq <= rp->top) {
		rp->map |= (uint64_t)1 << (rp->top - seq);
		return;
	}

	step = seq - rp->top;
	rp->map = step < IPSEC_REPLAY_WINDOW ? rp->map << step : 0;
	rp->map |= 1;
	rp->top = seq;
}
