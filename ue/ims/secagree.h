/**
 * @file secagree.h  Security agreement and associations: the place for them
 *
 * TS 33.203 and RFC 3329 come in here and nowhere else: registration calls
 * these functions at the points where TS 24.229 5.1.1 speaks of security.
 * With UE_SEC_NONE, the only mechanism for now, each does nothing.
 *
 *   ims_sec_write_register()  REGISTER leaves      Security-Client, -Verify
 *   ims_sec_challenge()       401 with good AUTN   Security-Server checked
 *   ims_sec_establish()       CK, IK known         temporary associations
 *   ims_sec_registered()      200                  temporary -> established
 *   ims_sec_abandon()         REGISTER failed      temporary ones deleted
 *   ims_sec_close()           deregistered         all deleted, keys wiped
 *   ims_sec_hop()             any request          which hop it takes
 *   ims_sec_write_request()   any other request    Security-Verify, Require
 */
#ifndef IMS_SECAGREE_H
#define IMS_SECAGREE_H

#include "ue/ue_port.h"
#include "ue/sip/sip.h"

struct ims_reg;

/** Kinds of REGISTER, as security sees them */
enum ims_sec_register {
	IMS_SEC_INITIAL,        /**< unprotected, new offer              */
	IMS_SEC_ANSWER,         /**< answers a valid challenge           */
	IMS_SEC_REJECT,         /**< answers an invalid challenge        */
	IMS_SEC_REFRESH         /**< re- or deregistration               */
};

/** State of the agreement.  UE_SEC_NONE keeps none */
struct ims_sec {
	bool protected_;        /**< associations are established        */
};

void ims_sec_write_register(struct ims_reg *reg, struct sip_writer *w,
			    enum ims_sec_register kind);
void ims_sec_write_request(struct ims_reg *reg, struct sip_writer *w);

/** @return 0; EPROTO no usable Security-Server: abandon, new Call-ID
 *  (TS 24.229 5.1.1.5.1) */
int  ims_sec_challenge(struct ims_reg *reg, const struct sip_msg *msg);
int  ims_sec_establish(struct ims_reg *reg, const struct ue_usim_res *res);
void ims_sec_registered(struct ims_reg *reg, uint32_t expires_s);
void ims_sec_abandon(struct ims_reg *reg);
void ims_sec_close(struct ims_reg *reg);
struct sip_hop *ims_sec_hop(struct ims_reg *reg);

#endif
