/**
 * @file deflate.c  deflate: one text to one SigComp message with zlib
 *
 * What the bytecode does with a message stands in bytecode/deflate.asm.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <zlib.h>
#include "sigcomp/deflate.h"

/** One range of an INPUT-HUFFMAN instruction (RFC 3320 s9.4.4) */
struct sigcomp_range {
	uint8_t bits;
	uint16_t lower;
	uint16_t upper;
	uint16_t value;
};

#include "gen/deflate_code.h"

enum {
	START = DEFLATE_start,  /* state_address, where code is loaded       */
	ID_LEN = 6,             /* minimum_access_length (RFC 3320 s9.4.9)   */
	DICT_TEXT = 3469,       /* the dictionary without its tables         */
	DICT_MIN = 2048,        /* give way to history down to this          */

	GENERATION_SMS = 4096,  /* with twice this, two states fit the peer  */
	HISTORY_MAX = 3834,
	MESSAGE_ROOM = 2400,    /* for a message whose state is not certain  */

	RESERVE = 768,          /* bytes of UDVM memory for the message      */
	RESERVE_MAX = 4096,
	OPERAND_MAX = 8191,

	KEEP_MIN = 256,         /* a shorter history is not worth saving     */
	NOVEL = 90,            /* a shorter message holds little to remember */
	NOVEL_LOSSY = 160,

	REACH = (1 << SIGCOMP_DEFLATE_WINDOW_BITS) - 262,
	ARENA = SIGCOMP_DEFLATE_STATE + (4 << SIGCOMP_DEFLATE_WINDOW_BITS) +
		(512 << SIGCOMP_DEFLATE_MEM_LEVEL),

	OP_JUMP = 22,
	FIXED = 1,              /* RFC 1951 s3.2.3: BTYPE                    */

	FILL_BITS = 7,          /* after the blocks: they grant no cycles    */

	/* UDVM cycles at most, without lengths: all but blocks, cutting, a
	   block, a byte and a copy */
	CYC_FIXED = 1 + 1 + 8 + 1 + 3 + 2 + 1 + 3 + 1 + 2,
	CYC_CUT = 4,
	CYC_BLOCK = 1 + 1 + 5 + 1 + 1,
	CYC_BYTE = 5 + 1 + 2,
	CYC_COPY = 5 + 1 + 2 + 14 + 2 + 13 + 2,
};

/** What is filled into the bytecode */
struct layout {
	uint16_t top;
	uint16_t dict_len;      /* 0: dictionary not loaded               */
	uint16_t keep;          /* longest history                        */
	uint8_t param[2];
};

/**
 * What the peer remembers. Text is the history of the state `base`, and after
 * it a message; the end of both is the history of `next`, of which it is not
 * known yet whether the peer has it.
 */
struct shadow {
	uint8_t base;           /* slot + 1; 0: none                      */
	uint8_t next;           /* slot + 1; 0: none                      */
	uint16_t len;           /* history of base                        */
	uint16_t more;          /* message after it                       */
	struct layout lay;
	uint8_t text[];
};

/** One compression, in the work area */
struct work {
	struct layout lay;
	z_stream z;
	const uint8_t *hist;
	uint32_t hist_len;
	uint32_t ring;
	uint32_t arena_used;
	uint8_t code[DEFLATE_LEN];
	uint64_t arena[ARENA / 8];
};

/** Bits of a DEFLATE stream; none are left: zeros, and over */
struct bits {
	const uint8_t *p;
	size_t len;
	size_t pos;
	bool over;
};


/* -- what a state is like ------------------------------------------------ */

/** Longest history a state at this peer may have */
static uint32_t history_max(const struct sigcomp_job *job)
{
	const size_t room = job->mem_size - sizeof(struct shadow);
	uint32_t max = job->peer.sms;

	/* the old state stays until the new one is known to be there */
	if (max >= 2 * GENERATION_SMS)
		max /= 2;
	if (max < SIGCOMP_STATE_COST + DEFLATE_LEN)
		return 0;

	max -= SIGCOMP_STATE_COST + DEFLATE_LEN;
	if (max > HISTORY_MAX)
		max = HISTORY_MAX;

	return max < room ? max : (uint32_t)room;
}


/** Values for a new upload. 0, ENOTSUP (the peer's memory is too small) */
static int layout_choose(struct layout *lay, const struct sigcomp_job *job,
			 uint32_t reserve)
{
	uint32_t top = job->peer.dms / 2, ring, dict, keep;

	if (!job->stream) {
		if (job->peer.dms < reserve)
			return ENOTSUP;
		top = job->peer.dms - reserve;
	}

	if (top > OPERAND_MAX)
		top = OPERAND_MAX;
	if (top < (uint32_t)DEFLATE_code_end + 256)
		return ENOTSUP;

	ring = top - (uint32_t)DEFLATE_code_end;
	keep = history_max(job);
	dict = job->peer.dictionary ? DICT_TEXT : 0;
	if (dict && dict + keep >= ring) {
		dict = ring > keep + DICT_MIN ? ring - keep - 1 :
			ring / 2 < DICT_MIN ? ring / 2 : DICT_MIN;
	}
	if (keep >= ring - dict)
		keep = ring - dict - 1;

	lay->top = (uint16_t)top;
	lay->dict_len = (uint16_t)dict;
	lay->keep = (uint16_t)keep;
	memcpy(lay->param, job->param, sizeof(lay->param));

	return 0;
}


/** The multitype operand N in two bytes (RFC 3320 s8.5) */
static void put_operand(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(0xa0 | v >> 8);
	p[1] = (uint8_t)v;
}


/** The bytecode with its values filled in */
static void code_make(uint8_t *code, const struct layout *lay)
{
	memcpy(code, DEFLATE, DEFLATE_LEN);
	put_operand(code + DEFLATE_PATCH_top, lay->top);
	put_operand(code + DEFLATE_PATCH_limit,
		    (uint32_t)DEFLATE_code_end + lay->keep);
	put_operand(code + DEFLATE_PATCH_keep, lay->keep);
	put_operand(code + DEFLATE_PATCH_kept, lay->keep);
	memcpy(code + DEFLATE_params - START, lay->param, sizeof(lay->param));

	if (lay->dict_len) {
		put_operand(code + DEFLATE_PATCH_skip,
			    (uint32_t)DICT_TEXT - lay->dict_len);
		put_operand(code + DEFLATE_PATCH_rest, lay->dict_len);
		put_operand(code + DEFLATE_PATCH_dict,
			    (uint32_t)lay->top - lay->dict_len);
	}
	else {
		/* nothing to load */
		code[DEFLATE_dictionary - START] = OP_JUMP;
		code[DEFLATE_dictionary - START + 1] =
			DEFLATE_block - DEFLATE_dictionary;
	}
}


/** The state `next` is there: what it has becomes the history */
static void shadow_next(struct shadow *sh)
{
	const uint32_t len = (uint32_t)sh->len + sh->more;
	const uint32_t keep = len < sh->lay.keep ? len : sh->lay.keep;

	memmove(sh->text, sh->text + len - keep, keep);
	sh->len = (uint16_t)keep;
	sh->more = 0;
	sh->base = sh->next;
	sh->next = 0;
}


/** The state to lean on: slot, or -1 if the peer has none for certain */
static int slot_choose(const struct sigcomp_job *job)
{
	struct shadow *sh = job->mem;

	if (job->level != SIGCOMP_LEVEL_FULL)
		return -1;

	if (sh->next && job->slot[sh->next - 1].usable)
		shadow_next(sh);

	return sh->base && job->slot[sh->base - 1].usable ? sh->base - 1 : -1;
}


/** Keep the message until its state is known to be there */
static void shadow_save(const struct sigcomp_job *job, const struct work *w)
{
	const uint8_t slot = (uint8_t)(job->save[0].slot + 1);
	const uint32_t text_len = (uint32_t)job->text_len;
	struct shadow *sh = job->mem;
	uint32_t keep = w->lay.keep;

	sh->lay = w->lay;

	if (w->hist_len + text_len <= job->mem_size - sizeof(*sh)) {
		if (!w->hist_len)
			sh->base = 0;
		sh->len = (uint16_t)w->hist_len;
		sh->more = (uint16_t)text_len;
		sh->next = slot;
		memcpy(sh->text + sh->len, job->text, text_len);
		return;
	}

	/* no room for both: only the new one is kept */
	if (text_len >= keep) {
		memcpy(sh->text, job->text + text_len - keep, keep);
	}
	else {
		const uint32_t old = w->hist_len < keep - text_len ?
			w->hist_len : keep - text_len;

		memmove(sh->text, w->hist + w->hist_len - old, old);
		memcpy(sh->text + old, job->text, text_len);
		keep = old + text_len;
	}
	sh->len = (uint16_t)keep;
	sh->more = 0;
	sh->base = slot;
	sh->next = 0;
}


/* -- zlib ---------------------------------------------------------------- */

/** alloc_func: from the arena, which is used anew for each message */
static voidpf arena_alloc(voidpf opaque, uInt items, uInt size)
{
	struct work *w = opaque;
	const uint32_t left = (uint32_t)sizeof(w->arena) - w->arena_used;
	uint32_t n;
	void *p;

	/* zlib's own tables: what it asks for does not overflow */
	n = (items * size + 7) & ~7u;
	if (left < n)
		return Z_NULL;

	p = (uint8_t *)w->arena + w->arena_used;
	w->arena_used += n;

	return p;
}


static void arena_free(voidpf opaque, voidpf p)
{
	(void)opaque;
	(void)p;
}


/** Text that may be copied from: the end of dictionary and history.  It has no
 *  errors where deflateInit2() had none */
static void dictionary_set(struct work *w, size_t text_len)
{
	uint32_t dict = w->lay.dict_len, hist = w->hist_len, max, n;
	uint8_t part[64];

	/* the ring shall not overwrite what can still be reached */
	max = REACH <= w->ring ? w->ring : w->ring - (uint32_t)text_len;
	if (hist > max)
		hist = max;
	if (dict > max - hist)
		dict = max - hist;

	for (; dict; dict -= n) {
		n = dict < sizeof(part) ? dict : (uint32_t)sizeof(part);
		sigcomp_dictionary_read(part, DICT_TEXT - dict, n);
		(void)deflateSetDictionary(&w->z, part, n);
	}
	if (hist)
		(void)deflateSetDictionary(&w->z, w->hist + w->hist_len - hist,
					   hist);
}


/** RFC 1951: text to blocks with fixed codes, out at *pos */
static int blocks_make(struct work *w, const struct sigcomp_job *job,
		       size_t *pos)
{
	z_stream *z = &w->z;

	memset(z, 0, sizeof(*z));
	z->zalloc = arena_alloc;
	z->zfree = arena_free;
	z->opaque = w;
	w->arena_used = 0;

	if (deflateInit2(z, Z_BEST_COMPRESSION, Z_DEFLATED,
			 -SIGCOMP_DEFLATE_WINDOW_BITS,
			 SIGCOMP_DEFLATE_MEM_LEVEL, Z_FIXED) != Z_OK)
		return ENOMEM;

	dictionary_set(w, job->text_len);
	z->next_in = (z_const Bytef *)(uintptr_t)job->text;
	z->avail_in = (uInt)job->text_len;
	z->next_out = job->out + *pos;
	z->avail_out = (uInt)(job->out_size - *pos);

	/* all memory is the arena's: there is nothing to end */
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return EOVERFLOW;

	*pos += z->total_out;

	return 0;
}


/* -- what the decoder will do -------------------------------------------- */

static uint32_t get_bit(struct bits *b)
{
	uint32_t bit;

	if (b->pos >= 8 * b->len) {
		b->over = true;
		return 0;
	}

	bit = (uint32_t)b->p[b->pos / 8] >> b->pos % 8 & 1;
	++b->pos;

	return bit;
}


/** A code, high bit first */
static uint32_t get_symbol(struct bits *b, const struct sigcomp_range *r,
			   size_t n)
{
	uint32_t h = 0, i;

	for (; n && !b->over; --n, ++r) {

		for (i = 0; i < r->bits; ++i)
			h = h << 1 | get_bit(b);
		if (h >= r->lower && h <= r->upper)
			return h + r->value - r->lower;
	}

	b->over = true;

	return 0;
}


/** RFC 1951 s3.2.5: n symbols to each number of extra bits */
static uint32_t get_number(struct bits *b, uint32_t sym, uint32_t n)
{
	uint32_t v = 0, i;

	if (sym < n)
		return sym;

	for (i = 0; i < sym / n - 1; ++i)
		v |= get_bit(b) << i;

	return ((sym % n + n) << (sym / n - 1)) + v;
}


/**
 * UDVM cycles for the blocks. EOVERFLOW: there is one that is not with fixed
 * codes: zlib stores what would get longer.
 */
static int cycles_count(uint32_t *cycles, const uint8_t *p, size_t len)
{
	struct bits b = { .p = p, .len = len };
	uint32_t last = 0, type, sym, n = 0;

	while (!last && !b.over) {

		last = get_bit(&b);
		type = get_bit(&b);
		type |= get_bit(&b) << 1;
		if (type != FIXED)
			return EOVERFLOW;

		n += CYC_BLOCK;
		while (!b.over && (sym = get_symbol(&b, DEFLATE_token_code, 4))
		       != 256) {

			if (sym < 256) {
				n += CYC_BYTE;
				continue;
			}

			n += CYC_COPY + 3 + (sym == 285 ? 255 :
					     get_number(&b, sym - 257, 4));
			(void)get_number(&b, get_symbol(&b,
					DEFLATE_distance_code, 1), 2);
		}
	}

	*cycles = n;

	return b.over ? EOVERFLOW : 0;
}


/* -- one message --------------------------------------------------------- */

/** Lay out the work area for one message; *start: where its blocks begin */
static int job_begin(struct work *w, struct sigcomp_job *job, int ref,
		     uint32_t reserve, size_t *start)
{
	const struct shadow *sh = job->mem;
	int err;

	w->hist = sh->text;
	w->hist_len = 0;

	if (ref < 0) {
		err = layout_choose(&w->lay, job, reserve);
		if (err)
			return err;
	}
	else {
		/* a state of a datagram wants more than a stream has */
		if (job->stream && sh->lay.top > job->peer.dms / 2)
			return EOVERFLOW;
		w->lay = sh->lay;
		w->hist_len = sh->len;
	}

	/* the message is in one piece after the history: copying that ends at
	   the ring's end goes on at its beginning */
	w->ring = (uint32_t)w->lay.top - (uint32_t)DEFLATE_code_end;
	if (job->text_len >= w->ring - w->hist_len)
		return EOVERFLOW;

	code_make(w->code, &w->lay);

	return ref < 0 ? sigcomp_put_bytecode(job, start, w->code, DEFLATE_LEN,
					      START)
		: sigcomp_put_reference(job, start, job->slot[ref].id, ID_LEN);
}


/** The new state: bytecode, and the end of history and message */
static int save_make(const struct work *w, struct sigcomp_job *job)
{
	const struct shadow *sh = job->mem;
	struct sigcomp_save *s = &job->save[0];
	const uint32_t keep = w->lay.keep;
	uint32_t hist = w->hist_len, text = (uint32_t)job->text_len;
	struct sigcomp_piece piece[3];

	if (text > keep)
		text = keep;
	if (hist > keep - text)
		hist = keep - text;

	piece[0].p = w->code;
	piece[0].len = DEFLATE_LEN;
	piece[1].p = w->hist + w->hist_len - hist;
	piece[1].len = hist;
	piece[2].p = job->text + job->text_len - text;
	piece[2].len = text;

	s->len = (uint16_t)(DEFLATE_LEN + hist + text);
	s->prio = 0;
	s->slot = sh->base == 1;

	return sigcomp_state_id(s->id, START, DEFLATE_begin, ID_LEN, piece, 3);
}


/**
 * Whether the peer can take a message of len bytes. cycles: of its blocks
 */
static bool is_fit(const struct work *w, const struct sigcomp_job *job,
		   uint32_t cycles, bool saves, size_t len)
{
	const uint32_t text = (uint32_t)job->text_len;
	const uint32_t end = w->hist_len + text, keep = w->lay.keep;

	/* dictionary, output, state; text that is moved to cut it */
	cycles += CYC_FIXED + w->lay.dict_len + text +
		(uint32_t)DEFLATE_LEN + end;
	if (saves && end > keep)
		cycles += CYC_CUT + 2 * keep - end;

	return cycles <= (8 * (uint32_t)len + 1000 - FILL_BITS) *
		job->peer.cpb &&
		(job->stream || w->lay.top + len <= job->peer.dms);
}


/** What follows the blocks; whether the message is fit to be sent */
static int job_end(struct work *w, struct sigcomp_job *job, int ref,
		   size_t start, size_t pos)
{
	const size_t novel = job->lossy ? NOVEL_LOSSY : NOVEL;
	uint8_t tag = 0;
	uint32_t cycles;
	bool saves;
	int err;

	err = cycles_count(&cycles, job->out + start, pos - start);
	if (err)
		return err;

	saves = job->may_save && (ref < 0 || pos - start >= novel) &&
		w->lay.keep >= KEEP_MIN && !save_make(w, job);
	if (saves) {
		if (pos == job->out_size)
			return EOVERFLOW;
		tag = job->tag;
		job->out[pos++] = tag;
	}

	if (!is_fit(w, job, cycles, saves, pos))
		return EOVERFLOW;

	job->out_len = pos;
	job->saves = saves ? 1 : 0;
	job->tagged = saves;
	if (saves)
		job->tag = tag;
	job->used = (uint8_t)(ref < 0 ? 0 : 1u << ref);
	if (saves)
		shadow_save(job, w);

	return 0;
}


static int compress_with(struct sigcomp_job *job, int ref, uint32_t reserve)
{
	struct work *w = job->work;
	size_t start, pos;
	int err;

	err = job_begin(w, job, ref, reserve, &start);
	if (err)
		return err;

	pos = start;
	err = blocks_make(w, job, &pos);
	if (err)
		return err;

	return job_end(w, job, ref, start, pos);
}


static int deflate_compress(struct sigcomp_job *job)
{
	uint32_t reserve;
	int ref, err = ENOTSUP;

	if (job->work_size < sizeof(struct work) ||
	    job->mem_size < sizeof(struct shadow) + 256)
		return ENOMEM;

	ref = slot_choose(job);
	if (ref >= 0)
		return compress_with(job, ref, 0);

	for (reserve = RESERVE; reserve <= RESERVE_MAX;
	     reserve += reserve / 4) {
		err = compress_with(job, -1, reserve);
		if (err != EOVERFLOW)
			break;
	}

	return err;
}


static size_t deflate_mem_size(uint32_t sms)
{
	size_t n = sms < GENERATION_SMS ? sms : GENERATION_SMS;

	if (sms >= 2 * GENERATION_SMS)
		n += MESSAGE_ROOM;

	return sizeof(struct shadow) + (n < 256 ? 256 : n);
}


static size_t deflate_work_size(uint32_t dms, uint32_t sms)
{
	(void)dms;
	(void)sms;

	return sizeof(struct work);
}


const struct sigcomp_codec sigcomp_deflate = {
	.name      = "deflate",
	.mem_size  = deflate_mem_size,
	.work_size = deflate_work_size,
	.compress  = deflate_compress,
};
