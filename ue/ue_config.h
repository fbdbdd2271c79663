/**
 * @file ue_config.h  Every capacity of the UE: default, range, cost
 *
 * Override a value by -DNAME=value, or many of them by a header that
 * -DUE_CONFIG_FILE='"my_config.h"' names: all *_config.h include it first, so
 * it may hold values of each.  Everything that includes a header of uIMS, the
 * application too, is compiled with the same values: they decide the size of
 * struct ue.  Cost is RAM in struct ue, in octets on a Cortex-M3, per unit,
 * none where nothing is said.  Running out of any of them is an ordinary
 * event: the caller gets ENOMEM or the peer its protocol's answer.
 */
#ifndef UE_CONFIG_H
#define UE_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/* ---- SIP messages ---- */

/** Largest SIP message sent or received, octets; 1500..65535, with UE_SIGCOMP
 *  at most SIGCOMP_DMS + 4096 (SIGCOMP_DMS: 65536 at most); the port must take
 *  a message of that length.  Cost: 1 in the transmit buffer */
#ifndef UE_SIP_MSG_MAX
#define UE_SIP_MSG_MAX 4096
#endif

/** Header fields in one received message; 32..255; cost 8 */
#ifndef SIP_HDR_MAX
#define SIP_HDR_MAX 64
#endif

/** Memory for what has no fixed length, octets: messages for retransmission,
 *  incomplete ones, offers, texts of dialogs and conferences; a multiple of 4,
 *  UE_SIP_MSG_MAX + 4096 .. 65532; cost 1 */
#ifndef UE_SIP_STORE
#define UE_SIP_STORE 10240
#endif

/** Records in it; 32..255; cost 2 */
#ifndef UE_SIP_RECORDS
#define UE_SIP_RECORDS 96
#endif

/* ---- SIP transport ---- */

/** Flows (sockets) open at a time: each next hop uses up to 4 (datagram,
 *  connection out, two connections in) and shares one datagram flow and one
 *  listener with the others; three next hops live during re-registration;
 *  4..64; cost 64 */
#ifndef UE_FLOWS_MAX
#define UE_FLOWS_MAX 16
#endif

/** TCP connections with a partly received message, which is kept in
 *  UE_SIP_STORE; 1..8 */
#ifndef UE_STREAMS_MAX
#define UE_STREAMS_MAX 2
#endif

/** P-CSCF addresses known at a time; 1..16; cost 32 */
#ifndef UE_PCSCF_MAX
#define UE_PCSCF_MAX 4
#endif

/** SigComp (RFC 3320): 1 = built, switched on by a setting; 0 = left out.
 *  Cost: sizeof(struct sigcomp_storage), which depends on SIGCOMP_DMS and
 *  SIGCOMP_SMS (sigcomp/sigcomp_config.h: 8192, 4096), 24 KB, and 600; what
 *  is compressed and decompressed lies in UE_SIP_STORE for the moment */
#ifndef UE_SIGCOMP
#define UE_SIGCOMP 1
#endif

/** Compressed messages that are remembered for their answers, for NACKs and
 *  to know copies; 1..64; cost 24 */
#ifndef UE_COMP_SENT
#define UE_COMP_SENT 8
#endif

/* ---- SIP transactions and dialogs ---- */

/** Client transactions; 4..UE_EVENTS_MAX - 2 * UE_EVENTS_RESERVE; cost 96 */
#ifndef UE_CTRANS_MAX
#define UE_CTRANS_MAX 8
#endif

/** Server transactions; 4..64; cost 128 */
#ifndef UE_STRANS_MAX
#define UE_STRANS_MAX 8
#endif

/** Longest URI that is stored (identities, GRUUs, conferences) or is the text
 *  of an event, octets with the terminating zero; 64..512; cost 6 +
 *  UE_IMPU_MAX + 2 * UE_CONFS_MAX.  The remote target of a dialog has up to
 *  511 octets whatever this is, in UE_SIP_STORE at its real length */
#ifndef UE_URI_MAX
#define UE_URI_MAX 160
#endif

/** Longest Call-ID of a dialog, octets with the terminating zero; 32..255;
 *  in UE_SIP_STORE, at its real length */
#ifndef UE_CALL_ID_MAX
#define UE_CALL_ID_MAX 255
#endif

/** Longest tag, the same; 16..255 */
#ifndef UE_TAG_MAX
#define UE_TAG_MAX 255
#endif

/** Service-Route and Path as text, octets with the terminating zero; the
 *  route set of a dialog, in UE_SIP_STORE at its real length, may have
 *  1152 more; 128..2048; cost 2, and 1 more from about 1000 on */
#ifndef UE_ROUTES_MAX
#define UE_ROUTES_MAX 384
#endif

/* ---- IMS registration ---- */

/** Longest digest challenge nonce (base64 text); TS 24.229 nonces are 44
 *  characters plus server data; 64..512; cost 1 */
#ifndef UE_NONCE_MAX
#define UE_NONCE_MAX 128
#endif

/** Longest realm of a challenge, octets with the terminating zero; 32..255;
 *  cost 1 */
#ifndef UE_REALM_MAX
#define UE_REALM_MAX 128
#endif

/** Longest opaque value of a challenge, octets with the terminating zero;
 *  32..255; cost 1 */
#ifndef UE_OPAQUE_MAX
#define UE_OPAQUE_MAX 64
#endif

/** P-Associated-URI entries kept; 1..16; cost UE_URI_MAX + 1 */
#ifndef UE_IMPU_MAX
#define UE_IMPU_MAX 4
#endif

/** XML of events: elements open at a time; 8..64; in working memory, of which
 *  others take more */
#ifndef UE_XML_DEPTH_MAX
#define UE_XML_DEPTH_MAX 16
#endif

/** Namespace declarations in force at a time; 4..32; the same */
#ifndef UE_XML_NS_MAX
#define UE_XML_NS_MAX 8
#endif

/* ---- Security agreement ---- */

/** Security agreement and IPsec (RFC 3329, TS 33.203): 1 = built, switched on
 *  by a setting; 0 = left out.  Cost: sizeof(struct ipsec), 3.5 KB, three next
 *  hops of 270 octets each and UE_SEC_SERVER_MAX */
#ifndef UE_IPSEC
#define UE_IPSEC 1
#endif

/** Security-Server of one response, octets, all header fields together: eight
 *  mechanisms in their longest form, of 131 octets each; a longer one cannot
 *  be repeated and is as good as none; 128..4096; cost 2 */
#ifndef UE_SEC_SERVER_MAX
#define UE_SEC_SERVER_MAX 1080
#endif

/* ---- Sessions ---- */

/** Sessions (INVITE) at a time; 1..32; cost 316, and some 350 in UE_SIP_STORE
 *  for a dialog */
#ifndef UE_SESSIONS_MAX
#define UE_SESSIONS_MAX 6
#endif

/** Longest session description of the peer that can wait for its answer,
 *  octets, in UE_SIP_STORE; 1100..4096 */
#ifndef UE_SDP_MAX
#define UE_SDP_MAX 2048
#endif

/** Codecs agreed for an audio stream; 1..16; cost 4 * UE_SESSIONS_MAX */
#ifndef UE_CODECS_MAX
#define UE_CODECS_MAX 4
#endif

/** Media descriptions (m=) in one session description: one with more is
 *  refused; 1..16 */
#ifndef SDESC_MEDIA_MAX
#define SDESC_MEDIA_MAX 8
#endif

/* ---- Conferences ---- */

/** Conferences at a time; 1..16; cost 1584, most of it the roster */
#ifndef UE_CONFS_MAX
#define UE_CONFS_MAX 2
#endif

/** Conferences by INITIATE (draft-ranjit-sipping-conference-01): 1 = built,
 *  0 = left out: ue_conf_initiate() says ENOTSUP */
#ifndef UE_INITIATE
#define UE_INITIATE 1
#endif

/** REFERs of ours without outcome; 1..32; cost 72 */
#ifndef UE_REFERS_MAX
#define UE_REFERS_MAX 4
#endif

/** REFERs to us that are being followed; 1..8; cost 64, and its texts
 *  in UE_SIP_STORE */
#ifndef UE_REFERRED_MAX
#define UE_REFERRED_MAX 1
#endif

/** Dialogs for REFERs, in both directions, outside of sessions or of sessions
 *  that have ended; 1..16; cost 28, and some 350 in UE_SIP_STORE */
#ifndef UE_REFER_DIALOGS
#define UE_REFER_DIALOGS 2
#endif

/** Users of one conference that are kept; 2..255; cost 6 * UE_CONFS_MAX */
#ifndef UE_ROSTER_USERS
#define UE_ROSTER_USERS 32
#endif

/** Endpoints of all its users; 2..255; cost 8 * UE_CONFS_MAX */
#ifndef UE_ROSTER_ENDPOINTS
#define UE_ROSTER_ENDPOINTS 48
#endif

/** Media of all its endpoints; 2..255; cost 6 * UE_CONFS_MAX */
#ifndef UE_ROSTER_MEDIA
#define UE_ROSTER_MEDIA 64
#endif

/** URIs, names and other text of one conference at most, each text stored
 *  once, in pages of 512 octets of UE_SIP_STORE; 512..32768; cost
 *  UE_CONFS_MAX for each page */
#ifndef UE_ROSTER_TEXT
#define UE_ROSTER_TEXT 3072
#endif

/* ---- Messages ---- */

/** Header of one message in CPIM (RFC 3862), and one notification (RFC
 *  5438), octets; 256..2048; cost MSRP_OUT.  Sessions, connections and
 *  messages: msrp/msrp_config.h */
#ifndef UE_CPIM_MAX
#define UE_CPIM_MAX 768
#endif

/** Messages of ours whose notifications are awaited (RFC 5438): one more takes
 *  the place of the oldest; 1..255; cost 24 */
#ifndef UE_IMDN_MAX
#define UE_IMDN_MAX 4
#endif

/** Messages outside of sessions (MESSAGE) without outcome at a time; the last
 *  one is not for delivery notifications: with 1 there are none; each takes
 *  one of UE_CTRANS_MAX; 1..32; cost 12 */
#ifndef UE_PAGES_MAX
#define UE_PAGES_MAX 4
#endif

/** File transfer (RFC 5547): 1 = built, switched on by a setting; 0 = left
 *  out: ue_file_*() say ENOTSUP */
#ifndef UE_FILE_TRANSFER
#define UE_FILE_TRANSFER 1
#endif

/** File transfers at a time, in both directions; each needs a session, an
 *  MSRP session, and while it moves one of MSRP_OUT or MSRP_IN; 1..32; cost
 *  472 */
#ifndef UE_FILES_MAX
#define UE_FILES_MAX 2
#endif

/** Longest name that is kept of a peer's file, with its zero; 16..255; cost
 *  UE_FILES_MAX */
#ifndef UE_FILE_NAME_MAX
#define UE_FILE_NAME_MAX 128
#endif

/** Longest file-transfer-id that is kept, with its zero; one that is longer is
 *  refused; 33..255; cost UE_FILES_MAX */
#ifndef UE_FILE_ID_MAX
#define UE_FILE_ID_MAX 64
#endif

/** MSRP over TLS (RFC 4975 s14.1), 0 or 1; the port does TLS.  Cost: 1.5 KB
 *  of flash here, 90 KB in mbedTLS; 32 for each of MSRP_SESSIONS */
#ifndef UE_MSRP_TLS
#ifdef UIMS_SMALL
#define UE_MSRP_TLS 0
#else
#define UE_MSRP_TLS 1
#endif
#endif

/* ---- Application ---- */

/** Events waiting to be delivered; 2 * UE_EVENTS_RESERVE + UE_CTRANS_MAX ..
 *  72; cost 66, and their text in UE_SIP_STORE */
#ifndef UE_EVENTS_MAX
#define UE_EVENTS_MAX 16
#endif

/** Event slots that a command or one received message may fill.  An input is
 *  refused (EAGAIN) while fewer are free and one for each request that waits
 *  for its answer: a piece of a stream may bring them all */
#define UE_EVENTS_RESERVE 4

#if UE_SIP_MSG_MAX < 1500 || UE_SIP_MSG_MAX > 65535
#error "UE_SIP_MSG_MAX must be 1500..65535"
#endif
#if SIP_HDR_MAX < 32 || SIP_HDR_MAX > 255
#error "SIP_HDR_MAX must be 32..255"
#endif
#if UE_SIP_STORE < UE_SIP_MSG_MAX + 4096 || UE_SIP_STORE > 65532 || \
	UE_SIP_STORE % 4
#error "UE_SIP_STORE must be UE_SIP_MSG_MAX + 4096 .. 65532 and whole words"
#endif
#if UE_SIP_RECORDS < 32 || UE_SIP_RECORDS > 255
#error "UE_SIP_RECORDS must be 32..255"
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
#if UE_SEC_SERVER_MAX < 128 || UE_SEC_SERVER_MAX > 4096
#error "UE_SEC_SERVER_MAX must be 128..4096"
#endif
#if UE_PCSCF_MAX < 1 || UE_PCSCF_MAX > 16
#error "UE_PCSCF_MAX must be 1..16"
#endif
#if UE_CTRANS_MAX < 4 || UE_CTRANS_MAX > 64 || UE_STRANS_MAX < 4 || \
	UE_STRANS_MAX > 64
#error "UE_CTRANS_MAX and UE_STRANS_MAX must be 4..64"
#endif
#if UE_URI_MAX < 64 || UE_URI_MAX > 512
#error "UE_URI_MAX must be 64..512"
#endif
#if UE_CALL_ID_MAX < 32 || UE_CALL_ID_MAX > 255 || UE_TAG_MAX < 16 || \
	UE_TAG_MAX > 255
#error "UE_CALL_ID_MAX must be 32..255, UE_TAG_MAX 16..255"
#endif
#if UE_ROUTES_MAX < 128 || UE_ROUTES_MAX > 2048
#error "UE_ROUTES_MAX must be 128..2048"
#endif
#if UE_NONCE_MAX < 64 || UE_NONCE_MAX > 512
#error "UE_NONCE_MAX must be 64..512"
#endif
#if UE_REALM_MAX < 32 || UE_REALM_MAX > 255 || UE_OPAQUE_MAX < 32 || \
	UE_OPAQUE_MAX > 255
#error "UE_REALM_MAX and UE_OPAQUE_MAX must be 32..255"
#endif
#if UE_IMPU_MAX < 1 || UE_IMPU_MAX > 16
#error "UE_IMPU_MAX must be 1..16"
#endif
#if UE_XML_DEPTH_MAX < 8 || UE_XML_DEPTH_MAX > 64 || UE_XML_NS_MAX < 4 || \
	UE_XML_NS_MAX > 32
#error "UE_XML_DEPTH_MAX must be 8..64, UE_XML_NS_MAX 4..32"
#endif
#if UE_SESSIONS_MAX < 1 || UE_SESSIONS_MAX > 32
#error "UE_SESSIONS_MAX must be 1..32"
#endif
#if UE_CODECS_MAX < 1 || UE_CODECS_MAX > 16
#error "UE_CODECS_MAX must be 1..16"
#endif
#if UE_SDP_MAX < 1100 || UE_SDP_MAX > 4096
#error "UE_SDP_MAX must be 1100..4096"
#endif
#if SDESC_MEDIA_MAX < 1 || SDESC_MEDIA_MAX > 16
#error "SDESC_MEDIA_MAX must be 1..16"
#endif
#if UE_CONFS_MAX < 1 || UE_CONFS_MAX > 16
#error "UE_CONFS_MAX must be 1..16"
#endif
#if UE_REFERS_MAX < 1 || UE_REFERS_MAX > 32 || UE_REFERRED_MAX < 1 || \
	UE_REFERRED_MAX > 8 || UE_REFER_DIALOGS < 1 || UE_REFER_DIALOGS > 16
#error "UE_REFERS_MAX 1..32, UE_REFERRED_MAX 1..8, UE_REFER_DIALOGS 1..16"
#endif
#if UE_ROSTER_USERS < 2 || UE_ROSTER_USERS > 255 || \
	UE_ROSTER_ENDPOINTS < 2 || UE_ROSTER_ENDPOINTS > 255 || \
	UE_ROSTER_MEDIA < 2 || UE_ROSTER_MEDIA > 255
#error "UE_ROSTER_USERS, _ENDPOINTS and _MEDIA must be 2..255"
#endif
#if UE_ROSTER_TEXT < 512 || UE_ROSTER_TEXT > 32768 || UE_ROSTER_TEXT % 512
#error "UE_ROSTER_TEXT must be 512..32768 and whole pages"
#endif
#if UE_IMDN_MAX < 1 || UE_IMDN_MAX > 255
#error "UE_IMDN_MAX must be 1..255"
#endif
#if UE_CPIM_MAX < 256 || UE_CPIM_MAX > 2048
#error "UE_CPIM_MAX must be 256..2048"
#endif
#if UE_FILES_MAX < 1 || UE_FILES_MAX > 32
#error "UE_FILES_MAX must be 1..32"
#endif
#if UE_FILE_NAME_MAX < 16 || UE_FILE_NAME_MAX > 255 || \
	UE_FILE_ID_MAX < 33 || UE_FILE_ID_MAX > 255
#error "UE_FILE_NAME_MAX must be 16..255, UE_FILE_ID_MAX 33..255"
#endif
#if UE_PAGES_MAX < 1 || UE_PAGES_MAX > 32
#error "UE_PAGES_MAX must be 1..32"
#endif
#if UE_EVENTS_MAX < 2 * UE_EVENTS_RESERVE + UE_CTRANS_MAX || \
	UE_EVENTS_MAX > 72
#error "UE_EVENTS_MAX must be 2 * UE_EVENTS_RESERVE + UE_CTRANS_MAX .. 72"
#endif

#endif
