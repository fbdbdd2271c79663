/**
 * @file platform.c  Linux: entropy, and the clock that libre's timers run on
 */
#include <errno.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include "ports/common/random.h"
#include "ports/linux/linux_port.h"

int re_gettimeofday(struct timeval *tv, void *tz);


/** libre's tmr.c is compiled with this name in place of gettimeofday(): a step
 *  of the wall clock must not move timers */
int re_gettimeofday(struct timeval *tv, void *tz)
{
	struct timespec ts;

	(void)tz;

	if (clock_gettime(CLOCK_MONOTONIC, &ts))
		return -1;

	tv->tv_sec  = ts.tv_sec;
	tv->tv_usec = (suseconds_t)(ts.tv_nsec / 1000);

	return 0;
}


static int entropy(void *arg, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)arg;

	while (len) {
		const ssize_t n = getrandom(p, len, 0);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return EIO;
		}
		p   += n;
		len -= (size_t)n;
	}

	return 0;
}


/** Before anything else.  @return 0, EIO no entropy */
int linux_platform_init(void)
{
	return random_init(entropy, NULL);
}
