/**
 * @file ue_hex.c  Hexadecimal digits in texts
 */
#include "ue/ue_hex.h"


unsigned ue_hex_value(char c)
{
	const unsigned d = (unsigned)c - '0', a = (unsigned)(c | 0x20) - 'a';

	return d <= 9 ? d : a <= 5 ? a + 10 : 16;
}


int ue_hex_octet(const char *p)
{
	const unsigned hi = ue_hex_value(p[0]);
	const unsigned lo = hi > 15 ? hi : ue_hex_value(p[1]);

	return lo > 15 ? -1 : (int)(hi << 4 | lo);
}
