/**
 * @file random.h  Cryptographically strong random octets
 *
 * AES-256 CTR_DRBG of mbedTLS (NIST SP 800-90A s10.2.1), seeded by the
 * platform and by nothing else: neither the time nor a counter. libre's
 * rand_u32() and the rest of its rand functions are served from the same
 * generator; without OpenSSL libre itself would use rand() seeded with the
 * time.
 */
#ifndef PORT_RANDOM_H
#define PORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <mbedtls/ctr_drbg.h>

/**
 * Platform's source of entropy, for example getrandom(2)
 *
 * @param arg  Handler argument
 * @param buf  Fill all of it
 * @param len  Octets wanted
 *
 * @return 0, else an errno value and the generator is not used
 */
typedef int (random_seed_h)(void *arg, uint8_t *buf, size_t len);

/** A generator; members are private */
struct random_ctx {
	mbedtls_ctr_drbg_context drbg;
	random_seed_h *seedh;
	void *arg;
};

/**
 * Start a generator
 *
 * @param ctx    Generator
 * @param seedh  Entropy source, also used to reseed: kept
 * @param arg    Its argument, kept
 * @param label  Personalisation, makes two generators with the same entropy
 *               different; may be NULL
 * @param len    Its length
 *
 * @return 0, EINVAL: no seed handler or a label over 32 octets, EIO: the
 *         entropy source failed
 */
int random_ctx_init(struct random_ctx *ctx, random_seed_h *seedh, void *arg,
		    const void *label, size_t len);

/**
 * Random octets from a generator
 *
 * @return 0, EIO: not started, or the entropy source failed at a reseed; buf
 *         is then zero
 */
int random_ctx_bytes(struct random_ctx *ctx, void *buf, size_t len);

/** Wipe a generator */
void random_ctx_close(struct random_ctx *ctx);

/**
 * Start the generator behind random_bytes() and libre's rand functions
 *
 * libre's functions cannot report a failure: they end the program when the
 * generator is not started or its source fails.
 *
 * @return as random_ctx_init()
 */
int random_init(random_seed_h *seedh, void *arg);

/** As random_ctx_bytes(), from that generator */
int random_bytes(void *buf, size_t len);

/** Wipe that generator */
void random_close(void);

#endif
