/**
 * @file test_session_ack_table.c  Which 2xx to an INVITE gets which ACK: each
 *                                 state with each 2xx, as the table in
 *                                 session_uac.c says
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/session_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

/** Nothing that the user wants */
#define AUDIO								\
	"v=0\r\no=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n"	\
	"m=audio 9002 RTP/AVP 0\r\n"

static struct {
	unsigned ack;           /* the first one                         */
	unsigned sentc, eventc;
} t;


static const char *state(void)
{
	const struct session *s = ss.s;
	const bool late = s->flags & SESSION_LATE_OFFER;

	switch (s->state) {

	case SESSION_CALLING:    return late ? "LATE" : "OFFERED";
	case SESSION_EARLY:      return s->described ? "ANSWERED" : "EARLY";
	case SESSION_CANCELLING: return "CANCELLING";
	case SESSION_ENDING:     return late ? "ENDING*" : "ENDING";
	case SESSION_CONFIRMED:  break;
	default:                 return "GONE";
	}

	if (state_is(sip_dialog_text(&s->dlg, SIP_DIALOG_REMOTE_TAG), "b"))
		return late ? "OTHER*" : "OTHER";
	if (s->change)
		return late ? "HOLD*" : "HOLD";
	if (s->hold)
		return late ? "HELD*" : "HELD";

	return late ? "MADE*" : "MADE";
}


static void success(unsigned n, const char *tag, const char *sdp)
{
	ss_answer_as(n, 200, tag, SS_CONTACT SS_ALLOW, sdp);
}


/* Our re-INVITE: hold of what is made */
static void hold(void)
{
	(void)session_hold(ss.s, true);
	rk_run(0);
}


static bool reach(const char *to, const char *event)
{
	const bool late = state_is(to, "LATE") || strchr(to, '*');

	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ss_begin(NULL))
		return false;

	(void)ss_call(late ? SESSION_LATE_OFFER : 0);
	if (state_is(to, "EARLY") || state_is(to, "CANCELLING"))
		ss_answer_as(ss.invite, 180, "a", SS_CONTACT, NULL);
	else if (state_is(to, "ANSWERED"))
		ss_answer_as(ss.invite, 183, "a", SS_CONTACT
			     "Require: 100rel\r\nRSeq: 1\r\n", SS_SDP);
	if (state_is(to, "CANCELLING"))
		(void)session_end(ss.s);

	if (strchr(to, '*') || strstr("MADE HOLD HELD ENDING OTHER GONE", to))
		success(ss.invite, to[0] == 'O' && to[1] == 'T' ? "b" : "a",
			SS_SDP);
	t.ack = ss_sent("ACK");
	if (to[0] == 'H')
		hold();
	if (!strncmp(to, "HELD", 4))
		success(ss_sent("INVITE"), "a", SS_SDP);
	if (!strncmp(to, "ENDING", 6) || state_is(to, "GONE"))
		(void)session_end(ss.s);
	rk_run(0);
	if (state_is(to, "GONE"))
		ss_answer(ss_sent("BYE"), 200, NULL, NULL);

	t.sentc = rk.sentc;
	t.eventc = ss.eventc;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	const unsigned again = ss_sent("INVITE");

	(void)in;
	if (state_is(ev, "200 hold")) {
		if (again != ss.invite)
			success(again, "a", SS_SDP);
	}
	else
		success(ss.invite, state_is(ev, "200 b") ? "b" : "a",
			state_is(ev, "200 none") ? NULL :
			state_is(ev, "200 bad") ? AUDIO : SS_SDP);
	rk_run(0);
}


/* Does one of those that were sent have all that?  cseq NULL: any */
static bool sent(const char *method, const char *tag, const char *cseq,
		 bool body)
{
	for (unsigned i = t.sentc; i < rk.sentc; i++) {

		const char *to = strstr(rk_hdr(i, "To"), ";tag=");

		if (rk_is(i, method) && to && state_is(to + 5, tag) &&
		    (!cseq || state_is(rk_hdr(i, "CSeq"), cseq)) &&
		    body == (strstr(rk.sentv[i], "v=0") != NULL))
			return true;
	}

	return false;
}


static bool same(void)
{
	for (unsigned i = t.sentc; i < rk.sentc; i++) {
		if (t.ack != UINT_MAX &&
		    state_is(rk.sentv[i], rk.sentv[t.ack]))
			return true;
	}

	return false;
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
	if (state_is(action, "ACK"))
		return sent("ACK", "a", "1 ACK", false);
	if (state_is(action, "ACK hold"))
		return sent("ACK", "a", "2 ACK", false);
	if (state_is(action, "ACK answer"))
		return !same() && (sent("ACK", "a", "1 ACK", true) ||
				   sent("ACK", "b", "1 ACK", true));
	if (state_is(action, "ACK same"))
		return same();
	if (state_is(action, "ACK b"))
		return !same() && (sent("ACK", "b", "1 ACK", false) ||
				   sent("ACK", "b", "1 ACK", true));
	if (state_is(action, "BYE"))
		return sent("BYE", "a", NULL, false);
	if (state_is(action, "BYE b"))
		return sent("BYE", "b", NULL, false);
	if (state_is(action, "tell ESTABLISHED"))
		return told(SESSION_ESTABLISHED);
	if (state_is(action, "tell MODIFIED"))
		return told(SESSION_MODIFIED);

	return told(SESSION_ENDED);
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


static void all_pairs(void)
{
	static const char *const statev[] = {
		"OFFERED", "LATE", "EARLY", "ANSWERED", "CANCELLING", "MADE",
		"MADE*", "OTHER", "OTHER*", "HOLD", "HOLD*", "HELD", "HELD*",
		"ENDING", "ENDING*", "GONE", NULL
	};
	static const char *const eventv[] = {
		"200", "200 none", "200 bad", "200 b", "200 hold", NULL
	};
	static const char *const actionv[] = {
		"ACK", "ACK hold", "ACK answer", "ACK same", "ACK b", "BYE",
		"BYE b", "tell ESTABLISHED", "tell MODIFIED", "tell ENDED",
		NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SESSION_UAC_0, statev, eventv,
		actionv, reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 80);
}


const struct test_case suite_session_ack_table[] = {
	{"RFC 3261 s13.2.2.4: each state of an INVITE of ours with each 2xx",
	 all_pairs},
	{NULL, NULL}
};
