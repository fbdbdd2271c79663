/*
 * Proof: lengths of ESP packets (ipsec/length.c, RFC 4303 s2.4)
 *
 * Outbound: for all pairs of algorithms, any packet that ipsec_ip_decode()
 * can give and any room around it, what is planned fits the room and IP's
 * length fields, ends on a block, and a packet is refused only if it does
 * not fit.  Inbound: any length.
 *
 * source: ipsec/length.c ipsec/transform.c
 * unwind: 9
 * flags: --conversion-check
 * bug: ipsec/length.c s/tail < grow - front/tail < grow - front - 1/
 * bug: ipsec/length.c s/odd ? shape->block - odd : 0/shape->block - odd/
 * bug: ipsec/length.c s/max - ip->len < grow/max - ip->len + 1 < grow/
 * bug: ipsec/length.c s/text == 0 || text % shape->block/text % shape->block/
 * bug: ipsec/length.c s/if (len < rest)/if (len + 4 < rest)/
 */
#include "ipsec/esp.h"

size_t nondet_size(void);
uint8_t nondet_u8(void);


static void outbound(const struct ipsec_shape s)
{
	const size_t head = nondet_size(), tail = nondet_size();
	struct ipsec_ip ip = {0};
	struct ipsec_plan p;
	size_t max, front = 8 + (size_t)s.iv;
	int err;

	/* what ipsec_ip_decode() guarantees, see ipsec_packet.c */
	ip.family = nondet_u8();
	ip.len = nondet_size();
	ip.cut = nondet_size();
	__CPROVER_assume(ip.family == 4 || ip.family == 6);
	max = ip.family == 6 ? 65575 : 65535;
	__CPROVER_assume(ip.len <= max && ip.cut <= ip.len);

	err = ipsec_plan_out(&p, &s, &ip, head, tail);
	if (err) {
		__CPROVER_assert(head < IPSEC_HEADROOM ||
				 tail < IPSEC_TAILROOM ||
				 ip.len > max - IPSEC_HEADROOM -
				 IPSEC_TAILROOM, "refused for a reason");
		return;
	}

	__CPROVER_assert(front <= head, "headers fit");
	__CPROVER_assert(p.pad + 2 + s.icv <= tail, "trailer and ICV fit");
	__CPROVER_assert(p.total <= max, "IP can say the length");
	__CPROVER_assert(p.total == ip.cut + front + p.text + s.icv,
			 "the parts make the whole");
	__CPROVER_assert(p.text == ip.len - ip.cut + p.pad + 2, "text");
	__CPROVER_assert(p.text % s.block == 0, "whole blocks");
	__CPROVER_assert(p.pad < s.block, "no more padding than needed");
	__CPROVER_assert(front <= IPSEC_HEADROOM &&
			 p.pad + 2 + s.icv <= IPSEC_TAILROOM,
			 "the rooms of the manual suffice");
}


static void inbound(const struct ipsec_shape s)
{
	const size_t len = nondet_size();
	size_t text;

	if (ipsec_text_len(&text, &s, len))
		return;

	__CPROVER_assert(text >= 4, "room for pad length and next header");
	__CPROVER_assert(text % s.block == 0, "whole blocks");
	__CPROVER_assert(text <= len && len - text ==
			 8u + s.iv + s.icv, "the parts make the whole");
}


int main(void)
{
	unsigned alg, ealg, pairs = 0;

	/* constants one by one: a division by an unknown is a hard problem */
	for (alg = 0; alg < 5; alg++) {
		for (ealg = 0; ealg < 5; ealg++) {
			const enum ipsec_alg a = (enum ipsec_alg)alg;
			const enum ipsec_ealg e = (enum ipsec_ealg)ealg;

			if (!ipsec_pair_supported(a, e))
				continue;
			outbound(ipsec_shape(a, e));
			inbound(ipsec_shape(a, e));
			++pairs;
		}
	}
	__CPROVER_assert(pairs == 8, "all pairs");

	return 0;
}
