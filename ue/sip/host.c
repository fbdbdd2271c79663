/**
 * @file host.c  host and hostport (RFC 3261 s25.1, RFC 5954)
 */
#include <string.h>
#include "ue/sip/scan.h"


static bool is_alnum(char c)
{
	return sip_is_digit(c) || sip_is_alpha(c);
}


/** IPv4address = dec-octet 3("." dec-octet), RFC 5954 s4.1 */
static const char *ipv4(uint8_t addr[4], const char *p, const char *end)
{
	for (unsigned i = 0; i < 4; i++) {

		uint32_t v;
		const char *q = p;

		if (i && (p == end || *q++ != '.'))
			return NULL;

		p = sip_number(&v, q, end);
		if (!p || p - q > 3 || v > 255)
			return NULL;

		if (addr)
			addr[i] = (uint8_t)v;
	}

	return p;
}


/** 1*4HEXDIG; returns p itself where there is none */
static const char *h16(unsigned *v, const char *p, const char *end)
{
	const char *stop = end - p > 5 ? p + 5 : end;
	const char *start = p;
	unsigned n = 0, d;

	for (; p < stop; ++p) {
		d = ue_hex_value(*p);
		if (d > 15)
			break;
		n = n << 4 | d;
	}

	*v = n;

	return p - start > 4 ? NULL : p;
}


/** State of one IPv6 address being read */
struct v6 {
	uint8_t *addr;          /* 16 octets or NULL                        */
	unsigned octets;        /* read so far                              */
	unsigned gap;           /* where :: stands, octets; 16 = none       */
	bool tail;              /* ended with an IPv4 address               */
};


/** The dotted tail; only the last four octets may be written so */
static const char *v6_tail(struct v6 *v, const char *p, const char *end)
{
	if (v->octets > 12)
		return NULL;

	p = ipv4(v->addr ? v->addr + v->octets : NULL, p, end);
	v->octets += 4;
	v->tail = true;

	return p;
}


/** :: and where it may stand; RFC 5118 s4.10: a third colon is tolerated
 *  before an IPv4 tail */
static const char *v6_gap(struct v6 *v, const char *p, const char *end)
{
	if (v->gap != 16 || v->octets > 14)
		return NULL;

	v->gap = v->octets;
	p += 2;
	if (p < end && *p == ':' && ipv4(NULL, p + 1, end))
		++p;

	return p;
}


static const char *v6_group(struct v6 *v, const char *p, const char *end)
{
	unsigned n;
	const char *q = h16(&n, p, end);

	if (q != p && q && q < end && *q == '.')
		return v6_tail(v, p, end);
	if (!q || q == p || v->octets > 14)
		return NULL;

	if (v->addr) {
		v->addr[v->octets]     = (uint8_t)(n >> 8);
		v->addr[v->octets + 1] = (uint8_t)n;
	}
	v->octets += 2;

	return q;
}


/** IPv6address (RFC 5954 s4.1) up to the first character that is none of it;
 *  v->addr gets the groups as they come, the gap not yet filled */
static const char *v6_read(struct v6 *v, const char *p, const char *end)
{
	bool first = true;

	while (!v->tail) {
		if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
			p = v6_gap(v, p, end);
			if (!p)
				return NULL;
			if (p == end || ue_hex_value(*p) > 15)
				break;
		}
		else if (!first) {
			if (p == end || *p != ':')
				break;
			++p;
		}

		p = v6_group(v, p, end);
		if (!p)
			return NULL;
		first = false;
	}

	/* eight groups, or fewer and a gap */
	if (v->gap == 16 ? v->octets != 16 : v->octets > 14)
		return NULL;

	return p;
}


/** IPv6address without brackets */
const char *sip_ipv6(const char *p, const char *end)
{
	struct v6 v = {NULL, 0, 16, false};

	return v6_read(&v, p, end);
}


/** The address of a text that sip_ipv6() has accepted */
void sip_ipv6_bytes(uint8_t addr[16], const struct pl *host)
{
	struct v6 v = {addr, 0, 16, false};

	memset(addr, 0, 16);
	(void)v6_read(&v, host->p, sip_end(host));
	if (v.gap == 16)
		return;

	memmove(addr + 16 - (v.octets - v.gap), addr + v.gap,
		v.octets - v.gap);
	memset(addr + v.gap, 0, 16 - v.octets);
}


/** hostname = *( domainlabel "." ) toplabel [ "." ] */
static const char *hostname(const char *p, const char *end)
{
	char top = 0;           /* first character of the last label */

	for (;;) {
		if (p == end || !is_alnum(*p))
			break;          /* after the trailing dot, or bad */

		top = *p;
		p = sip_skip(p, end, SIP_C_LABEL);
		if (p[-1] == '-')
			return NULL;

		if (p == end || *p != '.')
			break;
		++p;
	}

	return sip_is_alpha(top) ? p : NULL;
}


/** host = hostname / IPv4address / IPv6reference; *host is without the
 *  brackets */
const char *sip_host(struct pl *host, uint8_t *type, const char *p,
		     const char *end)
{
	const char *q;

	if (p < end && *p == '[') {
		q = sip_ipv6(p + 1, end);
		if (!q || q == end || *q != ']')
			return NULL;
		sip_set(host, p + 1, q);
		*type = SIP_HOST_IPV6;
		return q + 1;
	}

	q = hostname(p, end);
	*type = SIP_HOST_NAME;
	if (!q) {
		q = ipv4(NULL, p, end);
		*type = SIP_HOST_IPV4;
		if (!q)
			return NULL;
	}

	sip_set(host, p, q);

	return q;
}


/** hostport = host [ ":" port ]; *port is 0 without one.  White space around
 *  the colon is the caller's: it is allowed in a Via only */
const char *sip_hostport(struct pl *host, uint8_t *type, uint16_t *port,
			 const char *p, const char *end)
{
	uint32_t v = 0;

	p = sip_host(host, type, p, end);
	if (!p)
		return NULL;

	if (p < end && *p == ':') {
		p = sip_number(&v, p + 1, end);
		if (!p || !v || v > 65535)
			return NULL;
	}

	*port = (uint16_t)v;

	return p;
}
