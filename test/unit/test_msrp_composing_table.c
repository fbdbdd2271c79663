/**
 * @file test_msrp_composing_table.c  Is-composing, the user's side: each state
 *                                    with each event, as the table in
 *                                    msrp/imdn.c says
 */
#include <stdio.h>
#include "gen/state_tables.h"
#include "msrp/imdn.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"IDLE", "IDLE*", "ACTIVE", "ACTIVE*", NULL
};
static const char *const eventv[] = {
	"key", "14 s", "15 s", "60 s", "sent", NULL
};
static const char *const actionv[] = {
	"tell active", "tell idle", NULL
};

static struct {
	struct msrp_composing c;
	uint64_t now_ms;
	bool active, idle;      /* what the peer is to be told           */
} t;


static const char *state(void)
{
	const bool may = t.now_ms >= t.c.refresh_ms;

	return t.c.idle_ms ? may ? "ACTIVE*" : "ACTIVE" :
		may ? "IDLE" : "IDLE*";
}


static void pass(uint64_t ms)
{
	t.now_ms += ms;
	t.idle = msrp_composing_due(&t.c, t.now_ms);
}


static void key(void)
{
	t.active = msrp_composing_key(&t.c, t.now_ms);
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	t.c = (struct msrp_composing){0, 0};
	t.now_ms = 1000;
	if (!state_is(to, "IDLE"))
		key();
	if (state_is(to, "IDLE*"))
		msrp_composing_sent(&t.c);
	/* a key every 10 s */
	for (unsigned i = 0; i < 6 && state_is(to, "ACTIVE*"); i++) {
		if (i)
			key();
		pass(10000);
	}
	t.active = t.idle = false;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	/* the last key was 10 s ago */
	const uint64_t ago = state_is(in, "ACTIVE*") ? 10000 : 0;

	if (state_is(ev, "key"))
		key();
	else if (state_is(ev, "sent"))
		msrp_composing_sent(&t.c);
	else
		pass((ev[0] == '6' ? 60000 : ev[1] == '4' ? 14000 : 15000) -
		     ago);
}


static bool seen(const char *action)
{
	return state_is(action, "tell idle") ? t.idle : t.active;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_MSRP_IMDN_0, statev, eventv, actionv, reach, fire,
		seen, state, NULL
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 20);
}


const struct test_case suite_msrp_composing_table[] = {
	{"RFC 3994 s3.2: each state of a composer with each event", all_pairs},
	{NULL, NULL}
};
