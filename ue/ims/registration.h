/**
 * @file registration.h  IMS registration (TS 24.229 5.1.1)
 *
 * Applications read struct ims_reg_info by ue_reg_info(); everything else is
 * for the stack's own layers.
 */
#ifndef IMS_REGISTRATION_H
#define IMS_REGISTRATION_H

#include "ue/ue_config.h"
#include "ue/ue_port.h"
#include "ue/ue_timer.h"
#include "ue/sip/sip.h"
#include "ue/sip/digest.h"
#include "ue/ims/headers.h"
#include "ue/ims/identity.h"
#include "ue/ims/pcscf.h"
#include "ue/ims/regevent.h"
#include "ue/ims/secagree.h"

struct ue;

/** States.  The transitions are in registration.c */
enum ims_reg_state {
	IMS_REG_IDLE = 0,       /**< not registered, nothing under way   */
	IMS_REG_RESOLVING,      /**< looking up a P-CSCF                 */
	IMS_REG_REGISTERING,    /**< initial registration under way      */
	IMS_REG_WAITING,        /**< back-off before the next attempt    */
	IMS_REG_REGISTERED,
	IMS_REG_REREGISTERING,  /**< registered, re-registration under way */
	IMS_REG_DEREGISTERING
};

/** What an application may read.  Strings are zero-terminated; empty = not
 *  known; pointers are NULL where the UE is not open.  Valid until the next
 *  call of a function of ue.h */
struct ims_reg_info {
	enum ims_reg_state state;
	/** REGISTERED or REREGISTERING */
	bool registered;
	/** The registered public identity is barred: not to be shown or used
	 *  (TS 24.229 5.1.1.2.1) */
	bool barred;
	bool subscribed;                /**< to the registration event   */

	unsigned assoc_count;
	const char *impi;
	const char *impu;               /**< the one in REGISTER         */
	const char *home;
	const char *instance;           /**< without <>                  */
	/** Granted by the last 2xx, or what the registration event has left
	 *  of it (TS 24.229 5.1.1.5A) */
	uint32_t expires_s;
	uint64_t expiry_ms;             /**< in the time of ue_poll()    */
	struct ue_addr pcscf;           /**< in use or tried             */
	struct ue_addr local;           /**< own address: Contact, Via   */

	/** Said to be registered by the registration event */
	bool assoc_activev[UE_IMPU_MAX];
	/** P-Associated-URI in its order; the first assoc_count are valid */
	char assocv[UE_IMPU_MAX][UE_URI_MAX];
	/** Default public identity: first of P-Associated-URI; the registered
	 *  one when there was none */
	char default_impu[UE_URI_MAX];

	/** `<uri>, <uri>`: Service-Route and Path of the last 2xx */
	char service_route[UE_ROUTES_MAX];
	char path[UE_ROUTES_MAX];
	char pub_gruu[UE_URI_MAX];      /**< RFC 5627                    */
	char temp_gruu[UE_URI_MAX];
};

/** How a REGISTER has failed; private */
struct ims_reg_failure {
	uint8_t remedy;                 /**< enum reg_remedy in reg_core.h */
	uint16_t status;                /**< 0 = no response             */
	int err;
	uint32_t retry_after_s;         /**< 0 = none                    */
	const char *text;               /**< constant                    */
};

/** Private */
struct ims_reg {
	uint8_t todo;                   /**< enum reg_todo in reg_core.h */
	uint8_t kind;                   /**< enum ims_sec_register of the
					 *   pending or next REGISTER    */
	uint8_t challenges;             /**< in this procedure           */
	uint8_t invalid;                /**< invalid ones in a row       */
	uint8_t briefs;                 /**< 423 in this procedure       */
	uint8_t returns;                /**< registrations in a row that the
					 *   network ended early         */
	uint8_t net_event;              /**< enum ims_contact_event      */
	uint8_t flow_failures;          /**< in a row                    */

	bool cmd_register;              /**< commands without outcome    */
	bool cmd_reregister;
	bool cmd_deregister;
	bool refresh;                   /**< the pending REGISTER is a re-
					 *   registration                */
	bool card_busy;                 /**< a result will come          */
	bool card_wanted;               /**< and somebody waits for it   */
	bool card_bad;                  /**< it has failed since its last
					 *   answer                      */
	bool resolving;
	bool retry_after;               /**< WAITING because of one      */
	bool same_pcscf;                /**< the next attempt stays there */
	bool round_over;                /**< all P-CSCFs were tried      */
	bool hop_broken;                /**< its port was lost           */
	bool repeated;                  /**< the re-registration had a second
					 *   chance                      */
	bool no_gruu;                   /**< refused by 420              */
	bool comp_over;                 /**< deregistered: the compartment
					 *   lasts as long as the hop    */

	struct ue *ue;
	struct sip_ctrans *ct;          /**< pending REGISTER            */
	uint32_t cseq;
	uint32_t expires_s;             /**< to be asked for             */
	unsigned failures;              /**< rounds in a row (RFC 5626 4.5) */
	uint32_t lookup;                /**< number of the last look-up  */
	int sec_err;                    /**< of ims_sec_challenge()      */
	int flow_err;

	/* arguments of events of the state machine, as net_event */
	struct ims_reg_failure fail;
	uint32_t granted_s;             /**< 2xx                         */
	uint32_t net_s;                 /**< shortened to, retry-after   */
	uint64_t since_ms;              /**< its first 2xx, renewals apart */
	uint64_t flow_down_ms;          /**< the last failure of a flow;
					 *   0: what was says nothing    */

	struct ue_timer work;           /**< todo                        */
	struct ue_timer timer;          /**< WAITING: next attempt;
					 *   REGISTERED: re-registration */
	struct ue_timer expiry;         /**< of the registration         */
	struct ue_timer linger;         /**< the hop after deregistration */

	struct sip_hop hop;             /**< unprotected; the base of those of
					 *   sec                         */
	struct ims_reg_info info;
	struct ims_identity id;
	struct ims_pcscfs pcscfs;
	struct ims_regevent regevent;
	struct ims_sec sec;
	struct sip_auth auth;
	/** Too large for the stack of a small target */
	union {
		struct sip_digest dg;
		struct sip_addr addr;
	} scratch;
	char contact[IMS_CONTACT_MAX];  /**< the same: the own Contact   */
	struct ue_usim_res res;         /**< secret; wiped after use     */
	char call_id[25];               /**< 96 and 48 random bits       */
	char from_tag[13];
};

/* ---- used by ue.c ---- */
void ims_reg_init(struct ims_reg *reg, struct ue *ue);
void ims_reg_close(struct ims_reg *reg);
/** Find the identities.  why: as ims_identity_get().  @return the same */
int  ims_reg_identify(struct ims_reg *reg, const char **why);
int  ims_reg_register(struct ims_reg *reg);
int  ims_reg_reregister(struct ims_reg *reg);
int  ims_reg_deregister(struct ims_reg *reg);
void ims_reg_address_changed(struct ims_reg *reg);
void ims_reg_usim_result(struct ims_reg *reg, const struct ue_usim_res *res);
void ims_reg_resolved(struct ims_reg *reg, const struct ue_addr *addrv,
		      const enum ue_transport *transportv, size_t count);

/* ---- used by regevent.c: what a document says ---- */

/** Events of a contact (RFC 3680 5.2) as far as they end a registration; the
 *  greater one decides where identities differ */
enum ims_contact_event {
	IMS_CONTACT_NONE = 0,           /**< unknown or no contact given */
	IMS_CONTACT_EXPIRED,
	IMS_CONTACT_UNREGISTERED,
	IMS_CONTACT_PROBATION,
	IMS_CONTACT_DEACTIVATED,
	IMS_CONTACT_REJECTED
};

/** The network ended the registration (TS 24.229 5.1.1.7) */
void ims_reg_terminated(struct ims_reg *reg, enum ims_contact_event event,
			uint32_t retry_after_s);

/** The network shortened it (TS 24.229 5.1.1.5A) */
void ims_reg_shortened(struct ims_reg *reg, uint32_t expires_s);

/** The hop for requests outside of REGISTER, for dialogs to keep: with
 *  security associations it leads over the established set */
struct sip_hop *ims_reg_hop(struct ims_reg *reg);

#endif
