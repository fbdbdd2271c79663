/*
 * Proof: decoders of single values (ue/sip/values.c)
 *
 * On values of any length and contents, in memory of exactly that size, or
 * values that are not there: nothing is read outside of them, and numbers are
 * in their range.  The scanners are called by their contracts in sip.h; the
 * one loop is bounded by the five octets of a qvalue.  The check of conversions
 * takes minutes for RAck: that the length of its method is no negative one is
 * said in its stead.  Not here: that what is kept of other values lies in them,
 * which is as the scanners say it.
 *
 * unwind: 5
 * prove: sip_token_decode --conversion-check
 * bug: sip_token_decode: ue/sip/values.c s/r = q ? \(sip_gen.*\) : NULL/r = \1/
 * prove: sip_msg_event --conversion-check
 * bug: sip_msg_event: ue/sip/values.c s/^	if (!err)$/	if (1)/
 * prove: sip_msg_substate --conversion-check
 * bug: sip_msg_substate: ue/sip/values.c s/i < 3; i++/i < 4; i++/
 * prove: sip_msg_rack
 * bug: sip_msg_rack: ue/sip/values.c s/p = q ? \(sip_sk.*\) : NULL/p = \1/
 * prove: sip_qvalue_decode --conversion-check
 * bug: sip_qvalue_decode: ue/sip/values.c s/ || val->l > 5//
 * bug: sip_qvalue_decode: ue/sip/values.c s/!val->l || //
 * bug: sip_qvalue_decode: ue/sip/values.c s/if (v > 1000)/if (v > 2000)/
 * prove: opt_port --conversion-check
 * bug: opt_port: ue/sip/values.c s/v > 65535/v > 65536/
 * prove: sec_params --conversion-check
 * bug: sec_params: ue/sip/values.c s/&mech->params, "q") &&/\&mech->params, "q") ||/
 * prove: sip_iter_sec_mech --conversion-check
 * bug: sip_iter_sec_mech: ue/sip/values.c s/&s.params, &s.text)/\&s.params, \&mech->text)/
 */
#define SKIP_ANY
#include "test/proof/sip.h"
#include "ue/sip/values.c"


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** Values of header fields and of lists: one text stands for all */
static const char *text, *text_end;


int sip_msg_hdr(struct pl *val, const struct sip_msg *m, enum sip_hdr_id id)
{
	(void)m;
	ASSERT(id < SIP_HDR_COUNT);
	if (nondet_bool())
		return ENOENT;
	any_part(val, text, text_end);

	return 0;
}


int sip_iter_value(struct pl *val, struct sip_iter *it)
{
	(void)it;
	if (nondet_bool())
		return nondet_bool() ? ENOENT : EBADMSG;
	any_part(val, text, text_end);

	return 0;
}


int sip_param_uint(uint32_t *v, const struct pl *params, const char *name)
{
	(void)name;
	ASSERT(!params->p || readable(params->p, params->l));
	if (nondet_bool())
		return nondet_bool() ? ENOENT : EBADMSG;
	*v = nondet_u32();

	return 0;
}


/* ------------------------------------------------------------------ */

/** The parts are the value's */
int sip_token_decode_contract(struct pl *token, struct pl *params,
			      const struct pl *val)
{
	ASSERT(readable(val->p, val->l));
	if (nondet_bool())
		return EBADMSG;
	any_part(token, text, text_end);
	any_part(params, text, text_end);

	return 0;
}


void prove_sip_token_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	struct pl token, params;

	ASSERT(sip_token_decode(&token, &params, &none) == EBADMSG);
	if (!sip_token_decode(&token, &params, &val))
		ASSERT(__CPROVER_same_object(token.p, p) &&
		       __CPROVER_same_object(params.p, p));
}


void prove_sip_msg_event(void)
{
	struct sip_event ev;

	text = any_text(&text_end);
	(void)sip_msg_event(&ev, NULL);
}


void prove_sip_msg_substate(void)
{
	struct sip_substate ss;

	text = any_text(&text_end);
	if (!sip_msg_substate(&ss, NULL))
		ASSERT(ss.state <= SIP_SUBSTATE_TERMINATED);
}


void prove_sip_msg_rack(void)
{
	struct sip_rack rack;

	text = any_text(&text_end);
	if (!sip_msg_rack(&rack, NULL))
		ASSERT(rack.met.l <= (size_t)__CPROVER_OBJECT_SIZE(text));
}


int sip_qvalue_decode_contract(uint16_t *q, const struct pl *val)
{
	ASSERT(!val->p || readable(val->p, val->l));
	*q = nondet_u16();

	return nondet_bool() ? EBADMSG : 0;
}


void prove_sip_qvalue_decode(void)
{
	const char *end, *p = any_text(&end);
	const struct pl none = {NULL, 0}, val = {p, (size_t)(end - p)};
	uint16_t q;

	ASSERT(sip_qvalue_decode(&q, &none) == EBADMSG);
	if (!sip_qvalue_decode(&q, &val))
		ASSERT(q <= 1000);
}


void prove_opt_port(void)
{
	const char *end, *p = any_text(&end);
	const struct pl params = {p, (size_t)(end - p)};
	uint16_t port;

	(void)opt_port(&port, &params, "port-c");
}


int sec_params_contract(struct sip_sec_mech *mech)
{
	ASSERT(readable(mech->params.p, mech->params.l));

	return nondet_bool() ? EBADMSG : 0;
}


void prove_sec_params(void)
{
	const char *end, *p = any_text(&end);
	struct sip_sec_mech mech = {.params = {p, (size_t)(end - p)}};

	(void)sec_params(&mech);
}


void prove_sip_iter_sec_mech(void)
{
	struct sip_sec_mech mech;

	text = any_text(&text_end);
	(void)sip_iter_sec_mech(&mech, NULL);
}
