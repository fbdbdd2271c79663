/**
 * @file test_identity.c  Identities and P-CSCF lists
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/ims/identity.h"
#include "ue/ims/pcscf.h"

static struct {
	struct ue_identity card;
	bool no_card;
	uint8_t rnd;
	int random_err;
	uint8_t nv[16];
	size_t nv_len;
	unsigned writes;
	int nv_err;
} p;

static struct ims_identity id;


static int card_h(void *arg, struct ue_identity *card)
{
	(void)arg;

	if (p.no_card)
		return ENOENT;

	*card = p.card;

	return 0;
}


static int random_h(void *arg, void *buf, size_t len)
{
	(void)arg;

	if (p.random_err)
		return p.random_err;

	memset(buf, p.rnd++, len);

	return 0;
}


static int nv_read_h(void *arg, const char *key, void *buf, size_t *len)
{
	(void)arg;

	if (p.nv_err)
		return p.nv_err;
	if (strcmp(key, "uuid") || !p.nv_len)
		return ENOENT;
	if (*len < p.nv_len)
		return EOVERFLOW;

	memcpy(buf, p.nv, p.nv_len);
	*len = p.nv_len;

	return 0;
}


static int nv_write_h(void *arg, const char *key, const void *buf, size_t len)
{
	(void)arg;

	if (strcmp(key, "uuid") || len > sizeof(p.nv))
		return ENOSPC;

	memcpy(p.nv, buf, len);
	p.nv_len = len;
	++p.writes;

	return 0;
}


static const struct ue_port port = {
	.random = random_h, .usim_identity = card_h, .nv_read = nv_read_h,
	.nv_write = nv_write_h
};


static void begin(void)
{
	memset(&p, 0, sizeof(p));
	memset(&id, 0, sizeof(id));
	p.rnd = 0xff;
	strcpy(p.card.imsi, "234150999999999");
	p.card.mnc_len = 2;
}


static void with_isim(void)
{
	strcpy(p.card.impi, "user1_private@home1.net");
	strcpy(p.card.impu, "sip:user1_public1@home1.net");
	strcpy(p.card.domain, "home1.net");
}


static int get(const struct ims_identity_set *set, const char **why)
{
	static const struct ims_identity_set none;

	return ims_identity_get(&id, set ? set : &none, &port, why);
}


/* ------------------------------------------------------------------ */


/* TS 23.003 13.3, 13.4B */
static void test_derive_2(void)
{
	/* the example of the specification */
	begin();
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_EQ(id.source, IMS_IDENTITY_IMSI);
	CHECK_STR(id.home, "ims.mnc015.mcc234.3gppnetwork.org");
	CHECK_STR(id.home_uri, "sip:ims.mnc015.mcc234.3gppnetwork.org");
	CHECK_STR(id.impi, "234150999999999"
		  "@ims.mnc015.mcc234.3gppnetwork.org");
	CHECK_STR(id.impu, "sip:234150999999999"
		  "@ims.mnc015.mcc234.3gppnetwork.org");
}


static void test_derive_3(void)
{
	begin();
	strcpy(p.card.imsi, "310410123456789");
	p.card.mnc_len = 3;
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.home, "ims.mnc410.mcc310.3gppnetwork.org");
	CHECK_STR(id.impi, "310410123456789"
		  "@ims.mnc410.mcc310.3gppnetwork.org");
}


static void test_derive_bad(void)
{
	static const char *const imsiv[] = {
		"", "12345", "23415099999999x", "+2341509999999"
	};
	size_t i;

	for (i = 0; i < sizeof(imsiv) / sizeof(imsiv[0]); i++) {

		const char *why = NULL;

		begin();
		strcpy(p.card.imsi, imsiv[i]);
		CHECK_EQ(get(NULL, &why), ENOENT);
		CHECK(why && strstr(why, "impi"));
		CHECK(id.impi == NULL);
	}

	/* the length of the MNC is not known */
	for (i = 0; i < 6; i++) {
		begin();
		p.card.mnc_len = (uint8_t)i;
		CHECK_EQ(get(NULL, NULL), i == 2 || i == 3 ? 0 : ENOENT);
	}

	/* no terminating zero */
	begin();
	memset(p.card.imsi, '1', sizeof(p.card.imsi));
	CHECK_EQ(get(NULL, NULL), ENOENT);

	begin();
	p.no_card = true;
	CHECK_EQ(get(NULL, NULL), ENOENT);
}


static void test_isim(void)
{
	begin();
	with_isim();
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_EQ(id.source, IMS_IDENTITY_ISIM);
	CHECK_STR(id.impi, "user1_private@home1.net");
	CHECK_STR(id.impu, "sip:user1_public1@home1.net");
	CHECK_STR(id.home, "home1.net");

	/* an ISIM that lacks one of them is none */
	p.card.impu[0] = '\0';
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_EQ(id.source, IMS_IDENTITY_IMSI);
}


static void test_set(void)
{
	struct ims_identity_set set = {.impu = "sip:alice@home2.net"};

	begin();
	with_isim();
	CHECK_EQ(get(&set, NULL), 0);
	CHECK_STR(id.impi, "user1_private@home1.net");
	CHECK_STR(id.impu, "sip:alice@home2.net");

	set.impi = "alice@home2.net";
	set.home = "home2.net";
	p.no_card = true;
	CHECK_EQ(get(&set, NULL), 0);
	CHECK_EQ(id.source, IMS_IDENTITY_SET);
	CHECK_STR(id.home_uri, "sip:home2.net");
}


static void test_form(void)
{
	char text[UE_URI_MAX + 2];

	CHECK(ims_impi_valid("a@b"));
	CHECK(ims_impi_valid("user=1/x@home.net"));
	CHECK(!ims_impi_valid(NULL));
	CHECK(!ims_impi_valid(""));
	CHECK(!ims_impi_valid("user"));
	CHECK(!ims_impi_valid("@home.net"));
	CHECK(!ims_impi_valid("user@"));
	CHECK(!ims_impi_valid("us er@home.net"));
	CHECK(!ims_impi_valid("us\"er@home.net"));
	CHECK(!ims_impi_valid("user@home.net\r\nX: y"));
	CHECK(!ims_impi_valid("user@ho me"));

	CHECK(ims_impu_valid("sip:user@home.net"));
	CHECK(ims_impu_valid("sip:+15550100@home.net;user=phone"));
	CHECK(!ims_impu_valid(NULL));
	CHECK(!ims_impu_valid("user@home.net"));
	CHECK(!ims_impu_valid("tel:+15550100"));
	CHECK(!ims_impu_valid("sips:user@home.net"));
	CHECK(!ims_impu_valid("sip:user@home.net?Subject=x"));
	CHECK(!ims_impu_valid("sip:user@home.net>"));

	CHECK(ims_home_valid("home.net"));
	CHECK(ims_home_valid("127.0.0.1"));
	CHECK(!ims_home_valid(NULL));
	CHECK(!ims_home_valid(""));
	CHECK(!ims_home_valid(".net"));
	CHECK(!ims_home_valid("home net"));
	CHECK(!ims_home_valid("home.net;lr"));

	memset(text, 'a', sizeof(text));
	text[UE_URI_MAX] = '\0';
	CHECK(!ims_home_valid(text));
	memcpy(text, "a@", 2);
	CHECK(!ims_impi_valid(text));
	memcpy(text, "sip:", 4);
	CHECK(!ims_impu_valid(text));
	text[UE_URI_MAX - 1] = '\0';
	CHECK(ims_impu_valid(text));
}


static void test_bad_set(void)
{
	const struct ims_identity_set setv[] = {
		{.impi = "nobody"}, {.impu = "tel:+1"}, {.home = "a b"},
		{.imei = "123"}
	};
	static const char *const namev[] = {"impi", "impu", "home", "imei"};
	size_t i;

	for (i = 0; i < 4; i++) {

		const char *why = NULL;

		begin();
		CHECK_EQ(get(&setv[i], &why), EINVAL);
		CHECK(why && !strncmp(why, namev[i], 4));
		CHECK(id.impi == NULL);
	}
}


static void test_imei(void)
{
	char s[IMS_INSTANCE_MAX];
	struct ims_identity_set set = {.imei = NULL};

	CHECK_EQ(ims_instance_imei(s, "90420156025763"), 0);
	CHECK_STR(s, "urn:gsma:imei:90420156-025763-0");
	CHECK_EQ(ims_instance_imei(s, "904201560257632"), 0);
	CHECK_STR(s, "urn:gsma:imei:90420156-025763-0");
	CHECK_EQ(ims_instance_imei(s, "9042015602576342"), 0);
	CHECK_STR(s, "urn:gsma:imei:90420156-025763-0");
	CHECK_EQ(ims_instance_imei(s, "9042015602576"), EINVAL);
	CHECK_EQ(ims_instance_imei(s, "90420156025763421"), EINVAL);
	CHECK_EQ(ims_instance_imei(s, "90420156-025763"), EINVAL);
	CHECK_EQ(ims_instance_imei(s, ""), EINVAL);

	/* of the terminal; a set one comes before it */
	begin();
	strcpy(p.card.imei, "904201560257632");
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance, "urn:gsma:imei:90420156-025763-0");
	set.imei = "350000000000007";
	CHECK_EQ(get(&set, NULL), 0);
	CHECK_STR(id.instance, "urn:gsma:imei:35000000-000000-0");
	CHECK_EQ(p.writes, 0);
}


static void test_uuid(void)
{
	static const uint8_t zero[16];
	char first[IMS_INSTANCE_MAX];

	ims_instance_uuid(first, zero);
	CHECK_STR(first, "urn:uuid:00000000-0000-4000-8000-000000000000");

	/* made once, kept for ever */
	begin();
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
	CHECK_EQ(p.writes, 1);
	p.rnd = 0x11;
	memset(&id, 0, sizeof(id));
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
	CHECK_EQ(p.writes, 1);

	/* what is kept is not 16 octets */
	p.nv_len = 3;
	memset(&id, 0, sizeof(id));
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:11111111-1111-4111-9111-111111111111");
	p.nv_err = EOVERFLOW;
	p.rnd = 0x22;
	memset(&id, 0, sizeof(id));
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:22222222-2222-4222-a222-222222222222");
	CHECK_EQ(p.writes, 3);

	begin();
	p.random_err = EIO;
	CHECK_EQ(get(NULL, NULL), EIO);
}


/* RFC 5626 s4.1: what cannot be read now is not written over */
static void test_uuid_unread(void)
{
	const char *why = "";

	begin();
	p.nv_len = 16;
	p.nv_err = EIO;
	CHECK_EQ(get(NULL, &why), EIO);
	CHECK(strstr(why, "instance identifier"));
	CHECK_STR(id.instance, "");
	CHECK_EQ(p.writes, 0);
	p.nv_err = 0;
	CHECK_EQ(get(NULL, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:00000000-0000-4000-8000-000000000000");
	CHECK_EQ(p.writes, 0);
}


/* RFC 5626 s4.1: without memory the same as long as the terminal runs, also
   when the card was away or has changed */
static void test_uuid_forgotten(void)
{
	static const struct ims_identity_set none;
	const struct ue_port bare = {
		.random = random_h, .usim_identity = card_h
	};

	begin();
	CHECK_EQ(ims_identity_get(&id, &none, &bare, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
	p.no_card = true;
	CHECK_EQ(ims_identity_get(&id, &none, &bare, NULL), ENOENT);
	CHECK(!id.impi && !id.impu && !id.home);
	CHECK_STR(id.home_uri, "");
	CHECK_STR(id.card.imsi, "");
	p.no_card = false;
	strcpy(p.card.imsi, "234150999999998");
	CHECK_EQ(ims_identity_get(&id, &none, &bare, NULL), 0);
	CHECK_STR(id.instance,
		  "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");

	/* an IMEI is better */
	strcpy(p.card.imei, "350000000000009");
	CHECK_EQ(ims_identity_get(&id, &none, &bare, NULL), 0);
	CHECK_STR(id.instance, "urn:gsma:imei:35000000-000000-0");
	CHECK_EQ(p.writes, 0);
}


/* ------------------------------------------------------------------ */
/* P-CSCFs */


/* TS 24.229 9.2.1 */
static void test_pcscf_text(void)
{
	static const struct {
		const char *text;
		int err;
		uint8_t family;
		uint16_t port;
	} v[] = {
		{"192.0.2.1", 0, 4, 5060},
		{"192.0.2.1:5070", 0, 4, 5070},
		{"2001:db8::1", 0, 6, 5060},
		{"[2001:db8::1]", 0, 6, 5060},
		{"[2001:db8::1]:65535", 0, 6, 65535},
		{"pcscf.home.net", 0, 0, 0},
		{"pcscf.home.net:4060", 0, 0, 4060},
		{"", EINVAL, 0, 0},
		{":5060", EINVAL, 0, 0},
		{"192.0.2.1:", EINVAL, 0, 0},
		{"192.0.2.1:0", EINVAL, 0, 0},
		{"192.0.2.1:65536", EINVAL, 0, 0},
		{"192.0.2.1:000005060", EINVAL, 0, 0},
		{"[2001:db8::1]x", EINVAL, 0, 0},
		{"2001:db8::1:2:3:4:5:6:99999", EINVAL, 0, 0},
		{"host name", EINVAL, 0, 0},
		{"sip:host", EINVAL, 0, 0},
		{"host;lr", EINVAL, 0, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		struct ue_addr a;

		memset(&a, 0, sizeof(a));
		CHECK_EQ(ims_pcscf_decode(&a, v[i].text), v[i].err);
		CHECK_EQ(a.family, v[i].family);
		CHECK_EQ(a.port, v[i].port);
	}
}


static void test_pcscf_order(void)
{
	static const char *const namev[] = {
		"192.0.2.1", "192.0.2.2", "192.0.2.3", NULL
	};
	struct ims_pcscfs ps;
	const char *name = NULL;

	ims_pcscfs_init(&ps, namev);
	CHECK(ims_pcscfs_more(&ps, 0));
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 1);

	/* one that failed is not tried again in the same round */
	ims_pcscfs_failed(&ps, 0, 0);
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 2);
	ims_pcscfs_failed(&ps, 0, 5000);
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 3);
	ims_pcscfs_failed(&ps, 0, 3000);
	CHECK(!ims_pcscfs_more(&ps, 0));
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), ENOENT);
	CHECK_EQ(ims_pcscfs_wait_ms(&ps, 0), 0);

	/* a new round goes round those that asked for time */
	ims_pcscfs_restart(&ps);
	CHECK_EQ(ims_pcscfs_next(&ps, 1000, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 1);
	ims_pcscfs_failed(&ps, 1000, 9000);
	CHECK_EQ(ims_pcscfs_next(&ps, 1000, &name), ENOENT);
	CHECK_EQ(ims_pcscfs_wait_ms(&ps, 1000), 2000);
	CHECK_EQ(ims_pcscfs_next(&ps, 3000, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 3);

	/* it works: all may be tried when it fails */
	ims_pcscfs_good(&ps);
	ims_pcscfs_failed(&ps, 3000, 0);
	CHECK(ims_pcscfs_more(&ps, 10000));
}


static void test_pcscf_names(void)
{
	static const char *const namev[] = {"a.net", "192.0.2.9", NULL};
	struct ims_pcscfs ps;
	const char *name = NULL;
	struct ue_addr a = {.family = 4, .ip = {198, 51, 100, 1},
			    .port = 5060};
	unsigned i;

	ims_pcscfs_init(&ps, namev);
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), EAGAIN);
	CHECK_STR(name, "a.net");
	ims_pcscfs_add(&ps, &a, UE_TRANSPORT_TCP);
	ims_pcscfs_add(&ps, &a, UE_TRANSPORT_TCP);
	CHECK_EQ(ps.count, 1);
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), 0);
	CHECK_EQ(ps.v[ps.current].transport, UE_TRANSPORT_TCP);

	ims_pcscfs_failed(&ps, 0, 0);
	CHECK_EQ(ims_pcscfs_next(&ps, 0, &name), 0);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 9);

	/* full: an address that failed makes room, never the current one */
	for (i = 0; i < 3 * UE_PCSCF_MAX; i++) {
		a.ip[3] = (uint8_t)(10 + i);
		ims_pcscfs_add(&ps, &a, UE_TRANSPORT_UDP);
	}
	CHECK_EQ(ps.count, UE_PCSCF_MAX);
	CHECK_EQ(ps.v[ps.current].addr.ip[3], 9);
}


const struct test_case suite_identity[] = {
	{"TS 23.003 13.2: MNC with 2 digits", test_derive_2},
	{"TS 23.003 13.2: MNC with 3 digits", test_derive_3},
	{"TS 24.229 C.2: what cannot be derived is not used",
	 test_derive_bad},
	{"TS 24.229 5.1.1.1A: an ISIM comes before the IMSI", test_isim},
	{"Settings come before the card", test_set},
	{"Form of identities", test_form},
	{"A wrong setting is named", test_bad_set},
	{"RFC 7254 s4.2: instance of an IMEI", test_imei},
	{"RFC 4122 s4.4: UUID, kept in non-volatile memory", test_uuid},
	{"RFC 5626 s4.1: memory that cannot be read now", test_uuid_unread},
	{"RFC 5626 s4.1: no memory: the same until the end",
	 test_uuid_forgotten},
	{"P-CSCF: address, name, port", test_pcscf_text},
	{"TS 24.229 5.1.1.2.1: the next P-CSCF", test_pcscf_order},
	{"RFC 3263: P-CSCF names are looked up when needed",
	 test_pcscf_names},
	{NULL, NULL}
};
