/**
 * @file file_command.c  Commands of file transfer (RFC 5547 s8)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"

#if UE_FILE_TRANSFER

/** Time for the other side to learn of an abort by MSRP (s8.4) */
#define ABORT_MS 1000


static struct file *find(struct ue *ue, unsigned id)
{
	unsigned i;

	for (i = 0; ue_is_open(ue) && id && i < UE_FILES_MAX; i++) {
		if (ue->files.v[i].id == id)
			return &ue->files.v[i];
	}

	return NULL;
}


static void command_wake(struct file *f)
{
	file_wake(f);
	ue_wake(f->all->ue);
}


static int admit(const struct ue *ue, const struct ue_file *file,
		 bool sending)
{
	if (!ue_is_open(ue) || !file)
		return EINVAL;
	if (!ue->set->messaging)
		return ENOTSUP;
	if (sending ? !file->read_h || file->size > UE_FILE_ANY - 2 -
	    UE_CPIM_MAX || (file->from && file->from >= file->size)
	    : !file->write_h)
		return EINVAL;

	return file->type && (!strchr(file->type, '/') ||
			      strlen(file->type) >= MSRP_TYPE_MAX)
		? EINVAL : 0;
}


/** The hash that the application knows, or that it is to be made */
static int go(struct file *f)
{
	if (!f->sending || f->file->hash) {
		if (f->file->hash) {
			memcpy(f->hash, f->file->hash, sizeof(f->hash));
			f->hashing = true;
		}
		file_hash_begin(f);
		return file_begin(f);
	}

	file_hash_begin(f);
	f->state = FILE_HASHING;
	file_wake(f);

	return 0;
}


static int call(struct ue *ue, unsigned *id, const char *uri,
		const struct ue_file *file, bool sending)
{
	const struct pl target = ims_pl(uri);
	struct file *f;
	int err;

	err = admit(ue, file, sending);
	if (err)
		return err;
	if (!id || !uri || sip_uri_decode(&ue->reg.scratch.addr.uri,
					  &target))
		return EINVAL;
	/* s8.2.2: at least one selector */
	if (!sending && !file->name && !file->type && !file->hash &&
	    file->size == UE_FILE_ANY)
		return EINVAL;
	if (!ue->reg.info.registered)
		return EPROTO;

	f = file_new(&ue->files);
	if (!f)
		return ENOMEM;
	f->sending = sending;
	f->offerer = f->alerted = true;
	f->uri = uri;
	f->file = file;
	f->size = file->size;
	f->from = file->from;
	err = file_bound(f);
	/* s8.1: 32 characters at random */
	if (!err)
		err = sip_random_hex(&ue->sip, f->tid, 33);
	if (!err)
		err = go(f);
	if (err) {
		f->id = 0;
		return err;
	}

	*id = f->id;
	command_wake(f);

	return 0;
}


int ue_file_send(struct ue *ue, unsigned *id, const char *uri,
		 const struct ue_file *file)
{
	return call(ue, id, uri, file, true);
}


int ue_file_fetch(struct ue *ue, unsigned *id, const char *uri,
		  const struct ue_file *file)
{
	return call(ue, id, uri, file, false);
}


int ue_file_accept(struct ue *ue, unsigned id, const struct ue_file *file)
{
	struct file *f = find(ue, id);
	uint32_t size, to;
	int err;

	if (!f)
		return ENOENT;
	if (f->state != FILE_OFFERED || !f->alerted)
		return EPROTO;
	err = admit(ue, file, f->sending);
	if (err)
		return err;

	if (f->sending) {
		if (f->size != UE_FILE_ANY && f->size != file->size)
			return EINVAL;
		size = f->size;
		to = f->to;
		f->size = file->size;
		err = file_bound(f);
		if (err) {
			f->size = size;
			f->to = to;
			return EINVAL;
		}
	}
	f->file = file;
	err = go(f);
	if (err)
		file_over(f, err, 0);
	command_wake(f);

	return 0;
}


int ue_file_end(struct ue *ue, unsigned id, uint16_t status)
{
	struct file *f = find(ue, id);

	if (!f)
		return ENOENT;
	if (status && (status < 300 || status > 699))
		return EINVAL;
	if (f->state == FILE_OVER || !f->alerted)
		return EPROTO;

	/* without an answer yet it is a refusal */
	file_because(f, ECANCELED, f->s && f->state <= FILE_HASHING ? status ?
		     status : 603 : 0);
	/* s8.4: first by MSRP, then the session */
	if (f->busy) {
		if (f->out)
			msrp_abort(f->out,
				   messaging_now(f->all->messaging));
		else
			msrp_refuse(f->ms);
		file_close_in(f, ABORT_MS);
	}
	else {
		file_over(f, ECANCELED, 0);
	}
	command_wake(f);

	return 0;
}


int ue_file_info(struct ue_file_info *info, const struct ue *ue,
		 unsigned id)
{
	const struct file *f = NULL;
	unsigned i;

	for (i = 0; ue_is_open(ue) && id && i < UE_FILES_MAX; i++) {
		if (ue->files.v[i].id == id)
			f = &ue->files.v[i];
	}
	if (!f || !info)
		return ENOENT;

	memset(info, 0, sizeof(*info));
	info->name = f->name;
	info->type = f->type;
	info->hash = f->hashing ? f->hash : NULL;
	info->size = f->size;
	info->from = f->from;
	info->to = f->to;
	info->pos = f->out ? f->from + file_octets(f, f->out->acked) : f->pos;
	info->sending = f->sending;
	info->render = f->render;
	info->checked = f->checked;

	return 0;
}

#else

int ue_file_send(struct ue *ue, unsigned *id, const char *uri,
		 const struct ue_file *file)
{
	(void)ue;
	(void)id;
	(void)uri;
	(void)file;

	return ENOTSUP;
}


int ue_file_fetch(struct ue *ue, unsigned *id, const char *uri,
		  const struct ue_file *file)
{
	return ue_file_send(ue, id, uri, file);
}


int ue_file_accept(struct ue *ue, unsigned id, const struct ue_file *file)
{
	return ue_file_send(ue, &id, NULL, file);
}


int ue_file_end(struct ue *ue, unsigned id, uint16_t status)
{
	(void)status;

	return ue_file_send(ue, &id, NULL, NULL);
}


int ue_file_info(struct ue_file_info *info, const struct ue *ue,
		 unsigned id)
{
	(void)info;
	(void)ue;
	(void)id;

	return ENOTSUP;
}

#endif
