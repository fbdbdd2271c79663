/**
 * @file regevent_core.h  What the files of the registration event call of
 * each other; private
 */
#ifndef IMS_REGEVENT_CORE_H
#define IMS_REGEVENT_CORE_H

#include "ue/ims/registration.h"

/** When to subscribe again */
enum regevent_next {
	REGEVENT_NEVER,
	REGEVENT_NOW,
	REGEVENT_LATER          /**< after a back-off                    */
};

/** How a subscription ended */
struct regevent_end {
	enum regevent_next next;
	int err;
	uint16_t status;
	bool dialog_lives;      /**< NOTIFYs in the old one still count  */
	uint32_t retry_after_s; /**< 0 = none                            */
	const char *text;
};

/* ---- regevent.c ---- */
void regevent_ended(struct ims_regevent *re, const struct regevent_end *end);
void regevent_set_expiry(struct ims_regevent *re, uint32_t expires_s);

/** Ask for full state by a refresh (RFC 3680 5.) */
void regevent_resync(struct ims_regevent *re);

#endif
