/**
 * @file regevent.h  Subscription to the registration event (TS 24.229
 * 5.1.1.3, 5.1.1.5A, 5.1.1.7, 5.1.2; RFC 3680, RFC 5628)
 *
 * services/subscription.h sees to the dialog, reginfo.h to the document; here
 * is what it means to the registration.
 */
#ifndef IMS_REGEVENT_H
#define IMS_REGEVENT_H

#include "ue/ims/reginfo.h"
#include "ue/services/subscription.h"

struct ims_reg;
struct ims_reg_info;

/** What the registrations of one document say together; private */
struct ims_regevent_sum {
	bool terminated;                /**< an own identity is          */
	uint8_t event;                  /**< enum ims_contact_event      */
	uint32_t retry_after_s;
	uint32_t shortened_s;           /**< UINT32_MAX: not             */
	/** Of the first own contact, for the application */
	enum ims_reginfo_event first;
	bool gone;                      /**< the identity in use is over */
	bool first_set;
	bool first_active;
};

/** Private */
struct ims_regevent {
	struct ims_reg *reg;
	struct subscription sub;
	struct sip_dialog dlg;
	uint32_t version;               /**< of the last document        */
	bool impu_active;               /**< the registered identity     */
	bool uri_known;                 /**< our URI was in a document of
					 *   this subscription           */
	struct ims_regevent_sum sum;
	struct ims_reginfo_own own;
};

void ims_regevent_init(struct ims_regevent *re, struct ims_reg *reg);

/** Subscribe; nothing happens when subscribed or about to */
void ims_regevent_start(struct ims_regevent *re);

/** Is this associated identity said to be registered?  NULL: it is none */
bool *ims_regevent_assoc(struct ims_reg_info *info,
			 const struct sip_uri *uri);

#endif
