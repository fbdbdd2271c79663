/**
 * @file msrp/write.c  Writer of MSRP frames (RFC 4975 s7.1, s9)
 *
 * A frame is sent as three pieces: header section, body where the
 * application has it, end-line.
 */
#include <errno.h>
#include <string.h>
#include "msrp/head.h"


void msrp_text_init(struct msrp_text *t, char *p, size_t size)
{
	t->p = p;
	t->size = size;
	t->len = 0;
	t->full = false;
}


void msrp_put_mem(struct msrp_text *t, const char *p, size_t n)
{
	if (t->full || t->size - t->len < n) {
		t->full = true;
		return;
	}
	if (n)
		memcpy(t->p + t->len, p, n);
	t->len += n;
}


void msrp_put(struct msrp_text *t, const char *str)
{
	msrp_put_mem(t, str, strlen(str));
}


void msrp_put_pl(struct msrp_text *t, const struct pl *pl)
{
	msrp_put_mem(t, pl->p, pl->l);
}


static void put_u32(struct msrp_text *t, uint32_t v)
{
	char s[10];
	size_t n = sizeof(s);

	do {
		s[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);

	msrp_put_mem(t, s + n, sizeof(s) - n);
}


void msrp_putf(struct msrp_text *t, const char *fmt, ...)
{
	const char *p, *str;
	uint32_t v;
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt = p) {

		for (p = fmt; *p && *p != '%'; p++)
			;
		msrp_put_mem(t, fmt, (size_t)(p - fmt));
		if (!*p)
			break;
		switch (p[1]) {

		case 's':
			msrp_put(t, va_arg(ap, const char *));
			break;

		case 'r':
			msrp_put_pl(t, va_arg(ap, const struct pl *));
			break;

		case 'n':
			str = va_arg(ap, const char *);
			msrp_put_mem(t, str + 1, (uint8_t)*str);
			break;

		default:
			v = va_arg(ap, uint32_t);
			if (v == MSRP_ANY)
				msrp_put(t, "*");
			else
				put_u32(t, v);
			break;
		}
		p += 2;
	}
	va_end(ap);
}


int msrp_head_write(struct msrp_text *t, const struct msrp_head *h)
{
	const char *name = msrp_hdr_names;
	unsigned i;

	msrp_putf(t, "MSRP %r ", &h->tid);
	if (h->method == MSRP_RESPONSE)
		msrp_putf(t, "%u ", (uint32_t)h->status);
	if (h->method == MSRP_RESPONSE || h->method == MSRP_OTHER)
		msrp_put_pl(t, &h->name);
	else
		msrp_putf(t, "%n", msrp_name(msrp_method_names,
					     h->method - MSRP_SEND));

	for (i = 0; i < MSRP_HDR_MAX; i++, name += *name + 1) {

		const bool range = i == MSRP_BYTE_RANGE && h->ranged;

		if (!range && !h->hdrv[i].p)
			continue;

		msrp_put_mem(t, "\r\n", 2);
		msrp_put_mem(t, name + 1, (uint8_t)*name);
		msrp_put_mem(t, ": ", 2);
		if (range)
			msrp_putf(t, "%u-%u/%u", h->range.start,
				  h->range.end, h->range.total);
		else
			msrp_put_pl(t, &h->hdrv[i]);
	}
	msrp_put(t, "\r\n");
	if (h->body)
		msrp_put(t, "\r\n");

	return t->full ? EOVERFLOW : 0;
}


void msrp_end_write(struct msrp_text *t, const struct pl *tid, bool body,
		    enum msrp_flag flag)
{
	const char f[2] = {(char)flag, '\0'};

	msrp_putf(t, "%s-------%r%s\r\n", body ? "\r\n" : "", tid, f);
}


void msrp_hex(char *str, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (; n; --n, ++p) {
		*str++ = digit[*p >> 4];
		*str++ = digit[*p & 15];
	}
	*str = '\0';
}


void msrp_guard_init(struct msrp_guard *g, const char *tid)
{
	memcpy(g->tid, tid, sizeof(g->tid));
	g->match = 0;
}


size_t msrp_guard_pass(struct msrp_guard *g, const uint8_t *p, size_t n)
{
	const unsigned len = 7 + 2 * MSRP_RANDOM_LEN;
	const uint8_t *hyphen;
	size_t pos = 0;

	while (pos < n) {

		const char want = g->match < 7 ? '-' : g->tid[g->match - 7];

		if (!g->match) {
			hyphen = memchr(p + pos, '-', n - pos);
			if (!hyphen)
				break;
			pos = (size_t)(hyphen - p);
		}

		if ((char)p[pos] == want) {
			if (g->match + 1u == len)
				return pos;
			++g->match;
		}
		else if (p[pos] == '-') {
			/* more than seven: the last ones count; an identifier
			   of ours holds none */
			g->match = g->match == 7 ? 7 : 1;
		}
		else {
			g->match = 0;
		}
		++pos;
	}

	return n;
}
