/**
 * @file ue_config.h  Every capacity of the UE: default, range, cost
 *
 * Override a value by -DNAME=value or by a header named by
 * -DUE_CONFIG_FILE='"my_config.h"'.  Cost is RAM in struct ue, in octets on
 * a 32-bit target, per unit.  Running out of any of them is an ordinary
 * event: the caller gets ENOMEM or the peer its protocol's answer.
 */
#ifndef UE_CONFIG_H
#define UE_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/* ---- SIP messages ---- */

/** Largest SIP message sent or received, octets; 1500..65535; cost: 1 in the
 *  transmit buffer and 1 in each of UE_STREAMS_MAX receive buffers */
#ifndef UE_SIP_MSG_MAX
#define UE_SIP_MSG_MAX 4096
#endif

/** Header fields in one received message; 32..255; cost 20 */
#ifndef SIP_HDR_MAX
#define SIP_HDR_MAX 64
#endif

/** Blocks of UE_SIP_BLOCK_SIZE octets that hold messages for retransmission;
 *  16..255; cost UE_SIP_BLOCK_SIZE + 1 */
#ifndef UE_SIP_BLOCKS
#define UE_SIP_BLOCKS 64
#endif

/** Size of such a block, octets; 32..512 */
#ifndef UE_SIP_BLOCK_SIZE
#define UE_SIP_BLOCK_SIZE 128
#endif

/* ---- SIP transport ---- */

/** Flows (sockets) open at a time: each next hop uses up to 4 (datagram,
 *  listener, connection out, connection in), three next hops live during
 *  re-registration; 4..64; cost 52 */
#ifndef UE_FLOWS_MAX
#define UE_FLOWS_MAX 12
#endif

/** TCP connections with a partly received message; 1..8; cost
 *  UE_SIP_MSG_MAX */
#ifndef UE_STREAMS_MAX
#define UE_STREAMS_MAX 2
#endif

/** P-CSCF addresses known at a time; 1..16; cost 24 */
#ifndef UE_PCSCF_MAX
#define UE_PCSCF_MAX 4
#endif

/** SigComp (RFC 3320): 1 = built, switched on by a setting; 0 = left out.
 *  Cost: sizeof(struct sigcomp_storage), which depends on SIGCOMP_DMS and
 *  SIGCOMP_SMS (sigcomp/sigcomp_config.h: 8192, 4096), and twice
 *  UE_SIP_MSG_MAX: 32 KB */
#ifndef UE_SIGCOMP
#define UE_SIGCOMP 1
#endif

/** Compressed messages that are remembered for their answers, for NACKs and
 *  to know copies; 1..64; cost 24 */
#ifndef UE_COMP_SENT
#define UE_COMP_SENT 8
#endif

/* ---- SIP transactions and dialogs ---- */

/** Client transactions; 4..64; cost 96 */
#ifndef UE_CTRANS_MAX
#define UE_CTRANS_MAX 8
#endif

/** Server transactions; 4..64; cost 128 */
#ifndef UE_STRANS_MAX
#define UE_STRANS_MAX 8
#endif

/** Longest URI that is stored (identities, remote targets, routes), octets
 *  with the terminating zero; 64..512 */
#ifndef UE_URI_MAX
#define UE_URI_MAX 160
#endif

/** Longest Call-ID that is stored; 32..255 */
#ifndef UE_CALL_ID_MAX
#define UE_CALL_ID_MAX 80
#endif

/** Longest tag that is stored; 16..255 */
#ifndef UE_TAG_MAX
#define UE_TAG_MAX 48
#endif

/** Route set of one dialog as text; 128..2048 */
#ifndef UE_ROUTES_MAX
#define UE_ROUTES_MAX 384
#endif

/* ---- IMS registration ---- */

/** Longest digest challenge nonce (base64 text); TS 24.229 nonces are 44
 *  characters plus server data; 64..512 */
#ifndef UE_NONCE_MAX
#define UE_NONCE_MAX 128
#endif

/** Longest realm of a challenge, octets with the terminating zero; 32..255 */
#ifndef UE_REALM_MAX
#define UE_REALM_MAX 128
#endif

/** Longest opaque value of a challenge; 32..255 */
#ifndef UE_OPAQUE_MAX
#define UE_OPAQUE_MAX 64
#endif

/** P-Associated-URI entries kept; 1..16; cost UE_URI_MAX */
#ifndef UE_IMPU_MAX
#define UE_IMPU_MAX 4
#endif

/* ---- Application ---- */

/** Events waiting to be delivered; 8..64; cost about 220 */
#ifndef UE_EVENTS_MAX
#define UE_EVENTS_MAX 16
#endif

/** Event slots that a command or one received message may fill; an input is
 *  refused (EAGAIN) while fewer are free */
#define UE_EVENTS_RESERVE 4

#if UE_SIP_MSG_MAX < 1500 || UE_SIP_MSG_MAX > 65535
#error "UE_SIP_MSG_MAX must be 1500..65535"
#endif
#if SIP_HDR_MAX < 32 || SIP_HDR_MAX > 255
#error "SIP_HDR_MAX must be 32..255"
#endif
#if UE_SIP_BLOCKS < 16 || UE_SIP_BLOCKS > 255
#error "UE_SIP_BLOCKS must be 16..255"
#endif
#if UE_SIP_BLOCKS * UE_SIP_BLOCK_SIZE < UE_SIP_MSG_MAX + 1024
#error "UE_SIP_BLOCKS * UE_SIP_BLOCK_SIZE must hold one UE_SIP_MSG_MAX + 1 KB"
#endif
#if UE_FLOWS_MAX < 4 || UE_FLOWS_MAX > 64
#error "UE_FLOWS_MAX must be 4..64"
#endif
#if UE_STREAMS_MAX < 1 || UE_STREAMS_MAX > 8
#error "UE_STREAMS_MAX must be 1..8"
#endif
#if UE_COMP_SENT < 1 || UE_COMP_SENT > 64
#error "UE_COMP_SENT must be 1..64"
#endif
#if UE_CTRANS_MAX < 4 || UE_STRANS_MAX < 4
#error "UE_CTRANS_MAX and UE_STRANS_MAX must be at least 4"
#endif
#if UE_EVENTS_MAX < 2 * UE_EVENTS_RESERVE
#error "UE_EVENTS_MAX must be at least twice UE_EVENTS_RESERVE"
#endif

#endif
