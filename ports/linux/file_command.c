/**
 * @file file_command.c  Files of the uims program: send, what comes in, and
 *                       memory for it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ports/common/msg_command.h"
#include "ports/linux/file_command.h"
#include "ports/linux/transfer.h"


/* pages are there when they are written */
void *file_alloc(size_t len, void *arg)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;

	return p == MAP_FAILED ? NULL : p;
}


void file_free(void *p, size_t len, void *arg)
{
	(void)arg;
	(void)munmap(p, len);
}


void file_keep(struct output *o, const char *folder,
	       const struct pl *disposition, const struct pl *content)
{
	char path[512], name[128];
	struct pl val = {disposition->p, 0};
	const char *p = disposition->p ? memmem(disposition->p,
		disposition->l, "filename=\"", 10) : NULL;
	const char *quote;
	bool whole = false;
	FILE *f;
	int fd = -1;

	if (p) {
		val.p = p + 10;
		val.l = (size_t)(disposition->p + disposition->l - val.p);
		quote = memchr(val.p, '"', val.l);
		if (quote)
			val.l = (size_t)(quote - val.p);
	}
	/* RFC 2183: no escapes; what begins what looks like one goes, too */
	if (val.l) {
		if (val.l >= sizeof(name))
			val.l = sizeof(name) - 1;
		memcpy(name, val.p, val.l);
		file_name_clean(name, sizeof(name), val.l);
	}
	else {
		(void)strcpy(name, "message");
	}

	/* never in place of another */
	for (unsigned i = 0; fd < 0 && i < 100; i++) {
		(void)snprintf(path, sizeof(path), i ? "%s/%s.%u" : "%s/%s",
			       folder, name, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (fd >= 0) {
		f = fdopen(fd, "wb");
		whole = f && fwrite(content->p, 1, content->l, f) ==
			content->l;
		/* the disk may be full now only, and half a file is none */
		if (f ? fclose(f) : close(fd))
			whole = false;
		if (!whole)
			(void)unlink(path);
	}
	if (!whole)
		path[0] = '\0';

	output_str(o, "file", path);
}


static int open_file(struct command_item *it, const char *path)
{
	const char *base = strrchr(path, '/');
	struct stat st;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size >= MSRP_ANY)
		err = EFBIG;
	else if (st.st_size) {
		it->map = mmap(NULL, (size_t)st.st_size, PROT_READ,
			       MAP_PRIVATE, fd, 0);
		if (it->map == MAP_FAILED) {
			it->map = NULL;
			err = errno;
		}
		it->len = (size_t)st.st_size;
	}
	(void)close(fd);
	(void)snprintf(it->name, sizeof(it->name),
		       "attachment;filename=\"%.200s\"",
		       base ? base + 1 : path);

	return err;
}


void file_cmd_send(struct script *sc, char *args)
{
	struct ue_message m = {.type = "application/octet-stream"};
	struct command_item *it;
	char *to = args;
	int err;

	/* with an address it is a transfer of its own (RFC 5547) */
	while ((to = strstr(to, " to ")) && strncmp(to + 4, "sip:", 4) &&
	       strncmp(to + 4, "tel:", 4))
		to += 4;
	if (to) {
		*to = '\0';
		transfer_send(sc, args, to + 4);
		return;
	}

	it = msg_item_new(sc);
	err = it ? open_file(it, args) : ENOMEM;
	if (err) {
		if (it)
			msg_item_free(sc, it);
		msg_sent(sc, err);
		return;
	}

	m.data = it->map;
	m.len  = (uint32_t)it->len;
	m.disposition = it->name;
	m.report = true;
	msg_sent(sc, msg_item_send(sc, sc->msg.session, it, &m));
}
