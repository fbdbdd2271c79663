/**
 * @file ipsec/replay.h  Receive window (RFC 4303 s3.4.3).  Internal
 */
#ifndef IPSEC_REPLAY_H
#define IPSEC_REPLAY_H

#include "ipsec/ipsec.h"

#define IPSEC_REPLAY_WINDOW 64

/** May a packet with this number be new?  Before its ICV is checked */
bool ipsec_replay_check(const struct ipsec_replay *rp, uint32_t seq);

/** Note a number whose packet has passed ipsec_replay_check() and its ICV */
void ipsec_replay_update(struct ipsec_replay *rp, uint32_t seq);

#endif
