/**
 * @file bench_esp.c  What ESP costs on top of the ciphers
 *
 *     bench_esp              rows: name value unit goal
 *     bench_esp -1 PAIR N    one measurement, to be watched from outside
 *
 * Runs itself under callgrind and counts in measured() only: a packet of
 * 1,400 octets through ipsec_output() and ipsec_input(), and the same octets
 * through mbedTLS's cipher and hash alone, HMAC with its first blocks done
 * beforehand.  The random handler copies; a generator is not ESP's cost.
 */
#define MBEDTLS_GCM_C
#define MBEDTLS_CIPHER_C
#include <mbedtls/gcm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ipsec/bytes.h"
#include "ipsec/transform.h"

#define PACKET 1400
#define GOAL 10

void measured(void);

static const struct {
	const char *name;
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
} pairv[] = {
	{"sha1-null",  IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_NULL},
	{"sha1-aes",   IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_AES_CBC},
	{"sha1-3des",  IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_DES_EDE3_CBC},
	{"md5-null",   IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_NULL},
	{"md5-aes",    IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_AES_CBC},
	{"md5-3des",   IPSEC_ALG_HMAC_MD5_96,   IPSEC_EALG_DES_EDE3_CBC},
	{"null-gcm",   IPSEC_ALG_NULL,          IPSEC_EALG_AES_GCM},
	{"gmac-null",  IPSEC_ALG_AES_GMAC,      IPSEC_EALG_NULL}
};
#define N_PAIRS (sizeof(pairv) / sizeof(pairv[0]))

enum what { OUT, IN, BASE_OUT, BASE_IN, N_WHAT };

/* the one measurement */
static struct {
	enum what what;
	struct ipsec ue, net;
	struct ipsec_crypto crypto;
	mbedtls_gcm_context gcm;
	struct ipsec_packet pkt;
	size_t text;            /* octets that the cipher sees             */
	size_t iv;
	uint8_t buf[2048];
	int err;
} m;


static int copy(uint8_t *buf, size_t len, void *arg)
{
	(void)arg;
	memset(buf, 0x5a, len);

	return 0;
}


static void base_hmac(const uint8_t *p, size_t len)
{
	struct ipsec_crypto *c = &m.crypto;
	uint8_t digest[20];

	if (c->alg == IPSEC_ALG_HMAC_MD5_96) {
		m.err |= mbedtls_md5_update_ret(&c->mac.md5.inner, p, len);
		m.err |= mbedtls_md5_finish_ret(&c->mac.md5.inner, digest);
		m.err |= mbedtls_md5_update_ret(&c->mac.md5.outer, digest, 16);
		m.err |= mbedtls_md5_finish_ret(&c->mac.md5.outer, digest);
	}
	else {
		m.err |= mbedtls_sha1_update_ret(&c->mac.sha1.inner, p, len);
		m.err |= mbedtls_sha1_finish_ret(&c->mac.sha1.inner, digest);
		m.err |= mbedtls_sha1_update_ret(&c->mac.sha1.outer, digest,
						 20);
		m.err |= mbedtls_sha1_finish_ret(&c->mac.sha1.outer, digest);
	}
}


static void base_gcm(void)
{
	uint8_t *esp = m.buf, *text = esp + 16, tag[16], nonce[12] = {1};
	const int mode = m.what == BASE_OUT ? MBEDTLS_GCM_ENCRYPT :
		MBEDTLS_GCM_DECRYPT;

	if (m.crypto.alg == IPSEC_ALG_AES_GMAC)
		m.err = mbedtls_gcm_crypt_and_tag(&m.gcm, mode, 0, nonce, 12,
						  esp, 16 + m.text, NULL,
						  NULL, 16, tag);
	else
		m.err = mbedtls_gcm_crypt_and_tag(&m.gcm, mode, m.text, nonce,
						  12, esp, 8, text, text, 16,
						  tag);
}


static void base(void)
{
	uint8_t *text = m.buf + 8 + m.iv, iv[16] = {7};
	const bool out = m.what == BASE_OUT;

	if (m.crypto.alg == IPSEC_ALG_NULL ||
	    m.crypto.alg == IPSEC_ALG_AES_GMAC) {
		base_gcm();
		return;
	}

	if (m.crypto.ealg == IPSEC_EALG_AES_CBC)
		m.err |= mbedtls_aes_crypt_cbc(out ? &m.crypto.cipher.aes.enc :
					       &m.crypto.cipher.aes.dec,
					       out, m.text, iv, text, text);
	else if (m.crypto.ealg == IPSEC_EALG_DES_EDE3_CBC)
		m.err |= mbedtls_des3_crypt_cbc(out ?
						&m.crypto.cipher.des3.enc :
						&m.crypto.cipher.des3.dec,
						out, m.text, iv, text, text);

	base_hmac(m.buf, 8 + m.iv + m.text);
}


__attribute__((noinline))
void measured(void)
{
	switch (m.what) {

	case OUT:
		m.err = ipsec_output(&m.ue, &m.pkt, 1) != IPSEC_PROTECT;
		break;

	case IN:
		m.err = ipsec_input(&m.net, &m.pkt, 1) != IPSEC_PROTECT;
		break;

	default:
		base();
		break;
	}
}


static void packet(void)
{
	uint8_t *p = m.buf + 64;

	memset(m.buf, 0xa5, sizeof(m.buf));
	m.pkt.buf = m.buf;
	m.pkt.size = sizeof(m.buf);
	m.pkt.pos = 64;
	m.pkt.len = PACKET;
	memset(p, 0, 28);
	p[0] = 0x45;
	ipsec_put16(p + 2, PACKET);
	p[9] = 17;
	ipsec_put32(p + 12, 0x0a000001);
	ipsec_put32(p + 16, 0x0a000002);
	ipsec_put16(p + 20, 31001);
	ipsec_put16(p + 22, 6100);
}


static int prepare(unsigned i)
{
	const struct ipsec_shape s = ipsec_shape(pairv[i].alg, pairv[i].ealg);
	struct ipsec_params a = {
		.alg = pairv[i].alg, .ealg = pairv[i].ealg,
		.local = {4, {10, 0, 0, 1}}, .remote = {4, {10, 0, 0, 2}},
		.ue = {1001, 1002, 31001, 31002},
		.spi_pc = 2001, .spi_ps = 2002, .port_pc = 5100,
		.port_ps = 6100, .ck = {4}, .ik = {2}
	};
	struct ipsec_params b = a;
	struct ipsec_keys keys;

	b.local = a.remote;
	b.remote = a.local;
	b.ue = (struct ipsec_offer){2002, 2001, 6100, 5100};
	b.spi_ps = 1001;
	b.spi_pc = 1002;
	b.port_ps = 31001;
	b.port_pc = 31002;

	m.text = (PACKET - 20 + 2 + s.block - 1u) / s.block * s.block;
	m.iv = s.iv;
	mbedtls_gcm_init(&m.gcm);

	return ipsec_init(&m.ue, 0, 0, copy, NULL) ||
		ipsec_init(&m.net, 0, 0, copy, NULL) ||
		ipsec_add(NULL, &m.ue, &a, 0) ||
		ipsec_add(NULL, &m.net, &b, 0) ||
		ipsec_keys_expand(&keys, a.alg, a.ealg, a.ck, a.ik) ||
		ipsec_crypto_init(&m.crypto, a.alg, a.ealg, &keys) ||
		mbedtls_gcm_setkey(&m.gcm, MBEDTLS_CIPHER_ID_AES, keys.enc,
				   128);
}


static int one(unsigned i, unsigned n)
{
	if (i >= N_PAIRS || n >= N_WHAT)
		return 2;

	/* once unmeasured: the dynamic linker's work at first calls */
	if (prepare(i))
		return 1;
	packet();
	if (ipsec_output(&m.ue, &m.pkt, 1) != IPSEC_PROTECT)
		return 1;
	if (n == OUT) {
		packet();
	}
	else if (n != IN) {
		m.what = (enum what)n;
		base();
		if (m.err || prepare(i))
			return 1;
	}
	m.what = (enum what)n;
	measured();

	return m.err ? 1 : 0;
}


/** Instructions by callgrind; -1: it did not work */
static long count(const char *self, unsigned i, unsigned n)
{
	char cmd[1024], line[256];
	long got = -1, found;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "valgrind --tool=callgrind "
		 "--toggle-collect=measured --callgrind-out-file=/dev/null "
		 "'%s' -1 %u %u 2>&1", self, i, n);
	p = popen(cmd, "r");
	if (!p)
		return -1;
	while (fgets(line, sizeof(line), p)) {

		const char *s = strstr(line, "Collected : ");

		if (s && sscanf(s, "Collected : %ld", &found) == 1)
			got = found;
	}
	if (pclose(p))
		got = -1;

	return got;
}


int main(int argc, char *argv[])
{
	int status = 0;
	unsigned i, n;

	if (argc == 4 && !strcmp(argv[1], "-1"))
		return one((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));

	for (i = 0; i < N_PAIRS; i++) {

		long got[N_WHAT];

		for (n = 0; n < N_WHAT; n++) {
			got[n] = count(argv[0], i, n);
			if (got[n] <= 0) {
				fprintf(stderr, "bench_esp: %s: does not run, "
					"or no valgrind\n", pairv[i].name);
				return 1;
			}
		}
		for (n = OUT; n <= IN; n++) {
			const long alone = got[n + 2];
			const double over = 100.0 * (double)(got[n] - alone) /
				(double)alone;

			printf("esp %s %s %ld instructions -\n",
			       pairv[i].name, n == OUT ? "out" : "in", got[n]);
			printf("esp %s %s over-mbedtls %.2f %% %d\n",
			       pairv[i].name, n == OUT ? "out" : "in", over,
			       GOAL);
			status |= over > GOAL;
		}
	}

	return status;
}
