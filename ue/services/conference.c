/**
 * @file conference.c  Conferences: creating, joining, being invited, leaving
 *
 *   state      event         action                            next
 *   ---------------------------------------------------------------------
 *   FREE       join          INVITE (TS 24.147 5.3.1.3.2)      JOINING
 *              watch         SUBSCRIBE                         WATCHING
 *              new INVITE    tell INVITATION (with isfocus)    INVITED
 *              REFER         202, NOTIFY, tell INVITATION      INVITED*
 *   INVITED    accept        200                               JOINING*
 *              leave         603, tell ENDED                   FREE
 *              CANCEL, BYE   200, 487, tell ENDED              FREE
 *   INVITED*   accept        INVITE (5.3.1.4.2)                JOINING
 *              leave         NOTIFY (603), tell ENDED          FREE
 *   JOINING    200           ACK, SUBSCRIBE, tell JOINED       JOINED
 *              200 no focus  ACK, BYE                          LEAVING
 *              486           ACK, tell FAILED                  FREE
 *              leave         - (CANCEL with the next 1xx)      LEAVING
 *              BYE           481                               -
 *   JOINING*   ACK           SUBSCRIBE, tell JOINED            JOINED
 *              leave         - (BYE after the ACK)             LEAVING
 *              CANCEL        200                               -
 *              BYE           200, tell FAILED                  FREE
 *   JOINED     leave         BYE (5.3.1.6.1)                   LEAVING
 *              BYE           200 (5.3.1.6.2)                   LEAVING
 *              hold          INVITE                            -
 *   WATCHING   leave         SUBSCRIBE (Expires 0)             LEAVING
 *              terminated    200, tell ROSTER, tell ENDED      FREE
 *   LEAVING    BYE           200                               -
 *              leave         EPROTO                            -
 *   JOINED,    NOTIFY        200, tell ROSTER                  -
 *   WATCHING,
 *   LEAVING
 *   JOINED,    terminated    200, tell ROSTER                  -
 *   LEAVING
 *   JOINED,    again         200, tell ROSTER, SUBSCRIBE       -
 *   WATCHING
 *   LEAVING    again         200, tell ROSTER                  -
 *   FREE,      accept        EPROTO                            -
 *   JOINING(*),
 *   JOINED,
 *   WATCHING,
 *   LEAVING
 *   FREE,      hold          EPROTO                            -
 *   INVITED(*),
 *   JOINING(*),
 *   WATCHING,
 *   LEAVING
 *   JOINING(*) lost          tell FAILED                       FREE
 *   INVITED(*), lost         tell ENDED                        FREE
 *   JOINED,
 *   WATCHING,
 *   LEAVING
 *
 * INVITED*: by a REFER; JOINING*: INVITE of the focus, accepted; NAME(*): with
 * a star or without.  lost: the registration.  terminated: a NOTIFY that ends
 * the subscription, again: for a reason that lets us come again.  Any other
 * pair of state and event: nothing.
 *
 * LEAVING waits for the end of the session, of REFERs and of the subscription
 * (RFC 4579 5.12: NOTIFYs and BYE in any order): 2*T1 for what ends REFERs,
 * the same again for a NOTIFY `terminated`, then SUBSCRIBE with Expires 0,
 * 16*T1 at most; then it is told (OVER until that is delivered) and FREE.
 * Nothing is subscribed to any more.
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"
#include "ue/services/conference_core.h"
#include "ue/services/uri_list.h"

/** RFC 4575 3.4 */
#define CONF_EXPIRES_S 3600

static struct ue_timers *timers(const struct ue_conf *conf)
{
	return &conf->ue->timers;
}


/* ------------------------------------------------------------------ */
/* Entries, events */


struct ue_conf *conf_new(struct confs *cs, enum ue_conf_state state,
			 const char *uri, const struct ue_conf_params *prm)
{
	const struct pl text = ims_pl(uri);
	struct ue_conf *conf = NULL;
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX && !conf; i++) {
		if (cs->v[i].state == UE_CONF_FREE)
			conf = &cs->v[i];
	}
	if (!conf)
		return NULL;

	memset(conf, 0, sizeof(*conf));
	if (ims_copy(conf->uri, sizeof(conf->uri), &text))
		return NULL;

	conf->ue = cs->ue;
	conf->state = (uint8_t)state;
	roster_init(&conf->roster, &cs->ue->sip.store);
	if (prm)
		conf->prm = *prm;
	if (!conf->prm.expires_s)
		conf->prm.expires_s = CONF_EXPIRES_S;
	subscription_init(&conf->sub, cs->ue, &conf_package, &conf->sub_dlg,
			  conf);

	return conf;
}


void conf_free(struct ue_conf *conf)
{
	ue_timer_cancel(timers(conf), &conf->work);
	subscription_close(&conf->sub);
	roster_clear(&conf->roster);
	if (conf->s)
		session_set_arg(conf->s, NULL);
	if (conf->rd)
		conf->rd->owner = NULL;
	memset(conf, 0, sizeof(*conf));
}


struct ue_event *conf_event(struct ue_conf *conf, enum ue_event_type type)
{
	struct ue_event *ev = ue_event_new(conf->ue, type);
	const struct pl uri = ims_pl(conf->uri);

	ev->conf = conf;
	ev->session = conf->s ? session_id(conf->s) : 0;
	(void)ims_copy(ev->text, sizeof(ev->text), &uri);

	return ev;
}


static void referred_final(struct ue_conf *conf, uint16_t status)
{
	struct referred *rd = conf->rd;

	if (!rd)
		return;

	conf->rd = NULL;
	rd->owner = NULL;
	referred_status(rd, status);
}


/* ------------------------------------------------------------------ */
/* End */


static void work_h(void *arg);


void conf_work(struct ue_conf *conf, uint64_t delay_ms)
{
	ue_timer_start(timers(conf), &conf->work, delay_ms, work_h, conf);
	ue_wake(conf->ue);
}


void conf_leaving(struct ue_conf *conf)
{
	conf->state = UE_CONF_LEAVING;
	if (conf->sub.state == SUBSCRIPTION_WAITING)
		subscription_end(&conf->sub);
	conf_work(conf, 0);
}


void conf_because(struct ue_conf *conf, int err, uint16_t status,
		  const char *text)
{
	const struct pl pl = ims_pl(text);

	conf->end_err = err;
	conf->end_status = status;
	if (ims_copy(conf->end_text, sizeof(conf->end_text), &pl))
		conf->end_text[0] = '\0';
}


static void over(struct ue_conf *conf)
{
	/* RFC 3261 8.1.3.4 */
	const bool moved = conf->failed && !conf->by_peer &&
		conf->end_status / 100 == 3 && conf->inviter[0];
	const struct pl text = ims_pl(moved ? conf->inviter : conf->end_text);
	struct ue_event *ev;

	/* RFC 3261 8.1.3.1: no answer is a 408 */
	referred_final(conf, conf->end_status >= 300 ? conf->end_status
		       : conf->end_err == ETIMEDOUT ? 408 : 603);
	conf->state = UE_CONF_OVER;
	ev = conf_event(conf, conf->failed ? UE_EVENT_CONF_FAILED
			: UE_EVENT_CONF_ENDED);
	ev->err = conf->end_err;
	ev->status = conf->end_status;
	ev->by_peer = conf->by_peer;
	ev->wait_ms = conf->wait_ms;
	(void)ims_copy(ev->text, sizeof(ev->text), &text);
}


/* INITIATE was accepted, and the server never called */
static void not_called(struct ue_conf *conf)
{
	conf_because(conf, ETIMEDOUT, 0, "no INVITE came");
	conf->failed = true;
	conf->grace = true;
	conf->state = UE_CONF_LEAVING;
}


/* One thing after the other until nothing is left */
static void work_h(void *arg)
{
	struct ue_conf *conf = arg;
	const uint64_t t1_ms = conf->ue->sip.cfg.timers.t1_ms;

	if (conf->state == UE_CONF_JOINING && !conf->s)
		not_called(conf);
	if (conf->s || conf->state != UE_CONF_LEAVING)
		return;

	/* TS 24.147 6.5.2: the focus may end the subscription by itself */
	if (!conf->grace &&
	    (conf->requests || subscription_running(&conf->sub))) {
		conf->grace = true;
		conf_work(conf, 2 * t1_ms);
	}
	else if (conf->requests) {
		conf_abort_requests(conf);
	}
	/* TS 24.147 5.3.1.6.1: with the BYE the user has left; the rest is
	   waited for, but not as long as timer F */
	else if (!subscription_leave(&conf->sub)) {
		conf_work(conf, 16 * t1_ms);
	}
	else {
		over(conf);
	}
}


/* ------------------------------------------------------------------ */
/* Subscription to the conference's state (RFC 4575) */


const char *conf_target_h(void *arg)
{
	const struct ue_conf *conf = arg;

	return conf->uri;
}


const char *conf_privacy(void *arg)
{
	const struct ue_conf *conf = arg;

	return conf->prm.privacy ? conf->prm.privacy
		: conf->ue->set->privacy;
}


void conf_document_h(const struct pl *body, void *arg)
{
	struct ue_conf *conf = arg;
	enum roster_result result;

	if (conf->sub.fresh)
		roster_restart(&conf->roster);

	/* what cannot be read was answered 200 and changes nothing */
	if (roster_update(&conf->roster, &result, &conf->ue->work.roster,
			  body->p, body->l))
		return;

	if (result == ROSTER_GAP)
		subscription_resync(&conf->sub);
	if (result != ROSTER_APPLIED)
		return;

	subscription_synced(&conf->sub);

	/* one event waits at a time: the application reads the roster */
	if (!conf->roster_told && conf->state != UE_CONF_OVER) {
		conf->roster_told = true;
		conf_event(conf, UE_EVENT_CONF_ROSTER)->version =
			conf->roster.version;
	}

	/* RFC 4575 4.6: it has ceased to exist */
	if (conf->roster.deleted)
		(void)subscription_leave(&conf->sub);
}


void conf_subscribed_h(uint32_t expires_s, void *arg)
{
	struct ue_conf *conf = arg;

	if (conf->state != UE_CONF_LEAVING)
		conf_event(conf, UE_EVENT_CONF_SUBSCRIBED)->expires_s =
			expires_s;
}


void conf_sub_ended_h(const struct subscription_end *end, void *arg)
{
	const struct pl text = ims_pl(end->text);
	struct ue_conf *conf = arg;
	struct ue_event *ev;

	if (conf->state == UE_CONF_LEAVING) {
		subscription_end(&conf->sub);
		if (!conf->requests)
			conf_work(conf, 0);
		return;
	}

	/* INITIATE was refused: no call will come */
	if (conf->state == UE_CONF_JOINING && !conf->s) {
		conf_because(conf, end->err, end->status, end->text);
		conf->failed = true;
		conf_leaving(conf);
		return;
	}

	ev = conf_event(conf, UE_EVENT_CONF_SUBSCRIPTION_ENDED);
	ev->err = end->err;
	ev->status = end->status;
	ev->again = end->again;
	ev->wait_ms = end->wait_ms < UINT32_MAX ? (uint32_t)end->wait_ms
		: UINT32_MAX;
	(void)ims_copy(ev->text, sizeof(ev->text), &text);

	if (conf->state == UE_CONF_WATCHING && !end->again) {
		conf_because(conf, end->err, end->status, end->text);
		conf_leaving(conf);
	}
}


const struct subscription_package conf_package = {
	.event = "conference", .type = "application",
	.subtype = "conference-info+xml", .target_h = conf_target_h,
	.privacy_h = conf_privacy, .document_h = conf_document_h,
	.subscribed_h = conf_subscribed_h, .ended_h = conf_sub_ended_h
};


/* ------------------------------------------------------------------ */
/* The session with the focus */


/* RFC 4579 5.1: the Contact, and whether it is of a focus: then its URI is
   the conference's */
static bool contact(struct pl *uri, bool *focus, struct ue *ue,
		    const struct sip_msg *msg)
{
	struct sip_addr *addr = &ue->reg.scratch.addr;

	if (sip_msg_addr(addr, msg, SIP_HDR_CONTACT) || !addr->uri.text.p)
		return false;

	*focus = !sip_param_get(NULL, &addr->params, "isfocus");
	*uri = addr->uri.text;

	return true;
}


/* What the session is now */
static struct ue_event *session_event(struct ue_conf *conf,
				      enum ue_event_type type)
{
	struct ue_event *ev = conf_event(conf, type);

	ev->held = session_is_held(conf->s);
	ev->media = call_media(conf->s);

	return ev;
}


static void established(struct ue_conf *conf, const struct sip_msg *msg)
{
	bool focus = true;
	struct pl uri;
	int err = 0;

	/* TS 24.147 5.3.1.3.2: without isfocus the peer is no focus.  A REFER
	   may lead to anybody */
	if (msg && (!contact(&uri, &focus, conf->ue, msg) ||
		    !(focus || conf->poc || conf->inviter[0])))
		err = EPROTO;
	/* who is no focus is known by the URI that has led to it, too */
	else if (msg && ims_copy(conf->uri, sizeof(conf->uri), &uri) && focus)
		err = EOVERFLOW;

	if (err) {
		conf_because(conf, err, 0, err == EPROTO ? "no focus"
			     : "URI too long");
		conf->failed = true;
		conf_leaving(conf);
		(void)session_end(conf->s);
		return;
	}

	conf->state = UE_CONF_JOINED;
	referred_final(conf, 200);
	(void)session_event(conf, UE_EVENT_CONF_JOINED);

	if (!conf->initiate && !conf->prm.no_subscribe &&
	    (focus || conf->poc))
		subscription_start(&conf->sub, conf->prm.expires_s);
}


static void ended(struct ue_conf *conf, const struct session_cause *cause)
{
	/* the application knows nothing of it yet */
	if (conf->state == UE_CONF_INVITED && !conf->s->alerted) {
		conf_free(conf);
		return;
	}

	if (conf->state == UE_CONF_JOINING) {
		/* who has invited is no place to go to */
		if (cause->status / 100 == 3)
			conf->inviter[0] = '\0';
		session_contacts(conf->inviter, sizeof(conf->inviter),
				 conf->s, cause);
	}
	conf->s = NULL;
	conf->sub.also = NULL;

	/* ours was first, also where they have crossed */
	if (conf->state != UE_CONF_LEAVING) {
		conf->by_peer = cause->by_peer;
		conf_because(conf, cause->err, cause->status, cause->text);
	}
	if (conf->state == UE_CONF_JOINING) {
		conf->failed = true;
		conf->wait_ms = session_wait_ms(cause);
	}

	conf_leaving(conf);
}


static void modified(struct ue_conf *conf, enum ue_event_type type,
		     const struct session_cause *cause)
{
	struct ue_event *ev = session_event(conf, type);

	ev->err = cause->err;
	ev->status = cause->status;
}


static void event_h(struct session *s, enum session_event event,
		    const struct session_cause *cause, void *arg)
{
	struct ue_conf *conf = arg;

	(void)s;

	/* a conference that was refused for want of room */
	if (!conf)
		return;

	switch (event) {

	case SESSION_ALERT:
		(void)session_event(conf, UE_EVENT_CONF_INVITATION);
		break;

	case SESSION_ESTABLISHED:
		if (conf->state == UE_CONF_JOINING)
			established(conf, cause->msg);
		break;

	case SESSION_MODIFIED:
		modified(conf, UE_EVENT_CONF_MODIFIED, cause);
		break;

	case SESSION_MODIFY_FAILED:
		modified(conf, UE_EVENT_CONF_MODIFY_FAILED, cause);
		break;

	case SESSION_CHANGED:
		modified(conf, UE_EVENT_CONF_CHANGED, cause);
		break;

	case SESSION_ENDED:
		ended(conf, cause);
		break;

	default:
		break;
	}
}


/* Who invites.  INVITE: Referred-By of the focus, else the identity that the
   network asserts, else From (TS 24.147 5.3.2.5.3).  REFER: Referred-By is the
   referrer's own word, so the network's comes first (RFC 3325 9.1) */
static void learn_inviter(struct ue_conf *conf, const struct sip_msg *msg)
{
	static const uint8_t hdrv[] = {
		SIP_HDR_P_ASSERTED_IDENTITY, SIP_HDR_REFERRED_BY,
		SIP_HDR_P_ASSERTED_IDENTITY
	};
	struct sip_addr *addr = &conf->ue->reg.scratch.addr;
	unsigned i = msg->method == SIP_METHOD_INVITE;

	for (; i < sizeof(hdrv); i++) {
		if (!sip_msg_addr(addr, msg, (enum sip_hdr_id)hdrv[i]) &&
		    !ims_copy(conf->inviter, sizeof(conf->inviter),
			      &addr->uri.text))
			return;
	}

	(void)ims_copy(conf->inviter, sizeof(conf->inviter),
		       &msg->from.uri.text);
}


/* An INVITE whose Contact is a focus (RFC 4579 5.5) */
static bool claim_h(struct session *s, const struct sip_msg *msg,
		    const struct sdesc *sdp, void *arg)
{
	struct confs *cs = arg;
	struct ue_conf *conf;
	struct pl uri;
	bool focus;

	conf = conf_initiated(cs, msg);
	if (conf) {
		conf->s = s;
		/* draft-ranjit-sipping-conference-01, F12: its NOTIFYs come in
		   the dialog of the INVITE */
		conf->sub.also = &s->dlg;
		session_set_arg(s, conf);
		(void)session_accept(s);
		return true;
	}

	/* a URI that is too long: a call like any other */
	if (!contact(&uri, &focus, cs->ue, msg) || !focus ||
	    uri.l >= UE_URI_MAX || !call_offered(s, sdp))
		return false;

	conf = conf_new(cs, UE_CONF_INVITED, "", NULL);
	session_set_arg(s, conf);
	if (!conf) {
		(void)session_reject(s, 486);
		return true;
	}

	conf->s = s;
	(void)ims_copy(conf->uri, sizeof(conf->uri), &uri);
	learn_inviter(conf, msg);

	return true;
}


static void header_h(struct session *s, struct sip_writer *w,
		     enum sip_method method, uint16_t code, void *arg)
{
	struct ue_conf *conf = arg;
	struct pl by;

	/* the first INVITE only */
	if (!conf || method != SIP_METHOD_INVITE || code ||
	    s->state != SESSION_CALLING)
		return;

	/* RFC 5366 4 */
	if (conf->prm.uric)
		sip_writer_hdr(w, SIP_HDR_REQUIRE, "recipient-list-invite");

	/* RFC 3892 2.2: copied as it is */
	if (conf->rd && conf->rd->by.head) {
		by.p = sip_store_ptr(&conf->ue->sip.store, &conf->rd->by);
		by.l = conf->rd->by.len;
		sip_writer_hdr(w, SIP_HDR_REFERRED_BY, "%r", &by);
	}
}


/* RFC 5366 4: the list beside the description */
static int part_h(struct session *s, unsigned index,
		  struct session_part *part, struct sip_writer *w, void *arg)
{
	const struct ue_conf *conf = arg;

	(void)s;

	if (!conf || index || !conf->prm.uric)
		return ENOENT;

	if (!w) {
		part->ctype = URI_LIST_TYPE;
		part->disposition = "recipient-list";
	}
	else {
		uri_list_write(w, conf->prm.uriv, conf->prm.uric, NULL, NULL,
			       true);
	}

	return 0;
}


const struct session_user conf_user = {
	.claim_h = claim_h, .write_media_h = call_write_media,
	.answer_h = call_answer_media, .header_h = header_h, .part_h = part_h,
	.event_h = event_h
};


/* ------------------------------------------------------------------ */
/* REFER to us: joining after being asked (TS 24.147 5.3.1.4.2) */


/* The dialog that the request belongs to.  ENOENT: there is none */
static int find_dialog(struct sip_dialog **dlgp, struct confs *cs,
		       const struct sip_msg *msg)
{
	struct session *sv = cs->ue->sessions.sv;
	unsigned i;

	*dlgp = NULL;
	if (!msg->to_tag.p)
		return 0;

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		/* its ACK may be lost, or slower */
		if ((sv[i].state == SESSION_CONFIRMED ||
		     sv[i].state == SESSION_ACCEPTED) &&
		    sip_dialog_match(&sv[i].dlg, msg)) {
			*dlgp = &sv[i].dlg;
			return 0;
		}
	}

	return ENOENT;
}


void confs_referred(struct confs *cs, struct sip_strans *st,
		    const struct sip_msg *msg)
{
	struct sip_dialog *dlg;
	struct ue_conf *conf;

	if (find_dialog(&dlg, cs, msg)) {
		refer_reply(&cs->ue->refers, st, 481);
		return;
	}

	conf = conf_new(cs, UE_CONF_INVITED, "", NULL);
	if (!conf) {
		refer_reply(&cs->ue->refers, st, 486);
		return;
	}

	if (referred_accept(&conf->rd, &cs->ue->refers, st, msg, dlg)) {
		conf_free(conf);
		return;
	}

	conf->rd->owner = &conf->rd;
	/* shorter than that, and the rest is zeros */
	(void)sip_store_get(conf->uri, sizeof(conf->uri) - 1,
			    &cs->ue->sip.store, &conf->rd->uri);
	learn_inviter(conf, msg);
	(void)conf_event(conf, UE_EVENT_CONF_INVITATION);
}


/* ------------------------------------------------------------------ */
/* For ue.c */


int confs_init(struct confs *cs, struct ue *ue)
{
	memset(cs, 0, sizeof(*cs));
	cs->ue = ue;

	return session_add_user(&ue->sessions, &conf_user, cs);
}


void confs_close(struct confs *cs)
{
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX; i++) {
		if (cs->v[i].state != UE_CONF_FREE)
			conf_free(&cs->v[i]);
	}
}


void confs_lost(struct confs *cs)
{
	unsigned i;

	for (i = 0; i < UE_CONFS_MAX; i++) {

		struct ue_conf *conf = &cs->v[i];

		if (conf->state == UE_CONF_FREE || conf->state == UE_CONF_OVER)
			continue;

		subscription_end(&conf->sub);
		if (conf->s)
			continue;

		/* SESSION_ENDED tells the others */
		if (conf->state != UE_CONF_LEAVING)
			conf_because(conf, ECONNABORTED, 0,
				     "registration lost");
		conf_leaving(conf);
	}
}


void confs_delivered(struct confs *cs, const struct ue_event *ev)
{
	(void)cs;

	if (!ev->conf)
		return;

	if (ev->type == UE_EVENT_CONF_ROSTER)
		ev->conf->roster_told = false;
	else if (ev->type == UE_EVENT_CONF_ENDED ||
		 ev->type == UE_EVENT_CONF_FAILED)
		conf_free(ev->conf);
}
