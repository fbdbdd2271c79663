/**
 * @file test_ipsec_drop.c  What is not ours or not sound is dropped and
 * counted
 */
#include "ipsec/replay.h"
#include "test/unit/ipsec_help.h"


/* One packet from the network's end, ready to come in */
static enum ipsec_verdict from_net(struct room *r, struct ends *e,
				   uint8_t family, size_t len)
{
	help_udp_in(r, family, len);

	return ipsec_output(&e->net, &r->pkt, 1);
}


/* A packet on SA 3 with this text, encrypted and with a right ICV */
static int forge(struct room *r, struct ends *e, uint32_t seq,
		 const uint8_t *text, size_t len)
{
	struct ipsec_crypto *c = &e->net.setv[0].crypto;
	const struct ipsec_shape s = ipsec_shape(c->alg, c->ealg);
	const size_t total = 20 + 8 + (size_t)s.iv + len + s.icv;
	const struct ipsec_addr a = help_addr(4, 2), b = help_addr(4, 1);
	uint8_t p[512] = {0}, *esp = p + 20;

	p[0] = 0x45;
	ipsec_put16(p + 2, (uint16_t)total);
	p[9] = 50;
	memcpy(p + 12, a.ip, 4);
	memcpy(p + 16, b.ip, 4);
	help_sum_set(p);
	ipsec_put32(esp, SPI_US);
	ipsec_put32(esp + 4, seq);
	memcpy(esp + 8 + s.iv, text, len);
	if (ipsec_crypto_encrypt(c, esp + 8, esp + 8 + s.iv, len) ||
	    ipsec_crypto_icv(esp + 8 + s.iv + len, c, esp, 8u + s.iv + len))
		return EIO;
	help_put(r, p, total);

	return 0;
}


/* Not one octet of an ESP packet can be changed */
static void tampered(void)
{
	unsigned i, family;
	size_t pos;

	for (i = 0; i < N_PAIRS; i++)
	for (family = 4; family <= 6; family += 2) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg,
						      (uint8_t)family);
		const size_t head = family == 4 ? 20 : 40;
		struct room r, good;
		uint32_t drops = 0;
		struct ends e;

		CHECK_EQ(help_ends(&e, &prm), 0);
		CHECK_EQ(from_net(&good, &e, (uint8_t)family, 40),
			 IPSEC_PROTECT);

		for (pos = head; pos < good.pkt.len; pos++) {
			r = good;
			r.pkt.buf = r.buf;
			help_at(&r)[pos] ^= (uint8_t)(1 << pos % 8);
			CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
				 IPSEC_DISCARD);
			CHECK_EQ(r.pkt.drop, pos < head + 4 ?
				 IPSEC_DROP_NO_SA : IPSEC_DROP_ICV);
			++drops;
		}
		CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_NO_SA], 4);
		CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_ICV], drops - 4);

		/* and none of them has moved the window */
		r = good;
		r.pkt.buf = r.buf;
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	}
}


static void truncated(void)
{
	unsigned i, family;
	size_t len;

	for (i = 0; i < N_PAIRS; i++)
	for (family = 4; family <= 6; family += 2) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg,
						      (uint8_t)family);
		const size_t head = family == 4 ? 20 : 40;
		struct room r, good;
		struct ends e;

		CHECK_EQ(help_ends(&e, &prm), 0);
		CHECK_EQ(from_net(&good, &e, (uint8_t)family, 40),
			 IPSEC_PROTECT);

		for (len = 0; len < good.pkt.len; len++) {
			/* shorter than its header says */
			help_put(&r, help_at(&good), len);
			CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
				 IPSEC_DISCARD);
			CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);
			if (len < head)
				continue;

			/* with a header that says so */
			help_put(&r, help_at(&good), len);
			ipsec_put16(help_at(&r) + (family == 4 ? 2 : 4),
				    (uint16_t)(len - (family == 4 ? 0 : 40)));
			CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
				 IPSEC_DISCARD);
			CHECK(r.pkt.drop == IPSEC_DROP_LENGTH ||
			      r.pkt.drop == IPSEC_DROP_ICV);
		}
		CHECK(e.ue.stats.dropv[IPSEC_DROP_LENGTH] > 0);
		CHECK(e.ue.stats.dropv[IPSEC_DROP_ICV] > 0);
		CHECK_EQ(e.ue.stats.in_protected, 0);
	}
}


/* A right ICV over no text at all; RFC 4303 s2.5 */
static void empty(void)
{
	unsigned i;

	for (i = 0; i < N_PAIRS; i++) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg, 4);
		struct room r;
		struct ends e;

		CHECK_EQ(help_ends(&e, &prm), 0);
		CHECK_EQ(forge(&r, &e, 1, (const uint8_t *)"", 0), 0);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_LENGTH);
	}
}


static void replayed(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	struct room r, v[80];
	struct ends e;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < 80; i++)
		CHECK_EQ(from_net(&v[i], &e, 4, i), IPSEC_PROTECT);

	/* 1 to 70 but for 7 and 8; 8 is in the window, 6 was there */
	for (i = 0; i < 70; i++) {
		if (i == 6 || i == 7)
			continue;
		help_put(&r, help_at(&v[i]), v[i].pkt.len);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	}
	for (i = 0; i < 70; i++) {
		if (i == 6 || i == 7)
			continue;
		help_put(&r, help_at(&v[i]), v[i].pkt.len);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_REPLAY);
	}
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_REPLAY], 68);

	/* 7 is the left edge of 7..70 */
	for (i = 6; i < 8; i++) {
		help_put(&r, help_at(&v[i]), v[i].pkt.len);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	}
}


static void window_after_icv(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct room r, first;
	struct ends e;

	CHECK_EQ(help_ends(&e, &prm), 0);
	CHECK_EQ(from_net(&first, &e, 4, 10), IPSEC_PROTECT);

	/* far ahead with a wrong ICV */
	help_put(&r, help_at(&first), first.pkt.len);
	ipsec_put32(help_at(&r) + 24, 100000);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_ICV);

	help_put(&r, help_at(&first), first.pkt.len);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);

	/* number 0 is never right */
	help_put(&r, help_at(&first), first.pkt.len);
	ipsec_put32(help_at(&r) + 24, 0);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_REPLAY);
}


static void wrong_spi(void)
{
	static const uint32_t spiv[] = {0, 1, 255, SPI_PC, SPI_PS, SPI_US + 1,
		0xffffffff};
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct room r, good;
	struct ends e;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);
	CHECK_EQ(from_net(&good, &e, 4, 10), IPSEC_PROTECT);
	for (i = 0; i < sizeof(spiv) / sizeof(spiv[0]); i++) {
		help_put(&r, help_at(&good), good.pkt.len);
		ipsec_put32(help_at(&r) + 20, spiv[i]);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_SA);
		CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_NO_SA], i + 1);
	}

	/* the SPI of the other association: its numbers, not its ICV */
	help_put(&r, help_at(&good), good.pkt.len);
	ipsec_put32(help_at(&r) + 20, SPI_UC);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_ICV);

	/* right SPI, other addresses */
	for (i = 12; i < 20; i++) {
		help_put(&r, help_at(&good), good.pkt.len);
		help_at(&r)[i] ^= 8;
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_SA);
	}
}


static void wrong_selector(void)
{
	/* source port, destination port, protocol, and the right one */
	static const struct {
		uint16_t sport, dport;
		uint8_t proto;
	} v[] = {
		{PORT_PC + 1, PORT_US, 17}, {PORT_PC, PORT_US + 1, 17},
		{PORT_PS, PORT_UC, 17}, {PORT_PC, PORT_US, 1},
		{PORT_PC, PORT_US, 4}, {PORT_PC, PORT_US, 41},
		{PORT_PC, PORT_US, 50}, {PORT_PC, PORT_US, 0},
		{PORT_PC, PORT_US, 17}
	};
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	uint8_t text[48] = {0};
	struct room r;
	struct ends e;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		const bool right = i + 1 == sizeof(v) / sizeof(v[0]);

		ipsec_put16(text, v[i].sport);
		ipsec_put16(text + 2, v[i].dport);
		text[46] = 0;
		text[47] = v[i].proto;
		CHECK_EQ(forge(&r, &e, i + 1, text, sizeof(text)), 0);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
			 right ? IPSEC_PROTECT : IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, right ? IPSEC_DROP_NONE :
			 IPSEC_DROP_SELECTOR);
	}
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_SELECTOR], i - 1);
}


static void one_protocol(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	uint8_t text[48] = {0};
	struct room r;
	struct ends e;

	prm.proto = 17;
	CHECK_EQ(help_ends(&e, &prm), 0);
	ipsec_put16(text, PORT_PC);
	ipsec_put16(text + 2, PORT_US);
	text[47] = 6;
	CHECK_EQ(forge(&r, &e, 1, text, sizeof(text)), 0);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_SELECTOR);
	text[47] = 17;
	CHECK_EQ(forge(&r, &e, 2, text, sizeof(text)), 0);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);

	help_packet(&r, &prm.local, &prm.remote, 6, PORT_UC, PORT_PS, 0, NULL,
		    0, 0);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_POLICY_SA);
}


static void padding(void)
{
	unsigned i, pos;

	for (i = 0; i < N_PAIRS; i++) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg, 4);
		uint8_t text[48] = {0};
		uint32_t seq = 0;
		struct room r;
		struct ends e;

		CHECK_EQ(help_ends(&e, &prm), 0);
		ipsec_put16(text, PORT_PC);
		ipsec_put16(text + 2, PORT_US);
		text[47] = 17;

		/* longer than the text; as long as it would leave nothing */
		for (pos = 47; pos <= 255; pos += 208) {
			text[46] = (uint8_t)pos;
			CHECK_EQ(forge(&r, &e, ++seq, text, 48), 0);
			CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
				 IPSEC_DISCARD);
			CHECK_EQ(r.pkt.drop, IPSEC_DROP_PADDING);
		}

		/* 20 octets of padding, right, then each one wrong */
		for (pos = 0; pos < 20; pos++)
			text[26 + pos] = (uint8_t)(pos + 1);
		text[46] = 20;
		CHECK_EQ(forge(&r, &e, ++seq, text, 48), 0);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
		CHECK_EQ(r.pkt.len, 20 + 26);
		for (pos = 0; pos < 20; pos++) {
			text[26 + pos] ^= 0x80;
			CHECK_EQ(forge(&r, &e, ++seq, text, 48), 0);
			CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1),
				 IPSEC_DISCARD);
			CHECK_EQ(r.pkt.drop, IPSEC_DROP_PADDING);
			text[26 + pos] ^= 0x80;
		}
		CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_PADDING], 22);
	}
}


static void dummy(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	uint8_t text[48] = {0};
	struct room r;
	struct ends e;

	CHECK_EQ(help_ends(&e, &prm), 0);
	text[47] = 59;
	CHECK_EQ(forge(&r, &e, 1, text, 48), 0);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_DUMMY);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_DUMMY], 1);
}


static void fragments_out(void)
{
	static const uint16_t fragv[] = {0x2000, 0x2001, 0x0001, 0x1fff};
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	/* fragment header with offset 0 and M, offset 8, atomic */
	uint8_t ext[8] = {17, 0, 0, 1, 0, 0, 0, 9};
	struct room r;
	struct ends e;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < 4; i++) {
		help_udp(&r, 4, 64);
		ipsec_put16(help_at(&r) + 6, fragv[i]);
		help_sum_set(help_at(&r));
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_FRAGMENT);
	}

	/* to somebody else: none of ours */
	help_udp(&r, 4, 64);
	ipsec_put16(help_at(&r) + 6, 0x2001);
	help_at(&r)[19] = 9;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_BYPASS);

	prm = help_params(IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_NULL, 6);
	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < 3; i++) {
		/* the reserved bits of the whole one do not count */
		ext[3] = i == 0 ? 1 : i == 1 ? 8 : 6;
		help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS,
			    44, ext, 8, 64);
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1),
			 i < 2 ? IPSEC_DISCARD : IPSEC_PROTECT);
	}
	/* RFC 6946: the atomic one is a whole datagram */
	CHECK_EQ(help_at(&r)[40], 50);
	CHECK_EQ(ipsec_input(&e.net, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_FRAGMENT], 2);
}


static void fragments_in(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct room r, good;
	struct ends e;

	CHECK_EQ(help_ends(&e, &prm), 0);
	CHECK_EQ(from_net(&good, &e, 4, 10), IPSEC_PROTECT);

	help_put(&r, help_at(&good), good.pkt.len);
	help_at(&r)[6] |= 0x20;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_FRAGMENT);
	help_put(&r, help_at(&good), good.pkt.len);
	help_at(&r)[7] = 1;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_FRAGMENT);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_FRAGMENT], 2);

	help_put(&r, help_at(&good), good.pkt.len);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);

	/* in the clear: the first shows its ports, the others cannot harm */
	help_udp_in(&r, 4, 64);
	help_at(&r)[6] |= 0x20;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_CLEAR);
	help_udp_in(&r, 4, 64);
	help_at(&r)[7] = 1;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_BYPASS);
}


static void malformed(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 6);
	uint8_t ext[8 * 10];
	struct ends e;
	struct room r;
	unsigned i, n;

	CHECK_EQ(help_ends(&e, &prm), 0);

	/* version, header length, total length; longer than its buffer */
	for (i = 0; i < 6; i++) {
		help_udp(&r, i == 5 ? 6 : 4, 8);
		switch (i) {
		case 0: help_at(&r)[0] = 0x55; break;
		case 1: help_at(&r)[0] = 0x44; break;
		case 2: help_at(&r)[0] = 0x4f; break;
		case 3: ipsec_put16(help_at(&r) + 2, 19); break;
		case 4: r.pkt.len = r.pkt.size; break;
		default: ipsec_put16(help_at(&r) + 4, 17); break;
		}
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);
	}

	/* a chain of n headers: eight are allowed */
	for (n = 8; n <= 9; n++) {
		memset(ext, 0, sizeof(ext));
		for (i = 0; i < n; i++)
			ext[8 * i] = 60;
		ext[8 * (n - 1)] = 17;
		help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS,
			    60, ext, 8u * n, 8);
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1),
			 n == 8 ? IPSEC_PROTECT : IPSEC_DISCARD);
	}

	/* the last one reaches over the end, or starts there */
	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 60,
		    ext, 8, 8);
	help_at(&r)[41] = 3;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);
	help_at(&r)[41] = 1;
	help_at(&r)[40] = 60;
	ipsec_put16(help_at(&r) + 4, 16);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);

	/* hop-by-hop options not at the front */
	memset(ext, 0, sizeof(ext));
	ext[8] = 17;
	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 60,
		    ext, 16, 8);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);

	/* ports that are not there */
	help_udp(&r, 6, 8);
	ipsec_put16(help_at(&r) + 4, 7);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_MALFORMED);
}


/* RFC 4301 s4.4.1 */
static void policy_out(void)
{
	static const struct {
		uint16_t sport, dport;
		enum ipsec_verdict verdict;
	} v[] = {
		{PORT_UC, PORT_PS, IPSEC_PROTECT},
		{PORT_US, PORT_PC, IPSEC_PROTECT},
		{PORT_UC, PORT_PC, IPSEC_DISCARD},
		{PORT_US, PORT_PS, IPSEC_DISCARD},
		{PORT_UC, 5060, IPSEC_DISCARD},
		{PORT_US, 5060, IPSEC_DISCARD},
		{5060, PORT_PS, IPSEC_DISCARD},
		{5060, PORT_PC, IPSEC_DISCARD},
		{IPSEC_PORT_MIN, 5060, IPSEC_DISCARD},
		{IPSEC_PORT_MAX, 5060, IPSEC_DISCARD},
		{IPSEC_PORT_MIN - 1, 5060, IPSEC_BYPASS},
		{IPSEC_PORT_MAX + 1, 5060, IPSEC_BYPASS},
		{5060, 5060, IPSEC_BYPASS}
	};
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	uint32_t drops = 0;
	struct ends e;
	struct room r;
	unsigned i, k;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
	for (k = 0; k < 2; k++) {
		help_packet(&r, &prm.local, &prm.remote, k ? 6 : 17,
			    v[i].sport, v[i].dport, 0, NULL, 0, 20);
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), v[i].verdict);
		if (v[i].verdict == IPSEC_DISCARD) {
			CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_POLICY_SA);
			++drops;
		}
	}
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_NO_POLICY_SA], drops);
	CHECK_EQ(e.ue.stats.out_bypassed, 6);

	/* another P-CSCF, another own address: nothing in the clear */
	help_udp(&r, 4, 8);
	help_at(&r)[19] ^= 4;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	help_udp(&r, 4, 8);
	help_at(&r)[15] ^= 4;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);

	/* ICMP and ESP of others pass */
	help_udp(&r, 4, 8);
	help_at(&r)[9] = 1;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_BYPASS);
	help_at(&r)[9] = 50;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_BYPASS);

	/* without any set the protected ports stay closed */
	ipsec_flush(&e.ue);
	help_udp(&r, 4, 8);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_POLICY_SA);
	help_udp_in(&r, 4, 8);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_CLEAR);
}


static void clear_in(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	static const uint16_t portv[] = {PORT_UC, PORT_US, IPSEC_PORT_MIN,
		IPSEC_PORT_MAX, 30123};
	struct ends e;
	struct room r;
	unsigned i, k;

	/* one port lies out of the range: the set protects it */
	prm.ue.port_us = 30123;
	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < 5; i++)
	for (k = 0; k < 4; k++) {
		help_packet(&r, &prm.remote, &prm.local, k & 1 ? 6 : 17,
			    k & 2 ? PORT_PS : 5060, portv[i], 0, NULL, 0, 9);
		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_CLEAR);
	}
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_CLEAR], 20);

	help_packet(&r, &prm.remote, &prm.local, 17, 5060, 5060, 0, NULL, 0,
		    9);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_BYPASS);
	help_at(&r)[9] = 1;
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_BYPASS);
	CHECK_EQ(e.ue.stats.in_bypassed, 2);
}


static void lifetime(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;

	CHECK_EQ(help_ends(&e, &prm), 0);
	help_udp(&r, 4, 8);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 239999), IPSEC_PROTECT);
	help_udp(&r, 4, 8);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 240000), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_POLICY_SA);

	CHECK_EQ(from_net(&r, &e, 4, 8), IPSEC_PROTECT);
	CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 240000), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_NO_SA);
}


const struct test_case suite_ipsec_drop[] = {
	{"RFC 4303 s3.4.4: a packet with any octet changed is dropped",
	 tampered},
	{"RFC 4303 s3.4.4: a truncated packet is dropped", truncated},
	{"RFC 4303 s2.4: a packet without pad length and next header", empty},
	{"RFC 4303 s3.4.3: a replayed packet is dropped, a late one is not",
	 replayed},
	{"RFC 4303 s3.4.3: the window moves only after the ICV",
	 window_after_icv},
	{"RFC 4303 s3.4.2: unknown SPI or other addresses", wrong_spi},
	{"RFC 4301 s5.2: the inner packet is not this association's",
	 wrong_selector},
	{"TS 33.203 s7.1: a set for one transport protocol only",
	 one_protocol},
	{"RFC 4303 s2.4: padding is 1, 2, 3, ... and fits", padding},
	{"RFC 4303 s2.6: a dummy packet goes no further", dummy},
	{"RFC 4303 s3.3.4: fragments are not protected and do not leave",
	 fragments_out},
	{"RFC 4303 s3.4.1: ESP in fragments is dropped", fragments_in},
	{"RFC 791, RFC 8200: malformed headers", malformed},
	{"RFC 4301 s5.1: protected ports never send in the clear",
	 policy_out},
	{"TS 33.203 s7.1: clear packets to protected ports are dropped",
	 clear_in},
	{"TS 33.203 s7.4: a set is not used beyond its lifetime", lifetime},
	{NULL, NULL}
};
