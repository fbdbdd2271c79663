/*
 * Proof: operands of UDVM instructions (sigcomp/udvm.c, RFC 3320 s8.5)
 *
 * Any octets, anywhere in a memory of 80 octets up to its end, in each format
 * of an instruction: what is decoded lies in the memory and the zeros behind
 * it, what an operand refers to lies in the memory, and there is room for
 * each value.  An operand that is skipped ends where it ends when it is
 * decoded.
 *
 * unwind: 10
 * prove: operands
 * bug: operands: sigcomp/udvm.c s/u->size - 1 <= addr/u->size + 40 <= addr/
 * bug: operands: sigcomp/udvm.c s/if (u->pc > u->size)/if (u->pc > u->size + 1)/
 * prove: operand_length
 * bug: operand_length: sigcomp/udvm.c s/b < 0x80 || b >= 0xe0/b < 0x80 || b > 0xe0/
 * bug: operand_length: sigcomp/udvm.c s/if (b < 0x86)/if (b < 0x85)/
 */
#include <stdlib.h>
#include <string.h>
#include "sigcomp/udvm.c"

uint32_t nondet_u32(void);
struct udvm nondet_udvm(void);


void prove_operands(void)
{
	enum { SIZE = 80 };
	uint32_t at = nondet_u32(), fmt = nondet_u32();
	struct udvm u;

	u.mem = malloc(SIZE + UDVM_PAD);
	u.size = SIZE;
	u.reason = 0;
	u.pc = u.start = at;

	/* at most seven operands, besides a reference or literal */
	__CPROVER_assume(u.mem && at <= SIZE && fmt <= 0xff &&
			 ((fmt & 0xf) < 5 ||
			  ((fmt & 0xf) <= 7 && !(fmt & 0xf0))));
	memset(u.mem + SIZE, 0, UDVM_PAD);

	if (operands(&u, u.mem + at, fmt))
		__CPROVER_assert(u.pc <= SIZE, "the instruction is inside");
}


void prove_operand_length(void)
{
	enum { SIZE = 80 };
	struct udvm u = nondet_udvm();
	uint8_t mem[SIZE], octets[3];
	const uint8_t *p;
	uint32_t v;

	u.mem = mem;
	u.size = SIZE;
	u.reason = 0;
	p = operand_skip(&u, octets);
	__CPROVER_assert(u.reason || p == operand_multitype(&u, octets, &v),
			 "it ends where it ended");
}
