/**
 * @file check.c  Header fields that sip_msg_parse() decodes and checks
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


static void bad(struct sip_msg *m, const char *why)
{
	sip_msg_fail(m, 400, why);
}


/** All Via values; the first one is kept */
static void vias(struct sip_msg *m, const char *p, const char *end)
{
	struct sip_via *via = m->viac ? NULL : &m->via;
	unsigned n;

	n = sip_via_list(via, p, end);
	if (!n)
		bad(m, "bad Via");

	/* RFC 4475 3.2.1: the magic cookie alone identifies nothing; the Via
	   stays good enough for the answer */
	if (via && via->rfc3261 && via->branch.l == 7)
		bad(m, "no transaction identifier in branch");

	/* after a bad first field the next one is not the topmost */
	m->viac = (uint16_t)(m->viac + (n ? n : 1));
}


static void addrs(struct sip_msg *m, enum sip_hdr_id id, const char *p,
		  const char *end)
{
	const bool contact = id == SIP_HDR_CONTACT;

	/* RFC 3261 s20.10: Contact = "*" / list */
	if (contact && end - p == 1 && *p == '*')
		return;

	/* RFC 3261 s20.30, s20.34: Route and Record-Route are name-addr,
	   always in brackets */
	if (!sip_addr_list(p, end, !contact))
		bad(m, contact ? "bad Contact" : "bad Route");
}


/** From and To: one address, and its tag */
static void party(struct sip_msg *m, struct sip_addr *addr, struct pl *tag,
		  const struct pl *val, const char *why)
{
	struct pl rest;
	struct sip_param prm;

	if (sip_addr_decode(addr, val)) {
		bad(m, why);
		return;
	}

	rest = addr->params;
	while (!sip_param_next(&prm, &rest)) {
		if (!SIP_IS(&prm.name, "tag"))
			continue;

		/* tag-param = "tag" EQUAL token, once (s7.3.1) */
		if (tag->p || !prm.val.p || prm.quoted ||
		    sip_token(prm.val.p, sip_end(&prm.val)) !=
		    sip_end(&prm.val))
			bad(m, why);
		else
			*tag = prm.val;
	}
}


/** CSeq = 1*DIGIT LWS Method, RFC 3261 s20.16: below 2**32 */
static void cseq(struct sip_msg *m, const char *p, const char *end)
{
	struct pl met;
	const char *q = sip_number(&m->cseq, p, end);

	p = q ? sip_skip_sws(q, end) : NULL;
	if (!q || p == q || sip_token(p, end) != end) {
		bad(m, "bad CSeq");
		return;
	}

	sip_set(&met, p, end);
	if (!m->request) {
		m->met    = met;
		m->method = (uint8_t)sip_method(&met);
	}
	else if (met.l != m->met.l || memcmp(met.p, m->met.p, met.l)) {
		/* RFC 3261 s8.1.1.5 */
		bad(m, "CSeq method is not the request's");
	}
}


/** callid = word [ "@" word ] */
static void call_id(struct sip_msg *m, const char *p, const char *end)
{
	const char *q = sip_skip(p, end, SIP_C_WORD);

	if (q > p && end - q > 1 && *q == '@')
		q = sip_skip(q + 1, end, SIP_C_WORD);
	if (q == p || q != end) {
		bad(m, "bad Call-ID");
		return;
	}

	sip_set(&m->call_id, p, end);
}


/** RFC 3261 s20.22: 0 to 255 */
static void max_forwards(struct sip_msg *m, const char *p, const char *end)
{
	uint32_t v;

	if (sip_number(&v, p, end) != end || v > 255) {
		bad(m, "bad Max-Forwards");
		return;
	}

	m->max_fwd = (uint16_t)v;
}


static void field(struct sip_msg *m, const struct sip_hdr *hdr,
		  uint32_t *clen)
{
	struct pl val = {m->buf + hdr->val, hdr->len};
	const char *end = sip_end(&val);

	switch (hdr->id) {

	case SIP_HDR_VIA:
		vias(m, val.p, end);
		break;

	case SIP_HDR_FROM:
		if (!m->from.uri.text.p)
			party(m, &m->from, &m->from_tag, &val, "bad From");
		break;

	case SIP_HDR_TO:
		if (!m->to.uri.text.p)
			party(m, &m->to, &m->to_tag, &val, "bad To");
		break;

	case SIP_HDR_CSEQ:
		cseq(m, val.p, end);
		break;

	case SIP_HDR_CALL_ID:
		call_id(m, val.p, end);
		break;

	case SIP_HDR_MAX_FORWARDS:
		max_forwards(m, val.p, end);
		break;

	case SIP_HDR_CONTACT:
	case SIP_HDR_ROUTE:
	case SIP_HDR_RECORD_ROUTE:
		addrs(m, (enum sip_hdr_id)hdr->id, val.p, end);
		break;

	case SIP_HDR_CONTENT_TYPE:
		if (sip_ctype_decode(&m->ctype, &val))
			bad(m, "bad Content-Type");
		break;

	case SIP_HDR_CONTENT_LENGTH:
		if (sip_number(clen, val.p, end) != end)
			bad(m, "bad Content-Length");
		break;

	default:
		break;
	}
}


/** RFC 3261 s8.1.1: what every request and response has.  Max-Forwards is
 *  not asked for: RFC 2543 did not have it */
static void mandatory(struct sip_msg *m)
{
	static const struct {
		uint8_t id;
		const char *why;
	} v[] = {
		{SIP_HDR_VIA,     "no Via"},
		{SIP_HDR_FROM,    "no From"},
		{SIP_HDR_TO,      "no To"},
		{SIP_HDR_CALL_ID, "no Call-ID"},
		{SIP_HDR_CSEQ,    "no CSeq"},
	};

	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (!sip_msg_has(m, (enum sip_hdr_id)v[i].id))
			bad(m, v[i].why);
	}

	/* RFC 3891 s3 */
	if (m->request && m->method != SIP_METHOD_INVITE &&
	    sip_msg_has(m, SIP_HDR_REPLACES))
		bad(m, "Replaces is for INVITE");
}


/**
 * Decode and check the header fields that every message has or that decide
 * how it is routed
 *
 * @return the Content-Length, 0 without one
 */
uint32_t sip_msg_check(struct sip_msg *m)
{
	uint32_t clen = 0;

	for (unsigned i = 0; i < m->hdrc; i++)
		field(m, &m->hdrv[i], &clen);
	mandatory(m);

	return clen;
}
