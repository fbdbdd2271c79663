/**
 * @file pool.h  Figures and tests of the pools behind libre's mem
 *
 * mem_alloc() and the rest of libre's <re_mem.h> are served from fixed
 * pools, one per size class (pool_config.h). One task uses them.
 */
#ifndef PORT_POOL_H
#define PORT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** State of one size class */
struct pool_stats {
	size_t size;            /**< octets an object may have           */
	unsigned count;         /**< blocks there are                    */
	unsigned used;          /**< blocks in use now                   */
	unsigned peak;          /**< most blocks in use at a time        */
	uint32_t failed;        /**< requests refused, all blocks in use */
};

/**
 * Get the figures of one size class
 *
 * @param stats  Result
 * @param i      Class, 0 is the smallest
 *
 * @return 0, ENOENT: there are not so many classes, EINVAL: stats is NULL
 */
int pool_stats_get(struct pool_stats *stats, size_t i);

/** Blocks in use in all classes */
unsigned pool_used(void);

/** Requests refused because no class is large enough */
uint32_t pool_too_large(void);

/** Calls that handed in a pointer which is not a live object of the pools:
 *  a double release or a stray pointer, that is our own bug. Such calls
 *  change nothing */
uint32_t pool_misused(void);

/** Forget peaks and counts of refusals; peaks start at what is in use */
void pool_stats_reset(void);

/**
 * Refuse one request to come, to test what the callers make of it
 *
 * @param n  1: the next mem_alloc(), or mem_realloc() that has to move, 2:
 *           the one after it, ...; 0: refuse none
 */
void pool_fail_nth(uint32_t n);

#endif
