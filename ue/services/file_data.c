/**
 * @file file_data.c  Octets of files: one MSRP message each, with or without
 * CPIM around it (RFC 5547 s8.7); their SHA-1
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"

#if UE_FILE_TRANSFER

/** Octets of SHA-1 in one ue_poll() beside what passes by itself */
#define HASH_STEP 65536

/** Longest Content-Disposition that fits into the header of each chunk */
#define DISPOSITION_MAX 96


/* ------------------------------------------------------------------ */
/* SHA-1 */


void file_hash_begin(struct file *f)
{
	mbedtls_sha1_init(&f->sha);
	f->unhashed = mbedtls_sha1_starts_ret(&f->sha) != 0;
	f->hashed = 0;
}


/** The next octets; file_hash_end() tells if it failed */
static void hash_update(struct file *f, const uint8_t *p, size_t n)
{
	if (mbedtls_sha1_update_ret(&f->sha, p, n))
		f->unhashed = true;
	f->hashed += (uint32_t)n;
}


int file_hash_end(struct file *f, uint8_t hash[UE_FILE_HASH])
{
	return f->unhashed || mbedtls_sha1_finish_ret(&f->sha, hash) ? EIO : 0;
}


int file_hash_step(struct file *f, uint32_t end)
{
	uint32_t left = HASH_STEP;
	const uint8_t *p;
	size_t n;

	while (f->hashed < end && left) {

		if (f->file->read_h(&p, &n, f->hashed, f->file->arg) || !n)
			return EIO;
		if (n > end - f->hashed)
			n = end - f->hashed;
		if (n > left)
			n = left;
		hash_update(f, p, n);
		left -= (uint32_t)n;
	}

	return f->hashed < end ? EAGAIN : 0;
}


/* ------------------------------------------------------------------ */
/* Sending */


static int source_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	const struct file *f = arg;

	if (off < f->head_len) {
		*p = (const uint8_t *)f->head->head + off;
		*n = f->head_len - off;
		return 0;
	}

	return f->file->read_h(p, n, f->from + (off - f->head_len),
			       f->file->arg);
}


/** RFC 2183 s2: the type, and the name where it fits */
static void disposition(struct msrp_text *t, const struct file *f)
{
	const char *type = f->file->render ? "render" : "attachment";
	const char *p = f->file->name;
	const struct msrp_text begin = *t;
	char c[2] = "";

	msrp_put(t, type);
	if (!p || !*p || strlen(p) > DISPOSITION_MAX - 24)
		return;

	msrp_put(t, ";filename=\"");
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			msrp_put(t, "\\");
		c[0] = (uint8_t)*p < ' ' ? '_' : *p;
		msrp_put(t, c);
	}
	msrp_put(t, "\"");

	if (t->len - begin.len > DISPOSITION_MAX) {
		*t = begin;
		msrp_put(t, type);
	}
}


/** What goes before the file: CPIM where the peer wants that, else only the
 *  Content-Disposition */
static int write_head(struct file *f, const char *type)
{
	struct messaging *mg = f->all->messaging;
	struct msrp_cpim *c = &mg->cpim;
	struct msrp_text t;
	int err;

	msrp_text_init(&t, f->head->head, sizeof(f->head->head));
	if (!f->wrapped) {
		disposition(&t, f);
		msrp_put_mem(&t, "", 1);
		return 0;
	}

	memset(c, 0, sizeof(*c));
	c->from = ims_pl(ims_hdr_identity(&f->all->ue->reg));
	c->to   = ims_pl(session_target(f->s));
	c->type = ims_pl(type);
	c->disposition = ims_pl(f->file->render ? "render" : "attachment");
	err = msrp_cpim_write(&t, c);
	f->head_len = (uint16_t)t.len;

	return err;
}


int file_start(struct file *f, struct messaging_media *md)
{
	const char *type = f->file->type ? f->file->type
		: "application/octet-stream";
	struct messaging *mg = f->all->messaging;
	struct msrp_msg m;
	int err;

	if (!f->head)
		f->head = messaging_out_new(mg);
	if (!f->head)
		return ENOMEM;
	err = write_head(f, type);
	if (err)
		return err;

	memset(&m, 0, sizeof(m));
	m.type = f->wrapped ? "message/cpim" : type;
	m.disposition = f->wrapped ? NULL : f->head->head;
	m.source_h = source_h;
	m.arg = f;
	m.len = f->to - f->from + f->head_len;
	/* the next hop is a relay: the peer has to say it */
	m.success = md->ms->relayed;

	/* its outcome may come before this returns */
	f->busy = f->begun = true;
	err = msrp_send(&f->out, md->ms, messaging_now(mg), &m);
	if (err) {
		f->busy = f->begun = false;
		return err;
	}
	ue_timer_cancel(&f->all->ue->timers, &f->timer);
	messaging_wake(mg);

	return 0;
}


uint32_t file_octets(const struct file *f, uint32_t len)
{
	/* nothing of the file before the header is known */
	if (f->wrapped && !f->head_len)
		return 0;

	return len > f->head_len ? len - f->head_len : 0;
}


static void sent_h(const struct msrp_result *r, void *arg)
{
	struct file *f = arg;

	f->busy = false;
	f->out = NULL;
	f->pos = f->from + file_octets(f, r->len);
	file_over(f, r->err, r->status);
}


/* ------------------------------------------------------------------ */
/* Receiving */


/** The peer gets 413 for what it sends from now on */
static void refuse(struct file *f, int err)
{
	file_because(f, err, 0);
	msrp_refuse(f->ms);
}


/** It is not what was described: the peer gets a status, and that is all */
static uint16_t mismatch(struct file *f, uint16_t status)
{
	file_over(f, EBADMSG, 0);

	return status;
}


/** RFC 5547 s8.7: one message; s8.3.1: as it was described */
static uint16_t open_h(struct messaging_media *md,
		       const struct msrp_info *info, struct msrp_sink *sink)
{
	struct file *f = md->arg;
	const uint32_t len = f->to == UE_FILE_ANY ? MSRP_ANY
		: f->to - f->from;

	if (f->sending || f->begun || !f->file || f->state == FILE_OVER)
		return 403;

	f->wrapped = msrp_type_is(&info->type, "message/cpim") &&
		strcmp(f->type, "message/cpim");
	if (f->wrapped)
		f->head = messaging_out_new(f->all->messaging);
	if (f->wrapped && !f->head)
		return 413;
	if (!f->wrapped && f->type[0] && !msrp_type_is(&info->type, f->type))
		return mismatch(f, 415);
	if (!f->wrapped && len != MSRP_ANY && info->total != MSRP_ANY &&
	    info->total != len)
		return mismatch(f, 413);

	if (len != MSRP_ANY)
		sink->size = (size_t)len + (f->wrapped ? UE_CPIM_MAX : 0);
	sink->arg = f;
	f->ms = md->ms;
	f->busy = f->begun = true;
	ue_timer_cancel(&f->all->ue->timers, &f->timer);

	return 200;
}


/** Octets at a position behind the first of the transfer */
static void take(struct file *f, uint32_t off, const uint8_t *p, size_t n)
{
	const uint32_t max = f->to == UE_FILE_ANY ? UE_FILE_ANY - 2 : f->to;
	int err;

	if (off > max - f->from || max - f->from - off < n) {
		refuse(f, EMSGSIZE);
		return;
	}
	off += f->from;

	/* RFC 4975 s7.3.1: what comes once more replaces what was there */
	if (off < f->hashed)
		file_hash_begin(f);

	err = f->file->write_h(off, p, n, f->file->arg);
	if (err) {
		refuse(f, err);
		return;
	}
	if (f->pos == off)
		f->pos = off + (uint32_t)n;
	if (f->hashed == off && f->hashing)
		hash_update(f, p, n);
}


/** Collect the header of CPIM.  @return octets used of these */
static size_t take_head(struct file *f, uint32_t off, const uint8_t *p,
			size_t n)
{
	struct messaging_out *o = f->head;
	struct msrp_cpim *c = &f->all->messaging->cpim;
	const size_t had = o->head_len;
	size_t k = sizeof(o->head) - had;
	int err;

	if (off != had) {
		refuse(f, EBADMSG);
		return n;
	}
	if (k > n)
		k = n;
	memcpy(o->head + had, p, k);
	o->head_len = (uint16_t)(had + k);

	err = msrp_cpim_decode(c, o->head, o->head_len);
	if (err) {
		/* perhaps it is not all there */
		if (err != EBADMSG || o->head_len == sizeof(o->head))
			refuse(f, EBADMSG);
		return n;
	}
	if (f->type[0] && c->type.p && !msrp_type_is(&c->type, f->type)) {
		refuse(f, EBADMSG);
		return n;
	}
	f->head_len = (uint16_t)(o->head_len - c->content.l);
	/* its room is that of messages of others */
	o->state = 0;
	f->head = NULL;

	return f->head_len - had;
}


static void data_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	struct file *f = arg;

	/* what comes until its sender has noticed */
	if (f->err)
		return;

	if (f->wrapped && off < f->head_len) {
		refuse(f, EBADMSG);
		return;
	}
	if (f->wrapped && !f->head_len) {

		const size_t k = take_head(f, off, p, n);

		if (f->err || k == n)
			return;
		off += (uint32_t)k;
		p += k;
		n -= k;
	}

	take(f, off - f->head_len, p, n);
}


static void done_h(const struct msrp_result *r, void *arg)
{
	struct file *f = arg;
	uint32_t len = r->total;

	f->busy = false;
	f->ms = NULL;
	/* what was refused has not been written */
	if (!f->err)
		f->pos = f->from + file_octets(f, r->len);
	if (r->err || f->err) {
		file_over(f, r->err ? r->err : EPROTO, r->status);
		return;
	}

	/* RFC 5547 s8.3.1: it must be as long as described */
	if (f->wrapped && !f->head_len)
		len = MSRP_ANY;
	else
		len = file_octets(f, len);
	if (len == MSRP_ANY || (f->to != UE_FILE_ANY &&
				len != f->to - f->from)) {
		file_over(f, EBADMSG, 0);
		return;
	}
	len += f->from;
	/* s6: a part may say nothing about the whole */
	if (f->size == UE_FILE_ANY && f->to == UE_FILE_ANY)
		f->size = len;
	f->to = len;
	f->state = FILE_CHECKING;
	file_wake(f);
}


const struct messaging_user file_messages = {
	.accept_types = "message/cpim *", .open_h = open_h, .data_h = data_h,
	.done_h = done_h, .sent_h = sent_h
};

#endif
