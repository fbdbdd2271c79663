/**
 * @file test_registration_sim.c  Registration against a network that fails,
 * refuses, restarts and takes away (TS 24.229 5.1.1, RFC 3680, RFC 5626)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/world.h"
#include "test/unit/test.h"

#define INFO ue_reg_info(&world.u.ue)
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}


/* A REGISTER that begins a registration: no answer to a challenge in it */
static bool is_initial(const struct net_rx *r)
{
	return r->pcscf >= 0 && world_has_auth(r, "nonce") &&
		!world_auth(r, "nonce")[0] && !world_auth(r, "response")[0];
}


static uint32_t expires(const struct net_rx *r)
{
	uint32_t v = 0;
	const char *p = net_hdr(r, "Expires");

	while (*p >= '0' && *p <= '9')
		v = v * 10 + (uint32_t)(*p++ - '0');

	return v;
}


/* Begin: insert the UE and register */
static int begin(void)
{
	const int err = world_ue();

	return err ? err : sim_ue_register(ue);
}


/* ------------------------------------------------------------------ */
/* Failure responses to an initial REGISTER */


static void test_initial_back_off(void)
{
	static const uint16_t codev[] = {408, 500, 503, 504, 600, 480};
	unsigned i;

	for (i = 0; i < COUNT(codev); i++) {

		const struct ue_event *ev;
		uint64_t gap;

		world_begin(100 + i);
		net_reg_answer(net, codev[i], 0);
		CHECK_EQ(begin(), 0);
		ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10);
		CHECK(ev != NULL);
		CHECK_EQ(ev->status, codev[i]);
		CHECK(ev->again);

		/* 5.1.1.2.1: first failure; RFC 5626 s4.5 */
		CHECK(ev->wait_ms >= 30000 && ev->wait_ms <= 300000);
		CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 301));
		CHECK_EQ(world_regs(), 3);
		CHECK(is_initial(world_reg(1)));
		gap = world_gap_s(world_reg(0), world_reg(1));
		CHECK(gap >= 30 && gap <= 60);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_initial_refused(void)
{
	static const uint16_t codev[] = {400, 403, 404, 405, 494, 501, 513,
		604};
	unsigned i;

	for (i = 0; i < COUNT(codev); i++) {

		const struct ue_event *ev;

		world_begin(120 + i);
		net_reg_answer(net, codev[i], 0);
		CHECK_EQ(begin(), 0);
		ev = sim_wait(ue, UE_EVENT_REGISTER_FAILED, 10);
		CHECK(ev != NULL);
		CHECK_EQ(ev->status, codev[i]);
		CHECK(ev->err != 0);
		CHECK(sim_run_s(&world.sim, 7200));
		CHECK_EQ(world_regs(), 1);
		CHECK_EQ(ue->bal.failed, 1);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_initial_use_proxy(void)
{
	/* 305: another P-CSCF at once */
	world_begin(130);
	world.set.pcscfv[1] = "192.0.2.2";
	net_reg_answer(net, 305, 0);
	CHECK(world_registered());
	CHECK_EQ(world_reg(0)->pcscf, 0);
	CHECK_EQ(world_reg(1)->pcscf, 1);
	CHECK(is_initial(world_reg(1)));
	CHECK(world_gap_s(world_reg(0), world_reg(1)) < 2);
	CHECK_STR(world_end(), NULL);
}


static void test_initial_bad_option(void)
{
	/* 420 gruu: again without it */
	world_begin(131);
	net_reg_answer(net, 420, 0);
	net_with(&net->reg, "Unsupported", "gruu");
	CHECK(world_registered());
	CHECK(has(net_hdr(world_reg(0), "Supported"), "gruu"));
	CHECK(!has(net_hdr(world_reg(1), "Supported"), "gruu"));
	CHECK(has(net_hdr(world_reg(1), "Supported"), "path"));
	CHECK_STR(world_end(), NULL);

	/* 420 path: there is no way */
	world_begin(132);
	net_reg_answer(net, 420, 0);
	net_with(&net->reg, "Unsupported", "path");
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 10));
	CHECK(sim_run_s(&world.sim, 3600));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_initial_retry_after(void)
{
	/* below Timer F: the same P-CSCF, max of Retry-After and back-off */
	world_begin(133);
	world.set.pcscfv[1] = "192.0.2.2";
	net_reg_at(net, 0, NET_ANSWER, 503, 100);
	CHECK(world_registered());
	CHECK(world_reg(1)->pcscf == 1 ||
	      world_gap_s(world_reg(0), world_reg(1)) >= 100);
	CHECK_STR(world_end(), NULL);

	/* a user in a hurry does not get round it */
	world_begin(134);
	net_reg_answer(net, 503, 600);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10));
	CHECK_EQ(sim_ue_register(ue), EPROTO);
	CHECK(sim_run_s(&world.sim, 590));
	CHECK_EQ(world_regs(), 1);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 100));
	CHECK_EQ(ue->bal.registered, 1);
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(ue->bal.registered, 1);
	CHECK_STR(world_end(), NULL);
}


static void test_initial_brief(void)
{
	unsigned i;

	/* 423 again and again: an end, and no endless ping-pong */
	world_begin(135);
	for (i = 0; i < NET_SCRIPT; i++)
		net_reg(net, NET_BRIEF, 700000 + i);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK(world_regs() <= 6);
	CHECK_STR(world_end(), NULL);

	/* a Min-Expires that was met already */
	world_begin(136);
	net_reg(net, NET_BRIEF, 10);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_initial_challenged_for_ever(void)
{
	unsigned i;

	world_begin(137);
	for (i = 0; i < NET_SCRIPT; i++)
		net_reg(net, NET_CHALLENGE, 0);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK(world_regs() <= 8);
	CHECK_STR(world_end(), NULL);
}


static void test_card(void)
{
	/* the card fails: no answer to the challenge */
	world_begin(138);
	CHECK_EQ(world_ue(), 0);
	ue->fault.usim_result = 1;
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);

	/* a slow card */
	world_begin(139);
	CHECK_EQ(world_ue(), 0);
	ue->card_delay_ms = 5000;
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK(world_gap_s(world_reg(0), world_reg(1)) >= 5);
	CHECK_STR(world_end(), NULL);

	/* deregistered while it thinks */
	world_begin(140);
	CHECK_EQ(world_ue(), 0);
	ue->card_delay_ms = 5000;
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERING, 60));
	CHECK(sim_run_s(&world.sim, 2));
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 300));
	CHECK(!net->registered);
	CHECK_STR(world_end(), NULL);
}


static void test_no_contact(void)
{
	/* a 200 that does not name the own contact is no registration: the
	   network registers, the UE deregisters in the end or tries again */
	world_begin(141);
	net_reg(net, NET_ANSWER, 0);
	net->reg.v[0].code = 200;
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 60));
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Failure responses to a re-registration */


static void test_refresh_failed(void)
{
	static const uint16_t codev[] = {403, 481, 408, 500, 503, 504};
	unsigned i;

	for (i = 0; i < COUNT(codev); i++) {

		const struct ue_event *ev;

		world_begin(150 + i);
		CHECK(world_registered());
		net_reg_answer(net, codev[i], 0);
		CHECK_EQ(sim_ue_reregister(ue), 0);
		ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 60);
		CHECK(ev != NULL);
		CHECK_EQ(ev->dereg, UE_DEREG_FAILED);
		CHECK_EQ(ev->status, codev[i]);
		CHECK(ev->again);

		/* initial registration, and a new subscription */
		CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 400));
		CHECK(is_initial(world_reg(3)));
		CHECK(sim_wait(ue, UE_EVENT_REG_INFO, 60));
		CHECK_EQ(world_subs(), 2);
		CHECK(strcmp(net_hdr(world_sub(0), "Call-ID"),
			     net_hdr(world_sub(1), "Call-ID")) != 0);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_refresh_timeout(void)
{
	const struct ue_event *ev;

	/* Timer F: initial registration at another P-CSCF */
	world_begin(160);
	world.set.pcscfv[1] = "192.0.2.2";
	CHECK(world_registered());
	net_kill(net, 0);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 130);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_FAILED);
	CHECK(ev->again);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 10));
	CHECK_EQ(world_reg(world_regs() - 1)->pcscf, 1);
	CHECK(is_initial(world_reg(world_regs() - 2)));
	CHECK_STR(world_end(), NULL);
}


static void test_refresh_brief(void)
{
	world_begin(161);
	CHECK(world_registered());
	net_reg(net, NET_BRIEF, 900000);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(expires(world_reg(2)), 600000);
	CHECK(expires(world_reg(3)) >= 900000);
	CHECK_STR(world_end(), NULL);
}


static void test_refresh_retry_after(void)
{
	const struct ue_event *ev;

	world_begin(162);
	CHECK(world_registered());
	net_reg_answer(net, 503, 500);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 60);
	CHECK(ev != NULL);
	CHECK(ev->wait_ms >= 500000);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 2500));
	CHECK(world_gap_s(world_reg(2), world_reg(3)) >= 500);
	CHECK_STR(world_end(), NULL);
}


static void test_refresh_mac(void)
{
	/* a challenge of an impostor does not end the registration at once;
	   the real one is answered */
	world_begin(163);
	CHECK(world_registered());
	net_reg(net, NET_BAD_MAC, 0);
	net_reg(net, NET_OLD_SQN, 0);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(net->resyncs, 1);
	CHECK(INFO->registered);
	CHECK_STR(world_end(), NULL);
}


static void test_expired(void)
{
	const struct ue_event *ev;

	/* everything is silent until the registration runs out */
	world_begin(164);
	net->grant_s = 100;
	CHECK(world_registered());
	net_kill(net, 0);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 200);
	CHECK(ev != NULL);
	CHECK(ev->again);
	CHECK(!INFO->registered);
	net_start(net, 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 2000));
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Deregistration */


static void test_dereg_unanswered(void)
{
	const uint16_t codev[] = {403, 500, 481};
	unsigned i;

	world_begin(170);
	CHECK(world_registered());
	net_reg(net, NET_SILENT, 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(!sim_wait(ue, UE_EVENT_DEREGISTERED, 120));
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK(!INFO->registered);
	CHECK_STR(world_end(), NULL);

	for (i = 0; i < COUNT(codev); i++) {
		world_begin(171 + i);
		CHECK(world_registered());
		net_reg_answer(net, codev[i], 0);
		CHECK_EQ(sim_ue_deregister(ue), 0);
		CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
		CHECK(sim_run_s(&world.sim, 3600));
		CHECK_EQ(world_regs(), 3);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_dereg_early(void)
{
	/* never registered */
	world_begin(175);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK_EQ(world_regs(), 0);
	CHECK_STR(world_end(), NULL);

	/* both in one breath */
	world_begin(176);
	CHECK_EQ(begin(), 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 300));
	CHECK(sim_run_s(&world.sim, 300));
	CHECK(!net->registered);
	CHECK_STR(world_end(), NULL);

	/* in a back-off */
	world_begin(177);
	net_reg_answer(net, 500, 0);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10));
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK(sim_run_s(&world.sim, 3600));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);

	/* while nobody answers */
	world_begin(178);
	net_reg(net, NET_SILENT, 0);
	CHECK_EQ(begin(), 0);
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 300));
	CHECK(sim_run_s(&world.sim, 3600));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_dereg_while_refreshing(void)
{
	/* one registration procedure at a time (5.1.1.2.1) */
	world_begin(179);
	CHECK(world_registered());
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 300));
	CHECK(!net->registered);
	CHECK_EQ(expires(world_reg(world_regs() - 1)), 0);
	CHECK_STR(world_end(), NULL);
}


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
	CHECK(is_initial(world_reg(2)));
	CHECK_STR(world_end(), NULL);
}


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
	CHECK(has(net_hdr(world_sub(1), "To"), ";tag="));
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
	CHECK(!has(net_hdr(world_sub(2), "To"), ";tag="));
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
		CHECK_EQ(begin(), 0);
		CHECK(sim_wait(ue, UE_EVENT_REG_SUBSCRIPTION_ENDED, 60));
		CHECK(sim_run_s(&world.sim, 600));
		CHECK(INFO->registered);
		CHECK_STR(world_end(), NULL);
	}
}


/* ------------------------------------------------------------------ */
/* Keep-alives, connections */


static void test_keep_udp(void)
{
	world_begin(260);
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
	net->keep_s = 100;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 10000));

	/* RFC 6223 s4.4: at 80 to 100 % of the interval */
	CHECK(net->pings >= 99 && net->pings <= 125);
	CHECK_EQ(world_regs(), 2);
	CHECK_STR(world_end(), NULL);
}


static void test_keep_tcp(void)
{
	world_begin(261);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	net->keep_s = 100;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 10000));
	CHECK(net->pings >= 99 && net->pings <= 125);
	CHECK_EQ(net->connects, 1);

	/* RFC 5626 s4.4.1: no pong, the flow has failed; registering again
	   brings a new one */
	net->no_pong = true;
	CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 120));
	net->no_pong = false;
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(net->connects, 2);
	CHECK(INFO->registered);
	CHECK_STR(world_end(), NULL);
}


static void test_tcp_reset(void)
{
	world_begin(262);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 10));
	net_reset(net);
	CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 10));
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(net->connects, 2);

	/* the network can reach it again */
	net_notify(net, NET_DOC_SHORTENED, 300, NULL);
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(net->notify_ok, 2);
	CHECK_EQ(INFO->expires_s, 300);
	CHECK_STR(world_end(), NULL);
}


static void test_tcp_reset_mid(void)
{
	/* in the middle of the registration */
	world_begin(263);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	net_reg(net, NET_NORMAL, 0);
	net_reg(net, NET_RESET, 0);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10));
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 400));
	CHECK_STR(world_end(), NULL);
}


static void test_tcp_refused(void)
{
	const struct ue_event *ev;

	world_begin(264);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	net->refuse_tcp = true;
	CHECK_EQ(begin(), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, ECONNREFUSED);
	CHECK(ev->wait_ms >= 30000);
	net->refuse_tcp = false;
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 400));
	CHECK_STR(world_end(), NULL);
}


static void test_tcp_idle_closed(void)
{
	unsigned i;

	/* a P-CSCF may close what is idle; the next request opens a new one */
	world_begin(265);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 60));
	for (i = 0; i < SIM_CONNS; i++) {
		if (net->connv[i].used) {
			net->connv[i].used = false;
			sim_tcp_close(&world.sim, i, 0);
		}
	}
	net->sub_conn = -1;
	CHECK(sim_run_s(&world.sim, 60));
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(net->connects, 2);
	CHECK_STR(world_end(), NULL);
}


static void test_notify_over_new_connection(void)
{
	/* the P-CSCF's own requests come over a connection of its own */
	world_begin(266);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	net->notify_connect = true;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 10));
	CHECK_EQ(net->notify_ok, 1);
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* P-CSCFs that die */


static void test_killed_mid(void)
{
	static const enum ue_transport_choice choicev[] = {
		UE_TRANSPORT_UDP_ONLY, UE_TRANSPORT_TCP_ONLY,
		UE_TRANSPORT_AUTO
	};
	unsigned i;

	/* it takes the answer to the challenge with it */
	for (i = 0; i < COUNT(choicev); i++) {

		world_begin(270 + i);
		world.set.transport = choicev[i];
		world.set.pcscfv[1] = "192.0.2.2";
		net_reg(net, NET_NORMAL, 0);
		net_reg_at(net, 0, NET_KILL, 0, 0);
		CHECK(world_registered());
		CHECK_EQ(sim_events(ue, UE_EVENT_REGISTER_RETRY), 1);
		CHECK_EQ(world_reg(1)->pcscf, 0);
		CHECK_EQ(world_reg(2)->pcscf, 1);
		CHECK(is_initial(world_reg(2)));
		CHECK_STR(world_end(), NULL);
	}
}


static void test_killed_only(void)
{
	/* the only one: reported, and survived when it comes back */
	world_begin(275);
	net_reg(net, NET_NORMAL, 0);
	net_reg(net, NET_KILL, 0);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 300));
	CHECK(sim_run_s(&world.sim, 3000));
	CHECK(!INFO->registered);
	net_start(net, 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 2000));
	CHECK_STR(world_end(), NULL);
}


static void test_restarted(void)
{
	/* a restart that forgets everything: noticed at the re-registration,
	   which is challenged, or at the subscription */
	world_begin(276);
	net->restart_clears = true;
	CHECK(world_registered());
	net_kill(net, 0);
	CHECK(sim_run_s(&world.sim, 60));
	net_start(net, 0);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK(net_is_registered(net));
	CHECK_STR(world_end(), NULL);
}


static void test_names(void)
{
	/* a name with three addresses, two of them dead */
	world_begin(277);
	world.set.pcscfv[0] = "pcscf.test";
	net_kill(net, 0);
	net_kill(net, 1);
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 300));
	CHECK_EQ(world_reg(0)->pcscf, 2);
	CHECK_EQ(sim_events(ue, UE_EVENT_REGISTER_RETRY), 2);
	CHECK_STR(world_end(), NULL);

	/* a name that nobody knows: reported, tried again, given up by the
	   user */
	world_begin(278);
	world.set.pcscfv[0] = "nowhere.test";
	CHECK_EQ(begin(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 300));
	CHECK(sim_run_s(&world.sim, 600));
	CHECK(net->lookups >= 2);
	CHECK_STR(world_end(), NULL);
}


static void test_ipv6(void)
{
	world_begin(279);
	net_use_ipv6(net);
	world.set.pcscfv[0] = "[2001:db8::1]:5060";
	world.set.local.family = 6;
	world.set.local.ip[0] = 0xfd;
	world.set.local.ip[15] = 7;
	CHECK(world_registered());
	CHECK(has(net_hdr(world_reg(0), "Contact"), "[fd00::7]:"));
	CHECK(has(net_hdr(world_reg(0), "Via"), "[fd00::7]:"));
	CHECK(has(net_hdr(world_sub(0), "Route"), "[2001:db8::1]:5060"));
	CHECK_STR(world_end(), NULL);
}


const struct test_case suite_registration_sim[] = {
	{"TS 24.229 5.1.1.2.1: 408, 480, 5xx, 600: again after the back-off",
	 test_initial_back_off},
	{"TS 24.229 5.1.1.2.1: what is refused is not tried again",
	 test_initial_refused},
	{"TS 24.229 5.1.1.2.1: 305, another P-CSCF at once",
	 test_initial_use_proxy},
	{"RFC 3261 s21.4.15: 420, without gruu; not without path",
	 test_initial_bad_option},
	{"TS 24.229 5.1.1.2.1: Retry-After is kept, also by the user",
	 test_initial_retry_after},
	{"RFC 3261 s10.2.8: 423 has an end", test_initial_brief},
	{"401 without end has one", test_initial_challenged_for_ever},
	{"A card that fails, is slow, is not needed any more", test_card},
	{"RFC 3261 s10.3: a 200 without the own contact", test_no_contact},
	{"TS 24.229 5.1.1.4: re-registration fails, initial registration",
	 test_refresh_failed},
	{"TS 24.229 5.1.1.4: re-registration without answer, other P-CSCF",
	 test_refresh_timeout},
	{"RFC 3261 s10.2.8: 423 to a re-registration", test_refresh_brief},
	{"TS 24.229 5.1.1.4: re-registration, Retry-After",
	 test_refresh_retry_after},
	{"TS 24.229 5.1.1.5.3: invalid challenges in a re-registration",
	 test_refresh_mac},
	{"A registration that runs out is made again", test_expired},
	{"TS 24.229 5.1.1.6: no answer, or a refusal, is deregistered",
	 test_dereg_unanswered},
	{"TS 24.229 5.1.1.6: deregistration before the registration is done",
	 test_dereg_early},
	{"TS 24.229 5.1.1.2.1: deregistration waits for the REGISTER under way",
	 test_dereg_while_refreshing},
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
	{"RFC 6223: keep-alives over UDP", test_keep_udp},
	{"RFC 5626 s4.4.1: keep-alives over TCP, a missing pong",
	 test_keep_tcp},
	{"RFC 5626 s4.5: a TCP connection is reset", test_tcp_reset},
	{"A TCP connection is reset in the middle of the registration",
	 test_tcp_reset_mid},
	{"A TCP connection is refused", test_tcp_refused},
	{"An idle TCP connection is closed", test_tcp_idle_closed},
	{"RFC 3261 s18: NOTIFY over a connection of the P-CSCF",
	 test_notify_over_new_connection},
	{"P-CSCF killed in the middle of the registration",
	 test_killed_mid},
	{"The only P-CSCF killed, and started again", test_killed_only},
	{"P-CSCF restarted without memory", test_restarted},
	{"RFC 3263: names of P-CSCFs", test_names},
	{"IPv6", test_ipv6},
	{NULL, NULL}
};
