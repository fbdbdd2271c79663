/**
 * @file text.h  Small text helpers of the IMS layer; private
 */
#ifndef IMS_TEXT_H
#define IMS_TEXT_H

#include "ue/ue_re.h"
#include "ue/sip/message.h"

/** Copy to a zero-terminated string.  @return 0; EOVERFLOW: nothing is
 *  written */
int ims_copy(char *dst, size_t size, const struct pl *src);

/** Append to a string.  @return the position behind it; size: it did not fit,
 *  now or before */
size_t ims_put(char *str, size_t size, size_t pos, const char *text);

/** A string as text; NULL is an empty one */
struct pl ims_pl(const char *str);

/** May it be written into a header field as it is?  NULL may */
bool ims_is_line(const char *str);

/** Is the text a URI that equals this one? */
bool ims_same_uri(const struct sip_uri *uri, const char *text);

#endif
