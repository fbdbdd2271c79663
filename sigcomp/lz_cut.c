/**
 * @file lz_cut.c  lz: what the peer's state shall forget
 *
 * History and new message together are longer than the state may be. One or
 * two windows are cut out: those whose text is cheapest to send again, because
 * newer text or the dictionary has it too, or is least likely to be needed,
 * because it is old.
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/lz_private.h"

enum {
	GRAM = 4,
	TABLE_MIN = 256,
	TABLE_MAX = 2048,
	RUN_MIN = 8,            /* shorter repetitions save nothing         */

	/* tenths of bits */
	BYTE_COST = 63,
	RUN_COST = 120,         /* a copy                                   */
	WINDOW_COST = 900,      /* cut and the copies it breaks             */

	LONG_KEEP = 3000,       /* bytes of history that age slowly         */
	HOLE_MAX = 64,          /* 6 bits                                   */
	DICT = 0x8000,          /* mark of a place in the dictionary        */
	NONE = 0xffff,
};


static uint8_t byte_at(const struct lz *z, uint32_t pos)
{
	return pos < z->hist_len ? z->hist[pos] : z->text[pos - z->hist_len];
}


static uint32_t gram_hash(const uint8_t *p, uint32_t size)
{
	const uint32_t g = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];

	return (g * 2654435761u >> 15) % size;
}


/** Weight of text by the number of messages saved since, 256 = new */
static uint32_t weight(unsigned age, uint32_t keep)
{
	const unsigned shift = keep >= LONG_KEEP ? 3 : 2;
	uint32_t w = 256;

	while (age-- && w > 8)
		w -= w >> shift;

	return w;
}


/** Length of the text at pos found again at a place of the table */
static uint32_t repeated(const struct lz *z, uint32_t pos, uint32_t place)
{
	const uint32_t end = z->hist_len + z->text_len;
	uint32_t n = 0;

	if (place & DICT) {
		place &= ~(uint32_t)DICT;
		while (place + n < z->dict_len && pos + n < end &&
		       z->dict[place + n] == byte_at(z, pos + n))
			++n;
		return n;
	}

	while (place + n < end && pos + n < place &&
	       byte_at(z, place + n) == byte_at(z, pos + n))
		++n;

	return n;
}


static void value_add(struct lz *z, uint32_t from, uint32_t to, uint32_t cost)
{
	for (; from < to; ++from)
		z->value[((uint32_t)lz_prog(z)->code_end + from) /
			 LZ_UNIT] += cost;
}


/** Cost of sending each unit's text again, by what comes after it */
static void value_text(struct lz *z, uint32_t size)
{
	const uint32_t end = z->hist_len + z->text_len;
	uint32_t i, g, k, n, start = 0, stop = 0, right = end;

	memset(z->value, 0, sizeof(z->value));
	memset(z->link, 0xff, size * sizeof(z->link[0]));

	for (i = 0; i + GRAM <= z->dict_len; ++i)
		z->link[gram_hash(z->dict + i, size)] = (uint16_t)(DICT | i);

	for (i = end; i--;) {
		uint8_t gram[GRAM];

		n = 0;
		if (i + GRAM <= end) {
			for (k = 0; k < GRAM; ++k)
				gram[k] = byte_at(z, i + k);
			g = gram_hash(gram, size);
			if (z->link[g] != NONE)
				n = repeated(z, i, z->link[g]);
			z->link[g] = (uint16_t)i;
		}

		/* the run that is open reaches further to the left */
		if (n >= GRAM && stop && i + n == stop) {
			start = i;
			continue;
		}

		/* close it: [start, stop), what is right of it is counted */
		if (stop) {
			k = stop - start;
			value_add(z, start, stop < right ? stop : right,
				  k < RUN_MIN ? BYTE_COST : RUN_COST / k);
			right = start;
			stop = 0;
		}

		if (n >= GRAM) {
			start = i;
			stop = i + n;
		}
		else {
			value_add(z, i, i + 1, BYTE_COST);
			right = i;
		}
	}

	if (stop)
		value_add(z, start, stop < right ? stop : right,
			  RUN_COST / (stop - start));
}


/** Turn values into sums up to each unit, weighted by age */
static void value_sum(struct lz *z, const struct lz_shadow *sh, uint32_t keep,
		      uint32_t units)
{
	const uint32_t hist = ((uint32_t)lz_prog(z)->code_end + z->hist_len) /
		LZ_UNIT;
	uint32_t i, v, sum = 0;

	for (i = 0; i <= units; ++i) {
		v = i < hist ? z->value[i] *
			weight((uint8_t)(sh->serial + 1 - sh->born[i]), keep)
			: z->value[i] * weight(0, keep);
		z->value[i] = sum;
		sum += v / 256;
	}
}


/**
 * Choose the windows
 *
 * @param z     Compression whose text is parsed; gets cut[] and cuts
 * @param sh    Shadow the history is from: age of its units
 * @param keep  Longest history the new state may have
 * @param moves Bytes the decoder may move for it
 *
 * @return 0, ENOMEM (cannot be done within these limits)
 */
int lz_cut_choose(struct lz *z, const struct lz_shadow *sh, uint32_t keep,
		  uint32_t moves)
{
	const uint32_t stop = (uint32_t)lz_prog(z)->code_end + z->hist_len +
		z->text_len;
	const uint32_t first = ((uint32_t)lz_prog(z)->code_end + LZ_UNIT - 1) /
		LZ_UNIT;
	const uint32_t units = stop / LZ_UNIT;
	const uint32_t *sum = z->value;
	uint32_t cut, l, a, b, best = ~0u;

	z->cuts = 0;
	if (z->hist_len + z->text_len <= keep)
		return 0;

	if (z->links < TABLE_MIN || units >= LZ_UNITS)
		return ENOMEM;

	cut = (z->hist_len + z->text_len - keep + LZ_UNIT - 1) / LZ_UNIT;
	if (cut >= HOLE_MAX || first + cut > units)
		return ENOMEM;

	value_text(z, z->links < TABLE_MAX ? z->links : TABLE_MAX);
	value_sum(z, sh, keep, units);

	/* window of l units at a, the rest of them at b behind it; l = 0:
	   one window at b */
	for (l = 0; l < cut; ++l) {
		const uint32_t r = cut - l;
		uint32_t low = ~0u, at = first;

		for (b = first + l; b + r <= units && b < HOLE_MAX; ++b) {
			uint32_t v, moved;

			a = b - l;
			if (l && sum[b] - sum[a] < low) {
				low = sum[b] - sum[a];
				at = a;
			}

			v = sum[b + r] - sum[b];
			moved = stop - (b + r) * LZ_UNIT;
			if (l) {
				v += low + WINDOW_COST;
				moved += stop - (at + cut) * LZ_UNIT;
			}

			if (v >= best || moved > moves)
				continue;

			best = v;
			z->cuts = 0;
			z->cut[z->cuts].hole = (uint8_t)b;
			z->cut[z->cuts++].gap = (uint8_t)r;
			if (l) {
				z->cut[z->cuts].hole = (uint8_t)at;
				z->cut[z->cuts++].gap = (uint8_t)l;
			}
		}
	}

	return best == ~0u ? ENOMEM : 0;
}
