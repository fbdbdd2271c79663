/**
 * @file test_session_offer_table.c  Offers and answers while a session is
 *                                   made: each state with each event, as the
 *                                   tables in session_offer.c and
 *                                   session_rel.c say
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

#define QOS								\
	"a=curr:qos local none\r\na=curr:qos remote none\r\n"		\
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"

/** The caller has its resources */
#define READY								\
	"a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n"	\
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"

/** Two streams of a kind that the user refuses */
#define AUDIO								\
	"v=0\r\no=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n"	\
	"a=sendonly\r\nm=audio 9002 RTP/AVP 0\r\n"

static struct {
	bool prack;             /* one of ours waits for its answer      */
	bool said;              /* by the user: 1xx                      */
	unsigned rseq;
	unsigned sentc, answers, established, ended, reserves;
} t;


/* A description, none, or one that is of no use: the end of the event */
static const char *body(const char *ev, const char *good)
{
	const char *const what = strchr(ev, ' ');

	return !what ? good : state_is(what, " bad") ? AUDIO : NULL;
}


static void mark(void)
{
	t.sentc = rk.sentc;
	t.answers = ss.answers;
	t.reserves = ss.reserves;
	t.established = ss_events(SESSION_ESTABLISHED);
	t.ended = ss_events(SESSION_ENDED);
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


static bool described(void)
{
	static const char *const v[] = {
		"PRACK", "UPDATE", "ACK", "180", "183", "200", NULL
	};

	for (const char *const *what = v; *what; what++) {

		const unsigned n = rk_sent(*what);

		if (fresh(n) && rk_has(n, "\r\n\r\nv=0"))
			return true;
	}

	return false;
}


/* A message of before was sent again */
static bool again(void)
{
	for (unsigned i = t.sentc; i < rk.sentc; i++) {
		if (rk_status(i) > 100 && !fresh(i))
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "again"))
		return again();
	if (state_is(action, "description"))
		return described();
	if (state_is(action, "read"))
		return ss.answers > t.answers;
	if (state_is(action, "reserve"))
		return ss.reserves > t.reserves;
	if (state_is(action, "tell ESTABLISHED"))
		return ss_events(SESSION_ESTABLISHED) > t.established;
	if (state_is(action, "tell ENDED"))
		return ss_events(SESSION_ENDED) > t.ended;

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
/* We make the session */


static const char *uac_state(void)
{
	const struct session *s = ss.s;
	const bool made = s->state == SESSION_CONFIRMED;

	if (s->state != SESSION_CALLING && s->state != SESSION_EARLY && !made)
		return "FAILED";
	if (!s->described)
		return s->offer ? "OFFERED" : "ASKED";
	if (s->offer && s->change)
		return made ? "LATE*" : t.prack ? "UPDATE*" : "UPDATE";
	if (s->offer)
		return made ? "LATE" : "PRACK";

	return made ? "STABLE" : "ANSWERED";
}


static void provisional(const char *sdp, bool rel)
{
	char lines[300];

	snprintf(lines, sizeof(lines), SS_CONTACT SS_ALLOW "%s%u\r\n", rel ?
		 "Require: 100rel\r\nRSeq: " : "X-Not: ", ++t.rseq);
	ss_answer(ss.invite, 183, lines, sdp);
}


/* We know now whether there are resources */
static void resources(int err)
{
	ue_qos_result(&rk.ue, ss.reserve_id, err);
	rk_run(0);
}


static bool uac_reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ss_begin_qos(true))
		return false;

	ss.reserve_silent = !state_is(to, "PRACK") && !state_is(to, "LATE");
	(void)ss_call(state_is(to, "ASKED") ? SESSION_LATE_OFFER : 0);
	if (state_is(to, "FAILED"))
		ss_answer(ss.invite, 486, NULL, NULL);
	else if (state_is(to, "STABLE"))
		ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP QOS);
	else if (!state_is(to, "OFFERED") && !state_is(to, "ASKED"))
		provisional(SS_SDP QOS, true);

	t.prack = state_is(to, "UPDATE*") || state_is(to, "PRACK") ||
		state_is(to, "LATE");
	if (to[0] == 'U' || to[0] == 'A' || state_is(to, "LATE*")) {
		if (!t.prack && !state_is(to, "ASKED"))
			ss_answer(rk_sent("PRACK"), 200, NULL, NULL);
		if (to[0] != 'A')
			resources(0);
	}
	if (to[0] == 'L')
		ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, NULL);
	mark();

	return state_is(uac_state(), to);
}


/* An answer to our PRACK or UPDATE */
static void uac_answer(const char *ev)
{
	const bool prack = ev[0] == 'P';
	const char *const in = uac_state();
	const unsigned n = rk_sent(prack ? "PRACK" : "UPDATE");

	if (prack ? !t.prack : !ss.s->change)
		return;
	if (!strcmp(ev + 1, " silent")) {
		/* else it is the UPDATE whose time is over first */
		if (!state_is(in, "UPDATE*") || !prack)
			rk_run(129000);
		return;
	}

	ss_answer(n, (unsigned)atoi(ev + 1), prack ? NULL : SS_CONTACT,
		  ev[1] == '2' ? body(ev, SS_SDP QOS) : NULL);
	t.prack = t.prack && !prack;
}


static void uac_fire(const char *in, const char *ev)
{
	if (state_is(in, "FAILED"))
		return;         /* there is no dialog */

	if (!strncmp(ev, "UPDATE", 6))
		(void)ss_request("UPDATE", NULL, body(ev, SS_SDP QOS));
	else if (ev[0] == 'P' || ev[0] == 'U')
		uac_answer(ev);
	else if (!strncmp(ev, "rel", 3) || state_is(ev, "183"))
		provisional(body(ev, SS_SDP QOS), ev[0] == 'r');
	else if (ev[0] == '2')
		ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW,
			  body(ev, SS_SDP QOS));
	else if (ss.reserves)
		resources(state_is(ev, "ready") ? 0 : ENOMEM);
	rk_run(0);
}


static void uac_pairs(void)
{
	static const char *const statev[] = {
		"OFFERED", "ASKED", "ANSWERED", "PRACK", "UPDATE", "UPDATE*",
		"LATE", "LATE*", "STABLE", "FAILED", NULL
	};
	static const char *const eventv[] = {
		"183", "rel", "rel none", "rel bad", "200", "200 none",
		"200 bad", "P200", "P200 none", "P488", "P silent", "U200",
		"U200 none", "U488", "U491", "U silent", "UPDATE",
		"UPDATE none", "UPDATE bad", "ready", "refused", NULL
	};
	static const char *const actionv[] = {
		"PRACK", "UPDATE", "ACK", "CANCEL", "BYE", "200", "481",
		"488", "491", "description", "read", "reserve",
		"tell ESTABLISHED", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_OFFER_0, statev, eventv,
		actionv, uac_reach, uac_fire, seen, uac_state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 210);
}


/* ------------------------------------------------------------------ */
/* The peer makes it */


static const char *uas_state(void)
{
	const struct session *s = ss.s;

	if (s->state == SESSION_ACCEPTED)
		return s->offer ? "ACCEPTED*" : "ACCEPTED";
	if (s->state != SESSION_INCOMING)
		return s->state == SESSION_CONFIRMED ? "STABLE" : "GONE";
	if (s->offer == SESSION_OFFER_LOCAL)
		return s->accepted ? "OFFERED*" : "OFFERED";
	if (s->described)
		return s->rel_pending ? "ANSWERED" : s->alerted ? "SETTLED" :
			t.said ? "WAITING*" : "WAITING";
	if (s->rel_pending)
		return s->accepted ? "RELIABLE*" : "RELIABLE";

	return s->offer ? "INVITED" : "EMPTY";
}


static void prack(const char *sdp, bool other)
{
	const unsigned a = rk_sent("183"), b = rk_sent("180");
	const unsigned n = a == UINT_MAX || (b != UINT_MAX && b > a) ? b : a;
	const char *rseq = n == UINT_MAX ? "" : rk_hdr(n, "RSeq");
	char text[100];

	snprintf(text, sizeof(text), "RAck: %s %u INVITE\r\n",
		 rseq[0] ? rseq : "1", other ? 9 : 1);
	(void)ss_request("PRACK", text, sdp);
}


static void invited(const char *to)
{
	const bool qos = to[0] == 'W' || state_is(to, "ANSWERED") ||
		state_is(to, "SETTLED");
	const bool empty = to[0] == 'E' || to[0] == 'O' ||
		state_is(to, "ACCEPTED*");

	(void)ss_invite(qos ? SS_ALLOW "Supported: 100rel, precondition\r\n" :
			to[0] == 'R' || to[0] == 'O' ?
			SS_ALLOW "Require: 100rel\r\n" : NULL,
			empty ? NULL : qos ? SS_SDP READY : SS_SDP);
}


static bool uas_reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!(to[0] == 'W' || state_is(to, "ANSWERED") ||
	      state_is(to, "SETTLED") ? ss_begin_qos(true) : ss_begin(NULL)))
		return false;

	ss.reserve_silent = true;
	invited(to);
	if (to[0] == 'W' || state_is(to, "SETTLED"))
		prack(NULL, false);
	if (state_is(to, "SETTLED"))
		resources(0);
	if (state_is(to, "WAITING*"))
		t.said = !session_reject(ss.s, 183);
	if (!strncmp(to, "ACC", 3) || state_is(to, "STABLE") ||
	    state_is(to, "RELIABLE*") || state_is(to, "OFFERED*"))
		(void)session_accept(ss.s);
	rk_run(0);
	if (state_is(to, "STABLE"))
		ss_ack(NULL);
	else if (state_is(to, "GONE"))
		ss_cancel();
	mark();

	return state_is(uas_state(), to);
}


static void uas_fire(const char *in, const char *ev)
{
	if (state_is(in, "GONE"))
		return;         /* there is no dialog */

	if (state_is(ev, "accept"))
		(void)session_accept(ss.s);
	else if (state_is(ev, "1xx"))
		t.said = !session_reject(ss.s, 183);
	else if (state_is(ev, "T1"))
		rk_run(2000);
	else if (state_is(ev, "64*T1"))
		rk_run(128000);
	else if (state_is(ev, "CANCEL"))
		ss_cancel_alone();
	else if (ev[0] == 'P')
		prack(body(ev, SS_SDP READY), state_is(ev, "PRACK other"));
	else if (ev[0] == 'U')
		(void)ss_request("UPDATE", NULL, body(ev, SS_SDP READY));
	else if (ev[0] == 'A')
		(void)ss_request_cseq("ACK", 1, NULL, body(ev, SS_SDP));
	else if (ss.reserves)
		resources(state_is(ev, "ready") ? 0 : ENOMEM);
	rk_run(0);
}


static void uas_pairs(void)
{
	static const char *const statev[] = {
		"INVITED", "EMPTY", "RELIABLE", "RELIABLE*", "OFFERED",
		"OFFERED*", "ANSWERED", "WAITING", "WAITING*", "SETTLED",
		"ACCEPTED", "ACCEPTED*", "STABLE", "GONE", NULL
	};
	static const char *const eventv[] = {
		"accept", "1xx", "PRACK", "PRACK none", "PRACK bad",
		"PRACK other", "T1", "64*T1", "UPDATE", "UPDATE none",
		"UPDATE bad", "ACK", "ACK none", "CANCEL", "ready",
		"refused", NULL
	};
	static const char *const actionv[] = {
		"180", "183", "200", "400", "481", "487", "488", "491", "500",
		"504", "580", "BYE", "again", "description", "read",
		"tell ESTABLISHED", "tell ENDED", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_REL_0, statev, eventv,
		actionv, uas_reach, uas_fire, seen, uas_state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 224);
}


const struct test_case suite_session_offer_table[] = {
	{"RFC 3264 s4, RFC 3262 s5: each state of a session we make with each "
	 "event", uac_pairs},
	{"RFC 3262 s3, s5: each state of the answers to an INVITE with each "
	 "event", uas_pairs},
	{NULL, NULL}
};
