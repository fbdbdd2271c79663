/**
 * @file lz.h  The lz codec: small decoder, long memory
 *
 * The compressor behind sigcomp/codec.h that is used by default. Its decoder
 * is UDVM bytecode of its own (sigcomp/bytecode/lz.asm), uploaded in the first
 * message and kept in the state with what is remembered of the messages sent.
 *
 * Memory of a compartment (codec_mem of sigcomp_open): a copy of what the peer
 * remembers, for an SMS of 4096 3.9 KB, and room for the longest message whose
 * arrival is in doubt; a longer one costs the memory of all before it when it
 * gets lost. mem_size() counts 2400 bytes for that message and what RFC 3321
 * needs; 1 KB is the least that is of use: history is as long as fits.
 *
 * Work area (mem of struct sigcomp_settings): the UDVM memory, idle while
 * compressing, is enough with 8192 bytes, but only for a part of the
 * dictionary, which is unpacked there. 5 KB more hold it whole and find all
 * windows that are best forgotten, work_size() also makes searching fast.
 */
#ifndef SIGCOMP_LZ_H
#define SIGCOMP_LZ_H

#include "sigcomp/codec.h"

extern const struct sigcomp_codec sigcomp_lz;

#endif
