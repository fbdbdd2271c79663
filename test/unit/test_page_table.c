/**
 * @file test_page_table.c  Messages outside of sessions: each state with each
 *                          event, as the table in page.c says
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/conf_kit.h"
#include "test/unit/msg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"
#include "ue/ims/reg_core.h"

#define BOB "sip:bob@home2.net"
#define CPIM(from)							\
	"From: <" from ">\r\nTo: <" RK_IMPU ">\r\n"			\
	"DateTime: 2026-01-01T00:00:00Z\r\n"				\
	"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: ab12\r\n"	\
	"imdn.Disposition-Notification: positive-delivery\r\n"		\
	"\r\nContent-Type: text/plain\r\n\r\nhi"

static const char *const statev[] = {
	"FREE", "SENT", "QUIET", "LAST", "FULL", "GONE", NULL
};
static const char *const eventv[] = {
	"send", "100", "200", "202", "302", "404", "no answer", "MESSAGE",
	"MESSAGE wish", "MESSAGE other", "lost", NULL
};
static const char *const actionv[] = {
	"MESSAGE", "200", "404", "page", "tell SENT", "tell FAILED",
	"tell DOWN", "ENOMEM", "EPROTO", NULL
};

static struct {
	int err;                /* of the command                        */
	unsigned sends;         /* that were accepted                    */
	unsigned pages;
	unsigned sentc, good, bad, down, count;
} t;


static uint16_t page_h(struct ue *ue, const struct pl *from,
		       const struct pl *type, const struct pl *subtype,
		       const struct pl *body, void *arg)
{
	(void)ue;
	(void)from;
	(void)type;
	(void)subtype;
	(void)body;
	(void)arg;
	++t.pages;

	return 200;
}


static void with_pages(void)
{
	mg.set.page_h = page_h;
}


static const char *state(void)
{
	const struct pages *ps = &rk.ue.pages;
	unsigned n = 0, quiet = 0;

	for (unsigned i = 0; i < UE_PAGES_MAX; i++) {
		n += ps->v[i].used;
		quiet += ps->v[i].used && ps->v[i].quiet;
	}

	return !rk.ue.reg.info.registered ? "GONE" :
		n == UE_PAGES_MAX ? "FULL" :
		n == UE_PAGES_MAX - 1 ? "LAST" : n > quiet ? "SENT" :
		n ? "QUIET" : "FREE";
}


static void send(void)
{
	static const uint8_t octets[5] = "hello";
	const struct ue_message m = {
		.type = "text/plain", .data = octets, .len = 5
	};

	t.err = ue_page_send(&rk.ue, BOB, &m, NULL, 0);
	t.sends += !t.err;
}


static void receive(const char *what)
{
	const char *text = state_is(what, "MESSAGE wish") ? CPIM(BOB)
		: state_is(what, "MESSAGE other") ? CPIM("sip:carol@home3.net")
		: NULL;

	(void)ck_request(UINT_MAX, "b", "MESSAGE", NULL, text ?
			 "message/cpim" : "text/plain", text ? text : "hi");
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!mg_begin(with_pages))
		return false;

	if (state_is(to, "QUIET"))
		receive("MESSAGE wish");
	else if (state_is(to, "GONE"))
		ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED, 0);
	else if (!state_is(to, "FREE"))
		send();
	for (unsigned i = 2; i < UE_PAGES_MAX && (state_is(to, "LAST") ||
						  state_is(to, "FULL")); i++)
		send();
	if (state_is(to, "FULL"))
		send();
	rk_run(0);

	t.err = 0;
	t.sentc = rk.sentc;
	t.count = t.pages;
	t.good = rk_events(UE_EVENT_PAGE_SENT);
	t.bad = rk_events(UE_EVENT_PAGE_FAILED);
	t.down = rk_events(UE_EVENT_FLOW_FAILED);

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	const bool gone = state_is(in, "GONE");

	if (state_is(ev, "send"))
		send();
	else if (state_is(ev, "no answer"))
		rk_run(129000);
	else if (state_is(ev, "lost")) {
		if (!gone)
			ims_reg_terminated(&rk.ue.reg, IMS_CONTACT_REJECTED,
					   0);
	}
	else if (ev[0] == 'M')
		receive(ev);
	else if (t.sentc && rk_sent("MESSAGE") != UINT_MAX)
		ss_answer(rk_sent("MESSAGE"), (unsigned)atoi(ev), NULL, NULL);
	rk_run(0);
}


static bool seen(const char *action)
{
	unsigned n;

	if (state_is(action, "page"))
		return t.pages > t.count;
	if (state_is(action, "tell SENT"))
		return rk_events(UE_EVENT_PAGE_SENT) > t.good;
	if (state_is(action, "tell FAILED"))
		return rk_events(UE_EVENT_PAGE_FAILED) > t.bad;
	if (state_is(action, "tell DOWN"))
		return rk_events(UE_EVENT_FLOW_FAILED) > t.down;
	if (action[0] == 'E')
		return t.err == (action[1] == 'N' ? ENOMEM : EPROTO);

	/* not one that is sent again */
	n = rk_sent(action);
	for (unsigned i = 0; n != UINT_MAX && i < t.sentc; i++) {
		if (state_is(rk.sentv[i], rk.sentv[n]))
			return false;
	}

	return n != UINT_MAX && n >= t.sentc;
}


/* Each that was taken has one outcome, also when the registration is over */
static const char *end(void)
{
	rk_run(300000);

	if (rk_events(UE_EVENT_PAGE_SENT) + rk_events(UE_EVENT_PAGE_FAILED) !=
	    t.sends)
		return "not one outcome of each message";
	for (unsigned i = 0; i < UE_PAGES_MAX; i++) {
		if (rk.ue.pages.v[i].used)
			return "a message is left";
	}

	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_PAGE_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 66);
}


const struct test_case suite_page_table[] = {
	{"RFC 3428 s5: each state of messages outside of sessions with each "
	 "event",
	 all_pairs},
	{NULL, NULL}
};
