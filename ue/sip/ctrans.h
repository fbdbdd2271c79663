/**
 * @file ctrans.h  Client transactions: the struct.  Functions: sip.h
 */
#ifndef SIP_CTRANS_H
#define SIP_CTRANS_H

#include "ue/sip/sip.h"

/** States of RFC 3261 figures 5 and 6 and RFC 6026 figure 5 */
enum sip_ctrans_state {
	SIP_CT_FREE = 0,        /**< Terminated                          */
	SIP_CT_CALLING,         /**< INVITE                              */
	SIP_CT_TRYING,          /**< others                              */
	SIP_CT_PROCEEDING,
	SIP_CT_ACCEPTED,        /**< INVITE: 2xx                         */
	SIP_CT_COMPLETED
};

/** Private */
struct sip_ctrans {
	uint8_t state;          /**< enum sip_ctrans_state               */
	uint8_t method;         /**< enum sip_method                     */
	uint8_t transport;      /**< enum ue_transport                   */
	bool unsent;            /**< TCP: not yet taken by the port      */
	bool switched;          /**< TCP only because of the size        */
	bool cancel;            /**< CANCEL wanted, not yet sent         */
	bool cancelled;         /**< CANCEL sent                         */
	bool far;               /**< sip_ctrans_far()                    */
	struct sip *sip;
	struct sip_hop *hop;
	sip_response_h *h;      /**< NULL = nobody (any more)            */
	void *arg;
	uint32_t interval_ms;   /**< of retry                            */
	int err;                /**< transport error to be reported      */
	struct sip_stored req;  /**< request; INVITE: then its ACK       */
	uint64_t key;           /**< the random part of the branch       */
	struct ue_timer retry;  /**< A, E; TCP: when to try to send      */
	struct ue_timer end;    /**< B, D, F, K, M; the end of a cancel  */
};

#endif
