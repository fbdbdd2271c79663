/**
 * @file ipsec/packet.h  IPv4 and IPv6 headers.  Internal
 */
#ifndef IPSEC_PACKET_H
#define IPSEC_PACKET_H

#include "ipsec/ipsec.h"

enum {
	IPSEC_PROTO_HOPOPTS  = 0,
	IPSEC_PROTO_TCP      = 6,
	IPSEC_PROTO_UDP      = 17,
	IPSEC_PROTO_ROUTING  = 43,
	IPSEC_PROTO_FRAGMENT = 44,
	IPSEC_PROTO_ESP      = 50,
	IPSEC_PROTO_NONE     = 59,
	IPSEC_PROTO_DSTOPTS  = 60
};

/** What the headers of a packet say; offsets from its first octet */
struct ipsec_ip {
	const uint8_t *src;     /**< addresses in the packet               */
	const uint8_t *dst;
	uint8_t family;         /**< 4 or 6                                */
	uint8_t proto;          /**< first header that is no extension     */
	bool fragment;          /**< a part of a datagram                  */
	bool has_ports;         /**< UDP or TCP, ports to be seen          */
	uint16_t sport;
	uint16_t dport;
	size_t len;             /**< of the packet by its own header       */
	size_t upper;           /**< where `proto` starts                  */
	size_t upper_nh;        /**< where its number stands               */
	size_t cut;             /**< where ESP is inserted                 */
	size_t cut_nh;          /**< where its number will stand           */
};

/**
 * Decode the headers
 *
 * @param ip   Result; points into the packet
 * @param p    Packet
 * @param len  Octets there, at least those that its header says
 *
 * @return 0; EBADMSG
 */
int ipsec_ip_decode(struct ipsec_ip *ip, const uint8_t *p, size_t len);

/**
 * Write total length and protocol into the headers
 *
 * @param p      Packet with sound headers
 * @param len    New length of the whole packet
 * @param nh     Where the protocol number stands
 * @param proto  New protocol number
 */
void ipsec_ip_rewrite(uint8_t *p, size_t len, size_t nh, uint8_t proto);

/** Is this the address? */
bool ipsec_ip_equal(const struct ipsec_ip *ip, const uint8_t *p,
		    const struct ipsec_addr *addr);

#endif
