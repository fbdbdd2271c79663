/*
 * Proof: lengths in digest authentication (ue/sip/digest.c)
 *
 * A challenge and an Authentication-Info have values of any length, each in
 * memory of exactly that size, or not there.  They are copied within the
 * members of struct sip_auth, which end with a zero then, and are compared
 * within both.  RAND and AUTN are octets that the nonce had, never what was on
 * the stack; base64 is decoded and written within its buffer.  Hashes and
 * their digits fit, the key of AKAv2 too, for any length of RES.  Loops are
 * proved by induction and calls by contracts, so there is no bound.  Not here:
 * what is hashed in which order, which unit tests are for, and the hashes
 * themselves.
 *
 * unwind: 9
 * prove: hash_add
 * bug: hash_add: ue/sip/digest.c s/u.md5, data, len)/u.md5, data, len + 1)/
 * prove: hash_pl
 * bug: hash_pl: ue/sip/digest.c s/pl->p ? pl->l : 0/pl->l/
 * prove: hash_end
 * bug: hash_end: ue/sip/digest.c s/|| (h->sha256/|| (!h->sha256/
 * prove: hash_end_hex
 * bug: hash_end_hex: ue/sip/digest.c s/out.2 . len. = /out[2 * len + 1] = /
 * bug: hash_end_hex: ue/sip/digest.c s/uint8_t md.SIP_DIGEST_HASH_MAX.;/uint8_t md[MD5_LEN];/
 * prove: hmac_pad
 * bug: hmac_pad: ue/sip/digest.c s/i < key_len ?/i <= key_len ?/
 * prove: hmac
 * bug: hmac: ue/sip/digest.c s/hash_add(&h, out, hash_len(sha256))/hash_add(\&h, out, 33)/
 * prove: sip_digest_alg
 * bug: sip_digest_alg: ue/sip/digest.c s/i < ALG_COUNT; i++/i <= ALG_COUNT; i++/
 * bug: sip_digest_alg: ue/sip/digest.c s/if (!name->p)/if (0)/
 * prove: sip_digest_akav2_password
 * bug: sip_digest_akav2_password: ue/sip/digest.c s/a->aka != 2 || n > 16/a->aka != 2/
 * bug: sip_digest_akav2_password: ue/sip/digest.c s/pw_len = 47/pw_len = 49/
 * bug: sip_digest_akav2_password: ue/sip/digest.c s/key\[16 + 16 + 16\]/key[16 + 16]/
 * prove: copy
 * bug: copy: ue/sip/digest.c s/src->p ? src->l : 0/src->l/
 * bug: copy: ue/sip/digest.c s/dst.len. = /dst[len + 1] = /
 * prove: is_text
 * bug: is_text: ue/sip/digest.c s/len == (pl->p ? pl->l : 0) \&\&//
 * prove: choose_qop
 * bug: choose_qop: ue/sip/digest.c s/if (!list->p) {/if (0) {/
 * prove: sip_auth_challenge
 * bug: sip_auth_challenge: ue/sip/digest.c s/ch->realm.l >= sizeof/ch->realm.l > sizeof/
 * bug: sip_auth_challenge: ue/sip/digest.c s/ch->nonce.l >= sizeof/ch->nonce.l >= 2 + sizeof/
 * bug: sip_auth_challenge: ue/sip/digest.c s/ch->opaque.l >= sizeof/ch->opaque.l >= 2 * sizeof/
 * prove: sip_auth_aka_nonce
 * bug: sip_auth_aka_nonce: ue/sip/digest.c s/ && (n + pad) % 4 == 0//
 * bug: sip_auth_aka_nonce: ue/sip/digest.c s/!str\[n + pad\]/!str[n + pad + 1]/
 * bug: sip_auth_aka_nonce: ue/sip/digest.c s/len < 32/len < 31/
 * bug: sip_auth_aka_nonce: ue/sip/digest.c s/if (!is_base64(auth->nonce) ||/if (/
 * bug: sip_auth_aka_nonce: ue/sip/digest.c s/size_t len = sizeof(raw)/size_t len = UE_NONCE_MAX/
 * prove: sip_auth_aka
 * bug: sip_auth_aka: ue/sip/digest.c s/res->res_len > sizeof(res->res))/0)/
 * prove: write_auts
 * bug: write_auts: ue/sip/digest.c s/AUTS_LEN 14/AUTS_LEN 16/
 * bug: write_auts: ue/sip/digest.c s/str\[24\]/str[20]/;s/sizeof(str) - 1/sizeof(str)/
 * prove: write_credentials
 * bug: write_credentials: ue/sip/digest.c s/if (req->auts)/if (1)/
 * prove: rspauth_ok
 * bug: rspauth_ok: ue/sip/digest.c s/info->rspauth.l == len &&//
 * prove: sip_auth_info
 * bug: sip_auth_info: ue/sip/digest.c s/nextnonce.l >= sizeof/nextnonce.l > sizeof/
 * bug: sip_auth_info: ue/sip/digest.c s/info->rspauth.p &&/1 \&\&/
 * assumed: respond hashes texts into a buffer that is there; cryptography is not modelled
 * assumed: sip_auth_password hashes texts that are there; cryptography is not modelled
 */
#include "test/proof/sip.h"

#define LOOP_hash_end_hex_1 CHANGES(i, __CPROVER_object_whole(out)) \
	INVARIANT(i <= len) __CPROVER_decreases(len - i)
#define LOOP_hmac_pad_1 CHANGES(i, c) INVARIANT(i <= 64) \
	__CPROVER_decreases(64 - i)
#define LOOP_sip_digest_alg_1 CHANGES(i) INVARIANT(i >= 1 && i <= 7) \
	__CPROVER_decreases(7 - i)
#define LOOP_choose_qop_1 CHANGES(it, val, auth, auth_int) INVARIANT(1)

#include "ue/sip/digest.c"


/* ------------------------------------------------------------------ */
/* Contracts of others */

/** The protection space of all proofs */
static struct sip_auth auth;

struct sip_auth nondet_auth(void);
struct sip_digest nondet_digest(void);
struct hash nondet_hash(void);
struct ue_usim_res nondet_res(void);

/** Length of the nonce; another one is copied where nobody asks again */
static size_t nonce_len;

/** Octets that base64_decode() has written, and where */
static const void *decoded;
static size_t decoded_len;


/** Octets that a string may have, with its zero */
static size_t room(const char *str)
{
	return str == auth.realm ? sizeof(auth.realm) :
		str == auth.nonce ? sizeof(auth.nonce) :
		str == auth.opaque ? sizeof(auth.opaque) :
		str == auth.cnonce ? sizeof(auth.cnonce) :
		str == auth.ha1 ? sizeof(auth.ha1) :
		__CPROVER_OBJECT_SIZE(str) - PLACE(str);
}


/** The string ends within it: copy_contract() sees to that */
size_t strlen(const char *str)
{
	const size_t n = nondet_size();

	ASSERT(readable(str, 1));
	ASSUME(n < room(str));
	ASSUME(str[n] == '\0');
	ASSUME(str != auth.nonce || n == nonce_len);

	return n;
}


void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));
	ASSERT(!decoded || !__CPROVER_same_object(src, decoded) ||
	       PLACE(src) + n <= PLACE(decoded) + decoded_len);

	return dst;
}


int pl_strcasecmp(const struct pl *pl, const char *str)
{
	ASSERT(pl->p && readable(pl->p, pl->l));
	ASSERT(readable(str, 1));

	return nondet_int();
}


void pl_set_str(struct pl *pl, const char *str)
{
	pl->p = str;
	pl->l = strlen(str);
}


void mbedtls_md5_init(mbedtls_md5_context *ctx)
{
	ASSERT(__CPROVER_w_ok(ctx, sizeof(*ctx)));
}


void mbedtls_sha256_init(mbedtls_sha256_context *ctx)
{
	ASSERT(__CPROVER_w_ok(ctx, sizeof(*ctx)));
}


int mbedtls_md5_starts_ret(mbedtls_md5_context *ctx)
{
	(void)ctx;

	return nondet_int();
}


int mbedtls_sha256_starts_ret(mbedtls_sha256_context *ctx, int is224)
{
	(void)ctx;
	(void)is224;

	return nondet_int();
}


int mbedtls_md5_update_ret(mbedtls_md5_context *ctx, const unsigned char *p,
			   size_t n)
{
	ASSERT(__CPROVER_w_ok(ctx, sizeof(*ctx)) && readable(p, n));

	return nondet_int();
}


int mbedtls_sha256_update_ret(mbedtls_sha256_context *ctx,
			      const unsigned char *p, size_t n)
{
	ASSERT(__CPROVER_w_ok(ctx, sizeof(*ctx)) && readable(p, n));

	return nondet_int();
}


int mbedtls_md5_finish_ret(mbedtls_md5_context *ctx, unsigned char out[16])
{
	(void)ctx;
	ASSERT(__CPROVER_w_ok(out, 16));

	return nondet_int();
}


int mbedtls_sha256_finish_ret(mbedtls_sha256_context *ctx,
			      unsigned char out[32])
{
	(void)ctx;
	ASSERT(__CPROVER_w_ok(out, 32));

	return nondet_int();
}


void mbedtls_platform_zeroize(void *p, size_t n)
{
	ASSERT(__CPROVER_w_ok(p, n));
}


int mbedtls_ct_memcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}


/** Of whole groups; base64 proves it */
int base64_decode(const char *in, size_t ilen, uint8_t *out,
			   size_t *olen)
{
	const size_t n = nondet_size();

	ASSERT(ilen % 4 == 0 && readable(in, ilen));
	ASSERT(__CPROVER_w_ok(out, *olen));
	if (*olen < 3 * (ilen / 4))
		return EOVERFLOW;
	ASSUME(n <= 3 * (ilen / 4));
	*olen = n;
	decoded = out;
	decoded_len = n;

	return 0;
}


/** base64 proves it */
int base64_encode(const uint8_t *in, size_t ilen, char *out,
			   size_t *olen)
{
	ASSERT(readable(in, ilen) && __CPROVER_w_ok(out, *olen));
	if (*olen < 4 * ((ilen + 2) / 3))
		return EOVERFLOW;
	*olen = 4 * ((ilen + 2) / 3);

	return 0;
}


void sip_writer_name(struct sip_writer *w, enum sip_hdr_id id)
{
	(void)w;
	(void)id;
}


/** Texts are written as long as there is room: unit tests are for it */
void sip_writer_fmt(struct sip_writer *w, const char *fmt, ...)
{
	(void)w;
	(void)fmt;
}


void sip_writer_eol(struct sip_writer *w)
{
	(void)w;
}


/** fields.c: values lie in the text */
static struct pl list;


void sip_iter_text(struct sip_iter *it, const struct pl *text)
{
	(void)it;
	ASSERT(text->p);
	list = *text;
}


int sip_iter_value(struct pl *val, struct sip_iter *it)
{
	(void)it;
	if (nondet_bool())
		return nondet_bool() ? ENOENT : EBADMSG;
	any_part(val, list.p, sip_end(&list));

	return 0;
}


/* ------------------------------------------------------------------ */

/** A text of its own, or none */
static struct pl maybe_pl(void)
{
	struct pl pl = {NULL, 0};
	const char *end;

	if (nondet_bool()) {
		pl.p = any_text(&end);
		pl.l = (size_t)(end - pl.p);
	}

	return pl;
}


static bool is_maybe_text(const struct pl *pl)
{
	return !pl->p || readable(pl->p, pl->l);
}


void hash_add_contract(struct hash *h, const void *data, size_t len)
{
	(void)h;
	ASSERT(readable(data, len));
}


void prove_hash_add(void)
{
	const char *end, *p = any_text(&end);
	struct hash h = nondet_hash();

	hash_add(&h, nondet_bool() ? NULL : p, 0);
	hash_add(&h, p, (size_t)(end - p));
}


void hash_pl_contract(struct hash *h, const struct pl *pl)
{
	(void)h;
	ASSERT(is_maybe_text(pl));
}


/** Lengths without a text, too */
void prove_hash_pl(void)
{
	struct hash h = nondet_hash();
	struct pl pl = maybe_pl();

	if (!pl.p)
		pl.l = nondet_size();
	hash_pl(&h, &pl);
}


int hash_end_contract(uint8_t *out, struct hash *h)
{
	ASSERT(__CPROVER_w_ok(out, hash_len(h->sha256)));

	return nondet_bool() ? EIO : 0;
}


void prove_hash_end(void)
{
	struct hash h = nondet_hash();

	(void)hash_end(any_octets(hash_len(h.sha256)), &h);
}


int hash_end_hex_contract(char *out, struct hash *h)
{
	const size_t n = 2 * hash_len(h->sha256);

	ASSERT(__CPROVER_w_ok(out, SIP_DIGEST_HEX_MAX));
	out[n] = '\0';

	return nondet_bool() ? EIO : 0;
}


void prove_hash_end_hex(void)
{
	struct hash h = nondet_hash();
	const size_t n = 2 * hash_len(h.sha256);
	char *out = any_octets(SIP_DIGEST_HEX_MAX);

	if (!hash_end_hex(out, &h))
		ASSERT(out[n] == '\0');
}


void hmac_pad_contract(struct hash *h, const uint8_t *key, size_t key_len,
		       uint8_t v)
{
	(void)h;
	(void)v;
	ASSERT(readable(key, key_len));
}


void prove_hmac_pad(void)
{
	const char *end, *p = any_text(&end);
	struct hash h = nondet_hash();

	hmac_pad(&h, (const uint8_t *)p, (size_t)(end - p), nondet_u8());
}


int hmac_contract(uint8_t *out, bool sha256, const uint8_t *key,
		  size_t key_len, const char *text)
{
	(void)text;
	ASSERT(key_len <= BLOCK_LEN && readable(key, key_len));
	ASSERT(__CPROVER_w_ok(out, hash_len(sha256)));

	return nondet_bool() ? EIO : 0;
}


void prove_hmac(void)
{
	const char *end, *p = any_text(&end);
	uint8_t *out = any_octets(SIP_DIGEST_HASH_MAX);

	ASSUME(end - p <= BLOCK_LEN);
	(void)hmac(out, nondet_bool(), (const uint8_t *)p, (size_t)(end - p),
		   "text");
}


enum sip_digest_alg sip_digest_alg_contract(const struct pl *name)
{
	const uint8_t alg = nondet_u8();

	ASSERT(is_maybe_text(name));
	ASSUME(alg < ALG_COUNT);

	return (enum sip_digest_alg)alg;
}


void prove_sip_digest_alg(void)
{
	const struct pl name = maybe_pl();

	ASSERT((unsigned)sip_digest_alg(&name) < ALG_COUNT);
}


size_t sip_digest_akav2_password_contract(char pw[48],
					  enum sip_digest_alg alg,
					  const struct ue_usim_res *res)
{
	const size_t n = nondet_size();

	(void)alg;
	(void)res;
	ASSERT(__CPROVER_w_ok(pw, 48));
	ASSUME(n < 48);

	return n;
}


void prove_sip_digest_akav2_password(void)
{
	const struct ue_usim_res res = nondet_res();
	char pw[48];
	size_t n;

	decoded = NULL;
	n = sip_digest_akav2_password(pw, nondet_u8(), &res);
	ASSERT(n < sizeof(pw) && (!n || pw[n] == '\0'));
}


/** dst is a member of auth */
void copy_contract(char *dst, const struct pl *src)
{
	const size_t len = src->p ? src->l : 0;

	ASSERT(is_maybe_text(src));
	ASSERT(__CPROVER_same_object(dst, &auth) && len < room(dst));
	dst[len] = '\0';
}


void prove_copy(void)
{
	struct pl src = maybe_pl();
	const size_t len = src.l;
	char *dst = any_octets(len + 1);

	if (!src.p)
		src.l = nondet_size();
	decoded = NULL;
	copy(dst, &src);
	ASSERT(dst[len] == '\0');
}


bool is_text_contract(const char *str, const struct pl *pl)
{
	(void)strlen(str);
	ASSERT(is_maybe_text(pl));

	return nondet_bool();
}


void prove_is_text(void)
{
	const char *end, *str = any_text(&end);
	const struct pl pl = maybe_pl();

	ASSUME(str != end);
	(void)is_text(str, &pl);
}


int choose_qop_contract(enum sip_digest_qop *qop, const struct pl *list)
{
	ASSERT(is_maybe_text(list));
	*qop = nondet_bool() ? SIP_QOP_NONE : nondet_bool() ? SIP_QOP_AUTH :
		SIP_QOP_AUTH_INT;

	return nondet_bool() ? ENOTSUP : 0;
}


void prove_choose_qop(void)
{
	const struct pl text = maybe_pl();
	enum sip_digest_qop qop = SIP_QOP_NONE;

	if (!choose_qop(&qop, &text))
		ASSERT(qop <= SIP_QOP_AUTH_INT);
}


/** In any state that a challenge leaves */
static void any_auth(void)
{
	auth = nondet_auth();
	ASSUME(auth.alg < ALG_COUNT && auth.qop <= SIP_QOP_AUTH_INT);
	nonce_len = nondet_size();
	ASSUME(nonce_len < sizeof(auth.nonce) &&
	       auth.nonce[nonce_len] == '\0');
}


void prove_sip_auth_challenge(void)
{
	struct sip_digest ch = nondet_digest();

	any_auth();
	ch.realm = maybe_pl();
	ch.nonce = maybe_pl();
	ch.opaque = maybe_pl();
	ch.algorithm = maybe_pl();
	ch.qop = maybe_pl();
	ch.stale = maybe_pl();
	if (!sip_auth_challenge(&auth, &ch))
		ASSERT(auth.alg != SIP_DIGEST_NONE);
	ASSERT(auth.alg < ALG_COUNT && auth.qop <= SIP_QOP_AUTH_INT);
}


/** Does not go over the zero, before which there is no other */
size_t strspn(const char *str, const char *accept)
{
	const size_t n = nondet_size(), at = PLACE(str) - PLACE(auth.nonce);

	(void)accept;
	ASSERT(__CPROVER_same_object(str, &auth) && at <= nonce_len);
	ASSUME(n <= nonce_len - at);
	ASSUME(n == nonce_len - at || str[n] != '\0');

	return n;
}


void prove_sip_auth_aka_nonce(void)
{
	uint8_t rand[16], autn[16];

	any_auth();
	if (!sip_auth_aka_nonce(rand, autn, &auth))
		ASSERT(decoded_len >= 32);
}


int sip_auth_password_contract(struct sip_auth *auth,
			       const struct pl *username, const void *pw,
			       size_t pw_len)
{
	(void)auth;
	ASSERT(is_maybe_text(username) && readable(pw, pw_len));

	return nondet_bool() ? EIO : 0;
}


void prove_sip_auth_aka(void)
{
	const struct ue_usim_res res = nondet_res();
	const struct pl username = maybe_pl();

	any_auth();
	(void)sip_auth_aka(&auth, &username, &res);
}


void write_auts_contract(struct sip_writer *w, const uint8_t *auts)
{
	(void)w;
	ASSERT(readable(auts, AUTS_LEN));
}


void prove_write_auts(void)
{
	write_auts(NULL, any_octets(14));
}


void prove_write_credentials(void)
{
	struct sip_auth_request req = {.auts = NULL};

	any_auth();
	if (nondet_bool())
		req.auts = any_octets(14);
	write_credentials(NULL, SIP_HDR_AUTHORIZATION, &auth, &req, "");
}


int respond_contract(char *res, const struct sip_auth *auth,
		     enum sip_digest_qop qop, const struct pl *method,
		     const struct pl *uri, const void *body, size_t body_len)
{
	(void)auth;
	(void)method;
	(void)uri;
	(void)body;
	(void)body_len;
	ASSERT(__CPROVER_w_ok(res, SIP_DIGEST_HEX_MAX));
	ASSERT(qop <= SIP_QOP_AUTH_INT);

	return nondet_bool() ? EIO : 0;
}


bool rspauth_ok_contract(const struct sip_auth *auth,
			 const struct sip_digest *info, const struct pl *uri,
			 const void *body, size_t body_len)
{
	(void)auth;
	(void)uri;
	(void)body;
	(void)body_len;
	ASSERT(info->rspauth.p && is_maybe_text(&info->rspauth));

	return nondet_bool();
}


static struct sip_digest any_info(void)
{
	struct sip_digest info = nondet_digest();

	info.rspauth = maybe_pl();
	info.nextnonce = maybe_pl();
	info.cnonce = maybe_pl();
	info.nc = maybe_pl();
	info.qop = maybe_pl();

	return info;
}


void prove_rspauth_ok(void)
{
	const struct sip_digest info = any_info();

	any_auth();
	ASSUME(info.rspauth.p);
	(void)rspauth_ok(&auth, &info, NULL, NULL, 0);
}


const char *sip_hex32(char tag[9], uint32_t v)
{
	(void)v;
	tag[8] = '\0';

	return tag;
}


void prove_sip_auth_info(void)
{
	const struct sip_digest info = any_info();

	any_auth();
	(void)sip_auth_info(&auth, &info, NULL, NULL, 0);
}
