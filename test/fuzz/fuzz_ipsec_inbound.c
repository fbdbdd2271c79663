/**
 * @file fuzz_ipsec_inbound.c  libFuzzer target: hostile IP packets
 *
 * Input: one octet (bits 0-2 pair of algorithms, bit 3 IPv6 association,
 * bit 4 give an ESP packet its SPI, encryption and ICV first, so that what
 * comes after them is reached, too), then a whole packet.  It goes in twice,
 * as it is or unwrapped, and what came through goes out and in again.
 *
 * -DFUZZ_REPLAY: a program that runs the files given as arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ipsec/bytes.h"
#include "ipsec/esp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
} pairv[8] = {
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_AES_CBC},
	{IPSEC_ALG_HMAC_SHA_1_96, IPSEC_EALG_DES_EDE3_CBC},
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_NULL},
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_AES_CBC},
	{IPSEC_ALG_HMAC_MD5_96, IPSEC_EALG_DES_EDE3_CBC},
	{IPSEC_ALG_NULL, IPSEC_EALG_AES_GCM},
	{IPSEC_ALG_AES_GMAC, IPSEC_EALG_NULL}
};


static void must(bool cond)
{
	if (!cond)
		abort();
}


static int zeros(uint8_t *buf, size_t len, void *arg)
{
	(void)arg;
	memset(buf, 0, len);

	return 0;
}


/** UE 10.77.0.1 or fd77::1, ports 31010, 31020; P-CSCF .2, 5100, 6100 */
static void prepare(struct ipsec *db, unsigned mode)
{
	struct ipsec_params prm = {
		.alg = pairv[mode & 7].alg, .ealg = pairv[mode & 7].ealg,
		.local = {4, {10, 77, 0, 1}}, .remote = {4, {10, 77, 0, 2}},
		.ue = {0x1001, 0x1002, 31010, 31020},
		.spi_pc = 0x2001, .spi_ps = 0x2002,
		.port_pc = 5100, .port_ps = 6100, .ck = "confidentiality",
		.ik = "integrity"
	};

	if (mode & 8) {
		prm.local = (struct ipsec_addr){6, {0xfd, 0x77, [15] = 1}};
		prm.remote = (struct ipsec_addr){6, {0xfd, 0x77, [15] = 2}};
	}
	must(!ipsec_init(db, 0, 0, zeros, NULL));
	must(!ipsec_add(NULL, db, &prm, 0));
	must(!ipsec_establish(db, 0, 600));
}


/** Make a sound ESP packet of it, if it has the lengths of one */
static void seal(struct ipsec *db, uint8_t *p, size_t len)
{
	const struct ipsec_set *set = ipsec_get(db, IPSEC_CURRENT);
	struct ipsec_crypto *c = &db->setv[set - db->setv].crypto;
	const struct ipsec_shape s = ipsec_shape(c->alg, c->ealg);
	uint8_t icv[IPSEC_ICV_MAX], *esp, *text;
	struct ipsec_ip ip;
	size_t n;

	if (ipsec_ip_decode(&ip, p, len) || ip.proto != IPSEC_PROTO_ESP)
		return;
	if (ipsec_text_len(&n, &s, ip.len - ip.upper))
		return;

	esp = p + ip.upper;
	text = esp + 8 + s.iv;
	ipsec_put32(esp, esp[3] & 1 ? 0x1001 : 0x1002);
	must(!ipsec_crypto_encrypt(c, esp + 8, text, n));
	must(!ipsec_crypto_icv(icv, c, esp, 8u + s.iv + n));
	memcpy(text + n, icv, s.icv);
}


static void check(const struct ipsec_packet *pkt, enum ipsec_verdict v)
{
	struct ipsec_ip ip;

	must((v == IPSEC_DISCARD) == (pkt->drop != IPSEC_DROP_NONE));
	must(pkt->drop < IPSEC_DROP_N);
	if (v == IPSEC_DISCARD)
		return;

	must(pkt->pos <= pkt->size && pkt->len <= pkt->size - pkt->pos);
	must(!ipsec_ip_decode(&ip, pkt->buf + pkt->pos, pkt->len));
	if (v == IPSEC_PROTECT)
		must(ip.len == pkt->len);
}


/** What may leave: an unwrapped packet is none of ours to send */
static void outward(struct ipsec *db, const uint8_t *p, size_t len)
{
	struct ipsec_packet pkt = {NULL, 24 + len + 29, 24, len,
				   IPSEC_DROP_NONE};
	enum ipsec_verdict v;

	pkt.buf = calloc(1, pkt.size);
	must(pkt.buf != NULL);
	memcpy(pkt.buf + pkt.pos, p, len);
	v = ipsec_output(db, &pkt, 1);
	check(&pkt, v);
	must(pkt.drop != IPSEC_DROP_CRYPTO);
	must(pkt.drop != IPSEC_DROP_TOO_LONG || len > 65000);
	free(pkt.buf);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ipsec db;
	struct ipsec_packet pkt = {0};
	enum ipsec_verdict v;
	uint8_t *copy;
	unsigned mode;

	if (!len)
		return 0;

	mode = *data++;
	--len;
	prepare(&db, mode);

	/* blocks of their own: one octet too far is seen */
	pkt.buf = malloc(len ? len : 1);
	copy = malloc(len ? len : 1);
	must(pkt.buf && copy);
	if (len)
		memcpy(pkt.buf, data, len);
	pkt.size = pkt.len = len;

	if (mode & 16)
		seal(&db, pkt.buf, len);
	if (len)
		memcpy(copy, pkt.buf, len);
	outward(&db, copy, len);

	v = ipsec_input(&db, &pkt, 1);
	check(&pkt, v);
	if (v == IPSEC_PROTECT) {
		/* once only */
		memcpy(pkt.buf, copy, len);
		pkt.pos = 0;
		pkt.len = len;
		must(ipsec_input(&db, &pkt, 1) == IPSEC_DISCARD);
		must(pkt.drop == IPSEC_DROP_REPLAY);
	}

	ipsec_close(&db);
	free(pkt.buf);
	free(copy);

	return 0;
}


#ifdef FUZZ_REPLAY
int main(int argc, char *argv[])
{
	static uint8_t data[1 << 17];

	for (int i = 1; i < argc; i++) {

		FILE *f = fopen(argv[i], "rb");
		size_t len;

		if (!f) {
			perror(argv[i]);
			return 2;
		}
		len = fread(data, 1, sizeof(data), f);
		fclose(f);
		(void)LLVMFuzzerTestOneInput(data, len);
	}

	return 0;
}
#endif
