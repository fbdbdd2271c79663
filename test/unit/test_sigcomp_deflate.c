/**
 * @file test_sigcomp_deflate.c  The deflate codec, through the real UDVM:
 *                               RFC 1951, RFC 3320 s5 and s6.2
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "sigcomp/deflate.h"
#include "sigcomp/private.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

#if SIGCOMP_DEFLATE

enum {
	DMS = 8192, SMS_MAX = 8192, TEXT_MAX = 9000,
	WORK = 1024 + SIGCOMP_DEFLATE_STATE +
		(4 << SIGCOMP_DEFLATE_WINDOW_BITS) +
		(512 << SIGCOMP_DEFLATE_MEM_LEVEL),
};

struct side {
	struct sigcomp sc;
	struct sigcomp_compartment comp;
	uint64_t arena[SMS_MAX / 8 + 1];
	uint64_t codec_mem[1024];
	struct sigcomp_result res;
};

/* a compresses, b decompresses; only one of them works at a time */
static struct side a, b;
static uint64_t work[(WORK > DMS + SIGCOMP_MEM_PAD ? WORK :
		      DMS + SIGCOMP_MEM_PAD) / 8 + 1];
static uint8_t text[TEXT_MAX], msg[TEXT_MAX + 100], out[TEXT_MAX];
static size_t text_len, msg_len;
static uint32_t handle;


static int side_open(struct side *s, uint32_t sms, size_t work_size)
{
	struct sigcomp_settings set = {
		.dms = DMS, .cpb = 16, .version = 2, .mem = (uint8_t *)work,
		.mem_size = work_size, .codec = &sigcomp_deflate
	};
	const size_t n = sigcomp_deflate.mem_size(sms);
	int err;

	memset(s, 0, sizeof(*s));
	err = sigcomp_init(&s->sc, &set);
	if (err || n > sizeof(s->codec_mem))
		return err ? err : ENOMEM;

	return sigcomp_open(&s->sc, &s->comp, s->arena, sms, s->codec_mem, n);
}


/** Two endpoints that know each other's sizes */
static int start(uint32_t sms)
{
	const int err = side_open(&a, sms, sizeof(work)) ||
		side_open(&b, sms, sizeof(work));

	a.comp.peer.sms = sms;

	return err;
}


static int pack(unsigned flags)
{
	return sigcomp_compress(&a.sc, &a.comp, msg, sizeof(msg), &msg_len,
				&handle, text, text_len, flags);
}


/** b reads what a has packed; EBADMSG also if the text is another */
static int deliver(bool stream)
{
	int err;

	err = sigcomp_decompress(&b.res, &b.sc, out, sizeof(out), msg,
				 msg_len, stream);
	if (err)
		return err;

	if (b.res.len != text_len || memcmp(out, text, text_len) ||
	    b.res.cycles > b.res.budget) {
		sigcomp_discard(&b.sc);
		return EBADMSG;
	}

	return sigcomp_accept(&b.sc, &b.comp);
}


static bool referenced(void)
{
	return (msg[0] & 3) != 0;
}


/** Something like SIP, other in each round */
static void sip_text(unsigned n)
{
	uint32_t seed = n;

	text_len = (size_t)snprintf((char *)text, sizeof(text),
		"INVITE sip:user%u@home%u.example.net SIP/2.0\r\n"
		"Via: SIP/2.0/UDP [2001:db8::%x]:5062;branch=z9hG4bK%08x;"
		"comp=sigcomp\r\nMax-Forwards: 70\r\n"
		"Route: <sip:pcscf.visited.example.net;lr;comp=sigcomp>\r\n"
		"From: <sip:alice@home1.example.net>;tag=%08x\r\n"
		"To: <sip:user%u@home%u.example.net>\r\n"
		"Call-ID: %08x%08x\r\nCSeq: %u INVITE\r\n"
		"Require: precondition, sec-agree\r\n"
		"Contact: <sip:[2001:db8::%x]:5062;comp=sigcomp>\r\n"
		"Content-Length: 0\r\n\r\n",
		n % 7, n % 3, n, sk_random(&seed, 0xffffffff),
		sk_random(&seed, 0xffffffff), n % 7, n % 3,
		sk_random(&seed, 0xffffffff), sk_random(&seed, 0xffffffff),
		n, n);
}


/** Twice that: long enough for what is left out to show */
static void long_text(unsigned n)
{
	sip_text(n);
	memcpy(text + text_len, text, text_len);
	text_len *= 2;
}


/** len bytes of `kinds` different ones from `first` on, with repetitions */
static void random_text(uint32_t *seed, size_t len, uint32_t kinds,
			uint32_t first)
{
	size_t i = 0;

	text_len = len;
	while (i < len) {
		size_t n = 1 + sk_random(seed, 40), from;

		if (i && sk_random(seed, 3)) {
			from = sk_random(seed, (uint32_t)i);
			for (; n && i < len; --n)
				text[i++] = text[from++];
		}
		else {
			for (; n && i < len; --n)
				text[i++] = (uint8_t)(first +
						      sk_random(seed, kinds));
		}
	}
}


/* -- round trips --------------------------------------------------------- */

static void messages_with_state(void)
{
	static const uint32_t sms[] = { 2048, 4096, 8192 };
	size_t first = 0, k;
	unsigned i, short_ones;

	for (k = 0; k < 3; ++k) {
		CHECK_EQ(start(sms[k]), 0);
		short_ones = 0;

		for (i = 0; i < 30; ++i) {
			sip_text(i);
			CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
			CHECK_EQ(deliver(false), 0);
			CHECK_EQ(referenced(), i > 0);
			sigcomp_confirm(&a.comp, handle);
			if (!i)
				first = msg_len;
			short_ones += msg_len < first / 3;
		}

		CHECK(short_ones >= 25);
	}
}


static void stream_messages(void)
{
	unsigned i;

	CHECK_EQ(start(4096), 0);
	for (i = 0; i < 30; ++i) {
		sip_text(i);
		CHECK_EQ(pack(SIGCOMP_RELIABLE), 0);
		CHECK_EQ(deliver(true), 0);
		CHECK_EQ(referenced(), i > 0);
	}
}


/* What a datagram has saved counts on more memory than a stream has */
static void datagram_then_stream(void)
{
	CHECK_EQ(start(4096), 0);
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);
	sigcomp_confirm(&a.comp, handle);
	sip_text(2);
	CHECK_EQ(pack(SIGCOMP_RELIABLE), 0);
	CHECK(!referenced());
	CHECK_EQ(deliver(true), 0);
	CHECK_EQ(pack(SIGCOMP_RELIABLE), 0);
	CHECK(referenced());
	CHECK_EQ(deliver(true), 0);
}


static void without_dictionary(void)
{
	unsigned i;

	CHECK_EQ(start(4096), 0);
	a.comp.peer.dictionary = false;

	for (i = 0; i < 10; ++i) {
		long_text(i);
		CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
		CHECK_EQ(deliver(false), 0);
		CHECK_EQ(referenced(), i > 0);
		sigcomp_confirm(&a.comp, handle);
	}

	/* with it the first message is shorter */
	long_text(0);
	CHECK_EQ(start(4096), 0);
	a.comp.peer.dictionary = false;
	CHECK_EQ(pack(0), 0);
	i = (unsigned)msg_len;
	CHECK_EQ(start(4096), 0);
	CHECK_EQ(pack(0), 0);
	CHECK(msg_len + 50 < i);
}


static void long_copies(void)
{
	size_t i, n;

	/* runs of each length up to that of symbol 285 and beyond */
	CHECK_EQ(start(0), 0);
	for (n = 1; n < 600; n += n < 250 || n > 270 ? 7 : 1) {
		text_len = 400 + n;
		for (i = 0; i < text_len; ++i)
			text[i] = (uint8_t)(i < 400 ? 32 + i * i % 90 : 'x');
		CHECK_EQ(pack(0), 0);
		CHECK_EQ(deliver(false), 0);
	}

	/* distances up to the window's length */
	for (n = 400; n < 6000; n += 97) {
		text_len = 40 + n;
		for (i = 0; i < text_len; ++i)
			text[i] = (uint8_t)(i < n ? 'y' : "0zQj!kV~"[i % 8]);
		memcpy(text, text + n, 40);
		CHECK_EQ(pack(0), 0);
		CHECK_EQ(deliver(false), 0);
	}
}


/**
 * Random texts, losses, memory sizes: what is sent is understood, unless a
 * state it names was said to be there and is not, which must not happen
 */
static void random_flow(void)
{
	static const uint32_t sms[] = { 4096, 2048, 8192 };
	uint32_t seed = 7;
	unsigned round, used = 0, sent = 0;

	for (round = 0; round < 3000; ++round) {
		const bool stream = round / 300 % 2;
		unsigned flags = stream ? SIGCOMP_RELIABLE : SIGCOMP_ANSWERED;
		int err;

		if (round % 300 == 0)
			CHECK_EQ(start(sms[round / 300 % 3]), 0);

		if (sk_random(&seed, 3))
			sip_text(round);
		else
			random_text(&seed, 1 + sk_random(&seed, 6000),
				    1 + sk_random(&seed, 200),
				    sk_random(&seed, 256));
		if (!stream && !sk_random(&seed, 4))
			flags |= SIGCOMP_AGAIN;

		err = pack(flags);
		if (err == ENOTSUP && !stream)
			continue;
		CHECK_EQ(err, 0);
		++sent;
		used += referenced();
		if (stream || sk_random(&seed, 5)) {
			CHECK_EQ(deliver(stream), 0);
			if (sk_random(&seed, 3))
				sigcomp_confirm(&a.comp, handle);
		}
	}

	CHECK(sent > 2000);
	CHECK(used > 1000);
}


/* -- what is saved ------------------------------------------------------- */

static void identifier_is_the_peers(void)
{
	struct sigcomp_state st;

	CHECK_EQ(start(4096), 0);
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);
	CHECK_EQ(sigcomp_find(&st, &b.sc, a.comp.slot[0].id, 20), 0);
	CHECK_EQ(st.len, a.comp.slot[0].len);

	/* RFC 3320 s5.1: not before it is known to be there */
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK(!referenced());
}


static void item_of_peer(void)
{
	CHECK_EQ(start(8192), 0);
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);
	CHECK_EQ(b.comp.item_len, 2);

	/* what saves nothing asks for nothing: the item stays */
	sip_text(2);
	CHECK_EQ(pack(0), 0);
	CHECK_EQ(deliver(false), 0);
	CHECK_EQ(b.comp.item_len, 2);

	sigcomp_confirm(&a.comp, 1);
	CHECK_EQ(pack(0), 0);
	CHECK(referenced());
	CHECK_EQ(deliver(false), 0);
	CHECK_EQ(b.comp.item_len, 2);
}


static void nothing_to_save_in(void)
{
	unsigned i;

	CHECK_EQ(start(0), 0);
	for (i = 0; i < 3; ++i) {
		sip_text(i);
		CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
		CHECK_EQ(deliver(false), 0);
		sigcomp_confirm(&a.comp, handle);
		CHECK(!referenced());
		CHECK_EQ(b.comp.fill, 0);
	}
}


/* -- limits -------------------------------------------------------------- */

static void largest_message(void)
{
	uint32_t seed = 3;
	size_t n, largest = 0;

	CHECK_EQ(start(4096), 0);
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);
	sigcomp_confirm(&a.comp, handle);

	/* of a text that gets very short all but code and message fits in */
	for (n = 1000; n <= 8192; n += 61) {
		const int err = (memset(text, 'x', n), text_len = n, pack(0));

		if (err) {
			CHECK_EQ(err, ENOTSUP);
			break;
		}
		CHECK_EQ(deliver(false), 0);
		largest = n;
	}
	CHECK(largest > 6900);
	CHECK(largest < 8192);

	/* up to the last byte */
	for (n = largest; !pack(0); ++n) {
		CHECK_EQ(deliver(false), 0);
		text[n] = 'x';
		text_len = n + 1;
	}

	/* the same after a history; longer messages have more cycles */
	for (n = 0; n < 300; ++n)
		text[n] = (uint8_t)(33 + sk_random(&seed, 90));
	for (n = 1000, text_len = n; n < largest; ++n, text_len = n) {
		CHECK_EQ(pack(0), 0);
		CHECK_EQ(deliver(false), 0);
		if (!referenced())
			break;
		if (n == 1000)
			n = 6000;
	}
	CHECK(n > 6000 && n < largest);

	/* with a longer message less memory is left for its text */
	largest = 0;
	for (n = 500; n <= 8192; n += 61) {
		random_text(&seed, n, 90, 33);
		if (pack(0))
			continue;
		CHECK_EQ(deliver(false), 0);
		largest = n;
	}
	CHECK(largest > 3000);
}


static void peer_with_less_memory(void)
{
	CHECK_EQ(start(2048), 0);
	a.comp.peer.dms = 2048;
	long_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);

	/* the peer has that much: all must be in its first 2048 bytes */
	b.sc.set.dms = 2048;
	CHECK_EQ(deliver(false), 0);

	/* less than the bytecode takes: not for this codec */
	CHECK_EQ(start(2048), 0);
	a.comp.peer.dms = 512;
	CHECK_EQ(pack(SIGCOMP_ANSWERED), ENOTSUP);
	a.comp.peer.dms = 1024;
	CHECK_EQ(pack(SIGCOMP_RELIABLE), 0);
	CHECK_EQ(msg_len, 13 + text_len);

	/* more than a multitype operand of two octets can name */
	CHECK_EQ(start(2048), 0);
	a.comp.peer.dms = 65536;
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK(msg_len < text_len);
	CHECK(sizeof(work) >= 16384 + SIGCOMP_MEM_PAD);
	b.sc.set.dms = 16384;
	CHECK_EQ(deliver(false), 0);
}


static void blocks_that_are_stored(void)
{
	uint32_t seed = 5;
	unsigned i;

	/* a long run, so that all of it gets shorter, and noise with 9 bits
	   a byte, which zlib would store */
	CHECK_EQ(start(4096), 0);
	text_len = 2000;
	memset(text, 'x', text_len);
	for (i = 1000; i < 1400; ++i)
		text[i] = (uint8_t)(144 + sk_random(&seed, 112));
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);

	/* a block of its own: blocks end after some 1000 symbols */
	for (i = 0; i < 3500; ++i)
		text[i] = (uint8_t)(144 + sk_random(&seed, 112));
	memset(text + 3500, 'x', 2000);
	text_len = 5500;
	CHECK_EQ(pack(SIGCOMP_ANSWERED), ENOTSUP);

	/* and the next is as good as ever */
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	CHECK_EQ(deliver(false), 0);
}


static void work_area_too_small(void)
{
	static uint64_t before[1024];
	struct sigcomp_job job;
	size_t n;

	CHECK_EQ(start(4096), 0);
	CHECK(sigcomp_deflate.work_size(DMS, 4096) <= sizeof(work));
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	memcpy(before, a.codec_mem, sizeof(before));

	job = a.sc.job;
	job.out_len = 1;
	for (n = 0; n < sigcomp_deflate.work_size(DMS, 4096); n += 1021) {
		job.work_size = n;
		CHECK_EQ(sigcomp_deflate.compress(&job), ENOMEM);
	}
	job.work_size = sigcomp_deflate.work_size(DMS, 4096) - 1;
	CHECK_EQ(sigcomp_deflate.compress(&job), ENOMEM);
	CHECK_EQ(job.out_len, 1);
	job.work_size = sizeof(work);
	job.mem_size = 0;
	CHECK_EQ(sigcomp_deflate.compress(&job), ENOMEM);
	CHECK_MEM(a.codec_mem, sizeof(before), before, sizeof(before));

	/* an endpoint with the UDVM's memory only */
	CHECK_EQ(side_open(&a, 4096, DMS + SIGCOMP_MEM_PAD), 0);
	CHECK_EQ(pack(0), ENOMEM);
}


static void output_too_small(void)
{
	static uint64_t before[1024];
	struct sigcomp_job job;
	size_t n, need;

	CHECK_EQ(start(4096), 0);
	sip_text(1);
	CHECK_EQ(pack(SIGCOMP_ANSWERED), 0);
	need = msg_len;
	memcpy(before, a.codec_mem, sizeof(before));

	job = a.sc.job;
	for (n = 0; n < need; ++n) {
		job.out_size = n;
		CHECK_EQ(sigcomp_deflate.compress(&job), EOVERFLOW);
	}
	CHECK_MEM(a.codec_mem, sizeof(before), before, sizeof(before));
	job.out_size = need;
	CHECK_EQ(sigcomp_deflate.compress(&job), 0);
	CHECK_EQ(job.out_len, need);
}

#endif


const struct test_case suite_sigcomp_deflate[] = {
#if SIGCOMP_DEFLATE
	{"RFC 3320 s5.1: messages 1 to 30, each after what is acknowledged",
	 messages_with_state},
	{"RFC 3320 s7: on a stream half the memory is left", stream_messages},
	{"RFC 3320 s7: a state of a datagram has no place in it",
	 datagram_then_stream},
	{"RFC 3485 s3: shorter with the dictionary, possible without",
	 without_dictionary},
	{"RFC 1951 s3.2.5: all lengths, distances up to the window's",
	 long_copies},
	{"random texts, losses and memory sizes: what arrives is understood",
	 random_flow},
	{"RFC 3320 s9.4.9: the state has the identifier the peer gives it",
	 identifier_is_the_peers},
	{"RFC 4896 s9.2: a message that saves nothing leaves the item",
	 item_of_peer},
	{"RFC 3320 s3.3.1: a peer without state memory", nothing_to_save_in},
	{"the largest message, after one with state and without",
	 largest_message},
	{"RFC 3320 s3.3.1: a peer with 2048 bytes", peer_with_less_memory},
	{"RFC 1951 s3.2.4: no message has a stored block",
	 blocks_that_are_stored},
	{"work area or codec memory too small: ENOMEM, nothing changed",
	 work_area_too_small},
	{"room for the message too small: EOVERFLOW, nothing changed",
	 output_too_small},
#endif
	{NULL, NULL}
};
