/**
 * @file stun.h  STUN Binding as a keep-alive over UDP (RFC 5626 3.5.2, 4.4.2,
 *               RFC 5389)
 */
#ifndef SIP_STUN_H
#define SIP_STUN_H

#include "ue/ue_port.h"

#define SIP_STUN_HEADER 20
#define SIP_STUN_ID 12

/** A Binding request without attributes; id: 12 random octets */
void sip_stun_request(uint8_t req[SIP_STUN_HEADER],
		      const uint8_t id[SIP_STUN_ID]);

/** Is it STUN and not SIP?  (RFC 5626 8: the first two bits and the cookie) */
bool sip_stun_is(const void *data, size_t len);

/**
 * Read the answer to a request
 *
 * @param mapped  Result: own address as the peer sees it; family 0 where the
 *                answer does not say it
 * @param id      Of the request
 *
 * @return 0; ENOENT not an answer to this request; EACCES an error response;
 *         EBADMSG
 */
int  sip_stun_response(struct ue_addr *mapped, const void *data, size_t len,
		       const uint8_t id[SIP_STUN_ID]);

#endif
