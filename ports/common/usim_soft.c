/**
 * @file usim_soft.c  A USIM/ISIM in software: AUTHENTICATE in the IMS context
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/milenage.h"
#include "ports/common/tuak.h"
#include "ports/common/usim_soft.h"


/** TS 33.102 C.2.1: a jump of more than delta is refused, so that the counter
 *  cannot be forced to its end */
#define USIM_DELTA ((uint64_t)1 << 28)

static const char nv_key[] = "usim-sqn";


/** What one algorithm gives for one challenge */
struct functions {
	uint8_t res[32];
	uint8_t ck[32];
	uint8_t ik[32];
	uint8_t ak[6];
	uint8_t ak_s[6];
	uint8_t mac[8];         /* f1 or f1*, as asked */
};


static struct tuak_params tuak_prm(const struct usim_soft *usim)
{
	const struct tuak_params prm = {
		usim->prm.k, usim->prm.k_len, 8, usim->prm.res_len, 16, 16,
		usim->prm.iterations
	};

	return prm;
}


/** @return 0, EIO */
static int f2345(struct functions *f, const struct usim_soft *usim,
		 const uint8_t *rand)
{
	const struct tuak_params prm = tuak_prm(usim);
	struct milenage m;
	struct tuak t;
	int err = 0;

	if (usim->prm.algorithm == USIM_TUAK) {
		tuak_f2345(&t, &prm, usim->prm.opc, rand);
		memcpy(f->res, t.res, usim->prm.res_len);
		memcpy(f->ck, t.ck, 16);
		memcpy(f->ik, t.ik, 16);
		memcpy(f->ak, t.ak, 6);
		memcpy(f->ak_s, t.ak_s, 6);
		mbedtls_platform_zeroize(&t, sizeof(t));
	}
	else {
		err = milenage_f2345(&m, usim->prm.k, usim->prm.opc, rand);
		memcpy(f->res, m.res, 8);
		memcpy(f->ck, m.ck, 16);
		memcpy(f->ik, m.ik, 16);
		memcpy(f->ak, m.ak, 6);
		memcpy(f->ak_s, m.ak_s, 6);
		mbedtls_platform_zeroize(&m, sizeof(m));
	}

	return err;
}


/** f1, or f1* when `star`.  @return 0, EIO */
static int f1(struct functions *f, const struct usim_soft *usim, bool star,
	      const uint8_t *rand, const uint8_t *sqn, const uint8_t *amf)
{
	const struct tuak_params prm = tuak_prm(usim);
	struct milenage m;
	struct tuak t;
	int err = 0;

	if (usim->prm.algorithm == USIM_TUAK) {
		tuak_f1(&t, &prm, usim->prm.opc, rand, sqn, amf);
		memcpy(f->mac, star ? t.mac_s : t.mac_a, 8);
		mbedtls_platform_zeroize(&t, sizeof(t));
	}
	else {
		err = milenage_f1(&m, usim->prm.k, usim->prm.opc, rand, sqn,
				  amf);
		memcpy(f->mac, star ? m.mac_s : m.mac_a, 8);
		mbedtls_platform_zeroize(&m, sizeof(m));
	}

	return err;
}


/** Equal?  In constant time */
static bool equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= a[i] ^ b[i];

	return diff == 0;
}


static uint64_t sqn_value(const uint8_t *sqn)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 6; i++)
		v = v << 8 | sqn[i];

	return v;
}


/** SQN_MS: the highest sequence number accepted so far, with its IND */
static uint64_t sqn_highest(const struct usim_soft *usim)
{
	unsigned ind = 0;

	for (unsigned i = 1; i < USIM_SQN_SLOTS; i++) {
		if (usim->seq[i] > usim->seq[ind])
			ind = i;
	}

	return usim->seq[ind] << USIM_IND_BITS | ind;
}


static int store(const struct usim_soft *usim)
{
	uint8_t buf[USIM_SQN_SLOTS * 6];

	for (unsigned i = 0; i < USIM_SQN_SLOTS; i++) {
		for (unsigned j = 0; j < 6; j++)
			buf[6 * i + j] = (uint8_t)(usim->seq[i]
						   >> (40 - 8 * j));
	}

	return usim->nv->nv_write(usim->nv->arg, nv_key, buf, sizeof(buf));
}


/** TS 33.102 C.2.2: fresh when SEQ is above the last one of its IND and not
 *  further than delta above the highest one */
static bool sqn_fresh(const struct usim_soft *usim, uint64_t sqn)
{
	const uint64_t seq = sqn >> USIM_IND_BITS;
	const uint64_t highest = sqn_highest(usim) >> USIM_IND_BITS;
	const unsigned ind = (unsigned)(sqn & (USIM_SQN_SLOTS - 1));

	if (seq > highest && seq - highest > USIM_DELTA)
		return false;

	return seq > usim->seq[ind];
}


/** TS 33.102 6.3.3: AUTS = SQN_MS ^ AK* || MAC-S */
static void sync_failure(struct usim_soft *usim, struct functions *f,
			 struct ue_usim_res *res, const uint8_t *rand)
{
	static const uint8_t amf_zero[2] = {0, 0};
	const uint64_t sqn_ms = sqn_highest(usim);
	uint8_t sqn[6];

	for (unsigned i = 0; i < 6; i++)
		sqn[i] = (uint8_t)(sqn_ms >> (40 - 8 * i));

	if (f1(f, usim, true, rand, sqn, amf_zero)) {
		res->status = UE_USIM_FAILED;
		return;
	}

	for (unsigned i = 0; i < 6; i++)
		res->auts[i] = sqn[i] ^ f->ak_s[i];
	memcpy(&res->auts[6], f->mac, 8);

	res->status = UE_USIM_SYNC_FAILURE;
}


void usim_soft_authenticate(struct usim_soft *usim, struct ue_usim_res *res,
			    const uint8_t rand[16], const uint8_t autn[16])
{
	struct functions f;
	uint8_t sqn[6];
	uint64_t v, old;

	memset(res, 0, sizeof(*res));

	res->status = UE_USIM_FAILED;
	if (f2345(&f, usim, rand))
		goto out;
	for (unsigned i = 0; i < 6; i++)
		sqn[i] = autn[i] ^ f.ak[i];

	if (f1(&f, usim, false, rand, sqn, &autn[6]))
		goto out;
	if (!equal(f.mac, &autn[8], 8)) {
		res->status = UE_USIM_MAC_FAILURE;
		goto out;
	}

	v = sqn_value(sqn);
	if (!sqn_fresh(usim, v)) {
		sync_failure(usim, &f, res, rand);
		goto out;
	}

	old = usim->seq[v & (USIM_SQN_SLOTS - 1)];
	usim->seq[v & (USIM_SQN_SLOTS - 1)] = v >> USIM_IND_BITS;
	if (store(usim)) {
		/* without the store the same challenge would be accepted
		 * again after a restart */
		usim->seq[v & (USIM_SQN_SLOTS - 1)] = old;
		goto out;
	}

	res->status  = UE_USIM_OK;
	res->res_len = (uint8_t)usim->prm.res_len;
	memcpy(res->res, f.res, usim->prm.res_len);
	memcpy(res->ck, f.ck, 16);
	memcpy(res->ik, f.ik, 16);

 out:
	mbedtls_platform_zeroize(&f, sizeof(f));
	mbedtls_platform_zeroize(sqn, sizeof(sqn));
}


int usim_soft_init(struct usim_soft *usim,
		   const struct usim_soft_params *prm,
		   const struct ue_port *nv)
{
	uint8_t buf[USIM_SQN_SLOTS * 6];
	size_t len = sizeof(buf);
	int err;

	if (prm->algorithm == USIM_TUAK) {
		if ((prm->k_len != 16 && prm->k_len != 32) ||
		    (prm->res_len != 4 && prm->res_len != 8 &&
		     prm->res_len != 16) || prm->mac_len != 8 ||
		    prm->iterations < 1)
			return EINVAL;
	}
	else if (prm->k_len != 16 || prm->res_len != 8) {
		return EINVAL;
	}

	memset(usim, 0, sizeof(*usim));

	err = nv->nv_read(nv->arg, nv_key, buf, &len);
	if (err == ENOENT) {
		err = 0;
	}
	else if (!err && len == sizeof(buf)) {
		for (unsigned i = 0; i < USIM_SQN_SLOTS; i++)
			usim->seq[i] = sqn_value(&buf[6 * i]);
	}
	else {
		/* never start from zero over a damaged array: old challenges
		 * would be accepted */
		return err == EIO ? EIO : EBADMSG;
	}

	usim->prm = *prm;
	usim->nv  = nv;

	return err;
}


void usim_soft_close(struct usim_soft *usim)
{
	mbedtls_platform_zeroize(usim, sizeof(*usim));
}
