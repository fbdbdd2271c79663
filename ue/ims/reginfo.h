/**
 * @file reginfo.h  Registration information documents (RFC 3680, RFC 5628)
 *
 * A document is read for what it says about this UE and then forgotten.
 */
#ifndef IMS_REGINFO_H
#define IMS_REGINFO_H

#include <stdbool.h>
#include <stdint.h>
#include "ue/ue_config.h"
#include "ue/ue_re.h"

/** event of a contact (RFC 3680 5.3) */
enum reginfo_event {
	REGINFO_EVENT_NONE = 0,         /**< none, or not known          */
	REGINFO_EVENT_REGISTERED,
	REGINFO_EVENT_CREATED,
	REGINFO_EVENT_REFRESHED,
	REGINFO_EVENT_SHORTENED,
	REGINFO_EVENT_EXPIRED,
	REGINFO_EVENT_DEACTIVATED,
	REGINFO_EVENT_PROBATION,
	REGINFO_EVENT_UNREGISTERED,
	REGINFO_EVENT_REJECTED
};

/** Who we are, to tell own contacts and identities from others' */
struct reginfo_self {
	const char *contact;            /**< own Contact URI             */
	/** Own +sip.instance URN without <>, NULL = none: a contact with the
	 *  same instance parameter is ours, too */
	const char *instance;
	const char (*impuv)[UE_URI_MAX];/**< own public identities       */
	unsigned impu_count;
};

/** What the document says about us */
struct reginfo {
	uint32_t version;
	bool full;                      /**< state="full"                */
	unsigned registrations;         /**< elements in the document    */
	unsigned own_active;            /**< own contacts, state active  */
	unsigned own_terminated;        /**< own contacts, terminated    */
	/** Own identities whose registration is terminated and has no contact
	 *  elements at all */
	unsigned bare_terminated;
	/** Own identities whose registration is active (with own contact, or
	 *  without naming any contact) */
	unsigned identities_active;
	enum reginfo_event event;       /**< of the last own contact that is
					 *   terminated; if none is: of the
					 *   last active one             */
	uint32_t expires_s;             /**< smallest `expires` of own active
					 *   contacts, UINT32_MAX = none */
	bool shortened;                 /**< one of these was `shortened` */
	uint32_t retry_after_s;         /**< own terminated contact, else 0 */
	char pub_gruu[UE_URI_MAX];      /**< RFC 5628, may be empty      */
	char temp_gruu[UE_URI_MAX];
};

/**
 * Read a document
 *
 * @param ri    Result
 * @param self  Who we are
 * @param doc   The document; changed while it is read (xml.h)
 * @param len   Its length
 *
 * @return 0; EBADMSG malformed, or not application/reginfo+xml
 */
int reginfo_decode(struct reginfo *ri, const struct reginfo_self *self,
		   char *doc, size_t len);

/** Does it say that this UE is not registered any more?  (all own contacts
 *  terminated, or all own identities terminated without contacts) */
bool reginfo_deregistered(const struct reginfo *ri);

/** RFC 3680 5.1 */
enum reginfo_fit {
	REGINFO_USE,            /**< full, or partial and next in order  */
	REGINFO_OLD,            /**< not newer than the last: ignore     */
	REGINFO_GAP             /**< partial with a gap: subscribe again */
};

/** @param last  Version of the last document; has_last false = none yet */
enum reginfo_fit reginfo_version(const struct reginfo *ri, bool has_last,
				 uint32_t last);

const char *reginfo_event_name(enum reginfo_event event);

#endif
