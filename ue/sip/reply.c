/**
 * @file reply.c  Responses: what is copied from the request, what a refusal
 *                carries
 *
 * Received values are copied as they are: the parser has seen to it that no
 * line ends in them.
 */
#include "ue/sip/scan.h"
#include "ue/sip/writer.h"


/** The topmost Via with received (RFC 3261 s18.2.1) and the value of rport
 *  (RFC 3581 s4): its other parameters as they came */
static void put_top_via(struct sip_writer *w, const struct sip_via *via,
			const struct pl *received, uint16_t rport)
{
	struct pl rest = via->params;
	struct sip_param prm;

	sip_writer_data(w, via->text.p,
			(size_t)(via->params.p - via->text.p));

	for (;;) {

		const char *start = rest.p;

		if (sip_param_next(&prm, &rest))
			break;

		if (received && sip_is_word(&prm.name, "received"))
			continue;

		if (rport && sip_is_word(&prm.name, "rport"))
			sip_writer_fmt(w, ";rport=%u", (uint32_t)rport);
		else
			sip_writer_data(w, start, (size_t)(rest.p - start));
	}

	if (received)
		sip_writer_fmt(w, ";received=%r", received);
}


static void put_vias(struct sip_writer *w, const struct sip_msg *m,
		     const struct pl *received, uint16_t rport)
{
	struct sip_iter it;
	struct pl val, top;

	if (!m->via.host.p || (!received && !rport)) {
		sip_writer_copy(w, m, SIP_HDR_VIA);
		return;
	}

	sip_iter_init(&it, m, SIP_HDR_VIA);
	while (!sip_iter_field(&val, &it)) {
		sip_writer_name(w, SIP_HDR_VIA);

		top = m->via.text;
		if (val.p == top.p) {
			put_top_via(w, &m->via, received, rport);
			val.p += top.l;
			val.l -= top.l;
		}
		sip_writer_data(w, val.p, val.l);
		sip_writer_eol(w);
	}
}


static void put_to(struct sip_writer *w, const struct sip_msg *m,
		   const char *tag)
{
	struct pl val;

	if (!tag || m->to_tag.p || sip_msg_hdr(&val, m, SIP_HDR_TO)) {
		sip_writer_copy(w, m, SIP_HDR_TO);
		return;
	}

	sip_writer_name(w, SIP_HDR_TO);
	sip_writer_data(w, val.p, val.l);
	sip_writer_line(w, ";tag=%s", tag);
}


void sip_writer_reply(struct sip_writer *w, const struct sip_msg *m,
		      uint16_t code, const char *phrase, const char *to_tag,
		      const struct pl *received, uint16_t rport)
{
	sip_writer_status(w, code, phrase);

	/* RFC 3261 s8.2.6.2 */
	put_vias(w, m, received, rport);
	sip_writer_copy(w, m, SIP_HDR_FROM);
	put_to(w, m, code > 100 ? to_tag : NULL);
	sip_writer_copy(w, m, SIP_HDR_CALL_ID);
	sip_writer_copy(w, m, SIP_HDR_CSEQ);

	/* s8.2.6.1 */
	if (code == 100)
		sip_writer_copy(w, m, SIP_HDR_TIMESTAMP);
}


/** RFC 3261 s8.2.2.3: Unsupported lists what Require asked for in vain */
static void put_unsupported(struct sip_writer *w, const struct sip_msg *m,
			    const char *const *optionv)
{
	struct sip_iter it;
	struct pl tag;
	bool first = true;

	sip_iter_init(&it, m, SIP_HDR_REQUIRE);
	while (!sip_next_unsupported(&tag, &it, optionv)) {
		if (first)
			sip_writer_name(w, SIP_HDR_UNSUPPORTED);
		sip_writer_fmt(w, first ? "%r" : ", %r", &tag);
		first = false;
	}
	if (!first)
		sip_writer_eol(w);
}


void sip_writer_refusal(struct sip_writer *w, const struct sip_msg *m,
			uint16_t status, const char *const *methodv,
			const char *const *optionv,
			const char *const *acceptv)
{
	switch (status) {

	case 405:       /* RFC 3261 s21.4.6 */
	case 501:       /* s20.5: Allow may be in any answer, it helps here */
		sip_writer_list(w, SIP_HDR_ALLOW, methodv);
		break;

	case 415:       /* s21.4.13 */
		sip_writer_list(w, SIP_HDR_ACCEPT, acceptv);
		if (sip_msg_has(m, SIP_HDR_CONTENT_ENCODING))
			sip_writer_hdr(w, SIP_HDR_ACCEPT_ENCODING,
				       "identity");
		break;

	case 420:       /* s21.4.15 */
		put_unsupported(w, m, optionv);
		break;

	default:
		break;
	}
}
