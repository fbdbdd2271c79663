/**
 * @file esptool.c  ipsec/ behind a pipe, for tests in Python
 *
 *     esptool ALG EALG CK IK LOCAL REMOTE SPIS PORTS
 *
 * One set of associations.  CK, IK: 32 hex digits; SPIS and PORTS: the
 * values of uc,us,pc,ps.  Standard input holds records: a letter, length in
 * two octets (network order), a whole IP packet.
 *
 *     o  outbound packet      i  inbound packet      s  counters (no packet)
 *
 * Each is answered by a record: P protect, B bypass or D discard, length,
 * packet (D: the name of the reason; s: S, lines `name number`).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "ipsec/ipsec.h"

#define RECORD_MAX 65535

static struct ipsec db;
static uint8_t buf[IPSEC_HEADROOM + RECORD_MAX + IPSEC_TAILROOM];


static int random_h(uint8_t *p, size_t len, void *arg)
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


static int params_decode(struct ipsec_params *prm, char *argv[])
{
	unsigned long v[4];

	memset(prm, 0, sizeof(*prm));
	if (ipsec_alg_decode(&prm->alg, argv[1], strlen(argv[1])) ||
	    ipsec_ealg_decode(&prm->ealg, argv[2], strlen(argv[2])) ||
	    hex_decode(prm->ck, argv[3]) || hex_decode(prm->ik, argv[4]) ||
	    addr_decode(&prm->local, argv[5]) ||
	    addr_decode(&prm->remote, argv[6]) || four_decode(v, argv[7]))
		return -1;
	prm->ue.spi_uc = (uint32_t)v[0];
	prm->ue.spi_us = (uint32_t)v[1];
	prm->spi_pc = (uint32_t)v[2];
	prm->spi_ps = (uint32_t)v[3];
	if (four_decode(v, argv[8]))
		return -1;
	prm->ue.port_uc = (uint16_t)v[0];
	prm->ue.port_us = (uint16_t)v[1];
	prm->port_pc = (uint16_t)v[2];
	prm->port_ps = (uint16_t)v[3];

	return 0;
}


static int answer(char kind, const void *p, size_t len)
{
	const uint8_t head[3] = {(uint8_t)kind, (uint8_t)(len >> 8),
				 (uint8_t)len};

	return fwrite(head, 1, 3, stdout) == 3 &&
		fwrite(p, 1, len, stdout) == len && !fflush(stdout) ? 0 : -1;
}


static int counters(void)
{
	const struct ipsec_stats *st = &db.stats;
	char text[1024];
	int n;
	unsigned i;

	n = snprintf(text, sizeof(text), "out-protected %lu\n"
		     "out-bypassed %lu\nin-protected %lu\nin-bypassed %lu\n",
		     (unsigned long)st->out_protected,
		     (unsigned long)st->out_bypassed,
		     (unsigned long)st->in_protected,
		     (unsigned long)st->in_bypassed);
	for (i = 1; i < IPSEC_DROP_N; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s %lu\n",
			      ipsec_drop_name((enum ipsec_drop)i),
			      (unsigned long)st->dropv[i]);

	return answer('S', text, (size_t)n);
}


static int packet(char kind, size_t len)
{
	static const char letterv[] = {[IPSEC_DISCARD] = 'D',
		[IPSEC_BYPASS] = 'B', [IPSEC_PROTECT] = 'P'};
	struct ipsec_packet pkt = {buf, sizeof(buf), IPSEC_HEADROOM, len,
				   IPSEC_DROP_NONE};
	enum ipsec_verdict v;

	v = kind == 'o' ? ipsec_output(&db, &pkt, 1) :
		ipsec_input(&db, &pkt, 1);
	if (v == IPSEC_DISCARD)
		return answer('D', ipsec_drop_name(pkt.drop),
			      strlen(ipsec_drop_name(pkt.drop)));

	return answer(letterv[v], buf + pkt.pos, pkt.len);
}


int main(int argc, char *argv[])
{
	struct ipsec_params prm;
	uint8_t head[3];
	int err = 0;

	if (argc != 9 || params_decode(&prm, argv)) {
		fprintf(stderr, "usage: esptool ALG EALG CK IK LOCAL REMOTE "
			"SPIS PORTS\n");
		return 2;
	}
	err = ipsec_init(&db, 0, 0, random_h, NULL);
	if (!err)
		err = ipsec_add(NULL, &db, &prm, 0);
	if (!err)
		err = ipsec_establish(&db, 0, 3600);
	if (err) {
		fprintf(stderr, "esptool: %s\n", strerror(err));
		return 1;
	}

	while (!err && fread(head, 1, 3, stdin) == 3) {

		const size_t len = (size_t)head[1] << 8 | head[2];

		if (fread(buf + IPSEC_HEADROOM, 1, len, stdin) != len)
			return 1;
		if (head[0] == 's')
			err = counters();
		else
			err = packet((char)head[0], len);
	}
	ipsec_close(&db);

	return err ? 1 : 0;
}
