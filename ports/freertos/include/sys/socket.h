/**
 * @file sys/socket.h  The address types that libre's headers speak of
 *
 * The board has no sockets: lwIP's raw interface carries everything. libre's
 * formatting and address functions only need the shape of an address.
 */
#ifndef PORT_SYS_SOCKET_H
#define PORT_SYS_SOCKET_H

#include <stdint.h>

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10

typedef uint32_t socklen_t;
typedef uint16_t sa_family_t;

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

#endif
