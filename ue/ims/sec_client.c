/**
 * @file sec_client.c  Security-Client: which algorithms, in which order
 * (TS 33.203 annex H, RFC 3329 2.3.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/sec_core.h"

#if UE_IPSEC

/** Pairs in a list of the settings: more is a mistake */
#define PAIRS_MAX 16

/** TS 33.203 annex H: spivalue = 10DIGIT */
#define SPI_DIGITS 10

/* Confidentiality first, then the stronger algorithm; an encryption that the
   specification has given up comes after those it has not */
static const struct sec_pair standingv[] = {
	{IPSEC_ALG_NULL,          IPSEC_EALG_AES_GCM},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_AES_CBC},
	{IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_AES_CBC},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_DES_EDE3_CBC},
	{IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_DES_EDE3_CBC},
	{IPSEC_ALG_AES_GMAC,      IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_NULL}
};

#define STANDING_N (sizeof(standingv) / sizeof(standingv[0]))


void sec_pairs_init(struct sec_pairs *it, const struct ue_settings *set)
{
	it->p = set->sec_algs;
	it->i = 0;
}


static int next_standing(struct sec_pair *pair, struct sec_pairs *it)
{
	while (it->i < STANDING_N) {

		*pair = standingv[it->i++];
		if (ipsec_pair_supported(pair->alg, pair->ealg))
			return 0;
	}

	return ENOENT;
}


/* "alg/ealg,alg/ealg" */
int sec_pairs_next(struct sec_pair *pair, struct sec_pairs *it)
{
	const char *slash, *end;

	if (!it->p)
		return next_standing(pair, it);

	if (!*it->p)
		return it->i ? ENOENT : EINVAL;

	end = strchr(it->p, ',');
	if (!end)
		end = it->p + strlen(it->p);
	slash = memchr(it->p, '/', (size_t)(end - it->p));

	if (!slash || it->i++ == PAIRS_MAX ||
	    ipsec_alg_decode(&pair->alg, it->p, (size_t)(slash - it->p)) ||
	    ipsec_ealg_decode(&pair->ealg, slash + 1,
			      (size_t)(end - slash - 1)) ||
	    !ipsec_pair_supported(pair->alg, pair->ealg) ||
	    (*end && !end[1]))
		return EINVAL;

	it->p = *end ? end + 1 : end;

	return 0;
}


uint16_t sec_pair_bit(const struct sec_pair *pair)
{
	return (uint16_t)(1U << ((unsigned)pair->alg * 4 +
				 (unsigned)pair->ealg));
}


uint16_t sec_pairs_usable(const struct ims_reg *reg)
{
	const struct ue_port *port = reg->ue->port;
	struct sec_pairs it;
	struct sec_pair pair;
	unsigned bits = 0;

	sec_pairs_init(&it, reg->ue->set);
	while (!sec_pairs_next(&pair, &it)) {
		if (!port->ipsec_pair ||
		    port->ipsec_pair(port->arg, pair.alg, pair.ealg))
			bits |= sec_pair_bit(&pair);
	}

	return (uint16_t)bits;
}


static void put_spi(struct sip_writer *w, const char *name, uint32_t spi,
		    bool plain)
{
	char digits[SPI_DIGITS + 1];
	unsigned i = SPI_DIGITS;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + spi % 10);
		spi /= 10;
	} while (i && (!plain || spi));

	sip_writer_fmt(w, ";%s=%s", name, digits + i);
}


/* All share SPIs and ports.  RFC 3329 s2.3.1: without preferences */
void sec_write_client(struct sip_writer *w, const struct ims_reg *reg,
		      const struct ipsec_offer *offer)
{
	const struct ue_settings *set = reg->ue->set;
	unsigned left = reg->sec.offered;
	struct sec_pairs it;
	struct sec_pair pair;

	sip_writer_name(w, SIP_HDR_SECURITY_CLIENT);
	sec_pairs_init(&it, set);

	while (!sec_pairs_next(&pair, &it)) {

		/* each once */
		if (!(left & sec_pair_bit(&pair)))
			continue;

		if (left != reg->sec.offered)
			sip_writer_str(w, ", ");
		left &= ~(unsigned)sec_pair_bit(&pair);

		sip_writer_fmt(w, "ipsec-3gpp;alg=%s;ealg=%s;prot=esp;"
			       "mod=trans", ipsec_alg_name(pair.alg),
			       ipsec_ealg_name(pair.ealg));
		put_spi(w, "spi-c", offer->spi_uc, set->sec_plain_spi);
		put_spi(w, "spi-s", offer->spi_us, set->sec_plain_spi);
		sip_writer_fmt(w, ";port-c=%u;port-s=%u",
			       (uint32_t)offer->port_uc,
			       (uint32_t)offer->port_us);
	}
	sip_writer_eol(w);
}

#endif
