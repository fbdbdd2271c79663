/**
 * @file test_msrp_uri.c  MSRP URIs: RFC 4975 s6, s6.1, s9
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "msrp/uri.h"
#include "test/unit/test.h"


static struct pl pl(const char *s)
{
	const struct pl p = {s, strlen(s)};

	return p;
}


static bool valid(const char *s)
{
	const struct pl p = pl(s);
	struct msrp_uri u;

	return !msrp_uri_decode(&u, &p);
}


static bool match(const char *a, const char *b)
{
	const struct pl p = pl(a), q = pl(b);

	return msrp_uri_match(&p, &q) && msrp_uri_match(&q, &p);
}


static void parts(void)
{
	const struct pl p = pl("MSRPs://bob@[2001:db8::1]:2855/a/b=+;tcp;x=y;z");
	struct msrp_uri u;

	CHECK_EQ(msrp_uri_decode(&u, &p), 0);
	CHECK(u.secure);
	CHECK_EQ(pl_strcmp(&u.userinfo, "bob"), 0);
	CHECK_EQ(pl_strcmp(&u.host, "2001:db8::1"), 0);
	CHECK_EQ(u.port, 2855);
	CHECK_EQ(pl_strcmp(&u.session_id, "a/b=+"), 0);
	CHECK_EQ(pl_strcmp(&u.transport, "tcp"), 0);
	CHECK_EQ(pl_strcmp(&u.params, ";x=y;z"), 0);
}


static void grammar(void)
{
	static const char *const goodv[] = {
		"msrp://host.example.com:8493/asfd34;tcp",
		"msrp://a;tcp", "msrp://1.2.3.4:1/s;tcp",
		"msrp://[::1]:65535/~._-;TCP", "msrp://h:1;sctp2",
		"msrp://u@h:1/s;tcp;a", "msrp://%41b:1/s;tcp"
	};
	static const char *const badv[] = {
		"", "msrp", "msrp:", "msrp:/h:1/s;tcp", "sip://h:1/s;tcp",
		"msrpx://h:1/s;tcp", "msrp://", "msrp://:1/s;tcp",
		"msrp://h:1/s", "msrp://h:1/;tcp", "msrp://h:1/s;",
		"msrp://h:0/s;tcp", "msrp://h:65536/s;tcp",
		"msrp://h:99999999999/s;tcp", "msrp://h:/s;tcp",
		"msrp://h:1/s;tcp;", "msrp://h:1/s;tcp;=", "msrp://h:1/s;tcp;a=",
		"msrp://h:1/s;tcp ", " msrp://h:1/s;tcp", "msrp://[::1:1/s;tcp",
		"msrp://[]:1/s;tcp", "msrp://h:1/s s;tcp", "msrp://h:1/\"s;tcp",
		"msrp://h h:1/s;tcp", "msrp://u@@h:1/s;tcp"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(goodv); i++) {
		if (!valid(goodv[i]))
			CHECK_STR("refused", goodv[i]);
	}
	for (i = 0; i < ARRAY_SIZE(badv); i++) {
		if (valid(badv[i]))
			CHECK_STR("accepted", badv[i]);
	}
}


/** Nothing behind the end of the text is read (ASan sees it) */
static void every_length(void)
{
	static const char whole[] = "msrp://u@[1:2::3%]:12/s+;tcp;a=b";
	const struct pl none = {NULL, 0};
	char exact[sizeof(whole)];
	struct msrp_uri v;
	size_t n;

	CHECK_EQ(msrp_uri_decode(&v, &none), EBADMSG);

	for (n = 0; n < sizeof(whole); n++) {

		char *end = exact + sizeof(exact) - n;
		const struct pl p = {end, n};
		struct msrp_uri u;

		memcpy(end, whole, n);
		CHECK_EQ(msrp_uri_decode(&u, &p), EBADMSG);
	}
}


static void scheme(void)
{
	CHECK(match("msrp://a:1/s;tcp", "MSRP://a:1/s;tcp"));
	CHECK(!match("msrp://a:1/s;tcp", "msrps://a:1/s;tcp"));
}


static void authority(void)
{
	CHECK(match("msrp://Host.Example:1/s;tcp", "msrp://hOST.eXAMPLE:1/s;tcp"));
	CHECK(match("msrp://h%6Fst%2da:1/s;tcp", "msrp://host-a:1/s;tcp"));
	CHECK(!match("msrp://h%21:1/s;tcp", "msrp://h!:1/s;tcp"));
	CHECK(match("msrp://alice@h:1/s;tcp", "msrp://h:1/s;tcp"));
	CHECK(match("msrp://[2001:db8:0:0:0::1]:1/s;tcp",
		    "msrp://[2001:0DB8::1]:1/s;tcp"));
	CHECK(match("msrp://[1:2:3:4:5:6:7:8]:1/s;tcp",
		    "msrp://[0001:2:3:4:5:6:7:8]:1/s;tcp"));
	CHECK(match("msrp://[::]:1/s;tcp", "msrp://[0::0]:1/s;tcp"));
	CHECK(!match("msrp://[1::2]:1/s;tcp", "msrp://[1:0:2::]:1/s;tcp"));
	CHECK(!match("msrp://[1::2]:1/s;tcp", "msrp://[1::2:0]:1/s;tcp"));
	CHECK(match("msrp://[::ffff:1.2.3.4]:1/s;tcp",
		    "msrp://[::FFFF:1.2.3.4]:1/s;tcp"));
	CHECK(!match("msrp://1.2.3.4:1/s;tcp", "msrp://1.2.3.40:1/s;tcp"));
	CHECK(!match("msrp://1.2.3.40:1/s;tcp", "msrp://1.2.3.4:1/s;tcp"));
	CHECK(!match("msrp://a:1/s;tcp", "http://a:1/s"));
	CHECK(!match("http://a:1/s", "msrp://a:1/s;tcp"));
}


/* what is no escape is compared as it stands */
static void no_escapes(void)
{
	static const char *const v[] = {
		"msrp://h%:1/s;tcp", "msrp://h%4:1/s;tcp",
		"msrp://h%4z:1/s;tcp", "msrp://h%z4:1/s;tcp"
	};
	unsigned i, k;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		for (k = 0; k < ARRAY_SIZE(v); k++)
			CHECK_EQ(match(v[i], v[k]), i == k);
	}
}


/* RFC 4291 s2.2: what is no address, or has an IPv4 address in it, is equal
   to the same text only */
static void ipv6_text(void)
{
	static const char *const v[] = {
		":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
		"12345::", "::12345", "1:2:3:4:5:6:7::8", "::1.2.3.4", ":::",
		"1:2:3:4::5:6:7:8"
	};
	char a[64], b[64];
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		(void)snprintf(a, sizeof(a), "msrp://[%s]:1/s;tcp", v[i]);
		(void)snprintf(b, sizeof(b), "msrp://[0%s]:1/s;tcp", v[i]);
		CHECK(match(a, a));
		CHECK(!match(a, b));
		CHECK(!match(a, "msrp://[1:2:3:4:5:6:7:8]:1/s;tcp"));
		CHECK(!match("msrp://[1::3]:1/s;tcp", a));
	}
	CHECK(match("msrp://[1:2:3:4:5:6::8]:1/s;tcp",
		    "msrp://[1:2:3:4:5:6:0:8]:1/s;tcp"));
	CHECK(match("msrp://[1::]:1/s;tcp", "msrp://[1:0:0:0:0:0:0:0]:1/s;tcp"));
}


static void port(void)
{
	CHECK(!match("msrp://h:1/s;tcp", "msrp://h:2/s;tcp"));
	CHECK(!match("msrp://h:2855/s;tcp", "msrp://h/s;tcp"));
	CHECK(match("msrp://h:02855/s;tcp", "msrp://h:2855/s;tcp"));
}


static void session_id(void)
{
	CHECK(!match("msrp://h:1/s;tcp", "msrp://h:1/S;tcp"));
	CHECK(!match("msrp://h:1/s;tcp", "msrp://h:1;tcp"));
	CHECK(match("msrp://h:1;tcp", "msrp://h:1;tcp"));
	/* path normalization is not relevant */
	CHECK(!match("msrp://h:1/a/./b;tcp", "msrp://h:1/a/b;tcp"));
}


static void transport(void)
{
	CHECK(match("msrp://h:1/s;tcp", "msrp://h:1/s;TCP"));
	CHECK(!match("msrp://h:1/s;tcp", "msrp://h:1/s;sctp"));
	CHECK(match("msrp://h:1/s;tcp;a=b", "msrp://h:1/s;tcp"));
}


static void paths(void)
{
	struct pl p = pl("msrp://a:1/x;tcp msrp://b:1/y;tcp"), u;
	const struct pl q = p;
	struct pl bad;

	CHECK(msrp_path_valid(&p));
	CHECK(msrp_path_match(&p, &q));
	CHECK(msrp_path_next(&u, &p));
	CHECK_EQ(pl_strcmp(&u, "msrp://a:1/x;tcp"), 0);
	CHECK(!msrp_path_match(&u, &q));
	CHECK(!msrp_path_match(&q, &u));
	bad = pl("msrp://a:1/x;tcp msrp://b:1/z;tcp");
	CHECK(!msrp_path_match(&bad, &q));
	CHECK(msrp_path_next(&u, &p));
	CHECK_EQ(pl_strcmp(&u, "msrp://b:1/y;tcp"), 0);
	CHECK(!msrp_path_next(&u, &p));

	bad = pl("msrp://a:1/x;tcp  msrp://b:1/y;tcp");
	CHECK(!msrp_path_valid(&bad));
	bad = pl("msrp://a:1/x;tcp ");
	CHECK(!msrp_path_valid(&bad));
	bad = pl("");
	CHECK(!msrp_path_valid(&bad));
}


const struct test_case suite_msrp_uri[] = {
	{"RFC 4975 s6: the parts of a URI", parts},
	{"RFC 4975 s9: what is a URI and what is none", grammar},
	{"RFC 4975 s9: a text that ends early is no URI", every_length},
	{"RFC 4975 s6.1 rule 1: scheme", scheme},
	{"RFC 4975 s6.1 rule 2: authority, address, escapes, userinfo",
	 authority},
	{"RFC 4975 s6.1 rule 2: a percent sign that escapes nothing",
	 no_escapes},
	{"RFC 4291 s2.2: texts that are no IPv6 address", ipv6_text},
	{"RFC 4975 s6.1 rule 3: port", port},
	{"RFC 4975 s6.1 rule 4: session-id", session_id},
	{"RFC 4975 s6.1 rule 5: transport", transport},
	{"RFC 4975 s7.1: paths of several URIs", paths},
	{NULL, NULL}
};
