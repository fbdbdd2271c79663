/**
 * @file referred.c  A REFER that we are asked to follow, and the NOTIFYs that
 * tell how it went (RFC 3515 2.4.2 to 2.4.5, RFC 4488)
 *
 *   state       event         action                             next
 *   ---------------------------------------------------------------------
 *   FREE        REFER         202, NOTIFY 100 (RFC 3515 2.4.4)   NOTIFYING
 *               REFER no-sub  202 (RFC 4488 4)                   SILENT
 *   ACTIVE      1xx           NOTIFY 1xx (RFC 3515 2.4.5)        NOTIFYING
 *               final         NOTIFY final, noresource (2.4.7)   FINAL
 *               time          NOTIFY again, timeout              EXPIRED
 *               SUBSCRIBE     200, NOTIFY again                  NOTIFYING
 *               SUBSCRIBE 0   200, NOTIFY again, timeout         EXPIRED
 *   NOTIFYING   2xx           -                                  ACTIVE
 *               1xx           -                                  NOTIFYING*
 *               SUBSCRIBE     200                                NOTIFYING*
 *   NOTIFYING*  2xx           NOTIFY 1xx                         NOTIFYING
 *               SUBSCRIBE     200                                -
 *   NOTIFYING,  final         -                                  FINAL*
 *   NOTIFYING*  481           - (RFC 6665 4.2.2)                 SILENT
 *               no answer     -                                  SILENT
 *               time          -                                  EXPIRED*
 *               SUBSCRIBE 0   200                                EXPIRED*
 *   EXPIRED*    2xx           NOTIFY again, timeout              EXPIRED
 *               481           -                                  SILENT
 *               no answer     -                                  SILENT
 *               final         -                                  FINAL*
 *   EXPIRED     2xx           -                                  SILENT
 *               481           -                                  SILENT
 *               no answer     -                                  SILENT
 *   EXPIRED,    final         -                                  FREE
 *   SILENT
 *   FINAL*      2xx           NOTIFY final, noresource           FINAL
 *               SUBSCRIBE     200                                -
 *               SUBSCRIBE 0   200                                -
 *   FINAL*,     481           -                                  FREE
 *   FINAL       no answer     -                                  FREE
 *   FINAL       2xx           -                                  FREE
 *   FREE,       SUBSCRIBE     403 (RFC 3515 2.4.4)               -
 *   EXPIRED(*), SUBSCRIBE 0   403                                -
 *   SILENT,
 *   FINAL
 *   ACTIVE,     lost          -                                  FREE
 *   NOTIFYING,
 *   NOTIFYING*,
 *   EXPIRED(*),
 *   SILENT,
 *   FINAL(*)
 *
 * 1xx, final: referred_status(); 2xx (or a refusal that ends no subscription),
 * 481, no answer: to the NOTIFY that is under way.  There is one at a time;
 * NAME*: the last status of what happened meanwhile waits for its end.
 * SILENT: nobody listens, what was asked for goes on.  time: the end of the
 * subscription (RFC 6665 4.2.1.4); lost: the registration, or the session
 * whose dialog it is in where there is no room for that in a table of ours.
 * Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"
#include "ue/services/refer_core.h"

/** Duration of the implicit subscription, seconds; refreshed for no longer */
#define EXPIRES_S 300

static void send_notify(struct referred *rd, uint16_t status);


static struct ue_timers *timers(const struct referred *rd)
{
	return &rd->all->ue->timers;
}


static void forget(struct referred *rd)
{
	struct sip_store *st = &rd->all->ue->sip.store;

	sip_store_free(st, &rd->uri);
	sip_store_free(st, &rd->by);
	memset(rd, 0, sizeof(*rd));
}


static void release(struct referred *rd)
{
	struct refers *rs = rd->all;

	ue_timer_cancel(timers(rd), &rd->timer);
	if (rd->ct)
		sip_ctrans_detach(rd->ct);
	if (rd->owner)
		*rd->owner = NULL;
	forget(rd);
	refers_sweep(rs);
}


void referred_close(struct refers *rs, const struct sip_dialog *dlg,
		    struct sip_dialog *own)
{
	unsigned i;

	for (i = 0; i < UE_REFERRED_MAX; i++) {

		struct referred *rd = &rs->inv[i];

		if (!rd->used || (dlg && rd->dlg != dlg))
			continue;
		if (own)
			rd->dlg = own;
		else
			release(rd);
	}
}


/* ------------------------------------------------------------------ */
/* NOTIFY */


static void notified_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct referred *rd = arg;
	uint16_t next = rd->next;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	rd->ct = NULL;
	rd->next = 0;

	/* RFC 6665 s4.2.2: nobody listens any more.  What is no such answer
	   may be another one the next time */
	if (err || subscription_ends(msg->code)) {
		rd->sub = false;
		if (next >= 200)
			rd->sent = next;
		next = 0;
	}

	if (rd->sent >= 200)
		release(rd);
	else if (next)
		send_notify(rd, next);
}


static void send_notify(struct referred *rd, uint16_t status)
{
	struct ue *ue = rd->all->ue;
	const uint64_t left = ue_timer_left_ms(&ue->timers, &rd->timer);
	struct sip_writer *w;

	rd->sent = status;

	w = sip_dialog_begin(rd->dlg, &ue->sip, "NOTIFY");
	ims_hdr_contact(w, &ue->reg, false);
	ims_hdr_request(w, &ue->reg, SIP_METHOD_NOTIFY);
	sip_writer_hdr(w, SIP_HDR_EVENT, "refer;id=%u", rd->id);

	/* RFC 3515 s2.4.5, s2.4.7; RFC 6665 s4.2.1.4 */
	if (status < 200 && rd->sub)
		sip_writer_hdr(w, SIP_HDR_SUBSCRIPTION_STATE,
			       "active;expires=%u", (uint32_t)(left / 1000));
	else
		sip_writer_hdr(w, SIP_HDR_SUBSCRIPTION_STATE,
			       "terminated;reason=%s", status < 200 ? "timeout"
			       : "noresource");

	sip_writer_body_begin(w, "message/sipfrag;version=2.0");
	sip_writer_line(w, "SIP/2.0 %u %s", (uint32_t)status,
			sip_phrase(status));
	(void)sip_writer_body_end(w);

	if (sip_ctrans_start(&rd->ct, &ue->sip, rd->dlg->hop, notified_h,
			     rd) && status >= 200)
		release(rd);
}


static void notify(struct referred *rd, uint16_t status)
{
	if (!rd->ct)
		send_notify(rd, status);
	else
		rd->next = status;
}


/* The last status; a final one that still waits is the last one */
static void notify_again(struct referred *rd)
{
	notify(rd, rd->next ? rd->next : rd->sent);
}


/* RFC 6665 s4.2.1.4.  What was asked for goes on (RFC 3515 s2.4.4) */
static void expired_h(void *arg)
{
	struct referred *rd = arg;

	if (!rd->sub)
		return;

	rd->sub = false;
	notify_again(rd);
}


void referred_status(struct referred *rd, uint16_t status)
{
	/* the last NOTIFY may still wait */
	if (rd->sub || rd->next)
		notify(rd, status);
	else if (status >= 200)
		release(rd);
}


/* ------------------------------------------------------------------ */
/* SUBSCRIBE */


static struct referred *find(struct refers *rs, const struct sip_msg *msg,
			     const struct pl *id)
{
	unsigned i;

	for (i = 0; i < UE_REFERRED_MAX; i++) {

		struct referred *rd = &rs->inv[i];

		/* RFC 3515 s2.4.6 */
		if (rd->used && rd->sub && rd->sent < 200 &&
		    sip_dialog_match(rd->dlg, msg) &&
		    (!id->p || (id->l < 11 && pl_u32(id) == rd->id)))
			return rd;
	}

	return NULL;
}


/* The answer that it earns; 200: rdp is the subscription */
static uint16_t check_subscribe(struct referred **rdp, struct refers *rs,
				const struct sip_msg *msg)
{
	struct sip_event event;
	int err;

	/* RFC 6665 s4.2.1.1 */
	if (sip_msg_event(&event, msg) || pl_strcmp(&event.type, "refer"))
		return 489;

	/* RFC 3515 s2.4.4: only REFER begins one */
	*rdp = find(rs, msg, &event.id);
	if (!*rdp)
		return 403;

	err = sip_dialog_request((*rdp)->dlg, msg);

	return !err ? 200 : err == EBADMSG ? 400 : 500;
}


void referred_subscribe(struct refers *rs, struct sip_strans *st,
			const struct sip_msg *msg)
{
	struct referred *rd = NULL;
	const uint16_t code = check_subscribe(&rd, rs, msg);
	uint32_t expires_s = EXPIRES_S;
	struct sip_writer *w;

	/* RFC 6665 s4.2.1.4: shorter, never longer */
	if (sip_msg_uint(&expires_s, msg, SIP_HDR_EXPIRES) ||
	    expires_s > EXPIRES_S)
		expires_s = EXPIRES_S;

	w = ims_reply_begin(&rs->ue->reg, st, code);
	if (code == 200) {
		ims_hdr_contact(w, &rs->ue->reg, false);
		sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", expires_s);
	}
	if (code == 489)
		sip_writer_hdr(w, SIP_HDR_ALLOW_EVENTS, "refer");
	(void)sip_reply_end(st);

	if (code != 200)
		return;

	ue_timer_start(timers(rd), &rd->timer, (uint64_t)expires_s * 1000,
		       expired_h, rd);
	if (expires_s)
		notify_again(rd);
}


/* ------------------------------------------------------------------ */
/* REFER */


/* RFC 3261 s19.1.5: the method is no part of the Request-URI; it may be INVITE
   alone */
static uint16_t keep_target(struct referred *rd, const struct sip_uri *uri)
{
	struct sip_store *st = &rd->all->ue->sip.store;
	size_t at = uri->text.l, cut = 0;
	struct pl pl;
	char *p;

	if (!sip_uri_param(&pl, uri, "method")) {
		if (pl_strcmp(&pl, "INVITE"))
			return 403;
		cut = strlen(";method=INVITE");
		at = (size_t)(pl.p - uri->text.p) - strlen(";method=");
	}

	if (sip_store_alloc(&rd->uri, st, uri->text.l - cut, 0))
		return 503;

	p = sip_store_ptr(st, &rd->uri);
	memcpy(p, uri->text.p, at);
	memcpy(p + at, uri->text.p + at + cut, uri->text.l - at - cut);

	return 0;
}


/* What is asked for; the answer that it earns, 0 = it is good */
static uint16_t check(struct referred *rd, const struct sip_msg *msg)
{
	struct sip_store *st = &rd->all->ue->sip.store;
	struct sip_addr *addr = &rd->all->ue->reg.scratch.addr;
	struct pl pl;

	/* RFC 3515 s2.4.2: exactly one */
	if (sip_msg_hdr(&pl, msg, SIP_HDR_REFER_TO) ||
	    sip_addr_decode(addr, &pl))
		return 400;

	/* we follow to conferences and calls, with what we make ourselves:
	   no other method, no headers or bodies of the referrer's */
	if (addr->uri.scheme != SIP_SCHEME_SIP &&
	    addr->uri.scheme != SIP_SCHEME_SIPS &&
	    addr->uri.scheme != SIP_SCHEME_TEL)
		return 416;
	if (addr->uri.headers.l || addr->uri.text.l >= UE_URI_MAX)
		return 403;
	if (!sip_msg_hdr(&pl, msg, SIP_HDR_REFERRED_BY) && pl.l < UE_URI_MAX)
		(void)sip_store_put(&rd->by, st, pl.p, pl.l);

	return keep_target(rd, &addr->uri);
}


/* The dialog of the subscription; the answer in case of failure, 0 = good */
static uint16_t find_dialog(struct referred *rd, struct sip_strans *st,
			    const struct sip_msg *msg,
			    struct sip_dialog *dlg)
{
	int err;

	rd->dlg = dlg ? dlg : refers_dialog(rd->all);
	if (!rd->dlg)
		return 503;

	err = dlg ? sip_dialog_request(dlg, msg)
		: sip_dialog_accept(rd->dlg, st,
				    ims_reg_hop(&rd->all->ue->reg), msg);
	if (!err)
		return 0;

	rd->dlg = NULL;

	return err == EBADMSG ? 400 : 500;
}


int referred_accept(struct referred **rdp, struct refers *rs,
		    struct sip_strans *st, const struct sip_msg *msg,
		    struct sip_dialog *dlg)
{
	struct referred *rd = NULL;
	struct sip_writer *w;
	uint16_t code;
	unsigned i;

	for (i = 0; i < UE_REFERRED_MAX && !rd; i++) {
		if (!rs->inv[i].used)
			rd = &rs->inv[i];
	}
	if (!rd) {
		refer_reply(rs, st, 503);
		return ENOMEM;
	}

	memset(rd, 0, sizeof(*rd));
	rd->all = rs;

	code = check(rd, msg);
	if (!code)
		code = find_dialog(rd, st, msg, dlg);
	if (code) {
		forget(rd);
		refer_reply(rs, st, code);
		return EPROTO;
	}

	rd->used = true;
	rd->id   = msg->cseq;
	rd->sub  = !refer_sub_false(msg);

	w = ims_reply_begin(&rs->ue->reg, st, 202);
	ims_hdr_contact(w, &rs->ue->reg, false);
	/* RFC 4488 s4 */
	if (!rd->sub)
		sip_writer_hdr(w, SIP_HDR_REFER_SUB, "false");
	(void)sip_reply_end(st);
	rd->dlg->state = SIP_DIALOG_CONFIRMED;

	/* s2.4.4: the first one at once */
	if (rd->sub) {
		ue_timer_start(timers(rd), &rd->timer, EXPIRES_S * 1000,
			       expired_h, rd);
		send_notify(rd, 100);
	}

	*rdp = rd;

	return 0;
}
