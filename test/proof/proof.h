/**
 * @file test/proof/proof.h  What the proofs have in common
 *
 * A contract says what a function asks of its caller, which is asserted, and
 * what it promises, which is assumed where the contract stands for the
 * function and asserted where the function itself is proved.
 *
 * memchr() and memcmp() are replaced by what may be anything that these
 * functions may say, but touches what they touch: their own loops are not
 * ours to prove.
 *
 * CBMC takes the last array of a structure that a pointer leads to for one of
 * any size, and does not see a negative index of it: where there is one, ask
 * for it (roster.c).
 */
#ifndef PROOF_H
#define PROOF_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t nondet_size(void);
uint8_t nondet_u8(void);
uint16_t nondet_u16(void);
uint32_t nondet_u32(void);
int nondet_int(void);
bool nondet_bool(void);
const char *nondet_place(void);

#define ASSUME(what) __CPROVER_assume(what)
#define ASSERT(what) __CPROVER_assert(what, #what)

#define INVARIANT(...) __CPROVER_loop_invariant(__VA_ARGS__)
#define CHANGES(...)   __CPROVER_assigns(__VA_ARGS__)

/** Longer than any input; pointers of CBMC have room for it */
#define TEXT_MAX UINT32_MAX


/** Pointers of any value cannot be compared, places in an object can */
#define PLACE(p) __CPROVER_POINTER_OFFSET(p)


/** May n octets at p be read? */
static inline bool readable(const void *p, size_t n)
{
	return n == 0 || __CPROVER_r_ok(p, n);
}


/** p is somewhere in the text up to end, which may all be read */
static inline bool within(const char *p, const char *end)
{
	/* as readable(p, end - p), but the solver need not add p to it */
	return __CPROVER_same_object(p, end) && PLACE(p) <= PLACE(end) &&
		PLACE(end) <= __CPROVER_OBJECT_SIZE(end) &&
		readable(p, p != end);
}


/** n octets of any contents in memory of exactly that size */
static inline void *any_octets(size_t n)
{
	/* not malloc(): a pointer that may be none costs the solver time */
	return __CPROVER_allocate(n, 0);
}


/** A place from p to end */
static inline const char *any_place(const char *p, const char *end)
{
	/* chosen, not added up: adding is what takes the solver's time */
	const char *q = nondet_bool() ? p : nondet_place();

	ASSERT(within(p, end));
	ASSUME(__CPROVER_same_object(q, end) && PLACE(p) <= PLACE(q) &&
	       PLACE(q) <= PLACE(end));

	return q;
}


void *memchr(const void *s, int c, size_t n)
{
	const size_t i = nondet_size();

	ASSERT(readable(s, n));
	if (i >= n)
		return NULL;
	ASSUME(((const char *)s)[i] == (char)c);

	return (char *)s + i;
}


int memcmp(const void *a, const void *b, size_t n)
{
	ASSERT(readable(a, n) && readable(b, n));

	return nondet_int();
}

#endif
