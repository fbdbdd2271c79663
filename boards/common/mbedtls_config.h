/**
 * @file mbedtls_config.h  What of mbedTLS is built
 *
 * Low-level contexts only: they live in our structs and allocate nothing.
 * mbedTLS 2.28's GCM is not among them: it goes through the cipher layer,
 * which allocates its context.
 */
#ifndef UIMS_MBEDTLS_CONFIG_H
#define UIMS_MBEDTLS_CONFIG_H

#define MBEDTLS_MD5_C
#define MBEDTLS_SHA1_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_DES_C
#define MBEDTLS_AES_C
#define MBEDTLS_CIPHER_MODE_CBC
#define MBEDTLS_CIPHER_MODE_CTR
#define MBEDTLS_CTR_DRBG_C

/* constant tables: nothing to set up at run time, nothing in RAM */
#define MBEDTLS_AES_ROM_TABLES
#ifdef UIMS_SMALL
#define MBEDTLS_AES_FEWER_TABLES	/* 6 KB less flash */
#endif

#include <mbedtls/check_config.h>

#endif
