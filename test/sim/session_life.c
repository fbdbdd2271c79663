/**
 * @file session_life.c  A life full of sessions
 */
#include <errno.h>
#include <string.h>
#include "test/sim/net_call.h"
#include "test/sim/session_life.h"
#include "test/sim/world.h"

#define STEPS 40
#define ENTRIES 16
#define ENDED 128

/** Longer than any transaction after another */
#define SETTLE_S 500

static struct net_calls calls;
struct session_life_total session_life_total;
void (*session_life_trace)(void *arg, const struct ue_trace *trace);

/** What the user knows of a session, and what he is owed */
struct entry {
	unsigned id;            /* 0 = free                              */
	bool start, accept, modify, end;
	bool up;
	bool hold;
	char call_id[UE_CALL_ID_MAX];
};

/** A session that is over */
struct over {
	char call_id[UE_CALL_ID_MAX];
	bool excused;           /* the network was to blame: the other side
				 * need not know                         */
};

static struct {
	struct entry v[ENTRIES];
	unsigned endedc;
	struct over endedv[ENDED];
	const char *wrong;
} user;


static const char *text(const struct session *s, enum sip_dialog_text which)
{
	return sip_dialog_text(&s->dlg, which);
}


static struct entry *entry(unsigned id)
{
	unsigned i;

	for (i = 0; i < ENTRIES; i++) {
		if (user.v[i].id == id)
			return &user.v[i];
	}

	return NULL;
}


static void wrong(const char *why)
{
	if (!user.wrong)
		user.wrong = why;
}


static void remember_id(struct sim_ue *u, struct entry *e)
{
	const struct session *s = session_by_id(&u->ue.sessions, e->id);

	if (s)
		strcpy(e->call_id, text(s, SIP_DIALOG_CALL_ID));
}


/* Both sides must know of the end, unless the network was to blame */
static void ended(struct entry *e, const struct ue_event *ev)
{
	if (e->modify)
		wrong("ended without the outcome of a change");

	if (user.endedc < ENDED) {
		struct over *o = &user.endedv[user.endedc++];

		memcpy(o->call_id, e->call_id, sizeof(o->call_id));
		o->excused = ev->err == ETIMEDOUT || ev->err == ECONNABORTED;
	}
	memset(e, 0, sizeof(*e));
}


static void modify_outcome(struct entry *e, bool done)
{
	if (!e->modify)
		wrong("outcome of a change that nobody asked for");
	if (!done)
		e->hold = !e->hold;
	e->modify = false;
}


static void known(struct entry *e, const struct ue_event *ev)
{
	struct session_life_total *t = &session_life_total;

	switch (ev->type) {

	case UE_EVENT_SESSION_PROGRESS:
		if (!e->start)
			wrong("progress of no call of ours");
		break;

	case UE_EVENT_SESSION_ESTABLISHED:
		if (!e->start && !e->accept)
			wrong("established without a command");
		e->start = e->accept = false;
		e->up = true;
		++t->established;
		break;

	case UE_EVENT_SESSION_FAILED:
		if (!e->start)
			wrong("failed, but was not started");
		++t->failed;
		ended(e, ev);
		break;

	case UE_EVENT_SESSION_MODIFIED:
		++t->modified;
		modify_outcome(e, true);
		break;

	case UE_EVENT_SESSION_MODIFY_FAILED:
		++t->modify_failed;
		modify_outcome(e, false);
		break;

	case UE_EVENT_SESSION_CHANGED:
		++t->changed;
		if (!e->up)
			wrong("changed before it was established");
		break;

	default:
		if (e->start)
			wrong("ended, but was never established");
		++t->ended;
		ended(e, ev);
		break;
	}
}


static void event_h(struct sim_ue *u, const struct ue_event *ev)
{
	struct entry *e;

	if (ev->type < UE_EVENT_SESSION_INCOMING ||
	    ev->type > UE_EVENT_SESSION_ENDED)
		return;

	e = entry(ev->session);

	if (ev->type == UE_EVENT_SESSION_INCOMING) {
		++session_life_total.incoming;
		if (e)
			wrong("incoming twice");
		e = entry(0);
		if (e) {
			e->id = ev->session;
			remember_id(u, e);
		}
	}
	else if (!e) {
		wrong("an event of no session");
	}
	else {
		known(e, ev);
	}
}


/* ------------------------------------------------------------------ */
/* The user */


static void start(struct world *w)
{
	struct entry *e = entry(0);
	unsigned id;

	if (!e || ue_session_start(&w->u.ue, &id, "sip:bob@x.net", NULL))
		return;

	++session_life_total.started;
	e->id = id;
	e->start = true;
	remember_id(&w->u, e);
}


static void hold(struct world *w, struct entry *e)
{
	const int err = e->hold ? ue_session_resume(&w->u.ue, e->id)
		: ue_session_hold(&w->u.ue, e->id);

	if (err)
		return;

	e->modify = true;
	e->hold = !e->hold;
}


static void end(struct world *w, struct entry *e)
{
	if (!ue_session_end(&w->u.ue, e->id))
		e->end = true;
}


static void step(struct world *w)
{
	struct sim *sim = &w->sim;
	struct entry *e = &user.v[sim_below(sim, ENTRIES)];

	switch (sim_below(sim, 6)) {

	case 0:
		start(w);
		return;

	case 1:
		(void)net_calls_start(&calls);
		return;

	default:
		break;
	}

	if (!e->id)
		return;

	if (!e->start && !e->up && !e->accept) {
		if (sim_chance(sim, 70))
			e->accept = !ue_session_accept(&w->u.ue, e->id);
		else
			(void)ue_session_reject(&w->u.ue, e->id, 0);
		return;
	}

	if (sim_chance(sim, 60))
		hold(w, e);
	else if (sim_chance(sim, 50))
		end(w, e);
}


/* ------------------------------------------------------------------ */


static bool up_here(const struct sessions *ss, const struct net_call *c)
{
	unsigned i;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {

		const struct session *s = &ss->sv[i];

		if (s->state == SESSION_CONFIRMED &&
		    !strcmp(text(s, SIP_DIALOG_CALL_ID), c->id) &&
		    !strcmp(text(s, SIP_DIALOG_REMOTE_TAG), c->tag))
			return true;
	}

	return false;
}


static bool excused(const char *call_id)
{
	unsigned i;

	for (i = 0; i < user.endedc; i++) {
		if (user.endedv[i].excused &&
		    !strcmp(user.endedv[i].call_id, call_id))
			return true;
	}

	return false;
}


/* Both sides agree.  Nothing is under way any more */
static const char *agree(const struct world *w)
{
	const struct sessions *ss = &w->u.ue.sessions;
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {
		if (calls.callv[i].state == NET_CALL_UP &&
		    !up_here(ss, &calls.callv[i]) &&
		    !excused(calls.callv[i].id))
			return "ended here, up there";
	}

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (ss->sv[i].state == SESSION_CONFIRMED &&
		    !net_calls_up(&calls, text(&ss->sv[i],
						 SIP_DIALOG_CALL_ID)))
			return "up here, ended there";
	}

	return NULL;
}


static const char *finish(struct world *w)
{
	unsigned i;

	net_calls_end(&calls);
	for (i = 0; i < ENTRIES; i++) {
		if (user.v[i].id)
			end(w, &user.v[i]);
	}
	(void)sim_run_s(&w->sim, SETTLE_S);

	/* a call of the phones may have come in between */
	for (i = 0; i < ENTRIES; i++) {
		if (user.v[i].id)
			end(w, &user.v[i]);
	}
	(void)sim_run_s(&w->sim, SETTLE_S);

	for (i = 0; i < ENTRIES; i++) {
		if (user.v[i].id)
			return "a session has no end";
	}
	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (w->u.ue.sessions.sv[i].state != SESSION_FREE)
			return "an entry is not free";
	}

	return net_calls_left(&calls) ? "a phone does not come to an end"
		: NULL;
}



static const char *live(struct world *w)
{
	struct sim *sim = &w->sim;
	const char *why;
	unsigned i;

	if (!world_registered())
		return "not registered";
	w->u.event_h = event_h;
	w->u.refuse_qos = sim_chance(sim, 20) ? 30 : 0;
	w->u.port.trace = session_life_trace;

	for (i = 0; i < STEPS && !user.wrong && !sim->broken; i++) {
		step(w);
			(void)sim_run(sim, sim->now_ms + sim_below(sim, 20000));
	}

	/* good weather: what is under way comes to its end */
	sim->link.loss = 0;
	calls.quiet = false;
	for (i = 0; i < NET_CALLS; i++)
		ue_timer_cancel(&sim->timers, &calls.callv[i].act);
	(void)sim_run_s(sim, SETTLE_S);
	why = agree(w);
	if (!why)
		why = finish(w);
	if (!why)
		why = world_end();

	return user.wrong ? user.wrong : why;
}


const char *session_life_run(struct life *life, uint64_t seed)
{
	static const struct ue_codec codecv[] = {{"AMR-WB", 16000, 99, NULL}};
	static const struct ue_audio audio = {40000, codecv, 1, 0, 0};
	struct session_life_total *t = &session_life_total;
	struct world *w = &world;
	struct sim_link *l = &w->sim.link;
	const char *why;

	memset(life, 0, sizeof(*life));
	memset(&user, 0, sizeof(user));
	world_begin(seed);
	w->net.logging = false;
	net_calls_init(&calls, &w->net);

	l->loss = sim_below(&w->sim, 26);
	l->dup = sim_below(&w->sim, 11);
	l->reorder = sim_below(&w->sim, 21);
	l->delay_ms = 5 + sim_below(&w->sim, 300);
	l->jitter_ms = sim_below(&w->sim, 200);
	calls.fork = sim_below(&w->sim, 60);
	calls.qos = sim_chance(&w->sim, 50) ? 60 : 0;
	w->set.transport = UE_TRANSPORT_UDP_ONLY;
	w->set.audio = &audio;
	w->set.preconditions = sim_chance(&w->sim, 50);
	why = live(w);
	if (w->sim.broken)
		why = w->sim.broken;

	life_record(life);
	t->forks += calls.forks;
	t->pracks += calls.prackd;
	t->glares += calls.glares;
	t->qos += calls.qos_met;
	t->crossed += calls.crossed;
	if (w->u.open)
		sim_ue_close(&w->u);

	return why;
}
