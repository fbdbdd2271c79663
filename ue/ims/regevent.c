/**
 * @file regevent.c  Subscription to the registration event: the dialog (TS
 * 24.229 5.1.1.3, 5.1.2; RFC 6665 4.1)
 *
 * state        event                  action                  next state
 * -----        -----                  ------                  ----------
 * OFF, ENDED   start                  SUBSCRIBE               SUBSCRIBING
 * SUBSCRIBING  2xx                    report, timers          ACTIVE
 *              NOTIFY                 200, document           SUBSCRIBING
 *              423                    longer Expires          SUBSCRIBING
 *              failure                new Call-ID, later      WAITING, ENDED
 * ACTIVE       timer                  SUBSCRIBE in the dialog REFRESHING
 *              NOTIFY                 200, document           ACTIVE
 *              NOTIFY terminated      by reason               WAITING, ENDED
 *              expired, timer N       new subscription, later WAITING
 * REFRESHING   2xx                    timers                  ACTIVE
 *              481                    new subscription        WAITING
 *              other failure          the same, later; until
 *                                     then NOTIFYs count      WAITING, ENDED
 * WAITING      timer                  SUBSCRIBE, new Call-ID  SUBSCRIBING
 * any          registration ended     answers only            ENDED
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/regevent_core.h"
#include "ue/ims/restoration.h"
#include "ue/ims/text.h"

/** TS 24.229 5.1.1.3 */
#define EXPIRES_S 600000

/** A subscription that lived so long counts as good: what ends it then is no
 *  failure in a row */
#define GOOD_MS 60000

static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg);


static struct ue_timers *timers(const struct ims_regevent *re)
{
	return &re->reg->ue->timers;
}


static struct sip *sip_of(const struct ims_regevent *re)
{
	return &re->reg->ue->sip;
}


static uint64_t timer_n_ms(const struct ims_regevent *re)
{
	return 64 * (uint64_t)sip_of(re)->cfg.timers.t1_ms;
}


static void stop(struct ims_regevent *re)
{
	ue_timer_cancel(timers(re), &re->timer);
	ue_timer_cancel(timers(re), &re->expiry);
	ue_timer_cancel(timers(re), &re->timer_n);

	if (re->ct)
		sip_ctrans_detach(re->ct);
	re->ct = NULL;
	re->reg->info.subscribed = false;
}


/* ------------------------------------------------------------------ */
/* End */


static void timer_h(void *arg);


static void report_ended(struct ims_regevent *re,
			 const struct regevent_end *end, uint64_t wait_ms)
{
	struct ue_event *ev = ue_event_new(re->reg->ue,
					   UE_EVENT_REG_SUBSCRIPTION_ENDED);

	ev->err     = end->err;
	ev->status  = end->status;
	ev->again   = end->next != REGEVENT_NEVER;
	ev->wait_ms = reg_ms32(wait_ms);
	reg_set_text(ev, end->text);
}


/* How long until the next subscription.  Without Retry-After a second end in
   a row waits, whatever was said: two that disagree must not run hot */
static uint64_t wait_ms(struct ims_regevent *re,
			const struct regevent_end *end)
{
	const uint64_t retry_after = (uint64_t)end->retry_after_s * 1000;
	uint64_t wait;

	if (timers(re)->now_ms - re->since_ms >= GOOD_MS)
		re->failures = 0;

	/* TS 24.229 5.1.2.2: not before Retry-After, and the first time right
	   then */
	wait = (end->next == REGEVENT_NOW || retry_after) && !re->failures
		? 0 : reg_back_off_ms(sip_of(re), re->failures + 1);
	++re->failures;

	return retry_after > wait ? retry_after : wait;
}


void regevent_ended(struct ims_regevent *re, const struct regevent_end *end)
{
	uint64_t wait = 0;

	stop(re);

	if (end->next == REGEVENT_NEVER) {
		re->state = IMS_REGEVENT_ENDED;
	}
	else {
		/* RFC 6665 s4.1.2.2: after some failures the old subscription
		   lives on until it expires */
		if (!end->dialog_lives)
			sip_dialog_close(&re->dlg);

		wait = wait_ms(re, end);
		re->state = IMS_REGEVENT_WAITING;
		ue_timer_start(timers(re), &re->timer, wait, timer_h, re);
	}

	report_ended(re, end, wait);
}


static void failed(struct ims_regevent *re, int err, const char *text)
{
	const struct regevent_end end = {
		.next = REGEVENT_LATER, .err = err, .text = text,
		.dialog_lives = re->state == IMS_REGEVENT_REFRESHING
	};

	regevent_ended(re, &end);
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


void regevent_set_expiry(struct ims_regevent *re, uint32_t expires_s)
{
	/* 0: the end follows in a NOTIFY */
	const uint64_t ms = expires_s ? (uint64_t)expires_s * 1000
		: timer_n_ms(re);

	ue_timer_start(timers(re), &re->expiry, ms, expiry_h, re);

	/* TS 24.229 5.1.1.3: as for the registration */
	if (expires_s && re->state == IMS_REGEVENT_ACTIVE)
		ue_timer_start(timers(re), &re->timer,
			       reg_refresh_ms(expires_s), timer_h, re);
}


/* ------------------------------------------------------------------ */
/* SUBSCRIBE */


static int send_subscribe(struct ims_regevent *re)
{
	struct ims_reg *reg = re->reg;
	struct sip_writer *w;
	int err;

	re->notified = false;
	re->expires_set = false;

	w = sip_dialog_begin(&re->dlg, sip_of(re), "SUBSCRIBE");
	ims_hdr_contact(w, reg, false);
	ims_hdr_preferred_identity(w, reg);
	ims_hdr_request(w, reg, SIP_METHOD_SUBSCRIBE);
	sip_writer_hdr(w, SIP_HDR_EVENT, "reg");
	sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", re->expires_s);
	sip_writer_hdr(w, SIP_HDR_ACCEPT, "application/reginfo+xml");
	(void)sip_writer_end(w);

	err = sip_ctrans_start(&re->ct, sip_of(re), re->dlg.hop, response_h,
			       re);
	if (!err)
		ue_timer_start(timers(re), &re->timer_n, timer_n_ms(re),
			       timer_n_h, re);

	return err;
}


/* 5.1.1.3: Request-URI, From and To are the public identity */
static void subscribe(struct ims_regevent *re)
{
	struct ims_reg *reg = re->reg;
	const char *impu = ims_hdr_identity(reg);
	int err;

	stop(re);
	re->state = IMS_REGEVENT_SUBSCRIBING;
	re->since_ms = timers(re)->now_ms;
	re->version_set = false;
	re->resync = false;
	re->gap = false;

	/* a fresh dialog: another Call-ID (5.1.2.2) */
	err = sip_dialog_init(&re->dlg, sip_of(re), ims_reg_hop(reg), impu,
			      impu, NULL);
	if (!err)
		err = ims_hdr_routes(re->dlg.routes, sizeof(re->dlg.routes),
				     reg);
	if (!err)
		err = send_subscribe(re);
	if (err)
		failed(re, err, "SUBSCRIBE not sent");
}


/* RFC 6665 s4.1.2.2 */
static void refresh(struct ims_regevent *re)
{
	int err;

	ue_timer_cancel(timers(re), &re->timer);
	re->state = IMS_REGEVENT_REFRESHING;
	err = send_subscribe(re);
	if (err)
		failed(re, err, "SUBSCRIBE not sent");
}


void regevent_resync(struct ims_regevent *re)
{
	if (!re->gap || re->resync || re->state != IMS_REGEVENT_ACTIVE)
		return;

	re->resync = true;
	refresh(re);
}


static void timer_h(void *arg)
{
	struct ims_regevent *re = arg;

	switch (re->state) {

	case IMS_REGEVENT_ACTIVE:
		refresh(re);
		break;

	case IMS_REGEVENT_WAITING:
		subscribe(re);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Answers to SUBSCRIBE */


static void report_subscribed(struct ims_regevent *re, uint32_t expires_s)
{
	struct ue_event *ev = ue_event_new(re->reg->ue,
					   UE_EVENT_REG_SUBSCRIBED);

	ev->expires_s = expires_s;
	reg_set_text(ev, re->dlg.local_uri);
}


static void accepted(struct ims_regevent *re, const struct sip_msg *msg)
{
	const bool first = re->state == IMS_REGEVENT_SUBSCRIBING;
	uint32_t expires_s;
	int err;

	/* EPROTO: forked; the subscription is that of the first NOTIFY (RFC
	   6665 s4.4.1, TS 24.229 5.1.1.3 wants one only) */
	err = sip_dialog_response(&re->dlg, msg);
	if (err && err != EPROTO) {
		failed(re, err, "2xx cannot be used");
		return;
	}

	/* RFC 5839: no NOTIFY follows */
	if (msg->code == 204)
		ue_timer_cancel(timers(re), &re->timer_n);

	if (sip_msg_uint(&expires_s, msg, SIP_HDR_EXPIRES))
		expires_s = re->expires_s;

	re->state = IMS_REGEVENT_ACTIVE;
	re->too_brief = false;
	re->reg->info.subscribed = true;

	/* what a NOTIFY said is authoritative (RFC 6665 s4.1.3) */
	if (re->expires_set)
		expires_s = (uint32_t)(ue_timer_left_ms(timers(re),
							&re->expiry) / 1000);
	regevent_set_expiry(re, expires_s);

	if (first)
		report_subscribed(re, expires_s);

	/* a NOTIFY that came before */
	regevent_resync(re);
}


/* RFC 6665 s4.1.2.2: answers that end the subscription */
static bool ends_subscription(uint16_t status)
{
	switch (status) {

	case 404: case 405: case 410: case 416: case 480: case 481: case 482:
	case 483: case 484: case 485: case 489: case 501: case 604:
		return true;

	default:
		return false;
	}
}


/* Is another attempt of any use? */
static enum regevent_next next_after(const struct ims_regevent *re,
				     uint16_t status)
{
	/* RFC 6665 s4.1.2.2; not found when it should begin is no reason to
	   hurry */
	if (status == 481)
		return re->state == IMS_REGEVENT_REFRESHING ? REGEVENT_NOW
			: REGEVENT_LATER;

	if (status == 408 || status == 480 || status == 486 ||
	    status == 491 || status == 600 ||
	    (status / 100 == 5 && status != 501 && status != 505 &&
	     status != 513))
		return REGEVENT_LATER;

	return REGEVENT_NEVER;
}


static void refused(struct ims_regevent *re, const struct sip_msg *msg)
{
	struct regevent_end end = {
		.status = msg->code, .err = EPROTO,
		.text = sip_phrase(msg->code)
	};

	if (sip_msg_uint(&end.retry_after_s, msg, SIP_HDR_RETRY_AFTER))
		end.retry_after_s = 0;

	end.next = next_after(re, msg->code);
	end.dialog_lives = re->state == IMS_REGEVENT_REFRESHING &&
		!ends_subscription(msg->code);

	/* TS 24.229 5.1.2.2 speaks of any failure with Retry-After */
	if (end.retry_after_s && end.next == REGEVENT_NEVER &&
	    msg->code != 403)
		end.next = REGEVENT_LATER;

	regevent_ended(re, &end);
}


/* RFC 6665 s4.2.1.1: once, with what is asked for */
static bool longer(struct ims_regevent *re, const struct sip_msg *msg)
{
	uint32_t min;

	if (msg->code != 423 || re->too_brief ||
	    sip_msg_uint(&min, msg, SIP_HDR_MIN_EXPIRES) ||
	    min <= re->expires_s)
		return false;

	re->too_brief = true;
	re->expires_s = min;

	return send_subscribe(re) == 0;
}


static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct ims_regevent *re = arg;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	re->ct = NULL;

	if (err)
		failed(re, err, err == ETIMEDOUT ? "no answer" : "not sent");
	else if (msg->code < 300)
		accepted(re, msg);
	else if (ims_restoration_wanted(&re->reg->info, msg, &re->work.xml))
		ims_reg_terminated(re->reg, IMS_CONTACT_DEACTIVATED,
				   UINT32_MAX);
	else if (!longer(re, msg))
		refused(re, msg);
}


/* ------------------------------------------------------------------ */


void ims_regevent_init(struct ims_regevent *re, struct ims_reg *reg)
{
	memset(re, 0, sizeof(*re));
	re->reg = reg;
	re->expires_s = EXPIRES_S;
}


void ims_regevent_start(struct ims_regevent *re)
{
	if (re->state != IMS_REGEVENT_OFF && re->state != IMS_REGEVENT_ENDED)
		return;

	re->failures = 0;
	re->too_brief = false;
	re->expires_s = EXPIRES_S;
	subscribe(re);
}


void ims_regevent_end(struct ims_regevent *re)
{
	if (re->state == IMS_REGEVENT_OFF)
		return;

	stop(re);
	re->state = IMS_REGEVENT_ENDED;
}


void ims_regevent_close(struct ims_regevent *re)
{
	if (re->state == IMS_REGEVENT_OFF)
		return;

	stop(re);
	sip_dialog_close(&re->dlg);
	re->state = IMS_REGEVENT_OFF;
}


bool ims_regevent_match(const struct ims_regevent *re,
			const struct sip_msg *msg)
{
	return re->state != IMS_REGEVENT_OFF &&
		sip_dialog_match(&re->dlg, msg);
}
