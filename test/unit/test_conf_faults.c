/**
 * @file test_conf_faults.c  Conferences where things fail: from each step of a
 *                           conference's life to each other one the port has
 *                           no random octets, takes no datagram, or there is
 *                           no room left in the store.  Each command has its
 *                           outcome once, and nothing is left
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"
#define DAVE "sip:dave@home4.net"
#define SERVER "sip:sip-conf@domain.com"
#define AT_FOCUS "Contact: <" CK_FOCUS ">\r\n"

enum fault { RANDOM, SEND, STORE, FAULTS };

static struct {
	unsigned begun;         /* conferences by a command that was taken   */
	unsigned invited;       /* told of                                   */
	unsigned over;          /* told of: FAILED, ENDED                    */
	unsigned requests, done;
	unsigned refer;         /* numbers of messages; UINT_MAX: not sent   */
	unsigned initiate;
	struct sip_stored hogv[UE_SIP_RECORDS];
} t;

/** What failed of each kind, in all lives */
static unsigned struckv[FAULTS];


static void count_h(struct rk *k, const struct ue_event *ev)
{
	(void)k;
	if (ev->type == UE_EVENT_CONF_INVITATION) {
		++t.invited;
		ck.conf = ev->conf;
	}
	t.over += ev->type == UE_EVENT_CONF_FAILED ||
		ev->type == UE_EVENT_CONF_ENDED;
	t.done += ev->type == UE_EVENT_CONF_REQUEST_DONE;
	if (t.over)
		ck.conf = NULL;
}


/* ------------------------------------------------------------------ */
/* Faults */


static int no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	(void)buf;
	(void)len;
	++struckv[RANDOM];

	return EIO;
}


static int no_send(void *arg, unsigned flow, const struct ue_addr *dst,
		   const void *data, size_t len)
{
	(void)arg;
	(void)flow;
	(void)dst;
	(void)data;
	(void)len;
	++struckv[SEND];

	return ENETUNREACH;
}


/* All that is free, but for what is too small for anything */
static void hog(void)
{
	unsigned i = 0;
	size_t len;

	for (len = 4096; len >= 64; len /= 2) {
		while (i < UE_SIP_RECORDS &&
		       !sip_store_alloc(&t.hogv[i], &rk.ue.sip.store, len, 0))
			++i;
	}
}


static void unhog(void)
{
	unsigned i;

	for (i = 0; i < UE_SIP_RECORDS; i++)
		sip_store_free(&rk.ue.sip.store, &t.hogv[i]);
}


/* ------------------------------------------------------------------ */
/* Steps of the focus and of the application.  What could not be sent is not
   answered */


static void answer(unsigned n, unsigned code, const char *tag,
		   const char *lines, const char *sdp)
{
	if (n < rk.sentc)
		ck_answer(n, code, tag, lines, sdp ? "application/sdp" : NULL,
			  sdp);
}


static void join(void)
{
	t.begun += !ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, NULL);
	rk_run(0);
}


static void invite_200(void)
{
	ck.invite = ck_sent("INVITE");
	answer(ck.invite, 200, "314159", CK_CONTACT CK_ROUTE CK_ALLOW,
	       CK_SDP);
}


static void subscribe_200(void)
{
	ck.subscribe = ck_sent("SUBSCRIBE");
	answer(ck.subscribe, 200, "151170", AT_FOCUS CK_ROUTE
	       "Expires: 3600\r\n", NULL);
}


static void notify(const char *state, unsigned version, const char *how)
{
	if (ck.subscribe < rk.sentc)
		(void)ck_notify(state, version ? ck_doc(version, how,
				CK_USER(BOB, "connected")) : NULL);
}


static void notify_full(void)
{
	notify("active;expires=3600", 1, "full");
}


static void notify_gap(void)
{
	notify("active", 5, "partial");
}


static void refresh_200(void)
{
	answer(ck_sent("SUBSCRIBE"), 200, NULL, AT_FOCUS "Expires: 3600\r\n",
	       NULL);
}


static void notify_terminated(void)
{
	notify("terminated;reason=noresource", 9, "full");
}


static void request(int err)
{
	t.requests += !err;
	rk_run(0);
	t.refer = ck_sent("REFER");
}


static void invite_by_focus(void)
{
	request(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_FOCUS));
}


static void invite_by_user(void)
{
	request(ue_conf_invite(ck.conf, DAVE, UE_CONF_BY_USER));
}


static void remove_bob(void)
{
	request(ue_conf_remove(ck.conf, BOB));
}


static void refer_202(void)
{
	answer(t.refer, 202, "refer", AT_FOCUS, NULL);
}


static void refer_481(void)
{
	answer(t.refer, 481, NULL, NULL, NULL);
}


static void refer_trying(void)
{
	if (t.refer < rk.sentc)
		(void)ck_notify_refer(t.refer, "active;expires=300",
				      "SIP/2.0 100 Trying\r\n");
}


static void refer_done(void)
{
	if (t.refer < rk.sentc)
		(void)ck_notify_refer(t.refer, "active", "SIP/2.0 200 OK\r\n");
}


static void refer_over(void)
{
	if (t.refer < rk.sentc)
		(void)ck_notify_refer(t.refer, "terminated;reason=noresource",
				      "SIP/2.0 200 OK\r\n");
}


static void hold(void)
{
	(void)ue_conf_hold(ck.conf, true);
	rk_run(0);
	answer(ck_sent("INVITE"), 200, "314159", CK_CONTACT, CK_SDP
	       "a=recvonly\r\n");
}


static void unsubscribe(void)
{
	(void)ue_conf_unsubscribe(ck.conf);
	rk_run(0);
}


static void leave(void)
{
	(void)ue_conf_leave(ck.conf);
	rk_run(0);
}


static void bye_200(void)
{
	answer(ck_sent("BYE"), 200, NULL, NULL, NULL);
}


static void bye(void)
{
	if (ck.invite < rk.sentc)
		(void)ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL);
}


static void referred(void)
{
	(void)ck_request(UINT_MAX, "b", "REFER", "Contact: <" BOB ">\r\n"
			 "Refer-To: <" CK_FOCUS ">\r\n"
			 "Referred-By: <" BOB ">\r\n", NULL, NULL);
}


static void notify_200(void)
{
	answer(ck_sent("NOTIFY"), 200, NULL, NULL, NULL);
}


static void accept(void)
{
	(void)ue_conf_accept(ck.conf, NULL);
	rk_run(0);
}


static void invited(void)
{
	(void)ck_invite(CK_CONTACT, CK_SDP);
}


static void ack(void)
{
	(void)ck_in_invite("ACK", NULL);
}


static void initiate(void)
{
	static const struct ue_confer users[] = {{BOB, UE_CONFER_ADD}};

	t.begun += !ue_conf_initiate(&rk.ue, &ck.conf, SERVER, users, 1);
	rk_run(0);
	ck.subscribe = ck_sent("INITIATE");
}


static void initiate_202(void)
{
	answer(ck.subscribe, 202, "151170", "Contact: <" SERVER ">\r\n", NULL);
}


static void called(void)
{
	(void)ck_invite("Contact: <" SERVER ">\r\n", CK_SDP);
}


static void seconds(void)
{
	rk_run(5000);
}


/* ------------------------------------------------------------------ */


typedef void (*step)(void);

static const step lifev[][20] = {
	{join, invite_200, subscribe_200, notify_full, invite_by_focus,
	 refer_202, refer_trying, refer_done, invite_by_user, refer_202,
	 refer_over, hold, notify_gap, refresh_200, leave, bye_200, seconds,
	 notify_terminated},
	{join, invite_200, subscribe_200, notify_full, remove_bob, refer_done,
	 refer_481, bye_200, seconds, refresh_200, notify_terminated},
	{join, invite_200, subscribe_200, notify_full, invite_by_user,
	 unsubscribe, refresh_200, notify_terminated, remove_bob, refer_202,
	 bye, seconds},
	{referred, notify_200, accept, invite_200, notify_200, subscribe_200,
	 notify_full, bye, notify_terminated},
	{referred, leave, notify_200, notify_200},
	{invited, accept, ack, subscribe_200, notify_full, leave, bye_200,
	 seconds, notify_terminated},
	{initiate, initiate_202, called, ack, invite_by_focus, refer_202,
	 leave, bye_200, seconds, notify_terminated},
};


static void with_fault(step s, enum fault fault)
{
	const struct ue_port port = rk.port;
	unsigned failed;

	if (fault == RANDOM)
		rk.port.random = no_random;
	else if (fault == SEND)
		rk.port.flow_send = no_send;
	else
		hog();

	failed = rk.ue.sip.store.failed;
	s();
	if (fault == STORE)
		struckv[STORE] += rk.ue.sip.store.failed - failed;

	rk.port.random = port.random;
	rk.port.flow_send = port.flow_send;
	unhog();
}


/* Steps from..to-1 fail.  @return what is wrong, NULL = nothing */
static const char *live(const step *stepv, unsigned from, unsigned to,
			enum fault fault)
{
	unsigned i;

	memset(&t, 0, sizeof(t));
	t.refer = UINT_MAX;
	if (!ck_begin(NULL))
		return "not registered";
	rk.eventh = count_h;
	ck.invite = ck.subscribe = UINT_MAX;

	for (i = 0; stepv[i]; i++) {
		if (i >= from && i < to)
			with_fault(stepv[i], fault);
		else
			stepv[i]();
	}

	/* whatever is under way ends by its timers */
	rk_run(200000);
	if (ck.conf)
		(void)ue_conf_leave(ck.conf);
	rk_run(400000);

	return t.over != t.begun + t.invited ? "a conference has no end"
		: t.done != t.requests ? "a request has no outcome"
		: ck_end();
}


/* @return how many lives ended well; why: of the first one that did not */
static unsigned lives(char why[100], const step *stepv, unsigned count)
{
	unsigned from, to, f, n = 0;
	const char *err;

	for (from = 0; from < count; from++) {
		for (to = from + 1; to <= count; to++) {
			for (f = 0; f < FAULTS; f++, n++) {
				err = live(stepv, from, to, (enum fault)f);
				if (!err)
					continue;
				snprintf(why, 100, "steps %u to %u, fault %u: "
					 "%s", from, to, f, err);
				return n;
			}
		}
	}

	return n;
}


static void faults(void)
{
	unsigned i, count;
	char why[100] = "";

	memset(struckv, 0, sizeof(struckv));
	for (i = 0; i < sizeof(lifev) / sizeof(lifev[0]); i++) {
		if (!UE_INITIATE && lifev[i][0] == initiate)
			continue;
		for (count = 0; lifev[i][count]; count++)
			;
		CHECK_STR(live(lifev[i], 0, 0, RANDOM), NULL);
		CHECK_EQ(t.over, 1);
		count = lives(why, lifev[i], count);
		CHECK_STR(why, "");
		CHECK(count >= 30);
	}

	for (i = 0; i < FAULTS; i++)
		CHECK(struckv[i] > 0);
}


const struct test_case suite_conf_faults[] = {
	{"each step of a conference fails: outcomes once, nothing is left",
	 faults},
	{NULL, NULL}
};
