/**
 * @file test_pcscf_table.c  An address of a P-CSCF: each state with each
 *                           event, as the table in pcscf.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"
#include "ue/ims/pcscf.h"

static const char *const statev[] = {
	"UNKNOWN", "ASKED", "USABLE", "FAILED", "BARRED", "WAITING", "STALE",
	"STALE*", NULL
};
static const char *const eventv[] = {
	"next", "found", "failed", "failed 60", "60 s", "good", "restart",
	NULL
};
static const char *const actionv[] = {"look up", "chosen", "over", NULL};

static const char *const namev[] = {"pcscf.home1.net", NULL};
static const struct ue_addr addr = {
	.family = 4, .port = 5060, .ip = {192, 0, 2, 1}
};

static struct {
	struct ims_pcscfs ps;
	uint64_t now_ms;
	int err;                /* of ims_pcscfs_next(); -1: not called  */
} t;


static const char *state(void)
{
	const struct ims_pcscf *p = &t.ps.v[0];
	const bool barred = p->not_before_ms > t.now_ms;

	if (!t.ps.count)
		return t.ps.next_name ? "ASKED" : "UNKNOWN";
	if (p->stale)
		return barred ? "STALE*" : "STALE";
	if (p->tried)
		return barred ? "BARRED" : "FAILED";

	return barred ? "WAITING" : "USABLE";
}


static int next(void)
{
	const char *name = NULL;

	return ims_pcscfs_next(&t.ps, t.now_ms, &name);
}


static void found(void)
{
	if (!t.ps.next_name)
		(void)next();
	ims_pcscfs_add(&t.ps, &addr, (enum ue_transport)0);
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	t.now_ms = 5000;
	ims_pcscfs_init(&t.ps, namev);
	if (state_is(to, "ASKED"))
		(void)next();
	else if (!state_is(to, "UNKNOWN")) {
		found();
		(void)next();
	}

	if (state_is(to, "FAILED") || state_is(to, "STALE"))
		ims_pcscfs_failed(&t.ps, t.now_ms, 0);
	else if (state_is(to, "BARRED") || state_is(to, "WAITING") ||
		 state_is(to, "STALE*"))
		ims_pcscfs_failed(&t.ps, t.now_ms, 60000);
	if (to[0] == 'S' || to[0] == 'W')
		ims_pcscfs_restart(&t.ps);
	if (to[0] == 'W')
		found();
	t.err = -1;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	(void)in;

	if (state_is(ev, "next"))
		t.err = next();
	else if (state_is(ev, "found")) {
		/* who has not asked is not told */
		if (!state_is(in, "UNKNOWN"))
			found();
	}
	else if (ev[0] == 'f')
		ims_pcscfs_failed(&t.ps, t.now_ms, ev[6] ? 60000 : 0);
	else if (ev[0] == '6')
		t.now_ms += 60000;
	else if (state_is(ev, "good"))
		ims_pcscfs_good(&t.ps);
	else
		ims_pcscfs_restart(&t.ps);
}


static bool seen(const char *action)
{
	return t.err == (state_is(action, "look up") ? EAGAIN :
			 state_is(action, "over") ? ENOENT : 0);
}


/* After Retry-After a new round finds it, whatever has happened */
static const char *end(void)
{
	t.now_ms += 120000;
	ims_pcscfs_restart(&t.ps);
	if (next() != EAGAIN)
		return "its name is not looked up again";
	ims_pcscfs_add(&t.ps, &addr, (enum ue_transport)0);

	return next() ? "not tried again" : NULL;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_IMS_PCSCF_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 56);
}


/* An address that its name does not have any more is not tried because
   another one was good */
static void not_the_name_s(void)
{
	struct ue_addr other = addr;

	other.ip[3] = 2;
	CHECK(reach("STALE", ""));
	CHECK_EQ(next(), EAGAIN);
	ims_pcscfs_add(&t.ps, &other, (enum ue_transport)0);
	CHECK_EQ(next(), 0);
	CHECK_EQ(t.ps.current, 1);
	ims_pcscfs_good(&t.ps);
	CHECK_STR(state(), "STALE");
	ims_pcscfs_failed(&t.ps, t.now_ms, 0);
	CHECK_EQ(next(), ENOENT);

	/* the next round looks it up again */
	ims_pcscfs_restart(&t.ps);
	CHECK_EQ(next(), EAGAIN);
	ims_pcscfs_add(&t.ps, &addr, (enum ue_transport)0);
	CHECK_EQ(next(), 0);
	CHECK_EQ(t.ps.current, 0);
}


const struct test_case suite_pcscf_table[] = {
	{"TS 24.229 5.1.1.2.1: each state of an address of a P-CSCF with each "
	 "event", all_pairs},
	{"TS 24.229 5.1.1.2.1: an address that its name has no more",
	 not_the_name_s},
	{NULL, NULL}
};
