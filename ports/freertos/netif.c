/**
 * @file netif.c  FreeRTOS port: Ethernet under lwIP
 */
#include <errno.h>
#include <string.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/init.h>
#include <lwip/nd6.h>
#include <lwip/sys.h>
#include <lwip/netif.h>
#include <lwip/timeouts.h>
#include "ports/freertos/freertos_board.h"
#include "ports/freertos/freertos_port.h"
#include "ports/freertos/lwip_addr.h"
#include "ports/freertos/lwip_hooks.h"


/** Frames taken from the controller before others have their turn */
#define FRAMES_PER_ROUND 8

static struct netif eth;
static uint8_t *const frame = freertos_packet;


static err_t eth_output(struct netif *netif, struct pbuf *p)
{
	const uint16_t len = pbuf_copy_partial(p, frame, BOARD_FRAME_MAX, 0);

	(void)netif;

	/* a frame that finds no room is a frame lost in the network */
	if (len != p->tot_len || board_eth_send(frame, len))
		return ERR_BUF;

	return ERR_OK;
}


static err_t eth_init(struct netif *netif)
{
	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->mtu = 1500;
	netif->hwaddr_len = 6;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP | NETIF_FLAG_MLD6;
	netif->output     = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = eth_output;

	return board_eth_init(netif->hwaddr) ? ERR_IF : ERR_OK;
}


int freertos_netif_init(const struct freertos_net_params *net)
{
	ip_addr_t ip, gw;
	ip4_addr_t mask;

	lwip_addr_set(&ip, &net->ip4);
	lwip_addr_set(&gw, &net->gateway4);
	ip4_addr_set_u32(&mask, net->prefix4 ? lwip_htonl(
			 UINT32_MAX << (32 - net->prefix4)) : 0);

	if (!netif_add(&eth, net->ip4.family ? ip_2_ip4(&ip) : NULL, &mask,
		       net->gateway4.family ? ip_2_ip4(&gw) : NULL, NULL,
		       eth_init, netif_input))
		return ENODEV;

	netif_set_default(&eth);
	netif_set_up(&eth);

	if (net->ip6.family) {
		netif_create_ip6_linklocal_address(&eth, 1);
		lwip_addr_set(&ip, &net->ip6);
		netif_ip6_addr_set(&eth, 1, ip_2_ip6(&ip));
		netif_ip6_addr_set_state(&eth, 1, IP6_ADDR_PREFERRED);
	}

	return 0;
}


/** Take what the controller has, and run lwIP's timers */
void freertos_netif_poll(void)
{
	for (unsigned n = 0; n < FRAMES_PER_ROUND; n++) {
		const size_t len = board_eth_recv(frame, BOARD_FRAME_MAX);
		struct pbuf *p;

		if (!len)
			break;
		if (len > BOARD_FRAME_MAX)
			continue;

		p = pbuf_alloc(PBUF_RAW, (uint16_t)len, PBUF_POOL);
		if (!p)
			continue;
		(void)pbuf_take(p, frame, (uint16_t)len);
		if (eth.input(p, &eth) != ERR_OK)
			(void)pbuf_free(p);
	}

	guard_prefixes();
	sys_check_timeouts();
}


/** How long lwIP can do without being called */
uint32_t freertos_netif_wait_ms(void)
{
	return sys_timeouts_sleeptime();
}


u32_t sys_now(void)
{
	return (u32_t)freertos_now_ms();
}
