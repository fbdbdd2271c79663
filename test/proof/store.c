/*
 * Proof: offsets and lengths in the store of records (ue/sip/store.c)
 *
 * By induction over the records: wherever a record is met, its head is one
 * that the store has written: a size of at least the head's own, in whole
 * units, that ends at or before the last record's end.  This is what each
 * head_at() is promised and what each set_head() must keep to.  From any such
 * state no function reads, moves or writes octets outside of the memory, no
 * offset is cut to its 16 bits, and the loops end.
 *
 * Not here: sip_store_append() and the pages.
 *
 * prove: compact_end
 * bug: compact_end: ue/sip/store.c s/end += h.size/end += h.size + 4/
 * prove: compact
 * bug: compact: ue/sip/store.c s/st->end - end);/st->end);/
 * bug: compact: ue/sip/store.c s/h.pinned && end < off/h.pinned/
 * bug: compact: ue/sip/store.c s/offv.h.id - 1. = (u/offv[h.id] = (u/
 * prove: find_dead
 * bug: find_dead: ue/sip/store.c s/pos += h.size/pos -= h.size/
 * prove: sip_store_alloc
 * bug: sip_store_alloc: ue/sip/store.c s/(st, off).size > size)/(st, off).size != size + 4)/
 * bug: sip_store_alloc: ue/sip/store.c s/(&off, st, size + leave)/(\&off, st, 4)/
 * prove: sip_store_trim
 * bug: sip_store_trim: ue/sip/store.c s/m->len - len);/m->len);/
 * prove: sip_store_free
 * bug: sip_store_free: ue/sip/store.c s/+ off, 0, h.size/+ off, 0, h.size + 4/
 * assumed: count keeps two statistics
 * assumed: head_at the induction: what set_head() has written
 * assumed: make_room calls what is proved here, and who gives records up; only tested
 * assumed: set_head writes one head, at a place that is checked here
 */
#include "test/proof/proof.h"

/* what has been met ends at off, what lives of it at end */
#define MET(st) (off <= (st)->end && end <= off && off % 4 == 0 && \
		 end % 4 == 0)
#define LOOP_compact_end_1 CHANGES(off, end, *gap) \
	INVARIANT(MET(st) && *gap <= off) __CPROVER_decreases(st->end - off)
#define LOOP_compact_1 CHANGES(off, end, \
		__CPROVER_object_upto(st->offv, sizeof(st->offv))) \
	INVARIANT(MET(st)) __CPROVER_decreases(st->end - off)
#define LOOP_find_dead_1 CHANGES(pos) \
	INVARIANT(pos <= st->end && pos % 4 == 0) \
	__CPROVER_decreases(st->end - pos)

#include "ue/sip/store.c"

#define STORE(st) ((st)->end <= top(st) && (st)->end % 4 == 0 && \
		   (size_t)(st)->pages * SIP_STORE_PAGE <= STORE_SIZE)

static struct sip_store store;

struct sip_store nondet_store(void);
struct head nondet_head(void);

/** A record that has been met is the same when it is met again */
static size_t met_at;
static struct head met;


/** Octets are moved and wiped in the memory alone */
void *memmove(void *dst, const void *src, size_t n)
{
	const size_t mem = offsetof(struct sip_store, mem);
	const size_t to = __CPROVER_POINTER_OFFSET(dst);
	const size_t from = __CPROVER_POINTER_OFFSET(src);

	ASSERT(to >= mem && n <= STORE_SIZE && to - mem <= STORE_SIZE - n);
	ASSERT(from >= mem && from - mem <= STORE_SIZE - n);

	return dst;
}


void *memset(void *dst, int c, size_t n)
{
	(void)c;

	return memmove(dst, dst, n);
}


struct head head_at_contract(const struct sip_store *st, size_t off)
{
	struct head h = nondet_head();

	ASSERT(off < st->end && off % 4 == 0);
	if (off == met_at)
		return met;
	ASSUME(h.size >= 4 && h.size % 4 == 0 && h.size <= st->end - off);
	ASSUME(h.id <= UE_SIP_RECORDS);

	return h;
}


void set_head_contract(struct sip_store *st, size_t off, size_t size,
		       uint8_t id, uint8_t pinned)
{
	(void)pinned;
	ASSERT(off % 4 == 0 && size % 4 == 0 && size >= 4);
	ASSERT(size <= UINT16_MAX && off < st->end && size <= st->end - off);
	ASSERT(id <= UE_SIP_RECORDS);
}


static void any_store(void)
{
	met_at = SIZE_MAX;
	store = nondet_store();
	ASSUME(STORE(&store));
}


size_t compact_end_contract(size_t *gap, const struct sip_store *st,
			    uint8_t a, uint8_t b)
{
	const size_t end = nondet_size();

	(void)a;
	(void)b;
	*gap = nondet_size();
	ASSUME(end <= st->end && *gap <= st->end);

	return end;
}


void prove_compact_end(void)
{
	size_t gap;

	any_store();
	ASSERT(compact_end(&gap, &store, nondet_u8(), nondet_u8()) <=
	       store.end);
	ASSERT(gap <= store.end);
}


void compact_contract(struct sip_store *st)
{
	const size_t end = nondet_u16();

	ASSERT(STORE(st));
	ASSUME(end <= st->end && end % 4 == 0);
	st->end = (uint16_t)end;
}


void prove_compact(void)
{
	any_store();
	compact(&store);
	ASSERT(STORE(&store));
}


bool find_dead_contract(size_t *off, const struct sip_store *st, size_t need)
{
	*off = nondet_size();
	ASSUME(*off < st->end && *off % 4 == 0);
	met = head_at_contract(st, *off);
	met_at = *off;

	return met.size >= need;
}


void prove_find_dead(void)
{
	size_t off = 0;

	any_store();
	if (find_dead(&off, &store, nondet_u16()))
		ASSERT(off < store.end && off % 4 == 0);
}


/** At the end with so much room behind it, or a dead record of that size */
uint8_t make_room_contract(size_t *off, struct sip_store *st, size_t need)
{
	const uint8_t id = nondet_u8();

	ASSUME(id <= UE_SIP_RECORDS);
	if (!id || need > top(st))
		return 0;
	if (nondet_bool()) {
		*off = st->end;
		return room(st) >= need ? id : 0;
	}

	return find_dead_contract(off, st, need) ? id : 0;
}


void count_contract(struct sip_store *st, size_t n)
{
	(void)st;
	ASSERT(n <= STORE_SIZE);
}


void prove_sip_store_alloc(void)
{
	struct sip_stored m = {0, 0, 0};
	const size_t len = nondet_size(), leave = nondet_size();
	int err;

	any_store();
	ASSUME(len <= TEXT_MAX && leave <= TEXT_MAX);
	err = sip_store_alloc(&m, &store, len, leave);
	ASSERT(err == 0 || err == ENOMEM);
	ASSERT(STORE(&store));
	ASSERT(err || (m.head && m.head <= UE_SIP_RECORDS && m.len == len &&
		       store.offv[m.head - 1] > 0 &&
		       store.offv[m.head - 1] <= store.end));
}


/** A record that has been taken: its octets are behind its head */
static struct sip_stored any_record(void)
{
	struct sip_stored m = {0, 0, 0};
	size_t off;

	any_store();
	m.head = nondet_u8();
	m.len = nondet_u16();
	ASSUME(m.head && m.head <= UE_SIP_RECORDS && m.len);
	off = store.offv[m.head - 1] - 1U;
	ASSUME(off < store.end && off % 4 == 0);
	met = head_at_contract(&store, off);
	met_at = off;
	ASSUME(met.size == space(m.len));

	return m;
}


void prove_sip_store_trim(void)
{
	struct sip_stored m = any_record();
	const size_t pos = nondet_size(), len = nondet_size();

	ASSUME(len && len <= m.len && pos <= m.len - len);
	sip_store_trim(&m, &store, pos, len);
	ASSERT(STORE(&store) && m.len == len);
}


void prove_sip_store_free(void)
{
	struct sip_stored m = any_record();

	sip_store_free(&store, &m);
	ASSERT(STORE(&store) && !m.head && !m.len);
}
