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
 * No allocation: transactions, flows and the store of messages are in
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
#include "ue/sip/stun.h"
#include "ue/ue_addr.h"

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

/** A socket of the port.  Its number is its index in sip->flowv.  Hops with
 *  the same own port share its datagram flow and its listener (TS 33.203
 *  7.4: port_us stays while the associations change) */
struct sip_flow {
	uint8_t kind;                   /**< enum ue_flow_kind, 0 = free */
	uint8_t gen;                    /**< changes with each opening   */
	uint16_t seq;                   /**< ACCEPTED: order             */
	bool up;                        /**< CONNECT: connected          */
	struct sip_hop *hop;            /**< owner; shared: one of them  */
	struct sip_stored part;         /**< stream: incomplete message  */
	struct sip_stored wire;         /**< the same, the filter's      */
	struct ue_addr local;
	struct ue_addr remote;
};

/* ------------------------------------------------------------------ */
/* Hop: the way to one P-CSCF */

/** What was received, for struct sip_filter */
struct sip_filter_rx {
	unsigned flow;
	const struct ue_addr *from;     /**< the sender                  */
	uint8_t *data;                  /**< a datagram, a piece of a stream */
	size_t len;                     /**< 0 = go on with the piece before */

	uint8_t *out;                   /**< result: SIP; may be in data */
	size_t out_len;
	size_t wire_len;                /**< result: octets that it took on the
					 *   wire; 0 = as many as it has */
};

/**
 * SigComp passes here: above the socket, below the parser.
 *
 * encode: a SIP message, or a keep-alive of a stream, to what is sent.
 * Returns 0 and sets *out, *out_len (which may be the input), or an error:
 * the message is not sent.  sent: the port was given it; err: it did not take
 * it.
 *
 * decode: what was received to SIP.  It is called with each piece, then with
 * len 0 until it returns EAGAIN: several messages may hide in one piece of a
 * stream.  The piece stays where it is until then.  Returns 0 and the results
 * (the parser may change out in place); EAGAIN: nothing (more) for the
 * parser; an error: the piece is dropped and counted, a connection closed.
 * done: nobody reads what it returned any more.
 *
 * verdict: what became of the message that decode returned last, before it
 * is answered.  msg: it is a SIP message of the P-CSCF and, a response,
 * belongs to a transaction; NULL: refused.  Not called for what is no
 * message.  May be NULL.
 */
struct sip_filter {
	int (*encode)(void *arg, unsigned flow, const void *in, size_t in_len,
		      const void **out, size_t *out_len);
	int (*decode)(void *arg, struct sip_filter_rx *rx);
	void *arg;
	void (*verdict)(void *arg, const struct sip_msg *msg);
	void (*sent)(void *arg, unsigned flow, int err);        /* or NULL */
	void (*done)(void *arg);                                /* or NULL */
	/** Parameters of each Via of ours, from the `;` on; NULL = none */
	const char *via_params;
};

/** Events of a hop */
enum sip_hop_event {
	SIP_HOP_UP = 0,         /**< can send (again)                    */
	SIP_HOP_DOWN,           /**< a flow was lost or refused, a keep-alive
				 *   stayed without any answer: err; 0 = the
				 *   P-CSCF closed a connection that was not
				 *   kept alive.  The next request
				 *   makes a new one; a lost UDP port or
				 *   listener stays lost until the hop is
				 *   closed and opened                   */
	SIP_HOP_DOUBT,          /**< a request stayed without any answer
				 *   (ETIMEDOUT), perhaps that of somebody
				 *   behind the P-CSCF; EPROTO: it was
				 *   answered 494 (RFC 3329)             */
	SIP_HOP_HEARD           /**< a message came in: sip_hop_expect() */
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
	/** Client port of the P-CSCF: tells hops apart that share a server
	 *  port.  0: not known; with `protect` nothing is taken until it is */
	uint16_t port_pc;
	bool udp;               /**< may use UDP                         */
	bool tcp;               /**< may use TCP: connects when needed,
				 *   listens on the server port          */
	/** Its ports are protected ones (struct ue_flow_params): only the
	 *  ports of the P-CSCF named here count as senders, and responses
	 *  over UDP go to the server port (TS 33.203 7.1) */
	bool protect;
	/** Nothing but REGISTER and its responses passes: outside of security
	 *  associations, or over the first set until it is established */
	bool register_only;
	size_t udp_max;         /**< as in struct sip_config; 0 = that one */
	bool keep;              /**< offer keep-alives: `keep` in the Via of
				 *   REGISTER requests (RFC 6223 4.3)    */
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
	int8_t flow_us;                 /**< datagram, server port; -1: none */
	int8_t flow_uc;                 /**< datagram, client port       */
	int8_t flow_listen;
	int8_t flow_conn;               /**< TCP connection to the peer  */
	struct sip *sip;                /**< NULL = closed               */
	const struct sip_filter *filter;        /**< NULL = plain; the user's
					 *   to set after sip_hop_open() */
	sip_hop_h *h;
	void *arg;

	/* private; what is small before what is large */
	uint8_t stun_sent;              /**< how often                   */
	uint8_t keepalive_transport;    /**< enum ue_transport           */
	uint8_t pending;                /**< bits by enum sip_hop_event  */
	bool expecting;
	bool no_tcp;                    /**< it was refused last time    */
	bool kept;                      /**< a keep-alive was answered; the
					 *   user's to clear            */
	int pending_err;
	uint32_t keepalive_s;           /**< 0 = none                    */
	struct sip_hop *next;           /**< all hops of sip             */
	struct sip_hop *base;           /**< sip_hop_use(): this one is used
					 *   in place of it              */
	struct sip_hop *active;         /**< the other way round         */

	struct sip_hop_params prm;
	struct ue_addr sent_by;         /**< Via sent-by, Contact        */

	/* private */
	struct ue_addr mapped;          /**< own address by STUN         */
	struct ue_timer event;          /**< calls h                     */
	struct ue_timer keepalive;      /**< RFC 5626 4.4, RFC 6223 4.4  */
	struct ue_timer pong;           /**< RFC 5626 4.4.1              */
	uint8_t stun_id[SIP_STUN_ID];   /**< of the pending request      */
};

/**
 * Open the way to a P-CSCF: its datagram flows and its listener.  A TCP
 * connection is made when something is to be sent over it.
 *
 * @param hop  Hop, closed; kept in a list of sip until sip_hop_close(): it
 *             must not move
 * @param sip  SIP core
 * @param prm  Parameters, copied
 * @param h    Told about lost connections, from timers only; may be NULL
 * @param arg  Handed to h
 *
 * With port 0 a port is taken that is free for UDP and TCP.  A port that
 * cannot listen (ENOTSUP) is accepted: the P-CSCF must then use the
 * connection that the UE opened.
 *
 * @return 0; EINVAL no peer or neither transport; ENOMEM no flow free; else
 *         as struct ue_port.flow_open.  Nothing stays open then
 */
int  sip_hop_open(struct sip_hop *hop, struct sip *sip,
		  const struct sip_hop_params *prm, sip_hop_h *h, void *arg);

/** Close it.  Its transactions end: client transactions without a call of
 *  their handler, server transactions with ECONNABORTED.  A hop that is
 *  closed (or all zero) stays as it is */
void sip_hop_close(struct sip_hop *hop);

/** The same, but the users of client transactions that are not answered yet
 *  are told: err, from a timer */
void sip_hop_drop(struct sip_hop *hop, int err);

bool sip_hop_is_open(const struct sip_hop *hop);

/**
 * Send what is handed to one hop over another one from now on: a new set of
 * security associations takes over (TS 33.203 7.4).  Dialogs keep the base
 * and need not know.  What is under way stays where it is.
 *
 * @param base  May be closed
 * @param hop   To be used in place of it; NULL = itself again, also when that
 *              hop is closed
 */
void sip_hop_use(struct sip_hop *base, struct sip_hop *hop);

/** The hop that is used in place of this one, or this one */
struct sip_hop *sip_hop_active(struct sip_hop *hop);

/** The P-CSCF has chosen its protected ports: peer.port and port_pc */
void sip_hop_set_ports(struct sip_hop *hop, uint16_t port_ps,
		       uint16_t port_pc);

/** Say SIP_HOP_HEARD with the next request that comes over it, or the next
 *  response that somebody waits for */
void sip_hop_expect(struct sip_hop *hop);

/** Is a transaction on it that has not ended (timers J, K ... included)? */
bool sip_hop_is_busy(const struct sip_hop *hop);

/**
 * Keep the flow to the P-CSCF alive at random times between 80 and 100 % of
 * the interval (RFC 6223 4.4, RFC 5626 4.4).
 *
 * TCP: CRLF CRLF; the answer CRLF is due within 10 s, else the connection is
 * closed and SIP_HOP_DOWN says ETIMEDOUT.
 *
 * UDP: a STUN Binding request, repeated as RFC 5389 7.2.1 says.  SIP_HOP_DOWN
 * says ETIMEDOUT when no answer comes, and ENETRESET when the answer shows
 * that a NAT has given us another address: in both cases the P-CSCF cannot
 * reach us any more until we register again (RFC 5626 4.4.2).
 *
 * @param hop         Open hop
 * @param transport   On which it was agreed: that of the Via with `keep`
 * @param interval_s  Seconds, 0 = no more
 */
void sip_hop_keepalive(struct sip_hop *hop, enum ue_transport transport,
		       uint32_t interval_s);

/* ------------------------------------------------------------------ */
/* Client transactions (RFC 3261 17.1, RFC 6026) */

/**
 * A response, a time-out or a transport error
 *
 * Called from a received message or a timer, never from a function of this
 * file.  It may call all functions of this file, also sip_hop_close().
 *
 * @param ct   The transaction.  A final response or an error is the last
 *             call, and the pointer is void when the handler returns.
 *             INVITE 2xx: called again with each retransmitted or forked
 *             2xx until timer M ends it in silence (RFC 6026 7.2);
 *             sip_ctrans_detach() says that no more are wanted
 * @param err  0 = msg is valid; ETIMEDOUT (timers B, F; to be treated as
 *             408, RFC 3261 8.1.3.1); else the transport error (as 503):
 *             EMSGSIZE too long for the peer to decompress, EPROTO it could
 *             not decompress it in any form (RFC 4077).  msg is NULL then
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
 * @param hop     Where the request will go (sip_hop_active()); gives the Via
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
 *         not fit; EINVAL hop closed, nothing begun, or a value that no
 *         header may have; EPERM the hop takes nothing but REGISTER
 */
int  sip_ctrans_start(struct sip_ctrans **ctp, struct sip *sip,
		      struct sip_hop *hop, sip_response_h *h, void *arg);

/**
 * Cancel an INVITE (RFC 3261 9.1): the CANCEL leaves when a provisional
 * response has come, and there is room for it.  The handler still gets the
 * final response (487 or the 2xx that crossed), or ETIMEDOUT.
 *
 * @return 0; EINVAL not an INVITE; EPROTO already answered
 */
int  sip_ctrans_cancel(struct sip_ctrans *ct);

/** Somebody else has chosen to whom it goes: that there is no answer says
 *  nothing of the way to the P-CSCF */
void sip_ctrans_far(struct sip_ctrans *ct);

/** Forget the user: the transaction runs to its end without calling h */
void sip_ctrans_detach(struct sip_ctrans *ct);

/** Their hop goes: end all its client transactions at once.  The users of
 *  those that wait for an answer are told err, from a timer, or nothing
 *  (err 0) */
void sip_ctrans_abort_hop(struct sip *sip, const struct sip_hop *hop,
			  int err);

/** How many wait for a final answer */
unsigned sip_ctrans_waiting(const struct sip *sip);

/**
 * Send the request in the transmit buffer without a transaction: the ACK to
 * a 2xx.  Lost ones are asked for by the peer's next 2xx.  While there is no
 * TCP connection it is not sent, but the connection is begun.
 *
 * @param ct  The INVITE, with which it is kept: it is to be the same each time
 *            (RFC 3261 13.2.2.4).  NULL: it has no body, another one is as
 *            good
 *
 * @return 0; EOVERFLOW, EINVAL as sip_ctrans_start(); ENOTCONN; or as struct
 *         ue_port.flow_send
 */
int  sip_send_ack(struct sip *sip, struct sip_hop *hop,
		  struct sip_ctrans *ct);

/** The 2xx has come again: the ACK that was kept.  @return the same; ENOENT
 *  there is none */
int  sip_send_ack_again(struct sip_ctrans *ct, struct sip_hop *hop);

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
 * (with a tag where the request had none), Call-ID, CSeq, Record-Route (1xx
 * and 2xx that make a dialog).  The caller adds headers and the body and
 * hands it to sip_reply_send().
 *
 * RFC 4320 4.1: to other requests than INVITE no provisional response may be
 * sent; the core sends the 100 that is allowed, when it is.
 *
 * @param st      Server transaction
 * @param code    100..699
 * @param reason  NULL = the RFC's phrase
 */
struct sip_writer *sip_reply_begin(struct sip_strans *st, uint16_t code,
				   const char *reason);

/**
 * Send it.  After a final response st must not be used again, but its handler
 * is still called.  The core retransmits: provisional responses to repeated
 * requests, final ones as RFC 3261 17.2 says, and a 2xx to an INVITE in place
 * of the UAS core (RFC 3261 13.3.1.4) until the ACK comes.
 *
 * @return 0 (also when the transport failed: the peer repeats the request);
 *         EOVERFLOW, EINVAL the writer's error; ENOMEM not kept and not sent,
 *         below 300 only: others are sent once; EPROTO already finally
 *         answered, or RFC 4320
 */
int  sip_reply_send(struct sip_strans *st);

/** sip_writer_end() of a response without a body, and send it.  @return as
 *  sip_reply_send() */
int  sip_reply_end(struct sip_strans *st);

/** Send the last provisional response again (RFC 3262 s3, RFC 3261
 *  s13.3.1.1).  @return 0; EPROTO there is none, or a final one was sent */
int  sip_reply_again(struct sip_strans *st);

/** A response with the fields that every one has (write_h of struct
 *  sip_uas_config) and no others: begin and send */
int  sip_reply(struct sip_strans *st, uint16_t code, const char *reason);

/**
 * What happens to a server transaction besides the user's answers
 *
 * @param st   The transaction; for comparison only where err is not 0
 * @param err  0           an INVITE was cancelled (RFC 3261 9.2): answer 487
 *             ETIMEDOUT   no ACK came (13.3.1.4: end the session; 17.2.1
 *                         timer H), or the user has not answered another
 *                         request while its client waited (64*T1)
 *             ECONNABORTED  the hop was closed (called by sip_hop_close())
 *             After an error nothing follows.  A transaction that ends well
 *             ends without a call
 */
typedef void (sip_strans_h)(struct sip_strans *st, int err, void *arg);

/** Set the handler; NULL = nobody (any more) */
void sip_strans_set_handler(struct sip_strans *st, sip_strans_h *h,
			    void *arg);

/* ------------------------------------------------------------------ */
/* The core */

/** What this UAS understands, for RFC 3261 8.2 (lists end with NULL) */
struct sip_uas_config {
	const char *const *methodv;     /**< Allow                       */
	const char *const *optionv;     /**< Supported                   */
	const char *const *acceptv;     /**< Accept: body types          */
	/** Header fields for sip_reply() and the answers that the core gives
	 *  by itself; NULL = none.  method: of the request */
	void (*write_h)(struct sip_writer *w, enum sip_method method,
			void *arg);
};

/** Counters; all wrap.  Each dropped octet string is counted once */
struct sip_stats {
	uint32_t rx_messages;
	uint32_t tx_messages;
	uint32_t retransmissions;
	uint32_t rx_malformed;          /**< dropped or answered 400     */
	uint32_t rx_oversize;
	uint32_t rx_unmatched;          /**< response without transaction:
					 *   late, or not for us         */
	uint32_t rx_filtered;           /**< refused by the filter, or not to
					 *   come by this way            */
	uint32_t rx_keepalive;
	uint32_t no_memory;             /**< answered 503 or dropped     */
	uint32_t tx_failed;
};

#include "ue/sip/ctrans.h"      /* struct sip_ctrans */
#include "ue/sip/strans.h"      /* struct sip_strans */

/** What the transmit buffer holds */
enum sip_tx {
	SIP_TX_NONE = 0,
	SIP_TX_REQUEST,
	SIP_TX_RESPONSE
};

/** Private */
struct sip {
	struct ue_timers *timers;
	const struct ue_port *port;
	struct sip_config cfg;
	const struct sip_uas_config *uas;
	sip_request_h *reqh;
	void *arg;
	uint64_t secret;                /**< start of hashes             */

	struct sip_hop *hops;
	const struct sip_ctrans *sending_c; /**< whose request is sent now,
					 *   whose response: it must stay */
	const struct sip_strans *sending_s;
	uint16_t accept_seq;

	/* the message being written */
	uint16_t tx_code;               /**< response                    */
	uint8_t tx_what;                /**< enum sip_tx                 */
	uint8_t tx_method;              /**< request: enum sip_method    */
	uint64_t tx_key;                /**< request: its branch         */
	struct sip_writer writer;       /**< over tx                     */

	struct sip_stats stats;
	struct sip_msg rx;              /**< the message being processed */

	/* what is large is last: offsets of the others fit into loads */
	struct sip_flow flowv[UE_FLOWS_MAX];
	struct sip_ctrans ctransv[UE_CTRANS_MAX];
	struct sip_strans stransv[UE_STRANS_MAX];
	struct sip_store store;
	char tx[UE_SIP_MSG_MAX];
};

/**
 * Begin
 *
 * @param sip     Core, overwritten
 * @param timers  Timers; the caller's, like all pointers here they must live
 *                until sip_close()
 * @param port    Platform
 * @param cfg     Configuration, copied
 * @param uas     What requests are understood
 * @param reqh    Called with requests; not NULL
 * @param arg     Handed to reqh
 *
 * @return 0; EIO no random octets; EINVAL
 */
int  sip_init(struct sip *sip, struct ue_timers *timers,
	      const struct ue_port *port, const struct sip_config *cfg,
	      const struct sip_uas_config *uas, sip_request_h *reqh,
	      void *arg);

/** End everything in silence: hops, flows, transactions, timers */
void sip_close(struct sip *sip);

/** Is there no transaction and nothing stored? */
bool sip_idle(const struct sip *sip);

/* what the port hands in, from ue_flow_*() */

/** Octets were received: a datagram, or a piece of a stream.  data may be
 *  written to.  @return 0, also for garbage; EINVAL no such flow */
int  sip_flow_recv(struct sip *sip, unsigned flow, const struct ue_addr *src,
		   uint8_t *data, size_t len);

/** A CONNECT flow is ready */
void sip_flow_connected(struct sip *sip, unsigned flow);

/** A listener has a connection.  @return 0 and the number of its flow; ENOMEM,
 *  EINVAL: the port closes the connection */
int  sip_flow_accepted(struct sip *sip, unsigned listener,
		       const struct ue_addr *remote, unsigned *flow);

/** A flow has failed or the peer closed it (err 0); its number is free */
void sip_flow_closed(struct sip *sip, unsigned flow, int err);

/* helpers */

/** Random hexadecimal digits: size - 1 of them and a zero.  @return 0, EIO */
int  sip_random_hex(struct sip *sip, char *str, size_t size);

/** @return 0, EIO */
int  sip_random_u32(struct sip *sip, uint32_t *v);

#endif
