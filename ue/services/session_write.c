/**
 * @file session_write.c  Requests and responses of a session (TS 24.229
 * 5.1.2A, 5.1.3.1, 5.1.4.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/services/session_core.h"


static void user_headers(struct session *s, struct sip_writer *w,
			 enum sip_method method, uint16_t code)
{
	if (s->user && s->user->header_h)
		s->user->header_h(s, w, method, code, s->arg);
}


/* What makes or changes a session says what we understand */
static void abilities(struct session *s, struct sip_writer *w)
{
	const struct sip_uas_config *uas = session_sip(s)->uas;

	ims_hdr_contact(w, &s->all->ue->reg, true);
	sip_writer_list(w, SIP_HDR_ALLOW, uas->methodv);
	sip_writer_list(w, SIP_HDR_SUPPORTED, uas->optionv);

	/* TS 24.229 5.1.3.1: what an answer may have in its body */
	if (s->state == SESSION_CALLING)
		sip_writer_hdr(w, SIP_HDR_ACCEPT,
			       "application/sdp, application/3gpp-ims+xml");
}


struct sip_writer *session_begin(struct session *s, const char *method)
{
	struct ims_reg *reg = &s->all->ue->reg;
	struct sip_writer *w;
	struct pl name;
	enum sip_method met;

	pl_set_str(&name, method);
	met = sip_method(&name);

	w = sip_dialog_begin(&s->dlg, session_sip(s), method);
	if (met == SIP_METHOD_INVITE || met == SIP_METHOD_UPDATE)
		abilities(s, w);
	if (met == SIP_METHOD_INVITE)
		ims_hdr_privacy(w, s->privacy);
	ims_hdr_request(w, reg, met);
	user_headers(s, w, met, 0);

	return w;
}


/* ------------------------------------------------------------------ */


/* before: the exchange under way when the request was begun.  An offer in a
   request that could not be sent was not made */
static int send(struct session *s, uint8_t before, struct sip_ctrans **ctp,
		sip_response_h *h)
{
	const int err = sip_ctrans_start(ctp, session_sip(s), s->dlg.hop, h,
					 s);

	if (err && s->offer == SESSION_OFFER_LOCAL && before != s->offer) {
		session_drop_offer(s);
		s->offer = before;
		s->told = SDESC_INACTIVE;
	}

	return err;
}


int session_send_invite(struct session *s, enum session_write how)
{
	const bool initial = s->state == SESSION_CALLING;
	const uint8_t before = s->offer;
	struct sip_writer *w = session_begin(s, "INVITE");

	s->rseq = 0;

	if (initial) {
		ims_hdr_preferred_identity(w, &s->all->ue->reg);
		/* TS 24.229 5.1.3.1, RFC 3841 s9.1: the preconditions are
		   those of one peer */
		if (s->preconditions)
			sip_writer_hdr(w, SIP_HDR_REQUEST_DISPOSITION,
				       "no-fork");
	}

	session_auth_write(s, w);
	session_timer_request(s, w);

	if (initial && (s->flags & SESSION_LATE_OFFER))
		(void)sip_writer_end(w);
	else
		(void)session_write_body(s, w, how, initial);

	return send(s, before, &s->ct, session_invite_h);
}


int session_send_update(struct session *s, bool offer)
{
	const uint8_t before = s->offer;
	struct sip_writer *w = session_begin(s, "UPDATE");

	session_timer_request(s, w);

	if (offer)
		(void)session_write_body(s, w, SESSION_WRITE_NEW, false);
	else
		(void)sip_writer_end(w);

	return send(s, before, NULL, session_update_h);
}


int session_send_prack(struct session *s, struct sip_dialog *dlg,
		       const struct sip_msg *msg, bool body)
{
	const uint8_t before = s->offer;
	struct sip_writer *w;
	uint32_t rseq = 0;

	(void)sip_msg_uint(&rseq, msg, SIP_HDR_RSEQ);

	w = sip_dialog_begin(dlg, session_sip(s), "PRACK");
	ims_hdr_request(w, &s->all->ue->reg, SIP_METHOD_PRACK);
	sip_writer_hdr(w, SIP_HDR_RACK, "%u %u INVITE", rseq, msg->cseq);
	user_headers(s, w, SIP_METHOD_PRACK, 0);

	if (body)
		(void)session_write_body(s, w, SESSION_WRITE_NEW, false);
	else
		(void)sip_writer_end(w);

	/* without an offer in it the answer says nothing: what the peer has
	   not got it sends again */
	return send(s, before, NULL, before != s->offer &&
		    s->offer == SESSION_OFFER_LOCAL ? session_prack_h : NULL);
}


/* RFC 3261 s13.2.2.4: also again, for each 2xx that comes again */
int session_send_ack(struct session *s, struct sip_dialog *dlg, uint32_t cseq,
		     struct sip_ctrans *ct)
{
	const uint32_t last = dlg->invite_cseq;
	struct sip_writer *w;
	int err = 0;

	dlg->invite_cseq = cseq;
	w = sip_dialog_begin(dlg, session_sip(s), "ACK");
	dlg->invite_cseq = last;
	session_auth_again(s, w);

	if (ct)
		err = session_write_body(s, w, SESSION_WRITE_NEW, false);
	else
		(void)sip_writer_end(w);

	/* there is no way to refuse an offer in a 2xx but to end it; the ACK
	   must go all the same (RFC 3261 s14.1) */
	if (err) {
		dlg->invite_cseq = cseq;
		w = sip_dialog_begin(dlg, session_sip(s), "ACK");
		dlg->invite_cseq = last;
		(void)sip_writer_end(w);
		ct = NULL;
	}

	(void)sip_send_ack(session_sip(s), dlg->hop, ct);

	return err;
}


/* ------------------------------------------------------------------ */


struct sip_writer *session_reply_begin(struct session *s,
				       struct sip_strans *st, uint16_t code)
{
	const enum sip_method met = (enum sip_method)st->method;
	struct sip_writer *w = sip_reply_begin(st, code, NULL);

	if (code < 300 && (met == SIP_METHOD_INVITE ||
			   met == SIP_METHOD_UPDATE))
		abilities(s, w);
	if (code < 300 && met == SIP_METHOD_INVITE)
		ims_hdr_privacy(w, s->privacy);
	ims_hdr_response(w, &s->all->ue->reg, met);
	/* RFC 3261 s13.3.1.3, s20.43 */
	if (code == 488)
		sip_writer_hdr(w, SIP_HDR_WARNING,
			       "304 ue \"Media type not available\"");
	if (met == SIP_METHOD_INVITE)
		user_headers(s, w, met, code);

	return w;
}


int session_reply(struct session *s, struct sip_strans *st, uint16_t code)
{
	if (code >= 200)
		sip_strans_set_handler(st, NULL, NULL);

	(void)session_reply_begin(s, st, code);

	return sip_reply_end(st);
}


void session_reply_later(struct session *s, struct sip_strans *st)
{
	struct sip_writer *w = session_reply_begin(s, st, 500);
	uint32_t r = 0;

	(void)sip_random_u32(session_sip(s), &r);
	sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u", r % 11);
	(void)sip_reply_end(st);
}
