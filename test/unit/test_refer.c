/**
 * @file test_refer.c  REFER in both roles (RFC 3515, RFC 4488, RFC 5368, RFC
 * 3420) and lists of URIs (RFC 5364)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/reg_kit.h"
#include "test/unit/test.h"
#include "ue/services/uri_list.h"

#define FRAG "Content-Type: message/sipfrag;version=2.0\r\n"
#define FOCUS "sip:conf1@mrfc1.home1.net"
#define BOB "sip:bob@home2.net"

static struct {
	unsigned accepted;
	unsigned progress;
	unsigned done;
	int err;
	uint16_t status;
	struct refer *rf;
} t;


static void refer_handler(struct refer *rf, enum refer_event event, int err,
			  uint16_t status, void *arg)
{
	(void)rf;
	(void)arg;

	t.accepted += event == REFER_ACCEPTED;
	t.progress += event == REFER_PROGRESS;
	t.done += event == REFER_DONE;
	t.err = err;
	t.status = status;
}


static bool begin(void)
{
	memset(&t, 0, sizeof(t));
	rk_begin();

	return rk_registered(NULL) > 0;
}


static int send_refer(const struct refer_params *prm)
{
	return refer_send(&t.rf, &rk.ue.refers, prm, refer_handler, NULL);
}


/* REFER to Bob for the conference.  @return its number, 0: not sent */
static unsigned refer_bob(void)
{
	const struct refer_params prm = {.target = BOB, .refer_to = FOCUS};

	if (!begin() || send_refer(&prm) || !rk_is(rk_last(), "REFER"))
		return 0;

	return rk_last();
}


/* NOTIFY in the dialog of REFER n.  @return status of the answer */
static unsigned notify(unsigned n, unsigned cseq, const char *event,
		       const char *state, const char *frag)
{
	static char text[2000];
	const unsigned before = rk.sentc;
	char to[300];

	snprintf(to, sizeof(to), "%s", rk_hdr(n, "To"));
	if (strstr(to, ";tag="))
		*strstr(to, ";tag=") = '\0';
	snprintf(text, sizeof(text), "NOTIFY sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn%u\r\n"
		 "Max-Forwards: 70\r\nFrom: %s;tag=net\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: %u NOTIFY\r\n"
		 "Contact: <" BOB ">\r\nEvent: %s\r\n"
		 "Subscription-State: %s\r\n" FRAG
		 "Content-Length: %u\r\n\r\n%s", ++rk.branch, to,
		 rk_hdr(n, "From"), rk_hdr(n, "Call-ID"), cseq, event, state,
		 (unsigned)strlen(frag), frag);
	(void)rk_recv(text);

	return rk.sentc == before ? 0 : rk_status(before);
}


/* ------------------------------------------------------------------ */


/* RFC 3515 s2.4.1, RFC 3892 s2.1 */
static void test_request(void)
{
	const unsigned n = refer_bob();

	/* TS 34.229-1 15.18: to the user, a new Call-ID, no To tag */
	CHECK(n > 0);
	CHECK(rk_has(n, "REFER " BOB " SIP/2.0"));
	CHECK_STR(rk_hdr(n, "To"), "<" BOB ">");
	CHECK_STR(rk_hdr(n, "Refer-To"), "<" FOCUS ">");
	CHECK_STR(rk_hdr(n, "Referred-By"), "<" RK_IMPU ">");
	CHECK_STR(rk_hdr(n, "P-Preferred-Identity"), "<" RK_IMPU ">");
	CHECK(rk_hdr(n, "Contact")[0] != '\0');
	CHECK_STR(rk_hdr(n, "Refer-Sub"), "");

	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(t.accepted, 1);
	CHECK_EQ(notify(n, 1, "refer", "active;expires=300",
			"SIP/2.0 100 Trying\r\n"), 200);
	CHECK_EQ(t.progress, 1);
	CHECK_EQ(t.status, 100);
	CHECK_EQ(notify(n, 2, "refer", "terminated;reason=noresource",
			"SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, 0);
	CHECK_EQ(t.status, 200);

	/* it is over */
	CHECK_EQ(notify(n, 3, "refer", "terminated", "SIP/2.0 200 OK\r\n"),
		 481);
	CHECK_STR(rk_end(), NULL);
}


static void test_notify_first(void)
{
	unsigned n = refer_bob();

	/* before the 202 */
	CHECK(n > 0);
	CHECK_EQ(notify(n, 1, "refer;id=1", "active;expires=60",
			"SIP/2.0 180 Ringing"), 200);
	CHECK_EQ(t.progress, 1);
	(void)rk_answer(n, 202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(t.accepted, 1);
	CHECK_EQ(notify(n, 2, "refer", "terminated",
			"SIP/2.0 603 Decline\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.status, 603);
	CHECK_STR(rk_end(), NULL);

	/* all of it before the 202 */
	n = refer_bob();
	CHECK_EQ(notify(n, 1, "refer", "terminated", "SIP/2.0 200 OK\r\n"),
		 200);
	CHECK_EQ(t.done, 1);
	(void)rk_answer(n, 202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(t.accepted, 0);
	CHECK_EQ(t.done, 1);
	CHECK_STR(rk_end(), NULL);
}


static void test_final_not_terminated(void)
{
	const unsigned n = refer_bob();

	/* the outcome is told once, the subscription ends later */
	CHECK(n > 0);
	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(notify(n, 1, "refer", "active", "SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(notify(n, 2, "refer", "terminated", "SIP/2.0 200 OK\r\n"),
		 200);
	CHECK_EQ(t.done, 1);
	CHECK_STR(rk_end(), NULL);
}


static void test_refused(void)
{
	CHECK(refer_bob() > 0);
	rk_reply(603, NULL);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.status, 603);
	CHECK_STR(rk_end(), NULL);
}


static void test_silence(void)
{
	unsigned n = refer_bob();

	/* no answer at all */
	CHECK(n > 0);
	rk_run(200000);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, ETIMEDOUT);
	CHECK_STR(rk_end(), NULL);

	/* no NOTIFY */
	CHECK(refer_bob() > 0);
	rk_reply(202, "Contact: <" BOB ">\r\n");
	rk_run(130000);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, ETIMEDOUT);
	CHECK_STR(rk_end(), NULL);

	/* the subscription runs out; what was heard last is told */
	n = refer_bob();
	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(notify(n, 1, "refer", "active;expires=300",
			"SIP/2.0 180 Ringing\r\n"), 200);
	rk_run(300000 + 127000);
	CHECK_EQ(t.done, 0);
	rk_run(2000);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, ETIMEDOUT);
	CHECK_EQ(t.status, 180);
	CHECK_STR(rk_end(), NULL);

	/* RFC 6665 s4.2.1.4: who ends it then says so */
	n = refer_bob();
	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(notify(n, 1, "refer", "active;expires=60",
			"SIP/2.0 180 Ringing\r\n"), 200);
	rk_run(60000);
	CHECK_EQ(notify(n, 2, "refer", "terminated;reason=noresource",
			"SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, 0);
	CHECK_EQ(t.status, 200);
	CHECK_STR(rk_end(), NULL);
}


static void test_sipfrag(void)
{
	static const struct {
		const char *frag;
		unsigned status;
	} v[] = {
		{"SIP/2.0 183 Session Progress\r\nContact: <sip:x@y>\r\n",
		 183},
		{"SIP/2.0 180", 180}, {"SIP/2.0 182\r\n", 182},
		{"SIP/2.0 99 x", 0}, {"SIP/2.0 700 x", 0},
		{"SIP/2.0 1000 x", 0}, {"SIP/2.0 18", 0}, {"", 0},
		{"INVITE sip:x@y SIP/2.0\r\n", 0}, {"To: <sip:x@y>\r\n", 0},
	};
	const unsigned n = refer_bob();
	unsigned i, progress = 0;

	/* RFC 3420: what has no status line says nothing */
	CHECK(n > 0);
	rk_reply(202, "Contact: <" BOB ">\r\n");
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		t.rf->status = 0;
		CHECK_EQ(notify(n, i + 1, "refer", "active", v[i].frag), 200);
		progress += v[i].status != 0;
		CHECK_EQ(t.progress, progress);
		CHECK_EQ(t.rf->status, v[i].status);
	}
	CHECK_EQ(notify(n, 20, "refer;id=2", "active", "SIP/2.0 180 x"), 481);
	CHECK_EQ(t.done, 0);
	CHECK_STR(rk_end(), NULL);
	CHECK_EQ(t.done, 1);
}


/* The recipient has nothing more to say, whatever it says last */
static void test_terminated_unread(void)
{
	static char text[2000];
	const unsigned n = refer_bob();

	CHECK(n > 0);
	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(notify(n, 1, "refer", "active;expires=300",
			"SIP/2.0 180 Ringing\r\n"), 200);
	snprintf(text, sizeof(text), "NOTIFY sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKt\r\n"
		 "Max-Forwards: 70\r\nFrom: <" BOB ">;tag=net\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: 2 NOTIFY\r\nContact: <" BOB ">\r\n"
		 "Event: refer\r\nSubscription-State: terminated\r\n"
		 "Content-Type: text/plain\r\nContent-Length: 14\r\n\r\n"
		 "SIP/2.0 200 OK", rk_hdr(n, "From"), rk_hdr(n, "Call-ID"));
	(void)rk_recv(text);
	CHECK_EQ(rk_status(rk_last()), 415);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, ECONNABORTED);
	CHECK_EQ(t.status, 180);
	CHECK_STR(rk_end(), NULL);
}


static void test_no_sub(void)
{
	const struct refer_params prm = {
		.target = FOCUS, .refer_to = "tel:+15550100", .no_sub = true
	};

	/* RFC 4488 s4 */
	CHECK(begin());
	CHECK_EQ(send_refer(&prm), 0);
	CHECK_STR(rk_hdr(rk_last(), "Refer-Sub"), "false");
	CHECK_STR(rk_hdr(rk_last(), "Supported"), "norefersub");
	rk_reply(202, "Refer-Sub: false\r\n");
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.status, 202);
	CHECK_STR(rk_end(), NULL);

	/* the recipient does not agree: there is one after all */
	CHECK(begin());
	CHECK_EQ(send_refer(&prm), 0);
	rk_reply(202, "Contact: <" FOCUS ">\r\n");
	CHECK_EQ(t.done, 0);
	CHECK_EQ(t.accepted, 1);
	CHECK_EQ(notify(rk_last(), 1, "refer", "terminated",
			"SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_STR(rk_end(), NULL);
}


static void test_many(void)
{
	static const char *const uriv[] = {
		"sip:bill@example.com", "sip:a&b@example.org?x=y"
	};
	const struct refer_params prm = {
		.target = FOCUS, .uriv = uriv, .uric = 2, .method = "BYE"
	};
	unsigned n;

	/* RFC 5368 s7 and figure 3 */
	CHECK(begin());
	CHECK_EQ(send_refer(&prm), 0);
	n = rk_last();
	CHECK_STR(rk_hdr(n, "Refer-To"), "<cid:list@uims.invalid>");
	CHECK_STR(rk_hdr(n, "Content-ID"), "<list@uims.invalid>");
	CHECK_STR(rk_hdr(n, "Require"), "multiple-refer, norefersub");
	CHECK_STR(rk_hdr(n, "Refer-Sub"), "false");
	CHECK_STR(rk_hdr(n, "Content-Type"), "application/resource-lists+xml");
	CHECK_STR(rk_hdr(n, "Content-Disposition"), "recipient-list");
	CHECK(rk_has(n, "<entry uri=\"sip:bill@example.com?method=BYE\"/>"));
	CHECK(rk_has(n, "<entry uri=\"sip:a&amp;b@example.org?x=y&amp;"
		     "method=BYE\"/>"));
	CHECK(!rk_has(n, "copyControl"));
	rk_reply(200, "Refer-Sub: false\r\n");
	CHECK_EQ(t.done, 1);
	CHECK_STR(rk_end(), NULL);
}


static void test_refer_to(void)
{
	static const struct {
		struct refer_params prm;
		const char *value;
	} v[] = {
		{{.refer_to = "sip:a@x", .method = "BYE"},
		 "<sip:a@x;method=BYE>"},
		/* parameters stand before headers; a tel URI has neither */
		{{.refer_to = "sip:a@x?A=b", .method = "BYE"},
		 "<sip:a@x;method=BYE?A=b>"},
		{{.refer_to = "tel:+15550100;ext=7", .method = "BYE"},
		 "<sip:+15550100;ext=7@" RK_HOME ";user=phone;method=BYE>"},
		{{.refer_to = "tel:+15550100"}, "<tel:+15550100>"},
		/* RFC 3891 s7: an escaped Replaces */
		{{.refer_to = "sip:a@x",
		  .replaces = "c@1;to-tag=2;from-tag=3"},
		 "<sip:a@x?Replaces=c%401%3Bto-tag%3D2%3Bfrom-tag%3D3>"},
		{{.refer_to = "sip:a@x?A=b", .replaces = "c;to-tag=\"\xc3"},
		 "<sip:a@x?A=b&Replaces=c%3Bto-tag%3D%22%C3>"},
		/* draft-ranjit-sipping-conference-01 4.4 */
		{{.refer_to = "sip:a@x", .action = "hold"},
		 "<sip:a@x>;action=hold"},
	};
	struct refer_params prm;
	unsigned i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(begin());
		prm = v[i].prm;
		prm.target = FOCUS;
		CHECK_EQ(send_refer(&prm), 0);
		CHECK_STR(rk_hdr(rk_last(), "Refer-To"), v[i].value);
		CHECK_STR(rk_end(), NULL);
	}
}


static void test_errors(void)
{
	struct refer_params prm = {.target = BOB, .refer_to = FOCUS};
	unsigned i, dones;

	rk_begin();
	CHECK_EQ(rk_init(), 0);
	CHECK_EQ(send_refer(&prm), EPROTO);

	CHECK(begin());
	prm.refer_to = "no uri";
	CHECK_EQ(send_refer(&prm), EINVAL);
	prm.refer_to = FOCUS;
	prm.target = "<sip:a@b>";
	CHECK_EQ(send_refer(&prm), EINVAL);
	prm.target = NULL;
	CHECK_EQ(send_refer(&prm), EPROTO);
	prm.target = BOB;

	/* dialogs run out, and come back */
	for (i = 0; i < UE_REFER_DIALOGS; i++)
		CHECK_EQ(send_refer(&prm), 0);
	CHECK_EQ(send_refer(&prm), ENOMEM);
	dones = t.done;
	rk_reply(603, NULL);
	CHECK_EQ(t.done, dones + 1);
	CHECK_EQ(send_refer(&prm), 0);
	CHECK_STR(rk_end(), NULL);
}


/* The session of that dialog ends: what waits in it does not (RFC 6665
   s4.5.2) */
static const char *session_over(struct sip_dialog *dlg)
{
	const unsigned done = t.done;

	refers_dialog_closed(&rk.ue.refers, dlg);
	rk_run(0);
	if (t.done != done)
		return "a REFER has ended with the session";

	return dlg->state == SIP_DIALOG_NONE ? NULL :
		"the dialog is still the session's";
}


static void test_in_dialog(void)
{
	struct refer_params prm = {.refer_to = BOB};
	struct sip_dialog dlg = {0};
	unsigned a, b;

	/* two in one dialog: told apart by the CSeq (RFC 3515 s2.4.6) */
	CHECK(begin());
	CHECK_EQ(sip_dialog_init(&dlg, &rk.ue.sip, ims_reg_hop(&rk.ue.reg),
				 RK_IMPU, FOCUS, NULL), 0);
	rk_confirm(&dlg, "net");
	prm.dlg = &dlg;
	CHECK_EQ(send_refer(&prm), 0);
	a = rk_last();
	CHECK_EQ(send_refer(&prm), 0);
	b = rk_last();
	CHECK_STR(rk_hdr(a, "CSeq"), "1 REFER");
	CHECK_STR(rk_hdr(b, "CSeq"), "2 REFER");
	CHECK_STR(rk_hdr(a, "Call-ID"), rk_hdr(b, "Call-ID"));
	(void)rk_answer(a, 202, "Contact: <" FOCUS ">\r\n");
	(void)rk_answer(b, 202, "Contact: <" FOCUS ">\r\n");
	CHECK_EQ(notify(b, 1, "refer;id=2", "terminated",
			"SIP/2.0 486 Busy Here\r\n"), 200);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.status, 486);
	CHECK_EQ(notify(a, 2, "refer;id=2", "active", "SIP/2.0 200 OK\r\n"),
		 481);

	CHECK_STR(session_over(&dlg), NULL);
	CHECK_EQ(notify(a, 3, "refer;id=1", "terminated",
			"SIP/2.0 200 OK\r\n"), 200);
	CHECK_EQ(t.done, 2);
	CHECK_EQ(t.status, 200);
	CHECK_EQ(rk.ue.refers.dlgv[0].state, SIP_DIALOG_NONE);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 6665 s4.5.2: where there is no room for the dialog of a session that has
   ended, its REFERs end */
static void test_no_dialog(void)
{
	const struct refer_params other = {.target = BOB, .refer_to = FOCUS};
	struct refer_params prm = {.refer_to = BOB};
	struct sip_dialog dlg = {0};
	unsigned i;

	CHECK(begin());
	CHECK_EQ(sip_dialog_init(&dlg, &rk.ue.sip, ims_reg_hop(&rk.ue.reg),
				 RK_IMPU, FOCUS, NULL), 0);
	rk_confirm(&dlg, "net");
	prm.dlg = &dlg;
	for (i = 0; i < UE_REFER_DIALOGS; i++)
		CHECK_EQ(send_refer(&other), 0);
	CHECK_EQ(send_refer(&prm), 0);
	refers_dialog_closed(&rk.ue.refers, &dlg);
	CHECK_EQ(t.done, 0);
	rk_run(0);
	CHECK_EQ(t.done, 1);
	CHECK_EQ(t.err, ECONNABORTED);
	CHECK_EQ(dlg.state, SIP_DIALOG_CONFIRMED);
	sip_dialog_close(&dlg);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 3515 s2.4.6: without id it is about the first one, wherever that is in
   the table */
static void test_no_id(void)
{
	struct refer_params other = {.target = BOB, .refer_to = FOCUS};
	struct refer_params prm = {.refer_to = BOB};
	struct refer *first, *second;
	struct sip_dialog dlg = {0};
	unsigned n;

	CHECK(begin());
	CHECK_EQ(sip_dialog_init(&dlg, &rk.ue.sip, ims_reg_hop(&rk.ue.reg),
				 RK_IMPU, FOCUS, NULL), 0);
	rk_confirm(&dlg, "net");
	prm.dlg = &dlg;
	CHECK_EQ(send_refer(&other), 0);
	n = rk_last();
	CHECK_EQ(send_refer(&prm), 0);
	first = t.rf;
	(void)rk_answer(n, 603, NULL);
	CHECK_EQ(send_refer(&prm), 0);
	second = t.rf;
	CHECK(second < first);
	CHECK_EQ(notify(rk_last(), 1, "refer", "active", "SIP/2.0 180 x"),
		 200);
	CHECK_EQ(first->status, 180);
	CHECK_EQ(second->status, 0);
	refers_dialog_closed(&rk.ue.refers, &dlg);
	sip_dialog_close(&dlg);
	CHECK_STR(rk_end(), NULL);
}


/* What is known holds no room, however long its subscription is said to
   last */
static void test_known_gives_way(void)
{
	const struct refer_params prm = {.target = BOB, .refer_to = FOCUS};
	struct refer_params in = {.refer_to = BOB};
	struct sip_dialog dlg = {0};
	char event[20];
	unsigned i, n;

	CHECK(begin());
	CHECK_EQ(sip_dialog_init(&dlg, &rk.ue.sip, ims_reg_hop(&rk.ue.reg),
				 RK_IMPU, FOCUS, NULL), 0);
	rk_confirm(&dlg, "net");
	in.dlg = &dlg;
	for (i = 1; i <= 2 * UE_REFERS_MAX; i++) {
		CHECK_EQ(send_refer(&in), 0);
		n = rk_last();
		(void)rk_answer(n, 202, "Contact: <" FOCUS ">\r\n");
		snprintf(event, sizeof(event), "refer;id=%u", i);
		CHECK_EQ(notify(n, i, event, "active;expires=4294967294",
				"SIP/2.0 200 OK\r\n"), 200);
		CHECK_EQ(t.done, i);
	}
	refers_dialog_closed(&rk.ue.refers, &dlg);
	sip_dialog_close(&dlg);

	/* nor a dialog */
	for (i = 1; i <= 2 * UE_REFER_DIALOGS; i++) {
		CHECK_EQ(send_refer(&prm), 0);
		n = rk_last();
		(void)rk_answer(n, 202, "Contact: <" BOB ">\r\n");
		CHECK_EQ(notify(n, 1, "refer", "active;expires=4294967294",
				"SIP/2.0 200 OK\r\n"), 200);
	}
	CHECK_STR(rk_end(), NULL);
}


static void test_endless(void)
{
	const unsigned n = refer_bob();

	/* a command has an outcome, whatever the peer says */
	rk_reply(202, "Contact: <" BOB ">\r\n");
	CHECK_EQ(notify(n, 1, "refer", "active;expires=4294967294",
			"SIP/2.0 100 Trying\r\n"), 200);
	CHECK_EQ(ue_timer_left_ms(&rk.ue.timers, &t.rf->timer),
		 3600000 + 128000);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Lists */


static struct {
	unsigned count;
	char uriv[4][64];
	char name[40];
} list;


static void entry_h(const struct uri_list_entry *entry, void *arg)
{
	(void)arg;

	if (list.count < 4)
		(void)xml_decode(list.uriv[list.count],
				 sizeof(list.uriv[0]), &entry->uri);
	if (entry->name.l)
		(void)xml_decode(list.name, sizeof(list.name), &entry->name);
	++list.count;
}


static int read_list(const char *text)
{
	static struct xml xml;
	struct pl pl;

	memset(&list, 0, sizeof(list));
	pl_set_str(&pl, text);

	return uri_list_read(&xml, &pl, entry_h, NULL);
}


#define LIST_BEGIN "<resource-lists xmlns=\"urn:ietf:params:xml:ns:"	\
	"resource-lists\">"


static void test_list(void)
{
	/* flat: what is inside or beside the list is left out */
	CHECK_EQ(read_list("<resource-lists xmlns=\"urn:ietf:params:xml:ns:"
			   "resource-lists\" xmlns:cp=\"urn:ietf:params:xml:"
			   "ns:copycontrol\"><list><entry uri=\"sip:a&amp;b@x"
			   "\" cp:copyControl=\"to\"><display-name>A &lt;"
			   "</display-name></entry><list><entry uri=\"sip:no"
			   "\"/></list><entry-ref ref=\"r\"/><entry/>"
			   "<entry uri=\"sip:c@x\"/></list>"
			   "</resource-lists>"), 0);
	CHECK_EQ(list.count, 2);
	CHECK_STR(list.uriv[0], "sip:a&b@x");
	CHECK_STR(list.uriv[1], "sip:c@x");
	CHECK_STR(list.name, "A <");

	/* the name is what stands in display-name itself, in one piece */
	CHECK_EQ(read_list(LIST_BEGIN "<x/><list><entry uri=\"sip:a@x\">no"
			   "<x:display-name xmlns:x=\"urn:x\">no</x:display-"
			   "name><y><display-name>no</display-name></y>"
			   "<display-name>A<!-- -->B</display-name>no</entry>"
			   "</list></resource-lists>"), 0);
	CHECK_EQ(list.count, 1);
	CHECK_STR(list.name, "A");

	CHECK_EQ(read_list(LIST_BEGIN "<list><entry uri=\"sip:a@x\"><y>"),
		 EBADMSG);
	CHECK_EQ(list.count, 0);
	CHECK_EQ(read_list("<resource-lists/>"), EBADMSG);
	CHECK_EQ(read_list("<resource-lists xmlns=\"urn:ietf:params:xml:ns:"
			   "resource-lists\"><list>"), EBADMSG);
	CHECK_EQ(read_list(""), EBADMSG);
}


/* XML 1.0 2.3: what is written is read as it was, without a handler it is
   only checked */
static void test_write_list(void)
{
	static const char *const uriv[] = {"sip:a&b<c\"d@x", "sip:e@x?f=g",
					   "tel:+15550100;ext=7"};
	static char text[1024];
	static struct xml xml;
	struct sip_writer w;
	struct pl pl;

	memset(text, 0, sizeof(text));
	sip_writer_init(&w, text, sizeof(text) - 1);
	uri_list_write(&w, uriv, 3, "BYE", "h.net", true);
	CHECK_EQ(sip_writer_err(&w), 0);
	CHECK_EQ(read_list(text), 0);
	CHECK_EQ(list.count, 3);
	CHECK_STR(list.uriv[2],
		  "sip:+15550100;ext=7@h.net;user=phone?method=BYE");
	CHECK_STR(list.uriv[0], "sip:a&b<c\"d@x?method=BYE");
	CHECK_STR(list.uriv[1], "sip:e@x?f=g&method=BYE");
	pl_set_str(&pl, text);
	CHECK_EQ(uri_list_read(&xml, &pl, NULL, NULL), 0);
}


const struct test_case suite_refer[] = {
	{"RFC 3515 s2.4: REFER, 202, NOTIFY 100, NOTIFY 200", test_request},
	{"RFC 3515 s2.4.4: NOTIFY before the 202", test_notify_first},
	{"RFC 3515 s2.4.5: a final status in a subscription that goes on",
	 test_final_not_terminated},
	{"RFC 3515 s2.4.2: refused", test_refused},
	{"RFC 3515: no answer, no NOTIFY, no end", test_silence},
	{"RFC 3420: what a NOTIFY tells", test_sipfrag},
	{"RFC 6665 s4.1.3: terminated by a NOTIFY that cannot be read",
	 test_terminated_unread},
	{"RFC 4488 s4: no implicit subscription", test_no_sub},
	{"RFC 5368 s7: several at once", test_many},
	{"RFC 3515 s2.1, RFC 3891 s7: forms of Refer-To", test_refer_to},
	{"REFER: wrong use, full tables", test_errors},
	{"RFC 3515 s2.4.6: several in one dialog", test_in_dialog},
	{"RFC 6665 s4.5.2: no room for the dialog of a session that has ended",
	 test_no_dialog},
	{"RFC 3515 s2.4.6: a NOTIFY without id", test_no_id},
	{"REFER: what is known gives way", test_known_gives_way},
	{"RFC 3515 s2.4.4: a subscription without end", test_endless},
	{"RFC 5364, RFC 4826: lists of URIs", test_list},
	{"RFC 5366 s4, RFC 5368 s9: a list is written", test_write_list},
	{NULL, NULL}
};
