/**
 * @file freertos_port.h  struct ue_port on FreeRTOS and lwIP
 *
 * One task owns the UE and lwIP (raw interface) and runs freertos_port_run().
 * Other tasks and interrupts hand over by freertos_call() and
 * freertos_call_from_isr(). What lwIP delivers is kept in the flow and given
 * to the UE between two rounds, never from inside lwIP.
 */
#ifndef FREERTOS_PORT_H
#define FREERTOS_PORT_H

#include "ipsec/ipsec.h"
#include "ports/common/nv_slots.h"
#include "ports/common/usim_soft.h"
#include "ue/ue.h"

/** Datagrams that wait for the UE; one more is lost; cost 28 */
#ifndef FREERTOS_DATAGRAMS
#define FREERTOS_DATAGRAMS 8
#endif

/** Calls of other tasks that wait for the UE task; cost 8 */
#ifndef FREERTOS_CALLS
#define FREERTOS_CALLS 8
#endif

struct udp_pcb;
struct tcp_pcb;
struct pbuf;

/** A socket of the UE.  Private */
struct freertos_flow {
	struct udp_pcb *udp;
	struct tcp_pcb *tcp;            /**< connection or listener      */
	struct pbuf *rx;                /**< received, not yet handed in */
	struct tcp_pcb *accepted;       /**< LISTEN: waits for a number  */
	uint8_t kind;                   /**< enum ue_flow_kind, 0 = free */
	bool protect;
	bool connected;                 /**< to be told                  */
	bool full;                      /**< flow_sendv() took less      */
	bool room;                      /**< no more: to be told         */
	bool closed;                    /**< by the peer: to be told     */
	int err;
};

/** A received datagram.  Private */
struct freertos_datagram {
	struct pbuf *p;
	struct ue_addr src;
	uint8_t flow;
};

/** Addresses of the interface; the parameters of freertos_net_init() */
struct freertos_net_params {
	struct ue_addr ip4;             /**< family 0 = none             */
	struct ue_addr ip6;
	struct ue_addr gateway4;        /**< IPv6: routers say so        */
	uint8_t prefix4;                /**< bits, 0..32                 */
};

struct freertos_port {
	struct ue_port port;            /**< for ue_init()               */
	struct ue *ue;
	struct freertos_flow flowv[UE_FLOWS_ALL];
	struct freertos_datagram dgramv[FREERTOS_DATAGRAMS];
	unsigned dgram_head;
	unsigned dgram_count;
	unsigned dgram_peak;
	bool started;                   /**< the network is              */
	bool woken;
	/** Something of the application to be run by the UE task, NULL = none.
	 *  @return milliseconds until the next call, UINT32_MAX = none */
	uint32_t (*pollh)(struct freertos_port *fp, uint64_t now_ms);
	struct nv_slots nv;
	struct ue_identity identity;
	bool has_identity;
	struct usim_soft usim;
	bool has_usim;
	struct freertos_net_params net;
	uint32_t rx_lost;               /**< datagrams, no room          */
};

/** A call into the UE task */
typedef void (freertos_call_h)(struct freertos_port *fp, void *arg);

/**
 * Begin, in the UE task: queue of calls, random numbers, non-volatile memory
 *
 * @param fp   Port, overwritten
 *
 * @return 0; EIO no entropy, or non-volatile memory; EBADMSG what that holds
 *         is lost (nv_slots_open())
 */
int  freertos_port_init(struct freertos_port *fp);

/**
 * Start the network, once; before or after ue_init() with fp->port, in the
 * same task
 *
 * @param fp   Port
 * @param ue   The UE that is given fp->port
 * @param net  Addresses, copied
 *
 * @return 0; ENODEV no Ethernet; ENOMEM; EALREADY also after it has failed
 */
int  freertos_port_start(struct freertos_port *fp, struct ue *ue,
			 const struct freertos_net_params *net);

/** Run for ever: the body of the UE task.  The UE may be started later, by a
 *  call or by pollh */
void freertos_port_run(struct freertos_port *fp) __attribute__((noreturn));

/** Call h in the UE task.  @return 0; EAGAIN the queue is full, or not there
 *  before freertos_port_init() */
int  freertos_call(freertos_call_h *h, void *arg);
int  freertos_call_from_isr(freertos_call_h *h, void *arg);

/** Let the UE task look at everything */
void freertos_wake_from_isr(void);

/**
 * Print what is used of the port's memory as one line of JSON. "free": octets
 * that were never used of the stacks of the calling task (the UE's), of the
 * idle task, and of start-up and interrupts. Then each pool of lwIP, its heap
 * (octets) and the datagrams that wait: [used, peak, size, failed]
 *
 * @return 0, or what the handler of pf has returned
 */
int freertos_peaks_print(struct re_printf *pf, const struct freertos_port *fp);

/** Milliseconds since start, in any task, not in an interrupt; wraps after
 *  2^63 */
uint64_t freertos_now_ms(void);

/* inside the port */

/** Largest packet that is protected or checked */
#define FREERTOS_PACKET_MAX (UE_SIP_MSG_MAX + 128)

/** A whole frame, or a packet and room to grow: on its way between the
 *  Ethernet controller and lwIP, or in ESP.  Whoever fills it copies from it
 *  before he calls anybody who might fill it again */
extern uint8_t freertos_packet[IPSEC_HEADROOM + FREERTOS_PACKET_MAX +
			       IPSEC_TAILROOM];

/* netif.c */
int  freertos_netif_init(const struct freertos_net_params *net);
void freertos_netif_poll(void);
uint32_t freertos_netif_wait_ms(void);

/* flow.c */
void freertos_flow_init(struct freertos_port *fp);
/** Hand what has come in to the UE.  @return true when something was left */
bool freertos_flow_deliver(struct freertos_port *fp);
/** Has a frame found no buffer?  Then packets that wait for more fragments are
 *  given up; where there are none, connections for MSRP whose octets the UE
 *  does not take are ended */
void freertos_flow_shed(struct freertos_port *fp);

/* esp.c */
struct netif;
int  esp_netif_init(struct freertos_port *fp);
struct netif *esp_netif(void);
/** ipsec_install() of struct ue_port */
int  esp_install(void *arg, const struct ipsec_params *prm,
		 const struct ipsec_keys *keys);

#endif
