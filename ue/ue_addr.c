/**
 * @file ue_addr.c  IP addresses as text
 */
#include <errno.h>
#include <string.h>
#include "ue/ue_addr.h"
#include "ue/ue_hex.h"

#define GROUPS 8


static char *put_dec(char *p, unsigned v)
{
	char digit[5];
	unsigned n = 0;

	do {
		digit[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v && n < sizeof(digit));

	while (n)
		*p++ = digit[--n];

	return p;
}


/* RFC 5952 s4.1, s4.3: no leading zeros, lower case */
static char *put_group(char *p, unsigned v)
{
	static const char hex[] = "0123456789abcdef";
	int shift = 12;

	while (shift && !(v >> shift))
		shift -= 4;

	for (; shift >= 0; shift -= 4)
		*p++ = hex[(v >> shift) & 15];

	return p;
}


static char *put_v4(char *p, const uint8_t *ip)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_dec(p, ip[i]);
	}

	return p;
}


static unsigned group(const uint8_t *ip, unsigned i)
{
	return (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
}


/* RFC 5952 s4.2: the longest run of at least two zero groups, the first one
   of equals, becomes :: */
static unsigned longest_zeros(unsigned *len, const uint8_t *ip)
{
	unsigned i, run = 0, best = 0;

	*len = 1;
	for (i = 0; i < GROUPS; i++) {

		run = group(ip, i) ? 0 : run + 1;
		if (run > *len) {
			*len = run;
			best = i + 1 - run;
		}
	}

	if (*len < 2)
		*len = 0;

	return best;
}


static char *put_v6(char *p, const uint8_t *ip)
{
	unsigned i, zeros, start;

	start = longest_zeros(&zeros, ip);

	for (i = 0; i < GROUPS; i++) {

		if (zeros && i == start) {
			*p++ = ':';
			*p++ = ':';
			i += zeros - 1;
			continue;
		}

		if (i && !(zeros && i == start + zeros))
			*p++ = ':';
		p = put_group(p, group(ip, i));
	}

	return p;
}


char *ue_addr_print(char str[UE_ADDR_STR], const struct ue_addr *addr,
		    enum ue_addr_style style)
{
	const bool brackets = addr->family == 6 && style != UE_ADDR_PLAIN;
	char *p = str;

	if (brackets)
		*p++ = '[';

	if (addr->family == 4)
		p = put_v4(p, addr->ip);
	else if (addr->family == 6)
		p = put_v6(p, addr->ip);

	if (brackets)
		*p++ = ']';

	if (style == UE_ADDR_HOSTPORT && addr->family && addr->port) {
		*p++ = ':';
		p = put_dec(p, addr->port);
	}

	*p = '\0';

	return str;
}


static int decode_v4(uint8_t *ip, const char *p, size_t len)
{
	const char *end = p + len;
	unsigned i;

	for (i = 0; i < 4; i++) {

		unsigned v = 0, digits = 0;

		if (i) {
			if (p == end || *p != '.')
				return EBADMSG;
			++p;
		}

		for (; p != end && *p >= '0' && *p <= '9' && digits < 3; ++p) {
			v = v * 10 + (unsigned)(*p - '0');
			++digits;
		}

		if (!digits || v > 255)
			return EBADMSG;

		ip[i] = (uint8_t)v;
	}

	return p == end ? 0 : EBADMSG;
}


/* One group of 1 to 4 digits; returns their number, 0 = none or too many */
static unsigned decode_group(uint8_t *ip, const char *p, const char *end)
{
	unsigned v = 0, n = 0;

	while (p + n != end && ue_hex_value(p[n]) <= 15) {

		if (n == 4)
			return 0;

		v = v << 4 | ue_hex_value(p[n++]);
	}

	ip[0] = (uint8_t)(v >> 8);
	ip[1] = (uint8_t)v;

	return n;
}


/* The octets left of :: are in front, those right of it go to the end */
static int expand(uint8_t ip[16], const uint8_t *part, unsigned n, int gap)
{
	unsigned right;

	if (gap < 0) {
		if (n != 16)
			return EBADMSG;
		memcpy(ip, part, 16);
		return 0;
	}

	/* RFC 4291 s2.2: "::" is one or more groups */
	if (n > 14)
		return EBADMSG;

	right = n - (unsigned)gap;
	memset(ip, 0, 16);
	memcpy(ip, part, (size_t)gap);
	memcpy(ip + 16 - right, part + gap, right);

	return 0;
}


/* RFC 4291 s2.2 */
static int decode_v6(uint8_t ip[16], const char *p, size_t len)
{
	const char *end = p + len;
	uint8_t part[18];
	unsigned n = 0;
	int gap = -1;

	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}

	while (p != end) {

		const unsigned digits = decode_group(part + n, p, end);
		const char *q = p + digits;

		if (!digits || n >= 16)
			return EBADMSG;

		/* the last four octets may be written as IPv4 */
		if (q != end && *q == '.') {
			if (n > 12 || decode_v4(part + n, p,
						(size_t)(end - p)))
				return EBADMSG;
			n += 4;
			break;
		}

		n += 2;
		p = q;
		if (p == end)
			break;
		if (*p++ != ':' || p == end)
			return EBADMSG;

		if (*p == ':') {
			if (gap >= 0)
				return EBADMSG;
			gap = (int)n;
			++p;
		}
	}

	return expand(ip, part, n, gap);
}


int ue_addr_decode(struct ue_addr *addr, const struct pl *text)
{
	struct ue_addr a;
	const char *p = text->p;
	size_t len = text->l;
	int err;

	memset(&a, 0, sizeof(a));

	if (!p || !len)
		return EBADMSG;

	if (len > 2 && p[0] == '[' && p[len - 1] == ']') {
		err = decode_v6(a.ip, p + 1, len - 2);
		a.family = 6;
	}
	else if (memchr(p, ':', len)) {
		err = decode_v6(a.ip, p, len);
		a.family = 6;
	}
	else {
		err = decode_v4(a.ip, p, len);
		a.family = 4;
	}

	if (err)
		return err;

	*addr = a;

	return 0;
}


bool ue_addr_same_ip(const struct ue_addr *a, const struct ue_addr *b)
{
	if (a->family != b->family)
		return false;

	return !memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16);
}


bool ue_addr_equal(const struct ue_addr *a, const struct ue_addr *b)
{
	return ue_addr_same_ip(a, b) && a->port == b->port;
}
