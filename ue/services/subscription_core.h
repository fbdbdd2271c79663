/**
 * @file subscription_core.h  What the files of the subscription layer call of
 * each other; private
 */
#ifndef SUBSCRIPTION_CORE_H
#define SUBSCRIPTION_CORE_H

#include "ue/ue.h"
#include "ue/services/subscription.h"

/** When to subscribe again */
enum subscription_next {
	SUBSCRIPTION_NEVER,
	SUBSCRIPTION_NOW,
	SUBSCRIPTION_LATER      /**< after a back-off                    */
};

/** Why a subscription ended */
struct subscription_cause {
	enum subscription_next next;
	int err;
	uint16_t status;
	bool dialog_lives;      /**< NOTIFYs in the old one still count  */
	uint32_t retry_after_s; /**< 0 = none                            */
	uint64_t lives_ms;      /**< so long nothing else is subscribed to */
	const char *text;
};

/* ---- subscription.c ---- */
void subscription_over(struct subscription *sub,
		       const struct subscription_cause *cause);
void subscription_set_expiry(struct subscription *sub, uint32_t expires_s);

#endif
