/**
 * @file test_chat_lives.c  Lives full of chats whose connections are cut at
 * any octet.  More of them, or one that failed: build/host/lives -m
 */
#include "test/sim/chat_life.h"
#include "test/sim/lives_check.h"
#include "test/unit/test.h"

#define LIVES 300


static void lives(void)
{
	const struct chat_life_total *t = &chat_life_total;

	lives_check(chat_life_run, LIVES);

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
	lives_check_seed(chat_life_run);
}


const struct test_case suite_chat_lives[] = {
	{"RFC 4975 s5.4: 300 lives full of chats that are cut at any octet and "
	 "made again: each message once or told as failed, nothing is left",
	 lives},
	{"the same seed makes the same chats", again},
	{NULL, NULL}
};
