/**
 * @file test_session_timer.c  Session timers: RFC 4028
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#define QOS(local)							\
	"a=curr:qos local " local "\r\na=curr:qos remote none\r\n"	\
	"a=des:qos mandatory local sendrecv\r\n"			\
	"a=des:qos mandatory remote sendrecv\r\n"


/* RFC 4028 s7.1, s7.2 */
static void timer_uac(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\nRequire: timer\r\n",
		  SS_SDP);
	rk_run(499000);
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	rk_run(1000);
	n = ss_sent("UPDATE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "1000;refresher=uac");
	CHECK_STR(rk_hdr(n, "Content-Length"), "0");
	ss_answer(n, 200, SS_CONTACT "Session-Expires: 1000;refresher=uac\r\n",
		  NULL);
	CHECK_EQ(ss.eventc, 1);         /* none but ESTABLISHED */

	/* no answer: BYE before it expires (s10) */
	rk_run(500000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(129000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, ETIMEDOUT);
}


static void timer_reinvite(void)
{
	unsigned n;

	/* the peer does not know UPDATE: the same description again */
	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n"
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(500000);
	CHECK(rk_is(rk_last(), "INVITE"));
	CHECK_STR(strstr(rk.sentv[rk_last()], "v=0"),
		  strstr(rk.sentv[n], "v=0"));
	ss_answer(rk_last(), 200, SS_CONTACT
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	CHECK(rk_is(rk_last(), "ACK"));
	CHECK_EQ(ss.eventc, 1);

	/* refused: BYE at the end of the interval, less 32 s */
	rk_run(500000);
	ss_answer(rk_last(), 488, NULL, NULL);
	rk_run(467000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
}


static void timer_peer_refreshes(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 90;refresher=uas\r\n", SS_SDP);
	rk_run(59000);
	CHECK_EQ(ss_request("UPDATE", "Supported: timer\r\n"
			    "Session-Expires: 90;refresher=uac\r\n", NULL),
		 200);
	CHECK_STR(rk_hdr(rk_last(), "Session-Expires"), "90;refresher=uac");
	CHECK_STR(rk_hdr(rk_last(), "Require"), "timer");

	/* s10: min(32, 30) seconds before the end */
	rk_run(59000);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	rk_run(1000);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_STR(ss_end(), NULL);
}


/* s9: the interval is that of the last request that was answered 2xx */
static void timer_refused(void)
{
	static const char *const linev[] = {
		/* each would make the peer the refresher, or nobody */
		"Supported: timer\r\nSession-Expires: 1800\r\n",
		"Supported: timer\r\n"
	};
	unsigned n;
	size_t i;

	for (i = 0; i < 4; i++) {
		CHECK(ss_begin(NULL));
		n = ss_call(0);
		ss_answer(n, 200, SS_CONTACT SS_ALLOW
			  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
		/* a stream more, of a kind that we do not have */
		ss.streams = 0;
		CHECK_EQ(ss_request(i / 2 ? "UPDATE" : "INVITE", linev[i % 2],
				    SS_SDP), 488);
		ss.streams = 1;
		if (i < 2)
			ss_ack(NULL);
		rk_run(500000);
		CHECK_EQ(ss_sent_count("BYE"), 0);
		n = ss_sent("UPDATE");
		CHECK_STR(rk_hdr(n, "Session-Expires"),
			  "1000;refresher=uac");
		ss_answer(n, 200, SS_CONTACT
			  "Session-Expires: 1000;refresher=uac\r\n", NULL);
		CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
		CHECK_STR(ss_end(), NULL);
	}
}


/* s10: one that cannot be sent, or that a proxy refuses for now, is not the
   last */
static void timer_again(void)
{
	unsigned n, i, kept[UE_CTRANS_MAX];

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(499000);
	for (i = 0; i < UE_CTRANS_MAX; i++) {
		kept[i] = rk.ue.sip.ctransv[i].state;
		rk.ue.sip.ctransv[i].state = SIP_CT_CALLING;
	}
	rk_run(1000);
	for (i = 0; i < UE_CTRANS_MAX; i++)
		rk.ue.sip.ctransv[i].state = (uint8_t)kept[i];
	CHECK_EQ(ss_sent_count("UPDATE"), 0);
	rk_run(4100);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);

	ss_answer(ss_sent("UPDATE"), 503, "Retry-After: 2\r\n", NULL);
	rk_run(2000);
	CHECK_EQ(ss_sent_count("UPDATE"), 2);
	ss_answer(ss_sent("UPDATE"), 200, SS_CONTACT
		  "Session-Expires: 1000;refresher=uac\r\n", NULL);
	rk_run(499000);
	CHECK_EQ(ss_sent_count("UPDATE"), 2);
	CHECK_EQ(ss_sent_count("BYE"), 0);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);
}


/* s10: what a status says is followed, until the interval is over */
static void timer_refused_for_now(void)
{
	static const struct {
		unsigned code;
		const char *lines;
		unsigned wait_s;        /* half of the 468 s, and 2 */
	} v[] = {
		{500, NULL, 236}, {504, NULL, 236}, {480, NULL, 236},
		{503, "Retry-After: 60\r\n", 236},
		{503, "Retry-After: 300\r\n", 300},
		{486, "Retry-After: 300\r\n", 300}
	};
	unsigned n, i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(ss_begin(NULL));
		n = ss_call(0);
		ss_answer(n, 200, SS_CONTACT SS_ALLOW
			  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
		rk_run(500000);
		ss_answer(ss_sent("UPDATE"), v[i].code, v[i].lines, NULL);
		rk_run(1000 * v[i].wait_s - 1);
		CHECK_EQ(ss_sent_count("UPDATE"), 1);

		/* a hold does not wait for that */
		CHECK(!session_is_busy(ss.s));
		rk_run(1);
		CHECK_EQ(ss_sent_count("UPDATE"), 2);
		ss_answer(ss_sent("UPDATE"), 200, SS_CONTACT
			  "Session-Expires: 1000;refresher=uac\r\n", NULL);
		rk_run(499000);
		CHECK_EQ(ss_sent_count("BYE"), 0);
		CHECK_EQ(session_end(ss.s), 0);
		CHECK_STR(ss_end(), NULL);
	}

	/* always: some times more, and the session has its end */
	n = 0;
	CHECK(ss_begin(NULL));
	ss_answer(ss_call(0), 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(500000);
	for (i = 0; !ss_sent_count("BYE") && i < 468; i++) {
		if (ss_sent_count("UPDATE") > n)
			ss_answer(ss_sent("UPDATE"), 500, NULL, NULL);
		n = ss_sent_count("UPDATE");
		rk_run(1000);
	}
	CHECK_EQ(i, 468);
	CHECK_EQ(ss_sent_count("BYE"), 1);
	CHECK_EQ(n, 7);
	CHECK_STR(ss_end(), NULL);

	/* another request has refreshed it: needless */
	CHECK(ss_begin(NULL));
	ss_answer(ss_call(0), 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
	rk_run(500000);
	ss_answer(ss_sent("UPDATE"), 503, NULL, NULL);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT
		  "Session-Expires: 1000;refresher=uac\r\n",
		  SS_SDP "a=recvonly\r\n");
	rk_run(499000);
	CHECK_EQ(ss_sent_count("UPDATE"), 1);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* s10, RFC 3261 s21.4.6, s21.5.2: UPDATE is not known after all */
static void timer_no_update(void)
{
	unsigned code, i;

	for (code = 405; code <= 501; code += 96) {
		CHECK(ss_begin(NULL));
		ss_answer(ss_call(0), 200, SS_CONTACT SS_ALLOW
			  "Session-Expires: 1000;refresher=uac\r\n", SS_SDP);
		for (i = 0; i < 2; i++) {
			rk_run(500000);
			CHECK_EQ(ss_sent_count("UPDATE"), 1);
			if (!i)
				ss_answer(ss_sent("UPDATE"), code, NULL,
					  NULL);
			rk_run(0);
			CHECK_EQ(ss_sent_count("INVITE"), 2 + i);
			ss_answer(ss_sent("INVITE"), 200, SS_CONTACT
				  "Session-Expires: 1000;refresher=uac\r\n",
				  SS_SDP);
		}
		CHECK_EQ(ss_sent_count("BYE"), 0);
		CHECK_EQ(session_end(ss.s), 0);
		CHECK_STR(ss_end(), NULL);
	}
}


/* RFC 4028 s4, s5 */
static void timer_422(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 422, "Min-SE: 3600\r\n", NULL);
	n = ss_sent("INVITE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "3600");
	CHECK_STR(rk_hdr(n, "Min-SE"), "3600");
	CHECK_STR(rk_hdr(n, "CSeq"), "2 INVITE");
	CHECK_STR(rk_hdr(n, "Call-ID"), rk_hdr(ss.invite, "Call-ID"));
	CHECK(rk_has(n, "m=message 7654"));

	/* the same answer again is no help */
	ss_answer(n, 422, "Min-SE: 3600\r\n", NULL);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 422);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 4028 s7.4: the peer's Min-SE, and none of before the dialog */
static void timer_min_se(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	(void)ss_invite(SS_ALLOW "Supported: timer\r\nMin-SE: 500\r\n"
			"Session-Expires: 1000;refresher=uas\r\n", SS_SDP);
	ss_ack(NULL);
	rk_run(500000);
	CHECK_STR(rk_hdr(ss_sent("UPDATE"), "Min-SE"), "500");
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 422, "Min-SE: 3600\r\n", NULL);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT SS_ALLOW
		  "Session-Expires: 3600;refresher=uac\r\n", SS_SDP);
	rk_run(1800000);
	CHECK_STR(rk_hdr(ss_sent("UPDATE"), "Session-Expires"),
		  "3600;refresher=uac");
	CHECK_STR(rk_hdr(ss_sent("UPDATE"), "Min-SE"), "");
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


static unsigned o_version(unsigned n)
{
	const char *o = strstr(rk.sentv[n], "o=- ");
	unsigned id, version = 0;

	if (!o || sscanf(o, "o=- %u %u", &id, &version) != 2)
		return 0;

	return version;
}


/* s7.4, RFC 3264 s8: the same version where nothing has changed */
static void timer_same_answer(void)
{
	static const char other[] =
		"v=0\r\no=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"
		"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		"m=message 9000 TCP/MSRP *\r\na=accept-types:text/plain\r\n"
		"a=path:msrp://192.0.2.77:9000/s1;tcp\r\na=sendonly\r\n";
	struct sip_store *st = &rk.ue.sip.store;
	struct sip_stored filled;
	unsigned version, left, n;

	CHECK(ss_begin(NULL));
	ss.auto_accept = true;
	version = o_version(ss_invite(SS_ALLOW, SS_SDP));
	ss_ack(NULL);
	CHECK_EQ(ss_request("INVITE", NULL, SS_SDP), 200);
	CHECK_EQ(o_version(ss_sent("200")), version);
	ss_ack(NULL);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP), 200);
	CHECK_EQ(o_version(ss_sent("200")), version);
	/* an offer of ours is none of them */
	CHECK_EQ(ss_request("INVITE", NULL, NULL), 200);
	CHECK_EQ(o_version(ss_sent("200")), ++version);
	ss_ack(SS_SDP);
	CHECK_EQ(ss_request("INVITE", NULL, other), 200);
	CHECK_EQ(o_version(ss_sent("200")), version + 1);
	ss_ack(NULL);

	/* the same once more, after it could not be answered */
	memset(&filled, 0, sizeof(filled));
	n = 0;
	for (left = 0; left < 2000 && n != 500; left += 50) {
		while (st->evict(st->arg))
			;
		(void)sip_store_alloc_most(&filled, st, 1, UE_SIP_STORE);
		n = filled.len;
		sip_store_free(st, &filled);
		CHECK_EQ(sip_store_alloc(&filled, st, n - left, 0), 0);
		n = ss_request("UPDATE", NULL, SS_SDP "a=inactive\r\n");
		sip_store_free(st, &filled);
	}
	CHECK_EQ(n, 500);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP "a=inactive\r\n"), 200);
	CHECK_EQ(o_version(ss_sent("200")), version + 2);
	CHECK_EQ(ss_request("UPDATE", NULL, other), 200);
	++version;
	++version;

	/* after an offer of ours it is another description */
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, other);
	CHECK_EQ(ss_request("INVITE", NULL, other), 200);
	CHECK_EQ(o_version(ss_sent("200")), version + 3);
	ss_ack(NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3264 s8: a peer that has put us on hold gets a description with another
   direction, and so with another version */
static void timer_held(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	n = ss_call(0);
	ss_answer(n, 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n"
		  "Session-Expires: 1000;refresher=uac\r\n",
		  SS_SDP "a=sendonly\r\n");
	rk_run(500000);
	CHECK(ss_sent("INVITE") != n);
	CHECK(rk_has(ss_sent("INVITE"), "a=recvonly\r\n"));
	CHECK_EQ(o_version(ss_sent("INVITE")), o_version(n) + 1);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT
		  "Session-Expires: 1000;refresher=uac\r\n",
		  SS_SDP "a=sendonly\r\n");
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 3264 s8: the same where an answer has refused a stream */
static void timer_removed(void)
{
	unsigned n;

	CHECK(ss_begin(NULL));
	ss_answer(ss_call(0), 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n",
		  SS_SDP);
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	n = ss_sent("INVITE");
	ss_answer(n, 200, SS_CONTACT "Session-Expires: 1000;refresher=uac\r\n",
		  "v=0\r\no=bob 7 2 IN IP4 192.0.2.77\r\ns=-\r\n"
		  "t=0 0\r\nm=message 0 TCP/MSRP *\r\n");
	rk_run(500000);
	CHECK(ss_sent("INVITE") != n);
	CHECK_EQ(o_version(ss_sent("INVITE")), o_version(n) + 1);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);
}


static void timer_uas(void)
{
	static const struct {
		const char *lines;
		const char *expires;
		const char *require;
	} casev[] = {
		/* s9, table 2 */
		{"Supported: timer\r\nSession-Expires: 300\r\n",
		 "300;refresher=uac", "timer"},
		{"Supported: timer\r\nSession-Expires: 300;refresher=uas\r\n",
		 "300;refresher=uas", "timer"},
		{"Session-Expires: 300\r\n", "300;refresher=uas", ""},
		{"Supported: timer\r\n", "", ""},
	};
	unsigned i, n;

	for (i = 0; i < 4; i++) {
		CHECK(ss_begin(NULL));
		ss.auto_accept = true;
		n = ss_invite(casev[i].lines, SS_SDP);
		CHECK_EQ(rk_status(n), 200);
		CHECK_STR(rk_hdr(n, "Session-Expires"), casev[i].expires);
		CHECK_STR(rk_hdr(n, "Require"), casev[i].require);
		ss_ack(NULL);
		rk_run(150000);
		CHECK_EQ(ss_sent_count("INVITE"),
			 strstr(casev[i].expires, "uas") ? 1 : 0);
		/* RFC 3264 s8: an offer after an answer is a new one */
		if (ss_sent_count("INVITE"))
			CHECK_EQ(o_version(ss_sent("INVITE")),
				 o_version(n) + 1);
		CHECK_EQ(session_end(ss.s), 0);
		CHECK_STR(ss_end(), NULL);
	}
}


/* What the INVITE has asked for is answered in its 2xx, whatever went on in the
   early dialog */
static void timer_uas_update(void)
{
	char rack[60];
	unsigned n;

	CHECK(ss_begin_qos(false));
	n = ss_invite(SS_ALLOW "Supported: 100rel, precondition, timer\r\n"
		      "Session-Expires: 1800;refresher=uac\r\n",
		      SS_SDP QOS("none"));
	snprintf(rack, sizeof(rack), "RAck: %s 1 INVITE\r\n",
		 rk_hdr(n, "RSeq"));
	CHECK_EQ(ss_request("PRACK", rack, NULL), 200);
	CHECK_EQ(ss_request("UPDATE", NULL, SS_SDP QOS("sendrecv")), 200);
	CHECK_STR(rk_hdr(ss_sent("200"), "Session-Expires"), "");
	CHECK_EQ(session_accept(ss.s), 0);
	rk_run(0);
	n = ss_sent("200");
	CHECK_STR(rk_hdr(n, "CSeq"), "1 INVITE");
	CHECK_STR(rk_hdr(n, "Session-Expires"), "1800;refresher=uac");
	CHECK_STR(rk_hdr(n, "Require"), "timer");
	(void)ss_request_cseq("ACK", 1, NULL, NULL);
	CHECK_EQ(session_end(ss.s), 0);
	CHECK_STR(ss_end(), NULL);
}


const struct test_case suite_session_timer[] = {
	{"RFC 4028 s10: we refresh by UPDATE", timer_uac},
	{"RFC 4028 s7.4: we refresh by re-INVITE", timer_reinvite},
	{"RFC 4028 s10: the peer refreshes", timer_peer_refreshes},
	{"RFC 4028 s9: a request that is refused", timer_refused},
	{"RFC 4028 s10: a refresh that fails for now", timer_again},
	{"RFC 4028 s10: a refresh that is refused for now",
	 timer_refused_for_now},
	{"RFC 4028 s10: a refresh by UPDATE that is not known",
	 timer_no_update},
	{"RFC 3264 s8: a refresh with another direction", timer_held},
	{"RFC 3264 s8: a refresh after a stream was refused", timer_removed},
	{"RFC 4028 s7.3: 422", timer_422},
	{"RFC 4028 s7.4: Min-SE", timer_min_se},
	{"RFC 4028 s7.4: the answer to a refresh that changes nothing",
	 timer_same_answer},
	{"RFC 4028 s9: we are called: the refresher", timer_uas},
	{"RFC 4028 s9: an UPDATE without Session-Expires before the 2xx",
	 timer_uas_update},
	{NULL, NULL}
};
