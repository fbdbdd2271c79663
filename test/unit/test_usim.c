/**
 * @file test_usim.c  Milenage, TUAK and the soft USIM's sequence numbers
 */
#include <errno.h>
#include <string.h>
#include "gen/usim.h"
#include "ports/common/milenage.h"
#include "ports/common/tuak.h"
#include "ports/common/usim_soft.h"
#include "test/unit/crypto_fault.h"
#include "test/unit/test.h"

#define MILENAGE_VECTORS (sizeof(milenage_vectors) /			\
			  sizeof(milenage_vectors[0]))
#define TUAK_VECTORS (sizeof(tuak_vectors) / sizeof(tuak_vectors[0]))


/** Non-volatile memory of one value, which can fail */
struct nv {
	uint8_t value[512];
	size_t len;
	bool there;
	int write_err;
	unsigned writes;
};


static int nv_read(void *arg, const char *key, void *buf, size_t *len)
{
	struct nv *nv = arg;

	(void)key;

	if (!nv->there)
		return ENOENT;
	if (nv->len > *len)
		return EOVERFLOW;

	memcpy(buf, nv->value, nv->len);
	*len = nv->len;

	return 0;
}


static int nv_write(void *arg, const char *key, const void *buf, size_t len)
{
	struct nv *nv = arg;

	(void)key;

	if (nv->write_err)
		return nv->write_err;

	memcpy(nv->value, buf, len);
	nv->len   = len;
	nv->there = true;
	++nv->writes;

	return 0;
}


/** A card with the keys of the first Milenage set, and its network side */
struct card {
	struct nv nv;
	struct ue_port port;
	struct usim_soft_params prm;
	struct usim_soft usim;
	struct ue_usim_res res;
};


static int card_insert(struct card *c)
{
	const struct milenage_vector *v = &milenage_vectors[0];

	memset(&c->port, 0, sizeof(c->port));
	c->port.arg      = &c->nv;
	c->port.nv_read  = nv_read;
	c->port.nv_write = nv_write;

	memset(&c->prm, 0, sizeof(c->prm));
	memcpy(c->prm.k, v->k, 16);
	memcpy(c->prm.opc, v->opc, 16);
	c->prm.k_len   = 16;
	c->prm.res_len = 8;
	c->prm.mac_len = 8;

	return usim_soft_init(&c->usim, &c->prm, &c->port);
}


/** AUTN with a sequence number, as the network makes it */
static void authentication(uint8_t autn[16], uint64_t sqn_value)
{
	const struct milenage_vector *v = &milenage_vectors[0];
	struct milenage m;
	uint8_t sqn[6];

	for (unsigned i = 0; i < 6; i++)
		sqn[i] = (uint8_t)(sqn_value >> (40 - 8 * i));

	(void)milenage_f2345(&m, v->k, v->opc, v->rand);
	(void)milenage_f1(&m, v->k, v->opc, v->rand, sqn, v->amf);
	for (unsigned i = 0; i < 6; i++)
		autn[i] = sqn[i] ^ m.ak[i];
	memcpy(&autn[6], v->amf, 2);
	memcpy(&autn[8], m.mac_a, 8);
}


static void challenge(struct card *c, uint64_t sqn_value)
{
	const struct milenage_vector *v = &milenage_vectors[0];
	uint8_t autn[16];

	authentication(autn, sqn_value);
	usim_soft_authenticate(&c->usim, &c->res, v->rand, autn);
}


/** SQN_MS as the network reads it out of AUTS */
static uint64_t auts_sqn(const struct card *c)
{
	const struct milenage_vector *v = &milenage_vectors[0];
	struct milenage m;
	uint64_t sqn = 0;

	(void)milenage_f2345(&m, v->k, v->opc, v->rand);
	for (unsigned i = 0; i < 6; i++)
		sqn = sqn << 8 | (uint64_t)(c->res.auts[i] ^ m.ak_s[i]);

	return sqn;
}


static void test_milenage(void)
{
	CHECK_EQ(MILENAGE_VECTORS, 20);

	for (size_t i = 0; i < MILENAGE_VECTORS; i++) {
		const struct milenage_vector *v = &milenage_vectors[i];
		struct milenage m;
		uint8_t opc[16];

		(void)milenage_opc(opc, v->k, v->op);
		CHECK_MEM(opc, 16, v->opc, 16);

		(void)milenage_f1(&m, v->k, opc, v->rand, v->sqn, v->amf);
		CHECK_MEM(m.mac_a, 8, v->mac_a, 8);
		CHECK_MEM(m.mac_s, 8, v->mac_s, 8);

		(void)milenage_f2345(&m, v->k, opc, v->rand);
		CHECK_MEM(m.res, 8, v->res, 8);
		CHECK_MEM(m.ck, 16, v->ck, 16);
		CHECK_MEM(m.ik, 16, v->ik, 16);
		CHECK_MEM(m.ak, 6, v->ak, 6);
		CHECK_MEM(m.ak_s, 6, v->ak_s, 6);
	}
}


static void test_tuak(void)
{
	CHECK_EQ(TUAK_VECTORS, 6);

	for (size_t i = 0; i < TUAK_VECTORS; i++) {
		const struct tuak_vector *v = &tuak_vectors[i];
		const struct tuak_params prm = {
			v->k, v->k_len, v->f1_len, v->f2_len, v->f3_len,
			v->f4_len, v->iterations
		};
		struct tuak t;
		uint8_t topc[32];

		tuak_topc(topc, &prm, v->top);
		CHECK_MEM(topc, 32, v->topc, 32);

		tuak_f1(&t, &prm, topc, v->rand, v->sqn, v->amf);
		CHECK_MEM(t.mac_a, v->f1_len, v->f1, v->f1_len);
		CHECK_MEM(t.mac_s, v->f1s_len, v->f1s, v->f1s_len);

		tuak_f2345(&t, &prm, topc, v->rand);
		CHECK_MEM(t.res, v->f2_len, v->f2, v->f2_len);
		CHECK_MEM(t.ck, v->f3_len, v->f3, v->f3_len);
		CHECK_MEM(t.ik, v->f4_len, v->f4, v->f4_len);
		CHECK_MEM(t.ak, 6, v->f5, 6);
		CHECK_MEM(t.ak_s, 6, v->f5s, 6);
	}
}


static void test_autn_vectors(void)
{
	for (size_t i = 0; i < MILENAGE_VECTORS; i++) {
		const struct milenage_vector *v = &milenage_vectors[i];
		struct card c;

		memset(&c, 0, sizeof(c));
		CHECK_EQ(card_insert(&c), 0);
		memcpy(c.usim.prm.k, v->k, 16);
		memcpy(c.usim.prm.opc, v->opc, 16);
		/* put the counter right below the vector's SQN */
		for (unsigned j = 0; j < 6; j++)
			c.usim.seq[v->sqn[5] & 31] =
				c.usim.seq[v->sqn[5] & 31] << 8 | v->sqn[j];
		c.usim.seq[v->sqn[5] & 31] =
			(c.usim.seq[v->sqn[5] & 31] >> 5) - 1;

		usim_soft_authenticate(&c.usim, &c.res, v->rand, v->autn);
		CHECK_EQ(c.res.status, UE_USIM_OK);
		CHECK_MEM(c.res.res, c.res.res_len, v->res, 8);
		CHECK_MEM(c.res.ck, 16, v->ck, 16);
		CHECK_MEM(c.res.ik, 16, v->ik, 16);

		/* TS 33.102 6.3.5: the same again is not fresh; SQN_MS is
		   now this SQN */
		usim_soft_authenticate(&c.usim, &c.res, v->rand, v->autn);
		CHECK_EQ(c.res.status, UE_USIM_SYNC_FAILURE);
		CHECK_MEM(c.res.auts, 14, v->auts, 14);
	}
}


static void test_mac_failure(void)
{
	const struct milenage_vector *v = &milenage_vectors[0];
	uint8_t autn[16];
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);

	for (unsigned bit = 0; bit < 8 * sizeof(autn); bit++) {
		memcpy(autn, v->autn, sizeof(autn));
		autn[bit / 8] ^= (uint8_t)(1u << bit % 8);
		usim_soft_authenticate(&c.usim, &c.res, v->rand, autn);
		CHECK_EQ(c.res.status, UE_USIM_MAC_FAILURE);
	}
	CHECK_EQ(c.nv.writes, 0);
}


/* The n-th call of AES fails: no answer, and the sequence number is not used
   up; the challenge is answered the next time */
static void test_aes_fails(void)
{
	const struct milenage_vector *v = &milenage_vectors[0];
	const struct ue_usim_res none = {.status = UE_USIM_FAILED};
	uint8_t opc[16] = "before", autn[16];
	unsigned n;
	struct card c;

	authentication(autn, 100 << 5 | 3);
	for (n = 1; n < 100; n++) {
		memset(&c, 0, sizeof(c));
		CHECK_EQ(card_insert(&c), 0);
		crypto_fault = n;
		usim_soft_authenticate(&c.usim, &c.res, v->rand, autn);
		if (crypto_fault)
			break;
		CHECK_MEM(&c.res, sizeof(c.res), &none, sizeof(none));
		CHECK_EQ(c.nv.writes, 0);
		usim_soft_authenticate(&c.usim, &c.res, v->rand, autn);
		CHECK_EQ(c.res.status, UE_USIM_OK);
	}
	CHECK_EQ(n, 1 + 6 + 3);

	/* and no AUTS */
	for (n = 1; n < 100; n++) {
		crypto_fault = n;
		usim_soft_authenticate(&c.usim, &c.res, v->rand, autn);
		if (crypto_fault)
			break;
		CHECK_MEM(&c.res, sizeof(c.res), &none, sizeof(none));
	}
	CHECK_EQ(n, 1 + 6 + 3 + 3);

	for (n = 1; n < 3; n++) {
		crypto_fault = n;
		CHECK_EQ(milenage_opc(opc, v->k, v->op), EIO);
		CHECK_MEM(opc, 7, "before", 7);
	}
	crypto_fault = 0;
}


static void test_ind(void)
{
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);

	challenge(&c, 100 << 5 | 3);
	CHECK_EQ(c.res.status, UE_USIM_OK);

	/* an older SEQ under another IND: out of order, but fresh */
	challenge(&c, 99 << 5 | 4);
	CHECK_EQ(c.res.status, UE_USIM_OK);

	/* an older SEQ under the same IND */
	challenge(&c, 99 << 5 | 3);
	CHECK_EQ(c.res.status, UE_USIM_SYNC_FAILURE);
	CHECK_EQ(auts_sqn(&c), 100 << 5 | 3);

	challenge(&c, 101 << 5 | 3);
	CHECK_EQ(c.res.status, UE_USIM_OK);
}


static void test_delta(void)
{
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);

	challenge(&c, (((uint64_t)1 << 28) + 1) << 5);
	CHECK_EQ(c.res.status, UE_USIM_SYNC_FAILURE);
	CHECK_EQ(auts_sqn(&c), 0);

	challenge(&c, ((uint64_t)1 << 28) << 5);
	CHECK_EQ(c.res.status, UE_USIM_OK);
}


static void test_persistent(void)
{
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);
	challenge(&c, 7 << 5 | 1);
	CHECK_EQ(c.res.status, UE_USIM_OK);

	/* power off, power on */
	usim_soft_close(&c.usim);
	CHECK_EQ(card_insert(&c), 0);
	challenge(&c, 7 << 5 | 1);
	CHECK_EQ(c.res.status, UE_USIM_SYNC_FAILURE);
	CHECK_EQ(auts_sqn(&c), 7 << 5 | 1);
	challenge(&c, 8 << 5 | 1);
	CHECK_EQ(c.res.status, UE_USIM_OK);
}


static void test_store_fails(void)
{
	static const uint8_t zero[16];
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);

	c.nv.write_err = EIO;
	challenge(&c, 7 << 5 | 1);
	CHECK_EQ(c.res.status, UE_USIM_FAILED);
	CHECK_EQ(c.res.res_len, 0);
	CHECK_MEM(c.res.ck, 16, zero, 16);

	/* nothing was accepted: the challenge may come again */
	c.nv.write_err = 0;
	challenge(&c, 7 << 5 | 1);
	CHECK_EQ(c.res.status, UE_USIM_OK);
}


static void test_damaged_store(void)
{
	struct card c;

	memset(&c, 0, sizeof(c));
	c.nv.there = true;
	c.nv.len   = 17;
	CHECK_EQ(card_insert(&c), EBADMSG);
}


static void test_lengths(void)
{
	struct usim_soft usim;
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);

	c.prm.k_len = 32;
	CHECK_EQ(usim_soft_init(&usim, &c.prm, &c.port), EINVAL);
	c.prm.algorithm  = USIM_TUAK;
	CHECK_EQ(usim_soft_init(&usim, &c.prm, &c.port), EINVAL);
	c.prm.iterations = 1;
	CHECK_EQ(usim_soft_init(&usim, &c.prm, &c.port), 0);
	c.prm.res_len    = 32;
	CHECK_EQ(usim_soft_init(&usim, &c.prm, &c.port), EINVAL);
}


static void test_wiped(void)
{
	static const struct usim_soft zero;
	struct card c;

	memset(&c, 0, sizeof(c));
	CHECK_EQ(card_insert(&c), 0);
	usim_soft_close(&c.usim);
	CHECK_MEM(&c.usim, sizeof(c.usim), &zero, sizeof(zero));
}


static void test_tuak_card(void)
{
	for (size_t i = 0; i < TUAK_VECTORS; i++) {
		const struct tuak_vector *v = &tuak_vectors[i];
		const struct tuak_params prm = {v->k, v->k_len, 8, 8, 16, 16,
						v->iterations};
		uint8_t autn[16], sqn[6] = {0, 0, 0, 0, 1, 0};
		struct card c;
		struct tuak t;

		memset(&c, 0, sizeof(c));
		CHECK_EQ(card_insert(&c), 0);
		memset(&c.prm, 0, sizeof(c.prm));
		c.prm.algorithm  = USIM_TUAK;
		c.prm.k_len      = v->k_len;
		c.prm.iterations = v->iterations;
		c.prm.res_len    = 8;
		c.prm.mac_len    = 8;
		memcpy(c.prm.k, v->k, v->k_len);
		memcpy(c.prm.opc, v->topc, 32);
		CHECK_EQ(usim_soft_init(&c.usim, &c.prm, &c.port), 0);

		tuak_f2345(&t, &prm, v->topc, v->rand);
		tuak_f1(&t, &prm, v->topc, v->rand, sqn, v->amf);
		for (unsigned j = 0; j < 6; j++)
			autn[j] = sqn[j] ^ t.ak[j];
		memcpy(&autn[6], v->amf, 2);
		memcpy(&autn[8], t.mac_a, 8);

		usim_soft_authenticate(&c.usim, &c.res, v->rand, autn);
		CHECK_EQ(c.res.status, UE_USIM_OK);
		CHECK_MEM(c.res.res, c.res.res_len, t.res, 8);
		CHECK_MEM(c.res.ik, 16, t.ik, 16);
	}
}


extern const struct test_case suite_usim[];
const struct test_case suite_usim[] = {
	{"TS 35.208 4.3: all Milenage sets, f1 to f5*", test_milenage},
	{"TS 35.233: all TUAK sets, f1 to f5*", test_tuak},
	{"TS 33.102 6.3.3: AUTN of every set accepted, then AUTS",
	 test_autn_vectors},
	{"TS 33.102 6.3.3: any bit of AUTN flipped is a MAC failure",
	 test_mac_failure},
	{"TS 35.206: AES that fails is no answer to a challenge", test_aes_fails},
	{"TS 33.102 C.2.2: an older SEQ is fresh under another IND only",
	 test_ind},
	{"TS 33.102 C.2.1: a jump of more than delta is refused", test_delta},
	{"TS 33.102 C.2: the array survives power off", test_persistent},
	{"Soft USIM: no result leaves when the array cannot be stored",
	 test_store_fails},
	{"Soft USIM: a damaged array is not replaced by zeros",
	 test_damaged_store},
	{"Soft USIM: impossible lengths are refused", test_lengths},
	{"Soft USIM: secrets are wiped at removal", test_wiped},
	{"TS 35.231: a TUAK card answers a challenge", test_tuak_card},
	{NULL, NULL}
};
