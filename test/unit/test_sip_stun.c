/**
 * @file test_sip_stun.c  STUN answers, octet by octet (RFC 5389)
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/sip/stun.h"

static const uint8_t id[SIP_STUN_ID] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
};


/* A response of this type with these attributes */
static size_t response(uint8_t *p, unsigned type, const uint8_t *attrs,
		       size_t len)
{
	sip_stun_request(p, id);
	p[0] = (uint8_t)(type >> 8);
	p[1] = (uint8_t)type;
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	if (len)
		memcpy(p + SIP_STUN_HEADER, attrs, len);

	return SIP_STUN_HEADER + len;
}


static int decode(struct ue_addr *a, const uint8_t *attrs, size_t len)
{
	uint8_t p[200];
	const size_t n = response(p, 0x0101, attrs, len);

	memset(a, 0xee, sizeof(*a));

	return sip_stun_response(a, p, n, id);
}


/* s15.1, s15.2 */
static void addresses(void)
{
	static const uint8_t plain[] = {
		0, 1, 0, 8, 0, 1, 0x13, 0xc4, 192, 0, 2, 9
	};
	static const uint8_t xored[] = {
		0, 0x20, 0, 8, 0, 1, 0x13 ^ 0x21, 0xc4 ^ 0x12,
		192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4, 9 ^ 0x42
	};
	static const uint8_t both[] = {
		0, 0x20, 0, 8, 0, 1, 0x13 ^ 0x21, 0xc4 ^ 0x12,
		192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4, 9 ^ 0x42,
		0, 1, 0, 8, 0, 1, 0, 1, 10, 0, 0, 1
	};
	static const uint8_t six[] = {
		/* an unknown attribute, padded to four octets, goes before */
		0x80, 0x22, 0, 3, 'a', 'b', 'c', 0,
		0, 1, 0, 20, 0, 2, 0, 80, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 7
	};
	static const uint8_t want6[16] = {
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7
	};
	static const uint8_t want4[4] = {192, 0, 2, 9};
	struct ue_addr a;

	CHECK_EQ(decode(&a, plain, sizeof(plain)), 0);
	CHECK_EQ(a.family, 4);
	CHECK_EQ(a.port, 5060);
	CHECK_MEM(a.ip, 4, want4, 4);

	CHECK_EQ(decode(&a, xored, sizeof(xored)), 0);
	CHECK_EQ(a.port, 5060);
	CHECK_MEM(a.ip, 4, want4, 4);

	/* XOR-MAPPED-ADDRESS counts: a middlebox may have changed the other */
	CHECK_EQ(decode(&a, both, sizeof(both)), 0);
	CHECK_EQ(a.port, 5060);
	CHECK_MEM(a.ip, 4, want4, 4);

	CHECK_EQ(decode(&a, six, sizeof(six)), 0);
	CHECK_EQ(a.family, 6);
	CHECK_EQ(a.port, 80);
	CHECK_MEM(a.ip, 16, want6, 16);

	CHECK_EQ(decode(&a, NULL, 0), 0);
	CHECK_EQ(a.family, 0);
}


static void malformed(void)
{
	static const struct {
		uint8_t p[12];
		size_t len;
	} bad[] = {
		{{0, 1}, 2},                                    /* half   */
		{{0, 1, 0, 8}, 4},                              /* no value */
		{{0x80, 0x22, 0, 9, 0, 0, 0, 0}, 8},            /* too long */
		{{0x80, 0x22, 0xff, 0xff, 0, 0, 0, 0}, 8},
		{{0, 1, 0, 0}, 4},                              /* empty  */
		{{0, 1, 0, 4, 0, 1, 0, 1}, 8},                  /* no address */
		{{0, 0x20, 0, 8, 0, 2, 0, 1, 1, 2, 3, 4}, 12},  /* no IPv6 */
		{{0, 0x20, 0, 8, 0, 3, 0, 1, 1, 2, 3, 4}, 12}   /* family */
	};
	struct ue_addr a, before;
	uint8_t p[40];
	size_t n, i;

	memset(&before, 0xee, sizeof(before));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQ(decode(&a, bad[i].p, bad[i].len), EBADMSG);
		CHECK_MEM(&a, sizeof(a), &before, sizeof(before));
	}

	/* the length says more or less than there is */
	n = response(p, 0x0101, bad[4].p, 4);
	CHECK_EQ(sip_stun_response(&a, p, n - 1, id), EBADMSG);
	CHECK_EQ(sip_stun_response(&a, p, n + 4, id), EBADMSG);
}


static void other(void)
{
	struct ue_addr a;
	uint8_t p[40];
	size_t n;

	n = response(p, 0x0111, NULL, 0);
	CHECK_EQ(sip_stun_response(&a, p, n, id), EACCES);
	n = response(p, 0x0001, NULL, 0);
	CHECK_EQ(sip_stun_response(&a, p, n, id), ENOENT);
	n = response(p, 0x0101, NULL, 0);
	CHECK_EQ(sip_stun_response(&a, p, n - 1, id), ENOENT);
	p[19] ^= 1;
	CHECK_EQ(sip_stun_response(&a, p, n, id), ENOENT);
	p[19] ^= 1;
	p[4] ^= 1;
	CHECK_EQ(sip_stun_response(&a, p, n, id), ENOENT);
	p[4] ^= 1;
	p[0] |= 0x80;
	CHECK(!sip_stun_is(p, n));
}


const struct test_case suite_sip_stun[] = {
	{"RFC 5389 s15.1, s15.2: the mapped address, IPv4 and IPv6",
	 addresses},
	{"RFC 5389 s7.3: malformed attributes change nothing", malformed},
	{"RFC 5389 s7.3: errors, requests, answers to somebody else", other},
	{NULL, NULL}
};
