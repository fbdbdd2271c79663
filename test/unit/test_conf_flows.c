/**
 * @file test_conf_flows.c  The flows of the specifications at the UE, message
 * by message against their tables, in any order of the fields:
 *
 *  - TS 24.147 6.5.2 (early version), a user leaves a conference
 *  - TS 24.247 A.5.1, A.5.2, messaging conferences, signalling
 *  - TS 34.229-1 15.17 to 15.21
 *
 * Differences are named in the tables.  Errors of the texts, not imitated:
 * a blank before `;tag`, `Cseq`, one branch for two requests, `SIP/2.0/UPD`,
 * `spi` and `port1` in Security-Verify, a port in the Request-URI of the ACK
 * that the Contact does not have, a SIP URI with a blank after `sip:`.
 *
 * Over 800 lines: tables.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define ROUTE "<sip:pcscf1.visited1.net:7531;lr>, " \
	"<sip:orig@scscf1.home1.net;lr>"
#define PANI "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100011234567"
#define PLAIN "no association here; with one: see the security agreement"
#define DAVE "sip:dave@home4.net"

static const struct ck_field ok_fields[] = {
	{"Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK*", NULL},
	{"From", "<" CK_FOCUS ">;tag=151170", NULL},
	{"To", "<" RK_IMPU ">;tag=*", NULL},
	{"Call-ID", "*", NULL},
	{"CSeq", "* NOTIFY", NULL},
	{"Content-Length", "0", NULL},
	{"P-Access-Network-Info", PANI, "TS 24.229 7.2A.4, younger"},
	{NULL, NULL, NULL}
};


/* ------------------------------------------------------------------ */
/* The media: audio, or messages */


static const struct ue_messaging messaging = {
	.accept_types = "message/cpim text/plain text/html",
	.max_size = 131072
};


/* the port has no TCP: what MSRP does is not looked at here */
static size_t sendv_h(void *arg, unsigned flow, const struct ue_iov *v,
		      unsigned n)
{
	(void)arg;
	(void)flow;
	(void)v;
	(void)n;

	return 0;
}


static void with_messaging(void)
{
	rk.port.flow_sendv = sendv_h;
	rk.set.messaging = &messaging;
	rk.set.audio = NULL;
	rk.set.privacy = "none";
}


#define MSRP_SDP							\
	"v=0\r\no=- 2987933623 2987933623 IN IP4 192.0.2.9\r\ns=-\r\n"	\
	"c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n"	\
	"a=accept-types:text/plain text/html message/cpim\r\n"		\
	"a=path:msrp://192.0.2.9:2855/s417121;tcp\r\n"			\
	"a=max-size:65536\r\na=setup:passive\r\n"


/* ------------------------------------------------------------------ */
/* Sessions, with and without preconditions */


/* SDP of the peer: qos lines as seen there */
#define QOS(curr_local, curr_remote, more)				\
	CK_SDP "a=curr:qos local " curr_local "\r\na=curr:qos remote "	\
	curr_remote "\r\na=des:qos mandatory local sendrecv\r\n"		\
	"a=des:qos mandatory remote sendrecv\r\n" more

#define TEMPORARY "Contact: <sip:temporary@mrfc1.home1.net>\r\n"

static bool qos;
static bool messages;           /* in place of audio                     */
static unsigned reserved;       /* session that waits for resources */


static int reserve_h(void *arg, unsigned session)
{
	(void)arg;
	reserved = session;

	return 0;
}


static void release_h(void *arg, unsigned session)
{
	(void)arg;
	(void)session;
}


static void with_qos(void)
{
	rk.set.preconditions = true;
	rk.port.qos_reserve = reserve_h;
	rk.port.qos_release = release_h;
}


/* as in the tables: the user does not require privacy */
static void before(void)
{
	rk.set.privacy = "none";
	if (qos)
		with_qos();
	if (messages)
		with_messaging();
}


static bool begin(bool with_preconditions)
{
	qos = with_preconditions;

	return ck_begin(before);
}


/* Our INVITE n is answered: C.21 steps 2 to 8, or the 200 alone */
static void answer_invite(unsigned n, const char *tag, const char *contact)
{
	unsigned update;

	if (!qos) {
		CHECK(!rk_has(n, "a=curr:qos"));
		CHECK(rk_has(n, messages ? "m=message " : "m=audio "));
		ck_answer(n, 200, tag, contact, "application/sdp", messages
			  ? MSRP_SDP : CK_SDP);
		return;
	}

	CHECK(rk_has(n, "a=curr:qos local none\r\na=curr:qos remote none\r\n"
		     "a=des:qos mandatory local sendrecv\r\n"
		     "a=des:qos optional remote sendrecv\r\n"));
	CHECK(strstr(rk_hdr(n, "Supported"), "100rel"));
	CHECK(strstr(rk_hdr(n, "Supported"), "precondition"));
	ck_answer(n, 100, NULL, NULL, NULL, NULL);
	ck_answer(n, 183, tag, "Require: 100rel, precondition\r\nRSeq: 1\r\n"
		  TEMPORARY CK_ALLOW, "application/sdp",
		  QOS("none", "none", "a=conf:qos remote sendrecv\r\n"));
	CHECK_STR(rk_hdr(ck_sent("PRACK"), "RAck"), "1 1 INVITE");
	ck_answer(ck_sent("PRACK"), 200, NULL, NULL, NULL, NULL);

	/* resources are there: RFC 3312 s7, o= counts up */
	update = ck_sent_count("UPDATE");
	ue_qos_result(&rk.ue, reserved, 0);
	rk_run(0);
	CHECK_EQ(ck_sent_count("UPDATE"), update + 1);
	update = ck_sent("UPDATE");
	CHECK(rk_has(update, "a=curr:qos local sendrecv\r\n"));
	ck_answer(update, 200, NULL, TEMPORARY, "application/sdp",
		  QOS("sendrecv", "sendrecv", ""));
	ck_answer(n, 200, tag, contact, NULL, NULL);
}


/* C.10: created at the factory, subscribed, with the roster */
static bool create_conf(void)
{
	const struct ue_conf_params prm = {.factory = CK_FACTORY};

	if (ue_conf_create(&rk.ue, &ck.conf, &prm))
		return false;

	rk_run(0);
	ck.invite = ck_sent("INVITE");
	answer_invite(ck.invite, "314159", CK_CONTACT CK_ROUTE CK_ALLOW);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  CK_ROUTE "Expires: 7200\r\n", NULL, NULL);

	return !strcmp(ue_conf_uri(ck.conf), CK_FOCUS) &&
		ck_notify("active;expires=7200", ck_doc(1, "full",
			  CK_USER("sip:user1@home1.net", "connected"))) == 200;
}


static bool created(bool with_preconditions)
{
	return begin(with_preconditions) && create_conf();
}


/* BYE, 200, NOTIFY terminated, 200: no SUBSCRIBE is needed */
static void leave(void)
{
	const unsigned n = ck_sent_count("SUBSCRIBE");

	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("BYE"), "BYE " CK_FOCUS " SIP/2.0\r\n"));
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	rk_run(10000);
	CHECK_EQ(ck_sent_count("SUBSCRIBE"), n);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


/* NOTIFY 100, NOTIFY 200 of our REFER n */
static void reached(unsigned n)
{
	CHECK_EQ(ck_notify_refer(n, "active;expires=300",
				 "SIP/2.0 100 Trying\r\n"), 200);
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource",
				 "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);
}


/* ------------------------------------------------------------------ */
/* TS 24.147 6.5.2 */


static void test_leaving(void)
{
	static const struct ck_field bye[] = {
		{"Via", "SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK*", NULL},
		{"Max-Forwards", "70", NULL},
		{"Route", ROUTE, NULL},
		{"P-Access-Network-Info", PANI, NULL},
		{"From", "<" RK_IMPU ">;tag=*", NULL},
		{"To", "<" CK_FACTORY ">;tag=314159", NULL},
		{"Call-ID", "*", NULL},
		{"Require", NULL, PLAIN},
		{"Proxy-Require", NULL, PLAIN},
		{"Security-Verify", NULL, PLAIN},
		{"CSeq", "2 BYE", NULL},
		{"Content-Length", "0", NULL},
		{NULL, NULL, NULL}
	};
	static const struct ck_field subscribe[] = {
		{"Via", "SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK*", NULL},
		{"Max-Forwards", "70", NULL},
		{"Route", ROUTE, NULL},
		{"Privacy", "none", NULL},
		{"From", "<" RK_IMPU ">;tag=*", NULL},
		{"To", "<" CK_FOCUS ">;tag=151170", NULL},
		{"Call-ID", "*", NULL},
		{"CSeq", "2 SUBSCRIBE", NULL},
		{"Event", "conference", NULL},
		{"Expires", "0", NULL},
		{"Content-Length", "0", NULL},
		{"Contact", "<sip:*>", "RFC 6665 4.1.2.1"},
		{"Accept", "application/conference-info+xml",
		 "RFC 4575 3.2, should"},
		{"P-Access-Network-Info", PANI, "TS 24.229 7.2A.4"},
		{NULL, NULL, NULL}
	};
	unsigned n;

	CHECK(created(false));

	/* step 1 */
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	n = ck_sent("BYE");
	CHECK_STR(ck_differs(n, "BYE " CK_FOCUS " SIP/2.0", bye), NULL);
	CHECK_STR(rk_hdr(n, "Call-ID"), rk_hdr(ck.invite, "Call-ID"));
	CHECK_STR(rk_hdr(n, "From"), rk_hdr(ck.invite, "From"));

	/* step 8 */
	ck_answer(n, 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);

	/* steps 12 and 13: the document of table 6.5.2.1-7 */
	CHECK_EQ(ck_notify("active ;expires=7200",
			   "<conference-info version=\"2\" state=\"full\" "
			   "entity=\"conference1@mrfc1.home1.net\" xmlns=\""
			   "urn:ietf:params:xml:ns:conference-info\">"
			   "<user uri=\"sip:user1_public1@home1.net\" "
			   "display-name=\"John Doe\"><status>departed"
			   "</status><media-status><media-stream media-type="
			   "\"audio\"/></media-status></user></conference-"
			   "info>"), 200);
	CHECK_STR(ck_differs(rk_last(), "SIP/2.0 200 OK", ok_fields), NULL);
	CHECK_EQ(ue_conf_roster(ck.conf)->endpointv[0].leaving,
		 ROSTER_DEPARTED);

	/* step 16 */
	n = ck_sent_count("SUBSCRIBE");
	rk_run(4000);
	CHECK_EQ(ck_sent_count("SUBSCRIBE"), n + 1);
	n = ck_sent("SUBSCRIBE");
	CHECK_STR(ck_differs(n, "SUBSCRIBE " CK_FOCUS " SIP/2.0", subscribe),
		  NULL);
	CHECK_STR(rk_hdr(n, "Call-ID"), rk_hdr(ck.subscribe, "Call-ID"));
	CHECK_STR(rk_hdr(n, "From"), rk_hdr(ck.subscribe, "From"));

	/* step 21: without Expires, as in the table */
	ck_answer(n, 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);

	/* steps 24 and 25 */
	CHECK_EQ(ck_notify("terminated", NULL), 200);
	CHECK_STR(ck_differs(rk_last(), "SIP/2.0 200 OK", ok_fields), NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK(!rk_event(UE_EVENT_CONF_ENDED)->by_peer);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->err, 0);
	CHECK_STR(ck_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* TS 24.247 A.5 */


#define LOCAL_RULES "RFC 3264, RFC 4028: ours"


/* TS 24.247 6, 7.3.1, RFC 7701 s5.2, RFC 4579 s5.1 */
static void test_a51(void)
{
	static const struct ck_field invite[] = {
		{"Via", "SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK*", NULL},
		{"Max-Forwards", "70", NULL},
		{"Route", "<sip:192.0.2.1:5060;lr>, "
		 "<sip:orig@scscf1.home1.net;lr>", NULL},
		{"P-Preferred-Identity", "<" RK_IMPU ">", NULL},
		{"P-Access-Network-Info", PANI, NULL},
		{"Privacy", "none", NULL},
		{"From", "<" RK_IMPU ">;tag=*", NULL},
		{"To", "<" CK_FOCUS ">", NULL},
		{"Call-ID", "*", NULL},
		{"CSeq", "1 INVITE", NULL},
		{"Require", NULL, PLAIN},
		{"Proxy-Require", NULL, PLAIN},
		{"Security-Verify", NULL, PLAIN},
		{"Supported", "*gruu*", "more is supported"},
		{"Contact", "<sip:*>", NULL},
		{"Allow", "*INVITE*", NULL},
		{"Accept", "application/sdp, application/3gpp-ims+xml", NULL},
		{"Content-Type", "application/sdp", NULL},
		{"Content-Length", "*", NULL},
		{"Session-Expires", "*", LOCAL_RULES},
		{NULL, NULL, NULL}
	};
	static const struct ck_field ack[] = {
		{"Via", "SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK*", NULL},
		{"Max-Forwards", "70", NULL},
		{"Route", ROUTE, NULL},
		{"From", "<" RK_IMPU ">;tag=*", NULL},
		{"To", "<" CK_FOCUS ">;tag=314159", NULL},
		{"Call-ID", "*", NULL},
		{"CSeq", "1 ACK", NULL},
		{"Content-Length", "0", NULL},
		{NULL, NULL, NULL}
	};
	const struct ue_conf_params prm = {.no_subscribe = true};

	/* step 1 */
	CHECK(ck_begin(with_messaging));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, &prm), 0);
	rk_run(0);
	ck.invite = ck_sent("INVITE");
	CHECK_STR(ck_differs(ck.invite, "INVITE " CK_FOCUS " SIP/2.0",
			     invite), NULL);
	CHECK(rk_has(ck.invite, "m=message "));
	CHECK(rk_has(ck.invite, " TCP/MSRP *\r\n"));
	CHECK(rk_has(ck.invite, "a=accept-types:message/cpim text/plain "
		     "text/html\r\n"));
	CHECK(rk_has(ck.invite, "a=path:msrp://"));
	CHECK(rk_has(ck.invite, "a=max-size:131072\r\n"));
	CHECK(rk_has(ck.invite, "a=msrp-cema\r\n"));
	CHECK(rk_has(ck.invite, "a=setup:act"));

	/* steps 2, 16 and 17 */
	ck_answer(ck.invite, 100, NULL, NULL, NULL, NULL);
	ck_answer(ck.invite, 200, "314159", CK_CONTACT CK_ROUTE,
		  "application/sdp", MSRP_SDP);
	CHECK_STR(ck_differs(ck_sent("ACK"), "ACK " CK_FOCUS " SIP/2.0", ack),
		  NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK(rk_event(UE_EVENT_CONF_JOINED)->session != 0);
	CHECK_STR(ck_end(), NULL);
}


/* 7.3.1.3.3: the list beside the description of the message session.  It
   names the disposition uri-list, RFC 5366 recipient-list */
static void test_uri_list(void)
{
	static const char *const uriv[] = {DAVE, "tel:+15550100"};
	const struct ue_conf_params prm = {.uriv = uriv, .uric = 2};
	const char *list;
	unsigned n;

	CHECK(ck_begin(with_messaging));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, &prm), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "INVITE " CK_FOCUS " SIP/2.0\r\n"));
	CHECK(!strncmp(rk_hdr(n, "Content-Type"), "multipart/mixed;", 16));
	CHECK_STR(rk_hdr(n, "Require"), "recipient-list-invite");
	CHECK(rk_has(n, " TCP/MSRP *\r\n"));
	CHECK(rk_has(n, "Content-Disposition: recipient-list\r\n"));

	/* flat, entries with nothing in them */
	list = strstr(rk.sentv[n], "<list>");
	CHECK(list);
	CHECK(strstr(list, "<list><entry uri=\"" DAVE "\" "));
	CHECK(strstr(list, "<entry uri=\"tel:+15550100\" "));
	CHECK(!strstr(list + 1, "<list"));
	CHECK(!strstr(list, "</entry>"));

	/* the Contact of the focus is the conference URI */
	ck_answer(n, 200, "314159", "Contact: <sip:new1@mrfc1.home1.net>;"
		  "isfocus\r\n" CK_ROUTE, "application/sdp", MSRP_SDP);
	CHECK_STR(ue_conf_uri(ck.conf), "sip:new1@mrfc1.home1.net");
	CHECK(rk_has(ck_sent("SUBSCRIBE"),
		     "SUBSCRIBE sip:new1@mrfc1.home1.net SIP/2.0\r\n"));
	CHECK_STR(ck_end(), NULL);
}


static void test_a52(void)
{
	static const struct ck_field ok[] = {
		{"Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK*", NULL},
		{"Record-Route", "*", NULL},
		{"P-Access-Network-Info", PANI, NULL},
		{"Privacy", "none", NULL},
		{"From", "<" CK_FOCUS ">;tag=171828", NULL},
		{"To", "<" RK_IMPU ">;tag=*", NULL},
		{"Call-ID", "*", NULL},
		{"CSeq", "1 INVITE", NULL},
		{"Supported", "*gruu*", "more is supported"},
		{"Contact", "<sip:*>", NULL},
		{"Allow", "*INVITE*", NULL},
		{"Content-Type", "application/sdp", NULL},
		{"Content-Length", "*", NULL},
		{NULL, NULL, NULL}
	};
	unsigned n;

	/* step 10; the text needs no 180, RFC 3261 13.3.1.1 likes one */
	CHECK(ck_begin(with_messaging));
	n = ck_invite(CK_CONTACT "P-Asserted-Identity: <" CK_FOCUS ">\r\n"
		      "Referred-By: <sip:user1_public1@home1.net>\r\n"
		      "Allow-Events: conference\r\n"
		      "P-Called-Party-ID: <" RK_IMPU ">\r\n"
		      "Privacy: none\r\n", MSRP_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_STR(ue_conf_inviter(ck.conf), "sip:user1_public1@home1.net");
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);

	/* step 13, step 19 */
	n = rk_last();
	CHECK_STR(ck_differs(n, "SIP/2.0 200 OK", ok), NULL);
	CHECK(rk_has(n, "a=accept-types:message/cpim text/plain text/html"));
	CHECK(rk_has(n, "a=max-size:131072\r\n"));
	CHECK(rk_has(n, "a=msrp-cema\r\n"));
	CHECK(rk_has(n, "a=path:msrp://"));
	(void)ck_in_invite("ACK", NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK_STR(ck_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* TS 34.229-1 */


static void case_15_17(bool with_preconditions)
{
	CHECK(created(with_preconditions));
	leave();
}


static void case_15_18(bool with_preconditions)
{
	unsigned n;

	CHECK(created(with_preconditions));
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_USER), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " DAVE " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "To"), "<" DAVE ">");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" CK_FOCUS ">");
	CHECK(strcmp(rk_hdr(n, "Call-ID"), rk_hdr(ck.invite, "Call-ID")));
	ck_answer(n, 202, "refer", "Contact: <" DAVE ">\r\nExpires: 300\r\n",
		  NULL, NULL);
	reached(n);
	/* optional partial conference NOTIFY */
	CHECK_EQ(ck_notify("active", ck_doc(2, "partial",
					    CK_USER(DAVE, "connected"))),
		 200);
	CHECK_EQ(ue_conf_roster(ck.conf)->userc, 2);
	leave();
}


static void case_15_19(bool with_preconditions)
{
	unsigned n;

	CHECK(created(with_preconditions));
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " CK_FOCUS " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" DAVE ">");
	ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL, NULL);
	reached(n);
	leave();
}


/* A call of ours, then held */
static void call(unsigned *session, const char *uri, const char *tag)
{
	CHECK_EQ(ue_session_start(&rk.ue, session, uri, NULL), 0);
	rk_run(0);
	answer_invite(ck_sent("INVITE"), tag, "Contact: <sip:x@y.net>\r\n"
		      CK_ALLOW);
	CHECK_EQ(ue_session_hold(&rk.ue, *session), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("INVITE"), "a=sendonly\r\n"));
	ck_answer(ck_sent("INVITE"), 200, NULL, "Contact: <sip:x@y.net>\r\n",
		  "application/sdp", qos ? QOS("sendrecv", "sendrecv",
					       "a=recvonly\r\n")
		  : CK_SDP "a=recvonly\r\n");
}


static void case_15_20(bool with_preconditions)
{
	static const char *const peerv[] = {
		"sip:a@home2.net", "tel:7042;phone-context=+1555"
	};
	static const char *const referv[] = {
		"<sip:a@home2.net?Replaces=%s%%3Bto-tag%%3Dta%%3Bfrom-tag"
		"%%3D%s>",
		/* a tel URI cannot have headers; RFC 3261 s19.1.6: all of it
		   goes before the @ */
		"<sip:7042;phone-context=+1555@" RK_HOME ";user=phone?Replaces"
		"=%s%%3Bto-tag%%3Dtb%%3Bfrom-tag%%3D%s>"
	};
	unsigned sessionv[2], i, n;
	char want[2][400];

	/* hold A, call B, hold B */
	CHECK(begin(with_preconditions));
	for (i = 0; i < 2; i++) {
		rk.sentc = 0;
		call(&sessionv[i], peerv[i], i ? "tb" : "ta");
		n = ck_sent("INVITE");
		snprintf(want[i], sizeof(want[i]), referv[i],
			 rk_hdr(n, "Call-ID"),
			 strstr(rk_hdr(n, "From"), "tag=") + 4);
	}
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 2);
	rk.sentc = 0;

	/* C.10, then the REFERs to the focus */
	CHECK(create_conf());
	for (i = 0; i < 2; i++) {
		CHECK_EQ(ue_conf_move(ck.conf, sessionv[i]), 0);
		n = ck_sent("REFER");
		CHECK_STR(rk_hdr(n, "Refer-To"), want[i]);
		ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL,
			  NULL);
		reached(n);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
			 UE_CONF_MOVE);
	}
	CHECK_STR(ck_end(), NULL);
}


/* TS 24.229 5.1.4.1: who has called us is moved by what the network says that
   he is, whatever his From */
static void test_move_caller(void)
{
	unsigned n;

	CHECK(begin(false));
	n = ck_invite("Contact: <sip:a@192.0.2.8>\r\n"
		      "P-Asserted-Identity: <sip:a@home2.net>\r\n", CK_SDP);
	CHECK_EQ(rk_status(n), 180);
	n = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	CHECK_EQ(ue_session_accept(&rk.ue, n), 0);
	rk_run(0);
	(void)ck_in_invite("ACK", NULL);
	CHECK(create_conf());
	CHECK_EQ(ue_conf_move(ck.conf, n), 0);
	CHECK(!strncmp(rk_hdr(ck_sent("REFER"), "Refer-To"),
		       "<sip:a@home2.net?Replaces=in1%3B", 32));
	CHECK_STR(ck_end(), NULL);
}


/* REFER, 202, NOTIFY 100, INVITE with Referred-By, NOTIFY 200; BYE of the
   focus, NOTIFY terminated */
static void case_15_21(bool with_preconditions)
{
	unsigned n;

	CHECK(begin(with_preconditions));
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <sip:b@x.net>"
			    "\r\nRefer-To: <" CK_FOCUS ">\r\n"
			    "Referred-By: <sip:bob@home2.net>\r\n", NULL,
			    NULL), 202);
	CHECK(rk_has(ck_sent("NOTIFY"), "SIP/2.0 100 Trying\r\n"));
	ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	ck.invite = ck_sent("INVITE");
	CHECK(rk_has(ck.invite, "INVITE " CK_FOCUS " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(ck.invite, "Referred-By"), "<sip:bob@home2.net>");
	answer_invite(ck.invite, "314159", CK_CONTACT CK_ALLOW);
	n = ck_sent("NOTIFY");
	CHECK(rk_has(n, "SIP/2.0 200 OK\r\n"));
	CHECK_STR(rk_hdr(n, "Subscription-State"),
		  "terminated;reason=noresource");
	ck_answer(n, 200, NULL, NULL, NULL, NULL);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  "Expires: 7200\r\n", NULL, NULL);
	CHECK_EQ(ck_notify("active;expires=7200", ck_doc(0, "full", "")),
		 200);
	CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL),
		 200);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK(rk_event(UE_EVENT_CONF_ENDED)->by_peer);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3323 4.2, RFC 3325 9.3: what begins something, and nothing else */
static void test_privacy(void)
{
	const struct ue_message m = {.type = "text/plain", .data =
		(const uint8_t *)"hi", .len = 2};
	unsigned n;

	CHECK(begin(false));
	CHECK(ck_join(NULL));
	CHECK_STR(rk_hdr(ck.invite, "Privacy"), "none");
	CHECK_STR(rk_hdr(ck.subscribe, "Privacy"), "none");
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS), 0);
	CHECK_STR(rk_hdr(ck_sent("REFER"), "Privacy"), "none");
	CHECK_EQ(ue_page_send(&rk.ue, DAVE, &m, NULL, 0), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(ck_sent("MESSAGE"), "Privacy"), "none");
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(ck_sent("BYE"), "Privacy"), "");
	CHECK_STR(rk_hdr(ck_sent("REGISTER"), "Privacy"), "");

	/* who is called, and who does not say anything */
	CHECK(begin(false));
	n = ck_invite(CK_CONTACT, CK_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_STR(rk_hdr(n, "Privacy"), "none");
	CHECK(ck_begin(NULL));
	CHECK(ck_join(NULL));
	CHECK_STR(rk_hdr(ck.invite, "Privacy"), "");
}


static void test_15_17(void)
{
	case_15_17(false);
}


static void test_15_17_qos(void)
{
	case_15_17(true);
}


static void test_15_18(void)
{
	case_15_18(false);
}


/* the same with messages in place of audio */
static void test_messages(void)
{
	messages = true;
	case_15_17(false);
	case_15_18(false);
	case_15_19(false);
	case_15_21(false);
	messages = false;
}


static void test_15_18_qos(void)
{
	case_15_18(true);
}


static void test_15_19(void)
{
	case_15_19(false);
}


static void test_15_19_qos(void)
{
	case_15_19(true);
}


/* RFC 4579 s5.10, TS 24.147 5.3.1.3.3 */
static void test_15_20(void)
{
	case_15_20(false);
}


static void test_15_20_qos(void)
{
	case_15_20(true);
}


static void test_15_21(void)
{
	case_15_21(false);
}


static void test_15_21_qos(void)
{
	case_15_21(true);
}


/* A handset with messages joins and creates conferences with audio, too */
static void both(void)
{
	static const struct ue_codec codec = {"AMR", 8000, 97, NULL};
	static const struct ue_audio audio = {3456, &codec, 1, 0, 2};

	with_messaging();
	rk.set.audio = &audio;
}


static void test_audio_room(void)
{
	static const struct ue_conf_params prm = {
		.audio = true, .privacy = "id"
	};
	static const struct ue_conf_params bad = {.privacy = "\r"};
	unsigned n;

	CHECK(ck_begin(both));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, &bad), EINVAL);
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, &prm), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 3456 "));
	CHECK(!rk_has(n, "m=message "));
	CHECK(rk_has(n, "Privacy: id\r\n"));
	ck_answer(n, 200, "focus", "Contact: <" CK_FOCUS ">;isfocus\r\n",
		  "application/sdp", CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	/* all that begins something there */
	CHECK(rk_has(ck_sent("SUBSCRIBE"), "Privacy: id\r\n"));
	CHECK_EQ(ue_conf_invite(ck.conf, "sip:bob@home2.net", UE_CONF_BY_USER),
		 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("REFER"), "Privacy: id\r\n"));
	CHECK_STR(ck_end(), NULL);

	/* invited without an offer: ours has what is wanted */
	CHECK(ck_begin(both));
	(void)ck_invite(CK_CONTACT, NULL);
	CHECK_EQ(ue_conf_accept(ck.conf, &prm), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("200"), "m=audio 3456 "));
	CHECK(!rk_has(ck_sent("200"), "m=message "));
	CHECK_STR(ck_end(), NULL);

	/* what is offered is told; what cannot be is not */
	CHECK(ck_begin(both));
	(void)ck_invite(CK_CONTACT, CK_SDP);
	CHECK_EQ(rk_event(UE_EVENT_CONF_INVITATION)->media->codecc, 1);
	CHECK(!rk_event(UE_EVENT_CONF_INVITATION)->media->messages);
	CHECK_STR(ck_end(), NULL);
	CHECK(ck_begin(both));
	CHECK_EQ(rk_status(ck_invite(CK_CONTACT, "v=0\r\no=- 1 1 IN IP4 "
			"192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\n"
			"t=0 0\r\nm=video 5000 RTP/AVP 31\r\n")), 488);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);
	CHECK_STR(ck_end(), NULL);

	CHECK(ck_begin(with_messaging));
	CHECK_EQ(ue_conf_create(&rk.ue, &ck.conf, &prm), ENOTSUP);
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_conf_flows[] = {
	{"TS 24.147 6.5.2, steps 1 to 27: a user leaves a conference",
	 test_leaving},
	{"TS 24.247 A.5.1: joining a messaging conference", test_a51},
	{"TS 24.247 7.3.1.3.3: creating one with a list of users",
	 test_uri_list},
	{"TS 24.247 A.5.2: invited to a messaging conference", test_a52},
	{"TS 34.229-1 15.17: creating and leaving a conference", test_15_17},
	{"TS 34.229-1 15.17: the same with preconditions", test_15_17_qos},
	{"TS 34.229-1 15.18: inviting by REFER to the user", test_15_18},
	{"TS 34.229-1 15.18: the same with preconditions", test_15_18_qos},
	{"TS 34.229-1 15.19: inviting by REFER to the focus", test_15_19},
	{"TS 34.229-1 15.19: the same with preconditions", test_15_19_qos},
	{"TS 34.229-1 15.20: three-way session creation", test_15_20},
	{"TS 34.229-1 15.20: the same with preconditions", test_15_20_qos},
	{"TS 24.229 5.1.4.1: moving who has called us", test_move_caller},
	{"TS 34.229-1 15.21: joining after being invited", test_15_21},
	{"TS 34.229-1 15.21: the same with preconditions", test_15_21_qos},
	{"RFC 3323 4.2: Privacy of the settings", test_privacy},
	{"TS 24.147 5.3.1.4: audio, where messages are set", test_audio_room},
	{"TS 34.229-1 15.17, 15.18, 15.19, 15.21: with messages",
	 test_messages},
	{NULL, NULL}
};
