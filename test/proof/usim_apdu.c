/*
 * Proof: answers of a card (ports/common/usim_apdu.c)
 *
 * From any state, an answer of any length and contents in memory of exactly
 * that size: nothing outside of it is read, what is kept of it and the next
 * command lie within their arrays, and the file that is read is one of the
 * table; so it is after any number of answers.  There is no loop, and no
 * bound.  What a file holds is proved in usim_file.
 *
 * prove: usim_apdu_answer
 * bug: usim_apdu_answer: ports/common/usim_apdu.c s/data) - card->data_len < n/data) < n/
 * bug: usim_apdu_answer: ports/common/usim_apdu.c s/ans.len - 1.);/ans[len]);/
 * prove: keep_file
 * bug: keep_file: ports/common/usim_apdu.c s/sizeof(id->impi), data, len/129, data, len/
 * bug: keep_file: ports/common/usim_apdu.c s/sizeof(id->impu), data, len/128, data, len + 1/
 * prove: complete
 * bug: complete: ports/common/usim_apdu.c s/file == EF_COUNT ||/file > EF_COUNT ||/
 * bug: complete: ports/common/usim_apdu.c s/uint8_t data.34.;/uint8_t data[33];/
 * bug: complete: ports/common/usim_apdu.c s/uint8_t data.34.;/uint8_t data[36];/
 * prove: status
 * bug: status: ports/common/usim_apdu.c s/card->cmd_len = 5;$/card->cmd_len += 5;/
 */
#include "test/proof/proof.h"
#include "ports/common/usim_apdu.c"

static struct usim_apdu card;

struct usim_apdu nondet_card(void);


/** n octets at p are in that array of the card */
#define IN(p, n, array) \
	((const uint8_t *)(p) >= (array) && \
	 (n) <= sizeof(array) - (size_t)((const uint8_t *)(p) - (array)))


/** CBMC asks for the card as a whole */
void *memcpy(void *dst, const void *src, size_t n)
{
	ASSERT(readable(src, n) && __CPROVER_w_ok(dst, n));
	ASSERT(!__CPROVER_same_object(dst, &card) || IN(dst, n, card.cmd) ||
	       IN(dst, n, card.data));
	ASSERT(!__CPROVER_same_object(src, &card) ||
	       IN(src, n, card.challenge));

	return dst;
}


void mbedtls_platform_zeroize(void *buf, size_t len)
{
	ASSERT(__CPROVER_w_ok(buf, len));
}


/** Data of the card */
static int file(const uint8_t *data, size_t len)
{
	ASSERT(data == card.data && len <= sizeof(card.data));

	return nondet_int();
}


int usim_file_text(char *str, size_t size, const uint8_t *data, size_t len)
{
	ASSERT((str == card.id.impi && size == sizeof(card.id.impi)) ||
	       (str == card.id.impu && size == sizeof(card.id.impu)) ||
	       (str == card.id.domain && size == sizeof(card.id.domain)));

	return file(data, len);
}


int usim_file_imsi(char imsi[16], const uint8_t *data, size_t len)
{
	ASSERT(imsi == card.id.imsi);

	return file(data, len);
}


int usim_file_mnc_len(uint8_t *mnc_len, const uint8_t *data, size_t len)
{
	ASSERT(mnc_len == &card.id.mnc_len);

	return file(data, len);
}


int usim_file_auth(struct ue_usim_res *res, const uint8_t *data, size_t len)
{
	ASSERT(res == &card.res);

	return file(data, len);
}


static bool state(void)
{
	return card.data_len <= sizeof(card.data) && card.file < EF_COUNT &&
		card.cmd_len <= sizeof(card.cmd);
}


static void any_card(void)
{
	card = nondet_card();
	ASSUME(state());
}


void keep_file_contract(struct usim_apdu *c)
{
	ASSERT(c == &card && state());
}


void prove_keep_file(void)
{
	any_card();
	keep_file(&card);
}


int complete_contract(struct usim_apdu *c, unsigned sw)
{
	(void)sw;
	keep_file_contract(c);

	return nondet_int();
}


void prove_complete(void)
{
	any_card();
	(void)complete(&card, nondet_u16());
	ASSERT(state());
}


int status_contract(struct usim_apdu *c, uint8_t sw1, uint8_t sw2)
{
	return complete_contract(c, (unsigned)sw1 << 8 | sw2);
}


void prove_status(void)
{
	any_card();
	(void)status(&card, nondet_u8(), nondet_u8());
	ASSERT(state());
}


void prove_usim_apdu_answer(void)
{
	const size_t len = nondet_size();

	any_card();
	ASSUME(len <= TEXT_MAX);
	(void)usim_apdu_answer(&card, any_octets(len), len);
	ASSERT(state());
}
