/**
 * @file test_34229_sec.c  Conformance cases of TS 34.229-1 that speak of
 * security associations: 8.1, 8.2, 8.3, 9.1, 9.2 complete, with the defaults
 * of annex A
 */
#include <stdio.h>
#include <string.h>
#include "sigcomp/lz.h"
#include "test/sim/sec_world.h"
#include "test/unit/test.h"

#if UE_IPSEC

#define INFO ue_reg_info(&world.u.ue)

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}


/* A.1.2: two mechanisms, q 0.9 and 0.7; the network's own is the better one.
   The announced ports are other ones in each challenge */
static void begin(uint64_t seed, const char *alg, const char *ealg)
{
	static char other[200];

	sec_begin(seed);
	world.set.sec_algs = NULL;
	net->sec.alg = alg;
	net->sec.ealg = ealg;
	net->sec.q = ";q=0.9";
	snprintf(other, sizeof(other), "ipsec-3gpp;q=0.7;alg=%s;"
		 "ealg=%s;spi-c=2222;spi-s=2223;port-c=7001;port-s=7002",
		 !strcmp(alg, "hmac-md5-96") ? "hmac-sha-1-96" :
		 "hmac-md5-96", ealg);
	net->sec.other = other;
}


/* A.1.1, every REGISTER */
static void check_register(const struct net_rx *r)
{
	char text[120];

	CHECK(starts(r->text, "REGISTER sip:" SIM_HOME " SIP/2.0\r\n"));
	CHECK(starts(net_hdr(r, "From"), "<" SIM_IMPU_TEMP ">;tag="));
	CHECK_STR(net_hdr(r, "To"), "<" SIM_IMPU_TEMP ">");
	CHECK_STR(net_hdr(r, "Require"), "sec-agree");
	CHECK_STR(net_hdr(r, "Proxy-Require"), "sec-agree");
	CHECK_STR(net_hdr(r, "Max-Forwards"), "70");
	CHECK(strstr(net_hdr(r, "Supported"), "path") != NULL);
	CHECK(starts(net_hdr(r, "Security-Client"), "ipsec-3gpp;"));
	CHECK(!net_has_hdr(r, "Route"));
	CHECK_STR(world_auth(r, "username"), SIM_IMPI);
	CHECK_STR(world_auth(r, "realm"), SIM_HOME);
	CHECK_STR(world_auth(r, "uri"), "sip:" SIM_HOME);
	CHECK_STR(net_hdr(r, "Content-Length"), "0");

	/* port of Contact and Via: protected server port, or the unprotected
	   one that it came from */
	snprintf(text, sizeof(text), "<sip:10.0.0.2:%lu", r->spi ?
		 sec_num(r, "Security-Client", "port-s") :
		 (unsigned long)r->src.port);
	CHECK(starts(net_hdr(r, "Contact"), text));
	snprintf(text, sizeof(text), "SIP/2.0/UDP 10.0.0.2:%lu;branch=z9hG4bK",
		 r->spi ? sec_num(r, "Security-Client", "port-s") :
		 (unsigned long)r->src.port);
	CHECK(starts(net_hdr(r, "Via"), text));
}


/* Condition A1: unprotected, the first one */
static void check_first(const struct net_rx *r)
{
	check_register(r);
	CHECK_EQ(r->spi, 0);
	CHECK_EQ(r->dst.port, 5060);
	CHECK_STR(world_auth(r, "nonce"), "");
	CHECK_STR(world_auth(r, "response"), "");
	CHECK_STR(net_hdr(r, "Expires"), "600000");
	CHECK(strstr(net_hdr(r, "Via"), ";rport") != NULL);
	CHECK(!net_has_hdr(r, "Security-Verify"));
	CHECK(!net_has_hdr(r, "P-Access-Network-Info"));
}


/* Condition A2: protected, the answer to a challenge */
static void check_answer(const struct net_rx *r, const struct net_rx *before)
{
	check_register(r);
	CHECK(r->spi != 0);
	CHECK_EQ(r->src.port, sec_num(r, "Security-Client", "port-c"));
	CHECK_EQ(r->dst.port, NET_PORT_PS);
	CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(before, "Call-ID"));
	CHECK_EQ(world_cseq(r), world_cseq(before) + 1);
	CHECK_STR(net_hdr(r, "Security-Client"),
		  net_hdr(before, "Security-Client"));
	CHECK(starts(net_hdr(r, "Security-Verify"), "ipsec-3gpp;q=0.7;"));
	CHECK_STR(world_auth(r, "algorithm"), "AKAv1-MD5");
	CHECK_EQ(strlen(world_auth(r, "response")), 32);
	CHECK(net_has_hdr(r, "P-Access-Network-Info"));
	CHECK_STR(net_hdr(r, "Expires"), "600000");
}


/* New values, all three different from before */
static void check_fresh_client(const struct net_rx *r,
			       const struct net_rx *before)
{
	CHECK(sec_num(r, "Security-Client", "spi-c") !=
	      sec_num(before, "Security-Client", "spi-c"));
	CHECK(sec_num(r, "Security-Client", "spi-s") !=
	      sec_num(before, "Security-Client", "spi-s"));
	CHECK(sec_num(r, "Security-Client", "port-c") !=
	      sec_num(before, "Security-Client", "port-c"));
	CHECK_EQ(sec_num(r, "Security-Client", "port-s"),
		 sec_num(before, "Security-Client", "port-s"));
}


/* A.1.4 */
static void check_subscribe(const struct net_rx *s, const char *impu)
{
	char text[200];

	snprintf(text, sizeof(text), "SUBSCRIBE %s SIP/2.0\r\n", impu);
	CHECK(starts(s->text, text));
	CHECK(s->spi != 0);
	snprintf(text, sizeof(text), "<sip:192.0.2.1:%u;lr>, <sip:orig@scscf."
		 SIM_HOME ";lr>", NET_PORT_PS);
	CHECK_STR(net_hdr(s, "Route"), text);
	CHECK_STR(net_hdr(s, "Require"), "sec-agree");
	CHECK_STR(net_hdr(s, "Proxy-Require"), "sec-agree");
	CHECK(starts(net_hdr(s, "Security-Verify"), "ipsec-3gpp;q=0.7;"));
	CHECK(net_has_hdr(s, "P-Access-Network-Info"));
	CHECK_STR(net_hdr(s, "Event"), "reg");
	CHECK_STR(net_hdr(s, "Expires"), "600000");
	snprintf(text, sizeof(text), "<sip:10.0.0.2:%u>",
		 (unsigned)INFO->local.port);
	CHECK_STR(net_hdr(s, "Contact"), text);
}


/* Was the pair built? */
static bool built(const char *alg, const char *ealg)
{
	enum ipsec_alg a;
	enum ipsec_ealg e;

	return !ipsec_alg_decode(&a, alg, strlen(alg)) &&
		!ipsec_ealg_decode(&e, ealg, strlen(ealg)) &&
		ipsec_pair_supported(a, e);
}


static void initial(uint64_t seed, const char *alg, const char *ealg)
{
	char pair[64];

	if (!built(alg, ealg)) {
		test_skip("a pair of algorithms is left out");
		return;
	}

	begin(seed, alg, ealg);
	net->barred = true;
	CHECK(world_registered());
	CHECK_EQ(world_regs(), 2);
	check_first(world_reg(0));
	check_answer(world_reg(1), world_reg(0));

	/* the preferred algorithm, two pairs of associations */
	snprintf(pair, sizeof(pair), "%s/%s uc ", alg, ealg);
	CHECK(starts(ue->eventv[2].ev.text, pair));
	CHECK_EQ(ue->eventv[2].ev.type, UE_EVENT_SECURITY);
	CHECK_EQ(sim_sets(ue), 1);

	CHECK_STR(INFO->default_impu, NET_DEFAULT_IMPU);
	CHECK_STR(INFO->service_route, "<sip:orig@scscf." SIM_HOME ";lr>");
	check_subscribe(world_sub(0), NET_DEFAULT_IMPU);
	CHECK(sim_run_s(&world.sim, 5));
	CHECK_EQ(net->notify_ok, 1);
	CHECK_EQ(net->sec.clear, 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_8_1_sha1(void)
{
	initial(1, "hmac-sha-1-96", "aes-cbc");
	initial(2, "hmac-sha-1-96", "des-ede3-cbc");
	initial(3, "hmac-sha-1-96", "null");
}


static void test_8_1_md5(void)
{
	initial(4, "hmac-md5-96", "aes-cbc");
	initial(5, "hmac-md5-96", "des-ede3-cbc");
	initial(6, "hmac-md5-96", "null");
}


static void test_8_2(void)
{
	static const uint32_t grantv[] = {120, 1200, 1800, 600000};
	static const uint32_t withinv[] = {60, 600, 1200, 599400};
	unsigned i;

	begin(7, "hmac-sha-1-96", "null");
	net->grant_s = grantv[0];
	CHECK(world_registered());

	for (i = 0; i < 4; i++) {

		const struct net_rx *r, *before;

		if (i < 3)
			net->grant_s = grantv[i + 1];
		net->no_assoc = i == 1;
		CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, withinv[i] + 5));
		before = world_reg(1 + i);
		r = world_reg(2 + i);
		check_register(r);
		CHECK(world_gap_s(before, r) <= withinv[i]);
		CHECK(world_gap_s(before, r) >= withinv[i] - 5);

		/* over the set of the first registration, to its end */
		CHECK_EQ(r->spi, world_reg(1)->spi);
		check_fresh_client(r, before);
		CHECK_STR(net_hdr(r, "Security-Verify"),
			  net_hdr(world_reg(1), "Security-Verify"));
		CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(before, "Call-ID"));
		CHECK_EQ(world_cseq(r), world_cseq(before) + 1);
		CHECK_STR(world_auth(r, "nonce"), world_auth(before, "nonce"));
		CHECK_EQ(strlen(world_auth(r, "response")), 32);
		CHECK_STR(net_hdr(r, "Contact"), net_hdr(before, "Contact"));
		CHECK_STR(net_hdr(r, "Expires"), "600000");
		CHECK(net_has_hdr(r, "P-Access-Network-Info"));
		CHECK_EQ(INFO->assoc_count, net->no_assoc ? 0 : 3);
	}

	CHECK_EQ(net->challenges, 1);
	CHECK_EQ(net->sec.clear, 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_8_3(void)
{
	const struct net_rx *r;

	begin(8, "hmac-sha-1-96", "null");
	CHECK(world_registered());
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 200));
	r = world_reg(2);
	check_register(r);
	CHECK_EQ(r->spi, world_reg(1)->spi);
	CHECK_STR(net_hdr(r, "Expires"), "0");
	check_fresh_client(r, world_reg(1));
	CHECK_STR(net_hdr(r, "Security-Verify"),
		  net_hdr(world_reg(1), "Security-Verify"));
	CHECK_STR(sec_end(), NULL);
	CHECK_EQ(sim_sets(ue), 0);
}


/* Answer to an invalid challenge: unprotected, no temporary set */
static void check_reject(const struct net_rx *r, const struct net_rx *before)
{
	check_register(r);
	CHECK_EQ(r->spi, 0);
	CHECK_EQ(r->dst.port, 5060);
	CHECK_STR(net_hdr(r, "Call-ID"), net_hdr(before, "Call-ID"));
	CHECK_EQ(world_cseq(r), world_cseq(before) + 1);
	check_fresh_client(r, before);
	CHECK(!net_has_hdr(r, "Security-Verify"));
	CHECK(!net_has_hdr(r, "P-Access-Network-Info"));
	CHECK_STR(world_auth(r, "opaque"), "0paque");
	CHECK_EQ(strlen(world_auth(r, "nonce")), 44);
}


static void test_9_1(void)
{
	begin(9, "hmac-sha-1-96", "null");
	net->opaque = "0paque";
	net_reg(net, NET_BAD_MAC, 0);
	net_reg(net, NET_BAD_MAC, 0);
	CHECK(world_registered());

	CHECK_EQ(world_regs(), 4);
	check_first(world_reg(0));
	check_reject(world_reg(1), world_reg(0));
	check_reject(world_reg(2), world_reg(1));
	CHECK(world_has_auth(world_reg(1), "response"));
	CHECK_STR(world_auth(world_reg(1), "response"), "");
	CHECK(!world_has_auth(world_reg(1), "auts"));
	CHECK(!world_has_auth(world_reg(2), "auts"));

	check_answer(world_reg(3), world_reg(2));
	CHECK_EQ(ue->esp.installed, 1);
	check_subscribe(world_sub(0), SIM_IMPU_TEMP);
	CHECK_STR(sec_end(), NULL);
}


static void test_9_2(void)
{
	begin(10, "hmac-sha-1-96", "null");
	net->opaque = "0paque";
	net_reg(net, NET_OLD_SQN, 0);
	CHECK(world_registered());

	CHECK_EQ(world_regs(), 3);
	check_first(world_reg(0));
	check_reject(world_reg(1), world_reg(0));
	/* 14 octets in base64 */
	CHECK_EQ(strlen(world_auth(world_reg(1), "auts")), 20);
	CHECK_EQ(net->resyncs, 1);
	check_answer(world_reg(2), world_reg(1));
	CHECK_EQ(ue->esp.installed, 1);
	CHECK_STR(sec_end(), NULL);
}


/* 8.15: Security-Server missing: a new REGISTER with a new Call-ID */
static void test_8_15(void)
{
	begin(11, "hmac-sha-1-96", "null");
	net->sec.fault = NET_SEC_NONE;
	net->sec.faults = 1;
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(world_regs(), 3);
	check_first(world_reg(1));
	CHECK(strcmp(net_hdr(world_reg(0), "Call-ID"),
		     net_hdr(world_reg(1), "Call-ID")) != 0);
	check_answer(world_reg(2), world_reg(1));
	CHECK_STR(sec_end(), NULL);
}


#if UE_SIGCOMP

/* A request that makes a state, from somebody who knows the UE's address */
static void send_state(struct sigcomp_storage *st, const struct ue_addr *to)
{
	static uint8_t wire[SIM_PACKET_MAX];
	char text[1500];
	uint32_t handle;
	size_t n;

	/* so long that a datagram has room for bytecode */
	snprintf(text, sizeof(text), "OPTIONS sip:x SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;comp=sigcomp\r\n"
		 "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\n"
		 "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
		 "Content-Length: 0\r\nSubject: %0900d\r\n\r\n", 1);
	CHECK_EQ(sigcomp_storage_init(st, 16, &sigcomp_lz), 0);
	CHECK_EQ(sigcomp_compress(&st->sc, &st->comp[0], wire, sizeof(wire),
				  &n, &handle, (const uint8_t *)text,
				  strlen(text), SIGCOMP_FOLLOWED), 0);
	CHECK(sigcomp_is_message(wire, n));
	sim_udp_send(&world.sim, &net->pcscfv[0].addr, to, wire, n);
}


/* Who may create state is not known before the authentication, and nobody
   outside an association is known after it: not read, not answered */
static void test_13_4(void)
{
	static struct sigcomp_storage st;
	const struct sip_comp *comp = &ue->ue.comp;
	struct sip_comp_stats stats;
	struct ue_addr to;
	unsigned logged, plain;
	uint32_t cost;

	sec_begin(34);
	net_use_sigcomp(net);
	world.set.sigcomp = true;
	net->rechallenge = true;
	net_reg(net, NET_LOSE, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_run(&world.sim, world.sim.now_ms + 100));
	CHECK_EQ(world_regs(), 1);

	/* before the 401: the unprotected port */
	logged = net->logc;
	plain = net->comp.plain;
	send_state(&st, &ue->ue.reg.hop.sent_by);
	CHECK(sim_run(&world.sim, world.sim.now_ms + 100));
	CHECK_EQ(ue->ue.sip.stats.rx_malformed, 1);
	CHECK(!sip_comp_is_open(comp));
	CHECK_EQ(comp->stats.rx_compressed + comp->stats.rx_failed, 0);
	CHECK_EQ(comp->stats.nacks_sent, 0);
	CHECK_EQ(net->logc, logged);
	CHECK_EQ(net->comp.plain, plain);

	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK(sim_run_s(&world.sim, 3));

	/* a protected port, outside ESP */
	stats = comp->stats;
	cost = comp->st.comp[0].cost;
	logged = net->logc;
	to = ue->addr;
	to.port = INFO->local.port;
	net->sec.on = false;
	send_state(&st, &to);
	CHECK(sim_run_s(&world.sim, 3));
	net->sec.on = true;
	CHECK_EQ(ue->esp.in_dropped, 1);
	CHECK(!memcmp(&comp->stats, &stats, sizeof(stats)));
	CHECK_EQ(comp->st.comp[0].cost, cost);
	CHECK_EQ(net->logc, logged);

	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK_EQ(comp->stats.rx_failed, 0);
	CHECK_EQ(net->comp.nacks + net->comp.failed, 0);
	CHECK_STR(sec_end(), NULL);
}

#endif


const struct test_case suite_34229_sec[] = {
	{"TS 34.229-1 8.1: initial registration, hmac-sha-1-96",
	 test_8_1_sha1},
	{"TS 34.229-1 8.1: initial registration, hmac-md5-96", test_8_1_md5},
	{"TS 34.229-1 8.2: user-initiated re-registration, protected",
	 test_8_2},
	{"TS 34.229-1 8.3: deregistration, protected", test_8_3},
	{"TS 34.229-1 8.15: without Security-Server", test_8_15},
	{"TS 34.229-1 9.1: MAC parameter invalid, Security-Client",
	 test_9_1},
	{"TS 34.229-1 9.2: SQN out of range, Security-Client", test_9_2},
#if UE_SIGCOMP
	{"TS 34.229-1 13.4: state creation before authentication", test_13_4},
#endif
	{NULL, NULL}
};

#else

static void test_none(void)
{
	test_skip("UE_IPSEC is 0");
}


const struct test_case suite_34229_sec[] = {
	{"security agreement", test_none},
	{NULL, NULL}
};

#endif
