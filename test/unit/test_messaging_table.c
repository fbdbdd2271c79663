/**
 * @file test_messaging_table.c  MSRP in a session: each state with each event,
 *                               as the table in messaging.c says
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/msg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"FREE", "OFFERED", "OFFERED*", "AGREED", "CONNECTING", "BOUND", "LOST",
	NULL
};
static const char *const eventv[] = {
	"start", "passive", "active", "connected", "gone", "request", "481",
	"offer", "resume", "BYE", NULL
};
static const char *const actionv[] = {
	"INVITE", "connect", "SEND", "200", "481", "506", "tell READY",
	"tell LOST", NULL
};

static struct {
	unsigned opens;
	char wire[MSRP_CONNS][4096];
	unsigned sentc;
} t;


static struct messaging_media *media(void)
{
	return &rk.ue.messaging.mediav[0];
}


static const char *state(void)
{
	static const char *const v[] = {
		[MESSAGING_FREE] = "FREE", [MESSAGING_OFFERED] = "OFFERED",
		[MESSAGING_LOST] = "LOST", [MESSAGING_AGREED] = "AGREED",
		[MESSAGING_CONNECTING] = "CONNECTING",
		[MESSAGING_BOUND] = "BOUND"
	};

	if (media()->s && media()->state == MESSAGING_OFFERED &&
	    media()->ms && media()->ms->conn)
		return "OFFERED*";

	return media()->s ? v[media()->state] : "FREE";
}


static unsigned opens(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MSRP_CONNS; i++)
		n += mg.opens[i];

	return n;
}


/* The 200 to our INVITE; the peer connects, or we do */
static void answer(const char *setup)
{
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, setup));
}


/* The peer comes over a connection of its own */
static void request(void)
{
	struct ue_addr from = {.family = 4};
	unsigned flow = 0;

	if (ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER, &from,
			     &flow))
		return;

	mg.open[flow - UE_FLOWS_MAX] = true;
	mg_request(flow - UE_FLOWS_MAX, ss.invite, "tid1", "SEND", "Message-ID: bind\r\n",
		   NULL, '$');
	rk_run(0);
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!mg_begin(NULL))
		return false;

	if (state_is(to, "BOUND") || state_is(to, "LOST")) {
		if (!mg_bound(""))
			return false;
		if (state_is(to, "LOST"))
			mg_gone(0, ECONNRESET);
	}
	else if (!state_is(to, "FREE")) {
		(void)mg_call();
		if (state_is(to, "AGREED"))
			answer("a=setup:active\r\n");
		else if (state_is(to, "CONNECTING"))
			answer("a=setup:passive\r\n");
		else if (state_is(to, "OFFERED*"))
			request();
	}
	rk_run(0);
	for (unsigned i = 0; i < MSRP_CONNS; i++)
		(void)mg_wire(i);
	t.opens = opens();
	t.sentc = rk.sentc;
	rk.eventc = 0;

	return state_is(state(), to);
}


/* A SEND of ours is refused */
static void refused(void)
{
	static const uint8_t octets[4] = "abc";
	const struct ue_message m = {.type = "a/b", .data = octets, .len = 3};

	if (ue_message_send(&rk.ue, mg.session, &m))
		return;

	rk_run(0);
	mg_answer(0, mg_wire(0), "481 x", "");
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "start")) {
		if (state_is(in, "FREE"))
			(void)mg_call();
	}
	else if (state_is(in, "FREE"))
		return;
	else if (state_is(ev, "resume"))
		(void)ue_session_resume(&rk.ue, mg.session);
	else if (state_is(ev, "passive"))
		answer("a=setup:passive\r\n");
	else if (state_is(ev, "active"))
		answer("a=setup:active\r\n");
	else if (state_is(ev, "connected")) {
		if (state_is(in, "CONNECTING"))
			mg_connected(0);
	}
	else if (state_is(ev, "gone")) {
		if (mg.open[0])
			mg_gone(0, ECONNRESET);
	}
	else if (state_is(ev, "request"))
		request();
	else if (state_is(ev, "481"))
		refused();
	else if (state_is(ev, "offer")) {
		(void)ss_request("INVITE", SS_ALLOW, mg_sdp("192.0.2.77",
			9000, MG_BOB, "a=setup:passive\r\n"));
	}
	else
		(void)ss_request("BYE", NULL, NULL);

	rk_run(0);
	for (unsigned i = 0; i < MSRP_CONNS; i++)
		(void)snprintf(t.wire[i], sizeof(t.wire[i]), "%s",
			       mg_wire(i));
}


static bool wire_has(const char *what)
{
	for (unsigned i = 0; i < MSRP_CONNS; i++) {
		if (strstr(t.wire[i], what))
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "INVITE"))
		return rk_sent("INVITE") != UINT_MAX &&
			rk_sent("INVITE") >= t.sentc;
	if (state_is(action, "connect"))
		return opens() > t.opens;
	if (state_is(action, "SEND"))
		return wire_has(" SEND\r\n");
	if (state_is(action, "tell READY"))
		return rk_events(UE_EVENT_MESSAGING_READY) > 0;
	if (state_is(action, "tell LOST"))
		return rk_events(UE_EVENT_MESSAGING_LOST) > 0;

	return wire_has(state_is(action, "200") ? "MSRP tid1 200 " :
			state_is(action, "481") ? "MSRP tid1 481 " :
			"MSRP tid1 506 ");
}


static const char *end(void)
{
	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_MESSAGING_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 70);
}


const struct test_case suite_messaging_table[] = {
	{"RFC 4975 s5.4, s8.2: each state of messages in a session with each "
	 "event", all_pairs},
	{NULL, NULL}
};
