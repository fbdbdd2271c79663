/**
 * @file addr.c  name-addr / addr-spec with parameters (RFC 3261 s20.10, s25.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


/**
 * display-name = *( token LWS ) / quoted-string
 *
 * @return at the '<', with *dname set; p itself when an addr-spec follows;
 *         NULL: neither
 */
static const char *display_name(struct pl *dname, const char *p,
				const char *end)
{
	const char *q = p, *last = p, *tail = p;

	if (p < end && *p == '"') {
		q = sip_quoted(p, end);
		if (!q)
			return NULL;
		sip_set(dname, p + 1, q - 1);
		q = sip_skip_sws(q, end);
		return q < end && *q == '<' ? q : NULL;
	}

	for (;;) {
		q = sip_skip(q, end, SIP_C_TOKEN);
		if (q == last)
			break;
		tail = q;
		last = q = sip_skip_sws(q, end);
		if (q == tail)
			break;
	}

	if (q == end || *q != '<')
		return p;
	if (tail > p)
		sip_set(dname, p, tail);

	return q;
}


/** ( name-addr / addr-spec ) *( SEMI generic-param ); p is behind white
 *  space, the result not */
const char *sip_addr_scan(struct sip_addr *addr, const char *p,
			  const char *end)
{
	const char *q;

	addr->dname.p = NULL;
	addr->dname.l = 0;

	q = display_name(&addr->dname, p, end);
	if (!q)
		return NULL;

	if (q < end && *q == '<') {
		q = sip_uri_scan(&addr->uri, q + 1, end, true);
		if (!q || q == end || *q != '>')
			return NULL;
		++q;
	}
	else {
		q = sip_uri_scan(&addr->uri, p, end, false);
		if (!q)
			return NULL;
	}

	return sip_gen_params(&addr->params, q, end);
}


/** Is this a list of addresses, all in brackets where asked for? */
bool sip_addr_list(const char *p, const char *end, bool brackets)
{
	struct sip_addr addr;

	do {
		p = sip_addr_scan(&addr, p, end);
		if (p && brackets && addr.uri.text.p[-1] != '<')
			p = NULL;
	} while (sip_list_more(&p, end));

	return p != NULL;
}


int sip_addr_decode(struct sip_addr *addr, const struct pl *val)
{
	struct sip_addr a;
	const char *p, *end = sip_end(val);

	if (!val->p)
		return EBADMSG;

	p = sip_addr_scan(&a, sip_skip_sws(val->p, end), end);
	if (!p || sip_skip_sws(p, end) != end)
		return EBADMSG;

	*addr = a;

	return 0;
}
