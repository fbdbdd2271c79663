/**
 * @file test_sip_comp.c  Two SIP cores that talk SigComp to each other
 *
 * Over 800 lines: all tests share the two cores.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"
#include "ue/sip/comp.h"

#if UE_SIGCOMP

static struct kit a, b;                 /* UE, P-CSCF */
static struct sip_comp ca, cb;
static unsigned from_a, from_b;         /* carried so far */
static struct ue_addr client;           /* address of a */
static unsigned conn;                   /* of b */
static unsigned requests;               /* of a */

/** Longer than the decoder that goes with the first message */
#define LONG 800


static bool is_sigcomp(const struct kit *k, unsigned n)
{
	return ((uint8_t)k->sentv[n].msg[0] & 0xf8) == 0xf8;
}


static void begin(unsigned what, bool willing)
{
	static const struct sip_comp_params prm;
	struct sip_hop_params hop;

	kit_init(&a, what);
	kit_init(&b, 0);
	b.rnd = 77;
	requests = 0;
	from_a = from_b = 0;
	client = kit_own;
	client.port = 5070;

	memset(&hop, 0, sizeof(hop));
	hop.local = kit_peer;
	hop.peer = client;
	hop.udp = (what & KIT_UDP) != 0;
	hop.tcp = (what & KIT_TCP) != 0;
	(void)sip_hop_open(&b.hop, &b.sip, &hop, NULL, NULL);

	(void)sip_comp_init(&ca, &a.sip, &prm);
	(void)sip_comp_init(&cb, &b.sip, &prm);
	(void)sip_comp_open(&ca, &kit_peer, "urn:uuid:1", willing);
	(void)sip_comp_open(&cb, &client, "urn:uuid:2", false);
	a.hop.filter = &ca.filter;
	b.hop.filter = &cb.filter;

	if (what & KIT_TCP) {
		a.connect_at_once = true;
		(void)sip_flow_accepted(&b.sip, (unsigned)b.hop.flow_listen,
					&client, &conn);
	}
}


/* One after the other, of different methods: the kit has one CSeq */
static int start_long(size_t pad)
{
	static const char *const methodv[] = {"OPTIONS", "MESSAGE", "NOTIFY"};

	return kit_start(&a, NULL, methodv[requests++ % 3], pad);
}


static int start(void)
{
	return start_long(LONG);
}


static void answer(struct kit *k)
{
	static char fill[LONG];
	struct sip_writer *w = sip_reply_begin(k->st, 200, NULL);

	memset(fill, 'y', sizeof(fill) - 1);
	sip_writer_hdr(w, SIP_HDR_SUBJECT, "%s", fill);
	(void)sip_writer_end(w);
	(void)sip_reply_send(k->st);
}


/* To b, which answers each new request */
static void to_b(int flow, const char *data, size_t len)
{
	const unsigned n = b.reqc;

	kit_recv(&b, flow, &client, data, len);
	if (b.reqc != n)
		answer(&b);
}


/* Everything that was sent arrives, also what follows from it */
static void carry(void)
{
	while (from_a < a.sentc || from_b < b.sentc) {

		const struct kit_sent *s;

		if (from_a < a.sentc) {
			s = &a.sentv[from_a++];
			to_b(b.hop.flow_us, s->msg, s->len);
		}
		if (from_b < b.sentc) {
			s = &b.sentv[from_b++];
			kit_recv(&a, a.hop.flow_us, &kit_peer, s->msg,
				 s->len);
		}
	}
}


/* RFC 3486 s3 */
static void datagram(void)
{
	size_t first;

	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	CHECK_EQ(a.sentc, 1);
	CHECK(is_sigcomp(&a, 0));
	first = a.sentv[0].len;

	carry();
	CHECK_EQ(b.reqc, 1);
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(a.respv[0].code, 200);

	/* RFC 3486 s5: the Via asked for it */
	CHECK_EQ(b.sentc, 1);
	CHECK(is_sigcomp(&b, 0));
	CHECK(cb.willing);

	/* now there is a state to refer to */
	CHECK_EQ(start(), 0);
	carry();
	CHECK_EQ(a.respc, 2);
	CHECK(a.sentv[1].len < first / 2);
	CHECK_EQ(ca.stats.tx_compressed, 2);
	CHECK_EQ(ca.stats.rx_compressed, 2);
	CHECK_EQ(cb.stats.rx_failed + ca.stats.rx_failed, 0);
	CHECK(b.traced >= 4);
}


static void repeated(void)
{
	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	from_a = 1;                             /* lost */
	kit_run(&a, 500);
	CHECK_EQ(a.sentc, 2);
	CHECK(is_sigcomp(&a, 1));
	CHECK_EQ(ca.stats.tx_compressed, 2);
	carry();
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(a.respv[0].code, 200);

	/* the repeated request gets the answer compressed anew */
	CHECK_EQ(start(), 0);
	to_b(b.hop.flow_us, a.sentv[2].msg, a.sentv[2].len);
	from_a = 3;
	from_b = b.sentc;                       /* lost */
	kit_run(&a, 1100);
	carry();
	CHECK_EQ(a.respc, 2);
	CHECK_EQ(cb.stats.tx_compressed, 3);
	CHECK_EQ(cb.stats.nacks_sent + ca.stats.nacks_sent, 0);
}


static void lost_state(void)
{
	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	carry();
	CHECK_EQ(a.respc, 1);

	/* RFC 4077 s1.1.2: restarted */
	(void)sip_comp_open(&cb, &client, "urn:uuid:2", false);
	CHECK_EQ(start(), 0);
	carry();
	CHECK_EQ(cb.stats.nacks_sent, 1);
	CHECK_EQ(ca.stats.nacks_received, 1);

	/* s2.3.1: a datagram goes by the timers of its transaction */
	CHECK_EQ(a.respc, 1);
	kit_run(&a, 500);
	carry();
	CHECK_EQ(a.respc, 2);
	CHECK_EQ(a.respv[1].code, 200);

	/* and then all is as before */
	CHECK_EQ(start(), 0);
	carry();
	CHECK_EQ(a.respc, 3);
	CHECK_EQ(cb.stats.nacks_sent, 1);
}


static void damaged(void)
{
	char bad[4096];
	const struct kit_sent *s;

	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	s = &a.sentv[0];
	from_a = 1;

	/* an endless loop; RFC 4077 s2.2: to where it came from */
	memcpy(bad, "\xf8\x00\x11\x16\x00", 5);
	kit_recv(&b, b.hop.flow_us, &client, bad, 5);
	CHECK_EQ(b.reqc, 0);
	CHECK_EQ(cb.stats.rx_failed, 1);
	CHECK_EQ(b.sip.stats.rx_filtered, 1);
	CHECK_EQ(cb.stats.nacks_sent, 1);
	CHECK(ue_addr_equal(&b.sentv[0].dst, &client));

	/* of a message that was never sent: nothing happens */
	carry();
	CHECK_EQ(ca.stats.nacks_received, 1);
	CHECK_EQ(a.sentc, 1);

	/* cut short */
	memcpy(bad, s->msg, s->len);
	kit_recv(&b, b.hop.flow_us, &client, bad, s->len / 2);
	CHECK_EQ(b.reqc, 0);

	/* the good state is as it was */
	kit_recv(&b, b.hop.flow_us, &client, s->msg, s->len);
	CHECK_EQ(b.reqc, 1);
}


/* To b's connection, in pieces of that size */
static void pour(size_t piece)
{
	while (from_a < a.sentc) {

		const struct kit_sent *s = &a.sentv[from_a++];
		size_t i, n;

		for (i = 0; i < s->len; i += n) {
			n = s->len - i < piece ? s->len - i : piece;
			to_b((int)conn, s->msg + i, n);
		}
	}
}


/* Nothing is left of the store but what is in use; freed by fill(k, true) */
static void fill(struct kit *k, bool back)
{
	static struct sip_stored m[64];
	static unsigned n;
	size_t len;

	while (back && n)
		sip_store_free(&k->sip.store, &m[--n]);
	for (len = 4096; !back && len >= 64; len /= 2)
		while (n < 64 && !sip_store_alloc(&m[n], &k->sip.store, len,
						  0))
			++n;
}


/* The next request refers to what the peer has, or to nothing */
static void next_is_read(void)
{
	const unsigned n = a.respc;

	CHECK_EQ(start(), 0);
	from_a = a.sentc - 1;
	carry();
	CHECK_EQ(cb.stats.rx_failed, 0);
	CHECK_EQ(a.respc, n + 1);
}


/* The first copy is lost; the second one has to go as it is and is answered:
   the state of the first is not there */
static void copy_plain(void)
{
	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	CHECK(is_sigcomp(&a, 0));
	fill(&a, false);
	kit_run(&a, 500);
	fill(&a, true);
	CHECK_EQ(a.sentc, 2);
	CHECK(!is_sigcomp(&a, 1));
	from_a = 1;
	carry();
	CHECK_EQ(a.respc, 1);
	next_is_read();
}


/* The first copy goes as it is and is answered late; the second is lost */
static void copy_after_plain(void)
{
	begin(KIT_UDP, false);
	CHECK_EQ(start(), 0);
	CHECK(!is_sigcomp(&a, 0));
	ca.willing = true;
	kit_run(&a, 500);
	CHECK_EQ(a.sentc, 2);
	CHECK(is_sigcomp(&a, 1));
	a.sentc = 1;
	carry();
	CHECK_EQ(a.respc, 1);
	next_is_read();
}


/* A message that no transaction sends */
static void encode_other(struct sip_comp *c, unsigned flow, unsigned n)
{
	char text[600];
	const void *out;
	size_t len;

	memset(text, 'z', sizeof(text));
	(void)snprintf(text, sizeof(text), "OPTIONS sip:%u@a SIP/2.0", n);
	CHECK_EQ(c->filter.encode(c, flow, text, sizeof(text), &out, &len),
		 0);
	c->filter.sent(c, flow, 0);
}


/* Of the two copies only the second, which is lost, was to leave a state;
   between them so many others are sent that the first is forgotten */
static void copy_late(void)
{
	unsigned i;

	begin(KIT_UDP, true);
	ca.st.comp[0].peer.sms = 0;
	CHECK_EQ(start(), 0);
	for (i = 0; i < UE_COMP_SENT; i++)
		encode_other(&ca, (unsigned)a.hop.flow_us, i);
	ca.st.comp[0].peer.sms = 2048;
	kit_run(&a, 500);
	CHECK_EQ(a.sentc, 2);
	CHECK(ca.st.comp[0].ledger[0].status);
	a.sentc = 1;
	carry();
	CHECK_EQ(a.respc, 1);
	next_is_read();
}


/* The n-th message of a is refused, RFC 4077 s3.1 */
static void refuse(unsigned n, uint8_t reason)
{
	const struct kit_sent *s = &a.sentv[n];
	const bool marked = a.hop.flow_conn >= 0;
	uint8_t nack[27] = {0xf8, 0, 1, reason};
	uint8_t msg[2 * sizeof(nack) + 4];
	static uint8_t buf[4096];
	struct sigcomp_stream st;
	const uint8_t *whole = (const uint8_t *)s->msg;
	size_t len = s->len, used;

	if (marked) {
		sigcomp_stream_init(&st, buf, sizeof(buf));
		CHECK_EQ(sigcomp_stream_feed(&st, &whole, &len, whole, len,
					     &used), 0);
	}
	(void)mbedtls_sha1_ret(whole, len, nack + 7);
	len = sizeof(nack);
	memcpy(msg, nack, len);
	if (marked)
		CHECK_EQ(sigcomp_stream_mark(msg, sizeof(msg), &len, nack,
					     sizeof(nack)), 0);
	kit_recv(&a, marked ? a.hop.flow_conn : a.hop.flow_us,
		 marked ? NULL : &kit_peer, (char *)msg, len);
}


/* What is too long for the peer's buffer goes as it is, and nothing else */
static void too_long(void)
{
	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	refuse(0, SIGCOMP_OUTPUT_OVERFLOW);
	CHECK_EQ(ca.stats.nacks_received, 1);
	CHECK_EQ(a.sentc, 1);
	CHECK_EQ(start(), 0);
	CHECK(is_sigcomp(&a, 1));
	kit_run(&a, 500);
	CHECK_EQ(a.sentc, 4);
	CHECK(!is_sigcomp(&a, 2));
	CHECK(is_sigcomp(&a, 3));
}


/* Nothing else can be sent over a connection: the user is told, and nobody
   doubts the P-CSCF */
static void stream_refused(void)
{
	unsigned i;

	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	refuse(0, SIGCOMP_OUTPUT_OVERFLOW);
	kit_run(&a, 0);
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(a.respv[0].err, EMSGSIZE);

	/* in none of its forms */
	CHECK_EQ(start(), 0);
	for (i = 1; i < 6; i++) {
		CHECK_EQ(a.respc, 1);
		CHECK_EQ(a.sentc, i + 1);
		refuse(i, SIGCOMP_SEGFAULT);
		kit_run(&a, 0);
	}
	CHECK_EQ(a.respc, 2);
	CHECK_EQ(a.respv[1].err, EPROTO);
	CHECK_EQ(a.sentc, 6);
	CHECK(a.hop.flow_conn >= 0);
	CHECK(sip_idle(&a.sip));
}


/* The peer repeats its refusal of an INVITE until it has the ACK, over a
   connection not even that */
static void stream_nack_ack(void)
{
	begin(KIT_TCP, true);
	CHECK_EQ(kit_start(&a, NULL, "INVITE", LONG), 0);
	kit_recv(&b, (int)conn, NULL, a.sentv[from_a].msg,
		 a.sentv[from_a].len);
	++from_a;
	CHECK_EQ(b.reqc, 1);
	(void)sip_writer_end(sip_reply_begin(b.st, 404, NULL));
	CHECK_EQ(sip_reply_send(b.st), 0);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[0].msg, b.sentv[0].len);
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(a.sentc, 2);

	/* the NACK is there within 2*T1 */
	kit_run(&a, 1000);
	refuse(1, SIGCOMP_STATE_NOT_FOUND);
	CHECK_EQ(a.sentc, 3);
	pour(5000);
	CHECK_EQ(cb.stats.rx_compressed, 3);

	/* no user has to hear of it */
	refuse(2, SIGCOMP_OUTPUT_OVERFLOW);
	CHECK_EQ(a.sentc, 3);
	CHECK_EQ(a.respc, 1);
	kit_run(&a, 1000 + 5000);
	CHECK(sip_idle(&a.sip));
}


/* RFC 3261 s17.2: a final response waits until there is room */
static void stream_no_memory(void)
{
	char text[600];
	const void *out;
	size_t len;

	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	fill(&a, false);
	memset(text, 'z', sizeof(text));
	CHECK_EQ(ca.filter.encode(&ca, (unsigned)a.hop.flow_conn, text,
				  sizeof(text), &out, &len), EAGAIN);
	fill(&a, true);
	CHECK_EQ(ca.filter.encode(&ca, (unsigned)a.hop.flow_conn, text,
				  sizeof(text), &out, &len), 0);
	ca.filter.sent(&ca, (unsigned)a.hop.flow_conn, 0);
}


/* RFC 3320 s4.2.2: no room for the marks: the message is not sent, and what it
   was to save is not there */
static void stream_no_room_for_marks(void)
{
	const struct sigcomp_slot *slot = ca.st.comp[0].slot;
	uint32_t seed = 3;
	uint8_t text[1200];
	const void *out;
	size_t i, len;

	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	CHECK(slot[0].usable || slot[1].usable);
	for (i = 0; i < sizeof(text); i++) {
		seed = seed * 1664525u + 1013904223u;
		text[i] = seed >> 30 ? (uint8_t)(seed >> 16) : 0xff;
	}
	memcpy(text, "OPTIONS sip:a@b", 15);
	CHECK_EQ(ca.filter.encode(&ca, (unsigned)a.hop.flow_conn, text,
				  sizeof(text), &out, &len), EOVERFLOW);
	CHECK(!slot[0].usable && !slot[1].usable);
	CHECK_EQ(start(), 0);
	pour(5000);
	CHECK_EQ(b.reqc, 2);
}


#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X300 X50 X50 X50 X50 X50 X50
#define FILL "Subject: " X300 X300 X300 "\r\n"

/* RFC 3320 s4.2 */
static void refused(void)
{
	const char *text;
	size_t n;
	uint32_t h;
	static uint8_t out[4096];

	begin(KIT_UDP, true);

	/* an answer to nothing */
	text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;"
		"branch=z9hG4bK0123456789abcdef\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:a@b>;tag=2\r\nCall-ID: x\r\n" FILL ""
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	CHECK_EQ(sigcomp_compress(&ca.st.sc, &ca.st.comp[0], out, sizeof(out),
				  &n, &h, (const uint8_t *)text, strlen(text),
				  SIGCOMP_ANSWERED), 0);
	kit_recv(&b, b.hop.flow_us, &client, (char *)out, n);
	CHECK_EQ(b.sip.stats.rx_unmatched, 1);
	CHECK_EQ(cb.stats.rx_compressed, 1);
	CHECK_EQ(cb.st.comp[0].fill, 0);

	/* no SIP */
	begin(KIT_UDP, true);
	text = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;"
		"branch=z9hG4bK0123456789abcdef\r\nFrom: <sip:a@b>;tag=1\r\n"
		"Call-ID: y\r\n" FILL "\r\n";
	CHECK_EQ(sigcomp_compress(&ca.st.sc, &ca.st.comp[0], out, sizeof(out),
				  &n, &h, (const uint8_t *)text, strlen(text),
				  SIGCOMP_ANSWERED), 0);
	kit_recv(&b, b.hop.flow_us, &client, (char *)out, n);
	CHECK_EQ(b.sip.stats.rx_malformed, 1);
	CHECK_EQ(cb.stats.rx_compressed, 1);
	CHECK_EQ(cb.st.comp[0].fill, 0);

	/* the same octets from elsewhere: not even looked at */
	kit_recv(&b, b.hop.flow_us, &kit_other, (char *)out, n);
	CHECK_EQ(cb.stats.rx_compressed, 1);
	CHECK_EQ(cb.stats.nacks_sent, 0);

	/* what is good leaves one */
	begin(KIT_UDP, true);
	CHECK_EQ(start(), 0);
	carry();
	CHECK_EQ(b.reqc, 1);
	CHECK(cb.st.comp[0].fill > 0);
}


/* One request and its answer, some datagrams lost */
static bool exchange(uint32_t *seed, unsigned percent)
{
	const unsigned n = a.respc;
	const uint64_t end = a.timers.now_ms + 40000;
	unsigned i;

	a.sentc = b.sentc = from_a = from_b = 0;
	a.used = b.used = 0;
	if (start())
		return false;

	while (a.respc == n && a.timers.now_ms < end) {

		while (from_a < a.sentc || from_b < b.sentc) {

			*seed = *seed * 1664525u + 1013904223u;
			i = from_a < a.sentc;
			if ((*seed >> 8) % 100 >= percent) {
				const struct kit_sent *s = i
					? &a.sentv[from_a] : &b.sentv[from_b];

				if (i)
					to_b(b.hop.flow_us, s->msg, s->len);
				else
					kit_recv(&a, a.hop.flow_us, &kit_peer,
						 s->msg, s->len);
			}
			++*(i ? &from_a : &from_b);
		}
		kit_run(&a, a.timers.now_ms + 100);
		kit_run(&b, a.timers.now_ms);
	}

	kit_run(&a, end);
	kit_run(&b, end);

	return a.respc == n + 1 &&
		!a.respv[n < KIT_CALLS ? n : KIT_CALLS - 1].err;
}


static void lossy(void)
{
	static const unsigned percentv[] = {0, 5, 20};
	unsigned i, n;

	for (i = 0; i < 3; i++) {

		uint32_t seed = 1;

		begin(KIT_UDP, true);
		for (n = 0; n < 150; n++)
			CHECK(exchange(&seed, percentv[i]));

		CHECK(cb.stats.rx_compressed >= 150);
		CHECK_EQ(ca.stats.rx_failed + cb.stats.rx_failed, 0);
		CHECK_EQ(ca.sip->stats.rx_malformed, 0);
		CHECK_EQ(cb.sip->stats.rx_malformed, 0);
	}
}


static void shown(void)
{
	begin(KIT_UDP, false);
	CHECK_EQ(start(), 0);
	CHECK(!is_sigcomp(&a, 0));
	CHECK(kit_has(&a, 0, ";comp=sigcomp;sigcomp-id=\"urn:uuid:1\""));

	/* RFC 3486 s5: the answer may be compressed already */
	carry();
	CHECK(is_sigcomp(&b, 0));
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(start(), 0);
	CHECK(is_sigcomp(&a, 1));
	carry();
	CHECK_EQ(a.respc, 2);

	/* or only say so */
	begin(KIT_UDP, false);
	CHECK_EQ(start(), 0);
	kit_respond(&a, 0, 200, "t", "Path: <sip:192.0.2.9;lr;"
		    "comp=SigComp>\r\n");
	CHECK_EQ(a.respc, 1);
	CHECK_EQ(start(), 0);
	CHECK(is_sigcomp(&a, 1));

	/* RFC 5049 s9.4: closed: plain again, and SigComp is not read */
	sip_comp_close(&ca);
	CHECK_EQ(start(), 0);
	CHECK(!is_sigcomp(&a, 2));
	CHECK(!kit_has(&a, 2, "comp="));
	kit_recv(&a, a.hop.flow_us, &kit_peer, a.sentv[1].msg,
		 a.sentv[1].len);
	CHECK_EQ(a.sip.stats.rx_filtered, 1);
}


static void stream(void)
{
	size_t piece;

	for (piece = 1; piece < 400; piece = piece * 3 / 2 + 1) {

		unsigned i;

		begin(KIT_TCP, true);
		for (i = 0; i < 3; i++)
			CHECK_EQ(start(), 0);
		CHECK_EQ(a.sentc, 3);
		CHECK(is_sigcomp(&a, 0));
		pour(piece);
		CHECK_EQ(b.reqc, 3);
		CHECK_EQ(cb.stats.rx_compressed, 3);

		/* no buffer is held between messages */
		kit_recv(&b, (int)conn, NULL, "\xff\xff", 2);
		CHECK_EQ(b.sip.flowv[conn].wire.head, 0);

		CHECK_EQ(b.sentc, 3);
		CHECK(is_sigcomp(&b, 0));
		for (i = 0; i < 3; i++)
			kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[i].msg,
				 b.sentv[i].len);
		CHECK_EQ(a.respc, 3);
	}
}


/* Requests of the greatest length, also where others have 4 KB of the store */
static void greatest(unsigned what)
{
	struct sip_stored m = {0, 0, 0};
	unsigned i, fill;

	for (fill = 0; fill < 2; fill++) {

		begin(what, true);
		CHECK_EQ(sip_store_alloc(&m, &b.sip.store,
					 fill ? 4096 : 4, 0), 0);
		for (i = 0; i < 3; i++) {
			CHECK_EQ(start_long(UE_SIP_MSG_MAX - 500), 0);
			CHECK_EQ(a.sentc, i + 1);
			CHECK(is_sigcomp(&a, i));
			if (what & KIT_TCP)
				pour(700);
			else
				carry();
			CHECK_EQ(b.reqc, i + 1);
			CHECK(is_sigcomp(&b, b.sentc - 1));
			if (what & KIT_TCP)
				kit_recv(&a, a.hop.flow_conn, NULL,
					 b.sentv[i].msg, b.sentv[i].len);
			CHECK_EQ(a.respc, i + 1);
		}
		CHECK_EQ(cb.stats.rx_failed, 0);
		sip_store_free(&b.sip.store, &m);
	}
}


static void greatest_datagram(void)
{
	greatest(KIT_UDP);
}


static void greatest_stream(void)
{
	greatest(KIT_TCP);
}


static void stream_nack(void)
{
	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	pour(5000);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[0].msg, b.sentv[0].len);
	CHECK_EQ(a.respc, 1);

	/* the state goes, the connection stays: nothing would ever repeat the
	   request otherwise */
	(void)sip_comp_open(&cb, &client, "urn:uuid:2", false);
	CHECK_EQ(start(), 0);
	pour(5000);
	CHECK_EQ(cb.stats.nacks_sent, 1);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[1].msg, b.sentv[1].len);
	CHECK_EQ(ca.stats.nacks_received, 1);
	pour(5000);
	CHECK_EQ(b.reqc, 2);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[2].msg, b.sentv[2].len);
	CHECK_EQ(a.respc, 2);
}


/* The client does not repeat its request over a connection: its transaction
   would time out */
static void stream_nack_response(void)
{
	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	pour(5000);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[0].msg, b.sentv[0].len);
	CHECK_EQ(a.respc, 1);

	/* what the response will refer to is lost */
	CHECK_EQ(start(), 0);
	(void)sip_comp_open(&ca, &kit_peer, "urn:uuid:1", true);
	pour(5000);
	CHECK_EQ(b.sentc, 2);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[1].msg, b.sentv[1].len);
	CHECK_EQ(ca.stats.nacks_sent, 1);
	CHECK_EQ(a.respc, 1);

	/* the NACK is there within 2*T1 */
	kit_run(&b, 1000);
	pour(5000);
	CHECK_EQ(cb.stats.nacks_received, 1);
	CHECK_EQ(b.sentc, 3);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[2].msg, b.sentv[2].len);
	CHECK_EQ(a.respc, 2);
	CHECK_EQ(a.respv[1].code, 200);

	/* nothing of it is left when no NACK can come any more */
	kit_run(&b, 1000 + 5000);
	CHECK(sip_idle(&b.sip));
}


/* TS 33.203 7.1: requests and answers have a connection each.  A request is
   on its way, and an answer overtakes it */
static void stream_overtaken(void)
{
	unsigned down;

	begin(KIT_TCP, true);
	(void)sip_comp_open(&cb, &client, "urn:uuid:2", true);
	b.connect_at_once = true;
	CHECK_EQ(start(), 0);

	CHECK_EQ(kit_start(&b, NULL, "MESSAGE", LONG), 0);
	CHECK_EQ(sip_flow_accepted(&a.sip, (unsigned)a.hop.flow_listen,
				   &kit_peer, &down), 0);
	kit_recv(&a, (int)down, NULL, b.sentv[0].msg, b.sentv[0].len);
	CHECK_EQ(a.reqc, 1);
	answer(&a);
	CHECK_EQ(a.sentc, 2);
	CHECK_EQ(a.sentv[1].flow, down);
	CHECK(is_sigcomp(&a, 1));

	kit_recv(&b, b.hop.flow_conn, NULL, a.sentv[1].msg, a.sentv[1].len);
	CHECK_EQ(b.respc, 1);
	a.sentc = 1;
	pour(5000);
	CHECK_EQ(b.reqc, 1);
	CHECK_EQ(cb.stats.rx_failed, 0);
}


/* There is room for so long a message, but not now: that is not what the peer
   is told, which would never send it again */
static void stream_short_of_room(void)
{
	struct sip_stored m = {0, 0, 0};

	begin(KIT_TCP, true);
	CHECK_EQ(start_long(3000), 0);
	CHECK_EQ(sip_store_alloc(&m, &b.sip.store,
				 sizeof(b.sip.store.mem) - 2600, 0), 0);
	pour(5000);
	CHECK_EQ(b.reqc, 0);
	CHECK_EQ(b.sentc, 0);
	CHECK_EQ(cb.stats.nacks_sent, 0);
	CHECK_EQ(b.sip.stats.no_memory, 1);
	CHECK(!b.sip.flowv[conn].kind);
}


/* RFC 5049 s6 */
static void mixed(void)
{
	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	pour(5000);
	CHECK_EQ(b.reqc, 1);
	kit_recv_str(&b, (int)conn, "OPTIONS sip:x SIP/2.0\r\n");
	CHECK(!b.sip.flowv[conn].kind);

	/* plain first */
	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	kit_recv_str(&b, (int)conn, kit_request_text("TCP", "MESSAGE",
			"z9hG4bK7", 1, NULL, NULL));
	CHECK_EQ(b.reqc, 1);
	pour(5000);
	CHECK_EQ(b.reqc, 1);
	CHECK_EQ(cb.stats.rx_compressed, 0);

	/* RFC 3320 s4.2.2: FF 80 is reserved */
	begin(KIT_TCP, true);
	kit_recv(&b, (int)conn, NULL, "\xf8\xff\x80", 3);
	CHECK_EQ(b.sentc, 1);                   /* NACK FRAMING_ERROR */
	CHECK_EQ((uint8_t)b.sentv[0].msg[3], SIGCOMP_FRAMING_ERROR);
	CHECK_EQ(b.sip.stats.rx_filtered, 1);
}


/* RFC 3320 s4.2.2: it cannot be read, however it is cut; the connection is
   closed only for octets that are reserved */
static void stream_too_long(void)
{
	static char msg[2 * UE_SIP_MSG_MAX];
	const size_t pieces[] = {sizeof(msg), 1460, 1};
	size_t i, k;

	memset(msg, 'x', sizeof(msg));
	msg[0] = (char)0xf8;
	memcpy(msg + sizeof(msg) - 2, "\xff\xff", 2);
	for (i = 0; i < 3; i++) {
		begin(KIT_TCP, true);
		CHECK_EQ(start(), 0);
		for (k = 0; k < sizeof(msg); k += pieces[i])
			kit_recv(&b, (int)conn, NULL, msg + k,
				 k + pieces[i] < sizeof(msg) ? pieces[i]
				 : sizeof(msg) - k);
		CHECK(b.sip.flowv[conn].kind);
		CHECK_EQ(cb.stats.rx_failed, 1);
		CHECK_EQ(b.sip.flowv[conn].wire.head, 0);
		pour(1000);
		CHECK_EQ(b.reqc, 1);
	}
}


/* Messages that take all their cycles for nothing, in one piece: to such a
   peer the connection ends, before it has taken all the time.  A few may be
   unreadable by accident: then the next is read */
static void stream_in_vain(void)
{
	/* an endless loop; an empty line */
	static const char *const loopv[] = {
		"\xf8\x00\x11\x16\x00\xff\xff",
		"\xf8\x00\xe1\x22\xa0\x8c\x02\x23\x00\x00\x00\x00\x00\x00\x00"
		"\r\n\xff\xff"
	};
	const size_t lenv[] = {7, 19};
	char piece[1000];
	size_t i, k, n;

	for (i = 0; i < 2; i++) {
		for (n = 8; n <= 50; n += 42) {
			begin(KIT_TCP, true);
			CHECK_EQ(start(), 0);
			for (k = 0; k < n; k++)
				memcpy(piece + k * lenv[i], loopv[i], lenv[i]);
			kit_recv(&b, (int)conn, NULL, piece, n * lenv[i]);
			CHECK_EQ(b.sip.flowv[conn].kind != 0, n == 8);
			CHECK_EQ(i ? b.sip.stats.rx_keepalive
				 : cb.stats.rx_failed, n == 8 ? 8 : 16);
			pour(1000);
			CHECK_EQ(b.reqc, n == 8);
		}
	}
}


static void keepalive(void)
{
	uint64_t s;

	begin(KIT_TCP, true);
	CHECK_EQ(start(), 0);
	pour(5000);
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[0].msg, b.sentv[0].len);

	sip_hop_keepalive(&a.hop, UE_TRANSPORT_TCP, 100);
	for (s = 0; s <= 100 && a.sentc < 2; s++)
		kit_run(&a, 1000 * s);
	CHECK_EQ(a.sentc, 2);
	CHECK(is_sigcomp(&a, 1));
	pour(1);
	CHECK_EQ(b.sip.stats.rx_keepalive, 1);

	/* the pong, too */
	CHECK_EQ(b.sentc, 2);
	CHECK(is_sigcomp(&b, 1));
	kit_recv(&a, a.hop.flow_conn, NULL, b.sentv[1].msg, b.sentv[1].len);
	CHECK_EQ(a.sip.stats.rx_keepalive, 1);
	CHECK(!ue_timer_running(&a.hop.pong));
}


/* RFC 5049 s4.1 to s4.3: no less than these, and the same without settings */
static void least(void)
{
	struct sip_comp_params prm = {0};

	kit_init(&a, KIT_UDP);
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), 0);
	CHECK(ca.prm.dms >= 8192);
	CHECK(ca.prm.sms >= 2048);
	CHECK(ca.prm.cpb >= 16);

	prm.dms = 4096;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.dms = 8192;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), 0);
	prm.sms = 1024;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.sms = 2048;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), 0);
	prm.cpb = 8;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
}


static void parameters(void)
{
	struct sip_comp_params prm = {.dms = 3000};

	kit_init(&a, KIT_UDP);
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.dms = 2 * SIGCOMP_DMS;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.dms = 8192;
	prm.sms = 3000;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.sms = 2 * SIGCOMP_SMS;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.sms = 2048;
	prm.cpb = 17;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), EINVAL);
	prm.cpb = 64;
	CHECK_EQ(sip_comp_init(&ca, &a.sip, &prm), 0);
	CHECK_EQ(sip_comp_open(&ca, &kit_peer, "urn:uuid:"
		"0123456789012345678901234567890123456789012345678901234567890"
		"0123456789012345678901234567890123456789012345678901234567890"
		, true), EOVERFLOW);
	CHECK(!sip_comp_is_open(&ca));
}

#endif


const struct test_case suite_sip_comp[] = {
#if UE_SIGCOMP
	{"RFC 3486 s4, s5: requests and answers are compressed", datagram},
	{"RFC 5049 s8: a retransmission is compressed again", repeated},
	{"RFC 3320 s5.1: the answer to a copy that went plain", copy_plain},
	{"RFC 3320 s5.1: the answer to a plain copy before it",
	 copy_after_plain},
	{"RFC 3320 s5.1: the answer to a copy long ago", copy_late},
	{"RFC 4077 s3.2: OUTPUT_OVERFLOW is about one message", too_long},
	{"RFC 4077 s2.3.2: a request that is refused for good on a stream",
	 stream_refused},
	{"RFC 4077 s2.3.2: an ACK that a NACK refuses on a stream",
	 stream_nack_ack},
	{"RFC 4077 s3.2: want of room of ours is no OUTPUT_OVERFLOW",
	 stream_short_of_room},
	{"RFC 3261 s17.2: no memory to compress on a stream",
	 stream_no_memory},
	{"RFC 3320 s4.2.2: no room for record marks on a stream",
	 stream_no_room_for_marks},
	{"RFC 3320 s4.2.2: a message too long closes no stream",
	 stream_too_long},
	{"RFC 4077 s2.3: what a NACK refuses is sent again", lost_state},
	{"RFC 4077 s2.2: what cannot be read earns a NACK", damaged},
	{"RFC 3320 s5: a refused message leaves no state", refused},
	{"RFC 3320 s5: lost datagrams make nothing unreadable", lossy},
	{"RFC 3486 s4: requests only where the peer has shown it", shown},
	{"RFC 3320 s4.2.2: a stream cut anywhere", stream},
	{"RFC 4077: a NACK on a stream", stream_nack},
	{"RFC 4077 s2.3.2, RFC 3261 s18.2.2: a response that a NACK refuses "
	 "on a stream", stream_nack_response},
	{"RFC 3320 s5.1: one connection overtakes another",
	 stream_overtaken},
	{"the greatest messages, datagrams", greatest_datagram},
	{"the greatest messages, a stream in pieces", greatest_stream},
	{"RFC 5049 s5: a connection is SIP or SigComp, not both", mixed},
	{"messages in vain end a connection", stream_in_vain},
	{"RFC 4896 s11: keep-alives within SigComp", keepalive},
	{"RFC 3320 s3.3.1: parameters", parameters},
	{"RFC 5049 s4: minimum values", least},
#endif
	{NULL, NULL}
};
