/**
 * @file random.h  Random octets: CTR_DRBG (NIST SP 800-90A) on the
 *                 platform's entropy
 *
 * Also the source of libre's rand_*() functions, whose own file is rand()
 * seeded with the time.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

/**
 * Where entropy comes from
 *
 * @param buf  Filled completely
 * @return 0, EIO
 */
typedef int (random_entropy_h)(void *arg, void *buf, size_t len);

/**
 * Seed the generator; it seeds itself again after each 10,000 requests
 *
 * @param entropyh  Kept; called now and at later calls of random_bytes()
 * @return 0, EIO: there is no entropy, nothing may be generated
 */
int  random_init(random_entropy_h *entropyh, void *arg);

/** @return 0; EIO not seeded, or entropy failed: buf is zero then */
int  random_bytes(void *buf, size_t len);

/** Wipe the state */
void random_close(void);

#endif
