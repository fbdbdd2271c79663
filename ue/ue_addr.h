/**
 * @file ue_addr.h  IP addresses as text
 */
#ifndef UE_ADDR_H
#define UE_ADDR_H

#include "ue/ue_port.h"
#include "ue/ue_re.h"

/** Room for the longest address with brackets, port and terminating zero:
 *  "[8 groups of 4]:65535" */
#define UE_ADDR_STR 48

/** How to print */
enum ue_addr_style {
	UE_ADDR_HOST = 0,       /**< 1.2.3.4, [2001:db8::1]: host in a URI or
				 *   in a Via                            */
	UE_ADDR_HOSTPORT,       /**< the same with `:port`, unless it is 0 */
	UE_ADDR_PLAIN           /**< no brackets, no port: `received`    */
};

/**
 * Print an address; IPv6 as RFC 5952 says
 *
 * @param str   Result, zero-terminated; UE_ADDR_STR octets.  Family 0: empty
 *
 * @return str
 */
char *ue_addr_print(char str[UE_ADDR_STR], const struct ue_addr *addr,
		    enum ue_addr_style style);

/**
 * Read an IP address: 1.2.3.4, 2001:db8::1 or [2001:db8::1]
 *
 * @param addr  Result; the port is 0
 * @param text  Nothing else may be in it; no zone
 *
 * @return 0; EBADMSG: no address (a name, for example)
 */
int ue_addr_decode(struct ue_addr *addr, const struct pl *text);

/** Same family and address, ports aside */
bool ue_addr_same_ip(const struct ue_addr *a, const struct ue_addr *b);

/** Same family, address and port */
bool ue_addr_equal(const struct ue_addr *a, const struct ue_addr *b);

#endif
