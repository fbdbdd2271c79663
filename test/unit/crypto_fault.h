/**
 * @file crypto_fault.h  Cryptography that fails on demand
 *
 * The unit tests are linked with -Wl,--wrap for the functions below, as a
 * crypto engine in hardware would stand there, which can fail.
 */
#ifndef CRYPTO_FAULT_H
#define CRYPTO_FAULT_H

#include <stdbool.h>

/** The n-th call from now on fails, 0: none.  Counts down */
extern unsigned crypto_fault;

/** Asked in place of that whether a call fails; NULL = nobody */
extern bool (*crypto_fault_h)(void);

#endif
