/**
 * @file frame.c  Messages in a stream (RFC 3261 s18.3, RFC 5626 s4.4)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


/** Start of the next line or NULL */
static const char *next_line(const char *p, const char *end)
{
	p = memchr(p, '\n', (size_t)(end - p));

	return p ? p + 1 : NULL;
}


/** Is it a Content-Length field?  Then its value begins at the result */
static const char *content_length(const char *p, const char *end)
{
	struct pl name;
	const char *q = sip_skip(p, end, SIP_C_TOKEN);

	sip_set(&name, p, q);
	q = sip_skip_sws(q, end);
	if (q == end || *q != ':' ||
	    sip_hdr_id(&name) != SIP_HDR_CONTENT_LENGTH)
		return NULL;

	return q + 1;
}


/** SWS 1*DIGIT SWS, with folds, up to the end of the line */
static bool length_value(uint32_t *v, const char *p, const char *end)
{
	while (p < end && (sip_is_sp(*p) || *p == '\r' || *p == '\n'))
		++p;
	p = sip_number(v, p, end);
	while (p && p < end && (sip_is_sp(*p) || *p == '\r' || *p == '\n'))
		++p;

	return p == end;
}


/** The field at p with its folds ends where a line begins without space;
 *  NULL: not yet received */
static const char *field_end(const char *p, const char *end)
{
	do
		p = next_line(p, end);
	while (p && p < end && sip_is_sp(*p));

	return p && p < end ? p : NULL;
}


/**
 * Header fields from p on
 *
 * @param body  Result: the first octet behind the empty line
 * @param clen  Result
 *
 * @return 0, EAGAIN, EBADMSG
 */
static int header(const char **body, uint32_t *clen, const char *p,
		  const char *end)
{
	bool seen = false;

	for (;;) {

		const char *next, *val;

		if (end - p >= 2 && p[0] == '\r' && p[1] == '\n')
			break;
		next = field_end(p, end);
		if (!next)
			return EAGAIN;

		val = content_length(p, next);
		if (val) {
			/* RFC 4475 3.3.9: two are no better than none */
			if (seen || !length_value(clen, val, next))
				return EBADMSG;
			seen = true;
		}
		p = next;
	}

	*body = p + 2;

	/* RFC 3261 s20.14: mandatory over streams */
	return seen ? 0 : EBADMSG;
}


/** Could this become a start line?  The line may not be complete.  What is
 *  certainly none must not be waited for */
static bool plausible(const char *p, const char *end)
{
	const char *q = sip_skip(p, end, SIP_C_TOKEN);

	if (q == end)
		return true;

	return q > p && (*q == ' ' || *q == '/');
}


int sip_msg_frame(size_t *frame_len, enum sip_frame *kind, const char *buf,
		  size_t len, size_t max)
{
	const char *end = buf + len, *p, *body = NULL;
	uint32_t clen = 0;
	size_t head;
	int err;

	if (len >= 2 && buf[0] == '\r' && buf[1] == '\n') {

		const bool two = len >= 4 && buf[2] == '\r' &&
			buf[3] == '\n';

		*frame_len = two ? 4 : 2;
		*kind      = two ? SIP_FRAME_PING : SIP_FRAME_PONG;
		return 0;
	}
	if (!len || (len == 1 && *buf == '\r'))
		return EAGAIN;

	if (!plausible(buf, end))
		return EBADMSG;

	p = next_line(buf, end);
	err = p ? header(&body, &clen, p, end) : EAGAIN;
	if (err == EAGAIN)
		return len < max ? EAGAIN : EOVERFLOW;
	if (err)
		return err;

	head = (size_t)(body - buf);
	if (head > max || clen > max - head)
		return EOVERFLOW;
	if (clen > len - head)
		return EAGAIN;

	*frame_len = head + clen;
	*kind      = SIP_FRAME_MSG;

	return 0;
}
