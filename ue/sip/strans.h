/**
 * @file strans.h  Server transactions: the struct.  Functions: sip.h
 */
#ifndef SIP_STRANS_H
#define SIP_STRANS_H

#include "ue/sip/sip.h"

/** States of RFC 3261 figure 8 and RFC 6026 figure 7 */
enum sip_strans_state {
	SIP_ST_FREE = 0,        /**< Terminated                          */
	SIP_ST_TRYING,          /**< not INVITE                          */
	SIP_ST_PROCEEDING,
	SIP_ST_ACCEPTED,        /**< INVITE: 2xx                         */
	SIP_ST_COMPLETED,
	SIP_ST_CONFIRMED        /**< INVITE: ACK to 300-699              */
};

/** Private */
struct sip_strans {
	uint8_t state;          /**< enum sip_strans_state               */
	uint8_t method;         /**< enum sip_method                     */
	uint8_t transport;      /**< enum ue_transport                   */
	int8_t flow;            /**< over which the request came         */
	uint8_t flow_gen;
	bool to_tag;            /**< the request had a To tag            */
	bool unsent;            /**< TCP: not yet taken by the port      */
	bool cancelled;
	bool trying_sent;       /**< a 100 was sent                      */
	bool acked;             /**< the ACK to the 2xx has come         */
	struct sip *sip;
	struct sip_hop *hop;
	sip_strans_h *h;
	void *arg;
	uint32_t merge;         /**< hash of From tag, Call-ID, CSeq     */
	uint32_t tag;           /**< own To tag                          */
	uint32_t interval_ms;   /**< of retry                            */
	/** What every response copies from the request, as a 100 */
	struct sip_stored msg;
	struct sip_stored resp; /**< last response                       */
	struct ue_addr dst;     /**< where responses go (18.2.2)         */
	/** Branch, sent-by (RFC 3261 17.2.3) as a 64-bit hash: two that
	 *  collide cost their sender an answer, nobody else */
	uint64_t key;
	struct ue_timer retry;  /**< 100; G; a 2xx                       */
	struct ue_timer end;    /**< H, I, J, L                          */
};

#endif
