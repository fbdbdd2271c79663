/**
 * @file fuzz_secagree.c  libFuzzer target: header fields of the security
 * agreement, and the list of algorithms of the settings
 *
 * Input: header lines of a 401, each ended by CRLF; or, after a first octet
 * `!`, a list of algorithms.  What is chosen from Security-Server must have
 * been offered and be good enough for the association database, and
 * Security-Verify must be Security-Server octet by octet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ue/ims/sec_core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define OFFERED 0xffff

static struct {
	struct sip_msg msg, again;
	char buf[4096];
	char out[8192];
	char kept[UE_SEC_SERVER_MAX];
	struct ipsec db;
} f;

static const struct ipsec_offer offer = {
	.spi_uc = 4096, .spi_us = 4097, .port_uc = 31001, .port_us = 31002
};


static void must(bool cond)
{
	if (!cond)
		abort();
}


static int random_h(uint8_t *buf, size_t len, void *arg)
{
	(void)arg;
	memset(buf, 0x5a, len);

	return 0;
}


static size_t message(char *buf, size_t size, const char *lines, size_t len)
{
	static const char head[] = "SIP/2.0 401 Unauthorized\r\n"
		"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n"
		"Call-ID: 1\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n";
	size_t n = sizeof(head) - 1;

	must(n + len + 2 <= size);
	memcpy(buf, head, n);
	memcpy(buf + n, lines, len);
	memcpy(buf + n + len, "\r\n", 2);

	return n + len + 2;
}


/* Field by field the same */
static void compare(void)
{
	struct sip_iter a, b;
	struct pl va, vb;
	int ea, eb;

	sip_iter_init(&a, &f.msg, SIP_HDR_SECURITY_SERVER);
	sip_iter_init(&b, &f.again, SIP_HDR_SECURITY_VERIFY);

	do {
		/* an empty field leaves nothing to repeat */
		do {
			ea = sip_iter_field(&va, &a);
		} while (!ea && !va.l);

		eb = sip_iter_field(&vb, &b);
		must(ea == eb);
		must(ea || (va.l == vb.l && !memcmp(va.p, vb.p, va.l)));
	} while (!ea);
}


static void verify(void)
{
	static char lines[4096];
	struct sip_writer w;
	size_t n;

	if (sec_server_keep(f.kept, &f.msg))
		return;

	must(memchr(f.kept, '\0', sizeof(f.kept)) != NULL);
	sip_writer_init(&w, lines, sizeof(lines));
	sec_write_verify(&w, f.kept);
	must(!sip_writer_err(&w));

	n = message(f.out, sizeof(f.out), lines, sip_writer_len(&w));
	must(!sip_msg_parse(&f.again, f.out, n, SIP_FRAMING_DATAGRAM));
	compare();
}


static void choose(void)
{
	struct ims_sec_choice c;
	struct sec_pair pair;
	struct ipsec_params prm;

	if (sec_server_choose(&c, &f.msg, OFFERED, &offer))
		return;

	pair.alg = c.alg;
	pair.ealg = c.ealg;
	must(sec_pair_bit(&pair) != 0);

	/* what was not offered is never chosen */
	must(sec_server_choose(&c, &f.msg, (uint16_t)(OFFERED &
				~(unsigned)sec_pair_bit(&pair)), &offer) ||
	     c.alg != pair.alg || c.ealg != pair.ealg);

	must(!sec_server_choose(&c, &f.msg, OFFERED, &offer));
	if (!ipsec_pair_supported(c.alg, c.ealg))
		return;

	memset(&prm, 0, sizeof(prm));
	prm.alg = c.alg;
	prm.ealg = c.ealg;
	prm.local.family = prm.remote.family = 4;
	prm.remote.ip[0] = 1;
	prm.ue = offer;
	prm.spi_pc = c.spi_pc;
	prm.spi_ps = c.spi_ps;
	prm.port_pc = c.port_pc;
	prm.port_ps = c.port_ps;
	/* RFC 2451 s2.3: the halves differ by more than parity */
	prm.ck[0] = prm.ik[0] = 2;
	must(!ipsec_init(&f.db, 0, 0, random_h, NULL));
	must(!ipsec_add(NULL, &f.db, &prm, 0));
	ipsec_close(&f.db);
}


static void algorithms(const uint8_t *data, size_t len)
{
	static char text[512];
	struct ue_settings set;
	struct sec_pairs it;
	struct sec_pair pair;
	unsigned n = 0;

	if (len >= sizeof(text))
		return;

	memcpy(text, data, len);
	text[len] = '\0';
	memset(&set, 0, sizeof(set));
	set.sec_algs = text;
	sec_pairs_init(&it, &set);
	while (!sec_pairs_next(&pair, &it)) {
		must(ipsec_pair_supported(pair.alg, pair.ealg));
		must(++n <= 16);
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t n;

	if (len && data[0] == '!') {
		algorithms(data + 1, len - 1);
		return 0;
	}

	if (len > 2000)
		return 0;

	n = message(f.buf, sizeof(f.buf), (const char *)data, len);
	if (sip_msg_parse(&f.msg, f.buf, n, SIP_FRAMING_DATAGRAM))
		return 0;

	verify();
	choose();

	return 0;
}
