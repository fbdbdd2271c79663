/**
 * @file test_messaging_sdp.c  Descriptions of MSRP sessions: who connects
 *                             where (RFC 6135 s4, RFC 6714 s4)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#define CEMA "a=msrp-cema\r\n"
#define PASSIVE "a=setup:passive\r\n"
#define ACTIVE "a=setup:active\r\n"
#define ACTPASS "a=setup:actpass\r\n"
#define FOREIGN "msrp://192.0.2.99:9999/s1;tcp"

/** Number of our last offer, of what the 200 to it said */
static unsigned offer;


static unsigned agree(const char *sdp)
{
	offer = mg_call();
	ss_answer(offer, 200, SS_CONTACT SS_ALLOW SS_RR, sdp);

	return rk_events(UE_EVENT_SESSION_ESTABLISHED);
}


static bool connects_to(uint8_t last, uint16_t port)
{
	return mg.open[0] && mg.remote[0].ip[3] == last &&
		mg.remote[0].port == port;
}


/** Our answer to an offer; UINT_MAX: none, or refused */
static unsigned answered(const char *sdp)
{
	const struct ue_event *ev;
	unsigned n;

	(void)ss_invite(NULL, sdp);
	ev = rk_event(UE_EVENT_SESSION_INCOMING);
	if (!ev || ue_session_accept(&rk.ue, ev->session))
		return UINT32_MAX;
	rk_run(0);
	n = ss_sent("200");
	ss_ack(NULL);

	return n;
}


/** The status with which an offer is refused when it is accepted */
static unsigned refused_with(const char *sdp)
{
	(void)answered(sdp);

	return rk_has(rk_last(), "SIP/2.0 4") ? rk_status(rk_last()) : 0;
}


static void no_cema(void)
{
	mg.set.no_cema = true;
}


static void behind_nat(void)
{
	mg.set.behind_nat = true;
}


static void no_listener(void)
{
	mg.no_listener = true;
}


/* RFC 4975 s8.1 */
static void offers(void)
{
	CHECK(mg_begin(NULL));
	offer = mg_call();
	CHECK(rk_has(offer, "m=message 7654 TCP/MSRP *\r\n"));
	CHECK(rk_has(offer, "a=path:msrp://10.0.0.7:7654/"));
	CHECK(rk_has(offer, ACTPASS));
	CHECK(rk_has(offer, CEMA));

	CHECK(mg_begin(behind_nat));
	CHECK(rk_has(mg_call(), ACTIVE));
	CHECK(mg_begin(no_cema));
	CHECK(!rk_has(mg_call(), CEMA));

	/* RFC 6135 s4.2.1 */
	CHECK(mg_begin(no_listener));
	offer = mg_call();
	CHECK(rk_has(offer, "m=message 9 TCP/MSRP *\r\n"));
	CHECK(rk_has(offer, ACTIVE));
}


/* RFC 6714 s4.2: to c= and m= with CEMA on both sides, and also without
   where no relay is in use */
static void middlebox(void)
{
	const char *const cema[2] = {CEMA PASSIVE, PASSIVE};
	unsigned i;

	for (i = 0; i < 2; i++) {
		CHECK(mg_begin(NULL));
		CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, FOREIGN, cema[i])),
			 1);
		CHECK(connects_to(77, 9000));
		CHECK_EQ(ss_sent_count("INVITE"), 1);
		mg_connected(0);
		CHECK(strstr(mg_wire(0), "To-Path: " FOREIGN "\r\n"));
	}

	CHECK(mg_begin(no_cema));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, FOREIGN, PASSIVE)), 1);
	CHECK(connects_to(99, 9999));
}


/* RFC 6714 s4.2, s6.3: of two sessions with one host in the path each has its
   middlebox; RFC 4975 s5.4: with the same one it is used again */
static void middleboxes(void)
{
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.78", 9000, FOREIGN, CEMA PASSIVE)), 1);
	mg_connected(0);
	CHECK_EQ(agree(mg_sdp("192.0.2.78", 9000, FOREIGN "2", CEMA PASSIVE)),
		 2);
	CHECK_EQ(mg.opens[0], 1);
	CHECK(!mg.open[1]);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);

	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.78", 9000, FOREIGN, CEMA PASSIVE)), 1);
	mg_connected(0);
	CHECK_EQ(agree(mg_sdp("192.0.2.78", 9010, FOREIGN "2", CEMA PASSIVE)),
		 2);
	CHECK(mg.open[1]);
	CHECK_EQ(mg.remote[1].port, 9010);
}


/** The second offer, without CEMA, is answered.  true: it was made */
static bool falls_back(const char *sdp)
{
	const unsigned n = ss_sent("INVITE");

	if (n == offer || rk_has(n, CEMA) || !rk_has(n, "m=message"))
		return false;
	ss_answer(n, 200, SS_CONTACT SS_ALLOW, sdp);

	return ss_sent("INVITE") == n;
}


/* RFC 6714 s4.2 no 1: a middlebox does not know CEMA and we are passive */
static void fallback_passive(void)
{
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, FOREIGN, ACTIVE)), 1);
	CHECK(falls_back(mg_sdp("192.0.2.77", 9000, MG_BOB, ACTIVE)));
	CHECK(!mg.open[0]);

	/* it is refused: there will be no messages */
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, FOREIGN, ACTIVE)), 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);
	ss_answer(ss_sent("INVITE"), 488, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGING_LOST)->err, EPROTO);

	/* it matches: nothing to fall back from */
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, MG_BOB, ACTIVE)), 1);
	CHECK_EQ(ss_sent_count("INVITE"), 1);
}


/* RFC 6714 s4.2 no 3: the peer has a relay */
static void fallback_peer_relay(void)
{
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.88", 9000, MG_BOB_RELAY, PASSIVE)), 1);
	CHECK(!mg.open[0]);
	CHECK(falls_back(mg_sdp("192.0.2.88", 9000, MG_BOB_RELAY, PASSIVE)));
	/* still so: the path is what RFC 4975 knows */
	CHECK(connects_to(60, 2855));

	/* c= and m= name one of the path: no new offer, to the path */
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, MG_BOB_RELAY, PASSIVE)), 1);
	CHECK_EQ(ss_sent_count("INVITE"), 1);
	CHECK(connects_to(60, 2855));

	/* with CEMA: to the middlebox */
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.88", 9001, MG_BOB_RELAY, CEMA
			      PASSIVE)), 1);
	CHECK(connects_to(88, 9001));
}


/* RFC 6714 s4.3: a middlebox without CEMA has changed the offer; RFC 6714
   s4.4 */
static void refused(void)
{
	CHECK(mg_begin(NULL));
	CHECK_EQ(refused_with(mg_sdp("192.0.2.77", 9000, FOREIGN,
						  ACTPASS)), 488);
	/* with it, or unchanged, or without our knowing it: taken */
	CHECK(mg_begin(NULL));
	CHECK(rk_has(answered(mg_sdp("192.0.2.77", 9000, FOREIGN, CEMA
				     ACTPASS)), CEMA));
	CHECK(connects_to(77, 9000));
	CHECK(mg_begin(NULL));
	CHECK(rk_has(answered(mg_sdp("192.0.2.77", 9000, MG_BOB, ACTPASS)),
		     CEMA));
	CHECK(mg_begin(no_cema));
	CHECK(!rk_has(answered(mg_sdp("192.0.2.77", 9000, FOREIGN, ACTPASS)),
		      CEMA));
	CHECK(connects_to(99, 9999));
	/* RFC 6135 s4.2.1: the port of who only connects */
	CHECK(mg_begin(NULL));
	CHECK(rk_has(answered(mg_sdp("192.0.2.77", 9, MG_BOB, ACTIVE)),
		     PASSIVE));
}


/* RFC 6135 s4.2.2, RFC 4975 s5.4; RFC 4145 s4.1, s5.1, s5.2, RFC 4975 s8.5 */
static void setup(void)
{
	static const struct {
		const char *offer, *answer;
	} v[] = {{ACTPASS, ACTIVE}, {PASSIVE, ACTIVE}, {ACTIVE, PASSIVE},
		 {"", PASSIVE}};
	unsigned i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(mg_begin(NULL));
		CHECK(rk_has(answered(mg_sdp("192.0.2.77", 9000, MG_BOB,
					     v[i].offer)), v[i].answer));
	}

	/* RFC 4145 s4.1: nor does the answer to a re-INVITE repeat it */
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	for (i = 0; i < 3; i++) {
		CHECK_EQ(ss_request("INVITE", SS_ALLOW, mg_sdp("192.0.2.77",
			 9000, MG_BOB, v[i].offer)), 200);
		CHECK(rk_has(ss_sent("200"), v[i].answer));
		ss_ack(NULL);
	}
	CHECK_EQ(mg.opens[0], 1);

	/* nobody can connect to us */
	CHECK(mg_begin(no_listener));
	CHECK_EQ(refused_with(mg_sdp("192.0.2.77", 9000, MG_BOB,
						  ACTIVE)), 488);
	/* both want to connect */
	CHECK(mg_begin(behind_nat));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, MG_BOB, ACTIVE)), 0);
}


/* RFC 6714 s4.3 no 2: the offerer has a relay */
static void offerer_relay(void)
{
	unsigned n;

	CHECK(mg_begin(NULL));
	n = answered(mg_sdp("192.0.2.60", 2855, MG_BOB_RELAY, CEMA ACTIVE));
	CHECK(rk_has(n, PASSIVE));
	CHECK(!rk_has(n, CEMA));

	CHECK(mg_begin(NULL));
	n = answered(mg_sdp("192.0.2.61", 2856, MG_BOB_RELAY, CEMA ACTPASS));
	CHECK(rk_has(n, ACTIVE));
	CHECK(rk_has(n, CEMA));
	CHECK(connects_to(61, 2856));
}


/* RFC 4975 s8.2, s8.6: what must be there */
static void incomplete(void)
{
	static const char *const pathv[] = {"x", "http://a", ""};
	unsigned i;

	for (i = 0; i < sizeof(pathv) / sizeof(pathv[0]); i++) {
		CHECK(mg_begin(NULL));
		CHECK_EQ(refused_with(mg_sdp(
			"192.0.2.77", 9000, pathv[i], CEMA ACTPASS)), 488);
	}
	CHECK(mg_begin(NULL));
	CHECK_EQ(refused_with(mg_sdp(
		"192.0.2.77", 9000, MG_BOB, CEMA ACTPASS
		"a=x-accept-types:none\r\n")), 488);
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, "x", PASSIVE)), 0);
}


static void audio_beside(void)
{
	static const struct ue_codec codec = {"PCMU", 8000, 0, NULL};
	static const struct ue_audio audio = {4000, &codec, 1, 0, 0};

	rk.set.audio = &audio;
}


static const char *both_streams(unsigned version, const char *msrp_port,
				const char *attrs, const char *rest)
{
	static char text[600];

	(void)snprintf(text, sizeof(text), "v=0\r\no=- 1 %u IN IP4 192.0.2.9"
		       "\r\ns=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		       "m=message %s TCP/MSRP *\r\na=path:" MG_BOB "\r\n"
		       "%s%s", version, msrp_port, attrs, rest);

	return text;
}


#define AUDIO "m=audio 3456 RTP/AVP 0\r\n"
#define TYPES "a=accept-types:text/plain\r\n"


/* Where only the messages of an offer are refused nothing of them is left */
static void beside_audio(void)
{
	static const char *const attrv[] = {ACTPASS, ACTPASS TYPES};
	unsigned i, n, id;

	for (i = 0; i < 2; i++) {
		CHECK(mg_begin(audio_beside));
		(void)ss_invite(SS_ALLOW, both_streams(1, "9000", attrv[i],
						       AUDIO));
		CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
		id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
		CHECK(ue_session_media(&rk.ue, id)->messages);
		CHECK_EQ(ue_session_media(&rk.ue, id)->codecc, 1);
		CHECK_EQ(ue_session_accept(&rk.ue, id), 0);
		rk_run(0);
		n = ss_sent("200");
		CHECK(rk_has(n, "m=audio 4000 RTP/AVP 0\r\n"));
		CHECK_EQ(rk_has(n, "m=message 0"), !i);
		ss_ack(NULL);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
		CHECK_EQ(ue_session_media(&rk.ue, id)->messages, i);
		CHECK_EQ(rk.ue.messaging.mediav[0].ms != NULL, i);
		rk_run(1000);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);
	}
}


/** A session that we accept, its messages bound.  rest: further streams.
 *  @return its number, 0 = it did not work */
static unsigned both_bound(const char *rest)
{
	unsigned id;

	if (!mg_begin(audio_beside))
		return 0;
	(void)ss_invite(SS_ALLOW, both_streams(1, "9000", PASSIVE TYPES,
					       rest));
	id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	if (ue_session_accept(&rk.ue, id))
		return 0;
	rk_run(0);
	ss_ack(NULL);
	mg_connected(0);
	mg_answer(0, mg_wire(0), "200 OK", "");

	return id;
}


/* RFC 3264 s6, s8.2: what ends of one stream is none of the other's */
static void one_of_two(void)
{
	const struct ue_media *med;
	unsigned id;

	id = both_bound(AUDIO "m=video 5000 RTP/AVP 31\r\n");
	CHECK(id > 0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	med = ue_session_media(&rk.ue, id);
	CHECK(med->messages && med->codecc == 1);

	/* one that never was */
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(2, "9000",
			PASSIVE TYPES, AUDIO "m=video 0 RTP/AVP 31\r\n")),
		 200);
	ss_ack(NULL);
	CHECK(med->messages && med->codecc == 1);

	/* audio that we do not have */
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(3, "9000",
			PASSIVE TYPES, "m=audio 3456 RTP/AVP 8\r\n"
			"m=video 0 RTP/AVP 31\r\n")), 200);
	ss_ack(NULL);
	CHECK(med->messages && !med->codecc);
	CHECK_EQ(med->remote.family, 0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);

	/* messages: the connection is not needed any more */
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(4, "0",
			PASSIVE TYPES, AUDIO "m=video 0 RTP/AVP 31\r\n")),
		 200);
	ss_ack(NULL);
	CHECK(!med->messages && med->codecc == 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK(!mg.open[0]);

	/* not there again by itself, but by the peer */
	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_has(ss_sent("INVITE"),
		     "m=audio 0 RTP/AVP 0\r\nm=audio 4000 "));
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, both_streams(5, "0", "",
			AUDIO "a=recvonly\r\nm=video 0 RTP/AVP 31\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(6, "9000",
			PASSIVE TYPES, AUDIO "m=video 0 RTP/AVP 31\r\n")),
		 200);
	ss_ack(NULL);
	CHECK(med->messages);
	mg_connected(0);
	mg_answer(0, mg_sent(0), "200 OK", "");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
}


/* RFC 3264 s8.2: removed in its place, and offered in another one: that one
   is no reason to go on in the old one */
static void moved(void)
{
	unsigned id = both_bound(AUDIO);

	CHECK(id > 0);
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(2, "0", "",
			AUDIO "m=message 9000 TCP/MSRP *\r\n"
			"a=path:" MG_BOB "\r\n" PASSIVE TYPES)), 200);
	CHECK(rk_has(ss_sent("200"), "m=message 0 TCP/MSRP *\r\n"));
	ss_ack(NULL);
	CHECK(!ue_session_media(&rk.ue, id)->messages);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK(!mg.open[0]);
}


/* RFC 3264 s8.2: what was lost before it was removed does not come again */
static void lost_and_removed(void)
{
	unsigned id = both_bound(AUDIO), n;

	CHECK(id > 0);
	mg_gone(0, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(ss_request("INVITE", NULL, both_streams(2, "0",
			PASSIVE TYPES, AUDIO)), 200);
	ss_ack(NULL);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK(!rk.ue.messaging.mediav[0].ms);
	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 "));
	CHECK(!rk_has(n, "m=message"));
	CHECK(!ue_session_media(&rk.ue, id)->messages);
}


/* RFC 3264 s6: the answer to a later offer of ours refuses one stream */
static void one_of_two_answered(void)
{
	const struct ue_media *med;
	unsigned id;

	id = both_bound(AUDIO);
	CHECK(id > 0);
	med = ue_session_media(&rk.ue, id);

	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, both_streams(2, "0", "",
			AUDIO "a=recvonly\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK(!med->messages && med->codecc == 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);

	/* and then the other one: a session without streams */
	CHECK_EQ(ue_session_resume(&rk.ue, id), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, both_streams(3, "0", "",
			"m=audio 0 RTP/AVP 0\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 2);
	CHECK(!med->messages && !med->codecc);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
}


/* RFC 4975 s5.4: msrps means TLS: not without, whatever m= says */
static void downgrade(void)
{
	static const char path[] = "msrps://192.0.2.77:9000/s1;tcp";

	CHECK(mg_begin(NULL));
	CHECK_EQ(refused_with(mg_sdp("192.0.2.77", 9000, path,
				     CEMA ACTPASS)), 488);
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("192.0.2.77", 9000, path, PASSIVE)), 0);
	CHECK(!mg.open[0]);
}


/* A name is not looked up: who has only that connects to us, or nobody does */
static void named(void)
{
	static const char path[] = "msrp://bob.home2.net:9000/s1;tcp";

	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("bob.home2.net", 9000, path, PASSIVE)), 0);
	CHECK(!mg.open[0]);
	CHECK(mg_begin(NULL));
	CHECK_EQ(agree(mg_sdp("bob.home2.net", 9000, path,
			      ACTIVE)), 1);
}


const struct test_case suite_messaging_sdp[] = {
	{"RFC 6714 s4.2, RFC 6135 s4.2.1: offers", offers},
	{"RFC 6714 s4.2: the active side and a middlebox", middlebox},
	{"RFC 6714 s4.2: two sessions, one or two middleboxes", middleboxes},
	{"RFC 6714 s4.2 no 1: fall-back of the passive side",
	 fallback_passive},
	{"RFC 6714 s4.2 no 3: the answerer has a relay", fallback_peer_relay},
	{"RFC 6714 s4.3: offers of middleboxes that do not know it", refused},
	{"RFC 6135 s4.2.2: who connects", setup},
	{"RFC 6714 s4.3 no 2: the offerer has a relay", offerer_relay},
	{"RFC 4975 s8: descriptions without path or types", incomplete},
	{"RFC 3264 s6: messages are refused, audio is not", beside_audio},
	{"RFC 3264 s8.2: one of two streams ends", one_of_two},
	{"RFC 3264 s8.2: a stream is offered in another place", moved},
	{"RFC 3264 s8.2: what is lost is removed", lost_and_removed},
	{"RFC 3264 s6: an answer refuses one of two streams",
	 one_of_two_answered},
	{"RFC 4975 s5.4: msrps without TLS", downgrade},
	{"a peer with a name for an address", named},
	{NULL, NULL}
};
