/**
 * @file sip.h  The SIP core of a UE (RFC 3261): what the IMS and service
 *              layers use
 *
 *     registration, reg event, sessions ...
 *        |  requests, responses             (sip.h, dialog.h)
 *     client transaction   server transaction   (ctrans.c, strans.c)
 *        |                                  parser, writer (message.h)
 *     hop: the way to one P-CSCF over up to four flows      (hop.c)
 *        |  SigComp filter                  (struct sip_filter)
 *     flow: UDP port, TCP listener, TCP connection          (flow.c)
 *        |
 *     struct ue_port
 *
 * No allocation: transactions, flows and message blocks are arrays in
 * struct sip.  Times are those of struct ue_timers.
 */
#ifndef SIP_H
#define SIP_H

#include "ue/ue_config.h"
#include "ue/ue_port.h"
#include "ue/ue_re.h"
#include "ue/ue_timer.h"
#include "ue/sip/message.h"
#include "ue/sip/writer.h"
#include "ue/sip/store.h"

struct sip;
struct sip_hop;
struct sip_ctrans;
struct sip_strans;

/** "z9hG4bK" and 16 hexadecimal digits (RFC 3261 8.1.1.7) */
#define SIP_BRANCH_LEN 23

/* ------------------------------------------------------------------ */
/* Configuration */

/** Transaction timers, milliseconds (RFC 3261 table 4, TS 24.229 7.7) */
struct sip_timers {
	uint32_t t1_ms;
	uint32_t t2_ms;
	uint32_t t4_ms;
};

struct sip_config {
	struct sip_timers timers;
	/** Requests longer than this go over TCP where the hop allows it
	 *  (RFC 3261 18.1.1: 1300 when the path MTU is unknown) */
	size_t udp_max;
	const char *user_agent;         /**< NULL = none */
};

/* ------------------------------------------------------------------ */
/* Flows */

/** A socket of the port.  Its number is its index in sip->flowv */
struct sip_flow {
	enum ue_flow_kind kind;         /**< 0 = free                    */
	bool up;                        /**< CONNECT: connected          */
	struct sip_hop *hop;            /**< owner                       */
	struct ue_addr local;
	struct ue_addr remote;
	uint8_t stream;                 /**< 1 + index of the receive buffer
					 *   in sip->streamv, 0 = none   */
	struct ue_timer keepalive;      /**< RFC 5626 4.4, RFC 6223      */
	struct ue_timer pong;
};

/** Receive buffer of a TCP connection with a partial message */
struct sip_stream {
	size_t len;                     /**< 0 = free                    */
	char buf[UE_SIP_MSG_MAX];
};

/* ------------------------------------------------------------------ */
/* Hop: the way to one P-CSCF */

/** SigComp passes here: above the socket, below the parser.
 *
 *  encode: a SIP message to what is sent; decode: what was received to a SIP
 *  message.  Both return 0 and set *out/*out_len (which may be the input),
 *  EAGAIN (decode: nothing for the parser, e.g. a NACK), or an error: the
 *  message is not sent, or dropped and counted. */
struct sip_filter {
	int (*encode)(void *arg, unsigned flow, const void *in, size_t in_len,
		      const void **out, size_t *out_len);
	int (*decode)(void *arg, unsigned flow, uint8_t *in, size_t in_len,
		      uint8_t **out, size_t *out_len);
	void *arg;
};

/** Events of a hop */
enum sip_hop_event {
	SIP_HOP_UP,             /**< can send (again)                    */
	SIP_HOP_DOWN            /**< a connection was lost or refused, or
				 *   a keep-alive stayed unanswered: err */
};

typedef void (sip_hop_h)(struct sip_hop *hop, enum sip_hop_event event,
			 int err, void *arg);

/** Parameters of sip_hop_open() */
struct sip_hop_params {
	struct ue_addr peer;    /**< P-CSCF address and (server) port    */
	struct ue_addr local;   /**< own address; port = own server port
				 *   (port_us), 0 = any                  */
	uint16_t port_uc;       /**< own client port; 0 = UDP: the server
				 *   port, TCP: any                      */
	bool udp;               /**< may use UDP                         */
	bool tcp;               /**< may use TCP: connects when needed,
				 *   listens on the server port          */
};

/**
 * The way to one P-CSCF.  Embedded in its user.
 *
 * TS 33.203 7.1: UDP requests leave from port_uc and are answered to port_us
 * (the Via's sent-by); without associations both are one port.  TCP: requests
 * and their answers use the connection port_uc -> P-CSCF, the P-CSCF's own
 * requests come in through the listener on port_us.
 */
struct sip_hop {
	struct sip *sip;                /**< NULL = closed               */
	struct sip_hop_params prm;
	struct ue_addr sent_by;         /**< Via sent-by, Contact        */
	struct ue_addr reflexive;       /**< own address as the P-CSCF sees
					 *   it (received/rport), family 0 =
					 *   not yet known               */
	int8_t flow_us;                 /**< datagram, server port; -1   */
	int8_t flow_uc;                 /**< datagram, client port       */
	int8_t flow_listen;
	int8_t flow_conn;               /**< TCP connection to the peer  */
	const struct sip_filter *filter;        /**< NULL = plain        */
	uint32_t keepalive_s;           /**< 0 = none (RFC 6223)         */
	sip_hop_h *h;
	void *arg;
};

int  sip_hop_open(struct sip_hop *hop, struct sip *sip,
		  const struct sip_hop_params *prm, sip_hop_h *h, void *arg);
void sip_hop_close(struct sip_hop *hop);
bool sip_hop_is_open(const struct sip_hop *hop);
void sip_hop_keepalive(struct sip_hop *hop, uint32_t interval_s);

/* ------------------------------------------------------------------ */
/* Client transactions (RFC 3261 17.1, RFC 6026) */

/**
 * A response, a time-out or a transport error
 *
 * @param ct   The transaction; after a final outcome it must not be used
 *             again (INVITE 2xx: it may be called again with each
 *             retransmitted 2xx until timer M, RFC 6026)
 * @param err  0 = msg is valid; ETIMEDOUT (timers B, F); else the transport
 *             error.  msg is NULL then
 * @param msg  The response; valid during the call
 */
typedef void (sip_response_h)(struct sip_ctrans *ct, int err,
			      const struct sip_msg *msg, void *arg);

/**
 * Begin a request in the core's transmit buffer: request line, Via with a
 * fresh branch, Max-Forwards, User-Agent.  The caller adds From, To, Call-ID,
 * CSeq, Contact, Route ... in any order, ends it with sip_writer_body() or
 * sip_writer_end() and hands it to sip_ctrans_start() before it returns to
 * the port.
 *
 * @param sip     SIP core
 * @param hop     Where the request will go; gives the Via
 * @param method  Method name
 * @param ruri    Request-URI
 *
 * @return The writer (never NULL); its error is sticky
 */
struct sip_writer *sip_request_begin(struct sip *sip, struct sip_hop *hop,
				     const char *method,
				     const struct pl *ruri);

/**
 * Send the request in the transmit buffer and follow it
 *
 * @param ctp  Result: the transaction, may be NULL.  Owned by the core; the
 *             pointer is valid until the final outcome has been handed out
 * @param sip  SIP core; its writer holds one complete request begun by
 *             sip_request_begin()
 * @param hop  As in sip_request_begin()
 * @param h    Called with each response; NULL = nobody cares
 * @param arg  Handed to h
 *
 * RFC 3261 18.1.1: a request over UDP that is longer than udp_max goes over
 * TCP where the hop may use it; the Via says so.  h is never called from
 * here: a transport error is reported by a timer.
 *
 * @return 0; ENOMEM no transaction or blocks free; EOVERFLOW the message did
 *         not fit; EINVAL hop closed or header missing
 */
int  sip_ctrans_start(struct sip_ctrans **ctp, struct sip *sip,
		      struct sip_hop *hop, sip_response_h *h, void *arg);

/**
 * Cancel an INVITE (RFC 3261 9.1): the CANCEL leaves when a provisional
 * response has come.  The handler still gets the final response (487 or the
 * 2xx that crossed).
 *
 * @return 0; EINVAL not an INVITE; EPROTO already answered; ENOMEM
 */
int  sip_ctrans_cancel(struct sip_ctrans *ct);

/** Forget the user: the transaction runs to its end without calling h */
void sip_ctrans_detach(struct sip_ctrans *ct);

/** End all client transactions of a hop; with h called (err) or not (0) */
void sip_ctrans_abort_hop(struct sip *sip, struct sip_hop *hop, int err);

/**
 * Send a request that has no transaction: the ACK to a 2xx
 *
 * @return 0 or as struct ue_port.flow_send
 */
int  sip_send_ack(struct sip *sip, struct sip_hop *hop);

/* ------------------------------------------------------------------ */
/* Server transactions (RFC 3261 17.2, RFC 6026) */

/**
 * A request that matched no transaction
 *
 * The core has already refused what RFC 3261 8.2 refuses before the method
 * is looked at (malformed, merged 482, 416, 420 ...): see sip_uas_config.
 *
 * @param st   Server transaction to answer; NULL for an ACK (to a 2xx)
 * @param msg  The request; valid during the call
 *
 * The handler answers now or later with sip_reply_*().  The core answers
 * 100 to an INVITE by itself after 200 ms.
 */
typedef void (sip_request_h)(struct sip *sip, struct sip_strans *st,
			     const struct sip_msg *msg, void *arg);

/**
 * Begin a response in the transmit buffer: status line, Via list, From, To
 * (with to_tag where the request had none), Call-ID, CSeq, Record-Route (1xx
 * and 2xx that make a dialog).  The caller adds headers and the body and
 * hands it to sip_reply_send().
 *
 * @param st      Server transaction
 * @param code    100..699
 * @param reason  NULL = the RFC's phrase
 * @param to_tag  Tag of the own dialog; NULL = the transaction's own tag
 */
struct sip_writer *sip_reply_begin(struct sip_strans *st, uint16_t code,
				   const char *reason, const char *to_tag);

/** Send it.  @return 0; EOVERFLOW; ENOMEM; EPROTO already finally answered */
int  sip_reply_send(struct sip_strans *st);

/** A response without further headers: begin and send */
int  sip_reply(struct sip_strans *st, uint16_t code, const char *reason);

typedef void (sip_cancel_h)(struct sip_strans *st, int err, void *arg);

/** Be told when an INVITE is cancelled (err 0: answer 487), when no ACK came
 *  (ETIMEDOUT, timer H) or the transaction ends (ECONNABORTED) */
void sip_strans_set_handler(struct sip_strans *st, sip_cancel_h *h,
			    void *arg);

/** Hop over which the request came; its flow, source and destination */
struct sip_hop *sip_strans_hop(const struct sip_strans *st);

/* ------------------------------------------------------------------ */
/* The core */

/** What this UAS understands, for RFC 3261 8.2 (lists end with NULL) */
struct sip_uas_config {
	const char *const *methodv;     /**< Allow                       */
	const char *const *optionv;     /**< Supported                   */
	const char *const *acceptv;     /**< Accept: body types          */
};

/** Counters; all wrap.  Each dropped octet string is counted once */
struct sip_stats {
	uint32_t rx_messages;
	uint32_t tx_messages;
	uint32_t retransmissions;
	uint32_t rx_malformed;          /**< dropped or answered 400     */
	uint32_t rx_oversize;
	uint32_t rx_unmatched;          /**< response without transaction */
	uint32_t rx_filtered;           /**< refused by the filter       */
	uint32_t rx_keepalive;
	uint32_t no_memory;             /**< answered 503 or dropped     */
	uint32_t tx_failed;
};

#include "ue/sip/ctrans.h"      /* struct sip_ctrans */
#include "ue/sip/strans.h"      /* struct sip_strans */

struct sip {
	struct ue_timers *timers;
	const struct ue_port *port;
	struct sip_config cfg;
	const struct sip_uas_config *uas;
	sip_request_h *reqh;
	void *arg;

	struct sip_flow flowv[UE_FLOWS_MAX];
	struct sip_stream streamv[UE_STREAMS_MAX];
	struct sip_ctrans ctransv[UE_CTRANS_MAX];
	struct sip_strans stransv[UE_STRANS_MAX];
	struct sip_store store;
	struct sip_stats stats;

	struct sip_msg rx;              /**< the message being processed */
	struct sip_writer writer;       /**< over tx                     */
	size_t via_pos, via_len;        /**< the own Via in tx           */
	char tx[UE_SIP_MSG_MAX];
};

int  sip_init(struct sip *sip, struct ue_timers *timers,
	      const struct ue_port *port, const struct sip_config *cfg,
	      const struct sip_uas_config *uas, sip_request_h *reqh,
	      void *arg);
void sip_close(struct sip *sip);
bool sip_idle(const struct sip *sip);

/* what the port hands in, from ue_flow_*() */
int  sip_flow_recv(struct sip *sip, unsigned flow, const struct ue_addr *src,
		   uint8_t *data, size_t len);
void sip_flow_connected(struct sip *sip, unsigned flow);
int  sip_flow_accepted(struct sip *sip, unsigned listener,
		       const struct ue_addr *remote, unsigned *flow);
void sip_flow_closed(struct sip *sip, unsigned flow, int err);

/* helpers */
int  sip_random_hex(struct sip *sip, char *str, size_t size);
int  sip_random_u32(struct sip *sip, uint32_t *v);

#endif
