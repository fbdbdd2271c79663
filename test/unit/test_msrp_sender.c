/**
 * @file test_msrp_sender.c  Sending messages: sources, chunks, turns, and
 *                           what an application does from within its handlers
 *                           (RFC 4975 s7.1)
 */
#include <errno.h>
#include <string.h>
#include "test/unit/msrp_kit.h"
#include "test/unit/test.h"

/** Octets of a message, up to a place where there are none */
static struct {
	uint32_t stop;
	int err;                /* what the source says there               */
	uint32_t piece;
} src;

/* 0, and no octets: without a pointer, without a number */
enum { NO_POINTER = 0, NO_NUMBER = -1 };

static struct msrp_out *out;
static int source(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	if (off >= src.stop) {
		*p = src.err == NO_NUMBER ? mkit[0].bufv[0] : NULL;
		*n = src.err == NO_POINTER;
		return src.err == NO_NUMBER ? 0 : src.err;
	}
	*p = mkit[0].bufv[0] + off;
	*n = src.piece;

	return 0;
}


/** A session and a message of end 0 from the source, which stops there */
static int send_from(uint32_t len, uint32_t stop, int err)
{
	const struct msrp_msg msg = {.type = "a/b", .source_h = source,
				     .len = len, .arg = &mkit[0]};
	size_t i;

	for (i = 0; i < KIT_BUF; i++)
		mkit[0].bufv[0][i] = (uint8_t)(i * 7 + i / 256);
	src.stop = stop;
	src.err = err;
	src.piece = 700;

	return msrp_send(&out, mkit[0].s, mkit_ms, &msg);
}


/* ------------------------------------------------------------------ */
/* Sources */

/** Nothing of the message has left: the peer hears nothing of it */
static void source_fails_at_once(void)
{
	static const int errv[] = {EIO, NO_POINTER, NO_NUMBER};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(errv); i++) {
		mkit_start(100000, 1);
		CHECK_EQ(send_from(5000, 0, errv[i]), 0);
		CHECK_EQ(mkit[0].n_sent, 1);
		CHECK_EQ(mkit[0].sentv[0].err, EIO);
		CHECK_EQ(mkit[0].sentv[0].len, 0);
		mkit_grab(0);
		CHECK_STR(mkit_text, "");
		CHECK_EQ(mkit_send(0, "next", 4, false), 0);
		mkit_run(100);
		CHECK_EQ(mkit[0].n_sent, 2);
		CHECK_EQ(mkit[0].sentv[1].err, 0);
	}
}


/** Octets have left: "#" tells the peer that there will be no more */
static void source_fails_later(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(send_from(5000, 1400, EACCES), 0);
	mkit_grab(0);
	mkit_run(1000);
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
	CHECK_EQ(mkit[1].inv[0].res.len, 1400);
	CHECK_EQ(mkit[1].inv[0].res.total, 5000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EIO);
	CHECK_EQ(mkit[0].failed, 0);
}


/* s7.1.1: its range begins at 1, wherever it stands */
static void empty_chunk(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(send_from(5000, 1400, EAGAIN), 0);
	CHECK_EQ(mkit_send(0, "other", 5, false), 0);
	mkit_run(1000);
	(void)mkit_wire(0);
	msrp_abort(out, mkit_ms);
	mkit_grab(0);
	CHECK(strstr(mkit_text, "Byte-Range: 1-0/5000\r\n"));
	mkit_run(1000);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
	CHECK_EQ(mkit[1].inv[0].res.len, 1400);
	CHECK_EQ(mkit[0].failed + mkit[1].failed, 0);
}


/** A source that waits keeps its chunk open while nobody else wants to send */
static void source_waits(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(send_from(5000, 1400, EAGAIN), 0);
	mkit_run(1000);
	CHECK(!mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].n_in, 1);
	src.stop = 5000;
	msrp_resume(out, mkit_ms);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].progress, 1);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len,
		  mkit[0].bufv[0], 5000);
}


/** And leaves the connection to others, in the middle of a chunk as before
 *  the first octet */
static void source_lets_others_go_on(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		mkit_start(100000, 1);
		CHECK_EQ(send_from(5000, i ? 1400 : 0, EAGAIN), 0);
		CHECK_EQ(mkit_send(0, "other", 5, false), 0);
		mkit_run(1000);
		CHECK_EQ(mkit[0].n_sent, 1);
		CHECK_EQ(mkit[0].sentv[0].total, 5);
		src.stop = 5000;
		msrp_resume(out, mkit_ms);
		mkit_run(1000);
		CHECK_EQ(mkit[0].n_sent, 2);
		CHECK_EQ(mkit[0].sentv[1].err, 0);
		/* each chunk has its response */
		CHECK_EQ(mkit[0].progress, 2 + i);
		CHECK_MEM(mkit[1].inv[!i].buf, mkit[1].inv[!i].res.len,
			  mkit[0].bufv[0], 5000);
	}
}


/* ------------------------------------------------------------------ */
/* Chunks */

/** A chunk has MSRP_CHUNK_MAX octets at most, whatever the source hands out */
static void largest_chunk(void)
{
	const struct msrp_msg msg = {.type = "a/b", .data = mkit[0].bufv[0],
				     .len = MSRP_CHUNK_MAX + 1000,
				     .arg = &mkit[0]};

	mkit_start(2 * MSRP_CHUNK_MAX, 1);
	mkit[1].stream = true;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	mkit_run(KIT_PIPE);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].progress, 2);
	CHECK_EQ(mkit[1].inv[0].res.err, 0);
	CHECK_EQ(mkit[1].inv[0].streamed, MSRP_CHUNK_MAX + 1000);
}


/** Behind relays all chunks but the last one have 2048 octets, also where the
 *  source has other pieces */
static void relayed_chunks(void)
{
	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	CHECK_EQ(send_from(5000, 5000, EIO), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].progress, 3);
	CHECK_MEM(mkit[1].inv[0].buf, mkit[1].inv[0].res.len,
		  mkit[0].bufv[0], 5000);
}


/** Responses that change places: what is confirmed without a hole counts */
static void responses_out_of_order(void)
{
	const char *second;
	char tid[2][17] = {{0}};

	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	CHECK_EQ(send_from(3000, 2048 + 700, EAGAIN), 0);
	src.stop = 3000;
	msrp_resume(out, mkit_ms);
	memcpy(mkit_text, mkit[0].log, mkit[0].log_len);
	memcpy(tid[0], mkit_text + 5, 16);
	second = memchr(mkit_text + 2048, 'M', mkit[0].log_len - 2048);
	while (second && memcmp(second, "MSRP ", 5))
		second = memchr(second + 1, 'M', 600);
	CHECK(second != NULL);
	memcpy(tid[1], second + 5, 16);

	mkit_respond(0, tid[1], 200);
	CHECK_EQ(mkit[0].progress, 1);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_cut();
	CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);
	CHECK_EQ(mkit[0].sentv[0].len, 0);

	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	CHECK_EQ(send_from(3000, 3000, EIO), 0);
	mkit_respond(0, tid[0], 200);
	mkit_respond(0, tid[1], 200);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_EQ(mkit[0].sentv[0].len, 3000);
}


/** A response to a chunk that is still being sent: 200 says nothing, a
 *  refusal stops it */
static void response_comes_early(void)
{
	mkit_start(100000, 1);
	CHECK_EQ(send_from(5000, 1400, EAGAIN), 0);
	mkit_grab(0);
	mkit_respond(0, mkit_text + 5, 200);
	CHECK_EQ(mkit[0].progress, 0);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_respond(0, mkit_text + 5, 413);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EPROTO);
	CHECK_EQ(mkit[0].sentv[0].status, 413);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
}


/** What waits for another connection does not interrupt a chunk */
static void other_connection(void)
{
	const struct msrp_msg msg = {.type = "a/b", .len = 1, .id = "other",
				     .data = (const uint8_t *)"x",
				     .arg = &mkit[0]};
	struct msrp_session *s;
	struct pl pl;

	mkit_start(100000, 1);
	CHECK_EQ(msrp_session_open(&s, &mkit[0].m, KIT_URI_2, NULL), 0);
	pl_set_str(&pl, KIT_URI_3);
	CHECK_EQ(msrp_session_peer(s, &pl, 0), 0);
	CHECK_EQ(msrp_connected(&mkit[0].m, mkit_ms, 1, s), 0);
	CHECK_EQ(msrp_send(NULL, s, mkit_ms, &msg), 0);
	CHECK_EQ(send_from(5000, 5000, EIO), 0);
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].total, 5000);
	CHECK_EQ(mkit[0].progress, 1);
}


/** Sessions on one connection: the messages of the one that is closed end,
 *  those of the other go on */
static void close_one_of_two(void)
{
	struct msrp_msg msg = {.type = "a/b", .len = 9,
			       .data = (const uint8_t *)"the other",
			       .arg = &mkit[0]};
	struct msrp_session *s, *peer;

	mkit_start(100000, 1);
	mkit_second(&s, &peer);
	CHECK_EQ(msrp_conn_sessions(&mkit[0].m, 0), 2);
	mkit[0].out.room = 0;
	CHECK_EQ(msrp_send(NULL, s, mkit_ms, &msg), 0);
	CHECK_EQ(mkit_send(0, "mine", 4, false), 0);
	msrp_session_close(mkit[0].s);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].total, 4);
	CHECK_EQ(mkit[0].sentv[0].err, ECONNRESET);
	mkit[0].out.room = KIT_PIPE;
	mkit_run(1000);
	CHECK(mkit[0].up);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
	CHECK_EQ(mkit[1].n_in, 1);
	CHECK_EQ(mkit[1].inv[0].res.len, 9);
}


/* ------------------------------------------------------------------ */
/* Giving up */

/** A half chunk cannot be closed any more: the cut tells the peer */
static void abort_then_cut(void)
{
	const struct msrp_msg msg = {.type = "a/b", .len = 50000,
				     .data = mkit[0].bufv[0],
				     .arg = &mkit[0]};

	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	mkit[0].out.room = 1000;
	CHECK_EQ(msrp_send(&out, mkit[0].s, mkit_ms, &msg), 0);
	mkit_carry(0, 1000);
	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit_cut();
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	CHECK_EQ(mkit[1].inv[0].res.err, ECONNRESET);
}


/** A chunk of known end is sent to its end first; responses that come
 *  meanwhile count for what was delivered, and are no progress any more */
static void abort_while_answers_come(void)
{
	mkit_start(100000, 1);
	mkit[0].s->relayed = true;
	mkit[0].out.room = 3000;
	CHECK_EQ(send_from(50000, 50000, EIO), 0);
	mkit_carry(0, 2500);
	msrp_abort(out, mkit_ms);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit[0].out.room = mkit[0].out.len;
	mkit_carry(1, 1000);
	CHECK_EQ(mkit[0].progress, 0);
	CHECK_EQ(mkit[0].n_sent, 0);
	mkit[0].out.room = KIT_PIPE;
	mkit_run(1000);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, ECANCELED);
	CHECK_EQ(mkit[0].sentv[0].len, 2048);
	CHECK(mkit[1].inv[0].done);
	CHECK_EQ(mkit[1].inv[0].res.err, ECANCELED);
	CHECK_EQ(mkit[0].progress, 0);
}


/* ------------------------------------------------------------------ */
/* What cannot be sent */

static void arguments(void)
{
	static const char long_id[] = "0123456789abcdef0123456789abcdef0";
	char type[MSRP_TYPE_MAX + 1];
	struct msrp_msg msg = {.type = "a/b", .len = 1, .arg = &mkit[0],
			       .data = (const uint8_t *)"x"};
	struct msrp_msg bad;

	mkit_start(0, 1);
	bad = msg;
	bad.type = NULL;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EINVAL);
	bad.type = "";
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EINVAL);
	bad = msg;
	bad.data = NULL;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EINVAL);
	bad = msg;
	bad.len = MSRP_ANY - 1;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EMSGSIZE);
	memset(type, 'x', sizeof(type));
	type[MSRP_TYPE_MAX] = '\0';
	bad = msg;
	bad.type = type;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EOVERFLOW);
	bad = msg;
	bad.id = long_id;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), EOVERFLOW);
	CHECK_EQ(mkit[0].n_sent, 0);
	CHECK_STR(mkit_wire(0), "");

	/* the longest ones fit; nothing at all needs no octets */
	bad.id = long_id + 1;
	bad.type = type + 1;
	bad.data = NULL;
	bad.len = 0;
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &bad), 0);
	mkit_run(100);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, 0);
	CHECK_STR(mkit[1].inv[0].id, long_id + 1);
	CHECK_STR(mkit[1].inv[0].type, type + 1);
}


/** A header section that does not fit is that message's failure alone */
static void long_disposition(void)
{
	static char disposition[MSRP_TX_MAX];
	const struct msrp_msg msg = {.type = "a/b", .len = 1,
				     .data = (const uint8_t *)"x",
				     .disposition = disposition,
				     .arg = &mkit[0]};

	memset(disposition, 'x', sizeof(disposition) - 1);
	mkit_start(100000, 1);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EOVERFLOW);
	CHECK_STR(mkit_wire(0), "");
	CHECK_EQ(mkit_send(0, "x", 1, false), 0);
	mkit_run(100);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
}


/** No identifier that could be guessed */
static void no_random(void)
{
	const struct msrp_msg msg = {.type = "a/b", .len = 1, .id = "known",
				     .data = (const uint8_t *)"x",
				     .arg = &mkit[0]};

	mkit_start(100000, 1);
	mkit[0].random_err = EIO;
	CHECK_EQ(mkit_send(0, "x", 1, false), EIO);
	CHECK_EQ(mkit[0].n_sent, 0);
	CHECK_EQ(msrp_send(NULL, mkit[0].s, mkit_ms, &msg), 0);
	CHECK_EQ(mkit[0].n_sent, 1);
	CHECK_EQ(mkit[0].sentv[0].err, EIO);
	CHECK_STR(mkit_wire(0), "");
	CHECK_EQ(msrp_nickname(mkit[0].s, "Alice"), 0);
	mkit_pass(0);
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].fail_err, EIO);

	mkit_open(100000, 1);
	mkit[0].up = true;
	mkit[0].random_err = EIO;
	CHECK_EQ(msrp_connected(&mkit[0].m, mkit_ms, 0, mkit[0].s), 0);
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].fail_err, EIO);
	CHECK_STR(mkit_wire(0), "");
}


/* ------------------------------------------------------------------ */
/* From within handlers */

static void send_next(void)
{
	(void)mkit_send(0, "next", 4, false);
}


static void next_from_outcome(void)
{
	mkit_start(100000, 1);
	mkit_within(KIT_SENT, send_next);
	CHECK_EQ(send_from(5000, 0, EIO), 0);
	mkit_run(100);
	CHECK_EQ(mkit[0].n_sent, 2);
	CHECK_EQ(mkit[0].sentv[0].err, EIO);
	CHECK_EQ(mkit[0].sentv[1].err, 0);
	CHECK_EQ(mkit[1].inv[0].res.len, 4);
}


static void close_conn(void)
{
	msrp_close(&mkit[0].m, mkit_ms, 0);
}


static void close_from_outcome(void)
{
	mkit_start(100000, 1);
	mkit[0].out.room = 0;
	CHECK_EQ(mkit_send(0, "first", 5, false), 0);
	CHECK_EQ(send_from(5000, 0, EIO), 0);
	CHECK_EQ(mkit_send(0, "third", 5, false), 0);
	mkit_within(KIT_SENT, close_conn);
	mkit[0].out.room = KIT_PIPE;
	msrp_writable(&mkit[0].m, mkit_ms, 0);
	CHECK(!mkit[0].up);
	CHECK_EQ(mkit[0].failed, 1);
	CHECK_EQ(mkit[0].n_sent, 3);
	CHECK_EQ(mkit[0].sentv[0].err, EIO);
	CHECK_EQ(mkit[0].sentv[1].err, ECONNRESET);
	CHECK_EQ(mkit[0].sentv[2].err, ECONNRESET);
}


static void abort_out(void)
{
	msrp_abort(out, mkit_ms);
}


static void resume_out(void)
{
	msrp_resume(out, mkit_ms);
}


/** The connection ends with a message each way: at the outcome of the one the
 *  other is given up, or its source wakes */
static void abort_from_other_outcome(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		mkit_start(100000, 1);
		CHECK_EQ(send_from(5000, 0, EAGAIN), 0);
		mkit_request(0, "tid1", "SEND", "Message-ID: 1\r\nByte-Range: "
			     "1-9/9\r\nContent-Type: a/b\r\n", "abc", '+');
		mkit_within(KIT_DONE, i ? abort_out : resume_out);
		mkit_cut();
		CHECK(mkit[0].inv[0].done);
		CHECK_EQ(mkit[0].n_sent, 1);
		CHECK_EQ(mkit[0].sentv[0].err, i ? ECANCELED : ECONNRESET);
		CHECK_EQ(mkit[0].failed, 1);
	}
}


const struct test_case suite_msrp_sender[] = {
	{"a source that fails at once", source_fails_at_once},
	{"RFC 4975 s7.1: a source that fails later: #", source_fails_later},
	{"RFC 4975 s7.1.1: the range of a chunk without octets", empty_chunk},
	{"RFC 4975 s7.1.1: a source that waits", source_waits},
	{"RFC 4975 s7.1.1: a source that waits lets others go on",
	 source_lets_others_go_on},
	{"RFC 4975 s7.1.1: the largest chunk", largest_chunk},
	{"RFC 4975 s7.1.1: chunks behind a relay", relayed_chunks},
	{"RFC 4975 s7.2: responses out of order", responses_out_of_order},
	{"RFC 4975 s7.1.1: a response before the end of the chunk",
	 response_comes_early},
	{"RFC 4975 s7.1.1: another connection does not interrupt",
	 other_connection},
	{"RFC 4975 s5.4: one of two sessions is closed", close_one_of_two},
	{"one is given up in the middle of a chunk, then the cut",
	 abort_then_cut},
	{"one is given up while responses come", abort_while_answers_come},
	{"msrp_send(): arguments", arguments},
	{"a header section that does not fit", long_disposition},
	{"RFC 4975 s7.1: no random octets, no identifier", no_random},
	{"the next message from within an outcome", next_from_outcome},
	{"the connection is closed from within an outcome",
	 close_from_outcome},
	{"a message is given up from within another's outcome",
	 abort_from_other_outcome},
	{NULL, NULL}
};
