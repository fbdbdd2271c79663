/**
 * @file nv_file.c  Linux port: non-volatile memory in a file
 *
 * The file is text, a line per value: `key hex`.  It is written beside the
 * old one, synchronised and renamed over it, so that a power cut leaves the
 * old or the new file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ports/linux/linux_port.h"
#include "ue/ue_hex.h"


static bool key_valid(const char *key, size_t len)
{
	if (!len || len >= NV_KEY_MAX)
		return false;

	return strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") >= len;
}


/** One line: `key hex` */
static int parse_line(struct nv_entry *e, const char *line)
{
	const size_t klen = strcspn(line, " ");
	const char *hex = line + klen;
	size_t n = 0;

	if (*hex != ' ' || !key_valid(line, klen))
		return EBADMSG;

	memset(e, 0, sizeof(*e));
	memcpy(e->key, line, klen);

	for (++hex; *hex && *hex != '\n'; hex += 2) {
		const int v = ue_hex_octet(hex);

		if (v < 0 || n == sizeof(e->value))
			return EBADMSG;
		e->value[n++] = (uint8_t)v;
	}

	e->len = (uint16_t)n;

	return *hex == '\n' ? 0 : EBADMSG;
}


/**
 * Open the store
 *
 * @param nv    Store, overwritten
 * @param path  File, need not exist; NULL: nothing is kept
 *
 * @return 0; EBADMSG not such a file (it is left alone); EOVERFLOW; an errno
 *         of open(2)
 */
int nv_file_open(struct nv_file *nv, const char *path)
{
	char line[2 * NV_VALUE_MAX + NV_KEY_MAX + 3];
	unsigned n = 0;
	FILE *f;
	int err = 0;

	memset(nv, 0, sizeof(*nv));

	if (!path)
		return 0;
	if (strlen(path) >= sizeof(nv->path) - 4)
		return EOVERFLOW;

	f = fopen(path, "r");
	if (!f) {
		if (errno != ENOENT)
			return errno;
	}
	else {
		while (!err && fgets(line, sizeof(line), f)) {
			if (n == NV_ENTRIES)
				err = EOVERFLOW;
			else
				err = parse_line(&nv->entryv[n++], line);
		}
		if (!err && ferror(f))
			err = EIO;
		(void)fclose(f);
	}

	if (!err)
		(void)strcpy(nv->path, path);

	return err;
}


static struct nv_entry *find(struct nv_file *nv, const char *key)
{
	for (unsigned i = 0; i < NV_ENTRIES; i++) {
		if (!strcmp(nv->entryv[i].key, key))
			return &nv->entryv[i];
	}

	return NULL;
}


int nv_file_read(struct nv_file *nv, const char *key, void *buf, size_t *len)
{
	const struct nv_entry *e;

	if (!key_valid(key, strlen(key)))
		return EINVAL;

	e = find(nv, key);
	if (!e)
		return ENOENT;
	if (e->len > *len)
		return EOVERFLOW;

	memcpy(buf, e->value, e->len);
	*len = e->len;

	return 0;
}


static int write_all(const struct nv_file *nv, FILE *f)
{
	for (unsigned i = 0; i < NV_ENTRIES; i++) {

		const struct nv_entry *e = &nv->entryv[i];

		if (!e->key[0])
			continue;

		(void)fprintf(f, "%s ", e->key);
		for (unsigned j = 0; j < e->len; j++)
			(void)fprintf(f, "%02x", e->value[j]);
		(void)fputc('\n', f);
	}

	if (fflush(f) || ferror(f) || fsync(fileno(f)))
		return EIO;

	return 0;
}


/** The rename is on disk only when the directory is */
static void sync_directory(const char *path)
{
	char dir[256];
	char *slash;
	int fd;

	(void)strcpy(dir, path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[1] = '\0';
	else
		(void)strcpy(dir, ".");

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}


static int save(const struct nv_file *nv)
{
	char tmp[sizeof(nv->path) + 4];
	FILE *f;
	int fd, err;

	(void)snprintf(tmp, sizeof(tmp), "%s.new", nv->path);

	/* readable by the owner alone: it may hold what a card keeps.  What is
	   there by that name may be a link, or others' to read */
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return EIO;
	f = fdopen(fd, "w");
	if (!f) {
		(void)close(fd);
		return EIO;
	}

	err = write_all(nv, f);
	if (fclose(f))
		err = EIO;
	if (!err && rename(tmp, nv->path))
		err = EIO;

	if (err)
		(void)unlink(tmp);
	else
		sync_directory(nv->path);

	return err;
}


int nv_file_write(struct nv_file *nv, const char *key, const void *buf,
		  size_t len)
{
	struct nv_entry *e, old;
	int err = 0;

	if (!key_valid(key, strlen(key)) || len > NV_VALUE_MAX)
		return EINVAL;

	e = find(nv, key);
	if (!e)
		e = find(nv, "");
	if (!e)
		return ENOSPC;

	old = *e;
	memset(e, 0, sizeof(*e));
	(void)strcpy(e->key, key);
	memcpy(e->value, buf, len);
	e->len = (uint16_t)len;

	if (nv->path[0]) {
		err = save(nv);
		if (err)
			*e = old;
	}

	return err;
}
