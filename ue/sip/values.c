/**
 * @file values.c  Decoders of single header field values
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


int sip_token_decode(struct pl *token, struct pl *params,
		     const struct pl *val)
{
	struct pl prms;
	const char *p, *q, *r, *end = sip_end(val);

	if (!val->p)
		return EBADMSG;

	p = sip_skip_sws(val->p, end);
	q = sip_token(p, end);
	r = q ? sip_gen_params(&prms, q, end) : NULL;
	if (!r || sip_skip_sws(r, end) != end)
		return EBADMSG;

	sip_set(token, p, q);
	*params = prms;

	return 0;
}


int sip_msg_event(struct sip_event *ev, const struct sip_msg *m)
{
	struct sip_event e = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct pl val;
	int err;

	err = sip_msg_hdr(&val, m, SIP_HDR_EVENT);
	if (!err)
		err = sip_token_decode(&e.type, &e.params, &val);
	if (err)
		return err;

	(void)sip_param_get(&e.id, &e.params, "id");
	*ev = e;

	return 0;
}


/** A number that may be absent; RFC 6665 has no rule for a bad one: refused */
static int opt_uint(uint32_t *v, const struct pl *params, const char *name)
{
	const int err = sip_param_uint(v, params, name);

	if (err == ENOENT)
		*v = UINT32_MAX;

	return err == ENOENT ? 0 : err;
}


int sip_msg_substate(struct sip_substate *ss, const struct sip_msg *m)
{
	static const char statev[][11] = {"active", "pending", "terminated"};
	struct sip_substate s;
	struct pl val, state;
	int err;

	memset(&s, 0, sizeof(s));

	err = sip_msg_hdr(&val, m, SIP_HDR_SUBSCRIPTION_STATE);
	if (!err)
		err = sip_token_decode(&state, &s.params, &val);
	if (!err)
		err = opt_uint(&s.expires_s, &s.params, "expires");
	if (!err)
		err = opt_uint(&s.retry_after_s, &s.params, "retry-after");
	if (err)
		return err;

	(void)sip_param_get(&s.reason, &s.params, "reason");

	for (unsigned i = 0; i < 3; i++) {
		if (sip_is_word(&state, statev[i]))
			s.state = (uint8_t)(SIP_SUBSTATE_ACTIVE + i);
	}

	*ss = s;

	return 0;
}


int sip_msg_rack(struct sip_rack *rack, const struct sip_msg *m)
{
	struct sip_rack r;
	struct pl val;
	const char *p, *q, *end;
	int err;

	err = sip_msg_hdr(&val, m, SIP_HDR_RACK);
	if (err)
		return err;

	/* RAck = response-num LWS CSeq-num LWS Method */
	end = sip_end(&val);
	q = sip_number(&r.rseq, val.p, end);
	p = q ? sip_skip_sws(q, end) : NULL;
	if (p == q)
		return EBADMSG;

	q = sip_number(&r.cseq, p, end);
	p = q ? sip_skip_sws(q, end) : NULL;
	if (p == q || sip_token(p, end) != end)
		return EBADMSG;

	sip_set(&r.met, p, end);
	*rack = r;

	return 0;
}


int sip_qvalue_decode(uint16_t *q, const struct pl *val)
{
	const char *p = val->p;
	unsigned v;

	/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
	if (!val->p || !val->l || val->l > 5 || (*p != '0' && *p != '1') ||
	    (val->l > 1 && p[1] != '.'))
		return EBADMSG;

	v = (unsigned)(*p - '0') * 1000;
	for (size_t i = 2, weight = 100; i < val->l; i++, weight /= 10) {
		if (!sip_is_digit(p[i]))
			return EBADMSG;
		v += (unsigned)(p[i] - '0') * (unsigned)weight;
	}
	if (v > 1000)
		return EBADMSG;

	*q = (uint16_t)v;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Security-Client, -Server, -Verify */

static int opt_port(uint16_t *port, const struct pl *params,
		    const char *name)
{
	uint32_t v;
	int err;

	err = opt_uint(&v, params, name);
	if (err)
		return err;
	if (v != UINT32_MAX && v > 65535)
		return EBADMSG;

	*port = v == UINT32_MAX ? 0 : (uint16_t)v;

	return 0;
}


static int opt_spi(uint32_t *spi, const struct pl *params, const char *name)
{
	const int err = sip_param_uint(spi, params, name);

	return err == ENOENT ? 0 : err;
}


static int sec_params(struct sip_sec_mech *mech)
{
	struct pl q;
	int err;

	(void)sip_param_get(&mech->alg,  &mech->params, "alg");
	(void)sip_param_get(&mech->ealg, &mech->params, "ealg");
	(void)sip_param_get(&mech->prot, &mech->params, "prot");
	(void)sip_param_get(&mech->mod,  &mech->params, "mod");

	mech->q = 1000;
	if (!sip_param_get(&q, &mech->params, "q") &&
	    sip_qvalue_decode(&mech->q, &q))
		return EBADMSG;

	err = opt_spi(&mech->spi_c, &mech->params, "spi-c");
	if (!err)
		err = opt_spi(&mech->spi_s, &mech->params, "spi-s");
	if (!err)
		err = opt_port(&mech->port_c, &mech->params, "port-c");
	if (!err)
		err = opt_port(&mech->port_s, &mech->params, "port-s");

	return err;
}


int sip_iter_sec_mech(struct sip_sec_mech *mech, struct sip_iter *it)
{
	struct sip_sec_mech s;
	int err;

	memset(&s, 0, sizeof(s));

	err = sip_iter_value(&s.text, it);
	if (err)
		return err;

	err = sip_token_decode(&s.name, &s.params, &s.text);
	if (!err)
		err = sec_params(&s);
	if (err)
		return EBADMSG;

	*mech = s;

	return 0;
}
