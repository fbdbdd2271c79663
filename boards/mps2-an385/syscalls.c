/**
 * @file syscalls.c  What newlib and the ports' common part ask of a system,
 *                   for the unit tests alone: the firmware has neither stdio
 *                   nor a heap, and its kernel has the clock
 */
#include <errno.h>
#include <sys/stat.h>
#include "boards/mps2-an385/board.h"
#include "ports/common/re_time.h"
#include "ports/freertos/freertos_board.h"

extern uint8_t board_heap_start[], board_heap_end[];

int _write(int fd, const char *buf, int len);
int _read(int fd, char *buf, int len);
int _close(int fd);
int _isatty(int fd);
int _lseek(int fd, int pos, int whence);
int _fstat(int fd, struct stat *st);
int _kill(int pid, int sig);
int _getpid(void);
void _exit(int status) __attribute__((noreturn));
void *_sbrk(int n);


/* In place of the watchdog: a test may take longer than that waits, and what
   receives in one would start it */
void board_watchdog_feed(void)
{
}


char *board_line(size_t *size)
{
	static char line[1024];

	*size = sizeof(line);

	return line;
}


int _write(int fd, const char *buf, int len)
{
	(void)fd;
	board_uart_write(buf, (size_t)len);

	return len;
}


int _read(int fd, char *buf, int len)
{
	(void)fd;
	(void)buf;
	(void)len;

	return 0;
}


int _close(int fd)
{
	(void)fd;

	return 0;
}


int _isatty(int fd)
{
	(void)fd;

	return 1;
}


int _lseek(int fd, int pos, int whence)
{
	(void)fd;
	(void)pos;
	(void)whence;

	return 0;
}


int _fstat(int fd, struct stat *st)
{
	(void)fd;
	st->st_mode = S_IFCHR;

	return 0;
}


int _kill(int pid, int sig)
{
	(void)pid;
	(void)sig;
	errno = EINVAL;

	return -1;
}


int _getpid(void)
{
	return 1;
}


void _exit(int status)
{
	board_exit(status);
}


void *_sbrk(int n)
{
	static uint8_t *end = board_heap_start;
	uint8_t *old = end;

	if (n > board_heap_end - end) {
		errno = ENOMEM;
		return (void *)-1;
	}
	end += n;

	return old;
}


/** Dual timer 1 (Arm DDI 0479 4.6), free running at the core's clock.  Read
 *  often enough: it wraps after 171 s */
uint64_t re_time_platform_us(void)
{
	volatile uint32_t *const timer = (uint32_t *)0x40002000;
	static uint32_t last;
	static uint64_t ticks;
	uint32_t now;

	if (!timer[2]) {
		timer[0] = UINT32_MAX;          /* load                     */
		timer[2] = 1u << 7 | 1u << 1;   /* enable, 32 bits          */
		last = UINT32_MAX;
	}
	now = timer[1];
	ticks += last - now;
	last = now;

	return ticks / (BOARD_CLOCK_HZ / 1000000);
}
