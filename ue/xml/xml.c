/**
 * @file xml.c  Bounded pull parser (XML 1.0 fifth edition, Namespaces in XML
 * 1.0)
 */
#include <errno.h>
#include <string.h>
#include "ue/xml/xml.h"
#include "ue/xml/xml_chars.h"


static int fail(struct xml *x, int err)
{
	if (!x->err)
		x->err = err;
	x->type = XML_NONE;

	return x->err;
}


static size_t left(const struct xml *x)
{
	return x->len - x->pos;
}


static bool looking_at(const struct xml *x, const char *str)
{
	const size_t n = strlen(str);

	return left(x) >= n && !memcmp(x->buf + x->pos, str, n);
}


static bool accept(struct xml *x, const char *str)
{
	if (!looking_at(x, str))
		return false;

	x->pos += strlen(str);

	return true;
}


/* Skip white space.  Was there any? */
static bool space(struct xml *x)
{
	const size_t pos = x->pos;

	while (x->pos < x->len && xml_is_space(x->buf[x->pos]))
		++x->pos;

	return x->pos > pos;
}


/* Up to the string, and behind it */
static bool skip_past(struct xml *x, const char *str)
{
	const size_t n = strlen(str);

	for (; left(x) >= n; ++x->pos) {
		if (!memcmp(x->buf + x->pos, str, n)) {
			x->pos += n;
			return true;
		}
	}

	return false;
}


/* NS 1.0 production 7: QName */
static bool qname(struct xml *x, struct pl *name)
{
	unsigned colons = 0;

	name->p = x->buf + x->pos;
	if (x->pos >= x->len || !xml_is_name_start(*name->p))
		return false;

	while (x->pos < x->len && xml_is_name(x->buf[x->pos])) {

		if (x->buf[x->pos] == ':') {
			if (colons++ || left(x) < 2 ||
			    !xml_is_name_start(x->buf[x->pos + 1]))
				return false;
		}
		++x->pos;
	}

	name->l = (size_t)(x->buf + x->pos - name->p);

	return true;
}


/* ------------------------------------------------------------------ */
/* Attributes */


/* Is the name among the attributes before it?  (XML 1.0 3.1) */
static bool attr_seen(const struct xml *x, const struct pl *name)
{
	struct pl rest = x->attrs, n, val;

	rest.l = (size_t)(name->p - rest.p);

	while (xml_attr_raw(&n, &val, &rest)) {
		if (xml_same(&n, name))
			return true;
	}

	return false;
}


/* NS 1.0 section 3; in force until the element that is being read ends */
static int declare(struct xml *x, const struct pl *name,
		   const struct pl *val)
{
	const size_t skip = name->l > 5 ? 6 : 5;
	struct xml_ns *ns;

	if (x->nsc >= UE_XML_NS_MAX)
		return EOVERFLOW;

	ns = &x->nsv[x->nsc++];
	ns->prefix     = (uint16_t)(name->p + skip - x->buf);
	ns->prefix_len = (uint16_t)(name->l - skip);
	ns->uri        = (uint16_t)(val->p - x->buf);
	ns->uri_len    = (uint16_t)val->l;
	ns->depth      = (uint16_t)(x->open + 1);

	return 0;
}


/* XML 1.0 production 41 */
static int attribute(struct xml *x)
{
	struct pl name, val;
	char quote;

	if (!qname(x, &name) || attr_seen(x, &name))
		return EBADMSG;

	(void)space(x);
	if (!accept(x, "="))
		return EBADMSG;
	(void)space(x);

	if (!left(x) || (x->buf[x->pos] != '"' && x->buf[x->pos] != '\''))
		return EBADMSG;

	quote = x->buf[x->pos++];
	val.p = x->buf + x->pos;
	while (x->pos < x->len && x->buf[x->pos] != quote)
		++x->pos;
	if (x->pos >= x->len)
		return EBADMSG;

	val.l = (size_t)(x->buf + x->pos - val.p);
	++x->pos;

	if (memchr(val.p, '<', val.l) || !xml_refs_valid(&val))
		return EBADMSG;

	return xml_is_xmlns(&name) ? declare(x, &name, &val) : 0;
}


/* ------------------------------------------------------------------ */
/* Elements */


/* NS 1.0 section 5: a prefix must be declared */
static bool resolve(struct xml *x, const struct pl *prefix)
{
	unsigned i;

	x->ns.p = x->buf;
	x->ns.l = 0;

	for (i = x->nsc; i-- > 0;) {

		const struct xml_ns *ns = &x->nsv[i];
		struct pl p;

		p.p = x->buf + ns->prefix;
		p.l = ns->prefix_len;
		if (xml_same(&p, prefix)) {
			x->ns.p = x->buf + ns->uri;
			x->ns.l = ns->uri_len;
			return x->ns.l || !prefix->l;
		}
	}

	return !prefix->l || xml_text_is(prefix, "xml");
}


/* Names of elements and attributes whose prefix nobody declared */
static bool prefixes_valid(struct xml *x, const struct pl *name)
{
	struct pl rest = x->attrs, prefix, local;
	struct xml_attr attr;

	while (!xml_attr_next(&attr, &rest)) {
		if (attr.prefix.l && !resolve(x, &attr.prefix))
			return false;
	}

	xml_split_name(&prefix, &local, name);
	x->name = local;

	return resolve(x, &prefix);
}


/* XML 1.0 productions 40, 44; behind the `<` */
static int start_tag(struct xml *x)
{
	struct pl name;
	unsigned n = 0;
	int err;

	if (!x->open && x->root)
		return EBADMSG;
	if (!qname(x, &name))
		return EBADMSG;
	if (x->open >= UE_XML_DEPTH_MAX)
		return EOVERFLOW;

	x->attrs.p = x->buf + x->pos;

	while (space(x) && left(x) && !looking_at(x, ">") &&
	       !looking_at(x, "/>")) {

		if (n++ >= XML_ATTRS_MAX)
			return EOVERFLOW;
		err = attribute(x);
		if (err)
			return err;
	}

	x->attrs.l = (size_t)(x->buf + x->pos - x->attrs.p);
	x->empty = accept(x, "/>");
	if (!x->empty && !accept(x, ">"))
		return EBADMSG;

	x->openv[x->open].name = (uint16_t)(name.p - x->buf);
	x->openv[x->open].len  = (uint16_t)name.l;
	++x->open;
	x->root  = true;
	x->depth = x->open;
	x->type  = XML_START;

	return prefixes_valid(x, &name) ? 0 : EBADMSG;
}


/* The innermost open element ends */
static int close_element(struct xml *x)
{
	struct pl name, prefix, local;

	name.p = x->buf + x->openv[x->open - 1].name;
	name.l = x->openv[x->open - 1].len;
	xml_split_name(&prefix, &local, &name);
	x->name = local;
	(void)resolve(x, &prefix);

	x->depth = x->open;
	while (x->nsc && x->nsv[x->nsc - 1].depth >= x->open)
		--x->nsc;
	--x->open;
	x->empty = false;
	x->attrs.l = 0;
	x->type = XML_END;

	return 0;
}


/* XML 1.0 production 42; behind the `</` */
static int end_tag(struct xml *x)
{
	struct pl name, open;

	if (!x->open || !qname(x, &name))
		return EBADMSG;

	open.p = x->buf + x->openv[x->open - 1].name;
	open.l = x->openv[x->open - 1].len;
	if (!xml_same(&name, &open))
		return EBADMSG;

	(void)space(x);

	return accept(x, ">") ? close_element(x) : EBADMSG;
}


/* ------------------------------------------------------------------ */
/* The rest of a document */


/* XML 1.0 production 15: no -- inside; behind the `<!--` */
static bool comment(struct xml *x)
{
	return skip_past(x, "--") && accept(x, ">");
}


/* XML 1.0 productions 16, 17; behind the `<?` */
static bool instruction(struct xml *x)
{
	struct pl target;

	if (!qname(x, &target))
		return false;

	/* `xml` in any case is reserved */
	if (target.l == 3 && !pl_strcasecmp(&target, "xml"))
		return false;

	if (!looking_at(x, "?>") && !space(x))
		return false;

	return skip_past(x, "?>");
}


/* XML 1.0 production 23: version, encoding, standalone in this order, as
   pseudo attributes */
static int declaration(struct xml *x)
{
	static const char *const want[] = {
		"version", "encoding", "standalone"
	};
	struct pl rest, name, val;
	const size_t pos = x->pos + 5;
	unsigned step = 0;

	if (!looking_at(x, "<?xml") || left(x) < 6 ||
	    !xml_is_space(x->buf[pos]))
		return 0;

	if (!skip_past(x, "?>"))
		return EBADMSG;

	rest.p = x->buf + pos;
	rest.l = x->pos - 2 - pos;

	while (xml_attr_raw(&name, &val, &rest)) {

		while (step < 3 && !xml_text_is(&name, want[step]))
			++step;

		/* other encodings are refused, not guessed */
		if (step == 3 ||
		    (step == 1 && pl_strcasecmp(&val, "utf-8") &&
		     pl_strcasecmp(&val, "us-ascii")))
			return EBADMSG;

		++step;
	}

	return step ? 0 : EBADMSG;
}


static int cdata(struct xml *x)
{
	x->text.p = x->buf + x->pos;
	if (!x->open || !skip_past(x, "]]>"))
		return EBADMSG;

	x->text.l = (size_t)(x->buf + x->pos - 3 - x->text.p);
	x->cdata = true;
	x->type = XML_TEXT;

	return 0;
}


/* XML 1.0 production 14 */
static int chardata(struct xml *x)
{
	const char *p = x->buf + x->pos;
	const char *lt = memchr(p, '<', left(x));
	size_t i;

	x->text.p = p;
	x->text.l = lt ? (size_t)(lt - p) : left(x);
	x->pos += x->text.l;
	x->cdata = false;

	if (!x->open) {
		/* production 27: only space outside the root */
		for (i = 0; i < x->text.l; i++) {
			if (!xml_is_space(p[i]))
				return EBADMSG;
		}
		return 0;
	}

	for (i = 0; i + 2 < x->text.l; i++) {
		if (!memcmp(p + i, "]]>", 3))
			return EBADMSG;
	}

	x->type = XML_TEXT;

	return xml_refs_valid(&x->text) ? 0 : EBADMSG;
}


static int markup(struct xml *x)
{
	if (accept(x, "<!--"))
		return comment(x) ? 0 : EBADMSG;
	if (accept(x, "<![CDATA["))
		return cdata(x);
	if (accept(x, "<?"))
		return instruction(x) ? 0 : EBADMSG;
	if (accept(x, "</"))
		return end_tag(x);

	/* no DTD: what it declares needs memory and trust */
	if (looking_at(x, "<!"))
		return EBADMSG;

	++x->pos;

	return start_tag(x);
}


/* ------------------------------------------------------------------ */


void xml_init(struct xml *x, const char *buf, size_t len)
{
	memset(x, 0, sizeof(*x));
	x->buf = buf;
	x->len = len;

	if (len > XML_LEN_MAX) {
		x->len = 0;
		x->err = EOVERFLOW;
		return;
	}

	/* XML 1.0 appendix F: a byte order mark is no part of the document */
	(void)accept(x, "\xef\xbb\xbf");

	x->err = xml_utf8_valid(buf, len) ? declaration(x) : EBADMSG;
}


int xml_next(struct xml *x)
{
	int err = x->err;

	x->type = XML_NONE;

	while (!err && x->type == XML_NONE) {

		if (x->empty)
			err = close_element(x);
		else if (!left(x)) {
			if (x->open || !x->root)
				err = EBADMSG;
			else
				x->type = XML_EOF;
		}
		else if (x->buf[x->pos] == '<')
			err = markup(x);
		else
			err = chardata(x);

		/* an empty CDATA section is nothing */
		if (x->type == XML_TEXT && !x->text.l)
			x->type = XML_NONE;
	}

	return err ? fail(x, err) : 0;
}


int xml_skip(struct xml *x)
{
	const unsigned depth = x->depth;
	int err;

	do {
		err = xml_next(x);

	} while (!err && !(x->type == XML_END && x->depth == depth));

	return err;
}


int xml_child(struct xml *x)
{
	int err;

	do {
		err = xml_next(x);

	} while (!err && x->type == XML_TEXT);

	return !err && x->type == XML_END ? ENOENT : err;
}
