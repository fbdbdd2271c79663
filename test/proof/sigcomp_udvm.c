/*
 * Proof: memory of the UDVM (sigcomp/udvm.c, RFC 3320 s8.4, s8.5, s9)
 *
 * From any state that fulfils the invariants at the head of udvm.h, any
 * operands and any contents of memory and message: the instructions that
 * decode lists, copy and take bits touch nothing outside of the memory (and,
 * reading, the zeros behind it) and of the message, leave a state in which
 * the invariants hold, and end.  Loops are proved by induction and calls by
 * contracts, so there is no bound on lengths or on the number of steps.  Not
 * here: operands by their format (sigcomp_operands), strings and SORT
 * (sigcomp_string, sigcomp_sort).
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
 * prove: input_huffman
 * bug: input_huffman: sigcomp/udvm.c s/u->msg_len - u->bit < b)/u->msg_len - u->bit + 1 < b)/
 * bug: input_huffman: sigcomp/udvm.c s/u->limit += bits . u/u->limit += 2 * bits * u/
 * bug: input_huffman: sigcomp/udvm.c s/if (!operands_end(u, p))/if (u->reason)/
 * prove: multiload
 * bug: multiload: sigcomp/udvm.c s/addr + 2 . n > u->start/addr + n > u->start/
 * bug: multiload: sigcomp/udvm.c s/addr < u->pc \&\& addr/addr + 1 < u->pc \&\& addr/
 * bug: multiload: sigcomp/udvm.c s/if (!operands_end(u, p))/if (u->reason)/
 * prove: sort --unsigned-overflow-check
 * bug: sort: sigcomp/udvm.c s/(u->size - start) . 2)/(u->size - start))/
 * bug: sort: sigcomp/udvm.c s/if (start >= u->size ||/if (/
 * bug: sort: sigcomp/udvm.c s/u, n . k) || !udvm_spend(u, log2 . k)/u, k * (log2 + n))/
 * prove: udvm_run
 * bug: udvm_run: sigcomp/udvm.c s/if (pc >= u->size) {/if (0) {/
 * bug: udvm_run: sigcomp/udvm.c s/u->opcode >= OP_COUNT/u->opcode > OP_COUNT/
 * assumed: reverse works on its arguments alone
 * assumed: execute the switch over what is proved here, in sigcomp_io and sigcomp_sort
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
/* so many bits have been taken as there are in all sets up to here */
#define LOOP_input_huffman_1 \
	CHANGES(n, p, b, low, high, plain, h, bits, fixed, u->reason, \
		u->pc, u->bit, u->limit, u->seen_high) \
	INVARIANT(IN(p) && bits <= 16 && u->bit <= 8 * u->msg_len && \
		  u->limit == __CPROVER_loop_entry(u->limit) && \
		  u->bit == __CPROVER_loop_entry(u->bit) + bits)
#define LOOP_multiload_1 CHANGES(i, p, u->pc, u->reason) \
	INVARIANT(IN(p) && i <= n && u->pc <= u->size)
#define LOOP_multiload_2 CHANGES(i, p, v, u->seen_high, u->reason) \
	INVARIANT(IN(p) && i <= n)
#define LOOP_sort_1 CHANGES(log2) INVARIANT(log2 <= 16) \
	__CPROVER_decreases(16 - log2)
#define LOOP_udvm_run_1 CHANGES(*u, once) INVARIANT(PROVED(u))

/** Members that do not change are those of the machine that is run */
#define PROVED(u) ((u)->mem == mem && (u)->size == size && \
		   (u)->pc <= UDVM_SPACE && (u)->used <= (u)->limit)
static uint8_t *mem;
static uint32_t size;

/** Operands are read a second time, up to u->pc */
static bool multiloads;

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
	multiloads = false;

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
	(void)value;
	/* not over the operands, see multiload */
	ASSERT(!multiloads || addr + 2 <= u->start || addr >= u->pc);
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

static const uint8_t *operand(struct udvm *u, const uint8_t *p)
{
	const uint8_t n = nondet_u8();

	ASSERT(readable(p, 3));
	ASSUME(n >= 1 && n <= 3);
	maybe_fail(u);

	return p + n;
}


const uint8_t *operand_multitype_contract(struct udvm *u, const uint8_t *p,
					  uint32_t *v)
{
	const uint8_t *q = operand(u, p);

	*v = nondet_u16();
	/* see multiload */
	ASSUME(!multiloads || PLACE(q) <= u->pc);

	return q;
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
	return operand(u, p);
}


void prove_operand_skip(void)
{
	struct udvm u = any_udvm();
	uint8_t p[3];
	const uint8_t *q = operand_skip(&u, p);

	ASSERT(q > p && q <= p + 3);
}


/** No word is stored over the operands, so those that are decoded are those
 *  that have been measured, each with its length of then (operand_length of
 *  sigcomp_operands): the last one ends there too */
void prove_multiload(void)
{
	struct udvm u = any_udvm();

	ASSUME(u.start <= u.pc);
	multiloads = true;
	multiload(&u);
	holds(&u);
	ASSERT(u.reason || u.pc <= u.size);
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


/** See sigcomp_io */
bool udvm_spend(struct udvm *u, uint32_t cycles)
{
	ASSERT(u->used <= u->limit);
	if (u->limit - u->used < cycles) {
		udvm_fail(u, SIGCOMP_CYCLES_EXHAUSTED);
		return false;
	}
	u->used += cycles;

	return true;
}


/** See sigcomp_io */
bool udvm_dear(struct udvm *u, uint32_t cycles)
{
	return udvm_spend(u, nondet_bool() ? UINT32_MAX : cycles);
}


uint32_t reverse_contract(uint32_t v, uint32_t n)
{
	ASSERT(n <= 16);
	(void)v;

	return nondet_u16();
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


/** See sigcomp_sort */
void udvm_sort(uint8_t *at, uint32_t n, uint32_t k, bool descending)
{
	const uint32_t words = (size - (uint32_t)PLACE(at)) / 2;

	(void)descending;
	ASSERT(n && k && PLACE(at) < size);
	/* of more lists the solver cannot multiply */
	ASSERT(n == 1 ? k <= words : n == 2 ? 2 * k <= words :
	       n > 3 || 3 * k <= words);
}


void prove_sort(void)
{
	struct udvm u = any_udvm();

	sort(&u);
	holds(&u);
}


void prove_input_huffman(void)
{
	struct udvm u = any_udvm();

	input_huffman(&u);
	holds(&u);
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


/** Of every instruction: see above, sigcomp_io and sigcomp_sort */
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
