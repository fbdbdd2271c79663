/**
 * @file regevent_notify.c  NOTIFY of the registration event: what a document
 * means (TS 24.229 5.1.1.3, 5.1.1.5A, 5.1.1.7; RFC 3680 5., RFC 6665 4.1.3)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/regevent_core.h"
#include "ue/ims/text.h"


/* ------------------------------------------------------------------ */
/* One registration element */


/* Which flags of "is registered" belong to this address-of-record?  At most
   two: the registered identity, which may be in the list or not */
struct own_flags {
	bool *impu;
	bool *assoc;
};


static bool find_own(struct own_flags *own, struct ims_regevent *re,
		     const struct pl *aor)
{
	struct ims_reg_info *info = &re->reg->info;
	char *text = re->work.text;
	struct sip_uri uri;
	struct pl pl;
	unsigned i;

	memset(own, 0, sizeof(*own));

	if (xml_decode(text, sizeof(re->work.text), aor))
		return false;

	pl = ims_pl(text);
	if (sip_uri_decode(&uri, &pl))
		return false;

	if (ims_same_uri(&uri, info->impu))
		own->impu = &re->impu_active;

	for (i = 0; i < info->assoc_count && !own->assoc; i++) {
		if (ims_same_uri(&uri, info->assocv[i]))
			own->assoc = &info->assoc_activev[i];
	}

	return own->impu || own->assoc;
}


/* RFC 3680 5.2: what ends a registration, in the order in which one event
   outweighs another */
static enum ims_contact_event contact_event(enum ims_reginfo_event event)
{
	switch (event) {

	case IMS_REGINFO_EXPIRED:      return IMS_CONTACT_EXPIRED;
	case IMS_REGINFO_UNREGISTERED: return IMS_CONTACT_UNREGISTERED;
	case IMS_REGINFO_PROBATION:    return IMS_CONTACT_PROBATION;
	case IMS_REGINFO_DEACTIVATED:  return IMS_CONTACT_DEACTIVATED;
	case IMS_REGINFO_REJECTED:     return IMS_CONTACT_REJECTED;
	default:                       return IMS_CONTACT_NONE;
	}
}


static void set_flags(const struct own_flags *own, bool active)
{
	if (own->impu)
		*own->impu = active;
	if (own->assoc)
		*own->assoc = active;
}


/* RFC 5628: the GRUUs of the registered identity */
static void store_gruus(struct ims_reg *reg,
			const struct ims_reginfo_contact *c, bool active)
{
	struct ims_reg_info *info = &reg->info;

	if (!active) {
		/* 5.1.1.3: removed with the registration */
		info->pub_gruu[0] = '\0';
		info->temp_gruu[0] = '\0';
		return;
	}

	if (reg->ue->set->no_gruu || reg->no_gruu)
		return;

	if (c->pub_gruu.l && xml_decode(info->pub_gruu, UE_URI_MAX,
					&c->pub_gruu))
		info->pub_gruu[0] = '\0';
	if (c->temp_gruu.l && xml_decode(info->temp_gruu, UE_URI_MAX,
					 &c->temp_gruu))
		info->temp_gruu[0] = '\0';
}


static void add_terminated(struct ims_regevent_sum *sum,
			   const struct ims_reginfo_contact *c)
{
	const enum ims_contact_event event = c->found ?
		contact_event(c->event) : IMS_CONTACT_NONE;

	++sum->terminated;

	if (event > sum->event) {
		sum->event = (uint8_t)event;
		sum->retry_after_s = c->retry_after_s;
	}
}


/* 5.1.1.5A: several contacts: the smallest value */
static void add_active(struct ims_regevent_sum *sum,
		       const struct ims_reginfo_contact *c)
{
	++sum->active;

	if (c->event == IMS_REGINFO_SHORTENED &&
	    c->expires_s < sum->shortened_s)
		sum->shortened_s = c->expires_s;
}


/* 5.1.1.7: terminated, or active with the own contact terminated, both mean
   deregistered.  Contacts of other devices mean nothing to us */
static void registration_h(const struct ims_reginfo_reg *r, void *arg)
{
	struct ims_regevent *re = arg;
	struct ims_regevent_sum *sum = &re->sum;
	const struct ims_reginfo_contact *c = &r->own;
	const bool over = r->state == IMS_REGINFO_TERMINATED ||
		(c->found && !c->active);
	const bool active = r->state == IMS_REGINFO_ACTIVE && c->found &&
		c->active;
	struct own_flags own;

	if ((!over && !active) || !find_own(&own, re, &r->aor))
		return;

	set_flags(&own, active);
	if (own.impu)
		store_gruus(re->reg, c, active);

	if (over)
		add_terminated(sum, c);
	else
		add_active(sum, c);

	if (!sum->first_set || own.impu) {
		sum->first_set = true;
		sum->first_active = active;
		sum->first = c->found ? c->event : IMS_REGINFO_UNKNOWN;
	}
}


/* ------------------------------------------------------------------ */
/* The document */


/* RFC 3680 5.: is it to be processed?  *gap: partial state whose predecessor
   is not known */
static bool version_ok(struct ims_regevent *re, const struct ims_reginfo *info,
		       bool *gap)
{
	*gap = false;

	if (re->version_set) {

		if (info->version < re->version)
			return false;

		/* a partial one a second time; a full one does no harm */
		if (info->version == re->version && !info->full)
			return false;

		*gap = !info->full && info->version - re->version > 1;
	}
	else {
		/* the first one is full (RFC 3680 4.7) */
		*gap = !info->full;
	}

	re->version = info->version;
	re->version_set = true;

	return true;
}


static bool any_active(const struct ims_regevent *re)
{
	const struct ims_reg_info *info = &re->reg->info;
	unsigned i;

	for (i = 0; i < info->assoc_count; i++) {
		if (info->assoc_activev[i])
			return true;
	}

	return re->impu_active;
}


static void forget_flags(struct ims_regevent *re)
{
	struct ims_reg_info *info = &re->reg->info;

	memset(info->assoc_activev, 0, sizeof(info->assoc_activev));
	re->impu_active = false;
}


static void report_info(struct ims_regevent *re)
{
	const struct ims_regevent_sum *sum = &re->sum;
	struct ue_event *ev = ue_event_new(re->reg->ue, UE_EVENT_REG_INFO);
	const char *state = sum->first_active ? "active " : "terminated ";
	const char *event = ims_reginfo_event_name(sum->first);

	ev->version = re->version;
	if (!sum->first_set)
		return;

	reg_set_text(ev, state);
	memcpy(ev->text + strlen(state), event, strlen(event) + 1);
}


/* The registration of this UE may end in here: re is ENDED then */
static void apply(struct ims_regevent *re)
{
	const struct ims_regevent_sum *sum = &re->sum;

	report_info(re);

	if (sum->terminated && !any_active(re))
		ims_reg_terminated(re->reg, (enum ims_contact_event)sum->event,
				   sum->retry_after_s);
	else if (sum->shortened_s != UINT32_MAX)
		ims_reg_shortened(re->reg, sum->shortened_s);
}


/* Own contact as the network knows it.  The URI is in buf */
static int own_contact(struct ims_reginfo_own *own, struct ims_reg *reg)
{
	struct pl pl;
	int err;

	memset(own, 0, sizeof(*own));
	own->instance = reg->id.instance;
	own->pub_gruu = reg->info.pub_gruu;

	err = ims_hdr_contact_uri(reg->contact, sizeof(reg->contact), reg);
	if (err)
		return err;

	pl = ims_pl(reg->contact);

	return sip_uri_decode(&own->contact, &pl);
}


/* Read the document without a consequence */
static int check_document(struct ims_reginfo *info, struct ims_regevent *re,
			  const struct pl *body)
{
	static const struct ims_reginfo_own nobody = {
		.instance = "", .pub_gruu = ""
	};

	return ims_reginfo_decode(info, &re->work, body->p, body->l, &nobody,
				  NULL, NULL);
}


static void process(struct ims_regevent *re, const struct pl *body,
		    struct ims_reginfo *info)
{
	struct ims_reginfo_own *own = &re->own;
	bool gap;

	if (!version_ok(re, info, &gap) ||
	    own_contact(own, re->reg))
		return;

	memset(&re->sum, 0, sizeof(re->sum));
	re->sum.shortened_s = UINT32_MAX;
	re->sum.retry_after_s = UINT32_MAX;

	if (info->full) {
		re->resync = false;
		re->gap = false;
		forget_flags(re);
	}

	(void)ims_reginfo_decode(info, &re->work, body->p, body->l, own,
				 registration_h, re);
	apply(re);

	if (gap) {
		re->gap = true;
		regevent_resync(re);
	}
}


/* ------------------------------------------------------------------ */
/* NOTIFY */


static void reply(struct ims_regevent *re, struct sip_strans *st,
		  uint16_t code)
{
	struct sip_writer *w = sip_reply_begin(st, code, NULL, NULL);

	ims_hdr_response(w, re->reg, SIP_METHOD_NOTIFY);
	if (code == 489)
		sip_writer_hdr(w, SIP_HDR_ALLOW_EVENTS, "reg");
	if (code == 415)
		sip_writer_hdr(w, SIP_HDR_ACCEPT, "application/reginfo+xml");
	(void)sip_writer_end(w);
	(void)sip_reply_send(st);
}


/* What the NOTIFY is; the answer that it earns */
static uint16_t check(struct sip_substate *ss, struct ims_reginfo *info,
		      struct ims_regevent *re, const struct sip_msg *msg)
{
	struct sip_event event;
	int err;

	/* RFC 6665 s4.1.3, s8.2.1: we gave no id */
	if (sip_msg_event(&event, msg))
		return 400;
	if (pl_strcmp(&event.type, "reg"))
		return 489;
	if (event.id.p)
		return 481;

	if (sip_msg_substate(ss, msg))
		return 400;

	if (msg->body.l) {
		if (!sip_ctype_is(&msg->ctype, "application", "reginfo+xml"))
			return 415;
		if (check_document(info, re, &msg->body))
			return 400;
	}

	err = sip_dialog_request(&re->dlg, msg);

	/* RFC 3261 s12.2.2 */
	return !err ? 200 : err == EBADMSG ? 400 : 500;
}


/* RFC 6665 s4.1.3: reasons */
static void over(struct ims_regevent *re, const struct sip_substate *ss)
{
	static const struct {
		const char *reason;
		enum regevent_next next;
		bool retry_after;
	} rulev[] = {
		{"deactivated", REGEVENT_NOW,   false},
		{"timeout",     REGEVENT_NOW,   false},
		{"probation",   REGEVENT_LATER, true},
		{"giveup",      REGEVENT_LATER, true},
		{"rejected",    REGEVENT_NEVER, false},
		{"noresource",  REGEVENT_NEVER, false},
		{"invariant",   REGEVENT_NEVER, false},
	};
	struct regevent_end end = {
		.next = REGEVENT_NOW, .text = "terminated"
	};
	bool retry_after = true;
	size_t i;

	for (i = 0; i < sizeof(rulev) / sizeof(rulev[0]); i++) {

		if (ss->reason.p &&
		    !pl_strcasecmp(&ss->reason, rulev[i].reason)) {
			end.text = rulev[i].reason;
			end.next = rulev[i].next;
			retry_after = rulev[i].retry_after;
		}
	}

	if (retry_after && ss->retry_after_s != UINT32_MAX)
		end.retry_after_s = ss->retry_after_s;

	regevent_ended(re, &end);
}


static void goes_on(struct ims_regevent *re, const struct sip_substate *ss)
{
	/* the old one of a new subscription to come */
	if (re->state == IMS_REGEVENT_WAITING)
		return;

	re->notified = true;
	ue_timer_cancel(&re->reg->ue->timers, &re->timer_n);

	if (ss->expires_s != UINT32_MAX) {
		re->expires_set = true;
		regevent_set_expiry(re, ss->expires_s);
	}
}


void ims_regevent_notify(struct ims_regevent *re, struct sip_strans *st,
			 const struct sip_msg *msg)
{
	struct sip_substate ss;
	struct ims_reginfo info;
	uint16_t code;

	code = check(&ss, &info, re, msg);

	/* first, while nothing else was written: the answer leaves before
	   what follows from the document */
	reply(re, st, code);

	if (code != 200 || re->state == IMS_REGEVENT_ENDED)
		return;

	if (ss.state != SIP_SUBSTATE_TERMINATED)
		goes_on(re, &ss);

	if (msg->body.l)
		process(re, &msg->body, &info);

	if (ss.state != SIP_SUBSTATE_TERMINATED ||
	    re->state == IMS_REGEVENT_ENDED)
		return;

	if (re->state == IMS_REGEVENT_WAITING)
		sip_dialog_close(&re->dlg);
	else
		over(re, &ss);
}
