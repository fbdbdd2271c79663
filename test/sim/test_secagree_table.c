/**
 * @file test_secagree_table.c  Sets of associations of the security agreement:
 *                              each state with each event, as the table in
 *                              secagree.c says
 */
#include <string.h>
#include "gen/state_tables.h"
#include "test/sim/sec_world.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#if UE_IPSEC

static const char *const statev[] = {
	"FREE", "OFFERED", "TEMPORARY", "CURRENT", "OLD", NULL
};
static const char *const eventv[] = {
	"offer", "401", "200 over it", "200 over another", "failure",
	"lifetime", "heard", "end", "idle", "close", NULL
};
static const char *const actionv[] = {"install", "remove", NULL};

static struct {
	uint32_t spi;           /* of the set that is watched; 0 = none  */
	uint32_t spis;          /* of the network, given out             */
	uint32_t before;        /* spi_pc of its associations; 0: none   */
} t;


static struct ims_reg *reg(void)
{
	return &world.u.ue.reg;
}


static struct ims_sec_set *in_state(enum ims_sec_state state)
{
	for (unsigned i = 0; i < IPSEC_SETS; i++) {
		if (reg()->sec.setv[i].state == state)
			return &reg()->sec.setv[i];
	}

	return NULL;
}


static struct ims_sec_set *watched(void)
{
	for (unsigned i = 0; t.spi && i < IPSEC_SETS; i++) {

		struct ims_sec_set *set = &reg()->sec.setv[i];

		if (set->state != IMS_SEC_FREE && set->ue.spi_uc == t.spi)
			return set;
	}

	return NULL;
}


static const char *state(void)
{
	return watched() ? statev[watched()->state] : "FREE";
}


static void watch(enum ims_sec_state which)
{
	const struct ims_sec_set *set = in_state(which);

	t.spi = set ? set->ue.spi_uc : 0;
}


/* Which associations does the set have? */
static uint32_t installed(void)
{
	return watched() && watched()->installed ? watched()->spi_pc : 0;
}


static int offer(void)
{
	return ims_sec_begin(reg(), IMS_SEC_REFRESH);
}


/* What a good 401 and the card's result do */
static int challenge(void)
{
	static const struct ue_usim_res res = {.status = UE_USIM_OK};

	reg()->sec.choice = (struct ims_sec_choice){
		.alg = IPSEC_ALG_HMAC_SHA_1_96, .ealg = IPSEC_EALG_AES_CBC,
		.spi_pc = 5000 + 2 * t.spis, .spi_ps = 5001 + 2 * t.spis,
		.port_pc = NET_PORT_PS + 1, .port_ps = NET_PORT_PS
	};
	++t.spis;

	return ims_sec_establish(reg(), &res);
}


static void ok_over(struct ims_sec_set *set)
{
	reg()->sec.used = &set->hop;
	ims_sec_registered(reg(), 600000);
}


static int hand_over(void)
{
	int err = offer();

	if (!err)
		err = challenge();
	if (!err)
		ok_over(in_state(IMS_SEC_TEMPORARY));

	return err;
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	sec_begin(60);
	/* until the transactions on the first set have ended */
	if (!world_registered() || !sim_run_s(&world.sim, 140))
		return false;

	if (state_is(to, "CURRENT") || state_is(to, "OLD"))
		watch(IMS_SEC_CURRENT);
	if (state_is(to, "OLD") && hand_over())
		return false;
	if (state_is(to, "OFFERED") || state_is(to, "TEMPORARY")) {
		if (offer())
			return false;
		watch(IMS_SEC_OFFERED);
	}
	if (state_is(to, "TEMPORARY") && challenge())
		return false;
	t.before = installed();

	return state_is(state(), to);
}


static void run_timer(void)
{
	if (ue_timer_running(&reg()->sec.timer))
		reg()->sec.timer.h(reg()->sec.timer.arg);
}


/* Of the watched set alone */
static void lifetime(void)
{
	struct ipsec *db = &world.u.ue.ipsec;

	for (unsigned i = 0; t.spi && i < IPSEC_SETS; i++) {
		if (db->setv[i].sav[IPSEC_SA_PS_UC].spi == t.spi)
			db->setv[i].expires_ms = world.u.ue.timers.now_ms;
	}
	run_timer();
}


static void another(const char *in)
{
	if (state_is(in, "CURRENT") || state_is(in, "OLD"))
		(void)hand_over();
	else
		ok_over(in_state(IMS_SEC_CURRENT));
}


static void fire(const char *in, const char *ev)
{
	struct ims_sec_set *cur = in_state(IMS_SEC_CURRENT);

	if (state_is(ev, "offer")) {
		(void)offer();
		if (state_is(in, "FREE"))
			watch(IMS_SEC_OFFERED);
	}
	else if (state_is(ev, "401"))
		(void)challenge();
	else if (state_is(ev, "200 over it")) {
		/* nothing passes a set without associations */
		if (watched() && !state_is(in, "OFFERED"))
			ok_over(watched());
	}
	else if (state_is(ev, "200 over another"))
		another(in);
	else if (state_is(ev, "failure"))
		ims_sec_abandon(reg());
	else if (state_is(ev, "lifetime"))
		lifetime();
	else if (state_is(ev, "heard"))
		cur->hop.h(&cur->hop, SIP_HOP_HEARD, 0, cur->hop.arg);
	else if (state_is(ev, "end") || state_is(ev, "idle")) {
		if (state_is(ev, "idle"))
			reg()->info.state = IMS_REG_IDLE;
		ims_sec_end(reg());
		run_timer();
	}
	else
		ims_sec_close(reg());
}


static bool seen(const char *action)
{
	const uint32_t now = installed();

	return now != t.before && (state_is(action, "install") ? now :
				   t.before) != 0;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_IMS_SECAGREE_0, statev, eventv, actionv, reach,
		fire, seen, state, NULL
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 50);
}


const struct test_case suite_secagree_table[] = {
	{"TS 33.203 7.2 to 7.5: each state of a set with each event",
	 all_pairs},
	{NULL, NULL}
};

#else

const struct test_case suite_secagree_table[] = {
	{NULL, NULL}
};

#endif
