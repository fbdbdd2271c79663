/**
 * @file ipsec/gcm.c  AES-GCM for RFC 4106 and RFC 4543
 *
 * GHASH works four bits at a time with a table of the sixteen multiples of
 * the hash key.  A field element is two 64-bit words; the first bit of the
 * first octet, the coefficient of x^0, is the highest bit of `hi`.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ipsec/bytes.h"
#include "ipsec/gcm.h"

#if IPSEC_GCM

#define BLOCK 16

struct element {
	uint64_t hi, lo;
};


/* What the four bits shifted out at x^127 come back as, at the top */
static const uint16_t reductionv[16] = {
	0x0000, 0x1c20, 0x3840, 0x2460, 0x7080, 0x6ca0, 0x48c0, 0x54e0,
	0xe100, 0xfd20, 0xd940, 0xc560, 0x9180, 0x8da0, 0xa9c0, 0xb5e0
};


/* y = y * H */
static void multiply(struct element *y, const struct ipsec_gcm *gcm)
{
	uint64_t hi = 0, lo = 0, word = y->lo;
	unsigned i, n, out;

	for (i = 0; i < 32; i++) {

		if (i == 16)
			word = y->hi;
		n = (unsigned)word & 15;
		word >>= 4;

		out = (unsigned)lo & 15;
		lo = (lo >> 4 | hi << 60) ^ gcm->table[n].lo;
		hi = (hi >> 4 ^ (uint64_t)reductionv[out] << 48) ^
			gcm->table[n].hi;
	}

	y->hi = hi;
	y->lo = lo;
}


static void hash(struct element *y, const struct ipsec_gcm *gcm,
		 const uint8_t *p, size_t len)
{
	uint8_t last[BLOCK];

	while (len >= BLOCK) {
		y->hi ^= ipsec_get64(p);
		y->lo ^= ipsec_get64(p + 8);
		multiply(y, gcm);
		p += BLOCK;
		len -= BLOCK;
	}

	if (len) {
		memset(last, 0, sizeof(last));
		memcpy(last, p, len);
		y->hi ^= ipsec_get64(last);
		y->lo ^= ipsec_get64(last + 8);
		multiply(y, gcm);
	}
}


static void counter_block(uint8_t ctr[BLOCK], const struct ipsec_gcm *gcm,
			  const uint8_t *iv, uint32_t n)
{
	/* RFC 4106 s4: nonce = salt, IV */
	memcpy(ctr, gcm->salt, 4);
	memcpy(ctr + 4, iv, IPSEC_GCM_IV);
	ipsec_put32(ctr + 12, n);
}


static int encrypt_block(struct ipsec_gcm *gcm, uint8_t block[BLOCK])
{
	return mbedtls_aes_crypt_ecb(&gcm->aes, MBEDTLS_AES_ENCRYPT, block,
				     block) ? EIO : 0;
}


int ipsec_gcm_init(struct ipsec_gcm *gcm, const uint8_t key[20])
{
	uint8_t h[BLOCK] = {0};
	uint64_t hi, lo, carry;
	unsigned i, j;
	int err;

	mbedtls_aes_init(&gcm->aes);
	if (mbedtls_aes_setkey_enc(&gcm->aes, key, 128))
		return EIO;
	memcpy(gcm->salt, key + 16, 4);

	err = encrypt_block(gcm, h);
	if (err)
		goto out;

	hi = ipsec_get64(h);
	lo = ipsec_get64(h + 8);
	memset(gcm->table, 0, sizeof(gcm->table));

	/* entry 8 is H, 4 is H * x, 2 is H * x^2, 1 is H * x^3 */
	for (i = 8; i; i >>= 1) {
		gcm->table[i].hi = hi;
		gcm->table[i].lo = lo;
		carry = lo & 1 ? (uint64_t)0xe1 << 56 : 0;
		lo = lo >> 1 | hi << 63;
		hi = hi >> 1 ^ carry;
	}

	/* the others are sums of these */
	for (i = 2; i < 16; i <<= 1) {
		for (j = 1; j < i; j++) {
			gcm->table[i + j].hi = gcm->table[i].hi ^
				gcm->table[j].hi;
			gcm->table[i + j].lo = gcm->table[i].lo ^
				gcm->table[j].lo;
		}
	}

 out:
	mbedtls_platform_zeroize(h, sizeof(h));

	return err;
}


int ipsec_gcm_crypt(struct ipsec_gcm *gcm, const uint8_t iv[IPSEC_GCM_IV],
		    uint8_t *text, size_t len)
{
	uint8_t key[BLOCK];
	uint32_t n = 2;
	size_t i, part;
	int err = 0;

	while (len) {
		counter_block(key, gcm, iv, n++);
		err = encrypt_block(gcm, key);
		if (err)
			break;

		part = len < BLOCK ? len : BLOCK;
		for (i = 0; i < part; i++)
			text[i] ^= key[i];

		text += part;
		len -= part;
	}

	mbedtls_platform_zeroize(key, sizeof(key));

	return err;
}


int ipsec_gcm_tag(uint8_t tag[IPSEC_GCM_TAG], struct ipsec_gcm *gcm,
		  const uint8_t iv[IPSEC_GCM_IV],
		  const uint8_t *aad, size_t aad_len,
		  const uint8_t *text, size_t len)
{
	struct element y = {0, 0};
	uint8_t mask[BLOCK];
	int err;

	counter_block(mask, gcm, iv, 1);
	err = encrypt_block(gcm, mask);
	if (err)
		return err;

	hash(&y, gcm, aad, aad_len);
	hash(&y, gcm, text, len);
	y.hi ^= (uint64_t)aad_len << 3;
	y.lo ^= (uint64_t)len << 3;
	multiply(&y, gcm);

	ipsec_put64(tag, y.hi ^ ipsec_get64(mask));
	ipsec_put64(tag + 8, y.lo ^ ipsec_get64(mask + 8));
	mbedtls_platform_zeroize(mask, sizeof(mask));

	return 0;
}

#endif
