/**
 * @file ipsec/esp.c  One ESP packet in transport mode (RFC 4303)
 */
#include <string.h>
#include <mbedtls/constant_time.h>
#include "ipsec/bytes.h"
#include "ipsec/esp.h"
#include "ipsec/replay.h"


/*
 * RFC 3602 s3, RFC 2451 s3: unpredictable.
 * RFC 4106 s3.1, RFC 4543 s3.1: never twice under one key.  The four
 * associations of a set share one key (TS 33.203 annex I); their SPIs
 * differ, so SPI and number are unique in both directions.
 */
static int iv_write(uint8_t *iv, const struct ipsec_shape *shape,
		    const struct ipsec_sa *sa,
		    ipsec_random_h *randomh, void *arg)
{
	if (shape->iv == 0)
		return 0;

	if (shape->random_iv)
		return randomh(iv, shape->iv, arg);

	ipsec_put32(iv, sa->spi);
	ipsec_put32(iv + 4, sa->seq);

	return 0;
}


enum ipsec_drop ipsec_esp_seal(struct ipsec_packet *pkt,
			       const struct ipsec_ip *ip,
			       struct ipsec_set *set, struct ipsec_sa *sa,
			       ipsec_random_h *randomh, void *arg)
{
	const struct ipsec_shape shape = ipsec_shape(set->crypto.alg,
						     set->crypto.ealg);
	const size_t front = IPSEC_ESP_HEADER + (size_t)shape.iv;
	uint8_t icv[IPSEC_ICV_MAX], *p, *esp, *text, next;
	struct ipsec_plan plan;

	/* RFC 4303 s3.3.3: MUST NOT cycle */
	if (sa->seq == UINT32_MAX)
		return IPSEC_DROP_SEQ_END;

	if (ipsec_plan_out(&plan, &shape, ip, pkt->pos,
			   pkt->size - pkt->pos - ip->len))
		return IPSEC_DROP_TOO_LONG;

	/* the headers move to the front, the payload stays */
	p = pkt->buf + pkt->pos - front;
	esp = p + ip->cut;
	text = esp + front;
	memmove(p, p + front, ip->cut);

	next = p[ip->cut_nh];
	ipsec_trailer(text + (ip->len - ip->cut), plan.pad, next);
	ipsec_ip_rewrite(p, plan.total, ip->cut_nh, IPSEC_PROTO_ESP);

	ipsec_put32(esp, sa->spi);
	ipsec_put32(esp + 4, ++sa->seq);

	if (iv_write(esp + IPSEC_ESP_HEADER, &shape, sa, randomh, arg) ||
	    ipsec_crypto_encrypt(&set->crypto, esp + IPSEC_ESP_HEADER, text,
				 plan.text) ||
	    ipsec_crypto_icv(icv, &set->crypto, esp, front + plan.text))
		return IPSEC_DROP_CRYPTO;

	memcpy(text + plan.text, icv, shape.icv);

	pkt->pos -= front;
	pkt->len = plan.total;

	return IPSEC_DROP_NONE;
}


enum ipsec_drop ipsec_esp_open(struct ipsec_packet *pkt,
			       const struct ipsec_ip *ip,
			       struct ipsec_set *set, struct ipsec_sa *sa)
{
	const struct ipsec_shape shape = ipsec_shape(set->crypto.alg,
						     set->crypto.ealg);
	const size_t front = IPSEC_ESP_HEADER + (size_t)shape.iv;
	uint8_t *p = pkt->buf + pkt->pos, *esp = p + ip->upper;
	uint8_t icv[IPSEC_ICV_MAX], *text = esp + front, next;
	size_t text_len, len;
	uint32_t seq;

	if (ipsec_text_len(&text_len, &shape, ip->len - ip->upper))
		return IPSEC_DROP_LENGTH;

	seq = ipsec_get32(esp + 4);
	if (!ipsec_replay_check(&sa->replay, seq))
		return IPSEC_DROP_REPLAY;

	if (ipsec_crypto_icv(icv, &set->crypto, esp, front + text_len))
		return IPSEC_DROP_CRYPTO;
	if (mbedtls_ct_memcmp(icv, text + text_len, shape.icv))
		return IPSEC_DROP_ICV;

	/* RFC 4303 s3.4.3: only after the ICV */
	ipsec_replay_update(&sa->replay, seq);

	if (ipsec_crypto_decrypt(&set->crypto, esp + IPSEC_ESP_HEADER, text,
				 text_len))
		return IPSEC_DROP_CRYPTO;

	if (ipsec_payload_len(&len, text, text_len))
		return IPSEC_DROP_PADDING;
	next = text[text_len - 1];
	if (next == IPSEC_PROTO_NONE)
		return IPSEC_DROP_DUMMY;

	/* the headers move back to the payload */
	memmove(p + front, p, ip->upper);
	pkt->pos += front;
	pkt->len = ip->upper + len;
	ipsec_ip_rewrite(p + front, pkt->len, ip->upper_nh, next);

	return IPSEC_DROP_NONE;
}
