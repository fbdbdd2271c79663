/**
 * @file test_messaging_relay_table.c  The UE's MSRP relay: each state with
 *                                     each event, as the table in
 *                                     messaging_relay.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/msg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#if MSRP_RELAY

static const char *const statev[] = {
	"IDLE", "CONNECTING", "UP", "UP*", "REFUSED", NULL
};
static const char *const eventv[] = {
	"time", "connected", "gone", "granted", "403", "no answer", "session",
	"unregistered", NULL
};
static const char *const actionv[] = {
	"connect", "AUTH", "tell READY", "tell LOST", NULL
};

static struct {
	unsigned opens;
	char wire[8192];
} t;


/* In the order of the states in messaging_relay.c; DOWN does not last */
static const char *state(void)
{
	static const char *const v[] = {
		"IDLE", "CONNECTING", "UP", "DOWN", "REFUSED"
	};
	const struct messaging_relay *r = &rk.ue.messaging.relay;

	return r->told && state_is(v[r->state], "UP") ? "UP*" : v[r->state];
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!mg_begin_relay(NULL))
		return false;

	if (state_is(to, "IDLE") || state_is(to, "CONNECTING"))
		mg_gone(0, ECONNRESET);
	if (state_is(to, "CONNECTING"))
		rk_run(4000);
	else if (state_is(to, "UP*"))
		mg_granted(MG_GRANTED);
	else if (state_is(to, "REFUSED"))
		mg_answer(0, mg_wire(0), "403 Forbidden", "");
	rk_run(0);
	t.opens = mg.opens[0];
	rk.eventc = 0;

	return state_is(state(), to);
}


/* What was sent is kept: mg_wire() forgets it */
static void look(void)
{
	const size_t n = strlen(t.wire);

	(void)snprintf(t.wire + n, sizeof(t.wire) - n, "%s", mg_wire(0));
}


static void answer(const char *request, const char *status, const char *lines)
{
	mg_answer(0, request, status, lines);
	look();
}


static void fire(const char *in, const char *ev)
{
	static char request[4096];

	(void)snprintf(request, sizeof(request), "%s", mg_wire(0));

	if (state_is(ev, "time")) {
		/* until the next attempt, or the end of the URI's time */
		if (state_is(in, "IDLE") || state_is(in, "UP*"))
			rk_run(state_is(in, "IDLE") ? 4000 : 841000);
	}
	else if (state_is(ev, "connected")) {
		if (state_is(in, "CONNECTING"))
			mg_connected(0);
	}
	else if (state_is(ev, "gone")) {
		if (mg.open[0])
			mg_gone(0, ECONNRESET);
	}
	else if (state_is(ev, "granted")) {
		if (*request) {
			answer(request, "401 Unauthorized",
			       "WWW-Authenticate: Digest realm=\"r\", "
			       "qop=\"auth\", nonce=\"n\"\r\n");
			mg_answer(0, t.wire, "200 OK", MG_GRANTED);
		}
	}
	else if (state_is(ev, "403")) {
		if (*request)
			answer(request, "403 Forbidden", "");
	}
	else if (state_is(ev, "no answer")) {
		if (state_is(in, "UP"))
			rk_run(31000);
	}
	else if (state_is(ev, "session")) {
		if (state_is(in, "UP*"))
			(void)mg_call();
	}
	else {
		rk.ue.reg.info.registered = false;
		messaging_wake(&rk.ue.messaging);
	}

	rk_run(0);
	look();
}


static bool seen(const char *action)
{
	if (state_is(action, "connect"))
		return mg.opens[0] > t.opens;
	if (state_is(action, "AUTH"))
		return strstr(t.wire, " AUTH\r\n") != NULL;

	return rk_events(state_is(action, "tell READY") ?
			 UE_EVENT_RELAY_READY : UE_EVENT_RELAY_LOST) > 0;
}


static const char *end(void)
{
	rk.ue.reg.info.registered = true;

	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_MESSAGING_RELAY_0, statev, eventv,
		actionv, reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 40);
}


const struct test_case suite_messaging_relay_table[] = {
	{"RFC 4976 s5: each state of the relay with each event", all_pairs},
	{NULL, NULL}
};

#else

const struct test_case suite_messaging_relay_table[] = {
	{NULL, NULL}
};

#endif
