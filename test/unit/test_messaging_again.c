/**
 * @file test_messaging_again.c  A session with messages whose connection has
 * failed: not used again without a description, made again by one (RFC 4975
 * s5.4, s8.4)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#define BOB_2 "msrp://192.0.2.77:9002/s2;tcp"


static int say(void)
{
	static const uint8_t octets[4] = "abc";
	const struct ue_message m = {.type = "a/b", .data = octets, .len = 3};

	return ue_message_send(&rk.ue, mg.session, &m);
}


/* The peer offers this path */
static unsigned offer(const char *path, unsigned port, const char *setup)
{
	const unsigned status = ss_request("INVITE", SS_ALLOW,
		mg_sdp("192.0.2.77", port, path, setup));

	ss_ack(NULL);

	return status;
}


static void peer_connects(unsigned n, const char *tid)
{
	struct ue_addr from = {.family = 4};
	unsigned flow = 0;

	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER,
				  &from, &flow), 0);
	mg.open[flow - UE_FLOWS_MAX] = true;
	mg_request(flow - UE_FLOWS_MAX, n, tid, "SEND",
		   "Message-ID: bind\r\n", NULL, '$');
}


/* s5.4: its sessions have failed */
static void not_again(void)
{
	unsigned n;

	/* one that was bound */
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_gone(0, ECONNRESET);
	peer_connects(ss.invite, "tid1");
	CHECK(strstr(mg_wire(0), "MSRP tid1 481 "));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	CHECK_EQ(say(), ENOTCONN);

	/* and one whose connection could not be made */
	CHECK(mg_begin(NULL));
	n = mg_call();
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	mg_gone(0, ECONNREFUSED);
	peer_connects(n, "tid2");
	CHECK(strstr(mg_wire(0), "MSRP tid2 481 "));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
}


/* s5.4: a re-INVITE of the peer; we connect, or it does */
static void peer_offers(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_gone(0, ECONNRESET);
	CHECK_EQ(offer(BOB_2, 9002, "a=setup:passive\r\n"), 200);
	CHECK(mg.open[0]);
	CHECK_EQ(mg.remote[0].port, 9002);
	mg_connected(0);
	CHECK(strstr(mg_wire(0), "To-Path: " BOB_2 "\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK_EQ(say(), 0);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, ECONNRESET);

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_gone(0, ECONNRESET);
	CHECK_EQ(offer(BOB_2, 9002, "a=setup:active\r\n"), 200);
	CHECK(!mg.open[0]);
	peer_connects(rk.sentc - 1, "tid1");
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 "));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK_EQ(say(), 0);
}


/* s8.4: the peer's new place is told before we know that the old one is no
   more; its relay may change, that is none */
static void peer_knows_first(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(offer("msrp://192.0.2.60:2855/r;tcp " MG_BOB, 9000,
		       "a=setup:passive\r\n"), 200);
	CHECK(mg.open[0]);
	CHECK_EQ(mg.opens[0], 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);

	CHECK_EQ(say(), 0);
	CHECK_EQ(offer(BOB_2, 9002, "a=setup:passive\r\n"), 200);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(mg.opens[0], 2);
	mg_connected(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK_EQ(say(), 0);

	/* while we connect */
	CHECK(mg_begin(NULL));
	ss_answer(mg_call(), 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	CHECK_EQ(offer(BOB_2, 9002, "a=setup:passive\r\n"), 200);
	CHECK_EQ(mg.opens[0], 2);
	CHECK_EQ(mg.remote[0].port, 9002);
	mg_connected(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
}


/* A session with messages that has lost its connection, and an offer of our
   own, as that of ue_session_hold().  @return its number */
static unsigned lost_and_offered(void)
{
	if (!mg_begin(NULL) || !mg_bound(""))
		return 0;
	mg_gone(0, ECONNRESET);
	if (ue_session_resume(&rk.ue, mg.session))
		return 0;
	rk_run(0);

	return ss_sent("INVITE");
}


static void we_offer(void)
{
	char before[200];
	unsigned n = lost_and_offered();

	CHECK(n);
	CHECK(strstr(rk.sentv[n], "a=setup:actpass\r\n"));
	/* who has not noticed knows by the path that this is another one */
	snprintf(before, sizeof(before), "%s", mg_own(ss.invite));
	CHECK(strcmp(before, mg_own(n)));
	ss_answer(n, 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.77", 9002, BOB_2, "a=setup:passive\r\n"));
	CHECK(mg.open[0]);
	mg_connected(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK_EQ(say(), 0);

	/* the peer connects, and is faster than its answer */
	n = lost_and_offered();
	peer_connects(ss.invite, "tid1");
	CHECK(strstr(mg_wire(0), "MSRP tid1 481 "));
	peer_connects(n, "tid2");
	CHECK(strstr(mg_wire(1), "MSRP tid2 200 "));
	ss_answer(n, 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:active\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK_EQ(say(), 0);
}


/* s8.4: a description of the peer that has not noticed, as to refresh the
   session: what we answer says that it is over */
static void peer_does_not_know(void)
{
	char before[200];

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_gone(0, ECONNRESET);
	CHECK_EQ(offer(MG_BOB, 9000, "a=setup:actpass\r\n"), 200);
	snprintf(before, sizeof(before), "%s", mg_own(ss.invite));
	CHECK(strcmp(before, mg_own(rk.sentc - 1)));
	/* nor does one that stands change its place */
	mg_connected(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	snprintf(before, sizeof(before), "%s", mg_own(rk.sentc - 1));
	CHECK_EQ(offer(MG_BOB, 9000, "a=setup:passive\r\n"), 200);
	CHECK_STR(mg_own(rk.sentc - 1), before);
	CHECK_EQ(say(), 0);
}


/* RFC 3264 s8: an offer that is refused changes nothing, whatever path it
   names */
static void refused_path(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, "v=0\r\n"
			    "o=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"
			    "c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
			    "m=message 9002 TCP/MSRP *\r\n"
			    "a=path:" BOB_2 "\r\n"), 488);
	ss_ack(NULL);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);
	CHECK_EQ(say(), 0);
	CHECK(strstr(mg_wire(0), " SEND\r\n"));
}


/* s8.4, RFC 3264 s8: a refresh of ours says that it is over: it is another
   description */
static void refresh_is_new(void)
{
	char before[200], origin[80];
	unsigned n;

	CHECK(mg_begin(NULL));
	n = mg_call();
	ss_answer(n, 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n"
		  "Session-Expires: 1000;refresher=uac\r\n",
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	mg_connected(0);
	mg_answer(0, mg_wire(0), "200 OK", "");
	snprintf(before, sizeof(before), "%s", mg_own(n));
	snprintf(origin, sizeof(origin), "%.79s",
		 strstr(rk.sentv[n], "\r\no="));
	*strstr(origin, " IN ") = '\0';
	mg_gone(0, ECONNRESET);
	rk_run(500000);
	n = ss_sent("INVITE");
	CHECK(n != ss.invite);
	CHECK(strcmp(before, mg_own(n)));
	CHECK(!strstr(rk.sentv[n], origin));
}


/* s5.4: what has failed, in another session: the peer knows a copy */
static void same_id(void)
{
	struct ue_message m = {.type = "a/b", .data = (const uint8_t *)"abc",
			       .len = 3, .id = "note-1"};

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
	CHECK(strstr(mg_wire(0), "\r\nMessage-ID: note-1\r\n"));
	mg_gone(0, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 1);
	CHECK_EQ(offer(BOB_2, 9002, "a=setup:passive\r\n"), 200);
	mg_connected(0);
	(void)mg_wire(0);
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
	CHECK(strstr(mg_wire(0), "\r\nMessage-ID: note-1\r\n"));

	/* s9: ident */
	m.id = "abc";
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EINVAL);
	m.id = "ab c";
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EINVAL);
	m.id = "";
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EINVAL);
	m.id = "123456789012345678901234567890123";
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EOVERFLOW);
}


/* s5.4: who connects may be faster than its answer to our offer.  Messages
   can be sent when it has come */
static void before_answer(void)
{
	unsigned n;

	CHECK(mg_begin(NULL));
	n = mg_call();
	peer_connects(n, "tid1");
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 OK\r\nTo-Path: " MG_BOB));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 0);
	mg_request(0, n, "tid2", "SEND", "Message-ID: m1\r\n"
		   "Byte-Range: 1-2/2\r\nSuccess-Report: yes\r\n"
		   "Content-Type: a/b\r\n", "hi", '$');
	CHECK(strstr(mg_wire(0), "REPORT\r\nTo-Path: " MG_BOB));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
	CHECK_EQ(say(), ENOTCONN);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:active\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	CHECK_EQ(say(), 0);

	/* it was another branch's */
	CHECK(mg_begin(NULL));
	n = mg_call();
	peer_connects(n, "tid1");
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9002, BOB_2, "a=setup:passive\r\n"));
	CHECK_EQ(mg.opens[0], 1);
	mg_connected(0);
	CHECK(strstr(mg_wire(0), "To-Path: " BOB_2 "\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
}


const struct test_case suite_messaging_again[] = {
	{"RFC 4975 s5.4: a failed session is not bound again", not_again},
	{"RFC 4975 s5.4: the peer makes it again by a re-INVITE", peer_offers},
	{"RFC 4975 s8.4: the peer has moved before we know that the connection "
	 "has failed", peer_knows_first},
	{"RFC 4975 s5.4: we make it again by an offer of another path",
	 we_offer},
	{"RFC 4975 s8.4: the peer does not know that it has failed",
	 peer_does_not_know},
	{"RFC 3264 s8: an offer of another path that is refused",
	 refused_path},
	{"RFC 3264 s8: a refresh after a loss is another description",
	 refresh_is_new},
	{"RFC 4975 s5.4: a message is sent again under its Message-ID",
	 same_id},
	{"RFC 4975 s5.4: the peer connects before its answer is there",
	 before_answer},
	{NULL, NULL}
};
