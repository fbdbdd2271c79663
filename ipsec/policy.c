/**
 * @file ipsec/policy.c  What is done with a packet (RFC 4301 s4.4, s5)
 */
#include <errno.h>
#include "ipsec/bytes.h"
#include "ipsec/esp.h"

#define N_STATES 3


/* In this order; TS 24.229 s5.1.1.5.1: new traffic uses the current set, the
 * temporary one only where no other one fits */
static const enum ipsec_state statev[N_STATES] = {
	IPSEC_CURRENT, IPSEC_OLD, IPSEC_TEMPORARY
};


static struct ipsec_set *set_alive(struct ipsec *db, enum ipsec_state state,
				   uint64_t now_ms)
{
	unsigned i;

	for (i = 0; i < IPSEC_SETS; i++) {
		struct ipsec_set *set = &db->setv[i];

		if (set->state == state && now_ms < set->expires_ms)
			return set;
	}

	return NULL;
}


static bool inbound(enum ipsec_sa_nr nr)
{
	return nr == IPSEC_SA_PS_UC || nr == IPSEC_SA_PC_US;
}


/* Do the selectors of an association fit?  Local and remote end given */
static bool fits(const struct ipsec_set *set, const struct ipsec_sa *sa,
		 const struct ipsec_ip *ip, uint16_t local, uint16_t remote)
{
	return (set->proto == 0 || set->proto == ip->proto) &&
		sa->local_port == local && sa->remote_port == remote;
}


static bool out_addresses(const struct ipsec_set *set,
			  const struct ipsec_ip *ip)
{
	return ipsec_ip_equal(ip, ip->src, &set->local) &&
		ipsec_ip_equal(ip, ip->dst, &set->remote);
}


static struct ipsec_sa *out_find(struct ipsec_set **setp, struct ipsec *db,
				 const struct ipsec_ip *ip, uint64_t now_ms)
{
	unsigned i, nr;

	for (i = 0; i < N_STATES; i++) {
		struct ipsec_set *set = set_alive(db, statev[i], now_ms);

		if (!set || !out_addresses(set, ip))
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			struct ipsec_sa *sa = &set->sav[nr];

			if (!inbound((enum ipsec_sa_nr)nr) &&
			    fits(set, sa, ip, ip->sport, ip->dport)) {
				*setp = set;
				return sa;
			}
		}
	}

	return NULL;
}


/* RFC 4303 s2.1, s3.4.2: by SPI, here with both addresses */
static struct ipsec_sa *in_find(struct ipsec_set **setp, struct ipsec *db,
				const struct ipsec_ip *ip, uint32_t spi,
				uint64_t now_ms)
{
	unsigned i, nr;

	for (i = 0; i < N_STATES; i++) {
		struct ipsec_set *set = set_alive(db, statev[i], now_ms);

		if (!set || !ipsec_ip_equal(ip, ip->src, &set->remote) ||
		    !ipsec_ip_equal(ip, ip->dst, &set->local))
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			if (inbound((enum ipsec_sa_nr)nr) &&
			    set->sav[nr].spi == spi) {
				*setp = set;
				return &set->sav[nr];
			}
		}
	}

	return NULL;
}


/* A port of the UE that is never used in the clear, set or no set */
static bool local_protected(const struct ipsec *db, uint16_t port)
{
	unsigned i, nr;

	if (port >= db->port_min && port <= db->port_max)
		return true;

	for (i = 0; i < IPSEC_SETS; i++) {
		const struct ipsec_set *set = &db->setv[i];

		if (set->state == IPSEC_FREE)
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			if (set->sav[nr].local_port == port)
				return true;
		}
	}

	return false;
}


/* A packet to a protected port of a P-CSCF */
static bool remote_protected(const struct ipsec *db,
			     const struct ipsec_ip *ip)
{
	unsigned i, nr;

	for (i = 0; i < IPSEC_SETS; i++) {
		const struct ipsec_set *set = &db->setv[i];

		if (set->state == IPSEC_FREE || !out_addresses(set, ip))
			continue;

		for (nr = 0; nr < IPSEC_SA_N; nr++) {
			if (set->sav[nr].remote_port == ip->dport)
				return true;
		}
	}

	return false;
}


/* May an outbound packet without association leave as it is? */
static enum ipsec_drop out_clear(const struct ipsec *db,
				 const struct ipsec_ip *ip)
{
	unsigned i;

	if (ip->has_ports) {
		if (!local_protected(db, ip->sport) &&
		    !remote_protected(db, ip))
			return IPSEC_DROP_NONE;

		return ip->fragment ? IPSEC_DROP_FRAGMENT :
			IPSEC_DROP_NO_POLICY_SA;
	}

	/* RFC 4303 s3.3.4: a later fragment might be one of ours */
	for (i = 0; ip->fragment && i < IPSEC_SETS; i++) {
		if (db->setv[i].state != IPSEC_FREE &&
		    out_addresses(&db->setv[i], ip))
			return IPSEC_DROP_FRAGMENT;
	}

	return IPSEC_DROP_NONE;
}


static enum ipsec_verdict discard(struct ipsec *db, struct ipsec_packet *pkt,
				  enum ipsec_drop why)
{
	pkt->drop = why;
	++db->stats.dropv[why];

	return IPSEC_DISCARD;
}


static int packet_decode(struct ipsec_ip *ip, const struct ipsec_packet *pkt)
{
	if (pkt->pos > pkt->size || pkt->len > pkt->size - pkt->pos)
		return EBADMSG;

	return ipsec_ip_decode(ip, pkt->buf + pkt->pos, pkt->len);
}


enum ipsec_verdict ipsec_output(struct ipsec *db, struct ipsec_packet *pkt,
				uint64_t now_ms)
{
	struct ipsec_set *set = NULL;
	struct ipsec_sa *sa = NULL;
	enum ipsec_drop why;
	struct ipsec_ip ip;

	pkt->drop = IPSEC_DROP_NONE;

	if (packet_decode(&ip, pkt))
		return discard(db, pkt, IPSEC_DROP_MALFORMED);

	if (ip.has_ports && !ip.fragment)
		sa = out_find(&set, db, &ip, now_ms);

	if (!sa) {
		why = out_clear(db, &ip);
		if (why)
			return discard(db, pkt, why);

		++db->stats.out_bypassed;
		return IPSEC_BYPASS;
	}

	why = ipsec_esp_seal(pkt, &ip, set, sa, db->randomh, db->arg);
	if (why)
		return discard(db, pkt, why);

	++db->stats.out_protected;

	return IPSEC_PROTECT;
}


/* RFC 4301 s5.2 step 4: is the unwrapped packet one of this association? */
static bool inner_fits(struct ipsec_ip *ip, const struct ipsec_packet *pkt,
		       const struct ipsec_set *set, const struct ipsec_sa *sa)
{
	if (packet_decode(ip, pkt))
		return false;

	return ip->has_ports && !ip->fragment &&
		fits(set, sa, ip, ip->dport, ip->sport);
}


static enum ipsec_verdict input_esp(struct ipsec *db,
				    struct ipsec_packet *pkt,
				    struct ipsec_ip *ip, uint64_t now_ms)
{
	const uint8_t *p = pkt->buf + pkt->pos;
	struct ipsec_set *set = NULL;
	struct ipsec_sa *sa;
	enum ipsec_drop why;

	/* RFC 4303 s3.4.1 */
	if (ip->fragment)
		return discard(db, pkt, IPSEC_DROP_FRAGMENT);

	if (ip->len - ip->upper < IPSEC_ESP_HEADER)
		return discard(db, pkt, IPSEC_DROP_LENGTH);

	sa = in_find(&set, db, ip, ipsec_get32(p + ip->upper), now_ms);
	if (!sa)
		return discard(db, pkt, IPSEC_DROP_NO_SA);

	why = ipsec_esp_open(pkt, ip, set, sa);
	if (why)
		return discard(db, pkt, why);

	if (!inner_fits(ip, pkt, set, sa))
		return discard(db, pkt, IPSEC_DROP_SELECTOR);

	++db->stats.in_protected;

	return IPSEC_PROTECT;
}


enum ipsec_verdict ipsec_input(struct ipsec *db, struct ipsec_packet *pkt,
			       uint64_t now_ms)
{
	struct ipsec_ip ip;

	pkt->drop = IPSEC_DROP_NONE;

	if (packet_decode(&ip, pkt))
		return discard(db, pkt, IPSEC_DROP_MALFORMED);

	if (ip.proto == IPSEC_PROTO_ESP)
		return input_esp(db, pkt, &ip, now_ms);

	/* Fragments after the first are let through: without the first, which
	 * shows the ports, they come to nothing */
	if (ip.has_ports && local_protected(db, ip.dport))
		return discard(db, pkt, IPSEC_DROP_CLEAR);

	++db->stats.in_bypassed;

	return IPSEC_BYPASS;
}
