/**
 * @file re_mem.c  libre's memory interface on fixed pools
 *
 * Replaces libre's mem.c: the same functions, without a heap. A block is a
 * header and the object; the class of an object follows from its address, so
 * the header is two words as in libre. A released block is wiped: libre
 * objects may hold credentials.
 */
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "ports/common/pool.h"
#include "ports/common/pool_config.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len)   ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#endif


enum {
	BLOCK_ALIGN = alignof(max_align_t)
};

/** In front of each object */
struct mem {
	alignas(max_align_t) uint32_t nrefs;    /**< 0: block is free     */
	union {
		mem_destroy_h *dh;              /**< in use: destructor   */
		struct mem *next;               /**< free: the next one   */
	} u;
};

/** What changes of a class */
struct pool {
	struct mem *freel;      /**< released blocks                     */
	unsigned fresh;         /**< blocks that were used at least once */
	unsigned used;
	unsigned peak;
	uint32_t failed;
};

/** What is fixed of a class */
struct pool_class {
	uint8_t *base;
	size_t size;
	unsigned count;
};

#define BLOCK_SIZE(size) (sizeof(struct mem) + (size))

#define X(size, count)							\
	_Static_assert((size) % 16 == 0 && (size) > 0 && (count) > 0,	\
		      "pool_config.h: size or count out of range");	\
	static alignas(max_align_t)					\
	uint8_t store_##size[BLOCK_SIZE(size) * (count)];
POOL_CLASSES(X)
#undef X

#define X(size, count) {store_##size, (size), (count)},
static const struct pool_class classv[] = { POOL_CLASSES(X) };
#undef X

enum {
	CLASSC = sizeof(classv) / sizeof(classv[0])
};

static struct pool poolv[CLASSC];
static uint32_t too_large;
static uint32_t misused;
static uint32_t fail_nth;


/** Class of an object's address, CLASSC when it is none of ours */
static size_t class_of(const void *data)
{
	const uintptr_t p = (uintptr_t)data;
	size_t i;

	for (i = 0; i < CLASSC; i++) {
		const uintptr_t base = (uintptr_t)classv[i].base;
		const size_t block = BLOCK_SIZE(classv[i].size);
		size_t off;

		if (p < base || p - base >= block * classv[i].count)
			continue;
		off = (size_t)(p - base);

		return off % block == sizeof(struct mem) ? i : CLASSC;
	}

	return CLASSC;
}


/** Header of a live object, NULL (and counted) when it is not one */
static struct mem *mem_get(const void *data, size_t *class)
{
	struct mem *m;

	*class = class_of(data);
	if (*class < CLASSC) {
		m = (struct mem *)(uintptr_t)data - 1;
		if (m->nrefs)
			return m;
	}
	++misused;

	return NULL;
}


static struct mem *block_take(size_t class)
{
	const struct pool_class *c = &classv[class];
	struct pool *pool = &poolv[class];
	struct mem *m = pool->freel;

	if (m) {
		pool->freel = m->u.next;
	}
	else if (pool->fresh < c->count) {
		/* (void *): blocks are multiples of the alignment */
		m = (void *)(c->base + pool->fresh * BLOCK_SIZE(c->size));
		++pool->fresh;
	}
	else {
		++pool->failed;
		return NULL;
	}

	if (++pool->used > pool->peak)
		pool->peak = pool->used;

	return m;
}


static void block_release(struct mem *m, size_t class)
{
	struct pool *pool = &poolv[class];
	volatile uint8_t *p = (volatile uint8_t *)(m + 1);
	size_t i;

	ASAN_UNPOISON_MEMORY_REGION(m + 1, classv[class].size);
	for (i = 0; i < classv[class].size; i++)
		p[i] = 0;
	ASAN_POISON_MEMORY_REGION(m + 1, classv[class].size);

	m->nrefs = 0;
	m->u.next = pool->freel;
	pool->freel = m;
	--pool->used;
}


/** True when this request is the one to refuse for a test */
static bool fail_now(void)
{
	return fail_nth && 0 == --fail_nth;
}


void *mem_alloc(size_t size, mem_destroy_h *dh)
{
	struct mem *m;
	size_t i = 0;

	if (fail_now())
		return NULL;

	while (i < CLASSC && classv[i].size < size)
		i++;
	if (i == CLASSC) {
		++too_large;
		return NULL;
	}

	m = block_take(i);
	if (!m)
		return NULL;

	m->nrefs = 1;
	m->u.dh = dh;
	ASAN_UNPOISON_MEMORY_REGION(m + 1, size);
	ASAN_POISON_MEMORY_REGION((uint8_t *)(m + 1) + size,
				  classv[i].size - size);

	return m + 1;
}


void *mem_zalloc(size_t size, mem_destroy_h *dh)
{
	void *p = mem_alloc(size, dh);

	if (p)
		memset(p, 0, size);

	return p;
}


/* An object that shrinks stays where it is: libre trims buffers and expects
   that to succeed. */
void *mem_realloc(void *data, size_t size)
{
	struct mem *m, *m2;
	size_t class, old_size;
	void *p;

	if (!data)
		return NULL;

	m = mem_get(data, &class);
	if (!m)
		return NULL;

	old_size = classv[class].size;
	if (size <= old_size) {
		ASAN_UNPOISON_MEMORY_REGION(data, size);
		ASAN_POISON_MEMORY_REGION((uint8_t *)data + size,
					  old_size - size);
		return data;
	}

	p = mem_alloc(size, m->u.dh);
	if (!p)
		return NULL;

	ASAN_UNPOISON_MEMORY_REGION(data, old_size);
	memcpy(p, data, old_size);
	m2 = (struct mem *)p - 1;
	m2->nrefs = m->nrefs;
	block_release(m, class);

	return p;
}


void *mem_reallocarray(void *ptr, size_t nmemb, size_t membsize,
		       mem_destroy_h *dh)
{
	if (membsize && nmemb > SIZE_MAX / membsize)
		return NULL;

	if (ptr)
		return mem_realloc(ptr, nmemb * membsize);

	return mem_alloc(nmemb * membsize, dh);
}


void *mem_ref(void *data)
{
	struct mem *m;
	size_t class;

	if (!data)
		return NULL;

	m = mem_get(data, &class);
	if (m)
		++m->nrefs;

	return data;
}


void *mem_deref(void *data)
{
	struct mem *m;
	size_t class;

	if (!data)
		return NULL;

	m = mem_get(data, &class);
	if (!m)
		return NULL;

	if (m->nrefs > 1) {
		--m->nrefs;
		return NULL;
	}

	/* The destructor may take a reference and so keep the object: libre
	   shows it a count of 0, which means "free" here; hence 1 more. */
	if (m->u.dh) {
		m->u.dh(data);
		if (--m->nrefs > 0)
			return NULL;
	}

	block_release(m, class);

	return NULL;
}


uint32_t mem_nrefs(const void *data)
{
	const struct mem *m;
	size_t class;

	if (!data)
		return 0;

	m = mem_get(data, &class);

	return m ? m->nrefs : 0;
}


int mem_get_stat(struct memstat *mstat)
{
	struct memstat st;
	size_t i;

	if (!mstat)
		return EINVAL;

	memset(&st, 0, sizeof(st));
	st.size_min = classv[0].size;
	st.size_max = classv[CLASSC - 1].size;
	for (i = 0; i < CLASSC; i++) {
		st.blocks_cur  += poolv[i].used;
		st.blocks_peak += poolv[i].peak;
		st.bytes_cur   += poolv[i].used * classv[i].size;
		st.bytes_peak  += poolv[i].peak * classv[i].size;
	}
	*mstat = st;

	return 0;
}


int mem_status(struct re_printf *pf, void *unused)
{
	size_t i;
	int err;

	(void)unused;

	for (i = 0; i < CLASSC; i++) {
		err = re_hprintf(pf, "pool %4zu: %3u used, %3u peak, %3u of"
				 " all, %u failed\n", classv[i].size,
				 poolv[i].used, poolv[i].peak,
				 classv[i].count, poolv[i].failed);
		if (err)
			return err;
	}

	return 0;
}


/* libre's leak printer; the pools' figures say the same */
void mem_debug(void)
{
}


/* libre's out-of-memory simulation; here it is pool_fail_nth() */
void mem_threshold_set(ssize_t n)
{
	(void)n;
}


int pool_stats_get(struct pool_stats *stats, size_t i)
{
	if (!stats)
		return EINVAL;
	if (i >= CLASSC)
		return ENOENT;

	stats->size   = classv[i].size;
	stats->count  = classv[i].count;
	stats->used   = poolv[i].used;
	stats->peak   = poolv[i].peak;
	stats->failed = poolv[i].failed;

	return 0;
}


unsigned pool_used(void)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < CLASSC; i++)
		n += poolv[i].used;

	return n;
}


uint32_t pool_too_large(void)
{
	return too_large;
}


uint32_t pool_misused(void)
{
	return misused;
}


void pool_stats_reset(void)
{
	size_t i;

	for (i = 0; i < CLASSC; i++) {
		poolv[i].peak = poolv[i].used;
		poolv[i].failed = 0;
	}
	too_large = misused = 0;
}


void pool_fail_nth(uint32_t n)
{
	fail_nth = n;
}
