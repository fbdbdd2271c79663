/**
 * @file test_messaging_relay.c  The UE and its MSRP relay (RFC 4976 s5, RFC
 *                               6714 s4 with relays)
 */
#include <errno.h>
#include <string.h>
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#if MSRP_RELAY

#define CEMA "a=msrp-cema\r\n"
#define PASSIVE "a=setup:passive\r\n"
#define ACTIVE "a=setup:active\r\n"
#define ACTPASS "a=setup:actpass\r\n"
#define SECOND "msrp://192.0.2.50:2855/second;tcp"

enum { WAIT_MS = 4000 };        /* before the second attempt, at most */


static const struct ue_event *lost(void)
{
	return rk_event(UE_EVENT_RELAY_LOST);
}


static bool asks(void)
{
	return mg.wire_len[0] && strstr(mg.wire[0], " AUTH\r\n");
}


static unsigned accepted(const char *sdp)
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


/** Authorised, a session made and bound; the peer's path has no relay */
static bool bound(void)
{
	unsigned n;

	if (!mg_begin_relay(NULL))
		return false;
	mg_granted(MG_GRANTED);
	n = mg_call();
	/* AUTH for the next one */
	mg_granted("Use-Path: " SECOND "\r\nExpires: 3600\r\n");
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA PASSIVE));
	mg_answer(0, mg_wire(0), "200 OK", "");

	return rk_events(UE_EVENT_MESSAGING_READY) == 1;
}


/* RFC 4976 s5.1: the description, To-Path; RFC 4976 s4.1, s4.2, s5.2, RFC
   4975 s8.3, RFC 6135 s4.5 */
static void session(void)
{
	unsigned n;

	CHECK(mg_begin_relay(NULL));
	CHECK_EQ(mg.remote[0].ip[3], 50);
	CHECK_EQ(mg.remote[0].port, 2855);
	CHECK(asks());
	CHECK_EQ(rk_events(UE_EVENT_RELAY_READY), 0);
	mg_granted(MG_GRANTED);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_READY), 1);
	CHECK_EQ(rk_event(UE_EVENT_RELAY_READY)->expires_s, 900);
	CHECK(!asks());

	n = mg_call();
	/* each URI for one session: the next is asked for at once */
	CHECK(asks());
	(void)mg_wire(0);
	CHECK(rk_has(n, "m=message 2855 TCP/MSRP *\r\n"
		     "c=IN IP4 192.0.2.50\r\n"));
	CHECK(rk_has(n, "a=path:" MG_USE_PATH " msrp://10.0.0.7:9/"));
	CHECK(rk_has(n, ACTPASS));
	CHECK(rk_has(n, CEMA));
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA PASSIVE));
	CHECK(!mg.open[1]);
	CHECK(strstr(mg_wire(0), " SEND\r\nTo-Path: " MG_USE_PATH " " MG_BOB
		     "\r\nFrom-Path: msrp://10.0.0.7:9/"));
}


/** A session takes the URI that is ready; where none is it fails */
static void none_ready(void)
{
	CHECK(mg_begin_relay(NULL));
	CHECK_EQ(mg_call(), UINT32_MAX);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_FAILED), 1);

	mg_granted(MG_GRANTED);
	CHECK(mg_call() != UINT32_MAX);
	/* the second one comes too early */
	CHECK_EQ(accepted(mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA ACTPASS)),
		 UINT32_MAX);
	CHECK_EQ(rk_status(rk_last()), 488);
}


/* RFC 6714 s4.2 no 2: a relay, and a middlebox that does not know CEMA */
static void fallback(void)
{
	unsigned n;

	CHECK(mg_begin_relay(NULL));
	mg_granted(MG_GRANTED);
	n = mg_call();
	(void)mg_wire(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.99", 9999, MG_BOB, PASSIVE));
	CHECK(!mg.wire_len[0]);
	CHECK(ss_sent("INVITE") != n);
	n = ss_sent("INVITE");
	CHECK(!rk_has(n, CEMA));
	CHECK(rk_has(n, "a=path:" MG_USE_PATH " "));
	ss_answer(n, 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.99", 9999, MG_BOB, PASSIVE));
	CHECK(strstr(mg_wire(0), "To-Path: " MG_USE_PATH " " MG_BOB "\r\n"));
}


/* RFC 6714 s4.3: with a relay the answerer is passive; without CEMA where the
   offerer has one, too (no 1), or is passive (no 3) */
static void answers(void)
{
	static const struct {
		const char *path, *attrs, *setup;
		unsigned port;
		bool cema;
	} v[] = {
		{MG_BOB, CEMA ACTPASS, PASSIVE, 9000, true},
		{MG_BOB, CEMA ACTIVE, PASSIVE, 9000, true},
		{MG_BOB, CEMA PASSIVE, ACTIVE, 9000, false},
		{MG_BOB_RELAY, CEMA ACTPASS, PASSIVE, 9000, false},
	};
	unsigned i, n;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(mg_begin_relay(NULL));
		mg_granted(MG_GRANTED);
		n = accepted(mg_sdp("192.0.2.77", v[i].port, v[i].path,
				    v[i].attrs));
		CHECK(n != UINT32_MAX);
		CHECK(rk_has(n, v[i].setup));
		CHECK_EQ(rk_has(n, CEMA), v[i].cema);
		CHECK(rk_has(n, "c=IN IP4 192.0.2.50\r\n"));
		CHECK_EQ(mg.opens[1], 0);
	}
}


/** The peer's first request comes through the relay */
/* RFC 4976 s5.3 */
static void passive(void)
{
	unsigned n;

	CHECK(mg_begin_relay(NULL));
	mg_granted(MG_GRANTED);
	n = accepted(mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA ACTPASS));
	(void)mg_wire(0);
	mg_request(0, n, "tid1", "SEND", "Message-ID: bind\r\n", NULL, '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 OK"));
}


static const struct msrp_session *in_use(void)
{
	const struct messaging_media *v = rk.ue.messaging.mediav;

	return v[0].s ? v[0].ms : v[1].ms;
}


/* RFC 4976 s8: a new URI and a new offer before the time is over; RFC 4975
   s8.4 */
static void renewed(void)
{
	unsigned before;

	CHECK(bound());
	before = ss_sent_count("INVITE");
	(void)mg_wire(0);
	rk_run((900 - 60) * 1000 - 1);
	CHECK(!asks());
	rk_run(1);
	CHECK(asks());
	mg_granted("Use-Path: msrp://192.0.2.50:2855/third;tcp\r\n"
		   "Expires: 900\r\n");
	CHECK_EQ(ss_sent_count("INVITE"), before + 1);
	CHECK(rk_has(ss_sent("INVITE"),
		     "a=path:msrp://192.0.2.50:2855/third;tcp msrp://10."));
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA PASSIVE));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 0);
	CHECK_STR(in_use()->peer,
		  "msrp://192.0.2.50:2855/third;tcp " MG_BOB);
}


/** RFC 4975 s8.4: a peer that has moved takes its session along, not the
 *  relay from all others */
static void peer_moves(void)
{
	CHECK(bound());
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, mg_sdp("192.0.2.77", 9002,
		 "msrp://192.0.2.77:9002/s2;tcp", CEMA PASSIVE)), 200);
	CHECK(mg.open[0]);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	CHECK(strstr(mg_wire(0), "192.0.2.77:9002/s2;tcp\r\nFrom-Path: "));
}


/** The connection is lost: so are the sessions; again after a while, which
 *  doubles */
static void connection_lost(void)
{
	CHECK(bound());
	mg_gone(0, ECONNRESET);
	CHECK_EQ(lost()->err, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	rk_run(WAIT_MS / 2 - 1);
	CHECK(!mg.open[0]);
	rk_run(WAIT_MS / 2 + 1);
	CHECK(mg.open[0]);

	mg_gone(0, ECONNREFUSED);
	CHECK_EQ(lost()->err, ECONNREFUSED);
	rk_run(WAIT_MS - 1);
	CHECK(!mg.open[0]);
	rk_run(WAIT_MS + 1);
	CHECK(mg.open[0]);
	mg_connected(0);
	(void)mg_wire(0);
	/* the session that is lost needs no URI; one is there for a new one */
	rk_run(WAIT_MS);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 2);
}


static void cannot_open(void)
{
	mg.open_err = ENETUNREACH;
}


static void not_opened(void)
{
	unsigned i;

	CHECK(!mg_begin_relay(cannot_open));
	CHECK_EQ(lost()->err, ENETUNREACH);
	for (i = 0; i < 12; i++)
		rk_run((uint64_t)WAIT_MS << i);
	/* it stays at half an hour at most */
	CHECK(rk_events(UE_EVENT_RELAY_LOST) >= 10);
	mg.open_err = 0;
	rk_run(30 * 60 * 1000);
	CHECK(mg.open[0]);
}


/* RFC 4976 s5.1: no loop of challenges; the user has to register anew */
static void refused(void)
{
	CHECK(mg_begin_relay(NULL));
	mg_answer(0, mg_wire(0), "401 Unauthorized", "WWW-Authenticate: "
		  "Digest realm=\"r\", qop=\"auth\", nonce=\"n\"\r\n");
	mg_answer(0, mg_wire(0), "401 Unauthorized", "WWW-Authenticate: "
		  "Digest realm=\"r\", qop=\"auth\", nonce=\"n\"\r\n");
	CHECK_EQ(lost()->err, EACCES);
	CHECK_EQ(lost()->status, 401);
	CHECK(!mg.open[0]);
	rk_run(3600 * 1000);
	CHECK_EQ(mg.opens[0], 1);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 1);

	/* a wrong rspauth is as bad */
	CHECK(mg_begin_relay(NULL));
	mg_granted(MG_GRANTED "Authentication-Info: rspauth=\"x\"\r\n");
	CHECK_EQ(lost()->err, EACCES);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_READY), 0);
}


/* RFC 4976 s4.4: 423, with a bound, without, without end */
static void bounds(void)
{
	unsigned i;

	CHECK(mg_begin_relay(NULL));
	mg_answer(0, mg_wire(0), "423 Out of bounds", "Min-Expires: 120\r\n");
	CHECK(strstr(mg.wire[0], "Expires: 120\r\n"));
	mg_answer(0, mg_wire(0), "423 Out of bounds", "");
	CHECK(!strstr(mg.wire[0], "Expires: "));
	mg_answer(0, mg_wire(0), "423 Out of bounds", "Max-Expires: 60\r\n");
	CHECK_EQ(lost()->status, 423);
	CHECK(!mg.open[0]);

	/* what is granted has to be usable */
	static const char *const linev[] = {
		"Expires: 900\r\n", "Use-Path: x\r\nExpires: 900\r\n",
		"Use-Path: " MG_USE_PATH "\r\n",
		"Use-Path: " MG_USE_PATH "\r\nExpires: 0\r\n",
		"Use-Path: " MG_BOB_RELAY " " MG_BOB_RELAY " " MG_BOB_RELAY
			"\r\nExpires: 900\r\n"
	};
	for (i = 0; i < sizeof(linev) / sizeof(linev[0]); i++) {
		CHECK(mg_begin_relay(NULL));
		mg_granted(linev[i]);
		CHECK_EQ(rk_events(UE_EVENT_RELAY_READY), 0);
		CHECK_EQ(lost()->err, EPROTO);
	}
}


/** No response to AUTH */
static void silence(void)
{
	CHECK(mg_begin_relay(NULL));
	rk_run(MSRP_T_MS);
	CHECK_EQ(lost()->err, ETIMEDOUT);
	CHECK(!mg.open[0]);
	rk_run(WAIT_MS);
	CHECK(mg.open[0]);
}


/** Sessions come and go: the connection stays, none of them is in the way */
static void many(void)
{
	unsigned i, n;

	CHECK(mg_begin_relay(NULL));
	mg_granted(MG_GRANTED);
	for (i = 0; i < 3 * MSRP_SESSIONS; i++) {
		n = mg_call();
		CHECK(n != UINT32_MAX);
		if (asks())
			mg_granted(MG_GRANTED);
		ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
			  mg_sdp("192.0.2.77", 9000, MG_BOB, CEMA PASSIVE));
		mg_answer(0, mg_wire(0), "200 OK", "");
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), i + 1);
		CHECK_EQ(ue_session_end(&rk.ue, mg.session), 0);
		rk_run(0);
		ss_answer(ss_sent("BYE"), 200, NULL, NULL);
		CHECK(mg.open[0]);
		rk.sentc = 4;
	}
	CHECK_EQ(mg.opens[0], 1);
}


/** Not registered any more: no relay */
static void deregistered(void)
{
	CHECK(mg_begin_relay(NULL));
	mg_granted(MG_GRANTED);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(200, NULL);
	CHECK(!mg.open[0]);
	rk_run(3600 * 1000);
	CHECK_EQ(mg.opens[0], 1);
	CHECK_STR(rk_end(), NULL);
}


static void settings(void)
{
	static const char *const uriv[] = {
		NULL, "x", "msrp://relay.example.com;tcp",
		"msrps://192.0.2.1;tcp", "http://192.0.2.1/"
	};
	unsigned i;

	for (i = 0; i < sizeof(uriv) / sizeof(uriv[0]); i++) {
		rk_begin();
		rk.port.flow_sendv = rk_sendv;
		mg.relay.uri      = uriv[i];
		mg.relay.user     = "alice";
		mg.relay.password = "secret";
		mg.set.relay = &mg.relay;
		rk.set.messaging = &mg.set;
		CHECK_EQ(rk_init(), EINVAL);
		CHECK(strstr(rk.log, "relay"));
	}
	mg.relay.uri = "msrp://[2001:db8::1];tcp";
	CHECK_EQ(rk_init(), 0);
	mg.relay.password = NULL;
	CHECK_EQ(rk_init(), EINVAL);
}


const struct test_case suite_messaging_relay[] = {
	{"RFC 4976 s5.1: AUTH, description, To-Path", session},
	{"RFC 4976 s5.1: a URI for each session, ahead of its need",
	 none_ready},
	{"RFC 6714 s4.2 no 2: fall-back with a relay", fallback},
	{"RFC 6714 s4.3: answers with a relay", answers},
	{"a session behind a relay is bound by the peer", passive},
	{"RFC 4976 s8: new URIs by new offers", renewed},
	{"RFC 4975 s8.4: a peer behind a relay that has moved", peer_moves},
	{"the relay is lost, and tried again", connection_lost},
	{"the relay cannot be reached", not_opened},
	{"RFC 4976 s5.1: the relay refuses", refused},
	{"RFC 4976 s4.4, s5.1: what the relay grants", bounds},
	{"RFC 4976 s5.1: the relay is silent", silence},
	{"many sessions behind a relay", many},
	{"no relay without registration", deregistered},
	{"settings of a relay", settings},
	{NULL, NULL}
};

#else
const struct test_case suite_messaging_relay[] = {{NULL, NULL}};
#endif
