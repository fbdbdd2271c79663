/**
 * @file test_sdp.c  Session descriptions: RFC 4566, 3264, 3312, 4975, 4145
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sdp/sdp.h"

static struct sdesc sdp;
static struct sdesc_media m;
static struct sip_writer w;
static char out[1500];

#define HEAD "v=0\r\no=alice 2890844526 2890844527 IN IP4 192.0.2.5\r\ns=-\r\n"
#define CONN "c=IN IP4 192.0.2.5\r\n"
#define TIME "t=0 0\r\n"

/** RFC 4975 s8.1 with the attributes of TS 24.247 */
#define MSRP								\
	HEAD CONN TIME							\
	"m=message 7654 TCP/MSRP *\r\n"					\
	"a=accept-types:message/cpim text/plain\r\n"			\
	"a=accept-wrapped-types:*\r\n"					\
	"a=path:msrp://alicepc.example.com:7654/jshA7weztas;tcp\r\n"	\
	"a=max-size:131072\r\na=setup:actpass\r\na=msrp-cema\r\n"


static int decode(const char *text)
{
	const struct pl pl = {text, strlen(text)};

	return sdesc_decode(&sdp, &pl);
}


static int first_media(const char *text)
{
	int err = decode(text);

	return err ? err : sdesc_media(&m, &sdp, 0);
}


static bool is(const struct pl *pl, const char *str)
{
	return pl->p && !pl_strcmp(pl, str);
}


static void text_begin(void)
{
	sip_writer_init(&w, out, sizeof(out) - 1);
	memset(out, 0, sizeof(out));
}


/* ------------------------------------------------------------------ */


static void message_media(void)
{
	struct pl val, word;

	CHECK_EQ(first_media(MSRP), 0);
	CHECK_EQ(sdp.mediac, 1);
	CHECK(is(&sdp.sess_id, "2890844526"));
	CHECK(sdp.version == 2890844527u);
	CHECK(sdesc_media_is(&m, "MESSAGE", "tcp/msrp"));
	CHECK(!sdesc_media_is(&m, "audio", NULL));
	CHECK_EQ(m.port, 7654);
	CHECK_EQ(m.addr.port, 7654);
	CHECK_EQ(m.addr.ip[3], 5);
	CHECK_EQ(m.dir, SDESC_SENDRECV);

	CHECK_EQ(sdesc_media_attr(&val, &m, "path"), 0);
	CHECK(is(&val, "msrp://alicepc.example.com:7654/jshA7weztas;tcp"));
	CHECK_EQ(sdesc_media_attr(&val, &m, "msrp-cema"), 0);
	CHECK(val.p == NULL);
	CHECK_EQ(sdesc_media_attr(&val, &m, "setup"), 0);
	CHECK(is(&val, "actpass"));
	CHECK_EQ(sdesc_media_attr(NULL, &m, "file-selector"), ENOENT);

	CHECK_EQ(sdesc_media_attr(&val, &m, "accept-types"), 0);
	CHECK_EQ(sdesc_word_next(&word, &val), 0);
	CHECK(is(&word, "message/cpim"));
	CHECK_EQ(sdesc_word_next(&word, &val), 0);
	CHECK(is(&word, "text/plain"));
	CHECK_EQ(sdesc_word_next(&word, &val), ENOENT);
	CHECK_EQ(sdesc_media(&m, &sdp, 1), ENOENT);
}


static void order_and_presence(void)
{
	static const char *const badv[] = {
		"", "v=0\r\n", "v=1\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\n" TIME,
		"o=- 1 1 IN IP4 1.2.3.4\r\nv=0\r\ns=-\r\n" TIME,
		HEAD, HEAD CONN,
		"v=0\r\ns=-\r\no=- 1 1 IN IP4 1.2.3.4\r\n" TIME,
		"v=0\r\no=- 1 IN IP4 1.2.3.4\r\ns=-\r\n" TIME,
		"v=0\r\no=- x 1 IN IP4 1.2.3.4\r\ns=-\r\n" TIME,
		"v=0\r\no=- 1 1 IN IP4 1.2.3.4 y\r\ns=-\r\n" TIME,
		"v=0\r\no=- 1 99999999999999999999 IN IP4 1.2.3.4\r\ns=-\r\n"
		TIME,
		HEAD TIME "x=1\r\n", HEAD TIME "a\r\n",
		HEAD TIME "=1\r\n", HEAD TIME "a=1\r2\r\n",
		HEAD TIME "m=audio 1 RTP/AVP\r\n",
		HEAD CONN TIME "m=audio 65536 RTP/AVP 0\r\n",
		HEAD CONN TIME "m=audio -1 RTP/AVP 0\r\n",
		HEAD CONN TIME "m=audio RTP/AVP 0\r\n",
		HEAD CONN TIME "m=audio 1 RTP/AVP 0\r\nt=0 0\r\n",
		HEAD "c=IN IP4\r\n" TIME, HEAD "c=IN IP4 ::1\r\n" TIME,
		HEAD "c=IN IP6 1.2.3.4\r\n" TIME, HEAD "c=X IP4 1.2.3.4\r\n" TIME,
		HEAD "c=IN IP9 1.2.3.4\r\n" TIME,
		HEAD "c=IN IP4 1.2.3.4 5\r\n" TIME, HEAD "c=\r\n" TIME,
		HEAD "c=IN\r\n" TIME, HEAD TIME "\n", HEAD TIME "\r\n",
		"v=0\r\nx=1\r\ns=-\r\n" TIME, "v=0\r\no=- 1 1 IN IP4 1.2.3.4"
		"\r\nt=0 0\r\n", HEAD CONN TIME "m=\r\n",
		HEAD CONN TIME "m=audio\r\n", HEAD CONN TIME "m=audio 1\r\n",
		HEAD CONN TIME "m\r\n",
		HEAD CONN TIME "m=audio 1 RTP/AVP 0\r\na\r\n",
		HEAD CONN TIME "m=audio 1 RTP/AVP 0\r\nc=IN IP4\r\n"
	};
	size_t i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++)
		CHECK_EQ(decode(badv[i]), EBADMSG);

	/* RFC 2046 s5.1.1: the last line end belongs to a delimiter */
	CHECK_EQ(decode(HEAD TIME "a=1"), 0);
	CHECK_EQ(decode(HEAD CONN TIME "m=audio 1 RTP/AVP 0"), 0);
	CHECK_EQ(sdp.mediac, 1);

	/* s5: a single LF is accepted */
	CHECK_EQ(decode("v=0\no=- 1 1 IN IP6 ::1\ns=x y\nt=0 0\n"), 0);
	CHECK_EQ(sdp.mediac, 0);
	CHECK_EQ(decode(HEAD "i=x\r\nu=x\r\ne=x\r\np=x\r\n" CONN
			"b=AS:64\r\n" TIME "r=1 1\r\nz=1 1\r\nk=clear:x\r\n"
			"a=x\r\nm=audio 9/2 RTP/AVP 0\r\ni=x\r\nb=AS:1\r\n"
			"k=prompt\r\na=y\r\n"), 0);
}


static void nul_in_line(void)
{
	static const char text[] = HEAD CONN TIME "a=x\0y\r\n";
	const struct pl pl = {text, sizeof(text) - 1};

	CHECK_EQ(sdesc_decode(&sdp, &pl), EBADMSG);
}


static void connection_levels(void)
{
	/* s5.7: each media description, or the session */
	CHECK_EQ(decode(HEAD TIME "m=audio 9 RTP/AVP 0\r\n"), EBADMSG);
	CHECK_EQ(decode(HEAD TIME "m=audio 0 RTP/AVP 0\r\n"), 0);
	CHECK_EQ(first_media(HEAD TIME "m=audio 9 RTP/AVP 0\r\n"
			     "c=IN IP6 2001:db8::1\r\n"), 0);
	CHECK_EQ(m.addr.family, 6);
	CHECK_EQ(first_media(HEAD CONN TIME "m=audio 9 RTP/AVP 0\r\n"
			     "c=IN IP4 host.example.net\r\n"), 0);
	CHECK_EQ(m.addr.family, 0);
}


/* RFC 4566 s5.14 */
static void too_many_media(void)
{
	char text[1000] = HEAD CONN TIME;
	unsigned i;

	for (i = 0; i < SDESC_MEDIA_MAX; i++)
		strcat(text, "m=audio 9 RTP/AVP 0\r\n");
	CHECK_EQ(decode(text), 0);
	CHECK_EQ(sdp.mediac, SDESC_MEDIA_MAX);

	sdp.mediac = 77;
	strcat(text, "m=audio 9 RTP/AVP 0\r\n");
	CHECK_EQ(decode(text), EOVERFLOW);
	CHECK_EQ(sdp.mediac, 77);
}


static void directions(void)
{
	enum sdesc_dir d;

	CHECK_EQ(first_media(HEAD CONN TIME "a=sendonly\r\n"
			     "m=audio 9 RTP/AVP 0\r\n"), 0);
	CHECK_EQ(m.dir, SDESC_SENDONLY);
	CHECK_EQ(first_media(HEAD CONN TIME "a=sendonly\r\n"
			     "m=audio 9 RTP/AVP 0\r\na=inactive\r\n"), 0);
	CHECK_EQ(m.dir, SDESC_INACTIVE);

	/* RFC 3264 s6.1 */
	CHECK_EQ(sdesc_dir_answer(SDESC_SENDONLY, SDESC_SENDRECV), SDESC_RECVONLY);
	CHECK_EQ(sdesc_dir_answer(SDESC_RECVONLY, SDESC_SENDRECV), SDESC_SENDONLY);
	CHECK_EQ(sdesc_dir_answer(SDESC_SENDRECV, SDESC_SENDRECV), SDESC_SENDRECV);
	CHECK_EQ(sdesc_dir_answer(SDESC_SENDRECV, SDESC_SENDONLY), SDESC_SENDONLY);
	CHECK_EQ(sdesc_dir_answer(SDESC_SENDONLY, SDESC_SENDONLY), SDESC_INACTIVE);
	CHECK_EQ(sdesc_dir_answer(SDESC_INACTIVE, SDESC_SENDRECV), SDESC_INACTIVE);
	for (d = SDESC_INACTIVE; d <= SDESC_SENDRECV; d++)
		CHECK_EQ(sdesc_dir_reverse(sdesc_dir_reverse(d)), d);
}


static void codecs(void)
{
	struct sdesc_codec c;
	struct pl rest;

	CHECK_EQ(first_media(HEAD CONN TIME
			     "m=audio 49170 RTP/AVP 97 0 98 99\r\n"
			     "a=rtpmap:97 AMR-WB/16000/1\r\n"
			     "a=fmtp:97 mode-change-capability=2; max-red=0\r\n"
			     "a=rtpmap:98 telephone-event/8000\r\n"), 0);
	rest = m.fmts;
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), 0);
	CHECK_EQ(c.pt, 97);
	CHECK(is(&c.name, "AMR-WB"));
	CHECK_EQ(c.rate_hz, 16000);
	CHECK_EQ(c.channels, 1);
	CHECK(is(&c.fmtp, "mode-change-capability=2; max-red=0"));
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), 0);
	CHECK(is(&c.name, "PCMU"));
	CHECK(c.fmtp.p == NULL);
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), 0);
	CHECK(is(&c.name, "telephone-event"));
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), 0);
	CHECK(c.name.p == NULL);
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), ENOENT);

	CHECK_EQ(first_media(HEAD CONN TIME "m=audio 9 RTP/AVP 128 97\r\n"
			     "a=rtpmap:97 /8000\r\n"), 0);
	rest = m.fmts;
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), EBADMSG);
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), EBADMSG);
}


/* s6: a=rtpmap:<payload type> <name>/<rate>[/<channels>] */
static void rtpmaps(void)
{
	static const struct {
		const char *line;
		int err;
		unsigned rate, channels;
	} v[] = {
		{"rtpmap:97 L16/44100/2", 0, 44100, 2},
		{"rtpmap:97   L16/999999999/255", 0, 999999999, 255},
		/* of no format, or of another one */
		{"rtpmap", 0, 8000, 1}, {"rtpmap:", 0, 8000, 1},
		{"rtpmap:9", 0, 8000, 1}, {"rtpmap:98 x", 0, 8000, 1},
		{"rtpmap:97", EBADMSG, 0, 0}, {"rtpmap:97 ", EBADMSG, 0, 0},
		{"rtpmap:97 L16", EBADMSG, 0, 0},
		{"rtpmap:97 L16/", EBADMSG, 0, 0},
		{"rtpmap:97 L16/x", EBADMSG, 0, 0},
		{"rtpmap:97 L16/1/", EBADMSG, 0, 0},
		{"rtpmap:97 L16/1/256", EBADMSG, 0, 0},
		{"rtpmap:97 L16/1/-", EBADMSG, 0, 0},
		{"rtpmap:97 L16/1000000000", EBADMSG, 0, 0},
		{"rtpmap:97 L16/80:0", EBADMSG, 0, 0}
	};
	struct sdesc_codec c;
	struct pl rest;
	char text[400];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		(void)snprintf(text, sizeof(text), HEAD CONN TIME
			       "m=audio 9 RTP/AVP 97\r\na=%s\r\n", v[i].line);
		CHECK_EQ(first_media(text), 0);
		rest = m.fmts;
		CHECK_EQ(sdesc_codec_next(&c, &m, &rest), v[i].err);
		if (v[i].err)
			continue;
		CHECK_EQ(c.rate_hz, v[i].rate);
		CHECK_EQ(c.channels, v[i].channels);
	}

	CHECK_EQ(first_media(HEAD CONN TIME "m=audio 9 RTP/AVP x\r\n"), 0);
	rest = m.fmts;
	CHECK_EQ(sdesc_codec_next(&c, &m, &rest), EBADMSG);
}


/* ------------------------------------------------------------------ */
/* RFC 3312 */

#define AUDIO HEAD CONN TIME "m=audio 9 RTP/AVP 0\r\n"


static void preconditions(void)
{
	struct sdesc_qos q, r;

	/* TS 34.229-1 annex C.21 */
	CHECK_EQ(first_media(AUDIO "a=curr:qos local none\r\n"
			     "a=curr:qos remote none\r\n"
			     "a=des:qos mandatory local sendrecv\r\n"
			     "a=des:qos optional remote sendrecv\r\n"), 0);
	CHECK_EQ(sdesc_qos_decode(&q, &m), 0);
	CHECK_EQ(q.curr_local, 0);
	CHECK_EQ(q.des_local, SDESC_SENDRECV);
	CHECK_EQ(q.strength_local, SDESC_STRENGTH_MANDATORY);
	CHECK_EQ(q.strength_remote, SDESC_STRENGTH_OPTIONAL);
	CHECK(!sdesc_qos_met(&q));

	sdesc_qos_reverse(&r, &q);
	CHECK_EQ(r.strength_remote, SDESC_STRENGTH_MANDATORY);
	CHECK(!sdesc_qos_met(&r));
	r.curr_remote = SDESC_SENDRECV;
	CHECK(sdesc_qos_met(&r));

	/* s6: a direction that is missing */
	CHECK_EQ(first_media(AUDIO "a=curr:qos local send\r\n"
			     "a=des:qos mandatory local send\r\n"
			     "a=des:qos mandatory local recv\r\n"
			     "a=des:qos none local sendrecv\r\n"
			     "a=conf:qos remote sendrecv\r\n"), 0);
	CHECK_EQ(sdesc_qos_decode(&q, &m), 0);
	CHECK_EQ(q.des_local, SDESC_SENDRECV);
	CHECK_EQ(q.conf_remote, SDESC_SENDRECV);
	CHECK(!sdesc_qos_met(&q));
	sdesc_qos_reverse(&r, &q);
	CHECK_EQ(r.curr_remote, SDESC_RECVONLY);

	CHECK_EQ(first_media(AUDIO), 0);
	CHECK_EQ(sdesc_qos_decode(&q, &m), ENOENT);
}


static void bad_preconditions(void)
{
	static const char *const badv[] = {
		"a=curr\r\n", "a=curr:qos\r\n", "a=curr:qos local\r\n",
		"a=curr:qos here none\r\n", "a=curr:qos local both\r\n",
		"a=des:qos must local sendrecv\r\n",
		"a=des:qos mandatory local\r\n", "a=conf:qos remote x\r\n",
		"a=curr:\r\n", "a=des:qos\r\n", "a=des:qos mandatory\r\n"
	};
	static const char *const foreignv[] = {
		"a=des:qos mandatory e2e sendrecv\r\n",
		"a=des:sec mandatory local sendrecv\r\n"
	};
	struct sdesc_qos q;
	char text[400];
	size_t i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		snprintf(text, sizeof(text), AUDIO "%s", badv[i]);
		CHECK_EQ(first_media(text), 0);
		CHECK_EQ(sdesc_qos_decode(&q, &m), EBADMSG);
	}

	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), AUDIO "%s", foreignv[i]);
		CHECK_EQ(first_media(text), 0);
		CHECK_EQ(sdesc_qos_decode(&q, &m), ENOTSUP);
	}

	/* s11: what is not mandatory is no reason to refuse */
	CHECK_EQ(first_media(AUDIO "a=des:sec optional local send\r\n"
			     "a=curr:sec local none\r\n"
			     "a=des:qos failure e2e sendrecv\r\n"), 0);
	CHECK_EQ(sdesc_qos_decode(&q, &m), 0);
	CHECK(sdesc_qos_met(&q));

	/* s5: a confirmation is asked for of the other side only */
	CHECK_EQ(first_media(AUDIO "a=conf:qos local sendrecv\r\n"
			     "a=des:qos unknown local sendrecv\r\n"), 0);
	CHECK_EQ(sdesc_qos_decode(&q, &m), 0);
	CHECK_EQ(q.conf_remote, 0);
	CHECK(sdesc_qos_met(&q));
}


/* ------------------------------------------------------------------ */


static void write_all(void)
{
	const struct ue_addr addr = {.family = 4, .ip = {10, 0, 0, 7}};
	const struct sdesc_qos q = {
		.des_local = SDESC_SENDRECV, .des_remote = SDESC_SENDRECV,
		.strength_local = SDESC_STRENGTH_MANDATORY,
		.strength_remote = SDESC_STRENGTH_OPTIONAL,
		.conf_remote = SDESC_SENDRECV
	};
	struct sdesc_qos back;

	text_begin();
	sdesc_write_session(&w, 5, 6, &addr);
	sdesc_write_media(&w, "message", 7654, "TCP/MSRP", "*");
	sdesc_write_attr(&w, "setup", "active");
	sdesc_write_attr(&w, "msrp-cema", NULL);
	sdesc_write_dir(&w, SDESC_RECVONLY);
	sdesc_write_qos(&w, &q);
	CHECK_EQ(sip_writer_err(&w), 0);
	CHECK_STR(out, "v=0\r\no=- 5 6 IN IP4 10.0.0.7\r\ns=-\r\n"
		  "c=IN IP4 10.0.0.7\r\nt=0 0\r\n"
		  "m=message 7654 TCP/MSRP *\r\na=setup:active\r\n"
		  "a=msrp-cema\r\na=recvonly\r\n"
		  "a=curr:qos local none\r\na=curr:qos remote none\r\n"
		  "a=des:qos mandatory local sendrecv\r\n"
		  "a=des:qos optional remote sendrecv\r\n"
		  "a=conf:qos remote sendrecv\r\n");

	CHECK_EQ(first_media(out), 0);
	CHECK_EQ(m.dir, SDESC_RECVONLY);
	CHECK_EQ(sdesc_qos_decode(&back, &m), 0);
	CHECK_MEM(&back, sizeof(back), &q, sizeof(q));
}


static void write_refused(void)
{
	CHECK_EQ(first_media(HEAD CONN TIME "m=video 9 RTP/AVP 31 32\r\n"), 0);
	text_begin();
	sdesc_write_refused(&w, &m);
	CHECK_STR(out, "m=video 0 RTP/AVP 31\r\n");

	/* RFC 5547 s8.3: what has a value is given back */
	CHECK_EQ(first_media(HEAD CONN TIME "m=message 9 TCP/MSRP *\r\n"
			     "a=file-selector\r\na=file-transfer-id:7\r\n"),
		 0);
	text_begin();
	sdesc_write_mirror(&w, &m, "file-selector");
	sdesc_write_mirror(&w, &m, "file-transfer-id");
	sdesc_write_mirror(&w, &m, "file-icon");
	CHECK_STR(out, "a=file-transfer-id:7\r\n");

	/* nothing can end a line */
	text_begin();
	sdesc_write_attr(&w, "path", "a\r\nm=x");
	CHECK_EQ(sip_writer_err(&w), EINVAL);
}


/* RFC 4566 s5.2, s5.7: the family of the address is said */
static void write_ipv6(void)
{
	const struct pl pl = {"2001:db8::7", 11};
	struct ue_addr addr;

	CHECK_EQ(ue_addr_decode(&addr, &pl), 0);
	text_begin();
	sdesc_write_session(&w, 5, 6, &addr);
	CHECK_STR(out, "v=0\r\no=- 5 6 IN IP6 2001:db8::7\r\ns=-\r\n"
		  "c=IN IP6 2001:db8::7\r\nt=0 0\r\n");
	CHECK_EQ(decode(out), 0);
}


/* RFC 4572 s5: UHEX *(":" UHEX), as many as the hash has */
static void hashes(void)
{
	static const char *const badv[] = {
		"", "0", "00:1", "00:11:2", "00:11:223", "00 11:22",
		"00:1g:22", "00:g1:22", "00:11:2", "00:11:22:"
	};
	uint8_t h[3] = {9, 9, 9};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++)
		CHECK_EQ(sdesc_hex_decode(h, 3, badv[i], strlen(badv[i])),
			 EBADMSG);
	CHECK_EQ(sdesc_hex_decode(h, 3, "00:aB:Ff", 8), 0);
	CHECK_MEM(h, 3, "\x00\xab\xff", 3);
}


const struct test_case suite_sdp[] = {
	{"RFC 4975 s8.1: a message stream and its attributes", message_media},
	{"RFC 4566 s5: required lines and their order", order_and_presence},
	{"RFC 4566 s9: no NUL in a line", nul_in_line},
	{"RFC 4566 s5.7: c= of the session or of each stream",
	 connection_levels},
	{"more media descriptions than there is room for", too_many_media},
	{"RFC 3264 s6.1: directions", directions},
	{"RFC 4566 s6: rtpmap, fmtp, static payload types", codecs},
	{"RFC 4566 s6: rtpmap: rate and channels", rtpmaps},
	{"RFC 3312 s5: preconditions of both sides", preconditions},
	{"RFC 3312 s4, s11: malformed and foreign preconditions",
	 bad_preconditions},
	{"RFC 4566 s5: writing, and reading it back", write_all},
	{"RFC 3264 s6: a refused stream", write_refused},
	{"RFC 4566 s5.7: writing an IPv6 address", write_ipv6},
	{"RFC 4572 s5: hashes", hashes},
	{NULL, NULL}
};
