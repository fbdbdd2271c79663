/**
 * @file test_session_change_table.c  Changes of an established session: each
 *                                    state with each event, as the table in
 *                                    session_change.c says
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

#define TIMER "Session-Expires: 1000;refresher=uac\r\n"
#define OURS "Supported: timer\r\nSession-Expires: 1000;refresher=uas\r\n"

/** Only audio: the user refuses it */
#define AUDIO								\
	"v=0\r\no=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n"	\
	"a=sendonly\r\nm=audio 9002 RTP/AVP 0\r\n"

static const char *const statev[] = {
	"STABLE", "MEDIA", "MEDIA*", "AGAIN", "AGAIN*", "REFRESH", "WAITING",
	"GLARE", "GLARE*",
	"PEER", "PEER*", "WAITING*", "BOTH", "BOTH*", "GONE", NULL
};
static const char *const eventv[] = {
	"hold", "refresh", "back-off", "rel", "200", "200 none", "488", "481",
	"491", "501", "503", "later", "no answer", "INVITE", "INVITE none",
	"INVITE bad", "UPDATE", "UPDATE none", "UPDATE bad", "ACK",
	"ACK none", "no ACK", "end", "BYE", "lost", NULL
};
static const char *const actionv[] = {
	"INVITE", "UPDATE", "PRACK", "ACK", "BYE", "CANCEL", "200", "488",
	"491", "500",
	"tell MODIFIED", "tell MODIFY_FAILED", "tell CHANGED", "tell ENDED",
	"EPROTO", NULL
};

static struct {
	int err;                /* of a command                          */
	unsigned holds;         /* that were accepted                    */
	unsigned rseq;
	unsigned sentc, eventc;
} t;


static const char *state(void)
{
	const struct session *s = ss.s;

	if (s->state != SESSION_CONFIRMED)
		return "GONE";
	if (s->st && s->want)
		return "WAITING*";
	if (s->st && s->change)
		return s->offer ? "BOTH*" : "BOTH";
	if (s->st)
		return s->offer ? "PEER*" : "PEER";
	if (s->change == 1)
		return s->offer ? "MEDIA" : "MEDIA*";
	if (s->change)
		return s->want ? "WAITING" : !s->ct ? "REFRESH" :
			s->offer ? "AGAIN" : "AGAIN*";
	if (ue_timer_running(&s->retry))
		return s->want ? "GLARE" : "GLARE*";

	return "STABLE";
}


static void hold(void)
{
	t.err = session_hold(ss.s, true);
	t.holds += !t.err;
	rk_run(0);
}


/* Half of the interval is over, and nothing else */
static void refresh(void)
{
	struct ue_timer *tm = &ss.s->expiry;

	if (ue_timer_running(tm))
		ue_timer_start(&rk.ue.timers, tm, 0, tm->h, tm->arg);
	rk_run(0);
}


/* The last of ours in the session */
static unsigned ours(void)
{
	const unsigned i = rk_sent("INVITE"), u = rk_sent("UPDATE");

	return u != UINT_MAX && u > i ? u : i;
}


static void answer(unsigned code, const char *sdp)
{
	ss_answer(ours(), code, SS_CONTACT TIMER, sdp);
}


/* The answer in a reliable 1xx */
static void reliable(void)
{
	char lines[200];

	snprintf(lines, sizeof(lines), SS_CONTACT "Require: 100rel\r\n"
		 "RSeq: %u\r\n", ++t.rseq);
	ss_answer(ours(), 183, lines, SS_SDP);
}


static void invite(const char *sdp)
{
	(void)ss_request("INVITE", OURS, sdp);
}


static void pass(bool it, uint64_t ms)
{
	if (it)
		rk_run(ms);
}


static bool reach(const char *to, const char *event)
{
	unsigned n;

	memset(&t, 0, sizeof(t));
	if (!ss_begin(NULL))
		return false;

	n = ss_call(0);
	ss_answer(n, 200, !strncmp(to, "AGAIN", 5) ? SS_CONTACT TIMER
		  "Allow: INVITE, ACK, BYE\r\n" : SS_CONTACT SS_ALLOW TIMER,
		  SS_SDP);

	/* s14.1: what is refused is forgotten with all that it had */
	if (state_is(event, "488") && !strchr(to, '*'))
		ss.streams = 2;
	if (!strncmp(to, "MEDIA", 5) || state_is(to, "GLARE"))
		hold();
	else if (strchr("ARWB", to[0]) && !state_is(to, "WAITING*"))
		refresh();
	else if (state_is(to, "GLARE*"))
		refresh();
	if (to[0] == 'G' && to[1] == 'L')
		answer(491, NULL);
	if (state_is(to, "MEDIA*") || state_is(to, "AGAIN*"))
		reliable();

	if (to[0] == 'P' || to[0] == 'B' || state_is(to, "WAITING*"))
		invite(to[strlen(to) - 1] == '*' && to[0] != 'W' ? NULL :
		       SS_SDP);
	if (to[0] == 'W')
		hold();
	if (state_is(to, "GONE"))
		(void)ss_request("BYE", NULL, NULL);

	t.err = 0;
	t.sentc = rk.sentc;
	t.eventc = ss.eventc;

	return state_is(state(), to);
}


static void fire_peer(const char *ev)
{
	const char *const what = strchr(ev, ' ');
	const char *sdp = !what ? SS_SDP : state_is(what, " bad") ? AUDIO :
		NULL;

	if (state_is(ev, "BYE"))
		(void)ss_request("BYE", NULL, NULL);
	else if (ev[0] == 'A')
		ss_ack(sdp);
	else
		(void)ss_request(ev[0] == 'I' ? "INVITE" : "UPDATE", OURS,
				 sdp);
}


static void fire(const char *in, const char *ev)
{
	const struct session *s = ss.s;

	if (state_is(in, "GONE"))
		return;         /* there is no dialog */

	if (state_is(ev, "hold"))
		hold();
	else if (state_is(ev, "refresh"))
		refresh();
	else if (state_is(ev, "back-off"))
		pass(ue_timer_running(&s->retry), 4000);
	else if (state_is(ev, "no answer"))
		pass(s->change, 129000);
	else if (state_is(ev, "no ACK"))
		pass(s->st, 129000);
	else if (state_is(ev, "end"))
		(void)session_end(ss.s);
	else if (state_is(ev, "lost"))
		sessions_lost(&rk.ue.sessions);
	else if (state_is(ev, "later"))
		ss_answer(ours(), 500, "Retry-After: 3\r\n", NULL);
	else if (state_is(ev, "rel"))
		reliable();
	else if (ev[0] <= '9')
		answer((unsigned)atoi(ev), state_is(ev, "200") ? SS_SDP :
		       NULL);
	else
		fire_peer(ev);
	rk_run(0);
}


static unsigned told(enum session_event event, unsigned from)
{
	unsigned n = 0;

	for (unsigned i = from; i < ss.eventc; i++)
		n += ss.eventv[i].event == event;

	return n;
}


/* Is it none that was sent before? */
static bool fresh(unsigned n)
{
	if (n == UINT_MAX || n < t.sentc)
		return false;

	for (unsigned i = 0; i < t.sentc; i++) {
		if (state_is(rk.sentv[i], rk.sentv[n]))
			return false;
	}

	return true;
}


static bool seen(const char *action)
{
	static const struct {
		const char *name;
		enum session_event event;
	} v[] = {
		{"tell MODIFIED",      SESSION_MODIFIED},
		{"tell MODIFY_FAILED", SESSION_MODIFY_FAILED},
		{"tell CHANGED",       SESSION_CHANGED},
		{"tell ENDED",         SESSION_ENDED}
	};

	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(action, v[i].name))
			return told(v[i].event, t.eventc) > 0;
	}
	if (state_is(action, "EPROTO"))
		return t.err == EPROTO;

	return fresh(rk_sent(action));
}


/* What was refused has changed nothing: the peer's next offer is taken */
static const char *as_before(void)
{
	if (ss.s->mediac != 1)
		return "not the streams of before";
	if (session_is_held(ss.s))
		return "held by an offer that was refused";

	return NULL;
}


/* Each hold that was accepted has one outcome, and the session one end */
static const char *end(void)
{
	const char *what = state_is(state(), "STABLE") ? as_before() : NULL;

	if (what)
		return what;
	if (ss.s->state == SESSION_CONFIRMED)
		(void)session_end(ss.s);
	rk_run(300000);

	if (told(SESSION_MODIFIED, 0) + told(SESSION_MODIFY_FAILED, 0) !=
	    t.holds)
		return "not one outcome of a hold";

	return told(SESSION_ENDED, 0) == 1 ? ss_end() :
		"not one SESSION_ENDED";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_CHANGE_0, statev, eventv,
		actionv, reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 375);
}


const struct test_case suite_session_change_table[] = {
	{"RFC 3261 s14, RFC 3264 s4: each state of a change with each event",
	 all_pairs},
	{NULL, NULL}
};
