/*
 * Proof: parameters of digest challenges (ue/sip/digest_params.c)
 *
 * On values of any length and contents, in memory of exactly that size, or
 * values that are not there: nothing is read outside of them, and each known
 * parameter is written to its own place in struct sip_digest, as
 * sip_gen_param() gives it, or nowhere.  A value that does not fit leaves the
 * struct as it was.  Loops are proved by induction, and the scanners that are
 * called by their contracts in sip.h, so there is no bound.  Not here: that
 * the second scan() reads what the first one has, it is the same text.
 *
 * prove: keep
 * bug: keep: ue/sip/digest_params.c s/offsetof(\(.*\), rspauth)/sizeof(\1)/
 * bug: keep: ue/sip/digest_params.c s/offsetof(.*, auts)/& - 8/
 * bug: keep: ue/sip/digest_params.c s/	if (dg)/	if (seen)/
 * prove: scan
 * bug: scan: ue/sip/digest_params.c s/if (!q || !prm.val.p/if (!prm.val.p/
 * bug: scan: ue/sip/digest_params.c s/if (!q || !prm.val.p/if (!q/
 * bug: scan: ue/sip/digest_params.c s/		if (!p)/		if (0)/
 * prove: params
 * bug: params: ue/sip/digest_params.c s/memset(dg, 0, sizeof(.dg)/& + 1/
 * bug: params: ue/sip/digest_params.c s/if (!scan(NULL/if (!scan(dg/
 * prove: sip_digest_decode
 * bug: sip_digest_decode: ue/sip/digest_params.c s/if (!q || q == end ||/if (!q ||/
 * bug: sip_digest_decode: ue/sip/digest_params.c s/if (!q || q == end ||/if (q == end ||/
 * prove: sip_authinfo_decode
 * bug: sip_authinfo_decode: ue/sip/digest_params.c s/return val->p ? \(.*\) : EBADMSG/return \1/
 */
#define SKIP_ANY
#include "test/proof/sip.h"

/** Where parameters are kept, and one of them before that */
static struct sip_digest kept;
static size_t some;
static struct pl old;

#define SOME ((const struct pl *)&kept + some)
#define IS(pl, as) ((pl)->p == (as)->p && (pl)->l == (as)->l)
#define LOOP_keep_1 CHANGES(i, *seen, kept) \
	INVARIANT(i <= 15 && (IS(SOME, &old) || \
			      (dg && IS(SOME, &prm->val)))) \
	__CPROVER_decreases(15 - i)
#define LOOP_scan_1 CHANGES(p, q, prm, seen) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/sip/digest_params.c"

struct sip_digest nondet_digest(void);


bool keep_contract(struct sip_digest *dg, uint32_t *seen,
		   const struct sip_param *prm)
{
	(void)dg;
	ASSERT(prm->name.p && readable(prm->name.p, prm->name.l));
	ASSERT(prm->val.p && readable(prm->val.p, prm->val.l));
	*seen = nondet_u32();

	return nondet_bool();
}


void prove_keep(void)
{
	const char *end, *p = any_text(&end);
	const bool first = nondet_bool();
	struct sip_param prm;
	uint32_t seen = nondet_u32();

	kept = nondet_digest();
	some = nondet_size();
	ASSUME(some < sizeof(kept) / sizeof(struct pl));
	old = *SOME;
	sip_set(&prm.name, p, end);
	sip_set(&prm.val, end, end);
	prm.val.l = nondet_size();
	(void)keep(first ? NULL : &kept, &seen, &prm);
	ASSERT(IS(SOME, &old) || (!first && IS(SOME, &prm.val)));
}


bool scan_contract(struct sip_digest *dg, const char *p, const char *end)
{
	ASSERT(within(p, end));
	if (dg)
		*dg = nondet_digest();

	return nondet_bool();
}


void prove_scan(void)
{
	const char *end, *p = any_text(&end);
	struct sip_digest dg;

	(void)scan(nondet_bool() ? NULL : &dg, p, end);
}


int params_contract(struct sip_digest *dg, const char *p, const char *end)
{
	ASSERT(p && within(p, end));
	*dg = nondet_digest();

	return nondet_bool() ? EBADMSG : 0;
}


void prove_params(void)
{
	const char *end, *p = any_text(&end);
	struct sip_digest *dg = any_octets(sizeof(*dg));
	const struct pl before = dg->realm;

	if (params(dg, p, end))
		ASSERT(dg->realm.p == before.p && dg->realm.l == before.l);
}


void prove_sip_digest_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	struct sip_digest dg;

	ASSERT(sip_digest_decode(&dg, &none) == EBADMSG);
	(void)sip_digest_decode(&dg, &val);
}


void prove_sip_authinfo_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	struct sip_digest dg;

	ASSERT(sip_authinfo_decode(&dg, &none) == EBADMSG);
	(void)sip_authinfo_decode(&dg, &val);
}
