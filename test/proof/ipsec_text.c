/*
 * Proof: memory of the padding of ESP packets (ipsec/length.c, RFC 4303 s2.4)
 *
 * A text of any length from 2 on, in memory of exactly that size, and any
 * padding that it has room for: nothing beyond it is read or written.  By
 * induction over the octets, so there is no bound.
 *
 * source: ipsec/transform.c
 * prove: ipsec_payload_len
 * bug: ipsec_payload_len: ipsec/length.c s/pad > len - 2/pad > len - 1/
 * prove: ipsec_trailer
 * bug: ipsec_trailer: ipsec/length.c s/p.pad + 1. = next/p[pad + 2] = next/
 */
#include "test/proof/proof.h"

#define LOOP_ipsec_payload_len_1 CHANGES(i) INVARIANT(i <= pad) \
	__CPROVER_decreases(pad - i)
#define LOOP_ipsec_trailer_1 CHANGES(i, __CPROVER_object_whole(p)) \
	INVARIANT(i <= pad) __CPROVER_decreases(pad - i)

#include "ipsec/length.c"


void prove_ipsec_payload_len(void)
{
	const size_t len = nondet_size();
	size_t payload;

	ASSUME(len >= 2 && len <= TEXT_MAX);
	if (!ipsec_payload_len(&payload, any_octets(len), len))
		ASSERT(payload <= len - 2);
}


void prove_ipsec_trailer(void)
{
	const size_t len = nondet_size(), pad = nondet_size();
	uint8_t *text;

	ASSUME(len >= 2 && len <= TEXT_MAX && pad <= len - 2);
	text = any_octets(len);
	ipsec_trailer(text + (len - 2 - pad), pad, nondet_u8());
}
