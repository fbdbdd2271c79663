/**
 * @file test_sip_uri.c  URIs: decoding, comparison, escapes; IPv6 addresses
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/message.h"


static bool is(const struct pl *pl, const char *str)
{
	return pl->p && pl->l == strlen(str) && !memcmp(pl->p, str, pl->l);
}


static struct pl text(const char *str)
{
	struct pl pl = {str, strlen(str)};

	return pl;
}


static int decode(struct sip_uri *uri, const char *str)
{
	const struct pl pl = text(str);

	return sip_uri_decode(uri, &pl);
}


static void parts(void)
{
	static const struct pl nul = {"sip:a@b;x=\"\\\0y\"", 14};
	struct sip_uri u;
	struct pl val;

	CHECK_EQ(decode(&u, "SipS:a%20b;c:p$w@Host.example.:65535;lr;x=%41"
			"?Subject=a%20b&To=x"), 0);
	CHECK_EQ(u.scheme, SIP_SCHEME_SIPS);
	CHECK(is(&u.scheme_name, "SipS"));
	CHECK(is(&u.user, "a%20b;c"));
	CHECK(is(&u.password, "p$w"));
	CHECK(is(&u.host, "Host.example."));
	CHECK_EQ(u.host_type, SIP_HOST_NAME);
	CHECK_EQ(u.port, 65535);
	CHECK(is(&u.params, ";lr;x=%41"));
	CHECK(is(&u.headers, "Subject=a%20b&To=x"));
	CHECK_EQ(sip_uri_param(&val, &u, "LR"), 0);
	CHECK(!val.p);
	CHECK_EQ(sip_uri_param(&val, &u, "x"), 0);
	CHECK(is(&val, "%41"));
	CHECK_EQ(sip_uri_param(&val, &u, "y"), ENOENT);
	CHECK_EQ(sip_uri_param(NULL, &u, "lr"), 0);

	CHECK_EQ(decode(&u, "sip:192.0.2.1"), 0);
	CHECK(!u.user.p);
	CHECK(!u.password.p);
	CHECK(!u.headers.p);
	CHECK_EQ(u.params.l, 0);
	CHECK_EQ(u.host_type, SIP_HOST_IPV4);
	CHECK_EQ(sip_uri_param(&val, &u, "lr"), ENOENT);

	CHECK_EQ(decode(&u, "sip:a:@b"), 0);
	CHECK(u.password.p);
	CHECK_EQ(u.password.l, 0);

	/* a NUL in quotes would cut a string */
	CHECK_EQ(decode(&u, "sip:a@b;x=\"q \t/\""), 0);
	CHECK_EQ(decode(&u, "sip:a@b;x=\"\\\001\""), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a@b;x=\"q"), EBADMSG);
	CHECK_EQ(sip_uri_decode(&u, &nul), EBADMSG);

	CHECK_EQ(decode(&u, "tel:+1-(212).555;phone-context=example.com"), 0);
	CHECK_EQ(u.scheme, SIP_SCHEME_TEL);
	CHECK(is(&u.user, "+1-(212).555"));
	CHECK_EQ(sip_uri_param(&val, &u, "phone-context"), 0);
	CHECK(is(&val, "example.com"));
	CHECK_EQ(decode(&u, "tel:*21#;phone-context=+1"), 0);
	CHECK_EQ(decode(&u, "tel:a4"), 0);
	CHECK_EQ(decode(&u, "tel:+"), EBADMSG);
	CHECK_EQ(decode(&u, "tel:+a"), EBADMSG);
	CHECK_EQ(decode(&u, "tel:()"), EBADMSG);

	CHECK_EQ(decode(&u, "urn:gsma:imei:35465104-312490-0"), 0);
	CHECK_EQ(u.scheme, SIP_SCHEME_URN);
	CHECK(is(&u.user, "gsma:imei:35465104-312490-0"));
	CHECK_EQ(decode(&u, "http://[::1]:80/a?b=%20;c"), 0);
	CHECK_EQ(u.scheme, SIP_SCHEME_OTHER);
	CHECK(is(&u.text, "http://[::1]:80/a?b=%20;c"));
	CHECK_EQ(decode(&u, "http://a b"), EBADMSG);
	CHECK_EQ(decode(&u, "http:%"), EBADMSG);
	CHECK_EQ(decode(&u, ""), EBADMSG);
	CHECK_EQ(decode(&u, "sip"), EBADMSG);
	CHECK_EQ(decode(&u, ":a"), EBADMSG);
	CHECK_EQ(decode(&u, "tel:"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a?%zz=1"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a?=1"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a?b"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a?b;c=1"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a?b=%4"), EBADMSG);
	CHECK_EQ(sip_uri_decode(&u, &pl_null), EBADMSG);
}


/* RFC 3261 s25.1: port = 1*DIGIT; RFC 793: 1..65535 */
static void ports(void)
{
	struct sip_uri u;

	CHECK_EQ(decode(&u, "sip:a:1"), 0);
	CHECK_EQ(decode(&u, "sip:a:065535"), 0);
	CHECK_EQ(u.port, 65535);
	CHECK_EQ(decode(&u, "sip:a:0"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a:65536"), EBADMSG);
	CHECK_EQ(decode(&u, "sip:a:"), EBADMSG);
}


static void only_on_success(void)
{
	struct sip_uri u, before;

	memset(&u, 0x5a, sizeof(u));
	before = u;
	CHECK_EQ(decode(&u, "sip:b@h;;"), EBADMSG);
	CHECK(!memcmp(&u, &before, sizeof(u)));
}


/* RFC 5954 s4.1 */
static void hosts(void)
{
	static const struct {
		const char *host;
		bool ok;
	} v[] = {
		{"[::]", true}, {"[::1]", true}, {"[1::]", true},
		{"[1:2:3:4:5:6:7:8]", true}, {"[1:2:3:4:5:6:1.2.3.4]", true},
		{"[1:2:3:4:5:6:7::]", true}, {"[::2:3:4:5:6:7:8]", true},
		{"[::ffff:192.0.2.1]", true}, {"[ABCD:ef01::0]", true},
		{"[1::1.2.3.4]", true}, {"[1:::1.2.3.4]", true},
		{"[:::1.2.3.4]", true}, {"[::1.2.3.4]", true},
		{"[1:2:3:4:5:6:7:8:9]", false}, {"[1:2:3:4:5:6:7]", false},
		{"[1:2:3:4:5:6:7:8::]", false},
		{"[1:2:3:4:5:6:7:1.2.3.4]", false}, {"[]", false},
		{"[:]", false}, {"[:::]", false}, {"[1:::2]", false},
		{"[1::2::3]", false}, {"[1:2:3:4::5:6:7:8]", false},
		{"[12345::]", false}, {"[g::]", false}, {"[1:]", false},
		{"[:1]", false}, {"[1::1.2.3]", false},
		{"[1::1.2.3.256]", false}, {"[1::1.2.3.4:5]", false},
		{"[1.2.3.4]", false}, {"[::1", false}, {"::1", false},
		{"[::1]x", false}, {"[::1%25eth0]", false},
		{"a", true}, {"a-b.c-d.e1", true}, {"1a.b", true},
		{"1.2.3.4.a", true}, {"a.", true}, {"0.0.0.0", true},
		{"255.255.255.255", true}, {"001.002.003.004", true},
		{"1", false}, {"a.1", false}, {"1.2.3", false},
		{"1.2.3.4.", false}, {"1.2.3.4.5", false}, {"", false},
		{".a", false}, {"a..b", false}, {"-a", false}, {"a-", false},
		{"a_b", false}, {"1.2.3.0400", false}, {"a.-b", false},
		{"\xc3\xa4", false},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		struct sip_uri u;
		char str[64] = "sip:u@";

		strcat(str, v[i].host);
		if (!decode(&u, str) != v[i].ok)
			CHECK_STR(v[i].ok ? "refused" : "accepted",
				  v[i].host);
		strcat(str, ":5060");
		if (!decode(&u, str) != v[i].ok)
			CHECK_STR(v[i].ok ? "refused" : "accepted", str);
	}
}


/* RFC 5954 s4.2: addresses are compared, not their text */
static void equal(void)
{
	static const struct {
		bool same;
		const char *a, *b;
	} v[] = {
		/* RFC 3261 s19.1.4, its own examples */
		{true, "sip:%61lice@atlanta.com;transport=TCP",
			"sip:alice@AtLanTa.CoM;Transport=tcp"},
		/* what an escape means does not depend on what follows */
		{true, "sip:a.b;x=\"%41%zz\"", "sip:a.b;x=\"A%zz\""},
		{true, "sip:carol@chicago.com",
			"sip:carol@chicago.com;newparam=5"},
		{true, "sip:carol@chicago.com;newparam=5",
			"sip:carol@chicago.com;security=on"},
		{true, "sip:biloxi.com;transport=tcp;method=REGISTER"
			"?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp"
			"?to=sip:bob%40biloxi.com"},
		{true, "sip:alice@atlanta.com?subject=project%20x"
			"&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent"
			"&subject=project%20x"},
		{false, "SIP:ALICE@AtLanTa.CoM;Transport=udp",
			"sip:alice@AtLanTa.CoM;Transport=UDP"},
		{false, "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
		{false, "sip:bob@biloxi.com",
			"sip:bob@biloxi.com;transport=udp"},
		{false, "sip:bob@biloxi.com",
			"sip:bob@biloxi.com:6000;transport=tcp"},
		{false, "sip:carol@chicago.com",
			"sip:carol@chicago.com?Subject=next%20meeting"},
		{false, "sip:bob@phone21.boxesbybob.com",
			"sip:bob@192.0.2.4"},
		/* further ones */
		{false, "sip:a@b", "sips:a@b"},
		{false, "sip:a@b", "sip:A@b"},
		{false, "sip:a@b", "sip:b"},
		{false, "sip:a@b", "sip:a:@b"},
		{false, "sip:a:x@b", "sip:a:y@b"},
		{false, "sip:a%40@b", "sip:a@b"},
		{false, "sip:a%3b@b", "sip:a;@b"},
		{true, "sip:a%3b@b", "sip:a%3B@b"},
		{false, "sip:a%00@b", "sip:a@b"},
		{false, "sip:a%00@b", "sip:a%00x@b"},
		{true, "sip:a@[2001:DB8::1]", "sip:a@[2001:db8:0:0::0.0.0.1]"},
		{false, "sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]"},
		{false, "sip:a@b;user=phone", "sip:a@b"},
		{false, "sip:a@b;maddr=1.2.3.4", "sip:a@b"},
		{false, "sip:a@b;ttl=1", "sip:a@b"},
		{false, "sip:a@b;%74tl=1", "sip:a@b"},
		{false, "sip:a@b;x=1", "sip:a@b;x=2"},
		{false, "sip:a@b;x", "sip:a@b;x=2"},
		{true, "sip:a@b;%78=1", "sip:a@b;X=%31"},
		{true, "sip:a@b;lr", "sip:a@b"},
		{false, "sip:a@b;x=1;x=2", "sip:a@b;x=2"},
		{true, "sip:a@b;x=1;x=2", "sip:a@b;X=2;x=1"},
		{false, "sip:a@b?x=1", "sip:a@b?x=2"},
		{false, "sip:a@b?x=1&x=1", "sip:a@b?x=1&y=1"},
		{false, "sip:a@b?x=1&x=1&y=1", "sip:a@b?x=1&y=1&y=1"},
		{false, "sip:a@b?x=1&x=1", "sip:a@b?x=1"},
		{true, "sip:a@b?x=1&y=1&x=1", "sip:a@b?x=1&x=1&y=1"},
		{true, "sip:a@b?x=%61", "sip:a@b?x=a"},
		{true, "tel:+1-212-555", "TEL:+1(212)555"},
		{false, "tel:+1212555", "tel:1212555"},
		{false, "tel:+1;ext=2", "tel:+1"},
		{true, "tel:7;phone-context=a;x=y",
			"tel:7;X=y;Phone-Context=A"},
		{true, "urn:service:sos", "URN:SERVICE:sos"},
		{false, "urn:service:sos", "urn:service:SOS"},
		{true, "http://a/b", "HTTP://a/b"},
		{false, "http://a/b", "http://a/B"},
		{false, "http://a/b", "isbn:1"},
		{false, "http://a/b", "http://a/bc"},
		{false, "tel:123", "tel:12"},
		{true, "tel:12", "tel:1-2."},
		{false, "urn:a:b", "urn:a:bc"},
		{false, "urn:a:b", "urn:b:b"},
		{true, "urn:gsma", "urn:GSMA"},
		{false, "urn:gsma", "urn:gsmb"},
		{true, "sip:a@[1:2:3:4:5:6:7:8]", "sip:a@[1:02:3:4:5:6:7:8]"},
		{true, "sip:a@[1:2:3:4:5:6:7:8]",
			"sip:a@[1:2:3:4:5:6:0.7.0.8]"},
		{false, "sip:a@b;method=BYE", "sip:a@b"},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		struct sip_uri a, b;

		CHECK_EQ(decode(&a, v[i].a), 0);
		CHECK_EQ(decode(&b, v[i].b), 0);
		if (sip_uri_equal(&a, &b) != v[i].same ||
		    sip_uri_equal(&b, &a) != v[i].same)
			CHECK_STR(v[i].a, v[i].b);
		CHECK(sip_uri_equal(&a, &a));
	}
}


/** The r- and q-component do not count (an f-component is no part of a URI of
 *  SIP: it is refused); hexadecimal digits of escapes ignore case, and an
 *  escape is not the octet it stands for */
static void urns(void)
{
	static const struct {
		bool same;
		const char *a, *b;
	} v[] = {
		{true, "urn:example:a123,z456", "URN:EXAMPLE:a123,z456"},
		{true, "urn:example:a123,z456?+abc", "urn:example:a123,z456"},
		{true, "urn:example:a123,z456?=xyz", "urn:example:a123,z456"},
		{true, "urn:example:a123,z456?+abc?=xyz",
			"urn:example:a123,z456?=abc"},
		{false, "urn:example:a123,z456/foo", "urn:example:a123,z456"},
		{false, "urn:example:a123?+abc", "urn:example:a12?+3abc"},
		{true, "urn:example:a123%2Cz456", "urn:EXAMPLE:a123%2cz456"},
		{false, "urn:example:a123%2Cz456", "urn:example:a123,z456"},
		{false, "urn:example:A123,z456", "urn:example:a123,z456"},
		{false, "urn:example:%D0%b0123", "urn:example:%D0%b0123A"},
		{false, "urn:example:%2CA", "urn:example:%2Ca"},
		{true, "urn:a?:b", "URN:A"},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		struct sip_uri a, b;

		CHECK_EQ(decode(&a, v[i].a), 0);
		CHECK_EQ(decode(&b, v[i].b), 0);
		if (sip_uri_equal(&a, &b) != v[i].same ||
		    sip_uri_equal(&b, &a) != v[i].same)
			CHECK_STR(v[i].a, v[i].b);
	}

	CHECK_EQ(decode(&(struct sip_uri){0}, "urn:example:a#f"), EBADMSG);
}


/** Comparing is bounded: parameters over a limit make URIs different, unless
 *  they are written the same */
static void many_params(void)
{
	static char x[4096], y[4096];
	struct sip_uri a, b;

	for (unsigned n = 32; n <= 1000; n += 968) {

		strcpy(x, "sip:a@b");
		for (unsigned i = 0; i < n; i++)
			strcat(x, ";p");
		strcpy(y, x);
		y[4] = 'a';
		strcat(y, ";q");

		CHECK_EQ(decode(&a, x), 0);
		CHECK_EQ(decode(&b, y), 0);
		CHECK(sip_uri_equal(&a, &a));
		CHECK(!sip_uri_equal(&a, &b));
		y[strlen(y) - 2] = '\0';
		y[5] = '@';
		x[6] = 'B';
		CHECK_EQ(decode(&a, x), 0);
		CHECK_EQ(decode(&b, y), 0);
		CHECK_EQ(sip_uri_equal(&a, &b), n <= 32);

		/* and so with header fields */
		strcpy(x, "sip:a@b?h=1");
		for (unsigned i = 1; i < n; i++)
			strcat(x, "&h=1");
		strcpy(y, x);
		y[6] = 'B';
		CHECK_EQ(decode(&a, x), 0);
		CHECK_EQ(decode(&b, y), 0);
		CHECK_EQ(sip_uri_equal(&a, &b), n <= 32);
	}

	/* a URI that was not decoded is equal to none */
	memset(&b, 0, sizeof(b));
	CHECK(!sip_uri_equal(&a, &b));
	CHECK(!sip_uri_equal(&b, &a));
	CHECK(!sip_uri_equal(&b, &b));
}


/* RFC 3261 s19.1.2 */
static void escapes(void)
{
	struct pl pl = text("a%20b%00%Ffc");
	char buf[16];
	size_t len = 99;

	CHECK_EQ(sip_unescape(buf, sizeof(buf), &len, &pl), 0);
	CHECK_MEM(buf, len, "a b\0\xff" "c", 6);
	CHECK_EQ(buf[len], '\0');
	CHECK_EQ(sip_unescape(buf, 7, NULL, &pl), 0);
	CHECK_EQ(sip_unescape(buf, 6, NULL, &pl), EOVERFLOW);
	pl = text("a%2");
	CHECK_EQ(sip_unescape(buf, sizeof(buf), &len, &pl), EBADMSG);
	pl = text("%zz");
	CHECK_EQ(sip_unescape(buf, sizeof(buf), &len, &pl), EBADMSG);
	pl = text("");
	CHECK_EQ(sip_unescape(buf, 1, &len, &pl), 0);
	CHECK_EQ(len, 0);

	pl = text("a\\\"b\\\\");
	CHECK_EQ(sip_unquote(buf, sizeof(buf), &pl), 0);
	CHECK_STR(buf, "a\"b\\");
	CHECK_EQ(sip_unquote(buf, 5, &pl), 0);
	CHECK_EQ(sip_unquote(buf, 4, &pl), EOVERFLOW);
	pl = text("a\\");
	CHECK_EQ(sip_unquote(buf, sizeof(buf), &pl), EBADMSG);
	pl.p = "a\\\0b";
	pl.l = 4;
	CHECK_EQ(sip_unquote(buf, sizeof(buf), &pl), EBADMSG);
	pl = text("a\nb");
	CHECK_EQ(sip_unquote(buf, sizeof(buf), &pl), EBADMSG);
	pl = text("a\\\rb");
	CHECK_EQ(sip_unquote(buf, sizeof(buf), &pl), EBADMSG);
}


const struct test_case suite_sip_uri[] = {
	{"RFC 3261 s19.1.1, RFC 3966: parts of a URI", parts},
	{"RFC 3261 s25.1: ports", ports},
	{"a URI that is refused leaves the result alone", only_on_success},
	{"RFC 5954, RFC 5118: hosts", hosts},
	{"RFC 3261 s19.1.4: comparison", equal},
	{"RFC 8141 s3.1: comparison of URNs", urns},
	{"comparison of URIs with very many parameters is bounded",
	 many_params},
	{"RFC 3261 s25.1: escapes and quoted pairs", escapes},
	{NULL, NULL}
};
