/**
 * @file test_crypto_faults.c  The n-th call of the cryptography fails, for
 * every n: an error is returned, nothing wrong leaves or comes in, what was
 * there is as it was
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/crypto_fault.h"
#include "test/unit/ipsec_help.h"
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"
#include "ue/sip/digest.h"

/** More calls than any of these have */
#define CALLS_MAX 400


static bool is_wiped(const void *p, size_t len)
{
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i < len; i++) {
		if (b[i])
			return false;
	}

	return true;
}


/* A set without its keys is no set: EIO, the entry is free and wiped */
static void add(enum ipsec_alg alg, enum ipsec_ealg ealg)
{
	struct ipsec_params prm = help_params(alg, ealg, 4);
	unsigned n;

	for (n = 1; n < CALLS_MAX; n++) {

		struct ends e;
		int err;

		memset(&e, 0, sizeof(e));
		CHECK_EQ(ipsec_init(&e.ue, 0, 0, help_random, &e.rnd), 0);
		crypto_fault = n;
		err = ipsec_add(NULL, &e.ue, &prm, 0);
		if (crypto_fault)
			break;

		CHECK_EQ(err, EIO);
		CHECK(!ipsec_get(&e.ue, IPSEC_TEMPORARY));
		CHECK(is_wiped(&e.ue.setv[0].crypto,
			       sizeof(e.ue.setv[0].crypto)));
	}
	crypto_fault = 0;
	CHECK(n > 1 || ealg == IPSEC_EALG_NULL);
}


static void association(void)
{
	unsigned i;

	for (i = 0; i < N_PAIRS; i++)
		add(pairv[i].alg, pairv[i].ealg);
}


/* What leaves, leaves protected; what comes in wrong goes no further */
static void packet(enum ipsec_alg alg, enum ipsec_ealg ealg, bool in)
{
	struct ipsec_params prm = help_params(alg, ealg, 4);
	unsigned n;

	for (n = 1; n < CALLS_MAX; n++) {

		struct ipsec_stats *st;
		struct room r;
		struct ends e;
		enum ipsec_verdict v;

		CHECK_EQ(help_ends(&e, &prm), 0);
		help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS,
			    0, NULL, 0, 100);
		if (in)
			CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 1),
				 IPSEC_PROTECT);

		crypto_fault = n;
		v = in ? ipsec_input(&e.net, &r.pkt, 1)
			: ipsec_output(&e.ue, &r.pkt, 1);
		if (crypto_fault)
			break;

		st = in ? &e.net.stats : &e.ue.stats;
		CHECK_EQ(v, IPSEC_DISCARD);
		CHECK_EQ(r.pkt.drop, IPSEC_DROP_CRYPTO);
		CHECK_EQ(st->dropv[IPSEC_DROP_CRYPTO], 1);

		/* the association goes on */
		help_packet(&r, &prm.local, &prm.remote, 17, PORT_UC, PORT_PS,
			    0, NULL, 0, 100);
		CHECK_EQ(ipsec_output(&e.ue, &r.pkt, 2), IPSEC_PROTECT);
		CHECK_EQ(ipsec_input(&e.net, &r.pkt, 2), IPSEC_PROTECT);
	}
	crypto_fault = 0;
	CHECK(n > 1);
}


static void output(void)
{
	unsigned i;

	for (i = 0; i < N_PAIRS; i++)
		packet(pairv[i].alg, pairv[i].ealg, false);
}


static void input(void)
{
	unsigned i;

	for (i = 0; i < N_PAIRS; i++)
		packet(pairv[i].alg, pairv[i].ealg, true);
}


static void digest(void)
{
	static const enum sip_digest_alg algv[] = {
		SIP_DIGEST_MD5, SIP_DIGEST_SHA256
	};
	struct sip_digest_input in;
	unsigned i, n;

	for (i = 0; i < 2; i++)
	for (n = 1; n < CALLS_MAX; n++) {

		char ha1[SIP_DIGEST_HEX_MAX] = "before";
		char res[SIP_DIGEST_HEX_MAX] = "before";
		struct pl user, realm;
		int err;

		pl_set_str(&user, "user");
		pl_set_str(&realm, "home");
		memset(&in, 0, sizeof(in));
		in.alg = algv[i];
		in.qop = SIP_QOP_AUTH_INT;
		pl_set_str(&in.nonce, "nonce");
		pl_set_str(&in.method, "REGISTER");
		pl_set_str(&in.uri, "sip:home");
		pl_set_str(&in.cnonce, "cnonce");
		in.nc = 1;
		in.body = "body";
		in.body_len = 4;

		crypto_fault = n;
		err = sip_digest_ha1(ha1, in.alg, &user, &realm, "pw", 2);
		if (err) {
			CHECK_EQ(err, EIO);
			CHECK_STR(ha1, "before");
			continue;
		}
		in.ha1 = ha1;
		err = sip_digest_response(res, &in);
		if (crypto_fault) {
			CHECK_EQ(err, 0);
			break;
		}
		CHECK_EQ(err, EIO);
		CHECK_STR(res, "before");
	}
	crypto_fault = 0;
}


const struct test_case suite_crypto_faults[] = {
	{"cryptography fails: no association, its keys are wiped",
	 association},
	{"cryptography fails: nothing leaves in the clear or half protected",
	 output},
	{"cryptography fails: a packet is dropped, the next one comes in",
	 input},
	{"cryptography fails: a digest is an error, not a wrong one", digest},
	{NULL, NULL}
};
