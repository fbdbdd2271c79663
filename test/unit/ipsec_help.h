/**
 * @file ipsec_help.h  Packets and both ends of the associations for the
 * tests of ipsec/
 */
#ifndef IPSEC_HELP_H
#define IPSEC_HELP_H

#include <errno.h>
#include <string.h>
#include "ipsec/bytes.h"
#include "ipsec/esp.h"
#include "ipsec/ipsec.h"
#include "test/unit/test.h"

#define PORT_UC 31010
#define PORT_US 31020
#define PORT_PC 5100
#define PORT_PS 6100
#define SPI_UC 0x00001001u
#define SPI_US 0x00001002u
#define SPI_PC 0x87654321u
#define SPI_PS 0x98765432u

/** All pairs of TS 33.203 annex H that are built */
static const struct {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
} pairv[] = {
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_AES_CBC},
#if IPSEC_3DES
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_DES_EDE3_CBC},
#endif
#if IPSEC_MD5
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_AES_CBC},
#endif
#if IPSEC_MD5 && IPSEC_3DES
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_DES_EDE3_CBC},
#endif
#if IPSEC_GCM
	{IPSEC_ALG_NULL, IPSEC_EALG_AES_GCM},
	{IPSEC_ALG_AES_GMAC, IPSEC_EALG_NULL}
#endif
};
#define N_PAIRS (sizeof(pairv) / sizeof(pairv[0]))

/** Is it one of them? */
static inline bool help_built(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	for (unsigned i = 0; i < N_PAIRS; i++) {
		if (pairv[i].alg == alg && pairv[i].ealg == ealg)
			return true;
	}

	return false;
}

/** A packet with room around it */
struct room {
	uint8_t buf[2048];
	struct ipsec_packet pkt;
};


/** Random octets that are none: a counter */
static inline int help_random(uint8_t *buf, size_t len, void *arg)
{
	uint32_t *n = arg;
	size_t i;

	for (i = 0; i < len; i++) {
		*n = *n * 1664525u + 1013904223u;
		buf[i] = (uint8_t)(*n >> 24);
	}

	return 0;
}


static inline int help_random_fails(uint8_t *buf, size_t len, void *arg)
{
	(void)buf;
	(void)len;
	(void)arg;

	return EIO;
}


static inline struct ipsec_addr help_addr(uint8_t family, uint8_t host)
{
	struct ipsec_addr a = {family, {0}};

	if (family == 4) {
		a.ip[0] = 10;
		a.ip[1] = 77;
		a.ip[3] = host;
	}
	else {
		a.ip[0] = 0xfd;
		a.ip[1] = 0x77;
		a.ip[15] = host;
	}

	return a;
}


/** The UE's view of a set */
static inline struct ipsec_params help_params(enum ipsec_alg alg,
					      enum ipsec_ealg ealg,
					      uint8_t family)
{
	struct ipsec_params prm;
	uint8_t i;

	memset(&prm, 0, sizeof(prm));
	prm.alg = alg;
	prm.ealg = ealg;
	prm.local = help_addr(family, 1);
	prm.remote = help_addr(family, 2);
	prm.ue.spi_uc = SPI_UC;
	prm.ue.spi_us = SPI_US;
	prm.ue.port_uc = PORT_UC;
	prm.ue.port_us = PORT_US;
	prm.spi_pc = SPI_PC;
	prm.spi_ps = SPI_PS;
	prm.port_pc = PORT_PC;
	prm.port_ps = PORT_PS;
	for (i = 0; i < 16; i++) {
		prm.ck[i] = (uint8_t)(0xc0 + 7 * i);
		prm.ik[i] = (uint8_t)(0x1a + 11 * i);
	}

	return prm;
}


/** The same set as the P-CSCF sees it */
static inline struct ipsec_params help_mirror(const struct ipsec_params *ue)
{
	struct ipsec_params prm = *ue;

	prm.local = ue->remote;
	prm.remote = ue->local;
	prm.ue.port_uc = ue->port_ps;
	prm.port_ps = ue->ue.port_uc;
	prm.ue.port_us = ue->port_pc;
	prm.port_pc = ue->ue.port_us;
	prm.ue.spi_uc = ue->spi_ps;
	prm.spi_ps = ue->ue.spi_uc;
	prm.ue.spi_us = ue->spi_pc;
	prm.spi_pc = ue->ue.spi_us;

	return prm;
}


/** Two ends with the same set, made at time 0 */
struct ends {
	struct ipsec ue;
	struct ipsec net;
	uint32_t rnd;
};


static inline int help_ends(struct ends *e, const struct ipsec_params *prm)
{
	const struct ipsec_params net = help_mirror(prm);
	int err;

	memset(e, 0, sizeof(*e));
	err = ipsec_init(&e->ue, 0, 0, help_random, &e->rnd);
	if (!err)
		err = ipsec_init(&e->net, 6100, 6199, help_random, &e->rnd);
	if (!err)
		err = ipsec_add(NULL, &e->ue, prm, 0);
	if (!err)
		err = ipsec_add(NULL, &e->net, &net, 0);

	return err;
}


/** The set with an association from one port to the other, NULL = none */
static inline const struct ipsec_set *help_find(const struct ipsec *db,
						uint16_t local, uint16_t remote)
{
	unsigned i, nr;

	for (i = 0; i < IPSEC_SETS * IPSEC_SA_N; i++) {

		const struct ipsec_set *set = &db->setv[i / IPSEC_SA_N];

		nr = i % IPSEC_SA_N;
		if (set->state != IPSEC_FREE &&
		    set->sav[nr].local_port == local &&
		    set->sav[nr].remote_port == remote)
			return set;
	}

	return NULL;
}


/** One's complement sum of an IPv4 header; 0xffff when it is right */
static inline uint16_t help_sum(const uint8_t *p)
{
	const size_t len = (p[0] & 15u) * 4u;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);

	return (uint16_t)sum;
}


static inline void help_sum_set(uint8_t *p)
{
	p[10] = p[11] = 0;
	ipsec_put16(p + 10, (uint16_t)~help_sum(p));
}


/** Put a whole packet into the middle of its room */
static inline void help_put(struct room *r, const uint8_t *p, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->pkt.buf = r->buf;
	r->pkt.size = sizeof(r->buf);
	r->pkt.pos = 64;
	r->pkt.len = len;
	memcpy(r->buf + 64, p, len);
}


static inline uint8_t *help_at(struct room *r)
{
	return r->pkt.buf + r->pkt.pos;
}


/**
 * Make a packet
 *
 * @param from, to  Addresses
 * @param proto     17 or 6
 * @param ext, n    IPv4 options, or IPv6 extension headers whose first one
 *                  is of type ext_nh and whose last one names proto
 * @param len       Octets behind the UDP or TCP header
 */
static inline void help_packet(struct room *r, const struct ipsec_addr *from,
			       const struct ipsec_addr *to, uint8_t proto,
			       uint16_t sport, uint16_t dport, uint8_t ext_nh,
			       const uint8_t *ext, size_t n, size_t len)
{
	const size_t fixed = from->family == 4 ? 20 : 40;
	const size_t upper = proto == 17 ? 8 : 20;
	uint8_t p[1900];
	uint8_t *up = p + fixed + n;
	size_t i;

	memset(p, 0, sizeof(p));
	if (n)
		memcpy(p + fixed, ext, n);
	if (from->family == 4) {
		p[0] = (uint8_t)(0x45 + n / 4);
		p[1] = 0xb8;
		ipsec_put16(p + 2, (uint16_t)(fixed + n + upper + len));
		ipsec_put16(p + 4, 0x1234);
		p[6] = 0x40;
		p[8] = 64;
		p[9] = proto;
		memcpy(p + 12, from->ip, 4);
		memcpy(p + 16, to->ip, 4);
		help_sum_set(p);
	}
	else {
		p[0] = 0x60;
		ipsec_put16(p + 4, (uint16_t)(n + upper + len));
		p[6] = n ? ext_nh : proto;
		p[7] = 64;
		memcpy(p + 8, from->ip, 16);
		memcpy(p + 24, to->ip, 16);
	}

	ipsec_put16(up, sport);
	ipsec_put16(up + 2, dport);
	if (proto == 17)
		ipsec_put16(up + 4, (uint16_t)(8 + len));
	else
		up[12] = 0x50;
	for (i = 0; i < len; i++)
		up[upper + i] = (uint8_t)(i * 5 + len);

	help_put(r, p, fixed + n + upper + len);
}


/** The usual: UDP from port_uc to port_ps */
static inline void help_udp(struct room *r, uint8_t family, size_t len)
{
	const struct ipsec_addr a = help_addr(family, 1);
	const struct ipsec_addr b = help_addr(family, 2);

	help_packet(r, &a, &b, 17, PORT_UC, PORT_PS, 0, NULL, 0, len);
}


/** And the way back: UDP from port_pc to port_us */
static inline void help_udp_in(struct room *r, uint8_t family, size_t len)
{
	const struct ipsec_addr a = help_addr(family, 1);
	const struct ipsec_addr b = help_addr(family, 2);

	help_packet(r, &b, &a, 17, PORT_PC, PORT_US, 0, NULL, 0, len);
}

#endif
