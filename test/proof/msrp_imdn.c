/*
 * Proof: documents of notifications and of composing (msrp/imdn.c)
 *
 * A document, a media type and a header field of any length and contents, in
 * memory of exactly that size: nothing outside of them is read, names and
 * texts of elements lie in the document, what is left of it is its end, and
 * the search for an element ends.  Loops are proved by induction and calls by
 * contracts, so there is no bound.
 *
 * prove: local_name
 * bug: local_name: msrp/imdn.c s/for (; p < end && /for (; /
 * bug: local_name: msrp/imdn.c s/name->p = p + 1;/name->p = p + 2;/
 * prove: tag
 * bug: tag: msrp/imdn.c s/		if (!q)$/		if (0)/
 * bug: tag: msrp/imdn.c s/			q = end;/			q = end + 1;/
 * prove: element
 * bug: element: msrp/imdn.c s/tag(&name, text, rest)/tag(\&name, text, text)/
 * prove: element_u32
 * bug: element_u32: msrp/imdn.c s/&rest, name) ? /\&rest, name) || 1 ? /
 * prove: msrp_type_is
 * bug: msrp_type_is: msrp/imdn.c s/type->l >= n &&/type->l + 1 >= n \&\&/
 * bug: msrp_type_is: msrp/imdn.c s/type->l == n || want/want/
 * prove: msrp_imdn_wanted
 * bug: msrp_imdn_wanted: msrp/imdn.c s/want->l - i >= n/want->l - i + 1 >= n/
 * bug: msrp_imdn_wanted: msrp/imdn.c s/if (!want->p ||/if (/
 * prove: msrp_imdn_decode
 * bug: msrp_imdn_decode: msrp/imdn.c s/if (i > MSRP_IMDN_ERROR)/if (0)/
 * prove: msrp_composing_decode
 * bug: msrp_composing_decode: msrp/imdn.c s/if (!element(&state, &rest, "state") || /if (/
 */
#include "test/proof/msrp.h"

#define LOOP_tag_1 CHANGES(p, q, *name, *text, *rest) \
	INVARIANT(FORWARD(p, end)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_local_name_1 CHANGES(p, name->p) \
	INVARIANT(FORWARD(p, end) && __CPROVER_same_object(name->p, p) && \
		  PLACE(name->p) >= PLACE(__CPROVER_loop_entry(p)) && \
		  PLACE(name->p) <= PLACE(p)) \
	__CPROVER_decreases(PLACE(end) - PLACE(p))
#define LOOP_element_1 CHANGES(name, *text, *rest) \
	INVARIANT(IS_REST(rest)) \
	__CPROVER_decreases(rest->l)
#define LOOP_msrp_imdn_wanted_1 CHANGES(i) INVARIANT(i <= want->l) \
	__CPROVER_decreases(want->l - i)

/** What is left of the document: its end */
#define IS_REST(rest) (__CPROVER_same_object((rest)->p, doc_end) && \
		       PLACE((rest)->p) + (rest)->l == PLACE(doc_end) && \
		       PLACE((rest)->p) <= PLACE(doc_end))

static const char *doc_end;


/** All searches go up to the end of the document: a place, or none.  What is
 *  there does not matter, and each look into the text costs the solver time */
static const char *some_octet(const char *s, size_t n)
{
	const char *q = any_place(s, doc_end);

	ASSERT(n <= PLACE(doc_end) - PLACE(s));

	return q == doc_end ? NULL : q;
}

#define memchr(s, c, n) some_octet(s, n)
#include "msrp/imdn.c"
#undef memchr


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** Of a string constant */
size_t strlen(const char *s)
{
	return __CPROVER_OBJECT_SIZE(s) - 1;
}


char *strchr(const char *s, int c)
{
	(void)c;

	return nondet_bool() ? (char *)s : NULL;
}


uint32_t pl_u32(const struct pl *pl)
{
	ASSERT(is_text(pl));

	return nondet_u32();
}


/* ------------------------------------------------------------------ */
/* Elements */

/** A document; its length is not what its places make, which the solver would
 *  have to add up again */
static struct pl any_doc(void)
{
	struct pl doc;

	doc.l = nondet_size();
	ASSUME(doc.l <= TEXT_MAX);
	doc.p = any_octets(doc.l);
	doc_end = doc.p + doc.l;

	return doc;
}


const char *local_name_contract(struct pl *name, const char *p,
				const char *end)
{
	const char *q = any_place(p, end);

	any_part(name, p, q);

	return q;
}


void prove_local_name(void)
{
	const struct pl doc = any_doc();
	struct pl name;
	const char *q = local_name(&name, doc.p, doc_end);

	ASSERT(is_place(q, doc.p, doc_end) && is_part(&name, doc.p, q));
}


bool tag_contract(struct pl *name, struct pl *text, struct pl *rest)
{
	const char *p = rest->p;
	const size_t n = nondet_size();

	ASSERT(IS_REST(rest));
	if (!rest->l || nondet_bool())
		return false;
	ASSUME(n && n <= rest->l);
	any_part(name, p, doc_end);
	any_part(text, p, doc_end);
	rest->p += n;
	rest->l -= n;

	return true;
}


void prove_tag(void)
{
	const struct pl doc = any_doc();
	struct pl rest = doc, name, text;

	if (!tag(&name, &text, &rest))
		return;
	ASSERT(is_part(&name, doc.p, doc_end));
	ASSERT(is_part(&text, doc.p, doc_end));
	ASSERT(IS_REST(&rest) && rest.l < doc.l);
}


bool element_contract(struct pl *text, struct pl *rest, const char *want)
{
	struct pl name;

	(void)want;

	return tag_contract(&name, text, rest);
}


void prove_element(void)
{
	const struct pl doc = any_doc();
	struct pl rest = doc, text;

	if (!element(&text, &rest, "status"))
		return;
	ASSERT(is_part(&text, doc.p, doc_end));
	ASSERT(IS_REST(&rest));
}


uint32_t element_u32_contract(struct pl rest, const char *name)
{
	ASSERT(IS_REST(&rest) && readable(name, 1));

	return nondet_u32();
}


void prove_element_u32(void)
{
	(void)element_u32(any_doc(), "refresh");
}


/* ------------------------------------------------------------------ */
/* Types and header fields */

bool msrp_type_is_contract(const struct pl *type, const char *want)
{
	ASSERT(is_text(type) && readable(want, 2));

	return nondet_bool();
}


void prove_msrp_type_is(void)
{
	const char *end;
	const struct pl type = any_pl(&end);

	(void)msrp_type_is(&type, nondet_bool() ? "message/cpim" : "text/");
}


void prove_msrp_imdn_wanted(void)
{
	const char *end;
	const struct pl type = any_pl(&end);
	struct pl want = any_pl(&end);

	if (nondet_bool())
		want.p = NULL;
	(void)msrp_imdn_wanted(&want, &type,
			       (enum msrp_imdn_status)nondet_u8());
}


/* ------------------------------------------------------------------ */
/* Documents */

void prove_msrp_imdn_decode(void)
{
	const struct pl doc = any_doc();
	enum msrp_imdn_status status;
	struct pl id;

	if (msrp_imdn_decode(&id, &status, &doc))
		return;
	ASSERT(is_part(&id, doc.p, doc_end) && id.l);
	ASSERT(status >= MSRP_IMDN_DELIVERED && status <= MSRP_IMDN_ERROR);
}


void prove_msrp_composing_decode(void)
{
	const struct pl doc = any_doc();
	uint32_t refresh_s = 0;
	bool active;

	if (!msrp_composing_decode(&active, &refresh_s, &doc))
		ASSERT(refresh_s);
}
