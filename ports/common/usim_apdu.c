/**
 * @file usim_apdu.c  USIM and ISIM on a card: commands and answers
 *
 *   state          event             action                next
 *   ---------------------------------------------------------------------
 *   any            identify          SELECT ISIM           SELECT_ISIM
 *   SELECT_ISIM    9000, 91xx, 6282  SELECT EF             SELECT_IMPI
 *                  61xx              SELECT EF             SELECT_IMPI
 *                  6A82, 6Cxx, 9862  SELECT USIM           SELECT_USIM
 *   SELECT_IMPI    9000, 91xx, 6282  READ (TS 31.103 s4.2) READ_IMPI
 *                  61xx              READ                  READ_IMPI
 *                  6A82, 6Cxx, 9862  SELECT EF             SELECT_IMPU
 *   READ_IMPI      9000, 91xx, 6282  SELECT EF             SELECT_IMPU
 *                  6A82, 9862        SELECT EF             SELECT_IMPU
 *   SELECT_IMPU    9000, 91xx, 6282  READ                  READ_IMPU
 *                  61xx              READ                  READ_IMPU
 *                  6A82, 6Cxx, 9862  SELECT EF             SELECT_DOMAIN
 *   READ_IMPU      9000, 91xx, 6282  SELECT EF             SELECT_DOMAIN
 *                  6A82, 9862        SELECT EF             SELECT_DOMAIN
 *   SELECT_DOMAIN  9000, 91xx, 6282  READ                  READ_DOMAIN
 *                  61xx              READ                  READ_DOMAIN
 *                  6A82, 6Cxx, 9862  SELECT USIM           SELECT_USIM*
 *   READ_DOMAIN    9000, 91xx, 6282  done (5.1.1.1A)       IDLE*
 *   READ_DOMAIN*   9000, 91xx, 6282  SELECT USIM           SELECT_USIM*
 *   READ_DOMAIN,   6A82, 9862        SELECT USIM           SELECT_USIM*
 *   READ_DOMAIN*
 *   SELECT_USIM,   9000, 91xx, 6282  SELECT EF             SELECT_IMSI
 *   SELECT_USIM*   61xx              SELECT EF             SELECT_IMSI
 *   SELECT_USIM    6A82, 6Cxx, 9862  ENOENT                IDLE
 *   SELECT_USIM*   6A82, 6Cxx, 9862  done                  IDLE*
 *   SELECT_IMSI    9000, 91xx, 6282  READ (TS 31.102 s4.2) READ_IMSI
 *                  61xx              READ                  READ_IMSI
 *                  6A82, 6Cxx, 9862  SELECT EF             SELECT_AD
 *   READ_IMSI      9000, 91xx, 6282  SELECT EF             SELECT_AD
 *                  6A82, 9862        SELECT EF             SELECT_AD
 *   SELECT_AD      9000, 91xx, 6282  READ                  READ_AD
 *                  61xx              READ                  READ_AD
 *                  6A82, 6Cxx, 9862  done                  IDLE*
 *   READ_AD        9000, 91xx, 6282  done                  IDLE*
 *                  6A82, 9862        done                  IDLE*
 *   READ_IMPI,     61xx              GET RESPONSE          -
 *   READ_IMPU,     6Cxx              READ (with that Le)   -
 *   READ_DOMAIN,
 *   READ_DOMAIN*,
 *   READ_IMSI,
 *   READ_AD
 *   IDLE*,         authenticate      SELECT USIM           SELECT_APP
 *   SELECT_APP,
 *   CHALLENGE
 *   SELECT_APP     9000, 91xx, 6282  AUTHENTICATE          CHALLENGE
 *                  61xx              AUTHENTICATE          CHALLENGE
 *                  6A82, 6Cxx, 9862  ENOENT                IDLE*
 *   CHALLENGE      9000, 91xx, 6282  done                  IDLE*
 *                  9862              done (TS 31.103 s7.3) IDLE*
 *                  61xx              GET RESPONSE          -
 *                  6A82, 6Cxx        EIO                   IDLE*
 *   SELECT_APP,    6982              EACCES                IDLE*
 *   CHALLENGE      short, long       EBADMSG               IDLE*
 *                  endless           EBADMSG               IDLE*
 *                  cancel            -                     IDLE*
 *   SELECT_ISIM,   6982              EACCES                IDLE
 *   SELECT_IMPI,   short, long       EBADMSG               IDLE
 *   READ_IMPI,     endless           EBADMSG               IDLE
 *   SELECT_IMPU,   cancel            -                     IDLE
 *   READ_IMPU,     authenticate      ENOENT                -
 *   SELECT_DOMAIN,
 *   READ_DOMAIN,
 *   READ_DOMAIN*,
 *   SELECT_USIM,
 *   SELECT_USIM*,
 *   SELECT_IMSI,
 *   READ_IMSI,
 *   SELECT_AD,
 *   READ_AD
 *   IDLE           authenticate      ENOENT                -
 *   IDLE,          9000, 91xx, 6282  EPROTO                -
 *   IDLE*          61xx, 6Cxx, 6982  EPROTO                -
 *                  6A82, 9862        EPROTO                -
 *                  short, long       EPROTO                -
 *                  endless           EPROTO                -
 *
 * 5.1.1.1A: of TS 24.229.  IDLE*: it is known which application answers
 * challenges, here the USIM; READ_DOMAIN*: not all was there before;
 * SELECT_USIM*: there is an ISIM.  61xx: also a GSM card's 9Fxx; 6A82: and any
 * other status word.  short, long: no answer at all; endless: it asks for more
 * again and again.  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/usim_apdu.h"
#include "ports/common/usim_file.h"


/** Answers that one command may take: 6Cxx, 61xx and GET RESPONSE */
#define ROUNDS_MAX 8

/* ISO/IEC 7816-4, TS 102 221 s10.1.2 */
#define INS_SELECT       0xa4
#define INS_READ_BINARY  0xb0
#define INS_READ_RECORD  0xb2
#define INS_AUTHENTICATE 0x88
#define INS_GET_RESPONSE 0xc0

/** RID of 3GPP and the application code (TS 101 220 annex E); the rest of an
 *  AID differs from card to card and may be left out (TS 102 221 s8.5.1) */
#define AID_LEN 7


enum state {
	IDLE = 0,
	SELECT_ISIM,
	SELECT_USIM,
	SELECT_FILE,
	READ_FILE,
	SELECT_APP,
	CHALLENGE
};

enum file {
	EF_IMPI,
	EF_IMPU,
	EF_DOMAIN,
	EF_IMSI,
	EF_AD,
	EF_COUNT
};

static const struct {
	uint8_t fid[2];
	enum usim_app app;
	bool records;
} filev[EF_COUNT] = {
	[EF_IMPI]   = {{0x6f, 0x02}, USIM_APP_ISIM, false},
	[EF_IMPU]   = {{0x6f, 0x04}, USIM_APP_ISIM, true},
	[EF_DOMAIN] = {{0x6f, 0x03}, USIM_APP_ISIM, false},
	[EF_IMSI]   = {{0x6f, 0x07}, USIM_APP_USIM, false},
	[EF_AD]     = {{0x6f, 0xad}, USIM_APP_USIM, false},
};


static void command(struct usim_apdu *card, unsigned state, uint8_t ins,
		    uint8_t p1, uint8_t p2, uint8_t p3)
{
	card->state    = state;
	card->rounds   = 0;
	card->data_len = 0;

	card->cmd[0] = 0;
	card->cmd[1] = ins;
	card->cmd[2] = p1;
	card->cmd[3] = p2;
	card->cmd[4] = p3;
	card->cmd_len = 5;
}


/** Data of a command whose p3 is their length. What SELECT answers is not
 *  wanted, so that none of them needs Le but AUTHENTICATE */
static void command_data(struct usim_apdu *card, const void *data)
{
	memcpy(&card->cmd[5], data, card->cmd[4]);
	card->cmd_len = 5u + card->cmd[4];
}


/** TS 102 221 s11.1.1: by AID, first occurrence, the FCP template comes
 *  back */
static void select_app(struct usim_apdu *card, unsigned state,
		       enum usim_app app)
{
	const uint8_t aid[AID_LEN] = {
		0xa0, 0x00, 0x00, 0x00, 0x87, 0x10,
		app == USIM_APP_ISIM ? 0x04 : 0x02
	};

	command(card, state, INS_SELECT, 0x04, 0x04, AID_LEN);
	command_data(card, aid);
}


/** TS 102 221 s11.1.1: by file identifier */
static int select_file(struct usim_apdu *card, unsigned file)
{
	card->file = file;
	command(card, SELECT_FILE, INS_SELECT, 0x00, 0x04, 2);
	command_data(card, filev[file].fid);

	return EAGAIN;
}


/** TS 102 221 s11.1.3, s11.1.5: up to 256 octets, or the first record */
static int read_file(struct usim_apdu *card)
{
	if (filev[card->file].records)
		command(card, READ_FILE, INS_READ_RECORD, 1, 0x04, 0);
	else
		command(card, READ_FILE, INS_READ_BINARY, 0, 0, 0);

	return EAGAIN;
}


static int finish(struct usim_apdu *card, int err, const char *why)
{
	card->state   = IDLE;
	card->cmd_len = 0;
	card->why     = why;
	mbedtls_platform_zeroize(card->data, sizeof(card->data));
	mbedtls_platform_zeroize(card->challenge, sizeof(card->challenge));

	return err;
}


/** All files of an application are read */
static int files_read(struct usim_apdu *card, enum usim_app app)
{
	struct ue_identity *id = &card->id;

	if (app == USIM_APP_ISIM) {

		/* TS 24.229 5.1.1.1A: with an ISIM it is the one used */
		if (id->impi[0] && id->impu[0] && id->domain[0]) {
			card->app = USIM_APP_ISIM;
			return finish(card, 0, "");
		}
		select_app(card, SELECT_USIM, USIM_APP_USIM);

		return EAGAIN;
	}

	card->app = USIM_APP_USIM;

	return finish(card, 0, "");
}


static int next_file(struct usim_apdu *card)
{
	const enum usim_app app = filev[card->file].app;
	const unsigned file = card->file + 1;

	if (file == EF_COUNT || filev[file].app != app)
		return files_read(card, app);

	return select_file(card, file);
}


/** What a file holds; what cannot be read is as if it were not there */
static void keep_file(struct usim_apdu *card)
{
	struct ue_identity *id = &card->id;
	const uint8_t *data = card->data;
	const size_t len = card->data_len;

	switch (card->file) {

	case EF_IMPI:
		(void)usim_file_text(id->impi, sizeof(id->impi), data, len);
		break;

	case EF_IMPU:
		(void)usim_file_text(id->impu, sizeof(id->impu), data, len);
		break;

	case EF_DOMAIN:
		(void)usim_file_text(id->domain, sizeof(id->domain), data,
				     len);
		break;

	case EF_IMSI:
		(void)usim_file_imsi(id->imsi, data, len);
		break;

	default:
		(void)usim_file_mnc_len(&id->mnc_len, data, len);
		break;
	}
}


static int no_usim(struct usim_apdu *card)
{
	if (!card->isim)
		return finish(card, ENOENT, "neither ISIM nor USIM there");

	card->app = USIM_APP_ISIM;

	return finish(card, 0, "");
}


static int challenge_answered(struct usim_apdu *card, unsigned sw)
{
	memset(&card->res, 0, sizeof(card->res));

	/* TS 31.103 s7.3.1.5: authentication error, incorrect MAC */
	if (sw == 0x9862) {
		card->res.status = UE_USIM_MAC_FAILURE;
		return finish(card, 0, "");
	}

	if (sw != 0x9000)
		return finish(card, EIO, "the card refuses AUTHENTICATE");

	if (usim_file_auth(&card->res, card->data, card->data_len))
		return finish(card, EBADMSG,
			      "answer to AUTHENTICATE cannot be read");

	return finish(card, 0, "");
}


static void send_challenge(struct usim_apdu *card)
{
	uint8_t data[34];

	/* TS 31.103 s7.1.2: 81 is the IMS AKA context, TS 31.102 s7.1.2: the
	 * 3G context; each parameter with its length before it */
	data[0] = 16;
	memcpy(&data[1], card->challenge, 16);
	data[17] = 16;
	memcpy(&data[18], &card->challenge[16], 16);

	command(card, CHALLENGE, INS_AUTHENTICATE, 0x00, 0x81, sizeof(data));
	command_data(card, data);
	if (card->le)
		card->cmd[card->cmd_len++] = 0;
}


/** A whole answer: sw is 9000, or why there is none */
static int complete(struct usim_apdu *card, unsigned sw)
{
	const bool good = sw == 0x9000;

	/* TS 102 221 s10.2.1.4: security status not satisfied */
	if (sw == 0x6982)
		return finish(card, EACCES, "the card wants its PIN");

	switch (card->state) {

	case SELECT_ISIM:
		card->isim = good;
		if (good)
			return select_file(card, EF_IMPI);
		select_app(card, SELECT_USIM, USIM_APP_USIM);
		return EAGAIN;

	case SELECT_USIM:
		return good ? select_file(card, EF_IMSI) : no_usim(card);

	case SELECT_FILE:
		return good ? read_file(card) : next_file(card);

	case READ_FILE:
		if (good)
			keep_file(card);
		return next_file(card);

	case SELECT_APP:
		if (!good)
			return finish(card, ENOENT,
				      "the application is not there any more");
		send_challenge(card);
		return EAGAIN;

	default:
		return challenge_answered(card, sw);
	}
}


static int get_response(struct usim_apdu *card, uint8_t len)
{
	card->cmd[0] = 0;
	card->cmd[1] = INS_GET_RESPONSE;
	card->cmd[2] = 0;
	card->cmd[3] = 0;
	card->cmd[4] = len;
	card->cmd_len = 5;

	return EAGAIN;
}


/** ISO/IEC 7816-4 s5.1.3, TS 102 221 s10.2.1: what the status word asks */
static int status(struct usim_apdu *card, uint8_t sw1, uint8_t sw2)
{
	switch (sw1) {

	case 0x61:              /* sw2 octets are there */
	case 0x9f:              /* the same of a GSM card (TS 51.011 s9.4) */
		if (card->cmd[1] == INS_SELECT)
			return complete(card, 0x9000);
		return get_response(card, sw2);

	case 0x6c:              /* wrong Le: sw2 is the right one */
		if (card->cmd_len != 5)
			return complete(card, (unsigned)sw1 << 8 | sw2);
		card->cmd[4] = sw2;
		return EAGAIN;

	case 0x91:              /* done; a proactive command is waiting */
		return complete(card, 0x9000);

	case 0x62:              /* end of file before Le octets */
		return complete(card, sw2 == 0x82 ? 0x9000 : 0x6200u | sw2);

	default:
		return complete(card, (unsigned)sw1 << 8 | sw2);
	}
}


int usim_apdu_answer(struct usim_apdu *card, const uint8_t *ans, size_t len)
{
	size_t n;

	if (card->state == IDLE)
		return EPROTO;
	if (len < 2)
		return finish(card, EBADMSG, "answer without status word");

	n = len - 2;
	if (sizeof(card->data) - card->data_len < n)
		return finish(card, EBADMSG, "answer too long");
	if (++card->rounds > ROUNDS_MAX)
		return finish(card, EBADMSG, "the card asks again and again");

	if (n)
		memcpy(&card->data[card->data_len], ans, n);
	card->data_len += n;

	return status(card, ans[len - 2], ans[len - 1]);
}


void usim_apdu_init(struct usim_apdu *card, bool le)
{
	memset(card, 0, sizeof(*card));
	card->le  = le;
	card->why = "";
}


void usim_apdu_identify(struct usim_apdu *card)
{
	memset(&card->id, 0, sizeof(card->id));
	card->app  = USIM_APP_NONE;
	card->isim = false;
	select_app(card, SELECT_ISIM, USIM_APP_ISIM);
}


int usim_apdu_authenticate(struct usim_apdu *card, const uint8_t rand[16],
			   const uint8_t autn[16])
{
	if (card->app == USIM_APP_NONE)
		return ENOENT;

	memcpy(card->challenge, rand, 16);
	memcpy(&card->challenge[16], autn, 16);
	select_app(card, SELECT_APP, card->app);

	return 0;
}


void usim_apdu_cancel(struct usim_apdu *card)
{
	(void)finish(card, 0, "");
}


bool usim_apdu_selects(const struct usim_apdu *card)
{
	return card->cmd_len > 5 && card->cmd[1] == INS_SELECT &&
		card->cmd[2] == 0x04;
}


void usim_apdu_close(struct usim_apdu *card)
{
	mbedtls_platform_zeroize(card, sizeof(*card));
	card->why = "";
}
