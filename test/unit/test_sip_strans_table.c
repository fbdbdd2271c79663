/**
 * @file test_sip_strans_table.c  Server transactions: each state with each
 *                                event, as the tables in strans.c say
 *
 * PROCEEDING*: a provisional response was sent.  ACCEPTED*: the ACK is there.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/sip_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#define BRANCH "z9hG4bKb1"

static struct kit k;
static struct sip_strans *st;
static const char *method;
static unsigned sentc, reqc, stc;


static const char *const actionv[] = {
	"send", "200", "481", "TU", "TU CANCEL", "TU ACK", "TU ETIMEDOUT",
	NULL
};


static const char *state(void)
{
	const bool invite = state_is(method, "INVITE");

	if (!st)
		return "(start)";

	switch (st->state) {

	case SIP_ST_FREE:       return "FREE";
	case SIP_ST_TRYING:     return "TRYING";
	case SIP_ST_PROCEEDING:
		return invite && (st->resp.head || st->trying_sent) ?
			"PROCEEDING*" : "PROCEEDING";
	case SIP_ST_ACCEPTED:   return st->acked ? "ACCEPTED*" : "ACCEPTED";
	case SIP_ST_COMPLETED:  return "COMPLETED";
	case SIP_ST_CONFIRMED:  return "CONFIRMED";
	default:                return "?";
	}
}


static void request(const char *what, const char *branch, const char *tag)
{
	kit_request(&k, kit_flow(&k, UE_FLOW_DATAGRAM), what, branch, 1, tag,
		    NULL);
}


/* The tag of the response sent last */
static const char *tag(void)
{
	static char buf[40];
	const char *p = strstr(kit_hdr(&k, k.sentc - 1, "To"), "tag=");

	(void)snprintf(buf, sizeof(buf), "%s", p ? p + 4 : "x");

	return buf;
}


/* RFC 6026: to a 2xx with a branch of its own */
static void ack(bool accepted)
{
	request("ACK", accepted ? "z9hG4bKack" : BRANCH,
		k.sentc ? tag() : "x");
}


static void start(void)
{
	request(method, BRANCH, NULL);
	st = k.st;
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	kit_init(&k, KIT_UDP);
	k.st = st = NULL;

	if (!state_is(to, "(start)"))
		start();
	if (state_is(to, "PROCEEDING*"))
		(void)sip_reply(st, 180, NULL);
	else if (state_is(to, "PROCEEDING") && !state_is(method, "INVITE"))
		kit_run(&k, 3500);
	else if (!strncmp(to, "ACCEPTED", 8))
		(void)sip_reply(st, 200, NULL);
	else if (state_is(to, "COMPLETED") || state_is(to, "CONFIRMED"))
		(void)sip_reply(st, 404, NULL);
	else if (state_is(to, "FREE")) {
		(void)sip_reply(st, 404, NULL);
		kit_run(&k, 200000);
	}
	if (state_is(to, "ACCEPTED*") || state_is(to, "CONFIRMED"))
		ack(state_is(to, "ACCEPTED*"));

	sentc = k.sentc;
	reqc = k.reqc;
	stc = k.stc;

	return state_is(state(), to);
}


static void timer(const struct ue_timer *t, bool is_it)
{
	kit_run(&k, is_it && ue_timer_running(t) ? t->due_ms :
		k.timers.now_ms + 1);
}


static void retry(const char *states, const char *now)
{
	if (st)
		timer(&st->retry, strstr(states, now) != NULL);
}


static void end(const char *states, const char *now)
{
	if (!st)
		return;

	if (strstr(states, now))
		ue_timer_cancel(&k.timers, &st->retry);
	timer(&st->end, strstr(states, now) != NULL);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "request") || state_is(ev, "INVITE"))
		start();
	else if (state_is(ev, "ACK"))
		ack(!strncmp(in, "ACCEPTED", 8));
	else if (state_is(ev, "CANCEL"))
		request("CANCEL", BRANCH, NULL);
	else if (!strncmp(ev, "TU ", 3) && st)
		(void)sip_reply(st, ev[3] == '1' ? 183 :
				ev[5] == '0' && ev[3] == '3' ? 486 : 200,
				NULL);
	else if (state_is(ev, "200 ms"))
		retry("PROCEEDING", in);
	else if (state_is(ev, "T2 - T1"))
		retry("TRYING", in);
	else if (state_is(ev, "2*T1"))
		retry("ACCEPTED", in);
	else if (state_is(ev, "G"))
		retry("COMPLETED", in);
	else if (state_is(ev, "H") || state_is(ev, "J"))
		end("COMPLETED", in);
	else if (state_is(ev, "I"))
		end("CONFIRMED", in);
	else if (state_is(ev, "L"))
		end("ACCEPTED ACCEPTED*", in);
	else if (state_is(ev, "64*T1"))
		end("TRYING PROCEEDING", in);

	kit_run(&k, k.timers.now_ms);
}


/* A response to this method */
static bool sent(const char *what, const char *begin)
{
	for (unsigned i = sentc; i < k.sentc; i++) {
		if (kit_is(&k, i, begin) &&
		    strstr(kit_hdr(&k, i, "CSeq"), what))
			return true;
	}

	return false;
}


static bool called(const struct kit_call *v, unsigned from, unsigned to,
		   uint8_t met, int err)
{
	for (unsigned i = from; i < to; i++) {
		if (v[i].method == met && v[i].err == err)
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "send"))
		return sent(method, "SIP/2.0 ");
	if (state_is(action, "200") || state_is(action, "481"))
		return sent("CANCEL", state_is(action, "200") ?
			    "SIP/2.0 200" : "SIP/2.0 481");
	if (state_is(action, "TU"))
		return k.reqc > reqc && k.reqv[k.reqc - 1].st;
	if (state_is(action, "TU ACK"))
		return called(k.reqv, reqc, k.reqc, SIP_METHOD_ACK, 0);

	return called(k.stv, stc, k.stc, 0,
		      state_is(action, "TU CANCEL") ? 0 : ETIMEDOUT);
}


static const char *finish(void)
{
	if (st)
		(void)sip_reply(st, 486, NULL);
	kit_run(&k, k.timers.now_ms + 300000);

	return kit_clean(&k) ? NULL : "something is left";
}


static void invite(void)
{
	static const char *const eventv[] = {
		"INVITE", "200 ms", "TU 1xx", "TU 2xx", "TU 300-699",
		"CANCEL", "2*T1", "ACK", "L", "G", "H", "I", NULL
	};
	static const char *const statev[] = {
		"(start)", "PROCEEDING", "PROCEEDING*", "ACCEPTED",
		"ACCEPTED*", "COMPLETED", "CONFIRMED", "FREE", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_STRANS_0, statev, eventv, actionv, reach,
		fire, seen, state, finish
	};
	unsigned n;

	method = "INVITE";
	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 96);
}


static void other(void)
{
	static const char *const statev[] = {
		"(start)", "TRYING", "PROCEEDING", "COMPLETED", "FREE", NULL
	};
	static const char *const eventv[] = {
		"request", "T2 - T1", "TU 1xx", "TU 200-699", "64*T1",
		"CANCEL", "J", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_STRANS_1, statev, eventv, actionv, reach,
		fire, seen, state, finish
	};
	unsigned n;

	method = "OPTIONS";
	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 35);
}


const struct test_case suite_sip_strans_table[] = {
	{"RFC 3261 s17.2.1, RFC 6026: each state of an INVITE server "
	 "transaction with each event", invite},
	{"RFC 3261 s17.2.2, RFC 4320: each state of another server "
	 "transaction with each event", other},
	{NULL, NULL}
};
