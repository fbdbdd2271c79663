/**
 * @file ipsec/gcm.h  AES-GCM for RFC 4106 and RFC 4543.  Internal
 *
 * mbedTLS's own GCM goes through its cipher layer, which allocates; this one
 * needs only its AES.
 */
#ifndef IPSEC_GCM_H
#define IPSEC_GCM_H

#include "ipsec/ipsec.h"

#if IPSEC_GCM

#define IPSEC_GCM_IV  8
#define IPSEC_GCM_TAG 16

/** Prepare: key 16 octets followed by the salt, 4 octets.  0 or EIO */
int ipsec_gcm_init(struct ipsec_gcm *gcm, const uint8_t key[20]);

/** Encrypt or decrypt in place, nonce = salt and iv.  0 or EIO */
int ipsec_gcm_crypt(struct ipsec_gcm *gcm, const uint8_t iv[IPSEC_GCM_IV],
		    uint8_t *text, size_t len);

/** Tag of additional data and ciphertext, nonce = salt and iv.  0 or EIO */
int ipsec_gcm_tag(uint8_t tag[IPSEC_GCM_TAG], struct ipsec_gcm *gcm,
		  const uint8_t iv[IPSEC_GCM_IV],
		  const uint8_t *aad, size_t aad_len,
		  const uint8_t *text, size_t len);

#endif

#endif
