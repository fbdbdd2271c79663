/**
 * @file reg_auth.c  Answers to REGISTER: challenges and their answers (TS
 * 24.229 5.1.1.5), 423, the rest by class
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ue/ims/reg_core.h"
#include "ue/ims/text.h"


enum ims_aka_form reg_known_form(const struct ims_reg *reg)
{
	return reg->auth.ready ? IMS_AKA_RESPONSE : IMS_AKA_FIRST;
}


/* The next REGISTER of the same procedure */
static void send_next(struct ims_reg *reg, enum ims_aka_form form)
{
	const uint32_t expires_s =
		reg->info.state == IMS_REG_DEREGISTERING ? 0 : reg->expires_s;
	int err;

	err = reg_send(reg, form, expires_s, reg_response_h);
	if (err)
		reg_fail(reg, reg_unsent(err), err, 0, "REGISTER not sent");
}


/* "AKAv1-MD5 ok" */
static void report_challenge(struct ims_reg *reg, const char *finding)
{
	struct ue_event *ev = ue_event_new(reg->ue, UE_EVENT_CHALLENGE);
	const char *alg = sip_digest_alg_name(
		(enum sip_digest_alg)reg->auth.alg);
	const size_t n = strlen(alg);

	ev->status = 401;
	reg_set_text(ev, alg);
	ev->text[n] = ' ';
	memcpy(ev->text + n + 1, finding, strlen(finding) + 1);
}


/* Nobody waits for this registration any more: what was not authenticated
   is not registered (5.1.1.6) */
static bool unwanted(const struct ims_reg *reg)
{
	return reg->cmd_deregister &&
		reg->info.state != IMS_REG_DEREGISTERING;
}


/* ------------------------------------------------------------------ */
/* The card */


/* 5.1.1.5.1: the challenge is good */
static void answer_valid(struct ims_reg *reg)
{
	struct ims_aka_user user;
	int err;

	reg->invalid = 0;
	report_challenge(reg, "ok");

	/* 5.1.1.5.1: Security-Server missing or of no use: abandon, and
	   register again with a new Call-ID */
	if (reg->sec_err) {
		reg->call_id[0] = '\0';
		reg_fail(reg, REG_BACK_OFF, reg->sec_err, 401,
			 "no usable Security-Server");
		return;
	}

	reg_user(&user, reg);
	err = sip_auth_aka(&reg->auth, &user.impi, &reg->res);
	if (err) {
		reg_fail(reg, REG_NO_RETRY, err, 401,
			 "result of the card is of no use");
		return;
	}

	err = ims_sec_establish(reg, &reg->res);
	if (err) {
		reg_fail(reg, err == ENOMEM || err == EIO ? REG_SHORTAGE
			 : REG_NO_RETRY, err, 401, "no associations");
		return;
	}

	reg->kind = IMS_SEC_ANSWER;
	send_next(reg, IMS_AKA_RESPONSE);
}


/* 5.1.1.5.3: the challenge is not from our network, or old */
static void answer_invalid(struct ims_reg *reg, enum ims_aka_form form)
{
	report_challenge(reg, form == IMS_AKA_MAC_FAILURE ? "MAC failure"
			 : "SQN failure");

	/* two consecutive invalid challenges are answered, no more */
	if (++reg->invalid > REG_INVALID_MAX) {
		reg_fail(reg, REG_NO_RETRY, EACCES, 401,
			 form == IMS_AKA_MAC_FAILURE ?
			 "network not authenticated: MAC failure" :
			 "network not authenticated: SQN failure");
		return;
	}

	reg->kind = IMS_SEC_REJECT;
	send_next(reg, form);
}


/* It may only be slow or busy, so what is registered stays so.  A second time
   it is no card any more */
static void card_failed(struct ims_reg *reg, int err)
{
	const bool once = reg->info.registered && !reg->card_bad;

	if (err != EBUSY)
		reg->card_bad = true;
	reg_fail(reg, err == EBUSY || once ? REG_SHORTAGE : REG_NO_RETRY, err,
		 401, "the card failed");
}


void reg_card_result(struct ims_reg *reg)
{
	if (!reg->card_wanted)
		goto out;

	reg->card_wanted = false;

	if (unwanted(reg)) {
		reg_fail(reg, REG_GIVE_UP, ECANCELED, 0, "cancelled");
		goto out;
	}

	switch (reg->res.status) {

	case UE_USIM_OK:
		reg->card_bad = false;
		answer_valid(reg);
		break;

	/* to refuse a challenge is an answer of a card that works */
	case UE_USIM_MAC_FAILURE:
		reg->card_bad = false;
		answer_invalid(reg, IMS_AKA_MAC_FAILURE);
		break;

	case UE_USIM_SYNC_FAILURE:
		reg->card_bad = false;
		answer_invalid(reg, IMS_AKA_SYNC_FAILURE);
		break;

	default:
		card_failed(reg, EIO);
		break;
	}

 out:
	mbedtls_platform_zeroize(&reg->res, sizeof(reg->res));
}


static void ask_card(struct ims_reg *reg)
{
	const struct ue_port *port = reg->ue->port;
	uint8_t rand[16], autn[16];
	int err;

	err = sip_auth_aka_nonce(rand, autn, &reg->auth);
	if (err) {
		reg_fail(reg, REG_BACK_OFF, err, 401,
			 "nonce is not RAND and AUTN");
		return;
	}

	if (!port->usim_authenticate) {
		reg_fail(reg, REG_NO_RETRY, ENOENT, 401, "no card");
		return;
	}

	/* an answer to a procedure that was given up is still to come */
	if (reg->card_busy) {
		card_failed(reg, EBUSY);
		return;
	}

	/* the answer may come before the call returns */
	reg->card_busy = true;
	reg->card_wanted = true;

	err = port->usim_authenticate(port->arg, rand, autn);
	if (err) {
		reg->card_busy = false;
		reg->card_wanted = false;
		card_failed(reg, err);
	}
}


/* ------------------------------------------------------------------ */
/* Passwords (RFC 7616) */


static void use_password(struct ims_reg *reg)
{
	const char *pw = reg->ue->set->password;
	struct ims_aka_user user;
	int err;

	/* RFC 7616 s3.3: asked again although the nonce was good */
	if (reg->kind == IMS_SEC_ANSWER && !reg->auth.stale) {
		report_challenge(reg, "refused");
		reg_fail(reg, REG_NO_RETRY, EACCES, 401, "wrong password");
		return;
	}

	report_challenge(reg, "ok");
	reg_user(&user, reg);
	err = sip_auth_password(&reg->auth, &user.impi, pw, strlen(pw));
	if (err) {
		reg_fail(reg, REG_NO_RETRY, err, 401, "no challenge");
		return;
	}

	reg->kind = IMS_SEC_ANSWER;
	send_next(reg, IMS_AKA_RESPONSE);
}


/* ------------------------------------------------------------------ */
/* Answers to REGISTER */


static void challenged(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct ims_aka_user user;
	int err;

	if (unwanted(reg)) {
		reg_fail(reg, REG_GIVE_UP, ECANCELED, 0, "cancelled");
		return;
	}

	if (++reg->challenges > REG_CHALLENGES_MAX) {
		reg_fail(reg, REG_NO_RETRY, EACCES, 401,
			 "challenged again and again");
		return;
	}

	reg_user(&user, reg);
	err = ims_aka_challenge(&reg->auth, &reg->scratch.dg, &user, msg);
	if (err) {
		reg_fail(reg, err == ENOTSUP ? REG_NO_RETRY : REG_BACK_OFF,
			 err == ENOENT ? EBADMSG : err, 401,
			 err == ENOTSUP ? "no algorithm that may be used" :
			 "challenge cannot be read");
		return;
	}

	/* the verdict counts only when the card has found the MAC right */
	reg->sec_err = ims_sec_challenge(reg, msg);

	if (sip_digest_is_aka((enum sip_digest_alg)reg->auth.alg))
		ask_card(reg);
	else
		use_password(reg);
}


/* RFC 3261 s10.2.8: the same again with a longer expiry */
static void too_brief(struct ims_reg *reg, const struct sip_msg *msg)
{
	uint32_t min;

	if (reg->info.state == IMS_REG_DEREGISTERING || unwanted(reg) ||
	    ++reg->briefs > REG_BRIEFS_MAX ||
	    sip_msg_uint(&min, msg, SIP_HDR_MIN_EXPIRES) ||
	    min <= reg->expires_s) {
		reg_fail(reg, REG_GIVE_UP, EPROTO, 423,
			 "Interval Too Brief without a way out");
		return;
	}

	reg->expires_s = min;
	send_next(reg, reg_known_form(reg));
}


static void succeeded(struct ims_reg *reg, const struct sip_msg *msg)
{
	int err = 0;

	/* TS 33.203 6.1: nobody but an attacker says this */
	if (!ims_sec_is_safe(reg)) {
		reg_fail(reg, REG_BACK_OFF, EACCES, msg->code,
			 "registered without associations");
		return;
	}

	if (reg->info.state != IMS_REG_DEREGISTERING)
		err = reg_store(reg, msg, &reg->granted_s);

	switch (err) {

	case 0:
		reg_step(reg, REG_EV_OK);
		break;

	case EACCES:
		reg_fail(reg, REG_NO_RETRY, err, msg->code,
			 "network not authenticated: Authentication-Info");
		break;

	case EPROTO:
		reg_fail(reg, REG_BACK_OFF, err, msg->code,
			 "the own contact is not registered");
		break;

	case EOVERFLOW:
		reg_fail(reg, REG_NO_RETRY, err, msg->code,
			 "Service-Route is too long");
		break;

	default:
		reg_fail(reg, REG_BACK_OFF, err, msg->code,
			 "2xx cannot be read");
		break;
	}
}


/* RFC 3261 s21.4.15: leave out what is not understood.  Without path there is
   no registration in an IMS */
static bool drop_option(struct ims_reg *reg, const struct sip_msg *msg)
{
	if (reg->no_gruu || reg->ue->set->no_gruu ||
	    !sip_msg_has_token(msg, SIP_HDR_UNSUPPORTED, "gruu") ||
	    sip_msg_has_token(msg, SIP_HDR_UNSUPPORTED, "path"))
		return false;

	reg->no_gruu = true;

	return true;
}


/* RFC 3329 s2.3.1: the agreement starts again, from the beginning; not when
   there is nothing to agree on */
static void agree_again(struct ims_reg *reg, const struct sip_msg *msg)
{
	const bool can = ims_sec_can_agree(reg, msg);

	reg->call_id[0] = '\0';
	reg->fail.remedy = can ? REG_BACK_OFF : REG_GIVE_UP;
	reg->fail.text = can ? "security agreement required" :
		"security agreement required, but none is possible";
}


static void refused(struct ims_reg *reg, const struct sip_msg *msg)
{
	reg_classify(&reg->fail, reg, msg);

	if (msg->code == 494)
		agree_again(reg, msg);

	if (msg->code == 420 && !unwanted(reg) && drop_option(reg, msg)) {
		send_next(reg, reg_known_form(reg));
		return;
	}

	reg_step(reg, REG_EV_FAILED);
}


void reg_response_h(struct sip_ctrans *ct, int err,
		    const struct sip_msg *msg, void *arg)
{
	struct ims_reg *reg = arg;

	(void)ct;

	if (!err && msg->code < 200)
		return;

	reg->ct = NULL;

	if (err)
		reg_fail(reg, REG_OTHER_PCSCF, err, 0,
			 err == ETIMEDOUT ? "no answer" : "not sent");
	else if (msg->code < 300)
		succeeded(reg, msg);
	else if (msg->code == 401)
		challenged(reg, msg);
	else if (msg->code == 423)
		too_brief(reg, msg);
	else
		refused(reg, msg);
}
