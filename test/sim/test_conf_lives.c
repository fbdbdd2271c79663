/**
 * @file test_conf_lives.c  Lives full of conferences over a bad network,
 * storms of documents.  More of them, or one that failed: build/host/lives -f
 */
#include "test/sim/conf_life.h"
#include "test/sim/lives_check.h"
#include "test/unit/test.h"

#define LIVES 400       /* 5,000: test_lives_soak.sh */


static void lives(void)
{
	const struct conf_life_total *t = &conf_life_total;

	lives_check(conf_life_run, LIVES);

	/* it was worth it */
	CHECK(t->joined > LIVES && t->failed > LIVES / 4);
	CHECK(t->ended > LIVES && t->by_peer > LIVES / 4);
	CHECK(t->done > LIVES && t->lost > LIVES / 20);
	CHECK(t->rosters > LIVES && t->subscribed > LIVES / 2);
	CHECK(t->invitations > LIVES / 2 && t->modified > LIVES / 2);
	CHECK(t->forks > LIVES / 4 && t->glares > LIVES / 100);
	CHECK(t->crossed > LIVES / 20 && t->storms > LIVES / 10);
	CHECK(t->restarts > LIVES / 10 && t->referred > LIVES / 4);
}


static void storms(void)
{
	uint64_t seed;

	for (seed = 1; seed <= 6; seed++)
		CHECK_STR(conf_storm_run(seed, 1000), NULL);
}


static void again(void)
{
	lives_check_seed(conf_life_run);
}


const struct test_case suite_conf_lives[] = {
	{"400 lives full of conferences, at 0 to 25 % loss: one outcome for "
	 "each command, both sides agree, nothing is left", lives},
	{"a storm of 1,000 documents, at 0 to 10 % loss: no command is lost, the "
	 "roster is the last one", storms},
	{"the same seed makes the same conferences", again},
	{NULL, NULL}
};
