/**
 * @file sdp_media.c  Session descriptions: media level, attributes (RFC 4566)
 */
#include <errno.h>
#include <string.h>
#include "ue/sdp/core.h"


static bool to_port(uint16_t *port, const struct pl *pl)
{
	uint64_t v;

	if (!sdesc_u64(&v, pl) || v > UINT16_MAX)
		return false;

	*port = (uint16_t)v;

	return true;
}


/* s5.14: media port[/number] proto fmt ... */
static int media_line(struct sdesc_media *m, const struct pl *val)
{
	struct pl rest = *val, port, fmt;
	const char *slash;

	memset(m, 0, sizeof(*m));

	if (sdesc_word_next(&m->type, &rest) ||
	    sdesc_word_next(&port, &rest) ||
	    sdesc_word_next(&m->proto, &rest))
		return EBADMSG;

	slash = memchr(port.p, '/', port.l);
	if (slash)
		port.l = (size_t)(slash - port.p);
	if (!to_port(&m->port, &port))
		return EBADMSG;

	m->fmts = rest;

	return sdesc_word_next(&fmt, &rest) ? EBADMSG : 0;
}


/* One media description: its m= line, then lines up to the next one */
static int media_decode(struct sdesc_media *m, struct pl *text,
			const struct sdesc *sdp)
{
	struct sdesc_line line;
	bool conn = false;
	int err;

	err = sdesc_line_next(&line, text);
	if (!err)
		err = media_line(m, &line.val);
	if (err)
		return err;

	m->addr = sdp->addr;
	m->dir = sdp->dir;
	m->sdp = sdp;
	m->lines.p = text->p;

	while (text->l && text->p[0] != 'm') {

		err = sdesc_line_next(&line, text);
		if (err)
			return err;

		if (!strchr("icbka", line.type))
			return EBADMSG;

		if (line.type == 'c') {
			err = sdesc_connection(&m->addr, &line.val);
			if (err)
				return err;
			conn = true;
		}
		else if (line.type == 'a') {
			(void)sdesc_direction(&m->dir, &line.val);
		}
	}

	m->lines.l = (size_t)(text->p - m->lines.p);
	m->addr.port = m->port;

	/* s5.7: each media description, or the session */
	return m->port && !conn && !sdp->conn ? EBADMSG : 0;
}


int sdesc_media_lines(struct sdesc *sdp, struct pl rest)
{
	struct sdesc_media m;
	int err;

	while (rest.l) {

		if (sdp->mediac == SDESC_MEDIA_MAX)
			return EOVERFLOW;

		err = media_decode(&m, &rest, sdp);
		if (err)
			return err;

		++sdp->mediac;
	}

	return 0;
}


int sdesc_media(struct sdesc_media *m, const struct sdesc *sdp, unsigned i)
{
	struct pl rest = sdp->media;

	if (i >= sdp->mediac)
		return ENOENT;

	/* sdesc_decode() has checked them */
	do
		(void)media_decode(m, &rest, sdp);
	while (i--);

	return 0;
}


bool sdesc_media_is(const struct sdesc_media *m, const char *type,
		  const char *proto)
{
	return !pl_strcasecmp(&m->type, type) &&
		(!proto || !pl_strcasecmp(&m->proto, proto));
}


/* ------------------------------------------------------------------ */
/* Attributes */


int sdesc_attr_next(struct sdesc_attr *a, struct pl *lines)
{
	struct sdesc_line line;
	const char *colon;

	while (!sdesc_line_next(&line, lines)) {

		if (line.type != 'a')
			continue;

		a->name = line.val;
		a->val.p = NULL;
		a->val.l = 0;

		colon = memchr(line.val.p, ':', line.val.l);
		if (colon) {
			a->name.l = (size_t)(colon - line.val.p);
			a->val.p = colon + 1;
			a->val.l = line.val.l - a->name.l - 1;
		}

		return 0;
	}

	return ENOENT;
}


static int attr_get(struct pl *val, struct pl lines, const char *name)
{
	struct sdesc_attr a;

	while (!sdesc_attr_next(&a, &lines)) {

		if (pl_strcmp(&a.name, name))
			continue;

		if (val)
			*val = a.val;

		return 0;
	}

	return ENOENT;
}


int sdesc_media_attr(struct pl *val, const struct sdesc_media *m,
		   const char *name)
{
	return attr_get(val, m->lines, name);
}


int sdesc_attr(struct pl *val, const struct sdesc_media *m, const char *name)
{
	return sdesc_media_attr(val, m, name) ?
		attr_get(val, m->sdp->session, name) : 0;
}
