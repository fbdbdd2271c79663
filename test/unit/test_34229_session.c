/**
 * @file test_34229_session.c  TS 34.229-1 cases about sessions, with the
 * application's own commands (ue_session_*())
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define REL(n) "Require: 100rel\r\nRSeq: " #n "\r\n" SS_CONTACT SS_ALLOW
#define CALLER SS_ALLOW "Supported: 100rel, precondition\r\n"		\
	"P-Asserted-Identity: <tel:+15550199>\r\n"

#define SDP								\
	"v=0\r\no=- 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"				\
	"m=audio 49172 RTP/AVP 99 97\r\nb=AS:38\r\n"			\
	"a=rtpmap:99 AMR-WB/16000/1\r\na=fmtp:99 mode-change-capability=2\r\n" \
	"a=rtpmap:97 AMR/8000/1\r\n"
#define QOS(local, remote)						\
	"a=curr:qos local " local "\r\na=curr:qos remote " remote "\r\n" \
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"
#define CONF "a=conf:qos remote sendrecv\r\n"

static const struct ue_codec codecv[] = {
	{"AMR-WB", 16000, 104, "mode-change-capability=2; max-red=0"},
	{"AMR", 8000, 102, NULL},
};
static const struct ue_audio audio = {40000, codecv, 2, 0, 0};
static unsigned id;
static bool qos;


static int reserve_h(void *arg, unsigned session)
{
	(void)arg;
	++ss.reserves;
	ss.reserve_id = session;

	return 0;
}


static void release_h(void *arg, unsigned session)
{
	(void)arg;
	(void)session;
	++ss.releases;
}


static void settings(void)
{
	rk.set.audio = &audio;
	rk.set.preconditions = qos;
	if (qos) {
		rk.port.qos_reserve = reserve_h;
		rk.port.qos_release = release_h;
	}
}


static bool begin(bool with_preconditions)
{
	qos = with_preconditions;
	id = 0;

	return ss_begin(settings);
}


static unsigned call(void)
{
	if (ue_session_start(&rk.ue, &id, SS_PEER, NULL))
		return UINT_MAX;

	rk_run(0);
	ss.invite = ss_sent("INVITE");

	return ss.invite;
}


/* C.21: MO call up to the ACK */
static bool mo_call(void)
{
	const unsigned n = call();

	if (!qos) {
		ss_answer(n, 180, SS_CONTACT, NULL);
		ss_answer(n, 200, SS_CONTACT SS_ALLOW, SDP);
	}
	else {
		ss_answer(n, 183, REL(1), SDP QOS("none", "none") CONF);
		ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
		ue_qos_result(&rk.ue, ss.reserve_id, 0);
		rk_run(0);
		ss_answer(ss_sent("UPDATE"), 200, SS_CONTACT,
			  SDP QOS("sendrecv", "sendrecv"));
		ss_answer(n, 180, REL(2), NULL);
		ss_answer(ss_sent("PRACK"), 200, NULL, NULL);
		ss_answer(n, 200, SS_CONTACT SS_ALLOW, NULL);
	}

	return rk_events(UE_EVENT_SESSION_ESTABLISHED) == 1 &&
		ss_sent("ACK") != UINT_MAX;
}


static void hang_up(void)
{
	CHECK_EQ(ue_session_end(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_is(rk_last(), "BYE"));
	ss_answer(rk_last(), 200, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_ENDED)->err, ECANCELED);
	CHECK_EQ(ue_session_end(&rk.ue, id), ENOENT);
	CHECK_STR(ss_end(), NULL);
}


/* ------------------------------------------------------------------ */


static void mo_call_503(bool preconditions)
{
	unsigned n;

	CHECK(begin(preconditions));
	ss_answer(call(), 503, "Retry-After: 120\r\n", NULL);
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->status, 503);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->wait_ms, 120000);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->session, id);
	n = ss_sent_count("INVITE");
	rk_run(120000);
	CHECK_EQ(ss_sent_count("INVITE"), n);
	CHECK_STR(ss_end(), NULL);
}


/* The same of a conference (ue.h: as a call that fails) */
static void join_503(void)
{
	struct ue_conf *conf;

	CHECK(begin(false));
	CHECK_EQ(ue_conf_join(&rk.ue, &conf, "sip:c@home2.net", NULL), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 503, "Retry-After: 120\r\n", NULL);
	CHECK_EQ(rk_events(UE_EVENT_CONF_FAILED), 1);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->status, 503);
	CHECK_EQ(rk_event(UE_EVENT_CONF_FAILED)->wait_ms, 120000);
	rk_run(120000);
	CHECK_EQ(ss_sent_count("INVITE"), 1);
	CHECK_STR(ss_end(), NULL);
}


static void case_12_2(void)
{
	mo_call_503(false);
	mo_call_503(true);
	join_503();
}


#define RESTORATION							\
	"<?xml version=\"1.0\"?><ims-3gpp version=\"1\"><alternative-service>" \
	"<type>restoration</type><reason/><action>initial-registration</action>" \
	"</alternative-service></ims-3gpp>"

static void answer_504(unsigned n, const char *pai)
{
	static char text[3000];

	snprintf(text, sizeof(text), "SIP/2.0 504 X\r\nVia: %s\r\nFrom: %s\r\n"
		 "To: %s;tag=x\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		 "P-Asserted-Identity: <%s>\r\n"
		 "Content-Type: application/3gpp-ims+xml\r\n"
		 "Content-Length: %u\r\n\r\n%s", rk_hdr(n, "Via"),
		 rk_hdr(n, "From"), rk_hdr(n, "To"), rk_hdr(n, "Call-ID"),
		 rk_hdr(n, "CSeq"), pai, (unsigned)strlen(RESTORATION),
		 RESTORATION);
	(void)rk_recv(text);
	rk_run(0);
}


static void mo_call_504(bool preconditions)
{
	unsigned before;

	CHECK(begin(preconditions));
	(void)call();
	before = ss_sent_count("REGISTER");
	answer_504(ss.invite, "sip:orig@scscf1.home1.net;lr");
	CHECK(ss_sent("ACK") != UINT_MAX);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->status, 504);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("REGISTER"), before + 1);
	CHECK(strstr(rk_hdr(ss_sent("REGISTER"), "Authorization"),
		     "response=\"\""));
	CHECK_STR(ss_end(), NULL);

	/* from somebody else it means nothing */
	CHECK(begin(preconditions));
	(void)call();
	before = ss_sent_count("REGISTER");
	answer_504(ss.invite, "sip:evil@x.net");
	rk_run(1000);
	CHECK_EQ(ss_sent_count("REGISTER"), before);
	CHECK_STR(ss_end(), NULL);
}


/* TS 24.229 5.1.2A.1.6: to whatever request */
static void page_504(void)
{
	const struct ue_message m = {.type = "text/plain", .data =
		(const uint8_t *)"hi", .len = 2};
	unsigned before;

	CHECK(begin(false));
	before = ss_sent_count("REGISTER");
	CHECK_EQ(ue_page_send(&rk.ue, SS_PEER, &m, NULL, 0), 0);
	rk_run(0);
	answer_504(ss_sent("MESSAGE"), "sip:orig@scscf1.home1.net;lr");
	CHECK_EQ(rk_event(UE_EVENT_PAGE_FAILED)->status, 504);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("REGISTER"), before + 1);
	CHECK_STR(ss_end(), NULL);
}


static void case_12_2a(void)
{
	mo_call_504(false);
	mo_call_504(true);
	page_504();
}


/* TS 24.229 5.1.3.1, RFC 3264 s7 */
static void case_12_12(void)
{
	const struct ue_media *m;

	CHECK(begin(true));
	CHECK(mo_call());
	m = rk_event(UE_EVENT_SESSION_ESTABLISHED)->media;
	CHECK(m != NULL);
	CHECK_EQ(m->remote.port, 49172);
	CHECK(m->send && m->receive);
	CHECK_EQ(m->codecc, 2);
	CHECK_EQ(m->codecv[0], 0);
	CHECK_EQ(m->ptv[0], 99);
	CHECK_EQ(m->codecv[1], 1);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_PROGRESS)->status, 180);
	hang_up();
	CHECK_EQ(ss.releases, 1);
}


static void case_12_12a(void)
{
	CHECK(begin(false));
	CHECK(mo_call());
	CHECK(!rk_has(ss.invite, "a=curr"));
	CHECK(rk_has(ss.invite, "m=audio 40000 RTP/AVP 104 102\r\n"
		     "b=AS:80\r\na=rtpmap:104 AMR-WB/16000\r\n"
		     "a=fmtp:104 mode-change-capability=2; max-red=0\r\n"
		     "a=rtpmap:102 AMR/8000\r\n"));
	hang_up();
}


static void case_12_13(void)
{
	char text[100];
	unsigned n;

	CHECK(begin(true));
	n = ss_invite(CALLER, SDP QOS("none", "none"));
	CHECK_EQ(rk_status(n), 183);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	snprintf(text, sizeof(text), "RAck: %s 1 INVITE\r\n",
		 rk_hdr(n, "RSeq"));
	CHECK_EQ(ss_request("PRACK", text, NULL), 200);
	ue_qos_result(&rk.ue, ss.reserve_id, 0);
	rk_run(0);
	CHECK_EQ(ss_request("UPDATE", NULL, SDP QOS("sendrecv", "none")),
		 200);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
	CHECK_STR(rk_event(UE_EVENT_SESSION_INCOMING)->text,
		  "tel:+15550199");
	id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	CHECK_EQ(ue_session_accept(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_status(rk_last()) == 200);
	(void)ss_request_cseq("ACK", 1, NULL, NULL);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	hang_up();
	CHECK_EQ(ss.releases, 1);
}


static void case_12_13a(void)
{
	const struct ue_media *m;

	CHECK(begin(false));
	CHECK_EQ(rk_status(ss_invite(NULL, SDP)), 180);
	CHECK_STR(rk_event(UE_EVENT_SESSION_INCOMING)->text, SS_PEER);
	id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	CHECK_EQ(ue_session_hold(&rk.ue, id), EPROTO);
	CHECK_EQ(ue_session_accept(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "m=audio 40000 RTP/AVP 99 97\r\n"
		     "b=AS:80\r\na=rtpmap:99 AMR-WB/16000\r\n"));
	ss_ack(NULL);
	m = rk_event(UE_EVENT_SESSION_ESTABLISHED)->media;
	CHECK(m && m->codecc == 2 && m->remote.ip[3] == 77);
	hang_up();
}


static void mo_hold(bool preconditions)
{
	CHECK(begin(preconditions));
	CHECK(mo_call());

	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_is(rk_last(), "INVITE"));
	CHECK(rk_has(rk_last(), "a=sendonly\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, SDP "a=recvonly\r\n");
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK(!rk_event(UE_EVENT_SESSION_MODIFIED)->media->receive);

	CHECK_EQ(ue_session_resume(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "a=sendrecv\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, SDP);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 2);
	CHECK(rk_event(UE_EVENT_SESSION_MODIFIED)->media->receive);
	hang_up();
}


static void case_15_11(void)
{
	mo_hold(false);
	mo_hold(true);
}


static void case_15_12(void)
{
	static const char *const metv[] = {"INVITE", "UPDATE"};
	unsigned i;

	for (i = 0; i < 2; i++) {
		CHECK(begin(i == 1));
		CHECK(mo_call());

		CHECK_EQ(ss_request(metv[i], NULL, SDP "a=sendonly\r\n"),
			 200);
		CHECK(rk_has(ss_sent("200"), "a=recvonly\r\n"));
		CHECK(rk_event(UE_EVENT_SESSION_CHANGED)->held);
		if (!i)
			ss_ack(NULL);

		CHECK_EQ(ss_request(metv[i], NULL, SDP), 200);
		CHECK(rk_has(ss_sent("200"), "a=sendrecv\r\n"));
		CHECK(!rk_event(UE_EVENT_SESSION_CHANGED)->held);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_CHANGED), 2);
		if (!i)
			ss_ack(NULL);

		CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
		CHECK(rk_event(UE_EVENT_SESSION_ENDED)->by_peer);
		CHECK_STR(ss_end(), NULL);
	}
}


/* ------------------------------------------------------------------ */
/* The commands themselves */


static void commands(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	CHECK_EQ(ue_session_start(&rk.ue, &n, SS_PEER, NULL), ENOTSUP);
	CHECK_EQ(ue_session_end(&rk.ue, 1), ENOENT);

	/* a session of another service is none of the application's */
	(void)ss_call(0);
	CHECK_EQ(ue_session_end(&rk.ue, session_id(ss.s)), ENOENT);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	CHECK(begin(false));
	CHECK_EQ(ue_session_start(&rk.ue, &n, "x", NULL), EINVAL);
	CHECK_EQ(rk_status(ss_invite(NULL, SDP)), 180);
	id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	CHECK_EQ(ue_session_reject(&rk.ue, id, 200), EINVAL);
	CHECK_EQ(ue_session_reject(&rk.ue, id, 0), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 486);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* ended before it was established */
	CHECK(begin(false));
	n = call();
	ss_answer(n, 180, SS_CONTACT, NULL);
	CHECK_EQ(ue_session_end(&rk.ue, id), 0);
	rk_run(0);
	ss_answer(n, 487, NULL, NULL);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->err, ECANCELED);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK_STR(ss_end(), NULL);
}


static void no_common_codec(void)
{
	static const char sdp[] =
		"v=0\r\no=- 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"
		"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		"m=audio 49172 RTP/AVP 0\r\n";

	CHECK(begin(false));
	/* RFC 3261 s13.3.1.3: the user is not asked */
	ss.no_claim = true;
	CHECK_EQ(rk_status(ss_invite(NULL, sdp)), 488);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	ss_cancel();
	CHECK_STR(ss_end(), NULL);

	/* video beside it is refused, audio is taken */
	CHECK(begin(false));
	(void)ss_invite(NULL, "v=0\r\no=- 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"
			"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
			"m=video 5000 RTP/AVP 31\r\n"
			"m=audio 49172 RTP/AVP 99\r\n"
			"a=rtpmap:99 AMR-WB/16000\r\n");
	id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
	CHECK_EQ(ue_session_accept(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), "m=video 0 RTP/AVP 31\r\n"
		     "m=audio 40000 RTP/AVP 99\r\n"));
	ss_ack(NULL);

	/* RFC 3264 s8: our next offer has as many streams, in that order */
	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	CHECK(rk_has(rk_last(), " RTP/AVP 0\r\nm=audio 40000 RTP/AVP 99\r\n"));
	ss_answer(rk_last(), 200, SS_CONTACT, "v=0\r\n"
		  "o=- 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"
		  "c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		  "m=audio 0 RTP/AVP 0\r\nm=audio 49172 RTP/AVP 99\r\n"
		  "a=rtpmap:99 AMR-WB/16000\r\na=recvonly\r\n");
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	hang_up();
}


const struct test_case suite_34229_session[] = {
	{"TS 34.229-1 12.2: MO call - 503 Service Unavailable", case_12_2},
	{"TS 34.229-1 12.2a: MO call - 504 Server Time-out", case_12_2a},
	{"TS 34.229-1 12.12: MO MTSI voice call with preconditions",
	 case_12_12},
	{"TS 34.229-1 12.12a: MO MTSI voice call without preconditions",
	 case_12_12a},
	{"TS 34.229-1 12.13: MT MTSI speech call with preconditions",
	 case_12_13},
	{"TS 34.229-1 12.13a: MT MTSI speech call without preconditions",
	 case_12_13a},
	{"TS 34.229-1 15.11: MO call hold without announcement", case_15_11},
	{"TS 34.229-1 15.12: MT call hold", case_15_12},
	{"ue_session_*(): what is refused, what comes out", commands},
	{"RFC 3264 s6: codecs in common, streams refused", no_common_codec},
	{NULL, NULL}
};
