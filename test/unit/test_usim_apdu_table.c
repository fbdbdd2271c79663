/**
 * @file test_usim_apdu_table.c  USIM and ISIM on a card: each state with each
 *                               answer, as the table in usim_apdu.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "ports/common/usim_apdu.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"IDLE", "IDLE*", "SELECT_ISIM", "SELECT_USIM", "SELECT_USIM*",
	"SELECT_IMPI", "READ_IMPI", "SELECT_IMPU", "READ_IMPU",
	"SELECT_DOMAIN", "READ_DOMAIN", "READ_DOMAIN*", "SELECT_IMSI",
	"READ_IMSI", "SELECT_AD", "READ_AD", "SELECT_APP", "CHALLENGE", NULL
};
static const char *const eventv[] = {
	"identify", "authenticate", "9000", "91xx", "6282", "61xx", "6Cxx",
	"6982", "6A82", "9862", "short", "long", "endless", "cancel", NULL
};
static const char *const actionv[] = {
	"SELECT ISIM", "SELECT USIM", "SELECT EF", "READ", "AUTHENTICATE",
	"GET RESPONSE", "done", "ENOENT", "EACCES", "EIO", "EBADMSG",
	"EPROTO", NULL
};

/** The answers on the way to a state: those that are good, and the bad
 *  ones */
static const struct {
	const char *state, *answers;
} ways[] = {
	{"IDLE",          ""},
	{"IDLE*",         "-++++"},
	{"SELECT_ISIM",   ""},
	{"SELECT_USIM",   "-"},
	{"SELECT_USIM*",  "+---"},
	{"SELECT_IMPI",   "+"},
	{"READ_IMPI",     "++"},
	{"SELECT_IMPU",   "+++"},
	{"READ_IMPU",     "++++"},
	{"SELECT_DOMAIN", "+++++"},
	{"READ_DOMAIN",   "++++++"},
	{"READ_DOMAIN*",  "+--+"},
	{"SELECT_IMSI",   "-+"},
	{"READ_IMSI",     "-++"},
	{"SELECT_AD",     "-+++"},
	{"READ_AD",       "-++++"},
	{"SELECT_APP",    "-+++++"},
	{"CHALLENGE",     "-+++++"}
};

static struct {
	struct usim_apdu card;
	int err;
} t;


static bool command_is(const char *bytes, size_t n)
{
	return t.card.cmd_len >= n && !memcmp(t.card.cmd, bytes, n);
}


/* As the enum in usim_apdu.c says */
static const char *state(void)
{
	static const char *const v[] = {
		NULL, "SELECT_ISIM", NULL, NULL, NULL, "SELECT_APP",
		"CHALLENGE"
	};
	static const char *const selectv[] = {
		"SELECT_IMPI", "SELECT_IMPU", "SELECT_DOMAIN", "SELECT_IMSI",
		"SELECT_AD"
	};
	static const char *const readv[] = {
		"READ_IMPI", "READ_IMPU", "READ_DOMAIN", "READ_IMSI",
		"READ_AD"
	};
	const struct usim_apdu *c = &t.card;

	switch (c->state) {

	case 0:
		return c->app == USIM_APP_NONE ? "IDLE" : "IDLE*";
	case 2:
		return c->isim ? "SELECT_USIM*" : "SELECT_USIM";
	case 3:
		return selectv[c->file];
	case 4:
		return c->file == 2 && !c->id.impi[0] ? "READ_DOMAIN*"
			: readv[c->file];
	default:
		return v[c->state];
	}
}


/* Data that suit what is asked for, and a status word */
static void answer(const char *sw)
{
	static const char text[] = "\x80\x01" "a", imsi[] = "\x04!Ce\xf7",
		auth[] = "\xdb\x08" "RESPONSE\x10" "0123456789abcdef\x10"
		"0123456789abcdef";
	const char *p = text;
	uint8_t ans[64];
	size_t n = 3;

	if (state_is(state(), "READ_IMSI")) {
		p = imsi;
		n = 5;
	}
	else if (state_is(state(), "CHALLENGE")) {
		p = auth;
		n = sizeof(auth) - 1;
	}
	memcpy(ans, p, n);
	memcpy(ans + n, sw, 2);
	t.err = usim_apdu_answer(&t.card, ans, n + 2);
}


static void authenticate(void)
{
	static const uint8_t key[16];

	t.err = usim_apdu_authenticate(&t.card, key, key);
	if (!t.err)
		t.err = EAGAIN;
}


static bool reach(const char *to, const char *event)
{
	const char *p = "";
	unsigned i;

	(void)event;
	memset(&t, 0, sizeof(t));
	usim_apdu_init(&t.card, false);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (state_is(ways[i].state, to))
			p = ways[i].answers;
	}
	if (!state_is(to, "IDLE"))
		usim_apdu_identify(&t.card);
	for (; *p; p++)
		answer(*p == '+' ? "\x90\x00" : "\x6a\x82");
	/* the last file */
	if (state_is(to, "IDLE*"))
		answer("\x90\x00");
	if (state_is(to, "SELECT_APP") || state_is(to, "CHALLENGE"))
		authenticate();
	if (state_is(to, "CHALLENGE"))
		answer("\x90\x00");
	t.err = 0;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	static const struct {
		const char *event, *sw;
	} v[] = {
		{"9000", "\x90\x00"}, {"91xx", "\x91\x10"},
		{"6282", "\x62\x82"}, {"61xx", "\x61\x10"},
		{"6Cxx", "\x6c\x10"}, {"6982", "\x69\x82"},
		{"6A82", "\x6a\x82"}, {"9862", "\x98\x62"}
	};
	static const uint8_t zero[USIM_ANSWER_MAX + 1];

	(void)in;
	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(v[i].event, ev)) {
			answer(v[i].sw);
			t.err = t.err ? t.err : -1;
			return;
		}
	}

	if (state_is(ev, "identify")) {
		usim_apdu_identify(&t.card);
		t.err = EAGAIN;
	}
	else if (state_is(ev, "authenticate"))
		authenticate();
	else if (state_is(ev, "cancel"))
		usim_apdu_cancel(&t.card);
	else if (state_is(ev, "endless")) {
		/* it has asked as often as it may */
		t.card.rounds = 8;
		answer("\x90\x00");
	}
	else
		t.err = usim_apdu_answer(&t.card, zero, state_is(ev, "short")
					 ? 1 : sizeof(zero));
}


static bool seen(const char *action)
{
	static const struct {
		const char *action, *bytes;
		size_t n;
	} v[] = {
		{"SELECT ISIM",  "\0\xa4\4\4\7\xa0\0\0\0\x87\20\4", 12},
		{"SELECT USIM",  "\0\xa4\4\4\7\xa0\0\0\0\x87\20\2", 12},
		{"SELECT EF",    "\0\xa4\0\4\2\x6f", 6},
		{"AUTHENTICATE", "\0\x88\0\x81\42\20", 6},
		{"GET RESPONSE", "\0\xc0\0\0\20", 5}
	};
	static const struct {
		const char *action;
		int err;
	} errv[] = {
		{"done", -1}, {"ENOENT", ENOENT}, {"EACCES", EACCES},
		{"EIO", EIO}, {"EBADMSG", EBADMSG}, {"EPROTO", EPROTO}
	};

	for (unsigned i = 0; i < sizeof(errv) / sizeof(errv[0]); i++) {
		if (state_is(errv[i].action, action))
			return t.err == errv[i].err;
	}
	if (t.err != EAGAIN)
		return false;
	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(v[i].action, action))
			return command_is(v[i].bytes, v[i].n);
	}

	/* READ BINARY, READ RECORD */
	return command_is("\0\xb0", 2) || command_is("\0\xb2", 2);
}


/* The card can be asked anew, whatever it has said */
static const char *end(void)
{
	usim_apdu_identify(&t.card);
	answer("\x6a\x82");
	answer("\x6a\x82");

	return t.err == ENOENT && !t.card.cmd_len ? NULL : "a job is left";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_PORTS_COMMON_USIM_APDU_0, statev, eventv,
		actionv, reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 252);
}


const struct test_case suite_usim_apdu_table[] = {
	{"TS 102 221: each state of a card with each answer", all_pairs},
	{NULL, NULL}
};
