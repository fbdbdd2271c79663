/**
 * @file test_sigcomp_udvm.c  Instructions of the UDVM by clause: RFC 3320 s8
 *                            and s9, RFC 4896 s3 and s4
 *
 * More than 800 lines: one place for every row of the table it checks.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "test/unit/crypto_fault.h"
#include "test/unit/sigcomp_kit.h"
#include "test/unit/test.h"

enum { AT = 300, W = 400 };     /* places programs use for their data */


static uint8_t *memory(void)
{
	return (uint8_t *)sk.mem;
}


static unsigned word_at(unsigned addr)
{
	return udvm_get(memory() + addr);
}


/** Run what was built; it must end with this reason */
static void expect(enum sigcomp_reason reason)
{
	const int err = sk_run();

	CHECK_EQ(sk.res.reason, reason);
	CHECK_EQ(err, reason ? EBADMSG : 0);
}


static void start(void)
{
	sk_open(2048, 2048);
	sk_code();
}


/* -- s8.5 operands ------------------------------------------------------- */

static void operand_values(void)
{
	static const struct {
		uint8_t b[3];
		unsigned n, value;
	} form[] = {
		{{0x00}, 1, 0}, {{0x3f}, 1, 63},
		{{0x86}, 1, 64}, {{0x87}, 1, 128},
		{{0x88}, 1, 256}, {{0x8f}, 1, 32768},
		{{0xe0}, 1, 65504}, {{0xff}, 1, 65535},
		{{0x90, 0x00}, 2, 61440}, {{0x9f, 0xff}, 2, 65535},
		{{0xa0, 0x00}, 2, 0}, {{0xbf, 0xff}, 2, 8191},
		{{0x80, 0x12, 0x34}, 3, 0x1234},
		/* memory: word at 40 is 0xabcd */
		{{0x40 + 20}, 1, 0xabcd}, {{0xc0, 40}, 2, 0xabcd},
		{{0x81, 0, 40}, 3, 0xabcd},
	};
	unsigned i;

	for (i = 0; i < sizeof(form) / sizeof(*form); ++i) {
		start();
		sk_op(OP_LOAD, "mm", 40, 0xabcd);
		sk_byte(OP_LOAD);
		sk_raw("\x80\x01\x90", 3);
		sk_raw(form[i].b, form[i].n);
		sk_op(OP_OUTPUT, "mm", W, 2);
		sk_end();
		expect(SIGCOMP_OK);
		CHECK_EQ(udvm_get(sk.out), form[i].value);
	}
}


static void operand_references(void)
{
	static const struct {
		uint8_t b[3];
		unsigned n, addr;
	} form[] = {
		{{0x14}, 1, 40}, {{0x7f}, 1, 254}, {{0x80 + 0, 0xc8}, 2, 400},
		{{0x81, 0x00}, 2, 512}, {{0xc0, 0x01, 0x91}, 3, 401},
	};
	unsigned i;

	for (i = 0; i < sizeof(form) / sizeof(*form); ++i) {
		start();
		sk_byte(OP_NOT);
		sk_raw(form[i].b, form[i].n);
		sk_end();
		/* the bits that were zero */
		expect(SIGCOMP_OK);
		if (form[i].addr != 254)
			CHECK_EQ(word_at(form[i].addr), 0xffff);
	}
}


static void operand_invalid(void)
{
	static const uint8_t multi[] = { 0x82, 0x83, 0x84, 0x85 };
	static const uint8_t refer[] = { 0xc1, 0xd0, 0xe0, 0xff };
	unsigned i;

	for (i = 0; i < 4; ++i) {
		start();
		sk_byte(OP_PUSH);
		sk_byte(multi[i]);
		expect(SIGCOMP_INVALID_OPERAND);

		start();
		sk_byte(OP_NOT);
		sk_byte(refer[i]);
		expect(SIGCOMP_INVALID_OPERAND);

		start();
		sk_byte(OP_SWITCH);
		sk_byte(refer[i]);
		expect(SIGCOMP_INVALID_OPERAND);

		/* also where the operand is stepped over */
		start();
		sk_op(OP_SWITCH, "lm", 2, 1);
		sk_byte(multi[i]);
		sk_byte(0);
		expect(SIGCOMP_INVALID_OPERAND);
	}
}


static void operand_cut_off(void)
{
	static const uint8_t code[] = { OP_PUSH, 0x80, 0x00, 0x00 };
	unsigned n;

	/* the last n bytes of memory hold the beginning of an instruction:
	   message 3 + 31 bytes, memory 2014 bytes */
	for (n = 1; n <= sizeof(code); ++n) {
		start();
		sk_op(OP_LOAD, "mm", STACK, AT);
		sk_op(OP_COPY, "mmm", SK_CODE + 27, (int)n,
		       2014 - (int)n);
		sk_op(OP_JUMP, "a", 2014 - (int)n);
		while (sk_here() < SK_CODE + 27)
			sk_byte(0);
		sk_raw(code, sizeof(code));
		CHECK_EQ(sk.len, 3 + 31);
		/* n = 4: complete, and execution runs over the end */
		expect(SIGCOMP_SEGFAULT);
		CHECK_EQ(word_at(AT), n == sizeof(code) ? 1 : 0);
	}
}


/* -- s8.6 cycles --------------------------------------------------------- */

static void cycles_start(void)
{
	start();
	sk_op(OP_JUMP, "a", SK_CODE);
	expect(SIGCOMP_CYCLES_EXHAUSTED);
	/* header: f8, code_len and destination, 4 bytes of code */
	CHECK_EQ(sk.res.budget, (1000 + 8 * 7) * 16);
	CHECK_EQ(sk.res.cycles, sk.res.budget);
}


static void cycles_input(void)
{
	start();
	sk_op(OP_INPUT_BYTES, "mma", 2, AT, SK_CODE);
	sk_op(OP_INPUT_BITS, "mma", 3, AT, SK_CODE);
	sk_end();
	sk_data();
	sk_raw("abc", 3);
	expect(SIGCOMP_OK);
	CHECK_EQ(sk.res.budget,
		 (1000 + 8 * (3 + sk.code_len) + 16 + 3) * 16);
	CHECK_EQ(sk.res.cycles, 3 + 1 + 1);
}


static void cycles_input_fails(void)
{
	unsigned end;

	start();
	/* END-MESSAGE first: the address is known then */
	sk_op(OP_JUMP, "a", SK_CODE + 12);
	end = sk_here();
	sk_end();
	CHECK_EQ(sk_here(), SK_CODE + 12);
	sk_op(OP_INPUT_BYTES, "mma", 4, AT, (int)end);
	sk_data();
	sk_raw("abc", 3);
	expect(SIGCOMP_OK);
	CHECK_EQ(sk.res.budget, (1000 + 8 * (3 + sk.code_len)) * 16);
}


/** Each instruction whose cost grows with an operand, and the operand that
 *  is more than the cycles of this message */
static void cycles_of_length(void)
{
	static const struct {
		uint8_t op;
		const char *fmt;
		unsigned v[6];
	} costly[] = {
		{OP_SHA_1, "mmm", {AT, 65535, W}},
		{OP_MULTILOAD, "ml", {AT, 65535}},
		{OP_COPY, "mmm", {0, 65535, 0}},
		{OP_COPY_LITERAL, "mmr", {0, 65535, 40}},
		{OP_COPY_OFFSET, "mmr", {1, 65535, 40}},
		{OP_MEMSET, "mmmm", {AT, 65535, 0, 1}},
		{OP_CRC, "mmma", {0, AT, 65535, 0}},
		{OP_SWITCH, "lm", {65535, 0}},
		{OP_INPUT_BYTES, "mma", {65535, AT, 0}},
		{OP_INPUT_HUFFMAN, "mal", {AT, 0, 65535}},
		{OP_STATE_CREATE, "mmmmm", {65535, AT, 0, 6, 0}},
		{OP_OUTPUT, "mm", {AT, 65535}}
	};
	unsigned i;

	for (i = 0; i < sizeof(costly) / sizeof(costly[0]); ++i) {
		const unsigned *v = costly[i].v;

		start();
		sk_op(costly[i].op, costly[i].fmt, v[0], v[1], v[2], v[3],
		      v[4], v[5]);
		expect(SIGCOMP_CYCLES_EXHAUSTED);
		CHECK_EQ(sk.res.cycles, 1);
	}
}


/* -- s8.7 failures ------------------------------------------------------- */

static void opcode_unknown(void)
{
	unsigned op;

	for (op = 36; op < 256; ++op) {
		start();
		sk_byte(op);
		expect(SIGCOMP_INVALID_OPCODE);
	}
}


/** Data and operands behind the end of the memory, of each instruction that
 *  reads or writes a length of it */
static void memory_of_length(void)
{
	enum { END = 2030 };
	static const struct {
		uint8_t op;
		const char *fmt;
		unsigned v[6];
	} beyond[] = {
		{OP_SHA_1, "mmm", {END, 20, W}},
		{OP_SHA_1, "mmm", {AT, 20, END}},
		{OP_COPY, "mmm", {END, 20, AT}},
		{OP_COPY, "mmm", {AT, 20, END}},
		{OP_COPY_LITERAL, "mmr", {AT, 20, END}},
		{OP_COPY_OFFSET, "mmr", {1, 20, END}},
		{OP_MEMSET, "mmmm", {END, 20, 0, 1}},
		{OP_MULTILOAD, "mlmmmm", {END, 4, 0, 0, 0, 0}},
		{OP_CRC, "mmma", {0, END, 20, 0}},
		{OP_INPUT_BYTES, "mma", {10, END, 0}},
		{OP_STATE_ACCESS, "mmmmmm", {END, 20, 0, 0, 0, 0}},
		{OP_OUTPUT, "mm", {END, 20}},
		{OP_PUSH, "m", {1}},
		{OP_POP, "m", {AT}}
	};
	unsigned i;

	for (i = 0; i < sizeof(beyond) / sizeof(beyond[0]); ++i) {
		const unsigned *v = beyond[i].v;

		start();
		/* stack_location */
		if (beyond[i].op == OP_PUSH || beyond[i].op == OP_POP)
			sk_op(OP_LOAD, "mm", STACK, END);
		sk_op(beyond[i].op, beyond[i].fmt, v[0], v[1], v[2], v[3],
		      v[4], v[5]);
		sk_end();
		sk_data();
		sk_raw("0123456789", 10);
		expect(SIGCOMP_SEGFAULT);
	}
}


static void memory_bounds(void)
{
	start();
	sk_op(OP_LOAD, "mm", 2047 - 14, 1);
	sk_end();
	expect(SIGCOMP_SEGFAULT);

	/* one message byte less of memory for each byte of message */
	start();
	sk_op(OP_LOAD, "mm", 2048 - 16 - 2, 1);
	sk_end();
	CHECK_EQ(sk.len, 16);
	expect(SIGCOMP_OK);

	start();
	sk_op(OP_LOAD, "mm", 2048 - 16 - 1, 1);
	sk_end();
	expect(SIGCOMP_SEGFAULT);

	start();
	sk_op(OP_JUMP, "a", 2047);
	expect(SIGCOMP_SEGFAULT);

	start();
	sk_op(OP_ADD, "rm", 65535, 1);
	expect(SIGCOMP_SEGFAULT);

	start();
	sk_op(OP_PUSH, "v", 65535);
	expect(SIGCOMP_SEGFAULT);
}


static void divide_by_zero(void)
{
	start();
	sk_op(OP_DIVIDE, "rm", AT, 0);
	expect(SIGCOMP_DIV_BY_ZERO);
	start();
	sk_op(OP_REMAINDER, "rm", AT, 0);
	expect(SIGCOMP_DIV_BY_ZERO);
}


static void shift_far(void)
{
	start();
	sk_op(OP_LOAD, "mm", AT, 0xffff);
	sk_op(OP_LOAD, "mm", W, 0xffff);
	sk_op(OP_LSHIFT, "rm", AT, 16);
	sk_op(OP_RSHIFT, "rm", W, 65535);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(AT), 0);
	CHECK_EQ(word_at(W), 0);
}


static void manual_failure(void)
{
	start();
	sk_op(OP_DECOMPRESSION_FAILURE, "");
	expect(SIGCOMP_USER_REQUESTED);
}


/* -- s9.1.3 sorting ------------------------------------------------------ */

static void sort_model(uint16_t *w, unsigned n, unsigned k, bool down)
{
	unsigned i, j, l;

	/* insertion: stable, and nothing like what is tested */
	for (i = 1; i < k; ++i)
	for (j = i; j > 0 && (down ? w[j - 1] < w[j] : w[j - 1] > w[j]); --j)
	for (l = 0; l < n; ++l) {
		const uint16_t v = w[l * k + j];

		w[l * k + j] = w[l * k + j - 1];
		w[l * k + j - 1] = v;
	}
}


static void sort_random(void)
{
	static uint8_t mem[2 * 3 * 64];
	static uint16_t w[3 * 64];
	uint32_t seed = 1;
	unsigned round, i;

	for (round = 0; round < 300; ++round) {
		const unsigned k = sk_random(&seed, 65);
		const unsigned n = 1 + sk_random(&seed, 3);
		const unsigned range = 1 + sk_random(&seed, 40);
		const bool down = sk_random(&seed, 2);

		for (i = 0; i < n * k; ++i) {
			w[i] = (uint16_t)(sk_random(&seed, range) * 1641);
			udvm_put(mem + 2 * i, w[i]);
		}

		udvm_sort(mem, n, k, down);
		sort_model(w, n, k, down);

		for (i = 0; i < n * k; ++i)
			CHECK_EQ(udvm_get(mem + 2 * i), w[i]);
	}
}


static void sort_cost(void)
{
	static const struct {
		int n, k;
		unsigned cost;
	} c[] = {
		{0, 0, 1}, {5, 0, 1}, {1, 1, 2}, {2, 2, 7}, {1, 4, 13},
		{1, 5, 21}, {3, 8, 49},
	};
	unsigned i;

	for (i = 0; i < sizeof(c) / sizeof(*c); ++i) {
		start();
		sk_op(OP_SORT_ASCENDING, "mmm", AT, c[i].n, c[i].k);
		sk_end();
		expect(SIGCOMP_OK);
		CHECK_EQ(sk.res.cycles, c[i].cost + 1);
	}
}


static void sort_bounds(void)
{
	start();
	sk_op(OP_SORT_DESCENDING, "mmm", 2000, 1, 30);
	expect(SIGCOMP_SEGFAULT);
	start();
	sk_op(OP_SORT_DESCENDING, "mmm", 65535, 1, 1);
	expect(SIGCOMP_SEGFAULT);
	start();
	sk_op(OP_SORT_ASCENDING, "mmm", 0, 65535, 65535);
	expect(SIGCOMP_CYCLES_EXHAUSTED);

	/* a cost of 65535 * 65538, which is 65534 in 32 bits */
	start();
	sk.sc.set.cpb = 128;
	sk_op(OP_SORT_ASCENDING, "mmm", 0, 65522, 65535);
	expect(SIGCOMP_CYCLES_EXHAUSTED);
}


/* -- s9.1.4 SHA-1, s9.3.5 CRC -------------------------------------------- */

static void sha1_wraps(void)
{
	uint8_t hash[20], data[6] = { 'e', 'f', 'c', 'd', 'e', 'f' };

	start();
	sk_op(OP_MEMSET, "mmmm", AT, 8, 'a', 1);
	sk_op(OP_LOAD, "mm", LEFT, AT + 2);
	sk_op(OP_LOAD, "mm", RIGHT, AT + 6);
	sk_op(OP_SHA_1, "mmm", AT + 4, 6, W);
	sk_op(OP_OUTPUT, "mm", W, 20);
	sk_end();
	expect(SIGCOMP_OK);
	(void)mbedtls_sha1_ret(data, sizeof(data), hash);
	CHECK_MEM(sk.out, sk.res.len, hash, 20);
}


/* Cycles bound steps, not time: what takes long in few is bounded too */
static void dear(void)
{
	unsigned i;

	start();
	sk_op(OP_SHA_1, "mmm", AT, 0, W);
	sk_op(OP_JUMP, "a", SK_CODE);
	expect(SIGCOMP_CYCLES_EXHAUSTED);
	CHECK(sk.res.cycles < 1200);

	/* what a decompressor may need */
	sk_open(8192, 2048);
	sk_code();
	for (i = 0; i < 100; i++)
		sk_op(OP_SHA_1, "mmm", 1500, 0, 1600);
	sk_end();
	expect(SIGCOMP_OK);

	start();
	sk.sc.set.cpb = 128;
	sk_op(OP_SORT_ASCENDING, "mmm", AT, 16, 16);
	sk_op(OP_JUMP, "a", SK_CODE);
	expect(SIGCOMP_CYCLES_EXHAUSTED);
	CHECK(sk.res.cycles < 200 * 330);
}


/* The n-th call of SHA-1 fails: there is no wrong hash to go on with */
static void sha1_fails(void)
{
	unsigned n;

	for (n = 1; n < 100; ++n) {
		start();
		sk_op(OP_LOAD, "mm", LEFT, AT + 2);
		sk_op(OP_LOAD, "mm", RIGHT, AT + 6);
		sk_op(OP_SHA_1, "mmm", AT + 4, 6, W);
		sk_op(OP_OUTPUT, "mm", W, 20);
		sk_end();
		crypto_fault = n;
		if (!sk_run())
			break;
		CHECK_EQ(crypto_fault, 0);
		CHECK_EQ(sk.res.len, 0);
	}
	CHECK(crypto_fault);
	crypto_fault = 0;
	CHECK(n > 4);
}


static void sha1_bounds(void)
{
	start();
	sk_op(OP_SHA_1, "mmm", 1800, 500, W);
	expect(SIGCOMP_SEGFAULT);
	start();
	sk_op(OP_SHA_1, "mmm", AT, 1, 2040);
	expect(SIGCOMP_SEGFAULT);
}


static void crc_wraps_and_jumps(void)
{
	const int pass = SK_CODE + 35;
	int good;

	/* over "cdefcd" of "abcdefgh"; 0x4127 was computed bit by bit */
	for (good = 0; good < 2; ++good) {
		start();
		sk_op(OP_MEMSET, "mmmm", AT, 8, 'a', 1);
		sk_op(OP_LOAD, "mm", LEFT, AT + 2);
		sk_op(OP_LOAD, "mm", RIGHT, AT + 6);
		sk_op(OP_CRC, "mmma", good ? 0x4127 : 0x4126, AT + 2, 6,
		       pass);
		sk_byte(OP_DECOMPRESSION_FAILURE);
		CHECK_EQ(sk_here(), pass);
		sk_end();
		expect(good ? SIGCOMP_USER_REQUESTED : SIGCOMP_OK);
		CHECK_EQ(sk.res.cycles, 9 + 1 + 1 + 7 + 1);
	}

	start();
	sk_op(OP_CRC, "mmma", 0, 2000, 100, SK_CODE);
	expect(SIGCOMP_SEGFAULT);
}


/* -- s9.2 memory, s8.4 byte copying -------------------------------------- */

static void multiload_in_steps(void)
{
	/* RFC 4896 s3.2: the example */
	start();
	sk_op(OP_MULTILOAD, "mlmmv", 64, 3, 1234, 777, 64);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(64), 1234);
	CHECK_EQ(word_at(66), 777);
	CHECK_EQ(word_at(68), 1234);
	CHECK_EQ(sk.res.cycles, 1 + 3 + 1);
}


static void multiload_over_itself(void)
{
	int addr;

	/* the instruction takes 128..140: opcode, 3, 3, 2 * 3 */
	for (addr = 120; addr < 148; ++addr) {
		start();
		sk_op(OP_MULTILOAD, "mlmm", addr, 2, 1000, 1000);
		CHECK_EQ(sk_here(), 141);
		sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 0, 0, 0, 0, 0);
		sk_run();
		if (addr + 3 >= 128 && addr <= 140)
			CHECK_EQ(sk.res.reason,
				 SIGCOMP_MULTILOAD_OVERWRITTEN);
		else
			CHECK(sk.res.reason != SIGCOMP_MULTILOAD_OVERWRITTEN);
	}
}


static void stack_wraps(void)
{
	/* RFC 4896 s3.4: stack_fill 0xffff becomes 0 over the value */
	start();
	sk_op(OP_LOAD, "mm", STACK, AT);
	sk_op(OP_LOAD, "mm", AT, 0xffff);
	sk_op(OP_PUSH, "m", 4711);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(AT), 0);
}


static void stack_underflow(void)
{
	start();
	sk_op(OP_LOAD, "mm", STACK, AT);
	sk_op(OP_POP, "m", W);
	expect(SIGCOMP_STACK_UNDERFLOW);
	start();
	sk_op(OP_LOAD, "mm", STACK, AT);
	sk_op(OP_RETURN, "");
	expect(SIGCOMP_STACK_UNDERFLOW);
}


static void stack_moved_by_pop(void)
{
	/* s8.3: overwriting stack_location does not matter to the operation */
	start();
	sk_op(OP_LOAD, "mm", STACK, AT);
	sk_op(OP_PUSH, "m", 600);
	sk_op(OP_POP, "m", STACK);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(STACK), 600);
	CHECK_EQ(word_at(AT), 0);
}


static void call_and_return(void)
{
	unsigned sub;

	start();
	sk_op(OP_LOAD, "mm", STACK, AT);
	sk_op(OP_JUMP, "a", sk_here() + 4 + 8);
	sub = sk_here();
	sk_op(OP_ADD, "rm", W, 5);
	sk_op(OP_RETURN, "");
	sk_byte(0);
	sk_byte(0);
	sk_op(OP_CALL, "a", (int)sub);
	sk_op(OP_CALL, "a", (int)sub);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(W), 10);
}


/** RFC 3320 s8.4 word for word */
static unsigned next(unsigned m, unsigned left, unsigned right)
{
	const unsigned k = (m + 1) % 65536;

	return k == right ? left : k;
}


static unsigned previous(unsigned m, unsigned left, unsigned right)
{
	return m == left ? (right - 1) & 0xffff : (m - 1) & 0xffff;
}


/** The COPY family one byte at a time; false: outside the memory */
static bool copy_model(uint8_t *mem, unsigned size, int op, unsigned pos,
		       unsigned len, unsigned *dst)
{
	const unsigned left = udvm_get(mem + LEFT);
	const unsigned right = udvm_get(mem + RIGHT);
	unsigned from = pos, i;

	if (op == OP_COPY_OFFSET) {
		from = *dst;
		for (i = 0; i < pos; ++i)
			from = previous(from, left, right);
	}

	for (i = 0; i < len; ++i) {
		if (from >= size || *dst >= size)
			return false;
		mem[*dst] = mem[from];
		from = next(from, left, right);
		*dst = next(*dst, left, right);
	}

	return true;
}


static void copy_random(void)
{
	static uint8_t model[65536];
	uint32_t seed = 7, round, good = 0;

	for (round = 0; round < 3000; ++round) {
		const int op = OP_COPY + (int)sk_random(&seed, 3);
		const unsigned span = 100 + sk_random(&seed, 200);
		const unsigned base = 1000 + sk_random(&seed, 850);
		const unsigned left = base + sk_random(&seed, span);
		const unsigned right = sk_random(&seed, 8) ?
			base + sk_random(&seed, span) : 0;
		const unsigned pos = op == OP_COPY_OFFSET ?
			sk_random(&seed, 2 * span) :
			base + sk_random(&seed, span);
		const unsigned len = sk_random(&seed, span);
		unsigned dst = base + sk_random(&seed, span), size;
		bool ok;

		start();
		sk_op(OP_MEMSET, "mmmm", 900, 1000, (int)round & 255, 7);
		sk_op(OP_LOAD, "mm", LEFT, (int)left);
		sk_op(OP_LOAD, "mm", RIGHT, (int)right);
		sk_op(OP_LOAD, "mm", W, (int)dst);
		if (op == OP_COPY)
			sk_op(op, "mmm", (int)pos, (int)len, (int)dst);
		else
			sk_op(op, "mmr", (int)pos, (int)len, W);
		sk_end();
		sk_run();
		size = 2048 - (unsigned)sk.len;

		memset(model, 0, sizeof(model));
		memcpy(model + SK_CODE, sk.msg + 3, sk.code_len);
		for (unsigned i = 0; i < 1000; ++i)
			model[900 + i] = (uint8_t)(round + 7 * i);
		udvm_put(model + LEFT, left);
		udvm_put(model + RIGHT, right);
		udvm_put(model + W, dst);
		ok = copy_model(model, size, op, pos, len, &dst);

		CHECK_EQ(sk.err == 0, ok);
		if (!ok)
			continue;

		if (op != OP_COPY)
			udvm_put(model + W, dst);
		CHECK_MEM(memory() + 32, size - 32, model + 32, size - 32);
		++good;
	}

	CHECK(good > 1000);
}


/* RFC 3320 s8.1 */
static void copy_over_registers(void)
{
	/* s8.4: the copy goes on with the registers it began with */
	start();
	sk_op(OP_LOAD, "mm", LEFT, 0x0100);
	sk_op(OP_LOAD, "mm", RIGHT, 0x0200);
	sk_op(OP_MEMSET, "mmmm", LEFT - 4, 12, 0x55, 0);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(LEFT), 0x5555);
	CHECK_EQ(word_at(LEFT + 6), 0x5555);
}


static void memset_wraps(void)
{
	start();
	sk_op(OP_LOAD, "mm", LEFT, AT);
	sk_op(OP_LOAD, "mm", RIGHT, AT + 4);
	sk_op(OP_MEMSET, "mmmm", AT + 2, 5, 250, 3);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_MEM(memory() + AT, 4, "\x00\x03\x06\xfd", 4);
}


/* -- s9.3 program flow --------------------------------------------------- */

static void switch_too_high(void)
{
	start();
	sk_op(OP_SWITCH, "lmaa", 2, 2, SK_CODE, SK_CODE);
	expect(SIGCOMP_SWITCH_VALUE_TOO_HIGH);
	start();
	sk_op(OP_SWITCH, "lm", 0, 0);
	expect(SIGCOMP_SWITCH_VALUE_TOO_HIGH);
}


static void switch_cost(void)
{
	start();
	sk_op(OP_SWITCH, "lmaaa", 3, 2, SK_CODE, SK_CODE, SK_CODE + 14);
	CHECK_EQ(sk_here(), SK_CODE + 14);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_EQ(sk.res.cycles, 1 + 3 + 1);
}


static void compare_ways(void)
{
	static const unsigned v[3] = { 4, 5, 6 };
	unsigned i, base;

	for (i = 0; i < 3; ++i) {
		start();
		base = SK_CODE + 12;
		sk_op(OP_COMPARE, "mmaaa", (int)v[i], 5, (int)base,
		       (int)base + 9, (int)base + 18);
		CHECK_EQ(sk_here(), base);
		sk_op(OP_LOAD, "mm", W, 1);
		sk_op(OP_JUMP, "a", (int)base + 23);
		sk_op(OP_LOAD, "mm", W, 2);
		sk_op(OP_JUMP, "a", (int)base + 23);
		sk_op(OP_LOAD, "mm", W, 3);
		sk_end();
		expect(SIGCOMP_OK);
		CHECK_EQ(word_at(W), i + 1);
	}
}


/* -- s9.4 input ---------------------------------------------------------- */

static void input_keeps_what_it_cannot_give(void)
{
	/* RFC 4896 s3.1: the example */
	const int retry = SK_CODE + 8;

	start();
	sk_op(OP_INPUT_BYTES, "mma", 6, AT, retry);
	CHECK_EQ(sk_here(), retry);
	sk_op(OP_INPUT_BYTES, "mma", 2, AT, SK_CODE);
	sk_op(OP_OUTPUT, "mm", AT, 2);
	sk_end();
	sk_data();
	sk_raw("\x01\x02\x03", 3);
	expect(SIGCOMP_OK);
	CHECK_MEM(sk.out, sk.res.len, "\x01\x02", 2);
}


static void input_drops_fraction(void)
{
	const int retry = SK_CODE + 16;
	static const uint8_t data[] = { 0xff, 0x42 };

	/* also when there is too little data, and with length 0 */
	for (int len = 0; len <= 9; len += 9) {
		start();
		sk_op(OP_INPUT_BITS, "mma", 1, AT, SK_CODE);
		sk_op(OP_INPUT_BYTES, "mma", len, AT, retry);
		CHECK_EQ(sk_here(), retry);
		sk_op(OP_INPUT_BITS, "mma", 8, AT, SK_CODE);
		sk_end();
		sk_data();
		sk_raw(data, sizeof(data));
		expect(SIGCOMP_OK);
		CHECK_EQ(word_at(AT), 0x42);
	}
}


static void input_bit_order_change(void)
{
	static const uint8_t data[] = { 0xff, 0x42 };

	/* s8.2: the P-bit changed, even for a request of zero bits */
	start();
	sk_op(OP_INPUT_BITS, "mma", 1, AT, SK_CODE);
	sk_op(OP_LOAD, "mm", BIT_ORDER, 1);
	sk_op(OP_INPUT_BITS, "mma", 0, AT, SK_CODE);
	sk_op(OP_LOAD, "mm", BIT_ORDER, 0);
	sk_op(OP_INPUT_BITS, "mma", 8, AT, SK_CODE);
	sk_end();
	sk_data();
	sk_raw(data, sizeof(data));
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(AT), 0x42);
}


static void input_bit_order_bad(void)
{
	int order;

	for (order = 8; order < 65536; order += 8 + order / 2) {
		start();
		sk_op(OP_LOAD, "mm", BIT_ORDER, order);
		sk_op(OP_INPUT_BITS, "mma", 1, AT, SK_CODE);
		expect(SIGCOMP_BAD_INPUT_BITORDER);

		start();
		sk_op(OP_LOAD, "mm", BIT_ORDER, order);
		sk_op(OP_INPUT_HUFFMAN, "mal", AT, SK_CODE, 0);
		expect(SIGCOMP_BAD_INPUT_BITORDER);
	}
}


static void input_too_many_bits(void)
{
	start();
	sk_op(OP_INPUT_BITS, "mma", 17, AT, SK_CODE);
	expect(SIGCOMP_TOO_MANY_BITS_REQUESTED);

	/* the sum counts, whether or not the last set is reached */
	start();
	sk_op(OP_INPUT_HUFFMAN, "malmmmmmmmm", AT, SK_CODE, 2,
	       8, 0, 255, 0, 9, 0, 511, 0);
	sk_data();
	sk_raw("abcdef", 6);
	expect(SIGCOMP_TOO_MANY_BITS_REQUESTED);
}


static void huffman_rules(void)
{
	/* no sets: the next instruction */
	start();
	sk_op(OP_INPUT_HUFFMAN, "mal", AT, SK_CODE, 0);
	sk_end();
	expect(SIGCOMP_OK);

	/* none matches */
	start();
	sk_op(OP_INPUT_HUFFMAN, "malmmmm", AT, SK_CODE, 1, 2, 0, 2, 0);
	sk_data();
	sk_byte(0xff);
	expect(SIGCOMP_HUFFMAN_NO_MATCH);

	/* cost 1 + n; (H + uncompressed - lower) modulo 2^16 */
	start();
	sk_op(OP_INPUT_HUFFMAN, "malmmmmmmmm", AT, SK_CODE, 2,
	       1, 0, 0, 1, 1, 3, 3, 1);
	sk_end();
	sk_data();
	sk_byte(0xc0);
	expect(SIGCOMP_OK);
	CHECK_EQ(word_at(AT), 1);
	CHECK_EQ(sk.res.cycles, 1 + 2 + 1);

	/* the data end: jump */
	start();
	sk_op(OP_INPUT_HUFFMAN, "malmmmm", AT, SK_CODE + 17, 1, 9, 0, 511,
	       0);
	sk_byte(OP_DECOMPRESSION_FAILURE);
	CHECK_EQ(sk_here(), SK_CODE + 17);
	sk_end();
	sk_data();
	sk_byte(0);
	expect(SIGCOMP_OK);
}


/**
 * An INPUT-HUFFMAN in a loop that changes the number of bits of its second
 * set, which the data never reach: what the machine remembers of it must not
 * outlive a write, whichever instruction writes
 */
static void huffman_changed(void)
{
	enum { LOOP = SK_CODE + 40, SET_2 = LOOP + 14, AT_16 = 600 };
	int how;

	for (how = 0; how < 8; ++how) {
		start();
		sk_op(OP_LOAD, "mm", STACK, SET_2 - 2);
		sk_op(OP_MEMSET, "mmmm", AT_16, 4, 16, 0);
		sk_op(OP_JUMP, "a", LOOP);
		while (sk_here() < LOOP)
			sk_byte(0);

		sk_op(OP_INPUT_HUFFMAN, "malmmmm", 620, SK_CODE + 39, 2,
		      1, 0, 1, 0);
		CHECK_EQ(sk_here(), SET_2);
		sk_raw("\x01\x00\x10\x00", 4);
		sk_op(OP_COMPARE, "vmaaa", 620, 1, LOOP, LOOP + 32, 0);
		CHECK_EQ(sk_here(), LOOP + 32);

		switch (how) {
		case 0: sk_op(OP_LOAD, "mm", SET_2 - 1, 16); break;
		case 1: sk_op(OP_COPY, "mmm", AT_16, 1, SET_2); break;
		case 2: sk_op(OP_MEMSET, "mmmm", SET_2, 1, 16, 0); break;
		case 3: sk_op(OP_INPUT_BYTES, "mma", 1, SET_2, 0); break;
		case 4: sk_op(OP_OR, "rm", SET_2, 0x1000); break;
		case 5: sk_op(OP_SORT_DESCENDING, "mmm", SET_2, 1, 2); break;
		case 6: sk_op(OP_MULTILOAD, "mlm", SET_2, 1, 0x1000); break;
		default:
			/* a word pushed to SET_2 */
			sk_op(OP_LOAD, "mm", SET_2 - 2, 0);
			sk_op(OP_PUSH, "m", 0x1000);
			break;
		}

		sk_op(OP_JUMP, "a", LOOP);
		sk_data();
		sk_raw("\x10\x10\x10", 3);
		sk_run();

		/* 1 + 16 bits; else the data end in a jump to
		   DECOMPRESSION-FAILURE */
		CHECK_EQ(sk.res.reason, SIGCOMP_TOO_MANY_BITS_REQUESTED);
	}
}


/** Bits one by one, as s8.2 tells it */
struct bits {
	const uint8_t *p;
	unsigned len, pos;
	unsigned order;         /* P-bit at the last request */
};


static int bits_model(struct bits *b, unsigned p, unsigned lsb, unsigned n)
{
	unsigned i, v = 0;

	if (p != b->order) {
		b->order = p;
		b->pos = (b->pos + 7) / 8 * 8;
	}

	if (8 * b->len - b->pos < n)
		return -1;

	for (i = 0; i < n; ++i, ++b->pos) {
		const unsigned byte = b->p[b->pos / 8], k = b->pos % 8;
		const unsigned bit = (p ? byte >> k : byte >> (7 - k)) & 1;

		v |= lsb ? bit << i : bit << (n - 1 - i);
	}

	return (int)v;
}


static void bits_random(void)
{
	enum { REQUESTS = 12, RESULTS = 1200, STOP = SK_CODE + 4 };
	uint32_t seed = 3;
	unsigned round, i, ended = 0;

	for (round = 0; round < 400; ++round) {
		uint8_t data[24];
		struct bits b = { data, 4 + sk_random(&seed, 21), 0, 0 };
		int value[REQUESTS];

		start();
		sk_op(OP_JUMP, "a", SK_CODE + 12);
		sk_end();

		for (i = 0; i < sizeof(data); ++i)
			data[i] = (uint8_t)sk_random(&seed, 256);

		for (i = 0; i < REQUESTS; ++i) {
			const unsigned n = sk_random(&seed, 17);
			const unsigned order = sk_random(&seed, 8);
			const bool huff = sk_random(&seed, 2);

			sk_op(OP_LOAD, "mm", BIT_ORDER, (int)order);
			if (huff)
				sk_op(OP_INPUT_HUFFMAN, "malmmmm",
				       RESULTS + 2 * (int)i, STOP, 1, (int)n,
				       0, 65535, 0);
			else
				sk_op(OP_INPUT_BITS, "mma", (int)n,
				       RESULTS + 2 * (int)i, STOP);

			value[i] = i && value[i - 1] < 0 ? -1 :
				bits_model(&b, order & 1,
					   huff ? order >> 1 & 1 :
					   order >> 2 & 1, n);
		}

		sk_end();
		sk_data();
		sk_raw(data, b.len);
		expect(SIGCOMP_OK);

		for (i = 0; i < REQUESTS; ++i)
			CHECK_EQ(word_at(RESULTS + 2 * i),
				 value[i] < 0 ? 0 : value[i]);
		ended += value[REQUESTS - 1] < 0;
	}

	/* both ways were taken */
	CHECK(ended > 50 && ended < 350);
}


/* -- s9.4.8 output ------------------------------------------------------- */

static void output_none_or_empty(void)
{
	start();
	sk_end();
	expect(SIGCOMP_OK);
	CHECK(!sk.res.has_output);

	start();
	sk_op(OP_OUTPUT, "mm", AT, 0);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK(sk.res.has_output);
	CHECK_EQ(sk.res.len, 0);
}


static void output_limit(void)
{
	unsigned extra;

	/* 65536 bytes are the most; 32 * 2048 */
	for (extra = 0; extra < 2; ++extra) {
		int i;

		sk_open(8192, 0);
		sk.sc.set.cpb = 128;
		sk_code();
		for (i = 0; i < 32; ++i)
			sk_op(OP_OUTPUT, "mm", 1024, 2048);
		sk_op(OP_OUTPUT, "mm", 1024, (int)extra);
		sk_end();
		expect(extra ? SIGCOMP_OUTPUT_OVERFLOW : SIGCOMP_OK);
		if (!extra)
			CHECK_EQ(sk.res.len, 65536);
	}
}


/* RFC 5049 s7 */
static void output_into_small_buffer(void)
{
	start();
	sk_op(OP_OUTPUT, "mm", AT, 11);
	sk_end();
	sk_data();
	sk.err = sigcomp_decompress(&sk.res, &sk.sc, sk.out, 10, sk.msg,
				     sk.len, false);
	CHECK_EQ(sk.err, EBADMSG);
	CHECK_EQ(sk.res.reason, SIGCOMP_OUTPUT_OVERFLOW);
}


static void output_wraps(void)
{
	start();
	sk_op(OP_MEMSET, "mmmm", AT, 8, 'a', 1);
	sk_op(OP_LOAD, "mm", LEFT, AT + 1);
	sk_op(OP_LOAD, "mm", RIGHT, AT + 4);
	sk_op(OP_OUTPUT, "mm", AT, 8);
	sk_end();
	expect(SIGCOMP_OK);
	CHECK_MEM(sk.out, sk.res.len, "abcdbcdb", 8);
}


/* -- s9.4.6, s9.4.7, s9.4.9 requests ------------------------------------- */

static void create_operands(void)
{
	start();
	sk_op(OP_STATE_CREATE, "mmmmm", 4, AT, 0, 5, 0);
	expect(SIGCOMP_INVALID_STATE_ID_LENGTH);
	start();
	sk_op(OP_STATE_CREATE, "mmmmm", 4, AT, 0, 21, 0);
	expect(SIGCOMP_INVALID_STATE_ID_LENGTH);
	start();
	sk_op(OP_STATE_CREATE, "mmmmm", 4, AT, 0, 6, 65535);
	expect(SIGCOMP_INVALID_STATE_PRIORITY);
	start();
	sk_op(OP_STATE_FREE, "mm", AT, 5);
	expect(SIGCOMP_INVALID_STATE_ID_LENGTH);
	start();
	sk_op(OP_STATE_FREE, "mm", AT, 21);
	expect(SIGCOMP_INVALID_STATE_ID_LENGTH);
}


static void requests_limit(void)
{
	int i;

	start();
	for (i = 0; i < 5; ++i)
		sk_op(OP_STATE_CREATE, "mmmmm", 4, AT + i, 0, 6, 0);
	expect(SIGCOMP_TOO_MANY_STATE_REQUESTS);

	start();
	for (i = 0; i < 5; ++i)
		sk_op(OP_STATE_FREE, "mm", AT, 6);
	expect(SIGCOMP_TOO_MANY_STATE_REQUESTS);

	/* four of each are allowed, and END-MESSAGE may be the fourth */
	start();
	for (i = 0; i < 4; ++i)
		sk_op(OP_STATE_FREE, "mm", AT, 6);
	for (i = 0; i < 3; ++i)
		sk_op(OP_STATE_CREATE, "mmmmm", 4, AT + i, 0, 6, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 4, AT, 0, 6, 0);
	expect(SIGCOMP_OK);

	start();
	for (i = 0; i < 4; ++i)
		sk_op(OP_STATE_CREATE, "mmmmm", 4, AT + i, 0, 6, 0);
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 4, AT, 0, 6, 0);
	expect(SIGCOMP_TOO_MANY_STATE_REQUESTS);
}


static void end_message_own_request(void)
{
	static const int bad[][2] = { {5, 0}, {21, 0}, {6, 65535}, {0, 0} };
	unsigned i;

	/* no failure, but no state of its own; the other one counts */
	for (i = 0; i < 4; ++i) {
		start();
		sk_op(OP_STATE_CREATE, "mmmmm", 8, AT, 0, 6, 0);
		sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 4, AT, 0, bad[i][0],
		       bad[i][1]);
		CHECK_EQ(sk_run_accept(0), 0);
		CHECK_EQ(sk.comp[0].cost, 8 + 64);
		CHECK_EQ(sk.res.cycles, 1 + 8 + 1 + 4);
	}
}


static void end_message_bounds(void)
{
	start();
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 0, 100, 2000, 0, 6, 0);
	expect(SIGCOMP_SEGFAULT);
	start();
	sk_op(OP_END_MESSAGE, "mmmmmmm", 2048, 0, 0, 0, 0, 0, 0);
	expect(SIGCOMP_SEGFAULT);
	start();
	sk_op(OP_END_MESSAGE, "mmmmmmm", 0, 2048, 0, 0, 0, 0, 0);
	expect(SIGCOMP_SEGFAULT);
}


const struct test_case suite_sigcomp_udvm[] = {
	{"RFC 3320 s8.5: multitype operands have these values",
	 operand_values},
	{"RFC 3320 s8.5: reference operands name these addresses",
	 operand_references},
	{"RFC 3320 s8.5: undefined operand bytes are INVALID_OPERAND",
	 operand_invalid},
	{"RFC 3320 s8.5: an operand beyond the memory is SEGFAULT",
	 operand_cut_off},
	{"RFC 3320 s8.6: 1000 cycles and the header's bits to start with",
	 cycles_start},
	{"RFC 3320 s8.6: each input bit adds cycles_per_bit", cycles_input},
	{"RFC 3320 s8.6: input that fails adds nothing", cycles_input_fails},
	{"RFC 3320 s8.6: an instruction is not begun without its cycles",
	 cycles_of_length},
	{"RFC 3320 s8.7: unknown instructions are INVALID_OPCODE",
	 opcode_unknown},
	{"RFC 3320 s8.7: no instruction reaches beyond the memory",
	 memory_of_length},
	{"RFC 3320 s8.7: memory ends where the message begins",
	 memory_bounds},
	{"RFC 3320 s9.1.1: a shift by 16 or more gives 0", shift_far},
	{"RFC 3320 s9.1.2: DIVIDE and REMAINDER by 0", divide_by_zero},
	{"RFC 3320 s9.1.3: SORT is stable and permutes all lists",
	 sort_random},
	{"RFC 3320 s9: SORT costs 1 + k * (ceiling(log2(k)) + n)",
	 sort_cost},
	{"RFC 3320 s9.1.3: SORT stays inside the memory", sort_bounds},
	{"RFC 3320 s9.1.4: SHA-1 obeys the byte copying rules", sha1_wraps},
	{"RFC 3320 s8.6: a message has so much time, not only cycles", dear},
	{"RFC 3320 s9.1.4: SHA-1 stays inside the memory", sha1_bounds},
	{"RFC 3320 s9.1.4: SHA-1 that fails is a failure", sha1_fails},
	{"RFC 3320 s9.3.5: CRC wraps, jumps on a difference, stays inside",
	 crc_wraps_and_jumps},
	{"RFC 4896 s3.2: MULTILOAD works step by step", multiload_in_steps},
	{"RFC 4896 s3.2: MULTILOAD must not overwrite itself",
	 multiload_over_itself},
	{"RFC 4896 s3.4: stack_fill wraps to 0 over the pushed value",
	 stack_wraps},
	{"RFC 3320 s8.3: popping an empty stack is STACK_UNDERFLOW",
	 stack_underflow},
	{"RFC 3320 s8.3: POP into stack_location", stack_moved_by_pop},
	{"RFC 3320 s9.3.3: CALL and RETURN", call_and_return},
	{"RFC 3320 s8.4, RFC 4896 s4: copying byte by byte with borders",
	 copy_random},
	{"RFC 3320 s8.4: a copy over byte_copy_left and right",
	 copy_over_registers},
	{"RFC 3320 s9.2.7: MEMSET wraps", memset_wraps},
	{"RFC 3320 s9.3.4: SWITCH beyond its cases", switch_too_high},
	{"RFC 3320 s9.3.4: SWITCH costs 1 + n", switch_cost},
	{"RFC 3320 s9.3.2: COMPARE takes one of three ways", compare_ways},
	{"RFC 4896 s3.1: input that fails leaves the data",
	 input_keeps_what_it_cannot_give},
	{"RFC 4896 s3.1: INPUT-BYTES drops a fraction of a byte",
	 input_drops_fraction},
	{"RFC 3320 s8.2: a changed P-bit drops a fraction of a byte",
	 input_bit_order_change},
	{"RFC 3320 s8.2: input_bit_order above 7", input_bit_order_bad},
	{"RFC 3320 s9.4.3, s9.4.4: more than 16 bits", input_too_many_bits},
	{"RFC 3320 s9.4.4: INPUT-HUFFMAN", huffman_rules},
	{"RFC 3320 s9.4.4: INPUT-HUFFMAN that changes itself",
	 huffman_changed},
	{"RFC 3320 s8.2: P, F and H order the bits", bits_random},
	{"RFC 3320 s9.4.1: DECOMPRESSION-FAILURE", manual_failure},
	{"RFC 3320 s9.4.8: no output is not empty output",
	 output_none_or_empty},
	{"RFC 3320 s9.4.8: at most 65536 bytes of output", output_limit},
	{"RFC 4077 s3.2: output larger than the buffer is OUTPUT_OVERFLOW",
	 output_into_small_buffer},
	{"RFC 3320 s9.4.8: OUTPUT wraps", output_wraps},
	{"RFC 3320 s9.4.6, s9.4.7: operands of state requests",
	 create_operands},
	{"RFC 3320 s9.4.6, s9.4.7: four requests of a kind",
	 requests_limit},
	{"RFC 3320 s9.4.9: END-MESSAGE may ask for no state",
	 end_message_own_request},
	{"RFC 3320 s9.4.9: END-MESSAGE stays inside the memory",
	 end_message_bounds},
	{NULL, NULL}
};
