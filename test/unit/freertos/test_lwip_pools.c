/**
 * @file test_lwip_pools.c  FreeRTOS port: what is said when a pool of lwIP is
 *                          empty, that it goes on afterwards, and that no
 *                          packet ends it
 *
 * Over 800 lines: all of it on one wire, whose lwIP is started once.
 */
#include <errno.h>
#include <string.h>
#include <lwip/inet_chksum.h>
#include <lwip/init.h>
#include <lwip/memp.h>
#include <lwip/nd6.h>
#include <lwip/netif.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/prot/icmp6.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>
#include <lwip/prot/tcp.h>
#include <lwip/sys.h>
#include <lwip/udp.h>
#include "ports/freertos/freertos_port.h"
#include "ports/freertos/lwip_hooks.h"
#include "test/unit/test.h"

uint32_t port_random_u32(void);
void port_assert_failed(const char *file, int line);

static struct ue ue;            /* without associations */
static struct freertos_port port;
static struct netif wire;
static uint8_t sent[1600];
static err_t output_err;
static uint32_t now_ms;


/* ------------------------------------------------------------------ */
/* In place of kernel and drivers */


uint64_t freertos_now_ms(void)
{
	return now_ms;
}


u32_t sys_now(void)
{
	return now_ms;
}


uint32_t port_random_u32(void)
{
	return ++now_ms;
}


void port_assert_failed(const char *file, int line)
{
	(void)test_true(false, "assertion of lwIP", file, line);
}


static err_t on_output(struct netif *netif, struct pbuf *p,
		       const ip4_addr_t *dst)
{
	(void)netif;
	(void)dst;
	(void)pbuf_copy_partial(p, sent, sizeof(sent), 0);

	return output_err;
}


static err_t wire_init(struct netif *netif)
{
	netif->output = on_output;
	netif->mtu = 1500;
	netif->flags = NETIF_FLAG_LINK_UP;

	return ERR_OK;
}


static void close_all(void)
{
	for (unsigned i = 0; i < UE_FLOWS_ALL; i++)
		port.port.flow_close(NULL, i);
	while (tcp_active_pcbs)
		tcp_abort(tcp_active_pcbs);
}


static void start(void)
{
	static bool started;
	ip4_addr_t ip, mask;

	/* what a test that failed has left */
	if (started)
		close_all();
	IP4_ADDR(&ip, 192, 0, 2, 2);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	memset(&port, 0, sizeof(port));
	port.ue = &ue;
	port.net.ip4 = (struct ue_addr){4, {192, 0, 2, 2}, 0};
	if (!started) {
		lwip_init();
		CHECK_EQ(esp_netif_init(&port), 0);
		(void)netif_add(&wire, &ip, &mask, NULL, NULL, wire_init,
				ip_input);
		netif_set_default(&wire);
		netif_set_up(&wire);
		started = true;
	}

	freertos_flow_init(&port);
	output_err = ERR_OK;
}


static int open_flow(unsigned num, enum ue_flow_kind kind)
{
	const struct ue_flow_params prm = {
		.kind = kind, .remote = {4, {192, 0, 2, 1}, 5060},
	};
	struct ue_addr local;

	return port.port.flow_open(NULL, num, &prm, &local);
}


static int send_some(unsigned num, size_t len)
{
	static uint8_t data[UE_SIP_MSG_MAX];
	const struct ue_addr dst = {4, {192, 0, 2, 1}, 5060};

	return port.port.flow_send(NULL, num, &dst, data, len);
}


/* Flows of a kind until there are no more: as many as the pool holds */
static void all_of(enum ue_flow_kind kind, unsigned size, memp_t type)
{
	const unsigned used = memp_pools[type]->stats->used;
	unsigned n;
	int err = 0;

	start();
	for (n = 0; n < UE_FLOWS_ALL && !err; n++)
		err = open_flow(n, kind);
	CHECK_EQ(err, ENOMEM);
	CHECK_EQ(n, size + 1);

	/* the one that failed has left nothing, another one may go */
	port.port.flow_close(NULL, 0);
	CHECK_EQ(open_flow(size, kind), 0);
	close_all();
	CHECK_EQ(memp_pools[type]->stats->used, used);
}


static void udp_ports(void)
{
	all_of(UE_FLOW_DATAGRAM, MEMP_NUM_UDP_PCB, MEMP_UDP_PCB);
}


static void connections(void)
{
	all_of(UE_FLOW_CONNECT, MEMP_NUM_TCP_PCB, MEMP_TCP_PCB);
}


static void listeners(void)
{
	all_of(UE_FLOW_LISTEN, MEMP_NUM_TCP_PCB_LISTEN, MEMP_TCP_PCB_LISTEN);
}


/** Take what is left of the heap.  @return a list of it */
static void *take_heap(void)
{
	void **last = NULL, **p;
	mem_size_t size = 1024;

	while (size >= sizeof(*p)) {
		p = mem_malloc(size);
		if (p) {
			*p = last;
			last = p;
		}
		else {
			size /= 2;
		}
	}

	return last;
}


static void give_heap(void *list)
{
	while (list) {
		void *next = *(void **)list;

		mem_free(list);
		list = next;
	}
}


static void heap_datagram(void)
{
	void *heap;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_DATAGRAM), 0);
	CHECK_EQ(send_some(0, UE_SIP_MSG_MAX), 0);

	heap = take_heap();
	CHECK_EQ(send_some(0, 400), EAGAIN);
	give_heap(heap);
	CHECK_EQ(send_some(0, UE_SIP_MSG_MAX), 0);
	close_all();
}


/* As in netif.c: the controller has no room for the frame */
static void no_frame(void)
{
	start();
	CHECK_EQ(open_flow(0, UE_FLOW_DATAGRAM), 0);
	output_err = ERR_BUF;
	CHECK_EQ(send_some(0, 400), EAGAIN);
	output_err = ERR_OK;
	CHECK_EQ(send_some(0, 400), 0);
	close_all();
}


/* A connection that cannot begin: the UE is told by the errno, not again as
   the end of a connection that there never was */
static void no_connection(void)
{
	static const struct freertos_flow none;
	void *heap;

	start();
	heap = take_heap();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), ENOMEM);
	give_heap(heap);
	CHECK_MEM(&port.flowv[0], sizeof(none), &none, sizeof(none));

	netif_set_down(&wire);
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), ENETUNREACH);
	netif_set_up(&wire);
	CHECK_MEM(&port.flowv[0], sizeof(none), &none, sizeof(none));
	close_all();
}


/** The sequence number of the SYN of a connection, which is then closed */
static uint32_t isn(uint16_t local, uint16_t remote)
{
	const struct ue_flow_params prm = {
		.kind = UE_FLOW_CONNECT, .local = {.port = local},
		.remote = {4, {192, 0, 2, 1}, remote},
	};
	const struct tcp_hdr *tcp = (struct tcp_hdr *)(void *)(sent + IP_HLEN);
	struct ue_addr addr;

	memset(sent, 0, sizeof(sent));
	(void)port.port.flow_open(NULL, 0, &prm, &addr);
	port.port.flow_close(NULL, 0);

	return lwip_ntohl(tcp->seqno);
}


/* Who sees one connection knows nothing of another one, and none can be made
   blindly in the name of the P-CSCF */
static void isn_of_each(void)
{
	uint32_t first, step;

	start();
	now_ms += 1000;
	first = isn(6000, 5060);
	for (uint16_t i = 1; i < 8; i++) {
		step = isn((uint16_t)(6000 + i), 5060) - first;
		CHECK(step > 1000000 && step < UINT32_MAX - 1000000);
		step = isn(6000, (uint16_t)(5060 + i)) - first;
		CHECK(step > 1000000 && step < UINT32_MAX - 1000000);
	}

	/* the same one later: RFC 793 s3.3, every 4 microseconds one more */
	first = isn(6000, 5060);
	now_ms += 3;
	CHECK_EQ(isn(6000, 5060) - first, 750);
	close_all();
}


/** Segment size that the next segment of the peer names, 0 = none */
static uint8_t option_mss;

/** A segment of the peer.  ahead: of what is expected.
 *  @return false: there is no buffer */
static bool flags_come(const struct tcp_pcb *pcb, u8_t flags, u32_t ahead,
		       u32_t ack, u16_t wnd, size_t len)
{
	const u8_t words = option_mss ? 6 : 5;
	const u16_t size = (u16_t)(IP_HLEN + 4U * words + len);
	struct pbuf *p = pbuf_alloc(PBUF_RAW, size, PBUF_POOL);
	struct tcp_hdr *tcp;
	struct ip_hdr *ip;

	if (!p)
		return false;
	memset(sent, 0, sizeof(sent));
	ip = (struct ip_hdr *)(void *)sent;
	IPH_VHL_SET(ip, 4, 5);
	IPH_LEN_SET(ip, lwip_htons(size));
	IPH_TTL_SET(ip, 64);
	IPH_PROTO_SET(ip, IP_PROTO_TCP);
	ip4_addr_copy(ip->src, *ip_2_ip4(&pcb->remote_ip));
	ip4_addr_copy(ip->dest, *ip_2_ip4(&pcb->local_ip));
	IPH_CHKSUM_SET(ip, inet_chksum(ip, IP_HLEN));
	tcp = (struct tcp_hdr *)(void *)(sent + IP_HLEN);
	tcp->src   = lwip_htons(pcb->remote_port);
	tcp->dest  = lwip_htons(pcb->local_port);
	tcp->seqno = lwip_htonl(pcb->rcv_nxt + ahead);
	tcp->ackno = lwip_htonl(ack);
	tcp->wnd   = lwip_htons(wnd);
	TCPH_HDRLEN_FLAGS_SET(tcp, words, flags);
	if (option_mss) {
		sent[IP_HLEN + TCP_HLEN] = LWIP_TCP_OPT_MSS;
		sent[IP_HLEN + TCP_HLEN + 1] = LWIP_TCP_OPT_LEN_MSS;
		sent[IP_HLEN + TCP_HLEN + 3] = option_mss;
	}
	(void)pbuf_take(p, sent, size);
	(void)pbuf_remove_header(p, IP_HLEN);
	((struct tcp_hdr *)p->payload)->chksum = ip_chksum_pseudo(p,
		IP_PROTO_TCP, p->tot_len, &pcb->remote_ip, &pcb->local_ip);
	(void)pbuf_add_header(p, IP_HLEN);
	if (wire.input(p, &wire) != ERR_OK)
		(void)pbuf_free(p);

	return true;
}


static bool segment_comes(const struct tcp_pcb *pcb, u32_t ahead, u32_t ack,
			  u16_t wnd, size_t len)
{
	return flags_come(pcb, TCP_ACK, ahead, ack, wnd, len);
}


/** The peer accepts this connection.  wnd: what it takes */
static void accept_wnd(unsigned num, uint16_t wnd)
{
	struct tcp_pcb *pcb = port.flowv[num].tcp;

	(void)flags_come(pcb, TCP_SYN | TCP_ACK, 1, pcb->snd_nxt, wnd, 0);
}


static void accept_num(unsigned num)
{
	accept_wnd(num, TCP_WND);
}


static void accept_it(void)
{
	accept_num(0);
}


/* Two peers of MSRP that acknowledge nothing: the heap is not theirs alone,
   nor are the segments */
static void heap_of_sip(size_t len)
{
	static const uint8_t data[TCP_MSS];
	const struct ue_iov iov = {data, len};
	unsigned num;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK_EQ(open_flow(1, UE_FLOW_DATAGRAM), 0);
	for (num = UE_FLOWS_MAX; num < UE_FLOWS_MAX + 2; num++) {
		CHECK_EQ(open_flow(num, UE_FLOW_CONNECT), 0);
		accept_num(num);
		CHECK(port.port.flow_sendv(NULL, num, &iov, 1));
	}
	while (port.port.flow_sendv(NULL, UE_FLOWS_MAX, &iov, 1) ||
	       port.port.flow_sendv(NULL, UE_FLOWS_MAX + 1, &iov, 1))
		;

	CHECK_EQ(send_some(1, UE_SIP_MSG_MAX), 0);
	CHECK_EQ(send_some(0, UE_SIP_MSG_MAX), 0);
	close_all();
}


/* The peer does not take what was sent before the end, and answers when it is
   asked whether it can: lwIP would ask for ever */
static void orphan(void)
{
	static const uint8_t data[600];
	const struct ue_iov iov = {data, sizeof(data)};
	const unsigned heap = lwip_stats.mem.used;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), sizeof(data));
	port.port.flow_close(NULL, 0);
	CHECK(tcp_active_pcbs);

	/* it is sent, if possible: half a minute of four ticks a second */
	for (unsigned i = 0; i < 4 * 29; i++)
		tcp_tmr();
	CHECK(tcp_active_pcbs);
	for (unsigned i = 0; i < 4 * 2; i++)
		tcp_tmr();
	CHECK(!tcp_active_pcbs);
	CHECK_EQ(lwip_stats.mem.used, heap);
	close_all();
}


/** The next octets of a connection.  @return false: there is no buffer */
static bool octets_come(unsigned num, size_t len)
{
	struct tcp_pcb *pcb = port.flowv[num].tcp;

	return segment_comes(pcb, 0, pcb->snd_nxt, 1000, len);
}


/* A peer that shuts its window, and acknowledges what was sent before it did,
   while that is to be sent again: lwIP asserts */
static void window_shut(void)
{
	static const uint8_t data[600];
	const struct ue_iov iov = {data, sizeof(data)};
	unsigned closed, n;
	struct tcp_pcb *pcb;

	for (closed = 0; closed < 2; closed++) {
		start();
		CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
		accept_it();
		pcb = port.flowv[0].tcp;
		CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1),
			 sizeof(data));
		if (closed)
			port.port.flow_close(NULL, 0);
		CHECK(segment_comes(pcb, 1, pcb->lastack, 0, 0));
		for (n = 0; n < 4 * 20 && !pcb->persist_backoff; n++)
			tcp_tmr();
		CHECK(pcb->persist_backoff);
		CHECK(segment_comes(pcb, 1, pcb->snd_nxt, 0, 0));
		for (n = 0; n < 4; n++)
			tcp_tmr();
		close_all();
	}
}


/* Half a minute is the whole time of a connection that was closed, however
   slowly the peer takes what is left; and who needs its place has it */
static void orphans(void)
{
	static const uint8_t data[600];
	const struct ue_iov iov = {data, sizeof(data)};
	struct tcp_pcb *pcb;
	unsigned i;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	pcb = port.flowv[0].tcp;
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), sizeof(data));
	port.port.flow_close(NULL, 0);
	for (i = 0; i < 4 * 31 && tcp_active_pcbs; i++) {
		if (i % 40 == 0)
			CHECK(segment_comes(pcb, 0, pcb->lastack + 1, 1000,
					    0));
		tcp_tmr();
	}
	CHECK(i > 4 * 29);
	CHECK(!tcp_active_pcbs);

	for (i = 0; i < 3 * MEMP_NUM_TCP_PCB; i++) {
		CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
		accept_it();
		port.port.flow_close(NULL, 0);
	}
	close_all();
}


/* A peer that says another segment size in the middle, or takes next to nothing
   from the beginning: lwIP asserts */
static void small_segments(void)
{
	static const uint8_t data[200];
	const struct ue_iov iov = {data, sizeof(data)};
	struct tcp_pcb *pcb;
	unsigned i;

	for (i = 0; i < 2; i++) {
		start();
		CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
		accept_wnd(0, i ? 0 : 1000);
		pcb = port.flowv[0].tcp;
		if (!i)
			CHECK(segment_comes(pcb, 1, pcb->lastack, 0, 0));
		CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1),
			 sizeof(data));
		CHECK(pcb->unsent);
		option_mss = !i;
		CHECK(segment_comes(pcb, i ? 2 : 1, pcb->lastack, i ? 2 : 0,
				    0));
		option_mss = 0;
		CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1),
			 sizeof(data));
		close_all();
	}
}


/* A peer that wants segments smaller than the least: what is sent in one of
   the least goes, and is not larger than all that may be on its way */
static void small_window(void)
{
	static const uint8_t data[600];
	const struct ue_iov iov = {data, sizeof(data)};

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	option_mss = 100;
	accept_it();
	option_mss = 0;
	CHECK(port.flowv[0].connected);
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), sizeof(data));
	CHECK(port.flowv[0].tcp->unacked != NULL);
	close_all();
}


/** Flags of the segment that was sent last, if it has so many octets */
static u8_t sent_flags(size_t len)
{
	const struct ip_hdr *ip = (struct ip_hdr *)(void *)sent;
	const struct tcp_hdr *tcp = (struct tcp_hdr *)(void *)(sent + IP_HLEN);

	return IPH_LEN(ip) == lwip_htons((u16_t)(IP_HLEN + TCP_HLEN + len)) ?
		TCPH_FLAGS(tcp) : 0;
}


/* The peer sends no more: what has come before is handed in, and is still
   answered */
static void half_close(void)
{
	static const uint8_t data[300];
	const struct ue_iov iov = {data, sizeof(data)};
	struct tcp_pcb *pcb;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	pcb = port.flowv[0].tcp;
	CHECK(flags_come(pcb, TCP_FIN | TCP_ACK, 0, pcb->snd_nxt, 1000, 100));
	CHECK(port.flowv[0].closed);
	CHECK_EQ(port.flowv[0].rx->tot_len, 100);
	CHECK_EQ(send_some(0, 400), 0);
	CHECK(sent_flags(400) & TCP_ACK);
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), sizeof(data));

	(void)freertos_flow_deliver(&port);
	CHECK(!port.flowv[0].rx && !port.flowv[0].tcp);
	CHECK_EQ(sent_flags(0), TCP_FIN | TCP_ACK);
	CHECK_EQ(pcb->state, LAST_ACK);

	/* nothing is sent after a reset */
	CHECK_EQ(open_flow(1, UE_FLOW_CONNECT), 0);
	accept_num(1);
	tcp_abort(port.flowv[1].tcp);
	CHECK_EQ(send_some(1, 400), ENOTCONN);
	CHECK_EQ(port.port.flow_sendv(NULL, 1, &iov, 1), 0);
	close_all();
}


/* The UE closes while it has a piece in hand: what it has answered is sent */
static void answer_and_close(void)
{
	struct tcp_pcb *pcb;
	unsigned i;

	for (i = 0; i < 2; i++) {
		start();
		CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
		accept_it();
		pcb = port.flowv[0].tcp;
		CHECK(flags_come(pcb, i ? TCP_FIN | TCP_ACK : TCP_ACK, 0,
				 pcb->snd_nxt, i ? 1000 : 0, 1360));
		CHECK(port.flowv[0].rx);
		CHECK_EQ(send_some(0, 400), 0);
		port.port.flow_close(NULL, 0);
		CHECK(tcp_active_pcbs == pcb);
		CHECK_EQ(pcb->state, i ? LAST_ACK : FIN_WAIT_1);
		if (!i)
			CHECK(segment_comes(pcb, 0, pcb->snd_nxt, 1000, 0));
		CHECK_EQ(sent_flags(i ? 0 : 400) & (TCP_FIN | TCP_RST),
			 TCP_FIN);
		close_all();
	}
}


/* The end of a message does not wait until its beginning is acknowledged */
static void short_segments(void)
{
	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK_EQ(send_some(0, 400), 0);
	CHECK(sent_flags(400) & TCP_ACK);
	CHECK_EQ(send_some(0, 300), 0);
	CHECK(sent_flags(300) & TCP_ACK);
	CHECK(!port.flowv[0].tcp->unsent);
	close_all();
}


/** Is the SYN of a peer answered as it should be? */
static bool syn_answered(const struct tcp_pcb *peer)
{
	const struct tcp_hdr *tcp = (struct tcp_hdr *)(void *)(sent + IP_HLEN);

	return flags_come(peer, TCP_SYN, 0, 0, 1000, 0) &&
		TCPH_FLAGS(tcp) == (TCP_SYN | TCP_ACK) &&
		tcp->dest == lwip_htons(peer->remote_port);
}


/** What a peer sees of a connection to the listener of flow 0 */
static struct tcp_pcb peer_of(uint16_t num)
{
	struct tcp_pcb peer;

	memset(&peer, 0, sizeof(peer));
	ip_addr_copy(peer.local_ip, port.flowv[0].tcp->local_ip);
	IP_ADDR4(&peer.remote_ip, 192, 0, 2, 1);
	peer.local_port = port.flowv[0].tcp->local_port;
	peer.remote_port = num;

	return peer;
}


/* RFC 4987 s3.4: who never ends a handshake keeps nobody else out */
static void half_open(void)
{
	struct tcp_pcb peer, *pcb;
	unsigned n = 0;
	uint16_t i;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_LISTEN), 0);
	for (i = 1; i < 4 * MEMP_NUM_TCP_PCB; i++) {
		peer = peer_of(i);
		CHECK(syn_answered(&peer));
	}
	for (pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		++n;
	CHECK_EQ(n, 2);

	/* the latest two go on.  One at a time: what the other one says is
	   lost, and is said again */
	pcb = tcp_active_pcbs;
	CHECK_EQ(pcb->remote_port, i - 1);
	CHECK(segment_comes(pcb, 0, pcb->snd_nxt, 1000, 0));
	CHECK(port.flowv[0].accepted == pcb);
	pcb = pcb->next;
	CHECK_EQ(pcb->remote_port, i - 2);
	CHECK(segment_comes(pcb, 0, pcb->snd_nxt, 1000, 0));
	CHECK_EQ(pcb->state, SYN_RCVD);
	/* the UE is not there: it takes none */
	(void)freertos_flow_deliver(&port);
	CHECK(!port.flowv[0].accepted);
	CHECK(segment_comes(pcb, 0, pcb->snd_nxt, 1000, 0));
	CHECK(port.flowv[0].accepted == pcb);

	/* who waits for the UE is not given up for another one */
	for (i = 1; i < 4 * MEMP_NUM_TCP_PCB; i++) {
		peer = peer_of((uint16_t)(100 + i));
		CHECK(syn_answered(&peer));
	}
	CHECK(port.flowv[0].accepted == pcb);
	close_all();
}


/* Nor does he keep a place that a connection of ours needs */
static void half_open_places(void)
{
	struct tcp_pcb peer;
	unsigned i;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_LISTEN), 0);
	for (i = 1; i < 4; i++) {
		peer = peer_of((uint16_t)i);
		CHECK(syn_answered(&peer));
	}
	for (i = 1; i <= MEMP_NUM_TCP_PCB; i++)
		CHECK_EQ(open_flow(i, UE_FLOW_CONNECT), 0);
	close_all();
}


/* A connection of the P-CSCF to the port of a listener of ours; NULL: none */
static struct tcp_pcb *accepted_at_listener(void)
{
	struct ue_flow_params prm = {
		.kind = UE_FLOW_CONNECT, .remote = {4, {192, 0, 2, 1}, 5060},
	};
	struct ue_addr addr;

	start();
	if (open_flow(0, UE_FLOW_LISTEN))
		return NULL;
	prm.local.port = port.flowv[0].tcp->local_port;
	if (port.port.flow_open(NULL, 1, &prm, &addr))
		return NULL;
	accept_num(1);

	return port.flowv[1].tcp;
}


/* TS 33.203 7.1: the next connection of the P-CSCF has the same four
   numbers */
static void same_again(void)
{
	struct tcp_pcb peer, *pcb = accepted_at_listener();

	CHECK(pcb != NULL);
	port.port.flow_close(NULL, 1);
	CHECK(flags_come(pcb, TCP_FIN | TCP_ACK, 0, pcb->snd_nxt, 1000, 0));
	CHECK_EQ(pcb->state, TIME_WAIT);
	CHECK(tcp_tw_pcbs == pcb);
	peer = *pcb;

	/* an old one that was late */
	--peer.rcv_nxt;
	CHECK(!syn_answered(&peer));
	CHECK(tcp_tw_pcbs == pcb);

	++peer.rcv_nxt;
	(void)syn_answered(&peer);
	CHECK(!tcp_tw_pcbs);
	CHECK(syn_answered(&peer));
	close_all();
}


/* The peer knows nothing any more of what we have closed: it resets that when
   we say so, and comes again */
static void lost_again(void)
{
	struct tcp_pcb peer, *pcb = accepted_at_listener();

	CHECK(pcb != NULL);
	CHECK(octets_come(1, 1360));
	port.port.flow_close(NULL, 1);
	CHECK_EQ(pcb->state, FIN_WAIT_1);

	peer = *pcb;
	peer.rcv_nxt += 100000;
	CHECK(!syn_answered(&peer));
	CHECK_EQ(sent_flags(0), TCP_ACK);
	CHECK(flags_come(pcb, TCP_RST, 0, 0, 0, 0));
	CHECK(!tcp_active_pcbs);
	CHECK(syn_answered(&peer));
	close_all();
}


/* What is beyond the window when what is before it has come: lwIP asserts */
static void beyond_window(void)
{
	struct tcp_pcb *pcb;
	unsigned i;

	start();
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	pcb = port.flowv[UE_FLOWS_MAX].tcp;
	CHECK(segment_comes(pcb, 4081, pcb->snd_nxt, 1000, 1360));
	for (i = 0; i < 4; i++)
		CHECK(segment_comes(pcb, 0, pcb->snd_nxt, 1000,
				    i < 3 ? 1360 : 1));
	CHECK_EQ(port.flowv[UE_FLOWS_MAX].rx->tot_len, 4081);
	close_all();
}


/** The first fragment of a datagram whose other ones never come, to all nodes
 *  or to the UE.  size: 1500, for version 4 any.  @return false: there is no
 *  buffer */
static bool fragment_comes(unsigned version, uint8_t id, uint16_t size)
{
	static const uint8_t ip6[] = {
		0x60, 0, 0, 0, 1456 / 256, 1456 % 256, IP6_NEXTH_FRAGMENT, 64,
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		IP6_NEXTH_UDP, 0, 0, IP6_FRAG_MORE_FLAG, 0, 0, 0
	};
	struct pbuf *p = pbuf_alloc(PBUF_RAW, size, PBUF_POOL);
	struct ip_hdr *ip = (struct ip_hdr *)(void *)sent;

	if (!p)
		return false;
	memset(sent, 0, sizeof(sent));
	if (version == 6) {
		memcpy(sent, ip6, sizeof(ip6));
		sent[sizeof(ip6)] = id;
	}
	else {
		IPH_VHL_SET(ip, 4, 5);
		IPH_LEN_SET(ip, lwip_htons(size));
		IPH_ID_SET(ip, id);
		IPH_OFFSET_SET(ip, lwip_htons(IP_MF));
		IPH_TTL_SET(ip, 64);
		IPH_PROTO_SET(ip, IP_PROTO_UDP);
		IP4_ADDR(&ip->src, 192, 0, 2, 1);
		IP4_ADDR(&ip->dest, 192, 0, 2, 2);
		IPH_CHKSUM_SET(ip, inet_chksum(ip, IP_HLEN));
	}
	(void)pbuf_take(p, sent, size);
	if (wire.input(p, &wire) != ERR_OK)
		(void)pbuf_free(p);

	return true;
}


/* What the UE has no room for keeps buffers.  When there are none for a frame
   they are needed for SIP */
static void held(void)
{
	const unsigned used = memp_pools[MEMP_PBUF_POOL]->stats->used;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	CHECK(octets_come(UE_FLOWS_MAX, 400));
	/* the UE is not there: it takes nothing of MSRP */
	CHECK(freertos_flow_deliver(&port));
	freertos_flow_shed(&port);
	CHECK(port.flowv[UE_FLOWS_MAX].rx);

	while (octets_come(UE_FLOWS_MAX, 1))
		;
	CHECK(freertos_flow_deliver(&port));
	freertos_flow_shed(&port);
	CHECK(!port.flowv[UE_FLOWS_MAX].tcp);
	CHECK(sent_flags(0) & TCP_RST);
	CHECK(port.flowv[0].tcp);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);

	/* a buffer without octets is none that waits */
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	port.flowv[UE_FLOWS_MAX].rx = pbuf_alloc(PBUF_RAW, 0, PBUF_POOL);
	CHECK(!freertos_flow_deliver(&port));
	CHECK(!port.flowv[UE_FLOWS_MAX].rx);
	port.port.flow_close(NULL, UE_FLOWS_MAX);

	/* nor is one spared that the peer has reset */
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	while (octets_come(UE_FLOWS_MAX, 1))
		;
	tcp_abort(port.flowv[UE_FLOWS_MAX].tcp);
	CHECK(!port.flowv[UE_FLOWS_MAX].tcp && port.flowv[UE_FLOWS_MAX].rx);
	CHECK(freertos_flow_deliver(&port));
	freertos_flow_shed(&port);
	CHECK(!port.flowv[UE_FLOWS_MAX].rx);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);

	/* a small fragment that waits protects nobody */
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	CHECK(fragment_comes(4, 1, 44));
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used + 1);
	while (octets_come(UE_FLOWS_MAX, 1))
		;
	CHECK(freertos_flow_deliver(&port));
	freertos_flow_shed(&port);
	CHECK(!port.flowv[UE_FLOWS_MAX].tcp);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);

	/* once */
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	CHECK(octets_come(UE_FLOWS_MAX, 400));
	CHECK(freertos_flow_deliver(&port));
	freertos_flow_shed(&port);
	CHECK(port.flowv[UE_FLOWS_MAX].tcp);
	close_all();
}


/* lwIP counts for each version what waits for its other fragments: together it
   could be all buffers, for a minute.  It goes first, before connections */
static void fragments(void)
{
	const unsigned used = memp_pools[MEMP_PBUF_POOL]->stats->used;
	uint8_t id = 0;

	start();
	CHECK_EQ(open_flow(UE_FLOWS_MAX, UE_FLOW_CONNECT), 0);
	accept_num(UE_FLOWS_MAX);
	CHECK(octets_come(UE_FLOWS_MAX, 1400));
	CHECK(freertos_flow_deliver(&port));
	while (id < 100 && fragment_comes(id % 2 ? 6 : 4, id, 1500))
		++id;
	CHECK(id < 100);

	freertos_flow_shed(&port);
	CHECK(port.flowv[UE_FLOWS_MAX].tcp);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used + 3);
	CHECK(fragment_comes(6, id, 1500));
	freertos_flow_shed(&port);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used + 6);

	/* where there is none, a connection goes */
	while (octets_come(UE_FLOWS_MAX, 1))
		;
	freertos_flow_shed(&port);
	CHECK(port.flowv[UE_FLOWS_MAX].tcp);
	while (octets_come(UE_FLOWS_MAX, 1))
		;
	freertos_flow_shed(&port);
	CHECK(!port.flowv[UE_FLOWS_MAX].tcp);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);
	close_all();
}


/* A fragment of what is a fragment: lwIP asserts, or writes where it must
   not */
static void nested_fragments(void)
{
	static const uint8_t ip6[] = {
		0x60, 0, 0, 0, 0, 16, IP6_NEXTH_FRAGMENT, 64,
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		IP6_NEXTH_FRAGMENT, 0, 0, IP6_FRAG_MORE_FLAG, 0, 0, 0, 1,
		IP6_NEXTH_UDP, 0, 0, IP6_FRAG_MORE_FLAG, 0, 0, 0, 2
	};
	const unsigned used = memp_pools[MEMP_PBUF_POOL]->stats->used;
	struct pbuf *p;
	unsigned i;

	start();
	for (i = 0; i < 8; i++) {
		memcpy(sent, ip6, sizeof(ip6));
		if (i & 1)
			sent[43] = 8;
		p = pbuf_alloc(PBUF_RAW, sizeof(ip6), PBUF_POOL);
		CHECK(p != NULL);
		(void)pbuf_take(p, sent, sizeof(ip6));
		if (wire.input(p, &wire) != ERR_OK)
			(void)pbuf_free(p);
	}
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);
}


/** Is a packet let in?  len: of its buffer */
static bool comes_in(const uint8_t *packet, size_t len)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);

	if (!p)
		return false;
	(void)pbuf_take(p, packet, (u16_t)len);
	if (esp_lwip_input(p, &wire))
		return false;
	(void)pbuf_free(p);

	return true;
}


static void guard4(void)
{
	static const struct {
		uint8_t total;
		uint8_t flags;
		uint8_t offset;
		uint8_t proto;
		bool good;
	} v[] = {
		{28, 0, 0, IP_PROTO_ICMP, true},
		{28, 0x40, 0, IP_PROTO_ICMP, true},     /* DF */
		/* no ping in fragments */
		{28, 0x20, 0, IP_PROTO_ICMP, false},
		{28, 0, 1, IP_PROTO_ICMP, false},
		{28, 1, 0, IP_PROTO_ICMP, false},
		/* no empty fragment */
		{28, 0, 1, IP_PROTO_UDP, true},
		{21, 0, 1, IP_PROTO_TCP, true},
		{20, 0, 1, IP_PROTO_TCP, false},
		{20, 0, 0, IP_PROTO_TCP, true},
	};
	uint8_t h[28] = {0x45};
	size_t i;

	start();
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		h[3] = v[i].total;
		h[6] = v[i].flags;
		h[7] = v[i].offset;
		h[9] = v[i].proto;
		CHECK_EQ(comes_in(h, sizeof(h)), v[i].good);
	}
	/* a ping is one buffer, and nothing else is bound to that */
	h[2] = 1;
	CHECK(comes_in(h, sizeof(h)));
	h[9] = IP_PROTO_ICMP;
	CHECK(!comes_in(h, sizeof(h)));
	/* too short to say */
	CHECK(comes_in(h, 19));
}


static void guard6(void)
{
	enum { HOPS = 0, UDP = 17, ROUTING = 43, FRAG = 44, ESP = 50,
	       ICMP = 58, DEST = 60 };
	static const struct {
		bool good;
		bool from_any;
		uint8_t len;            /* behind the fixed header */
		uint8_t next;
		uint8_t d[24];
	} v[] = {
		{true, false, 8, UDP, {0}},
		{true, false, 0, 59, {0}},
		/* neighbour discovery alone has no source */
		{true, true, 8, ICMP, {135}},
		{false, true, 8, UDP, {0}},
		{false, true, 16, HOPS, {ICMP, 0}},
		/* redirects; a path without room, RFC 8201 s4 */
		{false, false, 8, ICMP, {137}},
		{false, false, 16, DEST, {ICMP, 0, 0, 0, 0, 0, 0, 0, 137}},
		{false, false, 7, ICMP, {128}},
		{true, false, 8, ICMP, {2, 0, 0, 0, 0, 0, 0x05, 0x00}},
		{false, false, 8, ICMP, {2, 0, 0, 0, 0, 0, 0x04, 0xff}},
		{true, false, 8, ICMP, {2, 0, 0, 0, 0, 0, 0x05, 0xdb}},
		/* MUST NOT increase it: ours is 1500 */
		{false, false, 8, ICMP, {2, 0, 0, 0, 0, 0, 0x05, 0xdc}},
		{false, false, 8, ICMP, {2, 0, 0, 0, 1, 0, 0x05, 0x00}},
		{true, false, 8, ICMP, {128}},
		/* fragments of what, and of how much */
		{true, false, 9, FRAG, {UDP}},
		{true, false, 9, FRAG, {ESP}},
		{true, false, 9, FRAG, {6}},
		{false, false, 8, FRAG, {UDP}},
		{false, false, 16, FRAG, {FRAG}},
		{false, false, 16, FRAG, {ICMP}},
		{false, false, 16, FRAG, {DEST}},
		{true, false, 17, ROUTING, {FRAG, 0, 0, 0, 0, 0, 0, 0, UDP}},
		{false, false, 24, HOPS, {FRAG, 0, 0, 0, 0, 0, 0, 0, HOPS}},
		/* a chain that goes on where nobody looks */
		{false, false, 8, DEST, {UDP, 1}},
		{false, false, 7, HOPS, {UDP, 0}},
		{true, false, 16, HOPS, {UDP, 1}},
	};
	uint8_t h[64];
	size_t i;

	start();
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		memset(h, 0, sizeof(h));
		h[0] = 0x60;
		h[5] = v[i].len;
		h[6] = v[i].next;
		h[23] = !v[i].from_any;
		memcpy(h + 40, v[i].d, sizeof(v[i].d));
		CHECK_EQ(comes_in(h, 40U + v[i].len), v[i].good);
	}
	CHECK(comes_in(h, 39));
	/* a ping is short, an error may not be */
	h[4] = 1;
	h[6] = ICMP;
	h[40] = 128;
	CHECK(!comes_in(h, 60));
	h[40] = 1;
	CHECK(comes_in(h, 60));
	h[4] = 0;
	/* its length says less than there is */
	h[5] = 8;
	h[6] = FRAG;
	h[40] = UDP;
	CHECK(!comes_in(h, 60));
	/* or than its extension header has */
	h[5] = 0;
	h[6] = DEST;
	h[40] = ICMP;
	h[48] = 128;
	CHECK(!comes_in(h, 60));
}


/* What a router says once is not believed for good */
static void advertisement(void)
{
	static const uint8_t ra[] = {
		0x60, 0, 0, 0, 0, 56, IP6_NEXTH_ICMP6, 255,
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		134, 0, 0, 0, 64, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 1,
		/* MTU */
		5, 1, 0, 0, 0, 0, 1280 / 256, 1280 % 256,
		/* prefix */
		3, 4, 64, 0xc0, 255, 255, 255, 255, 255, 255, 255, 255,
		0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0
	};
	const u32_t reachable = reachable_time, retrans = retrans_timer;
	struct icmp6_hdr *icmp;
	ip6_addr_t src, dst;
	struct pbuf *p;

	start();
	p = pbuf_alloc(PBUF_RAW, sizeof(ra), PBUF_POOL);
	CHECK(p != NULL);
	(void)pbuf_take(p, ra, sizeof(ra));
	IP6_ADDR(&src, PP_HTONL(0xfe800000), 0, 0, PP_HTONL(1));
	IP6_ADDR(&dst, PP_HTONL(0xff020000), 0, 0, PP_HTONL(1));
	(void)pbuf_remove_header(p, IP6_HLEN);
	icmp = p->payload;
	icmp->chksum = ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, &src,
					 &dst);
	(void)pbuf_add_header(p, IP6_HLEN);
	if (wire.input(p, &wire) != ERR_OK)
		(void)pbuf_free(p);

	CHECK_EQ(reachable_time, reachable);
	CHECK_EQ(retrans_timer, retrans);
	CHECK_EQ(netif_mtu6(&wire), 1500);
	CHECK_EQ(prefix_list[0].invalidation_timer, UINT32_MAX);
	guard_prefixes();
	CHECK_EQ(prefix_list[0].invalidation_timer, 65535);
	nd6_cleanup_netif(&wire);
}


static void heap_of_sip_large(void)
{
	heap_of_sip(TCP_MSS);
}


static void heap_of_sip_small(void)
{
	heap_of_sip(150);
}


/* Nothing is on its way whose acknowledgement would tell that there is room */
static void heap_stream(void)
{
	static const uint8_t data[600];
	const struct ue_iov iov = {data, sizeof(data)};
	void *heap;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK(port.flowv[0].connected);

	heap = take_heap();
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), 0);
	CHECK_EQ(send_some(0, 600), EAGAIN);
	CHECK(!port.flowv[0].room);
	give_heap(heap);

	for (unsigned i = 0; i < 8 && !port.flowv[0].room; i++)
		tcp_tmr();
	CHECK(port.flowv[0].room);
	CHECK_EQ(port.port.flow_sendv(NULL, 0, &iov, 1), sizeof(data));
	close_all();
}


static void too_long(void)
{
	start();
	CHECK_EQ(open_flow(0, UE_FLOW_CONNECT), 0);
	accept_it();
	CHECK_EQ(send_some(0, TCP_SND_BUF + 1), EMSGSIZE);
	CHECK_EQ(send_some(0, UE_SIP_MSG_MAX), 0);
	CHECK_EQ(send_some(0, UE_SIP_MSG_MAX), EAGAIN);
	close_all();
}


/** A datagram for the port of flow 0 */
static err_t datagram(void)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, IP_HLEN + UDP_HLEN + 4,
				    PBUF_POOL);
	struct ip_hdr *ip;
	struct udp_hdr *udp;

	if (!p)
		return ERR_MEM;
	memset(p->payload, 0, p->len);
	ip = p->payload;
	udp = (struct udp_hdr *)(void *)((uint8_t *)p->payload + IP_HLEN);
	IPH_VHL_SET(ip, 4, 5);
	IPH_LEN_SET(ip, lwip_htons(p->tot_len));
	IPH_TTL_SET(ip, 64);
	IPH_PROTO_SET(ip, IP_PROTO_UDP);
	IP4_ADDR(&ip->src, 192, 0, 2, 1);
	IP4_ADDR(&ip->dest, 192, 0, 2, 2);
	IPH_CHKSUM_SET(ip, inet_chksum(ip, IP_HLEN));
	udp->src  = lwip_htons(5060);
	udp->dest = lwip_htons(port.flowv[0].udp->local_port);
	udp->len  = lwip_htons(UDP_HLEN + 4);

	return wire.input(p, &wire);
}


static void datagrams(void)
{
	const unsigned used = memp_pools[MEMP_PBUF_POOL]->stats->used;

	start();
	CHECK_EQ(open_flow(0, UE_FLOW_DATAGRAM), 0);
	for (unsigned i = 0; i < FREERTOS_DATAGRAMS + 3; i++)
		CHECK_EQ(datagram(), ERR_OK);
	CHECK_EQ(port.dgram_count, FREERTOS_DATAGRAMS);
	CHECK_EQ(port.dgram_peak, FREERTOS_DATAGRAMS);
	CHECK_EQ(port.rx_lost, 3);

	/* what waits goes with its flow */
	close_all();
	CHECK_EQ(port.dgram_count, 0);
	CHECK_EQ(memp_pools[MEMP_PBUF_POOL]->stats->used, used);
}


const struct test_case suite_lwip_pools[] = {
	{"UDP ports: ENOMEM, and one more when one has gone", udp_ports},
	{"TCP connections: ENOMEM, and one more when one has gone",
	 connections},
	{"TCP listeners: ENOMEM, and one more when one has gone", listeners},
	{"heap: a datagram gets EAGAIN", heap_datagram},
	{"controller: a frame without room is a datagram that gets EAGAIN",
	 no_frame},
	{"a connection that cannot begin has no end", no_connection},
	{"RFC 6528 s3: the initial sequence number cannot be guessed",
	 isn_of_each},
	{"heap: a stream takes nothing, and is told when there is room",
	 heap_stream},
	{"heap: what MSRP sends leaves room for SIP", heap_of_sip_large},
	{"heap: answers of MSRP leave room for SIP", heap_of_sip_small},
	{"heap: a connection that was closed has half a minute", orphan},
	{"closed connections leave their places, and half a minute is all",
	 orphans},
	{"a window that is shut in the middle of a retransmission",
	 window_shut},
	{"segments that become small in the middle", small_segments},
	{"segments smaller than the least from the beginning", small_window},
	{"segments beyond the window", beyond_window},
	{"RFC 9293 s3.6: who sends no more is still answered", half_close},
	{"a connection that is closed in the middle of receiving: the answer",
	 answer_and_close},
	{"RFC 1122 s4.2.3.4: a short segment does not wait",
	 short_segments},
	{"RFC 4987 s3.4: handshakes without an end keep nobody out",
	 half_open},
	{"RFC 4987 s3.4: handshakes without an end keep no place",
	 half_open_places},
	{"RFC 1122 s4.2.2.13: a connection again after TIME-WAIT",
	 same_again},
	{"RFC 5961 s4: a connection again that the peer has lost", lost_again},
	{"IPv6: fragments of fragments", nested_fragments},
	{"IPv4: what lwIP cannot take", guard4},
	{"IPv6: what lwIP cannot take", guard6},
	{"RFC 4861 s6.3.4: what a router says is not for ever", advertisement},
	{"buffers: none is left: MSRP gives up what the UE does not take",
	 held},
	{"buffers: none is left: fragments that wait for others go first",
	 fragments},
	{"send buffer: what never fits, what fits later", too_long},
	{"datagrams that wait: one more is lost and counted", datagrams},
	{NULL, NULL}
};
