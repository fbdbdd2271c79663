/**
 * @file test_msg_command.c  Commands of messages, and what is printed of what
 *                           comes in
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "ports/common/msg_command.h"
#include "test/unit/cmd_kit.h"
#include "test/unit/conf_kit.h"
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"
#define CAROL "sip:carol@home3.net"
#define ROOM "a=chatroom:nickname private-messages\r\n"
#define NOTIFY "positive-delivery, display"

/** A message in CPIM with a header of imdn */
#define CPIM(type, imdn, text)						\
	"From: <" BOB ">\r\nTo: <" RK_IMPU ">\r\n"			\
	"DateTime: 2026-01-01T00:00:00Z\r\n"				\
	"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\n" \
	imdn "\r\nContent-Type: " type "\r\n\r\n" text


/** In a session with messages by `chat` */
static bool chatting(const char *attrs)
{
	char lines[200];

	if (!mg_begin(cm_attach))
		return false;
	rk_run(0);
	(void)cm_printed();
	(void)cm_type("chat " SS_PEER);
	ss.invite = ss_sent("INVITE");
	snprintf(lines, sizeof(lines), "a=setup:passive\r\n%s", attrs);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, lines));
	if (!mg.open[0])
		return false;
	mg_connected(0);
	mg_answer(0, mg_wire(0), "200 OK", "");

	return strstr(cm_printed(), "{'event':'messaging-ready','session':1}")
		&& command_idle(&cm.sc);
}


/** All that is on connection 0 is answered.  @return it */
static const char *wire(const char *status)
{
	const char *text = mg_wire(0);

	mg_answer(0, text, status, "");

	return text;
}


/** Is all memory of messages free? */
static bool nothing_left(void)
{
	unsigned i;

	for (i = 0; i < COMMAND_ITEMS; i++) {
		if (cm.sc.msg.itemv[i].used)
			return false;
	}

	return !cm.given;
}


/** A message of the peer in one chunk; further lines */
static void receive(const char *tid, const char *type, const char *lines,
		    const char *body)
{
	char head[200];

	snprintf(head, sizeof(head), "Message-ID: %s\r\nByte-Range: 1-*/%u"
		 "\r\n%sContent-Type: %s\r\n", tid,
		 (unsigned)strlen(body), lines, type);
	mg_request(0, ss.invite, tid, "SEND", head, body, '$');
}


/* ------------------------------------------------------------------ */
/* Out */


static void not_ready(void)
{
	static const char *const v[] = {"say x", "typing", "nick Al"};
	char name[10];
	size_t i;

	CHECK(mg_begin(cm_attach));
	rk_run(0);
	(void)cm_printed();
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(name, sizeof(name), "%.*s",
			 (int)strcspn(v[i], " "), v[i]);
		CHECK_STR(cm_type(v[i]), cm_error(name, "ENOENT"));
	}
	CHECK(nothing_left());
	CHECK_STR(cm_type("chat bob"), cm_error("chat", "EINVAL"));
	(void)cm_type("chat " SS_PEER);
	ss_answer(ss_sent("INVITE"), 603, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'session-failed',"
		  "'reason':'Decline','status':603,'session':1}\n"
		  "{'event':'error','what':'chat',"
		  "'reason':'session-failed'}\n");
}


static void say(void)
{
	CHECK(chatting(""));
	CHECK_STR(cm_type("say"), cm_error("say", "EINVAL"));
	CHECK_STR(cm_type("say hello  all "), "");
	CHECK(strstr(wire("200 OK"), "\r\n\r\nhello  all\r\n-------"));
	CHECK_STR(cm_printed(),
		  "{'event':'message-sent','bytes':10,'session':1}\n");
	CHECK(command_idle(&cm.sc));

	(void)cm_type("say again");
	CHECK(strstr(wire("413 No"), "\r\n\r\nagain\r\n-------"));
	CHECK_STR(cm_printed(), "{'event':'message-failed','bytes':0,"
		  "'status':413,'error':'EPROTO','session':1}\n"
		  "{'event':'error','what':'say',"
		  "'reason':'message-failed'}\n");
	CHECK(nothing_left());
}


/* RFC 7701 s6.2, s7 */
static void room(void)
{
	const char *text;

	CHECK(chatting(ROOM));
	CHECK_STR(cm_type("say @" CAROL), cm_error("say", "EINVAL"));
	CHECK_STR(cm_type("say @" CAROL "  "), cm_error("say", "EINVAL"));
	CHECK_STR(cm_type("say @" CAROL " hi you"), "");
	text = wire("200 OK");
	CHECK(strstr(text, "To: <" CAROL ">\r\n"
		     "DateTime: 2026-01-01T00:00:00Z\r\n"));
	CHECK(strstr(text, "\r\n\r\nhi you\r\n-------"));
	(void)cm_printed();

	(void)cm_type("nick Al");
	CHECK(strstr(wire("425 Taken"), "Use-Nickname: \"Al\"\r\n"));
	CHECK_STR(cm_printed(), "{'event':'nickname-refused','status':425,"
		  "'session':1}\n{'event':'error','what':'nick',"
		  "'reason':'nickname-refused'}\n");
	(void)cm_type("nick Bo");
	(void)wire("200 OK");
	CHECK_STR(cm_printed(),
		  "{'event':'nickname','status':200,'session':1}\n");
	CHECK(command_idle(&cm.sc));
}


/* RFC 3994 s3.2 */
static void typing(void)
{
	CHECK(chatting(""));
	CHECK_STR(cm_type("typing"), "");
	CHECK(strstr(wire("200 OK"), "<state>active</state>"));
	CHECK(strstr(cm_printed(), "{'event':'message-sent',"));
	CHECK_STR(cm_type("typing off"), "");
	CHECK(strstr(wire("200 OK"), "<state>idle</state>"));
	(void)cm_printed();

	receive("tid1", "application/im-iscomposing+xml", "",
		"<isComposing xmlns=\"urn:ietf:params:xml:ns:"
		"im-iscomposing\"><state>active</state></isComposing>");
	CHECK_STR(cm_printed(), "{'event':'typing',"
		  "'type':'application/im-iscomposing+xml','active':true,"
		  "'session':1}\n");
	receive("tid2", "application/im-iscomposing+xml", "", "<x/>");
	CHECK_STR(cm_printed(), "{'event':'typing',"
		  "'type':'application/im-iscomposing+xml','session':1}\n");
	CHECK(nothing_left());
}


static void no_memory(void)
{
	CHECK(chatting(""));
	while (msg_item_new(&cm.sc))
		;
	CHECK_STR(cm_type("say x"), cm_error("say", "ENOMEM"));
	CHECK_STR(cm_type("typing"), cm_error("typing", "ENOMEM"));
	receive("tid1", "text/plain", "", "hi");
	CHECK(strstr(mg_wire(0), "MSRP tid1 413 "));
}


/* RFC 4975 s7.1: what is on its way is given up */
static void give_up(void)
{
	CHECK(chatting(""));
	CHECK_STR(cm_type("abort"), "");
	mg.full = true;
	CHECK_STR(cm_type("say never"), "");
	mg_request(0, ss.invite, "tid1", "SEND", "Message-ID: m1\r\n"
		   "Byte-Range: 1-2/9\r\nContent-Type: text/plain\r\n", "hi",
		   '+');
	CHECK_STR(cm_type("abort"), "");
	mg.full = false;
	ue_flow_writable(&rk.ue, rk.now_ms, UE_FLOWS_MAX);
	rk_run(0);
	CHECK_STR(cm_printed(), "{'event':'message-failed','bytes':0,"
		  "'error':'ECANCELED','session':1}\n"
		  "{'event':'error','what':'say',"
		  "'reason':'message-failed'}\n");

	/* what comes in is not: the peer gives it up */
	mg_request(0, ss.invite, "tid2", "SEND", "Message-ID: m1\r\n"
		   "Byte-Range: 3-*/9\r\nContent-Type: text/plain\r\n", "x",
		   '#');
	CHECK_STR(cm_printed(), "{'event':'message-broken','bytes':3,"
		  "'error':'ECANCELED','session':1}\n");
	CHECK(nothing_left());
}


/* RFC 5438 s7.1.1, s7.2.1 */
static void notifications(void)
{
	static const char *const v[][2] = {
		{"<delivery-notification><status><delivered/></status>"
		 "</delivery-notification>", "delivered"},
		{"<display-notification><status><displayed/></status>"
		 "</display-notification>", "displayed"},
		{"<delivery-notification><status><failed/></status>"
		 "</delivery-notification>", "not-delivered"},
		{"<processing-notification><status><processed/></status>"
		 "</processing-notification>", "processed"},
		{"<processing-notification><status><stored/></status>"
		 "</processing-notification>", "stored"},
	};
	char line[sizeof(cm.sc.msg.notify) + 20], body[900], id[17], want[200];
	char tid[5] = "tid1";
	const char *text;
	size_t i;

	CHECK(chatting(""));
	memset(line, 'x', sizeof(line));
	memcpy(line, "notify ", 7);
	line[7 + sizeof(cm.sc.msg.notify)] = '\0';
	CHECK_STR(cm_type(line), cm_error("notify", "too long"));
	CHECK_STR(cm_type("notify " NOTIFY), "");
	(void)cm_type("say told");
	text = wire("200 OK");
	CHECK(strstr(text, "imdn.Disposition-Notification: " NOTIFY "\r\n"));
	text = strstr(text, "imdn.Message-ID: ");
	CHECK(text);
	snprintf(id, sizeof(id), "%s", text + 17);
	(void)cm_printed();

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(body, sizeof(body), CPIM("message/imdn+xml",
			 "Content-Disposition: notification\r\n",
			 "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
			 "<message-id>%s</message-id>"
			 "<datetime>2026-01-01T00:00:00Z</datetime>%s</imdn>"),
			 id, v[i][0]);
		receive(tid, "message/cpim", "", body);
		++tid[3];
		snprintf(want, sizeof(want), "{'event':'%s','by':'" BOB "',"
			 "'message':1,'session':1}\n", v[i][1]);
		CHECK_STR(cm_printed(), want);
	}

	/* none is asked of what the user does not read, nor by a port
	   without clock (s7.1.1.1) */
	(void)mg_wire(0);
	(void)cm_type("typing");
	CHECK(!strstr(wire("200 OK"), "imdn"));
	cm.port.datetimeh = NULL;
	(void)cm_type("say untold");
	text = wire("200 OK");
	CHECK(!strstr(text, "imdn") && !strstr(text, "DateTime"));
	CHECK(nothing_left());
}


/* ------------------------------------------------------------------ */
/* In */


static void texts(void)
{
	CHECK(chatting(""));
	receive("tid1", "text/plain", "", "hello");
	CHECK_STR(cm_printed(), "{'event':'text','type':'text/plain',"
		  "'text':'hello','session':1}\n");
	receive("tid2", "message/cpim", "",
		CPIM("text/html", "", "<b>"));
	CHECK_STR(cm_printed(), "{'event':'text','from':'" BOB "',"
		  "'to':'" RK_IMPU "','type':'text/html','text':'<b>',"
		  "'session':1}\n");
	(void)mg_wire(0);

	/* RFC 5438 s7.2.1.2: what is printed is displayed */
	receive("tid3", "message/cpim", "",
		CPIM("text/plain", "imdn.Disposition-Notification: display"
			"\r\n", "hi"));
	CHECK(strstr(mg_wire(0), "<message-id>34jk324j</message-id>"));
	(void)cm_printed();

	/* no CPIM inside, although it says so */
	receive("tid4", "message/cpim", "", "no cpim");
	CHECK_STR(cm_printed(), "{'event':'file','type':'message/cpim',"
		  "'disposition':'','kept':7,'bytes':7,'session':1}\n");
	CHECK(nothing_left());
}


/* RFC 4975 s5.4: not shown without saying that it is a copy; in the same
   session it is none that is shown */
static void copies(void)
{
	CHECK(chatting(""));
	receive("tid1", "text/plain", "", "hello");
	CHECK(strstr(cm_printed(), "'text':'hello','session':1}"));
	(void)mg_wire(0);
	receive("tid1", "text/plain", "", "hello");
	CHECK(strstr(mg_wire(0), "MSRP tid1 200 OK\r\n"));
	CHECK_STR(cm_printed(), "");

	/* another chat, in which it is sent again */
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	(void)mg_bound("");
	CHECK_EQ(rk_events(UE_EVENT_MESSAGING_READY), 2);
	(void)cm_printed();
	receive("tid1", "text/plain", "", "hello");
	CHECK_STR(cm_printed(), "{'event':'text','duplicate':true,"
		  "'type':'text/plain','text':'hello','session':2}\n");
	receive("tid2", "text/plain", "", "hello");
	CHECK(!strstr(cm_printed(), "duplicate"));
	CHECK(nothing_left());
}


/* The connection is lost.  @return false: nothing is done about it */
static bool lost_and_made_again(void)
{
	const unsigned n = rk.sentc;

	mg_gone(0, ECONNRESET);
	if (!strstr(cm_printed(), "'event':'messaging-lost'") ||
	    ss_sent("INVITE") < n)
		return false;
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	mg_connected(0);
	(void)wire("200 OK");

	return strstr(cm_printed(), "{'event':'messaging-ready','session':1}");
}


/* RFC 4975 s5.4: by a new description; not for ever where nothing passes */
static void lost(void)
{
	unsigned i;

	CHECK(chatting(""));
	for (i = 0; i < 3; i++)
		CHECK(lost_and_made_again());
	CHECK(!lost_and_made_again());

	CHECK_STR(cm_type("resume"), "");
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT SS_ALLOW,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, "a=setup:passive\r\n"));
	mg_connected(0);
	(void)wire("200 OK");
	ss.invite = ss_sent("INVITE");
	receive("tid1", "text/plain", "", "hello");
	CHECK(strstr(cm_printed(), "'text':'hello'"));
	CHECK(lost_and_made_again());
	CHECK(nothing_left());
}


/* A file is what is no text, or shall not be shown (RFC 2183 s2.2) */
static void files(void)
{
	CHECK(chatting(""));
	receive("tid1", "text/plain",
		"Content-Disposition: attachment;filename=a\r\n", "hello");
	CHECK_STR(cm_printed(), "{'event':'file','type':'text/plain',"
		  "'disposition':'attachment;filename=a','kept':5,"
		  "'bytes':5,'session':1}\n");
	receive("tid2", "text/plain", "Content-Disposition: inline\r\n",
		"hello");
	CHECK(strstr(cm_printed(), "{'event':'text',"));
	receive("tid3", "text/plain",
		"Content-Disposition: displayed-inline\r\n", "hello");
	CHECK(strstr(cm_printed(), "{'event':'text',"));

	/* a port that keeps none */
	cm.port.fileh = NULL;
	receive("tid4", "image/png", "", "png");
	CHECK_STR(cm_printed(), "{'event':'file','type':'image/png',"
		  "'bytes':3,'session':1}\n");
	CHECK(nothing_left());
}


/** A message of one chunk with that total.  @return the answer */
static const char *large(unsigned long total, const char *type,
			 const char *lines)
{
	char head[COMMAND_TYPE + COMMAND_NAME + 120];

	snprintf(head, sizeof(head), "Message-ID: l%lu\r\n"
		 "Byte-Range: 1-5/%lu\r\n%sContent-Type: %s\r\n", total,
		 total, lines, type);
	mg_request(0, ss.invite, "tid1", "SEND", head, "hello", '+');

	return mg_wire(0);
}


#define CHUNK 1000

/** The next chunk of a message of COMMAND_TEXT + 1 octets */
static void chunk(size_t off)
{
	char head[120], body[CHUNK + 1];
	size_t n = COMMAND_TEXT + 1 - off;
	const bool last = n <= CHUNK;

	if (!last)
		n = CHUNK;
	memset(body, 'y', n);
	body[n] = '\0';
	snprintf(head, sizeof(head), "Message-ID: m9\r\nByte-Range: %u-*/%u"
		 "\r\nContent-Type: text/plain\r\n", (unsigned)off + 1,
		 COMMAND_TEXT + 1);
	mg_request(0, ss.invite, "tid2", "SEND", head, body,
		   last ? '$' : '+');
}


/* RFC 4975 s7.3: a message for which there is no memory is refused (413) */
static void refused(void)
{
	char name[COMMAND_NAME + 40], type[COMMAND_TYPE + 1];
	size_t off;

	/* one that is larger than those of its own needs the port's */
	CHECK(chatting(""));
	CHECK(strstr(large(COMMAND_TEXT, "text/plain", ""), "tid1 200 "));
	CHECK_EQ(cm.given, 0);
	CHECK(strstr(large(COMMAND_TEXT + 1, "text/plain", ""), "tid1 200 "));
	CHECK_EQ(cm.given, 1);
	for (off = 0; off <= COMMAND_TEXT; off += CHUNK)
		chunk(off);
	CHECK_EQ(cm.given, 1);
	CHECK(strstr(cm_printed(), "{'event':'text','type':'text/plain',"
		     "'text':'yyyy"));
	cm.no_memory = true;
	CHECK(strstr(large(COMMAND_TEXT + 2, "text/plain", ""), "tid1 413 "));
	CHECK(strstr(large(MESSAGE_MAX + 1ul, "text/plain", ""), "tid1 413 "));
	mg_gone(0, 0);
	CHECK(strstr(cm_printed(), "{'event':'message-broken','bytes':5,"
		     "'error':'ECONNRESET','session':1}\n"));
	CHECK(nothing_left());

	CHECK(chatting(""));
	memset(type, 'x', sizeof(type));
	memcpy(type, "text/", 5);
	type[COMMAND_TYPE] = '\0';
	CHECK(strstr(large(9, type, ""), "tid1 413 "));
	type[COMMAND_TYPE - 1] = '\0';
	CHECK(strstr(large(9, type, ""), "tid1 200 "));

	memset(name, 'x', sizeof(name));
	memcpy(name, "Content-Disposition: ", 21);
	strcpy(name + 21 + COMMAND_NAME, "\r\n");
	CHECK(strstr(large(8, "a/b", name), "tid1 413 "));
	strcpy(name + 20 + COMMAND_NAME, "\r\n");
	CHECK(strstr(large(8, "a/b", name), "tid1 200 "));
}


/** A port without memory for large messages takes short ones */
static void without_alloc(void)
{
	cm_attach();
	cm.port.alloch = NULL;
	(void)command_messaging(&cm.sc, NULL, false);
}


static void short_only(void)
{
	CHECK(mg_begin(without_alloc));
	CHECK(mg_bound(""));
	CHECK(strstr(rk.sentv[ss.invite], "a=max-size:"));
	CHECK(strstr(large(COMMAND_TEXT, "text/plain", ""), "tid1 200 "));
	CHECK(strstr(large(COMMAND_TEXT + 1, "text/plain", ""), "tid1 413 "));
	mg_gone(0, 0);
	CHECK(nothing_left());
}


static void relay(void)
{
	if (!MSRP_RELAY) {
		test_skip("not built");
		return;
	}
	CHECK(mg_begin_relay(cm_attach));
	rk_run(0);
	(void)cm_printed();
	mg_granted(MG_GRANTED);
	CHECK_STR(cm_printed(), "{'event':'relay-ready','expires':900}\n");
}


/* ------------------------------------------------------------------ */
/* MESSAGE */


/* RFC 3428 s4, RFC 5365 s6 */
static void page(void)
{
	char line[COMMAND_LINE];
	unsigned i, n;

	CHECK(mg_begin(cm_attach));
	rk_run(0);
	(void)cm_printed();
	CHECK_STR(cm_type("message"), cm_error("message", "EINVAL"));
	CHECK_STR(cm_type("message bob hi"), cm_error("message", "EINVAL"));
	CHECK_STR(cm_type("message , hi"), cm_error("message", "EINVAL"));
	CHECK_STR(cm_type("message " BOB " hi, you"), "");
	n = rk_last();
	CHECK(rk_has(n, "MESSAGE " BOB " SIP/2.0\r\n"));
	CHECK(rk_has(n, "\r\n\r\nhi, you"));
	ss_answer(n, 202, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'page-sent','status':202}\n");

	CHECK_STR(cm_type("message " BOB "," CAROL " all"), "");
	n = rk_last();
	CHECK(rk_has(n, "MESSAGE sip:list@" RK_HOME " SIP/2.0\r\n"));
	CHECK(rk_has(n, "<entry uri=\"" BOB "\""));
	CHECK(rk_has(n, "<entry uri=\"" CAROL "\""));
	ss_answer(n, 403, NULL, NULL);
	CHECK_STR(cm_printed(), "{'event':'page-failed','status':403}\n"
		  "{'event':'error','what':'message',"
		  "'reason':'page-failed'}\n");

	/* a list of one; of too many */
	CHECK_STR(cm_type("message " BOB ", one"), "");
	CHECK(rk_has(rk_last(), "Require: recipient-list-message\r\n"));
	ss_answer(rk_last(), 202, NULL, NULL);
	(void)cm_printed();
	strcpy(line, "message sip:0@x");
	for (i = 0; i < COMMAND_URIS; i++)
		strcat(line, ",sip:1@x");
	CHECK_STR(cm_type(line), cm_error("message", "EINVAL"));
}


static void list_of_long_home(void)
{
	static char home[COMMAND_LINE];

	CHECK(mg_begin(cm_attach));
	rk_run(0);
	(void)cm_printed();
	memset(home, 'h', sizeof(home) - 1);
	rk.set.home = home;
	CHECK_STR(cm_type("message " BOB "," CAROL " all"),
		  cm_error("message", "EOVERFLOW"));
}


/** A MESSAGE of Bob.  @return status of the answer */
static unsigned message(const char *type, const char *body)
{
	return ck_request(UINT_MAX, "b", "MESSAGE", NULL, type, body);
}


/* RFC 3428 s7: what is no text is not taken */
static void paged(void)
{
	CHECK(mg_begin(cm_attach));
	rk_run(0);
	(void)cm_printed();
	CHECK_EQ(message("text/plain", "hi"), 200);
	CHECK_STR(cm_printed(), "{'event':'page','from':'" BOB "',"
		  "'text':'hi'}\n");
	CHECK_EQ(message("Message/CPIM", CPIM("text/plain", "", "in it")),
		 200);
	CHECK_STR(cm_printed(), "{'event':'page','from':'" BOB "',"
		  "'text':'in it'}\n");
	CHECK_EQ(message("text/html", "hi"), 415);
	CHECK_EQ(message("message/cpim", "no cpim"), 415);
	CHECK_EQ(message("multipart/mixed;boundary=b", "--b\r\n"
		"Content-Type: text/html\r\n\r\nx\r\n--b--\r\n"), 415);
	CHECK_EQ(message("multipart/mixed;boundary=b", "--b\r\n"
		"Content-Type: audio/plain\r\n\r\nx\r\n--b--\r\n"), 415);
	CHECK_EQ(message("multipart/mixed;boundary=b", "--b\r\n"
		"Content-Type: message/sip\r\n\r\nx\r\n--b--\r\n"), 415);
	CHECK_EQ(message("message/cpim", CPIM("text/html", "", "x")), 415);
	CHECK_STR(cm_printed(), "");
	/* the answer says what is taken: RFC 3261 s21.4.13 */
	CHECK_STR(rk_hdr(rk_last(), "Accept"), "text/plain, message/cpim");
	CHECK_STR(cm_type("wait page"), "");
	CHECK(command_idle(&cm.sc));
}


const struct test_case suite_msg_command[] = {
	{"say, typing, nick, chat: no session", not_ready},
	{"chat, say", say},
	{"RFC 7701 s6.2, s7: say @URI, nick", room},
	{"RFC 3994 s3.2: typing", typing},
	{"no memory for one more message", no_memory},
	{"RFC 4975 s7.1: abort", give_up},
	{"RFC 5438 s7.1.1: notify", notifications},
	{"texts that come in", texts},
	{"RFC 4975 s5.4: a message that comes once more", copies},
	{"RFC 4975 s5.4: a chat that was lost is made again", lost},
	{"RFC 2183 s2.2: files that come in", files},
	{"RFC 4975 s7.3: what does not fit is refused", refused},
	{"a port without memory takes short messages", short_only},
	{"relay-ready", relay},
	{"RFC 3428 s4, RFC 5365 s6: message", page},
	{"message: a list service without room for its name",
	 list_of_long_home},
	{"RFC 3428 s7: a MESSAGE comes in", paged},
	{NULL, NULL}
};
