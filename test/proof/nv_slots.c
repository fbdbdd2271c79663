/*
 * Proof: entries of non-volatile values (ports/common/nv_slots.c)
 *
 * A slot of any contents, whatever its sum says: no octet outside of it is
 * read, moved or written, and a value goes out only if there is room for it.
 * Loops are proved by induction and calls by contracts, so there is no bound
 * on the number of entries; a value to write has any length.
 *
 * prove: find
 * bug: find: ports/common/nv_slots.c s/if (NV_SLOTS_SIZE - pos < size)/if (0)/
 * bug: find: ports/common/nv_slots.c s/if (NV_SLOTS_SIZE - pos < 3 + k)/if (0)/
 * prove: nv_slots_read
 * bug: nv_slots_read: ports/common/nv_slots.c s/.len < size - 3 - k/*len < size - 4 - k/
 * prove: nv_slots_write
 * bug: nv_slots_write: ports/common/nv_slots.c s/- end < 3 + k + len/- end < k + len/
 * bug: nv_slots_write: ports/common/nv_slots.c s/, end - pos - size);/, end - pos);/
 * assumed: sum CRC over one entry, which is there; any value
 */
#include "test/proof/proof.h"

#define LOOP_find_1 CHANGES(pos, *len) \
	INVARIANT(pos <= NV_SLOTS_SIZE && *len == 0) \
	__CPROVER_decreases(NV_SLOTS_SIZE - pos)

#include "ports/common/nv_slots.c"

static struct nv_slots nv;

/** Length of the key that is asked for, and of the value that it has */
static size_t key_len;


/* ------------------------------------------------------------------ */
/* Contracts of others */

size_t strlen(const char *s)
{
	ASSERT(readable(s, 1));

	return *s ? key_len : 0;
}


/** Octets of a slot are moved and wiped in that array alone, which CBMC does
 *  not ask for */
static void in_slot(const void *p, size_t n)
{
	const size_t a = offsetof(struct nv_slots, slot.data);
	const size_t b = offsetof(struct nv_slots, other.data);

	ASSERT(!__CPROVER_same_object(p, &nv) ||
	       (PLACE(p) >= a && PLACE(p) - a <= NV_SLOTS_SIZE &&
		n <= NV_SLOTS_SIZE - (PLACE(p) - a)) ||
	       (PLACE(p) == b && n == NV_SLOTS_SIZE));
}


void *memmove(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));
	in_slot(dst, n);
	in_slot(src, n);

	return dst;
}


void *memcpy(void *dst, const void *src, size_t n)
{
	return memmove(dst, src, n);
}


void *memset(void *dst, int c, size_t n)
{
	(void)c;

	return memmove(dst, dst, n);
}


static int write_slot(void *arg, unsigned slot, const void *buf, size_t len)
{
	(void)arg;
	ASSERT(slot <= 1 && readable(buf, len));

	return nondet_int();
}


/* ------------------------------------------------------------------ */

uint32_t sum_contract(const struct nv_slot *slot)
{
	ASSERT(readable(slot, sizeof(*slot)));

	return nondet_u32();
}


/** Where the last entry ended that was found: the way to the end of all, which
 *  is asked for by the empty key, leads over it */
static size_t found;


size_t find_contract(const uint8_t *data, const char *key, size_t *len)
{
	const size_t pos = nondet_size(), k = strlen(key);

	ASSERT(data == nv.slot.data);
	*len = nondet_size();
	ASSUME(pos <= NV_SLOTS_SIZE && *len <= NV_SLOTS_SIZE - pos);
	ASSUME(*len == 0 || (k && *len >= 3 + k));
	ASSUME(k || pos >= found);
	found = pos + *len;

	return pos;
}


void prove_find(void)
{
	uint8_t data[NV_SLOTS_SIZE];
	const char *key = any_octets(256);
	size_t len, pos;

	key_len = nondet_u8();
	ASSUME(key_len);
	pos = find(data, key, &len);
	ASSERT(pos <= NV_SLOTS_SIZE && len <= NV_SLOTS_SIZE - pos);
	ASSERT(len == 0 || (*key && len >= 3 + key_len));
}


static void any_slots(void)
{
	nv.next = nondet_bool();
	nv.writeh = write_slot;
	found = 0;
	key_len = nondet_u8();
	ASSUME(key_len);
}


void prove_nv_slots_read(void)
{
	size_t len = nondet_u16();
	const char *key = any_octets(256);

	any_slots();
	(void)nv_slots_read(&nv, key, any_octets(len), &len);
}


void prove_nv_slots_write(void)
{
	const size_t len = nondet_size();
	const char *key = any_octets(256);

	any_slots();
	ASSUME(len <= TEXT_MAX);
	(void)nv_slots_write(&nv, key, any_octets(len), len);
}
