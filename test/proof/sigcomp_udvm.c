/*
 * Proof: memory of the UDVM (sigcomp/udvm.c, RFC 3320 s8.4, s8.5, s9)
 *
 * From any state that fulfils the invariants at the head of udvm.h, any
 * operands and any contents of memory and message: the instructions that
 * decode lists, copy and take bits touch nothing outside of the memory (and,
 * reading, the zeros behind it) and of the message, leave a state in which
 * the invariants hold, and end.  Loops are proved by induction and calls by
 * contracts, so there is no bound on lengths or on the number of steps.  Not
 * here: operands by their format (sigcomp_operands), strings (sigcomp_string),
 * SORT, the sets of INPUT-HUFFMAN up to the one that matches (CBMC takes its
 * local variables for those of somebody else), and MULTILOAD, whose second
 * reading of its operands is as long as the first because it may not overwrite
 * them.
 *
 * prove: load
 * bug: load: sigcomp/udvm.c s/u->size - 1 <= addr/u->size + 40 <= addr/
 * prove: store
 * bug: store: sigcomp/udvm.c s/udvm_touch(u, addr, 2);/addr += 40;/
 * prove: operand_multitype
 * bug: operand_multitype: sigcomp/udvm.c s/return p + 1;/return p + 3;/
 * prove: operand_skip
 * bug: operand_skip: sigcomp/udvm.c s/return p + 2;/return p + 4;/
 * prove: select_case
 * bug: select_case: sigcomp/udvm.c s/if (!operands_end(u, p))/if (0)/
 * prove: push
 * bug: push: sigcomp/udvm.c s/mem + UDVM_STACK_LOCATION/mem + u->pc + 90/
 * prove: copy_up
 * bug: copy_up: sigcomp/udvm.c s/while (q < end)/while (q <= end)/
 * prove: copy
 * bug: copy: sigcomp/udvm.c s/u->size - s.addr < n/u->size - s.addr + 90 < n/
 * bug: copy: sigcomp/udvm.c s/|| u->size - d.addr < n/|| 0/
 * bug: copy: sigcomp/udvm.c s/len -= n/len -= n + 1/
 * prove: memory_set
 * bug: memory_set: sigcomp/udvm.c s/if (s.addr >= u->size) {/if (s.addr > u->size + UDVM_PAD) {/
 * prove: input_bytes
 * bug: input_bytes: sigcomp/udvm.c s/u->msg_len - u->bit . 8 < len/u->msg_len < len/
 * prove: take
 * bug: take: sigcomp/udvm.c s/k < have; k += 8/k <= have; k += 8/
 * prove: input_bits
 * bug: input_bits: sigcomp/udvm.c s/8 . u->msg_len - u->bit < n/8 * u->msg_len - u->bit + 1 < n/
 * prove: huffman_rest
 * bug: huffman_rest: sigcomp/udvm.c s/if (p > u->mem + u->size)/if (0)/
 * prove: udvm_run
 * bug: udvm_run: sigcomp/udvm.c s/if (pc >= u->size) {/if (0) {/
 * bug: udvm_run: sigcomp/udvm.c s/u->opcode >= OP_COUNT/u->opcode > OP_COUNT/
 */
#include "test/proof/proof.h"

/** Reads of one set of operands may go so far behind the memory */
#define IN(p) (__CPROVER_same_object(p, u->mem) && PLACE(p) <= u->size)
#define MEMORY __CPROVER_object_whole(u->mem)

#define LOOP_select_case_1 CHANGES(j, p, u->pc, u->reason) \
	INVARIANT(IN(p) && j <= 65535)
#define LOOP_copy_up_1 CHANGES(p, q, __CPROVER_object_whole(q)) \
	INVARIANT(__CPROVER_same_object(q, end) && PLACE(q) <= PLACE(end) && \
		  __CPROVER_same_object(p, __CPROVER_loop_entry(p)) && \
		  PLACE(p) - PLACE(__CPROVER_loop_entry(p)) == \
		  PLACE(q) - PLACE(__CPROVER_loop_entry(q))) \
	__CPROVER_decreases(PLACE(end) - PLACE(q))
#define LOOP_copy_1 \
	CHANGES(s.addr, d.addr, len, u->reason, u->seen_high, MEMORY) \
	INVARIANT(s.addr < UDVM_SPACE && d.addr < UDVM_SPACE) \
	__CPROVER_decreases(len)
#define LOOP_memory_set_1 \
	CHANGES(s.addr, len, value, u->reason, u->seen_high, MEMORY) \
	INVARIANT(s.addr < UDVM_SPACE) __CPROVER_decreases(len)
#define LOOP_reverse_1 CHANGES(n, v, r) INVARIANT(1)
#define LOOP_take_1 CHANGES(k, v, p) \
	INVARIANT(__CPROVER_same_object(p, u->msg) && k % 8 == 0 && \
		  k <= have + 7 && \
		  PLACE(p) == PLACE(__CPROVER_loop_entry(p)) + k / 8)
#define LOOP_huffman_rest_1 CHANGES(n, p, b, bits, fixed, u->reason) \
	INVARIANT(IN(p))
#define LOOP_udvm_run_1 CHANGES(*u, once) INVARIANT(PROVED(u))

/** Members that do not change are those of the machine that is run */
#define PROVED(u) ((u)->mem == mem && (u)->size == size && \
		   (u)->pc <= UDVM_SPACE && (u)->used <= (u)->limit)
static uint8_t *mem;
static uint32_t size;

#include "sigcomp/udvm.c"

struct udvm nondet_udvm(void);

/** Registers, and an instruction; sigcomp_decompress() gives more */
enum { SIZE_MIN = 128 };


/** The cycles that the rest of the message brings do not go over the top of
 *  their number; at first they are (1000 + 8 * msg_len) * cpb */
static uint32_t limit_max(const struct udvm *u)
{
	return UINT32_MAX - 128 * (8 * u->msg_len - u->bit);
}


static struct udvm any_udvm(void)
{
	struct udvm u = nondet_udvm();

	ASSUME(u.size >= SIZE_MIN && u.size <= UDVM_SPACE);
	u.mem = any_octets(u.size + UDVM_PAD);
	ASSUME(u.msg_len <= UDVM_SPACE);
	u.msg = any_octets(u.msg_len);
	ASSUME(u.bit <= 8 * u.msg_len && u.used <= u.limit);
	/* the most stands for all: fewer bring less */
	u.cpb = 128;
	ASSUME(u.limit <= limit_max(&u));
	ASSUME(u.pc <= u.size && u.start < u.size);
	mem = u.mem;
	size = u.size;

	return u;
}


static void holds(const struct udvm *u)
{
	ASSERT(u->mem == mem && u->size == size);
	ASSERT(u->bit <= 8 * u->msg_len);
	ASSERT(u->used <= u->limit && u->limit <= limit_max(u));
}


static void maybe_fail(struct udvm *u)
{
	if (nondet_bool())
		udvm_fail(u, SIGCOMP_SEGFAULT);
}


/* ------------------------------------------------------------------ */
/* Words */

uint32_t load_contract(struct udvm *u, uint32_t addr)
{
	(void)addr;
	maybe_fail(u);

	return nondet_u16();
}


void prove_load(void)
{
	struct udvm u = any_udvm();

	ASSERT(load(&u, nondet_u32()) <= 0xffff);
}


void store_contract(struct udvm *u, uint32_t addr, uint32_t value)
{
	(void)addr;
	(void)value;
	u->seen_high = nondet_u32();
	maybe_fail(u);
}


void prove_store(void)
{
	struct udvm u = any_udvm();

	store(&u, nondet_u32(), nondet_u32());
}


void prove_push(void)
{
	struct udvm u = any_udvm();

	push(&u, nondet_u32());
	(void)pop(&u);
}


/* ------------------------------------------------------------------ */
/* Operands: three octets at most */

const uint8_t *operand_multitype_contract(struct udvm *u, const uint8_t *p,
					  uint32_t *v)
{
	const uint8_t n = nondet_u8();

	ASSERT(readable(p, 3));
	ASSUME(n >= 1 && n <= 3);
	maybe_fail(u);
	*v = nondet_u16();

	return p + n;
}


void prove_operand_multitype(void)
{
	struct udvm u = any_udvm();
	uint8_t p[3];
	uint32_t v;
	const uint8_t *q = operand_multitype(&u, p, &v);

	ASSERT(q > p && q <= p + 3 && v <= 0xffff);
}


const uint8_t *operand_skip_contract(struct udvm *u, const uint8_t *p)
{
	uint32_t v;

	return operand_multitype_contract(u, p, &v);
}


void prove_operand_skip(void)
{
	struct udvm u = any_udvm();
	uint8_t p[3];
	const uint8_t *q = operand_skip(&u, p);

	ASSERT(q > p && q <= p + 3);
}


/** Operands by their format have been decoded up to u->pc */
void prove_select_case(void)
{
	struct udvm u = any_udvm();

	select_case(&u);
	holds(&u);
	ASSERT(u.reason || u.pc < UDVM_SPACE || u.pc <= u.size);
}


/* ------------------------------------------------------------------ */
/* Copies */

void *memmove(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


void copy_up_contract(uint8_t *q, const uint8_t *p, uint32_t n)
{
	(void)memmove(q, p, n);
}


void prove_copy_up(void)
{
	const size_t n = nondet_u32(), all = nondet_u32();
	const size_t from = nondet_u32(), to = nondet_u32();
	uint8_t *p = any_octets(all);

	ASSUME(n <= all && from <= all - n && to <= all - n);
	copy_up(p + to, p + from, (uint32_t)n);
}


void prove_copy(void)
{
	struct udvm u = any_udvm();
	const uint32_t from = nondet_u16(), to = nondet_u16();

	ASSERT(copy(&u, from, nondet_u16(), to) < UDVM_SPACE);
	holds(&u);
}


void prove_memory_set(void)
{
	struct udvm u = any_udvm();

	memory_set(&u);
	holds(&u);
}


/* ------------------------------------------------------------------ */
/* Input */

bool udvm_use(struct udvm *u, uint32_t addr, uint32_t len, enum udvm_use use,
	      void *arg)
{
	(void)addr;
	if (use == UDVM_WRITE)
		ASSERT(readable(arg, len));
	if (nondet_bool())
		return true;
	udvm_fail(u, SIGCOMP_SEGFAULT);

	return false;
}


void prove_input_bytes(void)
{
	struct udvm u = any_udvm();

	input_bytes(&u);
	holds(&u);
}


uint32_t take_contract(struct udvm *u, uint32_t n, uint32_t lsb_first)
{
	(void)lsb_first;
	ASSERT(n <= 16 && u->bit <= 8 * u->msg_len &&
	       n <= 8 * u->msg_len - u->bit);
	u->bit += n;

	return nondet_u16();
}


void prove_take(void)
{
	struct udvm u = any_udvm();
	const uint32_t n = nondet_u32(), bit = u.bit;

	ASSUME(n <= 16 && n <= 8 * u.msg_len - u.bit);
	(void)take(&u, n, nondet_bool());
	ASSERT(u.bit == bit + n);
}


void prove_input_bits(void)
{
	struct udvm u = any_udvm();

	input_bits(&u);
	holds(&u);
}


void huffman_rest_contract(struct udvm *u, const uint8_t *p, uint32_t n,
			   uint32_t bits, bool fixed)
{
	(void)n;
	(void)bits;
	(void)fixed;
	ASSERT(__CPROVER_same_object(p, u->mem) && PLACE(p) <= u->size);
	u->pc = nondet_u32();
	ASSUME(u->pc <= UDVM_SPACE);
	maybe_fail(u);
}


void prove_huffman_rest(void)
{
	struct udvm u = any_udvm();
	const uint32_t at = nondet_u32();

	ASSUME(at <= u.size);
	huffman_rest(&u, u.mem + at, nondet_u16(), nondet_u8(),
		     nondet_bool());
	holds(&u);
	ASSERT(u.reason || u.pc <= UDVM_SPACE);
}


/* ------------------------------------------------------------------ */

bool operands_contract(struct udvm *u, const uint8_t *p, uint32_t fmt)
{
	(void)fmt;
	/* see sigcomp_operands */
	ASSERT(__CPROVER_same_object(p, u->mem) && PLACE(p) <= u->size);
	u->pc = nondet_u32();
	ASSUME(u->pc <= u->size);
	maybe_fail(u);

	return !u->reason;
}


/** Of every instruction: see above, and sigcomp_io */
void execute_contract(struct udvm *u)
{
	ASSERT(u->pc <= u->size && u->opcode < OP_COUNT);
	u->pc = nondet_u16();
	u->used = nondet_u32();
	u->limit = nondet_u32();
	ASSUME(u->used <= u->limit);
	maybe_fail(u);
}


void prove_udvm_run(void)
{
	struct udvm u = any_udvm();

	ASSUME(u.pc < UDVM_SPACE);
	udvm_run(&u);
	ASSERT(u.mem == mem && u.size == size);
}
