/**
 * @file semihost.c  Semihosting (Arm "Semihosting for AArch32 and AArch64"):
 *                   exit status, command line, files of the host
 */
#include <string.h>
#include "boards/mps2-an385/board.h"

enum {
	SYS_OPEN          = 0x01,
	SYS_CLOSE         = 0x02,
	SYS_WRITE         = 0x05,
	SYS_READ          = 0x06,
	SYS_SEEK          = 0x0a,
	SYS_GET_CMDLINE   = 0x15,
	SYS_EXIT_EXTENDED = 0x20,

	ADP_STOPPED_APPLICATION_EXIT = 0x20026
};


static int call(int op, const void *prm)
{
	register int r0 __asm__("r0") = op;
	register const void *r1 __asm__("r1") = prm;

	__asm__ volatile ("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");

	return r0;
}


void board_exit(int status)
{
	const uint32_t prm[2] = {
		ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status
	};

	for (;;)
		(void)call(SYS_EXIT_EXTENDED, prm);
}


size_t board_command_line(char *buf, size_t size)
{
	const struct {
		char *buf;
		size_t size;
	} prm = {buf, size};

	if (!size || call(SYS_GET_CMDLINE, &prm))
		return 0;
	buf[size - 1] = '\0';

	return strlen(buf);
}


int board_file_open(const char *path, const char *mode)
{
	static const char *const modev[] = {
		"r", "rb", "r+", "r+b", "w", "wb", "w+", "w+b"
	};
	struct {
		const char *path;
		uint32_t mode;
		size_t len;
	} prm = {path, 0, strlen(path)};

	while (strcmp(modev[prm.mode], mode)) {
		if (++prm.mode == sizeof(modev) / sizeof(modev[0]))
			return -1;
	}

	return call(SYS_OPEN, &prm);
}


int board_file_close(int handle)
{
	return call(SYS_CLOSE, &handle);
}


/* read and write answer how many octets were left over */
static int transfer(int op, int handle, size_t pos, const void *buf,
		    size_t len)
{
	const struct {
		int handle;
		size_t pos;
	} seek = {handle, pos};
	const struct {
		int handle;
		const void *buf;
		size_t len;
	} prm = {handle, buf, len};
	int left;

	if (call(SYS_SEEK, &seek))
		return -1;
	left = call(op, &prm);

	return left < 0 || (size_t)left > len ? -1 : (int)len - left;
}


int board_file_read(int handle, size_t pos, void *buf, size_t len)
{
	return transfer(SYS_READ, handle, pos, buf, len);
}


int board_file_write(int handle, size_t pos, const void *buf, size_t len)
{
	return transfer(SYS_WRITE, handle, pos, buf, len);
}
