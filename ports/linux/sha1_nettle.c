/**
 * @file sha1_nettle.c  SHA-1 of the uims program: mbedTLS's, with the block
 *                      by nettle
 *
 * It goes before the one in the library of mbedTLS, which a program may use
 * without nettle.
 */
#define MBEDTLS_SHA1_PROCESS_ALT
#include <../library/sha1.c>
#include <nettle/sha1.h>


int mbedtls_internal_sha1_process(mbedtls_sha1_context *ctx,
				  const unsigned char data[64])
{
	nettle_sha1_compress(ctx->state, data);

	return 0;
}
