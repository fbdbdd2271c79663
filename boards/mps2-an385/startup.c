/**
 * @file startup.c  From reset to main(): vectors, data, bss
 */
#include <string.h>
#include "boards/mps2-an385/board.h"
#include "ports/freertos/freertos_board.h"

extern uint8_t board_data_start[], board_data_end[], board_data_load[];
extern uint8_t board_bss_start[], board_bss_end[];
extern uint8_t board_heap_end[], board_stack_top[];

int main(int argc, char *argv[]);
void board_init(void);

/** What is found where the stack was never used */
#define STACK_PAINT 0xa5

void reset_handler(void);
void fault_handler(void);

typedef void (vector_h)(void);


/* Nested Vectored Interrupt Controller (ARMv7-M B3.4) */
static volatile uint32_t *const nvic_iser = (uint32_t *)0xe000e100;
static volatile uint32_t *const nvic_icer = (uint32_t *)0xe000e180;
static volatile uint32_t *const nvic_ispr = (uint32_t *)0xe000e200;
static volatile uint8_t *const nvic_ipr = (uint8_t *)0xe000e400;


/** A fault of ours: a debugger or QEMU sees a failed run */
void fault_handler(void)
{
	static const char text[] = "\r\nfault\r\n";

	board_uart_write(text, sizeof(text) - 1);
	board_exit(3);
}


void board_irq_enable(enum board_irq irq, unsigned priority)
{
	nvic_ipr[irq] = (uint8_t)(priority << 5);
	nvic_iser[irq / 32] = 1u << (irq % 32);
}


void board_irq_disable(enum board_irq irq)
{
	nvic_icer[irq / 32] = 1u << (irq % 32);
}


void board_irq_trigger(enum board_irq irq)
{
	nvic_ispr[irq / 32] = 1u << (irq % 32);
}


/** An image that has drivers says more here */
__attribute__((weak)) void board_init(void)
{
	board_uart_init();
}


size_t board_stack_free(void)
{
	size_t n = 0;

	while (board_heap_end[n] == STACK_PAINT)
		++n;

	return n;
}


void reset_handler(void)
{
	static char *argv[28];
	char *line, *p;
	size_t size;
	int argc = 0;

	memcpy(board_data_start, board_data_load,
	       (size_t)(board_data_end - board_data_start));
	memset(board_bss_start, 0, (size_t)(board_bss_end - board_bss_start));
	memset(board_heap_end, STACK_PAINT, (size_t)(
	       (uint8_t *)__builtin_frame_address(0) - 64 - board_heap_end));

	board_init();

	line = board_line(&size);
	if (board_command_line(line, size)) {
		for (p = line; *p && argc < 27;) {
			while (*p == ' ')
				*p++ = '\0';
			if (*p)
				argv[argc++] = p;
			while (*p && *p != ' ')
				++p;
		}
	}

	board_exit(main(argc, argv));
}


/* what an image does not handle */
#define UNUSED_VECTOR __attribute__((weak, alias("fault_handler")))
void nmi_handler(void) UNUSED_VECTOR;
void svc_handler(void) UNUSED_VECTOR;
void pendsv_handler(void) UNUSED_VECTOR;
void systick_handler(void) UNUSED_VECTOR;
void uart0_rx_handler(void) UNUSED_VECTOR;
void uart0_tx_handler(void) UNUSED_VECTOR;
void ethernet_handler(void) UNUSED_VECTOR;

__attribute__((section(".vectors"), used))
static vector_h *const vectors[16 + BOARD_IRQ_N] = {
	(vector_h *)(void *)board_stack_top,
	reset_handler,
	nmi_handler,
	fault_handler,          /* HardFault */
	fault_handler,          /* MemManage */
	fault_handler,          /* BusFault */
	fault_handler,          /* UsageFault */
	NULL, NULL, NULL, NULL,
	svc_handler,
	fault_handler,          /* DebugMonitor */
	NULL,
	pendsv_handler,
	systick_handler,
	[16 + BOARD_IRQ_UART0_RX] = uart0_rx_handler,
	[16 + BOARD_IRQ_UART0_TX] = uart0_tx_handler,
	[16 + BOARD_IRQ_ETHERNET] = ethernet_handler,
};
