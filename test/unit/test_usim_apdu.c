/**
 * @file test_usim_apdu.c  A card's files and answers (TS 31.102, TS 31.103,
 * TS 102 221)
 */
#include <errno.h>
#include <string.h>
#include "ports/common/usim_apdu.h"
#include "ports/common/usim_file.h"
#include "test/unit/test.h"

#define OK   "\x90\x00"
#define NOT_FOUND "\x6a\x82"
#define ISIM "\x00\xa4\x04\x04\x07\xa0\x00\x00\x00\x87\x10\x04"
#define USIM "\x00\xa4\x04\x04\x07\xa0\x00\x00\x00\x87\x10\x02"
#define SELECT "\x00\xa4\x00\x04\x02"
#define READ "\x00\xb0\x00\x00\x00"
#define READ_RECORD "\x00\xb2\x01\x04\x00"
#define AUTS "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"
#define KEY "0123456789abcdef"

/** A literal without its zero: pointer, length */
#define LIT(s) (const uint8_t *)(s), sizeof(s) - 1

static struct usim_apdu card;

/** The card has to be asked `cmd`, and answers `ans` */
#define SAY(cmd_, ans, want)						\
	do {								\
		CHECK_MEM(card.cmd, card.cmd_len, cmd_,			\
			  sizeof(cmd_) - 1);				\
		CHECK_EQ(usim_apdu_answer(&card, LIT(ans)), want);	\
	} while (0)


/* ---- files ---- */

static void text(void)
{
	char str[8] = "old";

	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x03" "a@b")), 0);
	CHECK_STR(str, "a@b");
	CHECK_EQ(usim_file_text(str, sizeof(str),
				LIT("\x80\x81\x02" "cd\xff\xff")), 0);
	CHECK_STR(str, "cd");

	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("")), ENOENT);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\xff\xff")), ENOENT);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x00")), ENOENT);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x07" "abcdefg")),
		 0);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x08" "abcdefgh")),
		 EOVERFLOW);
	CHECK_STR(str, "abcdefg");
}


static void text_bad(void)
{
	char str[8] = "old";

	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80")), EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x81\x01" "a")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x02" "a")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x81")), EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x81\x02" "a")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str),
				LIT("\x80\x82\x00\x01" "a")), EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x03" "a b")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x03" "a\0b")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x03" "a\r\n")),
		 EBADMSG);
	CHECK_EQ(usim_file_text(str, sizeof(str), LIT("\x80\x02\xc3\xa4")),
		 EBADMSG);
	CHECK_STR(str, "old");
}


static void imsi(void)
{
	char str[16] = "old";

	/* 15 digits; 14 digits with a filler; 6 digits */
	CHECK_EQ(usim_file_imsi(str, LIT("\x08\x09\x10\x10\x00\x00\x00"
					 "\x00\x10")), 0);
	CHECK_STR(str, "001010000000001");
	CHECK_EQ(usim_file_imsi(str, LIT("\x08\x21\x43\x65\x87\x09\x21"
					 "\x43\xf5")), 0);
	CHECK_STR(str, "23456789012345");
	CHECK_EQ(usim_file_imsi(str, LIT("\x04\x21\x43\x65\xf7")), 0);
	CHECK_STR(str, "234567");
}


static void imsi_bad(void)
{
	char str[16] = "old";

	CHECK_EQ(usim_file_imsi(str, LIT("")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x00\x09")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x09\x09\x10\x10\x00\x00\x00\x00"
					 "\x10\x10")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x08\x09\x10\x10\x00\x00\x00")),
		 EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x04\x21\xf3\x65\xf7")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x04\x21\x43\x65\xa7")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\x03\x21\x43\x65")), EBADMSG);
	CHECK_EQ(usim_file_imsi(str, LIT("\xff\xff\xff\xff\xff\xff\xff\xff"
					 "\xff")), EBADMSG);
	CHECK_STR(str, "old");
}


static void mnc_len(void)
{
	uint8_t n = 9;

	CHECK_EQ(usim_file_mnc_len(&n, LIT("\x00\x00\x00")), ENOENT);
	CHECK_EQ(usim_file_mnc_len(&n, LIT("\x00\x00\x00\xff")), ENOENT);
	CHECK_EQ(usim_file_mnc_len(&n, LIT("\x00\x00\x00\x04")), EBADMSG);
	CHECK_EQ(n, 9);
	CHECK_EQ(usim_file_mnc_len(&n, LIT("\x00\x00\x00\x02")), 0);
	CHECK_EQ(n, 2);
	CHECK_EQ(usim_file_mnc_len(&n, LIT("\x00\x00\x00\xf3")), 0);
	CHECK_EQ(n, 3);
}


static void auth(void)
{
	struct ue_usim_res res;

	CHECK_EQ(usim_file_auth(&res, LIT("\xdb\x08" "RESPONSE\x10" KEY
					  "\x10" "FEDCBA9876543210"
					  "\x08" "kckckckc")), 0);
	CHECK_EQ(res.status, UE_USIM_OK);
	CHECK_MEM(res.res, res.res_len, "RESPONSE", 8);
	CHECK_MEM(res.ck, 16, KEY, 16);
	CHECK_MEM(res.ik, 16, "FEDCBA9876543210", 16);

	CHECK_EQ(usim_file_auth(&res, LIT("\xdb\x10" KEY "\x10" KEY "\x10"
					  KEY)), 0);
	CHECK_EQ(res.res_len, 16);

	CHECK_EQ(usim_file_auth(&res, LIT("\xdc\x0e" AUTS)), 0);
	CHECK_EQ(res.status, UE_USIM_SYNC_FAILURE);
	CHECK_MEM(res.auts, 14, AUTS, 14);
}


static void auth_bad(void)
{
	static const char good[] = "\xdb\x08" "RESPONSE\x10" KEY "\x10" KEY;
	struct ue_usim_res res;

	memset(&res, 0x55, sizeof(res));
	for (size_t len = 0; len < sizeof(good) - 1; len++)
		CHECK_EQ(usim_file_auth(&res, (const uint8_t *)good, len),
			 EBADMSG);

	CHECK_EQ(usim_file_auth(&res, LIT("\xdb\x03" "abc\x10" KEY "\x10"
					  KEY)), EBADMSG);
	CHECK_EQ(usim_file_auth(&res, LIT("\xdb\x11" KEY "x\x10" KEY "\x10"
					  KEY)), EBADMSG);
	CHECK_EQ(usim_file_auth(&res, LIT("\xdb\x08" "RESPONSE\x0f" KEY
					  "\x10" KEY)), EBADMSG);
	CHECK_EQ(usim_file_auth(&res, LIT("\xdc\x0d" AUTS)), EBADMSG);
	CHECK_EQ(usim_file_auth(&res, LIT("\xdc\x10" AUTS "xx")), EBADMSG);
	CHECK_EQ(usim_file_auth(&res, LIT("\xdd\x0e" AUTS)), EBADMSG);
	CHECK_EQ(res.res_len, 0x55);
	CHECK_EQ(res.auts[0], 0x55);
}


/* ---- jobs ---- */

static void isim(void)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	CHECK(usim_apdu_selects(&card));

	/* what SELECT has to say is not fetched */
	SAY(ISIM, "\x61\x20", EAGAIN);
	SAY(SELECT "\x6f\x02", "\x61\x19", EAGAIN);
	CHECK(!usim_apdu_selects(&card));
	/* Le is wrong, then right */
	SAY(READ, "\x6c\x06", EAGAIN);
	SAY("\x00\xb0\x00\x00\x06", "\x80\x03" "a@b\xff" OK, EAGAIN);
	SAY(SELECT "\x6f\x04", OK, EAGAIN);
	SAY(READ_RECORD, "\x80\x07" "sip:a@b" OK, EAGAIN);
	SAY(SELECT "\x6f\x03", "\x9f\x0f", EAGAIN);
	/* end of file before Le octets; a proactive command waits */
	SAY(READ, "\x80\x01" "b\x62\x82", 0);

	CHECK_STR(card.id.impi, "a@b");
	CHECK_STR(card.id.impu, "sip:a@b");
	CHECK_STR(card.id.domain, "b");
	CHECK_STR(card.id.imsi, "");
	CHECK_EQ(card.app, USIM_APP_ISIM);
	CHECK_EQ(usim_apdu_answer(&card, LIT(OK)), EPROTO);
}


/** The USIM's files, from SELECT to the end */
static void usim_files(void)
{
	SAY(USIM, OK, EAGAIN);
	SAY(SELECT "\x6f\x07", "\x91\x10", EAGAIN);
	SAY(READ, "\x04\x21\x43\x65\xf7" OK, EAGAIN);
	SAY(SELECT "\x6f\xad", OK, EAGAIN);
	SAY(READ, "\x00\x00\x00\x03" OK, 0);

	CHECK_STR(card.id.imsi, "234567");
	CHECK_EQ(card.id.mnc_len, 3);
	CHECK_EQ(card.app, USIM_APP_USIM);
}


static void usim(void)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, NOT_FOUND, EAGAIN);
	usim_files();
}


static void isim_incomplete(void)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, OK, EAGAIN);
	SAY(SELECT "\x6f\x02", NOT_FOUND, EAGAIN);
	SAY(SELECT "\x6f\x04", OK, EAGAIN);
	SAY(READ_RECORD, "\x6a\x83", EAGAIN);
	SAY(SELECT "\x6f\x03", OK, EAGAIN);
	SAY(READ, "\x69\x86", EAGAIN);
	usim_files();
}


static void isim_alone(void)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, OK, EAGAIN);
	SAY(SELECT "\x6f\x02", NOT_FOUND, EAGAIN);
	SAY(SELECT "\x6f\x04", NOT_FOUND, EAGAIN);
	SAY(SELECT "\x6f\x03", NOT_FOUND, EAGAIN);
	/* the settings have to say who the user is */
	SAY(USIM, NOT_FOUND, 0);
	CHECK_EQ(card.app, USIM_APP_ISIM);

	usim_apdu_identify(&card);
	SAY(ISIM, NOT_FOUND, EAGAIN);
	SAY(USIM, NOT_FOUND, ENOENT);
	CHECK_STR(card.why, "neither ISIM nor USIM there");
	CHECK_EQ(usim_apdu_authenticate(&card, (const uint8_t *)KEY,
					(const uint8_t *)KEY), ENOENT);
}


static void pin(void)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, OK, EAGAIN);
	SAY(SELECT "\x6f\x02", OK, EAGAIN);
	SAY(READ, "\x69\x82", EACCES);
	CHECK_STR(card.why, "the card wants its PIN");
}


/** Selected for a challenge; `le`: protocol T=1 */
static void challenge(bool le)
{
	usim_apdu_init(&card, le);
	usim_apdu_identify(&card);
	SAY(ISIM, NOT_FOUND, EAGAIN);
	usim_files();
	CHECK_EQ(usim_apdu_authenticate(&card, (const uint8_t *)KEY,
					(const uint8_t *)"AUTN4567aUTN4567"),
		 0);
	SAY(USIM, "\x61\x30", EAGAIN);
}


#define AUTHENTICATE "\x00\x88\x00\x81\x22\x10" KEY "\x10" "AUTN4567aUTN4567"
#define GOOD "\xdb\x08" "RESPONSE\x10" KEY "\x10" KEY

static void auth_good(void)
{
	challenge(false);
	SAY(AUTHENTICATE, "\x61\x2b", EAGAIN);
	SAY("\x00\xc0\x00\x00\x2b", GOOD OK, 0);
	CHECK_EQ(card.res.status, UE_USIM_OK);
	CHECK_EQ(card.res.res_len, 8);

	/* T=1: Le, and the answer at once; in two parts */
	challenge(true);
	SAY(AUTHENTICATE "\x00", GOOD OK, 0);
	CHECK_EQ(card.res.status, UE_USIM_OK);

	challenge(true);
	SAY(AUTHENTICATE "\x00", "\xdc\x0e\x01\x02\x61\x0c", EAGAIN);
	SAY("\x00\xc0\x00\x00\x0c", "\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
	    "\x0c\x0d\x0e" OK, 0);
	CHECK_EQ(card.res.status, UE_USIM_SYNC_FAILURE);
	CHECK_MEM(card.res.auts, 14, AUTS, 14);
}


static void auth_refused(void)
{
	challenge(false);
	SAY(AUTHENTICATE, "\x98\x62", 0);
	CHECK_EQ(card.res.status, UE_USIM_MAC_FAILURE);

	challenge(false);
	SAY(AUTHENTICATE, "\x98\x64", EIO);
	challenge(false);
	SAY(AUTHENTICATE, "\x69\x85", EIO);
	challenge(false);
	SAY(AUTHENTICATE, "\x6c\x2b", EIO);
	challenge(false);
	SAY(AUTHENTICATE, OK, EBADMSG);
	challenge(false);
	SAY(AUTHENTICATE, "\x98", EBADMSG);
	challenge(false);
	SAY(AUTHENTICATE, GOOD "\x62\x00", EIO);

	/* the application has gone */
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, NOT_FOUND, EAGAIN);
	usim_files();
	CHECK_EQ(usim_apdu_authenticate(&card, (const uint8_t *)KEY,
					(const uint8_t *)KEY), 0);
	SAY(USIM, NOT_FOUND, ENOENT);
}


static void endless(void)
{
	static const uint8_t more[100] = {[98] = 0x61, [99] = 0x62};
	unsigned n = 0;
	int err;

	/* GET RESPONSE without end */
	challenge(false);
	while ((err = usim_apdu_answer(&card, LIT("\x61\x10"))) == EAGAIN)
		++n;
	CHECK_EQ(err, EBADMSG);
	CHECK(n < 10);

	/* Le is never right */
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);
	SAY(ISIM, OK, EAGAIN);
	SAY(SELECT "\x6f\x02", OK, EAGAIN);
	for (n = 0; (err = usim_apdu_answer(&card, LIT("\x6c\x10"))) ==
	     EAGAIN && n < 100; n++)
		;
	CHECK_EQ(err, EBADMSG);

	/* more than a short answer holds */
	challenge(false);
	CHECK_EQ(usim_apdu_answer(&card, more, sizeof(more)), EAGAIN);
	CHECK_EQ(usim_apdu_answer(&card, more, sizeof(more)), EAGAIN);
	CHECK_EQ(usim_apdu_answer(&card, more, sizeof(more)), EBADMSG);
	CHECK_STR(card.why, "answer too long");
}


static void wiped(void)
{
	static const uint8_t zero[256];

	challenge(false);
	SAY(AUTHENTICATE, GOOD OK, 0);
	CHECK_MEM(card.data, sizeof(card.data), zero, sizeof(zero));
	CHECK_MEM(card.challenge, sizeof(card.challenge), zero, 32);
	usim_apdu_close(&card);
	CHECK_MEM(&card.res, sizeof(card.res), zero, sizeof(card.res));
}


const struct test_case suite_usim_apdu[] = {
	{"TS 31.103 s4.2: text of EF_IMPI, EF_IMPU, EF_DOMAIN", text},
	{"TS 31.103 s4.2: text that is not what it should be", text_bad},
	{"TS 31.102 s4.2.2: EF_IMSI", imsi},
	{"TS 31.102 s4.2.2: an EF_IMSI that is none", imsi_bad},
	{"TS 31.102 s4.2.18: EF_AD, length of the MNC", mnc_len},
	{"TS 31.102 s7.1.2.1: RES, CK, IK; AUTS", auth},
	{"TS 31.102 s7.1.2.1: lengths that are not theirs", auth_bad},
	{"TS 31.103: identities of an ISIM; 61xx, 6Cxx, 9Fxx, 6282", isim},
	{"TS 31.102: identities of a USIM; 91xx", usim},
	{"TS 24.229 C.2: an ISIM that lacks files: the USIM", isim_incomplete},
	{"an ISIM without files and no USIM; neither", isim_alone},
	{"TS 102 221 s10.2: security status not satisfied", pin},
	{"TS 31.103 s7.1: AUTHENTICATE, GET RESPONSE, in parts", auth_good},
	{"TS 31.103 s7.3: 9862 and other refusals", auth_refused},
	{"a card that never comes to an end", endless},
	{"what the card said is wiped", wiped},
	{NULL, NULL}
};
