/**
 * @file test_sigcomp_lz.c  The lz codec against the real decompressor
 *
 * Two endpoints talk; every message is decompressed by the UDVM with its
 * memory, state and cycle rules, and the text compared octet by octet. Over
 * 800 lines: all tests share the two endpoints.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "sigcomp/lz.h"
#include "sigcomp/lz_private.h"
#include "test/unit/crypto_fault.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

enum {
	DMS_MAX = 65536, SMS_MAX = 8192, TEXT_MAX = 9000,
	CODEC_MEM = 12288, WORK = 16384,
};

struct side {
	struct sigcomp sc;
	struct sigcomp_compartment comp;
	uint64_t arena[SMS_MAX / 8 + 1];
	uint64_t codec_mem[CODEC_MEM / 8];
	uint64_t mem[(DMS_MAX + SIGCOMP_MEM_PAD) / 8];
	size_t mem_size;
	uint8_t msg[TEXT_MAX];
	size_t len;
	uint32_t handle;
	uint8_t out[TEXT_MAX];
	struct sigcomp_result res;
};

static struct side a, b;
static char text[TEXT_MAX + 1];


static void side_open(struct side *s, uint32_t dms, uint32_t sms, size_t codec)
{
	const struct sigcomp_settings set = {
		.dms = dms, .cpb = 16, .version = 2,
		.mem = (uint8_t *)s->mem, .mem_size = sizeof(s->mem),
		.codec = &sigcomp_lz
	};

	memset(s, 0, sizeof(*s));
	CHECK_EQ(sigcomp_init(&s->sc, &set), 0);
	CHECK_EQ(sigcomp_open(&s->sc, &s->comp, s->arena, sms, s->codec_mem,
			      codec), 0);
	s->comp.peer.dms = dms;
	s->comp.peer.sms = sms;
}


static void start(uint32_t dms, uint32_t sms)
{
	side_open(&a, dms, sms, CODEC_MEM);
	side_open(&b, dms, sms, CODEC_MEM);
}


static int pack(struct side *s, const char *t, size_t len, unsigned flags)
{
	return sigcomp_compress(&s->sc, &s->comp, s->msg, sizeof(s->msg),
				&s->len, &s->handle, (const uint8_t *)t, len,
				flags);
}


/** The other side reads what was packed; its text must be t */
static bool read_by(struct side *from, struct side *to, const char *t,
		    size_t len, bool stream)
{
	int err;

	err = sigcomp_decompress(&to->res, &to->sc, to->out, sizeof(to->out),
				 from->msg, from->len, stream);
	if (err || to->res.len != len || memcmp(to->out, t, len))
		return false;

	return !sigcomp_accept(&to->sc, &to->comp) &&
		to->res.cycles <= to->res.budget;
}


static bool uploads(const struct side *s)
{
	return !(s->msg[0] & 3);
}


/** A request of some dialog; n changes what changes from one to the next */
static size_t request(char *buf, unsigned n, unsigned kind)
{
	static const char *const method[] = {
		"INVITE", "MESSAGE", "SUBSCRIBE", "REGISTER"
	};

	return (size_t)sprintf(buf,
		"%s sip:bob%u@biloxi.example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP [2001:db8::%x]:5060;comp=sigcomp;"
		"branch=z9hG4bK%08x\r\n"
		"Max-Forwards: 70\r\n"
		"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;"
		"utran-cell-id-3gpp=2341500a1b2c3d4\r\n"
		"Security-Verify: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;"
		"spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531\r\n"
		"Route: <sip:pcscf%u.visited.example.net;lr>\r\n"
		"From: <sip:alice@atlanta.example.com>;tag=%u\r\n"
		"To: <sip:bob%u@biloxi.example.com>\r\n"
		"Call-ID: %08x%08x@atlanta.example.com\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <sip:alice@[2001:db8::%x]>;+sip.instance=\""
		"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\";"
		"+g.3gpp.icsi-ref=\"urn%%3Aurn-7%%3A3gpp-service.ims.icsi.mmtel\""
		"\r\nAllow: INVITE, ACK, CANCEL, BYE, MESSAGE, NOTIFY\r\n"
		"Content-Type: text/plain\r\nContent-Length: %u\r\n\r\n%.*s",
		method[kind % 4], kind, kind, n * 2654435761u, kind,
		n * 40503u, kind, n * 69069u, n * 1664525u, n, method[kind % 4],
		kind, n % 40, (int)(n % 40),
		"The quick brown fox jumps over the lazy dog.");
}


/** n letters of 16, not the same for another seed */
static size_t letters(char *buf, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; ++i)
		buf[i] = "0123456789abcdef"[sk_random(&seed, 16)];

	return n;
}


/* -- texts --------------------------------------------------------------- */

/** Compress, read, say it has arrived */
static bool exchange(const char *t, size_t len)
{
	const int err = pack(&a, t, len, SIGCOMP_ANSWERED);

	if (err == ENOTSUP)
		return true;
	if (err || !read_by(&a, &b, t, len, false))
		return false;

	sigcomp_confirm(&a.comp, a.handle);

	return true;
}


static void any_text(void)
{
	static const uint32_t dms[] = { 4096, 8192, 16384, 65536 };
	static const uint32_t sms[] = { 0, 2048, 4096, 8192 };
	uint32_t seed = 5, round;
	size_t i, len;

	for (round = 0; round < 400; ++round) {
		if (round % 25 == 0)
			start(dms[round / 25 % 4], sms[round / 100]);

		switch (sk_random(&seed, 5)) {

		case 0:     /* nothing to find */
			len = 1 + sk_random(&seed, 600);
			for (i = 0; i < len; ++i)
				text[i] = (char)sk_random(&seed, 256);
			break;

		case 1:     /* one byte again and again */
			len = 1 + sk_random(&seed, TEXT_MAX - 1);
			memset(text, (int)sk_random(&seed, 256), len);
			break;

		case 2:     /* few letters, long */
			len = 1 + sk_random(&seed, 3000);
			for (i = 0; i < len; ++i)
				text[i] = "ab\r\n"[sk_random(&seed, 4)];
			break;

		default:
			len = request(text, round, sk_random(&seed, 4));
			break;
		}

		CHECK(exchange(text, len));
	}
}


/** A request with a body of which nothing was seen before */
static size_t novel(char *buf, unsigned n)
{
	size_t i, len = request(buf, n, n);
	uint32_t seed = n;

	for (i = 0; i < 300; ++i)
		buf[len++] = (char)(33 + sk_random(&seed, 90));

	return len;
}


/* The n-th call of SHA-1 fails at the sender: EIO, or a message that is right;
   what follows is read, since nothing is referred to that the peer has not */
static void hash_fails(void)
{
	unsigned n, i, before;
	size_t len;
	int err;

	/* with no state at the peer, with some in use, with all */
	for (before = 0; before < 5; ++before)
	for (n = 1; n < 100; ++n) {
		start(8192, 8192);
		for (i = 0; i < before; ++i)
			CHECK(exchange(text, novel(text, i)));

		len = novel(text, 7);
		crypto_fault = n;
		err = pack(&a, text, len, SIGCOMP_ANSWERED);
		if (crypto_fault) {
			crypto_fault = 0;
			/* identifier of a state, hash of the message */
			CHECK(n > 5);
			break;
		}
		if (err)
			CHECK_EQ(err, EIO);
		else
			CHECK(read_by(&a, &b, text, len, false));

		for (i = 8; i < 12; ++i)
			CHECK(exchange(text, novel(text, i)));
	}
}


/** Every byte value, alone and where a copy ends */
static void any_byte(void)
{
	unsigned c;

	start(8192, 4096);
	for (c = 0; c < 256; ++c) {
		memset(text, '.', 300);
		text[150] = (char)c;
		text[299] = (char)c;
		CHECK(exchange(text, 300));
	}
}


static void any_length_of_copy(void)
{
	uint32_t seed = 9;
	size_t n, i;

	start(8192, 2048);
	for (n = 1; n < 1200; n += n < 300 ? 1 : 37) {
		for (i = 0; i < n; ++i)
			text[i] = (char)(33 + sk_random(&seed, 90));
		memcpy(text + n, "|", 1);
		memcpy(text + n + 1, text, n);
		memcpy(text + 2 * n + 1, "#", 1);
		CHECK(exchange(text, 2 * n + 2));
	}
}


/** Longer than what history and dictionary leave free: the ring is used */
static void long_text(void)
{
	size_t len = 0;
	unsigned i;

	start(8192, 4096);
	for (i = 0; i < 12; ++i)
		CHECK(exchange(text, request(text, i, i)));

	for (i = 0; len < 6000; ++i)
		len += request(text + len, i * 7, i);

	CHECK(exchange(text, len));
	CHECK(exchange(text, request(text, 99, 1)));
}


static void stream(void)
{
	unsigned i;
	size_t len;

	start(8192, 4096);
	for (i = 0; i < 40; ++i) {
		len = request(text, i, i);
		CHECK_EQ(pack(&a, text, len, SIGCOMP_RELIABLE |
			      SIGCOMP_ANSWERED), 0);
		CHECK(read_by(&a, &b, text, len, true));
		CHECK(i == 0 || !uploads(&a));
	}
}


/* A state made by a datagram, whose UDVM memory is dms - n: too large for the
   dms / 2 of a stream. It comes again, smaller, and both then use that */
static void datagram_then_stream(void)
{
	size_t len;

	start(8192, 4096);
	CHECK(exchange(text, request(text, 1, 0)));
	len = request(text, 2, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_RELIABLE | SIGCOMP_ANSWERED), 0);
	CHECK(uploads(&a));
	CHECK(read_by(&a, &b, text, len, true));
	sigcomp_confirm(&a.comp, a.handle);

	len = request(text, 3, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_RELIABLE), 0);
	CHECK(!uploads(&a));
	CHECK(read_by(&a, &b, text, len, true));
	CHECK_EQ(pack(&a, text, len, 0), 0);
	CHECK(!uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));
}


/* The peer's memory is less than the message is long */
static void longer_than_memory(void)
{
	uint32_t seed = 8;
	size_t len;

	start(8192, 4096);
	CHECK(exchange(text, request(text, 1, 0)));
	a.comp.peer.dms = 2048;
	for (len = 0; len < 4000; ++len)
		text[len] = "0123456789abcdef"[sk_random(&seed, 16)];
	CHECK_EQ(pack(&a, text, len, 0), ENOTSUP);
}


/* -- what it is worth ---------------------------------------------------- */

static void small_when_known(void)
{
	size_t len, first = 0, last = 0;
	unsigned i;

	start(8192, 4096);
	for (i = 0; i < 24; ++i) {
		len = request(text, i, i);
		CHECK(exchange(text, len));
		if (!i)
			first = a.len;
		last = a.len;
		CHECK(a.len < len);
		CHECK(i == 0 || !uploads(&a));
	}

	CHECK(last < first / 4);
}


/** UDVM cycles stay below 0.6 of what 16 cycles per bit grant */
static void cycles(void)
{
	unsigned i;

	start(8192, 4096);
	for (i = 0; i < 60; ++i) {
		CHECK(exchange(text, request(text, i * 13, i / 3)));
		CHECK(10 * b.res.cycles <= 6 * b.res.budget);
	}
}


/** What the UDVM uses at most, but for windows that are cut out. It is known
    before the token that saves is written, whose cycles it has */
static uint32_t forecast(void)
{
	const struct lz *z = (const void *)a.mem;
	const struct lz_program *prog = lz_program(z->shared);
	const uint32_t token = prog->header ? 13 + 1 : 12 + 1;

	return z->cycles - (a.sc.job.saves ? token : 0) -
		(a.sc.job.frees ? token : 0) + prog->cyc_start + z->dict_len + z->text_len +
		prog->len + z->hist_len + z->text_len +
		(prog->header ? z->text_len : 0);
}


static void cycles_forecast(void)
{
	const unsigned both = SIGCOMP_SHARED ? 2 : 1;
	const struct lz *z;
	unsigned share, i;
	size_t len;

	for (share = 0; share < both; ++share) {
		start(8192, 4096);
		for (i = 0; i < 60; ++i) {
			len = request(text, i * 13, i / 3);
			CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED |
				      (share ? SIGCOMP_SHARE : 0)), 0);
			CHECK(read_by(&a, &b, text, len, false));
			sigcomp_confirm(&a.comp, a.handle);
			z = (const void *)a.mem;
			if (z->cuts)
				continue;
			CHECK(b.res.cycles <= forecast());
			if (!i && !share)
				CHECK_EQ(b.res.cycles, forecast());
		}
	}
}


/** Until it takes too many cycles, text of the state costs next to nothing;
    bits that only fill the last octet grant none */
static void cycles_of_filling(void)
{
	unsigned referring = 0;
	size_t len;

	start(8192, 4096);
	CHECK(exchange(text, letters(text, 1000, 7)));
	for (len = 1000; len < 4000; len += 1000)
		memcpy(text + len, text, 1000);
	for (; len < 5000; ++len) {
		text[len] = text[len - 1000];
		CHECK_EQ(pack(&a, text, len + 1, 0), 0);
		referring += !uploads(&a);
		CHECK(read_by(&a, &b, text, len + 1, false));
	}
	CHECK(referring > 0);
	CHECK(uploads(&a));
}


/* -- what may be referenced ---------------------------------------------- */

static void only_what_is_confirmed(void)
{
	size_t len;

	start(8192, 4096);
	len = request(text, 1, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(read_by(&a, &b, text, len, false));

	/* it is not known that it came */
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(uploads(&a));
}


/** No message but the first is confirmed: there are soon more states than
    entries of the ledger, and those forgotten push out the first one, too */
static void more_than_are_followed(void)
{
	unsigned i, referring = 0;
	size_t len;
	int err;

	start(8192, 8192);
	letters(text, 400, 99);
	memcpy(text + 400, text, 300);
	CHECK(exchange(text, 700));

	for (i = 1; i < 40; ++i) {
		len = 120 + letters(text + 120, 170 + i, i);
		err = pack(&a, text, len, SIGCOMP_FOLLOWED);
		/* too short to begin anew */
		if (err == ENOTSUP)
			continue;
		CHECK_EQ(err, 0);
		referring += !uploads(&a);
		CHECK(read_by(&a, &b, text, len, false));
	}
	CHECK_EQ(referring, 16);
}


/** The item comes back by itself in what the peer sends next */
static void feedback_confirms(void)
{
	size_t len;

	start(8192, 4096);
	len = request(text, 1, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(read_by(&a, &b, text, len, false));

	len = request(text, 2, 1);
	CHECK_EQ(pack(&b, text, len, 0), 0);
	CHECK(b.msg[0] & 4);
	CHECK(read_by(&b, &a, text, len, false));

	len = request(text, 3, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(!uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));
}


/** A message and its copy ask for the same state and the same item: one of
    them is enough */
static void copy_saves_too(void)
{
	size_t len;

	start(8192, 4096);
	len = request(text, 1, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
	CHECK(read_by(&a, &b, text, len, false));

	len = request(text, 2, 1);
	CHECK_EQ(pack(&b, text, len, 0), 0);
	CHECK(read_by(&b, &a, text, len, false));

	len = request(text, 3, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(!uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));
}


/** RFC 4896 s9.2: a message that saves nothing asks for nothing, and leaves
    the item as it is */
static void item_is_left(void)
{
	size_t len;
	unsigned i;

	feedback_confirms();
	sigcomp_confirm(&a.comp, a.handle);

	for (i = 0; i < 2; ++i) {
		len = request(text, 3 + i, 0);
		CHECK_EQ(pack(&a, text, len, 0), 0);
		CHECK(read_by(&a, &b, text, len, false));
	}

	len = request(text, 9, 1);
	CHECK_EQ(pack(&b, text, len, 0), 0);
	CHECK(b.msg[0] & 4);
}


/** A lost message is sent again; its answer shows that the state before is
    still what the peer has, and that is used again */
static void old_state_comes_back(void)
{
	uint32_t seed = 1;
	size_t len;
	unsigned i;

	start(8192, 2048);
	for (i = 0; i < 6; ++i)
		CHECK(exchange(text, request(text, i, i)));

	len = request(text, 100, 9);
	text[len++] = '!';
	CHECK_EQ(pack(&b, text, len, 0), 0);
	CHECK(read_by(&b, &a, text, len, false));

	/* something new, lost */
	len = request(text, 50, 5);
	for (i = 0; i < 200; ++i)
		text[len++] = "0123456789abcdef"[sk_random(&seed, 16)];
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(!uploads(&a));

	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
	CHECK(uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));

	len = request(text, 101, 9);
	CHECK_EQ(pack(&b, text, len, 0), 0);
	CHECK(read_by(&b, &a, text, len, false));

	len = request(text, 7, 0);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(!uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));
}


/** Losses, repetitions and answers as they come: nothing is undecodable */
static void lossy(uint32_t sms, unsigned share)
{
	uint32_t seed = 3 + sms;
	unsigned round, referring = 0;

	start(8192, sms);

	for (round = 0; round < 1500; ++round) {
		struct side *from = round & 1 ? &b : &a;
		struct side *to = round & 1 ? &a : &b;
		const unsigned kind = sk_random(&seed, 6);
		unsigned flags = share | (kind < 4 ? SIGCOMP_ANSWERED : 0);
		unsigned tries = 0;
		size_t len = request(text, sk_random(&seed, 5000), kind);
		bool lost;

		do {
			CHECK_EQ(pack(from, text, len, flags), 0);
			referring += !uploads(from);
			lost = sk_random(&seed, 5) == 0;
			if (!lost)
				CHECK(read_by(from, to, text, len, false));
			if (!lost && !tries && sk_random(&seed, 2))
				sigcomp_confirm(&from->comp, from->handle);
			flags |= SIGCOMP_AGAIN;
			++tries;
		} while (lost && sk_random(&seed, 8));
	}

	CHECK(referring > 500);
}


/** A message on its way */
struct moving {
	char msg[TEXT_MAX], text[TEXT_MAX];
	size_t len, text_len;
	uint32_t handle;
	unsigned stream;
};


/** The next message of a, over one of two streams */
static bool leave(struct moving *m, unsigned n, unsigned *last, uint32_t *seed)
{
	m->stream = sk_random(seed, 2);
	if (m->stream != *last)
		sigcomp_other_stream(&a.comp);
	*last = m->stream;

	m->text_len = request(m->text, n, sk_random(seed, 4));
	if (pack(&a, m->text, m->text_len, SIGCOMP_RELIABLE |
		 (m->stream ? SIGCOMP_FOLLOWED : SIGCOMP_ANSWERED)))
		return false;

	memcpy(m->msg, a.msg, a.len);
	m->len = a.len;
	m->handle = a.handle;

	return true;
}


static bool arrive(const struct moving *m)
{
	memcpy(a.msg, m->msg, m->len);
	a.len = m->len;
	if (!read_by(&a, &b, m->text, m->text_len, true))
		return false;

	if (!m->stream)
		sigcomp_confirm(&a.comp, m->handle);

	return true;
}


/** Each stream keeps its own order; up to `most` messages are on their way */
static void overtaken(uint32_t sms, unsigned most)
{
	static struct moving q[4];
	unsigned n = 0, i, last = 0, round, referring = 0;
	uint32_t seed = sms + most;

	start(8192, sms);
	for (round = 0; round < 1500; ++round) {

		if (n < most && (!n || sk_random(&seed, 2))) {
			CHECK(leave(&q[n++], round, &last, &seed));
			referring += !uploads(&a);
			continue;
		}

		/* the first one of either stream */
		for (i = 1; i < n && q[i].stream == q[0].stream; ++i)
			;
		if (i >= n || sk_random(&seed, 2))
			i = 0;
		CHECK(arrive(&q[i]));
		--n;
		memmove(&q[i], &q[i + 1], (n - i) * sizeof(q[0]));

		/* what comes back tells what has arrived */
		if (!sk_random(&seed, 3)) {
			const size_t len = request(text, round, 1);

			CHECK_EQ(pack(&b, text, len, SIGCOMP_RELIABLE), 0);
			CHECK(read_by(&b, &a, text, len, true));
		}
	}

	CHECK(referring > 500);
}


static void streams_overtake(void)
{
	unsigned most;

	for (most = 1; most <= 4; ++most) {
		overtaken(4096, most);
		overtaken(8192, most);
	}
}


static void nothing_undecodable(void)
{
	lossy(2048, 0);
	lossy(4096, 0);
	lossy(8192, 0);
}


/* -- RFC 3321 ------------------------------------------------------------ */

static void shared_nothing_undecodable(void)
{
	lossy(4096, SIGCOMP_SHARE);
	lossy(8192, SIGCOMP_SHARE);
}


/** RFC 3321 s5.2: the answer is compressed with the request */
static void shared_answer(void)
{
	size_t len, plain = 0;
	const char *line;
	unsigned share;

	if (!SIGCOMP_SHARED) {
		test_skip("built without RFC 3321 (SIGCOMP_SHARED)");
		return;
	}

	for (share = 0; share < 2; ++share) {
		start(8192, 8192);
		len = request(text, 77, 2);
		CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED |
			      (share ? SIGCOMP_SHARE : 0)), 0);
		CHECK(read_by(&a, &b, text, len, false));

		line = strstr(text, "\r\n");
		len = 14 + strlen(line);
		memmove(text + 14, line, strlen(line) + 1);
		memcpy(text, "SIP/2.0 200 OK", 14);
		CHECK_EQ(pack(&b, text, len, share ? SIGCOMP_SHARE : 0), 0);
		CHECK(read_by(&b, &a, text, len, false));
		if (!share)
			plain = b.len;
	}

	CHECK(b.len + 100 < plain);
}


/* -- limits -------------------------------------------------------------- */

/** No octet behind the capacity, no change on failure */
static void short_of_room(void)
{
	static uint8_t before[CODEC_MEM];
	size_t len, size, n;
	uint32_t h;

	start(8192, 4096);
	CHECK(exchange(text, request(text, 1, 0)));
	len = request(text, 2, 3);

	for (size = 0; size < 120; ++size) {
		memcpy(before, a.codec_mem, sizeof(before));
		memset(a.msg, 0xa5, sizeof(a.msg));
		if (!sigcomp_compress(&a.sc, &a.comp, a.msg, size, &n, &h,
				      (uint8_t *)text, len, 0))
			break;
		CHECK_EQ(a.msg[size], 0xa5);
		CHECK(!memcmp(before, a.codec_mem, sizeof(before)) ||
		      a.comp.slot[0].usable);
	}

	CHECK(size > 20 && size < 120);
}


static void does_not_grow(void)
{
	uint32_t seed = 4;
	size_t i, len;

	start(8192, 4096);
	for (len = 1; len < 500; len += 61) {
		for (i = 0; i < len; ++i)
			text[i] = (char)sk_random(&seed, 256);
		CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), ENOTSUP);
	}
}


static void little_memory(void)
{
	struct sigcomp_job job;
	size_t size;
	unsigned i;

	/* codec memory: the less, the shorter the history */
	for (size = 1024; size <= 6144; size += 640) {
		side_open(&a, 8192, 4096, size);
		side_open(&b, 8192, 4096, size);
		for (i = 0; i < 30; ++i)
			CHECK(exchange(text, request(text, i, i)));
	}

	memset(&job, 0, sizeof(job));
	job.mem = a.codec_mem;
	job.mem_size = 64;
	job.work = b.mem;
	job.work_size = WORK;
	CHECK_EQ(sigcomp_lz.compress(&job), ENOMEM);
	job.mem_size = CODEC_MEM;
	job.work_size = 1024;
	CHECK_EQ(sigcomp_lz.compress(&job), ENOMEM);
}


/** The work area may be no more than the idle UDVM memory */
static void little_work_area(void)
{
	unsigned i;

	start(8192, 4096);
	a.sc.set.mem_size = 8192 + SIGCOMP_MEM_PAD;
	for (i = 0; i < 60; ++i)
		CHECK(exchange(text, request(text, i, i)));
}


/** No work area at all is told, and the memory stays as it was */
static void no_work_area(void)
{
	static uint8_t before[CODEC_MEM];
	size_t len;

	start(8192, 4096);
	len = request(text, 1, 1);
	memcpy(before, a.codec_mem, sizeof(before));
	a.sc.set.mem_size = 64;
	CHECK_EQ(pack(&a, text, len, 0), ENOMEM);
	CHECK_MEM((uint8_t *)a.codec_mem, sizeof(before), before,
		  sizeof(before));
}


/** RFC 3321 s5.2: a message that is heard and has no room beside what is kept
 *  is not kept */
static void heard_without_room(void)
{
	static uint8_t before[CODEC_MEM];
	uint8_t *mem = (uint8_t *)a.codec_mem;

	if (!SIGCOMP_SHARED) {
		test_skip("built without RFC 3321 (SIGCOMP_SHARED)");
		return;
	}
	start(8192, 4096);
	CHECK(exchange(text, request(text, 1, 1)));
	memcpy(before, mem, sizeof(before));
	sigcomp_lz.heard(mem, 8, (const uint8_t *)text, 8);
	CHECK_MEM(mem, sizeof(before), before, sizeof(before));
	sigcomp_lz.heard(mem, sizeof(before), (const uint8_t *)text, 65536);
	sigcomp_lz.heard(mem, sizeof(before), (const uint8_t *)text,
			 sizeof(before));
	sigcomp_lz.heard(mem, sizeof(before), (const uint8_t *)text,
			 sizeof(before) - 256);
	CHECK_MEM(mem, sizeof(before), before, sizeof(before));
	/* and what follows is understood */
	CHECK(exchange(text, request(text, 2, 2)));
}


/** RFC 4077: the peer has lost everything; the compressor starts anew */
static void state_lost(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t len, n;
	unsigned i;

	start(8192, 4096);
	for (i = 0; i < 4; ++i)
		CHECK(exchange(text, request(text, i, i)));

	side_open(&b, 8192, 4096, CODEC_MEM);
	len = request(text, 9, 1);
	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED), 0);
	CHECK(!read_by(&a, &b, text, len, false));
	CHECK_EQ(b.res.reason, SIGCOMP_STATE_NOT_FOUND);
	CHECK_EQ(sigcomp_nack(&n, &b.sc, nack, sizeof(nack), a.msg, a.len), 0);
	CHECK_EQ(sigcomp_decompress(&a.res, &a.sc, a.out, sizeof(a.out), nack,
				    n, false), 0);

	CHECK_EQ(pack(&a, text, len, SIGCOMP_ANSWERED | SIGCOMP_AGAIN), 0);
	CHECK(uploads(&a));
	CHECK(read_by(&a, &b, text, len, false));
}


/** RFC 5049 s4.5 is not kept by the peer: no RFC 3485 dictionary */
/* RFC 3320 s3.3.3, RFC 4896 s12 */
static void without_dictionary(void)
{
	size_t len;
	unsigned i;

	start(8192, 4096);
	a.comp.peer.dictionary = false;
	for (i = 0; i < 8; ++i) {
		len = request(text, i, i);
		CHECK(exchange(text, len + request(text + len, i + 9, i)));
		CHECK(a.len > 0);
		CHECK(i == 0 || !uploads(&a));
	}
}


const struct test_case suite_sigcomp_lz[] = {
	{"lz: any text comes out as it went in", any_text},
	{"lz: a SHA-1 that fails is an error, or nothing is saved", hash_fails},
	{"lz: any octet", any_byte},
	{"lz: copies of any length", any_length_of_copy},
	{"lz: a text longer than the free memory overwrites the oldest",
	 long_text},
	{"RFC 3320 s7: on a stream UDVM memory is half", stream},
	{"RFC 3320 s7: a state of a datagram has no place in it",
	 datagram_then_stream},
	{"RFC 3320 s7: a message that leaves no UDVM memory",
	 longer_than_memory},
	{"lz: what has been sent before costs little", small_when_known},
	{"RFC 3320 s8.6: below 0.6 of the cycles granted", cycles},
	{"RFC 3320 s8.6: cycles are foreseen", cycles_forecast},
	{"RFC 3320 s8.6: bits that are not read grant no cycles",
	 cycles_of_filling},
	{"RFC 3320 s5.1: only states known to be there are referenced",
	 only_what_is_confirmed},
	{"RFC 3320 s6.2: more states than are followed push out, too",
	 more_than_are_followed},
	{"RFC 3320 s6.3: a returned feedback item confirms",
	 feedback_confirms},
	{"RFC 4896 s6: a copy asks for the same state again", copy_saves_too},
	{"RFC 4896 s9.2: a message that saves nothing leaves the item",
	 item_is_left},
	{"lz: after a loss the answer to a copy brings the state back",
	 old_state_comes_back},
	{"lz: no lost message makes a later one undecodable",
	 nothing_undecodable},
	{"RFC 3320 s5.1: two streams overtake each other: nothing is undecodable",
	 streams_overtake},
	{"RFC 3321 s5.2: an answer is compressed with its request",
	 shared_answer},
	{"RFC 3321 s5.2: nor with shared states", shared_nothing_undecodable},
	{"lz: a buffer too small is left alone behind its end",
	 short_of_room},
	{"lz: what would grow is not compressed", does_not_grow},
	{"lz: with little codec memory history is short", little_memory},
	{"lz: the idle UDVM memory is work area enough", little_work_area},
	{"lz: no work area", no_work_area},
	{"RFC 3321 s5.2: no room for what is heard", heard_without_room},
	{"RFC 4077 s2.3: lost state is uploaded again", state_lost},
	{"lz: a peer without the dictionary", without_dictionary},
	{NULL, NULL}
};
