/**
 * @file lwip_hooks.h  Where ESP looks at lwIP's packets
 */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

struct pbuf;
struct netif;

/* esp.c: is this a packet in the clear that had to come by ESP? Then it is
   eaten */
int esp_lwip_input(struct pbuf *p, struct netif *inp);

#define LWIP_HOOK_IP4_INPUT(p, inp) esp_lwip_input(p, inp)
#define LWIP_HOOK_IP6_INPUT(p, inp) esp_lwip_input(p, inp)

#endif
