/**
 * @file test_sip_strans.c  Server transactions: RFC 3261 17.2, RFC 6026 7.1,
 * RFC 4320
 *
 * More than 800 lines: one place for every row of the table it checks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"

#define END UINT64_MAX
#define B1 "z9hG4bKone"
#define B2 "z9hG4bKtwo"

static struct kit k;
static int fl;                  /* flow of the requests */


#define CHECK_TIMES(...)						\
	do {								\
		static const uint64_t tv_[] = {__VA_ARGS__, END};	\
		const unsigned n_ = (unsigned)(sizeof(tv_) /		\
					       sizeof(tv_[0])) - 1;	\
		CHECK_EQ(k.sentc, n_);					\
		CHECK_EQ(kit_times(&k, 0, tv_), n_);			\
	} while (0)


static void begin(unsigned what)
{
	unsigned flow = 0;

	kit_init(&k, what);
	if (what & KIT_UDP) {
		fl = kit_flow(&k, UE_FLOW_DATAGRAM);
		return;
	}

	(void)sip_flow_accepted(&k.sip, (unsigned)
				kit_flow(&k, UE_FLOW_LISTEN), &kit_peer,
				&flow);
	k.flowv[flow].open = true;
	k.flowv[flow].prm.kind = UE_FLOW_ACCEPTED;
	fl = (int)flow;
}


static void request(const char *method, const char *branch, unsigned cseq)
{
	kit_request(&k, fl, method, branch, cseq, NULL, NULL);
}


/* ---- INVITE ---- */

static void trying(void)
{
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(k.reqc, 1);
	CHECK(k.reqv[0].st);

	/* before 200 ms a repeated INVITE is absorbed */
	kit_run(&k, 199);
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 0);
	kit_run(&k, 200);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 100 Trying\r\n"));
	CHECK_STR(kit_hdr(&k, 0, "To"), "<sip:ue@example.net>");
	CHECK_STR(kit_hdr(&k, 0, "CSeq"), "1 INVITE");
	CHECK(!kit_has(&k, 0, "Record-Route"));
	CHECK(kit_has(&k, 0, "branch=" B1));
	CHECK(kit_has(&k, 0, "branch=z9hG4bKfar"));

	/* then it gets the 100 again */
	kit_run(&k, 700);
	request("INVITE", B1, 1);
	CHECK_TIMES(200, 700);
	CHECK_MEM(k.sentv[1].msg, k.sentv[1].len, k.sentv[0].msg,
		  k.sentv[0].len);
	CHECK_EQ(k.reqc, 1);

	/* no 100 when the user was quicker */
	begin(KIT_UDP);
	k.auto_code = 180;
	request("INVITE", B1, 1);
	kit_run(&k, 5000);
	CHECK_TIMES(0);
	CHECK(kit_is(&k, 0, "SIP/2.0 180 Ringing\r\n"));
}


static void provisional(void)
{
	char to[200];

	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
	CHECK_EQ(sip_writer_end(sip_reply_begin(k.st, 183, "Own")),
		 0);
	CHECK_EQ(sip_reply_send(k.st), 0);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 183 Own\r\n"));
	snprintf(to, sizeof(to), "%s", kit_hdr(&k, 0, "To"));
	CHECK_STR(kit_hdr(&k, 1, "To"), to);
	CHECK_STR(kit_hdr(&k, 1, "Record-Route"),
		  "<sip:192.0.2.9:5060;lr>");
	CHECK(strncmp(to, "<sip:ue@example.net>;tag=", 25) == 0);

	/* RFC 3261 s17.2.1: the most recent one */
	kit_run(&k, 500);
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 3);
	CHECK_MEM(k.sentv[2].msg, k.sentv[2].len, k.sentv[1].msg,
		  k.sentv[1].len);

	/* hours later */
	kit_run(&k, 5 * 3600 * 1000);
	CHECK_EQ(k.sentc, 3);
	CHECK_EQ(k.stc, 0);

	/* the transaction's own tag is one and the same */
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	CHECK_STR(kit_hdr(&k, 3, "To"), to);
	CHECK(!kit_has(&k, 3, "Record-Route"));
}


/* TS 24.229 7.7 */
static void timer_g(void)
{
	begin(KIT_UDP);
	k.auto_code = 486;
	request("INVITE", B1, 1);
	kit_run(&k, 31999);
	CHECK_TIMES(0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
		    27500, 31500);
	CHECK_EQ(k.stc, 0);
	kit_run(&k, 32000);
	CHECK_EQ(k.stc, 1);
	CHECK_EQ(k.stv[0].err, ETIMEDOUT);
	CHECK(k.stv[0].who == k.reqv[0].who);
	CHECK(kit_clean(&k));

	begin(KIT_UDP | KIT_IMS);
	k.auto_code = 486;
	request("INVITE", B1, 1);
	kit_run(&k, 128000);
	CHECK_TIMES(0, 2000, 6000, 14000, 30000, 46000, 62000, 78000, 94000,
		    110000, 126000);
	CHECK_EQ(k.stc, 1);
	CHECK(kit_clean(&k));

	/* TCP: once, but H counts */
	begin(KIT_TCP);
	k.auto_code = 486;
	request("INVITE", B1, 1);
	kit_run(&k, 31999);
	CHECK_TIMES(0);
	CHECK_EQ(k.stc, 0);
	kit_run(&k, 32000);
	CHECK_EQ(k.stc, 1);
	CHECK(kit_clean(&k));
}


static void refused_acked(unsigned what, uint64_t i_ms)
{
	begin(what);
	k.auto_code = 404;
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 1);
	kit_run(&k, 100);
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 2);

	kit_request(&k, fl, "ACK", B1, 1, "x", NULL);
	/* an ACK to 300-699 is the transaction's own affair */
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(k.sip.store.used, 0);

	/* Confirmed absorbs */
	request("INVITE", B1, 1);
	kit_request(&k, fl, "ACK", B1, 1, "x", NULL);
	CHECK_EQ(k.sentc, 2);
	CHECK_EQ(k.reqc, 1);
	if (i_ms) {
		kit_run(&k, 100 + i_ms - 1);
		CHECK(!sip_idle(&k.sip));
	}
	kit_run(&k, 100 + i_ms);
	CHECK(kit_clean(&k));
	CHECK_EQ(k.stc, 0);
}


/* TS 24.229 7.7 */
static void timer_i(void)
{
	refused_acked(KIT_UDP, 5000);
	refused_acked(KIT_UDP | KIT_IMS, 17000);
	refused_acked(KIT_TCP, 0);
}


/* To tag of sent message n, as the peer takes it over */
static const char *sent_tag(unsigned n)
{
	const char *p = strstr(kit_hdr(&k, n, "To"), ";tag=");

	return p ? p + 5 : "none";
}


static void accepted(unsigned what)
{
	begin(what);
	k.auto_code = 200;
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 1);
	CHECK_STR(kit_hdr(&k, 0, "Record-Route"),
		  "<sip:192.0.2.9:5060;lr>");

	/* RFC 6026: a repeated INVITE is absorbed */
	kit_run(&k, 100);
	request("INVITE", B1, 1);
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.reqc, 1);

	/* RFC 3261 s13.3.1.4: over every transport */
	kit_run(&k, 3600);
	CHECK_TIMES(0, 500, 1500, 3500);

	/* the ACK has a branch of its own and goes to the user */
	kit_request(&k, fl, "ACK", "z9hG4bKack", 1, sent_tag(0), NULL);
	CHECK_EQ(k.reqc, 2);
	CHECK_EQ(k.reqv[1].method, SIP_METHOD_ACK);
	CHECK(!k.reqv[1].st);
	kit_run(&k, 20000);
	CHECK_EQ(k.sentc, 4);
	kit_request(&k, fl, "ACK", "z9hG4bKack", 1, sent_tag(0), NULL);
	CHECK_EQ(k.reqc, 3);

	/* L */
	kit_run(&k, 31999);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 32000);
	CHECK_EQ(k.stc, 0);
	CHECK(kit_clean(&k));
}


static void rfc6026(void)
{
	accepted(KIT_UDP);
	accepted(KIT_TCP);

	/* no ACK: the user is told */
	begin(KIT_UDP);
	k.auto_code = 200;
	request("INVITE", B1, 1);
	kit_run(&k, 40000);
	CHECK_TIMES(0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
		    27500, 31500);
	CHECK_EQ(k.stc, 1);
	CHECK_EQ(k.stv[0].err, ETIMEDOUT);
	CHECK_EQ(k.stv[0].at_ms, 32000);
	CHECK(kit_clean(&k));

	/* a peer that puts the INVITE's branch into the ACK */
	begin(KIT_UDP);
	k.auto_code = 200;
	request("INVITE", B1, 1);
	kit_request(&k, fl, "ACK", B1, 1, sent_tag(0), NULL);
	CHECK_EQ(k.reqc, 2);
	kit_run(&k, 40000);
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.stc, 0);

	/* another call's ACK does not count, nor one with another tag */
	begin(KIT_UDP);
	k.auto_code = 200;
	request("INVITE", B1, 1);
	kit_request(&k, fl, "ACK", "z9hG4bKack", 2, sent_tag(0), NULL);
	kit_request(&k, fl, "ACK", "z9hG4bKack", 1, "x", NULL);
	CHECK_EQ(k.reqc, 3);
	kit_run(&k, 600);
	CHECK_EQ(k.sentc, 2);
}


static void early_ack(void)
{
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	kit_request(&k, fl, "ACK", B1, 1, "x", NULL);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(sip_reply(k.st, 500, NULL), 0);
	kit_run(&k, 600);
	CHECK_TIMES(0, 500);
}


/* ---- others ---- */

static void other(void)
{
	begin(KIT_UDP);
	request("OPTIONS", B1, 1);
	CHECK_EQ(k.reqc, 1);
	kit_run(&k, 500);
	request("OPTIONS", B1, 1);
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(sip_reply(k.st, 200, NULL), 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 200 OK\r\n"));
	CHECK_STR(kit_hdr(&k, 0, "Content-Length"), "0");

	/* Completed answers from the store, J = 64*T1 */
	kit_run(&k, 1000);
	request("OPTIONS", B1, 1);
	CHECK_TIMES(500, 1000);
	CHECK_MEM(k.sentv[1].msg, k.sentv[1].len, k.sentv[0].msg,
		  k.sentv[0].len);
	CHECK_EQ(sip_reply(k.st, 404, NULL), EPROTO);
	kit_run(&k, 32499);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 32500);
	CHECK(kit_clean(&k));
	CHECK_EQ(k.stc, 0);

	/* TCP: J = 0 */
	begin(KIT_TCP);
	k.auto_code = 200;
	request("OPTIONS", B1, 1);
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.sentv[0].flow, fl);
	kit_run(&k, 0);
	CHECK(kit_clean(&k));
}


/* RFC 4320 s4.1, s4.2 */
static void rfc4320(void)
{
	begin(KIT_UDP);
	request("MESSAGE", B1, 1);
	CHECK_EQ(sip_reply(k.st, 180, NULL), EPROTO);
	CHECK_EQ(sip_reply(k.st, 100, NULL), EPROTO);
	CHECK_EQ(sip_reply(k.st, 408, NULL), EPROTO);
	CHECK_EQ(k.sentc, 0);

	/* the client's timer E reaches T2 after 500 + 1000 + 2000 ms */
	kit_run(&k, 3499);
	CHECK_EQ(k.sentc, 0);
	kit_run(&k, 3500);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 100 "));
	request("MESSAGE", B1, 1);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 100 "));

	/* nobody waits any longer */
	kit_run(&k, 31999);
	CHECK_EQ(k.stc, 0);
	kit_run(&k, 32000);
	CHECK_EQ(k.stc, 1);
	CHECK_EQ(k.stv[0].err, ETIMEDOUT);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_clean(&k));

	begin(KIT_UDP | KIT_IMS);
	request("MESSAGE", B1, 1);
	kit_run(&k, 20000);
	CHECK_TIMES(14000);
	CHECK_EQ(sip_reply(k.st, 200, NULL), 0);
	kit_run(&k, 200000);
	CHECK(kit_clean(&k));
}


/* ---- matching ---- */

static void matching(void)
{
	char buf[3000];
	const char *p;

	/* RFC 3261 s17.2.3: branch, sent-by, method */
	begin(KIT_UDP);
	kit_request(&k, fl, "OPTIONS", B1, 1, "t", NULL);
	kit_request(&k, fl, "OPTIONS", B2, 1, "t", NULL);
	CHECK_EQ(k.reqc, 2);
	kit_request(&k, fl, "MESSAGE", B1, 1, "t", NULL);
	CHECK_EQ(k.reqc, 3);
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "OPTIONS", B1, 1, "t", NULL));
	p = strstr(buf, "192.0.2.9:5060;branch");
	CHECK(p != NULL);
	buf[p - buf + 13] = '1';        /* port 5061 */
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.reqc, 4);
	kit_request(&k, fl, "OPTIONS", B1, 1, "t", NULL);
	CHECK_EQ(k.reqc, 4);
}


static void rfc2543(void)
{
	begin(KIT_UDP);
	k.auto_code = 404;
	kit_request(&k, fl, "INVITE", "old1", 1, NULL, NULL);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(k.sentc, 1);
	kit_request(&k, fl, "INVITE", "old1", 1, NULL, NULL);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(k.sentc, 2);
	kit_request(&k, fl, "ACK", "old1", 1, "x", NULL);
	CHECK_EQ(k.reqc, 1);
	kit_run(&k, 5000);
	CHECK(kit_clean(&k));
	/* another CSeq is another request */
	kit_request(&k, fl, "INVITE", "old1", 2, NULL, NULL);
	CHECK_EQ(k.reqc, 2);
}


static void merged(void)
{
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	request("INVITE", B2, 1);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 482 "));
	CHECK(kit_has(&k, 0, "branch=" B2));
	CHECK(kit_has(&k, 0, "<sip:ue@example.net>;tag="));

	/* its ACK harms nobody; the first one goes on */
	kit_request(&k, fl, "ACK", B2, 1, sent_tag(0), NULL);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
	CHECK(kit_has(&k, 1, "branch=" B1));

	/* a repeated one gets the same tag (s8.2.7) */
	request("INVITE", B2, 1);
	CHECK_EQ(k.sentc, 3);
	CHECK_MEM(k.sentv[2].msg, k.sentv[2].len, k.sentv[0].msg,
		  k.sentv[0].len);

	/* inside a dialog, or another CSeq: not merged */
	kit_request(&k, fl, "INVITE", "z9hG4bK3", 1, "tag", NULL);
	CHECK_EQ(k.reqc, 2);
	request("INVITE", "z9hG4bK4", 2);
	CHECK_EQ(k.reqc, 3);
}


/* ---- CANCEL ---- */

static void cancel(void)
{
	char tag[200];

	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
	snprintf(tag, sizeof(tag), "%s", kit_hdr(&k, 0, "To"));
	request("CANCEL", B1, 1);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 200 OK\r\n"));
	CHECK_STR(kit_hdr(&k, 1, "CSeq"), "1 CANCEL");
	CHECK_STR(kit_hdr(&k, 1, "To"), tag);
	CHECK_EQ(k.stc, 1);
	CHECK_EQ(k.stv[0].err, 0);

	/* again: the same answer, told once */
	request("CANCEL", B1, 1);
	CHECK_EQ(k.sentc, 3);
	CHECK_MEM(k.sentv[2].msg, k.sentv[2].len, k.sentv[1].msg,
		  k.sentv[1].len);
	CHECK_EQ(k.stc, 1);
	CHECK_EQ(sip_reply(k.st, 487, NULL), 0);
	CHECK(kit_is(&k, 3, "SIP/2.0 487 Request Terminated\r\n"));

	/* late: 200 without effect while the transaction lives */
	request("CANCEL", B1, 1);
	CHECK(kit_is(&k, 4, "SIP/2.0 200 "));
	CHECK_EQ(k.stc, 1);
	kit_request(&k, fl, "ACK", B1, 1, "x", NULL);
	kit_run(&k, 5000);
	CHECK(kit_clean(&k));
	request("CANCEL", B1, 1);
	CHECK(kit_is(&k, k.sentc - 1, "SIP/2.0 481 "));
	CHECK_EQ(k.reqc, 1);
}


static void cancel_races(void)
{
	/* the final response was first */
	begin(KIT_UDP);
	k.auto_code = 200;
	request("INVITE", B1, 1);
	request("CANCEL", B1, 1);
	CHECK_EQ(k.stc, 0);
	CHECK(kit_is(&k, 1, "SIP/2.0 200 "));
	CHECK_STR(kit_hdr(&k, 1, "CSeq"), "1 CANCEL");

	/* nobody listens: 487 by the core */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	sip_strans_set_handler(k.st, NULL, NULL);
	request("CANCEL", B1, 1);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 487 "));

	/* other methods are not cancelled */
	begin(KIT_UDP);
	request("OPTIONS", B1, 1);
	request("CANCEL", B1, 1);
	CHECK_EQ(k.stc, 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 200 "));

	/* nothing to cancel */
	begin(KIT_UDP);
	request("CANCEL", B1, 1);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 481 "));
	CHECK_EQ(k.reqc, 0);

	/* another branch is another request */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	request("CANCEL", B2, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 481 "));
	CHECK_EQ(k.stc, 0);
}


/* ---- refusals ---- */

static void refuse(const char *method, const char *extra, const char *status,
		   const char *field)
{
	begin(KIT_UDP);
	kit_request(&k, fl, method, B1, 1, NULL, extra);
	CHECK_EQ(k.reqc, 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, status));
	CHECK(kit_has(&k, 0, ";tag="));
	CHECK(kit_has(&k, 0, field));
	CHECK(kit_clean(&k));

	/* RFC 3261 s8.2.7: the same answer without a state */
	kit_request(&k, fl, method, B1, 1, NULL, extra);
	CHECK_EQ(k.sentc, 2);
	CHECK_MEM(k.sentv[1].msg, k.sentv[1].len, k.sentv[0].msg,
		  k.sentv[0].len);
}


static void refusals(void)
{
	char buf[3000];
	char *p;

	refuse("PUBLISH", NULL, "SIP/2.0 405 ",
	       "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, "
	       "MESSAGE\r\n");
	refuse("FOO", NULL, "SIP/2.0 501 ", "CSeq: 1 FOO");
	/* RFC 3261 s8.2.2.3 */
	refuse("INVITE", "Require: nothing, 100rel, else\r\n",
	       "SIP/2.0 420 ", "\r\nUnsupported: nothing, else\r\n");

	/* 400: an ACK gets none, nor does a response or garbage */
	begin(KIT_UDP);
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "OPTIONS", B1, 1, NULL, NULL));
	p = strstr(buf, "CSeq: 1");
	CHECK(p != NULL);
	p[6] = 'x';
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 400 "));
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "ACK", B1, 1, NULL, NULL));
	p = strstr(buf, "CSeq: 1");
	p[6] = 'x';
	kit_recv_str(&k, fl, buf);
	kit_recv_str(&k, fl, "SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n");
	kit_recv_str(&k, fl, "GET / HTTP/1.1\r\n\r\n");
	kit_recv(&k, fl, &kit_other, "\0\1\0\0!\022\244B", 8);
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.sip.stats.rx_malformed, 5);

	/* 505 */
	begin(KIT_UDP);
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "OPTIONS", B1, 1, NULL, NULL));
	p = strstr(buf, "SIP/2.0");
	p[4] = '7';
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 505 "));

	/* an ACK is not looked at more closely */
	begin(KIT_UDP);
	kit_request(&k, fl, "ACK", B1, 1, "x", "Require: nothing\r\n");
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(k.reqc, 1);
}


static void body_types(void)
{
	char buf[3000];
	char *p;

	begin(KIT_UDP);
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "MESSAGE", B1, 1, NULL,
				  "Content-Type: image/png\r\n"));
	p = strstr(buf, "Content-Length: 0");
	CHECK(p != NULL);
	strcpy(p, "Content-Length: 2\r\n\r\nxx");
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 415 "));
	CHECK_STR(kit_hdr(&k, 0, "Accept"), "application/sdp, "
		  "application/reginfo+xml, text/plain");
	CHECK_EQ(k.reqc, 0);

	/* 416 */
	begin(KIT_UDP);
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "MESSAGE", B1, 1, NULL, NULL));
	memcpy(buf + 8, "abc", 3);
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 416 "));
}


static void too_long(void)
{
	static char big[6000];
	size_t n;

	begin(KIT_UDP);
	n = (size_t)snprintf(big, sizeof(big), "%s",
			     kit_request_text("UDP", "MESSAGE", B1, 1, NULL,
					      "Content-Type: text/plain\r\n"))
		- sizeof("Content-Length: 0\r\n\r\n") + 1;
	n += (size_t)snprintf(big + n, sizeof(big) - n,
			      "Content-Length: 4200\r\n\r\n");
	memset(big + n, 'x', 4200);
	kit_recv(&k, fl, &kit_peer, big, n + 4200);
	CHECK_EQ(k.reqc, 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 513 "));
	CHECK_EQ(k.sip.stats.rx_oversize, 1);
	CHECK(kit_clean(&k));
}


/* ---- where the answer goes ---- */

static void route(const char *via, const struct ue_addr *src,
		  struct ue_addr *dst, const char *out)
{
	char buf[3000];
	const char *text = kit_request_text("UDP", "OPTIONS", B1, 1, NULL,
					    NULL);
	const char *p = strstr(text, "SIP/2.0/UDP");
	const char *q = strstr(p, "\r\n");

	begin(KIT_UDP);
	k.auto_code = 200;
	snprintf(buf, sizeof(buf), "%.*s%s%s", (int)(p - text), text, via, q);
	kit_recv(&k, fl, src, buf, strlen(buf));
	CHECK_EQ(k.sentc, 1);
	*dst = k.sentv[0].dst;
	CHECK_EQ(k.sentv[0].flow, fl);
	CHECK_STR(kit_hdr(&k, 0, "Via"), out);
}


static void answer_route(void)
{
	struct ue_addr src = kit_peer, dst;

	/* RFC 3581 s4 */
	src.port = 4444;
	route("SIP/2.0/UDP 198.51.100.7:5060;rport;branch=" B1, &src, &dst,
	      "SIP/2.0/UDP 198.51.100.7:5060;rport=4444;branch=" B1
	      ";received=192.0.2.9");
	CHECK(ue_addr_equal(&dst, &src));
	route("SIP/2.0/UDP 192.0.2.9:4444;rport;branch=" B1, &src, &dst,
	      "SIP/2.0/UDP 192.0.2.9:4444;rport=4444;branch=" B1
	      ";received=192.0.2.9");
	CHECK(ue_addr_equal(&dst, &src));

	/* RFC 3261 s18.2.2: source address, port of sent-by */
	route("SIP/2.0/UDP 198.51.100.7:5066;branch=" B1, &src, &dst,
	      "SIP/2.0/UDP 198.51.100.7:5066;branch=" B1
	      ";received=192.0.2.9");
	CHECK(ue_addr_same_ip(&dst, &src));
	CHECK_EQ(dst.port, 5066);
	route("SIP/2.0/UDP p.example.net;branch=" B1, &src, &dst,
	      "SIP/2.0/UDP p.example.net;branch=" B1
	      ";received=192.0.2.9");
	CHECK(ue_addr_same_ip(&dst, &src));
	CHECK_EQ(dst.port, 5060);
	route("SIP/2.0/UDP 192.0.2.9;branch=" B1, &src, &dst,
	      "SIP/2.0/UDP 192.0.2.9;branch=" B1);
	CHECK_EQ(dst.port, 5060);

	/* maddr */
	route("SIP/2.0/UDP 192.0.2.9:5061;maddr=203.0.113.1;branch=" B1,
	      &src, &dst,
	      "SIP/2.0/UDP 192.0.2.9:5061;maddr=203.0.113.1;branch=" B1);
	CHECK_EQ(dst.ip[0], 203);
	CHECK_EQ(dst.port, 5061);
}


/* Over UDP as over TCP: whoever reaches the port is nobody */
static void strangers(void)
{
	const char *text = kit_request_text("UDP", "INVITE", B1, 1, NULL,
					    NULL);

	begin(KIT_UDP);
	kit_recv(&k, fl, &kit_other, text, strlen(text));
	kit_recv(&k, fl, &kit_other, text, strlen(text) - 20);
	CHECK_EQ(k.reqc, 0);
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(k.sip.stats.rx_filtered, 1);
	CHECK(kit_clean(&k));
}


/* TS 33.203 7.1: two UDP ports: answers leave from the client port to the
   port in the Via, whatever rport says */
static void answer_protected(void)
{
	struct sip_hop_params prm;
	struct ue_addr pc = kit_peer;

	kit_init(&k, 0);
	memset(&prm, 0, sizeof(prm));
	prm.peer = kit_peer;
	prm.local = kit_own;
	prm.local.port = 5070;
	prm.port_uc = 5080;
	prm.port_pc = 6000;
	prm.udp = true;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	k.auto_code = 200;
	pc.port = 6000;
	{
		const char *text = kit_request_text("UDP", "OPTIONS",
						    B1 ";rport", 1, NULL,
						    NULL);

		kit_recv(&k, k.hop.flow_us, &pc, text, strlen(text));
	}
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.sentv[0].flow, k.hop.flow_uc);
	CHECK_EQ(k.flowv[k.sentv[0].flow].local.port, 5080);
	CHECK(ue_addr_equal(&k.sentv[0].dst, &kit_peer));

	/* also without a transaction */
	{
		const char *text = kit_request_text("UDP", "PUBLISH",
						    B2 ";rport", 2, NULL,
						    NULL);

		kit_recv(&k, k.hop.flow_us, &pc, text, strlen(text));
	}
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 405 "));
	CHECK_EQ(k.sentv[1].flow, k.hop.flow_uc);
	CHECK(ue_addr_equal(&k.sentv[1].dst, &kit_peer));

	/* and our requests say nothing of rport */
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	CHECK(!kit_has(&k, 2, "rport"));
	CHECK(kit_has(&k, 2, "192.0.2.1:5070"));
	CHECK_EQ(k.sentv[2].flow, k.hop.flow_uc);
}


static void tcp_answer(void)
{
	/* the connection is gone: over one to the P-CSCF */
	begin(KIT_TCP);
	request("OPTIONS", B1, 1);
	sip_flow_closed(&k.sip, (unsigned)fl, 0);
	k.flowv[fl].open = false;
	CHECK_EQ(sip_reply(k.st, 200, NULL), 0);
	CHECK_EQ(k.sentc, 0);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 100);
	sip_flow_connected(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT));
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 200 "));
	kit_run(&k, 100);
	CHECK(sip_idle(&k.sip));

	/* the port has no room */
	begin(KIT_TCP);
	request("INVITE", B1, 1);
	k.send_err = EAGAIN;
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	kit_run(&k, 400);
	k.send_err = 0;
	kit_run(&k, 20000);
	CHECK_TIMES(500);

	/* what waits for its connection is sent once */
	begin(KIT_TCP);
	request("INVITE", B1, 1);
	sip_flow_closed(&k.sip, (unsigned)fl, 0);
	k.flowv[fl].open = false;
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	kit_run(&k, 100);
	sip_flow_connected(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT));
	kit_run(&k, 20000);
	CHECK_EQ(k.sentc, 1);

	/* a provisional one waits, too, and gives way to the final one */
	begin(KIT_TCP);
	request("INVITE", B1, 1);
	k.send_err = EAGAIN;
	CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
	k.send_err = 0;
	kit_run(&k, 600);
	CHECK_TIMES(500);
	CHECK(kit_is(&k, 0, "SIP/2.0 180 "));
	k.send_err = EAGAIN;
	CHECK_EQ(sip_reply(k.st, 183, NULL), 0);
	CHECK_EQ(sip_reply(k.st, 200, NULL), 0);
	k.send_err = 0;
	kit_run(&k, 1100);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "SIP/2.0 200 "));

	/* an error of the transport leaves the transaction: RFC 6026 s7.1 */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	k.send_err = ENETUNREACH;
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	k.send_err = 0;
	request("INVITE", B1, 1);
	CHECK_EQ(k.reqc, 1);
	CHECK_EQ(k.sentc, 1);
}


/* ---- capacity ---- */

static void exhaustion(void)
{
	char branch[40];
	unsigned i;

	begin(KIT_UDP);
	for (i = 0; i < UE_STRANS_MAX; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%u", i);
		request("INVITE", branch, i + 1);
	}
	CHECK_EQ(k.reqc, UE_STRANS_MAX);
	CHECK_EQ(k.sentc, 0);
	request("INVITE", "z9hG4bKmore", 100);
	CHECK_EQ(k.reqc, UE_STRANS_MAX);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 503 "));
	CHECK_STR(kit_hdr(&k, 0, "Retry-After"), "10");
	CHECK_EQ(k.sip.stats.no_memory, 1);

	/* an ACK is dropped in silence */
	kit_request(&k, fl, "ACK", "z9hG4bKmore", 100, "x", NULL);
	CHECK_EQ(k.sentc, 1);

	/* one ends, another begins */
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	kit_request(&k, fl, "ACK", branch, UE_STRANS_MAX, "x", NULL);
	kit_run(&k, 5000);
	request("INVITE", "z9hG4bKmore", 100);
	CHECK_EQ(k.reqc, UE_STRANS_MAX + 2);
}


static void no_blocks(void)
{
	struct sip_stored m = {0, 0, 0};
	static char fill[UE_SIP_STORE - 4];

	/* none for the request */
	begin(KIT_UDP);
	CHECK_EQ(sip_store_put(&m, &k.sip.store, fill, sizeof(fill)), 0);
	request("INVITE", B1, 1);
	CHECK_EQ(k.reqc, 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 503 "));
	sip_store_free(&k.sip.store, &m);
	CHECK(kit_clean(&k));

	/* none for the answer: told, and a shorter one still goes */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_store_alloc_most(&m, &k.sip.store, 1, UE_SIP_STORE), 0);
	CHECK_EQ(sip_writer_body(sip_reply_begin(k.st, 200, NULL),
				 "application/sdp", fill, 2000), 0);
	CHECK_EQ(sip_reply_send(k.st), ENOMEM);
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(sip_reply(k.st, 180, NULL), ENOMEM);
	CHECK_EQ(sip_reply(k.st, 500, NULL), 0);
	CHECK_EQ(k.sentc, 1);
	sip_store_free(&k.sip.store, &m);
	kit_run(&k, 40000);
	CHECK(kit_clean(&k));

	/* none for the refusal: it is sent, and nothing stays */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_store_alloc_most(&m, &k.sip.store, 1, UE_SIP_STORE), 0);
	CHECK_EQ(sip_writer_body(sip_reply_begin(k.st, 488, NULL),
				 "application/sdp", fill, 2000), 0);
	CHECK_EQ(sip_reply_send(k.st), 0);
	CHECK(kit_is(&k, 0, "SIP/2.0 488 "));
	sip_store_free(&k.sip.store, &m);
	CHECK(kit_clean(&k));

	/* more than the buffer holds */
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_writer_body(sip_reply_begin(k.st, 200, NULL),
				 "application/sdp", fill, UE_SIP_MSG_MAX),
		 EOVERFLOW);
	CHECK_EQ(sip_reply_send(k.st), EOVERFLOW);
	CHECK_EQ(sip_reply(k.st, 200, NULL), 0);
}


static void misuse(void)
{
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	CHECK_EQ(sip_reply_send(k.st), EINVAL);
	CHECK_EQ(sip_reply(k.st, 486, "bad\r\nreason"), EINVAL);
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
	CHECK_EQ(sip_reply_send(k.st), EINVAL);
	CHECK_EQ(sip_reply(k.st, 200, NULL), EPROTO);
	CHECK_EQ(sip_writer_err(sip_reply_begin(k.st, 200, NULL)),
		 EPROTO);
	CHECK(k.st->hop == &k.hop);
}


static void hop_closed(void)
{
	begin(KIT_UDP);
	request("INVITE", B1, 1);
	request("OPTIONS", B2, 2);
	sip_hop_close(&k.hop);
	CHECK_EQ(k.stc, 2);
	CHECK_EQ(k.stv[0].err, ECONNABORTED);
	CHECK_EQ(k.stv[1].err, ECONNABORTED);
	CHECK(kit_clean(&k));

	/* from inside the request handler, with more octets behind */
	begin(KIT_TCP);
	k.close_hop = true;
	{
		char two[6000];

		snprintf(two, sizeof(two), "%s",
			 kit_request_text("TCP", "OPTIONS", B1, 1, NULL,
					  NULL));
		strcat(two, kit_request_text("TCP", "OPTIONS", B2, 2, NULL,
					     NULL));
		kit_recv_str(&k, fl, two);
	}
	CHECK_EQ(k.reqc, 1);
	CHECK(kit_clean(&k));
}


static void timestamp(void)
{
	begin(KIT_UDP);
	kit_request(&k, fl, "INVITE", B1, 1, NULL, "Timestamp: 54\r\n");
	kit_run(&k, 200);
	CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
	CHECK(kit_has(&k, 0, "\r\nTimestamp: 54"));
	CHECK(!kit_has(&k, 1, "Timestamp"));
}


static void to_tag_kept(void)
{
	begin(KIT_UDP);
	k.auto_code = 200;
	kit_request(&k, fl, "MESSAGE", B1, 1, "mine", NULL);
	CHECK_STR(kit_hdr(&k, 0, "To"), "<sip:ue@example.net>;tag=mine");
}


/* RFC 3261 s19.3: one for each dialog, of 32 random bits at least; the same
   in each answer of a transaction */
static void to_tags(void)
{
	char tag[2][100];
	unsigned i;

	for (i = 0; i < 2; i++) {
		const char *at;

		begin(KIT_UDP);
		k.rnd += i;
		kit_request(&k, fl, "INVITE", B1, 1, NULL, NULL);
		CHECK_EQ(sip_reply(k.st, 180, NULL), 0);
		CHECK_EQ(sip_reply(k.st, 486, NULL), 0);
		at = strstr(kit_hdr(&k, k.sentc - 1, "To"), ";tag=");
		CHECK(at != NULL);
		snprintf(tag[i], sizeof(tag[i]), "%s", at + 5);
		CHECK(strlen(tag[i]) >= 32 / 4);
		CHECK_STR(strstr(kit_hdr(&k, k.sentc - 2, "To"), ";tag=") + 5,
			  tag[i]);
	}
	CHECK(strcmp(tag[0], tag[1]) != 0);
}


const struct test_case suite_sip_strans[] = {
	{"RFC 3261 s17.2.1: 100 after 200 ms, unless the user was quicker",
	 trying},
	{"RFC 3261 s17.2.1: a repeated INVITE gets the last provisional",
	 provisional},
	{"RFC 3261 s17.2.1: timers G and H, both profiles, UDP and TCP",
	 timer_g},
	{"RFC 3261 s17.2.1: ACK, Confirmed, timer I is T4 or 0", timer_i},
	{"RFC 6026 s7.1: Accepted, timer L; s13.3.1.4: 2xx until the ACK",
	 rfc6026},
	{"an ACK before a final response means nothing", early_ack},
	{"RFC 3261 s17.2.2: Trying, Completed, timer J", other},
	{"RFC 4320 s4: no provisional but 100, no 408, nobody waits",
	 rfc4320},
	{"RFC 3261 s17.2.3: branch, sent-by and method match", matching},
	{"RFC 3261 s17.2.3: requests of RFC 2543", rfc2543},
	{"RFC 3261 s8.2.2.2: merged requests get 482", merged},
	{"RFC 3261 s9.2: CANCEL, 200 and 487", cancel},
	{"RFC 3261 s9.2: CANCEL races and strays", cancel_races},
	{"RFC 3261 s8.2, s8.2.7: refused without a state", refusals},
	{"RFC 3261 s8.2.3, s8.2.2.1: 415 with Accept, 416", body_types},
	{"RFC 3261 s21.5.7: too long a datagram gets 513", too_long},
	{"requests of others than the P-CSCF are dropped, over UDP too",
	 strangers},
	{"RFC 3261 s18.2, RFC 3581 s4: where the answer goes", answer_route},
	{"TS 33.203 s7.1: client and server port", answer_protected},
	{"RFC 3261 s18.2.2: an answer whose connection has gone",
	 tcp_answer},
	{"no transaction free: 503 with Retry-After", exhaustion},
	{"no blocks free: 503, or the user is told", no_blocks},
	{"what cannot be sent is refused", misuse},
	{"closing the hop ends its transactions", hop_closed},
	{"RFC 3261 s8.2.6.1: Timestamp goes into the 100", timestamp},
	{"RFC 3261 s8.2.6.2: a To tag stays", to_tag_kept},
	{"RFC 3261 s19.3: To tags", to_tags},
	{NULL, NULL}
};
