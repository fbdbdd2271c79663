/*
 * Proof: padding of ESP packets (ipsec/length.c, RFC 4303 s2.4)
 *
 * Any text of 2 to 6 octets: the padding that the library writes is the one
 * it accepts.  Both loops do the same with each octet, so that four show what
 * there is to see; that nothing beyond the text is touched holds for any
 * length, see ipsec_text.c.
 *
 * source: ipsec/length.c ipsec/transform.c
 * unwind: 8
 * flags: --conversion-check
 * bug: ipsec/length.c s/pad > len - 2/pad > len - 1/
 * bug: ipsec/length.c s/!= i + 1/!= i/
 */
#include <stdlib.h>
#include "ipsec/esp.h"

size_t nondet_size(void);
uint8_t nondet_u8(void);


static void padding(const size_t len)
{
	uint8_t *text;
	size_t payload;

	text = malloc(len);
	__CPROVER_assume(text);

	if (!ipsec_payload_len(&payload, text, len))
		__CPROVER_assert(payload + text[len - 2] + 2 == len,
				 "payload, padding and two octets");
}


static void trailer(const size_t len)
{
	const size_t pad = nondet_size();
	uint8_t *text, next = nondet_u8();
	size_t payload;

	__CPROVER_assume(pad <= len - 2);
	text = malloc(len);
	__CPROVER_assume(text);

	ipsec_trailer(text + (len - 2 - pad), pad, next);
	__CPROVER_assert(0 == ipsec_payload_len(&payload, text, len),
			 "our own padding is right");
	__CPROVER_assert(payload == len - 2 - pad, "and as long as it was");
	__CPROVER_assert(text[len - 1] == next, "next header");
}


int main(void)
{
	size_t len;

	for (len = 2; len <= 6; len++) {
		padding(len);
		trailer(len);
	}

	return 0;
}
