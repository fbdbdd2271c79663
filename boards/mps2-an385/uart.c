/**
 * @file uart.c  CMSDK APB UART 0: the console's octets
 *
 * Arm DDI 0479 4.3.3.  One octet is buffered each way; both may raise an
 * interrupt.
 */
#include "boards/mps2-an385/board.h"

struct uart {
	uint32_t data;
	uint32_t state;         /* bit 0: transmit, bit 1: receive full;
				   bit 3: receive overrun, 1 clears it   */
	uint32_t ctrl;          /* bits 0, 1: enable; 2, 3: interrupts   */
	uint32_t intstatus;     /* write 1 to clear: bits 0, 1           */
	uint32_t bauddiv;
};

static volatile struct uart *const uart = (struct uart *)0x40004000;


void board_uart_init(void)
{
	uart->bauddiv = BOARD_CLOCK_HZ / 115200;
	uart->ctrl    = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 3;
}


void board_uart_write(const char *str, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		while (!board_uart_put(str[i]))
			;
	}
}


bool board_uart_put(char c)
{
	if (uart->state & 1)
		return false;
	uart->data = (uint8_t)c;

	return true;
}


void board_uart_put_done(void)
{
	uart->intstatus = 1u << 0;
}


bool board_uart_overrun(void)
{
	if (!(uart->state & 1u << 3))
		return false;
	uart->state = 1u << 3;

	return true;
}


int board_uart_read(void)
{
	uart->intstatus = 1u << 1;
	if (!(uart->state & 2))
		return -1;

	return (int)(uart->data & 0xff);
}
