/**
 * @file lan9118.c  SMSC LAN9118 Ethernet controller
 *
 * Data sheet revision 1.5: 3.12 (transmit), 3.13 (receive), 5.3 (registers).
 */
#include <errno.h>
#include <string.h>
#include "boards/mps2-an385/board.h"
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"

#define REG(offset) (*(volatile uint32_t *)(BOARD_ETHERNET + (offset)))

enum {
	RX_DATA_FIFO   = 0x00,
	TX_DATA_FIFO   = 0x20,
	RX_STATUS_FIFO = 0x40,
	TX_STATUS_FIFO = 0x48,
	ID_REV         = 0x50,
	IRQ_CFG        = 0x54,
	INT_STS        = 0x58,
	INT_EN         = 0x5c,
	FIFO_INT       = 0x68,
	TX_CFG         = 0x70,
	RX_DP_CTL      = 0x78,
	RX_FIFO_INF    = 0x7c,
	TX_FIFO_INF    = 0x80,
	MAC_CSR_CMD    = 0xa4,
	MAC_CSR_DATA   = 0xa8,

	INT_RSFL       = 1 << 3,        /* a frame has come in */

	/* registers of the MAC, 5.4 */
	MAC_CR    = 1,
	MAC_ADDRH = 2,
	MAC_ADDRL = 3
};


static uint32_t mac_read(uint32_t reg)
{
	REG(MAC_CSR_CMD) = 1u << 31 | 1u << 30 | reg;
	while (REG(MAC_CSR_CMD) & 1u << 31)
		;

	return REG(MAC_CSR_DATA);
}


static void mac_write(uint32_t reg, uint32_t value)
{
	REG(MAC_CSR_DATA) = value;
	REG(MAC_CSR_CMD) = 1u << 31 | reg;
	while (REG(MAC_CSR_CMD) & 1u << 31)
		;
}


void ethernet_handler(void);
void ethernet_handler(void)
{
	/* level: asked for again by board_eth_wait() */
	REG(INT_EN) = 0;
	freertos_wake_from_isr();
}


int board_eth_init(uint8_t mac[6])
{
	uint32_t low, high;

	if (REG(ID_REV) >> 24 != 0x01 && REG(ID_REV) >> 16 != 0x9220)
		return ENODEV;

	low  = mac_read(MAC_ADDRL);
	high = mac_read(MAC_ADDRH);
	memcpy(mac, &low, 4);
	memcpy(mac + 4, &high, 2);

	REG(INT_EN)   = 0;
	REG(INT_STS)  = UINT32_MAX;
	REG(FIFO_INT) = 0;                      /* RSFL: more than 0 frames */
	REG(TX_CFG)   = 1u << 1;                /* TX_ON */
	/* all multicast (IPv6 neighbour discovery), transmit, receive */
	mac_write(MAC_CR, 1u << 19 | 1u << 3 | 1u << 2);
	REG(IRQ_CFG)  = 1u << 8 | 1u << 4 | 1u << 0;

	/* may call the kernel: configMAX_SYSCALL_INTERRUPT_PRIORITY */
	board_irq_enable(BOARD_IRQ_ETHERNET, 5);

	return 0;
}


void board_eth_wait(void)
{
	REG(INT_STS) = INT_RSFL;
	REG(INT_EN)  = INT_RSFL;
	/* of one that is there nothing more is told */
	if (REG(RX_FIFO_INF) >> 16 & 0xff)
		board_irq_trigger(BOARD_IRQ_ETHERNET);
}


size_t board_eth_recv(uint8_t *frame, size_t size)
{
	while (REG(RX_FIFO_INF) >> 16 & 0xff) {
		const uint32_t status = REG(RX_STATUS_FIFO);
		/* with the check sequence */
		const size_t len = status >> 16 & 0x3fff;
		const size_t words = (len + 3) / 4;
		size_t i;

		board_skip_not();
		/* bit 15: damaged */
		if (status & 1u << 15 || len < 4 || len - 4 > size) {
			for (i = 0; i < words; i++)
				(void)REG(RX_DATA_FIFO);
			continue;
		}

		for (i = 0; i < words; i++) {
			const uint32_t w = REG(RX_DATA_FIFO);

			if (i * 4 < len - 4)
				memcpy(frame + i * 4, &w, len - 4 - i * 4 < 4 ?
				       len - 4 - i * 4 : 4);
		}

		return len - 4;
	}

	return 0;
}


int board_eth_send(const uint8_t *frame, size_t len)
{
	if (len > BOARD_FRAME_MAX || (REG(TX_FIFO_INF) & 0xffff) < len + 16)
		return EAGAIN;

	board_skip_not();
	REG(TX_DATA_FIFO) = 1u << 13 | 1u << 12 | (uint32_t)len;
	REG(TX_DATA_FIFO) = (uint32_t)len;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t w = 0;

		memcpy(&w, frame + i, len - i < 4 ? len - i : 4);
		REG(TX_DATA_FIFO) = w;
	}
	while (REG(TX_FIFO_INF) >> 16 & 0xff)
		(void)REG(TX_STATUS_FIFO);

	return 0;
}
