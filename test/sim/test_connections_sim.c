/**
 * @file test_connections_sim.c  Keep-alives, TCP connections, P-CSCFs that
 * die (RFC 6223, RFC 5626, RFC 3263)
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

	/* RFC 5626 s4.4.2: no answer to seven requests, or another address
	   than before, is a failed flow */
	net->no_pong = true;
	CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 150));
	net->no_pong = false;
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));
	CHECK(sim_run_s(&world.sim, 300));
	net->nat = 7;
	CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 150));
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 60));

	/* once */
	CHECK(!sim_wait(ue, UE_EVENT_FLOW_FAILED, 1000));
	CHECK_EQ(world_regs(), 4);
	CHECK_STR(world_end(), NULL);
}


/* RFC 5626 s4.5: a P-CSCF that grants keep-alives and answers none must not
   be registered at every minute, day after day */
static void test_keep_never(void)
{
	unsigned n = 0;
	uint64_t end;

	world_begin(265);
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
	net->keep_s = 30;
	net->no_pong = true;
	CHECK(world_registered());
	end = world.sim.now_ms + 86400000;
	while (world.sim.now_ms < end &&
	       sim_wait(ue, UE_EVENT_REREGISTERED, 3600))
		++n;
	CHECK(INFO->registered);
	CHECK(n > 20 && n < 110);

	/* who does no worse than once an hour is registered at soon */
	net->no_pong = false;
	CHECK(sim_run_s(&world.sim, 7200));
	net->no_pong = true;
	CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 150));
	net->no_pong = false;
	CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 35));
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


/* A flow whose keep-alives were answered was good: the next failure is the
   first one again */
static void test_keep_good(void)
{
	unsigned i;

	world_begin(266);
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
	net->keep_s = 100;
	CHECK(world_registered());
	for (i = 1; i <= 8; i++) {
		CHECK(sim_run_s(&world.sim, 600));
		net->nat = (uint8_t)i;
		CHECK(sim_wait(ue, UE_EVENT_FLOW_FAILED, 150));
		CHECK(sim_wait(ue, UE_EVENT_REREGISTERED, 31));
	}
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
	CHECK_EQ(world_register(), 0);
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
	CHECK_EQ(world_register(), 0);
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
		CHECK(world_initial(world_reg(2)));
		CHECK_STR(world_end(), NULL);
	}
}


static void test_killed_only(void)
{
	/* the only one: reported, and survived when it comes back */
	world_begin(275);
	net_reg(net, NET_NORMAL, 0);
	net_reg(net, NET_KILL, 0);
	CHECK_EQ(world_register(), 0);
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


/* RFC 3263 s4.2 */
static void test_names(void)
{
	/* a name with three addresses, two of them dead */
	world_begin(277);
	world.set.pcscfv[0] = "pcscf.test";
	net_kill(net, 0);
	net_kill(net, 1);
	CHECK_EQ(world_register(), 0);
	CHECK(sim_wait(ue, UE_EVENT_REGISTERED, 300));
	CHECK_EQ(world_reg(0)->pcscf, 2);
	CHECK_EQ(sim_events(ue, UE_EVENT_REGISTER_RETRY), 2);
	CHECK_STR(world_end(), NULL);

	/* a name that nobody knows: reported, tried again, given up by the
	   user */
	world_begin(278);
	world.set.pcscfv[0] = "nowhere.test";
	CHECK_EQ(world_register(), 0);
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
	CHECK(strstr(net_hdr(world_reg(0), "Contact"), "[fd00::7]:"));
	CHECK(strstr(net_hdr(world_reg(0), "Via"), "[fd00::7]:"));
	CHECK(strstr(net_hdr(world_sub(0), "Route"), "[2001:db8::1]:5060"));
	CHECK_STR(world_end(), NULL);
}


const struct test_case suite_connections_sim[] = {
	{"RFC 6223: keep-alives over UDP", test_keep_udp},
	{"RFC 5626 s4.5: keep-alives that nobody ever answers",
	 test_keep_never},
	{"RFC 5626 4.5: an answered keep-alive shows that the flow was good",
	 test_keep_good},
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
