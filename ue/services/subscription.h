/**
 * @file subscription.h  Subscriptions to event packages (RFC 6665 4.1)
 *
 * One struct is one subscription of this UE: SUBSCRIBE, its refreshes and its
 * end, what a NOTIFY earns, and the next attempt after a failure.  It does not
 * look into documents; the package (registration event, conference) does.
 *
 *	static const struct subscription_package pkg = {...};
 *
 *	subscription_init(&sub, ue, &pkg, &dlg, arg);
 *	subscription_start(&sub, expires_s);
 *
 * The dialog is made afresh for each attempt.
 */
#ifndef SUBSCRIPTION_H
#define SUBSCRIPTION_H

#include "ue/sip/dialog.h"

struct ue;

enum subscription_state {
	SUBSCRIPTION_OFF = 0,
	SUBSCRIPTION_SUBSCRIBING,       /**< initial SUBSCRIBE sent      */
	SUBSCRIPTION_ACTIVE,            /**< 2xx received                */
	SUBSCRIPTION_REFRESHING,        /**< SUBSCRIBE sent in the dialog */
	SUBSCRIPTION_WAITING,           /**< next attempt by the timer   */
	SUBSCRIPTION_LASTING,           /**< next attempt at its expiry  */
	SUBSCRIPTION_LEAVING,           /**< SUBSCRIBE with Expires 0 sent */
	SUBSCRIPTION_ENDED              /**< only answers what still comes */
};

/** How a subscription ended */
struct subscription_end {
	int err;                /**< errno, 0 = none                     */
	uint16_t status;        /**< SIP status, 0 = none                */
	bool again;             /**< a new attempt follows in wait_ms    */
	uint64_t wait_ms;
	const char *text;       /**< constant                            */
};

/** A package, as its user knows it; constant.  The handlers are called from
 *  timers and received messages */
struct subscription_package {
	const char *event;      /**< "reg"                               */
	/** Media type of its documents */
	const char *type;       /**< "application"                       */
	const char *subtype;    /**< "reginfo+xml"                       */
	/** Event names ignore case (drafts older than RFC 6665) */
	bool any_case;
	/** Method that begins it, once: another than SUBSCRIBE must not be
	 *  repeated after a failure; NULL = SUBSCRIBE */
	const char *method;
	/** Further header fields of that request; NULL = none */
	void (*header_h)(struct sip_writer *w, void *arg);
	/** Privacy of its requests (RFC 3323 s4.2); NULL = that of the
	 *  settings */
	const char *(*privacy_h)(void *arg);
	/** URI to subscribe to (Request-URI, To) */
	const char *(*target_h)(void *arg);
	/** Can the document be read?  0; else the NOTIFY is answered 400.
	 *  NULL: whatever it is, the NOTIFY is answered 200 */
	int (*check_h)(const struct pl *body, void *arg);
	/** A document, after the NOTIFY was answered */
	void (*document_h)(const struct pl *body, void *arg);
	/** The first 2xx: expires_s was granted */
	void (*subscribed_h)(uint32_t expires_s, void *arg);
	/** It has ended or failed */
	void (*ended_h)(const struct subscription_end *end, void *arg);
};

/** Private */
struct subscription {
	uint8_t state;                  /**< enum subscription_state     */
	uint8_t failures;               /**< in a row, for the back-off  */
	/** No document yet in this subscription: what documents count begins
	 *  anew.  For document_h */
	bool fresh;
	bool leave;                     /**< unsubscribe when answered   */
	bool expires_set;               /**< by a NOTIFY: it counts      */
	bool gap;                       /**< full state is wanted        */
	bool resync;                    /**< and was asked for           */
	bool too_brief;                 /**< one 423 was answered        */
	struct subscription *next;      /**< all of the UE that are not OFF */
	struct ue *ue;
	const struct subscription_package *pkg;
	void *arg;
	struct sip_dialog *dlg;
	/** Another dialog whose NOTIFYs of this event are ours, too; NULL =
	 *  none.  The user sets it */
	struct sip_dialog *also;
	struct sip_ctrans *ct;
	uint32_t expires_s;             /**< wanted                      */
	uint64_t since_ms;              /**< begin of the subscription   */
	struct ue_timer timer;          /**< refresh, next attempt       */
	struct ue_timer expiry;
	struct ue_timer timer_n;        /**< RFC 6665 4.1.2.4            */
};

/**
 * Prepare; nothing is sent
 *
 * @param sub  Overwritten
 * @param ue   The UE
 * @param pkg  Package; must live as long as sub
 * @param dlg  Dialog for it; the same
 * @param arg  Handed to the handlers of pkg
 */
void subscription_init(struct subscription *sub, struct ue *ue,
		       const struct subscription_package *pkg,
		       struct sip_dialog *dlg, void *arg);

/** Subscribe for so many seconds, with attempts until it works or is of no
 *  use; nothing happens when subscribed or about to.  A failure to send is
 *  told like any other */
void subscription_start(struct subscription *sub, uint32_t expires_s);

/** Unsubscribe in good order: SUBSCRIBE with Expires 0, then ended_h when the
 *  NOTIFY `terminated` has come, or will not.  Without a subscription ended_h
 *  follows at once, from a timer.  @return 0; EPROTO it is not running */
int  subscription_leave(struct subscription *sub);

/** No more requests, no more calls of handlers; NOTIFYs in the dialog are
 *  still answered until subscription_close() */
void subscription_end(struct subscription *sub);

/** Forget everything, the own dialog too */
void subscription_close(struct subscription *sub);

/** The document leaves a gap: ask for full state by a refresh, once until
 *  subscription_synced() */
void subscription_resync(struct subscription *sub);

/** Full state has come */
void subscription_synced(struct subscription *sub);

/** Between its start and its end, with pauses between attempts? */
bool subscription_running(const struct subscription *sub);

/** Does that answer to a request in it mean that it is no more (RFC 6665
 *  4.1.2.2, 4.2.2)? */
bool subscription_ends(uint16_t status);

/** A NOTIFY: if it belongs to a subscription it is answered.  @return whether
 *  it does */
bool subscription_notify(struct ue *ue, struct sip_strans *st,
			 const struct sip_msg *msg);

/** Is this Event value the package's, without an id? */
bool subscription_event_is(const struct subscription_package *pkg,
			   const struct pl *type);

/** Answer a NOTIFY: 489 and 415 say what is understood */
void subscription_reply(struct ue *ue, struct sip_strans *st,
			const struct subscription_package *pkg,
			uint16_t code);

#endif
