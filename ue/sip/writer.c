/**
 * @file writer.c  SIP messages to send
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "ue/sip/scan.h"
#include "ue/sip/writer.h"

/** Width of the Content-Length that sip_writer_body_end() fills in */
#define CLEN_WIDTH 5


static void fail(struct sip_writer *w, int err)
{
	if (!w->err)
		w->err = err;
}


/** Any octets */
static void put(struct sip_writer *w, const void *p, size_t len)
{
	if (w->err)
		return;

	if (w->size - w->pos < len) {
		w->err = EOVERFLOW;
		return;
	}

	if (len)
		memcpy(w->buf + w->pos, p, len);
	w->pos += len;
}


/** Text that cannot end the line */
static void put_text(struct sip_writer *w, const char *p, size_t len)
{
	if (len && sip_skip_text(p, p + len) != p + len)
		fail(w, EINVAL);
	else
		put(w, p, len);
}


static void put_char(struct sip_writer *w, char c)
{
	put(w, &c, 1);
}


static void put_crlf(struct sip_writer *w)
{
	put(w, "\r\n", 2);
}


/** At least width characters, filled with pad */
static void put_number(struct sip_writer *w, uint32_t v, unsigned base,
		       unsigned width, char pad)
{
	char buf[10];
	unsigned i = sizeof(buf);

	do {
		buf[--i] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);

	while (sizeof(buf) - i < width)
		buf[--i] = pad;

	put(w, buf + i, sizeof(buf) - i);
}


/** quoted-string: the text in quotes, '"' and '\' escaped */
static void put_quoted(struct sip_writer *w, const struct pl *pl)
{
	const char *p = pl->p, *end = sip_end(pl), *q;

	put_char(w, '"');
	while (p < end) {
		q = sip_skip(p, end, SIP_C_QDTEXT);
		put(w, p, (size_t)(q - p));
		if (q < end) {
			put_char(w, '\\');
			put_text(w, q++, 1);
		}
		p = q;
	}
	put_char(w, '"');
}


void sip_writer_init(struct sip_writer *w, char *buf, size_t size)
{
	memset(w, 0, sizeof(*w));
	w->buf  = buf;
	w->size = size;
}


int sip_writer_err(const struct sip_writer *w)
{
	return w->err;
}


size_t sip_writer_len(const struct sip_writer *w)
{
	return w->pos;
}


/* ------------------------------------------------------------------ */
/* Values */

void sip_writer_str(struct sip_writer *w, const char *str)
{
	put_text(w, str, strlen(str));
}


void sip_writer_pl(struct sip_writer *w, const struct pl *pl)
{
	put_text(w, pl->p, pl->l);
}


static void vfmt(struct sip_writer *w, const char *fmt, va_list ap)
{
	const char *p;

	for (; *fmt; fmt = p + 2) {

		p = fmt;
		while (*p && *p != '%')
			++p;
		put_text(w, fmt, (size_t)(p - fmt));
		if (!*p)
			return;

		switch (p[1]) {

		case 's':
			sip_writer_str(w, va_arg(ap, const char *));
			break;

		case 'r':
			sip_writer_pl(w, va_arg(ap, const struct pl *));
			break;

		case 'q':
			put_quoted(w, va_arg(ap, const struct pl *));
			break;

		case 'u':
			put_number(w, va_arg(ap, uint32_t), 10, 1, '0');
			break;

		case 'x':
			put_number(w, va_arg(ap, uint32_t), 16, 8, '0');
			break;

		case '%':
			put_char(w, '%');
			break;

		default:
			fail(w, EINVAL);
			return;
		}
	}
}


void sip_writer_fmt(struct sip_writer *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfmt(w, fmt, ap);
	va_end(ap);
}


void sip_writer_line(struct sip_writer *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfmt(w, fmt, ap);
	va_end(ap);
	put_crlf(w);
}


void sip_writer_addr(struct sip_writer *w, const struct pl *dname,
		     const struct pl *uri)
{
	struct sip_uri u;

	if (sip_uri_decode(&u, uri)) {
		fail(w, EINVAL);
		return;
	}

	if (dname && dname->l) {
		put_quoted(w, dname);
		put_char(w, ' ');
	}
	sip_writer_fmt(w, "<%r>", uri);
}


/* ------------------------------------------------------------------ */
/* Lines */

void sip_writer_request(struct sip_writer *w, const char *method,
			const struct pl *ruri)
{
	const char *end = method + strlen(method);
	struct sip_uri u;

	/* RFC 3261 s19.1.1: no headers in a Request-URI */
	if (sip_token(method, end) != end || sip_uri_decode(&u, ruri) ||
	    u.headers.p) {
		fail(w, EINVAL);
		return;
	}

	sip_writer_line(w, "%s %r SIP/2.0", method, ruri);
}


void sip_writer_status(struct sip_writer *w, uint16_t code,
		       const char *phrase)
{
	if (code < 100 || code > 699) {
		fail(w, EINVAL);
		return;
	}

	sip_writer_line(w, "SIP/2.0 %u %s", (uint32_t)code,
			phrase ? phrase : sip_phrase(code));
}


void sip_writer_name(struct sip_writer *w, enum sip_hdr_id id)
{
	size_t len;
	const char *name = sip_hdr_name(id, &len);

	if (!len)
		fail(w, EINVAL);

	put(w, name, len);
	put(w, ": ", 2);
}


void sip_writer_eol(struct sip_writer *w)
{
	put_crlf(w);
}


void sip_writer_hdr(struct sip_writer *w, enum sip_hdr_id id,
		    const char *fmt, ...)
{
	va_list ap;

	sip_writer_name(w, id);
	va_start(ap, fmt);
	vfmt(w, fmt, ap);
	va_end(ap);
	put_crlf(w);
}


void sip_writer_hdr_named(struct sip_writer *w, const char *name,
			  const char *fmt, ...)
{
	const char *end = name + strlen(name);
	va_list ap;

	if (sip_token(name, end) != end) {
		fail(w, EINVAL);
		return;
	}

	put(w, name, (size_t)(end - name));
	put(w, ": ", 2);
	va_start(ap, fmt);
	vfmt(w, fmt, ap);
	va_end(ap);
	put_crlf(w);
}


void sip_writer_list(struct sip_writer *w, enum sip_hdr_id id,
		     const char *const *listv)
{
	if (!listv || !*listv)
		return;

	sip_writer_name(w, id);
	for (size_t i = 0; listv[i]; i++)
		sip_writer_fmt(w, i ? ", %s" : "%s", listv[i]);
	put_crlf(w);
}


void sip_writer_copy(struct sip_writer *w, const struct sip_msg *m,
		     enum sip_hdr_id id)
{
	struct sip_iter it;
	struct pl val;

	sip_iter_init(&it, m, id);
	while (!sip_iter_field(&val, &it)) {
		/* it may hold what put_text() refuses (a control character
		   in a quoted-pair), but no line end: the parser has seen to
		   it */
		sip_writer_name(w, id);
		put(w, val.p, val.l);
		put_crlf(w);
	}
}


/* ------------------------------------------------------------------ */
/* End of the message */

int sip_writer_end(struct sip_writer *w)
{
	sip_writer_hdr(w, SIP_HDR_CONTENT_LENGTH, "0");
	put_crlf(w);

	return w->err;
}


int sip_writer_body(struct sip_writer *w, const char *ctype,
		    const void *data, size_t len)
{
	if (len > UINT32_MAX)
		fail(w, EOVERFLOW);

	sip_writer_hdr(w, SIP_HDR_CONTENT_TYPE, "%s", ctype);
	sip_writer_hdr(w, SIP_HDR_CONTENT_LENGTH, "%u", (uint32_t)len);
	put_crlf(w);
	put(w, data, len);

	return w->err;
}


void sip_writer_body_begin(struct sip_writer *w, const char *ctype)
{
	sip_writer_hdr(w, SIP_HDR_CONTENT_TYPE, "%s", ctype);
	sip_writer_name(w, SIP_HDR_CONTENT_LENGTH);
	w->clen_pos = w->pos;
	put(w, "     ", CLEN_WIDTH);
	put_crlf(w);
	put_crlf(w);
}


void sip_writer_data(struct sip_writer *w, const void *data, size_t len)
{
	put(w, data, len);
}


int sip_writer_body_end(struct sip_writer *w)
{
	const size_t pos = w->pos;
	size_t len;

	if (w->err)
		return w->err;
	if (!w->clen_pos)
		return EINVAL;

	len = pos - (w->clen_pos + CLEN_WIDTH + 4);
	if (len > 99999) {
		w->err = EOVERFLOW;
		return w->err;
	}

	w->pos = w->clen_pos;
	put_number(w, (uint32_t)len, 10, CLEN_WIDTH, ' ');
	w->pos = pos;

	return w->err;
}
