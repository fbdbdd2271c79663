/*
 * Proof: the IP header decoder (ipsec/packet.c) on any octets
 *
 * A packet of any contents, up to 128 octets, in memory of exactly its size:
 * nothing beyond it is read, and the offsets that come out are those that
 * the rest of the library relies on.
 *
 * source: ipsec/packet.c
 * unwind: 17
 * bug: ipsec/packet.c s/len < IP6_HEADER/len < 4/
 * bug: ipsec/packet.c s/len < IP4_HEADER/len < 3/
 * bug: ipsec/packet.c s/if (left < len)/if (left + 1 < len)/
 * bug: ipsec/packet.c s/if (left < 8)/if (left < 1)/
 * bug: ipsec/packet.c s/tmp.len - tmp.upper < 8/tmp.len - tmp.upper < 2/
 * bug: ipsec/packet.c s/total < head || len < total/len < total/
 */
#include <stdlib.h>
#include "ipsec/packet.h"

size_t nondet_size(void);


int main(void)
{
	const size_t len = nondet_size();
	const struct ipsec_addr addr = {4, {0}};
	struct ipsec_ip ip;
	uint8_t *p, sum;

	__CPROVER_assume(len <= 128);
	p = malloc(len);
	__CPROVER_assume(p);

	if (ipsec_ip_decode(&ip, p, len))
		return 0;

	__CPROVER_assert(ip.len <= len, "within what is there");
	__CPROVER_assert(ip.upper <= ip.len, "payload within the packet");
	__CPROVER_assert(ip.cut <= ip.upper, "ESP goes before the payload");
	__CPROVER_assert(ip.upper_nh < ip.upper, "number before the payload");
	__CPROVER_assert(ip.cut_nh < ip.cut, "number before ESP");
	__CPROVER_assert(ip.family == 4 || ip.family == 6, "family");
	__CPROVER_assert(ip.family == 6 || ip.len <= 65535, "IPv4 length");
	__CPROVER_assert(ip.family == 4 || ip.len <= 65575, "IPv6 length");
	__CPROVER_assert(ip.proto == p[ip.upper_nh], "protocol");
	__CPROVER_assert(!ip.has_ports || ip.len - ip.upper >= 8, "ports");

	/* none of these reads or writes elsewhere */
	sum = ip.src[ip.family == 4 ? 3 : 15];
	sum ^= ip.dst[ip.family == 4 ? 3 : 15];
	(void)sum;
	(void)ipsec_ip_equal(&ip, ip.dst, &addr);
	if (ip.has_ports)
		(void)ipsec_ip_has_data(&ip, p);
	ipsec_ip_rewrite(p, ip.len, ip.upper_nh, 50);

	return 0;
}
