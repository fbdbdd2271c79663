/**
 * @file test_refer_table.c  REFER of ours: each state with each event, as the
 *                           table in refer.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/reg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"

/* in the order of the states in refer.c */
static const char *const statev[] = {
	"FREE", "SENT", "ACTIVE", "OVER", "ABORTED", NULL
};
static const char *const eventv[] = {
	"start", "2xx", "2xx no-sub", "300-699", "no answer", "NOTIFY 1xx",
	"NOTIFY final", "NOTIFY terminated", "timer", "abort", "told", NULL
};
static const char *const actionv[] = {
	"REFER", "200", "481", "tell ACCEPTED", "tell PROGRESS", "tell DONE",
	"tell DONE ETIMEDOUT", "tell DONE ECONNABORTED", NULL
};

static struct {
	struct refer *rf;
	unsigned refer;         /* number of the message            */
	unsigned answer;        /* to the NOTIFY                    */
	unsigned cseq;
	unsigned sentc;
	bool accepted, progress, done;
	int err;
} t;


static void refer_handler(struct refer *rf, enum refer_event event, int err,
			  uint16_t status, void *arg)
{
	(void)rf;
	(void)status;
	(void)arg;

	t.accepted |= event == REFER_ACCEPTED;
	t.progress |= event == REFER_PROGRESS;
	t.done |= event == REFER_DONE;
	t.err = err;
}


static void start(void)
{
	const struct refer_params prm = {
		.target = BOB, .refer_to = "sip:conf1@mrfc1.home1.net"
	};

	(void)refer_send(&t.rf, &rk.ue.refers, &prm, refer_handler, NULL);
	t.refer = rk_last();
}


static void notify(const char *state, const char *frag)
{
	static char text[2000];
	const unsigned before = rk.sentc;

	(void)snprintf(text, sizeof(text),
		       "NOTIFY sip:10.0.0.7:5062 SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn%u\r\n"
		       "Max-Forwards: 70\r\nFrom: <" BOB ">;tag=net\r\n"
		       "To: %s\r\nCall-ID: %s\r\nCSeq: %u NOTIFY\r\n"
		       "Contact: <" BOB ">\r\nEvent: refer\r\n"
		       "Subscription-State: %s\r\n"
		       "Content-Type: message/sipfrag\r\n"
		       "Content-Length: %u\r\n\r\n%s", ++rk.branch,
		       rk_hdr(t.refer, "From"), rk_hdr(t.refer, "Call-ID"),
		       ++t.cseq, state, (unsigned)strlen(frag), frag);
	(void)rk_recv(text);
	t.answer = rk.sentc == before ? 0 : rk_status(before);
}


static void respond(unsigned code, const char *lines)
{
	(void)rk_answer(t.refer, code, lines);
}


static const char *state(void)
{
	return statev[t.rf->state];
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	rk_begin();
	if (!rk_registered(NULL))
		return false;

	start();
	if (state_is(to, "ACTIVE") || state_is(to, "OVER"))
		respond(202, "Contact: <" BOB ">\r\n");
	if (state_is(to, "OVER"))
		notify("active;expires=60", "SIP/2.0 200 OK\r\n");
	else if (state_is(to, "FREE"))
		respond(404, NULL);
	else if (state_is(to, "ABORTED"))
		refer_abort(t.rf);

	t.accepted = t.progress = t.done = false;
	t.sentc = rk.sentc;
	t.answer = 0;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "start")) {
		/* an entry that is in use is no place for another one */
		if (state_is(in, "FREE"))
			start();
	}
	else if (state_is(ev, "2xx"))
		respond(202, "Contact: <" BOB ">\r\n");
	else if (state_is(ev, "2xx no-sub"))
		respond(202, "Contact: <" BOB ">\r\nRefer-Sub: false\r\n");
	else if (state_is(ev, "300-699"))
		respond(603, NULL);
	else if (state_is(ev, "no answer")) {
		if (state_is(in, "SENT"))
			rk_run(200000);
	}
	else if (state_is(ev, "NOTIFY 1xx"))
		notify("active;expires=60", "SIP/2.0 180 Ringing\r\n");
	else if (state_is(ev, "NOTIFY final"))
		notify("active;expires=60", "SIP/2.0 200 OK\r\n");
	else if (state_is(ev, "NOTIFY terminated"))
		notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n");
	else if (state_is(ev, "timer")) {
		if (ue_timer_running(&t.rf->timer))
			rk_run(ue_timer_left_ms(&rk.ue.timers,
						&t.rf->timer));
	}
	else if (state_is(ev, "abort")) {
		if (!state_is(in, "FREE") && !state_is(in, "ABORTED"))
			refer_abort(t.rf);
	}
	else if (state_is(ev, "told") && state_is(in, "ABORTED"))
		rk_run(0);
}


static bool seen(const char *action)
{
	/* not the same one again */
	if (state_is(action, "REFER"))
		return t.refer >= t.sentc;
	if (state_is(action, "200"))
		return t.answer == 200;
	if (state_is(action, "481"))
		return t.answer == 481;
	if (state_is(action, "tell ACCEPTED"))
		return t.accepted;
	if (state_is(action, "tell PROGRESS"))
		return t.progress;

	return t.done && t.err == (state_is(action, "tell DONE") ? 0 :
				   state_is(action, "tell DONE ETIMEDOUT") ?
				   ETIMEDOUT : ECONNABORTED);
}


static const char *end(void)
{
	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_REFER_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 55);
}


const struct test_case suite_refer_table[] = {
	{"RFC 3515 s2.4: each state of a REFER with each event", all_pairs},
	{NULL, NULL}
};
