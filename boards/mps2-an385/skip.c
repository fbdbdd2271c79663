/**
 * @file skip.c  Time in which nothing happens is skipped: for tests of days
 *
 * The idle task comes here to sleep until the next deadline. While time is
 * skipped, that deadline is now; a while after each frame time goes as usual,
 * so that the network, whose clock is another, can answer.
 */
#include <FreeRTOS.h>
#include <task.h>
#include "boards/mps2-an385/board.h"

/** Ticks after a frame in which time goes as usual */
#define TRAFFIC_TICKS 50

static TickType_t until, quiet;
static bool skipping, busy;
static volatile bool traffic;


void board_skip(uint32_t seconds)
{
	until = xTaskGetTickCount() + seconds * configTICK_RATE_HZ;
	skipping = true;
}


void board_skip_not(void)
{
	traffic = true;
}


void board_sleep(uint32_t ticks)
{
	const TickType_t now = xTaskGetTickCount();

	if (traffic) {
		traffic = false;
		quiet = now + TRAFFIC_TICKS;
		busy = true;
	}

	/* the counter wraps: an end that is long over looks like one that is
	   still to come */
	if ((int32_t)(until - now) <= 0)
		skipping = false;
	if ((int32_t)(quiet - now) <= 0)
		busy = false;

	if (!skipping) {
		vPortSuppressTicksAndSleep(ticks);
	}
	else if (!busy) {
		portDISABLE_INTERRUPTS();
		if (eTaskConfirmSleepModeStatus() != eAbortSleep) {
			/* the last one wakes who waits for it */
			vTaskStepTick(ticks - 1);
			(void)xTaskIncrementTick();
		}
		portENABLE_INTERRUPTS();
	}
}
