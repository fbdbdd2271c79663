/**
 * @file test_ipsec_vectors.c  Printed and computed vectors against ipsec/
 */
#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include "gen/esp_vectors.h"
#include "ipsec/gcm.h"
#include "test/unit/ipsec_help.h"

#define N(v) (sizeof(v) / sizeof((v)[0]))


static void keys_set(struct ipsec_keys *keys, const struct esp_octets *auth,
		     const struct esp_octets *enc)
{
	memset(keys, 0, sizeof(*keys));
	if (auth->len)
		memcpy(keys->auth, auth->p, auth->len);
	keys->auth_len = (uint8_t)auth->len;
	if (enc->len)
		memcpy(keys->enc, enc->p, enc->len);
	keys->enc_len = (uint8_t)enc->len;
}


static void cbc(void)
{
	static const struct esp_octets none;
	struct ipsec_crypto c;
	struct ipsec_keys keys;
	uint8_t buf[256];
	size_t i;

	for (i = 0; i < N(esp_cbcv); i++) {
		const struct esp_cbc *v = &esp_cbcv[i];

		keys_set(&keys, &none, &v->key);
		CHECK_EQ(ipsec_crypto_init(&c, IPSEC_ALG_HMAC_SHA_1_96,
					   IPSEC_EALG_AES_CBC, &keys), 0);
		memcpy(buf, v->plain.p, v->plain.len);
		CHECK_EQ(ipsec_crypto_encrypt(&c, v->iv.p, buf,
					      v->plain.len), 0);
		CHECK_MEM(buf, v->plain.len, v->cipher.p, v->cipher.len);
		CHECK_EQ(ipsec_crypto_decrypt(&c, v->iv.p, buf,
					      v->plain.len), 0);
		CHECK_MEM(buf, v->plain.len, v->plain.p, v->plain.len);
	}
}


/* Cases 5 to 8: padding, next header, IP header and ESP packet; RFC 3602
   s2.4 */
static void cbc_packets(void)
{
	size_t i, len;

	for (i = 4; i < N(esp_cbcv); i++) {
		const struct esp_cbc *v = &esp_cbcv[i];
		const struct ipsec_shape shape = {16, 16, 0, true};
		struct ipsec_plan plan;
		struct ipsec_ip ip;
		uint8_t buf[256], esp[256];

		CHECK_EQ(ipsec_payload_len(&len, v->plain.p, v->plain.len), 0);

		/* what was encrypted is the payload with our trailer */
		memcpy(buf, v->plain.p, len);
		ipsec_trailer(buf + len, v->plain.len - 2 - len,
			      v->tunnel ? 4 : 1);
		CHECK_MEM(buf, v->plain.len, v->plain.p, v->plain.len);

		ipsec_put32(esp, v->spi);
		ipsec_put32(esp + 4, v->seq);
		memcpy(esp + 8, v->iv.p, 16);
		memcpy(esp + 24, v->cipher.p, v->cipher.len);
		CHECK_MEM(esp, 24 + v->cipher.len, v->packet.p,
			  v->packet.len);
		CHECK_EQ(ipsec_text_len(&len, &shape, v->packet.len), 0);
		CHECK_EQ(len, v->cipher.len);
		if (v->tunnel)
			continue;

		/* transport mode: length, protocol and checksum change */
		CHECK_MEM(v->plain.p, v->payload.len, v->payload.p,
			  v->payload.len);
		memcpy(buf, v->inner_ip.p, 20);
		memcpy(buf + 20, v->payload.p, v->payload.len);
		CHECK_EQ(ipsec_ip_decode(&ip, buf, 20 + v->payload.len), 0);
		CHECK_EQ(ipsec_plan_out(&plan, &shape, &ip, 24, 29), 0);
		CHECK_EQ(plan.text, v->cipher.len);
		ipsec_ip_rewrite(buf, plan.total, ip.cut_nh, 50);
		CHECK_MEM(buf, 20, v->outer_ip.p, v->outer_ip.len);
	}
}


static void hmac(void)
{
	struct ipsec_crypto c;
	uint8_t icv[IPSEC_ICV_MAX], hashed[20];
	size_t i;

	for (i = 0; i < N(esp_hmacv); i++) {
		const struct esp_hmac *v = &esp_hmacv[i];
		struct esp_octets key = v->key;

		if (!help_built(v->alg, IPSEC_EALG_NULL))
			continue;
		/* RFC 2104 s2: a key over one block is hashed first; 3GPP keys
		 * never are, so the library does not do that */
		if (key.len > 64) {
			if (v->alg == IPSEC_ALG_HMAC_MD5_96) {
				mbedtls_md5_ret(key.p, key.len, hashed);
				key.len = 16;
			}
			else {
				mbedtls_sha1_ret(key.p, key.len, hashed);
				key.len = 20;
			}
			key.p = hashed;
		}
		memset(&c, 0, sizeof(c));
		c.alg = v->alg;
		CHECK_EQ(ipsec_mac_init(&c, key.p, key.len), 0);
		CHECK_EQ(ipsec_crypto_icv(icv, &c, v->data.p, v->data.len),
			 0);
		CHECK_MEM(icv, 12, v->digest96.p, v->digest96.len);
	}
}


#if IPSEC_GCM
static void gcm(void)
{
	struct ipsec_gcm g;
	uint8_t key[20], text[64], tag[16];
	size_t i;

	for (i = 0; i < N(esp_gcmv); i++) {
		const struct esp_gcm *v = &esp_gcmv[i];

		memcpy(key, v->key.p, 16);
		memcpy(key + 16, v->iv.p, 4);
		CHECK_EQ(ipsec_gcm_init(&g, key), 0);

		if (v->plain.len)
			memcpy(text, v->plain.p, v->plain.len);
		CHECK_EQ(ipsec_gcm_crypt(&g, v->iv.p + 4, text,
					 v->plain.len), 0);
		CHECK_MEM(text, v->plain.len, v->cipher.p, v->cipher.len);
		CHECK_EQ(ipsec_gcm_tag(tag, &g, v->iv.p + 4, v->aad.p,
				       v->aad.len, text, v->plain.len), 0);
		CHECK_MEM(tag, 16, v->tag.p, v->tag.len);
		CHECK_EQ(ipsec_gcm_crypt(&g, v->iv.p + 4, text,
					 v->plain.len), 0);
		CHECK_MEM(text, v->plain.len, v->plain.p, v->plain.len);
	}
}
#endif


static void annex_i(void)
{
	struct ipsec_keys keys;
	size_t i;

	for (i = 0; i < N(esp_packetv); i++) {
		const struct esp_packet *v = &esp_packetv[i];

		if (!help_built(v->alg, v->ealg))
			continue;
		CHECK_EQ(ipsec_keys_expand(&keys, v->alg, v->ealg, esp_ck.p,
					   esp_ik.p), 0);
		CHECK_MEM(keys.auth, keys.auth_len, v->auth.p, v->auth.len);
		CHECK_MEM(keys.enc, keys.enc_len, v->enc.p, v->enc.len);
	}
}


/* Whole packets from the vectors come in and are unwrapped */
static void computed_in(void)
{
	uint8_t ip[256];
	size_t i;

	for (i = 0; i < N(esp_packetv); i++) {
		const struct esp_packet *v = &esp_packetv[i];
		struct ipsec_params prm = help_params(v->alg, v->ealg, 4);
		struct ends e;
		struct room r;

		if (!help_built(v->alg, v->ealg))
			continue;
		memcpy(prm.ck, esp_ck.p, 16);
		memcpy(prm.ik, esp_ik.p, 16);
		prm.ue.spi_uc = ESP_SPI;
		prm.port_ps = 0x13c6;
		prm.ue.port_uc = 0x13c9;
		CHECK_EQ(help_ends(&e, &prm), 0);

		memset(ip, 0, sizeof(ip));
		ip[0] = 0x45;
		ipsec_put16(ip + 2, (uint16_t)(20 + v->esp.len));
		ip[9] = 50;
		memcpy(ip + 12, prm.remote.ip, 4);
		memcpy(ip + 16, prm.local.ip, 4);
		help_sum_set(ip);
		memcpy(ip + 20, v->esp.p, v->esp.len);
		help_put(&r, ip, 20 + v->esp.len);

		CHECK_EQ(ipsec_input(&e.ue, &r.pkt, 1), IPSEC_PROTECT);
		CHECK_EQ(help_at(&r)[9], ESP_NEXT);
		CHECK_MEM(help_at(&r) + 20, r.pkt.len - 20, esp_payload.p,
			  esp_payload.len);
		CHECK_EQ(help_sum(help_at(&r)), 0xffff);
	}
}


static int vector_iv(uint8_t *buf, size_t len, void *arg)
{
	const struct esp_packet *v = arg;

	if (len != v->iv.len)
		return EIO;
	memcpy(buf, v->iv.p, len);

	return 0;
}


/* ... and go out, with the vector's IV */
static void computed_out(void)
{
	uint8_t ip[256];
	size_t i;

	for (i = 0; i < N(esp_packetv); i++) {
		const struct esp_packet *v = &esp_packetv[i];
		struct ipsec_params prm = help_params(v->alg, v->ealg, 4);
		struct ipsec db;
		struct room r;

		/* GCM and GMAC: our IV is SPI and number, not the vector's */
		if (v->alg == IPSEC_ALG_NULL || v->alg == IPSEC_ALG_AES_GMAC ||
		    !help_built(v->alg, v->ealg))
			continue;

		memcpy(prm.ck, esp_ck.p, 16);
		memcpy(prm.ik, esp_ik.p, 16);
		prm.spi_ps = ESP_SPI;
		prm.ue.port_uc = 0x13c6;
		prm.port_ps = 0x13c9;
		CHECK_EQ(ipsec_init(&db, 0, 0, vector_iv, (void *)(size_t)v),
			 0);
		CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);

		memset(ip, 0, sizeof(ip));
		ip[0] = 0x45;
		ipsec_put16(ip + 2, (uint16_t)(20 + esp_payload.len));
		ip[9] = ESP_NEXT;
		memcpy(ip + 12, prm.local.ip, 4);
		memcpy(ip + 16, prm.remote.ip, 4);
		memcpy(ip + 20, esp_payload.p, esp_payload.len);
		help_put(&r, ip, 20 + esp_payload.len);

		CHECK_EQ(ipsec_output(&db, &r.pkt, 1), IPSEC_PROTECT);
		CHECK_MEM(help_at(&r) + 20, r.pkt.len - 20, v->esp.p,
			  v->esp.len);
	}
}


#if IPSEC_GCM
/* GCM and GMAC packets of the vectors from our transforms; RFC 4106 s4,
   s5, s6, RFC 4543 s3.1, s3.3, s3.4 */
static void computed_combined(void)
{
	uint8_t esp[256];
	size_t i, done = 0;

	for (i = 0; i < N(esp_packetv); i++) {
		const struct esp_packet *v = &esp_packetv[i];
		struct ipsec_crypto c;
		struct ipsec_keys keys;
		size_t text = esp_payload.len + 4;

		if (v->alg != IPSEC_ALG_NULL && v->alg != IPSEC_ALG_AES_GMAC)
			continue;

		CHECK_EQ(ipsec_keys_expand(&keys, v->alg, v->ealg, esp_ck.p,
					   esp_ik.p), 0);
		CHECK_EQ(ipsec_crypto_init(&c, v->alg, v->ealg, &keys), 0);
		ipsec_put32(esp, ESP_SPI);
		ipsec_put32(esp + 4, ESP_SEQ);
		memcpy(esp + 8, v->iv.p, 8);
		memcpy(esp + 16, esp_payload.p, esp_payload.len);
		ipsec_trailer(esp + 16 + esp_payload.len, 2, ESP_NEXT);
		CHECK_EQ(ipsec_crypto_encrypt(&c, esp + 8, esp + 16, text),
			 0);
		CHECK_EQ(ipsec_crypto_icv(esp + 16 + text, &c, esp,
					  16 + text), 0);
		CHECK_MEM(esp, 16 + text + 16, v->esp.p, v->esp.len);
		++done;
	}
	CHECK_EQ(done, 2);
}
#endif


/* Both forms of a 3DES key, with and without odd parity, are the same */
static void des3_parity(void)
{
	struct ipsec_crypto a, b;
	struct ipsec_keys keys;
	uint8_t x[16] = "abcdefghijklmno", y[16] = "abcdefghijklmno";
	const uint8_t iv[8] = {1, 2, 3};

	if (!IPSEC_3DES) {
		test_skip("no 3DES");
		return;
	}
	CHECK_EQ(ipsec_keys_expand(&keys, IPSEC_ALG_HMAC_SHA_1_96,
				   IPSEC_EALG_DES_EDE3_CBC, esp_ck.p,
				   esp_ik.p), 0);
	CHECK_EQ(ipsec_crypto_init(&a, IPSEC_ALG_HMAC_SHA_1_96,
				   IPSEC_EALG_DES_EDE3_CBC, &keys), 0);
	CHECK_EQ(esp_des3_parity.len, 24);
	memcpy(keys.enc, esp_des3_parity.p, 24);
	CHECK_EQ(ipsec_crypto_init(&b, IPSEC_ALG_HMAC_SHA_1_96,
				   IPSEC_EALG_DES_EDE3_CBC, &keys), 0);
	CHECK_EQ(ipsec_crypto_encrypt(&a, iv, x, 16), 0);
	CHECK_EQ(ipsec_crypto_encrypt(&b, iv, y, 16), 0);
	CHECK_MEM(x, 16, y, 16);
}


const struct test_case suite_ipsec_vectors[] = {
	{"RFC 3602 s4: AES-CBC cases 1 to 8", cbc},
	{"RFC 3602 s4: padding, headers and packets of cases 5 to 8",
	 cbc_packets},
	{"RFC 2202 s2, s3: HMAC cut to 96 bits (RFC 2403, RFC 2404)", hmac},
#if IPSEC_GCM
	{"GCM specification: cases 1 to 4", gcm},
#endif
	{"TS 33.203 annex I: keys and salts from CK and IK", annex_i},
	{"TS 33.203 annex I: computed packets of all pairs come in",
	 computed_in},
	{"TS 33.203 annex I: computed packets of the HMAC pairs go out",
	 computed_out},
#if IPSEC_GCM
	{"RFC 4106, RFC 4543: computed GCM and GMAC packets",
	 computed_combined},
#endif
	{"TS 33.203 annex I: parity of a 3DES key has no effect",
	 des3_parity},
	{NULL, NULL}
};
