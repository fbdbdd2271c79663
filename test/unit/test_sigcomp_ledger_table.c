/**
 * @file test_sigcomp_ledger_table.c  What the peer's state handler holds for
 *                                    us: each status with each event, as the
 *                                    table in ledger.c says
 */
#include <string.h>
#include "gen/state_tables.h"
#include "sigcomp/private.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#if SIGCOMP_SHARED

/** Messages: of an older state, of the one that is watched, later ones */
enum { OLD = 10, WATCHED, RIVAL, AGAIN, FREER, COPY };

/** Room for all; for one of them alone */
enum { LEN = 100, ALL = 8192, ONE = 2 * (LEN + SIGCOMP_STATE_COST) - 1 };

static const char *const statev[] = {
	"FREE", "GAMBLE", "SENT", "ORDERED", "HELD", "DOUBT", NULL
};
static const char *const eventv[] = {
	"asked", "in order", "replaced", "created", "lost", "rival",
	"pushed out", "NACK", "returned", "freed", "kept", "two streams",
	"reset", "less", NULL
};
static const char *const actionv[] = {
	"new entry", "usable", "unusable", NULL
};

static struct {
	struct sigcomp_compartment comp;
	uint32_t handle;        /* of the entry that is watched          */
	bool usable;
} t;


static const struct sigcomp_ledger *entry(uint32_t handle)
{
	for (unsigned i = 0; i < SIGCOMP_LEDGER; i++) {
		if (t.comp.ledger[i].status &&
		    t.comp.ledger[i].handle == handle)
			return &t.comp.ledger[i];
	}

	return NULL;
}


/* In the order of the enum in ledger.c */
static const char *state(void)
{
	const struct sigcomp_ledger *e = entry(t.handle);

	return e ? statev[e->status] : "FREE";
}


/* A message asks for the state of a slot, whose identifier is c ... */
static void ask(uint32_t handle, uint8_t slot, char c, bool ordered)
{
	struct sigcomp_save save;

	memset(&save, 0, sizeof(save));
	save.slot = slot;
	save.len = LEN;
	memset(save.id, c, sizeof(save.id));
	t.comp.handle = handle;
	sigcomp_ledger_add(&t.comp, &save, (uint16_t)(0x100 | slot), ordered);
	sigcomp_ledger_update(&t.comp);
}


static void nack(char c)
{
	uint8_t id[SIGCOMP_ID_LEN];

	memset(id, c, sizeof(id));
	sigcomp_ledger_missing(&t.comp, id, sizeof(id));
}


/* One that may have pushed it out leaves the ledger */
static void rival(void)
{
	ask(RIVAL, 1, 'r', false);
	t.comp.peer.sms = ONE;
	nack('r');
	t.comp.peer.sms = ALL;
	sigcomp_ledger_update(&t.comp);
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	t.comp.peer.sms = ALL;
	ask(OLD, 2, 'o', false);
	sigcomp_ledger_settle(&t.comp, OLD, true);

	if (!state_is(to, "FREE"))
		ask(WATCHED, 0, 'w', state_is(to, "ORDERED"));
	if (state_is(to, "HELD") || state_is(to, "DOUBT"))
		sigcomp_ledger_settle(&t.comp, WATCHED, true);
	if (state_is(to, "GAMBLE") || state_is(to, "DOUBT"))
		rival();
	t.handle = WATCHED;
	t.usable = t.comp.slot[0].usable;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "asked") || state_is(ev, "in order")) {
		if (state_is(in, "FREE"))
			t.handle = AGAIN;
		ask(AGAIN, 0, 'w', state_is(ev, "in order"));
	}
	else if (state_is(ev, "replaced"))
		ask(AGAIN, 0, 'x', false);
	else if (state_is(ev, "created") || state_is(ev, "lost"))
		sigcomp_ledger_settle(&t.comp, WATCHED,
				      state_is(ev, "created"));
	else if (state_is(ev, "rival"))
		rival();
	else if (state_is(ev, "pushed out")) {
		ask(RIVAL, 1, 'r', false);
		t.comp.peer.sms = ONE;
		sigcomp_ledger_settle(&t.comp, RIVAL, true);
	}
	else if (state_is(ev, "NACK"))
		nack('w');
	else if (state_is(ev, "returned")) {
		sigcomp_ledger_again(&t.comp, WATCHED);
		sigcomp_ledger_lost(&t.comp, 0x102);
	}
	else if (state_is(ev, "less")) {
		t.comp.peer.sms = 0;
		sigcomp_ledger_doubt(&t.comp, NULL);
		t.comp.peer.sms = ALL;
		sigcomp_ledger_update(&t.comp);
	}
	else if (state_is(ev, "freed") || state_is(ev, "kept")) {
		t.comp.handle = FREER;
		sigcomp_ledger_free(&t.comp, 1);
		sigcomp_ledger_settle(&t.comp, FREER, state_is(ev, "freed"));
	}
	else if (state_is(ev, "two streams"))
		sigcomp_other_stream(&t.comp);
	else
		sigcomp_forget(&t.comp);
}


static bool seen(const char *action)
{
	const bool usable = t.comp.slot[0].usable;

	if (state_is(action, "new entry"))
		return entry(AGAIN) != NULL;

	return usable != t.usable && usable == state_is(action, "usable");
}


/* What is asked for then finds a place */
static const char *end(void)
{
	ask(COPY, 0, 'e', true);

	return entry(COPY) ? NULL : "no entry";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_SIGCOMP_LEDGER_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 84);
}


const struct test_case suite_sigcomp_ledger_table[] = {
	{"RFC 3320 s6.2: each status of a state of ours at the peer with each "
	 "event", all_pairs},
	{NULL, NULL}
};

#else

const struct test_case suite_sigcomp_ledger_table[] = {
	{NULL, NULL}
};

#endif
