/**
 * @file lz.h  The lz codec: small decoder, long memory
 *
 * The compressor behind sigcomp/codec.h that is used by default. Its decoder
 * is UDVM bytecode of its own (sigcomp/bytecode/lz.asm), uploaded in the first
 * message and kept in the state with what is remembered of the messages sent.
 *
 * Memory of a compartment: lz_mem_size(sms), for an SMS of 4096 about 4 KB (a
 * copy of what the peer remembers). With 8192 and more two generations of
 * state live at the peer; so the one in use is not lost with a message.
 * Work area: may lie over the idle UDVM memory; more than SIGCOMP_LZ_WORK_MIN
 * bytes make compressing faster, not better.
 */
#ifndef SIGCOMP_LZ_H
#define SIGCOMP_LZ_H

#include "sigcomp/codec.h"

extern const struct sigcomp_codec sigcomp_lz;

#endif
