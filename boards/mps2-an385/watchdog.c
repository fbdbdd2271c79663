/**
 * @file watchdog.c  CMSDK APB watchdog (Arm DDI 0479 4.5)
 *
 * Its first time-out is the non-maskable interrupt, the second one a reset. A
 * product may note here what it was doing; this board ends the run.
 */
#include "boards/mps2-an385/board.h"
#include "ports/freertos/freertos_board.h"

struct watchdog {
	uint32_t load;
	uint32_t value;
	uint32_t control;       /* bit 0: count and interrupt, bit 1: reset */
	uint32_t intclr;        /* write: loads again, clears the interrupt */
};

static volatile struct watchdog *const watchdog =
	(struct watchdog *)0x40008000;

void nmi_handler(void);


void board_watchdog_feed(void)
{
	if (!watchdog->control) {
		watchdog->load    = BOARD_CLOCK_HZ / 1000 * BOARD_WATCHDOG_MS;
		watchdog->control = 1u << 0 | 1u << 1;
	}
	watchdog->intclr = 1;
}


void nmi_handler(void)
{
	static const char text[] = "\r\nwatchdog\r\n";

	board_uart_write(text, sizeof(text) - 1);
	board_exit(4);
}
