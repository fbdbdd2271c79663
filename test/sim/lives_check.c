/**
 * @file lives_check.c  Lives in a test
 */
#include <stdio.h>
#include "test/sim/lives_check.h"
#include "test/unit/test.h"


void lives_check(const char *(*run)(struct life *life, uint64_t seed),
		 unsigned lives)
{
	struct life life;
	uint64_t seed;

	for (seed = 1; seed <= lives; seed++) {

		const char *why = run(&life, seed);

		if (why)
			printf("  seed %llu (loss %u %%)\n",
			       (unsigned long long)seed, life.loss);
		CHECK_STR(why, NULL);
	}
}


void lives_check_seed(const char *(*run)(struct life *life, uint64_t seed))
{
	struct life a, b;

	CHECK_STR(run(&a, 7), NULL);
	CHECK_STR(run(&b, 8), NULL);
	CHECK(a.mark != b.mark);
	CHECK_STR(run(&b, 7), NULL);
	CHECK_EQ(a.mark, b.mark);
}
