/**
 * @file sec_world.h  A UE and a network with security agreement
 */
#ifndef SIM_SEC_WORLD_H
#define SIM_SEC_WORLD_H

#include "test/sim/world.h"

/** Two pairs: a REGISTER stays short */
#define SEC_ALGS "hmac-sha-1-96/aes-cbc,hmac-sha-1-96/null"

/** world_begin(); over UDP, where no message is too long for it */
void sec_begin(uint64_t seed);

/** world_end(), and the network has seen nothing wrong */
const char *sec_end(void);

/** Parameter of the first mechanism of a header field, as a number */
unsigned long sec_num(const struct net_rx *rx, const char *hdr,
		      const char *prm);

/** Last REGISTER in the log */
const struct net_rx *sec_last(void);

#endif
