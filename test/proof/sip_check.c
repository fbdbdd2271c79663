/*
 * Proof: header fields that every message has (ue/sip/check.c)
 *
 * On values of any length and contents, in memory of exactly that size, and on
 * any table of header fields as sip_message proves it: nothing outside of a
 * value is read, but for the octet before a list of addresses, which is there;
 * what is kept of tag, method and Call-ID lies in the value, Max-Forwards is not
 * cut.  Loops are proved by induction and the scanners are called by their
 * contracts, so there is no bound.  Of the table, one field of any number stands
 * for all.  Not here: that the Via values of a message, each of more than one
 * octet, can be counted in 16 bits.
 *
 * flags: --no-array-field-sensitivity -DSIP_HDR_MAX=32
 * prove: vias
 * bug: vias: ue/sip/check.c s/via && via->rfc3261/via->rfc3261/
 * prove: addrs
 * bug: addrs: ue/sip/check.c s/end - p == 1 && //
 * prove: party
 * bug: party: ue/sip/check.c s/.tag = prm.val/tag->l = prm.val.l/
 * bug: party: ue/sip/check.c s/rest = addr->params/rest.p = addr->params.p/
 * prove: cseq
 * bug: cseq: ue/sip/check.c s/p = q ? \(sip_skip.*\) : NULL/p = \1/
 * bug: cseq: ue/sip/check.c s/met.l != m->met.l ||//
 * prove: call_id
 * bug: call_id: ue/sip/check.c s/end - q > 1 && //
 * bug: call_id: ue/sip/check.c s/&m->call_id, p, end/\&m->call_id, p, end + 1/
 * prove: max_forwards --conversion-check
 * bug: max_forwards: ue/sip/check.c s/ || v > 255//
 * prove: field
 * bug: field: ue/sip/check.c s/hdr->val, hdr->len/hdr->val, hdr->len + 1u/
 * prove: mandatory
 * bug: mandatory: ue/sip/check.c s/i < sizeof(v) . sizeof(v.0.)/i < sizeof(v)/
 * prove: sip_msg_check
 * bug: sip_msg_check: ue/sip/check.c s/i < m->hdrc/i <= m->hdrc/
 */
#define SKIP_ANY
#include "test/proof/pl.h"

/** A text before end; that, or not there */
#define PART(pl, end) (__CPROVER_same_object((pl)->p, end) && \
		       PLACE((pl)->p) <= PLACE(end) && \
		       (pl)->l <= PLACE(end) - PLACE((pl)->p))
#define MAYBE_PART(pl, end) ((pl)->p ? PART(pl, end) : (pl)->l == 0)

#define LOOP_party_1 \
	CHANGES(rest, prm, *tag) \
	INVARIANT(PART(&rest, text_end) && MAYBE_PART(tag, text_end)) \
	__CPROVER_decreases(PLACE(text_end) - PLACE(rest.p))
#define LOOP_mandatory_1 CHANGES(i) INVARIANT(i <= 5) \
	__CPROVER_decreases(5 - i)
#define LOOP_sip_msg_check_1 CHANGES(i, clen) INVARIANT(i <= m->hdrc) \
	__CPROVER_decreases(m->hdrc - i)

/** The end of the value, or of the message */
static const char *text_end;


/** The message, and one of its header fields */
static struct sip_msg msg;
static unsigned some;

/** As sip_message proves it */
#define FIELD(h) (0 < (h)->val && (h)->val + (h)->len <= PLACE(text_end))

#include "ue/sip/check.c"

struct sip_msg nondet_msg(void);


/** A message with any contents but its octets */
static void any_msg(void)
{
	msg = nondet_msg();
	msg.buf = any_text(&text_end);
	some = nondet_u8();
	ASSUME(PLACE(text_end) <= SIP_MSG_LEN_MAX);
	ASSUME(some < msg.hdrc && msg.hdrc <= SIP_HDR_MAX &&
	       FIELD(&msg.hdrv[some]));
}


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** No length and no place */
void sip_msg_fail(struct sip_msg *m, uint16_t status, const char *why)
{
	(void)m;
	(void)status;
	(void)why;
}


unsigned sip_via_list(struct sip_via *first, const char *p, const char *end)
{
	ASSERT(within(p, end));
	if (first)
		*first = nondet_via();

	return nondet_u16();
}


/** It looks at what is before an address */
bool sip_addr_list(const char *p, const char *end, bool brackets)
{
	(void)brackets;
	ASSERT(within(p, end) && PLACE(p) > 0);

	return nondet_bool();
}


int sip_addr_decode(struct sip_addr *addr, const struct pl *val)
{
	const char *end = sip_end(val);

	ASSERT(within(val->p, end));
	if (nondet_bool())
		return EBADMSG;
	*addr = nondet_addr();
	any_part(&addr->uri.text, val->p, end);
	addr->params.p = any_place(val->p, end);
	addr->params.l = (size_t)(end - addr->params.p);

	return 0;
}


int sip_ctype_decode(struct sip_ctype *ct, const struct pl *val)
{
	(void)ct;
	ASSERT(is_text(val));

	return nondet_bool() ? EBADMSG : 0;
}


enum sip_method sip_method(const struct pl *met)
{
	const unsigned i = nondet_u8();

	ASSERT(is_text(met));
	ASSUME(i <= SIP_METHOD_PUBLISH);

	return (enum sip_method)i;
}


bool sip_msg_has(const struct sip_msg *m, enum sip_hdr_id id)
{
	(void)m;
	ASSERT(id < SIP_HDR_COUNT);

	return nondet_bool();
}


/* ------------------------------------------------------------------ */

void vias_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_vias(void)
{
	const char *end, *p = any_text(&end);

	msg = nondet_msg();
	vias(&msg, p, end);
}


void addrs_contract(struct sip_msg *m, enum sip_hdr_id id, const char *p,
		    const char *end)
{
	(void)m;
	(void)id;
	ASSERT(within(p, end) && PLACE(p) > 0);
}


void prove_addrs(void)
{
	const char *end, *p = any_text(&end);

	ASSUME(p < end);
	addrs(&msg, (enum sip_hdr_id)nondet_u8(), p + 1, end);
}


void party_contract(struct sip_msg *m, struct sip_addr *addr, struct pl *tag,
		    const struct pl *val, const char *why)
{
	(void)m;
	(void)addr;
	(void)tag;
	(void)why;
	ASSERT(is_text(val));
}


void prove_party(void)
{
	const struct pl val = any_pl(&text_end);
	struct sip_addr addr;
	struct pl tag = {NULL, 0};

	party(&msg, &addr, &tag, &val, "bad To");
	ASSERT(is_maybe_part(&tag, val.p, text_end));
}


void cseq_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_cseq(void)
{
	const char *end, *p = any_text(&end), *e;

	msg.request = nondet_bool();
	msg.met = any_pl(&e);
	cseq(&msg, p, end);
	ASSERT(msg.request || msg.met.p == NULL || is_text(&msg.met));
}


void call_id_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_call_id(void)
{
	const char *end, *p = any_text(&end);

	msg.call_id.p = NULL;
	msg.call_id.l = 0;
	call_id(&msg, p, end);
	ASSERT(is_maybe_part(&msg.call_id, p, end));
}


void max_forwards_contract(struct sip_msg *m, const char *p, const char *end)
{
	(void)m;
	ASSERT(within(p, end));
}


void prove_max_forwards(void)
{
	const char *end, *p = any_text(&end);

	msg.max_fwd = SIP_MAX_FWD_NONE;
	max_forwards(&msg, p, end);
	ASSERT(msg.max_fwd <= 255 || msg.max_fwd == SIP_MAX_FWD_NONE);
}


/** One field of any number is looked at, and changes no other */
void field_contract(struct sip_msg *m, const struct sip_hdr *hdr,
		    uint32_t *clen)
{
	ASSERT(__CPROVER_same_object(hdr, m) &&
	       (hdr != &m->hdrv[some] || FIELD(hdr)));
	*clen = nondet_u32();
}


void prove_field(void)
{
	uint32_t clen = 0;

	any_msg();
	field(&msg, &msg.hdrv[some], &clen);
	ASSERT(some < msg.hdrc && FIELD(&msg.hdrv[some]));
}


void mandatory_contract(struct sip_msg *m)
{
	(void)m;
}


void prove_mandatory(void)
{
	msg = nondet_msg();
	mandatory(&msg);
}


void prove_sip_msg_check(void)
{
	any_msg();
	(void)sip_msg_check(&msg);
}
