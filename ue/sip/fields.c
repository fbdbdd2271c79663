/**
 * @file fields.c  Access to the header fields of a parsed message
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


static void value(struct pl *val, const struct sip_msg *m, unsigned i)
{
	val->p = m->buf + m->hdrv[i].val;
	val->l = m->hdrv[i].len;
}


/** First field of that kind at or behind number i; m->hdrc: none */
static unsigned find(const struct sip_msg *m, enum sip_hdr_id id, unsigned i)
{
	while (i < m->hdrc && m->hdrv[i].id != id)
		++i;

	return i;
}


bool sip_msg_has(const struct sip_msg *m, enum sip_hdr_id id)
{
	if (id < SIP_HDR_COUNT)
		return (m->seenv[id / 32] >> (id % 32) & 1) != 0;

	return find(m, id, 0) < m->hdrc;
}


int sip_msg_hdr(struct pl *val, const struct sip_msg *m, enum sip_hdr_id id)
{
	const unsigned i = find(m, id, 0);

	if (i == m->hdrc)
		return ENOENT;

	value(val, m, i);

	return 0;
}


int sip_msg_hdr_at(struct pl *name, struct pl *val, const struct sip_msg *m,
		   unsigned i)
{
	if (i >= m->hdrc)
		return ENOENT;

	if (name) {
		name->p = m->buf + m->hdrv[i].name;
		name->l = m->hdrv[i].name_len;
	}
	if (val)
		value(val, m, i);

	return 0;
}


int sip_msg_hdr_named(struct pl *val, const struct sip_msg *m,
		      const char *name)
{
	struct pl n;

	for (unsigned i = 0; !sip_msg_hdr_at(&n, NULL, m, i); i++) {
		if (sip_is_word(&n, name)) {
			value(val, m, i);
			return 0;
		}
	}

	return ENOENT;
}


/* ------------------------------------------------------------------ */
/* Lists */

void sip_iter_init(struct sip_iter *it, const struct sip_msg *m,
		   enum sip_hdr_id id)
{
	it->m      = m;
	it->rest.p = NULL;
	it->rest.l = 0;
	it->id     = (uint8_t)id;
	it->next   = 0;
}


void sip_iter_text(struct sip_iter *it, const struct pl *text)
{
	sip_iter_init(it, NULL, SIP_HDR_OTHER);
	if (text->l)
		it->rest = *text;
}


/** Nothing more from this iterator */
static int stop(struct sip_iter *it, int err)
{
	it->m      = NULL;
	it->rest.p = NULL;

	return err;
}


int sip_iter_field(struct pl *val, struct sip_iter *it)
{
	unsigned i;

	if (!it->m)
		return ENOENT;

	i = find(it->m, (enum sip_hdr_id)it->id, it->next);
	if (i == it->m->hdrc)
		return stop(it, ENOENT);

	it->next = (uint8_t)(i + 1);
	value(val, it->m, i);

	return 0;
}


/** Text in which the next value begins: the rest of the field, or the next
 *  field that is not empty.  NULL: none */
static const char *next_text(struct sip_iter *it)
{
	while (!it->rest.p) {
		if (sip_iter_field(&it->rest, it))
			return NULL;
		if (!it->rest.l)
			it->rest.p = NULL;
	}

	return it->rest.p;
}


/** The value ends at p: go behind its comma.  EBADMSG when something else
 *  follows, or nothing behind the comma */
static int advance(struct sip_iter *it, const char *p)
{
	const char *end = it->rest.p + it->rest.l;

	if (!sip_list_more(&p, end)) {
		it->rest.p = NULL;
		return p ? 0 : stop(it, EBADMSG);
	}

	if (p == end)
		return stop(it, EBADMSG);

	sip_set(&it->rest, p, end);

	return 0;
}


int sip_iter_value(struct pl *val, struct sip_iter *it)
{
	const char *p = next_text(it);
	struct pl v;
	int err;

	if (!p)
		return ENOENT;

	err = advance(it, sip_list_value(&v, p, p + it->rest.l));
	if (!err && !v.l)
		err = stop(it, EBADMSG);
	if (!err)
		*val = v;

	return err;
}


int sip_iter_token(struct pl *val, struct sip_iter *it)
{
	struct pl v;
	int err;

	err = sip_iter_value(&v, it);
	if (err)
		return err;

	if (sip_token(v.p, sip_end(&v)) != sip_end(&v))
		return stop(it, EBADMSG);

	*val = v;

	return 0;
}


int sip_iter_addr(struct sip_addr *addr, struct sip_iter *it)
{
	const char *p = next_text(it);
	struct sip_addr a;
	int err;

	if (!p)
		return ENOENT;

	/* RFC 3261 s20.10: Contact = "*" / list */
	if (it->id == SIP_HDR_CONTACT && it->rest.l == 1 && *p == '*') {
		memset(addr, 0, sizeof(*addr));
		it->rest.p = NULL;
		return 0;
	}

	p = sip_skip_sws(p, p + it->rest.l);
	err = advance(it, sip_addr_scan(&a, p, it->rest.p + it->rest.l));
	if (!err)
		*addr = a;

	return err;
}


int sip_iter_via(struct sip_via *via, struct sip_iter *it)
{
	const char *p = next_text(it);
	struct sip_via v;
	int err;

	if (!p)
		return ENOENT;

	p = sip_skip_sws(p, p + it->rest.l);
	err = advance(it, sip_via_scan(&v, p, it->rest.p + it->rest.l));
	if (!err)
		*via = v;

	return err;
}


bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id,
		       const char *token)
{
	struct sip_iter it;
	struct pl val;

	sip_iter_init(&it, m, id);
	while (!sip_iter_token(&val, &it)) {
		if (sip_is_word(&val, token))
			return true;
	}

	return false;
}


uint16_t sip_msg_reason(const struct sip_msg *m)
{
	struct sip_iter it;
	struct pl val, protocol, params;
	uint32_t cause;

	sip_iter_init(&it, m, SIP_HDR_REASON);
	while (!sip_iter_value(&val, &it)) {

		sip_value_split(&protocol, &params, &val);
		if (sip_is_word(&protocol, "SIP") &&
		    !sip_param_uint(&cause, &params, "cause") &&
		    cause >= 100 && cause < 700)
			return (uint16_t)cause;
	}

	return 0;
}


int sip_msg_addr(struct sip_addr *addr, const struct sip_msg *m,
		 enum sip_hdr_id id)
{
	struct sip_iter it;

	sip_iter_init(&it, m, id);

	return sip_iter_addr(addr, &it);
}


int sip_msg_uint(uint32_t *v, const struct sip_msg *m, enum sip_hdr_id id)
{
	struct pl val;
	uint32_t n;
	const char *p, *end;
	int err;

	err = sip_msg_hdr(&val, m, id);
	if (err)
		return err;

	end = sip_end(&val);
	p = sip_number(&n, val.p, end);
	p = p ? sip_skip_sws(p, end) : NULL;
	if (!p || (p < end && *p != ';' && *p != '('))
		return EBADMSG;

	*v = n;

	return 0;
}
