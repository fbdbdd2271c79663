/**
 * @file udvm_block.c  UDVM instructions on blocks of memory: sorting, SHA-1,
 *                     CRC, and strings in and out of memory
 */
#include <string.h>
#include <mbedtls/sha1.h>
#include "sigcomp/udvm.h"


/* RFC 1662 appendix C.2: x^16 + x^12 + x^5 + 1, least significant bit first;
   the value is not complemented (RFC 4465 s2.9) */
static void crc(uint16_t *fcs, const uint8_t *p, uint32_t n)
{
	uint32_t f = *fcs, v;

	for (; n; --n) {
		v = (f ^ *p++) & 0xff;
		v = (v ^ v << 4) & 0xff;
		f = f >> 8 ^ v << 8 ^ v << 3 ^ v >> 4;
	}

	*fcs = (uint16_t)f;
}


static bool equal(struct sigcomp_source *src, const uint8_t *p, uint32_t n)
{
	uint8_t b;

	for (; n; --n) {
		sigcomp_source_read(src, &b, 1);
		if (b != *p++)
			return false;
	}

	return true;
}


bool udvm_string(uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len,
		 enum udvm_use use, void *arg)
{
	struct udvm_span s;
	uint8_t *p = arg, *q;

	udvm_span_set(&s, mem, addr);

	while (len) {
		const uint32_t n = udvm_span_len(&s, len);

		if (s.addr >= size || size - s.addr < n)
			return false;

		q = mem + s.addr;

		switch (use) {

		case UDVM_INSIDE: break;
		case UDVM_READ:   memcpy(p, q, n);             p += n; break;
		case UDVM_WRITE:  memcpy(q, p, n);             p += n; break;
		case UDVM_CRC:    crc(arg, q, n);                      break;
		case UDVM_HASH:
			if (mbedtls_sha1_update_ret(arg, q, n))
				return false;
			break;
		case UDVM_STATE: sigcomp_source_read(arg, q, n);       break;
		case UDVM_EQUAL:
			if (!equal(arg, q, n))
				return false;
			break;
		}

		udvm_span_skip(&s, n);
		len -= n;
	}

	return true;
}


bool udvm_hash(uint8_t *hash, const uint8_t *head, size_t head_len,
	       uint8_t *mem, uint32_t size, uint32_t addr, uint32_t len)
{
	mbedtls_sha1_context ctx;

	mbedtls_sha1_init(&ctx);

	return !mbedtls_sha1_starts_ret(&ctx) &&
		!mbedtls_sha1_update_ret(&ctx, head, head_len) &&
		udvm_string(mem, size, addr, len, UDVM_HASH, &ctx) &&
		!mbedtls_sha1_finish_ret(&ctx, hash);
}


/** Exchange the words i and j of every list */
static void words_swap(uint8_t *mem, uint32_t n, uint32_t k,
		       uint32_t i, uint32_t j)
{
	for (; n; --n, i += k, j += k) {
		const uint32_t v = udvm_get(mem + 2 * i);

		udvm_put(mem + 2 * i, udvm_get(mem + 2 * j));
		udvm_put(mem + 2 * j, v);
	}
}


static void words_reverse(uint8_t *mem, uint32_t n, uint32_t k,
			  uint32_t from, uint32_t to)
{
	while (to - from > 1)
		words_swap(mem, n, k, from++, --to);
}


/** Index of the first word in a partitioned block that belongs behind */
static uint32_t words_split(const uint8_t *mem, uint32_t mask, uint32_t flip,
			    uint32_t from, uint32_t to)
{
	while (from < to && !((udvm_get(mem + 2 * from) ^ flip) & mask))
		++from;

	return from;
}


/** By one bit, partitioned blocks of width words become some of twice that */
static void words_join(uint8_t *mem, uint32_t n, uint32_t k, uint32_t width,
		       uint32_t mask, uint32_t flip)
{
	uint32_t from;

	for (from = 0; k - from > width; from += 2 * width) {

		const uint32_t mid = from + width;
		const uint32_t end = k - mid < width ? k : mid + width;
		const uint32_t a = words_split(mem, mask, flip, from, mid);
		const uint32_t b = words_split(mem, mask, flip, mid, end);

		if (a < mid && b > mid) {
			words_reverse(mem, n, k, a, mid);
			words_reverse(mem, n, k, mid, b);
			words_reverse(mem, n, k, a, b);
		}

		if (k - from <= 2 * width)
			break;
	}
}


/**
 * Sort n lists of k words by the first list (RFC 3320 s9.1.3), equal words
 * keep their order.
 *
 * There is no memory to sort into, and a hostile message may ask for long
 * lists: a radix sort whose stable partition rotates blocks in place needs
 * at most 16 * k * log2(k) moves a list.
 */
void udvm_sort(uint8_t *mem, uint32_t n, uint32_t k, bool descending)
{
	const uint32_t flip = descending ? 0xffff : 0;
	uint32_t mask, width;

	for (mask = 1; mask < UDVM_SPACE; mask <<= 1) {
		for (width = 1; width < k; width <<= 1)
			words_join(mem, n, k, width, mask, flip);
	}
}
