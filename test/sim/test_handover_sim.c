/**
 * @file test_handover_sim.c  The life of sets of associations on the
 * simulator (TS 33.203 7.4, 7.5; TS 24.229 5.1.1.4 to 5.1.1.7)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/sec_world.h"
#include "test/unit/test.h"

#if UE_IPSEC

#define INFO ue_reg_info(&world.u.ue)
#define STATS (world.u.ue.reg.sec.stats)

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


static bool reregister(void)
{
	ue->seen = ue->eventc;

	return !sim_ue_reregister(ue) &&
		sim_wait(ue, UE_EVENT_REREGISTERED, 300);
}


static bool in_state(enum ipsec_state state)
{
	return ipsec_get(&ue->ue.ipsec, state) != NULL;
}


static uint64_t lifetime_s(enum ipsec_state state)
{
	const struct ipsec_set *s = ipsec_get(&ue->ue.ipsec, state);

	return s ? (s->expires_ms - world.sim.now_ms) / 1000 : 0;
}


/* What Security-Client says in two REGISTERs: new SPIs and port-c, the same
   port-s */
static void check_new_client(const struct net_rx *a, const struct net_rx *b)
{
	static const char *const diffv[] = {"spi-c", "spi-s", "port-c"};
	unsigned i;

	for (i = 0; i < 3; i++)
		CHECK(sec_num(a, "Security-Client", diffv[i]) !=
		      sec_num(b, "Security-Client", diffv[i]));
	CHECK_EQ(sec_num(a, "Security-Client", "port-s"),
		 sec_num(b, "Security-Client", "port-s"));
}


/* ------------------------------------------------------------------ */
/* Re-registration */


static void test_challenged(void)
{
	const struct net_rx *r;
	unsigned long us;

	sec_begin(1);
	net->rechallenge = true;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 10));
	us = sec_num(world_reg(0), "Security-Client", "port-s");
	CHECK(reregister());
	CHECK_EQ(world_regs(), 4);

	/* the challenged REGISTER over the set before, with its Verify */
	r = world_reg(2);
	CHECK_EQ(r->spi, 1000001);
	CHECK_EQ(sec_num(r, "Security-Verify", "spi-c"), 1000000);
	check_new_client(world_reg(0), r);
	CHECK_EQ(INFO->local.port, us);

	/* the answer over the new one, Security-Client as before */
	r = world_reg(3);
	CHECK_EQ(r->spi, 1000003);
	CHECK_STR(net_hdr(r, "Security-Client"),
		  net_hdr(world_reg(2), "Security-Client"));
	CHECK_EQ(sec_num(r, "Security-Verify", "spi-c"), 1000002);
	CHECK(in_state(IPSEC_CURRENT));
	CHECK(in_state(IPSEC_OLD));
	CHECK(!in_state(IPSEC_TEMPORARY));
	CHECK_EQ(sim_sets(ue), 2);

	/* new requests use the new one */
	net_request(net, "OPTIONS", "");
	CHECK(sim_run_s(&world.sim, 2));
	CHECK_EQ(net->logv[net->logc - 1].code, 200);
	CHECK_EQ(net->logv[net->logc - 1].spi, 1000003);

	/* a message has come over it, and when the last transaction on the
	   old one has ended, it goes */
	CHECK(sim_run_s(&world.sim, 150));
	CHECK(!in_state(IPSEC_OLD));
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* 5.1.1.4.1: nothing comes over the new set: the old one stays to the end of
   its lifetime */
static void test_old_lifetime(void)
{
	sec_begin(2);
	world.set.no_reg_event = true;
	net->rechallenge = true;
	net->grant_s = 3600;
	CHECK(world_registered());
	CHECK(reregister());
	CHECK(sim_run_s(&world.sim, 1000));
	CHECK(in_state(IPSEC_OLD));
	CHECK(lifetime_s(IPSEC_OLD) < 3630 - 1000 + 1);
	CHECK(lifetime_s(IPSEC_CURRENT) >= lifetime_s(IPSEC_OLD));
	CHECK_STR(sec_end(), NULL);
}


/* The lifetime is the longer one of both (5.1.1.4.1) */
static void test_lifetime(void)
{
	sec_begin(3);
	CHECK(world_registered());
	CHECK(lifetime_s(IPSEC_CURRENT) >= 600020);
	net->grant_s = 600;
	CHECK(reregister());
	CHECK_EQ(world_regs(), 3);
	CHECK_EQ(INFO->expires_s, 600);
	CHECK(lifetime_s(IPSEC_CURRENT) >= 600020);
	CHECK_EQ(STATS.extended, 1);
	CHECK_EQ(STATS.established, 1);
	CHECK_EQ(sim_sets(ue), 1);

	/* the ports that were offered are closed again */
	CHECK_EQ(sim_flows(ue), 2);
	check_new_client(world_reg(0), world_reg(2));
	CHECK(reregister());
	check_new_client(world_reg(2), world_reg(3));

	/* longer again: extended */
	net->grant_s = 700000;
	world.u.ue.reg.expires_s = 700000;
	CHECK(reregister());
	CHECK(lifetime_s(IPSEC_CURRENT) >= 700020);
	CHECK_STR(sec_end(), NULL);
}


/* Requests over both sets while both are there, answered where they came */
static void test_patient(void)
{
	unsigned i;

	sec_begin(4);
	net->rechallenge = true;
	net->sec.patient = true;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 200));
	CHECK(reregister());
	for (i = 0; i < 3; i++) {
		net_request(net, "OPTIONS", "");
		CHECK(sim_run_s(&world.sim, 1));
		CHECK_EQ(net->logv[net->logc - 1].code, 200);
		CHECK_EQ(net->logv[net->logc - 1].spi, 1000001);
	}
	net_notify(net, NET_DOC_PARTIAL, 0, NULL);
	CHECK(sim_run_s(&world.sim, 2));
	CHECK_EQ(net->notify_ok, 2);
	CHECK(in_state(IPSEC_OLD));

	net->sec.patient = false;
	net_request(net, "OPTIONS", "");
	CHECK(sim_run_s(&world.sim, 1));
	CHECK_EQ(net->logv[net->logc - 1].spi, 1000003);

	/* the transactions over the old one: J, 128 s */
	CHECK(sim_run_s(&world.sim, 100));
	CHECK(in_state(IPSEC_OLD));
	CHECK(sim_run_s(&world.sim, 50));
	CHECK(!in_state(IPSEC_OLD));
	CHECK_STR(sec_end(), NULL);
}


/* A dialog goes on over the new set: the subscription is refreshed there */
static void test_dialog(void)
{
	sec_begin(5);
	net->rechallenge = true;
	net->sub_grant_s = 600;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 100));
	CHECK(reregister());
	CHECK(sim_run_s(&world.sim, 300));
	CHECK_EQ(world_subs(), 2);
	CHECK_EQ(world_sub(1)->spi, 1000003);
	CHECK_STR(net_hdr(world_sub(0), "Call-ID"),
		  net_hdr(world_sub(1), "Call-ID"));
	CHECK_EQ(sec_num(world_sub(1), "Security-Verify", "spi-c"), 1000002);
	CHECK_EQ(net->notify_ok, 2);
	CHECK_STR(sec_end(), NULL);
}


/* A third set: the one before the last goes at once */
static void test_three(void)
{
	unsigned i;

	sec_begin(6);
	net->rechallenge = true;
	CHECK(world_registered());
	for (i = 0; i < 5; i++) {
		CHECK(reregister());
		CHECK(sim_sets(ue) <= 2);
	}
	CHECK_EQ(STATS.established, 6);
	CHECK(sim_run_s(&world.sim, 300));
	CHECK_STR(sec_end(), NULL);
}


/* 5.1.1.5.3 while registered: over the existing set, no temporary one */
static void invalid(uint64_t seed, enum net_act act)
{
	sec_begin(seed);
	net->rechallenge = true;
	CHECK(world_registered());
	net_reg(net, act, 0);
	CHECK(reregister());
	CHECK_EQ(world_regs(), 5);
	CHECK_EQ(world_reg(2)->spi, 1000001);
	CHECK_EQ(world_reg(3)->spi, 1000001);
	CHECK(net_has_hdr(world_reg(3), "P-Access-Network-Info"));
	CHECK_EQ(sec_num(world_reg(3), "Security-Verify", "spi-c"), 1000000);
	check_new_client(world_reg(2), world_reg(3));
	CHECK_EQ(world_reg(4)->answer, 200);
	CHECK_EQ(STATS.installed, 2);
	CHECK_STR(sec_end(), NULL);
}


static void test_invalid(void)
{
	invalid(7, NET_BAD_MAC);
	invalid(8, NET_OLD_SQN);
}


/* The authentication of a re-registration fails: the registration is over */
static void test_refresh_403(void)
{
	sec_begin(9);
	net->rechallenge = true;
	CHECK(world_registered());
	net_reg(net, NET_NORMAL, 0);
	net_reg_answer(net, 403, 0);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));

	/* 5.1.1.4.1: a new one, without protection */
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK_EQ(world_reg(4)->spi, 0);
	CHECK(!net_has_hdr(world_reg(4), "Security-Verify"));
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* The answer to the protected REGISTER is lost once; so is the 401 */
static void test_lost(void)
{
	sec_begin(10);
	net->rechallenge = true;
	net_reg(net, NET_LOSE, 0);
	net_reg(net, NET_LOSE, 0);
	CHECK(world_registered());
	net_reg(net, NET_LOSE, 0);
	net_reg(net, NET_LOSE, 0);
	CHECK(reregister());
	CHECK_EQ(world_regs(), 4);
	CHECK_EQ(net->repeats, 4);
	CHECK_STR(sec_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* The end */


/* 5.1.1.6: no identity is left: all is deleted, with the last transaction;
   RFC 3329 s2.5 */
static void test_deregistered(void)
{
	sec_begin(11);
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));
	CHECK_EQ(sec_last()->spi, 1000001);
	CHECK_STR(net_hdr(sec_last(), "Expires"), "0");
	check_new_client(world_reg(0), sec_last());

	/* the NOTIFY that says so is still answered */
	CHECK(sim_run_s(&world.sim, 5));
	CHECK_EQ(net->notify_ok, 2);
	CHECK(sim_run_s(&world.sim, 150));
	CHECK_EQ(sim_sets(ue), 0);
	CHECK_EQ(ue->ue.ipsec.offer.port_us, 0);
	CHECK_STR(sec_end(), NULL);
}


static void test_dereg_challenged(void)
{
	sec_begin(12);
	net->rechallenge = true;
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));
	CHECK_EQ(world_regs(), 4);
	CHECK_EQ(world_reg(3)->spi, 1000003);

	/* with the transaction, as any other */
	CHECK(in_state(IPSEC_TEMPORARY));
	CHECK(sim_run_s(&world.sim, 30));
	CHECK(!in_state(IPSEC_TEMPORARY));
	CHECK_STR(sec_end(), NULL);
}


/* 5.1.1.7: by NOTIFY: after its transaction has ended */
static void test_notify(void)
{
	sec_begin(13);
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 200));
	net_notify(net, NET_DOC_REJECTED, 0, NULL);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));
	CHECK_EQ(sim_sets(ue), 1);
	CHECK(sim_run_s(&world.sim, 100));
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_EQ(net->notify_ok, 2);
	CHECK(sim_run_s(&world.sim, 50));
	CHECK_EQ(sim_sets(ue), 0);
	CHECK_STR(sec_end(), NULL);
}


/* 5.1.1.7 deactivated: registers again at once, unprotected, while the NOTIFY
   is still answered over the set before */
static void test_deactivated(void)
{
	sec_begin(14);
	CHECK(world_registered());
	net_notify(net, NET_DOC_DEACTIVATED, 0, NULL);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK_EQ(world_reg(2)->spi, 0);
	CHECK_STR(world_auth(world_reg(2), "nonce"), "");
	CHECK_EQ(sim_sets(ue), 2);
	CHECK(sim_run_s(&world.sim, 200));
	CHECK_EQ(net->notify_ok, 3);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* 33.203 7.4: the P-CSCF has lost everything and says nothing: time-out, then
   a new registration without protection */
static void test_restart(void)
{
	sec_begin(15);
	net->restart_clears = true;
	CHECK(world_registered());
	net_kill(net, 0);
	net_start(net, 0);
	ue->seen = ue->eventc;
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 200));
	CHECK(net->sec.esp_dropped > 0);
	CHECK_EQ(sim_sets(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(sec_last()->answer, 200);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* The registration runs out while the P-CSCF is away: associations end 30 s
   later, and nothing protected is waited for */
static void test_expired(void)
{
	sec_begin(16);
	net->grant_s = 600;
	world.set.no_reg_event = true;
	CHECK(world_registered());
	net_kill(net, 0);
	CHECK(sim_run_s(&world.sim, 1000));
	CHECK_EQ(sim_sets(ue), 0);
	CHECK(!INFO->registered);
	net_start(net, 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 4000));
	CHECK_STR(sec_end(), NULL);
}


/* 33.203 7.5: another address: all sets are deleted, from the beginning */
static void test_address(void)
{
	struct sip_hop *hop;
	int8_t us, uc;

	sec_begin(17);
	CHECK(world_registered());
	hop = sip_hop_active(&ue->ue.reg.hop);
	us = hop->flow_us;
	uc = hop->flow_uc;
	memset(&ue->flowv[us], 0, sizeof(ue->flowv[us]));
	memset(&ue->flowv[uc], 0, sizeof(ue->flowv[uc]));
	ue->flowv[us].conn = ue->flowv[uc].conn = -1;
	ue->addr.ip[3] = 77;
	ue_flow_closed(&ue->ue, world.sim.now_ms, (unsigned)us,
		       EADDRNOTAVAIL);
	ue_flow_closed(&ue->ue, world.sim.now_ms, (unsigned)uc,
		       EADDRNOTAVAIL);
	ue->due_ms = world.sim.now_ms;
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(INFO->local.ip[3], 77);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* The same by the application's word: at once, by a REGISTER in the clear, and
   the sets of the old address are deleted */
static void test_address_told(void)
{
	struct sip_hop *hop;
	uint64_t at;

	sec_begin(19);
	CHECK(world_registered());
	hop = sip_hop_active(&ue->ue.reg.hop);
	CHECK(hop != &ue->ue.reg.hop);
	ue->addr.ip[3] = 77;
	at = world.sim.now_ms;
	CHECK_EQ(ue_address_changed(&ue->ue), 0);
	ue->due_ms = at;
	ue->seen = ue->eventc;
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 5));
	CHECK_EQ(INFO->local.ip[3], 77);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* Another P-CSCF: the sets of the one before are of no use */
static void test_other_pcscf(void)
{
	sec_begin(18);
	world.set.pcscfv[1] = "192.0.2.2";
	CHECK(world_registered());
	net_kill(net, 0);
	ue->seen = ue->eventc;
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(sec_last()->pcscf, 1);
	CHECK_EQ(sec_last()->dst.port, NET_PORT_PS);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


/* Power off: nothing stays in the platform, keys are wiped */
static void test_close(void)
{
	static const struct ipsec none;

	sec_begin(19);
	CHECK(world_registered());
	CHECK_EQ(sim_sets(ue), 1);
	sim_ue_close(ue);
	CHECK_EQ(sim_sets(ue), 0);
	CHECK_EQ(ue->esp.installed, ue->esp.removed);
	CHECK(!memcmp(&ue->ue.ipsec, &none, sizeof(none)));
}


/* CK and IK live no longer than it takes to install them */
static void test_wiped(void)
{
	const uint8_t *p = (const uint8_t *)&ue->ue;
	size_t i, hits = 0;

	sec_begin(20);
	CHECK(world_registered());
	for (i = 0; i + 16 <= sizeof(ue->ue); i++) {
		if (!memcmp(p + i, net->ik, 16) || !memcmp(p + i, net->ck, 16))
			++hits;
	}
	/* the first round key of AES is the key itself: in both schedules */
	CHECK(hits <= 2);
	for (i = 0; i + 16 <= sizeof(ue->ue.reg); i++)
		CHECK(memcmp((const uint8_t *)&ue->ue.reg + i, net->ik, 16));
	CHECK_STR(sec_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* TS 24.229 8.1.1 */


#if UE_SIGCOMP

static void test_sigcomp(void)
{
	sec_begin(21);
	net_use_sigcomp(net);
	world.set.sigcomp = true;
	net->rechallenge = true;
	CHECK(world_registered());

	/* one REGISTER and its 401 in the clear: the rest is compressed */
	CHECK_EQ(net->comp.plain, 1);
	CHECK(!strstr(world_reg(0)->text, "comp=sigcomp"));
	CHECK(strstr(world_reg(1)->text, ";comp=sigcomp") != NULL);
	CHECK_EQ(ue->ue.comp.stats.rx_failed, 0);

	/* the same compartment over the next set */
	CHECK(reregister());
	CHECK(sim_run_s(&world.sim, 200));
	CHECK_EQ(net->comp.plain, 1);
	CHECK_EQ(net->comp.failed, 0);
	CHECK_EQ(ue->ue.comp.stats.rx_failed, 0);
	CHECK_STR(sec_end(), NULL);
	CHECK(!sip_comp_is_open(&ue->ue.comp));
}


/* 8.1.1: not in the clear, also where the compartment is still there */
static void test_sigcomp_again(void)
{
	sec_begin(23);
	net_use_sigcomp(net);
	world.set.sigcomp = true;
	CHECK(world_registered());
	net_notify(net, NET_DOC_DEACTIVATED, 0, NULL);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK_EQ(world_reg(2)->spi, 0);
	CHECK(!strstr(world_reg(2)->text, "comp=sigcomp"));
	CHECK(strstr(world_reg(3)->text, ";comp=sigcomp") != NULL);
	CHECK_STR(sec_end(), NULL);
}

#endif


const struct test_case suite_handover_sim[] = {
	{"TS 24.229 5.1.1.4.1: re-registration with a second set",
	 test_challenged},
	{"TS 24.229 5.1.1.4.1: an old set ends with its lifetime",
	 test_old_lifetime},
	{"TS 24.229 5.1.1.4.1: a 200 without challenge lengthens the life",
	 test_lifetime},
	{"TS 24.229 5.1.1.5.1: responses over the set of the request",
	 test_patient},
	{"TS 33.203 7.4.1: dialogs go on over the new set", test_dialog},
	{"TS 33.203 7.4.1: never more than three sets", test_three},
	{"TS 24.229 5.1.1.5.3: MAC and SQN failure while registered",
	 test_invalid},
	{"TS 33.203 7.3.1: authentication fails while registered",
	 test_refresh_403},
	{"lost 401 and 200", test_lost},
	{"TS 24.229 5.1.1.6: deregistered, all sets deleted",
	 test_deregistered},
	{"TS 24.229 5.1.1.6: deregistration is challenged",
	 test_dereg_challenged},
	{"TS 24.229 5.1.1.7: deregistered by NOTIFY", test_notify},
	{"TS 24.229 5.1.1.7: deactivated, registers again", test_deactivated},
	{"TS 33.203 7.4: the P-CSCF has forgotten its sets", test_restart},
	{"TS 24.229 5.1.1.2.1: sets end 30 s after the registration",
	 test_expired},
	{"TS 33.203 7.5: the address changes", test_address},
	{"TS 33.203 7.5: the application tells of a new address",
	 test_address_told},
	{"another P-CSCF", test_other_pcscf},
	{"TS 33.203 7.4: power off", test_close},
	{"CK and IK are wiped after use", test_wiped},
#if UE_SIGCOMP
	{"TS 24.229 8.1.1: SigComp begins with the associations",
	 test_sigcomp},
	{"TS 24.229 8.1.1: the next registration begins in the clear",
	 test_sigcomp_again},
#endif
	{NULL, NULL}
};

#else

static void test_none(void)
{
	test_skip("UE_IPSEC is 0");
}


const struct test_case suite_handover_sim[] = {
	{"security agreement", test_none},
	{NULL, NULL}
};

#endif
