/**
 * @file msrp/imdn.h  Instant message disposition notification (RFC 5438) and
 *                    is-composing (RFC 3994): their documents and rules
 */
#ifndef MSRP_IMDN_H
#define MSRP_IMDN_H

#include "msrp/cpim.h"

/** What has become of a message (RFC 5438 s9) */
enum msrp_imdn_status {
	MSRP_IMDN_NONE = 0,
	MSRP_IMDN_DELIVERED,
	MSRP_IMDN_FAILED,
	MSRP_IMDN_DISPLAYED,
	MSRP_IMDN_PROCESSED,    /**< by a station on the way             */
	MSRP_IMDN_STORED,       /**< there                               */
	MSRP_IMDN_FORBIDDEN,
	MSRP_IMDN_ERROR
};

/** Is it that media type, parameters aside?  want: `type/subtype`, or `type/`
 *  for any of these */
bool msrp_type_is(const struct pl *type, const char *want);

/**
 * Is a notification to be sent? (RFC 5438 s7.2.1)
 *
 * @param want    imdn.Disposition-Notification of the message; p NULL: none
 * @param type    Content-Type of its content: never for a notification
 * @param status  DELIVERED, FAILED or DISPLAYED
 */
bool msrp_imdn_wanted(const struct pl *want, const struct pl *type,
		      enum msrp_imdn_status status);

/** Write the document about a message.  @return 0; EOVERFLOW; EINVAL a control
 *  character or <> in what it takes from there */
int msrp_imdn_write(struct msrp_text *t, const struct msrp_cpim *c,
		    enum msrp_imdn_status status);

/** Read one.  @param id  Result: message-id as it stands there.  @return 0,
 *  EBADMSG */
int msrp_imdn_decode(struct pl *id, enum msrp_imdn_status *status,
		     const struct pl *text);

enum {
	MSRP_COMPOSING_IDLE_MS    = 15000,  /**< RFC 3994 s3.2              */
	MSRP_COMPOSING_REFRESH_MS = 60000,  /**< least interval             */
	MSRP_COMPOSING_ACTIVE_S   = 120     /**< s3.3: default of refresh   */
};

/** Write an isComposing document (RFC 3994 s4).  @return 0, EOVERFLOW */
int msrp_composing_write(struct msrp_text *t, bool active);

/** Read one.  @param refresh_s  Result: how long active holds.  @return 0,
 *  EBADMSG */
int msrp_composing_decode(bool *active, uint32_t *refresh_s,
			  const struct pl *text);

/** The user's side: what is to be told (RFC 3994 s3.2).  Zero at first */
struct msrp_composing {
	uint64_t idle_ms;       /**< when active ends; 0: idle              */
	uint64_t refresh_ms;    /**< when active may be told again          */
};

/** The user types.  @return true: tell the peer "active" */
bool msrp_composing_key(struct msrp_composing *c, uint64_t now_ms);

/** @return true: tell the peer "idle" */
bool msrp_composing_due(struct msrp_composing *c, uint64_t now_ms);

/** A content message was sent: the state is idle without a word (s3.2) */
void msrp_composing_sent(struct msrp_composing *c);

#endif
