/**
 * @file msrp/uri.h  MSRP URIs (RFC 4975 s6, s9)
 */
#ifndef MSRP_URI_H
#define MSRP_URI_H

#include <stdbool.h>
#include "msrp/msrp_re.h"

/** A decoded MSRP URI; all texts point into the input */
struct msrp_uri {
	bool secure;            /**< scheme msrps                           */
	struct pl userinfo;     /**< empty: none                            */
	struct pl host;         /**< name, IPv4 address, or IPv6 address
				 *   without its brackets                   */
	uint16_t port;          /**< 0: none                                */
	struct pl session_id;   /**< empty: a device or relay, no session   */
	struct pl transport;    /**< "tcp"                                  */
	struct pl params;       /**< ";name=value" after the transport      */
};

/**
 * Decode a URI
 *
 * @param uri  Result
 * @param pl   Text; nothing before or after the URI
 *
 * @return 0; EBADMSG not an MSRP URI
 */
int msrp_uri_decode(struct msrp_uri *uri, const struct pl *pl);

/** Comparison of RFC 4975 s6.1 */
bool msrp_uri_equal(const struct msrp_uri *a, const struct msrp_uri *b);

/** The same of two texts; false also where one is no MSRP URI */
bool msrp_uri_match(const struct pl *a, const struct pl *b);

/**
 * The next URI of a path (To-Path, From-Path, a=path)
 *
 * @param uri   Result: the text of one URI
 * @param path  What is left; advanced behind it
 *
 * @return true; false at the end
 */
bool msrp_path_next(struct pl *uri, struct pl *path);

/** Is a path one or more MSRP URIs with one blank between them? */
bool msrp_path_valid(const struct pl *path);

/** Do two paths name the same URIs in the same order? */
bool msrp_path_match(const struct pl *a, const struct pl *b);

#endif
