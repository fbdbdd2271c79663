/**
 * @file ipsec/length.c  Lengths and padding of ESP packets (RFC 4303 s2.4)
 *
 * Apart from the rest because it is proved (test/proof).
 */
#include <errno.h>
#include "ipsec/esp.h"

/* Total length of IPv4, payload length of IPv6 */
#define LENGTH_MAX 65535u
#define IP6_HEADER 40u


int ipsec_plan_out(struct ipsec_plan *plan, const struct ipsec_shape *shape,
		   const struct ipsec_ip *ip, size_t head, size_t tail)
{
	const size_t payload = ip->len - ip->cut;
	const size_t front = IPSEC_ESP_HEADER + (size_t)shape->iv;
	size_t max = LENGTH_MAX, odd, grow;
	struct ipsec_plan p;

	/* RFC 4303 s2.4: pad length and next header end a block */
	odd = (payload + 2) % shape->block;
	p.pad = odd ? shape->block - odd : 0;
	p.text = payload + p.pad + 2;

	grow = front + p.pad + 2 + shape->icv;
	if (head < front || tail < grow - front)
		return EOVERFLOW;

	if (ip->family == 6)
		max += IP6_HEADER;
	if (ip->len > max || max - ip->len < grow)
		return EOVERFLOW;
	p.total = ip->len + grow;

	*plan = p;

	return 0;
}


int ipsec_text_len(size_t *textp, const struct ipsec_shape *shape,
		   size_t len)
{
	const size_t rest = IPSEC_ESP_HEADER + (size_t)shape->iv + shape->icv;
	size_t text;

	if (len < rest)
		return EBADMSG;
	text = len - rest;
	if (text == 0 || text % shape->block)
		return EBADMSG;

	*textp = text;

	return 0;
}


int ipsec_payload_len(size_t *payloadp, const uint8_t *text, size_t len)
{
	const size_t pad = text[len - 2];
	size_t i, start;

	if (pad > len - 2)
		return EBADMSG;
	start = len - 2 - pad;

	/* RFC 4303 s2.4: 1, 2, 3, ... */
	for (i = 0; i < pad; i++) {
		if (text[start + i] != i + 1)
			return EBADMSG;
	}

	*payloadp = start;

	return 0;
}


void ipsec_trailer(uint8_t *p, size_t pad, uint8_t next)
{
	size_t i;

	for (i = 0; i < pad; i++)
		p[i] = (uint8_t)(i + 1);
	p[pad] = (uint8_t)pad;
	p[pad + 1] = next;
}


size_t ipsec_overhead(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	const struct ipsec_shape shape = ipsec_shape(alg, ealg);

	return IPSEC_ESP_HEADER + (size_t)shape.iv + (shape.block - 1u) + 2 +
		shape.icv;
}


size_t ipsec_payload_max(enum ipsec_alg alg, enum ipsec_ealg ealg,
			 size_t room)
{
	const struct ipsec_shape shape = ipsec_shape(alg, ealg);
	const size_t rest = IPSEC_ESP_HEADER + (size_t)shape.iv + shape.icv;

	if (room < rest + shape.block)
		return 0;

	return (room - rest) / shape.block * shape.block - 2;
}
