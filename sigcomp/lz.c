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
	ID_LEN = 6,             /* minimum_access_length (RFC 3320 s9.4.9)   */

	RESERVE = 768,          /* bytes of UDVM memory for the message      */
	RESERVE_MAX = 4096,

	NOVEL = 90,            /* a shorter message holds little to remember */
	NOVEL_LOSSY = 160,

	CYC_CUT = 10,           /* UDVM cycles, without lengths              */
	CYC_HEARD = 1 + ID_LEN + 1 + 1,

	/* at the end, before INPUT-BYTES */
	FILL_BITS = 7 + 2 * 7 * SIGCOMP_SHARED,
};


/** The state to lean on: slot, or -1 if the peer has none for certain */
static int slot_choose(const struct sigcomp_job *job)
{
	struct lz_shadow *sh = job->mem;

	if (job->level != SIGCOMP_LEVEL_FULL)
		return -1;

	if (sh->next && job->slot[sh->next - 1].usable)
		lz_shadow_next(sh);

	return sh->base && job->slot[sh->base - 1].usable ? sh->base - 1 : -1;
}


/** RFC 3320 s8.6: bits that only fill an octet are not read, and grant
    nothing */
static uint32_t budget(const struct sigcomp_job *job, size_t len)
{
	return (8 * (uint32_t)len + 1000 - FILL_BITS) * job->peer.cpb;
}


/** Lay out the work area for one message; sets where its tokens begin */
static int job_begin(struct sigcomp_job *job, int ref, uint32_t reserve,
		     size_t *start)
{
	static const uint8_t zero[LZ_HEADER_MAX];
	const struct lz_shadow *sh = job->mem;
	struct lz *z = job->work;
	uint8_t *dict;
	int err;

	memset(z, 0, offsetof(struct lz, code));

	if (ref < 0) {
		z->shared = SIGCOMP_SHARED && job->heard_id &&
			(job->may_save || job->heard_len);
		err = lz_layout_choose(z, job, reserve);
		if (err)
			return err;
		z->hist = zero;
		z->hist_len = lz_prog(z)->header;
	}
	else {
		/* a state of a datagram wants more than a stream has */
		if (job->stream && sh->top > job->peer.dms / 2)
			return EOVERFLOW;
		z->shared = sh->shared;
		z->lay.top = sh->top;
		z->lay.skip = sh->skip;
		z->lay.dict_len = (uint16_t)(LZ_DICT_TEXT - sh->skip);
		memcpy(z->lay.param, sh->param, sizeof(z->lay.param));
		z->hist = sh->text;
		z->hist_len = sh->len;
	}

	z->text = job->text;
	z->text_len = (uint32_t)job->text_len;
	z->dict_len = z->lay.dict_len;
	z->ring = (uint32_t)z->lay.top - lz_prog(z)->code_end;
	if (job->work_size < sizeof(struct lz) + LZ_LINKS_MIN + z->dict_len)
		return ENOMEM;
	/* the decoder takes the length of the text from where it ends: it must
	   not go round the ring */
	if (z->hist_len + z->text_len >= z->ring)
		return EOVERFLOW;

	lz_code_make(z);
	err = ref < 0 ? sigcomp_put_bytecode(job, start, z->code,
					     lz_prog(z)->len, LZ_START)
		: sigcomp_put_reference(job, start, job->slot[ref].id, ID_LEN);

	z->out = job->out;
	z->out_size = job->out_size;
	z->pos = *start;
	z->links = (uint32_t)((job->work_size - z->dict_len -
			       offsetof(struct lz, link)) /
			      sizeof(z->link[0]));
	dict = (uint8_t *)(z->link + z->links);
	sigcomp_dictionary_read(dict, LZ_DICT_TEXT - z->dict_len, z->dict_len);
	z->dict = dict;
	if (z->hist_len + z->text_len > z->links)
		z->link_base = z->hist_len + z->text_len - z->links;

	return err;
}


/** Partial identifier for INPUT-BYTES, which begins at a byte */
static void put_id(struct lz *z, const uint8_t *id)
{
	unsigned i;

	lz_put(z, 0, (8 - z->acc_bits) % 8);
	for (i = 0; i < ID_LEN; ++i)
		lz_put(z, id[i], 8);
}


/** Say in the message what is saved, and work out the new state */
static int save(struct lz *z, struct sigcomp_job *job, int ref, uint32_t moves)
{
	struct sigcomp_save *s = &job->save[0];
	const struct lz_shadow *sh = job->mem;
	const uint32_t place = lz_prog(z)->code_end + z->hist_len;
	const uint32_t room = z->ring - z->dict_len;
	const uint8_t tag = (uint8_t)(place + z->text_len);
	uint32_t keep = lz_history_max(job, z), len = 0;
	unsigned i;
	int err;

	if (keep > room)
		keep = room;
	if (keep < lz_prog(z)->header + (uint32_t)LZ_UNIT ||
	    place + z->text_len > z->lay.top ||
	    z->hist_len + z->text_len > lz_shadow_room(job))
		return ENOMEM;

	err = lz_cut_choose(z, sh, keep, moves);
	if (err)
		return err;

	lz_pieces_make(z);
	for (i = 0; i < z->pieces; ++i)
		len += (uint32_t)z->piece[i].len;

	err = sigcomp_state_id(s->id, LZ_START, lz_prog(z)->begin, ID_LEN,
			       z->piece, z->pieces);
	if (err)
		return err;

	/* a copy of the message asks for the same item again */
	if (memchr(job->taken, tag, job->taken_n) &&
	    memcmp(s->id, job->slot[sh->base == 1].id, SIGCOMP_ID_LEN))
		return ENOMEM;

	/* the new state may not push out the old one: then that is freed */
	if (lz_prog(z)->free && ref >= 0 && job->slot[ref].len + len +
	    2 * (uint32_t)SIGCOMP_STATE_COST <= job->peer.sms) {
		lz_put_token(z, lz_prog(z)->free);
		put_id(z, job->slot[ref].id);
		job->frees = (uint8_t)(1u << ref);
	}

	lz_put_token(z, lz_prog(z)->saved);
	for (i = 0; i < z->cuts; ++i) {
		lz_put(z, z->cut[i].hole, 6);
		lz_put(z, z->cut[i].gap, 6);
	}

	s->len = (uint16_t)len;
	s->prio = 0;
	s->slot = sh->base == 1;
	job->tag = tag;

	return 0;
}


/** What the message does besides its text; whether it is fit to be sent */
static int job_end(struct sigcomp_job *job, int ref)
{
	struct lz *z = job->work;
	/* with room for one state only, doubt costs an upload */
	const size_t novel = job->lossy && job->peer.sms < LZ_TWO_SMS ?
		NOVEL_LOSSY : NOVEL;
	bool saves = false;
	uint32_t moves, used;

	used = z->cycles + lz_prog(z)->cyc_start + z->dict_len + z->text_len +
		lz_prog(z)->len + z->hist_len + z->text_len;
	if (lz_prog(z)->header)
		used += z->text_len;
	moves = budget(job, z->pos) / 10 * 6;
	moves = used + 2 * CYC_CUT < moves ? moves - used - 2 * CYC_CUT : 0;

	job->frees = 0;
	if (job->may_save && (ref < 0 || z->novel >= novel))
		saves = !save(z, job, ref, moves);

	/* no token begins with so many zeros */
	lz_put(z, 0, (8 - z->acc_bits) % 8);

	if (z->full || used > budget(job, z->pos) ||
	    (!job->stream && z->lay.top + z->pos > job->peer.dms))
		return EOVERFLOW;

	job->out_len = z->pos;
	job->saves = saves;
	job->tagged = saves;
	job->used = (uint8_t)(ref < 0 ? 0 : 1u << ref);
	job->shared = lz_prog(z)->header && job->may_share;
	if (saves)
		lz_shadow_save(job, z);

	return 0;
}


#if SIGCOMP_SHARED
/**
 * RFC 3321 s5.2: can the peer's last message be used? It is loaded over the
 * beginning of the dictionary.
 */
static bool can_hear(const struct sigcomp_job *job, const struct lz *z)
{
	const struct lz_shadow *sh = job->mem;

	return lz_prog(z)->header && job->heard_len &&
		job->heard_len == sh->heard_len &&
		z->hist_len + sh->heard_len <= z->ring;
}


static void use_heard(const struct sigcomp_job *job, struct lz *z)
{
	const struct lz_shadow *sh = job->mem;

	z->heard = (const uint8_t *)job->mem + job->mem_size - sh->heard_len;
	z->heard_len = sh->heard_len;
	z->cycles += CYC_HEARD + z->heard_len;

	put_id(z, job->heard_id);
}


/** Parse with the peer's message or without, whichever is shorter */
static int parse(struct sigcomp_job *job, int ref, uint32_t reserve,
		 size_t *start)
{
	struct lz *z = job->work;
	size_t without = 0;
	unsigned round;
	int err;

	for (round = 0; round < 3; ++round) {

		err = job_begin(job, ref, reserve, start);
		if (err)
			return err;

		if (lz_prog(z)->header) {
			lz_put(z, job->may_share, 1);
			lz_put(z, round == 1, 1);
		}
		if (round == 1)
			use_heard(job, z);
		lz_parse(z);

		if (round == 0)
			without = z->full ? SIZE_MAX : z->pos;
		if (round == 0 && !can_hear(job, z))
			break;
		else if (round == 1 && !z->full && z->pos < without)
			break;
	}

	z->novel = without - *start;
	return 0;
}
#else
static int parse(struct sigcomp_job *job, int ref, uint32_t reserve,
		 size_t *start)
{
	struct lz *z = job->work;
	const int err = job_begin(job, ref, reserve, start);

	if (err)
		return err;

	lz_parse(z);
	z->novel = z->pos - *start;

	return 0;
}
#endif


static int compress_with(struct sigcomp_job *job, int ref, uint32_t reserve)
{
	const struct lz *z = job->work;
	size_t start;
	int err;

	err = parse(job, ref, reserve, &start);
	if (err)
		return err;

	return z->full ? EOVERFLOW : job_end(job, ref);
}


static int lz_compress(struct sigcomp_job *job)
{
	uint32_t reserve;
	int ref, err = ENOTSUP;

	if (job->work_size < sizeof(struct lz) + LZ_LINKS_MIN ||
	    job->mem_size < sizeof(struct lz_shadow) + 256)
		return ENOMEM;

	ref = slot_choose(job);
	if (ref >= 0) {
		err = compress_with(job, ref, 0);
		if (err != EOVERFLOW)
			return err;
	}

	/* nothing to refer to, or too long to follow what the state holds */
	for (reserve = RESERVE; reserve <= RESERVE_MAX;
	     reserve += reserve / 4) {
		err = compress_with(job, -1, reserve);
		if (err != EOVERFLOW)
			break;
	}

	return err;
}


static size_t lz_work_size(uint32_t dms, uint32_t sms)
{
	(void)dms;

	return sizeof(struct lz) + LZ_DICT_TEXT + 2 * lz_mem_size(sms);
}


const struct sigcomp_codec sigcomp_lz = {
	.name      = "lz",
	.mem_size  = lz_mem_size,
	.work_size = lz_work_size,
	.compress  = lz_compress,
#if SIGCOMP_SHARED
	.heard     = lz_heard,
#endif
};
