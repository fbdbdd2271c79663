/**
 * @file restoration.h  A 504 that asks for an initial registration (TS 24.229
 *                      5.1.2A.1.6)
 */
#ifndef IMS_RESTORATION_H
#define IMS_RESTORATION_H

#include "ue/ims/registration.h"
#include "ue/xml/xml.h"

/**
 * Does the response to a request other than REGISTER say that the S-CSCF or
 * the P-CSCF has lost the registration?
 *
 * All of it must hold: 504; P-Asserted-Identity is a URI of Service-Route or
 * Path, so that nobody else can make us register; the body is an
 * application/3gpp-ims+xml whose alternative service is of type `restoration`
 * with the action `initial-registration`.
 *
 * @param info  What is registered
 * @param msg   The response
 * @param work  Overwritten
 */
bool ims_restoration_wanted(const struct ims_reg_info *info,
			    const struct sip_msg *msg, struct xml *work);

/** If so, begin the initial registration: all that depends on the old one has
 *  ended when this returns.  @return whether it was so */
bool ims_restoration(struct ims_reg *reg, const struct sip_msg *msg);

#endif
