/**
 * @file test_lan9118.c  The Ethernet driver, on registers that are memory
 *
 * The interrupt is the real one.
 */
#include "test/unit/test.h"

#undef BOARD_ETHERNET
#define BOARD_ETHERNET ((uint8_t *)regs)

static uint32_t regs[64];
static volatile unsigned woken;

#include "boards/mps2-an385/lan9118.c"


void freertos_wake_from_isr(void)
{
	++woken;
}


void board_skip_not(void)
{
}


static void start(unsigned frames)
{
	memset(regs, 0, sizeof(regs));
	REG(RX_FIFO_INF) = frames << 16;
	woken = 0;
	board_irq_enable(BOARD_IRQ_ETHERNET, 5);
}


/* freertos_board.h: or at once when one is */
static void waits(void)
{
	start(0);
	board_eth_wait();
	CHECK_EQ(woken, 0);
	CHECK_EQ(REG(INT_EN), INT_RSFL);

	/* more than were taken in a round, or one that came meanwhile: the
	   controller tells of a frame when it comes, not while it is there */
	start(3);
	board_eth_wait();
	CHECK_EQ(woken, 1);
	CHECK_EQ(REG(INT_EN), 0);
	board_irq_disable(BOARD_IRQ_ETHERNET);
}


const struct test_case suite_lan9118[] = {
	{"the UE task is woken for a frame that is there already", waits},
	{NULL, NULL}
};
