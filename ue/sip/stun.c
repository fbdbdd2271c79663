/**
 * @file stun.c  STUN Binding as a keep-alive over UDP (RFC 5626 3.5.2, 4.4.2,
 *               RFC 5389)
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/stun.h"

enum {
	BINDING_REQUEST = 0x0001,
	BINDING_SUCCESS = 0x0101,
	BINDING_ERROR   = 0x0111,

	ATTR_MAPPED_ADDRESS     = 0x0001,
	ATTR_XOR_MAPPED_ADDRESS = 0x0020,

	FAMILY_IPV4 = 1,
	FAMILY_IPV6 = 2
};

static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};


static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}


void sip_stun_request(uint8_t req[SIP_STUN_HEADER],
		      const uint8_t id[SIP_STUN_ID])
{
	memset(req, 0, 4);
	req[1] = BINDING_REQUEST;
	memcpy(req + 4, cookie, 4);
	memcpy(req + 8, id, SIP_STUN_ID);
}


bool sip_stun_is(const void *data, size_t len)
{
	const uint8_t *p = data;

	return len >= SIP_STUN_HEADER && !(p[0] & 0xc0) &&
		!memcmp(p + 4, cookie, 4);
}


/* RFC 5389 s15.1, s15.2; hdr: cookie and identifier, what the address is
   masked with */
static int decode_address(struct ue_addr *addr, const uint8_t *val,
			  size_t len, const uint8_t *hdr, bool xored)
{
	const size_t ip_len = len >= 4 && val[1] == FAMILY_IPV6 ? 16 : 4;
	size_t i;

	if (len < 4 || len - 4 < ip_len ||
	    (val[1] != FAMILY_IPV4 && val[1] != FAMILY_IPV6))
		return EBADMSG;

	memset(addr, 0, sizeof(*addr));
	addr->family = ip_len == 16 ? 6 : 4;
	addr->port = (uint16_t)(be16(val + 2) ^ (xored ? be16(hdr) : 0));
	for (i = 0; i < ip_len; i++)
		addr->ip[i] = (uint8_t)(val[4 + i] ^ (xored ? hdr[i] : 0));

	return 0;
}


int sip_stun_response(struct ue_addr *mapped, const void *data, size_t len,
		      const uint8_t id[SIP_STUN_ID])
{
	const uint8_t *p = data, *attr;
	struct ue_addr addr;
	size_t left;

	if (!sip_stun_is(data, len) || memcmp(p + 8, id, SIP_STUN_ID))
		return ENOENT;
	if (be16(p) == BINDING_ERROR)
		return EACCES;
	if (be16(p) != BINDING_SUCCESS)
		return ENOENT;

	left = be16(p + 2);
	if (left != len - SIP_STUN_HEADER)
		return EBADMSG;

	attr = p + SIP_STUN_HEADER;
	memset(&addr, 0, sizeof(addr));

	while (left) {
		unsigned type;
		size_t n, padded;

		if (left < 4)
			return EBADMSG;
		type = be16(attr);
		n = be16(attr + 2);
		padded = (n + 3) & ~(size_t)3;
		if (left - 4 < padded)
			return EBADMSG;

		if ((type == ATTR_XOR_MAPPED_ADDRESS ||
		     (type == ATTR_MAPPED_ADDRESS && !addr.family)) &&
		    decode_address(&addr, attr + 4, n, p + 4,
				   type == ATTR_XOR_MAPPED_ADDRESS))
			return EBADMSG;

		attr += 4 + padded;
		left -= 4 + padded;
	}

	*mapped = addr;

	return 0;
}
