/**
 * @file test_sip_ctrans.c  Client transactions: RFC 3261 17.1, RFC 6026 7.2
 *
 * More than 800 lines: one place for every row of the table it checks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"

#define END UINT64_MAX

static struct kit k;
static struct sip_ctrans *ct;


/* Sent and reported so far? */
#define CHECK_TIMES(...)						\
	do {								\
		static const uint64_t tv_[] = {__VA_ARGS__, END};	\
		const unsigned n_ = (unsigned)(sizeof(tv_) /		\
					       sizeof(tv_[0])) - 1;	\
		CHECK_EQ(k.sentc, n_);					\
		CHECK_EQ(kit_times(&k, 0, tv_), n_);			\
	} while (0)


static void connect_flow(void)
{
	sip_flow_connected(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT));
}


/* ---- timers ---- */

static void invite_timeout(unsigned what, uint64_t b_ms)
{
	kit_init(&k, what);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_run(&k, b_ms - 1);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, b_ms);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ETIMEDOUT);
	CHECK(k.respv[0].who == ct);
	CHECK(kit_clean(&k));
}


/* TS 24.229 7.7 */
static void timer_a(void)
{
	invite_timeout(KIT_UDP, 32000);
	CHECK_TIMES(0, 500, 1500, 3500, 7500, 15500, 31500);
	CHECK_EQ(k.sip.stats.retransmissions, 6);

	invite_timeout(KIT_UDP | KIT_IMS, 128000);
	CHECK_TIMES(0, 2000, 6000, 14000, 30000, 62000, 126000);

	/* all the same octets */
	CHECK_MEM(k.sentv[6].msg, k.sentv[6].len, k.sentv[0].msg,
		  k.sentv[0].len);
}


/* TS 24.229 7.7 */
static void timer_e(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	kit_run(&k, 31999);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, 32000);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ETIMEDOUT);
	CHECK_TIMES(0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
		    27500, 31500);
	CHECK(kit_clean(&k));

	kit_init(&k, KIT_UDP | KIT_IMS);
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	kit_run(&k, 200000);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].at_ms, 128000);
	CHECK_TIMES(0, 2000, 6000, 14000, 30000, 46000, 62000, 78000, 94000,
		    110000, 126000);
	CHECK(kit_clean(&k));
}


static void timer_e_proceeding(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "SUBSCRIBE", 0), 0);
	kit_run(&k, 600);
	kit_respond(&k, 0, 100, NULL, NULL);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].code, 100);

	/* E goes on at 1500, then every T2; F stays */
	kit_run(&k, 40000);
	CHECK_TIMES(0, 500, 1500, 5500, 9500, 13500, 17500, 21500, 25500,
		    29500);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].err, ETIMEDOUT);
	CHECK_EQ(k.respv[1].at_ms, 32000);
	CHECK(kit_clean(&k));
}


static void tcp_once(void)
{
	kit_init(&k, KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(k.sentc, 0);
	kit_run(&k, 300);
	connect_flow();
	kit_run(&k, 31999);
	CHECK_TIMES(300);
	CHECK_EQ(k.sip.store.used, 0);
	CHECK(kit_has(&k, 0, "Via: SIP/2.0/TCP 192.0.2.1:5070;branch="));
	kit_run(&k, 32000);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ETIMEDOUT);
	CHECK(kit_clean(&k));

	kit_init(&k, KIT_TCP | KIT_IMS);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	connect_flow();
	kit_run(&k, 127999);
	CHECK_TIMES(0);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, 128000);
	CHECK_EQ(k.respc, 1);
	CHECK(kit_clean(&k));
}


/* ---- non-INVITE ---- */

static void other_final(unsigned what, uint64_t k_ms)
{
	kit_init(&k, what);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "OPTIONS", 0), 0);
	kit_run(&k, 100);
	kit_respond(&k, 0, 200, "x", NULL);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].code, 200);
	CHECK_EQ(k.respv[0].err, 0);
	CHECK(k.respv[0].who == ct);
	CHECK_EQ(k.sip.store.used, 0);

	/* Completed absorbs what comes again */
	kit_respond(&k, 0, 200, "x", NULL);
	kit_respond(&k, 0, 180, "x", NULL);
	kit_respond(&k, 0, 500, "x", NULL);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.sip.stats.rx_unmatched, 0);

	if (k_ms) {
		kit_run(&k, 100 + k_ms - 1);
		CHECK(!sip_idle(&k.sip));
	}
	kit_run(&k, 100 + k_ms);
	CHECK(kit_clean(&k));
	CHECK_EQ(k.sentc, 1);

	/* then it is late, and counted */
	kit_respond(&k, 0, 200, "x", NULL);
	CHECK_EQ(k.sip.stats.rx_unmatched, 1);
	CHECK_EQ(k.respc, 1);
}


/* TS 24.229 7.7 */
static void timer_k(void)
{
	other_final(KIT_UDP, 5000);
	other_final(KIT_UDP | KIT_IMS, 17000);
	other_final(KIT_TCP, 0);
}


static void other_codes(void)
{
	static const unsigned codev[] = {200, 299, 302, 401, 404, 503, 603};
	unsigned i;

	for (i = 0; i < sizeof(codev) / sizeof(codev[0]); i++) {
		kit_init(&k, KIT_UDP);
		CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
		kit_respond(&k, 0, 183, "x", NULL);
		kit_respond(&k, 0, codev[i], "x", NULL);
		CHECK_EQ(k.respc, 2);
		CHECK_EQ(k.respv[1].code, codev[i]);
		/* no ACK for other methods */
		kit_run(&k, 60000);
		CHECK_EQ(k.sentc, 1);
		CHECK(kit_clean(&k));
	}
}


/* ---- INVITE ---- */

static void invite_proceeding(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_run(&k, 600);
	kit_respond(&k, 0, 100, NULL, NULL);
	kit_respond(&k, 0, 180, "a", NULL);
	kit_respond(&k, 0, 183, "b", NULL);
	CHECK_EQ(k.respc, 3);
	CHECK_EQ(k.respv[2].code, 183);

	/* no more A, no B: it may ring for hours */
	kit_run(&k, 10 * 3600 * 1000);
	CHECK_TIMES(0, 500);
	CHECK_EQ(k.respc, 3);
	CHECK(!sip_idle(&k.sip));

	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.respc, 4);
}


static void invite_2xx(unsigned what, uint64_t m_ms)
{
	kit_init(&k, what);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_run(&k, 100);
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.sip.store.used, 0);

	/* again, and from another branch of a fork: all to the user */
	kit_run(&k, 600);
	kit_respond(&k, 0, 200, "a", NULL);
	kit_respond(&k, 0, 202, "b", NULL);
	CHECK_EQ(k.respc, 3);
	CHECK(k.respv[2].who == ct);

	/* in Accepted only 2xx mean anything */
	kit_respond(&k, 0, 180, "a", NULL);
	kit_respond(&k, 0, 486, "a", NULL);
	CHECK_EQ(k.respc, 3);

	/* the transaction sends no ACK */
	kit_run(&k, 100 + m_ms - 1);
	CHECK_EQ(k.sentc, 1);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 100 + m_ms);
	CHECK_EQ(k.respc, 3);
	CHECK(kit_clean(&k));
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.sip.stats.rx_unmatched, 1);
	CHECK_EQ(k.respc, 3);
}


static void accepted(void)
{
	invite_2xx(KIT_UDP, 32000);
	invite_2xx(KIT_UDP | KIT_IMS, 128000);
	invite_2xx(KIT_TCP, 32000);
}


static void invite_refused(void)
{
	char branch[300];

	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	kit_respond(&k, 0, 486, "a", NULL);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].code, 486);

	/* RFC 3261 s17.1.1.3 */
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "ACK sip:peer@example.net SIP/2.0\r\n"));
	snprintf(branch, sizeof(branch), "%s", kit_hdr(&k, 0, "Via"));
	CHECK_STR(kit_hdr(&k, 1, "Via"), branch);
	CHECK_STR(kit_hdr(&k, 1, "To"), "<sip:peer@example.net>;tag=a");
	CHECK_STR(kit_hdr(&k, 1, "From"), "<sip:ue@example.net>;tag=ut");
	CHECK_STR(kit_hdr(&k, 1, "Call-ID"), "call1");
	CHECK_STR(kit_hdr(&k, 1, "CSeq"), "7 ACK");
	CHECK_STR(kit_hdr(&k, 1, "Route"), "<sip:pcscf.example.net;lr>");
	CHECK_STR(kit_hdr(&k, 1, "Max-Forwards"), "70");
	CHECK_STR(kit_hdr(&k, 1, "Content-Length"), "0");
	CHECK_STR(kit_hdr(&k, 1, "Contact"), "");
	CHECK(ue_addr_equal(&k.sentv[1].dst, &kit_peer));

	/* again: ACK again, not to the user; 1xx and 2xx mean nothing */
	kit_run(&k, 500);
	kit_respond(&k, 0, 486, "a", NULL);
	CHECK_EQ(k.sentc, 3);
	CHECK_MEM(k.sentv[2].msg, k.sentv[2].len, k.sentv[1].msg,
		  k.sentv[1].len);
	kit_respond(&k, 0, 180, "a", NULL);
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.sentc, 3);
	CHECK_EQ(k.respc, 2);

	/* D: more than 64*T1 */
	kit_run(&k, 32000);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 33000);
	CHECK(kit_clean(&k));
}


/* TS 24.229 7.7 */
static void timer_d(void)
{
	kit_init(&k, KIT_UDP | KIT_IMS);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 404, "a", NULL);
	kit_run(&k, 128000);
	CHECK(!sip_idle(&k.sip));
	kit_run(&k, 131000);
	CHECK(kit_clean(&k));

	/* TCP: 0, but an ACK all the same */
	kit_init(&k, KIT_TCP);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 404, "a", NULL);
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "ACK "));
	kit_run(&k, 0);
	CHECK(kit_clean(&k));
}


static void ack_credentials(void)
{
	const struct pl ruri = PL("sip:peer@example.net");
	struct sip_writer *w;

	kit_init(&k, KIT_UDP);
	w = sip_request_begin(&k.sip, &k.hop, "INVITE", &ruri);
	sip_writer_hdr(w, SIP_HDR_FROM, "<sip:ue@example.net>;tag=ut");
	sip_writer_hdr(w, SIP_HDR_TO, "<sip:peer@example.net>");
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "c");
	sip_writer_hdr(w, SIP_HDR_CSEQ, "4294967295 INVITE");
	sip_writer_hdr(w, SIP_HDR_PROXY_AUTHORIZATION, "Digest x=\"1\"");
	sip_writer_hdr(w, SIP_HDR_P_ACCESS_NETWORK_INFO, "IEEE-802.11");
	sip_writer_hdr(w, SIP_HDR_REQUIRE, "100rel");
	CHECK_EQ(sip_writer_body(w, "application/sdp", "v=0\r\n\r\nTo: y\r\n",
				 14), 0);
	CHECK_EQ(sip_ctrans_start(&ct, &k.sip, &k.hop, NULL, NULL), 0);
	kit_respond(&k, 0, 100, NULL, NULL);
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_respond(&k, 0, 487, "t", NULL);
	CHECK_EQ(k.sentc, 3);

	/* RFC 3261 s22.1: the ACK has them, the CANCEL has not */
	CHECK(kit_is(&k, 1, "CANCEL "));
	CHECK(!kit_has(&k, 1, "Authorization"));
	CHECK(!kit_has(&k, 1, "Require"));
	CHECK_STR(kit_hdr(&k, 1, "CSeq"), "4294967295 CANCEL");
	CHECK(!kit_has(&k, 1, "v=0"));
	CHECK(kit_is(&k, 2, "ACK "));
	CHECK_STR(kit_hdr(&k, 2, "Proxy-Authorization"), "Digest x=\"1\"");
	CHECK_STR(kit_hdr(&k, 2, "P-Access-Network-Info"), "");
	CHECK(!kit_has(&k, 2, "v=0"));
	CHECK(!kit_has(&k, 2, "Content-Type"));
}


/* ---- matching ---- */

static void edit(char *str, const char *from, const char *to)
{
	char *p = strstr(str, from);
	char rest[3000];

	if (!p)
		return;

	snprintf(rest, sizeof(rest), "%s", p + strlen(from));
	strcpy(p, to);
	strcat(p, rest);
}


/* A changed response finds nobody */
static void stray(const char *from, const char *to)
{
	char buf[3000];
	const unsigned n = k.sip.stats.rx_unmatched;

	snprintf(buf, sizeof(buf), "%s", kit_response(&k, 0, 200, "x", NULL));
	edit(buf, from, to);
	kit_recv_str(&k, 0, buf);
	CHECK_EQ(k.sip.stats.rx_unmatched, n + 1);
	CHECK_EQ(k.respc, 0);
}


static void matching(void)
{
	char buf[3000];

	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 0), 0);

	/* RFC 3261 s17.1.3 */
	stray(";branch=z9hG4bK", ";branch=z9hG4bK0");
	stray(";branch=z9hG4bK", ";branch=z9hG4bX");
	stray(";branch=z9hG4bK", ";x=");
	stray("7 MESSAGE", "7 OPTIONS");
	/* s18.1.2 */
	stray("192.0.2.1:5070", "192.0.2.1:5071");
	stray("192.0.2.1:5070", "192.0.2.1");
	stray("192.0.2.1:5070", "192.0.2.2:5070");
	stray("192.0.2.1:5070", "example.net:5070");
	/* s8.1.3.3 */
	stray("\r\nTo:", "\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKx\r\nTo:");

	/* a branch of the same length in upper case is not ours */
	snprintf(buf, sizeof(buf), "%s", kit_response(&k, 0, 200, "x", NULL));
	{
		char *p = strstr(buf, "z9hG4bK") + 7;
		unsigned i;

		for (i = 0; i < 16; i++)
			p[i] = 'A';
	}
	kit_recv_str(&k, 0, buf);
	CHECK_EQ(k.respc, 0);

	kit_respond(&k, 0, 200, "x", NULL);
	CHECK_EQ(k.respc, 1);
}


static void any_flow(void)
{
	char buf[3000];

	/* RFC 3261 s18.2.2: the answer may come over another connection */
	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 0), 0);
	snprintf(buf, sizeof(buf), "%s", kit_response(&k, 0, 200, "x", NULL));
	{
		unsigned flow = 99;

		CHECK_EQ(sip_flow_accepted(&k.sip, (unsigned)
			 kit_flow(&k, UE_FLOW_LISTEN), &kit_peer, &flow), 0);
		kit_recv_str(&k, (int)flow, buf);
	}
	CHECK_EQ(k.respc, 1);
}


/* ---- CANCEL ---- */

static void cancel_late(void)
{
	char via[300];

	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);

	/* RFC 3261 s9.1: not before a provisional response */
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_run(&k, 700);
	CHECK_TIMES(0, 500);
	kit_respond(&k, 0, 100, NULL, NULL);
	CHECK_EQ(k.sentc, 3);
	CHECK(kit_is(&k, 2, "CANCEL sip:peer@example.net SIP/2.0\r\n"));
	snprintf(via, sizeof(via), "%s", kit_hdr(&k, 0, "Via"));
	CHECK_STR(kit_hdr(&k, 2, "Via"), via);
	CHECK_STR(kit_hdr(&k, 2, "CSeq"), "7 CANCEL");
	CHECK_STR(kit_hdr(&k, 2, "To"), "<sip:peer@example.net>");
	CHECK_STR(kit_hdr(&k, 2, "Route"), "<sip:pcscf.example.net;lr>");

	/* once only; it is sent again as other requests are */
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	CHECK_EQ(k.sentc, 3);
	kit_run(&k, 1300);
	CHECK_TIMES(0, 500, 700, 1200);

	/* its own answer is not the user's */
	kit_respond(&k, 2, 200, "a", NULL);
	CHECK_EQ(k.respc, 2);
	kit_respond(&k, 0, 487, "a", NULL);
	CHECK_EQ(k.respc, 3);
	CHECK_EQ(k.respv[2].code, 487);
	CHECK(kit_is(&k, k.sentc - 1, "ACK "));
	CHECK_EQ(sip_ctrans_cancel(ct), EPROTO);
	kit_run(&k, 60000);
	CHECK(kit_clean(&k));
}


static void cancel_crossing(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	CHECK_EQ(k.sentc, 2);
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].code, 200);
	kit_respond(&k, 1, 481, NULL, NULL);
	kit_run(&k, 60000);
	CHECK_EQ(k.respc, 2);
	CHECK(kit_clean(&k));

	/* wanted, then the first response is the final one */
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_respond(&k, 0, 200, "a", NULL);
	kit_run(&k, 60000);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_clean(&k));
}


static void cancel_unanswered(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	kit_run(&k, 1000);
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_respond(&k, 1, 200, NULL, NULL);
	kit_run(&k, 32999);
	CHECK_EQ(k.respc, 1);
	kit_run(&k, 33000);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].err, ETIMEDOUT);
	CHECK(kit_clean(&k));
}


static void cancel_wrong(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "OPTIONS", 0), 0);
	CHECK_EQ(sip_ctrans_cancel(ct), EINVAL);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 1, 200, "a", NULL);
	CHECK_EQ(sip_ctrans_cancel(ct), EPROTO);
}


static void cancel_no_memory(void)
{
	struct sip_ctrans *c2;
	unsigned i;

	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	for (i = 1; i < UE_CTRANS_MAX; i++)
		CHECK_EQ(kit_start(&k, &c2, "OPTIONS", 0), 0);

	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	CHECK_EQ(sip_ctrans_cancel(ct), 0);
	CHECK_EQ(k.sentc, UE_CTRANS_MAX);

	/* as soon as there is room */
	kit_respond(&k, 1, 200, "a", NULL);
	kit_run(&k, 5600);
	for (i = 0; i < k.sentc; i++) {
		if (kit_is(&k, i, "CANCEL "))
			break;
	}
	CHECK(i < k.sentc);
}


/* ---- transport ---- */

static void size_switch(void)
{
	char branch[300];

	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	CHECK_EQ(k.sentc, 0);
	kit_run(&k, 100);
	connect_flow();
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.flowv[k.sentv[0].flow].prm.kind, UE_FLOW_CONNECT);
	CHECK(kit_has(&k, 0, "\r\nVia: SIP/2.0/TCP 192.0.2.1:5070;"));
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.respc, 1);
	kit_run(&k, 100);
	CHECK(kit_clean(&k));

	/* the limit itself still goes over UDP */
	kit_init(&k, KIT_UDP | KIT_TCP);
	kit_begin(&k, "MESSAGE", 10);
	{
		const size_t pad = 10 + 1300 - sip_writer_len(&k.sip.writer);

		CHECK_EQ(kit_start(&k, &ct, "MESSAGE", pad), 0);
		CHECK_EQ(k.sentc, 1);
		CHECK_EQ(k.sentv[0].len, 1300);
		CHECK(kit_has(&k, 0, "\r\nVia: SIP/2.0/UDP "));
		CHECK_EQ(kit_start(&k, &ct, "MESSAGE", pad + 1), 0);
		CHECK_EQ(k.sentc, 1);
	}

	/* a peer without TCP: RFC 3261 s18.1.1 */
	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	kit_run(&k, 100);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT),
			ECONNREFUSED);
	kit_run(&k, 700);
	CHECK_TIMES(100, 600);
	CHECK(kit_has(&k, 0, "\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;"));
	/* no flow has failed: there never was one */
	CHECK_EQ(k.hopc, 0);
	snprintf(branch, sizeof(branch), "%s", kit_hdr(&k, 0, "Via"));
	CHECK_STR(kit_hdr(&k, 1, "Via"), branch);
	kit_respond(&k, 0, 200, "a", NULL);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].code, 200);
	kit_run(&k, 60000);
	CHECK(kit_clean(&k));

	/* by ICMP */
	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT),
			ENOPROTOOPT);
	kit_run(&k, 0);
	CHECK_TIMES(0);

	/* the same when the port says so at once */
	kit_init(&k, KIT_UDP | KIT_TCP);
	k.refuse_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	kit_run(&k, 0);
	CHECK_TIMES(0);
	CHECK(kit_has(&k, 0, "\r\nVia: SIP/2.0/UDP "));
	kit_init(&k, KIT_UDP | KIT_TCP);
	k.open_kind = UE_FLOW_CONNECT;
	k.open_err = ENOTSUP;
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	kit_run(&k, 0);
	CHECK_TIMES(0);

	/* a connection that times out says nothing about TCP */
	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT),
			ETIMEDOUT);
	kit_run(&k, 1);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ETIMEDOUT);
	CHECK_EQ(k.hopc, 1);
}


/* TS 33.203 7.1: until the first 200 there is an unprotected port beside the
   protected ones.  With integrity alone everybody on the way can read the
   branch */
static void answer_in_the_clear(void)
{
	struct sip_hop plain;
	struct sip_hop_params prm = {.peer = kit_peer, .local = kit_own};
	struct ue_addr pc = kit_peer;
	const char *text;

	kit_init(&k, 0);
	prm.udp = prm.register_only = true;
	prm.local.port = 5070;
	CHECK_EQ(sip_hop_open(&plain, &k.sip, &prm, NULL, NULL), 0);
	prm.protect = true;
	prm.local.port = 5080;
	prm.port_uc = 5081;
	prm.peer.port = 6000;
	prm.port_pc = pc.port = 6001;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);

	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	text = kit_response(&k, 0, 200, "forged", NULL);
	kit_recv(&k, plain.flow_us, &kit_peer, text, strlen(text));
	CHECK_EQ(k.respc, 0);
	CHECK_EQ(k.sip.stats.rx_unmatched, 1);

	text = kit_response(&k, 0, 200, "a", NULL);
	kit_recv(&k, k.hop.flow_us, &pc, text, strlen(text));
	CHECK_EQ(k.respc, 1);
}


static void tcp_refused(void)
{
	struct sip_ctrans *c2;

	kit_init(&k, KIT_TCP);
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(kit_start(&k, &c2, "INVITE", 0), 0);
	CHECK(ct != c2);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT),
			ECONNREFUSED);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, 0);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[0].err, ECONNREFUSED);
	CHECK_EQ(k.respv[1].err, ECONNREFUSED);
	CHECK(kit_clean(&k));

	/* never from inside the call that sends */
	kit_init(&k, KIT_TCP);
	k.refuse_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, 0);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ECONNREFUSED);
	CHECK(kit_clean(&k));
}


static void tcp_lost(void)
{
	struct sip_ctrans *c2, *c3;

	kit_init(&k, KIT_TCP);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(kit_start(&k, &c2, "INVITE", 0), 0);
	CHECK_EQ(k.sentc, 2);
	kit_respond(&k, 1, 180, "a", NULL);
	kit_run(&k, 10);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT), 0);
	kit_run(&k, 20);

	/* nobody has answered the REGISTER; the INVITE rings on */
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].err, ECONNRESET);
	CHECK(k.respv[1].who == ct);

	/* the next request makes a new connection */
	CHECK_EQ(kit_start(&k, &c3, "OPTIONS", 0), 0);
	CHECK_EQ(k.sentc, 3);
	kit_respond(&k, 2, 200, "a", NULL);
	CHECK_EQ(k.respc, 3);

	/* and the INVITE's answer is acknowledged over it */
	kit_respond(&k, 1, 486, "a", NULL);
	CHECK_EQ(k.respc, 4);
	CHECK(kit_is(&k, 3, "ACK "));
	kit_run(&k, 20);
	CHECK(kit_clean(&k));
}


/* The ACK waits for the connection that it needs */
static void ack_reconnect(void)
{
	char buf[3000];
	unsigned flow = 99;

	kit_init(&k, KIT_TCP);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	kit_respond(&k, 0, 180, "a", NULL);
	snprintf(buf, sizeof(buf), "%s", kit_response(&k, 0, 486, "a", NULL));
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT), 0);
	k.connect_at_once = false;
	CHECK_EQ(sip_flow_accepted(&k.sip, (unsigned)
				   kit_flow(&k, UE_FLOW_LISTEN), &kit_peer,
				   &flow), 0);
	kit_recv_str(&k, (int)flow, buf);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.sentc, 1);
	kit_run(&k, 100);
	CHECK_EQ(k.sentc, 1);
	k.flowv[flow].open = false;
	connect_flow();
	CHECK_EQ(k.sentc, 2);
	CHECK(kit_is(&k, 1, "ACK "));
	kit_run(&k, 10000);
	CHECK(kit_clean(&k));
}


static void udp_error(void)
{
	kit_init(&k, KIT_UDP);
	k.send_err = ENETUNREACH;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(k.respc, 0);
	kit_run(&k, 0);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ENETUNREACH);
	CHECK(kit_clean(&k));
	CHECK_EQ(k.sip.stats.tx_failed, 1);

	/* also with a retransmission */
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	k.send_err = ENETUNREACH;
	kit_run(&k, 500);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ENETUNREACH);
	CHECK(kit_clean(&k));
}


static void no_room_now(void)
{
	/* UDP: as if lost */
	kit_init(&k, KIT_UDP);
	k.send_err = EAGAIN;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	kit_run(&k, 400);
	k.send_err = 0;
	kit_run(&k, 1600);
	CHECK_TIMES(500, 1500);

	/* TCP: tried again, then sent once */
	kit_init(&k, KIT_TCP);
	k.connect_at_once = true;
	k.send_err = EAGAIN;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	kit_run(&k, 700);
	k.send_err = 0;
	kit_run(&k, 20000);
	CHECK_TIMES(1000);
}


/* ---- capacity and misuse ---- */

static void exhaustion(void)
{
	struct sip_ctrans *c2 = NULL;
	unsigned i;

	kit_init(&k, KIT_UDP);
	for (i = 0; i < UE_CTRANS_MAX; i++)
		CHECK_EQ(kit_start(&k, &ct, "OPTIONS", 0), 0);

	CHECK_EQ(kit_start(&k, &c2, "OPTIONS", 0), ENOMEM);
	CHECK(c2 == NULL);
	CHECK_EQ(k.sip.stats.no_memory, 1);
	kit_respond(&k, 0, 200, "a", NULL);
	kit_run(&k, 5000);
	CHECK_EQ(kit_start(&k, &c2, "OPTIONS", 0), 0);

	/* blocks: nothing is sent, nothing is left */
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 3400), 0);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 3400), 0);
	i = k.sip.store.used;
	CHECK_EQ(kit_start(&k, &c2, "INVITE", 3400), ENOMEM);
	CHECK_EQ(k.sip.store.used, i);
	CHECK_EQ(k.sentc, 2);
	kit_run(&k, 40000);
	CHECK(kit_clean(&k));
	CHECK_EQ(k.respc, 2);

	/* a message that does not fit the buffer */
	CHECK_EQ(kit_start(&k, &c2, "INVITE", UE_SIP_MSG_MAX - 1), EOVERFLOW);
	CHECK(kit_clean(&k));
}


static void misuse(void)
{
	struct sip_hop closed;
	const struct pl ruri = PL("sip:a@b");

	kit_init(&k, KIT_UDP);
	memset(&closed, 0, sizeof(closed));

	/* nothing begun; begun once, started twice */
	CHECK_EQ(sip_ctrans_start(NULL, &k.sip, &k.hop, NULL, NULL), EINVAL);
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	CHECK_EQ(sip_ctrans_start(NULL, &k.sip, &k.hop, NULL, NULL), EINVAL);

	(void)sip_request_begin(&k.sip, &closed, "OPTIONS", &ruri);
	CHECK_EQ(sip_ctrans_start(NULL, &k.sip, &closed, NULL, NULL), EINVAL);

	/* nothing from outside can end a line */
	sip_writer_hdr(sip_request_begin(&k.sip, &k.hop, "OPTIONS", &ruri),
		       SIP_HDR_SUBJECT, "%s", "a\r\nEvil: b");
	CHECK_EQ(sip_ctrans_start(NULL, &k.sip, &k.hop, NULL, NULL), EINVAL);

	kit_begin(&k, "ACK", 0);
	CHECK_EQ(sip_ctrans_start(NULL, &k.sip, &k.hop, NULL, NULL), EINVAL);

	k.random_err = EIO;
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), EIO);
	CHECK_EQ(k.sentc, 1);
}


static void send_ack(void)
{
	kit_init(&k, KIT_UDP);
	kit_begin(&k, "ACK", 0);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "ACK "));
	CHECK(kit_clean(&k));
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), EINVAL);

	kit_init(&k, KIT_TCP);
	kit_begin(&k, "ACK", 0);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), ENOTCONN);
	connect_flow();
	kit_begin(&k, "ACK", 0);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), 0);
	CHECK(kit_has(&k, 0, "SIP/2.0/TCP"));
}


/* s18.1.1: as a request, which has a transaction for that */
static void long_ack(void)
{
	kit_init(&k, KIT_UDP | KIT_TCP);
	kit_begin(&k, "ACK", 1300);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), ENOTCONN);
	sip_flow_closed(&k.sip, (unsigned)kit_flow(&k, UE_FLOW_CONNECT),
			ECONNREFUSED);
	CHECK_EQ(k.sentc, 0);
	kit_begin(&k, "ACK", 1300);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), 0);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_has(&k, 0, "\r\nVia: SIP/2.0/UDP "));
	kit_run(&k, 100);

	/* once there is a connection, it is taken */
	CHECK_EQ(kit_start(&k, &ct, "MESSAGE", 1300), 0);
	connect_flow();
	kit_begin(&k, "ACK", 1300);
	CHECK_EQ(sip_send_ack(&k.sip, &k.hop, NULL), 0);
	CHECK(kit_has(&k, k.sentc - 1, "\r\nVia: SIP/2.0/TCP "));
}


static void detach(void)
{
	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	sip_ctrans_detach(ct);
	kit_respond(&k, 0, 486, "a", NULL);
	CHECK_EQ(k.respc, 0);
	CHECK(kit_is(&k, 1, "ACK "));
	kit_run(&k, 60000);
	CHECK(kit_clean(&k));
}


static void abort_hop(void)
{
	struct sip_ctrans *c2;

	kit_init(&k, KIT_UDP);
	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	CHECK_EQ(kit_start(&k, &c2, "OPTIONS", 0), 0);
	kit_respond(&k, 0, 486, "a", NULL);
	sip_ctrans_abort_hop(&k.sip, &k.hop, ECONNABORTED);
	CHECK_EQ(k.respc, 1);
	kit_run(&k, 0);
	CHECK_EQ(k.respc, 2);
	CHECK_EQ(k.respv[1].err, ECONNABORTED);
	CHECK(k.respv[1].who == c2);
	CHECK(kit_clean(&k));

	CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
	sip_ctrans_abort_hop(&k.sip, &k.hop, 0);
	CHECK_EQ(k.respc, 2);
	CHECK(kit_clean(&k));
}


/* The handler closes the hop under the transaction */
static void close_in_handler(void)
{
	static const unsigned codev[] = {180, 200, 486};
	unsigned i;

	for (i = 0; i < 3; i++) {
		kit_init(&k, KIT_UDP);
		k.close_hop = true;
		CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
		kit_respond(&k, 0, codev[i], "a", NULL);
		CHECK_EQ(k.respc, 1);
		CHECK(!sip_hop_is_open(&k.hop));
		CHECK(kit_clean(&k));

		kit_init(&k, KIT_TCP);
		k.connect_at_once = true;
		k.close_hop = true;
		CHECK_EQ(kit_start(&k, &ct, "INVITE", 0), 0);
		kit_respond(&k, 0, codev[i], "a", NULL);
		CHECK_EQ(k.respc, 1);
		CHECK(kit_clean(&k));
	}

	kit_init(&k, KIT_UDP);
	k.close_hop = true;
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	kit_run(&k, 60000);
	CHECK_EQ(k.respc, 1);
	CHECK(kit_clean(&k));
}


/* RFC 3581 s3 */
static void request_form(void)
{
	struct sip_hop_params prm;

	kit_init(&k, 0);
	memset(&prm, 0, sizeof(prm));
	prm.peer = kit_peer;
	prm.local = kit_own;
	prm.local.port = 5070;
	prm.udp = true;
	prm.keep = true;
	k.sip.cfg.user_agent = "test/1";
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(kit_start(&k, &ct, "REGISTER", 0), 0);
	CHECK_EQ(kit_start(&k, &ct, "OPTIONS", 0), 0);

	CHECK(kit_is(&k, 0, "REGISTER sip:peer@example.net SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK"));
	CHECK(kit_has(&k, 0, ";rport;keep\r\nMax-Forwards: 70\r\n"
		      "User-Agent: test/1\r\n"));
	/* RFC 6223: keep is offered with REGISTER only */
	CHECK(!kit_has(&k, 1, ";keep"));
	CHECK(strcmp(kit_hdr(&k, 0, "Via"), "") != 0);
	{
		char via[300];

		snprintf(via, sizeof(via), "%s", kit_hdr(&k, 0, "Via"));
		CHECK_EQ(strcspn(strstr(via, "branch=") + 7, ";"),
			 SIP_BRANCH_LEN);
		CHECK(strncmp(strstr(via, "branch="),
			      strstr(kit_hdr(&k, 1, "Via"), "branch="),
			      7 + SIP_BRANCH_LEN) != 0);
	}
}


const struct test_case suite_sip_ctrans[] = {
	{"RFC 3261 s17.1.1.2: INVITE, timers A and B, both profiles",
	 timer_a},
	{"RFC 3261 s17.1.2.2: timers E and F, both profiles", timer_e},
	{"RFC 3261 s17.1.2.2: in Proceeding E is T2", timer_e_proceeding},
	{"RFC 3261 s17.1: over TCP a request is sent once", tcp_once},
	{"RFC 3261 s17.1.2.2: Completed absorbs, timer K is T4 or 0",
	 timer_k},
	{"RFC 3261 s17.1.2.2: every final response ends it", other_codes},
	{"RFC 3261 s17.1.1.2: in Proceeding an INVITE waits without end",
	 invite_proceeding},
	{"RFC 6026 s7.2: Accepted passes each 2xx on, timer M", accepted},
	{"RFC 3261 s17.1.1.2: 300-699 are acknowledged, each time",
	 invite_refused},
	{"RFC 3261 s17.1.1.2: timer D is more than 64*T1, TCP 0", timer_d},
	{"RFC 3261 s17.1.1.3, s9.1: what ACK and CANCEL copy",
	 ack_credentials},
	{"RFC 3261 s17.1.3, s18.1.2, s8.1.3.3: responses that are not ours",
	 matching},
	{"RFC 3261 s18.2.2: a response over another flow counts", any_flow},
	{"RFC 3261 s9.1: CANCEL waits for a provisional response",
	 cancel_late},
	{"RFC 3261 s9.1: CANCEL and 200 cross", cancel_crossing},
	{"RFC 3261 s9.1: no answer 64*T1 after the CANCEL",
	 cancel_unanswered},
	{"RFC 3261 s9.1: what cannot be cancelled", cancel_wrong},
	{"a CANCEL without memory leaves when there is some",
	 cancel_no_memory},
	{"RFC 3261 s18.1.1: long requests go over TCP, back where it is "
	 "refused", size_switch},
	{"TS 33.203 s7.1: an answer in the clear to a protected request",
	 answer_in_the_clear},
	{"RFC 3261 s17.1.4: a refused connection is told, by a timer",
	 tcp_refused},
	{"a lost connection ends what is unanswered, the next request makes "
	 "a new one", tcp_lost},
	{"an ACK waits for the connection that it needs", ack_reconnect},
	{"RFC 3261 s17.1.4: a datagram that cannot be sent is told",
	 udp_error},
	{"a port without room is tried again", no_room_now},
	{"no transaction, no blocks, no buffer: refused, nothing is left",
	 exhaustion},
	{"what cannot be sent is refused", misuse},
	{"RFC 3261 s13.2.2.4: the ACK to a 2xx has no transaction",
	 send_ack},
	{"RFC 3261 s18.1.1: a long ACK where TCP was refused goes by UDP",
	 long_ack},
	{"a transaction without user runs to its end", detach},
	{"ending all transactions of a hop", abort_hop},
	{"a handler may close the hop", close_in_handler},
	{"RFC 3261 s8.1.1: what every request begins with", request_form},
	{NULL, NULL}
};
