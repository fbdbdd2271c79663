/**
 * @file uas.c  What an ordinary UAS refuses (RFC 3261 s8.2.1 to s8.2.3)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


/** Is the text in the list?  nocase: tokens (option tags, media types); not
 *  for methods */
static bool in_list(const char *const *listv, const struct pl *pl,
		    bool nocase)
{
	for (; listv && *listv; ++listv) {
		if (pl->l != strlen(*listv))
			continue;
		if (nocase ? sip_same(pl->p, *listv, pl->l)
		    : !memcmp(pl->p, *listv, pl->l))
			return true;
	}

	return false;
}


/** Next option tag of Require that is not supported.  @return 0 or ENOENT;
 *  EBADMSG: the list is malformed */
int sip_next_unsupported(struct pl *tag, struct sip_iter *it,
			 const char *const *optionv)
{
	struct pl val;
	int err;

	while ((err = sip_iter_token(&val, it)) == 0) {
		if (!in_list(optionv, &val, true)) {
			*tag = val;
			return 0;
		}
	}

	return err;
}


/** RFC 3261 s8.2.2.3: Require */
static uint16_t check_require(const struct sip_msg *m,
			      const char *const *optionv)
{
	struct sip_iter it;
	struct pl tag;

	sip_iter_init(&it, m, SIP_HDR_REQUIRE);

	switch (sip_next_unsupported(&tag, &it, optionv)) {

	case 0:       return 420;
	case ENOENT:  return 0;
	default:      return 400;
	}
}


/** RFC 3261 s20.11: does the sender want the body to be understood? */
static bool handling_optional(const struct sip_msg *m)
{
	struct pl val, type, params, handling;

	return !sip_msg_hdr(&val, m, SIP_HDR_CONTENT_DISPOSITION) &&
		!sip_token_decode(&type, &params, &val) &&
		!sip_param_get(&handling, &params, "handling") &&
		sip_is_word(&handling, "optional");
}


/** Does a range (type/subtype, type/ *, * / *) cover the media type? */
static bool covers(const struct sip_ctype *range, const struct sip_ctype *ct)
{
	if (sip_is_word(&range->type, "*"))
		return true;

	return range->type.l == ct->type.l &&
		sip_same(range->type.p, ct->type.p, ct->type.l) &&
		(sip_is_word(&range->subtype, "*") ||
		 (range->subtype.l == ct->subtype.l &&
		  sip_same(range->subtype.p, ct->subtype.p, ct->subtype.l)));
}


static bool accepted(const char *const *acceptv, const struct sip_ctype *ct)
{
	for (; acceptv && *acceptv; ++acceptv) {

		const struct pl text = {*acceptv, strlen(*acceptv)};
		struct sip_ctype range;

		if (!sip_ctype_decode(&range, &text) && covers(&range, ct))
			return true;
	}

	return false;
}


bool sip_body_is_coded(const struct sip_msg *m)
{
	struct sip_iter it;
	struct pl coding;

	sip_iter_init(&it, m, SIP_HDR_CONTENT_ENCODING);
	while (!sip_iter_token(&coding, &it)) {
		if (!sip_is_word(&coding, "identity"))
			return true;
	}

	return false;
}


/** RFC 3261 s8.2.3: the body's encoding and type */
static uint16_t check_body(const struct sip_msg *m,
			   const char *const *acceptv)
{
	/* of a NOTIFY the subscription knows, whose end may be in it */
	if (!m->body.l || m->method == SIP_METHOD_NOTIFY)
		return 0;

	/* s20.15: Content-Type must be there if the body is not empty */
	if (!m->ctype.type.p)
		return 400;

	if (handling_optional(m))
		return 0;

	return sip_body_is_coded(m) || !accepted(acceptv, &m->ctype) ? 415 : 0;
}


/** RFC 3261 s20.1, s21.4.7: the answer to an INVITE is a session description;
 *  without Accept it is wanted, an Accept without it excludes it */
static uint16_t check_accept(const struct sip_msg *m)
{
	static const struct sip_ctype sdp = {
		{"application", 11}, {"sdp", 3}, {NULL, 0}
	};
	struct sip_iter it;
	struct sip_ctype range;
	struct pl val, type, params;
	int err;

	if (m->method != SIP_METHOD_INVITE || !sip_msg_has(m, SIP_HDR_ACCEPT))
		return 0;

	sip_iter_init(&it, m, SIP_HDR_ACCEPT);
	while ((err = sip_iter_value(&val, &it)) == 0) {
		/* s25.1: its parameters need no values */
		sip_value_split(&type, &params, &val);
		if (sip_ctype_decode(&range, &type))
			return 400;
		if (covers(&range, &sdp))
			return 0;
	}

	return err == ENOENT ? 406 : 400;
}


int sip_msg_uas_check(uint16_t *status, const struct sip_msg *m,
		      const char *const *methodv, const char *const *optionv,
		      const char *const *acceptv)
{
	uint16_t code;

	/* RFC 3261 s8.2.2.3, s9.2: neither is refused for these reasons */
	if (m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_CANCEL)
		return 0;

	/* the order of s8.2: method, header fields, content */
	if (!in_list(methodv, &m->met, false))
		code = m->method == SIP_METHOD_OTHER ? 501 : 405;
	else if (m->ruri.scheme == SIP_SCHEME_OTHER ||
		 m->ruri.scheme == SIP_SCHEME_URN)
		code = 416;
	else
		code = check_require(m, optionv);

	if (!code)
		code = check_body(m, acceptv);
	if (!code)
		code = check_accept(m);

	if (!code)
		return 0;

	*status = code;

	return EPROTO;
}
