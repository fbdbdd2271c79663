/**
 * @file lwip_hooks.h  What lwIP asks the port: may a packet come in? Which way
 *                     does an answer go? Where does a connection begin?
 */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include <stdbool.h>
#include <lwip/ip_addr.h>

/** lwIP has no name for it */
#define IP_PROTO_ESP 50

struct pbuf;
struct netif;
struct tcp_hdr;
struct tcp_pcb;

/* guard.c: can lwIP take that? */
bool guard_lets_in(const struct pbuf *p);
err_t guard_segment(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen,
		    u16_t opt1len, u8_t *opt2);
void guard_connection(struct tcp_pcb *pcb);
void guard_prefixes(void);

/* esp.c: is this a packet that cannot be taken, or one in the clear that had
   to come by ESP? Then it is eaten */
int esp_lwip_input(struct pbuf *p, struct netif *inp);

/* esp.c: the way of an answer, NULL = the usual one */
struct netif *esp_lwip_route(void);

/* flow.c: the initial sequence number of a connection */
u32_t flow_lwip_isn(const ip_addr_t *local, u16_t local_port,
		    const ip_addr_t *remote, u16_t remote_port);

#define LWIP_HOOK_TCP_ISN flow_lwip_isn
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p) \
	guard_segment(pcb, hdr, optlen, opt1len, opt2)
/* LWIP_HOOK_IP4_ROUTE_SRC: lwipopts.h, because lwIP's headers look at it */
#define LWIP_HOOK_IP6_ROUTE(src, dest) esp_lwip_route()
#define LWIP_HOOK_IP4_INPUT(p, inp) esp_lwip_input(p, inp)
#define LWIP_HOOK_IP6_INPUT(p, inp) esp_lwip_input(p, inp)

#endif
