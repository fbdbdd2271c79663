/*
 * Proof: comparison of URIs (ue/sip/uri_equal.c)
 *
 * Of two texts of any length and contents, each in memory of exactly that
 * size, no octet outside of them is read, and the loops end.  A URI has the
 * parts that sip_uri proves for its scheme.  Loops are proved by induction,
 * and the scanners that are called by their contracts in sip.h, so there is
 * no bound; no more than PARTS_MAX parameters or headers are looked for in the
 * other URI.  Not here: which URIs are equal, which unit tests are for.
 *
 * unwind: 10
 * prove: next_octet
 * bug: next_octet: ue/sip/uri_equal.c s/escaped = \*\*p == '%'/escaped = (*p)[1] == '%'/
 * prove: text_equal
 * bug: text_equal: ue/sip/uri_equal.c s/while (p < pe && q < qe)/while (p < pe)/
 * prove: part_equal
 * bug: part_equal: ue/sip/uri_equal.c s/!a->p == !b->p && (!a->p ||/(!a->p ||/
 * prove: host_equal
 * bug: host_equal: ue/sip/uri_equal.c s/a->host.l == b->host.l &&//
 * bug: host_equal: ue/sip/uri_equal.c s/y\[16\]/y[12]/
 * prove: match_param
 * bug: match_param: ue/sip/uri_equal.c s/if (!p.val.p == !prm->val.p &&/if (/
 * prove: counts_alone
 * bug: counts_alone: ue/sip/uri_equal.c s/i < sizeof(wordv).*;/i <= 5;/
 * prove: params_match
 * bug: params_match: ue/sip/uri_equal.c s/++n > PARTS_MAX/++n > 10 * PARTS_MAX/
 * bug: params_match: ue/sip/uri_equal.c s/!\(sip_param_next(&prm.*)\))/\1 != EBADMSG)/
 * prove: next_header
 * bug: next_header: ue/sip/uri_equal.c s/if (!.p || .p >= end)/if (!*p)/
 * bug: next_header: ue/sip/uri_equal.c s/\*p = q < end ? q + 1 : end/*p = q + 1/
 * prove: count_header
 * bug: count_header: ue/sip/uri_equal.c s/text_equal(&h, hdr/text_equal(\&h + 1, hdr/
 * prove: headers_match
 * bug: headers_match: ue/sip/uri_equal.c s/if (++n > PARTS_MAX/if (++n > 10 * PARTS_MAX/
 * prove: number_equal
 * bug: number_equal: ue/sip/uri_equal.c s/while (p < pe && memchr/while (memchr/
 * bug: number_equal: ue/sip/uri_equal.c s/if (p == pe || q == qe)/if (p == pe)/
 * prove: urn_equal
 * bug: urn_equal: ue/sip/uri_equal.c s/if (assigned_len(b) != len)/if (0)/
 * prove: sip_equal
 * bug: sip_equal: ue/sip/uri_equal.c s/part_equal(\(&a->user.*\)) &&/text_equal(\1, 0) \&\&/
 * prove: sip_uri_equal
 * bug: sip_uri_equal: ue/sip/uri_equal.c s/a->text.l == b->text.l &&//
 * bug: sip_uri_equal: ue/sip/uri_equal.c s/!b->text.p || a->scheme != b->scheme/!b->text.p/
 * bug: sip_uri_equal: ue/sip/uri_equal.c s/a->user.l == b->user.l &&//
 */
#include "test/proof/sip.h"

#define BOTH FORWARD(p, pe) && FORWARD(q, qe)
#define REST(rest, params) \
	((params)->p ? \
	 __CPROVER_same_object((rest).p, (params)->p) && \
	 (rest).l <= (params)->l && \
	 PLACE((rest).p) == PLACE((params)->p) + (params)->l - (rest).l : \
	 !(rest).p && !(rest).l)
#define LOOP_text_equal_1 CHANGES(p, q) INVARIANT(BOTH) \
	__CPROVER_decreases(PLACE(pe) - PLACE(p))
#define LOOP_match_param_1 CHANGES(rest, p, found) \
	INVARIANT(REST(rest, params) && found < SAME) \
	__CPROVER_decreases(rest.l)
#define LOOP_counts_alone_1 CHANGES(i) INVARIANT(i <= 5) \
	__CPROVER_decreases(5 - i)
#define LOOP_params_match_1 CHANGES(rest, prm, n, looked) \
	INVARIANT(REST(rest, a) && n <= PARTS_MAX && looked <= n) \
	__CPROVER_decreases(rest.l)
#define LOOP_count_header_1 CHANGES(p, h, n) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_headers_match_1 CHANGES(p, hdr, n, looked) \
	INVARIANT(FORWARD(p, end) && n <= PARTS_MAX && looked <= 2 * n) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_urn_equal_1 CHANGES(i, nid, esc) INVARIANT(i <= len) \
	__CPROVER_decreases(len - i)
#define LOOP_number_equal_1 CHANGES(p, q) INVARIANT(BOTH) \
	__CPROVER_decreases(PLACE(pe) - PLACE(p))
#define LOOP_number_equal_2 STEPS(p, pe)
#define LOOP_number_equal_3 STEPS(q, qe)

/** How often the other URI was gone through */
static unsigned looked;

#include "ue/sip/uri_equal.c"


/* ------------------------------------------------------------------ */
/* Contracts of others */


char *strchr(const char *str, int c)
{
	(void)c;

	return nondet_bool() ? (char *)str : NULL;
}


/** sip_uri proves it */
int sip_unescaped(const char **p, const char *end)
{
	const char *q = any_place(*p, end);

	ASSERT(*p < end);
	ASSUME(q > *p);
	*p = q;

	return nondet_int();
}


/** sip_host proves it */
void sip_ipv6_bytes(uint8_t addr[16], const struct pl *host)
{
	ASSERT(__CPROVER_w_ok(addr, 16));
	ASSERT(within(host->p, sip_end(host)));
}


/* ------------------------------------------------------------------ */

struct sip_uri nondet_uri(void);


/** A text that is there, and may all be read; said so that the solver need
 *  not add */
static bool is_text(const struct pl *pl)
{
	return pl->p && readable(pl->p, pl->l != 0) &&
		pl->l <= __CPROVER_OBJECT_SIZE(pl->p) - PLACE(pl->p);
}


static bool is_maybe_text(const struct pl *pl)
{
	return pl->p ? is_text(pl) : !pl->l;
}


/** A text of its own */
static struct pl any_pl(void)
{
	const char *end;
	struct pl pl;

	pl.p = any_text(&end);
	pl.l = (size_t)(end - pl.p);

	return pl;
}


static struct pl maybe_pl(void)
{
	static const struct pl none;

	return nondet_bool() ? any_pl() : none;
}


int next_octet_contract(const char **p, const char *end, bool nocase)
{
	(void)nocase;

	return sip_unescaped(p, end);
}


void prove_next_octet(void)
{
	const char *end, *p = any_text(&end), *q = p;

	ASSUME(p < end);
	(void)next_octet(&q, end, nondet_bool());
	ASSERT(is_place(q, p, end) && q > p);
}


bool text_equal_contract(const struct pl *a, const struct pl *b, bool nocase)
{
	(void)nocase;
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool();
}


void prove_text_equal(void)
{
	const struct pl a = any_pl(), b = any_pl();

	(void)text_equal(&a, &b, nondet_bool());
}


bool part_equal_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_maybe_text(a) && is_maybe_text(b));

	return nondet_bool();
}


void prove_part_equal(void)
{
	const struct pl a = maybe_pl(), b = maybe_pl();

	(void)part_equal(&a, &b);
}


bool host_equal_contract(const struct sip_uri *a, const struct sip_uri *b)
{
	ASSERT(is_text(&a->host) && is_text(&b->host));

	return nondet_bool();
}


void prove_host_equal(void)
{
	struct sip_uri a = nondet_uri(), b = nondet_uri();

	a.host = any_pl();
	b.host = any_pl();
	(void)host_equal(&a, &b);
}


enum match match_param_contract(const struct sip_param *prm,
				const struct pl *params)
{
	ASSERT(is_text(&prm->name) && is_maybe_text(&prm->val));
	ASSERT(is_maybe_text(params));
	++looked;

	return nondet_bool() ? ABSENT : nondet_bool() ? DIFFERENT : SAME;
}


void prove_match_param(void)
{
	const struct sip_param prm = {any_pl(), maybe_pl(), nondet_bool()};
	const struct pl params = maybe_pl();

	ASSERT(match_param(&prm, &params) <= SAME);
}


bool counts_alone_contract(const struct pl *name)
{
	ASSERT(is_text(name));

	return nondet_bool();
}


void prove_counts_alone(void)
{
	const struct pl name = any_pl();

	(void)counts_alone(&name);
}


bool params_match_contract(const struct pl *a, const struct pl *b, bool all)
{
	(void)all;
	ASSERT(is_maybe_text(a) && is_maybe_text(b));

	return nondet_bool();
}


void prove_params_match(void)
{
	const struct pl a = maybe_pl(), b = maybe_pl();

	looked = 0;
	(void)params_match(&a, &b, nondet_bool());
	ASSERT(looked <= PARTS_MAX + 1);
}


bool next_header_contract(struct pl *hdr, const char **p, const char *end)
{
	const char *q;

	if (!*p || *p >= end)
		return false;

	q = any_place(*p, end);
	ASSUME(q > *p);
	any_part(hdr, *p, q);
	*p = q;

	return true;
}


void prove_next_header(void)
{
	const struct pl headers = maybe_pl();
	const char *p = headers.p, *end = sip_end(&headers);
	struct pl hdr;

	if (!next_header(&hdr, &p, end))
		ASSERT(p == headers.p);
	else
		ASSERT(is_place(p, headers.p, end) && p > headers.p &&
		       is_part(&hdr, headers.p, p));
}


size_t count_header_contract(const struct pl *hdr, const struct pl *headers)
{
	ASSERT(is_text(hdr) && is_maybe_text(headers));
	++looked;

	return nondet_size();
}


void prove_count_header(void)
{
	const struct pl hdr = any_pl(), headers = maybe_pl();

	(void)count_header(&hdr, &headers);
}


bool headers_match_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_maybe_text(a) && is_maybe_text(b));

	return nondet_bool();
}


void prove_headers_match(void)
{
	const struct pl a = maybe_pl(), b = maybe_pl();

	looked = 0;
	(void)headers_match(&a, &b);
	ASSERT(looked <= 2 * PARTS_MAX);
}


bool number_equal_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool();
}


void prove_number_equal(void)
{
	const struct pl a = any_pl(), b = any_pl();

	(void)number_equal(&a, &b);
}


bool urn_equal_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool();
}


void prove_urn_equal(void)
{
	const struct pl a = any_pl(), b = any_pl();

	(void)urn_equal(&a, &b);
}


/** The parts that a URI of its scheme has; the others are of any value */
static struct sip_uri any_uri(void)
{
	struct sip_uri u = nondet_uri();

	u.text = maybe_pl();
	u.scheme_name = any_pl();
	if (u.scheme == SIP_SCHEME_SIP || u.scheme == SIP_SCHEME_SIPS) {
		u.user = maybe_pl();
		u.password = maybe_pl();
		u.host = any_pl();
		u.params = any_pl();
		u.headers = maybe_pl();
	}
	else {
		u.user = any_pl();
		if (u.scheme == SIP_SCHEME_TEL)
			u.params = any_pl();
	}

	return u;
}


static bool is_sip(const struct sip_uri *u)
{
	return u->scheme == SIP_SCHEME_SIP || u->scheme == SIP_SCHEME_SIPS;
}


bool sip_equal_contract(const struct sip_uri *a, const struct sip_uri *b)
{
	ASSERT(is_sip(a) && is_sip(b));

	return nondet_bool();
}


void prove_sip_equal(void)
{
	const struct sip_uri a = any_uri(), b = any_uri();

	ASSUME(is_sip(&a) && is_sip(&b));
	(void)sip_equal(&a, &b);
}


void prove_sip_uri_equal(void)
{
	const struct sip_uri a = any_uri(), b = any_uri();

	if (sip_uri_equal(&a, &b))
		ASSERT(a.text.p && b.text.p && a.scheme == b.scheme);
}
