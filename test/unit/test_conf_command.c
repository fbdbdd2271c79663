/**
 * @file test_conf_command.c  Commands of conferences, and what is printed of
 *                            their events
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/cmd_kit.h"
#include "test/unit/conf_kit.h"
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"
#define DAVE "sip:dave@home4.net"
#define EVE "sip:eve@home5.net"
#define PRE "sip:pre1@poc.home1.net"
#define POC "sip:poc7@poc.home2.net"
#define MEDIA ",'held':false,'media':'192.0.2.9:3456','codec':'AMR'"
#define CONF "'conference':'" CK_FOCUS "'"
#define NINE "sip:1@x sip:2@x sip:3@x sip:4@x sip:5@x sip:6@x sip:7@x "	\
	"sip:8@x sip:9@x"


/** Registered, with a console */
static bool begin(void)
{
	if (!ck_begin(cm_attach))
		return false;
	(void)cm_printed();

	return true;
}


/** The INVITE that was sent last is answered */
static void answer(unsigned code, const char *sdp)
{
	ck_answer(ck_sent("INVITE"), code, "314159", CK_CONTACT CK_ROUTE
		  CK_ALLOW, sdp ? "application/sdp" : NULL, sdp);
}


/** In a conference by the command, subscribed to */
static bool joined(void)
{
	if (!begin())
		return false;
	(void)cm_type("join " CK_FOCUS);
	ck.invite = ck_sent("INVITE");
	answer(200, CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  CK_ROUTE "Expires: 3600\r\n", NULL, NULL);

	return strstr(cm_printed(), "conference-subscribed") != NULL;
}


/** By `leave`; nothing remains */
static void leave(void)
{
	CHECK_STR(cm_type("leave"), "");
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-ended'," CONF
		  ",'reason':'left','by_peer':false}\n");
	CHECK(command_idle(&cm.sc));
	CHECK_STR(ck_end(), NULL);
}


/** The last REFER is accepted, and this comes of it */
static void reached(const char *frag)
{
	const unsigned n = ck_sent("REFER");

	ck_answer(n, 202, NULL, "Contact: <" CK_FOCUS ">\r\n", NULL, NULL);
	CHECK_STR(cm_printed(), "");
	CHECK_EQ(ck_notify_refer(n, "terminated;reason=noresource", frag),
		 200);
}


/* ------------------------------------------------------------------ */


static void needs_conference(void)
{
	static const char *const v[] = {
		"accept", "invite", "refer", "remove", "end", "move",
		"poc-leave", "poc-end", "leave", "subscribe", "unsubscribe",
		"who"
	};
	size_t i;

	CHECK(begin());
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		CHECK_STR(cm_type(v[i]), cm_error(v[i], "in no conference"));
	CHECK_STR(cm_type("hold " BOB), cm_error("hold", "in no conference"));
	CHECK_STR(ck_end(), NULL);
}


static void one_conference(void)
{
	static const char *const v[] = {
		"create", "join", "initiate", "poc", "subscribe"
	};
	char line[60];
	size_t i;

	CHECK(joined());
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(line, sizeof(line), "%s sip:other@home1.net", v[i]);
		CHECK_STR(cm_type(line), cm_error(v[i],
				"in a conference already: leave"));
	}
	leave();
}


static void join(void)
{
	CHECK(begin());
	CHECK_STR(cm_type("join bob"), cm_error("join", "EINVAL"));
	CHECK_STR(cm_type("join " CK_FOCUS), "");
	ck.invite = ck_sent("INVITE");
	CHECK(rk_has(ck.invite, "INVITE " CK_FOCUS " SIP/2.0\r\n"));
	answer(200, CK_SDP);
	CHECK_STR(cm_printed(),
		  "{'event':'conference-joined'," CONF ",'session':1" MEDIA
		  "}\n");
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  CK_ROUTE "Expires: 3600\r\n", NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-subscribed'," CONF
		  ",'expires':3600,'session':1}\n");
	leave();

	/* one that has failed is none: the next may begin */
	CHECK(begin());
	(void)cm_type("join " CK_FOCUS);
	answer(403, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-failed'," CONF
		  ",'reason':'Forbidden','by_peer':false,'status':403}\n"
		  "{'event':'error','what':'join',"
		  "'reason':'conference-failed'}\n");
	(void)cm_type("join " CK_FOCUS);
	answer(302, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-failed'," CONF
		  ",'contacts':'" CK_FOCUS "','by_peer':false,'status':302}\n"
		  "{'event':'error','what':'join',"
		  "'reason':'conference-failed'}\n");
	CHECK_STR(ck_end(), NULL);
}


/* RFC 4575 s4.4, s4.5, s5.5 */
static void who(void)
{
	CHECK(joined());
	CHECK_STR(cm_type("who"), "{'event':'who'," CONF ",'version':0,"
		  "'users':''}\n");
	CHECK_EQ(ck_notify("active", "<conference-info xmlns=\"urn:ietf:"
		"params:xml:ns:conference-info\" entity=\"" CK_FOCUS "\" "
		"state=\"full\" version=\"1\"><conference-state><user-count>7"
		"</user-count></conference-state><users>"
		CK_USER(BOB, "on-hold") CK_USER(DAVE, "connected")
		"</users></conference-info>"), 200);
	CHECK_STR(cm_printed(), "{'event':'roster'," CONF ",'version':1,"
		  "'user_count':7,'users':'" BOB " on-hold, " DAVE
		  " connected','session':1}\n");
	CHECK_STR(cm_type("who"), "{'event':'who'," CONF ",'version':1,"
		  "'user_count':7,'users':'" BOB " on-hold, " DAVE
		  " connected'}\n");

	CHECK_EQ(ck_notify("active", ck_doc(2, "deleted", "")), 200);
	CHECK(strstr(cm_type("who"), "'users':'','deleted':true}\n"));
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 0\r\n", NULL,
		  NULL);
	leave();
}


/* RFC 4575 s4.4: more users than there is room for */
static void who_of_many(void)
{
	char user[60];
	unsigned i;

	CHECK(joined());
	for (i = 1; i <= UE_ROSTER_USERS + 1; i++) {
		snprintf(user, sizeof(user), "<user entity=\"sip:%u@x\"/>",
			 i);
		CHECK_EQ(ck_notify("active", ck_doc(i, i > 1 ? "partial"
						    : "full", user)), 200);
		rk.sentc = ck.subscribe + 1;
		CHECK_EQ(!strstr(cm_printed(), "','truncated':true"),
			 i <= UE_ROSTER_USERS);
	}
	CHECK(strstr(cm_type("who"), "','truncated':true}\n"));
	leave();
}


/* TS 24.147 5.3.1.5.3, RFC 5368 */
static void invite(void)
{
	unsigned n;

	CHECK(joined());
	CHECK_STR(cm_type("invite"), cm_error("invite", "invite URI..."));
	CHECK_STR(cm_type("invite " NINE),
		  cm_error("invite", "invite URI..."));
	CHECK_STR(cm_type("invite dave"), cm_error("invite", "EINVAL"));

	CHECK_STR(cm_type("invite " DAVE), "");
	CHECK_STR(rk_hdr(ck_sent("REFER"), "Refer-To"), "<" DAVE ">");
	reached("SIP/2.0 200 OK\r\n");
	CHECK_STR(cm_printed(), "{'event':'invited'," CONF ",'uri':'" DAVE
		  "','status':200,'session':1}\n");

	CHECK_STR(cm_type("invite " DAVE " \t " EVE), "");
	n = ck_sent("REFER");
	CHECK(rk_has(n, "<entry uri=\"" DAVE "\""));
	CHECK(rk_has(n, "<entry uri=\"" EVE "\""));
	ck_answer(n, 403, NULL, NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'invite-failed'," CONF ",'uri':'"
		  DAVE "','status':403,'session':1}\n"
		  "{'event':'error','what':'invite',"
		  "'reason':'invite-failed'}\n");
	leave();
}


/* TS 24.147 5.3.1.5.2, RFC 4579 s5.11 */
static void others(void)
{
	CHECK(joined());
	CHECK_STR(cm_type("refer"), cm_error("refer", "EINVAL"));
	CHECK_STR(cm_type("refer " DAVE), "");
	CHECK(rk_has(ck_sent("REFER"), "REFER " DAVE " SIP/2.0\r\n"));
	ck_answer(ck_sent("REFER"), 603, "x", NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'invite-failed'," CONF ",'uri':'"
		  DAVE "','status':603,'session':1}\n"
		  "{'event':'error','what':'refer',"
		  "'reason':'invite-failed'}\n");

	CHECK_STR(cm_type("remove"), cm_error("remove", "EINVAL"));
	CHECK_STR(cm_type("remove " BOB), "");
	CHECK_STR(rk_hdr(ck_sent("REFER"), "Refer-To"),
		  "<" BOB ";method=BYE>");
	reached("SIP/2.0 200 OK\r\n");
	CHECK_STR(cm_printed(), "{'event':'removed'," CONF ",'uri':'" BOB
		  "','status':200,'session':1}\n");

	CHECK_STR(cm_type("end"), "");
	reached("SIP/2.0 200 OK\r\n");
	CHECK_STR(cm_printed(), "{'event':'ended-for-all'," CONF ",'uri':'"
		  CK_FOCUS "','status':200,'session':1}\n");

	/* RFC 4579 s5.12: that ends it for us, too */
	CHECK_EQ(ck_request(ck.invite, "314159", "BYE", NULL, NULL, NULL),
		 200);
	CHECK_EQ(ck_notify("terminated;reason=noresource", NULL), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-ended'," CONF
		  ",'reason':'BYE','by_peer':true}\n");
	CHECK_STR(cm_type("who"), cm_error("who", "in no conference"));
	CHECK_STR(ck_end(), NULL);
}


/* TS 24.147 5.3.1.3.3: a call becomes a part of the conference */
static void move(void)
{
	CHECK(begin());
	(void)cm_type("call " BOB);
	answer(200, CK_SDP);
	(void)cm_type("join " CK_FOCUS);
	ck.invite = ck_sent("INVITE");
	answer(200, CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  "Expires: 3600\r\n", NULL, NULL);
	(void)cm_printed();

	CHECK_STR(cm_type("move"), cm_error("move", "ENOENT"));
	CHECK_STR(cm_type("move 7"), cm_error("move", "ENOENT"));
	CHECK_STR(cm_type("move :"), cm_error("move", "ENOENT"));
	CHECK_STR(cm_type("move 1x"), cm_error("move", "ENOENT"));
	/* 2^32 + 1 */
	CHECK_STR(cm_type("move 4294967297"), cm_error("move", "ENOENT"));
	CHECK_STR(cm_type("move 1"), "");
	reached("SIP/2.0 200 OK\r\n");
	CHECK_STR(cm_printed(), "{'event':'moved'," CONF ",'uri':'" BOB
		  "','status':200,'session':2}\n");
	CHECK_STR(cm_type("hangup"), "");
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	(void)cm_printed();
	leave();
}


/* TS 24.147 5.3.1.4 */
static void hold(void)
{
	CHECK(joined());
	CHECK_STR(cm_type("hold"), "");
	CHECK(rk_has(ck_sent("INVITE"), "a=sendonly"));
	answer(200, CK_SDP "a=recvonly\r\n");
	CHECK_STR(cm_printed(),
		  "{'event':'conference-modified'," CONF ",'session':1" MEDIA
		  "}\n");
	CHECK_STR(cm_type("resume"), "");
	CHECK(rk_has(ck_sent("INVITE"), "a=sendrecv"));
	answer(488, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-modify-failed'," CONF
		  ",'status':488,'session':1" MEDIA "}\n"
		  "{'event':'error','what':'resume',"
		  "'reason':'conference-modify-failed'}\n");
	/* only a server of INITIATE does that to others */
	CHECK_STR(cm_type("hold " BOB),
		  cm_error("hold", UE_INITIATE ? "EPROTO" : "ENOTSUP"));
	CHECK_STR(cm_type("resume " BOB),
		  cm_error("resume", UE_INITIATE ? "EPROTO" : "ENOTSUP"));

	CHECK_EQ(ck_request(ck.invite, "314159", "INVITE", CK_CONTACT,
			    "application/sdp", CK_SDP "a=sendonly\r\n"), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-changed'," CONF
		  ",'session':1,'held':true,'media':'192.0.2.9:3456',"
		  "'codec':'AMR'}\n");
	leave();
}


static void subscription(void)
{
	CHECK(joined());
	CHECK_STR(cm_type("subscribe"), cm_error("subscribe", "EPROTO"));
	CHECK_STR(cm_type("unsubscribe"), "");
	CHECK_STR(rk_hdr(ck_sent("SUBSCRIBE"), "Expires"), "0");
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 0\r\n", NULL,
		  NULL);
	CHECK_EQ(ck_notify("terminated;reason=timeout", NULL), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-subscription-ended',"
		  CONF ",'reason':'timeout','session':1}\n");
	CHECK(command_idle(&cm.sc));

	CHECK_STR(cm_type("subscribe"), "");
	ck_answer(ck_sent("SUBSCRIBE"), 403, "no", NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-subscription-ended',"
		  CONF ",'reason':'Forbidden','status':403,"
		  "'error':'EPROTO','session':1}\n"
		  "{'event':'error','what':'subscribe',"
		  "'reason':'conference-subscription-ended'}\n");
	CHECK_STR(cm_type("leave"), "");
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_STR(ck_end(), NULL);
}


/* TS 24.147 5.3.1.7: without taking part */
static void watch(void)
{
	CHECK(begin());
	CHECK_STR(cm_type("subscribe bob"), cm_error("subscribe", "EINVAL"));
	CHECK_STR(cm_type("subscribe " CK_FOCUS), "");
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  "Expires: 3600\r\n", NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-subscribed'," CONF
		  ",'expires':3600}\n");
	CHECK_STR(cm_type("invite " DAVE), cm_error("invite", "EPROTO"));
	CHECK_STR(cm_type("unsubscribe"), "");
	ck_answer(ck_sent("SUBSCRIBE"), 200, NULL, "Expires: 0\r\n", NULL,
		  NULL);
	CHECK_EQ(ck_notify("terminated;reason=timeout", NULL), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-ended'," CONF
		  ",'reason':'left','by_peer':false}\n");
	CHECK(command_idle(&cm.sc));
	CHECK_STR(ck_end(), NULL);
}


/* RFC 5366: with its first users */
static void create(void)
{
	CHECK(begin());
	CHECK_STR(cm_type("create " NINE),
		  cm_error("create", "too many URIs"));
	CHECK_STR(cm_type("create bob"), cm_error("create", "EINVAL"));
	CHECK_STR(cm_type("create"), "");
	CHECK(rk_has(ck_sent("INVITE"), "INVITE sip:mmtel@conf-factory."
		     RK_HOME " SIP/2.0\r\n"));
	CHECK(!rk_has(ck_sent("INVITE"), "recipient-list"));
	answer(503, NULL);
	CHECK(strstr(cm_printed(), "{'event':'error','what':'create',"
		     "'reason':'conference-failed'}\n"));
	CHECK_STR(cm_type("create " BOB "  " DAVE " "), "");
	CHECK(rk_has(ck_sent("INVITE"), "<entry uri=\"" BOB "\""));
	CHECK(rk_has(ck_sent("INVITE"), "<entry uri=\"" DAVE "\""));
	ck.invite = ck_sent("INVITE");
	answer(200, CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");
	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  "Expires: 3600\r\n", NULL, NULL);
	CHECK(strstr(cm_printed(),
		     "{'event':'conference-joined'," CONF ",'session':2" MEDIA
		  "}\n"));
	leave();
}


/* TS 24.147 5.3.1.3.4: somebody wants us in */
static void invitation(void)
{
	unsigned n;

	CHECK(begin());
	n = ck_invite(CK_CONTACT, CK_SDP);
	CHECK(n == UINT_MAX || rk_status(n) == 180);
	CHECK_STR(cm_printed(), "{'event':'conference-invitation'," CONF
		  ",'inviter':'" CK_FOCUS "','session':1" MEDIA "}\n");
	CHECK_STR(cm_type("invite " BOB), cm_error("invite", "EPROTO"));
	CHECK_STR(cm_type("leave"), "{'event':'conference-ended'," CONF
		  ",'reason':'left','by_peer':false}\n");
	CHECK(ck_sent("603") != UINT_MAX);
	(void)ck_in_invite("ACK", NULL);

	/* RFC 3326 */
	(void)ck_invite(CK_CONTACT, CK_SDP);
	(void)cm_printed();
	CHECK_EQ(ck_in_invite("CANCEL", "Reason: SIP;cause=302\r\n"), 200);
	CHECK_STR(cm_printed(), "{'event':'conference-ended'," CONF
		  ",'reason':'cancelled','by_peer':true,'status':302}\n");

	(void)ck_invite(CK_CONTACT, CK_SDP);
	(void)cm_printed();
	CHECK_STR(cm_type("accept"), "");
	(void)ck_in_invite("ACK", NULL);
	CHECK_STR(cm_printed(),
		  "{'event':'conference-joined'," CONF ",'session':3" MEDIA
		  "}\n");
	CHECK_STR(cm_type("accept"), cm_error("accept", "EPROTO"));

	/* a second one is told, and the commands stay with the first */
	(void)ck_request(UINT_MAX, "b", "REFER", "Contact: <sip:b@x.net>\r\n"
			 "Refer-To: <sip:other@home1.net>\r\n"
			 "Referred-By: <" BOB ">\r\n", NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-invitation',"
		  "'conference':'sip:other@home1.net','inviter':'" BOB
		  "'}\n");
	CHECK_STR(ue_conf_uri(cm.sc.conf), CK_FOCUS);
	CHECK_STR(cm_type("leave"), "");
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	ck_answer(ck_sent("SUBSCRIBE"), 403, "no", NULL, NULL, NULL);
	(void)cm_printed();

	/* ... and it is the next that they are about */
	CHECK_STR(ue_conf_uri(cm.sc.conf), "sip:other@home1.net");
	CHECK_STR(cm_type("leave"), "{'event':'conference-ended','conference':"
		  "'sip:other@home1.net','reason':'left','by_peer':false}\n");
	CHECK(cm.sc.conf == NULL);
	CHECK_STR(ck_end(), NULL);

	/* one that is withdrawn meanwhile is none */
	CHECK(joined());
	(void)ck_invite(CK_CONTACT, CK_SDP);
	CHECK_EQ(ck_in_invite("CANCEL", NULL), 200);
	(void)cm_printed();
	leave();
	CHECK(cm.sc.conf == NULL);
}


/* draft-ranjit-sipping-conference-01 4.3 */
static void initiate(void)
{
	CHECK(begin());
	CHECK_STR(cm_type("initiate " CK_FOCUS),
		  cm_error("initiate", "initiate SERVER URI..."));
	CHECK_STR(cm_type("initiate " NINE),
		  cm_error("initiate", "initiate SERVER URI..."));
#if UE_INITIATE
	CHECK_STR(cm_type("initiate " CK_FOCUS " bob"),
		  cm_error("initiate", "EINVAL"));
	CHECK_STR(cm_type("initiate " CK_FOCUS " " BOB " " DAVE), "");
	CHECK_STR(rk_hdr(ck_sent("INITIATE"), "Confer-To"),
		  "<" BOB ">;action=add, <" DAVE ">;action=add");
	ck_answer(ck_sent("INITIATE"), 403, "200", NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'conference-failed'," CONF
		  ",'reason':'Forbidden','by_peer':false,'status':403,"
		  "'error':'EPROTO'}\n"
		  "{'event':'error','what':'initiate',"
		  "'reason':'conference-failed'}\n");
#else
	CHECK_STR(cm_type("initiate " CK_FOCUS " " BOB),
		  cm_error("initiate", "ENOTSUP"));
#endif
	CHECK_STR(ck_end(), NULL);
}


/* OMA PoC 9.X.1, 9.X.2 */
static void poc(void)
{
	CHECK(begin());
	CHECK_STR(cm_type("poc bob"), cm_error("poc", "EINVAL"));
	CHECK_STR(cm_type("poc sip:poc@poc.home1.net"), "");
	ck.invite = ck_sent("INVITE");
	ck_answer(ck.invite, 200, "314159", "Contact: <" PRE ">\r\n" CK_ROUTE,
		  "application/sdp", CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");
	CHECK_STR(cm_printed(), "{'event':'conference-joined',"
		  "'conference':'" PRE "','session':1" MEDIA "}\n");

	/* which PoC session has not been told yet */
	CHECK_STR(cm_type("poc-leave"), cm_error("poc-leave", "EINVAL"));
	CHECK_STR(cm_type("poc-leave " POC), "");
	CHECK_STR(rk_hdr(ck_sent("REFER"), "Refer-To"),
		  "<" POC ";method=BYE>");
	reached("SIP/2.0 200 OK\r\n");
	CHECK_STR(cm_printed(), "{'event':'requested','conference':'" PRE
		  "','uri':'" POC "','status':200,'session':1}\n");

	CHECK_STR(cm_type("poc-end " POC),
		  cm_error("poc-end", "poc-end SESSION URI..."));
	CHECK_STR(cm_type("poc-end " NINE),
		  cm_error("poc-end", "poc-end SESSION URI..."));
	CHECK_STR(cm_type("poc-end " POC " " BOB), "");
	CHECK(rk_has(ck_sent("REFER"), "REFER " POC " SIP/2.0\r\n"));
	ck_answer(ck_sent("REFER"), 403, "x", NULL, NULL, NULL);
	CHECK(strstr(cm_printed(), "{'event':'error','what':'poc-end',"
		     "'reason':'request-failed'}\n"));
	CHECK_STR(ck_end(), NULL);
}


const struct test_case suite_conf_command[] = {
	{"commands that need a conference say so", needs_conference},
	{"one conference at a time", one_conference},
	{"join, leave", join},
	{"RFC 4575 s5.5: who", who},
	{"RFC 4575 s4.4: who, with no room for all", who_of_many},
	{"TS 24.147 5.3.1.5.3: invite", invite},
	{"TS 24.147 5.3.1.5.2, RFC 4579 s5.11: refer, remove, end", others},
	{"move", move},
	{"hold, resume", hold},
	{"subscribe, unsubscribe", subscription},
	{"subscribe URI: a conference in which we are not", watch},
	{"RFC 5366: create", create},
	{"accept, and leave as refusal", invitation},
	{"draft-ranjit-sipping-conference-01 4.3: initiate", initiate},
	{"OMA PoC 9.X.1, 9.X.2: poc, poc-leave, poc-end", poc},
	{NULL, NULL}
};
