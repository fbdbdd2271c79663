/**
 * @file milenage.c  The Milenage algorithm set f1..f5* (TS 35.206)
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <mbedtls/aes.h>
#include <mbedtls/platform_util.h>
#include "ports/common/milenage.h"


static void xor16(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < 16; i++)
		out[i] = a[i] ^ b[i];
}


/** @return 0; not 0: it failed */
static int encrypt(mbedtls_aes_context *aes, uint8_t *out,
		   const uint8_t *in)
{
	return mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_ENCRYPT, in, out);
}


/**
 * TS 35.206 4.1: OUT = E[rot(TEMP ^ OPc, r) ^ c]k ^ OPc, where r is a multiple
 * of 8 and c has one bit in its last octet
 */
static int out_block(mbedtls_aes_context *aes, uint8_t *out,
		     const uint8_t *x, const uint8_t *opc,
		     unsigned r_octets, uint8_t c)
{
	uint8_t tmp[16];
	int bad;

	for (unsigned i = 0; i < 16; i++) {
		unsigned j = (i + r_octets) % 16;

		tmp[i] = x[j] ^ opc[j];
	}
	tmp[15] ^= c;

	bad = encrypt(aes, out, tmp);
	if (!bad)
		xor16(out, out, opc);

	mbedtls_platform_zeroize(tmp, sizeof(tmp));

	return bad;
}


int milenage_opc(uint8_t opc[16], const uint8_t k[16],
		 const uint8_t op[16])
{
	mbedtls_aes_context aes;
	uint8_t out[16];
	int bad;

	mbedtls_aes_init(&aes);
	bad = mbedtls_aes_setkey_enc(&aes, k, 128) || encrypt(&aes, out, op);
	if (!bad)
		xor16(opc, out, op);
	mbedtls_aes_free(&aes);
	mbedtls_platform_zeroize(out, sizeof(out));

	return bad ? EIO : 0;
}


int milenage_f1(struct milenage *m, const uint8_t k[16],
		const uint8_t opc[16], const uint8_t rand[16],
		const uint8_t sqn[6], const uint8_t amf[2])
{
	mbedtls_aes_context aes;
	uint8_t temp[16], in1[16], out[16];
	int bad;

	mbedtls_aes_init(&aes);
	xor16(temp, rand, opc);
	bad = mbedtls_aes_setkey_enc(&aes, k, 128) ||
		encrypt(&aes, temp, temp);

	memcpy(&in1[0], sqn, 6);
	memcpy(&in1[6], amf, 2);
	memcpy(&in1[8], in1, 8);

	/* OUT1 = E[TEMP ^ rot(IN1 ^ OPc, r1) ^ c1]k ^ OPc, r1 = 64, c1 = 0 */
	for (unsigned i = 0; i < 16; i++)
		temp[i] ^= (uint8_t)(in1[(i + 8) % 16] ^ opc[(i + 8) % 16]);
	bad = bad || encrypt(&aes, out, temp);
	if (!bad) {
		xor16(out, out, opc);
		memcpy(m->mac_a, &out[0], 8);
		memcpy(m->mac_s, &out[8], 8);
	}

	mbedtls_aes_free(&aes);
	mbedtls_platform_zeroize(temp, sizeof(temp));
	mbedtls_platform_zeroize(out, sizeof(out));

	return bad ? EIO : 0;
}


int milenage_f2345(struct milenage *m, const uint8_t k[16],
		   const uint8_t opc[16], const uint8_t rand[16])
{
	mbedtls_aes_context aes;
	uint8_t temp[16], out2[16], out5[16];
	int bad;

	mbedtls_aes_init(&aes);
	xor16(temp, rand, opc);

	/* r2 = 0, r3 = 32, r4 = 64, r5 = 96 bits; c2 to c5 */
	bad = mbedtls_aes_setkey_enc(&aes, k, 128) ||
		encrypt(&aes, temp, temp) ||
		out_block(&aes, out2, temp, opc, 0, 1) ||
		out_block(&aes, m->ck, temp, opc, 4, 2) ||
		out_block(&aes, m->ik, temp, opc, 8, 4) ||
		out_block(&aes, out5, temp, opc, 12, 8);

	if (!bad) {
		memcpy(m->res, &out2[8], 8);
		memcpy(m->ak, &out2[0], 6);
		memcpy(m->ak_s, &out5[0], 6);
	}

	mbedtls_aes_free(&aes);
	mbedtls_platform_zeroize(temp, sizeof(temp));
	mbedtls_platform_zeroize(out2, sizeof(out2));
	mbedtls_platform_zeroize(out5, sizeof(out5));

	return bad ? EIO : 0;
}
