/**
 * @file test_session_change.c  Established sessions: hold, glare, the end,
 * Replaces (RFC 3261 14, 15, RFC 3264 8, RFC 3891)
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define ESTABLISHED(n)							\
	CHECK(ss_begin(NULL));						\
	const unsigned n = ss_established();				\
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED)

/** Only audio: nothing for the user of these tests */
#define AUDIO								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n"


/* ------------------------------------------------------------------ */
/* Hold, glare */


static void hold_and_resume(void)
{
	unsigned n;

	ESTABLISHED(first);
	CHECK_EQ(session_hold(ss.s, true), 0);
	CHECK_EQ(session_hold(ss.s, true), EPROTO);
	rk_run(0);
	n = rk_last();
	CHECK(rk_is(n, "INVITE"));
	CHECK(rk_has(n, "a=sendonly\r\n"));
	CHECK_STR(rk_hdr(n, "CSeq"), "2 INVITE");
	CHECK_STR(rk_hdr(n, "P-Preferred-Identity"), "");

	/* RFC 3264 s8: o= counts up by one, nothing else in it changes */
	const char *o1 = strstr(rk.sentv[first], "o=- ");
	const char *o2 = strstr(rk.sentv[n], "o=- ");
	unsigned id1, v1, id2, v2;
	CHECK(o1 && o2 && sscanf(o1, "o=- %u %u", &id1, &v1) == 2);
	CHECK_EQ(sscanf(o2, "o=- %u %u", &id2, &v2), 2);
	CHECK_EQ(id2, id1);
	CHECK_EQ(v2, v1 + 1);

	ss_answer(n, 200, SS_CONTACT, SS_SDP "a=recvonly\r\n");
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_STR(rk_hdr(rk_last(), "CSeq"), "2 ACK");
	CHECK_EQ(ss_events(SESSION_MODIFIED), 1);
	CHECK(!session_is_held(ss.s));

	CHECK_EQ(session_hold(ss.s, false), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "a=sendrecv\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_MODIFIED), 2);

	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void hold_refused(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(rk_last(), 488, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 1);
	CHECK_EQ(ss_event(SESSION_MODIFY_FAILED)->status, 488);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);

	/* as it was before: not on hold */
	CHECK_EQ(session_modify(ss.s), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "a=sendrecv\r\n"));

	/* s12.2.1.2 */
	ss_answer(rk_last(), 481, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 2);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	ss_answer(rk_last(), 481, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 481);
	CHECK_STR(ss_end(), NULL);
}


static void peer_holds(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(ss_request("INVITE", NULL, SS_SDP "a=sendonly\r\n"), 200);
	CHECK(rk_has(ss_sent("200"), "a=recvonly\r\n"));
	CHECK(session_is_held(ss.s));
	CHECK_EQ(ss_events(SESSION_CHANGED), 1);
	ss_ack(NULL);

	/* both hold */
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "a=inactive\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, SS_SDP "a=inactive\r\n");
	CHECK(session_is_held(ss.s));

	/* we resume, the peer does not */
	CHECK_EQ(session_hold(ss.s, false), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "a=recvonly\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, SS_SDP "a=sendonly\r\n");

	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 200);
	CHECK(rk_has(rk_last(), "a=sendrecv\r\n"));
	CHECK(!session_is_held(ss.s));
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void old_hold(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(ss_request("INVITE", NULL, SS_SDP "c=IN IP4 0.0.0.0\r\n"),
		 200);
	CHECK(session_is_held(ss.s));
	ss_ack(NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void glare(void)
{
	uint64_t wait;
	unsigned n, i;

	ESTABLISHED(first);
	(void)first;

	/* s14.2: ours is under way */
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	CHECK_EQ(ss_request("INVITE", NULL, SS_SDP), 491);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 491);

	/* s14.1: the owner of the Call-ID waits 2.1 to 4 s */
	for (i = 0; i < 4; i++) {
		ss_answer(n, 491, NULL, NULL);
		wait = rk.now_ms;
		rk_run(2099);
		CHECK_EQ(ss_sent("INVITE"), n);
		rk_run(1901);
		CHECK(ss_sent("INVITE") != n);
		n = ss_sent("INVITE");
		CHECK(rk.at_msv[n] - wait >= 2100 &&
		      rk.at_msv[n] - wait <= 4000);
	}

	ss_answer(n, 200, SS_CONTACT, SS_SDP "a=recvonly\r\n");
	CHECK_EQ(ss_events(SESSION_MODIFIED), 1);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 0);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* s14.2: the peer has not got our ACK yet, or answers another INVITE: Retry-After
   is 0 to 10 seconds then */
static void not_yet(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 500, "Retry-After: 0\r\n", NULL);
	rk_run(0);
	CHECK_EQ(ss_sent_count("INVITE"), 3);
	ss_answer(ss_sent("INVITE"), 500, "Retry-After: 10\r\n", NULL);
	rk_run(10000);
	CHECK_EQ(ss_sent_count("INVITE"), 4);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, SS_SDP "a=recvonly\r\n");
	CHECK_EQ(ss_events(SESSION_MODIFIED), 1);

	/* longer, or without: it is refused */
	CHECK_EQ(session_hold(ss.s, false), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 500, "Retry-After: 11\r\n", NULL);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 1);
	CHECK_EQ(session_hold(ss.s, false), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 500, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 2);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void glare_called(void)
{
	uint64_t wait;
	unsigned n;

	/* who has not made the Call-ID waits 0 to 2 s */
	CHECK(ss_begin(NULL));
	CHECK(ss_incoming());
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	CHECK_STR(rk_hdr(n, "CSeq"), "1 INVITE");
	ss_answer(n, 491, NULL, NULL);
	wait = rk.now_ms;
	rk_run(2000);
	CHECK(ss_sent("INVITE") != n);
	n = ss_sent("INVITE");
	CHECK(rk.at_msv[n] - wait <= 2000);

	/* given up after a while */
	for (unsigned i = 0; i < 10 && !ss_events(SESSION_MODIFY_FAILED);
	     i++) {
		ss_answer(ss_sent("INVITE"), 491, NULL, NULL);
		rk_run(2000);
	}
	CHECK_EQ(ss_event(SESSION_MODIFY_FAILED)->status, 491);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3262 s5: the answer to a re-INVITE may be in its reliable response; the
   2xx has none then */
static void reliable_answer(void)
{
	unsigned n;

	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	ss_answer(n, 183, "Require: 100rel\r\nRSeq: 9\r\n" SS_CONTACT,
		  SS_SDP "a=recvonly\r\n");
	CHECK_STR(rk_hdr(ss_sent("PRACK"), "RAck"), "9 2 INVITE");
	CHECK_STR(rk_hdr(ss_sent("PRACK"), "Content-Length"), "0");
	CHECK_EQ(ss.answers, 2);
	CHECK_EQ(ss_events(SESSION_MODIFIED), 0);
	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_MODIFIED), 1);
	CHECK_EQ(ss_sent_count("BYE"), 0);

	/* and what the 2xx has is not looked at */
	CHECK_EQ(session_hold(ss.s, false), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	ss_answer(n, 183, "Require: 100rel\r\nRSeq: 70\r\n" SS_CONTACT,
		  SS_SDP);
	ss_answer(n, 200, SS_CONTACT, AUDIO);
	CHECK_EQ(ss_events(SESSION_MODIFIED), 2);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* Third party call control: the peer has put us on hold, and now gives us to
   somebody else.  What we offer is our own wish */
static void reinvite_without_offer(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(ss_request("INVITE", NULL, SS_SDP "a=sendonly\r\n"), 200);
	ss_ack(NULL);
	CHECK_EQ(ss_events(SESSION_CHANGED), 1);
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ss_sent("200"), "a=sendrecv\r\n"));
	CHECK_EQ(ss_events(SESSION_CHANGED), 1);
	ss_ack(SS_SDP);
	CHECK_EQ(ss_events(SESSION_CHANGED), 2);
	CHECK(!session_is_held(ss.s));
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void reinvite_before_ack(void)
{
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(ss_request_cseq("INVITE", 2, NULL, SS_SDP), 500);
	CHECK(rk_hdr(rk_last(), "Retry-After")[0]);
	rk_run(0);
	ss_ack(NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void reinvite_before_answer(void)
{
	/* our offer was in the 2xx and waits for the answer in the ACK */
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, NULL);
	CHECK_EQ(ss_request_cseq("INVITE", 2, NULL, SS_SDP), 500);
	CHECK(rk_hdr(rk_last(), "Retry-After")[0]);
	CHECK_EQ(ss_request_cseq("UPDATE", 3, NULL, SS_SDP), 491);
	(void)ss_request_cseq("ACK", 1, NULL, SS_SDP);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void reinvite_refused(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(ss_request("INVITE", NULL, AUDIO), 488);
	CHECK_EQ(ss_request("INVITE", NULL, "v=0\r\n"), 400);
	CHECK_EQ(ss_request_cseq("UPDATE", 1, NULL, SS_SDP), 500);
	CHECK_EQ(ss_events(SESSION_CHANGED), 0);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);

	/* none: we make the offer */
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ss_sent("200"), "m=message 7654"));
	ss_ack(SS_SDP);
	CHECK_EQ(ss.answers, 2);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 6141 s4.6: where to is changed by a request that is accepted */
static void refused_target(void)
{
	static const char there[] = "sip:bob@[2001:db8::7]:5090";
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, "Contact: <sip:bob@[2001:db8::7]:5090>\r\n" SS_ALLOW
		  SS_RR, SS_SDP);
	CHECK_STR(session_target(ss.s), there);
	CHECK_EQ(ss_request("INVITE", NULL, AUDIO), 488);
	CHECK(rk_hdr(rk_last(), "Warning")[0]);
	CHECK_STR(session_target(ss.s), there);
	CHECK_EQ(ss_request("UPDATE", NULL, AUDIO), 488);
	CHECK_STR(session_target(ss.s), there);
	CHECK_EQ(ss_request("UPDATE", NULL, NULL), 200);
	CHECK_STR(session_target(ss.s), "sip:bob@[2001:db8::9]:5090");

	/* RFC 3261 s13.2.2.4: a 2xx that comes again earns its ACK, no more */
	ss_answer(n, 200, "Contact: <sip:bob@[2001:db8::7]:5090>\r\n" SS_ALLOW
		  SS_RR, SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 2);
	CHECK_STR(session_target(ss.s), "sip:bob@[2001:db8::9]:5090");
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* The end */


static void bye_crosses(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(ss_events(SESSION_ENDED), 0);
	ss_answer(ss_sent("BYE"), 481, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_STR(ss_end(), NULL);
}


static void bye_unanswered(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(127000);
	CHECK_EQ(ss_events(SESSION_ENDED), 0);
	CHECK_EQ(ss_request("UPDATE", NULL, NULL), 481);
	rk_run(2000);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_STR(ss_end(), NULL);
}


static void bye_during_hold(void)
{
	unsigned n;

	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 1);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	ss_answer(n, 487, NULL, NULL);
	CHECK_STR(ss_end(), NULL);
}


/* Nobody answers a re-INVITE whose session is over: it must not stay */
static void end_during_hold(void)
{
	unsigned n;

	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	ss_answer(n, 100, NULL, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("CANCEL"), 0);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	CHECK_STR(rk_hdr(ss_sent("CANCEL"), "CSeq"), "2 CANCEL");
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_STR(ss_end(), NULL);
}


static void deregister(void)
{
	ESTABLISHED(first);
	(void)first;
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);

	/* TS 24.229 5.1.1.6: dialogs first */
	CHECK(ss_sent("BYE") < ss_sent("REGISTER"));
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECONNABORTED);
	CHECK_STR(ss_end(), NULL);
}


static void registration_lost(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_sent("SUBSCRIBE");
	(void)ss_established();
	(void)rk_document(n, 2, rk_reginfo(1, true, RK_IMPU, "terminated",
					   "terminated", "rejected", NULL));
	rk_run(0);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECONNABORTED);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	CHECK_STR(ss_end(), NULL);
}


static void others(void)
{
	ESTABLISHED(first);
	(void)first;
	/* RFC 6665 s4.1.3: no subscription; RFC 3261 s11.2: as outside of
	   dialogs */
	CHECK_EQ(ss_request("NOTIFY", "Event: x\r\n", NULL), 481);
	CHECK_EQ(ss_request("OPTIONS", NULL, NULL), 200);
	CHECK(strstr(rk_hdr(rk_last(), "Allow"), "INVITE"));
	/* RFC 6665 s4.4.4: what we notify of */
	CHECK_STR(rk_hdr(rk_last(), "Allow-Events"), "refer");
	CHECK_EQ(ss_request("MESSAGE", NULL, NULL), 405);
	ss.request_taken = true;
	CHECK_EQ(ss_request("NOTIFY", "Event: x\r\n", NULL), 202);
	CHECK_EQ(ss_request("PRACK", "RAck: 1 1 INVITE\r\n", NULL), 481);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Replaces */


/* RFC 3891 s6.1 */
static void replaces(void)
{
	struct session *old;
	char text[400], own[300];
	const char *tag;

	ESTABLISHED(first);
	old = ss.s;
	CHECK_EQ(session_replaces(own, sizeof(own), old), 0);
	CHECK_EQ(session_replaces(own, 30, old), EOVERFLOW);
	CHECK_EQ(session_replaces(own, sizeof(own), old), 0);

	/* RFC 3891 s3: tags are named as the recipient sees them */
	tag = strstr(rk_hdr(first, "From"), ";tag=");
	snprintf(text, sizeof(text), "Replaces: %s;from-tag=net;to-tag=%s\r\n",
		 rk_hdr(first, "Call-ID"), tag + 5);
	ss.auto_accept = true;
	CHECK_EQ(rk_status(ss_invite(text, SS_SDP)), 200);
	CHECK(ss.s != old);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	ss_ack(NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 2);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(old->state, SESSION_ENDING);

	/* a session that ends: 603 */
	CHECK_EQ(rk_status(ss_invite(text, SS_SDP)), 603);
	ss_cancel();

	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3891 s3: an early dialog that its target has not begun cannot be */
static void replaces_early(void)
{
	char own[300];
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 180, SS_CONTACT, NULL);
	CHECK_EQ(session_replaces(own, sizeof(own), ss.s), EPROTO);
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(session_replaces(own, sizeof(own), ss.s), 0);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(session_replaces(own, sizeof(own), ss.s), EPROTO);
	CHECK_STR(ss_end(), NULL);

	/* that of the peer's own call */
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(session_replaces(own, sizeof(own), ss.s), 0);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void replaces_early_only(void)
{
	char text[400];
	const char *tag;

	ESTABLISHED(first);
	tag = strstr(rk_hdr(first, "From"), ";tag=");
	snprintf(text, sizeof(text), "Replaces: %s;early-only;from-tag=net;"
		 "to-tag=%s\r\n", rk_hdr(first, "Call-ID"), tag + 5);
	CHECK_EQ(rk_status(ss_invite(text, SS_SDP)), 486);
	ss_cancel();
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void replaces_misplaced(void)
{
	static const char one[] = "Replaces: a;from-tag=b;to-tag=c\r\n";
	char two[sizeof(one) * 2];

	ESTABLISHED(first);
	(void)first;
	snprintf(two, sizeof(two), "%s%s", one, one);
	CHECK_EQ(ss_request("OPTIONS", one, NULL), 400);
	CHECK_EQ(ss_request("OPTIONS", NULL, NULL), 200);
	CHECK_EQ(rk_status(ss_invite(two, SS_SDP)), 400);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


const struct test_case suite_session_change[] = {
	{"RFC 3264 s8.4: hold and resume", hold_and_resume},
	{"RFC 3261 s14.1: re-INVITE refused", hold_refused},
	{"RFC 3264 s8.4: the peer holds; both hold", peer_holds},
	{"RFC 3264 s8.4: hold by 0.0.0.0", old_hold},
	{"RFC 3261 s14: glare, we have called", glare},
	{"RFC 3261 s14.1: glare, we were called", glare_called},
	{"RFC 3261 s14.2: 500 with Retry-After: again later", not_yet},
	{"RFC 3262 s5: the answer to a re-INVITE in its 183",
	 reliable_answer},
	{"RFC 3261 s14.2: re-INVITE without offer, from hold to another peer",
	 reinvite_without_offer},
	{"RFC 3261 s14.2: INVITE before the ACK", reinvite_before_ack},
	{"RFC 3261 s14.2: INVITE before the answer in the ACK",
	 reinvite_before_answer},
	{"RFC 3261 s14.2: re-INVITE refused, re-INVITE without offer",
	 reinvite_refused},
	{"RFC 6141 s4.6: a refused re-INVITE, UPDATE: the target",
	 refused_target},
	{"RFC 3261 s15.1: both send BYE", bye_crosses},
	{"RFC 3261 s15.1.1: BYE unanswered", bye_unanswered},
	{"BYE of the peer while we hold", bye_during_hold},
	{"RFC 3261 s9.1: BYE while our hold has no final answer: CANCEL",
	 end_during_hold},
	{"TS 24.229 5.1.1.6: deregistration ends sessions", deregister},
	{"TS 24.229 5.1.1.7: registration ended by the network",
	 registration_lost},
	{"RFC 3261 s12.2.2: other requests in the dialog", others},
	{"RFC 3891 s3: Replaces", replaces},
	{"RFC 3891 s3: two of them, or in another request than INVITE: 400",
	 replaces_misplaced},
	{"RFC 3891 s3: early-only", replaces_early_only},
	{"RFC 3891 s3: what can be replaced there", replaces_early},
	{NULL, NULL}
};
