/*
 * Proof: splitting of URIs (ue/sip/uri.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, what it says is a place in the text or
 * NULL, and user, password, parameters and headers lie in it.  Loops are
 * proved by induction, and the scanners that are called by their contracts in
 * sip.h, so there is no bound.  Not here: uri_params(), which takes CBMC
 * minutes, and the decoding of escapes.
 *
 * prove: scheme
 * bug: scheme: ue/sip/uri.c s/while (p < end && (sip_is_alpha/while ((sip_is_alpha/
 * prove: password
 * bug: password: ue/sip/uri.c s/for (; p < q; ++p) {/for (; p <= q; ++p) {/
 * prove: userinfo
 * bug: userinfo: ue/sip/uri.c s/|| q == end)/)/
 * bug: userinfo: ue/sip/uri.c s/if (!r || r == end)/if (!r)/
 * prove: uri_headers
 * bug: uri_headers: ue/sip/uri.c s/|| q == end || .q != '='/|| *q != '='/
 * prove: sip_part
 * bug: sip_part: ue/sip/uri.c s/if (p && p < end && .p == '?')/if (p \&\& *p == '?')/
 * prove: tel_part
 * bug: tel_part: ue/sip/uri.c s/global = p < end && /global = /
 * prove: other_part
 * bug: other_part: ue/sip/uri.c s/sip_set(&uri->user, p, q);/sip_set(\&uri->user, p, q + 1);/
 * prove: sip_uri_scan
 * bug: sip_uri_scan: ue/sip/uri.c s/if (q < end && .q == '?')/if (*q == '?')/
 */
#define PROVED_URI
#include "test/proof/sip.h"

#define LOOP_scheme_1 STEPS(p, end)
#define LOOP_password_1 STEPS(p, q)
#define LOOP_uri_headers_1 CHANGES(p, q, once) \
	INVARIANT(FORWARD(p, end) && \
		  (once ? PLACE(p) < PLACE(end) : \
		   PLACE(p) > PLACE(__CPROVER_loop_entry(p))))
#define LOOP_tel_part_1 CHANGES(p, digit) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_uri_scan_1 STEPS(q, end)

#include "ue/sip/uri.c"


/** A URI of which nothing is there yet */
static const struct sip_uri none;


#define MAYBE(q) ASSERT(!(q) || is_place(q, p, end))


const char *scheme_contract(struct sip_uri *uri, const char *p,
			    const char *end)
{
	uri->scheme = nondet_u8();

	return maybe_behind(p, end);
}


void prove_scheme(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = scheme(&u, p, end);
	MAYBE(q);
	ASSERT(q != p && is_maybe_part(&u.scheme_name, p, end));
}


const char *password_contract(const char *p, const char *end)
{
	return maybe_place(p, end);
}


void prove_password(void)
{
	const char *end, *p = any_text(&end), *q = password(p, end);

	MAYBE(q);
}


const char *userinfo_contract(struct sip_uri *uri, const char *p,
			      const char *end)
{
	(void)uri;

	return any_place(p, end);
}


void prove_userinfo(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = userinfo(&u, p, end);
	ASSERT(is_place(q, p, end));
	ASSERT(is_maybe_part(&u.user, p, end) &&
	       is_maybe_part(&u.password, p, end));
}


const char *uri_params_contract(struct sip_uri *uri, const char *p,
				const char *end)
{
	(void)uri;

	return maybe_place(p, end);
}


/** p is at the question mark */
const char *uri_headers_contract(struct sip_uri *uri, const char *p,
				 const char *end)
{
	(void)uri;
	ASSERT(p < end);

	return maybe_place(p, end);
}


void prove_uri_headers(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	ASSUME(p < end);
	q = uri_headers(&u, p, end);
	MAYBE(q);
	ASSERT(is_maybe_part(&u.headers, p, end));
}


const char *sip_part_contract(struct sip_uri *uri, const char *p,
			      const char *end)
{
	(void)uri;

	return maybe_place(p, end);
}


void prove_sip_part(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = sip_part(&u, p, end);
	MAYBE(q);
	ASSERT(is_maybe_part(&u.host, p, end));
}


const char *tel_part_contract(struct sip_uri *uri, const char *p,
			      const char *end)
{
	return sip_part_contract(uri, p, end);
}


void prove_tel_part(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = tel_part(&u, p, end);
	MAYBE(q);
	ASSERT(is_maybe_part(&u.user, p, end));
}


const char *other_part_contract(struct sip_uri *uri, const char *p,
				const char *end)
{
	return sip_part_contract(uri, p, end);
}


void prove_other_part(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = other_part(&u, p, end);
	MAYBE(q);
	ASSERT(is_maybe_part(&u.user, p, end));
}


void prove_sip_uri_scan(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u;

	q = sip_uri_scan(&u, p, end, nondet_bool());
	MAYBE(q);
	ASSERT(!q || (q > p && u.text.p == p && is_part(&u.text, p, q)));
}
