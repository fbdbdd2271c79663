/*
 * Proof: attributes of STUN responses (ue/sip/stun.c, RFC 5389 s15)
 *
 * A datagram of any length and contents in memory of exactly that size:
 * nothing outside of it is read, and the loop over the attributes ends.  By
 * induction over attributes, so there is no bound.
 *
 * prove: sip_stun_response
 * bug: sip_stun_response: ue/sip/stun.c s/if (left < 4)/if (left < 3)/
 * bug: sip_stun_response: ue/sip/stun.c s/left - 4 < padded/left < padded/
 * bug: sip_stun_response: ue/sip/stun.c s/left != len - SIP_STUN_HEADER/left == 1/
 * bug: sip_stun_response: ue/sip/stun.c s/left -= 4 + padded/left -= padded/
 * prove: decode_address
 * bug: decode_address: ue/sip/stun.c s/len < 4 || len - 4 < ip_len/len < ip_len/
 */
#include "test/proof/proof.h"

/* what is left ends where the datagram ends */
#define LOOP_sip_stun_response_1 \
	CHANGES(left, attr, addr) \
	INVARIANT(__CPROVER_same_object(attr, p) && left <= len && \
		  PLACE(attr) >= SIP_STUN_HEADER && \
		  PLACE(attr) == len - left) \
	__CPROVER_decreases(left)

#define LOOP_decode_address_1 \
	CHANGES(i, __CPROVER_object_whole(addr)) \
	INVARIANT(i <= ip_len) __CPROVER_decreases(ip_len - i)

#include "ue/sip/stun.c"

struct ue_addr nondet_addr(void);


int decode_address_contract(struct ue_addr *addr, const uint8_t *val,
			    size_t len, const uint8_t *hdr, bool xored)
{
	(void)xored;
	ASSERT(readable(val, len) && readable(hdr, 16));
	*addr = nondet_addr();

	return nondet_bool() ? EBADMSG : 0;
}


void prove_decode_address(void)
{
	struct ue_addr addr;
	uint8_t hdr[16];
	const size_t len = nondet_size();

	ASSUME(len <= 65535);
	(void)decode_address(&addr, any_octets(len), len, hdr, nondet_bool());
}


void prove_sip_stun_response(void)
{
	struct ue_addr mapped;
	uint8_t id[SIP_STUN_ID];
	const size_t len = nondet_size();

	ASSUME(len <= TEXT_MAX);
	(void)sip_stun_response(&mapped, any_octets(len), len, id);
}
