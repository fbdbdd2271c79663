/**
 * @file test_sip_dialog_table.c  Dialogs: each state with each event, as the
 *                                table in dialog.c says
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "gen/state_tables.h"
#include "test/unit/sip_kit.h"
#include "test/unit/state_table.h"
#include "test/unit/test.h"
#include "ue/sip/dialog.h"

#define LOCAL "sip:ue@example.net"
#define REMOTE "sip:focus@conf.example.net"

static const char *const statev[] = {
	"NONE", "CALLING", "EARLY", "EARLY*", "CONFIRMED", NULL
};
static const char *const eventv[] = {
	"init", "accept", "100", "1xx no tag", "1xx", "2xx", "300-699",
	"other 1xx", "other 2xx", "request", "old request", "accepted",
	"close", NULL
};
static const char *const actionv[] = {"target", "routes", "refused", NULL};

static struct {
	struct kit k;
	struct sip_dialog dlg;
	struct sip_msg msg;
	unsigned n;             /* number of the INVITE                  */
	unsigned fresh;         /* each Contact and route is a new one   */
	char target[80], routes[80];    /* before the event              */
	int err;
} t;


static const char *text(enum sip_dialog_text which)
{
	return t.dlg.state ? sip_dialog_text(&t.dlg, which) : "";
}


static const char *lines(void)
{
	static char buf[160];

	++t.fresh;
	(void)snprintf(buf, sizeof(buf),
		       "Record-Route: <sip:p%u.example.net;lr>\r\n"
		       "Contact: <sip:focus@10.0.0.%u>\r\n", t.fresh,
		       t.fresh);

	return buf;
}


static int response(unsigned code, const char *tag)
{
	static char buf[4000];

	(void)snprintf(buf, sizeof(buf), "%s",
		       kit_response(&t.k, t.n, code, tag, lines()));
	if (sip_msg_parse(&t.msg, buf, strlen(buf), SIP_FRAMING_DATAGRAM))
		return -1;

	return sip_dialog_response(&t.dlg, &t.msg);
}


static void write_request(const char *method, unsigned cseq,
			  const char *call_id, const char *to_tag)
{
	static char buf[2000];

	(void)snprintf(buf, sizeof(buf), "%s sip:ue@192.0.2.1:5070 SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx\r\n"
		       "Max-Forwards: 70\r\nFrom: <" REMOTE ">;tag=net\r\n"
		       "To: <" LOCAL ">%s%s\r\nCall-ID: %s\r\n"
		       "CSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n", method,
		       *to_tag ? ";tag=" : "", to_tag, call_id, cseq, method,
		       lines());
	memset(&t.msg, 0, sizeof(t.msg));
	(void)sip_msg_parse(&t.msg, buf, strlen(buf), SIP_FRAMING_DATAGRAM);
}


/* The peer's, as long as it belongs to the dialog */
static int request(unsigned cseq)
{
	char call_id[80], tag[80];

	(void)snprintf(call_id, sizeof(call_id), "%s",
		       text(SIP_DIALOG_CALL_ID));
	(void)snprintf(tag, sizeof(tag), "%s", text(SIP_DIALOG_LOCAL_TAG));
	write_request(t.dlg.state == SIP_DIALOG_CALLING ? "NOTIFY" : "UPDATE",
		      cseq, *call_id ? call_id : "x", tag);

	return sip_dialog_match(&t.dlg, &t.msg) ?
		sip_dialog_request(&t.dlg, &t.msg) : 0;
}


static void init(void)
{
	(void)sip_dialog_init(&t.dlg, &t.k.sip, &t.k.hop, LOCAL, REMOTE,
			      NULL);
}


static void invite(void)
{
	(void)sip_writer_end(sip_dialog_begin(&t.dlg, &t.k.sip, "INVITE"));
	(void)sip_ctrans_start(NULL, &t.k.sip, &t.k.hop, NULL, NULL);
	t.n = t.k.sentc - 1;
}


static int accept_invite(void)
{
	const struct sip_strans st = {.sip = &t.k.sip, .tag = 7};

	write_request("INVITE", 9, "call1", "");

	return sip_dialog_accept(&t.dlg, &st, &t.k.hop, &t.msg);
}


static const char *state(void)
{
	switch (t.dlg.state) {

	case SIP_DIALOG_NONE:      return "NONE";
	case SIP_DIALOG_CALLING:   return "CALLING";
	case SIP_DIALOG_EARLY:     return t.dlg.uac ? "EARLY" : "EARLY*";
	case SIP_DIALOG_CONFIRMED: return "CONFIRMED";
	default:                   return "?";
	}
}


static bool reach(const char *to, const char *event)
{
	(void)event;
	memset(&t, 0, sizeof(t));
	kit_init(&t.k, KIT_UDP);

	if (state_is(to, "EARLY*")) {
		if (accept_invite())
			return false;
	}
	else if (!state_is(to, "NONE")) {
		init();
		invite();
	}
	if (state_is(to, "EARLY"))
		t.err = response(180, "net");
	else if (state_is(to, "CONFIRMED"))
		t.err = response(200, "net");
	if (t.err || (!state_is(to, "NONE") && !state_is(to, "CALLING") &&
		      request(10)))
		return false;

	(void)snprintf(t.target, sizeof(t.target), "%s",
		       text(SIP_DIALOG_REMOTE_TARGET));
	(void)snprintf(t.routes, sizeof(t.routes), "%s",
		       text(SIP_DIALOG_ROUTES));

	return state_is(state(), to);
}


static void fire(const char *in, const char *ev)
{
	const bool none = state_is(in, "NONE");

	if (state_is(ev, "init")) {
		if (none)
			init();
	}
	else if (state_is(ev, "accept")) {
		if (none)
			t.err = accept_invite();
	}
	else if (state_is(ev, "close"))
		sip_dialog_close(&t.dlg);
	else if (none)
		return;
	else if (state_is(ev, "request"))
		t.err = request(20);
	else if (state_is(ev, "old request"))
		t.err = request(5);
	else if (state_is(ev, "accepted")) {
		write_request("UPDATE", 20, "x", "x");
		t.err = sip_dialog_target(&t.dlg, &t.msg);
	}
	else if (state_is(in, "EARLY*"))
		return;         /* a UAS gets no responses */
	else if (state_is(ev, "100"))
		t.err = response(100, NULL);
	else if (state_is(ev, "1xx no tag"))
		t.err = response(180, NULL);
	else if (state_is(ev, "1xx") || state_is(ev, "other 1xx"))
		t.err = response(183, ev[0] == 'o' ? "fork" : "net");
	else if (state_is(ev, "2xx") || state_is(ev, "other 2xx"))
		t.err = response(200, ev[0] == 'o' ? "fork" : "net");
	else
		t.err = response(486, "net");
}


static bool seen(const char *action)
{
	if (state_is(action, "refused"))
		return t.err == EPROTO;
	if (!t.dlg.state)
		return false;

	/* what init() writes is none of the peer's */
	return state_is(action, "target") ?
		strcmp(text(SIP_DIALOG_REMOTE_TARGET), t.target) &&
		strcmp(text(SIP_DIALOG_REMOTE_TARGET), REMOTE) :
		strcmp(text(SIP_DIALOG_ROUTES), t.routes) != 0;
}


static void all_pairs(void)
{
	static const struct state_machine m = {
		STATE_TABLE_UE_SIP_DIALOG_0, statev, eventv, actionv, reach,
		fire, seen, state, NULL
	};
	unsigned n;

	CHECK(state_table_walk(&m, &n));
	CHECK_EQ(n, 65);
}


const struct test_case suite_sip_dialog_table[] = {
	{"RFC 3261 s12: each state of a dialog with each event", all_pairs},
	{NULL, NULL}
};
