/**
 * @file sec_core.h  What the files of the security agreement call of each
 * other; private
 */
#ifndef IMS_SEC_CORE_H
#define IMS_SEC_CORE_H

#include "ue/ue.h"

#if UE_IPSEC

/** A pair of algorithms */
struct sec_pair {
	enum ipsec_alg alg;
	enum ipsec_ealg ealg;
};

/** Iterator over the pairs of the settings, or of the standing order */
struct sec_pairs {
	const char *p;          /**< NULL = standing order               */
	unsigned i;
};

/* ---- sec_client.c ---- */

void sec_pairs_init(struct sec_pairs *it, const struct ue_settings *set);

/** @return 0; ENOENT no more; EINVAL not a pair, or not built */
int  sec_pairs_next(struct sec_pair *pair, struct sec_pairs *it);

/** Bit of a pair in struct ims_sec.offered */
uint16_t sec_pair_bit(const struct sec_pair *pair);

/** The pairs that settings, library and port can do: sec.offered */
uint16_t sec_pairs_usable(const struct ims_reg *reg);

/** Security-Client with what sec.offered says */
void sec_write_client(struct sip_writer *w, const struct ims_reg *reg,
		      const struct ipsec_offer *offer);

/* ---- sec_server.c ---- */

/** Keep the Security-Server fields of a response.  @return 0; ENOENT none;
 *  EOVERFLOW; EBADMSG control characters */
int  sec_server_keep(char dst[UE_SEC_SERVER_MAX], const struct sip_msg *msg);

/** Choose from them.  offer: our own values; NULL: only the algorithms count.
 *  @return 0; ENOENT nothing that was offered */
int  sec_server_choose(struct ims_sec_choice *choice,
		       const struct sip_msg *msg, uint16_t offered,
		       const struct ipsec_offer *offer);

/** Security-Verify: the same again, octet by octet */
void sec_write_verify(struct sip_writer *w, const char *kept);

#endif

#endif
