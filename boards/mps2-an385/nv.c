/**
 * @file nv.c  Non-volatile memory and entropy
 *
 * The board has neither flash that a program may write nor a random source.
 * Semihosting stands in for both: two files of the host for the two slots,
 * and the host's random device. A product takes its flash driver and its true
 * random number generator here.
 */
#include <errno.h>
#include <string.h>
#include "boards/mps2-an385/board.h"
#include "ports/freertos/freertos_board.h"


static const char *const slotv[2] = {"nv-slot-0", "nv-slot-1"};


int board_nv_read(unsigned slot, void *buf, size_t len)
{
	const int handle = board_file_open(slotv[slot], "rb");
	int n = 0;

	/* erased flash: a file comes with the first write, and a power cut
	   leaves it short */
	memset(buf, 0xff, len);
	if (handle >= 0) {
		n = board_file_read(handle, 0, buf, len);
		(void)board_file_close(handle);
	}

	return n < 0 ? EIO : 0;
}


int board_nv_write(unsigned slot, const void *buf, size_t len)
{
	const int handle = board_file_open(slotv[slot], "wb");
	int n;

	if (handle < 0)
		return EIO;
	n = board_file_write(handle, 0, buf, len);

	return board_file_close(handle) || n != (int)len ? EIO : 0;
}


int board_entropy(uint8_t *buf, size_t len)
{
	const int handle = board_file_open("/dev/urandom", "rb");
	int n;

	if (handle < 0)
		return EIO;
	n = board_file_read(handle, 0, buf, len);
	(void)board_file_close(handle);

	return n == (int)len ? 0 : EIO;
}
