/**
 * @file msrp/cpim.h  Common presence and instant messaging format (RFC 3862)
 *                    with the header fields of IMDN (RFC 5438 s6)
 */
#ifndef MSRP_CPIM_H
#define MSRP_CPIM_H

#include "msrp/frame.h"

/** A message.  Texts point into what was decoded; p NULL: not there */
struct msrp_cpim {
	struct pl from;         /**< Formal-name and <URI>                  */
	struct pl to;           /**< the first one                          */
	struct pl datetime;     /**< RFC 3339                               */
	struct pl subject;
	struct pl imdn_id;      /**< imdn.Message-ID                        */
	struct pl imdn_want;    /**< imdn.Disposition-Notification          */
	struct pl imdn_original; /**< imdn.Original-To                      */
	struct pl type;         /**< Content-Type of the content            */
	struct pl disposition;  /**< Content-Disposition of the content     */
	struct pl content;
	struct pl head;         /**< for msrp_cpim_route(); as the prefix   */
	struct pl prefix;
};

/**
 * Decode
 *
 * @param c  Result
 * @param p  Message
 * @param n  Its length
 *
 * Fields of IMDN are found under whatever prefix an NS line gives them.
 * Unknown header fields are passed over, unless a Require line names one
 * (RFC 3862 s3.5); so is what those of the content have in further lines.
 *
 * @return 0; EBADMSG; ENOTSUP something required is not known
 */
int msrp_cpim_decode(struct msrp_cpim *c, const char *p, size_t n);

/**
 * The next imdn.IMDN-Record-Route
 *
 * @param route  Result: its value
 * @param rest   c->head at first, advanced
 * @param c      Message
 */
bool msrp_cpim_route(struct pl *route, struct pl *rest,
		     const struct msrp_cpim *c);

/** URI of a From or To value: what stands in <>.  @return 0, EBADMSG */
int msrp_cpim_uri(struct pl *uri, const struct pl *value);

/**
 * Write all but the content: it follows behind
 *
 * from and to are URIs here and get their <>.  What the caller has put before
 * it has the NS line of imdn.
 *
 * @return 0; EOVERFLOW; EINVAL a control character or <> in a value
 */
int msrp_cpim_write(struct msrp_text *t, const struct msrp_cpim *c);

#endif
