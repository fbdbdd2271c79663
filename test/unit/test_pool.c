/**
 * @file test_pool.c  libre's memory on fixed pools, random octets
 */
#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include "ports/common/pool.h"
#include "ports/common/random.h"
#include "ports/common/re_port.h"
#include "test/unit/test.h"

#define BLOCKS_MAX 1024

static void *blockv[BLOCKS_MAX];
static unsigned destroyed;


static void destructor(void *data)
{
	(void)data;
	++destroyed;
}


/** The largest class */
static void last_class(struct pool_stats *st)
{
	for (unsigned i = 0; !pool_stats_get(st, i); i++)
		;
}


static unsigned take_all(size_t size)
{
	unsigned n = 0;

	while (n < BLOCKS_MAX && (blockv[n] = mem_alloc(size, NULL)))
		++n;

	return n;
}


static void give_back(unsigned n)
{
	while (n--)
		(void)mem_deref(blockv[n]);
}


static void test_exhaustion(void)
{
	struct pool_stats st;
	const unsigned used = pool_used();
	unsigned n, all = 0;

	for (unsigned i = 0; !pool_stats_get(&st, i); i++) {
		all += st.count - st.used;
	}

	/* a small request takes a larger block when its class is empty */
	n = take_all(1);
	CHECK_EQ(n, all);
	CHECK(mem_alloc(1, NULL) == NULL);
	last_class(&st);
	CHECK(st.failed > 0);
	CHECK_EQ(st.used, st.count);

	/* one given back is one to be had */
	(void)mem_deref(blockv[--n]);
	blockv[n] = mem_alloc(1, NULL);
	CHECK(blockv[n++] != NULL);

	give_back(n);
	CHECK_EQ(pool_used(), used);
	n = take_all(1);
	give_back(n);
	CHECK_EQ(n, all);
}


static void test_too_large(void)
{
	struct pool_stats st;

	last_class(&st);
	CHECK(mem_alloc(st.size + 1, NULL) == NULL);
	CHECK(mem_alloc(SIZE_MAX, NULL) == NULL);
	CHECK(mem_reallocarray(NULL, SIZE_MAX / 2, 4, NULL) == NULL);
}


static void test_references(void)
{
	const unsigned used = pool_used();
	void *p = mem_zalloc(40, destructor);

	CHECK(p != NULL);
	destroyed = 0;
	CHECK(mem_ref(p) == p);
	CHECK_EQ(mem_nrefs(p), 2);
	(void)mem_deref(p);
	CHECK_EQ(destroyed, 0);
	(void)mem_deref(p);
	CHECK_EQ(destroyed, 1);
	CHECK_EQ(pool_used(), used);
	CHECK(mem_deref(NULL) == NULL);
}


static void test_alignment(void)
{
	struct pool_stats st;

	for (unsigned i = 0; !pool_stats_get(&st, i); i++) {
		uint8_t *p, *q;

		p = mem_alloc(st.size, NULL);
		q = mem_alloc(st.size, NULL);
		CHECK(p && q);
		CHECK_EQ((uintptr_t)p % alignof(max_align_t), 0);
		CHECK_EQ((uintptr_t)q % alignof(max_align_t), 0);

		/* whole blocks may be written without touching each other */
		memset(p, 0xaa, st.size);
		memset(q, 0x55, st.size);
		CHECK_EQ(p[st.size - 1], 0xaa);
		CHECK_EQ(mem_nrefs(p), 1);
		CHECK_EQ(mem_nrefs(q), 1);
		(void)mem_deref(p);
		(void)mem_deref(q);
	}
}


static void test_realloc(void)
{
	const unsigned used = pool_used();
	uint8_t *p = mem_alloc(10, destructor), *q;

	CHECK(p != NULL);
	destroyed = 0;
	for (unsigned i = 0; i < 10; i++)
		p[i] = (uint8_t)i;

	q = mem_realloc(p, 1000);
	CHECK(q != NULL);
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(q[i], i);

	/* it failed: the old block is still there */
	CHECK(mem_realloc(q, SIZE_MAX) == NULL);
	CHECK_EQ(q[9], 9);
	CHECK_EQ(destroyed, 0);
	(void)mem_deref(q);
	CHECK_EQ(destroyed, 1);
	CHECK_EQ(pool_used(), used);
}


static void test_fault(void)
{
	void *p;

	pool_fail_nth(2);
	p = mem_alloc(1, NULL);
	CHECK(p != NULL);
	CHECK(mem_alloc(1, NULL) == NULL);
	(void)mem_deref(p);
	p = mem_alloc(1, NULL);
	CHECK(p != NULL);
	(void)mem_deref(p);
	pool_fail_nth(0);
}


static void test_misuse(void)
{
	const uint32_t misused = pool_misused();
	void *p = mem_alloc(1, NULL);
	int x;

	CHECK(p != NULL);
	(void)mem_deref(p);
	(void)mem_deref(p);
	CHECK_EQ(pool_misused(), misused + 1);
	(void)mem_deref(&x);
	CHECK_EQ(pool_misused(), misused + 2);
}


/** Entropy by script */
struct entropy {
	uint8_t value;
	unsigned calls;
	int err;
};


static int entropy_handler(void *arg, void *buf, size_t len)
{
	struct entropy *e = arg;

	++e->calls;
	memset(buf, e->value, len);

	return e->err;
}


static void test_random_unseeded(void)
{
	static const uint8_t zero[8];
	struct entropy e = {1, 0, EIO};
	uint8_t a[8] = {1};

	random_close();
	CHECK_EQ(random_bytes(a, sizeof(a)), EIO);
	CHECK_MEM(a, sizeof(a), zero, sizeof(zero));
	CHECK_EQ(random_init(entropy_handler, &e), EIO);
	CHECK_EQ(random_bytes(a, sizeof(a)), EIO);
}


static void test_random_streams(void)
{
	struct entropy e = {1, 0, 0};
	uint8_t a[3000], b[3000], c[3000];

	CHECK_EQ(random_init(entropy_handler, &e), 0);
	CHECK(e.calls > 0);
	CHECK_EQ(random_bytes(a, sizeof(a)), 0);
	CHECK_EQ(random_bytes(b, sizeof(b)), 0);
	CHECK(memcmp(a, b, sizeof(a)) != 0);

	/* the entropy and nothing else (no time) makes the stream */
	CHECK_EQ(random_init(entropy_handler, &e), 0);
	CHECK_EQ(random_bytes(c, sizeof(c)), 0);
	CHECK_MEM(c, sizeof(c), a, sizeof(a));

	e.value = 2;
	CHECK_EQ(random_init(entropy_handler, &e), 0);
	CHECK_EQ(random_bytes(c, sizeof(c)), 0);
	CHECK(memcmp(a, c, sizeof(a)) != 0);
	random_close();
}


static void test_random_libre(void)
{
	struct entropy e = {3, 0, 0};
	uint32_t a, b;

	CHECK_EQ(random_init(entropy_handler, &e), 0);
	a = rand_u32();
	b = rand_u32();
	CHECK(a != b);
	CHECK_EQ(random_init(entropy_handler, &e), 0);
	CHECK_EQ(rand_u32(), a);
	random_close();
}


extern const struct test_case suite_pool[];
const struct test_case suite_pool[] = {
	{"Pools: every block can be taken, then NULL, then again",
	 test_exhaustion},
	{"Pools: more than the largest class is refused", test_too_large},
	{"Pools: a block lives as long as its references", test_references},
	{"Pools: every block is aligned and apart from the next",
	 test_alignment},
	{"Pools: a block that grows keeps its contents", test_realloc},
	{"Pools: the n-th request fails", test_fault},
	{"Pools: a double release and a stray pointer change nothing",
	 test_misuse},
	{"Random: nothing comes out before it is seeded",
	 test_random_unseeded},
	{"Random: entropy alone decides the stream", test_random_streams},
	{"Random: libre's functions use the same generator",
	 test_random_libre},
	{NULL, NULL}
};
