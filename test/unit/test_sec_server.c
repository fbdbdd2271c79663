/**
 * @file test_sec_server.c  Security-Server: what is chosen, what is repeated
 *                          in Security-Verify (RFC 3329, TS 33.203 annex H)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/ims/sec_core.h"

#if UE_IPSEC

#define SPIS ";spi-c=4096;spi-s=4097;port-c=5063;port-s=5064"
#define LONGEST "ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;prot=esp;mod=trans;" \
	"ealg=des-ede3-cbc;spi-c=4294967295;spi-s=4294967294;port-c=65535;" \
	"port-s=65534"
#define SHA_NULL "ipsec-3gpp;alg=hmac-sha-1-96;ealg=null" SPIS

static struct sip_msg m;
static char buf[4096];
static struct ims_sec_choice choice;

/* what we have offered */
static const struct ipsec_offer own = {
	.spi_uc = 300, .spi_us = 301, .port_uc = 31001, .port_us = 31002
};


/** A 401 with these header fields, each with its CRLF */
static int load(const char *fields)
{
	snprintf(buf, sizeof(buf), "SIP/2.0 401 X\r\nVia: SIP/2.0/UDP h\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: x\r\n"
		 "CSeq: 1 REGISTER\r\n%s\r\n", fields);

	return sip_msg_parse(&m, buf, strlen(buf), SIP_FRAMING_DATAGRAM);
}


/** Bits of pairs: with null, and with aes-cbc */
static uint16_t offered(bool aes)
{
	const struct sec_pair null = {IPSEC_ALG_HMAC_SHA_1_96,
				      IPSEC_EALG_NULL};
	const struct sec_pair cbc = {IPSEC_ALG_HMAC_SHA_1_96,
				     IPSEC_EALG_AES_CBC};

	return (uint16_t)(sec_pair_bit(&null) | (aes ? sec_pair_bit(&cbc)
						 : 0));
}


/** What of one value is chosen.  @return of sec_server_choose() */
static int choose(const char *value, bool aes)
{
	char field[600];

	snprintf(field, sizeof(field), "Security-Server: %s\r\n", value);
	memset(&choice, 0, sizeof(choice));
	if (load(field))
		return EINVAL;

	return sec_server_choose(&choice, &m, offered(aes), &own);
}


/* TS 33.203 annex H, s7.1 */
static void complete(void)
{
	static const struct {
		const char *value;
		int err;
	} v[] = {
		{SHA_NULL, 0},
		/* what has one value, or one that is meant, may be absent */
		{"ipsec-3gpp;alg=hmac-sha-1-96" SPIS, 0},
		{"IPsec-3GPP;alg=hmac-sha-1-96;prot=ESP;mod=Trans" SPIS, 0},
		{"tls", ENOENT},
		{"ipsec-3gpp;ealg=null" SPIS, ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-9-96" SPIS, ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;ealg=rot13" SPIS, ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;prot=ah" SPIS, ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;mod=tun" SPIS, ENOENT},
		/* known, and not offered */
		{"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc" SPIS, ENOENT},
		/* one of the four is missing, or no SPI (RFC 4303 s2.1) */
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-s=4097;port-c=5063;"
		 "port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;port-c=5063;"
		 "port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;"
		 "port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;"
		 "port-c=5063", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0;spi-s=4097;"
		 "port-c=5063;port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=0;"
		 "port-c=5063;port-s=5064", ENOENT},
		/* reserved, but what some P-CSCFs begin with */
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=100;spi-s=101;"
		 "port-c=5063;port-s=5064", 0},
		/* two are the same, or ours */
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4096;"
		 "port-c=5063;port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=4097;"
		 "port-c=5063;port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=301;spi-s=4097;"
		 "port-c=5063;port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=300;"
		 "port-c=5063;port-s=5064", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=301;"
		 "port-c=5063;port-s=5064", ENOENT},
		/* what cannot be read is none, and hides none behind it */
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=x", ENOENT},
		{"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=x, " SHA_NULL, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		CHECK_EQ(choose(v[i].value, false), v[i].err);

	CHECK_EQ(choose(SHA_NULL, false), 0);
	CHECK_EQ(choice.alg, IPSEC_ALG_HMAC_SHA_1_96);
	CHECK_EQ(choice.ealg, IPSEC_EALG_NULL);
	CHECK_EQ(choice.spi_pc, 4096);
	CHECK_EQ(choice.spi_ps, 4097);
	CHECK_EQ(choice.port_pc, 5063);
	CHECK_EQ(choice.port_ps, 5064);

	/* before there is an offer only the algorithms count */
	CHECK_EQ(load("Security-Server: ipsec-3gpp;alg=hmac-sha-1-96\r\n"),
		 0);
	CHECK_EQ(sec_server_choose(&choice, &m, offered(false), NULL), 0);
	CHECK_EQ(load(""), 0);
	CHECK_EQ(sec_server_choose(&choice, &m, offered(false), NULL),
		 ENOENT);
}


/* RFC 3329 s2.3.1: the highest q, the first one where it is the same */
static void preference(void)
{
	CHECK_EQ(choose("ipsec-3gpp;alg=hmac-sha-1-96;q=0.1" SPIS ", "
			"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;q=0.2"
			SPIS, true), 0);
	CHECK_EQ(choice.ealg, IPSEC_EALG_AES_CBC);
	CHECK_EQ(choose("ipsec-3gpp;alg=hmac-sha-1-96;q=0.2" SPIS ", "
			"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;q=0.2"
			SPIS, true), 0);
	CHECK_EQ(choice.ealg, IPSEC_EALG_NULL);
	/* a higher one that is unknown is no hindrance */
	CHECK_EQ(choose("tls;q=0.9, ipsec-3gpp;alg=hmac-sha-1-96;q=0" SPIS,
			true), 0);
}


/* A list has an end: what is behind it is not looked at */
static void long_list(void)
{
	static char value[2600];
	unsigned i;

	for (i = 0; i < 31; i++)
		strcat(value, "tls,");
	strcat(value, SHA_NULL);
	snprintf(buf, sizeof(buf), "Security-Server: %s\r\n", value);
	memcpy(value, buf, strlen(buf) + 1);
	CHECK_EQ(load(value), 0);
	CHECK_EQ(sec_server_choose(&choice, &m, offered(false), &own), 0);

	snprintf(buf, sizeof(buf), "Security-Server: tls\r\n%s", value);
	memcpy(value, buf, strlen(buf) + 1);
	CHECK_EQ(load(value), 0);
	CHECK_EQ(sec_server_choose(&choice, &m, offered(false), &own),
		 ENOENT);
}


/* RFC 3329 s2.3.1: Security-Verify is Security-Server, octet by octet */
static void verify(void)
{
	static char field[UE_SEC_SERVER_MAX + 40];
	char kept[UE_SEC_SERVER_MAX] = "old";
	size_t n;

	CHECK_EQ(load(""), 0);
	CHECK_EQ(sec_server_keep(kept, &m), ENOENT);
	CHECK_EQ(load("Security-Server:\r\n"), 0);
	CHECK_EQ(sec_server_keep(kept, &m), ENOENT);
	CHECK_STR(kept, "old");

	CHECK_EQ(load("Security-Server: tls ;q=0.1,  a\r\n"
		      "Security-Server:\r\n"
		      "Security-Server: " SHA_NULL "\r\n"), 0);
	CHECK_EQ(sec_server_keep(kept, &m), 0);
	CHECK_STR(kept, "tls ;q=0.1,  a\n" SHA_NULL);

	/* what could not be sent again: a control character in quotes */
	CHECK_EQ(load("Security-Server: tls;x=\"\\\x01\"\r\n"), 0);
	CHECK_EQ(sec_server_keep(kept, &m), EBADMSG);
	CHECK_EQ(load("Security-Server: tls;x=\"\\\x7f\"\r\n"), 0);
	CHECK_EQ(sec_server_keep(kept, &m), EBADMSG);
	CHECK_EQ(load("Security-Server: tls;x=\"\ta\"\r\n"), 0);
	CHECK_EQ(sec_server_keep(kept, &m), 0);

	/* as much as there is room for */
	for (n = UE_SEC_SERVER_MAX - 1; n <= UE_SEC_SERVER_MAX; n++) {
		memset(field, 'a', sizeof(field));
		memcpy(field, "Security-Server: ", 17);
		strcpy(field + 17 + n, "\r\n");
		CHECK_EQ(load(field), 0);
		CHECK_EQ(sec_server_keep(kept, &m),
			 n < UE_SEC_SERVER_MAX ? 0 : EOVERFLOW);
		CHECK_EQ(strlen(kept), UE_SEC_SERVER_MAX - 1);
	}
}


/* TS 33.203 annex H: the longest form of what a P-CSCF lists for each pair
   of ours, for half of them where memory is short */
static void each_pair(void)
{
	static char field[1200];
	const unsigned count = UE_SEC_SERVER_MAX < 1080 ? 4 : 8;
	char kept[UE_SEC_SERVER_MAX];
	unsigned i;

	strcpy(field, "Security-Server: ");
	for (i = 0; i < count; i++)
		strcat(field, i ? ", " LONGEST : LONGEST);
	strcat(field, "\r\n");
	CHECK_EQ(load(field), 0);
	CHECK_EQ(sec_server_keep(kept, &m), 0);
	CHECK_EQ(strlen(kept), count * strlen(LONGEST) + (count - 1) * 2);
}


const struct test_case suite_sec_server[] = {
	{"TS 33.203 annex H: a list of each pair", each_pair},
	{"TS 33.203 annex H, s7.1: a mechanism is complete", complete},
	{"RFC 3329 s2.3.1: the highest q", preference},
	{"Security-Server: a list without end", long_list},
	{"RFC 3329 s2.3.1: Security-Verify is Security-Server", verify},
	{NULL, NULL}
};

#else

const struct test_case suite_sec_server[] = {{NULL, NULL}};

#endif
