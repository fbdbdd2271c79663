/**
 * @file output.c  What the commands print: JSON lines or plain text
 */
#include <string.h>
#include "ports/common/output.h"
#include "ue/ue_addr.h"
#include "ue/xml/xml_chars.h"


static void put(struct output *o, const char *str)
{
	o->outh(str, strlen(str), o->arg);
}


/* RFC 8259 s7 */
static size_t escape(char *p, unsigned c, bool json)
{
	static const char hex[] = "0123456789abcdef";
	unsigned i;

	if (!json) {
		p[0] = '?';
		return 1;
	}

	p[0] = '\\';
	if (c == '"' || c == '\\') {
		p[1] = (char)c;
		return 2;
	}
	p[1] = 'u';
	for (i = 5; i > 1; i--, c >>= 4)
		p[i] = hex[c & 15];

	return 6;
}


/**
 * The next character of a text: what comes from the network need not be UTF-8
 *
 * @param c  Result: what it is, U+FFFD for an octet that is none
 *
 * @return Its octets
 */
static size_t next_char(unsigned *c, const uint8_t *p, size_t len)
{
	size_t n;

	*c = p[0];
	if (*c < 0x80)
		return 1;

	/* U+0080 to U+009F are control characters, too; which one it is
	   otherwise is of no interest */
	n = xml_utf8_length(p, len);
	*c = n == 2 && p[0] == 0xc2 ? p[1] : n ? 0xa0 : 0xfffd;

	return n ? n : 1;
}


static bool is_plain(unsigned c, bool json)
{
	return c >= ' ' && (c < 0x7f || c >= 0xa0) && c != 0xfffd &&
		!(json && (c == '"' || c == '\\'));
}


void output_text(struct output *o, const char *p, size_t len)
{
	size_t n = 0, k;
	unsigned c;
	char esc[6];

	while (n < len) {
		k = next_char(&c, (const uint8_t *)p + n, len - n);
		if (is_plain(c, o->json)) {
			n += k;
			continue;
		}
		if (n)
			o->outh(p, n, o->arg);
		o->outh(esc, escape(esc, c, o->json), o->arg);
		p += n + k;
		len -= n + k;
		n = 0;
	}
	if (n)
		o->outh(p, n, o->arg);
}


static void name_of(struct output *o, const char *name)
{
	if (o->json) {
		put(o, o->first ? "\"" : ",\"");
		put(o, name);
		put(o, "\":");
	}
	else {
		put(o, " ");
		put(o, name);
		put(o, "=");
	}
	o->first = false;
}


void output_begin(struct output *o, output_h *outh, void *arg, bool json,
		  const char *event)
{
	o->outh  = outh;
	o->arg   = arg;
	o->json  = json;
	o->first = true;

	if (o->json) {
		put(o, "{");
		output_str(o, "event", event);
	}
	else {
		put(o, event);
		put(o, ":");
	}
}


void output_open(struct output *o, const char *name)
{
	name_of(o, name);
	if (o->json)
		put(o, "\"");
}


void output_add(struct output *o, const char *piece)
{
	output_text(o, piece, strlen(piece));
}


void output_close(struct output *o)
{
	if (o->json)
		put(o, "\"");
}


void output_str(struct output *o, const char *name, const char *val)
{
	output_open(o, name);
	output_add(o, val);
	output_close(o);
}


void output_pl(struct output *o, const char *name, const struct pl *val)
{
	output_open(o, name);
	output_text(o, val->p, val->l);
	output_close(o);
}


void output_num(struct output *o, const char *name, uint64_t val)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + val % 10);
		val /= 10;
	} while (val);

	name_of(o, name);
	o->outh(p, (size_t)(digits + sizeof(digits) - p), o->arg);
}


void output_bool(struct output *o, const char *name, bool val)
{
	name_of(o, name);
	put(o, val ? "true" : "false");
}


void output_addr(struct output *o, const char *name,
		 const struct ue_addr *addr)
{
	char str[UE_ADDR_STR];

	output_str(o, name, ue_addr_print(str, addr, UE_ADDR_HOSTPORT));
}


void output_end(struct output *o)
{
	put(o, o->json ? "}\n" : "\n");
}


void output_help(output_h *outh, void *arg, const char *name,
		 const char *text)
{
	static const char pad[] = "                ";
	const size_t len = strlen(name);

	outh(pad, 2, arg);
	outh(name, len, arg);
	if (text) {
		outh(pad, len < 15 ? 16 - len : 1, arg);
		outh(text, strlen(text), arg);
	}
	outh("\n", 1, arg);
}
