/**
 * @file ipsec/esp.h  One ESP packet (RFC 4303).  Internal
 */
#ifndef IPSEC_ESP_H
#define IPSEC_ESP_H

#include "ipsec/packet.h"
#include "ipsec/transform.h"

/*
 * Lengths
 */

/** How an outbound packet will look */
struct ipsec_plan {
	size_t pad;             /**< padding octets                        */
	size_t text;            /**< payload, padding and the two octets   */
	size_t total;           /**< whole packet                          */
};

/**
 * Plan an outbound packet
 *
 * @param plan     Result
 * @param shape    Lengths of the algorithms
 * @param ip       The packet's headers
 * @param head     Free octets before the packet
 * @param tail     Free octets after its last one
 *
 * @return 0; EOVERFLOW no room, or longer than IP allows
 */
int ipsec_plan_out(struct ipsec_plan *plan, const struct ipsec_shape *shape,
		   const struct ipsec_ip *ip, size_t head, size_t tail);

/**
 * Length of the text in an inbound ESP packet
 *
 * @param textp  Result: at least 4
 * @param shape  Lengths of the algorithms
 * @param len    Octets from the ESP header to the end of the packet
 *
 * @return 0; EBADMSG
 */
int ipsec_text_len(size_t *textp, const struct ipsec_shape *shape,
		   size_t len);

/**
 * Length of the payload in a decrypted text, its padding checked
 *
 * @param payloadp  Result
 * @param text      Text
 * @param len       Its length, at least 2
 *
 * @return 0; EBADMSG
 */
int ipsec_payload_len(size_t *payloadp, const uint8_t *text, size_t len);

/** Write padding, pad length and next header behind a payload */
void ipsec_trailer(uint8_t *p, size_t pad, uint8_t next);


/*
 * Packets
 */

/** Protect a packet.  IPSEC_DROP_NONE if all went well */
enum ipsec_drop ipsec_esp_seal(struct ipsec_packet *pkt,
			       const struct ipsec_ip *ip,
			       struct ipsec_set *set, struct ipsec_sa *sa,
			       ipsec_random_h *randomh, void *arg);

/** Check and unwrap an ESP packet.  IPSEC_DROP_NONE if all went well */
enum ipsec_drop ipsec_esp_open(struct ipsec_packet *pkt,
			       const struct ipsec_ip *ip,
			       struct ipsec_set *set, struct ipsec_sa *sa);

#endif
