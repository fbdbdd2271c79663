/**
 * @file test_ipsec_sa_table.c  Sets of associations: each state with each
 *                              event, as the table in ipsec/sa.c says
 */
#include "gen/state_tables.h"
#include "test/unit/ipsec_help.h"
#include "test/unit/state_table.h"

static const char *const statev[] = {
	"free", "temporary", "current", "old", NULL
};
static const char *const eventv[] = {
	"401", "200", "failure", "another", "lifetime", "flush", NULL
};
static const char *const actionv[] = {"told", NULL};

static struct {
	struct ipsec db;
	uint32_t rnd;
	uint32_t sets;          /* made so far; the first is ours        */
	bool told;
} t;


/* A challenge: the first one is for the set that is watched */
static int add(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);

	prm.ue.spi_uc += t.sets * 16;
	prm.ue.spi_us += t.sets * 16;
	prm.spi_pc += t.sets * 16;
	prm.spi_ps += t.sets * 16;
	++t.sets;

	return ipsec_add(NULL, &t.db, &prm, 0);
}


static const struct ipsec_set *ours(void)
{
	for (unsigned i = 0; i < IPSEC_SETS; i++) {
		if (t.db.setv[i].state != IPSEC_FREE &&
		    t.db.setv[i].sav[IPSEC_SA_PS_UC].spi == SPI_UC)
			return &t.db.setv[i];
	}

	return NULL;
}


static const char *state(void)
{
	return ours() ? statev[ours()->state] : "free";
}


/* Each set lives an hour longer than the one before */
static void establish(void)
{
	(void)ipsec_establish(&t.db, 0, t.sets * 3600);
}


static bool reach(const char *to, const char *event)
{
	memset(&t, 0, sizeof(t));
	if (ipsec_init(&t.db, 0, 0, help_random, &t.rnd))
		return false;

	/* the first challenge of all is the event itself */
	if (state_is(to, "free") && state_is(event, "401"))
		return true;
	if (add())
		return false;

	if (state_is(to, "free"))
		ipsec_delete(&t.db, IPSEC_TEMPORARY);
	if (state_is(to, "current") || state_is(to, "old"))
		establish();
	if (state_is(to, "old")) {
		if (add())
			return false;
		establish();
	}

	return state_is(state(), to);
}


/* What the owner does when a lifetime is over */
static void expire(void)
{
	const struct ipsec_set *set = ours();
	const uint64_t now_ms = set ? set->expires_ms : 1;
	enum ipsec_state which;

	while (ipsec_expired(&which, &t.db, now_ms)) {
		t.told |= set && which == set->state;
		ipsec_delete(&t.db, which);
	}
}


static void fire(const char *in, const char *ev)
{
	(void)in;

	if (state_is(ev, "401"))
		(void)add();
	else if (state_is(ev, "200"))
		establish();
	else if (state_is(ev, "failure"))
		ipsec_delete(&t.db, IPSEC_TEMPORARY);
	else if (state_is(ev, "another")) {
		(void)add();
		establish();
	}
	else if (state_is(ev, "lifetime"))
		expire();
	else
		ipsec_flush(&t.db);
}


static bool seen(const char *action)
{
	return state_is(action, "told") && t.told;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_IPSEC_SA_0, statev, eventv, actionv, reach, fire,
		seen, state, NULL
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 24);
}


const struct test_case suite_ipsec_sa_table[] = {
	{"TS 33.203 s7.3, s7.4: each state of a set with each event",
	 all_pairs},
	{NULL, NULL}
};
