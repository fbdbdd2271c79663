/**
 * @file xml_chars.c  Characters and references of XML 1.0
 */
#include <errno.h>
#include <string.h>
#include "ue/ue_hex.h"
#include "ue/xml/xml.h"
#include "ue/xml/xml_chars.h"

/** Octets of the longest reference: &#x0010FFFF; with zeros to spare */
#define REF_LEN_MAX 16


bool xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


/* Productions 4, 4a; beyond ASCII everything is taken for a letter */
bool xml_is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		c == '_' || (unsigned char)c >= 0x80;
}


bool xml_is_name(char c)
{
	return xml_is_name_start(c) || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == ':';
}


void xml_trim_left(struct pl *pl)
{
	while (pl->l && xml_is_space(pl->p[0])) {
		++pl->p;
		--pl->l;
	}
}


void xml_trim(struct pl *pl)
{
	xml_trim_left(pl);
	while (pl->l && xml_is_space(pl->p[pl->l - 1]))
		--pl->l;
}


/* ------------------------------------------------------------------ */
/* UTF-8 (RFC 3629) */


/* Production 2 */
static bool is_char(uint32_t c)
{
	if (c < 0x20)
		return c == 0x9 || c == 0xa || c == 0xd;

	return c <= 0xd7ff || (c >= 0xe000 && c <= 0xfffd) ||
		(c >= 0x10000 && c <= 0x10ffff);
}


size_t xml_utf8_length(const uint8_t *p, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = p[0];
	size_t n, i;

	if (c < 0x80)
		return is_char(c) ? 1 : 0;

	if ((c & 0xe0) == 0xc0) {
		n = 2;
		c &= 0x1f;
	}
	else if ((c & 0xf0) == 0xe0) {
		n = 3;
		c &= 0x0f;
	}
	else if ((c & 0xf8) == 0xf0) {
		n = 4;
		c &= 0x07;
	}
	else
		return 0;

	if (len < n)
		return 0;

	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}

	return c >= least[n] && is_char(c) ? n : 0;
}


bool xml_utf8_valid(const char *buf, size_t len)
{
	const uint8_t *p = (const uint8_t *)buf;
	size_t n;

	while (len) {
		n = xml_utf8_length(p, len);
		if (!n)
			return false;
		p += n;
		len -= n;
	}

	return true;
}


/* Up to 4 octets.  @return their number */
static size_t encode(char out[4], uint32_t c)
{
	size_t n, i;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}

	n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (i = n; i-- > 1;) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);

	return n;
}


/* ------------------------------------------------------------------ */
/* References */


/* Production 66, without & # and ; */
static bool char_ref(uint32_t *c, const char *p, size_t len)
{
	const bool hex = len && p[0] == 'x';
	const uint32_t base = hex ? 16 : 10;
	size_t i = hex ? 1 : 0;
	uint32_t v = 0;

	if (i == len)
		return false;

	for (; i < len; i++) {

		const uint32_t d = ue_hex_value(p[i]);

		if (d >= base)
			return false;
		v = v * base + d;
		if (v > 0x10ffff)
			return false;
	}

	*c = v;

	return is_char(v);
}


/* The reference at p, which begins with &.  @return its octets, 0 = illegal */
static size_t reference(uint32_t *c, const char *p, size_t len)
{
	static const struct {
		char name[5];
		char c;
	} ent[] = {
		{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'},
		{"apos", '\''}
	};
	const char *semi = memchr(p, ';', len < REF_LEN_MAX ? len
				  : REF_LEN_MAX);
	size_t n, i;

	if (!semi)
		return 0;

	n = (size_t)(semi - p) - 1;

	if (n && p[1] == '#')
		return char_ref(c, p + 2, n - 1) ? n + 2 : 0;

	for (i = 0; i < sizeof(ent) / sizeof(ent[0]); i++) {
		if (n == strlen(ent[i].name) &&
		    !memcmp(p + 1, ent[i].name, n)) {
			*c = (uint32_t)ent[i].c;
			return n + 2;
		}
	}

	return 0;
}


bool xml_refs_valid(const struct pl *text)
{
	const char *p = text->p;
	const char *end = text->p + text->l;
	uint32_t c;
	size_t n;

	while (p < end && (p = memchr(p, '&', (size_t)(end - p))) != NULL) {
		n = reference(&c, p, (size_t)(end - p));
		if (!n)
			return false;
		p += n;
	}

	return true;
}


int xml_decode(char *str, size_t size, const struct pl *text)
{
	size_t pos = 0, i = 0;

	if (!size)
		return EOVERFLOW;

	while (i < text->l) {

		char buf[4];
		size_t out = 1, in = 1;
		uint32_t c;

		buf[0] = text->p[i];
		if (buf[0] == '&') {
			in = reference(&c, text->p + i, text->l - i);
			if (in)
				out = encode(buf, c);
			else
				in = 1;
		}

		/* one octet for the zero */
		if (size - pos <= out) {
			str[0] = '\0';
			return EOVERFLOW;
		}

		memcpy(str + pos, buf, out);
		pos += out;
		i += in;
	}

	str[pos] = '\0';

	return 0;
}
