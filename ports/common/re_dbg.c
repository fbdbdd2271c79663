/**
 * @file re_dbg.c  libre's debug output: none
 *
 * libre prints addresses and contents of what it parses; a modem has no place
 * for it and a secret must not be in it.
 */
#include "ports/common/re_port.h"

void dbg_printf(int level, const char *fmt, ...);


void dbg_printf(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}
