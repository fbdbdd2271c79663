/**
 * @file test_registration.c  Registration, registration event and requests of
 * the network, message by message
 *
 * More than 800 lines: every row of the tables in registration.c and of the
 * checklist, in the order of TS 24.229.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/reg_kit.h"
#include "test/unit/test.h"
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define INFO (ue_reg_info(&rk.ue))
#define ACTIVE "Event: reg\r\nSubscription-State: active;expires=600000\r\n"


static bool starts(const char *str, const char *with)
{
	return !strncmp(str, with, strlen(with));
}


/* Up to the first REGISTER */
static bool begin(void)
{
	if (rk_init() || ue_register(&rk.ue))
		return false;

	rk_run(0);

	return rk.sentc == 1;
}


/* ------------------------------------------------------------------ */
/* REGISTER, header by header */


static void test_first(void)
{
	rk_begin();
	CHECK(begin());
	CHECK(starts(rk.sentv[0], "REGISTER sip:home1.net SIP/2.0\r\n"));
	CHECK(starts(rk_hdr(0, "Via"), "SIP/2.0/UDP 10.0.0.7:5062;"));
	CHECK(strstr(rk_hdr(0, "Via"), ";branch=z9hG4bK"));
	CHECK(strstr(rk_hdr(0, "Via"), ";rport"));
	CHECK(!strstr(rk_hdr(0, "Via"), "rport="));
	CHECK(strstr(rk_hdr(0, "Via"), ";keep"));
	CHECK(starts(rk_hdr(0, "From"), "<sip:alice@home1.net>;tag="));
	CHECK_STR(rk_hdr(0, "To"), "<sip:alice@home1.net>");
	CHECK_STR(rk_hdr(0, "Contact"), "<sip:10.0.0.7:5062>;+sip.instance="
		  "\"<urn:gsma:imei:90420156-025763-0>\"");
	CHECK_STR(rk_hdr(0, "Expires"), "600000");
	CHECK_STR(rk_hdr(0, "Supported"), "path, gruu");
	CHECK_STR(rk_hdr(0, "Max-Forwards"), "70");
	CHECK_STR(rk_hdr(0, "CSeq"), "1 REGISTER");
	CHECK_STR(rk_hdr(0, "Authorization"), "Digest "
		  "username=\"alice_private@home1.net\", realm=\"home1.net\", "
		  "nonce=\"\", uri=\"sip:home1.net\", response=\"\"");

	/* not before authentication, and never from here */
	CHECK(!rk_has(0, "P-Access-Network-Info"));
	CHECK(!rk_has(0, "Route:"));
	CHECK(!rk_has(0, "Security-Verify"));
	CHECK_STR(rk_end(), NULL);
}


static void test_settings_in_register(void)
{
	rk_begin();
	rk.set.expires_s = 3600;
	rk.set.no_gruu = true;
	rk.set.no_keepalive = true;
	rk.set.user_agent = "uims test";
	rk.set.contact_params = ";+g.3gpp.smsip";
	rk.set.local.port = 5090;
	CHECK(begin());
	CHECK_STR(rk_hdr(0, "Expires"), "3600");
	CHECK_STR(rk_hdr(0, "Supported"), "path");
	CHECK_STR(rk_hdr(0, "User-Agent"), "uims test");
	CHECK(!strstr(rk_hdr(0, "Via"), "keep"));
	CHECK_STR(rk_hdr(0, "Contact"), "<sip:10.0.0.7:5090>;+sip.instance="
		  "\"<urn:gsma:imei:90420156-025763-0>\";+g.3gpp.smsip");
	CHECK_STR(rk_end(), NULL);
}


/* TS 24.229 5.1.1.2.2 */
static void test_answer(void)
{
	const uint8_t *rnd = rk.rand;
	unsigned i;

	rk_begin();
	CHECK(begin());
	rk_challenge();

	/* the card gets RAND; RES, CK and IK do not stay */
	for (i = 0; i < 16; i++)
		CHECK_EQ(rnd[i], i);
	for (i = 0; i < sizeof(rk.ue.reg.res); i++)
		CHECK_EQ(((const uint8_t *)&rk.ue.reg.res)[i], 0);

	CHECK_EQ(rk.sentc, 2);
	CHECK_STR(rk_hdr(1, "Call-ID"), rk_hdr(0, "Call-ID"));
	CHECK_STR(rk_hdr(1, "From"), rk_hdr(0, "From"));
	CHECK_STR(rk_hdr(1, "To"), rk_hdr(0, "To"));
	CHECK_STR(rk_hdr(1, "Contact"), rk_hdr(0, "Contact"));
	CHECK_STR(rk_hdr(1, "Supported"), rk_hdr(0, "Supported"));
	CHECK_STR(rk_hdr(1, "Expires"), rk_hdr(0, "Expires"));
	CHECK_STR(rk_hdr(1, "CSeq"), "2 REGISTER");
	CHECK(strcmp(rk_hdr(1, "Via"), rk_hdr(0, "Via")) != 0);
	CHECK(rk_has(1, "nonce=\"" RK_NONCE "\""));
	CHECK(rk_has(1, "algorithm=AKAv1-MD5"));
	CHECK(rk_has(1, "nc=00000001"));
	CHECK(rk_has(1, "qop=auth"));
	CHECK(rk_has(1, "uri=\"sip:home1.net\""));
	CHECK_STR(rk_hdr(1, "P-Access-Network-Info"),
		  "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100011234567");
	CHECK_STR(rk_event(UE_EVENT_CHALLENGE)->text, "AKAv1-MD5 ok");

	rk_ok(3600, NULL);
	CHECK_EQ(rk_event(UE_EVENT_REGISTERED)->expires_s, 3600);
	CHECK_STR(rk_end(), NULL);
}


static void test_refresh_no_qop(void)
{
	char response[64];
	const char *p;

	/* 5.1.1.4.1: response as last computed */
	rk_begin();
	CHECK(begin());
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", nonce=\""
		 RK_NONCE "\", algorithm=AKAv1-MD5, opaque=\"a\\\"b\"\r\n");
	p = strstr(rk.sentv[1], "response=");
	CHECK(p != NULL);
	memcpy(response, p, 43);
	response[43] = '\0';
	CHECK(rk_has(1, "opaque=\"a\\\"b\""));
	CHECK(!rk_has(1, "nc="));
	rk_ok(2000, NULL);
	CHECK(rk_is(2, "SUBSCRIBE"));

	/* granted 2000 s: 600 s before its end */
	rk_reply(200, "Contact: <sip:x@y>\r\nExpires: 600000\r\n");
	CHECK_EQ(rk_document(2, 1, NULL), 200);
	rk_run(1399999);
	CHECK(rk_status(rk_last()) == 200);
	rk_run(1);
	CHECK(rk_is(rk_last(), "REGISTER"));
	CHECK(rk_has(rk_last(), response));
	CHECK_STR(rk_hdr(rk_last(), "CSeq"), "3 REGISTER");
	CHECK_STR(rk_hdr(rk_last(), "Call-ID"), rk_hdr(0, "Call-ID"));
	CHECK(rk_has(rk_last(), "P-Access-Network-Info: "));
	rk_ok(2000, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 1);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Challenges */


static void test_mac_failure(void)
{
	rk_begin();
	rk.card.status = UE_USIM_MAC_FAILURE;
	CHECK(begin());
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", nonce=\""
		 RK_NONCE "\", algorithm=AKAv1-MD5, qop=\"auth\", "
		 "opaque=\"o\\\\p\"\r\n");
	CHECK_STR(rk_hdr(1, "Authorization"), "Digest "
		  "username=\"alice_private@home1.net\", realm=\"home1.net\", "
		  "nonce=\"" RK_NONCE "\", uri=\"sip:home1.net\", "
		  "response=\"\", algorithm=AKAv1-MD5, opaque=\"o\\\\p\"");
	CHECK_STR(rk_hdr(1, "Call-ID"), rk_hdr(0, "Call-ID"));
	CHECK_STR(rk_hdr(1, "CSeq"), "2 REGISTER");
	CHECK(!rk_has(1, "P-Access-Network-Info"));
	CHECK_STR(rk_event(UE_EVENT_CHALLENGE)->text, "AKAv1-MD5 MAC failure");

	rk_challenge();
	CHECK_EQ(rk.sentc, 3);

	/* the third one in a row has no answer, and nothing follows */
	rk_challenge();
	CHECK_EQ(rk.sentc, 3);
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, EACCES);
	rk_run(4000000);
	CHECK_EQ(rk.sentc, 3);
	CHECK_STR(rk_end(), NULL);
}


static void test_sync_failure(void)
{
	rk_begin();
	rk.card.status = UE_USIM_SYNC_FAILURE;
	CHECK(begin());
	rk_challenge();
	CHECK(rk_has(1, "auts=\"CgoKCgoKCgoKCgoKCgo=\""));
	CHECK(rk_has(1, "nonce=\"" RK_NONCE "\""));
	CHECK(!rk_has(1, "P-Access-Network-Info"));
	CHECK_STR(rk_event(UE_EVENT_CHALLENGE)->text, "AKAv1-MD5 SQN failure");
	/* RFC 3310 s3.4: the empty password is for this one request */
	CHECK(!rk.ue.reg.auth.ready);
	CHECK_EQ(rk.ue.reg.auth.ha1[0], 0);

	/* a valid one in between begins the count anew */
	rk_challenge();
	rk.card.status = UE_USIM_OK;
	rk_challenge();
	CHECK(rk_has(3, "nc=00000001"));
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 1);

	/* 5.1.1.6: nor does the deregistration use it */
	rk.card.status = UE_USIM_SYNC_FAILURE;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	CHECK(rk_has(rk_last(), "auts="));
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(503, NULL);
	CHECK_STR(rk_hdr(rk_last(), "Expires"), "0");
	CHECK(rk_has(rk_last(), "nonce=\"\""));
	rk_reply(200, NULL);
	CHECK_STR(rk_end(), NULL);
}


/* docs/security.md, invariant 9: H(A1) lives as long as it is of use */
static void test_wiped(void)
{
	const uint8_t *auth = (const uint8_t *)&rk.ue.reg.auth;
	unsigned i;

	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK(rk.ue.reg.auth.ready);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(503, NULL);
	CHECK_EQ(INFO->state, IMS_REG_WAITING);
	for (i = 0; i < sizeof(rk.ue.reg.auth); i++)
		CHECK_EQ(auth[i], 0);
	CHECK_STR(rk_end(), NULL);
}


static void test_bidding_down(void)
{
	static const char *const linev[] = {
		"WWW-Authenticate: Digest realm=\"h\", nonce=\"n\"\r\n",
		"WWW-Authenticate: Digest realm=\"h\", nonce=\"n\", "
			"algorithm=SHA-256\r\n",
		"WWW-Authenticate: Digest realm=\"h\", nonce=\"n\", "
			"algorithm=AKAv9-MD5\r\n",
	};
	unsigned i;

	for (i = 0; i < COUNT(linev); i++) {
		rk_begin();
		CHECK(begin());
		rk_reply(401, linev[i]);
		CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 1);
		CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, ENOTSUP);
		CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->status, 401);
		CHECK_EQ(rk.sentc, 1);
		CHECK_EQ(rk.asked, 0);
		CHECK_STR(rk_end(), NULL);
	}

	/* one that may be used among others */
	rk_begin();
	CHECK(begin());
	rk_reply(401, "WWW-Authenticate: Basic realm=\"h\"\r\n"
		 "WWW-Authenticate: Digest realm=\"h\", nonce=\"n\"\r\n"
		 "WWW-Authenticate: Digest realm=\"h\", nonce=\"" RK_NONCE
		 "\", algorithm=AKAv1-MD5\r\n");
	CHECK_EQ(rk.asked, 1);
	CHECK(rk_has(1, "AKAv1-MD5"));
	CHECK_STR(rk_end(), NULL);
}


/* RFC 7616 s3.6 */
static void test_password(void)
{
	rk_begin();
	rk.set.password = "secret";
	CHECK(begin());
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", "
		 "nonce=\"n1\", qop=\"auth\", algorithm=SHA-256\r\n");
	CHECK(rk_has(1, "algorithm=SHA-256"));
	CHECK_EQ(rk.asked, 0);
	CHECK_STR(rk_event(UE_EVENT_CHALLENGE)->text, "SHA-256 ok");
	CHECK(!rk_has(1, "secret"));

	/* the nonce is old: once more */
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", "
		 "nonce=\"n2\", qop=\"auth\", algorithm=SHA-256, "
		 "stale=true\r\n");
	CHECK(rk_has(2, "nonce=\"n2\""));
	CHECK(rk_has(2, "nc=00000001"));

	/* and not old: the password is wrong */
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", "
		 "nonce=\"n3\", qop=\"auth\", algorithm=SHA-256\r\n");
	CHECK_EQ(rk.sentc, 3);
	CHECK_STR(rk_event(UE_EVENT_REGISTER_FAILED)->text, "wrong password");
	CHECK_STR(rk_end(), NULL);
}


static void test_authinfo(void)
{
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_ok(3600, "Authentication-Info: qop=auth, rspauth=\""
	      "00000000000000000000000000000000\", cnonce=\"x\", "
	      "nc=00000001\r\n");
	CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 0);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, EACCES);
	CHECK(!INFO->registered);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* 200 to REGISTER */


static void test_contacts(void)
{
	/* the own contact among others; each has its expiry */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.9:5062>;expires=77, "
		 "<sip:10.0.0.7:5062>;expires=1800;q=0.5\r\n"
		 "Contact: <sip:x@y>;expires=99\r\nExpires: 55\r\n");
	CHECK_EQ(INFO->expires_s, 1800);
	CHECK_STR(rk_end(), NULL);

	/* by instance; Expires where the contact has none */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.9:5062>;expires=77\r\n"
		 "Contact: <sip:1.2.3.4:99>;+sip.instance="
		 "\"<URN:GSMA:IMEI:90420156-025763-0>\"\r\nExpires: 1234\r\n");
	CHECK_EQ(INFO->expires_s, 1234);
	CHECK_STR(rk_end(), NULL);

	/* no expiry at all: what was asked for */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>\r\n");
	CHECK_EQ(INFO->expires_s, 600000);
	CHECK_STR(rk_end(), NULL);

	/* only others: not registered */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.9:5062>, <sip:x@y>\r\n");
	CHECK(!INFO->registered);
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_RETRY), 1);
	CHECK_STR(rk_end(), NULL);

	/* ours, but no longer */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>;expires=0\r\n");
	CHECK(!INFO->registered);
	CHECK_STR(rk_end(), NULL);
}


static void test_stored(void)
{
	rk_begin();
	CHECK(rk_registered("P-Associated-URI: \"A\" <sip:a@home1.net>, "
			    "<tel:+15550100>\r\n"
			    "P-Associated-URI: <sip:alice@home1.net>\r\n"
			    "Service-Route: <sip:s1;lr>, <sip:s2;lr>\r\n"
			    "Service-Route: <sip:s3;lr>\r\n"
			    "Path: <sip:p1;lr>\r\n") > 0);
	CHECK_STR(INFO->default_impu, "sip:a@home1.net");
	CHECK_EQ(INFO->assoc_count, 3);
	CHECK_STR(INFO->assocv[1], "tel:+15550100");
	CHECK(!INFO->barred);
	CHECK_STR(INFO->service_route,
		  "<sip:s1;lr>, <sip:s2;lr>, <sip:s3;lr>");
	CHECK_STR(INFO->path, "<sip:p1;lr>");
	CHECK_EQ(INFO->expires_s, 600000);
	CHECK_EQ(INFO->expiry_ms, 5000 + 600000000ULL);
	CHECK_EQ(ue_reg_expires_left(&rk.ue), 600000);
	CHECK_STR(INFO->impi, "alice_private@home1.net");

	/* 5.1.1.4.1: the next 200 replaces it all */
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_ok(3600, "P-Associated-URI: <sip:alice@home1.net>\r\n");
	CHECK_STR(INFO->service_route, "");
	CHECK_STR(INFO->path, "");
	CHECK_EQ(INFO->assoc_count, 1);
	CHECK_STR(INFO->default_impu, "sip:alice@home1.net");
	CHECK_STR(rk_end(), NULL);
}


static void test_barred(void)
{
	char line[UE_URI_MAX + 60];
	unsigned n;

	/* the temporary identity is not in the list: another subscribes */
	rk_begin();
	n = rk_registered("P-Associated-URI: <sip:real@home1.net>\r\n");
	CHECK(n > 0);
	CHECK(INFO->barred);
	CHECK(starts(rk.sentv[n], "SUBSCRIBE sip:real@home1.net SIP/2.0"));
	CHECK(starts(rk_hdr(n, "From"), "<sip:real@home1.net>;tag="));
	CHECK_STR(rk_hdr(n, "To"), "<sip:real@home1.net>");
	CHECK_STR(rk_hdr(n, "P-Preferred-Identity"), "<sip:real@home1.net>");
	CHECK_STR(rk_end(), NULL);

	/* the first one of the list is too long to be kept: the next, still
	   not the barred one */
	memset(line, 'x', sizeof(line));
	memcpy(line, "P-Associated-URI: <sip:", 23);
	strcpy(line + 23 + UE_URI_MAX, "@h>, <sip:real@home1.net>\r\n");
	rk_begin();
	n = rk_registered(line);
	CHECK(n > 0);
	CHECK(INFO->barred);
	CHECK_STR(INFO->default_impu, "sip:real@home1.net");
	CHECK(starts(rk_hdr(n, "From"), "<sip:real@home1.net>;tag="));
	CHECK_STR(rk_end(), NULL);

	/* no list at all: it is not known to be barred */
	rk_begin();
	n = rk_registered("");
	CHECK(n > 0);
	CHECK(!INFO->barred);
	CHECK_STR(INFO->default_impu, RK_IMPU);
	CHECK(starts(rk.sentv[n], "SUBSCRIBE sip:alice@home1.net SIP/2.0"));
	CHECK_STR(rk_end(), NULL);
}


static void test_too_much(void)
{
	char lines[1200];
	unsigned i;

	/* more identities than are kept */
	strcpy(lines, "P-Associated-URI: <sip:1@h>");
	for (i = 0; i < 2 * UE_IMPU_MAX; i++)
		strcat(lines, ", <sip:x@h>");
	strcat(lines, ", <sip:alice@home1.net>\r\n");
	rk_begin();
	CHECK(rk_registered(lines) > 0);
	CHECK_EQ(INFO->assoc_count, UE_IMPU_MAX);
	CHECK(!INFO->barred);
	CHECK_STR(rk_end(), NULL);

	/* a path that is too long is as good as none */
	strcpy(lines, "Path: <sip:");
	for (i = 0; i < UE_ROUTES_MAX; i++)
		strcat(lines, "x");
	strcat(lines, ";lr>\r\n");
	rk_begin();
	CHECK(rk_registered(lines) > 0);
	CHECK_STR(INFO->path, "");
	CHECK_STR(rk_end(), NULL);

	/* a service route is not: requests would go astray */
	memcpy(lines, "Service-Route: <sip:", 20);
	for (i = 0; i < UE_ROUTES_MAX; i++)
		lines[20 + i] = 'x';
	strcpy(lines + 20 + i, ";lr>\r\n");
	rk_begin();
	CHECK_EQ(rk_registered(lines), 0);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, EOVERFLOW);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5627 s4.4; RFC 5627 s4.1 */
static void test_gruu(void)
{
	unsigned n;

	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>;expires=3600;pub-gruu="
		 "\"sip:alice@home1.net;gr=x\";temp-gruu=\"sip:t@h;gr\"\r\n");
	CHECK_STR(INFO->pub_gruu, "sip:alice@home1.net;gr=x");
	CHECK_STR(INFO->temp_gruu, "sip:t@h;gr");
	n = rk_last();
	CHECK(rk_is(n, "SUBSCRIBE"));
	CHECK_STR(rk_hdr(n, "Contact"), "<sip:alice@home1.net;gr=x>");
	CHECK_STR(rk_end(), NULL);

	/* what is no SIP URI is no GRUU */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>;expires=3600;pub-gruu="
		 "\"tel:+1\";temp-gruu=\"<x>\"\r\n");
	CHECK_STR(INFO->pub_gruu, "");
	CHECK_STR(INFO->temp_gruu, "");
	CHECK_STR(rk_hdr(rk_last(), "Contact"), "<sip:10.0.0.7:5062>");
	CHECK_STR(rk_end(), NULL);

	/* not asked for, not taken */
	rk_begin();
	rk.set.no_gruu = true;
	CHECK(begin());
	rk_challenge();
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>;expires=3600;pub-gruu="
		 "\"sip:alice@home1.net;gr=x\"\r\n");
	CHECK_STR(INFO->pub_gruu, "");
	CHECK_STR(rk_end(), NULL);

	/* RFC 3261 s21.4.15: given up, not taken either, nor kept */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_ok(3600, NULL);
	strcpy(rk.ue.reg.info.pub_gruu, "sip:alice@home1.net;gr=x");
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(420, "Unsupported: gruu\r\n");
	CHECK_STR(rk_hdr(rk_last(), "Supported"), "path");
	rk_reply(200, "Contact: <sip:10.0.0.7:5062>;expires=3600;pub-gruu="
		 "\"sip:alice@home1.net;gr=x\"\r\n");
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 1);
	CHECK_STR(INFO->pub_gruu, "");
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Requests after registration */


static void test_subscribe(void)
{
	unsigned n;

	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK(starts(rk.sentv[n], "SUBSCRIBE sip:alice@home1.net SIP/2.0"));
	CHECK_STR(rk_hdr(n, "Route"), "<sip:192.0.2.1:5060;lr>, "
		  "<sip:orig@scscf1.home1.net;lr>");
	CHECK_STR(rk_hdr(n, "Event"), "reg");
	CHECK_STR(rk_hdr(n, "Expires"), "600000");
	CHECK_STR(rk_hdr(n, "Accept"), "application/reginfo+xml");
	CHECK_STR(rk_hdr(n, "Contact"), "<sip:10.0.0.7:5062>");
	CHECK(rk_has(n, "P-Access-Network-Info: "));
	CHECK(strcmp(rk_hdr(n, "Call-ID"), rk_hdr(0, "Call-ID")) != 0);
	CHECK(!strstr(rk_hdr(n, "Via"), "keep"));
	CHECK_EQ(rk_event(UE_EVENT_REG_SUBSCRIBED)->expires_s, 600000);
	CHECK(INFO->subscribed);
	CHECK_STR(rk_end(), NULL);
}


/* The value that the P-CSCF gives the `keep` of the last request */
static void grant_keep(const char *value)
{
	char *p = strstr(rk.sentv[rk_last()], ";keep");
	char rest[RK_TEXT];

	if (!p)
		return;

	(void)snprintf(rest, sizeof(rest), "%s", p + 5);
	(void)snprintf(p + 5, RK_TEXT - (size_t)(p + 5 - rk.sentv[rk_last()]),
		       "=%s%s", value, rest);
}


static void test_keep(void)
{
	rk_begin();
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	grant_keep("60");
	rk_ok(600000, NULL);
	CHECK_EQ(rk.ue.reg.hop.keepalive_s, 60);
	rk_reply(200, "Contact: <sip:s@h>\r\nExpires: 600000\r\n");

	/* RFC 5626 s4.4.2: 0 is up to us */
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	grant_keep("0");
	rk_ok(600000, NULL);
	CHECK_EQ(rk.ue.reg.hop.keepalive_s, 29);

	/* the P-CSCF wants no more of them */
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_ok(600000, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 2);
	CHECK_EQ(rk.ue.reg.hop.keepalive_s, 0);
	CHECK(!ue_timer_running(&rk.ue.reg.hop.keepalive));
	CHECK_STR(rk_end(), NULL);
}


static void test_pani(void)
{
	static struct sip_writer w;
	static char buf[500];
	static const enum sip_method methodv[] = {
		SIP_METHOD_ACK, SIP_METHOD_CANCEL, SIP_METHOD_INVITE,
		SIP_METHOD_MESSAGE
	};
	unsigned i;

	/* 7.2A.4: all requests but ACK and CANCEL, all responses but those
	   to CANCEL */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	for (i = 0; i < COUNT(methodv); i++) {
		sip_writer_init(&w, buf, sizeof(buf));
		ims_hdr_request(&w, &rk.ue.reg, methodv[i]);
		CHECK_EQ(sip_writer_len(&w) > 0, i >= 2);

		sip_writer_init(&w, buf, sizeof(buf));
		ims_hdr_response(&w, &rk.ue.reg, methodv[i]);
		CHECK_EQ(sip_writer_len(&w) > 0, i != 1);
	}

	/* the cell changes; then nobody knows where we are */
	CHECK_EQ(ue_set_access_network(&rk.ue, "IEEE-802.11; i-wlan-node-id="
				       "00005E000001"), 0);
	CHECK_EQ(rk_request("OPTIONS", NULL), 200);
	CHECK_STR(rk_hdr(rk_last(), "P-Access-Network-Info"),
		  "IEEE-802.11; i-wlan-node-id=00005E000001");
	CHECK_EQ(ue_set_access_network(&rk.ue, "a\r\nb"), EINVAL);
	CHECK_EQ(ue_set_access_network(&rk.ue, NULL), 0);
	CHECK_EQ(rk_request("OPTIONS", NULL), 200);
	CHECK(!rk_has(rk_last(), "P-Access-Network-Info"));
	CHECK_STR(rk_end(), NULL);
	CHECK_EQ(ue_set_access_network(&rk.ue, NULL), EINVAL);
}


/* RFC 3261 s8.1.2 */
static void test_routes(void)
{
	char routes[IMS_ROUTES_MAX];
	char small[40], line[UE_ROUTES_MAX + 40];
	unsigned n;

	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ims_hdr_routes(routes, sizeof(routes), &rk.ue.reg), 0);
	CHECK_STR(routes, "<sip:192.0.2.1:5060;lr>, "
		  "<sip:orig@scscf1.home1.net;lr>");
	CHECK_EQ(ims_hdr_routes(small, sizeof(small), &rk.ue.reg),
		 EOVERFLOW);
	CHECK_STR(ims_hdr_identity(&rk.ue.reg), RK_IMPU);
	CHECK_STR(rk_end(), NULL);

	/* the longest Service-Route that is stored can be used */
	strcpy(line, "Service-Route: <sip:");
	n = (unsigned)strlen(line);
	memset(line + n, 'x', UE_ROUTES_MAX - 12);
	strcpy(line + n + UE_ROUTES_MAX - 12, ";lr>\r\n");
	rk_begin();
	CHECK(rk_registered(line) > 0);
	CHECK_EQ(strlen(INFO->service_route), UE_ROUTES_MAX - 3);
	CHECK(rk_sent("SUBSCRIBE") != UINT_MAX);
	CHECK(rk_has(rk_sent("SUBSCRIBE"), "Route: <sip:192.0.2.1:5060;lr>, "
		     "<sip:xxx"));
	CHECK_EQ(ims_hdr_routes(routes, sizeof(routes), &rk.ue.reg), 0);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Requests of the network */


/* TS 24.229 5.1.2A.2 */
static void test_requests(void)
{
	rk_begin();
	CHECK(rk_registered(NULL) > 0);

	CHECK_EQ(rk_request("OPTIONS", NULL), 200);
	CHECK_STR(rk_hdr(rk_last(), "Allow"), "ACK, BYE, CANCEL, INVITE, "
		  "NOTIFY, OPTIONS, PRACK, REFER, SUBSCRIBE, UPDATE");
	CHECK_STR(rk_hdr(rk_last(), "Accept"), "application/reginfo+xml, "
		  "application/conference-info+xml, application/sdp, "
		  "message/sipfrag, "
		  "multipart/alternative, multipart/mixed");
	CHECK_STR(rk_hdr(rk_last(), "Supported"),
		  "100rel, gruu, norefersub, precondition, replaces, "
		  "tdialog, timer");
	CHECK(rk_has(rk_last(), "P-Access-Network-Info: "));

	/* s15.1.2 */
	CHECK_EQ(rk_request("BYE", NULL), 481);
	CHECK_EQ(rk_request("UPDATE", NULL), 481);
	CHECK_EQ(rk_request("MESSAGE", NULL), 405);
	CHECK_STR(rk_hdr(rk_last(), "Allow"), "ACK, BYE, CANCEL, INVITE, "
		  "NOTIFY, OPTIONS, PRACK, REFER, SUBSCRIBE, UPDATE");
	/* also where the SIP core answers by itself */
	CHECK(rk_has(rk_last(), "P-Access-Network-Info: "));
	CHECK_EQ(rk_request("INVITE", "To: <sip:alice@home1.net>\r\n"
			    "Contact: <sip:b@c>\r\n"), 488);
	CHECK_EQ(rk_request("NOTIFY", "To: <sip:alice@home1.net>\r\n" ACTIVE),
		 481);
	CHECK(rk_has(rk_last(), "P-Access-Network-Info: "));
	CHECK_EQ(rk_request("NOTIFY", "To: <sip:alice@home1.net>;tag=1\r\n"
			    ACTIVE), 481);
	CHECK_EQ(rk_request("OPTIONS", "To: <sip:alice@home1.net>;tag=1\r\n"),
		 481);
	CHECK_STR(rk_end(), NULL);
}


static void test_notify_check(void)
{
	const char *doc = rk_reginfo(0, true, RK_IMPU, "active", "active",
				     "registered", "");
	unsigned n, s;

	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	s = rk.sentc;

	CHECK_EQ(rk_notify(n, 1, "net", "Event: presence\r\n"
			   "Subscription-State: active\r\n", doc), 0);
	CHECK_EQ(rk_status(s), 489);
	CHECK_STR(rk_hdr(s++, "Allow-Events"), "refer");

	(void)rk_notify(n, 2, "net", "Subscription-State: active\r\n", doc);
	CHECK_EQ(rk_status(s++), 400);
	(void)rk_notify(n, 3, "net", "Event: reg\r\n", doc);
	CHECK_EQ(rk_status(s++), 400);
	(void)rk_notify(n, 4, "net", "Event: reg;id=7\r\n"
			"Subscription-State: active\r\n", doc);
	CHECK_EQ(rk_status(s++), 481);
	(void)rk_notify(n, 5, "net", ACTIVE, "<reginfo");
	CHECK_EQ(rk_status(s++), 400);

	/* of another dialog: a fork is refused */
	(void)rk_notify(n, 6, "other", ACTIVE, doc);
	CHECK_EQ(rk_status(s++), 481);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), 0);

	/* the good one; then one from the past */
	(void)rk_notify(n, 8, "net", ACTIVE, doc);
	CHECK_EQ(rk_status(s++), 200);
	(void)rk_notify(n, 7, "net", ACTIVE, doc);
	CHECK_EQ(rk_status(s++), 500);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), 1);
	CHECK_STR(rk_event(UE_EVENT_REG_INFO)->text, "active registered");
	CHECK_EQ(rk_event(UE_EVENT_REG_INFO)->version, 0);
	CHECK_STR(rk_end(), NULL);
}


static void test_notify_first(void)
{
	unsigned n;

	/* RFC 6665 s4.1.2.4: before the 200 */
	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_ok(600000, NULL);
	n = rk_last();
	CHECK(rk_is(n, "SUBSCRIBE"));
	CHECK_EQ(rk_notify(n, 5, "first", "Event: reg\r\n"
			   "Subscription-State: active;expires=1000\r\n"
			   "Record-Route: <sip:192.0.2.1;lr>\r\n",
			   rk_reginfo(0, true, RK_IMPU, "active", "active",
				      "created", "")), 0);
	CHECK_EQ(rk_status(n + 1), 200);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), 1);
	CHECK_EQ(rk_events(UE_EVENT_REG_SUBSCRIBED), 0);

	/* the 200 is another branch's: the NOTIFY has made the dialog, and
	   what it said about the expiry counts */
	(void)rk_answer(n, 200, "Contact: <sip:s@h>\r\nExpires: 600000\r\n");
	rk_run(0);
	CHECK_EQ(rk_event(UE_EVENT_REG_SUBSCRIBED)->expires_s, 1000);
	rk_run(499999);
	CHECK_EQ(rk.sentc, n + 2);
	rk_run(2);
	CHECK_EQ(rk.sentc, n + 3);
	CHECK(starts(rk.sentv[n + 2], "SUBSCRIBE sip:scscf1.home1.net "));
	CHECK(strstr(rk_hdr(n + 2, "To"), ";tag=first"));
	CHECK_STR(rk_hdr(n + 2, "Route"), "<sip:192.0.2.1;lr>");
	CHECK_STR(rk_end(), NULL);
}


static void test_notify_after(void)
{
	unsigned n, s;

	/* 5.1.1.6: a NOTIFY that comes after the end is answered */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	CHECK_STR(rk_hdr(rk_last(), "Expires"), "0");
	CHECK(rk_has(rk_last(), "P-Access-Network-Info: "));
	rk_reply(200, NULL);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_USER);
	s = rk.sentc;
	(void)rk_notify(n, 9, "net", "Event: reg\r\n"
			"Subscription-State: terminated;reason=timeout\r\n",
			rk_reginfo(1, true, RK_IMPU, "terminated", NULL, "",
				   ""));
	CHECK_EQ(rk_status(s), 200);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), 0);
	CHECK_STR(rk_end(), NULL);
}


static void test_dereg_refused(void)
{
	/* 5.1.1.6: over all the same, but it is said why it is not sure */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(500, NULL);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_USER);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->status, 500);
	CHECK_STR(rk_end(), NULL);

	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(128000);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_USER);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->err, ETIMEDOUT);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Documents */


static void test_identities(void)
{
	unsigned n;

	/* 5.1.1.7: the registration is over with its last identity */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, "<reginfo xmlns='urn:ietf:params:xml:ns:"
		"reginfo' version='0' state='full'><registration "
		"aor='sip:alice@home1.net' id='1' state='active'><contact "
		"id='1' state='active' event='registered'><uri>"
		"sip:10.0.0.7:5062</uri></contact></registration>"
		"<registration aor='tel:+15550100' id='2' state='active'>"
		"<contact id='2' state='active' event='created'><uri>"
		"sip:10.0.0.7:5062</uri></contact></registration></reginfo>"),
		 200);
	rk_run(0);
	CHECK(INFO->assoc_activev[0]);
	CHECK(INFO->assoc_activev[1]);

	/* 5.1.1.4.1: a list in another order, with a new identity of which no
	   document has said anything yet */
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_ok(600000, "P-Associated-URI: <sip:alice@home1.net>, "
	      "<sip:new@home1.net>, <tel:+1-555-0100>\r\n");
	CHECK(INFO->assoc_activev[0]);
	CHECK(!INFO->assoc_activev[1]);
	CHECK(INFO->assoc_activev[2]);

	CHECK_EQ(rk_document(n, 2, rk_reginfo(1, false, RK_IMPU, "active",
					      "terminated", "rejected", "")),
		 200);
	rk_run(0);
	CHECK(INFO->registered);
	CHECK(!INFO->assoc_activev[0]);

	/* somebody else's identity is nothing */
	CHECK_EQ(rk_document(n, 3, rk_reginfo(2, false, "sip:bob@home1.net",
					      "terminated", NULL, "", "")),
		 200);
	rk_run(0);
	CHECK(INFO->registered);

	CHECK_EQ(rk_document(n, 4, rk_reginfo(3, false, "tel:+1-555-0100",
					      "terminated", "terminated",
					      "rejected", "")), 200);
	rk_run(0);
	CHECK(!INFO->registered);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_REJECTED);
	CHECK(!rk_event(UE_EVENT_DEREGISTERED)->again);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 3680 s5.2: a contact of this instance with that URI */
static const char *binding(unsigned version, bool full, const char *uri,
			   const char *state)
{
	static char doc[900];

	(void)snprintf(doc, sizeof(doc), "<reginfo xmlns='urn:ietf:params:xml:"
		       "ns:reginfo' version='%u' state='%s'><registration "
		       "aor='" RK_IMPU "' id='1' state='active'><contact "
		       "id='%s' state='%s' event='%s'><uri>%s</uri>"
		       "<unknown-param name='+sip.instance'>&quot;&lt;"
		       "urn:gsma:imei:90420156-025763-0&gt;&quot;"
		       "</unknown-param></contact></registration></reginfo>",
		       version, full ? "full" : "partial", uri, state,
		       strcmp(state, "active") ? "expired" : "created", uri);

	return doc;
}


static void test_earlier_binding(void)
{
	unsigned n;

	/* a binding made before, at another address, expires: not ours */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, binding(0, true, "sip:10.0.0.7:5062",
					   "active")), 200);
	CHECK_EQ(rk_document(n, 2, binding(1, false, "sip:10.0.0.6:5062",
					   "terminated")), 200);
	rk_run(0);
	CHECK(INFO->registered);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);

	/* ours is */
	CHECK_EQ(rk_document(n, 3, binding(2, false, "sip:10.0.0.7:5062",
					   "terminated")), 200);
	rk_run(0);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_EXPIRED);
	CHECK_STR(rk_end(), NULL);

	/* where the network never names our URI the instance must do */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, binding(0, true, "sip:192.0.2.9:99",
					   "active")), 200);
	CHECK_EQ(rk_document(n, 2, binding(1, false, "sip:192.0.2.9:99",
					   "terminated")), 200);
	rk_run(0);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_EXPIRED);
	CHECK_STR(rk_end(), NULL);
}


static void test_shortened(void)
{
	unsigned n;

	/* several identities: the smallest value */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, "<reginfo xmlns='urn:ietf:params:xml:ns:"
		"reginfo' version='0' state='full'><registration "
		"aor='sip:alice@home1.net' id='1' state='active'><contact "
		"id='1' state='active' event='shortened' expires='600'><uri>"
		"sip:10.0.0.7:5062</uri></contact></registration>"
		"<registration aor='tel:+15550100' id='2' state='active'>"
		"<contact id='2' state='active' event='shortened' "
		"expires='60'><uri>sip:10.0.0.7:5062</uri></contact>"
		"</registration></reginfo>"), 200);
	rk_run(0);
	CHECK_EQ(INFO->expires_s, 60);
	rk_run(29999);
	CHECK(!rk_is(rk_last(), "REGISTER"));
	rk_run(1);
	CHECK(rk_is(rk_last(), "REGISTER"));
	CHECK_STR(rk_end(), NULL);

	/* to nothing, again and again: the second one waits */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	ims_reg_shortened(&rk.ue.reg, 0);
	rk_run(0);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->wait_ms, 0);
	CHECK(rk_is(rk_last(), "REGISTER"));
	rk_challenge();
	rk_ok(3600, NULL);
	CHECK(INFO->registered);
	ims_reg_shortened(&rk.ue.reg, 0);
	rk_run(0);
	CHECK(rk_event(UE_EVENT_DEREGISTERED)->wait_ms >= 15000);
	CHECK_STR(rk_end(), NULL);
}


static void test_gap(void)
{
	unsigned n, s;

	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, rk_reginfo(4, true, RK_IMPU, "active",
					      "active", "registered", "")),
		 200);
	s = rk.sentc;

	/* an old one and a partial one again: nothing */
	CHECK_EQ(rk_document(n, 2, rk_reginfo(3, true, RK_IMPU, "terminated",
					      NULL, "", "")), 200);
	CHECK_EQ(rk_document(n, 3, rk_reginfo(4, false, RK_IMPU,
					      "terminated", NULL, "", "")),
		 200);
	CHECK(INFO->registered);
	CHECK_EQ(rk.sentc, s + 2);

	/* one is missing: processed, and full state asked for, once */
	CHECK_EQ(rk_document(n, 4, rk_reginfo(6, false, RK_IMPU, "active",
					      "active", "refreshed", "")),
		 200);
	CHECK_EQ(rk.sentc, s + 4);
	CHECK(rk_is(s + 3, "SUBSCRIBE"));
	CHECK(strstr(rk_hdr(s + 3, "To"), ";tag=net"));
	CHECK_EQ(rk_document(n, 5, rk_reginfo(9, false, RK_IMPU, "active",
					      "active", "refreshed", "")),
		 200);
	CHECK_EQ(rk.sentc, s + 5);
	(void)rk_answer(s + 3, 200, "Contact: <sip:s@h>\r\nExpires: 600\r\n");
	CHECK_EQ(rk_document(n, 6, rk_reginfo(10, true, RK_IMPU, "active",
					      "active", "refreshed", "")),
		 200);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), 4);
	CHECK_STR(rk_end(), NULL);
}


static void test_doc_gruu(void)
{
	unsigned n;

	/* RFC 5628, 5.1.1.3: GRUUs of the document; gone with the
	   registration of the identity */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, "<reginfo xmlns='urn:ietf:params:xml:ns:"
		"reginfo' xmlns:gr='urn:ietf:params:xml:ns:gruuinfo' "
		"version='0' state='full'><registration "
		"aor='sip:alice@home1.net' id='1' state='active'><contact "
		"id='1' state='active' event='registered'><uri>"
		"sip:10.0.0.7:5062</uri><gr:pub-gruu "
		"uri='sip:alice@home1.net;gr=a&amp;b'/></contact>"
		"</registration><registration aor='tel:+15550100' id='2' "
		"state='active'><contact id='1' state='active' "
		"event='created'><uri>sip:10.0.0.7:5062</uri></contact>"
		"</registration></reginfo>"), 200);
	rk_run(0);
	CHECK_STR(INFO->pub_gruu, "sip:alice@home1.net;gr=a&b");

	CHECK_EQ(rk_document(n, 2, rk_reginfo(1, false, RK_IMPU, "active",
					      "terminated", "expired", "")),
		 200);
	rk_run(0);
	CHECK(INFO->registered);
	CHECK_STR(INFO->pub_gruu, "");
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Rare ways */


static int busy_card(void *arg, const uint8_t rand[16],
		     const uint8_t autn[16])
{
	(void)arg;
	(void)rand;
	(void)autn;

	return EBUSY;
}


/* A renewal whose challenge gets this from the card */
static void renew(enum ue_usim_status status)
{
	rk.card.status = status;
	rk_run(30000);
	rk_challenge();
}


/* What ends a registration is a card that fails twice and does nothing else in
   between */
static void test_card_between(void)
{
	int (*asked_h)(void *, const uint8_t *, const uint8_t *);

	/* to find a challenge old is an answer, as good as another one */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	renew(UE_USIM_FAILED);
	renew(UE_USIM_SYNC_FAILURE);
	CHECK(rk_has(rk_last(), "auts="));
	rk.card.status = UE_USIM_FAILED;
	rk_challenge();
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	CHECK_EQ(INFO->state, IMS_REG_REGISTERED);
	CHECK_STR(rk_end(), NULL);

	/* to be busy is none */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	asked_h = rk.port.usim_authenticate;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	renew(UE_USIM_FAILED);
	rk.port.usim_authenticate = busy_card;
	renew(UE_USIM_FAILED);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	rk.port.usim_authenticate = asked_h;
	renew(UE_USIM_FAILED);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->err, EIO);
	CHECK_EQ(INFO->state, IMS_REG_IDLE);
	CHECK_STR(rk_end(), NULL);
}


static void test_card(void)
{
	/* the card takes its time, and the user does not */
	rk_begin();
	rk.card_silent = true;
	CHECK(begin());
	rk_challenge();
	CHECK_EQ(rk.asked, 1);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(5000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	ue_usim_result(&rk.ue, &rk.card);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 1);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk.sentc, 1);
	CHECK_STR(rk_end(), NULL);

	/* it was asked for a registration that is over: not again until it
	   has answered */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	rk.card_silent = true;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED, 0);
	rk_run(0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->err, EBUSY);
	CHECK_EQ(rk.asked, 2);
	ue_usim_result(&rk.ue, &rk.card);
	rk.card_silent = false;
	rk_run(61000);
	rk_challenge();
	CHECK_EQ(rk.asked, 3);
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 2);
	CHECK_STR(rk_end(), NULL);

	/* a shortage of our own is no failure of the P-CSCF */
	rk_begin();
	rk.set.pcscfv[1] = "192.0.2.2";
	CHECK(rk_registered(NULL) > 0);
	rk.card_silent = true;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED, 0);
	rk_run(0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_RETRY), 1);
	rk_run(61000);
	CHECK_STR(rk_event(UE_EVENT_REGISTERING)->text, "192.0.2.1:5060");
	ue_usim_result(&rk.ue, &rk.card);
	CHECK_STR(rk_end(), NULL);

	/* its answer to a challenge that was given up is none to the next
	   one, wherever it comes */
	rk_begin();
	rk.card_silent = true;
	CHECK(begin());
	rk_challenge();
	CHECK_EQ(ue_address_changed(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(rk_sent_count("REGISTER"), 2);
	ue_usim_result(&rk.ue, &rk.card);
	rk_challenge();
	CHECK_EQ(rk.asked, 2);
	CHECK_EQ(rk_sent_count("REGISTER"), 2);
	ue_usim_result(&rk.ue, &rk.card);
	rk_run(0);
	CHECK_EQ(rk_sent_count("REGISTER"), 3);
	CHECK_STR(rk_end(), NULL);

	/* it fails once: what is registered stays so */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	rk.card.status = UE_USIM_FAILED;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	CHECK_EQ(INFO->state, IMS_REG_REGISTERED);
	rk.card.status = UE_USIM_OK;
	rk_run(30000);
	rk_challenge();
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 1);
	CHECK_STR(rk_end(), NULL);

	/* twice: there is none any more */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	rk.card.status = UE_USIM_FAILED;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_challenge();
	rk_run(30000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	rk_challenge();
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->err, EIO);
	CHECK_EQ(INFO->state, IMS_REG_IDLE);
	CHECK_STR(rk_end(), NULL);

	/* where nothing is registered it is the end */
	rk_begin();
	rk.card.status = UE_USIM_FAILED;
	CHECK(begin());
	rk_challenge();
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, EIO);
	CHECK_EQ(INFO->state, IMS_REG_IDLE);
	CHECK_STR(rk_end(), NULL);

	/* a result that is none; no card at all */
	rk_begin();
	rk.card.res_len = 17;
	CHECK(begin());
	rk_challenge();
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 1);
	CHECK_EQ(rk.sentc, 1);
	CHECK_STR(rk_end(), NULL);

	rk_begin();
	rk.port.usim_authenticate = NULL;
	CHECK(begin());
	rk_challenge();
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_FAILED)->err, ENOENT);
	CHECK_STR(rk_end(), NULL);
}


static void test_nonce(void)
{
	static const char *const noncev[] = {
		"", "AAECAwQFBgcICQoLDA0ODw==", "=AECAwQFBgcICQoLDA0ODwABAgME",
		"AAECAwQFBgcICQoLDA0ODwABAgMEBYAAAAECAwQFB!c="
	};
	char line[300];
	unsigned i;

	for (i = 0; i < COUNT(noncev); i++) {
		rk_begin();
		CHECK(begin());
		strcpy(line, "WWW-Authenticate: Digest realm=\"h\", nonce=\"");
		strcat(line, noncev[i]);
		strcat(line, "\", algorithm=AKAv1-MD5\r\n");
		rk_reply(401, line);
		CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->err, EBADMSG);
		CHECK_EQ(rk.asked, 0);
		CHECK_EQ(rk.sentc, 1);
		CHECK_STR(rk_end(), NULL);
	}
}


static void test_adopted(void)
{
	unsigned n;

	/* deactivated while a re-registration is under way: one procedure at
	   a time, so that it becomes the registration asked for */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	n = rk_last();
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_DEACTIVATED, 0);
	rk_run(0);
	CHECK_EQ(rk.sentc, n + 1);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(INFO->state, IMS_REG_REGISTERING);
	(void)rk_answer(n, 100, NULL);
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 2);
	CHECK_STR(rk_end(), NULL);

	/* refused as what it was: an initial one follows */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_EXPIRED, 0);
	rk_run(0);
	rk_reply(403, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 0);
	CHECK(rk_is(rk_last(), "REGISTER"));
	CHECK(rk_has(rk_last(), "nonce=\"\""));
	CHECK_STR(rk_end(), NULL);

	/* the user wants to go: what the network says changes nothing */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_DEACTIVATED, 0);
	rk_run(0);
	CHECK_STR(rk_hdr(rk_last(), "Expires"), "0");
	rk_reply(200, NULL);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_STR(rk_end(), NULL);
}


/* The clock goes on during sleep: what has expired is registered anew, and
   nothing is renewed */
static void test_slept(void)
{
	unsigned i, n;

	for (i = 0; i < 2; i++) {
		rk_begin();
		CHECK(begin());
		rk_challenge();
		rk_ok(3600, NULL);
		rk_reply(200, "Expires: 3600\r\nContact: <sip:net>\r\n");
		n = rk_sent_count("REGISTER");
		if (i)
			CHECK_EQ(ue_reregister(&rk.ue), 0);
		rk.now_ms += 3600000;
		rk_run(0);
		CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
		CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg,
			 UE_DEREG_EXPIRED);
		CHECK_EQ(rk_sent_count("REGISTER"), n + 1);
		CHECK(rk_has(rk_sent("REGISTER"), "nonce=\"\""));
		CHECK_EQ(INFO->state, IMS_REG_REGISTERING);
		rk_challenge();
		rk_ok(3600, NULL);
		CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 2);
		CHECK_EQ(ue_reregister(&rk.ue), 0);
		CHECK_STR(rk_end(), NULL);
	}
}


/* RFC 3680 5.1: deactivated is to be followed by another registration, but two
   that disagree must not run hot */
static void test_returns(void)
{
	unsigned i;

	rk_begin();
	CHECK(begin());
	for (i = 0; i < 4; i++) {
		const struct ue_event *ev;

		rk_challenge();
		rk_ok(3600, NULL);
		CHECK_EQ(INFO->state, IMS_REG_REGISTERED);
		/* the last one has lived long enough */
		rk_run(i == 3 ? 60000 : 59000);
		ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_DEACTIVATED, 0);
		rk_run(0);
		ev = rk_event(UE_EVENT_DEREGISTERED);
		CHECK(ev && ev->again);
		if (i % 3 == 0) {
			CHECK_EQ(ev->wait_ms, 0);
			continue;
		}
		CHECK(ev->wait_ms >= 15000 * i && ev->wait_ms <= 30000 * i);
		CHECK_EQ(INFO->state, IMS_REG_WAITING);
		rk_run(ev->wait_ms);
	}
	CHECK(rk_is(rk_last(), "REGISTER"));
	CHECK_EQ(INFO->state, IMS_REG_REGISTERING);
	CHECK_STR(rk_end(), NULL);
}


/* The network ends it.  @return how long until the next attempt, 1 = none */
static uint64_t deactivate(void)
{
	const unsigned n = rk_events(UE_EVENT_DEREGISTERED);
	const struct ue_event *ev;

	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_DEACTIVATED, 0);
	rk_run(0);
	ev = rk_event(UE_EVENT_DEREGISTERED);

	return rk_events(UE_EVENT_DEREGISTERED) > n && ev->again
		? ev->wait_ms : 1;
}


static void accept_again(void)
{
	rk_challenge();
	rk_ok(3600, NULL);
	rk_reply(200, "Expires: 3600\r\nContact: <sip:net>\r\n");
}


/* How long a registration has lived does not begin anew with a renewal; what
   the user asks for is no return */
static void test_returns_lived(void)
{
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(deactivate(), 0);
	accept_again();
	rk_run(100000);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 1);
	rk_run(10000);
	CHECK_EQ(deactivate(), 0);

	/* nor where the network shortens it */
	accept_again();
	rk_run(100000);
	ims_reg_shortened(&rk.ue.reg, 600);
	rk_run(0);
	CHECK_EQ(INFO->expires_s, 600);
	CHECK_EQ(deactivate(), 0);

	accept_again();
	CHECK(deactivate() >= 15000);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(INFO->state, IMS_REG_IDLE);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	accept_again();
	CHECK_EQ(deactivate(), 0);

	/* and so many are not the first one again */
	accept_again();
	rk.ue.reg.returns = UINT8_MAX;
	CHECK(deactivate() >= 15000);
	rk_run(rk_event(UE_EVENT_DEREGISTERED)->wait_ms);
	accept_again();
	CHECK(deactivate() >= 15000);
	CHECK_STR(rk_end(), NULL);
}


static struct sip_stored filled;

static void fill_store(void)
{
	struct sip_store *store = &rk.ue.sip.store;

	while (store->evict(store->arg))
		;
	(void)sip_store_alloc_most(&filled, store, 1, UE_SIP_STORE);
}


static void empty_store(void)
{
	sip_store_free(&rk.ue.sip.store, &filled);
	memset(&filled, 0, sizeof(filled));
}


/* What is registered stays so while nothing can be sent for want of memory */
static void test_shortage(void)
{
	unsigned n;

	/* 5.1.1.4.1: not sent now, but soon; the command is not forgotten */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, NULL), 200);
	rk_run(200000);
	fill_store();
	n = rk.sentc;
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(60000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	CHECK_EQ(INFO->state, IMS_REG_REGISTERED);
	CHECK_EQ(rk.sentc, n);
	empty_store();
	rk_run(30000);
	CHECK(rk.sentc > n);
	CHECK(rk_is(rk_last(), "REGISTER"));

	/* 5.1.1.5.1: nor the answer to its challenge */
	rk.card_silent = true;
	(void)rk_answer(rk_last(), 401, "WWW-Authenticate: Digest "
			"realm=\"h\", nonce=\"" RK_NONCE "\", "
			"algorithm=AKAv1-MD5\r\n");
	rk_run(200000);
	fill_store();
	ue_usim_result(&rk.ue, &rk.card);
	n = rk.sentc;
	rk_run(1000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	CHECK_EQ(INFO->state, IMS_REG_REGISTERED);
	empty_store();
	rk_run(30000);
	CHECK(rk.sentc > n);
	CHECK(rk_is(rk_last(), "REGISTER"));
	rk_ok(3600, NULL);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 1);

	/* until the time is over */
	rk_run(200000);
	fill_store();
	rk_run(3390000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 0);
	CHECK(INFO->registered);
	rk_run(10000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_EXPIRED);
	CHECK(rk_event(UE_EVENT_DEREGISTERED)->again);
	empty_store();
	CHECK_STR(rk_end(), NULL);

	/* a command must have its outcome */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, NULL), 200);
	rk_run(200000);
	fill_store();
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(300000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg, UE_DEREG_FAILED);
	CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->err, ENOMEM);
	CHECK(rk_event(UE_EVENT_DEREGISTERED)->again);
	CHECK(rk_event(UE_EVENT_DEREGISTERED)->wait_ms <= 60000);
	empty_store();
	CHECK_STR(rk_end(), NULL);
}


/* No P-CSCF has seen a REGISTER that was not sent for want of memory */
static void test_shortage_initial(void)
{
	rk_begin();
	rk.set.pcscfv[1] = "192.0.2.2";
	CHECK_EQ(rk_init(), 0);
	fill_store();
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERING), 1);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->err, ENOMEM);
	CHECK_EQ(rk.sentc, 0);
	empty_store();
	rk_run(61000);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERING), 2);
	CHECK_STR(rk_event(UE_EVENT_REGISTERING)->text, "192.0.2.1:5060");
	CHECK_EQ(rk_sent_count("REGISTER") > 0, 1);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 3261 s20.33: any refusal of a re-registration may ask for time before
   the initial one that follows */
static void test_retry_after(void)
{
	static const unsigned codev[] = {404, 413, 494, 603};
	unsigned i, n;

	for (i = 0; i < 2 * COUNT(codev); i++) {

		const bool adopted = i & 1;

		rk_begin();
		CHECK(rk_registered(NULL) > 0);
		CHECK_EQ(ue_reregister(&rk.ue), 0);
		rk_run(0);
		n = rk_last();
		/* it may have become the only one */
		if (adopted)
			ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_EXPIRED,
					   0);
		(void)rk_answer(n, codev[i / 2], "Retry-After: 100\r\n");
		rk_run(99999);
		CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
		CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 0);
		CHECK_EQ(rk_event(adopted ? UE_EVENT_REGISTER_RETRY
				  : UE_EVENT_DEREGISTERED)->wait_ms, 100000);
		CHECK_EQ(rk.sentc, n + 1);
		rk_run(1);
		CHECK(rk_is(rk_last(), "REGISTER"));
		CHECK(rk_has(rk_last(), "nonce=\"\""));
		CHECK_STR(rk_end(), NULL);
	}
}


/* RFC 3261 s26.1.5: what anybody may have said makes nobody wait for years */
static void test_retry_after_anybody(void)
{
	rk_begin();
	CHECK(begin());
	rk_reply(503, "Retry-After: 4294967295\r\n");
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->wait_ms, 3600000);
	rk_run(3599999);
	CHECK_EQ(rk_sent_count("REGISTER"), 1);
	rk_run(1);
	CHECK_EQ(rk_sent_count("REGISTER"), 2);
	CHECK_STR(rk_end(), NULL);
}


static void test_subscribe_brief(void)
{
	unsigned n;

	rk_begin();
	CHECK(begin());
	rk_challenge();
	rk_ok(600000, NULL);
	n = rk_last();
	rk_reply(423, "Min-Expires: 700000\r\n");
	CHECK(rk_is(n + 1, "SUBSCRIBE"));
	CHECK_STR(rk_hdr(n + 1, "Expires"), "700000");

	/* once */
	rk_reply(423, "Min-Expires: 800000\r\n");
	CHECK_EQ(rk.sentc, n + 2);
	CHECK_EQ(rk_event(UE_EVENT_REG_SUBSCRIPTION_ENDED)->status, 423);
	CHECK(!rk_event(UE_EVENT_REG_SUBSCRIPTION_ENDED)->again);
	CHECK(INFO->registered);
	CHECK_STR(rk_end(), NULL);
}


static void test_no_way(void)
{
	/* an address of the wrong family */
	rk_begin();
	rk.set.local.family = 6;
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(rk.sentc, 0);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->err, EAFNOSUPPORT);
	CHECK(rk_event(UE_EVENT_REGISTER_RETRY)->wait_ms >= 30000);
	CHECK_STR(rk_end(), NULL);

	/* a name that has no address */
	rk_begin();
	rk.set.pcscfv[0] = "pcscf.home1.net";
	rk.resolve_silent = true;
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(1000);
	ue_resolved(&rk.ue, rk.lookup, ENOENT, NULL, NULL, 0);
	rk_run(0);
	CHECK_EQ(rk_event(UE_EVENT_REGISTER_RETRY)->err, ENOENT);
	CHECK(rk_event(UE_EVENT_REGISTER_RETRY)->wait_ms >= 30000);
	rk.resolve_silent = false;
	rk_run(61000);
	CHECK(rk_is(0, "REGISTER"));
	CHECK_STR(rk_end(), NULL);
}


/* RFC 3263 s4: a look-up that was given up is answered while another one is
   under way, which may be for another name */
static void test_late_lookup(void)
{
	struct ue_addr old = {.family = 4, .ip = {192, 0, 2, 66}};
	struct ue_addr found = {.family = 4, .ip = {192, 0, 2, 1}};
	uint32_t first;

	rk_begin();
	rk.set.pcscfv[0] = "pcscf.home1.net:4060";
	rk.resolve_silent = true;
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	/* s4.2: the port decides what is looked up */
	CHECK_STR(rk.name, "pcscf.home1.net:4060");
	first = rk.lookup;
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(ue_register(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(INFO->state, IMS_REG_RESOLVING);

	ue_resolved(&rk.ue, first, 0, &old, NULL, 1);
	rk_run(0);
	CHECK_EQ(rk.sentc, 0);
	CHECK_EQ(INFO->state, IMS_REG_RESOLVING);
	ue_resolved(&rk.ue, rk.lookup, 0, &found, NULL, 1);
	rk_run(0);
	CHECK(rk_is(0, "REGISTER"));
	CHECK_EQ(INFO->pcscf.ip[3], 1);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* State and command */


/* Bring the UE into a state.  The name of it for messages */
static bool to_state(enum ims_reg_state state)
{
	rk_begin();
	if (state == IMS_REG_RESOLVING) {
		rk.set.pcscfv[0] = "pcscf.home1.net";
		rk.resolve_silent = true;
	}
	if (rk_init())
		return false;
	if (state == IMS_REG_IDLE)
		return true;

	(void)ue_register(&rk.ue);
	rk_run(0);
	if (state == IMS_REG_RESOLVING || state == IMS_REG_REGISTERING)
		return INFO->state == state;

	if (state == IMS_REG_WAITING) {
		rk_reply(500, NULL);
		return INFO->state == state;
	}

	rk_challenge();
	rk_ok(3600, NULL);
	if (state == IMS_REG_REREGISTERING)
		(void)ue_reregister(&rk.ue);
	if (state == IMS_REG_DEREGISTERING)
		(void)ue_deregister(&rk.ue);
	rk_run(0);

	return INFO->state == state;
}


enum command {
	CMD_REGISTER = 0,
	CMD_REREGISTER,
	CMD_DEREGISTER
};


static int issue(enum command cmd)
{
	switch (cmd) {

	case CMD_REGISTER:   return ue_register(&rk.ue);
	case CMD_REREGISTER: return ue_reregister(&rk.ue);
	default:             return ue_deregister(&rk.ue);
	}
}


/* The network goes on answering until nothing more is asked */
static void network(void)
{
	unsigned i;

	for (i = 0; i < 30; i++) {

		const unsigned n = rk_last();

		if (rk.resolve_silent) {
			rk.resolve_silent = false;
			ue_resolved(&rk.ue, rk.lookup, 0, &(struct ue_addr){
				.family = 4, .ip = {192, 0, 2, 1}}, NULL, 1);
		}
		else if (rk.sentc && rk_is(n, "REGISTER")) {
			if (rk_has(n, "nonce=\"\""))
				rk_challenge();
			else if (!strcmp(rk_hdr(n, "Expires"), "0"))
				rk_reply(200, NULL);
			else
				rk_ok(3600, NULL);
		}
		else if (rk.sentc && rk_is(n, "SUBSCRIBE")) {
			rk_reply(200, "Contact: <sip:s@h>\r\n"
				 "Expires: 600000\r\n");
			(void)rk_notify(n, 1, "net", ACTIVE, NULL);
		}

		if (rk_last() == n)
			rk_run(70000);
	}
}


/* Each command in each state: accepted or refused; accepted ones have one
   outcome, the one before is not forgotten */
static void test_commands(void)
{
	static const int errv[7][3] = {
		[IMS_REG_IDLE]          = {0, EPROTO, 0},
		[IMS_REG_RESOLVING]     = {EPROTO, EPROTO, 0},
		[IMS_REG_REGISTERING]   = {EPROTO, EPROTO, 0},
		[IMS_REG_WAITING]       = {EPROTO, EPROTO, 0},
		[IMS_REG_REGISTERED]    = {EPROTO, 0, 0},
		[IMS_REG_REREGISTERING] = {EPROTO, EPROTO, 0},
		[IMS_REG_DEREGISTERING] = {EPROTO, EPROTO, EPROTO},
	};
	unsigned state, cmd;

	for (state = IMS_REG_IDLE; state <= IMS_REG_DEREGISTERING; state++) {
		for (cmd = CMD_REGISTER; cmd <= CMD_DEREGISTER; cmd++) {

			CHECK(to_state((enum ims_reg_state)state));
			CHECK_EQ(issue((enum command)cmd), errv[state][cmd]);
			network();

			/* ue_register() once, or never */
			CHECK_EQ(rk_events(UE_EVENT_REGISTERED) +
				 rk_events(UE_EVENT_REGISTER_FAILED),
				 state != IMS_REG_IDLE ||
				 cmd == CMD_REGISTER);
			/* a deregistration ends it */
			CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED),
				 cmd == CMD_DEREGISTER ||
				 state == IMS_REG_DEREGISTERING);
			CHECK_EQ(INFO->registered,
				 cmd != CMD_DEREGISTER &&
				 state != IMS_REG_DEREGISTERING &&
				 (state != IMS_REG_IDLE ||
				  cmd == CMD_REGISTER));
			CHECK_STR(rk_end(), NULL);
		}
	}
}


/* The answer comes between the command and its turn: one outcome only */
static void test_command_turn(void)
{
	rk_begin();
	CHECK(begin());
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_challenge();
	rk_run(1000);
	CHECK_EQ(rk_events(UE_EVENT_REGISTER_FAILED), 1);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk.sentc, 1);
	CHECK_STR(rk_end(), NULL);

	/* the network takes the registration away while a command waits */
	rk_begin();
	CHECK(rk_registered(NULL) > 0);
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED, 0);
	rk_run(1000);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_events(UE_EVENT_REREGISTERED), 0);
	CHECK_STR(rk_end(), NULL);
}


/* Each input in each state: no crash, no wrong state, nothing left */
static void test_inputs(void)
{
	unsigned state, input;

	for (state = IMS_REG_IDLE; state <= IMS_REG_DEREGISTERING; state++) {
		for (input = 0; input < 9; input++) {

			const struct ue_usim_res res = {.status = UE_USIM_OK};

			CHECK(to_state((enum ims_reg_state)state));

			switch (input) {

			/* results that nobody waits for */
			case 0: ue_usim_result(&rk.ue, &res); break;
			case 1:
				if (state != IMS_REG_RESOLVING)
					ue_resolved(&rk.ue, rk.lookup, EIO,
						    NULL, NULL, 0);
				break;
			case 2:
				ue_resolved(&rk.ue, rk.lookup, EIO, NULL,
					    NULL, 3);
				break;

			/* the network ends or shortens it */
			case 3:
				ims_reg_terminated(&rk.ue.reg,
						   IMS_CONTACT_REJECTED, 0);
				break;
			case 4:
				ims_reg_terminated(&rk.ue.reg,
						   IMS_CONTACT_DEACTIVATED,
						   0);
				break;
			case 5:
				ims_reg_terminated(&rk.ue.reg,
						   IMS_CONTACT_PROBATION, 30);
				break;
			case 6: ims_reg_shortened(&rk.ue.reg, 10); break;
			case 7: (void)ue_address_changed(&rk.ue); break;

			/* the path is dead */
			default:
				ue_flow_closed(&rk.ue, rk.now_ms, rk.flow,
					       ENETDOWN);
				rk.flow = (unsigned)-1;
				break;
			}

			network();
			CHECK(rk_events(UE_EVENT_REGISTERED) +
			      rk_events(UE_EVENT_REGISTER_FAILED) <= 2);
			CHECK_STR(rk_end(), NULL);
		}
	}
}


/* A new address: what was registered is registered anew, what had begun ends
   with its outcome */
static void test_address(void)
{
	const struct ue_message msg = {
		.type = "text/plain", .data = (const uint8_t *)"hi", .len = 2
	};
	unsigned state;

	for (state = IMS_REG_IDLE; state <= IMS_REG_DEREGISTERING; state++) {

		const bool was = state == IMS_REG_REGISTERED ||
			state == IMS_REG_REREGISTERING;
		uint32_t lookup;
		unsigned n;

		CHECK(to_state((enum ims_reg_state)state));
		n = rk_sent_count("REGISTER");
		lookup = rk.lookup;
		if (was)
			CHECK_EQ(ue_page_send(&rk.ue, "sip:bob@home1.net",
					      &msg, NULL, 0), 0);

		CHECK_EQ(ue_address_changed(&rk.ue), 0);
		rk_run(0);
		CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED),
			 was || state == IMS_REG_DEREGISTERING);
		if (was) {
			CHECK_EQ(rk_event(UE_EVENT_DEREGISTERED)->dereg,
				 UE_DEREG_ADDRESS);
			CHECK(rk_event(UE_EVENT_DEREGISTERED)->again);
			CHECK_EQ(rk_event(UE_EVENT_PAGE_FAILED)->err,
				 ECONNABORTED);
		}
		/* no back-off and no look-up of the old place goes on */
		CHECK_EQ(rk.lookup, lookup + (state == IMS_REG_RESOLVING));
		if (was || state == IMS_REG_REGISTERING ||
		    state == IMS_REG_WAITING) {
			CHECK_EQ(rk_sent_count("REGISTER"), n + 1);
			CHECK(rk_has(rk_sent("REGISTER"), "nonce=\"\""));
		}

		network();
		CHECK_EQ(rk_events(UE_EVENT_REGISTERED),
			 was ? 2 : state != IMS_REG_IDLE);
		CHECK_EQ(INFO->registered, state != IMS_REG_IDLE &&
			 state != IMS_REG_DEREGISTERING);
		CHECK_STR(rk_end(), NULL);
	}
	CHECK_EQ(ue_address_changed(NULL), EINVAL);
}


static void from_handler(struct rk *k, const struct ue_event *ev)
{
	/* 'handlers may issue commands, not call ue_poll()' */
	if (ev->type == UE_EVENT_REGISTERED) {
		(void)ue_deregister(&k->ue);
		if (ue_poll(&k->ue, k->now_ms, NULL) != EPROTO)
			k->eventc = RK_EVENTS;
	}
}


static void test_handler(void)
{
	rk_begin();
	rk.eventh = from_handler;
	CHECK(begin());
	network();
	CHECK(rk.eventc < RK_EVENTS);
	CHECK_EQ(rk_events(UE_EVENT_REGISTERED), 1);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Events */


static void test_event_room(void)
{
	struct sip_stored m = {0, 0, 0};
	unsigned n, i, ok = 0, busy = 0, again = 0;

	/* the application does not poll while documents pour in */
	rk_begin();
	n = rk_registered(NULL);
	CHECK(n > 0);
	CHECK_EQ(rk_document(n, 1, NULL), 200);
	rk_run(0);
	rk.eventc = 0;

	for (i = 0; i < 6; i++) {

		const unsigned s = rk.sentc;

		if (rk_notify(n, 2 + i, "net", ACTIVE,
			      rk_reginfo(i, true, RK_IMPU, "active", "active",
					 "refreshed", "")) == EAGAIN)
			++again;
		else if (rk_status(s) == 200)
			++ok;
		else if (rk_status(s) == 503)
			++busy;
	}

	/* what was accepted is reported, the rest was refused aloud */
	CHECK_EQ(ok + busy + again, 6);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), ok);
	CHECK_EQ(rk.ue.stats.events_lost, 0);

	/* fill it until inputs are refused */
	rk.eventc = 0;
	for (i = 0; i < UE_EVENTS_MAX; i++)
		ue_event_new(&rk.ue, UE_EVENT_REG_INFO);
	CHECK_EQ(rk_answer(0, 200, NULL), EAGAIN);
	CHECK_EQ(rk.ue.stats.inputs_refused, 1);
	CHECK_EQ(rk.ue.stats.events_lost, 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_REG_INFO), UE_EVENTS_MAX);
	CHECK_EQ(rk_answer(0, 200, NULL), 0);

	/* a text that finds no room is left out, the event is not */
	rk.eventc = 0;
	while (rk.ue.sip.store.evict(rk.ue.sip.store.arg))
		;
	(void)sip_store_alloc_most(&m, &rk.ue.sip.store, 1, UE_SIP_STORE);
	strcpy(ue_event_new(&rk.ue, UE_EVENT_REG_INFO)->text, "no room");
	(void)ue_event_new(&rk.ue, UE_EVENT_REG_SUBSCRIBED);
	sip_store_free(&rk.ue.sip.store, &m);
	strcpy(ue_event_new(&rk.ue, UE_EVENT_REG_INFO)->text, "room");
	rk_run(0);
	CHECK_EQ(rk.eventc, 3);
	CHECK_STR(rk.eventv[0].text, "");
	CHECK_EQ(rk.eventv[1].type, UE_EVENT_REG_SUBSCRIBED);
	CHECK_STR(rk.eventv[2].text, "room");
	CHECK_STR(rk_end(), NULL);
}


static void test_wake(void)
{
	uint32_t wait = 0;

	rk_begin();
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(ue_poll(&rk.ue, 5000, &wait), 0);
	CHECK_EQ(wait, UINT32_MAX);
	rk.wakes = 0;
	CHECK_EQ(ue_register(&rk.ue), 0);
	CHECK(rk.wakes > 0);
	/* nothing happens before the next poll */
	CHECK_EQ(rk.sentc, 0);
	CHECK_EQ(ue_poll(&rk.ue, 5000, &wait), 0);
	CHECK_EQ(rk.sentc, 1);
	CHECK_EQ(wait, 2000);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Settings */


static void test_settings(void)
{
	static const struct {
		const char *name;
		size_t offset;
		const char *val;
	} v[] = {
		{"impi", offsetof(struct ue_settings, impi), "nobody"},
		{"impu", offsetof(struct ue_settings, impu), "tel:+1"},
		{"home", offsetof(struct ue_settings, home), "a b"},
		{"imei", offsetof(struct ue_settings, imei), "12"},
		{"pcscf", offsetof(struct ue_settings, pcscfv), "a:b:c"},
		{"pcscf", offsetof(struct ue_settings, pcscfv), NULL},
		{"access_network_info",
		 offsetof(struct ue_settings, access_network_info), "a\nb"},
		{"privacy", offsetof(struct ue_settings, privacy), "a\nb"},
		{"contact_params",
		 offsetof(struct ue_settings, contact_params), "a=b"},
		{"contact_params",
		 offsetof(struct ue_settings, contact_params), ";a\rb"},
		{"user_agent", offsetof(struct ue_settings, user_agent),
		 "a\x7f"},
	};
	char want[60];
	size_t i;

	for (i = 0; i < COUNT(v); i++) {
		rk_begin();
		memcpy((char *)&rk.set + v[i].offset, &v[i].val,
		       sizeof(v[i].val));
		CHECK_EQ(rk_init(), EINVAL);
		strcpy(want, "settings: ");
		strcat(want, v[i].name);
		strcat(want, ":");
		CHECK(starts(rk.log, want));
		CHECK_EQ(ue_register(&rk.ue), EINVAL);
	}

	rk_begin();
	rk.set.local.family = 5;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: local:"));

	rk_begin();
	rk.set.transport = (enum ue_transport_choice)9;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: transport:"));

	rk_begin();
	rk.set.timers = (enum ue_timer_profile)9;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: timers:"));

	rk_begin();
	rk.set.sec = (enum ue_sec)9;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: sec:"));

	rk_begin();
	for (i = 0; i < UE_PCSCF_MAX + 1; i++)
		rk.set.pcscfv[i] = "192.0.2.1";
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: pcscf: too many"));

	/* a name where nobody can look it up */
	rk_begin();
	rk.set.pcscfv[0] = "pcscf.home1.net";
	rk.port.resolve = NULL;
	CHECK_EQ(rk_init(), EINVAL);
	CHECK(starts(rk.log, "settings: pcscf:"));

	/* no identity: no registration, but the card may come later */
	rk_begin();
	rk.set.impi = NULL;
	CHECK_EQ(rk_init(), 0);
	CHECK(strstr(rk.log, "impi"));
	CHECK_EQ(ue_register(&rk.ue), ENOENT);
	ue_close(&rk.ue);
}


/* ------------------------------------------------------------------ */
/* Times */


static void test_times(void)
{
	unsigned f, i;

	/* 5.1.1.4.1 */
	CHECK_EQ(reg_refresh_ms(1), 500);
	CHECK_EQ(reg_refresh_ms(120), 60000);
	CHECK_EQ(reg_refresh_ms(1200), 600000);
	CHECK_EQ(reg_refresh_ms(1201), 601000);
	CHECK_EQ(reg_refresh_ms(600000), 599400000);
	CHECK_EQ(reg_refresh_ms(UINT32_MAX), 4294966695000);

	/* RFC 5626 s4.5: 50 to 100 % of min(1800, 30 * 2^failures) */
	rk_begin();
	CHECK_EQ(rk_init(), 0);
	for (f = 1; f < 40; f++) {

		uint64_t upper = f < 6 ? 30000ULL << f : 1800000;
		uint64_t low = UINT64_MAX, high = 0;

		for (i = 0; i < 200; i++) {

			const uint64_t t = reg_back_off_ms(&rk.ue.sip, f);

			low = t < low ? t : low;
			high = t > high ? t : high;
		}

		CHECK(low >= upper / 2);
		CHECK(high <= upper);
		/* and it is random */
		CHECK(high - low > upper / 3);
	}
	ue_close(&rk.ue);
}


const struct test_case suite_registration[] = {
	{"TS 24.229 5.1.1.2.1: the first REGISTER", test_first},
	{"Settings of the REGISTER", test_settings_in_register},
	{"TS 24.229 5.1.1.5.1: the answer to a challenge", test_answer},
	{"TS 24.229 5.1.1.4.1: nonce and response are used again",
	 test_refresh_no_qop},
	{"TS 24.229 5.1.1.5.3: MAC failure", test_mac_failure},
	{"TS 24.229 5.1.1.5.3: SQN failure", test_sync_failure},
	{"TS 33.203 6.1: no secret while waiting", test_wiped},
	{"RFC 3261 s26.2: no weaker algorithm than AKA", test_bidding_down},
	{"RFC 7616 s3.3: password, stale nonce, wrong password",
	 test_password},
	{"RFC 7616 s3.5: a false Authentication-Info", test_authinfo},
	{"RFC 3261 s10.2.4: the own contact in a 200", test_contacts},
	{"TS 24.229 5.1.1.2.1: what a 200 says is stored", test_stored},
	{"TS 24.229 5.1.1.3: a barred identity does not subscribe",
	 test_barred},
	{"More in a 200 than is kept", test_too_much},
	{"RFC 5627 s4.2: GRUUs", test_gruu},
	{"TS 24.229 5.1.1.3: SUBSCRIBE", test_subscribe},
	{"RFC 6223 s4.2.2: each refresh agrees on keep-alives anew",
	 test_keep},
	{"TS 24.229 7.2A.4: P-Access-Network-Info", test_pani},
	{"TS 24.229 5.1.2A.1.1: preloaded route", test_routes},
	{"RFC 3261 s8.2.1, s11.2: requests to the UE", test_requests},
	{"RFC 6665 s4.1.3: NOTIFYs that are refused", test_notify_check},
	{"RFC 6665 s4.1.2.4: NOTIFY before the 200", test_notify_first},
	{"TS 24.229 5.1.1.6: NOTIFY after the end", test_notify_after},
	{"TS 24.229 5.1.1.6: deregistration without a word of the network",
	 test_dereg_refused},
	{"TS 24.229 5.1.1.7: one identity after the other",
	 test_identities},
	{"TS 24.229 5.1.1.7: an earlier binding of this device ends",
	 test_earlier_binding},
	{"TS 24.229 5.1.1.5A: shortened, the smallest value",
	 test_shortened},
	{"RFC 3680 s5: versions", test_gap},
	{"RFC 5628: GRUUs of a document", test_doc_gruu},
	{"A card that is slow, busy, wrong, not there", test_card},
	{"A card that fails, answers or is busy, and fails again",
	 test_card_between},
	{"RFC 3310 s3.2: a nonce that is not RAND and AUTN", test_nonce},
	{"TS 24.229 5.1.1.2.1: one procedure at a time", test_adopted},
	{"TS 24.229 5.1.1.4.1: a REGISTER that cannot be sent now",
	 test_shortage},
	{"TS 24.229 5.1.1.2: nor an initial registration, here or elsewhere",
	 test_shortage_initial},
	{"TS 24.229 5.1.1.2.1: a device that slept past the expiry",
	 test_slept},
	{"TS 24.229 5.1.1.7: deactivated again and again", test_returns},
	{"TS 24.229 5.1.1.7: deactivated after renewals, by the user's will",
	 test_returns_lived},
	{"RFC 3261 s26.1.5: Retry-After that anybody may have sent",
	 test_retry_after_anybody},
	{"RFC 3261 s20.33: Retry-After of a refused re-registration",
	 test_retry_after},
	{"RFC 6665 s4.2.1.1: 423 to SUBSCRIBE", test_subscribe_brief},
	{"No way to the P-CSCF", test_no_way},
	{"RFC 3263 s4: the answer to a look-up that was given up",
	 test_late_lookup},
	{"Each command in each state", test_commands},
	{"An outcome that comes before the command's turn",
	 test_command_turn},
	{"Each input in each state", test_inputs},
	{"TS 33.203 7.5: the address changes, in each state", test_address},
	{"A command from an event handler", test_handler},
	{"No event is lost: inputs are refused before", test_event_room},
	{"A command begins with the next poll", test_wake},
	{"A wrong setting is named", test_settings},
	{"TS 24.229 5.1.1.4.1, RFC 5626 s4.5: times", test_times},
	{NULL, NULL}
};
