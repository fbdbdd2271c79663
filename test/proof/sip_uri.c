/*
 * Proof: splitting of URIs (ue/sip/uri.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * scanner reads at or behind its end, what it says is a place in the text or
 * NULL, and user, password, parameters and headers lie in it.  Loops are
 * proved by induction, and the scanners that are called by their contracts in
 * sip.h, so there is no bound.  Escapes of any text are decoded within the
 * buffer.
 *
 * source: ue/ue_hex.c
 * prove: scheme
 * bug: scheme: ue/sip/uri.c s/while (p < end && (sip_is_alpha/while ((sip_is_alpha/
 * prove: password
 * bug: password: ue/sip/uri.c s/for (; p < q; ++p) {/for (; p <= q; ++p) {/
 * prove: userinfo
 * bug: userinfo: ue/sip/uri.c s/|| q == end)/)/
 * bug: userinfo: ue/sip/uri.c s/if (!r || r == end)/if (!r)/
 * prove: uri_params
 * bug: uri_params: ue/sip/uri.c s/q = p < end && .p == '"'/q = *p == '"'/
 * bug: uri_params: ue/sip/uri.c s/if (p == end || .p != '=')/if (*p != '=')/
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
 * prove: sip_uri_decode
 * bug: sip_uri_decode: ue/sip/uri.c s/if (!text->p || sip_uri/if (sip_uri/
 * prove: sip_uri_param
 * bug: sip_uri_param: ue/sip/uri.c s/name) ? ENOENT : 0/name) ? 0 : 0/
 * prove: sip_unescaped
 * bug: sip_unescaped: ue/sip/uri.c s/end - q < 3/end - q < 2/
 * bug: sip_unescaped: ue/sip/uri.c s/end - q < 3 ? -1 : //
 * prove: sip_unescape
 * bug: sip_unescape: ue/sip/uri.c s/n >= size/n > size/
 * bug: sip_unescape: ue/sip/uri.c s/sip_unescaped(&p, end) < 0/sip_unescaped(\&p, end + 1) < 0/
 */
#define PROVED_URI
#include "test/proof/sip.h"

#define LOOP_scheme_1 STEPS(p, end)
#define LOOP_password_1 STEPS(p, q)
#define LOOP_uri_params_1 CHANGES(p, q) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_uri_headers_1 CHANGES(p, q, once) \
	INVARIANT(FORWARD(p, end) && \
		  (once ? PLACE(p) < PLACE(end) : \
		   PLACE(p) > PLACE(__CPROVER_loop_entry(p))))
#define LOOP_tel_part_1 CHANGES(p, digit) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_uri_scan_1 STEPS(q, end)

/*
 * Both loops of sip_unescape() go the same way: sip_unescaped() goes from each
 * place of the text to the one that the text says.  So how many octets come
 * from a place on, up to the end, is a function of the text.
 */
static size_t *left;
#define LEFT(p) left[PLACE(p)]
#define COUNTS(p, n) (FORWARD(p, end) && n <= PLACE(p) - PLACE(str->p) && \
		      n + LEFT(p) == LEFT(str->p))
#define LOOP_sip_unescape_1 CHANGES(p, n) INVARIANT(COUNTS(p, n)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_sip_unescape_2 CHANGES(p, n, __CPROVER_object_whole(buf)) \
	INVARIANT(COUNTS(p, n)) __CPROVER_decreases(PLACE(end) - PLACE(p))

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


void prove_uri_params(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_uri u = none;

	q = uri_params(&u, p, end);
	MAYBE(q);
	ASSERT(q ? is_part(&u.params, p, q) : !u.params.p);
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


/** What it says is what sip_uri_scan() said, or nothing */
void prove_sip_uri_decode(void)
{
	const char *end, *p = any_text(&end);
	struct pl text = {p, (size_t)(end - p)};
	struct sip_uri u = none;

	if (nondet_bool())
		text = none.text;
	if (!sip_uri_decode(&u, &text))
		ASSERT(text.p && u.text.p == p);
	else
		ASSERT(!u.text.p);
}


void prove_sip_uri_param(void)
{
	const char *end, *p = any_text(&end);
	struct sip_uri u = none;
	struct pl val;
	int err;

	maybe_part(&u.params, p, end);
	err = sip_uri_param(&val, &u, "name");
	ASSERT(err ? err == ENOENT : is_maybe_part(&val, p, end));
}


/** There is one */
int sip_unescaped_contract(const char **p, const char *end)
{
	const char *q = any_place(*p, end);
	const int c = nondet_int();

	ASSERT(*p < end);
	ASSUME(q > *p && c >= -1 && c <= 255);
	ASSUME(LEFT(q) <= PLACE(end) - PLACE(q) && LEFT(*p) == LEFT(q) + 1);
	*p = q;

	return c;
}


void prove_sip_unescaped(void)
{
	const char *end, *p = any_text(&end), *q = p;
	int c;

	ASSUME(p < end);
	c = sip_unescaped(&q, end);
	ASSERT(is_place(q, p, end) && (q == p + 1 || q == p + 3));
	ASSERT(c >= -1 && c <= 255);
}


void prove_sip_unescape(void)
{
	const char *end, *p = any_text(&end);
	const struct pl str = {p, (size_t)(end - p)};
	const size_t size = nondet_size();
	size_t n;
	char *buf;

	ASSUME(size <= TEXT_MAX);
	buf = any_octets(size);
	left = any_octets((str.l + 1) * sizeof(*left));
	ASSUME(left[str.l] == 0);
	if (!sip_unescape(buf, size, &n, &str))
		ASSERT(n < size);
}
