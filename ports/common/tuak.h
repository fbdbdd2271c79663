/**
 * @file tuak.h  The TUAK algorithm set f1..f5* (TS 35.231)
 */
#ifndef TUAK_H
#define TUAK_H

#include <stddef.h>
#include <stdint.h>

/** Sizes agreed between the card and its home network */
struct tuak_params {
	const uint8_t *k;       /**< subscriber key                      */
	size_t k_len;           /**< 16 or 32 octets                     */
	size_t mac_len;         /**< 8, 16 or 32 octets                  */
	size_t res_len;         /**< 4, 8, 16 or 32 octets               */
	size_t ck_len;          /**< 16 or 32 octets                     */
	size_t ik_len;          /**< 16 or 32 octets                     */
	unsigned iterations;    /**< of Keccak-f[1600], normally 1       */
};

/** Outputs; the caller wipes it */
struct tuak {
	uint8_t mac_a[32];
	uint8_t mac_s[32];
	uint8_t res[32];
	uint8_t ck[32];
	uint8_t ik[32];
	uint8_t ak[6];
	uint8_t ak_s[6];
};

/** TOPc from TOP (TS 35.231 6.2) */
void tuak_topc(uint8_t topc[32], const struct tuak_params *prm,
	       const uint8_t top[32]);

/** f1 and f1* (TS 35.231 6.3, 6.4) */
void tuak_f1(struct tuak *t, const struct tuak_params *prm,
	     const uint8_t topc[32], const uint8_t rand[16],
	     const uint8_t sqn[6], const uint8_t amf[2]);

/** f2, f3, f4, f5 and f5* (TS 35.231 6.5, 6.6) */
void tuak_f2345(struct tuak *t, const struct tuak_params *prm,
		const uint8_t topc[32], const uint8_t rand[16]);

#endif
