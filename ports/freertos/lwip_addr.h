/**
 * @file lwip_addr.h  Addresses: lwIP's and the UE's
 */
#ifndef LWIP_ADDR_H
#define LWIP_ADDR_H

#include <string.h>
#include <lwip/ip_addr.h>
#include "ue/ue_port.h"


/** Family 0 becomes "any" of IPv4 */
static inline void lwip_addr_set(ip_addr_t *ip, const struct ue_addr *addr)
{
	if (addr->family == 6) {
		IP_ADDR6(ip, 0, 0, 0, 0);
		memcpy(ip_2_ip6(ip)->addr, addr->ip, 16);
		ip6_addr_assign_zone(ip_2_ip6(ip), IP6_UNICAST,
				     netif_default);
	}
	else {
		ip_addr_set_zero_ip4(ip);
		if (addr->family)
			memcpy(&ip_2_ip4(ip)->addr, addr->ip, 4);
	}
}


static inline void lwip_addr_get(struct ue_addr *addr, const ip_addr_t *ip,
				 uint16_t port)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = IP_IS_V6(ip) ? 6 : 4;
	addr->port = port;
	if (IP_IS_V6(ip))
		memcpy(addr->ip, ip_2_ip6(ip)->addr, 16);
	else
		memcpy(addr->ip, &ip_2_ip4(ip)->addr, 4);
}

#endif
