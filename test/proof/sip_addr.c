/*
 * Proof: addresses (ue/sip/addr.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, what it says is a place in the text or
 * NULL, and display name, URI and parameters lie in it.  Loops are proved by
 * induction, and the scanners that are called by their contracts in sip.h, so
 * there is no bound.  A list whose addresses need brackets has an octet before
 * it, which is read: the colon behind the header field's name, or the space
 * there.
 *
 * prove: display_name
 * bug: display_name: ue/sip/addr.c s/return q < end && .q == '<' ?/return *q == '<' ?/
 * bug: display_name: ue/sip/addr.c s/if (q == end || .q != '<')/if (*q != '<')/
 * bug: display_name: ue/sip/addr.c s/p + 1, q - 1/p + 1, q + 1/
 * prove: sip_addr_scan
 * bug: sip_addr_scan: ue/sip/addr.c s/if (!q || q == end || .q/if (!q || *q/
 * bug: sip_addr_scan: ue/sip/addr.c s/if (q < end && .q == '<') {/if (*q == '<') {/
 * prove: sip_addr_list
 * bug: sip_addr_list: ue/sip/addr.c s/if (p && brackets/if (brackets/
 * prove: sip_addr_decode
 * bug: sip_addr_decode: ue/sip/addr.c s/if (!p || sip/if (sip/
 */
#define PROVED_ADDR
#define SKIP_ANY
#include "test/proof/sip.h"

#define LOOP_display_name_1 CHANGES(q, last, tail) \
	INVARIANT(FORWARD(q, end) && FORWARD(tail, q) && q == last) \
	__CPROVER_decreases(PLACE(end) - PLACE(last))
#define LOOP_sip_addr_list_1 CHANGES(p, addr, once) \
	INVARIANT((!p && !once) || FORWARD(p, end))

#include "ue/sip/addr.c"


/** NULL or a place */
const char *display_name_contract(struct pl *dname, const char *p,
				  const char *end)
{
	const char *q = maybe_place(p, end);

	if (q)
		maybe_part(dname, p, q);

	return q;
}


void prove_display_name(void)
{
	const char *end, *p = any_text(&end), *q;
	struct pl dname = {NULL, 0};

	q = display_name(&dname, p, end);
	ASSERT(!q || (is_place(q, p, end) && is_maybe_part(&dname, p, q)));
}


void prove_sip_addr_scan(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_addr addr;

	q = sip_addr_scan(&addr, p, end);
	ASSERT(!q || (is_place(q, p, end) && q > p && is_addr(&addr, p, end)));
}


void prove_sip_addr_list(void)
{
	const char *end, *p = any_text(&end);

	ASSUME(p < end);
	(void)sip_addr_list(p + 1, end, nondet_bool());
}


/** What it says is what sip_addr_scan() said, or nothing */
void prove_sip_addr_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	struct sip_addr addr;

	ASSERT(sip_addr_decode(&addr, &none) == EBADMSG);
	(void)sip_addr_decode(&addr, &val);
}
