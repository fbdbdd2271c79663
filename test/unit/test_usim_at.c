/**
 * @file test_usim_at.c  The card in a modem, by AT commands (TS 27.007)
 */
#include <errno.h>
#include <string.h>
#include "ports/common/usim_at.h"
#include "test/unit/test.h"

#define KEY "0123456789abcdef"
#define ISIM "AT+CCHO=\"A0000000871004\"\r"
#define USIM "AT+CCHO=\"A0000000871002\"\r"

static struct {
	struct usim_at at;
	char cmd[USIM_AT_COMMAND_MAX + 1];
	unsigned sent;
	enum usim_at_job job;
	unsigned done;
	int err;
} m;


static void send_h(const char *cmd, size_t len, void *arg)
{
	(void)arg;
	memcpy(m.cmd, cmd, len);
	m.cmd[len] = '\0';
	++m.sent;
}


static void done_h(enum usim_at_job job, int err, void *arg)
{
	(void)arg;
	m.job = job;
	m.err = err;
	++m.done;
}


static void hear(const char *str)
{
	usim_at_recv(&m.at, str, strlen(str));
}


/** The modem has to be asked `want`, and answers `str` */
#define SAY(want, str)			\
	do {				\
		CHECK_STR(m.cmd, want);	\
		hear(str);		\
	} while (0)

#define ENDS(job_, err_)			\
	do {					\
		CHECK_EQ(m.done, 1);		\
		CHECK_EQ(m.job, job_);		\
		CHECK_EQ(m.err, err_);		\
		m.done = 0;			\
	} while (0)


static void start(void)
{
	memset(&m, 0, sizeof(m));
	usim_at_init(&m.at, send_h, done_h, NULL);
}


/** What each job begins with */
static void preamble(void)
{
	SAY("ATE0\r", "ATE0\r\r\nOK\r\n");
	SAY("AT+CMEE=1\r", "\r\nOK\r\n");
	SAY("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n");
}


/** A USIM whose identity has been read over logical channels */
static void identified(void)
{
	start();
	CHECK_EQ(usim_at_identify(&m.at), 0);
	preamble();
	SAY("AT+CCHO=?\r", "\r\nOK\r\n");
	SAY(ISIM, "\r\n+CME ERROR: 22\r\n");
	SAY(USIM, "\r\n+CCHO: 2\r\n\r\nOK\r\n");
	SAY("AT+CGLA=2,14,\"00A40004026F07\"\r",
	    "+CGLA: 4,\"9000\"\r\nOK\r\n");
	SAY("AT+CGLA=2,10,\"00B0000000\"\r",
	    "+CGLA: 14,\"04214365F79000\"\r\nOK\r\n");
	SAY("AT+CGLA=2,14,\"00A40004026FAD\"\r",
	    "+CGLA: 4,\"9000\"\r\nOK\r\n");
	SAY("AT+CGLA=2,10,\"00B0000000\"\r",
	    "+CGLA: 12,\"000000039000\"\r\nOK\r\n");
	CHECK_EQ(m.done, 0);
	SAY("AT+CCHC=2\r", "OK\r\n");
	ENDS(USIM_AT_IDENTIFY, 0);
	CHECK_STR(m.at.card.id.imsi, "234567");
	CHECK_EQ(m.at.card.id.mnc_len, 3);
}


static int authenticate(void)
{
	return usim_at_authenticate(&m.at, (const uint8_t *)KEY,
				    (const uint8_t *)KEY);
}


#define AUTHENTICATE							\
	"AT+CGLA=1,78,\"0088008122"					\
	"1030313233343536373839616263646566"				\
	"1030313233343536373839616263646566\"\r"

static void challenged(void)
{
	identified();
	CHECK_EQ(authenticate(), 0);
	preamble();
	SAY(USIM, "1\r\nOK\r\n");
	CHECK_STR(m.cmd, AUTHENTICATE);
}


/* TS 27.007 s8.45 */
static void logical(void)
{
	challenged();
	CHECK_EQ(authenticate(), EBUSY);
	CHECK_EQ(usim_at_check(&m.at), EBUSY);
	hear("+CGLA: 4,\"9862\"\r\nOK\r\n");
	SAY("AT+CCHC=1\r", "OK\r\n");
	ENDS(USIM_AT_AUTHENTICATE, 0);
	CHECK_EQ(m.at.card.res.status, UE_USIM_MAC_FAILURE);
}


static void csim(void)
{
	start();
	CHECK_EQ(usim_at_identify(&m.at), 0);
	preamble();
	SAY("AT+CCHO=?\r", "\r\nERROR\r\n");
	SAY("AT+CSIM=10,\"0070000001\"\r", "+CSIM: 6,\"039000\"\r\nOK\r\n");
	SAY("AT+CSIM=24,\"03A4040407A0000000871004\"\r",
	    "+CSIM: 4,\"6A82\"\r\nOK\r\n");
	/* the same channel */
	SAY("AT+CSIM=24,\"03A4040407A0000000871002\"\r",
	    "+CSIM: 4,6A82\r\nOK\r\n");
	SAY("AT+CSIM=10,\"0070800300\"\r", "+CSIM: 4,\"9000\"\r\nOK\r\n");
	ENDS(USIM_AT_IDENTIFY, ENOENT);
	CHECK_STR(m.at.why, "neither ISIM nor USIM there");
}


static void csim_basic(void)
{
	start();
	CHECK_EQ(usim_at_identify(&m.at), 0);
	preamble();
	SAY("AT+CCHO=?\r", "\r\nERROR\r\n");
	SAY("AT+CSIM=10,\"0070000001\"\r", "+CSIM: 4,\"6881\"\r\nOK\r\n");
	SAY("AT+CSIM=24,\"00A4040407A0000000871004\"\r",
	    "+CSIM: 4,\"9000\"\r\nOK\r\n");
	SAY("AT+CSIM=14,\"00A40004026F02\"\r", "\r\nERROR\r\n");
	ENDS(USIM_AT_IDENTIFY, EIO);
}


/** Pieces of each size, echo, other lines between */
static void pieces(void)
{
	static const char answer[] =
		"AT+CGLA=1,78,\"00880081\r\r\n+CREG: 1\r\n"
		"\r\n+CGLA: 36,\"DC0E0102030405060708090A0B0C0D0E9000\"\r\n"
		"RING\r\n^HCSQ:\"LTE\",57\r\n\r\nOK\r\n";

	for (size_t n = 1; n < sizeof(answer); n++) {
		challenged();
		for (size_t i = 0; i < sizeof(answer) - 1; i += n)
			usim_at_recv(&m.at, answer + i,
				     sizeof(answer) - 1 - i < n
				     ? sizeof(answer) - 1 - i : n);
		SAY("AT+CCHC=1\r", "OK\r\n");
		ENDS(USIM_AT_AUTHENTICATE, 0);
		CHECK_EQ(m.at.card.res.status, UE_USIM_SYNC_FAILURE);
		CHECK_EQ(m.at.card.res.auts[13], 0x0e);
	}
}


static void bad_lines(void)
{
	static const char *const badv[] = {
		"+CGLA: 4,\"986\"", "+CGLA: 4,\"98622\"", "+CGLA: 3,\"986\"",
		"+CGLA: 6,\"9862\"", "+CGLA: 4,9862\"", "+CGLA: 4,\"9862",
		"+CGLA: \"9862\"", "+CGLA: 4", "+CGLA:", "+CGLA: 4,\"98G2\"",
		"+CGLA: 99999999999999999999,\"9862\"", "+CSIMX", "9862",
		"+CGLA: 4,\"9862\"x", "+CGLA: -4,\"9862\"", NULL
	};

	for (unsigned i = 0; badv[i]; i++) {
		challenged();
		hear(badv[i]);
		hear("\r\nOK\r\n");
		SAY("AT+CCHC=1\r", "OK\r\n");
		ENDS(USIM_AT_AUTHENTICATE, EIO);
	}
}


static void long_line(void)
{
	challenged();
	for (unsigned i = 0; i < 2000; i++)
		hear("A");
	hear("\r\n+CGLA: 4,\"9862\"\r\nOK\r\n");
	SAY("AT+CCHC=1\r", "OK\r\n");
	ENDS(USIM_AT_AUTHENTICATE, 0);
}


static void silence(void)
{
	challenged();
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_AUTHENTICATE, ETIMEDOUT);
	CHECK_STR(m.at.why, "the modem does not answer");

	/* late answers are nobody's, the channel is closed first */
	hear("+CGLA: 4,\"9862\"\r\nOK\r\n");
	CHECK_EQ(m.done, 0);
	CHECK_EQ(authenticate(), 0);
	SAY("ATE0\r", "OK\r\n");
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "OK\r\n+CPIN: READY\r\nOK\r\n");
	SAY("AT+CCHC=1\r", "+CME ERROR: 20\r\n");
	SAY(USIM, "+CCHO: 1\r\nOK\r\n");
	SAY(AUTHENTICATE, "+CGLA: 4,\"9862\"\r\nOK\r\n");
	/* silence while it closes: the job was done */
	CHECK_STR(m.cmd, "AT+CCHC=1\r");
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_AUTHENTICATE, 0);

	usim_at_timeout(&m.at);
	CHECK_EQ(m.done, 0);
}


/** A channel was asked for, and the modem was silent */
static void unopened(void)
{
	CHECK_EQ(authenticate(), 0);
	preamble();
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_AUTHENTICATE, ETIMEDOUT);
}


/* TS 27.007 s8.45: <sessionid>, which many modems send without a name; a card
 * has few channels, so the one that is nobody's is closed */
static void late_number(void)
{
	identified();
	unopened();
	hear("\r\n1\r\n\r\nOK\r\n");
	CHECK_EQ(authenticate(), 0);
	preamble();
	SAY("AT+CCHC=1\r", "OK\r\n");
	SAY(USIM, "2\r\nOK\r\n");
	SAY("AT+CGLA=2,78,\"0088008122"
	    "1030313233343536373839616263646566"
	    "1030313233343536373839616263646566\"\r",
	    "+CGLA: 4,\"9862\"\r\nOK\r\n");
	SAY("AT+CCHC=2\r", "OK\r\n");
	ENDS(USIM_AT_AUTHENTICATE, 0);

	/* it comes while the next job has begun */
	unopened();
	CHECK_EQ(authenticate(), 0);
	SAY("ATE0\r", "3\r\nOK\r\n");
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "OK\r\n+CPIN: READY\r\nOK\r\n");
	SAY("AT+CCHC=3\r", "OK\r\n");
	CHECK_STR(m.cmd, USIM);

	/* or when it ends */
	identified();
	unopened();
	hear("1\r\nOK\r\n");
	usim_at_close(&m.at);
	CHECK_STR(m.cmd, "AT+CCHC=1\r");

	/* a line of a short message may be a number, too */
	identified();
	hear("+CMT: \"+358401234567\"\r\n1\r\n");
	m.sent = 0;
	usim_at_close(&m.at);
	CHECK_EQ(m.sent, 0);
}


/* The same of MANAGE CHANNEL */
static void late_csim(void)
{
	static const char open_one[] = "AT+CSIM=10,\"0070000001\"\r";

	start();
	CHECK_EQ(usim_at_identify(&m.at), 0);
	preamble();
	SAY("AT+CCHO=?\r", "\r\nERROR\r\n");
	CHECK_STR(m.cmd, open_one);
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_IDENTIFY, ETIMEDOUT);

	CHECK_EQ(usim_at_identify(&m.at), 0);
	SAY("ATE0\r", "OK\r\n");
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "+CSIM: 6,\"029000\"\r\nOK\r\n"
	    "+CPIN: READY\r\nOK\r\n");
	SAY("AT+CSIM=10,\"0070800200\"\r",
	    "+CSIM: 4,\"9000\"\r\nOK\r\n");
	CHECK_STR(m.cmd, open_one);

	/* a card that has no more of them; what is no channel */
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_IDENTIFY, ETIMEDOUT);
	hear("+CSIM: 4,\"6881\"\r\nOK\r\n+CSIM: 6,\"049000\"\r\nOK\r\n");
	m.sent = 0;
	usim_at_close(&m.at);
	CHECK_EQ(m.sent, 0);
}


static void check(void)
{
	identified();
	CHECK_EQ(usim_at_check(&m.at), 0);
	preamble();
	ENDS(USIM_AT_CHECK, 0);

	/* a challenge comes meanwhile */
	CHECK_EQ(usim_at_check(&m.at), 0);
	SAY("ATE0\r", "OK\r\n");
	CHECK_EQ(authenticate(), 0);
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "+CPIN: READY\r\nOK\r\n");
	CHECK_EQ(m.done, 0);
	SAY(USIM, "+CCHO: 1\r\nOK\r\n");
	SAY(AUTHENTICATE, "+CGLA: 4,\"9862\"\r\nOK\r\n");
	SAY("AT+CCHC=1\r", "OK\r\n");
	ENDS(USIM_AT_AUTHENTICATE, 0);
}


static void check_closes(void)
{
	/* a channel is left behind; the check closes it, and the challenge
	 * that comes meanwhile waits for that */
	challenged();
	usim_at_timeout(&m.at);
	ENDS(USIM_AT_AUTHENTICATE, ETIMEDOUT);
	CHECK_EQ(usim_at_check(&m.at), 0);
	preamble();
	CHECK_STR(m.cmd, "AT+CCHC=1\r");
	CHECK_EQ(authenticate(), 0);
	SAY("AT+CCHC=1\r", "OK\r\n");
	CHECK_EQ(m.done, 0);
	SAY(USIM, "+CCHO: 1\r\nOK\r\n");
	CHECK_STR(m.cmd, AUTHENTICATE);
}


static void gone(const char *line, enum usim_at_job job)
{
	hear(line);
	ENDS(job, ENOENT);
	CHECK_EQ(authenticate(), ENOENT);
	CHECK_EQ(usim_at_check(&m.at), ENOENT);
	CHECK_EQ(usim_at_identify(&m.at), ENOENT);
	/* told once */
	hear("+CPIN: NOT INSERTED\r\n");
	CHECK_EQ(m.done, 0);
}


static void removal(void)
{
	identified();
	gone("\r\n+CPIN: NOT INSERTED\r\n", USIM_AT_NONE);

	challenged();
	gone("\r\n+CME ERROR: 10\r\n", USIM_AT_AUTHENTICATE);

	challenged();
	gone("+CME ERROR: SIM not inserted\r\n", USIM_AT_AUTHENTICATE);

	identified();
	CHECK_EQ(usim_at_check(&m.at), 0);
	gone("+CPIN: NOT READY\r\n", USIM_AT_CHECK);

	challenged();
	usim_at_removed(&m.at);
	ENDS(USIM_AT_AUTHENTICATE, ENOENT);
}


static void pin(void)
{
	start();
	CHECK_EQ(usim_at_identify(&m.at), 0);
	SAY("ATE0\r", "OK\r\n");
	SAY("AT+CMEE=1\r", "ERROR\r\n");
	SAY("AT+CPIN?\r", "+CPIN: SIM PIN\r\nOK\r\n");
	ENDS(USIM_AT_IDENTIFY, EACCES);
	CHECK_STR(m.at.why, "the card wants its PIN");

	CHECK_EQ(usim_at_identify(&m.at), 0);
	SAY("ATE0\r", "OK\r\n");
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "+CME ERROR: 11\r\n");
	ENDS(USIM_AT_IDENTIFY, EACCES);

	CHECK_EQ(usim_at_identify(&m.at), 0);
	SAY("ATE0\r", "OK\r\n");
	SAY("AT+CMEE=1\r", "OK\r\n");
	SAY("AT+CPIN?\r", "+CME ERROR: 14\r\n");
	ENDS(USIM_AT_IDENTIFY, EIO);
}


static void leaves(void)
{
	static const uint8_t zero[sizeof(struct usim_apdu)];

	challenged();
	usim_at_close(&m.at);
	CHECK_STR(m.cmd, "AT+CCHC=1\r");
	CHECK_EQ(m.done, 0);
	CHECK_MEM(&m.at.card.res, sizeof(m.at.card.res), zero,
		  sizeof(m.at.card.res));

	identified();
	m.sent = 0;
	usim_at_close(&m.at);
	CHECK_EQ(m.sent, 0);
}


static bool remembers(const char *text)
{
	const char *p = (const char *)&m.at;
	const size_t len = strlen(text);

	for (size_t i = 0; i + len <= sizeof(m.at); i++) {
		if (!memcmp(p + i, text, len))
			return true;
	}

	return false;
}


/* CK and IK, also where the line has not come to its end */
static void forgets(void)
{
	static const char start_of[] = "+CGLA: 92,\"DB0801020304050607081";

	challenged();
	hear("+CGLA: 92,\"DB080102030405060708"
	     "10A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
	     "10B0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF9000\"\r\nOK\r\n");
	SAY("AT+CCHC=1\r", "OK\r\n");
	ENDS(USIM_AT_AUTHENTICATE, 0);
	CHECK_EQ(m.at.card.res.status, UE_USIM_OK);
	CHECK(!remembers("A4A5A6A7"));

	challenged();
	hear(start_of);
	CHECK(remembers("01020304"));
	usim_at_timeout(&m.at);
	CHECK(!remembers("01020304"));

	challenged();
	hear(start_of);
	usim_at_removed(&m.at);
	CHECK(!remembers("01020304"));
}


const struct test_case suite_usim_at[] = {
	{"TS 27.007 s8.43: AUTHENTICATE on a logical channel", logical},
	{"TS 27.007 s8.17: +CSIM on a channel of its own", csim},
	{"TS 27.007 s8.17: +CSIM, a card without further channels",
	 csim_basic},
	{"answers in pieces of each size, echo, other lines between", pieces},
	{"answers that are not what they should be", bad_lines},
	{"a line without end is dropped", long_line},
	{"a silent modem; late answers", silence},
	{"TS 27.007 s8.45: a channel that is named late is closed",
	 late_number},
	{"TS 27.007 s8.17: a channel of MANAGE CHANNEL that is named late is "
	 "closed", late_csim},
	{"TS 27.007 s8.3: is the card there? a challenge meanwhile", check},
	{"TS 27.007 s8.46: a check closes what was left open", check_closes},
	{"a card that is taken out", removal},
	{"a card that wants its PIN, or is busy", pin},
	{"the program ends: the channel is closed, secrets are wiped", leaves},
	{"what the card said is wiped with its line", forgets},
	{NULL, NULL}
};
