/*
 * Proof: no packet is taken twice, and none without need refused
 * (ipsec/replay.c, RFC 4303 s3.4.3)
 *
 * By induction over packets: one number g of any value stands for all of
 * them. The state before a packet is any state in which what the window says
 * of g agrees with whether g was taken; the state after it must be one, too.
 * So the result holds for any number of packets in any order.
 *
 * source: ipsec/replay.c
 * unwind: 1
 * flags: --conversion-check
 * bug: ipsec/replay.c s/age >= IPSEC_REPLAY_WINDOW/age > IPSEC_REPLAY_WINDOW/
 * bug: ipsec/replay.c s/step < IPSEC_REPLAY_WINDOW/step <= 99/
 * bug: ipsec/replay.c s/seq > rp->top)/seq >= rp->top)/
 * bug: ipsec/replay.c s/rp->map << step : 0/rp->map >> step : 0/
 * bug: ipsec/replay.c s/if (seq == 0)/if (seq == 1)/
 */
#include "ipsec/replay.h"

uint32_t nondet_u32(void);
uint64_t nondet_u64(void);
_Bool nondet_bool(void);


static bool agrees(const struct ipsec_replay *rp, uint32_t g, bool taken)
{
	/* right of the window: cannot have been taken */
	if (g > rp->top)
		return !taken;

	/* left of it: refused anyway */
	if (rp->top - g >= 64)
		return true;

	return taken == ((rp->map >> (rp->top - g)) & 1);
}


int main(void)
{
	struct ipsec_replay rp = {0, 0};
	const uint32_t g = nondet_u32(), seq = nondet_u32();
	bool taken = false;

	/* the beginning agrees */
	__CPROVER_assert(agrees(&rp, g, taken), "a new window");

	/* any state that agrees; 0 is never taken */
	rp.top = nondet_u32();
	rp.map = nondet_u64();
	taken = nondet_bool();
	__CPROVER_assume(agrees(&rp, g, taken));
	__CPROVER_assume(g || !taken);

	if (ipsec_replay_check(&rp, seq)) {
		const uint32_t top = rp.top;

		__CPROVER_assert(seq != 0, "0 is refused");
		if (seq == g) {
			__CPROVER_assert(!taken, "taken once only");
			taken = true;
		}
		ipsec_replay_update(&rp, seq);
		__CPROVER_assert(rp.top == (seq > top ? seq : top),
				 "the right edge is the highest number");
	}
	else if (seq == g) {
		__CPROVER_assert(g == 0 || taken || (g < rp.top &&
						     rp.top - g >= 64),
				 "refused for a reason");
	}

	__CPROVER_assert(agrees(&rp, g, taken), "the window after a packet");
	__CPROVER_assert(g || !taken, "0 is never taken");

	return 0;
}
