/**
 * @file uri.c  URIs: sip, sips (RFC 3261 s19.1), tel (RFC 3966), absolute
 *              URIs of other schemes
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


/** scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) and the colon */
static const char *scheme(struct sip_uri *uri, const char *p,
			  const char *end)
{
	const char *start = p;

	if (p == end || !sip_is_alpha(*p))
		return NULL;

	while (p < end && (sip_is_alpha(*p) || sip_is_digit(*p) ||
			   *p == '+' || *p == '-' || *p == '.'))
		++p;
	if (p == end || *p != ':')
		return NULL;

	sip_set(&uri->scheme_name, start, p);
	uri->scheme = SIP_SCHEME_OTHER;
	if (SIP_IS(&uri->scheme_name, "sip"))
		uri->scheme = SIP_SCHEME_SIP;
	else if (SIP_IS(&uri->scheme_name, "sips"))
		uri->scheme = SIP_SCHEME_SIPS;
	else if (SIP_IS(&uri->scheme_name, "tel"))
		uri->scheme = SIP_SCHEME_TEL;
	else if (SIP_IS(&uri->scheme_name, "urn"))
		uri->scheme = SIP_SCHEME_URN;

	return p + 1;
}


/** password = *( unreserved / escaped / "&" / "=" / "+" / "$" / "," ) */
static const char *password(const char *p, const char *end)
{
	const char *q = sip_skip_esc(p, end, SIP_C_USER);

	if (!q)
		return NULL;

	for (; p < q; ++p) {
		if (*p == ';' || *p == '?' || *p == '/')
			return NULL;
	}

	return q;
}


/**
 * userinfo = user [ ":" password ] "@"
 *
 * An unescaped '@' can be nowhere else in a SIP URI, so that it decides
 * whether the characters before it are a user or already the host.
 *
 * @return behind the '@'; p when there is no userinfo
 */
static const char *userinfo(struct sip_uri *uri, const char *p,
			    const char *end)
{
	const char *q = sip_skip_esc(p, end, SIP_C_USER), *r;

	if (!q || q == p || q == end)
		return p;

	r = q;
	if (*q == ':') {
		r = password(q + 1, end);
		if (!r || r == end)
			return p;
	}
	if (*r != '@')
		return p;

	sip_set(&uri->user, p, q);
	if (r != q)
		sip_set(&uri->password, q + 1, r);

	return r + 1;
}


/** RFC 5049 s9.1 has no quotes in a URI, 3GPP's examples do.  A quoted-pair
 *  might be NUL, and URIs become strings */
static const char *quoted(const char *p, const char *end)
{
	p = sip_skip(p + 1, end, SIP_C_QDTEXT);

	return p < end && *p == '"' ? p + 1 : NULL;
}


/** uri-parameters = *( ";" pname [ "=" pvalue ] ) */
static const char *uri_params(struct sip_uri *uri, const char *p,
			      const char *end)
{
	const char *start = p, *q;

	while (p < end && *p == ';') {

		q = sip_skip_esc(p + 1, end, SIP_C_PARAM);
		if (!q || q == p + 1)
			return NULL;
		p = q;

		if (p == end || *p != '=')
			continue;

		++p;
		q = p < end && *p == '"' ? quoted(p, end)
			: sip_skip_esc(p, end, SIP_C_PARAM);
		if (!q || q == p)
			return NULL;
		p = q;
	}

	sip_set(&uri->params, start, p);

	return p;
}


/** headers = "?" header *( "&" header ); header = hname "=" hvalue */
static const char *uri_headers(struct sip_uri *uri, const char *p,
			       const char *end)
{
	const char *start = p + 1, *q;

	do {
		q = sip_skip_esc(p + 1, end, SIP_C_HNV);
		if (!q || q == p + 1 || q == end || *q != '=')
			return NULL;

		p = sip_skip_esc(q + 1, end, SIP_C_HNV);
		if (!p)
			return NULL;

	} while (p < end && *p == '&');

	sip_set(&uri->headers, start, p);

	return p;
}


/** SIP-URI and SIPS-URI behind the scheme */
static const char *sip_part(struct sip_uri *uri, const char *p,
			    const char *end)
{
	p = userinfo(uri, p, end);
	p = sip_hostport(&uri->host, &uri->host_type, &uri->port, p, end);
	if (!p)
		return NULL;

	p = uri_params(uri, p, end);
	if (p && p < end && *p == '?')
		p = uri_headers(uri, p, end);

	return p;
}


/** RFC 3966 s3: global-number-digits or local-number-digits; a digit (local:
 *  or hexadecimal digit, '*', '#') is needed, separators may be between */
static const char *tel_part(struct sip_uri *uri, const char *p,
			    const char *end)
{
	const char *start = p;
	const bool global = p < end && *p == '+';
	bool digit = false;

	for (p += global; p < end; ++p) {
		if (sip_is_digit(*p))
			digit = true;
		else if (*p == '-' || *p == '.' || *p == '(' || *p == ')')
			continue;
		else if (!global && (*p == '*' || *p == '#' ||
				     (sip_is_alpha(*p) &&
				      (*p | 0x20) <= 'f')))
			digit = true;
		else
			break;
	}

	if (!digit)
		return NULL;

	sip_set(&uri->user, start, p);

	return uri_params(uri, p, end);
}


/** absoluteURI of another scheme: characters only */
static const char *other_part(struct sip_uri *uri, const char *p,
			      const char *end)
{
	const char *q = sip_skip_esc(p, end, SIP_C_URIC);

	if (!q || q == p)
		return NULL;

	sip_set(&uri->user, p, q);

	return q;
}


/**
 * A URI up to the first character that cannot be part of it
 *
 * @param brackets  The URI has its own delimiters.  Otherwise RFC 3261 s20:
 *                  a comma, question mark or semicolon needs them; the latter
 *                  begins the header's parameters
 */
const char *sip_uri_scan(struct sip_uri *uri, const char *p, const char *end,
			 bool brackets)
{
	const char *start = p;

	memset(uri, 0, sizeof(*uri));

	if (!brackets) {

		const char *q = p;

		while (q < end && *q != ';' && *q != ',' && *q != '?' &&
		       !sip_is_sp(*q))
			++q;
		if (q < end && *q == '?')
			return NULL;
		end = q;
	}

	p = scheme(uri, p, end);
	if (!p)
		return NULL;

	switch (uri->scheme) {

	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		p = sip_part(uri, p, end);
		break;

	case SIP_SCHEME_TEL:
		p = tel_part(uri, p, end);
		break;

	default:
		p = other_part(uri, p, end);
		break;
	}

	if (p)
		sip_set(&uri->text, start, p);

	return p;
}


int sip_uri_decode(struct sip_uri *uri, const struct pl *text)
{
	struct sip_uri u;
	const char *end = sip_end(text);

	if (!text->p || sip_uri_scan(&u, text->p, end, true) != end)
		return EBADMSG;

	*uri = u;

	return 0;
}


int sip_uri_param(struct pl *val, const struct sip_uri *uri,
		  const char *name)
{
	return sip_param_get(val, &uri->params, name) ? ENOENT : 0;
}


/** Octet at p with its escape decoded; *p moves behind it.  NUL, too, may be
 *  escaped: -1 is a bad escape */
int sip_unescaped(const char **p, const char *end)
{
	const char *q = *p;
	int v;

	*p = q + 1;
	if (*q != '%')
		return (unsigned char)*q;

	v = end - q < 3 ? -1 : ue_hex_octet(q + 1);
	if (v >= 0)
		*p = q + 3;

	return v;
}


int sip_unescape(char *buf, size_t size, size_t *len, const struct pl *str)
{
	const char *p = str->p, *end = sip_end(str);
	size_t n = 0;

	for (; p < end; ++n) {
		if (sip_unescaped(&p, end) < 0)
			return EBADMSG;
	}
	if (n >= size)
		return EOVERFLOW;

	for (p = str->p, n = 0; p < end; )
		buf[n++] = (char)sip_unescaped(&p, end);
	buf[n] = '\0';

	if (len)
		*len = n;

	return 0;
}
