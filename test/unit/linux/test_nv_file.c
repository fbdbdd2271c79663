/**
 * @file test_nv_file.c  Linux port: files that are nobody else's business
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ports/linux/linux_port.h"
#include "test/unit/test.h"

static struct {
	char folder[32];
	char store[64];
	char fresh[80];                 /* what becomes the store */
	char other[64];
	struct nv_file nv;
} t;


static int start(void)
{
	(void)strcpy(t.folder, "/tmp/uims-test-XXXXXX");
	if (!mkdtemp(t.folder))
		return errno;
	(void)snprintf(t.store, sizeof(t.store), "%s/store", t.folder);
	(void)snprintf(t.fresh, sizeof(t.fresh), "%s.new", t.store);
	(void)snprintf(t.other, sizeof(t.other), "%s/other", t.folder);

	return nv_file_open(&t.nv, t.store);
}


static void stop(void)
{
	(void)unlink(t.store);
	(void)unlink(t.fresh);
	(void)unlink(t.other);
	(void)rmdir(t.folder);
}


static int put(const char *path, const char *text, mode_t mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	const ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		(void)close(fd);

	return n == (ssize_t)strlen(text) && !chmod(path, mode) ? 0 : EIO;
}


static bool holds(const char *path, const char *text)
{
	char buf[256];
	const int fd = open(path, O_RDONLY);
	const ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (fd >= 0)
		(void)close(fd);

	return n == (ssize_t)strlen(text) && !memcmp(buf, text, (size_t)n);
}


static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}


static void values(void)
{
	uint8_t buf[4];
	size_t len = sizeof(buf);

	CHECK_EQ(start(), 0);
	CHECK_EQ(nv_file_read(&t.nv, "a", buf, &len), ENOENT);
	CHECK_EQ(nv_file_write(&t.nv, "a", "\x01\xff", 2), 0);
	CHECK_EQ(nv_file_write(&t.nv, "b", "", 0), 0);
	CHECK(holds(t.store, "a 01ff\nb \n"));
	CHECK_EQ(mode_of(t.store), 0600);

	CHECK_EQ(nv_file_open(&t.nv, t.store), 0);
	CHECK_EQ(nv_file_read(&t.nv, "a", buf, &len), 0);
	CHECK_MEM(buf, len, "\x01\xff", 2);

	/* the rest of a write that was cut, which others may read */
	CHECK_EQ(put(t.fresh, "a 01", 0666), 0);
	CHECK_EQ(nv_file_write(&t.nv, "a", "\x02", 1), 0);
	CHECK(holds(t.store, "a 02\nb \n"));
	CHECK_EQ(mode_of(t.store), 0600);

	/* not such a file: it is left alone */
	CHECK_EQ(put(t.other, "a 01ff\nb 0", 0600), 0);
	CHECK_EQ(nv_file_open(&t.nv, t.other), EBADMSG);
	CHECK(holds(t.other, "a 01ff\nb 0"));
	stop();
}


/* In a folder of others somebody may have been there before */
static void traps(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put(t.other, "precious", 0600), 0);
	CHECK_EQ(symlink(t.other, t.fresh), 0);
	CHECK_EQ(nv_file_write(&t.nv, "a", "\x01", 1), 0);
	CHECK(holds(t.other, "precious"));
	CHECK(holds(t.store, "a 01\n"));

	CHECK_EQ(link(t.other, t.fresh), 0);
	CHECK_EQ(nv_file_write(&t.nv, "a", "\x02", 1), 0);
	CHECK(holds(t.other, "precious"));
	CHECK(holds(t.store, "a 02\n"));
	stop();
}


/* Captures and the keys beside them */
static void private(void)
{
	FILE *f = NULL;

	CHECK_EQ(start(), 0);
	CHECK_EQ(linux_private_file(&f, t.other), 0);
	CHECK_EQ(mode_of(t.other), 0600);
	(void)fclose(f);

	/* of an earlier run, or made by somebody who wants to read it */
	CHECK_EQ(put(t.other, "of an earlier run", 0666), 0);
	CHECK_EQ(linux_private_file(&f, t.other), 0);
	CHECK_EQ(mode_of(t.other), 0600);
	CHECK(holds(t.other, ""));
	(void)fclose(f);

	CHECK_EQ(put(t.other, "precious", 0600), 0);
	CHECK_EQ(symlink(t.other, t.store), 0);
	CHECK_EQ(linux_private_file(&f, t.store), ELOOP);
	(void)unlink(t.store);
	CHECK_EQ(link(t.other, t.store), 0);
	CHECK_EQ(linux_private_file(&f, t.store), EPERM);
	CHECK(holds(t.other, "precious"));
	(void)unlink(t.store);
	if (!geteuid()) {
		CHECK_EQ(chown(t.other, 65534, 65534), 0);
		CHECK_EQ(linux_private_file(&f, t.other), EPERM);
		CHECK(holds(t.other, "precious"));
	}
	stop();
}


const struct test_case suite_nv_file[] = {
	{"values are kept in a file of their owner's", values},
	{"the store is written neither through a link nor beside one", traps},
	{"captures are their owner's, and no link leads to them", private},
	{NULL, NULL}
};
