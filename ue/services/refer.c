/**
 * @file refer.c  REFER of ours and its implicit subscription (RFC 3515 2.4,
 * RFC 4488, RFC 5368)
 *
 *   state    event              action                          next
 *   ---------------------------------------------------------------------
 *   FREE     start              REFER                           SENT
 *   SENT     2xx                tell ACCEPTED, timer = 64*T1    ACTIVE
 *            2xx no-sub         tell DONE (RFC 4488 4)          FREE
 *            300-699            tell DONE                       FREE
 *            no answer          tell DONE ETIMEDOUT             FREE
 *   SENT,    NOTIFY 1xx         200, tell PROGRESS              -
 *   ACTIVE   NOTIFY final       200, tell DONE                  OVER
 *            NOTIFY terminated  200, tell DONE                  FREE
 *            abort              -                               ABORTED
 *   ACTIVE   timer              tell DONE ETIMEDOUT             FREE
 *   OVER     NOTIFY 1xx         200                             -
 *            NOTIFY final       200                             -
 *            NOTIFY terminated  200                             FREE
 *            timer              -                               FREE
 *            abort              -                               FREE
 *   ABORTED  told               tell DONE ECONNABORTED          FREE
 *   FREE,    NOTIFY 1xx         481                             -
 *   ABORTED  NOTIFY final       481                             -
 *            NOTIFY terminated  481                             -
 *
 * timer: 64*T1 after the end of the subscription as far as it is known (RFC
 * 6665 4.1.2.4), an hour at most.  OVER gives way to a REFER that finds no
 * room.  When the session ends in whose dialog a REFER was sent, that dialog
 * lives on for it (4.5.2); without room for that it is as abort.  Any other
 * pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/restoration.h"
#include "ue/services/refer_core.h"
#include "ue/services/uri_list.h"

/** Longest subscription, seconds: there is no other limit to what a recipient
 *  may say, and a command must have an outcome */
#define EXPIRES_MAX_S 3600

/** Content-ID of the list; there is one in a message */
#define LIST_ID "list@uims.invalid"

enum state {
	FREE = 0,
	SENT,
	ACTIVE,
	OVER,
	ABORTED
};


static struct ue_timers *timers(const struct refer *rf)
{
	return &rf->all->ue->timers;
}


/* ------------------------------------------------------------------ */
/* Dialogs of their own */


struct sip_dialog *refers_dialog(struct refers *rs)
{
	unsigned i;

	for (i = 0; i < UE_REFER_DIALOGS; i++) {
		if (rs->dlgv[i].state == SIP_DIALOG_NONE)
			return &rs->dlgv[i];
	}

	return NULL;
}


static bool in_use(const struct refers *rs, const struct sip_dialog *dlg)
{
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (rs->v[i].dlg == dlg)
			return true;
	}

	for (i = 0; i < UE_REFERRED_MAX; i++) {
		if (rs->inv[i].dlg == dlg)
			return true;
	}

	return false;
}


void refers_sweep(struct refers *rs)
{
	unsigned i;

	for (i = 0; i < UE_REFER_DIALOGS; i++) {
		if (!in_use(rs, &rs->dlgv[i]))
			sip_dialog_close(&rs->dlgv[i]);
	}
}


/* ------------------------------------------------------------------ */
/* End */


static void release(struct refer *rf)
{
	struct refers *rs = rf->all;

	ue_timer_cancel(timers(rf), &rf->timer);
	if (rf->ct)
		sip_ctrans_detach(rf->ct);
	memset(rf, 0, sizeof(*rf));
	refers_sweep(rs);
}


static void tell(struct refer *rf, enum refer_event event, int err,
		 uint16_t status)
{
	if (rf->h)
		rf->h(rf, event, err, status, rf->arg);
}


/* It is told and over.  The entry is free before the user hears of it: he may
   begin the next one */
static void finish(struct refer *rf, int err, uint16_t status)
{
	refer_h *h = rf->h;
	void *arg = rf->arg;

	release(rf);
	if (h)
		h(rf, REFER_DONE, err, status, arg);
}


static void expired_h(void *arg)
{
	struct refer *rf = arg;

	if (rf->state == OVER)
		release(rf);
	else
		finish(rf, ETIMEDOUT, rf->status);
}


/* RFC 6665 s4.1.2.4; nobody refreshes it: its last NOTIFY leaves at its end */
static void start_timer(struct refer *rf, uint32_t expires_s)
{
	const uint64_t t1_ms = rf->all->ue->sip.cfg.timers.t1_ms;

	ue_timer_start(timers(rf), &rf->timer, 1000ULL * expires_s +
		       64 * t1_ms, expired_h, rf);
}


/* As long as nothing says how long it lasts */
static void set_timer(struct refer *rf)
{
	if (!ue_timer_running(&rf->timer))
		start_timer(rf, 0);
}


/* The outcome is known; the subscription may go on until its end */
static void known(struct refer *rf)
{
	refer_h *h = rf->h;

	set_timer(rf);
	rf->state = OVER;
	rf->h = NULL;
	if (h)
		h(rf, REFER_DONE, 0, rf->status, rf->arg);
}


/* ------------------------------------------------------------------ */
/* Answers to REFER */


bool refer_sub_false(const struct sip_msg *msg)
{
	struct pl val, token, params;

	return !sip_msg_hdr(&val, msg, SIP_HDR_REFER_SUB) &&
		!sip_token_decode(&token, &params, &val) &&
		!pl_strcasecmp(&token, "false");
}


static void accepted(struct refer *rf, const struct sip_msg *msg)
{
	int err;

	/* EPROTO: forked; the subscription is that of the first NOTIFY */
	err = sip_dialog_response(rf->dlg, msg);

	/* RFC 4488 s4: the recipient has agreed to none */
	if (refer_sub_false(msg)) {
		finish(rf, 0, msg->code);
		return;
	}
	if (err && err != EPROTO) {
		finish(rf, err, 0);
		return;
	}

	/* a NOTIFY that came first may have ended it, or set the timer */
	if (rf->state == SENT) {
		rf->state = ACTIVE;
		set_timer(rf);
	}

	if (rf->accepted_is_all && rf->state == ACTIVE) {
		rf->status = msg->code;
		known(rf);
	}
	else {
		tell(rf, REFER_ACCEPTED, 0, msg->code);
	}
}


static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct refer *rf = arg;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	rf->ct = NULL;

	/* RFC 3261 s12.2.1.2 */
	if (err == ETIMEDOUT || (!err && (msg->code == 408 ||
					  msg->code == 481)))
		sessions_dialog_gone(&rf->all->ue->sessions, rf->dlg,
				     err ? 0 : msg->code);

	/* the session may have taken it along */
	if (rf->state == FREE)
		return;

	if (err)
		finish(rf, err, 0);
	else if (msg->code < 300)
		accepted(rf, msg);
	else if (!ims_restoration(&rf->all->ue->reg, msg))
		finish(rf, 0, msg->code);
}


/* ------------------------------------------------------------------ */
/* The request */


/* RFC 3261 s25.1, hvalue: what needs no escape in a header of a URI */
static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z') ||
		(c && strchr("-_.!~*'()[]/?:+$", c));
}


static void put_escaped(struct sip_writer *w, const char *str)
{
	static const char hex[] = "0123456789ABCDEF";
	char esc[4] = "";

	for (; *str; str++) {
		esc[0] = *str;
		esc[1] = '\0';
		if (!is_plain(*str)) {
			esc[0] = '%';
			esc[1] = hex[(uint8_t)*str >> 4];
			esc[2] = hex[*str & 15];
		}
		sip_writer_str(w, esc);
	}
}


/* RFC 3515 s2.1, RFC 3891 s7: parameters before the headers.  A tel URI has
   neither a method nor headers: it is written as a SIP URI with all of its
   parameters (TS 24.147 5.3.1.3.3, RFC 3261 s19.1.6) */
static void put_uri(struct sip_writer *w, const struct refer_params *prm,
		    const char *home)
{
	const char *uri = prm->refer_to;
	const size_t len = strcspn(uri, "?");

	if ((prm->method || prm->replaces) && !strncmp(uri, "tel:", 4)) {
		sip_writer_fmt(w, "sip:%s@%s;user=phone", uri + 4, home);
		uri = "";
	}
	else {
		sip_writer_data(w, uri, len);
		uri += len;
	}

	if (prm->method)
		sip_writer_fmt(w, ";method=%s", prm->method);
	sip_writer_str(w, uri);
	if (prm->replaces) {
		sip_writer_str(w, *uri ? "&Replaces=" : "?Replaces=");
		put_escaped(w, prm->replaces);
	}
}


/* RFC 3515 s2.1, RFC 5368 s7 */
static void put_refer_to(struct sip_writer *w,
			 const struct refer_params *prm, const char *home)
{
	sip_writer_name(w, SIP_HDR_REFER_TO);
	sip_writer_str(w, "<");
	if (prm->refer_to)
		put_uri(w, prm, home);
	else
		sip_writer_str(w, "cid:" LIST_ID);
	sip_writer_str(w, ">");

	if (prm->action)
		sip_writer_fmt(w, ";action=%s", prm->action);
	sip_writer_eol(w);
}


static void put_list(struct sip_writer *w, const struct refer_params *prm,
		     const char *home)
{
	sip_writer_hdr(w, SIP_HDR_CONTENT_DISPOSITION, "recipient-list");
	sip_writer_hdr_named(w, "Content-ID", "<" LIST_ID ">");
	sip_writer_body_begin(w, URI_LIST_TYPE);
	/* RFC 5368 s6: to tell the recipients of each other makes sense for
	   INVITE only */
	uri_list_write(w, prm->uriv, prm->uric, prm->method, home,
		       !prm->method);
	(void)sip_writer_body_end(w);
}


static void write_refer(struct refer *rf, const struct refer_params *prm)
{
	struct ue *ue = rf->all->ue;
	struct sip_writer *w;

	w = sip_dialog_begin(rf->dlg, &ue->sip, "REFER");
	ims_hdr_contact(w, &ue->reg, false);
	/* TS 24.229 5.1.2A.1.1: not in a dialog */
	if (rf->dlg->state == SIP_DIALOG_CALLING)
		ims_hdr_preferred_identity(w, &ue->reg);
	ims_hdr_privacy(w, prm->privacy);
	ims_hdr_request(w, &ue->reg, SIP_METHOD_REFER);
	put_refer_to(w, prm, ue->reg.id.home);
	/* RFC 3892 s2.1 */
	sip_writer_hdr(w, SIP_HDR_REFERRED_BY, "<%s>",
		       ims_hdr_identity(&ue->reg));

	/* RFC 5368 s7: several: the state of each is the conference's */
	if (!prm->refer_to)
		sip_writer_hdr(w, SIP_HDR_REQUIRE,
			       "multiple-refer, norefersub");
	else if (prm->no_sub)
		sip_writer_hdr(w, SIP_HDR_SUPPORTED, "norefersub");
	if (rf->no_sub)
		sip_writer_hdr(w, SIP_HDR_REFER_SUB, "false");

	if (prm->refer_to)
		(void)sip_writer_end(w);
	else
		put_list(w, prm, ue->reg.id.home);
}


static bool is_uri(const char *str)
{
	struct sip_uri uri;
	struct pl pl;

	pl_set_str(&pl, str);

	return pl.l < UE_URI_MAX && !sip_uri_decode(&uri, &pl);
}


static int check(const struct refers *rs, const struct refer_params *prm)
{
	unsigned i;

	if (!rs->ue->reg.info.registered)
		return EPROTO;

	if (prm->refer_to ? !is_uri(prm->refer_to) : !prm->uric)
		return EINVAL;

	for (i = 0; !prm->refer_to && i < prm->uric; i++) {
		if (!is_uri(prm->uriv[i]))
			return EINVAL;
	}

	if (prm->target)
		return is_uri(prm->target) ? 0 : EINVAL;

	return prm->dlg && prm->dlg->state == SIP_DIALOG_CONFIRMED ? 0
		: EPROTO;
}


static struct refer *find_state(struct refers *rs, enum state state)
{
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (rs->v[i].state == state)
			return &rs->v[i];
	}

	return NULL;
}


/* A free entry.  Where there is none, or no dialog that it needs, those give
   way whose outcome is known.  NULL: none */
static struct refer *new_entry(struct refers *rs, bool own_dialog)
{
	struct refer *rf, *over;

	while (!(rf = find_state(rs, FREE)) ||
	       (own_dialog && !refers_dialog(rs))) {
		over = find_state(rs, OVER);
		if (!over)
			return NULL;
		release(over);
	}

	return rf;
}


int refer_send(struct refer **rfp, struct refers *rs,
	       const struct refer_params *prm, refer_h *h, void *arg)
{
	struct refer *rf;
	int err;

	err = check(rs, prm);
	if (err)
		return err;

	rf = new_entry(rs, prm->target != NULL);
	if (!rf)
		return ENOMEM;

	memset(rf, 0, sizeof(*rf));
	rf->all = rs;
	rf->dlg = prm->dlg;
	rf->h   = h;
	rf->arg = arg;
	rf->no_sub = prm->no_sub || !prm->refer_to;
	rf->accepted_is_all = prm->accepted_is_all;

	/* a new Call-ID, no To tag */
	if (prm->target) {
		rf->dlg = refers_dialog(rs);
		err = ims_hdr_dialog(rf->dlg, &rs->ue->reg, prm->target);
	}
	if (!err) {
		write_refer(rf, prm);
		err = sip_ctrans_start(&rf->ct, &rs->ue->sip, rf->dlg->hop,
				       response_h, rf);
	}
	if (err) {
		release(rf);
		return err;
	}

	rf->id = rf->dlg->local_cseq;
	rf->state = SENT;
	if (rfp)
		*rfp = rf;

	return 0;
}


/* ------------------------------------------------------------------ */
/* NOTIFY */


/* RFC 3420: the status line of a response, alone or with header fields */
static uint16_t sipfrag_status(const struct pl *body)
{
	static const char version[] = "SIP/2.0 ";
	const size_t len = sizeof(version) - 1;
	uint16_t status = 0;
	size_t i;

	if (body->l < len + 3 || memcmp(body->p, version, len))
		return 0;

	for (i = len; i < len + 3; i++) {
		if (body->p[i] < '0' || body->p[i] > '9')
			return 0;
		status = (uint16_t)(status * 10 + body->p[i] - '0');
	}

	if (body->l > len + 3 && body->p[len + 3] != ' ' &&
	    body->p[len + 3] != '\r')
		return 0;

	return status >= 100 && status < 700 ? status : 0;
}


/* RFC 3515 s2.4.6: id is the CSeq of the REFER; it may be missing where it
   was the first one in the dialog: of those that are left, the oldest */
static struct refer *find(struct refers *rs, const struct sip_msg *msg,
			  const struct sip_event *event)
{
	const struct pl *id = &event->id;
	struct refer *found = NULL;
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {

		struct refer *rf = &rs->v[i];

		if (rf->state == FREE || rf->state == ABORTED ||
		    !sip_dialog_match(rf->dlg, msg))
			continue;

		if (id->p ? id->l < 11 && pl_u32(id) == rf->id
		    : !found || rf->id < found->id)
			found = rf;
	}

	return found;
}


void refer_reply(struct refers *rs, struct sip_strans *st, uint16_t code)
{
	struct sip_writer *w = ims_reply_begin(&rs->ue->reg, st, code);

	if (code == 415)
		sip_writer_hdr(w, SIP_HDR_ACCEPT, "message/sipfrag");
	(void)sip_reply_end(st);
}


static uint16_t notify_code(struct refer *rf, const struct sip_msg *msg,
			    struct sip_substate *ss)
{
	int err;

	if (sip_msg_substate(ss, msg))
		return 400;

	err = sip_dialog_request(rf->dlg, msg);
	if (err)
		return err == EBADMSG ? 400 : 500;

	return !msg->body.l ||
		(sip_ctype_is(&msg->ctype, "message", "sipfrag") &&
		 !sip_body_is_coded(msg)) ? 200 : 415;
}


static void goes_on(struct refer *rf, const struct sip_substate *ss)
{
	if (ss->expires_s != UINT32_MAX)
		start_timer(rf, min(ss->expires_s, EXPIRES_MAX_S));

	/* the outcome is known: what follows is the end of the subscription */
	if (rf->status >= 200 && rf->state != OVER) {
		known(rf);
	}
	else if (rf->status && rf->state != OVER) {
		tell(rf, REFER_PROGRESS, 0, rf->status);
	}
}


bool refer_notify(struct refers *rs, struct sip_strans *st,
		  const struct sip_msg *msg)
{
	struct sip_substate ss;
	struct sip_event event;
	struct refer *rf;
	uint16_t code, status;

	if (sip_msg_event(&event, msg) || pl_strcmp(&event.type, "refer"))
		return false;

	rf = find(rs, msg, &event);
	if (!rf)
		return false;

	code = notify_code(rf, msg, &ss);
	refer_reply(rs, st, code);
	if (code != 200 && code != 415)
		return true;

	/* 415: the state of the subscription is in the header all the same */
	status = code == 200 ? sipfrag_status(&msg->body) : 0;
	if (status)
		rf->status = status;

	if (ss.state != SIP_SUBSTATE_TERMINATED)
		goes_on(rf, &ss);
	else if (rf->state == OVER)
		release(rf);
	else
		finish(rf, rf->status >= 200 ? 0 : ECONNABORTED, rf->status);

	return true;
}


/* ------------------------------------------------------------------ */
/* All of them */


void refers_init(struct refers *rs, struct ue *ue)
{
	memset(rs, 0, sizeof(*rs));
	rs->ue = ue;
}


void refers_close(struct refers *rs)
{
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (rs->v[i].state != FREE)
			release(&rs->v[i]);
	}

	referred_close(rs, NULL, NULL);
	ue_timer_cancel(&rs->ue->timers, &rs->timer);
}


/* One at a time: each may make an event */
static void aborted_h(void *arg)
{
	struct refers *rs = arg;
	struct refer *rf = find_state(rs, ABORTED);

	if (!rf)
		return;

	ue_timer_start(&rs->ue->timers, &rs->timer, 0, aborted_h, rs);
	finish(rf, ECONNABORTED, rf->status);
}


void refer_abort(struct refer *rf)
{
	struct refers *rs = rf->all;

	if (rf->state == OVER) {
		release(rf);
		return;
	}

	ue_timer_cancel(timers(rf), &rf->timer);
	if (rf->ct)
		sip_ctrans_detach(rf->ct);
	rf->ct = NULL;
	rf->state = ABORTED;
	ue_timer_start(&rs->ue->timers, &rs->timer, 0, aborted_h, rs);
}


/* RFC 6665 s4.5.2: who still waits in the dialog keeps it */
void refers_dialog_closed(struct refers *rs, struct sip_dialog *dlg)
{
	struct sip_dialog *own = dlg ? refers_dialog(rs) : NULL;
	unsigned i;

	for (i = 0; i < UE_REFERS_MAX; i++) {

		struct refer *rf = &rs->v[i];

		if (rf->state == FREE || (dlg && rf->dlg != dlg))
			continue;
		if (own && (rf->state == SENT || rf->state == ACTIVE))
			rf->dlg = own;
		else
			refer_abort(rf);
	}

	referred_close(rs, dlg, own);

	if (own) {
		*own = *dlg;
		memset(dlg, 0, sizeof(*dlg));
		refers_sweep(rs);
	}
}


void refers_lost(struct refers *rs)
{
	refers_dialog_closed(rs, NULL);
}
