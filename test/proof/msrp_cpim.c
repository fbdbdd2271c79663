/*
 * Proof: header sections of CPIM messages (msrp/cpim.c)
 *
 * On a message of any length and contents in memory of exactly that size:
 * nothing outside of it is read, and the values, the prefix of the namespace,
 * the content and URIs lie in it, whatever prefix an NS line before gives.
 * What is written is taken from whatever values.  Loops are proved by induction
 * and calls by contracts, so there is no bound.  Of the values, one of any
 * number stands for all.  The URI in a value is looked for in any value.
 *
 * unwind: 10
 * prove: place
 * bug: place: msrp/cpim.c s/name->l <= n ||/name->l < n ||/
 * bug: place: msrp/cpim.c s/(n + (n > 0))/(n + 2)/
 * prove: namespace
 * bug: namespace: msrp/cpim.c s/val->l < n ||//
 * bug: namespace: msrp/cpim.c s/	if (prefix->l)/	if (n)/
 * prove: message_field
 * bug: message_field: msrp/cpim.c s/i < TYPE &&/i <= IMDN_ROUTE + 1 \&\&/
 * prove: content_field
 * bug: content_field: msrp/cpim.c s/ && i < MEMBERS/ \&\& i <= IMDN_ROUTE + 1/
 * prove: msrp_cpim_decode
 * bug: msrp_cpim_decode: msrp/cpim.c s/rest = {p, n}/rest = {p, n + 1}/
 * bug: msrp_cpim_decode: msrp/cpim.c s/	c->content = rest/	c->content.l = rest.l/
 * prove: msrp_cpim_route
 * bug: msrp_cpim_route: msrp/cpim.c s/route, &l) &&/route, \&l) ||/
 * prove: msrp_cpim_uri
 * bug: msrp_cpim_uri: msrp/cpim.c s/value->l - lt)/value->l + 1 - lt)/
 * bug: msrp_cpim_uri: msrp/cpim.c s/(gt - lt) - 1/(gt - lt) - 2/
 * prove: msrp_cpim_write
 * bug: msrp_cpim_write: msrp/cpim.c s/i < MEMBERS; i++/i <= MEMBERS; i++/
 */
#include "test/proof/msrp.h"
#include "msrp/cpim.h"

/** The message, and one of its values */
static const char *text;
static size_t text_len;
static unsigned some;

/* cpim.c has another PLACE */
#define OFFSET(p) __CPROVER_POINTER_OFFSET(p)
#undef PLACE

#define PART(pl) ((pl)->p == NULL ? (pl)->l == 0 : \
		  (__CPROVER_same_object((pl)->p, text) && \
		   OFFSET((pl)->p) <= text_len && \
		   (pl)->l <= text_len - OFFSET((pl)->p)))

#define LOOP_msrp_cpim_decode_1 \
	CHANGES(rest, l, name, val, sections, err) \
	INVARIANT(__CPROVER_same_object(rest.p, p) && rest.l <= n && \
		  OFFSET(rest.p) == n - rest.l) \
	__CPROVER_decreases(err ? 0 : rest.l + 1)
#define LOOP_msrp_cpim_route_1 \
	CHANGES(*rest, l, name, *route) \
	INVARIANT(__CPROVER_same_object(rest->p, text) && \
		  rest->l <= text_len && text_len <= TEXT_MAX && \
		  OFFSET(rest->p) == text_len - rest->l) \
	__CPROVER_decreases(rest->l)
#define LOOP_msrp_cpim_write_1 CHANGES(i, t->full) INVARIANT(i <= MEMBERS)

#include "msrp/cpim.c"

struct msrp_cpim nondet_cpim(void);


static bool parts(const struct msrp_cpim *c)
{
	const struct pl value = ((const struct pl *)c)[some];

	return PART(&value) && PART(&c->prefix);
}


static void any_message(void)
{
	const char *end;

	text = any_text(&end);
	text_len = (size_t)(end - text);
}


/** Some of the message has been decoded, in which this is */
static struct msrp_cpim any_cpim(void)
{
	struct msrp_cpim c = nondet_cpim();

	any_message();
	some = nondet_u8();
	ASSUME(some < sizeof(c) / sizeof(struct pl));
	maybe_part(&c.prefix, text, text + text_len);
	ASSUME(parts(&c));

	return c;
}


static struct pl any_of_text(void)
{
	struct pl pl;

	any_part(&pl, text, text + text_len);

	return pl;
}


/* ------------------------------------------------------------------ */
/* Writing */

void msrp_put(struct msrp_text *t, const char *str)
{
	(void)str;
	t->full = nondet_bool();
}


void msrp_putf(struct msrp_text *t, const char *fmt, ...)
{
	(void)fmt;
	t->full = nondet_bool();
}


const char *msrp_name(const char *list, unsigned i)
{
	ASSERT(list == names && i < MEMBERS);

	return list;
}


void prove_msrp_cpim_write(void)
{
	struct msrp_cpim c;
	struct msrp_text t;
	unsigned i;

	any_message();
	for (i = 0; i < MEMBERS; i++)
		maybe_part(member(&c, i), text, text + text_len);
	(void)msrp_cpim_write(&t, &c);
}


/* ------------------------------------------------------------------ */

/** The prefix is taken from the name, which nobody uses any more */
unsigned place_contract(const struct msrp_cpim *c, struct pl *name)
{
	(void)c;
	ASSERT(is_text(name));

	return nondet_u8();
}


void prove_place(void)
{
	struct msrp_cpim c;
	struct pl pl, name;

	any_message();
	maybe_part(&c.prefix, text, text + text_len);
	pl = name = any_of_text();
	(void)place(&c, &name);
	ASSERT(is_part(&name, pl.p, pl.p + pl.l));
}


void namespace_contract(struct pl *prefix, const struct pl *val)
{
	ASSERT(is_text(val));
	if (nondet_bool())
		any_part(prefix, val->p, val->p + val->l);
}


void prove_namespace(void)
{
	const char *end;
	const struct pl val = any_pl(&end);
	struct pl prefix = {NULL, 0};

	namespace(&prefix, &val);
	ASSERT(is_maybe_part(&prefix, val.p, end));
}


/** Values and prefix are parts of the message before and after it, which is
 *  proved below and not repeated for each line */
int message_field_contract(struct msrp_cpim *c, struct pl *name,
			   const struct pl *val)
{
	(void)c;
	ASSERT(is_text(name) && is_text(val));

	return nondet_bool() ? ENOTSUP : 0;
}


void prove_message_field(void)
{
	struct msrp_cpim c = any_cpim();
	struct pl name = any_of_text();
	const struct pl val = any_of_text();
	const int err = message_field(&c, &name, &val);

	ASSERT(parts(&c) && (!err || err == ENOTSUP));
}


void content_field_contract(struct msrp_cpim *c, const struct pl *name,
			    const struct pl *val)
{
	(void)c;
	ASSERT(is_text(name) && is_text(val));
}


void prove_content_field(void)
{
	struct msrp_cpim c = any_cpim();
	const struct pl name = any_of_text(), val = any_of_text();

	content_field(&c, &name, &val);
	ASSERT(parts(&c));
}


void prove_msrp_cpim_decode(void)
{
	struct msrp_cpim c;

	any_message();
	(void)msrp_cpim_decode(&c, text, text_len);
	ASSERT(PART(&c.head) && PART(&c.prefix) && PART(&c.content));
}


void prove_msrp_cpim_route(void)
{
	struct msrp_cpim c;
	struct pl rest, route;

	any_message();
	rest.p = text;
	rest.l = text_len;
	if (msrp_cpim_route(&route, &rest, &c))
		ASSERT(PART(&route));
	ASSERT(PART(&rest));
}


void prove_msrp_cpim_uri(void)
{
	const char *end;
	const struct pl value = any_pl(&end);
	struct pl uri;

	if (!msrp_cpim_uri(&uri, &value))
		ASSERT(is_part(&uri, value.p, end) && uri.l > 0);
}
