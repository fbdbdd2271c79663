/**
 * @file test_sip_values.c  Lists, parameters and single values of header
 *                          fields
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/message.h"

static struct sip_msg m;
static char buf[2048];


static bool is(const struct pl *pl, const char *str)
{
	return pl->p && pl->l == strlen(str) && !memcmp(pl->p, str, pl->l);
}


static struct pl text(const char *str)
{
	struct pl pl = {str, strlen(str)};

	return pl;
}


/** A message with these header fields, each with its CRLF */
static int load(const char *fields)
{
	static const char head[] =
		"NOTIFY sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
		"From: <sip:a>\r\nTo: <sip:b>\r\ni: x\r\nCSeq: 1 NOTIFY\r\n";

	strcpy(buf, head);
	strcat(buf, fields);
	strcat(buf, "\r\n");

	return sip_msg_parse(&m, buf, strlen(buf), SIP_FRAMING_DATAGRAM);
}


static void lists(void)
{
	struct sip_iter it;
	struct sip_addr addr;
	struct pl val;

	CHECK_EQ(load("Supported: a , b\r\nk:\r\nk: c\r\n"
		      "Path: <sip:p;lr>,\"x,>\" <sip:q> ; z = \",\"\r\n"
		      "Service-Route: <sip:s>\r\n"
		      "P-Associated-URI: <sip:u>, <tel:+1>\r\n"
		      "Contact: *\r\nAllow-Events: reg,a b\r\n"), 0);

	sip_iter_init(&it, &m, SIP_HDR_SUPPORTED);
	CHECK_EQ(sip_iter_token(&val, &it), 0);
	CHECK(is(&val, "a"));
	CHECK_EQ(sip_iter_token(&val, &it), 0);
	CHECK(is(&val, "b"));
	CHECK_EQ(sip_iter_token(&val, &it), 0);
	CHECK(is(&val, "c"));
	CHECK_EQ(sip_iter_token(&val, &it), ENOENT);
	CHECK_EQ(sip_iter_token(&val, &it), ENOENT);
	CHECK(sip_msg_has_token(&m, SIP_HDR_SUPPORTED, "C"));
	CHECK(!sip_msg_has_token(&m, SIP_HDR_SUPPORTED, "d"));
	CHECK(!sip_msg_has_token(&m, SIP_HDR_REQUIRE, "a"));
	CHECK(!sip_msg_has(&m, SIP_HDR_OTHER));
	sip_iter_init(&it, &m, SIP_HDR_PATH);
	CHECK_EQ(sip_iter_value(&val, &it), 0);
	CHECK(is(&val, "<sip:p;lr>"));
	CHECK_EQ(sip_iter_value(&val, &it), 0);
	CHECK(is(&val, "\"x,>\" <sip:q> ; z = \",\""));
	CHECK_EQ(sip_iter_value(&val, &it), ENOENT);

	sip_iter_init(&it, &m, SIP_HDR_PATH);
	CHECK_EQ(sip_iter_addr(&addr, &it), 0);
	CHECK(is(&addr.uri.host, "p"));
	CHECK_EQ(sip_iter_addr(&addr, &it), 0);
	CHECK(is(&addr.dname, "x,>"));
	CHECK_EQ(sip_param_get(&val, &addr.params, "Z"), 0);
	CHECK(is(&val, ","));
	CHECK_EQ(sip_iter_addr(&addr, &it), ENOENT);

	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_SERVICE_ROUTE), 0);
	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_REFER_TO), ENOENT);
	CHECK_EQ(sip_msg_addr(&addr, &m, SIP_HDR_CONTACT), 0);
	CHECK(!addr.uri.text.p);

	sip_iter_init(&it, &m, SIP_HDR_ALLOW_EVENTS);
	CHECK_EQ(sip_iter_token(&val, &it), 0);
	CHECK_EQ(sip_iter_token(&val, &it), EBADMSG);
	CHECK_EQ(sip_iter_token(&val, &it), ENOENT);

	val = text("a,,b");
	sip_iter_text(&it, &val);
	CHECK_EQ(sip_iter_value(&val, &it), 0);
	CHECK_EQ(sip_iter_value(&val, &it), EBADMSG);
	val = text("a,");
	sip_iter_text(&it, &val);
	CHECK_EQ(sip_iter_value(&val, &it), EBADMSG);
	val = text("");
	sip_iter_text(&it, &val);
	CHECK_EQ(sip_iter_value(&val, &it), ENOENT);

	/* the case bit makes letters equal, and no other characters */
	CHECK_EQ(load("Supported: x~y\r\n"), 0);
	CHECK(sip_msg_has_token(&m, SIP_HDR_SUPPORTED, "X~Y"));
	CHECK(!sip_msg_has_token(&m, SIP_HDR_SUPPORTED, "x^y"));
}


static void parameters(void)
{
	struct pl params = text(" ; a=1;B=\"x;\\\"y\" ;c;d=[::1] ; n=70000"
				";u=sip:x");
	struct sip_param prm;
	struct pl rest = params, val;
	uint32_t v = 7;

	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK(is(&prm.name, "a"));
	CHECK(is(&prm.val, "1"));
	CHECK(!prm.quoted);
	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK(is(&prm.val, "x;\\\"y"));
	CHECK(prm.quoted);
	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK(is(&prm.name, "c"));
	CHECK(!prm.val.p);
	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK(is(&prm.val, "[::1]"));
	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK_EQ(sip_param_next(&prm, &rest), 0);
	CHECK(is(&prm.val, "sip:x"));
	CHECK_EQ(sip_param_next(&prm, &rest), ENOENT);

	CHECK_EQ(sip_param_uint(&v, &params, "N"), 0);
	CHECK_EQ(v, 70000);
	CHECK_EQ(sip_param_uint(&v, &params, "c"), EBADMSG);
	CHECK_EQ(sip_param_uint(&v, &params, "d"), EBADMSG);
	CHECK_EQ(sip_param_uint(&v, &params, "z"), ENOENT);
	CHECK_EQ(v, 70000);
	CHECK_EQ(sip_param_get(NULL, &params, "c"), 0);

	params = text(";a=");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text(";;a");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text(";a=\"b");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text("a");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params.p = NULL;
	params.l = 0;
	CHECK_EQ(sip_param_get(&val, &params, "a"), ENOENT);

	params = text(" \"a;b\" <c;d> ; e=f");
	sip_value_split(&val, &rest, &params);
	CHECK(is(&val, "\"a;b\" <c;d>"));
	CHECK(is(&rest, "; e=f"));
	params = text("a");
	sip_value_split(&val, &rest, &params);
	CHECK(is(&val, "a"));
	CHECK_EQ(rest.l, 0);
	params = text("  ;a");
	sip_value_split(&val, &rest, &params);
	CHECK_EQ(val.l, 0);
	CHECK(is(&rest, ";a"));
	/* quoted-pair: the quote behind it does not end the string */
	params = text("\"a\\\";b\";c");
	sip_value_split(&val, &rest, &params);
	CHECK(is(&val, "\"a\\\";b\""));
	CHECK(is(&rest, ";c"));
	params = text("\"a;b\\");
	sip_value_split(&val, &rest, &params);
	CHECK(is(&val, "\"a;b\\"));

	/* what cannot be quoted */
	params = text(";a=\"\\\r\"");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text(";a=\"\\\n\"");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text(";a=\"\\\303\"");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
	params = text(";a=\"\\");
	CHECK_EQ(sip_param_get(&val, &params, "a"), EBADMSG);
}


/** A value that is not there */
static void none(void)
{
	struct sip_digest dg;
	struct sip_addr addr;
	struct sip_ctype ct;
	struct pl val;
	uint16_t q;

	CHECK_EQ(sip_addr_decode(&addr, &pl_null), EBADMSG);
	CHECK_EQ(sip_token_decode(&val, &val, &pl_null), EBADMSG);
	CHECK_EQ(sip_ctype_decode(&ct, &pl_null), EBADMSG);
	CHECK_EQ(sip_digest_decode(&dg, &pl_null), EBADMSG);
	CHECK_EQ(sip_authinfo_decode(&dg, &pl_null), EBADMSG);
	CHECK_EQ(sip_qvalue_decode(&q, &pl_null), EBADMSG);
}


static void numbers(void)
{
	uint32_t v = 0;

	CHECK_EQ(load("Expires: 4294967295\r\nRetry-After: 18 (x) ; a\r\n"
		      "x: 90;refresher=uac\r\nMin-Expires: 4294967296\r\n"
		      "RSeq: x\r\nMin-SE:\r\n"), 0);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_EXPIRES), 0);
	CHECK_EQ(v, 4294967295);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_RETRY_AFTER), 0);
	CHECK_EQ(v, 18);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_SESSION_EXPIRES), 0);
	CHECK_EQ(v, 90);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_MIN_EXPIRES), EBADMSG);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_RSEQ), EBADMSG);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_MIN_SE), EBADMSG);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_FLOW_TIMER), ENOENT);
	CHECK_EQ(v, 90);

	CHECK_EQ(load("Expires: 18 x\r\nRetry-After: 18(x)\r\nX-Y: z\r\n"),
		 0);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_EXPIRES), EBADMSG);
	CHECK_EQ(sip_msg_uint(&v, &m, SIP_HDR_RETRY_AFTER), 0);
	CHECK_EQ(v, 18);
	CHECK(sip_msg_has(&m, SIP_HDR_OTHER));
}


static void events(void)
{
	struct sip_event ev;
	struct sip_substate ss;
	struct sip_rack rack;

	CHECK_EQ(load("o: conference;id=7;x\r\n"
		      "Subscription-State: Terminated;reason=timeout"
		      ";retry-after=5\r\nRAck: 776656 1 INVITE\r\n"), 0);
	CHECK_EQ(sip_msg_event(&ev, &m), 0);
	CHECK(is(&ev.type, "conference"));
	CHECK(is(&ev.id, "7"));
	CHECK_EQ(sip_msg_substate(&ss, &m), 0);
	CHECK_EQ(ss.state, SIP_SUBSTATE_TERMINATED);
	CHECK(is(&ss.reason, "timeout"));
	CHECK_EQ(ss.expires_s, UINT32_MAX);
	CHECK_EQ(ss.retry_after_s, 5);
	CHECK_EQ(sip_msg_rack(&rack, &m), 0);
	CHECK_EQ(rack.rseq, 776656);
	CHECK_EQ(rack.cseq, 1);
	CHECK(is(&rack.met, "INVITE"));

	CHECK_EQ(load("Event: reg\r\nSubscription-State: active;expires=60\r\n"
		      "RAck: 1 INVITE\r\n"), 0);
	CHECK_EQ(sip_msg_event(&ev, &m), 0);
	CHECK(!ev.id.p);
	CHECK_EQ(sip_msg_substate(&ss, &m), 0);
	CHECK_EQ(ss.state, SIP_SUBSTATE_ACTIVE);
	CHECK_EQ(ss.expires_s, 60);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);

	CHECK_EQ(load("Event: a b\r\nSubscription-State: pending;expires=x"
		      "\r\nRAck: 1 2\r\n"), 0);
	CHECK_EQ(sip_msg_event(&ev, &m), EBADMSG);
	CHECK_EQ(sip_msg_substate(&ss, &m), EBADMSG);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);

	/* RAck = response-num LWS CSeq-num LWS Method */
	CHECK_EQ(load("Event: a;id=1\r\nRAck: x 1 INVITE\r\n"), 0);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);
	CHECK_EQ(load("RAck: 1x 1 INVITE\r\nEvent: a;;\r\n"), 0);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);
	CHECK_EQ(sip_msg_event(&ev, &m), EBADMSG);
	CHECK_EQ(load("RAck: 1 x INVITE\r\nEvent: a;id=\"\r\n"), 0);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);
	CHECK_EQ(sip_msg_event(&ev, &m), EBADMSG);
	CHECK_EQ(load("RAck: 1 2INVITE\r\n"), 0);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);
	CHECK_EQ(load("RAck: 1 2 IN VITE\r\n"), 0);
	CHECK_EQ(sip_msg_rack(&rack, &m), EBADMSG);

	CHECK_EQ(load("Subscription-State: new\r\n"), 0);
	CHECK_EQ(sip_msg_event(&ev, &m), ENOENT);
	CHECK_EQ(sip_msg_substate(&ss, &m), 0);
	CHECK_EQ(ss.state, SIP_SUBSTATE_OTHER);
	CHECK_EQ(sip_msg_rack(&rack, &m), ENOENT);
}


static void digest(void)
{
	struct sip_digest dg;
	struct sip_iter it;
	struct pl val;

	/* commas do not separate challenges: RFC 3261 s7.3.1 */
	CHECK_EQ(load("WWW-Authenticate: Digest realm=\"a,\\\"b\" , "
		      "nonce=\"n=+/\",algorithm=AKAv1-MD5, qop=\"auth,auth-int"
		      "\" ,stale=FALSE, domain=\"sip:a\", opaque=\"\", x=y\r\n"
		      "WWW-Authenticate: Basic realm=\"r\"\r\n"), 0);
	sip_iter_init(&it, &m, SIP_HDR_WWW_AUTHENTICATE);
	CHECK_EQ(sip_iter_field(&val, &it), 0);
	CHECK_EQ(sip_digest_decode(&dg, &val), 0);
	CHECK(is(&dg.realm, "a,\\\"b"));
	CHECK(is(&dg.nonce, "n=+/"));
	CHECK(is(&dg.algorithm, "AKAv1-MD5"));
	CHECK(is(&dg.qop, "auth,auth-int"));
	CHECK(is(&dg.stale, "FALSE"));
	CHECK(is(&dg.domain, "sip:a"));
	CHECK(dg.opaque.p);
	CHECK_EQ(dg.opaque.l, 0);
	CHECK(!dg.auts.p);
	CHECK_EQ(sip_iter_field(&val, &it), 0);
	CHECK_EQ(sip_digest_decode(&dg, &val), ENOTSUP);
	CHECK_EQ(sip_iter_field(&val, &it), ENOENT);

	val = text("Digest realm=\"a\", realm=\"b\"");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("Digest realm=\"a\",");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("Digest realm");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("Digest realm=\"a");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("Digest");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("=x");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	val = text("Digest,realm=\"a\"");
	CHECK_EQ(sip_digest_decode(&dg, &val), EBADMSG);
	CHECK(is(&dg.qop, "auth,auth-int"));

	val = text("qop=auth, rspauth=\"00\", cnonce=\"c\", nc=00000001,"
		   "nextnonce=\"nn\"");
	CHECK_EQ(sip_authinfo_decode(&dg, &val), 0);
	CHECK(is(&dg.rspauth, "00"));
	CHECK(is(&dg.nextnonce, "nn"));
	CHECK(is(&dg.nc, "00000001"));
	CHECK(!dg.realm.p);
}


/* RFC 3329 s2.2 */
static void security(void)
{
	struct sip_sec_mech mech;
	struct sip_iter it;

	CHECK_EQ(load("Security-Server: ipsec-3gpp; q=0.1; alg=hmac-sha-1-96;"
		      " prot=esp; mod=trans; ealg=aes-cbc; spi-c=4294967295; "
		      "spi-s=256; port-c=8418; port-s=6101, tls;q=1.000\r\n"
		      "Security-Server: digest;d-qop=auth;q=1.5\r\n"), 0);
	sip_iter_init(&it, &m, SIP_HDR_SECURITY_SERVER);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), 0);
	CHECK(is(&mech.name, "ipsec-3gpp"));
	CHECK_EQ(mech.q, 100);
	CHECK(is(&mech.alg, "hmac-sha-1-96"));
	CHECK(is(&mech.ealg, "aes-cbc"));
	CHECK(is(&mech.prot, "esp"));
	CHECK(is(&mech.mod, "trans"));
	CHECK_EQ(mech.spi_c, 4294967295);
	CHECK_EQ(mech.spi_s, 256);
	CHECK_EQ(mech.port_c, 8418);
	CHECK_EQ(mech.port_s, 6101);
	CHECK_EQ(mech.text.p[mech.text.l - 1], '1');
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), 0);
	CHECK(is(&mech.name, "tls"));
	CHECK_EQ(mech.q, 1000);
	CHECK_EQ(mech.spi_c, 0);
	CHECK(!mech.alg.p);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK(is(&mech.name, "tls"));

	CHECK_EQ(load("Security-Server: ipsec-3gpp;port-s=65536\r\n"), 0);
	sip_iter_init(&it, &m, SIP_HDR_SECURITY_SERVER);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK_EQ(load("Security-Server: ipsec-3gpp;spi-c=4294967296, "
		      "ipsec-3gpp;port-c=x, ipsec-3gpp;port-c=x;spi-s=x, ?\r\n"),
		 0);
	sip_iter_init(&it, &m, SIP_HDR_SECURITY_SERVER);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), EBADMSG);
	CHECK_EQ(sip_iter_sec_mech(&mech, &it), ENOENT);
}


static void qvalues(void)
{
	static const struct {
		const char *str;
		int q;          /* -1: refused */
	} v[] = {
		{"0", 0}, {"1", 1000}, {"0.", 0}, {"0.5", 500},
		{"0.123", 123}, {"0.05", 50}, {"1.000", 1000}, {"", -1},
		{"2", -1}, {"1.1", -1}, {"0.1234", -1}, {"0.x", -1},
		{"05", -1}, {"-1", -1}, {".5", -1},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		const struct pl pl = text(v[i].str);
		uint16_t q = 0;
		const int err = sip_qvalue_decode(&q, &pl);

		CHECK_EQ(err ? -1 : q, v[i].q);
	}
}


static void types(void)
{
	struct sip_ctype ct;
	struct pl val = text(" multipart/Related ; boundary=\"a b\""), tok;
	struct pl params;

	CHECK_EQ(sip_ctype_decode(&ct, &val), 0);
	CHECK(sip_ctype_is(&ct, "MULTIPART", "related"));
	CHECK(sip_ctype_is(&ct, "multipart", NULL));
	CHECK(!sip_ctype_is(&ct, "multipart", "mixed"));
	CHECK(!sip_ctype_is(&ct, "text", NULL));
	CHECK_EQ(sip_param_get(&tok, &ct.params, "boundary"), 0);
	CHECK(is(&tok, "a b"));

	val = text(" session ; handling = optional");
	CHECK_EQ(sip_token_decode(&tok, &params, &val), 0);
	CHECK(is(&tok, "session"));
	CHECK_EQ(sip_param_get(&tok, &params, "handling"), 0);
	CHECK(is(&tok, "optional"));
	val = text("a;=b");
	CHECK_EQ(sip_token_decode(&tok, &params, &val), EBADMSG);
	val = text("");
	CHECK_EQ(sip_token_decode(&tok, &params, &val), EBADMSG);
	CHECK_EQ(sip_ctype_decode(&ct, &val), EBADMSG);
}


/* RFC 3486 s8, RFC 5049 s9.1, RFC 6223 s4.1 */
static void via_values(void)
{
	struct sip_via via;
	struct sip_iter it;
	struct pl val = text("SIP/2.0/udp [2001:db8::1]:5070;comp=sigcomp"
			     ";sigcomp-id=\"urn:uuid:1\";branch=z9hG4bKx;rport"
			     ";keep;maddr=h.example;received=192.0.2.1, "
			     "SIP/2.0/TLS g;keep=30;rport=5061;branch=b");

	sip_iter_text(&it, &val);
	CHECK_EQ(sip_iter_via(&via, &it), 0);
	CHECK_EQ(via.transp, SIP_TRANSP_UDP);
	CHECK(is(&via.host, "2001:db8::1"));
	CHECK_EQ(via.host_type, SIP_HOST_IPV6);
	CHECK_EQ(via.port, 5070);
	CHECK(is(&via.comp, "sigcomp"));
	CHECK(is(&via.sigcomp_id, "urn:uuid:1"));
	CHECK(is(&via.branch, "z9hG4bKx"));
	CHECK(via.rfc3261);
	CHECK(via.rport_present);
	CHECK_EQ(via.rport, 0);
	CHECK(via.keep.p);
	CHECK_EQ(via.keep.l, 0);
	CHECK(is(&via.maddr, "h.example"));
	CHECK(is(&via.received, "192.0.2.1"));

	CHECK_EQ(sip_iter_via(&via, &it), 0);
	CHECK_EQ(via.transp, SIP_TRANSP_TLS);
	CHECK(is(&via.keep, "30"));
	CHECK_EQ(via.rport, 5061);
	CHECK(!via.rfc3261);
	CHECK(!via.comp.p);
	CHECK(is(&via.text, "SIP/2.0/TLS g;keep=30;rport=5061;branch=b"));
	CHECK_EQ(sip_iter_via(&via, &it), ENOENT);
}


/** The space between the last token and the `<` is no part of the name */
static void display_names(void)
{
	struct sip_addr addr;
	struct pl val;

	val = text("Two\t Words  <sip:a@b>;x");
	CHECK_EQ(sip_addr_decode(&addr, &val), 0);
	CHECK(is(&addr.dname, "Two\t Words"));
	val = text("One<sip:a@b>");
	CHECK_EQ(sip_addr_decode(&addr, &val), 0);
	CHECK(is(&addr.dname, "One"));
	val = text("\" a \"  <sip:a@b>");
	CHECK_EQ(sip_addr_decode(&addr, &val), 0);
	CHECK(is(&addr.dname, " a "));
	val = text("  <sip:a@b>");
	CHECK_EQ(sip_addr_decode(&addr, &val), 0);
	CHECK(!addr.dname.p);
}


const struct test_case suite_sip_values[] = {
	{"RFC 3261 s7.3.1: comma-separated lists over several fields", lists},
	{"RFC 3261 s7.3.1: parameters", parameters},
	{"RFC 3261 s25.1: display names", display_names},
	{"a value that is not there", none},
	{"numbers at the begin of a field, below 2^32", numbers},
	{"RFC 6665, RFC 3262: Event, Subscription-State, RAck", events},
	{"RFC 3261 s20.27, RFC 7616: digest parameters", digest},
	{"RFC 3329, TS 33.203: security mechanisms", security},
	{"RFC 3261 s25.1: qvalues", qvalues},
	{"RFC 3261 s20.11, s20.15: media types and tokens", types},
	{"RFC 3261 s20.42, RFC 3581, RFC 5049, RFC 6223: Via parameters",
	 via_values},
	{NULL, NULL}
};
