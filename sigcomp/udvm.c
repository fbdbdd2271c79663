/**
 * @file udvm.c  Universal Decompressor Virtual Machine (RFC 3320 s8, s9)
 *
 * An instruction's operands are decoded by a format table, then one switch
 * acts on them; only the three instructions of variable length decode their
 * lists themselves. Every access to memory is checked where it is made; the
 * first failure is kept in u->reason and ends the run.
 */
#include <string.h>
#include "sigcomp/udvm.h"

enum {
	OP_DECOMPRESSION_FAILURE, OP_AND, OP_OR, OP_NOT, OP_LSHIFT,
	OP_RSHIFT, OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE,
	OP_REMAINDER, OP_SORT_ASCENDING, OP_SORT_DESCENDING, OP_SHA_1,
	OP_LOAD, OP_MULTILOAD, OP_PUSH, OP_POP, OP_COPY, OP_COPY_LITERAL,
	OP_COPY_OFFSET, OP_MEMSET, OP_JUMP, OP_COMPARE, OP_CALL, OP_RETURN,
	OP_SWITCH, OP_CRC, OP_INPUT_BYTES, OP_INPUT_BITS, OP_INPUT_HUFFMAN,
	OP_STATE_ACCESS, OP_STATE_CREATE, OP_STATE_FREE, OP_OUTPUT,
	OP_END_MESSAGE, OP_COUNT
};

/*
 * Operand formats: so many multitype and address operands (an address is
 * left relative until it is used), and a reference or literal before or
 * behind them
 */
enum {
	COUNT_MASK = 7,
	REF_FIRST = 0x10, LIT_FIRST = 0x20, FIRST_MASK = 0x30,
	REF_LAST = 0x40, LIT_LAST = 0x80, LAST_MASK = 0xc0,
};

static const uint8_t format[OP_COUNT] = {
	[OP_DECOMPRESSION_FAILURE] = 0,
	[OP_AND]             = REF_FIRST | 1,
	[OP_OR]              = REF_FIRST | 1,
	[OP_NOT]             = REF_FIRST,
	[OP_LSHIFT]          = REF_FIRST | 1,
	[OP_RSHIFT]          = REF_FIRST | 1,
	[OP_ADD]             = REF_FIRST | 1,
	[OP_SUBTRACT]        = REF_FIRST | 1,
	[OP_MULTIPLY]        = REF_FIRST | 1,
	[OP_DIVIDE]          = REF_FIRST | 1,
	[OP_REMAINDER]       = REF_FIRST | 1,
	[OP_SORT_ASCENDING]  = 3,
	[OP_SORT_DESCENDING] = 3,
	[OP_SHA_1]           = 3,
	[OP_LOAD]            = 2,
	[OP_MULTILOAD]       = 1 | LIT_LAST,
	[OP_PUSH]            = 1,
	[OP_POP]             = 1,
	[OP_COPY]            = 3,
	[OP_COPY_LITERAL]    = 2 | REF_LAST,
	[OP_COPY_OFFSET]     = 2 | REF_LAST,
	[OP_MEMSET]          = 4,
	[OP_JUMP]            = 1,
	[OP_COMPARE]         = 5,
	[OP_CALL]            = 1,
	[OP_RETURN]          = 0,
	[OP_SWITCH]          = LIT_FIRST | 1,
	[OP_CRC]             = 4,
	[OP_INPUT_BYTES]     = 3,
	[OP_INPUT_BITS]      = 3,
	[OP_INPUT_HUFFMAN]   = 2 | LIT_LAST,
	[OP_STATE_ACCESS]    = 6,
	[OP_STATE_CREATE]    = 5,
	[OP_STATE_FREE]      = 2,
	[OP_OUTPUT]          = 2,
	[OP_END_MESSAGE]     = 7,
};


static uint32_t load(struct udvm *u, uint32_t addr)
{
	if (u->size - 1 <= addr) {
		udvm_fail(u, SIGCOMP_SEGFAULT);
		return 0;
	}

	return udvm_get(u->mem + addr);
}


static void store(struct udvm *u, uint32_t addr, uint32_t value)
{
	if (u->size - 1 <= addr) {
		udvm_fail(u, SIGCOMP_SEGFAULT);
		return;
	}

	udvm_touch(u, addr, 2);
	udvm_put(u->mem + addr, value);
}


/* -- operands (RFC 3320 s8.5) --------------------------------------------
   The memory is followed by UDVM_PAD zero bytes, more than any instruction
   or set of operands takes: operands are decoded without asking where the
   memory ends, and `operands_end` asks afterwards. Each function takes the
   place of an operand and returns the place behind it. */

/** The operands decoded so far end at p; false: a failure */
static inline bool operands_end(struct udvm *u, const uint8_t *p)
{
	u->pc = (uint32_t)(p - u->mem);
	if (u->pc > u->size)
		udvm_fail(u, SIGCOMP_SEGFAULT);

	return !u->reason;
}


/** Figures 8 and 9: literal, and the address of a reference */
static inline const uint8_t *operand_literal(struct udvm *u, const uint8_t *p,
					     uint32_t scale, uint32_t *v)
{
	const uint32_t b = *p++;

	if (b < 0x80) {
		*v = b * scale;
		return p;
	}

	if (b < 0xc0) {
		*v = ((b & 0x3f) << 8 | *p) * scale;
		return p + 1;
	}

	if (b != 0xc0)
		udvm_fail(u, SIGCOMP_INVALID_OPERAND);

	*v = udvm_get(p);
	return p + 2;
}


/** Figure 10, from the value 0x80 of the first byte on; p is behind it */
static inline const uint8_t *operand_long(struct udvm *u, const uint8_t *p,
				   uint32_t *v)
{
	const uint32_t b = p[-1];

	/* 111nnnnn; 1000011n and 10001nnn: 2^6 to 2^15 */
	if (b >= 0xe0) {
		*v = b - 0xe0 + 65504;
		return p;
	}

	if (b >= 0x90) {
		const uint32_t n = (b & 0x1f) << 8 | *p;

		*v = b >= 0xc0 ? load(u, n) : b >= 0xa0 ? n :
			n - 0x1000 + 61440;
		return p + 1;
	}

	if (b >= 0x86) {
		*v = 1u << (b & 15);
		return p;
	}

	if (b > 0x81)
		udvm_fail(u, SIGCOMP_INVALID_OPERAND);

	*v = udvm_get(p);
	if (b == 0x81)
		*v = load(u, *v);

	return p + 2;
}


static inline const uint8_t *operand_multitype(struct udvm *u,
					       const uint8_t *p, uint32_t *v)
{
	const uint32_t b = *p++;

	if (b < 0x40)
		*v = b;
	else if (b < 0x80)
		*v = load(u, 2 * (b & 0x3f));
	else
		p = operand_long(u, p, v);

	return p;
}


/** Step over a multitype operand without looking at its value */
static inline const uint8_t *operand_skip(struct udvm *u, const uint8_t *p)
{
	const uint32_t b = *p++;

	if (b < 0x80 || b >= 0xe0)
		return p;
	if (b >= 0x90)
		return p + 1;
	if (b <= 0x81)
		return p + 2;
	if (b < 0x86)
		udvm_fail(u, SIGCOMP_INVALID_OPERAND);

	return p;
}


/** Operands by their format; false: a failure */
static inline bool operands(struct udvm *u, const uint8_t *p, uint32_t fmt)
{
	uint16_t *op = u->op;
	uint32_t v, n;

	if (fmt & FIRST_MASK) {
		p = operand_literal(u, p, fmt & REF_FIRST ? 2 : 1, &v);
		*op++ = (uint16_t)v;
	}

	for (n = fmt & COUNT_MASK; n; --n) {
		p = operand_multitype(u, p, &v);
		*op++ = (uint16_t)v;
	}

	if (fmt & LAST_MASK) {
		p = operand_literal(u, p, fmt & REF_LAST ? 2 : 1, &v);
		*op = (uint16_t)v;
	}

	return operands_end(u, p);
}


/* -- mathematical instructions (s9.1) ------------------------------------ */

static void calculate(struct udvm *u)
{
	const uint32_t addr = u->op[0], n = u->op[1];
	uint32_t m = load(u, addr);

	switch (u->opcode) {

	case OP_AND:      m &= n;                   break;
	case OP_OR:       m |= n;                   break;
	case OP_NOT:      m = ~m;                   break;
	case OP_LSHIFT:   m = n < 16 ? m << n : 0;  break;
	case OP_RSHIFT:   m = n < 16 ? m >> n : 0;  break;
	case OP_ADD:      m += n;                   break;
	case OP_SUBTRACT: m -= n;                   break;
	case OP_MULTIPLY: m *= n;                   break;
	default:
		if (!n)
			udvm_fail(u, SIGCOMP_DIV_BY_ZERO);
		else if (u->opcode == OP_DIVIDE)
			m /= n;
		else
			m %= n;
		break;
	}

	if (!u->reason)
		store(u, addr, m);
}


static void sort(struct udvm *u)
{
	const uint32_t start = u->op[0], n = u->op[1], k = u->op[2];
	uint32_t log2 = 0;

	while (1u << log2 < k)
		++log2;

	/* 1 + k * (ceiling(log2(k)) + n), which may be more than 2^32 */
	if (!udvm_dear(u, n * k) || !udvm_spend(u, log2 * k) || !k || !n)
		return;

	u->seen_high = 0;
	if (start >= u->size || n * k > (u->size - start) / 2)
		udvm_fail(u, SIGCOMP_SEGFAULT);
	else
		(void)udvm_sort(u->mem + start, n, k,
				u->opcode == OP_SORT_DESCENDING);
}


/* -- memory management (s9.2) -------------------------------------------- */

/** RFC 4896 s3.2: word by word, never over the instruction itself */
static void multiload(struct udvm *u)
{
	const uint32_t addr = u->op[0], n = u->op[1];
	const uint8_t *const first = u->mem + u->pc, *p = first;
	uint32_t i, v;

	if (!udvm_spend(u, n))
		return;

	/* the end of the instruction: its operands are only measured */
	for (i = 0; i < n; ++i) {
		p = operand_skip(u, p);
		if (!operands_end(u, p))
			return;
	}

	if (n && addr < u->pc && addr + 2 * n > u->start)
		udvm_fail(u, SIGCOMP_MULTILOAD_OVERWRITTEN);

	p = first;
	for (i = 0; i < n && !u->reason; ++i) {
		p = operand_multitype(u, p, &v);
		if (!u->reason)
			store(u, addr + 2 * i, v);
	}
}


/** RFC 3320 s8.3, RFC 4896 s3.4 */
static void push(struct udvm *u, uint32_t value)
{
	const uint32_t stack = udvm_get(u->mem + UDVM_STACK_LOCATION);
	const uint32_t n = load(u, stack);

	if (u->reason)
		return;

	store(u, (stack + 2 + 2 * n) % UDVM_SPACE, value);
	store(u, stack, n + 1);
}


static uint32_t pop(struct udvm *u)
{
	const uint32_t stack = udvm_get(u->mem + UDVM_STACK_LOCATION);
	uint32_t n = load(u, stack);

	if (u->reason)
		return 0;

	if (!n) {
		udvm_fail(u, SIGCOMP_STACK_UNDERFLOW);
		return 0;
	}

	store(u, stack, --n);
	return load(u, (stack + 2 + 2 * n) % UDVM_SPACE);
}


/** Copy bytes in ascending order; what is read may just have been written */
static inline void copy_up(uint8_t *q, const uint8_t *p, uint32_t n)
{
	uint8_t *const end = q + n;

	/* as if byte by byte, unless the target begins inside the source */
	if (n > 16 && (q <= p || q >= p + n))
		memmove(q, p, n);
	else
		while (q < end)
			*q++ = *p++;
}


/**
 * COPY, COPY-LITERAL and COPY-OFFSET (s9.2.4 to s9.2.6): the runs between
 * two wraps are copied at once
 */
static uint32_t copy(struct udvm *u, uint32_t from, uint32_t len, uint32_t to)
{
	struct udvm_span s, d;

	if (!udvm_spend(u, len))
		return to;

	udvm_span_set(&s, u->mem, from);
	udvm_span_set(&d, u->mem, to);

	while (len) {
		const uint32_t n = udvm_span_len(&s, udvm_span_len(&d, len));

		if (s.addr >= u->size || u->size - s.addr < n ||
		    d.addr >= u->size || u->size - d.addr < n) {
			udvm_fail(u, SIGCOMP_SEGFAULT);
			break;
		}

		udvm_touch(u, d.addr, n);
		copy_up(u->mem + d.addr, u->mem + s.addr, n);
		udvm_span_skip(&s, n);
		udvm_span_skip(&d, n);
		len -= n;
	}

	return d.addr;
}


/**
 * COPY-OFFSET: count back from the destination, wrapping from
 * byte_copy_left to byte_copy_right - 1 (RFC 4896 s4)
 */
static uint32_t count_back(const struct udvm *u, uint32_t to, uint32_t offset)
{
	const uint32_t left = udvm_get(u->mem + UDVM_BYTE_COPY_LEFT);
	const uint32_t right = udvm_get(u->mem + UDVM_BYTE_COPY_RIGHT);
	const uint32_t ring = (right - left) % UDVM_SPACE;
	const uint32_t room = (to - left) % UDVM_SPACE;

	/* byte_copy_left is met after `room` steps; each turn of the ring
	   then takes `ring` steps, all of the memory if it is 0 */
	if (offset > room) {
		offset -= room;
		if (ring)
			offset = (offset - 1) % ring + 1;
		to = right;
	}

	return (to - offset) % UDVM_SPACE;
}


static void copy_on(struct udvm *u)
{
	const uint32_t ref = u->op[2], to = load(u, ref);
	uint32_t from = u->op[0], end;

	if (u->reason)
		return;

	if (u->opcode == OP_COPY_OFFSET)
		from = count_back(u, to, from);

	end = copy(u, from, u->op[1], to);
	if (!u->reason)
		store(u, ref, end);
}


static void memory_set(struct udvm *u)
{
	uint32_t len = u->op[1], value = u->op[2];
	struct udvm_span s;

	if (!udvm_spend(u, len))
		return;

	udvm_span_set(&s, u->mem, u->op[0]);

	for (; len; --len, value += u->op[3]) {

		if (s.addr >= u->size) {
			udvm_fail(u, SIGCOMP_SEGFAULT);
			return;
		}

		udvm_touch(u, s.addr, 1);
		u->mem[s.addr] = (uint8_t)value;
		udvm_span_skip(&s, 1);
	}
}


/* -- program flow (s9.3) ------------------------------------------------- */

static void select_case(struct udvm *u)
{
	const uint8_t *p = u->mem + u->pc;
	const uint32_t n = u->op[0];
	uint32_t j = u->op[1], v;

	if (!udvm_spend(u, n))
		return;

	if (j >= n) {
		udvm_fail(u, SIGCOMP_SWITCH_VALUE_TOO_HIGH);
		return;
	}

	for (; j; --j) {
		p = operand_skip(u, p);
		if (!operands_end(u, p))
			return;
	}

	p = operand_multitype(u, p, &v);
	if (operands_end(u, p))
		udvm_jump(u, v);
}


/* -- input (s8.2, s9.4.2 to s9.4.4, RFC 4896 s3.1) ----------------------- */

static void input_bytes(struct udvm *u)
{
	const uint32_t len = u->op[0];

	if (!udvm_spend(u, len))
		return;

	/* the fraction of a byte is dropped whether or not data follow */
	u->bit = (u->bit + 7) & ~7u;

	if (u->msg_len - u->bit / 8 < len) {
		udvm_jump(u, u->op[2]);
		return;
	}

	if (udvm_use(u, u->op[1], len, UDVM_WRITE,
		   udvm_source(u->msg + u->bit / 8))) {
		u->bit += 8 * len;
		u->limit += 8 * len * u->cpb;
	}
}


static uint32_t reverse(uint32_t v, uint32_t n)
{
	uint32_t r = 0;

	for (; n; --n, v >>= 1)
		r = r << 1 | (v & 1);

	return r;
}


/** P-bit of the order register; a change drops the fraction of a byte */
static bool bit_order(struct udvm *u, uint32_t *order)
{
	*order = udvm_get(u->mem + UDVM_INPUT_BIT_ORDER);

	if (*order > 7) {
		udvm_fail(u, SIGCOMP_BAD_INPUT_BITORDER);
		return false;
	}

	if ((*order & 1) != u->p_bit) {
		u->p_bit = *order & 1;
		u->bit = (u->bit + 7) & ~7u;
	}

	return true;
}


/** Take n bits, 0..16, that are known to be there */
static inline uint32_t take(struct udvm *u, uint32_t n, uint32_t lsb_first)
{
	const uint8_t *p = u->msg + u->bit / 8;
	const uint32_t off = u->bit % 8, have = off + n;
	uint32_t v = 0, k;

	u->bit += n;

	/* bits as they arrive fill v from the top (P = 0) or bottom */
	for (k = 0; k < have; k += 8)
		v |= (uint32_t)*p++ << (u->p_bit ? k : 16 - k);

	v = (u->p_bit ? v >> off : v >> (24 - have)) & ((1u << n) - 1);

	return lsb_first == u->p_bit ? v : reverse(v, n);
}


static void input_bits(struct udvm *u)
{
	const uint32_t n = u->op[0];
	uint32_t order;

	if (n > 16) {
		udvm_fail(u, SIGCOMP_TOO_MANY_BITS_REQUESTED);
		return;
	}

	if (!bit_order(u, &order))
		return;

	if (8 * u->msg_len - u->bit < n) {
		udvm_jump(u, u->op[2]);
		return;
	}

	store(u, u->op[1], take(u, n, order >> 2 & 1));
	u->limit += n * u->cpb;
}


/** Is this instruction remembered? Then go to its end. */
static inline bool seen(struct udvm *u)
{
	const uint32_t i = u->start % UDVM_SEEN;

	if (!u->seen_high || u->seen_start[i] != u->start ||
	    u->seen_end[i] <= u->start)
		return false;

	u->pc = u->seen_end[i];
	return true;
}


/** Remember this instruction, which has been decoded up to u->pc */
static void see(struct udvm *u)
{
	const uint32_t i = u->start % UDVM_SEEN;

	if (!u->seen_high) {
		memset(u->seen_end, 0, sizeof(u->seen_end));
		u->seen_low = UDVM_SPACE;
	}

	u->seen_start[i] = (uint16_t)u->start;
	u->seen_end[i] = (uint16_t)u->pc;
	if (u->start < u->seen_low)
		u->seen_low = u->start;
	if (u->pc > u->seen_high)
		u->seen_high = u->pc;
}


/**
 * The sets behind the one that matched: only their bits matter, and where
 * the instruction ends. This is remembered unless it can change: the numbers
 * of bits may lie elsewhere in memory.
 */
static void huffman_rest(struct udvm *u, const uint8_t *p, uint32_t n,
			 uint32_t bits, bool fixed)
{
	uint32_t b;

	if (fixed && seen(u))
		return;

	for (; n; --n) {
		fixed = fixed && *p < 0x40;
		p = operand_multitype(u, p, &b);
		p = operand_skip(u, p);
		p = operand_skip(u, p);
		p = operand_skip(u, p);
		bits += b;

		if (p > u->mem + u->size)
			break;
	}

	if (operands_end(u, p) && bits > 16)
		udvm_fail(u, SIGCOMP_TOO_MANY_BITS_REQUESTED);
	else if (fixed && !u->reason && u->pc < UDVM_SPACE)
		see(u);
}


/**
 * INPUT-HUFFMAN (s9.4.4)
 *
 * Bits requested for a set that did not match stay consumed when the data
 * end in a later one; what is left of the message stays unread.
 */
static void input_huffman(struct udvm *u)
{
	const uint8_t *p = u->mem + u->pc;
	uint32_t n = u->op[2], h = 0, bits = 0, order, b, low, high, plain;
	bool fixed = true;

	if (!udvm_spend(u, n) || !bit_order(u, &order) || !n)
		return;

	order = order >> 1 & 1;

	for (; n; --n) {
		fixed = fixed && *p < 0x40;
		p = operand_multitype(u, p, &b);
		p = operand_multitype(u, p, &low);
		p = operand_multitype(u, p, &high);
		p = operand_multitype(u, p, &plain);

		bits += b;
		if (bits > 16)
			udvm_fail(u, SIGCOMP_TOO_MANY_BITS_REQUESTED);
		if (!operands_end(u, p))
			return;

		if (8 * u->msg_len - u->bit < b) {
			huffman_rest(u, p, n - 1, bits, fixed);
			u->limit += (bits - b) * u->cpb;
			udvm_jump(u, u->op[1]);
			return;
		}

		h = h << b | take(u, b, order);

		if (h >= low && h <= high) {
			huffman_rest(u, p, n - 1, bits, fixed);
			u->limit += bits * u->cpb;
			store(u, u->op[0], h + plain - low);
			return;
		}
	}

	udvm_fail(u, SIGCOMP_HUFFMAN_NO_MATCH);
}


/* -- the machine --------------------------------------------------------- */

/** Act on an instruction whose operands are decoded */
static void execute(struct udvm *u)
{
	const uint16_t *op = u->op;
	uint32_t v;

	switch (u->opcode) {

	case OP_DECOMPRESSION_FAILURE:
		udvm_fail(u, SIGCOMP_USER_REQUESTED);
		break;

	case OP_SORT_ASCENDING:
	case OP_SORT_DESCENDING: sort(u);                              break;
	case OP_SHA_1:         udvm_sha_1(u);                          break;
	case OP_LOAD:          store(u, op[0], op[1]);                 break;
	case OP_MULTILOAD:     multiload(u);                           break;
	case OP_PUSH:          push(u, op[0]);                         break;
	case OP_COPY:          (void)copy(u, op[0], op[1], op[2]);     break;
	case OP_COPY_LITERAL:
	case OP_COPY_OFFSET:   copy_on(u);                             break;
	case OP_MEMSET:        memory_set(u);                          break;
	case OP_JUMP:          udvm_jump(u, op[0]);                    break;
	case OP_CALL:          push(u, u->pc); udvm_jump(u, op[0]);    break;
	case OP_RETURN:        u->pc = pop(u);                         break;
	case OP_SWITCH:        select_case(u);                         break;
	case OP_CRC:           udvm_check_crc(u);                      break;
	case OP_INPUT_BYTES:   input_bytes(u);                         break;
	case OP_INPUT_BITS:    input_bits(u);                          break;
	case OP_INPUT_HUFFMAN: input_huffman(u);                       break;
	case OP_STATE_ACCESS:  udvm_state_access(u);                   break;
	case OP_STATE_CREATE:  udvm_state_create(u);                   break;
	case OP_STATE_FREE:    udvm_state_free(u);                     break;
	case OP_OUTPUT:        udvm_output(u);                         break;
	case OP_END_MESSAGE:   udvm_end_message(u);                    break;

	case OP_COMPARE:
		udvm_jump(u, op[0] < op[1] ? op[2] : op[0] == op[1] ? op[3] :
			  op[4]);
		break;

	case OP_POP:
		v = pop(u);
		if (!u->reason)
			store(u, op[0], v);
		break;

	default:
		calculate(u);
		break;
	}
}


void udvm_run(struct udvm *u)
{
	do {
		const uint32_t pc = u->pc;
		const uint8_t *p;

		u->start = pc;
		u->opcode = 0;

		if (pc >= u->size) {
			udvm_fail(u, SIGCOMP_SEGFAULT);
			return;
		}

		p = u->mem + pc;
		u->opcode = *p;

		if (u->opcode >= OP_COUNT) {
			udvm_fail(u, SIGCOMP_INVALID_OPCODE);
			return;
		}

		if (u->used == u->limit) {
			udvm_fail(u, SIGCOMP_CYCLES_EXHAUSTED);
			return;
		}

		++u->used;
		if (operands(u, p + 1, format[u->opcode]))
			execute(u);
	}
	while (!u->reason && u->opcode != OP_END_MESSAGE);
}
