/**
 * @file test_sip_writer.c  SIP messages to send
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/writer.h"

static struct sip_msg m;
static char rx[2048], tx[2048];


static struct pl text(const char *str)
{
	struct pl pl = {str, strlen(str)};

	return pl;
}


static int load(const char *msg)
{
	strcpy(rx, msg);

	return sip_msg_parse(&m, rx, strlen(rx), SIP_FRAMING_DATAGRAM);
}


#define WRITTEN(w, str) CHECK_MEM((w)->buf, (w)->pos, (str), strlen(str))


static int register_request(struct sip_writer *w, size_t size)
{
	const struct pl ruri = text("sip:home1.net");
	const struct pl impu = text("sip:user@home1.net");
	const struct pl name = text("A \"B\" \\");

	sip_writer_init(w, tx, size);
	sip_writer_request(w, "REGISTER", &ruri);
	sip_writer_name(w, SIP_HDR_FROM);
	sip_writer_addr(w, &name, &impu);
	sip_writer_fmt(w, ";tag=%s", "t1");
	sip_writer_eol(w);
	sip_writer_hdr(w, SIP_HDR_CSEQ, "%u REGISTER", (uint32_t)4294967295u);
	sip_writer_hdr(w, SIP_HDR_AUTHORIZATION, "Digest realm=%q, nc=%x, "
		       "x=%r, y=100%%", &name, (uint32_t)0xab, &ruri);
	sip_writer_hdr_named(w, "X-Y", "%u", (uint32_t)0);

	return sip_writer_body(w, "text/plain", "a\0\r\n", 4);
}


static void request(void)
{
	static const char expected[] =
		"REGISTER sip:home1.net SIP/2.0\r\n"
		"From: \"A \\\"B\\\" \\\\\" <sip:user@home1.net>;tag=t1\r\n"
		"CSeq: 4294967295 REGISTER\r\n"
		"Authorization: Digest realm=\"A \\\"B\\\" \\\\\", "
		"nc=000000ab, x=sip:home1.net, y=100%\r\n"
		"X-Y: 0\r\n"
		"Content-Type: text/plain\r\n"
		"Content-Length: 4\r\n\r\na\0\r\n";
	struct sip_writer w;

	CHECK_EQ(register_request(&w, sizeof(tx)), 0);
	CHECK_EQ(sip_writer_len(&w), sizeof(expected) - 1);
	CHECK_MEM(tx, sip_writer_len(&w), expected, sizeof(expected) - 1);
}


/** Whatever the size, nothing is written behind the buffer */
static void overflow(void)
{
	struct sip_writer w;
	size_t need;

	CHECK_EQ(register_request(&w, sizeof(tx)), 0);
	need = sip_writer_len(&w);
	CHECK_EQ(register_request(&w, need), 0);

	for (size_t size = 0; size < need; size++) {
		memset(tx, 0x5a, sizeof(tx));
		CHECK_EQ(register_request(&w, size), EOVERFLOW);
		CHECK_EQ(sip_writer_err(&w), EOVERFLOW);
		CHECK(sip_writer_len(&w) <= size);
		for (size_t i = size; i < need + 8; i++)
			CHECK_EQ(tx[i], 0x5a);
	}
}


static void injection(void)
{
	static const char *const badv[] = {
		"a\r\nX: y", "a\nb", "a\rb", "\r", "a\x7f", "\x01"
	};
	const struct pl uri = text("sip:a@b");
	struct sip_writer w;
	struct pl pl;

	for (size_t i = 0; i <= sizeof(badv) / sizeof(badv[0]); i++) {

		const bool nul = i == sizeof(badv) / sizeof(badv[0]);

		pl = nul ? text("a") : text(badv[i]);
		pl.l += nul;

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_hdr(&w, SIP_HDR_SUBJECT, "%r", &pl);
		CHECK_EQ(sip_writer_end(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_hdr(&w, SIP_HDR_SUBJECT, "%q", &pl);
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_addr(&w, &pl, &uri);
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_request(&w, "OPTIONS", &pl);
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		if (nul)
			break;

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_hdr(&w, SIP_HDR_SUBJECT, "%s", badv[i]);
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_status(&w, 200, badv[i]);
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_hdr_named(&w, badv[i], "x");
		CHECK_EQ(sip_writer_err(&w), EINVAL);

		sip_writer_init(&w, tx, sizeof(tx));
		CHECK_EQ(sip_writer_body(&w, badv[i], "", 0), EINVAL);
	}
}


static void refused(void)
{
	static const char *const uriv[] = {
		"", "a", "sip:a@b>", "sip:a b", "<sip:a>", "sip:a@b;tag=<"
	};
	struct pl uri = text("sip:a?x=y");
	struct sip_writer w;

	for (size_t i = 0; i < sizeof(uriv) / sizeof(uriv[0]); i++) {

		const struct pl pl = text(uriv[i]);

		sip_writer_init(&w, tx, sizeof(tx));
		sip_writer_addr(&w, NULL, &pl);
		CHECK_EQ(sip_writer_err(&w), EINVAL);
		CHECK_EQ(sip_writer_len(&w), 0);
	}

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_request(&w, "INVITE", &uri);
	CHECK_EQ(sip_writer_err(&w), EINVAL);

	uri = text("sip:a");
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_request(&w, "IN VITE", &uri);
	CHECK_EQ(sip_writer_err(&w), EINVAL);

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_status(&w, 99, NULL);
	CHECK_EQ(sip_writer_err(&w), EINVAL);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_status(&w, 700, NULL);
	CHECK_EQ(sip_writer_err(&w), EINVAL);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_name(&w, SIP_HDR_OTHER);
	CHECK_EQ(sip_writer_err(&w), EINVAL);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_fmt(&w, "%d", 1);
	CHECK_EQ(sip_writer_err(&w), EINVAL);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_fmt(&w, "%");
	CHECK_EQ(sip_writer_err(&w), EINVAL);

	/* the first error stays */
	sip_writer_init(&w, tx, 4);
	sip_writer_str(&w, "12345");
	sip_writer_str(&w, "\r");
	CHECK_EQ(sip_writer_err(&w), EOVERFLOW);
}


static const char options[] =
	"OPTIONS sip:a SIP/2.0\r\n"
	"v: SIP/2.0/UDP h:5061 ;branch=z9hG4bKa ;rport;received=9.9.9.9;x, "
	"SIP/2.0/UDP g\r\n"
	"Via:  SIP/2.0/TCP f;rport\r\n"
	"f: \"\\\x01\" <sip:a>;tag=1\r\n"
	"t: <sip:b>\r\n"
	"i: c@d\r\n"
	"Timestamp: 54\r\n"
	"CSeq: 63104 OPTIONS\r\n"
	"Require: x, timer\r\nRequire: y\r\n"
	"e: gzip\r\n"
	"\r\n";

static void reply(void)
{
	const struct pl received = text("2001:db8::1");
	struct sip_writer w;

	CHECK_EQ(load(options), 0);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_reply(&w, &m, 200, NULL, "zz", &received, 40000);
	CHECK_EQ(sip_writer_end(&w), 0);
	WRITTEN(&w,
		"SIP/2.0 200 OK\r\n"
		"Via: SIP/2.0/UDP h:5061 ;branch=z9hG4bKa;rport=40000;x"
		";received=2001:db8::1, SIP/2.0/UDP g\r\n"
		"Via: SIP/2.0/TCP f;rport\r\n"
		"From: \"\\\x01\" <sip:a>;tag=1\r\n"
		"To: <sip:b>;tag=zz\r\n"
		"Call-ID: c@d\r\n"
		"CSeq: 63104 OPTIONS\r\n"
		"Content-Length: 0\r\n\r\n");

	/* what was written is a message again */
	CHECK_EQ(sip_msg_parse(&m, tx, w.pos, SIP_FRAMING_STREAM), 0);
	CHECK_EQ(m.via.rport, 40000);
	CHECK_EQ(m.viac, 3);

	/* 100: no tag, but Timestamp */
	CHECK_EQ(load(options), 0);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_reply(&w, &m, 100, "x", "zz", NULL, 0);
	CHECK_EQ(sip_writer_end(&w), 0);
	WRITTEN(&w,
		"SIP/2.0 100 x\r\n"
		"Via: SIP/2.0/UDP h:5061 ;branch=z9hG4bKa ;rport;"
		"received=9.9.9.9;x, SIP/2.0/UDP g\r\n"
		"Via: SIP/2.0/TCP f;rport\r\n"
		"From: \"\\\x01\" <sip:a>;tag=1\r\n"
		"To: <sip:b>\r\n"
		"Call-ID: c@d\r\n"
		"CSeq: 63104 OPTIONS\r\n"
		"Timestamp: 54\r\n"
		"Content-Length: 0\r\n\r\n");

	/* a tag that is there stays; no parameters in the Via; nothing to
	   put where there is no rport */
	CHECK_EQ(load("BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
		      "f:<sip:a>\r\nt:<sip:b>;tag=q\r\ni:c\r\nCSeq:1 BYE\r\n"
		      "\r\n"), 0);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_reply(&w, &m, 481, NULL, "zz", &received, 1);
	CHECK_EQ(sip_writer_err(&w), 0);
	WRITTEN(&w,
		"SIP/2.0 481 Call/Transaction Does Not Exist\r\n"
		"Via: SIP/2.0/UDP h;received=2001:db8::1\r\n"
		"From: <sip:a>\r\nTo: <sip:b>;tag=q\r\nCall-ID: c\r\n"
		"CSeq: 1 BYE\r\n");
}


/** A refused request: what it has is copied, and it ends no line early */
static void reply_to_bad(void)
{
	struct sip_writer w;

	CHECK_EQ(load("INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;rport\r\n"
		      "To: \"x <sip:b>\r\nCSeq: 1 INVITE\r\n\r\n"), EBADMSG);
	CHECK_EQ(m.status, 400);
	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_reply(&w, &m, m.status, NULL, NULL, NULL, 7);
	CHECK_EQ(sip_writer_end(&w), 0);
	WRITTEN(&w, "SIP/2.0 400 Bad Request\r\n"
		"Via: SIP/2.0/UDP h;rport=7\r\nTo: \"x <sip:b>\r\n"
		"CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
}


static void refusals(void)
{
	static const char *const methodv[] = {"INVITE", "ACK", NULL};
	static const char *const optionv[] = {"timer", NULL};
	static const char *const acceptv[] = {"application/sdp", NULL};
	static const char *const none[] = {NULL};
	struct sip_writer w;

	CHECK_EQ(load(options), 0);

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_refusal(&w, &m, 405, methodv, optionv, acceptv);
	WRITTEN(&w, "Allow: INVITE, ACK\r\n");

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_refusal(&w, &m, 420, methodv, optionv, acceptv);
	WRITTEN(&w, "Unsupported: x, y\r\n");

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_refusal(&w, &m, 415, methodv, optionv, acceptv);
	WRITTEN(&w, "Accept: application/sdp\r\nAccept-Encoding: identity\r\n"
		);

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_refusal(&w, &m, 416, methodv, optionv, acceptv);
	sip_writer_list(&w, SIP_HDR_ALLOW, none);
	sip_writer_list(&w, SIP_HDR_ALLOW, NULL);
	CHECK_EQ(w.pos, 0);
}


static void body_in_pieces(void)
{
	struct sip_writer w;

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_body_begin(&w, "a/b");
	sip_writer_data(&w, "123", 3);
	sip_writer_data(&w, "45\r\n8901", 8);
	CHECK_EQ(sip_writer_body_end(&w), 0);
	WRITTEN(&w, "Content-Type: a/b\r\nContent-Length:    11\r\n\r\n"
		"12345\r\n8901");

	sip_writer_init(&w, tx, sizeof(tx));
	sip_writer_body_begin(&w, "a/b");
	CHECK_EQ(sip_writer_body_end(&w), 0);
	WRITTEN(&w, "Content-Type: a/b\r\nContent-Length:     0\r\n\r\n");

	sip_writer_init(&w, tx, 50);
	sip_writer_body_begin(&w, "a/b");
	sip_writer_data(&w, "1234567890", 10);
	CHECK_EQ(sip_writer_body_end(&w), EOVERFLOW);

	sip_writer_init(&w, tx, sizeof(tx));
	CHECK_EQ(sip_writer_body_end(&w), EINVAL);
}


static void phrases(void)
{
	CHECK_STR(sip_phrase(100), "Trying");
	CHECK_STR(sip_phrase(200), "OK");
	CHECK_STR(sip_phrase(488), "Not Acceptable Here");
	CHECK_STR(sip_phrase(606), "Not Acceptable");
	CHECK_STR(sip_phrase(299), "");
	CHECK_STR(sip_phrase(0), "");
	CHECK_STR(sip_phrase(65535), "");
}


const struct test_case suite_sip_writer[] = {
	{"a request with formatted values and a body", request},
	{"a full buffer: EOVERFLOW, nothing written behind it", overflow},
	{"no value from outside can end a line", injection},
	{"what is no URI, token or status code is refused", refused},
	{"RFC 3261 s8.2.6, s18.2.1, RFC 3581 s4: responses", reply},
	{"RFC 3261 s8.2.6: the answer to a malformed request", reply_to_bad},
	{"RFC 3261 s8.2: Allow, Unsupported, Accept in refusals", refusals},
	{"a body in pieces gets its Content-Length", body_in_pieces},
	{"RFC 3261 s21: reason phrases", phrases},
	{NULL, NULL}
};
