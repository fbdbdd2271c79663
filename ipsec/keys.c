/**
 * @file ipsec/keys.c  Key expansion (TS 33.203 annex I)
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include "ipsec/ipsec.h"


#if IPSEC_GCM

/* One of the two keyed hashes of HMAC: the key is half a block, so the rest
 * of the padded key is the pad alone */
static int keyed_start(mbedtls_sha256_context *sha, uint8_t pad,
		       const uint8_t ck[16], const uint8_t ik[16])
{
	uint8_t part[32];
	size_t i;
	int bad;

	for (i = 0; i < 16; i++) {
		part[i] = ck[i] ^ pad;
		part[16 + i] = ik[i] ^ pad;
	}
	bad = mbedtls_sha256_starts_ret(sha, 0) ||
		mbedtls_sha256_update_ret(sha, part, sizeof(part));

	mbedtls_platform_zeroize(part, sizeof(part));
	memset(part, pad, sizeof(part));

	return bad || mbedtls_sha256_update_ret(sha, part, sizeof(part));
}


/*
 * TS 33.203 annex I: the salt is the 32 least significant bits of the key
 * derivation of TS 33.220 annex B: HMAC-SHA-256 with key CK, IK over
 * FC, P0, length of P0
 */
static int salt_derive(uint8_t salt[4], uint8_t fc, const char *p0,
		       const uint8_t ck[16], const uint8_t ik[16])
{
	mbedtls_sha256_context sha;
	const size_t len = strlen(p0);
	const uint8_t l0[2] = {0, (uint8_t)len};
	uint8_t digest[32];
	int bad;

	mbedtls_sha256_init(&sha);
	bad = keyed_start(&sha, 0x36, ck, ik) ||
		mbedtls_sha256_update_ret(&sha, &fc, 1) ||
		mbedtls_sha256_update_ret(&sha, (const uint8_t *)p0, len) ||
		mbedtls_sha256_update_ret(&sha, l0, sizeof(l0)) ||
		mbedtls_sha256_finish_ret(&sha, digest) ||
		keyed_start(&sha, 0x5c, ck, ik) ||
		mbedtls_sha256_update_ret(&sha, digest, sizeof(digest)) ||
		mbedtls_sha256_finish_ret(&sha, digest);

	if (!bad)
		memcpy(salt, digest + 28, 4);

	mbedtls_sha256_free(&sha);
	mbedtls_platform_zeroize(digest, sizeof(digest));

	return bad ? EIO : 0;
}

#endif


#if IPSEC_3DES

/* Equal but for the parity bits; no early exit, the key is secret */
static bool des_equal(const uint8_t *a, const uint8_t *b)
{
	unsigned diff = 0, i;

	for (i = 0; i < 8; i++)
		diff |= (unsigned)(a[i] ^ b[i]) & 0xfe;

	return diff == 0;
}

#endif


static int auth_expand(struct ipsec_keys *keys, enum ipsec_alg alg,
		       const uint8_t ck[16], const uint8_t ik[16])
{
	if (alg == IPSEC_ALG_NULL)
		return 0;

	memcpy(keys->auth, ik, 16);
	keys->auth_len = 16;

	/* hmac-sha-1-96: IK followed by 32 zero bits; the struct is zero */
	if (alg == IPSEC_ALG_HMAC_SHA_1_96)
		keys->auth_len = 20;

#if IPSEC_GCM
	if (alg == IPSEC_ALG_AES_GMAC) {
		keys->auth_len = 20;
		return salt_derive(keys->auth + 16, 0x58, "AES_GMAC_SALT",
				   ck, ik);
	}
#else
	(void)ck;
#endif

	return 0;
}


static int enc_expand(struct ipsec_keys *keys, enum ipsec_ealg ealg,
		      const uint8_t ck[16], const uint8_t ik[16])
{
	if (ealg == IPSEC_EALG_NULL)
		return 0;

	memcpy(keys->enc, ck, 16);
	keys->enc_len = 16;

#if IPSEC_3DES
	/* CK1, CK2, CK1 */
	if (ealg == IPSEC_EALG_DES_EDE3_CBC) {
		/* RFC 2451 s2.3: k1 == k2 MUST be rejected */
		if (des_equal(ck, ck + 8))
			return EINVAL;
		memcpy(keys->enc + 16, ck, 8);
		keys->enc_len = 24;
	}
#endif

#if IPSEC_GCM
	if (ealg == IPSEC_EALG_AES_GCM) {
		keys->enc_len = 20;
		return salt_derive(keys->enc + 16, 0x59, "AES_GCM_SALT",
				   ck, ik);
	}
#else
	(void)ik;
#endif

	return 0;
}


int ipsec_keys_expand(struct ipsec_keys *keys, enum ipsec_alg alg,
		      enum ipsec_ealg ealg, const uint8_t ck[16],
		      const uint8_t ik[16])
{
	struct ipsec_keys tmp;
	int err;

	if (!ipsec_pair_supported(alg, ealg))
		return ENOTSUP;

	memset(&tmp, 0, sizeof(tmp));
	err = auth_expand(&tmp, alg, ck, ik);
	if (!err)
		err = enc_expand(&tmp, ealg, ck, ik);
	if (!err)
		*keys = tmp;

	mbedtls_platform_zeroize(&tmp, sizeof(tmp));

	return err;
}
