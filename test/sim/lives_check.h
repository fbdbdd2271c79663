/**
 * @file lives_check.h  Lives in a test
 */
#ifndef SIM_LIVES_CHECK_H
#define SIM_LIVES_CHECK_H

#include "test/sim/life.h"

/** That many lives, from seed 1, end well; one that does not prints its
 *  seed */
void lives_check(const char *(*run)(struct life *life, uint64_t seed),
		 unsigned lives);

/** Everything in a life follows from its seed */
void lives_check_seed(const char *(*run)(struct life *life, uint64_t seed));

#endif
