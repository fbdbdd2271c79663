/*
 * Proof: SORT-ASCENDING and SORT-DESCENDING (sigcomp/udvm_block.c, RFC 3320
 * s9.1.3)
 *
 * Up to three lists of any length: no word outside of them is read or written.
 * How deep the lists are sorted is proved by induction, for any number of
 * words; the bound is on the number of lists, because the solver cannot
 * multiply, and that there is a place for each was asked before (sort of
 * sigcomp_udvm).  Not here: whether they are sorted, which unit tests are for.
 *
 * prove: words_swap
 * bug: words_swap: sigcomp/udvm_block.c s/i += k, j += k)/i += k, j += k + 1)/
 * prove: words_reverse
 * bug: words_reverse: sigcomp/udvm_block.c s/from++, --to)/from++, to--)/
 * prove: words_split
 * bug: words_split: sigcomp/udvm_block.c s/while (from < to && /while (/
 * prove: words_join
 * bug: words_join: sigcomp/udvm_block.c s/k - mid < width ? k :/0 ? k :/
 * bug: words_join: sigcomp/udvm_block.c s/k - from > width; from/k > from; from/
 * bug: words_join: sigcomp/udvm_block.c s/k - from <= 2 . width/0/
 * prove: udvm_sort
 * bug: udvm_sort: sigcomp/udvm_block.c s/width = 1; width < k/width = 0; width < k/
 */
#include "test/proof/proof.h"

/** Words of so many lists */
#define TIMES(k, n) ((n) == 0 ? 0 : (n) == 1 ? (k) : (n) == 2 ? 2 * (k) : \
		     3 * (k))
#define BEHIND(i, n) ((i) == __CPROVER_loop_entry(i) + \
		      TIMES(k, __CPROVER_loop_entry(n) - (n)))

#define LOOP_words_swap_1 CHANGES(n, i, j, __CPROVER_object_whole(mem)) \
	INVARIANT(n <= __CPROVER_loop_entry(n) && BEHIND(i, n) && \
		  BEHIND(j, n)) \
	__CPROVER_decreases(n)
#define LOOP_words_reverse_1 CHANGES(from, to) \
	INVARIANT(from <= to && to <= __CPROVER_loop_entry(to)) \
	__CPROVER_decreases(to)
#define LOOP_words_split_1 CHANGES(from) \
	INVARIANT(from <= to && from >= __CPROVER_loop_entry(from)) \
	__CPROVER_decreases(to - from)
#define LOOP_words_join_1 CHANGES(from) \
	INVARIANT(from <= k) __CPROVER_decreases(k - from)
#define LOOP_udvm_sort_1 CHANGES(mask, width) \
	INVARIANT(mask > 0 && mask <= 2 * UDVM_SPACE)
#define LOOP_udvm_sort_2 CHANGES(width) \
	INVARIANT(width > 0 && width <= UDVM_SPACE)

#include "sigcomp/udvm_block.c"

enum { LISTS = 3 };

static uint8_t *lists;
static uint32_t words_max;


/** n lists of k words, in memory of exactly that size */
static void any_lists(uint32_t *n, uint32_t *k)
{
	*n = nondet_u8();
	*k = nondet_u16();
	ASSUME(*n && *n <= LISTS && *k && *k < UDVM_SPACE / 2);
	lists = any_octets(2 * TIMES(*k, *n));
}


/** Two words of the first list */
void words_swap_contract(uint8_t *mem, uint32_t n, uint32_t k, uint32_t i,
			 uint32_t j)
{
	(void)n;
	ASSERT(mem == lists && i < k && j < k);
}


void prove_words_swap(void)
{
	const uint32_t i = nondet_u32(), j = nondet_u32();
	uint32_t n, k;

	any_lists(&n, &k);
	ASSUME(i < k && j < k);
	words_swap(lists, n, k, i, j);
}


void words_reverse_contract(uint8_t *mem, uint32_t n, uint32_t k,
			    uint32_t from, uint32_t to)
{
	(void)n;
	ASSERT(mem == lists && from <= to && to <= k);
}


void prove_words_reverse(void)
{
	const uint32_t from = nondet_u32(), to = nondet_u32();
	uint32_t n, k;

	any_lists(&n, &k);
	ASSUME(from <= to && to <= k);
	words_reverse(lists, n, k, from, to);
}


uint32_t words_split_contract(const uint8_t *mem, uint32_t mask,
			      uint32_t flip, uint32_t from, uint32_t to)
{
	const uint32_t i = nondet_u32();

	(void)mask;
	(void)flip;
	ASSERT(mem == lists && from <= to && to <= words_max);
	ASSUME(from <= i && i <= to);

	return i;
}


void prove_words_split(void)
{
	const uint32_t from = nondet_u32(), to = nondet_u32();
	uint32_t n, k, i;

	any_lists(&n, &k);
	ASSUME(from <= to && to <= k);
	i = words_split(lists, nondet_u16(), nondet_u16(), from, to);
	ASSERT(from <= i && i <= to);
}


void words_join_contract(uint8_t *mem, uint32_t n, uint32_t k,
			 uint32_t width, uint32_t mask, uint32_t flip)
{
	(void)n;
	(void)mask;
	(void)flip;
	ASSERT(mem == lists && width > 0 && width < k && k < UDVM_SPACE / 2);
}


void prove_words_join(void)
{
	const uint32_t n = nondet_u16(), k = nondet_u16();
	const uint32_t width = nondet_u16();

	/* the memory has room for no more */
	ASSUME(k < UDVM_SPACE / 2 && width > 0 && width < k);
	words_max = k;
	words_join(lists, n, k, width, nondet_u16(), nondet_u16());
}


void prove_udvm_sort(void)
{
	const uint32_t n = nondet_u16(), k = nondet_u16();

	ASSUME(k < UDVM_SPACE / 2);
	udvm_sort(lists, n, k, nondet_bool());
}
