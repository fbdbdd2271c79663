/**
 * @file msrp/relay.c  Authorisation at a relay: AUTH with digest (RFC 4976
 *                     s5.1, s9.1; RFC 2617)
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/constant_time.h>
#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include "msrp/core.h"
#include "msrp/head.h"
#include "msrp/relay.h"

#if MSRP_RELAY

enum { HEX = 33 };


int msrp_auth(struct msrp_session *s, uint64_t now_ms, unsigned conn,
	      struct msrp_auth *a)
{
	struct msrp *m = s->m;
	struct msrp_conn *c = &m->connv[conn];

	m->now_ms = (uint32_t)now_ms;
	if (conn >= MSRP_CONNS || !a->relay || !a->user || !a->password)
		return EINVAL;
	if (s->auth)
		return EBUSY;

	msrp_conn_begin(m, c);
	if (!msrp_request_new(c, MSRP_K_AUTH, s))
		return ENOMEM;

	s->auth = a;
	a->conn = c;
	a->challenges = 0;
	c->kept = true;
	msrp_pump(m, c);

	return 0;
}


/** MD5 of n texts with ":" between them.  @return 0; not 0: it failed */
static int md5(char hex[HEX], unsigned n, ...)
{
	mbedtls_md5_context ctx;
	const char *str, *colon = "";
	uint8_t md[16];
	va_list ap;
	int bad;

	mbedtls_md5_init(&ctx);
	bad = mbedtls_md5_starts_ret(&ctx);
	va_start(ap, n);
	for (; n && !bad; --n) {
		str = va_arg(ap, const char *);
		bad = mbedtls_md5_update_ret(&ctx, (const uint8_t *)colon,
					     strlen(colon)) ||
			mbedtls_md5_update_ret(&ctx, (const uint8_t *)str,
					       strlen(str));
		colon = ":";
	}
	va_end(ap);
	bad = bad || mbedtls_md5_finish_ret(&ctx, md);
	mbedtls_md5_free(&ctx);

	if (!bad)
		msrp_hex(hex, md, sizeof(md));
	mbedtls_platform_zeroize(md, sizeof(md));

	return bad;
}


/* RFC 2617 s3.2.2: request-digest, with the method AUTH (RFC 4976 s9.1);
   s3.2.3: response-digest, without a method.  Not 0: it failed */
static int digest(char resp[HEX], const struct msrp_auth *a,
		  const char *method, const char *cnonce)
{
	char ha[HEX];

	if (md5(resp, 3, a->user, a->realm, a->password) ||
	    md5(ha, 2, method, a->relay))
		return EIO;

	return a->qop ? md5(resp, 6, resp, a->nonce, "00000001", cnonce,
			    "auth", ha)
		: md5(resp, 3, resp, a->nonce, ha);
}


/** The header fields of AUTH; t->full, too, where there is no digest */
void msrp_auth_write(struct msrp_text *t, const struct msrp_auth *a,
		     const char *cnonce)
{
	char resp[HEX];

	if (a->expires_s)
		msrp_putf(t, "Expires: %u\r\n", a->expires_s);
	if (!a->challenges)
		return;

	if (digest(resp, a, "AUTH", cnonce)) {
		t->full = true;
		return;
	}
	msrp_putf(t, "Authorization: Digest username=\"%s\", realm=\"%s\", "
		  "nonce=\"%s\", uri=\"%s\", response=\"%s\"", a->user,
		  a->realm, a->nonce, a->relay, resp);
	if (a->opaque[0])
		msrp_putf(t, ", opaque=\"%s\"", a->opaque);
	if (a->qop)
		msrp_putf(t, ", cnonce=\"%s\", qop=auth, nc=00000001",
			  cnonce);
	msrp_put(t, "\r\n");
}


/** The next parameter of a challenge: name "=" (value / quoted-string) */
static bool param(struct pl *name, struct pl *val, struct pl *rest)
{
	const char *p = rest->p, *end = p + rest->l, *q;

	while (p < end && (*p == ' ' || *p == ','))
		++p;
	q = memchr(p, '=', (size_t)(end - p));
	if (!q)
		return false;
	name->p = p;
	name->l = (size_t)(q - p);

	p = q + 1;
	if (p < end && *p == '"') {
		++p;
		q = memchr(p, '"', (size_t)(end - p));
		if (!q)
			return false;
	}
	else {
		q = memchr(p, ',', (size_t)(end - p));
		if (!q)
			q = end;
	}
	val->p = p;
	val->l = (size_t)(q - p);
	rest->p = q + (q < end);
	rest->l = (size_t)(end - rest->p);

	return true;
}


/** A challenge of RFC 2617 with MD5; false: none that can be answered */
static bool challenge(struct msrp_auth *a, const struct pl *www)
{
	static const char names[] = "\5" "realm" "\5" "nonce" "\6" "opaque"
		"\11" "algorithm" "\3" "qop" "\5" "stale";
	struct pl rest = *www, name, val;
	bool stale = false;

	if (www->l < 7 || memcmp(www->p, "Digest ", 7))
		return false;
	pl_advance(&rest, 7);

	a->realm[0] = a->nonce[0] = a->opaque[0] = '\0';
	a->qop = false;
	while (param(&name, &val, &rest)) {

		const unsigned i = msrp_name_find(names, &name, false);
		char *str = i == 0 ? a->realm : i == 1 ? a->nonce : a->opaque;
		const size_t size = i == 1 ? sizeof(a->nonce) :
			sizeof(a->realm);

		if (i < 3) {
			if (val.l >= size || memchr(val.p, '\\', val.l))
				return false;
			msrp_str_pl(str, size, &val);
		}
		else if (i == 3 && pl_strcasecmp(&val, "MD5")) {
			return false;
		}
		else if (i == 4) {
			/* RFC 4976 s9.1: qop auth */
			a->qop = true;
		}
		else if (i == 5) {
			stale = !pl_strcasecmp(&val, "true");
		}
	}
	if (!a->realm[0] || !a->nonce[0])
		return false;

	/* RFC 2617 s3.2.1: stale: the password was not what was wrong */
	return !a->challenges++ || (stale && a->challenges == 2);
}


/* RFC 4976 s9.1: the relay shows that it knows the password.  One that shows
   nothing is taken: many do not */
static bool proven(const struct msrp_auth *a, const struct msrp_head *h)
{
	static const char names[] = "\7" "rspauth";
	struct pl rest = h->hdrv[MSRP_AUTHENTICATION_INFO], name, val;
	char cnonce[MSRP_TID_MAX + 1], want[HEX];

	if (!a->challenges || !rest.l)
		return true;

	/* our cnonce was the identifier of the transaction */
	msrp_str_pl(cnonce, sizeof(cnonce), &h->tid);
	if (digest(want, a, "", cnonce))
		return false;
	while (param(&name, &val, &rest)) {
		if (!msrp_name_find(names, &name, false))
			return val.l == HEX - 1 &&
				!mbedtls_ct_memcmp(want, val.p, HEX - 1);
	}

	return false;
}


/** A response to AUTH, in m->head; or none: 408 */
void msrp_auth_answered(struct msrp *m, struct msrp_conn *c,
			struct msrp_session *s, uint16_t status)
{
	struct msrp_auth *a = s->auth;
	struct pl path = {NULL, 0};
	uint32_t expires = 0;

	if (status == 401 &&
	    challenge(a, &m->head.hdrv[MSRP_WWW_AUTHENTICATE])) {
		if (msrp_request_new(c, MSRP_K_AUTH, s))
			return;
		status = 408;
	}

	s->auth = NULL;
	if (status == 200 && !proven(a, &m->head))
		status = 0;
	if (status == 200) {
		path = m->head.hdrv[MSRP_USE_PATH];
		(void)msrp_head_u32(&expires, &m->head, MSRP_EXPIRES);
	}
	else if (status == 423) {
		if (!msrp_head_u32(&expires, &m->head, MSRP_MIN_EXPIRES))
			(void)msrp_head_u32(&expires, &m->head,
					    MSRP_MAX_EXPIRES);
	}
	a->auth_h(s, status, &path, expires, a->arg);
}


/** A connection has ended: there will be no response to what was asked */
void msrp_auth_lost(struct msrp *m, struct msrp_conn *c)
{
	struct msrp_session *s;

	for (s = m->sessv; s < m->sessv + MSRP_SESSIONS; s++) {
		if (s->auth && s->auth->conn == c)
			msrp_auth_answered(m, c, s, 408);
	}
}

#endif
