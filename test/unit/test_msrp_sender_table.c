/**
 * @file test_msrp_sender_table.c  An outbound message: each state with each
 *                                 event, as the table in msrp/sender.c says
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen/state_tables.h"
#include "msrp/core.h"
#include "test/unit/msrp_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

/** Of the message, and of its part that there is at first */
enum { SIZE = 3000, PART = 1400 };

static const char *const statev[] = {
	"FREE", "SENDING", "WAITING", "SENT", "REPORTED", "ANSWERED",
	"ENDING", "ENDING*", NULL
};
static const char *const eventv[] = {
	"send", "room", "octets", "EIO", "200", "413", "481", "REPORT 200",
	"REPORT 413", "REPORT 408", "30 s", "120 s", "abort", "lost",
	"close", NULL
};
static const char *const actionv[] = {
	"SEND", "#", "tell sent", "tell ECANCELED", "tell EIO",
	"tell EPROTO", "tell ETIMEDOUT", "tell ECONNRESET", "tell failed",
	NULL
};

static struct {
	struct msrp_out *out;
	uint32_t stop;          /* the source ends there */
	int err;                /* or fails */
	char id[MSRP_TID_MAX + 1];
	char tid[MSRP_TID_MAX + 1];
	char wire[KIT_TEXT];
	unsigned n_sent, failed;
} t;


/* End 0 is watched */
static struct mkit_end *e(void)
{
	return &mkit[0];
}


static int source(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	static uint8_t data[SIZE];

	(void)arg;
	memset(data, 'a', sizeof(data));
	*p = data + off;
	/* in pieces, as a disk gives it */
	*n = SIZE - off < 700 ? SIZE - off : 700;

	return t.err ? t.err : off >= t.stop ? EAGAIN : 0;
}


static const char *state(void)
{
	const struct msrp_out *o = t.out;
	const bool open = e()->m.connv[0].out == o;

	if (!o)
		return "FREE";

	switch (o->state) {

	case MSRP_O_SENDING: return open ? "SENDING" : "WAITING";
	case MSRP_O_SENT:
		return !o->pending ? "ANSWERED" : o->reported == o->total
			? "REPORTED" : "SENT";
	case MSRP_O_ENDING:  return open ? "ENDING" : "ENDING*";
	default:             return "FREE";
	}
}


static void look(void)
{
	(void)snprintf(t.wire, sizeof(t.wire), "%s", mkit_wire(0));
}


/* The port takes so many octets more */
static void room(size_t n)
{
	e()->out.room = e()->out.len + n;
	if (e()->up)
		msrp_writable(&e()->m, mkit_ms, 0);
}


static void begin(size_t n, uint32_t stop)
{
	const struct msrp_msg msg = {
		.type = "a/b", .source_h = source, .len = SIZE,
		.success = true, .arg = e()
	};

	room(n);
	t.stop = stop;
	if (msrp_send(&t.out, e()->s, mkit_ms, &msg))
		return;
	(void)snprintf(t.id, sizeof(t.id), "%s", t.out->id);
	look();
	(void)sscanf(t.wire, "MSRP %16s SEND", t.tid);
}


static void report(const char *status)
{
	char hdrs[200];

	(void)snprintf(hdrs, sizeof(hdrs), "Message-ID: %s\r\n"
		       "Byte-Range: 1-%u/%u\r\nStatus: 000 %s\r\n", t.id,
		       SIZE, SIZE, status);
	mkit_request(0, "report1", "REPORT", hdrs, NULL, '$');
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	mkit_start(100000, 1);

	if (state_is(to, "SENDING") || state_is(to, "ENDING"))
		begin(1000, SIZE);
	else if (state_is(to, "WAITING") || state_is(to, "ENDING*")) {
		/* s7.1.1: the other one interrupts its chunk */
		begin(KIT_PIPE / 2, PART);
		(void)mkit_send(0, "other", 5, false);
	}
	else if (!state_is(to, "FREE"))
		begin(KIT_PIPE / 2, SIZE);

	if (state_is(to, "REPORTED"))
		report("200 OK");
	else if (state_is(to, "ANSWERED"))
		mkit_respond(0, t.tid, 200);
	else if (to[0] == 'E') {
		/* the connection is another one's */
		if (to[6]) {
			room(0);
			(void)mkit_send(0, "other", 5, false);
		}
		msrp_abort(t.out, mkit_ms);
	}
	look();
	t.n_sent = e()->n_sent;
	t.failed = e()->failed;

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	const bool free = state_is(in, "FREE");

	t.wire[0] = '\0';
	if (state_is(ev, "send")) {
		if (free)
			begin(1000, SIZE);
	}
	else if (state_is(ev, "lost"))
		mkit_cut();
	else if (state_is(ev, "close"))
		msrp_session_close(e()->s);
	else if (free)
		return;
	else if (state_is(ev, "room"))
		room(KIT_PIPE / 2);
	else if (state_is(ev, "octets")) {
		t.stop = SIZE;
		msrp_resume(t.out, mkit_ms);
	}
	else if (state_is(ev, "EIO")) {
		t.err = EIO;
		msrp_resume(t.out, mkit_ms);
		/* of what is being sent */
		if (state_is(in, "SENDING"))
			room(KIT_PIPE / 2);
	}
	else if (!strncmp(ev, "REPORT", 6))
		report(ev + 7);
	else if (state_is(ev, "30 s"))
		mkit_pass(MSRP_T_MS);
	else if (state_is(ev, "120 s")) {
		if (state_is(in, "ANSWERED"))
			mkit_pass(MSRP_REPORT_MS);
	}
	else if (state_is(ev, "abort"))
		msrp_abort(t.out, mkit_ms);
	else
		mkit_respond(0, t.tid, (unsigned)strtoul(ev, NULL, 10));

	if (!t.wire[0])
		look();
}


static bool told(int err)
{
	for (unsigned i = t.n_sent; i < e()->n_sent; i++) {
		if (state_is(e()->sent_idv[i % KIT_MSGS], t.id))
			return e()->sentv[i % KIT_MSGS].err == err;
	}

	return false;
}


static bool seen(const char *action)
{
	if (state_is(action, "SEND"))
		return strstr(t.wire, " SEND\r\n") != NULL &&
			strstr(t.wire, "a/b\r\n\r\na") != NULL;
	if (state_is(action, "#"))
		return strstr(t.wire, "#\r\n") != NULL;
	if (state_is(action, "tell failed"))
		return e()->failed > t.failed;

	return told(state_is(action, "tell sent") ? 0 :
		    state_is(action, "tell ECANCELED") ? ECANCELED :
		    state_is(action, "tell EIO") ? EIO :
		    state_is(action, "tell EPROTO") ? EPROTO :
		    state_is(action, "tell ETIMEDOUT") ? ETIMEDOUT :
		    ECONNRESET);
}


/* Whatever has happened: one outcome */
static const char *end(void)
{
	unsigned n = 0;

	msrp_session_close(e()->s);
	for (unsigned i = 0; i < e()->n_sent; i++)
		n += t.id[0] && state_is(e()->sent_idv[i], t.id);

	return t.id[0] && n != 1 ? "not one outcome" : NULL;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_MSRP_SENDER_0, statev, eventv, actionv, reach,
		fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 120);
}


const struct test_case suite_msrp_sender_table[] = {
	{"RFC 4975 s7.1: each state of an outbound message with each event",
	 all_pairs},
	{NULL, NULL}
};
