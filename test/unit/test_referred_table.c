/**
 * @file test_referred_table.c  A REFER to us: each state with each event, as
 *                              the table in referred.c says
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include "gen/state_tables.h"
#include "test/unit/conf_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"

static const char *const statev[] = {
	"FREE", "NOTIFYING", "NOTIFYING*", "ACTIVE", "EXPIRED", "EXPIRED*",
	"SILENT", "FINAL", "FINAL*", NULL
};
static const char *const eventv[] = {
	"REFER", "REFER no-sub", "1xx", "final", "2xx", "481", "no answer",
	"time", "SUBSCRIBE", "SUBSCRIBE 0", "lost", NULL
};
static const char *const actionv[] = {
	"202", "200", "403", "NOTIFY 100", "NOTIFY 1xx", "NOTIFY again",
	"NOTIFY final", "timeout", "noresource", NULL
};

static struct {
	unsigned notify;        /* number of the first one               */
	unsigned sentc;
	unsigned cseq;          /* of the last NOTIFY                    */
} t;


static struct referred *rd(void)
{
	return &rk.ue.refers.inv[0];
}


static const char *state(void)
{
	if (!rd()->used)
		return "FREE";
	if (!rd()->ct)
		return rd()->sub ? "ACTIVE" : "SILENT";
	if (rd()->sent >= 200)
		return "FINAL";
	if (rd()->next >= 200)
		return "FINAL*";
	if (rd()->next)
		return rd()->sub ? "NOTIFYING*" : "EXPIRED*";

	return rd()->sub ? "NOTIFYING" : "EXPIRED";
}


static unsigned cseq(unsigned n)
{
	return (unsigned)strtoul(rk_hdr(n, "CSeq"), NULL, 10);
}


static void refer(bool sub)
{
	(void)ck_request(UINT_MAX, "b", "REFER", sub ? "Contact: <" BOB ">"
			 "\r\nRefer-To: <" CK_FOCUS ">\r\n" :
			 "Contact: <" BOB ">\r\nRefer-To: <" CK_FOCUS ">\r\n"
			 "Refer-Sub: false\r\n", NULL, NULL);
}


/* The NOTIFY that is under way */
static void answer(unsigned code)
{
	ck_answer(ck_sent("NOTIFY"), code, NULL, NULL, NULL, NULL);
}


static void subscribe(bool refresh)
{
	(void)ck_request(t.notify, "b", "SUBSCRIBE", refresh ?
			 "Event: refer;id=1\r\nExpires: 60\r\n" :
			 "Event: refer;id=1\r\nExpires: 0\r\n", NULL, NULL);
}


static void tell(uint16_t status)
{
	referred_status(rd(), status);
	rk_run(0);
}


/* A while later, so that the subscription ends before a NOTIFY does */
static bool active(void)
{
	if (!ck_begin(NULL))
		return false;

	refer(true);
	t.notify = ck_sent("NOTIFY");
	answer(200);
	tell(180);
	answer(200);
	rk_run(250000);

	return state_is(state(), "ACTIVE");
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	if (!active())
		return false;

	if (state_is(to, "FREE") || state_is(to, "FINAL"))
		tell(603);
	else if (state_is(to, "EXPIRED") || state_is(to, "SILENT"))
		subscribe(false);
	else if (!state_is(to, "ACTIVE"))
		tell(180);

	if (state_is(to, "NOTIFYING*"))
		tell(183);
	else if (state_is(to, "EXPIRED*"))
		subscribe(false);
	else if (state_is(to, "FINAL*"))
		tell(603);
	else if (state_is(to, "FREE") || state_is(to, "SILENT"))
		answer(200);

	t.sentc = rk.sentc;
	t.cseq = cseq(ck_sent("NOTIFY"));

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	const bool free = state_is(in, "FREE");

	if (state_is(ev, "REFER") || state_is(ev, "REFER no-sub")) {
		if (free)
			refer(!ev[5]);
	}
	else if (state_is(ev, "1xx")) {
		/* after a final status it is void */
		if (!free && in[0] != 'F')
			tell(183);
	}
	else if (state_is(ev, "final")) {
		if (!free && in[0] != 'F')
			tell(603);
	}
	else if (state_is(ev, "2xx"))
		answer(200);
	else if (state_is(ev, "481"))
		answer(481);
	else if (state_is(ev, "no answer")) {
		/* 64*T1; a subscription of before ends meanwhile */
		if (rd()->ct) {
			ue_timer_cancel(&rk.ue.timers, &rd()->timer);
			rk_run(130000);
		}
	}
	else if (state_is(ev, "time"))
		rk_run(60000);
	else if (state_is(ev, "lost"))
		refers_lost(&rk.ue.refers);
	else
		subscribe(!ev[9]);
}


static bool seen(const char *action)
{
	static const struct {
		const char *name, *text;
	} v[] = {
		{"NOTIFY 100",   "\r\n\r\nSIP/2.0 100"},
		{"NOTIFY 1xx",   "\r\n\r\nSIP/2.0 183"},
		{"NOTIFY again", "\r\n\r\nSIP/2.0 180"},
		{"NOTIFY final", "\r\n\r\nSIP/2.0 603"},
		{"timeout",      "terminated;reason=timeout"},
		{"noresource",   "terminated;reason=noresource"}
	};
	const unsigned n = ck_sent("NOTIFY");

	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		/* not one that is sent once more */
		if (state_is(action, v[i].name))
			return n >= t.sentc && cseq(n) != t.cseq &&
				rk_has(n, v[i].text);
	}

	return rk_sent(action) != UINT_MAX && rk_sent(action) >= t.sentc;
}


/* An outcome is the end, whatever else is under way */
static const char *end(void)
{
	if (rd()->used && rd()->sent < 200 && rd()->next < 200)
		tell(603);
	for (unsigned i = 0; i < 3 && rd()->ct; i++)
		answer(200);

	return rd()->used ? "a REFER is left" : ck_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_REFERRED_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 99);
}


const struct test_case suite_referred_table[] = {
	{"RFC 3515 2.4.4: each state of a REFER to us with each event",
	 all_pairs},
	{NULL, NULL}
};
