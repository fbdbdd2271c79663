/**
 * @file test_call.c  Audio sessions: what an answer may say, which offers are
 *                    taken, who calls (RFC 3264, TS 24.229 5.1.3, 5.1.4)
 *
 * Over 800 lines: all that a call can meet, on one kit.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/conf_kit.h"
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"		\
	"c=IN IP4 192.0.2.9\r\nt=0 0\r\n"
#define AUDIO(port, fmts) "m=audio " port " RTP/AVP " fmts "\r\n"
#define MAP(pt, what) "a=rtpmap:" pt " " what "\r\n"
#define CONTACT "Contact: <sip:bob@192.0.2.9>\r\n"

static const struct ue_codec codecs[] = {
	{"AMR-WB", 16000, 104, "max-red=0"}, {"PCMU", 8000, 0, NULL}
};
static const struct ue_audio audio = {4000, codecs, 2, 0, 2};


static void with_audio(void)
{
	rk.set.audio = &audio;
}


/** Our INVITE is answered with that.  @return the outcome; NULL = none */
static const struct ue_event *answered(const char *sdp)
{
	unsigned id, n;

	if (!ck_begin(with_audio) ||
	    ue_session_start(&rk.ue, &id, "sip:bob@home2.net", NULL))
		return NULL;
	rk_run(0);
	n = ck_sent("INVITE");
	ck_answer(n, 200, "b", CONTACT, "application/sdp", sdp);
	if (rk_events(UE_EVENT_SESSION_ESTABLISHED) == 1)
		return rk_event(UE_EVENT_SESSION_ESTABLISHED);

	/* RFC 3261 s13.2.2.4: acknowledged, then ended */
	if (ck_sent("ACK") == UINT_MAX || ck_sent("BYE") == UINT_MAX)
		return NULL;
	ck_answer(ck_sent("BYE"), 200, NULL, NULL, NULL, NULL);

	return rk_event(UE_EVENT_SESSION_FAILED);
}


/* RFC 3264 s6, s6.1: the answer has a codec of the offer */
static void answers(void)
{
	static const char *const badv[] = {
		HEAD AUDIO("0", "104") MAP("104", "AMR-WB/16000"),
		HEAD AUDIO("3456", "104") MAP("104", "AMR-WB/8000"),
		HEAD AUDIO("3456", "104") MAP("104", "EVS/16000"),
		HEAD AUDIO("3456", "104"),
		HEAD "m=video 3456 RTP/AVP 104\r\n"
			MAP("104", "AMR-WB/16000"),
		HEAD "m=audio 3456 RTP/SAVP 104\r\n"
			MAP("104", "AMR-WB/16000"),
	};
	const struct ue_event *ev;
	size_t i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		ev = answered(badv[i]);
		CHECK(ev);
		CHECK_EQ(ev->type, UE_EVENT_SESSION_FAILED);
		CHECK_EQ(ev->err, EPROTO);
		CHECK_STR(ck_end(), NULL);
	}

	/* with other numbers, in the order of the answer; what we do not have
	   is left out.  RFC 3551 s6: 0 needs no rtpmap */
	ev = answered(HEAD AUDIO("3456", "0 98 97")
		      MAP("98", "EVS/16000") MAP("97", "amr-wb/16000"));
	CHECK(ev);
	CHECK_EQ(ev->type, UE_EVENT_SESSION_ESTABLISHED);
	CHECK_STR(ck_end(), NULL);
}


static struct ue_media agreed;


static void keep_media(struct rk *k, const struct ue_event *ev)
{
	(void)k;
	if (ev->media)
		agreed = *ev->media;
}


static void with_media(void)
{
	with_audio();
	rk.eventh = keep_media;
	memset(&agreed, 0, sizeof(agreed));
}


/** Somebody offers that.  @return status of the answer, which is in n */
static unsigned offered(unsigned *n, const char *sdp)
{
	if (!ck_begin(with_media))
		return 0;
	*n = ss_invite(SS_ALLOW, sdp);
	if (rk_events(UE_EVENT_SESSION_INCOMING) != 1)
		return rk_status(*n);
	if (ue_session_accept(&rk.ue,
			      rk_event(UE_EVENT_SESSION_INCOMING)->session))
		return 0;
	rk_run(0);
	*n = ck_sent("200");
	ss_ack(NULL);

	return rk_status(*n);
}


/* RFC 3264 s6: which streams are taken; the others are refused by port 0 */
static void offers(void)
{
	char fmts[200] = "", maps[800] = "", sdp[1200];
	unsigned n, i;

	CHECK_EQ(offered(&n, HEAD AUDIO("0", "0")), 488);
	CHECK_STR(ck_end(), NULL);
	CHECK_EQ(offered(&n, HEAD "m=video 5000 RTP/AVP 31\r\n"), 488);
	CHECK_STR(ck_end(), NULL);

	/* RFC 4566 s6, RFC 4867 s8.1: two channels are another codec, one is
	   what none says */
	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "96")
			 MAP("96", "AMR-WB/16000/2")), 488);
	CHECK_STR(ck_end(), NULL);
	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "96 97")
			 MAP("96", "AMR-WB/16000/2")
			 MAP("97", "AMR-WB/16000/1")), 200);
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 97\r\n"));
	CHECK_STR(ck_end(), NULL);
	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "96")
			 MAP("96", "EVS/16000")), 488);
	CHECK_STR(ck_end(), NULL);

	/* RFC 3261 s13.3.1.3: what cannot be is not offered to the user */
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	CHECK_EQ(offered(&n, HEAD AUDIO("3454", "98") MAP("98", "EVS/16000")
			 AUDIO("3456", "0")), 200);
	CHECK(rk_has(n, "m=audio 0 RTP/AVP 98\r\n"));
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 0\r\n"));
	CHECK_STR(ck_end(), NULL);

	CHECK_EQ(offered(&n, HEAD "m=video 5000 RTP/AVP 31\r\n"
			 AUDIO("3456", "98 0 97") MAP("98", "EVS/16000")
			 MAP("97", "AMR-WB/16000") AUDIO("3458", "0")), 200);
	CHECK(rk_has(n, "m=video 0 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0 97"
		     "\r\nb=AS:80\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 AMR-WB/16000"
		     "\r\na=fmtp:97 max-red=0\r\n"));
	CHECK(rk_has(n, "m=audio 0 RTP/AVP 0\r\n"));
	CHECK_EQ(agreed.codecc, 2);
	CHECK_EQ(agreed.codecv[0], 1);
	CHECK_EQ(agreed.ptv[0], 0);
	CHECK_EQ(agreed.codecv[1], 0);
	CHECK_EQ(agreed.ptv[1], 97);
	CHECK_EQ(agreed.remote.port, 3456);
	CHECK(agreed.send && agreed.receive);
	CHECK_STR(ck_end(), NULL);

	/* what a bridge has: camera, slides, the floor, a chat */
	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "0")
			 "m=video 5000 RTP/AVP 31\r\n"
			 "m=video 5002 RTP/AVP 31\r\n"
			 "m=application 5004 TCP/BFCP *\r\n"
			 "m=message 5006 TCP/MSRP *\r\n"), 200);
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 0\r\n"));
	CHECK(rk_has(n, "m=application 0 TCP/BFCP *\r\n"
		     "m=message 0 TCP/MSRP *\r\n"));
	CHECK_STR(ck_end(), NULL);

	/* the same codec again and again: once, and it leaves room */
	for (i = 0; i <= UE_CODECS_MAX; i++) {
		snprintf(fmts + strlen(fmts), sizeof(fmts) - strlen(fmts),
			 " %u", 96 + i);
		snprintf(maps + strlen(maps), sizeof(maps) - strlen(maps),
			 "a=rtpmap:%u PCMU/8000\r\n", 96 + i);
	}
	snprintf(sdp, sizeof(sdp), HEAD "m=audio 3456 RTP/AVP%s 120\r\n%s"
		 "a=rtpmap:120 AMR-WB/16000\r\n", fmts, maps);
	CHECK_EQ(offered(&n, sdp), 200);
	CHECK_EQ(agreed.codecc, 2);
	CHECK_EQ(agreed.ptv[0], 96);
	CHECK_EQ(agreed.ptv[1], 120);
	CHECK_STR(ck_end(), NULL);

	/* RFC 3261 s13.2.1: no offer in the INVITE, ours is in the answer */
	CHECK(ck_begin(with_media));
	(void)ss_invite(SS_ALLOW, NULL);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
	CHECK_EQ(ue_session_accept(&rk.ue, rk_event(
				UE_EVENT_SESSION_INCOMING)->session), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 RTP/AVP 104 0\r\n"));
	ss_ack(HEAD AUDIO("3456", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	CHECK_EQ(agreed.codecv[0], 1);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3264 s8: a new offer that is refused leaves all as it was */
static void refused_offer(void)
{
	unsigned n;

	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "0")), 200);
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("3456", "98")
			    MAP("98", "EVS/16000")), 488);
	memset(&agreed, 0, sizeof(agreed));
	CHECK_EQ(ue_session_hold(&rk.ue, rk_event(
				UE_EVENT_SESSION_INCOMING)->session), 0);
	rk_run(0);
	ss_answer(ck_sent("INVITE"), 488, NULL, NULL);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFY_FAILED), 1);
	CHECK_EQ(agreed.codecc, 1);
	CHECK_EQ(agreed.codecv[0], 1);
	CHECK_EQ(agreed.remote.port, 3456);
	CHECK_STR(ck_end(), NULL);
}


static void hold_and_see(const char *first, const char *media)
{
	unsigned n;

	CHECK_EQ(offered(&n, first), 200);
	CHECK_EQ(ue_session_hold(&rk.ue, rk_event(
				UE_EVENT_SESSION_INCOMING)->session), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("INVITE"), media));
	ss_answer(ck_sent("INVITE"), 200, CONTACT, first);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
}


/* A payload type has the same codec all the time, whoever has chosen it */
static void payload_types(void)
{
	hold_and_see(HEAD AUDIO("3456", "0 97") MAP("97", "AMR-WB/16000"),
		     "m=audio 4000 RTP/AVP 0 97\r\nb=AS:80\r\n"
		     "a=rtpmap:0 PCMU/8000"
		     "\r\na=rtpmap:97 AMR-WB/16000\r\n");
	CHECK_STR(ck_end(), NULL);

	/* that of ours is in use for another one */
	hold_and_see(HEAD AUDIO("3456", "104") MAP("104", "PCMU/8000"),
		     "m=audio 4000 RTP/AVP 104\r\nb=AS:80\r\n"
		     "a=rtpmap:104 PCMU/8000\r\n");
	CHECK_STR(ck_end(), NULL);

	/* who asks for an offer may be about to give us to another one */
	hold_and_see(HEAD AUDIO("3456", "0"), "m=audio 4000 RTP/AVP 0\r\n");
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 RTP/AVP 104 0\r\n"));
	ss_ack(HEAD AUDIO("3456", "0"));
	CHECK_STR(ck_end(), NULL);

	/* but not under numbers that have meant something else */
	hold_and_see(HEAD AUDIO("3456", "104") MAP("104", "PCMU/8000"),
		     "m=audio 4000 RTP/AVP 104\r\n");
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 RTP/AVP 104\r\n"));
	CHECK(rk_has(ck_sent("200"), "a=rtpmap:104 PCMU/8000\r\n"));
	CHECK(!rk_has(ck_sent("200"), "AMR-WB"));
	ss_ack(HEAD AUDIO("3456", "104") MAP("104", "PCMU/8000"));
	CHECK_STR(ck_end(), NULL);
	hold_and_see(HEAD AUDIO("3456", "97") MAP("97", "AMR-WB/16000"),
		     "m=audio 4000 RTP/AVP 97\r\n");
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 RTP/AVP 97 0\r\n"));
	ss_ack(HEAD AUDIO("3456", "97") MAP("97", "AMR-WB/16000"));
	CHECK_STR(ck_end(), NULL);
}


/* While we hold nothing is to be received, whatever the peer would send */
static void held_by_us(void)
{
	hold_and_see(HEAD AUDIO("3456", "0"), "a=sendonly\r\n");
	CHECK(agreed.send && !agreed.receive);
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("3456", "0")), 200);
	CHECK(rk_has(ck_sent("200"), "a=sendonly\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_CHANGED), 1);
	CHECK(agreed.send && !agreed.receive);
	ss_ack(NULL);
	CHECK_STR(ck_end(), NULL);
}


static unsigned last_id(void)
{
	return rk_event(UE_EVENT_SESSION_INCOMING)->session;
}


static void with_narrow_band(void)
{
	static const struct ue_codec amr[] = {
		{"AMR", 8000, 97, NULL},
		{"AMR", 8000, 98, "mode-set=7; Octet-Align=1"}
	};
	static const struct ue_audio narrow = {4000, amr, 2, 38, 0};

	with_media();
	rk.set.audio = &narrow;
}


/* Octet-aligned and bandwidth-efficient AMR have nothing in common but the
   name */
static void packings(void)
{
	CHECK(ck_begin(with_narrow_band));
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "101 102 103")
			MAP("101", "AMR/8000")
			"a=fmtp:101 mode-set=7;octet-align=1;crc=0\r\n"
			MAP("102", "AMR/8000") MAP("103", "AMR/8000")
			"a=fmtp:103 octet-align=0\r\n");
	CHECK_EQ(agreed.codecc, 2);
	CHECK(agreed.ptv[0] == 101 && agreed.codecv[0] == 1);
	CHECK(agreed.ptv[1] == 102 && agreed.codecv[1] == 0);
	CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
	rk_run(0);
	/* the application knows its codecs and their headers */
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 RTP/AVP 101 102\r\n"
		     "b=AS:38\r\na=rtpmap:101 AMR/8000\r\n"
		     "a=fmtp:101 mode-set=7; Octet-Align=1\r\n"));
	ss_ack(NULL);
	CHECK_STR(ck_end(), NULL);
}


/* What the peer takes: the application is told, the answer says the same */
static void modes(void)
{
	static const struct {
		const char *fmtp;
		unsigned set;
		const char *answer;
	} v[] = {
		{"mode-set=0,2,4,7; max-red=0", 0x95, " mode-set=0,2,4,7"},
		{"max-red=0;Mode-Set=15", 0x8000, " mode-set=15"},
		{"mode-set=7", 0x80, " mode-set=7"},
		{"mode-set=16", 0, NULL}, {"mode-set=", 0, NULL},
		{"mode-set=1,", 0, NULL}, {"mode-set=a", 0, NULL},
		{"mode-set=1,2,99999999999", 0, NULL},
		{"mode-set", 0, NULL}, {"x-mode-set=7", 0, NULL}
	};
	static const char *const ptimev[] = {
		"a=ptime:20\r\n", "a=ptime:255\r\n", "a=ptime:256\r\n",
		"a=ptime:x\r\n", "a=ptime\r\n", ""
	};
	static const unsigned msv[] = {20, 255, 0, 0, 0, 0};
	char sdp[400], line[80];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {

		CHECK(ck_begin(with_narrow_band));
		snprintf(sdp, sizeof(sdp), HEAD AUDIO("3456", "101")
			 MAP("101", "AMR/8000") "a=fmtp:101 %s\r\n%s",
			 v[i].fmtp, ptimev[i % 6]);
		(void)ss_invite(SS_ALLOW, sdp);
		CHECK_EQ(agreed.modesv[0], v[i].set);
		CHECK_EQ(agreed.ptime_ms, msv[i % 6]);
		CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
		rk_run(0);
		snprintf(line, sizeof(line), "a=fmtp:101%s\r\n",
			 v[i].answer ? v[i].answer : "");
		CHECK_EQ(rk_has(ck_sent("200"), line), v[i].answer != NULL);
		ss_ack(NULL);
		CHECK_STR(ck_end(), NULL);
	}

	/* beside parameters of our own */
	CHECK(ck_begin(with_media));
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "96")
			MAP("96", "AMR-WB/16000") "a=fmtp:96 mode-set=0,8\r\n");
	CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
	rk_run(0);
	CHECK(rk_has(ck_sent("200"),
		     "a=fmtp:96 max-red=0; mode-set=0,8\r\n"));
	ss_ack(NULL);
	CHECK_STR(ck_end(), NULL);
}


static void with_messages(void)
{
	static const struct ue_messaging messaging;

	with_media();
	rk.port.flow_sendv = rk_sendv;
	rk.set.messaging = &messaging;
}


/* Where messages are set, too, a call with audio stays one, and what was not
   agreed is not offered */
static void audio_beside_messages(void)
{
	unsigned n;

	CHECK(ck_begin(with_messages));
	(void)ss_invite("Allow: INVITE, ACK, BYE\r\n"
			"Session-Expires: 90;refresher=uas\r\n"
			"Supported: timer\r\n",
			HEAD "m=video 5000 RTP/AVP 31\r\n"
			AUDIO("3456", "0"));
	CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
	rk_run(0);
	ss_ack(NULL);

	CHECK_EQ(ue_session_hold(&rk.ue, last_id()), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 0 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 0\r\n"));
	CHECK(!rk_has(n, "m=message"));
	ss_answer(n, 200, CONTACT "Session-Expires: 90;refresher=uac\r\n",
		  HEAD "m=audio 0 RTP/AVP 0\r\n" AUDIO("3460", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_EQ(agreed.remote.port, 3460);

	/* RFC 4028 s7.4: the refresh of who has no UPDATE */
	rk_run(45000);
	CHECK_EQ(ck_sent("INVITE") > n, true);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 0\r\n"));
	CHECK(!rk_has(n, "m=message"));
	ss_answer(n, 200, CONTACT "Session-Expires: 90;refresher=uac\r\n",
		  HEAD "m=audio 0 RTP/AVP 0\r\n" AUDIO("3460", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK_STR(ck_end(), NULL);
}


/* Audio first, where messages are set, too */
static void audio_wanted(void)
{
	static const struct ue_session_params prm = {
		.audio = true, .privacy = "id"
	};
	static const struct ue_session_params open = {.audio = true};
	unsigned id, n;

	CHECK(ck_begin(with_messages));
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, &prm), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 104 0\r\n"));
	CHECK(!rk_has(n, "m=message"));
	CHECK(rk_has(n, "Privacy: id\r\n"));
	ck_answer(n, 200, "b", CONTACT, "application/sdp",
		  HEAD AUDIO("3456", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	CHECK(agreed.codecc == 1 && agreed.remote.port == 3456);
	CHECK(!agreed.messages);

	/* what was not agreed is not offered */
	CHECK_EQ(ue_session_hold(&rk.ue, id), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 104 0\r\n"));
	CHECK(!rk_has(n, "m=message"));
	ck_answer(n, 200, "b", CONTACT, "application/sdp",
		  HEAD AUDIO("3456", "0") "a=recvonly\r\n");
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_STR(ck_end(), NULL);

	/* no Privacy in the next session; it has a port of its own */
	CHECK(ck_begin(with_messages));
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, &prm), 0);
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, &open), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4002 RTP/AVP 104 0\r\n"));
	CHECK(!rk_has(n, "Privacy:"));
	CHECK_EQ(ue_session_media(&rk.ue, id)->port, 4002);
	CHECK(!ue_session_media(&rk.ue, id + 1));
	CHECK_STR(ck_end(), NULL);
}


static void wanted_errors(void)
{
	static const struct ue_session_params bad = {.privacy = "id\r\nX: y"};
	static const struct ue_session_params prm = {.audio = true};
	static const struct ue_messaging messaging;
	unsigned id;

	CHECK(ck_begin(with_messages));
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, &bad), EINVAL);
	CHECK_STR(ck_end(), NULL);

	CHECK(ck_begin(with_messages));
	rk.set.audio = NULL;
	rk.set.messaging = &messaging;
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, &prm), ENOTSUP);
	CHECK_STR(ck_end(), NULL);
}


static void with_digits(void)
{
	static const struct ue_codec digits[] = {
		{"AMR-WB", 16000, 104, NULL},
		{"telephone-event", 16000, 105, "0-15"}
	};
	static const struct ue_audio with = {4000, digits, 2, 0, 0};

	with_media();
	rk.set.audio = &with;
}


/* RFC 4733: digits are no codec to speak with */
static void digits_alone(void)
{
	unsigned n;

	CHECK(ck_begin(with_digits));
	n = ss_invite(SS_ALLOW, HEAD AUDIO("3456", "96 101")
		      MAP("96", "EVS/16000")
		      MAP("101", "telephone-event/16000"));
	CHECK_EQ(rk_status(n), 488);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3326: who has answered in our place */
static void elsewhere(void)
{
	static const struct {
		const char *reason;
		unsigned status;
	} casev[] = {
		{"", 487},
		{"Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n",
		 200},
		{"Reason: Q.850;cause=16 , sip ;text=\"a,b;cause=1\" "
		 ";cause=603\r\n", 603},
		{"Reason: Q.850;cause=16\r\n", 487},
		{"Reason: SIP;cause=99\r\n", 487},
		{"Reason: SIP;cause=700\r\n", 487},
		{"Reason: SIP;cause=65736\r\n", 487},
		{"Reason: SIP\r\n", 487}
	};
	size_t i;

	for (i = 0; i < sizeof(casev) / sizeof(casev[0]); i++) {

		const struct ue_event *ev;

		CHECK(ck_begin(with_media));
		(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
		ss_cancel_with(casev[i].reason);
		ev = rk_event(UE_EVENT_SESSION_ENDED);
		CHECK_EQ(ev->status, casev[i].status);
		CHECK(ev->by_peer);
		CHECK_EQ(ev->err, 0);
		CHECK_STR(ck_end(), NULL);

		CHECK(ck_begin(with_media));
		(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
		CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
		rk_run(0);
		ss_ack(NULL);
		CHECK_EQ(ss_request("BYE", casev[i].reason, NULL), 200);
		ev = rk_event(UE_EVENT_SESSION_ENDED);
		CHECK_EQ(ev->status, casev[i].status == 487 ? 0 :
			 casev[i].status);
		CHECK(ev->by_peer);
		CHECK_STR(ck_end(), NULL);
	}
}


/* TS 24.229 5.1.1.6.1: while a deregistration waits for the end of a
   re-registration nothing new begins that would end without a BYE */
static void deregistering(void)
{
	unsigned id, n;

	CHECK(ck_begin(with_media));
	CHECK_EQ(ue_reregister(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(ue_deregister(&rk.ue), 0);
	CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, NULL), EPROTO);
	n = ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
	CHECK_EQ(rk_status(n), 480);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3264 s8.2 */
static void removed(void)
{
	unsigned n;

	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "0")), 200);
	CHECK(agreed.send && agreed.receive);
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("0", "0")), 200);
	CHECK(rk_has(ck_sent("200"), "m=audio 0 RTP/AVP 0\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_CHANGED), 1);
	CHECK(!agreed.send && !agreed.receive);
	CHECK_EQ(agreed.remote.family, 0);
	ss_ack(NULL);

	/* not there again by itself */
	CHECK_EQ(ue_session_hold(&rk.ue, last_id()), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 0 RTP/AVP 0\r\n"));
	CHECK(!rk_has(n, "m=audio 4000"));
	ss_answer(n, 200, CONTACT, HEAD AUDIO("0", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 1);
	CHECK_EQ(ue_session_resume(&rk.ue, last_id()), 0);
	rk_run(0);
	ss_answer(ck_sent("INVITE"), 200, CONTACT, HEAD AUDIO("0", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_MODIFIED), 2);

	/* but by the peer */
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("3458", "0")), 200);
	CHECK(agreed.send && agreed.receive && agreed.remote.port == 3458);
	ss_ack(NULL);
	CHECK_STR(ck_end(), NULL);

	/* or by its wish */
	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "0")), 200);
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("0", "0")), 200);
	ss_ack(NULL);
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK(rk_has(ck_sent("200"), "m=audio 4000 "));
	ss_ack(HEAD AUDIO("3458", "0"));
	CHECK(agreed.codecc == 1 && agreed.remote.port == 3458);
	CHECK(agreed.send && agreed.receive);
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("0", "0")), 200);
	ss_ack(NULL);
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	ss_ack(HEAD AUDIO("0", "0"));
	CHECK_EQ(agreed.codecc, 0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3264 s6: one stream of a later offer is refused */
static void refused_later(void)
{
	static const struct ue_codec pcmu = {"PCMU", 8000, 0, NULL};
	static const struct ue_audio one = {4000, &pcmu, 1, 0, 0};
	unsigned n;

	CHECK(ck_begin(with_media));
	rk.set.audio = &one;
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
	CHECK_EQ(ue_session_accept(&rk.ue, last_id()), 0);
	rk_run(0);
	ss_ack(NULL);
	/* all of it: 488, and all stays */
	CHECK_EQ(ss_request("INVITE", NULL, HEAD AUDIO("3456", "8")), 488);
	ss_ack(NULL);
	CHECK_EQ(ue_session_media(&rk.ue, last_id())->codecc, 1);
	CHECK_EQ(ue_session_hold(&rk.ue, last_id()), 0);
	rk_run(0);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 "));
	/* in an answer: what is left goes on */
	ss_answer(n, 200, CONTACT, HEAD AUDIO("0", "0"));
	CHECK_STR(ck_end(), NULL);
}


/** A new offer in a session while the store has only `left` octets; the
 *  status of its answer, 0: it could not be tried */
static unsigned change_without_room(uint32_t left, const char *lines,
				    const char *sdp)
{
	struct sip_store *st = &rk.ue.sip.store;
	struct sip_stored filled;
	unsigned n, status;

	if (offered(&n, HEAD AUDIO("3456", "0")) != 200)
		return 0;
	memset(&filled, 0, sizeof(filled));
	while (st->evict(st->arg))
		;
	(void)sip_store_alloc_most(&filled, st, 1, UE_SIP_STORE);
	n = filled.len;
	sip_store_free(st, &filled);
	if (sip_store_alloc(&filled, st, n - left, 0))
		return 0;
	status = ss_request("INVITE", lines, sdp);
	sip_store_free(st, &filled);
	if (status == 500)
		ss_ack(NULL);

	return status;
}


/* A shortage of ours changes nothing of a session (RFC 3261 s14.2) */
static void removed_in_vain(void)
{
	unsigned status, left, vain = 0;

	for (left = 0; left < 2000; left += 100) {

		status = change_without_room(left, NULL, HEAD AUDIO("0", "0"));
		CHECK(status > 0);
		if (status == 500) {
			++vain;
			CHECK_EQ(ue_session_media(&rk.ue, last_id())->codecc,
				 1);
			CHECK_EQ(ue_session_hold(&rk.ue, last_id()), 0);
			rk_run(0);
			CHECK(rk_has(ck_sent("INVITE"), "m=audio 4000 "));
		}
		CHECK_STR(ck_end(), NULL);
	}
	CHECK(vain > 0);
}


/* The same where the answer is written already, and the new target finds no
   room: it is not held */
static void held_in_vain(void)
{
	unsigned status, left, vain = 0;

	for (left = 0; left < 2000; left += 20) {

		status = change_without_room(left, "Contact: <sip:somebody."
				"with.a.longer.name@[2001:db8::9]:5090>\r\n",
				HEAD AUDIO("3456", "0") "a=sendonly\r\n");
		CHECK(status > 0);
		if (status == 500) {
			++vain;
			CHECK_EQ(rk_events(UE_EVENT_SESSION_CHANGED), 0);
			CHECK_EQ(ue_session_hold(&rk.ue, last_id()), 0);
			rk_run(0);
			CHECK(rk_has(ck_sent("INVITE"), "a=sendonly\r\n"));
		}
		CHECK_STR(ck_end(), NULL);
	}
	CHECK(vain > 0);
}


static unsigned o_version(unsigned n)
{
	const char *o = strstr(rk.sentv[n], "\r\no=");
	unsigned id, version = 0;

	if (!o || sscanf(o, "\r\no=- %u %u", &id, &version) != 2)
		return 0;

	return version;
}


/* RFC 3264 s8: what the peer took of all that it had asked for is another
   description than that */
static void refresh_after_asked(void)
{
	static const char late[] = "Allow: INVITE, ACK, BYE\r\n"
		"Supported: timer\r\nSession-Expires: 300;refresher=uas\r\n";
	unsigned n, version;

	CHECK_EQ(offered(&n, HEAD AUDIO("3456", "0")), 200);
	CHECK_EQ(ss_request("INVITE", late, NULL), 200);
	n = ss_sent("200");
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 104 0\r\n"));
	version = o_version(n);
	ss_ack(HEAD AUDIO("3456", "0"));
	rk_run(150000);
	n = ck_sent("INVITE");
	CHECK(rk_has(n, "m=audio 4000 RTP/AVP 0\r\n"));
	CHECK_EQ(o_version(n), version + 1);
	ss_answer(n, 200, CONTACT, HEAD AUDIO("3456", "0"));
	CHECK_STR(ck_end(), NULL);
}


/** Our call; the number of its INVITE */
static unsigned calling(void (*before)(void))
{
	unsigned id;

	if (!ck_begin(before) ||
	    ue_session_start(&rk.ue, &id, SS_PEER, NULL))
		return UINT_MAX;
	rk_run(0);

	return ck_sent("INVITE");
}


/* RFC 3261 s13.2.1: a gateway without 100rel plays a tone.  What the 2xx says
   counts all the same */
static void early_media(void)
{
	unsigned n = calling(with_media);

	CHECK(n != UINT_MAX);
	ck_answer(n, 183, "b", CONTACT, "application/sdp",
		  HEAD AUDIO("3456", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_PROGRESS), 1);
	CHECK_EQ(agreed.remote.port, 3456);
	CHECK(agreed.receive);
	/* what is of no use there harms nobody */
	ck_answer(n, 183, "b", CONTACT, "application/sdp",
		  HEAD "m=audio 1 RTP/AVP 98\r\n");
	ck_answer(n, 183, "b", CONTACT, "application/sdp", "v=1\r\n");
	CHECK_EQ(agreed.remote.port, 3456);

	ck_answer(n, 200, "b", CONTACT, "application/sdp",
		  HEAD AUDIO("3470", "0"));
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ESTABLISHED), 1);
	CHECK_EQ(agreed.remote.port, 3470);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3311 s5.2: an announcement goes over to the next one */
static void early_update(void)
{
	unsigned n = calling(with_media);

	CHECK(n != UINT_MAX);
	ck_answer(n, 183, "b", CONTACT SS_ALLOW "Require: 100rel\r\n"
		  "RSeq: 1\r\n", "application/sdp", HEAD AUDIO("3456", "0"));
	CHECK_EQ(agreed.remote.port, 3456);
	ss_answer(ck_sent("PRACK"), 200, NULL, NULL);
	CHECK_EQ(ck_request(n, "b", "UPDATE", CONTACT, "application/sdp",
			    HEAD AUDIO("3480", "0")), 200);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_CHANGED), 1);
	CHECK_EQ(agreed.remote.port, 3480);
	CHECK_STR(ck_end(), NULL);
}


static void end_in_event(struct rk *k, const struct ue_event *ev)
{
	(void)k;
	if (ev->type == UE_EVENT_DEREGISTERED)
		CHECK(ue_session_end(&rk.ue, last_id()) != 0);
}


/* The way of the INVITE goes while it rings, and the application wants to
   refuse it at this very moment: nobody is left to be told */
static void rings_and_lost(void)
{
	CHECK(ck_begin(with_media));
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
	rk.eventh = end_in_event;
	CHECK_EQ(ue_address_changed(&rk.ue), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_DEREGISTERED), 1);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
	CHECK_EQ(rk_event(UE_EVENT_SESSION_ENDED)->err, ECONNABORTED);
	CHECK_STR(ck_end(), NULL);

	/* a command that waits for the same poll */
	CHECK(ck_begin(with_media));
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
	CHECK_EQ(ue_address_changed(&rk.ue), 0);
	CHECK_EQ(ue_session_reject(&rk.ue, last_id(), 486), 0);
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
	CHECK_STR(ck_end(), NULL);

	/* and after a sleep the 180 that is to be repeated */
	CHECK(ck_begin(with_media));
	(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
	CHECK_EQ(ue_address_changed(&rk.ue), 0);
	rk.now_ms += 61000;
	rk_run(0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
	CHECK_STR(ck_end(), NULL);
}


/* TS 24.229 5.1.4.1: who the network says that it is, else the From */
static void caller(void)
{
	static char line[UE_URI_MAX + 80];
	const char *who;

	CHECK(ck_begin(with_audio));
	(void)ss_invite(SS_ALLOW "P-Asserted-Identity: \"Carol\" "
			"<sip:carol@home3.net>\r\n", HEAD AUDIO("3456", "0"));
	who = rk_event(UE_EVENT_SESSION_INCOMING)->text;
	CHECK_STR(who, "sip:carol@home3.net");
	CHECK_STR(ck_end(), NULL);

	CHECK(ck_begin(with_audio));
	strcpy(line, SS_ALLOW "P-Asserted-Identity: <sip:");
	memset(line + strlen(line), 'c', UE_URI_MAX - 4);
	strcpy(line + strlen(SS_ALLOW "P-Asserted-Identity: <sip:") +
	       UE_URI_MAX - 4, ">\r\n");
	(void)ss_invite(line, HEAD AUDIO("3456", "0"));
	who = rk_event(UE_EVENT_SESSION_INCOMING)->text;
	CHECK_STR(who, SS_PEER);
	CHECK_STR(ck_end(), NULL);
}


/* RFC 3261 s21.4.24 */
static void rejected(void)
{
	static const uint16_t v[][2] = {{0, 486}, {300, 300}, {699, 699}};
	unsigned id, n;
	size_t i;

	for (i = 0; i < 3; i++) {
		CHECK(ck_begin(with_audio));
		(void)ss_invite(SS_ALLOW, HEAD AUDIO("3456", "0"));
		id = rk_event(UE_EVENT_SESSION_INCOMING)->session;
		n = rk.sentc;
		CHECK_EQ(ue_session_reject(&rk.ue, id, 299), EINVAL);
		CHECK_EQ(ue_session_reject(&rk.ue, id, 700), EINVAL);
		CHECK_EQ(rk.sentc, n);
		CHECK_EQ(ue_session_reject(&rk.ue, id, v[i][0]), 0);
		CHECK_EQ(ue_session_reject(&rk.ue, id, v[i][0]), EPROTO);
		CHECK_EQ(ue_session_accept(&rk.ue, id), EPROTO);
		rk_run(0);
		CHECK_EQ(rk_status(rk_last()), v[i][1]);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 1);
		CHECK_STR(ck_end(), NULL);
	}
}


/* RFC 3261 s20.33: the network wants no new attempt before */
static void retry_after(void)
{
	static const struct {
		const char *line;
		uint32_t wait_ms;
	} v[] = {
		{NULL, 0}, {"Retry-After: 7\r\n", 7000},
		{"Retry-After: 4294966\r\n", 4294966000u},
		{"Retry-After: 4294967\r\n", UINT32_MAX},
	};
	unsigned id;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(ck_begin(with_audio));
		CHECK_EQ(ue_session_start(&rk.ue, &id, SS_PEER, NULL), 0);
		rk_run(0);
		ck_answer(ck_sent("INVITE"), 503, "b", v[i].line, NULL, NULL);
		CHECK_EQ(rk_events(UE_EVENT_SESSION_FAILED), 1);
		CHECK_EQ(rk_event(UE_EVENT_SESSION_FAILED)->wait_ms,
			 v[i].wait_ms);
		CHECK_STR(ck_end(), NULL);
	}
}


const struct test_case suite_call[] = {
	{"RFC 3264 s6: answers", answers},
	{"RFC 3264 s6: offers", offers},
	{"RFC 3264 s8: a new offer that is refused", refused_offer},
	{"RFC 3264 s8.3.2: payload types keep their codecs", payload_types},
	{"RFC 3264 s8.4: while we hold, an offer of the peer", held_by_us},
	{"RFC 4867 s8.3.1, TS 24.229 6.1.1: AMR in two packings, b=AS",
	 packings},
	{"RFC 3264 s8: a call with audio where messages are set, too",
	 audio_beside_messages},
	{"RFC 4867 s8.3.1: modes of AMR that the peer takes", modes},
	{"RFC 3264 s5: audio is wanted where messages are set", audio_wanted},
	{"ue_session_start(): what cannot be", wanted_errors},
	{"RFC 4733: digits alone are no audio", digits_alone},
	{"RFC 3326 s2: Reason of CANCEL and BYE", elsewhere},
	{"TS 24.229 5.1.1.6.1: a deregistration waits", deregistering},
	{"RFC 3264 s8.2: the peer removes the stream", removed},
	{"RFC 3264 s6: streams of a later offer are refused", refused_later},
	{"RFC 3261 s14.2: a removal that could not be answered",
	 removed_in_vain},
	{"RFC 3264 s8: a refresh after an offer that was asked for",
	 refresh_after_asked},
	{"RFC 3261 s14.2: a hold that could not be answered", held_in_vain},
	{"RFC 3261 s13.2.1: media before the answer, without 100rel",
	 early_media},
	{"RFC 3311 s5.2: UPDATE moves early media", early_update},
	{"RFC 3261 s18.4: the way goes while it rings", rings_and_lost},
	{"TS 24.229 5.1.4.1: who calls", caller},
	{"ue_session_reject()", rejected},
	{"RFC 3261 s20.33: Retry-After", retry_after},
	{NULL, NULL}
};
