/**
 * @file sigcomp_config.h  SigComp capacities
 *
 * Every capacity of the library: default, range, cost. A build sets others
 * with -D, or with a header that -DUE_CONFIG_FILE='"my_config.h"' names; the
 * caller is compiled with the same ones. Costs are RAM in struct
 * sigcomp_storage on a Cortex-M3, per unit. The storage itself is declared by
 * the caller (struct sigcomp_storage in sigcomp.h is the ready-made one).
 * Those of the second codec are in deflate.h.
 */
#ifndef SIGCOMP_CONFIG_H
#define SIGCOMP_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/* Decompression memory in bytes: 2048, 4096, ... 131072; RFC 5049 s4.1 asks
   for 8192. Cost: 1 each (up to 65536). */
#ifndef SIGCOMP_DMS
#define SIGCOMP_DMS 8192
#endif

/* State memory in bytes of each compartment: 0, 2048, 4096, ... 131072;
   TS 24.229 s8.1.1 asks for 4096. Cost: SIGCOMP_COMPARTMENTS. */
#ifndef SIGCOMP_SMS
#define SIGCOMP_SMS 4096
#endif

/* Compartments of the ready-made storage: 1..255. Cost: SIGCOMP_SMS +
   SIGCOMP_CODEC_MEM + 752 each. */
#ifndef SIGCOMP_COMPARTMENTS
#define SIGCOMP_COMPARTMENTS 1
#endif

/* States at the peer a codec can keep a copy of: 2..8, of which both codecs
   use two. Cost: 50 * SIGCOMP_COMPARTMENTS (the copies themselves are the
   codec's memory). */
#ifndef SIGCOMP_SLOTS
#define SIGCOMP_SLOTS 3
#endif

/* Sent messages whose SHA-1 is kept for an incoming NACK (RFC 4077 s2.1):
   1..64. Cost: 28 * SIGCOMP_COMPARTMENTS. */
#ifndef SIGCOMP_NACK_LIST
#define SIGCOMP_NACK_LIST 8
#endif

/* Codec memory per compartment and extra work area of the ready-made
   storage, bytes. The codec's header says what it needs. Cost: 1 each, the
   memory in each compartment. */
#ifndef SIGCOMP_CODEC_MEM
#define SIGCOMP_CODEC_MEM 6400
#endif
#ifndef SIGCOMP_WORK_EXTRA
#define SIGCOMP_WORK_EXTRA 4320
#endif

/* 1: the presence dictionary of RFC 5112 is built in (about 4 KB flash). */
#ifndef SIGCOMP_PRESENCE
#define SIGCOMP_PRESENCE 0
#endif

/* 1: shared compression (RFC 3321 s5.2) where it is agreed (2.4 KB flash). */
#ifndef SIGCOMP_SHARED
#ifdef UIMS_SMALL
#define SIGCOMP_SHARED 0
#else
#define SIGCOMP_SHARED 1
#endif
#endif

/* 1: sigcomp_reason_name knows the names of RFC 4077 s3.2 (0.5 KB flash) */
#ifndef SIGCOMP_NAMES
#ifdef UIMS_SMALL
#define SIGCOMP_NAMES 0
#else
#define SIGCOMP_NAMES 1
#endif
#endif

/* RFC 3320 s3.3.1: only these sizes can be announced */
#if SIGCOMP_DMS < 2048 || SIGCOMP_DMS > 131072 || \
	(SIGCOMP_DMS & (SIGCOMP_DMS - 1))
#error "SIGCOMP_DMS: a power of two from 2048 to 131072"
#endif
#if SIGCOMP_SMS != 0 && (SIGCOMP_SMS < 2048 || SIGCOMP_SMS > 131072 || \
	(SIGCOMP_SMS & (SIGCOMP_SMS - 1)))
#error "SIGCOMP_SMS: 0 or a power of two from 2048 to 131072"
#endif
#if SIGCOMP_COMPARTMENTS < 1 || SIGCOMP_COMPARTMENTS > 255
#error "SIGCOMP_COMPARTMENTS: 1..255"
#endif
#if SIGCOMP_SLOTS < 2 || SIGCOMP_SLOTS > 8
#error "SIGCOMP_SLOTS: 2..8"
#endif
#if SIGCOMP_NACK_LIST < 1 || SIGCOMP_NACK_LIST > 64
#error "SIGCOMP_NACK_LIST: 1..64"
#endif

#endif
