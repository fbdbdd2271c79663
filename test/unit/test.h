/**
 * @file test.h  The unit tests' frame
 *
 * A file test_<name>.c exports
 *
 *     const struct test_case suite_<name>[] = {
 *             {"RFC 3320 s7.3: a reserved destination is refused", run},
 *             {NULL, NULL}
 *     };
 *
 * and is found by its name. A check that fails prints where and both values
 * and returns from the test function. No file I/O: the same tests run on a
 * bare board.
 */
#ifndef UIMS_TEST_H
#define UIMS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

struct test_suite {
	const char *name;
	const struct test_case *casev;
};

/** All suites, made by the Makefile from the file names; ends with NULL */
extern const struct test_suite test_suites[];

/* One function per comparison, so that a check costs little code. Each
   returns true when the check holds. */
bool test_true(bool cond, const char *expr, const char *file, int line);
bool test_eq(intmax_t actual, intmax_t expected, const char *expr,
	     const char *file, int line);
bool test_str(const char *actual, const char *expected, const char *expr,
	      const char *file, int line);
bool test_mem(const void *p, size_t plen, const void *q, size_t qlen,
	      const char *expr, const char *file, int line);

/** `unit -a`: tests that have a long form run it */
extern bool test_all;

/** The running test does not apply here, and why; then return */
void test_skip(const char *why);

#define CHECK(cond)							\
	do {								\
		if (!test_true((cond) ? true : false, #cond,		\
			       __FILE__, __LINE__))			\
			return;						\
	} while (0)

/** Integers of any type; the actual value first */
#define CHECK_EQ(actual, expected)					\
	do {								\
		if (!test_eq((intmax_t)(actual), (intmax_t)(expected),	\
			     #actual, __FILE__, __LINE__))		\
			return;						\
	} while (0)

#define CHECK_STR(actual, expected)					\
	do {								\
		if (!test_str((actual), (expected), #actual,		\
			      __FILE__, __LINE__))			\
			return;						\
	} while (0)

/** Bytes: actual pointer and length, expected pointer and length */
#define CHECK_MEM(p, plen, q, qlen)					\
	do {								\
		if (!test_mem((p), (plen), (q), (qlen), #p,		\
			      __FILE__, __LINE__))			\
			return;						\
	} while (0)

#endif
