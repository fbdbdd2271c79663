/**
 * @file test_lives.c  Whole lives of a UE over a bad network.  More of them,
 * or one that failed: build/host/lives
 */
#include <string.h>
#include "test/sim/lives_check.h"
#include "test/sim/story.h"
#include "test/sim/world.h"
#include "test/unit/test.h"

#define LIVES 2000
#define CHAOS 300
#define RACES 150       /* 2,000: test_races.sh */
#define STORIES 10      /* 1,000: test_lives_soak.sh */


static void test_lives(void)
{
	lives_check(life_run, LIVES);
}


static void test_chaos(void)
{
	lives_check(chaos_run, CHAOS);
}


static void test_races(void)
{
	lives_check(races_run, RACES);
}


static void test_stories(void)
{
	lives_check(story_run, STORIES);
}


static void test_again(void)
{
	lives_check_seed(life_run);
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
