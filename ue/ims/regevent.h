/**
 * @file regevent.h  Subscription to the registration event (TS 24.229
 * 5.1.1.3, 5.1.1.5A, 5.1.1.7, 5.1.2; RFC 3680, RFC 5628, RFC 6665)
 *
 * The subscription half of it (dialog, refresh, retry) does not look into
 * documents and the document half (reginfo.c) not into SIP, so that a
 * subscription layer for several packages can take the first one's place.
 */
#ifndef IMS_REGEVENT_H
#define IMS_REGEVENT_H

#include "ue/sip/dialog.h"
#include "ue/ims/reginfo.h"

struct ims_reg;

enum ims_regevent_state {
	IMS_REGEVENT_OFF = 0,
	IMS_REGEVENT_SUBSCRIBING,       /**< initial SUBSCRIBE sent      */
	IMS_REGEVENT_ACTIVE,            /**< 2xx or NOTIFY received      */
	IMS_REGEVENT_REFRESHING,        /**< SUBSCRIBE sent in the dialog */
	IMS_REGEVENT_WAITING,           /**< next attempt by the timer   */
	IMS_REGEVENT_ENDED              /**< only answers what still comes */
};

/** What the registrations of one document say together; private */
struct ims_regevent_sum {
	unsigned active;                /**< own identities              */
	unsigned terminated;
	uint8_t event;                  /**< enum ims_contact_event      */
	uint32_t retry_after_s;
	uint32_t shortened_s;           /**< UINT32_MAX: not             */
	/** Of the first own contact, for the application */
	enum ims_reginfo_event first;
	bool first_set;
	bool first_active;
};

/** Private */
struct ims_regevent {
	struct ims_reg *reg;
	enum ims_regevent_state state;
	struct sip_dialog dlg;
	struct sip_ctrans *ct;
	struct ue_timer timer;          /**< refresh, next attempt       */
	struct ue_timer expiry;         /**< of the subscription         */
	struct ue_timer timer_n;        /**< RFC 6665 4.1.2.4            */
	uint64_t since_ms;              /**< begin of the subscription   */
	uint32_t expires_s;             /**< wanted                      */
	uint32_t version;               /**< of the last document        */
	unsigned failures;              /**< in a row, for the back-off  */
	bool version_set;
	bool notified;                  /**< since the last SUBSCRIBE    */
	bool expires_set;               /**< by that NOTIFY: it counts   */
	bool resync;                    /**< full state was asked for (RFC
					 *   3680 5.)                    */
	bool gap;                       /**< and is wanted               */
	bool too_brief;                 /**< one 423 was answered        */
	bool impu_active;               /**< the registered identity     */
	struct ims_regevent_sum sum;
	struct ims_reginfo_own own;
	struct ims_reginfo_work work;
};

void ims_regevent_init(struct ims_regevent *re, struct ims_reg *reg);

/** Subscribe; nothing happens when subscribed or about to */
void ims_regevent_start(struct ims_regevent *re);

/** The registration is over: no more requests, no events; NOTIFYs in the
 *  dialog are still answered 200 until ims_regevent_close() */
void ims_regevent_end(struct ims_regevent *re);

/** Forget everything */
void ims_regevent_close(struct ims_regevent *re);

/** Is it ours?  Then ims_regevent_notify() answers it */
bool ims_regevent_match(const struct ims_regevent *re,
			const struct sip_msg *msg);
void ims_regevent_notify(struct ims_regevent *re, struct sip_strans *st,
			 const struct sip_msg *msg);

#endif
