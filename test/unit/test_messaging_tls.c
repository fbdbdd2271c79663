/**
 * @file test_messaging_tls.c  MSRP over TLS in the UE: descriptions and
 *                             certificates (RFC 4975 s14.4, RFC 8122 s5)
 */
#include <errno.h>
#include <string.h>
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#if UE_MSRP_TLS

#define BOB "msrps://192.0.2.77:9000/s1;tcp"
#define AA16 "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"
#define PRINT "a=fingerprint:SHA-256 " AA16 ":" AA16 "\r\n"
#define ONE16 "01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01"
#define OWN "a=fingerprint:SHA-256 " ONE16 ":" ONE16 "\r\n"

/** Octets of the peer's certificate; 0: it shows none */
static uint8_t shown;


static int tls_fingerprint(void *arg, unsigned flow, uint8_t sha256[32])
{
	(void)arg;
	if (flow != UE_FLOWS_ALL && !shown)
		return ENOENT;
	memset(sha256, flow == UE_FLOWS_ALL ? 1 : shown, 32);

	return 0;
}


static void secure(void)
{
	mg.set.tls = true;
	rk.port.tls_fingerprint = tls_fingerprint;
}


/** The same description over TLS, or as that protocol */
static const char *sdp(const char *proto, const char *path,
		       const char *attrs)
{
	static char text[1400];
	const char *plain = mg_sdp("192.0.2.77", 9000, path, attrs);
	const char *at = strstr(plain, "TCP/MSRP");

	(void)re_snprintf(text, sizeof(text), "%b%s%s", plain,
			  (size_t)(at - plain), proto, at + 8);

	return text;
}


static unsigned agree(const char *text)
{
	const unsigned n = mg_call();

	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR, text);

	return n;
}


/* RFC 4975 s8.1, s14.4; RFC 6135 s4.3 */
static void description(void)
{
	unsigned n;

	CHECK(mg_begin(secure));
	n = mg_call();
	CHECK(rk_has(n, "m=message 7654 TCP/TLS/MSRP *\r\n"));
	CHECK(rk_has(n, "a=path:msrps://10.0.0.7:7654/"));
	CHECK(rk_has(n, OWN));
	CHECK(rk.ue.messaging.listener.port);
}


/* RFC 4975 s14.4: the certificate that was described, or none */
static void certificate(void)
{
	static const uint8_t certv[3] = {0xaa, 0xab, 0};
	unsigned i;

	for (i = 0; i < 3; i++) {
		CHECK(mg_begin(secure));
		(void)agree(sdp("TCP/TLS/MSRP", BOB, PRINT
				"a=setup:passive\r\n"));
		CHECK(mg.open[0]);
		shown = certv[i];
		mg_connected(0);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), i == 0);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), i != 0);
		CHECK_EQ(mg.open[0], i == 0);
		if (i) {
			CHECK_EQ(rk_event(UE_EVENT_MESSAGING_LOST)->err,
				 EACCES);
			CHECK_STR(mg_wire(0), "");
		}
	}
}


/** The same of who connects to us */
/* RFC 8122 s6.2 */
static void passive(void)
{
	struct ue_addr from = {.family = 4};
	unsigned flow, i, n;

	for (i = 0; i < 2; i++) {
		CHECK(mg_begin(secure));
		n = agree(sdp("TCP/TLS/MSRP", BOB, PRINT
			      "a=setup:active\r\n"));
		CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
					  MESSAGING_LISTENER, &from, &flow),
			 0);
		mg.open[0] = true;
		shown = i ? 0xab : 0xaa;
		mg_request(0, n, "tid1", "SEND", "Message-ID: bind\r\n", NULL,
			   '$');
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), !i);
		CHECK_EQ(mg.open[0], !i);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), i);
	}
}


/* RFC 4975 s5.4, s14.4: who connects may be faster than its answer, but says
   only there which certificate is his.  Until then nothing more is read from
   that connection; others go on */
static void before_answer(void)
{
	static const uint8_t certv[] = {0xaa, 0xab, 0};
	struct ue_addr from = {.family = 4};
	unsigned flow, i, n;
	char text[600];
	size_t used, end;

	for (i = 0; i < sizeof(certv); i++) {
		CHECK(mg_begin(secure));
		n = mg_call();
		CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
					  MESSAGING_LISTENER, &from, &flow),
			 0);
		mg.open[0] = true;
		shown = certv[i];
		(void)re_snprintf(text, sizeof(text), "MSRP tid1 SEND\r\n"
				  "To-Path: %s\r\nFrom-Path: " BOB "\r\n"
				  "Message-ID: m1\r\nByte-Range: 1-2/2\r\n"
				  "Content-Type: a/b\r\n\r\nhi\r\n"
				  "-------tid1$\r\n", mg_own(n));
		end = strlen(text);
		CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, flow,
					(uint8_t *)text, end, &used), EAGAIN);
		CHECK(used < end);
		rk_run(0);
		end -= used;
		memmove(text, text + used, end);
		CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, flow,
					(uint8_t *)text, end, &used), EAGAIN);
		CHECK_EQ(used, 0);
		CHECK_STR(mg_wire(0), "");
		CHECK_EQ(mg.in[0], 0);

		ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
			  sdp("TCP/TLS/MSRP", BOB, PRINT
			      "a=setup:active\r\n"));
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), !i);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), i != 0);
		CHECK_EQ(mg.open[0], !i);
		CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, flow,
					(uint8_t *)text, end, &used), 0);
		rk_run(0);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), !i);
		if (i) {
			CHECK_EQ(rk_event(UE_EVENT_MESSAGING_LOST)->err,
				 EACCES);
			CHECK_STR(mg_wire(0), "");
			CHECK_EQ(mg.in[0], 0);
		}
	}
}


/* What is not over TLS, or does not say with which certificate */
static void refused(void)
{
	static const char *const attrv[] = {
		"",
		"a=fingerprint:SHA-1 " AA16 ":" AA16 "\r\n",
		"a=fingerprint:SHA-256 " AA16 "\r\n",
		"a=fingerprint:SHA-256 " AA16 ":" AA16 ":AA\r\n",
		"a=fingerprint:SHA-256 " AA16 "-" AA16 "\r\n",
		"a=fingerprint:SHA-256 GG:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"
			"AA:AA:AA:" AA16 "\r\n",
		"a=fingerprint\r\n"
	};
	unsigned i;

	for (i = 0; i < sizeof(attrv) / sizeof(attrv[0]); i++) {
		CHECK(mg_begin(secure));
		(void)agree(sdp("TCP/TLS/MSRP", BOB, attrv[i]));
		CHECK_EQ(mg.opens[0], 0);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 0);
	}
	CHECK(mg_begin(secure));
	(void)agree(sdp("TCP/MSRP", MG_BOB, PRINT));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 0);

	/* and the other way round */
	CHECK(mg_begin(NULL));
	(void)agree(sdp("TCP/TLS/MSRP", BOB, PRINT));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 0);

	/* s5: where the media description has one, that of the session means
	   nothing */
	CHECK(mg_begin(secure));
	(void)agree(mg_sdp_session(sdp("TCP/TLS/MSRP", BOB,
			"a=fingerprint:SHA-1 AA\r\n"), PRINT));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 0);
	CHECK(mg_begin(secure));
	(void)agree(mg_sdp_session(sdp("TCP/TLS/MSRP", BOB, ""), PRINT));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);

	/* any case, and the one that we know of several */
	CHECK(mg_begin(secure));
	(void)agree(sdp("TCP/TLS/MSRP", BOB, "a=fingerprint:SHA-1 AA\r\n"
			"a=fingerprint:sha-256 aa" ":AA:aa:AA:AA:AA:AA:AA:AA:"
			"AA:AA:AA:AA:AA:AA:AA:" AA16 "\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
}


#if MSRP_RELAY
#define RELAY "msrps://192.0.2.50:2855;tcp"
#define USE_PATH "msrps://192.0.2.50:2855/jui787s2f;tcp"
#define GRANTED "Use-Path: " USE_PATH "\r\nExpires: 900\r\n"


static void with_relay(void)
{
	static uint8_t sha256[32];

	memset(sha256, 0xaa, sizeof(sha256));
	secure();
	mg.relay.uri    = RELAY;
	mg.relay.sha256 = sha256;
}


/* RFC 4976 s5.1, s9.2, s12: all goes to the relay, which has shown what it is;
   the peer is behind it */
static void relay(void)
{
	const char *wire;
	unsigned n;

	shown = 0xaa;
	CHECK(mg_begin_relay(with_relay));
	mg_granted(GRANTED);
	CHECK_EQ(rk_events(UE_EVENT_RELAY_READY), 1);
	n = mg_call();
	(void)mg_wire(0);
	CHECK(rk_has(n, "m=message 2855 TCP/TLS/MSRP *\r\n"
		     "c=IN IP4 192.0.2.50\r\n"));
	CHECK(rk_has(n, "a=path:" USE_PATH " msrps://10.0.0.7:9/"));
	CHECK(!rk_has(n, "fingerprint"));

	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR, sdp("TCP/TLS/MSRP", BOB,
		  "a=msrp-cema\r\na=setup:passive\r\n"));
	wire = mg_wire(0);
	CHECK(strstr(wire, " SEND\r\nTo-Path: " USE_PATH " " BOB "\r\n"
		     "From-Path: msrps://10.0.0.7:9/"));
	mg_answer(0, wire, "200 OK", "");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	CHECK_EQ(mg.opens[1], 0);

	/* with a relay, too: not over TLS */
	CHECK(mg_begin_relay(with_relay));
	mg_granted(GRANTED);
	(void)agree(mg_sdp("192.0.2.77", 9000, MG_BOB, "a=msrp-cema\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 0);
}


/* RFC 4976 s9.2: what is no relay of ours learns nothing, and is left alone */
static void relay_certificate(void)
{
	static const uint8_t certv[] = {0xab, 0};
	unsigned i;

	for (i = 0; i < sizeof(certv); i++) {
		shown = certv[i];
		CHECK(mg_begin_relay(with_relay));
		CHECK_EQ(rk_events(UE_EVENT_RELAY_LOST), 1);
		CHECK_EQ(rk_event(UE_EVENT_RELAY_LOST)->err, EACCES);
		CHECK(!mg.open[0]);
		CHECK_STR(mg_wire(0), "");
		rk_run(3600 * 1000);
		CHECK_EQ(mg.opens[0], 1);
	}
}


static void relay_settings(void)
{
	static const uint8_t sha256[32];

	rk_begin();
	rk.port.flow_sendv = rk_sendv;
	memset(&mg, 0, sizeof(mg));
	mg.relay.uri      = RELAY;
	mg.relay.user     = "alice";
	mg.relay.password = "secret";
	mg.set.relay = &mg.relay;
	mg.set.tls   = true;
	rk.set.messaging = &mg.set;
	rk.port.tls_fingerprint = tls_fingerprint;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(strstr(rk.log, "certificate"));
	mg.relay.sha256 = sha256;
	CHECK_EQ(rk_init(), 0);
	mg.relay.uri = MG_RELAY;
	CHECK_EQ(rk_init(), EINVAL);
}
#endif


static void settings(void)
{
	rk_begin();
	rk.port.flow_sendv = rk_sendv;
	mg.set.tls = true;
	mg.set.relay = NULL;
	rk.set.messaging = &mg.set;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(strstr(rk.log, "tls"));
	rk.port.tls_fingerprint = tls_fingerprint;
	CHECK_EQ(rk_init(), 0);
}


const struct test_case suite_messaging_tls[] = {
	{"RFC 4975 s8.1: TCP/TLS/MSRP, msrps, fingerprint", description},
	{"RFC 4975 s14.4: the certificate of who is connected to",
	 certificate},
	{"RFC 4975 s14.4: the certificate of who connects", passive},
	{"RFC 4975 s5.4, s14.4: the peer connects before its answer is there",
	 before_answer},
	{"RFC 8122 s5: descriptions without the right fingerprint", refused},
	{"a port without TLS", settings},
#if MSRP_RELAY
	{"RFC 4976 s5.1, s9.2: a relay over TLS", relay},
	{"RFC 4976 s9.2: a relay with another certificate",
	 relay_certificate},
	{"settings of a relay over TLS", relay_settings},
#endif
	{NULL, NULL}
};

#else
const struct test_case suite_messaging_tls[] = {{NULL, NULL}};
#endif
