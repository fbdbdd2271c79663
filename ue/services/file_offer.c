/**
 * @file file_offer.c  Descriptions of file transfers: offers and answers, ours
 * and the peer's (RFC 5547 s8.1 to s8.3)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"

#if UE_FILE_TRANSFER


/** Octets that will be transferred, for a=max-size */
static uint32_t limit(const struct file *f)
{
	if (f->sending)
		return 0;

	return f->to == UE_FILE_ANY || f->to - f->from > UE_FILE_ANY - 2 -
		UE_CPIM_MAX ? UE_FILE_ANY - 2
		: f->to - f->from + UE_CPIM_MAX;
}


/* ------------------------------------------------------------------ */
/* Descriptions */


/** RFC 5547 s8.2.1, s8.2.2 */
static int write_offer(struct file *f, struct sip_writer *w)
{
	const struct ue_file *file = f->file;
	int err;

	err = messaging_write_for(f->s, w, 0, NULL, &file_messages, f,
				  limit(f));
	if (err)
		return err;

	sip_writer_str(w, "a=file-selector:");
	file_selector_write(w, file->name, f->sending && !file->type
			    ? "application/octet-stream" : file->type,
			    f->size, f->hashing ? f->hash : NULL);
	sip_writer_eol(w);
	sdesc_write_attr(w, "file-transfer-id", f->tid);
	if (f->sending) {
		sdesc_write_attr(w, "file-disposition", file->render ?
				 "render" : "attachment");
		if (file->date)
			sip_writer_line(w, "a=file-date:modification:\"%s\"",
					file->date);
	}
	if (f->from)
		file_range_write(w, f->from, f->to);

	return 0;
}


/** s8.1: an unchanged file-transfer-id with another file is an error */
static bool same_file(const struct file *f, const struct file_selector *sel)
{
	char name[UE_FILE_NAME_MAX];

	if (f->hashing && sel->hashed)
		return !memcmp(f->hash, sel->hash, sizeof(f->hash));
	if (f->size != UE_FILE_ANY && sel->size != UE_FILE_ANY &&
	    f->size != sel->size)
		return false;

	return !sel->name.p || !f->name[0] ||
		(!file_name_decode(name, sizeof(name), &sel->name) &&
		 !strcmp(name, f->name));
}


/** The peer takes the file: as it is, or in CPIM */
static int learn_types(struct file *f, const struct sdesc_media *m)
{
	const char *type = f->file->type ? f->file->type
		: "application/octet-stream";

	f->wrapped = !messaging_accepts(m, type);

	return f->wrapped && !messaging_accepts(m, "message/cpim")
		? EPROTO : 0;
}


/** s8.3.1, s8.3.2 */
static int write_answer(struct file *f, struct sip_writer *w,
			const struct sdesc_media *offer)
{
	struct file_selector sel;
	struct pl val;
	int err;

	/* s8.1: what is new in an old session is refused */
	if (sdesc_media_attr(&val, offer, "file-transfer-id") || !val.p ||
	    pl_strcmp(&val, f->tid))
		return ENOENT;
	if (sdesc_media_attr(&val, offer, "file-selector") || !val.p ||
	    file_selector_decode(&sel, &val) || !same_file(f, &sel)) {
		file_because(f, EPROTO, 0);
		(void)session_end(f->s);
		return ENOENT;
	}

	if (f->sending && learn_types(f, offer))
		return ENOENT;
	err = messaging_write_for(f->s, w, f->index, offer, &file_messages,
				  f, limit(f));
	if (err)
		return err;

	/* s8.3.2: the sender adds its hash */
	sip_writer_fmt(w, "a=file-selector:%r", &val);
	if (f->sending && f->hashing && !sel.hashed)
		file_hash_write(w, " ", f->hash);
	sip_writer_eol(w);
	sdesc_write_mirror(w, offer, "file-transfer-id");
	sdesc_write_mirror(w, offer, "file-range");

	return 0;
}


int file_write_media(struct session *s, struct sip_writer *w,
			 unsigned index, const struct sdesc_media *offer,
			 void *arg)
{
	struct file *f = arg;

	/* after the outcome the file is the application's again */
	if (!f || index != f->index ||
	    (!f->file && (!offer || f->sending)))
		return ENOENT;

	/* an exchange of the peer's: what is not in it is closed (s8.4) */
	f->described = offer || session_is_asked(s);

	return offer ? write_answer(f, w, offer) : write_offer(f, w);
}


/** Range of a description.  @return 0, EPROTO */
static int range_of(uint32_t *from, uint32_t *to,
		    const struct sdesc_media *m)
{
	struct pl val;

	*from = 0;
	*to = UE_FILE_ANY;

	return !sdesc_media_attr(&val, m, "file-range") &&
		(!val.p || file_range_decode(from, to, &val)) ? EPROTO : 0;
}


/** What a selector says that is not known yet */
static int learn(struct file *f, const struct file_selector *sel)
{
	const char *semi;
	struct pl type = sel->type;

	if (sel->name.p && !f->name[0] &&
	    file_name_decode(f->name, sizeof(f->name), &sel->name))
		return EPROTO;
	if (sel->size != UE_FILE_ANY)
		f->size = sel->size;
	if (sel->hashed) {
		memcpy(f->hash, sel->hash, sizeof(f->hash));
		f->hashing = true;
	}

	/* a type that is too long is as good as none */
	semi = type.p ? memchr(type.p, ';', type.l) : NULL;
	if (semi)
		type.l = (size_t)(semi - type.p);
	(void)ims_copy(f->type, sizeof(f->type), &type);

	return 0;
}


/** The end of the transfer, when the size is known.  s6: a range has an octet
 *  at least */
int file_bound(struct file *f)
{
	if (f->size == UE_FILE_ANY)
		return 0;
	if (f->to == UE_FILE_ANY)
		f->to = f->size;

	return (f->from && f->from >= f->to) || f->to > f->size ? EPROTO : 0;
}


/** An answer of who has the file */
static int learn_answer(struct file *f, const struct sdesc_media *m)
{
	struct file_selector sel;
	struct pl val;

	/* s8.2.2: an endpoint that knows nothing of files has none */
	if (sdesc_media_attr(&val, m, "file-selector") || !val.p ||
	    file_selector_decode(&sel, &val) || !same_file(f, &sel) ||
	    learn(f, &sel))
		return EPROTO;

	return file_bound(f);
}


int file_answer_media(struct session *s, unsigned index,
		    const struct sdesc_media *m, void *arg)
{
	struct file *f = arg;
	uint32_t from, to;
	struct pl id;
	int err;

	if (index != f->index)
		return 0;
	/* given up meanwhile: the file is the application's again */
	if (!f->file)
		return EPROTO;
	if (!m->port) {
		file_because(f, ECONNREFUSED, 0);
		return EPROTO;
	}

	err = range_of(&from, &to, m);
	if (err)
		return err;
	/* s8.3.1: the same range, and s8.1: the same transfer */
	if (from != f->from ||
	    (!sdesc_media_attr(&id, m, "file-transfer-id") &&
	     (!id.p || pl_strcmp(&id, f->tid))) ||
	    !(m->dir & (f->sending ? SDESC_RECVONLY : SDESC_SENDONLY)))
		return EPROTO;

	err = f->sending ? learn_types(f, m) : learn_answer(f, m);
	/* what is less than the rest of the file is another range */
	if (!err && to != UE_FILE_ANY && to != f->to)
		err = EPROTO;

	return err ? err : messaging_answer_media(s, index, m);
}


/* ------------------------------------------------------------------ */
/* Offers of the peer */


/** s8.3: is it a transfer that we can make?  @return 0, EPROTO */
static int learn_offer(struct file *f, const struct sdesc_media *m)
{
	struct file_selector sel;
	struct pl val;
	int err;

	/* s8.2.1, s8.2.2: one direction */
	if (m->dir != SDESC_SENDONLY && m->dir != SDESC_RECVONLY)
		return EPROTO;
	f->sending = m->dir == SDESC_RECVONLY;

	if (sdesc_media_attr(&val, m, "file-transfer-id") || !val.p ||
	    !val.l || ims_copy(f->tid, sizeof(f->tid), &val) ||
	    sdesc_media_attr(&val, m, "file-selector") || !val.p ||
	    file_selector_decode(&sel, &val))
		return EPROTO;

	err = range_of(&f->from, &f->to, m);
	if (!err)
		err = learn(f, &sel);
	if (!err)
		err = file_bound(f);
	if (err)
		return err;

	/* s7: render is the default */
	f->render = sdesc_media_attr(&val, m, "file-disposition") || !val.p ||
		!pl_strcasecmp(&val, "render");
	f->pos = f->from;

	return 0;
}


/** Files and nothing else: which one is taken? */
static bool files_only(struct sdesc_media *m, uint8_t *index,
		       const struct sdesc *sdp)
{
	unsigned i, first = SDESC_MEDIA_MAX;

	for (i = 0; !sdesc_media(m, sdp, i); i++) {
		if (!m->port)
			continue;
		if (!file_is(m))
			return false;
		if (first == SDESC_MEDIA_MAX)
			first = i;
	}
	*index = (uint8_t)first;

	return !sdesc_media(m, sdp, first);
}


bool file_claim(struct session *s, const struct sip_msg *msg,
		    const struct sdesc *sdp, void *arg)
{
	const struct ue_messaging *set = s->all->ue->set->messaging;
	struct sdesc_media m;
	uint8_t index = 0;
	struct file *f;

	(void)arg;

	if (!set || !set->files || !sdp || !files_only(&m, &index, sdp))
		return false;

	f = file_new(&s->all->ue->files);
	if (!f) {
		(void)session_reject(s, 486);
		return true;
	}
	f->index = index;
	if (learn_offer(f, &m)) {
		f->id = 0;
		(void)session_reject(s, 488);
		return true;
	}
	f->s = s;
	f->state = FILE_OFFERED;
	session_set_arg(s, f);
	call_note(s, msg);

	return true;
}

#endif
