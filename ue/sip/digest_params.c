/**
 * @file digest_params.c  Digest challenges, credentials and
 *                        Authentication-Info (RFC 3261 s25.1, RFC 7616)
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "ue/sip/scan.h"


static const struct {
	char name[10];
	uint8_t off;
} paramv[] = {
	{"realm",     offsetof(struct sip_digest, realm)},
	{"nonce",     offsetof(struct sip_digest, nonce)},
	{"opaque",    offsetof(struct sip_digest, opaque)},
	{"algorithm", offsetof(struct sip_digest, algorithm)},
	{"qop",       offsetof(struct sip_digest, qop)},
	{"stale",     offsetof(struct sip_digest, stale)},
	{"domain",    offsetof(struct sip_digest, domain)},
	{"username",  offsetof(struct sip_digest, username)},
	{"uri",       offsetof(struct sip_digest, uri)},
	{"response",  offsetof(struct sip_digest, response)},
	{"cnonce",    offsetof(struct sip_digest, cnonce)},
	{"nc",        offsetof(struct sip_digest, nc)},
	{"auts",      offsetof(struct sip_digest, auts)},
	{"nextnonce", offsetof(struct sip_digest, nextnonce)},
	{"rspauth",   offsetof(struct sip_digest, rspauth)},
};


/**
 * Note a known parameter
 *
 * @param dg    Where it is kept; NULL: it is only checked
 * @param seen  Bits of those that were there
 *
 * @return false: the second one of that name
 */
static bool keep(struct sip_digest *dg, uint32_t *seen,
		 const struct sip_param *prm)
{
	for (unsigned i = 0; i < sizeof(paramv) / sizeof(paramv[0]); i++) {

		if (!sip_is_word(&prm->name, paramv[i].name))
			continue;

		if (dg)
			*(struct pl *)(void *)((char *)dg + paramv[i].off) =
				prm->val;
		else if (*seen >> i & 1)
			return false;
		*seen |= UINT32_C(1) << i;
	}

	return true;
}


/** auth-param *( COMMA auth-param ), auth-param = token EQUAL
 *  ( token / quoted-string ) */
static bool scan(struct sip_digest *dg, const char *p, const char *end)
{
	struct sip_param prm;
	uint32_t seen = 0;
	const char *q;

	for (;;) {
		q = sip_gen_param(&prm, sip_skip_sws(p, end), end);
		if (!q || !prm.val.p || !keep(dg, &seen, &prm))
			return false;

		p = sip_separator(q, end, ',');
		if (!p)
			return sip_skip_sws(q, end) == end;
	}
}


/** Check first, then write: the struct is too large for a copy on the
 *  stack */
static int params(struct sip_digest *dg, const char *p, const char *end)
{
	if (!scan(NULL, p, end))
		return EBADMSG;

	memset(dg, 0, sizeof(*dg));
	(void)scan(dg, p, end);

	return 0;
}


int sip_digest_decode(struct sip_digest *dg, const struct pl *val)
{
	struct pl scheme;
	const char *p, *q, *end = sip_end(val);

	if (!val->p)
		return EBADMSG;

	p = sip_skip_sws(val->p, end);
	q = sip_token(p, end);
	if (!q || q == end || !sip_is_sp(*q))
		return EBADMSG;

	sip_set(&scheme, p, q);
	if (!sip_is_word(&scheme, "Digest"))
		return ENOTSUP;

	return params(dg, q, end);
}


int sip_authinfo_decode(struct sip_digest *dg, const struct pl *val)
{
	return val->p ? params(dg, val->p, sip_end(val)) : EBADMSG;
}
