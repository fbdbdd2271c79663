/**
 * @file test_sip_flow_table.c  A TCP connection: each state with each event,
 *                              as the table in flow.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/sip_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"CLOSED", "CONNECTING", "UP", "UP*", "PINGED", "PINGED*", "ACCEPTED",
	"ACCEPTED*", NULL
};
static const char *const eventv[] = {
	"request", "response", "full", "broken", "up", "accept", "message",
	"part", "rest", "bad", "ping", "pong", "end", "reset", "keep-alive",
	"full keep-alive", "10 s", "F", "other F", "other port", "handover", "hop closes",
	NULL
};
static const char *const actionv[] = {
	"open", "close", "send", "ping", "pong", "TU request", "TU error",
	"tell UP", "tell DOWN", "tell DOUBT", NULL
};

static struct kit k;
static struct sip_hop other;
static int accepted;                    /* by this number, -1 = not it   */
static unsigned sentc, reqc, respc, hopc;
static int kindv[UE_FLOWS_MAX];


/* Of an open flow of the port */
static int kind(unsigned i)
{
	return k.flowv[i].open ? (int)k.flowv[i].prm.kind : 0;
}


static int conn(void)
{
	return accepted >= 0 ? accepted : k.hop.flow_conn;
}


static const char *state(void)
{
	const struct sip_flow *fl;

	if (conn() < 0 || !k.sip.flowv[conn()].kind)
		return ue_timer_running(&k.hop.pong) ? "a pong is due" :
			"CLOSED";

	fl = &k.sip.flowv[conn()];
	if (fl->kind == UE_FLOW_ACCEPTED)
		return fl->part.head ? "ACCEPTED*" : "ACCEPTED";
	if (!fl->up)
		return "CONNECTING";
	if (ue_timer_running(&k.hop.pong))
		return fl->part.head ? "PINGED*" : "PINGED";

	return fl->part.head ? "UP*" : "UP";
}


/* ------------------------------------------------------------------ */
/* What happens */


static int accept_one(void)
{
	unsigned flow;

	if (sip_flow_accepted(&k.sip, (unsigned)k.hop.flow_listen, &kit_peer,
			      &flow))
		return -1;

	k.flowv[flow].open = true;
	k.flowv[flow].prm.kind = UE_FLOW_ACCEPTED;

	return (int)flow;
}


static void recv_cut(size_t from, size_t to)
{
	static unsigned n;
	const char *text;
	char branch[20];

	(void)snprintf(branch, sizeof(branch), "z9hG4bKr%u",
		       from ? n : ++n);
	text = kit_request_text("TCP", "OPTIONS", branch, n, NULL, NULL);
	if (to > strlen(text))
		to = strlen(text);
	kit_recv(&k, conn(), &kit_peer, text + from, to - from);
}


/* A request that came over it, or over one that the P-CSCF has closed since,
   waits for its answer */
static void asked(void)
{
	const int flow = accepted >= 0 ? accepted : accept_one();

	kit_request(&k, flow, "MESSAGE", "z9hG4bKasked", 1, NULL, NULL);
	if (flow != accepted) {
		k.flowv[flow].open = false;
		sip_flow_closed(&k.sip, (unsigned)flow, 0);
	}
}


static void pinged(void)
{
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, 5);
	kit_run(&k, k.hop.keepalive.due_ms);
}


static bool reach(const char *to, const char *event)
{
	kit_init(&k, KIT_TCP);
	accepted = -1;

	if (to[0] == 'A')
		accepted = accept_one();
	else if (!state_is(to, "CLOSED"))
		(void)kit_start(&k, NULL, state_is(event, "other F") ?
				"OPTIONS" : "REGISTER", 0);
	if (to[0] == 'U' || to[0] == 'P')
		sip_flow_connected(&k.sip, (unsigned)conn());
	if (state_is(event, "response") ||
	    (accepted >= 0 && (state_is(event, "full") ||
			       state_is(event, "broken"))))
		asked();
	/* F comes before the 10 s end */
	if (state_is(event, "F") || state_is(event, "other F"))
		kit_run(&k, 25000);
	if (to[0] == 'P')
		pinged();
	if (strchr(to, '*'))
		recv_cut(0, 100);

	kit_run(&k, k.timers.now_ms);
	sentc = k.sentc;
	reqc = k.reqc;
	respc = k.respc;
	hopc = k.hopc;
	for (unsigned i = 0; i < UE_FLOWS_MAX; i++)
		kindv[i] = kind(i);

	return state_is(state(), to);
}


static void send_one(const char *in)
{
	if (in[0] == 'A')
		(void)sip_reply(k.st, 200, NULL);
	else
		(void)kit_start(&k, NULL, "OPTIONS", 0);
}


static void is_full(const char *in, int err)
{
	k.send_err = err;
	send_one(in);
	k.send_err = 0;
	if (err == EAGAIN)
		kit_run(&k, k.timers.now_ms + 500);
}


static void lost(int err)
{
	k.flowv[conn()].open = false;
	kindv[conn()] = 0;
	sip_flow_closed(&k.sip, (unsigned)conn(), err);
}


static void keep_alive(int err)
{
	k.send_err = err;
	pinged();
	k.send_err = 0;
}


static void timer_f(void)
{
	for (unsigned i = 0; i < UE_CTRANS_MAX; i++) {
		if (k.sip.ctransv[i].state != SIP_CT_FREE)
			kit_run(&k, k.sip.ctransv[i].end.due_ms);
	}
}


static void hop_event(const char *ev)
{
	if (state_is(ev, "other port")) {
		sip_hop_set_ports(&k.hop, 6061, 6062);
	}
	else if (state_is(ev, "handover")) {
		(void)sip_hop_open(&other, &k.sip, &k.hop.prm, NULL, NULL);
		sip_hop_use(&k.hop, &other);
	}
	else {
		sip_hop_close(&k.hop);
	}
}


static void octets(const char *ev)
{
	if (state_is(ev, "message"))
		recv_cut(0, SIZE_MAX);
	else if (state_is(ev, "part"))
		recv_cut(0, 100);
	else if (state_is(ev, "rest"))
		recv_cut(100, SIZE_MAX);
	else if (state_is(ev, "bad"))
		kit_recv_str(&k, conn(), "x\r\nContent-Length: -1\r\n\r\n");
	else
		kit_recv_str(&k, conn(), state_is(ev, "ping") ? "\r\n\r\n" :
			     "\r\n");
}


/* Are they octets that may come there?  Where a message has begun its rest
   comes next */
static bool are_octets(const char *in, const char *ev)
{
	const bool star = strchr(in, '*') != NULL;

	if (state_is(ev, "rest"))
		return star;
	if (state_is(ev, "bad"))
		return true;

	return !star && (state_is(ev, "message") || state_is(ev, "part") ||
			 state_is(ev, "ping") || state_is(ev, "pong"));
}


static void fire(const char *in, const char *ev)
{
	const bool open = !state_is(in, "CLOSED");
	const bool up = open && !state_is(in, "CONNECTING");

	if (state_is(ev, "request"))
		(void)kit_start(&k, NULL, "OPTIONS", 0);
	else if (state_is(ev, "response"))
		(void)sip_reply(k.st, 200, NULL);
	else if (state_is(ev, "full") || state_is(ev, "broken")) {
		if (up)
			is_full(in, ev[0] == 'f' ? EAGAIN : ECONNRESET);
	}
	else if (state_is(ev, "up")) {
		if (open)
			sip_flow_connected(&k.sip, (unsigned)conn());
	}
	else if (state_is(ev, "accept")) {
		const int flow = accept_one();

		if (!open)
			accepted = flow;
	}
	else if (up && are_octets(in, ev))
		octets(ev);
	else if (state_is(ev, "end") || state_is(ev, "reset")) {
		if (open)
			lost(ev[0] == 'e' ? 0 : ECONNRESET);
	}
	else if (state_is(ev, "keep-alive"))
		keep_alive(0);
	else if (state_is(ev, "full keep-alive"))
		keep_alive(EAGAIN);
	else if (state_is(ev, "10 s")) {
		if (ue_timer_running(&k.hop.pong))
			kit_run(&k, k.hop.pong.due_ms);
	}
	else if (state_is(ev, "F") || state_is(ev, "other F"))
		timer_f();
	else if (state_is(ev, "other port") || state_is(ev, "handover") ||
		 state_is(ev, "hop closes"))
		hop_event(ev);

	kit_run(&k, k.timers.now_ms);
	/* what was opened instead counts */
	if (accepted >= 0 && !k.sip.flowv[accepted].kind)
		accepted = -1;
}


/* ------------------------------------------------------------------ */
/* What was seen */


static bool sent(bool sip, size_t len)
{
	for (unsigned i = sentc; i < k.sentc; i++) {
		if (sip ? k.sentv[i].len > 4 : k.sentv[i].len == len)
			return true;
	}

	return false;
}


static bool port(bool open)
{
	for (unsigned i = 0; i < UE_FLOWS_MAX; i++) {
		if (kind(i) != kindv[i] && kindv[i] != UE_FLOW_LISTEN &&
		    (open ? kind(i) == UE_FLOW_CONNECT : kindv[i] != 0))
			return true;
	}

	return false;
}


static bool told(enum sip_hop_event event)
{
	for (unsigned i = hopc; i < k.hopc; i++) {
		if (k.hopv[i].code == event)
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "open") || state_is(action, "close"))
		return port(action[0] == 'o');
	if (state_is(action, "send"))
		return sent(true, 0);
	if (state_is(action, "ping") || state_is(action, "pong"))
		return sent(false, action[1] == 'i' ? 4 : 2);
	if (state_is(action, "TU request"))
		return k.reqc > reqc;
	if (state_is(action, "TU error"))
		return k.respc > respc && k.respv[respc].err;

	return told(state_is(action, "tell UP") ? SIP_HOP_UP :
		    state_is(action, "tell DOUBT") ? SIP_HOP_DOUBT :
		    SIP_HOP_DOWN);
}


static const char *end(void)
{
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, 0);
	if (conn() >= 0 && k.sip.flowv[conn()].kind)
		sip_flow_closed(&k.sip, (unsigned)conn(), 0);
	kit_run(&k, k.timers.now_ms + 200000);

	return kit_clean(&k) ? NULL : "something is left";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_FLOW_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 176);
}


const struct test_case suite_sip_flow_table[] = {
	{"RFC 3261 s18, RFC 5626 s4.4.1: each state of a TCP connection with "
	 "each event", all_pairs},
	{NULL, NULL}
};
