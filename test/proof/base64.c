/*
 * Proof: base64 of libre, which nonces, passwords and auts go through
 *
 * Octets of any contents in memory of exactly their size, a buffer of any
 * size: nothing outside of them is read or written.  A text to decode has
 * whole groups of four, as callers see to.  The decoder asks if it is at the
 * end with a pointer three octets on, for which there is room here; that none
 * of them is read is what the invariant says.  Loops are proved by induction,
 * for lengths of 16 bits.
 *
 * prove: base64_decode
 * bug: base64_decode: build/deps/libre/src/base64/b64.c s/< 3 . (ilen/< 2 * (ilen/
 * bug: base64_decode: build/deps/libre/src/base64/b64.c s/in+3 < in_end/in < in_end + 4/
 * prove: base64_encode
 * bug: base64_encode: build/deps/libre/src/base64/b64.c s/olen < 4 . ((ilen+2)/olen < 4 * ((ilen)/
 * bug: base64_encode: build/deps/libre/src/base64/b64.c 0,/if (in < in_end)/s//if (1)/
 */
#include "test/proof/proof.h"

/** The solver would take minutes to divide longer ones */
#define LEN_MAX UINT16_MAX

/* at each turn four octets become at most three, or three become four */
#define DONE(p) (PLACE(p) - PLACE(__CPROVER_loop_entry(p)))
#define ON(p, end) (__CPROVER_same_object(p, end) && \
		    PLACE(__CPROVER_loop_entry(p)) <= PLACE(p) && \
		    PLACE(p) <= PLACE(end))
#define LOOP_base64_decode_1 CHANGES(in, out, __CPROVER_object_whole(out)) \
	INVARIANT(ON(in, in_end) && __CPROVER_same_object(out, o) && \
		  PLACE(out) >= PLACE(o) && DONE(in) % 4 == 0 && \
		  DONE(out) * 4 <= DONE(in) * 3) \
	__CPROVER_decreases(PLACE(in_end) - PLACE(in))
#define LOOP_base64_encode_1 CHANGES(in, out, __CPROVER_object_whole(out)) \
	INVARIANT(ON(in, in_end) && __CPROVER_same_object(out, o) && \
		  PLACE(out) >= PLACE(o) && \
		  DONE(out) * 3 - DONE(in) * 4 <= (in == in_end) * 8U && \
		  DONE(out) % 4 == 0) \
	__CPROVER_decreases(PLACE(in_end) - PLACE(in))

#include "build/deps/libre/src/base64/b64.c"


void prove_base64_decode(void)
{
	const size_t size = nondet_size(), len = nondet_size();
	size_t n = size;

	ASSUME(size <= LEN_MAX && len <= LEN_MAX && len % 4 == 0);
	if (!base64_decode(any_octets(len + 3), len, any_octets(size), &n))
		ASSERT(n <= 3 * (len / 4));
}


void prove_base64_encode(void)
{
	const size_t size = nondet_size(), len = nondet_size();
	size_t n = size;

	ASSUME(size <= LEN_MAX && len <= LEN_MAX);
	if (!base64_encode(any_octets(len), len, any_octets(size), &n))
		ASSERT(n == 4 * ((len + 2) / 3));
}
