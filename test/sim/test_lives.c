/**
 * @file test_lives.c  Whole lives of a UE over a bad network.  More of them,
 * or one that failed: build/host/lives
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/life.h"
#include "test/sim/world.h"
#include "test/unit/test.h"

#define LIVES 2000
#define CHAOS 300
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


static void test_chaos(void)
{
	struct life life;
	uint64_t seed;

	for (seed = SEED; seed < SEED + CHAOS; seed++) {

		const char *why = chaos_run(&life, seed);

		if (why) {
			printf("  seed %llu: %s\n", (unsigned long long)seed,
			       why);
			CHECK_STR(why, NULL);
		}
	}
}


/* A check that sees nothing would let every life pass */
static void test_residue(void)
{
	world_begin(1);
	CHECK(!world_ue());
	CHECK_STR(sim_residue(&world.u), NULL);
	CHECK(!sim_ue_register(&world.u));
	CHECK_STR(sim_residue(&world.u), "a timer is running");
	CHECK(sim_wait(&world.u, UE_EVENT_REGISTERED, 100));
	CHECK(sim_residue(&world.u) != NULL);
	CHECK_STR(world_end(), NULL);

	/* an outcome is missing, or there is one too many */
	world.u.bal.register_owed = true;
	CHECK_STR(sim_residue(&world.u), "a registration without outcome");
	memset(&world.u.bal, 0, sizeof(world.u.bal));
	world_begin(1);
	CHECK(world_registered());
	world.u.bal.deregister_owed = false;
	CHECK(!ue_deregister(&world.u.ue));
	CHECK(sim_wait(&world.u, UE_EVENT_DEREGISTERED, 100));
	CHECK_STR(world.u.bal.wrong,
		  "a deregistration ended that nobody has begun");
	sim_ue_close(&world.u);
}


const struct test_case suite_lives[] = {
	{"2,000 lives at 0 to 30 % loss end as reported, nothing is left",
	 test_lives},
	{"300 lives in which everything happens: one outcome each, nothing is "
	 "left", test_chaos},
	{"what is left at the end of a life is seen", test_residue},
	{"the same seed makes the same life", test_again},
	{NULL, NULL}
};
