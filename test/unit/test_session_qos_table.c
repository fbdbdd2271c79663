/**
 * @file test_session_qos_table.c  Preconditions: each state of the resources
 *                                 with each event, as the tables in
 *                                 session_qos.c say
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "ue/services/session_core.h"
#include "test/unit/session_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#define CALLER SS_ALLOW "Supported: 100rel, precondition\r\n"
#define QOS(local)							\
	"a=curr:qos local " local "\r\na=curr:qos remote none\r\n"	\
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"
#define CONF "a=conf:qos remote sendrecv\r\n"

static struct {
	unsigned rseq;
	unsigned sentc, eventc, answers;
} t;


static void mark(void)
{
	t.sentc = rk.sentc;
	t.eventc = ss.eventc;
	t.answers = ss.answers;
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


static bool told(enum session_event event)
{
	for (unsigned i = t.eventc; i < ss.eventc; i++) {
		if (ss.eventv[i].event == event)
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	static const struct {
		const char *name;
		enum session_event event;
	} v[] = {
		{"tell ALERT",       SESSION_ALERT},
		{"tell ESTABLISHED", SESSION_ESTABLISHED},
		{"tell CHANGED",     SESSION_CHANGED},
		{"tell ENDED",       SESSION_ENDED}
	};

	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(action, v[i].name))
			return told(v[i].event);
	}
	if (state_is(action, "read"))
		return ss.answers > t.answers;

	return fresh(rk_sent(action));
}


static const char *end(void)
{
	if (ss.s->state != SESSION_FREE)
		(void)session_end(ss.s);
	rk_run(0);
	if (ss.s->state == SESSION_CANCELLING)
		ss_answer(ss.invite, 487, NULL, NULL);
	rk_run(300000);

	return ss_events(SESSION_ENDED) == 1 ? ss_end() :
		"not one SESSION_ENDED";
}


/* ------------------------------------------------------------------ */
/* Events of both */


/* Ours */
static void resources(int err)
{
	ue_qos_result(&rk.ue, ss.reserve_id, err);
	rk_run(0);
}


/* The peer's offer or answer */
static const char *offer(const char *ev)
{
	const char *const what = strchr(ev, ' ');

	if (!what)
		return SS_SDP QOS("sendrecv");
	if (state_is(what, " none"))
		return SS_SDP QOS("none") CONF;
	if (state_is(what, " plain"))
		return SS_SDP QOS("none");
	if (state_is(what, " without"))
		return SS_SDP;

	return state_is(what, " bad") ? NULL : SS_SDP QOS("sendrecv") CONF;
}


static bool is_answer(const char *ev)
{
	return ev[0] == 'U' && ev[1] >= '2' && ev[1] <= '9';
}


/* To an UPDATE of ours */
static void answer(const char *ev)
{
	const unsigned code = (unsigned)atoi(ev + 1);

	if (ss.s->change)
		ss_answer(ss_sent("UPDATE"), code, SS_CONTACT,
			  code == 200 ? offer(ev) : NULL);
}


static void back_off(void)
{
	if (session_qos_tells(ss.s) && !ss.s->change &&
	    ue_timer_running(&ss.s->retry) && ss.s->qos.curr_local)
		rk_run(4000);
}


/* ------------------------------------------------------------------ */
/* We are called */


static const char *uas_state(void)
{
	const struct session *s = ss.s;
	const bool remote = s->qos.curr_remote;

	if (s->state == SESSION_ACCEPTED)
		return "ACCEPTED";
	if (s->state != SESSION_INCOMING)
		return "GONE";
	if (s->rel_pending)
		return s->qos.curr_local ? "UNACKED*" : "UNACKED";
	if (s->alerted)
		return "RINGING";
	if (s->change)
		return remote ? "TELLING*" : "TELLING";
	if (session_qos_tells(s))
		return remote ? "GLARE*" : "GLARE";
	if (s->qos.curr_local)
		return "LOCAL";

	return remote ? "REMOTE" : s->confirm ? "NONE" : "PLAIN";
}


static void prack(const char *sdp)
{
	char text[100];

	snprintf(text, sizeof(text), "RAck: %s 1 INVITE\r\n",
		 rk_hdr(ss_sent("183"), "RSeq"));
	(void)ss_request("PRACK", text, sdp);
}


static bool uas_reach(const char *to, const char *event)
{
	const bool star = to[strlen(to) - 1] == '*';
	const bool unacked = !strncmp(to, "UNACKED", 7);
	const bool remote = !unacked && (star || to[0] == 'R' ||
					 state_is(to, "ACCEPTED"));

	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ss_begin_qos(true))
		return false;

	ss.reserve_silent = true;
	(void)ss_invite(CALLER, state_is(to, "PLAIN") || state_is(to, "LOCAL")
			? SS_SDP QOS("none") : remote
			? SS_SDP QOS("sendrecv") CONF
			: SS_SDP QOS("none") CONF);
	if (!unacked)
		prack(NULL);
	if (strcmp(to, "UNACKED") && strcmp(to, "NONE") &&
	    strcmp(to, "PLAIN") && strcmp(to, "REMOTE"))
		resources(0);
	if (!strncmp(to, "GLARE", 5))
		answer("U491");
	if (state_is(to, "RINGING") || state_is(to, "ACCEPTED"))
		answer("U200");
	if (state_is(to, "ACCEPTED"))
		(void)session_accept(ss.s);
	rk_run(0);
	if (state_is(to, "GONE"))
		ss_cancel();
	mark();

	return state_is(uas_state(), to);
}


static void uas_fire(const char *in, const char *ev)
{
	if (state_is(in, "GONE"))
		return;         /* there is no dialog */

	if (state_is(ev, "ready"))
		resources(0);
	else if (state_is(ev, "refused"))
		resources(ENOMEM);
	else if (state_is(ev, "accept"))
		(void)session_accept(ss.s);
	else if (state_is(ev, "CANCEL"))
		ss_cancel_alone();
	else if (state_is(ev, "back-off"))
		back_off();
	else if (state_is(ev, "64*T1")) {
		/* the back-off is over before */
		if (strncmp(in, "GLARE", 5))
			rk_run(128000);
	}
	else if (is_answer(ev))
		answer(ev);
	else if (ev[0] == 'P')
		prack(strchr(ev, ' ') ? offer(ev) : NULL);
	else
		(void)ss_request("UPDATE", NULL, offer(ev));
	rk_run(0);
}


static void called(void)
{
	static const char *const statev[] = {
		"UNACKED", "UNACKED*", "NONE", "PLAIN", "LOCAL", "REMOTE",
		"TELLING", "TELLING*", "GLARE", "GLARE*", "RINGING",
		"ACCEPTED", "GONE", NULL
	};
	static const char *const eventv[] = {
		"PRACK", "PRACK ready", "ready", "refused", "UPDATE ready",
		"UPDATE none", "UPDATE plain", "UPDATE without", "U200",
		"U200 none", "U200 bad", "U488", "U491", "U481", "back-off",
		"64*T1", "accept", "CANCEL", NULL
	};
	static const char *const actionv[] = {
		"180", "200", "480", "481", "487", "488", "491", "500", "504",
		"580", "UPDATE", "BYE", "read", "tell ALERT", "tell CHANGED",
		"tell ENDED", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_QOS_0, statev, eventv,
		actionv, uas_reach, uas_fire, seen, uas_state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 234);
}


/* ------------------------------------------------------------------ */
/* We call */


static const char *uac_state(void)
{
	const struct session *s = ss.s;
	const bool made = s->state == SESSION_CONFIRMED;

	if (s->state != SESSION_EARLY && !made)
		return "FAILED";
	if (s->change)
		return made ? "LATE" : "TELLING";
	if (s->qos.curr_local && s->told == s->qos.curr_local)
		return made ? "DONE" : "TOLD";
	if (ue_timer_running(&s->retry))
		return made ? "GLARE*" : "GLARE";
	if (made)
		return s->confirm ? "MADE" : "PLAIN";

	return s->confirm ? "ANSWERED" : "QUIET";
}


static void reliable(const char *sdp)
{
	char lines[300];

	snprintf(lines, sizeof(lines), SS_CONTACT SS_ALLOW
		 "Require: 100rel\r\nRSeq: %u\r\n", ++t.rseq);
	ss_answer(ss.invite, 183, lines, sdp);
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
}


static void success(void)
{
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, NULL);
}


static bool uac_reach(const char *to, const char *event)
{
	const bool late = state_is(to, "MADE") || state_is(to, "PLAIN") ||
		state_is(to, "LATE") || state_is(to, "GLARE*");

	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ss_begin_qos(true))
		return false;

	ss.reserve_silent = true;
	(void)ss_call(0);
	reliable(state_is(to, "QUIET") || state_is(to, "PLAIN")
		 ? SS_SDP QOS("sendrecv") : SS_SDP QOS("sendrecv") CONF);
	if (late)
		success();
	if (state_is(to, "FAILED"))
		ss_answer(ss.invite, 486, NULL, NULL);
	else if (strcmp(to, "ANSWERED") && strcmp(to, "QUIET") &&
		 strcmp(to, "MADE") && strcmp(to, "PLAIN"))
		resources(0);
	if (!strncmp(to, "GLARE", 5))
		answer("U491");
	if (state_is(to, "TOLD") || state_is(to, "DONE"))
		answer("U200");
	if (state_is(to, "DONE"))
		success();
	mark();

	return state_is(uac_state(), to);
}


static void uac_fire(const char *in, const char *ev)
{
	if (state_is(in, "FAILED"))
		return;         /* there is no dialog */

	if (state_is(ev, "ready"))
		resources(0);
	else if (state_is(ev, "refused"))
		resources(ENOMEM);
	else if (state_is(ev, "back-off"))
		back_off();
	else if (state_is(ev, "200"))
		success();
	else if (state_is(ev, "rel"))
		reliable(NULL);
	else if (is_answer(ev))
		answer(ev);
	else
		(void)ss_request("UPDATE", NULL, offer(ev));
	rk_run(0);
}


static void calling(void)
{
	static const char *const statev[] = {
		"ANSWERED", "QUIET", "TELLING", "GLARE", "TOLD", "MADE",
		"PLAIN", "LATE", "GLARE*", "DONE", "FAILED", NULL
	};
	static const char *const eventv[] = {
		"ready", "refused", "U200", "U488", "U491", "U481",
		"back-off", "200", "rel", "UPDATE", "UPDATE conf", NULL
	};
	static const char *const actionv[] = {
		"UPDATE", "PRACK", "ACK", "CANCEL", "BYE", "200", "488",
		"491", "500", "read", "tell ESTABLISHED", "tell CHANGED",
		"tell ENDED", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_QOS_1, statev, eventv,
		actionv, uac_reach, uac_fire, seen, uac_state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 121);
}


const struct test_case suite_session_qos_table[] = {
	{"RFC 3312 s5 to s8: each state of the resources of a call to us with "
	 "each event", called},
	{"RFC 3312 s5 to s8: each state of the resources of a call of ours "
	 "with each event", calling},
	{NULL, NULL}
};
