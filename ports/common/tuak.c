/**
 * @file tuak.c  The TUAK algorithm set f1..f5* (TS 35.231)
 */
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/tuak.h"


/* Bits of INSTANCE (TS 35.231 6.2 to 6.6) */
enum {
	INSTANCE_K256  = 0x01,
	INSTANCE_IK256 = 0x02,
	INSTANCE_CK256 = 0x04,
	INSTANCE_F2345 = 0x40,
	INSTANCE_F1S   = 0x80,
	INSTANCE_F5S   = 0xc0
};


static uint64_t rotl(uint64_t v, unsigned n)
{
	return n ? v << n | v >> (64 - n) : v;
}


/** One round of Keccak-f[1600] (FIPS 202 3.3) without iota */
static void keccak_round(uint64_t a[25])
{
	uint64_t c[5], t;
	unsigned x, y, i;

	/* theta */
	for (x = 0; x < 5; x++)
		c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (x = 0; x < 5; x++) {
		uint64_t d = c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);

		for (y = 0; y < 25; y += 5)
			a[y + x] ^= d;
	}

	/* rho and pi: walk the lanes from (1, 0), (x, y) -> (y, 2x + 3y) */
	t = a[1];
	x = 1;
	y = 0;
	for (i = 0; i < 24; i++) {
		unsigned nx = y, ny = (2 * x + 3 * y) % 5;
		uint64_t next = a[5 * ny + nx];

		a[5 * ny + nx] = rotl(t, (i + 1) * (i + 2) / 2 % 64);
		t = next;
		x = nx;
		y = ny;
	}

	/* chi */
	for (y = 0; y < 25; y += 5) {
		memcpy(c, &a[y], sizeof(c));
		for (x = 0; x < 5; x++)
			a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
	}
}


/** Keccak-f[1600] (FIPS 202 3.3); iota's constants come from its LFSR */
static void keccak_f(uint64_t a[25])
{
	uint8_t lfsr = 1;

	for (unsigned round = 0; round < 24; round++) {

		keccak_round(a);

		/* FIPS 202 algorithm 5: rc(t), t = j + 7 * round */
		for (unsigned j = 0; j < 7; j++) {
			if (lfsr & 1)
				a[0] ^= (uint64_t)1 << ((1u << j) - 1);
			lfsr = (uint8_t)(lfsr << 1
					 ^ (lfsr & 0x80 ? 0x71 : 0));
		}
	}
}


/** A field goes in with its last octet first (TS 35.231 6.1) */
static void put(uint8_t *in, size_t pos, const void *field, size_t len)
{
	const uint8_t *p = field;

	for (size_t i = 0; i < len; i++)
		in[pos + i] = p[len - 1 - i];
}


static void get(uint8_t *field, const uint8_t *out, size_t pos, size_t len)
{
	for (size_t i = 0; i < len; i++)
		field[i] = out[pos + len - 1 - i];
}


/** TS 35.231 6.1 to 6.6: the 1600-bit block; RAND, AMF, SQN may be NULL */
static void tuak_core(uint8_t blk[200], const struct tuak_params *prm,
		      const uint8_t top[32], uint8_t instance,
		      const uint8_t *rand, const uint8_t *sqn,
		      const uint8_t *amf)
{
	uint64_t a[25];

	if (prm->k_len == 32)
		instance |= INSTANCE_K256;

	memset(blk, 0, 200);
	put(blk, 0, top, 32);
	blk[32] = instance;
	put(blk, 33, "TUAK1.0", 7);
	if (rand)
		put(blk, 40, rand, 16);
	if (amf)
		put(blk, 56, amf, 2);
	if (sqn)
		put(blk, 58, sqn, 6);
	put(blk, 64, prm->k, prm->k_len);
	blk[96]  = 0x1f;
	blk[135] = 0x80;

	for (unsigned i = 0; i < 25; i++) {
		a[i] = 0;
		for (unsigned j = 0; j < 8; j++)
			a[i] |= (uint64_t)blk[8 * i + j] << (8 * j);
	}

	for (unsigned i = 0; i < prm->iterations; i++)
		keccak_f(a);

	for (unsigned i = 0; i < 200; i++)
		blk[i] = (uint8_t)(a[i / 8] >> (8 * (i % 8)));

	mbedtls_platform_zeroize(a, sizeof(a));
}


/** Length code in INSTANCE: 8 octets 0x08, 16 0x10, 32 0x20, 4 zero */
static uint8_t length_code(size_t len)
{
	return len < 8 ? 0 : (uint8_t)len;
}


void tuak_topc(uint8_t topc[32], const struct tuak_params *prm,
	       const uint8_t top[32])
{
	uint8_t blk[200];

	tuak_core(blk, prm, top, 0, NULL, NULL, NULL);
	get(topc, blk, 0, 32);
	mbedtls_platform_zeroize(blk, sizeof(blk));
}


void tuak_f1(struct tuak *t, const struct tuak_params *prm,
	     const uint8_t topc[32], const uint8_t rand[16],
	     const uint8_t sqn[6], const uint8_t amf[2])
{
	uint8_t code = length_code(prm->mac_len);
	uint8_t blk[200];

	tuak_core(blk, prm, topc, code, rand, sqn, amf);
	get(t->mac_a, blk, 0, prm->mac_len);

	tuak_core(blk, prm, topc, code | INSTANCE_F1S, rand, sqn, amf);
	get(t->mac_s, blk, 0, prm->mac_len);

	mbedtls_platform_zeroize(blk, sizeof(blk));
}


void tuak_f2345(struct tuak *t, const struct tuak_params *prm,
		const uint8_t topc[32], const uint8_t rand[16])
{
	uint8_t instance = INSTANCE_F2345 | length_code(prm->res_len);
	uint8_t blk[200];

	if (prm->ck_len == 32)
		instance |= INSTANCE_CK256;
	if (prm->ik_len == 32)
		instance |= INSTANCE_IK256;

	tuak_core(blk, prm, topc, instance, rand, NULL, NULL);
	get(t->res, blk, 0, prm->res_len);
	get(t->ck, blk, 32, prm->ck_len);
	get(t->ik, blk, 64, prm->ik_len);
	get(t->ak, blk, 96, 6);

	tuak_core(blk, prm, topc, INSTANCE_F5S, rand, NULL, NULL);
	get(t->ak_s, blk, 96, 6);

	mbedtls_platform_zeroize(blk, sizeof(blk));
}
