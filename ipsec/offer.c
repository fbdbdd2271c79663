/**
 * @file ipsec/offer.c  SPIs and ports for Security-Client (TS 33.203 s7.1)
 */
#include <errno.h>
#include "ipsec/bytes.h"
#include "ipsec/ipsec.h"

/* RFC 4303 s2.1: 0 to 255 are reserved */
#define SPI_MIN 256u


/* By any association, in or out: what the P-CSCF chose is avoided, too, so
 * that SPIs tell the associations of both directions apart */
static bool spi_used(const struct ipsec *db, uint32_t spi)
{
	unsigned i, nr;

	if (spi == db->offer.spi_uc || spi == db->offer.spi_us)
		return true;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (db->setv[i].state == IPSEC_FREE)
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			if (db->setv[i].sav[nr].spi == spi)
				return true;
		}
	}

	return false;
}


/* The next unused SPI from a start; few are used, so this ends soon */
static uint32_t spi_next(const struct ipsec *db, uint32_t spi,
			 uint32_t other)
{
	while (spi < SPI_MIN || spi == other || spi_used(db, spi))
		++spi;

	return spi;
}


static bool port_used(const struct ipsec *db, uint16_t port)
{
	unsigned i, nr;

	if (port == db->offer.port_uc || port == db->offer.port_us)
		return true;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (db->setv[i].state == IPSEC_FREE)
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			if (db->setv[i].sav[nr].local_port == port)
				return true;
		}
	}

	return false;
}


/* The next unused port from a random start, 0 if there is none */
static uint16_t port_next(const struct ipsec *db, uint16_t start,
			  uint16_t other)
{
	const uint32_t n = (uint32_t)db->port_max - db->port_min + 1u;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const uint16_t port = (uint16_t)(db->port_min +
						 (start + i) % n);

		if (port != other && !port_used(db, port))
			return port;
	}

	return 0;
}


int ipsec_offer(struct ipsec_offer *offer, struct ipsec *db)
{
	struct ipsec_offer o;
	uint8_t rnd[12];

	if (db->randomh(rnd, sizeof(rnd), db->arg))
		return EIO;

	o.spi_uc = spi_next(db, ipsec_get32(rnd), 0);
	o.spi_us = spi_next(db, ipsec_get32(rnd + 4), o.spi_uc);

	/* TS 33.203 s7.4.1, TS 24.229 s5.1.1.5.1: port_us stays until the UE
	 * is deregistered, port_uc is a new one each time */
	o.port_us = db->offer.port_us;
	if (o.port_us == 0)
		o.port_us = port_next(db, ipsec_get16(rnd + 8), 0);
	o.port_uc = port_next(db, ipsec_get16(rnd + 10), o.port_us);
	if (o.port_us == 0 || o.port_uc == 0)
		return ENOMEM;

	db->offer = o;
	*offer = o;

	return 0;
}
