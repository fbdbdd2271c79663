/**
 * @file net_stun.c  The scripted network: answers to STUN keep-alives (RFC
 * 5626 3.5.2, RFC 5389)
 */
#include <string.h>
#include "test/sim/net_core.h"

#define HEADER 20
#define COOKIE_POS 4

static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};


bool net_stun_h(struct net *net, const struct ue_addr *dst,
		const struct ue_addr *src, const uint8_t *data, size_t len)
{
	const size_t ip_len = src->family == 6 ? 16 : 4;
	const uint16_t port = (uint16_t)(src->port + net->nat);
	uint8_t out[HEADER + 24];
	size_t i;

	/* RFC 5389 s6: a Binding request without attributes */
	if (len != HEADER || data[0] != 0 || data[1] != 1 || data[2] ||
	    data[3] || memcmp(data + COOKIE_POS, cookie, 4))
		return false;

	++net->pings;
	if (net->no_pong)
		return true;

	memset(out, 0, sizeof(out));
	out[0] = 0x01;          /* Binding success response */
	out[1] = 0x01;
	out[3] = (uint8_t)(8 + ip_len);
	memcpy(out + COOKIE_POS, data + COOKIE_POS, HEADER - COOKIE_POS);

	/* s15.2: XOR-MAPPED-ADDRESS; the port with the cookie's first half,
	   the address with cookie and transaction */
	out[HEADER + 1] = 0x20;
	out[HEADER + 3] = (uint8_t)(4 + ip_len);
	out[HEADER + 5] = src->family == 6 ? 2 : 1;
	out[HEADER + 6] = (uint8_t)(port >> 8 ^ cookie[0]);
	out[HEADER + 7] = (uint8_t)((port & 255) ^ cookie[1]);
	for (i = 0; i < ip_len; i++)
		out[HEADER + 8 + i] = src->ip[i] ^ data[COOKIE_POS + i];

	sim_udp_send(net->sim, dst, src, out, HEADER + 8 + ip_len);

	return true;
}
