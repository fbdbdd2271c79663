/**
 * @file main.c  Runs the unit tests
 *
 *     unit [-l] [-v] [-a | -q] [FILTER]
 *
 * -l lists the tests, -v prints every one, -a runs the long form of those that
 * have one, -q leaves out the suites that run thousands of lives (for valgrind
 * and emulators); FILTER is a part of
 * "suite: test name". The last line is "N passed, N failed".
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"


bool test_all;

/** What the running test has come to */
static struct {
	bool failed;
	bool skipped;
} cur;


bool test_true(bool cond, const char *expr, const char *file, int line)
{
	if (cond)
		return true;

	printf("%s:%d: %s is false\n", file, line, expr);
	cur.failed = true;

	return false;
}


bool test_eq(intmax_t actual, intmax_t expected, const char *expr,
	     const char *file, int line)
{
	if (actual == expected)
		return true;

	/* long long: the small C libraries know no %jd */
	printf("%s:%d: %s is %lld (0x%llx), expected %lld (0x%llx)\n",
	       file, line, expr,
	       (long long)actual, (unsigned long long)actual,
	       (long long)expected, (unsigned long long)expected);
	cur.failed = true;

	return false;
}


bool test_str(const char *actual, const char *expected, const char *expr,
	      const char *file, int line)
{
	if (actual == expected)
		return true;
	if (actual && expected && 0 == strcmp(actual, expected))
		return true;

	printf("%s:%d: %s is \"%s\", expected \"%s\"\n", file, line, expr,
	       actual ? actual : "(null)", expected ? expected : "(null)");
	cur.failed = true;

	return false;
}


static void print_bytes(const char *what, const uint8_t *p, size_t len,
			size_t from)
{
	size_t i;

	printf("  %s (%u bytes):", what, (unsigned)len);
	if (from)
		printf(" ...");
	for (i = from; i < len && i < from + 32; i++)
		printf(" %02x", p[i]);
	printf("%s\n", i < len ? " ..." : "");
}


bool test_mem(const void *p, size_t plen, const void *q, size_t qlen,
	      const char *expr, const char *file, int line)
{
	const uint8_t *a = p, *b = q;
	size_t i = 0;

	if (plen == qlen && (!plen || (a && b && !memcmp(a, b, plen))))
		return true;

	printf("%s:%d: %s differs", file, line, expr);
	cur.failed = true;
	if ((plen && !a) || (qlen && !b)) {
		printf(": a pointer is NULL\n");
		return false;
	}
	while (i < plen && i < qlen && a[i] == b[i])
		i++;
	printf(" at byte %u\n", (unsigned)i);
	i = i > 8 ? i - 8 : 0;
	print_bytes("actual", a, plen, i);
	print_bytes("expected", b, qlen, i);

	return false;
}


void test_skip(const char *why)
{
	printf("  skipped: %s\n", why);
	cur.skipped = true;
}


/** Suites that take most of the time */
static bool is_long(const char *suite)
{
	static const char *const longv[] = {
		"lives", "chat_lives", "conf_lives", "session_lives",
		"sigcomp_lz", "sigcomp_deflate", "faults"
	};

	for (size_t i = 0; i < sizeof(longv) / sizeof(longv[0]); i++) {
		if (!strcmp(suite, longv[i]))
			return true;
	}

	return false;
}


static bool wanted(const char *suite, const char *name, const char *filter,
		   bool quick)
{
	char full[256];

	if (quick && is_long(suite))
		return false;
	if (!filter)
		return true;
	(void)snprintf(full, sizeof(full), "%s: %s", suite, name);

	return NULL != strstr(full, filter);
}


struct totals {
	unsigned passed, failed, skipped;
};


static void run_case(const char *suite, const struct test_case *tc,
		     bool verbose, struct totals *tot)
{
	cur.failed = cur.skipped = false;
	if (verbose) {
		printf("%s: %s\n", suite, tc->name);
		(void)fflush(NULL);
	}
	tc->run();

	if (cur.failed) {
		printf("FAIL %s: %s\n", suite, tc->name);
		++tot->failed;
	}
	else if (cur.skipped) {
		printf("skip %s: %s\n", suite, tc->name);
		++tot->skipped;
	}
	else {
		++tot->passed;
	}
	(void)fflush(NULL);
}


int main(int argc, char *argv[])
{
	const struct test_suite *s;
	const struct test_case *tc;
	struct totals tot = {0, 0, 0};
	bool list = false, verbose = false, quick = false;
	const char *filter = NULL;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-l")) {
			list = true;
		}
		else if (!strcmp(argv[i], "-v")) {
			verbose = true;
		}
		else if (!strcmp(argv[i], "-a")) {
			test_all = true;
		}
		else if (!strcmp(argv[i], "-q")) {
			quick = true;
		}
		else if (argv[i][0] == '-' || filter) {
			printf("usage: unit [-l] [-v] [-a | -q] "
			       "[FILTER]\n");
			return 2;
		}
		else {
			filter = argv[i];
		}
	}

	for (s = test_suites; s->name; s++) {
		for (tc = s->casev; tc->name; tc++) {
			if (!wanted(s->name, tc->name, filter, quick))
				continue;
			if (list)
				printf("%s: %s\n", s->name, tc->name);
			else
				run_case(s->name, tc, verbose, &tot);
		}
	}
	if (list)
		return 0;

	/* a filter that matches nothing is a mistake, not a success */
	if (!(tot.passed + tot.failed + tot.skipped)) {
		printf("FAIL no test matches\n");
		++tot.failed;
	}
	printf("%u passed, %u failed", tot.passed, tot.failed);
	if (tot.skipped)
		printf(", %u skipped", tot.skipped);
	printf("\n");

	return tot.failed ? 1 : 0;
}
