/**
 * @file test_ue_command.c  Commands of registration and sessions, and what is
 *                          printed of their events
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/cmd_kit.h"
#include "test/unit/conf_kit.h"
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define IDENTITIES							\
	"P-Associated-URI: <sip:alice@home1.net>, <tel:+15550100>\r\n"	\
	"Service-Route: <sip:orig@scscf1.home1.net;lr>\r\n"
#define REGISTERED							\
	"'impu':'sip:alice@home1.net','expires':600000,"		\
	"'service_route':'<sip:orig@scscf1.home1.net;lr>',"		\
	"'associated':'sip:alice@home1.net, tel:+15550100',"		\
	"'barred':false"


/** Registered by the command, subscribed.  @return number of the SUBSCRIBE,
 *  0 = it did not work */
static unsigned registered(void)
{
	rk_begin();
	cm_attach();
	if (rk_init())
		return 0;
	(void)cm_type("register");
	rk_challenge();
	rk_ok(600000, IDENTITIES);
	rk_reply(200, "Contact: <sip:scscf1.home1.net>\r\n"
		 "Expires: 600000\r\n");
	(void)cm_printed();

	return rk_is(rk_last(), "SUBSCRIBE") ? rk_last() : 0;
}


static void registration(void)
{
	rk_begin();
	cm_attach();
	CHECK_EQ(rk_init(), 0);
	CHECK_STR(cm_type("reregister"), cm_error("reregister", "EPROTO"));
	CHECK_STR(cm_type("register"),
		  "{'event':'registering','pcscf':'192.0.2.1:5060'}\n");
	rk_challenge();
	CHECK_STR(cm_printed(), "{'event':'challenge',"
		  "'reason':'AKAv1-MD5 ok','status':401}\n");
	rk_ok(600000, IDENTITIES);
	CHECK_STR(cm_printed(), "{'event':'registered'," REGISTERED "}\n");
	CHECK_STR(cm_type("register"), cm_error("register", "EPROTO"));
	rk_reply(200, "Contact: <sip:scscf1.home1.net>\r\n"
		 "Expires: 600000\r\n");
	CHECK_STR(cm_printed(), "{'event':'reg-subscribed',"
		  "'reason':'" RK_IMPU "','expires':600000}\n");

	CHECK_STR(cm_type("reregister"), "");
	CHECK(!command_idle(&cm.sc));
	rk_ok(600000, IDENTITIES);
	CHECK_STR(cm_printed(), "{'event':'reregistered'," REGISTERED "}\n");
	CHECK(command_idle(&cm.sc));

	CHECK_STR(cm_type("deregister"), "");
	rk_reply(200, NULL);
	CHECK_STR(cm_printed(),
		  "{'event':'deregistered','reason':'user'}\n");
	CHECK(command_idle(&cm.sc));
	CHECK_STR(rk_end(), NULL);
}


/* The command ends with the event that says that it was in vain; `deregister`
   takes its place */
static void registration_fails(void)
{
	rk_begin();
	cm_attach();
	CHECK_EQ(rk_init(), 0);
	(void)cm_type("register");
	rk_reply(403, NULL);
	CHECK_STR(cm_printed(), "{'event':'registration-failed',"
		  "'reason':'Forbidden','status':403,"
		  "'error':'EACCES'}\n"
		  "{'event':'error','what':'register',"
		  "'reason':'registration-failed'}\n");

	(void)cm_type("register");
	rk_reply(503, NULL);
	CHECK(strstr(cm_printed(), "{'event':'register-retry',"
		     "'reason':'Service Unavailable','status':503,"));
	CHECK(!command_idle(&cm.sc));
	CHECK_STR(cm_type("deregister"),
		  "{'event':'registration-failed',"
		  "'reason':'cancelled by deregistration',"
		  "'error':'ECANCELED'}\n"
		  "{'event':'deregistered','reason':'user'}\n");
	CHECK_STR(rk_end(), NULL);
}


/* RFC 3680 s3.7: why a registration ended */
static void ended_by_network(void)
{
	static const char *const v[][2] = {
		{"rejected", "network-rejected"},
		{"deactivated", "network-deactivated"},
		{"probation", "network-probation"},
		{"expired", "expired"},
		{"unregistered", "network-unregistered"},
		{NULL, "network-terminated"},
	};
	char expect[100];
	unsigned i, n;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		n = registered();
		CHECK(n);
		CHECK_EQ(rk_document(n, 1, rk_reginfo(
			0, true, RK_IMPU, "active", "active", "registered",
			NULL)), 200);
		rk_run(0);
		CHECK_STR(cm_printed(), "{'event':'reg-event',"
			  "'state':'active registered','version':0}\n");
		CHECK_EQ(rk_document(n, 2, rk_reginfo(
			1, true, RK_IMPU, "terminated",
			v[i][0] ? "terminated" : NULL, v[i][0], NULL)), 200);
		rk_run(0);
		snprintf(expect, sizeof(expect),
			 "{'event':'deregistered','reason':'%s'", v[i][1]);
		CHECK(strstr(cm_printed(), expect));
		CHECK_STR(rk_end(), NULL);
	}

	/* its own refresh failed */
	CHECK(registered());
	(void)cm_type("reregister");
	rk_reply(403, NULL);
	CHECK_STR(cm_printed(), "{'event':'deregistered',"
		  "'reason':'failed','status':403,'error':'EACCES',"
		  "'wait_ms':0}\n"
		  "{'event':'error','what':'reregister',"
		  "'reason':'deregistered'}\n"
		  "{'event':'registering','pcscf':'192.0.2.1:5060'}\n");
	CHECK_STR(rk_end(), NULL);
}


static void status(void)
{
	rk_begin();
	cm_attach();
	CHECK_EQ(rk_init(), 0);
	CHECK_STR(cm_type("status"), "{'event':'status','registered':false,"
		  "'rx_messages':0,'tx_messages':0,'retransmissions':0,"
		  "'rx_malformed':0,'no_memory':0,'mine':7}\n");
	CHECK_STR(rk_end(), NULL);

	/* a port that adds nothing */
	CHECK(registered());
	cm.port.statush = NULL;
	CHECK_STR(cm_type("status"), "{'event':'status','registered':true,"
		  REGISTERED ",'rx_messages':3,'tx_messages':3,"
		  "'retransmissions':0,'rx_malformed':0,'no_memory':0}\n");
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Sessions */


static void call(void)
{
	unsigned n;

	CHECK(ck_begin(cm_attach));
	(void)cm_printed();
	CHECK_STR(cm_type("call bob"), cm_error("call", "EINVAL"));
	CHECK_STR(cm_type("hangup"), cm_error("hangup", "ENOENT"));
	CHECK_STR(cm_type("answer"), cm_error("answer", "ENOENT"));
	CHECK_STR(cm_type("hold"), cm_error("hold", "ENOENT"));
	CHECK_STR(cm_type("call sip:bob@home2.net"), "");
	n = ck_sent("INVITE");
	ck_answer(n, 180, "b", NULL, NULL, NULL);
	CHECK_STR(cm_printed(),
		  "{'event':'session-progress','reason':'Ringing',"
		  "'status':180,'session':1}\n");
	ck_answer(n, 200, "b", "Contact: <sip:bob@192.0.2.9>\r\n",
		  "application/sdp", CK_SDP);
	CHECK_STR(cm_printed(), "{'event':'session-established',"
		  "'reason':'OK','status':200,'session':1,'held':false,"
		  "'media':'192.0.2.9:3456','codec':'AMR'}\n");
	CHECK(command_idle(&cm.sc));

	CHECK_STR(cm_type("hold"), "");
	n = ck_sent("INVITE");
	ck_answer(n, 200, "b", "Contact: <sip:bob@192.0.2.9>\r\n",
		  "application/sdp", CK_SDP "a=recvonly\r\n");
	CHECK_STR(cm_printed(), "{'event':'session-modified',"
		  "'session':1,'held':false,'media':'192.0.2.9:3456',"
		  "'codec':'AMR'}\n");
	CHECK_STR(cm_type("resume"), "");
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "a=sendrecv"));
	ck_answer(n, 403, "b", NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'session-modify-failed',"
		  "'reason':'Forbidden','status':403,'session':1,'held':false,"
		  "'media':'192.0.2.9:3456','codec':'AMR'}\n"
		  "{'event':'error','what':'resume',"
		  "'reason':'session-modify-failed'}\n");

	CHECK_STR(cm_type("hangup"), "");
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'session-ended','reason':'ended',"
		  "'error':'ECANCELED','session':1}\n");
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3261 s8.1.3.4, s21.3: where a redirection leads */
static void call_fails(void)
{
	CHECK(ck_begin(cm_attach));
	(void)cm_printed();
	(void)cm_type("call sip:bob@home2.net");
	ck_answer(ck_sent("INVITE"), 486, "b", NULL, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'session-failed',"
		  "'reason':'Busy Here','status':486,'session':1}\n"
		  "{'event':'error','what':'call',"
		  "'reason':'session-failed'}\n");
	(void)cm_type("call sip:bob@home2.net");
	ck_answer(ck_sent("INVITE"), 302, "b",
		  "Contact: <sip:bob@home3.net>\r\n", NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'session-failed',"
		  "'contacts':'sip:bob@home3.net','status':302,"
		  "'session':2}\n"
		  "{'event':'error','what':'call',"
		  "'reason':'session-failed'}\n");
	CHECK_STR(ck_end(), NULL);
}


/* `answer` and `hangup` are about the session that came in last */
static void called(void)
{
	CHECK(ck_begin(cm_attach));
	(void)cm_printed();
	(void)ss_invite(NULL, CK_SDP);
	CHECK_STR(cm_printed(), "{'event':'session-incoming',"
		  "'reason':'" SS_PEER "','session':1,'held':false,"
		  "'media':'192.0.2.9:3456','codec':'AMR'}\n");
	CHECK_STR(cm_type("answer"), "");
	ss_ack(NULL);
	CHECK_STR(cm_printed(), "{'event':'session-established',"
		  "'session':1,'held':false,'media':'192.0.2.9:3456',"
		  "'codec':'AMR'}\n");
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(cm_printed(), "{'event':'session-ended',"
		  "'reason':'BYE','session':1,'by_peer':true}\n");

	/* RFC 3326: a status of somebody else leads nowhere */
	(void)ss_invite(NULL, CK_SDP);
	(void)cm_printed();
	ss_cancel_with("Reason: SIP;cause=302\r\n");
	CHECK_STR(cm_printed(), "{'event':'session-ended',"
		  "'reason':'cancelled','status':302,'session':2,"
		  "'by_peer':true}\n");

	/* the caller gives up while we answer */
	(void)ss_invite(NULL, CK_SDP);
	(void)cm_printed();
	(void)cm_type("answer");
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK(strstr(cm_printed(), "{'event':'error','what':'answer',"
		     "'reason':'session-ended'}\n"));
	CHECK_STR(ck_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Names of events */


static void names(void)
{
	static const struct {
		enum ue_event_type type;
		const char *name;
	} v[] = {
		{UE_EVENT_REGISTERING, "registering"},
		{UE_EVENT_CHALLENGE, "challenge"},
		{UE_EVENT_REGISTERED, "registered"},
		{UE_EVENT_REGISTER_RETRY, "register-retry"},
		{UE_EVENT_REGISTER_FAILED, "registration-failed"},
		{UE_EVENT_REREGISTERED, "reregistered"},
		{UE_EVENT_DEREGISTERED, "deregistered"},
		{UE_EVENT_REG_SUBSCRIBED, "reg-subscribed"},
		{UE_EVENT_REG_SUBSCRIPTION_ENDED, "reg-subscription-ended"},
		{UE_EVENT_REG_INFO, "reg-event"},
		{UE_EVENT_FLOW_FAILED, "flow-failed"},
		{UE_EVENT_SECURITY, "security"},
		{UE_EVENT_MESSAGING_READY, "messaging-ready"},
		{UE_EVENT_MESSAGING_LOST, "messaging-lost"},
		{UE_EVENT_RELAY_READY, "relay-ready"},
		{UE_EVENT_RELAY_LOST, "relay-lost"},
		{UE_EVENT_PAGE_SENT, "page-sent"},
		{UE_EVENT_PAGE_FAILED, "page-failed"},
		{UE_EVENT_SESSION_INCOMING, "session-incoming"},
		{UE_EVENT_SESSION_PROGRESS, "session-progress"},
		{UE_EVENT_SESSION_ESTABLISHED, "session-established"},
		{UE_EVENT_SESSION_FAILED, "session-failed"},
		{UE_EVENT_SESSION_MODIFIED, "session-modified"},
		{UE_EVENT_SESSION_MODIFY_FAILED, "session-modify-failed"},
		{UE_EVENT_SESSION_CHANGED, "session-changed"},
		{UE_EVENT_SESSION_ENDED, "session-ended"},
		{UE_EVENT_CONF_JOINED, "conference-joined"},
		{UE_EVENT_CONF_FAILED, "conference-failed"},
		{UE_EVENT_CONF_INVITATION, "conference-invitation"},
		{UE_EVENT_CONF_ENDED, "conference-ended"},
		{UE_EVENT_CONF_MODIFIED, "conference-modified"},
		{UE_EVENT_CONF_MODIFY_FAILED, "conference-modify-failed"},
		{UE_EVENT_CONF_CHANGED, "conference-changed"},
		{UE_EVENT_CONF_SUBSCRIBED, "conference-subscribed"},
		{UE_EVENT_CONF_SUBSCRIPTION_ENDED,
		 "conference-subscription-ended"},
		{UE_EVENT_CONF_ROSTER, "roster"},
	};
	struct ue_event ev;
	char expect[80];
	size_t i;

	rk_begin();
	cm_attach();
	CHECK_EQ(rk_init(), 0);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		memset(&ev, 0, sizeof(ev));
		ev.type = v[i].type;
		command_on_event(&rk.ue, &ev, &cm.sc);
		snprintf(expect, sizeof(expect), "{'event':'%s'", v[i].name);
		CHECK_MEM(cm_printed(), strlen(expect), expect,
			  strlen(expect));
		/* `wait` takes the same word */
		snprintf(expect, sizeof(expect), "wait %s", v[i].name);
		CHECK_STR(cm_type(expect), "");
		CHECK(command_idle(&cm.sc));
		cm.sc.seen_count = 0;
	}
}


/* What was asked of a focus, and how it ended */
static void request_names(void)
{
	static const struct {
		enum ue_conf_request request;
		const char *name[2];
	} v[] = {
		{UE_CONF_INVITE, {"invite-failed", "invited"}},
		{UE_CONF_REMOVE, {"remove-failed", "removed"}},
		{UE_CONF_END, {"end-failed", "ended-for-all"}},
		{UE_CONF_MOVE, {"move-failed", "moved"}},
		{UE_CONF_HOLD_USER, {"request-failed", "requested"}},
		{UE_CONF_RESUME_USER, {"request-failed", "requested"}},
		{UE_CONF_POC_LEAVE, {"request-failed", "requested"}},
		{UE_CONF_POC_END, {"request-failed", "requested"}},
	};
	struct ue_event ev;
	char expect[80];
	size_t i;

	rk_begin();
	cm_attach();
	CHECK_EQ(rk_init(), 0);
	for (i = 0; i < 2 * sizeof(v) / sizeof(v[0]); i++) {
		memset(&ev, 0, sizeof(ev));
		ev.type = UE_EVENT_CONF_REQUEST_DONE;
		ev.request = v[i / 2].request;
		ev.status = i % 2 ? 202 : 403;
		command_on_event(&rk.ue, &ev, &cm.sc);
		snprintf(expect, sizeof(expect),
			 "{'event':'%s','status':%u}\n",
			 v[i / 2].name[i % 2], ev.status);
		CHECK_STR(cm_printed(), expect);
	}
}


const struct test_case suite_ue_command[] = {
	{"register, reregister, deregister", registration},
	{"register: refused, tried again, given up", registration_fails},
	{"RFC 3680 s3.7: why a registration ended", ended_by_network},
	{"status", status},
	{"call, hold, resume, hangup", call},
	{"call: refused, RFC 3261 s21.3: redirected", call_fails},
	{"answer", called},
	{"events have the names that `wait` takes", names},
	{"requests of conferences have two names each", request_names},
	{NULL, NULL}
};
