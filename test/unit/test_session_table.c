/**
 * @file test_session_table.c  Sessions: each state with each event, as the
 *                             table in session.c says
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/session_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

/* in the order of enum session_state */
static const char *const statev[] = {
	"FREE", "CALLING", "EARLY", "CANCELLING", "INCOMING", "ACCEPTED",
	"CONFIRMED", "ENDING", NULL
};
static const char *const eventv[] = {
	"start", "accept", "reject", "hold", "end", "lost", "180", "200",
	"422", "486", "new INVITE", "INVITE", "UPDATE", "PRACK", "ACK",
	"CANCEL", "BYE", NULL
};
static const char *const actionv[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "200", "481", "480", "486", "487", "491",
	"500", "603", "EPROTO", "tell ENDED", NULL
};

static struct {
	int err;                /* of a command                          */
	bool incoming;
	unsigned sentc;
	unsigned ended;
} t;


static const char *state(void)
{
	return ss.s ? statev[ss.s->state] : "FREE";
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ss_begin(NULL))
		return false;

	t.incoming = state_is(to, "INCOMING") || state_is(to, "ACCEPTED");
	if (state_is(to, "CALLING"))
		(void)ss_call(0);
	else if (state_is(to, "EARLY") || state_is(to, "CANCELLING"))
		ss_answer(ss_call(0), 180, SS_CONTACT, NULL);
	else if (t.incoming)
		(void)ss_invite(NULL, SS_SDP);
	else if (!state_is(to, "FREE"))
		(void)ss_established();

	if (state_is(to, "CANCELLING") || state_is(to, "ENDING"))
		(void)session_end(ss.s);
	if (state_is(to, "ACCEPTED"))
		(void)session_accept(ss.s);
	rk_run(0);

	t.sentc = rk.sentc;
	t.ended = ss_events(SESSION_ENDED);

	return state_is(state(), to);
}


static int command(const char *ev)
{
	return state_is(ev, "accept") ? session_accept(ss.s) :
		state_is(ev, "reject") ? session_reject(ss.s, 486) :
		state_is(ev, "hold") ? session_hold(ss.s, true) :
		session_end(ss.s);
}


static void fire(const char *in, const char *ev)
{
	const bool free = state_is(in, "FREE");

	if (state_is(ev, "start")) {
		if (free)
			(void)ss_call(0);
	}
	else if (state_is(ev, "new INVITE")) {
		if (free)
			(void)ss_invite(NULL, SS_SDP);
	}
	else if (free)
		return;         /* there is no dialog */
	else if (state_is(ev, "lost"))
		sessions_lost(&rk.ue.sessions);
	else if (ev[0] >= 'a')
		t.err = command(ev);
	else if (ev[0] <= '9') {
		if (!t.incoming)
			ss_answer(ss.invite, (unsigned)atoi(ev),
				  ev[0] == '4' ? "Min-SE: 1800\r\n" :
				  SS_CONTACT, ev[0] == '2' ? SS_SDP : NULL);
	}
	else if (state_is(ev, "ACK"))
		ss_ack(NULL);
	else if (state_is(ev, "CANCEL")) {
		if (t.incoming)
			ss_cancel_alone();
	}
	else
		(void)ss_request(ev, NULL, state_is(ev, "INVITE") ? SS_SDP :
				 NULL);

	rk_run(0);
}


static bool seen(const char *action)
{
	if (state_is(action, "EPROTO"))
		return t.err == EPROTO;
	if (state_is(action, "tell ENDED"))
		return ss_events(SESSION_ENDED) > t.ended;

	return rk_sent(action) != UINT_MAX && rk_sent(action) >= t.sentc;
}


/* Whatever happened: it ends once, and nothing is left */
static const char *end(void)
{
	if (!ss.s)
		return ss_end();
	if (ss.s->state != SESSION_FREE)
		(void)session_end(ss.s);
	rk_run(300000);

	return ss_events(SESSION_ENDED) == 1 ? ss_end() :
		"not one SESSION_ENDED";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 136);
}


const struct test_case suite_session_table[] = {
	{"RFC 3261 s13 to s15: each state of a session with each event",
	 all_pairs},
	{NULL, NULL}
};
