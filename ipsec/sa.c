/**
 * @file ipsec/sa.c  The sets of associations and their lifetimes
 *
 *   state       event     action              next        clause
 *   free        401       -                   temporary   24.229 s5.1.1.5.1
 *   temporary   401       -                   free        33.203 s7.3.1
 *               200       -                   current     24.229 s5.1.1.2
 *               failure   -                   free        33.203 s7.4.1
 *               another   -                   free        33.203 s7.3.1
 *               lifetime  told (4 minutes)    free        33.203 s7.4.1
 *   current     another   -                   old         33.203 s7.4.1
 *               lifetime  told                free        24.229 s5.1.1.2
 *   old         another   -                   free        33.203 s7.4.1
 *               lifetime  told                free        24.229 s5.1.1.2
 *   any         flush     -                   free        33.203 s7.5
 *
 * another: 401 and 200 for another set.  flush: deregistered, or a new
 * address.  What is told the owner deletes.  Any other pair of state and
 * event: nothing.
 *
 * At most one set is in each state, so three always suffice.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ipsec/transform.h"

/* RFC 4303 s2.1: 0 to 255 are reserved */
#define SPI_MIN 256u


static struct ipsec_set *set_find(const struct ipsec *db,
				  enum ipsec_state state)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		if (db->setv[i].state == state)
			return (struct ipsec_set *)&db->setv[i];
	}

	return NULL;
}


const struct ipsec_set *ipsec_get(const struct ipsec *db,
				  enum ipsec_state state)
{
	return state == IPSEC_FREE ? NULL : set_find(db, state);
}


int ipsec_init(struct ipsec *db, uint16_t port_min, uint16_t port_max,
	       ipsec_random_h *randomh, void *arg)
{
	if (port_min == 0)
		port_min = IPSEC_PORT_MIN;
	if (port_max == 0)
		port_max = IPSEC_PORT_MAX;

	if (!randomh || port_min < 1024 || port_max < port_min ||
	    port_max - port_min < 7)
		return EINVAL;
	if (port_min <= 5061 && port_max >= 5060)
		return EINVAL;

	memset(db, 0, sizeof(*db));
	db->port_min = port_min;
	db->port_max = port_max;
	db->randomh = randomh;
	db->arg = arg;

	return 0;
}


void ipsec_close(struct ipsec *db)
{
	mbedtls_platform_zeroize(db, sizeof(*db));
}


void ipsec_delete(struct ipsec *db, enum ipsec_state state)
{
	struct ipsec_set *set;

	if (state == IPSEC_FREE)
		return;

	set = set_find(db, state);
	if (set)
		mbedtls_platform_zeroize(set, sizeof(*set));
}


void ipsec_flush(struct ipsec *db)
{
	mbedtls_platform_zeroize(db->setv, sizeof(db->setv));
	memset(&db->offer, 0, sizeof(db->offer));
}


static bool spi_taken(const struct ipsec *db, uint32_t spi)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		const struct ipsec_set *set = &db->setv[i];

		if (set->state != IPSEC_FREE &&
		    (set->sav[IPSEC_SA_PS_UC].spi == spi ||
		     set->sav[IPSEC_SA_PC_US].spi == spi))
			return true;
	}

	return false;
}


/* What the UE chose itself */
static int check_own(const struct ipsec *db, const struct ipsec_params *prm)
{
	const struct ipsec_offer *ue = &prm->ue;

	if ((prm->local.family != 4 && prm->local.family != 6) ||
	    prm->local.family != prm->remote.family)
		return EINVAL;

	if (prm->proto != 0 && prm->proto != 6 && prm->proto != 17)
		return EINVAL;

	/* TS 33.203 s7.1: the ports differ, the SPIs differ and are unused */
	if (ue->port_uc == 0 || ue->port_us == 0 || ue->port_uc == ue->port_us)
		return EINVAL;
	if (ue->spi_uc < SPI_MIN || ue->spi_us < SPI_MIN ||
	    ue->spi_uc == ue->spi_us || spi_taken(db, ue->spi_uc) ||
	    spi_taken(db, ue->spi_us))
		return EINVAL;

	return 0;
}


/* What came in Security-Server */
static int check_peer(const struct ipsec_params *prm)
{
	const struct ipsec_offer *ue = &prm->ue;

	if (prm->port_pc == 0 || prm->port_ps == 0)
		return EBADMSG;

	/* RFC 4303 s2.1: 0 is none; 1 to 255 are reserved, but some begin to
	   count there.
	   TS 33.203 s7.1: all four differ.  GCM depends on it, see esp.c */
	if (!prm->spi_pc || !prm->spi_ps ||
	    prm->spi_pc == prm->spi_ps ||
	    prm->spi_pc == ue->spi_uc || prm->spi_pc == ue->spi_us ||
	    prm->spi_ps == ue->spi_uc || prm->spi_ps == ue->spi_us)
		return EBADMSG;

	return 0;
}


static void sa_set(struct ipsec_sa *sa, uint32_t spi, uint16_t local_port,
		   uint16_t remote_port)
{
	sa->spi = spi;
	sa->local_port = local_port;
	sa->remote_port = remote_port;
}


int ipsec_add(struct ipsec_set **setp, struct ipsec *db,
	      const struct ipsec_params *prm, uint64_t now_ms)
{
	struct ipsec_keys keys;
	struct ipsec_set *set;
	int err;

	if (!ipsec_pair_supported(prm->alg, prm->ealg))
		return ENOTSUP;

	/* TS 33.203 s7.3.1: an older challenge is void */
	ipsec_delete(db, IPSEC_TEMPORARY);

	err = check_own(db, prm);
	if (!err)
		err = check_peer(prm);
	if (err)
		return err;

	set = set_find(db, IPSEC_FREE);

	err = ipsec_keys_expand(&keys, prm->alg, prm->ealg, prm->ck, prm->ik);
	if (err)
		return err;
	err = ipsec_crypto_init(&set->crypto, prm->alg, prm->ealg, &keys);
	mbedtls_platform_zeroize(&keys, sizeof(keys));
	if (err)
		return err;

	set->proto = prm->proto;
	set->local = prm->local;
	set->remote = prm->remote;
	sa_set(&set->sav[IPSEC_SA_UC_PS], prm->spi_ps, prm->ue.port_uc,
	       prm->port_ps);
	sa_set(&set->sav[IPSEC_SA_PS_UC], prm->ue.spi_uc, prm->ue.port_uc,
	       prm->port_ps);
	sa_set(&set->sav[IPSEC_SA_PC_US], prm->ue.spi_us, prm->ue.port_us,
	       prm->port_pc);
	sa_set(&set->sav[IPSEC_SA_US_PC], prm->spi_pc, prm->ue.port_us,
	       prm->port_pc);
	set->expires_ms = now_ms + IPSEC_TEMPORARY_MS;
	set->state = IPSEC_TEMPORARY;

	if (setp)
		*setp = set;

	return 0;
}


static uint64_t lifetime(uint64_t now_ms, uint32_t expires_s)
{
	return now_ms + (uint64_t)expires_s * 1000u + IPSEC_EXTRA_MS;
}


static void lengthen(struct ipsec_set *set, uint64_t end_ms)
{
	if (set->expires_ms < end_ms)
		set->expires_ms = end_ms;
}


int ipsec_establish(struct ipsec *db, uint64_t now_ms, uint32_t expires_s)
{
	struct ipsec_set *set = set_find(db, IPSEC_TEMPORARY);
	struct ipsec_set *former;

	if (!set)
		return ENOENT;

	ipsec_delete(db, IPSEC_OLD);
	former = set_find(db, IPSEC_CURRENT);

	set->expires_ms = lifetime(now_ms, expires_s);
	if (former) {
		lengthen(set, former->expires_ms);
		former->state = IPSEC_OLD;
	}
	set->state = IPSEC_CURRENT;

	return 0;
}


int ipsec_extend(struct ipsec *db, uint64_t now_ms, uint32_t expires_s)
{
	struct ipsec_set *set = set_find(db, IPSEC_CURRENT);

	if (!set)
		return ENOENT;

	lengthen(set, lifetime(now_ms, expires_s));

	return 0;
}


bool ipsec_expired(enum ipsec_state *state, const struct ipsec *db,
		   uint64_t now_ms)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		const struct ipsec_set *set = &db->setv[i];

		if (set->state != IPSEC_FREE && now_ms >= set->expires_ms) {
			*state = set->state;
			return true;
		}
	}

	return false;
}


uint64_t ipsec_next_ms(const struct ipsec *db)
{
	uint64_t next = UINT64_MAX;
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		const struct ipsec_set *set = &db->setv[i];

		if (set->state != IPSEC_FREE && set->expires_ms < next)
			next = set->expires_ms;
	}

	return next;
}
