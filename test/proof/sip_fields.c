/*
 * Proof: access to header fields and lists (ue/sip/fields.c)
 *
 * A message of any length and contents whose table of header fields is as
 * sip_message proves it, and an iterator in any state over it or over a text:
 * no field behind the last is looked at, no octet outside of the message is
 * read, and the iterator's rest stays a text in the message that is not empty.
 * Loops are proved by induction and calls by contracts, so there is no bound
 * but the one of the table.  Not here: sip_msg_hdr_named() and
 * sip_msg_has_token(), loops over what is proved here, sip_iter_init(),
 * sip_iter_text() and sip_msg_addr(), which set an iterator up.
 *
 * flags: --conversion-check --no-array-field-sensitivity -DSIP_HDR_MAX=32
 * prove: value
 * bug: value: ue/sip/fields.c s/m->hdrv.i..len/m->hdrv[i + 1].len + 1/
 * prove: find
 * bug: find: ue/sip/fields.c s/while (i < m->hdrc && /while (/
 * prove: sip_msg_has
 * bug: sip_msg_has: ue/sip/fields.c s/seenv.id . 32./seenv[id]/
 * prove: sip_msg_hdr
 * bug: sip_msg_hdr: ue/sip/fields.c s/if (i == m->hdrc)/if (i > m->hdrc)/
 * prove: sip_msg_hdr_at
 * bug: sip_msg_hdr_at: ue/sip/fields.c s/if (i >= m->hdrc)/if (i > m->hdrc)/
 * prove: sip_iter_field
 * bug: sip_iter_field: ue/sip/fields.c s/	if (i == it->m->hdrc)/	if (i > it->m->hdrc)/
 * prove: next_text
 * bug: next_text: ue/sip/fields.c s/if (!it->rest.l)/if (0)/
 * prove: advance
 * bug: advance: ue/sip/fields.c s/if (p == end)/if (0)/
 * prove: sip_iter_value
 * bug: sip_iter_value: ue/sip/fields.c s/	if (!p)/	if (0)/
 * prove: sip_iter_token
 * bug: sip_iter_token: ue/sip/fields.c s/	if (err)/	if (0)/
 * prove: sip_iter_addr
 * bug: sip_iter_addr: ue/sip/fields.c s/	if (!p)/	if (0)/
 * prove: sip_iter_via
 * bug: sip_iter_via: ue/sip/fields.c s/	if (!p)/	if (0)/
 * prove: sip_msg_uint
 * bug: sip_msg_uint: ue/sip/fields.c s/(p < end && .p != ';' &&/(*p != ';' \&\&/
 */
#define SKIP_ANY
#include "test/proof/sip.h"

#define LOOP_find_1 CHANGES(i) \
	INVARIANT(i >= __CPROVER_loop_entry(i) && \
		  (i <= m->hdrc || i == __CPROVER_loop_entry(i))) \
	__CPROVER_decreases(UINT32_MAX - i)
#define LOOP_next_text_1 CHANGES(it->rest, it->next, it->m) \
	INVARIANT((!it->m || it->m == &msg) && it->next <= msg.hdrc && \
		  (!it->rest.p || REST(it)))

/** The message, and one of its header fields */
static struct sip_msg msg;
static const char *buf_end;
static unsigned some;

#define FIELD(h) ((h)->name + (h)->name_len <= PLACE(buf_end) && \
		  (h)->val + (h)->len <= PLACE(buf_end))
#define REST(it) (__CPROVER_same_object((it)->rest.p, buf_end) && \
		  PLACE((it)->rest.p) <= PLACE(buf_end) && \
		  (it)->rest.l > 0 && \
		  (it)->rest.l <= PLACE(buf_end) - PLACE((it)->rest.p))

#include "ue/sip/fields.c"

struct sip_msg nondet_msg(void);


static void any_msg(void)
{
	msg = nondet_msg();
	msg.buf = any_text(&buf_end);
	some = nondet_u8();
	ASSUME(PLACE(buf_end) <= SIP_MSG_LEN_MAX);
	ASSUME(some < msg.hdrc && msg.hdrc <= SIP_HDR_MAX &&
	       FIELD(&msg.hdrv[some]));
}


/** Over the message or over a text, at any place */
static struct sip_iter any_iter(void)
{
	struct sip_iter it;

	any_msg();
	it.m = nondet_bool() ? &msg : NULL;
	it.id = nondet_u8();
	it.next = nondet_u8();
	ASSUME(it.next <= msg.hdrc);
	any_part(&it.rest, msg.buf, buf_end);
	if (nondet_bool() || !it.rest.l)
		it.rest.p = NULL;

	return it;
}


#define ITER(it) ASSERT((it)->next <= msg.hdrc && \
			(!(it)->rest.p || REST(it)))


void value_contract(struct pl *val, const struct sip_msg *m, unsigned i)
{
	ASSERT(i < m->hdrc && m->hdrc <= SIP_HDR_MAX);
	any_part(val, m->buf, buf_end);
}


void prove_value(void)
{
	struct pl val;

	any_msg();
	value(&val, &msg, some);
	ASSERT(is_part(&val, msg.buf, buf_end));
}


/** Behind the last one, too: then it is i */
unsigned find_contract(const struct sip_msg *m, enum sip_hdr_id id, unsigned i)
{
	const unsigned n = nondet_u8();

	(void)id;
	ASSERT(i <= m->hdrc);
	ASSUME(n >= i && n <= m->hdrc);

	return n;
}


void prove_find(void)
{
	const unsigned i = nondet_u8();
	unsigned n;

	any_msg();
	ASSUME(i <= msg.hdrc);
	n = find(&msg, (enum sip_hdr_id)nondet_u8(), i);
	ASSERT(n >= i && n <= msg.hdrc);
}


void prove_sip_msg_has(void)
{
	any_msg();
	(void)sip_msg_has(&msg, (enum sip_hdr_id)nondet_u8());
}


int sip_msg_hdr_contract(struct pl *val, const struct sip_msg *m,
			 enum sip_hdr_id id)
{
	(void)id;
	if (nondet_bool())
		return ENOENT;
	any_part(val, m->buf, buf_end);

	return 0;
}


void prove_sip_msg_hdr(void)
{
	struct pl val;

	any_msg();
	if (!sip_msg_hdr(&val, &msg, (enum sip_hdr_id)nondet_u8()))
		ASSERT(is_part(&val, msg.buf, buf_end));
}


void prove_sip_msg_hdr_at(void)
{
	struct pl name, val;

	any_msg();
	if (!sip_msg_hdr_at(&name, &val, &msg,
			    nondet_bool() ? some : msg.hdrc))
		ASSERT(is_part(&name, msg.buf, buf_end) &&
		       is_part(&val, msg.buf, buf_end));
}


int sip_iter_field_contract(struct pl *val, struct sip_iter *it)
{
	ASSERT(it->next <= msg.hdrc);
	if (!it->m || nondet_bool()) {
		it->m = NULL;
		it->rest.p = NULL;
		return ENOENT;
	}
	it->next = nondet_u8();
	ASSUME(it->next <= msg.hdrc);
	any_part(val, msg.buf, buf_end);

	return 0;
}


void prove_sip_iter_field(void)
{
	struct sip_iter it = any_iter();
	struct pl val;

	if (!sip_iter_field(&val, &it))
		ASSERT(is_part(&val, msg.buf, buf_end));
	ITER(&it);
}


const char *next_text_contract(struct sip_iter *it)
{
	any_part(&it->rest, msg.buf, buf_end);
	if (!it->rest.l || nondet_bool())
		it->rest.p = NULL;

	return it->rest.p;
}


void prove_next_text(void)
{
	struct sip_iter it = any_iter();
	const char *p = next_text(&it);

	ASSERT(p == it.rest.p);
	ITER(&it);
}


/** p is NULL or in the rest */
int advance_contract(struct sip_iter *it, const char *p)
{
	ASSERT(it->rest.p && REST(it));
	ASSERT(!p || is_place(p, it->rest.p, it->rest.p + it->rest.l));
	(void)next_text_contract(it);

	return p && nondet_bool() ? 0 : EBADMSG;
}


void prove_advance(void)
{
	struct sip_iter it = any_iter();

	ASSUME(it.rest.p);
	(void)advance(&it, maybe_place(it.rest.p, it.rest.p + it.rest.l));
	ITER(&it);
}


int sip_iter_value_contract(struct pl *val, struct sip_iter *it)
{
	if (!next_text_contract(it))
		return nondet_bool() ? ENOENT : EBADMSG;
	any_part(val, msg.buf, buf_end);

	return 0;
}


void prove_sip_iter_value(void)
{
	struct sip_iter it = any_iter();
	struct pl val;

	(void)sip_iter_value(&val, &it);
	ITER(&it);
}


void prove_sip_iter_token(void)
{
	struct sip_iter it = any_iter();
	struct pl val;

	(void)sip_iter_token(&val, &it);
	ITER(&it);
}


int sip_iter_addr_contract(struct sip_addr *addr, struct sip_iter *it)
{
	*addr = nondet_addr();
	(void)next_text_contract(it);

	return nondet_bool() ? EBADMSG : 0;
}


void prove_sip_iter_addr(void)
{
	struct sip_iter it = any_iter();
	struct sip_addr addr;

	(void)sip_iter_addr(&addr, &it);
	ITER(&it);
}


void prove_sip_iter_via(void)
{
	struct sip_iter it = any_iter();
	struct sip_via via;

	(void)sip_iter_via(&via, &it);
	ITER(&it);
}


void prove_sip_msg_uint(void)
{
	uint32_t v;

	any_msg();
	(void)sip_msg_uint(&v, &msg, (enum sip_hdr_id)nondet_u8());
}
