/**
 * @file ue_hex.h  Hexadecimal digits in texts
 */
#ifndef UE_HEX_H
#define UE_HEX_H

/** Value of a hexadecimal digit of either case; 16: it is none */
unsigned ue_hex_value(char c);

/**
 * Octet of two hexadecimal digits
 *
 * @param p  Two characters, or fewer with a zero behind them: behind the
 *           zero nothing is read
 *
 * @return the octet; -1: they are no such digits
 */
int ue_hex_octet(const char *p);

#endif
