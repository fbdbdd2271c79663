/*
 * Proof: parameters and lists of header fields (ue/sip/params.c)
 *
 * On a text of any length and contents, in memory of exactly that size: no
 * octet outside of it is read, and what is said lies in it.  A parameter or a
 * value that was taken is gone behind, so that who goes through a list ends.
 * A word that is unquoted fits the buffer.  Loops are proved by induction and
 * calls by contracts, so there is no bound.  Not here: unquoting in place,
 * which unit tests are for.
 *
 * prove: sip_same
 * bug: sip_same: ue/sip/params.c s/i < len; i++/i <= len; i++/
 * prove: sip_is_word
 * bug: sip_is_word: ue/sip/params.c s/pl->p && pl->l ==/pl->l ==/
 * bug: sip_is_word: ue/sip/params.c s/pl->l == strlen(str) && //
 * prove: sip_gen_value
 * bug: sip_gen_value: ue/sip/params.c s/if (p == end)/if (p > end)/
 * bug: sip_gen_value: ue/sip/params.c s/p + 1, q - 1/p + 1, q + 1/
 * prove: sip_gen_param
 * bug: sip_gen_param: ue/sip/params.c s/prm->val.l  = 0/prm->val.l = 1/
 * bug: sip_gen_param: ue/sip/params.c s/sip_set(&prm->name, p, q)/sip_set(\&prm->name, p, q + 1)/
 * prove: sip_gen_params
 * bug: sip_gen_params: ue/sip/params.c s/if (start > p)/if (0)/
 * bug: sip_gen_params: ue/sip/params.c s/if (!p)/if (0)/
 * prove: sip_list_more
 * bug: sip_list_more: ue/sip/params.c s/if (q == end)/if (0)/
 * bug: sip_list_more: ue/sip/params.c s/if (!.p)/if (0)/
 * prove: sip_param_next
 * bug: sip_param_next: ue/sip/params.c s/if (p < end && .p == '"') {/if (*p == '"') {/
 * bug: sip_param_next: ue/sip/params.c s/&out.val, p + 1, q - 1/\&out.val, p + 1, q + 1/
 * bug: sip_param_next: ue/sip/params.c s/sip_set(rest, q, end)/sip_set(rest, p, end)/
 * prove: sip_param_get
 * bug: sip_param_get: ue/sip/params.c s/	if (val)/	if (1)/
 * prove: sip_param_uint
 * bug: sip_param_uint: ue/sip/params.c s/	if (err)/	if (0)/
 * prove: find_outside
 * bug: find_outside: ue/sip/params.c s/if (.p == '\\\\' && p + 1 < end)/if (*p == '\\\\')/
 * prove: sip_value_split
 * bug: sip_value_split: ue/sip/params.c s/while (q > p && sip/while (sip/
 * prove: sip_list_value
 * bug: sip_list_value: ue/sip/params.c s/while (q > p && sip/while (sip/
 * prove: sip_unquote
 * bug: sip_unquote: ue/sip/params.c s/ && ++q == end/ \&\& ++q > end/
 * bug: sip_unquote: ue/sip/params.c s/n >= size/n > size/
 */
#define PROVED_PARAMS
#define SKIP_ANY
#include "test/proof/sip.h"

#define LOOP_sip_same_1 CHANGES(i) INVARIANT(i <= len) \
	__CPROVER_decreases(len - i)
#define LOOP_sip_gen_params_1 CHANGES(p, q, prm) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define REST(rest, params) \
	((params)->p ? \
	 __CPROVER_same_object((rest).p, (params)->p) && \
	 (rest).l <= (params)->l && \
	 PLACE((rest).p) == PLACE((params)->p) + (params)->l - (rest).l : \
	 !(rest).p && !(rest).l)
#define LOOP_sip_param_get_1 CHANGES(rest, prm, err) \
	INVARIANT(REST(rest, params)) \
	__CPROVER_decreases(rest.l)
#define LOOP_find_outside_1 CHANGES(p, quoted, angle) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
/* back from where q was, to p */
#define BACK(q, p) CHANGES(q) \
	INVARIANT(__CPROVER_same_object(q, p) && PLACE(p) <= PLACE(q) && \
		  PLACE(q) <= PLACE(__CPROVER_loop_entry(q))) \
	__CPROVER_decreases(PLACE(q) - PLACE(p))
#define LOOP_sip_value_split_1 BACK(q, p)
#define LOOP_sip_list_value_1 BACK(q, p)

/*
 * The loops of sip_unquote() go the same way: from each place to the next one
 * as the octet there says.  copied() is how many octets come from a place on
 * up to the end, BAD: the last octet is a lone backslash.  This is a function
 * of the text, whose definition for a place is what GHOST says of it.
 */
#define BAD SIZE_MAX
static size_t *copied;
#define COPIED(p) copied[PLACE(p)]
#define GHOST(p, end) if (defined_at(p, end))
#define LOOP_sip_unquote_1 CHANGES(q, n) \
	INVARIANT(FORWARD(q, end) && n <= PLACE(q) - PLACE(p) && \
		  COPIED(p) == (COPIED(q) == BAD ? BAD : n + COPIED(q))) \
	__CPROVER_decreases(PLACE(end) - PLACE(q)) GHOST(q, end)
#define LOOP_sip_unquote_2 CHANGES(p, n, __CPROVER_object_whole(buf)) \
	INVARIANT(FORWARD(p, end) && n <= PLACE(p) - PLACE(str->p) && \
		  COPIED(p) != BAD && n + COPIED(p) == COPIED(str->p)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p)) GHOST(p, end)

static bool defined_at(const char *p, const char *end)
{
	const size_t left = PLACE(end) - PLACE(p), n = *p == '\\' ? 2 : 1;

	if (n > left)
		ASSUME(COPIED(p) == BAD);
	else if (COPIED(p + n) == BAD)
		ASSUME(COPIED(p) == BAD);
	else
		ASSUME(COPIED(p + n) <= left &&
		       COPIED(p) == COPIED(p + n) + 1);

	return true;
}


/** A string's end; the string may all be read */
size_t strlen(const char *str)
{
	const size_t n = nondet_size();

	ASSUME(n <= TEXT_MAX && n < __CPROVER_OBJECT_SIZE(str));
	ASSUME(str[n] == '\0');

	return n;
}

#include "ue/sip/params.c"

#define MAYBE(q) ASSERT(!(q) || is_place(q, p, end))
#define BEHIND(q) ASSERT(!(q) || (is_place(q, p, end) && (q) != p))

/** A parameter of which nothing is there yet */
static const struct sip_param none;


struct sip_param nondet_param(void);


/** Any text, or none */
static struct pl any_pl(const char **end)
{
	struct pl pl;

	pl.p = any_text(end);
	pl.l = (size_t)(*end - pl.p);
	if (nondet_bool())
		return pl;

	*end = NULL;

	return none.name;
}


void prove_sip_same(void)
{
	const char *end, *p = any_text(&end), *q = any_octets((size_t)(end - p));

	(void)sip_same(p, q, (size_t)(end - p));
}


void prove_sip_is_word(void)
{
	const char *end, *str = any_text(&end);
	const struct pl pl = any_pl(&end);

	ASSERT(!sip_is_word(&pl, str) || pl.p);
}


void prove_sip_gen_value(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_param prm = none;

	q = sip_gen_value(&prm, p, end);
	BEHIND(q);
	ASSERT(q ? is_part(&prm.val, p, q) : !prm.val.p && !prm.val.l);
}


void prove_sip_gen_param(void)
{
	const char *end, *p = any_text(&end), *q;
	struct sip_param prm = nondet_param(), before;

	prm.name.p = NULL;
	before = prm;
	q = sip_gen_param(&prm, p, end);
	BEHIND(q);
	if (q || prm.name.p)
		ASSERT(prm.name.p == p && is_param(&prm, p, q ? q : end));
	else
		ASSERT(prm.name.l == before.name.l &&
		       prm.val.p == before.val.p &&
		       prm.val.l == before.val.l &&
		       prm.quoted == before.quoted);
}


void prove_sip_gen_params(void)
{
	const char *end, *p = any_text(&end), *q;
	struct pl params;

	q = sip_gen_params(&params, p, end);
	MAYBE(q);
	ASSERT(!q || is_part(&params, p, q));
}


void prove_sip_list_more(void)
{
	const char *end, *p = any_text(&end), *q = nondet_bool() ? p : NULL;
	const bool there = q, more = sip_list_more(&q, end);

	ASSERT(there || !q);
	ASSERT(more ? q > p && is_place(q, p, end) : !q || q == p);
}


void prove_sip_param_next(void)
{
	const char *end;
	const struct pl text = any_pl(&end);
	struct pl rest = text;
	struct sip_param prm;
	const int err = sip_param_next(&prm, &rest);

	if (err) {
		ASSERT(err == ENOENT || err == EBADMSG);
		ASSERT(rest.p == text.p && rest.l == text.l);
		return;
	}
	ASSERT(is_place(rest.p, text.p, end) && rest.p > text.p);
	ASSERT(rest.p + rest.l == end);
	ASSERT(is_param(&prm, text.p, rest.p));
}


void prove_sip_param_get(void)
{
	const char *end;
	const struct pl params = any_pl(&end);
	struct pl val;
	const bool asked = nondet_bool();
	const int err = sip_param_get(asked ? &val : NULL, &params, "name");

	ASSERT(!err || err == ENOENT || err == EBADMSG);
	ASSERT(err || !asked || is_maybe_part(&val, params.p, end));
}


void prove_sip_param_uint(void)
{
	const char *end;
	const struct pl params = any_pl(&end);
	uint32_t v = 7;
	const int err = sip_param_uint(&v, &params, "name");

	ASSERT(!err || err == ENOENT || err == EBADMSG);
	ASSERT(!err || v == 7);
}


const char *find_outside_contract(const char *p, const char *end, char c)
{
	(void)c;

	return any_place(p, end);
}


void prove_find_outside(void)
{
	const char *end, *p = any_text(&end);
	const char *q = find_outside(p, end, (char)nondet_u8());

	ASSERT(is_place(q, p, end));
}


void prove_sip_value_split(void)
{
	const char *end, *p = any_text(&end);
	const struct pl field = {p, (size_t)(end - p)};
	struct pl val, params;

	sip_value_split(&val, &params, &field);
	ASSERT(is_part(&params, p, end) && params.p + params.l == end);
	ASSERT(is_part(&val, p, params.p));
}


void prove_sip_list_value(void)
{
	const char *end, *p = any_text(&end), *q;
	struct pl val;

	q = sip_list_value(&val, p, end);
	ASSERT(is_place(q, p, end) && is_part(&val, p, q));
}


void prove_sip_unquote(void)
{
	const char *end, *p = any_text(&end);
	const struct pl str = {p, (size_t)(end - p)};
	const size_t size = nondet_size();
	char *buf;

	ASSUME(size <= TEXT_MAX);
	buf = any_octets(size);
	copied = any_octets((str.l + 1) * sizeof(*copied));
	ASSUME(copied[str.l] == 0);
	(void)sip_unquote(buf, size, &str);
}
