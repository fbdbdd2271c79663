/**
 * @file freertos_board.h  What a board gives to the FreeRTOS port
 *
 * Drivers are called by the UE task alone. An interrupt of the Ethernet
 * controller only calls freertos_wake_from_isr().
 */
#ifndef FREERTOS_BOARD_H
#define FREERTOS_BOARD_H

#include <stddef.h>
#include <stdint.h>

/** Largest Ethernet frame without its check sequence */
#define BOARD_FRAME_MAX 1514

/**
 * Start the Ethernet controller
 *
 * @param mac  Result: its address
 *
 * @return 0; ENODEV
 */
int  board_eth_init(uint8_t mac[6]);

/** The next frame of up to size octets; longer ones, and damaged ones, are
 *  dropped by the driver.  @return its length, 0 when none is there */
size_t board_eth_recv(uint8_t *frame, size_t size);

/** Send a frame.  @return 0; EAGAIN no room, the frame is lost */
int  board_eth_send(const uint8_t *frame, size_t len);

/** Call freertos_wake_from_isr() once when a frame is there, or at once when
 *  one is */
void board_eth_wait(void);

/**
 * Octets of a true random source, to seed a generator: up to 48 of them, at
 * the start and after every 10,000 requests
 *
 * @return 0; EIO the board has none
 */
int  board_entropy(uint8_t *buf, size_t len);

/**
 * Non-volatile memory: two slots of the same size, each written as a whole.
 * A power cut during a write leaves anything in that slot, which can be read;
 * one that was never written to is all ones or all zeros.  Until a write
 * returns nothing is received: it takes less than half of BOARD_WATCHDOG_MS
 *
 * @param slot  0 or 1
 * @param len   sizeof(struct nv_slot)
 *
 * @return 0; EIO
 */
int  board_nv_read(unsigned slot, void *buf, size_t len);
int  board_nv_write(unsigned slot, const void *buf, size_t len);

/** How long the UE task may be away before the watchdog ends it */
#define BOARD_WATCHDOG_MS 20000u

/** The UE task lives: called by it at least twice in that time. The first call
 *  starts the watchdog */
void board_watchdog_feed(void);

/** Octets of the stack of start-up and interrupts that were never used */
size_t board_stack_free(void);

/** Write to the console; waits until it has taken all */
void board_uart_write(const char *str, size_t len);

#endif
