/**
 * @file multipart.c  Bodies with several parts (RFC 2046 5.1, RFC 5621)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/multipart.h"

/** RFC 2046 5.1.1 */
#define BOUNDARY_MAX 70


static void begin(struct sip_part_iter *it, const struct sip_ctype *ctype,
		  const struct pl *body)
{
	memset(it, 0, sizeof(*it));
	it->rest = *body;

	if (sip_ctype_is(ctype, "multipart", NULL) &&
	    sip_param_get(&it->boundary, &ctype->params, "boundary")) {
		/* there, but unusable: sip_part_next() says so */
		it->boundary.p = body->p;
		it->boundary.l = 0;
	}
}


void sip_part_iter_inner(struct sip_part_iter *it,
			 const struct sip_part *part)
{
	begin(it, &part->ctype, &part->body);
}


void sip_part_iter_init(struct sip_part_iter *it, const struct sip_msg *m)
{
	begin(it, &m->ctype, &m->body);
	it->m = m;
}


/* Is there `--boundary` at the position?  Then the length of the line, with
 * its end; *last: it was `--boundary--` */
static size_t delimiter(const char *p, const char *end,
			const struct pl *boundary, bool *last)
{
	const char *q = p;

	if ((size_t)(end - q) < boundary->l + 2 || q[0] != '-' ||
	    q[1] != '-' || memcmp(q + 2, boundary->p, boundary->l))
		return 0;

	q += boundary->l + 2;
	*last = end - q >= 2 && q[0] == '-' && q[1] == '-';
	if (*last)
		return (size_t)(q + 2 - p);

	/* transport padding */
	while (q < end && (*q == ' ' || *q == '\t'))
		++q;

	if (end - q < 2 || q[0] != '\r' || q[1] != '\n')
		return 0;

	return (size_t)(q + 2 - p);
}


/* What comes before the next delimiter; rest begins behind the delimiter */
static int until_delimiter(struct pl *before, struct pl *rest,
			   const struct pl *boundary, bool *last)
{
	const char *start = rest->p, *end = rest->p + rest->l, *p = start;

	while (p < end) {

		const size_t n = delimiter(p, end, boundary, last);
		const char *nl;

		if (n) {
			before->p = start;
			before->l = (size_t)(p - start);
			/* the line end before it belongs to the delimiter */
			if (before->l >= 2)
				before->l -= 2;
			rest->p = p + n;
			rest->l = (size_t)(end - rest->p);
			return 0;
		}

		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			break;
		p = nl + 1;
	}

	return EBADMSG;
}


static void trim(struct pl *pl)
{
	while (pl->l && (pl->p[0] == ' ' || pl->p[0] == '\t')) {
		++pl->p;
		--pl->l;
	}
	while (pl->l && (pl->p[pl->l - 1] == ' ' ||
			 pl->p[pl->l - 1] == '\t'))
		--pl->l;
}


static int field(struct sip_part *part, const struct pl *name, struct pl *val)
{
	trim(val);

	if (!pl_strcasecmp(name, "Content-Type"))
		return sip_ctype_decode(&part->ctype, val);

	if (!pl_strcasecmp(name, "Content-Disposition"))
		part->disposition = *val;
	if (pl_strcasecmp(name, "Content-ID"))
		return 0;

	if (val->l >= 2 && val->p[0] == '<' && val->p[val->l - 1] == '>') {
		++val->p;
		val->l -= 2;
	}
	part->content_id = *val;

	return 0;
}


/* RFC 822 s3.1.1: a field goes on where the next line begins with a blank.
   @return its end; NULL: none */
static const char *field_end(const char *p, const char *end)
{
	char *nl = memchr(p, '\n', (size_t)(end - p));

	/* the empty line ends the fields, whatever the body begins with */
	if (!nl || nl == p || (nl == p + 1 && *p == '\r'))
		return nl;

	while (nl && end - nl > 1 && (nl[1] == ' ' || nl[1] == '\t')) {
		if (nl[-1] == '\r')
			nl[-1] = ' ';
		*nl = ' ';
		++nl;
		nl = memchr(nl, '\n', (size_t)(end - nl));
	}

	return nl;
}


/* Header lines, an empty line, the body */
static int part_decode(struct sip_part *part, const struct pl *text)
{
	const char *p = text->p, *end = text->p + text->l;

	memset(part, 0, sizeof(*part));

	for (;;) {

		const char *nl, *colon;
		struct pl name, val;
		int err;

		/* an empty part has no header lines and perhaps no line end */
		nl = p < end ? field_end(p, end) : NULL;
		if (!nl)
			return p == end ? 0 : EBADMSG;

		if (nl == p || (nl == p + 1 && *p == '\r')) {
			part->body.p = nl + 1;
			part->body.l = (size_t)(end - part->body.p);
			return 0;
		}

		colon = memchr(p, ':', (size_t)(nl - p));
		if (!colon)
			return EBADMSG;

		name.p = p;
		name.l = (size_t)(colon - p);
		val.p = colon + 1;
		val.l = (size_t)(nl - val.p);
		if (val.l && val.p[val.l - 1] == '\r')
			--val.l;

		err = field(part, &name, &val);
		if (err)
			return err;

		p = nl + 1;
	}
}


static void single(struct sip_part *part, const struct sip_msg *m)
{
	memset(part, 0, sizeof(*part));
	part->ctype = m->ctype;
	part->body = m->body;
	(void)sip_msg_hdr(&part->disposition, m,
			  SIP_HDR_CONTENT_DISPOSITION);
}


int sip_part_next(struct sip_part *part, struct sip_part_iter *it)
{
	struct pl text;
	bool last = false;
	int err;

	if (!it->rest.l)
		return ENOENT;

	if (!it->boundary.p) {
		single(part, it->m);
		it->rest.l = 0;
		return 0;
	}

	if (!it->boundary.l || it->boundary.l > BOUNDARY_MAX)
		return EBADMSG;

	/* what is before the first delimiter is not for us */
	if (!it->begun) {
		err = until_delimiter(&text, &it->rest, &it->boundary, &last);
		if (err || last)
			return EBADMSG;
		it->begun = true;
	}

	err = until_delimiter(&text, &it->rest, &it->boundary, &last);
	if (err)
		return err;

	if (last)
		it->rest.l = 0;

	return part_decode(part, &text);
}


int sip_part_find(struct sip_part *part, const struct sip_msg *m,
		  const char *type, const char *subtype)
{
	struct sip_part_iter it, inner;
	int err;

	sip_part_iter_init(&it, m);
	inner.rest.l = 0;
	do {
		/* RFC 5621 s4.2: in the parts of a part, too */
		if (inner.rest.l) {
			err = sip_part_next(part, &inner);
			continue;
		}
		err = sip_part_next(part, &it);
		if (!err && it.boundary.p &&
		    sip_ctype_is(&part->ctype, "multipart", NULL))
			sip_part_iter_inner(&inner, part);
	} while (!err && !sip_ctype_is(&part->ctype, type, subtype));

	return err;
}


int sip_body_find(struct pl *body, const struct sip_msg *m, const char *type,
		  const char *subtype)
{
	struct sip_part part;
	const int err = sip_part_find(&part, m, type, subtype);

	if (!err)
		*body = part.body;

	return err;
}
