/**
 * @file mbedtls_config.h  What of mbedTLS is built
 *
 * Low-level contexts only: they live in our structs and allocate nothing.
 * mbedTLS 2.28's GCM is not among them: it goes through the cipher layer,
 * which allocates its context.
 */
#ifndef UIMS_MBEDTLS_CONFIG_H
#define UIMS_MBEDTLS_CONFIG_H

#include "ue/ue_config.h"

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
/* 1.4 KB less, a third slower: only SIP digests and the key derivation of TS
   33.203 annex I use SHA-256 */
#define MBEDTLS_SHA256_SMALLER
#endif

#if UE_MSRP_TLS
/* TLS 1.2 with ECDHE for MSRPS: it allocates, from the port's fixed buffer
   (memory_buffer_alloc) */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_MEMORY_ALIGN_MULTIPLE 8       /* 64-bit pointers */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_ENCRYPT_THEN_MAC
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
/* RFC 9325 s4.1: 3DES is for ESP alone */
#define MBEDTLS_REMOVE_3DES_CIPHERSUITES
#define MBEDTLS_SSL_OUT_CONTENT_LEN 4096
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_OID_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CREATE_C
#define MBEDTLS_X509_CRT_WRITE_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#endif

#include <mbedtls/check_config.h>

#endif
