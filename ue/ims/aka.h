/**
 * @file aka.h  Authentication of REGISTER: IMS AKA (TS 24.229 5.1.1.5,
 * TS 33.203 6.1, RFC 3310, RFC 4169) and plain digest (RFC 7616)
 *
 * What an answer looks like is here; when one is given, and how often, is in
 * reg_auth.c.
 */
#ifndef IMS_AKA_H
#define IMS_AKA_H

#include "ue/sip/sip.h"
#include "ue/sip/digest.h"

/** What a REGISTER says about authentication */
enum ims_aka_form {
	IMS_AKA_FIRST,          /**< no challenge yet: empty nonce (TS 24.229
				 *   5.1.1.2.1)                          */
	IMS_AKA_RESPONSE,       /**< response computed                   */
	IMS_AKA_MAC_FAILURE,    /**< empty response, no auts (5.1.1.5.3) */
	IMS_AKA_SYNC_FAILURE    /**< auts, response of an empty password */
};

/** Who asks */
struct ims_aka_user {
	struct pl impi;
	struct pl home;
	struct pl uri;          /**< sip:home                            */
	const char *password;   /**< NULL = AKA only                     */
	const char *realm;      /**< the only one that is answered, as it was
				 *   written; NULL = any                 */
};

/**
 * Take the challenge of a 401 or 407: the first one whose algorithm is
 * supported and allowed (RFC 7616 3.7).  Without a password only AKA is: a
 * weaker algorithm would let anybody ask for less.  ENOTSUP also: none of the
 * realm.
 *
 * @param auth  Overwritten on success
 * @param dg    Working memory
 * @param user  Who asks
 * @param msg   The response
 *
 * @return 0; ENOENT no challenge; else the first one's: ENOTSUP no Digest, or
 *         its algorithm is not supported or not allowed; EBADMSG; EOVERFLOW
 */
int ims_aka_challenge(struct sip_auth *auth, struct sip_digest *dg,
		      const struct ims_aka_user *user,
		      const struct sip_msg *msg);

/**
 * Write Authorization
 *
 * @param w     Writer of the REGISTER
 * @param form  What it says
 * @param auth  The challenge; with a password for IMS_AKA_RESPONSE, without
 *              one afterwards for IMS_AKA_SYNC_FAILURE
 * @param user  Who asks
 * @param sip   Random octets
 * @param auts  14 octets for IMS_AKA_SYNC_FAILURE, else NULL
 *
 * @return 0 or as sip_auth_write()
 */
int ims_aka_write(struct sip_writer *w, enum ims_aka_form form,
		  struct sip_auth *auth, const struct ims_aka_user *user,
		  struct sip *sip, const uint8_t *auts);

#endif
