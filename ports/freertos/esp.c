/**
 * @file esp.c  FreeRTOS port: ESP between lwIP's transport and its Ethernet
 *
 * A network interface of its own with the addresses of the real one. Sockets
 * of protected flows are bound to it: what they send comes here as a whole
 * IP packet (the interface has no MTU, so nothing is fragmented yet), is
 * protected, and goes on to the Ethernet, where it is fragmented if need be.
 * What has come through ESP is handed to lwIP as received by this interface,
 * and by no other does anything reach those sockets.
 */
#include <errno.h>
#include <string.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/raw.h>
#include "ipsec/ipsec.h"
#include "ports/freertos/freertos_port.h"
#include "ports/freertos/lwip_addr.h"
#include "ports/freertos/lwip_hooks.h"

static struct netif esp;
static struct freertos_port *port;
static struct raw_pcb *rawv[2];

/** lwIP has a packet that came by ESP */
static bool unwrapped;

uint8_t freertos_packet[IPSEC_HEADROOM + FREERTOS_PACKET_MAX +
			IPSEC_TAILROOM];
static uint8_t *const buf = freertos_packet;


struct netif *esp_netif(void)
{
	return &esp;
}


static struct pbuf *packet_pbuf(const struct ipsec_packet *pkt)
{
	struct pbuf *p = pbuf_alloc(PBUF_LINK, (u16_t)pkt->len, PBUF_POOL);

	if (p)
		(void)pbuf_take(p, pkt->buf + pkt->pos, (u16_t)pkt->len);

	return p;
}


/* Copy a packet to where it can grow.  @return false: too long */
static bool load(struct ipsec_packet *pkt, const struct pbuf *p)
{
	if (p->tot_len > FREERTOS_PACKET_MAX)
		return false;

	pkt->buf  = buf;
	pkt->size = sizeof(freertos_packet);
	pkt->pos  = IPSEC_HEADROOM;
	pkt->len  = p->tot_len;
	(void)pbuf_copy_partial(p, buf + pkt->pos, p->tot_len, 0);

	return true;
}


/* What has no association is lost, never sent in the clear */
static err_t protect(struct pbuf *p, bool ip6)
{
	struct ipsec_packet pkt;
	struct netif *eth;
	ip_addr_t src, dst;
	err_t err;

	if (!load(&pkt, p) || ipsec_output(ue_ipsec(port->ue), &pkt,
					   freertos_now_ms()) != IPSEC_PROTECT)
		return ERR_RTE;

	p = packet_pbuf(&pkt);
	if (!p)
		return ERR_MEM;

	if (ip6) {
		const struct ip6_hdr *h = p->payload;

		ip_addr_copy_from_ip6_packed(src, h->src);
		ip_addr_copy_from_ip6_packed(dst, h->dest);
		eth = ip6_route(ip_2_ip6(&src), ip_2_ip6(&dst));
		err = eth ? ip6_output_if_src(p, ip_2_ip6(&src),
					      LWIP_IP_HDRINCL, 0, 0,
					      IP_PROTO_ESP, eth) : ERR_RTE;
	}
	else {
		const struct ip_hdr *h = p->payload;

		ip_addr_copy_from_ip4(dst, h->dest);
		eth = ip4_route(ip_2_ip4(&dst));
		err = eth ? ip4_output_if(p, NULL, LWIP_IP_HDRINCL, 0, 0,
					  IP_PROTO_ESP, eth) : ERR_RTE;
	}
	(void)pbuf_free(p);

	return err;
}


/* Sockets of protected flows send here, and lwIP itself while it has a packet
   that came by ESP */
static err_t esp_output(struct pbuf *p, bool ip6)
{
	const bool was = unwrapped;
	err_t err;

	unwrapped = false;
	err = protect(p, ip6);
	unwrapped = was;

	return err;
}


static err_t esp_output4(struct netif *netif, struct pbuf *p,
			 const ip4_addr_t *dst)
{
	(void)netif;
	(void)dst;

	return esp_output(p, false);
}


static err_t esp_output6(struct netif *netif, struct pbuf *p,
			 const ip6_addr_t *dst)
{
	(void)netif;
	(void)dst;

	return esp_output(p, true);
}


/* What was in an ESP packet */
static void deliver(const struct ipsec_packet *pkt)
{
	struct pbuf *p = packet_pbuf(pkt);

	unwrapped = true;
	if (p && esp.input(p, &esp) != ERR_OK)
		(void)pbuf_free(p);
	unwrapped = false;
}


/* A whole ESP packet, reassembled */
static u8_t esp_received(void *arg, struct raw_pcb *pcb, struct pbuf *p,
			 const ip_addr_t *addr)
{
	struct ipsec_packet pkt;
	const bool fits = load(&pkt, p);

	(void)arg;
	(void)pcb;
	(void)addr;

	/* first, so that there are buffers for what was in it */
	(void)pbuf_free(p);
	if (!fits)
		return 1;

	/* lwIP has cut the packet to its length; what it puts together from
	   IPv6 fragments has a header that says eight octets less */
	if (buf[pkt.pos] >> 4 == 6) {
		buf[pkt.pos + 4] = (uint8_t)((pkt.len - IP6_HLEN) >> 8);
		buf[pkt.pos + 5] = (uint8_t)(pkt.len - IP6_HLEN);
	}

	if (ipsec_input(ue_ipsec(port->ue), &pkt, freertos_now_ms()) ==
	    IPSEC_PROTECT)
		deliver(&pkt);

	return 1;
}


/**
 * RFC 4301 s5.2: a packet in the clear that a policy wants protected is
 * dropped, and counted. Without associations nothing is looked at. ESP behind
 * an extension header of IPv6, where lwIP does not look for it, is taken here
 */
int esp_lwip_input(struct pbuf *p, struct netif *inp)
{
	struct ipsec *db = ue_ipsec(port->ue);
	struct ipsec_packet pkt;
	const uint8_t *h = p->payload;
	enum ipsec_verdict verdict;

	if (!guard_lets_in(p)) {
		(void)pbuf_free(p);
		return 1;
	}

	if (inp == &esp || ipsec_next_ms(db) == UINT64_MAX ||
	    p->len < 20)
		return 0;

	/* ESP itself, and fragments, are judged when they are whole */
	if (h[0] >> 4 == 4 ? h[9] == IP_PROTO_ESP || h[6] & 0x3f || h[7] :
	    h[6] == IP_PROTO_ESP || h[6] == IP6_NEXTH_FRAGMENT)
		return 0;

	if (!load(&pkt, p))
		return 0;

	verdict = ipsec_input(db, &pkt, freertos_now_ms());
	if (verdict == IPSEC_BYPASS ||
	    (verdict == IPSEC_DISCARD && pkt.drop != IPSEC_DROP_CLEAR))
		return 0;

	(void)pbuf_free(p);
	if (verdict == IPSEC_PROTECT)
		deliver(&pkt);

	return 1;
}


/** TS 33.203 s7.1: also what lwIP answers without a socket, RST and ICMP, goes
 *  by ESP or not at all */
struct netif *esp_lwip_route(void)
{
	return unwrapped ? &esp : NULL;
}


static err_t esp_netif_start(struct netif *netif)
{
	netif->name[0] = 'e';
	netif->name[1] = 's';
	netif->mtu = 0;
	netif->flags = NETIF_FLAG_LINK_UP;
	netif->output     = esp_output4;
	netif->output_ip6 = esp_output6;

	return ERR_OK;
}


int esp_install(void *arg, const struct ipsec_params *prm,
		const struct ipsec_keys *keys)
{
	(void)arg;
	(void)prm;
	(void)keys;

	/* the set is in ue_ipsec() */
	return 0;
}


/**
 * Before the Ethernet's interface: lwIP looks for a route among the latest
 * first
 */
int esp_netif_init(struct freertos_port *fp)
{
	ip_addr_t ip;
	ip4_addr_t mask;

	port = fp;
	lwip_addr_set(&ip, &fp->net.ip4);
	ip4_addr_set_u32(&mask, UINT32_MAX);

	if (!netif_add(&esp, fp->net.ip4.family ? ip_2_ip4(&ip) : NULL, &mask,
		       NULL, NULL, esp_netif_start, ip_input))
		return ENODEV;
	netif_set_up(&esp);

	if (fp->net.ip6.family) {
		lwip_addr_set(&ip, &fp->net.ip6);
		netif_ip6_addr_set(&esp, 1, ip_2_ip6(&ip));
		netif_ip6_addr_set_state(&esp, 1, IP6_ADDR_PREFERRED);
	}

	for (unsigned i = 0; i < 2; i++) {
		rawv[i] = raw_new_ip_type(i ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4,
					  IP_PROTO_ESP);
		if (!rawv[i])
			return ENOMEM;
		raw_recv(rawv[i], esp_received, NULL);
	}

	return 0;
}
