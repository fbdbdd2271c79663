/**
 * @file deflate.h  The deflate codec: zlib compresses, UDVM bytecode inflates
 *
 * The second compressor behind sigcomp/codec.h, for those who would rather
 * trust zlib than lz. It sends DEFLATE (RFC 1951) with fixed codes; its
 * decoder
 * (sigcomp/bytecode/deflate.asm) is uploaded in the first message and kept in
 * the state with the end of the text sent so far. The RFC 3485 dictionary is
 * loaded before that.
 *
 * Memory of a compartment: mem_size(sms), about 4 KB for an SMS of 4096, 6 KB
 * for more: with 8192 two generations of state live at the peer. Work area:
 * about
 * 31 KB with the default macros, nearly all of it zlib's; it may lie over the
 * idle UDVM memory. Nothing is allocated.
 *
 * Text with many bytes above 143 (RFC 1951 s3.2.6: 9 bits each) that does
 * not get shorter is not compressed (EOVERFLOW).
 */
#ifndef SIGCOMP_DEFLATE_H
#define SIGCOMP_DEFLATE_H

#include "sigcomp/codec.h"

/* 1: the codec is built, and needs zlib 1.2.13. `make SIGCOMP_DEFLATE=0` or 1
   says otherwise. Cost: about 15 KB flash. */
#ifndef SIGCOMP_DEFLATE
#ifdef UIMS_SMALL
#define SIGCOMP_DEFLATE 0
#else
#define SIGCOMP_DEFLATE 1
#endif
#endif

/* zlib's windowBits: 9..13. A copy reaches back 2^n - 262 bytes, so 13 uses
   more of dictionary and history together: a tenth shorter. Cost: 2^(n + 2)
   bytes of work area. */
#ifndef SIGCOMP_DEFLATE_WINDOW_BITS
#define SIGCOMP_DEFLATE_WINDOW_BITS 12
#endif

/* zlib's memLevel: 1..9. Less makes a hash table that finds less. Cost:
   2^(n + 9) bytes of work area. */
#ifndef SIGCOMP_DEFLATE_MEM_LEVEL
#define SIGCOMP_DEFLATE_MEM_LEVEL 4
#endif

/* zlib's own state, and what alignment takes. Cost: itself. Too little makes
   every message fail with ENOMEM. */
#ifndef SIGCOMP_DEFLATE_STATE
#define SIGCOMP_DEFLATE_STATE 6144
#endif

#if SIGCOMP_DEFLATE_WINDOW_BITS < 9 || SIGCOMP_DEFLATE_WINDOW_BITS > 13
#error "SIGCOMP_DEFLATE_WINDOW_BITS: 9..13"
#endif
#if SIGCOMP_DEFLATE_MEM_LEVEL < 1 || SIGCOMP_DEFLATE_MEM_LEVEL > 9
#error "SIGCOMP_DEFLATE_MEM_LEVEL: 1..9"
#endif

#if SIGCOMP_DEFLATE
extern const struct sigcomp_codec sigcomp_deflate;
#endif

#endif
