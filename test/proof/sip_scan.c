/*
 * Proof: the character level of the SIP grammar (ue/sip/scan.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, each ends, and says a place in the text
 * or NULL.  Loops are proved by induction, so there is no bound.  Numbers do
 * not overflow.  Not here: sip_skip_text(), whose machine words are too much
 * for CBMC; its contract is held by unit tests and fuzzing.
 *
 * prove: sip_skip --no-signed-overflow-check
 * bug: sip_skip: ue/sip/scan.c s/	if (i) {/	{/
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
