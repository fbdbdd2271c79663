/**
 * @file reginfo.h  Registration information documents (RFC 3680, RFC 5628)
 *
 * Reads application/reginfo+xml and picks out what concerns this UE.  Knows
 * no SIP dialog and keeps no state: versions and consequences are the
 * caller's.
 */
#ifndef IMS_REGINFO_H
#define IMS_REGINFO_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/ue_re.h"
#include "ue/sip/message.h"
#include "ue/xml/xml.h"

/** States of a registration (RFC 3680 5.2) */
enum ims_reginfo_state {
	IMS_REGINFO_INIT = 0,
	IMS_REGINFO_ACTIVE,
	IMS_REGINFO_TERMINATED
};

/** Events of a contact (RFC 3680 5.2) */
enum ims_reginfo_event {
	IMS_REGINFO_UNKNOWN = 0,
	IMS_REGINFO_REGISTERED,
	IMS_REGINFO_CREATED,
	IMS_REGINFO_REFRESHED,
	IMS_REGINFO_SHORTENED,
	IMS_REGINFO_EXPIRED,
	IMS_REGINFO_DEACTIVATED,
	IMS_REGINFO_PROBATION,
	IMS_REGINFO_UNREGISTERED,
	IMS_REGINFO_REJECTED
};

/** Which contact is ours */
struct ims_reginfo_own {
	struct sip_uri contact;         /**< URI of our Contact          */
	const char *instance;           /**< without <>, "" = none       */
	const char *pub_gruu;           /**< "" = none                   */
	/** The network names our URI: what has the same instance and another
	 *  one is an earlier binding */
	bool uri_known;
};

/** How sure is it that a contact is ours?  From the least on */
enum ims_reginfo_rank {
	IMS_REGINFO_LIVES       = 1 << 0,       /**< of two that may be  */
	IMS_REGINFO_BY_INSTANCE = 1 << 1,
	IMS_REGINFO_BY_URI      = 1 << 2
};

/** Our contact in a registration element */
struct ims_reginfo_contact {
	bool found;
	uint8_t rank;                   /**< enum ims_reginfo_rank, ored */
	bool active;                    /**< else terminated             */
	enum ims_reginfo_event event;
	uint32_t expires_s;             /**< UINT32_MAX: not given       */
	uint32_t retry_after_s;         /**< UINT32_MAX: not given       */
	struct pl pub_gruu;             /**< RFC 5628; as written:
					 *   xml_decode() it; l == 0: none */
	struct pl temp_gruu;
};

/** A registration element */
struct ims_reginfo_reg {
	struct pl aor;                  /**< as written: xml_decode() it */
	enum ims_reginfo_state state;
	unsigned contacts;              /**< contact elements            */
	/** None found: event and retry_after_s of one that is alone */
	struct ims_reginfo_contact own;
};

/** A document */
struct ims_reginfo {
	uint32_t version;
	bool full;
	unsigned registrations;
};

/** Working memory: too large for the stack of a small target.  Private */
struct ims_reginfo_work {
	struct xml xml;
	struct ims_reginfo_reg reg;
	const struct ims_reginfo_own *own;
	char text[UE_URI_MAX];
};

/** Called for each registration element.  reg is valid during the call */
typedef void (ims_reginfo_h)(const struct ims_reginfo_reg *reg, void *arg);

/**
 * Read a document
 *
 * Nothing is reported from a document that turns out to be malformed: it is
 * read twice, first without h.
 *
 * @param info  Result: the reginfo element
 * @param work  Working memory, about 600 octets
 * @param buf   Document; stays the caller's
 * @param own   Which contact is ours
 * @param h     Handler; NULL = only check
 * @param arg   Handed to h
 *
 * Elements and attributes of unknown namespaces are left out (RFC 3680 5.1),
 * and so are URIs longer than UE_URI_MAX, which are none of ours.
 *
 * @return 0; EBADMSG no well-formed document, or a mandatory attribute is
 *         missing or wrong; EOVERFLOW nested too deeply
 */
int ims_reginfo_decode(struct ims_reginfo *info,
		       struct ims_reginfo_work *work, const char *buf,
		       size_t len, const struct ims_reginfo_own *own,
		       ims_reginfo_h *h, void *arg);

/** Name of a contact event as in the document; "unknown" */
const char *ims_reginfo_event_name(enum ims_reginfo_event event);

#endif
