/**
 * @file test_messaging.c  Messages in sessions: commands, what comes in,
 *                         connections that fail (TS 24.247, RFC 4975)
 *
 * More than 800 lines: commands, what comes in and what waits for it, on the
 * same peer.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

static const uint8_t octets[8000];


static int say(const char *type, uint32_t len, void *arg)
{
	const struct ue_message m = {.type = type, .data = octets,
				     .len = len, .arg = arg};

	return ue_message_send(&rk.ue, mg.session, &m);
}


static void nickname_of(const char *attrs)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(attrs));
}


#define WISH "Content-Type: message/cpim\r\n"
#define WISHED "From: <sip:bob@home2.net>\r\nTo: <" RK_IMPU ">\r\n"	\
	"DateTime: 2026-01-01T00:00:00Z\r\nNS: imdn "			\
	"<urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n"	\
	"imdn.Disposition-Notification: positive-delivery\r\n\r\n"	\
	"Content-Type: text/plain\r\n\r\nhi"

/** One that asks to be told when it is seen */
#define SEEN "From: <sip:bob@home2.net>\r\nTo: <" RK_IMPU ">\r\n"	\
	"DateTime: 2026-01-01T00:00:00Z\r\nNS: imdn "			\
	"<urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n"	\
	"imdn.Disposition-Notification: display\r\n\r\n"		\
	"Content-Type: text/plain\r\n\r\nhi"

static unsigned wish;


/* n messages whose delivery the peer wants to know of */
static void wished(unsigned n)
{
	char id[100];

	while (n--) {
		(void)snprintf(id, sizeof(id), "Message-ID: wish%u\r\n" WISH,
			       ++wish);
		mg_request(0, ss.invite, "tid1", "SEND", id, WISHED, '$');
	}
}


/* ue_message_send() */
static void send_errors(void)
{
	struct ue_message m = {.type = "a/b", .data = octets, .len = 1};
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK_EQ(ue_message_send(&rk.ue, 7, &m), ENOENT);
	CHECK_EQ(ue_message_send(NULL, 7, &m), ENOENT);
	CHECK(mg_call() != UINT32_MAX);
	CHECK_EQ(say("a/b", 1, NULL), ENOTCONN);

	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=max-size:4000\r\na=accept-types:text/plain\r\n"));
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, NULL), EINVAL);
	CHECK_EQ(say(NULL, 1, NULL), EINVAL);
	m.data = NULL;
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EINVAL);
	CHECK_EQ(say("a/b", UINT32_MAX, NULL), EINVAL);
	CHECK_EQ(say("a/b", 4001, NULL), EMSGSIZE);
	/* the peer takes no CPIM */
	m.data = octets;
	m.to = SS_PEER;
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), ENOTSUP);
	for (i = 0; i < MSRP_OUT; i++)
		CHECK_EQ(say("a/b", 1, NULL), 0);
	CHECK_EQ(say("a/b", 1, NULL), ENOMEM);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_SENT), 0);

	/* RFC 4975 s8.6: more octets than there will ever be */
	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=max-size:4294967300\r\n"));
	CHECK_EQ(say("a/b", 10, NULL), 0);
}


/* RFC 5438 s7.1.1.1: a notification needs a time */
static void notify_needs_time(void)
{
	struct ue_message m = {.type = "text/plain", .data = octets,
			       .len = 1, .notify = "positive-delivery"};

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EINVAL);
	m.datetime = "2026-01-01T00:00:00Z";
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
	CHECK(strstr(mg_wire(0), "imdn.Disposition-Notification: "
		     "positive-delivery\r\n"));
}


/* What was not sent takes no place from what is awaited */
static void notify_not_sent(void)
{
	struct ue_message m = {.type = "text/plain", .data = octets,
			       .len = 1, .notify = "display", .about = &ss,
			       .datetime = "2026-01-01T00:00:00Z"};
	char text[600], id[17];
	const char *p;
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=max-size:1000\r\n"));
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
	p = strstr(mg_wire(0), "imdn.Message-ID: ");
	CHECK(p);
	(void)snprintf(id, sizeof(id), "%s", p + 17);
	m.len = 1001;
	m.about = NULL;
	for (i = 0; i < UE_IMDN_MAX; i++)
		CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), EMSGSIZE);

	(void)snprintf(text, sizeof(text), "From: <sip:bob@home2.net>\r\n"
		       "To: <" RK_IMPU ">\r\n\r\nContent-Type: "
		       "message/imdn+xml\r\n\r\n<imdn xmlns=\"urn:ietf:"
		       "params:xml:ns:imdn\"><message-id>%s</message-id>"
		       "<display-notification><status><displayed/></status>"
		       "</display-notification></imdn>", id);
	mg_request(0, ss.invite, "tid1", "SEND", "Message-ID: told1\r\n"
		   "Content-Type: message/cpim\r\n", text, '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_NOTIFIED), 1);
	CHECK(rk_event(UE_EVENT_MESSAGE_NOTIFIED)->message.about == &ss);
}


/* RFC 4975 s8.6: what the peer takes only in CPIM leaves in it */
static void only_wrapped(void)
{
	static const char *const cpimv[] = {
		"a=accept-types:message/cpim\r\na=accept-wrapped-types:*\r\n",
		"a=accept-types:message/cpim text/plain\r\n",
		"a=accept-types:message/cpim Text/* message/*\r\n",
		"a=accept-types:message/cpim image/*\r\n",
		"a=accept-types:message/cpim *\r\n"
	};
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=accept-types:message/cpim\r\n"
		       "a=accept-wrapped-types:text/plain\r\n"));
	CHECK_EQ(say("text/plain", 5, NULL), 0);
	CHECK(strstr(mg_wire(0), "\r\nContent-Type: message/cpim\r\n"));

	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=accept-types:message/cpim text/*\r\n"));
	CHECK_EQ(say("text/plain", 5, NULL), 0);
	CHECK(strstr(mg_wire(0), "\r\nContent-Type: text/plain\r\n"));
	/* s8.6: with parameters, and by a wildcard */
	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=accept-types:text/plain;charset=utf-8 "
		       "message/*\r\n"));
	CHECK_EQ(say("text/plain", 5, NULL), 0);
	CHECK(strstr(mg_wire(0), "\r\nContent-Type: text/plain\r\n"));
	CHECK(rk.ue.messaging.mediav[0].cpim);

	/* what is listed goes as it is, the rest must not */
	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=accept-types:message/cpim image/jpeg\r\n"));
	CHECK_EQ(say("image/jpeg", 5, NULL), 0);
	CHECK(strstr(mg_wire(0), "\r\nContent-Type: image/jpeg\r\n"));
	mg_answer(0, mg_sent(0), "200 OK", "");
	CHECK_EQ(say("message/cpim", 5, NULL), 0);
	CHECK(strstr(mg_wire(0), "\r\nByte-Range: 1-5/5\r\n"));
	for (i = 0; i < sizeof(cpimv) / sizeof(cpimv[0]); i++) {
		CHECK(mg_begin(NULL));
		CHECK(mg_bound(cpimv[i]));
		CHECK_EQ(say("image/jpeg", 5, NULL), 0);
		CHECK_EQ(strstr(mg_wire(0), "\r\nContent-Type: message/cpim"
				"\r\n") != NULL, i < 3);
	}
}


/* A port that hands in what is not taken tells no time to the next command */
static void tried_in_vain(void)
{
	const struct ue_message m = {.type = "text/plain", .data = octets,
				     .len = 1};
	struct ue_addr peer;
	size_t used = 1;
	unsigned n, flow;

	memset(&peer, 0, sizeof(peer));
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));

	/* each place is taken by one whose notification finds none */
	for (n = 0; n < MSRP_OUT; n++)
		CHECK_EQ(say("a/b", 1, NULL), 0);
	wished(MSRP_IN);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 0);
	CHECK_EQ(ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX,
				(const uint8_t *)"MSRP", 4, &used), EAGAIN);
	CHECK_EQ(used, 0);
	n = rk_sent_count("MESSAGE");
	rk.now_ms += 60000;
	CHECK_EQ(ue_page_send(&rk.ue, SS_PEER, &m, NULL, 0), 0);
	rk_run(0);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + 1);

	(void)ue_flow_accepted(&rk.ue, rk.now_ms, UE_FLOWS_MAX, &peer, &flow);
	rk.now_ms += 60000;
	n = rk_sent_count("MESSAGE");
	CHECK_EQ(ue_page_send(&rk.ue, "sip:carol@home3.net", &m, NULL, 0), 0);
	rk_run(0);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + 2);
}


/* Without room for another stream it is our own shortage */
static void no_room(void)
{
	unsigned i;

	CHECK(mg_begin(NULL));
	for (i = 0; i < MSRP_SESSIONS; i++) {
		CHECK(mg_call() != UINT_MAX);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_FAILED), 0);
	}
	(void)mg_call();
	CHECK_EQ(rk_events(UE_EVENT_SESSION_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->err, ENOMEM);
}


/* RFC 7701 s6.1: From is who the network says that we are */
static void cpim_from(void)
{
	const struct ue_message m = {.type = "text/plain", .data = octets,
				     .len = 1, .to = SS_PEER};

	CHECK(mg_begin(NULL));
	strcpy(rk.ue.reg.info.default_impu, "tel:+15550100");
	CHECK(mg_bound(""));
	CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
	CHECK(strstr(mg_wire(0), "\r\nFrom: <" RK_IMPU ">\r\n"));
}


/* RFC 7701 s6.2, s8: where the room says that it has them.  A notification is
   one, too */
static void private_messages(void)
{
	static const char *const v[] = {
		"", "a=chatroom:nickname private-messages\r\n",
		"a=chatroom\r\n", "a=chatroom:nickname\r\n"
	};
	struct ue_message m = {.type = "text/plain", .data = octets,
			       .len = 1};
	unsigned i;

	for (i = 0; i < 4; i++) {
		CHECK(mg_begin(NULL));
		CHECK(mg_bound(v[i]));
		m.to = SS_PEER;
		CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m),
			 i < 2 ? 0 : ENOTSUP);
		m.to = NULL;
		CHECK_EQ(ue_message_send(&rk.ue, mg.session, &m), 0);
		(void)mg_wire(0);
		wished(1);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
		CHECK_EQ(strstr(mg_wire(0), "message/imdn+xml") != NULL,
			 i < 2);
		CHECK_EQ(ue_message_displayed(&rk.ue, mg.session, SEEN,
					      sizeof(SEEN) - 1),
			 i < 2 ? 0 : ENOTSUP);
	}
}


/** The peer offers anew, with a direction */
static unsigned redirected(const char *dir)
{
	char attrs[80];
	unsigned code;

	(void)snprintf(attrs, sizeof(attrs), "a=setup:passive\r\na=%s\r\n",
		       dir);
	code = ss_request("INVITE", SS_ALLOW, mg_sdp("192.0.2.77", 9000,
						     MG_BOB, attrs));
	ss_ack(NULL);

	return code;
}


/* s8.9: messages, but not what is said about them */
static void peer_holds(void)
{
	static const struct {
		const char *dir;
		int err;
	} v[] = {
		{"sendonly", EPROTO}, {"recvonly", 0}, {"inactive", EPROTO},
		{"sendrecv", 0}
	};
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	for (i = 0; i < 4; i++) {
		CHECK_EQ(redirected(v[i].dir), 200);
		CHECK_EQ(say("text/plain", 1, NULL), v[i].err);
		CHECK_EQ(say("application/im-iscomposing+xml", 1, NULL), 0);
		(void)mg_wire(0);
		wished(1);
		CHECK(strstr(mg_wire(0), "message/imdn+xml"));
		mg_answer(0, mg_sent(0), "200 OK", "");
		rk_run(MSRP_T_MS);
	}
}


/* RFC 3264 s8.4: our own hold is none of the peer's */
static void we_hold(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ue_session_hold(&rk.ue, mg.session), 0);
	rk_run(0);
	CHECK(strstr(rk.sentv[ss_sent("INVITE")], "a=sendonly\r\n"));
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, mg_sdp(
		"192.0.2.77", 9000, MG_BOB,
		"a=setup:passive\r\na=recvonly\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_EQ(say("text/plain", 1, NULL), 0);
}


/* RFC 5438 s7.2.1: not twice, where it has come in another session before */
static void notified_once(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	wished(1);
	CHECK(strstr(mg_wire(0), "message/imdn+xml"));
	/* as if that had been another one */
	++rk.ue.messaging.mediav[0].ms->serial;
	--wish;
	wished(1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 2);
	CHECK(!strstr(mg_wire(0), "message/imdn+xml"));
	wished(1);
	CHECK(strstr(mg_wire(0), "message/imdn+xml"));
}


/* TS 24.247 9.3.1 */
static void outcomes(void)
{
	int mark;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(say("a/b", 5, &mark), 0);
	mg_answer(0, mg_wire(0), "200 OK", "");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_SENT), 1);
	CHECK(rk_event(UE_EVENT_MESSAGE_SENT)->message.arg == &mark);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_SENT)->message.len, 5);

	CHECK_EQ(say("a/b", 5, &mark), 0);
	mg_answer(0, mg_wire(0), "415 No", "");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->status, 415);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, EPROTO);

	/* RFC 4975 s7.1.1: 30 seconds */
	CHECK_EQ(say("a/b", 5, &mark), 0);
	rk_run(MSRP_T_MS - 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 1);
	rk_run(1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 2);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, ETIMEDOUT);
}


/* RFC 4975 s7.1.1: they begin when it leaves, however long nothing was to be
   done before */
static void idle_before(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound("a=chatroom:nickname\r\n"));
	rk_run(0);
	rk.now_ms += MSRP_T_MS + 1;
	CHECK_EQ(say("a/b", 5, NULL), 0);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Al"), 0);
	rk_run(MSRP_T_MS - 1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 0);
	CHECK_EQ(rk_events(UE_EVENT_NICKNAME), 0);
	rk_run(1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 1);
	CHECK_EQ(rk_events(UE_EVENT_NICKNAME), 1);
}


/* ue_message_abort() */
static void given_up(void)
{
	int mark, other;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ue_message_abort(&rk.ue, &mark), ENOENT);
	CHECK_EQ(ue_message_abort(NULL, &mark), ENOENT);
	CHECK_EQ(say("a/b", 8000, &mark), 0);
	rk_run(0);
	mg.full = true;
	CHECK_EQ(say("a/b", 10, &other), 0);
	CHECK_EQ(ue_message_abort(&rk.ue, &other), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 1);
	CHECK(rk_event(UE_EVENT_MESSAGE_FAILED)->message.arg == &other);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, ECANCELED);
	CHECK_EQ(ue_message_abort(&rk.ue, &other), ENOENT);

	/* of the large one a part has been sent: RFC 4975 s7.1 */
	CHECK_EQ(ue_message_abort(&rk.ue, &mark), 0);
	mg.full = false;
	(void)mg_wire(0);
	ue_flow_writable(&rk.ue, rk.now_ms, UE_FLOWS_MAX);
	rk_run(0);
	CHECK(strstr(mg_wire(0), "#\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_FAILED), 2);
	CHECK(rk_event(UE_EVENT_MESSAGE_FAILED)->message.arg == &mark);
}


/* RFC 7701 s7.2, s8: not where the room does not say that it has them */
static void nickname(void)
{
	char name[80];

	memset(name, 'x', sizeof(name));
	name[68] = '\0';
	nickname_of("");
	CHECK_EQ(ue_nickname(&rk.ue, 99, "A"), ENOENT);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A"), ENOTSUP);

	/* s8: a chat room without, and with */
	nickname_of("a=chatroom:private-messages\r\n");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A"), ENOTSUP);
	nickname_of("a=chatroom\r\n");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A"), ENOTSUP);
	nickname_of("a=chatroom:private-messages nickname\r\n");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A\"B"), EINVAL);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A\\"), EINVAL);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "A\n"), EINVAL);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, name), EINVAL);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Al"), 0);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Bo"), EBUSY);
	mg_answer(0, mg_wire(0), "425 Taken", "");
	CHECK_EQ(rk_event(UE_EVENT_NICKNAME)->status, 425);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Bo"), 0);

	/* the session ends: it has its outcome before */
	CHECK_EQ(ue_session_end(&rk.ue, mg.session), 0);
	rk_run(0);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_NICKNAME), 2);
	CHECK_EQ(rk_event(UE_EVENT_NICKNAME)->err, ECONNRESET);
}


/* RFC 7701 s7: the connection is lost, then there is another */
static void nickname_lost(void)
{
	nickname_of("a=chatroom:nickname\r\n");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Al"), 0);
	rk_run(0);
	mg_gone(0, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_NICKNAME), 1);
	CHECK_EQ(rk_event(UE_EVENT_NICKNAME)->err, ECONNRESET);
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, mg_sdp("192.0.2.77", 9002,
		"msrp://192.0.2.77:9002/s2;tcp",
		"a=setup:passive\r\na=chatroom:nickname\r\n")), 200);
	ss_ack(NULL);
	mg_connected(0);
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Al"), 0);
}


static void nickname_removed(void)
{
	const char *req;

	nickname_of("a=chatroom:nickname\r\n");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, "Al"), 0);
	mg_answer(0, mg_wire(0), "200 OK", "");
	CHECK_EQ(ue_nickname(&rk.ue, mg.session, ""), 0);
	req = mg_wire(0);
	CHECK(strstr(req, " NICKNAME\r\n"));
	CHECK(strstr(req, "\r\nUse-Nickname: \"\"\r\n"));
	mg_answer(0, req, "200 OK", "");
	CHECK_EQ(rk_events(UE_EVENT_NICKNAME), 2);
	CHECK_EQ(rk_event(UE_EVENT_NICKNAME)->status, 200);
}


/* RFC 4975 s14.1: 80 random bits at least, and others in each session */
static void session_ids(void)
{
	char id[2][100];
	unsigned i;

	for (i = 0; i < 2; i++) {

		const char *at;

		CHECK(mg_begin(NULL));
		rk.rnd += i;
		at = strstr(rk.sentv[mg_call()], "a=path:");
		CHECK(at != NULL);
		CHECK_EQ(sscanf(at, "a=path:msrp://10.0.0.7:7654/%99[^;]",
				id[i]), 1);
		CHECK(strlen(id[i]) >= 80 / 4);
		CHECK_EQ(strspn(id[i], "0123456789abcdef"), strlen(id[i]));
	}
	CHECK(strcmp(id[0], id[1]) != 0);
}


#define CHUNK "Message-ID: m123\r\nByte-Range: 1-5/5\r\n"		\
	"Content-Type: text/plain\r\n"

static void received(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_request(0, ss.invite, "tid1", "SEND", CHUNK, "hello", '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_RECEIVED)->message.len, 5);
	CHECK(rk_event(UE_EVENT_MESSAGE_RECEIVED)->message.arg == &mg);
	CHECK_MEM(mg.in, 5, "hello", 5);
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 OK"));

	mg.verdict = 415;
	mg_request(0, ss.invite, "tid2", "SEND",
		   "Message-ID: m124\r\nByte-Range: 1-5/5\r\n"
		   "Content-Type: x/y\r\n", "hello", '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
	CHECK(strstr(mg_wire(0), "MSRP tid2 415 "));

	/* the peer gives up: RFC 4975 s7.1 */
	mg.verdict = 0;
	mg_request(0, ss.invite, "tid3", "SEND",
		   "Message-ID: m125\r\nByte-Range: 1-*/9\r\n"
		   "Content-Type: x/y\r\n", "hel", '#');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_BROKEN), 1);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_BROKEN)->err, ECANCELED);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_BROKEN)->message.len, 3);
}


static void no_handler(void)
{
	mg.set.open_h = NULL;
}


static void nobody_takes_it(void)
{
	CHECK(mg_begin(no_handler));
	CHECK(mg_bound(""));
	mg_request(0, ss.invite, "tid1", "SEND", CHUNK, "hello", '$');
	CHECK(strstr(mg_wire(0), "MSRP tid1 415 "));
}


/** All slots are in use: 413; free again: taken */
static void slots(void)
{
	char id[64];
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	for (i = 0; i <= MSRP_IN; i++) {
		(void)re_snprintf(id, sizeof(id), "Message-ID: open%u\r\n"
				  "Byte-Range: 1-2/9\r\nContent-Type: a/b"
				  "\r\n", i);
		mg_request(0, ss.invite, "tid1", "SEND", id, "hi", '+');
	}
	CHECK(strstr(mg_wire(0), " 413 "));
	CHECK_EQ(mg.began, MSRP_IN);
	mg_request(0, ss.invite, "tid2", "SEND", "Message-ID: open0\r\n"
		   "Byte-Range: 3-9/9\r\nContent-Type: a/b\r\n", "7octets",
		   '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
	mg_request(0, ss.invite, "tid3", "SEND", CHUNK, "hello", '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 2);
}


/* RFC 4975 s7.1.1: many short messages in one piece, while a long one is under
   way: those wait that find no room, until the application has heard of the
   others */
static void many_at_once(void)
{
	enum { MANY = 2 * MSRP_IN };
	static char text[8000];
	size_t used, n, from = 0;
	unsigned i;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_request(0, ss.invite, "tid1", "SEND", "Message-ID: long\r\n"
		   "Byte-Range: 1-2/9\r\nContent-Type: a/b\r\n", "hi", '+');
	for (i = 0, n = 0; i < MANY; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
			"MSRP many%u SEND\r\nTo-Path: %s\r\nFrom-Path: "
			MG_BOB "\r\nMessage-ID: many%u\r\n"
			"Content-Type: a/b\r\n\r\nhi\r\n-------many%u$\r\n",
			i, mg_own(ss.invite), i, i);
	(void)mg_wire(0);
	for (i = 0; from < n && i < 9; i++) {
		(void)ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX,
				     (const uint8_t *)text + from, n - from,
				     &used);
		from += used;
		rk_run(0);
	}
	CHECK(!strstr(mg_wire(0), " 413 "));
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), MANY);
}


/* RFC 5438 s7.2.1: each leaves at once; where our own messages leave no room
   they wait for it, but not for long, and nothing else comes in meanwhile */
static void notifications_wait(void)
{
	unsigned i, n = 0;
	char text[4096];

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	/* RFC 4975 s7.1.4: that the peer answers none holds nothing up */
	for (; n < 3 * MSRP_OUT; n++) {
		wished(1);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), n + 1);
		CHECK(strstr(mg_wire(0), "<message-id>34jk324j</message-id>"));
	}

	for (i = 0; i < MSRP_OUT; i++)
		CHECK_EQ(say("a/b", 1, NULL), 0);
	(void)snprintf(text, sizeof(text), "%s", mg_wire(0));
	wished(1);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), n);
	mg_answer(0, text, "200 OK", "");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), ++n);
	CHECK(strstr(mg_wire(0), "<message-id>34jk324j</message-id>"));

	/* the peer answers none */
	CHECK_EQ(say("a/b", 1, NULL), 0);
	wished(MSRP_IN);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), n);
	rk_run(4000);
	n += MSRP_IN;
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), n);
	wished(2 * MSRP_IN);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), n + 2 * MSRP_IN);
	CHECK(!strstr(mg_wire(0), "message-id"));
}


#define LONG "<sip:+15550100999@ims.mnc001.mcc001.3gppnetwork.org>\r\n"

/* RFC 5438 s7.2.1.1, s11.1.4: with the identities of 3GPP TS 23.003 13.4 and
   a station on the way */
static void long_notification(void)
{
	const char *p;

	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	mg_request(0, ss.invite, "tid1", "SEND", "Message-ID: long1\r\n"
		   WISH, "From: " LONG "To: <" RK_IMPU ">\r\n"
		   "DateTime: 2026-01-01T00:00:00Z\r\nNS: imdn "
		   "<urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n"
		   "imdn.Disposition-Notification: positive-delivery\r\n"
		   "imdn.Original-To: " LONG "imdn.IMDN-Record-Route: " LONG
		   "\r\nContent-Type: text/plain\r\n\r\nhi", '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 1);
	p = strstr(mg_wire(0), "NS: imdn <urn:ietf:params:imdn>\r\n"
		   "imdn.IMDN-Route: " LONG);
	/* what does not fit is left out, and the message is there */
	CHECK((p != NULL) == (UE_CPIM_MAX >= 768));
	if (!p)
		return;
	CHECK(!strstr(p + 1, "NS: imdn"));
	CHECK(strstr(p, "\r\nimdn.Message-ID: "));
	CHECK(strstr(p, "<original-recipient-uri>"));
}


/** The connection ends in the middle of everything: each has its outcome */
static void connection_lost(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(say("a/b", 10, NULL), 0);
	mg_request(0, ss.invite, "tid1", "SEND", "Message-ID: open1\r\n"
		   "Byte-Range: 1-2/9\r\nContent-Type: a/b\r\n", "hi", '+');
	mg_gone(0, 0);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_FAILED)->err, ECONNRESET);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGE_BROKEN)->err, ECONNRESET);
	CHECK_EQ(rk_event(UE_EVENT_MESSAGING_LOST)->err, ECONNRESET);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
	CHECK_EQ(say("a/b", 10, NULL), ENOTCONN);
}


static void not_connected(void)
{
	const unsigned setup[2] = {0, ECONNREFUSED};
	unsigned i, n;

	for (i = 0; i < 2; i++) {
		CHECK(mg_begin(NULL));
		mg.open_err = (int)setup[i];
		n = mg_call();
		ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
			  mg_sdp("192.0.2.77", 9000, MG_BOB,
				 "a=setup:passive\r\n"));
		if (!i)
			mg_gone(0, ECONNREFUSED);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 1);
		CHECK_EQ(rk_event(UE_EVENT_MESSAGING_LOST)->err,
			 ECONNREFUSED);
	}
}


/** The session is over before the connection stands: it is closed */
static void over_while_connecting(void)
{
	unsigned n;

	CHECK(mg_begin(NULL));
	n = mg_call();
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	CHECK(mg.open[0]);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK(!mg.open[0]);
	/* the port's word came too late */
	mg_connected(0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 0);
}


/* RFC 4975 s5.4: who hears of the end of the connection before the BYE would
   take it for lost: it stays until the peer ends it, or for 30 seconds */
static void hang_up(void)
{
	CHECK(mg_begin(NULL));
	CHECK(mg_bound(""));
	CHECK_EQ(ue_session_end(&rk.ue, mg.session), 0);
	rk_run(0);
	CHECK(ss_sent("BYE") != UINT32_MAX);
	CHECK(mg.open[0]);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	rk_run(MSRP_T_MS - 1);
	CHECK(mg.open[0]);
	rk_run(1);
	CHECK(!mg.open[0]);

	/* one that is not yet there is of no use */
	CHECK(mg_begin(NULL));
	ss_answer(mg_call(), 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	CHECK(mg.open[0]);
	CHECK_EQ(ue_session_end(&rk.ue, mg.session), 0);
	rk_run(0);
	CHECK(!mg.open[0]);
}


/** Connections of others: as many as there are numbers */
static void accepted(void)
{
	const unsigned next = 1 % MSRP_CONNS;
	struct ue_addr from = {.family = 4};
	unsigned flow, i;

	CHECK(mg_begin(NULL));
	(void)mg_call();
	for (i = 0; i < MSRP_CONNS; i++) {
		CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
					  MESSAGING_LISTENER, &from, &flow),
			 0);
		CHECK_EQ(flow, UE_FLOWS_MAX + i);
		mg.open[i] = true;
	}
	/* the one that has waited longest gives way, also to us */
	rk_run(1);
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER,
				  &from, &flow), 0);
	CHECK_EQ(flow, UE_FLOWS_MAX);
	CHECK(!mg.open[0]);
	mg.open[0] = true;
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	CHECK_EQ(mg.opens[next], 1);
	/* but what carries a session does not */
	mg_connected(next);
	for (i = 0; i < 2 * MSRP_CONNS; i++) {
		CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
					  MESSAGING_LISTENER, &from, &flow),
			 MSRP_CONNS > 1 ? 0 : ENOMEM);
		CHECK(MSRP_CONNS == 1 || flow != UE_FLOWS_MAX + next);
	}
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_LOST), 0);

	CHECK(mg_begin(NULL));
	(void)mg_call();
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER,
				  &from, &flow), 0);
	mg.open[0] = true;
	/* none has said whose it is */
	rk_run(MSRP_T_MS + 1);
	CHECK(!mg.open[0]);

	/* the listener is gone; a new one with the next session */
	ue_flow_closed(&rk.ue, rk.now_ms, MESSAGING_LISTENER, EIO);
	CHECK_EQ(rk.ue.messaging.listener.port, 0);
}


/* Who connects again and again takes the place of nobody but himself, and of
   none whose address a session has described */
static void strangers(void)
{
	struct ue_addr from = {.family = 4, .ip = {192, 0, 2, 77}};
	unsigned flow, i, k, n;

	for (i = 0; i < 2 && MSRP_CONNS > 1; i++) {
		CHECK(mg_begin(NULL));
		n = mg_call();
		ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
			  mg_sdp("192.0.2.77", 9000, MG_BOB,
				 "a=setup:active\r\n"));
		/* behind a NAT: its path says nothing */
		from.ip[3] = i ? 77 : 99;
		CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
					  MESSAGING_LISTENER, &from, &flow),
			 0);
		CHECK_EQ(flow, UE_FLOWS_MAX);
		mg.open[0] = true;
		for (k = 0; k < 2 * MSRP_CONNS; k++) {
			rk_run(1);
			from.ip[3] = (uint8_t)(i ? 100 + k : 13);
			CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms,
						  MESSAGING_LISTENER, &from,
						  &flow), 0);
		}
		CHECK(mg.open[0]);
		mg_request(0, n, "tid1", "SEND", "Message-ID: bind\r\n",
			   NULL, '$');
		CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	}
}


/* A port may say of any connection that it is connected */
static void connected_again(void)
{
	struct ue_addr from = {.family = 4};
	unsigned flow;

	CHECK(mg_begin(NULL));
	(void)mg_call();
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER,
				  &from, &flow), 0);
	mg.open[0] = true;
	ue_flow_connected(&rk.ue, rk.now_ms, flow);
	CHECK(mg.open[0]);
	ue_flow_connected(&rk.ue, rk.now_ms, MESSAGING_LISTENER);
	CHECK(mg.listening);
}


/* TS 33.203 7.5: what listens at an address of before hears nobody */
static void other_address(void)
{
	struct ue_addr *local = &rk.ue.reg.info.local;

	CHECK(mg_begin(NULL));
	(void)mg_call();
	CHECK(ue_addr_same_ip(&rk.ue.messaging.listener, local));
	++local->ip[3];
	(void)mg_call();
	CHECK(mg.listening);
	CHECK(ue_addr_same_ip(&rk.ue.messaging.listener, local));

	/* it cannot be opened there: nobody is asked to connect */
	CHECK(mg_begin(NULL));
	(void)mg_call();
	++local->ip[3];
	mg.no_listener = true;
	(void)mg_call();
	CHECK(strstr(rk.sentv[ss.invite], "a=setup:active\r\n"));
}


/** RFC 4975 s5.4: the peer connects and binds with its first request */
static void peer_connects(const char *sdp)
{
	struct ue_addr from = {.family = 4};
	unsigned flow, n;

	CHECK(mg_begin(NULL));
	n = mg_call();
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR, sdp);
	CHECK(!mg.open[0]);
	CHECK_EQ(ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER,
				  &from, &flow), 0);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 0);
	mg_request(0, n, "tid1", "SEND", "Message-ID: bind\r\n", NULL, '$');
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 1);
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 OK"));
}


static void passive(void)
{
	peer_connects(mg_sdp("192.0.2.77", 9000, MG_BOB,
			     "a=setup:active\r\n"));
}


/* RFC 4145 s4: of the media description, or else of the session */
static void setup_of_session(void)
{
	peer_connects(mg_sdp_session(
		mg_sdp("192.0.2.77", 9000, MG_BOB, ""), "a=setup:active\r\n"));
	peer_connects(mg_sdp_session(
		mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:active\r\n"),
		"a=setup:passive\r\n"));
}


const struct test_case suite_messaging[] = {
	{"ue_message_send(): errors", send_errors},
	{"RFC 5438 s7.1.1.1: no notification without time", notify_needs_time},
	{"messages that were not sent are not awaited", notify_not_sent},
	{"RFC 4975 s8.6: what the peer takes only in CPIM", only_wrapped},
	{"a stream that is tried in vain, and the next command",
	 tried_in_vain},
	{"no room for another stream", no_room},
	{"RFC 7701 s6.1: From of CPIM is who we are", cpim_from},
	{"RFC 7701 s8: private messages where the room has them",
	 private_messages},
	{"RFC 4975 s8.9: a peer that does not want messages now", peer_holds},
	{"RFC 4975 s8.9: our own hold", we_hold},
	{"RFC 5438 s7.2.1: a duplicate is not notified", notified_once},
	{"outcomes of messages", outcomes},
	{"RFC 4975 s7.1.1: 30 seconds begin when a message leaves",
	 idle_before},
	{"RFC 4975 s7.1: ue_message_abort()", given_up},
	{"RFC 7701 s7.1: ue_nickname()", nickname},
	{"RFC 7701 s7: the connection is lost with a nickname under way",
	 nickname_lost},
	{"RFC 7701 s7.3: an empty nickname takes it away", nickname_removed},
	{"RFC 4975 s14.1: nobody guesses the MSRP URI of a session",
	 session_ids},
	{"messages that come in: taken, refused, given up", received},
	{"an application that takes none: 415", nobody_takes_it},
	{"RFC 4975 s10.5: no slot for one more", slots},
	{"RFC 4975 s7.1.1: short messages at once beside a long one",
	 many_at_once},
	{"RFC 5438 s7.2.1: notifications that wait for room hold nothing up",
	 notifications_wait},
	{"RFC 5438 s7.2.1: a notification with long identities",
	 long_notification},
	{"a connection is lost", connection_lost},
	{"a connection cannot be made", not_connected},
	{"a session ends while it connects", over_while_connecting},
	{"RFC 4975 s5.4: the connection outlives the BYE", hang_up},
	{"connections that nobody claims, the listener fails", accepted},
	{"RFC 4975 s5.4: strangers do not keep the peer out", strangers},
	{"a connection is connected that is none of ours",
	 connected_again},
	{"TS 33.203 7.5: the listener follows the UE's address",
	 other_address},
	{"RFC 4975 s5.4: the peer connects", passive},
	{"RFC 4145 s4: setup at session level", setup_of_session},
	{NULL, NULL}
};
