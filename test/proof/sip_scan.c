/*
 * Proof: the character level of the SIP grammar (ue/sip/scan.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, each ends, and says a place in the text
 * or NULL.  Loops are proved by induction, so there is no bound.  Numbers do
 * not overflow.  The machine words of sip_skip_text() are of any contents: how
 * far they are skipped is a matter of unit tests and fuzzing.
 *
 * source: ue/ue_hex.c
 * prove: sip_skip --no-signed-overflow-check
 * bug: sip_skip: ue/sip/scan.c s/	if (i) {/	{/
 * prove: skip_words
 * bug: skip_words: ue/sip/scan.c s/(size_t)(end - p) >= sizeof(w); p/(size_t)(end - p) > 0; p/
 * prove: sip_skip_text
 * bug: sip_skip_text: ue/sip/scan.c s/while (p < end && (unsigned char)/while ((unsigned char)/
 * bug: sip_skip_text: ue/sip/scan.c s/p == end || .p != '.t')/*p != 9)/
 * prove: sip_skip_esc
 * bug: sip_skip_esc: ue/sip/scan.c s/end - p < 3/end - p < 2/
 * prove: sip_skip_sws
 * bug: sip_skip_sws: ue/sip/scan.c s/p < end && sip_is_sp/sip_is_sp/
 * prove: sip_skip_digits
 * bug: sip_skip_digits: ue/sip/scan.c s/p < end && sip_is_digit/p <= end \&\& sip_is_digit/
 * prove: sip_token
 * bug: sip_token: ue/sip/scan.c s/q > p ? q : NULL/q/
 * prove: sip_separator
 * bug: sip_separator: ue/sip/scan.c s/p == end || .p != c/*p != c/
 * prove: sip_quoted
 * bug: sip_quoted: ue/sip/scan.c s/end - p < 2/end - p < 1/
 * bug: sip_quoted: ue/sip/scan.c s/if (p == end)/if (p > end)/
 * prove: sip_number --unsigned-overflow-check
 * bug: sip_number: ue/sip/scan.c s/(UINT32_MAX - d)/UINT32_MAX/
 */
#define PROVED_SCAN
#include "test/proof/sip.h"

#define LOOP_sip_skip_1 CHANGES(i, once) INVARIANT(i < 0 && \
	i >= -(ptrdiff_t)(PLACE(end) - PLACE(p)))
#define LOOP_skip_words_1 CHANGES(p, w) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_skip_text_1 STEPS(p, end)
#define LOOP_sip_skip_text_2 STEPS(p, end)
#define LOOP_sip_skip_esc_1 STEPS(p, end)
#define LOOP_sip_skip_sws_1 STEPS(p, end)
#define LOOP_sip_skip_digits_1 STEPS(p, end)
#define LOOP_sip_quoted_1 STEPS(p, end)
#define LOOP_sip_number_1 CHANGES(p, n) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/sip/scan.c"


static bool is_alnum(char c)
{
	return sip_is_digit(c) || sip_is_alpha(c);
}


#define AT(q) ASSERT(is_place(q, p, end))
#define MAYBE_AT(q) ASSERT(!(q) || is_place(q, p, end))


void prove_sip_skip(void)
{
	const char *end, *p = any_text(&end);

	const unsigned mask = nondet_u8();
	const char *q = sip_skip(p, end, mask);

	AT(q);
	/* letters and digits are in all classes */
	ASSERT(q > p || p == end || !mask || !is_alnum(*p));
}


/** A machine word */
void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(n == sizeof(size_t) && readable(src, n));
	*(size_t *)dst = nondet_size();

	return dst;
}


const char *skip_words_contract(const char *p, const char *end)
{
	return any_place(p, end);
}


void prove_skip_words(void)
{
	const char *end, *p = any_text(&end);

	AT(skip_words(p, end));
}


void prove_sip_skip_text(void)
{
	const char *end, *p = any_text(&end);

	AT(sip_skip_text(p, end));
}


void prove_sip_skip_esc(void)
{
	const char *end, *p = any_text(&end);
	const char *q = sip_skip_esc(p, end, nondet_u8());

	MAYBE_AT(q);
}


void prove_sip_skip_sws(void)
{
	const char *end, *p = any_text(&end);

	AT(sip_skip_sws(p, end));
}


void prove_sip_skip_digits(void)
{
	const char *end, *p = any_text(&end);

	AT(sip_skip_digits(p, end));
}


void prove_sip_token(void)
{
	const char *end, *p = any_text(&end);
	const char *q = sip_token(p, end);

	MAYBE_AT(q);
	ASSERT(q != p);
}


void prove_sip_separator(void)
{
	const char *end, *p = any_text(&end);
	const char *q = sip_separator(p, end, (char)nondet_u8());

	MAYBE_AT(q);
	ASSERT(q != p);
}


void prove_sip_quoted(void)
{
	const char *end, *p = any_text(&end), *q;

	ASSUME(p < end);
	q = sip_quoted(p, end);
	MAYBE_AT(q);
	ASSERT(!q || q - p >= 2);
}


void prove_sip_number(void)
{
	const char *end, *p = any_text(&end), *q;
	uint32_t v = 7;

	q = sip_number(&v, p, end);
	MAYBE_AT(q);
	ASSERT(q != p && (q || v == 7));
}
