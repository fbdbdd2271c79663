/**
 * @file test_msrp_relay.c  Authorisation at an MSRP relay: RFC 4976 s5.1,
 *                          s9.1, the client
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <mbedtls/md5.h>
#include "msrp/relay.h"
#include "test/unit/crypto_fault.h"
#include "test/unit/msrp_kit.h"
#include "test/unit/test.h"

#if MSRP_RELAY

#define RELAY "msrp://relay.example.com:2855;tcp"
#define USE_PATH "msrp://relay.example.com:2855/jui787s2f;tcp"
#define NONCE "dcd98b7102dd2f0e8b11d0f600bfb0c093"
#define CHALLENGE "WWW-Authenticate: Digest realm=\"example.com\", "	\
	"qop=\"auth\", nonce=\"" NONCE "\"\r\n"
#define LONG_32 "0123456789abcdef0123456789abcdef"
#define GRANTED "Use-Path: " USE_PATH "\r\nExpires: 900\r\n"

static struct msrp_auth auth;
static struct {
	unsigned count;
	uint16_t status;
	uint32_t expires_s;
	char path[200];
} told;


static void auth_h(struct msrp_session *s, uint16_t status,
		   const struct pl *use_path, uint32_t expires_s, void *arg)
{
	(void)s;
	(void)arg;
	++told.count;
	told.status = status;
	told.expires_s = expires_s;
	(void)pl_strcpy(use_path, told.path, sizeof(told.path));
}


/** A value in quotes, or not, of the last request; "" none */
static const char *value(const char *name)
{
	static char v[4][80];
	static unsigned turn;
	char *out = v[turn++ % 4];
	const char *p = strstr(mkit_text, name);

	*out = '\0';
	if (p) {
		p += strlen(name);
		p += *p == '"';
		(void)snprintf(out, 80, "%.*s", (int)strcspn(p, "\", \r\n"),
			       p);
	}

	return out;
}


/** AUTH of end 0 is on the wire */
static int begin(uint32_t expires_s)
{
	int err;

	memset(&told, 0, sizeof(told));
	memset(&auth, 0, sizeof(auth));
	auth.relay = RELAY;
	auth.user = "alice";
	auth.password = "secret";
	auth.expires_s = expires_s;
	auth.auth_h = auth_h;
	mkit_open(100000, 3);
	mkit[0].up = true;
	err = msrp_auth(mkit[0].s, mkit_ms, 0, &auth);
	mkit_grab(0);

	return err;
}


/** The relay answers the last request */
static void answer(const char *status, const char *lines)
{
	char text[1024], tid[40];

	(void)snprintf(tid, sizeof(tid), "%s", value("MSRP "));
	(void)snprintf(text, sizeof(text), "MSRP %s %s\r\nTo-Path: " KIT_URI_0
		       "\r\nFrom-Path: " RELAY "\r\n%s-------%s$\r\n", tid,
		       status, lines, tid);
	mkit_inject(0, text, 1000);
	mkit_grab(0);
}


static void hash(char hex[33], const char *text)
{
	uint8_t md[16];
	unsigned i;

	(void)mbedtls_md5_ret((const uint8_t *)text, strlen(text), md);
	for (i = 0; i < 16; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", md[i]);
}


/** RFC 2617 s3.2.2.1 with qop; method "" is that of rspauth */
static void expected(char hex[33], const char *method, const char *nonce)
{
	char a1[33], a2[33], text[300];

	hash(a1, "alice:example.com:secret");
	(void)snprintf(text, sizeof(text), "%s:" RELAY, method);
	hash(a2, text);
	(void)snprintf(text, sizeof(text), "%s:%s:00000001:%s:auth:%s", a1,
		       nonce, value("cnonce="), a2);
	hash(hex, text);
}


/* RFC 4976 s5.1: the first AUTH has no credentials; the second has */
static void granted(void)
{
	char want[33];

	CHECK_EQ(begin(0), 0);
	CHECK(strstr(mkit_text, " AUTH\r\nTo-Path: " RELAY "\r\nFrom-Path: "
		     KIT_URI_0 "\r\n-------"));
	answer("401 Unauthorized", CHALLENGE);
	CHECK_EQ(told.count, 0);
	CHECK_STR(value("username="), "alice");
	CHECK_STR(value("realm="), "example.com");
	CHECK_STR(value("nonce="), NONCE);
	CHECK_STR(value("uri="), RELAY);
	CHECK_STR(value("qop="), "auth");
	CHECK_STR(value("nc="), "00000001");
	expected(want, "AUTH", NONCE);
	CHECK_STR(value("response="), want);

	answer("200 OK", GRANTED);
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 200);
	CHECK_STR(told.path, USE_PATH);
	CHECK_EQ(told.expires_s, 900);
	CHECK_STR(mkit_text, "");

	/* the connection stays without a session on it */
	mkit_pass(MSRP_T_MS + 1);
	CHECK(mkit[0].up);
	/* and another AUTH begins anew */
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), 0);
	mkit_grab(0);
	CHECK(!strstr(mkit_text, "Authorization"));
}


/* The n-th call of MD5 fails: nothing is answered with a wrong digest, and it
   is told at once; what is under way afterwards has all its time */
static void hash_fails(void)
{
	char want[33], lines[400];
	unsigned n;

	for (n = 1; n < 100; n++) {
		CHECK_EQ(begin(0), 0);
		crypto_fault = n;
		answer("401 Unauthorized", CHALLENGE);
		if (crypto_fault)
			break;
		CHECK_STR(mkit_text, "");
		CHECK_EQ(told.count, 1);
		CHECK_EQ(told.status, 408);

		mkit_pass(MSRP_T_MS / 2);
		CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), 0);
		mkit_grab(0);
		mkit_pass(MSRP_T_MS / 2 + 1);
		CHECK_EQ(told.count, 1);
		answer("401 Unauthorized", CHALLENGE);
		answer("200 OK", GRANTED);
		CHECK_EQ(told.status, 200);
	}
	CHECK(n > 20);

	/* nor is the proof of the relay taken unseen */
	for (n = 1; n < 100; n++) {
		crypto_fault = 0;
		CHECK_EQ(begin(0), 0);
		answer("401 Unauthorized", CHALLENGE);
		expected(want, "", NONCE);
		(void)snprintf(lines, sizeof(lines), GRANTED
			       "Authentication-Info: rspauth=\"%s\"\r\n", want);
		crypto_fault = n;
		answer("200 OK", lines);
		CHECK_EQ(told.count, 1);
		if (crypto_fault)
			break;
		CHECK_EQ(told.status, 0);
	}
	CHECK_EQ(told.status, 200);
	CHECK(n > 20);
	crypto_fault = 0;
}


static void wanted_time(void)
{
	CHECK_EQ(begin(60), 0);
	CHECK_STR(value("Expires: "), "60");
	answer("423 Interval Out-of-Bounds", "Min-Expires: 120\r\n");
	CHECK_EQ(told.status, 423);
	CHECK_EQ(told.expires_s, 120);
}


/* RFC 4976 s9.1, RFC 2617 s3.2.3 */
static void rspauth(void)
{
	char want[33], lines[300];
	unsigned good;

	for (good = 0; good < 2; good++) {
		CHECK_EQ(begin(0), 0);
		answer("401 Unauthorized", CHALLENGE);
		expected(want, "", NONCE);
		want[7] ^= good ? 0 : 1;
		(void)snprintf(lines, sizeof(lines), GRANTED
			       "Authentication-Info: nextnonce=\"1\", "
			       "rspauth=\"%s\", cnonce=\"%s\", nc=00000001, "
			       "qop=auth\r\n", want, value("cnonce="));
		answer("200 OK", lines);
		CHECK_EQ(told.count, 1);
		CHECK_EQ(told.status, good ? 200 : 0);
		CHECK_STR(told.path, good ? USE_PATH : "");
	}

	CHECK_EQ(begin(0), 0);
	answer("401 Unauthorized", CHALLENGE);
	answer("200 OK", GRANTED "Authentication-Info: qop=auth\r\n");
	CHECK_EQ(told.status, 0);
}


/* No loop of challenges: one more only where the nonce was stale */
static void loops(void)
{
	char want[33];

	CHECK_EQ(begin(0), 0);
	answer("401 Unauthorized", CHALLENGE);
	answer("401 Unauthorized", CHALLENGE);
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 401);
	CHECK_STR(mkit_text, "");

	CHECK_EQ(begin(0), 0);
	answer("401 Unauthorized", CHALLENGE);
	answer("401 Unauthorized", "WWW-Authenticate: Digest "
	       "realm=\"example.com\", stale=TRUE, qop=\"auth\", "
	       "nonce=\"second\"\r\n");
	CHECK_EQ(told.count, 0);
	expected(want, "AUTH", "second");
	CHECK_STR(value("response="), want);
	answer("401 Unauthorized", "WWW-Authenticate: Digest "
	       "realm=\"example.com\", stale=true, qop=\"auth\", "
	       "nonce=\"third\"\r\n");
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 401);
}


static void no_challenge(void)
{
	static const char *const linev[] = {
		"", "WWW-Authenticate: Basic realm=\"x\"\r\n",
		"WWW-Authenticate: Digest realm=\"x\"\r\n",
		"WWW-Authenticate: Digest nonce=\"x\"\r\n",
		"WWW-Authenticate: Digest realm=\"x\", nonce=\"y\r\n",
		"WWW-Authenticate: Digest realm=\"x\", nonce=\"y\", algorithm=MD4\r\n",
		"WWW-Authenticate: Digest realm=\"x\\y\", nonce=\"y\"\r\n",
		"WWW-Authenticate: Digest nonce=\"y\", realm=\"" LONG_32 LONG_32 "\"\r\n"
	};
	unsigned i;

	for (i = 0; i < sizeof(linev) / sizeof(linev[0]); i++) {
		CHECK_EQ(begin(0), 0);
		answer("401 Unauthorized", linev[i]);
		CHECK_EQ(told.count, 1);
		CHECK_EQ(told.status, 401);
	}
}


/* RFC 2617 s3.2.1, s3.2.2: what a challenge may hold; without qop the
   digest is that of RFC 2069 */
static void parameters(void)
{
	char want[33], a1[33], a2[33], s[200];

	CHECK_EQ(begin(0), 0);
	answer("401 Unauthorized", "WWW-Authenticate: Digest algorithm=md5, "
	       "domain=\"x\", opaque=\"5ccc\", nonce=\"" NONCE "\", "
	       "realm=\"example.com\", stale=\r\n");
	CHECK_STR(value("opaque="), "5ccc");
	CHECK_STR(value("qop="), "");
	CHECK_STR(value("cnonce="), "");
	hash(a1, "alice:example.com:secret");
	hash(a2, "AUTH:" RELAY);
	(void)snprintf(s, sizeof(s), "%s:" NONCE ":%s", a1, a2);
	hash(want, s);
	CHECK_STR(value("response="), want);
	answer("200 OK", "Use-Path: " USE_PATH "\r\nExpires: 9x\r\n");
	CHECK_EQ(told.status, 200);
	CHECK_EQ(told.expires_s, 0);

	/* granted without a challenge: there is nothing to prove */
	CHECK_EQ(begin(0), 0);
	answer("200 OK", GRANTED "Authentication-Info: qop=auth\r\n");
	CHECK_EQ(told.status, 200);
	CHECK_EQ(told.expires_s, 900);
}


/** What waits to be sent has no room for the answer to a challenge, or for
 *  the question; or the header section does not fit */
static void no_room(void)
{
	static char user[MSRP_TX_MAX];
	char tid[16], challenge[300], first[17];
	unsigned i;

	CHECK_EQ(begin(0), 0);
	memcpy(first, mkit_text + 5, 16);
	first[16] = '\0';
	mkit[0].out.room = mkit[0].out.len;
	for (i = 0; i < MSRP_REPLIES - 1; i++) {
		(void)snprintf(tid, sizeof(tid), "tid%u", i);
		mkit_request(0, tid, "SEND", "Message-ID: 1\r\n", NULL, '$');
	}
	CHECK_EQ(msrp_session_conn(mkit[0].s), 0);
	(void)snprintf(challenge, sizeof(challenge), "MSRP %s 401 x\r\n"
		       "To-Path: " KIT_URI_0 "\r\nFrom-Path: " RELAY "\r\n"
		       CHALLENGE "-------%s$\r\n", first, first);
	mkit_inject(0, challenge, sizeof(challenge));
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), ENOMEM);
	CHECK_EQ(told.count, 1);

	CHECK_EQ(begin(0), 0);
	memset(user, 'x', sizeof(user) - 1);
	auth.user = user;
	answer("401 Unauthorized", CHALLENGE);
	CHECK_STR(mkit_text, "");
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);

	CHECK_EQ(begin(0), 0);
	mkit[0].random_err = EIO;
	answer("401 Unauthorized", CHALLENGE);
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);
	CHECK_EQ(mkit[0].failed, 0);
}


static void silence(void)
{
	CHECK_EQ(begin(0), 0);
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), EBUSY);
	mkit_pass(MSRP_T_MS);
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);

	CHECK_EQ(begin(0), 0);
	mkit_cut();
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);
}


/** Each session at a relay of its own: the connection to one ends, and what
 *  was asked there; the other goes on */
static void two_relays(void)
{
	struct msrp_auth other;
	struct msrp_session *s;

	CHECK_EQ(begin(0), 0);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, KIT_URI_2, NULL), 0);
	other = auth;
	other.relay = "msrp://relay.example.net:2855;tcp";
	CHECK_EQ(msrp_auth(s, mkit_ms, 1, &other), 0);
	msrp_lost(&mkit[0].m, mkit_ms, 1, ECONNRESET);
	CHECK_EQ(told.count, 1);
	CHECK_EQ(told.status, 408);
	answer("200 OK", GRANTED);
	CHECK_EQ(told.count, 2);
	CHECK_EQ(told.status, 200);
	/* what was asked is over: its connection ends, nobody is told */
	mkit_cut();
	CHECK_EQ(told.count, 2);
}


/** A session that is closed meanwhile: nothing is told, nothing is left, also
 *  where the request could not leave yet */
static void closed(void)
{
	CHECK_EQ(begin(0), 0);
	msrp_session_close(mkit[0].s);
	answer("200 OK", GRANTED);
	mkit_pass(MSRP_T_MS);
	CHECK_EQ(told.count, 0);

	mkit_start(100000, 1);
	mkit[0].out.room = mkit[0].out.len;
	CHECK_EQ(mkit_send(0, "x", 1, false), 0);
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), 0);
	msrp_session_close(mkit[0].s);
	mkit[0].out.room = KIT_PIPE;
	mkit_run(1000);
	CHECK_EQ(told.count, 0);
}


/* RFC 4976 s5.1: To-Path is Use-Path and then the peer's path */
static void to_path(void)
{
	static const char *const via = "msrp://b:1/x;tcp msrp://c:2/y;tcp";
	char longest[MSRP_PATH_MAX];
	struct pl pl, none = PL_INIT;

	mkit_open(100000, 1);
	pl_set_str(&pl, via);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), 0);
	CHECK_STR(mkit[0].s->peer,
		  "msrp://b:1/x;tcp msrp://c:2/y;tcp " KIT_URI_1);
	/* the peer's has changed, then the relay's */
	pl_set_str(&pl, KIT_URI_0);
	CHECK_EQ(msrp_session_peer(mkit[0].s, &pl, 0), 0);
	CHECK_STR(mkit[0].s->peer,
		  "msrp://b:1/x;tcp msrp://c:2/y;tcp " KIT_URI_0);
	pl_set_str(&pl, USE_PATH);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), 0);
	CHECK_STR(mkit[0].s->peer, USE_PATH " " KIT_URI_0);
	CHECK(mkit[0].s->relayed);

	pl_set_str(&pl, "http://x");
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), EINVAL);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "msrp://b:1/", 11);
	memcpy(longest + sizeof(longest) - 4, ";tcp", 4);
	pl.p = longest;
	pl.l = sizeof(longest);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), EOVERFLOW);
	CHECK_EQ(msrp_session_peer(mkit[0].s, &pl, 0), EOVERFLOW);
	CHECK_STR(mkit[0].s->peer, USE_PATH " " KIT_URI_0);
	CHECK_EQ(msrp_session_via(mkit[0].s, &none), 0);
	CHECK_STR(mkit[0].s->peer, KIT_URI_0);
	CHECK(!mkit[0].s->relayed);

	/* relays alone are no peer */
	mkit_open(100000, 1);
	msrp_session_close(mkit[0].s);
	CHECK_EQ(msrp_session_open(&mkit[0].s, &mkit[0].m, KIT_URI_0, NULL),
		 0);
	pl_set_str(&pl, USE_PATH);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), 0);
	CHECK_EQ(msrp_connected(&mkit[0].m, mkit_ms, 0, mkit[0].s), EPROTO);

	/* s6.4: who is faster than its answer comes by them, too */
	CHECK_EQ(msrp_accepted(&mkit[0].m, mkit_ms, 0), 0);
	mkit[0].up = true;
	mkit_inject(0, "MSRP tid1 SEND\r\nTo-Path: " KIT_URI_0
		    "\r\nFrom-Path: " USE_PATH " " KIT_URI_1
		    "\r\nMessage-ID: 1\r\n-------tid1$\r\n", 1000);
	CHECK_STR(mkit[0].s->peer, USE_PATH " " KIT_URI_1);
}


static void two_paths(void)
{
	char via[MSRP_PATH_MAX];
	struct pl pl;

	mkit_open(1000, 1);
	memset(via, 'x', sizeof(via));
	memcpy(via, "msrp://a:1/", 11);
	pl.p = via;
	pl.l = sizeof(via) - sizeof(KIT_URI_1);
	memcpy(via + pl.l - 4, ";tcp", 4);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), EOVERFLOW);
	CHECK_STR(mkit[0].s->peer, KIT_URI_1);
	--pl.l;
	memcpy(via + pl.l - 4, ";tcp", 4);
	CHECK_EQ(msrp_session_via(mkit[0].s, &pl), 0);
	CHECK_EQ(strlen(mkit[0].s->peer), MSRP_PATH_MAX - 1);
}


static void arguments(void)
{
	CHECK_EQ(begin(0), 0);
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, MSRP_CONNS, &auth), EINVAL);
	auth.user = NULL;
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), EINVAL);
	auth.user = "alice";
	auth.password = NULL;
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), EINVAL);
	auth.password = "secret";
	auth.relay = NULL;
	CHECK_EQ(msrp_auth(mkit[0].s, mkit_ms, 0, &auth), EINVAL);
}


const struct test_case suite_msrp_relay[] = {
	{"RFC 4976 s5.1: AUTH, 401, AUTH, Use-Path", granted},
	{"RFC 4976 s4.4: Expires, 423", wanted_time},
	{"RFC 4976 s9.1: rspauth of the relay", rspauth},
	{"RFC 4976 s9.1: MD5 that fails is no digest", hash_fails},
	{"RFC 4976 s5.1: challenges without end", loops},
	{"RFC 4976 s9.1: challenges that cannot be answered", no_challenge},
	{"RFC 2617 s3.2.1: parameters of a challenge", parameters},
	{"authorisation: no room for what is to be sent", no_room},
	{"RFC 4976 s5.1: no response, no connection", silence},
	{"RFC 4976 s5.1: one of two relays is lost", two_relays},
	{"a session is closed while it asks", closed},
	{"RFC 4976 s5.1: To-Path", to_path},
	{"RFC 4976 s5.1: Use-Path and path do not fit together", two_paths},
	{"msrp_auth(): arguments", arguments},
	{NULL, NULL}
};

#else
const struct test_case suite_msrp_relay[] = {{NULL, NULL}};
#endif
