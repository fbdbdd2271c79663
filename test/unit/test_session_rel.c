/**
 * @file test_session_rel.c  Sessions: RFC 3262, 3311, 3312, 4028
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define REL(n) "Require: 100rel\r\nRSeq: " #n "\r\n" SS_CONTACT SS_ALLOW
#define QOS(local, remote)						\
	"a=curr:qos local " local "\r\na=curr:qos remote " remote "\r\n" \
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"
#define CONF "a=conf:qos remote sendrecv\r\n"
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


/* ------------------------------------------------------------------ */
/* RFC 3312 */


/* RFC 3841 s9.1 */
static void mo_preconditions(void)
{
	unsigned n, u;

	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	n = ss_call(0);
	CHECK(rk_has(n, "a=curr:qos local none\r\na=curr:qos remote none\r\n"
		     "a=des:qos mandatory local sendrecv\r\n"
		     "a=des:qos optional remote sendrecv\r\n"));
	CHECK_STR(rk_hdr(n, "Request-Disposition"), "no-fork");
	CHECK_EQ(ss.reserves, 0);

	ss_answer(n, 183, REL(1), SS_SDP QOS("none", "none") CONF);
	CHECK(rk_is(ss_sent("PRACK"), "PRACK"));
	CHECK_EQ(ss.reserves, 1);
	CHECK_EQ(ss.reserve_id, session_id(ss.s));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	CHECK_EQ(ss_sent_count("UPDATE"), 0);

	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	u = ss_sent("UPDATE");
	CHECK(rk_has(u, "a=curr:qos local sendrecv\r\n"
		     "a=curr:qos remote none\r\n"));
	ss_answer(u, 200, SS_CONTACT, SS_SDP QOS("sendrecv", "sendrecv"));
	CHECK_EQ(ss.answers, 2);

	ss_answer(n, 180, REL(2), NULL);
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK_EQ(ss.releases, 0);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
	CHECK_EQ(ss.releases, 1);
}


/* s11: who has preconditions in a description has UPDATE, whether he says so or
   not; who says that he has not is believed */
static void mo_no_allow(void)
{
	static const char *const linesv[] = {
		"Require: 100rel\r\nRSeq: 1\r\n" SS_CONTACT,
		"Require: 100rel\r\nRSeq: 1\r\n" SS_CONTACT
		"Allow: INVITE, ACK, BYE, CANCEL, PRACK\r\n"
	};

	for (unsigned i = 0; i < 2; i++) {
		CHECK(ss_begin_qos(true));
		ss.reserve_silent = true;
		ss_answer(ss_call(0), 183, linesv[i],
			  SS_SDP QOS("none", "none") CONF);
		ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
		ue_qos_result(&rk.ue, ss.reserve_id, 0);
		rk_run(0);
		CHECK_EQ(ss_sent_count("UPDATE"), !i);
		CHECK_EQ(session_end(ss.s), 0);
		rk_run(0);
		ss_answer(ss.invite, 487, NULL, NULL);
		CHECK_STR(ss_end(), NULL);
	}
}


static void mo_told_in_prack(void)
{
	unsigned n, p;

	/* the port answers at once */
	CHECK(ss_begin_qos(true));
	n = ss_call(0);
	ss_answer(n, 183, REL(1), SS_SDP QOS("none", "none") CONF);
	p = ss_sent("PRACK");
	CHECK(rk_has(p, "a=curr:qos local sendrecv\r\n"));
	ss_answer(p, 200, NULL, SS_SDP QOS("sendrecv", "sendrecv"));
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void mo_peer_without(void)
{
	unsigned n;

	CHECK(ss_begin_qos(true));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss.reserves, 0);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	CHECK(!rk_has(rk_last(), "a=curr"));
	ss_answer(rk_last(), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 4032 s3.4 */
static void mo_resources_there(void)
{
	unsigned n;

	CHECK(ss_begin_qos(false));
	n = ss_call(0);
	CHECK(rk_has(n, "a=curr:qos local sendrecv\r\n"));
	ss_answer(n, 183, REL(1), SS_SDP QOS("sendrecv", "sendrecv"));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void mo_reservation_failed(void)
{
	unsigned n;

	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	n = ss_call(0);
	ss_answer(n, 183, REL(1), SS_SDP QOS("none", "none"));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	ue_qos_result(&rk.ue, ss.reserve_id, ENOMEM);
	rk_run(0);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	ss_answer(n, 487, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EBUSY);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3311 s5.3 */
static void mo_update_refused(void)
{
	unsigned n;

	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	n = ss_call(0);
	ss_answer(n, 183, REL(1), SS_SDP QOS("none", "none"));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);

	/* glare first, then a peer that is not ready for it (s5.2) */
	ss_answer(ss_sent("UPDATE"), 491, NULL, NULL);
	rk_run(4000);
	CHECK_EQ(ss_sent_count("UPDATE"), 2);
	ss_answer(ss_sent("UPDATE"), 500, "Retry-After: 7\r\n", NULL);
	rk_run(6900);
	CHECK_EQ(ss_sent_count("UPDATE"), 2);
	rk_run(100);
	CHECK_EQ(ss_sent_count("UPDATE"), 3);
	ss_answer(ss_sent("UPDATE"), 580, NULL, NULL);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	ss_answer(n, 487, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3312 s6: an UPDATE for which there is no room is sent later */
static void mo_update_no_room(void)
{
	struct sip_ctrans *ctv = NULL;
	uint8_t statev[UE_CTRANS_MAX];
	unsigned n, i;

	CHECK(ss_begin_qos(true));
	ctv = rk.ue.sip.ctransv;
	ss.reserve_silent = true;
	n = ss_call(0);
	ss_answer(n, 183, REL(1), SS_SDP QOS("none", "none"));
	ss_answer(ss_sent("PRACK"), 200, NULL, NULL);

	for (i = 0; i < UE_CTRANS_MAX; i++) {
		statev[i] = ctv[i].state;
		ctv[i].state = SIP_CT_CALLING;
	}
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	for (i = 0; i < UE_CTRANS_MAX; i++)
		ctv[i].state = statev[i];
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	rk_run(4000);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK(rk_has(ss_sent("UPDATE"), "a=curr:qos local sendrecv\r\n"));

	ss_answer(n, 200, SS_CONTACT, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* The call is forwarded, and the next one waits for our resources as well */
static void mo_forwarded(void)
{
	unsigned u;

	CHECK(ss_begin_qos(true));
	(void)ss_call(0);
	ss_answer_as(ss.invite, 183, "a", REL(1), SS_SDP QOS("none", "none"));
	CHECK(rk_has(ss_sent("PRACK"), "a=curr:qos local sendrecv\r\n"));
	ss_answer_as(ss.invite, 183, "b", REL(7), SS_SDP QOS("none", "none"));
	u = ss_sent("PRACK");
	CHECK(strstr(rk_hdr(u, "To"), ";tag=b"));
	CHECK(rk_has(u, "a=curr:qos local sendrecv\r\n"));
	CHECK_EQ(ss.reserves, 1);

	/* what the first one says now is nothing */
	ss_answer_as(ss_sent("PRACK") - 1, 488, "a", NULL, NULL);
	ss_answer_as(ss.invite, 183, "a", REL(1), SS_SDP QOS("none", "none"));
	CHECK_EQ(ss_sent_count("PRACK"), 2);
	CHECK_EQ(ss_sent_count("CANCEL"), 0);

	ss_answer_as(u, 200, "b", NULL, SS_SDP QOS("sendrecv", "sendrecv"));
	ss_answer_as(ss.invite, 200, "b", SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(ss_sent("BYE"), "CSeq"), "4 BYE");
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3261 s13.2.2.4: another branch has won while the first one was asked:
   what it answers says nothing of the session */
static void mo_update_other_branch(void)
{
	static const unsigned codev[] = {481, 200, 488, 491, 0};

	for (unsigned i = 0; i < 5; i++) {
		CHECK(ss_begin_qos(true));
		ss.reserve_silent = true;
		(void)ss_call(0);
		ss_answer_as(ss.invite, 183, "a", REL(1),
			     SS_SDP QOS("none", "none"));
		ss_answer_as(ss_sent("PRACK"), 200, "a", NULL, NULL);
		ue_qos_result(&rk.ue, ss.reserve_id, 0);
		rk_run(0);
		ss_answer_as(ss.invite, 200, "b", SS_CONTACT SS_ALLOW, SS_SDP);
		CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
		CHECK_EQ(session_hold(ss.s, true), 0);
		if (codev[i])
			ss_answer_as(ss_sent("UPDATE"), codev[i], "a",
				     SS_CONTACT, NULL);
		else
			rk_run(0);
		CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
		CHECK_EQ(ss_sent_count("INVITE"), 2);
		ss_answer_as(ss_sent("INVITE"), 200, "b", SS_CONTACT, SS_SDP);
		CHECK_EQ(ss_events(SESSION_MODIFIED), 1);
		CHECK_EQ(session_end(ss.s), 0);
		CHECK_STR(ss_end(), NULL);
	}
}


/* RFC 3312 s13.2; RFC 3312 s5.2, s7 */
static void mt_preconditions(void)
{
	unsigned n;

	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	n = ss_invite(CALLER, SS_SDP QOS("none", "none"));

	/* s5.1.1: not alerted before both sides are ready */
	CHECK_EQ(rk_status(n), 183);
	CHECK_STR(rk_hdr(n, "Require"), "100rel");
	CHECK(rk_has(n, "a=curr:qos local none\r\na=curr:qos remote none\r\n"
		     "a=des:qos mandatory local sendrecv\r\n"
		     "a=des:qos mandatory remote sendrecv\r\n"
		     "a=conf:qos remote sendrecv\r\n"));
	CHECK_EQ(ss.reserves, 1);
	CHECK_EQ(prack(NULL), 200);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);

	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);

	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("sendrecv", "none")),
		 200);
	CHECK(rk_has(ss_sent("200"), "a=curr:qos local sendrecv\r\n"
		     "a=curr:qos remote sendrecv\r\n"));
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	CHECK_EQ(ss_sent_count("180"), 1);

	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(ss_sent("200"), "Content-Length"), "0");
	(void)ss_request_cseq("ACK", 1, NULL, NULL);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3312 s7: the caller has asked: an offer as soon as the resources are
   there and the rules allow it (RFC 3311 s5.1: after the PRACK) */
static void mt_confirms(void)
{
	unsigned u;

	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none") CONF);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	CHECK_EQ(prack(NULL), 200);

	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	u = ss_sent("UPDATE");
	CHECK_STR(rk_hdr(u, "CSeq"), "1 UPDATE");
	CHECK_STR(rk_hdr(u, "Session-Expires"), "");
	CHECK(rk_has(u, "m=message 7654"));
	CHECK(rk_has(u, "a=curr:qos local sendrecv\r\n"
		     "a=curr:qos remote none\r\n"));

	/* its answer says that the caller is ready, too */
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("180"), 0);
	ss_answer(u, 200, SS_CONTACT, SS_SDP QOS("sendrecv", "sendrecv"));
	CHECK_EQ(ss.answers, 1);
	CHECK_EQ(ss.s->state, SESSION_ACCEPTED);
	(void)ss_request_cseq("ACK", 1, NULL, NULL);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* The caller is ready before us: told first, then alerted */
static unsigned confirming(const char *allow)
{
	if (!ss_begin_qos(true))
		return UINT_MAX;

	ss.reserve_silent = true;
	(void)ss_invite(allow, SS_SDP QOS("sendrecv", "none") CONF);
	(void)prack(NULL);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);

	return ss_sent("UPDATE");
}


static void mt_confirm_answers(void)
{
	/* the same once more, after the back-off: we are not the owner of the
	   Call-ID */
	CHECK(confirming(CALLER) != UINT_MAX);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 491);
	ss_answer(ss_sent("UPDATE"), 491, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
	rk_run(2000);
	CHECK_EQ(ss_sent_count("UPDATE"), 2);
	ss_answer(ss_sent("UPDATE"), 200, SS_CONTACT,
		  SS_SDP QOS("sendrecv", "sendrecv"));
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	CHECK_EQ(ss_sent_count("180"), 1);
	rk_run(60000);
	CHECK_EQ(ss_sent_count("180"), 2);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* RFC 3311 s5.3: as if nothing had been said.  The 180 says it (RFC
	   4032 s4) */
	CHECK(confirming(CALLER) != UINT_MAX);
	ss_answer(ss_sent("UPDATE"), 488, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	rk_run(10000);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* RFC 3261 s12.2.1.2: the caller has gone */
	CHECK(confirming(CALLER) != UINT_MAX);
	ss_answer(ss_sent("UPDATE"), 481, NULL, NULL);
	CHECK_EQ(ss_sent_count("480"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 481);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* there is no other way than UPDATE */
	CHECK_EQ(confirming("Allow: INVITE, ACK, BYE, PRACK\r\n"
			    "Supported: 100rel, precondition\r\n"), UINT_MAX);
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


/* The answer has said it, or nobody has asked */
static void mt_confirmed(void)
{
	CHECK(ss_begin_qos(true));
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none") CONF);
	CHECK_EQ(prack(SS_SDP QOS("none", "none") CONF), 200);
	CHECK(rk_has(ss_sent("200"), "a=curr:qos local sendrecv\r\n"));
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


/* The peer has answered before our resources are there, and waits for them */
static void mo_confirms_late(void)
{
	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	ss_answer(ss_call(0), 200, SS_CONTACT SS_ALLOW,
		  SS_SDP QOS("sendrecv", "none") CONF);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss.reserves, 1);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK(rk_has(ss_sent("UPDATE"), "a=curr:qos local sendrecv\r\n"));
	ss_answer(ss_sent("UPDATE"), 488, NULL, NULL);
	rk_run(10000);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
	CHECK_EQ(ss.eventc, 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void mt_told_in_prack(void)
{
	CHECK(ss_begin_qos(true));
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(SS_SDP QOS("sendrecv", "none")), 200);
	CHECK(rk_has(ss_sent("200"), "m=message 7654"));
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


/* s11: an offer without preconditions has none that could be waited for */
static void mt_given_up(void)
{
	CHECK(ss_begin_qos(true));
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(NULL), 200);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 200);
	CHECK(!rk_has(ss_sent("200"), "a=curr"));
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void mt_failed(void)
{
	/* refused at once */
	CHECK(ss_begin_qos(true));
	ss.reserve_err = ENOMEM;
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(NULL), 200);
	CHECK_EQ(ss_sent_count("580"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EBUSY);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* s11: what we do not know */
	CHECK(ss_begin_qos(true));
	CHECK_EQ(rk_status(ss_invite(CALLER, SS_SDP
		 "a=des:qos mandatory e2e sendrecv\r\n")), 580);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* no way to tell the caller */
	CHECK(ss_begin_qos(true));
	CHECK_EQ(rk_status(ss_invite(SS_ALLOW, SS_SDP QOS("none", "none"))),
		 421);
	CHECK_STR(rk_hdr(rk_last(), "Require"), "100rel");
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void mt_never_met(void)
{
	CHECK(ss_begin_qos(true));
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(NULL), 200);
	rk_run(127000);
	CHECK_EQ(ss_sent_count("580"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("580"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
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


/* ------------------------------------------------------------------ */
/* RFC 4028 */


/* RFC 4028 s7.1, s7.2 */
static void timer_uac(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\nRequire: timer\r\n",
		  SS_SDP);
	rk_run(499000);
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	rk_run(1000);
	n = ss_sent("UPDATE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "1000;refresher=uac");
	CHECK_STR(rk_hdr(n, "Content-Length"), "0");
	ss_answer(n, 200, SS_CONTACT "Session-Expires: 1000;refresher=uac\r\n",
		  NULL);
	CHECK_EQ(ss.eventc, 1);         /* none but ESTABLISHED */

	/* no answer: BYE before it expires (s10) */
	rk_run(500000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(129000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
}


static void timer_reinvite(void)
{
	unsigned n;

	/* the peer does not know UPDATE: the same description again */
	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n"
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(500000);
	CHECK(rk_is(rk_last(), "INVITE"));
	CHECK_STR(strstr(rk.sentv[rk_last()], "v=0"),
		  strstr(rk.sentv[n], "v=0"));
	ss_answer(rk_last(), 200, SS_CONTACT
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_EQ(ss.eventc, 1);

	/* refused: BYE at the end of the interval, less 32 s */
	rk_run(500000);
	ss_answer(rk_last(), 500, NULL, NULL);
	rk_run(467000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
}


static void timer_peer_refreshes(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 90;refresher=uas\r\n", SS_SDP);
	rk_run(59000);
	CHECK_EQ(ss_request("UPDATE", "Supported: timer\r\n"
			    "Session-Expires: 90;refresher=uac\r\n", NULL),
		 200);
	CHECK_STR(rk_hdr(rk_last(), "Session-Expires"), "90;refresher=uac");
	CHECK_STR(rk_hdr(rk_last(), "Require"), "timer");

	/* s10: min(32, 30) seconds before the end */
	rk_run(59000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 4028 s4, s5 */
static void timer_422(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 422, "Min-SE: 3600\r\n", NULL);
	n = ss_sent("INVITE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "3600");
	CHECK_STR(rk_hdr(n, "Min-SE"), "3600");
	CHECK_STR(rk_hdr(n, "CSeq"), "2 INVITE");
	CHECK_STR(rk_hdr(n, "Call-ID"), rk_hdr(ss.invite, "Call-ID"));
	CHECK(rk_has(n, "m=message 7654"));

	/* the same answer again is no help */
	ss_answer(n, 422, "Min-SE: 3600\r\n", NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 422);
	CHECK_STR(ss_end(), NULL);
}


static unsigned o_version(unsigned n)
{
	const char *o = strstr(rk.sentv[n], "o=- ");
	unsigned id, version = 0;

	if (!o || sscanf(o, "o=- %u %u", &id, &version) != 2)
		return 0;

	return version;
}


static void timer_uas(void)
{
	static const struct {
		const char *lines;
		const char *expires;
		const char *require;
	} casev[] = {
		/* s9, table 2 */
		{"Supported: timer\r\nSession-Expires: 300\r\n",
		 "300;refresher=uac", "timer"},
		{"Supported: timer\r\nSession-Expires: 300;refresher=uas\r\n",
		 "300;refresher=uas", ""},
		{"Session-Expires: 300\r\n", "300;refresher=uas", ""},
		{"Supported: timer\r\n", "", ""},
	};
	unsigned i, n;

	for (i = 0; i < 4; i++) {
		CHECK(ss_begin(NULL));
		ss.auto_accept = true;
		n = ss_invite(casev[i].lines, SS_SDP);
		CHECK_EQ(rk_status(n), 200);
		CHECK_STR(rk_hdr(n, "Session-Expires"), casev[i].expires);
		CHECK_STR(rk_hdr(n, "Require"), casev[i].require);
		ss_ack(NULL);
		rk_run(150000);
		CHECK_EQ(ss_sent_count("INVITE"),
			 strstr(casev[i].expires, "uas") ? 1 : 0);
		/* RFC 3264 s8: an offer after an answer is a new one */
		if (ss_sent_count("INVITE"))
			CHECK_EQ(o_version(ss_sent("INVITE")),
				 o_version(n) + 1);
		CHECK_EQ(session_end(ss.s), 0);
		CHECK_STR(ss_end(), NULL);
	}
}


/* What the INVITE has asked for is answered in its 2xx, whatever went on in the
   early dialog */
static void timer_uas_update(void)
{
	unsigned n;

	CHECK(ss_begin_qos(false));
	(void)ss_invite(CALLER "Session-Expires: 1800;refresher=uac\r\n",
			SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(NULL), 200);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("sendrecv", "none")),
		 200);
	CHECK_STR(rk_hdr(ss_sent("200"), "Session-Expires"), "");
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	n = ss_sent("200");
	CHECK_STR(rk_hdr(n, "CSeq"), "1 INVITE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "1800;refresher=uac");
	CHECK_STR(rk_hdr(n, "Require"), "timer");
	(void)ss_request_cseq("ACK", 1, NULL, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


const struct test_case suite_session_rel[] = {
	{"RFC 3262 s4: PRACK, in order, each once", uac_prack},
	{"RFC 3262 s5: the offer in the 1xx, the answer in PRACK",
	 uac_late_offer},
	{"RFC 3262 s4: branches are acknowledged apart", uac_forks},
	{"RFC 3262 s5: each branch has answered, the 2xx has no answer",
	 uac_forks_answered},
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
	{"RFC 3312 s13.1: we call with preconditions", mo_preconditions},
	{"RFC 3312 s11: UPDATE without Allow", mo_no_allow},
	{"RFC 3312 s6: resources are there when PRACK leaves",
	 mo_told_in_prack},
	{"RFC 3312 s5.1.2: a peer without preconditions", mo_peer_without},
	{"RFC 4032 s2: nothing to reserve", mo_resources_there},
	{"RFC 3312 s8: our reservation fails", mo_reservation_failed},
	{"RFC 3311 s5.1: UPDATE refused", mo_update_refused},
	{"RFC 3312 s6: no room for the UPDATE", mo_update_no_room},
	{"RFC 3312 s6: the call is forwarded: the next one is told, too",
	 mo_forwarded},
	{"RFC 3261 s13.2.2.4: UPDATE to a branch that has lost",
	 mo_update_other_branch},
	{"RFC 3312 s5.1.1: we are called with preconditions",
	 mt_preconditions},
	{"RFC 3312 s7: the caller wants to be told of our resources",
	 mt_confirms},
	{"RFC 3312 s7, RFC 3311 s5.3: it is told first; 491, 488, 481",
	 mt_confirm_answers},
	{"RFC 3312 s7: the answer has told the caller", mt_confirmed},
	{"RFC 3312 s7: the peer is told after its 200", mo_confirms_late},
	{"RFC 3262 s5: another offer in PRACK", mt_told_in_prack},
	{"RFC 3312 s11: the caller gives preconditions up", mt_given_up},
	{"RFC 3312 s8, s11: 580, 421", mt_failed},
	{"RFC 3312 s8: the caller is never ready", mt_never_met},
	{"RFC 3311 s5.2: UPDATE in early dialogs", update_rules},
	{"RFC 4028 s10: we refresh by UPDATE", timer_uac},
	{"RFC 4028 s7.4: we refresh by re-INVITE", timer_reinvite},
	{"RFC 4028 s10: the peer refreshes", timer_peer_refreshes},
	{"RFC 4028 s7.3: 422", timer_422},
	{"RFC 4028 s9: we are called: the refresher", timer_uas},
	{"RFC 4028 s9: an UPDATE without Session-Expires before the 2xx",
	 timer_uas_update},
	{NULL, NULL}
};
