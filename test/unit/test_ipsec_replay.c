/**
 * @file test_ipsec_replay.c  Receive window against a plain model
 */
#include "ipsec/replay.h"
#include "test/unit/ipsec_help.h"

#define N_SEQ 4096


/* RFC 4303 s2.2 */
static void basics(void)
{
	struct ipsec_replay rp = {0, 0};

	CHECK(!ipsec_replay_check(&rp, 0));
	CHECK(ipsec_replay_check(&rp, 1));
	ipsec_replay_update(&rp, 1);
	CHECK(!ipsec_replay_check(&rp, 1));

	ipsec_replay_update(&rp, 64);
	CHECK(!ipsec_replay_check(&rp, 1));
	CHECK(ipsec_replay_check(&rp, 2));
	CHECK(!ipsec_replay_check(&rp, 64));

	/* the window is 64 wide: 66 - 63 = 3 is in, 2 is out */
	ipsec_replay_update(&rp, 66);
	CHECK(!ipsec_replay_check(&rp, 2));
	CHECK(ipsec_replay_check(&rp, 3));
	CHECK(!ipsec_replay_check(&rp, 0));

	/* a step of exactly the window, and a far one */
	ipsec_replay_update(&rp, 130);
	CHECK(ipsec_replay_check(&rp, 67));
	CHECK(!ipsec_replay_check(&rp, 66));
	ipsec_replay_update(&rp, UINT32_MAX);
	CHECK(!ipsec_replay_check(&rp, UINT32_MAX));
	CHECK(ipsec_replay_check(&rp, UINT32_MAX - 63));
	CHECK(!ipsec_replay_check(&rp, UINT32_MAX - 64));
	CHECK(!ipsec_replay_check(&rp, 0));
	CHECK(!ipsec_replay_check(&rp, 131));
}


/* Any order: accepted if and only if new and not left of the window */
static void model(void)
{
	uint8_t seen[N_SEQ];
	uint32_t rnd = 12345, top, base, seq;
	unsigned run, i;

	for (run = 0; run < 20; run++) {
		struct ipsec_replay rp = {0, 0};

		memset(seen, 0, sizeof(seen));
		top = 0;
		base = 0;
		for (i = 0; i < 2000; i++) {
			uint8_t r[2];
			bool want;

			(void)help_random(r, 2, &rnd);
			seq = base + r[0] % (run % 2 ? 160u : 80u);
			base += r[1] % 5 == 0;
			want = seq && !seen[seq] && seq + 63 >= top;

			CHECK_EQ(ipsec_replay_check(&rp, seq), want);
			if (!want)
				continue;
			seen[seq] = 1;
			if (seq > top)
				top = seq;
			ipsec_replay_update(&rp, seq);
			CHECK_EQ(rp.top, top);
		}
	}
}


const struct test_case suite_ipsec_replay[] = {
	{"RFC 4303 s3.4.3: both edges of the window of 64", basics},
	{"RFC 4303 s3.4.3: any order accepts each number once", model},
	{NULL, NULL}
};
