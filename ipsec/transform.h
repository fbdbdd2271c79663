/**
 * @file ipsec/transform.h  The algorithms of a set.  Internal
 *
 * An ESP packet here is contiguous: header (8), IV, text, ICV; the text is
 * payload, padding, pad length and next header, encrypted or not.
 */
#ifndef IPSEC_TRANSFORM_H
#define IPSEC_TRANSFORM_H

#include "ipsec/ipsec.h"

#define IPSEC_ESP_HEADER 8
#define IPSEC_IV_MAX     16
#define IPSEC_ICV_MAX    16

/** Lengths that an algorithm pair gives its packets, in octets */
struct ipsec_shape {
	uint8_t iv;             /**< IV in the packet                      */
	uint8_t block;          /**< the text is a multiple of it          */
	uint8_t icv;
	bool random_iv;         /**< unpredictable IV; else unique is enough */
};

/** Lengths for a pair, which must be a supported one */
struct ipsec_shape ipsec_shape(enum ipsec_alg alg, enum ipsec_ealg ealg);

/** Make the key schedules.  0 or EIO; wiped on error */
int ipsec_crypto_init(struct ipsec_crypto *c, enum ipsec_alg alg,
		      enum ipsec_ealg ealg, const struct ipsec_keys *keys);

/** Make the states of HMAC alone, c->alg is set; key 0..64 octets.  0, EIO */
int ipsec_mac_init(struct ipsec_crypto *c, const uint8_t *key, size_t len);

/** Encrypt or decrypt the text in place; iv as in the packet.  0 or EIO */
int ipsec_crypto_encrypt(struct ipsec_crypto *c, const uint8_t *iv,
			 uint8_t *text, size_t len);
int ipsec_crypto_decrypt(struct ipsec_crypto *c, const uint8_t *iv,
			 uint8_t *text, size_t len);

/**
 * Compute the ICV
 *
 * @param icv  Result, IPSEC_ICV_MAX octets of room
 * @param c    Key schedules
 * @param esp  ESP packet with its header, IV and the (encrypted) text
 * @param len  Octets up to the end of the text
 *
 * @return 0; EIO
 */
int ipsec_crypto_icv(uint8_t icv[IPSEC_ICV_MAX], struct ipsec_crypto *c,
		     const uint8_t *esp, size_t len);

#endif
