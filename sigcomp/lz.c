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
	GENERATION_SMS = 4096,  /* with twice this, two states fit the peer   */
	ID_LEN = 6,             /* minimum_access_length (RFC 3320 s9.4.9)    */

	/* bytes left free for the SigComp message itself: UDVM memory is
	   decompression_memory_size - n (RFC 3320 s7) */
	RESERVE = 768,
	RESERVE_MAX = 4096,

	MESSAGE_ROOM = 2400,    /* for a message whose state is not certain   */
	NOVEL = 90,             /* a shorter message holds little to remember */
	NOVEL_LOSSY = 160,

	KIND_SAVED = (LZ_saved - LZ_kind) & 0xffff,
	KIND_QUIET = (LZ_quiet - LZ_kind) & 0xffff,

	OP_JUMP = 22,

	/* UDVM cycles outside tokens, without lengths: start, output, end */
	CYC_FIXED = 1 + 1 + 6 + 1 + 1 + 1 + 3 + 1 + 3 + 2 + 2 + 1,
	CYC_CUT = 10,
};

/* parts of the dictionary that can be left out: one-byte operands */
static const uint16_t skips[] = { 0, 256, 1024, 2048 };


/* -- what a state is like ------------------------------------------------ */

static struct lz_shadow *shadow(const struct sigcomp_job *job)
{
	return job->mem;
}


static size_t shadow_room(const struct sigcomp_job *job)
{
	return job->mem_size - sizeof(struct lz_shadow);
}


/** Longest history a state at this peer may have */
static uint32_t history_max(const struct sigcomp_job *job)
{
	uint32_t max = job->peer.sms;
	const size_t room = shadow_room(job);

	/* the old state stays until the new one is known to be there */
	if (max >= 2 * GENERATION_SMS)
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

/** One more message saved: the age of what is in each unit */
static void born_next(struct lz_shadow *sh, uint32_t hist_len,
		      const struct lz_cut *cut, unsigned cuts)
{
	uint32_t i = ((uint32_t)LZ_code_end + hist_len) / LZ_UNIT;
	unsigned c;

	++sh->serial;
	for (; i < LZ_UNITS; ++i)
		sh->born[i] = sh->serial;

	for (c = 0; c < cuts; ++c) {
		const uint32_t gap = cut[c].gap;

		for (i = cut[c].hole; i < LZ_UNITS; ++i)
			sh->born[i] = i + gap < LZ_UNITS ? sh->born[i + gap] :
				sh->serial;
	}
}


/** The state `next` is there: what it has becomes the history */
static void shadow_next(struct lz_shadow *sh)
{
	uint32_t len = (uint32_t)sh->len + sh->more;
	unsigned i;

	born_next(sh, sh->len, sh->cut, sh->cuts);

	for (i = 0; i < sh->cuts; ++i) {
		const uint32_t to = (uint32_t)sh->cut[i].hole * LZ_UNIT -
			(uint32_t)LZ_code_end;
		const uint32_t from = to + (uint32_t)sh->cut[i].gap * LZ_UNIT;

		memmove(sh->text + to, sh->text + from, len - from);
		len -= from - to;
	}

	sh->len = (uint16_t)len;
	sh->more = 0;
	sh->base = sh->next;
	sh->next = 0;
}


/** The state to lean on: slot, or -1 if the peer has none for certain */
static int slot_choose(const struct sigcomp_job *job)
{
	struct lz_shadow *sh = shadow(job);

	if (job->level != SIGCOMP_LEVEL_FULL)
		return -1;

	if (sh->next && job->slot[sh->next - 1].usable)
		shadow_next(sh);

	return sh->base && job->slot[sh->base - 1].usable ? sh->base - 1 : -1;
}


static uint32_t budget(const struct sigcomp_job *job, size_t len)
{
	return (8 * (uint32_t)len + 1000) * job->peer.cpb;
}


/** Pieces of the new state: the bytecode, then what is between windows */
static void pieces_make(struct lz *z)
{
	const uint32_t end = z->hist_len + z->text_len;
	struct sigcomp_piece *piece = z->piece;
	uint32_t from = 0;
	unsigned i, n = 1;

	piece[0].p = z->code;
	piece[0].len = LZ_LEN;

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

	z->pieces = n;
}


/** Keep the message until its state is known to be there */
static void shadow_save(const struct sigcomp_job *job, const struct lz *z,
			const struct lz_layout *lay)
{
	struct lz_shadow *sh = shadow(job);
	const uint8_t slot = (uint8_t)(job->save[0].slot + 1);
	uint32_t len = 0;
	unsigned i;

	sh->top = lay->top;
	sh->skip = (uint16_t)(DICT_TEXT - lay->dict_len);
	memcpy(sh->param, lay->param, sizeof(sh->param));

	if (z->hist_len + z->text_len <= shadow_room(job)) {
		if (!z->hist_len)
			sh->base = 0;
		sh->len = (uint16_t)z->hist_len;
		sh->more = (uint16_t)z->text_len;
		sh->next = slot;
		sh->cuts = (uint8_t)z->cuts;
		memcpy(sh->cut, z->cut, sizeof(sh->cut));
		memcpy(sh->text + sh->len, job->text, job->text_len);
		return;
	}

	/* no room for both: only the new one is kept. Pieces are in order
	   and move to the left, so none is overwritten before it is moved */
	born_next(sh, z->hist_len, z->cut, z->cuts);
	for (i = 1; i < z->pieces; ++i) {
		memmove(sh->text + len, z->piece[i].p, z->piece[i].len);
		len += (uint32_t)z->piece[i].len;
	}
	sh->len = (uint16_t)len;
	sh->more = 0;
	sh->base = slot;
	sh->next = 0;
}


/** Say in the message what is saved, and work out the new state */
static int save(struct lz *z, struct sigcomp_job *job,
		const struct lz_layout *lay, uint32_t moves)
{
	struct sigcomp_save *s = &job->save[0];
	const struct lz_shadow *sh = shadow(job);
	const uint32_t room = z->ring - z->dict_len;
	const uint8_t tag = (uint8_t)(LZ_code_end + z->hist_len +
				      z->text_len);
	uint32_t keep = history_max(job);
	uint32_t len = 0;
	unsigned i;
	int err;

	if (keep > room)
		keep = room;
	if (memchr(job->taken, tag, job->taken_n) ||
	    LZ_code_end + z->hist_len + z->text_len > lay->top)
		return ENOMEM;

	err = lz_cut_choose(z, sh, keep, moves, z->links);
	if (err)
		return err;

	lz_put_kind(z, KIND_SAVED);
	for (i = 0; i < z->cuts; ++i) {
		lz_put(z, z->cut[i].hole, 6);
		lz_put(z, z->cut[i].gap, 6);
	}

	pieces_make(z);
	for (i = 0; i < z->pieces; ++i)
		len += (uint32_t)z->piece[i].len;

	s->len = (uint16_t)len;
	s->prio = 0;
	s->slot = sh->base == 1;
	job->tag = tag;

	return sigcomp_state_id(s->id, LZ_start, LZ_begin, ID_LEN, z->piece,
				z->pieces);
}


/** Lay out the work area for one message; sets where its text begins */
static int job_begin(struct sigcomp_job *job, struct lz_layout *lay, int ref,
		     uint32_t reserve, size_t *start)
{
	const struct lz_shadow *sh = shadow(job);
	struct lz *z = job->work;
	int err;

	memset(z, 0, offsetof(struct lz, code));

	if (ref < 0) {
		err = layout_choose(lay, job, reserve);
		if (err)
			return err;
	}
	else {
		lay->top = sh->top;
		lay->skip = sh->skip;
		lay->dict_len = (uint16_t)(DICT_TEXT - sh->skip);
		memcpy(lay->param, sh->param, sizeof(lay->param));
		z->hist = sh->text;
		z->hist_len = sh->len;
	}

	z->text = job->text;
	z->text_len = (uint32_t)job->text_len;
	z->dict = sigcomp_dictionary + DICT_TEXT - lay->dict_len;
	z->dict_len = lay->dict_len;
	z->ring = lay->top - (uint32_t)LZ_code_end;
	if (z->text_len > z->ring)
		return EOVERFLOW;

	code_make(z->code, lay);
	err = ref < 0 ? sigcomp_put_bytecode(job, start, z->code, LZ_LEN,
					     LZ_START)
		: sigcomp_put_reference(job, start, job->slot[ref].id, ID_LEN);

	z->out = job->out;
	z->out_size = job->out_size;
	z->pos = *start;
	z->links = (uint32_t)((job->work_size - offsetof(struct lz, link)) /
			      sizeof(z->link[0]));
	if (z->hist_len + z->text_len > z->links)
		z->link_base = z->hist_len + z->text_len - z->links;

	return err;
}


static int compress_with(struct sigcomp_job *job, int ref, uint32_t reserve)
{
	struct lz *z = job->work;
	struct lz_layout lay;
	uint32_t moves, used;
	uint8_t saves = 0;
	size_t start;
	int err;

	err = job_begin(job, &lay, ref, reserve, &start);
	if (err)
		return err;

	lz_parse(z);
	if (z->full)
		return EOVERFLOW;

	used = z->cycles + CYC_FIXED + z->dict_len + z->text_len +
		(uint32_t)LZ_LEN + z->hist_len + z->text_len;
	moves = budget(job, z->pos) / 10 * 6;
	moves = used + 2 * CYC_CUT < moves ? moves - used - 2 * CYC_CUT : 0;

	if (job->may_save && (ref < 0 || z->pos - start >=
			      (job->lossy ? NOVEL_LOSSY : NOVEL)) &&
	    !save(z, job, &lay, moves))
		saves = 1;
	else if (job->keep_item)
		lz_put_kind(z, KIND_QUIET);

	/* no token begins with so many zeros */
	lz_put(z, 0, (8 - z->acc_bits) % 8);

	if (z->full || (!job->stream && lay.top > job->peer.dms - z->pos) ||
	    used > budget(job, z->pos))
		return EOVERFLOW;

	job->out_len = z->pos;
	job->saves = saves;
	job->tagged = saves;
	job->used = ref < 0 ? 0 : (uint8_t)(1u << ref);
	job->announced = true;
	job->shared = false;
	if (saves)
		shadow_save(job, z, &lay);

	return 0;
}


static int lz_compress(struct sigcomp_job *job)
{
	uint32_t reserve;
	int ref, err = ENOTSUP;

	if (job->work_size < sizeof(struct lz) + 1024 ||
	    job->mem_size < sizeof(struct lz_shadow) + 256)
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
	const uint32_t cost = SIGCOMP_STATE_COST + LZ_LEN;
	uint32_t text = sms >= GENERATION_SMS ? GENERATION_SMS : sms;

	text = text > cost ? text - cost : 0;

	return (sizeof(struct lz_shadow) + text + MESSAGE_ROOM + 7) / 8 * 8;
}


static size_t lz_work_size(uint32_t dms, uint32_t sms)
{
	(void)dms;

	return sizeof(struct lz) + 2 * lz_mem_size(sms);
}


const struct sigcomp_codec sigcomp_lz = {
	.name      = "lz",
	.mem_size  = lz_mem_size,
	.work_size = lz_work_size,
	.compress  = lz_compress,
};
