/**
 * @file uri_list.h  URI lists in bodies: application/resource-lists+xml as
 * RFC 5366, RFC 5368 and RFC 5364 use it (flat lists of RFC 4826)
 */
#ifndef URI_LIST_H
#define URI_LIST_H

#include "ue/sip/writer.h"
#include "ue/xml/xml.h"

#define URI_LIST_TYPE "application/resource-lists+xml"

/**
 * Write a list into a body that was begun (sip_writer_body_begin())
 *
 * @param uriv    URIs
 * @param count   Their number
 * @param method  Method of the request that each shall get (RFC 5368 9.:
 *                `?method=BYE`); NULL = INVITE
 * @param home    With method: domain for the SIP URI that a tel URI becomes,
 *                which has no headers itself (RFC 3261 19.1.6)
 * @param copy    Tell the recipients of each other (RFC 5364 4.1,
 *                copyControl="to")
 */
void uri_list_write(struct sip_writer *w, const char *const *uriv,
		    unsigned count, const char *method, const char *home,
		    bool copy);

/** An entry of a list */
struct uri_list_entry {
	struct pl uri;          /**< as written: xml_decode() it         */
	struct pl name;         /**< display-name; l == 0: none          */
};

/** Called for each entry; the entry is valid during the call */
typedef void (uri_list_h)(const struct uri_list_entry *entry, void *arg);

/**
 * Read a list: recipient-list-history (RFC 5364 5.1).  Lists inside the list,
 * references and other elements are left out (RFC 5366 4.)
 *
 * @param work  Overwritten
 * @param h     NULL = only check
 *
 * @return 0; EBADMSG no well-formed resource-lists; EOVERFLOW nested too
 *         deeply.  Entries before the error have been handed out
 */
int  uri_list_read(struct xml *work, const struct pl *body, uri_list_h *h,
		   void *arg);

#endif
