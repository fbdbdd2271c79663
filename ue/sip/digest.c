/**
 * @file digest.c  Digest access authentication (RFC 7616, RFC 2617, RFC 3310,
 * RFC 4169)
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/constant_time.h>
#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include "ue/sip/core.h"
#include "ue/sip/digest.h"

#define MD5_LEN 16
#define SHA256_LEN 32
#define BLOCK_LEN 64            /* of both (RFC 2104) */

#define AUTS_LEN 14

/** Longest decoded nonce: 3 octets for 4 characters, and what libre's decoder
 *  may write behind them */
#define NONCE_RAW_MAX (UE_NONCE_MAX / 4 * 3 + 3)


/* no pointers: the table stays in read-only memory */
static const struct algorithm {
	char name[sizeof("AKAv2-SHA-256")];
	uint8_t aka;            /* version, 0 = none */
	bool sha256;
} algv[] = {
	[SIP_DIGEST_NONE]         = {"",               0, false},
	[SIP_DIGEST_MD5]          = {"MD5",            0, false},
	[SIP_DIGEST_SHA256]       = {"SHA-256",        0, true},
	[SIP_DIGEST_AKAV1_MD5]    = {"AKAv1-MD5",      1, false},
	[SIP_DIGEST_AKAV1_SHA256] = {"AKAv1-SHA-256",  1, true},
	[SIP_DIGEST_AKAV2_MD5]    = {"AKAv2-MD5",      2, false},
	[SIP_DIGEST_AKAV2_SHA256] = {"AKAv2-SHA-256",  2, true}
};

#define ALG_COUNT (sizeof(algv) / sizeof(algv[0]))


/* ------------------------------------------------------------------ */
/* Hashes */


struct hash {
	bool sha256;
	bool failed;            /* a crypto engine in hardware can       */
	union {
		mbedtls_md5_context md5;
		mbedtls_sha256_context sha;
	} u;
};


static size_t hash_len(bool sha256)
{
	return sha256 ? SHA256_LEN : MD5_LEN;
}


static void hash_init(struct hash *h, bool sha256)
{
	h->sha256 = sha256;
	if (sha256) {
		mbedtls_sha256_init(&h->u.sha);
		h->failed = mbedtls_sha256_starts_ret(&h->u.sha, 0) != 0;
	}
	else {
		mbedtls_md5_init(&h->u.md5);
		h->failed = mbedtls_md5_starts_ret(&h->u.md5) != 0;
	}
}


static void hash_add(struct hash *h, const void *data, size_t len)
{
	if (!len || h->failed)
		return;

	h->failed = (h->sha256
		     ? mbedtls_sha256_update_ret(&h->u.sha, data, len)
		     : mbedtls_md5_update_ret(&h->u.md5, data, len)) != 0;
}


static void hash_str(struct hash *h, const char *str)
{
	hash_add(h, str, strlen(str));
}


static void hash_pl(struct hash *h, const struct pl *pl)
{
	hash_add(h, pl->p, pl->p ? pl->l : 0);
}


/* The state is wiped: it may have seen a password */
static int hash_end(uint8_t out[SIP_DIGEST_HASH_MAX], struct hash *h)
{
	const bool failed = h->failed || (h->sha256
		? mbedtls_sha256_finish_ret(&h->u.sha, out)
		: mbedtls_md5_finish_ret(&h->u.md5, out));

	mbedtls_platform_zeroize(&h->u, sizeof(h->u));

	return failed ? EIO : 0;
}


static int hash_end_hex(char out[SIP_DIGEST_HEX_MAX], struct hash *h)
{
	static const char hex[] = "0123456789abcdef";
	const size_t len = hash_len(h->sha256);
	uint8_t md[SIP_DIGEST_HASH_MAX];
	size_t i;

	if (hash_end(md, h))
		return EIO;

	for (i = 0; i < len; i++) {
		out[2 * i]     = hex[md[i] >> 4];
		out[2 * i + 1] = hex[md[i] & 15];
	}
	out[2 * len] = '\0';

	mbedtls_platform_zeroize(md, sizeof(md));

	return 0;
}


/* RFC 2104 s2: one pad of the key, xored with v */
static void hmac_pad(struct hash *h, const uint8_t *key, size_t key_len,
		     uint8_t v)
{
	uint8_t c;
	size_t i;

	for (i = 0; i < BLOCK_LEN; i++) {
		c = (uint8_t)((i < key_len ? key[i] : 0) ^ v);
		hash_add(h, &c, 1);
	}

	mbedtls_platform_zeroize(&c, sizeof(c));
}


/* HMAC with a key of at most BLOCK_LEN octets */
static int hmac(uint8_t out[SIP_DIGEST_HASH_MAX], bool sha256,
		const uint8_t *key, size_t key_len, const char *text)
{
	struct hash h;

	hash_init(&h, sha256);
	hmac_pad(&h, key, key_len, 0x36);
	hash_str(&h, text);
	if (hash_end(out, &h))
		return EIO;

	hash_init(&h, sha256);
	hmac_pad(&h, key, key_len, 0x5c);
	hash_add(&h, out, hash_len(sha256));

	return hash_end(out, &h);
}


/* ------------------------------------------------------------------ */
/* Algorithms */


enum sip_digest_alg sip_digest_alg(const struct pl *name)
{
	unsigned i;

	/* RFC 7616 s3.3: not there is MD5 */
	if (!name->p)
		return SIP_DIGEST_MD5;

	for (i = 1; i < ALG_COUNT; i++) {
		if (!pl_strcasecmp(name, algv[i].name))
			return (enum sip_digest_alg)i;
	}

	return SIP_DIGEST_NONE;
}


static const struct algorithm *algorithm(unsigned alg)
{
	return &algv[alg < ALG_COUNT ? alg : 0];
}


const char *sip_digest_alg_name(enum sip_digest_alg alg)
{
	return algorithm(alg)->name;
}


bool sip_digest_is_aka(enum sip_digest_alg alg)
{
	return algorithm(alg)->aka != 0;
}


/* RFC 7616 s3.4.2: A1 = username ":" realm ":" password */
int sip_digest_ha1(char ha1[SIP_DIGEST_HEX_MAX], enum sip_digest_alg alg,
		   const struct pl *username, const struct pl *realm,
		   const void *pw, size_t pw_len)
{
	struct hash h;

	if (!algorithm(alg)->name[0])
		return ENOTSUP;

	hash_init(&h, algorithm(alg)->sha256);
	hash_pl(&h, username);
	hash_str(&h, ":");
	hash_pl(&h, realm);
	hash_str(&h, ":");
	hash_add(&h, pw, pw_len);

	return hash_end_hex(ha1, &h);
}


/* RFC 7616 s3.4.3: A2 = method ":" uri, with auth-int ":" H(body) */
static int ha2(char out[SIP_DIGEST_HEX_MAX],
	       const struct sip_digest_input *in)
{
	const bool sha256 = algorithm(in->alg)->sha256;
	struct hash h;

	/* out holds the hash of the body first */
	if (in->qop == SIP_QOP_AUTH_INT) {
		hash_init(&h, sha256);
		hash_add(&h, in->body, in->body_len);
		if (hash_end_hex(out, &h))
			return EIO;
	}

	hash_init(&h, sha256);
	hash_pl(&h, &in->method);
	hash_str(&h, ":");
	hash_pl(&h, &in->uri);
	if (in->qop == SIP_QOP_AUTH_INT) {
		hash_str(&h, ":");
		hash_str(&h, out);
	}

	return hash_end_hex(out, &h);
}


static const char *qop_name(unsigned qop)
{
	return qop == SIP_QOP_AUTH_INT ? "auth-int" : "auth";
}


/* RFC 7616 s3.4.1; without qop as RFC 2617 s3.2.2.1 */
int sip_digest_response(char res[SIP_DIGEST_HEX_MAX],
			const struct sip_digest_input *in)
{
	char a2[SIP_DIGEST_HEX_MAX];
	char nc[9];
	struct hash h;

	if (!algorithm(in->alg)->name[0])
		return ENOTSUP;

	if (ha2(a2, in))
		return EIO;

	hash_init(&h, algorithm(in->alg)->sha256);
	hash_str(&h, in->ha1);
	hash_str(&h, ":");
	hash_pl(&h, &in->nonce);
	hash_str(&h, ":");
	if (in->qop != SIP_QOP_NONE) {
		hash_str(&h, sip_hex32(nc, in->nc));
		hash_str(&h, ":");
		hash_pl(&h, &in->cnonce);
		hash_str(&h, ":");
		hash_str(&h, qop_name(in->qop));
		hash_str(&h, ":");
	}
	hash_str(&h, a2);

	return hash_end_hex(res, &h);
}


/* RFC 4169 s2.1 */
size_t sip_digest_akav2_password(char pw[48], enum sip_digest_alg alg,
				 const struct ue_usim_res *res)
{
	const struct algorithm *a = algorithm(alg);
	uint8_t key[16 + 16 + 16];
	uint8_t md[SIP_DIGEST_HASH_MAX];
	size_t n = res->res_len, pw_len = 47;

	if (a->aka != 2 || n > 16)
		return 0;

	memcpy(key, res->res, n);
	memcpy(key + n, res->ik, 16);
	memcpy(key + n + 16, res->ck, 16);

	if (hmac(md, a->sha256, key, n + 32, "http-digest-akav2-password") ||
	    base64_encode(md, hash_len(a->sha256), pw, &pw_len))
		pw_len = 0;
	pw[pw_len] = '\0';

	mbedtls_platform_zeroize(key, sizeof(key));
	mbedtls_platform_zeroize(md, sizeof(md));

	return pw_len;
}


/* RFC 4169 s2.2 */
size_t sip_digest_akav2_keys(uint8_t ik2[SIP_DIGEST_HASH_MAX],
			     uint8_t ck2[SIP_DIGEST_HASH_MAX],
			     enum sip_digest_alg alg, const uint8_t ik[16],
			     const uint8_t ck[16])
{
	const struct algorithm *a = algorithm(alg);

	if (a->aka != 2 ||
	    hmac(ik2, a->sha256, ik, 16, "http-digest-akav2-integritykey") ||
	    hmac(ck2, a->sha256, ck, 16, "http-digest-akav2-cipherkey"))
		return 0;

	return hash_len(a->sha256);
}


/* ------------------------------------------------------------------ */
/* One protection space */


void sip_auth_close(struct sip_auth *auth)
{
	mbedtls_platform_zeroize(auth, sizeof(*auth));
}


static void copy(char *dst, const struct pl *src)
{
	const size_t len = src->p ? src->l : 0;

	if (len)
		memcpy(dst, src->p, len);
	dst[len] = '\0';
}


static bool is_text(const char *str, const struct pl *pl)
{
	const size_t len = strlen(str);

	return len == (pl->p ? pl->l : 0) &&
		(!len || !memcmp(str, pl->p, len));
}


/* RFC 7616 s3.3: a list; unknown values are left aside */
static int choose_qop(enum sip_digest_qop *qop, const struct pl *list)
{
	struct sip_iter it;
	struct pl val;
	bool auth = false, auth_int = false;

	if (!list->p) {
		*qop = SIP_QOP_NONE;
		return 0;
	}

	sip_iter_text(&it, list);
	while (!sip_iter_value(&val, &it)) {
		if (!pl_strcasecmp(&val, "auth"))
			auth = true;
		else if (!pl_strcasecmp(&val, "auth-int"))
			auth_int = true;
	}

	if (!auth && !auth_int)
		return ENOTSUP;

	*qop = auth ? SIP_QOP_AUTH : SIP_QOP_AUTH_INT;

	return 0;
}


int sip_auth_challenge(struct sip_auth *auth, const struct sip_digest *ch)
{
	const enum sip_digest_alg alg = sip_digest_alg(&ch->algorithm);
	enum sip_digest_qop qop = SIP_QOP_NONE;
	bool stale, keep;
	int err;

	if (alg == SIP_DIGEST_NONE)
		return ENOTSUP;

	err = choose_qop(&qop, &ch->qop);
	if (err)
		return err;

	if (!ch->realm.p || !ch->nonce.p)
		return EBADMSG;

	if (ch->realm.l >= sizeof(auth->realm) ||
	    ch->nonce.l >= sizeof(auth->nonce) ||
	    (ch->opaque.p && ch->opaque.l >= sizeof(auth->opaque)))
		return EOVERFLOW;

	/* RFC 7616 s3.3: only the nonce is old, the password is right */
	stale = ch->stale.p && !pl_strcasecmp(&ch->stale, "true");
	keep = stale && auth->ready && auth->alg == alg &&
		!sip_digest_is_aka(alg) && is_text(auth->realm, &ch->realm);

	if (!keep)
		sip_auth_close(auth);

	auth->alg = (uint8_t)alg;
	auth->qop = (uint8_t)qop;
	auth->stale = stale;
	auth->has_opaque = ch->opaque.p != NULL;
	auth->nc = 0;
	auth->cnonce[0] = '\0';
	copy(auth->realm, &ch->realm);
	copy(auth->nonce, &ch->nonce);
	copy(auth->opaque, &ch->opaque);

	return 0;
}


/* RFC 4648 s3.3: libre's decoder takes any octet for one of its alphabet */
static bool is_base64(const char *str)
{
	const size_t n = strspn(str, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/");
	const size_t pad = strspn(str + n, "=");

	return !str[n + pad] && pad <= 2 && (n + pad) % 4 == 0;
}


/* RFC 3310 s3.2: nonce = base64(RAND AUTN server-data) */
int sip_auth_aka_nonce(uint8_t rand[16], uint8_t autn[16],
		       const struct sip_auth *auth)
{
	uint8_t raw[NONCE_RAW_MAX];
	size_t len = sizeof(raw);

	if (!sip_digest_is_aka(auth->alg))
		return ENOTSUP;

	if (!is_base64(auth->nonce) ||
	    base64_decode(auth->nonce, strlen(auth->nonce), raw, &len) ||
	    len < 32)
		return EBADMSG;

	memcpy(rand, raw, 16);
	memcpy(autn, raw + 16, 16);

	return 0;
}


int sip_auth_password(struct sip_auth *auth, const struct pl *username,
		      const void *pw, size_t pw_len)
{
	struct pl realm;
	int err;

	if (!auth->alg)
		return EINVAL;

	pl_set_str(&realm, auth->realm);
	err = sip_digest_ha1(auth->ha1, auth->alg, username, &realm, pw,
			     pw_len);
	auth->ready = !err;

	return err;
}


int sip_auth_aka(struct sip_auth *auth, const struct pl *username,
		 const struct ue_usim_res *res)
{
	char pw[48];
	size_t len;
	int err;

	if (!sip_digest_is_aka(auth->alg) || res->status != UE_USIM_OK ||
	    res->res_len > sizeof(res->res))
		return EINVAL;

	/* RFC 3310 s3.3: RES itself; RFC 4169 s2.1 */
	if (algorithm(auth->alg)->aka == 1)
		return sip_auth_password(auth, username, res->res,
					 res->res_len);

	len = sip_digest_akav2_password(pw, auth->alg, res);
	err = len ? sip_auth_password(auth, username, pw, len) : EIO;
	mbedtls_platform_zeroize(pw, sizeof(pw));

	return err;
}


/* Of a request (method) or of its answer (no method) */
static int respond(char res[SIP_DIGEST_HEX_MAX], const struct sip_auth *auth,
		   enum sip_digest_qop qop, const struct pl *method,
		   const struct pl *uri, const void *body, size_t body_len)
{
	struct sip_digest_input in;

	memset(&in, 0, sizeof(in));
	in.alg = auth->alg;
	in.qop = qop;
	in.ha1 = auth->ha1;
	in.uri = *uri;
	in.nc  = auth->nc;
	in.body     = body;
	in.body_len = body_len;
	if (method)
		in.method = *method;
	pl_set_str(&in.nonce, auth->nonce);
	pl_set_str(&in.cnonce, auth->cnonce);

	return sip_digest_response(res, &in);
}


/* RFC 3310 s3.4 */
static void write_auts(struct sip_writer *w, const uint8_t *auts)
{
	char str[24];
	size_t len = sizeof(str) - 1;

	if (base64_encode(auts, AUTS_LEN, str, &len))
		return;

	str[len] = '\0';
	sip_writer_fmt(w, ",auts=\"%s\"", str);
}


/* What came in quotes goes out as it came, escapes and all */
static void write_credentials(struct sip_writer *w, enum sip_hdr_id id,
			      const struct sip_auth *auth,
			      const struct sip_auth_request *req,
			      const char *response)
{
	sip_writer_name(w, id);
	sip_writer_fmt(w, "Digest username=%q,realm=\"%s\",nonce=\"%s\"",
		       &req->username, auth->realm, auth->nonce);
	sip_writer_fmt(w, ",uri=\"%r\",response=\"%s\",algorithm=%s",
		       &req->uri, response, algv[auth->alg].name);

	/* RFC 7616 s3.4: qop without quotes, nc 8 digits */
	if (auth->qop != SIP_QOP_NONE)
		sip_writer_fmt(w, ",qop=%s,nc=%x,cnonce=\"%s\"",
			       qop_name(auth->qop), auth->nc, auth->cnonce);

	if (auth->has_opaque)
		sip_writer_fmt(w, ",opaque=\"%s\"", auth->opaque);

	if (req->auts)
		write_auts(w, req->auts);

	sip_writer_eol(w);
}


int sip_auth_write(struct sip_writer *w, enum sip_hdr_id id,
		   struct sip_auth *auth, struct sip *sip,
		   const struct sip_auth_request *req)
{
	char response[SIP_DIGEST_HEX_MAX];
	int err;

	if (!auth->ready)
		return EINVAL;

	err = sip_random_hex(sip, auth->cnonce, sizeof(auth->cnonce));
	if (err)
		return err;

	++auth->nc;

	err = respond(response, auth, auth->qop, &req->method, &req->uri,
		      req->body, req->body_len);
	if (err)
		return err;

	write_credentials(w, id, auth, req, response);

	return sip_writer_err(w);
}


/* RFC 7616 s3.5: cnonce and nc are those of the request */
static bool echoes(const struct sip_auth *auth, const struct sip_digest *info)
{
	char nc[9];

	if (info->cnonce.p && !is_text(auth->cnonce, &info->cnonce))
		return false;

	return !info->nc.p || is_text(sip_hex32(nc, auth->nc), &info->nc);
}


static bool rspauth_ok(const struct sip_auth *auth,
		       const struct sip_digest *info, const struct pl *uri,
		       const void *body, size_t body_len)
{
	enum sip_digest_qop qop = auth->qop;
	char want[SIP_DIGEST_HEX_MAX];
	size_t len;

	/* the response may be protected in another way than the request */
	if (info->qop.p)
		qop = pl_strcasecmp(&info->qop, "auth-int")
			? SIP_QOP_AUTH : SIP_QOP_AUTH_INT;

	if (respond(want, auth, qop, NULL, uri, body, body_len))
		return false;

	len = strlen(want);

	return info->rspauth.l == len &&
		!mbedtls_ct_memcmp(want, info->rspauth.p, len);
}


int sip_auth_info(struct sip_auth *auth, const struct sip_digest *info,
		  const struct pl *uri, const void *body, size_t body_len)
{
	if (!auth->ready)
		return EINVAL;

	if (info->rspauth.p &&
	    (!echoes(auth, info) ||
	     !rspauth_ok(auth, info, uri, body, body_len)))
		return EACCES;

	/* RFC 7616 s3.5: it should be used; one that does not fit costs
	   another challenge */
	if (!info->nextnonce.p || info->nextnonce.l >= sizeof(auth->nonce))
		return 0;

	copy(auth->nonce, &info->nextnonce);
	auth->nc = 0;

	return 0;
}
