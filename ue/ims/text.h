/**
 * @file text.h  Small text helpers of the IMS layer; private
 */
#ifndef IMS_TEXT_H
#define IMS_TEXT_H

#include <errno.h>
#include <string.h>
#include "ue/ue_re.h"
#include "ue/sip/message.h"

/** Copy to a zero-terminated string.  @return 0; EOVERFLOW: nothing is
 *  written */
static inline int ims_copy(char *dst, size_t size, const struct pl *src)
{
	const size_t len = src->p ? src->l : 0;

	if (len >= size)
		return EOVERFLOW;

	if (len)
		memcpy(dst, src->p, len);
	dst[len] = '\0';

	return 0;
}


static inline struct pl ims_pl(const char *str)
{
	struct pl pl;

	pl.p = str;
	pl.l = str ? strlen(str) : 0;

	return pl;
}


/** Is the text a URI that equals this one?  (identity.c) */
bool ims_same_uri(const struct sip_uri *uri, const char *text);

#endif
