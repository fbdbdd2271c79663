/**
 * @file via.c  Via values (RFC 3261 s20.42) and media types (s20.15)
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "ue/sip/scan.h"


/** Parameters that are kept as text, with their place in struct sip_via */
static const struct {
	char name[11];
	uint8_t len;
	uint8_t off;
} textv[] = {
	{"branch",     6,  offsetof(struct sip_via, branch)},
	{"received",   8,  offsetof(struct sip_via, received)},
	{"maddr",      5,  offsetof(struct sip_via, maddr)},
	{"comp",       4,  offsetof(struct sip_via, comp)},
	{"sigcomp-id", 10, offsetof(struct sip_via, sigcomp_id)},
	{"keep",       4,  offsetof(struct sip_via, keep)},
};


static bool number_up_to(uint32_t *v, const struct pl *val, uint32_t max)
{
	const char *end = sip_end(val);

	return sip_number(v, val->p, end) == end && *v <= max;
}


/** received: IPv4address or IPv6address; RFC 5118 s4.5: brackets are
 *  tolerated, and dropped */
static bool received(struct pl *val)
{
	struct pl host;
	uint8_t type;
	const char *end = sip_end(val);

	if (sip_ipv6(val->p, end) == end)
		return true;
	if (sip_host(&host, &type, val->p, end) != end ||
	    type == SIP_HOST_NAME)
		return false;

	*val = host;

	return true;
}


/** Keep a parameter that matters, checked; false: a value that it must not
 *  have */
static bool keep_param(struct sip_via *via, const struct sip_param *prm)
{
	struct pl *pl = NULL;
	uint32_t v = 0;
	size_t i;

	if (SIP_IS(&prm->name, "rport")) {
		/* RFC 3581 s3: response-port = "rport" [EQUAL 1*DIGIT] */
		if (via->rport_present ||
		    (prm->val.p && !number_up_to(&v, &prm->val, 65535)))
			return false;
		via->rport_present = true;
		via->rport = (uint16_t)v;
		return true;
	}

	if (SIP_IS(&prm->name, "ttl"))     /* 0 to 255 */
		return prm->val.p && number_up_to(&v, &prm->val, 255);

	for (i = 0; i < sizeof(textv) / sizeof(textv[0]); i++) {
		if (prm->name.l == textv[i].len &&
		    sip_same(prm->name.p, textv[i].name, textv[i].len))
			break;
	}
	if (i == sizeof(textv) / sizeof(textv[0]))
		return true;

	/* RFC 3261 s7.3.1: a parameter name must not appear twice */
	pl = (struct pl *)(void *)((char *)via + textv[i].off);
	if (pl->p)
		return false;

	*pl = prm->val;
	if (!pl->p) {
		/* only keep may stand without a value (RFC 6223 s4.1) */
		pl->p = prm->name.p;
		return pl == &via->keep;
	}

	if (pl == &via->branch) {
		/* RFC 3261 s8.1.1.7: the magic cookie */
		via->rfc3261 = pl->l >= 7 && sip_same(pl->p, "z9hG4bK", 7);
		return !prm->quoted;
	}
	if (pl == &via->received)
		return received(pl);

	return true;
}


/** via-params; an IPv6 address without brackets is a value of received only */
static const char *via_param(struct sip_via *via, const char *p,
			     const char *end)
{
	struct sip_param prm = {{NULL, 0}, {NULL, 0}, false};
	const char *q;

	q = sip_gen_param(&prm, p, end);
	if (SIP_IS(&prm.name, "received") &&
	    (!q || (q < end && *q == ':'))) {
		p = sip_separator(prm.name.p + prm.name.l, end, '=');
		q = p ? sip_ipv6(p, end) : NULL;
		if (q)
			sip_set(&prm.val, p, q);
	}

	return q && keep_param(via, &prm) ? q : NULL;
}


static uint8_t transport(const struct pl *name)
{
	static const char tokenv[][5] = {"", "UDP", "TCP", "TLS", "SCTP"};

	for (unsigned i = 1; i < sizeof(tokenv) / sizeof(tokenv[0]); i++) {
		if (sip_is_word(name, tokenv[i]))
			return (uint8_t)i;
	}

	return SIP_TRANSP_OTHER;
}


/** sent-protocol = protocol-name SLASH protocol-version SLASH transport */
static const char *sent_protocol(struct sip_via *via, const char *p,
				 const char *end)
{
	const char *q;

	for (unsigned i = 0; i < 2; i++) {
		p = sip_token(p, end);
		p = p ? sip_separator(p, end, '/') : NULL;
		if (!p)
			return NULL;
	}

	q = sip_token(p, end);
	if (!q)
		return NULL;

	sip_set(&via->transp_name, p, q);
	via->transp = transport(&via->transp_name);

	return q;
}


/** sent-by = host [ COLON port ]; here white space may be around the colon */
static const char *sent_by(struct sip_via *via, const char *p,
			   const char *end)
{
	const char *q;
	uint32_t v;

	p = sip_host(&via->host, &via->host_type, p, end);
	q = p ? sip_separator(p, end, ':') : NULL;
	if (!q)
		return p;

	p = sip_number(&v, q, end);
	if (!p || !v || v > 65535)
		return NULL;
	via->port = (uint16_t)v;

	return p;
}


/** via-parm = sent-protocol LWS sent-by *( SEMI via-params ) */
const char *sip_via_scan(struct sip_via *via, const char *p, const char *end)
{
	const char *start = p, *q;

	memset(via, 0, sizeof(*via));

	p = sent_protocol(via, p, end);
	q = p ? sip_skip_sws(p, end) : NULL;
	if (q == p)
		return NULL;

	p = sent_by(via, q, end);
	if (!p)
		return NULL;

	q = sip_skip_sws(p, end);
	via->params.p = q;
	while ((q = sip_separator(p, end, ';')) != NULL) {
		p = via_param(via, q, end);
		if (!p)
			return NULL;
	}
	if (via->params.p > p)
		via->params.p = p;
	via->params.l = (size_t)(p - via->params.p);

	sip_set(&via->text, start, p);

	return p;
}


/**
 * A list of Via values
 *
 * @param first  The first one is kept here, NULL: not at all
 *
 * @return how many; 0: malformed.  *first is left alone where it is itself
 *         malformed
 */
unsigned sip_via_list(struct sip_via *first, const char *p, const char *end)
{
	struct sip_via via;
	unsigned n = 0;

	do {
		p = sip_via_scan(&via, p, end);
		if (p && !n && first)
			*first = via;
		++n;
	} while (sip_list_more(&p, end));

	return p ? n : 0;
}


/** media-type = m-type SLASH m-subtype *( SEMI m-attribute EQUAL m-value ) */
const char *sip_ctype_scan(struct sip_ctype *ct, const char *p,
			   const char *end)
{
	struct sip_param prm;
	const char *q;

	q = sip_token(p, end);
	if (!q)
		return NULL;
	sip_set(&ct->type, p, q);

	p = sip_separator(q, end, '/');
	q = p ? sip_token(p, end) : NULL;
	if (!q)
		return NULL;
	sip_set(&ct->subtype, p, q);

	p = q;
	ct->params.p = sip_skip_sws(p, end);
	while ((q = sip_separator(p, end, ';')) != NULL) {
		p = sip_gen_param(&prm, q, end);
		if (!p || !prm.val.p)
			return NULL;
	}
	if (ct->params.p > p)
		ct->params.p = p;
	ct->params.l = (size_t)(p - ct->params.p);

	return p;
}


int sip_ctype_decode(struct sip_ctype *ct, const struct pl *val)
{
	struct sip_ctype c;
	const char *p, *end = sip_end(val);

	if (!val->p)
		return EBADMSG;

	p = sip_ctype_scan(&c, sip_skip_sws(val->p, end), end);
	if (!p || sip_skip_sws(p, end) != end)
		return EBADMSG;

	*ct = c;

	return 0;
}


bool sip_ctype_is(const struct sip_ctype *ct, const char *type,
		  const char *subtype)
{
	return sip_is_word(&ct->type, type) &&
		(!subtype || sip_is_word(&ct->subtype, subtype));
}
