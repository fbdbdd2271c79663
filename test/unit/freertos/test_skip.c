/**
 * @file test_skip.c  The board's idle task: time is skipped, or passes
 *
 * The kernel is in the test's place.
 */
#define board_skip      skip_begin
#define board_skip_not  skip_not
#define board_sleep     skip_sleep
#include <FreeRTOS.h>
#include <task.h>
#include "test/unit/test.h"

static TickType_t tick;

#define xTaskGetTickCount()           tick
#define vPortSuppressTicksAndSleep(n) (tick += (n))
#define vTaskStepTick(n)              (tick += (n))
#define xTaskIncrementTick()          (++tick)
#define eTaskConfirmSleepModeStatus() eStandardSleep

#include "boards/mps2-an385/skip.c"


/* A frame was there once: after half of the counter it is still over */
static void long_ago(void)
{
	const TickType_t step = 1000000;
	TickType_t before;
	unsigned i;

	board_skip_not();
	board_skip(1000);
	board_sleep(step);
	CHECK_EQ(tick, 0);
	tick += TRAFFIC_TICKS;
	for (i = 0; i < UINT32_MAX / step; i++) {
		if (i % 500 == 0)
			board_skip(1000000);
		before = tick;
		board_sleep(step);
		CHECK_EQ(tick - before, step);
	}
}


const struct test_case suite_skip[] = {
	{"what ended 25 days ago has ended", long_ago},
	{NULL, NULL}
};
