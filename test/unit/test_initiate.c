/**
 * @file test_initiate.c  draft-ranjit-sipping-conference-01: F1 to F52 as the
 * initiator and as a participant sees them
 *
 * Errors of the text, not imitated: Confer-To and Refer-To without <> although
 * the grammar asks for name-addr; F2 has CSeq 2 for a request with CSeq 1 and a
 * Max-Forwards; F12 is a NOTIFY with `CSeq: 1 INITIATE`; F13, F20, F26 and F34
 * have CSeq 1 in one dialog; To without `sip:`; `<...;tag=` that is not closed;
 * the F1 has no Expires (optional), ours has one.  The documents of the draft
 * are no XML; they are answered and change nothing.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define SERVER "sip:sip-conf@domain.com"
#define UA2 "sip:ua2@domain.com"
#define UA3 "sip:ua3@domain.com"
#define UA4 "sip:ua4@domain.com"
#define DOC(version, users)						\
	"<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" " \
	"version=\"" version "\" state=\"full\" entity=\"" SERVER "\">"	\
	users "</conference-info>"

/* the document of F12, as it is printed */
#define F12_DOC								\
	"<conference-info>\r\n <conference-info version=\"0\" "		\
	"state=\"full\" entity=\"sip:conf@domain.com\" recording=\"on\">"	\
	"<user uri=\"sip:ua1@domain.com\" display-name=\"Nataraju\">"	\
	"<status>connected</status></user>"				\
	"<sidebar entity=\"sip:conf@domain.com\">"			\
	"<user uri=\"sip:sreeram@example.com\"></sidebar>"		\
	"<conf-uri>sip:conf@domain.comconf-uri></conference-info>"

static const struct ue_confer users[] = {
	{UA2, UE_CONFER_ADD}, {UA3, UE_CONFER_HOLD}, {UA4, UE_CONFER_REMOVE}
};


#if UE_INITIATE

static unsigned initiate_n;


/* F1, F2 */
static bool initiated(void)
{
	if (!ck_begin(NULL) ||
	    ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 3))
		return false;

	initiate_n = ck_sent("INITIATE");
	ck_answer(initiate_n, 202, "200", "Contact: <" SERVER ">\r\n", NULL,
		  NULL);

	return rk_events(UE_EVENT_CONF_SUBSCRIBED) == 1;
}


/* F9 to F11 */
static bool called(void)
{
	unsigned n;

	if (!initiated())
		return false;

	n = ck_invite("Contact: <" SERVER ">\r\n", CK_SDP);
	if (rk_status(n) != 200)
		return false;
	(void)ck_in_invite("ACK", NULL);

	/* F11: RTP between UA1 and the server */
	return rk_events(UE_EVENT_CONF_JOINED) == 1 &&
		rk_event(UE_EVENT_CONF_JOINED)->media &&
		rk_event(UE_EVENT_CONF_JOINED)->media->remote.port == 3456;
}


/* NOTIFY in the dialog of the INVITE */
static unsigned notify(const char *event, const char *doc)
{
	static char lines[200];

	snprintf(lines, sizeof(lines), "Event: %s\r\nSubscription-State: "
		 "active;expires=3600\r\nContact: <" SERVER ">\r\n", event);

	return ck_in_invite_body("NOTIFY", lines, doc);
}


/* draft-ranjit 4.3 */
static void test_create(void)
{
	static const struct ck_field f1[] = {
		{"Via", "SIP/2.0/UDP *;branch=z9hG4bK*", NULL},
		{"Max-Forwards", "70", NULL},
		{"From", "<" RK_IMPU ">;tag=*", NULL},
		{"To", "<" SERVER ">", NULL},
		{"Call-ID", "*", NULL},
		{"Contact", "<sip:*>", NULL},
		{"Confer-To", "<" UA2 ">;action=add, <" UA3 ">;action=hold, "
		 "<" UA4 ">;action=remove", NULL},
		{"CSeq", "1 INITIATE", NULL},
		{"Accept", "application/conference-info+xml", NULL},
		{"Event", "Conference", NULL},
		/* table 1: optional; IMS; RFC 3261 20.14 */
		{"Expires", "3600", NULL},
		{"Route", "*", NULL},
		{"P-Preferred-Identity", "<" RK_IMPU ">", NULL},
		{"P-Access-Network-Info", "*", NULL},
		{"Content-Length", "0", NULL},
		{NULL, NULL, NULL}
	};

	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 3), 0);
	CHECK_STR(ck_differs(ck_sent("INITIATE"), "INITIATE " SERVER
			     " SIP/2.0", f1), NULL);

	CHECK_STR(ck_end(), NULL);

	/* F2, F9 to F13: the call was asked for */
	CHECK(called());
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	CHECK_EQ(notify("Conference", F12_DOC), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 0);
	CHECK_EQ(notify("conference", DOC("1", "<user uri=\"" UA2 "\">"
					  "<status>connected</status></user>"
			)), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	CHECK_EQ(roster_user_status(ue_conf_roster(ck.conf), 0),
		 ROSTER_CONNECTED);
	CHECK_STR(ck_end(), NULL);
}


static void test_actions(void)
{
	static const struct {
		const char *action;
		enum ue_conf_request request;
	} v[] = {
		{"add", UE_CONF_INVITE},                /* F13 to F19 */
		{"remove", UE_CONF_REMOVE},             /* F20 to F25 */
		{"hold", UE_CONF_HOLD_USER},            /* F26 to F33 */
		{"resume", UE_CONF_RESUME_USER},        /* F34 to F40 */
	};
	char refer_to[80];
	unsigned i, n;
	int err;

	CHECK(called());
	for (i = 0; i < 4; i++) {

		err = i == 0 ? ue_conf_invite(ck.conf, UA4, UE_CONF_BY_FOCUS)
			: i == 1 ? ue_conf_remove(ck.conf, UA4)
			: ue_conf_hold_user(ck.conf, UA4, i == 2);
		CHECK_EQ(err, 0);
		n = ck_sent("REFER");
		snprintf(refer_to, sizeof(refer_to), "<" UA4 ">;action=%s",
			 v[i].action);
		CHECK_STR(rk_hdr(n, "Refer-To"), refer_to);
		CHECK_STR(rk_hdr(n, "Referred-By"), "<" RK_IMPU ">");
		CHECK(rk_has(n, "REFER " SERVER " SIP/2.0\r\n"));
		ck_answer(n, 202, NULL, "Contact: <" SERVER ">\r\n", NULL,
			  NULL);
		CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), i + 1);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
			 v[i].request);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 202);
	}
	CHECK_STR(ck_end(), NULL);
}


static void test_deletion(void)
{
	/* F45 to F52: the initiator's BYE ends it for all; then the
	   subscription of the INITIATE */
	CHECK(called());
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_EQ(ck_sent_count("BYE"), 1);
	CHECK(rk_has(ck_sent("BYE"), "BYE " SERVER " SIP/2.0\r\n"));
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	rk_run(5000);
	CHECK(rk_has(ck_sent("SUBSCRIBE"), "Expires: 0\r\n"));
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Call-ID"),
		  rk_hdr(initiate_n, "Call-ID"));
	ck_answer(ck_sent("SUBSCRIBE"), 481, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


/* F12 may be faster than F11 */
static void test_notify_first(void)
{
	CHECK(initiated());
	CHECK_EQ(rk_status(ck_invite("Contact: <" SERVER ">\r\n", CK_SDP)),
		 200);
	CHECK_EQ(notify("Conference", DOC("1", "<user uri=\"" UA2 "\">"
					  "<status>connected</status></user>"
			)), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 0);
	CHECK_STR(ck_end(), NULL);
}


/* 4.1: INITIATE makes a conference; to know of it again is to subscribe */
static void test_subscribe(void)
{
	CHECK(called());
	CHECK_EQ(ue_conf_subscribe(ck.conf), EPROTO);
	CHECK_EQ(ck_request(initiate_n, "200", "NOTIFY", "Event: Conference"
			    "\r\nSubscription-State: terminated\r\n"
			    "Contact: <" SERVER ">\r\n", NULL, NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 1);
	CHECK(!rk_event(UE_EVENT_CONF_SUBSCRIPTION_ENDED)->again);
	CHECK_EQ(ue_conf_subscribe(ck.conf), 0);
	rk_run(0);
	CHECK_EQ(ck_sent_count("INITIATE"), 1);
	CHECK(rk_has(ck_sent("SUBSCRIBE"),
		     "SUBSCRIBE " SERVER " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Confer-To"), "");
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3325 9.1: whoever else calls meanwhile is not let in: the network says
   who it is, whatever his Contact says */
static void test_other_caller(void)
{
	static const char *const callerv[] = {
		"<sip:mallory@home1.net>", "<tel:+15550166>"
	};
	char lines[200];

	for (unsigned i = 0; i < 2; i++) {
		CHECK(initiated());
		snprintf(lines, sizeof(lines), "Contact: <" SERVER ">\r\n"
			 "P-Asserted-Identity: %s\r\n", callerv[i]);
		CHECK_EQ(rk_status(ck_invite(lines, CK_SDP)), 180);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
		CHECK_STR(ck_end(), NULL);
	}

	CHECK(initiated());
	CHECK_EQ(rk_status(ck_invite("Contact: <" SERVER ">\r\n"
				     "P-Asserted-Identity: <" SERVER ">\r\n",
				     CK_SDP)), 200);
	CHECK_STR(ck_end(), NULL);

	/* who hides is not the server, where the network names who does not */
	CHECK(initiated());
	rk.set.sec = UE_SEC_IPSEC;
	CHECK_EQ(rk_status(ck_invite("Contact: <" SERVER ">\r\n", CK_SDP)),
		 180);
	rk.set.sec = UE_SEC_NONE;
	CHECK_STR(ck_end(), NULL);
}


static int no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	(void)buf;
	(void)len;

	return EIO;
}


static void test_refused(void)
{
	int (*random_h)(void *arg, void *buf, size_t len);

	/* it cannot even be sent: told at once */
	CHECK(ck_begin(NULL));
	random_h = rk.port.random;
	rk.port.random = no_random;
	CHECK_EQ(ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 1), 0);
	rk.port.random = random_h;
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->err, EIO);
	CHECK_STR(ck_end(), NULL);

	/* a server without it */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 1), 0);
	ck_answer(ck_sent("INITIATE"), 501, "x", NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->status, 501);
	CHECK_STR(ck_end(), NULL);

	/* no second INITIATE after a failure: it would be another one */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 1), 0);
	ck_answer(ck_sent("INITIATE"), 503, "x", "Retry-After: 3\r\n", NULL,
		  NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	rk_run(100000);
	CHECK_EQ(ck_sent_count("INITIATE"), 1);
	CHECK_STR(ck_end(), NULL);

	/* the call does not come */
	CHECK(initiated());
	CHECK_EQ(ck_request(initiate_n, "200", "NOTIFY", "Event: Conference"
			    "\r\nSubscription-State: active\r\n"
			    "Contact: <" SERVER ">\r\n", NULL, NULL), 200);
	rk_run(130000);
	CHECK(rk_has(ck_sent("SUBSCRIBE"), "Expires: 0\r\n"));
	rk_run(130000);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->err, ETIMEDOUT);
	CHECK_STR(ck_end(), NULL);

	/* a call of another server is another matter */
	CHECK(initiated());
	CHECK_EQ(rk_status(ck_invite("Contact: <sip:x@other.net>\r\n",
				     CK_SDP)), 180);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
	CHECK_STR(ck_end(), NULL);
}

#else

static void test_without(void)
{
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 3),
		 ENOTSUP);
	CHECK_STR(ck_end(), NULL);
}

#endif


static void test_participant(void)
{
	unsigned n;

	/* F3 to F5 and, for a hold, F28 to F31: an ordinary session */
	CHECK(ck_begin(NULL));
	n = ck_invite("Contact: <" SERVER ">\r\n", CK_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
	CHECK_EQ(ue_session_accept(&rk.ue,
				   rk_event(UE_EVENT_SESSION_INCOMING)
				   ->session), 0);
	rk_run(0);
	(void)ck_in_invite("ACK", NULL);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_not_a_server(void)
{
	/* RFC 3261 8.2.1: with it and without it, INITIATE is none of a UE's
	   methods; `action` of a Refer-To means nothing to it */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ck_request(UINT_MAX, "b", "INITIATE", "Contact: <" UA2 ">"
			    "\r\nEvent: Conference\r\nConfer-To: <" UA3 ">\r\n",
			    NULL, NULL), 501);
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" UA2 ">\r\n"
			    "Refer-To: <" SERVER ">;action=hold\r\n", NULL,
			    NULL), 202);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 1);
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_initiate[] = {
#if UE_INITIATE
	{"draft-ranjit F1, F2, F9 to F13: INITIATE, the call, the roster",
	 test_create},
	{"draft-ranjit F13 to F40: add, remove, hold, resume", test_actions},
	{"draft-ranjit F45 to F52: deletion", test_deletion},
	{"draft-ranjit F12: a NOTIFY before the ACK", test_notify_first},
	{"draft-ranjit 4.1: subscribe again", test_subscribe},
	{"draft-ranjit F9: another caller than the server",
	 test_other_caller},
	{"draft-ranjit: refused, no call", test_refused},
#else
	{"INITIATE left out", test_without},
#endif
	{"draft-ranjit F3 to F5: a participant", test_participant},
	{"RFC 3261 s8.2.1: INITIATE to a UE", test_not_a_server},
	{NULL, NULL}
};
