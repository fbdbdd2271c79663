/**
 * @file reg_command.c  Registration: life cycle, commands, results of the
 * port
 *
 * All of them only leave a mark; the work timer does what they ask for, in
 * the next ue_poll(), when the time is right.
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ims/reg_core.h"


static bool take(struct ims_reg *reg, enum reg_todo todo)
{
	if (!(reg->todo & todo))
		return false;

	reg->todo = (uint8_t)(reg->todo & ~todo);

	return true;
}


/* A command that got its outcome before its turn came is done with */
static void command(struct ims_reg *reg, bool wanted, enum reg_event ev)
{
	if (wanted)
		reg_step(reg, ev);
}


/* Results before commands: they are older */
static void work_h(void *arg)
{
	struct ims_reg *reg = arg;

	if (take(reg, REG_TODO_ADDRESS))
		reg_step(reg, REG_EV_ADDRESS);
	else if (take(reg, REG_TODO_CARD))
		reg_card_result(reg);
	else if (take(reg, REG_TODO_RESOLVED))
		reg_step(reg, REG_EV_RESOLVED);
	else if (take(reg, REG_TODO_REGISTER))
		command(reg, reg->cmd_register, REG_EV_REGISTER);
	else if (take(reg, REG_TODO_REREGISTER))
		command(reg, reg->cmd_reregister, REG_EV_REREGISTER);
	else if (take(reg, REG_TODO_DEREGISTER))
		command(reg, reg->cmd_deregister, REG_EV_DEREGISTER);

	/* one at a time: events are delivered between them */
	if (reg->todo)
		ue_timer_start(&reg->ue->timers, &reg->work, 0, work_h, reg);
}


static void schedule(struct ims_reg *reg, enum reg_todo todo)
{
	reg->todo = (uint8_t)(reg->todo | todo);

	if (!ue_timer_running(&reg->work))
		ue_timer_start(&reg->ue->timers, &reg->work, 0, work_h, reg);

	ue_wake(reg->ue);
}


/* ------------------------------------------------------------------ */


static void point_to_identity(struct ims_reg *reg)
{
	reg->info.impi = reg->id.impi ? reg->id.impi : "";
	reg->info.impu = reg->id.impu ? reg->id.impu : "";
	reg->info.home = reg->id.home ? reg->id.home : "";
	reg->info.instance = reg->id.instance;
}


void ims_reg_init(struct ims_reg *reg, struct ue *ue)
{
	memset(reg, 0, sizeof(*reg));
	reg->ue = ue;
	ims_pcscfs_init(&reg->pcscfs, ue->set->pcscfv);
	ims_regevent_init(&reg->regevent, reg);
	point_to_identity(reg);
}


void ims_reg_close(struct ims_reg *reg)
{
	struct ue_timers *ts = &reg->ue->timers;

	ue_timer_cancel(ts, &reg->work);
	ue_timer_cancel(ts, &reg->timer);
	ue_timer_cancel(ts, &reg->expiry);
	ue_timer_cancel(ts, &reg->linger);
	reg_close_hop(reg);
	sip_auth_close(&reg->auth);
	mbedtls_platform_zeroize(&reg->res, sizeof(reg->res));
}


int ims_reg_identify(struct ims_reg *reg, const char **why)
{
	const struct ue_settings *set = reg->ue->set;
	const struct ims_identity_set ids = {
		.impi = set->impi, .impu = set->impu, .home = set->home,
		.imei = set->imei
	};
	int err;

	err = ims_identity_get(&reg->id, &ids, reg->ue->port, why);
	point_to_identity(reg);

	return err;
}


/* ------------------------------------------------------------------ */
/* Commands */


int ims_reg_register(struct ims_reg *reg)
{
	int err;

	if (reg->cmd_register || reg->cmd_deregister)
		return EPROTO;

	switch (reg->info.state) {

	/* TS 24.229 C.2: the identities of the card that is in now */
	case IMS_REG_IDLE:
		err = ims_reg_identify(reg, NULL);
		if (err)
			return err;
		reg->expires_s = reg->ue->set->expires_s;
		if (!reg->expires_s)
			reg->expires_s = REG_EXPIRES_S;
		reg->no_gruu = false;
		break;

	/* an automatic registration becomes the command's */
	case IMS_REG_RESOLVING:
	case IMS_REG_REGISTERING:
	case IMS_REG_WAITING:
		break;

	default:
		return EPROTO;
	}

	reg->cmd_register = true;
	schedule(reg, REG_TODO_REGISTER);

	return 0;
}


int ims_reg_reregister(struct ims_reg *reg)
{
	if (!reg->info.registered || reg->cmd_reregister ||
	    reg->cmd_deregister)
		return EPROTO;

	reg->cmd_reregister = true;
	schedule(reg, REG_TODO_REREGISTER);

	return 0;
}


int ims_reg_deregister(struct ims_reg *reg)
{
	if (reg->cmd_deregister)
		return EPROTO;

	reg->cmd_deregister = true;
	schedule(reg, REG_TODO_DEREGISTER);

	return 0;
}


/* ------------------------------------------------------------------ */
/* Results of the port */


void ims_reg_address_changed(struct ims_reg *reg)
{
	schedule(reg, REG_TODO_ADDRESS);
}


void ims_reg_usim_result(struct ims_reg *reg, const struct ue_usim_res *res)
{
	if (!reg->card_busy)
		return;

	reg->card_busy = false;
	/* of a challenge that was given up */
	if (!reg->card_wanted)
		return;
	reg->res = *res;
	schedule(reg, REG_TODO_CARD);
}


void ims_reg_resolved(struct ims_reg *reg, const struct ue_addr *addrv,
		      const enum ue_transport *transportv, size_t count)
{
	size_t i;

	/* nobody waits any more */
	if (!reg->resolving)
		return;

	reg->resolving = false;

	for (i = 0; i < count; i++) {

		struct ue_addr addr = addrv[i];

		if (!addr.port)
			addr.port = 5060;

		ims_pcscfs_add(&reg->pcscfs, &addr,
			       transportv ? transportv[i]
			       : (enum ue_transport)0);
	}

	schedule(reg, REG_TODO_RESOLVED);
}


/* ------------------------------------------------------------------ */
/* What the registration event says */


void ims_reg_terminated(struct ims_reg *reg, enum ims_contact_event event,
			uint32_t retry_after_s)
{
	reg->net_event = (uint8_t)event;
	reg->net_s = retry_after_s;
	reg_step(reg, REG_EV_TERMINATED);
}


void ims_reg_shortened(struct ims_reg *reg, uint32_t expires_s)
{
	reg->net_s = expires_s;
	reg_step(reg, REG_EV_SHORTENED);
}


struct sip_hop *ims_reg_hop(struct ims_reg *reg)
{
	return &reg->hop;
}
