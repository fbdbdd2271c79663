/**
 * @file test_msrp_endpoint.c  MSRP endpoints: what is bound to what, who is
 *                             answered, and what runs out (RFC 4975 s5.4, s7)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msrp_kit.h"
#include "test/unit/test.h"

#define STRANGER "msrp://192.0.2.9:9/strange;tcp"
#define CHUNK(mid, range) "Message-ID: " mid "\r\nByte-Range: " range	\
	"\r\nContent-Type: text/plain\r\n"

/** A SEND without body to end 1, with these paths */
static void stranger(const char *tid, const char *paths)
{
	char s[1024];

	(void)snprintf(s, sizeof(s), "MSRP %s SEND\r\n%sMessage-ID: 1\r\n"
		       "-------%s$\r\n", tid, paths, tid);
	mkit_inject(1, s, sizeof(s));
}


/** Requests to end 1 that end 0 did not send; nobody takes the responses */
static void unread(unsigned n)
{
	char tid[16];
	unsigned i;

	mkit[1].out.room = mkit[1].out.len;
	for (i = 0; i < n; i++) {
		(void)snprintf(tid, sizeof(tid), "tid%u", i);
		mkit_request(1, tid, "SEND", "Message-ID: 1\r\n", NULL, '$');
	}
}


/* ------------------------------------------------------------------ */
/* Sessions and connections */

static void open_session(void)
{
	static const char *const badv[] = {
		"", "http://192.0.2.1/x", "msrp://192.0.2.1:2855;tcp",
		"msrp://192.0.2.1:2855/x;tcp msrp://192.0.2.1:2855/y;tcp"
	};
	struct msrp_session *s = NULL;
	char uri[MSRP_URI_MAX + 1];
	struct pl pl;
	unsigned i;

	mkit_open(1000, 1);
	for (i = 0; i < ARRAY_SIZE(badv); i++) {
		CHECK_EQ(msrp_session_open(&s, &mkit[0].m, badv[i], NULL),
			 EINVAL);
		pl_set_str(&pl, badv[i]);
		CHECK_EQ(msrp_session_peer(mkit[0].s, &pl, 0),
			 i < 2 ? EINVAL : 0);
	}
	memset(uri, 'x', sizeof(uri));
	memcpy(uri, "msrp://a:1/", 11);
	memcpy(uri + MSRP_URI_MAX - 4, ";tcp", 5);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, uri, NULL), EOVERFLOW);
	CHECK(!s);
	memcpy(uri + MSRP_URI_MAX - 5, ";tcp", 5);
	for (i = 1; i < MSRP_SESSIONS; i++)
		CHECK_EQ(msrp_session_open(&s, &mkit[0].m, uri, NULL), 0);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, KIT_URI_2, NULL), ENOMEM);

	/* closing one twice gives one place back */
	msrp_session_close(s);
	msrp_session_close(s);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, KIT_URI_2, NULL), 0);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, KIT_URI_2, NULL), ENOMEM);
}


/** Numbers of connections that are none, or in use */
static void connections(void)
{
	struct msrp *m = &mkit[0].m;
	size_t used = 1;

	mkit_start(1000, 1);
	CHECK_EQ(msrp_accepted(m, mkit_ms, MSRP_CONNS), EINVAL);
	CHECK_EQ(msrp_accepted(m, mkit_ms, 0), EINVAL);
	CHECK_EQ(msrp_connected(m, mkit_ms, MSRP_CONNS, mkit[0].s), EINVAL);
	CHECK_EQ(msrp_connected(m, mkit_ms, 1, mkit[0].s), EPROTO);
	CHECK_EQ(msrp_recv(m, mkit_ms, MSRP_CONNS, (const uint8_t *)"x", 1,
			   &used), EPROTO);
	CHECK_EQ(used, 0);
	CHECK_EQ(msrp_recv(m, mkit_ms, 1, (const uint8_t *)"x", 1, &used),
		 EPROTO);
	msrp_writable(m, mkit_ms, 1);
	msrp_lost(m, mkit_ms, 1, EIO);

	/* what msrp_session_conn() says of one that is not bound */
	msrp_close(m, mkit_ms, MSRP_NONE);
	msrp_lost(m, mkit_ms, MSRP_NONE, EIO);
	msrp_writable(m, mkit_ms, MSRP_NONE);
	CHECK_EQ(mkit[0].failed, 0);
	CHECK_EQ(msrp_session_conn(mkit[0].s), 0);
	CHECK(mkit[0].up);

	mkit_cut();
	CHECK_EQ(msrp_session_conn(mkit[0].s), MSRP_NONE);
	CHECK_EQ(msrp_nickname(mkit[0].s, "x"), ENOTCONN);
}


/** What the peer says to the SEND that binds; 0: nothing for 30 seconds */
static void binding_answered(void)
{
	static const struct {
		unsigned status;
		bool ends;
		int err;
	} v[] = {
		{481, true, EPROTO}, {506, true, EPROTO}, {0, true, ETIMEDOUT},
		{408, true, ETIMEDOUT}, {413, false, 0}, {200, false, 0}
	};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		mkit_open(1000, 1);
		mkit_connect();
		mkit_grab(0);
		if (v[i].status)
			mkit_respond(0, mkit_text + 5, v[i].status);
		else
			mkit_pass(MSRP_T_MS);
		CHECK_EQ(mkit[0].failed, v[i].ends);
		CHECK_EQ(mkit[0].fail_err, v[i].err);
		CHECK_EQ(mkit[0].fail_status, !v[i].ends ? 0 :
			 v[i].status ? v[i].status : 408);
		CHECK_EQ(msrp_session_conn(mkit[0].s),
			 v[i].ends ? MSRP_NONE : 0);
	}
}


/** The first request says who the peer of a session is, if that is not known
 *  yet and the path has room; none does where there is no peer any more */
static void peer_not_known(void)
{
	static const char good[] = "To-Path: " KIT_URI_3 "\r\nFrom-Path: "
		STRANGER "\r\n";
	struct msrp_session *s;
	char paths[600];

	mkit_start(1000, 1);
	CHECK_EQ(msrp_session_open(&s, &mkit[1].m, KIT_URI_3, NULL), 0);
	(void)snprintf(paths, sizeof(paths), "To-Path: " KIT_URI_3
		       "\r\nFrom-Path: " STRANGER " msrp://a:1/%0*u;tcp\r\n",
		       MSRP_PATH_MAX, 1);
	stranger("tid1", paths);
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid1 481 "));
	CHECK_EQ(msrp_session_conn(s), MSRP_NONE);
	stranger("tid2", good);
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid2 200 OK\r\nTo-Path: " STRANGER));
	CHECK_EQ(msrp_session_conn(s), 0);
	CHECK_STR(s->peer, STRANGER);

	msrp_session_close(s);
	CHECK_EQ(msrp_session_open(&s, &mkit[1].m, KIT_URI_3, NULL), 0);
	CHECK_EQ(msrp_session_peer(s, NULL, 0), 0);
	stranger("tid3", good);
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid3 481 "));
	CHECK_EQ(msrp_session_conn(s), MSRP_NONE);
}


/* ------------------------------------------------------------------ */
/* Responses */

/** What does not say from whom to whom it is cannot be answered */
static void no_paths(void)
{
	static const char *const pathv[] = {
		"", "To-Path: " KIT_URI_1 "\r\n",
		"From-Path: " KIT_URI_0 "\r\n"
	};
	char paths[512];
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(pathv); i++) {
		mkit_start(1000, 1);
		stranger("tid1", pathv[i]);
		CHECK(!mkit[1].up);
		CHECK_EQ(mkit[1].failed, 1);
		CHECK_EQ(mkit[1].fail_err, EPROTO);
		mkit_grab(1);
		CHECK_STR(mkit_text, "");
	}

	mkit_start(1000, 1);
	(void)snprintf(paths, sizeof(paths), "To-Path: " KIT_URI_1
		       "\r\nFrom-Path: msrp://a:1/%0*u;tcp\r\n", MSRP_URI_MAX,
		       1);
	stranger("tid1", paths);
	CHECK(!mkit[1].up);
}


/** A URI that is longer than any of ours is nobody's */
static void long_to_path(void)
{
	char paths[512], want[512];

	mkit_start(1000, 1);
	(void)snprintf(paths, sizeof(paths), "To-Path: msrp://a:1/%0*u;tcp\r\n"
		       "From-Path: " STRANGER "\r\n", MSRP_URI_MAX, 1);
	stranger("tid1", paths);
	mkit_grab(1);
	(void)snprintf(want, sizeof(want), "MSRP tid1 481 Refused\r\nTo-Path: "
		       STRANGER "\r\nFrom-Path: msrp://a:1/%0*u\r\n"
		       "-------tid1$\r\n", MSRP_URI_MAX - 12, 0);
	CHECK_STR(mkit_text, want);
	CHECK(mkit[1].up);
}


/** Responses to strangers wait: for one of them only */
/* A peer's URI that is longer than any of ours may be */
static void long_peer(void)
{
	char uri[MSRP_PATH_MAX], text[600];
	struct msrp_session *s;

	mkit_start(1000, 1);
	CHECK_EQ(msrp_session_open(&s, &mkit[1].m, KIT_URI_3, NULL), 0);
	(void)snprintf(uri, sizeof(uri), "msrp://a:1/%0*u;tcp",
		       MSRP_PATH_MAX - 16, 1);
	(void)snprintf(text, sizeof(text), "To-Path: " KIT_URI_3
		       "\r\nFrom-Path: %s\r\n", uri);
	stranger("tid1", text);
	CHECK(mkit[1].up);
	(void)snprintf(text, sizeof(text), "MSRP tid1 200 OK\r\nTo-Path: %s"
		       "\r\nFrom-Path: " KIT_URI_3 "\r\n-------tid1$\r\n",
		       uri);
	mkit_grab(1);
	CHECK_STR(mkit_text, text);
}


static void strangers(void)
{
	static const char first[] = "To-Path: " KIT_URI_3 "\r\nFrom-Path: "
		STRANGER "\r\n";

	mkit_start(1000, 1);
	unread(2);
	stranger("str1", first);
	stranger("str2", first);
	CHECK(mkit[1].up);
	mkit[1].out.room = KIT_PIPE;
	msrp_writable(&mkit[1].m, mkit_ms, 0);
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP str1 481 Refused\r\nTo-Path: " STRANGER
		     "\r\nFrom-Path: " KIT_URI_3 "\r\n-------str1$\r\n"
		     "MSRP str2 481 "));

	/* the other one gets none; a relay's connection is that of others,
	   too */
	unread(1);
	stranger("str1", first);
	stranger("str2", "To-Path: " KIT_URI_3 "\r\nFrom-Path: " KIT_URI_2
		 "\r\n");
	CHECK(mkit[1].up);
	CHECK_EQ(mkit[1].failed, 0);
	mkit[1].out.room = KIT_PIPE;
	msrp_writable(&mkit[1].m, mkit_ms, 0);
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP str1 481 "));
	CHECK(!strstr(mkit_text, "MSRP str2 "));
}


/** Nor does who is nobody's peer keep a connection by asking */
static void stranger_stays(void)
{
	mkit_open(1000, 1);
	mkit[1].up = true;
	CHECK_EQ(msrp_accepted(&mkit[1].m, mkit_ms, 0), 0);
	mkit_pass(MSRP_T_MS - 1);
	stranger("str1", "To-Path: " KIT_URI_3 "\r\nFrom-Path: " STRANGER
		 "\r\n");
	CHECK(strstr(mkit_wire(1), "MSRP str1 481 "));
	CHECK(mkit[1].up);
	mkit_pass(1);
	CHECK(!mkit[1].up);
}


/** ... nor by taking no octet for a while, again and again */
static void stranger_blocks(void)
{
	unsigned i;

	mkit_open(1000, 1);
	mkit[1].up = true;
	CHECK_EQ(msrp_accepted(&mkit[1].m, mkit_ms, 0), 0);
	for (i = 0; i < 2; i++) {
		mkit_pass(MSRP_T_MS / 3);
		mkit[1].out.room = mkit[1].out.len;
		stranger("str1", "To-Path: " KIT_URI_3 "\r\nFrom-Path: "
			 STRANGER "\r\n");
		mkit[1].out.room = KIT_PIPE;
		msrp_writable(&mkit[1].m, mkit_ms, 0);
	}
	mkit_grab(1);
	CHECK_EQ(mkit_times("MSRP str1 481 "), 2);
	mkit_pass(MSRP_T_MS / 3 - 1);
	CHECK(mkit[1].up);
	mkit_pass(1);
	CHECK(!mkit[1].up);
}


/** One that breaks the grammar is no response */
static void bad_response(void)
{
	char s[512];

	mkit_start(1000, 1);
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit_grab(0);
	(void)snprintf(s, sizeof(s), "MSRP %.16s 200 OK\r\nTo-Path: "
		       KIT_URI_0 "\r\n-------%.16s$\r\n", mkit_text + 5, mkit_text + 5);
	mkit_inject(0, s, sizeof(s));
	CHECK_EQ(mkit[0].n_sent, 0);
	CHECK(mkit[0].up);
	mkit_respond(0, mkit_text + 5, 200);
	CHECK_EQ(mkit[0].n_sent, 1);
	/* and a second one is nobody's */
	mkit_respond(0, mkit_text + 5, 413);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
}


/** A status that is none from the application: 413 */
static void no_status(void)
{
	mkit_start(1000, 1);
	mkit[1].verdict = 1;
	mkit_request(1, "tid1", "SEND", CHUNK("8765", "1-3/3"), "abc", '$');
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid1 413 "));
}


/** Responses of a session that is closed are not sent, those of the other on
 *  its connection are */
static void close_with_responses(void)
{
	struct msrp_session *s, *peer;

	mkit_start(1000, 1);
	mkit_second(&s, &peer);
	unread(2);
	stranger("oth1", "To-Path: " KIT_URI_3 "\r\nFrom-Path: " KIT_URI_2
		 "\r\n");
	msrp_session_close(mkit[1].s);
	mkit[1].out.room = KIT_PIPE;
	msrp_writable(&mkit[1].m, mkit_ms, 0);
	mkit_grab(1);
	CHECK_EQ(mkit_times("MSRP "), 2);
	CHECK(strstr(mkit_text, "MSRP oth1 200 OK\r\nTo-Path: " KIT_URI_2));
}


/** Where responses wait there is room for two more, and none for requests */
static void replies_run_out(void)
{
	static const char s[] = "MSRP last SEND\r\nTo-Path: " KIT_URI_1
		"\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: 1\r\n"
		"-------last$\r\n";
	const struct msrp_msg msg = {.type = "a/b", .len = 50000,
				     .data = mkit[0].bufv[0],
				     .arg = &mkit[1]};
	struct msrp *m = &mkit[1].m;
	struct msrp_session *two, *peer;
	struct pl pl;
	size_t used;

	mkit_start(1000, 1);
	CHECK_EQ(msrp_session_open(&two, m, KIT_URI_3, NULL), 0);
	pl_set_str(&pl, KIT_URI_2);
	CHECK_EQ(msrp_session_peer(two, &pl, 0), 0);
	/* one is being written, the others wait */
	unread(MSRP_REPLIES - 1);
	CHECK_EQ(msrp_nickname(mkit[1].s, "x"), ENOMEM);
	CHECK_EQ(msrp_connected(m, mkit_ms, 0, two), ENOMEM);
	CHECK_EQ(msrp_session_conn(two), MSRP_NONE);
	unread(1);
	CHECK_EQ(msrp_recv(m, mkit_ms, 0, (const uint8_t *)s, sizeof(s) - 1,
			   &used), EAGAIN);
	CHECK_EQ(used, 0);

	/* there is room at the next try: it is used */
	mkit[1].out.room = KIT_PIPE;
	CHECK_EQ(msrp_recv(m, mkit_ms, 0, (const uint8_t *)s, sizeof(s) - 1,
			   &used), 0);
	CHECK_EQ(used, sizeof(s) - 1);
	mkit_grab(1);
	CHECK_EQ(mkit_times(" 200 OK"), MSRP_REPLIES + 1);
	CHECK_EQ(msrp_connected(m, mkit_ms, 0, two), 0);

	/* half a chunk of a session that is closed ends when there is room
	   again */
	mkit_start(100000, 1);
	mkit_second(&two, &peer);
	mkit[1].out.room = 500;
	CHECK_EQ(msrp_send(NULL, peer, mkit_ms, &msg), 0);
	unread(MSRP_REPLIES);
	msrp_session_close(peer);
	CHECK(mkit[1].up);
	CHECK_EQ(msrp_recv(m, mkit_ms, 0, (const uint8_t *)s, sizeof(s) - 1,
			   &used), EAGAIN);
	mkit[1].out.room = KIT_PIPE;
	CHECK_EQ(msrp_recv(m, mkit_ms, 0, (const uint8_t *)s, sizeof(s) - 1,
			   &used), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].inv[0].res.err, ECANCELED);
	CHECK(mkit[1].up);
}


/** Requests that wait for a transaction do not hold responses up: else two
 *  ends that both ask would wait for each other */
static void both_ask(void)
{
	unsigned i;

	mkit_start(100000, 1);
	for (i = 0; i < 2; i++) {
		mkit[i].s->relayed = true;
		CHECK_EQ(mkit_send(i, mkit[i].bufv[0], 20000, false), 0);
		CHECK_EQ(msrp_nickname(mkit[i].s, "x"), 0);
	}
	mkit_run(1000);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(mkit[i].n_sent, 1);
		CHECK_EQ(mkit[i].sentv[0].err, 0);
		CHECK_EQ(mkit[i].nickname, 501);
	}
}


/* ------------------------------------------------------------------ */
/* REPORT */

static char mid[17];


/** A REPORT about the message of end 0 that is on the wire */
static void report(const char *hdrs)
{
	char s[256];

	(void)snprintf(s, sizeof(s), "Message-ID: %s\r\n%s", mid, hdrs);
	mkit_request(0, "rep1", "REPORT", s, NULL, '$');
}


/** A message whose responses have come and whose report has not */
static void sent(const char *str, bool success)
{
	const char *id;

	mkit_start(100000, 1);
	(void)mkit_send(0, str, strlen(str), success);
	mkit_grab(0);
	id = strstr(mkit_text, "Message-ID: ");
	memcpy(mid, id ? id + 12 : "", 16);
	if (success)
		mkit_respond(0, mkit_text + 5, 200);
}


static void reports_that_say_nothing(void)
{
	sent("123456", true);
	report("Byte-Range: 1-6/6\r\nStatus: 001 200 OK\r\n");
	report("Byte-Range: 1-6/6\r\nStatus: 000 20\r\n");
	CHECK_EQ(mkit[0].n_sent, 0);
	report("Byte-Range: 1-6/6\r\nStatus: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);

	/* a success report that nobody asked for is no response */
	sent("123456", false);
	report("Byte-Range: 1-6/6\r\nStatus: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_respond(0, mkit_text + 5, 200);
	CHECK_EQ(mkit[0].n_sent, 1);
}


/** A range that is not there, or without end, is the whole message */
static void reports_of_all(void)
{
	sent("123456", true);
	report("Status: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 1);
	sent("123456", true);
	report("Byte-Range: 1-*/6\r\nStatus: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 1);

	/* the same part twice is that part, and an earlier one nothing new */
	sent("123456", true);
	report("Byte-Range: 1-5/6\r\nStatus: 000 200 OK\r\n");
	report("Byte-Range: 1-5/6\r\nStatus: 000 200 OK\r\n");
	report("Byte-Range: 1-2/6\r\nStatus: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_cut();
	CHECK_EQ(mkit[0].sentv[0].len, 5);
}


/** Nobody can have received what has not been sent */
static void reports_of_too_much(void)
{
	const char *id;

	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	CHECK_EQ(mkit_send(0, mkit[0].bufv[0], 50000, true), 0);
	mkit_grab(0);
	id = strstr(mkit_text, "Message-ID: ");
	CHECK(id != NULL);
	memcpy(mid, id + 12, 16);
	report("Byte-Range: 1-50000/50000\r\nStatus: 000 200 OK\r\n");
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_cut();
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].len, MSRP_TRANS * MSRP_CHUNK);
}


static void report_ends_session(void)
{
	sent("123456", true);
	report("Byte-Range: 1-6/6\r\nStatus: 000 481 gone\r\n");
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].fail_status, 481);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);
}


/* s10.4: not without a range */
static void report_of_octets(void)
{
	sent("123456", true);
	report("Byte-Range: 1-6/6\r\nStatus: 000 408 late\r\n");
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].fail_status, 408);
	CHECK_EQ(mkit[0].fail_err, ETIMEDOUT);
	sent("123456", true);
	report("Status: 000 408 late\r\n");
	CHECK_EQ(mkit[0].failed, 0);
	CHECK_EQ(mkit[0].sentv[0].err, ETIMEDOUT);
}


/** When msrp_poll() wants to be called again for the report, and not before */
static void report_awaited(void)
{
	uint32_t wait;

	sent("123456", true);
	msrp_poll(&mkit[0].m, mkit_ms, &wait);
	CHECK_EQ(wait, MSRP_REPORT_MS);
	msrp_poll(&mkit[0].m, mkit_ms + MSRP_REPORT_MS - 1, &wait);
	CHECK_EQ(wait, 1);
	CHECK_EQ(mkit[0].n_sent, 0);
	msrp_poll(&mkit[0].m, mkit_ms + MSRP_REPORT_MS, &wait);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(wait, UINT32_MAX);
}


/* ------------------------------------------------------------------ */
/* Chunks received */

/** A piece touches the one before it and not the one behind it */
static void pieces(void)
{
	mkit_start(1000, 1);
	mkit_request(1, "tid1", "SEND", CHUNK("1", "1-3/12"), "abc", '+');
	mkit_request(1, "tid2", "SEND", CHUNK("1", "10-12/12"), "jkl", '$');
	mkit_request(1, "tid3", "SEND", CHUNK("1", "4-6/12"), "def", '+');
	CHECK(!mkit[1].inv[0].done);
	mkit_request(1, "tid4", "SEND", CHUNK("1", "7-9/12"), "ghi", '+');
	CHECK(mkit[1].inv[0].done);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "abcdefghijkl",
		  12);
}


/** The last chunk may be empty, and come before the others */
static void empty_last_chunk(void)
{
	mkit_start(1000, 1);
	mkit_request(1, "tid1", "SEND", CHUNK("1", "5-4/4"), "", '$');
	CHECK(!mkit[1].inv[0].done);
	mkit_request(1, "tid2", "SEND", CHUNK("1", "1-4/4"), "abcd", '+');
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, 0);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "abcd", 4);
}


/** The first octet never came: nothing has arrived */
static void first_octets_missing(void)
{
	mkit_start(1000, 1);
	mkit_request(1, "tid1", "SEND", CHUNK("1", "5-8/8"), "efgh", '$');
	mkit_cut();
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECONNRESET);
	CHECK_EQ(mkit[1].inv[0].res.len, 0);
	CHECK_EQ(mkit[1].inv[0].res.total, 8);
}


/** a=max-size counts octets that come, not those that were announced; the
 *  application's buffer may be larger */
static void more_than_max_size(void)
{
	mkit_start(10, 1);
	mkit_request(1, "tid1", "SEND", CHUNK("1", "1-*/*"), "0123456789",
		     '+');
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid1 200 "));
	mkit_request(1, "tid2", "SEND", CHUNK("1", "11-*/*"), "x", '$');
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid2 413 "));
	CHECK_EQ(mkit[1].inv[0].res.err, EPROTO);
	CHECK_EQ(mkit[1].inv[0].res.len, 10);
}


/* ------------------------------------------------------------------ */
/* From within handlers */

static void close_session(void)
{
	msrp_session_close(mkit[1].s);
}


/** The session is closed when a message begins, or at its first octets: the
 *  message has its outcome, and its place is free */
static void close_from_message(void)
{
	static const enum mkit_call callv[] = {KIT_OPEN, KIT_DATA};
	struct pl pl;
	unsigned i, k;

	for (i = 0; i < ARRAY_SIZE(callv); i++) {
		mkit_start(1000, 1);
		mkit[1].stream = true;
		mkit_within(callv[i], close_session);
		mkit_request(1, "tid1", "SEND", CHUNK("1", "1-9/9"), "abc",
			     '+');
		CHECK_EQ(mkit[1].n_in, 1);
		CHECK(mkit[1].inv[0].done);
		CHECK_EQ(mkit[1].inv[0].res.err, ECONNRESET);
		CHECK(mkit[1].up);

		/* the next one in its place owns all of the table */
		CHECK_EQ(msrp_session_open(&mkit[1].s, &mkit[1].m, KIT_URI_1,
					   NULL), 0);
		pl_set_str(&pl, KIT_URI_0);
		CHECK_EQ(msrp_session_peer(mkit[1].s, &pl, 0), 0);
		for (k = 0; k < MSRP_IN; k++) {
			char hdrs[96];

			(void)snprintf(hdrs, sizeof(hdrs), "Message-ID: m%u\r\n"
				       "Content-Type: a/b\r\n", k);
			mkit_request(1, "tid2", "SEND", hdrs, "x", '+');
		}
		CHECK_EQ(mkit[1].n_in, 1 + MSRP_IN);
		mkit_pass(2 * MSRP_IDLE_MS);
		CHECK_EQ(mkit[1].inv[MSRP_IN].res.err, ETIMEDOUT);
		CHECK_EQ(mkit[1].s->openv[0], 0);
	}
}


/** A session that is closed at the outcome of its message has not failed */
static void close_from_outcome(void)
{
	mkit_start(1000, 1);
	CHECK_EQ(mkit_send(1, "x", 1, false), 0);
	mkit_within(KIT_SENT, close_session);
	mkit_cut();
	CHECK_EQ(mkit[1].n_sent, 1);
	CHECK_EQ(mkit[1].failed, 0);
	CHECK_EQ(mkit[0].failed, 1);
}


static void close_conn(void)
{
	msrp_close(&mkit[0].m, mkit_ms, 0);
}


/** Time runs out for all that is open on a connection: it is closed at the
 *  first of them, and the others end with it, once */
static void close_from_failure(void)
{
	struct msrp_session *s, *peer;
	struct msrp_msg msg = {.type = "a/b", .len = 1, .arg = &mkit[0],
			       .data = (const uint8_t *)"x"};

	mkit_start(1000, 1);
	mkit_second(&s, &peer);
	CHECK_EQ(mkit_send(0, "x", 1, false), 0);
	CHECK_EQ(msrp_send(NULL, s, mkit_ms, &msg), 0);
	mkit_within(KIT_SENT, close_conn);
	mkit_pass(MSRP_T_MS);
	CHECK(!mkit[0].up);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[0].err, ETIMEDOUT);
	CHECK_EQ(mkit[0].sentv[1].err, ECONNRESET);
	CHECK_EQ(mkit[0].failed, 2);
}


const struct test_case suite_msrp_endpoint[] = {
	{"RFC 4975 s6: sessions are opened by a URI with session-id",
	 open_session},
	{"connections that are none, or in use", connections},
	{"RFC 4975 s5.4: responses to the SEND that binds", binding_answered},
	{"RFC 4975 s5.4: a session whose peer is not known yet",
	 peer_not_known},
	{"RFC 4975 s7.2: requests without their paths", no_paths},
	{"RFC 4975 s7.3: a To-Path longer than any of ours: 481",
	 long_to_path},
	{"RFC 4975 s7.2: a peer with a URI longer than any of ours",
	 long_peer},
	{"RFC 4975 s7.2: responses to strangers", strangers},
	{"a connection of strangers ends, whatever they ask", stranger_stays},
	{"a connection of strangers ends, whatever they take",
	 stranger_blocks},
	{"RFC 4975 s7.2: what breaks the grammar is no response",
	 bad_response},
	{"RFC 4975 s10.5: an application that gives no status: 413",
	 no_status},
	{"a session is closed, responses of another wait",
	 close_with_responses},
	{"responses that wait run out", replies_run_out},
	{"two ends that both ask do not wait for each other", both_ask},
	{"RFC 4975 s7.1.2: reports that say nothing",
	 reports_that_say_nothing},
	{"RFC 4975 s7.1.3: reports of the whole message", reports_of_all},
	{"RFC 4975 s7.1.3: reports of more than was sent",
	 reports_of_too_much},
	{"RFC 4975 s10.8: 481 in a REPORT ends the session",
	 report_ends_session},
	{"RFC 4975 s7.3.2: octets that were not received end the session",
	 report_of_octets},
	{"RFC 4975 s7.1.1: how long a report is awaited", report_awaited},
	{"RFC 4975 s7.3.1: pieces that touch", pieces},
	{"RFC 4975 s7.3.1: the last chunk is empty and comes first",
	 empty_last_chunk},
	{"RFC 4975 s7.3.1: the first octets are missing",
	 first_octets_missing},
	{"RFC 4975 s8.6: more octets than max-size: 413",
	 more_than_max_size},
	{"a session is closed from within its message", close_from_message},
	{"a session is closed from within an outcome", close_from_outcome},
	{"a connection is closed from within an outcome",
	 close_from_failure},
	{NULL, NULL}
};
