/**
 * @file lz_parse.c  lz: text to tokens to bits
 */
#include <string.h>
#include "sigcomp/lz_private.h"

enum {
	TOKEN_COPY = 256,

	LEN_MIN = 3,            /* shortest new copy                        */
	DICT_ENOUGH = 12,       /* no search there with a match this long   */
	CHAIN_MAX = 4000,
	NONE = 0xffff,

	/* UDVM cycles (RFC 3320 s9 figure 11): INPUT-HUFFMAN without its n,
	   COMPARE; COPY-LITERAL; INPUT-HUFFMAN, COPY-OFFSET, JUMP;
	   INPUT-BITS */
	CYC_TOKEN = 2, CYC_BYTE = 2, CYC_AGAIN = 3, CYC_COPY = 1,
};


/* -- bits ---------------------------------------------------------------- */

/** The ranges of one of the decoder's prefix codes, and their number */
#define RANGES(z, code) lz_prog(z)->code.range, lz_prog(z)->code.n

/** Append n bits, most significant first (RFC 3320 s8.2: P = H = F = 0) */
void lz_put(struct lz *z, uint32_t value, unsigned n)
{
	z->acc = z->acc << n | value;
	z->acc_bits += n;

	while (z->acc_bits >= 8) {
		z->acc_bits -= 8;
		if (z->pos < z->out_size)
			z->out[z->pos++] = (uint8_t)(z->acc >> z->acc_bits);
		else
			z->full = true;
	}
}


/** Does h, read up to range i, not begin with a code of an earlier range? */
static bool is_free(const struct sigcomp_range *r, size_t i, uint32_t h)
{
	while (i) {
		h >>= r[i].bits;
		--i;
		if (h >= r[i].lower && h <= r[i].upper)
			return false;
	}

	return true;
}


/** Prefix code of a value as INPUT-HUFFMAN will read it; returns its length */
static unsigned code_of(uint32_t *code, const struct sigcomp_range *r,
			size_t n, uint16_t value)
{
	unsigned len = 0;
	size_t i;

	for (i = 0; i < n; ++i) {
		const uint32_t h = (uint16_t)(value - r[i].value + r[i].lower);

		len += r[i].bits;
		if (h >= r[i].lower && h <= r[i].upper && h >> len == 0 &&
		    is_free(r, i, h)) {
			*code = h;
			return len;
		}
	}

	return 0;
}


static void put_code(struct lz *z, const struct sigcomp_range *r, size_t n,
		     uint16_t value)
{
	uint32_t code = 0;
	const unsigned len = code_of(&code, r, n, value);

	lz_put(z, code, len);
	z->cycles += (uint32_t)n;
}


void lz_put_token(struct lz *z, uint16_t value)
{
	put_code(z, RANGES(z, tokens), value);
	z->cycles += CYC_TOKEN;
}


static void put_byte(struct lz *z, uint8_t c)
{
	lz_put_token(z, c);
	z->cycles += CYC_BYTE;
}


static void put_match(struct lz *z, unsigned len, uint16_t dist)
{
	if (dist == z->rep) {
		lz_put_token(z, lz_prog(z)->again);
	}
	else {
		lz_put_token(z, TOKEN_COPY);
		lz_put(z, dist, LZ_DIST_BITS);
		z->cycles += CYC_COPY;
		z->rep = dist;
	}

	put_code(z, RANGES(z, lengths), (uint16_t)len);
	z->cycles += CYC_AGAIN + len;
}


static unsigned token_cost(const struct lz *z, uint16_t value)
{
	uint32_t code;

	return code_of(&code, RANGES(z, tokens), value);
}


/* -- matches ------------------------------------------------------------- */

static uint8_t byte_at(const struct lz *z, uint32_t pos)
{
	return pos < z->hist_len ? z->hist[pos] : z->text[pos - z->hist_len];
}


/** Length of what can be copied to i from behind the history */
static uint32_t extra_len(const struct lz *z)
{
	return lz_heard_len(z) > z->dict_len ? lz_heard_len(z) : z->dict_len;
}


/**
 * How far text at i is as that at pos of two pieces: p[0..n), and from n on
 * q[pos - off]
 */
static unsigned match(const struct lz *z, uint32_t i, uint32_t pos,
		      const uint8_t *p, uint32_t n,
		      const uint8_t *q, uint32_t off, uint32_t max)
{
	const uint8_t *t = z->text + i;
	uint32_t len = 0;

	if (max > z->text_len - i)
		max = z->text_len - i;

	while (len < max && (pos + len < n ? p[pos + len] :
			     q[pos + len - off]) == t[len])
		++len;

	return len;
}


/** Length of the copy to i from a distance */
static unsigned match_at(const struct lz *z, uint32_t i, uint32_t dist)
{
	const uint32_t here = z->hist_len + i;

	uint32_t pos;

	if (!dist)
		return 0;
	if (dist <= here)
		return match(z, i, here - dist, z->hist, z->hist_len, z->text,
			     z->hist_len, LZ_MATCH_MAX);

	/* across the left border: dictionary and heard message begin where
	   the message does, and are overwritten by it */
	pos = i + z->ring - dist;
	if (pos >= extra_len(z))
		return 0;

	return match(z, i, pos, z->heard, lz_heard_len(z), z->dict, 0,
		     extra_len(z) - pos);
}


static unsigned hash(uint8_t a, uint8_t b)
{
	return (a * 37u ^ b * 101u) % LZ_HEADS;
}


static void chain_add(struct lz *z, uint32_t pos)
{
	unsigned h;

	if (pos < z->chained || pos < z->link_base ||
	    pos - z->link_base >= z->links ||
	    pos + 1 >= z->hist_len + z->text_len)
		return;

	z->chained = pos + 1;

	h = hash(byte_at(z, pos), byte_at(z, pos + 1));
	z->link[pos - z->link_base] = z->head[h];
	z->head[h] = (uint16_t)pos;
}


/** Longest copy to i from the positions in chains */
static unsigned find_chain(const struct lz *z, uint32_t i, unsigned best,
			   uint16_t *dist)
{
	const uint32_t here = z->hist_len + i;
	unsigned n = CHAIN_MAX;
	uint16_t pos;

	pos = z->head[hash(z->text[i], z->text[i + 1])];

	/* positions of a block parsed before and not kept */
	while (pos != NONE && pos >= here)
		pos = z->link[pos - z->link_base];

	for (; pos != NONE && n; pos = z->link[pos - z->link_base], --n) {
		unsigned len;

		if (here - pos > z->ring || here - pos > LZ_DIST_MAX)
			break;

		if (byte_at(z, pos + best) != z->text[i + best])
			continue;

		len = match_at(z, i, here - pos);
		if (len > best) {
			best = len;
			*dist = (uint16_t)(here - pos);
			if (best >= LZ_NICE || i + best >= z->text_len)
				break;
		}
	}

	return best;
}


/** Longest copy to i of text in p[pos..end); what is at 0 has this distance */
static unsigned find_in(const struct lz *z, uint32_t i, unsigned best,
			uint16_t *found, const uint8_t *p, uint32_t pos,
			uint32_t end, uint32_t dist)
{
	while (pos < end && i + best < z->text_len) {
		const uint8_t *q = memchr(p + pos, z->text[i], end - pos);
		unsigned len;

		if (!q)
			break;

		pos = (uint32_t)(q - p);
		len = match_at(z, i, dist - pos);
		if (len > best && dist - pos <= LZ_DIST_MAX) {
			best = len;
			*found = (uint16_t)(dist - pos);
		}
		++pos;
	}

	return best;
}


static unsigned find(const struct lz *z, uint32_t i, uint16_t *dist)
{
	const uint32_t here = z->hist_len + i;
	unsigned best = LEN_MIN - 1;

	*dist = 0;
	if (i + LEN_MIN > z->text_len)
		return 0;

	best = find_chain(z, i, best, dist);
	if (best < LZ_NICE)
		best = find_in(z, i, best, dist, z->hist,
			       here > z->ring ? here - z->ring : 0,
			       z->link_base < z->hist_len ? z->link_base :
			       z->hist_len, here);
	if (best < LZ_NICE)
		best = find_in(z, i, best, dist, z->heard, i + 1,
			       lz_heard_len(z), z->ring + i);
	if (best < DICT_ENOUGH)
		best = find_in(z, i, best, dist, z->dict,
			       i < lz_heard_len(z) ? lz_heard_len(z) : i + 1,
			       z->dict_len, z->ring + i);

	return *dist ? best : 0;
}


/* -- the cheapest way ---------------------------------------------------- */

static void relax(struct lz_node *to, unsigned cost, unsigned len,
		  uint16_t dist, uint16_t rep)
{
	if (cost >= to->cost)
		return;

	to->cost = (uint16_t)cost;
	to->len  = (uint16_t)len;
	to->dist = dist;
	to->rep  = rep;
}


static void relax_match(struct lz *z, unsigned k, unsigned from, unsigned len,
			uint16_t dist, unsigned cost)
{
	for (; len >= from; --len)
		relax(&z->node[k + len], cost + z->len_cost[len], len, dist,
		      dist);
}


/**
 * Write the cheapest way to node k of the block that begins at i, as far as
 * a token begins before node limit; returns where it ends
 */
static unsigned block_put(struct lz *z, uint32_t i, unsigned k, unsigned limit)
{
	unsigned to = k, from;

	/* turn the way round: each node learns its successor */
	z->node[k].cost = 0;
	while (to) {
		from = to - z->node[to].len;
		z->node[from].cost = (uint16_t)to;
		to = from;
	}

	for (from = 0; from < k && from < limit; from = to) {
		const struct lz_node *nd;

		to = z->node[from].cost;
		nd = &z->node[to];
		if (nd->dist)
			put_match(z, nd->len, nd->dist);
		else
			put_byte(z, z->text[i + from]);
	}

	return from;
}


/** Parse from i up to a long match or the end of the block; the new i */
static uint32_t parse_block(struct lz *z, uint32_t i, unsigned copy_cost,
			    unsigned again_cost)
{
	unsigned k, n;

	memset(z->node, 0xff, sizeof(z->node));
	z->node[0].cost = 0;
	z->node[0].rep = z->rep;

	for (k = 0; k < LZ_BLOCK && i + k < z->text_len; ++k) {
		const struct lz_node *nd = &z->node[k];
		uint16_t dist;
		unsigned len, again = match_at(z, i + k, nd->rep);

		len = again < LZ_NICE ? find(z, i + k, &dist) : 0;
		if (again >= LZ_NICE || len >= LZ_NICE) {
			if (again >= LZ_NICE) {
				len = again;
				dist = nd->rep;
			}
			(void)block_put(z, i, k, k);
			put_match(z, len, dist);
			for (n = 0; n < len; ++n)
				chain_add(z, z->hist_len + i + k + n);
			return i + k + len;
		}

		relax(&z->node[k + 1], nd->cost + z->byte_cost[z->text[i + k]],
		      1, 0, nd->rep);
		relax_match(z, k, 1, again, nd->rep, nd->cost + again_cost);
		if (len)
			relax_match(z, k, LEN_MIN, len, dist,
				    nd->cost + copy_cost);
		chain_add(z, z->hist_len + i + k);
	}

	/* what follows could change the last tokens of a full block */
	if (i + k < z->text_len)
		return i + block_put(z, i, k, LZ_BLOCK / 2);

	return i + block_put(z, i, k, k);
}


/** Write the text as tokens */
void lz_parse(struct lz *z)
{
	const unsigned copy_cost = token_cost(z, TOKEN_COPY) + LZ_DIST_BITS;
	const unsigned again_cost = token_cost(z, lz_prog(z)->again);
	uint32_t i, code;

	for (i = 0; i < 256; ++i)
		z->byte_cost[i] = (uint8_t)token_cost(z, (uint16_t)i);
	for (i = 1; i <= LZ_NICE; ++i)
		z->len_cost[i] = (uint8_t)code_of(&code, RANGES(z, lengths),
						  (uint16_t)i);

	memset(z->head, 0xff, sizeof(z->head));
	z->chained = 0;
	for (i = z->link_base; i < z->hist_len; ++i)
		chain_add(z, i);

	z->rep = 0;
	for (i = 0; i < z->text_len && !z->full;)
		i = parse_block(z, i, copy_cost, again_cost);
}
