/**
 * @file test_random.c  The random source
 */
#include <errno.h>
#include <string.h>
#include "ue/ue_re.h"
#include <re_sys.h>
#include "ports/common/random.h"
#include "ports/common/re_time.h"
#include "test/unit/test.h"


/** An entropy source with known output */
struct source {
	uint8_t fill;
	unsigned calls;
	bool broken;
};


static int seed(void *arg, uint8_t *buf, size_t len)
{
	struct source *src = arg;

	++src->calls;
	if (src->broken)
		return EIO;
	memset(buf, src->fill, len);

	return 0;
}


static uint64_t clock_handler(void *arg)
{
	return *(const uint64_t *)arg;
}


static void no_time(void)
{
	static struct random_ctx a, b;
	struct source src = {7, 0, false};
	uint64_t now = 1000000;
	uint8_t x[40], y[40];
	int err;

	/* the same entropy at two different times: the same octets */
	re_time_set(clock_handler, &now);
	err = random_ctx_init(&a, seed, &src, NULL, 0);
	err = err ? err : random_ctx_bytes(&a, x, sizeof(x));
	now += 3600000000u;
	err = err ? err : random_ctx_init(&b, seed, &src, NULL, 0);
	err = err ? err : random_ctx_bytes(&b, y, sizeof(y));
	re_time_set(NULL, NULL);

	CHECK_EQ(err, 0);
	CHECK_MEM(x, sizeof(x), y, sizeof(y));
	CHECK(src.calls >= 2);
	random_ctx_close(&a);
	random_ctx_close(&b);
}


static void distinct(void)
{
	static struct random_ctx a, b, c;
	struct source s1 = {1, 0, false}, s2 = {2, 0, false};
	uint8_t x[32], y[32], z[32], x2[32];

	CHECK_EQ(random_ctx_init(&a, seed, &s1, NULL, 0), 0);
	CHECK_EQ(random_ctx_init(&b, seed, &s2, NULL, 0), 0);
	CHECK_EQ(random_ctx_init(&c, seed, &s1, "c", 1), 0);
	CHECK_EQ(random_ctx_bytes(&a, x, sizeof(x)), 0);
	CHECK_EQ(random_ctx_bytes(&b, y, sizeof(y)), 0);
	CHECK_EQ(random_ctx_bytes(&c, z, sizeof(z)), 0);
	CHECK_EQ(random_ctx_bytes(&a, x2, sizeof(x2)), 0);
	CHECK(memcmp(x, y, sizeof(x)) != 0);
	CHECK(memcmp(x, z, sizeof(x)) != 0);
	CHECK(memcmp(x, x2, sizeof(x)) != 0);
	random_ctx_close(&a);
	random_ctx_close(&b);
	random_ctx_close(&c);
}


static void broken_source(void)
{
	static struct random_ctx a;
	struct source src = {1, 0, true};
	uint8_t x[16], zero[16] = {0};

	CHECK_EQ(random_ctx_init(&a, seed, &src, NULL, 0), EIO);
	memset(x, 1, sizeof(x));
	CHECK_EQ(random_ctx_bytes(&a, x, sizeof(x)), EIO);
	CHECK_MEM(x, sizeof(x), zero, sizeof(zero));
	CHECK_EQ(random_ctx_init(&a, NULL, NULL, NULL, 0), EINVAL);
}


static void large(void)
{
	static struct random_ctx a;
	static uint8_t buf[3 * MBEDTLS_CTR_DRBG_MAX_REQUEST + 5];
	struct source src = {9, 0, false};
	size_t i, count[256] = {0};

	CHECK_EQ(random_ctx_init(&a, seed, &src, NULL, 0), 0);
	CHECK_EQ(random_ctx_bytes(&a, buf, sizeof(buf)), 0);
	for (i = 0; i < sizeof(buf); i++)
		++count[buf[i]];
	/* 3077 octets, each value 12 times on average */
	for (i = 0; i < 256; i++)
		CHECK(count[i] < 40);
	random_ctx_close(&a);
}


static void libre_functions(void)
{
	struct source src = {3, 0, false};
	char a[33], b[33];
	size_t i;

	CHECK_EQ(random_init(seed, &src), 0);
	rand_str(a, sizeof(a));
	rand_str(b, sizeof(b));
	CHECK_EQ(strlen(a), 32);
	CHECK_EQ(strlen(b), 32);
	CHECK(strcmp(a, b) != 0);
	for (i = 0; i < 32; i++)
		CHECK(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
			     "qrstuvwxyz0123456789", a[i]) != NULL);
	CHECK(rand_u64() != rand_u64());
	CHECK(rand_u32() != rand_u32());

	/* a size of 1 has room for the terminating zero only */
	rand_str(a, 1);
	CHECK_STR(a, "");

	random_close();
	CHECK_EQ(random_bytes(a, 4), EIO);
}


const struct test_case suite_random[] = {
	{"the time has no part in the random octets", no_time},
	{"another seed or label, another stream", distinct},
	{"no octets without entropy", broken_source},
	{"requests larger than the generator's limit", large},
	{"libre's rand functions draw from the same generator",
	 libre_functions},
	{NULL, NULL}
};
