/**
 * @file test_page.c  MESSAGE outside of sessions (RFC 3428, RFC 5365), its
 *                    notifications (RFC 5438)
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/msg_kit.h"
#include "test/unit/test.h"

#define BOB "sip:bob@home2.net"
#define CAROL "sip:carol@home3.net"
#define TIME "2026-01-01T00:00:00Z"
#define STATE(kind, status)						\
	"<" kind "-notification><status><" status "/></status></" kind	\
	"-notification>"

static const uint8_t octets[UE_PAGE_MAX + 1] = "hello";

static struct {
	unsigned count;
	uint16_t verdict;
	int err;                /* of ue_message_displayed()             */
	char from[80];
	char type[40];
	char body[600];
} page;


static uint16_t page_h(struct ue *ue, const struct pl *from,
		       const struct pl *type, const struct pl *subtype,
		       const struct pl *body, void *arg)
{
	(void)ue;
	(void)arg;
	++page.count;
	(void)pl_strcpy(from, page.from, sizeof(page.from));
	(void)re_snprintf(page.type, sizeof(page.type), "%r/%r", type,
			  subtype);
	(void)pl_strcpy(body, page.body, sizeof(page.body));

	return page.verdict ? page.verdict : 200;
}


static void with_pages(void)
{
	memset(&page, 0, sizeof(page));
	mg.set.page_h = page_h;
}


/** The same call with what is told here */
static int say(const char *uri, const char *notify, void *about)
{
	const struct ue_message m = {
		.type = "text/plain", .data = octets, .len = 5,
		.datetime = TIME, .notify = notify, .about = about,
		.arg = &page
	};

	return ue_page_send(&rk.ue, uri, &m, NULL, 0);
}


static int say_all(const char *const *uriv, unsigned uric)
{
	const struct ue_message m = {.type = "text/plain", .data = octets,
				     .len = 5};

	return ue_page_send(&rk.ue, "sip:list@home1.net", &m, uriv, uric);
}


/* ------------------------------------------------------------------ */
/* Out */


/* RFC 3428 s5, s7: the answer of the next hop is the outcome */
static void outcomes(void)
{
	const struct ue_event *ev;

	CHECK(mg_begin(with_pages));
	CHECK_EQ(say(BOB, NULL, NULL), 0);
	CHECK_STR(rk_hdr(rk_last(), "Content-Type"), "text/plain");
	CHECK(rk_has(rk_last(), "\r\n\r\nhello"));
	rk_answer_as(rk_last(), 100, NULL, NULL, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 0);
	ss_answer(rk_last(), 202, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 1);
	ev = rk_event(UE_EVENT_PAGE_SENT);
	CHECK(ev->message.arg == &page);
	CHECK_EQ(ev->status, 202);

	CHECK_EQ(say("tel:+15550123", NULL, NULL), 0);
	CHECK(rk_has(rk_last(), "MESSAGE tel:+15550123 SIP/2.0\r\n"));
	ss_answer(rk_last(), 404, NULL, NULL);
	ev = rk_event(UE_EVENT_PAGE_FAILED);
	CHECK_EQ(ev->status, 404);
	CHECK_EQ(ev->err, 0);

	CHECK_EQ(say(BOB, NULL, NULL), 0);
	rk_run(200000);
	ev = rk_event(UE_EVENT_PAGE_FAILED);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_FAILED), 2);
	CHECK_EQ(ev->err, ETIMEDOUT);
	CHECK_EQ(ev->status, 0);
	CHECK_STR(rk_end(), NULL);
}


static int no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	(void)buf;
	(void)len;

	return EIO;
}


/* ue_page_send(): nothing is sent when it does not return 0 */
static void refused(void)
{
	struct ue_message m = {.type = "text/plain", .data = octets,
			       .len = UE_PAGE_MAX + 1};
	int (*random)(void *arg, void *buf, size_t len);
	unsigned i, n;

	CHECK(mg_begin(with_pages));
	n = rk.sentc;
	/* RFC 3428 s8 */
	CHECK_EQ(ue_page_send(&rk.ue, BOB, &m, NULL, 0), EMSGSIZE);
	m.data = NULL;
	CHECK_EQ(ue_page_send(&rk.ue, BOB, &m, NULL, 0), EINVAL);
	m.type = NULL;
	CHECK_EQ(ue_page_send(&rk.ue, BOB, &m, NULL, 0), EINVAL);
	CHECK_EQ(ue_page_send(&rk.ue, BOB, NULL, NULL, 0), EINVAL);
	CHECK_EQ(say(NULL, NULL, NULL), EINVAL);
	CHECK_EQ(say("bob", NULL, NULL), EINVAL);
	/* RFC 5438 s7.1.1.1 */
	m.type = "text/plain";
	m.len = 0;
	m.notify = "display";
	CHECK_EQ(ue_page_send(&rk.ue, BOB, &m, NULL, 0), EINVAL);

	random = rk.port.random;
	rk.port.random = no_random;
	CHECK_EQ(say(BOB, NULL, NULL), EIO);
	rk.port.random = random;
	CHECK_EQ(rk.sentc, n);

	for (i = 0; i < UE_PAGES_MAX; i++)
		CHECK_EQ(say(BOB, NULL, NULL), 0);
	CHECK_EQ(say(BOB, NULL, NULL), ENOMEM);
	CHECK_EQ(rk.sentc, n + UE_PAGES_MAX);
	rk_run(200000);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_FAILED), UE_PAGES_MAX);

	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(200, NULL);
	CHECK_EQ(say(BOB, NULL, NULL), EPROTO);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5365 s6: a URI of the list has no body of its own */
static void list(void)
{
	static const char *const bad[] = {
		BOB "?body=x", BOB "?Body=", BOB "?Subject=a&body=x",
		"bob", ""
	};
	static const char *const good[] = {CAROL, BOB "?Subject=a&x=body"};
	const char *uriv[2] = {BOB, NULL};
	size_t i;

	CHECK(mg_begin(with_pages));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uriv[1] = bad[i];
		CHECK_EQ(say_all(uriv, 2), EINVAL);
	}
	CHECK_EQ(say_all(uriv, 0), EINVAL);
	CHECK_EQ(say_all(NULL, 2), 0);
	ss_answer(rk_last(), 202, NULL, NULL);
	CHECK_EQ(say_all(good, 2), 0);
	CHECK(rk_has(rk_last(), "<entry uri=\"" BOB "?Subject=a&amp;x=body\""
		     ));
	CHECK(rk_has(rk_last(), "\r\nContent-Type: text/plain\r\n\r\n"
		     "hello\r\n--"));
	ss_answer(rk_last(), 202, NULL, NULL);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* In */


/** A MESSAGE.  @return status of the answer */
static unsigned message(const char *lines, const char *type,
			const char *body)
{
	return ck_request(UINT_MAX, "b", "MESSAGE", lines, type, body);
}


/* TS 24.229 5.1.4.1: P-Asserted-Identity says who it is */
static void received(void)
{
	CHECK(mg_begin(with_pages));
	CHECK_EQ(message(NULL, "text/plain", "hi"), 200);
	CHECK_STR(page.from, BOB);
	CHECK_STR(page.type, "text/plain");
	CHECK_STR(page.body, "hi");
	CHECK_EQ(message("P-Asserted-Identity: <" CAROL ">\r\n", "text/plain",
			 "hi"), 200);
	CHECK_STR(page.from, CAROL);
	page.verdict = 415;
	CHECK_EQ(message(NULL, "text/plain", "hi"), 415);
	CHECK_STR(rk_hdr(rk_last(), "Accept"), "text/plain, message/cpim");
	page.verdict = 486;
	CHECK_EQ(message(NULL, "text/plain", "hi"), 486);
	CHECK_STR(rk_hdr(rk_last(), "Accept"), "");
	CHECK_EQ(page.count, 4);
	/* RFC 3261 s11.2 */
	CHECK_EQ(rk_request("OPTIONS", NULL), 200);
	CHECK(strstr(rk_hdr(rk_last(), "Allow"), "MESSAGE"));
	CHECK(strstr(rk_hdr(rk_last(), "Accept"), "text/plain, message/cpim"));
	CHECK_STR(rk_end(), NULL);

	/* a UE that takes none */
	CHECK(mg_begin(NULL));
	CHECK_EQ(message(NULL, "text/plain", "hi"), 405);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5365 s7.3: the list of the other recipients is not the message */
static void received_with_list(void)
{
	static const char list_part[] =
		"--b\r\nContent-Type: application/resource-lists+xml\r\n\r\n"
		"<x/>\r\n";
	static const char text_part[] =
		"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n";
	static const char alternatives[] =
		"--b\r\nContent-Type: multipart/alternative;boundary=c\r\n\r\n"
		"--c\r\nContent-Type: text/plain\r\n\r\nho\r\n"
		"--c\r\nContent-Type: text/html\r\n\r\n<p>ho</p>\r\n--c--\r\n";
	char body[300];

	CHECK(mg_begin(with_pages));
	/* RFC 5621 s4.2: in a part of a part */
	snprintf(body, sizeof(body), "%s%s--b--\r\n", alternatives,
		 list_part);
	CHECK_EQ(message(NULL, "multipart/mixed;boundary=b", body), 200);
	CHECK_STR(page.body, "ho");
	snprintf(body, sizeof(body), "%s%s--b--\r\n", list_part, text_part);
	CHECK_EQ(message(NULL, "multipart/mixed;boundary=b", body), 200);
	CHECK_STR(page.body, "hi");
	snprintf(body, sizeof(body), "%s--b--\r\n", list_part);
	CHECK_EQ(message(NULL, "multipart/mixed;boundary=b", body), 400);
	CHECK_EQ(page.count, 2);
	CHECK_STR(rk_end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Notifications */


/** A MESSAGE in CPIM.  lines: of the MESSAGE, head: of CPIM, with CRLF; what:
 *  fields of the content.  @return status */
static unsigned wrapped_of(const char *lines, const char *head,
			   const char *what, const char *text)
{
	char body[1200];

	snprintf(body, sizeof(body), "%sNS: imdn <urn:ietf:params:imdn>\r\n"
		 "\r\n%s\r\n%s", head, what, text);

	return message(lines, "message/cpim", body);
}


static unsigned wrapped(const char *head, const char *what, const char *text)
{
	return wrapped_of(NULL, head, what, text);
}


#define HEAD "From: <" BOB ">\r\nTo: <" RK_IMPU ">\r\n"
#define WISH(id)							\
	"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: " id "\r\n" \
	"imdn.Disposition-Notification: positive-delivery, display\r\n"
#define TEXT "Content-Type: text/plain\r\n"


/* RFC 5438 s7.2.1: what is taken is delivered, and that is told */
static void delivered(void)
{
	unsigned n;

	CHECK(mg_begin(with_pages));
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n" WISH("ab12"), TEXT,
			 "hi"), 200);
	n = rk_sent("MESSAGE");
	CHECK(rk_has(n, "MESSAGE " BOB " SIP/2.0\r\n"));
	CHECK_STR(rk_hdr(n, "Content-Type"), "message/cpim");
	CHECK(rk_has(n, "From: <" RK_IMPU ">\r\nTo: <" BOB ">\r\n"));
	CHECK(rk_has(n, "<message-id>ab12</message-id><datetime>" TIME
		     "</datetime><delivery-notification><status><delivered/>"
		     "</status>"));
	/* s7.2.1: none is asked for about it */
	CHECK(!rk_has(n, "Disposition-Notification"));
	ss_answer(n, 202, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 0);

	/* what is not taken is not */
	page.verdict = 486;
	n = rk_sent_count("MESSAGE");
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n" WISH("ab12"), TEXT,
			 "hi"), 486);
	page.verdict = 0;
	/* s11.1: without an identifier, without a time */
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n" WISH(""), TEXT, "hi"),
		 200);
	CHECK_EQ(wrapped(HEAD WISH("ab12"), TEXT, "hi"), 200);
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n", TEXT, "hi"), 200);
	/* to nobody that has a URI */
	CHECK_EQ(wrapped("From: <bob>\r\nTo: <" RK_IMPU ">\r\n"
			 "DateTime: " TIME "\r\n" WISH("ab12"), TEXT, "hi"),
		 200);
	CHECK_EQ(wrapped("From: bob\r\nTo: <" RK_IMPU ">\r\n"
			 "DateTime: " TIME "\r\n" WISH("ab12"), TEXT, "hi"),
		 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5438 s7.2.1: it goes back by the stations that recorded themselves */
static void delivered_by_stations(void)
{
	static const char stations[] =
		HEAD "DateTime: " TIME "\r\n" WISH("ab12")
		"imdn.IMDN-Record-Route: <sip:one@x>\r\n"
		"imdn.IMDN-Record-Route: <sip:two@x>\r\n";
	unsigned n;

	CHECK(mg_begin(with_pages));
	CHECK_EQ(wrapped_of("P-Asserted-Identity: <sip:one@x>\r\n",
			    stations, TEXT, "hi"), 200);
	n = rk_sent("MESSAGE");
	CHECK(rk_has(n, "MESSAGE sip:one@x SIP/2.0\r\n"));
	CHECK(rk_has(n, "imdn.IMDN-Route: <sip:one@x>\r\n"
		     "imdn.IMDN-Route: <sip:two@x>\r\n"));
	CHECK(rk_has(n, "\r\nTo: <" BOB ">\r\n"));
	ss_answer(n, 202, NULL, NULL);

	/* s14.2: that is not the sender */
	n = rk_sent_count("MESSAGE");
	CHECK_EQ(wrapped(stations, TEXT, "hi"), 200);
	CHECK_EQ(wrapped_of("P-Asserted-Identity: <sip:two@x>\r\n",
			    stations, TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);

	/* no line is written that another one reads as two */
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n" WISH("ab12")
			 "imdn.IMDN-Record-Route: <sip:one@x>\rTo: <sip:x@x>"
			 "\r\n", TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);
	CHECK_STR(rk_end(), NULL);
}


static uint16_t displays_h(struct ue *ue, const struct pl *from,
			   const struct pl *type, const struct pl *subtype,
			   const struct pl *body, void *arg)
{
	(void)page_h(ue, from, type, subtype, body, arg);
	page.err = ue_message_displayed(ue, 0, body->p, body->l);

	return 200;
}


/* RFC 5438 s14.2: nobody makes us send to somebody else */
static void delivered_to_sender(void)
{
	static const char wish[] = HEAD "DateTime: " TIME "\r\n" WISH("ab12");
	static const char other[] = "P-Asserted-Identity: <" CAROL ">\r\n";
	static const char both[] = "P-Asserted-Identity: <" CAROL ">, "
		"<sip:bob@HOME2.net>\r\n";
	unsigned n;

	CHECK(mg_begin(with_pages));
	n = rk_sent_count("MESSAGE");
	CHECK_EQ(wrapped_of(other, wish, TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);

	/* nor while the application says that it is displayed */
	mg.set.page_h = displays_h;
	CHECK_EQ(wrapped_of(other, wish, TEXT, "hi"), 200);
	CHECK_EQ(page.err, EBADMSG);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);
	CHECK_EQ(wrapped(wish, TEXT, "hi"), 200);
	CHECK_EQ(page.err, 0);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + 2);
	ss_answer(rk_last(), 200, NULL, NULL);
	ss_answer(rk_last() - 1, 200, NULL, NULL);
	mg.set.page_h = page_h;

	/* either of two names, as URIs */
	CHECK_EQ(wrapped_of(both, wish, TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + 3);
	ss_answer(rk_last(), 200, NULL, NULL);

	/* a network that asserts identities, and this one is not */
	rk.set.sec = UE_SEC_IPSEC;
	CHECK_EQ(wrapped(wish, TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + 3);
	rk.set.sec = UE_SEC_NONE;
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5438 s7.2.1: who asks for notifications and answers none takes neither
   the user's room nor the registration (RFC 4320 s4.2) */
static void not_answered(void)
{
	static const char wish[] = HEAD "DateTime: " TIME "\r\n" WISH("ab12");
	unsigned i, n, registers;

	CHECK(mg_begin(with_pages));
	registers = rk_sent_count("REGISTER");
	n = rk_sent_count("MESSAGE");
	for (i = 0; i < UE_PAGES_MAX; i++)
		CHECK_EQ(wrapped(wish, TEXT, "hi"), 200);
	CHECK_EQ(rk_sent_count("MESSAGE"), n + UE_PAGES_MAX - 1);
	CHECK_EQ(say(BOB, NULL, NULL), 0);
	ss_answer(rk_last(), 200, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 1);
	rk_run(129000);
	CHECK_EQ(rk_events(UE_EVENT_FLOW_FAILED), 0);
	CHECK_EQ(rk_sent_count("REGISTER"), registers);
	CHECK_STR(rk_end(), NULL);
}


/* RFC 5438 s7.2.1: where there is no room for it, there is none */
static void no_room(void)
{
	int (*random)(void *arg, void *buf, size_t len);
	static const char cpim[] = HEAD "DateTime: " TIME "\r\n" WISH("ab12")
		"\r\n" TEXT "\r\nhi";
	unsigned first, i, n;

	CHECK(mg_begin(with_pages));
	first = rk.sentc;
	for (i = 0; i < UE_PAGES_MAX; i++)
		CHECK_EQ(say(BOB, NULL, NULL), 0);
	n = rk_sent_count("MESSAGE");
	CHECK_EQ(wrapped(HEAD "DateTime: " TIME "\r\n" WISH("ab12"), TEXT,
			 "hi"), 200);
	CHECK_EQ(ue_message_displayed(&rk.ue, 0, cpim, sizeof(cpim) - 1),
		 ENOMEM);
	CHECK_EQ(rk_sent_count("MESSAGE"), n);
	for (i = 0; i < UE_PAGES_MAX; i++)
		ss_answer(first + i, 202, NULL, NULL);

	random = rk.port.random;
	rk.port.random = no_random;
	CHECK_EQ(ue_message_displayed(&rk.ue, 0, cpim, sizeof(cpim) - 1),
		 EIO);
	rk.port.random = random;
	CHECK_EQ(ue_message_displayed(&rk.ue, 0, "no cpim", 7), EINVAL);
	CHECK_EQ(ue_message_displayed(&rk.ue, 0, cpim, sizeof(cpim) - 1), 0);
	CHECK(rk_has(rk_last(), "<displayed/>"));
	ss_answer(rk_last(), 202, NULL, NULL);

	CHECK_EQ(ue_deregister(&rk.ue), 0);
	rk_run(0);
	rk_reply(200, NULL);
	CHECK_EQ(ue_message_displayed(&rk.ue, 0, cpim, sizeof(cpim) - 1),
		 EPROTO);
	CHECK_STR(rk_end(), NULL);
}


/** A message that asks for notifications, and its identifier */
static bool asked(char id[17], void *about)
{
	const char *p;

	if (say(BOB, "positive-delivery, display", about))
		return false;
	p = strstr(rk.sentv[rk_last()], "imdn.Message-ID: ");
	if (!p)
		return false;
	snprintf(id, 17, "%s", p + 17);
	ss_answer(rk_last(), 202, NULL, NULL);

	return true;
}


static void tell(const char *id, const char *state)
{
	char text[400];

	snprintf(text, sizeof(text), "<imdn xmlns=\"urn:ietf:params:"
		 "xml:ns:imdn\"><message-id>%s</message-id><datetime>"
		 TIME "</datetime>%s</imdn>", id, state);
	CHECK_EQ(wrapped(HEAD, "Content-Type: message/imdn+xml\r\n", text),
		 200);
}


/* RFC 5438 s7.1.3: it belongs to the message with its identifier */
static void notified(void)
{
	static const char *const v[] = {
		STATE("delivery", "delivered"), STATE("display", "displayed"),
		STATE("delivery", "failed")
	};
	const enum msrp_imdn_status status[] = {
		MSRP_IMDN_DELIVERED, MSRP_IMDN_DISPLAYED, MSRP_IMDN_FAILED
	};
	const struct ue_event *ev;
	char id[17];
	int mark;
	size_t i;

	CHECK(mg_begin(with_pages));
	CHECK(asked(id, &mark));
	CHECK_STR(rk_hdr(rk_last(), "Content-Type"), "message/cpim");
	for (i = 0; i < 3; i++) {
		tell(id, v[i]);
		CHECK_EQ(rk_events(UE_EVENT_MESSAGE_NOTIFIED), i + 1);
		ev = rk_event(UE_EVENT_MESSAGE_NOTIFIED);
		CHECK(ev->message.about == &mark);
		CHECK_EQ(ev->message.notice, status[i]);
		CHECK_EQ(ev->session, 0);
		CHECK_STR(ev->text, BOB);
	}

	/* of one that is not remembered; it is the network that says whose */
	CHECK_EQ(wrapped_of("P-Asserted-Identity: <" CAROL ">\r\n", HEAD,
			 "Content-Type: message/imdn+xml\r\n",
			 "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
			 "<message-id>0123456789abcdef</message-id>"
			 STATE("delivery", "delivered") "</imdn>"), 200);
	ev = rk_event(UE_EVENT_MESSAGE_NOTIFIED);
	CHECK(ev->message.about == NULL);
	CHECK_STR(ev->text, CAROL);
	CHECK_EQ(page.count, 0);

	/* that is none: the application sees it */
	CHECK_EQ(wrapped(HEAD, "Content-Type: message/imdn+xml\r\n", "<x/>"),
		 200);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_NOTIFIED), 4);
	CHECK_EQ(page.count, 1);
	CHECK_STR(rk_end(), NULL);
}


/* What was not sent takes no place from what was; the oldest that was goes */
static void remembered(void)
{
	struct ue_message m = {.type = "text/\nplain", .data = octets,
			       .len = 5, .datetime = TIME, .notify = "display"};
	char id[UE_IMDN_MAX][17], more[17];
	int (*random)(void *arg, void *buf, size_t len);
	int mark[UE_IMDN_MAX];
	unsigned i;

	CHECK(mg_begin(with_pages));
	for (i = 0; i < UE_IMDN_MAX; i++)
		CHECK(asked(id[i], &mark[i]));
	for (i = 0; i < UE_IMDN_MAX; i++)
		CHECK_EQ(ue_page_send(&rk.ue, BOB, &m, NULL, 0), EINVAL);
	random = rk.port.random;
	rk.port.random = no_random;
	CHECK_EQ(say(BOB, "display", NULL), EIO);
	rk.port.random = random;
	for (i = 0; i < UE_IMDN_MAX; i++) {
		tell(id[i], STATE("display", "displayed"));
		CHECK(rk_event(UE_EVENT_MESSAGE_NOTIFIED)->message.about ==
		      &mark[i]);
	}

	CHECK(asked(more, &mark[0]));
	tell(more, STATE("display", "displayed"));
	CHECK(rk_event(UE_EVENT_MESSAGE_NOTIFIED)->message.about == &mark[0]);
	tell(id[0], STATE("display", "displayed"));
	CHECK(rk_event(UE_EVENT_MESSAGE_NOTIFIED)->message.about == NULL);
	CHECK_STR(rk_end(), NULL);
}


const struct test_case suite_page[] = {
	{"RFC 3428 s5: the answer is the outcome", outcomes},
	{"ue_page_send(): errors, RFC 3428 s8: the size", refused},
	{"RFC 5365 s6: a list of recipients", list},
	{"TS 24.229 5.1.4.1: a MESSAGE comes in", received},
	{"RFC 5365 s7.3: a MESSAGE with its other recipients",
	 received_with_list},
	{"RFC 5438 s7.2.1: a delivery notification is sent", delivered},
	{"RFC 5438 s7.2.1: by the stations that recorded themselves",
	 delivered_by_stations},
	{"RFC 5438 s14.2: to nobody but the sender", delivered_to_sender},
	{"RFC 5438 s7.2.1: notifications that nobody answers", not_answered},
	{"RFC 5438 s7.2.1: no room for a notification", no_room},
	{"RFC 5438 s7.1.3: a notification comes in", notified},
	{"messages whose notifications are awaited", remembered},
	{NULL, NULL}
};
