/**
 * @file usim_at.c  The card in a modem, by AT commands (TS 27.007)
 *
 *   state          event             action                next
 *   ---------------------------------------------------------------------
 *   IDLE, IDLE*    identify          ATE0                  ECHO
 *                  check             ATE0                  ECHO*
 *   IDLE           CCHO              - (of a time-out)     IDLE*
 *   ECHO           OK, ERROR, READY  AT+CMEE (s9.1)        ERRORS
 *                  CCHO, 9000, 6982  AT+CMEE               ERRORS
 *                  CME 11, SIM PIN   AT+CMEE               ERRORS
 *   ERRORS         OK, ERROR, READY  AT+CPIN (s8.3)        PIN
 *                  9000, 6982        AT+CPIN               PIN
 *                  CME 11, SIM PIN   AT+CPIN               PIN
 *                  CCHO              AT+CPIN               PIN_OPEN
 *   PIN_FIRST      READY             AT+CCHO=? (s8.45)     PROBE
 *   PIN            READY             AT+CCHO               OPEN
 *                  CCHO              -                     PIN_OPEN
 *   PIN_OPEN       READY             AT+CCHC (s8.46)       CLOSE*
 *                  SIM PIN, CME 11   AT+CCHC               CLOSE
 *                  ERROR             AT+CCHC               CLOSE
 *   PIN_FIRST,     SIM PIN, CME 11   tell EACCES           IDLE
 *   PIN, PIN*      ERROR             tell EIO              IDLE
 *   ECHO*          OK, ERROR, READY  AT+CMEE               ERRORS*
 *                  CCHO, 9000, 6982  AT+CMEE               ERRORS*
 *                  CME 11, SIM PIN   AT+CMEE               ERRORS*
 *                  identify          -                     ECHO
 *   ERRORS*        OK, ERROR, READY  AT+CPIN               PIN*
 *                  CCHO, 9000, 6982  AT+CPIN               PIN*
 *                  CME 11, SIM PIN   AT+CPIN               PIN*
 *                  identify          -                     ERRORS
 *   PIN*           READY             tell 0                IDLE
 *                  identify          -                     PIN
 *   PROBE          OK, READY, CCHO   AT+CCHO               OPEN
 *                  9000, 6982        AT+CCHO               OPEN
 *                  SIM PIN           AT+CCHO               OPEN
 *                  ERROR, CME 11     -                     OPEN
 *   OPEN           CCHO              AT+CGLA (s8.43)       EXCHANGE
 *                  OK, ERROR, READY  AT+CCHO               OPEN_USIM
 *                  9000, 6982        AT+CCHO               OPEN_USIM
 *                  CME 11, SIM PIN   AT+CCHO               OPEN_USIM
 *   OPEN_USIM      CCHO              AT+CGLA               EXCHANGE
 *                  OK, ERROR, READY  tell ENOENT           IDLE
 *                  9000, 6982        tell ENOENT           IDLE
 *                  CME 11, SIM PIN   tell ENOENT           IDLE
 *   EXCHANGE       9000              AT+CGLA               EXCHANGE
 *   EXCHANGE_ISIM  9000              AT+CCHC               CLOSE*
 *   EXCHANGE_LAST  9000              AT+CCHC               CLOSE
 *   EXCHANGE,      OK, ERROR, READY  AT+CCHC               CLOSE
 *   EXCHANGE_ISIM, CCHO, 6982        AT+CCHC               CLOSE
 *   EXCHANGE_LAST  CME 11, SIM PIN   AT+CCHC               CLOSE
 *   CLOSE,         OK, ERROR, READY  tell 0                IDLE
 *   CLOSE_CHECK    CCHO, 9000, 6982  tell 0                IDLE
 *                  CME 11, SIM PIN   tell 0                IDLE
 *                  silence           tell 0                IDLE*
 *   CLOSE_CHECK    identify          -                     CLOSE*
 *   CLOSE*         OK, ERROR, READY  AT+CCHO               OPEN_USIM
 *                  CCHO, 9000, 6982  AT+CCHO               OPEN_USIM
 *                  CME 11, SIM PIN   AT+CCHO               OPEN_USIM
 *   ECHO, ERRORS,  silence           tell ETIMEDOUT        IDLE
 *   PIN_FIRST,
 *   PIN, ECHO*,
 *   ERRORS*, PIN*,
 *   PROBE, OPEN,
 *   OPEN_USIM
 *   PIN_OPEN,      silence           tell ETIMEDOUT        IDLE*
 *   EXCHANGE,
 *   EXCHANGE_ISIM,
 *   EXCHANGE_LAST,
 *   CLOSE*
 *   ECHO, ERRORS,  identify, check   EBUSY                 -
 *   PIN_FIRST,
 *   PIN, PIN_OPEN,
 *   PROBE, OPEN,
 *   OPEN_USIM,
 *   EXCHANGE,
 *   EXCHANGE_ISIM,
 *   EXCHANGE_LAST,
 *   CLOSE, CLOSE*
 *   ECHO*,         check             EBUSY                 -
 *   ERRORS*, PIN*,
 *   CLOSE_CHECK
 *   GONE           identify, check   ENOENT                -
 *   IDLE, IDLE*,   CME 10, NOT READY tell ENOENT           GONE
 *   ECHO, ERRORS,  removed           tell ENOENT           GONE
 *   PIN_FIRST,
 *   PIN, PIN_OPEN,
 *   ECHO*,
 *   ERRORS*, PIN*,
 *   PROBE, OPEN,
 *   OPEN_USIM,
 *   EXCHANGE,
 *   EXCHANGE_ISIM,
 *   EXCHANGE_LAST,
 *   CLOSE, CLOSE*,
 *   CLOSE_CHECK
 *   ECHO, ERRORS,  close             -                     IDLE
 *   PIN_FIRST,
 *   PIN, ECHO*,
 *   ERRORS*, PIN*,
 *   PROBE, OPEN,
 *   OPEN_USIM
 *   IDLE*,         close             AT+CCHC               IDLE
 *   PIN_OPEN,
 *   EXCHANGE,
 *   EXCHANGE_ISIM,
 *   EXCHANGE_LAST,
 *   CLOSE, CLOSE*,
 *   CLOSE_CHECK
 *
 * Of a job that reads the identities, in a modem with logical channels that
 * has been asked before (PIN_FIRST and PROBE: not yet).  ECHO*, ERRORS*, PIN*,
 * CLOSE_CHECK: the job is a check.  IDLE*, PIN_OPEN: a channel is open since a
 * time-out.  OPEN_USIM: there is no ISIM, or it is not enough; EXCHANGE_ISIM,
 * EXCHANGE_LAST: the last file of the ISIM, of the USIM; CLOSE*: then a
 * channel is opened anew.  READY, SIM PIN: +CPIN and OK; CCHO, 9000, 6982: a
 * channel, an APDU and OK; ERROR: also other +CME ERRORs.  Any other pair of
 * state and event: nothing.  CCHO without its name is one in OPEN, OPEN_USIM
 * and, up to the next of these, after silence there.
 *
 * Without logical channels OPEN is MANAGE CHANNEL, which never fails: the
 * basic channel does it then; all applications use the one channel.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/usim_at.h"
#include "ue/ue_hex.h"
#include "ue/ue_re.h"


enum state {
	IDLE = 0,
	ECHO,
	ERRORS,
	PIN,
	PROBE,
	OPEN,
	EXCHANGE,
	CLOSE
};

/* TS 27.007 s9.2 */
#define CME_NOT_INSERTED 10
#define CME_PIN_REQUIRED 11

static void exchange(struct usim_at *at);
static void open_app(struct usim_at *at);


/* ---- sending ---- */

static void send_line(struct usim_at *at, unsigned state, const char *cmd,
		      size_t len)
{
	at->state   = state;
	at->late    = at->late && state != OPEN;
	at->info    = false;
	at->ans_len = 0;
	at->sendh(cmd, len, at->arg);
}


static void send_text(struct usim_at *at, unsigned state, const char *cmd)
{
	send_line(at, state, cmd, strlen(cmd));
}


static size_t hex(char *dst, const uint8_t *data, size_t len)
{
	static const char digitv[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		dst[2 * i]     = digitv[data[i] >> 4];
		dst[2 * i + 1] = digitv[data[i] & 15];
	}

	return 2 * len;
}


/** `head`, which ends before the quotes, and octets */
static void send_octets(struct usim_at *at, unsigned state, const char *head,
			const uint8_t *data, size_t len)
{
	char cmd[USIM_AT_COMMAND_MAX];
	size_t n = strlen(head);

	memcpy(cmd, head, n);
	cmd[n++] = '"';
	n += hex(&cmd[n], data, len);
	cmd[n++] = '"';
	cmd[n++] = '\r';
	send_line(at, state, cmd, n);
}


/** TS 27.007 s8.17 */
static void send_csim(struct usim_at *at, unsigned state,
		      const uint8_t *data, size_t len)
{
	char head[24];

	(void)re_snprintf(head, sizeof(head), "AT+CSIM=%u,",
			  (unsigned)(2 * len));
	send_octets(at, state, head, data, len);
}


/* ---- end of a job ---- */

/** It may have held CK and IK */
static void drop_line(struct usim_at *at)
{
	at->line_len = 0;
	mbedtls_platform_zeroize(at->line, sizeof(at->line));
}


static void report(struct usim_at *at, int err)
{
	const enum usim_at_job job = at->job;

	at->job    = USIM_AT_NONE;
	at->state  = IDLE;
	at->reopen = false;
	drop_line(at);
	mbedtls_platform_zeroize(at->ans, sizeof(at->ans));

	at->doneh(job, err, at->arg);
}


/** TS 27.007 s8.46; TS 102 221 s11.1.17 */
static void send_close(struct usim_at *at)
{
	uint8_t manage[5] = {0x00, 0x70, 0x80, 0x00, 0x00};
	char cmd[24];

	if (at->logical) {
		(void)re_snprintf(cmd, sizeof(cmd), "AT+CCHC=%d\r",
				  at->session);
		send_text(at, CLOSE, cmd);
	}
	else {
		manage[3] = (uint8_t)at->session;
		send_csim(at, CLOSE, manage, sizeof(manage));
	}
}


static void finish(struct usim_at *at, int err, const char *why)
{
	at->err = err;
	at->why = why;

	if (at->session < 0)
		report(at, err);
	else
		send_close(at);
}


static void fail(struct usim_at *at, int err, const char *why)
{
	usim_apdu_cancel(&at->card);
	finish(at, err, why);
}


void usim_at_removed(struct usim_at *at)
{
	if (at->gone)
		return;

	at->gone    = true;
	at->why     = "the card is gone";
	at->session = -1;
	usim_apdu_cancel(&at->card);
	report(at, ENOENT);
}


static void closed(struct usim_at *at)
{
	at->session = -1;

	if (at->reopen) {
		at->reopen = false;
		open_app(at);
	}
	else {
		report(at, at->err);
	}
}


/* ---- one command of the card ---- */

static void apdu_answer(struct usim_at *at, const uint8_t *ans, size_t len)
{
	const int err = usim_apdu_answer(&at->card, ans, len);

	if (err != EAGAIN)
		finish(at, err, at->card.why);
	else if (at->logical && usim_apdu_selects(&at->card))
		open_app(at);
	else
		exchange(at);
}


static void exchange(struct usim_at *at)
{
	uint8_t cmd[USIM_COMMAND_MAX];
	char head[40];

	memcpy(cmd, at->card.cmd, at->card.cmd_len);

	if (at->logical) {
		/* the modem puts the channel into CLA (TS 27.007 s8.43) */
		(void)re_snprintf(head, sizeof(head), "AT+CGLA=%d,%u,",
				  at->session,
				  (unsigned)(2 * at->card.cmd_len));
		send_octets(at, EXCHANGE, head, cmd, at->card.cmd_len);
	}
	else {
		/* TS 102 221 s10.1.1: channels 1 to 3 in CLA */
		if (at->session > 0)
			cmd[0] |= (uint8_t)at->session;
		send_csim(at, EXCHANGE, cmd, at->card.cmd_len);
	}
}


/** A channel for the application that card.cmd selects */
static void open_app(struct usim_at *at)
{
	static const uint8_t manage[5] = {0x00, 0x70, 0x00, 0x00, 0x01};

	if (at->session >= 0) {
		at->reopen = true;
		send_close(at);
	}
	else if (at->logical) {
		send_octets(at, OPEN, "AT+CCHO=", &at->card.cmd[5],
			    at->card.cmd_len - 5);
	}
	else {
		send_csim(at, OPEN, manage, sizeof(manage));
	}
}


/** The channel that MANAGE CHANNEL has opened (TS 102 221 s11.1.17).
 *  @return false: none */
static bool managed(struct usim_at *at)
{
	const uint8_t *ans = at->ans;

	if (at->ans_len != 3 || ans[0] < 1 || ans[0] > 3 || ans[1] != 0x90)
		return false;

	at->session = ans[0];

	return true;
}


/** The answer to +CCHO or MANAGE CHANNEL; info: at->session is set */
static void opened(struct usim_at *at, bool good)
{
	static const uint8_t ok[2] = {0x90, 0x00};
	static const uint8_t not_found[2] = {0x6a, 0x82};

	if (at->logical) {
		/* +CCHO has selected the application */
		if (good && at->info)
			apdu_answer(at, ok, sizeof(ok));
		else
			apdu_answer(at, not_found, sizeof(not_found));
		return;
	}

	/* a card without further channels: the basic one has to do */
	if (good)
		(void)managed(at);

	exchange(at);
}


/* ---- lines ---- */

static void pin_answered(struct usim_at *at, bool good)
{
	/* "OK" alone belongs to a command that was given up */
	if (good && !at->info)
		return;

	if (!good)
		fail(at, EIO, "the modem refuses +CPIN");
	else if (!at->ready)
		fail(at, EACCES, "the card wants its PIN");
	else if (at->job == USIM_AT_CHECK)
		finish(at, 0, "");
	else if (!at->probed)
		send_text(at, PROBE, "AT+CCHO=?\r");
	else
		open_app(at);
}


/** The last line of an answer: OK, or one of the errors */
static void final(struct usim_at *at, bool good)
{
	switch (at->state) {

	case ECHO:
		send_text(at, ERRORS, "AT+CMEE=1\r");
		break;

	case ERRORS:
		send_text(at, PIN, "AT+CPIN?\r");
		break;

	case PIN:
		pin_answered(at, good);
		break;

	case PROBE:
		at->probed  = true;
		at->logical = good;
		open_app(at);
		break;

	case OPEN:
		opened(at, good);
		break;

	case EXCHANGE:
		if (good && at->info)
			apdu_answer(at, at->ans, at->ans_len);
		else
			fail(at, EIO, "the modem gives no answer of the card");
		break;

	case CLOSE:
		closed(at);
		break;

	default:
		break;
	}
}


/** Text behind `name: `, NULL when the line is another one */
static const char *value(const char *line, const char *name)
{
	const size_t len = strlen(name);

	if (strncmp(line, name, len))
		return NULL;

	line += len;

	return line + strspn(line, " ");
}


/** Decimal number of at most `max`; its end */
static const char *number(unsigned *n, const char *p, unsigned max)
{
	unsigned v = 0;
	const char *start = p;

	while (*p >= '0' && *p <= '9') {
		v = 10 * v + (unsigned)(*p++ - '0');
		if (v > max)
			return NULL;
	}
	if (p == start)
		return NULL;

	*n = v;

	return p;
}


/** `length,"octets"`, with or without quotes (s8.17, s8.43) */
static void octets(struct usim_at *at, const char *p)
{
	unsigned count = 0;
	size_t n = 0;
	bool quoted;

	p = number(&count, p, 2 * USIM_ANSWER_MAX);
	if (!p || *p++ != ',')
		return;

	p += strspn(p, " ");
	quoted = *p == '"';
	if (quoted)
		++p;

	while (n < count / 2) {
		const int v = ue_hex_octet(p);

		if (v < 0)
			return;
		at->ans[n++] = (uint8_t)v;
		p += 2;
	}
	if (count % 2 || strcmp(p, quoted ? "\"" : ""))
		return;

	at->ans_len = n;
	if (at->late)
		at->late = !managed(at);
	else
		at->info = true;
}


/** `+CCHO: 1`, or the number alone (s8.45) */
static void session(struct usim_at *at, const char *p)
{
	unsigned n = 0;

	p = number(&n, p, 255);
	if (!p || *p)
		return;

	/* one that was given up: a card has few, it is closed later */
	if (at->state != OPEN && at->session >= 0)
		return;

	at->session = (int)n;
	at->late = false;
	at->info = at->info || at->state == OPEN;
}


static void pin_line(struct usim_at *at, const char *p)
{
	if (!strncmp(p, "NOT ", 4)) {
		usim_at_removed(at);
	}
	else if (at->state == PIN) {
		at->ready = !strcmp(p, "READY");
		at->info  = true;
	}
}


static void cme_error(struct usim_at *at, const char *p)
{
	unsigned n = 0;

	if (!number(&n, p, 999))
		n = 0;

	if (n == CME_NOT_INSERTED || !strcmp(p, "SIM not inserted"))
		usim_at_removed(at);
	else if (at->state == PIN && n == CME_PIN_REQUIRED)
		fail(at, EACCES, "the card wants its PIN");
	else
		final(at, false);
}


static void line(struct usim_at *at, const char *p)
{
	const char *v;

	if (!strcmp(p, "OK"))
		final(at, true);
	else if (!strcmp(p, "ERROR"))
		final(at, false);
	else if ((v = value(p, "+CME ERROR:")) != NULL)
		cme_error(at, v);
	else if ((v = value(p, "+CPIN:")) != NULL)
		pin_line(at, v);
	else if (at->logical && (v = value(p, "+CCHO:")) != NULL)
		session(at, v);
	else if ((at->state == OPEN || at->late) && at->logical)
		session(at, p);
	else if ((at->state == EXCHANGE && at->logical &&
		  (v = value(p, "+CGLA:")) != NULL) ||
		 ((at->state == EXCHANGE || at->state == OPEN || at->late) &&
		  (v = value(p, "+CSIM:")) != NULL))
		octets(at, v);

	/* echo, and what the modem tells of other things */
}


void usim_at_recv(struct usim_at *at, const void *buf, size_t len)
{
	const char *p = buf;

	for (size_t i = 0; i < len; i++) {

		const bool end = p[i] == '\r' || p[i] == '\n';

		if (!end) {
			/* one octet is kept for the zero */
			if (at->line_len < sizeof(at->line) - 1)
				at->line[at->line_len++] = p[i];
			else
				at->line_len = sizeof(at->line);
			continue;
		}

		if (at->line_len && at->line_len < sizeof(at->line)) {
			at->line[at->line_len] = '\0';
			at->line_len = 0;
			line(at, at->line);
		}
		drop_line(at);
	}
}


/* ---- jobs ---- */

static int begin(struct usim_at *at, enum usim_at_job job)
{
	const bool checking = at->job == USIM_AT_CHECK;

	at->job = job;
	at->why = "";

	/* a check begins with the same commands */
	if (!checking)
		send_text(at, ECHO, "ATE0\r");
	else if (at->state == CLOSE)
		at->reopen = true;

	return 0;
}


static int ready(const struct usim_at *at)
{
	if (at->gone)
		return ENOENT;

	return at->job == USIM_AT_NONE || at->job == USIM_AT_CHECK
		? 0 : EBUSY;
}


int usim_at_identify(struct usim_at *at)
{
	const int err = ready(at);

	if (err)
		return err;

	usim_apdu_identify(&at->card);

	return begin(at, USIM_AT_IDENTIFY);
}


int usim_at_authenticate(struct usim_at *at, const uint8_t rand[16],
			 const uint8_t autn[16])
{
	int err = ready(at);

	if (!err)
		err = usim_apdu_authenticate(&at->card, rand, autn);

	return err ? err : begin(at, USIM_AT_AUTHENTICATE);
}


int usim_at_check(struct usim_at *at)
{
	if (at->gone)
		return ENOENT;

	return at->job ? EBUSY : begin(at, USIM_AT_CHECK);
}


void usim_at_timeout(struct usim_at *at)
{
	if (at->state == IDLE)
		return;

	/* a channel that may be open is closed before the next is opened */
	at->late = at->late || at->state == OPEN;
	if (at->state == CLOSE && !at->reopen) {
		report(at, at->err);
		return;
	}

	at->why = "the modem does not answer";
	usim_apdu_cancel(&at->card);
	report(at, ETIMEDOUT);
}


void usim_at_init(struct usim_at *at, usim_at_send_h *sendh,
		  usim_at_done_h *doneh, void *arg)
{
	memset(at, 0, sizeof(*at));
	usim_apdu_init(&at->card, false);
	at->why     = "";
	at->session = -1;
	at->sendh   = sendh;
	at->doneh   = doneh;
	at->arg     = arg;
}


void usim_at_close(struct usim_at *at)
{
	if (at->session >= 0)
		send_close(at);

	usim_apdu_close(&at->card);
	drop_line(at);
	mbedtls_platform_zeroize(at->ans, sizeof(at->ans));
	at->session = -1;
	at->late    = false;
	at->state   = IDLE;
	at->job     = USIM_AT_NONE;
}
