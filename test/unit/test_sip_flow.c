/**
 * @file test_sip_flow.c  SIP transport: hops, flows, streams, keep-alive (RFC
 * 3261 18, RFC 5626, RFC 6223)
 *
 * More than 800 lines: one place for every row of the table it checks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"

#define B1 "z9hG4bKone"
#define B2 "z9hG4bKtwo"

static struct kit k;
static char two[6000];


/* A connection from the P-CSCF, -1 = refused */
static int accept_from(const struct ue_addr *src)
{
	unsigned flow = 0;

	if (sip_flow_accepted(&k.sip,
			      (unsigned)kit_flow(&k, UE_FLOW_LISTEN), src,
			      &flow))
		return -1;

	k.flowv[flow].open = true;
	k.flowv[flow].prm.kind = UE_FLOW_ACCEPTED;

	return (int)flow;
}


static int begin_tcp(void)
{
	kit_init(&k, KIT_TCP);

	return accept_from(&kit_peer);
}


static unsigned open_flows(void)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++)
		n += k.flowv[i].open;

	return n;
}


static unsigned used_flows(void)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++)
		n += k.sip.flowv[i].kind != 0;

	return n;
}


/* A request with a body, a ping, another request */
static size_t make_two(void)
{
	char *p;

	snprintf(two, sizeof(two), "%s",
		 kit_request_text("TCP", "MESSAGE", B1, 1, NULL,
				  "Content-Type: text/plain\r\n"));
	p = strstr(two, "Content-Length: 0");
	strcpy(p, "Content-Length: 11\r\n\r\nhello\r\n\r\nxx\r\n\r\n");
	strcat(two, kit_request_text("TCP", "OPTIONS", B2, 2, NULL, NULL));

	return strlen(two);
}


/* ---- streams ---- */

static void cut_everywhere(void)
{
	size_t len, cut;

	len = make_two();
	for (cut = 0; cut <= len; cut++) {

		int fl = begin_tcp();

		(void)make_two();
		kit_recv(&k, fl, &kit_peer, two, cut);
		kit_recv(&k, fl, &kit_peer, two + cut, len - cut);
		CHECK_EQ(k.reqc, 2);
		CHECK_EQ(k.reqv[0].method, SIP_METHOD_MESSAGE);
		CHECK_EQ(k.reqv[1].method, SIP_METHOD_OPTIONS);
		CHECK_EQ(k.sip.stats.rx_malformed, 0);
		CHECK(k.sip.stats.rx_keepalive >= 1);
		CHECK_EQ(k.sip.flowv[fl].part.head, 0);
		CHECK_EQ(k.traced, 2);
	}
}


static void one_byte(void)
{
	size_t len = make_two(), i;
	int fl = begin_tcp();

	(void)make_two();
	for (i = 0; i < len; i++)
		kit_recv(&k, fl, &kit_peer, two + i, 1);

	CHECK_EQ(k.reqc, 2);
	CHECK_EQ(k.sip.flowv[fl].part.head, 0);
}


/* Pieces of every size, as they come from a socket */
static void pieces(void)
{
	size_t len = make_two(), n, i;

	for (n = 2; n < 100; n++) {

		int fl = begin_tcp();

		(void)make_two();
		for (i = 0; i < len; i += n)
			kit_recv(&k, fl, &kit_peer, two + i,
				 len - i < n ? len - i : n);
		CHECK_EQ(k.reqc, 2);
		CHECK_EQ(k.sip.stats.rx_malformed, 0);
	}
}


/* What is whole needs no buffer of ours */
static void in_place(void)
{
	size_t len = make_two();
	int fl = begin_tcp();

	(void)make_two();
	kit_recv(&k, fl, &kit_peer, two, len);
	CHECK_EQ(k.reqc, 2);
	CHECK_EQ(k.sip.flowv[fl].part.len, 0);
}


/* A handler that closes the connection, fills the store and makes it move */
static void disturb_h(struct sip *sip, struct sip_strans *st,
		      const struct sip_msg *msg, void *arg)
{
	struct sip_stored v[3];
	unsigned *calls = arg;
	unsigned i;

	memset(v, 0, sizeof(v));
	if (k.sip.flowv[st->flow].kind)
		sip_flow_closed(sip, (unsigned)st->flow, 0);

	for (i = 0; i < 8; i++) {
		CHECK_EQ(sip_store_put(&v[0], &sip->store, two, 700), 0);
		CHECK_EQ(sip_store_put(&v[1], &sip->store, two, 300), 0);
		CHECK_EQ(sip_store_alloc_most(&v[2], &sip->store, 1,
					      UE_SIP_STORE), 0);
		memset(sip_store_ptr(&sip->store, &v[2]), 'z', v[2].len);
		sip_store_free(&sip->store, &v[i % 2]);
		sip_store_free(&sip->store, &v[2]);
	}
	for (i = 0; i < 3; i++)
		sip_store_free(&sip->store, &v[i]);

	CHECK_EQ(msg->method, SIP_METHOD_MESSAGE);
	CHECK(msg->body.l == 11 && !memcmp(msg->body.p, "hello\r\n\r\nxx", 11));
	++*calls;
}


static void stays(void)
{
	const size_t len = make_two();
	const int fl = begin_tcp();
	unsigned calls = 0;

	k.sip.reqh = disturb_h;
	k.sip.arg = &calls;
	(void)make_two();
	kit_recv(&k, fl, &kit_peer, two, 100);
	kit_recv(&k, fl, &kit_peer, two + 100, len - 100);
	CHECK_EQ(calls, 1);
	kit_run(&k, 200000);
	CHECK(sip_idle(&k.sip));
}


static void closed(int fl, int err)
{
	CHECK(!k.flowv[fl].open);
	CHECK_EQ(k.sip.flowv[fl].kind, 0);
	(void)err;
}


static void garbage(void)
{
	static const char *const badv[] = {
		"\x16\x03\x01 TLS hello\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n"
	};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {

		const int fl = begin_tcp();

		kit_recv_str(&k, fl, badv[i]);
		closed(fl, 0);
		CHECK_EQ(k.reqc, 0);
		CHECK(k.sip.stats.rx_malformed >= 1);
		/* its rest finds nobody */
		CHECK_EQ(sip_flow_recv(&k.sip, (unsigned)fl, NULL,
				       (uint8_t *)two, 1), EINVAL);
	}

	/* a bad message with a good end is refused, the stream goes on */
	{
		const int fl = begin_tcp();

		kit_recv_str(&k, fl, "OPTIONS sip:a@b SIP/2.0\r\n"
			     "Via: SIP/2.0/TCP 192.0.2.9;branch=" B1 "\r\n"
			     "Content-Length: 0\r\n\r\n");
		CHECK_EQ(k.sentc, 1);
		CHECK(kit_is(&k, 0, "SIP/2.0 400 "));
		kit_request(&k, fl, "OPTIONS", B1, 1, NULL, NULL);
		CHECK_EQ(k.reqc, 1);
	}
}


static void too_long(void)
{
	char buf[3000];
	char *p;
	int fl = begin_tcp();
	unsigned i;

	/* RFC 3261 s21.5.7, s18.4: told as soon as it is known */
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("TCP", "MESSAGE", B1, 1, NULL,
				  "Content-Type: text/plain\r\n"));
	p = strstr(buf, "Content-Length: 0");
	strcpy(p, "Content-Length: 99999\r\n\r\nbegin");
	kit_recv_str(&k, fl, buf);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_is(&k, 0, "SIP/2.0 513 "));
	closed(fl, 0);
	CHECK_EQ(k.sip.stats.rx_oversize, 1);
	CHECK(kit_clean(&k));

	/* a head without end */
	fl = begin_tcp();
	kit_recv_str(&k, fl, "OPTIONS sip:a@b SIP/2.0\r\n");
	for (i = 0; i < UE_SIP_MSG_MAX / 10; i++)
		kit_recv_str(&k, fl, "Subject: x\r\n");
	closed(fl, 0);
	CHECK_EQ(k.sip.stats.rx_oversize, 1);
	CHECK_EQ(k.sip.flowv[fl].part.head, 0);

	/* exactly as long as allowed */
	fl = begin_tcp();
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("TCP", "MESSAGE", B1, 1, NULL,
				  "Content-Type: text/plain\r\n"));
	p = strstr(buf, "Content-Length: 0");
	{
		const size_t head = (size_t)(p - buf) +
			sizeof("Content-Length: 1234\r\n\r\n") - 1;
		static char body[UE_SIP_MSG_MAX];

		snprintf(p, 200, "Content-Length: %u\r\n\r\n",
			 (unsigned)(UE_SIP_MSG_MAX - head));
		memset(body, 'x', sizeof(body));
		kit_recv_str(&k, fl, buf);
		kit_recv(&k, fl, &kit_peer, body, UE_SIP_MSG_MAX - head);
		CHECK_EQ(k.reqc, 1);
		CHECK_EQ(k.sip.stats.rx_oversize, 0);
	}
}


static void no_streams(void)
{
	int flv[UE_STREAMS_MAX + 1];
	struct sip_hop hopv[UE_STREAMS_MAX];
	struct sip_hop_params prm;
	unsigned i;

	kit_init(&k, 0);
	memset(&prm, 0, sizeof(prm));
	prm.local = kit_own;
	prm.tcp = true;
	prm.peer = kit_peer;

	/* each hop's P-CSCF has two connections */
	for (i = 0; i <= UE_STREAMS_MAX; i++) {
		if (i % 2 == 0)
			CHECK_EQ(sip_hop_open(&hopv[i / 2], &k.sip, &prm,
					      NULL, NULL), 0);
		flv[i] = accept_from(&kit_peer);
		CHECK(flv[i] >= 0);
		kit_recv_str(&k, flv[i], "OPTIONS sip:a");
	}

	/* the last one found no buffer */
	closed(flv[UE_STREAMS_MAX], 0);
	CHECK_EQ(k.sip.stats.no_memory, 1);
	CHECK(k.flowv[flv[0]].open);

	/* one is given back with its connection */
	sip_flow_closed(&k.sip, (unsigned)flv[0], 0);
	flv[0] = accept_from(&kit_peer);
	kit_recv_str(&k, flv[0], "OPTIONS sip:a");
	CHECK(k.flowv[flv[0]].open);
	CHECK_EQ(k.sip.stats.no_memory, 1);
	sip_close(&k.sip);
}


static void ping(void)
{
	int fl = begin_tcp();

	/* RFC 5626 s3.5.1 */
	kit_recv_str(&k, fl, "\r\n\r\n");
	CHECK_EQ(k.sentc, 1);
	CHECK_STR(k.sentv[0].msg, "\r\n");
	CHECK_EQ(k.sentv[0].flow, fl);
	kit_recv_str(&k, fl, "\r\n\r\n\r\n\r\n");
	CHECK_EQ(k.sentc, 3);
	/* a pong is not answered */
	kit_recv_str(&k, fl, "\r\n");
	CHECK_EQ(k.sentc, 3);
	CHECK_EQ(k.sip.stats.rx_keepalive, 4);

	/* UDP: nothing is answered */
	kit_init(&k, KIT_UDP);
	kit_recv_str(&k, 0, "\r\n\r\n");
	kit_recv_str(&k, 0, "\r\n");
	kit_recv(&k, 0, &kit_peer, "", 0);
	CHECK_EQ(k.sentc, 0);
	CHECK_EQ(k.sip.stats.rx_keepalive, 3);

	/* RFC 3261 s7.5: empty lines before a message */
	snprintf(two, sizeof(two), "\r\n\r\n%s",
		 kit_request_text("UDP", "OPTIONS", B1, 1, NULL, NULL));
	kit_recv_str(&k, 0, two);
	CHECK_EQ(k.reqc, 1);
}


/* ---- keep-alive ---- */

static void keepalive_tcp(void)
{
	unsigned i, fl;
	uint64_t last = 0;

	kit_init(&k, KIT_TCP);
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
	kit_respond(&k, 0, 200, "a", NULL);
	kit_run(&k, 0);
	fl = k.sentv[0].flow;
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, 100);

	for (i = 1; i < 20; i++) {
		kit_run(&k, last + 79999);
		CHECK_EQ(k.sentc, i);
		while (k.sentc == i && k.timers.now_ms < last + 100000)
			kit_run(&k, k.timers.now_ms + 1000);
		CHECK_EQ(k.sentc, i + 1);
		CHECK_STR(k.sentv[i].msg, "\r\n\r\n");
		CHECK_EQ(k.sentv[i].flow, fl);
		last = k.sentv[i].at_ms;
		kit_recv_str(&k, (int)fl, "\r\n");
	}

	/* not all at the same distance */
	CHECK(k.sentv[2].at_ms - k.sentv[1].at_ms !=
	      k.sentv[3].at_ms - k.sentv[2].at_ms);
	CHECK_EQ(k.hopc, 1);
	CHECK_EQ(k.hopv[0].code, SIP_HOP_UP);

	/* RFC 5626 s4.4.1: 10 s without an answer */
	while (k.sentc == i)
		kit_run(&k, k.timers.now_ms + 1000);
	last = k.sentv[i].at_ms;
	kit_run(&k, last + 9999);
	CHECK(k.flowv[fl].open);
	kit_run(&k, last + 10000);
	CHECK(!k.flowv[fl].open);
	CHECK_EQ(k.hopc, 2);
	CHECK_EQ(k.hopv[1].code, SIP_HOP_DOWN);
	CHECK_EQ(k.hopv[1].err, ETIMEDOUT);

	/* without a connection there is nothing to keep alive */
	kit_run(&k, last + 1000000);
	CHECK_EQ(k.sentc, i + 1);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, 0);
	CHECK(kit_clean(&k));
}


/* RFC 5626 s4.4: a connection that is kept alive is one that is needed */
static void keepalive_closed(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		kit_init(&k, KIT_TCP);
		k.connect_at_once = true;
		CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
		kit_respond(&k, 0, 200, "a", NULL);
		sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, i * 100);
		kit_run(&k, 0);
		sip_flow_closed(&k.sip, k.sentv[0].flow, 0);
		kit_run(&k, 0);
		CHECK_EQ(k.hopc, 2);
		CHECK_EQ(k.hopv[1].code, SIP_HOP_DOWN);
		CHECK_EQ(k.hopv[1].err, i ? ECONNRESET : 0);
	}
}


/* The answer to the STUN request that was sent last: our address is .9 with
   this port */
static void stun_answer(unsigned port)
{
	uint8_t msg[32] = {0x01, 0x01, 0, 12};
	const uint8_t attr[12] = {
		0, 0x20, 0, 8, 0, 1, (uint8_t)((port >> 8) ^ 0x21),
		(uint8_t)(port ^ 0x12), 10 ^ 0x21, 0x12, 0xa4, 9 ^ 0x42
	};

	memcpy(msg + 4, k.sentv[k.sentc - 1].msg + 4, 16);
	memcpy(msg + 20, attr, 12);
	kit_recv(&k, kit_flow(&k, UE_FLOW_DATAGRAM), &kit_peer,
		 (const char *)msg, sizeof(msg));
}


/* RFC 5626 s8 */
static void keepalive_udp(void)
{
	kit_init(&k, KIT_UDP);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 30);
	kit_run(&k, 23999);
	CHECK_EQ(k.sentc, 0);
	kit_run(&k, 30000);
	CHECK(k.sentc >= 1);
	CHECK_EQ(k.sentv[0].len, 20);
	CHECK_MEM(k.sentv[0].msg, 8, "\0\1\0\0\x21\x12\xa4\x42", 8);
	CHECK(ue_addr_equal(&k.sentv[0].dst, &kit_peer));
	stun_answer(5060);

	/* asking again for the same does not move it */
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 30);
	kit_run(&k, 60000);
	stun_answer(5060);
	kit_run(&k, 60001);
	CHECK_EQ(k.hopc, 0);

	sip_hop_close(&k.hop);
	CHECK(kit_clean(&k));
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 30);
	CHECK(kit_clean(&k));
}


static void keepalive_udp_dead(void)
{
	static const uint64_t after[] = {0, 500, 1500, 3500, 7500, 15500,
					 31500};
	unsigned i;

	kit_init(&k, KIT_UDP);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 3600);
	kit_run(&k, 3600000 + 39500);
	CHECK_EQ(k.sentc, 7);
	for (i = 0; i < 7; i++)
		CHECK_EQ(k.sentv[i].at_ms - k.sentv[0].at_ms, after[i]);
	CHECK_EQ(k.hopc, 1);
	CHECK_EQ(k.hopv[0].err, ETIMEDOUT);
	CHECK_EQ(k.hopv[0].at_ms - k.sentv[0].at_ms, 39500);
}


static void keepalive_udp_moved(void)
{
	kit_init(&k, KIT_UDP);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 30);
	kit_run(&k, 30000);
	stun_answer(5060);
	kit_run(&k, 60000);
	stun_answer(5061);
	kit_run(&k, 60001);
	CHECK_EQ(k.hopc, 1);
	CHECK_EQ(k.hopv[0].err, ENETRESET);
}


/* Agreed on with a REGISTER over UDP, then with a longer one over TCP */
static void keepalive_moves(void)
{
	kit_init(&k, KIT_UDP | KIT_TCP);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 100);
	kit_run(&k, 100000);
	CHECK(ue_timer_running(&k.hop.pong));

	/* the STUN request that is not answered says nothing about it */
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, NULL, "REGISTER", 1300), 0);
	sip_hop_keepalive(&k.hop, UE_TRANSPORT_TCP, 100);
	kit_respond(&k, k.sentc - 1, 200, "a", NULL);
	kit_run(&k, 179999);
	CHECK(k.hop.flow_conn >= 0);
	CHECK_STR(kit_hdr(&k, k.sentc - 1, "CSeq"), "7 REGISTER");
	kit_run(&k, 200000);
	CHECK_STR(k.sentv[k.sentc - 1].msg, "\r\n\r\n");
}


/* Whatever comes in place of the answer */
static void keepalive_udp_hostile(void)
{
	const int flow = (kit_init(&k, KIT_UDP),
			  kit_flow(&k, UE_FLOW_DATAGRAM));
	uint8_t msg[64] = {0};

	sip_hop_keepalive(&k.hop, UE_TRANSPORT_UDP, 30);
	kit_run(&k, 30000);
	CHECK(k.sentc >= 1);

	for (unsigned len = 20; len <= sizeof(msg); len++) {
		for (unsigned x = 0; x < 256; x += 5) {
			memset(msg, (int)x, sizeof(msg));
			msg[0] = 1;
			msg[1] = 1;
			msg[2] = 0;
			msg[3] = (uint8_t)(len - 20);
			memcpy(msg + 4, k.sentv[0].msg + 4, 16);
			msg[20] = 0;
			msg[21] = 0x20;
			kit_recv(&k, flow, &kit_peer, (const char *)msg, len);
			/* another identifier */
			msg[19] ^= 1;
			kit_recv(&k, flow, &kit_peer, (const char *)msg, len);
		}
	}
	CHECK_EQ(k.sip.stats.rx_malformed, 0);
}


/* ---- hops ---- */

static struct sip_hop_params params(bool udp, bool tcp, uint16_t port)
{
	struct sip_hop_params prm;

	memset(&prm, 0, sizeof(prm));
	prm.peer = kit_peer;
	prm.local = kit_own;
	prm.local.port = port;
	prm.udp = udp;
	prm.tcp = tcp;

	return prm;
}


static void ports(void)
{
	struct sip_hop_params prm = params(true, true, 0);

	/* RFC 3261 s18.2.1: the same port for both transports */
	kit_init(&k, 0);
	k.tcp_taken = 40000;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(k.hop.sent_by.port, 40001);
	CHECK_EQ(k.flowv[k.hop.flow_us].local.port, 40001);
	CHECK_EQ(k.flowv[k.hop.flow_listen].local.port, 40001);
	CHECK_EQ(open_flows(), 2);
	CHECK(sip_hop_is_open(&k.hop));
	sip_hop_close(&k.hop);
	CHECK(!sip_hop_is_open(&k.hop));
	CHECK_EQ(open_flows(), 0);
	sip_hop_close(&k.hop);

	/* a port that was asked for is not exchanged */
	prm.local.port = 5070;
	k.tcp_taken = 5070;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL),
		 EADDRINUSE);
	CHECK_EQ(open_flows(), 0);
	CHECK_EQ(used_flows(), 0);
	CHECK(!sip_hop_is_open(&k.hop));

	/* unknown own address: the port tells it */
	memset(&prm.local, 0, sizeof(prm.local));
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK(ue_addr_same_ip(&k.hop.sent_by, &kit_own));
	CHECK(k.hop.sent_by.port != 0);
	sip_hop_close(&k.hop);

	prm.udp = prm.tcp = false;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), EINVAL);
	prm.udp = true;
	prm.peer.family = 0;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), EINVAL);
}


static void no_listener(void)
{
	struct sip_hop_params prm = params(true, true, 5070);

	kit_init(&k, 0);
	k.open_kind = UE_FLOW_LISTEN;
	k.open_err = ENOTSUP;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(k.hop.flow_listen, -1);
	sip_hop_close(&k.hop);

	/* TCP only: the connection is made at once, for its address */
	prm = params(false, true, 0);
	memset(&prm.local, 0, sizeof(prm.local));
	k.open_err = ENOTSUP;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(open_flows(), 1);
	CHECK(ue_addr_same_ip(&k.hop.sent_by, &kit_own));
	CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
	sip_flow_connected(&k.sip, (unsigned)k.hop.flow_conn);
	CHECK_EQ(k.sentc, 1);
	CHECK(kit_has(&k, 0, "Via: SIP/2.0/TCP 192.0.2.1:"));

	/* other errors are errors */
	sip_hop_close(&k.hop);
	k.open_err = ENETUNREACH;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL),
		 ENETUNREACH);
	CHECK_EQ(used_flows(), 0);
}


static void no_flows(void)
{
	struct sip_hop hopv[UE_FLOWS_MAX];
	struct sip_hop_params prm = params(true, true, 0);
	unsigned i;

	kit_init(&k, 0);
	for (i = 0; 2 * i < UE_FLOWS_MAX - 1; i++)
		CHECK_EQ(sip_hop_open(&hopv[i], &k.sip, &prm, NULL, NULL),
			 0);
	CHECK_EQ(sip_hop_open(&hopv[i], &k.sip, &prm, NULL, NULL), ENOMEM);
	CHECK_EQ(used_flows(), 2 * i);
	CHECK(!sip_hop_is_open(&hopv[i]));
	CHECK(k.sip.stats.no_memory >= 1);

	/* no connection can be accepted either */
	if (UE_FLOWS_MAX % 2 == 0)
		CHECK_EQ(accept_from(&kit_peer), -1);

	sip_hop_close(&hopv[0]);
	CHECK_EQ(sip_hop_open(&hopv[i], &k.sip, &prm, NULL, NULL), 0);
	sip_close(&k.sip);
	CHECK_EQ(open_flows(), 0);
}


/* TS 33.203 7.4: the server ports stay, the client ports change */
static void shared_port(void)
{
	struct sip_hop a, b, c;
	struct sip_hop_params prm = params(true, true, 5070);
	struct ue_addr src = kit_peer;

	kit_init(&k, 0);
	prm.port_uc = 5081;
	prm.port_pc = 6001;
	CHECK_EQ(sip_hop_open(&a, &k.sip, &prm, NULL, NULL), 0);
	prm.port_uc = 5082;
	prm.port_pc = 6002;
	CHECK_EQ(sip_hop_open(&b, &k.sip, &prm, NULL, NULL), 0);
	prm.peer.ip[3] = 77;
	prm.port_uc = 5083;
	CHECK_EQ(sip_hop_open(&c, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(a.flow_us, b.flow_us);
	CHECK_EQ(a.flow_listen, c.flow_listen);
	CHECK(a.flow_uc != b.flow_uc);
	CHECK_EQ(open_flows(), 5);

	/* who has sent it tells whose it is */
	src.port = 6001;
	kit_recv(&k, a.flow_us, &src, two, (size_t)snprintf(two, sizeof(two),
		 "%s", kit_request_text("UDP", "OPTIONS", B1, 1, "t", NULL)));
	CHECK(k.st->hop == &a);
	src.port = 6002;
	kit_recv(&k, a.flow_us, &src, two, (size_t)snprintf(two, sizeof(two),
		 "%s", kit_request_text("UDP", "OPTIONS", B2, 2, "t", NULL)));
	CHECK(k.st->hop == &b);
	src.ip[3] = 77;
	src.port = 1;
	kit_recv(&k, a.flow_us, &src, two, (size_t)snprintf(two, sizeof(two),
		 "%s", kit_request_text("UDP", "OPTIONS", "z9hG4bK3", 3, "t",
					NULL)));
	CHECK(k.st->hop == &c);
	CHECK_EQ(k.reqc, 3);

	/* the first owner goes, the port stays for the others */
	sip_hop_close(&a);
	CHECK_EQ(open_flows(), 4);
	src = kit_peer;
	kit_recv(&k, b.flow_us, &src, two, (size_t)snprintf(two, sizeof(two),
		 "%s", kit_request_text("UDP", "OPTIONS", "z9hG4bK4", 4, "t",
					NULL)));
	CHECK_EQ(k.reqc, 4);
	CHECK(k.st->hop == &b);
	sip_hop_close(&c);
	CHECK_EQ(open_flows(), 3);
	sip_hop_close(&b);
	CHECK_EQ(open_flows(), 0);
	CHECK(kit_clean(&k));
}


/* TS 33.203 7.1: a P-CSCF may have one port for both its ends */
static void offered_set(void)
{
	struct sip_hop cur, offered;
	struct sip_hop_params prm = params(true, true, 5070);
	const struct ue_addr src = kit_peer;

	kit_init(&k, 0);
	prm.protect = true;
	prm.port_uc = 5081;
	prm.port_pc = prm.peer.port;
	CHECK_EQ(sip_hop_open(&cur, &k.sip, &prm, NULL, NULL), 0);
	prm.register_only = true;
	prm.port_uc = 5082;
	prm.port_pc = 0;
	CHECK_EQ(sip_hop_open(&offered, &k.sip, &prm, NULL, NULL), 0);

	kit_recv(&k, cur.flow_us, &src, two, (size_t)snprintf(two, sizeof(two),
		 "%s", kit_request_text("UDP", "OPTIONS", B1, 1, "t", NULL)));
	CHECK_EQ(k.reqc, 1);
	CHECK(k.st->hop == &cur);
	sip_close(&k.sip);
}


static void accept_limit(void)
{
	int f1, f2, f3;
	unsigned flow;

	kit_init(&k, KIT_TCP);
	CHECK_EQ(accept_from(&kit_other), -1);
	f1 = accept_from(&kit_peer);
	f2 = accept_from(&kit_peer);
	CHECK(f1 >= 0 && f2 >= 0);

	/* the oldest one gives way */
	f3 = accept_from(&kit_peer);
	CHECK_EQ(f3, f1);
	CHECK(k.flowv[f2].open);
	f3 = accept_from(&kit_peer);
	CHECK_EQ(f3, f2);
	CHECK_EQ(open_flows(), 3);

	CHECK_EQ(sip_flow_accepted(&k.sip, (unsigned)f1, &kit_peer, &flow),
		 EINVAL);
	CHECK_EQ(sip_flow_accepted(&k.sip, 999, &kit_peer, &flow), EINVAL);
}


static void events(void)
{
	int conn;

	kit_init(&k, KIT_TCP);
	CHECK_EQ(kit_start(&k, NULL, "REGISTER", 0), 0);
	conn = kit_flow(&k, UE_FLOW_CONNECT);
	sip_flow_connected(&k.sip, (unsigned)conn);
	sip_flow_connected(&k.sip, (unsigned)conn);
	CHECK_EQ(k.hopc, 0);
	kit_run(&k, 0);
	CHECK_EQ(k.hopc, 1);
	CHECK_EQ(k.hopv[0].code, SIP_HOP_UP);
	CHECK(k.hopv[0].who == &k.hop);

	sip_flow_closed(&k.sip, (unsigned)conn, ECONNRESET);
	sip_flow_closed(&k.sip, (unsigned)conn, ECONNRESET);
	CHECK_EQ(k.hopc, 1);
	kit_run(&k, 0);
	CHECK_EQ(k.hopc, 2);
	CHECK_EQ(k.hopv[1].code, SIP_HOP_DOWN);
	CHECK_EQ(k.hopv[1].err, ECONNRESET);

	/* a broken connection shows when it is used */
	k.connect_at_once = true;
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	kit_run(&k, 0);
	k.send_err = ENOTCONN;
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	CHECK_EQ(k.hop.flow_conn, -1);
	kit_run(&k, 0);
	CHECK_EQ(k.hopv[k.hopc - 1].code, SIP_HOP_DOWN);
	CHECK_EQ(k.hopv[k.hopc - 1].err, ECONNRESET);
	/* both that were waiting for an answer are told */
	CHECK_EQ(k.respv[k.respc - 1].err, ECONNRESET);
	CHECK(sip_idle(&k.sip));

	/* the listener has gone */
	k.send_err = 0;
	sip_flow_closed(&k.sip, (unsigned)k.hop.flow_listen, ENETUNREACH);
	CHECK_EQ(k.hop.flow_listen, -1);

	/* the datagram port has gone */
	kit_init(&k, KIT_UDP);
	sip_flow_closed(&k.sip, (unsigned)k.hop.flow_us, ENETUNREACH);
	kit_run(&k, 0);
	CHECK_EQ(k.hopc, 1);
	CHECK_EQ(k.hopv[0].err, ENETUNREACH);
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	kit_run(&k, 0);
	CHECK_EQ(k.respc, 1);
	CHECK_EQ(k.respv[0].err, ENOTCONN);

	/* an event of a hop that is closed first is not told */
	kit_init(&k, KIT_UDP);
	sip_flow_closed(&k.sip, (unsigned)k.hop.flow_us, ENETUNREACH);
	sip_hop_close(&k.hop);
	kit_run(&k, 1000);
	CHECK_EQ(k.hopc, 0);
}


static void wrong_flow(void)
{
	uint8_t buf[4] = {0};

	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(sip_flow_recv(&k.sip, 999, &kit_peer, buf, 4), EINVAL);
	CHECK_EQ(sip_flow_recv(&k.sip, UE_FLOWS_MAX - 1, &kit_peer, buf, 4),
		 EINVAL);
	CHECK_EQ(sip_flow_recv(&k.sip, (unsigned)k.hop.flow_listen, &kit_peer,
			       buf, 4), EINVAL);
	CHECK_EQ(sip_flow_recv(&k.sip, (unsigned)k.hop.flow_us, NULL, buf,
			       4), EINVAL);
	sip_flow_connected(&k.sip, 999);
	sip_flow_closed(&k.sip, 999, 0);
	CHECK(kit_clean(&k));
}


static void ipv6(void)
{
	const struct ue_addr own = {6, {0x20, 1, 0xd, 0xb8, [15] = 1}, 5070};
	const struct ue_addr peer = {6, {0x20, 1, 0xd, 0xb8, [15] = 9}, 5060};
	struct sip_hop_params prm = params(true, false, 5070);
	const char *text;

	kit_init(&k, 0);
	prm.peer = peer;
	prm.local = own;
	CHECK_EQ(sip_hop_open(&k.hop, &k.sip, &prm, NULL, NULL), 0);
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	CHECK(kit_has(&k, 0, "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch="));
	text = kit_response(&k, 0, 200, "a", NULL);
	kit_recv(&k, 0, &peer, text, strlen(text));
	CHECK_EQ(k.respc, 1);
}


/* ---- filter ---- */

/* Each octet xored; a stream of frames: '#', length, octets.  decode gives
   one frame a call */
struct filter {
	uint8_t out[8000];
	uint8_t in[8000];
	size_t len, pos;
	int err;
};

static struct filter flt;


static int encode(void *arg, unsigned flow, const void *in, size_t in_len,
		  const void **out, size_t *out_len)
{
	struct filter *f = arg;
	const uint8_t *p = in;
	size_t i;

	(void)flow;
	if (f->err)
		return f->err;

	f->out[0] = '#';
	f->out[1] = (uint8_t)(in_len >> 8);
	f->out[2] = (uint8_t)in_len;
	for (i = 0; i < in_len; i++)
		f->out[3 + i] = p[i] ^ 0x80;

	*out = f->out;
	*out_len = in_len + 3;

	return 0;
}


static int decode(void *arg, struct sip_filter_rx *rx)
{
	struct filter *f = arg;
	size_t i, n;

	if (f->err)
		return f->err;

	if (rx->len) {
		memcpy(f->in, rx->data, rx->len);
		f->len = rx->len;
		f->pos = 0;
	}

	if (f->len - f->pos < 3)
		return EAGAIN;
	if (f->in[f->pos] != '#')
		return EBADMSG;

	n = (size_t)f->in[f->pos + 1] << 8 | f->in[f->pos + 2];
	f->pos += 3;
	for (i = 0; i < n; i++)
		f->in[f->pos + i] ^= 0x80;

	rx->out = f->in + f->pos;
	rx->out_len = n;
	f->pos += n;

	return 0;
}


static size_t wrap(char *dst, const char *text)
{
	const size_t len = strlen(text);
	size_t i;

	dst[0] = '#';
	dst[1] = (char)(len >> 8);
	dst[2] = (char)len;
	for (i = 0; i < len; i++)
		dst[3 + i] = (char)(text[i] ^ 0x80);

	return len + 3;
}


static void filter(void)
{
	static const struct sip_filter f = {
		.encode = encode, .decode = decode, .arg = &flt
	};
	size_t n;
	int fl;

	memset(&flt, 0, sizeof(flt));
	kit_init(&k, KIT_UDP);
	k.hop.filter = &f;
	CHECK_EQ(kit_start(&k, NULL, "OPTIONS", 0), 0);
	CHECK_EQ(k.sentc, 1);
	CHECK_EQ(k.sentv[0].msg[0], '#');
	CHECK_EQ((uint8_t)k.sentv[0].msg[3], 'O' ^ 0x80);

	/* retransmissions pass it again */
	kit_run(&k, 500);
	CHECK_EQ(k.sentc, 2);

	n = wrap(two, kit_request_text("UDP", "MESSAGE", B1, 1, NULL, NULL));
	kit_recv(&k, 0, &kit_peer, two, n);
	CHECK_EQ(k.reqc, 1);

	/* refused: counted, the port stays open */
	kit_recv_str(&k, 0, "garbage");
	CHECK_EQ(k.sip.stats.rx_filtered, 1);
	CHECK(k.flowv[0].open);

	/* not for the parser */
	flt.err = EAGAIN;
	kit_recv_str(&k, 0, "nack");
	CHECK_EQ(k.sip.stats.rx_filtered, 1);
	CHECK_EQ(k.sip.stats.rx_messages, 1);

	/* cannot be compressed: not sent, told */
	flt.err = EOVERFLOW;
	CHECK_EQ(kit_start(&k, NULL, "INFO", 0), 0);
	kit_run(&k, 500);
	CHECK_EQ(k.respv[k.respc - 1].err, EOVERFLOW);

	/* a stream: three messages in one piece, the second in two frames */
	memset(&flt, 0, sizeof(flt));
	fl = begin_tcp();
	k.hop.filter = &f;
	n = wrap(two, kit_request_text("TCP", "MESSAGE", B1, 1, NULL, NULL));
	{
		char half[3000];
		const char *text = kit_request_text("TCP", "OPTIONS", B2, 2,
						    NULL, NULL);

		snprintf(half, sizeof(half), "%.100s", text);
		n += wrap(two + n, half);
		snprintf(half, sizeof(half), "%s", text + 100);
		n += wrap(two + n, half);
	}
	n += wrap(two + n, kit_request_text("TCP", "NOTIFY", "z9hG4bK3", 3,
					    "t", NULL));
	kit_recv(&k, fl, &kit_peer, two, n);
	CHECK_EQ(k.reqc, 3);

	kit_recv_str(&k, fl, "garbage");
	CHECK_EQ(k.sip.stats.rx_filtered, 1);
	CHECK(!k.flowv[fl].open);
}


static void core_life(void)
{
	char hex[10];
	uint32_t v;

	kit_init(&k, KIT_UDP | KIT_TCP);
	CHECK_EQ(kit_start(&k, NULL, "INVITE", 0), 0);
	kit_request(&k, k.hop.flow_us, "INVITE", B1, 1, NULL, NULL);
	CHECK(!sip_idle(&k.sip));
	sip_close(&k.sip);
	CHECK(kit_clean(&k));
	CHECK_EQ(open_flows(), 0);
	CHECK_EQ(k.respc, 0);
	CHECK_EQ(k.stc, 0);

	CHECK_EQ(sip_random_hex(&k.sip, hex, sizeof(hex)), 0);
	CHECK_EQ(strspn(hex, "0123456789abcdef"), 9);
	k.random_err = EIO;
	CHECK_EQ(sip_random_hex(&k.sip, hex, sizeof(hex)), EIO);
	CHECK_EQ(sip_random_u32(&k.sip, &v), EIO);
	CHECK_EQ(sip_init(&k.sip, &k.timers, &k.port, &k.sip.cfg, k.sip.uas,
			  NULL, NULL), EINVAL);
	CHECK_EQ(sip_init(&k.sip, &k.timers, NULL, &k.sip.cfg, k.sip.uas,
			  k.sip.reqh, NULL), EINVAL);
}


static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;

	return *seed >> 8;
}


/* A message of one of our transactions or to us, a few octets changed,
   removed, doubled */
static size_t mutate(char *dst, size_t size, uint32_t *seed)
{
	static const char *const methodv[] = {
		"INVITE", "ACK", "CANCEL", "OPTIONS", "MESSAGE", "NOTIFY"
	};
	static const unsigned codev[] = {100, 180, 200, 302, 401, 487, 503};
	static const char *const branchv[] = {B1, B2, "z9hG4bK3", "old"};
	size_t len;
	unsigned n;

	if (next(seed) % 2 && k.sentc)
		snprintf(dst, size, "%s",
			 kit_response(&k, next(seed) % k.sentc, codev[next(seed) % 7],
				      next(seed) % 3 ? "a" : NULL, NULL));
	else
		snprintf(dst, size, "%s",
			 kit_request_text(next(seed) % 2 ? "UDP" : "TCP",
					  methodv[next(seed) % 6],
					  branchv[next(seed) % 4], 1 + next(seed) % 3,
					  next(seed) % 3 ? NULL : "t", NULL));

	len = strlen(dst);
	for (n = next(seed) % 4; n && len > 30; n--) {

		const size_t at = next(seed) % len;

		switch (next(seed) % 4) {

		case 0:
			dst[at] = (char)next(seed);
			break;
		case 1:
			dst[at] = "\r\n :;,<>\"=0@[]%"[next(seed) % 15];
			break;
		case 2:
			len -= next(seed) % 20;
			break;
		default:
			memmove(dst + at, dst + at + 1, len - at - 1);
			--len;
			break;
		}
	}
	return len;
}


static void hostile(void)
{
	static char m[4000];
	uint32_t seed;
	unsigned round, i;

	for (round = 0; round < 40; round++) {

		int tcp;

		kit_init(&k, KIT_UDP | KIT_TCP);
		k.connect_at_once = true;
		k.auto_code = round % 3 ? 0 : 200;
		seed = round + 1;
		tcp = accept_from(&kit_peer);
		CHECK_EQ(kit_start(&k, NULL, "INVITE", 0), 0);
		CHECK_EQ(kit_start(&k, NULL, "REGISTER", 1300), 0);
		CHECK_EQ(kit_start(&k, NULL, "SUBSCRIBE", 0), 0);

		for (i = 0; i < 100; i++) {

			const size_t n = mutate(m, sizeof(m), &seed);

			if (i % 2 || tcp < 0) {
				kit_recv(&k, k.hop.flow_us, &kit_peer, m, n);
			}
			else {
				kit_recv(&k, tcp, &kit_peer, m, n / 3);
				if (k.sip.flowv[tcp].kind)
					kit_recv(&k, tcp, &kit_peer,
						 m + n / 3, n - n / 3);
				if (!k.sip.flowv[tcp].kind)
					tcp = accept_from(&kit_peer);
			}

			kit_run(&k, k.timers.now_ms + 37);
			/* the log of what was sent is not endless */
			if (k.sentc > KIT_SENT - 40) {
				k.sentc = 3;
				k.used = (size_t)(k.sentv[2].msg - k.data) +
					k.sentv[2].len + 1;
			}
		}

		/* whatever it was: all ends, nothing is left.  Only INVITEs
		   wait for their users and peers */
		for (i = 0; i < UE_STRANS_MAX; i++) {
			if (k.sip.stransv[i].state == SIP_ST_PROCEEDING)
				(void)sip_reply(&k.sip.stransv[i], 480,
						NULL);
		}
		for (i = 0; i < UE_CTRANS_MAX; i++) {
			if (k.sip.ctransv[i].state == SIP_CT_PROCEEDING)
				(void)sip_ctrans_cancel(&k.sip.ctransv[i]);
		}
		if (k.sip.flowv[tcp].kind)
			sip_flow_closed(&k.sip, (unsigned)tcp, 0);
		kit_run(&k, k.timers.now_ms + 200000);
		CHECK(sip_idle(&k.sip));
		CHECK(!k.timers.head);
	}
}


const struct test_case suite_sip_flow[] = {
	{"RFC 3261 s18.3: a stream cut in two at each octet",
	 cut_everywhere},
	{"RFC 3261 s18.3: a stream octet by octet", one_byte},
	{"RFC 3261 s18.3: a stream in pieces of every size", pieces},
	{"whole messages of a stream are parsed where they are", in_place},
	{"a message from pieces stays while its handler closes and stores",
	 stays},
	{"RFC 3261 s18.3: what cannot be delimited closes the stream",
	 garbage},
	{"RFC 3261 s21.5.7: 513 and close; the limit itself fits", too_long},
	{"no buffer for an incomplete message closes its connection",
	 no_streams},
	{"RFC 5626 s3.5.1: ping and pong", ping},
	{"RFC 6223, RFC 5626 s4.4: keep-alive over TCP", keepalive_tcp},
	{"RFC 5626 s4.4: a connection that is kept alive is closed",
	 keepalive_closed},
	{"RFC 5626 s4.4.2: STUN keep-alive over UDP", keepalive_udp},
	{"RFC 5389 s7.2.1: no answer to STUN: the flow has failed",
	 keepalive_udp_dead},
	{"RFC 5626 s4.4.2: another mapped address: the flow has failed",
	 keepalive_udp_moved},
	{"RFC 6223 s4.2.2: from UDP to TCP", keepalive_moves},
	{"RFC 5389 s7.3: damaged and foreign STUN answers",
	 keepalive_udp_hostile},
	{"RFC 3261 s18.2.1: one port for UDP and TCP", ports},
	{"a port that cannot listen", no_listener},
	{"no flow free: nothing stays open", no_flows},
	{"TS 33.203 s7.4: hops share a server port", shared_port},
	{"TS 33.203 7.1: a set that is only offered takes nothing",
	 offered_set},
	{"only the P-CSCF may connect, and not without limit",
	 accept_limit},
	{"a hop tells when it is up and down, by a timer", events},
	{"wrong flow numbers are refused", wrong_flow},
	{"IPv6 in the Via", ipv6},
	{"the filter stands between socket and parser", filter},
	{"closing the core ends everything in silence", core_life},
	{"4000 damaged messages: everything ends, nothing is left", hostile},
	{NULL, NULL}
};
