/**
 * @file board.h  Arm MPS2 with the AN385 image (Cortex-M3), as QEMU has it
 *
 * Addresses and interrupt numbers: Arm application note AN385, tables 3-1
 * and 3-2.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Clock of the core and of SysTick */
#define BOARD_CLOCK_HZ 25000000u

/** Registers of the Ethernet controller */
#ifndef BOARD_ETHERNET
#define BOARD_ETHERNET 0x40200000u
#endif

/** Interrupts */
enum board_irq {
	BOARD_IRQ_UART0_RX = 0,
	BOARD_IRQ_UART0_TX = 1,
	BOARD_IRQ_ETHERNET = 13,
	BOARD_IRQ_N        = 32
};

/* startup.c */

/** Let an interrupt through; priority 0 (highest) to 7 */
void board_irq_enable(enum board_irq irq, unsigned priority);
void board_irq_disable(enum board_irq irq);

/** Let it happen now */
void board_irq_trigger(enum board_irq irq);

/* uart.c: the console */
void board_uart_init(void);
void board_uart_write(const char *str, size_t len);

/** @return the next octet that came in, or -1 */
int  board_uart_read(void);

/** Did octets get lost since the last call, because nobody has read? */
bool board_uart_overrun(void);

/** Send an octet unless the last one has not left.  @return done */
bool board_uart_put(char c);

/** The transmit interrupt was seen: an octet has left */
void board_uart_put_done(void);

/* console.c: commands on the UART, run by the UE task */

struct command;
struct freertos_port;
struct script;

/**
 * Start the console
 *
 * @param sc   Commands, overwritten
 * @param fp   Port whose task runs them
 * @param commandv, commandc  The image's own commands, kept
 */
void board_console_start(struct script *sc, struct freertos_port *fp,
			 const struct command *commandv, unsigned commandc);

/** Print what is used of the port's memory */
void board_console_peaks(void);

/* skip.c: time that passes as fast as the tasks can use it */

/** For so many seconds, where no task has anything to do and the Ethernet was
 *  quiet for a while */
void board_skip(uint32_t seconds);

/** A frame has come or goes */
void board_skip_not(void);

/* semihost.c: what a debugger, or QEMU, does for the board */

/** End the run with an exit status */
void board_exit(int status) __attribute__((noreturn));

/** The command line that the board was started with.  @return its length, 0
 *  when there is none or it does not fit */
size_t board_command_line(char *buf, size_t size);

/** The image's memory for it: there main() gets its arguments */
char *board_line(size_t *size);

/** Open a file of the host.  @return handle, or -1 */
int  board_file_open(const char *path, const char *mode);
int  board_file_close(int handle);
/** @return octets read or written, or -1 */
int  board_file_read(int handle, size_t pos, void *buf, size_t len);
int  board_file_write(int handle, size_t pos, const void *buf, size_t len);

#endif
