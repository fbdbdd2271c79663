/**
 * @file regevent.c  The registration event: what its documents mean (TS 24.229
 * 5.1.1.3, 5.1.1.5A, 5.1.1.7; RFC 3680 5.)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/text.h"

/** TS 24.229 5.1.1.3 */
#define EXPIRES_S 600000


static struct ims_reginfo_work *work(const struct ims_regevent *re)
{
	return &re->reg->ue->work.reginfo;
}


/* ------------------------------------------------------------------ */
/* One registration element */


/* Which flags of "is registered" belong to this address-of-record?  At most
   two: the registered identity, which may be in the list or not */
struct own_flags {
	bool *impu;
	bool *assoc;
	bool used;      /* all of ours is done in its name               */
};


bool *ims_regevent_assoc(struct ims_reg_info *info,
			 const struct sip_uri *uri)
{
	unsigned i;

	for (i = 0; i < info->assoc_count; i++) {
		if (ims_same_uri(uri, info->assocv[i]))
			return &info->assoc_activev[i];
	}

	return NULL;
}


static bool find_own(struct own_flags *own, struct ims_regevent *re,
		     const struct pl *aor)
{
	struct ims_reg_info *info = &re->reg->info;
	char *text = work(re)->text;
	struct sip_uri uri;
	struct pl pl;

	memset(own, 0, sizeof(*own));

	if (xml_decode(text, sizeof(work(re)->text), aor))
		return false;

	pl = ims_pl(text);
	if (sip_uri_decode(&uri, &pl))
		return false;

	if (ims_same_uri(&uri, info->impu))
		own->impu = &re->impu_active;

	own->assoc = ims_regevent_assoc(info, &uri);
	own->used = ims_same_uri(&uri, ims_hdr_identity(re->reg));

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
	const enum ims_contact_event event = contact_event(c->event);

	sum->terminated = true;

	if (event > sum->event) {
		sum->event = (uint8_t)event;
		sum->retry_after_s = c->retry_after_s;
	}
}


/* 5.1.1.5A: several contacts: the smallest value */
static void add_active(struct ims_regevent_sum *sum,
		       const struct ims_reginfo_contact *c)
{
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

	re->uri_known |= c->rank >= IMS_REGINFO_BY_URI;
	if ((!over && !active) || !find_own(&own, re, &r->aor))
		return;

	set_flags(&own, active);
	if (own.impu)
		store_gruus(re->reg, c, active);

	if (own.used)
		sum->gone = over;
	if (over)
		add_terminated(sum, c);
	else
		add_active(sum, c);

	if (!sum->first_set || own.impu) {
		sum->first_set = true;
		sum->first_active = active;
		sum->first = c->event;
	}
}


/* ------------------------------------------------------------------ */
/* The document */


/* RFC 3680 5.: is it to be processed?  *gap: partial state whose predecessor
   is not known */
static bool version_ok(struct ims_regevent *re, const struct ims_reginfo *info,
		       bool *gap)
{
	if (re->sub.fresh) {
		re->uri_known = false;

		/* the first one is full (RFC 3680 4.7) */
		*gap = !info->full;
	}
	else {
		if (info->version < re->version)
			return false;

		/* a partial one a second time; a full one does no harm */
		if (info->version == re->version && !info->full)
			return false;

		*gap = !info->full && info->version - re->version > 1;
	}

	re->version = info->version;

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

	/* 5.1.1.7: the dialogs of the identity in use end, and what is
	   rejected is not registered again by itself.  TS 23.228 5.2.1a.1: the
	   others of the set go with it */
	if (sum->gone || (sum->terminated && !any_active(re)))
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
static int check_h(const struct pl *body, void *arg)
{
	static const struct ims_reginfo_own nobody = {
		.instance = "", .pub_gruu = ""
	};
	struct ims_regevent *re = arg;
	struct ims_reginfo info;

	return ims_reginfo_decode(&info, work(re), body->p, body->l, &nobody,
				  NULL, NULL);
}


static void document_h(const struct pl *body, void *arg)
{
	struct ims_regevent *re = arg;
	struct ims_reginfo_own *own = &re->own;
	struct ims_reginfo info;
	bool gap;

	if (own_contact(own, re->reg) ||
	    ims_reginfo_decode(&info, work(re), body->p, body->l, own, NULL,
			       NULL) ||
	    !version_ok(re, &info, &gap))
		return;

	memset(&re->sum, 0, sizeof(re->sum));
	re->sum.shortened_s = UINT32_MAX;
	re->sum.retry_after_s = UINT32_MAX;

	if (info.full) {
		subscription_synced(&re->sub);
		forget_flags(re);
	}

	/* 5.1.1.7: an earlier binding of this device may end, too */
	own->uri_known = re->uri_known;
	(void)ims_reginfo_decode(&info, work(re), body->p, body->l, own,
				 registration_h, re);
	apply(re);

	if (gap)
		subscription_resync(&re->sub);
}


/* ------------------------------------------------------------------ */
/* The subscription */


/* 5.1.1.3: Request-URI, From and To are the public identity */
static const char *target_h(void *arg)
{
	const struct ims_regevent *re = arg;

	return ims_hdr_identity(re->reg);
}


static void subscribed_h(uint32_t expires_s, void *arg)
{
	struct ims_regevent *re = arg;
	struct ue_event *ev = ue_event_new(re->reg->ue,
					   UE_EVENT_REG_SUBSCRIBED);

	re->reg->info.subscribed = true;
	ev->expires_s = expires_s;
	reg_set_text(ev, sip_dialog_text(&re->dlg, SIP_DIALOG_LOCAL_URI));
}


static void ended_h(const struct subscription_end *end, void *arg)
{
	struct ims_regevent *re = arg;
	struct ue_event *ev = ue_event_new(re->reg->ue,
					   UE_EVENT_REG_SUBSCRIPTION_ENDED);

	re->reg->info.subscribed = false;

	ev->err     = end->err;
	ev->status  = end->status;
	ev->again   = end->again;
	ev->wait_ms = reg_ms32(end->wait_ms);
	reg_set_text(ev, end->text);
}


static const struct subscription_package package = {
	.event = "reg", .type = "application", .subtype = "reginfo+xml",
	.target_h = target_h, .check_h = check_h, .document_h = document_h,
	.subscribed_h = subscribed_h, .ended_h = ended_h
};


void ims_regevent_init(struct ims_regevent *re, struct ims_reg *reg)
{
	memset(re, 0, sizeof(*re));
	re->reg = reg;
	subscription_init(&re->sub, reg->ue, &package, &re->dlg, re);
}


void ims_regevent_start(struct ims_regevent *re)
{
	subscription_start(&re->sub, EXPIRES_S);
}
