/**
 * @file netinet/in.h  The address types that libre's headers speak of
 */
#ifndef PORT_NETINET_IN_H
#define PORT_NETINET_IN_H

#include <stdint.h>
#include <sys/socket.h>

typedef uint32_t in_addr_t;
typedef uint16_t in_port_t;

struct in_addr {
	in_addr_t s_addr;
};

struct in6_addr {
	union {
		uint8_t u6_addr8[16];
		uint32_t u6_addr32[4];
	} u;
};
#define s6_addr u.u6_addr8

struct sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
	char sin_zero[8];
};

struct sockaddr_in6 {
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};

#define INADDR_ANY ((in_addr_t)0)
#define INADDR_LOOPBACK ((in_addr_t)0x7f000001)

#define IN6_IS_ADDR_UNSPECIFIED(a) \
	(!((a)->u.u6_addr32[0] | (a)->u.u6_addr32[1] | \
	   (a)->u.u6_addr32[2] | (a)->u.u6_addr32[3]))
#define IN6_IS_ADDR_LOOPBACK(a) \
	(!((a)->u.u6_addr32[0] | (a)->u.u6_addr32[1] | \
	   (a)->u.u6_addr32[2]) && (a)->u.u6_addr32[3] == htonl(1))
#define IN6_IS_ADDR_LINKLOCAL(a) \
	((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)

static inline uint16_t htons(uint16_t v)
{
	return (uint16_t)__builtin_bswap16(v);
}

static inline uint32_t htonl(uint32_t v)
{
	return __builtin_bswap32(v);
}

#define ntohs htons
#define ntohl htonl

#endif
