/**
 * @file test_sigcomp_state.c  State handler by clause: RFC 3320 s6 and
 *                             s9.4.5 to s9.4.9, RFC 4896 s3.3, s5 to s7
 */
#include <errno.h>
#include <string.h>
#include "test/unit/crypto_fault.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

enum { AT = 600, ID_AT = 400 };


static unsigned states(const struct sigcomp_compartment *comp)
{
	uint32_t pos = 0;
	unsigned n = 0;

	for (; pos < comp->fill; ++n) {
		const struct sigcomp_record *rec =
			(const void *)(comp->arena + pos);

		pos += sigcomp_record_size(rec->len);
	}

	return n;
}


/** STATE-ACCESS of the test state through its first id_len bytes */
static int access(uint16_t len, uint8_t fill, uint16_t minacc, int id_len)
{
	uint8_t id[SIGCOMP_ID_LEN];

	sk_state_id(id, len, fill, minacc);
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", id_len, ID_AT, 0);
	sk_op(OP_STATE_ACCESS, "mmmmmm", ID_AT, id_len, 0, 0, AT, 0);
	sk_op(OP_OUTPUT, "mm", AT, 4);
	sk_end();
	sk_data();
	sk_raw(id, (size_t)id_len);

	return sk_run();
}


/** STATE-FREE by the first id_len bytes, accepted for compartment i */
static int release(unsigned i, uint16_t len, uint8_t fill, uint16_t minacc,
		   int id_len)
{
	uint8_t id[SIGCOMP_ID_LEN];

	sk_state_id(id, len, fill, minacc);
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", id_len, ID_AT, 0);
	sk_op(OP_STATE_FREE, "mm", ID_AT, id_len);
	sk_end();
	sk_data();
	sk_raw(id, (size_t)id_len);

	return sk_run_accept(i);
}


static void identifier(void)
{
	struct sigcomp_state st;
	uint8_t id[SIGCOMP_ID_LEN];

	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 10, 'x', 7, 3), 0);
	sk_state_id(id, 10, 'x', 7);
	CHECK_EQ(sigcomp_find(&st, &sk.sc, id, 6), 0);
	CHECK_MEM(st.id, SIGCOMP_ID_LEN, id, sizeof(id));
	CHECK_EQ(st.len, 10);
	CHECK_EQ(st.minacc, 7);
	CHECK_EQ(st.prio, 3);
	CHECK_MEM(st.value, st.len, "xxxxxxxxxx", 10);

	/* RFC 3485 s3: the dictionary is there from the beginning */
	CHECK_EQ(sigcomp_find(&st, &sk.sc, sigcomp_dictionary_id, 6), 0);
	CHECK_EQ(st.len, 0x12e4);
	{
		static uint8_t value[SIGCOMP_DICTIONARY_LEN];
		const struct sigcomp_piece piece = { value, st.len };
		uint8_t b[5];
		uint32_t pos;

		sigcomp_dictionary_read(value, 0, st.len);
		CHECK_EQ(sigcomp_state_id(id, 0, 0, 6, &piece, 1), 0);
		CHECK_MEM(id, sizeof(id), sigcomp_dictionary_id,
			  SIGCOMP_ID_LEN);

		for (pos = 0; pos + sizeof(b) <= sizeof(value); ++pos) {
			sigcomp_dictionary_read(b, pos, sizeof(b));
			CHECK_MEM(b, sizeof(b), value + pos, sizeof(b));
		}
	}
	{
		/* s9.4.6: a length has 16 bits */
		const struct sigcomp_piece two[] = {
			{ sk.out, 40000 }, { sk.out, 25536 }
		};

		CHECK_EQ(sigcomp_state_id(id, 0, 0, 6, two, 2), EINVAL);
	}
}


/* The n-th call of SHA-1 fails: no state under a wrong identifier, and no
   identifier; what is there stays */
static void identifier_fails(void)
{
	static const uint8_t value[10] = "value";
	const struct sigcomp_piece piece = { value, sizeof(value) };
	uint8_t id[SIGCOMP_ID_LEN] = "before";
	unsigned n;

	for (n = 1; n < 100; ++n) {
		sk_open(4096, 2048);
		CHECK_EQ(sk_make_state(0, 10, 'x', 7, 3), 0);
		crypto_fault = n;
		CHECK_EQ(sk_make_state(0, 10, 'y', 7, 3), 0);
		CHECK_EQ(states(&sk.comp[0]), crypto_fault ? 2 : 1);
		if (crypto_fault)
			break;
		CHECK(sk_has_state(10, 'x', 7));
		CHECK(!sk_has_state(10, 'y', 7));
	}
	CHECK_EQ(n, 5);

	for (n = 1; n < 5; ++n) {
		crypto_fault = n;
		CHECK_EQ(sigcomp_state_id(id, 0, 0, 6, &piece, 1), EIO);
		CHECK_MEM(id, 7, "before", 7);

#if SIGCOMP_SHARED
		crypto_fault = n;
		sigcomp_state_share(&sk.comp[1], value, sizeof(value));
		CHECK_EQ(states(&sk.comp[1]), 0);
#endif
	}
	crypto_fault = 0;
}


static void presence_dictionary(void)
{
	static const uint8_t id[SIGCOMP_ID_LEN] = {
		0xd9, 0x42, 0x29, 0x7d, 0x0b, 0xb3, 0x8f, 0xc0, 0x1d, 0x67,
		0x41, 0xd6, 0xb3, 0xb4, 0x81, 0x57, 0xac, 0x8e, 0x1b, 0xe0
	};
	struct sigcomp_state st;

	sk_open(4096, 2048);
	CHECK_EQ(sigcomp_find(&st, &sk.sc, id, 6),
		 SIGCOMP_PRESENCE ? 0 : ENOENT);
#if SIGCOMP_PRESENCE
	{
		const struct sigcomp_piece piece = { st.value, st.len };
		uint8_t hash[SIGCOMP_ID_LEN];

		CHECK_EQ(sigcomp_state_id(hash, 0, 0, 6, &piece, 1), 0);
		CHECK_MEM(hash, sizeof(hash), id, sizeof(id));
	}
#endif
}


/* RFC 3320 s6.1 */
static void needs_acceptance(void)
{
	sk_open(4096, 2048);
	sk_code();
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 10, AT, 0, 6, 0);
	CHECK_EQ(sk_run(), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);
	sigcomp_discard(&sk.sc);
	CHECK_EQ(sigcomp_accept(&sk.sc, &sk.comp[0]), EPROTO);
	CHECK_EQ(states(&sk.comp[0]), 0);

	/* the next message discards as well */
	CHECK_EQ(sk_run(), 0);
	sk_code();
	sk_end();
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);
}


static void no_memory_no_state(void)
{
	sk_open(4096, 0);
	CHECK_EQ(sk_make_state(0, 10, 'x', 6, 0), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);
}


static void cost_64(void)
{
	unsigned i;

	/* 2048 = 32 states of no length, each with its own address */
	sk_open(4096, 2048);
	for (i = 0; i < 40; ++i) {
		sk_code();
		sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 0, 200 + (int)i, 0, 6,
		       0);
		CHECK_EQ(sk_run_accept(0), 0);
		CHECK_EQ(states(&sk.comp[0]), i < 32 ? i + 1 : 32);
	}

	/* the arena always holds what the accounting allows */
	sk_open(4096, 2048);
	for (i = 0; i < 60; ++i) {
		CHECK_EQ(sk_make_state(0, (uint16_t)(1 + i % 7),
					(uint8_t)i, 6, 0), 0);
		CHECK(sk.comp[0].fill <= 2048);
		CHECK(sk.comp[0].cost <= 2048);
	}
}


static void cut_to_memory(void)
{
	struct sigcomp_state st;
	uint8_t id[SIGCOMP_ID_LEN];

	sk_open(8192, 2048);
	CHECK_EQ(sk_make_state(0, 2000, 'l', 6, 0), 0);
	sk_state_id(id, 2048 - 64, 'l', 6);
	CHECK_EQ(sigcomp_find(&st, &sk.sc, id, 20), 0);
	CHECK_EQ(st.len, 2048 - 64);
	CHECK_EQ(sk.comp[0].cost, 2048);

	/* again: found to be the same, not pushed out */
	CHECK_EQ(sk_make_state(0, 2000, 'l', 6, 0), 0);
	CHECK_EQ(states(&sk.comp[0]), 1);
}


static void priority_order(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 400, 'a', 6, 2), 0);
	CHECK_EQ(sk_make_state(0, 400, 'b', 6, 1), 0);
	CHECK_EQ(sk_make_state(0, 400, 'c', 6, 65534), 0);
	CHECK_EQ(sk_make_state(0, 400, 'd', 6, 1), 0);
	CHECK_EQ(states(&sk.comp[0]), 4);

	/* lowest priority first, the older of two equal ones */
	CHECK_EQ(sk_make_state(0, 400, 'e', 6, 0), 0);
	CHECK(!sk_has_state(400, 'b', 6));
	CHECK_EQ(states(&sk.comp[0]), 4);

	/* the new one is lowest now, a newer one pushes it out */
	CHECK_EQ(sk_make_state(0, 400, 'f', 6, 9), 0);
	CHECK(!sk_has_state(400, 'e', 6));
	CHECK_EQ(sk_make_state(0, 400, 'g', 6, 9), 0);
	CHECK(!sk_has_state(400, 'd', 6));
	CHECK_EQ(sk_make_state(0, 1300, 'h', 6, 9), 0);
	CHECK(sk_has_state(400, 'c', 6));
	CHECK(sk_has_state(1300, 'h', 6));
	CHECK_EQ(states(&sk.comp[0]), 2);
}


/* RFC 4896 s5.3 */
static void local_priority_first(void)
{
	/* 65535 cannot be asked for; put it there as a local state would */
	struct sigcomp_record *rec;

	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 900, 'a', 6, 0), 0);
	CHECK_EQ(sk_make_state(0, 900, 'b', 6, 5), 0);
	rec = (void *)(sk.comp[0].arena + sigcomp_record_size(900));
	rec->prio = 65535;
	CHECK_EQ(sk_make_state(0, 900, 'c', 6, 0), 0);
	CHECK(sk_has_state(900, 'a', 6));
	CHECK(!sk_has_state(900, 'b', 6));
	CHECK(sk_has_state(900, 'c', 6));
}


static void duplicate_refreshes(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 900, 'a', 6, 0), 0);
	CHECK_EQ(sk_make_state(0, 900, 'b', 6, 0), 0);
	CHECK_EQ(sk_make_state(0, 900, 'a', 6, 0), 0);
	CHECK_EQ(states(&sk.comp[0]), 2);
	CHECK_EQ(sk.comp[0].cost, 2 * 964);

	/* b is the older one now */
	CHECK_EQ(sk_make_state(0, 900, 'c', 6, 0), 0);
	CHECK(sk_has_state(900, 'a', 6));
	CHECK(!sk_has_state(900, 'b', 6));
}


static void duplicate_takes_priority(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 900, 'a', 6, 7), 0);
	CHECK_EQ(sk_make_state(0, 900, 'b', 6, 5), 0);
	CHECK_EQ(sk_make_state(0, 900, 'a', 6, 1), 0);
	CHECK_EQ(sk.comp[0].cost, 2 * 964);
	CHECK_EQ(sk_make_state(0, 900, 'c', 6, 5), 0);
	CHECK(!sk_has_state(900, 'a', 6));
	CHECK(sk_has_state(900, 'b', 6));
}


static void compartments_are_apart(void)
{
	/* the same item in two compartments: each has it, each counts it */
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 1000, 'a', 6, 9), 0);
	CHECK_EQ(sk_make_state(1, 1000, 'a', 6, 1), 0);
	CHECK_EQ(sk.comp[0].cost, 1064);
	CHECK_EQ(sk.comp[1].cost, 1064);
	CHECK_EQ(access(1000, 'a', 6, 6), 0);

	/* pushed out of one, still there for the other */
	CHECK_EQ(sk_make_state(1, 1000, 'b', 6, 1), 0);
	CHECK(sk_has_state(1000, 'a', 6));
	CHECK_EQ(states(&sk.comp[1]), 1);

	sigcomp_close(&sk.sc, &sk.comp[0]);
	CHECK(!sk_has_state(1000, 'a', 6));
	CHECK(sk_has_state(1000, 'b', 6));
}


static void minimum_access_length(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 10, 0), 0);
	CHECK_EQ(access(100, 'a', 10, 9), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_STATE_NOT_FOUND);
	CHECK_EQ(access(100, 'a', 10, 10), 0);
	CHECK_MEM(sk.out, sk.res.len, "aaaa", 4);
	CHECK_EQ(access(100, 'a', 10, 20), 0);
}


static void access_lengths(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);
	CHECK_EQ(access(100, 'a', 6, 5), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_INVALID_STATE_ID_LENGTH);
	sk_code();
	sk_op(OP_STATE_ACCESS, "mmmmmm", ID_AT, 21, 0, 0, AT, 0);
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_INVALID_STATE_ID_LENGTH);
}


static void two_matches(void)
{
	struct sigcomp_record *a, *b;
	struct sigcomp_state st;

	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);
	CHECK_EQ(sk_make_state(1, 100, 'b', 6, 0), 0);
	a = (void *)sk.comp[0].arena;
	b = (void *)sk.comp[1].arena;
	memcpy(b->id, a->id, 8);

	CHECK_EQ(sigcomp_find(&st, &sk.sc, a->id, 8), EEXIST);
	CHECK_EQ(sigcomp_find(&st, &sk.sc, a->id, 9), 0);
	CHECK_EQ(access(100, 'a', 6, 6), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_ID_NOT_UNIQUE);
	CHECK_EQ(access(100, 'a', 6, 9), 0);
}


static void clash_fails(void)
{
	struct sigcomp_record *rec;

	/* another item already has the identifier the new one would get */
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(1, 100, 'b', 6, 0), 0);
	rec = (void *)sk.comp[1].arena;
	sk_state_id(rec->id, 100, 'a', 6);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);
}


static void state_free(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 20, 0), 0);
	CHECK_EQ(sk_make_state(1, 100, 'b', 6, 0), 0);

	/* RFC 4896 s3.3: another compartment's and the dictionary stay */
	CHECK_EQ(release(0, 100, 'b', 6, 6), 0);
	CHECK(sk_has_state(100, 'b', 6));
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", 6, ID_AT, 0);
	sk_op(OP_STATE_FREE, "mm", ID_AT, 6);
	sk_end();
	sk_data();
	sk_raw(sigcomp_dictionary_id, 6);
	CHECK_EQ(sk_run_accept(0), 0);
	{
		struct sigcomp_state st;

		CHECK_EQ(sigcomp_find(&st, &sk.sc, sigcomp_dictionary_id, 6),
			 0);
	}

	/* whatever the minimum access length */
	CHECK_EQ(release(0, 100, 'a', 20, 6), 0);
	CHECK(!sk_has_state(100, 'a', 20));
	CHECK_EQ(sk.comp[0].cost, 0);
	CHECK_EQ(sk.comp[0].fill, 0);
}


static void requests_in_order(void)
{
	uint8_t id[SIGCOMP_ID_LEN];
	int first;

	/* create then free: gone. free then create: there */
	for (first = 0; first < 2; ++first) {
		sk_open(4096, 2048);
		sk_state_id(id, 100, 'q', 6);
		sk_code();
		sk_op(OP_MEMSET, "mmmm", 512, 100, 'q', 0);
		sk_op(OP_INPUT_BYTES, "mma", 6, ID_AT, 0);
		if (first)
			sk_op(OP_STATE_FREE, "mm", ID_AT, 6);
		sk_op(OP_STATE_CREATE, "mmmmm", 100, 512, 0, 6, 0);
		if (!first)
			sk_op(OP_STATE_FREE, "mm", ID_AT, 6);
		sk_end();
		sk_data();
		sk_raw(id, 6);
		CHECK_EQ(sk_run_accept(0), 0);
		CHECK_EQ(states(&sk.comp[0]), first);
	}
}


static void content_when_created(void)
{
	struct sigcomp_record *rec;

	/* RFC 4896 s4.1: the bytes at the end, with byte copying rules */
	sk_open(4096, 2048);
	sk_code();
	sk_op(OP_MEMSET, "mmmm", AT, 8, 'a', 1);
	sk_op(OP_STATE_CREATE, "mmmmm", 6, AT + 2, 0, 6, 0);
	sk_op(OP_MEMSET, "mmmm", AT, 8, 'A', 1);
	sk_op(OP_LOAD, "mm", LEFT, AT);
	sk_op(OP_LOAD, "mm", RIGHT, AT + 4);
	sk_end();
	CHECK_EQ(sk_run_accept(0), 0);
	rec = (void *)sk.comp[0].arena;
	CHECK_MEM(rec + 1, rec->len, "CDABCD", 6);
}


static void access_from_message(void)
{
	uint8_t msg[16] = { 0xf9 };
	uint8_t id[SIGCOMP_ID_LEN];

	/* a state with code: OUTPUT (AT, 3), END-MESSAGE; 9 and 12 bytes */
	static const uint8_t code[] = {
		OP_OUTPUT, 0x80, AT >> 8, AT & 0xff, 3,
		OP_END_MESSAGE, 0, 0, 0, 0, 0, 0, 0
	};
	const struct sigcomp_piece piece = { code, sizeof(code) };
	unsigned len;

	sk_open(4096, 2048);
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", (int)sizeof(code), AT, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, (int)sizeof(code), AT, AT,
	       12, 0);
	sk_data();
	sk_raw(code, sizeof(code));
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK_EQ(sigcomp_state_id(id, AT, AT, 12, &piece, 1), 0);
	memcpy(msg + 1, id, 12);

	for (len = 6; len <= 12; len += 3) {
		msg[0] = (uint8_t)(0xf8 | (len / 3 - 1));
		CHECK_EQ(sk_run_message(msg, 1 + len), len < 12 ? EBADMSG :
			 0);
		CHECK_EQ(sk.res.reason, len < 12 ? SIGCOMP_STATE_NOT_FOUND :
			 SIGCOMP_OK);
	}

	CHECK_MEM(sk.out, sk.res.len, code, 3);

	/* RFC 3320 s7.2: useful values */
	CHECK_EQ(udvm_get((uint8_t *)sk.mem + 0), 4096 - 13);
	CHECK_EQ(udvm_get((uint8_t *)sk.mem + 2), 16);
	CHECK_EQ(udvm_get((uint8_t *)sk.mem + 4), 2);
	CHECK_EQ(udvm_get((uint8_t *)sk.mem + 6), 12);
	CHECK_EQ(udvm_get((uint8_t *)sk.mem + 8), sizeof(code));
}


static void failure_changes_nothing(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);

	sk_code();
	sk_op(OP_STATE_CREATE, "mmmmm", 1900, 600, 0, 6, 9);
	sk_op(OP_DECOMPRESSION_FAILURE, "");
	CHECK_EQ(sk_run(), EBADMSG);
	CHECK_EQ(sigcomp_accept(&sk.sc, &sk.comp[0]), EPROTO);
	CHECK(sk_has_state(100, 'a', 6));
	CHECK_EQ(states(&sk.comp[0]), 1);
}


static void s_bit(void)
{
	/* RFC 3320 s9.4.9: S = 1 gives the memory back, S = 0 takes it */
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);
	sk_code();
	sk_op(OP_LOAD, "mm", AT, 0x0200);
	sk_op(OP_END_MESSAGE, "mmmmmmm", AT, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);
	CHECK_EQ(sk_make_state(0, 100, 'b', 6, 0), 0);
	CHECK_EQ(states(&sk.comp[0]), 0);

	sk_code();
	sk_op(OP_LOAD, "mm", AT, 0x0001);
	sk_op(OP_END_MESSAGE, "mmmmmmm", AT, 0, 100, AT, 0, 6, 0);
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK_EQ(states(&sk.comp[0]), 1);
}


/* RFC 4896 s10.3 */
static void i_bit(void)
{
	struct sigcomp_state st;

	/* RFC 4896 s10.1: never touches what the peer has created */
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 100, 'a', 6, 0), 0);
	sk_code();
	sk_op(OP_LOAD, "mm", AT, 0x0100);
	sk_op(OP_END_MESSAGE, "mmmmmmm", AT, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(sk_run_accept(0), 0);
	CHECK(sk_has_state(100, 'a', 6));
	CHECK_EQ(sigcomp_find(&st, &sk.sc, sigcomp_dictionary_id, 6), 0);
}


#if SIGCOMP_SHARED
/** The peer refers to a shared state: the first bytes of its text */
static int refer(const char *text, size_t len)
{
	const struct sigcomp_piece piece = { (const uint8_t *)text, len };
	uint8_t id[SIGCOMP_ID_LEN];

	(void)sigcomp_state_id(id, 0, 0, 6, &piece, 1);
	sk_code();
	sk_op(OP_INPUT_BYTES, "mma", 6, ID_AT, 0);
	sk_op(OP_STATE_ACCESS, "mmmmmm", ID_AT, 6, 0, 0, AT, 0);
	sk_op(OP_OUTPUT, "mm", AT, 3);
	sk_end();
	sk_data();
	sk_raw(id, 6);

	return sk_run_accept(0);
}


static void share(const char *text, size_t len, uint32_t handle)
{
	CHECK(sigcomp_state_may_share(&sk.comp[0], len));
	sk.comp[0].handle = handle;
	sigcomp_state_share(&sk.comp[0], (const uint8_t *)text, len);
}


/* RFC 3321 s6.2 */
static void shared_until_newer_is_known(void)
{
	static const char one[300] = "one", two[300] = "two", six[300] = "six";

	sk_open(4096, 2048);
	share(one, 300, 1);
	share(two, 300, 2);
	sk.comp[0].handle = 3;
	sigcomp_state_share(&sk.comp[0], (const uint8_t *)two, 300);
	CHECK_EQ(states(&sk.comp[0]), 2);
	CHECK(sigcomp_state_may_share(&sk.comp[0], 2048 - 2 * 364 - 64));
	CHECK(!sigcomp_state_may_share(&sk.comp[0], 2048 - 2 * 364 - 63));

	/* the second may be lost: the peer still comes back to the first */
	CHECK_EQ(refer(one, 300), 0);
	CHECK_MEM(sk.out, sk.res.len, "one", 3);
	CHECK_EQ(states(&sk.comp[0]), 2);

	/* it knows the second: the first is given up */
	CHECK_EQ(refer(two, 300), 0);
	CHECK_EQ(states(&sk.comp[0]), 1);
	CHECK_EQ(refer(one, 300), EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_STATE_NOT_FOUND);

	/* or an answer tells that the message arrived */
	share(six, 300, 4);
	sigcomp_confirm(&sk.comp[0], 3);
	CHECK_EQ(states(&sk.comp[0]), 2);
	sigcomp_confirm(&sk.comp[0], 4);
	CHECK_EQ(states(&sk.comp[0]), 1);
	CHECK_EQ(refer(six, 300), 0);
}


static void shared_pushes_nothing_out(void)
{
	sk_open(4096, 2048);
	CHECK_EQ(sk_make_state(0, 1500, 'a', 6, 0), 0);
	CHECK(sigcomp_state_may_share(&sk.comp[0], 420));
	CHECK(!sigcomp_state_may_share(&sk.comp[0], 421));
	CHECK(!sigcomp_state_may_share(&sk.comp[0], 70000));

	/* and goes first when the peer needs the room */
	share("text", 4, 1);
	CHECK_EQ(sk_make_state(0, 400, 'b', 6, 0), 0);
	CHECK(sk_has_state(1500, 'a', 6));
	CHECK_EQ(states(&sk.comp[0]), 2);
	CHECK_EQ(refer("text", 4), EBADMSG);

	sk_open(4096, 0);
	CHECK(!sigcomp_state_may_share(&sk.comp[0], 4));
}
#endif


const struct test_case suite_sigcomp_state[] = {
	{"RFC 3320 s9.4.9, RFC 3485 s3: state identifiers", identifier},
	{"RFC 3320 s9.4.9: SHA-1 that fails makes no identifier",
	 identifier_fails},
	{"RFC 5112 s4: the presence dictionary, if it is built in",
	 presence_dictionary},
	{"RFC 3320 s5, s6.2: state only when the application accepts",
	 needs_acceptance},
	{"RFC 3320 s6.2 step 1: no state memory, no state",
	 no_memory_no_state},
	{"RFC 3320 s6.2: a state costs its length and 64", cost_64},
	{"RFC 3320 s6.2 step 2: a larger state is cut", cut_to_memory},
	{"RFC 3320 s6.2 step 5: lowest priority, then oldest goes first",
	 priority_order},
	{"RFC 4896 s5.1: priority 65535 is lower than 0",
	 local_priority_first},
	{"RFC 4896 s6: a duplicate is as if just created",
	 duplicate_refreshes},
	{"RFC 4896 s5.2: a duplicate takes the new priority, counts once",
	 duplicate_takes_priority},
	{"RFC 3320 s6.2: compartments share items, not their memory",
	 compartments_are_apart},
	{"RFC 3320 s7.2: minimum_access_length", minimum_access_length},
	{"RFC 3320 s9.4.5: identifier of 6 to 20 bytes", access_lengths},
	{"RFC 4896 s7: several matches are ID_NOT_UNIQUE", two_matches},
	{"RFC 4896 s7: creation fails when the identifier is taken",
	 clash_fails},
	{"RFC 4896 s3.3: STATE-FREE only in its own compartment",
	 state_free},
	{"RFC 3320 s9.4.9: creations and frees in their order",
	 requests_in_order},
	{"RFC 4896 s4.1: state has the bytes at the end of the message",
	 content_when_created},
	{"RFC 3320 s7.2: a message starts from a state",
	 access_from_message},
	{"RFC 3320 s8.7: a failed message changes nothing",
	 failure_changes_nothing},
#if SIGCOMP_SHARED
	{"RFC 3321 s5.2: a shared state stays until a newer one is known",
	 shared_until_newer_is_known},
	{"RFC 3321 s5.2: a shared state pushes nothing out",
	 shared_pushes_nothing_out},
#endif
	{"RFC 3320 s9.4.9: the S-bit", s_bit},
	{"RFC 4896 s10.1: the I-bit", i_bit},
	{NULL, NULL}
};
