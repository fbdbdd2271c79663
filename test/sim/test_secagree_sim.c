/**
 * @file test_secagree_sim.c  Security agreement and associations on the
 * simulator: a rule each of TS 33.203, RFC 3329 and TS 24.229 5.1.1.  The
 * network judges every message by itself (net_sec.c).  Over 800 lines: the
 * rules share its helpers
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/net_core.h"
#include "test/sim/sec_world.h"
#include "test/unit/test.h"

#if UE_IPSEC

#define INFO ue_reg_info(&world.u.ue)
#define STATS (world.u.ue.reg.sec.stats)

static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;


/* Register again with a challenge; true: it worked */
static bool renewed(void)
{
	ue->seen = ue->eventc;

	return !sim_ue_reregister(ue) &&
		sim_wait(ue, UE_EVENT_REREGISTERED, 300) &&
		sim_run_s(&world.sim, 2);
}


static void fault(enum net_sec_fault f, unsigned n)
{
	net->sec.fault = f;
	net->sec.faults = n;
}


/* ------------------------------------------------------------------ */
/* TS 33.203 7.1: which message over which association */


static void test_udp(void)
{
	const struct net_rx *r;
	unsigned uc, us;

	sec_begin(1);
	CHECK(world_registered());
	CHECK_EQ(net->sec.clear, 1);
	CHECK_EQ(world_reg(0)->spi, 0);
	CHECK_EQ(world_reg(0)->dst.port, 5060);

	/* SA 1: port_uc -> port_ps, the Via names port_us */
	r = world_reg(0);
	uc = (unsigned)sec_num(r, "Security-Client", "port-c");
	us = (unsigned)sec_num(r, "Security-Client", "port-s");
	CHECK_EQ(world_reg(1)->src.port, uc);
	CHECK_EQ(world_reg(1)->dst.port, NET_PORT_PS);
	CHECK_EQ(world_sub(0)->src.port, uc);
	CHECK_EQ(INFO->local.port, us);
	CHECK_EQ(INFO->pcscf.port, NET_PORT_PS);

	/* requests of the network: pc -> us, answered uc -> ps */
	net_request(net, "OPTIONS", "");
	CHECK(sim_run_s(&world.sim, 3));
	r = &net->logv[net->logc - 1];
	CHECK_EQ(r->code, 200);
	CHECK_EQ(r->src.port, uc);
	CHECK_EQ(r->dst.port, NET_PORT_PS);
	CHECK_EQ(net->notify_ok, 1);
	CHECK_EQ(ue->esp.out_dropped, 0);
	CHECK_EQ(ue->esp.in_dropped, 0);
	CHECK_STR(sec_end(), NULL);
}


static void test_tcp(void)
{
	const struct net_rx *r;
	unsigned uc;

	sec_begin(2);
	world.set.transport = UE_TRANSPORT_TCP_ONLY;
	CHECK(world_registered());
	uc = (unsigned)sec_num(world_reg(0), "Security-Client", "port-c");
	CHECK_EQ(world_reg(1)->transport, UE_TRANSPORT_TCP);
	CHECK_EQ(world_reg(1)->src.port, uc);
	CHECK(strstr(net_hdr(world_sub(0), "Contact"), ";transport=tcp"));

	/* the P-CSCF's own connection pc -> us, answered on it */
	CHECK(sim_run_s(&world.sim, 3));
	CHECK_EQ(net->notify_ok, 1);
	r = &net->logv[net->logc - 1];
	CHECK_EQ(r->code, 200);
	CHECK_EQ(r->src.port, INFO->local.port);
	CHECK_EQ(r->dst.port, NET_PORT_PS + 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_ipv6(void)
{
	sec_begin(3);
	net_use_ipv6(net);
	world.set.pcscfv[0] = "[2001:db8::1]:5060";
	world.set.local.family = 6;
	world.set.local.ip[0] = 0xfd;
	CHECK(world_registered());
	CHECK(renewed());
	CHECK_STR(sec_end(), NULL);
}


/* What is too long for UDP with what ESP adds goes over TCP, and only that */
static void test_size(void)
{
	const size_t plain = 1300;
	struct sip_hop *hop;
	size_t max;

	sec_begin(4);
	world.set.transport = UE_TRANSPORT_AUTO;
	CHECK(world_registered());
	hop = sip_hop_active(&ue->ue.reg.hop);
	max = ipsec_payload_max(IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_AES_CBC,
				plain + 8) - 8;
	CHECK(max < plain);
	CHECK_EQ(hop->prm.udp_max, max);
	CHECK_EQ(world_reg(0)->transport, UE_TRANSPORT_UDP);
	CHECK(strlen(world_reg(1)->text) > max);
	CHECK_EQ(world_reg(1)->transport, UE_TRANSPORT_TCP);
	CHECK(strlen(world_sub(0)->text) <= max);
	CHECK_EQ(world_sub(0)->transport, UE_TRANSPORT_UDP);
	CHECK_STR(sec_end(), NULL);
}


/* A response that comes from port_ps to port_uc, as some P-CSCFs send it */
static void test_ps_to_uc(void)
{
	sec_begin(5);
	net->rechallenge = true;
	net->sec.ps_to_uc = true;
	CHECK(world_registered());
	CHECK(renewed());
	CHECK_EQ(ue->esp.in_dropped, 0);
	CHECK_STR(sec_end(), NULL);
}


/* 5.: in the clear to a protected port, or from a wrong port: dropped */
static void test_clear(void)
{
	static const char req[] = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP "
		"192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
		"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
	struct ue_addr from, to;
	unsigned n;

	sec_begin(6);
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 3));
	n = net->logc;

	/* the protected ports */
	from = net->pcscfv[0].addr;
	to = ue->addr;
	to.port = INFO->local.port;
	net->sec.on = false;
	sim_udp_send(&world.sim, &from, &to, req, sizeof(req) - 1);
	to.port = ue->ue.ipsec.offer.port_uc;
	sim_udp_send(&world.sim, &from, &to, req, sizeof(req) - 1);
	CHECK(sim_run_s(&world.sim, 3));
	net->sec.on = true;
	CHECK_EQ(ue->esp.in_dropped, 2);
	CHECK_EQ(net->logc, n);

	/* the unprotected one is closed: only protected flows are left */
	CHECK_EQ(sim_flows(ue), 2);
	CHECK(!sip_hop_is_open(&ue->ue.reg.hop));
	CHECK_STR(sec_end(), NULL);
}


/* The core itself looks at the ports, too: a platform may be late */
static void test_port_pc(void)
{
	uint8_t buf[] = "OPTIONS sip:x SIP/2.0\r\n\r\n";
	struct ue_addr from;
	uint32_t filtered;
	int8_t us;

	sec_begin(7);
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 3));
	us = sip_hop_active(&ue->ue.reg.hop)->flow_us;
	filtered = ue->ue.sip.stats.rx_filtered;

	from = net->pcscfv[0].addr;
	from.port = NET_PORT_PS + 2;
	CHECK_EQ(ue_flow_recv(&ue->ue, world.sim.now_ms, (unsigned)us, &from,
			      buf, sizeof(buf) - 1), 0);
	CHECK_EQ(ue->ue.sip.stats.rx_filtered, filtered + 1);
	CHECK_STR(sec_end(), NULL);
}


static int begin_request(struct sip_hop *hop, const char *method)
{
	static const struct pl uri = {"sip:a@b", 7};

	return sip_writer_err(sip_request_begin(&ue->ue.sip, hop, method,
						&uri));
}


/* Before the 200 nothing but REGISTER passes, in neither direction */
static void test_register_only(void)
{
	static const char bad[] = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP "
		"192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 FOO\r\n\r\n";
	struct sip_hop *hop = &world.u.ue.reg.hop;
	unsigned n;

	sec_begin(8);
	ue->card_delay_ms = 0;
	net_reg(net, NET_NORMAL, 0);
	net_reg(net, NET_LOSE, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	while (!sim_sets(ue))
		CHECK(sim_run(&world.sim, world.sim.now_ms + 5));
	CHECK(sim_run(&world.sim, world.sim.now_ms + 100));
	CHECK_EQ(world_regs(), 2);

	CHECK_EQ(begin_request(hop, "OPTIONS"), EPERM);
	CHECK_EQ(begin_request(hop, "REGISTER"), 0);
	CHECK_EQ(begin_request(ue->ue.reg.sec.used, "MESSAGE"), EPERM);

	/* not even a refusal leaves in the clear */
	n = net->logc;
	sim_udp_send(&world.sim, &net->pcscfv[0].addr, &hop->sent_by, bad,
		     sizeof(bad) - 1);
	CHECK(sim_run(&world.sim, world.sim.now_ms + 100));
	CHECK_EQ(net->logc, n);
	CHECK(ue->ue.sip.stats.rx_malformed > 0);

	/* the network has the new set already, the UE not the 200 */
	n = net->logc;
	net_request(net, "OPTIONS", "");
	CHECK(sim_run(&world.sim, world.sim.now_ms + 200));
	CHECK_EQ(net->logc, n);
	CHECK(!INFO->registered);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 10));
	CHECK_EQ(begin_request(hop, "OPTIONS"), 0);
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK(begin_request(hop, "OPTIONS") != 0);
	CHECK_STR(sec_end(), NULL);
}


/* A re-registration: the P-CSCF uses the new set once it has sent the 200,
   which on another connection may come later than its next request */
static void test_request_before_200(void)
{
	unsigned n;

	sec_begin(9);
	ue->card_delay_ms = 0;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 3));

	net_reg(net, NET_CHALLENGE, 0);
	net_reg(net, NET_LOSE, 0);
	n = world_regs();
	CHECK_EQ(sim_ue_reregister(ue), 0);
	while (world_regs() < n + 2)
		CHECK(sim_run(&world.sim, world.sim.now_ms + 5));
	CHECK(sim_run(&world.sim, world.sim.now_ms + 100));

	n = net->logc;
	net_request(net, "OPTIONS", "");
	CHECK(sim_run(&world.sim, world.sim.now_ms + 200));
	CHECK_EQ(net->logc, n + 1);
	CHECK(net->logv[n].code >= 200);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 10));
	CHECK_EQ(sim_ue_deregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 10));
	CHECK_STR(sec_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Security-Client, -Server, -Verify */


static void test_client(void)
{
	const struct net_rx *r;
	const char *c;

	if (!IPSEC_MD5 || !IPSEC_3DES || !IPSEC_GCM) {
		test_skip("pairs of algorithms are left out");
		return;
	}

	/* every pair that was built, in order, no q; the same SPIs */
	sec_begin(9);
	world.set.sec_algs = NULL;
	world.set.transport = UE_TRANSPORT_AUTO;
	CHECK(world_registered());
	r = world_reg(0);
	c = strstr(r->text, "\r\nSecurity-Client: ");
	CHECK(c != NULL);
	CHECK(!strncmp(c + 19, "ipsec-3gpp;alg=null;ealg=aes-gcm;", 33));
	CHECK(strstr(c, "alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;"));
	CHECK(strstr(c, "alg=hmac-md5-96;ealg=des-ede3-cbc;"));
	CHECK(strstr(c, "alg=aes-gmac;ealg=null;"));
	CHECK(strstr(c, "alg=hmac-md5-96;ealg=null;"));
	CHECK_STR(net_hdr(r, "Require"), "sec-agree");
	CHECK_STR(net_hdr(r, "Proxy-Require"), "sec-agree");
	CHECK(strstr(net_hdr(r, "Supported"), "sec-agree"));
	CHECK(!net_has_hdr(r, "Security-Verify"));

	/* annex H: ten digits */
	CHECK_EQ(strcspn(strstr(c, "spi-c=") + 6, ";"), 10);
	CHECK_STR(sec_end(), NULL);
}


static void test_plain_spi(void)
{
	const char *c;
	unsigned long spi;
	char text[24];

	sec_begin(10);
	world.set.sec_plain_spi = true;
	CHECK(world_registered());
	spi = sec_num(world_reg(0), "Security-Client", "spi-s");
	c = strstr(world_reg(0)->text, "spi-s=");
	snprintf(text, sizeof(text), "spi-s=%lu;", spi);
	CHECK(!strncmp(c, text, strlen(text)));
	CHECK_STR(sec_end(), NULL);
}


static bool no_cbc(void *arg, enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	(void)arg;
	(void)alg;

	return ealg != IPSEC_EALG_AES_CBC;
}


static void test_port_pairs(void)
{
	sec_begin(11);
	CHECK_EQ(world_ue(), 0);
	ue->port.ipsec_pair = no_cbc;
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK(!strstr(world_reg(0)->text, "aes-cbc"));
	CHECK(strstr(world_reg(1)->text, "ealg=null"));
	CHECK_STR(sec_end(), NULL);
}


static void test_settings(void)
{
	static const char *const badv[] = {
		"", "hmac-sha-1-96", "hmac-sha-1-96/", "/null", "null/null",
		"hmac-sha-1-96/aes-cbc,", "aes-gmac/aes-cbc",
		"hmac-sha-1-96/null aes-gmac/null", ","
	};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		sec_begin(12);
		world.set.sec_algs = badv[i];
		CHECK_EQ(world_ue(), EINVAL);
	}

	sec_begin(12);
	world.set.sec_algs = "HMAC-SHA-1-96/NULL";
	world.set.sec_port_min = 5000;
	world.set.sec_port_max = 5100;
	CHECK_EQ(world_ue(), EINVAL);
	world.set.sec_port_min = world.set.sec_port_max = 0;
	CHECK(world_registered());
	CHECK_STR(sec_end(), NULL);
}


/* RFC 3329 2.3.1: the highest q of what is known and was offered; what was
   not offered is skipped (TS 33.203 annex H) */
static void test_q(void)
{
	sec_begin(13);
	net->sec.alg = "hmac-sha-1-96";
	net->sec.ealg = "null";
	net->sec.q = ";q=0.3";
	net->sec.other = "tls;q=0.9, ipsec-ike;q=0.8, ipsec-3gpp;q=0.7;"
		"alg=hmac-md5-96;ealg=null;spi-c=900;spi-s=901;port-c=7;"
		"port-s=8, ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;ealg=aes-cbc;"
		"spi-c=902;spi-s=903;port-c=7;port-s=8, ipsec-3gpp;q=0.6;"
		"alg=hmac-sha-1-96;ealg=aes-cbc;mod=UDP-enc-tun;spi-c=904;"
		"spi-s=905;port-c=7;port-s=8, ipsec-3gpp;q=0.5;alg=foo;"
		"ealg=bar;spi-c=x";
	CHECK(world_registered());
	CHECK(strstr(ue->eventv[2].ev.text, "hmac-sha-1-96/null uc "));
	CHECK_STR(sec_end(), NULL);
}


/* Octet by octet, also where the network writes it in its own way */
static void test_verify(void)
{
	const char *v, *s;
	size_t n;

	sec_begin(14);
	net->sec.q = " ; q=0.1";
	net->sec.other = "Ipsec-IKE ;q=0.05; x=\"a,b\"";
	CHECK(world_registered());
	s = net->sec.setv[0].server;
	n = strlen(s);
	v = strstr(world_sub(0)->text, "\r\nSecurity-Verify: ");
	CHECK(v != NULL);
	CHECK(!strncmp(v + 19, s, n));
	CHECK_EQ(v[19 + n], '\r');
	CHECK_STR(sec_end(), NULL);
}


static void test_event(void)
{
	const struct ue_event *ev;
	const struct net_rx *r;
	char text[UE_URI_MAX];

	sec_begin(15);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_SECURITY, 60);
	CHECK(ev != NULL);
	r = world_reg(0);
	snprintf(text, sizeof(text), "hmac-sha-1-96/aes-cbc uc %lu us %lu "
		 "pc %u ps %u spi-uc %lu spi-us %lu spi-pc 1000000 "
		 "spi-ps 1000001", sec_num(r, "Security-Client", "port-c"),
		 sec_num(r, "Security-Client", "port-s"), NET_PORT_PS + 1,
		 NET_PORT_PS, sec_num(r, "Security-Client", "spi-c"),
		 sec_num(r, "Security-Client", "spi-s"));
	CHECK_STR(ev->text, text);
	/* TS 24.229 5.1.1.2.1: registration and 30 s */
	CHECK_EQ(ev->expires_s, 600030);
	CHECK_EQ(STATS.established, 1);
	CHECK_STR(sec_end(), NULL);

	/* more than a number of seconds can say */
	sec_begin(15);
	world.set.expires_s = UINT32_MAX;
	net->grant_s = UINT32_MAX;
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_SECURITY, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->expires_s, UINT32_MAX);
	CHECK_STR(sec_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* What is of no use */


/* 5.1.1.5.1: abandoned, a new REGISTER with a new Call-ID */
static void unusable(uint64_t seed, enum net_sec_fault f)
{
	const struct net_rx *a, *b;

	sec_begin(seed);
	fault(f, 1);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 60));
	CHECK_EQ(sim_sets(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(world_regs(), 3);
	a = world_reg(0);
	b = world_reg(1);
	CHECK_EQ(b->spi, 0);
	CHECK(strcmp(net_hdr(a, "Call-ID"), net_hdr(b, "Call-ID")) != 0);
	CHECK_STR(world_auth(b, "nonce"), "");
	CHECK(sec_num(a, "Security-Client", "spi-c") !=
	      sec_num(b, "Security-Client", "spi-c"));
	CHECK_EQ(STATS.unusable, 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_unusable(void)
{
	unusable(16, NET_SEC_NONE);
	unusable(17, NET_SEC_UNKNOWN);
	unusable(18, NET_SEC_NOT_OFFERED);
	unusable(19, NET_SEC_NO_PORT);
	unusable(20, NET_SEC_BAD_SPI);
	unusable(21, NET_SEC_OWN_SPI);
}


/* The same while registered: once more over the associations that there are,
   and only then an initial registration */
static void test_unusable_renewal(void)
{
	const struct net_rx *a, *b;
	unsigned n;

	sec_begin(40);
	net->rechallenge = true;
	CHECK(world_registered());
	CHECK(sim_run_s(&world.sim, 3));
	n = world_regs();
	fault(NET_SEC_NONE, 1);
	CHECK(renewed());
	CHECK_EQ(sim_events(ue, UE_EVENT_DEREGISTERED), 0);
	CHECK_EQ(world_regs(), n + 3);
	a = world_reg(n);
	b = world_reg(n + 1);
	CHECK(a->spi);
	CHECK_EQ(b->spi, a->spi);
	CHECK(strcmp(net_hdr(a, "Call-ID"), net_hdr(b, "Call-ID")) != 0);
	CHECK_STR(world_auth(b, "nonce"), "");
	CHECK_EQ(STATS.unusable, 1);

	fault(NET_SEC_NONE, 2);
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));
	CHECK_EQ(STATS.unusable, 3);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_STR(sec_end(), NULL);
}


/* 5.1.1.7: what the network has ended is not registered by the answer to a
   challenge that was under way */
static void test_ended_meanwhile(void)
{
	static const enum ims_contact_event eventv[] = {
		IMS_CONTACT_REJECTED, IMS_CONTACT_PROBATION
	};
	const struct ims_sec_set *set;
	unsigned i, k, regs;

	for (i = 0; i < 2; i++) {

		sec_begin(41 + i);
		net->rechallenge = true;
		CHECK(world_registered());
		CHECK(sim_run_s(&world.sim, 3));
		CHECK_EQ(sim_ue_reregister(ue), 0);
		for (k = 0; k < 5000 && STATS.installed < 2; k++)
			CHECK(sim_run(&world.sim,
				      world.sim.now_ms + 1));
		CHECK_EQ(STATS.installed, 2);
		regs = world_regs();

		ims_reg_terminated(&ue->ue.reg, eventv[i], 1000);
		for (set = ue->ue.reg.sec.setv;
		     set < ue->ue.reg.sec.setv + IPSEC_SETS; set++)
			CHECK(set->state == IMS_SEC_FREE ||
			      set->state == IMS_SEC_CURRENT);
		CHECK(sim_run_s(&world.sim, 300));
		CHECK(world_regs() <= regs + 1);
		CHECK_EQ(sim_sets(ue), 0);
		CHECK_STR(sec_end(), NULL);
	}
}


/* Longer than there is room for: as good as none */
static void test_long_server(void)
{
	static char other[UE_SEC_SERVER_MAX + 100];
	const struct ue_event *ev;

	memset(other, 'x', sizeof(other) - 1);
	memcpy(other, "tls;a=", 6);
	sec_begin(22);
	net->sec.other = other;
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, EOVERFLOW);
	net->sec.other = NULL;
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_STR(sec_end(), NULL);
}


/* RFC 3329 5: what the UE repeats inside of ESP shows the attack, and the
   P-CSCF refuses; the UE does not register by less */
static void bidding_down(uint64_t seed, enum net_sec_fault f, bool no_494)
{
	sec_begin(seed);
	fault(f, 1);
	net->sec.no_494 = no_494;
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait2(ue, UE_EVENT_REGISTER_RETRY, UE_EVENT_REGISTER_FAILED,
			60));
	CHECK_EQ(net->sec.mismatches, 1);
	CHECK(!INFO->registered);
	CHECK(!net_is_registered(net));
	CHECK_EQ(sim_sets(ue), 0);

	/* without the attacker */
	if (INFO->state == IMS_REG_IDLE)
		CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(net->sec.mismatches, 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_bidding_down(void)
{
	bidding_down(23, NET_SEC_WEAK_CLIENT, false);
	bidding_down(24, NET_SEC_WEAK_SERVER, false);
	bidding_down(25, NET_SEC_WEAK_CLIENT, true);
	bidding_down(26, NET_SEC_WEAK_SERVER, true);
}


/* A 200 to what was not protected, a weaker digest: not believed */
static void test_no_security(void)
{
	const struct ue_event *ev;

	sec_begin(27);
	world.set.password = "secret";
	net_reg(net, NET_ACCEPT, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, EACCES);
	CHECK(!INFO->registered);
	net->algorithm = "MD5";
	ev = sim_wait(ue, UE_EVENT_REGISTER_FAILED, 600);
	CHECK(ev != NULL);
	CHECK_EQ(net->bad_auth, 0);
	CHECK_STR(sec_end(), NULL);
}


/* 494: the agreement starts again; without a common mechanism it is over */
static void test_494(void)
{
	sec_begin(28);
	net_reg_answer(net, 494, 0);
	net_with(&net->reg, "Security-Server", "ipsec-3gpp;q=0.1;"
		 "alg=hmac-sha-1-96;ealg=aes-cbc");
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK(strcmp(net_hdr(world_reg(0), "Call-ID"),
		     net_hdr(world_reg(1), "Call-ID")) != 0);
	CHECK_STR(sec_end(), NULL);

	sec_begin(29);
	net_reg_answer(net, 494, 0);
	net_with(&net->reg, "Security-Server", "tls;q=0.1");
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 600));
	CHECK_STR(sec_end(), NULL);
}


/* A MESSAGE is lost behind the P-CSCF */
static bool deaf_h(struct net_ctx *x, void *arg)
{
	(void)arg;
	x->st->silent = true;

	return x->net->msg.method == SIP_METHOD_MESSAGE;
}


/* 494 to another request: registration is renewed, and shows what is true;
   RFC 3329 s2.3.2 */
static void test_494_request(void)
{
	const struct ue_event *ev;

	sec_begin(34);
	net_sub_answer(net, 494, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_FLOW_FAILED, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, EPROTO);
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK(sim_wait(ue, UE_EVENT_REG_INFO, 60));
	CHECK_STR(sec_end(), NULL);

	/* the REGISTER is refused as well: from the beginning */
	sec_begin(35);
	CHECK(world_registered());
	net_reg_answer(net, 494, 0);
	net_with(&net->reg, "Security-Server", "ipsec-3gpp;q=0.1;"
		 "alg=hmac-sha-1-96;ealg=aes-cbc");
	CHECK_EQ(sim_ue_reregister(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 60));
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(world_reg(3)->spi, 0);
	CHECK(strcmp(net_hdr(world_reg(2), "Call-ID"),
		     net_hdr(world_reg(3), "Call-ID")) != 0);
	CHECK_STR(sec_end(), NULL);
}


/* The P-CSCF has restarted and drops what comes over associations that it does
   not know any more: a request without any answer makes the UE ask by a
   REGISTER, and that has none either (24.229 5.1.1.4.1: initial registration,
   in the clear) */
static void test_silence(void)
{
	static const struct ue_message msg = {
		.type = "text/plain", .data = (const uint8_t *)"x", .len = 1
	};
	const struct ue_event *ev;

	sec_begin(36);
	net->restart_clears = true;
	CHECK(world_registered());
	net_kill(net, 0);
	net_start(net, 0);
	CHECK_EQ(ue_page_send(&ue->ue, "sip:bob@x.net", &msg, NULL, 0), 0);
	ev = sim_wait(ue, UE_EVENT_FLOW_FAILED, 130);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, ETIMEDOUT);
	CHECK(sim_wait(ue, UE_EVENT_DEREGISTERED, 160));
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 60));
	CHECK_EQ(world_reg(world_regs() - 2)->spi, 0);
	CHECK_STR(sec_end(), NULL);

	/* nobody answers this request, but the P-CSCF lives: no harm is done */
	sec_begin(37);
	CHECK(world_registered());
	world.net.call_request_h = deaf_h;
	CHECK_EQ(ue_page_send(&ue->ue, "sip:bob@x.net", &msg, NULL, 0), 0);
	CHECK(sim_wait(ue, UE_EVENT_PAGE_FAILED, 130));
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 40));
	CHECK(!sim_wait(ue, UE_EVENT_DEREGISTERED, 1000));
	CHECK_STR(sec_end(), NULL);
}


/* 33.203 7.3.1.2: the P-CSCF drops what it cannot verify; time-out, and the
   temporary set is gone */
static void test_wrong_ik(void)
{
	sec_begin(30);
	fault(NET_SEC_KEYS, 1);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_RETRY, 300));
	CHECK(net->sec.esp_dropped > 0);
	CHECK_EQ(sim_sets(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_STR(sec_end(), NULL);
}


/* RES found wrong: the temporary set is deleted, nothing is tried again */
static void test_403(void)
{
	sec_begin(31);
	net_reg(net, NET_NORMAL, 0);
	net_reg_answer(net, 403, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTER_FAILED, 60));
	CHECK_EQ(sim_sets(ue), 0);
	CHECK_STR(sec_end(), NULL);
}


/* Challenged again over the temporary set: the older challenge is void */
static void test_challenged_again(void)
{
	sec_begin(32);
	net_reg(net, NET_NORMAL, 0);
	net_reg(net, NET_CHALLENGE, 0);
	CHECK_EQ(world_ue(), 0);
	CHECK_EQ(sim_ue_register(ue), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_EQ(world_regs(), 3);
	CHECK_EQ(STATS.installed, 2);
	CHECK_EQ(sim_sets(ue), 1);
	CHECK_STR(sec_end(), NULL);
}


static void test_install(void)
{
	const struct ue_event *ev;

	sec_begin(33);
	CHECK_EQ(world_ue(), 0);
	ue->fault.n[SIM_FAULT_INSTALL] = 1;
	CHECK_EQ(sim_ue_register(ue), 0);
	ev = sim_wait(ue, UE_EVENT_REGISTER_RETRY, 60);
	CHECK(ev != NULL);
	CHECK_EQ(ev->err, ENOMEM);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 600));
	CHECK_STR(sec_end(), NULL);
}


/* Three sets with their key schedules */
static void test_storage(void)
{
	CHECK(sizeof(struct ipsec) <= 6 * 1024);
	CHECK(sizeof(struct ims_sec) <= 3 * sizeof(struct sip_hop) +
	      2 * UE_SEC_SERVER_MAX + 512);
}


const struct test_case suite_secagree_sim[] = {
	{"TS 33.203 7.1: UDP from port_uc to port_ps, answers on port_us",
	 test_udp},
	{"TS 33.203 7.1: TCP from port_uc, the P-CSCF's own to port_us",
	 test_tcp},
	{"TS 33.203 7.1: the same over IPv6", test_ipv6},
	{"RFC 3261 18.1.1: the limit for UDP is less by what ESP adds",
	 test_size},
	{"TS 33.203 7.1: answers from port_ps to port_uc are taken",
	 test_ps_to_uc},
	{"TS 33.203 7.1: in the clear to a protected port is dropped",
	 test_clear},
	{"TS 33.203 7.1: from another port than port_pc is dropped",
	 test_port_pc},
	{"TS 33.203 7.2: before the 200 nothing passes but REGISTER",
	 test_register_only},
	{"TS 33.203 7.4: a request over the new set overtakes the 200",
	 test_request_before_200},
	{"TS 33.203 annex H: Security-Client", test_client},
	{"TS 33.203 annex H: SPIs as plain numbers", test_plain_spi},
	{"Security-Client: what the platform cannot do is left out",
	 test_port_pairs},
	{"settings of the security agreement", test_settings},
	{"RFC 3329 2.3.1: choice by q among what was offered", test_q},
	{"RFC 3329 2.3.1: Security-Verify octet by octet", test_verify},
	{"the event says pair, ports, SPIs and lifetime", test_event},
	{"TS 24.229 5.1.1.5.1: Security-Server missing or of no use",
	 test_unusable},
	{"TS 24.229 5.1.1.5.1: no usable Security-Server while registered",
	 test_unusable_renewal},
	{"TS 24.229 5.1.1.7: the end comes before the 200",
	 test_ended_meanwhile},
	{"Security-Server longer than its storage", test_long_server},
	{"RFC 3329 5: bidding down is refused", test_bidding_down},
	{"TS 33.203 6.1: no registration without associations",
	 test_no_security},
	{"RFC 3329 2.3.1: 494", test_494},
	{"RFC 3329 2.3.1: 494 while registered", test_494_request},
	{"24.229 5.1.1.4.1: a P-CSCF that has restarted is found out by any "
	 "request", test_silence},
	{"TS 33.203 7.3.1.2: IK differs, time-out", test_wrong_ik},
	{"TS 33.203 7.3.1.1: refused, the temporary set is deleted",
	 test_403},
	{"TS 33.203 7.3.1: a newer challenge replaces the temporary set",
	 test_challenged_again},
	{"the platform cannot install a set", test_install},
	{"storage of the association database and of the agreement",
	 test_storage},
	{NULL, NULL}
};

#else

static void test_none(void)
{
	test_skip("UE_IPSEC is 0");
}


const struct test_case suite_secagree_sim[] = {
	{"security agreement", test_none},
	{NULL, NULL}
};

#endif
