/**
 * @file test_session_rel.c  Sessions: RFC 3262, RFC 3311
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define REL(n) "Require: 100rel\r\nRSeq: " #n "\r\n" SS_CONTACT SS_ALLOW
#define CALLER SS_ALLOW "Supported: 100rel, precondition, timer\r\n"


/* PRACK for the last 1xx we have sent */
static unsigned prack(const char *sdp)
{
	char text[100];
	unsigned n = ss_sent("183"), m = ss_sent("180");

	if (n == UINT_MAX || (m != UINT_MAX && m > n))
		n = m;
	snprintf(text, sizeof(text), "RAck: %s 1 INVITE\r\n",
		 rk_hdr(n, "RSeq"));

	return ss_request("PRACK", text, sdp);
}


/* ------------------------------------------------------------------ */
/* RFC 3262 */


static void uac_prack(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 183, REL(776) SS_RR, SS_SDP);
	CHECK(rk_is(rk_last(), "PRACK"));
	CHECK_STR(rk_hdr(rk_last(), "RAck"), "776 1 INVITE");
	CHECK_STR(rk_hdr(rk_last(), "CSeq"), "2 PRACK");
	CHECK(rk_hdr(rk_last(), "P-Access-Network-Info")[0]);
	CHECK_EQ(ss.answers, 1);
	ss_answer(rk_last(), 200, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 1);

	/* s4: a repetition, and one that is out of order, are nothing */
	ss_answer(n, 183, REL(776), SS_SDP);
	ss_answer(n, 180, REL(778), NULL);
	CHECK_EQ(ss_sent_count("PRACK"), 1);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 1);

	ss_answer(n, 180, REL(777), NULL);
	CHECK_EQ(ss_sent_count("PRACK"), 2);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 2);

	/* the first description counts: the one in the 200 is not looked at */
	ss.answer_err = EPROTO;
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 6141 s4.7: a reliable response says where to; one that is not, does
   not */
static void uac_target(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 180, "Contact: <sip:bob@192.0.2.61>\r\n", NULL);
	ss_answer(n, 180, "Contact: <sip:bob@192.0.2.62>\r\n", NULL);
	CHECK_STR(session_target(ss.s), "sip:bob@192.0.2.61");
	ss_answer(n, 183, REL(776) SS_RR, SS_SDP);
	CHECK(rk_has(ss_sent("PRACK"), "PRACK sip:bob@[2001:db8::9]:5090 "));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	ss_answer(n, 487, NULL, NULL);
	CHECK_STR(ss_end(), NULL);
}


static void uac_late_offer(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(SESSION_LATE_OFFER);
	ss_answer(n, 183, REL(1), SS_SDP);
	CHECK(rk_is(rk_last(), "PRACK"));
	CHECK_STR(rk_hdr(rk_last(), "Content-Type"), "application/sdp");
	CHECK(rk_has(rk_last(), "m=message 7654"));
	ss_answer(rk_last(), 200, NULL, NULL);
	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_STR(rk_hdr(rk_last(), "Content-Length"), "0");
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void uac_forks(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer_as(n, 183, "a", REL(5), SS_SDP);
	ss_answer_as(n, 183, "b", REL(900), SS_SDP);
	CHECK_EQ(ss_sent_count("PRACK"), 2);
	CHECK_STR(rk_hdr(rk_last(), "RAck"), "900 1 INVITE");
	CHECK(strstr(rk_hdr(rk_last(), "To"), ";tag=b"));

	/* again: no second PRACK */
	ss_answer_as(n, 183, "b", REL(900), SS_SDP);
	CHECK_EQ(ss_sent_count("PRACK"), 2);

	/* the other branch wins, with its answer */
	ss_answer_as(n, 200, "b", SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss.answers, 2);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);

	/* s12.2.1.1: the numbers of the branch grow */
	CHECK_STR(rk_hdr(ss_sent("BYE"), "CSeq"), "4 BYE");
	CHECK_STR(ss_end(), NULL);
}


/* s5: the answer was in the reliable response, the 2xx of that branch has none */
static void uac_forks_answered(void)
{
	static const char *const winnerv[] = {"a", "b", "c"};

	for (unsigned i = 0; i < 3; i++) {

		/* c is of nobody who has answered */
		CHECK(ss_begin(NULL));
		(void)ss_call(0);
		ss_answer_as(ss.invite, 183, "a", REL(5), SS_SDP);
		ss_answer_as(ss.invite, 183, "b", REL(900), SS_SDP);
		CHECK_EQ(ss.answers, 1);
		ss_answer_as(ss.invite, 200, winnerv[i], SS_CONTACT, NULL);
		CHECK_EQ(ss_events(SESSION_ESTABLISHED), i < 2);
		CHECK_EQ(ss.answers, i == 1 ? 2 : 1);
		CHECK_EQ(ss_sent_count("BYE"), i == 2);
		(void)session_end(ss.s);
		CHECK_STR(ss_end(), NULL);
	}
}


/* An offer of the branch that is followed is another description than the
   answer of the one that wins */
static void uac_forks_offered(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_call(0);
	ss_answer_as(ss.invite, 183, "net", REL(5), SS_SDP);
	ss_answer_as(ss.invite, 183, "b", REL(900), SS_SDP);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 200);
	ss_answer_as(ss.invite, 200, "b", SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	(void)session_end(ss.s);
	CHECK_STR(ss_end(), NULL);
}


/* The call is forwarded: who has rung first is not who answers */
static void uac_follows(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_call(0);
	ss_answer_as(ss.invite, 180, "a", SS_CONTACT, NULL);
	ss_answer_as(ss.invite, 183, "b", REL(900), SS_SDP);
	CHECK(strstr(rk_hdr(ss_sent("PRACK"), "To"), ";tag=b"));
	CHECK_EQ(ss.answers, 1);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 2);

	/* it has come again: acknowledged before */
	ss_answer_as(ss.invite, 183, "b", REL(900), SS_SDP);
	CHECK_EQ(ss_sent_count("PRACK"), 1);
	ss_answer_as(ss.invite, 200, "b", SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss.answers, 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void uac_prack_unusable(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 183, REL(1), "v=0\r\n");
	CHECK_EQ(ss_sent_count("PRACK"), 1);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	ss_answer(n, 487, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
	CHECK_STR(ss_end(), NULL);
}


/* TS 24.229 5.1.4.1 */
static void uas_required(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_invite(SS_ALLOW "Require: 100rel\r\n", SS_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_STR(rk_hdr(n, "Require"), "100rel");
	CHECK(strtoul(rk_hdr(n, "RSeq"), NULL, 10) >= 1);

	/* s3: the 2xx waits for the PRACK */
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("200"), 0);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void uas_prack(void)
{
	unsigned before;

	CHECK(ss_begin(NULL));
	(void)ss_invite(SS_ALLOW "Require: 100rel\r\n", SS_SDP);
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	before = ss_sent_count("200");

	/* s3: what does not match: 481 */
	CHECK_EQ(ss_request("PRACK", "RAck: 1 9 INVITE\r\n", NULL), 481);
	CHECK_EQ(ss_request("PRACK", NULL, NULL), 481);
	CHECK_EQ(ss_sent_count("200"), before);

	CHECK_EQ(prack(NULL), 200);
	CHECK_EQ(ss_sent_count("200"), before + 2);
	CHECK_EQ(ss.s->state, SESSION_ACCEPTED);
	CHECK_EQ(prack(NULL), 481);
	ss_request_cseq("ACK", 1, NULL, NULL);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* s3: a 1xx of the user waits, too; a final response does not wait for it */
static void uas_1xx_waits(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	(void)ss_invite(SS_ALLOW "Require: 100rel\r\n", SS_SDP);
	CHECK_EQ(session_reject(ss.s, 183), 0);
	rk_run(0);
	CHECK_EQ(session_reject(ss.s, 182), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("182") + ss_sent_count("183"), 0);
	CHECK_EQ(prack(NULL), 200);
	n = ss_sent("182");
	CHECK(n != UINT_MAX);
	CHECK_EQ(strtoul(rk_hdr(n, "RSeq"), NULL, 10),
		 strtoul(rk_hdr(ss_sent("180"), "RSeq"), NULL, 10) + 1);
	CHECK_EQ(ss_sent_count("183"), 0);

	/* that one is not acknowledged: accepted all the same, later */
	CHECK_EQ(session_reject(ss.s, 183), 0);
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss.s->state, SESSION_INCOMING);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* refused, or ended, while it waits */
	for (unsigned i = 0; i < 2; i++) {
		CHECK(ss_begin(NULL));
		(void)ss_invite(SS_ALLOW "Require: 100rel\r\n", SS_SDP);
		CHECK_EQ(session_reject(ss.s, 183), 0);
		rk_run(0);
		CHECK_EQ(i ? session_end(ss.s) : session_reject(ss.s, 603), 0);
		rk_run(0);
		CHECK_EQ(ss_sent_count(i ? "480" : "603"), 1);
		CHECK_EQ(ss_events(SESSION_ENDED), 1);
		ss_cancel();
		CHECK_STR(ss_end(), NULL);
	}
}


static void uas_no_prack(void)
{
	unsigned n, i;
	uint64_t t;

	CHECK(ss_begin(NULL));
	n = ss_invite(SS_ALLOW "Require: 100rel\r\n", SS_SDP);
	t = rk.at_msv[n];

	/* s3: T1 (2 s), doubling; after 64*T1 5xx */
	rk_run(127000);
	CHECK_EQ(ss_sent_count("180"), 7);
	for (i = 1; i < 7; i++) {
		do {
			++n;
		} while (rk_status(n) != 180);
		CHECK(rk.at_msv[n] - t == 2000ull * ((1u << i) - 1));
	}
	CHECK_EQ(ss_sent_count("504"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("504"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 504);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void uas_every_minute(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(ss_sent_count("180"), 1);
	rk_run(30000);
	CHECK_EQ(ss_request("UPDATE", NULL, NULL), 200);
	rk_run(31000);
	CHECK_EQ(ss_sent_count("180"), 2);
	rk_run(60000);
	CHECK_EQ(ss_sent_count("180"), 3);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void update_rules(void)
{
	/* RFC 3311 s5.2: before the first answer 500 with Retry-After */
	CHECK(ss_begin(NULL));
	(void)ss_invite(CALLER, SS_SDP);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 500);
	CHECK(rk_hdr(rk_last(), "Retry-After")[0]);
	CHECK_EQ(ss_request("UPDATE", NULL, NULL), 200);
	CHECK_STR(rk_hdr(rk_last(), "Content-Length"), "0");
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* as UAC, in the early dialog */
	CHECK(ss_begin(NULL));
	(void)ss_call(0);
	ss_answer(ss.invite, 183, REL(1), SS_SDP);
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP "a=sendonly\r\n"), 200);
	CHECK(rk_has(rk_last(), "a=recvonly"));
	ss_answer(ss.invite, 200, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


const struct test_case suite_session_rel[] = {
	{"RFC 3262 s4: PRACK, in order, each once", uac_prack},
	{"RFC 6141 s4.7: the target of a reliable response", uac_target},
	{"RFC 3262 s5: the offer in the 1xx, the answer in PRACK",
	 uac_late_offer},
	{"RFC 3262 s4: branches are acknowledged apart", uac_forks},
	{"RFC 3262 s5: each branch has answered, the 2xx has no answer",
	 uac_forks_answered},
	{"RFC 3262 s5: the answer of another branch, behind an UPDATE",
	 uac_forks_offered},
	{"RFC 3262 s4: the branch that answers is followed", uac_follows},
	{"RFC 3262 s5: an answer in a 1xx that cannot be used",
	 uac_prack_unusable},
	{"RFC 3262 s3: reliable when the peer requires it", uas_required},
	{"RFC 3262 s3: the 2xx waits for PRACK; one that does not match: 481",
	 uas_prack},
	{"RFC 3262 s3: a 1xx waits for the PRACK of the one before",
	 uas_1xx_waits},
	{"RFC 3262 s3: no PRACK: again, then 504", uas_no_prack},
	{"RFC 3261 s13.3.1.1: a 1xx every minute", uas_every_minute},
	{"RFC 3311 s5.2: UPDATE in early dialogs", update_rules},
	{NULL, NULL}
};
