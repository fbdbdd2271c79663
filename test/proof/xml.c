/*
 * Proof: places in an XML document (ue/xml/xml.c)
 *
 * By induction over the calls of xml_next(): from any state in which the
 * position lies in the document and names of open elements and declarations
 * of namespaces are places in it, each function reads nothing outside of the
 * document, writes nothing outside of its tables, and leaves such a state
 * behind, so the result holds for documents of any contents and for any number
 * of calls.  Loops are proved by induction, too.  One open element and one
 * declaration of any number stand for all.
 *
 * prove: accept
 * bug: accept: ue/xml/xml.c s/x->pos += strlen(str)/x->pos += strlen(str) + 1/
 * prove: looking_at
 * bug: looking_at: ue/xml/xml.c s/left(x) >= n && !memcmp/!memcmp/
 * prove: space
 * bug: space: ue/xml/xml.c s/while (x->pos < x->len && xml_is_space/while (xml_is_space/
 * prove: skip_past
 * bug: skip_past: ue/xml/xml.c s/left(x) >= n; ++/left(x) >= n - 1; ++/
 * prove: qname
 * bug: qname: ue/xml/xml.c s/|| left(x) < 2 ||/||/
 * bug: qname: ue/xml/xml.c s/if (x->pos >= x->len || !xml_is_n/if (!xml_is_n/
 * prove: declare
 * bug: declare: ue/xml/xml.c s/x->nsc >= UE_XML_NS_MAX/x->nsc > UE_XML_NS_MAX/
 * bug: declare: ue/xml/xml.c s/name->l > 5 ? 6 : 5/6/
 * prove: attribute
 * bug: attribute: ue/xml/xml.c s/if (!left(x) || (x/if ((x/
 * bug: attribute: ue/xml/xml.c s/	if (x->pos >= x->len)/	if (0)/
 * prove: close_element
 * bug: close_element: ue/xml/xml.c s/while (x->nsc && /while (/
 * prove: cdata
 * bug: cdata: ue/xml/xml.c s/x->pos - 3 - x/x->pos - 30 - x/
 * prove: chardata
 * bug: chardata: ue/xml/xml.c s/i + 2 < x->text.l/i < x->text.l/
 * bug: chardata: ue/xml/xml.c s/x->pos += x->text.l/x->pos += x->text.l + 1/
 * prove: start_tag
 * bug: start_tag: ue/xml/xml.c s/x->open >= UE_XML_DEPTH_MAX/x->open > UE_XML_DEPTH_MAX/
 * prove: end_tag
 * bug: end_tag: ue/xml/xml.c s/if (!x->open || !q/if (!q/
 * prove: xml_next
 * bug: xml_next: ue/xml/xml.c s/else if (!left(x)) {/else if (0) {/
 * assumed: attr_seen walks x->attrs with xml_attr_raw(); any answer will do
 * assumed: markup calls what is proved here, in turn
 * assumed: prefixes_valid sets x->name to a part of name; any answer
 * assumed: resolve compares places that TABLES() has; any answer
 */
#include "test/proof/proof.h"

/** The position, and how many elements and declarations there are */
#define STATE(x) ((x)->pos <= (x)->len && (x)->open <= UE_XML_DEPTH_MAX && \
		  (x)->nsc <= UE_XML_NS_MAX && \
		  (!(x)->empty || (x)->open > 0))

/** Those of any number are places in the document */
#define TABLES(x) (OPEN(x, &(x)->openv[some]) && NS(x, &(x)->nsv[other]))
#define OPEN(x, o) (some >= (x)->open || (o)->name + (o)->len <= (x)->len)
#define NS(x, n) (other >= (x)->nsc || \
		  ((n)->prefix + (n)->prefix_len <= (x)->len && \
		   (n)->uri + (n)->uri_len <= (x)->len))

#define ON(x) CHANGES((x)->pos) \
	INVARIANT(__CPROVER_loop_entry((x)->pos) <= (x)->pos && \
		  (x)->pos <= (x)->len) \
	__CPROVER_decreases((x)->len - (x)->pos)

#define LOOP_space_1 ON(x)
#define LOOP_skip_past_1 ON(x)
#define LOOP_qname_1 CHANGES(x->pos, colons) \
	INVARIANT(__CPROVER_loop_entry(x->pos) <= x->pos && \
		  x->pos <= x->len && \
		  (x->pos > __CPROVER_loop_entry(x->pos) || !colons)) \
	__CPROVER_decreases(x->len - x->pos)
#define LOOP_attribute_1 ON(x)
#define LOOP_start_tag_1 CHANGES(x->pos, x->nsc, n, err) \
	INVARIANT(__CPROVER_loop_entry(x->pos) <= x->pos && \
		  x->pos <= x->len && x->nsc <= UE_XML_NS_MAX)
#define LOOP_close_element_1 CHANGES(x->nsc) \
	INVARIANT(x->nsc <= __CPROVER_loop_entry(x->nsc)) \
	__CPROVER_decreases(x->nsc)
#define LOOP_chardata_1 CHANGES(i) INVARIANT(i <= x->text.l)
#define LOOP_chardata_2 CHANGES(i) INVARIANT(i <= x->text.l)
#define LOOP_xml_next_1 \
	CHANGES(err, x->pos, x->open, x->nsc, x->type, x->empty, x->text) \
	INVARIANT(STATE(x))

static unsigned some, other;

#include "ue/xml/xml.c"

struct xml nondet_xml(void);


static struct xml any_xml(void)
{
	struct xml x = nondet_xml();

	ASSUME(x.len <= XML_LEN_MAX);
	x.buf = any_octets(x.len);
	some = nondet_u8();
	other = nondet_u8();
	ASSUME(some < UE_XML_DEPTH_MAX && other < UE_XML_NS_MAX);
	ASSUME(STATE(&x) && TABLES(&x));

	return x;
}


static void on(struct xml *x)
{
	const size_t n = nondet_size();

	ASSERT(STATE(x));
	ASSUME(n <= x->len - x->pos);
	x->pos += n;
}


/** A part of the document before the position */
static bool read_part(const struct pl *pl, const struct xml *x)
{
	const size_t at = __CPROVER_POINTER_OFFSET(pl->p);

	return __CPROVER_same_object(pl->p, x->buf) && at <= x->pos &&
		pl->l <= x->pos - at;
}


static void any_read_part(struct pl *pl, const struct xml *x)
{
	const size_t at = nondet_size();

	pl->l = nondet_size();
	ASSUME(at <= x->pos && pl->l <= x->pos - at);
	pl->p = x->buf + at;
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

size_t strlen(const char *s)
{
	const size_t n = nondet_size();

	/* constants of xml.c: <![CDATA[ is the longest */
	(void)s;
	ASSUME(n >= 1 && n <= 9);

	return n;
}


bool xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


bool xml_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '_' || (unsigned char)c >= 0x80;
}


bool xml_is_name(char c)
{
	return xml_is_name_start(c) || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == ':';
}


bool xml_refs_valid(const struct pl *text)
{
	ASSERT(readable(text->p, text->l));

	return nondet_bool();
}


bool xml_same(const struct pl *a, const struct pl *b)
{
	ASSERT(readable(a->p, a->l) && readable(b->p, b->l));

	return nondet_bool();
}


bool xml_is_xmlns(const struct pl *name)
{
	ASSERT(readable(name->p, name->l));

	/* by itself or with a colon and a name behind it */
	return nondet_bool() && (name->l == 5 || name->l > 6);
}


void xml_split_name(struct pl *prefix, struct pl *local, const struct pl *name)
{
	ASSERT(readable(name->p, name->l));
	*prefix = *local = *name;
}


/* ------------------------------------------------------------------ */
/* Text */

bool looking_at_contract(const struct xml *x, const char *str)
{
	(void)str;
	ASSERT(STATE(x));

	return nondet_bool() && x->pos < x->len;
}


void prove_looking_at(void)
{
	const struct xml x = any_xml();
	const char str[9];

	if (looking_at(&x, str))
		ASSERT(x.pos < x.len);
}


bool accept_contract(struct xml *x, const char *str)
{
	const size_t pos = x->pos;

	(void)str;
	on(x);

	return x->pos > pos;
}


/** The text is looked at, and its length has one value */
void prove_accept(void)
{
	struct xml x = any_xml();
	const size_t pos = x.pos;

	if (left(&x) < 9)
		return;
	if (accept(&x, ">"))
		ASSERT(x.pos > pos);
	ASSERT(x.pos <= pos + 9);
}


bool space_contract(struct xml *x)
{
	return accept_contract(x, " ");
}


void prove_space(void)
{
	struct xml x = any_xml();

	(void)space(&x);
	ASSERT(STATE(&x));
}


/** At least three octets: all that it is asked for but two */
bool skip_past_contract(struct xml *x, const char *str)
{
	const size_t pos = x->pos;

	return accept_contract(x, str) && x->pos - pos >= 3;
}


void prove_skip_past(void)
{
	struct xml x = any_xml();
	const char str[9];

	(void)skip_past(&x, str);
	ASSERT(STATE(&x));
}


/** A name before the position, a colon only inside of it */
bool qname_contract(struct xml *x, struct pl *name)
{
	const size_t pos = x->pos;

	on(x);
	name->p = x->buf + pos;
	name->l = x->pos - pos;

	return name->l > 0 && nondet_bool();
}


void prove_qname(void)
{
	struct xml x = any_xml();
	const size_t pos = x.pos;
	struct pl name;

	if (qname(&x, &name))
		ASSERT(name.p == x.buf + pos && name.l == x.pos - pos &&
		       name.l > 0);
	ASSERT(STATE(&x));
}


/* ------------------------------------------------------------------ */
/* Attributes */

bool attr_seen_contract(const struct xml *x, const struct pl *name)
{
	(void)x;
	(void)name;

	return nondet_bool();
}


int declare_contract(struct xml *x, const struct pl *name,
		     const struct pl *val)
{
	ASSERT(STATE(x) && read_part(name, x) && read_part(val, x));
	ASSERT(name->l == 5 || name->l > 6);
	if (x->nsc == UE_XML_NS_MAX)
		return EOVERFLOW;
	++x->nsc;

	return 0;
}


void prove_declare(void)
{
	struct xml x = any_xml();
	struct pl name, val;

	any_read_part(&name, &x);
	any_read_part(&val, &x);
	ASSUME(name.l == 5 || name.l > 6);
	(void)declare(&x, &name, &val);
	ASSERT(STATE(&x) && TABLES(&x));
}


int attribute_contract(struct xml *x)
{
	on(x);
	x->nsc = nondet_u8();
	ASSUME(x->nsc <= UE_XML_NS_MAX);

	return nondet_bool() ? EBADMSG : 0;
}


void prove_attribute(void)
{
	struct xml x = any_xml();

	(void)attribute(&x);
	ASSERT(STATE(&x));
}


/* ------------------------------------------------------------------ */
/* Elements */

bool resolve_contract(struct xml *x, const struct pl *prefix)
{
	ASSERT(STATE(x) && readable(prefix->p, prefix->l));

	return nondet_bool();
}


bool prefixes_valid_contract(struct xml *x, const struct pl *name)
{
	ASSERT(STATE(x) && read_part(name, x) && read_part(&x->attrs, x));

	return nondet_bool();
}


void prove_start_tag(void)
{
	struct xml x = any_xml();

	x.empty = false;
	(void)start_tag(&x);
	ASSERT(STATE(&x) && OPEN(&x, &x.openv[some]));
}


/** At least one is open: its name has been read */
int close_element_contract(struct xml *x)
{
	ASSERT(STATE(x) && x->open > 0);
	--x->open;
	x->empty = false;
	x->type = XML_END;

	return 0;
}


void prove_close_element(void)
{
	struct xml x = any_xml();

	/* the innermost one is the one of any number here */
	ASSUME(x.open > 0 && some == x.open - 1);
	(void)close_element(&x);
	ASSERT(STATE(&x) && !x.empty);
	other = nondet_u8();
}


void prove_end_tag(void)
{
	struct xml x = any_xml();

	ASSUME(!x.empty && (x.open == 0 || some == x.open - 1));
	(void)end_tag(&x);
	ASSERT(STATE(&x));
}


/* ------------------------------------------------------------------ */

void prove_cdata(void)
{
	struct xml x = any_xml();

	if (!cdata(&x))
		ASSERT(read_part(&x.text, &x));
	ASSERT(STATE(&x));
}


int chardata_contract(struct xml *x)
{
	on(x);
	x->type = nondet_bool() ? XML_TEXT : XML_NONE;

	return nondet_bool() ? EBADMSG : 0;
}


void prove_chardata(void)
{
	struct xml x = any_xml();

	(void)chardata(&x);
	ASSERT(STATE(&x) && read_part(&x.text, &x));
}


/** Of all that it calls */
int markup_contract(struct xml *x)
{
	ASSERT(x->pos < x->len && !x->empty);
	on(x);
	x->open = nondet_u8();
	x->nsc = nondet_u8();
	x->empty = nondet_bool();
	x->type = (enum xml_type)nondet_u8();
	ASSUME(STATE(x));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_xml_next(void)
{
	struct xml x = any_xml();

	(void)xml_next(&x);
	ASSERT(STATE(&x));
}
