/*
 * Proof: the IP header decoder (ipsec/packet.c) on any octets
 *
 * A packet of any length and contents, in memory of exactly its size: nothing
 * beyond it is read, and the offsets that come out are those that the rest of
 * the library relies on.  The chain of extension headers is proved by
 * induction, so there is no bound.
 *
 * unwind: 17
 * prove: ip6_walk
 * bug: ip6_walk: ipsec/packet.c s/if (left < len)/if (left + 1 < len)/
 * bug: ip6_walk: ipsec/packet.c s/if (left < 8)/if (left < 1)/
 * prove: ipsec_ip_decode
 * bug: ipsec_ip_decode: ipsec/packet.c s/len < IP6_HEADER/len < 4/
 * bug: ipsec_ip_decode: ipsec/packet.c s/len < IP4_HEADER/len < 3/
 * bug: ipsec_ip_decode: ipsec/packet.c s/tmp.len - tmp.upper < 8/tmp.len - tmp.upper < 2/
 * bug: ipsec_ip_decode: ipsec/packet.c s/total < head || len < total/len < total/
 */
#include "test/proof/proof.h"

/** Places in a packet: the payload, and where ESP goes */
#define PLACES(ip) \
	((ip)->upper <= (ip)->len && (ip)->cut <= (ip)->upper && \
	 (ip)->upper_nh < (ip)->upper && (ip)->cut_nh < (ip)->cut)

#define LOOP_ip6_walk_1 \
	CHANGES(n, ip->upper, ip->upper_nh, ip->proto, ip->cut, ip->cut_nh, \
		ip->fragment, ip->has_ports) \
	INVARIANT(PLACES(ip) && n <= IPSEC_EXT_HEADERS_MAX && \
		  ip->proto == p[ip->upper_nh]) \
	__CPROVER_decreases(IPSEC_EXT_HEADERS_MAX - n)

#include "ipsec/packet.c"

struct ipsec_ip nondet_ip(void);


int ip6_walk_contract(struct ipsec_ip *ip, const uint8_t *p)
{
	ASSERT(PLACES(ip) && readable(p, ip->len) &&
	       ip->proto == p[ip->upper_nh]);
	ip->upper = nondet_size();
	ip->upper_nh = nondet_size();
	ip->cut = nondet_size();
	ip->cut_nh = nondet_size();
	ip->fragment = nondet_bool();
	ip->has_ports = nondet_bool();
	ASSUME(PLACES(ip));
	ip->proto = p[ip->upper_nh];

	return nondet_bool() ? EBADMSG : 0;
}


void prove_ip6_walk(void)
{
	struct ipsec_ip ip = nondet_ip();
	uint8_t *p;

	ASSUME(ip.len <= 65575 && PLACES(&ip));
	p = any_octets(ip.len);
	ASSUME(ip.proto == p[ip.upper_nh]);
	if (!ip6_walk(&ip, p))
		ASSERT(PLACES(&ip) && ip.proto == p[ip.upper_nh]);
}


void prove_ipsec_ip_decode(void)
{
	const size_t len = nondet_size();
	const struct ipsec_addr addr = {4, {0}};
	struct ipsec_ip ip;
	uint8_t *p, sum;

	ASSUME(len <= TEXT_MAX);
	p = any_octets(len);

	if (ipsec_ip_decode(&ip, p, len))
		return;

	ASSERT(ip.len <= len && PLACES(&ip));
	ASSERT(ip.family == 4 || ip.family == 6);
	ASSERT(ip.len <= (ip.family == 4 ? 65535 : 65575));
	ASSERT(ip.proto == p[ip.upper_nh]);
	ASSERT(!ip.has_ports || ip.len - ip.upper >= 8);

	/* none of these reads or writes elsewhere */
	sum = ip.src[ip.family == 4 ? 3 : 15];
	sum ^= ip.dst[ip.family == 4 ? 3 : 15];
	(void)sum;
	(void)ipsec_ip_equal(&ip, ip.dst, &addr);
	ipsec_ip_rewrite(p, ip.len, ip.upper_nh, 50);
}
