/**
 * @file test_reg_event_sim.c  What the network does to a registration: the
 * registration event and its subscription (TS 24.229 5.1.1.3, 5.1.1.5A,
 * 5.1.1.7, RFC 3680, RFC 6665)
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/world.h"
#include "test/unit/test.h"

#define INFO ue_reg_info(&world.u.ue)
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


/* ------------------------------------------------------------------ */
/* Network-initiated actions */


static void test_terminated(void)
{
	static const struct {
		enum net_doc doc;
		enum ue_dereg dereg;
		bool again;
	} v[] = {
		{NET_DOC_REJECTED,     UE_DEREG_REJECTED,     false},
		{NET_DOC_DEACTIVATED,  UE_DEREG_DEACTIVATED,  true},
		{NET_DOC_EXPIRED,      UE_DEREG_EXPIRED,      true},
		{NET_DOC_UNREGISTERED, UE_DEREG_UNREGISTERED, false},
		{NET_DOC_NO_CONTACTS,  UE_DEREG_TERMINATED,   false},
	};
	unsigned i;

	for (i = 0; i < COUNT(v); i++) {

		const struct ue_event *ev;

		world_begin(200 + i);
		net->barred = i & 1;
		CHECK(world_registered());
		net_notify(net, v[i].doc, 0, NULL);
		ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 10);
		CHECK(ev != NULL);
		CHECK_EQ(ev->dereg, v[i].dereg);
		CHECK_EQ(ev->again, v[i].again);
		CHECK(sim_run_s(&world.sim, 300));
		CHECK(net->notify_ok >= 2);
		CHECK_EQ(INFO->registered, v[i].again);
		CHECK_EQ(net_is_registered(net), v[i].again);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_probation(void)
{
	const struct ue_event *ev;

	world_begin(210);
	CHECK(world_registered());
	net_notify(net, NET_DOC_PROBATION, 400, NULL);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 10);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_PROBATION);
	CHECK(ev->again);
	CHECK_EQ(ev->wait_ms, 400000);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 410));
	CHECK(world_gap_s(world_reg(1), world_reg(2)) >= 400);
	CHECK(world_initial(world_reg(2)));
	CHECK_STR(world_end(), NULL);
}


/* RFC 3680 s4.8 */
static void test_not_ours(void)
{
	static const enum net_doc docv[] = {
		NET_DOC_OTHER_CONTACT, NET_DOC_GARBAGE, NET_DOC_NONE,
		NET_DOC_REGISTERED
	};
	unsigned i;

	for (i = 0; i < COUNT(docv); i++) {

		world_begin(220 + i);
		CHECK(world_registered());
		net_notify(net, docv[i], 0, NULL);
		CHECK(sim_run_s(&world.sim, 200));
		CHECK_EQ(sim_events(ue, UE_EVENT_DEREGISTERED), 0);
		CHECK(INFO->registered);

		/* it is answered, whatever is in it */
		CHECK(!net->notify.busy);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_gap(void)
{
	/* RFC 3680 s5: a partial document after one that was lost */
	world_begin(225);
	CHECK(world_registered());
	++net->version;
	net_notify(net, NET_DOC_PARTIAL, 0, NULL);
	CHECK(sim_run_s(&world.sim, 60));
	CHECK_EQ(world_subs(), 2);
	CHECK_EQ(net->notify_ok, 3);
	CHECK(INFO->subscribed);
	CHECK_STR(world_end(), NULL);
}


static void test_shortened(void)
{
	/* two of them: the last word counts, and none makes it longer */
	world_begin(226);
	CHECK(world_registered());
	net_notify(net, NET_DOC_SHORTENED, 2000, NULL);
	net_notify(net, NET_DOC_SHORTENED, 400, NULL);
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(INFO->expires_s, 400);
	net_notify(net, NET_DOC_SHORTENED, 5000, NULL);
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(INFO->expires_s, 400);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 200));
	CHECK_EQ(world_regs(), 3);
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* The subscription */


/* RFC 3680 s4.4 */
static void test_sub_refresh(void)
{
	/* half of the time up to 1200 s, else 600 s before its end */
	world_begin(230);
	net->sub_grant_s = 1000;
	CHECK(world_registered());
	net->sub_grant_s = 3000;
	CHECK(sim_run_s(&world.sim, 505));
	CHECK_EQ(world_subs(), 2);
	CHECK(world_gap_s(world_sub(0), world_sub(1)) <= 501);
	CHECK(strstr(net_hdr(world_sub(1), "To"), ";tag="));
	CHECK_STR(net_hdr(world_sub(1), "Call-ID"),
		  net_hdr(world_sub(0), "Call-ID"));
	CHECK_EQ(world_cseq(world_sub(1)), world_cseq(world_sub(0)) + 1);

	CHECK(sim_run_s(&world.sim, 2405));
	CHECK_EQ(world_subs(), 3);
	CHECK(world_gap_s(world_sub(1), world_sub(2)) >= 2390);
	CHECK(world_gap_s(world_sub(1), world_sub(2)) <= 2401);
	CHECK_STR(world_end(), NULL);
}


static void test_sub_gone(void)
{
	/* 481 to a refresh: a new one */
	world_begin(231);
	net->sub_grant_s = 1000;
	CHECK(world_registered());
	net_sub_answer(net, 481, 0);
	CHECK(sim_run_s(&world.sim, 600));
	CHECK_EQ(world_subs(), 3);
	CHECK(!strstr(net_hdr(world_sub(2), "To"), ";tag="));
	CHECK(strcmp(net_hdr(world_sub(2), "Call-ID"),
		     net_hdr(world_sub(0), "Call-ID")) != 0);
	CHECK(INFO->subscribed);
	CHECK_STR(world_end(), NULL);
}


static void test_sub_terminated(void)
{
	static const struct {
		const char *state;
		unsigned low_s;         /* a new SUBSCRIBE; 0, 0 = none */
		unsigned high_s;
	} v[] = {
		{"terminated;reason=deactivated", 0, 60},
		{"terminated;reason=timeout", 0, 60},
		{"terminated", 0, 60},
		{"terminated;reason=probation;retry-after=300", 299, 400},
		{"terminated;reason=giveup;retry-after=200", 199, 300},
		{"terminated;reason=rejected", 0, 0},
		{"terminated;reason=noresource", 0, 0},
		{"terminated;reason=invariant", 0, 0},
	};
	unsigned i;

	/* RFC 6665 s4.1.3, while the registration goes on */
	for (i = 0; i < COUNT(v); i++) {

		uint64_t at_ms;

		world_begin(240 + i);
		CHECK(world_registered());
		CHECK(sim_run_s(&world.sim, 30));
		at_ms = world.sim.now_ms;
		net_notify(net, NET_DOC_REGISTERED, 0, v[i].state);
		CHECK(sim_run_s(&world.sim, 1000));
		CHECK(INFO->registered);
		CHECK_EQ(net->notify_code, 200);

		if (v[i].high_s) {
			const uint64_t s =
				(world_sub(1)->at_ms - at_ms) / 1000;

			CHECK_EQ(world_subs(), 2);
			CHECK(s >= v[i].low_s);
			CHECK(s <= v[i].high_s);
			CHECK(INFO->subscribed);
		}
		else {
			CHECK_EQ(world_subs(), 1);
			CHECK(!INFO->subscribed);
		}
		CHECK_STR(world_end(), NULL);
	}
}


static void test_sub_refused(void)
{
	static const uint16_t codev[] = {403, 489, 500};
	unsigned i;

	/* no subscription is no reason to lose the registration */
	for (i = 0; i < COUNT(codev); i++) {

		world_begin(250 + i);
		net_sub_answer(net, codev[i], 0);
		CHECK_EQ(world_register(), 0);
		CHECK(sim_wait(ue, UE_EVENT_REG_SUBSCRIPTION_ENDED, 60));
		CHECK(sim_run_s(&world.sim, 600));
		CHECK(INFO->registered);
		CHECK_STR(world_end(), NULL);
	}
}


const struct test_case suite_reg_event_sim[] = {
	{"TS 24.229 5.1.1.7: events that end a registration",
	 test_terminated},
	{"RFC 3680 s5.3: probation, again after retry-after",
	 test_probation},
	{"RFC 3680: what does not concern this contact changes nothing",
	 test_not_ours},
	{"RFC 3680 s5: a gap in the versions asks for a full document",
	 test_gap},
	{"TS 24.229 5.1.1.5A: shortened, never longer", test_shortened},
	{"TS 24.229 5.1.1.3: the subscription is refreshed in time",
	 test_sub_refresh},
	{"RFC 6665 s4.1.2: 481 to a refresh, a new subscription",
	 test_sub_gone},
	{"RFC 6665 s4.1.3: reasons of a terminated subscription",
	 test_sub_terminated},
	{"A refused subscription leaves the registration alone",
	 test_sub_refused},
	{NULL, NULL}
};
