/**
 * @file test_subscription.c  Subscriptions to event packages (RFC 6665 4.1):
 * what the registration event does not use, and two packages side by side
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/reg_kit.h"
#include "test/unit/test.h"

#define ACTIVE "Event: test\r\nSubscription-State: active;expires=3600\r\n"
#define DOC "<doc/>"

static struct {
	struct subscription sub;
	struct sip_dialog dlg;
	unsigned documents;
	unsigned fresh;
	unsigned subscribed;
	unsigned ended;
	struct subscription_end end;
	int check_err;
} t;


static const char *target_h(void *arg)
{
	(void)arg;

	return "sip:conf1@mrfc1.home1.net";
}


static int check_h(const struct pl *body, void *arg)
{
	(void)body;
	(void)arg;

	return t.check_err;
}


static void document_h(const struct pl *body, void *arg)
{
	(void)arg;

	if (!pl_strcmp(body, DOC))
		++t.documents;
	t.fresh += t.sub.fresh;
}


static void subscribed_h(uint32_t expires_s, void *arg)
{
	(void)expires_s;
	(void)arg;

	++t.subscribed;
}


static void ended_h(const struct subscription_end *end, void *arg)
{
	(void)arg;

	++t.ended;
	t.end = *end;
}


static const struct subscription_package package = {
	.event = "test", .type = "application", .subtype = "reginfo+xml",
	.target_h = target_h, .check_h = check_h, .document_h = document_h,
	.subscribed_h = subscribed_h, .ended_h = ended_h
};

static const struct subscription_package text_package = {
	.event = "test", .type = "text", .subtype = "plain",
	.target_h = target_h, .document_h = document_h, .ended_h = ended_h
};

static const struct subscription_package old_package = {
	.event = "Conference", .type = "application",
	.subtype = "reginfo+xml", .any_case = true, .target_h = target_h,
	.document_h = document_h, .ended_h = ended_h
};


/* Registered and SUBSCRIBE sent.  @return its number, 0 = it did not work */
static unsigned begin(void)
{
	memset(&t, 0, sizeof(t));
	rk_begin();
	if (!rk_registered(NULL))
		return 0;

	subscription_init(&t.sub, &rk.ue, &package, &t.dlg, NULL);
	subscription_start(&t.sub, 3600);

	return rk_is(rk_last(), "SUBSCRIBE") ? rk_last() : 0;
}


/* The same with its 200 and the first NOTIFY */
static unsigned active(void)
{
	const unsigned n = begin();

	if (!n)
		return 0;

	rk_reply(200, "Contact: <sip:conf1@mrfc1.home1.net>\r\n"
		 "Expires: 3600\r\n");
	(void)rk_notify(n, 1, "net", ACTIVE, DOC);

	return rk_status(rk_last()) == 200 ? n : 0;
}


static const char *finish(void)
{
	subscription_close(&t.sub);

	return rk_end();
}


/* ------------------------------------------------------------------ */


static void test_request(void)
{
	const unsigned n = begin();

	CHECK(n > 0);
	CHECK(rk_has(n, "SUBSCRIBE sip:conf1@mrfc1.home1.net SIP/2.0"));
	CHECK_STR(rk_hdr(n, "To"), "<sip:conf1@mrfc1.home1.net>");
	CHECK_STR(rk_hdr(n, "Event"), "test");
	CHECK_STR(rk_hdr(n, "Expires"), "3600");
	CHECK_STR(rk_hdr(n, "Accept"), "application/reginfo+xml");
	CHECK_STR(rk_hdr(n, "P-Preferred-Identity"), "<" RK_IMPU ">");
	CHECK_STR(rk_hdr(n, "Route"), "<sip:192.0.2.1:5060;lr>, "
		  "<sip:orig@scscf1.home1.net;lr>");
	CHECK_STR(finish(), NULL);
}


static void test_beside(void)
{
	const unsigned n = begin(), reg = n - 1;

	/* each NOTIFY finds its own, also before the 200 */
	CHECK(n > 0);
	(void)rk_notify(n, 1, "net", ACTIVE, DOC);
	CHECK_EQ(rk_status(rk_last()), 200);
	CHECK_EQ(t.documents, 1);
	CHECK_EQ(t.fresh, 1);
	CHECK_EQ(t.subscribed, 0);
	(void)rk_answer(n, 200, "Contact: <sip:conf1@mrfc1.home1.net>\r\n"
			"Expires: 3600\r\n");
	CHECK_EQ(t.subscribed, 1);
	CHECK_EQ(rk_document(reg, 1, rk_reginfo(0, true, RK_IMPU, "active",
						"active", "registered",
						NULL)), 200);
	CHECK_EQ(t.documents, 1);
	(void)rk_notify(n, 2, "net", ACTIVE, DOC);
	CHECK_EQ(t.documents, 2);
	CHECK_EQ(t.fresh, 1);
	CHECK_STR(finish(), NULL);
}


static void test_leave(void)
{
	const unsigned n = active();
	unsigned u;

	CHECK(n > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	CHECK_EQ(subscription_leave(&t.sub), EPROTO);
	u = rk_last();
	CHECK(rk_is(u, "SUBSCRIBE"));
	CHECK_STR(rk_hdr(u, "Expires"), "0");
	CHECK_STR(rk_hdr(u, "Call-ID"), rk_hdr(n, "Call-ID"));
	CHECK_STR(rk_hdr(u, "To"), "<sip:conf1@mrfc1.home1.net>;tag=net");
	rk_reply(200, "Expires: 0\r\n");
	CHECK_EQ(t.ended, 0);

	/* one that crossed does not end it */
	(void)rk_notify(n, 2, "net", ACTIVE, DOC);
	CHECK_EQ(t.documents, 2);
	CHECK_EQ(t.ended, 0);
	(void)rk_notify(n, 3, "net", "Event: test\r\nSubscription-State: "
			"terminated;reason=timeout\r\n", NULL);
	CHECK_EQ(rk_status(rk_last()), 200);
	CHECK_EQ(t.ended, 1);
	CHECK(!t.end.again);
	CHECK_EQ(t.end.err, 0);
	CHECK_STR(finish(), NULL);
}


static void test_leave_crossing(void)
{
	const unsigned n = active();
	unsigned u;

	/* the NOTIFY `terminated` is there first: the 481 to the SUBSCRIBE
	   comes to nobody */
	CHECK(n > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	u = rk_last();
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"terminated;reason=noresource\r\n", NULL);
	CHECK_EQ(t.ended, 1);
	(void)rk_answer(u, 481, NULL);
	CHECK_EQ(t.ended, 1);
	CHECK_STR(finish(), NULL);

	/* the 481 alone */
	CHECK(active() > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	rk_reply(481, NULL);
	CHECK_EQ(t.ended, 1);
	CHECK_EQ(t.end.err, 0);
	CHECK_EQ(t.end.status, 481);
	CHECK(!t.end.again);
	CHECK_STR(finish(), NULL);
}


static void test_leave_silence(void)
{
	/* RFC 6665 s4.1.2.4: neither answer nor NOTIFY: 64*T1 */
	CHECK(active() > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	rk_reply(200, "Expires: 0\r\n");
	rk_run(127000);
	CHECK_EQ(t.ended, 0);
	rk_run(2000);
	CHECK_EQ(t.ended, 1);
	CHECK_EQ(t.end.err, ETIMEDOUT);
	CHECK(!t.end.again);
	CHECK_STR(finish(), NULL);
}


static void test_leave_early(void)
{
	unsigned n = begin();

	/* before the answer: it follows the 200 */
	CHECK(n > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	CHECK_EQ(rk_last(), n);
	rk_reply(200, "Contact: <sip:conf1@mrfc1.home1.net>\r\n"
		 "Expires: 3600\r\n");
	CHECK_STR(rk_hdr(rk_last(), "Expires"), "0");
	rk_reply(481, NULL);
	CHECK_EQ(t.ended, 1);
	CHECK_STR(finish(), NULL);

	/* refused: no further attempt */
	n = begin();
	CHECK_EQ(subscription_leave(&t.sub), 0);
	rk_reply(503, "Retry-After: 5\r\n");
	CHECK_EQ(t.ended, 1);
	CHECK(!t.end.again);
	rk_run(100000);
	CHECK_EQ(rk_last(), n);
	CHECK_STR(finish(), NULL);

	/* while it waits for the next attempt */
	CHECK(begin() > 0);
	rk_reply(503, "Retry-After: 50\r\n");
	CHECK(t.end.again);
	CHECK_EQ(t.end.wait_ms, 50000);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	CHECK_EQ(t.ended, 1);
	rk_run(0);
	CHECK_EQ(t.ended, 2);
	CHECK(!t.end.again);
	CHECK_EQ(subscription_leave(&t.sub), EPROTO);
	CHECK_STR(finish(), NULL);
}


/* RFC 6665 s8.2.3 */
static void test_refusals(void)
{
	const unsigned n = active();
	const unsigned before = t.documents;

	/* RFC 6665 s4.1.3, s8.2.1: another event, an id */
	CHECK(n > 0);
	(void)rk_notify(n, 2, "net", "Event: reg\r\nSubscription-State: "
			"active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 489);
	CHECK_STR(rk_hdr(rk_last(), "Allow-Events"), "refer");
	(void)rk_notify(n, 2, "net", "Event: TEST\r\nSubscription-State: "
			"active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 489);
	(void)rk_notify(n, 2, "net", "Event: test;id=4\r\n"
			"Subscription-State: active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 481);
	(void)rk_notify(n, 2, "net", "Event: test\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 400);
	t.check_err = EBADMSG;
	(void)rk_notify(n, 2, "net", ACTIVE, DOC);
	CHECK_EQ(rk_status(rk_last()), 400);
	CHECK_EQ(t.documents, before);
	CHECK_STR(finish(), NULL);
}


/* The notifier has nothing more to say, whatever it says last */
static void test_terminated_unread(void)
{
	static const char over[] = "Event: test\r\nSubscription-State: "
		"terminated;reason=noresource\r\n";
	unsigned n = active();

	/* a document that cannot be read */
	t.check_err = EBADMSG;
	(void)rk_notify(n, 2, "net", over, DOC);
	CHECK_EQ(rk_status(rk_last()), 400);
	CHECK_EQ(t.documents, 1);
	CHECK_EQ(t.ended, 1);
	CHECK(!t.end.again);
	CHECK_STR(finish(), NULL);

	/* of another type */
	n = active();
	t.sub.pkg = &text_package;
	(void)rk_notify(n, 2, "net", over, DOC);
	CHECK_EQ(rk_status(rk_last()), 415);
	CHECK_EQ(t.documents, 1);
	CHECK_EQ(t.ended, 1);
	CHECK_STR(finish(), NULL);

	/* with an encoding that we do not undo */
	n = active();
	(void)rk_notify(n, 2, "net", "Event: test\r\nContent-Encoding: gzip"
			"\r\nSubscription-State: terminated\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 415);
	CHECK_EQ(t.documents, 1);
	CHECK_EQ(t.ended, 1);
	CHECK_STR(finish(), NULL);

	/* but not out of order (RFC 3261 s12.2.2) */
	n = active();
	t.check_err = EBADMSG;
	(void)rk_notify(n, 0, "net", over, DOC);
	CHECK_EQ(rk_status(rk_last()), 500);
	CHECK_EQ(t.ended, 0);
	CHECK_STR(finish(), NULL);
}


/* RFC 6665 s4.1.2.2: what a refused refresh would renew goes on until it
   expires.  A new SUBSCRIBE in between would give up its dialog, and where
   that is refused as well nothing at all is left */
static void test_refresh_refused(void)
{
	const unsigned n = active();
	uint64_t left;

	CHECK(n > 0);
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"active;expires=1000\r\n", NULL);
	rk_run(100000);
	left = ue_timer_left_ms(&rk.ue.timers, &t.sub.expiry);
	CHECK_EQ(left, 900000);
	subscription_resync(&t.sub);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_REFRESHING);
	rk_reply(403, NULL);
	CHECK(t.end.again);
	CHECK_EQ(t.end.wait_ms, left);
	t.documents = 0;
	(void)rk_notify(n, 9, "net", "Event: test\r\nSubscription-State: "
			"active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 200);
	CHECK_EQ(t.documents, 1);
	rk_run(left - 1000);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_LASTING);
	(void)rk_notify(n, 10, "net", "Event: test\r\nSubscription-State: "
			"active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 200);
	CHECK_EQ(t.documents, 2);

	/* and then another one is asked for, once */
	rk_run(1000);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_SUBSCRIBING);
	CHECK_EQ(t.ended, 1);
	rk_reply(403, NULL);
	CHECK(!t.end.again);
	CHECK_STR(finish(), NULL);
}


/* Number of the SUBSCRIBE whose refresh was refused after 100 s; 0: it did not
   work */
static unsigned refresh_refused(void)
{
	const unsigned n = active();

	rk_run(100000);
	subscription_resync(&t.sub);
	rk_reply(403, NULL);

	return n;
}


/* s4.1.3: the network makes what is left shorter; s4.1.2.3: it is left */
static void test_refresh_refused_left(void)
{
	unsigned n = refresh_refused();

	CHECK(n > 0);
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"active;expires=10\r\n", NULL);
	rk_run(9000);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_LASTING);
	rk_run(1000);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_SUBSCRIBING);
	CHECK_STR(finish(), NULL);

	n = refresh_refused();
	CHECK(n > 0);
	CHECK_EQ(subscription_leave(&t.sub), 0);
	CHECK_STR(rk_hdr(rk_last(), "Expires"), "0");
	CHECK_STR(rk_hdr(rk_last(), "Call-ID"), rk_hdr(n, "Call-ID"));
	CHECK_STR(finish(), NULL);
}


/* What goes on is ended by the network: its reason says when to come again */
static void test_refused_terminated(void)
{
	unsigned n = refresh_refused();

	CHECK(n > 0);
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"terminated;reason=deactivated\r\n", NULL);
	CHECK_EQ(t.ended, 2);
	CHECK(t.end.again);
	CHECK(t.end.wait_ms < 61000);
	rk_run(t.end.wait_ms);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_SUBSCRIBING);
	CHECK_STR(finish(), NULL);

	n = active();
	subscription_resync(&t.sub);
	rk_reply(403, NULL);
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"terminated;reason=rejected\r\n", NULL);
	CHECK_EQ(t.ended, 2);
	CHECK(!t.end.again);
	CHECK_STR(finish(), NULL);

	/* what may work later goes by its own time, whatever ends before */
	n = active();
	subscription_resync(&t.sub);
	rk_reply(503, "Retry-After: 300\r\n");
	CHECK_EQ(t.end.wait_ms, 300000);
	(void)rk_notify(n, 2, "net", "Event: test\r\nSubscription-State: "
			"terminated;reason=deactivated\r\n", NULL);
	CHECK_EQ(t.ended, 1);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_WAITING);
	rk_run(299000);
	CHECK_EQ(t.sub.state, SUBSCRIPTION_WAITING);
	CHECK_STR(finish(), NULL);
}


static void test_also(void)
{
	struct sip_dialog other;
	unsigned n;

	/* in the dialog of another usage: told apart by the event */
	memset(&other, 0, sizeof(other));
	CHECK(active() > 0);
	subscription_close(&t.sub);
	subscription_init(&t.sub, &rk.ue, &old_package, &t.dlg, NULL);
	subscription_start(&t.sub, 600);
	rk_reply(200, "Contact: <sip:sip-conf@domain.com>\r\n"
		 "Expires: 600\r\n");
	CHECK_EQ(sip_dialog_init(&other, &rk.ue.sip, ims_reg_hop(&rk.ue.reg),
				 RK_IMPU, "sip:sip-conf@domain.com", NULL),
		 0);
	rk_confirm(&other, "234");
	t.sub.also = &other;
	(void)sip_writer_end(sip_dialog_begin(&other, &rk.ue.sip, "INFO"));
	CHECK_EQ(sip_ctrans_start(NULL, &rk.ue.sip, other.hop, NULL, NULL), 0);
	n = rk_last();

	(void)rk_notify(n, 1, "234", "Event: refer\r\nSubscription-State: "
			"active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 481);

	/* drafts older than RFC 6665: in either case */
	t.documents = 0;
	(void)rk_notify(n, 2, "234", "Event: conference\r\n"
			"Subscription-State: active\r\n", DOC);
	CHECK_EQ(rk_status(rk_last()), 200);
	(void)rk_notify(n, 3, "234", "Event: Conference\r\n"
			"Subscription-State: active\r\n", DOC);
	CHECK_EQ(t.documents, 2);

	/* the dialog is not ours to close */
	(void)rk_notify(n, 4, "234", "Event: Conference\r\n"
			"Subscription-State: terminated\r\n", NULL);
	CHECK_EQ(t.ended, 1);
	subscription_close(&t.sub);
	CHECK_EQ(other.state, SIP_DIALOG_CONFIRMED);
	sip_dialog_close(&other);
	rk_run(200000);
	CHECK_STR(rk_end(), NULL);
}


static void test_resync(void)
{
	const unsigned n = active();

	/* full state by a refresh, once until it has come */
	CHECK(n > 0);
	subscription_resync(&t.sub);
	CHECK_EQ(rk_last(), n + 2);
	CHECK_STR(rk_hdr(n + 2, "CSeq"), "2 SUBSCRIBE");
	CHECK_STR(rk_hdr(n + 2, "Expires"), "3600");
	subscription_resync(&t.sub);
	CHECK_EQ(rk_last(), n + 2);
	rk_reply(200, "Expires: 3600\r\n");
	subscription_resync(&t.sub);
	CHECK_EQ(rk_last(), n + 2);
	subscription_synced(&t.sub);
	subscription_resync(&t.sub);
	CHECK_EQ(rk_last(), n + 3);
	CHECK_STR(finish(), NULL);
}


const struct test_case suite_subscription[] = {
	{"RFC 6665 s4.1.2.1: SUBSCRIBE of a package", test_request},
	{"RFC 6665 s4.1.3: two packages, a NOTIFY before the 200",
	 test_beside},
	{"RFC 6665 s4.1.2.3: unsubscribing, until the NOTIFY terminated",
	 test_leave},
	{"RFC 6665 s4.1.2.3: terminated crosses, 481 to Expires 0",
	 test_leave_crossing},
	{"RFC 6665 s4.1.2.4: unsubscribing, and nobody answers",
	 test_leave_silence},
	{"RFC 6665 s4.1.2.3: unsubscribing before there is a subscription",
	 test_leave_early},
	{"RFC 6665 s4.1.3: what NOTIFY earns", test_refusals},
	{"RFC 6665 s4.1.3: terminated by a NOTIFY that cannot be read",
	 test_terminated_unread},
	{"RFC 6665 s4.1.2.2: a refresh is refused", test_refresh_refused},
	{"RFC 6665 s4.1.3, s4.1.2.3: what a refused refresh left is shortened, "
	 "left", test_refresh_refused_left},
	{"RFC 6665 s4.1.2.2: what a refused refresh left is terminated",
	 test_refused_terminated},
	{"RFC 6665 s4.5.2: a subscription in another usage's dialog",
	 test_also},
	{"A gap in the documents: one refresh until full state has come",
	 test_resync},
	{NULL, NULL}
};
