/**
 * @file request.c  Requests: their begin, their transport, ACK and CANCEL made
 * from an INVITE
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/core.h"

#define MAX_FORWARDS 70


struct sip_writer *sip_request_begin(struct sip *sip, struct sip_hop *hop,
				     const char *method,
				     const struct pl *ruri)
{
	struct sip_writer *w = &sip->writer;
	struct pl met;
	char sent_by[UE_ADDR_STR];
	uint32_t r[2];
	const char *comp = NULL;
	bool one_port;

	sip->tx_what = SIP_TX_NONE;
	sip_writer_init(w, sip->tx, sizeof(sip->tx));

	if (hop)
		hop = sip_hop_active(hop);

	if (!hop || hop->sip != sip) {
		w->err = EINVAL;
		return w;
	}

	if (sip_random_u32(sip, &r[0]) || sip_random_u32(sip, &r[1])) {
		w->err = EIO;
		return w;
	}

	pl_set_str(&met, method);
	sip->tx_what   = SIP_TX_REQUEST;
	sip->tx_method = (uint8_t)sip_method(&met);
	sip->tx_key    = (uint64_t)r[0] << 32 | r[1];

	/* nothing else leaves without an association */
	if (hop->prm.register_only && sip->tx_method != SIP_METHOD_REGISTER)
		w->err = EPERM;

	/* an answer to the client port would be wrong (TS 33.203 7.1) */
	one_port = !hop->prm.protect && hop->flow_uc == hop->flow_us;

	if (hop->filter)
		comp = hop->filter->via_params;

	sip_writer_request(w, method, ruri);
	sip_writer_hdr(w, SIP_HDR_VIA,
		       "SIP/2.0/%s %s;branch=z9hG4bK%x%x%s%s%s",
		       hop->prm.udp ? "UDP" : "TCP",
		       ue_addr_print(sent_by, &hop->sent_by,
				     UE_ADDR_HOSTPORT),
		       r[0], r[1], one_port ? ";rport" : "",
		       hop->prm.keep && sip->tx_method == SIP_METHOD_REGISTER
		       ? ";keep" : "", comp ? comp : "");
	sip_writer_hdr(w, SIP_HDR_MAX_FORWARDS, "%u", (uint32_t)MAX_FORWARDS);
	if (sip->cfg.user_agent)
		sip_writer_hdr(w, SIP_HDR_USER_AGENT, "%s",
			       sip->cfg.user_agent);

	return w;
}


/* Is there a complete request for this hop in the transmit buffer? */
int sip_tx_check(struct sip *sip, const struct sip_hop *hop)
{
	const int err = sip_writer_err(&sip->writer);
	const bool begun = sip->tx_what == SIP_TX_REQUEST;

	sip->tx_what = SIP_TX_NONE;

	if (err)
		return err;

	return begun && hop && hop->sip == sip ? 0 : EINVAL;
}


/* The transport in the topmost Via, which follows the request line; both
   names have three letters */
void sip_via_set_transport(char *buf, size_t len,
			   enum ue_transport transport)
{
	static const char via[] = "Via: SIP/2.0/";
	char *p = memchr(buf, '\n', len);

	if (!p || (size_t)(buf + len - ++p) < sizeof(via) + 2)
		return;

	memcpy(p + sizeof(via) - 1,
	       transport == UE_TRANSPORT_TCP ? "TCP" : "UDP", 3);
}


/* RFC 3261 s18.1.1 */
enum ue_transport sip_choose_transport(const struct sip_hop *hop, size_t len)
{
	if (!hop->prm.udp)
		return UE_TRANSPORT_TCP;

	if (hop->prm.tcp && len > (hop->prm.udp_max ? hop->prm.udp_max
				   : hop->sip->cfg.udp_max))
		return UE_TRANSPORT_TCP;

	return UE_TRANSPORT_UDP;
}


/* Which of our own INVITE's lines belong into them.  RFC 3261 s17.1.1.3 (ACK),
   s9.1 (CANCEL), s22.1 (credentials) */
static bool line_belongs(const char *line, size_t n, bool ack, bool first)
{
	static const uint8_t both[] = {
		SIP_HDR_FROM, SIP_HDR_CALL_ID, SIP_HDR_CSEQ,
		SIP_HDR_MAX_FORWARDS, SIP_HDR_ROUTE, SIP_HDR_TO
	};
	static const uint8_t ack_only[] = {
		SIP_HDR_AUTHORIZATION, SIP_HDR_PROXY_AUTHORIZATION
	};
	size_t i;

	if (first)
		return true;

	for (i = 0; i < sizeof(both); i++) {
		if (sip_line_is(line, n, (enum sip_hdr_id)both[i]))
			return true;
	}

	for (i = 0; ack && i < sizeof(ack_only); i++) {
		if (sip_line_is(line, n, (enum sip_hdr_id)ack_only[i]))
			return true;
	}

	return false;
}


/**
 * Write the ACK or CANCEL for an INVITE into sip->tx
 *
 * @param sip     SIP core
 * @param req     The stored INVITE
 * @param method  "ACK" or "CANCEL": not longer than "INVITE"
 * @param to      To of the response, ACK only; else NULL
 *
 * @return 0 or the writer's error
 */
int sip_write_from_invite(struct sip *sip, const struct sip_stored *req,
			  const char *method, const struct pl *to)
{
	static const size_t invite = sizeof("INVITE") - 1;
	struct sip_writer *w = &sip->writer;
	struct sip_store_reader r;
	const size_t mlen = strlen(method);
	size_t n, lines = 0;

	sip->tx_what = SIP_TX_NONE;
	sip_writer_init(w, sip->tx, sizeof(sip->tx));
	sip_store_reader_init(&r, &sip->store, req);

	for (;;) {

		char *line = w->buf + w->pos;

		n = sip_store_line(line, w->size - w->pos, &r);
		if (n <= 2)
			break;

		if (lines == 0) {
			/* request line */
			memmove(line + mlen, line + invite, n - invite);
			memcpy(line, method, mlen);
			w->pos += n - invite + mlen;
		}
		else if (to && sip_line_is(line, n, SIP_HDR_TO)) {
			sip_writer_hdr(w, SIP_HDR_TO, "%r", to);
		}
		else if (sip_line_is(line, n, SIP_HDR_CSEQ)) {
			w->pos += n - 2 - invite;
			sip_writer_str(w, method);
			sip_writer_eol(w);
		}
		else if (line_belongs(line, n, to != NULL, lines == 1)) {
			w->pos += n;
		}

		++lines;
	}

	/* the empty line must have come */
	if (n != 2 && !w->err)
		w->err = EOVERFLOW;

	return sip_writer_end(w);
}


/* There is no transaction that would go on by UDP (s18.1.1): the peer's next
   2xx asks for it */
static int send_ack(struct sip *sip, struct sip_hop *hop, size_t len)
{
	const enum ue_transport transport = hop->no_tcp ? UE_TRANSPORT_UDP
		: sip_choose_transport(hop, len);

	sip_via_set_transport(sip->tx, len, transport);

	return sip_hop_send(hop, transport, sip->tx, len);
}


int sip_send_ack(struct sip *sip, struct sip_hop *base,
		 struct sip_ctrans *ct)
{
	const size_t len = sip_writer_len(&sip->writer);
	struct sip_hop *hop = base ? sip_hop_active(base) : NULL;
	int err;

	err = sip_tx_check(sip, hop);
	if (err)
		return err;

	if (ct)
		(void)sip_keep(sip, &ct->req, len);

	return send_ack(sip, hop, len);
}


int sip_send_ack_again(struct sip_ctrans *ct, struct sip_hop *base)
{
	struct sip *sip = ct->sip;
	struct sip_hop *hop = base ? sip_hop_active(base) : NULL;
	const size_t len = sip_store_get(sip->tx, sizeof(sip->tx),
					 &sip->store, &ct->req);

	return hop && hop->sip && !hop->prm.register_only && len
		? send_ack(sip, hop, len) : ENOENT;
}
