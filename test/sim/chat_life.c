/**
 * @file chat_life.c  A life full of chats
 *
 * A message of the user or of a phone is a note, which its content type names;
 * when it has failed it may be sent again under its Message-ID.  In the end a
 * note that was told to be sent has arrived, each time that it was sent once
 * at most, whole, the copy known as such; and each time has had one outcome.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/chat_life.h"
#include "test/sim/net_msrp.h"
#include "test/sim/world.h"

#define STEPS 80
#define NOTES 128
#define CHATS 16
#define LEN_MAX 9000
#define POOL 65536

/** Longer than any transaction after another */
#define SETTLE_S 500

static struct net_calls calls;
static struct net_msrp msrp;
struct chat_life_total chat_life_total;
void (*chat_life_trace)(void *arg, const struct ue_trace *trace);

enum { NOTE_FREE = 0, NOTE_WAITING, NOTE_SENT, NOTE_FAILED };

struct note {
	struct net_msrp_out out;        /* first: of a phone             */
	uint8_t state;
	bool from_ue;
	bool given_up;
	unsigned tries;
	unsigned delivered;     /* of a phone: once for each try         */
	unsigned since;         /* messages that were complete before    */
	unsigned session;       /* of the UE, in which it came last      */
	const uint8_t *data;
	uint32_t len;
	char id[20];
	char type[20];
};

/** A message that comes in at the UE */
struct inbound {
	struct note *note;      /* NULL = free                           */
	bool duplicate;
	bool streamed;
	uint8_t buf[LEN_MAX];
};

struct chat {
	unsigned id;            /* 0 = free                              */
	bool up, ready, lost, ending;
};

static struct {
	struct note notev[NOTES];
	unsigned notec;
	struct chat v[CHATS];
	unsigned complete;      /* at the UE                             */
	const char *wrong;
} user;

static struct inbound inv[MSRP_IN];
static uint8_t pool[POOL];


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


/* ------------------------------------------------------------------ */
/* Notes */


static struct note *note_new(struct sim *sim, bool from_ue)
{
	struct note *n = &user.notev[user.notec];

	if (user.notec == NOTES)
		return NULL;

	n->from_ue = from_ue;
	n->len = sim_below(sim, sim_chance(sim, 75) ? 3000 : LEN_MAX + 1);
	n->data = pool + sim_below(sim, POOL - LEN_MAX);
	(void)snprintf(n->type, sizeof(n->type), "text/n%u", user.notec);
	(void)snprintf(n->id, sizeof(n->id), "note%u", user.notec++);

	return n;
}


/* The note that a content type names */
static struct note *note_of(const char *type, bool from_ue)
{
	const unsigned long i = !strncmp(type, "text/n", 6)
		? strtoul(type + 6, NULL, 10) : NOTES;

	if (i >= user.notec || user.notev[i].from_ue != from_ue) {
		wrong("a message that nobody has sent");
		return NULL;
	}

	return &user.notev[i];
}


/* ------------------------------------------------------------------ */
/* Messages to the UE */


static uint16_t open_h(struct ue *ue, unsigned session,
		       const struct msrp_info *info, struct msrp_sink *sink,
		       void *arg)
{
	struct sim *sim = &world.sim;
	struct inbound *in = NULL;
	struct note *n;
	char type[20] = "";
	unsigned i;

	(void)ue;
	(void)session;
	(void)arg;
	for (i = 0; i < MSRP_IN && !in; i++) {
		if (!inv[i].note)
			in = &inv[i];
	}
	if (info->type.l < sizeof(type))
		memcpy(type, info->type.p, info->type.l);
	n = note_of(type, false);
	if (!in || !n) {
		wrong("more open messages than there can be");
		return 413;
	}
	check(!pl_strcmp(&info->id, n->id), "another Message-ID");
	check(info->total == n->len, "another length");
	if (sim_chance(sim, 2))
		return 413;

	in->note = n;
	in->duplicate = info->duplicate;
	in->streamed = sim_chance(sim, 50);
	sink->buf = in->streamed ? NULL : in->buf;
	sink->size = sizeof(in->buf);
	sink->arg = in;

	return 200;
}


static void data_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	struct inbound *in = arg;

	check(in->note && in->streamed, "octets of no message");
	if (off > LEN_MAX || n > LEN_MAX - off)
		wrong("octets behind the end");
	else
		memcpy(in->buf + off, p, n);
}


static void in_done(const struct ue_event *ev)
{
	struct inbound *in = ev->message.arg;
	struct note *n = in->note;
	const bool good = ev->type == UE_EVENT_MESSAGE_RECEIVED;

	if (!n) {
		wrong("the outcome of no message");
		return;
	}
	in->note = NULL;
	check(ev->message.len <= n->len &&
	      !memcmp(in->buf, n->data, ev->message.len),
	      "other octets than were sent");
	if (!good) {
		++chat_life_total.broken;
		return;
	}

	check(ev->message.len == n->len, "not all of it");
	/* RFC 4975 s5.4: so many are remembered */
	if (n->delivered && user.complete - n->since < MSRP_SEEN) {
		check(in->duplicate, "a copy is not known as one");
		check(n->session != ev->session, "a copy in its session");
	}
	check(n->delivered || !in->duplicate, "the first one is no copy");
	chat_life_total.got += !n->delivered;
	chat_life_total.copies += n->delivered != 0;
	if (!n->delivered) {
		n->since = user.complete;
		++user.complete;
	}
	n->delivered = 1;
	n->session = ev->session;
}


/* ------------------------------------------------------------------ */
/* What the phones see */


static void recv_h(const struct net_msrp_in *in, void *arg)
{
	struct note *n = note_of(in->type, true);

	(void)arg;
	if (!n)
		return;

	check(in->len == n->len, "the phone has not got all of it");
	check(!memcmp(in->data, n->data, n->len), "the phone has other octets");
	check(n->delivered < n->tries, "a phone has a message twice");
	/* RFC 4975 s5.4: the copy that it is not to show twice */
	check(n->tries == 1 || !strcmp(in->id, n->id),
	      "another Message-ID than the first time");
	chat_life_total.copies += n->delivered++ > 0;
}


static void phone_sent_h(struct net_msrp_out *out, unsigned status, void *arg)
{
	struct note *n = (struct note *)out;

	(void)arg;
	check(n->state == NOTE_WAITING, "a phone's message has two ends");
	n->state = status ? NOTE_FAILED : NOTE_SENT;
	n->given_up |= status == 2 || status == 413;
	++*(status ? &chat_life_total.phone_failed
	    : &chat_life_total.phone_sent);
}


/* ------------------------------------------------------------------ */
/* What the user sees */


static struct chat *chat_of(unsigned id)
{
	unsigned i;

	for (i = 0; i < CHATS; i++) {
		if (user.v[i].id == id)
			return &user.v[i];
	}

	return NULL;
}


static void out_done(const struct ue_event *ev)
{
	struct note *n = ev->message.arg;
	const bool good = ev->type == UE_EVENT_MESSAGE_SENT;

	check(n->state == NOTE_WAITING, "an outcome too many");
	check(ev->message.len <= n->len, "more than all");
	check(!good || ev->message.len == n->len, "sent, but not all");
	n->state = good ? NOTE_SENT : NOTE_FAILED;
	n->given_up |= ev->err == ECANCELED || ev->err == EPROTO;
	++*(good ? &chat_life_total.sent : &chat_life_total.failed);
}


static void chat_event(struct chat *c, const struct ue_event *ev)
{
	switch (ev->type) {

	case UE_EVENT_SESSION_ESTABLISHED:
		c->up = true;
		break;

	case UE_EVENT_MESSAGING_READY:
		check(!c->ready, "ready twice");
		chat_life_total.renewed += c->lost;
		c->ready = true;
		c->lost = false;
		++chat_life_total.chats;
		break;

	case UE_EVENT_MESSAGING_LOST:
		c->ready = false;
		c->lost = true;
		++chat_life_total.lost;
		break;

	case UE_EVENT_SESSION_FAILED:
	case UE_EVENT_SESSION_ENDED:
		memset(c, 0, sizeof(*c));
		break;

	default:
		break;
	}
}


static void incoming(const struct ue_event *ev)
{
	struct chat *c = chat_of(0);

	if (c)
		c->id = ev->session;
}


static void event_h(struct sim_ue *u, const struct ue_event *ev)
{
	struct chat *c;

	(void)u;

	switch (ev->type) {

	case UE_EVENT_MESSAGE_RECEIVED:
	case UE_EVENT_MESSAGE_BROKEN:
		in_done(ev);
		return;

	case UE_EVENT_MESSAGE_SENT:
	case UE_EVENT_MESSAGE_FAILED:
		out_done(ev);
		return;

	case UE_EVENT_SESSION_INCOMING:
		incoming(ev);
		return;

	default:
		break;
	}

	c = ev->session ? chat_of(ev->session) : NULL;
	if (c)
		chat_event(c, ev);
}


/* ------------------------------------------------------------------ */
/* What happens */


static void start(struct world *w)
{
	struct chat *c = chat_of(0);
	unsigned id;

	if (c && !ue_session_start(&w->u.ue, &id, "sip:bob@x.net", NULL))
		c->id = id;
}


static void end(struct world *w, struct chat *c)
{
	if (!ue_session_end(&w->u.ue, c->id))
		c->ending = true;
}


/* RFC 4975 s5.4: what has failed is sent again under its Message-ID, or a new
   one */
static struct note *note_next(struct sim *sim, bool from_ue)
{
	struct note *n;

	for (n = user.notev; n < user.notev + user.notec; n++) {
		if (n->from_ue != from_ue || n->state != NOTE_FAILED ||
		    n->given_up)
			continue;
		if (sim_chance(sim, 70))
			return n;
		n->given_up = true;
	}

	return note_new(sim, from_ue);
}


static void send(struct world *w, const struct chat *c)
{
	struct note *n = note_next(&w->sim, true);
	struct ue_message msg;

	if (!n)
		return;

	memset(&msg, 0, sizeof(msg));
	msg.type = n->type;
	msg.data = n->data;
	msg.len = n->len;
	msg.report = sim_chance(&w->sim, 50);
	msg.arg = n;
	if (n->tries || sim_chance(&w->sim, 70))
		msg.id = n->id;
	else
		n->given_up = true;
	n->state = NOTE_WAITING;
	if (ue_message_send(&w->u.ue, c->id, &msg)) {
		n->state = n->tries ? NOTE_FAILED : NOTE_FREE;
		return;
	}
	chat_life_total.again += n->tries++ > 0;
	check(c->ready, "taken, but there is no connection");
	if (sim_chance(&w->sim, 5))
		(void)ue_message_abort(&w->u.ue, n);
}


static void phone_try(struct world *w, struct note *n)
{
	const unsigned first = sim_below(&w->sim, NET_CALLS);
	unsigned i;

	n->out.id = n->id;
	n->out.type = n->type;
	n->out.data = n->data;
	n->out.len = n->len;
	n->state = NOTE_WAITING;
	for (i = 0; i < NET_CALLS; i++) {

		struct net_msrp_session *s =
			&msrp.sessv[(first + i) % NET_CALLS];

		if (s->call && net_msrp_send(&msrp, s, &n->out)) {
			chat_life_total.again += n->tries++ > 0;
			return;
		}
	}
	n->state = n->tries ? NOTE_FAILED : NOTE_FREE;
}


static void phone_send(struct world *w)
{
	struct sim *sim = &w->sim;
	struct note *n = note_next(sim, false);

	if (!n)
		return;
	if (!n->tries)
		n->out.report = sim_chance(sim, 50);
	n->out.abort = sim_chance(sim, 5);
	phone_try(w, n);
}


static void cut(struct world *w)
{
	const unsigned first = sim_below(&w->sim, SIM_CONNS);
	unsigned i;

	for (i = 0; i < SIM_CONNS; i++) {

		const unsigned conn = (first + i) % SIM_CONNS;

		if (!msrp.connv[conn].used || w->sim.connv[conn].cut)
			continue;
		sim_tcp_cut(&w->sim, conn, sim_below(&w->sim, 12000));
		++chat_life_total.cuts;
		return;
	}
}


static void chat_step(struct world *w, struct chat *c)
{
	struct sim *sim = &w->sim;

	if (!c->id || c->ending)
		return;

	if (c->lost && sim_chance(sim, 30))
		end(w, c);
	else if (c->lost && sim_chance(sim, 30))
		(void)ue_session_resume(&w->u.ue, c->id);
	else if (!c->up && sim_chance(sim, 50))
		(void)ue_session_accept(&w->u.ue, c->id);
	else if (c->ready)
		send(w, c);
	if (sim_chance(sim, 2))
		end(w, c);
}


static unsigned chats(void)
{
	unsigned i, n = 0;

	for (i = 0; i < CHATS; i++)
		n += user.v[i].id != 0;

	return n;
}


static void step(struct world *w)
{
	struct sim *sim = &w->sim;
	unsigned i;

	if (chats() < MSRP_SESSIONS || sim_chance(sim, 2)) {
		if (sim_chance(sim, 50))
			start(w);
		else
			(void)net_calls_start(&calls);
	}

	for (i = 0; i < CHATS; i++)
		chat_step(w, &user.v[i]);
	if (sim_chance(sim, 50))
		phone_send(w);
	if (sim_chance(sim, 10))
		cut(w);
	(void)sim_run(sim, sim->now_ms + sim_below(sim, sim_chance(sim, 80)
						   ? 1500 : 20000));
}


/* ------------------------------------------------------------------ */
/* The end */


static const char *account(void)
{
	const struct note *n;

	for (n = user.notev; n < user.notev + user.notec; n++) {
		if (n->state == NOTE_WAITING)
			return n->from_ue ? "a message without outcome"
				: "a phone's message without outcome";
		if (n->state == NOTE_SENT && !n->delivered)
			return n->from_ue ? "sent, but the phone has it not"
				: "answered, but the user has it not";
	}

	return NULL;
}


static const char *left_over(const struct messaging *mg)
{
	unsigned i;

	for (i = 0; i < MSRP_IN; i++) {
		if (inv[i].note || mg->inv[i].state || mg->m.inv[i].s)
			return "an inbound message is left";
	}
	for (i = 0; i < MSRP_OUT; i++) {
		if (mg->outv[i].state || mg->m.outv[i].state)
			return "an outbound message is left";
	}
	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (mg->mediav[i].s || mg->mediav[i].ms || mg->m.sessv[i].used)
			return "an MSRP session is left";
	}
	for (i = 0; i < MSRP_CONNS; i++) {
		if (mg->opening || mg->m.connv[i].used)
			return "an MSRP connection is left";
	}

	return NULL;
}


static const char *finish(struct world *w)
{
	const char *why;
	unsigned i, round;

	w->sim.link.loss = 0;
	net_calls_end(&calls);
	/* a call of the phones may come in between */
	for (round = 0; round < 2; round++) {
		for (i = 0; i < CHATS; i++) {
			if (user.v[i].id)
				end(w, &user.v[i]);
		}
		(void)sim_run_s(&w->sim, SETTLE_S);
	}

	if (user.wrong)
		return user.wrong;
	if (chats())
		return "a session has no end";
	if (net_calls_left(&calls))
		return "a phone does not come to an end";
	why = account();
	if (!why)
		why = left_over(&w->u.ue.messaging);
	if (!why)
		why = net_msrp_residue(&msrp);

	return why ? why : world_end();
}


static const char *live(struct world *w)
{
	unsigned i;

	if (!world_registered())
		return "not registered";
	w->u.event_h = event_h;
	w->u.port.trace = chat_life_trace;

	for (i = 0; i < STEPS && !user.wrong && !w->sim.broken; i++)
		step(w);

	return finish(w);
}


static void make_world(struct world *w, struct ue_messaging *set)
{
	struct sim *sim = &w->sim;
	struct sim_link *l = &sim->link;
	uint64_t state = 1;
	unsigned i;

	for (i = 0; i < POOL && !pool[0]; i++)
		pool[POOL - 1 - i] = (uint8_t)sim_splitmix(&state);

	l->loss = sim_below(sim, 16);
	l->dup = sim_below(sim, 11);
	l->reorder = sim_below(sim, 21);
	l->delay_ms = 5 + sim_below(sim, 150);
	l->jitter_ms = sim_below(sim, 100);
	l->segment = sim_chance(sim, 70);
	l->window = 300 + sim_below(sim, 12000);

	w->net.logging = false;
	net_calls_init(&calls, &w->net);
	calls.willing = sim_chance(sim, 70);
	calls.fork = sim_chance(sim, 30) ? 30 : 0;
	net_msrp_init(&msrp, &calls);
	msrp.ports = 1 + sim_below(sim, 3);
	msrp.share = sim_chance(sim, 50) ? 80 : 0;
	msrp.refuse = sim_chance(sim, 20) ? 10 : 0;
	msrp.mute = sim_chance(sim, 20) ? 5 : 0;
	msrp.strict = sim_chance(sim, 20) ? 3 : 0;
	msrp.recv_h = recv_h;
	msrp.sent_h = phone_sent_h;

	memset(set, 0, sizeof(*set));
	set->accept_types = "*";
	set->max_size = LEN_MAX;
	set->port = sim_chance(sim, 50) ? 2855 : 0;
	set->behind_nat = sim_chance(sim, 20);
	set->no_cema = sim_chance(sim, 20);
	set->open_h = open_h;
	set->data_h = data_h;
	w->set.messaging = set;
	w->set.transport = UE_TRANSPORT_UDP_ONLY;
}


static void record(void)
{
	struct chat_life_total *t = &chat_life_total;

	t->shared += msrp.shared;
	t->muted += msrp.muted;
	t->refused += msrp.refused;
	t->reports += msrp.reports;
}


const char *chat_life_run(struct life *life, uint64_t seed)
{
	static struct ue_messaging set;
	struct world *w = &world;
	const char *why;
	unsigned i;

	memset(life, 0, sizeof(*life));
	memset(&user, 0, sizeof(user));
	for (i = 0; i < MSRP_IN; i++)
		inv[i].note = NULL;
	world_begin(seed);
	make_world(w, &set);
	why = live(w);
	if (w->sim.broken)
		why = w->sim.broken;

	life_record(life);
	record();
	if (w->u.open)
		sim_ue_close(&w->u);

	return why;
}
