/**
 * @file sim_esp.c  Associations of the simulated platform and of the
 * simulated network: no cryptography, but who may send what to whom
 *
 * A packet carries an SPI and a number that stands for keys and algorithms.
 * What has no association for exactly these ports and this key is dropped, as
 * TS 33.203 7.1 and RFC 4301 ask, and counted.
 */
#include <string.h>
#include "test/sim/sim.h"


static uint64_t fnv(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;

	return h;
}


uint64_t sim_esp_key(const uint8_t ck[16], const uint8_t ik[16],
		     const char *alg, const char *ealg)
{
	uint64_t h = fnv(0xcbf29ce484222325ULL, ck, 16);

	h = fnv(h, ik, 16);
	h = fnv(h, alg, strlen(alg) + 1);

	return fnv(h, ealg, strlen(ealg) + 1);
}


/* TS 33.203 7.1: the table of four */
static uint32_t spi_of(const struct sim_set *s, bool to_net, uint16_t ue_port,
		       uint16_t net_port)
{
	if (ue_port == s->ue.port_uc && net_port == s->port_ps)
		return to_net ? s->spi_ps : s->ue.spi_uc;

	if (ue_port == s->ue.port_us && net_port == s->port_pc)
		return to_net ? s->spi_pc : s->ue.spi_us;

	return 0;
}


bool sim_set_fits(const struct sim_set *s, struct sim_esp *esp, bool to_net,
		  const struct ue_addr *ue, const struct ue_addr *net)
{
	if (!s->used || !ue_addr_same_ip(&s->ue_addr, ue) ||
	    !ue_addr_same_ip(&s->net_addr, net))
		return false;

	esp->spi = spi_of(s, to_net, ue->port, net->port);
	esp->key = s->key;

	return esp->spi != 0;
}


bool sim_set_takes(const struct sim_set *s, const struct sim_esp *esp,
		   bool to_net, const struct ue_addr *ue,
		   const struct ue_addr *net)
{
	struct sim_esp own;

	return sim_set_fits(s, &own, to_net, ue, net) &&
		own.spi == esp->spi && own.key == esp->key;
}


/* ------------------------------------------------------------------ */
/* The UE's platform */


static bool is_protected(uint16_t port)
{
	return port >= IPSEC_PORT_MIN && port <= IPSEC_PORT_MAX;
}


bool sim_ue_seal(struct sim_ue *u, struct sim_esp *esp,
		 const struct ue_addr *local, const struct ue_addr *remote)
{
	unsigned i;

	memset(esp, 0, sizeof(*esp));
	if (!is_protected(local->port))
		return true;

	for (i = 0; i < SIM_SETS; i++) {
		if (sim_set_fits(&u->setv[i], esp, true, local, remote))
			return true;
	}

	++u->esp.out_dropped;

	return false;
}


bool sim_ue_open(struct sim_ue *u, const struct sim_esp *esp,
		 const struct ue_addr *local, const struct ue_addr *remote)
{
	unsigned i;

	if (!esp->spi && !is_protected(local->port))
		return true;

	for (i = 0; esp->spi && i < SIM_SETS; i++) {
		if (sim_set_takes(&u->setv[i], esp, false, local, remote))
			return true;
	}

	++u->esp.in_dropped;

	return false;
}


int sim_ue_install(struct sim_ue *u, const struct ipsec_params *prm)
{
	struct sim_set *s = NULL;
	unsigned i;

	for (i = 0; i < SIM_SETS; i++) {
		if (!u->setv[i].used)
			s = &u->setv[i];
	}

	if (!s) {
		u->sim->broken = "more sets of associations than three";
		return 1;
	}

	memset(s, 0, sizeof(*s));
	s->used = true;
	s->ue_addr.family = prm->local.family;
	memcpy(s->ue_addr.ip, prm->local.ip, sizeof(s->ue_addr.ip));
	s->net_addr.family = prm->remote.family;
	memcpy(s->net_addr.ip, prm->remote.ip, sizeof(s->net_addr.ip));
	s->ue = prm->ue;
	s->spi_pc = prm->spi_pc;
	s->spi_ps = prm->spi_ps;
	s->port_pc = prm->port_pc;
	s->port_ps = prm->port_ps;
	s->key = sim_esp_key(prm->ck, prm->ik, ipsec_alg_name(prm->alg),
			     ipsec_ealg_name(prm->ealg));
	++u->esp.installed;

	return 0;
}


void sim_ue_remove(struct sim_ue *u, const struct ipsec_offer *ue)
{
	unsigned i;

	for (i = 0; i < SIM_SETS; i++) {

		struct sim_set *s = &u->setv[i];

		if (s->used && s->ue.spi_uc == ue->spi_uc &&
		    s->ue.spi_us == ue->spi_us) {
			s->used = false;
			++u->esp.removed;
			return;
		}
	}

	u->sim->broken = "ipsec_remove: no such set";
}


unsigned sim_sets(const struct sim_ue *u)
{
	unsigned i, n = 0;

	for (i = 0; i < SIM_SETS; i++)
		n += u->setv[i].used;

	return n;
}
