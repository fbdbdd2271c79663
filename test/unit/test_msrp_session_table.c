/**
 * @file test_msrp_session_table.c  MSRP sessions: each state with each event,
 *                                  as the table in msrp/session.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/msrp_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"closed", "open", "known", "bound", "nobody", NULL
};
static const char *const eventv[] = {
	"open", "peer", "nobody", "connected", "request", "lost", "481",
	"506", "URI", "close", NULL
};
static const char *const actionv[] = {
	"told bound", "told failed", "SEND", "200", "481", "EPROTO", NULL
};

static struct {
	char wire[KIT_TEXT];
	unsigned bound, failed;
	int err;
} t;


/* End 1 is watched */
static struct mkit_end *e(void)
{
	return &mkit[1];
}


static const char *state(void)
{
	const struct msrp_session *s = e()->s;

	return !s->used ? "closed" : s->conn ? "bound" : s->failed ?
		"nobody" : s->peer[0] ? "known" : "open";
}


static void peer(bool somebody)
{
	struct pl path;

	pl_set_str(&path, KIT_URI_0);
	(void)msrp_session_peer(e()->s, somebody ? &path : NULL, 0);
}


static void request(void)
{
	mkit_request(1, "tid1", "SEND", "Message-ID: m1\r\n"
		     "Byte-Range: 1-0/0\r\n", NULL, '$');
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	mkit_open(100000, 1);
	mkit[0].up = e()->up = true;
	(void)msrp_accepted(&e()->m, mkit_ms, 0);

	if (state_is(to, "closed") || state_is(to, "open"))
		msrp_session_close(e()->s);
	if (state_is(to, "open") &&
	    msrp_session_open(&e()->s, &e()->m, KIT_URI_1, NULL))
		return false;
	if (state_is(to, "bound"))
		request();
	if (state_is(to, "nobody"))
		peer(false);

	(void)mkit_wire(1);
	t.bound = e()->bound;
	t.failed = e()->failed;

	return state_is(state(), to);
}


/* A refusal of our own request */
static void refused(unsigned status)
{
	char tid[MSRP_TID_MAX + 1];

	if (mkit_send(1, "hi", 2, false) ||
	    sscanf(mkit_wire(1), "MSRP %16s SEND", tid) != 1)
		return;

	mkit_respond(1, tid, status);
}


static void fire(const char *in, const char *ev)
{
	const bool closed = state_is(in, "closed");
	const bool bound = state_is(in, "bound");

	if (state_is(ev, "open")) {
		if (closed)
			(void)msrp_session_open(&e()->s, &e()->m, KIT_URI_1,
						NULL);
	}
	else if (state_is(ev, "request"))
		request();
	else if (state_is(ev, "lost"))
		mkit_cut();
	else if (closed)
		return;
	else if (state_is(ev, "peer"))
		peer(true);
	else if (state_is(ev, "nobody"))
		peer(false);
	else if (state_is(ev, "URI")) {
		/* only where the connection has gone */
		if (!bound)
			(void)msrp_session_self(e()->s, KIT_URI_3);
	}
	else if (state_is(ev, "connected"))
		t.err = msrp_connected(&e()->m, mkit_ms, 0, e()->s);
	else if (state_is(ev, "close"))
		msrp_session_close(e()->s);
	else if (bound)
		refused(ev[0] == '4' ? 481 : 506);

	(void)snprintf(t.wire, sizeof(t.wire), "%s", mkit_wire(1));
}


static bool seen(const char *action)
{
	if (state_is(action, "told bound"))
		return e()->bound > t.bound;
	if (state_is(action, "told failed"))
		return e()->failed > t.failed;
	if (state_is(action, "EPROTO"))
		return t.err == EPROTO;
	if (state_is(action, "SEND"))
		return strstr(t.wire, " SEND\r\n") != NULL;

	return strstr(t.wire, state_is(action, "200") ? "MSRP tid1 200" :
		      "MSRP tid1 481") != NULL;
}


/* A connection without a session lasts for a while only */
static const char *end(void)
{
	msrp_session_close(e()->s);
	msrp_session_close(mkit[0].s);
	mkit_cut();
	mkit_pass(100000);

	return e()->m.connv[0].used ? "a connection is left" : NULL;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_MSRP_SESSION_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 50);
}


const struct test_case suite_msrp_session_table[] = {
	{"RFC 4975 s5.4: each state of a session with each event",
	 all_pairs},
	{NULL, NULL}
};
