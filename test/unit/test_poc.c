/**
 * @file test_poc.c  OMA PoC, release scenarios for the pre-established session
 * (9.X.1 to 9.X.3): the steps of the UE, in the text's order
 *
 * Not imitated: the text shows no answer to the REFER of 9.X.1 (RFC 3515
 * 2.4.2: 202 or another final one comes all the same) and calls that of 9.X.2
 * OK; it has "NOTIFY" where the 200 to the NOTIFY is forwarded (step 11, step
 * 16), and "SUBSCRIBE" where it is the NOTIFY (9.X.3 step 2).
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define PRE "sip:pre1@poc.home1.net"
#define POC "sip:poc7@poc.home2.net"


/* A pre-established session, subscribed, in a PoC session with Bob */
static bool begin(void)
{
	if (!ck_begin(NULL) ||
	    ue_poc_establish(&rk.ue, &ck.conf, "sip:poc@poc.home1.net", NULL))
		return false;

	rk_run(0);
	ck.invite = ck_sent("INVITE");
	/* not a focus: no isfocus is asked for */
	ck_answer(ck.invite, 200, "314159", "Contact: <" PRE ">\r\n" CK_ROUTE,
		  "application/sdp", CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" PRE ">\r\n"
		  "Expires: 3600\r\n", NULL, NULL);

	return rk_events(UE_EVENT_CONF_JOINED) == 1;
}


/* 9.X.3: what is told is the PoC session */
static unsigned notified(unsigned version, const char *entity,
			 const char *users)
{
	static char doc[1000];
	const char *from = ck_doc(version, "full", users);
	const char *at = strstr(from, CK_FOCUS);

	memcpy(doc, from, (size_t)(at - from));
	strcpy(doc + (at - from), entity);
	strcat(doc, at + strlen(CK_FOCUS));

	return ck_notify("active;expires=3600", doc);
}


static unsigned participants(unsigned version, const char *users)
{
	return notified(version, POC, users);
}


static void test_participants(void)
{
	/* 9.X.3 steps 1 to 4 */
	CHECK(begin());
	CHECK(rk_has(ck.subscribe, "SUBSCRIBE " PRE " SIP/2.0\r\n"));
	CHECK_EQ(participants(1, CK_USER("sip:bob@home2.net", "connected")),
		 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	CHECK_STR(roster_text(ue_conf_roster(ck.conf),
			      ue_conf_roster(ck.conf)->entity), POC);
	CHECK_STR(ue_conf_uri(ck.conf), PRE);
	CHECK_STR(ck_end(), NULL);
}


static void test_leave(void)
{
	unsigned n;

	/* 9.X.1: the PoC session is not known yet */
	CHECK(begin());
	CHECK_EQ(ue_poc_leave(ck.conf, NULL), EINVAL);
	CHECK_EQ(participants(1, CK_USER("sip:bob@home2.net", "connected")),
		 200);

	/* step 1 */
	CHECK_EQ(ue_poc_leave(ck.conf, NULL), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " PRE " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" POC ";method=BYE>");
	ck_answer(n, 202, NULL, "Contact: <" PRE ">\r\n", NULL, NULL);

	/* steps 9 and 10: it is no participant notification */
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource",
				 "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ROSTER), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
		 UE_CONF_POC_LEAVE);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);

	/* the pre-established session stays, and its notifications */
	CHECK_EQ(participants(2, ""), 200);
	CHECK_EQ(ue_conf_roster(ck.conf)->userc, 0);
	CHECK_EQ(ck_sent_count("BYE"), 0);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);

	/* and where it names itself, there is no PoC session to leave */
	CHECK_EQ(notified(3, "sip:pre1@POC.home1.net", ""), 200);
	CHECK_EQ(ue_poc_leave(ck.conf, NULL), EINVAL);
	CHECK_STR(ck_end(), NULL);
}


static void test_end(void)
{
	static const char *const group[] = {"sip:team@poc.home2.net"};
	static const char *const list[] = {"sip:bob@home2.net",
					   "sip:carol@home3.net"};
	unsigned n;

	/* 9.X.2 step 1: to the controlling server */
	CHECK(begin());
	CHECK_EQ(participants(1, CK_USER("sip:bob@home2.net", "connected")),
		 200);
	CHECK_EQ(ue_poc_end(ck.conf, NULL, group, 1), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "REFER " POC " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "To"), "<" POC ">");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<sip:team@poc.home2.net;method=BYE>");

	/* steps 12 to 15 */
	ck_answer(n, 200, "refer", "Contact: <" POC ">\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 0);
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource",
				 "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->request,
		 UE_CONF_POC_END);
	CHECK_EQ(rk_event(UE_EVENT_CONF_REQUEST_DONE)->status, 200);
	CHECK_EQ(rk_events(UE_EVENT_CONF_ENDED), 0);

	/* an ad hoc list */
	CHECK_EQ(ue_poc_end(ck.conf, POC, list, 2), 0);
	n = ck_sent("REFER");
	CHECK(rk_has(n, "<entry uri=\"sip:bob@home2.net?method=BYE\"/>"));
	ck_answer(n, 200, "refer", "Refer-Sub: false\r\n", NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_REQUEST_DONE), 2);

	CHECK_EQ(notified(2, PRE, ""), 200);
	CHECK_EQ(ue_poc_end(ck.conf, NULL, group, 1), EINVAL);
	CHECK_STR(ck_end(), NULL);
}


static void test_wrong(void)
{
	static const char *const group[] = {"sip:team@poc.home2.net"};

	/* a conference is no pre-established session */
	CHECK(ck_joined());
	CHECK_EQ(ue_poc_leave(ck.conf, POC), EPROTO);
	CHECK_EQ(ue_poc_end(ck.conf, POC, group, 1), EPROTO);
	CHECK_STR(ck_end(), NULL);

	CHECK(begin());
	CHECK_EQ(ue_poc_end(ck.conf, POC, NULL, 0), EINVAL);
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_poc[] = {
	{"OMA PoC 9.X.1: the client leaves, the pre-established session stays",
	 test_leave},
	{"OMA PoC 9.X.2: the PoC session ends for all", test_end},
	{"OMA PoC 9.X.3: participant notifications", test_participants},
	{"OMA PoC: wrong use", test_wrong},
	{NULL, NULL}
};
