/**
 * @file conference.h  Conference participant (TS 24.147 5.3.1, TS 24.247
 * 7.3.1; RFC 4579, RFC 4575, RFC 5366, RFC 5368)
 *
 * A conference is a session with a focus, the subscription to its state with
 * a roster, and the REFERs that ask for others.  Applications use the
 * functions ue_conf_*() of ue.h.
 */
#ifndef CONFERENCE_H
#define CONFERENCE_H

#include "ue/services/refer.h"
#include "ue/services/roster.h"
#include "ue/services/session.h"
#include "ue/services/subscription.h"

struct ue_event;

/** States.  The transitions are in conference.c */
enum ue_conf_state {
	UE_CONF_FREE = 0,
	UE_CONF_JOINING,        /**< INVITE sent, or one accepted        */
	UE_CONF_INVITED,        /**< waits for ue_conf_accept()          */
	UE_CONF_JOINED,
	UE_CONF_WATCHING,       /**< subscribed without taking part      */
	UE_CONF_LEAVING,        /**< ends in good order                  */
	UE_CONF_OVER            /**< until its last event is delivered   */
};

/** What others are asked to do (ue_event.request) */
enum ue_conf_request {
	UE_CONF_INVITE = 1,     /**< ue_conf_invite(), _invite_list()    */
	UE_CONF_REMOVE,         /**< ue_conf_remove()                    */
	UE_CONF_END,            /**< ue_conf_end()                       */
	UE_CONF_MOVE,           /**< ue_conf_move()                      */
	UE_CONF_HOLD_USER,      /**< draft-ranjit-sipping-conference-01  */
	UE_CONF_RESUME_USER,
	UE_CONF_POC_LEAVE,      /**< ue_poc_leave()                      */
	UE_CONF_POC_END         /**< ue_poc_end()                        */
};

/** Who sends the INVITE to an invited user */
enum ue_conf_how {
	UE_CONF_BY_FOCUS = 0,   /**< TS 24.147 5.3.1.5.3: REFER to the focus */
	UE_CONF_BY_USER         /**< 5.3.1.5.2: REFER to the user        */
};

/** How to join.  Zero is good */
struct ue_conf_params {
	/** ue_conf_create(): conference factory URI; NULL = that of TS 23.003
	 *  13.10: sip:mmtel@conf-factory.<home> */
	const char *factory;
	/** ue_conf_create(): users to be invited at once (RFC 5366).  The
	 *  caller's, unchanged until the outcome */
	const char *const *uriv;
	unsigned uric;
	bool no_subscribe;      /**< do not subscribe by itself          */
	bool audio;             /**< as in struct ue_session_params      */
	const char *privacy;    /**< the same                            */
	uint32_t expires_s;     /**< of the subscription; 0 = 3600       */
};

/** What INITIATE asks for (draft-ranjit-sipping-conference-01 4.3) */
enum ue_confer_action {
	UE_CONFER_ADD = 0,
	UE_CONFER_HOLD,
	UE_CONFER_REMOVE
};

struct ue_confer {
	const char *uri;
	enum ue_confer_action action;
};

/** A REFER that has no outcome yet; private */
struct conf_request {
	struct ue_conf *conf;           /**< NULL = free                 */
	struct refer *rf;
	struct sip_stored uri;          /**< for the event               */
	uint8_t kind;                   /**< enum ue_conf_request        */
};

/** Working memory of ue_conf_move(); private */
struct conf_move {
	char uri[UE_URI_MAX];
	char replaces[300];     /**< a longer dialog's does not fit      */
};

/** A conference.  Private: see ue_conf_uri(), ue_conf_roster() */
struct ue_conf {
	uint8_t state;                  /**< enum ue_conf_state          */
	uint8_t requests;               /**< without outcome             */
	bool initiate;                  /**< by ue_conf_initiate()       */
	bool poc;                       /**< by ue_poc_establish()       */
	bool by_peer;
	bool failed;                    /**< it was never joined         */
	bool roster_told;               /**< an event waits              */
	bool grace;                     /**< a NOTIFY `terminated` may come */
	uint16_t end_status;
	uint16_t confer_count;          /**< users of INITIATE           */
	struct ue *ue;
	struct session *s;
	struct referred *rd;            /**< REFER that invited us       */
	int end_err;                    /**< how it ended                */
	uint32_t wait_ms;               /**< not joined before that      */
	const struct ue_confer *confer; /**< INITIATE: the caller's      */
	struct ue_conf_params prm;
	struct sip_dialog sub_dlg;
	struct subscription sub;
	struct ue_timer work;           /**< goes on with its end        */
	struct roster roster;
	char end_text[32];
	char uri[UE_URI_MAX];           /**< conference URI              */
	/** Who invited us; in the end where a 3xx leads; "" = none */
	char inviter[UE_URI_MAX];
};

/** All of a UE; private */
struct confs {
	struct ue *ue;
	struct ue_conf v[UE_CONFS_MAX];
	struct conf_request requestv[UE_REFERS_MAX];
};

/* ---- for ue.c ---- */

/** @return 0, ENOMEM */
int  confs_init(struct confs *cs, struct ue *ue);
/** End all in silence */
void confs_close(struct confs *cs);
/** The registration is over: each ends with ECONNABORTED */
void confs_lost(struct confs *cs);
/** A REFER from the network: it is or will be answered */
void confs_referred(struct confs *cs, struct sip_strans *st,
		    const struct sip_msg *msg);
/** An event has been delivered: what waited for that is free */
void confs_delivered(struct confs *cs, const struct ue_event *ev);

#endif
