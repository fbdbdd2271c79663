/**
 * @file test_msrp_hostile.c  A peer that misbehaves harms its own session
 *                            alone
 *
 * One endpoint has two sessions: the peer of session 0 is hostile octets of
 * this file on connection 0, the one of session 1 is an endpoint that obeys
 * the rules on connection 1.  Before, during and after each attack messages go
 * both ways there, and what the attack holds of the endpoint's tables is
 * bounded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "msrp/msrp.h"
#include "test/unit/test.h"

#define SELF   "msrp://192.0.2.1:2855/victim0123456789ab;tcp"
#define SELF_1 "msrp://192.0.2.1:2855/second0123456789ab;tcp"
#define FOE    "msrp://192.0.2.6:2855/foe0123456789abcde;tcp"
#define FRIEND "msrp://192.0.2.2:2855/friend0123456789ab;tcp"

enum { PIPE = 20000, MAX_SIZE = 30000, TALK = 5000 };

/** One way of a connection */
struct pipe {
	size_t len;
	size_t room;
	uint8_t buf[PIPE];
};

/** An endpoint; pipev[i]: what it sends on connection i */
struct side {
	struct msrp m;
	uint32_t canary;
	struct pipe pipev[MSRP_CONNS];
	bool closedv[MSRP_CONNS];
	unsigned good_in, bad_in, good_out, bad_out, failed;
	struct msrp_result last_in, last_out;
	uint8_t sink[MSRP_IN][MAX_SIZE];
	unsigned sinks;
};

static struct side me, friend;
static struct msrp_session *foe, *mine, *theirs;
static uint8_t talk[TALK], big[MAX_SIZE];
static uint64_t now;


static size_t send_h(unsigned conn, const struct msrp_iov *v, unsigned n,
		     void *arg)
{
	struct side *e = arg;
	struct pipe *p = &e->pipev[conn];
	size_t took = 0;
	unsigned i;

	for (i = 0; i < n; i++) {

		const size_t left = p->room - p->len;
		const size_t k = v[i].n < left ? v[i].n : left;

		memcpy(p->buf + p->len, v[i].p, k);
		p->len += k;
		took += k;
	}

	return took;
}


static void close_h(unsigned conn, void *arg)
{
	struct side *e = arg;

	e->closedv[conn] = true;
}


static int random_h(void *buf, size_t n, void *arg)
{
	static uint32_t x = 1;
	uint8_t *p = buf;

	(void)arg;
	while (n--) {
		x = x * 1103515245 + 12345;
		*p++ = (uint8_t)(x >> 16);
	}

	return 0;
}


static void bound_h(struct msrp_session *s, void *arg)
{
	(void)s;
	(void)arg;
}


static void failed_h(struct msrp_session *s, int err, uint16_t status,
		     void *arg)
{
	struct side *e = arg;

	(void)s;
	(void)err;
	(void)status;
	++e->failed;
}


static uint16_t open_h(struct msrp_session *s, const struct msrp_info *info,
		       struct msrp_sink *sink, void *arg)
{
	struct side *e = arg;

	(void)s;
	(void)info;
	sink->buf  = e->sink[e->sinks++ % MSRP_IN];
	sink->size = MAX_SIZE;
	sink->arg  = e;

	return 200;
}


static void done_h(struct msrp_session *s, const struct msrp_result *r,
		   void *arg)
{
	struct side *e = arg;

	(void)s;
	e->last_in = *r;
	if (r->err)
		++e->bad_in;
	else
		++e->good_in;
}


static void sent_h(struct msrp_session *s, const char *id,
		   const struct msrp_result *r, void *arg)
{
	struct side *e = arg;

	(void)s;
	(void)id;
	e->last_out = *r;
	if (r->err)
		++e->bad_out;
	else
		++e->good_out;
}


static const struct msrp_handlers handlers = {
	.send_h = send_h, .close_h = close_h, .random_h = random_h,
	.bound_h = bound_h, .failed_h = failed_h, .open_h = open_h,
	.done_h = done_h, .sent_h = sent_h
};


/** Carry what lies in a pipe to the other side */
static void carry(struct side *from, unsigned conn, struct side *to,
		  unsigned at)
{
	struct pipe *p = &from->pipev[conn];
	size_t used = 0;

	(void)msrp_recv(&to->m, now, at, p->buf, p->len, &used);
	memmove(p->buf, p->buf + used, p->len - used);
	p->len -= used;
	msrp_writable(&from->m, now, conn);
}


/** The session with the friend: a message each way, whole */
static void all_is_well(void)
{
	const struct msrp_msg msg = {.type = "text/plain", .data = talk,
				     .len = TALK, .success = true};
	const unsigned in = me.good_in, out = me.good_out;
	struct msrp_msg one = msg, other = msg;
	unsigned i;

	one.arg = &me;
	other.arg = &friend;
	friend.good_in = friend.good_out = 0;
	CHECK_EQ(msrp_send(NULL, mine, now, &one), 0);
	CHECK_EQ(msrp_send(NULL, theirs, now, &other), 0);
	for (i = 0; i < 8; i++) {
		carry(&me, 1, &friend, 0);
		carry(&friend, 0, &me, 1);
	}
	CHECK_EQ(me.good_in, in + 1);
	CHECK_EQ(me.good_out, out + 1);
	CHECK_EQ(friend.good_in, 1);
	CHECK_EQ(friend.good_out, 1);
	CHECK_EQ(me.canary, 0xcafe);
	CHECK(msrp_session_conn(mine) == 1);
}


static void pass(uint64_t ms)
{
	uint32_t wait;

	now += ms;
	msrp_poll(&me.m, now, &wait);
	msrp_poll(&friend.m, now, &wait);
}


/** Octets of the hostile peer; false: its connection has been closed */
static bool attack(const char *text)
{
	size_t n = strlen(text), used;

	if (me.closedv[0])
		return false;
	(void)msrp_recv(&me.m, now, 0, (const uint8_t *)text, n, &used);

	return !me.closedv[0];
}


/** A request of the hostile peer up to its body */
static bool request(const char *tid, const char *id, const char *range)
{
	char s[512];

	snprintf(s, sizeof(s), "MSRP %s SEND\r\nTo-Path: " SELF
		 "\r\nFrom-Path: " FOE "\r\nMessage-ID: %s\r\nByte-Range: %s"
		 "\r\nContent-Type: text/plain\r\n\r\n", tid, id, range);

	return attack(s);
}


/** Did we answer that?  What was sent to it is forgotten */
static bool answered(const char *what)
{
	struct pipe *p = &me.pipev[0];
	bool found;

	p->buf[p->len < PIPE ? p->len : PIPE - 1] = '\0';
	found = strstr((char *)p->buf, what) != NULL;
	p->len = 0;

	return found;
}


/** Its messages in our table */
static unsigned held(void)
{
	unsigned i, n = 0;

	for (i = 0; i < MSRP_IN; i++)
		n += me.m.inv[i].s == foe;

	return n;
}


static void session(struct msrp_session **sp, struct side *e,
		    const char *self, const char *peer)
{
	struct pl pl;

	CHECK_EQ(msrp_session_open(sp, &e->m, self, NULL), 0);
	pl_set_str(&pl, peer);
	CHECK_EQ(msrp_session_peer(*sp, &pl, MAX_SIZE), 0);
}


static void start(void)
{
	unsigned i;

	memset(&me, 0, sizeof(me));
	memset(&friend, 0, sizeof(friend));
	me.canary = 0xcafe;
	now = 1000;
	for (i = 0; i < sizeof(talk); i++)
		talk[i] = (uint8_t)(i * 3);
	for (i = 0; i < MSRP_CONNS; i++)
		me.pipev[i].room = friend.pipev[i].room = PIPE;
	msrp_init(&me.m, &handlers, &me, MAX_SIZE);
	msrp_init(&friend.m, &handlers, &friend, MAX_SIZE);
	session(&foe, &me, SELF, FOE);
	session(&mine, &me, SELF_1, FRIEND);
	session(&theirs, &friend, FRIEND, SELF_1);

	CHECK_EQ(msrp_accepted(&me.m, now, 0), 0);
	CHECK(attack("MSRP bind SEND\r\nTo-Path: " SELF "\r\nFrom-Path: " FOE
		     "\r\nMessage-ID: 1\r\n-------bind$\r\n"));
	CHECK(answered("MSRP bind 200"));
	CHECK_EQ(msrp_session_conn(foe), 0);

	CHECK_EQ(msrp_accepted(&friend.m, now, 0), 0);
	CHECK_EQ(msrp_connected(&me.m, now, 1, mine), 0);
	carry(&me, 1, &friend, 0);
	carry(&friend, 0, &me, 1);
	all_is_well();
}


/* ------------------------------------------------------------------ */


/** One octet now and then: no more than it takes is kept for it */
static void slow_reader(void)
{
	const struct msrp_msg msg = {.type = "text/plain", .data = big,
				     .len = MAX_SIZE, .arg = &me};
	unsigned i, n = 0;

	start();
	me.pipev[0].room = 1;
	while (!msrp_send(NULL, foe, now, &msg))
		++n;
	CHECK_EQ(n, MSRP_OUT - 1);
	for (i = 0; i < 50; i++) {
		me.pipev[0].len = 0;
		msrp_writable(&me.m, now, 0);
		pass(1000);
		if (!(i % 10))
			all_is_well();
	}
	CHECK(!me.closedv[0]);

	/* and nothing for 30 seconds */
	pass(MSRP_T_MS);
	CHECK(me.closedv[0]);
	CHECK_EQ(me.bad_out, n);
	CHECK_EQ(me.last_out.len, 0);
	all_is_well();
}


/** Half a head, half a message: then nothing any more */
static void stalled_writer(void)
{
	start();
	CHECK(request("stall", "half", "1-*/100"));
	CHECK(attack("fifty octets"));
	all_is_well();
	CHECK_EQ(held(), 1);
	pass(MSRP_IDLE_MS);
	CHECK_EQ(held(), 0);
	CHECK_EQ(me.last_in.err, ETIMEDOUT);
	CHECK_EQ(me.last_in.len, 12);
	all_is_well();
	CHECK(attack("the rest\r\n-------stall$\r\nMSRP next SE"));
	pass(MSRP_IDLE_MS);
	all_is_well();
	CHECK_EQ(me.bad_in, 1);
}


/** Requests without any response */
static void never_answers(void)
{
	const struct msrp_msg msg = {.type = "text/plain", .data = talk,
				     .len = TALK, .arg = &me};

	start();
	CHECK_EQ(msrp_send(NULL, foe, now, &msg), 0);
	me.pipev[0].len = 0;
	all_is_well();
	pass(MSRP_T_MS - 1);
	CHECK_EQ(me.bad_out, 0);
	pass(1);
	CHECK_EQ(me.bad_out, 1);
	CHECK_EQ(me.last_out.err, ETIMEDOUT);
	CHECK_EQ(me.last_out.len, 0);
	all_is_well();
}


/** Octets far behind all that there can be; octets before the first one */
static void ranges(void)
{
	static const struct {
		const char *range, *status;
	} v[] = {
		{"2147483648-2147483657/4294967295", " 413 "},
		{"1-10/4294967295", " 413 "},
		{"4294967295-4294967300/*", " 413 "},
		{"99999999999999999999-*/*", " 413 "},
		{"30001-30010/*", " 413 "},
		{"0-5/10", " 400 "},
		{"-5-10/20", " 400 "},
		{"10-5/20", " 400 "},
		{"1--10/20", " 400 "},
		{"1-10", " 400 "},
		{"*-10/20", " 400 "},
	};
	char tid[16], text[64];
	unsigned i;

	start();
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		snprintf(tid, sizeof(tid), "rng%02u", i);
		snprintf(text, sizeof(text), "0123456789\r\n-------%s$\r\n",
			 tid);
		CHECK(request(tid, tid, v[i].range));
		CHECK(attack(text));
		CHECK(answered(v[i].status));
		CHECK_EQ(held(), 0);
		all_is_well();
	}
}


/** Every second octet, each message anew: what that holds is bounded, and
 *  there is room for the friend's messages all the time */
static void overlapping(void)
{
	char tid[16], range[32], text[64], id[8];
	unsigned i, k;

	start();
	for (i = 0; i < 40; i++) {
		for (k = 0; k < 6; k++) {
			snprintf(tid, sizeof(tid), "o%02u%02u", i, k);
			snprintf(id, sizeof(id), "id%02u", k);
			snprintf(range, sizeof(range), "%u-%u/1000",
				 1 + 2 * i * (k % 2), 5 + 2 * i);
			snprintf(text, sizeof(text), "abcde\r\n-------%s+\r\n",
				 tid);
			CHECK(request(tid, id, range));
			CHECK(attack(text));
			me.pipev[0].len = 0;
			CHECK(held() < MSRP_IN);
		}
		if (!(i % 8))
			all_is_well();
	}
	CHECK(held() > 0);
	pass(MSRP_IDLE_MS);
	CHECK_EQ(held(), 0);
	all_is_well();
}


/** A head without end: as one line, as many lines, as lines that repeat */
static void header_bombs(void)
{
	static const char *const bombv[] = {
		"To-Path: msrp://a/b;tcp msrp://a/b;tcp ", "X: y\r\n",
		"Message-ID: 1\r\n", "\r", "-------", ": : :\r\n"
	};
	unsigned i, k;

	for (i = 0; i < ARRAY_SIZE(bombv); i++) {
		start();
		CHECK(attack("MSRP bomb SEND\r\n"));
		for (k = 0; k < 2 * MSRP_HEAD_MAX && attack(bombv[i]); k++)
			;
		CHECK(me.closedv[0]);
		CHECK(k <= MSRP_HEAD_MAX / strlen(bombv[i]));
		CHECK_EQ(me.failed, 1);
		all_is_well();
	}
}


/** An end-line of another chunk, none at all, one without its flag: all of
 *  it is body, up to what may be received */
static void wrong_end_lines(void)
{
	static const char *const endv[] = {
		"\r\n-------other$\r\n", "\r\n-------wron$\r\n",
		"\r\n-------wrong?\r\n", "\r\n-------wrong$$", "\r\n------",
		"\r\n-------wrong$\n", "x-------wrong$\r\n", "\r\n-------wrong"
	};
	unsigned i, k;

	for (i = 0; i < ARRAY_SIZE(endv); i++) {
		start();
		CHECK(request("wrong", "endless", "1-*/*"));
		for (k = 0; k * strlen(endv[i]) < 2 * MAX_SIZE; k++) {
			CHECK(attack(endv[i]));
			if (k == 100)
				all_is_well();
		}
		CHECK(answered(" 413 "));
		CHECK_EQ(held(), 0);
		CHECK_EQ(me.bad_in, 1);
		all_is_well();
		/* the right one ends it after all */
		CHECK(attack("\r\n-------wrong$\r\n"));
		CHECK(attack("MSRP nick SEND\r\nTo-Path: " SELF
			     "\r\nFrom-Path: " FOE "\r\nMessage-ID: 9\r\n"
			     "-------nick$\r\n"));
		CHECK(answered("MSRP nick 200"));
	}
}


/** RFC 4975 s7.1 forbids it: the end-line in the body ends the chunk, and
 *  what follows is no MSRP */
static void own_end_line(void)
{
	start();
	CHECK(request("own0", "own", "1-40/40"));
	CHECK(attack("ten octets\r\n-------own0+\r\n"));
	CHECK(answered("MSRP own0 200"));
	CHECK(!attack("not the body any more\r\n-------own0$\r\n"));
	CHECK_EQ(me.last_in.err, ECONNRESET);
	CHECK_EQ(me.last_in.len, 10);
	CHECK_EQ(me.failed, 1);
	CHECK_EQ(held(), 0);
	all_is_well();
}


/** Octets of the connection are lost at any place: both applications know
 *  what has arrived */
static void loss(void)
{
	const struct msrp_msg msg = {.type = "text/plain", .data = talk,
				     .len = TALK, .arg = &me};
	size_t cut, n = 1, used;
	uint32_t got;

	for (cut = 0; cut < n; cut += cut < 300 ? 1 : 37) {
		start();
		memset(friend.sink, 0xee, sizeof(friend.sink));
		friend.good_in = friend.bad_in = 0;
		CHECK_EQ(msrp_send(NULL, mine, now, &msg), 0);
		n = me.pipev[1].len;
		(void)msrp_recv(&friend.m, now, 0, me.pipev[1].buf, cut,
				&used);
		CHECK_EQ(used, cut);
		msrp_lost(&friend.m, now, 0, ECONNRESET);
		msrp_lost(&me.m, now, 1, ECONNRESET);

		CHECK_EQ(me.bad_out, 1);
		CHECK_EQ(me.last_out.len, 0);
		got = friend.bad_in ? friend.last_in.len : 0;
		CHECK(friend.bad_in || cut < 400);
		CHECK_EQ(friend.good_in, 0);
		used = (friend.sinks - 1) % MSRP_IN;
		CHECK(!friend.bad_in || !memcmp(friend.sink[used], talk,
						got));
		CHECK(!friend.bad_in || friend.sink[used][got] == 0xee);
		CHECK_EQ(msrp_session_conn(foe), 0);
	}
	CHECK(n > TALK);
}


const struct test_case suite_msrp_hostile[] = {
	{"a peer that reads an octet a second", slow_reader},
	{"RFC 4975 s7.3.1: a peer that stops writing", stalled_writer},
	{"RFC 4975 s7.1.1: a peer that never answers", never_answers},
	{"RFC 4975 s10.5, s10.2: ranges of 2^31 octets, negative ranges",
	 ranges},
	{"RFC 4975 s7.3.1: overlapping ranges, holes, open messages",
	 overlapping},
	{"header sections without end", header_bombs},
	{"RFC 4975 s7.1: end-lines that are none", wrong_end_lines},
	{"RFC 4975 s7.1: its own end-line in the body", own_end_line},
	{"a connection is lost at any octet of a message", loss},
	{NULL, NULL}
};
