/**
 * @file crypto_fault.c  Cryptography that fails on demand: what the linker
 * puts in front of mbedTLS (UNIT_WRAP in the Makefile)
 */
#include <stddef.h>
#include <mbedtls/aes.h>
#include <mbedtls/des.h>
#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include "test/unit/crypto_fault.h"

#define FAILURE (-0x6e)

unsigned crypto_fault;
bool (*crypto_fault_h)(void);


static bool fails(void)
{
	if (crypto_fault_h)
		return crypto_fault_h();

	return crypto_fault && !--crypto_fault;
}


#define WRAP(name, types, args)						\
int __real_##name types;						\
int __wrap_##name types;						\
int __wrap_##name types							\
{									\
	return fails() ? FAILURE : __real_##name args;			\
}

WRAP(mbedtls_md5_starts_ret, (mbedtls_md5_context *c), (c))
WRAP(mbedtls_md5_update_ret, (mbedtls_md5_context *c, const unsigned char *p,
			      size_t n), (c, p, n))
WRAP(mbedtls_md5_finish_ret, (mbedtls_md5_context *c, unsigned char *p),
     (c, p))
WRAP(mbedtls_sha1_starts_ret, (mbedtls_sha1_context *c), (c))
WRAP(mbedtls_sha1_update_ret, (mbedtls_sha1_context *c,
			       const unsigned char *p, size_t n), (c, p, n))
WRAP(mbedtls_sha1_finish_ret, (mbedtls_sha1_context *c, unsigned char *p),
     (c, p))
WRAP(mbedtls_sha1_ret, (const unsigned char *p, size_t n, unsigned char *d),
     (p, n, d))
WRAP(mbedtls_sha256_starts_ret, (mbedtls_sha256_context *c, int is224),
     (c, is224))
WRAP(mbedtls_sha256_update_ret, (mbedtls_sha256_context *c,
				 const unsigned char *p, size_t n), (c, p, n))
WRAP(mbedtls_sha256_finish_ret, (mbedtls_sha256_context *c,
				 unsigned char *p), (c, p))
WRAP(mbedtls_aes_setkey_enc, (mbedtls_aes_context *c, const unsigned char *k,
			      unsigned bits), (c, k, bits))
WRAP(mbedtls_aes_setkey_dec, (mbedtls_aes_context *c, const unsigned char *k,
			      unsigned bits), (c, k, bits))
WRAP(mbedtls_aes_crypt_ecb, (mbedtls_aes_context *c, int mode,
			     const unsigned char *in, unsigned char *out),
     (c, mode, in, out))
WRAP(mbedtls_aes_crypt_cbc, (mbedtls_aes_context *c, int mode, size_t n,
			     unsigned char *iv, const unsigned char *in,
			     unsigned char *out), (c, mode, n, iv, in, out))
WRAP(mbedtls_des3_set3key_enc, (mbedtls_des3_context *c,
				const unsigned char *k), (c, k))
WRAP(mbedtls_des3_set3key_dec, (mbedtls_des3_context *c,
				const unsigned char *k), (c, k))
WRAP(mbedtls_des3_crypt_cbc, (mbedtls_des3_context *c, int mode, size_t n,
			      unsigned char *iv, const unsigned char *in,
			      unsigned char *out), (c, mode, n, iv, in, out))
