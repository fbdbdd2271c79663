/**
 * @file gcm_mbedtls.c  mbedTLS's own GCM, to compare with
 *
 * Our build of mbedTLS leaves it out, because it needs the cipher layer.
 */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#define MBEDTLS_GCM_C
#define MBEDTLS_CIPHER_C
#include <cipher.c>
#undef CIPHER_VALIDATE
#undef CIPHER_VALIDATE_RET
#include <cipher_wrap.c>
#include <gcm.c>
