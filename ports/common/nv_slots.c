/**
 * @file nv_slots.c  Non-volatile values in two slots of flash
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include "ports/common/nv_slots.h"


/* CRC-32 of ISO/IEC 8802-3, bit by bit: a slot is small */
static uint32_t sum(const struct nv_slot *slot)
{
	const uint8_t *p = (const uint8_t *)&slot->count;
	const size_t len = sizeof(*slot) - offsetof(struct nv_slot, count);
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (unsigned b = 0; b < 8; b++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}

	return ~crc;
}


/** Where the entry of a key begins, or the end of all; its size in *len */
static size_t find(const uint8_t *data, const char *key, size_t *len)
{
	const size_t key_len = strlen(key);
	size_t pos = 0;

	*len = 0;
	while (pos < NV_SLOTS_SIZE && data[pos]) {
		const size_t k = data[pos];
		size_t size;

		if (NV_SLOTS_SIZE - pos < 3 + k)
			break;
		size = 3 + k + (size_t)(data[pos + 1 + k] |
					data[pos + 2 + k] << 8);
		if (NV_SLOTS_SIZE - pos < size)
			break;

		if (k == key_len && !memcmp(data + pos + 1, key, k)) {
			*len = size;
			break;
		}
		pos += size;
	}

	return pos;
}


/** Never written: flash is ones then, other memory may be zeros */
static bool erased(const struct nv_slot *slot)
{
	const uint8_t *p = (const uint8_t *)slot;

	return (!*p || *p == 0xff) && !memcmp(p, p + 1, sizeof(*slot) - 1);
}


int nv_slots_open(struct nv_slots *nv, nv_slots_read_h *readh,
		  nv_slots_write_h *writeh, void *arg)
{
	struct nv_slot *slot = &nv->other;
	unsigned damaged = 0;
	bool found = false;

	memset(nv, 0, sizeof(*nv));
	nv->readh  = readh;
	nv->writeh = writeh;
	nv->arg    = arg;

	for (unsigned i = 0; i < 2; i++) {
		/* it may be the newer one: with older values old challenges
		   would be accepted again */
		if (readh(arg, i, slot, sizeof(*slot))) {
			memset(&nv->slot, 0, sizeof(nv->slot));
			return EIO;
		}
		if (slot->sum != sum(slot)) {
			damaged += !erased(slot);
			continue;
		}
		/* the counter may wrap: newer is up to half its range away */
		if (found && (int32_t)(slot->count - nv->slot.count) < 0)
			continue;

		nv->slot = *slot;
		nv->next = !i;
		found = true;
	}

	/* a power cut damages one: the same with two */
	return damaged == 2 ? EBADMSG : 0;
}


int nv_slots_read(const struct nv_slots *nv, const char *key, void *buf,
		  size_t *len)
{
	const size_t k = strlen(key);
	size_t size;
	const size_t pos = find(nv->slot.data, key, &size);

	if (!size)
		return ENOENT;
	if (*len < size - 3 - k)
		return EOVERFLOW;

	*len = size - 3 - k;
	memcpy(buf, nv->slot.data + pos + 3 + k, *len);

	return 0;
}


int nv_slots_write(struct nv_slots *nv, const char *key, const void *buf,
		   size_t len)
{
	uint8_t *data = nv->slot.data;
	const size_t k = strlen(key);
	size_t pos, size, end;
	int err;

	if (!k || k > NV_SLOTS_KEY)
		return EINVAL;

	memcpy(nv->other.data, data, sizeof(nv->other.data));

	/* out with the old value, the new one comes last */
	pos = find(data, key, &size);
	end = find(data, "", &(size_t){0});
	memmove(data + pos, data + pos + size, end - pos - size);
	end -= size;
	memset(data + end, 0, NV_SLOTS_SIZE - end);

	err = ENOSPC;
	if (len > UINT16_MAX || NV_SLOTS_SIZE - end < 3 + k + len)
		goto out;

	data[end] = (uint8_t)k;
	memcpy(data + end + 1, key, k);
	data[end + 1 + k] = (uint8_t)len;
	data[end + 2 + k] = (uint8_t)(len >> 8);
	memcpy(data + end + 3 + k, buf, len);

	++nv->slot.count;
	nv->slot.sum = sum(&nv->slot);
	err = nv->writeh(nv->arg, nv->next, &nv->slot, sizeof(nv->slot));
	if (!err)
		nv->next = !nv->next;

 out:
	if (err) {
		/* what a failed write left in its slot counts for nothing: the
		   next one goes there again */
		memcpy(data, nv->other.data, sizeof(nv->other.data));
		err = err == ENOSPC ? ENOSPC : EIO;
	}

	return err;
}
