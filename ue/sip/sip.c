/**
 * @file sip.c  The SIP core: life cycle, received messages, answers without a
 * transaction
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

/** Retry-After of a 503 for want of memory, seconds: what is taken is free
 *  again after a few T1 */
#define RETRY_AFTER_S 10

#define PORT_DEFAULT 5060


/* ------------------------------------------------------------------ */
/* Helpers */


int sip_random_u32(struct sip *sip, uint32_t *v)
{
	return sip->port->random(sip->port->arg, v, sizeof(*v)) ? EIO : 0;
}


int sip_random_hex(struct sip *sip, char *str, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t r = 0;
	size_t i;

	for (i = 0; i + 1 < size; i++) {

		if (i % 8 == 0 && sip_random_u32(sip, &r))
			return EIO;

		str[i] = hex[r & 15];
		r >>= 4;
	}

	if (size)
		str[i] = '\0';

	return 0;
}


uint64_t sip_hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;

	return h;
}


const char *sip_hex32(char tag[9], uint32_t v)
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < 8; i++)
		tag[i] = hex[v >> (28 - 4 * i) & 15];

	tag[8] = '\0';

	return tag;
}


/* With an end mark, so that "a","bc" and "ab","c" differ */
uint64_t sip_hash_pl(uint64_t h, const struct pl *pl)
{
	return sip_hash(sip_hash(h, pl->p, pl->p ? pl->l : 0), "", 1);
}


bool sip_line_is(const char *line, size_t len, enum sip_hdr_id id)
{
	size_t n;
	const char *name = sip_hdr_name(id, &n);

	return len > n && line[n] == ':' && !memcmp(line, name, n);
}


/* ------------------------------------------------------------------ */
/* Life cycle */


/* What is kept only to answer a repeated message goes before what is kept for
   something else */
static bool evict(void *arg)
{
	struct sip *sip = arg;

	return sip_strans_evict(sip) || sip_ctrans_evict(sip);
}


int sip_init(struct sip *sip, struct ue_timers *timers,
	     const struct ue_port *port, const struct sip_config *cfg,
	     const struct sip_uas_config *uas, sip_request_h *reqh,
	     void *arg)
{
	if (!timers || !port || !cfg || !uas || !reqh)
		return EINVAL;

	memset(sip, 0, sizeof(*sip));
	sip->timers = timers;
	sip->port   = port;
	sip->cfg    = *cfg;
	sip->uas    = uas;
	sip->reqh   = reqh;
	sip->arg    = arg;
	sip_store_init(&sip->store);
	sip->store.evict = evict;
	sip->store.arg = sip;

	return port->random(port->arg, &sip->secret, sizeof(sip->secret))
		? EIO : 0;
}


void sip_close(struct sip *sip)
{
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++)
		sip_ctrans_close(&sip->ctransv[i]);

	for (i = 0; i < UE_STRANS_MAX; i++)
		sip_strans_close(&sip->stransv[i]);

	while (sip->hops)
		sip_hop_close(sip->hops);
}


bool sip_idle(const struct sip *sip)
{
	unsigned i;

	for (i = 0; i < UE_CTRANS_MAX; i++) {
		if (sip->ctransv[i].state != SIP_CT_FREE)
			return false;
	}

	for (i = 0; i < UE_STRANS_MAX; i++) {
		if (sip->stransv[i].state != SIP_ST_FREE)
			return false;
	}

	return sip_store_used(&sip->store) == 0;
}


/* ------------------------------------------------------------------ */
/* Answers without a transaction */


void sip_reply_route(struct sip_reply_route *rt, const struct sip_src *src,
		     const struct sip_via *via)
{
	struct ue_addr sent_by;
	const bool literal = !ue_addr_decode(&sent_by, &via->host);
	const bool two_ports = src->hop->flow_uc != src->hop->flow_us;

	rt->dst = src->addr;
	rt->received[0] = '\0';
	rt->rport = 0;

	/* RFC 3261 s18.2.1, RFC 3581 s4 */
	if (via->rport_present || !literal ||
	    !ue_addr_same_ip(&sent_by, &src->addr))
		ue_addr_print(rt->received, &src->addr, UE_ADDR_PLAIN);

	if (via->rport_present)
		rt->rport = src->addr.port;

	/* TS 33.203 7.1: the only port to which an association leads */
	if (src->hop->prm.protect) {
		rt->dst = src->hop->prm.peer;
		return;
	}

	/* TS 33.203 7.1: with protected client and server ports the answer
	   goes to the server port that the Via names, whatever rport says */
	if (via->rport_present && !two_ports)
		return;

	/* RFC 3261 s18.2.2: the address it came from, the port of sent-by;
	   maddr comes before both */
	rt->dst.port = via->port ? via->port : PORT_DEFAULT;

	if (via->maddr.p && !ue_addr_decode(&sent_by, &via->maddr)) {
		sent_by.port = rt->dst.port;
		rt->dst = sent_by;
	}
}


/* RFC 3261 s8.2.7: the same tag in each answer to the same request */
const char *sip_stateless_tag(char tag[9], const struct sip *sip)
{
	const struct sip_msg *m = &sip->rx;
	uint64_t h = sip->secret;

	h = sip_hash_pl(h, &m->via.branch);
	h = sip_hash_pl(h, &m->call_id);
	h = sip_hash_pl(h, &m->from_tag);
	h = sip_hash(h, &m->cseq, sizeof(m->cseq));

	return sip_hex32(tag, (uint32_t)(h >> 16));
}


void sip_reply_stateless(const struct sip_src *src, uint16_t code,
			 const char *to_tag)
{
	struct sip *sip = src->sip;
	struct sip_writer *w = &sip->writer;
	struct sip_reply_route rt;
	struct pl received;
	char tag[9];
	int8_t flow = (int8_t)src->flow;

	if (!to_tag)
		to_tag = sip_stateless_tag(tag, sip);

	sip_reply_route(&rt, src, &sip->rx.via);
	received.p = rt.received;
	received.l = strlen(rt.received);

	sip->tx_what = SIP_TX_NONE;
	sip_writer_init(w, sip->tx, sizeof(sip->tx));
	sip_writer_reply(w, &sip->rx, code, NULL, to_tag,
			 received.l ? &received : NULL, rt.rport);
	sip_writer_refusal(w, &sip->rx, code, sip->uas->methodv,
			   sip->uas->optionv, sip->uas->acceptv);
	if (code == 503)
		sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u",
			       (uint32_t)RETRY_AFTER_S);
	if (sip->uas->write_h)
		sip->uas->write_h(w, (enum sip_method)sip->rx.method,
				  sip->arg);
	if (sip_writer_end(w))
		return;

	if (src->transport == UE_TRANSPORT_UDP &&
	    src->hop->flow_uc != src->hop->flow_us)
		flow = src->hop->flow_uc;

	(void)sip_flow_send(src->hop, flow, &rt.dst, sip->tx,
			    sip_writer_len(w));
}


/* ------------------------------------------------------------------ */
/* Received messages */


/* Requests of others than the P-CSCF are dropped, as their connections are:
   whoever reaches the port would take all server transactions */
static bool serves(const struct sip_src *src)
{
	return !src->hop->prm.register_only &&
		ue_addr_same_ip(&src->hop->prm.peer, &src->addr);
}


/* A request that was refused by the parser, or not read to its end.  An ACK
   is never answered (RFC 3261 s17.1.1.3), nor is a response */
static bool answerable(const struct sip_src *src)
{
	const struct sip_msg *m = &src->sip->rx;

	return m->request && m->via.host.p && m->method != SIP_METHOD_ACK &&
		serves(src);
}


/* RFC 3320 s5: only what the P-CSCF itself has sent may leave a state */
void sip_verdict(const struct sip_src *src, bool accepted)
{
	const struct sip_filter *f = src->hop->filter;

	if (!f || !f->verdict)
		return;

	if (!ue_addr_same_ip(&src->hop->prm.peer, &src->addr))
		accepted = false;

	f->verdict(f->arg, accepted ? &src->sip->rx : NULL);
}


void sip_recv(const struct sip_src *src, char *buf, size_t len,
	      enum sip_framing framing)
{
	struct sip *sip = src->sip;
	struct sip_msg *m = &sip->rx;

	++sip->stats.rx_messages;

	if (sip_msg_parse(m, buf, len, framing)) {

		++sip->stats.rx_malformed;
		sip_verdict(src, false);
		if (m->status && answerable(src))
			sip_reply_stateless(src, m->status, NULL);
		return;
	}

	if (!m->request) {
		sip_ctrans_response(src);
		return;
	}

	if (!serves(src)) {
		++sip->stats.rx_filtered;
		sip_verdict(src, false);
		return;
	}

	sip_verdict(src, true);
	sip_hop_heard(src->hop);
	sip_strans_request(src);
}


void sip_recv_oversize(const struct sip_src *src, char *buf, size_t len)
{
	struct sip *sip = src->sip;
	struct sip_msg *m = &sip->rx;

	++sip->stats.rx_oversize;
	sip_verdict(src, false);

	/* a stream has delivered a part only: what is there may be enough for
	   an answer (RFC 3261 s21.5.7) */
	if (len > SIP_MSG_LEN_MAX)
		len = SIP_MSG_LEN_MAX;

	(void)sip_msg_parse(m, buf, len, SIP_FRAMING_DATAGRAM);
	if (answerable(src))
		sip_reply_stateless(src, 513, NULL);
}
