/**
 * @file platform.c  Linux: entropy, the monotonic clock, files for one reader
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "ports/common/random.h"
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"


uint64_t re_time_platform_us(void)
{
	struct timespec ts;

	/* never goes back, and goes on while the device sleeps: registrations
	   expire meanwhile */
	(void)clock_gettime(CLOCK_BOOTTIME, &ts);

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}


static int entropy(void *arg, uint8_t *buf, size_t len)
{
	(void)arg;

	while (len) {
		const ssize_t n = getrandom(buf, len, 0);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return EIO;
		}
		buf += n;
		len -= (size_t)n;
	}

	return 0;
}


/** A regular file must be ours alone: whoever made it for us, or has another
 *  name for it, would read what is written */
static int own_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_uid != geteuid() || st.st_nlink != 1)
		return EPERM;

	return fchmod(fd, 0600) || ftruncate(fd, 0) ? errno : 0;
}


/**
 * Start a file that only its owner reads, or write to a pipe or a device
 *
 * @return 0; ELOOP a symbolic link; EPERM somebody else's file, or one with
 *         another name; another errno
 */
int linux_private_file(FILE **fp, const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
			    0600);
	int err = fd < 0 ? errno : own_file(fd);
	FILE *f = err ? NULL : fdopen(fd, "w");

	if (!f) {
		if (fd >= 0)
			(void)close(fd);
		return err ? err : ENOMEM;
	}

	*fp = f;

	return 0;
}


/** Before anything else.  @return 0, EIO no entropy, or of libre_init() */
int linux_platform_init(void)
{
	int err = random_init(entropy, NULL);

	return err ? err : libre_init();
}


void linux_platform_close(void)
{
	libre_close();
	random_close();
}
