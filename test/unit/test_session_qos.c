/**
 * @file test_session_qos.c  Preconditions: RFC 3312, RFC 4032
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
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


/* RFC 3311 s5.2: an offer that is refused has said nothing, not even that the
   caller is ready */
static void mt_refused(void)
{
	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none"));
	CHECK_EQ(prack(NULL), 200);
	ss.streams = 0;
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("sendrecv", "none")),
		 488);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 488);
	ss.streams = 1;
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("sendrecv", "none")),
		 200);
	CHECK(rk_has(ss_sent("200"), "a=curr:qos remote sendrecv\r\n"));
	CHECK_EQ(ss_events(SESSION_ALERT), 1);
	ss_cancel();
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


/* s7: what else the peer refuses is no answer to that */
static void mo_confirms_after_refusal(void)
{
	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	ss_answer(ss_call(0), 200, SS_CONTACT SS_ALLOW,
		  SS_SDP QOS("sendrecv", "none") CONF);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 488, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_MODIFY_FAILED), 1);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK(rk_has(ss_sent("UPDATE"), "a=curr:qos local sendrecv\r\n"));
	ss_answer(ss_sent("UPDATE"), 488, NULL, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* s8: a caller who is never ready, also behind a 491 */
static void mt_unmet_after_glare(void)
{
	CHECK(ss_begin_qos(true));
	ss.reserve_silent = true;
	(void)ss_invite(CALLER, SS_SDP QOS("none", "none") CONF);
	(void)prack(NULL);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	ss_answer(ss_sent("UPDATE"), 491, NULL, NULL);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("none", "none") CONF),
		 200);
	rk_run(140000);
	CHECK_EQ(ss_events(SESSION_ALERT), 0);
	CHECK(ss_sent_count("580") > 0);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
	ss_cancel();
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


const struct test_case suite_session_qos[] = {
	{"RFC 3312 s13.2: we call with preconditions", mo_preconditions},
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
	{"RFC 3311 s5.2: an offer that is refused says nothing", mt_refused},
	{"RFC 3312 s7: the caller wants to be told of our resources",
	 mt_confirms},
	{"RFC 3312 s7, RFC 3311 s5.3: it is told first; 491, 488, 481",
	 mt_confirm_answers},
	{"RFC 3312 s7: the answer has told the caller", mt_confirmed},
	{"RFC 3312 s7: the peer is told after its 200", mo_confirms_late},
	{"RFC 3312 s7: the peer is told, whatever else it has refused",
	 mo_confirms_after_refusal},
	{"RFC 3312 s8: 580 where nobody is ready after 491, either",
	 mt_unmet_after_glare},
	{"RFC 3262 s5: another offer in PRACK", mt_told_in_prack},
	{"RFC 3312 s11: the caller gives preconditions up", mt_given_up},
	{"RFC 3312 s8, s11: 580, 421", mt_failed},
	{"RFC 3312 s8: the caller is never ready", mt_never_met},
	{NULL, NULL}
};
