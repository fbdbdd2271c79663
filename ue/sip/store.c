/**
 * @file store.c  Records of any length that move together
 *
 *     | head, octets | head, octets | dead | head, octets |  free  | pages |
 *     0                                                  end      top
 *
 * A head says how far it is to the next one, whose the record is (0: nobody's,
 * dead) and whether it may move.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/store.h"

#define STORE_SIZE sizeof(((struct sip_store *)0)->mem)

struct head {
	uint16_t size;          /* with this head, a multiple of it */
	uint8_t id;             /* 1 + index in offv, 0 = dead */
	uint8_t pinned;
};


/* Begin of the lowest page */
static size_t top(const struct sip_store *st)
{
	return STORE_SIZE - (size_t)st->pages * SIP_STORE_PAGE;
}


static size_t room(const struct sip_store *st)
{
	return top(st) - st->end;
}


static struct head head_at(const struct sip_store *st, size_t off)
{
	struct head h;

	memcpy(&h, (const char *)st->mem + off, sizeof(h));

	return h;
}


static void set_head(struct sip_store *st, size_t off, size_t size,
		     uint8_t id, uint8_t pinned)
{
	const struct head h = {(uint16_t)size, id, pinned};

	memcpy((char *)st->mem + off, &h, sizeof(h));
}


/* What a record of that length takes */
static size_t space(size_t len)
{
	const size_t unit = sizeof(struct head);

	return (len + 2 * unit - 1) / unit * unit;
}


static size_t place(const struct sip_store *st, const struct sip_stored *m)
{
	return st->offv[m->head - 1] - 1U;
}


void sip_store_init(struct sip_store *st)
{
	memset(st, 0, sizeof(*st));
}


/* Where the last record would end after compact(), without a and b, and the
   greatest gap in front of a pinned one */
static size_t compact_end(size_t *gap, const struct sip_store *st, uint8_t a,
			  uint8_t b)
{
	size_t off = 0, end = 0;

	*gap = 0;

	while (off < st->end) {

		const struct head h = head_at(st, off);

		if (h.pinned) {
			if (off - end > *gap)
				*gap = off - end;
			end = off;
		}
		if (h.id && h.id != a && h.id != b)
			end += h.size;
		off += h.size;
	}

	return end;
}


/* Move all records together.  In front of a pinned one a dead one may stay */
static void compact(struct sip_store *st)
{
	char *mem = (char *)st->mem;
	size_t off = 0, end = 0;

	while (off < st->end) {

		const struct head h = head_at(st, off);

		if (h.pinned && end < off) {
			set_head(st, end, off - end, 0, 0);
			end = off;
		}
		if (h.id) {
			memmove(mem + end, mem + off, h.size);
			st->offv[h.id - 1] = (uint16_t)(end + 1);
			end += h.size;
		}
		off += h.size;
	}

	memset(mem + end, 0, st->end - end);
	st->end = (uint16_t)end;
}


static uint8_t free_id(const struct sip_store *st)
{
	unsigned i;

	for (i = 0; i < UE_SIP_RECORDS; i++) {
		if (!st->offv[i])
			return (uint8_t)(i + 1);
	}

	return 0;
}


/* The first dead record of that size.  @return false: there is none */
static bool find_dead(size_t *off, const struct sip_store *st, size_t need)
{
	size_t pos = 0;

	while (pos < st->end) {

		const struct head h = head_at(st, pos);

		if (!h.id && h.size >= need) {
			*off = pos;
			return true;
		}
		pos += h.size;
	}

	return false;
}


/**
 * Room, and a number
 *
 * @param off  Result: where; NULL: at the end, nowhere else
 *
 * @return Number; 0: there is none, or no room
 */
static uint8_t make_room(size_t *off, struct sip_store *st, size_t need)
{
	size_t end, gap;

	do {
		const uint8_t id = free_id(st);

		if (!id || need > top(st))
			continue;
		if (room(st) < need) {
			end = compact_end(&gap, st, 0, 0);
			if (top(st) - end >= need || (off && gap >= need))
				compact(st);
		}
		if (off)
			*off = st->end;
		if (room(st) >= need || (off && find_dead(off, st, need)))
			return id;

	} while (st->evict && st->evict(st->arg));

	return 0;
}


size_t sip_store_used(const struct sip_store *st)
{
	return st->used + (size_t)st->pages * SIP_STORE_PAGE;
}


/* More is in use */
static void count(struct sip_store *st, size_t n)
{
	st->used = (uint16_t)(st->used + n);
	if (sip_store_used(st) > st->peak)
		st->peak = (uint16_t)sip_store_used(st);
}


int sip_store_alloc(struct sip_stored *m, struct sip_store *st, size_t len,
		    size_t leave)
{
	const size_t size = space(len);
	size_t off;
	uint8_t id;

	sip_store_free(st, m);

	if (!len || len > UINT16_MAX)
		return ENOMEM;

	id = make_room(&off, st, size + leave);
	if (!id) {
		++st->failed;
		return ENOMEM;
	}

	m->head = id;
	m->len = (uint16_t)len;
	if (off == st->end)
		st->end = (uint16_t)(st->end + size);
	else if (head_at(st, off).size > size)
		set_head(st, off + size, head_at(st, off).size - size, 0, 0);
	set_head(st, off, size, id, 0);
	st->offv[id - 1] = (uint16_t)(off + 1);
	count(st, size);

	return 0;
}


int sip_store_put(struct sip_stored *m, struct sip_store *st,
		  const void *data, size_t len)
{
	int err;

	err = sip_store_alloc(m, st, len, 0);
	if (!err)
		memcpy(sip_store_ptr(st, m), data, len);

	return err;
}


int sip_store_alloc_most(struct sip_stored *m, struct sip_store *st,
			 size_t min, size_t max)
{
	size_t n;

	/* it will be pinned: nothing dead should wait in front of it */
	sip_store_free(st, m);
	(void)make_room(NULL, st, space(max));
	if (st->end != st->used)
		compact(st);
	n = room(st);
	n = n > sizeof(struct head) ? n - sizeof(struct head) : 0;
	if (n > max)
		n = max;

	return sip_store_alloc(m, st, n > min ? n : min, 0);
}


int sip_store_append(struct sip_stored *m, struct sip_store *st,
		     const void *data, size_t len)
{
	struct sip_stored more = {0, 0, 0};
	const size_t total = m->len + len;
	struct head h = {0, 0, 0};
	size_t off, grow;
	int err;

	if (m->head) {
		off = place(st, m);
		h = head_at(st, off);
		grow = space(total) > h.size ? space(total) - h.size : 0;

		/* the last one grows, and is the last one wherever it is */
		if (total <= UINT16_MAX && off + h.size == st->end) {
			if (grow > room(st) && !make_room(NULL, st, grow)) {
				++st->failed;
				return ENOMEM;
			}
			off = place(st, m);
			set_head(st, off, h.size + grow, h.id, h.pinned);
			st->end = (uint16_t)(st->end + grow);
			count(st, grow);
			goto out;
		}
	}

	err = sip_store_alloc(&more, st, total, 0);
	if (err)
		return err;

	if (m->head)
		memcpy(sip_store_ptr(st, &more), sip_store_ptr(st, m), m->len);
	more.len = m->len;
	sip_store_free(st, m);
	*m = more;

 out:
	memcpy(sip_store_ptr(st, m) + m->len, data, len);
	m->len = (uint16_t)total;

	return 0;
}


void sip_store_trim(struct sip_stored *m, struct sip_store *st, size_t pos,
		    size_t len)
{
	char *p = sip_store_ptr(st, m);
	struct head h;
	size_t off, size;

	if (!p || !len) {
		sip_store_free(st, m);
		return;
	}

	memmove(p, p + pos, len);
	memset(p + len, 0, m->len - len);
	m->len = (uint16_t)len;

	off = place(st, m);
	h = head_at(st, off);
	size = space(len);
	if (size == h.size)
		return;

	st->used = (uint16_t)(st->used - (h.size - size));
	set_head(st, off, size, h.id, h.pinned);
	if (off + h.size == st->end)
		st->end = (uint16_t)(off + size);
	else
		set_head(st, off + size, h.size - size, 0, 0);
}


void sip_store_pin(struct sip_store *st, const struct sip_stored *m,
		   bool pinned)
{
	size_t off;

	if (!m->head)
		return;

	off = place(st, m);
	set_head(st, off, head_at(st, off).size, m->head, pinned);
}


char *sip_store_ptr(struct sip_store *st, const struct sip_stored *m)
{
	return m->head ? (char *)st->mem + place(st, m) + sizeof(struct head)
		: NULL;
}


bool sip_store_fits(const struct sip_store *st, size_t len,
		    const struct sip_stored *a, const struct sip_stored *b)
{
	const size_t need = space(len);
	size_t end, gap;

	if (room(st) >= need)
		return true;

	end = compact_end(&gap, st, a ? a->head : 0, b ? b->head : 0);

	return top(st) - end >= need || gap >= need;
}


size_t sip_store_get(void *buf, size_t size, const struct sip_store *st,
		     const struct sip_stored *m)
{
	if (!m->head || m->len > size)
		return 0;

	memcpy(buf, (const char *)st->mem + place(st, m) + sizeof(struct head),
	       m->len);

	return m->len;
}


void sip_store_free(struct sip_store *st, struct sip_stored *m)
{
	struct head h;
	size_t off;

	if (m->head) {
		off = place(st, m);
		h = head_at(st, off);
		memset((char *)st->mem + off, 0, h.size);
		st->used = (uint16_t)(st->used - h.size);
		st->offv[m->head - 1] = 0;

		if (off + h.size == st->end)
			st->end = (uint16_t)off;
		else
			set_head(st, off, h.size, 0, 0);
		if (!st->used)
			compact(st);
	}

	m->head = 0;
	m->len = 0;
}


static bool is_taken(const struct sip_store *st, unsigned i)
{
	return st->pagev[i / 8] & 1U << i % 8;
}


int sip_store_page_alloc(uint8_t *page, struct sip_store *st, size_t leave)
{
	unsigned i = 0;

	while (i < st->pages && is_taken(st, i))
		++i;

	if (i == st->pages) {
		if (!make_room(NULL, st, SIP_STORE_PAGE + leave))
			return ENOMEM;
		++st->pages;
		count(st, 0);
	}

	st->pagev[i / 8] = (uint8_t)(st->pagev[i / 8] | 1U << i % 8);
	*page = (uint8_t)(i + 1);
	memset(sip_store_page(st, *page), 0, SIP_STORE_PAGE);

	return 0;
}


char *sip_store_page(struct sip_store *st, uint8_t page)
{
	return (char *)st->mem + STORE_SIZE - SIP_STORE_PAGE * page;
}


void sip_store_page_free(struct sip_store *st, uint8_t page)
{
	const unsigned i = page - 1U;

	if (!page)
		return;

	memset(sip_store_page(st, page), 0, SIP_STORE_PAGE);
	st->pagev[i / 8] = (uint8_t)(st->pagev[i / 8] & ~(1U << i % 8));

	while (st->pages && !is_taken(st, st->pages - 1U))
		--st->pages;
}


void sip_store_reader_init(struct sip_store_reader *r,
			   const struct sip_store *st,
			   const struct sip_stored *m)
{
	r->left = m->head ? m->len : 0;
	r->p = m->head ? (const char *)st->mem + place(st, m) +
		sizeof(struct head) : NULL;
}


size_t sip_store_line(char *buf, size_t size, struct sip_store_reader *r)
{
	const char *eol = r->left ? memchr(r->p, '\n', r->left) : NULL;
	const size_t n = eol ? (size_t)(eol - r->p) + 1 : r->left;

	if (n > size) {
		r->left = 0;
		return 0;
	}

	/* where nothing is stored there is no pointer either */
	if (!n)
		return 0;

	memcpy(buf, r->p, n);
	r->p += n;
	r->left -= n;

	return n;
}
