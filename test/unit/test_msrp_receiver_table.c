/**
 * @file test_msrp_receiver_table.c  An inbound message: each state with each
 *                                   event, as the table in msrp/receiver.c
 *                                   says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "msrp/core.h"
#include "test/unit/msrp_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

/** What a=max-size says */
enum { MAX = 100 };

static const char *const statev[] = {
	"NONE", "CHUNK", "PART", "HOLES", "CHUNK*", "REFUSED", "EXPIRED",
	"SEEN", "COPY", "MORE", "OTHER", NULL
};
static const char *const eventv[] = {
	"head", "octets", "+", "$", "#", "gap $", "large", "415", "refuse",
	"empty", "120 s", "lost", "close", NULL
};
static const char *const actionv[] = {
	"open", "duplicate", "200", "413", "415", "REPORT", "tell whole",
	"tell ECANCELED", "tell EPROTO", "tell ETIMEDOUT",
	"tell ECONNRESET", "tell failed", NULL
};

static const char *const due_statev[] = {
	"NONE", "OK", "ERROR", "NOTHING", "STOP", NULL
};
static const char *const due_eventv[] = {
	"yes", "partial", "no", "octets", "end", "large", "120 s", "close",
	NULL
};
static const char *const due_actionv[] = {"200", "413", NULL};

static struct {
	unsigned tid;
	bool mid;               /* in the middle of a chunk              */
	const char *failure;    /* Failure-Report; NULL: not there       */
	char wire[KIT_TEXT];
	unsigned n_in, done, failed;
} t;


/* End 1 is watched */
static struct mkit_end *e(void)
{
	return &mkit[1];
}


static const char *state(void)
{
	const struct msrp *m = &e()->m;
	const struct msrp_in *in = &m->inv[0];
	const bool known = in->s && in->total != MSRP_ANY;

	if (in->s && in->copy)
		return m->connv[0].in == in ? "COPY" : "MORE";
	if (in->s && m->connv[0].in == in)
		return known ? "CHUNK*" : "CHUNK";
	if (in->s)
		return known ? "HOLES" : "PART";
	if (t.mid)
		return m->connv[0].rx_due ? "EXPIRED" : "REFUSED";

	if (!m->seenv[0].id[0])
		return "NONE";

	return m->seenv[0].session == e()->s->serial ? "SEEN" : "OTHER";
}


static void head(const char *range)
{
	char s[500];

	(void)snprintf(s, sizeof(s), "MSRP tid%u SEND\r\nTo-Path: " KIT_URI_1
		       "\r\nFrom-Path: " KIT_URI_0 "\r\nMessage-ID: one\r\n"
		       "Byte-Range: %s\r\nSuccess-Report: yes\r\n%s%s%s"
		       "Content-Type: a/b\r\n\r\n", ++t.tid, range,
		       t.failure ? "Failure-Report: " : "",
		       t.failure ? t.failure : "", t.failure ? "\r\n" : "");
	mkit_inject(1, s, sizeof(s));
	t.mid = true;
}


static void octets(unsigned n)
{
	char s[201];

	memset(s, 'x', n);
	s[n] = '\0';
	mkit_inject(1, s, sizeof(s));
}


static void finish(char flag)
{
	char s[60];

	(void)snprintf(s, sizeof(s), "\r\n-------tid%u%c\r\n", t.tid, flag);
	mkit_inject(1, s, sizeof(s));
	t.mid = false;
}


static void chunk(const char *range, unsigned n, char flag)
{
	head(range);
	octets(n);
	finish(flag);
}


static unsigned outcomes(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < e()->n_in; i++)
		n += e()->inv[i].done;

	return n;
}


static void look(void)
{
	(void)snprintf(t.wire, sizeof(t.wire), "%s", mkit_wire(1));
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	mkit_start(MAX, 1);

	if (state_is(to, "HOLES") || state_is(to, "CHUNK*"))
		chunk("11-20/20", 10, '$');
	if (state_is(to, "SEEN") || state_is(to, "COPY") ||
	    state_is(to, "MORE") || state_is(to, "OTHER"))
		chunk("1-10/10", 10, '$');
	if (state_is(to, "PART") || state_is(to, "MORE"))
		chunk("1-10/*", 10, '+');
	/* as if that had been another one */
	if (state_is(to, "OTHER"))
		++e()->s->serial;
	if (state_is(to, "CHUNK") || state_is(to, "CHUNK*") ||
	    state_is(to, "COPY") || state_is(to, "REFUSED") ||
	    state_is(to, "EXPIRED")) {
		head("1-*/*");
		octets(10);
	}
	if (state_is(to, "REFUSED"))
		octets(MAX);
	else if (state_is(to, "EXPIRED"))
		mkit_pass(MSRP_IDLE_MS);
	look();
	t.n_in = e()->n_in;
	t.done = outcomes();
	t.failed = e()->failed;

	return state_is(state(), to);
}


/* A chunk is under way */
static void fire_in_chunk(const char *ev)
{
	if (state_is(ev, "octets"))
		octets(5);
	else if (state_is(ev, "large"))
		octets(MAX);
	else if (state_is(ev, "refuse")) {
		msrp_refuse(e()->s);
		octets(5);
	}
	else if (!ev[1])
		finish(ev[0]);
}


/* A chunk comes: the next one, or the one that is missing */
static void fire_chunk(const char *in, const char *ev)
{
	const bool part = state_is(in, "PART") || state_is(in, "MORE");
	const bool holes = state_is(in, "HOLES");

	if (state_is(ev, "head"))
		head(part ? "11-*/*" : "1-*/*");
	else if (state_is(ev, "gap $"))
		chunk("16-20/20", 5, '$');
	else if (state_is(ev, "large"))
		chunk(part || holes ? "200-205/*" : "1-200/200", 5, '+');
	else if (state_is(ev, "empty")) {
		(void)snprintf(t.wire, sizeof(t.wire), "tid%u", ++t.tid);
		mkit_request(1, t.wire, "SEND", "Message-ID: two\r\n", NULL,
			     '$');
	}
	else if (state_is(ev, "refuse")) {
		msrp_refuse(e()->s);
		if (part || holes)
			chunk("1-10/*", 10, '+');
	}
	else if (state_is(ev, "415")) {
		e()->verdict = 415;
		chunk("11-15/*", 5, '+');
	}
	else if (holes && ev[0] == '$')
		chunk("11-20/20", 10, '$');
	else if (!ev[1])
		chunk(part ? "11-20/*" : "1-10/*", 10, ev[0]);
}


static void fire(const char *in, const char *ev)
{
	if (state_is(ev, "120 s"))
		mkit_pass(MSRP_IDLE_MS);
	else if (state_is(ev, "lost")) {
		mkit_cut();
		t.mid = false;
	}
	else if (state_is(ev, "close")) {
		msrp_session_close(e()->s);
		t.mid = false;
	}
	else if (t.mid)
		fire_in_chunk(ev);
	else
		fire_chunk(in, ev);

	look();
}


static bool told(int err)
{
	for (unsigned i = e()->n_in; outcomes() > t.done && i-- > 0;) {
		if (e()->inv[i].done)
			return e()->inv[i].res.err == err;
	}

	return false;
}


static bool seen(const char *action)
{
	char text[40];

	if (state_is(action, "open"))
		return e()->n_in > t.n_in;
	if (state_is(action, "duplicate"))
		return e()->n_in > t.n_in && e()->inv[e()->n_in - 1].duplicate;
	if (state_is(action, "REPORT"))
		return strstr(t.wire, " REPORT\r\n") != NULL;
	if (state_is(action, "tell failed"))
		return e()->failed > t.failed;
	if (action[0] < 'a') {
		(void)snprintf(text, sizeof(text), "MSRP tid%u %s ", t.tid,
			       action);
		return strstr(t.wire, text) != NULL;
	}

	return told(state_is(action, "tell whole") ? 0 :
		    state_is(action, "tell ECANCELED") ? ECANCELED :
		    state_is(action, "tell EPROTO") ? EPROTO :
		    state_is(action, "tell ETIMEDOUT") ? ETIMEDOUT :
		    ECONNRESET);
}


/* Whatever has happened: each that was accepted has one outcome */
static const char *end(void)
{
	msrp_session_close(e()->s);

	return outcomes() == e()->n_in ? NULL : "not one outcome";
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_MSRP_RECEIVER_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 143);
}


/* ------------------------------------------------------------------ */
/* What its sender still hears */


static const char *due(void)
{
	if (!t.mid)
		return "NONE";

	switch (e()->m.connv[0].rx_due) {

	case MSRP_DUE_NOTHING: return "NOTHING";
	case MSRP_DUE_ERROR:   return "ERROR";
	case MSRP_DUE_OK:      return "OK";
	default:               return "STOP";
	}
}


static bool due_reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	mkit_start(MAX, 1);

	t.failure = state_is(to, "ERROR") ? "partial"
		: state_is(to, "NOTHING") ? "no" : NULL;
	if (!state_is(to, "NONE")) {
		head("1-*/*");
		octets(10);
	}
	if (state_is(to, "STOP"))
		mkit_pass(MSRP_IDLE_MS);
	look();

	return state_is(due(), to);
}


static void due_fire(const char *in, const char *ev)
{
	if (!t.mid && (state_is(ev, "yes") || state_is(ev, "partial") ||
		       state_is(ev, "no"))) {
		t.failure = ev;
		head("1-*/*");
	}
	else if (t.mid && state_is(ev, "end")) {
		finish('+');
	}
	else if (state_is(ev, "120 s") || state_is(ev, "close")) {
		fire(in, ev);
		t.mid = !state_is(in, "NONE");
	}
	else if (t.mid) {
		fire_in_chunk(ev);
	}
	look();
}


/* Failure-Report: of a chunk that is well, and of one whose message is given
   up in the middle of it */
static void due_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_MSRP_RECEIVER_1, due_statev, due_eventv,
		due_actionv, due_reach, due_fire, seen, due, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 40);
}


const struct test_case suite_msrp_receiver_table[] = {
	{"RFC 4975 s7.3: each state of an inbound message with each event",
	 all_pairs},
	{"RFC 4975 s7.1.4: what is still due to a chunk, by Failure-Report",
	 due_pairs},
	{NULL, NULL}
};
