/**
 * @file ipsec/transform.c  The algorithms of a set
 *
 * RFC 2403, 2404 (HMAC), 2410 (NULL), 2451 (3DES), 3602 (AES-CBC),
 * 4106 (AES-GCM), 4543 (AES-GMAC).  For HMAC the states after the first
 * block of the inner and of the outer hash are kept, for the ciphers both
 * key schedules.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ipsec/gcm.h"
#include "ipsec/transform.h"

#define HASH_BLOCK 64
#define DES_BLOCK   8
#define AES_BLOCK  16


bool ipsec_pair_supported(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	switch (alg) {

#if IPSEC_MD5
	case IPSEC_ALG_HMAC_MD5_96:
#endif
	case IPSEC_ALG_HMAC_SHA_1_96:
		return ealg == IPSEC_EALG_NULL ||
			(IPSEC_3DES && ealg == IPSEC_EALG_DES_EDE3_CBC) ||
			ealg == IPSEC_EALG_AES_CBC;

#if IPSEC_GCM
	/* RFC 4543 s3: MUST NOT be used with another encryption */
	case IPSEC_ALG_AES_GMAC:
		return ealg == IPSEC_EALG_NULL;

	/* RFC 4303 s3.2: both NULL is not allowed */
	case IPSEC_ALG_NULL:
		return ealg == IPSEC_EALG_AES_GCM;
#endif

	default:
		return false;
	}
}


struct ipsec_shape ipsec_shape(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	/* RFC 2410 s2.3, RFC 4303 s2.4: NULL is padded to four octets */
	struct ipsec_shape shape = {0, 4, 12, false};

	if (ealg == IPSEC_EALG_DES_EDE3_CBC) {
		shape.iv = shape.block = DES_BLOCK;
		shape.random_iv = true;
	}
	else if (ealg == IPSEC_EALG_AES_CBC) {
		shape.iv = shape.block = AES_BLOCK;
		shape.random_iv = true;
	}

	/* RFC 4106 s3.1, s6; RFC 4543 s3.1, s3.4 */
	if (alg == IPSEC_ALG_AES_GMAC || ealg == IPSEC_EALG_AES_GCM) {
		shape.iv = 8;
		shape.icv = 16;
	}

	return shape;
}


static int sha1_start(mbedtls_sha1_context *sha, const uint8_t *block)
{
	mbedtls_sha1_init(sha);

	return mbedtls_sha1_starts_ret(sha) ||
		mbedtls_sha1_update_ret(sha, block, HASH_BLOCK) ? EIO : 0;
}


static int sha1_icv(uint8_t icv[12], const struct ipsec_crypto *c,
		    const uint8_t *p, size_t len)
{
	mbedtls_sha1_context sha;
	uint8_t digest[20];
	int bad;

	mbedtls_sha1_init(&sha);
	mbedtls_sha1_clone(&sha, &c->mac.sha1.inner);
	bad = mbedtls_sha1_update_ret(&sha, p, len) ||
		mbedtls_sha1_finish_ret(&sha, digest);

	mbedtls_sha1_clone(&sha, &c->mac.sha1.outer);
	bad = bad || mbedtls_sha1_update_ret(&sha, digest, sizeof(digest)) ||
		mbedtls_sha1_finish_ret(&sha, digest);

	/* RFC 2404 s2: the leftmost 96 bits */
	memcpy(icv, digest, 12);
	mbedtls_sha1_free(&sha);

	return bad ? EIO : 0;
}


#if IPSEC_MD5

static int md5_start(mbedtls_md5_context *md5, const uint8_t *block)
{
	mbedtls_md5_init(md5);

	return mbedtls_md5_starts_ret(md5) ||
		mbedtls_md5_update_ret(md5, block, HASH_BLOCK) ? EIO : 0;
}


static int md5_icv(uint8_t icv[12], const struct ipsec_crypto *c,
		   const uint8_t *p, size_t len)
{
	mbedtls_md5_context md5;
	uint8_t digest[16];
	int bad;

	mbedtls_md5_init(&md5);
	mbedtls_md5_clone(&md5, &c->mac.md5.inner);
	bad = mbedtls_md5_update_ret(&md5, p, len) ||
		mbedtls_md5_finish_ret(&md5, digest);

	mbedtls_md5_clone(&md5, &c->mac.md5.outer);
	bad = bad || mbedtls_md5_update_ret(&md5, digest, sizeof(digest)) ||
		mbedtls_md5_finish_ret(&md5, digest);

	/* RFC 2403 s2: the leftmost 96 bits */
	memcpy(icv, digest, 12);
	mbedtls_md5_free(&md5);

	return bad ? EIO : 0;
}

#endif


static int mac_start(struct ipsec_crypto *c, const uint8_t *block, bool outer)
{
#if IPSEC_MD5
	if (c->alg == IPSEC_ALG_HMAC_MD5_96)
		return md5_start(outer ? &c->mac.md5.outer :
				 &c->mac.md5.inner, block);
#endif

	return sha1_start(outer ? &c->mac.sha1.outer : &c->mac.sha1.inner,
			  block);
}


/* RFC 2104 s2, s4: both hashes up to the end of the padded key */
int ipsec_mac_init(struct ipsec_crypto *c, const uint8_t *key, size_t len)
{
	uint8_t block[HASH_BLOCK];
	size_t i;
	int err;

	memset(block, 0, sizeof(block));
	memcpy(block, key, len);

	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	err = mac_start(c, block, false);
	if (err)
		goto out;

	for (i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	err = mac_start(c, block, true);

 out:
	mbedtls_platform_zeroize(block, sizeof(block));

	return err;
}


static int cipher_init(struct ipsec_crypto *c, const struct ipsec_keys *keys)
{
	int bad = 0;

	switch (c->ealg) {

#if IPSEC_3DES
	case IPSEC_EALG_DES_EDE3_CBC:
		mbedtls_des3_init(&c->cipher.des3.enc);
		mbedtls_des3_init(&c->cipher.des3.dec);
		bad = mbedtls_des3_set3key_enc(&c->cipher.des3.enc,
					       keys->enc) ||
			mbedtls_des3_set3key_dec(&c->cipher.des3.dec,
						 keys->enc);
		break;
#endif

	case IPSEC_EALG_AES_CBC:
		mbedtls_aes_init(&c->cipher.aes.enc);
		mbedtls_aes_init(&c->cipher.aes.dec);
		bad = mbedtls_aes_setkey_enc(&c->cipher.aes.enc, keys->enc,
					     128) ||
			mbedtls_aes_setkey_dec(&c->cipher.aes.dec, keys->enc,
					       128);
		break;

	default:
		break;
	}

	return bad ? EIO : 0;
}


int ipsec_crypto_init(struct ipsec_crypto *c, enum ipsec_alg alg,
		      enum ipsec_ealg ealg, const struct ipsec_keys *keys)
{
	int err;

	memset(c, 0, sizeof(*c));
	c->alg = alg;
	c->ealg = ealg;

#if IPSEC_GCM
	if (alg == IPSEC_ALG_AES_GMAC)
		err = ipsec_gcm_init(&c->cipher.gcm, keys->auth);
	else if (ealg == IPSEC_EALG_AES_GCM)
		err = ipsec_gcm_init(&c->cipher.gcm, keys->enc);
	else
#endif
	{
		err = ipsec_mac_init(c, keys->auth, keys->auth_len);
		if (!err)
			err = cipher_init(c, keys);
	}

	if (err)
		mbedtls_platform_zeroize(c, sizeof(*c));

	return err;
}


static int cipher_run(struct ipsec_crypto *c, bool encrypt,
		      const uint8_t *iv, uint8_t *text, size_t len)
{
	/* mbedTLS moves the IV on */
	uint8_t chain[IPSEC_IV_MAX];
	int bad = 0;

	switch (c->ealg) {

#if IPSEC_3DES
	case IPSEC_EALG_DES_EDE3_CBC:
		memcpy(chain, iv, DES_BLOCK);
		bad = mbedtls_des3_crypt_cbc(encrypt ? &c->cipher.des3.enc :
					     &c->cipher.des3.dec,
					     encrypt ? MBEDTLS_DES_ENCRYPT :
					     MBEDTLS_DES_DECRYPT,
					     len, chain, text, text);
		break;
#endif

	case IPSEC_EALG_AES_CBC:
		memcpy(chain, iv, AES_BLOCK);
		bad = mbedtls_aes_crypt_cbc(encrypt ? &c->cipher.aes.enc :
					    &c->cipher.aes.dec,
					    encrypt ? MBEDTLS_AES_ENCRYPT :
					    MBEDTLS_AES_DECRYPT,
					    len, chain, text, text);
		break;

#if IPSEC_GCM
	case IPSEC_EALG_AES_GCM:
		return ipsec_gcm_crypt(&c->cipher.gcm, iv, text, len);
#endif

	default:
		break;
	}

	return bad ? EIO : 0;
}


int ipsec_crypto_encrypt(struct ipsec_crypto *c, const uint8_t *iv,
			 uint8_t *text, size_t len)
{
	return cipher_run(c, true, iv, text, len);
}


int ipsec_crypto_decrypt(struct ipsec_crypto *c, const uint8_t *iv,
			 uint8_t *text, size_t len)
{
	return cipher_run(c, false, iv, text, len);
}


int ipsec_crypto_icv(uint8_t icv[IPSEC_ICV_MAX], struct ipsec_crypto *c,
		     const uint8_t *esp, size_t len)
{
	switch (c->alg) {

#if IPSEC_MD5
	case IPSEC_ALG_HMAC_MD5_96:
		return md5_icv(icv, c, esp, len);
#endif

	case IPSEC_ALG_HMAC_SHA_1_96:
		return sha1_icv(icv, c, esp, len);

#if IPSEC_GCM
	/* RFC 4543 s3.3: SPI, number, IV and the whole text */
	case IPSEC_ALG_AES_GMAC:
		return ipsec_gcm_tag(icv, &c->cipher.gcm,
				     esp + IPSEC_ESP_HEADER, esp, len,
				     NULL, 0);

	/* RFC 4106 s5: SPI and number; the ciphertext without the IV */
	case IPSEC_ALG_NULL:
		return ipsec_gcm_tag(icv, &c->cipher.gcm,
				     esp + IPSEC_ESP_HEADER, esp,
				     IPSEC_ESP_HEADER,
				     esp + IPSEC_ESP_HEADER + IPSEC_GCM_IV,
				     len - IPSEC_ESP_HEADER - IPSEC_GCM_IV);
#endif

	default:
		return EIO;
	}
}
