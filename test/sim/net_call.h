/**
 * @file net_call.h  The other side of sessions in the simulator: phones behind
 * the scripted network that answer, call, hold, fork and hang up by chance
 *
 * Over UDP, with repetitions of their own.  They follow RFC 3261, 3262, 3264
 * and 3311, so that whatever is left in the end is the UE's fault.
 */
#ifndef SIM_NET_CALL_H
#define SIM_NET_CALL_H

#include "test/sim/net_core.h"

#define NET_CALLS 24
#define NET_CALL_TEXT 2600

enum net_call_state {
	NET_CALL_FREE = 0,
	NET_CALL_CALLING,       /**< our INVITE is out                   */
	NET_CALL_RINGING,       /**< the UE's INVITE is not answered     */
	NET_CALL_ANSWERED,      /**< 2xx sent, no ACK yet                */
	NET_CALL_UP,
	NET_CALL_ENDING         /**< our BYE is out                      */
};

struct net_calls;
struct net_call;

/** What sessions are for instead of audio (net_msrp.h) */
struct net_media {
	/** Write our description from m= on.  @return its length */
	size_t (*write_h)(char *buf, size_t size, struct net_call *c,
			  void *arg);
	/** The UE's description has come */
	void (*read_h)(struct net_call *c, const struct pl *sdp, void *arg);
	/** The session is up, and both are described (anew) */
	void (*up_h)(struct net_call *c, void *arg);
	/** It is over, in whatever state */
	void (*over_h)(struct net_call *c, void *arg);
	void *arg;
};

/** A message that is repeated */
struct net_again {
	struct net_calls *all;
	struct ue_timer timer;
	ue_timer_h *given_up_h;
	void *arg;
	uint64_t since_ms;
	uint32_t interval_ms;
	uint16_t len;           /**< 0 = nothing                         */
	char text[NET_CALL_TEXT];
};

/** One dialog of a phone; a forked INVITE has several */
struct net_call {
	struct net_calls *all;
	uint8_t state;          /**< enum net_call_state                 */
	bool uac;
	bool rel;               /**< the 1xx in resp waits for PRACK     */
	bool described;         /**< offer and answer are exchanged      */
	bool ue_rel;            /**< the UE supports 100rel              */
	bool failed;            /**< branch: it does not want            */
	bool provisional;       /**< our INVITE has one                  */
	bool lost;              /**< another branch has answered         */
	bool qos;               /**< preconditions are in use            */
	bool ready;             /**< our resources are there             */
	bool ue_ready;          /**< and the UE says, its own, too       */
	bool told;              /**< we have told it                     */
	char id[UE_CALL_ID_MAX];
	char tag[16];
	char ue_tag[UE_TAG_MAX];
	char target[UE_URI_MAX];
	char invite[NET_CALL_TEXT];     /**< the UE's, being answered    */
	uint16_t invite_len;
	uint32_t cseq;          /**< of our last request                 */
	uint32_t invite_cseq;   /**< of our last INVITE                  */
	unsigned invite_branch; /**< the same                            */
	uint32_t rseq;
	uint32_t version;       /**< of our descriptions in answers      */
	unsigned req_method;    /**< enum sip_method of what is in req   */
	uint32_t req_cseq;
	struct net_again req;   /**< our request without answer          */
	struct net_again resp;  /**< our response without ACK or PRACK   */
	struct ue_timer act;    /**< does something by chance            */
};

struct net_calls {
	struct net *net;
	struct net_call callv[NET_CALLS];
	unsigned serial;
	bool quiet;             /**< nothing by chance any more but ends */
	bool willing;           /**< who is called answers at once       */
	bool calm;              /**< and leaves all else to the UE       */
	unsigned fork;          /**< percent of INVITEs                  */
	unsigned qos;           /**< percent of our calls                */
	const char *contact_params;     /**< of each Contact             */
	const struct net_media *media;  /**< NULL = audio                */
	/** Other requests in the dialog.  @return true: answered */
	bool (*other_h)(struct net_ctx *x, struct net_call *c, void *arg);
	void *other_arg;

	/* counters */
	unsigned qos_met;
	unsigned invites, forks, prackd, ups, holds, glares, crossed;
	const char *wrong;      /**< the UE broke a rule                 */

	struct sip_msg msg;
	struct sip_writer w;
	char copy[NET_CALL_TEXT];
	char tx[NET_CALL_TEXT];
};

/** Take over what is not REGISTER and SUBSCRIBE in net */
void net_calls_init(struct net_calls *cs, struct net *net);

/** What net_calls_init() sets in net: for one that comes before */
bool net_calls_request_h(struct net_ctx *x, void *arg);
bool net_calls_response_h(struct net *net, const struct sip_msg *m,
			  void *arg);

/** Send to the UE, once */
void net_calls_send(struct net_calls *cs, const char *text, size_t len);

/** All sessions are forgotten, nobody is told */
void net_calls_forget(struct net_calls *cs);

/** A phone calls the registered UE.  @return false: none free */
bool net_calls_start(struct net_calls *cs);

/** A phone hangs up, when it can */
void net_call_end(struct net_call *c);

/** From now on every phone hangs up */
void net_calls_end(struct net_calls *cs);

/** Dialogs that are not over */
unsigned net_calls_left(const struct net_calls *cs);

/* ---- net_again.c ---- */

/** Send a message and repeat it until it is stopped; given_up_h: 128 s are
 *  over, it has to stop it */
void net_again_start(struct net_again *a, struct net_calls *cs,
		     const char *text, size_t len, ue_timer_h *given_up_h,
		     void *arg);
void net_again_stop(struct net_again *a);

/** Is there one with this Call-ID that is up? */
bool net_calls_up(const struct net_calls *cs, const char *id);

#endif
