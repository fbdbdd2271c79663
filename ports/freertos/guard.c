/**
 * @file guard.c  FreeRTOS port: what lwIP 2.1.3 cannot take is not let in
 *
 * Its assertions are on, and one that fails is the end of the firmware: no
 * frame of a stranger may reach one, keep lwIP in a loop, or leave it changed
 * for good.
 */
#include <string.h>
#include <lwip/icmp6.h>
#include <lwip/ip.h>
#include <lwip/pbuf.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/priv/tcp_priv.h>
#include "ports/freertos/freertos_port.h"
#include "ports/freertos/lwip_hooks.h"

/** RFC 8200 s5, and what goes in one frame */
#define MTU_MIN 1280
#define MTU     1500

/** RFC 4861 s4.5 */
#define ICMP6_REDIRECT 137


static uint32_t be(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;

	return v;
}


/* Answers to pings are sent in the buffers of what has come, and wait for ARP
   in them: short ones that are whole have one.  An empty fragment stays in the
   chain as a buffer without octets */
static bool ip4_is_good(const uint8_t *h)
{
	const bool whole = !(h[6] & 0x3f) && !h[7];

	if (h[9] == IP_PROTO_ICMP)
		return whole && !h[2];

	return whole || be(h + 2, 2) > (h[0] & 15) * 4U;
}


/* What is put together from fragments is no fragment, and no ICMP: lwIP looks
   for the header of the first in the last one, and RFC 6980 s5 forbids it to
   neighbour discovery */
static bool fragment_is_good(const uint8_t *f, size_t len)
{
	return len > 8 && (f[0] == IP6_NEXTH_TCP || f[0] == IP6_NEXTH_UDP ||
			   f[0] == IP_PROTO_ESP);
}


static bool icmp6_is_good(const uint8_t *icmp, size_t len)
{
	/* who redirects lasts longer than who only answers for a neighbour */
	if (len < 8 || icmp[0] == ICMP6_REDIRECT)
		return false;

	/* RFC 8201 s4: not below the least, and MUST NOT increase: lwIP takes
	   any, and what is too long for a frame is lost */
	return icmp[0] != ICMP6_TYPE_PTB ||
		be(icmp + 4, 4) - MTU_MIN < MTU - MTU_MIN;
}


static bool ip6_is_good(const uint8_t *h, size_t len)
{
	static const uint8_t any[16];
	size_t pos = IP6_HLEN;
	uint8_t next = h[6];

	len = LWIP_MIN(len, IP6_HLEN + be(h + 4, 2));

	/* what is answered there waits for a neighbour for ever */
	if (!memcmp(h + 8, any, sizeof(any)) && next != IP6_NEXTH_ICMP6)
		return false;

	while (next == IP6_NEXTH_HOPBYHOP || next == IP6_NEXTH_ROUTING ||
	       next == IP6_NEXTH_DESTOPTS) {
		if (len < pos + 8)
			return false;
		next = h[pos];
		pos += 8 * (h[pos + 1] + 1U);
	}
	if (len < pos)
		return false;

	if (next == IP6_NEXTH_FRAGMENT)
		return fragment_is_good(h + pos, len - pos);
	/* answers to pings wait for a neighbour in the heap: short ones */
	if (next == IP6_NEXTH_ICMP6)
		return icmp6_is_good(h + pos, len - pos) &&
			(h[pos] != ICMP6_TYPE_EREQ || !h[4]);

	return true;
}


bool guard_lets_in(const struct pbuf *p)
{
	const uint8_t *h = p->payload;

	/* what has no header is lwIP's to drop */
	if (h[0] >> 4 == 4)
		return p->len < IP_HLEN || ip4_is_good(h);

	return p->len < IP6_HLEN || ip6_is_good(h, p->len);
}


/* RFC 4861 s6.3.4: anybody may be a router for the 18 hours that he can say in
   his advertisement.  Prefixes last no longer than that: what is said to be on
   this link for ever would be lost for ever */
void guard_prefixes(void)
{
	for (unsigned i = 0; i < LWIP_ND6_NUM_PREFIXES; i++) {
		if (prefix_list[i].invalidation_timer > UINT16_MAX)
			prefix_list[i].invalidation_timer = UINT16_MAX;
	}
}


/* RFC 4987 s3.4: a handshake that never ends would keep everybody else out for
   20 seconds: the one that has been silent for longest makes room */
static void half_open_ends(const struct tcp_pcb_listen *lpcb)
{
	struct tcp_pcb *pcb, *last = NULL;

	if (lpcb->accepts_pending < TCP_DEFAULT_LISTEN_BACKLOG)
		return;

	/* who has said something is the first in the list */
	for (pcb = tcp_active_pcbs; pcb; pcb = pcb->next) {
		if (pcb->state == SYN_RCVD && pcb->listener == lpcb)
			last = pcb;
	}
	if (last)
		tcp_abandon(last, 0);
}


/* Is a segment taken?  One that is not comes again.  Options that are no part
   of a handshake: lwIP takes a segment size at any time, and asserts when what
   waits to be sent is larger */
err_t guard_segment(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen,
		    u16_t opt1len, u8_t *opt2)
{
	const struct freertos_flow *f = pcb->callback_arg;

	/* a listener has one connection that waits for its number */
	if (pcb->state == SYN_RCVD && f->accepted)
		return ERR_ABRT;

	if (!(TCPH_FLAGS(hdr) & TCP_SYN)) {
		memset(hdr + 1, LWIP_TCP_OPT_NOP, opt1len);
		if (opt2)
			memset(opt2, LWIP_TCP_OPT_NOP, optlen - opt1len);
	}
	else if (pcb->state == LISTEN) {
		half_open_ends((struct tcp_pcb_listen *)pcb);
	}
	else if (pcb->state == TIME_WAIT &&
		 TCP_SEQ_GEQ(hdr->seqno, pcb->rcv_nxt)) {
		/* RFC 1122 s4.2.2.13: it is begun again; lwIP answers nothing
		   but ACKs for two minutes */
		tcp_abort(pcb);
		return ERR_ABRT;
	}

	return ERR_OK;
}


/* The same for what the handshake has said: RFC 9293 s3.7.1, the default is
   the least, and one segment may be on its way; none is cut to half of a small
   window */
void guard_connection(struct tcp_pcb *pcb)
{
	pcb->mss = LWIP_MAX(pcb->mss, 536);
	pcb->cwnd = LWIP_MAX(pcb->cwnd, pcb->mss);
	pcb->snd_wnd_max = UINT16_MAX;
}
