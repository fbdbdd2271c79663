/**
 * @file text.c  Small text helpers of the IMS layer
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/text.h"


int ims_copy(char *dst, size_t size, const struct pl *src)
{
	const size_t len = src->p ? src->l : 0;

	if (len >= size)
		return EOVERFLOW;

	if (len)
		memcpy(dst, src->p, len);
	dst[len] = '\0';

	return 0;
}


size_t ims_put(char *str, size_t size, size_t pos, const char *text)
{
	const size_t len = strlen(text);

	if (pos >= size || len >= size - pos)
		return size;

	memcpy(str + pos, text, len + 1);

	return pos + len;
}


bool ims_is_line(const char *str)
{
	for (; str && *str; str++) {
		if ((unsigned char)*str < ' ' || *str == 0x7f)
			return false;
	}

	return true;
}


struct pl ims_pl(const char *str)
{
	struct pl pl;

	pl.p = str;
	pl.l = str ? strlen(str) : 0;

	return pl;
}


bool ims_same_uri(const struct sip_uri *uri, const char *text)
{
	const struct pl pl = ims_pl(text);
	struct sip_uri other;

	return !sip_uri_decode(&other, &pl) && sip_uri_equal(uri, &other);
}
