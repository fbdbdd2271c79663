/**
 * @file story.c  The whole story of a UE
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/net_conf.h"
#include "test/sim/net_msrp.h"
#include "test/sim/sec_world.h"
#include "test/sim/story.h"

/** Longer than any back-off with what may follow it */
#define PATIENCE_S (24 * 3600)

/** Longer than a transaction after another, and than the UE keeps its ports */
#define END_S 600

/** So long the user waits for an answer to an INVITE */
#define RINGING_S 180

/** And so long for what the UE does again and again by itself */
#define REGISTERING_S 3600

/** Steps that may fail in one story */
#define FAILURES_MAX 60
#define FAULTY_FAILURES_MAX 8

#define GUEST "sip:dave@x.net"
#define FRIEND "sip:bob@x.net"

/** Messages of the user; the last one is the file */
#define NOTES 100
#define NOTE_LEN 700
#define FILE_LEN 9000

static struct sim *const sim = &world.sim;
static struct net *const net = &world.net;
static struct sim_ue *const ue = &world.u;
static struct net_conf focus;
static struct net_msrp msrp;

struct story_total story_total;
void (*story_trace)(void *arg, const struct ue_trace *trace);

/** What the user knows */
static struct {
	bool registered;                /* when deregistration began */
	struct ue_conf *conf;           /* NULL = none */
	bool joined;
	unsigned conferences;           /* joined so far */
	unsigned requests;              /* without outcome */
	unsigned session;               /* of the conference's messages */
	bool roster;                    /* it is there */
	bool lost;                      /* they cannot be sent any more */
	unsigned strikes;               /* so many times in vain */
	unsigned notes;                 /* so many were sent */
	bool sending;                   /* the last has no outcome */
	bool hearing;
	unsigned file;                  /* its transfer, 0 = none */
	unsigned files;                 /* so many have begun */
	uint8_t deliveredv[NOTES];
	uint8_t inbox[NOTE_LEN];
	struct net_msrp_out out;
	bool deceived;                  /* what comes is not what was sent */
	const char *wrong;
	char text[80];
} user;


static void wrong(const char *why)
{
	if (!user.wrong)
		user.wrong = why;
}


static void check(bool good, const char *why)
{
	if (!good)
		wrong(why);
}


static void conf_event(const struct ue_event *ev)
{
	check(ev->conf == user.conf, "an event of no conference");

	switch (ev->type) {

	case UE_EVENT_CONF_JOINED:
		user.joined = true;
		user.session = ev->session;
		user.lost = user.roster = false;
		user.strikes = 0;
		++user.conferences;
		break;

	case UE_EVENT_CONF_FAILED:
	case UE_EVENT_CONF_ENDED:
		check(!user.requests, "ended before the outcome of a REFER");
		check(user.joined == (ev->type == UE_EVENT_CONF_ENDED),
		      "another outcome than that of joining");
		user.joined = false;
		user.conf = NULL;
		break;

	case UE_EVENT_CONF_ROSTER:
		user.roster = true;
		break;

	case UE_EVENT_CONF_REQUEST_DONE:
		check(user.requests, "outcome of no REFER");
		user.requests -= user.requests != 0;
		break;

	default:
		break;
	}
}


static void event_h(struct sim_ue *u, const struct ue_event *ev)
{
	const uint8_t *delivered = ev->message.arg;

	(void)u;

	switch (ev->type) {

	case UE_EVENT_DEREGISTERED:
		story_total.lost += ev->dereg != UE_DEREG_USER;
		check(ev->dereg != UE_DEREG_USER || !user.registered ||
		      ev->err || ev->status || !net_is_registered(net),
		      "still registered there");
		break;

	case UE_EVENT_MESSAGING_LOST:
		user.lost |= ev->session == user.session;
		break;

	case UE_EVENT_MESSAGE_SENT:
	case UE_EVENT_MESSAGE_FAILED:
		check(user.sending, "outcome of no message");
		check(ev->type == UE_EVENT_MESSAGE_FAILED || *delivered == 1,
		      "sent, but it has not arrived");
		user.sending = false;
		break;

	case UE_EVENT_MESSAGE_RECEIVED:
	case UE_EVENT_MESSAGE_BROKEN:
		check(user.hearing, "the end of no message to us");
		user.hearing = false;
		break;

	case UE_EVENT_FILE_DONE:
	case UE_EVENT_FILE_FAILED:
		check(user.file && ev->session == user.file,
		      "outcome of no file");
		user.file = 0;
		break;

	default:
		break;
	}

	if (ev->conf)
		conf_event(ev);
}


/* ------------------------------------------------------------------ */
/* Messages */


static uint8_t text[FILE_LEN];


/* What the other side gets: a message names itself by its type */
static void recv_h(const struct net_msrp_in *in, void *arg)
{
	unsigned i;

	(void)arg;
	if (sscanf(in->type, "text/n%u", &i) == 1 && i < user.notes) {
		check(in->len == NOTE_LEN, "not all of a message");
		check(!user.deliveredv[i]++, "a message twice");
	}
	else {
		check(in->len == FILE_LEN, "not all of the file");
		check(user.files, "nobody has sent this");
	}
	check(!memcmp(in->data, text, in->len), "other octets");
}


static void sent_h(struct net_msrp_out *out, unsigned status, void *arg)
{
	(void)out;
	(void)status;
	(void)arg;
}


static uint16_t open_h(struct ue *u, unsigned session,
		       const struct msrp_info *info, struct msrp_sink *sink,
		       void *arg)
{
	(void)u;
	(void)session;
	(void)info;
	(void)arg;
	check(!user.hearing, "two messages to us");
	user.hearing = true;
	sink->buf = user.inbox;
	sink->size = sizeof(user.inbox);
	sink->arg = &user;

	return 200;
}


static int say_h(void)
{
	struct ue_message msg;
	char type[16];
	int err;

	if (user.notes == NOTES)
		return ENOMEM;

	memset(&msg, 0, sizeof(msg));
	(void)snprintf(type, sizeof(type), "text/n%u", user.notes);
	msg.type = type;
	msg.data = text;
	msg.len = NOTE_LEN;
	msg.report = true;
	msg.arg = &user.deliveredv[user.notes];
	err = ue_message_send(&ue->ue, user.session, &msg);
	user.notes += !err;
	user.sending |= !err;

	return err;
}


/* The focus says something */
static int hear_h(void)
{
	unsigned i;

	if (user.out.s)
		return 0;

	user.out.id = "hear";
	user.out.type = "text/plain";
	user.out.data = text;
	user.out.len = NOTE_LEN;
	for (i = 0; i < NET_CALLS; i++) {

		struct net_msrp_session *s = &msrp.sessv[i];

		if (s->call && net_msrp_send(&msrp, s, &user.out))
			return 0;
	}

	return ENOTCONN;
}


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	*p = text + off;
	*n = sizeof(text) - off;

	return 0;
}


static int file_h(void)
{
	static const struct ue_file file = {
		.name = "a.bin", .size = FILE_LEN, .read_h = read_h
	};
	const int err = ue_file_send(&ue->ue, &user.file, FRIEND, &file);

	user.files += !err;

	return err;
}


static int abort_h(void)
{
	return ue_file_end(&ue->ue, user.file, 0);
}


/* ------------------------------------------------------------------ */
/* The steps */


/* EALREADY: there is nothing to do */
static int register_h(void)
{
	if (ue_reg_info(&ue->ue)->registered)
		return EALREADY;

	/* what it does by itself becomes the command's */
	return ue->bal.register_owed ? 0 : sim_ue_register(ue);
}


static int reregister_h(void)
{
	return sim_ue_reregister(ue);
}


static int deregister_h(void)
{
	user.registered = ue_reg_info(&ue->ue)->registered;

	return ue_reg_info(&ue->ue)->state == IMS_REG_IDLE
		? EALREADY : sim_ue_deregister(ue);
}


static int create_h(void)
{
	static const struct ue_conf_params prm = {.no_subscribe = true};

	return user.joined ? EALREADY
		: ue_conf_create(&ue->ue, &user.conf, &prm);
}


static int subscribe_h(void)
{
	int err;

	if (user.roster)
		return EALREADY;

	err = ue_conf_subscribe(user.conf);

	/* it goes on by itself */
	return err == EPROTO ? 0 : err;
}


static int unsubscribe_h(void)
{
	return ue_conf_unsubscribe(user.conf);
}


static int asked(int err)
{
	user.requests += !err;

	return err;
}


static int invite_h(void)
{
	return asked(ue_conf_invite(user.conf, GUEST, UE_CONF_BY_FOCUS));
}


static int remove_h(void)
{
	return asked(ue_conf_remove(user.conf, GUEST));
}


static int leave_h(void)
{
	if (!user.conf)
		return EALREADY;

	/* it may end already */
	(void)ue_conf_leave(user.conf);

	return 0;
}


/* What has to be there before */
enum need {
	NOTHING = 0,
	REGISTRATION,
	CONFERENCE,
	MESSAGES
};

/** A step: it ends with one of two events */
struct act {
	const char *name;
	enum need needs;
	int (*command_h)(void);
	enum ue_event_type good;
	enum ue_event_type bad;         /* 0 = none */
	/* So long the user waits; then he gives it up, if that can be said to
	   the UE.  0 = as long as it takes */
	uint32_t patience_s;
	int (*give_up_h)(void);
};

static const struct act
	act_register = {
		"register", NOTHING, register_h, UE_EVENT_REGISTERED,
		UE_EVENT_REGISTER_FAILED, REGISTERING_S, deregister_h
	},
	act_create = {
		"create", REGISTRATION, create_h, UE_EVENT_CONF_JOINED,
		UE_EVENT_CONF_FAILED, RINGING_S, leave_h
	},
	act_subscribe = {
		"subscribe", CONFERENCE, subscribe_h, UE_EVENT_CONF_ROSTER,
		UE_EVENT_CONF_SUBSCRIPTION_ENDED, REGISTERING_S, unsubscribe_h
	},
	act_invite = {
		"invite", CONFERENCE, invite_h, UE_EVENT_CONF_REQUEST_DONE,
		0, 0, NULL
	},
	act_say = {
		"say", MESSAGES, say_h, UE_EVENT_MESSAGE_SENT,
		UE_EVENT_MESSAGE_FAILED, 0, NULL
	},
	act_hear = {
		"hear", MESSAGES, hear_h, UE_EVENT_MESSAGE_RECEIVED,
		UE_EVENT_MESSAGE_BROKEN, RINGING_S, NULL
	},
	act_file = {
		"file", REGISTRATION, file_h, UE_EVENT_FILE_DONE,
		UE_EVENT_FILE_FAILED, RINGING_S, abort_h
	},
	act_reregister = {
		"re-register", REGISTRATION, reregister_h,
		UE_EVENT_REREGISTERED, UE_EVENT_DEREGISTERED, 0, NULL
	},
	act_remove = {
		"remove", CONFERENCE, remove_h, UE_EVENT_CONF_REQUEST_DONE,
		0, 0, NULL
	},
	act_leave = {
		"leave", NOTHING, leave_h, UE_EVENT_CONF_ENDED, 0, 0, NULL
	},
	act_deregister = {
		"deregister", NOTHING, deregister_h, UE_EVENT_DEREGISTERED,
		0, 0, NULL
	};

static const struct act *const script[] = {
	&act_register, &act_create, &act_subscribe, &act_invite, &act_say,
	&act_file, &act_hear, &act_reregister, &act_create, &act_say,
	&act_remove, &act_leave, &act_deregister
};

#define STEPS (sizeof(script) / sizeof(script[0]))


/* The step, or what it needs before */
static const struct act *next(const struct act *a)
{
	if (a->needs >= REGISTRATION && !ue_reg_info(&ue->ue)->registered)
		return &act_register;

	if (a->needs == MESSAGES && user.joined && user.lost)
		return &act_leave;

	return a->needs >= CONFERENCE && !user.joined ? &act_create : a;
}


static bool is_good(const struct act *a, const struct ue_event *ev)
{
	if (ev->type == UE_EVENT_CONF_REQUEST_DONE)
		return ev->status / 100 == 2;

	/* it was lost by itself before */
	return ev->type == a->good && (ev->type != UE_EVENT_DEREGISTERED ||
				       ev->dereg == UE_DEREG_USER);
}


static bool ends(const struct act *a, const struct ue_event *ev)
{
	/* it goes on by itself */
	if (ev->type == UE_EVENT_CONF_SUBSCRIPTION_ENDED && ev->again)
		return false;

	/* the end of a conference is that of its subscription */
	return ev->type == a->good || ev->type == a->bad ||
		(a->needs == CONFERENCE && ev->type == UE_EVENT_CONF_ENDED);
}


/* NULL: there is none */
static const struct ue_event *wait_for(const struct act *a, uint32_t max_s)
{
	const uint64_t until_ms = sim->now_ms + max_s * 1000ULL;
	const struct ue_event *ev;

	do {
		ev = sim_wait2(ue, 0, 0, (uint32_t)((until_ms - sim->now_ms) /
						    1000));

	} while (ev && !ends(a, ev));

	return ev;
}


static const struct ue_event *outcome(const struct act *a)
{
	const struct ue_event *ev = wait_for(a, a->patience_s ? a->patience_s
					     : PATIENCE_S);

	if (ev || !a->give_up_h)
		return ev;

	(void)a->give_up_h();

	return wait_for(a, PATIENCE_S);
}


/* @return true: it has come to a good end */
static bool perform(const struct act *a)
{
	const struct ue_event *ev;
	int err;

	ue->seen = ue->eventc;
	err = a->command_h();
	if (err)
		return err == EALREADY;

	ev = outcome(a);
	if (!ev && (a->give_up_h || !a->patience_s)) {
		(void)snprintf(user.text, sizeof(user.text),
			       "no outcome of the step `%s`", a->name);
		wrong(user.text);
	}

	return ev && is_good(a, ev);
}


/* ------------------------------------------------------------------ */
/* The P-CSCF restarts */


static struct ue_timer restart_timer;


static void start_h(void *arg)
{
	(void)arg;
	net_start(net, 0);
}


static void restart_h(void *arg)
{
	(void)arg;
	net_kill(net, 0);
	if (net->comp.on)
		net_use_sigcomp(net);
	ue_timer_start(&sim->timers, &restart_timer,
		       sim_below(sim, 60000), start_h, NULL);
}


/* ------------------------------------------------------------------ */


static const char *why(void)
{
	return sim->broken ? sim->broken
		: user.wrong ? user.wrong
		: msrp.wrong ? msrp.wrong
		: user.deceived ? NULL : net->sec.wrong;
}


/* The story from step i on; in step `at` the P-CSCF restarts.
   @return true: it came to its end */
static bool tell(unsigned i, unsigned at, unsigned failures_max)
{
	unsigned failures = 0;

	while (i < STEPS && failures < failures_max && !why()) {

		const struct act *a = next(script[i]);

		if (i == at) {
			ue_timer_start(&sim->timers, &restart_timer,
				       sim_below(sim, 20000), restart_h, NULL);
			at = STEPS;
		}

		if (perform(a)) {
			++story_total.steps;
			/* left because messages were lost: another try */
			failures += a == &act_leave && a != script[i];
			i += a == script[i];
		}
		else {
			++failures;
			/* nobody has connected: it is joined anew */
			if (a->needs == MESSAGES && ++user.strikes == 3)
				user.lost = true;
			(void)sim_run_s(sim, 1 + sim_below(sim, 60));
		}
	}

	story_total.failed += failures;

	return i == STEPS;
}


/* What is under way comes to its end */
static const char *finish(void)
{
	const char *err;

	net_calls_end(&focus.calls);
	(void)sim_run_s(sim, END_S);
	focus.calls.quiet = false;
	story_total.notes += user.notes;
	story_total.files += user.files;
	if (user.conferences)
		story_total.rejoined += user.conferences - 1;
	if (why())
		return why();
	if (user.conf || user.requests || user.sending || user.file)
		return "a command has no outcome";
	if (user.hearing)
		return "a message to us has no end";
	err = sim_residue(ue);

	return err ? err : net_msrp_residue(&msrp);
}


static void begin(uint64_t seed, bool sigcomp)
{
	static const struct ue_messaging messaging = {
		.accept_types = "*", .open_h = open_h
	};
	unsigned i;

	for (i = 0; i < FILE_LEN; i++)
		text[i] = (uint8_t)(i * i / 7);
	memset(&user, 0, sizeof(user));
	memset(&restart_timer, 0, sizeof(restart_timer));
	if (UE_IPSEC)
		sec_begin(seed);
	else
		world_begin(seed);
	world.set.transport = UE_TRANSPORT_UDP_ONLY;
	world.set.sigcomp = UE_SIGCOMP && sigcomp;
	if (world.set.sigcomp)
		net_use_sigcomp(net);
	net->logging = false;
	net->rechallenge = true;
	net->restart_clears = true;
	net_conf_init(&focus, net);
	net_conf_quiet(&focus);
	focus.calls.willing = focus.calls.calm = true;
	net_msrp_init(&msrp, &focus.calls);
	msrp.recv_h = recv_h;
	msrp.sent_h = sent_h;
	world.set.messaging = &messaging;
}


const char *story_run(struct life *life, uint64_t seed)
{
	const char *err = "it does not come to an end";

	memset(life, 0, sizeof(*life));
	begin(seed, true);
	sim->link.loss = 20;
	sim->link.jitter_ms = 2000;
	sim->link.dup = sim_below(sim, 5);
	net->keep_s = sim_chance(sim, 30) ? 20 + sim_below(sim, 200) : 0;
	net->sec.patient = sim_chance(sim, 50);
	if (world_ue())
		return "ue_init() failed";

	ue->event_h = event_h;
	ue->port.trace = story_trace;
	if (tell(0, 1 + sim_below(sim, STEPS - 2), FAILURES_MAX) || why())
		err = finish();
	life_record(life);
	sim_ue_close(ue);

	return err;
}


/* With the fault, then without */
static const char *tell_both(bool *struck, const struct sim_fault *fault)
{
	const char *err;
	bool well;

	ue->fault = *fault;
	user.deceived = fault->n[SIM_FAULT_BAD] != 0;
	well = tell(0, STEPS, FAULTY_FAILURES_MAX);
	*struck = ue->fault.struck;
	memset(&ue->fault, 0, sizeof(ue->fault));
	if (why())
		return why();
	if (!well && !fault->stays)
		return "what failed once is not made good";
	if (!well && !tell(STEPS - 2, STEPS, FAULTY_FAILURES_MAX))
		return "it does not come to an end";
	err = finish();
	if (err)
		return err;

	if (user.deceived)
		net->sec.wrong = NULL;
	user.deceived = false;
	if (!tell(0, STEPS, 1))
		return why() ? why() : "the next story does not succeed";

	return finish();
}


const char *story_fault_run(bool *struck, uint64_t seed,
			    const struct sim_fault *fault)
{
	const char *err;

	begin(seed, !(seed & 1));
	if (world_ue())
		return "ue_init() failed";

	ue->event_h = event_h;
	ue->port.trace = story_trace;
	err = tell_both(struck, fault);
	sim_ue_close(ue);

	return err;
}
