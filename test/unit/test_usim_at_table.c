/**
 * @file test_usim_at_table.c  The card in a modem: each state with each
 *                             answer, as the table in usim_at.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "ports/common/usim_at.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"IDLE", "IDLE*", "GONE", "ECHO", "ERRORS", "PIN_FIRST", "PIN",
	"PIN_OPEN", "ECHO*", "ERRORS*", "PIN*", "PROBE", "OPEN", "OPEN_USIM",
	"EXCHANGE", "EXCHANGE_ISIM", "EXCHANGE_LAST", "CLOSE", "CLOSE*",
	"CLOSE_CHECK", NULL
};
static const char *const eventv[] = {
	"identify", "check", "OK", "ERROR", "CME 10", "CME 11", "READY",
	"SIM PIN", "NOT READY", "CCHO", "9000", "6982", "silence", "removed",
	"close", NULL
};
static const char *const actionv[] = {
	"ATE0", "AT+CMEE", "AT+CPIN", "AT+CCHO=?", "AT+CCHO", "AT+CGLA",
	"AT+CCHC", "tell 0", "tell EACCES", "tell EIO", "tell ENOENT",
	"tell ETIMEDOUT", "EBUSY", "ENOENT", NULL
};

/** What a modem answers */
static const struct {
	const char *event, *lines;
} linev[] = {
	{"OK",        "\r\nOK\r\n"},
	{"ERROR",     "\r\nERROR\r\n"},
	{"CME 10",    "\r\n+CME ERROR: 10\r\n"},
	{"CME 11",    "\r\n+CME ERROR: 11\r\n"},
	{"READY",     "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
	{"SIM PIN",   "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"},
	{"NOT READY", "\r\n+CPIN: NOT READY\r\n"},
	{"CCHO",      "\r\n+CCHO: 1\r\n\r\nOK\r\n"},
	{"9000",      "\r\n+CGLA: 4,\"9000\"\r\n\r\nOK\r\n"},
	{"6982",      "\r\n+CGLA: 4,\"6982\"\r\n\r\nOK\r\n"}
};

/** What leads to a state.  A new modem; one that has been asked; one with an
 *  open channel that was not closed */
#define ASKED "identify OK OK READY OK ERROR ERROR "
#define IDENTIFY "identify OK OK READY "
#define LEFT ASKED IDENTIFY "CCHO silence "

static const struct {
	const char *state, *events;
} wayv[] = {
	{"IDLE",          ASKED},
	{"IDLE*",         LEFT},
	{"GONE",          ASKED "removed "},
	{"ECHO",          ASKED "identify "},
	{"ERRORS",        ASKED "identify OK "},
	{"PIN_FIRST",     "identify OK OK "},
	{"PIN",           ASKED "identify OK OK "},
	{"PIN_OPEN",      LEFT "identify OK OK "},
	{"ECHO*",         ASKED "check "},
	{"ERRORS*",       ASKED "check OK "},
	{"PIN*",          ASKED "check OK OK "},
	{"PROBE",         IDENTIFY},
	{"OPEN",          ASKED IDENTIFY},
	{"OPEN_USIM",     ASKED IDENTIFY "ERROR "},
	{"EXCHANGE",      ASKED IDENTIFY "CCHO "},
	{"EXCHANGE_ISIM", ASKED IDENTIFY "CCHO 9000 9000 9000 9000 9000 "},
	{"EXCHANGE_LAST", ASKED IDENTIFY "ERROR CCHO 9000 9000 9000 "},
	{"CLOSE",         ASKED IDENTIFY "ERROR CCHO 9000 9000 9000 9000 "},
	{"CLOSE*",        ASKED IDENTIFY "CCHO 9000 9000 9000 9000 9000 "
			  "9000 "},
	{"CLOSE_CHECK",   LEFT "check OK OK READY "}
};

static struct {
	struct usim_at at;
	char cmd[USIM_AT_COMMAND_MAX + 1];
	bool done;
	int told;
	int err;
} t;


static void send_h(const char *cmd, size_t len, void *arg)
{
	(void)arg;
	memcpy(t.cmd, cmd, len);
	t.cmd[len] = '\0';
}


static void done_h(enum usim_at_job job, int err, void *arg)
{
	(void)job;
	(void)arg;
	t.done = true;
	t.told = err;
}


/* As the enums in usim_at.c and usim_apdu.c say */
static const char *state(void)
{
	const struct usim_at *at = &t.at;
	const struct usim_apdu *card = &at->card;
	const bool check = at->job == USIM_AT_CHECK;

	if (at->gone)
		return "GONE";

	switch (at->state) {

	case 0:  return at->session < 0 ? "IDLE" : "IDLE*";
	case 1:  return check ? "ECHO*" : "ECHO";
	case 2:  return check ? "ERRORS*" : "ERRORS";
	case 3:
		return check ? "PIN*" : at->session >= 0 ? "PIN_OPEN" :
			at->probed ? "PIN" : "PIN_FIRST";
	case 4:  return "PROBE";
	case 5:  return card->state == 2 ? "OPEN_USIM" : "OPEN";
	case 6:
		/* READ BINARY of the last file of each application */
		if (card->state == 4 && card->file == 2)
			return "EXCHANGE_ISIM";
		return card->state == 4 && card->file == 4 ? "EXCHANGE_LAST"
			: "EXCHANGE";
	default:
		return at->reopen ? "CLOSE*" : check ? "CLOSE_CHECK"
			: "CLOSE";
	}
}


static void fire(const char *in, const char *ev)
{
	(void)in;
	for (unsigned i = 0; i < sizeof(linev) / sizeof(linev[0]); i++) {
		if (state_is(linev[i].event, ev)) {
			usim_at_recv(&t.at, linev[i].lines,
				     strlen(linev[i].lines));
			return;
		}
	}

	if (state_is(ev, "identify"))
		t.err = usim_at_identify(&t.at);
	else if (state_is(ev, "check"))
		t.err = usim_at_check(&t.at);
	else if (state_is(ev, "silence"))
		usim_at_timeout(&t.at);
	else if (state_is(ev, "removed"))
		usim_at_removed(&t.at);
	else
		usim_at_close(&t.at);
}


static bool reach(const char *to, const char *event)
{
	const char *p = NULL;
	char word[16];
	unsigned i;

	(void)event;
	memset(&t, 0, sizeof(t));
	usim_at_init(&t.at, send_h, done_h, NULL);
	for (i = 0; i < sizeof(wayv) / sizeof(wayv[0]); i++) {
		if (state_is(wayv[i].state, to))
			p = wayv[i].events;
	}
	for (; p && *p; p += strlen(word) + 1) {
		(void)snprintf(word, sizeof(word), "%.*s",
			       (int)strcspn(p, " "), p);
		fire("", word);
	}
	t.cmd[0] = '\0';
	t.done = false;
	t.err = 0;

	return state_is(state(), to);
}


static bool seen(const char *action)
{
	static const struct {
		const char *action;
		int err;
	} errv[] = {
		{"tell 0", 0}, {"tell EACCES", EACCES}, {"tell EIO", EIO},
		{"tell ENOENT", ENOENT}, {"tell ETIMEDOUT", ETIMEDOUT}
	};

	for (unsigned i = 0; i < sizeof(errv) / sizeof(errv[0]); i++) {
		if (state_is(errv[i].action, action))
			return t.done && t.told == errv[i].err;
	}
	if (state_is(action, "EBUSY") || state_is(action, "ENOENT"))
		return t.err == (action[1] == 'B' ? EBUSY : ENOENT);
	if (state_is(action, "AT+CCHO") && strstr(t.cmd, "=?"))
		return false;

	return !strncmp(t.cmd, action, strlen(action));
}


/* A card that is there can be asked again, whatever has happened */
static const char *end(void)
{
	if (t.at.gone)
		return NULL;

	usim_at_close(&t.at);

	return usim_at_identify(&t.at) ? "a job is left" : NULL;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_PORTS_COMMON_USIM_AT_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 300);
}


const struct test_case suite_usim_at_table[] = {
	{"TS 27.007 s8.45: each state of a card in a modem with each answer",
	 all_pairs},
	{NULL, NULL}
};
