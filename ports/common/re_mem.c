/**
 * @file re_mem.c  libre's memory interface on fixed size-class pools
 *
 * Takes the place of libre's mem.c.  A request takes a block of the smallest
 * class that fits and has one left; what fits once fits for ever.  Empty
 * classes are an ordinary event: NULL, as malloc() would say.
 */
#include <stdalign.h>
#include <string.h>
#include "ports/common/pool.h"
#include "ports/common/pool_config.h"
#include "ports/common/re_port.h"


/** In front of each payload */
struct block {
	mem_destroy_h *dh;
	uint32_t nrefs;         /* 0 = free */
	uint16_t pool;          /* size class */
	uint16_t next;          /* free list: index + 1, 0 = end */
};

/** Payload begins where every type may */
#define HEAD ((sizeof(struct block) + alignof(max_align_t) - 1) &	\
	      ~(alignof(max_align_t) - 1))
#define STRIDE(size) (HEAD + (((size) + alignof(max_align_t) - 1) &	\
			      ~(alignof(max_align_t) - 1)))

#define POOL_MEM(size, count)						\
	static alignas(max_align_t) uint8_t mem_##size[STRIDE(size) * (count)];
POOL_LIST(POOL_MEM)
#undef POOL_MEM

struct pool {
	uint8_t *mem;
	struct pool_stat st;
	uint16_t free;          /* free list: index + 1, 0 = empty */
	uint16_t fresh;         /* blocks never taken so far */
};

#define POOL_ROW(size, count) {mem_##size, {size, count, 0, 0, 0}, 0, 0},
static struct pool poolv[] = {
	POOL_LIST(POOL_ROW)
};
#undef POOL_ROW

#define POOLS (sizeof(poolv) / sizeof(poolv[0]))

static unsigned fail_in;
static bool fail_for_ever;


static struct block *block_at(const struct pool *p, unsigned i)
{
	return (struct block *)(void *)(p->mem + i * STRIDE(p->st.size));
}


static void *payload(struct block *b)
{
	return (uint8_t *)b + HEAD;
}


static struct block *block_of(const void *data)
{
	union {
		const void *c;
		uint8_t *p;
	} u = {data};

	return (struct block *)(void *)(u.p - HEAD);
}


static struct block *pool_take(struct pool *p)
{
	struct block *b;

	if (p->free) {
		b = block_at(p, p->free - 1u);
		p->free = b->next;
	}
	else if (p->fresh < p->st.count) {
		b = block_at(p, p->fresh++);
		b->pool = (uint16_t)(p - poolv);
	}
	else {
		++p->st.failed;
		return NULL;
	}

	if (++p->st.used > p->st.peak)
		p->st.peak = p->st.used;

	return b;
}


static bool fail_now(void)
{
	if (!fail_in || --fail_in)
		return false;

	if (fail_for_ever)
		fail_in = 1;

	return true;
}


void *mem_alloc(size_t size, mem_destroy_h *dh)
{
	struct block *b = NULL;

	if (fail_now())
		return NULL;

	for (size_t i = 0; i < POOLS && !b; i++) {
		if (size <= poolv[i].st.size)
			b = pool_take(&poolv[i]);
	}
	if (!b)
		return NULL;

	b->dh    = dh;
	b->nrefs = 1;

	return payload(b);
}


void *mem_zalloc(size_t size, mem_destroy_h *dh)
{
	void *data = mem_alloc(size, dh);

	if (data)
		memset(data, 0, size);

	return data;
}


/** The block stays where it is while it fits; never smaller */
void *mem_realloc(void *data, size_t size)
{
	struct block *b;
	void *copy;

	if (!data)
		return NULL;

	b = block_of(data);
	if (size <= poolv[b->pool].st.size)
		return data;

	copy = mem_alloc(size, b->dh);
	if (!copy)
		return NULL;

	memcpy(copy, data, poolv[b->pool].st.size);
	b->dh = NULL;           /* its contents live on in the copy */
	(void)mem_deref(data);

	return copy;
}


void *mem_reallocarray(void *ptr, size_t nmemb, size_t membsize,
		       mem_destroy_h *dh)
{
	size_t size;

	if (membsize && nmemb > SIZE_MAX / membsize)
		return NULL;
	size = nmemb * membsize;

	return ptr ? mem_realloc(ptr, size) : mem_alloc(size, dh);
}


void *mem_ref(void *data)
{
	if (data)
		++block_of(data)->nrefs;

	return data;
}


/** Always NULL, as libre's */
void *mem_deref(void *data)
{
	struct block *b;
	struct pool *p;

	if (!data)
		return NULL;

	b = block_of(data);
	if (!b->nrefs || --b->nrefs)
		return NULL;

	if (b->dh) {
		b->dh(data);
		/* a destructor may have taken a reference */
		if (b->nrefs)
			return NULL;
	}

	p = &poolv[b->pool];
	b->next = p->free;
	p->free = (uint16_t)((size_t)((uint8_t *)b - p->mem) / STRIDE(p->st.size)
			     + 1);
	--p->st.used;

	return NULL;
}


uint32_t mem_nrefs(const void *data)
{
	return data ? block_of(data)->nrefs : 0;
}


unsigned pool_classes(void)
{
	return POOLS;
}


void pool_stat(struct pool_stat *st, unsigned i)
{
	*st = poolv[i].st;
}


unsigned pool_used(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < POOLS; i++)
		n += poolv[i].st.used;

	return n;
}


void pool_fail(unsigned n, bool for_ever)
{
	fail_in       = n;
	fail_for_ever = for_ever;
}
