/**
 * @file pool_config.h  Fixed memory for libre: size classes and their counts
 *
 * X(payload octets, blocks), smallest first.  Cost: blocks * (payload + 16).
 * libre allocates on Linux for name look-up and later for SDP; the SIP core
 * never does.  Another list: -DPOOL_CONFIG_FILE='"my_pools.h"'.
 */
#ifndef POOL_CONFIG_H
#define POOL_CONFIG_H

#ifdef POOL_CONFIG_FILE
#include POOL_CONFIG_FILE
#endif

#ifndef POOL_LIST
#define POOL_LIST(X)	\
	X(64,   96)	\
	X(192,  64)	\
	X(640,  16)	\
	X(2304,  6)	\
	X(9216,  3)
#endif

#endif
