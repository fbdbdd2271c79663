/**
 * @file secagree.h  Security agreement and associations (RFC 3329, TS 33.203
 * clauses 6, 7, annex H; TS 24.229 5.1.1)
 *
 * Registration calls these functions at the points where TS 24.229 5.1.1
 * speaks of security.  With UE_SEC_NONE, or UE_IPSEC 0, each does nothing and
 * everything takes the unprotected hop, reg->hop.
 *
 *   ims_sec_begin()           REGISTER is due      which hop; a new offer
 *   ims_sec_write_register()  REGISTER is written  Security-Client, -Verify
 *   ims_sec_challenge()       401 with good AUTN   Security-Server checked
 *   ims_sec_establish()       CK, IK known         temporary associations
 *   ims_sec_registered()      200                  temporary -> established
 *   ims_sec_abandon()         REGISTER failed      temporary ones deleted
 *   ims_sec_end()             not registered       the others go, too, as soon
 *                                                  as nothing needs them
 *   ims_sec_close()           address changed ...  all deleted, keys wiped
 *   ims_sec_write_request()   any other request    Security-Verify, Require
 *
 * Each set of four associations has a hop of its own, opened when its ports
 * are offered.  reg->hop stays the one that dialogs know: sip_hop_use() makes
 * it lead over the established set.
 */
#ifndef IMS_SECAGREE_H
#define IMS_SECAGREE_H

#include "ue/ue_port.h"
#include "ue/ue_timer.h"
#include "ue/sip/sip.h"

struct ims_reg;
struct ue_settings;

/** Kinds of REGISTER, as security sees them */
enum ims_sec_register {
	IMS_SEC_INITIAL,        /**< unprotected, new offer              */
	IMS_SEC_ANSWER,         /**< answers a valid challenge           */
	IMS_SEC_REJECT,         /**< answers an invalid challenge        */
	IMS_SEC_REFRESH         /**< re- or deregistration               */
};

/** State of a set.  The transitions are in secagree.c */
enum ims_sec_state {
	IMS_SEC_FREE = 0,
	IMS_SEC_OFFERED,        /**< ports open, no associations yet     */
	IMS_SEC_TEMPORARY,
	IMS_SEC_CURRENT,
	IMS_SEC_OLD
};

/** A set of associations and its way to the P-CSCF; private */
struct ims_sec_set {
	struct sip_hop hop;             /**< open unless FREE            */
	struct ipsec_offer ue;
	uint32_t spi_pc;
	uint32_t spi_ps;
	uint8_t state;                  /**< enum ims_sec_state          */
	uint8_t alg;                    /**< enum ipsec_alg              */
	uint8_t ealg;                   /**< enum ipsec_ealg             */
	bool installed;                 /**< by the port                 */
};

/** What was chosen from a Security-Server; private */
struct ims_sec_choice {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
	uint32_t spi_pc;
	uint32_t spi_ps;
	uint16_t port_pc;
	uint16_t port_ps;
};

/** Counters; all wrap.  installed - removed = sets that live */
struct ims_sec_stats {
	uint32_t offers;        /**< Security-Client with new values     */
	uint32_t unusable;      /**< Security-Server missing or of no use */
	uint32_t installed;     /**< temporary sets                      */
	uint32_t established;
	uint32_t extended;      /**< by a 200 without a challenge        */
	uint32_t expired;       /**< sets whose lifetime ended           */
	uint32_t removed;
};

/** State of the agreement.  stats may be read, the rest is private */
struct ims_sec {
	struct ims_sec_stats stats;
	/** Over which the last REGISTER went; NULL = none, or closed */
	struct sip_hop *used;
#if UE_IPSEC
	struct ims_sec_set setv[IPSEC_SETS];
	struct ims_sec_choice choice;
	struct ue_timer timer;          /**< lifetimes; what is to go    */
	uint16_t offered;               /**< pairs in Security-Client    */
	bool ending;                    /**< the current set is to go    */
	bool heard;                     /**< a message came over the current
					 *   set since it is that one    */
	/** Security-Server of the last challenge, and of the last successful
	 *  authentication: header fields as received, '\n' between them */
	char server[UE_SEC_SERVER_MAX];
	char verify[UE_SEC_SERVER_MAX];
#endif
};

/** Are the settings right?  @return NULL or the constant line to log */
const char *ims_sec_check(const struct ue_settings *set,
			  const struct ue_port *port);

/**
 * Choose the hop of a REGISTER, in reg->sec.used and reg->info.local, and the
 * values of a new Security-Client for all but IMS_SEC_ANSWER
 *
 * @return 0; ENOTCONN the set that it needs is gone; ENOTSUP no pair of
 *         algorithms; EIO, ENOMEM; or as sip_hop_open()
 */
int  ims_sec_begin(struct ims_reg *reg, enum ims_sec_register kind);

void ims_sec_write_register(struct ims_reg *reg, struct sip_writer *w,
			    enum ims_sec_register kind);
void ims_sec_write_request(struct ims_reg *reg, struct sip_writer *w);

/** @return 0; EPROTO no usable Security-Server, EOVERFLOW one that is longer
 *  than UE_SEC_SERVER_MAX: abandon, new Call-ID (TS 24.229 5.1.1.5.1) */
int  ims_sec_challenge(struct ims_reg *reg, const struct sip_msg *msg);

/** 494 (RFC 3329 2.3.1): does the P-CSCF list a mechanism of ours? */
bool ims_sec_can_agree(struct ims_reg *reg, const struct sip_msg *msg);

/** @return 0; as ipsec_add() and struct ue_port.ipsec_install */
int  ims_sec_establish(struct ims_reg *reg, const struct ue_usim_res *res);

/** May a 2xx to the last REGISTER be believed? */
bool ims_sec_is_safe(const struct ims_reg *reg);

void ims_sec_registered(struct ims_reg *reg, uint32_t expires_s);
void ims_sec_abandon(struct ims_reg *reg);
void ims_sec_end(struct ims_reg *reg);
void ims_sec_close(struct ims_reg *reg);

/** Is there a set, established or not? */
bool ims_sec_is_open(const struct ims_reg *reg);

/** Did the last REGISTER go over associations? */
bool ims_sec_is_protected(const struct ims_reg *reg);

#endif
