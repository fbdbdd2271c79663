/**
 * @file msrp/msrp.h  MSRP sessions (RFC 4975): messages in and out over
 *                    connections of the caller
 *
 * An endpoint (struct msrp) serves sessions over connections that the caller
 * makes and numbers.  Octets and the time come in by msrp_recv(),
 * msrp_writable() and msrp_poll(), octets go out by the handler send_h, what
 * happens is told by the other handlers.  There is no I/O, no clock and no
 * allocation here.  Handlers may call the functions of this file except
 * msrp_recv(), msrp_writable(), msrp_poll(), msrp_lost(); a session closed by
 * a handler is gone at once: nothing more is told of it but the outcomes of
 * its messages.  source_h calls none of them.
 *
 * Each message that msrp_send() takes has exactly one outcome, told by
 * sent_h, and each that open_h accepts has exactly one, told by done_h; also
 * when the session or the connection ends.
 *
 * Times are milliseconds of any clock that does not go back; their lower 32
 * bits are what counts here, so that msrp_poll() must be called when it asks.
 */
#ifndef MSRP_H
#define MSRP_H

#include "msrp/frame.h"

struct msrp;
struct msrp_session;
struct msrp_out;
struct msrp_auth;
struct msrp_in;
struct msrp_conn;

enum {
	MSRP_T_MS        = 30000,   /**< RFC 4975 s7.1.1: for a response    */
	MSRP_REPORT_MS   = 120000,  /**< for a success report               */
	MSRP_IDLE_MS     = 120000,  /**< for more of an incomplete message  */
	MSRP_NONE        = 255
};

/** A piece of what is sent */
struct msrp_iov {
	const void *p;
	size_t n;
};

/** An inbound message when its first chunk arrives */
struct msrp_info {
	struct pl id;           /**< Message-ID                             */
	struct pl type;         /**< Content-Type                           */
	struct pl disposition;  /**< Content-Disposition; l 0: none         */
	uint32_t total;         /**< octets as announced; MSRP_ANY: unknown */
	/** RFC 4975 s5.4: one with this id has arrived in whole in another
	 *  session: not to be shown without saying so.  A copy in the same
	 *  session is confirmed to the peer and not told */
	bool duplicate;
};

/** Where its octets go */
struct msrp_sink {
	/** Application memory for the whole message, valid until done_h;
	 *  NULL: the octets are streamed to data_h */
	uint8_t *buf;
	size_t size;            /**< of buf, else the most that is taken    */
	void *arg;              /**< for data_h and done_h                  */
};

/** What came of a message */
struct msrp_result {
	/** 0 all of it delivered; EPROTO the peer refused (status); ETIMEDOUT
	 *  no response or no report in time; ECANCELED given up by its sender;
	 *  ECONNRESET the connection or the session ended; EIO a source or the
	 *  random source failed; EOVERFLOW the disposition is too long */
	int err;
	uint16_t status;        /**< MSRP status code, 0: none              */
	/** Octets from the first one on without a hole: sent and confirmed by
	 *  the next hop (or, with a success report, by the peer); received */
	uint32_t len;
	uint32_t total;         /**< of the message; MSRP_ANY: unknown      */
};

/** How a message is sent.  The texts are written as they are: they are not
 *  empty and hold no control characters */
struct msrp_msg {
	const char *type;       /**< Content-Type; copied                   */
	const char *id;         /**< Message-ID to send it once more
				 *   (RFC 4975 s5.4): 4..32 characters of
				 *   ident (s9); NULL: a new one            */
	const char *disposition; /**< Content-Disposition or NULL; kept     */
	const uint8_t *data;    /**< whole message, kept until sent_h; NULL:
				 *   from the source                        */
	uint32_t len;           /**< octets, less than MSRP_ANY - 1         */
	/** Ask for success reports.  Those of parts count in their order: one
	 *  of octets behind others without one is forgotten */
	bool success;
	bool silent;            /**< Failure-Report: no: no responses       */
	/**
	 * Next octets of the message
	 *
	 * @param p    Result: the octets, valid until the next call or the
	 *             outcome
	 * @param n    Result: their number, at least 1
	 * @param off  Position in the message
	 *
	 * @return 0; EAGAIN none now (then msrp_resume()); else the message
	 *         is given up
	 */
	int (*source_h)(const uint8_t **p, size_t *n, uint32_t off,
			void *arg);
	void *arg;              /**< for source_h and sent_h                */
};

/** The caller's side; `arg` is that of msrp_init() if not said otherwise */
struct msrp_handlers {
	/** Send octets on a connection.  @return how many were taken, fewer
	 *  than given: msrp_writable() follows when there is room */
	size_t (*send_h)(unsigned conn, const struct msrp_iov *v, unsigned n,
			 void *arg);
	/** The library has given a connection up: close it.  msrp_lost() must
	 *  not be called for it */
	void (*close_h)(unsigned conn, void *arg);
	/** Random octets.  @return 0 or an errno */
	int (*random_h)(void *buf, size_t n, void *arg);
	/** The session is bound to its connection */
	void (*bound_h)(struct msrp_session *s, void *arg);
	/** The session has failed and is to be closed; its messages have had
	 *  their outcomes */
	void (*failed_h)(struct msrp_session *s, int err, uint16_t status,
			 void *arg);
	/** A message begins.  @return 200 and *sink; or the status code that
	 *  the peer gets (RFC 4975 s10: 413, 415, 403) */
	uint16_t (*open_h)(struct msrp_session *s, const struct msrp_info *i,
			   struct msrp_sink *sink, void *arg);
	/** Octets of a message without buffer.  They may come in any order
	 *  and more than once: later ones count (RFC 4975 s7.3.1).
	 *  @param off position of the first one */
	void (*data_h)(uint32_t off, const uint8_t *p, size_t n,
		       void *sink_arg);
	/** The outcome of an inbound message */
	void (*done_h)(struct msrp_session *s, const struct msrp_result *r,
		       void *sink_arg);
	/** The outcome of an outbound message; `id` is its Message-ID */
	void (*sent_h)(struct msrp_session *s, const char *id,
		       const struct msrp_result *r, void *msg_arg);
	/** How far it is, once for each response.  May be NULL */
	void (*progress_h)(struct msrp_session *s, uint32_t len,
			   uint32_t total, void *msg_arg);
	/** Outcome of msrp_nickname(): status code, 408 no response.  May be
	 *  NULL if that is not called */
	void (*nickname_h)(struct msrp_session *s, uint16_t status, void *arg);
	/** May more be received on a connection?  Asked before each step, so
	 *  also between the head of a request and its content; false:
	 *  msrp_recv() says EAGAIN.  May be NULL: always */
	bool (*ready_h)(unsigned conn, void *arg);
};

/* Members are private -------------------------------------------------- */

struct msrp_session {
	uint8_t openv[2];       /* messages in and out */
	bool used;
	bool relayed;           /* the path has more than one URI */
	bool failed;            /* not without a new peer */
	bool ending;            /* its messages get their outcomes */
	uint16_t serial;        /* of the sessions of the endpoint */
	uint16_t via;           /* octets of our relays in `peer` */
	bool closed;            /* free when that is over */
	struct msrp *m;
	void *arg;
	const char *nickname;
	struct msrp_auth *auth;
	uint32_t max_size;
	uint32_t limit;         /* what we take; 0: that of the endpoint */
	struct msrp_conn *conn; /* NULL: not bound */
	char self[MSRP_URI_MAX];
	char peer[MSRP_PATH_MAX];
};

struct msrp_out {
	uint8_t state, pending;
	bool success, silent;
	struct msrp_session *s;
	const uint8_t *data;
	int (*source_h)(const uint8_t **p, size_t *n, uint32_t off,
			void *arg);
	void *arg;
	const char *disposition;
	uint32_t total, pos, acked, reported;
	uint32_t due_ms;
	int err;
	uint16_t status;
	bool cut;               /* given up, the peer does not know yet */
	char id[MSRP_TID_MAX + 1];
	char type[MSRP_TYPE_MAX];
};

struct msrp_hole {
	uint32_t from, to;
};

struct msrp_in {
	uint8_t n;
	bool success;
	bool copy;              /* all of it was told before */
	struct msrp_session *s;
	struct msrp_sink sink;
	uint32_t total, announced;
	uint32_t due_ms;
	struct msrp_hole have[MSRP_HOLES];
	char id[MSRP_TID_MAX + 1];
};

struct msrp_seen {
	uint16_t session;
	char id[MSRP_TID_MAX + 1];
};

struct msrp_trans {
	uint32_t due_ms;
	struct msrp_session *s;
	struct msrp_out *out;
	uint32_t from, to;
	uint8_t kind;
	uint8_t tid[MSRP_RANDOM_LEN];
};

struct msrp_reply {
	struct msrp_session *s;
	uint32_t total;
	uint16_t status;
	uint8_t kind;
	char id[MSRP_TID_MAX + 1];
};

struct msrp_conn {
	bool kept;              /* a relay: stays without sessions */
	bool used, blocked, pumping, again;
	/* receiving */
	bool strange;
	uint16_t rx_due;        /* enum msrp_due */
	/* sending */
	bool open_end, interrupt;
	uint8_t num;
	uint8_t replies, turn;
	uint8_t tid[MSRP_RANDOM_LEN];
	uint32_t due_ms;
	struct msrp_in *in;
	struct msrp_session *rx;
	uint32_t rx_pos;
	struct msrp_out *out;
	struct msrp_trans *chunk;       /* of what out is sent in */
	uint32_t chunk_from;
	struct msrp_iov seg[3];
	struct msrp_guard guard;
	struct msrp_trans transv[MSRP_TRANS];
	struct msrp_reply replyv[MSRP_REPLIES];
	char rx_tid[MSRP_TID_MAX + 1];
	char end[MSRP_END_MAX];
	char from[MSRP_URI_MAX], to[MSRP_URI_MAX];
	char txbuf[MSRP_TX_MAX];
	struct msrp_parser ps;
};

struct msrp {
	const struct msrp_handlers *h;
	void *arg;
	/** The caller's, set after msrp_init(); NULL = none.  As long as it is
	 *  true he knows no time: what is to be sent waits for msrp_poll() */
	const bool *idle;
	uint32_t now_ms;
	uint32_t max_size;
	uint16_t serial;
	uint8_t seen_next;
	struct msrp_head head, tx;
	struct msrp_out outv[MSRP_OUT];
	struct msrp_in inv[MSRP_IN];
	struct msrp_seen seenv[MSRP_SEEN];
	struct msrp_session sessv[MSRP_SESSIONS];
	struct msrp_conn connv[MSRP_CONNS];
};

/* Functions ------------------------------------------------------------ */

/**
 * Begin
 *
 * @param m         Endpoint, storage of the caller
 * @param h         Handlers, kept
 * @param arg       Their argument
 * @param max_size  Largest message that is received, octets: what a=max-size
 *                  says
 */
void msrp_init(struct msrp *m, const struct msrp_handlers *h, void *arg,
	       uint32_t max_size);

/**
 * Open a session
 *
 * @param sp    Result
 * @param m     Endpoint
 * @param self  Our URI, as in our a=path (the last one of it); copied.  The
 *              session-id must hold 80 bits of randomness (RFC 4975 s14.1)
 * @param arg   For msrp_session_arg()
 *
 * @return 0; ENOMEM; EINVAL no MSRP URI; EOVERFLOW
 */
int msrp_session_open(struct msrp_session **sp, struct msrp *m,
		      const char *self, void *arg);

/**
 * A session that has failed is to be made again under another URI of ours: who
 * sends the first request to it is the peer, as behind msrp_session_open()
 *
 * @return 0; EINVAL no MSRP URI; EOVERFLOW
 */
int msrp_session_self(struct msrp_session *s, const char *self);

/**
 * Say who the peer is (again after each new offer and answer).  Until then it
 * is who sends the first request (RFC 4975 s5.4): it may be faster than its
 * answer to our offer
 *
 * @param s         Session
 * @param path      To-Path: the peer's a=path, behind our relays; copied.
 *                  NULL: nobody any more, requests are answered 481; its
 *                  messages end with ECONNRESET, its connection stays
 * @param max_size  The peer's a=max-size; 0: any
 *
 * @return 0; EINVAL no path; EOVERFLOW longer than MSRP_PATH_MAX - 1
 */
int msrp_session_peer(struct msrp_session *s, const struct pl *path,
		      uint32_t max_size);

/** Largest message that is received in this session, octets, whatever the
 *  endpoint's is; less than MSRP_ANY - 1 */
void msrp_session_limit(struct msrp_session *s, uint32_t max_size);

/** Take no more of the messages that come in: their senders get 413 at the
 *  next octets or the end of the chunk (RFC 4975 s10.5), done_h tells
 *  EPROTO */
void msrp_refuse(struct msrp_session *s);

/**
 * Say which relays of ours requests take first (RFC 4976 s5.1); before or
 * after msrp_session_peer(), and again when they have changed
 *
 * @param s         Session
 * @param use_path  Use-Path of the relay; copied.  Empty: none
 *
 * @return 0; EINVAL no path; EOVERFLOW longer than MSRP_PATH_MAX - 1 with the
 *         peer's
 */
int msrp_session_via(struct msrp_session *s, const struct pl *use_path);

/** Close a session: its messages end with ECONNRESET, its connection stays */
void msrp_session_close(struct msrp_session *s);

void *msrp_session_arg(const struct msrp_session *s);

/** Number of a session's connection; MSRP_NONE: not bound */
unsigned msrp_session_conn(const struct msrp_session *s);

/**
 * A connection has been made by the peer: its first request says whose it is
 *
 * @param conn  Number that the caller gives it, 0..MSRP_CONNS-1, unused
 *
 * @return 0; EINVAL
 */
int msrp_accepted(struct msrp *m, uint64_t now_ms, unsigned conn);

/**
 * A connection has been made by us, or is used again: bind a session and
 * send a SEND at once, without body (RFC 4975 s5.4)
 *
 * @return 0; EINVAL; EPROTO the session has no peer, is bound, or its messages
 *         of before are still being told; ENOMEM
 */
int msrp_connected(struct msrp *m, uint64_t now_ms, unsigned conn,
		   struct msrp_session *s);

/** A connection has ended by itself: its sessions have failed */
void msrp_lost(struct msrp *m, uint64_t now_ms, unsigned conn, int err);

/** Sessions that are bound to a connection */
unsigned msrp_conn_sessions(const struct msrp *m, unsigned conn);

/** We close a connection: as msrp_lost(), and close_h is called */
void msrp_close(struct msrp *m, uint64_t now_ms, unsigned conn);

/**
 * Octets have arrived
 *
 * @param used  Result, always: how many were taken
 *
 * @return 0 all taken; EAGAIN: offer the rest again after each
 *         msrp_writable() and msrp_poll() of this endpoint, and when ready_h
 *         would say true; EBADMSG, EOVERFLOW, EPROTO: the connection is closed
 *         (close_h has been called).  EPROTO also: there is no such
 *         connection (then nothing was closed)
 */
int msrp_recv(struct msrp *m, uint64_t now_ms, unsigned conn,
	      const uint8_t *p, size_t n, size_t *used);

/** There is room again to send */
void msrp_writable(struct msrp *m, uint64_t now_ms, unsigned conn);

/**
 * Send a message.  It is on its way when this returns or waits for its turn
 *
 * @param outp  Result, may be NULL: valid until sent_h
 * @param s     Session; bound
 * @param msg   Message
 *
 * @return 0; ENOTCONN not bound; EMSGSIZE larger than the peer takes (RFC
 *         4975 s8.6); ENOMEM; EINVAL, also an id shorter or of other signs
 *         than s9 has; EOVERFLOW type or id too long; an errno of random_h
 */
int msrp_send(struct msrp_out **outp, struct msrp_session *s,
	      uint64_t now_ms, const struct msrp_msg *msg);

/**
 * Give up a message.  Its outcome, ECANCELED, comes when its memory is not
 * needed any more.  If a part has been sent the peer is told before, with "#"
 * (RFC 4975 s7.1), as soon as the connection takes octets.  One that is being
 * given up already is left alone
 */
void msrp_abort(struct msrp_out *out, uint64_t now_ms);

/** The source of a message has octets again */
void msrp_resume(struct msrp_out *out, uint64_t now_ms);

/**
 * Ask for a nickname (RFC 7701 s7.1), by the next msrp_poll()
 *
 * @param name  1..64 octets UTF-8 without quotes, kept until nickname_h, or
 *              until the session has failed or is closed: then that does not
 *              come; "" gives the nickname back
 *
 * @return 0; ENOTCONN; EBUSY one is asked for; ENOMEM
 */
int msrp_nickname(struct msrp_session *s, const char *name);

/** Run what is due.  @param wait_ms  Result, not NULL: milliseconds until the
 *  next call at the latest; UINT32_MAX: nothing is due */
void msrp_poll(struct msrp *m, uint64_t now_ms, uint32_t *wait_ms);

#endif
