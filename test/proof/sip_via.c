/*
 * Proof: Via values and media types (ue/sip/via.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, and what it says is a place in the text
 * or NULL; transport, sent-by and the address in received lie in it.  The
 * other parameters are copied as sip_gen_param() gives them, inside of struct
 * sip_via and over nothing that others wrote.  No number is cut.  Loops are
 * proved by induction, and the scanners that are called by their contracts in
 * sip.h, so there is no bound.  Not here: sip_ctype_is(), two comparisons, and
 * that a whole Via lies in its text, which takes CBMC minutes.
 *
 * flags: --conversion-check
 * unwind: 3
 * prove: number_up_to
 * bug: number_up_to: ue/sip/via.c s/ && .v <= max//
 * prove: received
 * bug: received: ue/sip/via.c s/if (sip_host(&host, &type, val->p, end) != end ||/if (/
 * prove: keep_param
 * bug: keep_param: ue/sip/via.c s/offsetof(struct sip_via, keep)/sizeof(struct sip_via)/
 * bug: keep_param: ue/sip/via.c s/pl->l >= 7 &&//
 * bug: keep_param: ue/sip/via.c s/&prm->val, 65535)/\&prm->val, 65536)/
 * bug: keep_param: ue/sip/via.c s/	if (i == sizeof(textv).*$/	if (0)/
 * prove: via_param
 * bug: via_param: ue/sip/via.c s/(!q || (q < end && .q == ':'))/(!q || *q == ':')/
 * bug: via_param: ue/sip/via.c s/q = p ? \(sip_ipv6.*\) : NULL/q = \1/
 * prove: transport
 * bug: transport: ue/sip/via.c s/i < sizeof(tokenv)/i <= sizeof(tokenv)/
 * prove: sent_protocol
 * bug: sent_protocol: ue/sip/via.c s/p = p ? \(sip_sep.*\) : NULL/p = \1/
 * prove: sent_by
 * bug: sent_by: ue/sip/via.c s/ || v > 65535//
 * bug: sent_by: ue/sip/via.c s/q = p ? \(sip_sep.*\) : NULL/q = \1/
 * prove: sip_via_scan
 * bug: sip_via_scan: ue/sip/via.c /via->params.p > p/,+1d
 * bug: sip_via_scan: ue/sip/via.c s/if (q == p)/if (0)/
 * prove: sip_via_list
 * bug: sip_via_list: ue/sip/via.c s/p = sip_via_scan(&via, p, end)/& + 1/
 * prove: sip_ctype_scan
 * bug: sip_ctype_scan: ue/sip/via.c /ct->params.p > p/,+1d
 * bug: sip_ctype_scan: ue/sip/via.c s/q = p ? sip_token(p, end) : NULL/q = sip_token(p, end)/
 * prove: sip_ctype_decode
 * bug: sip_ctype_decode: ue/sip/via.c s/if (!p || sip/if (sip/
 */
#define PROVED_VIA
#define SKIP_ANY
#include "test/proof/sip.h"

#define LOOP_keep_param_1 CHANGES(i) INVARIANT(i <= 6) \
	__CPROVER_decreases(6 - i)
#define LOOP_transport_1 CHANGES(i) INVARIANT(i >= 1 && i <= 5) \
	__CPROVER_decreases(5 - i)
#define LOOP_sip_via_scan_1 CHANGES(p, q) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_via_list_1 \
	CHANGES(p, n, via, once, __CPROVER_object_whole(first)) \
	INVARIANT((!p && !once) || FORWARD(p, end))
#define LOOP_sip_ctype_scan_1 CHANGES(p, q, prm) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/sip/via.c"


bool number_up_to_contract(uint32_t *v, const struct pl *val, uint32_t max)
{
	ASSERT(readable(val->p, val->l));
	*v = nondet_u32();

	return *v <= max && nondet_bool();
}


void prove_number_up_to(void)
{
	const char *end, *p = any_text(&end);
	const struct pl val = {p, (size_t)(end - p)};
	const uint32_t max = nondet_u32();
	uint32_t v;

	if (number_up_to(&v, &val, max))
		ASSERT(v <= max);
}


/** The address, or the one in the brackets */
bool received_contract(struct pl *val)
{
	const char *p = val->p;

	ASSERT(readable(p, val->l));
	if (nondet_bool())
		any_part(val, p, p + val->l);

	return nondet_bool();
}


void prove_received(void)
{
	const char *end, *p = any_text(&end);
	struct pl val = {p, (size_t)(end - p)};

	(void)received(&val);
	ASSERT(is_part(&val, p, end));
}


/** Writes what nobody reads before the Via is complete */
bool keep_param_contract(struct sip_via *via, const struct sip_param *prm)
{
	(void)via;
	ASSERT(prm->name.l && readable(prm->name.p, prm->name.l));
	ASSERT(!prm->val.p || readable(prm->val.p, prm->val.l));

	return nondet_bool();
}


void prove_keep_param(void)
{
	const char *end, *p = any_text(&end);
	struct sip_via via = nondet_via(), before = via;
	struct sip_param prm;

	any_part(&prm.name, p, end);
	ASSUME(prm.name.l);
	maybe_part(&prm.val, p, end);
	(void)keep_param(&via, &prm);
	/* what is read of the message by others is as it was */
	ASSERT(via.text.p == before.text.p && via.host.p == before.host.p &&
	       via.params.p == before.params.p && via.port == before.port &&
	       via.transp == before.transp);
}


const char *via_param_contract(struct sip_via *via, const char *p,
			       const char *end)
{
	(void)via;

	return maybe_behind(p, end);
}


void prove_via_param(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_via via;

	q = via_param(&via, p, end);
	ASSERT(!q || (is_place(q, p, end) && q != p));
}


uint8_t transport_contract(const struct pl *name)
{
	ASSERT(readable(name->p, name->l));

	return nondet_u8();
}


void prove_transport(void)
{
	const char *end, *p = any_text(&end);
	const struct pl name = {p, (size_t)(end - p)};

	ASSERT(transport(&name) <= SIP_TRANSP_SCTP);
}


const char *sent_protocol_contract(struct sip_via *via, const char *p,
				   const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q)
		any_part(&via->transp_name, p, q);

	return q;
}


void prove_sent_protocol(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_via via;

	q = sent_protocol(&via, p, end);
	ASSERT(!q || (is_place(q, p, end) && q != p &&
		      is_part(&via.transp_name, p, q)));
}


const char *sent_by_contract(struct sip_via *via, const char *p,
			     const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q)
		any_part(&via->host, p, q);

	return q;
}


void prove_sent_by(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_via via;

	q = sent_by(&via, p, end);
	ASSERT(!q || (is_place(q, p, end) && q != p &&
		      is_part(&via.host, p, end)));
}


void prove_sip_via_scan(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_via via;

	q = sip_via_scan(&via, p, end);
	ASSERT(!q || (is_place(q, p, end) && q != p));
	ASSERT(!q || via.text.p == p);
	ASSERT(!q || PLACE(via.params.p) <= PLACE(q));
}


void prove_sip_via_list(void)
{
	const char *end, *p = any_text(&end);
	struct sip_via first;

	(void)sip_via_list(&first, p, end);
}


const char *sip_ctype_scan_contract(struct sip_ctype *ct, const char *p,
				    const char *end)
{
	const char *q = maybe_behind(p, end);

	if (q) {
		any_part(&ct->type, p, q);
		any_part(&ct->subtype, p, q);
		any_part(&ct->params, p, q);
	}

	return q;
}


void prove_sip_ctype_scan(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_ctype ct;

	q = sip_ctype_scan(&ct, p, end);
	ASSERT(!q || (is_place(q, p, end) && q != p));
	ASSERT(!q || is_part(&ct.type, p, end));
	ASSERT(!q || PLACE(ct.params.p) <= PLACE(q));
}


/** What it says is what sip_ctype_scan() said, or nothing */
void prove_sip_ctype_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	struct sip_ctype ct;

	ASSERT(sip_ctype_decode(&ct, &none) == EBADMSG);
	(void)sip_ctype_decode(&ct, &val);
}
