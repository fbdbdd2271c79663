/**
 * @file subscription.c  Subscriptions to event packages: the subscriber's
 * requests and timers (RFC 6665 4.1; NOTIFY is in subscription_notify.c)
 *
 *   state           event       action                          next
 *   ---------------------------------------------------------------------
 *   OFF, ENDED      start       SUBSCRIBE, N = 64*T1            SUBSCRIBING
 *   SUBSCRIBING     2xx         tell subscribed                 ACTIVE
 *   REFRESHING      2xx         -                               ACTIVE
 *   SUBSCRIBING,    423         SUBSCRIBE (once, 4.2.1.1)       -
 *   REFRESHING      404         tell ended                      ENDED
 *                   481, 503    tell ended                      WAITING
 *                   no answer   tell ended (4.1.2.4)            WAITING
 *   SUBSCRIBING     403         tell ended                      ENDED
 *   REFRESHING      403         tell ended (4.1.2.2)            LASTING
 *   SUBSCRIBING     leave       -                               SUBSCRIBING*
 *   REFRESHING      leave       -                               REFRESHING*
 *   SUBSCRIBING*    2xx         tell subscribed, SUBSCRIBE 0    LEAVING
 *   REFRESHING*     2xx         SUBSCRIBE 0                     LEAVING
 *   SUBSCRIBING*,   403, 404    tell ended                      ENDED
 *   REFRESHING*     423, 481    tell ended                      ENDED
 *                   503         tell ended                      ENDED
 *                   no answer   tell ended                      ENDED
 *   ACTIVE          timer       SUBSCRIBE                       REFRESHING
 *   ACTIVE,         leave       SUBSCRIBE 0 (4.1.2.3)           LEAVING
 *   LASTING
 *   ACTIVE,         expired     tell ended                      WAITING
 *   REFRESHING
 *   REFRESHING*     expired     tell ended                      ENDED
 *   SUBSCRIBING(*), NOTIFY      200, document                   -
 *   ACTIVE,
 *   REFRESHING(*),
 *   LASTING,
 *   LEAVING
 *   SUBSCRIBING,    terminated  200, document, tell ended       WAITING
 *   ACTIVE,
 *   REFRESHING,
 *   LASTING
 *   SUBSCRIBING*,   terminated  200, document, tell ended       ENDED
 *   REFRESHING*,
 *   LEAVING
 *   LEAVING         403, 404    tell ended                      ENDED
 *                   423, 481    tell ended                      ENDED
 *                   503         tell ended                      ENDED
 *                   no answer   tell ended                      ENDED
 *   LASTING         expired     SUBSCRIBE (a new Call-ID)       SUBSCRIBING
 *   WAITING         timer       SUBSCRIBE (a new Call-ID)       SUBSCRIBING
 *                   leave       -                               WAITING*
 *   WAITING*        timer       tell ended                      ENDED
 *   WAITING(*)      NOTIFY      481                             -
 *                   terminated  481                             -
 *   ENDED           NOTIFY      200                             -
 *                   terminated  200                             -
 *   SUBSCRIBING(*), end         -                               ENDED
 *   ACTIVE,
 *   REFRESHING(*),
 *   WAITING(*),
 *   LASTING,
 *   LEAVING
 *
 * NAME*: subscription_leave() waits for an answer or a timer; NAME(*): with a
 * star or without.  terminated: a NOTIFY that says so for a reason that lets
 * us come again (4.1.3; others: as 404).  403, 404, 481, 503 stand for what
 * is of no use, what is so and ends a subscription, what has gone and what
 * may work later.  LASTING: a refresh was refused, and what there is goes on
 * until it expires; where one has failed for now (503), NOTIFYs of the old
 * subscription count in WAITING as in ACTIVE.  Any other pair of state and
 * event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/restoration.h"
#include "ue/services/subscription_core.h"

/** A subscription that lived so long counts as good: what ends it then is no
 *  failure in a row */
#define GOOD_MS 60000

static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg);


static struct ue_timers *timers(const struct subscription *sub)
{
	return &sub->ue->timers;
}


static uint64_t timer_n_ms(const struct subscription *sub)
{
	return 64 * (uint64_t)sub->ue->sip.cfg.timers.t1_ms;
}


static void stop(struct subscription *sub)
{
	ue_timer_cancel(timers(sub), &sub->timer);
	ue_timer_cancel(timers(sub), &sub->expiry);
	ue_timer_cancel(timers(sub), &sub->timer_n);

	if (sub->ct)
		sip_ctrans_detach(sub->ct);
	sub->ct = NULL;
}


/* ------------------------------------------------------------------ */
/* End */


static void timer_h(void *arg);


/* How long until the next subscription.  Without Retry-After a second end in
   a row waits, whatever was said: two that disagree must not run hot */
static uint64_t wait_ms(struct subscription *sub,
			const struct subscription_cause *cause)
{
	const uint64_t retry_after = (uint64_t)cause->retry_after_s * 1000;
	uint64_t wait;

	if (timers(sub)->now_ms - sub->since_ms >= GOOD_MS)
		sub->failures = 0;

	/* TS 24.229 5.1.2.2: not before Retry-After, and the first time right
	   then */
	wait = (cause->next == SUBSCRIPTION_NOW || retry_after) &&
		!sub->failures ? 0
		: reg_back_off_ms(&sub->ue->sip, sub->failures + 1u);
	if (sub->failures < UINT8_MAX)
		++sub->failures;

	return retry_after > wait ? retry_after : wait;
}


void subscription_over(struct subscription *sub,
		       const struct subscription_cause *cause)
{
	struct subscription_end end = {
		.err = cause->err, .status = cause->status,
		.text = cause->text,
		.again = cause->next != SUBSCRIPTION_NEVER &&
			!sub->leave && !sub->pkg->method
	};

	stop(sub);

	if (!end.again) {
		sub->state = SUBSCRIPTION_ENDED;
	}
	else {
		/* RFC 6665 s4.1.2.2: after some failures the old subscription
		   lives on until it expires */
		if (!cause->dialog_lives)
			sip_dialog_close(sub->dlg);

		end.wait_ms = wait_ms(sub, cause);
		if (end.wait_ms < cause->lives_ms)
			end.wait_ms = cause->lives_ms;
		sub->state = cause->lives_ms ? SUBSCRIPTION_LASTING
			: SUBSCRIPTION_WAITING;
		ue_timer_start(timers(sub), cause->lives_ms ? &sub->expiry
			       : &sub->timer, end.wait_ms, timer_h, sub);
	}

	sub->pkg->ended_h(&end, sub->arg);
}


static void failed(struct subscription *sub, int err, const char *text)
{
	const struct subscription_cause cause = {
		.next = SUBSCRIPTION_LATER, .err = err, .text = text,
		.dialog_lives = sub->state == SUBSCRIPTION_REFRESHING
	};

	subscription_over(sub, &cause);
}


/* ------------------------------------------------------------------ */
/* Timers */


static void expiry_h(void *arg)
{
	failed(arg, ETIMEDOUT, "expired");
}


/* RFC 6665 s4.1.2.4, s4.1.2.2 */
static void timer_n_h(void *arg)
{
	failed(arg, ETIMEDOUT, "no NOTIFY");
}


void subscription_set_expiry(struct subscription *sub, uint32_t expires_s)
{
	/* 0: the end follows in a NOTIFY */
	const uint64_t ms = expires_s ? (uint64_t)expires_s * 1000
		: timer_n_ms(sub);

	ue_timer_start(timers(sub), &sub->expiry, ms, sub->state ==
		       SUBSCRIPTION_LASTING ? timer_h : expiry_h, sub);

	/* TS 24.229 5.1.1.3: as for the registration */
	if (expires_s && sub->state == SUBSCRIPTION_ACTIVE)
		ue_timer_start(timers(sub), &sub->timer,
			       reg_refresh_ms(expires_s), timer_h, sub);
}


/* ------------------------------------------------------------------ */
/* SUBSCRIBE */


static int send_subscribe(struct subscription *sub, uint32_t expires_s)
{
	const struct subscription_package *pkg = sub->pkg;
	struct ims_reg *reg = &sub->ue->reg;
	struct sip *sip = &sub->ue->sip;
	const bool first = sub->state == SUBSCRIPTION_SUBSCRIBING;
	struct sip_writer *w;
	int err;

	sub->expires_set = false;

	w = sip_dialog_begin(sub->dlg, sip, first && pkg->method
			     ? pkg->method : "SUBSCRIBE");
	ims_hdr_contact(w, reg, false);
	/* TS 24.229 5.1.2A.1.1: not in a dialog */
	if (sub->dlg->state == SIP_DIALOG_CALLING)
		ims_hdr_preferred_identity(w, reg);
	ims_hdr_privacy(w, pkg->privacy_h ? pkg->privacy_h(sub->arg)
			: sub->ue->set->privacy);
	ims_hdr_request(w, reg, SIP_METHOD_SUBSCRIBE);
	sip_writer_hdr(w, SIP_HDR_EVENT, "%s", pkg->event);
	sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", expires_s);
	sip_writer_hdr(w, SIP_HDR_ACCEPT, "%s/%s", pkg->type, pkg->subtype);
	if (first && pkg->header_h)
		pkg->header_h(w, sub->arg);
	(void)sip_writer_end(w);

	err = sip_ctrans_start(&sub->ct, sip, sub->dlg->hop, response_h, sub);
	if (!err)
		ue_timer_start(timers(sub), &sub->timer_n, timer_n_ms(sub),
			       timer_n_h, sub);

	return err;
}


/* A fresh dialog: another Call-ID (TS 24.229 5.1.2.2) */
static int begin_dialog(struct subscription *sub)
{
	return ims_hdr_dialog(sub->dlg, &sub->ue->reg,
			      sub->pkg->target_h(sub->arg));
}


static void subscribe(struct subscription *sub)
{
	int err = 0;

	stop(sub);
	sub->state = SUBSCRIPTION_SUBSCRIBING;
	sub->since_ms = timers(sub)->now_ms;
	sub->fresh = true;
	sub->resync = false;
	sub->gap = false;

	err = begin_dialog(sub);
	if (!err)
		err = send_subscribe(sub, sub->expires_s);
	if (err)
		failed(sub, err, "SUBSCRIBE not sent");
}


/* RFC 6665 s4.1.2.2 */
static void refresh(struct subscription *sub)
{
	int err;

	ue_timer_cancel(timers(sub), &sub->timer);
	sub->state = SUBSCRIPTION_REFRESHING;
	err = send_subscribe(sub, sub->expires_s);
	if (err)
		failed(sub, err, "SUBSCRIBE not sent");
}


/* RFC 6665 s4.1.2.3 */
static void unsubscribe(struct subscription *sub)
{
	int err;

	stop(sub);
	sub->state = SUBSCRIPTION_LEAVING;
	err = send_subscribe(sub, 0);
	if (err)
		failed(sub, err, "SUBSCRIBE not sent");
}


static void resync(struct subscription *sub)
{
	if (!sub->gap || sub->resync || sub->state != SUBSCRIPTION_ACTIVE)
		return;

	sub->resync = true;
	refresh(sub);
}


static void timer_h(void *arg)
{
	struct subscription *sub = arg;

	switch (sub->state) {

	case SUBSCRIPTION_ACTIVE:
		refresh(sub);
		break;

	case SUBSCRIPTION_WAITING:
		if (sub->leave)
			failed(sub, 0, "unsubscribed");
		else
			subscribe(sub);
		break;

	case SUBSCRIPTION_LASTING:
		subscribe(sub);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Answers to SUBSCRIBE */


static void accepted(struct subscription *sub, const struct sip_msg *msg)
{
	const bool first = sub->state == SUBSCRIPTION_SUBSCRIBING;
	uint32_t expires_s;
	int err;

	/* EPROTO: forked; the subscription is that of the first NOTIFY (RFC
	   6665 s4.4.1, TS 24.229 5.1.1.3 wants one only) */
	err = sip_dialog_response(sub->dlg, msg);
	if (err && err != EPROTO) {
		failed(sub, err, "2xx cannot be used");
		return;
	}

	/* the end follows in a NOTIFY, until timer N */
	if (sub->state == SUBSCRIPTION_LEAVING)
		return;

	/* RFC 5839: no NOTIFY follows */
	if (msg->code == 204)
		ue_timer_cancel(timers(sub), &sub->timer_n);

	if (sip_msg_uint(&expires_s, msg, SIP_HDR_EXPIRES))
		expires_s = sub->expires_s;

	sub->state = SUBSCRIPTION_ACTIVE;
	sub->too_brief = false;

	/* what a NOTIFY said is authoritative (RFC 6665 s4.1.3) */
	if (sub->expires_set)
		expires_s = (uint32_t)(ue_timer_left_ms(timers(sub),
							&sub->expiry) / 1000);
	subscription_set_expiry(sub, expires_s);

	if (first && sub->pkg->subscribed_h)
		sub->pkg->subscribed_h(expires_s, sub->arg);

	if (sub->leave && sub->state == SUBSCRIPTION_ACTIVE)
		unsubscribe(sub);

	/* a NOTIFY that came before */
	resync(sub);
}


/* RFC 6665 s4.1.2.2, s4.2.2 */
bool subscription_ends(uint16_t status)
{
	switch (status) {

	case 404: case 405: case 410: case 416: case 480: case 481: case 482:
	case 483: case 484: case 485: case 489: case 501: case 604:
		return true;

	default:
		return false;
	}
}


static void refused(struct subscription *sub, const struct sip_msg *msg)
{
	const bool refreshing = sub->state == SUBSCRIPTION_REFRESHING;
	struct subscription_cause cause = {
		.status = msg->code, .err = EPROTO,
		.dialog_lives = refreshing && !subscription_ends(msg->code)
	};
	struct ims_reg_failure f;

	reg_classify(&f, &sub->ue->reg, msg);
	cause.text = f.text;
	cause.retry_after_s = f.retry_after_s;

	/* the network has ended it already */
	if (sub->state == SUBSCRIPTION_LEAVING && msg->code == 481) {
		cause.err = 0;
		cause.text = "unsubscribed";
	}

	/* RFC 6665 s4.1.2.2; not found when it should begin is no reason to
	   hurry.  What may work later; what goes on until it expires.  TS
	   24.229 5.1.2.2 speaks of any failure with Retry-After */
	if (msg->code == 481 && refreshing)
		cause.next = SUBSCRIPTION_NOW;
	else if (msg->code == 481 || f.remedy == REG_BACK_OFF ||
		 (f.retry_after_s && msg->code != 403)) {
		cause.next = SUBSCRIPTION_LATER;
	}
	/* a new one takes its dialog, and may be refused as well: not before
	   the end of what is left */
	else if (cause.dialog_lives) {
		cause.next = SUBSCRIPTION_LATER;
		cause.lives_ms = ue_timer_left_ms(timers(sub), &sub->expiry);
	}

	subscription_over(sub, &cause);
}


/* RFC 6665 s4.2.1.1: once, with what is asked for */
static bool longer(struct subscription *sub, const struct sip_msg *msg)
{
	uint32_t min;

	if (msg->code != 423 || sub->too_brief || sub->leave ||
	    sip_msg_uint(&min, msg, SIP_HDR_MIN_EXPIRES) ||
	    min <= sub->expires_s)
		return false;

	sub->too_brief = true;
	sub->expires_s = min;

	return send_subscribe(sub, min) == 0;
}


static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct subscription *sub = arg;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	sub->ct = NULL;

	if (err)
		failed(sub, err, err == ETIMEDOUT ? "no answer" : "not sent");
	else if (msg->code < 300)
		accepted(sub, msg);
	else if (ims_restoration(&sub->ue->reg, msg))
		return;
	else if (!longer(sub, msg))
		refused(sub, msg);
}


/* ------------------------------------------------------------------ */


void subscription_init(struct subscription *sub, struct ue *ue,
		       const struct subscription_package *pkg,
		       struct sip_dialog *dlg, void *arg)
{
	memset(sub, 0, sizeof(*sub));
	sub->ue  = ue;
	sub->pkg = pkg;
	sub->dlg = dlg;
	sub->arg = arg;
}


void subscription_start(struct subscription *sub, uint32_t expires_s)
{
	if (sub->state != SUBSCRIPTION_OFF &&
	    sub->state != SUBSCRIPTION_ENDED)
		return;

	if (sub->state == SUBSCRIPTION_OFF) {
		sub->next = sub->ue->subscriptions;
		sub->ue->subscriptions = sub;
	}

	sub->failures = 0;
	sub->too_brief = false;
	sub->leave = false;
	sub->expires_s = expires_s;
	subscribe(sub);
}


int subscription_leave(struct subscription *sub)
{
	if (sub->leave)
		return EPROTO;

	switch (sub->state) {

	case SUBSCRIPTION_ACTIVE:
	case SUBSCRIPTION_LASTING:
		sub->leave = true;
		unsubscribe(sub);
		return 0;

	case SUBSCRIPTION_SUBSCRIBING:
	case SUBSCRIPTION_REFRESHING:
	case SUBSCRIPTION_LEAVING:      /* the peer's NOTIFY ends it */
		sub->leave = true;
		return 0;

	case SUBSCRIPTION_WAITING:
		sub->leave = true;
		ue_timer_start(timers(sub), &sub->timer, 0, timer_h, sub);
		ue_wake(sub->ue);
		return 0;

	default:
		return EPROTO;
	}
}


void subscription_end(struct subscription *sub)
{
	if (sub->state == SUBSCRIPTION_OFF)
		return;

	stop(sub);
	sub->state = SUBSCRIPTION_ENDED;
}


void subscription_close(struct subscription *sub)
{
	struct subscription **p;

	if (sub->state == SUBSCRIPTION_OFF)
		return;

	for (p = &sub->ue->subscriptions; *p; p = &(*p)->next) {
		if (*p == sub) {
			*p = sub->next;
			break;
		}
	}

	stop(sub);
	sip_dialog_close(sub->dlg);
	sub->state = SUBSCRIPTION_OFF;
}


void subscription_resync(struct subscription *sub)
{
	sub->gap = true;
	resync(sub);
}


void subscription_synced(struct subscription *sub)
{
	sub->gap = false;
	sub->resync = false;
}


bool subscription_running(const struct subscription *sub)
{
	return sub->state != SUBSCRIPTION_OFF &&
		sub->state != SUBSCRIPTION_ENDED;
}
