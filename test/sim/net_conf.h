/**
 * @file net_conf.h  A focus in the simulator: conferences behind the scripted
 * network (RFC 4579, RFC 4575, RFC 6665, RFC 3515)
 *
 * Its sessions are those of net_call.h, whose phones are all of a focus then;
 * here are subscriptions to its conferences, REFERs to it and from it, and
 * what it does by chance: documents in all states, storms of them, a restart
 * after which it knows nothing any more.
 */
#ifndef SIM_NET_CONF_H
#define SIM_NET_CONF_H

#include "test/sim/net_call.h"

#define NET_NOTES 16

/** A subscription: the focus notifies */
struct net_note {
	struct net_conf *all;
	bool used;
	bool refer;             /**< begun by a REFER of the UE          */
	bool over;              /**< the last NOTIFY is under way        */
	bool silent;            /**< unsubscribed, nothing more to say   */
	struct net_call *call;  /**< REFER in a session, NULL = its own  */
	char id[UE_CALL_ID_MAX];
	char tag[16];
	char ue_tag[UE_TAG_MAX];
	char target[UE_URI_MAX];
	uint32_t cseq;          /**< of the last NOTIFY, own dialog      */
	uint32_t sent_cseq;     /**< of what is in req                   */
	uint32_t refer_id;
	uint32_t expires_s;
	unsigned version;       /**< of the last document                */
	struct net_again req;
	struct ue_timer act;    /**< final NOTIFY; expiry                */
};

struct net_conf {
	struct net_calls calls;
	struct net_note notev[NET_NOTES];
	struct net_again refer; /**< a REFER of ours                     */
	unsigned serial;
	bool quiet;             /**< nothing by chance any more          */

	/* counters */
	unsigned subscribes, documents, storms, refers, referred, restarts;

	char text[NET_CALL_TEXT];
};

/** Take over what is not of the registration in net */
void net_conf_init(struct net_conf *nc, struct net *net);

/** Something by chance */
void net_conf_act(struct net_conf *nc);

/** A NOTIFY with the next document, to each subscription; once, without
 *  waiting for the answer.  @return how many were sent */
unsigned net_conf_document(struct net_conf *nc);

/** All is forgotten, nobody is told */
void net_conf_restart(struct net_conf *nc);

/** From now on everything goes by the rules */
void net_conf_quiet(struct net_conf *nc);

#endif
