/**
 * @file test_session_lives.c  Lives full of sessions over a bad network.  More
 * of them, or one that failed: build/host/lives -i
 */
#include "test/sim/session_life.h"
#include "test/sim/lives_check.h"
#include "test/unit/test.h"

#define LIVES 1000


static void lives(void)
{
	const struct session_life_total *t = &session_life_total;

	lives_check(session_life_run, LIVES);

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
	lives_check_seed(session_life_run);
}


const struct test_case suite_session_lives[] = {
	{"1,000 lives full of sessions, at 0 to 25 % loss: one outcome each, both "
	 "sides agree, nothing is left", lives},
	{"the same seed makes the same sessions", again},
	{NULL, NULL}
};
