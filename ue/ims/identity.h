/**
 * @file identity.h  Identities of the UE (TS 24.229 5.1.1.1A, Annex C.2;
 * TS 23.003 13.2 to 13.4B, 13.8)
 */
#ifndef IMS_IDENTITY_H
#define IMS_IDENTITY_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/ue_port.h"

/** "urn:uuid:" and 36 characters, with the terminating zero */
#define IMS_INSTANCE_MAX 48

/** Where the identities came from */
enum ims_identity_source {
	IMS_IDENTITY_SET = 0,   /**< settings only                       */
	IMS_IDENTITY_ISIM,
	IMS_IDENTITY_IMSI       /**< derived: the public one is temporary */
};

/** The strings are zero-terminated and shorter than UE_URI_MAX; they point
 *  into the settings or into `card`: do not copy the struct */
struct ims_identity {
	const char *impi;               /**< user@realm; NULL = not known */
	const char *impu;               /**< sip:...                     */
	const char *home;               /**< home network domain         */
	char home_uri[UE_URI_MAX];      /**< sip:home: Request-URI       */
	/** Instance identifier without <> (RFC 5626 4.1): urn:gsma:imei:...
	 *  (RFC 7254) or urn:uuid:... (RFC 4122) */
	char instance[IMS_INSTANCE_MAX];
	enum ims_identity_source source;
	struct ue_identity card;        /**< as read, or derived         */
};

/** What may be set instead of read from a card; NULL = from the card */
struct ims_identity_set {
	const char *impi;
	const char *impu;
	const char *home;
	const char *imei;
};

/**
 * Find the identities: those of the ISIM, else derived from the IMSI; what is
 * set comes before both.  The instance identifier is made from the IMEI; a
 * terminal without one gets an UUID that is kept in non-volatile memory, and
 * in id where there is none.
 *
 * @param id    In: of the call before, at first all zero; result; on error it
 *              knows no identity, but still its UUID
 * @param set   Configured identities; the strings must live as long as id
 * @param port  Card, random octets, NV memory
 * @param why   Result on error: what is missing or wrong, constant text; may
 *              be NULL
 *
 * @return 0
 *         ENOENT     an identity is neither set nor on the card nor derivable
 *                    (TS 24.229 C.2: do not register)
 *         EINVAL     an identity is malformed, or longer than UE_URI_MAX - 1
 *         EIO        no random octets for an UUID, or the memory in which
 *                    it may be cannot be read
 */
int ims_identity_get(struct ims_identity *id,
		     const struct ims_identity_set *set,
		     const struct ue_port *port, const char **why);

/**
 * Derive private identity, temporary public identity and home domain from the
 * IMSI (TS 23.003 13.2, 13.3, 13.4B)
 *
 * @param card  In: imsi (6 to 15 digits), mnc_len (2 or 3); result: impi,
 *              impu, domain
 *
 * @return 0, EINVAL: nothing is changed
 */
int ims_identity_derive(struct ue_identity *card);

/**
 * Instance identifier of an IMEI (RFC 7254 4.2): TAC, SNR and spare digit; no
 * optional parameters (TS 23.003 13.8)
 *
 * @param imei  14 digits; 15: with check digit; 16: with software version
 *              (IMEISV).  What follows the 14 is replaced by the spare digit
 *              0 (TS 23.003 6.2.1)
 *
 * @return 0, EINVAL
 */
int ims_instance_imei(char instance[IMS_INSTANCE_MAX], const char *imei);

/** Instance identifier of 16 random octets (RFC 4122 4.4) */
void ims_instance_uuid(char instance[IMS_INSTANCE_MAX],
		       const uint8_t rnd[16]);

/** Form checks of configured identities; NULL is not valid */
bool ims_impi_valid(const char *impi);
bool ims_impu_valid(const char *impu);
bool ims_home_valid(const char *home);

#endif
