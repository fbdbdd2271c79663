/**
 * @file test_subscription_table.c  Subscriptions: each state with each event,
 *                                  as the table in subscription.c says
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/reg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#define CONTACT "Contact: <sip:conf1@mrfc1.home1.net>\r\n"

static const char *const statev[] = {
	"OFF", "SUBSCRIBING", "SUBSCRIBING*", "ACTIVE", "REFRESHING",
	"REFRESHING*", "WAITING", "WAITING*", "LASTING", "LEAVING", "ENDED",
	NULL
};
static const char *const eventv[] = {
	"start", "2xx", "423", "403", "404", "481", "503", "no answer",
	"NOTIFY", "terminated", "timer", "expired", "leave", "end", NULL
};
static const char *const actionv[] = {
	"SUBSCRIBE", "SUBSCRIBE 0", "200", "481", "document",
	"tell subscribed", "tell ended", NULL
};

static struct {
	struct subscription sub;
	struct sip_dialog dlg;
	unsigned subscribe;     /* number of the message that we answer  */
	unsigned cseq;
	unsigned sentc;
	unsigned answer;
	bool document, subscribed, ended;
} t;


static const char *target_h(void *arg)
{
	(void)arg;

	return "sip:conf1@mrfc1.home1.net";
}


static void document_h(const struct pl *body, void *arg)
{
	(void)body;
	(void)arg;
	t.document = true;
}


static void subscribed_h(uint32_t expires_s, void *arg)
{
	(void)expires_s;
	(void)arg;
	t.subscribed = true;
}


static void ended_h(const struct subscription_end *end, void *arg)
{
	(void)end;
	(void)arg;
	t.ended = true;
}


static const struct subscription_package package = {
	.event = "test", .type = "application", .subtype = "reginfo+xml",
	.target_h = target_h, .document_h = document_h,
	.subscribed_h = subscribed_h, .ended_h = ended_h
};


static const char *state(void)
{
	const bool star = t.sub.leave;

	switch (t.sub.state) {

	case SUBSCRIPTION_OFF:         return "OFF";
	case SUBSCRIPTION_SUBSCRIBING: return star ? "SUBSCRIBING*" :
		"SUBSCRIBING";
	case SUBSCRIPTION_ACTIVE:      return "ACTIVE";
	case SUBSCRIPTION_REFRESHING:  return star ? "REFRESHING*" :
		"REFRESHING";
	case SUBSCRIPTION_WAITING:     return star ? "WAITING*" : "WAITING";
	case SUBSCRIPTION_LASTING:     return "LASTING";
	case SUBSCRIPTION_LEAVING:     return "LEAVING";
	default:                       return "ENDED";
	}
}


/* a minute: the registration has nothing to do meanwhile */
static void respond(unsigned code)
{
	(void)rk_answer(t.subscribe, code, code == 423 ?
			"Min-Expires: 7200\r\n" : CONTACT "Expires: 60\r\n");
}


static void notify(const char *substate)
{
	const unsigned before = rk.sentc;
	char lines[200];

	(void)snprintf(lines, sizeof(lines), "Event: test\r\n"
		       "Subscription-State: %s\r\n", substate);
	(void)rk_notify(t.subscribe, ++t.cseq, "net", lines, "<doc/>");
	t.answer = rk.sentc == before ? 0 : rk_status(before);
}


static void sent(void)
{
	t.subscribe = rk_last();
}


/* To the time of a timer that runs */
static void pass(const struct ue_timer *timer)
{
	if (ue_timer_running(timer))
		rk_run(ue_timer_left_ms(&rk.ue.timers, timer));
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	rk_begin();
	if (!rk_registered(NULL))
		return false;

	subscription_init(&t.sub, &rk.ue, &package, &t.dlg, NULL);
	t.subscribe = rk_last();
	if (!state_is(to, "OFF")) {
		subscription_start(&t.sub, 3600);
		sent();
	}
	if (!strncmp(to, "WAITING", 7))
		respond(503);
	else if (!state_is(to, "OFF") && strncmp(to, "SUBSCRIBING", 11)) {
		respond(200);
		notify("active");
	}
	if (!strncmp(to, "REFRESHING", 10) || state_is(to, "LASTING")) {
		pass(&t.sub.timer);
		sent();
	}
	if (state_is(to, "LASTING"))
		respond(403);
	if (strchr(to, '*') || state_is(to, "LEAVING")) {
		(void)subscription_leave(&t.sub);
		if (state_is(to, "LEAVING"))
			sent();
	}
	if (state_is(to, "ENDED"))
		subscription_end(&t.sub);

	t.sentc = rk.sentc;
	t.answer = 0;
	t.document = t.subscribed = t.ended = false;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "start"))
		subscription_start(&t.sub, 3600);
	else if (state_is(ev, "leave"))
		(void)subscription_leave(&t.sub);
	else if (state_is(ev, "end"))
		subscription_end(&t.sub);
	else if (state_is(in, "OFF"))
		return;         /* there is no dialog */
	else if (state_is(ev, "2xx"))
		respond(200);
	else if (ev[0] == '4' || ev[0] == '5')
		respond((unsigned)atoi(ev));
	else if (state_is(ev, "no answer")) {
		/* the transaction's own end comes at the same time */
		if (t.sub.ct) {
			ue_timer_cancel(&rk.ue.timers, &t.sub.expiry);
			pass(&t.sub.timer_n);
		}
	}
	else if (state_is(ev, "NOTIFY"))
		notify("active");
	else if (state_is(ev, "terminated"))
		notify("terminated;reason=timeout");
	else if (state_is(ev, "timer")) {
		if (strncmp(in, "REFRESHING", 10))
			pass(&t.sub.timer);
	}
	else if (state_is(ev, "expired")) {
		/* the other timers would come before */
		ue_timer_cancel(&rk.ue.timers, &t.sub.timer);
		ue_timer_cancel(&rk.ue.timers, &t.sub.timer_n);
		if (t.sub.ct && ue_timer_running(&t.sub.expiry)) {
			ue_timer_cancel(&rk.ue.timers, &t.sub.ct->retry);
			ue_timer_cancel(&rk.ue.timers, &t.sub.ct->end);
		}
		pass(&t.sub.expiry);
	}
}


/* Another SUBSCRIBE of ours, not the same one again */
static bool subscribed(bool none)
{
	for (unsigned i = t.sentc; i < rk.sentc; i++) {
		if (rk_is(i, "SUBSCRIBE") && rk_has(i, "Event: test\r\n") &&
		    none == rk_has(i, "Expires: 0\r\n") &&
		    (t.sentc == 0 || !rk_is(t.subscribe, "SUBSCRIBE") ||
		     strcmp(rk.sentv[i], rk.sentv[t.subscribe])))
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "SUBSCRIBE") || state_is(action, "SUBSCRIBE 0"))
		return subscribed(state_is(action, "SUBSCRIBE 0"));
	if (state_is(action, "200"))
		return t.answer == 200;
	if (state_is(action, "481"))
		return t.answer == 481;
	if (state_is(action, "document"))
		return t.document;

	return state_is(action, "tell ended") ? t.ended : t.subscribed;
}


static const char *end(void)
{
	subscription_close(&t.sub);

	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_SUBSCRIPTION_0, statev, eventv,
		actionv, reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 154);
}


const struct test_case suite_subscription_table[] = {
	{"RFC 6665 s4.1: each state of a subscription with each event",
	 all_pairs},
	{NULL, NULL}
};
