/**
 * @file xml_value.c  Names, attributes and text of an XML document that is
 * being read
 */
#include <errno.h>
#include <string.h>
#include "ue/xml/xml.h"
#include "ue/xml/xml_chars.h"


bool xml_same(const struct pl *a, const struct pl *b)
{
	return a->l == b->l && (!a->l || !memcmp(a->p, b->p, a->l));
}


bool xml_text_is(const struct pl *a, const char *str)
{
	return a->l == strlen(str) && (!a->l || !memcmp(a->p, str, a->l));
}


void xml_split_name(struct pl *prefix, struct pl *local, const struct pl *name)
{
	const char *colon = memchr(name->p, ':', name->l);

	prefix->p = name->p;
	prefix->l = colon ? (size_t)(colon - name->p) : 0;
	local->p = colon ? colon + 1 : name->p;
	local->l = (size_t)(name->p + name->l - local->p);
}


bool xml_is(const struct xml *x, const char *ns, const char *name)
{
	return xml_text_is(&x->name, name) && xml_text_is(&x->ns, ns);
}


/* ------------------------------------------------------------------ */
/* Attributes */


/* One attribute of checked text.  *rest begins at or before it */
bool xml_attr_raw(struct pl *name, struct pl *val, struct pl *rest)
{
	const char *end = rest->p + rest->l;
	const char *p = rest->p;
	char quote;

	while (p < end && xml_is_space(*p))
		++p;
	if (p >= end)
		return false;

	name->p = p;
	while (p < end && xml_is_name(*p))
		++p;
	name->l = (size_t)(p - name->p);

	while (p < end && *p != '"' && *p != '\'')
		++p;
	if (p >= end)
		return false;

	quote = *p++;
	val->p = p;
	while (p < end && *p != quote)
		++p;
	if (p >= end)
		return false;

	val->l = (size_t)(p - val->p);
	rest->p = p + 1;
	rest->l = (size_t)(end - rest->p);

	return true;
}


bool xml_is_xmlns(const struct pl *name)
{
	return name->l >= 5 && !memcmp(name->p, "xmlns", 5) &&
		(name->l == 5 || name->p[5] == ':');
}


int xml_attr_next(struct xml_attr *attr, struct pl *rest)
{
	struct pl name, val;

	while (xml_attr_raw(&name, &val, rest)) {

		if (xml_is_xmlns(&name))
			continue;

		xml_split_name(&attr->prefix, &attr->name, &name);
		attr->val = val;

		return 0;
	}

	return ENOENT;
}


int xml_attr(struct pl *val, const struct xml *x, const char *name)
{
	struct pl rest = x->attrs;
	struct xml_attr attr;

	while (!xml_attr_next(&attr, &rest)) {
		if (!attr.prefix.l && xml_text_is(&attr.name, name)) {
			*val = attr.val;
			return 0;
		}
	}

	return ENOENT;
}


int xml_attr_str(char *str, size_t size, const struct xml *x,
		 const char *name)
{
	struct pl val;

	if (xml_attr(&val, x, name))
		return ENOENT;

	xml_trim(&val);

	return xml_decode(str, size, &val);
}


int xml_attr_u32(uint32_t *v, const struct xml *x, const char *name)
{
	struct pl val;
	uint64_t n = 0;
	size_t i;

	if (xml_attr(&val, x, name))
		return ENOENT;

	xml_trim(&val);
	if (!val.l)
		return EBADMSG;

	for (i = 0; i < val.l; i++) {

		if (val.p[i] < '0' || val.p[i] > '9')
			return EBADMSG;

		n = n * 10 + (uint64_t)(val.p[i] - '0');
		if (n > UINT32_MAX)
			return EBADMSG;
	}

	*v = (uint32_t)n;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Text */


/* References mean nothing in a CDATA section (XML 1.0 2.7) */
static int text_piece(char *str, size_t size, const struct xml *x)
{
	if (!x->cdata)
		return xml_decode(str, size, &x->text);

	if (x->text.l >= size)
		return EOVERFLOW;

	memcpy(str, x->text.p, x->text.l);
	str[x->text.l] = '\0';

	return 0;
}


/* Space around the whole text is dropped, which may come in pieces */
int xml_text(char *str, size_t size, struct xml *x)
{
	const unsigned depth = x->depth;
	size_t n = 0;
	int err, full = 0;

	if (!size)
		return EOVERFLOW;

	str[0] = '\0';

	for (;;) {
		err = xml_next(x);
		if (err)
			return err;
		if (x->type == XML_END && x->depth == depth)
			break;
		if (x->type != XML_TEXT || x->open != depth || full)
			continue;

		if (!n)
			xml_trim_left(&x->text);
		full = text_piece(str + n, size - n, x);
		n = strlen(str);
	}

	if (full) {
		str[0] = '\0';
		return full;
	}

	while (n && xml_is_space(str[n - 1]))
		str[--n] = '\0';

	return 0;
}
