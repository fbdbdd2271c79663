/**
 * @file net_msrp.h  MSRP of the phones or of the focus in the simulator
 *
 *     net_calls_init(&calls, &net);           or net_conf_init(): its calls
 *     net_msrp_init(&nm, &calls);
 *     nm.recv_h = ...;                        what the other side does
 *     net_msrp_send(&nm, net_msrp_of(&nm, call), &out);
 *
 * From then on the sessions of net_call.h are for messages instead of audio:
 * m=message in offers and answers, a TCP connection from either side (RFC
 * 4975 s5.4, RFC 6135), one for several sessions where they may.  What it
 * reads and writes is parsed and built here, without the library: chunks of
 * any size, in any order, of several messages in turn, responses late or
 * never.  A rule that the UE breaks is in `wrong`.
 */
#ifndef SIM_NET_MSRP_H
#define SIM_NET_MSRP_H

#include "test/sim/net_call.h"

#define NET_MSRP_MAX 32768      /* octets of a message                   */
#define NET_MSRP_IN 8           /* incomplete, of all sessions           */
#define NET_MSRP_OUT 16
#define NET_MSRP_TRANS 64
#define NET_MSRP_CHUNKS 64      /* of a message                          */
#define NET_MSRP_ID 40

struct net_msrp;

/** One MSRP session: that of calls->callv with the same index */
struct net_msrp_session {
	struct net_call *call;  /**< NULL = free                         */
	char self[64];          /**< a=path                              */
	char peer[128];
	struct ue_addr addr;    /**< of the UE's a=path                  */
	bool active;            /**< we connect                          */
	bool bound, lost;
	int conn;               /**< -1 = none                           */
};

/** A message from the UE */
struct net_msrp_in {
	struct net_msrp_session *s;     /**< NULL = free                 */
	char id[NET_MSRP_ID];
	char type[80];
	uint32_t len;           /**< so far                              */
	uint8_t data[NET_MSRP_MAX];
};

/** A message to the UE: the caller's until sent_h */
struct net_msrp_out {
	const char *id;         /**< Message-ID                          */
	const char *type;
	const uint8_t *data;
	uint32_t len;           /**< up to NET_MSRP_MAX                  */
	bool report;            /**< ask for a success report            */
	bool abort;             /**< give it up on the way: "#"          */

	/* private */
	struct net_msrp_session *s;     /* NULL = not on its way */
	uint32_t chunk;
	unsigned count;
	bool sentv[NET_MSRP_CHUNKS];
	unsigned acked;
	bool reported;
	bool failing;
	uint64_t due_ms;
};

struct net_msrp_trans {
	unsigned serial;        /**< 0 = free                            */
	int conn;
	struct net_msrp_session *s;
	struct net_msrp_out *out;       /**< NULL: the SEND that binds   */
	uint64_t due_ms;
};

struct net_msrp_conn {
	bool used, up;
	uint16_t tx_len;
	uint16_t rx_len;
	char tx[8192];
	char rx[NET_MSRP_MAX + 2048];
};

struct net_msrp {
	struct net_calls *calls;
	/* what it does; set by tests */
	const char *attrs;      /**< further lines of our descriptions   */
	unsigned ports;         /**< how many places the UE connects to; 1 */
	unsigned share;         /**< percent of our connections that are
				 *   used again                          */
	unsigned refuse;        /**< percent of connections              */
	unsigned mute;          /**< percent of requests without answer  */
	unsigned strict;        /**< percent of messages refused by 413  */
	/** Messages may be sent.  May be NULL */
	void (*ready_h)(struct net_msrp_session *s, void *arg);
	/** Messages cannot be sent any more.  May be NULL */
	void (*lost_h)(struct net_msrp_session *s, void *arg);
	/** A message is there.  NULL = nobody looks */
	void (*recv_h)(const struct net_msrp_in *in, void *arg);
	/** Outcome of net_msrp_send(): 0; or the MSRP status (408 time-out),
	 *  1 the session ended, 2 given up */
	void (*sent_h)(struct net_msrp_out *out, unsigned status, void *arg);
	void *arg;

	/* counters */
	unsigned connects, accepts, shared, chunks, received, sent, failed,
		reports, muted, refused;
	const char *wrong;      /**< the UE broke a rule                 */

	/* private */
	struct net_msrp_session sessv[NET_CALLS];
	struct net_msrp_out *outv[NET_MSRP_OUT];
	struct net_msrp_trans transv[NET_MSRP_TRANS];
	unsigned serial;
	struct net_media media;
	struct ue_timer timer;
	uint32_t wait_ms;
	/* large, not cleared */
	struct net_msrp_in inv[NET_MSRP_IN];
	struct net_msrp_conn connv[SIM_CONNS];
};

/** Take over the media of cs, and connections to 192.0.2.77 */
void net_msrp_init(struct net_msrp *nm, struct net_calls *cs);

/** Session of a call; NULL: it has none (yet) */
struct net_msrp_session *net_msrp_of(struct net_msrp *nm,
				     const struct net_call *c);

/** Send a message.  @return false: not bound, or too many */
bool net_msrp_send(struct net_msrp *nm, struct net_msrp_session *s,
		   struct net_msrp_out *out);

/** What is left of MSRP: NULL, or what */
const char *net_msrp_residue(const struct net_msrp *nm);

#endif
