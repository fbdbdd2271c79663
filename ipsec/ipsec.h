/**
 * @file ipsec.h  IPsec ESP with the security associations of an IMS UE
 *
 * TS 33.203 clauses 6.3, 7 and annexes H and I; RFC 4303 (ESP), 2410, 2451,
 * 3602 (ciphers), 2403, 2404 (HMAC), 4106 (GCM), 4543 (GMAC).
 *
 * The library keeps up to three sets of four associations and protects or
 * checks whole IP packets in transport mode, in place.  It does no I/O,
 * allocates nothing, reads no clock and has no random source: the time comes
 * in with each call in milliseconds of any steadily growing clock, random
 * octets by a handler.  One task at a time owns a struct ipsec.
 *
 * Names are those of TS 33.203.  Each set holds
 *
 *   SA 1  UE -> P-CSCF  port_uc -> port_ps  spi_ps  (chosen by the P-CSCF)
 *   SA 2  P-CSCF -> UE  port_ps -> port_uc  spi_uc  (chosen by the UE)
 *   SA 3  P-CSCF -> UE  port_pc -> port_us  spi_us  (chosen by the UE)
 *   SA 4  UE -> P-CSCF  port_us -> port_pc  spi_pc  (chosen by the P-CSCF)
 *
 * The order of calls of one registration:
 *
 *   ipsec_offer()       values for Security-Client
 *   ipsec_add()         401 accepted: the temporary set, four minutes
 *   ipsec_establish()   200: it becomes the current one, the former current
 *                       one the old one
 *   ipsec_extend()      200 to a registration that was not challenged
 *   ipsec_delete()      failure, time-out, old set no longer needed
 *   ipsec_flush()       deregistered, address changed, power off
 *
 * and in the data path ipsec_output() and ipsec_input() for every packet,
 * above fragmentation and below the transport protocols.
 *
 * Errors are positive errno values; outputs are written only on success.
 */
#ifndef IPSEC_H
#define IPSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <mbedtls/aes.h>
#include <mbedtls/sha1.h>
#include "ipsec/ipsec_config.h"
#if IPSEC_MD5
#include <mbedtls/md5.h>
#endif
#if IPSEC_3DES
#include <mbedtls/des.h>
#endif


/*
 * Algorithms (TS 33.203 annex H)
 */

/** Integrity algorithm, parameter alg */
enum ipsec_alg {
	IPSEC_ALG_NULL = 0,         /**< only with aes-gcm                */
	IPSEC_ALG_HMAC_MD5_96,
	IPSEC_ALG_HMAC_SHA_1_96,
	IPSEC_ALG_AES_GMAC          /**< only with ealg null              */
};

/** Encryption algorithm, parameter ealg */
enum ipsec_ealg {
	IPSEC_EALG_NULL = 0,
	IPSEC_EALG_DES_EDE3_CBC,
	IPSEC_EALG_AES_CBC,
	IPSEC_EALG_AES_GCM          /**< only with alg null               */
};

/** Keys as the transforms use them, made from CK and IK.  A kernel or modem
 *  that does ESP itself is given these.  Wipe after use */
struct ipsec_keys {
	uint8_t auth[20];       /**< HMAC key; aes-gmac: key and salt      */
	uint8_t auth_len;       /**< 0, 16 or 20                           */
	uint8_t enc[24];        /**< cipher key; aes-gcm: key and salt     */
	uint8_t enc_len;        /**< 0, 16, 20 or 24                       */
};

/**
 * Can this pair be used?  False too for what was left out at build time
 */
bool ipsec_pair_supported(enum ipsec_alg alg, enum ipsec_ealg ealg);

/** Name as in Security-Client, "" for a value out of range */
const char *ipsec_alg_name(enum ipsec_alg alg);
const char *ipsec_ealg_name(enum ipsec_ealg ealg);

/**
 * Find the value of a name; letter case does not matter
 *
 * @param algp  Result
 * @param name  Name, not zero-terminated
 * @param len   Its length
 *
 * @return 0; ENOENT unknown name
 */
int ipsec_alg_decode(enum ipsec_alg *algp, const char *name, size_t len);
int ipsec_ealg_decode(enum ipsec_ealg *ealgp, const char *name, size_t len);

/**
 * Key expansion of TS 33.203 annex I
 *
 * @param keys  Result
 * @param alg   Integrity algorithm
 * @param ealg  Encryption algorithm
 * @param ck    CK of AKA, 16 octets
 * @param ik    IK of AKA, 16 octets
 *
 * @return 0; ENOTSUP pair not supported; EINVAL the two halves of CK are
 *         equal as DES keys (RFC 2451 s2.3: must be rejected); EIO mbedTLS
 *         failed
 */
int ipsec_keys_expand(struct ipsec_keys *keys, enum ipsec_alg alg,
		      enum ipsec_ealg ealg, const uint8_t ck[16],
		      const uint8_t ik[16]);

/** Octets that ESP adds to a packet at most, padding included */
size_t ipsec_overhead(enum ipsec_alg alg, enum ipsec_ealg ealg);

/**
 * Octets of a transport payload (UDP or TCP with its header) that fit
 *
 * @param alg   Integrity algorithm
 * @param ealg  Encryption algorithm
 * @param room  MTU less IP header and extension headers
 *
 * @return Largest payload whose ESP packet is not longer; 0 if none is
 */
size_t ipsec_payload_max(enum ipsec_alg alg, enum ipsec_ealg ealg,
			 size_t room);


/*
 * Associations
 */

/** An IP address */
struct ipsec_addr {
	uint8_t family;         /**< 4 or 6; 0 none                        */
	uint8_t ip[16];         /**< network order; IPv4 uses ip[0..3]     */
};

/** What the UE puts into Security-Client */
struct ipsec_offer {
	uint32_t spi_uc;        /**< spi-c */
	uint32_t spi_us;        /**< spi-s */
	uint16_t port_uc;       /**< port-c */
	uint16_t port_us;       /**< port-s */
};

/** A set of four associations */
struct ipsec_params {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
	struct ipsec_addr local;        /**< the UE                        */
	struct ipsec_addr remote;       /**< the P-CSCF, same family       */
	uint8_t proto;                  /**< IPPROTO_UDP, IPPROTO_TCP or 0:
					 *   both (TS 33.203 s7.1)         */
	struct ipsec_offer ue;          /**< spi_uc .. port_us             */
	uint32_t spi_pc;                /**< spi-c of Security-Server      */
	uint32_t spi_ps;                /**< spi-s of Security-Server      */
	uint16_t port_pc;
	uint16_t port_ps;
	uint8_t ck[16];
	uint8_t ik[16];
};

/** State of a set (TS 33.203 s7.4, TS 24.229 s5.1.1.5.1) */
enum ipsec_state {
	IPSEC_FREE = 0,
	IPSEC_TEMPORARY,        /**< 401 accepted, 200 not yet here        */
	IPSEC_CURRENT,          /**< established by the last 200           */
	IPSEC_OLD               /**< replaced, still accepted              */
};

/** Place of an association in a set */
enum ipsec_sa_nr {
	IPSEC_SA_UC_PS = 0,     /**< SA 1, out */
	IPSEC_SA_PS_UC,         /**< SA 2, in  */
	IPSEC_SA_PC_US,         /**< SA 3, in  */
	IPSEC_SA_US_PC,         /**< SA 4, out */
	IPSEC_SA_N
};

/** Time limits.  TS 24.229 s5.1.1.5.1: the temporary set lives as long as
 *  timer reg-await-auth, four minutes; the current one 30 s longer than the
 *  registration */
#define IPSEC_TEMPORARY_MS 240000u
#define IPSEC_EXTRA_MS     30000u

/** Receive window (RFC 4303 s3.4.3) */
struct ipsec_replay {
	uint64_t map;           /**< bit n: number top - n has arrived     */
	uint32_t top;           /**< highest number that has arrived       */
};

/** One association.  Private */
struct ipsec_sa {
	struct ipsec_replay replay;     /**< inbound                       */
	uint32_t seq;                   /**< outbound: last number sent    */
	uint32_t spi;
	uint16_t local_port;
	uint16_t remote_port;
};

#if IPSEC_GCM
/** AES-GCM: key schedule and the table of the hash key.  Private */
struct ipsec_gcm {
	struct {
		uint64_t hi, lo;
	} table[16];
	mbedtls_aes_context aes;
	uint8_t salt[4];
};
#endif

/** Key schedules, shared by the four associations of a set, which have the
 *  same keys.  Holds pointers into itself.  Private */
struct ipsec_crypto {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
	union {
		struct {
			mbedtls_sha1_context inner, outer;
		} sha1;
#if IPSEC_MD5
		struct {
			mbedtls_md5_context inner, outer;
		} md5;
#endif
	} mac;
	union {
		struct {
			mbedtls_aes_context enc, dec;
		} aes;
#if IPSEC_3DES
		struct {
			mbedtls_des3_context enc, dec;
		} des3;
#endif
#if IPSEC_GCM
		struct ipsec_gcm gcm;
#endif
	} cipher;
};

/** One set.  `state` and `expires_ms` may be read */
struct ipsec_set {
	enum ipsec_state state;
	uint8_t proto;
	struct ipsec_addr local;
	struct ipsec_addr remote;
	uint64_t expires_ms;    /**< end of its lifetime                   */
	struct ipsec_sa sav[IPSEC_SA_N];
	struct ipsec_crypto crypto;
};

/** Why a packet was dropped */
enum ipsec_drop {
	IPSEC_DROP_NONE = 0,
	/* both directions */
	IPSEC_DROP_MALFORMED,   /**< not a sound IPv4 or IPv6 packet       */
	IPSEC_DROP_FRAGMENT,    /**< RFC 4303 s3.3.4, s3.4.1               */
	IPSEC_DROP_CRYPTO,      /**< mbedTLS or the random handler failed  */
	/* out */
	IPSEC_DROP_NO_POLICY_SA,/**< must be protected, no association     */
	IPSEC_DROP_SEQ_END,     /**< RFC 4303 s3.3.3: number would wrap    */
	IPSEC_DROP_TOO_LONG,    /**< over 65,535 octets, or no room        */
	/* in, in the order of the checks */
	IPSEC_DROP_CLEAR,       /**< unprotected to a protected port       */
	IPSEC_DROP_NO_SA,       /**< RFC 4303 s3.4.2: SPI or addresses     */
	IPSEC_DROP_LENGTH,      /**< truncated, or not in whole blocks     */
	IPSEC_DROP_REPLAY,      /**< RFC 4303 s3.4.3                       */
	IPSEC_DROP_ICV,         /**< RFC 4303 s3.4.4                       */
	IPSEC_DROP_PADDING,     /**< RFC 4303 s2.4                         */
	IPSEC_DROP_DUMMY,       /**< RFC 4303 s2.6: next header 59         */
	IPSEC_DROP_SELECTOR,    /**< RFC 4301 s5.2: not this association's */
	IPSEC_DROP_N
};

/** Counters, wrap silently */
struct ipsec_stats {
	uint32_t out_protected;
	uint32_t out_bypassed;
	uint32_t in_protected;
	uint32_t in_bypassed;
	uint32_t dropv[IPSEC_DROP_N];
};

/**
 * Give cryptographically strong random octets
 *
 * @param buf  Where to
 * @param len  How many
 * @param arg  As given to ipsec_init()
 *
 * @return 0; anything else: the caller's operation fails
 */
typedef int (ipsec_random_h)(uint8_t *buf, size_t len, void *arg);

/** At most one set of each state but IPSEC_FREE */
#define IPSEC_SETS 3

/** The association database.  The caller provides the storage; it must not
 *  be copied or moved after ipsec_init().  `stats` may be read */
struct ipsec {
	uint16_t port_min;
	uint16_t port_max;
	ipsec_random_h *randomh;
	void *arg;
	struct ipsec_offer offer;       /* last one; spi_uc 0: none        */
	struct ipsec_stats stats;
	struct ipsec_set setv[IPSEC_SETS];
};

/**
 * Prepare an empty database
 *
 * @param db        Database
 * @param port_min  First of the UE's protected ports; 0: IPSEC_PORT_MIN
 * @param port_max  Last one; 0: IPSEC_PORT_MAX
 * @param randomh   Random handler, kept
 * @param arg       Its argument, kept
 *
 * @return 0; EINVAL bad range (see ipsec_config.h) or no handler
 */
int ipsec_init(struct ipsec *db, uint16_t port_min, uint16_t port_max,
	       ipsec_random_h *randomh, void *arg);

/** Delete all sets and wipe the database */
void ipsec_close(struct ipsec *db);

/**
 * Choose SPIs and ports for the next Security-Client (TS 33.203 s7.1)
 *
 * Both SPIs are random, over 255, different and in no other set.  port_uc
 * changes with every call and is no port of a living set; port_us stays
 * until ipsec_flush().
 *
 * When the platform cannot open port_uc, call again: another one is chosen.
 * When it cannot open port_us: ipsec_flush() and again.
 *
 * @param offer  Result
 * @param db     Database
 *
 * @return 0; EIO random handler failed; ENOMEM no port left
 */
int ipsec_offer(struct ipsec_offer *offer, struct ipsec *db);

/**
 * Make the temporary set.  One that is there already is deleted first
 *
 * Its lifetime is IPSEC_TEMPORARY_MS.
 *
 * @param setp    Result: the set; stays valid until deleted.  May be NULL
 * @param db      Database
 * @param prm     Parameters, copied; the caller wipes its CK and IK
 * @param now_ms  Time
 *
 * @return 0; ENOTSUP pair of algorithms; EINVAL caller's values: addresses,
 *         protocol, SPI of a living set, port_uc = port_us, weak 3DES key;
 *         EBADMSG the P-CSCF's values: SPI 0 or not different from
 *         all others, port 0 (TS 33.203 s7.1); EIO mbedTLS failed.
 *         ENOTSUP: nothing has changed; another error: the temporary set is
 *         gone
 */
int ipsec_add(struct ipsec_set **setp, struct ipsec *db,
	      const struct ipsec_params *prm, uint64_t now_ms);

/**
 * The registration has succeeded: temporary -> current -> old -> gone
 *
 * Lifetime of the current set: the longer of the former one's and
 * expires_s + 30 s (TS 24.229 s5.1.1.5.1).  The old one keeps its own.
 *
 * @param db         Database
 * @param now_ms     Time
 * @param expires_s  Expiry of the registration in seconds
 *
 * @return 0; ENOENT no temporary set
 */
int ipsec_establish(struct ipsec *db, uint64_t now_ms, uint32_t expires_s);

/**
 * A registration without challenge has succeeded: the current set lives
 * longer, never shorter
 *
 * @return 0; ENOENT no current set
 */
int ipsec_extend(struct ipsec *db, uint64_t now_ms, uint32_t expires_s);

/** Delete the set of a state, if there is one, and wipe its keys */
void ipsec_delete(struct ipsec *db, enum ipsec_state state);

/** Delete all sets and forget the last offer, port_us with it */
void ipsec_flush(struct ipsec *db);

/** The set of a state, NULL if there is none.  Valid until deleted */
const struct ipsec_set *ipsec_get(const struct ipsec *db,
				  enum ipsec_state state);

/**
 * Look for a set whose lifetime has ended
 *
 * Such a set is no longer used by ipsec_output() and ipsec_input(), but its
 * keys stay until the caller deletes it.  Call until it returns false.
 *
 * @param state   Result: state of that set
 * @param db      Database
 * @param now_ms  Time
 */
bool ipsec_expired(enum ipsec_state *state, const struct ipsec *db,
		   uint64_t now_ms);

/** Time of the next end of a lifetime, UINT64_MAX if there is no set */
uint64_t ipsec_next_ms(const struct ipsec *db);


/*
 * Packets
 */

/** Room needed before and after an outbound packet */
#define IPSEC_HEADROOM 24
#define IPSEC_TAILROOM 29

/** A whole IP packet in a buffer of the caller */
struct ipsec_packet {
	uint8_t *buf;           /**< buffer                                */
	size_t size;            /**< its size                              */
	size_t pos;             /**< where the packet starts in it         */
	size_t len;             /**< octets from there, 0..size - pos.  More
				 *   than the IP header says: the rest is
				 *   ignored (link padding)                */
	enum ipsec_drop drop;   /**< result: set with every verdict        */
};

/** What is to be done with a packet (RFC 4301 s4.4.1) */
enum ipsec_verdict {
	IPSEC_DISCARD = 0,      /**< drop it; `drop` says why, counted     */
	IPSEC_BYPASS,           /**< unchanged, none of ours: as usual     */
	IPSEC_PROTECT           /**< out: now an ESP packet, send it;
				 *   in: was an ESP packet, checked and
				 *   unwrapped, hand it to the transport   */
};

/**
 * Handle an outbound packet before it is fragmented
 *
 * Order: selectors (addresses, protocol, ports) against current, old and
 * temporary set, sequence number, encryption, ICV.  The IP header, with
 * options or extension headers and the don't-fragment bit, is kept; length,
 * protocol and IPv4 checksum are brought up to date, the latter by its
 * difference, so a wrong one stays wrong.  IPv6: ESP comes after hop-by-hop,
 * routing and fragment headers and before the last destination options.
 *
 * A packet without association is discarded if it comes from a protected
 * port (a port of a set or of the range of ipsec_init()) or goes to a
 * protected port of the P-CSCF; fragments between addresses of a set are
 * discarded when their ports are not to be seen.
 *
 * @param db      Database
 * @param pkt     Packet with IPSEC_HEADROOM octets before and
 *                IPSEC_TAILROOM after it.  PROTECT: pos and len are new;
 *                DISCARD: contents undefined
 * @param now_ms  Time
 */
enum ipsec_verdict ipsec_output(struct ipsec *db, struct ipsec_packet *pkt,
				uint64_t now_ms);

/**
 * Handle an inbound packet after it is reassembled
 *
 * Order (RFC 4303 s3.4): association by SPI and addresses, replay check,
 * ICV in constant time, replay update, decryption, padding, next header,
 * selectors of the inner packet.  A packet that is not ESP is discarded if
 * it goes to a protected port.
 *
 * @param db      Database
 * @param pkt     Packet, needs no room.  PROTECT: pos and len are new;
 *                DISCARD: contents, pos and len undefined
 * @param now_ms  Time
 */
enum ipsec_verdict ipsec_input(struct ipsec *db, struct ipsec_packet *pkt,
			       uint64_t now_ms);

/** Short name of a reason, for logs and tables; "?" out of range */
const char *ipsec_drop_name(enum ipsec_drop drop);

#endif
