/**
 * @file test_conference_table.c  Conferences: each state with each event, as
 *                                the table in conference.c says
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/conf_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

static const char *const statev[] = {
	"FREE", "INVITED", "INVITED*", "JOINING", "JOINING*", "JOINED",
	"WATCHING", "LEAVING", NULL
};
static const char *const eventv[] = {
	"join", "watch", "new INVITE", "REFER", "accept", "leave", "hold",
	"200", "200 no focus", "486", "ACK", "CANCEL", "BYE", "NOTIFY",
	"terminated", "again", "lost", NULL
};
static const char *const actionv[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "SUBSCRIBE", "NOTIFY", "200", "202",
	"481", "487", "603", "EPROTO", "tell INVITATION", "tell JOINED",
	"tell ROSTER", "tell FAILED", "tell ENDED", NULL
};

static struct {
	unsigned sentc;
	unsigned doc;
	int err;
} t;

/** Pairs in which something was done: not those that nobody can bring about,
 *  as an answer without a request */
static unsigned acted;


static struct ue_conf *conf(void)
{
	return &rk.ue.confs.v[0];
}


static const char *state(void)
{
	switch (conf()->state) {

	case UE_CONF_FREE:     return "FREE";
	case UE_CONF_INVITED:  return conf()->s ? "INVITED" : "INVITED*";
	case UE_CONF_JOINING:
		return conf()->s && conf()->s->state == SESSION_ACCEPTED ?
			"JOINING*" : "JOINING";
	case UE_CONF_JOINED:   return "JOINED";
	case UE_CONF_WATCHING: return "WATCHING";
	case UE_CONF_LEAVING:  return "LEAVING";
	default:               return "OVER";
	}
}


static void join(void)
{
	t.err = ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL);
	rk_run(0);
	ck.invite = ck_sent("INVITE");
}


static void watch(void)
{
	t.err = ue_conf_watch(&rk.ue, &ck.conf, CK_FOCUS, 3600);
	rk_run(0);
	ck.subscribe = ck_sent("SUBSCRIBE");
}


static void refer(void)
{
	(void)ck_request(UINT_MAX, "b", "REFER", "Contact: <sip:b@x.net>\r\n"
			 "Refer-To: <" CK_FOCUS ">\r\n"
			 "Referred-By: <sip:bob@home2.net>\r\n", NULL, NULL);
}


static void answer(unsigned n, unsigned code, const char *contact)
{
	ck_answer(n, code, "314159", contact, code == 200 ?
		  "application/sdp" : NULL, code == 200 ? CK_SDP : NULL);
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	if (!ck_begin(NULL))
		return false;

	if (state_is(to, "INVITED") || state_is(to, "JOINING*"))
		(void)ck_invite(CK_CONTACT, CK_SDP);
	else if (state_is(to, "INVITED*")) {
		refer();
		ck_answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL, NULL);
	}
	else if (state_is(to, "JOINING"))
		join();
	else if (state_is(to, "JOINED") || state_is(to, "LEAVING"))
		(void)ck_joined();
	else if (state_is(to, "WATCHING")) {
		watch();
		ck_answer(ck.subscribe, 200, "151170", CK_CONTACT
			  "Expires: 3600\r\n", NULL, NULL);
	}
	rk_run(0);
	ck.conf = conf();
	if (state_is(to, "JOINING*"))
		(void)ue_conf_accept(ck.conf, NULL);
	else if (state_is(to, "LEAVING"))
		(void)ue_conf_leave(ck.conf);
	rk_run(0);
	t.sentc = rk.sentc;
	rk.eventc = 0;

	return state_is(state(), to);
}


static bool notify(const char *substate)
{
	if (!subscription_running(&conf()->sub))
		return false;

	(void)ck_notify(substate, ck_doc(++t.doc + 1, "full",
		CK_USER("sip:bob@home2.net", "connected")));

	return true;
}


/* @return it can be */
static bool session(const char *in, const char *ev)
{
	const bool theirs = state_is(in, "INVITED") ||
		state_is(in, "JOINING*");

	if (ev[0] == '2' || ev[0] == '4') {
		if (state_is(in, "LEAVING"))
			ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL,
				  NULL);
		else if (state_is(in, "JOINING"))
			answer(ck.invite, ev[0] == '2' ? 200 : 486, ev[3] ?
			       "Contact: <" CK_FOCUS ">\r\n" : CK_CONTACT);
		else
			return false;
	}
	else if (theirs)
		(void)ck_in_invite(ev, NULL);
	else if (state_is(ev, "BYE") && conf()->s)
		(void)ck_request(ck.invite, "314159", "BYE", NULL, NULL,
				 NULL);
	else
		return false;

	return true;
}


static void fire(const char *in, const char *ev)
{
	bool done = true;
	const bool free = state_is(in, "FREE");

	if (state_is(ev, "accept"))
		t.err = ue_conf_accept(ck.conf, NULL);
	else if (state_is(ev, "leave") && !free)
		t.err = ue_conf_leave(ck.conf);
	else if (state_is(ev, "hold"))
		t.err = ue_conf_hold(ck.conf, true);
	else if (state_is(ev, "lost")) {
		refers_lost(&rk.ue.refers);
		confs_lost(&rk.ue.confs);
		sessions_lost(&rk.ue.sessions);
	}
	else if (state_is(ev, "NOTIFY"))
		done = notify("active;expires=3600");
	else if (state_is(ev, "terminated"))
		done = notify("terminated;reason=noresource");
	else if (state_is(ev, "again"))
		done = notify("terminated;reason=deactivated");
	else if (free) {
		if (state_is(ev, "join"))
			join();
		else if (state_is(ev, "watch"))
			watch();
		else if (state_is(ev, "REFER"))
			refer();
		else if (state_is(ev, "new INVITE"))
			(void)ck_invite(CK_CONTACT, CK_SDP);
		else
			done = false;
	}
	else
		/* join, watch, INVITE and REFER are of another conference */
		done = ev[0] != 'j' && ev[0] != 'w' && ev[0] != 'n' &&
			ev[0] != 'R' && session(in, ev);

	acted += done;
	rk_run(0);
}


static bool seen(const char *action)
{
	static const struct {
		const char *name;
		enum ue_event_type type;
	} v[] = {
		{"tell INVITATION", UE_EVENT_CONF_INVITATION},
		{"tell JOINED",     UE_EVENT_CONF_JOINED},
		{"tell ROSTER",     UE_EVENT_CONF_ROSTER},
		{"tell FAILED",     UE_EVENT_CONF_FAILED},
		{"tell ENDED",      UE_EVENT_CONF_ENDED}
	};

	if (state_is(action, "EPROTO"))
		return t.err == EPROTO;
	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(action, v[i].name))
			return rk_events(v[i].type) > 0;
	}

	return rk_sent(action) != UINT_MAX && rk_sent(action) >= t.sentc;
}


static const char *end(void)
{
	return ck_end();
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_CONFERENCE_0, statev, eventv, actionv,
		reach, fire, seen, state, end
	};
	unsigned n;

	acted = 0;
	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 136);
	CHECK_EQ(acted, 59);
}


const struct test_case suite_conference_table[] = {
	{"TS 24.147 5.3.1: each state of a conference with each event",
	 all_pairs},
	{NULL, NULL}
};
