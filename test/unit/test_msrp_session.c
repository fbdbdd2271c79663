/**
 * @file test_msrp_session.c  MSRP sessions: RFC 4975 s5.4, s7, s10, rule by
 *                            rule
 *
 * More than 800 lines: one short test after the other, for one chapter.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msrp_kit.h"
#include "test/unit/test.h"

static uint8_t big[60000];
static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
}


/** The request that end 0 sends about now, up to a header */
static bool wire_has(unsigned from, const char *what)
{
	return strstr(mkit_text, what) != NULL && from < 2;
}


/** A request to end 1 from a peer that says it is end 0 */
static void request(const char *tid, const char *method, const char *hdrs,
		    const char *body, char flag)
{
	mkit_request(1, tid, method, hdrs, body, flag);
	mkit_grab(1);
}


#define CHUNK(mid, range) "Message-ID: " mid "\r\nByte-Range: " range	\
	"\r\nContent-Type: text/plain\r\n"


/* ------------------------------------------------------------------ */
/* s5.4 */

static void bind(void)
{
	mkit_open(100000, 1);
	mkit_connect();
	mkit_grab(0);
	CHECK_EQ(mkit[0].bound, 1);
	CHECK_EQ(mkit[1].bound, 0);
	CHECK(wire_has(0, " SEND\r\nTo-Path: " KIT_URI_1
		       "\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: "));
	CHECK(!strstr(mkit_text, "Content-Type"));
	/* s7.1.1: zero octets, from the first on */
	CHECK(strstr(mkit_text, "\r\nByte-Range: 1-0/0\r\n"));
	mkit_run(1);
	CHECK_EQ(mkit[1].bound, 1);
	CHECK_EQ(mkit[1].n_in, 0);
	mkit_grab(1);
	CHECK(wire_has(1, " 200 OK\r\nTo-Path: " KIT_URI_0
		       "\r\nFrom-Path: " KIT_URI_1 "\r\n-------"));
}


static void unknown_session(void)
{
	mkit_start(100000, 1);
	mkit_inject(1, "MSRP tid1 SEND\r\nTo-Path: msrp://192.0.2.2:2855/other;"
		   "tcp\r\nFrom-Path: msrp://x:1/y;tcp\r\nMessage-ID: 8765\r\n"
		   "-------tid1$\r\n", 7);
	mkit_grab(1);
	CHECK_STR(mkit_text, "MSRP tid1 481 Refused\r\n"
		  "To-Path: msrp://x:1/y;tcp\r\nFrom-Path: "
		  "msrp://192.0.2.2:2855/other;tcp\r\n-------tid1$\r\n");
	CHECK_EQ(mkit[1].failed, 0);
	CHECK(mkit[1].up);
	/* no error is told where none is wanted (s7.3) */
	mkit_inject(1, "MSRP tid1 SEND\r\nTo-Path: msrp://192.0.2.2:2855/other;"
		   "tcp\r\nFrom-Path: msrp://x:1/y;tcp\r\nMessage-ID: 8765\r\n"
		   "Failure-Report: no\r\n-------tid1$\r\n", 7);
	mkit_grab(1);
	CHECK_STR(mkit_text, "");
}


static void two_uris(void)
{
	mkit_start(100000, 1);
	mkit_inject(1, "MSRP tid1 SEND\r\nTo-Path: " KIT_URI_1 " " KIT_URI_0
		   "\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: 8765\r\n"
		   "-------tid1$\r\n", 4096);
	mkit_grab(1);
	CHECK(wire_has(1, " 481 "));
}


static void in_use(void)
{
	size_t used;
	static const char s[] = "MSRP tid1 SEND\r\nTo-Path: " KIT_URI_1
		"\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: 8765\r\n"
		"-------tid1$\r\n";
	struct msrp *m = &mkit[1].m;

	mkit_start(100000, 1);
	CHECK_EQ(msrp_accepted(m, mkit_ms, 1), 0);
	CHECK_EQ(msrp_recv(m, mkit_ms, 1, (const uint8_t *)s, sizeof(s) - 1,
			   &used), 0);
	/* the kit's port serves connection 0 only: look at what waits */
	CHECK_EQ(m->connv[1].seg[0].n > 0, true);
	CHECK(!memcmp(m->connv[1].txbuf, "MSRP tid1 506 ", 14));
	/* and the session works on where it was */
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit_run(99);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
}


static void connection_fails(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, big, 1000, false), 0);
	CHECK_EQ(mkit_send(0, big, 1000, false), 0);
	mkit_cut();
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[1].failed, 1);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[1].err, ECONNRESET);
	CHECK_EQ(mkit_send(0, big, 1000, false), ENOTCONN);
}


static void duplicates(void)
{
	struct msrp_msg msg = {.type = "text/plain", .data = big, .len = 10,
			       .id = "same-id", .arg = &mkit[0]};
	struct msrp_session *s, *peer;

	mkit_start(100000, 1);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_run(100);
	CHECK(!mkit[1].inv[0].duplicate);
	CHECK_STR(mkit[1].inv[0].id, "same-id");

	/* in another session it may be another message */
	mkit_second(&s, &peer);
	CHECK_EQ(msrp_send(NULL, s, mkit_ms, &msg), 0);
	mkit_run(100);
	CHECK_EQ(mkit[1].n_in, 2);
	CHECK(mkit[1].inv[1].duplicate);
}


/* A 200 or a REPORT was lost with the connection: it is confirmed, and not
   told again, also when what was confirmed of it is left out */
static void copies(void)
{
	struct msrp_msg msg = {.type = "text/plain", .data = big,
			       .len = 10000, .id = "same-id", .success = true,
			       .arg = &mkit[0]};

	mkit_start(100000, 1);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_run(100);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK_EQ(mkit[0].n_sent, 1);

	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_run(100);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[1].err, 0);

	(void)mkit_wire(1);
	mkit_request(1, "tid1", "SEND", "Message-ID: same-id\r\n"
		     "Byte-Range: 9999-10000/10000\r\nSuccess-Report: yes"
		     "\r\nContent-Type: text/plain\r\n", "xx", '$');
	mkit_grab(1);
	CHECK(strstr(mkit_text, "MSRP tid1 200 OK\r\n"));
	CHECK(strstr(mkit_text, "Byte-Range: 1-10000/10000\r\n"));
	CHECK_EQ(mkit[1].n_in, 1);
}


/* ------------------------------------------------------------------ */
/* s7.1, s7.1.1: sending */

static void small_message(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "Hey Bob", 7, false), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Byte-Range: 1-7/7\r\nContent-Type: text/plain\r\n"
		       "\r\nHey Bob\r\n-------"));
	CHECK(wire_has(0, "$\r\n"));
	CHECK(!strstr(mkit_text, "Report"));
	mkit_run(1);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].sentv[0].len, 7);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, 0);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "Hey Bob", 7);
	CHECK_STR(mkit[1].inv[0].type, "text/plain");
}


static void empty_message(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "", 0, false), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Byte-Range: 1-0/0\r\n"));
	mkit_run(3);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.len, 0);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
}


static void interruptible(void)
{
	fill();
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, big, 2048, false), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Byte-Range: 1-2048/2048\r\n"));
	mkit_run(999);
	CHECK_EQ(mkit_send(0, big, 2049, false), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Byte-Range: 1-*/2049\r\n"));
	mkit_run(999);
	CHECK_MEM(mkit[1].inv[1].buf, mkit[1].inv[1].res.len, big, 2049);
}


/** Two large messages through a narrow pipe: they take turns */
static void turns(void)
{
	unsigned i;

	fill();
	mkit_start(100000, 1);
	mkit[0].out.room = 3000;
	CHECK_EQ(mkit_send(0, big, 50000, false), 0);
	CHECK_EQ(mkit_send(0, big + 1, 100, false), 0);
	for (i = 0; i < 200 && !mkit[0].n_sent; i++) {
		mkit_carry(0, 3000);
		mkit_carry(1, 3000);
	}
	/* the short one is there first */
	CHECK_EQ(mkit[0].sentv[0].total, 100);
	mkit_run(3000);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, big, 50000);
	CHECK_MEM(mkit[1].inv[1].buf, mkit[1].inv[1].res.len, big + 1, 100);
}


/** A response interrupts a chunk, but not before 2048 octets of it */
static int slow_source(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	*p = big + off;
	*n = 700;

	return 0;
}


static void response_interrupts(void)
{
	struct msrp_msg msg = {.type = "a/b", .source_h = slow_source,
			       .len = 50000, .arg = &mkit[0]};
	const char *first, *end;

	fill();
	mkit_start(100000, 1);
	mkit[0].out.room = 1000;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	CHECK_EQ(mkit_send(1, "hello", 5, false), 0);
	mkit_carry(1, 5000);
	mkit_run(1000);
	mkit_grab(0);
	first = strstr(mkit_text, "\r\n\r\n");
	end = first;
	/* the body holds zeros and anything: search by octets */
	CHECK(first != NULL);
	(void)end;
	CHECK_EQ(mkit[1].n_sent, 1);
	CHECK_EQ(mkit[1].sentv[0].err, 0);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, big, 50000);
	CHECK(mkit[0].progress >= 2);
}


/** The end-line of the chunk is in the body: as often as it is tried */
static int echo_source(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	static char s[64];
	const struct msrp_conn *c = &mkit[0].m.connv[0];
	const int len = snprintf(s, sizeof(s), "-------%s$\r\n",
				 c->guard.tid);

	(void)arg;
	(void)off;
	*p = (const uint8_t *)s;
	*n = (size_t)len;

	return 0;
}


static void end_line_in_body(void)
{
	struct msrp_msg msg = {.type = "a/b", .source_h = echo_source,
			       .len = 2000, .arg = &mkit[0]};

	mkit_start(100000, 1);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_run(1);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK_EQ(mkit[1].inv[0].res.len, 2000);
	CHECK_EQ(mkit[1].inv[0].res.err, 0);
	CHECK(mkit[1].up && mkit[0].up);
	CHECK(mkit[0].progress > 10);
}


static void time_out(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit[0].out.len = 0;
	mkit_pass(MSRP_T_MS - 1);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_pass(1);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ETIMEDOUT);
	CHECK_EQ(mkit[0].sentv[0].len, 0);
}


/* RFC 4975 s7.1.1: they begin when all of a chunk has left */
static void slow_line(void)
{
	unsigned i;

	mkit_start(100000, 1);
	mkit[0].out.room = 1000;
	CHECK_EQ(mkit_send(0, big, 60000, false), 0);
	for (i = 0; i < 50; i++) {
		mkit_carry(0, 1000);
		mkit_pass(1000);
	}
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
}


/* RFC 4975 s7.1.4 */
static void silent(void)
{
	struct msrp_msg msg = {.type = "a/b", .data = big, .len = 10,
			       .silent = true, .arg = &mkit[0]};

	mkit_start(100000, 1);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Failure-Report: no\r\n"));
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	mkit_run(10);
	mkit_grab(1);
	CHECK_STR(mkit_text, "");
	CHECK_EQ(mkit[1].n_in, 1);
}


static void max_size(void)
{
	mkit_start(1000, 1);
	CHECK_EQ(mkit_send(0, big, 1001, false), EMSGSIZE);
	CHECK_EQ(mkit_send(0, big, 1000, false), 0);
}


static void capacity(void)
{
	unsigned i;

	mkit_start(100000, 1);
	mkit[0].out.room = 0;
	for (i = 0; i < MSRP_OUT; i++)
		CHECK_EQ(mkit_send(0, "x", 1, false), 0);
	CHECK_EQ(mkit_send(0, "x", 1, false), ENOMEM);
	mkit[0].out.room = KIT_PIPE;
	mkit_run(100);
	CHECK_EQ(mkit[0].n_sent, MSRP_OUT);
	CHECK_EQ(mkit_send(0, "x", 1, false), 0);
}


static void abort_message(void)
{
	struct msrp_out *out;
	struct msrp_msg msg = {.type = "a/b", .data = big, .len = 50000,
			       .arg = &mkit[0]};

	fill();
	mkit_start(100000, 1);
	mkit[0].out.room = 3000;
	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	mkit_carry(0, 3000);
	CHECK_EQ(mkit[1].n_in, 1);
	msrp_abort(out, mkit_ms);
	mkit_run(2999);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	CHECK(mkit[1].inv[0].done);
}


/** Between two chunks: a chunk without octets says it */
static void abort_between(void)
{
	struct msrp_out *out;
	struct msrp_msg msg = {.type = "a/b", .data = big, .len = 50000,
			       .arg = &mkit[0]};
	unsigned i;

	fill();
	mkit_start(100000, 1);
	/* no more transactions: the sender waits after MSRP_TRANS chunks */
	mkit[0].s->relayed = true;
	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	for (i = 0; i < 100; i++)
		mkit_carry(0, 1000);
	CHECK_EQ(mkit[0].out.len, 0);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK(!mkit[1].inv[0].done);
	(void)mkit_wire(0);

	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	CHECK(strstr(mkit_wire(0), "#\r\n"));
	mkit_run(1000);
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
	CHECK_EQ(mkit[1].inv[0].res.len, MSRP_TRANS * MSRP_CHUNK);
	CHECK_EQ(mkit[0].n_sent, 1);

	/* the session goes on */
	CHECK_EQ(mkit_send(0, "x", 1, false), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
}


/** Nothing has been sent: nobody is told; all has been sent: too late */
static void abort_edges(void)
{
	struct msrp_out *out;
	struct msrp_msg msg = {.type = "a/b", .data = (uint8_t *)"x",
			       .len = 1, .arg = &mkit[0]};

	mkit_start(100000, 1);
	mkit[0].out.room = 0;
	CHECK_EQ(mkit_send(0, "first", 5, false), 0);
	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	mkit[0].out.room = KIT_PIPE;
	mkit_run(1000);
	CHECK_EQ(mkit[1].n_in, 1);

	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	(void)mkit_wire(0);
	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 3);
	CHECK_EQ(mkit[0].sentv[2].err, ECANCELED);
	CHECK_STR(mkit_wire(0), "");
}


/** The connection ends before the peer can be told: one outcome */
static void abort_blocked(void)
{
	struct msrp_out *out;
	struct msrp_msg msg = {.type = "a/b", .data = big, .len = 50000,
			       .arg = &mkit[0]};

	fill();
	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	mkit[0].out.room = mkit[0].out.len;
	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 0);
	msrp_abort(out, mkit_ms);
	mkit_cut();
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	CHECK_EQ(mkit[0].failed, 1);
}


/** "#" ends a message at the receiver */
static void aborted(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "1-*/9"), "abc", '#');
	CHECK(wire_has(1, "MSRP tid1 200"));
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
	CHECK_EQ(mkit[1].inv[0].res.len, 3);
	CHECK_EQ(mkit[1].inv[0].res.total, 9);
}


/* ------------------------------------------------------------------ */
/* s7.2, s7.3, s10: receiving */

static void who_gets_responses(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", "Message-ID: 8765\r\nFailure-Report: yes\r\n",
		NULL, '$');
	CHECK(wire_has(1, "MSRP tid1 200 OK\r\n"));
	request("tid2", "SEND", "Message-ID: 8765\r\nFailure-Report: partial"
		"\r\n", NULL, '$');
	CHECK_STR(mkit_text, "");
	request("tid3", "SEND", "Message-ID: 8765\r\nFailure-Report: no\r\n",
		NULL, '$');
	CHECK_STR(mkit_text, "");
	mkit[1].verdict = 415;
	request("tid4", "SEND", "Message-ID: 8766\r\nFailure-Report: partial"
		"\r\nContent-Type: x/y\r\n", "z", '$');
	CHECK(wire_has(1, "MSRP tid4 415 "));
	request("tid5", "SEND", "Message-ID: 8766\r\nFailure-Report: no"
		"\r\nContent-Type: x/y\r\n", "z", '$');
	CHECK_STR(mkit_text, "");
}


static void bad_request(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", "Message-ID: 8765\r\nByte-Range: 1--5/5\r\n"
		"Content-Type: a/b\r\n", "abc", '$');
	CHECK(wire_has(1, "MSRP tid1 400 "));
	request("tid2", "SEND", "", NULL, '$');
	CHECK(wire_has(1, "MSRP tid2 400 "));
	CHECK_EQ(mkit[1].n_in, 0);
}


static void unknown_method(void)
{
	mkit_start(100000, 1);
	request("tid1", "VISIT", "", NULL, '$');
	CHECK(wire_has(1, "MSRP tid1 501 "));
	request("tid2", "NICKNAME", "Use-Nickname: \"x\"\r\n", NULL, '$');
	CHECK(wire_has(1, "MSRP tid2 501 "));
}


/* s7.2: all of the way back, but one hop for SEND */
static void unknown_method_far(void)
{
	static const char path[] = "msrp://192.0.2.60:2855/x;tcp " KIT_URI_0;
	const struct pl pl = {path, sizeof(path) - 1};
	char s[512];

	mkit_start(100000, 1);
	CHECK_EQ(msrp_session_peer(mkit[1].s, &pl, 0), 0);
	(void)snprintf(s, sizeof(s), "MSRP tid1 VISIT\r\nTo-Path: " KIT_URI_1
		       "\r\nFrom-Path: %s\r\n-------tid1$\r\n", path);
	mkit_inject(1, s, sizeof(s));
	mkit_grab(1);
	(void)snprintf(s, sizeof(s), "MSRP tid1 501 Refused\r\nTo-Path: %s"
		       "\r\nFrom-Path: " KIT_URI_1 "\r\n", path);
	CHECK(strstr(mkit_text, s));
	(void)snprintf(s, sizeof(s), "MSRP tid2 SEND\r\nTo-Path: " KIT_URI_1
		       "\r\nFrom-Path: %s\r\nMessage-ID: 8765\r\n"
		       "-------tid2$\r\n", path);
	mkit_inject(1, s, sizeof(s));
	mkit_grab(1);
	CHECK(wire_has(1, "To-Path: msrp://192.0.2.60:2855/x;tcp\r\n"));
}


static void chunks_in_order(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "1-*/8"), "abcd", '+');
	CHECK(wire_has(1, "MSRP tid1 200"));
	CHECK(!mkit[1].inv[0].done);
	request("tid2", "SEND", CHUNK("8765", "5-8/8"), "EFGH", '$');
	CHECK(wire_has(1, "MSRP tid2 200"));
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "abcdEFGH", 8);
}


static void chunks_out_of_order(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "7-9/9"), "ghi", '$');
	CHECK(!mkit[1].inv[0].done);
	request("tid2", "SEND", CHUNK("8765", "1-3/9"), "abc", '+');
	CHECK(!mkit[1].inv[0].done);
	request("tid3", "SEND", CHUNK("8765", "4-6/9"), "def", '+');
	CHECK(mkit[1].inv[0].done);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "abcdefghi", 9);
}


static void overlap(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "1-6/9"), "aaaaaa", '+');
	request("tid2", "SEND", CHUNK("8765", "4-9/9"), "bbbbbb", '$');
	CHECK(mkit[1].inv[0].done);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, "aaabbbbbb", 9);
}


/** The octets count, not what Byte-Range says of their number */
static void lying_ranges(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "1-25/25"), "23 octets", '$');
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.len, 9);
	request("tid2", "SEND", CHUNK("8766", "1-2/2"), "more than 2", '$');
	CHECK_EQ(mkit[1].inv[1].res.len, 11);
	request("tid3", "SEND", "Message-ID: 8767\r\nContent-Type: a/b\r\n",
		"no range", '$');
	CHECK_EQ(mkit[1].inv[2].res.len, 8);
}


static void two_gigabytes(void)
{
	mkit_start(100000, 1);
	request("tid1", "SEND", CHUNK("8765", "1-*/2147483648"), "abc", '+');
	CHECK(wire_has(1, "MSRP tid1 413 "));
	CHECK_EQ(mkit[1].n_in, 0);
	request("tid2", "SEND", CHUNK("8765", "2147483648-*/*"), "abc", '+');
	CHECK(wire_has(1, "MSRP tid2 413 "));
	CHECK_EQ(mkit[1].n_in, 0);
	request("tid3", "SEND", CHUNK("8765", "4294967294-*/*"), "abc", '+');
	CHECK(wire_has(1, "MSRP tid3 413 "));
	request("tid4", "SEND", CHUNK("8765", "99999-*/*"), "abc", '+');
	CHECK(wire_has(1, "MSRP tid4 413 "));
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, EPROTO);
}


static void too_many_open(void)
{
	char mid[128], tid[16];
	unsigned i;

	mkit_start(100000, 1);
	for (i = 0; i < MSRP_IN; i++) {
		snprintf(mid, sizeof(mid), "Message-ID: id%u\r\nByte-Range: "
			 "1-*/*\r\nContent-Type: a/b\r\n", i);
		snprintf(tid, sizeof(tid), "tid%u", i);
		request(tid, "SEND", mid, "abc", '+');
		CHECK(wire_has(1, " 200 OK"));
	}
	request("tidx", "SEND", CHUNK("8765", "1-*/*"), "abc", '+');
	CHECK(wire_has(1, "MSRP tidx 413 "));
	/* those that are open go on */
	request("tidy", "SEND", CHUNK("id0", "4-*/*"), "def", '$');
	CHECK(mkit[1].inv[0].done);
	request("tidz", "SEND", CHUNK("8766", "1-*/*"), "abc", '$');
	CHECK(wire_has(1, "MSRP tidz 200 "));
	/* and what is left alone is given up */
	mkit_pass(MSRP_IDLE_MS);
	CHECK(mkit[1].inv[1].done);
	CHECK_EQ(mkit[1].inv[1].res.err, ETIMEDOUT);
	CHECK_EQ(mkit[1].inv[1].res.len, 3);
}


static void too_many_holes(void)
{
	char s[128], tid[16];
	unsigned i;

	mkit_start(100000, 1);
	for (i = 0; i <= MSRP_HOLES; i++) {
		snprintf(s, sizeof(s), "Message-ID: 8765\r\nByte-Range: "
			 "%u-*/*\r\nContent-Type: a/b\r\n", 1 + 10 * i);
		snprintf(tid, sizeof(tid), "tid%u", i);
		request(tid, "SEND", s, "abc", '+');
		CHECK_EQ(wire_has(1, " 200 OK"), i < MSRP_HOLES);
	}
	CHECK(wire_has(1, " 413 "));
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, EPROTO);
	CHECK_EQ(mkit[1].inv[0].res.len, 3);
}


static void stop_sending(void)
{
	fill();
	mkit_start(KIT_BUF * 2, 1);
	mkit[0].out.room = 3000;
	mkit[1].verdict = 413;
	CHECK_EQ(mkit_send(0, big, 50000, false), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EPROTO);
	CHECK_EQ(mkit[0].sentv[0].status, 413);
	/* RFC 4975 s10.5: no further chunks */
	CHECK(mkit[0].out.total < 10000);
	mkit[1].verdict = 0;
	CHECK_EQ(mkit_send(0, big, 5000, false), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
}


static void session_refused(void)
{
	static const uint16_t codev[] = {481, 506};
	unsigned i;

	for (i = 0; i < 2; i++) {
		mkit_start(100000, 1);
		CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
		mkit_grab(0);
		mkit_respond(0, mkit_text + 5, codev[i]);
		CHECK_EQ(mkit[0].failed, 1);
		CHECK_EQ(mkit[0].fail_status, codev[i]);
		CHECK_EQ(mkit[0].n_sent, 1);
		CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);
	}
}


static void response_408(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit_grab(0);
	mkit_respond(0, mkit_text + 5, 408);
	CHECK_EQ(mkit[0].sentv[0].err, ETIMEDOUT);
	CHECK_EQ(mkit[0].failed, 0);
}


/* ------------------------------------------------------------------ */
/* s7.1.2, s7.1.3, s7.3.2: REPORT */

static void success_report(void)
{
	fill();
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, big, 5000, true), 0);
	mkit_grab(0);
	CHECK(wire_has(0, "Success-Report: yes\r\n"));
	mkit_run(1000);
	mkit_grab(1);
	CHECK_EQ(mkit_times(" REPORT\r\n"), 1);
	CHECK(wire_has(1, "Byte-Range: 1-5000/5000\r\nStatus: 000 200 OK\r\n"
		       "-------"));
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].sentv[0].len, 5000);
	/* nothing answers a REPORT */
	mkit_grab(0);
	CHECK(!strstr(mkit_text, " 200 OK\r\nTo-Path"));
	/* and without the wish there is none */
	CHECK_EQ(mkit_send(0, big, 50, false), 0);
	mkit_run(1000);
	mkit_grab(1);
	CHECK_EQ(mkit_times("REPORT"), 0);
}


/** Carry the first frame that an end has sent, not what is behind it */
static void carry_one(unsigned from)
{
	const char *s, *end;

	s = mkit_wire(from);
	end = strstr(s, "$\r\n");
	mkit_carry(from, end ? (size_t)(end + 3 - s) : 0);
}


static void no_success_report(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "hi", 2, true), 0);
	mkit_carry(0, 9999);
	/* the response, not the REPORT behind it */
	carry_one(1);
	mkit[1].out.len = 0;
	mkit_pass(MSRP_REPORT_MS);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ETIMEDOUT);
}


static void failure_report(void)
{
	char s[512];

	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "hi", 2, true), 0);
	mkit_grab(0);
	mkit[0].out.len = 0;
	snprintf(s, sizeof(s), "MSRP tid9 REPORT\r\nTo-Path: " KIT_URI_0
		 "\r\nFrom-Path: " KIT_URI_1 "\r\nMessage-ID: %.16s\r\n"
		 "Byte-Range: 1-2/2\r\nStatus: 000 403 no\r\n"
		 "-------tid9$\r\n", strstr(mkit_text, "Message-ID: ") + 12);
	mkit_inject(0, s, 4096);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EPROTO);
	CHECK_EQ(mkit[0].sentv[0].status, 403);
	/* one about an unknown message is ignored, without a response */
	(void)mkit_wire(0);
	mkit_inject(0, s, 4096);
	mkit_grab(0);
	CHECK_STR(mkit_text, "");
	CHECK(mkit[0].up);
}


/** Incremental reports: only what is covered from the start counts */
static void partial_reports(void)
{
	static const char *const rangev[] = {"1-2/6", "5-6/6", "3-4/6", "1-6/6"};
	char s[512], mid[17] = "";
	unsigned i;

	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, "123456", 6, true), 0);
	mkit_grab(0);
	memcpy(mid, strstr(mkit_text, "Message-ID: ") + 12, 16);
	mkit_carry(0, 9999);
	carry_one(1);
	mkit[1].out.len = 0;
	for (i = 0; i < 4; i++) {
		CHECK_EQ(mkit[0].n_sent, 0);
		snprintf(s, sizeof(s), "MSRP tid9 REPORT\r\nTo-Path: "
			 KIT_URI_0 "\r\nFrom-Path: " KIT_URI_1
			 "\r\nMessage-ID: %s\r\nByte-Range: %s\r\n"
			 "Status: 000 200 OK\r\n-------tid9$\r\n", mid,
			 rangev[i]);
		mkit_inject(0, s, 4096);
	}
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
}


/* ------------------------------------------------------------------ */
/* Peers that are slow, silent or hostile */

static void slow_reader(void)
{
	mkit_start(100000, 1);
	mkit[0].out.room = 0;
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit_pass(MSRP_T_MS - 1);
	CHECK(mkit[0].up);
	mkit_pass(1);
	CHECK(!mkit[0].up);
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].fail_err, ETIMEDOUT);
	CHECK_EQ(mkit[0].n_sent, 1);
}


/** Sessions over it that end win it no time */
static void slow_reader_of_many(void)
{
	struct msrp_session *s, *peer;

	mkit_start(100000, 1);
	mkit_second(&s, &peer);
	mkit[0].out.room = 0;
	CHECK_EQ(mkit_send(0, "hi", 2, false), 0);
	mkit_pass(MSRP_T_MS - 1);
	msrp_session_close(s);
	CHECK(mkit[0].up);
	mkit_pass(1);
	CHECK(!mkit[0].up);
	CHECK_EQ(mkit[0].n_sent, 1);
}


/** A peer that sends and does not read: what waits for it is bounded */
static void never_reads(void)
{
	static const char s[] = "MSRP tid1 SEND\r\nTo-Path: " KIT_URI_1
		"\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: 8765\r\n"
		"-------tid1$\r\n";
	size_t used = sizeof(s) - 1;
	unsigned i;
	int err = 0;

	mkit_start(100000, 1);
	mkit[1].out.room = 0;
	for (i = 0; i < 100 && !err; i++)
		err = msrp_recv(&mkit[1].m, mkit_ms, 0, (const uint8_t *)s,
				sizeof(s) - 1, &used);
	CHECK_EQ(err, EAGAIN);
	CHECK(i < 10);
	CHECK(used < sizeof(s) - 1);
	mkit[1].out.room = KIT_PIPE;
	msrp_writable(&mkit[1].m, mkit_ms, 0);
	CHECK_EQ(msrp_recv(&mkit[1].m, mkit_ms, 0, (const uint8_t *)s + used,
			   sizeof(s) - 1 - used, &used), 0);
	mkit_grab(1);
	CHECK(mkit_times("200 OK") >= 4);
}


static void both_push(void)
{
	unsigned i, k;

	/* both have full pipes and much to say: nobody waits for ever */
	fill();
	mkit_start(100000, 7);
	mkit[0].out.room = mkit[1].out.room = 2000;
	for (i = 0; i < MSRP_OUT; i++) {
		CHECK_EQ(mkit_send(0, big, 40000, true), 0);
		CHECK_EQ(mkit_send(1, big, 40000, true), 0);
	}
	mkit_run(2000);
	for (k = 0; k < 2; k++) {
		CHECK_EQ(mkit[k].n_sent, MSRP_OUT);
		for (i = 0; i < MSRP_OUT; i++) {
			CHECK_EQ(mkit[k].sentv[i].err, 0);
			CHECK_MEM(mkit[k].inv[i].buf, mkit[k].inv[i].res.len,
				  big, 40000);
		}
	}
}


static void garbage(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(1, "hi", 2, false), 0);
	mkit_inject(1, "GET / HTTP/1.1\r\n\r\n", 3);
	CHECK(!mkit[1].up);
	CHECK_EQ(mkit[1].failed, 1);
	CHECK_EQ(mkit[1].fail_err, EBADMSG);
	CHECK_EQ(mkit[1].n_sent, 1);
}


static void silent_connection(void)
{
	mkit_open(100000, 1);
	mkit[1].up = true;
	CHECK_EQ(msrp_accepted(&mkit[1].m, mkit_ms, 0), 0);
	mkit_pass(MSRP_T_MS);
	CHECK(!mkit[1].up);
}


static void cut_in_the_middle(void)
{
	struct msrp_msg msg = {.type = "a/b", .source_h = slow_source,
			       .len = 50000, .arg = &mkit[0]};

	fill();
	mkit_start(100000, 1);
	mkit[1].stream = true;
	mkit[0].out.room = 5000;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_carry(0, 4000);
	mkit_carry(0, 4000);
	mkit_cut();
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECONNRESET);
	CHECK(mkit[1].inv[0].res.len > 6000);
	CHECK_EQ(mkit[1].inv[0].res.len, mkit[1].inv[0].streamed);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len, big,
		  mkit[1].inv[0].res.len);
	CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);
	CHECK_EQ(mkit[0].sentv[0].len, 0);
}


/* s7.1: a half chunk ends with # where it is, because its octets are the
   application's again and the connection is that of others, too.  To `room`
   it is sent before; relayed: in chunks of known end */
static unsigned whole;

static void close_in_chunk(size_t room, bool relayed)
{
	struct msrp_session *s, *peer;
	const struct msrp_msg msg = {.type = "a/b", .data = big, .len = 10,
				     .arg = &mkit[0]};

	mkit_start(100000, 1);
	mkit_second(&s, &peer);
	mkit[0].s->relayed = relayed;
	mkit[0].out.room = room;
	CHECK_EQ(mkit_send(0, big, 50000, false), 0);
	mkit_carry(0, room / 2);
	msrp_session_close(mkit[0].s);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);

	CHECK_EQ(msrp_send(NULL, s, mkit_ms, &msg), 0);
	mkit[0].out.room = KIT_PIPE;
	msrp_writable(&mkit[0].m, mkit_ms, 0);
	mkit_run(1000);
	CHECK(mkit[0].up && mkit[1].up);
	CHECK_EQ(mkit[0].failed, 0);
	/* the end-line of a whole chunk may be on its way already */
	whole += !mkit[1].inv[0].done;
	CHECK(!mkit[1].inv[0].done || mkit[1].inv[0].res.err == ECANCELED);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
	CHECK_EQ(mkit[1].n_in, 2);
	CHECK_EQ(mkit[1].inv[1].res.err, 0);
	CHECK_EQ(mkit[1].inv[1].res.len, 10);
}


static void close_while_sending(void)
{
	size_t room;

	fill();
	whole = 0;
	/* in the header section, in the octets, in the end-line */
	for (room = 2; room < 2600; room += 1 + room / 64) {
		close_in_chunk(room, false);
		close_in_chunk(room, true);
	}
	CHECK(whole < 4);
}


static void nickname(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(msrp_nickname(mkit[0].s, "Alice"), 0);
	CHECK_EQ(msrp_nickname(mkit[0].s, "Bob"), EBUSY);
	mkit_pass(0);
	mkit_grab(0);
	CHECK(wire_has(0, " NICKNAME\r\nTo-Path: " KIT_URI_1 "\r\nFrom-Path: "
		       KIT_URI_0 "\r\nUse-Nickname: \"Alice\"\r\n-------"));
	mkit_respond(0, mkit_text + 5, 425);
	CHECK_EQ(mkit[0].nickname, 425);
	CHECK_EQ(mkit[0].failed, 0);
}


static struct msrp_session *opened;

static void close_it(void)
{
	msrp_session_close(mkit[1].s);
}


/* One message is coming in, one is on its way, and the handler that is told
   of the first closes the session */
static void close_while_ending(void)
{
	mkit_start(100000, 1);
	mkit_request(1, "tid1", "SEND", CHUNK("in", "1-5/10"), "12345", '+');
	CHECK_EQ(mkit_send(1, big, 1000, false), 0);
	mkit_within(KIT_DONE, close_it);
	mkit_cut();
	CHECK_EQ(mkit[1].inv[0].res.err, ECONNRESET);
	CHECK_EQ(mkit[1].n_sent, 1);
	CHECK_EQ(mkit[1].sentv[0].err, ECONNRESET);
	/* gone at once */
	CHECK_EQ(mkit[1].failed, 0);
	CHECK_EQ(msrp_session_open(&opened, &mkit[1].m, KIT_URI_1, NULL), 0);
	CHECK(opened == mkit[1].s);
}


static void open_another(void)
{
	struct pl peer;

	CHECK_EQ(msrp_connected(&mkit[0].m, mkit_ms, 0, mkit[0].s), EPROTO);
	CHECK_EQ(msrp_session_open(&opened, &mkit[0].m, KIT_URI_2, NULL), 0);
	pl_set_str(&peer, KIT_URI_3);
	CHECK_EQ(msrp_session_peer(opened, &peer, 0), 0);
}


/* A new session does not take the place of one whose messages are not all
   told yet */
static void open_while_closing(void)
{
	unsigned i;

	mkit_start(100000, 1);
	CHECK_EQ(mkit_send(0, big, 1000, false), 0);
	CHECK_EQ(mkit_send(0, big, 1000, false), 0);
	mkit_within(KIT_SENT, open_another);
	msrp_session_close(mkit[0].s);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK(opened != mkit[0].s);
	CHECK_EQ(msrp_session_open(&mkit[0].s, &mkit[0].m, KIT_URI_0, NULL),
		 0);

	/* and has room for as many messages as there are */
	mkit[0].s = opened;
	CHECK_EQ(msrp_connected(&mkit[0].m, mkit_ms, 0, opened), 0);
	for (i = 0; i < MSRP_OUT; i++)
		CHECK_EQ(mkit_send(0, big, 1000, false), 0);
	CHECK_EQ(mkit_send(0, big, 1000, false), ENOMEM);
}


const struct test_case suite_msrp_session[] = {
	{"RFC 4975 s5.4: a SEND at once binds the session", bind},
	{"RFC 4975 s7.3: no session with that URI: 481", unknown_session},
	{"RFC 4975 s7.3: To-Path has exactly one URI", two_uris},
	{"RFC 4975 s5.4: in use on another connection: 506", in_use},
	{"RFC 4975 s5.4: a connection fails, its sessions too",
	 connection_fails},
	{"RFC 4975 s5.4: a Message-ID seen in another session", duplicates},
	{"RFC 4975 s5.4: a copy of a whole message is confirmed, not told",
	 copies},
	{"RFC 4975 s7.1: a message in one request", small_message},
	{"RFC 4975 s7.1.1: an empty message: 1-0/0", empty_message},
	{"RFC 4975 s7.1.1: more than 2048 octets are interruptible",
	 interruptible},
	{"RFC 4975 s7.1.1: messages take turns", turns},
	{"RFC 4975 s7.1.1: a response interrupts a chunk",
	 response_interrupts},
	{"RFC 4975 s7.1: a body that holds the end-line of its chunk",
	 end_line_in_body},
	{"RFC 4975 s7.1.1: 30 seconds without a response", time_out},
	{"RFC 4975 s7.1.1: 30 seconds begin when a chunk has left",
	 slow_line},
	{"RFC 4975 s7.1.1: Failure-Report no", silent},
	{"RFC 4975 s8.6: max-size of the peer", max_size},
	{"messages being sent run out: ENOMEM", capacity},
	{"RFC 4975 s7.1: a message is given up", abort_message},
	{"RFC 4975 s7.1: one is given up between chunks", abort_between},
	{"a message is given up before and behind its octets", abort_edges},
	{"one is given up on a connection that takes nothing", abort_blocked},
	{"RFC 4975 s7.1: the peer gives a message up: #", aborted},
	{"RFC 4975 s7.2: who gets responses", who_gets_responses},
	{"RFC 4975 s10.2: 400", bad_request},
	{"RFC 4975 s10.9: 501", unknown_method},
	{"RFC 4975 s7.2: 501 goes all the way back", unknown_method_far},
	{"RFC 4975 s7.3.1: chunks in order", chunks_in_order},
	{"RFC 4975 s7.3.1: chunks out of order", chunks_out_of_order},
	{"RFC 4975 s7.3.1: overlapping chunks, the last one counts", overlap},
	{"RFC 4975 s7.3.1: the payload counts, not the range", lying_ranges},
	{"RFC 4975 s10.5: ranges of 2^31 octets and more: 413",
	 two_gigabytes},
	{"RFC 4975 s10.5: too many open messages: 413", too_many_open},
	{"RFC 4975 s10.5: too many holes in a message: 413", too_many_holes},
	{"RFC 4975 s10.5: 413 stops the sender", stop_sending},
	{"RFC 4975 s10.8, s10.10: 481 and 506 end the session",
	 session_refused},
	{"RFC 4975 s10.4: 408 is a time-out", response_408},
	{"RFC 4975 s7.1.3: a success report for the whole message",
	 success_report},
	{"RFC 4975 s7.1.1: the success report does not come",
	 no_success_report},
	{"RFC 4975 s7.3.2: a failure report is like a response",
	 failure_report},
	{"RFC 4975 s7.1.3: reports of parts", partial_reports},
	{"a peer that takes nothing for 30 seconds is cut off", slow_reader},
	{"the same while sessions over it end", slow_reader_of_many},
	{"a peer that does not read is not read from", never_reads},
	{"two ends that both push do not wait for each other", both_push},
	{"what is no MSRP ends the connection", garbage},
	{"a connection without a request is closed", silent_connection},
	{"a cut in the middle: what has arrived is known exactly",
	 cut_in_the_middle},
	{"a session that is closed in the middle of a chunk",
	 close_while_sending},
	{"a session that a handler closes while its messages end",
	 close_while_ending},
	{"a session that a handler opens while another one is closed",
	 open_while_closing},
	{"RFC 7701 s7.1: NICKNAME", nickname},
	{NULL, NULL}
};
