/**
 * @file esp_args.h  What the programs of the ESP tests share
 */
#ifndef ESP_ARGS_H
#define ESP_ARGS_H

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include "ipsec/ipsec.h"

#define ESP_COUNTERS 1024


/** An ipsec_random_h */
static int esp_random(uint8_t *p, size_t len, void *arg)
{
	(void)arg;

	return getrandom(p, len, 0) == (ssize_t)len ? 0 : -1;
}


static int hex_decode(uint8_t *p, const char *s)
{
	unsigned i, v;

	if (strlen(s) != 32)
		return -1;
	for (i = 0; i < 16; i++) {
		if (sscanf(s + 2 * i, "%2x", &v) != 1)
			return -1;
		p[i] = (uint8_t)v;
	}

	return 0;
}


static int addr_decode(struct ipsec_addr *addr, const char *s)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = strchr(s, ':') ? 6 : 4;

	return inet_pton(addr->family == 6 ? AF_INET6 : AF_INET, s,
			 addr->ip) == 1 ? 0 : -1;
}


static int four_decode(unsigned long v[4], const char *s)
{
	return sscanf(s, "%li,%li,%li,%li", (long *)&v[0], (long *)&v[1],
		      (long *)&v[2], (long *)&v[3]) == 4 ? 0 : -1;
}


/** ALG EALG CK IK LOCAL REMOTE SPIS PORTS.  CK, IK: 32 hex digits; SPIS and
 *  PORTS: the values of uc,us,pc,ps.  @return 0; -1 wrong */
static int esp_args(struct ipsec_params *prm, char *argv[])
{
	unsigned long v[4];

	memset(prm, 0, sizeof(*prm));
	if (ipsec_alg_decode(&prm->alg, argv[0], strlen(argv[0])) ||
	    ipsec_ealg_decode(&prm->ealg, argv[1], strlen(argv[1])) ||
	    hex_decode(prm->ck, argv[2]) || hex_decode(prm->ik, argv[3]) ||
	    addr_decode(&prm->local, argv[4]) ||
	    addr_decode(&prm->remote, argv[5]) || four_decode(v, argv[6]))
		return -1;
	prm->ue.spi_uc = (uint32_t)v[0];
	prm->ue.spi_us = (uint32_t)v[1];
	prm->spi_pc = (uint32_t)v[2];
	prm->spi_ps = (uint32_t)v[3];
	if (four_decode(v, argv[7]))
		return -1;
	prm->ue.port_uc = (uint16_t)v[0];
	prm->ue.port_us = (uint16_t)v[1];
	prm->port_pc = (uint16_t)v[2];
	prm->port_ps = (uint16_t)v[3];

	return 0;
}


/** Lines `name number`.  @return Their length */
static size_t esp_counters(char text[ESP_COUNTERS],
			   const struct ipsec_stats *st)
{
	int n;
	unsigned i;

	n = snprintf(text, ESP_COUNTERS, "out-protected %lu\n"
		     "out-bypassed %lu\nin-protected %lu\nin-bypassed %lu\n",
		     (unsigned long)st->out_protected,
		     (unsigned long)st->out_bypassed,
		     (unsigned long)st->in_protected,
		     (unsigned long)st->in_bypassed);
	for (i = 1; i < IPSEC_DROP_N; i++)
		n += snprintf(text + n, ESP_COUNTERS - (size_t)n, "%s %lu\n",
			      ipsec_drop_name((enum ipsec_drop)i),
			      (unsigned long)st->dropv[i]);

	return (size_t)n;
}

#endif
