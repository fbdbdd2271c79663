/**
 * @file random.c  Random octets, and libre's rand functions on them
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ue_re.h"
#include <re_sys.h>
#include "ports/common/random.h"


enum {
	LABEL_MAX = 32
};

static struct random_ctx global;


static int entropy_handler(void *arg, unsigned char *buf, size_t len)
{
	struct random_ctx *ctx = arg;

	if (ctx->seedh(ctx->arg, buf, len))
		return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;

	return 0;
}


int random_ctx_init(struct random_ctx *ctx, random_seed_h *seedh, void *arg,
		    const void *label, size_t len)
{
	if (!ctx || !seedh || len > LABEL_MAX || (len && !label))
		return EINVAL;

	mbedtls_ctr_drbg_init(&ctx->drbg);
	ctx->seedh = seedh;
	ctx->arg = arg;

	if (mbedtls_ctr_drbg_seed(&ctx->drbg, entropy_handler, ctx,
				  label, len)) {
		random_ctx_close(ctx);
		return EIO;
	}

	return 0;
}


int random_ctx_bytes(struct random_ctx *ctx, void *buf, size_t len)
{
	uint8_t *p = buf;
	size_t left = len;

	if (!ctx || !ctx->seedh)
		goto fail;

	while (left) {
		const size_t n = left < MBEDTLS_CTR_DRBG_MAX_REQUEST ?
			left : MBEDTLS_CTR_DRBG_MAX_REQUEST;

		if (mbedtls_ctr_drbg_random(&ctx->drbg, p, n))
			goto fail;
		p += n;
		left -= n;
	}

	return 0;

 fail:
	mbedtls_platform_zeroize(buf, len);

	return EIO;
}


void random_ctx_close(struct random_ctx *ctx)
{
	if (!ctx)
		return;

	mbedtls_ctr_drbg_free(&ctx->drbg);
	ctx->seedh = NULL;
	ctx->arg = NULL;
}


int random_init(random_seed_h *seedh, void *arg)
{
	static const char label[] = "uIMS";

	return random_ctx_init(&global, seedh, arg, label, sizeof(label) - 1);
}


int random_bytes(void *buf, size_t len)
{
	return random_ctx_bytes(&global, buf, len);
}


void random_close(void)
{
	random_ctx_close(&global);
}


/* ------------------------------------------------ libre's rand functions */

void rand_init(void)
{
}


/* Going on with predictable identifiers would be worse than ending */
void rand_bytes(uint8_t *p, size_t size)
{
	if (random_bytes(p, size))
		abort();
}


uint32_t rand_u32(void)
{
	uint32_t v;

	rand_bytes((uint8_t *)&v, sizeof(v));

	return v;
}


uint16_t rand_u16(void)
{
	return (uint16_t)(rand_u32() >> 16);
}


uint64_t rand_u64(void)
{
	uint64_t v;

	rand_bytes((uint8_t *)&v, sizeof(v));

	return v;
}


/* 62 characters: octets of 248 and over are thrown away, so that each is
   equally likely */
char rand_char(void)
{
	static const char alphanum[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz"
		"0123456789";
	const unsigned n = sizeof(alphanum) - 1;
	uint8_t v;

	do {
		rand_bytes(&v, 1);
	} while (v >= 256 / n * n);

	return alphanum[v % n];
}


void rand_str(char *str, size_t size)
{
	size_t i;

	if (!str || !size)
		return;

	for (i = 0; i < size - 1; i++)
		str[i] = rand_char();
	str[size - 1] = '\0';
}
