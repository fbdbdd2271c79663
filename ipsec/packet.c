/**
 * @file ipsec/packet.c  IPv4 and IPv6 headers (RFC 791, RFC 8200)
 */
#include <errno.h>
#include <string.h>
#include "ipsec/bytes.h"
#include "ipsec/packet.h"

#define IP4_HEADER 20
#define IP6_HEADER 40


static int ip4_decode(struct ipsec_ip *ip, const uint8_t *p, size_t len)
{
	size_t head, total;
	unsigned frag;

	if (len < IP4_HEADER)
		return EBADMSG;

	head = (p[0] & 15u) * 4u;
	total = ipsec_get16(p + 2);
	if (head < IP4_HEADER || total < head || len < total)
		return EBADMSG;

	/* more fragments, offset */
	frag = ipsec_get16(p + 6) & 0x3fff;

	ip->family = 4;
	ip->src = p + 12;
	ip->dst = p + 16;
	ip->len = total;
	ip->proto = p[9];
	ip->upper = ip->cut = head;
	ip->upper_nh = ip->cut_nh = 9;
	ip->fragment = frag != 0;
	ip->has_ports = (frag & 0x1fff) == 0;

	return 0;
}


/*
 * Length of the extension header of type nh, 0 if it is none that is
 * walked, or EBADMSG
 */
static int ext_len(size_t *lenp, uint8_t nh, const uint8_t *p, size_t left)
{
	size_t len;

	switch (nh) {

	case IPSEC_PROTO_HOPOPTS:
	case IPSEC_PROTO_ROUTING:
	case IPSEC_PROTO_FRAGMENT:
	case IPSEC_PROTO_DSTOPTS:
		break;

	default:
		*lenp = 0;
		return 0;
	}

	if (left < 8)
		return EBADMSG;
	len = nh == IPSEC_PROTO_FRAGMENT ? 8 : (p[1] + 1u) * 8u;
	if (left < len)
		return EBADMSG;

	*lenp = len;

	return 0;
}


/* RFC 8200 s4.1, s4.5: the chain of extension headers, bounded */
static int ip6_walk(struct ipsec_ip *ip, const uint8_t *p)
{
	unsigned n;

	for (n = 0; ; n++) {
		const uint8_t *ext = p + ip->upper;
		const uint8_t nh = ip->proto;
		size_t len;

		if (ext_len(&len, nh, ext, ip->len - ip->upper))
			return EBADMSG;
		if (len == 0)
			return 0;
		if (n == IPSEC_EXT_HEADERS_MAX)
			return EBADMSG;

		/* RFC 8200 s4.1: hop-by-hop options only come first */
		if (nh == IPSEC_PROTO_HOPOPTS && n)
			return EBADMSG;

		ip->upper_nh = ip->upper;
		ip->upper += len;
		ip->proto = ext[0];

		/* RFC 4303 s3.1.1: ESP after hop-by-hop, routing and fragment
		 * headers; it is to cover the last destination options */
		if (nh != IPSEC_PROTO_DSTOPTS) {
			ip->cut = ip->upper;
			ip->cut_nh = ip->upper_nh;
		}

		if (nh == IPSEC_PROTO_FRAGMENT) {
			const unsigned frag = ipsec_get16(ext + 2);

			/* offset, M; both zero: a whole datagram (RFC 6946) */
			ip->fragment |= (frag & 0xfff9) != 0;
			if (frag & 0xfff8) {
				ip->has_ports = false;
				return 0;
			}
		}
	}
}


static int ip6_decode(struct ipsec_ip *ip, const uint8_t *p, size_t len)
{
	if (len < IP6_HEADER)
		return EBADMSG;
	ip->len = IP6_HEADER + (size_t)ipsec_get16(p + 4);
	if (len < ip->len)
		return EBADMSG;

	ip->family = 6;
	ip->src = p + 8;
	ip->dst = p + 24;
	ip->proto = p[6];
	ip->upper = ip->cut = IP6_HEADER;
	ip->upper_nh = ip->cut_nh = 6;
	ip->fragment = false;
	ip->has_ports = true;

	return ip6_walk(ip, p);
}


int ipsec_ip_decode(struct ipsec_ip *ip, const uint8_t *p, size_t len)
{
	struct ipsec_ip tmp;
	int err;

	if (len < 1)
		return EBADMSG;

	memset(&tmp, 0, sizeof(tmp));
	switch (p[0] >> 4) {

	case 4:  err = ip4_decode(&tmp, p, len); break;
	case 6:  err = ip6_decode(&tmp, p, len); break;
	default: err = EBADMSG;                  break;
	}
	if (err)
		return err;

	if (tmp.proto != IPSEC_PROTO_UDP && tmp.proto != IPSEC_PROTO_TCP)
		tmp.has_ports = false;

	if (tmp.has_ports) {
		/* a first fragment, too, has to show the ports */
		if (tmp.len - tmp.upper < 8)
			return EBADMSG;
		tmp.sport = ipsec_get16(p + tmp.upper);
		tmp.dport = ipsec_get16(p + tmp.upper + 2);
	}

	*ip = tmp;

	return 0;
}


/* RFC 1624: a checksum after one 16-bit word has changed */
static uint16_t sum_update(uint16_t sum, uint16_t old, uint16_t new)
{
	uint32_t s = (uint16_t)~sum;

	s += (uint16_t)~old;
	s += new;
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);

	return (uint16_t)~s;
}


void ipsec_ip_rewrite(uint8_t *p, size_t len, size_t nh, uint8_t proto)
{
	uint16_t sum, old;

	if (p[0] >> 4 == 6) {
		ipsec_put16(p + 4, (uint16_t)(len - IP6_HEADER));
		p[nh] = proto;
		return;
	}

	sum = ipsec_get16(p + 10);

	sum = sum_update(sum, ipsec_get16(p + 2), (uint16_t)len);
	ipsec_put16(p + 2, (uint16_t)len);

	old = ipsec_get16(p + 8);
	p[nh] = proto;
	sum = sum_update(sum, old, ipsec_get16(p + 8));

	ipsec_put16(p + 10, sum);
}


bool ipsec_ip_equal(const struct ipsec_ip *ip, const uint8_t *p,
		    const struct ipsec_addr *addr)
{
	return ip->family == addr->family &&
		0 == memcmp(p, addr->ip, addr->family == 4 ? 4 : 16);
}
