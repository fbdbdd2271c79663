/**
 * @file pool_config.h  The memory that libre's objects live in
 *
 * One line a size class: X(octets usable by an object, number of blocks).
 * Sizes ascend and are multiples of 16. Cost of a block: its size and a
 * header of two words. An object takes the smallest class it fits in and no
 * other, so what one class runs out of never harms another.
 *
 * Override the list by -DPOOL_CONFIG_FILE='"my_pools.h"', or in the header
 * that -DUE_CONFIG_FILE='"my_config.h"' names: it defines POOL_CLASSES.
 */
#ifndef PORT_POOL_CONFIG_H
#define PORT_POOL_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif
#ifdef POOL_CONFIG_FILE
#include POOL_CONFIG_FILE
#endif

/*  64: list elements, short strings, parameters (libre's decoders)
 *  160, 320: SDP media and sessions, sockets, DNS records and queries
 *  640, 2176: buffers of a header, of a message
 *  8320: libre's UDP receive buffer (8192 octets a datagram), DNS answers
 */
#ifndef POOL_CLASSES
#define POOL_CLASSES(X)	\
	X(64, 96)	\
	X(160, 32)	\
	X(320, 16)	\
	X(640, 8)	\
	X(2176, 4)	\
	X(8320, 2)
#endif

#endif
