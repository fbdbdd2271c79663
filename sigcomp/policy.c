/**
 * @file policy.c  Compressor dispatcher (RFC 3320 s4.1, s5): what a message
 *                 may reference, what it saves, what it returns
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/sha1.h>
#include "sigcomp/private.h"
#include "sigcomp/state.h"

enum {
	ITEM_LEN_BYTE = 0x81,   /* RFC 3320 s7.1: long form, one byte */

	OPEN_MAX = 2,           /* messages after one whose state is open   */
	LOSSY_FOR = 32,         /* messages after one sent again            */
	TRUST_MAX = 6,          /* messages without hearing from the peer   */
};


/* RFC 4896 s11: outputs the rest of the message as it is */
static const uint8_t well_known[] = {
	0xf8, 0x00, 0xa1, 0x1c, 0x01, 0x86, 0x09, 0x22, 0x86, 0x01, 0x16,
	0xf9, 0x23
};


/* -- header -------------------------------------------------------------- */

/** First octet and returned feedback item (RFC 3320 s7, s7.1) */
static int put_start(const struct sigcomp_job *job, size_t *pos, size_t more,
		     uint8_t len_field)
{
	uint8_t *p = job->out;

	if (job->out_size < 1 + (size_t)job->item_len + more)
		return EOVERFLOW;

	*p++ = (uint8_t)(0xf8 | (job->item_len ? 4 : 0) | len_field);
	if (job->item_len)
		memcpy(p, job->item, job->item_len);
	*pos = 1 + (size_t)job->item_len;

	return 0;
}


int sigcomp_put_reference(const struct sigcomp_job *job, size_t *pos,
			  const uint8_t *id, size_t id_len)
{
	int err;

	if (id_len != 6 && id_len != 9 && id_len != 12)
		return EINVAL;

	err = put_start(job, pos, id_len, (uint8_t)(id_len / 3 - 1));
	if (err)
		return err;

	memcpy(job->out + *pos, id, id_len);
	*pos += id_len;

	return 0;
}


int sigcomp_put_bytecode(const struct sigcomp_job *job, size_t *pos,
			 const uint8_t *code, size_t code_len, uint16_t dest)
{
	int err;

	if (!code_len || code_len > 4095 || dest % 64 || dest < 128 ||
	    dest > 1024)
		return EINVAL;

	err = put_start(job, pos, 2 + code_len, 0);
	if (err)
		return err;

	udvm_put(job->out + *pos, (uint32_t)(code_len << 4) |
		 (uint32_t)(dest / 64 - 1));
	*pos += 2;

	memcpy(job->out + *pos, code, code_len);
	*pos += code_len;

	return 0;
}


/* -- what the peer tells ------------------------------------------------- */

void sigcomp_confirm(struct sigcomp_compartment *comp, uint32_t handle)
{
	if (!handle)
		return;

	/* what the peer shared in the message that shows this, it shared
	   after ours had come */
	if (SIGCOMP_SHARED && handle == comp->heard_risk &&
	    comp->accepts == comp->heard_accept)
		comp->heard_risk = 0;

	if (SIGCOMP_SHARED && handle == comp->share_handle)
		sigcomp_state_shared(comp, comp->share_age);

	sigcomp_ledger_settle(comp, handle, true);
}


/**
 * A returned feedback item: the message that asked for it has arrived. Of
 * one that asked later, and was sent again since, the same can be said to the
 * contrary.
 */
void sigcomp_policy_returned(struct sigcomp_compartment *comp,
			     const uint8_t *item, size_t len)
{
	uint16_t tag;
	unsigned i;

	if (len != 2 || item[0] != ITEM_LEN_BYTE)
		return;

	tag = SIGCOMP_TAG | item[1];
	for (i = 0; i < SIGCOMP_LEDGER; ++i) {
		const struct sigcomp_ledger *e = &comp->ledger[i];

		if (e->tag == tag)
			sigcomp_confirm(comp, e->handle);
	}

	comp->seen = tag;
	sigcomp_ledger_lost(comp, tag);
}


#if SIGCOMP_SHARED
/**
 * RFC 3321 s5.2: the message just accepted is available at the peer if the
 * peer announces the identifier its text has
 */
void sigcomp_policy_heard(struct sigcomp *sc, struct sigcomp_compartment *comp)
{
	const struct sigcomp_codec *codec = sc->set.codec;
	const struct sigcomp_piece piece = { sc->text, sc->text_len };
	uint8_t id[SIGCOMP_ID_LEN];
	unsigned i;

	if (!sc->params_loc || !comp->announced_n ||
	    !codec || !codec->heard || !comp->codec_mem ||
	    sigcomp_state_id(id, 0, 0, 6, &piece, 1))
		return;

	for (i = 0; i < comp->announced_n; ++i) {

		if (memcmp(comp->announced[i], id, comp->announced_len[i]))
			continue;

		memcpy(comp->heard_id, id, sizeof(id));
		comp->heard_len = (uint16_t)sc->text_len;

		/* RFC 4896 s5.3: a shared state is freed first; a message of
		   ours on its way may make the peer do so */
		comp->heard_risk = sigcomp_ledger_newest(comp);
		comp->heard_accept = comp->accepts;
		codec->heard(comp->codec_mem, comp->codec_mem_size, sc->text,
			     sc->text_len);
		return;
	}
}
#endif


/**
 * RFC 4077 s2.3: a NACK for one of our messages. What it says is missing is
 * not used again. OUTPUT_OVERFLOW is about that message only. For other
 * reasons, what was made before it is not used either if it used some of that;
 * if not, the next step down is taken: no dictionary, then nothing.
 */
void sigcomp_policy_refused(struct sigcomp_compartment *comp,
			    const struct sigcomp_sent *sent,
			    enum sigcomp_reason reason,
			    const uint8_t *detail, size_t len)
{
	sigcomp_ledger_settle(comp, sent->handle, false);

	if (reason == SIGCOMP_OUTPUT_OVERFLOW)
		return;

	if (reason == SIGCOMP_STATE_NOT_FOUND && len >= 6 &&
	    len <= SIGCOMP_ID_LEN) {

		if (!memcmp(detail, sigcomp_dictionary_id, len)) {
			/* states load it, too */
			comp->peer.dictionary = false;
			sigcomp_forget(comp);
			return;
		}

		if (SIGCOMP_SHARED && !memcmp(detail, comp->heard_id, len)) {
			comp->heard_len = 0;
			return;
		}

		sigcomp_ledger_missing(comp, detail, len);
	}

	if (reason == SIGCOMP_CYCLES_EXHAUSTED && len >= 1 &&
	    (detail[0] == 16 || detail[0] == 32 || detail[0] == 64) &&
	    detail[0] < comp->peer.cpb) {
		comp->peer.cpb = detail[0];
		return;
	}

	if (sent->used) {
		sigcomp_ledger_clear(comp, sent->handle);
		return;
	}

	if (sent->level >= comp->level)
		comp->level = comp->level == SIGCOMP_LEVEL_FULL ?
			SIGCOMP_LEVEL_ALONE : SIGCOMP_LEVEL_PLAIN;
}


/* -- compressing --------------------------------------------------------- */

/** May this message create state? Something must tell how it went. */
static bool may_save(const struct sigcomp_compartment *comp, unsigned flags)
{
	const uint32_t newest = sigcomp_ledger_newest(comp);

	if (!(flags & (SIGCOMP_ANSWERED | SIGCOMP_FOLLOWED |
		       SIGCOMP_RELIABLE)))
		return false;

	/* one open question at a time, unless its answer is overdue; or unless
	   it must be sent again, and no state is there to come back to */
	return !newest || comp->handle - newest >= OPEN_MAX ||
		((flags & SIGCOMP_AGAIN) && !sigcomp_ledger_held(comp));
}


/** A number that is not asked for already, and those that are */
static void tags_fill(struct sigcomp_job *job,
		      const struct sigcomp_compartment *comp)
{
	job->taken_n = (uint8_t)sigcomp_ledger_tags(comp, job->taken);
	if (comp->seen)
		job->taken[job->taken_n++] = (uint8_t)comp->seen;

	job->tag = comp->tag;
	do {
		++job->tag;
	} while (memchr(job->taken, job->tag, job->taken_n));
}


static void job_fill(struct sigcomp_job *job, const struct sigcomp *sc,
		     struct sigcomp_compartment *comp, unsigned flags)
{
	job->mem = comp->codec_mem;
	job->mem_size = comp->codec_mem_size;
	job->work = sc->set.mem;
	job->work_size = sc->set.mem_size;
	job->peer = comp->peer;
	job->stream = (flags & SIGCOMP_RELIABLE) != 0;
	job->may_save = may_save(comp, flags);
	tags_fill(job, comp);
	job->lossy = comp->again && comp->handle - comp->again < LOSSY_FOR;
	job->param[0] = sigcomp_param_byte(sc->set.cpb, sc->set.dms,
					   comp->arena_size);
	job->param[1] = sc->set.version;

	/* RFC 4896 s9.2: until something newer is asked for */
	job->item = comp->item;
	job->item_len = comp->item_len;

	/* RFC 3321 s5.2 */
	if (SIGCOMP_SHARED && (flags & SIGCOMP_SHARE) && sc->set.codec &&
	    sc->set.codec->heard) {
		job->heard_id = comp->heard_id;
		job->heard_len = comp->heard_risk ? 0 : comp->heard_len;
		job->may_share = (flags & SIGCOMP_ANSWERED) &&
			sigcomp_state_may_share(comp, job->text_len);
	}
}


/** Try the levels from the compartment's own one downwards */
static int job_run(struct sigcomp_job *job, const struct sigcomp *sc,
		   struct sigcomp_compartment *comp, unsigned level)
{
	unsigned i;
	int err = ENOTSUP;

	if (!sc->set.codec || !comp->codec_mem)
		return ENOTSUP;

	job->slot = comp->slot;

	for (; level < SIGCOMP_LEVEL_PLAIN; ++level) {

		/* the ledger sets `usable` again when the job is done */
		for (i = 0; level > SIGCOMP_LEVEL_FULL && i < SIGCOMP_SLOTS;
		     ++i)
			comp->slot[i].usable = false;

		if (level >= SIGCOMP_LEVEL_ALONE) {
			job->may_save = false;
			job->peer.dictionary = false;
		}

		job->level = (enum sigcomp_level)level;
		err = sc->set.codec->compress(job);
		if (err != EOVERFLOW && err != ENOTSUP)
			break;
	}

	return err;
}


/** RFC 4896 s11: a stream carries SigComp messages only */
static int plain_on_stream(struct sigcomp_job *job)
{
	size_t pos;
	int err;

	err = put_start(job, &pos, sizeof(well_known) - 1 + job->text_len, 0);
	if (err)
		return err;

	memcpy(job->out + pos, well_known + 1, sizeof(well_known) - 1);
	pos += sizeof(well_known) - 1;
	memcpy(job->out + pos, job->text, job->text_len);

	job->out_len = pos + job->text_len;
	job->level = SIGCOMP_LEVEL_PLAIN;
	if (SIGCOMP_SHARED)
		job->frees = 0;

	return 0;
}


/** The message is made: follow what it does at the peer */
static void job_done(struct sigcomp_compartment *comp,
		     const struct sigcomp_job *job)
{
	struct sigcomp_sent *sent = &comp->sent[comp->sent_next];
	/* RFC 3320 s5.1: it is there before what will be sent after it. Two
	   streams, as those of a security association, keep no order */
	const bool ordered = job->stream && !comp->mixed;
	unsigned i;

	comp->sent_next = (uint8_t)((comp->sent_next + 1) %
				    SIGCOMP_NACK_LIST);
	if (!++comp->handle)
		++comp->handle;
	if (comp->unheard < UINT8_MAX)
		++comp->unheard;
	if (job->tagged)
		comp->tag = job->tag;

	sent->handle = comp->handle;
	sent->used = job->used;
	sent->level = (uint8_t)job->level;

	if (SIGCOMP_SHARED)
		sigcomp_ledger_free(comp, job->frees);
	for (i = 0; i < job->saves; ++i)
		sigcomp_ledger_add(comp, &job->save[i],
				   job->tagged ? SIGCOMP_TAG | job->tag : 0,
				   ordered);

	if (SIGCOMP_SHARED && job->saves)
		comp->heard_len = 0;
	if (SIGCOMP_SHARED && job->shared && job->may_share)
		sigcomp_state_share(comp, job->text, job->text_len);

	sigcomp_ledger_update(comp);
}


int sigcomp_compress(struct sigcomp *sc, struct sigcomp_compartment *comp,
		     uint8_t *out, size_t size, size_t *np, uint32_t *handle,
		     const uint8_t *text, size_t text_len, unsigned flags)
{
	struct sigcomp_job *job;
	unsigned level;
	int err;

	if (!text_len || text_len > SIGCOMP_OUTPUT_MAX)
		return EINVAL;

	if (sc->pending)
		return EPROTO;

	job = &sc->job;
	memset(job, 0, sizeof(*job));
	job->text = text;
	job->text_len = text_len;
	job->out = out;
	job->out_size = size;
	job_fill(job, sc, comp, flags);

	if (!job->stream && size >= text_len)
		job->out_size = text_len - 1;

	level = comp->level;
	if (level == SIGCOMP_LEVEL_FULL && (flags & SIGCOMP_AGAIN) &&
	    comp->unheard >= TRUST_MAX)
		level = SIGCOMP_LEVEL_SELF;

	err = job_run(job, sc, comp, level);

	if (err && job->stream) {
		job->out_size = size;
		err = plain_on_stream(job);
	}
	else if (err == EOVERFLOW && size >= text_len) {
		err = ENOTSUP;
	}

	sigcomp_ledger_update(comp);
	if (err)
		return err;

	/* RFC 4077 s3.2: a NACK names it by its hash. What the codec keeps is
	   of this message, which the peer does not get */
	if (mbedtls_sha1_ret(out, job->out_len,
			     comp->sent[comp->sent_next].hash)) {
		sigcomp_forget(comp);
		return EIO;
	}

	if (flags & SIGCOMP_AGAIN) {
		sigcomp_ledger_again(comp, *handle);
		comp->again = comp->handle + 1;
	}
	job_done(comp, job);
	*np = job->out_len;
	*handle = comp->handle;

	return 0;
}
