/**
 * @file test_events.c  The ring of events: an accepted command has its
 * outcome, whatever a stream brings in one piece
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/test.h"

#define CONTACT "Contact: <sip:bob@192.0.2.9>\r\n"
#define SDP "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"		\
	"c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
#define LISTENER 1

static const struct ue_codec codecs[] = {{"PCMU", 8000, 0, NULL}};
static const struct ue_audio audio = {4000, codecs, 1, 0, 1};
static int (*open_datagram)(void *arg, unsigned flow,
			    const struct ue_flow_params *prm,
			    struct ue_addr *local);

static char piece[16384];
static size_t len;
static unsigned connection;


static int open_h(void *arg, unsigned flow, const struct ue_flow_params *prm,
		  struct ue_addr *local)
{
	if (prm->kind != UE_FLOW_LISTEN)
		return open_datagram(arg, flow, prm, local);

	*local = rk.local;

	return 0;
}


static void with_tcp(void)
{
	rk.set.audio = &audio;
	rk.set.transport = UE_TRANSPORT_AUTO;
	open_datagram = rk.port.flow_open;
	rk.port.flow_open = open_h;
}


/* A call and a message, and a connection of the P-CSCF.  @return it worked */
static bool begin(void)
{
	static const struct ue_addr pcscf = {
		.family = 4, .port = 40000, .ip = {192, 0, 2, 1}
	};
	const struct ue_message m = {.type = "text/plain",
				     .data = (const uint8_t *)"hi", .len = 2};
	unsigned id;

	len = 0;
	if (!ck_begin(with_tcp))
		return false;

	for (unsigned i = 0; i < UE_FLOWS_MAX; i++) {
		if (!ue_flow_accepted(&rk.ue, rk.now_ms, i, &pcscf,
				      &connection))
			break;
	}
	if (ue_session_start(&rk.ue, &id, "sip:bob@home2.net", NULL) ||
	    ue_page_send(&rk.ue, "sip:carol@home2.net", &m, NULL, 0))
		return false;
	rk_run(0);

	return ck_sent("INVITE") != UINT_MAX && ck_sent("MESSAGE") != UINT_MAX;
}


static void put(unsigned n, unsigned code, const char *tag, const char *lines,
		const char *sdp)
{
	char body[1000];

	len += (size_t)snprintf(
		piece + len, sizeof(piece) - len, "SIP/2.0 %u X\r\nVia: %s\r\n"
		"From: %s\r\nTo: %s;tag=%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		"%s%s", code, rk_hdr(n, "Via"), rk_hdr(n, "From"),
		rk_hdr(n, "To"), tag, rk_hdr(n, "Call-ID"), rk_hdr(n, "CSeq"),
		lines, rk_body(body, sizeof(body), "application/sdp", sdp));
}


/* A group of phones rings, before and behind the outcomes */
static void many_branches(void)
{
	char tag[8];
	unsigned invite, message;

	CHECK(begin());
	invite = ck_sent("INVITE");
	message = ck_sent("MESSAGE");
	for (unsigned i = 0; i < 20; i++) {
		snprintf(tag, sizeof(tag), "b%u", i);
		put(invite, 180, tag, CONTACT, NULL);
	}
	put(message, 200, "m", "", NULL);
	put(invite, 180, "c", CONTACT, NULL);
	put(invite, 200, "c", CONTACT, SDP);
	CHECK_EQ(ue_flow_recv(&rk.ue, rk.now_ms, connection, NULL,
			      (uint8_t *)piece, len), 0);
	rk_run(0);

	CHECK_EQ(rk.ue.stats.events_lost, 0);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 1);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	CHECK(rk_events(UE_EVENT_SESSION_PROGRESS) > 0);
	CHECK_STR(rk_end(), NULL);
}


/* There is a slot for the answer to each request that waits for one */
static void waiting_answers(void)
{
	CHECK(begin());
	while (ue_events_spare(&rk.ue, 0))
		(void)ue_event_new(&rk.ue, UE_EVENT_FLOW_FAILED);
	put(ck_sent("MESSAGE"), 200, "m", "", NULL);
	CHECK_EQ(ue_flow_recv(&rk.ue, rk.now_ms, connection, NULL,
			      (uint8_t *)piece, len), EAGAIN);
	CHECK_EQ(ue_events_free(&rk.ue), UE_EVENTS_RESERVE + 1);

	/* and when they have been delivered, the port offers it again */
	rk_run(0);
	CHECK_EQ(ue_flow_recv(&rk.ue, rk.now_ms, connection, NULL,
			      (uint8_t *)piece, len), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_PAGE_SENT), 1);
	CHECK_EQ(rk.ue.stats.events_lost, 0);
	CHECK_STR(rk_end(), NULL);
}


extern const struct test_case suite_events[];
const struct test_case suite_events[] = {
	{"an outcome is not lost for 1xx of many branches in one piece",
	 many_branches},
	{"an input is refused where answers that come with it have no slot",
	 waiting_answers},
	{NULL, NULL}
};
