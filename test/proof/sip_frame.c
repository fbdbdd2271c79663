/*
 * Proof: where a SIP message ends in a stream (ue/sip/frame.c)
 *
 * Octets of any number and contents in memory of exactly that size: nothing
 * outside of them is read, and the length that comes out is at most what is
 * there and what was allowed.  Loops are proved by induction, so there is no
 * bound; each ends.
 *
 * flags: --conversion-check
 * prove: content_length
 * bug: content_length: ue/sip/frame.c s/q == end || .q != ':'/*q != ':'/
 * prove: length_value
 * bug: length_value: ue/sip/frame.c s/while (p && p < end/while (p/
 * prove: field_end
 * bug: field_end: ue/sip/frame.c s/while (p && p < end && sip/while (p \&\& sip/
 * prove: header
 * bug: header: ue/sip/frame.c s/end - p >= 2/end - p >= 1/
 * prove: sip_msg_frame
 * bug: sip_msg_frame: ue/sip/frame.c s/clen > max - head/clen > max/
 * bug: sip_msg_frame: ue/sip/frame.c s/if (clen > len - head)/if (clen > len)/
 * bug: sip_msg_frame: ue/sip/frame.c s/len >= 4 \&\& //
 * prove: plausible
 * bug: plausible: ue/sip/frame.c s/if (q == end)/if (q > end)/
 * assumed: next_line memchr() within the text; of libc
 */
#include "test/proof/sip.h"

#define LOOP_length_value_1 STEPS(p, end)
#define LOOP_length_value_2 STEPS(p, end)
#define LOOP_field_end_1 CHANGES(p, once) \
	INVARIANT(once ? p == __CPROVER_loop_entry(p) : \
		  p == NULL || (FORWARD(p, end) && \
				p != __CPROVER_loop_entry(p))) \
	__CPROVER_decreases(p ? PLACE(end) - PLACE(p) + 1 : 0)
#define LOOP_header_1 CHANGES(p, seen, *clen) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/sip/frame.c"


enum sip_hdr_id sip_hdr_id(const struct pl *name)
{
	ASSERT(readable(name->p, name->l));

	return (enum sip_hdr_id)nondet_u8();
}


const char *next_line_contract(const char *p, const char *end)
{
	return maybe_behind(p, end);
}


const char *content_length_contract(const char *p, const char *end)
{
	return maybe_behind(p, end);
}


void prove_content_length(void)
{
	const char *end, *p = any_text(&end);
	const char *q = content_length(p, end);

	ASSERT(!q || (is_place(q, p, end) && q > p));
}


bool length_value_contract(uint32_t *v, const char *p, const char *end)
{
	ASSERT(within(p, end));
	*v = nondet_u32();

	return nondet_bool();
}


void prove_length_value(void)
{
	const char *end, *p = any_text(&end);
	uint32_t v;

	(void)length_value(&v, p, end);
}


/** Before the end: another line follows */
const char *field_end_contract(const char *p, const char *end)
{
	const char *q = maybe_behind(p, end);

	return q == end ? NULL : q;
}


void prove_field_end(void)
{
	const char *end, *p = any_text(&end);
	const char *q = field_end(p, end);

	ASSERT(!q || (is_place(q, p, end) && q > p && q < end));
}


int header_contract(const char **body, uint32_t *clen, const char *p,
		    const char *end)
{
	const char *q = any_place(p, end);

	*clen = nondet_u32();
	if (end - q < 2 || nondet_bool())
		return nondet_bool() ? EAGAIN : EBADMSG;
	*body = q + 2;

	return 0;
}


void prove_header(void)
{
	const char *end, *p = any_text(&end), *body = NULL;
	uint32_t clen = 0;

	if (!header(&body, &clen, p, end))
		ASSERT(is_place(body, p, end) && body - p >= 2);
}


bool plausible_contract(const char *p, const char *end)
{
	ASSERT(within(p, end));

	return nondet_bool();
}


void prove_plausible(void)
{
	const char *end, *p = any_text(&end);

	(void)plausible(p, end);
}


void prove_sip_msg_frame(void)
{
	const char *end, *p = any_text(&end);
	const size_t len = (size_t)(end - p), max = nondet_size();
	enum sip_frame kind;
	size_t n;

	if (sip_msg_frame(&n, &kind, p, len, max))
		return;
	ASSERT(n > 0 && n <= len);
	ASSERT(kind != SIP_FRAME_MSG || n <= max);
}
