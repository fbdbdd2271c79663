/**
 * @file reg_core.h  What the files of the registration call of each other;
 * private
 */
#ifndef IMS_REG_CORE_H
#define IMS_REG_CORE_H

#include "ue/ue.h"
#include "ue/ims/aka.h"

/** Challenges answered in one procedure; a network that sends more does not
 *  want us */
#define REG_CHALLENGES_MAX 6

/** Longest Retry-After that is believed in the clear */
#define REG_RETRY_AFTER_MAX_S 3600

/** 423 answered in one procedure */
#define REG_BRIEFS_MAX 3

/** Consecutive invalid challenges that are answered (TS 24.229 5.1.1.5) */
#define REG_INVALID_MAX 2

/** TS 24.229 5.1.1.2.1 */
#define REG_EXPIRES_S 600000

/** What the work timer has to do */
enum reg_todo {
	REG_TODO_REGISTER   = 1 << 0,   /* commands                      */
	REG_TODO_REREGISTER = 1 << 1,
	REG_TODO_DEREGISTER = 1 << 2,
	REG_TODO_CARD       = 1 << 3,   /* results of the port           */
	REG_TODO_RESOLVED   = 1 << 4,
	REG_TODO_ADDRESS    = 1 << 5
};

/** What comes after a failed REGISTER */
enum reg_remedy {
	REG_OTHER_PCSCF,        /**< at once, at another P-CSCF          */
	REG_BACK_OFF,           /**< after a wait                        */
	REG_SHORTAGE,           /**< of our own, soon over: the same where
				 *   nothing is registered               */
	REG_GIVE_UP,            /**< refused; initial registration after a
				 *   re-registration                     */
	REG_NO_RETRY            /**< authentication: nothing by itself   */
};

/** Events of the state machine; their arguments are in struct ims_reg */
enum reg_event {
	REG_EV_REGISTER,        /* commands                              */
	REG_EV_REREGISTER,
	REG_EV_DEREGISTER,
	REG_EV_RESOLVED,        /* result of the port                    */
	REG_EV_TIMER,           /* back-off over; time to re-register    */
	REG_EV_OK,              /* 2xx to REGISTER: granted_s            */
	REG_EV_FAILED,          /* the REGISTER failed: fail             */
	REG_EV_EXPIRED,
	REG_EV_TERMINATED,      /* registration event: net_event, net_s  */
	REG_EV_SHORTENED,       /* registration event: net_s             */
	REG_EV_FLOW_DOWN,       /* flow_err                              */
	REG_EV_ADDRESS          /* the own address has changed           */
};

/* ---- registration.c ---- */

void reg_step(struct ims_reg *reg, enum reg_event ev);

void reg_set_state(struct ims_reg *reg, enum ims_reg_state state);

/** Nothing is registered and nothing goes on */
void reg_to_idle(struct ims_reg *reg);

/** Wait for the next attempt at an initial registration */
void reg_wait_for(struct ims_reg *reg, uint64_t wait_ms, bool retry_after);

void reg_report_failed(struct ims_reg *reg, const struct ims_reg_failure *f);
void reg_set_text(struct ue_event *ev, const char *text);
uint32_t reg_ms32(uint64_t ms);

/** Close the hop and what depends on it */
void reg_close_hop(struct ims_reg *reg);

/** The pending procedure has failed */
void reg_fail(struct ims_reg *reg, enum reg_remedy remedy, int err,
	      uint16_t status, const char *text);

/** A procedure begins */
void reg_begin(struct ims_reg *reg, enum ims_sec_register kind,
	       bool refresh);

/** Close the compartment: deregistered (TS 24.229 8.1.1) */
void reg_close_comp(struct ims_reg *reg);

/* ---- reg_attempt.c ---- */

/** Choose a P-CSCF and send the initial REGISTER there */
void reg_attempt(struct ims_reg *reg);

/** The initial registration has failed: try again or give up */
void reg_initial_failed(struct ims_reg *reg,
			const struct ims_reg_failure *f);

/** The attempt has failed: another P-CSCF, or wait; the same P-CSCF after a
 *  REG_SHORTAGE.  WAITING follows.
 *  @return milliseconds until the next attempt */
uint64_t reg_prepare_retry(struct ims_reg *reg,
			   const struct ims_reg_failure *f);

/** What comes after a REGISTER that was not sent.  err: of reg_send() */
enum reg_remedy reg_unsent(int err);

/** Events of the hop in use */
sip_hop_h reg_flow_h;

/** Let SigComp have the hop, if it is wanted */
int  reg_open_comp(struct ims_reg *reg, struct sip_hop *hop);

/* ---- reg_auth.c ---- */

/** Answer to a REGISTER */
sip_response_h reg_response_h;

/** Result of the card, in reg->res */
void reg_card_result(struct ims_reg *reg);

/** What Authorization says while nothing new is asked for (5.1.1.4.1) */
enum ims_aka_form reg_known_form(const struct ims_reg *reg);

/* ---- reg_request.c ---- */

/** Send the REGISTER that reg->kind says.  form: what Authorization says.
 *  @return 0 or as sip_ctrans_start() */
int  reg_send(struct ims_reg *reg, enum ims_aka_form form,
	      uint32_t expires_s, sip_response_h *h);

void reg_user(struct ims_aka_user *user, const struct ims_reg *reg);

/* ---- reg_response.c ---- */

/** Take over what a 2xx says.  granted_s: expiry of the own contact.
 *  @return 0; EACCES Authentication-Info is wrong; EPROTO our contact is not
 *  registered; EOVERFLOW a route is too long; EBADMSG */
int  reg_store(struct ims_reg *reg, const struct sip_msg *msg,
	       uint32_t *granted_s);

/** Seconds to wait of a Retry-After or the like, as far as believed (RFC 3261
 *  26.1.5): in the clear nobody has shown that he may ask for more than
 *  REG_RETRY_AFTER_MAX_S */
uint32_t reg_retry_after(const struct ims_reg *reg, uint32_t s);

/** What a final response other than 2xx, 401, 423 means */
void reg_classify(struct ims_reg_failure *fail, const struct ims_reg *reg,
		  const struct sip_msg *msg);

/** Milliseconds from the grant until what was granted must be renewed
 *  (TS 24.229 5.1.1.4.1): used for the subscription too */
uint64_t reg_refresh_ms(uint32_t expires_s);

/** RFC 5626 4.5 with its default times: all flows have failed */
uint64_t reg_back_off_ms(struct sip *sip, unsigned failures);

#endif
