/**
 * @file file_sdp.c  Attributes of file transfer in session descriptions (RFC
 * 5547 s6)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/text.h"
#include "ue/services/file_sdp.h"
#include "ue/services/messaging.h"
#include "ue/ue_hex.h"
#include "ue/xml/xml_chars.h"


/** Decimal digits.  @return 0; EBADMSG; EOVERFLOW UE_FILE_ANY - 1 or more */
static int number(uint32_t *val, const struct pl *pl)
{
	uint64_t v = 0;
	size_t i;

	if (!pl->l)
		return EBADMSG;

	for (i = 0; i < pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EBADMSG;
		if (v < UE_FILE_ANY)
			v = v * 10 + (uint64_t)(pl->p[i] - '0');
	}
	if (v > UE_FILE_ANY - 2)
		return EOVERFLOW;

	*val = (uint32_t)v;

	return 0;
}


/** The next selector: up to a blank outside of quotes */
static int selector_next(struct pl *key, struct pl *val, struct pl *rest)
{
	bool quoted = false;
	const char *colon;
	size_t n;

	while (rest->l && *rest->p == ' ')
		pl_advance(rest, 1);
	if (!rest->l)
		return ENOENT;

	for (n = 0; n < rest->l && (quoted || rest->p[n] != ' '); n++) {
		if (rest->p[n] == '"')
			quoted = !quoted;
	}
	colon = memchr(rest->p, ':', n);
	if (quoted || !colon)
		return EBADMSG;

	key->p = rest->p;
	key->l = (size_t)(colon - rest->p);
	val->p = colon + 1;
	val->l = n - key->l - 1;
	pl_advance(rest, (ssize_t)n);

	return 0;
}


/** filename-string in quotes, not empty */
static int unquote(struct pl *pl, const struct pl *val)
{
	if (val->l < 3 || val->p[0] != '"' || val->p[val->l - 1] != '"' ||
	    memchr(val->p + 1, '"', val->l - 2) ||
	    memchr(val->p, '\0', val->l))
		return EBADMSG;

	pl->p = val->p + 1;
	pl->l = val->l - 2;

	return 0;
}


/** hash-algorithm ":" 2HEXDIG *(":" 2HEXDIG) */
static int hash_decode(struct file_selector *sel, const struct pl *val)
{
	static const char sha1[] = "sha-1:";
	const size_t n = sizeof(sha1) - 1;
	uint8_t hash[UE_FILE_HASH];
	struct pl algorithm = {val->p, n};

	if (val->l < n || pl_strcasecmp(&algorithm, sha1))
		return memchr(val->p, ':', val->l) ? 0 : EBADMSG;
	if (sdesc_hex_decode(hash, sizeof(hash), val->p + n, val->l - n))
		return EBADMSG;
	if (sel->hashed && memcmp(sel->hash, hash, sizeof(hash)))
		return EBADMSG;

	memcpy(sel->hash, hash, sizeof(hash));
	sel->hashed = true;

	return 0;
}


static int selector_take(struct file_selector *sel, const struct pl *key,
			 const struct pl *val)
{
	if (!pl_strcmp(key, "name"))
		return sel->name.p ? EBADMSG : unquote(&sel->name, val);
	if (!pl_strcmp(key, "size"))
		return sel->size != UE_FILE_ANY ? EBADMSG
			: number(&sel->size, val);
	if (!pl_strcmp(key, "hash"))
		return hash_decode(sel, val);
	if (pl_strcmp(key, "type"))
		return 0;

	/* type "/" subtype */
	if (sel->type.p || val->l < 3 || *val->p == '/' ||
	    !memchr(val->p, '/', val->l))
		return EBADMSG;
	sel->type = *val;

	return 0;
}


int file_selector_decode(struct file_selector *sel, const struct pl *val)
{
	struct file_selector s;
	struct pl rest = *val, key, v;
	int err;

	memset(&s, 0, sizeof(s));
	s.size = UE_FILE_ANY;

	while (!(err = selector_next(&key, &v, &rest))) {
		err = selector_take(&s, &key, &v);
		if (err)
			return err;
	}
	if (err != ENOENT)
		return err;
	if (!s.name.p && !s.type.p && s.size == UE_FILE_ANY && !s.hashed)
		return ENOENT;

	*sel = s;

	return 0;
}


void file_hash_write(struct sip_writer *w, const char *before,
		     const uint8_t *hash)
{
	sip_writer_fmt(w, "%shash:sha-1:", before);
	sdesc_write_hex(w, hash, UE_FILE_HASH);
}


void file_selector_write(struct sip_writer *w, const char *name,
			 const char *type, uint32_t size,
			 const uint8_t *hash)
{
	const char *sep = "";
	char c[2] = "";

	if (name && *name) {
		sip_writer_str(w, "name:\"");
		/* RFC 5547 s6: what the syntax does not allow, and what could
		   be folders */
		for (; *name; name++) {
			c[0] = *name;
			if ((uint8_t)*name < ' ' ||
			    strchr("\"%/\\:", *name)) {
				sip_writer_str(w, "%");
				sdesc_write_hex(w, (const uint8_t *)name, 1);
			}
			else {
				sip_writer_str(w, c);
			}
		}
		sip_writer_str(w, "\"");
		sep = " ";
	}
	if (type) {
		sip_writer_fmt(w, "%stype:%s", sep, type);
		sep = " ";
	}
	if (size != UE_FILE_ANY) {
		sip_writer_fmt(w, "%ssize:%u", sep, size);
		sep = " ";
	}
	if (hash)
		file_hash_write(w, sep, hash);
}


/** The next octets of a name with their escapes undone */
static int unescape(uint8_t *buf, size_t size, size_t *len,
		    const struct pl *val)
{
	size_t i, n = 0;

	for (i = 0; i < val->l && n < size; i++) {

		int v = val->p[i];

		if (v == '%') {
			if (val->l - i < 3)
				return EBADMSG;
			v = ue_hex_octet(val->p + i + 1);
			if (v < 0)
				return EBADMSG;
			i += 2;
		}
		buf[n++] = (uint8_t)v;
	}
	*len = n;

	return 0;
}


int file_name_decode(char *name, size_t size, const struct pl *val)
{
	size_t n;
	const int err = unescape((uint8_t *)name, size - 1, &n, val);

	if (!err)
		file_name_clean(name, size, n);

	return err;
}


void file_name_clean(char *name, size_t size, size_t n)
{
	uint8_t *p = (uint8_t *)name;
	size_t i, k, len;

	for (i = 0; i < n; i += len) {

		len = xml_utf8_length(p + i, n - i);
		/* a character that was cut at the end goes as a whole */
		if (!len && n == size - 1 && n - i < 4 && p[i] >= 0xc0) {
			n = i;
			break;
		}
		if (len == 1 && (p[i] < ' ' || p[i] == 0x7f ||
				 memchr("/\\:*?\"<>|%$`;&'!", p[i], 16)))
			p[i] = '_';
		if (!len) {
			p[i] = '_';
			len = 1;
		}
	}
	/* C1 control characters have no place in a name either */
	for (k = 0; k + 1 < n; k++) {
		if (p[k] == 0xc2 && p[k + 1] < 0xa0)
			p[k] = p[k + 1] = '_';
	}
	if (!n || memchr(".-~ ", p[0], 4)) {
		p[0] = '_';
		n = n ? n : 1;
	}
	if (memchr(". ", p[n - 1], 2))
		p[n - 1] = '_';
	p[n] = '\0';
}


int file_range_decode(uint32_t *from, uint32_t *to, const struct pl *val)
{
	const char *dash = memchr(val->p, '-', val->l);
	struct pl start, stop;
	uint32_t a, b = UE_FILE_ANY;
	int err;

	if (!dash)
		return EBADMSG;
	start.p = val->p;
	start.l = (size_t)(dash - val->p);
	stop.p = dash + 1;
	stop.l = val->l - start.l - 1;

	err = number(&a, &start);
	if (!err && pl_strcmp(&stop, "*"))
		err = number(&b, &stop);
	if (err)
		return err;
	/* s6: the first octet is 1, the last one is part of it */
	if (!a || b < a)
		return EBADMSG;

	*from = a - 1;
	*to = b;

	return 0;
}


void file_range_write(struct sip_writer *w, uint32_t from, uint32_t to)
{
	if (to == UE_FILE_ANY)
		sip_writer_line(w, "a=file-range:%u-*", from + 1);
	else
		sip_writer_line(w, "a=file-range:%u-%u", from + 1, to);
}


bool file_is(const struct sdesc_media *m)
{
	struct pl val;

	return messaging_is(m) &&
		!sdesc_media_attr(&val, m, "file-selector") && val.p;
}
