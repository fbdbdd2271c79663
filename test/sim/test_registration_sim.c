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


static uint32_t expires(const struct net_rx *r)
{
	uint32_t v = 0;
	const char *p = net_hdr(r, "Expires");

	while (*p >= '0' && *p <= '9')
		v = v * 10 + (uint32_t)(*p++ - '0');

	return v;
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
		CHECK_EQ(world_register(), 0);
		ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10);
		CHECK(ev != NULL);
		CHECK_EQ(ev->status, codev[i]);
		CHECK(ev->again);

		/* 5.1.1.2.1: first failure; RFC 5626 s4.5 */
		CHECK(ev->wait_ms >= 30000 && ev->wait_ms <= 300000);
		CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 301));
		CHECK_EQ(world_regs(), 3);
		CHECK(world_initial(world_reg(1)));
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
		CHECK_EQ(world_register(), 0);
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
	static const uint16_t codev[] = {305, 430};
	unsigned i;

	/* another P-CSCF at once */
	for (i = 0; i < sizeof(codev) / sizeof(codev[0]); i++) {
		world_begin(130);
		world.set.pcscfv[1] = "192.0.2.2";
		net_reg_answer(net, codev[i], 0);
		CHECK(world_registered());
		CHECK_EQ(world_reg(0)->pcscf, 0);
		CHECK_EQ(world_reg(1)->pcscf, 1);
		CHECK(world_initial(world_reg(1)));
		CHECK(world_gap_s(world_reg(0), world_reg(1)) < 2);
		CHECK_STR(world_end(), NULL);
	}
}


static void test_initial_bad_option(void)
{
	/* 420 gruu: again without it */
	world_begin(131);
	net_reg_answer(net, 420, 0);
	net_with(&net->reg, "Unsupported", "gruu");
	CHECK(world_registered());
	CHECK(strstr(net_hdr(world_reg(0), "Supported"), "gruu"));
	CHECK(!strstr(net_hdr(world_reg(1), "Supported"), "gruu"));
	CHECK(strstr(net_hdr(world_reg(1), "Supported"), "path"));
	CHECK_STR(world_end(), NULL);

	/* 420 path: there is no way */
	world_begin(132);
	net_reg_answer(net, 420, 0);
	net_with(&net->reg, "Unsupported", "path");
	CHECK_EQ(world_register(), 0);
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
	CHECK_EQ(world_register(), 0);
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
	CHECK_EQ(world_register(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK(world_regs() <= 6);
	CHECK_STR(world_end(), NULL);

	/* a Min-Expires that was met already */
	world_begin(136);
	net_reg(net, NET_BRIEF, 10);
	CHECK_EQ(world_register(), 0);
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
	CHECK_EQ(world_register(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK(world_regs() <= 8);
	CHECK_STR(world_end(), NULL);
}


static void test_card(void)
{
	/* the card fails: no answer to the challenge */
	world_begin(138);
	CHECK_EQ(world_ue(), 0);
	ue->fault.n[SIM_FAULT_USIM_FAILED] = 1;
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
	CHECK_EQ(world_register(), 0);
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
		CHECK(world_initial(world_reg(3)));
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
	CHECK(world_initial(world_reg(world_regs() - 2)));
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
	CHECK_EQ(world_register(), 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 300));
	CHECK(sim_run_s(&world.sim, 300));
	CHECK(!net->registered);
	CHECK_STR(world_end(), NULL);

	/* in a back-off */
	world_begin(177);
	net_reg_answer(net, 500, 0);
	CHECK_EQ(world_register(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 10));
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK(sim_run_s(&world.sim, 3600));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);

	/* while nobody answers */
	world_begin(178);
	net_reg(net, NET_SILENT, 0);
	CHECK_EQ(world_register(), 0);
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


static void test_dereg_unsent(void)
{
	const struct ue_event *ev;

	world_begin(171);
	CHECK(world_registered());
	ue->fault.n[SIM_FAULT_RANDOM] = 1;
	CHECK_EQ(sim_ue_deregister(ue), 0);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 1);
	CHECK(ev && ev->dereg == UE_DEREG_USER);
	CHECK_EQ(ev->err, EIO);
	CHECK(net->registered);
	CHECK_STR(world_end(), NULL);
}


/* What a command has begun is due before what ue_poll() has said */
static void test_wake(void)
{
	static const struct ue_message msg = {
		.type = "text/plain", .data = (const uint8_t *)"x", .len = 1
	};
	unsigned wakes;

	world_begin(172);
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 1000));
	wakes = ue->wakes;
	CHECK_EQ(ue_page_send(&ue->ue, "sip:bob@x.net", &msg, NULL, 0), 0);
	CHECK(ue->wakes > wakes);
	CHECK_STR(world_end(), NULL);
}


const struct test_case suite_registration_sim[] = {
	{"TS 24.229 5.1.1.2.1: 408, 480, 5xx, 600: again after the back-off",
	 test_initial_back_off},
	{"TS 24.229 5.1.1.2.1: what is refused is not tried again",
	 test_initial_refused},
	{"TS 24.229 5.1.1.2.1, RFC 5626 s11.5: 305 and 430, another P-CSCF at "
	 "once",
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
	{"TS 24.229 5.1.1.6: deregistration that cannot be sent is told",
	 test_dereg_unsent},
	{"A command wakes who waits for ue_poll()", test_wake},
	{"TS 24.229 5.1.1.6: deregistration before the registration is done",
	 test_dereg_early},
	{"TS 24.229 5.1.1.2.1: deregistration waits for a pending REGISTER",
	 test_dereg_while_refreshing},
	{NULL, NULL}
};
