/**
 * @file conf_life.c  A life full of conferences
 */
#include <string.h>
#include "test/sim/conf_life.h"
#include "test/sim/net_conf.h"
#include "test/sim/world.h"

#define STEPS 40
#define FAULT_STEPS 12
#define CONFS UE_CONFS_MAX
#define ENDED 64

/** Longer than any transaction after another */
#define SETTLE_S 500

static struct net_conf focus;
struct conf_life_total conf_life_total;
void (*conf_life_trace)(void *arg, const struct ue_trace *trace);

/** What the application is owed, of each conference */
struct owed {
	struct ue_conf *conf;           /* NULL = free                   */
	bool join, modify;
	bool up;
	bool forgotten;                 /* the focus has restarted since */
	unsigned requests;
	char call_id[UE_CALL_ID_MAX];
};

/** A conference that is over */
struct over {
	char call_id[UE_CALL_ID_MAX];
	bool excused;           /* the network was to blame: the focus need
				 * not know                              */
};

static struct {
	struct owed v[CONFS];
	unsigned endedc;
	struct over endedv[ENDED];
	const char *wrong;
} user;


static void wrong(const char *why)
{
	if (!user.wrong)
		user.wrong = why;
}


/* ------------------------------------------------------------------ */
/* Events */


static struct owed *owed(const struct ue_conf *conf)
{
	unsigned i;

	for (i = 0; i < CONFS; i++) {
		if (user.v[i].conf == conf)
			return &user.v[i];
	}

	return NULL;
}


static struct owed *owed_new(struct ue_conf *conf)
{
	struct owed *o = owed(NULL);

	if (o)
		o->conf = conf;
	else
		wrong("a conference of which nothing is known");

	return o;
}


static void over(struct owed *o, const struct ue_event *ev)
{
	if (o->requests)
		wrong("ended before the outcome of a REFER");
	if (o->modify)
		wrong("ended before the outcome of a change");
	if (o->join)
		wrong("ended, and the outcome of joining is missing");

	if (o->call_id[0]) {
		struct over *e = &user.endedv[user.endedc++ % ENDED];

		memcpy(e->call_id, o->call_id, sizeof(e->call_id));
		e->excused = ev->err == ETIMEDOUT || ev->err == ECONNABORTED;
	}
	memset(o, 0, sizeof(*o));
}


static void settle(bool *flag, const char *why)
{
	if (!*flag)
		wrong(why);
	*flag = false;
}


static const char *text(const struct session *s, enum sip_dialog_text which)
{
	return sip_dialog_text(&s->dlg, which);
}


static void remember_id(struct sim_ue *u, struct owed *o, unsigned session)
{
	const struct session *s = session_by_id(&u->ue.sessions, session);

	if (s)
		strcpy(o->call_id, text(s, SIP_DIALOG_CALL_ID));
}


static void known(struct sim_ue *u, struct owed *o, const struct ue_event *ev)
{
	struct conf_life_total *t = &conf_life_total;

	switch (ev->type) {

	case UE_EVENT_CONF_JOINED:
		++t->joined;
		settle(&o->join, "joined without a command");
		o->up = true;
		remember_id(u, o, ev->session);
		break;

	case UE_EVENT_CONF_FAILED:
		++t->failed;
		settle(&o->join, "failed without a command");
		over(o, ev);
		break;

	case UE_EVENT_CONF_ENDED:
		++t->ended;
		t->by_peer += ev->by_peer;
		over(o, ev);
		break;

	case UE_EVENT_CONF_REQUEST_DONE:
		++t->done;
		t->lost += ev->err == ECONNABORTED;
		if (!o->requests)
			wrong("outcome of no REFER");
		else
			--o->requests;
		break;

	case UE_EVENT_CONF_MODIFIED:
	case UE_EVENT_CONF_MODIFY_FAILED:
		++t->modified;
		settle(&o->modify, "changed without a command");
		break;

	case UE_EVENT_CONF_CHANGED:    ++t->changed; break;
	case UE_EVENT_CONF_SUBSCRIBED: ++t->subscribed; break;
	case UE_EVENT_CONF_ROSTER:     ++t->rosters; break;
	default:                       break;
	}
}


static void event_h(struct sim_ue *u, const struct ue_event *ev)
{
	struct owed *o;

	if (!ev->conf)
		return;

	o = owed(ev->conf);
	if (ev->type == UE_EVENT_CONF_INVITATION) {
		++conf_life_total.invitations;
		if (o)
			wrong("an invitation to a conference that is there");
		else
			(void)owed_new(ev->conf);
	}
	else if (!o) {
		wrong("an event of no conference");
	}
	else {
		known(u, o, ev);
	}
}


/* ------------------------------------------------------------------ */
/* The user */


static void begin_conf(struct world *w)
{
	static const char *const uriv[] = {"sip:u1@x.net", "sip:u2@x.net"};
	struct ue_conf_params prm = {.uriv = uriv};
	struct ue_conf *conf;
	struct owed *o;
	int err;

	prm.uric = sim_chance(&w->sim, 30) ? 2 : 0;
	prm.no_subscribe = sim_chance(&w->sim, 20);
	switch (sim_below(&w->sim, 3)) {

	case 0:  err = ue_conf_create(&w->u.ue, &conf, &prm); break;
	case 1:  err = ue_conf_join(&w->u.ue, &conf, "sip:conf@x.net", NULL);
		 break;
	default: err = ue_conf_watch(&w->u.ue, &conf, "sip:conf@x.net", 300);
	}
	if (err)
		return;

	o = owed_new(conf);
	if (o)
		o->join = conf->state == UE_CONF_JOINING;
}


static void command(struct world *w)
{
	struct sim *sim = &w->sim;
	struct owed *o = &user.v[sim_below(sim, CONFS)];
	struct ue_conf *conf = o->conf;

	if (!conf) {
		if (sim_chance(sim, 60))
			begin_conf(w);
		return;
	}

	switch (sim_below(sim, 9)) {

	case 0:
		(void)ue_conf_leave(conf);
		break;

	case 1:
	case 2:
		o->requests += !ue_conf_invite(conf, "sip:dave@x.net",
					       sim_chance(sim, 50)
					       ? UE_CONF_BY_USER
					       : UE_CONF_BY_FOCUS);
		break;

	case 3:
		o->requests += !(sim_chance(sim, 80) ? ue_conf_remove(conf,
				 "sip:eve@x.net") : ue_conf_end(conf));
		break;

	case 4:
	case 5:
		o->modify |= !ue_conf_hold(conf, sim_chance(sim, 50));
		break;

	case 6:
		(void)ue_conf_subscribe(conf);
		break;

	case 7:
		(void)ue_conf_unsubscribe(conf);
		break;

	default:
		o->join |= !ue_conf_accept(conf, NULL);
	}
}


/* ------------------------------------------------------------------ */
/* Both sides, when nothing is under way any more */


static const struct over *find_over(const char *call_id)
{
	unsigned i;

	for (i = 0; i < ENDED; i++) {
		if (!strcmp(user.endedv[i].call_id, call_id))
			return &user.endedv[i];
	}

	return NULL;
}


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


static const char *agree(const struct world *w)
{
	const struct sessions *ss = &w->u.ue.sessions;
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {

		const struct net_call *c = &focus.calls.callv[i];
		const struct over *o = find_over(c->id);

		if (c->state == NET_CALL_UP && !up_here(ss, c) &&
		    !(o && o->excused))
			return "ended here, up there";
	}

	for (i = 0; i < CONFS; i++) {

		const struct owed *o = &user.v[i];

		if (o->up && o->conf->state == UE_CONF_JOINED &&
		    !o->forgotten && !net_calls_up(&focus.calls, o->call_id))
			return "up here, ended there";
	}

	return NULL;
}


static void leave_all(void)
{
	unsigned i;

	for (i = 0; i < CONFS; i++) {
		if (user.v[i].conf)
			(void)ue_conf_leave(user.v[i].conf);
	}
}


static const char *left(const struct sim_ue *u)
{
	unsigned i;

	for (i = 0; i < CONFS; i++) {
		if (user.v[i].conf)
			return "a conference has no end";
	}

	return sim_services_residue(u);
}


/* Good weather: what is under way comes to its end */
static const char *finish(struct world *w, bool faulty)
{
	struct sim *sim = &w->sim;
	const char *why;
	unsigned i;

	sim->link.loss = 0;
	net_conf_quiet(&focus);
	for (i = 0; i < NET_CALLS; i++)
		ue_timer_cancel(&sim->timers, &focus.calls.callv[i].act);
	(void)sim_run_s(sim, SETTLE_S);
	why = faulty ? NULL : agree(w);
	if (why)
		return why;

	net_calls_end(&focus.calls);
	leave_all();
	(void)sim_run_s(sim, SETTLE_S);

	/* what has come in between */
	leave_all();
	(void)sim_run_s(sim, SETTLE_S);

	why = left(&w->u);
	if (!why && !faulty && net_calls_left(&focus.calls))
		why = "the focus does not come to an end";

	return why;
}


/* ------------------------------------------------------------------ */


static void begin(uint64_t seed)
{
	static const struct ue_codec codecv[] = {{"AMR-WB", 16000, 99, NULL}};
	static const struct ue_audio audio = {40000, codecv, 1, 0, 0};
	struct world *w = &world;

	memset(&user, 0, sizeof(user));
	world_begin(seed);
	w->net.logging = false;
	net_conf_init(&focus, &w->net);
	w->set.transport = UE_TRANSPORT_UDP_ONLY;
	w->set.audio = &audio;
}


static bool registered(void)
{
	struct world *w = &world;

	if (!world_registered())
		return false;

	w->u.event_h = event_h;
	w->u.port.trace = conf_life_trace;

	return true;
}


static void step(struct world *w)
{
	const unsigned restarts = focus.restarts;
	unsigned i;

	command(w);
	if (sim_chance(&w->sim, 60))
		net_conf_act(&focus);
	for (i = 0; focus.restarts != restarts && i < CONFS; i++)
		user.v[i].forgotten = true;

	(void)sim_run(&w->sim, w->sim.now_ms +
		      (sim_chance(&w->sim, 92) ? sim_below(&w->sim, 12000)
		       : sim_below(&w->sim, 400000)));
}


static const char *live(struct world *w)
{
	struct sim *sim = &w->sim;
	const char *why = NULL;
	unsigned i;

	if (!registered())
		return "not registered";
	w->u.refuse_qos = sim_chance(sim, 20) ? 30 : 0;

	for (i = 0; i < STEPS && !user.wrong && !sim->broken; i++)
		step(w);

	if (!user.wrong && !sim->broken)
		why = finish(w, false);
	if (!why && !user.wrong)
		why = world_end();

	return user.wrong ? user.wrong : why;
}


static void add_up(void)
{
	struct conf_life_total *t = &conf_life_total;

	t->forks += focus.calls.forks;
	t->glares += focus.calls.glares;
	t->crossed += focus.calls.crossed;
	t->documents += focus.documents;
	t->storms += focus.storms;
	t->refers += focus.refers;
	t->referred += focus.referred;
	t->restarts += focus.restarts;
}


const char *conf_life_run(struct life *life, uint64_t seed)
{
	struct world *w = &world;
	struct sim_link *l = &w->sim.link;
	const char *why;

	memset(life, 0, sizeof(*life));
	begin(seed);
	l->loss = sim_below(&w->sim, 26);
	l->dup = sim_below(&w->sim, 11);
	l->reorder = sim_below(&w->sim, 21);
	l->delay_ms = 5 + sim_below(&w->sim, 300);
	l->jitter_ms = sim_below(&w->sim, 200);
	focus.calls.fork = sim_below(&w->sim, 60);
	focus.calls.qos = sim_chance(&w->sim, 50) ? 60 : 0;
	w->set.preconditions = sim_chance(&w->sim, 50);
	why = live(w);
	if (w->sim.broken)
		why = w->sim.broken;

	life_record(life);
	add_up();
	if (w->u.open)
		sim_ue_close(&w->u);

	return why;
}


/* ------------------------------------------------------------------ */
/* A fault */


const char *conf_fault_run(bool *struck, uint64_t seed,
			   const struct sim_fault *fault)
{
	struct world *w = &world;
	struct sim_fault *f = &w->u.fault;
	const char *why = "not registered";
	unsigned i;

	begin(seed);
	w->sim.link.delay_ms = 20;
	w->set.preconditions = seed & 1;
	if (!registered())
		goto out;

	*f = *fault;
	for (i = 0; i < FAULT_STEPS && !user.wrong && !w->sim.broken; i++)
		step(w);
	*struck = f->struck;
	memset(f, 0, sizeof(*f));

	/* what the one side could not say the other need not know */
	why = finish(w, true);
	if (!why)
		why = world_end();
	if (user.wrong)
		why = user.wrong;

 out:
	if (w->sim.broken)
		why = w->sim.broken;
	if (w->u.open)
		sim_ue_close(&w->u);

	return why;
}


/* ------------------------------------------------------------------ */
/* A storm */


static const struct net_note *subscription(void)
{
	unsigned i;

	for (i = 0; i < NET_NOTES; i++) {
		if (focus.notev[i].used && !focus.notev[i].refer)
			return &focus.notev[i];
	}

	return NULL;
}


/* Created and subscribed; the focus does nothing of its own */
static const char *calm(struct world *w)
{
	struct ue_conf *conf;

	net_conf_quiet(&focus);
	focus.calls.willing = focus.calls.calm = true;
	if (!registered() || ue_conf_create(&w->u.ue, &conf, NULL))
		return "not created";

	owed_new(conf)->join = true;
	if (!sim_wait(&w->u, UE_EVENT_CONF_ROSTER, 300) || !subscription())
		return "not subscribed";

	return user.v[0].up ? NULL : "not joined";
}


static const char *storm(struct world *w, unsigned n)
{
	struct owed *o = &user.v[0];
	unsigned i, commands = 0;

	for (i = 0; i < n && o->conf; i++) {
		if (net_conf_document(&focus) != 1)
			return "the subscription has ended";
		if (i % 50 == 10 && !ue_conf_invite(o->conf, "sip:d@x.net",
						    UE_CONF_BY_FOCUS)) {
			++o->requests;
			++commands;
		}
		if (i % 50 == 30 && !ue_conf_hold(o->conf, i % 100 == 30)) {
			o->modify = true;
			++commands;
		}
		(void)sim_run(&w->sim, w->sim.now_ms + sim_below(&w->sim, 20));
	}

	w->sim.link.loss = 0;
	(void)sim_run_s(&w->sim, SETTLE_S);
	if (!o->conf)
		return "the conference has ended";
	if (!commands || o->requests || o->modify)
		return "a command has no outcome";

	/* what was lost has been asked for */
	(void)net_conf_document(&focus);
	(void)sim_run_s(&w->sim, SETTLE_S);
	if (ue_conf_roster(o->conf)->version != subscription()->version)
		return "the roster is not the last one";

	return w->u.ue.sip.store.failed ? "a message found no room" : NULL;
}


const char *conf_storm_run(uint64_t seed, unsigned n)
{
	struct world *w = &world;
	const char *why;

	begin(seed);
	why = calm(w);
	w->sim.link.loss = (unsigned)(seed % 3) * 5;
	if (!why)
		why = storm(w, n);
	if (!why)
		why = finish(w, false);
	if (!why)
		why = world_end();
	if (w->u.open)
		sim_ue_close(&w->u);

	return w->sim.broken ? w->sim.broken : user.wrong ? user.wrong : why;
}
