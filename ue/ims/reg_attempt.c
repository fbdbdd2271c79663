/**
 * @file reg_attempt.c  Initial registration: which P-CSCF, and when again
 * (TS 24.229 5.1.1.2.1, RFC 5626 4.5)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"

/** A flow without keep-alives is good when it has lived so long: more than the
 *  longest back-off */
#define FLOW_GOOD_MS 3600000


static uint64_t timer_f_ms(const struct ims_reg *reg)
{
	return 64 * (uint64_t)reg->ue->sip.cfg.timers.t1_ms;
}


static void report_retry(struct ims_reg *reg, const struct ims_reg_failure *f,
			 uint64_t wait_ms)
{
	struct ue_event *ev = ue_event_new(reg->ue, UE_EVENT_REGISTER_RETRY);

	ev->err     = f->err;
	ev->status  = f->status;
	ev->again   = true;
	ev->wait_ms = reg_ms32(wait_ms);
	reg_set_text(ev, f->text);
}


/* How long to wait, after reg->pcscfs knows about the failure (5.1.1.2.1,
   RFC 5626 s4.5) */
static uint64_t retry_ms(struct ims_reg *reg, const struct ims_reg_failure *f)
{
	const uint64_t now = reg->ue->timers.now_ms;
	const uint64_t retry_after = (uint64_t)f->retry_after_s * 1000;
	const bool more = ims_pcscfs_more(&reg->pcscfs, now);
	uint64_t wait, least;

	if (more && (f->remedy == REG_OTHER_PCSCF ||
		     retry_after > timer_f_ms(reg)))
		return 0;

	/* 5.1.1.2.1: 5 minutes at most after a first unsuccessful attempt: it
	   is one */
	wait = reg_back_off_ms(&reg->ue->sip, ++reg->failures);

	if (more && !retry_after)
		return wait;

	/* 5.1.1.2.1: not before Retry-After where it was asked for */
	reg->round_over = !more;
	least = more ? retry_after
		: ims_pcscfs_wait_ms(&reg->pcscfs, now);

	return wait > least ? wait : least;
}


/* An initial attempt has failed and another one follows */
uint64_t reg_prepare_retry(struct ims_reg *reg,
			   const struct ims_reg_failure *f)
{
	const uint64_t retry_after = (uint64_t)f->retry_after_s * 1000;
	uint64_t wait;

	/* a shortage of our own is no failure of the P-CSCF */
	reg->same_pcscf = f->remedy == REG_SHORTAGE;
	if (!reg->same_pcscf)
		ims_pcscfs_failed(&reg->pcscfs, reg->ue->timers.now_ms,
				  retry_after);
	wait = retry_ms(reg, f);
	reg_wait_for(reg, wait, retry_after && wait);

	return wait;
}


void reg_initial_failed(struct ims_reg *reg,
			const struct ims_reg_failure *f)
{
	ims_sec_abandon(reg);

	/* a re-registration that had become the only one is as good as new
	   after Retry-After */
	if (f->remedy < REG_GIVE_UP ||
	    (f->remedy == REG_GIVE_UP && reg->refresh)) {
		const uint64_t wait = reg_prepare_retry(reg, f);

		report_retry(reg, f, wait);
		return;
	}

	reg_report_failed(reg, f);
	reg_to_idle(reg);
}


/* A failure of our own */
static void initial_error(struct ims_reg *reg, enum reg_remedy remedy,
			  int err, const char *text)
{
	const struct ims_reg_failure f = {
		.remedy = (uint8_t)remedy, .err = err, .text = text
	};

	reg_initial_failed(reg, &f);
}


/* RFC 5626 s4.5: a flow was good when a keep-alive was answered; one that has
   none, or does not last, must not make us run hot */
static void count_failure(struct ims_reg *reg, struct sip_hop *hop)
{
	const uint64_t now = reg->ue->timers.now_ms;

	if (hop->kept || !reg->flow_down_ms ||
	    now - reg->flow_down_ms >= FLOW_GOOD_MS)
		reg->flow_failures = 0;
	else if (reg->flow_failures < UINT8_MAX)
		++reg->flow_failures;

	hop->kept = false;
	reg->flow_down_ms = now;
}


void reg_flow_h(struct sip_hop *hop, enum sip_hop_event event, int err,
		void *arg)
{
	struct ims_reg *reg = arg;

	/* a hop without its port is of no use for the next attempt */
	if (hop->prm.udp && (hop->flow_us < 0 || hop->flow_uc < 0))
		reg->hop_broken = true;

	/* err 0: the P-CSCF closed an idle connection, as it may */
	if (event == SIP_HOP_UP || !err)
		return;

	if (event == SIP_HOP_DOWN)
		count_failure(reg, hop);
	reg->flow_err = err;
	reg_step(reg, REG_EV_FLOW_DOWN);
}


static void hop_params(struct sip_hop_params *prm, const struct ims_reg *reg)
{
	const struct ims_pcscf *p = &reg->pcscfs.v[reg->pcscfs.current];
	const struct ue_settings *set = reg->ue->set;

	memset(prm, 0, sizeof(*prm));
	prm->peer  = p->addr;
	prm->local = set->local;
	prm->udp   = set->transport != UE_TRANSPORT_TCP_ONLY &&
		p->transport != UE_TRANSPORT_TCP;
	prm->tcp   = set->transport != UE_TRANSPORT_UDP_ONLY;
	prm->keep  = !set->no_keepalive;
	prm->register_only = set->sec != UE_SEC_NONE;
}


/* RFC 5049 s9.3: with the registration; one through the same P-CSCF goes on
   with the same compartment */
int reg_open_comp(struct ims_reg *reg, struct sip_hop *hop)
{
#if UE_SIGCOMP
	struct sip_comp *comp = &reg->ue->comp;
	int err = 0;

	if (reg->comp_over)
		reg_close_comp(reg);

	if (!reg->ue->set->sigcomp)
		return 0;

	if (!sip_comp_is_open(comp))
		err = sip_comp_open(comp, &hop->prm.peer, reg->id.instance,
				    true);
	if (err)
		return err;

	hop->filter = &comp->filter;
#else
	(void)reg;
	(void)hop;
#endif

	return 0;
}


/* Does the way that there is lead where the next attempt goes? */
static bool way_stays(const struct ims_reg *reg,
		      const struct sip_hop_params *prm)
{
	const struct sip_hop *hop = &reg->hop;

	return (sip_hop_is_open(hop) || ims_sec_is_open(reg)) &&
		!reg->hop_broken &&
		ue_addr_equal(&hop->prm.peer, &prm->peer) &&
		hop->prm.udp == prm->udp && hop->prm.tcp == prm->tcp;
}


/* The hop to the current P-CSCF; one that leads there already stays, and so do
   associations until the new registration replaces them */
static int open_hop(struct ims_reg *reg)
{
	struct sip_hop_params prm;
	int err = 0;

	hop_params(&prm, reg);

	if (prm.local.family && prm.local.family != prm.peer.family)
		return EAFNOSUPPORT;
	if (!prm.udp && !prm.tcp)
		return ENOTSUP;

	if (!way_stays(reg, &prm)) {

		reg_close_hop(reg);
		reg->hop_broken = false;

		/* another P-CSCF knows nothing of the registration before: it
		   is another one */
		reg->call_id[0] = '\0';
	}

	if (!sip_hop_is_open(&reg->hop))
		err = sip_hop_open(&reg->hop, &reg->ue->sip, &prm, reg_flow_h,
				   reg);

	ue_timer_cancel(&reg->ue->timers, &reg->linger);
	reg->info.pcscf = prm.peer;
	reg->info.local = reg->hop.sent_by;

	/* TS 24.229 8.1.1: with associations not before there are some */
	if (!err && reg->ue->set->sec == UE_SEC_NONE)
		err = reg_open_comp(reg, &reg->hop);

	return err;
}


/* Why a REGISTER was not sent: a shortage of our own says nothing about the
   P-CSCF */
static enum reg_remedy remedy_of(int err)
{
	switch (err) {

	case EOVERFLOW: case EINVAL:
		return REG_GIVE_UP;

	case ENOMEM: case EIO:
		return REG_SHORTAGE;

	default:
		return REG_BACK_OFF;
	}
}


/* 5.1.1.2: REGISTER at the current P-CSCF */
static void send_initial(struct ims_reg *reg)
{
	char addr[UE_ADDR_STR];
	int err;

	/* an old challenge means nothing to a new registration */
	sip_auth_close(&reg->auth);
	reg_begin(reg, IMS_SEC_INITIAL, false);
	reg_set_state(reg, IMS_REG_REGISTERING);

	ue_addr_print(addr, &reg->pcscfs.v[reg->pcscfs.current].addr,
		      UE_ADDR_HOSTPORT);
	reg_set_text(ue_event_new(reg->ue, UE_EVENT_REGISTERING), addr);

	err = open_hop(reg);
	if (err) {
		initial_error(reg, err == ENOMEM ? REG_SHORTAGE
			      : REG_OTHER_PCSCF, err, "no flow");
		return;
	}

	err = reg_send(reg, IMS_AKA_FIRST, reg->expires_s, reg_response_h);
	if (err)
		initial_error(reg, remedy_of(err), err, "REGISTER not sent");
}


/* Look up a name of the settings.  A name that cannot be looked up has no
   addresses */
static bool resolve(struct ims_reg *reg, const char *name)
{
	const struct ue_port *port = reg->ue->port;
	const enum ue_transport_choice choice = reg->ue->set->transport;

	if (!port->resolve)
		return false;

	reg->resolving = true;
	++reg->lookup;
	reg_set_state(reg, IMS_REG_RESOLVING);

	/* the answer may come before the call returns */
	if (!port->resolve(port->arg, reg->lookup, name,
			   choice == UE_TRANSPORT_UDP_ONLY ? UE_TRANSPORT_UDP :
			   choice == UE_TRANSPORT_TCP_ONLY ? UE_TRANSPORT_TCP :
			   (enum ue_transport)0))
		return true;

	reg->resolving = false;

	return false;
}


/* Choose a P-CSCF and register there */
void reg_attempt(struct ims_reg *reg)
{
	const uint64_t now = reg->ue->timers.now_ms;
	const char *name = NULL;
	int err;

	if (reg->round_over) {
		ims_pcscfs_restart(&reg->pcscfs);
		reg->round_over = false;
	}

	/* where the registration is only renewed, the P-CSCF stays */
	if (reg->same_pcscf && reg->pcscfs.current >= 0) {
		reg->same_pcscf = false;
		send_initial(reg);
		return;
	}
	reg->same_pcscf = false;

	do {
		err = ims_pcscfs_next(&reg->pcscfs, now, &name);

	} while (err == EAGAIN && !resolve(reg, name));

	if (!err)
		send_initial(reg);
	else if (err != EAGAIN)
		initial_error(reg, REG_BACK_OFF, ENOENT, "no P-CSCF");
}
