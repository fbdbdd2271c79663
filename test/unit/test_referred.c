/**
 * @file test_referred.c  A REFER to us: joining a conference after being asked
 * (TS 24.147 5.3.1.4.2, RFC 3515 2.4, RFC 6665 4.2)
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"


/* A REFER of Bob's, its NOTIFY 100 is answered.  Its number */
static unsigned bob_refers(void)
{
	unsigned n;

	if (!ck_begin(NULL) ||
	    ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
		       "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL) != 202)
		return UINT_MAX;

	n = ck_sent("NOTIFY");
	ck_answer(n, 200, NULL, NULL, NULL, NULL);

	return n;
}


static unsigned subscribe_refer(unsigned n, const char *lines)
{
	return ck_request(n, "b", "SUBSCRIBE", lines, NULL, NULL);
}


/* A call is transferred: the target is no conference, which harms nobody */
static void test_referred_call(void)
{
	CHECK(bob_refers() != UINT_MAX);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 200, "314159", "Contact: <sip:dave@"
		  "192.0.2.50>\r\n", "application/sdp", CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK_STR(ue_conf_uri(ck.conf), "sip:dave@192.0.2.50");
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 200 OK\r\n"));
	/* who has no state is not asked for it */
	CHECK(!rk_has(ck_sent("SUBSCRIBE"), "Event: conference"));
	CHECK_EQ(ck_sent_count("BYE"), 0);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3515 s3.4, s3.6 */
static void test_referred_subscribe(void)
{
	unsigned n = bob_refers(), ok;

	/* refreshed: not for longer than we want */
	CHECK(n != UINT_MAX);
	CHECK_EQ(subscribe_refer(n, "Contact: <" BOB ">\r\n"
				 "Event: refer;id=1\r\nExpires: 3600\r\n"),
		 200);
	ok = ck_sent("SIP/2.0 200");
	CHECK_STR(rk_hdr(ok, "Expires"), "300");
	CHECK(rk_hdr(ok, "Contact")[0]);
	CHECK(ck_sent("NOTIFY") > ok);
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "active;expires=300");
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	rk_run(100000);
	CHECK_EQ(subscribe_refer(n, "Event: refer;id=1\r\nExpires: 60\r\n"),
		 200);
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 100 Trying\r\n"));
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "active;expires=60");

	/* ended while a NOTIFY is under way: it comes when that is answered.
	   What was asked for goes on */
	CHECK_EQ(subscribe_refer(n, "Event: refer\r\nExpires: 0\r\n"), 200);
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "active;expires=60");
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "terminated;reason=timeout");
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(subscribe_refer(n, "Event: refer\r\nExpires: 60\r\n"), 403);
	n = ck_sent_count("NOTIFY");
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 200, "314159", CK_CONTACT,
		  "application/sdp", CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK_EQ(ck_sent_count("NOTIFY"), n);
	CHECK_STR(ck_end(), NULL);

	/* a REFER alone begins one; RFC 6665 7.2: 489 */
	n = bob_refers();
	CHECK_EQ(subscribe_refer(n, "Event: refer;id=7\r\n"), 403);
	CHECK_EQ(subscribe_refer(UINT_MAX, "Event: refer\r\n"), 403);
	CHECK_EQ(subscribe_refer(n, "Event: presence\r\n"), 489);
	CHECK_STR(rk_hdr(ck_sent("SIP/2.0 489"), "Allow-Events"), "refer");
	CHECK_EQ(subscribe_refer(n, ""), 489);
	ck.cseq = UINT_MAX;
	CHECK_EQ(subscribe_refer(n, "Event: refer\r\n"), 500);
	CHECK_STR(ck_end(), NULL);
}


static void test_referred_unheard(void)
{
	/* RFC 6665 4.2.2: nobody listens: the outcome, which waited, is the
	   end all the same */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL), 202);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_EQ(ck_sent_count("NOTIFY"), 1);
	CHECK(rk.ue.refers.inv[0].used);
	ck_answer(ck_sent("NOTIFY"), 481, NULL, NULL, NULL, NULL);
	CHECK_EQ(ck_sent_count("NOTIFY"), 1);
	CHECK(!rk.ue.refers.inv[0].used);
	CHECK_STR(ck_end(), NULL);
}


static void test_referred_expired(void)
{
	unsigned n = bob_refers();

	rk_run(299000);
	CHECK_EQ(ck_sent("NOTIFY"), n);
	rk_run(2000);
	CHECK_EQ(ck_sent_count("NOTIFY"), 2);
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "terminated;reason=timeout");
	CHECK_STR(ck_end(), NULL);
}


/* RFC 6665 4.2.2: an answer that may be another one soon ends nothing */
static void test_referred_busy(void)
{
	CHECK(ck_begin(NULL));
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL), 202);
	ck_answer(ck_sent("NOTIFY"), 503, NULL, "Retry-After: 5\r\n", NULL,
		  NULL);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 200, "314159", CK_CONTACT,
		  "application/sdp", CK_SDP);
	CHECK_EQ(ck_sent_count("NOTIFY"), 2);
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 200 OK\r\n"));
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK_STR(ck_end(), NULL);
}


/** Bob's call is accepted; his ACK is missing */
static bool bob_calls(void)
{
	if (!ck_begin(NULL))
		return false;
	(void)ck_invite("Contact: <" BOB ">\r\n", CK_SDP);
	if (ue_session_accept(&rk.ue, rk_event(UE_EVENT_SESSION_INCOMING)
			      ->session))
		return false;
	rk_run(0);

	return true;
}


/* The ACK is lost, or slower than the REFER */
static void test_referred_no_ack(void)
{
	CHECK(bob_calls());
	CHECK_EQ(ck_in_invite("REFER", "Contact: <" BOB ">\r\n"
			      "Refer-To: <" CK_FOCUS ">\r\n"), 202);
	CHECK_STR(ck_end(), NULL);
}


/* The call ends in which the REFER came: what was asked for goes on, and the
   subscription in that dialog, too (RFC 6665 4.5.2) */
static void test_referred_call_over(void)
{
	char id[100];
	unsigned n, i;

	for (i = 0; i < 2; i++) {
		CHECK(bob_calls());
		(void)ck_in_invite("ACK", NULL);
		CHECK_EQ(ck_in_invite("REFER", "Contact: <" BOB ">\r\n"
				      "Refer-To: <" CK_FOCUS ">\r\n"
				      "Referred-By: <" BOB ">\r\n"), 202);
		n = ck_sent("NOTIFY");
		snprintf(id, sizeof(id), "%s", rk_hdr(n, "Call-ID"));
		ck_answer(n, 200, NULL, NULL, NULL, NULL);
		if (i) {
			CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
			rk_run(0);
		}
		CHECK_EQ(ck_in_invite("BYE", NULL), 200);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);

		/* another call in the place of the first is not told of it */
		(void)ck_invite("Contact: <sip:dave@home4.net>\r\n", CK_SDP);
		if (!i) {
			CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
			rk_run(0);
		}
		CHECK_STR(rk_hdr(ck_sent("INVITE"), "Referred-By"),
			  "<" BOB ">");
		ck_answer(ck_sent("INVITE"), 200, "314159", CK_CONTACT,
			  "application/sdp", CK_SDP);
		CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
		n = ck_sent("NOTIFY");
		CHECK(rk_has(n, "SIP/2.0 200 OK\r\n"));
		CHECK_STR(rk_hdr(n, "Call-ID"), id);
		ck_answer(n, 200, NULL, NULL, NULL, NULL);
		CHECK_EQ(rk.ue.refers.dlgv[0].state, SIP_DIALOG_NONE);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 3261 8.1.3.4: nowhere to go: not to who has referred us */
static void test_referred_moved(void)
{
	CHECK(bob_refers() != UINT_MAX);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 302, "314159", NULL, NULL, NULL);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->status, 302);
	CHECK_STR(rk_event(UE_EVENT_CONF_FAILED)->text, "Moved Temporarily");
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3892 s2.2, RFC 3515 s2.4.7 */
static void test_referred(void)
{
	unsigned n, i;

	/* 5.3.1.4.2: REFER, 202, NOTIFY 100, consent, INVITE with
	   Referred-By, NOTIFY 200 */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ";method=INVITE>\r\n"
			    "Referred-By: <" BOB ">;cid=\"1@x\"\r\n", NULL,
			    NULL), 202);
	n = ck_sent("NOTIFY");
	CHECK_STR(rk_hdr(n, "Event"), "refer;id=1");
	CHECK_STR(rk_hdr(n, "Subscription-State"), "active;expires=300");
	CHECK_STR(rk_hdr(n, "Content-Type"), "message/sipfrag;version=2.0");
	CHECK(rk_has(n, "\r\n\r\nSIP/2.0 100 Trying\r\n"));
	ck_answer(n, 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 1);
	CHECK_STR(ue_conf_inviter(ck.conf), BOB);
	CHECK_EQ(ck_sent_count("INVITE"), 0);

	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	/* RFC 3261 s19.1.5 */
	CHECK(rk_has(n, "INVITE " CK_FOCUS " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Referred-By"), "<" BOB ">;cid=\"1@x\"");
	ck_answer(n, 200, "314159", CK_CONTACT, "application/sdp", CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	i = ck_sent("NOTIFY");
	CHECK_STR(rk_hdr(i, "Subscription-State"),
		  "terminated;reason=noresource");
	CHECK(rk_has(i, "\r\n\r\nSIP/2.0 200 OK\r\n"));
	ck_answer(i, 200, NULL, NULL, NULL, NULL);
	CHECK_STR(ck_end(), NULL);

	/* declined: the INVITE was never sent */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL), 202);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 603 Decline\r\n"));
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(ck_sent_count("INVITE"), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 4538 s4: consent is asked for, whatever dialog is named */
static void test_referred_tdialog(void)
{
	static const char *const targetv[] = {
		"in1;local-tag=1;remote-tag=2",
		"unknown;local-tag=1;remote-tag=2", "none"
	};
	char lines[300];
	unsigned i;

	for (i = 0; i < 3; i++) {
		CHECK(bob_calls());
		(void)ck_in_invite("ACK", NULL);
		snprintf(lines, sizeof(lines), "Contact: <" BOB ">\r\n"
			 "Refer-To: <" CK_FOCUS ">\r\nRequire: tdialog\r\n"
			 "Target-Dialog: %s\r\n", targetv[i]);
		CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", lines, NULL,
				    NULL), 202);
		CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 1);
		CHECK_EQ(ck_sent_count("INVITE"), 0);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 3325 9.1: who refers us is who the network says that it is; Referred-By
   is his own word */
static void test_referred_inviter(void)
{
	static const struct {
		const char *lines;
		const char *inviter;
	} v[] = {
		{"Referred-By: <sip:boss@home1.net>\r\n"
		 "P-Asserted-Identity: <sip:mallory@home2.net>, "
		 "<tel:+15550166>\r\n", "sip:mallory@home2.net"},
		{"Referred-By: <sip:boss@home1.net>\r\n",
		 "sip:boss@home1.net"},
		{"", BOB},
		/* what finds no room says nothing */
		{"Referred-By: <sip:"
		 "0123456789012345678901234567890123456789"
		 "0123456789012345678901234567890123456789"
		 "0123456789012345678901234567890123456789"
		 "0123456789012345678901234567890123456789@x>\r\n", BOB},
	};
	char lines[500];

	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(ck_begin(NULL));
		snprintf(lines, sizeof(lines), "Contact: <" BOB ">\r\n"
			 "Refer-To: <" CK_FOCUS ">\r\n%s", v[i].lines);
		CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", lines, NULL,
				    NULL), 202);
		CHECK_STR(ue_conf_inviter(ck.conf), v[i].inviter);
		CHECK_STR(ck_end(), NULL);
	}
}


static void test_referred_unanswered(void)
{
	/* RFC 3261 8.1.3.1: no answer is told as 408 */
	CHECK(bob_refers() != UINT_MAX);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(130000);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 408 Request Timeout\r\n"));
	CHECK_STR(rk_hdr(ck_sent("NOTIFY"), "Subscription-State"),
		  "terminated;reason=noresource");
	CHECK_STR(ck_end(), NULL);
}


static void test_referred_wrong(void)
{
	static const struct {
		const char *refer_to;
		unsigned status;
	} v[] = {
		{"", 400}, {"Refer-To: <x\r\n", 400},
		{"Refer-To: <" BOB ">\r\nRefer-To: <" BOB ">\r\n", 400},
		{"Refer-To: <" BOB ">, <" BOB ">\r\n", 400},
		{"Refer-To: <" BOB ";method=BYE>\r\n", 403},
		{"Refer-To: <" BOB "?Replaces=a>\r\n", 403},
		{"Refer-To: <http://x.net/>\r\n", 416},
	};
	char lines[300];
	unsigned i;

	CHECK(ck_begin(NULL));
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(lines, sizeof(lines), "Contact: <" BOB ">\r\n%s",
			 v[i].refer_to);
		CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", lines, NULL,
				    NULL), v[i].status);
	}
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);

	/* RFC 4488 4: without a subscription */
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\nRefer-Sub: false\r\n"
			    "Require: norefersub\r\n", NULL, NULL), 202);
	CHECK_STR(rk_hdr(rk_last(), "Refer-Sub"), "false");
	CHECK_EQ(ck_sent_count("NOTIFY"), 0);
	CHECK_STR(ck_end(), NULL);
}


/* The port stays open for a while: for what has begun before */
static void test_not_registered(void)
{
	CHECK(ck_begin(NULL));
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED, UINT32_MAX);
	rk_run(0);
	CHECK(!ue_reg_info(&rk.ue)->registered);
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL), 480);
	CHECK_EQ(rk_status(ck_invite(CK_CONTACT, CK_SDP)), 480);
	CHECK_EQ(ck_request(UINT_MAX, "b", "OPTIONS", NULL, NULL, NULL), 480);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);
	rk_run(200000);
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_referred[] = {
	{"TS 24.147 5.3.1.4.2: join after a REFER", test_referred},
	{"RFC 3515 2.4.5: the INVITE finds no answer",
	 test_referred_unanswered},
	{"RFC 3325 9.1: who refers us", test_referred_inviter},
	{"RFC 4538 s4: a REFER beside the dialog that it names",
	 test_referred_tdialog},
	{"RFC 3515 2.4.4: a REFER to who is no focus", test_referred_call},
	{"RFC 3515 2.4.2: REFERs that are not followed",
	 test_referred_wrong},
	{"RFC 3515 2.4.4, RFC 6665 4.2.1.4: the subscription of a REFER to us "
	 "is refreshed and ended", test_referred_subscribe},
	{"RFC 6665 4.2.1.4: nobody refreshes it", test_referred_expired},
	{"RFC 6665 4.2.2: nobody listens to it", test_referred_unheard},
	{"RFC 6665 4.2.2: a NOTIFY is refused for now", test_referred_busy},
	{"RFC 3261 12.2.2: a REFER before the ACK", test_referred_no_ack},
	{"RFC 3515 2.4.4: the call ends in which the REFER came",
	 test_referred_call_over},
	{"RFC 3261 8.1.3.4: redirected to nowhere", test_referred_moved},
	{"TS 24.229 5.1.1.7: nothing begins after the registration",
	 test_not_registered},
	{NULL, NULL}
};
