/**
 * @file msrp/uri.c  MSRP URIs (RFC 4975 s6, s9)
 */
#include <errno.h>
#include <string.h>
#include "msrp/head.h"
#include "msrp/uri.h"


static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}


/** Character classes of 20..7F */
static const uint8_t cclass[96] = {
	0x00, 0x16, 0x00, 0x10, 0x16, 0x96, 0x16, 0x16,	/*  !"#$%&' */
	0x06, 0x06, 0x16, 0x9e, 0x06, 0xde, 0xfe, 0x08,	/* ()*+,-./ */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* 01234567 */
	0xff, 0xff, 0x24, 0x00, 0x00, 0x8e, 0x00, 0x00,	/* 89:;<=>? */
	0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* @ABCDEFG */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* HIJKLMNO */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* PQRSTUVW */
	0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x10, 0x5e,	/* XYZ[\]^_ */
	0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* `abcdefg */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* hijklmno */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	/* pqrstuvw */
	0xff, 0xff, 0xff, 0x10, 0x10, 0x10, 0x5e, 0x00,	/* xyz{|}~  */
};


static bool is_in(char c, unsigned mask)
{
	const uint8_t i = (uint8_t)(c - ' ');

	return i < sizeof(cclass) && (cclass[i] & mask);
}


const char *msrp_skip(const char *p, const char *end, unsigned mask)
{
	while (p < end && is_in(*p, mask))
		++p;

	return p;
}


/** Characters of that class, at least one */
static bool run(struct pl *pl, const char **p, const char *end, unsigned mask)
{
	pl->p = *p;
	*p = msrp_skip(*p, end, mask);
	pl->l = (size_t)(*p - pl->p);

	return pl->l > 0;
}


static bool is(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	++*p;

	return true;
}


/** scheme "://" [userinfo "@"] */
static bool scheme(struct msrp_uri *u, const char **p, const char *end)
{
	static const char names[] = "\4" "msrp" "\5" "msrps";
	struct pl pl;
	const char *q;
	unsigned i;

	(void)run(&pl, p, end, C_ALNUM);
	i = msrp_name_find(names, &pl, false);
	u->secure = i == 1;
	if (i > 1 || !is(p, end, ':') || !is(p, end, '/') || !is(p, end, '/'))
		return false;

	q = *p;
	(void)run(&u->userinfo, &q, end, C_USER);
	if (is(&q, end, '@'))
		*p = q;
	else
		u->userinfo.l = 0;

	return true;
}


/** host [":" port] */
static bool host(struct msrp_uri *u, const char **p, const char *end)
{
	uint32_t v;

	if (is(p, end, '[')) {
		if (!run(&u->host, p, end, C_IPV6) || u->host.l < 2 ||
		    !is(p, end, ']'))
			return false;
	}
	else if (!run(&u->host, p, end, C_HOST)) {
		return false;
	}

	u->port = 0;
	if (is(p, end, ':')) {
		*p = msrp_number(&v, *p, end);
		if (!*p || !v || v > 0xffff)
			return false;
		u->port = (uint16_t)v;
	}

	return true;
}


/** ";" transport *( ";" token [ "=" token ] ) */
static bool params(struct msrp_uri *u, const char **p, const char *end)
{
	struct pl pl;

	if (!is(p, end, ';') || !run(&u->transport, p, end, C_ALNUM))
		return false;

	u->params.p = *p;
	while (is(p, end, ';')) {
		if (!run(&pl, p, end, C_TOKEN) ||
		    (is(p, end, '=') && !run(&pl, p, end, C_TOKEN)))
			return false;
	}
	u->params.l = (size_t)(*p - u->params.p);

	return true;
}


int msrp_uri_decode(struct msrp_uri *uri, const struct pl *pl)
{
	const char *p = pl->p, *end;
	struct msrp_uri u;

	if (!p)
		return EBADMSG;

	end = p + pl->l;
	if (!scheme(&u, &p, end) || !host(&u, &p, end))
		return EBADMSG;

	u.session_id.p = p;
	u.session_id.l = 0;
	if (is(&p, end, '/') && !run(&u.session_id, &p, end, C_SESSION))
		return EBADMSG;

	if (!params(&u, &p, end) || p != end)
		return EBADMSG;

	*uri = u;

	return 0;
}


static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);

	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/** The next character of a host, lower case.  RFC 4975 s6.1 rule 2: escaped
 *  characters that need no escape are decoded before the comparison */
static char host_char(const char **p, const char *end)
{
	const char c = *(*p)++;
	int hi, lo;

	if (c != '%' || end - *p < 2)
		return lower(c);

	hi = hex((*p)[0]);
	lo = hex((*p)[1]);
	if (hi < 0 || lo < 0 || !is_in((char)(16 * hi + lo), C_PLAIN))
		return c;
	*p += 2;

	return lower((char)(16 * hi + lo));
}


/** One group of an IPv6 address: its value; at "::" and at the end 0 */
struct groups {
	uint16_t v[8];
};


static bool ipv6(struct groups *g, const struct pl *pl)
{
	const char *p = pl->p, *end = pl->p + pl->l;
	int gap = -1, n = 0, i;

	memset(g, 0, sizeof(*g));
	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}

	while (p < end) {
		unsigned v = 0;
		int digits = 0;

		while (p < end && hex(*p) >= 0 && digits++ < 4)
			v = v << 4 | (unsigned)hex(*p++);
		if (!digits || n == 8)
			return false;
		g->v[n++] = (uint16_t)v;
		if (p == end)
			break;
		/* the textual form with an IPv4 tail is compared as text */
		if (*p++ != ':' || p == end)
			return false;
		if (*p == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			++p;
		}
	}

	if (gap < 0)
		return n == 8;
	if (n == 8)
		return false;

	for (i = 1; i <= n - gap; i++) {
		g->v[8 - i] = g->v[n - i];
		g->v[n - i] = 0;
	}

	return true;
}


static bool host_equal(const struct pl *a, const struct pl *b)
{
	const char *p = a->p, *pe = a->p + a->l, *q = b->p, *qe = b->p + b->l;
	struct groups ga, gb;

	/* rule 2: addresses are compared for equivalence */
	if (ipv6(&ga, a) && ipv6(&gb, b))
		return 0 == memcmp(&ga, &gb, sizeof(ga));

	while (p < pe && q < qe) {
		if (host_char(&p, pe) != host_char(&q, qe))
			return false;
	}

	return p == pe && q == qe;
}


bool msrp_uri_equal(const struct msrp_uri *a, const struct msrp_uri *b)
{
	/* RFC 4975 s6.1 rules 1 to 5; userinfo is not considered */
	return a->secure == b->secure &&
		host_equal(&a->host, &b->host) &&
		a->port == b->port &&
		!pl_cmp(&a->session_id, &b->session_id) &&
		!pl_casecmp(&a->transport, &b->transport);
}


bool msrp_uri_match(const struct pl *a, const struct pl *b)
{
	struct msrp_uri u, v;

	return !msrp_uri_decode(&u, a) && !msrp_uri_decode(&v, b) &&
		msrp_uri_equal(&u, &v);
}


bool msrp_path_next(struct pl *uri, struct pl *path)
{
	const char *sp;

	if (!path->l)
		return false;

	sp = memchr(path->p, ' ', path->l);
	uri->p = path->p;
	uri->l = sp ? (size_t)(sp - path->p) : path->l;

	path->p += uri->l + (sp ? 1 : 0);
	path->l -= uri->l + (sp ? 1 : 0);

	return true;
}


bool msrp_path_valid(const struct pl *path)
{
	struct pl rest = *path, uri;
	struct msrp_uri u;

	if (!rest.l || rest.p[rest.l - 1] == ' ')
		return false;

	while (msrp_path_next(&uri, &rest)) {
		if (msrp_uri_decode(&u, &uri))
			return false;
	}

	return true;
}


bool msrp_path_match(const struct pl *a, const struct pl *b)
{
	struct pl p = *a, q = *b, u, v;

	while (msrp_path_next(&u, &p)) {
		if (!msrp_path_next(&v, &q) || !msrp_uri_match(&u, &v))
			return false;
	}

	return !q.l;
}
