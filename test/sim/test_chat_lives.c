/**
 * @file test_chat_lives.c  Lives full of chats whose connections are cut at
 * any octet.  More of them, or one that failed: build/host/lives -m
 */
#include <stdio.h>
#include "test/sim/chat_life.h"
#include "test/unit/test.h"

#define LIVES 300
#define SEED 1


static void lives(void)
{
	const struct chat_life_total *t = &chat_life_total;
	struct life life;
	uint64_t seed;

	for (seed = SEED; seed < SEED + LIVES; seed++) {

		const char *why = chat_life_run(&life, seed);

		if (why) {
			printf("  seed %llu: %s\n", (unsigned long long)seed,
			       why);
			CHECK_STR(why, NULL);
		}
	}

	/* it was worth it */
	CHECK(t->chats > LIVES * 5 && t->cuts > LIVES * 3);
	CHECK(t->lost > LIVES * 3 && t->shared > LIVES / 5);
	CHECK(t->sent > LIVES * 30 && t->failed > LIVES * 5);
	CHECK(t->got > LIVES * 10 && t->broken > LIVES);
	CHECK(t->copies > LIVES / 10 && t->again > LIVES);
	CHECK(t->phone_sent > LIVES * 10 && t->phone_failed > LIVES * 5);
	CHECK(t->reports > LIVES * 10 && t->muted > LIVES / 5 &&
	      t->refused > LIVES / 5);
}


static void again(void)
{
	struct life a, b;

	CHECK_STR(chat_life_run(&a, 7), NULL);
	CHECK_STR(chat_life_run(&b, 8), NULL);
	CHECK(a.mark != b.mark);
	CHECK_STR(chat_life_run(&b, 7), NULL);
	CHECK_EQ(a.mark, b.mark);
}


const struct test_case suite_chat_lives[] = {
	{"RFC 4975 s5.4: 300 lives full of chats that are cut at any octet and "
	 "made again: each message once or told as failed, nothing is left",
	 lives},
	{"the same seed makes the same chats", again},
	{NULL, NULL}
};
