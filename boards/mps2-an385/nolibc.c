/**
 * @file nolibc.c  Of the C library the firmware takes what computes; what
 *                 would bring stdio and a heap is here
 */
#include <stdio.h>
#include <stdlib.h>
#include "boards/mps2-an385/board.h"


/** Only libre's re_printf() calls this, and nothing calls that */
size_t fwrite(const void *ptr, size_t size, size_t n, FILE *f)
{
	(void)ptr;
	(void)size;
	(void)n;
	(void)f;

	return 0;
}


void abort(void)
{
	board_exit(3);
}
