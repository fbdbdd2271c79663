/**
 * @file test_multipart.c  Bodies with several parts (RFC 2046 5.1, RFC 5621)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/multipart.h"

static struct sip_msg msg;
static struct sip_part part;
static struct sip_part_iter it;
static char buf[2000];


static bool message(const char *ctype, const char *body)
{
	snprintf(buf, sizeof(buf), "INVITE sip:a@b SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP b;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
		 "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n"
		 "CSeq: 1 INVITE\r\nContent-Type: %s\r\n"
		 "Content-Length: %u\r\n\r\n%s", ctype,
		 (unsigned)strlen(body), body);
	if (sip_msg_parse(&msg, buf, strlen(buf), SIP_FRAMING_DATAGRAM))
		return false;

	sip_part_iter_init(&it, &msg);

	return true;
}


static void parts(void)
{
	CHECK(message("multipart/mixed;boundary=\"a b\"",
		      "preamble\r\n--a b  \r\nContent-Type: application/sdp\r\n"
		      "\r\nv=0\r\n\r\n--a b\r\n"
		      "content-disposition:  recipient-list ; x\r\n"
		      "Content-ID: <one@x>\r\n"
		      "Content-Type: application/resource-lists+xml\r\n\r\n"
		      "--a bc\r\n--a b--\r\nepilogue"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(sip_ctype_is(&part.ctype, "application", "sdp"));
	CHECK_MEM(part.body.p, part.body.l, "v=0\r\n", 5);
	CHECK(part.disposition.p == NULL);
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.disposition, "recipient-list ; x"));
	CHECK(!pl_strcmp(&part.content_id, "one@x"));
	CHECK_MEM(part.body.p, part.body.l, "--a bc", 6);
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);

	CHECK_EQ(sip_part_find(&part, &msg, "APPLICATION", "SDP"), 0);
	CHECK_EQ(sip_part_find(&part, &msg, "text", "plain"), ENOENT);
}


/* RFC 5621 s4.2: nested, and one of several forms of the same */
static void nested(void)
{
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: "
		      "multipart/alternative;boundary=y\r\n\r\n--y\r\n"
		      "Content-Type: text/plain\r\n\r\nno\r\n--y\r\n"
		      "Content-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
		      "--y--\r\n--x\r\nContent-Type: a/b\r\n\r\nc\r\n"
		      "--x--"));
	CHECK_EQ(sip_part_find(&part, &msg, "application", "sdp"), 0);
	CHECK_MEM(part.body.p, part.body.l, "v=0\r\n", 5);
	CHECK_EQ(sip_part_find(&part, &msg, "a", "b"), 0);
	CHECK_MEM(part.body.p, part.body.l, "c", 1);
	CHECK_EQ(sip_part_find(&part, &msg, "a", "c"), ENOENT);

	/* a boundary without a value */
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: "
		      "multipart/mixed;boundary\r\n\r\nccc\r\nddd\r\n--x--"));
	CHECK_EQ(sip_part_find(&part, &msg, "a", "b"), EBADMSG);

	/* what is malformed there has no parts; deeper is not looked for */
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: "
		      "multipart/mixed;boundary=y\r\n\r\n--z\r\n--x\r\n"
		      "Content-Type: a/b\r\n\r\nc\r\n--x--"));
	CHECK_EQ(sip_part_find(&part, &msg, "a", "b"), EBADMSG);
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: "
		      "multipart/mixed;boundary=y\r\n\r\n--y\r\n"
		      "Content-Type: multipart/mixed;boundary=z\r\n\r\n"
		      "--z\r\nContent-Type: a/b\r\n\r\nc\r\n--z--\r\n"
		      "--y--\r\n--x--"));
	CHECK_EQ(sip_part_find(&part, &msg, "a", "b"), ENOENT);
}


/* RFC 822 s3.1.1: fields of parts are folded, too */
static void folded(void)
{
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: "
		      "application/resource-lists+xml\r\n"
		      "Content-Disposition: recipient-list-history;\r\n"
		      "\thandling=optional\r\n\r\n<x/>\r\n"
		      "--x\r\nContent-Type: multipart/alternative;\n"
		      " boundary=\"y\"\r\n\r\n--y\r\nContent-Type:\r\n \r\n"
		      " application/sdp\r\n\r\n v=0\r\n--y--\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.disposition, "recipient-list-history;  \t"
			 "handling=optional"));
	CHECK_MEM(part.body.p, part.body.l, "<x/>", 4);
	CHECK_EQ(sip_part_find(&part, &msg, "application", "sdp"), 0);
	CHECK_MEM(part.body.p, part.body.l, " v=0", 4);

	/* the first line has nothing to go on */
	CHECK(message("multipart/mixed;boundary=x", "--x\r\n "
		      "Content-Type: a/b\r\n\r\nc\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!part.ctype.type.p);
	CHECK(message("multipart/mixed;boundary=x", "--x\r\nContent-Type: a/b"
		      "\r\n \r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), EBADMSG);
}


static void empty_parts(void)
{
	CHECK(message("multipart/mixed;boundary=x", "--x\r\n\r\n--x\r\n"
		      "\r\ny\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK_EQ(part.body.l, 0);
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK_MEM(part.body.p, part.body.l, "y", 1);
	CHECK(part.ctype.type.p == NULL);
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);
}


static void single(void)
{
	CHECK(message("application/sdp", "v=0\r\n"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK_MEM(part.body.p, part.body.l, "v=0\r\n", 5);
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);
	CHECK(message("application/sdp", ""));
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);
}


/* Line ends, blanks and empty values as mail programs write them */
static void forms(void)
{
	CHECK(message("multipart/mixed;boundary=x", "-\r\n--\r\n--y\r\n"
		      "--x\t \r\nContent-Type:\t application/sdp \t\r\n"
		      "Content-ID: plain\r\nContent-Language:\r\n\n"
		      "v=0\r\n--x \t\r\nContent-ID: <\r\n\r\n\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(sip_ctype_is(&part.ctype, "application", "sdp"));
	CHECK(!pl_strcmp(&part.content_id, "plain"));
	CHECK_MEM(part.body.p, part.body.l, "v=0", 3);
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.content_id, "<"));
	CHECK_EQ(part.body.l, 0);
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);

	/* lines that end with LF alone; what is like the boundary is body */
	CHECK(message("multipart/mixed;boundary=x", "--x\r\n"
		      "Content-Language:\nContent-ID: <a>\n\n"
		      "--x-y\r\n--x\ry\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.content_id, "a"));
	CHECK(!pl_strcmp(&part.body, "--x-y\r\n--x\ry"));
	CHECK_EQ(sip_part_next(&part, &it), ENOENT);

	/* RFC 2392 s2: one pair of brackets is not of the identifier */
	CHECK(message("multipart/mixed;boundary=x", "--x\r\n"
		      "Content-ID: <<a>>\r\nContent-Language: de\r\n\r\n"
		      "\r\n--x\r\nContent-ID: <ab\r\n\r\n\r\n--x--"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.content_id, "<a>"));
	CHECK_EQ(sip_part_next(&part, &it), 0);
	CHECK(!pl_strcmp(&part.content_id, "<ab"));
}


static void malformed(void)
{
	static const char *const badv[][2] = {
		{"multipart/mixed", "--x\r\n\r\n--x--"},
		{"multipart/mixed;boundary=\"\"", "--\r\n\r\n----"},
		{"multipart/mixed;boundary=x", "nothing"},
		{"multipart/mixed;boundary=x", "--x--\r\n"},
		{"multipart/mixed;boundary=x", "--x\r\n\r\nopen"},
		{"multipart/mixed;boundary=x", "--x\r\nno colon\r\n\r\n--x--"},
		{"multipart/mixed;boundary=x", "--x\r\nA: b\r\n--x--"},
		{"multipart/mixed;boundary=x", "--x\r\nA\n\r\n--x--"},
		{"multipart/mixed;boundary=x",
		 "--x\r\nContent-Type: ?\r\n\r\n--x--"},
		{"multipart/mixed;boundary=x", "--x\n\r\n--x--"},
		{"multipart/mixed;boundary=x", "--x"},
		{"multipart/mixed;boundary=x", "--x\r"},
		{"multipart/mixed;boundary=x", "--x-"},
		{"multipart/mixed;boundary=x", "--x \t"},
		{"multipart/mixed;boundary=x", "--x\r\n"},
		{"multipart/mixed;boundary=x", "--x\r\nA"},
		{"multipart/mixed;boundary=x", "--x\r\nA: b"},
		{"multipart/mixed;boundary=x", "--x\r\nA: b\r\n"},
		{"multipart/mixed;boundary=x", "-y\r\n\r\n--y--\r\n- -x"},
		{"multipart/mixed;boundary="
		 "0123456789012345678901234567890123456789"
		 "0123456789012345678901234567890", "--x\r\n\r\n--x--"}
	};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		CHECK(message(badv[i][0], badv[i][1]));
		CHECK_EQ(sip_part_next(&part, &it), EBADMSG);
	}
}


const struct test_case suite_multipart[] = {
	{"RFC 2046 s5.1.1: parts, preamble, epilogue", parts},
	{"RFC 5621 s4.2: nested parts", nested},
	{"RFC 822 s3.1.1: folded fields of parts", folded},
	{"RFC 2046 s5.1.1: parts without header or body", empty_parts},
	{"a body that is not multipart is the only part", single},
	{"RFC 2046 s5.1.1: blanks and line ends", forms},
	{"RFC 2046 s5.1.1: malformed", malformed},
	{NULL, NULL}
};
