/**
 * @file msrp/cpim.c  CPIM messages (RFC 3862 s2, s3)
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "msrp/cpim.h"
#include "msrp/head.h"

/** Namespace of RFC 5438 s6 */
static const char imdn_ns[] = "<urn:ietf:params:imdn>";


/* Places of the names, and of the members of struct msrp_cpim */
enum {
	FROM,
	TO,
	DATETIME,
	SUBJECT,
	IMDN_ID,
	IMDN_WANT,
	IMDN_ORIGINAL,
	TYPE,
	DISPOSITION,
	MEMBERS,
	NS = MEMBERS,
	REQUIRE,
	IMDN_ROUTE
};

static const char names[] =
	"\4" "From"
	"\2" "To"
	"\10" "DateTime"
	"\7" "Subject"
	"\12" "Message-ID"
	"\30" "Disposition-Notification"
	"\13" "Original-To"
	"\14" "Content-Type"
	"\23" "Content-Disposition"
	"\2" "NS"
	"\7" "Require"
	"\21" "IMDN-Record-Route";


/* the first members are these, in this order */
#define PLACE(name, i) \
	_Static_assert(offsetof(struct msrp_cpim, name) == \
		       (i) * sizeof(struct pl), #name " has moved")
PLACE(from, FROM);
PLACE(to, TO);
PLACE(datetime, DATETIME);
PLACE(subject, SUBJECT);
PLACE(imdn_id, IMDN_ID);
PLACE(imdn_want, IMDN_WANT);
PLACE(imdn_original, IMDN_ORIGINAL);
PLACE(type, TYPE);
PLACE(disposition, DISPOSITION);


static struct pl *member(struct msrp_cpim *c, unsigned i)
{
	return (struct pl *)(void *)((char *)c + i * sizeof(struct pl));
}


/** Is a name in the namespace of IMDN?  Takes the prefix away */
static bool is_imdn(struct pl *name, const struct pl *prefix)
{
	const size_t n = prefix->l;

	if (!prefix->p || name->l <= n || memcmp(name->p, prefix->p, n))
		return false;
	if (n && name->p[n] != '.')
		return false;
	pl_advance(name, (ssize_t)(n + (n > 0)));

	return true;
}


/** NS: [prefix SP] "<" URI ">" */
static void namespace(struct pl *prefix, const struct pl *val)
{
	const size_t n = sizeof(imdn_ns) - 1;

	if (val->l < n || memcmp(val->p + val->l - n, imdn_ns, n))
		return;

	prefix->p = val->p;
	prefix->l = val->l - n;
	if (prefix->l)
		--prefix->l;
}


static bool of_imdn(unsigned i)
{
	return (i >= IMDN_ID && i <= IMDN_ORIGINAL) || i == IMDN_ROUTE;
}


/** Which field of the message is it? */
static unsigned place(const struct msrp_cpim *c, struct pl *name)
{
	const bool imdn = is_imdn(name, &c->prefix);
	/* RFC 3862 s2.3: the names are case-sensitive */
	const unsigned i = msrp_name_find(names, name, true);

	return (of_imdn(i) ? imdn : !imdn || !c->prefix.l) ? i : UINT_MAX;
}


static int message_field(struct msrp_cpim *c, struct pl *name,
			 const struct pl *val)
{
	const unsigned i = place(c, name);

	if (i == REQUIRE)
		return ENOTSUP;
	if (i == NS)
		namespace(&c->prefix, val);
	else if (i < TYPE && !member(c, i)->p)
		*member(c, i) = *val;

	return 0;
}


static void content_field(struct msrp_cpim *c, const struct pl *name,
			  const struct pl *val)
{
	const unsigned i = msrp_name_find(names, name, false);

	if (i >= TYPE && i < MEMBERS)
		*member(c, i) = *val;
}


int msrp_cpim_decode(struct msrp_cpim *c, const char *p, size_t n)
{
	struct pl rest = {p, n}, l, name, val;
	unsigned sections = 0;
	int err = 0;

	memset(c, 0, sizeof(*c));
	c->head = rest;

	/* RFC 3862 s2.1: CRLF; an empty line ends a section */
	while (!err && sections < 2) {

		if (msrp_line(&l, &rest))
			err = EBADMSG;
		else if (!l.l)
			++sections;
		/* s2.4: fields of MIME may go on in the next line */
		else if (sections && (*l.p == ' ' || *l.p == '\t'))
			continue;
		else if (!msrp_field(&name, &val, &l))
			err = EBADMSG;
		else if (sections)
			content_field(c, &name, &val);
		else
			err = message_field(c, &name, &val);
	}
	c->content = rest;

	return err;
}


bool msrp_cpim_route(struct pl *route, struct pl *rest,
		     const struct msrp_cpim *c)
{
	struct pl l, name;

	while (!msrp_line(&l, rest) && l.l) {
		if (msrp_field(&name, route, &l) &&
		    place(c, &name) == IMDN_ROUTE)
			return true;
	}

	return false;
}


int msrp_cpim_uri(struct pl *uri, const struct pl *value)
{
	const char *lt = value->p ? memchr(value->p, '<', value->l) : NULL;
	const char *gt;

	if (!lt)
		return EBADMSG;
	gt = memchr(lt, '>', (size_t)(value->p + value->l - lt));
	if (!gt || gt == lt + 1)
		return EBADMSG;

	uri->p = lt + 1;
	uri->l = (size_t)(gt - lt) - 1;

	return 0;
}


int msrp_cpim_write(struct msrp_text *t, const struct msrp_cpim *c)
{
	const bool named = t->len != 0;
	unsigned i;

	for (i = 0; i < MEMBERS; i++) {

		const struct pl *val = (const struct pl *)c + i;
		const bool uri = i <= TO;

		if (!val->p)
			continue;
		if (!msrp_is_text(val, uri ? "\t<>" : "\t"))
			return EINVAL;
		if (i == IMDN_ID && !named)
			msrp_putf(t, "NS: imdn %s\r\n", imdn_ns);
		if (i == TYPE)
			msrp_put(t, "\r\n");
		msrp_putf(t, "%s%n: ", of_imdn(i) ? "imdn." : "",
			  msrp_name(names, i));
		msrp_putf(t, uri ? "<%r>\r\n" : "%r\r\n", val);
	}
	msrp_put(t, "\r\n");

	return t->full ? EOVERFLOW : 0;
}
