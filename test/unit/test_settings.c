/**
 * @file test_settings.c  Settings as text
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/usim.h"
#include "ports/common/settings.h"
#include "test/unit/test.h"

#define AB16 "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB"

static struct settings st;


static int key_mine(struct settings *s, const char *val)
{
	uint32_t n;
	const int err = settings_number(s, &n, val, 10, 20);

	if (!err)
		*(uint32_t *)s->arg = n;

	return err;
}


static const struct settings_key keyv[] = {{"mine", key_mine, NULL}};


static void values(void)
{
	char line[] = "  home\t ims.example \r\n", none[] = "# home x";
	uint32_t mine = 0;

	settings_init(&st, keyv, 1, &mine);
	CHECK_EQ(settings_set_line(&st, line), 0);
	CHECK_STR(st.ue.home, "ims.example");
	CHECK_EQ(settings_set_line(&st, none), 0);
	CHECK_EQ(settings_set_pair(&st, "mine=20"), 0);
	CHECK_EQ(mine, 20);
	CHECK_EQ(settings_set_pair(&st, "local=[2001:db8::1]:5070"), 0);
	CHECK_EQ(st.ue.local.family, 6);
	CHECK_EQ(st.ue.local.port, 5070);
	CHECK_EQ(settings_set_pair(&st, "local=192.0.2.1"), 0);
	CHECK_EQ(st.ue.local.family, 4);
	CHECK_EQ(st.ue.local.port, 0);
	CHECK_EQ(settings_set_pair(&st, "ports=2000-2007"), 0);
	CHECK_EQ(st.ue.sec_port_max, 2007);
	CHECK_STR(st.error, "");
}


/* A value that is refused changes nothing and the key is named */
static void refused(void)
{
	static const char *const v[][2] = {
		{"mine=9", "mine: a number from 10 to 20 is expected"},
		{"mine=4294967306", "mine: a number from 10 to 20 is "
		 "expected"},
		{"mine=42949672961", "mine: a number from 10 to 20 is "
		 "expected"},
		{"mine=-5", "mine: a number from 10 to 20 is expected"},
		{"mine=", "mine: a number from 10 to 20 is expected"},
		{"log=all", "log: one of error, warning, info, debug is "
		 "expected"},
		{"local=1.2.3", "local: an IP address is expected"},
		{"local=[::1", "local: a closing ] is expected"},
		{"local=1.2.3.4:65536", "local: a number from 0 to 65535 is "
		 "expected"},
		{"k=12", "k: 32 or 64 hexadecimal digits are expected"},
		{"algs=x/y", "algs: x/y: ALG/EALG of TS 33.203 is expected"},
		{"foo=1", "foo: no such setting"},
		{"foo", "foo: KEY=VALUE is expected"},
	};
	uint32_t mine = 7;

	settings_init(&st, keyv, 1, &mine);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK_EQ(settings_set_pair(&st, v[i][0]), EINVAL);
		CHECK_STR(st.error, v[i][1]);
	}
	CHECK_EQ(mine, 7);
	CHECK_EQ(st.ue.local.family, 0);
}


static void full(void)
{
	char pair[SETTINGS_TEXT / 4];
	int err = 0;
	unsigned n;

	memset(pair, 'x', sizeof(pair));
	memcpy(pair, "home=", 5);
	pair[sizeof(pair) - 1] = '\0';
	settings_init(&st, NULL, 0, NULL);
	for (n = 0; n < 6 && !err; n++)
		err = settings_set_pair(&st, pair);
	CHECK_EQ(err, EINVAL);
	CHECK_EQ(n, 5);
	CHECK_STR(st.error, "home: too many settings");
	CHECK_EQ(strlen(st.ue.home), sizeof(pair) - 6);
}


static void together(void)
{
	char line[] = "foo x";

	settings_init(&st, NULL, 0, NULL);
	CHECK_EQ(settings_finish(&st), EINVAL);
	CHECK_STR(st.error, "pcscf: this setting is needed");
	CHECK_EQ(settings_set_pair(&st, "pcscf=192.0.2.1"), 0);
	CHECK_EQ(settings_finish(&st), EINVAL);
	CHECK_STR(st.error, "k: this setting is needed (or password)");
	CHECK_EQ(settings_set_pair(&st, "password=x"), 0);
	CHECK_EQ(settings_finish(&st), 0);
	CHECK_STR(st.error, "");

	/* TS 23.003 2.2: nothing in an IMSI tells where the MNC ends */
	CHECK_EQ(settings_set_pair(&st, "imsi=001010000000001"), 0);
	CHECK_EQ(settings_finish(&st), EINVAL);
	CHECK_STR(st.error, "mnc_len: this setting is needed with imsi");
	CHECK_EQ(settings_set_pair(&st, "mnc_len=2"), 0);
	CHECK_EQ(settings_finish(&st), 0);

	settings_where(&st, NULL, 0);
	CHECK_STR(st.error, "");
	settings_where(&st, "a.cfg", 12);
	CHECK_EQ(settings_set_line(&st, line), EINVAL);
	CHECK_STR(st.error, "a.cfg:12: foo: no such setting");
	settings_wipe(&st);
	CHECK_EQ(st.text[0], 0);
}


/* What lines of a file may look like */
static void lines(void)
{
	char empty[] = "", blank[] = " \t\r\n", lone[] = "home",
		nothing[] = "home \t \n", last[] = "home\tx";

	settings_init(&st, NULL, 0, NULL);
	CHECK_EQ(settings_set_line(&st, empty), 0);
	CHECK_EQ(settings_set_line(&st, blank), 0);
	CHECK_STR(st.ue.home, NULL);
	CHECK_EQ(settings_set_line(&st, last), 0);
	CHECK_STR(st.ue.home, "x");
	CHECK_EQ(settings_set_line(&st, lone), EINVAL);
	CHECK_STR(st.error, "home: a value is missing");
	settings_where(&st, NULL, 0);
	CHECK_EQ(settings_set_line(&st, nothing), EINVAL);
	CHECK_STR(st.error, "home: a value is missing");
	CHECK_STR(st.ue.home, "x");
}


static void addresses(void)
{
	static const struct {
		const char *text;
		int family;
		unsigned port;
	} v[] = {
		{"192.0.2.1:5070", 4, 5070},
		{"2001:db8::1", 6, 0},
		{"[2001:db8::1]", 6, 0},
		{"[2001:db8::1]:0", 6, 0},
		{"[2001:db8::1]5070", 0, 0},
		{"[2001:db8::1]:", 0, 0},
		{"[2001:db8::1", 0, 0},
		{"192.0.2.1:", 0, 0},
		{"192.0.2.1:x", 0, 0},
		{":5070", 0, 0},
		{"1111111111111111111111111111111111111111111111111111111111"
		 "111111", 0, 0},
	};
	char pair[90];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		settings_init(&st, NULL, 0, NULL);
		snprintf(pair, sizeof(pair), "local=%s", v[i].text);
		CHECK_EQ(settings_set_pair(&st, pair),
			 v[i].family ? 0 : EINVAL);
		CHECK_EQ(st.ue.local.family, v[i].family);
		CHECK_EQ(st.ue.local.port, v[i].port);
	}
}


/* Why a setting is refused does not outgrow its room: what fits is there */
static void long_error(void)
{
	char pair[SETTINGS_ERROR + 20];

	settings_init(&st, NULL, 0, NULL);
	memset(pair, 'x', sizeof(pair));
	pair[sizeof(pair) - 1] = '\0';
	CHECK_EQ(settings_set_pair(&st, pair), EINVAL);
	CHECK_EQ(strlen(st.error), SETTINGS_ERROR - 1);
	CHECK_MEM(st.error, SETTINGS_ERROR - 1, pair, SETTINGS_ERROR - 1);
	/* a key of 64 characters is none */
	pair[64] = '=';
	CHECK_EQ(settings_set_pair(&st, pair), EINVAL);
	CHECK_EQ(settings_set_pair(&st, "=x"), EINVAL);
	CHECK_STR(st.error, "=x: KEY=VALUE is expected");
}


/* Each key keeps what it takes, and its name is in front of why not */
static void keys(void)
{
	static const struct {
		const char *key;
		const char *good;
		const char *bad;
	} v[] = {
		{"imsi", "001010123456789", "0010101234567890"},
		{"mnc_len", "3", "4"},
		{"transport", "tcp", "sctp"},
		{"timers", "rfc3261", "3261"},
		{"sec", "ipsec", "tls"},
		{"algorithm", "tuak", "comp128"},
		{"spi", "plain", "hex"},
		{"log", "debug", "all"},
		{"audio", "65000", "65535"},
		{"audio", "1", "0"},
		{"preconditions", "on", "yes"},
		{"sigcomp", "on", "1"},
		{"sms", "2048", "2047"},
		{"dms", "131072", "131073"},
		{"dms", "8192", "8191"},
		{"cpb", "16", "15"},
		{"expires", "4294967", "4294968"},
		{"res_len", "16", "17"},
		{"gruu", "off", "of"},
		{"messages", "off", ""},
		{"reg_event", "off", "OFF"},
		{"keepalive", "on", "onn"},
		{"ports", "1024-1031", "1024-1030"},
		{"ports", "5062-5069", "5061-5069"},
		{"ports", "5052-5059", "5053-5060"},
		{"ports", "5052-5059", "5052"},
		{"ports", "5052-5059", "00005052-5059"},
		{"ports", "5052-5059", "1023-5059"},
		{"ports", "5052-5059", "6000-65536"},
		{"algs", "hmac-sha-1-96/aes-cbc", "hmac-sha-1-96"},
		{"algs", "hmac-sha-1-96/null,hmac-sha-1-96/aes-cbc",
		 "hmac-sha-1-96/null,"},
		{"algs", "hmac-sha-1-96/null", "hmac-sha-1-96/rot13"},
		{"algs", "hmac-sha-1-96/null", "null/aes-gcm/"},
		{"algs", "hmac-sha-1-96/null", "hmac-sha-1-96/aes-gcm"},
		{"k", "000102030405060708090a0b0c0d0e0F",
		 "000102030405060708090a0b0c0d0e0g"},
		{"k", "000102030405060708090A0B0C0D0E0F",
		 "000102030405060708090a0b0c0d0e/0"},
		{"k", "000102030405060708090A0B0C0D0E0F",
		 "000102030405060708090a0b0c0d0e:0"},
		{"opc", "000102030405060708090A0B0C0D0E0F",
		 "000102030405060708090a0b0c0d0e@0"},
		{"op", "000102030405060708090A0B0C0D0E0F",
		 "000102030405060708090a0b0c0d0e0"},
		{"op", "000102030405060708090a0b0c0d0e0f"
		 "000102030405060708090a0b0c0d0e0f",
		 "000102030405060708090a0b0c0d0e0f00"},
#if MSRP_RELAY && UE_MSRP_TLS
		{"relay_fingerprint", AB16 ":" AB16, AB16 ":" AB16 ":AB"},
		{"relay_fingerprint", AB16 ":" AB16, "CD:" AB16 ":AB"},
#endif
	};
	char pair[200];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		settings_init(&st, NULL, 0, NULL);
		snprintf(pair, sizeof(pair), "%s=%s", v[i].key, v[i].good);
		CHECK_EQ(settings_set_pair(&st, pair), 0);
		snprintf(pair, sizeof(pair), "%s=%s", v[i].key, v[i].bad);
		CHECK_EQ(settings_set_pair(&st, pair), EINVAL);
		snprintf(pair, sizeof(pair), "%s: ", v[i].key);
		CHECK_MEM(st.error, strlen(pair), pair, strlen(pair));
		/* a secret is not repeated */
		CHECK(!strstr(st.error, "0001020304"));
		/* and the one before stays */
		if (st.has_k)
			CHECK_EQ(st.usim.k[15], 0x0f);
		if (st.has_opc)
			CHECK_EQ(st.is_op, v[i].key[2] == '\0');
#if MSRP_RELAY && UE_MSRP_TLS
		if (st.relay.sha256)
			CHECK_EQ(st.relay.sha256[0], 0xab);
#endif
	}
}


static void kept(void)
{
	static const char *const v[] = {
		"impi=a@b", "impu=sip:a@b", "imei=123", "password=p",
		"pani=3GPP", "privacy=id",
		"contact_params=;x", "user_agent=u",
		"imsi=001010123456789", "mnc_len=2", "transport=udp",
		"timers=rfc3261", "sec=ipsec", "algorithm=tuak", "spi=plain",
		"log=info", "audio=4000", "preconditions=on", "sigcomp=on",
		"sms=4096", "dms=8192", "cpb=64", "expires=77", "res_len=4",
		"gruu=off", "messages=off", "reg_event=off", "keepalive=off",
		"algs=hmac-sha-1-96/null",
	};
	size_t i;

	settings_init(&st, NULL, 0, NULL);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		CHECK_EQ(settings_set_pair(&st, v[i]), 0);
	CHECK_STR(st.ue.impi, "a@b");
	CHECK_STR(st.ue.impu, "sip:a@b");
	CHECK_STR(st.ue.imei, "123");
	CHECK_STR(st.ue.password, "p");
	CHECK_STR(st.ue.access_network_info, "3GPP");
	CHECK_STR(st.ue.privacy, "id");
	CHECK_STR(st.ue.contact_params, ";x");
	CHECK_STR(st.ue.user_agent, "u");
	CHECK_STR(st.card.imsi, "001010123456789");
	CHECK_EQ(st.card.mnc_len, 2);
	CHECK_EQ(st.ue.transport, UE_TRANSPORT_UDP_ONLY);
	CHECK_EQ(st.ue.timers, UE_TIMERS_RFC3261);
	CHECK_EQ(st.ue.sec, UE_SEC_IPSEC);
	CHECK_EQ(st.usim.algorithm, USIM_TUAK);
	CHECK(st.ue.sec_plain_spi);
	CHECK_EQ(st.log, UE_LOG_INFO);
	CHECK_EQ(st.ue.audio->port, 4000);
	CHECK(st.ue.preconditions && st.ue.sigcomp && st.ue.no_gruu);
	CHECK(st.no_messages && st.ue.no_reg_event && st.ue.no_keepalive);
	CHECK_EQ(st.ue.sigcomp_sms, 4096);
	CHECK_EQ(st.ue.sigcomp_dms, 8192);
	CHECK_EQ(st.ue.sigcomp_cpb, 64);
	CHECK_EQ(st.ue.expires_s, 77);
	CHECK_EQ(st.usim.res_len, 4);
	CHECK_STR(st.ue.sec_algs, "hmac-sha-1-96/null");

	CHECK_EQ(settings_set_pair(&st, "preconditions=off"), 0);
	CHECK_EQ(settings_set_pair(&st, "sigcomp=off"), 0);
	CHECK_EQ(settings_set_pair(&st, "gruu=on"), 0);
	CHECK_EQ(settings_set_pair(&st, "spi=padded"), 0);
	CHECK(!st.ue.preconditions && !st.ue.sigcomp && !st.ue.no_gruu);
	CHECK(!st.ue.sec_plain_spi);
}


static void too_many_pcscfs(void)
{
	unsigned i;

	settings_init(&st, NULL, 0, NULL);
	for (i = 0; i < UE_PCSCF_MAX; i++)
		CHECK_EQ(settings_set_pair(&st, "pcscf=192.0.2.1"), 0);
	CHECK_EQ(settings_set_pair(&st, "pcscf=192.0.2.1"), EINVAL);
	CHECK_STR(st.ue.pcscfv[UE_PCSCF_MAX], NULL);

	settings_init(&st, NULL, 0, NULL);
	st.text_len = sizeof(st.text) - 9;
	CHECK_EQ(settings_set_pair(&st, "pcscf=192.0.2.1"), EINVAL);
	CHECK_EQ(st.pcscf_count, 0);
	CHECK_EQ(settings_set_pair(&st, "pcscf=10.0.0.1"), 0);
	CHECK_EQ(st.pcscf_count, 1);
}


#define K16 "000102030405060708090a0b0c0d0e0f"

/* Keys of a subscriber, which belong together */
static void subscriber(void)
{
	static const struct {
		const char *pairv[4];
		bool card;
		const char *error;      /* "": good */
	} v[] = {
		{{"k=" K16}, false, "opc: this setting is needed with k"},
		{{"opc=" K16}, false, "k: this setting is needed with opc"},
		{{"op=" K16}, false, "k: this setting is needed with opc"},
		{{"k=" K16, "opc=" K16}, false, ""},
		{{"k=" K16, "opc=" K16}, true, "k: not with the card of usim"},
		{{NULL}, true, ""},
		{{"password=x"}, true, ""},
		{{"k=" K16, "opc=" K16 K16}, false,
		 "opc: 16 octets are expected"},
		{{"k=" K16, "op=" K16 K16}, false,
		 "op: 16 octets are expected"},
		{{"k=" K16 K16, "opc=" K16}, false,
		 "k: 16 octets are expected"},
		{{"algorithm=tuak", "k=" K16, "opc=" K16}, false,
		 "opc: 32 octets are expected"},
		{{"algorithm=tuak", "k=" K16 K16, "opc=" K16 K16}, false, ""},
		/* the last one counts */
		{{"k=" K16, "op=" K16 K16, "opc=" K16}, false, ""},
	};
	size_t i, j;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		settings_init(&st, NULL, 0, NULL);
		st.other_usim = v[i].card;
		CHECK_EQ(settings_set_pair(&st, "pcscf=192.0.2.1"), 0);
		for (j = 0; v[i].pairv[j]; j++)
			CHECK_EQ(settings_set_pair(&st, v[i].pairv[j]), 0);
		CHECK_EQ(settings_finish(&st), v[i].error[0] ? EINVAL : 0);
		CHECK_STR(st.error, v[i].error);
	}
}


static void set_octets(const char *key, const uint8_t *p, size_t len)
{
	char pair[80];
	size_t i, n;

	n = (size_t)snprintf(pair, sizeof(pair), "%s=", key);
	for (i = 0; i < len; i++)
		n += (size_t)snprintf(pair + n, sizeof(pair) - n, "%02x",
				      p[i]);
	CHECK_EQ(settings_set_pair(&st, pair), 0);
}


/* OP, where the subscriber's own OPc is not given */
static void derived(void)
{
	const struct milenage_vector *m = &milenage_vectors[0];
	const struct tuak_vector *t = &tuak_vectors[0];
	int i;

	settings_init(&st, NULL, 0, NULL);
	(void)settings_set_pair(&st, "pcscf=192.0.2.1");
	set_octets("k", m->k, 16);
	set_octets("op", m->op, 16);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(settings_finish(&st), 0);
		CHECK_MEM(st.usim.opc, 16, m->opc, 16);
	}

	settings_init(&st, NULL, 0, NULL);
	(void)settings_set_pair(&st, "pcscf=192.0.2.1");
	(void)settings_set_pair(&st, "algorithm=tuak");
	set_octets("k", t->k, t->k_len);
	set_octets("op", t->top, 32);
	CHECK_EQ(settings_finish(&st), 0);
	CHECK_MEM(st.usim.opc, 32, t->topc, 32);
}


static char help[8192];
static size_t help_len;


static void on_help(const char *p, size_t len, void *arg)
{
	(void)arg;
	if (len < sizeof(help) - help_len) {
		memcpy(help + help_len, p, len);
		help_len += len;
	}
	help[help_len] = '\0';
}


static void helps(void)
{
	static const struct settings_key key = {
		"a_name_that_is_long", key_mine, "of the port"
	};

	help_len = 0;
	settings_init(&st, &key, 1, NULL);
	settings_help(&st, on_help, NULL);
#if COMMAND_HELP
	CHECK(strstr(help, "\n  pcscf           host[:port]; once for each "
		     "P-CSCF\n"));
#endif
	CHECK(strstr(help, "\n  a_name_that_is_long of the port\n"));
}


const struct test_case suite_settings[] = {
	{"values", values},
	{"each key has its value", kept},
	{"a refused value is explained", refused},
	{"each key refuses what is wrong", keys},
	{"an explanation that is too long", long_error},
	{"lines of a file", lines},
	{"addresses", addresses},
	{"no room", full},
	{"too many P-CSCFs", too_many_pcscfs},
	{"what one says of another", together},
	{"keys of the subscriber belong together", subscriber},
	{"TS 35.206, TS 35.231: OPc from OP", derived},
	{"help", helps},
	{NULL, NULL}
};
