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
#include <stdio.h>
#include <string.h>
#include "test/tools/esp_args.h"

#define RECORD_MAX 65535

static struct ipsec db;
static uint8_t buf[IPSEC_HEADROOM + RECORD_MAX + IPSEC_TAILROOM];


static int answer(char kind, const void *p, size_t len)
{
	const uint8_t head[3] = {(uint8_t)kind, (uint8_t)(len >> 8),
				 (uint8_t)len};

	return fwrite(head, 1, 3, stdout) == 3 &&
		fwrite(p, 1, len, stdout) == len && !fflush(stdout) ? 0 : -1;
}


static int counters(void)
{
	char text[ESP_COUNTERS];

	return answer('S', text, esp_counters(text, &db.stats));
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

	if (argc != 9 || esp_args(&prm, argv + 1)) {
		fprintf(stderr, "usage: esptool ALG EALG CK IK LOCAL REMOTE "
			"SPIS PORTS\n");
		return 2;
	}
	err = ipsec_init(&db, 0, 0, esp_random, NULL);
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
