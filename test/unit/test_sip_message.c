/**
 * @file test_sip_message.c  SIP parser: each rule by own examples, framing,
 *                           UAS checks
 *
 * More than 800 lines: a table of rules for each header field.
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/message.h"

static struct sip_msg m;
static char buf[4096];


static bool is(const struct pl *pl, const char *str)
{
	return pl->p && pl->l == strlen(str) && !memcmp(pl->p, str, pl->l);
}


/* ------------------------------------------------------------------ */
/* One rule at a time: a good message with one line changed */

enum line { START, VIA, FROM, TO, CALL, CSEQ, EXTRA, LINES };

static const char *const good[LINES] = {
	"INVITE sip:bob@biloxi.example SIP/2.0",
	"Via: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bK776asdhds",
	"From: Alice <sip:alice@atlanta.example>;tag=1928301774",
	"To: Bob <sip:bob@biloxi.example>",
	"Call-ID: a84b4c76e66710@pc33.atlanta.example",
	"CSeq: 314159 INVITE",
	"Max-Forwards: 70",
};

static const char *const good_response[LINES] = {
	"SIP/2.0 200 OK",
	"Via: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bK776asdhds",
	"From: Alice <sip:alice@atlanta.example>;tag=1928301774",
	"To: Bob <sip:bob@biloxi.example>;tag=a6c85cf",
	"Call-ID: a84b4c76e66710@pc33.atlanta.example",
	"CSeq: 314159 INVITE",
	"Contact: <sip:bob@192.0.2.4>",
};


/** The good message with one line replaced (NULL: without it) */
static size_t build(const char *const *linev, enum line which,
		    const char *line)
{
	size_t len = 0;

	for (int i = 0; i < LINES; i++) {

		const char *s = i == (int)which ? line : linev[i];

		if (!s)
			continue;
		memcpy(buf + len, s, strlen(s));
		len += strlen(s);
		memcpy(buf + len, "\r\n", 2);
		len += 2;
	}
	memcpy(buf + len, "\r\n", 2);

	return len + 2;
}


#define OK 0

struct rule {
	enum line which;
	const char *line;
	int status;             /* OK or what it earns */
};


static void run_rules(const struct rule *rulev, size_t n)
{
	for (size_t i = 0; i < n; i++) {

		const size_t len = build(good, rulev[i].which, rulev[i].line);
		const int err = sip_msg_parse(&m, buf, len,
					      SIP_FRAMING_DATAGRAM);
		const int got = err ? m.status : OK;

		if (got != rulev[i].status || (err && err != EBADMSG))
			CHECK_STR(err ? m.why : "accepted",
				  rulev[i].line ? rulev[i].line : "(none)");
	}
}

#define RULES(v) run_rules(v, sizeof(v) / sizeof((v)[0]))


static void start_lines(void)
{
	static const struct rule v[] = {
		{START, "INVITE sip:bob@biloxi.example SIP/2.0", OK},
		{START, "INVITE sip:bob@biloxi.example sip/2.0", OK},
		{START, "INVITE tel:+358-555-1234567 SIP/2.0", OK},
		{START, "INVITE urn:service:sos SIP/2.0", OK},
		{START, "INVITE sip:b;p?/,x@h;lr;x=[y]/:&+$ SIP/2.0", OK},
		{START, "INVITE sip:b@h;a=%41 SIP/2.0", OK},
		{START, "INVITE sip:b@h.:5061 SIP/2.0", OK},
		{START, "INVITE  sip:b@h SIP/2.0", 400},
		{START, "INVITE sip:b@h  SIP/2.0", 400},
		{START, "INVITE sip:b@h SIP/2.0 ", 400},
		{START, "INVITE sip:b@h SIP/2.0\t", 400},
		{START, "INVITE sip:b@h ;lr SIP/2.0", 400},
		{START, "INVITE\tsip:b@h SIP/2.0", 0},
		{START, "INVITE <sip:b@h> SIP/2.0", 400},
		{START, "INVITE \"b\" SIP/2.0", 400},
		{START, "INVITE sip:b@h?a=b SIP/2.0", 400},
		{START, "INVITE sip:b@h;a?a=b SIP/2.0", 400},
		{START, "INVITE sip:b@h;;a SIP/2.0", 400},
		{START, "INVITE sip:b@h; SIP/2.0", 400},
		{START, "INVITE sip:b@h;a= SIP/2.0", 400},
		{START, "INVITE sip:@h SIP/2.0", 400},
		{START, "INVITE sip:b@ SIP/2.0", 400},
		{START, "INVITE sip: SIP/2.0", 400},
		{START, "INVITE sip:b@h: SIP/2.0", 400},
		{START, "INVITE sip:b@h:65536 SIP/2.0", 400},
		{START, "INVITE sip:b@h:5x SIP/2.0", 400},
		{START, "INVITE sip:b%4@h SIP/2.0", 400},
		{START, "INVITE sip:b%4g@h SIP/2.0", 400},
		{START, "INVITE sip:b\"@h SIP/2.0", 400},
		{START, "INVITE sip:b@-h.example SIP/2.0", 400},
		{START, "INVITE sip:b@h-.example SIP/2.0", 400},
		{START, "INVITE sip:b@h..example SIP/2.0", 400},
		{START, "INVITE sip:b@h.1e SIP/2.0", 400},
		{START, "INVITE sip:b@h_x SIP/2.0", 400},
		{START, "INVITE sip:b@192.0.2 SIP/2.0", 400},
		{START, "INVITE sip:b@192.0.2.256 SIP/2.0", 400},
		{START, "INVITE sip:2001:db8::1 SIP/2.0", 400},
		{START, "INVITE bob@biloxi.example SIP/2.0", 400},
		{START, "INVITE 5ip:b@h SIP/2.0", 400},
		{START, "INVITE foo: SIP/2.0", 400},
		{START, "INVITE foo:a<b SIP/2.0", 400},
		{START, "INVITE sip:b@h SIP/3.0", 505},
		{START, "INVITE sip:b@h SIP/2.1", 505},
		{START, "INVITE sip:b@h SIP/12.0", 505},
		{START, "INVITE sip:b@h SIP/2", 400},
		{START, "INVITE sip:b@h SIP/.0", 400},
		{START, "INVITE sip:b@h SIP/2.", 400},
		{START, "INVITE sip:b@h HTTP/1.1", 400},
		{START, "INVITE sip:b@h", 400},
		{START, "INVITE", 0},
		{START, "INV{TE sip:b@h SIP/2.0", 0},
		{START, "invite sip:b@h SIP/2.0", 400}, /* CSeq: INVITE */
		{START, "ACK sip:b@h SIP/2.0", 0},      /* never answered */
	};

	RULES(v);
}


static void vias(void)
{
	static const struct rule v[] = {
		{VIA, "v : SIP/2.0/UDP h", OK},
		{VIA, "VIA: SIP /\t2.0 / TCP h : 5060 ; rport", OK},
		{VIA, "Via: SIP/2.0/UDP [::1]:5060;rport=9;received=::2", OK},
		{VIA, "Via: SIP/2.0/UDP h;received=192.0.2.1;ttl=255", OK},
		{VIA, "Via: SIP/2.0/UDP h;branch=z9hG4bK.a,SIP/2.0/TLS-SCTP"
			" g", OK},
		{VIA, "Via: SIP/2.0/UDP h;x;y=\"a,;b\";keep;keepx=1", OK},
		{VIA, "Via: SIP/2.0/UDP h;comp=sigcomp;"
			"sigcomp-id=\"urn:uuid:0C67446E\"", OK},
		{VIA, NULL, 400},
		{VIA, "Via:", 400},
		{VIA, "Via: SIP/2.0/UDP", 400},
		{VIA, "Via: SIP/2.0 UDP h", 400},
		{VIA, "Via: SIP/2.0/UDPh", 400},
		{VIA, "Via: SIP/2.0/UDP h,", 400},
		{VIA, "Via: ,SIP/2.0/UDP h", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch=z9hG4bK", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch=Z9Hg4Bk;x", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch=", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch=\"z9hG4bKa\"", 400},
		{VIA, "Via: SIP/2.0/UDP h;branch=z9hG4bKa;branch=z9hG4bKb",
			400},
		{VIA, "Via: SIP/2.0/UDP h;;", 400},
		{VIA, "Via: SIP/2.0/UDP h;", 400},
		{VIA, "Via: SIP/2.0/UDP h;ttl=256", 400},
		{VIA, "Via: SIP/2.0/UDP h;ttl=-1", 400},
		{VIA, "Via: SIP/2.0/UDP h;rport=65536", 400},
		{VIA, "Via: SIP/2.0/UDP h;rport=x", 400},
		{VIA, "Via: SIP/2.0/UDP h;received=host.example", 400},
		{VIA, "Via: SIP/2.0/UDP h;received=2001:db8", 400},
		{VIA, "Via: SIP/2.0/UDP h;x=2001:db8::1", 400},
		{VIA, "Via: SIP/2.0/UDP h;x=\"a", 400},
		{VIA, "Via: SIP/2.0/UDP h:0x50", 400},
		{VIA, "Via: SIP/2.0/UDP 2001:db8::1", 400},
		{VIA, "Via: SIP/2.0/UDP h\r\nVia: SIP/2.0/UDP ;", 400},
		{VIA, "Via: SIP/2.0/UDP h, SIP/2.0/UDP g x", 400},
	};

	RULES(v);

	/* the topmost stays good enough for the answer */
	CHECK_EQ(sip_msg_parse(&m, buf, build(good, VIA,
		 "Via: SIP/2.0/UDP h;branch=z9hG4bK"), SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK(is(&m.via.host, "h"));
	CHECK(is(&m.call_id, "a84b4c76e66710@pc33.atlanta.example"));

	/* but the second one never takes its place */
	CHECK_EQ(sip_msg_parse(&m, buf, build(good, VIA,
		 "Via: SIP/2.0/UDP ;x\r\nVia: SIP/2.0/UDP g"),
		 SIP_FRAMING_DATAGRAM), EBADMSG);
	CHECK(!m.via.host.p);
}


static void parties(void)
{
	static const struct rule v[] = {
		{FROM, "f: sip:a@b;tag=1", OK},
		{FROM, "From: sip:a@b", OK},
		{FROM, "From: A. B <sip:a@b> ; tag = 1 ; x", OK},
		{FROM, "From:<sip:a@b>;tag=1;p=\"q,;>\"", OK},
		{FROM, "From: \"\\\"<\" <sip:a@b>", OK},
		{FROM, "From: \"\xd0\xbf\"<sips:a@b>", OK},
		{FROM, "From: a\tb<tel:+1-2.3(4);phone-context=+1>;tag=a", OK},
		{FROM, "From: isbn:2983792873;tag=1", OK},
		{FROM, NULL, 400},
		{FROM, "From:", 400},
		{FROM, "From: Alice sip:a@b", 400},
		{FROM, "From: A, B <sip:a@b>", 400},
		{FROM, "From: \xd0\xbf <sip:a@b>", 400},
		{FROM, "From: \"A <sip:a@b>", 400},
		{FROM, "From: \"A\\\" <sip:a@b>", 400},
		{FROM, "From: \"A\" x <sip:a@b>", 400},
		{FROM, "From: \"A\"", 400},
		{FROM, "From: \"A\" sip:a@b", 400},
		{FROM, "From: < sip:a@b>", 400},
		{FROM, "From: <sip:a@b >", 400},
		{FROM, "From: <sip:a@b", 400},
		{FROM, "From: <sip:a@b>>", 400},
		{FROM, "From: <>", 400},
		{FROM, "From: <sip:a@b>, <sip:c@d>", 400},
		{FROM, "From: <sip:a@b>;tag", 400},
		{FROM, "From: <sip:a@b>;tag=", 400},
		{FROM, "From: <sip:a@b>;tag=\"x\"", 400},
		{FROM, "From: <sip:a@b>;tag=[::1]", 400},
		{FROM, "From: <sip:a@b>;tag=1;TAG=2", 400},
		{FROM, "From: <sip:a@b>;;tag=1", 400},
		{FROM, "From: <sip:a@b> tag=1", 400},
		{FROM, "From: sip:a@b?x=y", 400},
		{FROM, "From: sip:a;x@b", 400},
		{FROM, "From: sip:a,x@b", 400},
		{FROM, "From: http:", 400},
		{FROM, "From: tel:abcx", 400},
		{TO, "t : \"B\"<sip:b@c>", OK},
		{TO, NULL, 400},
		{TO, "To: Watson, T <sip:b@c>", 400},
		{TO, "To: <sip:b@c>;tag=1\r\nTo: <sip:b@c>;tag=1", 400},
		{TO, "To: <sip:b@c>\r\nt: <sip:d@e>", 400},
	};

	RULES(v);
}


static void scalars(void)
{
	static const struct rule v[] = {
		{CALL, "i: a", OK},
		{CALL, "Call-ID: <a>{b}\\\"[c]/?(d):`@x", OK},
		{CALL, NULL, 400},
		{CALL, "Call-ID:", 400},
		{CALL, "Call-ID: a b", 400},
		{CALL, "Call-ID: a@", 400},
		{CALL, "Call-ID: @a", 400},
		{CALL, "Call-ID: a@b@c", 400},
		{CALL, "Call-ID: a;b", 400},
		{CALL, "Call-ID: a\r\ni: a", 400},
		{CSEQ, "cseq:0000\t INVITE", OK},
		{CSEQ, "CSeq: 4294967295 INVITE", OK},
		{CSEQ, "CSeq: 4294967296 INVITE", 400},
		{CSEQ, "CSeq: 99999999999999999999 INVITE", 400},
		{CSEQ, "CSeq: -1 INVITE", 400},
		{CSEQ, "CSeq: 1INVITE", 400},
		{CSEQ, "CSeq: INVITE", 400},
		{CSEQ, "CSeq: 1", 400},
		{CSEQ, "CSeq: 1 INVITE x", 400},
		{CSEQ, "CSeq: 1 invite", 400},
		{CSEQ, "CSeq: 1 BYE", 400},
		{CSEQ, "CSeq: 1 NEW", 400},
		{CSEQ, NULL, 400},
		{CSEQ, "CSeq: 1 INVITE\r\nCSeq: 2 INVITE", 400},
		{EXTRA, NULL, OK},
		{EXTRA, "Max-Forwards: 0", OK},
		{EXTRA, "Max-Forwards: 000255", OK},
		{EXTRA, "Max-Forwards: 256", 400},
		{EXTRA, "Max-Forwards: -1", 400},
		{EXTRA, "Max-Forwards: 7 0", 400},
		{EXTRA, "Max-Forwards:", 400},
		{EXTRA, "Max-Forwards: 1\r\nmax-forwards: 1", 400},
		{EXTRA, "Content-Length: 0", OK},
		{EXTRA, "L:0", OK},
		{EXTRA, "Content-Length: -0", 400},
		{EXTRA, "Content-Length: +0", 400},
		{EXTRA, "Content-Length: 0x0", 400},
		{EXTRA, "Content-Length: 1", 400},
		{EXTRA, "Content-Length: 4294967296", 400},
		{EXTRA, "Content-Length:", 400},
		{EXTRA, "Content-Length: 0\r\nl: 0", 400},
		{EXTRA, "Content-Type: a/b;c=\"d\"; e=f", OK},
		{EXTRA, "c: a / b", OK},
		{EXTRA, "Content-Type: a", 400},
		{EXTRA, "Content-Type: a/", 400},
		{EXTRA, "Content-Type: a/b;c", 400},
		{EXTRA, "Content-Type: a/b, c/d", 400},
		{EXTRA, "Content-Type: a/b\r\nc: a/b", 400},
		{EXTRA, "Expires: 1\r\nExpires: 2", 400},
		{EXTRA, "Supported: a\r\nk: b", OK},
	};

	RULES(v);
}


static void addresses(void)
{
	static const struct rule v[] = {
		{EXTRA, "Contact: *", OK},
		{EXTRA, "m: sip:a@b;q=0.1, \"x,y\" <sip:c@d?e=f&g=>;h", OK},
		{EXTRA, "Contact: <sip:a@b;sigcomp-id=\"urn:uuid:1\">", OK},
		{EXTRA, "Contact: <sip:a@b>;+sip.instance=\"<urn:x>\"", OK},
		{EXTRA, "Contact: <sip:a@b>\r\nContact: <sip:c@d>", OK},
		{EXTRA, "Contact:", 400},
		{EXTRA, "Contact: *, <sip:a@b>", 400},
		{EXTRA, "Contact: <sip:a@b>,", 400},
		{EXTRA, "Contact: <sip:a@b>,,<sip:c@d>", 400},
		{EXTRA, "Contact: <sip:a@b>;", 400},
		{EXTRA, "Contact: <sip:a@b> <sip:c@d>", 400},
		{EXTRA, "Contact: sip:a@b?x=y", 400},
		{EXTRA, "Contact: <sip:a@b?x>", 400},
		{EXTRA, "Contact: <sip:a@b?=y>", 400},
		{EXTRA, "Contact: <sip:a@b?x=y&>", 400},
		{EXTRA, "Contact: <sip:a@b>;x=\"", 400},
		{EXTRA, "Contact: <sip:a@b>;x=", 400},
		{EXTRA, "Route: <sip:a;lr>, A <sip:b>;x=y", OK},
		{EXTRA, "Route: sip:a;lr", 400},
		{EXTRA, "Route: <sip:a;lr>, sip:b", 400},
		{EXTRA, "Record-Route: <sip:a;lr>,<sip:b;lr>", OK},
		{EXTRA, "Record-Route: sip:a", 400},
		{EXTRA, "Record-Route: <sip:a;lr>;;x", 400},
	};

	RULES(v);
}


static void lines(void)
{
	static const struct rule v[] = {
		{EXTRA, "X-y.!%*_+`'~:\xef\xbb\xbf", OK},
		{EXTRA, "Subject:", OK},
		{EXTRA, "Subject: a\r\n \r\n\tb", OK},
		{EXTRA, "Subject \t: a\tb ", OK},
		{EXTRA, "Warning: 1812 x \"\\\x01\"", OK},
		{EXTRA, "Subject a", 400},
		{EXTRA, "Sub ject: a", 400},
		{EXTRA, "Sub(ject): a", 400},
		{EXTRA, ": a", 400},
		{EXTRA, "Subject\r\n : a", 400},
		{EXTRA, "Subject: a\nb", 400},
		{EXTRA, "Subject: a\rb", 400},
		{EXTRA, "Subject: a\x01", 400},
		{EXTRA, "Subject: a\x7f", 400},
		{EXTRA, "Subject: a\\\nb", 400},
	};

	static char name[300];
	struct rule longv[] = {{EXTRA, name, OK}, {EXTRA, name, 400}};

	RULES(v);

	/* names up to 255 octets */
	memset(name, 'x', 255);
	strcpy(name + 255, ": a");
	run_rules(longv, 1);
	name[255] = 'x';
	strcpy(name + 256, ": a");
	run_rules(longv + 1, 1);

	/* a continuation cannot be the first header line */
	CHECK_EQ(sip_msg_parse(&m, buf, build(good, START,
		 "INVITE sip:a SIP/2.0\r\n x"), SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK_EQ(m.status, 400);
}


static void nul_octet(void)
{
	static const char text[] = "Subject: a";
	const size_t len = build(good, EXTRA, text);

	*(strstr(buf, text) + sizeof(text) - 2) = '\0';
	CHECK_EQ(sip_msg_parse(&m, buf, len, SIP_FRAMING_DATAGRAM), EBADMSG);
	CHECK_EQ(m.status, 400);
}


static void responses(void)
{
	static const struct {
		enum line which;
		const char *line;
		bool accept;
	} v[] = {
		{START, "SIP/2.0 200 OK", true},
		{START, "sip/2.0 699  \tx", true},
		{START, "SIP/2.0 100 ", true},
		{START, "SIP/2.0 603 \xd0\xbd\xd0\xb5\xd1\x82", true},
		{START, "SIP/2.0 100", false},
		{START, "SIP/2.0 099 x", false},
		{START, "SIP/2.0 700 x", false},
		{START, "SIP/2.0 20 x", false},
		{START, "SIP/2.0 2000 x", false},
		{START, "SIP/2.0 4294967496 x", false},
		{START, "SIP/2.0 2x0 x", false},
		{START, "SIP/2.0  200 x", false},
		{START, "SIP/7.0 200 OK", false},
		{START, "SIP/2.0200 OK", false},
		{CSEQ, "CSeq: 1 BYE", true},
		{CSEQ, "CSeq: 9292394834772304023312 INVITE", false},
		{CSEQ, NULL, false},
		{VIA, NULL, false},
		{TO, "To: <sip:a@b", false},
		{EXTRA, "Contact: <sip:a", false},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		const size_t len = build(good_response, v[i].which,
					 v[i].line);
		const int err = sip_msg_parse(&m, buf, len,
					      SIP_FRAMING_DATAGRAM);

		if (!err != v[i].accept)
			CHECK_STR(err ? m.why : "accepted",
				  v[i].line ? v[i].line : "(none)");
		CHECK(!m.request);
		CHECK_EQ(m.status, 0);
	}

	CHECK_EQ(sip_msg_parse(&m, buf, build(good_response, LINES, NULL),
			       SIP_FRAMING_DATAGRAM), 0);
	CHECK_EQ(m.code, 200);
	CHECK(is(&m.phrase, "OK"));
	CHECK_EQ(m.method, SIP_METHOD_INVITE);
	CHECK(is(&m.met, "INVITE"));
	CHECK(is(&m.to_tag, "a6c85cf"));
}


static void no_sip(void)
{
	static const char *const v[] = {
		"", "\r\n\r\n", "\r\n", "x", "\r", "\n", "GET\r\n\r\n",
		"\x00\x01\x00\x00\x21\x12\xa4\x42", " INVITE sip:a SIP/2.0",
		"SIP/", "SIP/2.0\r\n\r\n", "\x01"
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		const size_t len = i == 7 ? 8 : strlen(v[i]);

		memcpy(buf, v[i], len);
		CHECK_EQ(sip_msg_parse(&m, buf, len, SIP_FRAMING_DATAGRAM),
			 EBADMSG);
		CHECK_EQ(m.status, 0);
		CHECK(m.why);
	}

	CHECK_EQ(sip_msg_parse(&m, buf, SIP_MSG_LEN_MAX + 1,
			       SIP_FRAMING_DATAGRAM), EBADMSG);
}


static void bodies(void)
{
	size_t len = build(good, EXTRA, "Content-Length: 3");

	memcpy(buf + len, "abcdef", 6);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 6, SIP_FRAMING_DATAGRAM), 0);
	CHECK_MEM(m.body.p, m.body.l, "abc", 3);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 2, SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK_EQ(m.status, 400);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 2, SIP_FRAMING_WHOLE), 0);
	CHECK_MEM(m.body.p, m.body.l, "ab", 2);

	len = build(good, EXTRA, "Subject: x");
	memcpy(buf + len, "abcdef", 6);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 6, SIP_FRAMING_DATAGRAM), 0);
	CHECK_MEM(m.body.p, m.body.l, "abcdef", 6);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 6, SIP_FRAMING_STREAM),
		 EBADMSG);
	CHECK_EQ(m.status, 400);

	/* the empty line is part of the message */
	len = build(good, EXTRA, "Content-Length: 0");
	CHECK_EQ(sip_msg_parse(&m, buf, len - 2, SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK_EQ(sip_msg_parse(&m, buf, len - 1, SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK_EQ(m.status, 400);

	/* RFC 3261 s7.5 */
	memmove(buf + 4, buf, len);
	memcpy(buf, "\r\n\r\n", 4);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 4, SIP_FRAMING_DATAGRAM), 0);
}


static void capacity(void)
{
	size_t len = build(good, LINES, NULL) - 2;

	for (int i = LINES - 1; i < SIP_HDR_MAX; i++) {
		memcpy(buf + len, "Z: y\r\n", 6);
		len += 6;
	}
	memcpy(buf + len, "\r\n", 2);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 2, SIP_FRAMING_DATAGRAM), 0);
	CHECK_EQ(m.hdrc, SIP_HDR_MAX);

	memcpy(buf + len, "Z: y\r\n\r\n", 8);
	CHECK_EQ(sip_msg_parse(&m, buf, len + 8, SIP_FRAMING_DATAGRAM),
		 EBADMSG);
	CHECK_EQ(m.status, 513);
	CHECK(m.via.host.p);
}


/** What can be read of a bad request is there for the answer */
static void answerable(void)
{
	CHECK_EQ(sip_msg_parse(&m, buf, build(good, START,
		 "INVITE sip:b@h;; SIP/2.0"), SIP_FRAMING_DATAGRAM), EBADMSG);
	CHECK_EQ(m.status, 400);
	CHECK(m.request);
	CHECK(is(&m.met, "INVITE"));
	CHECK(is(&m.via.branch, "z9hG4bK776asdhds"));
	CHECK(is(&m.from_tag, "1928301774"));
	CHECK(is(&m.to.uri.user, "bob"));
	CHECK(is(&m.call_id, "a84b4c76e66710@pc33.atlanta.example"));
	CHECK_EQ(m.cseq, 314159);

	CHECK_EQ(sip_msg_parse(&m, buf, build(good, FROM, "From: <"),
			       SIP_FRAMING_DATAGRAM), EBADMSG);
	CHECK(!m.from.uri.text.p);
	CHECK(is(&m.to.uri.user, "bob"));
}


/* ------------------------------------------------------------------ */
/* Names */

#define ROW(A, id, name, several) {name, SIP_HDR_##id},

static const struct {
	const char *name;
	enum sip_hdr_id id;
} namev[] = { SIP_HDR_LIST(ROW, 0) };

/* RFC 3261 s7.3.3 */
static void names(void)
{
	static const char compact[] = "abcdefijklmorstuvx";
	size_t last = 0, len;

	for (size_t i = 0; i < SIP_HDR_COUNT; i++) {

		struct pl pl = {namev[i].name, strlen(namev[i].name)};
		char text[32];
		const char *s;

		/* the look-up depends on the order */
		CHECK(pl.l >= last);
		last = pl.l;

		CHECK_EQ(namev[i].id, i);
		CHECK_EQ(sip_hdr_id(&pl), i);
		s = sip_hdr_name(namev[i].id, &len);
		CHECK_MEM(s, len, pl.p, pl.l);

		for (size_t k = 0; k < pl.l; k++)
			text[k] = (char)(pl.p[k] ^
				(pl.p[k] >= 'A' && pl.p[k] <= 'Z' ? 32 : 0));
		pl.p = text;
		CHECK_EQ(sip_hdr_id(&pl), i);
		text[pl.l - 1] ^= 1;
		CHECK_EQ(sip_hdr_id(&pl), SIP_HDR_OTHER);
	}

	for (unsigned c = 0; c < 256; c++) {

		const char ch = (char)c;
		const struct pl pl = {&ch, 1};
		const bool known = c >= 'A' && c <= 'z' &&
			strchr(compact, (int)(c | 32)) != NULL;

		CHECK_EQ(sip_hdr_id(&pl) != SIP_HDR_OTHER, known);
	}

	CHECK_STR(sip_hdr_name(SIP_HDR_OTHER, &len), "");
	CHECK_EQ(len, 0);
	CHECK_STR(sip_method_name(SIP_METHOD_OTHER), "");
	CHECK_STR(sip_method_name((enum sip_method)99), "");

	for (int i = 1; i <= SIP_METHOD_PUBLISH; i++) {

		const char *s = sip_method_name((enum sip_method)i);
		struct pl pl = {s, strlen(s)};

		CHECK_EQ(sip_method(&pl), i);
		--pl.l;
		CHECK_EQ(sip_method(&pl), SIP_METHOD_OTHER);
	}
}


/* ------------------------------------------------------------------ */
/* Stream framing */

static int frame(const char *text, size_t *len, enum sip_frame *kind)
{
	return sip_msg_frame(len, kind, text, strlen(text), 200);
}


static void stream(void)
{
	static const char msg[] =
		"OPTIONS sip:a SIP/2.0\r\nX: y\r\n z\r\n"
		"cONTENT-length :\r\n 4 \r\nVia: v\r\n\r\nbodyNEXT";
	const size_t whole = sizeof(msg) - 1 - 4;
	enum sip_frame kind = SIP_FRAME_PONG;
	size_t len = 0;

	/* octet by octet */
	for (size_t i = 0; i < whole; i++)
		CHECK_EQ(sip_msg_frame(&len, &kind, msg, i, 200), EAGAIN);
	CHECK_EQ(len, 0);
	CHECK_EQ(sip_msg_frame(&len, &kind, msg, whole, 200), 0);
	CHECK_EQ(len, whole);
	CHECK_EQ(kind, SIP_FRAME_MSG);
	len = 0;
	CHECK_EQ(frame(msg, &len, &kind), 0);
	CHECK_EQ(len, whole);
	CHECK_EQ(sip_msg_frame(&len, &kind, msg, whole, whole), 0);
	CHECK_EQ(sip_msg_frame(&len, &kind, msg, whole, whole - 1),
		 EOVERFLOW);
	CHECK_EQ(sip_msg_frame(&len, &kind, msg, 20, 20), EOVERFLOW);
	CHECK_EQ(sip_msg_frame(&len, &kind, msg, whole, 50), EOVERFLOW);

	CHECK_EQ(frame("\r\n\r\nOPT", &len, &kind), 0);
	CHECK_EQ(len, 4);
	CHECK_EQ(kind, SIP_FRAME_PING);
	CHECK_EQ(frame("\r\nOPT", &len, &kind), 0);
	CHECK_EQ(len, 2);
	CHECK_EQ(kind, SIP_FRAME_PONG);
	CHECK_EQ(frame("\r\n\rO", &len, &kind), 0);
	CHECK_EQ(len, 2);
	CHECK_EQ(frame("\r", &len, &kind), EAGAIN);
	CHECK_EQ(frame("", &len, &kind), EAGAIN);

	CHECK_EQ(frame("A b SIP/2.0\r\nl: 0\r\n\r\n", &len, &kind), 0);
	CHECK_EQ(frame("SIP/2.0 200 OK\r\nl:0\r\n\r\n", &len, &kind), 0);
	CHECK_EQ(frame("A b SIP/2.0\r\n\r\n", &len, &kind), EBADMSG);
	CHECK_EQ(frame("A b SIP/2.0\r\nl: 1\r\nl: 1\r\n\r\nx", &len, &kind),
		 EBADMSG);
	CHECK_EQ(frame("A b SIP/2.0\r\nl: -1\r\n\r\n", &len, &kind), EBADMSG);
	CHECK_EQ(frame("A b SIP/2.0\r\nl: 1 1\r\n\r\n", &len, &kind),
		 EBADMSG);
	CHECK_EQ(frame("A b SIP/2.0\r\nl: 4294967295\r\n\r\n", &len, &kind),
		 EOVERFLOW);
	CHECK_EQ(frame("A b SIP/2.0\r\nl: 4294967296\r\n\r\n", &len, &kind),
		 EBADMSG);
	CHECK_EQ(frame("\x16\x03\x01", &len, &kind), EBADMSG);
	CHECK_EQ(frame(" x", &len, &kind), EBADMSG);
}


/* ------------------------------------------------------------------ */
/* UAS */

static const char *const methodv[] = {"INVITE", "OPTIONS", "ACK", NULL};
static const char *const optionv[] = {"100rel", "timer", NULL};
static const char *const acceptv[] = {"application/sdp", "text/*", NULL};


/** The answer that the good INVITE with one more line and a body earns */
static int answer(const char *start, const char *cseq, const char *line,
		  const char *body)
{
	const char *v[LINES];
	uint16_t status = 0;
	size_t len;
	int err;

	memcpy(v, good, sizeof(v));
	if (start)
		v[START] = start;
	if (cseq)
		v[CSEQ] = cseq;
	len = build(v, EXTRA, line);
	memcpy(buf + len, body, strlen(body));

	err = sip_msg_parse(&m, buf, len + strlen(body),
			    SIP_FRAMING_DATAGRAM);
	if (err)
		return -err;

	err = sip_msg_uas_check(&status, &m, methodv, optionv, acceptv);

	return err == EPROTO ? status : err;
}


static void uas(void)
{
	CHECK_EQ(answer(NULL, NULL, NULL, ""), 0);
	CHECK_EQ(answer("BYE sip:a SIP/2.0", "CSeq: 1 BYE", NULL, ""), 405);
	CHECK_EQ(answer("NEW sip:a SIP/2.0", "CSeq: 1 NEW", NULL, ""), 501);
	CHECK_EQ(answer("invite sip:a SIP/2.0", "CSeq: 1 invite", NULL, ""),
		 501);
	CHECK_EQ(answer("INVITE foo:a SIP/2.0", NULL, NULL, ""), 416);
	CHECK_EQ(answer("INVITE urn:a:b SIP/2.0", NULL, NULL, ""), 416);
	CHECK_EQ(answer("INVITE SIPS:a SIP/2.0", NULL, NULL, ""), 0);

	CHECK_EQ(answer(NULL, NULL, "Require: timer, 100REL", ""), 0);
	CHECK_EQ(answer(NULL, NULL, "Require: timer, x", ""), 420);
	CHECK_EQ(answer(NULL, NULL, "Require: timer\r\nRequire: y", ""), 420);
	CHECK_EQ(answer(NULL, NULL, "Require: timer,,", ""), 400);
	CHECK_EQ(answer(NULL, NULL, "Require:", ""), 0);
	CHECK_EQ(answer(NULL, NULL, "Proxy-Require: x", ""), 0);
	CHECK_EQ(answer("ACK sip:a SIP/2.0", "CSeq: 1 ACK", "Require: x", ""),
		 0);
	CHECK_EQ(answer("CANCEL sip:a SIP/2.0", "CSeq: 1 CANCEL",
			"Require: x", ""), 0);

	CHECK_EQ(answer(NULL, NULL, NULL, "v=0"), 400);
	CHECK_EQ(answer(NULL, NULL, "c: Application/SDP;x=y", "v=0"), 0);
	CHECK_EQ(answer(NULL, NULL, "c: text/html", "x"), 0);
	CHECK_EQ(answer(NULL, NULL, "c: image/png", "x"), 415);
	CHECK_EQ(answer(NULL, NULL, "c: image/png", ""), 0);
	CHECK_EQ(answer(NULL, NULL, "c: image/png\r\nContent-Disposition: "
			"icon;handling=OPTIONAL", "x"), 0);
	CHECK_EQ(answer(NULL, NULL, "c: image/png\r\nContent-Disposition: "
			"icon;handling=required", "x"), 415);
	CHECK_EQ(answer(NULL, NULL, "c: text/plain\r\ne: gzip", "x"), 415);
	CHECK_EQ(answer(NULL, NULL, "c: text/plain\r\ne: identity", "x"), 0);

	CHECK_EQ(answer(NULL, NULL, "Accept: application/sdp;level=1", ""),
		 0);
	CHECK_EQ(answer(NULL, NULL, "Accept: a/b;sv, application/sdp;x", ""),
		 0);
	CHECK_EQ(answer(NULL, NULL, "Accept: a/b, */*;q=0.1", ""), 0);
	CHECK_EQ(answer(NULL, NULL, "Accept: a/b\r\nAccept: application/*",
			""), 0);
	CHECK_EQ(answer(NULL, NULL, "Accept: a/b", ""), 406);
	CHECK_EQ(answer(NULL, NULL, "Accept:", ""), 406);
	CHECK_EQ(answer(NULL, NULL, "Accept: a", ""), 400);
	CHECK_EQ(answer("OPTIONS sip:a SIP/2.0", "CSeq: 1 OPTIONS",
			"Accept: a/b", ""), 0);
}


/** No prefix of a good message is one, but for those that cut the body of a
 *  message without Content-Length */
static void prefixes(void)
{
	const size_t len = build(good, EXTRA, "Content-Length: 0");

	for (size_t i = 0; i < len; i++) {
		(void)build(good, EXTRA, "Content-Length: 0");
		CHECK_EQ(sip_msg_parse(&m, buf, i, SIP_FRAMING_DATAGRAM),
			 EBADMSG);
	}
}


const struct test_case suite_sip_message[] = {
	{"RFC 3261 s7.1: request lines", start_lines},
	{"RFC 3261 s20.42: Via", vias},
	{"RFC 3261 s20.20, s20.39: From and To", parties},
	{"RFC 3261 s20: Call-ID, CSeq, Max-Forwards, Content-*", scalars},
	{"RFC 3261 s20.10, s20.30, s20.34: Contact, Route, Record-Route",
	 addresses},
	{"RFC 3261 s7.3: lines, folds and characters", lines},
	{"RFC 3261 s25.1: no NUL in a header field", nul_octet},
	{"RFC 3261 s7.2: status lines; bad responses are discarded",
	 responses},
	{"octets that are no SIP are discarded", no_sip},
	{"RFC 3261 s18.3: Content-Length against the datagram", bodies},
	{"more header fields than there is room for: 513", capacity},
	{"a bad request can be answered", answerable},
	{"names of header fields and methods", names},
	{"RFC 3261 s18.3, RFC 5626 s4.4: frames of a stream", stream},
	{"RFC 3261 s8.2: what a UAS refuses", uas},
	{"no prefix of a message is a message", prefixes},
	{NULL, NULL}
};
