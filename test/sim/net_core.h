/**
 * @file net_core.h  What the files of the scripted network call of each other
 */
#ifndef SIM_NET_CORE_H
#define SIM_NET_CORE_H

#include "test/sim/net.h"

/** A request being answered */
struct net_ctx {
	struct net *net;
	int pcscf;
	enum ue_transport transport;
	int conn;               /**< -1 = UDP                            */
	struct ue_addr src;
	size_t len;             /**< of net->copy                        */
	struct net_rx *rx;      /**< its place in the log, or NULL       */
	struct net_strans *st;
	struct net_step step;
};

struct sip_writer *net_reply_begin(struct net_ctx *x, uint16_t code,
				   const char *to_tag);
void net_reply_send(struct net_ctx *x);
void net_reply(struct net_ctx *x, uint16_t code);

/* net_comp.c */
void net_udp_send(struct net *net, const struct ue_addr *src,
		  const struct ue_addr *dst, const void *data, size_t len);
/** @return false: there is nothing for SIP */
bool net_comp_recv(struct net *net, const struct ue_addr *dst,
		   const struct ue_addr *src, uint8_t **data, size_t *len);

/* net_log.c */
struct net_rx *net_log_add(const struct net_ctx *x);
void net_script_next(struct net_step *step, struct net_script *s, int pcscf);

/* net_stun.c: was it a keep-alive? */
bool net_stun_h(struct net *net, int pcscf, const struct ue_addr *src,
		const uint8_t *data, size_t len);

/* net_event.c */
void net_subscribe_h(struct net_ctx *x);
void net_response_h(struct net *net);
void net_notify_connected(struct net *net, int conn, int err);

#endif
