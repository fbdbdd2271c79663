/**
 * @file test_sigcomp_message.c  Header, feedback, NACK, stream: RFC 3320
 *                               s4.2, s7, s9.4.9, RFC 4077, RFC 4896 s9, s11
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "test/unit/crypto_fault.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

enum { AT = 600 };


static void expect(const void *p, size_t len, enum sigcomp_reason reason)
{
	CHECK_EQ(sk_run_message(p, len), reason ? EBADMSG : 0);
	CHECK_EQ(sk.res.reason, reason);
}


/* -- header -------------------------------------------------------------- */

static void is_message(void)
{
	uint8_t b = 0xff;
	unsigned v;

	CHECK(!sigcomp_is_message(&b, 0));
	for (v = 0; v < 256; ++v) {
		b = (uint8_t)v;
		CHECK_EQ(sigcomp_is_message(&b, 1), v >= 0xf8);
	}
}


static void too_short(void)
{
	/* an upload of one byte, DECOMPRESSION-FAILURE, with feedback */
	static const uint8_t msg[] = { 0xfc, 0x82, 1, 2, 0x00, 0x11, 0x00 };
	static const uint8_t ref[13] = { 0xfb };
	size_t n;

	sk_open(2048, 2048);
	for (n = 1; n < sizeof(msg); ++n)
		expect(msg, n, SIGCOMP_MESSAGE_TOO_SHORT);
	expect(msg, n, SIGCOMP_USER_REQUESTED);

	for (n = 1; n < sizeof(ref); ++n)
		expect(ref, n, SIGCOMP_MESSAGE_TOO_SHORT);
	expect(ref, n, SIGCOMP_STATE_NOT_FOUND);

	CHECK_EQ(sigcomp_decompress(&sk.res, &sk.sc, sk.out, 1, msg, 0,
				    false), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_MESSAGE_TOO_SHORT);
}


/* RFC 4896 s2.1 */
static void destinations(void)
{
	unsigned d;

	for (d = 0; d < 16; ++d) {
		const uint8_t msg[] = { 0xf8, 0x00, (uint8_t)(0x10 | d), 0x23 };

		sk_open(2048, 2048);
		sk_run_message(msg, sizeof(msg));
		CHECK_EQ(sk.res.reason, d ? SIGCOMP_OK :
			 SIGCOMP_INVALID_CODE_LOCATION);
		if (d)
			CHECK_EQ(((uint8_t *)sk.mem)[64 * (d + 1)], 0x23);
	}
}


static void code_too_large(void)
{
	static uint8_t msg[1500] = { 0xf8, 1000 >> 4, (1000 & 15) << 4 | 1 };
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	/* memory 2048 - 1500 = 548: less than 128 + 1000 */
	sk_open(2048, 2048);
	expect(msg, sizeof(msg), SIGCOMP_BYTECODES_TOO_LARGE);

	/* RFC 4077 s3.2: the details are the decompression memory size */
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), msg,
			      sizeof(msg)), 0);
	CHECK_EQ(n, 27 + 2);
	CHECK_MEM(nack + 27, 2, "\x08\x00", 2);
}


/* RFC 4896 s2.2 */
static void memory_size(void)
{
	/* OUTPUT (0, 2), END-MESSAGE */
	static uint8_t msg[2200] = {
		0xf8, 0x00, 0xc1, 0x22, 0x00, 0x02, 0x23
	};

	sk_open(4096, 2048);
	expect(msg, 100, SIGCOMP_OK);
	CHECK_EQ(udvm_get(sk.out), 4096 - 100);

	/* s7: half of it on a stream, whatever the length */
	CHECK_EQ(sigcomp_decompress(&sk.res, &sk.sc, sk.out, 10, msg,
				    2200, true), 0);
	CHECK_EQ(udvm_get(sk.out), 2048);

	/* s8.7: a message larger than the memory */
	sk_open(2048, 2048);
	CHECK_EQ(sk_run_message(msg, 2200), EBADMSG);
	CHECK_EQ(sk_run_message(msg, 2048), EBADMSG);
	CHECK_EQ(sk_run_message(msg, 2000), EBADMSG);
	CHECK_EQ(sk_run_message(msg, 1900), 0);
}


/* RFC 3320 s3.3.2 */
static void version_value(void)
{
	/* OUTPUT (4, 2), END-MESSAGE */
	static const uint8_t msg[] = {
		0xf8, 0x00, 0xc1, 0x22, 0x04, 0x02, 0x23, 0, 0, 0, 0, 0, 0, 0,
		0
	};
	uint8_t v;

	for (v = 1; v <= 2; ++v) {
		sk_open_codec(2048, 2048, v, NULL);
		expect(msg, sizeof(msg), SIGCOMP_OK);
		CHECK_EQ(udvm_get(sk.out), v);
	}
}


static void settings(void)
{
	static uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	struct sigcomp_settings set = {
		.dms = 2048, .cpb = 16, .version = 1,
		.mem = (uint8_t *)mem, .mem_size = sizeof(mem)
	};
	struct sigcomp_compartment comp;
	struct sigcomp sc;
	uint32_t dms;

	/* s3.3.1: the values there are */
	for (dms = 1024; dms <= 262144; dms *= 2) {
		set.dms = dms;
		CHECK_EQ(sigcomp_init(&sc, &set),
			 dms < 2048 || dms > 131072 ? EINVAL : 0);
	}

	set.dms = 3000;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.dms = 0;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.dms = 8192;
	set.cpb = 17;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.cpb = 128;
	set.version = 0;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.version = 3;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.version = 2;
	set.mem_size = 8192 + SIGCOMP_MEM_PAD - 1;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.mem_size = 8192 + SIGCOMP_MEM_PAD;
	CHECK_EQ(sigcomp_init(&sc, &set), 0);

	CHECK_EQ(sigcomp_open(&sc, &comp, mem, 1024, NULL, 0), EINVAL);
	CHECK_EQ(sigcomp_open(&sc, &comp, NULL, 2048, NULL, 0), EINVAL);
	CHECK_EQ(sigcomp_open(&sc, &comp, (uint8_t *)mem + 1, 2048, NULL, 0),
		 EINVAL);
	CHECK_EQ(sigcomp_open(&sc, &comp, NULL, 0, (uint8_t *)mem + 4, 8),
		 EINVAL);
	CHECK_EQ(sigcomp_open(NULL, &comp, NULL, 0, NULL, 0), EINVAL);
	CHECK_EQ(sigcomp_open(&sc, NULL, NULL, 0, NULL, 0), EINVAL);
	CHECK_EQ(sigcomp_open(&sc, &comp, NULL, 0, NULL, 0), 0);

	CHECK_EQ(sigcomp_init(NULL, &set), EINVAL);
	CHECK_EQ(sigcomp_init(&sc, NULL), EINVAL);
	set.mem = (uint8_t *)mem + 1;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
	set.mem = NULL;
	CHECK_EQ(sigcomp_init(&sc, &set), EINVAL);
}


/* RFC 3320 s7.3, s9.1: bytecode behind the end of a small memory; a memory
   of 131072 octets has addresses up to 65535 */
static void memory_sizes(void)
{
	static const uint8_t behind[] = { 0xf8, 0x00, 0x1f, 0x23 };
	uint8_t msg[1040] = { 0xf8, 0x00, 0x1f, 0x23 };

	sk_open(2048, 0);
	/* on a stream it is half: 1024 are left, and none behind them */
	CHECK_EQ(sigcomp_decompress(&sk.res, &sk.sc, sk.out, sizeof(sk.out),
				    behind, sizeof(behind), true), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_BYTECODES_TOO_LARGE);
	/* and a datagram of 1040 octets leaves 1008 */
	CHECK_EQ(sk_run_message(msg, sizeof(msg)), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_BYTECODES_TOO_LARGE);

	sk_open(131072, 0);
	sk_code();
	sk_op(OP_LOAD, "mm", 65534, 0x4142);
	sk_op(OP_OUTPUT, "mm", 65534, 2);
	sk_end();
	CHECK_EQ(sk_run(), 0);
	CHECK_MEM(sk.out, sk.res.len, "AB", 2);

	CHECK_EQ(sigcomp_decompress(&sk.res, &sk.sc, sk.out, sizeof(sk.out),
				    sk.msg, (size_t)SIGCOMP_MESSAGE_MAX + 1,
				    false), EINVAL);
}


/** A compartment that is not open is closed: the others stay */
static void close_twice(void)
{
	struct sigcomp_compartment *first = &sk.comp[0];

	sk_open(8192, 2048);
	sigcomp_close(&sk.sc, first);
	sigcomp_close(&sk.sc, first);
	CHECK(sk.sc.comp == &sk.comp[1]);
	CHECK(sk.sc.comp->next == NULL);
	CHECK_EQ(sk_make_state(1, 100, 'x', 6, 0), 0);
	CHECK(sk_has_state(100, 'x', 6));
}


static void storage(void)
{
	static struct sigcomp_storage st;
	static const uint8_t msg[] = { 0xf8, 0x00, 0x11, 0x23, 0, 0, 0, 0, 0,
		0, 0 };
	struct sigcomp_result res;

	CHECK_EQ(sigcomp_storage_init(&st, 16, NULL), 0);
	CHECK_EQ(sigcomp_decompress(&res, &st.sc, NULL, 0, msg, sizeof(msg),
				    false), 0);
	CHECK_EQ(sigcomp_accept(&st.sc, &st.comp[0]), 0);
	CHECK_EQ(st.comp[0].sms, SIGCOMP_SMS);
}


/* -- feedback ------------------------------------------------------------ */

/** END-MESSAGE with feedback at AT: bits and item */
static void request_feedback(const uint8_t *p, size_t n)
{
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", (int)n, AT, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", AT, 0, 0, 0, 0, 0, 0);
	sk_data();
	sk_raw(p, n);
	CHECK_EQ(sk_run_accept(0), 0);
}


static void feedback_item(void)
{
	uint8_t item[130];
	unsigned i;

	sk_open(4096, 0);

	/* short form, long forms; RFC 4896 s9.1: also with SMS 0 */
	request_feedback((const uint8_t *)"\x04\x35", 2);
	CHECK_MEM(sk.comp[0].item, sk.comp[0].item_len, "\x35", 1);

	for (i = 0; i < sizeof(item); ++i)
		item[i] = (uint8_t)i;
	item[0] = 4;
	item[1] = 0xff;
	request_feedback(item, 129);
	CHECK_MEM(sk.comp[0].item, sk.comp[0].item_len, item + 1, 128);

	/* RFC 4896 s9.2: no location leaves it, Q = 0 clears it */
	sk_code();
	sk_end();
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK_EQ(sk.comp[0].item_len, 128);
	request_feedback((const uint8_t *)"\x00", 1);
	CHECK_EQ(sk.comp[0].item_len, 0);
}


static void feedback_needs_acceptance(void)
{
	sk_open(4096, 2048);
	sk_code();
	sk_op(OP_LOAD, "mm", AT, 0x0435);
	sk_op(OP_LOAD, "mm", AT + 4, 0x0902);
	sk_op(OP_END_MESSAGE, "mmmmmmm", AT, AT + 4, 0, 0, 0, 0, 0);
	CHECK_EQ(sk_run(), 0);
	sigcomp_discard(&sk.sc);
	CHECK_EQ(sk.comp[0].item_len, 0);
	CHECK_EQ(sk.comp[0].peer.dms, 8192);
	CHECK_EQ(sk.comp[0].peer.sms, 2048);
}


/** END-MESSAGE with returned parameters at AT */
static void return_parameters(const uint8_t *p, size_t n)
{
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", (int)n, AT, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, AT, 0, 0, 0, 0, 0);
	sk_data();
	sk_raw(p, n);
	CHECK_EQ(sk_run_accept(0), 0);
}


/* RFC 4896 s10.2: the last word counts, also one that takes back */
static void parameters(void)
{
	const struct sigcomp_peer *peer = &sk.comp[0].peer;
	static const uint8_t with_ids[] = {
		0, 0, 6, 1, 2, 3, 4, 5, 6, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
		11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 5
	};

	sk_open(4096, 2048);
	return_parameters((const uint8_t *)"\xff\x02", 2);
	CHECK_EQ(peer->cpb, 128);
	CHECK_EQ(peer->dms, 131072);
	CHECK_EQ(peer->sms, 131072);
	CHECK_EQ(peer->version, 2);

	/* zero: not included; dms 000 is not allowed */
	return_parameters((const uint8_t *)"\x00\x00", 2);
	CHECK_EQ(peer->sms, 131072);
	CHECK_EQ(peer->version, 2);
	return_parameters((const uint8_t *)"\x42\x01", 2);
	CHECK_EQ(peer->cpb, 32);
	CHECK_EQ(peer->dms, 131072);
	CHECK_EQ(peer->sms, 4096);
	CHECK_EQ(peer->version, 1);

	/* the list ends with a length below 6 or above 20 */
	return_parameters(with_ids, sizeof(with_ids));
	if (SIGCOMP_SHARED) {
		CHECK_EQ(sk.comp[0].announced_n, 2);
		CHECK_EQ(sk.comp[0].announced_len[0], 6);
		CHECK_MEM(sk.comp[0].announced[1],
			  sk.comp[0].announced_len[1], with_ids + 10, 20);
	}
	CHECK_EQ(peer->sms, 4096);
}


static void feedback_at_the_end(void)
{
	/* the location is inside the memory, the data would not be */
	static const int loc[] = { 4096 - 32, 4096 - 33, 4096 - 34 };
	unsigned i;

	for (i = 0; i < 3; ++i) {
		sk_open(4096, 2048);
		sk_code();
		sk_op(OP_MEMSET, "mmmm", loc[i] - 1, 4096 - 30 - loc[i],
		       0xff, 0);
		sk_op(OP_END_MESSAGE, "mmmmmmm", loc[i], loc[i], 0, 0, 0, 0,
		       0);
		sk_data();
		while (sk.len < 31)
			sk_byte(0);
		CHECK_EQ(sk_run_accept(0), 0);
		CHECK_EQ(sk.comp[0].item_len, 0);
	}
}


/* -- NACK ---------------------------------------------------------------- */

static void nack_format(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX], hash[20];
	size_t n, i;

	sk_open(2048, 2048);
	sk_code();
	sk_op(OP_LOAD, "mm", AT, 0);
	sk_op(OP_DIVIDE, "rm", AT, 0);
	CHECK_EQ(sk_run(), EBADMSG);

	for (i = 0; i < SIGCOMP_NACK_MAX; ++i)
		CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, i, sk.msg, sk.len),
			 EOVERFLOW);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), 0);
	CHECK_EQ(n, 27);
	(void)mbedtls_sha1_ret(sk.msg, sk.len, hash);
	CHECK_MEM(nack, 7, "\xf8\x00\x01\x0b\x09\x00\x85", 7);
	CHECK_MEM(nack + 7, 20, hash, 20);
}


/* No NACK with a wrong hash: the peer would not find its message, or find
   another */
static void nack_hash_fails(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n = 99;

	sk_open(2048, 2048);
	sk_code();
	sk_op(OP_DIVIDE, "rm", AT, 0);
	CHECK_EQ(sk_run(), EBADMSG);
	crypto_fault = 1;
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), EIO);
	CHECK_EQ(n, 99);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), 0);
}


static void nack_before_execution(void)
{
	static const uint8_t ref[] = { 0xf9, 1, 2, 3, 4, 5, 6 };
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	/* opcode and PC are 0; the identifier is the one asked for */
	sk_open(2048, 2048);
	expect(ref, sizeof(ref), SIGCOMP_STATE_NOT_FOUND);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), ref,
			      sizeof(ref)), 0);
	CHECK_EQ(n, 27 + 6);
	CHECK_MEM(nack + 3, 4, "\x01\x00\x00\x00", 4);
	CHECK_MEM(nack + 27, 6, ref + 1, 6);
}


static void nack_details(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	sk_open(2048, 2048);
	sk_code();
	sk_op(OP_JUMP, "a", SK_CODE);
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), 0);
	CHECK_EQ(n, 27 + 1);
	CHECK_EQ(nack[3], SIGCOMP_CYCLES_EXHAUSTED);
	CHECK_EQ(nack[27], 16);

	/* the longest: a whole identifier */
	sk_code();
	sk_op(OP_STATE_ACCESS, "mmmmmm", SK_CODE, 20, 0, 0, 0, 0);
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), 0);
	CHECK_EQ(n, SIGCOMP_NACK_MAX);

	/* STATE_TOO_SHORT: the partial identifier, no more than that */
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", 6, AT, 0);
	sk_op(OP_STATE_ACCESS, "mmmmmm", AT, 6, 4836, 1, 0, 0);
	sk_data();
	sk_raw(sigcomp_dictionary_id, 6);
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_STATE_TOO_SHORT);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), 0);
	CHECK_EQ(n, 27 + 6);
	CHECK_MEM(nack + 27, 6, sigcomp_dictionary_id, 6);
}


static void nack_for_framing(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX], zero[20] = { 0 };
	size_t n;

	sk_open(2048, 2048);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), NULL, 0), 0);
	CHECK_EQ(n, 27);
	CHECK_EQ(nack[3], SIGCOMP_FRAMING_ERROR);
	CHECK_MEM(nack + 7, 20, zero, 20);
}


static void nack_only_for_failures(void)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	sk_open(2048, 2048);
	sk_code();
	sk_end();
	CHECK_EQ(sk_run(), 0);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), EPROTO);

	/* version 1 does not know NACK */
	sk_open_codec(2048, 2048, 1, NULL);
	sk_code();
	sk_byte(99);
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), sk.msg,
			      sk.len), ENOTSUP);
}


/* RFC 4077 s4.1 */
static void nack_received(void)
{
	uint8_t in[27] = { 0xf8, 0x00, 0x01, 3 };
	uint8_t nack[SIGCOMP_NACK_MAX];
	size_t n;

	/* unknown hash: nothing to do; never answered */
	sk_open(2048, 2048);
	CHECK_EQ(sk_run_message(in, sizeof(in)), 0);
	CHECK_EQ(sk.res.kind, SIGCOMP_NACK);
	CHECK_EQ(sk.res.reason, SIGCOMP_USER_REQUESTED);
	CHECK(sk.res.comp == NULL);
	CHECK_EQ(sigcomp_accept(&sk.sc, &sk.comp[0]), EPROTO);

	/* cut off */
	CHECK_EQ(sk_run_message(in, 26), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_MESSAGE_TOO_SHORT);
	CHECK_EQ(sigcomp_nack(&n, &sk.sc, nack, sizeof(nack), in, 26),
		 ENOTSUP);

	/* another version of the mechanism */
	in[2] = 2;
	CHECK_EQ(sk_run_message(in, sizeof(in)), 0);
	CHECK_EQ(sk.res.kind, SIGCOMP_NACK);
	CHECK_EQ(sk.res.reason, SIGCOMP_OK);

	/* version 1 sees an upload of nothing and fails safely */
	in[2] = 1;
	sk_open_codec(2048, 2048, 1, NULL);
	CHECK_EQ(sk_run_message(in, sizeof(in)), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_USER_REQUESTED);
}


static void reason_names(void)
{
	if (!SIGCOMP_NAMES) {
		test_skip("built without names (SIGCOMP_NAMES)");
		return;
	}

	CHECK_STR(sigcomp_reason_name(SIGCOMP_OK), "");
	CHECK_STR(sigcomp_reason_name(SIGCOMP_STATE_NOT_FOUND),
		  "STATE_NOT_FOUND");
	CHECK_STR(sigcomp_reason_name(SIGCOMP_FRAMING_ERROR),
		  "FRAMING_ERROR");
	CHECK_STR(sigcomp_reason_name((enum sigcomp_reason)26), "");
}


static void well_known_bytecode(void)
{
	static const uint8_t msg[] = {
		0xf8, 0x00, 0xa1, 0x1c, 0x01, 0x86, 0x09, 0x22, 0x86, 0x01,
		0x16, 0xf9, 0x23, 'h', 'e', 'l', 'l', 'o'
	};

	sk_open(2048, 2048);
	CHECK_EQ(sk_run_message(msg, sizeof(msg)), 0);
	CHECK_MEM(sk.out, sk.res.len, "hello", 5);
}


/* -- stream -------------------------------------------------------------- */

static void stream_round_trip(void)
{
	static uint8_t msg[600], marked[1202], buf[600];
	struct sigcomp_stream st;
	const uint8_t *p;
	uint32_t seed = 5;
	unsigned round;
	size_t n, len, pos, used, i;
	int err;

	for (round = 0; round < 500; ++round) {
		const size_t size = 1 + sk_random(&seed, sizeof(msg));
		const unsigned ff = 1 + sk_random(&seed, 9);
		const size_t piece = 1 + sk_random(&seed, 40);

		for (i = 0; i < size; ++i)
			msg[i] = (uint8_t)(sk_random(&seed, ff) ?
					   sk_random(&seed, 256) : 0xff);

		CHECK_EQ(sigcomp_stream_mark(marked, sizeof(marked), &n, msg,
					     size), 0);
		CHECK(n <= 2 * size + 2);

		sigcomp_stream_init(&st, buf, sizeof(buf));
		for (pos = 0, err = EAGAIN; pos < n && err == EAGAIN;
		     pos += used)
			err = sigcomp_stream_feed(&st, &p, &len, marked + pos,
						  n - pos < piece ? n - pos :
						  piece, &used);
		CHECK_EQ(err, 0);
		CHECK_EQ(pos, n);
		CHECK_MEM(p, len, msg, size);
	}
}


static void stream_mark_bounds(void)
{
	static const uint8_t msg[] = { 0xff, 1, 0xff, 0xff, 2, 0xff };
	uint8_t out[16];
	size_t n, size, need;

	CHECK_EQ(sigcomp_stream_mark(out, sizeof(out), &need, msg,
				     sizeof(msg)), 0);
	for (size = 0; size < need; ++size)
		CHECK_EQ(sigcomp_stream_mark(out, size, &n, msg, sizeof(msg)),
			 EOVERFLOW);
	CHECK_EQ(sigcomp_stream_mark(out, need, &n, msg, sizeof(msg)), 0);
	CHECK_EQ(sigcomp_stream_mark(out, 1, &n, msg, 0), EOVERFLOW);
}


static void stream_reserved(void)
{
	unsigned v;

	for (v = 0x80; v < 0xff; ++v) {
		const uint8_t data[] = { 0xf8, 0xff, (uint8_t)v, 0xff, 0xff };
		struct sigcomp_stream st;
		const uint8_t *p;
		uint8_t buf[8];
		size_t len, used;

		sigcomp_stream_init(&st, buf, sizeof(buf));
		CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, 5, &used),
			 EBADMSG);
		CHECK_EQ(used, 3);
		CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, 5, &used),
			 EBADMSG);
		CHECK_EQ(used, 5);
	}
}


static void stream_quoted(void)
{
	/* what is quoted is taken literally, also reserved values and the
	   delimiter */
	static const uint8_t data[] = {
		0xff, 0xff, 0xff, 0x04, 0xff, 0x80, 0xff, 0xff, 0xff, 0x00,
		0xff, 0xff, 'x', 0xff, 0xff
	};
	struct sigcomp_stream st;
	const uint8_t *p;
	uint8_t buf[8];
	size_t len, used;

	sigcomp_stream_init(&st, buf, sizeof(buf));
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, sizeof(data),
				     &used), 0);
	CHECK_EQ(used, 12);
	CHECK_MEM(p, len, "\xff\xff\x80\xff\xff\xff", 6);
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data + 12,
				     sizeof(data) - 12, &used), 0);
	CHECK_MEM(p, len, "x", 1);
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, 0, &used), EAGAIN);
}


static void stream_bounded(void)
{
	static const uint8_t data[] = "abcdefghi";
	struct sigcomp_stream st;
	const uint8_t *p;
	uint8_t buf[8];
	size_t len, used;

	sigcomp_stream_init(&st, buf, sizeof(buf));
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, 8, &used), EAGAIN);
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data + 8, 1, &used),
		 EOVERFLOW);
	CHECK_EQ(sigcomp_stream_feed(&st, &p, &len, data, 1, &used), EBADMSG);
}


const struct test_case suite_sigcomp_message[] = {
	{"RFC 5049 s5: 11111xxx begins a SigComp message", is_message},
	{"RFC 3320 s7: too short a header is MESSAGE_TOO_SHORT", too_short},
	{"RFC 3320 s7.3: destinations, 0 is reserved", destinations},
	{"RFC 4077 s3.2: BYTECODES_TOO_LARGE tells the memory size",
	 code_too_large},
	{"RFC 3320 s7: UDVM memory of datagrams and streams", memory_size},
	{"RFC 3320 s7.2: SigComp_version is a useful value", version_value},
	{"RFC 3320 s3.3.1: parameters have only these values", settings},
	{"RFC 3320 s7.3, s9.1: the smallest and the largest memory",
	 memory_sizes},
	{"a compartment is closed twice", close_twice},
	{"the ready-made storage is complete", storage},
	{"RFC 3320 s9.4.9, RFC 4896 s9: requested feedback", feedback_item},
	{"RFC 3320 s6.3: feedback only when the application accepts",
	 feedback_needs_acceptance},
	{"RFC 3320 s9.4.9: returned SigComp parameters", parameters},
	{"RFC 3320 s9.4.9: feedback stays inside the memory",
	 feedback_at_the_end},
	{"RFC 4077 s3.1: format of a NACK", nack_format},
	{"RFC 4077 s3.1: no NACK without its hash", nack_hash_fails},
	{"RFC 4077 s3.1: NACK before anything was executed",
	 nack_before_execution},
	{"RFC 4077 s3.2: details of a NACK", nack_details},
	{"RFC 4077 s3.2: NACK for a framing error", nack_for_framing},
	{"RFC 4077 s2.4: NACK only of version 2, only for failures",
	 nack_only_for_failures},
	{"RFC 4077 s2.3: a NACK is taken in and never answered",
	 nack_received},
	{"RFC 4077 s3.2: names of the reasons", reason_names},
	{"RFC 4896 s11: the well-known bytecode", well_known_bytecode},
	{"RFC 3320 s4.2.2: record marking there and back",
	 stream_round_trip},
	{"RFC 3320 s4.2.2: marking into a small buffer",
	 stream_mark_bounds},
	{"RFC 3320 s4.2.2: FF 80 to FF FE end the stream",
	 stream_reserved},
	{"RFC 3320 s4.2.2: quoted bytes are literal", stream_quoted},
	{"RFC 3320 s4.2.2: a message longer than the buffer",
	 stream_bounded},
	{NULL, NULL}
};
