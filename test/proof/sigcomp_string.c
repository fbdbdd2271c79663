/*
 * Proof: strings in UDVM memory (sigcomp/udvm_block.c, RFC 3320 s8.4)
 *
 * Any address, length, byte_copy_left and byte_copy_right, any size of the
 * memory: nothing outside of it is read or written, of the other side exactly
 * the length of the string, and the loop ends.  By induction over the wraps,
 * so there is no bound.
 *
 * prove: udvm_string
 * bug: udvm_string: sigcomp/udvm_block.c s/size - s.addr < n/size - s.addr + 1 < n/
 * bug: udvm_string: sigcomp/udvm_block.c s/s.addr >= size ||//
 * bug: udvm_string: sigcomp/udvm_block.c s/len -= n/len -= n - 1/
 * prove: crc
 * bug: crc: sigcomp/udvm_block.c s/for (; n; --n) {/for (; n + 1; --n) {/
 * prove: equal
 * bug: equal: sigcomp/udvm_block.c s/for (; n; --n) {/for (; n + 1; --n) {/
 */
#include "test/proof/proof.h"

/* what has been done of the string and what is left make the whole */
#define LOOP_udvm_string_1 \
	CHANGES(s.addr, len, p, q, __CPROVER_object_whole(mem)) \
	INVARIANT(s.addr < UDVM_SPACE && len <= __CPROVER_loop_entry(len) && \
		  __CPROVER_same_object(p, arg) && \
		  (!moved || PLACE(p) == __CPROVER_loop_entry(len) - len)) \
	__CPROVER_decreases(len)
#define LOOP_crc_1 CHANGES(n, p, v, f) \
	INVARIANT(n <= __CPROVER_loop_entry(n) && \
		  __CPROVER_same_object(p, __CPROVER_loop_entry(p)) && \
		  PLACE(p) == __CPROVER_loop_entry(n) - n) \
	__CPROVER_decreases(n)
#define LOOP_equal_1 CHANGES(n, p, b) \
	INVARIANT(n <= __CPROVER_loop_entry(n) && \
		  __CPROVER_same_object(p, __CPROVER_loop_entry(p)) && \
		  PLACE(p) == __CPROVER_loop_entry(n) - n) \
	__CPROVER_decreases(n)

/** Octets are copied between the memory and the other side */
static bool moved;

#include "sigcomp/udvm_block.c"


void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


int mbedtls_sha1_update_ret(mbedtls_sha1_context *ctx,
			    const unsigned char *input, size_t ilen)
{
	(void)ctx;
	ASSERT(readable(input, ilen));

	return 0;
}


void sigcomp_source_read(struct sigcomp_source *src, uint8_t *dst,
			 uint32_t len)
{
	(void)src;
	ASSERT(len == 0 || __CPROVER_w_ok(dst, len));
}


void crc_contract(uint16_t *fcs, const uint8_t *p, uint32_t n)
{
	(void)fcs;
	ASSERT(readable(p, n));
}


void prove_crc(void)
{
	const uint32_t n = nondet_u32();
	uint16_t fcs = 0xffff;

	crc(&fcs, any_octets(n), n);
}


bool equal_contract(struct sigcomp_source *src, const uint8_t *p, uint32_t n)
{
	(void)src;
	ASSERT(readable(p, n));

	return nondet_bool();
}


void prove_equal(void)
{
	const uint32_t n = nondet_u32();
	struct sigcomp_source src;

	(void)equal(&src, any_octets(n), n);
}


void prove_udvm_string(void)
{
	const uint32_t size = nondet_u32(), len = nondet_u16();
	const enum udvm_use use = (enum udvm_use)nondet_u8();

	/* the registers are there */
	ASSUME(size >= 128 && size <= UDVM_SPACE && use <= UDVM_HASH);
	moved = use == UDVM_READ || use == UDVM_WRITE;
	(void)udvm_string(any_octets(size), size, nondet_u16(), len, use,
			  any_octets(moved ? len : 64));
}
