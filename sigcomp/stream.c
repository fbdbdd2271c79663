/**
 * @file stream.c  Record marking on a stream (RFC 3320 s4.2.2)
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/sigcomp.h"

enum { FF = 0xff, QUOTE_MAX = 127 };


void sigcomp_stream_init(struct sigcomp_stream *st, uint8_t *buf, size_t size)
{
	memset(st, 0, sizeof(*st));
	st->buf  = buf;
	st->size = size;
}


/** One byte of the message itself */
static int keep(struct sigcomp_stream *st, uint8_t b)
{
	if (st->len == st->size)
		return EOVERFLOW;

	st->buf[st->len++] = b;

	return 0;
}


/** One byte from the stream: 0, EBADMSG or EOVERFLOW */
static int take(struct sigcomp_stream *st, uint8_t b)
{
	if (st->quoted) {
		--st->quoted;
		return keep(st, b);
	}

	if (!st->ff) {
		if (b != FF)
			return keep(st, b);
		st->ff = true;
		return 0;
	}

	st->ff = false;

	if (b == FF) {
		/* delimiters with nothing between them are no message */
		st->done = st->before + st->len > 0;
		return 0;
	}

	if (b > QUOTE_MAX)
		return EBADMSG;

	st->quoted = b;

	return keep(st, FF);
}


int sigcomp_stream_feed(struct sigcomp_stream *st, const uint8_t **msg,
			size_t *len, const uint8_t *data, size_t n,
			size_t *used)
{
	size_t i = 0;
	int err = 0;

	if (st->dead) {
		*used = n;
		return EBADMSG;
	}

	if (st->done) {
		st->done = false;
		st->len = 0;
	}

	while (i < n && !err && !st->done)
		err = take(st, data[i++]);

	*used = i;

	if (err) {
		st->dead = true;
		return err;
	}

	if (!st->done)
		return EAGAIN;

	*msg = st->buf;
	*len = st->len;

	return 0;
}


int sigcomp_stream_mark(uint8_t *out, size_t size, size_t *np,
			const uint8_t *msg, size_t n)
{
	size_t pos = 0;

	/* FF is rare in compressed data: no quoting */
	for (; n; --n) {
		if (size - pos < 4)
			return EOVERFLOW;

		out[pos++] = *msg;
		if (*msg++ == FF)
			out[pos++] = 0;
	}

	if (size - pos < 2)
		return EOVERFLOW;

	out[pos++] = FF;
	out[pos++] = FF;
	*np = pos;

	return 0;
}
