/**
 * @file test_lives.c  Whole lives of a UE over a bad network.  More of them,
 * or one that failed: build/host/lives
 */
#include <stdio.h>
#include "test/sim/life.h"
#include "test/unit/test.h"

#define LIVES 2000
#define SEED 1


static void test_lives(void)
{
	struct life life;
	uint64_t seed;

	for (seed = SEED; seed < SEED + LIVES; seed++) {

		const char *why = life_run(&life, seed);

		if (why) {
			printf("  seed %llu (loss %u %%): %s\n",
			       (unsigned long long)seed, life.loss, why);
			CHECK_STR(why, NULL);
		}
	}
}


static void test_again(void)
{
	struct life a, b;

	CHECK_STR(life_run(&a, 7), NULL);
	CHECK_STR(life_run(&b, 8), NULL);
	CHECK(a.mark != b.mark);
	CHECK_STR(life_run(&b, 7), NULL);
	CHECK_EQ(a.mark, b.mark);
}


const struct test_case suite_lives[] = {
	{"2,000 lives at 0 to 30 % loss end as reported, nothing is left",
	 test_lives},
	{"the same seed makes the same life", test_again},
	{NULL, NULL}
};
