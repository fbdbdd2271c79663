/**
 * @file test_msrp_frame.c  MSRP frames: RFC 4975 s7.1, s7.2, s9 and all its
 *                          examples, cut at every octet
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/rfc4975.h"
#include "msrp/frame.h"
#include "msrp/uri.h"
#include "test/unit/test.h"

#define TO   "To-Path: msrp://b:1/bob;tcp\r\n"
#define FROM "From-Path: msrp://a:1/alice;tcp\r\n"
#define MID  "Message-ID: 8765\r\n"
#define TYPE "Content-Type: text/plain\r\n"

/** What a stream held, as text: the result that any split must give */
struct record {
	char text[4096];
	size_t len;
	unsigned heads, ends;
	size_t body;
	int err;
};

static struct msrp_parser ps;
static struct msrp_head head;


static void add(struct record *r, const char *fmt, const void *p, size_t n)
{
	const size_t room = sizeof(r->text) - r->len;
	int k = snprintf(r->text + r->len, room, fmt, (int)n,
			 p ? (const char *)p : "");

	if (k > 0 && (size_t)k < room)
		r->len += (size_t)k;
}


static void record_head(struct record *r)
{
	unsigned i;

	r->heads++;
	add(r, "HEAD[%.*s]", head.tid.p, head.tid.l);
	add(r, "[%.*s]", head.name.p, head.name.l);
	add(r, "%d%s", head.bad ? " bad " : head.body ? " body " : " ",
	    head.status);
	for (i = 0; i < MSRP_HDR_MAX; i++) {
		if (head.hdrv[i].p)
			add(r, "<%.*s>", head.hdrv[i].p, head.hdrv[i].l);
	}
}


/** Feed one piece to the end of what is in it */
static void feed(struct record *r, const uint8_t *p, size_t n)
{
	struct msrp_found f;
	size_t used;

	while (!r->err) {

		r->err = msrp_parser_feed(&ps, &f, &head, p, n, &used);
		p += used;
		n -= used;
		if (r->err)
			break;

		if (f.step == MSRP_STEP_HEAD)
			record_head(r);
		else if (f.step == MSRP_STEP_DATA) {
			r->body += f.len;
			add(r, "%.*s", f.data, f.len);
		}
		else {
			const char flag = (char)f.flag;

			r->ends++;
			add(r, "END%.*s;", &flag, 1);
		}
	}
	if (r->err == EAGAIN)
		r->err = n ? EPROTO : 0;
}


/** The whole stream in pieces of `step` octets, the first of `cut` */
static void parse(struct record *r, const void *stream, size_t n, size_t cut,
		  size_t step)
{
	/* the head that was found still points into it afterwards */
	static uint8_t piece[4096];
	const uint8_t *p = stream;

	memset(r, 0, sizeof(*r));
	msrp_parser_init(&ps);
	while (n && !r->err) {

		const size_t k = cut < n ? cut : n;
		uint8_t *exact = piece + sizeof(piece) - k;

		/* a copy that ends where the memory ends */
		memcpy(exact, p, k);
		feed(r, exact, k);
		p += k;
		n -= k;
		cut = step;
	}
}


static void parse_str(struct record *r, const char *s)
{
	parse(r, s, strlen(s), 4096, 4096);
}


/* ------------------------------------------------------------------ */

static void vectors(void)
{
	struct record r;
	char first[64], flag[8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rfc4975v); i++) {

		parse(&r, rfc4975v[i].data, rfc4975v[i].len, 4096, 4096);
		CHECK_EQ(r.err, 0);
		CHECK_EQ(r.heads, 1);
		CHECK_EQ(r.ends, 1);
		CHECK_EQ(r.body, rfc4975v[i].body_len);

		snprintf(flag, sizeof(flag), "END%c;", rfc4975v[i].flag);
		CHECK(strstr(r.text, flag));

		/* the start line, and the range as printed */
		snprintf(first, sizeof(first), "%.*s",
			 (int)strlen(rfc4975v[i].first_line),
			 (const char *)rfc4975v[i].data);
		CHECK_STR(first, rfc4975v[i].first_line);
		if (rfc4975v[i].byte_range[0]) {
			snprintf(first, sizeof(first), "<%s>",
				 rfc4975v[i].byte_range);
			CHECK(strstr(r.text, first));
		}

		/* two excerpts are printed without their paths */
		CHECK_EQ(head.bad, head.hdrv[MSRP_TO_PATH].p == NULL);
		CHECK_EQ(!strcmp(rfc4975v[i].file, "msg03.msrp") ||
			 !strcmp(rfc4975v[i].file, "msg04.msrp"), head.bad);
	}
}


/** All examples one after the other: each cut gives the same result */
/* RFC 4975 s5.1 */
static void every_cut(void)
{
	static uint8_t all[8192];
	static struct record whole, r;
	size_t n = 0, cut, i;

	for (i = 0; i < ARRAY_SIZE(rfc4975v); i++) {
		memcpy(all + n, rfc4975v[i].data, rfc4975v[i].len);
		n += rfc4975v[i].len;
	}
	CHECK(n < sizeof(whole.text));
	parse(&whole, all, n, 4096, 4096);
	CHECK_EQ(whole.err, 0);
	CHECK_EQ(whole.ends, ARRAY_SIZE(rfc4975v));

	for (cut = 1; cut < n; cut++) {
		parse(&r, all, n, cut, 4096);
		CHECK_EQ(r.err, 0);
		CHECK_MEM(r.text, r.len, whole.text, whole.len);
	}
	for (cut = 1; cut < 200; cut++) {
		parse(&r, all, n, cut, cut);
		CHECK_EQ(r.err, 0);
		CHECK_MEM(r.text, r.len, whole.text, whole.len);
	}
}


/** Bodies made of parts of end-lines, cut everywhere, in any step */
static void near_end_lines(void)
{
	static const char *const bodyv[] = {
		"", "\r", "\n", "\r\n", "\r\r\n\n", "-", "\r\n-------",
		"\r\n-------tid0", "\r\n-------tid0$\r",
		"\r\n-------tid0$\r\r\n", "\r\n-------tid0*\r\n",
		"\r\n--------tid0$\r\n", "\r\n-------tid1$\r\n",
		"\r\n------tid0$\r\n", "\r\n-------tid0+x\r\n",
		"\r\r\n-------tid0\r\n-------tid0#\r", "\r\n-------tid0$-\r\n",
		"\r\n-\r\n--\r\n---\r\n----\r\n-----\r\n------\r\n-------",
		"--", "-------", "-------tid", "-------tid0", "-------tid0$\r",
		"-------tid0$\r\r\n-------tid0"
	};
	static char s[1024], want[1024];
	static struct record r;
	size_t i, cut;

	for (i = 0; i < ARRAY_SIZE(bodyv); i++) {

		const int n = snprintf(s, sizeof(s), "MSRP tid0 SEND\r\n" TO FROM
				       MID TYPE "\r\n%s\r\n-------tid0+\r\n",
				       bodyv[i]);

		parse(&r, s, (size_t)n, 4096, 4096);
		CHECK_EQ(r.err, 0);
		CHECK_EQ(r.body, strlen(bodyv[i]));
		snprintf(want, sizeof(want), "<text/plain>%sEND+;", bodyv[i]);
		CHECK(strstr(r.text, want));

		for (cut = 1; cut < (size_t)n; cut++) {
			parse(&r, s, (size_t)n, cut, 4096);
			CHECK_EQ(r.err, 0);
			CHECK(strstr(r.text, want));
			parse(&r, s, (size_t)n, cut, cut);
			CHECK_EQ(r.err, 0);
			CHECK(strstr(r.text, want));
		}
	}
}


/* An end-line behind the empty line: there is no body, and 400 is earned
   only where no Content-Type announced one */
static void end_behind_empty_line(void)
{
	struct record r;

	parse_str(&r, "MSRP tid0 SEND\r\n" TO FROM MID TYPE
		  "\r\n-------tid0$\r\n");
	CHECK_EQ(r.ends, 1);
	CHECK_EQ(r.body, 0);
	CHECK(!head.bad);
	parse_str(&r, "MSRP tid0 SEND\r\n" TO FROM MID "\r\n-------tid0$\r\n");
	CHECK_EQ(r.ends, 1);
	CHECK(head.bad);
}


/** Is a request with these header lines well formed? */
static bool sound(const char *method, const char *hdrs, bool body)
{
	struct record r;
	char s[1024];

	snprintf(s, sizeof(s), "MSRP tid0 %s\r\n%s%s-------tid0$\r\n", method,
		 hdrs, body ? "\r\nhello\r\n" : "");
	parse_str(&r, s);

	return !r.err && r.ends == 1 && !head.bad;
}


static void content_type_rules(void)
{
	CHECK(sound("SEND", TO FROM MID, false));
	CHECK(sound("SEND", TO FROM MID TYPE, true));
	CHECK(!sound("SEND", TO FROM MID TYPE, false));
	CHECK(!sound("SEND", TO FROM MID, true));
}


static void required_fields(void)
{
	CHECK(!sound("SEND", FROM MID, false));
	CHECK(!sound("SEND", TO MID, false));
	CHECK(!sound("SEND", TO FROM, false));
	CHECK(sound("REPORT", TO FROM MID "Status: 000 200 OK\r\n", false));
	CHECK(!sound("REPORT", TO FROM MID, false));
	CHECK(!sound("REPORT", TO FROM "Status: 000 200 OK\r\n", false));
	CHECK(!sound("REPORT", TO FROM MID "Status: 000 200 OK\r\n"
		     "Success-Report: yes\r\n", false));
	CHECK(!sound("REPORT", TO FROM MID "Status: 000 200 OK\r\n"
		     "Failure-Report: no\r\n", false));
	CHECK(!sound("SEND", TO TO FROM MID, false));
	CHECK(!sound("SEND", TO FROM MID MID, false));
	CHECK(sound("AUTH", TO FROM, false));
	CHECK(sound("WHATEVER", TO FROM, false));
}


static void reports(void)
{
	CHECK(sound("SEND", TO FROM MID "Success-Report: yes\r\n"
		    "Failure-Report: partial\r\n", false));
	CHECK(sound("SEND", TO FROM MID "Failure-Report: NO\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "Success-Report: partial\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "Failure-Report: maybe\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "Failure-Report:\r\n", false));
}


/* RFC 4975 s12 */
static void leniency(void)
{
	/* TS 24.247 annex A.5 prints no blank, lower case and quotes */
	CHECK(sound("SEND", "To-path:msrp://b:1/bob;tcp\r\n"
		    "From-path:msrp://a:1/alice;tcp\r\nmessage-id:10568\r\n"
		    "Byte-Range: 1-89/89\r\nContent-Type: \"text/plain\"\r\n",
		    true));
	CHECK(sound("SEND", TO FROM MID "X-Unknown: a b c\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "no colon here\r\n", false));
	CHECK(!sound("SEND", TO FROM MID ": no name\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "Content-Type: a\001\r\n", true));
	CHECK(!sound("SEND", TO FROM "Message-ID: 8765\n", false));
	CHECK(!sound("SEND", TO FROM MID "\n", false));
	CHECK(!sound("SEND", TO FROM MID "x\n", false));
	/* blanks around a value are none of it */
	CHECK(sound("SEND", TO FROM "Message-ID:   8765  \r\n", false));
	CHECK_EQ(pl_strcmp(&head.hdrv[MSRP_MESSAGE_ID], "8765"), 0);
	/* as long as the end-line, and none */
	CHECK(sound("SEND", TO FROM MID "X: 123456789\r\n", false));
	CHECK(!sound("SEND", TO FROM MID "-------tid0$ \n", false));
	CHECK(!sound("SEND", TO FROM MID "-------tid0!\r\n", false));
}


/* other stacks make longer and shorter ones than the grammar has */
static void message_ids(void)
{
	CHECK(sound("SEND", TO FROM "Message-ID: a\r\n", false));
	CHECK(sound("SEND", TO FROM "Message-ID: 0123456789abcdef"
		    "0123456789abcdef\r\n", false));
	CHECK(!sound("SEND", TO FROM "Message-ID: 0123456789abcdef"
		     "0123456789abcdef0\r\n", false));
	CHECK(!sound("SEND", TO FROM "Message-ID: \r\n", false));
	CHECK(!sound("SEND", TO FROM "Message-ID: 87 65\r\n", false));
	CHECK(!sound("SEND", TO FROM "Message-ID: 8765\177\r\n", false));
}


static bool range(struct msrp_range *v, const char *value)
{
	char s[256];

	snprintf(s, sizeof(s), TO FROM MID "Byte-Range: %s\r\n", value);
	if (!sound("SEND", s, false))
		return false;
	*v = head.range;

	return head.ranged;
}


static void ranges(void)
{
	static const char *const badv[] = {
		"0-1/1", "1-2", "-1-2/2", "1--5/5", "a-b/c", "5-3/10", "*-1/1",
		"1-2/", "1-/2", "1-2/2x", "", "1-2/2 3", "1/2", " ", "1",
		"1-", "1-2x3", "1-*"
	};
	struct msrp_range v;
	size_t i;

	CHECK(range(&v, "1-25/25"));
	CHECK_EQ(v.start, 1);
	CHECK_EQ(v.end, 25);
	CHECK_EQ(v.total, 25);
	CHECK(range(&v, "5-*/*"));
	CHECK_EQ(v.start, 5);
	CHECK(v.end == MSRP_ANY && v.total == MSRP_ANY);
	CHECK(range(&v, "1-0/0"));
	CHECK_EQ(v.end, 0);
	CHECK(range(&v, "4294967294-4294967295/99999999999999999999"));
	CHECK(v.start == MSRP_ANY - 1 && v.end == MSRP_ANY - 1);
	CHECK(v.total == MSRP_ANY - 1);
	CHECK(range(&v, "429496729-4294967293/4294967294"));
	CHECK_EQ(v.end, 4294967293u);
	CHECK_EQ(v.total, 4294967294u);

	for (i = 0; i < ARRAY_SIZE(badv); i++) {
		if (range(&v, badv[i]))
			CHECK_STR("accepted", badv[i]);
	}
}


static void status(void)
{
	CHECK(sound("REPORT", TO FROM MID "Status: 000 413 no\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 413);
	CHECK(sound("REPORT", TO FROM MID "Status: 000 200\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 200);
	CHECK(sound("REPORT", TO FROM MID "Status: 001 200 OK\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	CHECK(sound("REPORT", TO FROM MID "Status: 000 2000\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	CHECK(sound("REPORT", TO FROM MID "Status: 000\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	CHECK(sound("REPORT", TO FROM MID "Status: 000 x00\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	CHECK(sound("REPORT", TO FROM MID "Status: 000 2x0\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	CHECK(sound("REPORT", TO FROM MID "Status: 000 20x\r\n", false));
	CHECK_EQ(msrp_head_report(&head), 0);
	/* UTF-8 text with tabs, but no other control characters */
	CHECK(sound("REPORT", TO FROM MID "Status: 000 200 \303\244\tx\r\n",
		    false));
	CHECK(!sound("REPORT", TO FROM MID "Status: 000 200 \177\r\n", false));
	CHECK(!sound("REPORT", TO FROM MID "Status: 000 200 \001\r\n", false));
}


static void responses(void)
{
	struct record r;

	parse_str(&r, "MSRP tid0 200 OK\r\n" TO FROM "-------tid0$\r\n");
	CHECK(!r.err && !head.bad);
	CHECK_EQ(head.method, MSRP_RESPONSE);
	CHECK_EQ(head.status, 200);
	CHECK_EQ(pl_strcmp(&head.name, "OK"), 0);
	parse_str(&r, "MSRP tid0 481\r\n" TO FROM "-------tid0$\r\n");
	CHECK(!r.err && !head.bad);
	CHECK_EQ(head.status, 481);
	CHECK_EQ(head.name.l, 0);
	parse_str(&r, "MSRP tid0 200 OK\r\n" TO FROM TYPE
		  "\r\nx\r\n-------tid0$\r\n");
	CHECK(!r.err && head.bad);
	parse_str(&r, "MSRP tid0 200 O\001K\r\n" TO FROM
		  "-------tid0$\r\n");
	CHECK(!r.err && head.bad);
	parse_str(&r, "MSRP tid0 200 OK\n" TO FROM "-------tid0$\r\n");
	CHECK(!r.err && head.bad);
}


/** A header section on its own */
static void head_alone(void)
{
	static const char *const badv[] = {
		"", "MSRP tid0 SEND", "MSRP\r\n", "MSRP0tid0\r\n",
		"MSRP 01234567\r\n", "MSRP tid0 S\r\n", "MSRP tid0 2x0\r\n"
	};
	static const char good[] = "MSRP tid0 SEND\r\n" TO FROM MID;
	struct msrp_head h;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(badv); i++)
		CHECK_EQ(msrp_head_decode(&h, badv[i], strlen(badv[i]),
					  false), EBADMSG);
	CHECK_EQ(msrp_head_decode(&h, good, sizeof(good) - 1, false), 0);
	CHECK(!h.bad);
	CHECK_EQ(msrp_head_decode(&h, good, sizeof(good) - 2, false),
		 EBADMSG);
}


/** The stream is of no use any more */
static bool dead(const char *s, int want)
{
	struct record r;
	size_t used = 0;
	struct msrp_found f;

	parse_str(&r, s);
	if (r.err != want)
		return false;
	parse(&r, s, strlen(s), 1, 1);

	return r.err == want && msrp_parser_feed(&ps, &f, &head,
		(const uint8_t *)"MSRP", 4, &used) == EBADMSG && used == 4;
}


static void start_lines(void)
{
	static const char *const badv[] = {
		"GET / HTTP/1.1\r\n", "MSRP\r\n", "MSRP tid SEND\r\n",
		"MSRP  tid0 SEND\r\n", "msrp tid0 SEND\r\n",
		"MSRP 012345678901234567890123456789012 SEND\r\n",
		"MSRP -tid0 SEND\r\n", "MSRP ti/d0 SEND\r\n", "\r\n",
		"MSRP tid0\r\n",
		"MSRP tid0 send\r\n\r\n", "MSRP tid0 20\r\n\r\n",
		"MSRP tid0 099 x\r\n\r\n", "MSRP tid0 2000\r\n\r\n",
		"MSRP tid0 SEND \r\n\r\n", "MSRP tid0 \r\n\r\n"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(badv); i++) {
		if (!dead(badv[i], EBADMSG))
			CHECK_STR("accepted", badv[i]);
	}
	CHECK(sound("SEND", TO FROM MID, false));
}


static void header_bomb(void)
{
	static char s[2 * MSRP_HEAD_MAX];
	struct record r;
	const char start[] = "MSRP tid0 SEND\r\nX: ";
	size_t n = sizeof(start) - 1, step;

	memset(s, 'x', sizeof(s));
	memcpy(s, start, n);
	for (step = 1; step < sizeof(s); step += 37) {
		parse(&r, s, sizeof(s), step, step);
		CHECK_EQ(r.err, EOVERFLOW);
	}

	/* one octet less than too much, in any pieces */
	n = MSRP_HEAD_MAX;
	memcpy(s + n - 4, "\r\n\r\n", 4);
	parse(&r, s, n, n, n);
	CHECK_EQ(r.err, 0);
	CHECK_EQ(r.heads, 1);
	parse(&r, s, n, 1, 1);
	CHECK_EQ(r.err, 0);
	CHECK_EQ(r.heads, 1);
	memcpy(s + n - 4, "xx\r\n\r\n", 6);
	parse(&r, s, n + 2, n + 2, n + 2);
	CHECK_EQ(r.err, EOVERFLOW);
	parse(&r, s, n + 2, 1, 1);
	CHECK_EQ(r.err, EOVERFLOW);
}


/* ------------------------------------------------------------------ */

static void set(struct msrp_head *h, enum msrp_hdr id, const char *value)
{
	h->hdrv[id].p = value;
	h->hdrv[id].l = strlen(value);
}


static void write_request(void)
{
	static const char want[] =
		"MSRP tid0 SEND\r\n" TO FROM MID "Success-Report: yes\r\n"
		"Byte-Range: 2049-*/4000\r\n" TYPE "\r\n";
	char buf[512], end[MSRP_END_MAX];
	struct msrp_head h;
	struct msrp_text t;
	size_t n;

	memset(&h, 0, sizeof(h));
	h.method = MSRP_SEND;
	h.tid.p = "tid0";
	h.tid.l = 4;
	h.body = h.ranged = true;
	h.range.start = 2049;
	h.range.end = MSRP_ANY;
	h.range.total = 4000;
	set(&h, MSRP_TO_PATH, "msrp://b:1/bob;tcp");
	set(&h, MSRP_FROM_PATH, "msrp://a:1/alice;tcp");
	set(&h, MSRP_MESSAGE_ID, "8765");
	set(&h, MSRP_SUCCESS_REPORT, "yes");
	set(&h, MSRP_CONTENT_TYPE, "text/plain");

	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_head_write(&t, &h), 0);
	CHECK_MEM(buf, t.len, want, sizeof(want) - 1);

	for (n = 0; n < sizeof(want) - 1; n++) {
		msrp_text_init(&t, buf, n);
		CHECK_EQ(msrp_head_write(&t, &h), EOVERFLOW);
		CHECK(t.len <= n);
	}

	msrp_text_init(&t, end, sizeof(end));
	msrp_end_write(&t, &h.tid, true, MSRP_MORE);
	CHECK_MEM(end, t.len, "\r\n-------tid0+\r\n", 16);
	msrp_text_init(&t, end, sizeof(end));
	msrp_end_write(&t, &h.tid, false, MSRP_COMPLETE);
	CHECK_MEM(end, t.len, "-------tid0$\r\n", 14);
}


static void write_response(void)
{
	static const char want[] = "MSRP tid0 481 No session\r\n" TO FROM;
	struct msrp_head h;
	struct msrp_text t;
	char buf[512];

	memset(&h, 0, sizeof(h));
	h.status = 481;
	set(&h, MSRP_TO_PATH, "msrp://b:1/bob;tcp");
	set(&h, MSRP_FROM_PATH, "msrp://a:1/alice;tcp");
	h.tid.p = "tid0";
	h.tid.l = 4;
	h.name.p = "No session";
	h.name.l = 10;
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_head_write(&t, &h), 0);
	CHECK_MEM(buf, t.len, want, sizeof(want) - 1);

	/* s9: other-method */
	h.method = MSRP_OTHER;
	h.name.p = "VISIT";
	h.name.l = 5;
	msrp_text_init(&t, buf, sizeof(buf));
	CHECK_EQ(msrp_head_write(&t, &h), 0);
	CHECK_MEM(buf, 16, "MSRP tid0 VISIT\r", 16);
}


static void identifiers(void)
{
	static const uint8_t rand[MSRP_RANDOM_LEN] = {0, 1, 0x9a, 0xff, 5, 6,
						      7, 0x80};
	char id[2 * MSRP_RANDOM_LEN + 1];

	msrp_hex(id, rand, MSRP_RANDOM_LEN);
	CHECK_STR(id, "00019aff05060780");
}


/** Where the guard stops is where a plain search finds the end-line */
static void guard(void)
{
	static const char tid[] = "0123456789abcdef";
	static const char *const bodyv[] = {
		"-------0123456789abcdef$", "x-------0123456789abcdef",
		"--------0123456789abcdef", "---------------0123456789abcdef",
		"------0123456789abcdef", "-------0123456789abcdeg",
		"-------0123456789-------0123456789abcdef", "-------0--",
		"-------------0123456789abcde-------0123456789abcdeff", ""
	};
	char pat[64];
	struct msrp_guard g;
	size_t i, cut, k;

	snprintf(pat, sizeof(pat), "-------%s", tid);
	for (i = 0; i < ARRAY_SIZE(bodyv); i++) {

		const char *b = bodyv[i], *hit = strstr(b, pat);
		const size_t n = strlen(b);
		const size_t want = hit ? (size_t)(hit - b) + strlen(pat) - 1
			: n;

		for (cut = 0; cut <= n; cut++) {
			msrp_guard_init(&g, tid);
			k = msrp_guard_pass(&g, (const uint8_t *)b, cut);
			if (k == cut)
				k += msrp_guard_pass(&g, (const uint8_t *)b +
						     cut, n - cut);
			CHECK_EQ(k, want);
		}
	}
}


const struct test_case suite_msrp_frame[] = {
	{"RFC 4975: all its examples", vectors},
	{"RFC 4975: the examples cut at every octet", every_cut},
	{"RFC 4975 s7.1: bodies like end-lines, cut at every octet",
	 near_end_lines},
	{"RFC 4975 s7.1: an end-line behind the empty line",
	 end_behind_empty_line},
	{"RFC 4975 s7.1: Content-Type goes with a body and only there",
	 content_type_rules},
	{"RFC 4975 s9: header fields that must be there, once",
	 required_fields},
	{"RFC 4975 s7.1.1: Success-Report and Failure-Report", reports},
	{"TS 24.247 A.5: missing blanks, other case, unknown fields", leniency},
	{"RFC 4975 s9: Message-ID", message_ids},
	{"RFC 4975 s7.1.1: Byte-Range", ranges},
	{"RFC 4975 s7.1.2: Status", status},
	{"RFC 4975 s7.2: responses", responses},
	{"RFC 4975 s9: a header section on its own", head_alone},
	{"RFC 4975 s9: a start line that is none ends the stream", start_lines},
	{"a header section that is too long ends the stream", header_bomb},
	{"RFC 4975 s7.1: writing a request", write_request},
	{"RFC 4975 s7.2: writing a response", write_response},
	{"RFC 4975 s7.1: identifiers of 64 random bits", identifiers},
	{"RFC 4975 s7.1: the end-line is not sent within a body", guard},
	{NULL, NULL}
};
