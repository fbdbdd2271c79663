/*
 * Proof: files and answers of a card (ports/common/usim_file.c)
 *
 * What a card sends, of any length and contents in memory of exactly that
 * size: nothing outside of it is read, and what is taken from it lies within
 * the memory for it.  Loops are proved by induction and calls by contracts,
 * so there is no bound.
 *
 * prove: usim_file_text
 * bug: usim_file_text: ports/common/usim_file.c s/len - pos < n/len < n/
 * bug: usim_file_text: ports/common/usim_file.c s/if (n >= size)/if (n > size)/
 * bug: usim_file_text: ports/common/usim_file.c s/if (len < 3)/if (len < 2)/
 * prove: usim_file_imsi
 * bug: usim_file_imsi: ports/common/usim_file.c s/data.0. > 8/data[0] > 9/
 * bug: usim_file_imsi: ports/common/usim_file.c s/len - 1 < data/len < data/
 * prove: usim_file_mnc_len
 * bug: usim_file_mnc_len: ports/common/usim_file.c s/len < 4/len < 3/
 * prove: take
 * bug: take: ports/common/usim_file.c s/ || len - .pos - 1 < n/ || len - *pos < n/
 * bug: take: ports/common/usim_file.c s/n > max ||//
 * bug: take: ports/common/usim_file.c s/if (len - .pos < 1)/if (0)/
 * prove: usim_file_auth
 * bug: usim_file_auth: ports/common/usim_file.c s/4, sizeof(r.res)/4, 17/
 * bug: usim_file_auth: ports/common/usim_file.c s/if (!len)/if (0)/
 */
#include "test/proof/proof.h"

#define LOOP_usim_file_text_1 CHANGES(i) INVARIANT(i <= n) \
	__CPROVER_decreases(n - i)
/* the first half octet is no digit */
#define LOOP_usim_file_imsi_1 CHANGES(i, n, __CPROVER_object_whole(str)) \
	INVARIANT(i >= 1 && i <= count && n < i) \
	__CPROVER_decreases(count - i)

#include "ports/common/usim_file.c"


void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && (n == 0 || __CPROVER_w_ok(dst, n)));

	return dst;
}


void mbedtls_platform_zeroize(void *buf, size_t len)
{
	ASSERT(__CPROVER_w_ok(buf, len));
}


static const uint8_t *any_data(size_t *len)
{
	*len = nondet_size();
	ASSUME(*len <= TEXT_MAX);

	return any_octets(*len);
}


void prove_usim_file_text(void)
{
	const size_t size = nondet_size();
	size_t len;
	const uint8_t *data = any_data(&len);

	ASSUME(size <= TEXT_MAX);
	(void)usim_file_text(any_octets(size), size, data, len);
}


void prove_usim_file_imsi(void)
{
	char imsi[16];
	size_t len;
	const uint8_t *data = any_data(&len);

	(void)usim_file_imsi(imsi, data, len);
}


void prove_usim_file_mnc_len(void)
{
	uint8_t mnc_len;
	size_t len;
	const uint8_t *data = any_data(&len);

	if (!usim_file_mnc_len(&mnc_len, data, len))
		ASSERT(mnc_len == 2 || mnc_len == 3);
}


/** What is behind the octets that are taken is there, or nothing */
int take_contract(uint8_t *dst, size_t *lenp, size_t min, size_t max,
		  const uint8_t *data, size_t len, size_t *pos)
{
	(void)data;
	ASSERT(*pos <= len && min <= max && __CPROVER_w_ok(dst, max));
	/* the member that begins there */
	ASSERT(max <= (PLACE(dst) == offsetof(struct ue_usim_res, auts) ?
		       14 : 16));
	*lenp = nondet_size();
	*pos = nondet_size();
	ASSUME(*lenp >= min && *lenp <= max && *pos <= len);

	return nondet_bool() ? EBADMSG : 0;
}


void prove_take(void)
{
	const size_t min = nondet_u8(), max = nondet_u8();
	size_t len, n, pos = nondet_size();
	const uint8_t *data = any_data(&len);

	ASSUME(min <= max && pos <= len);
	if (!take(any_octets(max), &n, min, max, data, len, &pos))
		ASSERT(n >= min && n <= max && pos <= len);
}


void prove_usim_file_auth(void)
{
	struct ue_usim_res res;
	size_t len;
	const uint8_t *data = any_data(&len);

	(void)usim_file_auth(&res, data, len);
}
