/**
 * @file test_ipsec_esp.c  ESP in transport mode on whole packets
 */
#include "test/unit/ipsec_help.h"

/* hop-by-hop, destination options, routing (of 16), destination options */
static const uint8_t extv[] = {
	60, 0, 1, 4, 0, 0, 0, 0,
	43, 0, 1, 4, 0, 0, 0, 0,
	60, 1, 253, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	17, 0, 1, 4, 0, 0, 0, 0
};
/* no-operation, record route of 3, end */
static const uint8_t optv[] = {1, 1, 1, 1, 7, 3, 4, 0};


/* Out on one end, in on the other, unchanged but for the ESP between; RFC
   4303 s3.2 */
static void round_trip(void)
{
	static const size_t lenv[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 15, 16, 17, 31, 32, 33, 500, 1360};
	unsigned i, j, k, family;

	for (i = 0; i < N_PAIRS; i++)
	for (family = 4; family <= 6; family += 2)
	for (k = 0; k < 2; k++) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg,
						      (uint8_t)family);
		struct ends e;

		CHECK_EQ(help_ends(&e, &prm), 0);

		for (j = 0; j < sizeof(lenv) / sizeof(lenv[0]); j++) {
			const bool ext = j % 3 == 1 && k == 0;
			struct room r, orig;
			size_t esp;

			help_packet(&r, &prm.local, &prm.remote,
				    k ? 6 : 17, PORT_UC, PORT_PS, 0,
				    !ext ? NULL : family == 4 ? optv : extv,
				    !ext ? 0 : family == 4 ? sizeof(optv) :
				    sizeof(extv), lenv[j]);
			orig = r;
			CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1),
				 IPSEC_PROTECT);
			CHECK_EQ(r.pkt.drop, IPSEC_DROP_NONE);

			esp = r.pkt.len - orig.pkt.len;
			CHECK(esp <= ipsec_overhead(pairv[i].alg,
						    pairv[i].ealg));
			if (family == 4)
				CHECK_EQ(help_sum(help_at(&r)), 0xffff);

			CHECK_EQ(ipsec_input(&e.net, &r.pkt, 1),
				 IPSEC_PROTECT);
			CHECK_MEM(help_at(&r), r.pkt.len,
				  help_at(&orig), orig.pkt.len);
		}
		CHECK_EQ(e.ue.stats.out_protected, j);
		CHECK_EQ(e.net.stats.in_protected, j);
	}
}


/* All four associations, each with its own SPI and numbers */
static void four_associations(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	static const struct {
		bool out;
		uint16_t local, remote;
		uint32_t spi;
	} v[] = {
		{true, PORT_UC, PORT_PS, SPI_PS},
		{false, PORT_UC, PORT_PS, SPI_UC},
		{false, PORT_US, PORT_PC, SPI_US},
		{true, PORT_US, PORT_PC, SPI_PC}
	};
	struct ends e;
	struct room r;
	unsigned i, n;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (n = 1; n <= 3; n++) {
		for (i = 0; i < 4; i++) {
			struct ipsec *from = v[i].out ? &e.ue : &e.net;
			struct ipsec *to = v[i].out ? &e.net : &e.ue;

			help_packet(&r,
				    v[i].out ? &prm.local : &prm.remote,
				    v[i].out ? &prm.remote : &prm.local, 17,
				    v[i].out ? v[i].local : v[i].remote,
				    v[i].out ? v[i].remote : v[i].local,
				    0, NULL, 0, 40);
			CHECK_EQ(ipsec_output(from, &r.pkt, 1),
				 IPSEC_PROTECT);
			CHECK_EQ(ipsec_get32(help_at(&r) + 20), v[i].spi);
			CHECK_EQ(ipsec_get32(help_at(&r) + 24), n);
			CHECK_EQ(ipsec_input(to, &r.pkt, 1), IPSEC_PROTECT);
		}
	}
}


/* RFC 4301 s8.1 */
static void ip4_header(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;
	uint8_t *p;

	CHECK_EQ(help_ends(&e, &prm), 0);
	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 0,
		    optv, sizeof(optv), 22);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);

	p = help_at(&r);
	CHECK_EQ(p[0], 0x47);
	CHECK_EQ(p[1], 0xb8);
	CHECK_EQ(ipsec_get16(p + 2), r.pkt.len);
	CHECK_EQ(r.pkt.len, 28 + 8 + 30 + 2 + 12);
	CHECK_EQ(ipsec_get16(p + 4), 0x1234);
	CHECK_EQ(p[6], 0x40);
	CHECK_EQ(p[8], 64);
	CHECK_EQ(p[9], 50);
	CHECK_EQ(help_sum(p), 0xffff);
	CHECK_MEM(p + 20, 8, optv, sizeof(optv));
	CHECK_EQ(ipsec_get32(p + 28), SPI_PS);
	CHECK_EQ(ipsec_get32(p + 32), 1);
	/* NULL: the payload is to be seen, then pad length, next header */
	CHECK_EQ(ipsec_get16(p + 36), PORT_UC);
	CHECK_EQ(p[36 + 30], 0);
	CHECK_EQ(p[36 + 31], 17);
}


static void ip4_sum(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	uint32_t rnd = 99;
	struct ends e;
	struct room r;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);
	for (i = 0; i < 3000; i++) {
		help_udp(&r, 4, i % 200);
		(void)help_random(help_at(&r) + 4, 2, &rnd);
		help_at(&r)[8] = (uint8_t)i;
		help_sum_set(help_at(&r));
		/* damaged on its way to us */
		if (i & 1)
			help_at(&r)[5] ^= 4;
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
		CHECK_EQ(help_sum(help_at(&r)) == 0xffff, !(i & 1));
	}
}


/* Every carry: all checksums that an identification can give */
static void ip4_sum_all(void)
{
	struct ipsec_addr a = help_addr(4, 1), b = help_addr(4, 2);
	struct room r;
	unsigned id;
	uint8_t *p;

	help_packet(&r, &a, &b, 17, 1, 2, 0, NULL, 0, 100);
	p = help_at(&r);
	for (id = 0; id < 0x10000; id++) {
		ipsec_put16(p + 4, (uint16_t)id);
		p[9] = 17;
		ipsec_put16(p + 2, 0x00ff);
		help_sum_set(p);
		ipsec_ip_rewrite(p, 0x01fe, 9, 50);
		CHECK_EQ(help_sum(p), 0xffff);
		ipsec_ip_rewrite(p, 0x00ff, 9, 17);
		CHECK_EQ(help_sum(p), 0xffff);
	}
}


static void ip6_headers(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 6);
	struct ends e;
	struct room r;
	uint8_t *p;

	CHECK_EQ(help_ends(&e, &prm), 0);
	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 0,
		    extv, sizeof(extv), 10);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);

	p = help_at(&r);
	CHECK_EQ(ipsec_get16(p + 4), r.pkt.len - 40);
	CHECK_EQ(p[6], 0);
	/* routing now names ESP; the last options are inside */
	CHECK_EQ(p[56], 50);
	CHECK_MEM(p + 40, 16, extv, 16);
	CHECK_EQ(ipsec_get32(p + 72), SPI_PS);
	CHECK_MEM(p + 80, 8, extv + 32, 8);
	CHECK_EQ(p[r.pkt.len - 13], 60);

	/* a peer may leave destination options outside (RFC 4303 s3.1.1) */
	help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS, 0,
		    NULL, 0, 10);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	p = help_at(&r) - 8;
	memmove(p, p + 8, 40);
	memcpy(p + 40, extv + 32, 8);
	p[6] = 60;
	p[40] = 50;
	ipsec_put16(p + 4, (uint16_t)(ipsec_get16(p + 4) + 8));
	r.pkt.pos -= 8;
	r.pkt.len += 8;
	CHECK_EQ(ipsec_input(&e.net, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(help_at(&r)[6], 60);
	CHECK_EQ(help_at(&r)[40], 17);
	CHECK_EQ(ipsec_get16(help_at(&r) + 48), PORT_UC);
}


static void link_padding(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;

	CHECK_EQ(help_ends(&e, &prm), 0);
	help_udp(&r, 4, 0);
	r.pkt.len = 46;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(r.pkt.len, 28 + 8 + 4 + 12);
	r.pkt.len += 9;
	CHECK_EQ(ipsec_input(&e.net, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(r.pkt.len, 28);
}


static void room(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	struct ends e;
	struct room r;

	CHECK_EQ(help_ends(&e, &prm), 0);

	/* 8 + 7 = 15: the longest padding, so all of both rooms is needed */
	help_udp(&r, 4, 7);
	r.pkt.size = r.pkt.pos + r.pkt.len + IPSEC_TAILROOM;
	r.pkt.buf += r.pkt.pos - IPSEC_HEADROOM;
	r.pkt.size -= r.pkt.pos - IPSEC_HEADROOM;
	r.pkt.pos = IPSEC_HEADROOM;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(r.pkt.pos, 0);
	CHECK_EQ(r.pkt.len, r.pkt.size);

	help_udp(&r, 4, 7);
	r.pkt.size = r.pkt.pos + r.pkt.len + IPSEC_TAILROOM - 1;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_TOO_LONG);

	help_udp(&r, 4, 7);
	r.pkt.buf += r.pkt.pos - (IPSEC_HEADROOM - 1);
	r.pkt.pos = IPSEC_HEADROOM - 1;
	r.pkt.size -= 64;
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_TOO_LONG);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_TOO_LONG], 2);
}


static void too_long(void)
{
	static uint8_t big[65535 + 256];
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;
	unsigned i;

	CHECK_EQ(help_ends(&e, &prm), 0);

	/* NULL adds 8 + 2 + 12 and here 0 or 1 of padding to 65,512 */
	for (i = 0; i < 2; i++) {
		help_udp(&r, 4, 0);
		memset(big, 0, sizeof(big));
		memcpy(big + 64, help_at(&r), 28);
		r.pkt.buf = big;
		r.pkt.size = sizeof(big);
		r.pkt.len = 65510u + 4 * i;
		ipsec_put16(big + 66, (uint16_t)r.pkt.len);
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1),
			 i ? IPSEC_DISCARD : IPSEC_PROTECT);
	}
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_TOO_LONG);
}


static void fails(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);
	struct ends e;
	struct room r;

	CHECK_EQ(help_ends(&e, &prm), 0);
	e.ue.randomh = help_random_fails;
	help_udp(&r, 4, 7);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_CRYPTO);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_CRYPTO], 1);
}


static void sequence_end(void)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_NULL, 4);
	struct ends e;
	struct room r;

	CHECK_EQ(help_ends(&e, &prm), 0);
	e.ue.setv[0].sav[IPSEC_SA_UC_PS].seq = UINT32_MAX - 1;

	help_udp(&r, 4, 7);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
	CHECK_EQ(ipsec_get32(help_at(&r) + 24), UINT32_MAX);
	CHECK_EQ(ipsec_input(&e.net, &r.pkt, 1), IPSEC_PROTECT);

	help_udp(&r, 4, 7);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(r.pkt.drop, IPSEC_DROP_SEQ_END);
	help_udp(&r, 4, 7);
	CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1), IPSEC_DISCARD);
	CHECK_EQ(e.ue.stats.dropv[IPSEC_DROP_SEQ_END], 2);
}


static void ivs(void)
{
	unsigned i;

	for (i = 0; i < N_PAIRS; i++) {
		struct ipsec_params prm = help_params(pairv[i].alg,
						      pairv[i].ealg, 4);
		const struct ipsec_shape s = ipsec_shape(pairv[i].alg,
							 pairv[i].ealg);
		struct room a, b, c;
		struct ends e;

		if (s.iv == 0)
			continue;
		CHECK_EQ(help_ends(&e, &prm), 0);
		help_udp(&a, 4, 7);
		help_udp(&b, 4, 7);
		help_packet(&c, &prm.local, &prm.remote, 17, PORT_US, PORT_PC,
			    0, NULL, 0, 7);
		CHECK_EQ(ipsec_output(&e.ue, &a.pkt, 1), IPSEC_PROTECT);
		CHECK_EQ(ipsec_output(&e.ue, &b.pkt, 1), IPSEC_PROTECT);
		CHECK_EQ(ipsec_output(&e.ue, &c.pkt, 1), IPSEC_PROTECT);
		CHECK(memcmp(help_at(&a) + 28, help_at(&b) + 28, s.iv));
		CHECK(memcmp(help_at(&a) + 28, help_at(&c) + 28, s.iv));
		CHECK(memcmp(help_at(&b) + 28, help_at(&c) + 28, s.iv));

		/* GCM, GMAC: SPI and number, unique without any state */
		if (!s.random_iv)
			CHECK_MEM(help_at(&a) + 28, 8, help_at(&a) + 20, 8);
	}
}


const struct test_case suite_ipsec_esp[] = {
	{"RFC 4303 s3.3, s3.4: all pairs, IPv4 and IPv6, UDP and TCP, there "
	 "and back", round_trip},
	{"TS 33.203 s7.1: four associations, each with SPI and numbers of its "
	 "own", four_associations},
	{"RFC 4303 s3.1.1: IPv4 header, options and don't-fragment bit are "
	 "kept", ip4_header},
	{"RFC 1624: the IPv4 checksum follows, a wrong one stays wrong",
	 ip4_sum},
	{"RFC 1624: the IPv4 checksum with every carry", ip4_sum_all},
	{"RFC 4303 s3.1.1: place of ESP among IPv6 extension headers",
	 ip6_headers},
	{"octets behind the IP length are ignored", link_padding},
	{"without head or tail room a packet is refused", room},
	{"a packet that would grow over 65,535 octets is refused", too_long},
	{"without a random IV nothing is sent", fails},
	{"RFC 4303 s3.3.3: the sequence number does not cycle", sequence_end},
	{"RFC 3602 s3, RFC 4106 s3.1: no IV is used twice", ivs},
	{NULL, NULL}
};
