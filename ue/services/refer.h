/**
 * @file refer.h  REFER (RFC 3515) in both roles: ours with its implicit
 * subscription, and one that we are asked to follow
 *
 * Kept apart from the subscriptions of subscription.h: these begin by REFER
 * and not by SUBSCRIBE, carry sipfrag (RFC 3420), are many in one dialog, told
 * apart by the CSeq of the REFER, and end by themselves.
 *
 * A REFER goes out in a dialog of its own, taken from a small table, or in
 * one that stands (a session's).
 */
#ifndef REFER_H
#define REFER_H

#include "ue/sip/dialog.h"

struct ue;
struct refer;
struct refers;

/** What a REFER asks for.  Strings are used during the call only */
struct refer_params {
	/** Own dialog: Request-URI and To; NULL: in dlg */
	const char *target;
	struct sip_dialog *dlg;
	/** Whom or what to contact: URI of Refer-To.  NULL: the list below */
	const char *refer_to;
	/** Method of the request that shall be sent; NULL = INVITE */
	const char *method;
	/** INVITE: dialog to be replaced, `call-id;to-tag=...;from-tag=...`
	 *  (RFC 3891); NULL = none */
	const char *replaces;
	/** draft-ranjit-sipping-conference-01 4.4: action parameter of
	 *  Refer-To; NULL = none */
	const char *action;
	/** Privacy (RFC 3323 s4.2); NULL = none */
	const char *privacy;
	/** Several at once (RFC 5368) */
	const char *const *uriv;
	unsigned uric;
	/** Ask for no implicit subscription (RFC 4488) */
	bool no_sub;
	/** The 2xx is the outcome: what follows is told by other means.  A
	 *  NOTIFY that comes all the same is answered */
	bool accepted_is_all;
};

enum refer_event {
	REFER_ACCEPTED = 1,     /**< 2xx to the REFER                    */
	REFER_PROGRESS,         /**< a NOTIFY told a provisional status  */
	/** Last one: status = that of the request which was asked for, or of
	 *  the answer to the REFER where it was refused or no subscription
	 *  follows; err = no outcome can be known any more */
	REFER_DONE
};

/** @param status  SIP status, 0 = none.  @param err  errno, 0 = none */
typedef void (refer_h)(struct refer *rf, enum refer_event event, int err,
		       uint16_t status, void *arg);

/** A REFER of ours; private */
struct refer {
	uint8_t state;          /**< enum in refer.c                     */
	bool no_sub;
	bool accepted_is_all;
	uint16_t status;        /**< last one told by a NOTIFY           */
	struct refers *all;
	struct sip_dialog *dlg;
	struct sip_ctrans *ct;
	refer_h *h;
	void *arg;
	uint32_t id;            /**< CSeq of the REFER                   */
	struct ue_timer timer;  /**< end of the subscription             */
};

/** A REFER to us */
struct referred {
	/* for its user */
	struct referred **owner;        /**< set to NULL when it goes by
					 *   itself; NULL = nobody       */
	struct sip_stored uri;  /**< Refer-To                            */
	struct sip_stored by;   /**< Referred-By, the whole field        */

	/* private */
	bool used;
	bool sub;               /* there is a subscription */
	uint16_t sent;          /* status of the last NOTIFY */
	uint16_t next;          /* to be sent when that is answered; 0: none */
	struct refers *all;
	struct sip_dialog *dlg;
	struct sip_ctrans *ct;  /* NOTIFY */
	uint32_t id;
	struct ue_timer timer;  /* end of the subscription */
};

/** All of a UE; private */
struct refers {
	struct ue *ue;
	struct ue_timer timer;          /**< tells of what was aborted   */
	struct refer v[UE_REFERS_MAX];
	struct referred inv[UE_REFERRED_MAX];
	struct sip_dialog dlgv[UE_REFER_DIALOGS];
};

void refers_init(struct refers *rs, struct ue *ue);
/** Forget all in silence */
void refers_close(struct refers *rs);
/** The registration is over: each ends with ECONNABORTED */
void refers_lost(struct refers *rs);

/** The session ends whose dialog it is: what has no outcome yet takes the
 *  dialog over (RFC 6665 4.5.2), and dlg is none then; where there is no room
 *  for it, and what has one, ends as by refer_abort() */
void refers_dialog_closed(struct refers *rs, struct sip_dialog *dlg);

/**
 * Send a REFER
 *
 * @param rfp  Result, may be NULL
 * @param rs   Table
 * @param prm  What it asks for
 * @param h    Told what becomes of it, from timers and received messages;
 *             REFER_DONE comes once
 * @param arg  Handed to h
 *
 * @return 0; EPROTO not registered, or the dialog does not stand; EINVAL a
 *         URI is none; ENOMEM; EOVERFLOW; as sip_ctrans_start()
 */
int  refer_send(struct refer **rfp, struct refers *rs,
		const struct refer_params *prm, refer_h *h, void *arg);

/** Forget it: REFER_DONE with ECONNABORTED follows, from a timer */
void refer_abort(struct refer *rf);

/** A NOTIFY for one of them: it is answered.  @return whether it is */
bool refer_notify(struct refers *rs, struct sip_strans *st,
		  const struct sip_msg *msg);

/**
 * A REFER has come: check it, answer 202 and say 100 Trying by a NOTIFY.  What
 * it asks for needs the user's consent (RFC 3515 2.4.2): referred_status()
 * tells the referrer how it went on.
 *
 * @param rdp  Result
 * @param dlg  The dialog it came in; NULL: none
 *
 * @return 0; else it was refused, and has been answered
 */
int  referred_accept(struct referred **rdp, struct refers *rs,
		     struct sip_strans *st, const struct sip_msg *msg,
		     struct sip_dialog *dlg);

/** A SUBSCRIBE has come and is answered: it refreshes or ends the
 *  subscription of a REFER to us (RFC 3515 2.4.4, RFC 6665 4.2.1.4) */
void referred_subscribe(struct refers *rs, struct sip_strans *st,
			const struct sip_msg *msg);

/** Answer a NOTIFY, or refuse a REFER before anything is kept of it */
void refer_reply(struct refers *rs, struct sip_strans *st, uint16_t code);

/** The request that was asked for has been answered so.  A final status ends
 *  the subscription; rd is void then */
void referred_status(struct referred *rd, uint16_t status);

#endif
