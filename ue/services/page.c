/**
 * @file page.c  MESSAGE outside of dialogs (RFC 3428; TS 24.247 5.2)
 *
 * Messages without an outcome (s of RFC 3428):
 *
 *   state     event                  action                            next
 *   --------------------------------------------------------------------------
 *   FREE,     send                   MESSAGE (s4)                      SENT
 *   SENT,
 *   QUIET
 *   LAST      send                   MESSAGE                           FULL
 *   FREE      MESSAGE wish           200, page, MESSAGE (RFC 5438)     QUIET
 *   SENT,     MESSAGE wish           200, page, MESSAGE                -
 *   QUIET
 *   FULL      send                   ENOMEM                            -
 *   LAST,     MESSAGE wish           200, page (no notification)       -
 *   FULL
 *   FREE,     MESSAGE                200, page (s7)                    -
 *   SENT,     MESSAGE other          200, page (no notification)       -
 *   QUIET,
 *   LAST,
 *   FULL
 *   SENT      200, 202               tell SENT (s5)                    FREE
 *             302, 404               tell FAILED                       FREE
 *   LAST      200, 202               tell SENT                         SENT
 *             302, 404               tell FAILED                       SENT
 *   FULL      200, 202               tell SENT                         LAST
 *             302, 404               tell FAILED                       LAST
 *   SENT,     no answer              tell FAILED, tell DOWN            FREE
 *   LAST,
 *   FULL
 *   QUIET     200, 202               -                                 FREE
 *             302, 404               -                                 FREE
 *             no answer              - (the P-CSCF is not to blame)    FREE
 *   FREE,     lost                   - (outcomes follow)               GONE
 *   SENT,
 *   QUIET,
 *   LAST,
 *   FULL
 *   GONE      send                   EPROTO                            -
 *             MESSAGE, MESSAGE wish  200, page (a late one)            -
 *             MESSAGE other          200, page                         -
 *
 * QUIET: only notifications of ours, of which nobody is told; LAST: room for
 * one more, which is the user's; FULL: for none; GONE: not registered; wish:
 * for a notification (RFC 5438 s7.2.1), other: to somebody who has not sent it
 * (s14.2); DOWN: FLOW_FAILED.  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/restoration.h"
#include "ue/ims/text.h"
#include "ue/services/uri_list.h"
#include "ue/sip/multipart.h"


void pages_init(struct pages *ps, struct ue *ue)
{
	unsigned i;

	ps->ue = ue;
	for (i = 0; i < UE_PAGES_MAX; i++)
		ps->v[i].all = ps;
}


static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct page *p = arg;
	struct ue_event *ev;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	/* RFC 3428 s5: 200 and 202 end the matter */
	p->used = false;
	if (!p->quiet) {
		ev = ue_event_new(p->all->ue, !err && msg->code < 300
				  ? UE_EVENT_PAGE_SENT : UE_EVENT_PAGE_FAILED);
		ev->err = err;
		ev->status = err ? 0 : msg->code;
		ev->message.arg = p->arg;
	}

	/* TS 24.229 5.1.2A.1.6 */
	if (!err)
		(void)ims_restoration(&p->all->ue->reg, msg);
}


/** From, To, Call-ID and what every request has */
static int write_head(struct ue *ue, struct sip_writer *w,
		      const struct pl *uri)
{
	char *routes = ue->work.routes;
	char tag[17], id[25];
	int err;

	err = ims_hdr_routes(routes, IMS_ROUTES_MAX, &ue->reg);
	if (!err)
		err = sip_random_hex(&ue->sip, tag, sizeof(tag));
	if (!err)
		err = sip_random_hex(&ue->sip, id, sizeof(id));
	if (err)
		return err;

	sip_writer_hdr(w, SIP_HDR_ROUTE, "%s", routes);
	sip_writer_hdr(w, SIP_HDR_FROM, "<%s>;tag=%s",
		       ims_hdr_identity(&ue->reg), tag);
	sip_writer_hdr(w, SIP_HDR_TO, "<%r>", uri);
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "%s", id);
	sip_writer_hdr(w, SIP_HDR_CSEQ, "1 MESSAGE");
	ims_hdr_preferred_identity(w, &ue->reg);
	ims_hdr_privacy(w, ue->set->privacy);
	ims_hdr_request(w, &ue->reg, SIP_METHOD_MESSAGE);

	return 0;
}


/** @param leave  So many must stay free */
static struct page *slot(struct pages *ps, unsigned leave)
{
	unsigned i;

	for (i = 0; i < UE_PAGES_MAX; i++) {
		if (!ps->v[i].used && !leave--)
			return &ps->v[i];
	}

	return NULL;
}


static int start(struct ue *ue, struct page *p, bool quiet, void *arg)
{
	struct sip_ctrans *ct;
	int err = sip_ctrans_start(&ct, &ue->sip, ims_reg_hop(&ue->reg),
				   response_h, p);

	if (err)
		return err;

	/* anybody makes us send it to who never answers */
	if (quiet)
		sip_ctrans_far(ct);
	p->used  = true;
	p->quiet = quiet;
	p->arg   = arg;

	return 0;
}


/** Header of a part; NULL: the last boundary */
static void part(struct sip_writer *w, const char *boundary,
		 const char *type, const char *disposition)
{
	if (!type) {
		sip_writer_eol(w);
		sip_writer_line(w, "--%s--", boundary);
		return;
	}
	sip_writer_eol(w);
	sip_writer_line(w, "--%s", boundary);
	sip_writer_hdr(w, SIP_HDR_CONTENT_TYPE, "%s", type);
	if (disposition)
		sip_writer_hdr(w, SIP_HDR_CONTENT_DISPOSITION, "%s",
			       disposition);
	sip_writer_eol(w);
}


/* RFC 5365 s6: the message and the list of its recipients */
static int write_body(struct ue *ue, struct sip_writer *w, const char *uri,
		      const struct ue_message *msg, char id[IMDN_ID],
		      const char *const *uriv, unsigned uric)
{
	const char *type = msg->notify ? "message/cpim" : msg->type;
	char ctype[26 + 17] = "multipart/mixed;boundary=";
	char *boundary = ctype + strlen(ctype);
	struct msrp_text t;
	int err;

	msrp_text_init(&t, ue->work.imdn.text, sizeof(ue->work.imdn.text));
	id[0] = '\0';
	err = msg->notify ? imdn_wrap(ue, &t, id, uri, msg) : 0;
	if (!err && uriv)
		err = sip_random_hex(&ue->sip, boundary, 17);
	if (err)
		return err;

	sip_writer_body_begin(w, uriv ? ctype : type);
	if (uriv)
		part(w, boundary, type, NULL);
	sip_writer_data(w, t.p, t.len);
	sip_writer_data(w, msg->data, msg->len);
	if (uriv) {
		part(w, boundary, URI_LIST_TYPE, "recipient-list");
		uri_list_write(w, uriv, uric, NULL, NULL, true);
		part(w, boundary, NULL, NULL);
	}

	return sip_writer_body_end(w);
}


/* RFC 5365 s6: a list must not bring a second body along */
static bool list_valid(struct sip_uri *uri, const char *const *uriv,
		       unsigned uric)
{
	const char *p;

	while (uric--) {

		const struct pl pl = ims_pl(uriv[uric]);

		if (sip_uri_decode(uri, &pl))
			return false;
		for (p = strchr(uriv[uric], '?'); p; p = strchr(p + 1, '&')) {

			const struct pl name = {p + 1, strcspn(p + 1, "=&")};

			if (!pl_strcasecmp(&name, "body"))
				return false;
		}
	}

	return true;
}


int ue_page_send(struct ue *ue, const char *uri, const struct ue_message *msg,
		 const char *const *uriv, unsigned uric)
{
	const struct pl ruri = ims_pl(uri);
	struct sip_writer *w;
	char id[IMDN_ID];
	struct page *p;
	int err;

	if (!ue_is_open(ue) || !uri || !msg || !msg->type ||
	    (msg->len && !msg->data) || (uriv && !uric) ||
	    !list_valid(&ue->reg.scratch.addr.uri, uriv, uriv ? uric : 0) ||
	    sip_uri_decode(&ue->reg.scratch.addr.uri, &ruri))
		return EINVAL;
	if (msg->len > UE_PAGE_MAX)
		return EMSGSIZE;
	if (!ue->reg.info.registered)
		return EPROTO;
	p = slot(&ue->pages, 0);
	if (!p)
		return ENOMEM;

	w = sip_request_begin(&ue->sip, ims_reg_hop(&ue->reg), "MESSAGE",
			      &ruri);
	err = write_head(ue, w, &ruri);
	if (err)
		return err;
	if (uriv)
		sip_writer_hdr(w, SIP_HDR_REQUIRE, "recipient-list-message");
	err = write_body(ue, w, uri, msg, id, uriv, uric);
	if (!err)
		err = start(ue, p, false, msg->arg);
	if (!err)
		imdn_sent(&ue->imdns, id, msg->about);

	return err;
}


/** Has it sent this message, as the network says (RFC 3325 s9.1)?  From is
 *  anybody's word where the network is one that asserts identities */
static bool is_sender(struct ue *ue, const struct pl *uri,
		      const struct sip_msg *msg)
{
	struct sip_addr *addr = &ue->reg.scratch.addr;
	enum sip_hdr_id id = SIP_HDR_P_ASSERTED_IDENTITY;
	struct sip_uri own;
	struct sip_iter it;

	if (ue->set->sec == UE_SEC_NONE && sip_msg_addr(addr, msg, id))
		id = SIP_HDR_FROM;

	sip_iter_init(&it, msg, id);
	while (!sip_uri_decode(&own, uri) && !sip_iter_addr(addr, &it)) {
		if (sip_uri_equal(&addr->uri, &own))
			return true;
	}

	return false;
}


int page_notify(struct ue *ue, const struct msrp_cpim *c,
		enum msrp_imdn_status status)
{
	/* what anybody can ask for leaves room for the user */
	struct page *p = slot(&ue->pages, status == MSRP_IMDN_DELIVERED);
	const struct sip_msg *msg = ue->pages.msg;
	struct sip_writer *w;
	struct msrp_text t;
	struct pl to;
	int err;

	err = imdn_target(&to, c, status);
	if (err)
		return err;
	/* RFC 5438 s14.2: nobody makes us send to others */
	if (msg ? !is_sender(ue, &to, msg)
	    : sip_uri_decode(&ue->reg.scratch.addr.uri, &to))
		return EBADMSG;
	if (!ue->reg.info.registered)
		return EPROTO;
	if (!p)
		return ENOMEM;

	w = sip_request_begin(&ue->sip, ims_reg_hop(&ue->reg), "MESSAGE", &to);
	err = write_head(ue, w, &to);
	if (err)
		return err;
	msrp_text_init(&t, ue->work.imdn.text, sizeof(ue->work.imdn.text));
	err = imdn_write(ue, &t, c, status);
	if (err)
		return err;
	(void)sip_writer_body(w, "message/cpim", t.p, t.len);

	return start(ue, p, true, NULL);
}


/** The message itself: what is not the list of its other recipients (RFC 5365
 *  s7.3) */
static int payload(struct sip_part *pt, const struct sip_msg *msg)
{
	struct sip_part_iter it;
	int err;

	sip_part_iter_init(&it, msg);
	do
		err = sip_part_next(pt, &it);
	while (!err && sip_ctype_is(&pt->ctype, "application",
				    "resource-lists+xml"));

	/* RFC 5621 s4.2 */
	if (!err && sip_ctype_is(&pt->ctype, "multipart", NULL)) {
		sip_part_iter_inner(&it, pt);
		err = sip_part_next(pt, &it);
	}

	return err;
}


/** A notification about a message of ours */
static bool notified(struct ue *ue, const struct msrp_cpim *c,
		     const struct pl *from)
{
	enum msrp_imdn_status notice;
	struct ue_event *ev;
	void *about;

	if (!imdn_read(&about, &notice, &ue->imdns, c))
		return false;

	ev = ue_event_new(ue, UE_EVENT_MESSAGE_NOTIFIED);
	ev->message.about  = about;
	ev->message.notice = notice;
	(void)ims_copy(ev->text, sizeof(ev->text), from);

	return true;
}


void pages_request(struct pages *ps, struct sip_strans *st,
		   const struct sip_msg *msg)
{
	const struct ue_messaging *set = ps->ue->set->messaging;
	struct sip_addr *from = &ps->ue->reg.scratch.addr;
	struct msrp_cpim *c = &ps->ue->messaging.cpim;
	struct sip_part pt;
	struct sip_writer *w;
	uint16_t code = 400;
	struct pl who;
	bool cpim;

	/* TS 24.229 5.1.4.1: who the network says that it is */
	if (payload(&pt, msg) ||
	    (sip_msg_addr(from, msg, SIP_HDR_P_ASSERTED_IDENTITY) &&
	     sip_msg_addr(from, msg, SIP_HDR_FROM)))
		goto answer;
	who = from->uri.text;
	cpim = sip_ctype_is(&pt.ctype, "message", "cpim") &&
		!msrp_cpim_decode(c, pt.body.p, pt.body.l);
	if (cpim && notified(ps->ue, c, &who)) {
		code = 200;
		goto answer;
	}
	ps->msg = msg;
	code = set->page_h(ps->ue, &who, &pt.ctype.type, &pt.ctype.subtype,
			   &pt.body, set->arg);
	/* RFC 5438 s7.2.1: where there is no room for it, there is none */
	if (cpim && code / 100 == 2)
		(void)page_notify(ps->ue, c, MSRP_IMDN_DELIVERED);
	ps->msg = NULL;

 answer:
	w = ims_reply_begin(&ps->ue->reg, st, code);
	/* RFC 3261 s21.4.13 */
	if (code == 415)
		sip_writer_hdr(w, SIP_HDR_ACCEPT,
			       "text/plain, message/cpim");
	(void)sip_reply_end(st);
}
