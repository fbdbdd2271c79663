/**
 * @file subscription_notify.c  NOTIFY in a subscription of ours: what it
 * earns, what its Subscription-State means (RFC 6665 4.1.3)
 */
#include <errno.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/services/subscription_core.h"


void subscription_reply(struct ue *ue, struct sip_strans *st,
			const struct subscription_package *pkg, uint16_t code)
{
	struct sip_writer *w = ims_reply_begin(&ue->reg, st, code);

	if (code == 489)
		sip_writer_hdr(w, SIP_HDR_ALLOW_EVENTS, "refer");
	if (code == 415)
		sip_writer_hdr(w, SIP_HDR_ACCEPT, "%s/%s", pkg->type,
			       pkg->subtype);
	(void)sip_reply_end(st);
}


bool subscription_event_is(const struct subscription_package *pkg,
			   const struct pl *type)
{
	/* RFC 6665 s8.2.1: octet by octet */
	return pkg->any_case ? !pl_strcasecmp(type, pkg->event)
		: !pl_strcmp(type, pkg->event);
}


static bool is_ours(const struct subscription *sub, const struct sip_msg *msg)
{
	const bool own = sip_dialog_match(sub->dlg, msg);
	struct sip_event event;

	if (!own && (!sub->also || !sip_dialog_match(sub->also, msg)))
		return false;

	/* RFC 6665 s4.5.2: subscriptions in one dialog differ by event and
	   id; we gave no id */
	return own ||
		(!sip_msg_event(&event, msg) && !event.id.p &&
		 subscription_event_is(sub->pkg, &event.type));
}


static uint16_t check_body(const struct subscription *sub,
			   const struct sip_msg *msg)
{
	const struct subscription_package *pkg = sub->pkg;

	if (!msg->body.l)
		return 200;
	if (!sip_ctype_is(&msg->ctype, pkg->type, pkg->subtype) ||
	    sip_body_is_coded(msg))
		return 415;

	return pkg->check_h && pkg->check_h(&msg->body, sub->arg) ? 400 : 200;
}


/* What the NOTIFY is; the answer that it earns.  ss: its state where it
   counts, which the end of a subscription does whatever the body is */
static uint16_t check(struct sip_substate *ss, struct subscription *sub,
		      const struct sip_msg *msg)
{
	const struct subscription_package *pkg = sub->pkg;
	struct sip_event event;
	uint16_t code;
	int err;

	ss->state = 0;

	/* RFC 6665 s4.1.3, s8.2.1: we gave no id */
	if (sip_msg_event(&event, msg))
		return 400;
	if (!subscription_event_is(pkg, &event.type))
		return 489;
	if (event.id.p)
		return 481;

	if (sip_msg_substate(ss, msg))
		return 400;

	code = check_body(sub, msg);
	if (code != 200 && ss->state != SIP_SUBSTATE_TERMINATED)
		return code;

	err = sip_dialog_request(sip_dialog_match(sub->dlg, msg) ? sub->dlg
				 : sub->also, msg);
	if (!err)
		return code;

	/* RFC 3261 s12.2.2 */
	ss->state = 0;

	return err == EBADMSG ? 400 : 500;
}


/* RFC 6665 s4.1.3: reasons */
static void terminated(struct subscription *sub,
		       const struct sip_substate *ss)
{
	static const struct {
		const char *reason;
		enum subscription_next next;
		bool retry_after;
	} rulev[] = {
		{"deactivated", SUBSCRIPTION_NOW,   false},
		{"timeout",     SUBSCRIPTION_NOW,   false},
		{"probation",   SUBSCRIPTION_LATER, true},
		{"giveup",      SUBSCRIPTION_LATER, true},
		{"rejected",    SUBSCRIPTION_NEVER, false},
		{"noresource",  SUBSCRIPTION_NEVER, false},
		{"invariant",   SUBSCRIPTION_NEVER, false},
	};
	struct subscription_cause cause = {
		.next = SUBSCRIPTION_NOW, .text = "terminated"
	};
	bool retry_after = true;
	size_t i;

	for (i = 0; i < sizeof(rulev) / sizeof(rulev[0]); i++) {

		if (ss->reason.p &&
		    !pl_strcasecmp(&ss->reason, rulev[i].reason)) {
			cause.text = rulev[i].reason;
			cause.next = rulev[i].next;
			retry_after = rulev[i].retry_after;
		}
	}

	if (retry_after && ss->retry_after_s != UINT32_MAX)
		cause.retry_after_s = reg_retry_after(&sub->ue->reg,
						      ss->retry_after_s);

	subscription_over(sub, &cause);
}


static void goes_on(struct subscription *sub, const struct sip_substate *ss)
{
	/* WAITING: the old one of a new subscription to come; LEAVING: the
	   one that ends it is still to come */
	if (sub->state == SUBSCRIPTION_WAITING ||
	    sub->state == SUBSCRIPTION_LEAVING)
		return;

	ue_timer_cancel(&sub->ue->timers, &sub->timer_n);

	if (ss->expires_s != UINT32_MAX) {
		sub->expires_set = true;
		subscription_set_expiry(sub, ss->expires_s);
	}
}


static void notify(struct subscription *sub, struct sip_strans *st,
		   const struct sip_msg *msg)
{
	struct sip_substate ss;
	uint16_t code;

	code = check(&ss, sub, msg);

	/* first, while nothing else was written: the answer leaves before
	   what follows from the document */
	subscription_reply(sub->ue, st, sub->pkg, code);

	if (sub->state == SUBSCRIPTION_ENDED)
		return;

	if (code == 200 && ss.state != SIP_SUBSTATE_TERMINATED)
		goes_on(sub, &ss);

	/* RFC 6665 s4.1.3: it is over: what the document means is said in no
	   SUBSCRIBE there */
	if (ss.state == SIP_SUBSTATE_TERMINATED &&
	    sub->state != SUBSCRIPTION_WAITING)
		sub->state = SUBSCRIPTION_LEAVING;

	if (code == 200 && msg->body.l) {
		sub->pkg->document_h(&msg->body, sub->arg);
		sub->fresh = false;
	}

	if (ss.state != SIP_SUBSTATE_TERMINATED ||
	    sub->state == SUBSCRIPTION_ENDED ||
	    sub->state == SUBSCRIPTION_OFF)
		return;

	if (sub->state == SUBSCRIPTION_WAITING)
		sip_dialog_close(sub->dlg);
	else
		terminated(sub, &ss);
}


bool subscription_notify(struct ue *ue, struct sip_strans *st,
			 const struct sip_msg *msg)
{
	struct subscription *sub = ue->subscriptions;

	while (sub && !is_ours(sub, msg))
		sub = sub->next;

	if (sub)
		notify(sub, st, msg);

	return sub != NULL;
}
