/**
 * @file registration.c  IMS registration: the state machine (TS 24.229 5.1.1)
 *
 *   state           event        action                         next
 *   ---------------------------------------------------------------------
 *   IDLE            REGISTER     REGISTER                       REGISTERING
 *                   by name      look up (RFC 3263 4)           RESOLVING
 *                   DEREGISTER   tell DEREGISTERED              IDLE
 *   RESOLVING       RESOLVED     REGISTER                       REGISTERING
 *                   no address   tell RETRY                     WAITING
 *                   DEREGISTER   tell FAILED, tell DEREGISTERED IDLE
 *                   ADDRESS      -                              WAITING
 *   REGISTERING     2xx          tell REGISTERED, SUBSCRIBE     REGISTERED
 *                   401, 423     REGISTER                       -
 *                   503          tell RETRY                     WAITING
 *                   no answer    tell RETRY                     WAITING
 *                   403          tell FAILED                    IDLE
 *                   DEREGISTER   tell FAILED                    REGISTERING*
 *                   ADDRESS      -                              WAITING
 *   REGISTERING*    2xx          REGISTER 0                     DEREGISTERING
 *                   401, 423     tell DEREGISTERED              IDLE
 *                   403, 503     tell DEREGISTERED              IDLE
 *                   no answer    tell DEREGISTERED              IDLE
 *                   ADDRESS      tell DEREGISTERED              IDLE
 *   WAITING         TIMER        REGISTER                       REGISTERING
 *                   REGISTER     REGISTER (not in Retry-After)  REGISTERING
 *                   by name      look up                        RESOLVING
 *                   DEREGISTER   tell DEREGISTERED              IDLE
 *                   ADDRESS      - (TIMER at once)              -
 *   REGISTERED      TIMER        REGISTER (5.1.1.4)             REREGISTERING
 *                   REREGISTER   REGISTER                       REREGISTERING
 *                   DEREGISTER   REGISTER 0 (5.1.1.6)           DEREGISTERING
 *                   deactivated  tell DEREGISTERED (5.1.1.7)    WAITING
 *                   ADDRESS      tell DEREGISTERED              WAITING
 *                   EXPIRED      tell DEREGISTERED              WAITING
 *   REREGISTERING   2xx          tell REREGISTERED              REGISTERED
 *                   401, 423     REGISTER                       -
 *                   403, 503     tell DEREGISTERED              WAITING
 *                   no answer    tell DEREGISTERED              WAITING
 *                   DEREGISTER   -                              REREGISTERING*
 *                   deactivated  tell DEREGISTERED              REGISTERING
 *                   ADDRESS      tell DEREGISTERED              WAITING
 *                   EXPIRED      tell DEREGISTERED              REGISTERING
 *   REREGISTERING*  2xx          REGISTER 0                     DEREGISTERING
 *                   401, 403     REGISTER 0                     DEREGISTERING
 *                   423          REGISTER 0                     DEREGISTERING
 *                   503          REGISTER 0                     DEREGISTERING
 *                   no answer    REGISTER 0                     DEREGISTERING
 *                   ADDRESS      tell DEREGISTERED              IDLE
 *                   EXPIRED      tell DEREGISTERED              REGISTERING*
 *   REGISTERED,     probation    tell DEREGISTERED              WAITING
 *   REREGISTERING   rejected     tell DEREGISTERED              IDLE
 *   DEREGISTERING   2xx          tell DEREGISTERED (5.1.1.6)    IDLE
 *                   401          REGISTER 0                     -
 *                   403, 423     tell DEREGISTERED              IDLE
 *                   503          tell DEREGISTERED              IDLE
 *                   no answer    tell DEREGISTERED              IDLE
 *                   ADDRESS      tell DEREGISTERED              IDLE
 *   any             FLOW_DOWN    tell FLOW (REGISTERED: soon)   -
 *
 * A star: DEREGISTER waits for the end of the REGISTER.  by name: REGISTER or
 * TIMER, where a name comes next; late: the answer to a look-up before.  403
 * stands for what is refused, 503 for failures; deactivated, probation and
 * rejected for the events that end a registration (5.1.1.7), SHORTENED
 * (5.1.1.5A) sets timers.  A REREGISTER over a connection that was lost, or
 * whose 401 has no usable Security-Server, is sent once more; one that cannot
 * be sent for a shortage of our own is tried again soon, as long as the
 * registration lasts.  Any other pair of state and event: nothing.
 *
 * Over 800 lines: one state machine and its table.
 *
 * One registration procedure at a time (5.1.1.2.1): a REGISTER leaves only
 * where none is pending.  Commands, results of the port and the begin of each
 * attempt run by timers: the time is right there, and events are in order.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/text.h"

/** So often a re-registration by command cannot be sent */
#define SHORTAGES_MAX 8

/** A registration that lived so long counts as good: what ends it then is no
 *  end in a row */
#define GOOD_MS 60000

/** RFC 6665 4.1.3 names no default for probation */
#define PROBATION_S 60


/* ------------------------------------------------------------------ */
/* Helpers */


static struct ue_timers *timers(struct ims_reg *reg)
{
	return &reg->ue->timers;
}


void reg_set_text(struct ue_event *ev, const char *text)
{
	const struct pl pl = ims_pl(text);

	(void)ims_copy(ev->text, sizeof(ev->text), &pl);
}


void reg_set_state(struct ims_reg *reg, enum ims_reg_state state)
{
	reg->info.state = state;
	reg->info.registered = state == IMS_REG_REGISTERED ||
		state == IMS_REG_REREGISTERING;
}


static uint64_t timer_f_ms(const struct ims_reg *reg)
{
	return 64 * (uint64_t)reg->ue->sip.cfg.timers.t1_ms;
}


static void timer_h(void *arg)
{
	reg_step(arg, REG_EV_TIMER);
}


static void expiry_h(void *arg)
{
	reg_step(arg, REG_EV_EXPIRED);
}


void reg_close_comp(struct ims_reg *reg)
{
#if UE_SIGCOMP
	sip_comp_close(&reg->ue->comp);
#endif
	reg->comp_over = false;
}


/* The hop outlives the registration: late NOTIFYs are answered, lost
   responses repeated, and (with IPsec) the associations are deleted only
   after the transactions on them have ended (5.1.1.7) */
void reg_close_hop(struct ims_reg *reg)
{
	subscription_close(&reg->regevent.sub);
	sessions_lost(&reg->ue->sessions);
	ims_sec_close(reg);
	sip_hop_drop(&reg->hop, ECONNABORTED);
	reg_close_comp(reg);
	memset(&reg->info.local, 0, sizeof(reg->info.local));
}


static void linger_h(void *arg)
{
	reg_close_hop(arg);
}


uint32_t reg_ms32(uint64_t ms)
{
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}


/* What does not outlive a registration */
static void forget_binding(struct ims_reg *reg)
{
	struct ims_reg_info *info = &reg->info;

	info->default_impu[0] = '\0';
	info->assoc_count = 0;
	memset(info->assoc_activev, 0, sizeof(info->assoc_activev));
	info->service_route[0] = '\0';
	info->path[0] = '\0';
	info->pub_gruu[0] = '\0';
	info->temp_gruu[0] = '\0';
	info->barred = false;
	info->expires_s = 0;
	info->expiry_ms = 0;
}


/* ------------------------------------------------------------------ */
/* Events for the application */


static void report_registered(struct ims_reg *reg, enum ue_event_type type)
{
	struct ue_event *ev = ue_event_new(reg->ue, type);

	ev->expires_s = reg->info.expires_s;
	reg_set_text(ev, reg->info.default_impu);
}


void reg_report_failed(struct ims_reg *reg, const struct ims_reg_failure *f)
{
	struct ue_event *ev = ue_event_new(reg->ue, UE_EVENT_REGISTER_FAILED);

	reg->cmd_register = false;
	ev->err    = f->err;
	ev->status = f->status;
	reg_set_text(ev, f->text);
}


static void report_deregistered(struct ims_reg *reg, enum ue_dereg dereg,
				const struct ims_reg_failure *f, bool again,
				uint64_t wait_ms)
{
	struct ue_event *ev = ue_event_new(reg->ue, UE_EVENT_DEREGISTERED);

	reg->cmd_reregister = false;
	ev->dereg   = dereg;
	ev->again   = again;
	ev->wait_ms = again ? reg_ms32(wait_ms) : 0;
	if (f) {
		ev->err    = f->err;
		ev->status = f->status;
		reg_set_text(ev, f->text);
	}
}


static const struct ims_reg_failure cancelled = {
	.err = ECANCELED, .text = "cancelled by deregistration"
};


/* ------------------------------------------------------------------ */
/* End of a registration */


/* The registration is over, or never was.  Dialogs end without a word
   (5.1.1.4, 5.1.1.7) */
static void end_registration(struct ims_reg *reg)
{
	ue_timer_cancel(timers(reg), &reg->timer);
	ue_timer_cancel(timers(reg), &reg->expiry);
	subscription_end(&reg->regevent.sub);
	refers_lost(&reg->ue->refers);
	confs_lost(&reg->ue->confs);
	ims_sec_end(reg);
	reg->info.subscribed = false;
	sessions_lost(&reg->ue->sessions);
	forget_binding(reg);
}


void reg_to_idle(struct ims_reg *reg)
{
	end_registration(reg);
	sip_auth_close(&reg->auth);
	reg->failures = 0;
	reg->comp_over = true;
	reg_set_state(reg, IMS_REG_IDLE);

	if (sip_hop_is_open(&reg->hop) || ims_sec_is_open(reg)) {
		sip_hop_keepalive(&reg->hop, UE_TRANSPORT_UDP, 0);
		ue_timer_start(timers(reg), &reg->linger, timer_f_ms(reg),
			       linger_h, reg);
	}
	else {
		subscription_close(&reg->regevent.sub);
	}
}


/* 5.1.1.6: deregistered, by the network's word or without it; f: why without,
   or NULL */
static void deregistered(struct ims_reg *reg, const struct ims_reg_failure *f)
{
	if (reg->cmd_register)
		reg_report_failed(reg, &cancelled);

	reg->cmd_deregister = false;
	report_deregistered(reg, UE_DEREG_USER, f, false, 0);
	reg_to_idle(reg);
}


/* The next attempt at an initial registration */
void reg_wait_for(struct ims_reg *reg, uint64_t wait_ms, bool retry_after)
{
	/* what answers a challenge means nothing to a new registration */
	sip_auth_close(&reg->auth);
	reg->retry_after = retry_after;
	reg_set_state(reg, IMS_REG_WAITING);
	ue_timer_start(timers(reg), &reg->timer, wait_ms, timer_h, reg);
}


/* The same, at the same P-CSCF */
static void wait_here(struct ims_reg *reg, uint64_t wait_ms, bool retry_after)
{
	reg->same_pcscf = true;
	reg_wait_for(reg, wait_ms, retry_after);
}


/* ------------------------------------------------------------------ */
/* Re-registration and deregistration */


void reg_fail(struct ims_reg *reg, enum reg_remedy remedy, int err,
	      uint16_t status, const char *text)
{
	memset(&reg->fail, 0, sizeof(reg->fail));
	reg->fail.remedy = (uint8_t)remedy;
	reg->fail.err    = err;
	reg->fail.status = status;
	reg->fail.text   = text;
	reg_step(reg, REG_EV_FAILED);
}


void reg_begin(struct ims_reg *reg, enum ims_sec_register kind, bool refresh)
{
	reg->kind = (uint8_t)kind;
	reg->refresh = refresh;
	reg->challenges = 0;
	reg->invalid = 0;
	reg->briefs = 0;
}


/* 5.1.1.6 */
static void send_dereg(struct ims_reg *reg)
{
	struct ims_reg_failure f = {.text = "REGISTER not sent"};

	ue_timer_cancel(timers(reg), &reg->timer);
	reg_begin(reg, IMS_SEC_REFRESH, true);
	reg_set_state(reg, IMS_REG_DEREGISTERING);
	f.err = reg_send(reg, reg_known_form(reg), 0, reg_response_h);
	if (f.err)
		deregistered(reg, &f);
}


/* A failed re-registration: initial registration (5.1.1.4.1) */
static void refresh_failed(struct ims_reg *reg,
			   const struct ims_reg_failure *f)
{
	const bool again = f->remedy != REG_NO_RETRY;
	uint64_t wait = 0;

	ims_sec_abandon(reg);
	reg->failures = 0;

	if (!again) {
		report_deregistered(reg, UE_DEREG_FAILED, f, false, 0);
		reg_to_idle(reg);
		return;
	}

	/* 5.1.1.4.1: dialogs and transactions end without a word, and the new
	   registration begins without protection */
	end_registration(reg);
	ims_sec_close(reg);

	if (f->remedy == REG_GIVE_UP && !f->retry_after_s)
		wait_here(reg, 0, false);
	else
		wait = reg_prepare_retry(reg, f);

	report_deregistered(reg, UE_DEREG_FAILED, f, true, wait);
}


/* RFC 5626 s4.5: when to re-register unless it is time even sooner */
static void start_soon(struct ims_reg *reg, unsigned failures)
{
	const uint64_t soon = reg_back_off_ms(&reg->ue->sip, failures);
	struct ue_timer *t = &reg->timer;

	if (!ue_timer_running(t) || ue_timer_left_ms(timers(reg), t) > soon)
		ue_timer_start(timers(reg), t, soon, timer_h, reg);
}


/* Nobody has refused anything: the registration stands until it expires, and
   its renewal is tried again as soon as over a lost flow.  A command must come
   to an outcome */
static bool postponed(struct ims_reg *reg, const struct ims_reg_failure *f)
{
	if (f->remedy != REG_SHORTAGE ||
	    (reg->cmd_reregister && ++reg->failures > SHORTAGES_MAX))
		return false;

	ims_sec_abandon(reg);
	reg_set_state(reg, IMS_REG_REGISTERED);
	start_soon(reg, 0);

	return true;
}


/* 5.1.1.4.1 */
static void send_refresh(struct ims_reg *reg)
{
	struct ims_reg_failure f = {.text = "REGISTER not sent"};

	ue_timer_cancel(timers(reg), &reg->timer);
	reg_begin(reg, IMS_SEC_REFRESH, true);
	reg_set_state(reg, IMS_REG_REREGISTERING);

	f.err = reg_send(reg, reg_known_form(reg), reg->expires_s,
			 reg_response_h);
	/* or the associations are gone for good */
	f.remedy = f.err == ENOTCONN ? REG_BACK_OFF : REG_SHORTAGE;
	if (f.err && !postponed(reg, &f))
		refresh_failed(reg, &f);
}


/* ------------------------------------------------------------------ */
/* Registered */


static void start_expiry(struct ims_reg *reg, uint32_t expires_s)
{
	const uint64_t ms = (uint64_t)expires_s * 1000;

	reg->info.expires_s = expires_s;
	reg->info.expiry_ms = timers(reg)->now_ms + ms;
	ue_timer_start(timers(reg), &reg->expiry, ms, expiry_h, reg);
}


static void start_refresh(struct ims_reg *reg, uint32_t expires_s)
{
	reg->repeated = false;
	ue_timer_start(timers(reg), &reg->timer, reg_refresh_ms(expires_s),
		       timer_h, reg);
}


/* 2xx to REGISTER */
static void registered(struct ims_reg *reg)
{
	const bool first = reg->info.state == IMS_REG_REGISTERING;

	ims_sec_registered(reg, reg->granted_s);
	ims_pcscfs_good(&reg->pcscfs);
	reg->failures = 0;

	reg_set_state(reg, IMS_REG_REGISTERED);
	start_expiry(reg, reg->granted_s);
	if (first)
		reg->since_ms = timers(reg)->now_ms;

	/* the outcome of the commands before is that of the deregistration */
	if (reg->cmd_deregister) {
		send_dereg(reg);
		return;
	}

	reg->cmd_register = false;
	reg->cmd_reregister = false;
	report_registered(reg, first ? UE_EVENT_REGISTERED
			  : UE_EVENT_REREGISTERED);
	start_refresh(reg, reg->granted_s);

	/* 5.1.1.3 */
	if (!reg->ue->set->no_reg_event)
		ims_regevent_start(&reg->regevent);
}


/* The second end in a row of what was just granted waits */
static uint64_t brake_ms(struct ims_reg *reg)
{
	if (timers(reg)->now_ms - reg->since_ms >= GOOD_MS)
		reg->returns = 0;
	if (reg->returns < UINT8_MAX)
		++reg->returns;

	return reg->returns > 1 ? reg_back_off_ms(&reg->ue->sip,
						  reg->returns - 2u) : 0;
}


/* The registration has ended but a new one follows, while a REGISTER may still
   be pending: then that one is the new one */
static void register_again(struct ims_reg *reg, enum ue_dereg dereg,
			   uint64_t wait_ms)
{
	const bool pending = reg->info.state == IMS_REG_REREGISTERING;

	if (pending)
		wait_ms = 0;

	report_deregistered(reg, dereg, NULL, true, wait_ms);
	end_registration(reg);

	if (pending) {
		reg_set_state(reg, IMS_REG_REGISTERING);
		return;
	}

	wait_here(reg, wait_ms, false);
}


static void expired(struct ims_reg *reg)
{
	register_again(reg, UE_DEREG_EXPIRED, brake_ms(reg));
}


static enum ue_dereg dereg_of(enum ims_contact_event event)
{
	switch (event) {

	case IMS_CONTACT_EXPIRED:       return UE_DEREG_EXPIRED;
	case IMS_CONTACT_UNREGISTERED:  return UE_DEREG_UNREGISTERED;
	case IMS_CONTACT_PROBATION:     return UE_DEREG_PROBATION;
	case IMS_CONTACT_DEACTIVATED:   return UE_DEREG_DEACTIVATED;
	case IMS_CONTACT_REJECTED:      return UE_DEREG_REJECTED;
	default:                        return UE_DEREG_TERMINATED;
	}
}


static void forget_pending(struct ims_reg *reg)
{
	if (reg->ct)
		sip_ctrans_detach(reg->ct);

	reg->ct = NULL;
	reg->card_wanted = false;
	/* the answer to a challenge registers nothing any more */
	ims_sec_abandon(reg);
}


/* 5.1.1.7, RFC 3680 4.5: what the event asks for */
static void terminated(struct ims_reg *reg)
{
	const enum ims_contact_event event =
		(enum ims_contact_event)reg->net_event;
	const enum ue_dereg dereg = dereg_of(event);
	uint64_t wait;

	/* it is about to end anyway, and reported by that */
	if (reg->cmd_deregister)
		return;

	switch (event) {

	case IMS_CONTACT_DEACTIVATED:
	case IMS_CONTACT_EXPIRED:
		register_again(reg, dereg, brake_ms(reg));
		break;

	case IMS_CONTACT_PROBATION:
		wait = 1000 * (uint64_t)(reg->net_s == UINT32_MAX
					 ? PROBATION_S : reg->net_s);
		report_deregistered(reg, dereg, NULL, true, wait);
		forget_pending(reg);
		end_registration(reg);
		wait_here(reg, wait, true);
		break;

	/* registering again would not help, or nothing asks for it */
	default:
		report_deregistered(reg, dereg, NULL, false, 0);
		forget_pending(reg);
		reg_to_idle(reg);
		break;
	}
}


/* 5.1.1.5A: never longer than it was */
static void shortened(struct ims_reg *reg)
{
	const uint64_t left = ue_timer_left_ms(timers(reg), &reg->expiry);

	if ((uint64_t)reg->net_s * 1000 >= left)
		return;

	start_expiry(reg, reg->net_s);
	if (reg->info.state == IMS_REG_REGISTERED)
		start_refresh(reg, reg->net_s);
}


/* ------------------------------------------------------------------ */
/* The states */


static void idle(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_REGISTER:
		/* Retry-After and what ended before bind automatic attempts,
		   not the user */
		reg->returns = 0;
		reg->flow_down_ms = 0;
		ims_pcscfs_init(&reg->pcscfs, reg->ue->set->pcscfv);
		reg->round_over = false;
		reg->same_pcscf = false;
		reg_attempt(reg);
		break;

	case REG_EV_DEREGISTER:
		deregistered(reg, NULL);
		break;

	default:
		break;
	}
}


static void resolving(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_RESOLVED:
		reg_attempt(reg);
		break;

	case REG_EV_DEREGISTER:
		reg->resolving = false;
		deregistered(reg, NULL);
		break;

	default:
		break;
	}
}


/* A REGISTER has ended while deregistration was wanted */
static void registering_ended(struct ims_reg *reg)
{
	/* 5.1.1.6: only what was authenticated can be registered */
	if (reg->refresh)
		send_dereg(reg);
	else
		deregistered(reg, NULL);
}


static void registering(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_OK:
		registered(reg);
		break;

	case REG_EV_FAILED:
		if (reg->cmd_deregister)
			registering_ended(reg);
		else if (reg->refresh && !reg->fail.retry_after_s &&
			 reg->fail.remedy == REG_GIVE_UP) {
			/* a re-registration that had become the only one */
			wait_here(reg, 0, false);
		}
		else
			reg_initial_failed(reg, &reg->fail);
		break;

	case REG_EV_DEREGISTER:
		if (reg->cmd_register)
			reg_report_failed(reg, &cancelled);
		break;

	default:
		break;
	}
}


static void waiting(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_REGISTER:
		/* the user may be faster than the back-off, not than
		   Retry-After */
		if (!reg->retry_after) {
			ue_timer_cancel(timers(reg), &reg->timer);
			reg_attempt(reg);
		}
		break;

	case REG_EV_TIMER:
		reg_attempt(reg);
		break;

	case REG_EV_DEREGISTER:
		deregistered(reg, NULL);
		break;

	default:
		break;
	}
}


static void in_registered(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_TIMER:
	case REG_EV_REREGISTER:
		/* a device that has slept: EXPIRED is due as well, and tells
		   the outcome of the command */
		if (ue_timer_left_ms(timers(reg), &reg->expiry))
			send_refresh(reg);
		break;

	case REG_EV_DEREGISTER:
		send_dereg(reg);
		break;

	case REG_EV_EXPIRED:
		expired(reg);
		break;

	case REG_EV_TERMINATED:
		terminated(reg);
		break;

	case REG_EV_SHORTENED:
		shortened(reg);
		break;

	case REG_EV_FLOW_DOWN:
		/* RFC 5626 s4.5: this shows whether the P-CSCF lives */
		start_soon(reg, reg->flow_failures);
		break;

	default:
		break;
	}
}


/* RFC 3261 s18.4: the way broke before the REGISTER on it was answered, as
   when the P-CSCF closed the connection, which it may any time: that says
   nothing about the registration.  TS 24.229 5.1.1.5.1: nor does a challenge
   that was abandoned, for a new Call-ID.  Once */
static bool once_more(struct ims_reg *reg)
{
	const struct ims_reg_failure *f = &reg->fail;
	const bool abandoned = f->status == 401 && !reg->call_id[0];

	if ((f->status && !abandoned) || f->err == ETIMEDOUT || reg->repeated)
		return false;

	reg->repeated = true;

	return true;
}


static void reregistering(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_OK:
		registered(reg);
		break;

	case REG_EV_FAILED:
		if (reg->cmd_deregister)
			send_dereg(reg);
		else if (postponed(reg, &reg->fail))
			break;
		else if (once_more(reg))
			send_refresh(reg);
		else
			refresh_failed(reg, &reg->fail);
		break;

	case REG_EV_EXPIRED:
		expired(reg);
		break;

	case REG_EV_TERMINATED:
		terminated(reg);
		break;

	case REG_EV_SHORTENED:
		shortened(reg);
		break;

	default:
		break;
	}
}


static void deregistering(struct ims_reg *reg, enum reg_event ev)
{
	switch (ev) {

	case REG_EV_OK:
		deregistered(reg, NULL);
		break;

	/* 5.1.1.6: a failure or no answer counts as deregistered */
	case REG_EV_FAILED:
		deregistered(reg, &reg->fail);
		break;

	default:
		break;
	}
}


/* TS 33.203 7.5: what was made at the old address is of no use, nothing can be
   sent from there; what was registered is registered anew */
static void address_changed(struct ims_reg *reg)
{
	forget_pending(reg);
	reg->flow_down_ms = 0;

	if (reg->cmd_deregister) {
		deregistered(reg, NULL);
	}
	else if (reg->info.state == IMS_REG_REGISTERING ||
		 reg->info.registered) {

		if (reg->info.registered)
			report_deregistered(reg, UE_DEREG_ADDRESS, NULL, true,
					    0);
		end_registration(reg);
		reg->failures = 0;
		wait_here(reg, 0, false);
	}
	/* what failed, or is asked, at the old place says nothing here */
	else if (reg->info.state == IMS_REG_RESOLVING ||
		 (reg->info.state == IMS_REG_WAITING && !reg->retry_after)) {
		reg->resolving = false;
		reg->failures = 0;
		reg->round_over = true;
		reg_wait_for(reg, 0, false);
	}

	reg_close_hop(reg);
}


void reg_step(struct ims_reg *reg, enum reg_event ev)
{
	if (ev == REG_EV_ADDRESS) {
		address_changed(reg);
		return;
	}

	if (ev == REG_EV_FLOW_DOWN)
		ue_event_new(reg->ue, UE_EVENT_FLOW_FAILED)->err =
			reg->flow_err;

	switch (reg->info.state) {

	case IMS_REG_IDLE:          idle(reg, ev);          break;
	case IMS_REG_RESOLVING:     resolving(reg, ev);     break;
	case IMS_REG_REGISTERING:   registering(reg, ev);   break;
	case IMS_REG_WAITING:       waiting(reg, ev);       break;
	case IMS_REG_REGISTERED:    in_registered(reg, ev); break;
	case IMS_REG_REREGISTERING: reregistering(reg, ev); break;
	case IMS_REG_DEREGISTERING: deregistering(reg, ev); break;
	}
}
