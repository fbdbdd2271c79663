/**
 * @file test_pool.c  libre's memory interface on fixed pools
 */
#include <stdalign.h>
#include <string.h>
#include "ue/ue_re.h"
#include "ports/common/pool.h"
#include "test/unit/test.h"


enum {
	SIZE_SMALL = 20,
	BLOCKS_MAX = 1024
};

static unsigned destroyed;


static void destructor(void *arg)
{
	(void)arg;
	++destroyed;
}


/** The class that serves a size */
static size_t class_for(size_t size, struct pool_stats *st)
{
	size_t i;

	for (i = 0; !pool_stats_get(st, i); i++) {
		if (st->size >= size)
			break;
	}

	return i;
}


static void refcount(void)
{
	const unsigned before = pool_used();
	void *p = mem_alloc(SIZE_SMALL, destructor);

	destroyed = 0;
	CHECK(p != NULL);
	CHECK_EQ(mem_nrefs(p), 1);
	CHECK(mem_ref(p) == p);
	CHECK_EQ(mem_nrefs(p), 2);
	CHECK(mem_deref(p) == NULL);
	CHECK_EQ(destroyed, 0);
	CHECK_EQ(pool_used(), before + 1);
	CHECK(mem_deref(p) == NULL);
	CHECK_EQ(destroyed, 1);
	CHECK_EQ(pool_used(), before);
}


static void null_is_harmless(void)
{
	CHECK(mem_ref(NULL) == NULL);
	CHECK(mem_deref(NULL) == NULL);
	CHECK_EQ(mem_nrefs(NULL), 0);
	CHECK(mem_realloc(NULL, 10) == NULL);
}


static void keeper(void *arg)
{
	++destroyed;
	if (destroyed == 1)
		(void)mem_ref(arg);
}


static void destructor_keeps(void)
{
	const unsigned before = pool_used();
	void *p = mem_alloc(SIZE_SMALL, keeper);

	destroyed = 0;
	CHECK(p != NULL);
	mem_deref(p);
	CHECK_EQ(destroyed, 1);
	CHECK_EQ(mem_nrefs(p), 1);
	CHECK_EQ(pool_used(), before + 1);
	mem_deref(p);
	CHECK_EQ(destroyed, 2);
	CHECK_EQ(pool_used(), before);
}


static void exhaustion(void)
{
	static void *pv[BLOCKS_MAX];
	struct pool_stats st, next;
	size_t class, i, n = 0;

	pool_stats_reset();
	class = class_for(SIZE_SMALL, &st);
	CHECK_EQ(pool_stats_get(&next, class + 1), 0);
	CHECK(st.count - st.used < BLOCKS_MAX);

	while (n < BLOCKS_MAX) {
		pv[n] = mem_alloc(SIZE_SMALL, NULL);
		if (!pv[n])
			break;
		/* blocks do not overlap: each keeps its own mark */
		memset(pv[n], (int)(n & 0xff), SIZE_SMALL);
		n++;
	}
	CHECK_EQ(n, st.count - st.used);

	pool_stats_get(&st, class);
	CHECK_EQ(st.used, st.count);
	CHECK_EQ(st.peak, st.count);
	CHECK_EQ(st.failed, 1);
	CHECK(mem_zalloc(SIZE_SMALL, NULL) == NULL);

	/* the other classes are not touched */
	i = next.used;
	pool_stats_get(&next, class + 1);
	CHECK_EQ(next.used, i);

	for (i = 0; i < n; i++) {
		const uint8_t *p = pv[i];

		CHECK_EQ(p[0], i & 0xff);
		CHECK_EQ(p[SIZE_SMALL - 1], i & 0xff);
	}

	/* what was released can be had again, and no more than that */
	mem_deref(pv[n / 2]);
	pv[n / 2] = mem_alloc(SIZE_SMALL, NULL);
	CHECK(pv[n / 2] != NULL);
	CHECK(mem_alloc(SIZE_SMALL, NULL) == NULL);

	for (i = 0; i < n; i++)
		mem_deref(pv[i]);
	pool_stats_reset();
}


static void too_large(void)
{
	const uint32_t before = pool_too_large();

	CHECK(mem_alloc((size_t)1 << 24, NULL) == NULL);
	CHECK(mem_alloc(SIZE_MAX, NULL) == NULL);
	CHECK(mem_reallocarray(NULL, SIZE_MAX / 2, 3, NULL) == NULL);
	CHECK_EQ(pool_too_large(), before + 2);
}


static void every_size(void)
{
	struct pool_stats st;
	size_t i, size;

	for (i = 0; !pool_stats_get(&st, i); i++) {
		for (size = st.size - 1; size <= st.size; size++) {
			const unsigned used = st.used;
			struct pool_stats now;
			void *p = mem_alloc(size, NULL);

			CHECK(p != NULL);
			CHECK_EQ((uintptr_t)p % alignof(max_align_t), 0);
			memset(p, 0xff, size);
			CHECK_EQ(pool_stats_get(&now, i), 0);
			CHECK_EQ(now.used, used + 1);
			mem_deref(p);
		}
	}
}


static void zeroed(void)
{
	uint8_t zero[SIZE_SMALL] = {0};
	void *p = mem_alloc(SIZE_SMALL, NULL);

	CHECK(p != NULL);
	memset(p, 0xa5, SIZE_SMALL);
	mem_deref(p);
	p = mem_zalloc(SIZE_SMALL, NULL);
	CHECK(p != NULL);
	CHECK_MEM(p, SIZE_SMALL, zero, SIZE_SMALL);
	mem_deref(p);
}


static void wiped(void)
{
	uint8_t *p = mem_alloc(SIZE_SMALL, NULL), *q;

	CHECK(p != NULL);
	memset(p, 0xa5, SIZE_SMALL);
	mem_deref(p);

	/* the same block comes back first; mem_alloc does not clear it */
	q = mem_alloc(SIZE_SMALL, NULL);
	CHECK(q == p);
	CHECK_EQ(q[0], 0);
	CHECK_EQ(q[SIZE_SMALL - 1], 0);
	mem_deref(q);
}


static void realloc_moves(void)
{
	const unsigned before = pool_used();
	struct pool_stats st;
	uint8_t *p, *q;
	size_t i;

	CHECK_EQ(pool_stats_get(&st, 0), 0);
	destroyed = 0;
	p = mem_alloc(st.size, destructor);
	CHECK(p != NULL);
	for (i = 0; i < st.size; i++)
		p[i] = (uint8_t)i;
	(void)mem_ref(p);

	q = mem_realloc(p, st.size + 1);
	CHECK(q != NULL && q != p);
	CHECK_EQ(mem_nrefs(q), 2);
	for (i = 0; i < st.size; i++)
		CHECK_EQ(q[i], i);
	CHECK_EQ(pool_used(), before + 1);

	/* shrinking never fails and never moves */
	pool_fail_nth(1);
	CHECK(mem_realloc(q, 1) == q);
	pool_fail_nth(0);

	mem_deref(q);
	CHECK_EQ(destroyed, 0);
	mem_deref(q);
	CHECK_EQ(destroyed, 1);
	CHECK_EQ(pool_used(), before);
}


static void realloc_failure(void)
{
	uint8_t *p = mem_alloc(8, NULL);

	CHECK(p != NULL);
	memcpy(p, "abcdefg", 8);
	CHECK(mem_realloc(p, (size_t)1 << 24) == NULL);
	CHECK_STR((char *)p, "abcdefg");
	CHECK_EQ(mem_nrefs(p), 1);
	mem_deref(p);
}


static void misuse(void)
{
	static uint64_t stray[8];
	const unsigned used = pool_used();
	uint8_t *p;

	pool_stats_reset();
	p = mem_alloc(SIZE_SMALL, NULL);
	CHECK(p != NULL);
	CHECK(mem_deref(&stray[4]) == NULL);
	CHECK(mem_deref(p + 8) == NULL);
	CHECK_EQ(pool_misused(), 2);
	CHECK_EQ(pool_used(), used + 1);
	mem_deref(p);
	CHECK(mem_deref(p) == NULL);
	CHECK_EQ(pool_misused(), 3);
	CHECK_EQ(pool_used(), used);
	pool_stats_reset();
}


static void injected(void)
{
	void *p, *q;

	pool_fail_nth(2);
	p = mem_alloc(SIZE_SMALL, NULL);
	CHECK(p != NULL);
	CHECK(mem_alloc(SIZE_SMALL, NULL) == NULL);
	q = mem_alloc(SIZE_SMALL, NULL);
	CHECK(q != NULL);
	mem_deref(p);
	mem_deref(q);
}


static void libre_survives(void)
{
	const unsigned before = pool_used();
	struct mbuf *mb = NULL;
	uint32_t n;

	/* libre's own code on the pools, with each request refused in turn */
	for (n = 1; n < 20; n++) {
		int err;

		pool_fail_nth(n);
		mb = mbuf_alloc(16);
		if (!mb) {
			CHECK_EQ(pool_used(), before);
			continue;
		}
		err = mbuf_printf(mb, "%s %r %d", "a longer text than fits in"
				  " sixteen octets, and even longer than that",
				  NULL, 42);
		if (err)
			CHECK_EQ(err, ENOMEM);
		mb = mem_deref(mb);
		CHECK_EQ(pool_used(), before);
		if (!err)
			break;
	}
	pool_fail_nth(0);
	CHECK(n > 2 && n < 20);
}


const struct test_case suite_pool[] = {
	{"an object lives until its last reference is gone", refcount},
	{"NULL is accepted and does nothing", null_is_harmless},
	{"a destructor may keep its object", destructor_keeps},
	{"running out of one class refuses, and harms no other", exhaustion},
	{"a request over the largest class is refused and counted", too_large},
	{"every class serves its full size, aligned for any type", every_size},
	{"mem_zalloc clears a block that was used before", zeroed},
	{"a released object is wiped", wiped},
	{"mem_realloc keeps contents, references and destructor",
	 realloc_moves},
	{"a mem_realloc that fails leaves the object as it was",
	 realloc_failure},
	{"a double release or stray pointer is counted, changes nothing",
	 misuse},
	{"the N-th request is refused on demand", injected},
	{"libre's mbuf gives everything back when refused", libre_survives},
	{NULL, NULL}
};
