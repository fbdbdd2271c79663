/**
 * @file test_file_table.c  File transfers: each state with each event, as the
 *                          tables in file.c say
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/msg_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"

#if UE_FILE_TRANSFER

/** More than the port takes at a time */
#define SIZE 12000

/** What is received, and its SHA-1 */
#define DATA "hello"
#define SELECTOR "a=file-selector:size:5 hash:sha-1:AA:F4:C6:1D:DC:C5:E8:" \
	"A2:DA:BE:DE:0F:3B:48:2C:D9:AE:A9:43:4D\r\n"

#define TYPES "a=accept-types:*\r\n"
#define LINES TYPES "a=setup:passive\r\n"
#define ID "a=file-transfer-id:vBnG916bdberum2fFEABR1FR3ExZMUrd\r\n"
#define WANTED LINES "a=recvonly\r\na=file-selector:name:\"a\"\r\n" ID
/** Who sends connects here, and may do so before the ACK */
#define THEIRS TYPES "a=setup:active\r\na=sendonly\r\n" SELECTOR ID

static const char *const s_statev[] = {
	"FREE", "OFFERED", "HASHING", "HASHING*", "CALLING", "CALLING*",
	"RUNNING", "SENDING", "STOPPING", "ENDING", NULL
};
static const char *const s_eventv[] = {
	"send", "send unhashed", "offer", "accept", "accept unhashed", "end",
	"hashed", "unreadable", "200", "603", "ACK", "CANCEL", "BYE",
	"port 0", "lost", "connected", "writable", "confirmed", "413", "cut",
	"time", NULL
};
static const char *const s_actionv[] = {
	"INVITE", "ACK", "CANCEL", "BYE", "180", "200", "481", "487", "603",
	"488", "SEND", "#", "EPROTO", "ENOENT", "tell OFFERED",
	"tell STARTED", "tell DONE", "tell FAILED", NULL
};

static const char *const r_statev[] = {
	"FREE", "OFFERED", "CALLING", "CALLING*", "RUNNING", "TAKING",
	"STOPPING", "CHECKING", "OVER", "ENDING", NULL
};
static const char *const r_eventv[] = {
	"fetch", "offer", "accept", "end", "200", "603", "ACK", "CANCEL",
	"BYE", "port 0", "lost", "octets", "all", "#", "checked", "mismatch",
	"cut", "time", NULL
};
static const char *const r_actionv[] = {
	"INVITE", "ACK", "CANCEL", "BYE", "180", "200", "481", "487", "603",
	"488", "MSRP 200", "MSRP 403", "MSRP 413", "EPROTO", "ENOENT",
	"tell OFFERED", "tell STARTED", "tell DONE", "tell FAILED", NULL
};

static struct {
	struct ue_file file;
	uint8_t hash[UE_FILE_HASH];
	uint8_t data[SIZE];
	bool sending;
	bool unreadable;
	unsigned id;
	unsigned message;       /* of the peer: its Message-ID */
	unsigned own;           /* message with our description */
	unsigned sentc;
	int err;
	char wire[20000];
	size_t len;
	size_t from;            /* what came before the event */
} t;


static struct file *file(void)
{
	return &rk.ue.files.v[0];
}


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	*p = t.data + off;
	/* in pieces, as a disk gives it */
	*n = sizeof(t.data) - off < 700 ? sizeof(t.data) - off : 700;

	return t.unreadable ? EIO : 0;
}


static int write_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	(void)off;
	(void)p;
	(void)n;
	(void)arg;

	return 0;
}


static const char *state(void)
{
	const struct file *f = file();

	if (!f->id)
		return "FREE";
	if (f->busy)
		return f->err ? "STOPPING" : f->sending ? "SENDING"
			: "TAKING";

	switch (f->state) {

	case FILE_OFFERED:  return "OFFERED";
	case FILE_HASHING:  return f->s ? "HASHING*" : "HASHING";
	case FILE_CALLING:  return f->offerer ? "CALLING" : "CALLING*";
	case FILE_RUNNING:  return "RUNNING";
	case FILE_CHECKING: return "CHECKING";
	default:
		return f->s && f->s->state == SESSION_CONFIRMED ? "OVER"
			: "ENDING";
	}
}


/* ------------------------------------------------------------------ */
/* What happens */


/** What was sent by MSRP is kept: mg_sent() forgets it */
static bool look(void)
{
	const char *p = mg_sent(0);
	const size_t n = strlen(p);

	if (t.len + n >= sizeof(t.wire))
		return false;
	memcpy(t.wire + t.len, p, n + 1);
	t.len += n;

	return n > 0;
}


static void writable(void)
{
	while (look()) {
		ue_flow_writable(&rk.ue, rk.now_ms, UE_FLOWS_MAX);
		rk_run(0);
	}
}


/** Answer all requests of ours that are in t.wire */
static void respond(const char *status)
{
	const char *p = t.wire;

	/* that of s5.4, which has no body, is answered */
	while ((p = strstr(p, "Content-Type: "))) {
		while (strncmp(p, "MSRP ", 5))
			--p;
		mg_answer(0, p, status, "");
		p = strstr(p, "Content-Type: ") + 1;
	}
	(void)look();
}


static void command(bool hashed)
{
	t.file.hash = t.sending && hashed ? t.hash : NULL;
	t.err = t.sending ? ue_file_send(&rk.ue, &t.id, SS_PEER, &t.file)
		: ue_file_fetch(&rk.ue, &t.id, SS_PEER, &t.file);
	/* one that is hashed is so in the next ue_poll() */
	if (hashed || !t.sending)
		rk_run(0);
	t.own = ss.invite = ss_sent("INVITE");
}


static void offer(void)
{
	(void)ss_invite(NULL, mg_sdp("192.0.2.77", 9000, MG_BOB, t.sending ?
				     WANTED : THEIRS));
	t.id = rk_event(UE_EVENT_FILE_OFFERED) ?
		rk_event(UE_EVENT_FILE_OFFERED)->session : 0;
}


static void accept(bool hashed)
{
	t.file.hash = t.sending && hashed ? t.hash : NULL;
	t.err = ue_file_accept(&rk.ue, t.id, &t.file);
	if (t.err || (t.sending && !hashed))
		return;
	rk_run(0);
	t.own = ss_sent("200");
}


static void answer(unsigned code)
{
	unsigned n = ss_sent("BYE");

	if (n == UINT_MAX)
		n = ss.invite;
	ss_answer(n, code, code == 200 ? SS_CONTACT SS_ALLOW SS_RR : NULL,
		  code == 200 && n == ss.invite ?
		  mg_sdp("192.0.2.77", 9000, MG_BOB, t.sending ?
			 LINES "a=recvonly\r\n" :
			 LINES "a=sendonly\r\n" SELECTOR) : NULL);
}


/** The octets of the peer's message.  Without ue_poll() */
static void recv_octets(const char *body, unsigned n, char flag)
{
	char text[800];
	size_t used;
	const int len = snprintf(text, sizeof(text), "MSRP tid1 SEND\r\n"
		"To-Path: %s\r\nFrom-Path: " MG_BOB "\r\nMessage-ID: m%u\r\n"
		"Byte-Range: 1-%u/5\r\nContent-Type: text/plain\r\n\r\n%.*s"
		"\r\n-------tid1%c\r\n", mg_own(t.own), t.message, n, (int)n, body,
		flag);

	if (mg.open[0])
		(void)ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX,
				     (const uint8_t *)text, (size_t)len,
				     &used);
}


static void connect_here(void)
{
	static const struct ue_addr bob = {
		.family = 4, .ip = {192, 0, 2, 77}, .port = 40000
	};
	unsigned flow;

	if (!ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER, &bob,
			      &flow))
		mg.open[flow - UE_FLOWS_MAX] = true;
}


static void dialog(const char *method, const char *sdp)
{
	(void)ss_request_cseq(method, ++ss.cseq, SS_ALLOW, sdp);
}


static bool is_transient(const char *s)
{
	return state_is(s, "HASHING") || state_is(s, "HASHING*") ||
		state_is(s, "CHECKING");
}


/* ------------------------------------------------------------------ */


static void with_files(void)
{
	mg.set.files = true;
}


static bool begin(bool sending)
{
	memset(&t, 0, sizeof(t));
	memset(t.data, 'a', sizeof(t.data));
	t.sending = sending;
	t.file.name = "a";
	t.file.size = sending ? SIZE : 5;
	t.file.read_h = sending ? read_h : NULL;
	t.file.write_h = write_h;

	return mg_begin(with_files);
}


static bool reached(const char *to)
{
	t.from = t.len;
	t.sentc = rk.sentc;
	t.err = 0;
	rk.eventc = 0;

	return state_is(state(), to);
}


/** Established, and connected if it is to be */
static void run(bool connected)
{
	command(true);
	answer(200);
	if (!connected)
		return;
	mg_connected(0);
	(void)look();
	/* RFC 4975 s5.4: the first request has no body */
	mg_answer(0, t.wire, "200 OK", "");
}


static bool s_reach(const char *to, const char *event)
{
	if (!begin(true))
		return false;

	(void)event;
	if (state_is(to, "CALLING") || state_is(to, "HASHING"))
		command(state_is(to, "CALLING"));
	else if (strchr(to, '*') || state_is(to, "OFFERED"))
		offer();
	else if (!state_is(to, "FREE"))
		run(!state_is(to, "RUNNING"));

	if (strchr(to, '*'))
		accept(state_is(to, "CALLING*"));
	else if (state_is(to, "STOPPING"))
		(void)ue_file_end(&rk.ue, t.id, 0);
	else if (state_is(to, "ENDING")) {
		writable();
		respond("200 OK");
	}
	if (!is_transient(to))
		rk_run(0);
	return reached(to);
}


static bool r_reach(const char *to, const char *event)
{
	if (!begin(false))
		return false;

	if (state_is(to, "CALLING"))
		command(true);
	else if (state_is(to, "OFFERED") || state_is(to, "CALLING*"))
		offer();
	else if (!state_is(to, "FREE"))
		run(true);

	if (state_is(to, "CALLING*")) {
		accept(true);
		connect_here();
	}
	else if (!state_is(to, "RUNNING")) {
		recv_octets(DATA, 3, '+');
		rk_run(0);
	}
	if (state_is(to, "STOPPING"))
		(void)ue_file_end(&rk.ue, t.id, 0);
	else if (state_is(to, "CHECKING") || state_is(to, "OVER") ||
		 state_is(to, "ENDING"))
		recv_octets(state_is(event, "mismatch") &&
			    state_is(to, "CHECKING") ? "hellO" : DATA, 5,
			    '$');
	if (state_is(to, "ENDING"))
		rk_run(6000);
	else if (!is_transient(to))
		rk_run(0);
	(void)look();
	/* what comes then is a second message */
	t.message = state_is(to, "CHECKING") || state_is(to, "OVER");

	return reached(to);
}


/** What both directions have in common */
static void fire_sip(const char *in, const char *ev)
{
	const bool free = state_is(in, "FREE");
	const struct session *s = file()->s;

	if (state_is(ev, "offer")) {
		if (free)
			offer();
	}
	else if (state_is(ev, "accept") || state_is(ev, "accept unhashed"))
		accept(state_is(ev, "accept"));
	else if (state_is(ev, "end"))
		t.err = ue_file_end(&rk.ue, t.id, 0);
	else if (state_is(ev, "lost"))
		sessions_lost(&rk.ue.sessions);
	else if (!s)
		return;
	else if (state_is(ev, "200") || state_is(ev, "603")) {
		if (s->state == SESSION_CALLING ||
		    (s->state == SESSION_ENDING && ev[0] == '2'))
			answer(ev[0] == '2' ? 200 : 603);
	}
	else if (state_is(ev, "ACK")) {
		if (s->state == SESSION_ACCEPTED)
			ss_ack(NULL);
	}
	else if (state_is(ev, "CANCEL")) {
		if (s->state == SESSION_INCOMING ||
		    s->state == SESSION_ACCEPTED)
			ss_cancel_alone();
	}
	else if (state_is(ev, "BYE"))
		dialog("BYE", NULL);
	else if (state_is(ev, "port 0")) {
		if (s->state == SESSION_CONFIRMED)
			dialog("INVITE", mg_sdp("192.0.2.77", 0, MG_BOB,
						t.sending ? WANTED : THEIRS));
	}
	else if (state_is(ev, "cut")) {
		if (mg.open[0]) {
			mg.open[0] = false;
			ue_flow_closed(&rk.ue, rk.now_ms, UE_FLOWS_MAX,
				       ECONNRESET);
		}
	}
}


/** What follows at once.  HASHING and CHECKING end by the next ue_poll(): it
 *  is left to them but where what has happened to the session or connection
 *  is told only then */
static void settle(const char *in, const char *ev)
{
	const bool gone = state_is(ev, "lost") || state_is(ev, "BYE") ||
		state_is(ev, "port 0") || state_is(ev, "cut");

	if (!is_transient(state()) ||
	    (gone && state_is(in, "CHECKING")) ||
	    (state_is(ev, "lost") && state_is(in, "HASHING*")))
		rk_run(0);
	(void)look();
}


static void s_fire(const char *in, const char *ev)
{
	const bool free = state_is(in, "FREE");
	const bool sending = state_is(in, "SENDING");

	if (state_is(ev, "send") || state_is(ev, "send unhashed")) {
		if (free)
			command(state_is(ev, "send"));
	}
	else if (state_is(ev, "hashed") || state_is(ev, "unreadable")) {
		t.unreadable = ev[0] == 'u';
		rk_run(0);
		if (sending)
			writable();
	}
	else if (state_is(ev, "connected")) {
		if (mg.open[0] && state_is(in, "RUNNING"))
			mg_connected(0);
	}
	else if (state_is(ev, "writable"))
		writable();
	else if (state_is(ev, "confirmed")) {
		if (sending) {
			writable();
			respond("200 OK");
		}
	}
	else if (state_is(ev, "413")) {
		/* in the middle of the file */
		if (sending) {
			(void)look();
			respond("413 Stop");
		}
	}
	else if (state_is(ev, "time")) {
		if (sending)
			writable();
		if (sending || state_is(in, "STOPPING"))
			rk_run(sending ? 31000 : 1000);
		else if (state_is(in, "RUNNING"))
			rk_run(120000);
	}
	else
		fire_sip(in, ev);

	settle(in, ev);
}


static void r_fire(const char *in, const char *ev)
{
	if (state_is(ev, "fetch")) {
		if (state_is(in, "FREE"))
			command(true);
	}
	else if (state_is(ev, "octets"))
		recv_octets(DATA, 3, '+');
	else if (state_is(ev, "all"))
		recv_octets(DATA, 5, '$');
	else if (state_is(ev, "#"))
		recv_octets(DATA, 4, '#');
	else if (state_is(ev, "checked") || state_is(ev, "mismatch")) {
		if (is_transient(in))
			rk_run(0);
	}
	else if (state_is(ev, "time")) {
		if (state_is(in, "STOPPING") || state_is(in, "OVER"))
			rk_run(state_is(in, "OVER") ? 5000 : 1000);
		else if (state_is(in, "RUNNING"))
			rk_run(120000);
	}
	else
		fire_sip(in, ev);

	settle(in, ev);
}


static bool seen(const char *action)
{
	static const struct {
		const char *name;
		enum ue_event_type type;
	} v[] = {
		{"tell OFFERED", UE_EVENT_FILE_OFFERED},
		{"tell STARTED", UE_EVENT_FILE_STARTED},
		{"tell DONE",    UE_EVENT_FILE_DONE},
		{"tell FAILED",  UE_EVENT_FILE_FAILED}
	};

	if (state_is(action, "EPROTO"))
		return t.err == EPROTO;
	if (state_is(action, "ENOENT"))
		return t.err == ENOENT;
	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (state_is(action, v[i].name))
			return rk_events(v[i].type) > 0;
	}
	if (state_is(action, "SEND"))
		return strstr(t.wire + t.from, "Byte-Range: 1-*/") != NULL;
	if (state_is(action, "#"))
		return strstr(t.wire + t.from, "#\r\n") != NULL;
	if (!strncmp(action, "MSRP ", 5)) {

		char line[40];

		(void)snprintf(line, sizeof(line), "MSRP tid1 %s",
			       action + 5);
		return strstr(t.wire + t.from, line) != NULL;
	}

	return rk_sent(action) != UINT_MAX && rk_sent(action) >= t.sentc;
}


/** Nothing of it lasts */
static const char *end(void)
{
	if (file()->id && file()->alerted)
		(void)ue_file_end(&rk.ue, t.id, 0);
	mg.wire_len[0] = 0;
	rk_run(10000);

	return file()->id && !file()->s ? "a transfer is left" : ss_end();
}


static void sent(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_FILE_0, s_statev, s_eventv, s_actionv,
		s_reach, s_fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 210);
}


static void received(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SERVICES_FILE_1, r_statev, r_eventv, r_actionv,
		r_reach, r_fire, seen, state, end
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 180);
}

#endif


const struct test_case suite_file_table[] = {
#if UE_FILE_TRANSFER
	{"RFC 5547 s8: each state of a file that is sent with each event",
	 sent},
	{"RFC 5547 s8: each state of a file that is received with each event",
	 received},
#endif
	{NULL, NULL}
};
