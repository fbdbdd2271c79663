/*
 * Proof: bodies with several parts (ue/sip/multipart.c)
 *
 * On a body of any length and contents in memory of exactly that size, with a
 * boundary of any length: nothing outside of them is read, what comes before a
 * delimiter and what is left behind it lie in the body, and so do the header
 * fields and the body of each part.  Loops are proved by induction and calls by
 * contracts, so there is no bound.  Not here: the search for a part by its
 * type, which goes on until sip_part_next() says no.
 *
 * prove: delimiter
 * bug: delimiter: ue/sip/multipart.c s/boundary->l + 2 ||/boundary->l ||/
 * bug: delimiter: ue/sip/multipart.c s/while (q < end && (.q/while ((*q/
 * bug: delimiter: ue/sip/multipart.c s/if (end - q < 2 ||/if (end - q < 1 ||/
 * prove: until_delimiter
 * bug: until_delimiter: ue/sip/multipart.c s/if (before->l >= 2)//
 * bug: until_delimiter: ue/sip/multipart.c s/rest->p = p + n;/rest->p = p + n + 1;/
 * bug: until_delimiter: ue/sip/multipart.c s/(size_t)(end - p));/(size_t)(end - p) + 1);/
 * prove: trim
 * bug: trim: ue/sip/multipart.c s/while (pl->l && (pl->p.0/while ((pl->p[0/
 * bug: trim: ue/sip/multipart.c s/while (pl->l && (pl->p.pl/while ((pl->p[pl/
 * prove: field
 * bug: field: ue/sip/multipart.c s/val->l >= 2 && //
 * bug: field: ue/sip/multipart.c s/val->p.val->l - 1/val->p[val->l/
 * prove: field_end
 * bug: field_end: ue/sip/multipart.c s/while (nl && end - nl > 1 && /while (nl \&\& /
 * bug: field_end: ue/sip/multipart.c s/if (!nl || nl == p || /if (!nl || /
 * prove: part_decode
 * bug: part_decode: ue/sip/multipart.c s/p < end ? field_end(p, end) : NULL/field_end(p, end + 1)/
 * bug: part_decode: ue/sip/multipart.c s/(size_t)(end - part->body.p)/(size_t)(end - p)/
 * prove: sip_part_next
 * bug: sip_part_next: ue/sip/multipart.c s/	if (err)$/	if (0)/
 * prove: sip_part_iter_init
 * bug: sip_part_iter_init: ue/sip/multipart.c s/it->boundary.l = 0;/it->boundary.l = 1;/
 * assumed: single takes the whole body, whose place sip_message proves
 */
#include "test/proof/pl.h"
#include "ue/sip/multipart.h"

/** In this lies what is found */
static const char *text;
static size_t text_len;

#define IN_TEXT(pl) (__CPROVER_same_object((pl)->p, text) && \
		     PLACE((pl)->p) <= text_len && \
		     (pl)->l <= text_len - PLACE((pl)->p))
#define PART(pl) ((pl)->p == NULL ? (pl)->l == 0 : IN_TEXT(pl))

#define LOOP_delimiter_1 STEPS(q, end)
#define LOOP_until_delimiter_1 \
	CHANGES(p, *last, *before, *rest) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_trim_1 CHANGES(*pl) INVARIANT(IN_TEXT(pl)) \
	__CPROVER_decreases(pl->l)
#define LOOP_trim_2 CHANGES(pl->l) \
	INVARIANT(pl->l <= __CPROVER_loop_entry(pl->l)) \
	__CPROVER_decreases(pl->l)
#define LOOP_field_end_1 \
	CHANGES(nl, __CPROVER_object_whole(nl)) \
	INVARIANT(!nl || (__CPROVER_same_object(nl, end) && \
			  PLACE(nl) > PLACE(p) && PLACE(nl) < PLACE(end))) \
	__CPROVER_decreases(nl ? PLACE(end) - PLACE(nl) : 0)
#define LOOP_part_decode_1 \
	CHANGES(p) INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))

#include "ue/sip/multipart.c"

struct sip_part nondet_part(void);
struct sip_part_iter nondet_iter(void);


/* ------------------------------------------------------------------ */
/* Contracts of others */

int sip_ctype_decode(struct sip_ctype *ct, const struct pl *val)
{
	(void)ct;
	ASSERT(is_text(val));

	return nondet_bool() ? EBADMSG : 0;
}


bool sip_ctype_is(const struct sip_ctype *ct, const char *type,
		  const char *subtype)
{
	(void)ct;
	(void)type;
	(void)subtype;

	return nondet_bool();
}


int sip_msg_hdr(struct pl *val, const struct sip_msg *m, enum sip_hdr_id id)
{
	(void)val;
	(void)m;
	(void)id;

	return nondet_bool() ? ENOENT : 0;
}


/* ------------------------------------------------------------------ */

size_t delimiter_contract(const char *p, const char *end,
			  const struct pl *boundary, bool *last)
{
	const size_t n = nondet_size();

	ASSERT(within(p, end) && is_text(boundary));
	if (nondet_bool())
		return 0;
	*last = nondet_bool();
	ASSUME(n >= 2 && n <= (size_t)(end - p));

	return n;
}


void prove_delimiter(void)
{
	const char *end, *p = any_text(&end), *e;
	const struct pl boundary = any_pl(&e);
	bool last = false;
	const size_t n = delimiter(p, end, &boundary, &last);

	ASSERT(n == 0 || (n >= boundary.l + 2 && n <= (size_t)(end - p)));
}


int until_delimiter_contract(struct pl *before, struct pl *rest,
			     const struct pl *boundary, bool *last)
{
	const size_t n = nondet_size();

	ASSERT(is_text(rest) && is_text(boundary));
	if (nondet_bool())
		return EBADMSG;
	ASSUME(n <= rest->l);
	before->p = rest->p;
	before->l = nondet_size();
	ASSUME(before->l <= n);
	rest->p += n;
	rest->l -= n;
	*last = nondet_bool();

	return 0;
}


void prove_until_delimiter(void)
{
	const char *end, *e;
	const struct pl body = any_pl(&end), boundary = any_pl(&e);
	struct pl rest = body, before;
	bool last;

	if (until_delimiter(&before, &rest, &boundary, &last))
		return;
	ASSERT(is_place(rest.p, body.p, end) && rest.p + rest.l == end);
	ASSERT(rest.p > body.p);
	ASSERT(before.p == body.p && before.l <= (size_t)(rest.p - body.p));
}


void trim_contract(struct pl *pl)
{
	const size_t n = nondet_size(), l = nondet_size();

	ASSERT(is_text(pl));
	ASSUME(n <= pl->l && l <= pl->l - n);
	pl->p += n;
	pl->l = l;
}


void prove_trim(void)
{
	const char *end;
	struct pl pl = any_pl(&end);

	text = pl.p;
	text_len = pl.l;
	trim(&pl);
	ASSERT(IN_TEXT(&pl));
}


/* ------------------------------------------------------------------ */

/** Texts of the part lie in it before and after, which is proved below */
int field_contract(struct sip_part *part, const struct pl *name,
		   struct pl *val)
{
	(void)part;
	ASSERT(is_text(name) && is_text(val));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_field(void)
{
	const char *end, *e;
	const struct pl all = any_pl(&end), name = any_pl(&e);
	struct sip_part part = nondet_part();
	struct pl val;

	text = all.p;
	text_len = all.l;
	any_part(&val, all.p, end);
	part.disposition.p = NULL;
	part.disposition.l = 0;
	maybe_part(&part.content_id, all.p, end);
	(void)field(&part, &name, &val);
	ASSERT(PART(&part.disposition));
	ASSERT(PART(&part.content_id));
}


const char *field_end_contract(const char *p, const char *end)
{
	const size_t n = nondet_size();

	ASSERT(within(p, end) && p < end);
	ASSUME(n < (size_t)(end - p));

	return nondet_bool() ? NULL : p + n;
}


void prove_field_end(void)
{
	const char *end, *p = any_text(&end), *nl;

	ASSUME(p < end);
	nl = field_end(p, end);
	ASSERT(!nl || is_place(nl, p, end - 1));
}


int part_decode_contract(struct sip_part *part, const struct pl *pl)
{
	(void)part;
	ASSERT(is_text(pl));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_part_decode(void)
{
	const char *end;
	const struct pl all = any_pl(&end);
	struct sip_part part;

	text = all.p;
	text_len = all.l;
	if (!part_decode(&part, &all))
		ASSERT(PART(&part.body));
}


/* ------------------------------------------------------------------ */

void single_contract(struct sip_part *part, const struct sip_msg *m)
{
	(void)part;
	ASSERT(__CPROVER_r_ok(m, sizeof(*m)));
}


/** From any state: a body that is not read to its end, a boundary or none */
void prove_sip_part_next(void)
{
	static struct sip_msg m;
	const char *end, *e;
	const struct pl body = any_pl(&end), boundary = any_pl(&e);
	struct sip_part_iter it = nondet_iter();
	struct sip_part part;

	it.m = &m;
	it.rest = body;
	it.boundary = boundary;
	if (nondet_bool()) {
		it.boundary.p = NULL;
		it.boundary.l = 0;
	}
	(void)sip_part_next(&part, &it);
	ASSERT(it.rest.l == 0 ||
	       is_part(&it.rest, body.p, end));
}


void prove_sip_part_iter_init(void)
{
	static struct sip_msg m;
	struct sip_part_iter it;
	const char *end;

	m.body = any_pl(&end);
	m.ctype.params = any_pl(&end);
	sip_part_iter_init(&it, &m);
	ASSERT(it.m == &m && is_text(&it.rest));
	ASSERT(is_text(&it.boundary));
}
