/**
 * @file lz.c  lz: one text to one SigComp message
 *
 * What the bytecode does with a message stands in bytecode/lz.asm.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "sigcomp/lz.h"
#include "sigcomp/lz_private.h"

enum {
	DICT_TEXT = LZ_dict_len,
	GENERATIONS = 2,        /* states in turn at the peer, where both fit */
	GENERATION_SMS = 4096,  /* with at least twice this                   */
	ID_LEN = 6,             /* minimum_access_length (RFC 3320 s9.4.9)    */

	/* bytes left free for the SigComp message itself: UDVM memory is
	   decompression_memory_size - n (RFC 3320 s7) */
	RESERVE = 768,
	RESERVE_MAX = 4096,

	NOVEL = 70,             /* a shorter message holds little to remember */

	KIND_SAVED  = (LZ_saved - LZ_kind) & 0xffff,
	KIND_TAGGED = (LZ_tagged - LZ_kind) & 0xffff,
	REQUEST_AT = LZ_request + 2,
	REQUEST_Q = 4,          /* RFC 3320 s9.4.9 figure 12 */
	ITEM_LEN_BYTE = 0x81,   /* RFC 3320 s7.1: long form, one byte */

	OP_JUMP = 22,

	/* UDVM cycles outside tokens, without lengths: start, output, end */
	CYC_FIXED = 1 + 4 + 1 + 3 + 3 + 1 + 2,
	CYC_CUT = 10,
};

/* parts of the dictionary that can be left out: one-byte operands */
static const uint16_t skips[] = { 0, 256, 1024, 2048 };


/* -- what a state is like ------------------------------------------------ */

static bool two_generations(uint32_t sms, size_t mem_size)
{
	return sms >= 2 * GENERATION_SMS &&
		mem_size >= 2 * (sizeof(struct lz_shadow) + 1024);
}


static size_t shadow_size(const struct sigcomp_job *job)
{
	const size_t size = two_generations(job->peer.sms, job->mem_size) ?
		job->mem_size / 2 : job->mem_size;

	return size & ~(size_t)7;
}


static struct lz_shadow *shadow(const struct sigcomp_job *job, unsigned slot)
{
	return (struct lz_shadow *)(void *)((uint8_t *)job->mem +
					    slot * shadow_size(job));
}


/** Longest history a state at this peer may have */
static uint32_t history_max(const struct sigcomp_job *job)
{
	uint32_t max = job->peer.sms;
	const size_t room = shadow_size(job) - sizeof(struct lz_shadow);

	if (two_generations(max, job->mem_size))
		max /= 2;
	if (max < SIGCOMP_STATE_COST + LZ_LEN)
		return 0;

	max -= SIGCOMP_STATE_COST + LZ_LEN;
	if (max > LZ_TEXT_MAX)
		max = LZ_TEXT_MAX;

	return max < room ? max : (uint32_t)room;
}


/** Values for a new upload. 0, ENOTSUP (the peer's memory is too small) */
static int layout_choose(struct lz_layout *lay, const struct sigcomp_job *job,
			 uint32_t reserve)
{
	uint32_t top = job->peer.dms / 2, ring;
	size_t i;

	if (!job->stream) {
		if (job->peer.dms < reserve)
			return ENOTSUP;
		top = job->peer.dms - reserve;
	}

	if (top > (uint32_t)LZ_code_end + LZ_DIST_MAX)
		top = (uint32_t)LZ_code_end + LZ_DIST_MAX;
	if (top > 8191)
		top = 8191;
	if (top < (uint32_t)LZ_code_end + 256)
		return ENOTSUP;

	ring = top - (uint32_t)LZ_code_end;
	lay->top = (uint16_t)top;
	lay->skip = 0;
	lay->dict_len = 0;
	memcpy(lay->param, job->param, sizeof(lay->param));

	if (!job->peer.dictionary)
		return 0;

	for (i = 0; i < sizeof(skips) / sizeof(skips[0]); ++i) {
		const uint32_t rest = DICT_TEXT - skips[i];

		if (rest > ring)
			continue;

		lay->skip = skips[i];
		lay->dict_len = (uint16_t)rest;
		if (ring - rest >= LZ_TEXT_MAX)
			break;
	}

	return 0;
}


/** The multitype operand N in two bytes (RFC 3320 s8.5) */
static void put_operand(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(0xa0 | v >> 8);
	p[1] = (uint8_t)v;
}


/** The bytecode with its values filled in */
static void code_make(uint8_t *code, const struct lz_layout *lay)
{
	uint8_t *p = code + LZ_PATCH_skip;

	memcpy(code, LZ, LZ_LEN);
	put_operand(code + LZ_PATCH_top, lay->top);
	memcpy(code + LZ_params - LZ_START, lay->param, sizeof(lay->param));

	if (!lay->dict_len) {
		/* nothing to load: go to the first token */
		p = code + LZ_dictionary - LZ_START;
		*p++ = OP_JUMP;
		put_operand(p, LZ_token - LZ_dictionary);
		return;
	}

	/* 256: 10001000, 1024: 10001010, 2048: 10001011 */
	*p = (uint8_t)(!lay->skip ? 0 : lay->skip == 256 ? 0x88 :
		       lay->skip == 1024 ? 0x8a : 0x8b);
	put_operand(code + LZ_PATCH_rest, lay->dict_len);
}


/* -- one message --------------------------------------------------------- */

/** The state to lean on: the newest the peer certainly has. -1: none */
static int slot_choose(const struct sigcomp_job *job)
{
	const unsigned n = two_generations(job->peer.sms, job->mem_size) ?
		GENERATIONS : 1;
	int best = -1;
	unsigned i;

	if (job->level != SIGCOMP_LEVEL_FULL)
		return -1;

	for (i = 0; i < n && i < SIGCOMP_SLOTS; ++i) {
		const struct lz_shadow *sh = shadow(job, i);

		if (!job->slot[i].usable || !sh->top)
			continue;

		if (best < 0 || (int16_t)(sh->serial -
			shadow(job, (unsigned)best)->serial) > 0)
			best = (int)i;
	}

	return best;
}


static uint32_t budget(const struct sigcomp_job *job, size_t len)
{
	return (8 * (uint32_t)len + 1000) * job->peer.cpb;
}


/** Pieces of the history that stays, at most three of each source */
static unsigned pieces_make(struct sigcomp_piece *piece, const struct lz *z)
{
	const uint32_t end = z->hist_len + z->text_len;
	uint32_t from = 0;
	unsigned i, n = 0;

	/* the window listed last is the first in memory */
	for (i = z->cuts + 1; i--;) {
		uint32_t to = end, next = end, mid;

		if (i) {
			to = (uint32_t)z->cut[i - 1].hole * LZ_UNIT -
				(uint32_t)LZ_code_end;
			next = to + (uint32_t)z->cut[i - 1].gap * LZ_UNIT;
		}

		mid = z->hist_len < from ? from :
			z->hist_len < to ? z->hist_len : to;
		if (from < mid) {
			piece[n].p = z->hist + from;
			piece[n++].len = mid - from;
		}
		if (mid < to) {
			piece[n].p = z->text + mid - z->hist_len;
			piece[n++].len = to - mid;
		}
		from = next;
	}

	return n;
}


/** New shadow from the old one (may be the same) and the message */
static void shadow_update(struct lz_shadow *to, const struct lz_shadow *sh,
			  const struct lz *z, const struct lz_layout *lay,
			  const struct sigcomp_piece *piece, unsigned n)
{
	const uint32_t old_units = ((uint32_t)LZ_code_end + z->hist_len) /
		LZ_UNIT;
	const uint8_t serial = (uint8_t)(sh->serial + 1);
	uint32_t len = 0, i, from, gap;
	unsigned c;

	if (to != sh)
		memcpy(to->born, sh->born, sizeof(to->born));
	for (i = old_units; i < LZ_UNITS; ++i)
		to->born[i] = serial;

	for (c = 0; c < z->cuts; ++c) {
		from = z->cut[c].hole;
		gap = z->cut[c].gap;
		for (i = from; i < LZ_UNITS; ++i)
			to->born[i] = i + gap < LZ_UNITS ? to->born[i + gap] :
				serial;
	}

	to->serial = (uint16_t)(sh->serial + 1);
	to->top = lay->top;
	to->skip = (uint16_t)(lay->dict_len ? lay->skip : DICT_TEXT);
	memcpy(to->param, lay->param, sizeof(to->param));

	/* in order, each to the left: what is still to be moved stays whole */
	for (c = 0; c < n; ++c) {
		memmove(to->text + len, piece[c].p, piece[c].len);
		len += (uint32_t)piece[c].len;
	}
	to->len = (uint16_t)len;
}


/** Say in the message what is saved, and work out the new state */
static int save(struct lz *z, struct sigcomp_job *job,
		const struct lz_layout *lay, const struct lz_shadow *sh,
		int ref, struct sigcomp_piece *piece, unsigned *n,
		uint32_t moves, uint32_t size)
{
	struct sigcomp_save *s = &job->save[0];
	const uint32_t room = z->ring - z->dict_len;
	uint32_t keep = history_max(job);
	uint32_t len = LZ_LEN;
	unsigned i;
	int err;

	if (keep > room)
		keep = room;
	if (LZ_code_end + z->hist_len + z->text_len > lay->top)
		return ENOMEM;

	err = lz_cut_choose(z, sh, keep, moves, size);
	if (err)
		return err;

	lz_put_kind(z, job->want_tag || job->drop_tag ? KIND_TAGGED :
		    KIND_SAVED);
	if (job->want_tag || job->drop_tag) {
		/* INPUT-BYTES begins at a byte */
		lz_put(z, 0, (8 - z->acc_bits) % 8);
		lz_put(z, REQUEST_AT, 16);
		lz_put(z, job->want_tag ? REQUEST_Q : 0, 8);
		lz_put(z, ITEM_LEN_BYTE, 8);
		lz_put(z, job->tag, 8);
	}
	for (i = 0; i < z->cuts; ++i) {
		lz_put(z, z->cut[i].hole, 6);
		lz_put(z, z->cut[i].gap, 6);
	}

	piece[0].p = z->code;
	piece[0].len = LZ_LEN;
	*n = 1 + pieces_make(piece + 1, z);
	for (i = 1; i < *n; ++i)
		len += (uint32_t)piece[i].len;

	s->len = (uint16_t)len;
	s->prio = 0;
	s->slot = (uint8_t)(two_generations(job->peer.sms, job->mem_size) &&
			    ref == 0);

	return sigcomp_state_id(s->id, LZ_start, LZ_begin, ID_LEN, piece, *n);
}


static int compress_with(struct sigcomp_job *job, int ref, uint32_t reserve)
{
	struct lz *z = job->work;
	const uint32_t size = (uint32_t)((job->work_size -
		offsetof(struct lz, link)) / sizeof(z->link[0]));
	const struct lz_shadow *sh = shadow(job, ref < 0 ? 0 : (unsigned)ref);
	struct sigcomp_piece piece[2 + 2 * (LZ_CUTS + 1)];
	struct lz_layout lay;
	struct sigcomp_job done = *job;
	unsigned n = 0;
	size_t start;
	uint32_t moves, used;
	int err;

	memset(z, 0, offsetof(struct lz, cut));

	if (ref < 0) {
		err = layout_choose(&lay, job, reserve);
		if (err)
			return err;
	}
	else {
		lay.top = sh->top;
		lay.skip = sh->skip;
		lay.dict_len = (uint16_t)(DICT_TEXT - sh->skip);
		memcpy(lay.param, sh->param, sizeof(lay.param));
		z->hist = sh->text;
		z->hist_len = sh->len;
	}

	code_make(z->code, &lay);
	err = ref < 0 ? sigcomp_put_bytecode(job, &start, z->code, LZ_LEN,
					     LZ_START)
		: sigcomp_put_reference(job, &start, job->slot[ref].id,
					ID_LEN);
	if (err)
		return err;

	z->text = job->text;
	z->text_len = (uint32_t)job->text_len;
	z->dict = sigcomp_dictionary + DICT_TEXT - lay.dict_len;
	z->dict_len = lay.dict_len;
	z->ring = lay.top - (uint32_t)LZ_code_end;
	if (z->text_len > z->ring)
		return EOVERFLOW;

	z->out = job->out;
	z->out_size = job->out_size;
	z->pos = start;
	z->links = size;
	z->link_base = 0;
	if (z->hist_len + z->text_len > size)
		z->link_base = z->hist_len + z->text_len - size;

	z->cycles = CYC_FIXED + z->dict_len + z->text_len;
	lz_parse(z);
	if (z->full)
		return EOVERFLOW;

	(void)done;
	used = z->cycles + (uint32_t)LZ_LEN + z->hist_len + z->text_len;
	moves = budget(job, z->pos) * 3 / 5;
	moves = used + 2 * CYC_CUT < moves ? moves - used - 2 * CYC_CUT : 0;

	job->saves = 0;
	if (job->may_save && (ref < 0 || z->pos - start >= NOVEL) &&
	    !save(z, job, &lay, sh, ref, piece, &n, moves, size))
		job->saves = 1;

	/* ones: the beginning of no token */
	if (z->acc_bits)
		lz_put(z, 0xff >> z->acc_bits, 8 - z->acc_bits);

	if (z->full || (!job->stream && lay.top > job->peer.dms - z->pos) ||
	    used > budget(job, z->pos))
		return EOVERFLOW;

	job->out_len = z->pos;
	job->used = ref < 0 ? 0 : (uint8_t)(1u << ref);
	job->announced = true;
	job->tagged = job->saves && job->want_tag;
	job->shared = false;
	if (job->saves)
		shadow_update(shadow(job, job->save[0].slot), sh, z, &lay,
			      piece + 1, n - 1);

	return 0;
}


static int lz_compress(struct sigcomp_job *job)
{
	uint32_t reserve;
	int ref, err = ENOTSUP;

	if (job->work_size < sizeof(struct lz) + 1024 ||
	    shadow_size(job) < sizeof(struct lz_shadow) + 256)
		return ENOMEM;

	ref = slot_choose(job);
	if (ref >= 0)
		return compress_with(job, ref, 0);

	for (reserve = RESERVE; reserve <= RESERVE_MAX; reserve *= 2) {
		err = compress_with(job, -1, reserve);
		if (err != EOVERFLOW)
			break;
	}

	return err;
}


static size_t lz_mem_size(uint32_t sms)
{
	const uint32_t max = SIGCOMP_STATE_COST + LZ_LEN;
	uint32_t text = sms >= 2 * GENERATION_SMS ? GENERATION_SMS : sms;

	text = text > max ? text - max : 0;

	return (sizeof(struct lz_shadow) + text + 7) / 8 * 8 *
		(sms >= 2 * GENERATION_SMS ? GENERATIONS : 1);
}


static size_t lz_work_size(uint32_t dms, uint32_t sms)
{
	(void)dms;

	return sizeof(struct lz) + 2 * (2048 + lz_mem_size(sms));
}


const struct sigcomp_codec sigcomp_lz = {
	.name      = "lz",
	.mem_size  = lz_mem_size,
	.work_size = lz_work_size,
	.compress  = lz_compress,
};
