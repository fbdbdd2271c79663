/**
 * @file re_time.c  The clock of libre's timers, and their list
 */
#include <sys/time.h>
#include "ue/ue_re.h"
#include "ports/common/re_time.h"


static struct {
	re_time_h *timeh;
	void *arg;
} source;

/** All running timers of libre, soonest first */
static struct list tmrl;


void re_time_set(re_time_h *timeh, void *arg)
{
	source.timeh = timeh;
	source.arg = arg;
}


uint64_t re_time_us(void)
{
	if (source.timeh)
		return source.timeh(source.arg);

	return re_time_platform_us();
}


uint64_t re_time_ms(void)
{
	return re_time_us() / 1000;
}


/* Called by libre's tmr.c in place of gettimeofday() */
int re_gettimeofday(struct timeval *tv, void *tz);
int re_gettimeofday(struct timeval *tv, void *tz)
{
	const uint64_t us = re_time_us();

	(void)tz;
	tv->tv_sec  = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);

	return 0;
}


/* Called by libre's tmr.c; libre has no header for it */
struct list *tmrl_get(void);
struct list *tmrl_get(void)
{
	return &tmrl;
}
