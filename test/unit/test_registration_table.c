/**
 * @file test_registration_table.c  Registration: each state with each event,
 *                                  as the table in registration.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/reg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"
#include "ue/ims/reg_core.h"

static const char *const statev[] = {
	"IDLE", "RESOLVING", "REGISTERING", "REGISTERING*", "WAITING",
	"REGISTERED", "REREGISTERING", "REREGISTERING*", "DEREGISTERING", NULL
};
static const char *const eventv[] = {
	"REGISTER", "by name", "REREGISTER", "DEREGISTER", "RESOLVED",
	"no address", "late", "2xx", "401", "423", "403", "503", "no answer", "TIMER", "EXPIRED",
	"deactivated", "probation", "rejected", "SHORTENED", "FLOW_DOWN",
	"ADDRESS", NULL
};
static const char *const actionv[] = {
	"REGISTER", "REGISTER 0", "look up", "SUBSCRIBE", "tell REGISTERED",
	"tell REREGISTERED", "tell FAILED", "tell RETRY", "tell DEREGISTERED",
	"tell FLOW", NULL
};

static struct {
	unsigned last;          /* the REGISTER under way               */
	unsigned sentc;
	uint32_t lookup;        /* before the event                     */
} t;


static struct ims_reg *reg(void)
{
	return &rk.ue.reg;
}


static const char *state(void)
{
	static const char *const v[] = {
		[IMS_REG_IDLE] = "IDLE", [IMS_REG_RESOLVING] = "RESOLVING",
		[IMS_REG_REGISTERING] = "REGISTERING",
		[IMS_REG_WAITING] = "WAITING",
		[IMS_REG_REGISTERED] = "REGISTERED",
		[IMS_REG_REREGISTERING] = "REREGISTERING",
		[IMS_REG_DEREGISTERING] = "DEREGISTERING"
	};

	if (reg()->cmd_deregister &&
	    reg()->info.state == IMS_REG_REGISTERING)
		return "REGISTERING*";
	if (reg()->cmd_deregister &&
	    reg()->info.state == IMS_REG_REREGISTERING)
		return "REREGISTERING*";

	return v[reg()->info.state];
}


static void respond(unsigned code)
{
	char lines[600];

	if (t.last >= rk.sentc || !rk_is(t.last, "REGISTER"))
		return;

	(void)snprintf(lines, sizeof(lines), "%s%s%s",
		       code == 401 ? "WWW-Authenticate: Digest "
		       "realm=\"home1.net\", nonce=\"" RK_NONCE "\", "
		       "algorithm=AKAv1-MD5, qop=\"auth\"\r\n" : "",
		       code == 423 ? "Min-Expires: 700000\r\n" : "",
		       code == 200 ? "Expires: 600000\r\nContact: " : "");
	if (code == 200) {
		strcat(lines, rk_hdr(t.last, "Contact"));
		strcat(lines, "\r\n");
	}
	(void)rk_answer(t.last, code, lines);
	/* the card's result */
	if (code == 401)
		rk_run(0);
}


static void begin(const char *pcscf)
{
	rk_begin();
	rk.set.pcscfv[0] = pcscf;
	(void)rk_init();
}


/* One look-up is given up, another one is under way */
static void look_up(void)
{
	rk.resolve_silent = true;
	(void)ue_register(&rk.ue);
	rk_run(0);
	(void)ue_deregister(&rk.ue);
	rk_run(0);
	(void)ue_register(&rk.ue);
	rk_run(0);
}


static bool reach(const char *to, const char *event)
{
	memset(&t, 0, sizeof(t));
	begin(state_is(to, "RESOLVING") || state_is(event, "by name") ||
	      state_is(event, "late") ? "pcscf.home1.net" : "192.0.2.1");

	if (state_is(to, "RESOLVING")) {
		look_up();
	}
	else if (!strncmp(to, "REGISTERING", 11)) {
		(void)ue_register(&rk.ue);
		rk_run(0);
	}
	else if (!state_is(to, "IDLE") && !rk_registered(NULL)) {
		return false;
	}

	/* WAITING after a failed re-registration: no command waits */
	if (state_is(to, "WAITING") || !strncmp(to, "REREGISTERING", 13)) {
		(void)ue_reregister(&rk.ue);
		rk_run(0);
	}
	t.last = rk_last();
	if (state_is(to, "WAITING"))
		respond(503);
	if (strchr(to, '*') || state_is(to, "DEREGISTERING")) {
		(void)ue_deregister(&rk.ue);
		rk_run(0);
		if (!strchr(to, '*'))
			t.last = rk_last();
	}

	/* what was told so far is no business of the event */
	rk_run(0);
	rk.eventc = 0;
	t.sentc = rk.sentc;
	t.lookup = rk.lookup;
	rk.resolve_silent = true;

	return state_is(state(), to);
}


static void network(enum ims_contact_event event)
{
	/* the registration event is subscribed to while registered */
	if (reg()->info.registered)
		ims_reg_terminated(reg(), event, 60);
}


static void command(int err)
{
	if (!err)
		rk_run(0);
}


static void fire(const char *in, const char *ev)
{
	const struct ue_addr addr = {
		.family = 4, .port = 5060, .ip = {192, 0, 2, 1}
	};

	if (state_is(ev, "REGISTER"))
		command(ue_register(&rk.ue));
	else if (state_is(ev, "by name")) {
		/* elsewhere REGISTER does what it does without one */
		if (state_is(in, "IDLE") || state_is(in, "WAITING"))
			command(ue_register(&rk.ue));
	}
	else if (state_is(ev, "REREGISTER"))
		command(ue_reregister(&rk.ue));
	else if (state_is(ev, "DEREGISTER"))
		command(ue_deregister(&rk.ue));
	else if (state_is(ev, "RESOLVED")) {
		ue_resolved(&rk.ue, rk.lookup, 0, &addr, NULL, 1);
		rk_run(0);
	}
	else if (state_is(ev, "no address")) {
		ue_resolved(&rk.ue, rk.lookup, ENOENT, NULL, NULL, 0);
		rk_run(0);
	}
	else if (state_is(ev, "late")) {
		ue_resolved(&rk.ue, rk.lookup - 1, 0, &addr, NULL, 1);
		rk_run(0);
	}
	else if (state_is(ev, "2xx"))
		respond(200);
	else if (ev[0] == '4')
		respond(ev[1] == '2' ? 423 : ev[2] == '1' ? 401 : 403);
	else if (state_is(ev, "503"))
		respond(503);
	else if (state_is(ev, "no answer")) {
		if (reg()->ct)
			rk_run(ue_timer_left_ms(&rk.ue.timers,
						&reg()->ct->end));
	}
	else if (state_is(ev, "TIMER")) {
		if (ue_timer_running(&reg()->timer))
			reg_step(reg(), REG_EV_TIMER);
	}
	else if (state_is(ev, "EXPIRED")) {
		if (ue_timer_running(&reg()->expiry))
			reg_step(reg(), REG_EV_EXPIRED);
	}
	else if (state_is(ev, "deactivated"))
		network(IMS_CONTACT_DEACTIVATED);
	else if (state_is(ev, "probation"))
		network(IMS_CONTACT_PROBATION);
	else if (state_is(ev, "rejected"))
		network(IMS_CONTACT_REJECTED);
	else if (state_is(ev, "SHORTENED")) {
		if (reg()->info.registered)
			ims_reg_shortened(reg(), 300);
	}
	else
		reg_step(reg(), state_is(ev, "FLOW_DOWN") ?
			 REG_EV_FLOW_DOWN : REG_EV_ADDRESS);
}


/* Another message of ours, not the same one again */
static bool sent(const char *method, bool zero)
{
	for (unsigned i = t.sentc; i < rk.sentc; i++) {
		if (rk_is(i, method) &&
		    zero == rk_has(i, "Expires: 0\r\n") &&
		    (t.last >= t.sentc ||
		     strcmp(rk.sentv[i], rk.sentv[t.last])))
			return true;
	}

	return false;
}


/* Told already, or about to be */
static bool told(enum ue_event_type type)
{
	const struct ue *ue = &rk.ue;
	struct ue_event ev;

	if (rk_events(type) || ue->event_new.type == type)
		return true;

	for (unsigned i = 0; i < ue->event_count; i++) {
		memcpy(&ev, ue->eventv[(ue->event_head + i) %
				       UE_EVENTS_MAX].head,
		       sizeof(ue->eventv[0].head));
		if (ev.type == type && !(ue->event_new.type &&
					 i + 1 == ue->event_count))
			return true;
	}

	return false;
}


static bool seen(const char *action)
{
	if (!strncmp(action, "REGISTER", 8))
		return sent("REGISTER", state_is(action, "REGISTER 0"));
	if (state_is(action, "SUBSCRIBE"))
		return sent("SUBSCRIBE", false);
	if (state_is(action, "look up"))
		return rk.lookup != t.lookup;

	return told(state_is(action, "tell REGISTERED") ?
		    UE_EVENT_REGISTERED :
		    state_is(action, "tell REREGISTERED") ?
		    UE_EVENT_REREGISTERED :
		    state_is(action, "tell FAILED") ?
		    UE_EVENT_REGISTER_FAILED :
		    state_is(action, "tell RETRY") ?
		    UE_EVENT_REGISTER_RETRY :
		    state_is(action, "tell FLOW") ? UE_EVENT_FLOW_FAILED :
		    UE_EVENT_DEREGISTERED);
}


static const char *end(void)
{
	return rk_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_IMS_REGISTRATION_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 189);
}


const struct test_case suite_registration_table[] = {
	{"TS 24.229 5.1.1: each state of the registration with each event",
	 all_pairs},
	{NULL, NULL}
};
