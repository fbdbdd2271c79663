/**
 * @file transfer.c  File transfers of the uims program (RFC 5547)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ports/linux/transfer.h"

/** Octets read at once */
#define READ_MAX 65536

/** Names that are tried for one file */
#define NAMES_MAX 100

/** Events of progress of one transfer */
#define PROGRESS_STEPS 10

/** A transfer: of the UE, or one that broke off */
struct transfer {
	unsigned id;                    /* 0: none of the UE's */
	bool used;
	bool broken;                    /* can be gone on with */
	bool sending;
	bool moving;                    /* octets are of the transfer */
	unsigned percent;               /* told */
	int fd;
	struct ue_file file;
	uint8_t hash[UE_FILE_HASH];
	char uri[UE_URI_MAX];
	char name[UE_FILE_NAME_MAX];
	char path[512];                 /* of ours, or the temporary name */
	uint8_t buf[READ_MAX];
};

/* the program is one UE; what broke off stays beside what moves */
static struct {
	struct transfer v[2 * UE_FILES_MAX];
	struct script *sc;
	const char *folder, *share;
	enum transfer_mode mode;
} tr;


void transfer_init(enum transfer_mode mode, const char *folder,
		   const char *share)
{
	tr.mode   = mode;
	tr.folder = folder;
	tr.share  = share;
}


static void release(struct transfer *t)
{
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
	t->used = false;
}


void transfer_close(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {
		if (tr.v[i].used)
			release(&tr.v[i]);
	}
}


/** A free entry, else the oldest place of one that broke off */
static struct transfer *transfer_new(struct script *sc)
{
	struct transfer *t = NULL;

	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {
		if (!tr.v[i].used) {
			t = &tr.v[i];
			break;
		}
		if (!t && !tr.v[i].id)
			t = &tr.v[i];
	}
	if (!t)
		return NULL;

	if (t->used)
		release(t);
	memset(t, 0, sizeof(*t));
	tr.sc = sc;
	t->used = true;
	t->fd = -1;
	t->file.arg = t;

	return t;
}


static struct transfer *find(unsigned id)
{
	for (unsigned i = 0; id && i < ARRAY_SIZE(tr.v); i++) {
		if (tr.v[i].used && tr.v[i].id == id)
			return &tr.v[i];
	}

	return NULL;
}


/* ------------------------------------------------------------------ */
/* Octets */


/** A bar for a person, a few events for a program */
static void progress(struct transfer *t, uint32_t pos)
{
	static const char bar[] = "##############################";
	const uint64_t size = t->file.size;
	unsigned percent;
	struct output o;
	int n;

	if (!t->moving || !size || size == UE_FILE_ANY)
		return;
	percent = (unsigned)(pos * 100ull / size);

	if (!tr.sc->json && isatty(STDERR_FILENO)) {
		if (percent == t->percent)
			return;
		t->percent = percent;
		n = (int)(percent * (sizeof(bar) - 1) / 100);
		(void)fprintf(stderr, "\r%-20.20s [%-30.*s] %3u %%%s",
			      t->name, n, bar, percent,
			      percent == 100 ? "\n" : "");
		return;
	}

	if (percent / PROGRESS_STEPS == t->percent / PROGRESS_STEPS)
		return;
	t->percent = percent;
	command_output(tr.sc, &o, "file-progress");
	output_str(&o, "file", t->name);
	output_num(&o, "bytes", pos);
	output_num(&o, "total", size);
	output_num(&o, "percent", percent);
	output_end(&o);
}


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	struct transfer *t = arg;
	const ssize_t got = pread(t->fd, t->buf, sizeof(t->buf), off);

	if (got <= 0)
		return got ? errno : EIO;

	*p = t->buf;
	*n = (size_t)got;
	if (t->sending)
		progress(t, off + (uint32_t)got);

	return 0;
}


static int write_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	struct transfer *t = arg;

	while (n) {
		const ssize_t k = pwrite(t->fd, p, n, off);

		if (k <= 0)
			return k ? errno : EIO;
		p += k;
		n -= (size_t)k;
		off += (uint32_t)k;
	}
	progress(t, off);

	return 0;
}


/* ------------------------------------------------------------------ */
/* Files */


/** A file of ours.  @return 0, errno */
static int open_ours(struct transfer *t, const char *path, int flags)
{
	const char *base = strrchr(path, '/');
	struct stat st;

	t->fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (t->fd < 0 || fstat(t->fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode) || st.st_size > UE_FILE_ANY - 4096)
		return EFBIG;

	t->sending = true;
	t->file.size = (uint32_t)st.st_size;
	t->file.read_h = read_h;
	if (path != t->path)
		(void)snprintf(t->path, sizeof(t->path), "%s", path);
	(void)snprintf(t->name, sizeof(t->name), "%s",
		       base ? base + 1 : path);
	t->file.name = t->name;

	return 0;
}


/** The temporary name: of the SHA-1 where it is known */
static void part_path(struct transfer *t, const uint8_t *hash)
{
	char id[2 * UE_FILE_HASH + 1] = "";

	for (unsigned i = 0; hash && i < UE_FILE_HASH; i++)
		(void)snprintf(id + 2 * i, 3, "%02x", hash[i]);
	(void)snprintf(t->path, sizeof(t->path), "%s/.%s.part", tr.folder,
		       hash ? id : t->name);
}


/** Is another transfer writing it? */
static bool is_open(const struct transfer *t)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {

		const struct transfer *u = &tr.v[i];

		if (u != t && u->used && u->fd >= 0 && !u->sending &&
		    !strcmp(u->path, t->path))
			return true;
	}

	return false;
}


/** Memory for what comes in: `from` octets of it must be there.
 *  @return 0, errno */
static int open_part(struct transfer *t, uint32_t from)
{
	struct stat st;

	if (is_open(t))
		return EBUSY;
	t->fd = open(t->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW |
		     (from ? 0 : O_CREAT | O_TRUNC), 0600);
	if (t->fd < 0 || fstat(t->fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode) || st.st_size < from)
		return ENOENT;

	t->file.write_h = write_h;
	t->file.read_h = read_h;

	return 0;
}


/** Give a file another name, if none has it.  @return 0, errno */
static int move(const char *from, const char *to)
{
	/* link() takes no name that is there, on any file system that has it;
	   FAT has none */
	if (link(from, to))
		return errno != EPERM || renameat2(AT_FDCWD, from, AT_FDCWD,
						   to, RENAME_NOREPLACE)
			? errno : 0;
	(void)unlink(from);

	return 0;
}


/** Its own name, one that is not taken.  @return 0, errno */
static int keep(struct transfer *t, char *path, size_t size)
{
	const char *dot = strrchr(t->name, '.');
	const int stem = dot && dot != t->name ? (int)(dot - t->name)
		: (int)strlen(t->name);
	int err = 0;

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		if (i)
			(void)snprintf(path, size, "%s/%.*s-%u%s", tr.folder,
				       stem, t->name, i, t->name + stem);
		else
			(void)snprintf(path, size, "%s/%s", tr.folder,
				       t->name);
		err = move(t->path, path);
		if (err != EEXIST)
			return err;
	}

	return err;
}


/* ------------------------------------------------------------------ */
/* Events */


/** Take a file that is offered.  @return 0, errno */
static int take(struct transfer *t, struct script *sc,
		const struct ue_file_info *info)
{
	int err;

	if (!tr.folder)
		return ENOENT;

	part_path(t, info->hash);
	err = open_part(t, info->from);

	return err ? err : ue_file_accept(sc->ue, t->id, &t->file);
}


/** Give a file that somebody wants: by its name, out of one folder */
static int give(struct transfer *t, struct script *sc)
{
	char path[512];
	int n, err;

	if (!tr.share || !t->name[0])
		return ENOENT;
	n = snprintf(path, sizeof(path), "%s/%s", tr.share, t->name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ENAMETOOLONG;
	err = open_ours(t, path, O_NOFOLLOW | O_NONBLOCK);

	return err ? err : ue_file_accept(sc->ue, t->id, &t->file);
}


static void refuse(struct script *sc, struct transfer *t, uint16_t status)
{
	(void)ue_file_end(sc->ue, t->id, status);
}


static void decide(struct script *sc, struct transfer *t,
		   const struct ue_file_info *info)
{
	int err = EACCES;

	if (tr.mode == TRANSFER_ASK)
		return;
	if (tr.mode == TRANSFER_ACCEPT)
		err = t->sending ? give(t, sc) : take(t, sc, info);
	/* RFC 5547 s8.3.2: no file is selected: 488 */
	if (err)
		refuse(sc, t, tr.mode == TRANSFER_REFUSE ? 603 : 488);
}


static void offered(struct script *sc, const struct ue_event *ev)
{
	struct transfer *t = transfer_new(sc);
	struct ue_file_info info;
	struct output o;

	if (!t || ue_file_info(&info, sc->ue, ev->session)) {
		(void)ue_file_end(sc->ue, ev->session, 486);
		return;
	}
	t->id = ev->session;
	t->sending = info.sending;
	(void)snprintf(t->uri, sizeof(t->uri), "%s", ev->text);
	(void)snprintf(t->name, sizeof(t->name), "%s", info.name[0] ||
		       info.sending ? info.name : "file");
	t->file.size = info.size;
	if (info.hash) {
		memcpy(t->hash, info.hash, sizeof(t->hash));
		t->file.hash = t->sending ? NULL : t->hash;
	}

	command_output(sc, &o, info.sending ? "file-wanted" : "file-offered");
	output_str(&o, "from", ev->text);
	output_str(&o, "file", t->name);
	output_str(&o, "type", info.type);
	if (info.size != UE_FILE_ANY)
		output_num(&o, "bytes", info.size);
	if (info.from)
		output_num(&o, "start", info.from);
	output_end(&o);

	decide(sc, t, &info);
	command_event(sc, info.sending ? "file-wanted" : "file-offered");
}


/** What stays of a file that did not come whole */
static void broken(struct transfer *t, const struct ue_event *ev)
{
	t->file.from = ev->message.len;
	t->broken = ev->err != EBADMSG && ev->message.len &&
		(t->sending || t->file.hash);
	if (!t->sending && !t->broken && t->fd >= 0)
		(void)unlink(t->path);
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
	t->id = 0;
	t->moving = false;
	t->used = t->broken;
}


static const char *over(struct script *sc, struct transfer *t,
			const struct ue_event *ev)
{
	const bool good = ev->type == UE_EVENT_FILE_DONE;
	const char *name = !good ? "file-failed" : t->sending ? "file-sent"
		: "file-received";
	struct ue_file_info info;
	char path[sizeof(t->path) + 8] = "";
	struct output o;
	int err = good && !t->sending ? keep(t, path, sizeof(path)) : 0;

	if (err)
		name = "file-failed";
	command_output(sc, &o, name);
	output_str(&o, "file", path[0] && !err ? path : t->name);
	output_num(&o, "bytes", ev->message.len);
	if (good && !t->sending && !ue_file_info(&info, sc->ue, t->id))
		output_bool(&o, "checked", info.checked);
	if (ev->status)
		output_num(&o, "status", ev->status);
	if (ev->err || err)
		output_str(&o, "error", sc->port->errorh(ev->err ? ev->err
							 : err, sc->arg));
	output_end(&o);

	if (good && !err)
		release(t);
	else
		broken(t, ev);

	return name;
}


static void started(struct script *sc, struct transfer *t)
{
	struct ue_file_info info;
	struct output o;

	t->moving = true;
	/* what was fetched may have got its size and hash by the answer */
	if (!ue_file_info(&info, sc->ue, t->id)) {
		t->file.size = info.size;
		if (info.hash && !t->sending) {
			memcpy(t->hash, info.hash, sizeof(t->hash));
			t->file.hash = t->hash;
		}
	}
	command_output(sc, &o, "file-started");
	output_str(&o, "file", t->name);
	output_end(&o);
	command_event(sc, "file-started");
}


bool transfer_event(struct script *sc, const struct ue_event *ev)
{
	struct transfer *t = find(ev->session);

	switch (ev->type) {

	case UE_EVENT_FILE_OFFERED:
		offered(sc, ev);
		return true;

	case UE_EVENT_FILE_STARTED:
		if (t)
			started(sc, t);
		return true;

	case UE_EVENT_FILE_DONE:
	case UE_EVENT_FILE_FAILED:
		if (t)
			command_event(sc, over(sc, t, ev));
		return true;

	default:
		return false;
	}
}


/* ------------------------------------------------------------------ */
/* Commands */


static void sent(struct script *sc, struct transfer *t, int err)
{
	if (err && t)
		release(t);
	command_outcome(sc, err, "file-sent", "file-failed");
}


void transfer_send(struct script *sc, const char *path, const char *uri)
{
	struct transfer *t = transfer_new(sc);
	int err;

	if (!t) {
		sent(sc, t, ENOMEM);
		return;
	}
	(void)snprintf(t->uri, sizeof(t->uri), "%s", uri);
	err = open_ours(t, path, 0);
	if (!err)
		err = ue_file_send(sc->ue, &t->id, t->uri, &t->file);
	sent(sc, t, err);
}


/** NAME from URI */
void transfer_cmd_fetch(struct script *sc, char *args)
{
	struct transfer *t = transfer_new(sc);
	char *from = strstr(args, " from ");
	const struct pl name = {args, from ? (size_t)(from - args) : 0};
	int err = EINVAL;

	if (t && from && tr.folder) {
		(void)snprintf(t->uri, sizeof(t->uri), "%s", from + 6);
		*from = '\0';
		err = file_name_decode(t->name, sizeof(t->name), &name);
	}
	if (!err) {
		t->file.name = t->name;
		t->file.size = UE_FILE_ANY;
		part_path(t, NULL);
		err = open_part(t, 0);
	}
	if (!err)
		err = ue_file_fetch(sc->ue, &t->id, t->uri, &t->file);
	if (err && t)
		release(t);
	command_outcome(sc, err, "file-received", "file-failed");
}


/** The offer that waits */
static struct transfer *waiting(struct script *sc, struct ue_file_info *info)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {

		struct transfer *t = &tr.v[i];

		if (t->used && t->id && t->fd < 0 &&
		    !ue_file_info(info, sc->ue, t->id))
			return t;
	}

	return NULL;
}


void transfer_cmd_accept(struct script *sc, char *args)
{
	struct ue_file_info info;
	struct transfer *t = waiting(sc, &info);
	int err = ENOENT;

	(void)args;
	if (t) {
		err = t->sending ? give(t, sc) : take(t, sc, &info);
		/* as in decide(): it cannot be decided once more */
		if (err)
			refuse(sc, t, 488);
	}
	command_outcome(sc, err, t && t->sending ? "file-sent"
			: "file-received", "file-failed");
}


void transfer_cmd_refuse(struct script *sc, char *args)
{
	struct ue_file_info info;
	struct transfer *t = waiting(sc, &info);

	(void)args;
	command_outcome(sc, t ? ue_file_end(sc->ue, t->id, 603) : ENOENT,
			"file-failed", "");
}


/** All that move */
void transfer_cmd_stop(struct script *sc, char *args)
{
	(void)args;
	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {
		if (tr.v[i].used && tr.v[i].id)
			(void)ue_file_end(sc->ue, tr.v[i].id, 0);
	}
	command_next(sc);
}


/** Go on with what broke off last: RFC 5547 s6 file-range */
void transfer_cmd_resume(struct script *sc, char *args)
{
	struct transfer *t = NULL;
	uint32_t size, from;
	int err = ENOENT;

	(void)args;
	for (unsigned i = 0; i < ARRAY_SIZE(tr.v); i++) {
		if (tr.v[i].used && tr.v[i].broken)
			t = &tr.v[i];
	}
	if (!t) {
		sent(sc, NULL, ENOENT);
		return;
	}

	tr.sc = sc;
	t->broken = false;
	t->percent = 0;
	size = t->file.size;
	from = t->file.from;
	if (t->sending) {
		err = open_ours(t, t->path, 0);
		/* the file has become another one */
		if (!err && t->file.size != size)
			err = EBADMSG;
		if (!err)
			err = ue_file_send(sc->ue, &t->id, t->uri, &t->file);
		sent(sc, t, err);
		return;
	}

	t->file.name = t->name;
	err = open_part(t, from);
	if (!err)
		err = ue_file_fetch(sc->ue, &t->id, t->uri, &t->file);
	if (err)
		release(t);
	command_outcome(sc, err, "file-received", "file-failed");
}
