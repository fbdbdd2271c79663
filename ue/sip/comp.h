/**
 * @file comp.h  SigComp between the UE and its P-CSCF (RFC 3486, RFC 5049,
 *               TS 24.229 8.1)
 *
 * One endpoint with one compartment, behind struct sip_filter of the hops to
 * one P-CSCF. Datagrams are told apart one by one, connections by their first
 * octet (RFC 5049 s5). Failures of decompression are answered by a NACK
 * (RFC 4077), unless it was for want of room in the store, which passes:
 * then a datagram is lost, a connection ends.  A NACK on a connection is
 * answered by the message once more, or its request fails.  A connection ends
 * that brings one message in vain after the other in one piece.
 */
#ifndef SIP_COMP_H
#define SIP_COMP_H

#include "ue/sip/sip.h"

#if UE_SIGCOMP
#include "sigcomp/sigcomp.h"

/** Parameters of the endpoint (RFC 3320 s3.3.1) */
struct sip_comp_params {
	uint32_t dms;           /**< 8192 * 2^n up to SIGCOMP_DMS;
				 *   0 = SIGCOMP_DMS                     */
	uint32_t sms;           /**< 2048 * 2^n up to SIGCOMP_SMS;
				 *   0 = SIGCOMP_SMS                     */
	uint32_t cpb;           /**< 16, 32, 64, 128; 0 = 16             */
};

/** A message sent, remembered until others take its place */
struct sip_comp_sent {
	uint64_t text;          /**< hash; 0 = unused                    */
	uint64_t key;           /**< request: its branch; response: of its
				 *   server transaction, 0 = none        */
	uint32_t handle;        /**< of the last compressed copy; 0      */
	uint8_t method;         /**< request: enum sip_method            */
	bool request;
	bool twice;             /**< more than one copy was sent         */
	uint8_t nacks;          /**< 0xff: too long for the peer: plain  */
};

/** What a connection carries */
struct sip_comp_flow {
	uint8_t gen;            /**< of struct sip_flow                  */
	uint8_t mode;           /**< unknown, plain, SigComp: comp.c     */
	uint8_t quoted;         /**< as in struct sigcomp_stream         */
	bool ff : 1;
	bool skip : 1;          /**< to the end of a message too long    */
};

/** Counters; all wrap */
struct sip_comp_stats {
	uint32_t tx_compressed;
	uint32_t rx_compressed; /**< decompressed                        */
	uint32_t rx_failed;     /**< could not be decompressed           */
	uint32_t nacks_sent;
	uint32_t nacks_received;
};

/** Private, but for filter and stats */
struct sip_comp {
	struct sip *sip;
	bool willing;           /**< the peer wants compressed requests  */
	uint8_t last;           /**< flow of the last compressed message */
	uint8_t sent_next;      /**< place of the next one in sentv      */
	uint8_t vain;           /**< messages of the piece, and no SIP   */
	uint8_t *rest;          /**< of the piece being decoded          */
	size_t rest_len;
	size_t wire_len;        /**< of the message so far               */

	/* pinned in sip->store: what was received, until it has been read,
	   and what is being sent */
	struct sip_stored text; /**< decompressed                        */
	struct sip_stored wire; /**< compressed                          */

	struct ue_addr peer;    /**< family 0 = closed                   */
	struct sip_filter filter;
	struct sip_comp_params prm;
	struct sip_comp_stats stats;

	union {
		struct sip_via via;
		struct sip_addr addr;
	} scratch;
	struct sip_comp_sent sentv[UE_COMP_SENT];
	struct sip_comp_flow flowv[UE_FLOWS_MAX];
	char via_params[128];
	struct sigcomp_storage st;
};

/**
 * Begin: closed, plain traffic passes
 *
 * @param comp  Overwritten
 * @param sip   SIP core; must outlive it
 * @param prm   Copied
 *
 * @return 0; EINVAL a parameter
 */
int  sip_comp_init(struct sip_comp *comp, struct sip *sip,
		   const struct sip_comp_params *prm);

/**
 * Open the compartment, empty; one that was open is closed. The user then
 * sets hop->filter of each hop to that P-CSCF to &comp->filter.
 *
 * @param peer      P-CSCF: others leave no state and earn no NACK
 * @param instance  Value of sigcomp-id (RFC 5049 s9.1): a URN
 * @param willing   Compress requests from the first one on; else when the
 *                  P-CSCF has shown comp=sigcomp or SigComp itself
 *
 * @return 0; EOVERFLOW instance is too long; EINVAL
 */
int  sip_comp_open(struct sip_comp *comp, const struct ue_addr *peer,
		   const char *instance, bool willing);

/** Close the compartment: all state is gone (TS 24.229 8.1.1) */
void sip_comp_close(struct sip_comp *comp);

bool sip_comp_is_open(const struct sip_comp *comp);

#endif

#endif
