/**
 * @file ue_port.h  The platform interface that every port implements
 *
 * The UE core does no I/O, reads no clock and has no random source.  What
 * it needs from the platform is the table below; what the platform has to
 * tell it (received bytes, results, link events) comes in by the functions
 * ue_flow_*(), ue_usim_result(), ue_resolved() and ue_qos_result() of ue.h.
 *
 * Rules for all functions of the table
 *  - They are called from ue_init() and ue_close(), from ue_poll(), from the
 *    commands of ue.h and from the functions by which the port itself hands
 *    something in; always by the task that owns the struct ue.
 *  - They do not block and do not call ue_init(), ue_poll() or ue_close().
 *  - usim_authenticate(), resolve() and qos_reserve() may call
 *    ue_usim_result(), ue_resolved() and ue_qos_result() before they return (a
 *    USIM in software answers at once).  No function of this table may call
 *    ue_flow_*(): what happens to a flow is noted and handed in afterwards.
 *  - `arg` is the port's own: struct ue_port.arg.
 *  - An errno value is positive; 0 is success.  Outputs are written only on
 *    success.  Pointers are valid during the call only.
 */
#ifndef UE_PORT_H
#define UE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ipsec/ipsec.h"

/** An IP address with a port; family 0 means "none".  Aligned, so that it is
 *  copied in words */
struct ue_addr {
	_Alignas(4) uint8_t family;     /**< 0 none, 4 IPv4, 6 IPv6      */
	uint8_t ip[16];         /**< network order; IPv4 uses ip[0..3]   */
	uint16_t port;          /**< host order; 0 = any                 */
};

/** Transport protocols of a flow */
enum ue_transport {
	UE_TRANSPORT_UDP = 1,
	UE_TRANSPORT_TCP = 2
};

/** What a flow is */
enum ue_flow_kind {
	UE_FLOW_DATAGRAM = 1,   /**< UDP: one local port, any peer       */
	UE_FLOW_CONNECT,        /**< TCP: active open to `remote`        */
	UE_FLOW_LISTEN,         /**< TCP: listener on `local`            */
	UE_FLOW_ACCEPTED        /**< TCP: came in through a listener     */
};

/** A piece of what is sent */
struct ue_iov {
	const void *data;
	size_t len;
};

/** How to open a flow */
struct ue_flow_params {
	enum ue_flow_kind kind;
	/** Local address and port.  family 0: the address from which the
	 *  platform reaches `remote`; port 0: any free port */
	struct ue_addr local;
	/** CONNECT: the peer.  Else: where most traffic will go, a hint to
	 *  choose the local address */
	struct ue_addr remote;
	/** A protected port (TS 33.203 7.1): what leaves goes through ESP or
	 *  not at all, and only what has come through ESP reaches it */
	bool protect;
	/** MSRP over TLS (RFC 4975 s14): CONNECT is a TLS client and connected
	 *  when the handshake is over, what a LISTEN accepts is a TLS server.
	 *  Both show a certificate and take any: see tls_fingerprint() */
	bool tls;
};

/** Identities read from an ISIM, or the IMSI from a USIM (TS 31.103 4.2,
 *  TS 31.102 4.2).  Strings are zero-terminated; empty = not there */
struct ue_identity {
	char impi[128];         /**< EF_IMPI: user@realm                 */
	char impu[128];         /**< first record of EF_IMPU: sip:...    */
	char domain[128];       /**< EF_DOMAIN                           */
	char imsi[16];          /**< EF_IMSI: digits                     */
	uint8_t mnc_len;        /**< EF_AD: 2 or 3, 0 = unknown          */
	char imei[17];          /**< from the terminal: 15 or 16 digits, may
				 *   be empty                            */
};

/** Outcome of AUTHENTICATE in the IMS context (TS 31.103 7.1.1) */
enum ue_usim_status {
	UE_USIM_OK = 0,         /**< res, ck, ik are valid               */
	UE_USIM_SYNC_FAILURE,   /**< SQN out of range: auts is valid     */
	UE_USIM_MAC_FAILURE,    /**< status word 9862                    */
	UE_USIM_FAILED          /**< no card, card error, not permitted  */
};

/** Result of AUTHENTICATE.  The core wipes its copy after use */
struct ue_usim_res {
	enum ue_usim_status status;
	uint8_t res[16];        /**< raw octets, may hold zeros          */
	uint8_t res_len;        /**< 4..16                               */
	uint8_t ck[16];
	uint8_t ik[16];
	uint8_t auts[14];
};

/** Levels of log() */
enum ue_log_level {
	UE_LOG_ERROR = 0,
	UE_LOG_WARNING,
	UE_LOG_INFO,
	UE_LOG_DEBUG
};

/** One SIP message as the application layer sees it, for trace() */
struct ue_trace {
	bool sent;              /**< true: from us, false: to us         */
	enum ue_transport transport;
	struct ue_addr local;
	struct ue_addr remote;
	const char *msg;        /**< plain SIP, not zero-terminated      */
	size_t len;
	size_t wire_len;        /**< octets handed to or from the socket */
};

/** The platform.  Const: the core keeps the pointer, never writes */
struct ue_port {
	void *arg;

	/**
	 * Open a flow
	 *
	 * @param flow   Number chosen by the core, 0..UE_FLOWS_ALL-1, unused.
	 *               From UE_FLOWS_MAX on: connections for MSRP, for which
	 *               flow_sendv() and ue_flow_stream() are used
	 * @param prm    Parameters
	 * @param local  Result: the local address and port really used
	 *
	 * UDP and listeners are ready on return.  CONNECT goes on in the
	 * background: ue_flow_connected() or ue_flow_closed() follows, but
	 * neither after an error.  From UE_FLOWS_MAX on one of them follows
	 * within 30 s (MSRP_T_MS), handshake of TLS included: the core has no
	 * timer for that.
	 *
	 * @return 0, EADDRINUSE (port taken: the core tries another one),
	 *         EADDRNOTAVAIL, ENETUNREACH, ENOMEM, ENOTSUP
	 */
	int (*flow_open)(void *arg, unsigned flow,
			 const struct ue_flow_params *prm,
			 struct ue_addr *local);

	/**
	 * Send one message
	 *
	 * @param flow  DATAGRAM, or CONNECT/ACCEPTED after it is connected
	 * @param dst   DATAGRAM: the peer; else ignored, may be NULL
	 * @param data  The octets; the port copies what it cannot send now
	 * @param len   1..65535.  All or nothing
	 *
	 * @return 0 taken; EAGAIN no room now, whatever is short, nothing
	 *         taken (the core tries again by its own timers); EMSGSIZE;
	 *         ENOTCONN, ECONNRESET, ENETUNREACH, EPERM: not sent, and what
	 *         it was for fails
	 */
	int (*flow_send)(void *arg, unsigned flow, const struct ue_addr *dst,
			 const void *data, size_t len);

	/**
	 * Send octets of a stream, as many as there is room for
	 *
	 * @param flow  CONNECT or ACCEPTED, UE_FLOWS_MAX or above
	 * @param iov   Pieces, valid during the call
	 * @param n     Their number, 1..3
	 *
	 * @return octets taken.  Fewer than given: ue_flow_writable() follows
	 *         when there is room (or ue_flow_closed())
	 *
	 * May be NULL: no MSRP
	 */
	size_t (*flow_sendv)(void *arg, unsigned flow,
			     const struct ue_iov *iov, unsigned n);

	/**
	 * SHA-256 of a certificate (RFC 8122 s5), DER
	 *
	 * @param flow    Connection on which octets have come or that is
	 *                connected: the peer's; UE_FLOWS_ALL: our own
	 * @param sha256  Result
	 *
	 * @return 0; ENOENT there is none; EIO
	 *
	 * May be NULL: no TLS
	 */
	int (*tls_fingerprint)(void *arg, unsigned flow, uint8_t sha256[32]);

	/**
	 * Close a flow.  No call of ue_flow_*() for this number follows until
	 * it is opened again.  What flow_send() took is still sent if
	 * possible, but a peer that takes nothing keeps it for half a minute
	 * at most.  Of a number that is closed it does nothing.  A protected
	 * CONNECT is aborted (RST) instead: the next connection between the
	 * same addresses and ports may be opened at once (TS 33.203 7.1)
	 */
	void (*flow_close)(void *arg, unsigned flow);

	/**
	 * Find the addresses of a P-CSCF name (RFC 3263: NAPTR, SRV, A, AAAA;
	 * 4.2: where a port is given A and AAAA only, and the port is that)
	 *
	 * @param id         Number of this look-up, for ue_resolved()
	 * @param name       Domain name, or `name:port`, as in the settings
	 * @param transport  Wanted transport, 0 = the order of the records
	 *
	 * The answer comes by ue_resolved(), also when there is none: the core
	 * has no timer for it.  When it is called again before that, nobody
	 * waits for the first answer any more.  May be NULL: then P-CSCFs must
	 * be given as addresses.
	 *
	 * @return 0 started; ENOTSUP, ENOMEM, EINVAL
	 */
	int (*resolve)(void *arg, uint32_t id, const char *name,
		       enum ue_transport transport);

	/**
	 * Cryptographically strong random octets, len 1 or more
	 *
	 * @return 0; EIO: no entropy, the core refuses to go on
	 */
	int (*random)(void *arg, void *buf, size_t len);

	/**
	 * Identities of the card and the terminal, as read before; asked by
	 * ue_init() and by each ue_register() that begins a registration.
	 * NULL: all identities must be set
	 *
	 * @return 0; ENOENT no card (then all identities must be set)
	 */
	int (*usim_identity)(void *arg, struct ue_identity *id);

	/**
	 * Start AUTHENTICATE in the IMS context (TS 31.103 7.1.1)
	 *
	 * @param rand  16 octets
	 * @param autn  16 octets
	 *
	 * Exactly one ue_usim_result() follows, now or later: the core has no
	 * timer for it, a card that does not answer is UE_USIM_FAILED.  NULL:
	 * no AKA, settings have a password.
	 *
	 * @return 0 started; EBUSY, ENOENT no card, EIO: none follows
	 */
	int (*usim_authenticate)(void *arg, const uint8_t rand[16],
				 const uint8_t autn[16]);

	/**
	 * Can the platform do this pair of algorithms?  Asked for each pair
	 * that ipsec_pair_supported() when Security-Client is written.  NULL:
	 * all of them
	 */
	bool (*ipsec_pair)(void *arg, enum ipsec_alg alg,
			   enum ipsec_ealg ealg);

	/**
	 * Make a set of four associations work (TS 33.203 7.1)
	 *
	 * @param prm   Addresses, ports, SPIs, algorithms; holds CK and IK
	 * @param keys  Keys as the transforms use them (TS 33.203 annex I)
	 *
	 * Both are wiped by the core when this returns.  From then on packets
	 * between these addresses and ports are protected, for UDP and TCP.
	 * A platform that does ESP itself (kernel, modem) hands the values
	 * on.  A port that runs the engine of ipsec/ has nothing to copy: the
	 * set is in ue_ipsec() already, for ipsec_output() and ipsec_input().
	 *
	 * A platform that is told now and ready later (a modem) returns 0 and
	 * lets flow_send() at these ports return EAGAIN until it is ready, and
	 * another error once it knows that it will not be.  The REGISTER over
	 * UDP leaves with one of its retransmissions then (after T1, twice as
	 * long each time); on TCP the port begins the connection when it can.
	 *
	 * NULL: the platform has no IPsec, UE_SEC_IPSEC is refused.
	 *
	 * @return 0; ENOMEM, EIO: a shortage, the UE waits and tries again,
	 *         and what is registered stays so meanwhile; any other one,
	 *         ENOTSUP the pair of algorithms or EPERM, say: no use, the UE
	 *         gives up, and what was registered ends (REGISTER_FAILED or
	 *         DEREGISTERED with that errno, not `again`)
	 */
	int (*ipsec_install)(void *arg, const struct ipsec_params *prm,
			     const struct ipsec_keys *keys);

	/** Remove that set again, known by the UE's SPIs.  Packets to and
	 *  from its ports are dropped from then on.  NULL: nothing to do */
	void (*ipsec_remove)(void *arg, const struct ipsec_offer *ue);

	/**
	 * Reserve resources for a session (RFC 3312 s5.1; TS 24.229 6.1.2).
	 * Asked when settings have `preconditions` and the peer wants them,
	 * once a session; for other sessions the network makes what they need
	 * by itself.
	 *
	 * @param session  Number of the session, as in events
	 *
	 * ue_session_media() says what is offered or agreed: messages go over
	 * the default bearer in many networks.  In LTE and NR the network
	 * makes another one; the port waits for it and answers.  A refusal, by
	 * the value returned or by err of ue_qos_result(), ends a session that
	 * is not established: with EBUSY, or with 580 to the caller.
	 *
	 * Exactly one ue_qos_result() follows, now or later, unless
	 * qos_release() comes first.  NULL: resources are always there.
	 *
	 * @return 0 started; else refused: none follows
	 */
	int (*qos_reserve)(void *arg, unsigned session);

	/** The session has ended: what qos_reserve() began for it is not
	 *  needed any more.  NULL: nothing to do */
	void (*qos_release)(void *arg, unsigned session);

	/**
	 * Read from or write to non-volatile memory; a write is atomic: after
	 * a power cut the old or the new value is read
	 *
	 * `uuid`, 16 octets, is written once; ports/common/usim_soft.c keeps
	 * `usim-sqn`, 192 octets, and writes it at every challenge.
	 *
	 * @param key  Short name, [a-z0-9-], at most 15 characters
	 * @param buf  Value
	 * @param len  nv_read: in size of buf, out length; nv_write: length
	 *
	 * NULL: nothing is kept, the instance identifier of a terminal without
	 * IMEI is another one after each start.  EIO of nv_read: it may be
	 * there, and no other one is made; ue_init() and ue_register() return
	 * EIO.
	 *
	 * @return 0; ENOENT no such key; EOVERFLOW buf too small; EIO, ENOSPC
	 */
	int (*nv_read)(void *arg, const char *key, void *buf, size_t *len);
	int (*nv_write)(void *arg, const char *key, const void *buf,
			size_t len);

	/** Log one line, no newline, never a secret: why ue_init() refuses a
	 *  setting, and that there is no card; nothing else.  What happens is
	 *  told by events and by trace().  May be NULL */
	void (*log)(void *arg, enum ue_log_level level, const char *line);

	/** See every SIP message in the clear.  May be NULL */
	void (*trace)(void *arg, const struct ue_trace *trace);

	/** ue_poll() has become due earlier than it last said: a task that
	 *  sleeps must wake up.  Called by the task that owns the struct ue,
	 *  also from ue_flow_*() and ue_close().  May be NULL */
	void (*wake)(void *arg);
};

#endif
