/**
 * @file pool.h  libre's memory on fixed pools: what tests and tables ask
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One size class */
struct pool_stat {
	size_t size;            /**< octets of payload                   */
	unsigned count;         /**< blocks                              */
	unsigned used;
	unsigned peak;
	unsigned failed;        /**< requests that found it empty        */
};

/** Number of size classes */
unsigned pool_classes(void);

/** State of a class.  @param i  0..pool_classes() - 1 */
void pool_stat(struct pool_stat *st, unsigned i);

/** Blocks taken in all classes */
unsigned pool_used(void);

/**
 * Fault injection for tests: the n-th request from now fails
 *
 * @param n        1 = the next one; 0 = none
 * @param for_ever All later ones fail, too
 */
void pool_fail(unsigned n, bool for_ever);

#endif
