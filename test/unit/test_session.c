/**
 * @file test_session.c  Sessions: RFC 3261 9, 12-15, RFC 3264, TS 24.229 5.1.3,
 * 5.1.4
 *
 * Over 800 lines: all tests share one peer and its small helpers.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "ue/sip/core.h"
#include "test/unit/test.h"

/** Only audio: nothing for the user of these tests */
#define AUDIO								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n"


/* ------------------------------------------------------------------ */
/* Calling */


/* TS 24.229 6.1.2; RFC 3261 s12.3, RFC 3264 s5 */
static void invite(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);

	CHECK(rk_is(n, "INVITE"));
	CHECK(rk_has(n, "INVITE " SS_PEER " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "To"), "<" SS_PEER ">");
	CHECK_STR(rk_hdr(n, "Route"), "<sip:192.0.2.1:5060;lr>, "
		  "<sip:orig@scscf1.home1.net;lr>");
	CHECK_STR(rk_hdr(n, "P-Preferred-Identity"), "<" RK_IMPU ">");
	CHECK(rk_hdr(n, "P-Access-Network-Info")[0]);
	CHECK_STR(rk_hdr(n, "Supported"),
		  "100rel, gruu, norefersub, precondition, replaces, "
		  "tdialog, timer");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "1800");
	CHECK_STR(rk_hdr(n, "Referred-By"), "<sip:carol@x.net>");
	CHECK_STR(rk_hdr(n, "Content-Type"), "application/sdp");
	CHECK(rk_has(n, "s=-\r\nc=IN IP4 10.0.0.7\r\nt=0 0\r\n"
		     "m=message 7654 TCP/MSRP *\r\n"));
	CHECK(rk_has(n, "a=sendrecv\r\n"));
	CHECK(!rk_has(n, "a=curr"));

	ss_answer(n, 180, SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 1);
	CHECK_EQ(ss_event(SESSION_PROGRESS)->status, 180);
	CHECK_EQ(ss.s->state, SESSION_EARLY);

	ss_answer(n, 200, SS_CONTACT SS_RR, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss.answers, 1);

	/* RFC 3261 s13.2.2.4, s12.2.1.1 */
	n = ss_sent("ACK");
	CHECK(rk_has(n, "ACK sip:bob@[2001:db8::9]:5090 SIP/2.0"));
	CHECK_STR(rk_hdr(n, "Route"), "<sip:pcscf.home1.net;lr>, "
		  "<sip:scscf1.home1.net;lr>");
	CHECK_STR(rk_hdr(n, "CSeq"), "1 ACK");
	CHECK_STR(rk_hdr(n, "P-Access-Network-Info"), "");
	CHECK_STR(session_target(ss.s), "sip:bob@[2001:db8::9]:5090");

	/* the 2xx comes again */
	ss_answer(ss.invite, 200, SS_CONTACT SS_RR, SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 2);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);

	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	n = ss_sent("BYE");
	CHECK_STR(rk_hdr(n, "CSeq"), "2 BYE");
	CHECK(rk_hdr(n, "P-Access-Network-Info")[0]);
	CHECK_EQ(session_end(ss.s), EPROTO);
	ss_answer(n, 200, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	CHECK_STR(ss_end(), NULL);
}


static void refused_by(unsigned code, const char *lines,
		       uint32_t retry_after_s)
{
	CHECK(ss_begin(NULL));
	ss_answer(ss_call(0), code, lines, NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, code);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, 0);
	CHECK_EQ(ss_event(SESSION_ENDED)->retry_after_s, retry_after_s);
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3261 s8.1.3.4, s21.6 */
static void refused(void)
{
	refused_by(302, "Contact: <sip:else@x.net>\r\n", 0);
	refused_by(403, NULL, 0);
	refused_by(486, NULL, 0);
	refused_by(488, NULL, 0);
	refused_by(503, "Retry-After: 60\r\n", 60);
	refused_by(580, NULL, 0);
	refused_by(603, NULL, 0);
}


static void no_answer(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_call(0);
	rk_run(129000);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
	CHECK_STR(ss_end(), NULL);
}


static void late_offer(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(SESSION_LATE_OFFER);
	CHECK_STR(rk_hdr(n, "Content-Length"), "0");
	ss_answer(n, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	n = ss_sent("ACK");
	CHECK_STR(rk_hdr(n, "Content-Type"), "application/sdp");
	CHECK(rk_has(n, "m=message 7654"));
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);

	/* the same answer once more, o= unchanged */
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 2);
	CHECK_STR(strstr(rk.sentv[rk_last()], "v=0"),
		  strstr(rk.sentv[n], "v=0"));
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	/* an offer of which we want nothing: ACK, then BYE */
	CHECK(ss_begin(NULL));
	n = ss_call(SESSION_LATE_OFFER);
	ss_answer(n, 200, SS_CONTACT, AUDIO);
	CHECK_EQ(ss_sent_count("ACK"), 1);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
	CHECK_STR(ss_end(), NULL);
}


/* A 2xx that comes again gets the ACK that the first one got, whatever has
   become of the session */
static void late_offer_again(void)
{
	unsigned ack;

	CHECK(ss_begin(NULL));
	(void)ss_call(SESSION_LATE_OFFER);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	ack = ss_sent("ACK");

	/* it gives no memory back while it may be asked for */
	while (sip_ctrans_evict(&rk.ue.sip))
		;
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_STR(rk.sentv[rk_last()], rk.sentv[ack]);
	rk.sentc = rk_last();

	/* a hold is under way, and over */
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 2);
	CHECK_STR(rk.sentv[rk_last()], rk.sentv[ack]);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_MODIFIED), 1);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_STR(rk.sentv[rk_last()], rk.sentv[ack]);

	/* that to the hold has none of it */
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, SS_SDP);
	CHECK_STR(rk_hdr(rk_last(), "CSeq"), "2 ACK");
	CHECK_STR(rk_hdr(rk_last(), "Content-Length"), "0");

	/* the session ends */
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, SS_SDP);
	CHECK_STR(rk.sentv[rk_last()], rk.sentv[ack]);
	CHECK_EQ(ss.answers, 1);
	CHECK_STR(ss_end(), NULL);
}


static void bad_answer(void)
{
	static const char *const badv[] = {
		NULL, "v=0\r\n", SS_SDP "m=audio 1 RTP/AVP 0\r\n"
	};
	unsigned i, n;

	for (i = 0; i < 3; i++) {
		CHECK(ss_begin(NULL));
		ss_answer(ss_call(0), 200, SS_CONTACT, badv[i]);
		CHECK_EQ(ss_sent_count("ACK"), 1);
		CHECK_EQ(ss_sent_count("BYE"), 1);
		ss_answer(ss_sent("BYE"), 200, NULL, NULL);
		CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
		CHECK_STR(ss_end(), NULL);
	}

	/* the user does not like it */
	CHECK(ss_begin(NULL));
	ss.answer_err = EPROTO;
	ss_answer(ss_call(0), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);
	CHECK_STR(ss_end(), NULL);

	/* no Contact: there is nobody to send anything to */
	CHECK(ss_begin(NULL));
	ss_answer(ss_call(0), 200, NULL, SS_SDP);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
	CHECK_STR(ss_end(), NULL);

	/* RFC 3261 s13.2.2.4: but where the early dialog leads */
	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 180, SS_CONTACT, NULL);
	ss_answer(n, 200, "Contact: *\r\n", SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 1);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EPROTO);
	CHECK_STR(ss_end(), NULL);
}


static void multipart(void)
{
	unsigned n;
	const char *b;
	char text[200];

	CHECK(ss_begin(NULL));
	ss.parts = 1;
	n = ss_call(0);
	b = strstr(rk_hdr(n, "Content-Type"), "boundary=");
	CHECK(b);
	snprintf(text, sizeof(text), "\r\n--%s\r\nContent-Type: "
		 "application/resource-lists+xml\r\nContent-Disposition: "
		 "recipient-list\r\n\r\n<resource-lists/>\r\n--%s--\r\n",
		 b + 9, b + 9);
	CHECK(rk_has(n, text));
	CHECK(rk_has(n, "\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"));

	/* a re-INVITE has no such part (RFC 5366 s5.1) */
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(rk_last(), "Content-Type"), "application/sdp");
	ss_answer(rk_last(), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static void not_registered(void)
{
	struct session *s;

	memset(&ss, 0, sizeof(ss));
	rk_begin();
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(session_start(&s, &rk.ue.sessions, SS_PEER, &ss_user, 0,
			       NULL), EPROTO);
	CHECK_STR(rk_end(), NULL);

	CHECK(ss_begin(NULL));
	CHECK_EQ(session_start(&s, &rk.ue.sessions, "bob", &ss_user, 0,
			       NULL), EINVAL);
	CHECK_STR(ss_end(), NULL);
}


static void table_full(void)
{
	struct session *s;
	unsigned i, n;

	CHECK(ss_begin(NULL));
	for (i = 0; i < UE_SESSIONS_MAX; i++)
		CHECK_EQ(session_start(&s, &rk.ue.sessions, SS_PEER,
				       &ss_user, 0, NULL), 0);
	CHECK_EQ(session_start(&s, &rk.ue.sessions, SS_PEER, &ss_user, 0,
			       NULL), ENOMEM);
	n = ss_invite(NULL, SS_SDP);
	CHECK_EQ(rk_status(n), 486);
	CHECK_EQ(rk.ue.sessions.full, 1);
	/* RFC 3261 s11.2: the same */
	CHECK_EQ(rk_request("OPTIONS", NULL), 486);
	CHECK(strstr(rk_hdr(rk_last(), "Allow"), "INVITE"));
	CHECK_STR(ss_end(), NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), UE_SESSIONS_MAX);
}


/* ------------------------------------------------------------------ */
/* CANCEL */


static void cancel(void)
{
	unsigned n;

	/* RFC 3261 s9.1: not before a provisional response */
	CHECK(ss_begin(NULL));
	n = ss_call(0);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("CANCEL"), 0);
	ss_answer(n, 180, SS_CONTACT, NULL);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 0);
	ss_answer(ss_sent("CANCEL"), 200, NULL, NULL);
	ss_answer(n, 487, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 487);
	CHECK_STR(ss_end(), NULL);
}


static void cancel_crosses_2xx(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 180, SS_CONTACT, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("CANCEL"), 1);
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 1);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	CHECK_STR(ss_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Forking */


/* s13.2.2.1: an announcement is played by one branch while another one
   rings: the user is to know */
static void forked_1xx(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer_as(n, 183, "a", SS_CONTACT "Require: 100rel\r\nRSeq: 1\r\n",
		     SS_SDP);
	CHECK_EQ(ss_event(SESSION_PROGRESS)->status, 183);
	ss_answer_as(n, 180, "b", SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 2);
	CHECK_EQ(ss_event(SESSION_PROGRESS)->status, 180);
	ss_answer_as(n, 180, "c", SS_CONTACT "Require: 100rel\r\nRSeq: 9\r\n",
		     NULL);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 3);
	/* which is no news when it comes again */
	CHECK_EQ(ss_sent_count("PRACK"), 2);
	ss_answer_as(n, 180, "c", SS_CONTACT "Require: 100rel\r\nRSeq: 9\r\n",
		     NULL);
	CHECK_EQ(ss_events(SESSION_PROGRESS), 3);
	CHECK_EQ(ss_sent_count("PRACK"), 2);
	/* which one is followed is as before */
	ss_answer_as(n, 200, "a", SS_CONTACT, NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_STR(ss_end(), NULL);
}


/* s13.2.1: a gateway's announcement is heard, but messages wait for what
   counts; RFC 4855 s3: types in any case */
static void early_media(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 183, SS_CONTACT, AUDIO);
	CHECK_EQ(ss.answers, 1);
	ss_answer(n, 183, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss.answers, 1);
	ss_answer(n, 183, SS_CONTACT, "v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\n"
		  "s=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		  "m=Message 9000 TCP/MSRP *\r\n");
	CHECK_EQ(ss.answers, 1);
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss.answers, 2);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* s15.1.1: a connection that closes under the BYE: the network counts on */
static void bye_lost(void)
{
	struct sip_ctrans *ct;
	unsigned i;

	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(ss_sent_count("BYE"), i + 1);
		CHECK_EQ(ss_events(SESSION_ENDED), 0);
		for (ct = rk.ue.sip.ctransv; ct->state == SIP_CT_FREE ||
		     ct->method != SIP_METHOD_BYE; ct++)
			;
		ct->transport = UE_TRANSPORT_TCP;
		sip_ctrans_flow_lost(ct->hop, true, ECONNRESET);
		rk_run(0);
	}
	/* but not for ever */
	CHECK_EQ(ss_sent_count("BYE"), 2);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	CHECK_STR(ss_end(), NULL);
}


static void bye_again(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	(void)ss_established();
	bye_lost();

	/* whatever was tried before and did not work */
	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(500000);
	ss_answer(ss_sent("UPDATE"), 491, NULL, NULL);
	bye_lost();
}


/* s15.1.1: who has sent it has gone, whatever waits to be told */
static void bye_with_events(void)
{
	unsigned i;

	CHECK(ss_begin(NULL));
	(void)ss_established();
	for (i = 0; i < 2; i++) {
		while (ue_events_free(&rk.ue) > UE_EVENTS_RESERVE)
			(void)ue_event_new(&rk.ue, UE_EVENT_FLOW_FAILED);
		CHECK_EQ(ss_request(i ? "BYE" : "UPDATE", NULL, NULL),
			 i ? 200 : 503);
	}
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_STR(ss_end(), NULL);
}


static void forked_2xx(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer_as(n, 180, "a", SS_CONTACT, NULL);
	ss_answer_as(n, 180, "b", SS_CONTACT, NULL);

	/* the first 2xx counts, whoever rang first */
	ss_answer_as(n, 200, "b", SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK(strstr(rk_hdr(ss_sent("ACK"), "To"), ";tag=b"));

	ss_answer_as(n, 200, "a", "Contact: <sip:a@192.0.2.66>\r\n", SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 2);
	CHECK(strstr(rk_hdr(ss_sent("ACK"), "To"), ";tag=a"));
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK(rk_has(ss_sent("BYE"), "BYE sip:a@192.0.2.66 SIP/2.0"));
	CHECK(strstr(rk_hdr(ss_sent("BYE"), "To"), ";tag=a"));
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);

	/* it comes again: ACK, no second BYE */
	ss_answer_as(n, 200, "a", "Contact: <sip:a@192.0.2.66>\r\n", SS_SDP);
	CHECK_EQ(ss_sent_count("ACK"), 3);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
	CHECK_EQ(ss_events(SESSION_ENDED), 0);

	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK(strstr(rk_hdr(ss_sent("BYE"), "To"), ";tag=b"));
	CHECK_STR(ss_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Called */


/* TS 24.229 6.1.3 */
static void incoming(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_invite(NULL, SS_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_STR(rk_hdr(n, "RSeq"), "");
	CHECK(rk_hdr(n, "P-Access-Network-Info")[0]);
	CHECK_EQ(ss_events(SESSION_ALERT), 1);

	CHECK_EQ(session_accept(ss.s), 0);
	CHECK_EQ(session_accept(ss.s), EPROTO);
	CHECK_EQ(session_reject(ss.s, 486), EPROTO);
	rk_run(0);
	n = ss_sent("200");
	CHECK(rk_has(n, "m=message 7654 TCP/MSRP *\r\n"));
	CHECK(rk_hdr(n, "Contact")[0]);
	CHECK_STR(rk_hdr(n, "Record-Route"), "<sip:scscf1.home1.net;lr>, "
		  "<sip:pcscf.home1.net;lr>");
	CHECK(rk_hdr(n, "Allow")[0]);
	CHECK_EQ(ss.s->state, SESSION_ACCEPTED);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);

	ss_ack(NULL);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);

	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK(ss_event(SESSION_ENDED)->by_peer);
	CHECK_STR(ss_end(), NULL);
}


static void incoming_rejected(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(session_reject(ss.s, 200), EINVAL);
	CHECK_EQ(session_reject(ss.s, 100), EINVAL);
	CHECK_EQ(session_reject(ss.s, 183), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("183"), 1);
	CHECK_EQ(session_reject(ss.s, 603), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("603"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	ss_cancel();
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_STR(ss_end(), NULL);
}


static void incoming_cancelled(void)
{
	char to[200];
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_invite(NULL, SS_SDP);
	snprintf(to, sizeof(to), "%s", rk_hdr(n, "To"));
	ss_cancel();
	CHECK_EQ(ss_sent_count("487"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 487);
	/* s9.2: one To tag for all, the 200 to the CANCEL too */
	CHECK(strstr(to, ";tag="));
	CHECK_STR(rk_hdr(ss_sent("487"), "To"), to);
	CHECK_STR(rk_hdr(ss_sent("200"), "CSeq"), "1 CANCEL");
	CHECK_STR(rk_hdr(ss_sent("200"), "To"), to);
	CHECK(ss_event(SESSION_ENDED)->by_peer);
	CHECK_STR(ss_end(), NULL);
}


static void incoming_expired(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_invite("Expires: 30\r\n" SS_ALLOW, SS_SDP);
	CHECK_EQ(rk_status(n), 180);
	rk_run(29000);
	CHECK_EQ(ss_sent("487"), UINT_MAX);
	rk_run(2000);
	CHECK(ss_sent("487") != UINT_MAX);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 487);
	CHECK_STR(ss_end(), NULL);

	/* answered in time: it is over with that */
	CHECK(ss_begin(NULL));
	(void)ss_invite("Expires: 30\r\n" SS_ALLOW, SS_SDP);
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	ss_ack(NULL);
	rk_run(60000);
	CHECK_EQ(ss.s->state, SESSION_CONFIRMED);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);
}


static void incoming_bye_early(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(ss_sent_count("487"), 1);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);
}


static void incoming_refused(void)
{
	static const struct {
		const char *lines;
		const char *sdp;
		unsigned status;
	} casev[] = {
		{SS_ALLOW, "v=0\r\n", 400},
		{SS_ALLOW, AUDIO, 488},
		{"Replaces: x@y;to-tag=1;from-tag=2\r\n", SS_SDP, 481},
		{"Replaces: x@y\r\n", SS_SDP, 481},
		{"Session-Expires: 60\r\nSupported: timer\r\n", SS_SDP, 422},
		{"Require: answermode\r\n", SS_SDP, 420},
	};
	unsigned i;

	for (i = 0; i < sizeof(casev) / sizeof(casev[0]); i++) {
		CHECK(ss_begin(NULL));
		(void)ss_invite(casev[i].lines, casev[i].sdp);
		if (casev[i].status == 488) {
			/* the user has claimed it, but wants nothing of it */
			CHECK_EQ(session_accept(ss.s), 0);
			rk_run(0);
		}
		CHECK_EQ(rk_status(rk_last()), casev[i].status);
		ss_cancel();
		CHECK_STR(ss_end(), NULL);
	}

	CHECK(ss_begin(NULL));
	ss.no_claim = true;
	CHECK_EQ(rk_status(ss_invite(NULL, SS_SDP)), 488);
	ss_cancel();
	CHECK_EQ(ss.eventc, 0);
	CHECK_STR(ss_end(), NULL);
}


static void incoming_late_offer(void)
{
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	CHECK_EQ(rk_status(ss_invite(NULL, NULL)), 200);
	CHECK(rk_has(rk_last(), "m=message 7654"));
	ss_ack(SS_SDP);
	CHECK_EQ(ss.answers, 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	/* the ACK without the answer */
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, NULL);
	ss_ack(NULL);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);
	CHECK_STR(ss_end(), NULL);
}


static void no_ack(void)
{
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, SS_SDP);

	/* s15: no BYE before the ACK */
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(128000);
	CHECK(ss_sent_count("200") > 5);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	ss_answer(ss_sent("BYE"), 481, NULL, NULL);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
	CHECK_STR(ss_end(), NULL);

	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, SS_SDP);
	rk_run(129000);
	ss_answer(ss_sent("BYE"), 481, NULL, NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
	CHECK_STR(ss_end(), NULL);
}


/* s15: nor when we deregister; the ACK may come before that is over */
static void deregister_before_ack(void)
{
	bool ack;

	for (ack = false; ; ack = true) {
		CHECK(ss_begin(NULL));
		ss.auto_accept = true;
		(void)ss_invite(NULL, SS_SDP);
		CHECK_EQ(ue_deregister(&rk.ue), 0);
		rk_run(0);
		CHECK_EQ(ss_sent_count("BYE"), 0);
		if (ack) {
			ss_ack(NULL);
			CHECK_EQ(ss_sent_count("BYE"), 1);
		}
		rk_answer(ss_sent("REGISTER"), 200, NULL);
		rk_run(0);
		CHECK_EQ(ss_sent_count("BYE"), ack);
		CHECK_EQ(ss_events(SESSION_ENDED), 1);
		CHECK_EQ(ss_event(SESSION_ENDED)->err, ECONNABORTED);
		CHECK_STR(ss_end(), NULL);
		if (ack)
			break;
	}
}


static void end_before_ack(void)
{
	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	ss_ack(NULL);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 0);
	CHECK_STR(ss_end(), NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ECANCELED);
}


static void merged(void)
{
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	ss_ack(NULL);

	/* as if its transaction had given way: the branch is another one */
	rk_run(129000);
	CHECK_EQ(rk_status(ss_invite_again(NULL, SS_SDP)), 482);
	CHECK_EQ(ss.claims, 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	/* s8.1.3.5: another attempt of a caller whose CANCEL was lost */
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	++ss.cseq;
	CHECK_EQ(rk_status(ss_invite_again(NULL, SS_SDP)), 180);
	CHECK_EQ(ss.claims, 2);
}


/* Take all room of the SIP core's store, or give it back */
static void blocks(bool take)
{
	static struct sip_stored v[2];
	struct sip_store *st = &rk.ue.sip.store;

	sip_store_free(st, &v[0]);
	sip_store_free(st, &v[1]);
	if (!take)
		return;

	/* what may be given up goes first */
	while (st->evict(st->arg))
		;
	(void)sip_store_alloc_most(&v[0], st, 1, UE_SIP_STORE);
	(void)sip_store_alloc_most(&v[1], st, 1, UE_SIP_STORE);
}


static void no_blocks(void)
{
	struct session *s;

	/* an INVITE that waits is refused all the same */
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	blocks(true);
	CHECK_EQ(session_reject(ss.s, 603), 0);
	rk_run(0);
	CHECK_EQ(ss_sent_count("603"), 1);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	blocks(false);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* the 200 takes the place of the INVITE and of its 180 */
	CHECK(ss_begin(NULL));
	(void)ss_invite(NULL, SS_SDP);
	blocks(true);
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss.s->state, SESSION_ACCEPTED);
	blocks(false);
	ss_ack(NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	/* a new one is refused where nothing gives way */
	CHECK(ss_begin(NULL));
	blocks(true);
	CHECK_EQ(rk_status(ss_invite(NULL, SS_SDP)), 503);
	CHECK_EQ(ss.claims, 0);
	blocks(false);
	CHECK_STR(ss_end(), NULL);

	/* no dialog can be made, or nothing be sent in it */
	CHECK(ss_begin(NULL));
	blocks(true);
	CHECK_EQ(session_start(&s, &rk.ue.sessions, SS_PEER, &ss_user, 0,
			       NULL), ENOMEM);
	blocks(false);
	CHECK_EQ(session_start(&s, &rk.ue.sessions, SS_PEER, &ss_user, 0,
			       NULL), 0);
	blocks(true);
	rk_run(0);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ENOMEM);
	blocks(false);
	CHECK_STR(ss_end(), NULL);

	/* hold is given up, a BYE ends the session here at least */
	CHECK(ss_begin(NULL));
	(void)ss_established();
	blocks(true);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	CHECK_EQ(ss_event(SESSION_MODIFY_FAILED)->err, ENOMEM);
	CHECK_EQ(session_end(ss.s), 0);
	rk_run(0);
	CHECK_EQ(ss_events(SESSION_ENDED), 1);
	blocks(false);
	CHECK_STR(ss_end(), NULL);
}


const struct test_case suite_session[] = {
	{"RFC 3261 s13.2: INVITE, 180, 200, ACK, BYE", invite},
	{"RFC 3261 s13.2.2: refused by 3xx to 6xx", refused},
	{"RFC 3261 s17.1.1.2: INVITE unanswered", no_answer},
	{"RFC 3264 s4: the offer in the 2xx, the answer in the ACK",
	 late_offer},
	{"RFC 3261 s13.2.2.4: the ACK with the answer is the same each time",
	 late_offer_again},
	{"RFC 3264 s6: an answer that cannot be used", bad_answer},
	{"RFC 5366 s4: multipart INVITE", multipart},
	{"session_start() without registration, without URI", not_registered},
	{"RFC 3261 s8.2.2.2: the same INVITE again is no other session",
	 merged},
	{"all sessions are taken: ENOMEM, 486", table_full},
	{"no blocks are free: refusals leave, the rest is given up",
	 no_blocks},
	{"RFC 3261 s9.1: CANCEL", cancel},
	{"RFC 3261 s9.1: CANCEL crosses the 2xx", cancel_crosses_2xx},
	{"RFC 3261 s13.2.2.1: another branch rings", forked_1xx},
	{"RFC 3261 s13.2.1: early media, but no early messages", early_media},
	{"RFC 3261 s13.2.2.4: forked INVITE", forked_2xx},
	{"RFC 3261 s15.1.1: BYE once more on another connection", bye_again},
	{"RFC 3261 s15.1.1: BYE while many events wait", bye_with_events},
	{"RFC 3261 s13.3.1: INVITE from the network", incoming},
	{"RFC 3261 s13.3.1.3: rejected", incoming_rejected},
	{"RFC 3261 s9.2: cancelled", incoming_cancelled},
	{"RFC 3261 s13.3.1: an invitation expires", incoming_expired},
	{"RFC 3261 s15.1.2: BYE before the answer", incoming_bye_early},
	{"INVITEs that are refused", incoming_refused},
	{"RFC 3264 s4: our offer in the 2xx, the answer in the ACK",
	 incoming_late_offer},
	{"RFC 3261 s13.3.1.4: no ACK", no_ack},
	{"RFC 3261 s15: BYE only after the ACK", end_before_ack},
	{"RFC 3261 s15: BYE only after the ACK, deregistering",
	 deregister_before_ack},
	{NULL, NULL}
};
