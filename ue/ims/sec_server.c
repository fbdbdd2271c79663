/**
 * @file sec_server.c  Security-Server: choice; Security-Verify (RFC 3329
 * 2.3.1, TS 33.203 7.2, annex H)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/sec_core.h"
#include "ue/ims/text.h"

#if UE_IPSEC

/** Mechanisms looked at in one response */
#define MECHS_MAX 32


/* What our writer refuses in any value cannot be repeated */
static bool is_text(const struct pl *val)
{
	size_t i;

	for (i = 0; i < val->l; i++) {

		const unsigned char c = (unsigned char)val->p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}

	return true;
}


int sec_server_keep(char dst[UE_SEC_SERVER_MAX], const struct sip_msg *msg)
{
	struct sip_iter it;
	struct pl val;
	size_t pos = 0;

	/* does it fit? */
	sip_iter_init(&it, msg, SIP_HDR_SECURITY_SERVER);
	while (!sip_iter_field(&val, &it)) {
		if (!val.l)
			continue;
		if (!is_text(&val))
			return EBADMSG;
		if (val.l >= UE_SEC_SERVER_MAX - pos)
			return EOVERFLOW;
		pos += val.l + 1;
	}

	if (!pos)
		return ENOENT;

	pos = 0;
	sip_iter_init(&it, msg, SIP_HDR_SECURITY_SERVER);
	while (!sip_iter_field(&val, &it)) {
		if (!val.l)
			continue;
		memcpy(dst + pos, val.p, val.l);
		dst[pos + val.l] = '\n';
		pos += val.l + 1;
	}
	dst[pos - 1] = '\0';

	return 0;
}


void sec_write_verify(struct sip_writer *w, const char *kept)
{
	struct pl val = ims_pl(kept);

	while (val.l) {

		const char *end = memchr(val.p, '\n', val.l);
		const size_t rest = val.l;
		struct pl one = val;

		if (end)
			one.l = (size_t)(end - val.p);

		sip_writer_hdr(w, SIP_HDR_SECURITY_VERIFY, "%r", &one);
		val.l = end ? rest - one.l - 1 : 0;
		val.p += one.l + (end ? 1 : 0);
	}
}


static bool absent_or(const struct pl *val, const char *word)
{
	return !val->p || !pl_strcasecmp(val, word);
}


/* TS 33.203 annex H: prot and mod have one value, ealg is null when absent */
static bool mech_pair(struct sec_pair *pair, const struct sip_sec_mech *m)
{
	if (pl_strcasecmp(&m->name, "ipsec-3gpp") || !m->alg.p ||
	    !absent_or(&m->prot, "esp") || !absent_or(&m->mod, "trans") ||
	    ipsec_alg_decode(&pair->alg, m->alg.p, m->alg.l))
		return false;

	pair->ealg = IPSEC_EALG_NULL;

	return !m->ealg.p ||
		!ipsec_ealg_decode(&pair->ealg, m->ealg.p, m->ealg.l);
}


/* s7.1: complete, and different from what the UE has chosen.  RFC 4303 s2.1
   reserves SPIs below 256, but some P-CSCFs begin to count there */
static bool mech_complete(const struct sip_sec_mech *m,
			  const struct ipsec_offer *ue)
{
	return m->port_c && m->port_s && m->spi_c && m->spi_s &&
		m->spi_c != m->spi_s &&
		m->spi_c != ue->spi_uc && m->spi_c != ue->spi_us &&
		m->spi_s != ue->spi_uc && m->spi_s != ue->spi_us;
}


/* RFC 3329 s2.3.1: the highest q of those that are known; TS 33.203 annex H:
   of those that were offered, whatever else is in the list against bidding
   down.  The first one where q is the same */
int sec_server_choose(struct ims_sec_choice *choice,
		      const struct sip_msg *msg, uint16_t offered,
		      const struct ipsec_offer *offer)
{
	struct sip_sec_mech m;
	struct sip_iter it;
	unsigned n;
	int best = -1, err = 0;

	sip_iter_init(&it, msg, SIP_HDR_SECURITY_SERVER);

	for (n = 0; n < MECHS_MAX && err != ENOENT; n++) {

		struct sec_pair pair;

		/* what cannot be read is none of ours */
		err = sip_iter_sec_mech(&m, &it);
		if (err || m.q <= best || !mech_pair(&pair, &m) ||
		    !(offered & sec_pair_bit(&pair)) ||
		    (offer && !mech_complete(&m, offer)))
			continue;

		best = m.q;
		choice->alg  = pair.alg;
		choice->ealg = pair.ealg;
		choice->spi_pc  = m.spi_c;
		choice->spi_ps  = m.spi_s;
		choice->port_pc = m.port_c;
		choice->port_ps = m.port_s;
	}

	return best < 0 ? ENOENT : 0;
}

#endif
