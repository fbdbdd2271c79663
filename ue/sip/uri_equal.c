/**
 * @file uri_equal.c  Comparison of URIs (RFC 3261 s19.1.4, RFC 3966 s5)
 */
#include <string.h>
#include "ue/sip/scan.h"

/** Parameters, and headers, of a URI that are compared: each with each, so
 *  that a hostile URI of thousands would cost seconds */
#define PARTS_MAX 32


/** Octets that stay different from their escapes: reserved ones (RFC 3261
 *  s19.1.4, RFC 2396 s2.2) */
static bool reserved(int c)
{
	return strchr(";/?:@&=+$,", c) != NULL && c;
}


static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}


/** Next octet for a comparison; escaped reserved characters get a mark of
 *  their own */
static int next_octet(const char **p, const char *end, bool nocase)
{
	const bool escaped = **p == '%';
	int c = sip_unescaped(p, end);

	if (escaped && reserved(c))
		return c | 0x100;

	return nocase ? lower(c) : c;
}


/** Same text after decoding of escapes */
static bool text_equal(const struct pl *a, const struct pl *b, bool nocase)
{
	const char *p = a->p, *q = b->p;
	const char *pe = sip_end(a), *qe = sip_end(b);

	while (p < pe && q < qe) {
		if (next_octet(&p, pe, nocase) != next_octet(&q, qe, nocase))
			return false;
	}

	return p == pe && q == qe;
}


/** Absent or empty, or the same */
static bool part_equal(const struct pl *a, const struct pl *b)
{
	return !a->p == !b->p && (!a->p || text_equal(a, b, false));
}


static bool host_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	uint8_t x[16], y[16];

	if (a->host_type != b->host_type)
		return false;

	if (a->host_type != SIP_HOST_IPV6)
		return a->host.l == b->host.l &&
			sip_same(a->host.p, b->host.p, a->host.l);

	sip_ipv6_bytes(x, &a->host);
	sip_ipv6_bytes(y, &b->host);

	return !memcmp(x, y, sizeof(x));
}


enum match { ABSENT, DIFFERENT, SAME };

/** How a list has a parameter: a name that is given twice (which it must not
 *  be) matches where one of its values does */
static enum match match_param(const struct sip_param *prm,
			      const struct pl *params)
{
	struct pl rest = *params;
	struct sip_param p;
	enum match found = ABSENT;

	while (!sip_param_next(&p, &rest)) {

		if (!text_equal(&p.name, &prm->name, true))
			continue;
		if (!p.val.p == !prm->val.p &&
		    (!p.val.p || text_equal(&p.val, &prm->val, true)))
			return SAME;
		found = DIFFERENT;
	}

	return found;
}


/** RFC 3261 s19.1.4: a URI with one of these never matches one without */
static bool counts_alone(const struct pl *name)
{
	static const char wordv[][10] = {
		"user", "ttl", "method", "maddr", "transport"
	};

	for (unsigned i = 0; i < sizeof(wordv) / sizeof(wordv[0]); i++) {

		const struct pl word = {wordv[i], strlen(wordv[i])};

		if (text_equal(name, &word, true))
			return true;
	}

	return false;
}


/** All parameters of a against b.  all: each one counts (RFC 3966 s5) */
static bool params_match(const struct pl *a, const struct pl *b, bool all)
{
	struct pl rest = *a;
	struct sip_param prm;
	unsigned n = 0;

	while (!sip_param_next(&prm, &rest)) {

		const enum match match = match_param(&prm, b);

		if (match == DIFFERENT || ++n > PARTS_MAX ||
		    (match == ABSENT && (all || counts_alone(&prm.name))))
			return false;
	}

	return true;
}


/** Next `name=value` of the headers part */
static bool next_header(struct pl *hdr, const char **p, const char *end)
{
	const char *q;

	if (!*p || *p >= end)
		return false;

	q = memchr(*p, '&', (size_t)(end - *p));
	if (!q)
		q = end;
	sip_set(hdr, *p, q);
	*p = q < end ? q + 1 : end;

	return true;
}


/** How often a header is there.  The name ignores case, and so does the value
 *  here: what it may mean depends on the header */
static size_t count_header(const struct pl *hdr, const struct pl *headers)
{
	const char *p = headers->p, *end = sip_end(headers);
	struct pl h;
	size_t n = 0;

	while (next_header(&h, &p, end))
		n += text_equal(&h, hdr, true);

	return n;
}


/** Each header of a is in b, as often */
static bool headers_match(const struct pl *a, const struct pl *b)
{
	const char *p = a->p, *end = sip_end(a);
	struct pl hdr;
	unsigned n = 0;

	while (next_header(&hdr, &p, end)) {
		if (++n > PARTS_MAX ||
		    count_header(&hdr, a) != count_header(&hdr, b))
			return false;
	}

	return true;
}


/** RFC 3966 s5: numbers without visual separators, any case */
static bool number_equal(const struct pl *a, const struct pl *b)
{
	static const char separators[] = "-.()";
	const char *p = a->p, *q = b->p;
	const char *pe = sip_end(a), *qe = sip_end(b);

	for (;;) {
		while (p < pe && memchr(separators, *p, 4))
			++p;
		while (q < qe && memchr(separators, *q, 4))
			++q;
		if (p == pe || q == qe)
			return p == pe && q == qe;
		if (lower(*p++) != lower(*q++))
			return false;
	}
}


/** What counts of a URN: its r- and q-component do not (RFC 8141 s3.1) */
static size_t assigned_len(const struct pl *urn)
{
	const char *q = memchr(urn->p, '?', urn->l);

	return q ? (size_t)(q - urn->p) : urn->l;
}


/** RFC 8141 s3.1: the namespace identifier and the digits of escapes ignore
 *  case, the rest does not; no escape is decoded */
static bool urn_equal(const struct pl *a, const struct pl *b)
{
	const size_t len = assigned_len(a);
	bool nid = true;
	size_t i, esc = 0;

	if (assigned_len(b) != len)
		return false;

	for (i = 0; i < len; i++) {

		const char c = a->p[i], d = b->p[i];

		if (c == ':')
			nid = false;
		if (c == '%')
			esc = i + 3;
		if (nid || i < esc ? lower(c) != lower(d) : c != d)
			return false;
	}

	return true;
}


static bool sip_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	return part_equal(&a->user, &b->user) &&
		part_equal(&a->password, &b->password) &&
		host_equal(a, b) && a->port == b->port &&
		params_match(&a->params, &b->params, false) &&
		params_match(&b->params, &a->params, false) &&
		headers_match(&a->headers, &b->headers) &&
		headers_match(&b->headers, &a->headers);
}


bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (!a->text.p || !b->text.p || a->scheme != b->scheme)
		return false;

	if (a->text.l == b->text.l &&
	    !memcmp(a->text.p, b->text.p, a->text.l))
		return true;

	switch (a->scheme) {

	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		return sip_equal(a, b);

	case SIP_SCHEME_TEL:
		return number_equal(&a->user, &b->user) &&
			params_match(&a->params, &b->params, true) &&
			params_match(&b->params, &a->params, true);

	case SIP_SCHEME_URN:
		return urn_equal(&a->user, &b->user);

	default:
		return a->scheme_name.l == b->scheme_name.l &&
			sip_same(a->scheme_name.p, b->scheme_name.p,
				 a->scheme_name.l) &&
			a->user.l == b->user.l &&
			!memcmp(a->user.p, b->user.p, a->user.l);
	}
}
