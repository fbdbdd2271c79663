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

struct ims_identity {
	char impi[UE_URI_MAX];          /**< user@realm                  */
	char impu[UE_URI_MAX];          /**< sip:...                     */
	char home[UE_URI_MAX];          /**< home network domain         */
	/** Instance identifier without <> (RFC 5626 4.1): urn:gsma:imei:...
	 *  (RFC 7254) or urn:uuid:... (RFC 4122) */
	char instance[IMS_INSTANCE_MAX];
	enum ims_identity_source source;
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
 * terminal without one gets an UUID that is kept in non-volatile memory.
 *
 * @param id    Result, written only on success
 * @param set   Configured identities
 * @param port  Card, random octets, NV memory
 * @param why   Result on error: what is missing or wrong, constant text; may
 *              be NULL
 *
 * @return 0
 *         ENOENT     an identity is neither set nor on the card nor derivable
 *                    (TS 24.229 C.2: do not register)
 *         EINVAL     an identity is malformed
 *         EOVERFLOW  longer than UE_URI_MAX
 *         EIO        no random octets for an UUID
 */
int ims_identity_get(struct ims_identity *id,
		     const struct ims_identity_set *set,
		     const struct ue_port *port, const char **why);

/**
 * Derive private identity, temporary public identity and home domain from the
 * IMSI (TS 23.003 13.2, 13.3, 13.4B)
 *
 * @param imsi     6 to 15 digits
 * @param mnc_len  2 or 3
 *
 * @return 0, EINVAL
 */
int ims_identity_derive(struct ims_identity *id, const char *imsi,
			unsigned mnc_len);

/**
 * Instance identifier of an IMEI (RFC 7254 4.2): TAC, SNR and spare digit; no
 * optional parameters (TS 23.003 13.8)
 *
 * @param imei  14 digits; 15: with check digit, which must be right and
 *              becomes the spare digit 0; 16: with software version (IMEISV)
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
