/*
 * Proof: splitting and comparing of MSRP URIs and paths (msrp/uri.c)
 *
 * On texts of any length and contents, each in memory of exactly that size:
 * nothing outside of them is read, what a URI is split into lies in it, a path
 * is gone through to its end, and the groups of IPv6 addresses are written
 * only where there are eight of them.  Loops are proved by induction and calls
 * by contracts, so there is no bound.  Not here: whether hosts that are the
 * same are found to be the same, which unit tests are for.
 *
 * prove: msrp_skip
 * bug: msrp_skip: msrp/uri.c s/while (p < end && is_in/while (is_in/
 * bug: msrp_skip: msrp/uri.c s/i < sizeof(cclass) && (/(/
 * prove: run
 * bug: run: msrp/uri.c s/(size_t)(.p - pl->p)/(size_t)(end - pl->p) + 1/
 * prove: is
 * bug: is: msrp/uri.c s/if (.p == end || ..p != c)/if (**p != c)/
 * prove: scheme
 * bug: scheme: msrp/uri.c s/&u->userinfo, &q, end/\&u->userinfo, \&q, end + 1/
 * prove: host --conversion-check
 * bug: host: msrp/uri.c s/!.p || !v || v/!v || v/
 * bug: host: msrp/uri.c s/|| v > 0xffff//
 * prove: params
 * bug: params: msrp/uri.c s/u->params.l = (size_t)(.p -/u->params.l = (size_t)(end + 1 -/
 * bug: params: msrp/uri.c s/if (!run(&pl, p, end/if (!run(\&pl, p, end + 1/
 * prove: msrp_uri_decode
 * bug: msrp_uri_decode: msrp/uri.c s/u.session_id.l = 0/u.session_id.l = pl->l/
 * prove: host_char
 * bug: host_char: msrp/uri.c s/end - .p < 2/end - *p < 1/
 * bug: host_char: msrp/uri.c s/\*p += 2;/*p += 3;/
 * prove: ipv6
 * bug: ipv6: msrp/uri.c s/|| n == 8)/)/
 * bug: ipv6: msrp/uri.c s/while (p < end && hex/while (hex/
 * bug: ipv6: msrp/uri.c s/digits++ < 4/digits++ < 5/
 * bug: ipv6: msrp/uri.c s/ != ':' || p == end)/ != ':')/
 * bug: ipv6: msrp/uri.c s/i <= n - gap/i <= n + 1 - gap/
 * prove: host_equal
 * bug: host_equal: msrp/uri.c s/p < pe && q < qe/p < pe || q < qe/
 * prove: msrp_uri_equal
 * bug: msrp_uri_equal: msrp/uri.c s/host_equal(&a->host,/host_equal(\&a->host + 9,/
 * prove: msrp_uri_match
 * bug: msrp_uri_match: msrp/uri.c s/!msrp_uri_decode(&v, b)/b/
 * prove: msrp_path_next
 * bug: msrp_path_next: msrp/uri.c s/path->p += uri->l + (sp ? 1 : 0)/path->p += uri->l + 1/
 * bug: msrp_path_next: msrp/uri.c s/path->l -= uri->l + (sp ? 1 : 0)/path->l -= uri->l/
 * prove: msrp_path_valid
 * bug: msrp_path_valid: msrp/uri.c s/if (!rest.l || rest/if (rest/
 * prove: msrp_path_match
 * bug: msrp_path_match: msrp/uri.c s/if (!msrp_path_next(&v, &q) ||/if (/
 */
#include "test/proof/msrp.h"

#define LOOP_msrp_skip_1 STEPS(p, end)
#define LOOP_params_1 CHANGES(*p, pl) INVARIANT(FORWARD(*p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(*p))
#define LOOP_ipv6_1 \
	CHANGES(p, gap, n, *g) \
	INVARIANT(FORWARD(p, end) && 0 <= n && n <= 8 && \
		  -1 <= gap && gap <= n) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
/* each digit makes room for one more */
#define LOOP_ipv6_2 \
	CHANGES(p, v, digits) \
	INVARIANT(FORWARD(p, end) && 0 <= digits && digits <= 4 && \
		  PLACE(p) == PLACE(__CPROVER_loop_entry(p)) + digits && \
		  v >> 4 * digits == 0)
#define LOOP_ipv6_3 CHANGES(i, *g) INVARIANT(1 <= i && i <= n - gap + 1)
#define LOOP_host_equal_1 \
	CHANGES(p, q) INVARIANT(FORWARD(p, pe) && FORWARD(q, qe)) \
	__CPROVER_decreases(PLACE(pe) - PLACE(p))
#define REST(rest, path) \
	(__CPROVER_same_object((rest).p, (path)->p) && \
	 (rest).l <= (path)->l && \
	 PLACE((rest).p) == PLACE((path)->p) + (path)->l - (rest).l)
#define LOOP_msrp_path_valid_1 \
	CHANGES(rest, uri, u) INVARIANT(REST(rest, path)) \
	__CPROVER_decreases(rest.l)
#define LOOP_msrp_path_match_1 \
	CHANGES(p, q, u, v) INVARIANT(REST(p, a) && REST(q, b)) \
	__CPROVER_decreases(p.l)

#include "msrp/uri.c"


const char *msrp_skip_contract(const char *p, const char *end, unsigned mask)
{
	(void)mask;

	return any_place(p, end);
}


void prove_msrp_skip(void)
{
	const char *end, *p = any_text(&end);

	ASSERT(is_place(msrp_skip(p, end, nondet_u8()), p, end));
}


bool run_contract(struct pl *pl, const char **p, const char *end,
		  unsigned mask)
{
	const size_t n = nondet_size(), left = (size_t)(end - *p);

	(void)mask;
	ASSERT(readable(*p, left));
	ASSUME(n <= left);
	pl->p = *p;
	pl->l = n;
	*p += n;

	return n > 0;
}


void prove_run(void)
{
	const char *end, *p = any_text(&end), *q = p;
	struct pl pl;
	const bool any = run(&pl, &q, end, nondet_u8());

	ASSERT(is_place(q, p, end) && any == (q > p));
	ASSERT(pl.p == p && pl.l == (size_t)(q - p));
}


bool is_contract(const char **p, const char *end, char c)
{
	(void)c;
	ASSERT(*p == end || readable(*p, 1));
	if (*p == end || nondet_bool())
		return false;
	++*p;

	return true;
}


void prove_is(void)
{
	const char *end, *p = any_text(&end), *q = p;
	const bool one = is(&q, end, (char)nondet_u8());

	ASSERT(is_place(q, p, end) && q == p + one);
}


/** Something is read, of which this is a part */
static bool reads(struct pl *part, const char **p, const char *end)
{
	const size_t left = (size_t)(end - *p), n = nondet_size();
	const size_t i = nondet_size();

	ASSERT(readable(*p, left));
	if (nondet_bool())
		return false;
	part->l = nondet_size();
	ASSUME(n && n <= left && i <= n && part->l <= n - i);
	part->p = *p + i;
	*p += n;

	return true;
}


bool scheme_contract(struct msrp_uri *u, const char **p, const char *end)
{
	u->secure = nondet_bool();

	return reads(&u->userinfo, p, end);
}


void prove_scheme(void)
{
	const char *end, *p = any_text(&end), *q = p;
	struct msrp_uri u;

	if (!scheme(&u, &q, end))
		return;
	ASSERT(is_place(q, p, end) && q > p);
	ASSERT(is_part(&u.userinfo, p, q));
}


bool host_contract(struct msrp_uri *u, const char **p, const char *end)
{
	u->port = nondet_u16();

	return reads(&u->host, p, end);
}


void prove_host(void)
{
	const char *end, *p = any_text(&end), *q = p;
	struct msrp_uri u;

	if (!host(&u, &q, end))
		return;
	ASSERT(is_place(q, p, end) && q > p);
	ASSERT(is_part(&u.host, p, q) && u.host.l > 0);
}


bool params_contract(struct msrp_uri *u, const char **p, const char *end)
{
	return reads(&u->transport, p, end);
}


void prove_params(void)
{
	const char *end, *p = any_text(&end), *q = p;
	struct msrp_uri u;

	if (!params(&u, &q, end))
		return;
	ASSERT(is_place(q, p, end) && q > p);
	ASSERT(u.transport.p == p + 1);
	ASSERT(u.params.p == u.transport.p + u.transport.l);
	ASSERT(q == u.params.p + u.params.l);
}


/* ------------------------------------------------------------------ */

/** Those that are compared */
static void any_parts(struct msrp_uri *u, const char *p, const char *end)
{
	u->secure = nondet_bool();
	u->port = nondet_u16();
	any_part(&u->host, p, end);
	any_part(&u->session_id, p, end);
	any_part(&u->transport, p, end);
}


int msrp_uri_decode_contract(struct msrp_uri *uri, const struct pl *pl)
{
	if (!pl->p || nondet_bool())
		return EBADMSG;
	ASSERT(is_text(pl));
	any_parts(uri, pl->p, pl->p + pl->l);

	return 0;
}


static bool lies_in(const struct pl *part, const struct pl *pl)
{
	return __CPROVER_same_object(part->p, pl->p) &&
		PLACE(part->p) <= pl->l &&
		part->l <= pl->l - PLACE(part->p);
}


/** The parameters are left to the run of params */
void prove_msrp_uri_decode(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	struct msrp_uri u;

	if (msrp_uri_decode(&u, &pl))
		return;
	ASSERT(lies_in(&u.userinfo, &pl) && lies_in(&u.host, &pl));
	ASSERT(lies_in(&u.session_id, &pl) && lies_in(&u.transport, &pl));
}


/* ------------------------------------------------------------------ */

/** There is one */
char host_char_contract(const char **p, const char *end)
{
	const char *q = maybe_behind(*p, end);

	ASSERT(*p < end);
	ASSUME(q);
	*p = q;

	return (char)nondet_u8();
}


void prove_host_char(void)
{
	const char *end, *p = any_text(&end), *q = p;

	ASSUME(p < end);
	(void)host_char(&q, end);
	ASSERT(is_place(q, p, end) && (q == p + 1 || q == p + 3));
}


bool ipv6_contract(struct groups *g, const struct pl *pl)
{
	(void)g;
	ASSERT(is_text(pl));

	return nondet_bool();
}


void prove_ipv6(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	struct groups g;

	(void)ipv6(&g, &pl);
}


bool host_equal_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool();
}


void prove_host_equal(void)
{
	const char *end;
	const struct pl a = any_pl(&end), b = any_pl(&end);

	(void)host_equal(&a, &b);
}


bool msrp_uri_equal_contract(const struct msrp_uri *a,
			     const struct msrp_uri *b)
{
	ASSERT(is_text(&a->host) && is_text(&b->host));
	ASSERT(is_text(&a->session_id) && is_text(&b->session_id));
	ASSERT(is_text(&a->transport) && is_text(&b->transport));

	return nondet_bool();
}


void prove_msrp_uri_equal(void)
{
	const char *end, *p = any_text(&end);
	struct msrp_uri a, b;

	any_parts(&a, p, end);
	p = any_text(&end);
	any_parts(&b, p, end);
	(void)msrp_uri_equal(&a, &b);
}


bool msrp_uri_match_contract(const struct pl *a, const struct pl *b)
{
	ASSERT(is_text(a) && is_text(b));

	return nondet_bool();
}


void prove_msrp_uri_match(void)
{
	const char *end;
	const struct pl a = any_pl(&end), b = any_pl(&end);

	(void)msrp_uri_match(&a, &b);
}


/* ------------------------------------------------------------------ */

bool msrp_path_next_contract(struct pl *uri, struct pl *path)
{
	const size_t n = nondet_size();

	ASSERT(is_text(path));
	if (!path->l)
		return false;
	ASSUME(n && n <= path->l);
	uri->p = path->p;
	uri->l = nondet_size();
	ASSUME(uri->l <= n);
	path->p += n;
	path->l -= n;

	return true;
}


void prove_msrp_path_next(void)
{
	const char *end;
	const struct pl pl = any_pl(&end);
	struct pl path = pl, uri;

	if (!msrp_path_next(&uri, &path)) {
		ASSERT(!pl.l);
		return;
	}
	ASSERT(is_place(path.p, pl.p, end) && path.p > pl.p);
	ASSERT(path.p + path.l == end);
	ASSERT(uri.p == pl.p && uri.l <= (size_t)(path.p - pl.p));
}


void prove_msrp_path_valid(void)
{
	const char *end;
	const struct pl path = any_pl(&end);

	(void)msrp_path_valid(&path);
}


void prove_msrp_path_match(void)
{
	const char *end;
	const struct pl a = any_pl(&end), b = any_pl(&end);

	(void)msrp_path_match(&a, &b);
}
