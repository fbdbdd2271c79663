/**
 * @file platform.c  Linux: entropy and the monotonic clock
 */
#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include "ports/common/random.h"
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"


uint64_t re_time_platform_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

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
