/**
 * @file store.c  Messages kept for retransmission, in chains of small blocks
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/store.h"


void sip_store_init(struct sip_store *st)
{
	unsigned i;

	memset(st, 0, sizeof(*st));

	/* all blocks in one chain, the last one ends it */
	for (i = 0; i + 1 < UE_SIP_BLOCKS; i++)
		st->next[i] = (uint8_t)(i + 2);

	st->free = 1;
}


int sip_store_put(struct sip_stored *m, struct sip_store *st,
		  const void *data, size_t len)
{
	const char *p = data;
	size_t blocks;
	uint8_t *link;

	sip_store_free(st, m);

	if (!len || len > UINT16_MAX)
		return ENOMEM;

	blocks = (len + UE_SIP_BLOCK_SIZE - 1) / UE_SIP_BLOCK_SIZE;
	if (blocks > (size_t)(UE_SIP_BLOCKS - st->used)) {
		++st->failed;
		return ENOMEM;
	}

	m->len = (uint16_t)len;
	link = &m->head;

	while (len) {
		const uint8_t b = st->free;
		const size_t n = len < UE_SIP_BLOCK_SIZE ? len
			: UE_SIP_BLOCK_SIZE;

		memcpy(st->blockv[b - 1], p, n);
		p += n;
		len -= n;

		st->free = st->next[b - 1];
		*link = b;
		link = &st->next[b - 1];
	}

	*link = 0;
	st->used = (uint8_t)(st->used + blocks);
	if (st->used > st->peak)
		st->peak = st->used;

	return 0;
}


size_t sip_store_get(void *buf, size_t size, const struct sip_store *st,
		     const struct sip_stored *m)
{
	char *p = buf;
	size_t left = m->len;
	uint8_t b;

	if (!m->head || left > size)
		return 0;

	for (b = m->head; b && left; b = st->next[b - 1]) {

		const size_t n = left < UE_SIP_BLOCK_SIZE ? left
			: UE_SIP_BLOCK_SIZE;

		memcpy(p, st->blockv[b - 1], n);
		p += n;
		left -= n;
	}

	return m->len;
}


void sip_store_free(struct sip_store *st, struct sip_stored *m)
{
	uint8_t b = m->head;

	while (b) {
		const uint8_t next = st->next[b - 1];

		st->next[b - 1] = st->free;
		st->free = b;
		--st->used;
		b = next;
	}

	m->head = 0;
	m->len = 0;
}


void sip_store_reader_init(struct sip_store_reader *r,
			   const struct sip_store *st,
			   const struct sip_stored *m)
{
	r->st = st;
	r->left = m->len;
	r->block = m->head;
	r->pos = 0;
}


size_t sip_store_line(char *buf, size_t size, struct sip_store_reader *r)
{
	size_t n = 0;

	while (r->left && r->block) {

		char c;

		if (r->pos == UE_SIP_BLOCK_SIZE) {
			r->block = r->st->next[r->block - 1];
			r->pos = 0;
			continue;
		}

		if (n == size) {
			r->left = 0;
			return 0;
		}

		c = r->st->blockv[r->block - 1][r->pos++];
		--r->left;
		buf[n++] = c;

		if (c == '\n')
			break;
	}

	return n;
}
