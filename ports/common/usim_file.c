/**
 * @file usim_file.c  Contents of a card's files and answers
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/usim_file.h"


/** TS 31.103 s4.2.2: tag of NAI, domain name and URI data objects */
#define TAG_TEXT 0x80

/** TS 31.102 s7.1.2.1: successful 3G authentication */
#define TAG_SUCCESS 0xdb

/** TS 31.102 s7.1.2.1: synchronisation failure */
#define TAG_SYNC_FAILURE 0xdc


int usim_file_text(char *str, size_t size, const uint8_t *data, size_t len)
{
	size_t n, pos = 2;

	/* an empty file or record is all ff (TS 102 221 s8.3) */
	if (!len || data[0] == 0xff)
		return ENOENT;
	if (len < 2 || data[0] != TAG_TEXT)
		return EBADMSG;

	/* ISO/IEC 8825-1: one octet of length, or 81 and one */
	n = data[1];
	if (n == 0x81) {
		if (len < 3)
			return EBADMSG;
		n = data[2];
		pos = 3;
	}
	else if (n > 0x7f) {
		return EBADMSG;
	}

	if (len - pos < n)
		return EBADMSG;
	if (!n)
		return ENOENT;
	if (n >= size)
		return EOVERFLOW;

	for (size_t i = 0; i < n; i++) {
		if (data[pos + i] <= ' ' || data[pos + i] > '~')
			return EBADMSG;
	}

	memcpy(str, &data[pos], n);
	str[n] = '\0';

	return 0;
}


int usim_file_imsi(char imsi[16], const uint8_t *data, size_t len)
{
	char str[16];
	size_t n = 0, count;

	if (!len || data[0] < 1 || data[0] > 8 || len - 1 < data[0])
		return EBADMSG;

	/* TS 24.008 s10.5.1.4: the first half octet is type and parity; the
	 * last one is filled with f when the number of digits is even */
	count = 2u * data[0];
	for (size_t i = 1; i < count; i++) {
		const unsigned octet = data[1 + i / 2];
		const unsigned digit = i % 2 ? octet >> 4 : octet & 15;

		if (digit == 15 && i + 1 == count)
			break;
		if (digit > 9)
			return EBADMSG;
		str[n++] = (char)('0' + digit);
	}

	/* MCC, MNC and at least one digit more (TS 23.003 s2.2) */
	if (n < 6)
		return EBADMSG;

	str[n] = '\0';
	memcpy(imsi, str, n + 1);

	return 0;
}


int usim_file_mnc_len(uint8_t *mnc_len, const uint8_t *data, size_t len)
{
	if (len < 4 || data[3] == 0xff)
		return ENOENT;

	if ((data[3] & 15) != 2 && (data[3] & 15) != 3)
		return EBADMSG;

	*mnc_len = data[3] & 15;

	return 0;
}


/** A length octet and that many octets, min to max of them */
static int take(uint8_t *dst, size_t *lenp, size_t min, size_t max,
		const uint8_t *data, size_t len, size_t *pos)
{
	size_t n;

	if (len - *pos < 1)
		return EBADMSG;

	n = data[*pos];
	if (n < min || n > max || len - *pos - 1 < n)
		return EBADMSG;

	memcpy(dst, &data[*pos + 1], n);
	*lenp = n;
	*pos += 1 + n;

	return 0;
}


int usim_file_auth(struct ue_usim_res *res, const uint8_t *data, size_t len)
{
	struct ue_usim_res r;
	size_t n = 0, pos = 1;
	int err = EBADMSG;

	memset(&r, 0, sizeof(r));

	if (!len)
		return EBADMSG;

	if (data[0] == TAG_SUCCESS) {
		r.status = UE_USIM_OK;
		err = take(r.res, &n, 4, sizeof(r.res), data, len, &pos);
		r.res_len = (uint8_t)n;
		if (!err)
			err = take(r.ck, &n, 16, 16, data, len, &pos);
		if (!err)
			err = take(r.ik, &n, 16, 16, data, len, &pos);
	}
	else if (data[0] == TAG_SYNC_FAILURE) {
		r.status = UE_USIM_SYNC_FAILURE;
		err = take(r.auts, &n, 14, 14, data, len, &pos);
	}

	if (!err)
		*res = r;
	mbedtls_platform_zeroize(&r, sizeof(r));

	return err;
}
