/**
 * @file lwipopts.h  lwIP: raw interface, called by the UE task alone
 *
 * The MEM and MEMP figures are the capacities of the network side; running
 * out of them is a lost packet, or EAGAIN or ENOMEM at the port interface.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* one task, no operating system functions */
#define NO_SYS                  1
#define SYS_LIGHTWEIGHT_PROT    0
#define LWIP_SOCKET             0
#define LWIP_NETCONN            0
#define LWIP_TIMERS             1

/* protocols */
#define LWIP_IPV4               1
#define LWIP_IPV6               1
#define LWIP_ARP                1
#define LWIP_ICMP               1
#define LWIP_RAW                1       /* ESP */
#define LWIP_UDP                1
#define LWIP_TCP                1
#define LWIP_DHCP               0
#define LWIP_DNS                0
#define LWIP_IPV6_MLD           1
#define LWIP_IPV6_AUTOCONFIG    0       /* addresses are those of the start */
#define LWIP_IPV6_DHCP6         0
#define LWIP_IPV6_FRAG          1
#define LWIP_IPV6_REASS         1
#define IP_FRAG                 1
#define IP_REASSEMBLY           1
#define IP_REASS_MAX_PBUFS      10      /* one of UE_SIP_MSG_MAX in ESP */
#define LWIP_IPV6_NUM_ADDRESSES 3
/* RFC 4862 s5.1: none. Anybody on the link could take our address for good
 * with one frame, at any time */
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
/* What one Router Advertisement says of times and MTU would stay for good. The
 * MTU of a path is learned (RFC 8201) */
#define LWIP_ND6_ALLOW_RA_UPDATES 0

/* memory: a fixed array and fixed pools, no heap of the C library.
 * MEM_SIZE: what is to be sent: one connection with a full TCP_SND_BUF and one
 * datagram of UE_SIP_MSG_MAX. What a message of that length takes over TCP is
 * SIP's alone (SIP_HEAP in flow.c).
 * IP_REASS_MAX_PBUFS: of each version, together more than there is:
 * freertos_flow_shed().
 * PBUF_POOL: what has come in; three buffers a frame of 1514 octets, so one
 * datagram of UE_SIP_MSG_MAX in fragments and two frames more */
#define MEM_LIBC_MALLOC         0
#define MEMP_MEM_MALLOC         0
#define MEM_ALIGNMENT           4
#define MEM_SIZE                (10 * 1024)
#define PBUF_POOL_SIZE          16
#define PBUF_POOL_BUFSIZE       512
#define MEMP_NUM_PBUF           8
#define MEMP_NUM_RAW_PCB        2
#define MEMP_NUM_UDP_PCB        8
#define MEMP_NUM_TCP_PCB        8
#define MEMP_NUM_TCP_PCB_LISTEN 4
#define MEMP_NUM_TCP_SEG        24
#define MEMP_NUM_REASSDATA      2
#define MEMP_NUM_FRAG_PBUF      8
#define MEMP_NUM_ND6_QUEUE      4
#define MEMP_NUM_ARP_QUEUE      4
#define ARP_QUEUEING            1
#define ARP_TABLE_SIZE          6

/* TCP: a segment with IPv6 header and the largest ESP overhead stays within
   1500 octets */
#define TCP_MSS                 1360
#define TCP_WND                 (4 * TCP_MSS)
#define TCP_SND_BUF             (4 * TCP_MSS)
#define TCP_SND_QUEUELEN        12
#define TCP_OVERSIZE            256     /* what a short write takes more */
/* what is behind a lost segment is sent again: lwIP 2.1.3 keeps more of it
 * than the window has, asserts, and it would be buffers of strangers */
#define TCP_QUEUE_OOSEQ         0
#define TCP_LISTEN_BACKLOG      1
#define TCP_DEFAULT_LISTEN_BACKLOG 2    /* handshakes of one listener */
#define SO_REUSE                1
#define LWIP_TCP_KEEPALIVE      0

#define LWIP_NETIF_HOSTNAME     0
#define LWIP_STATS              1
#define LWIP_STATS_DISPLAY      0
#define MEM_STATS               1
#define MEMP_STATS              1

#define LWIP_HOOK_FILENAME      "ports/freertos/lwip_hooks.h"
#define LWIP_HOOK_IP4_ROUTE_SRC(src, dest) esp_lwip_route()

#endif
