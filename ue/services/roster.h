/**
 * @file roster.h  Who is in a conference: conference-info documents and the
 * state that they add up to (RFC 4575)
 *
 * Tables of fixed size; strings are in one compact arena, each stored once.
 * What does not fit is left out and `truncated` says so; the focus's own
 * count of users stays.  Kept of a document: subject, display-text,
 * conference-state, and of each user display-text, roles, endpoints with
 * status, joining and disconnection method, media.  The rest is skipped.
 *
 * Text handed out points into the roster and is valid until its next change.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/sip/store.h"
#include "ue/xml/xml.h"

/** Endpoint status (RFC 4575 5.7.3) */
enum roster_status {
	ROSTER_STATUS_NONE = 0,         /**< none given, or unknown      */
	ROSTER_PENDING,
	ROSTER_DIALING_OUT,
	ROSTER_DIALING_IN,
	ROSTER_ALERTING,
	ROSTER_ON_HOLD,
	ROSTER_CONNECTED,
	ROSTER_MUTED_VIA_FOCUS,
	ROSTER_DISCONNECTING,
	ROSTER_DISCONNECTED
};

/** How an endpoint came in (5.7.4) */
enum roster_joining {
	ROSTER_JOINING_NONE = 0,
	ROSTER_DIALED_IN,
	ROSTER_DIALED_OUT,
	ROSTER_FOCUS_OWNER
};

/** How it left (5.7.6) */
enum roster_leaving {
	ROSTER_LEAVING_NONE = 0,
	ROSTER_DEPARTED,
	ROSTER_BOOTED,
	ROSTER_FAILED,
	ROSTER_BUSY
};

/** Media status (5.8.5) */
enum roster_media_status {
	ROSTER_MEDIA_NONE = 0,
	ROSTER_RECVONLY,
	ROSTER_SENDONLY,
	ROSTER_SENDRECV,
	ROSTER_INACTIVE
};

/** uint16_t members without another meaning are offsets: roster_text() */
struct roster_user {
	uint16_t entity;        /**< key: URI                            */
	uint16_t name;          /**< display-text, "" = none             */
	uint16_t roles;         /**< separated by blanks, "" = none      */
};

struct roster_endpoint {
	uint16_t entity;        /**< key                                 */
	uint16_t name;
	uint8_t user;           /**< index in userv                      */
	uint8_t status;         /**< enum roster_status                  */
	uint8_t joining;        /**< enum roster_joining                 */
	uint8_t leaving;        /**< enum roster_leaving                 */
};

struct roster_media {
	uint16_t id;            /**< key                                 */
	uint16_t type;          /**< "audio", "message" ...; "" = none   */
	uint8_t endpoint;       /**< index in endpointv                  */
	uint8_t status;         /**< enum roster_media_status            */
};

#define ROSTER_PAGES (UE_ROSTER_TEXT / SIP_STORE_PAGE)

/** Read it by the functions below */
struct roster {
	uint32_t version;       /**< of the last document applied        */
	uint32_t user_count;    /**< as the focus says; see count_set    */
	bool version_set;
	bool count_set;
	bool active;            /**< conference-state                    */
	bool locked;
	bool deleted;           /**< the conference has ceased to exist  */
	bool truncated;         /**< something did not fit               */
	uint16_t entity;        /**< conference URI in the documents     */
	uint16_t subject;
	uint16_t name;
	uint16_t text_len;
	uint8_t userc;
	uint8_t endpointc;
	uint8_t mediac;
	struct sip_store *store;
	uint8_t pagev[ROSTER_PAGES];    /**< texts, in the store; 0 = none */
	struct roster_user userv[UE_ROSTER_USERS];
	struct roster_endpoint endpointv[UE_ROSTER_ENDPOINTS];
	struct roster_media mediav[UE_ROSTER_MEDIA];
};

/** Working memory: too large for the stack of a small target.  Private */
struct roster_work {
	struct xml xml;
	struct roster *r;
	char text[UE_URI_MAX];
};

/** What became of a document */
enum roster_result {
	ROSTER_APPLIED = 0,
	ROSTER_OLD,             /**< version not newer: nothing changed  */
	ROSTER_GAP              /**< partial, and one before it is missing:
				 *   nothing changed, full state is needed */
};

/** Begin with nobody.  store: for its texts; must outlive it */
void roster_init(struct roster *r, struct sip_store *store);

/** Nobody, no version; its texts are given back */
void roster_clear(struct roster *r);

/** The next document begins a new count of versions (a new subscription); what
 *  is known stays until it comes */
void roster_restart(struct roster *r);

/**
 * Take in a document (RFC 4575 4.6)
 *
 * @param r       Roster; unchanged but where the result is ROSTER_APPLIED
 * @param result  Result on success
 * @param work    Working memory
 * @param buf     application/conference-info+xml; stays the caller's
 *
 * The form of the drafts before RFC 4575 (user elements with `uri` and
 * `display-name` right below conference-info) is read as well.
 *
 * @return 0; EBADMSG not well-formed, no conference-info, no version;
 *         EOVERFLOW nested too deeply
 */
int  roster_update(struct roster *r, enum roster_result *result,
		   struct roster_work *work, const char *buf, size_t len);

/** Text at an offset of the tables above; valid until the roster changes */
const char *roster_text(const struct roster *r, uint16_t offset);

/** Index of the user with that entity (octet by octet, RFC 4575 4.5); -1 */
int  roster_find(const struct roster *r, const char *entity);

/** The most alive status of the user's endpoints: connected before on-hold
 *  before muted ... before disconnected */
enum roster_status roster_user_status(const struct roster *r, unsigned user);

/** Names as in the document; "" for the zero values */
const char *roster_status_name(enum roster_status status);
const char *roster_joining_name(enum roster_joining joining);
const char *roster_leaving_name(enum roster_leaving leaving);
const char *roster_media_status_name(enum roster_media_status status);

#endif
