/**
 * @file random.c  Random octets: CTR_DRBG on the platform's entropy
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/platform_util.h>
#include "ports/common/random.h"
#include "ports/common/re_port.h"


static mbedtls_ctr_drbg_context drbg;
static bool seeded;
static random_entropy_h *entropyh;
static void *entropy_arg;


static int entropy(void *arg, unsigned char *buf, size_t len)
{
	(void)arg;

	return entropyh(entropy_arg, buf, len) ? -1 : 0;
}


int random_init(random_entropy_h *h, void *arg)
{
	random_close();

	entropyh    = h;
	entropy_arg = arg;

	mbedtls_ctr_drbg_init(&drbg);
	if (mbedtls_ctr_drbg_seed(&drbg, entropy, NULL,
				  (const unsigned char *)"uIMS", 4)) {
		mbedtls_ctr_drbg_free(&drbg);
		return EIO;
	}
	seeded = true;

	return 0;
}


int random_bytes(void *buf, size_t len)
{
	uint8_t *p = buf;

	memset(buf, 0, len);
	if (!seeded)
		return EIO;

	while (len) {
		const size_t n = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len
			: MBEDTLS_CTR_DRBG_MAX_REQUEST;

		if (mbedtls_ctr_drbg_random(&drbg, p, n)) {
			memset(buf, 0, (size_t)(p - (uint8_t *)buf) + n);
			return EIO;
		}
		p += n;
		len -= n;
	}

	return 0;
}


void random_close(void)
{
	if (!seeded)
		return;

	mbedtls_ctr_drbg_free(&drbg);
	seeded = false;
}


/* ---- libre's interface (re_sys.h): it cannot say that it failed, and what
 * it is used for, identifiers of SDP and DNS, then holds zeros ---- */

void rand_bytes(uint8_t *p, size_t size)
{
	(void)random_bytes(p, size);
}


uint16_t rand_u16(void)
{
	uint16_t v = 0;

	(void)random_bytes(&v, sizeof(v));

	return v;
}


uint32_t rand_u32(void)
{
	uint32_t v = 0;

	(void)random_bytes(&v, sizeof(v));

	return v;
}


uint64_t rand_u64(void)
{
	uint64_t v = 0;

	(void)random_bytes(&v, sizeof(v));

	return v;
}
