/**
 * @file test_ipsec_sa.c  Sets of associations: offers, states, lifetimes
 */
#include "test/unit/ipsec_help.h"

#define MINUTE 60000u


static struct ipsec_params params_nr(uint32_t n)
{
	struct ipsec_params prm = help_params(IPSEC_ALG_HMAC_SHA_1_96,
					      IPSEC_EALG_AES_CBC, 4);

	prm.ue.spi_uc += n * 16;
	prm.ue.spi_us += n * 16;
	prm.spi_pc += n * 16;
	prm.spi_ps += n * 16;
	prm.ue.port_uc = (uint16_t)(prm.ue.port_uc + 100 + n);
	prm.port_pc = (uint16_t)(prm.port_pc + n);

	return prm;
}


/* RFC 4303 s2.1 */
static void offers(void)
{
	struct ipsec_offer a, b;
	uint32_t rnd = 1;
	struct ipsec db;
	unsigned i;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_offer(&a, &db), 0);

	for (i = 0; i < 200; i++) {
		CHECK(a.spi_uc > 255 && a.spi_us > 255);
		CHECK(a.spi_uc != a.spi_us);
		CHECK(a.port_uc != a.port_us);
		CHECK(a.port_uc >= IPSEC_PORT_MIN);
		CHECK(a.port_uc <= IPSEC_PORT_MAX);

		CHECK_EQ(ipsec_offer(&b, &db), 0);
		CHECK(b.port_uc != a.port_uc);
		CHECK_EQ(b.port_us, a.port_us);
		CHECK(b.spi_uc != a.spi_uc && b.spi_uc != a.spi_us);
		CHECK(b.spi_us != a.spi_uc && b.spi_us != a.spi_us);
		a = b;
	}
}


/* A random source that always says the same: only the rules differ */
static int same(uint8_t *buf, size_t len, void *arg)
{
	memset(buf, *(const uint8_t *)arg, len);

	return 0;
}


static void offers_avoid(void)
{
	struct ipsec_params prm = params_nr(0);
	struct ipsec_offer o;
	uint8_t octet = 0;
	struct ipsec db;
	unsigned i;

	/* eight ports: three living sets with four of them, all tried */
	CHECK_EQ(ipsec_init(&db, 31000, 31007, same, &octet), 0);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(ipsec_offer(&o, &db), 0);
		CHECK(o.spi_uc >= 256 && o.spi_us >= 256);
		CHECK(help_find(&db, o.port_uc, prm.port_ps) == NULL);
		prm.ue = o;
		prm.spi_pc = 0x70000000u + i;
		prm.spi_ps = 0x60000000u + i;
		CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);
		if (i < 2)
			CHECK_EQ(ipsec_establish(&db, 0, 600), 0);
	}
	for (i = 0; i < 20; i++) {
		const uint16_t last = o.port_uc;

		CHECK_EQ(ipsec_offer(&o, &db), 0);
		CHECK(o.port_uc != last);
		CHECK(help_find(&db, o.port_uc, prm.port_ps) == NULL);
	}

	/* SPIs at the upper end go on behind the reserved ones */
	octet = 0xff;
	CHECK_EQ(ipsec_offer(&o, &db), 0);
	CHECK_EQ(o.spi_uc, 0xffffffffu);
	CHECK(o.spi_us >= 256 && o.spi_us < 512);
}


static void offers_fail(void)
{
	struct ipsec_offer o = {1, 2, 3, 4};
	struct ipsec db;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random_fails, NULL), 0);
	CHECK_EQ(ipsec_offer(&o, &db), EIO);
	CHECK_EQ(o.spi_uc, 1);

	CHECK_EQ(ipsec_init(&db, 0, 0, NULL, NULL), EINVAL);
	CHECK_EQ(ipsec_init(&db, 80, 2000, help_random_fails, NULL), EINVAL);
	CHECK_EQ(ipsec_init(&db, 5000, 5100, help_random_fails, NULL),
		 EINVAL);
	CHECK_EQ(ipsec_init(&db, 31000, 31003, help_random_fails, NULL),
		 EINVAL);
	CHECK_EQ(ipsec_init(&db, 40000, 31003, help_random_fails, NULL),
		 EINVAL);
}


static void port_us_stays(void)
{
	struct ipsec_params prm = params_nr(0);
	struct ipsec_offer a, b;
	uint32_t rnd = 7;
	struct ipsec db;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_offer(&a, &db), 0);
	prm.ue = a;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);
	CHECK_EQ(ipsec_establish(&db, 0, 600), 0);
	CHECK_EQ(ipsec_offer(&b, &db), 0);
	CHECK_EQ(b.port_us, a.port_us);
	CHECK(b.port_uc != a.port_uc);

	ipsec_flush(&db);
	CHECK(ipsec_get(&db, IPSEC_CURRENT) == NULL);
	CHECK_EQ(ipsec_offer(&b, &db), 0);
	CHECK(b.port_us != a.port_us);
}


static void states(void)
{
	struct ipsec_params prm = params_nr(0);
	enum ipsec_state st = IPSEC_FREE;
	struct ipsec_set *set;
	uint32_t rnd = 0;
	struct ipsec db;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_next_ms(&db), UINT64_MAX);
	CHECK_EQ(ipsec_establish(&db, 0, 600), ENOENT);
	CHECK_EQ(ipsec_extend(&db, 0, 600), ENOENT);

	/* temporary: four minutes */
	CHECK_EQ(ipsec_add(&set, &db, &prm, 1000), 0);
	CHECK_EQ(set->state, IPSEC_TEMPORARY);
	CHECK_EQ(ipsec_next_ms(&db), 1000 + 4 * MINUTE);
	CHECK(!ipsec_expired(&st, &db, 1000 + 4 * MINUTE - 1));
	CHECK(ipsec_expired(&st, &db, 1000 + 4 * MINUTE));
	CHECK_EQ(st, IPSEC_TEMPORARY);

	/* the first current one: expiry + 30 s */
	CHECK_EQ(ipsec_establish(&db, 2000, 600), 0);
	CHECK(ipsec_get(&db, IPSEC_TEMPORARY) == NULL);
	CHECK(ipsec_get(&db, IPSEC_CURRENT) == set);
	CHECK_EQ(set->expires_ms, 2000 + 630000);

	/* a registration that is not challenged: longer, never shorter */
	CHECK_EQ(ipsec_extend(&db, 10000, 600), 0);
	CHECK_EQ(set->expires_ms, 10000 + 630000);
	CHECK_EQ(ipsec_extend(&db, 11000, 60), 0);
	CHECK_EQ(set->expires_ms, 10000 + 630000);

	/* the next one takes over: the longer of both */
	prm = params_nr(1);
	CHECK_EQ(ipsec_add(&set, &db, &prm, 20000), 0);
	CHECK_EQ(ipsec_establish(&db, 21000, 60), 0);
	CHECK_EQ(set->expires_ms, 10000 + 630000);
	CHECK_EQ(ipsec_get(&db, IPSEC_OLD)->expires_ms, 10000 + 630000);

	/* three sets at once, then the oldest goes */
	prm = params_nr(2);
	CHECK_EQ(ipsec_add(&set, &db, &prm, 30000), 0);
	CHECK(ipsec_get(&db, IPSEC_TEMPORARY) && ipsec_get(&db, IPSEC_OLD));
	CHECK(help_find(&db, 31110, 6100) == ipsec_get(&db, IPSEC_OLD));
	CHECK_EQ(ipsec_establish(&db, 31000, 6000), 0);
	CHECK_EQ(set->expires_ms, 31000 + 6030000);
	CHECK(help_find(&db, 31110, 6100) == NULL);
	CHECK(help_find(&db, 31111, 6100) == ipsec_get(&db, IPSEC_OLD));
	CHECK(help_find(&db, 31112, 6100) == set);

	/* the old one ends first */
	CHECK_EQ(ipsec_next_ms(&db), 10000 + 630000);
	CHECK(ipsec_expired(&st, &db, 10000 + 630000));
	CHECK_EQ(st, IPSEC_OLD);
	ipsec_delete(&db, st);
	CHECK(!ipsec_expired(&st, &db, 10000 + 630000));
}


static void challenge_again(void)
{
	struct ipsec_params prm = params_nr(0);
	uint32_t rnd = 0;
	struct ipsec db;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);
	prm = params_nr(1);
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);
	CHECK(help_find(&db, 31110, 6100) == NULL);
	CHECK(help_find(&db, 31111, 6100) != NULL);
}


static void refused(void)
{
	struct ipsec_params ok = params_nr(0), prm;
	uint32_t rnd = 0;
	struct ipsec db;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_add(NULL, &db, &ok, 0), 0);
	CHECK_EQ(ipsec_establish(&db, 0, 600), 0);

	/* SPIs of the living set */
	CHECK_EQ(ipsec_add(NULL, &db, &ok, 0), EINVAL);
	ok = params_nr(1);
	prm = ok; prm.ue.spi_us = params_nr(0).ue.spi_uc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.ue.spi_uc = params_nr(0).ue.spi_us;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);

	/* what the UE chose */
	prm = ok; prm.ue.spi_us = prm.ue.spi_uc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.ue.spi_us = 255;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.ue.port_us = prm.ue.port_uc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.remote = help_addr(6, 2);
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.local.family = prm.remote.family = 0;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm = ok; prm.proto = 1;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);

	/* what the P-CSCF chose */
	prm = ok; prm.spi_pc = 0;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_ps = 0;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_ps = prm.spi_pc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_ps = prm.ue.spi_us;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_ps = prm.ue.spi_uc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_pc = prm.ue.spi_us;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.spi_pc = prm.ue.spi_uc;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.port_pc = 0;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);
	prm = ok; prm.port_ps = 0;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EBADMSG);

	/* algorithms */
	prm = ok; prm.alg = IPSEC_ALG_NULL; prm.ealg = IPSEC_EALG_NULL;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), ENOTSUP);
	prm = ok; prm.alg = IPSEC_ALG_AES_GMAC;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), ENOTSUP);
	prm = ok; prm.ealg = IPSEC_EALG_AES_GCM;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), ENOTSUP);
	prm = ok; prm.alg = (enum ipsec_alg)9;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), ENOTSUP);

	/* the living set is untouched, a sound one is taken */
	CHECK(ipsec_get(&db, IPSEC_CURRENT) != NULL);
	CHECK(ipsec_get(&db, IPSEC_TEMPORARY) == NULL);
	ok.spi_pc = 100;
	ok.spi_ps = 101;
	CHECK_EQ(ipsec_add(NULL, &db, &ok, 0), 0);
}


static void weak_key(void)
{
	struct ipsec_params prm = params_nr(0);
	struct ipsec_keys keys;
	uint32_t rnd = 0;
	struct ipsec db;
	unsigned i;

	if (!IPSEC_3DES) {
		test_skip("no 3DES");
		return;
	}
	prm.ealg = IPSEC_EALG_DES_EDE3_CBC;
	/* equal halves but for the parity bits */
	for (i = 0; i < 8; i++)
		prm.ck[8 + i] = prm.ck[i] ^ 1;

	CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
	CHECK_EQ(ipsec_keys_expand(&keys, prm.alg, prm.ealg, prm.ck, prm.ik),
		 EINVAL);
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), EINVAL);
	prm.ck[8] ^= 2;
	CHECK_EQ(ipsec_add(NULL, &db, &prm, 0), 0);
}


static void wiped(void)
{
	static const uint8_t zero[sizeof(struct ipsec_set)];
	struct ipsec_params prm = params_nr(0);
	struct ipsec_set *set;
	uint32_t rnd = 0;
	struct ipsec db;
	unsigned i;

	for (i = 0; i < N_PAIRS; i++) {
		CHECK_EQ(ipsec_init(&db, 0, 0, help_random, &rnd), 0);
		prm.alg = pairv[i].alg;
		prm.ealg = pairv[i].ealg;
		CHECK_EQ(ipsec_add(&set, &db, &prm, 0), 0);
		CHECK(memcmp(set, zero, sizeof(*set)) != 0);
		ipsec_delete(&db, IPSEC_TEMPORARY);
		CHECK_MEM(set, sizeof(*set), zero, sizeof(zero));

		CHECK_EQ(ipsec_add(&set, &db, &prm, 0), 0);
		ipsec_flush(&db);
		CHECK_MEM(set, sizeof(*set), zero, sizeof(zero));

		CHECK_EQ(ipsec_add(&set, &db, &prm, 0), 0);
		ipsec_close(&db);
		CHECK_MEM(set, sizeof(*set), zero, sizeof(zero));
	}
}


static void names(void)
{
	enum ipsec_ealg ealg = IPSEC_EALG_NULL;
	enum ipsec_alg alg = IPSEC_ALG_NULL;
	unsigned i;

	for (i = 0; i < 4; i++) {
		const char *a = ipsec_alg_name((enum ipsec_alg)i);
		const char *e = ipsec_ealg_name((enum ipsec_ealg)i);

		CHECK_EQ(ipsec_alg_decode(&alg, a, strlen(a)), 0);
		CHECK_EQ(alg, i);
		CHECK_EQ(ipsec_ealg_decode(&ealg, e, strlen(e)), 0);
		CHECK_EQ(ealg, i);
	}
	CHECK_STR(ipsec_alg_name(IPSEC_ALG_HMAC_SHA_1_96), "hmac-sha-1-96");
	CHECK_STR(ipsec_ealg_name(IPSEC_EALG_DES_EDE3_CBC), "des-ede3-cbc");
	CHECK_STR(ipsec_alg_name((enum ipsec_alg)4), "");
	CHECK_STR(ipsec_ealg_name((enum ipsec_ealg)4), "");

	CHECK_EQ(ipsec_alg_decode(&alg, "HMAC-MD5-96", 11), 0);
	CHECK_EQ(alg, IPSEC_ALG_HMAC_MD5_96);
	CHECK_EQ(ipsec_alg_decode(&alg, "hmac-md5-96x", 12), ENOENT);
	CHECK_EQ(ipsec_alg_decode(&alg, "hmac-md5-9", 10), ENOENT);
	CHECK_EQ(ipsec_ealg_decode(&ealg, "aes-cbc", 0), ENOENT);

	CHECK_STR(ipsec_drop_name(IPSEC_DROP_SELECTOR), "selector");
	CHECK_STR(ipsec_drop_name(IPSEC_DROP_NONE), "none");
	CHECK_STR(ipsec_drop_name(IPSEC_DROP_N), "?");
}


/* The sizes told to SIP and TCP are those that packets really get */
static void sizes(void)
{
	unsigned i;
	size_t room, len;

	for (i = 0; i < N_PAIRS; i++) {
		const enum ipsec_alg alg = pairv[i].alg;
		const enum ipsec_ealg ealg = pairv[i].ealg;
		const struct ipsec_shape s = ipsec_shape(alg, ealg);
		size_t most = 0;

		for (len = 8; len < 80; len++) {
			struct ipsec_ip ip = {.family = 4, .len = 20 + len,
					      .cut = 20};
			struct ipsec_plan plan;

			CHECK_EQ(ipsec_plan_out(&plan, &s, &ip, 24, 29), 0);
			if (plan.total - ip.len > most)
				most = plan.total - ip.len;

			/* an exactly fitting room, and one octet less */
			room = plan.total - 20;
			CHECK(ipsec_payload_max(alg, ealg, room) >= len);
			CHECK(ipsec_payload_max(alg, ealg, room - 1) < len);
		}
		CHECK_EQ(ipsec_overhead(alg, ealg), most);
		CHECK(most <= IPSEC_HEADROOM + IPSEC_TAILROOM);
		CHECK_EQ(ipsec_payload_max(alg, ealg, 20), 0);
	}
}


static void size_limit(void)
{
	/* the limit is for 32-bit; pointers double a few fields elsewhere */
	if (sizeof(void *) > 4)
		CHECK(sizeof(struct ipsec) <= 6 * 1024 + 256);
	else
		CHECK(sizeof(struct ipsec) <= 6 * 1024);
}


const struct test_case suite_ipsec_sa[] = {
	{"TS 33.203 s7.1: SPIs over 255 and different, port_uc changes, "
	 "port_us stays", offers},
	{"TS 33.203 s7.1: an offer avoids SPIs and ports of living sets",
	 offers_avoid},
	{"an offer without random source or with a bad port range fails",
	 offers_fail},
	{"TS 33.203 s7.4: port_us is given up with the last set",
	 port_us_stays},
	{"TS 24.229 s5.1.1: states and lifetimes of three sets", states},
	{"TS 33.203 s7.3: a new challenge makes the older one void",
	 challenge_again},
	{"TS 33.203 s7.1: a set with wrong values is refused", refused},
	{"RFC 2451 s2.3: a 3DES key with equal halves is rejected", weak_key},
	{"TS 33.203 s7.4: keys are wiped with their set", wiped},
	{"TS 33.203 annex H: names of algorithms", names},
	{"overhead and largest payload are those of real packets", sizes},
	{"the database of three sets takes 6 KB at most", size_limit},
	{NULL, NULL}
};
