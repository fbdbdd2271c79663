/**
 * @file test_timer.c  libre's timers on our clock
 */
#include <string.h>
#include <sys/time.h>
#include "ue/ue_re.h"
#include <re_tmr.h>
#include "ports/common/re_time.h"
#include "test/unit/test.h"

/* libre has no header for it */
struct list *tmrl_get(void);


static uint64_t now_us;
static char order[16];


static uint64_t clock_handler(void *arg)
{
	(void)arg;

	return now_us;
}


static void fired(void *arg)
{
	const size_t n = strlen(order);

	if (n + 1 < sizeof(order)) {
		order[n] = *(const char *)arg;
		order[n + 1] = '\0';
	}
}


static void start(void)
{
	now_us = 5000000000000u;        /* 58 days: over 32 bits of ms */
	order[0] = '\0';
	re_time_set(clock_handler, NULL);
}


static void run_in_order(void)
{
	struct tmr a, b, c;

	start();
	tmr_init(&a);
	tmr_init(&b);
	tmr_init(&c);
	tmr_start(&a, 300, fired, "a");
	tmr_start(&b, 100, fired, "b");
	tmr_start(&c, 200, fired, "c");
	CHECK_EQ(tmr_next_timeout(tmrl_get()), 100);

	tmr_poll(tmrl_get());
	CHECK_STR(order, "");
	now_us += 99999;
	tmr_poll(tmrl_get());
	CHECK_STR(order, "");
	now_us += 1;
	tmr_poll(tmrl_get());
	CHECK_STR(order, "b");

	tmr_cancel(&c);
	now_us += 1000000;
	tmr_poll(tmrl_get());
	CHECK_STR(order, "ba");
	CHECK(!tmr_isrunning(&a));
	CHECK_EQ(tmr_next_timeout(tmrl_get()), 0);
	re_time_set(NULL, NULL);
}


static void our_clock(void)
{
	start();
	CHECK_EQ(tmr_jiffies(), 5000000000u);
	CHECK_EQ(re_time_ms(), 5000000000u);
	re_time_set(NULL, NULL);
}


static void forward_only(void)
{
	uint64_t last, now;
	unsigned i;

	last = re_time_us();
	for (i = 0; i < 1000; i++) {
		now = re_time_us();
		CHECK(now >= last);
		last = now;
	}
}


const struct test_case suite_timer[] = {
	{"timers run in order, not early, not after cancel", run_in_order},
	{"libre reads our clock, not the time of day", our_clock},
	{"the platform's clock never goes back", forward_only},
	{NULL, NULL}
};
