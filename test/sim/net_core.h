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
	struct ue_addr dst;
	struct net_set *set;    /**< over which it came; NULL = clear    */
	bool lose;              /**< its first answer                    */
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
bool net_stun_h(struct net *net, const struct ue_addr *dst,
		const struct ue_addr *src, const uint8_t *data, size_t len);

/* net_sec.c */
bool net_seal_h(struct sim_esp *esp, const struct ue_addr *addr,
		const struct ue_addr *ue, void *arg);
bool net_open_h(const struct sim_esp *esp, const struct ue_addr *addr,
		const struct ue_addr *ue, void *arg);
/** Ports for a request to the UE.  @return false: there is no way */
bool net_sec_way(struct net *net, struct ue_addr *src, struct ue_addr *dst);
/** Is the set with this port_pc still there? */
bool net_sec_lives(const struct net *net, const struct ue_addr *pc);
/** The same for a response over UDP */
void net_sec_reply_way(struct net_ctx *x, struct ue_addr *src,
		       struct ue_addr *dst);
/** Address of a P-CSCF in Via and Record-Route */
struct ue_addr net_self(const struct net *net, int pcscf);
/** sent-by of the P-CSCF's Via over UDP, with its parameters.  @return buf */
#define NET_VIA (UE_ADDR_STR + 16)
char *net_via(char buf[NET_VIA], const struct net *net);
/** Judge a message; key: of its transaction */
void net_sec_message(struct net_ctx *x, uint64_t key);
/** Was it answered because the agreement does not fit? */
bool net_sec_refuse(struct net_ctx *x);
void net_sec_heard(struct net_ctx *x);
void net_sec_challenge(struct net_ctx *x, struct sip_writer *w);
/** May its credentials be accepted? */
bool net_sec_may_register(struct net_ctx *x);
void net_sec_registered(struct net_ctx *x);
void net_sec_unregistered(struct net *net);
/** All sets of a P-CSCF are gone */
void net_sec_forget(struct net *net, int pcscf);

/* net_event.c */
void net_subscribe_h(struct net_ctx *x);
void net_response_h(struct net_ctx *x);
void net_notify_connected(struct net *net, int conn, int err);

#endif
