/**
 * @file test_lives.c  Whole lives of a UE over a bad network.  More of them,
 * or one that failed: build/host/lives
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/life.h"
#include "test/sim/story.h"
#include "test/sim/world.h"
#include "test/unit/test.h"

#define LIVES 2000
#define CHAOS 300
#define RACES 150       /* 2,000: test_races.sh */
#define STORIES 10      /* 1,000: test_lives_soak.sh */
#define SEED 1


static void each(const char *(*run)(struct life *life, uint64_t seed),
		 unsigned lives)
{
	struct life life;
	uint64_t seed;

	for (seed = SEED; seed < SEED + lives; seed++) {

		const char *why = run(&life, seed);

		if (why) {
			printf("  seed %llu (loss %u %%): %s\n",
			       (unsigned long long)seed, life.loss, why);
			CHECK_STR(why, NULL);
		}
	}
}


static void test_lives(void)
{
	each(life_run, LIVES);
}


static void test_chaos(void)
{
	each(chaos_run, CHAOS);
}


static void test_races(void)
{
	each(races_run, RACES);
}


static void test_stories(void)
{
	each(story_run, STORIES);
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
	{"150 lives with associations in which things cross: nothing leaves "
	 "in the clear, nothing is left", test_races},
	{"10 whole stories at 20 % loss and 2 s of jitter, with a restart of "
	 "the P-CSCF, end well", test_stories},
	{"what is left at the end of a life is seen", test_residue},
	{"the same seed makes the same life", test_again},
	{NULL, NULL}
};
