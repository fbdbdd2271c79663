/**
 * @file lz_state.c  lz: the states at the peer and the copy kept of them
 */
#include <errno.h>
#include <string.h>
#include "sigcomp/lz_private.h"
#if SIGCOMP_SHARED
#include "gen/lzs_code.h"
#endif

enum {
	MESSAGE_ROOM = 2400,    /* for a message whose state is not certain  */
	RING_MIN = 256,
	YOUNG = 4,              /* saved messages: little history            */
	SHARED_ROOM = 1856,     /* a long request's state                    */
	OPERAND_MAX = 8191,     /* in two bytes (RFC 3320 s8.5)              */
	OP_JUMP = 22,
};

#if SIGCOMP_SHARED
const struct lz_program lz_program_plain = LZ_PROGRAM_PLAIN;
const struct lz_program lz_program_shared = {
	LZ_PROGRAM(LZS),
	.patch_sizes   = LZS_PATCH_sizes,
	.history       = 3700,
	.patch_version = LZS_PATCH_version,
	.free          = (LZS_free - LZS_kind) & 0xffff,
	/* more than that: its larger set of tokens, the two bits, the shared
	   state; the token :free and what it does */
	.cyc_start     = 1 + 1 + 5 + 1 + 1 + 13 + 1 + 1 + 4 + 3 + 1 + 2 +
		4 + 9 + LZS_header_len + 3 + 13 + 1 + 7 + 1 + 1,
};

_Static_assert((int)LZS_LEN <= (int)LZ_CODE_MAX &&
	       (int)LZS_header_len <= (int)LZ_HEADER_MAX,
	       "lz.asm and lz_private.h differ");
#endif

_Static_assert((int)LZ_LEN <= (int)LZ_CODE_MAX &&
	       1 << LZ_unit == (int)LZ_UNIT &&
	       (int)LZ_dict_len == (int)LZ_DICT_TEXT &&
	       (int)LZ_ORIGIN == (int)LZ_START,
	       "lz.asm and lz_private.h differ");

/* parts of the dictionary that can be left out and their one-byte operands:
   0 and powers of two */
static const uint16_t skips[] = { 0, 256, 512, 1024, 2048 };
static const uint8_t skip_operand[] = { 0x00, 0x88, 0x89, 0x8a, 0x8b };


/* -- bytecode ------------------------------------------------------------ */

/**
 * Values for a new upload. reserve: bytes left free for the SigComp message,
 * UDVM memory being decompression_memory_size - n (RFC 3320 s7).
 *
 * @return 0, ENOTSUP (the peer's memory is too small)
 */
int lz_layout_choose(struct lz *z, const struct sigcomp_job *job,
		     uint32_t reserve)
{
	const uint32_t code_end = lz_prog(z)->code_end;
	struct lz_layout *lay = &z->lay;
	uint32_t top = job->peer.dms / 2, ring;
	size_t i;

	if (!job->stream) {
		if (job->peer.dms < reserve)
			return ENOTSUP;
		top = job->peer.dms - reserve;
	}

	if (top > OPERAND_MAX)
		top = OPERAND_MAX;
	if (top < code_end + lz_prog(z)->header + RING_MIN)
		return ENOTSUP;

	ring = top - code_end;
	memset(lay, 0, sizeof(*lay));
	lay->top = (uint16_t)top;
	memcpy(lay->param, job->param, sizeof(lay->param));

	for (i = 0; job->peer.dictionary && i < LZ_COUNT(skips); ++i) {
		const uint32_t rest = LZ_DICT_TEXT - skips[i];

		if (rest + lz_prog(z)->header > ring ||
		    rest > job->work_size - sizeof(*z) - LZ_LINKS_MIN)
			continue;

		lay->skip = skips[i];
		lay->dict_len = (uint16_t)rest;
		if (ring - rest >= lz_prog(z)->history)
			break;
	}

	return 0;
}


/** The multitype operand N in two bytes (RFC 3320 s8.5) */
static void put_operand(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(0xa0 | v >> 8);
	p[1] = (uint8_t)v;
}


/** The bytecode with its values filled in */
void lz_code_make(struct lz *z)
{
	const struct lz_program *prog = lz_prog(z);
	const struct lz_layout *lay = &z->lay;
	uint8_t *p;
	size_t i;

	memcpy(z->code, prog->code, prog->len);
	put_operand(z->code + prog->patch_top, lay->top);

	p = z->code + prog->patch_sizes;
	if (prog->patch_version) {
		/* the version, then the length of the one identifier */
		put_operand(p, lay->param[0]);
		put_operand(z->code + prog->patch_version,
			    (lay->param[1] & 31u) << 8 | SIGCOMP_ID_LEN);
	}
	else {
		memcpy(p, lay->param, sizeof(lay->param));
	}

	if (!lay->dict_len) {
		/* nothing to load: go to the first token */
		p = z->code + prog->dictionary - LZ_START;
		*p++ = OP_JUMP;
		put_operand(p, (uint32_t)prog->token - prog->dictionary);
		return;
	}

	for (i = 0; i < LZ_COUNT(skips); ++i)
		if (skips[i] == lay->skip)
			z->code[prog->patch_skip] = skip_operand[i];
	put_operand(z->code + prog->patch_rest, lay->dict_len);
}


/* -- the copy ------------------------------------------------------------ */

size_t lz_mem_size(uint32_t sms)
{
	const uint32_t cost = SIGCOMP_STATE_COST + LZ_LEN;
	uint32_t text = sms < LZ_TWO_SMS / 2 ? sms : LZ_TWO_SMS / 2;

	text = text > cost ? text - cost : 0;
#if SIGCOMP_SHARED
	text += MESSAGE_ROOM;
#endif

	return (sizeof(struct lz_shadow) + text + MESSAGE_ROOM + 7) / 8 * 8;
}


/** Room for history and message */
size_t lz_shadow_room(const struct sigcomp_job *job)
{
	const struct lz_shadow *sh = job->mem;

	return job->mem_size - sizeof(*sh) - sh->heard_len;
}


/** Longest history a state at this peer may have */
uint32_t lz_history_max(const struct sigcomp_job *job, const struct lz *z)
{
	const struct lz_program *prog = lz_prog(z);
	const struct lz_shadow *sh = job->mem;
	const uint32_t cost = SIGCOMP_STATE_COST + (uint32_t)prog->len;
	const size_t room = lz_shadow_room(job) / 3 * 2;
	uint32_t max = job->peer.sms;

	/* RFC 3321 s5.2: while there is little history, the peer's memory is
	   of more use to a message of its own; otherwise the old state stays
	   until the new one is known to be there */
	if (prog->header)
		max -= sh->serial < YOUNG && max >= LZ_TWO_SMS / 2 ?
			SHARED_ROOM : 0;
	else if (max >= LZ_TWO_SMS)
		max /= 2;
	if (max < cost)
		return 0;

	max -= cost;
	if (max > LZ_TEXT_MAX)
		max = LZ_TEXT_MAX;

	return max < room ? max : (uint32_t)room;
}


/** RFC 3320 s9.4.9: what is hashed before the text of a shared state, and
    what the decoder leaves before it in its memory */
static void header_make(uint8_t *p, uint32_t text_len)
{
	memset(p, 0, LZ_HEADER_MAX);
	p[0] = (uint8_t)(text_len >> 8);
	p[1] = (uint8_t)text_len;
	p[LZ_HEADER_MAX - 1] = 6;
}


/** Pieces of the new state: the bytecode, then what is between windows */
void lz_pieces_make(struct lz *z)
{
	const uint32_t end = z->hist_len + z->text_len;
	const struct sigcomp_piece source[] = {
		{ z->hist, z->hist_len - lz_prog(z)->header },
		{ z->header, lz_prog(z)->header },
		{ z->text, z->text_len },
	};
	uint32_t from = 0;
	unsigned i, k, n = 1;

	header_make(z->header, z->text_len);
	z->piece[0].p = z->code;
	z->piece[0].len = lz_prog(z)->len;

	/* the window listed last is the first in memory */
	for (i = z->cuts + 1; i--;) {
		uint32_t to = end, next = end, at = 0;

		if (i) {
			to = (uint32_t)z->cut[i - 1].hole * LZ_UNIT -
				lz_prog(z)->code_end;
			next = to + (uint32_t)z->cut[i - 1].gap * LZ_UNIT;
		}

		for (k = 0; k < LZ_COUNT(source); ++k) {
			const uint32_t stop = at + (uint32_t)source[k].len;
			const uint32_t a = from > at ? from : at;
			const uint32_t b = to < stop ? to : stop;

			if (a < b) {
				z->piece[n].p = source[k].p + (a - at);
				z->piece[n++].len = b - a;
			}
			at = stop;
		}
		from = next;
	}

	z->pieces = n;
}


/** The state `next` is there: what it has becomes the history */
void lz_shadow_next(struct lz_shadow *sh)
{
	const struct lz_program *prog = lz_program(sh->shared);
	uint32_t len = (uint32_t)sh->len + sh->more, i;
	unsigned c;

	++sh->serial;
	for (i = ((uint32_t)prog->code_end + sh->len) / LZ_UNIT; i < LZ_UNITS;
	     ++i)
		sh->born[i] = sh->serial;

	if (prog->header)
		header_make(sh->text + sh->len - LZ_HEADER_MAX, sh->more);

	for (c = 0; c < sh->cuts; ++c) {
		const uint32_t hole = sh->cut[c].hole, gap = sh->cut[c].gap;
		const uint32_t to = hole * LZ_UNIT - prog->code_end;
		const uint32_t from = to + gap * LZ_UNIT;

		memmove(sh->text + to, sh->text + from, len - from);
		len -= from - to;

		memmove(sh->born + hole, sh->born + hole + gap,
			LZ_UNITS - hole - gap);
		memset(sh->born + LZ_UNITS - gap, sh->serial, gap);
	}

	sh->len = (uint16_t)len;
	sh->more = 0;
	sh->base = sh->next;
	sh->next = 0;
}


/** Keep the message until its state is known to be there */
void lz_shadow_save(const struct sigcomp_job *job, const struct lz *z)
{
	struct lz_shadow *sh = job->mem;

	if (z->hist != sh->text)
		sh->base = 0;

	sh->shared = z->shared;
	sh->top = z->lay.top;
	sh->skip = (uint16_t)(LZ_DICT_TEXT - z->lay.dict_len);
	memcpy(sh->param, z->lay.param, sizeof(sh->param));

	sh->len = (uint16_t)z->hist_len;
	sh->more = (uint16_t)z->text_len;
	sh->next = (uint8_t)(job->save[0].slot + 1);
	sh->cuts = (uint8_t)z->cuts;
	memcpy(sh->cut, z->cut, sizeof(sh->cut));
	memcpy(sh->text + sh->len, job->text, job->text_len);
}


#if SIGCOMP_SHARED
/** RFC 3321 s5.2: a message the peer has as a shared state of its own */
void lz_heard(void *mem, size_t mem_size, const uint8_t *text, size_t len)
{
	struct lz_shadow *sh = mem;

	if (mem_size < sizeof(*sh))
		return;

	sh->heard_len = 0;
	if (len > UINT16_MAX || mem_size - sizeof(*sh) < len ||
	    mem_size - sizeof(*sh) - len < (size_t)sh->len + sh->more)
		return;

	memcpy((uint8_t *)mem + mem_size - len, text, len);
	sh->heard_len = (uint16_t)len;
}
#endif
