/**
 * @file msrp_config.h  MSRP capacities
 *
 * Every capacity of the library: default, range, cost. A build sets others
 * with -D, or with a header that -DUE_CONFIG_FILE='"my_config.h"' names; the
 * caller is compiled with the same ones. Costs are RAM in struct msrp on a
 * Cortex-M3, in octets per unit, none where nothing is said. Running out of
 * any of them is an ordinary event: ENOMEM to the caller, or the protocol's
 * own answer to the peer (413).
 */
#ifndef MSRP_CONFIG_H
#define MSRP_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/* Largest header section received, octets; 512..8192. Cost:
   MSRP_CONNS. A longer one closes the connection. */
#ifndef MSRP_HEAD_MAX
#define MSRP_HEAD_MAX 1024
#endif

/* Connections; 1..32. Cost: MSRP_HEAD_MAX + MSRP_TX_MAX + 2 * MSRP_URI_MAX +
   620 each. */
#ifndef MSRP_CONNS
#define MSRP_CONNS 2
#endif

/* Sessions; 1..64. Cost: MSRP_URI_MAX + MSRP_PATH_MAX + 40 each. */
#ifndef MSRP_SESSIONS
#define MSRP_SESSIONS 2
#endif

/* Messages being sent, of all sessions together; 1..64. Who sends one leaves
   a place for each other session that sends none. Cost: 148 each. */
#ifndef MSRP_OUT
#define MSRP_OUT 4
#endif

/* Incomplete messages being received, of all sessions together; 1..64, with
   places left as above. A peer that opens one more gets 413. Cost: 100
   each. */
#ifndef MSRP_IN
#define MSRP_IN 4
#endif

/* Pieces in which one message may have arrived with holes between them;
   1..64. A peer that makes one more gets 413. Cost: 8 * MSRP_IN. */
#ifndef MSRP_HOLES
#define MSRP_HOLES 4
#endif

/* Chunks of a connection whose response is awaited; 1..32. The sender waits
   for a response when they are used up. Cost: 32 * MSRP_CONNS. */
#ifndef MSRP_TRANS
#define MSRP_TRANS 4
#endif

/* Responses and REPORTs that wait for their turn, for each connection; no
   fewer than MSRP_TRANS + 2, so that two ends of this kind can never wait for
   each other; at most 64. When they are used up nothing more is read from the
   connection. Cost: 44 * MSRP_CONNS. */
#ifndef MSRP_REPLIES
#define MSRP_REPLIES 6
#endif

/* Longest MSRP URI of ours; 64..1024. Cost: 3 * MSRP_CONNS + MSRP_SESSIONS. */
#ifndef MSRP_URI_MAX
#define MSRP_URI_MAX 128
#endif

/* Largest path of a peer; at least MSRP_URI_MAX, 1024 at most. Cost:
   MSRP_CONNS + MSRP_SESSIONS. */
#ifndef MSRP_PATH_MAX
#define MSRP_PATH_MAX 256
#endif

/* Longest content type of a message being sent; 32..255. Cost: MSRP_CONNS +
   MSRP_OUT. */
#ifndef MSRP_TYPE_MAX
#define MSRP_TYPE_MAX 64
#endif

/* Largest header section sent. Cost: MSRP_CONNS. */
#ifndef MSRP_TX_MAX
#define MSRP_TX_MAX (MSRP_PATH_MAX + MSRP_URI_MAX + MSRP_TYPE_MAX + 256)
#endif

/* Most octets of one chunk, 2048 or more: what is not acknowledged when a
   connection is cut. Cost: none. */
#ifndef MSRP_CHUNK_MAX
#define MSRP_CHUNK_MAX 262144
#endif

/* Most octets handed to the port at once, 2048 or more: a chunk can be
   interrupted after each of them. Cost: none. */
#ifndef MSRP_PIECE
#define MSRP_PIECE 65536
#endif

/* Message-IDs of complete messages that are remembered, to know copies sent
   once more (RFC 4975 s5.4); 1..255. Cost: 36 each. */
#ifndef MSRP_SEEN
#define MSRP_SEEN 8
#endif

/* Relays as a client (RFC 4976), 0 or 1. Cost: 1.5 KB of flash. */
#ifndef MSRP_RELAY
#ifdef UIMS_SMALL
#define MSRP_RELAY 0
#else
#define MSRP_RELAY 1
#endif
#endif

#if MSRP_HEAD_MAX < 512 || MSRP_HEAD_MAX > 8192
#error "MSRP_HEAD_MAX: 512..8192"
#endif
#if MSRP_CONNS < 1 || MSRP_CONNS > 32 || MSRP_SESSIONS < 1 || \
	MSRP_SESSIONS > 64 || MSRP_OUT < 1 || MSRP_OUT > 64 || \
	MSRP_IN < 1 || MSRP_IN > 64 || MSRP_HOLES < 1 || MSRP_HOLES > 64
#error "MSRP_CONNS: 1..32; MSRP_SESSIONS, MSRP_OUT, MSRP_IN, MSRP_HOLES: 1..64"
#endif
#if MSRP_TRANS < 1 || MSRP_TRANS > 32 || MSRP_REPLIES < MSRP_TRANS + 2 || \
	MSRP_REPLIES > 64
#error "MSRP_TRANS: 1..32; MSRP_REPLIES: MSRP_TRANS + 2..64"
#endif
#if MSRP_URI_MAX < 64 || MSRP_PATH_MAX < MSRP_URI_MAX || MSRP_PATH_MAX > 1024
#error "MSRP_URI_MAX, MSRP_PATH_MAX: 64..1024"
#endif
#if MSRP_TYPE_MAX < 32 || MSRP_TYPE_MAX > 255
#error "MSRP_TYPE_MAX: 32..255"
#endif
#if MSRP_CHUNK_MAX < 2048 || MSRP_PIECE < 2048
#error "MSRP_CHUNK_MAX, MSRP_PIECE: 2048 or more"
#endif
#if MSRP_SEEN < 1 || MSRP_SEEN > 255
#error "MSRP_SEEN: 1..255"
#endif

#endif
