/**
 * @file core.h  What the files of the SIP core call of each other; private
 */
#ifndef SIP_CORE_H
#define SIP_CORE_H

#include "ue/sip/sip.h"

/** Where a message came from */
struct sip_src {
	struct sip *sip;
	struct sip_hop *hop;
	uint8_t flow;
	uint8_t flow_gen;
	uint8_t transport;      /**< enum ue_transport                   */
	struct ue_addr addr;    /**< of the peer                         */
	size_t wire_len;        /**< octets the message took; 0 = all    */
};

/* ---- flow.c: octets to and from the port ---- */

/** Open a flow.  *flow is set before the port is called, which may call back
 *  at once; -1 on error */
int  sip_flow_open(int8_t *flow, struct sip_hop *hop, enum ue_flow_kind kind,
		   const struct ue_addr *local);

/** Send one message through the hop's filter.  @return 0; ECONNRESET: the
 *  connection was broken and is closed; ENOTCONN there is no such flow;
 *  EAGAIN, EMSGSIZE, an error of the filter; of a datagram also another one
 *  of the port */
int  sip_flow_send(struct sip_hop *hop, int8_t flow,
		   const struct ue_addr *dst, const char *msg, size_t len);

/** Close a flow and give its number and what it has kept back; -1: nothing */
void sip_flow_shut(struct sip *sip, int8_t flow);

/** The same, and tell those who used it; -1: nothing */
void sip_flow_fail(struct sip *sip, int8_t flow, int err);

/** A keep-alive into a stream: as it is, or as the filter wants it.
 *  @return 0; else it was not sent */
int  sip_flow_keepalive(struct sip_hop *hop, int8_t flow, const char *data,
			size_t len);

/** Add to the incomplete message of a stream, UE_SIP_MSG_MAX octets in all.
 *  @param m  sip->flowv[].part or .wire
 *  @return 0; EOVERFLOW; ENOMEM, also where UE_STREAMS_MAX others have one */
int  sip_flow_gather(struct sip *sip, struct sip_stored *m, const void *data,
		     size_t len);

/** Is it still the flow that it was? */
bool sip_flow_is(const struct sip *sip, int8_t flow, uint8_t gen);

/* ---- hop.c: which flow ---- */

/** Send a request towards the P-CSCF.  @return 0; ENOTCONN: the connection
 *  is being made, sip_ctrans_flow_up() and sip_strans_flow_up() follow;
 *  EAGAIN; else a transport error */
int  sip_hop_send(struct sip_hop *hop, enum ue_transport transport,
		  const char *msg, size_t len);

/** Hop of a message or connection that came in over a shared flow */
struct sip_hop *sip_hop_find(struct sip *sip, int8_t flow,
			     const struct ue_addr *remote);

bool sip_hop_is_live(const struct sip *sip, const struct sip_hop *hop);

/** A flow has gone: forget it and tell those who used it */
void sip_hop_flow_lost(struct sip *sip, int8_t flow, bool was_up, int err);

/** Does it say that the peer has no TCP? */
bool sip_tcp_refused(int err);

void sip_hop_up(struct sip_hop *hop);

/** A message has come in over it */
void sip_hop_heard(struct sip_hop *hop);

/** Its P-CSCF does not take what comes over it: SIP_HOP_DOUBT with EPROTO; or
 *  does not answer: ETIMEDOUT */
void sip_hop_doubt(struct sip_hop *hop, int err);

void sip_hop_pong(struct sip_hop *hop, int8_t flow);

/** STUN came in: the answer to a keep-alive over UDP, or nothing of ours */
void sip_hop_stun(struct sip_hop *hop, const void *data, size_t len);

/* ---- request.c ---- */

/** Is there a complete request for this hop in the transmit buffer?  It can
 *  be sent once.  @return 0, EINVAL or the writer's error */
int  sip_tx_check(struct sip *sip, const struct sip_hop *hop);

/** Transport for a request of that length (RFC 3261 18.1.1) */
enum ue_transport sip_choose_transport(const struct sip_hop *hop,
				       size_t len);

/** Put it into the Via of a request of ours */
void sip_via_set_transport(char *buf, size_t len,
			   enum ue_transport transport);

/** ACK or CANCEL into sip->tx: see request.c */
int  sip_write_from_invite(struct sip *sip, const struct sip_stored *req,
			   const char *method, const struct pl *to);

/* ---- ctrans.c ---- */

void sip_ctrans_response(const struct sip_src *src);
void sip_ctrans_flow_up(struct sip_hop *hop);
void sip_ctrans_flow_lost(struct sip_hop *hop, bool was_up, int err);
void sip_ctrans_close(struct sip_ctrans *ct);

/** Send a request again that has no answer yet, or an ACK: the peer could not
 *  read it.  err: nor will it, so the request has failed */
void sip_ctrans_again(struct sip *sip, uint64_t key, uint8_t method, int err);

/** The branch that sip_request_begin() made.  @return false: another one */
bool sip_branch_decode(uint64_t *key, const struct pl *branch);

/* ---- strans.c ---- */

void sip_strans_request(const struct sip_src *src);
void sip_strans_flow_up(struct sip_hop *hop);
void sip_strans_abort_hop(struct sip *sip, struct sip_hop *hop, int err);
void sip_strans_close(struct sip_strans *st);

/** Send the last response of a transaction again: the peer could not read
 *  it */
void sip_strans_again(struct sip *sip, uint64_t key);

/** End the oldest answered server transaction (not INVITE) early: its response
 *  is not repeated any more.  @return false: there is none */
bool sip_strans_evict(struct sip *sip);

/** The same for the oldest answered client transaction that keeps one: an
 *  INVITE, whose ACK is not repeated any more */
bool sip_ctrans_evict(struct sip *sip);

/** Keep what is in tx in the store; older messages give way.
 *  @return 0, ENOMEM */
int  sip_keep(struct sip *sip, struct sip_stored *m, size_t len);

/* ---- sip.c ---- */

/** One message for the parser */
void sip_recv(const struct sip_src *src, char *buf, size_t len,
	      enum sip_framing framing);

/** A message that is too long: 513 where it can be answered */
void sip_recv_oversize(const struct sip_src *src, char *buf, size_t len);

/** Tell the filter what became of the message in sip->rx */
void sip_verdict(const struct sip_src *src, bool accepted);

/** What the parser has found in sip->rx: answer it without a transaction
 *  (RFC 3261 8.2.7) */
void sip_reply_stateless(const struct sip_src *src, uint16_t code,
			 const char *to_tag);

/** Tag of such answers to what is in sip->rx.  @return tag */
const char *sip_stateless_tag(char tag[9], const struct sip *sip);

/** Where its responses go, and what is put into its Via (RFC 3261 18.2.1,
 *  18.2.2, RFC 3581 4).  received: "" = nothing */
struct sip_reply_route {
	struct ue_addr dst;
	char received[48];
	uint16_t rport;
};
void sip_reply_route(struct sip_reply_route *rt, const struct sip_src *src,
		     const struct sip_via *via);

/** FNV-1a, from a secret start: not for secrets, only to find and compare */
uint64_t sip_hash(uint64_t h, const void *data, size_t len);
uint64_t sip_hash_pl(uint64_t h, const struct pl *pl);

/** A tag as sip_writer_fmt("%x") writes it.  @return tag */
const char *sip_hex32(char tag[9], uint32_t v);

/** Is it this header field in a message that our writer has made? */
bool sip_line_is(const char *line, size_t len, enum sip_hdr_id id);

#endif
