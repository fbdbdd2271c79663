/**
 * @file multipart.h  Bodies with several parts (RFC 2046 5.1, RFC 5621)
 */
#ifndef SIP_MULTIPART_H
#define SIP_MULTIPART_H

#include "ue/sip/message.h"

/** One part, or the body of a message that has only one */
struct sip_part {
	struct sip_ctype ctype; /**< type.p == NULL: none given: text/plain */
	struct pl disposition;  /**< value of Content-Disposition; p == NULL:
				 *   none                                */
	struct pl content_id;   /**< without <>; p == NULL: none         */
	struct pl body;
};

/** Iterator; lives no longer than the message */
struct sip_part_iter {
	const struct sip_msg *m;
	struct pl rest;         /**< of a multipart body                 */
	struct pl boundary;     /**< p == NULL: a single body            */
	bool begun;
};

void sip_part_iter_init(struct sip_part_iter *it, const struct sip_msg *m);

/** Over the parts of a part that is multipart/... */
void sip_part_iter_inner(struct sip_part_iter *it,
			 const struct sip_part *part);

/**
 * Next part: of multipart/..., in order, parts of parts not looked into; else
 * the body itself as the only one.  Fields that are folded are unfolded in the
 * message
 *
 * @return 0; ENOENT no more; EBADMSG malformed (no boundary, a part that does
 *         not end, a header line without colon)
 */
int  sip_part_next(struct sip_part *part, struct sip_part_iter *it);

/** First part of that type.  @return 0, ENOENT, EBADMSG */
int  sip_part_find(struct sip_part *part, const struct sip_msg *m,
		   const char *type, const char *subtype);

/** The same, its body alone */
int  sip_body_find(struct pl *body, const struct sip_msg *m,
		   const char *type, const char *subtype);

#endif
