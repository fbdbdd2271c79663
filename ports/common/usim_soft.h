/**
 * @file usim_soft.h  A USIM/ISIM in software: AUTHENTICATE in the IMS context
 *
 * Milenage or TUAK, sequence numbers checked by the array scheme of TS 33.102
 * annex C.1.1.3 and C.2.2.  The array is written to non-volatile memory
 * before a result leaves, so that an old challenge is never accepted again.
 */
#ifndef USIM_SOFT_H
#define USIM_SOFT_H

#include <stdbool.h>
#include "ue/ue_port.h"

/** Sequence numbers are SEQ || IND with 5 bits of IND (TS 33.102 C.1.1.1) */
#define USIM_IND_BITS 5
#define USIM_SQN_SLOTS (1u << USIM_IND_BITS)

enum usim_algorithm {
	USIM_MILENAGE = 0,
	USIM_TUAK
};

/** The secrets of the card */
struct usim_soft_params {
	enum usim_algorithm algorithm;
	uint8_t k[32];
	size_t k_len;           /**< 16; TUAK: 16 or 32                  */
	/** OPc (16 octets) or TOPc (32 octets) */
	uint8_t opc[32];
	size_t res_len;         /**< TUAK: 4, 8 or 16; else 8            */
	size_t mac_len;         /**< TUAK: 8; else 8                     */
	unsigned iterations;    /**< TUAK: Keccak iterations             */
};

struct usim_soft {
	struct usim_soft_params prm;
	const struct ue_port *nv;       /**< nv_read and nv_write only   */
	uint64_t seq[USIM_SQN_SLOTS];   /**< highest SEQ accepted, by IND */
};

/**
 * Insert the card
 *
 * @param usim  Card, overwritten
 * @param prm   Secrets, copied
 * @param nv    Port whose nv_read/nv_write keep the array under the key
 *              "usim-sqn"; pointer is kept
 *
 * @return 0; EINVAL lengths; EBADMSG the stored array has a wrong size; EIO
 */
int  usim_soft_init(struct usim_soft *usim,
		    const struct usim_soft_params *prm,
		    const struct ue_port *nv);

/**
 * AUTHENTICATE (TS 33.102 6.3.3, TS 31.103 7.1.1)
 *
 * @param res  Result; status FAILED when the array could not be stored
 */
void usim_soft_authenticate(struct usim_soft *usim, struct ue_usim_res *res,
			    const uint8_t rand[16], const uint8_t autn[16]);

/** Remove the card: secrets are wiped */
void usim_soft_close(struct usim_soft *usim);

#endif
