/**
 * @file test_session_lives.c  Lives full of sessions over a bad network.  More
 * of them, or one that failed: build/host/lives -i
 */
#include <stdio.h>
#include "test/sim/session_life.h"
#include "test/unit/test.h"

#define LIVES 1000
#define SEED 1


static void lives(void)
{
	const struct session_life_total *t = &session_life_total;
	struct life life;
	uint64_t seed;

	for (seed = SEED; seed < SEED + LIVES; seed++) {

		const char *why = session_life_run(&life, seed);

		if (why) {
			printf("  seed %llu: %s\n", (unsigned long long)seed,
			       why);
			CHECK_STR(why, NULL);
		}
	}

	/* it was worth it */
	CHECK(t->started > LIVES && t->incoming > LIVES);
	CHECK(t->established > LIVES && t->failed > LIVES / 4);
	CHECK(t->modified > LIVES / 2 && t->changed > LIVES);
	CHECK(t->forks > LIVES / 4 && t->pracks > LIVES / 2);
	CHECK(t->qos > LIVES);
	CHECK(t->glares > LIVES / 100 && t->crossed > LIVES / 4);
}


static void again(void)
{
	struct life a, b;

	CHECK_STR(session_life_run(&a, 7), NULL);
	CHECK_STR(session_life_run(&b, 8), NULL);
	CHECK(a.mark != b.mark);
	CHECK_STR(session_life_run(&b, 7), NULL);
	CHECK_EQ(a.mark, b.mark);
}


const struct test_case suite_session_lives[] = {
	{"1,000 lives full of sessions, at 0 to 25 % loss: one outcome each, both "
	 "sides agree, nothing is left", lives},
	{"the same seed makes the same sessions", again},
	{NULL, NULL}
};
