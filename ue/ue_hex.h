/**
 * @file ue_hex.h  Hexadecimal digits in texts
 */
#ifndef UE_HEX_H
#define UE_HEX_H

/** Value of a hexadecimal digit of either case; 16: it is none */
static inline unsigned ue_hex_value(char c)
{
	const unsigned d = (unsigned)c - '0', a = (unsigned)(c | 0x20) - 'a';

	return d <= 9 ? d : a <= 5 ? a + 10 : 16;
}


/**
 * Octet of two hexadecimal digits
 *
 * @param p  Two characters, or fewer with a zero behind them: behind the
 *           zero nothing is read
 *
 * @return the octet; -1: they are no such digits
 */
static inline int ue_hex_octet(const char *p)
{
	const unsigned hi = ue_hex_value(p[0]);
	const unsigned lo = hi > 15 ? hi : ue_hex_value(p[1]);

	return lo > 15 ? -1 : (int)(hi << 4 | lo);
}

#endif
