/**
 * @file test_conference.c  Conference participant (TS 24.147 5.3.1, RFC 4579):
 * each command and what the focus does
 *
 * Over 800 lines: all that the one focus of the kit can do.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"
#define DAVE "sip:dave@home4.net"


/* Where the application sends its RTP, with which payload type */
static void check_media(const struct ue_event *ev)
{
	const struct ue_media *med = ev ? ev->media : NULL;
	char str[UE_ADDR_STR];

	CHECK(med);
	if (!med)
		return;
	CHECK_STR(ue_addr_print(str, &med->remote, UE_ADDR_HOSTPORT),
		  "192.0.2.9:3456");
	CHECK_EQ(med->codecc, 1);
	CHECK_EQ(med->ptv[0], 97);
	CHECK(med->send && med->receive);
}


/* RFC 4579 s5.3, TS 24.147 5.3.1.2, RFC 4575 s3.3 */
static void test_create(void)
{
	unsigned n;

	/* 5.3.1.3.2, TS 23.003 13.10 */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_create(&rk.ue, &ck.conf, NULL), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "INVITE sip:mmtel@conf-factory." RK_HOME
		     " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "To"), "<sip:mmtel@conf-factory." RK_HOME ">");

	/* a 1xx may name another URI: only the 200 counts */
	ck_answer(n, 180, "314159", "Contact: <sip:temporary@x.net>;isfocus"
		  "\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 0);
	ck_answer(n, 200, "314159", CK_CONTACT CK_ROUTE, "application/sdp",
		  CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK_STR(rk_event(UE_EVENT_CONF_JOINED)->text, CK_FOCUS);
	check_media(rk_event(UE_EVENT_CONF_JOINED));
	CHECK_STR(ue_conf_uri(ck.conf), CK_FOCUS);
	CHECK_EQ(ck_sent_count("ACK"), 1);

	/* and its state is subscribed to, there */
	n = ck_sent("SUBSCRIBE");
	CHECK(rk_has(n, "SUBSCRIBE " CK_FOCUS " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Event"), "conference");
	CHECK_STR(rk_hdr(n, "Accept"), "application/conference-info+xml");
	CHECK_STR(rk_hdr(n, "Expires"), "3600");
	CHECK_STR(ck_end(), NULL);
}


static void test_redirected(void)
{
	/* RFC 3261 8.1.3.4: told, not followed */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 302, "314159", "Contact: <sip:conf2@x.net>"
		  ";isfocus, <sip:conf3@x.net>\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->status, 302);
	CHECK_STR(rk_event(UE_EVENT_CONF_FAILED)->text,
		  "sip:conf2@x.net, sip:conf3@x.net");
	CHECK_EQ(ck_sent_count("INVITE"), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_no_focus(void)
{
	/* without isfocus the peer is no focus */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 200, "314159", "Contact: <" CK_FOCUS
		  ">\r\n", "application/sdp", CK_SDP);
	CHECK_EQ(ck_sent_count("BYE"), 1);
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->err, EPROTO);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 4579 5.1: a focus by isfocus, however long its URI is */
static void test_long_contact(void)
{
	static const unsigned lenv[] = {159, 160, 300};
	char uri[400], contact[450];
	unsigned i;

	for (i = 0; i < 3; i++) {
		snprintf(uri, sizeof(uri), "sip:%0*u@mrfc1.home1.net",
			 (int)lenv[i] - 20, 7);
		CHECK_EQ(strlen(uri), lenv[i]);
		snprintf(contact, sizeof(contact), "Contact: <%s>;isfocus\r\n",
			 uri);
		CHECK(ck_begin(NULL));
		CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL), 0);
		rk_run(0);
		ck_answer(ck_sent("INVITE"), 200, "314159", contact,
			  "application/sdp", CK_SDP);
		if (lenv[i] < UE_URI_MAX) {
			CHECK_STR(ue_conf_uri(ck.conf), uri);
		}
		else {
			ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
			CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->err,
				 EOVERFLOW);
		}
		CHECK_STR(ck_end(), NULL);

		/* a call leads there, too */
		CHECK(ck_begin(NULL));
		CHECK_EQ(rk_status(ck_invite(contact, CK_SDP)), 180);
		CHECK_EQ(rk_events(lenv[i] < UE_URI_MAX
				   ? UE_EVENT_CONF_INVITATION
				   : UE_EVENT_SESSION_INCOMING), 1);
		CHECK_STR(ck_end(), NULL);

		/* who is no focus needs none */
		CHECK(ck_begin(NULL));
		CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB
				    ">\r\nRefer-To: <" DAVE ">\r\n", NULL,
				    NULL), 202);
		ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
		CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
		rk_run(0);
		snprintf(contact, sizeof(contact), "Contact: <%s>\r\n", uri);
		ck_answer(ck_sent("INVITE"), 200, "314159", contact,
			  "application/sdp", CK_SDP);
		CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
		CHECK_STR(ue_conf_uri(ck.conf),
			  lenv[i] < UE_URI_MAX ? uri : DAVE);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 5366 s3.1 */
static void test_uri_list(void)
{
	static const char *const uriv[] = {BOB, "tel:+15550100"};
	const struct ue_conf_params prm = {
		.factory = CK_FACTORY, .uriv = uriv, .uric = 2
	};
	const struct ue_conf_params none = {.factory = CK_FACTORY, .uric = 2};
	unsigned n;

	/* RFC 5366 4 */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_create(&rk.ue, &ck.conf, &none), EINVAL);
	CHECK_EQ(ue_conf_create(&rk.ue, &ck.conf, &prm), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "INVITE " CK_FACTORY " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Require"), "recipient-list-invite");
	CHECK(!strncmp(rk_hdr(n, "Content-Type"), "multipart/mixed", 15));
	CHECK(rk_has(n, "Content-Type: application/resource-lists+xml\r\n"));
	CHECK(rk_has(n, "Content-Disposition: recipient-list\r\n"));
	CHECK(!rk_has(n, "Content-ID:"));
	CHECK(rk_has(n, "<entry uri=\"" BOB "\" cp:copyControl=\"to\"/>"));
	CHECK(rk_has(n, "<entry uri=\"tel:+15550100\" cp:copyControl=\"to\""
		     "/>"));
	CHECK(rk_has(n, "m=audio 3456"));

	/* a focus that does not know it */
	ck_answer(n, 420, "x", "Unsupported: recipient-list-invite\r\n", NULL,
		  NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->status, 420);
	CHECK_STR(ck_end(), NULL);

	/* one that does: the 200 says nothing of the others, its state does */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_create(&rk.ue, &ck.conf, &prm), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 200, "314159", CK_CONTACT,
		  "application/sdp", CK_SDP);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	ck.subscribe = ck_sent("SUBSCRIBE");
	CHECK_STR(rk_hdr(ck.subscribe, "Event"), "conference");
	ck_answer(ck.subscribe, 200, "151170", CK_CONTACT "Expires: 3600\r\n",
		  NULL, NULL);
	CHECK_EQ(ck_notify("active", ck_doc(1, "full",
			   CK_USER(BOB, "alerting"))), 200);
	CHECK_EQ(roster_user_status(ue_conf_roster(ck.conf), 0),
		 ROSTER_ALERTING);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 4575 s3.4, s3.7 */
static void test_roster(void)
{
	const struct roster *r;

	CHECK(ck_joined());
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIBED), 1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	r = ue_conf_roster(ck.conf);
	CHECK_EQ(r->userc, 3);

	/* malformed: answered, the old one stays */
	CHECK_EQ(ck_notify("active", "<conference-info"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	CHECK_EQ(r->userc, 3);

	/* a gap: full state is asked for */
	CHECK_EQ(ck_notify("active", ck_doc(3, "partial",
					    CK_USER(DAVE, "connected"))),
		 200);
	CHECK_EQ(r->userc, 3);
	CHECK_EQ(ck_sent_count("SUBSCRIBE"), 3);
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Call-ID"),
		  rk_hdr(ck.subscribe, "Call-ID"));
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 3600\r\n", NULL,
		  NULL);
	CHECK_EQ(ck_notify("active", ck_doc(4, "full",
					    CK_USER(DAVE, "on-hold"))), 200);
	CHECK_EQ(r->userc, 1);
	CHECK_EQ(roster_user_status(r, 0), ROSTER_ON_HOLD);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ROSTER)->version, 4);
	CHECK_STR(ck_end(), NULL);
}


static void test_deleted(void)
{
	unsigned i, n;

	/* RFC 4575 4.6: it has ceased to exist: SUBSCRIBE with Expires 0 */
	CHECK(ck_joined());
	CHECK_EQ(ck_notify("active", ck_doc(2, "deleted", "")), 200);
	CHECK(ue_conf_roster(ck.conf)->deleted);
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Expires"), "0");
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 0\r\n", NULL,
		  NULL);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 1);
	CHECK_STR(ck_end(), NULL);

	/* RFC 6665 4.1.3: nothing in a subscription that has ended: neither
	   that, nor a refresh for a document that has gaps; and a conference
	   that is gone is not subscribed to again, whatever the reason says */
	for (i = 0; i < 4; i++) {
		static const char *const statev[] = {
			"terminated;reason=noresource",
			"terminated;reason=noresource", "terminated",
			"terminated;reason=giveup"
		};

		CHECK(ck_joined());
		n = ck_sent_count("SUBSCRIBE");
		CHECK_EQ(ck_notify(statev[i], i == 1
				   ? ck_doc(9, "partial", "")
				   : ck_doc(2, "deleted", "")), 200);
		rk_run(60000);
		CHECK_EQ(ck_sent_count("SUBSCRIBE"), n);
		CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 1);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 4579 s5.5, s5.6, TS 24.147 5.3.1.5.2, 5.3.1.5.3 */
static void test_invite(void)
{
	unsigned n;

	/* 5.3.1.5.3: REFER to the focus, in the dialog */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " CK_FOCUS " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" DAVE ">");
	CHECK_STR(rk_hdr(n, "Call-ID"), rk_hdr(ck.invite, "Call-ID"));
	ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL, NULL);
	CHECK_EQ(ck_notify_refer(n, "active;expires=60",
				 "SIP/2.0 100 Trying\r\n"), 200);

	/* refer and conference notifications are kept apart */
	CHECK_EQ(ck_notify("active", ck_doc(2, "partial",
					    CK_USER(DAVE, "alerting"))),
		 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	CHECK_EQ(ue_conf_roster(ck.conf)->userc, 4);
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource",
				 "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
		 UE_CONF_INVITE);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);
	CHECK_STR(rk_event(UE_EVENT_CONF_REQUEST_DONE)->text, DAVE);

	/* 5.3.1.5.2: REFER to the user */
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_USER), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " DAVE " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" CK_FOCUS ">");
	CHECK(strcmp(rk_hdr(n, "Call-ID"), rk_hdr(ck.invite, "Call-ID")));
	ck_answer(n, 603, "x", NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 2);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 603);
	CHECK_STR(ck_end(), NULL);
}


/* A port that sleeps as ue_poll() says: the last time is minutes old */
static void test_invite_late(void)
{
	unsigned n;

	CHECK(ck_joined());
	rk.now_ms += 200000;
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS), 0);
	n = ck_sent("REFER");
	rk_run(0);
	CHECK_EQ(ck_sent_count("REFER"), 1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	rk_run(1999);
	CHECK_EQ(ck_sent_count("REFER"), 1);
	rk_run(1);
	CHECK_EQ(ck_sent_count("REFER"), 2);
	ck_answer(n, 202, NULL, CK_CONTACT, NULL, NULL);
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource",
				 "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_STR(ck_end(), NULL);

	/* timer N of the subscription */
	CHECK(ck_begin(NULL));
	rk.now_ms += 200000;
	CHECK_EQ(ue_conf_watch(&rk.ue, &ck.conf, CK_FOCUS, 600), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	ck_answer(ck_sent("SUBSCRIBE"), 403, "no", NULL, NULL, NULL);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 5368 s4, s5 */
static void test_invite_many(void)
{
	static const char *const uriv[] = {DAVE, "sip:eve@home5.net"};
	unsigned n;

	/* RFC 5368; its outcome is the answer */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_invite_list(ck.conf, uriv, 2), 0);
	n = ck_sent("REFER");
	CHECK_STR(rk_hdr(n, "Require"), "multiple-refer, norefersub");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<cid:list@uims.invalid>");
	CHECK(rk_has(n, "<entry uri=\"" DAVE "\" cp:copyControl=\"to\"/>"));
	ck_answer(n, 200, NULL, "Refer-Sub: false\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);
	CHECK_STR(ck_end(), NULL);
}


static void test_remove(void)
{
	unsigned n;

	/* RFC 4579 5.11 */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	n = ck_sent("REFER");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" BOB ";method=BYE>");
	ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL, NULL);
	CHECK_EQ(ck_notify_refer(n, "terminated", "SIP/2.0 403 No\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
		 UE_CONF_REMOVE);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 403);

	/* all: the focus removes us, too */
	CHECK_EQ(ue_conf_end(ck.conf), 0);
	n = ck_sent("REFER");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" CK_FOCUS ";method=BYE>");
	ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL, NULL);
	CHECK_EQ(ck_notify_refer(n, "terminated", "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request, UE_CONF_END);
	CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL),
		 200);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK(rk_event(UE_EVENT_CONF_ENDED)->by_peer);
	CHECK_STR(ck_end(), NULL);
}


static int no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	(void)buf;
	(void)len;

	return EIO;
}


static void test_dialog_gone_at_once(void)
{
	int (*random_h)(void *arg, void *buf, size_t len);
	unsigned n;

	/* the outcome was in a NOTIFY before the answer, and the BYE cannot
	   be sent: the REFER ends in the middle of its answer */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	n = ck_sent("REFER");
	CHECK_EQ(ck_notify_refer(n, "active", "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	random_h = rk.port.random;
	rk.port.random = no_random;
	ck_answer(n, 481, NULL, NULL, NULL, NULL);
	rk.port.random = random_h;
	CHECK_EQ(ck_sent_count("BYE"), 0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_dialog_gone(void)
{
	unsigned code;

	/* RFC 3261 12.2.1.2: the focus does not know the session any more */
	for (code = 408; code <= 481; code += 73) {
		CHECK(ck_joined());
		CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
		ck_answer(ck_sent("REFER"), code, NULL, NULL, NULL, NULL);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, code);
		CHECK_EQ(ck_sent_count("BYE"), 1);
		ck_answer(ck_sent("BYE"), 481, NULL, NULL, NULL, NULL);
		CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
		CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
		CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->status, code);
		CHECK_STR(ck_end(), NULL);
	}

	/* that is no word about the session: another dialog, the user's
	   answer */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_invite(ck.conf, BOB, UE_CONF_BY_USER), 0);
	ck_answer(ck_sent("REFER"), 481, "x", NULL, NULL, NULL);
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	ck_answer(ck_sent("REFER"), 202, NULL, "Contact: <" CK_FOCUS ">\r\n",
		  NULL, NULL);
	CHECK_EQ(ck_notify_refer(ck_sent("REFER"), "terminated",
				 "SIP/2.0 481 Gone\r\n"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 2);
	CHECK_EQ(ck_sent_count("BYE"), 0);
	CHECK_STR(ck_end(), NULL);
}


static void test_removed(void)
{
	unsigned n;

	/* 5.3.1.6.2; the focus forgets to end the subscription, and to say
	   what became of a REFER */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL),
		 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	n = ck_sent_count("SUBSCRIBE");
	rk_run(3999);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	rk_run(1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->err, ECONNABORTED);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	rk_run(4000);
	CHECK_EQ(ck_sent_count("SUBSCRIBE"), n + 1);
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Expires"), "0");
	ck_answer(ck_sent("SUBSCRIBE"), 481, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 4579 5.12, RFC 6665 4.5.2: the order of the BYE and of the last NOTIFYs
   is not important */
static void test_end_orders(void)
{
	static const char *const orderv[] = {
		"BRS", "BSR", "RBS", "RSB", "SBR", "SRB"
	};
	const char *step;
	unsigned n, i;

	for (i = 0; i < sizeof(orderv) / sizeof(orderv[0]); i++) {
		CHECK(ck_joined());
		CHECK_EQ(ue_conf_end(ck.conf), 0);
		n = ck_sent("REFER");
		ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL,
			  NULL);
		CHECK_EQ(ck_notify_refer(n, "active;expires=60",
					 "SIP/2.0 100 Trying\r\n"), 200);
		for (step = orderv[i]; *step; step++) {
			CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
			CHECK_EQ(*step == 'B' ?
				 ck_request(ck.invite, "314159", "BYE", NULL,
					    NULL, NULL) :
				 *step == 'R' ?
				 ck_notify_refer(n, "terminated",
						 "SIP/2.0 200 OK\r\n") :
				 ck_notify("terminated;reason=noresource",
					   NULL), 200);
			rk_run(1000);
		}
		CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->err, 0);
		CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);
		CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
		CHECK_EQ(ck_sent_count("SUBSCRIBE"), 2);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 6665 4.1.3: whatever the reason says, who leaves does not come again */
static void test_leave_for_good(void)
{
	static const char *const statev[] = {
		"terminated", "terminated;reason=deactivated",
		"terminated;reason=timeout",
		"terminated;reason=probation;retry-after=1"
	};
	unsigned n, i;

	for (i = 0; i < 2 * sizeof(statev) / sizeof(statev[0]); i++) {
		CHECK(ck_joined());
		n = ck_sent_count("SUBSCRIBE");
		if (i % 2) {
			CHECK_EQ(ue_conf_leave(ck.conf), 0);
			rk_run(0);
			ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
		}
		else {
			CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL,
					    NULL, NULL), 200);
		}
		CHECK_EQ(ck_notify(statev[i / 2], NULL), 200);
		CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
		rk_run(60000);
		CHECK_EQ(ck_sent_count("SUBSCRIBE"), n);
		CHECK_STR(ck_end(), NULL);
	}

	/* it waits for its next try when we leave */
	for (i = 0; i < 2; i++) {
		CHECK(ck_begin(NULL) && ck_join(NULL));
		ck_answer(ck.subscribe, 503, "x", "Retry-After: 3\r\n", NULL,
			  NULL);
		n = ck_sent_count("SUBSCRIBE");
		CHECK_EQ(ue_conf_leave(ck.conf), 0);
		rk_run(i ? 4000 : 0);
		ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
		CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
		CHECK_EQ(ck_sent_count("SUBSCRIBE"), n);
		CHECK_STR(ck_end(), NULL);
	}
}


/* Our word was first, also where a BYE comes before ours has left */
static void test_leave_crossed(void)
{
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL),
		 200);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK(!rk_event(UE_EVENT_CONF_ENDED)->by_peer);
	CHECK_STR(rk_event(UE_EVENT_CONF_ENDED)->text, "left");
	CHECK_STR(ck_end(), NULL);
}


static void test_leave_unanswered(void)
{
	const uint64_t t1 = 2000;
	unsigned n;

	/* 5.3.1.6.1: BYE was answered, the network says no more */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	n = ck_sent_count("SUBSCRIBE");
	rk_run(2 * t1);
	CHECK_EQ(ck_sent_count("SUBSCRIBE"), n + 1);
	rk_run(15 * t1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	rk_run(t1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->err, 0);
	CHECK_STR(rk_event(UE_EVENT_CONF_ENDED)->text, "left");

	/* what comes late finds nobody (RFC 6665 4.1.3) */
	CHECK_EQ(ck_notify("terminated;reason=timeout", NULL), 481);
	rk_run(64 * t1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_hold(void)
{
	unsigned n;

	CHECK(ck_joined());
	CHECK_EQ(ue_conf_hold(ck.conf, true), 0);
	CHECK_EQ(ue_conf_hold(ck.conf, true), EPROTO);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(n != ck.invite);
	CHECK(rk_has(n, "a=sendonly\r\n"));
	CHECK_STR(rk_hdr(n, "Require"), "");
	ck_answer(n, 200, NULL, CK_CONTACT, "application/sdp", CK_SDP
		  "a=recvonly\r\n");
	CHECK_EQ(rk_events(UE_EVENT_CONF_MODIFIED), 1);
	CHECK(rk_event(UE_EVENT_CONF_MODIFIED)->media->send);
	CHECK(!rk_event(UE_EVENT_CONF_MODIFIED)->media->receive);

	CHECK_EQ(ue_conf_hold(ck.conf, false), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "a=sendrecv\r\n"));
	ck_answer(n, 488, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_MODIFY_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_MODIFY_FAILED)->status, 488);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3892 s2.3, RFC 4579 s3.4, s5.2 */
static void test_invited(void)
{
	unsigned n;

	/* TS 24.247 7.3.2.5.3: isfocus, P-Asserted-Identity, Referred-By */
	CHECK(ck_begin(NULL));
	n = ck_invite(CK_CONTACT "P-Asserted-Identity: <" CK_FOCUS ">\r\n"
		      "Referred-By: <" BOB ">\r\n", CK_SDP);
	CHECK_EQ(rk_status(n), 180);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 1);
	CHECK_STR(ue_conf_uri(ck.conf), CK_FOCUS);
	CHECK_STR(ue_conf_inviter(ck.conf), BOB);
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 0);
	(void)ck_in_invite("ACK", NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_JOINED), 1);
	CHECK(rk_has(ck_sent("SUBSCRIBE"), "SUBSCRIBE " CK_FOCUS " "));
	CHECK_STR(ck_end(), NULL);

	/* refused, without another word */
	CHECK(ck_begin(NULL));
	(void)ck_invite(CK_CONTACT, CK_SDP);
	CHECK_STR(ue_conf_inviter(ck.conf), CK_FOCUS);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 603);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);

	/* withdrawn */
	CHECK(ck_begin(NULL));
	(void)ck_invite(CK_CONTACT, CK_SDP);
	CHECK_EQ(ck_in_invite("CANCEL", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK(rk_event(UE_EVENT_CONF_ENDED)->by_peer);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK_STR(ck_end(), NULL);

	/* RFC 3326: a status there is the caller's, and leads nowhere */
	CHECK(ck_begin(NULL));
	(void)ck_invite(CK_CONTACT, CK_SDP);
	CHECK_EQ(ck_in_invite("CANCEL", "Reason: SIP;cause=302\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->status, 302);
	CHECK_STR(rk_event(UE_EVENT_CONF_ENDED)->text, "cancelled");
	CHECK_STR(ck_end(), NULL);
}


static int reserve_h(void *arg, unsigned session)
{
	(void)arg;
	(void)session;

	return 0;
}


static void with_qos(void)
{
	rk.set.preconditions = true;
	rk.port.qos_reserve = reserve_h;
}


/* RFC 3312 5.1.1: who is not alerted yet hears nothing of its end */
static void test_invited_gone(void)
{
	unsigned n;

	CHECK(ck_begin(with_qos));
	n = ck_invite(CK_CONTACT "Supported: 100rel, precondition\r\n",
		      CK_SDP "a=curr:qos local none\r\n"
		      "a=curr:qos remote none\r\n"
		      "a=des:qos mandatory local sendrecv\r\n"
		      "a=des:qos mandatory remote sendrecv\r\n");
	CHECK_EQ(rk_status(n), 183);
	CHECK_EQ(ck_in_invite("CANCEL", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	CHECK_STR(ck_end(), NULL);
}


static void test_invited_full(void)
{
	struct ue_conf *conf[UE_CONFS_MAX];
	unsigned i;

	/* no room for another conference */
	CHECK(ck_begin(NULL));
	for (i = 0; i < UE_CONFS_MAX; i++)
		CHECK_EQ(ue_conf_join(&rk.ue, &conf[i], CK_FOCUS, NULL), 0);
	CHECK_EQ(ue_conf_join(&rk.ue, &conf[0], CK_FOCUS, NULL), ENOMEM);
	rk_run(0);
	CHECK_EQ(rk_status(ck_invite(CK_CONTACT, CK_SDP)), 486);
	CHECK_EQ(ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			    "Refer-To: <" CK_FOCUS ">\r\n", NULL, NULL), 486);
	CHECK_EQ(rk_events(UE_EVENT_CONF_INVITATION), 0);
	CHECK_STR(ck_end(), NULL);
}


static void test_unsubscribe(void)
{
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_subscribe(ck.conf), EPROTO);
	CHECK_EQ(ue_conf_unsubscribe(ck.conf), 0);
	CHECK_EQ(ue_conf_unsubscribe(ck.conf), EPROTO);
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 0\r\n", NULL,
		  NULL);
	CHECK_EQ(ck_notify("terminated;reason=timeout", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 1);
	CHECK_EQ(ue_conf_unsubscribe(ck.conf), EPROTO);

	/* again; the BYE alone ends it then */
	CHECK_EQ(ue_conf_subscribe(ck.conf), 0);
	ck_answer(ck_sent("SUBSCRIBE"), 403, "x", NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 2);
	CHECK_EQ(rk_event(UE_EVENT_CONF_SUBSCRIPTION_ENDED)->status, 403);
	CHECK(!rk_event(UE_EVENT_CONF_SUBSCRIPTION_ENDED)->again);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_watch(void)
{
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_watch(&rk.ue, &ck.conf, CK_FOCUS, 600), 0);
	ck.subscribe = ck_sent("SUBSCRIBE");
	CHECK_STR(rk_hdr(ck.subscribe, "Expires"), "600");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  "Expires: 600\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIBED), 1);
	CHECK_EQ(ck_notify("active", ck_doc(0, "full",
					    CK_USER(BOB, "connected"))), 200);
	CHECK_EQ(ue_conf_roster(ck.conf)->userc, 1);
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS), EPROTO);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Expires"), "0");
	CHECK_EQ(ck_notify("terminated", NULL), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_STR(ck_end(), NULL);

	/* refused */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_watch(&rk.ue, &ck.conf, CK_FOCUS, 0), 0);
	ck_answer(ck_sent("SUBSCRIBE"), 404, "x", NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_SUBSCRIPTION_ENDED), 1);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->status, 404);
	CHECK_STR(ck_end(), NULL);
}


static void test_give_up(void)
{
	/* while joining: one outcome */
	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL), 0);
	rk_run(0);
	ck_answer(ck_sent("INVITE"), 180, "314159", CK_CONTACT, NULL, NULL);
	CHECK_EQ(ue_conf_leave(ck.conf), 0);
	CHECK_EQ(ue_conf_leave(ck.conf), EPROTO);
	rk_run(0);
	CHECK_EQ(ck_sent_count("CANCEL"), 1);
	ck_answer(ck_sent("INVITE"), 487, "314159", NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->err, ECANCELED);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);
	CHECK_STR(ck_end(), NULL);
}


static void test_registration_lost(void)
{
	/* each command has its outcome, nothing is sent any more */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_USER), 0);
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	(void)rk_document(2, 1, rk_reginfo(0, true, RK_IMPU, "terminated",
					   "terminated", "rejected", NULL));
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 2);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->err, ECONNABORTED);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_ENDED)->err, ECONNABORTED);
	CHECK_EQ(ck_sent_count("BYE"), 0);
	CHECK_STR(ck_end(), NULL);
}


static void test_storm(void)
{
	char user[200];
	unsigned i;

	/* 1,000 documents: one event at a time, no command is lost */
	CHECK(ck_joined());
	CHECK_EQ(ue_conf_remove(ck.conf, BOB), 0);
	for (i = 2; i <= 1001; i++) {
		snprintf(user, sizeof(user), "<user entity=\"sip:%u@x\"/>",
			 i % 40);
		rk.sentc = 12;
		CHECK_EQ(ck_notify("active", ck_doc(i, "partial", user)),
			 200);
		if (i % 100 == 0)
			rk_run(1);
	}
	CHECK_EQ(ue_conf_roster(ck.conf)->version, 1001);
	CHECK(ue_conf_roster(ck.conf)->truncated);
	CHECK_EQ(rk.ue.stats.events_lost, 0);
	rk.eventc = 0;
	rk_run(200000);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 1);
	CHECK_STR(ck_end(), NULL);
}


static void test_errors(void)
{
	struct ue_conf *conf = NULL;

	rk_begin();
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_conf_join(&rk.ue, &conf, CK_FOCUS, NULL), EPROTO);

	CHECK(ck_begin(NULL));
	CHECK_EQ(ue_conf_join(&rk.ue, &conf, "no uri", NULL), EINVAL);
	CHECK_EQ(ue_conf_join(&rk.ue, &conf, NULL, NULL), EINVAL);
	CHECK_EQ(ue_conf_join(&rk.ue, NULL, CK_FOCUS, NULL), EINVAL);
	CHECK_EQ(ue_conf_invite(NULL, BOB, UE_CONF_BY_FOCUS), EPROTO);
	CHECK(conf == NULL);
	CHECK_STR(ck_end(), NULL);

	CHECK(ck_joined());
	CHECK_EQ(ue_conf_accept(ck.conf, NULL), EPROTO);
	CHECK_EQ(ue_conf_invite(ck.conf, "x", UE_CONF_BY_FOCUS), EINVAL);
	CHECK_EQ(ue_conf_invite(ck.conf, NULL, UE_CONF_BY_USER), EINVAL);
	CHECK_EQ(ue_conf_move(ck.conf, 4711), ENOENT);
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_conference[] = {
	{"TS 24.147 5.3.1.3.2: create at the factory", test_create},
	{"RFC 3261 8.1.3.4: redirected: where to is told", test_redirected},
	{"TS 24.147 5.3.1.3.2: the peer is no focus", test_no_focus},
	{"RFC 4579 5.1: a focus with a long URI", test_long_contact},
	{"RFC 5366 4: create with a list of users", test_uri_list},
	{"RFC 4575 4.6: roster, malformed document, gap", test_roster},
	{"RFC 4575 4.6: the conference is deleted", test_deleted},
	{"TS 24.147 5.3.1.5: invite by the focus, by the user", test_invite},
	{"RFC 3261 s17.1.2: timers E and F begin when a command sends",
	 test_invite_late},
	{"RFC 5368: invite several at once", test_invite_many},
	{"RFC 4579 5.11: remove another, end for all", test_remove},
	{"RFC 3261 12.2.1.2: REFER in a session that is gone",
	 test_dialog_gone},
	{"RFC 3261 12.2.1.2: REFER in a session that is gone at once",
	 test_dialog_gone_at_once},
	{"TS 24.147 5.3.1.6.2: removed by the focus", test_removed},
	{"RFC 4579 5.12: the end for all in any order", test_end_orders},
	{"RFC 6665 4.1.3: nothing is subscribed to by who leaves",
	 test_leave_for_good},
	{"TS 24.147 5.3.1.6.1: left, and a BYE of the focus at once",
	 test_leave_crossed},
	{"TS 24.147 5.3.1.6.1: left, whatever the network says to the "
	 "SUBSCRIBE", test_leave_unanswered},
	{"RFC 3264 8.4: hold and resume", test_hold},
	{"TS 24.247 7.3.2.5.3: invited by the focus", test_invited},
	{"RFC 3312 5.1.1: cancelled before the user was alerted",
	 test_invited_gone},
	{"No room for another conference", test_invited_full},
	{"Unsubscribe and subscribe inside the conference",
	 test_unsubscribe},
	{"RFC 4575: subscribe without taking part", test_watch},
	{"RFC 3261 9.1: leave while joining", test_give_up},
	{"TS 24.229 5.1.1.7: the registration is lost",
	 test_registration_lost},
	{"A storm of 1,000 documents", test_storm},
	{"Conferences: wrong use", test_errors},
	{NULL, NULL}
};
