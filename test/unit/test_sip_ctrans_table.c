/**
 * @file test_sip_ctrans_table.c  Client transactions: each state with each
 *                                event, as the tables in ctrans.c say
 *
 * A state with a star: its CANCEL is wanted or was sent.
 */
#include <errno.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/sip_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"
#include "ue/sip/core.h"

static struct kit k;
static struct sip_ctrans *ct;
static const char *method;
static unsigned sentc, respc;


static const char *const actionv[] = {
	"send", "ACK", "CANCEL", "TU", "TU ETIMEDOUT", "TU ECONNRESET",
	"TU EMSGSIZE", NULL
};


static const char *state(void)
{
	const bool star = ct && (ct->cancel || ct->cancelled);

	if (!ct)
		return "(start)";

	switch (ct->state) {

	case SIP_CT_FREE:       return "FREE";
	case SIP_CT_CALLING:    return star ? "CALLING*" : "CALLING";
	case SIP_CT_TRYING:     return "TRYING";
	case SIP_CT_PROCEEDING: return star ? "PROCEEDING*" : "PROCEEDING";
	case SIP_CT_ACCEPTED:   return "ACCEPTED";
	case SIP_CT_COMPLETED:  return "COMPLETED";
	default:                return "?";
	}
}


static void respond(unsigned code)
{
	if (ct)
		kit_respond(&k, 0, code, "t", NULL);
}


static void start(void)
{
	(void)kit_start(&k, &ct, method, 0);
	kit_run(&k, 0);
	if (kit_flow(&k, UE_FLOW_CONNECT) >= 0)
		sip_flow_connected(&k.sip, (unsigned)
				   kit_flow(&k, UE_FLOW_CONNECT));
	kit_run(&k, 0);
}


/* Only a stream can be lost; over one, COMPLETED lasts for no time */
static bool reach(const char *to, const char *event)
{
	const bool invite = state_is(method, "INVITE");
	const bool tcp = state_is(event, "lost") &&
		!state_is(to, "COMPLETED");

	kit_init(&k, tcp ? KIT_TCP : KIT_UDP);
	ct = NULL;

	if (!state_is(to, "(start)"))
		start();
	if (strchr(to, '*') && sip_ctrans_cancel(ct))
		return false;
	if (!strncmp(to, "PROCEEDING", 10))
		respond(100);
	else if (state_is(to, "ACCEPTED"))
		respond(200);
	else if (state_is(to, "COMPLETED"))
		respond(invite ? 404 : 200);
	else if (state_is(to, "FREE"))
		kit_run(&k, 200000);

	sentc = k.sentc;
	respc = k.respc;

	return state_is(state(), to);
}


/* To the time of a timer; nothing but time where another one runs or none */
static void timer(const struct ue_timer *t, bool is_it)
{
	kit_run(&k, is_it && ue_timer_running(t) ? t->due_ms :
		k.timers.now_ms + 1);
}


static void end(const char *states, const char *now)
{
	if (!ct)
		return;

	/* that of a CANCEL, too */
	for (unsigned i = 0; strstr(states, now) && i < UE_CTRANS_MAX; i++)
		ue_timer_cancel(&k.timers, &k.sip.ctransv[i].retry);
	timer(&ct->end, strstr(states, now) != NULL);
}


/* err 0: it is to be sent once more */
static void nack(int err)
{
	const bool ack = ct && ct->method == SIP_METHOD_INVITE &&
		ct->state == SIP_CT_COMPLETED;

	if (ct)
		sip_ctrans_again(&k.sip, ct->key, ack ? SIP_METHOD_ACK :
				 ct->method, err);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "start") && !ct)
		start();
	else if (!strcmp(ev, "A") || !strcmp(ev, "E"))
		timer(ct ? &ct->retry : NULL, ct != NULL);
	else if (state_is(ev, "B"))
		end("CALLING CALLING* PROCEEDING*", in);
	else if (state_is(ev, "F"))
		end("TRYING PROCEEDING", in);
	else if (state_is(ev, "M"))
		end("ACCEPTED", in);
	else if (state_is(ev, "D") || state_is(ev, "K"))
		end("COMPLETED", in);
	else if (state_is(ev, "1xx"))
		respond(183);
	else if (state_is(ev, "2xx") || state_is(ev, "200-699"))
		respond(200);
	else if (state_is(ev, "300-699"))
		respond(486);
	else if (state_is(ev, "cancel") && ct)
		(void)sip_ctrans_cancel(ct);
	else if (state_is(ev, "NACK"))
		nack(0);
	else if (state_is(ev, "refused"))
		nack(EMSGSIZE);
	else if (state_is(ev, "lost") &&
		 kit_flow(&k, UE_FLOW_CONNECT) >= 0)
		sip_flow_closed(&k.sip, (unsigned)
				kit_flow(&k, UE_FLOW_CONNECT), ECONNRESET);

	kit_run(&k, k.timers.now_ms);
}


static bool sent(const char *begin)
{
	for (unsigned i = sentc; i < k.sentc; i++) {
		if (kit_is(&k, i, begin))
			return true;
	}

	return false;
}


static bool told(int err)
{
	for (unsigned i = respc; i < k.respc; i++) {
		if (k.respv[i].err == err)
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "send"))
		return sent(method);
	if (state_is(action, "ACK") || state_is(action, "CANCEL"))
		return sent(action);

	return told(state_is(action, "TU") ? 0 :
		    state_is(action, "TU ETIMEDOUT") ? ETIMEDOUT :
		    state_is(action, "TU EMSGSIZE") ? EMSGSIZE :
		    ECONNRESET);
}


static const char *finish(void)
{
	/* an INVITE in PROCEEDING waits for ever; without its connection
	   nothing can come */
	respond(486);
	kit_run(&k, k.timers.now_ms + 300000);
	if (ct && ct->state == SIP_CT_PROCEEDING)
		sip_ctrans_abort_hop(&k.sip, &k.hop, 0);

	return kit_clean(&k) ? NULL : "something is left";
}


static void invite(void)
{
	static const char *const statev[] = {
		"(start)", "CALLING", "CALLING*", "PROCEEDING",
		"PROCEEDING*", "ACCEPTED", "COMPLETED", "FREE", NULL
	};
	static const char *const eventv[] = {
		"start", "A", "B", "1xx", "2xx", "300-699", "cancel", "lost",
		"NACK", "refused", "D", "M", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_CTRANS_0, statev, eventv, actionv, reach,
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
		"start", "E", "F", "1xx", "200-699", "lost", "cancel",
		"NACK", "refused", "K", NULL
	};
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_CTRANS_1, statev, eventv, actionv, reach,
		fire, seen, state, finish
	};
	unsigned n;

	method = "OPTIONS";
	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 50);
}


const struct test_case suite_sip_ctrans_table[] = {
	{"RFC 3261 s17.1.1, RFC 6026: each state of an INVITE client "
	 "transaction with each event", invite},
	{"RFC 3261 s17.1.2: each state of another client transaction with "
	 "each event", other},
	{NULL, NULL}
};
