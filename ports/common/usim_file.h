/**
 * @file usim_file.h  Contents of a card's files and answers
 *
 * Each function reads `len` octets from the card; outputs are written only on
 * success.
 */
#ifndef USIM_FILE_H
#define USIM_FILE_H

#include "ue/ue_port.h"

/**
 * A text data object of EF_IMPI, EF_IMPU, EF_DOMAIN: tag 80, length, UTF-8 of
 * which only printable ASCII is taken (TS 31.103 s4.2.2, s4.2.3, s4.2.4)
 *
 * @param str   Text, zero-terminated
 * @param size  Size of str
 *
 * @return 0; ENOENT nothing is written there; EBADMSG; EOVERFLOW
 */
int usim_file_text(char *str, size_t size, const uint8_t *data, size_t len);

/**
 * EF_IMSI (TS 31.102 s4.2.2): length, then digits in halves of octets
 *
 * @return 0; EBADMSG
 */
int usim_file_imsi(char imsi[16], const uint8_t *data, size_t len);

/**
 * EF_AD (TS 31.102 s4.2.18): digits of the MNC in the IMSI
 *
 * @return 0; ENOENT the file says nothing of it, EBADMSG
 */
int usim_file_mnc_len(uint8_t *mnc_len, const uint8_t *data, size_t len);

/**
 * The answer to AUTHENTICATE (TS 31.102 s7.1.2.1, TS 31.103 s7.1.2.1): DB
 * with RES, CK, IK (and Kc, which is not used) or DC with AUTS
 *
 * @return 0; EBADMSG
 */
int usim_file_auth(struct ue_usim_res *res, const uint8_t *data, size_t len);

#endif
