/**
 * @file test_34229.c  Conformance cases of TS 34.229-1 on the simulator, with
 * the timers of TS 24.229.  Those with security associations: test_34229_sec.c
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/world.h"
#include "test/unit/test.h"

#define INFO ue_reg_info(&world.u.ue)

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}


static bool first_line_is(const struct net_rx *rx, const char *line)
{
	return starts(rx->text, line) && rx->text[strlen(line)] == '\r';
}


/* ------------------------------------------------------------------ */
/* Header by header: the tables of annex A.1 */


/* A.1.1, unprotected REGISTER: what does not depend on the step */
static void check_register(const struct net_rx *r)
{
	char contact[80];

	CHECK(r != NULL);
	CHECK(first_line_is(r, "REGISTER sip:" SIM_HOME " SIP/2.0"));

	CHECK(starts(net_hdr(r, "Via"), "SIP/2.0/UDP 10.0.0.2:"));
	CHECK(strstr(net_hdr(r, "Via"), ";branch=z9hG4bK"));
	CHECK(strstr(net_hdr(r, "Via"), ";rport"));
	CHECK(!strstr(net_hdr(r, "Via"), ";rport="));
	CHECK(strstr(net_hdr(r, "Via"), ";keep"));
	CHECK_STR(net_hdr(r, "Max-Forwards"), "70");

	CHECK(starts(net_hdr(r, "From"), "<" SIM_IMPU_TEMP ">;tag="));
	CHECK_STR(net_hdr(r, "To"), "<" SIM_IMPU_TEMP ">");

	/* the port where the response is expected, in Via and Contact */
	snprintf(contact, sizeof(contact), "@10.0.0.2:%u",
		 (unsigned)r->src.port);
	if (!strstr(net_hdr(r, "Contact"), contact))
		snprintf(contact, sizeof(contact), "sip:10.0.0.2:%u",
			 (unsigned)r->src.port);
	CHECK(strstr(net_hdr(r, "Contact"), contact));
	CHECK(strstr(net_hdr(r, "Contact"),
		  ";+sip.instance=\"<urn:gsma:imei:35000001-000001-0>\""));
	CHECK(strstr(net_hdr(r, "Supported"), "path"));
	CHECK(!net_has_hdr(r, "Route"));
	CHECK(!net_has_hdr(r, "Security-Verify"));

	CHECK(starts(net_hdr(r, "Authorization"), "Digest "));
	CHECK_STR(world_auth(r, "username"), SIM_IMPI);
	CHECK_STR(world_auth(r, "realm"), SIM_HOME);
	CHECK_STR(world_auth(r, "uri"), "sip:" SIM_HOME);
	CHECK_STR(net_hdr(r, "Content-Length"), "0");
}


/* A.1.1, the first one */
static void check_first(const struct net_rx *r)
{
	check_register(r);
	CHECK(world_has_auth(r, "nonce"));
	CHECK_STR(world_auth(r, "nonce"), "");
	CHECK(world_has_auth(r, "response"));
	CHECK_STR(world_auth(r, "response"), "");
	CHECK(!world_has_auth(r, "auts"));
	CHECK_STR(net_hdr(r, "Expires"), "600000");
	CHECK(!net_has_hdr(r, "P-Access-Network-Info"));
}


/* A.1.1, the answer to a challenge: same Call-ID, next CSeq */
static void check_answer(const struct net_rx *r, const struct net_rx *before)
{
	check_register(r);
	CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(before, "Call-ID"));
	CHECK_EQ(world_cseq(r), world_cseq(before) + 1);
	CHECK(net_has_hdr(r, "P-Access-Network-Info"));
	CHECK_STR(world_auth(r, "algorithm"), "AKAv1-MD5");
	CHECK_EQ(strlen(world_auth(r, "response")), 32);
	CHECK_EQ(strlen(world_auth(r, "nonce")), 44);
	CHECK(!world_has_auth(r, "auts"));
}


/* A.1.4 */
static void check_subscribe(const struct net_rx *s, const char *impu)
{
	char line[200];

	CHECK(s != NULL);
	snprintf(line, sizeof(line), "SUBSCRIBE %s SIP/2.0", impu);
	CHECK(first_line_is(s, line));

	snprintf(line, sizeof(line), "<%s>;tag=", impu);
	CHECK(starts(net_hdr(s, "From"), line));
	snprintf(line, sizeof(line), "<%s>", impu);
	CHECK_STR(net_hdr(s, "To"), line);

	CHECK_STR(net_hdr(s, "Route"), "<sip:192.0.2.1:5060;lr>, "
		  "<sip:orig@scscf." SIM_HOME ";lr>");
	CHECK_STR(net_hdr(s, "Event"), "reg");
	CHECK_STR(net_hdr(s, "Expires"), "600000");
	CHECK(net_has_hdr(s, "P-Access-Network-Info"));
	CHECK(net_has_hdr(s, "Contact"));
	CHECK(!net_has_hdr(s, "Authorization"));
	if (net_has_hdr(s, "Accept"))
		CHECK(strstr(net_hdr(s, "Accept"), "application/reginfo+xml"));
}


static void test_8_1(void)
{
	world_begin(1);
	net->barred = true;
	CHECK(world_registered());

	check_first(world_reg(0));
	check_answer(world_reg(1), world_reg(0));
	CHECK_EQ(world_reg(0)->answer, 401);
	CHECK_EQ(world_reg(1)->answer, 200);
	CHECK_STR(world_auth(world_reg(1), "nonce"), net->nonce);
	CHECK_STR(net_hdr(world_reg(1), "Expires"), "600000");
	CHECK_EQ(net->bad_auth, 0);
	CHECK_EQ(world_regs(), 2);

	/* the registered identity is barred: the default one subscribes */
	CHECK(INFO->barred);
	CHECK_STR(INFO->default_impu, NET_DEFAULT_IMPU);
	CHECK_EQ(INFO->assoc_count, 2);
	CHECK_STR(INFO->assocv[1], NET_TEL);
	CHECK_STR(INFO->service_route, "<sip:orig@scscf." SIM_HOME ";lr>");

	check_subscribe(world_sub(0), NET_DEFAULT_IMPU);
	CHECK(strcmp(net_hdr(world_sub(0), "Call-ID"),
		     net_hdr(world_reg(0), "Call-ID")) != 0);
	CHECK(sim_run_s(&world.sim, 5));
	CHECK_EQ(net->notify_ok, 1);
	CHECK(INFO->subscribed);
	CHECK_STR(world_end(), NULL);
}


static void test_8_1_not_barred(void)
{
	world_begin(2);
	CHECK(world_registered());
	CHECK(!INFO->barred);
	check_subscribe(world_sub(0), SIM_IMPU_TEMP);
	CHECK_STR(world_end(), NULL);
}


static void test_8_1_qop(void)
{
	world_begin(3);
	net->qop = true;
	net->rspauth = true;
	net->opaque = "some0paque";
	CHECK(world_registered());

	check_answer(world_reg(1), world_reg(0));
	CHECK_STR(world_auth(world_reg(1), "qop"), "auth");
	CHECK_STR(world_auth(world_reg(1), "nc"), "00000001");
	CHECK(world_has_auth(world_reg(1), "cnonce"));
	CHECK_STR(world_auth(world_reg(1), "opaque"), "some0paque");

	/* the same nonce again: its count rises */
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_STR(world_auth(world_reg(2), "nc"), "00000002");
	CHECK_EQ(world_regs(), 3);
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */


/* A.1.1, re-registration */
static void check_refresh(const struct net_rx *r, const struct net_rx *before)
{
	check_answer(r, before);
	CHECK_STR(net_hdr(r, "Expires"), "600000");
	CHECK_STR(net_hdr(r, "Contact"), net_hdr(before, "Contact"));
	CHECK_STR(world_auth(r, "nonce"), world_auth(before, "nonce"));
	CHECK(strcmp(net_prm(net_hdr(r, "Via"), "branch"),
		     net_prm(net_hdr(before, "Via"), "branch")) != 0);
}


static void test_8_2(void)
{
	static const uint32_t grantv[] = {120, 1200, 1800, 600000};
	static const uint32_t withinv[] = {60, 600, 1200, 599400};
	unsigned i;

	world_begin(4);
	net->grant_s = grantv[0];
	CHECK(world_registered());
	CHECK_EQ(INFO->expires_s, 120);

	for (i = 0; i < 4; i++) {

		const struct net_rx *r;

		if (i < 3)
			net->grant_s = grantv[i + 1];
		net->no_assoc = i == 1;

		CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, withinv[i] + 5));
		CHECK_EQ(world_regs(), 3 + i);
		r = world_reg(2 + i);
		check_refresh(r, world_reg(1 + i));
		CHECK(world_gap_s(world_reg(1 + i), r) <= withinv[i]);
		/* and not much sooner */
		CHECK(world_gap_s(world_reg(1 + i), r) >= withinv[i] - 5);

		/* the new P-Associated-URI list is used */
		CHECK_EQ(INFO->assoc_count, net->no_assoc ? 0 : 3);
	}

	CHECK_EQ(net->challenges, 1);
	CHECK_EQ(sim_events(ue, UE_EVENT_DEREGISTERED), 0);
	CHECK_STR(world_end(), NULL);
}


static void test_8_3(void)
{
	const struct net_rx *r;
	const struct ue_event *ev;

	world_begin(5);
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(ue), 0);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 200);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_USER);
	CHECK(!ev->again);

	r = world_reg(world_regs() - 1);
	check_answer(r, world_reg(world_regs() - 2));
	CHECK_STR(net_hdr(r, "Expires"), "0");
	CHECK(!net_is_registered(net));
	CHECK(!INFO->registered);

	/* the NOTIFY that says so is answered, and nothing follows */
	CHECK(sim_run_s(&world.sim, 600));
	CHECK_EQ(net->notifies, 2);
	CHECK_EQ(net->notify_ok, 2);
	CHECK_EQ(world_regs(), 3);
	CHECK_EQ(world_subs(), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_8_3_challenged(void)
{
	world_begin(6);
	net->rechallenge = true;
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 200));
	CHECK_EQ(world_regs(), 4);
	CHECK_EQ(world_reg(2)->answer, 401);
	check_answer(world_reg(3), world_reg(2));
	CHECK_STR(net_hdr(world_reg(3), "Expires"), "0");
	CHECK(!net_is_registered(net));
	CHECK_STR(world_end(), NULL);
}


static void test_8_4(void)
{
	world_begin(7);
	net_reg(net, NET_BRIEF, 800000);
	net->grant_s = 800000;
	CHECK(world_registered());

	CHECK_EQ(world_reg(0)->answer, 423);
	CHECK_STR(net_hdr(world_reg(1), "Expires"), "800000");
	CHECK_STR(net_hdr(world_reg(2), "Expires"), "800000");
	CHECK_EQ(world_cseq(world_reg(1)), world_cseq(world_reg(0)) + 1);
	CHECK_EQ(INFO->expires_s, 800000);
	CHECK_STR(world_end(), NULL);
}


static void test_8_10(void)
{
	world_begin(8);
	net->gruu = true;
	CHECK(world_registered());
	CHECK(strstr(net_hdr(world_reg(0), "Supported"), "gruu"));
	CHECK(strstr(net_hdr(world_reg(0), "Contact"), ";+sip.instance=\"<urn:"));

	CHECK_STR(INFO->pub_gruu, NET_DEFAULT_IMPU ";gr=urn:x");
	CHECK(starts(INFO->temp_gruu, "sip:tgruu."));
	CHECK(starts(net_hdr(world_sub(0), "Contact"),
		     "<" NET_DEFAULT_IMPU ";gr=urn:x>"));

	/* a REGISTER names the address */
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK(strstr(net_hdr(world_reg(2), "Contact"), "10.0.0.2:"));
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* 8.11 to 8.15: retries */


static void test_8_11(void)
{
	const struct ue_event *ev;

	world_begin(9);
	net_reg_answer(net, 403, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_FAILED, 100);
	CHECK(ev != NULL);
	CHECK_EQ(ev->status, 403);

	/* no automatic retry */
	CHECK(sim_run_s(&world.sim, 7200));
	CHECK_EQ(world_regs(), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_8_12(void)
{
	const struct ue_event *ev;

	world_begin(10);
	net_reg_answer(net, 503, 300);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 100);
	CHECK(ev != NULL);
	CHECK_EQ(ev->status, 503);
	CHECK(ev->wait_ms >= 300000);

	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 3600));
	CHECK_EQ(world_regs(), 3);
	CHECK(world_gap_s(world_reg(0), world_reg(1)) >= 300);
	CHECK(world_gap_s(world_reg(0), world_reg(1)) <= 310);
	check_first(world_reg(1));
	CHECK_STR(world_end(), NULL);
}


static void test_8_13(void)
{
	/* one that asks for a long wait: the other one, at once */
	world_begin(11);
	world.set.pcscfv[1] = "192.0.2.2";
	net_reg_at(net, 0, NET_ANSWER, 503, 3000);
	CHECK(world_registered());
	CHECK_EQ(world_reg(0)->pcscf, 0);
	CHECK_EQ(world_reg(1)->pcscf, 1);
	CHECK(world_gap_s(world_reg(0), world_reg(1)) <= 1);
	check_first(world_reg(1));
	CHECK(starts(net_hdr(world_sub(0), "Route"),
		     "<sip:192.0.2.2:5060;lr>"));
	CHECK_STR(world_end(), NULL);
}


static void test_8_14(void)
{
	static const unsigned lowv[] = {30, 60, 120, 240, 480, 900, 900};
	static const unsigned highv[] = {60, 120, 240, 480, 960, 1800, 1800};
	unsigned i;

	/* nobody answers: Timer F, then the wait of RFC 5626 s4.5 */
	world_begin(12);
	for (i = 0; i < 8; i++)
		net_reg(net, NET_SILENT, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);

	for (i = 0; i < 7; i++) {

		const struct ue_event *ev;
		uint64_t gap;

		ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 130);
		CHECK(ev != NULL);
		CHECK_EQ(ev->status, 0);
		CHECK(ev->wait_ms >= lowv[i] * 1000);
		CHECK(ev->wait_ms <= highv[i] * 1000);

		CHECK(sim_wait(ue, UE_EVENT_REGISTERING, 1801));
		CHECK(sim_run_s(&world.sim, 1));
		CHECK_EQ(world_regs(), i + 2);
		gap = world_gap_s(world_reg(i), world_reg(i + 1));
		CHECK(gap >= 128 + lowv[i]);
		CHECK(gap <= 129 + highv[i]);
	}

	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 4000));
	CHECK_STR(world_end(), NULL);
}


static void test_8_14_other(void)
{
	/* the first P-CSCF is dead, the second one answers */
	world_begin(13);
	world.set.pcscfv[1] = "192.0.2.2";
	net_kill(net, 0);
	CHECK(world_registered());
	CHECK_EQ(world_regs(), 2);
	CHECK_EQ(world_reg(0)->pcscf, 1);
	CHECK_EQ(sim_events(ue, UE_EVENT_REGISTER_RETRY), 1);
	CHECK_STR(world_end(), NULL);
}


static void test_8_15(void)
{
	/* a challenge that cannot be used: algorithm unknown */
	world_begin(14);
	net->algorithm = "FOO-MD5";
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait2(ue, UE_EVENT_REGISTER_FAILED,
			UE_EVENT_REGISTER_RETRY, 100));

	/* never answered with credentials; the next attempt begins anew */
	net->algorithm = "AKAv1-MD5";
	if (INFO->state == IMS_REG_IDLE)
		CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 3600));
	CHECK_EQ(world_regs(), 3);
	check_first(world_reg(1));
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* 9: authentication */


/* Answer to a wrong MAC */
static void check_mac_failure(const struct net_rx *r,
			      const struct net_rx *before)
{
	check_register(r);
	CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(before, "Call-ID"));
	CHECK_EQ(world_cseq(r), world_cseq(before) + 1);
	CHECK(!world_has_auth(r, "auts"));
	CHECK(world_has_auth(r, "response"));
	CHECK_STR(world_auth(r, "response"), "");
	CHECK_EQ(strlen(world_auth(r, "nonce")), 44);
	CHECK(!net_has_hdr(r, "P-Access-Network-Info"));
}


static void test_9_1(void)
{
	world_begin(15);
	net_reg(net, NET_BAD_MAC, 0);
	net_reg(net, NET_BAD_MAC, 0);
	CHECK(world_registered());

	CHECK_EQ(world_regs(), 4);
	check_first(world_reg(0));
	check_mac_failure(world_reg(1), world_reg(0));
	check_mac_failure(world_reg(2), world_reg(1));
	check_answer(world_reg(3), world_reg(2));
	CHECK_EQ(world_subs(), 1);
	CHECK_EQ(sim_events(ue, UE_EVENT_CHALLENGE), 3);
	CHECK_STR(world_end(), NULL);
}


static void test_9_1_third(void)
{
	const struct ue_event *ev;

	/* two are answered, then it is over */
	world_begin(16);
	net_reg(net, NET_BAD_MAC, 0);
	net_reg(net, NET_BAD_MAC, 0);
	net_reg(net, NET_BAD_MAC, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_FAILED, 100);
	CHECK(ev != NULL);
	CHECK(sim_run_s(&world.sim, 7200));
	CHECK_EQ(world_regs(), 3);
	CHECK_STR(world_end(), NULL);
}


static void test_9_2(void)
{
	const struct net_rx *r;

	world_begin(17);
	net->opaque = "0paque";
	net_reg(net, NET_OLD_SQN, 0);
	CHECK(world_registered());

	CHECK_EQ(world_regs(), 3);
	r = world_reg(1);
	check_register(r);
	CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(world_reg(0), "Call-ID"));
	CHECK_EQ(world_cseq(r), world_cseq(world_reg(0)) + 1);
	/* 14 octets in base64 */
	CHECK_EQ(strlen(world_auth(r, "auts")), 20);
	CHECK_EQ(strlen(world_auth(r, "nonce")), 44);
	CHECK_STR(world_auth(r, "opaque"), "0paque");
	CHECK_EQ(net->resyncs, 1);

	check_answer(world_reg(2), r);
	CHECK_EQ(world_reg(2)->answer, 200);
	CHECK_STR(world_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* 10, 11: registration event */


/* TS 24.229 5.1.2.2 */
static void test_10_1(void)
{
	world_begin(18);
	net_sub_answer(net, 503, 60);
	CHECK(world_registered());

	CHECK_EQ(world_subs(), 2);
	CHECK(world_gap_s(world_sub(0), world_sub(1)) >= 60);
	CHECK(world_gap_s(world_sub(0), world_sub(1)) <= 300);
	check_subscribe(world_sub(1), SIM_IMPU_TEMP);
	CHECK(strcmp(net_hdr(world_sub(0), "Call-ID"),
		     net_hdr(world_sub(1), "Call-ID")) != 0);
	CHECK_EQ(world_regs(), 2);
	CHECK_STR(world_end(), NULL);
}


static void test_11_1_rejected(void)
{
	const struct ue_event *ev;

	world_begin(19);
	CHECK(world_registered());
	net_notify(net, NET_DOC_REJECTED, 0, NULL);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_REJECTED);
	CHECK(!ev->again);
	CHECK(!INFO->registered);

	/* stays deregistered until the user acts */
	CHECK(sim_run_s(&world.sim, 20000));
	CHECK_EQ(net->notify_ok, 2);
	CHECK_EQ(world_regs(), 2);
	CHECK_EQ(sim_flows(ue), 0);

	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	check_first(world_reg(2));
	CHECK_STR(world_end(), NULL);
}


static void test_11_1_deactivated(void)
{
	const struct ue_event *ev;

	world_begin(20);
	CHECK(world_registered());
	net_notify(net, NET_DOC_DEACTIVATED, 0, NULL);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_DEACTIVATED);
	CHECK(ev->again);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK(sim_wait(ue, UE_EVENT_REG_INFO, 60));
	check_first(world_reg(2));
	CHECK(sim_run_s(&world.sim, 5));
	CHECK(net->notify_ok >= 3);
	CHECK_EQ(world_subs(), 2);
	CHECK_STR(world_end(), NULL);
}


static void test_11_1_no_contacts(void)
{
	const struct ue_event *ev;

	world_begin(21);
	CHECK(world_registered());
	net_notify(net, NET_DOC_NO_CONTACTS, 0, NULL);
	ev = sim_wait(ue, UE_EVENT_DEREGISTERED, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->dereg, UE_DEREG_TERMINATED);
	CHECK(sim_run_s(&world.sim, 600));
	CHECK_EQ(net->notify_ok, 2);
	CHECK_STR(world_end(), NULL);
}


static void test_11_2(void)
{
	world_begin(22);
	net->rechallenge = true;
	CHECK(world_registered());
	net_notify(net, NET_DOC_SHORTENED, 60, NULL);
	CHECK(sim_wait(ue, UE_EVENT_REG_INFO, 60));
	CHECK_EQ(INFO->expires_s, 60);

	/* in time, and the challenge is answered */
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(world_regs(), 4);
	CHECK(world_gap_s(world_reg(1), world_reg(2)) <= 31);
	CHECK_EQ(world_reg(2)->answer, 401);
	check_answer(world_reg(3), world_reg(2));
	CHECK_EQ(world_reg(3)->answer, 200);
	CHECK_EQ(INFO->expires_s, 600000);
	CHECK_EQ(sim_events(ue, UE_EVENT_DEREGISTERED), 0);
	CHECK_STR(world_end(), NULL);
}


const struct test_case suite_34229[] = {
	{"TS 34.229-1 8.1: initial registration", test_8_1},
	{"TS 34.229-1 8.1: an identity that is not barred subscribes",
	 test_8_1_not_barred},
	{"TS 34.229-1 8.1: challenge with qop and opaque, Authentication-Info",
	 test_8_1_qop},
	{"TS 34.229-1 8.2: user-initiated re-registration", test_8_2},
	{"TS 34.229-1 8.3: mobile-initiated deregistration", test_8_3},
	{"TS 34.229-1 8.3: deregistration is challenged",
	 test_8_3_challenged},
	{"TS 34.229-1 8.4: 423 Interval Too Brief", test_8_4},
	{"TS 34.229-1 8.10: initial registration with GRUU", test_8_10},
	{"TS 34.229-1 8.11: refused registration, no retry", test_8_11},
	{"TS 34.229-1 8.12: 503 with Retry-After", test_8_12},
	{"TS 34.229-1 8.13: several P-CSCFs, long Retry-After", test_8_13},
	{"TS 34.229-1 8.14: no answer, back-off", test_8_14},
	{"TS 34.229-1 8.14: no answer, other P-CSCF", test_8_14_other},
	{"TS 34.229-1 8.15: a challenge that cannot be used", test_8_15},
	{"TS 34.229-1 9.1: MAC parameter invalid", test_9_1},
	{"TS 34.229-1 9.1: after two invalid challenges it is over",
	 test_9_1_third},
	{"TS 34.229-1 9.2: SQN out of range", test_9_2},
	{"TS 34.229-1 10.1: 503 Service Unavailable", test_10_1},
	{"TS 34.229-1 11.1: network-initiated deregistration, rejected",
	 test_11_1_rejected},
	{"TS 34.229-1 11.1: network-initiated deregistration, deactivated",
	 test_11_1_deactivated},
	{"TS 34.229-1 11.1: network-initiated deregistration, no contacts",
	 test_11_1_no_contacts},
	{"TS 34.229-1 11.2: network-initiated re-authentication", test_11_2},
	{NULL, NULL}
};
