/**
 * @file ipsec_config.h  Choices and capacities of the IPsec library
 *
 * Each value can be given on the compiler's command line, or by a header that
 * -DUE_CONFIG_FILE='"my_config.h"' names; the caller is compiled with the same
 * ones.  Costs are those of a Cortex-M3 at -Os; RAM is counted for all three
 * sets together.
 */
#ifndef IPSEC_CONFIG_H
#define IPSEC_CONFIG_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/** hmac-md5-96: 1 built, 0 left out.  Deprecated by TS 33.203, still offered
 *  by older networks and asked for by conformance tests.
 *  Cost: about 150 bytes of flash (and MD5 itself), no RAM */
#ifndef IPSEC_MD5
#define IPSEC_MD5 1
#endif

/** des-ede3-cbc: 1 built, 0 left out.
 *  Cost: about 150 bytes of flash (and DES itself), 600 bytes of RAM */
#ifndef IPSEC_3DES
#define IPSEC_3DES 1
#endif

/** aes-gcm and aes-gmac: 1 built, 0 left out.
 *  Cost: about 1,100 bytes of flash, no RAM while 3DES is built */
#ifndef IPSEC_GCM
#define IPSEC_GCM 1
#endif

/** Range of the UE's protected ports, both ends included.  Nothing else may
 *  use these ports: packets from or to them are never handled in the clear.
 *  Range: 8 ports or more within 1024..65535; not 5060 and 5061.
 *  Cost: none */
#ifndef IPSEC_PORT_MIN
#define IPSEC_PORT_MIN 31000
#endif
#ifndef IPSEC_PORT_MAX
#define IPSEC_PORT_MAX 31999
#endif

/** Most IPv6 extension headers in one packet, 1..32; a packet with more is
 *  malformed.  Cost: none, bounds the work for each packet */
#ifndef IPSEC_EXT_HEADERS_MAX
#define IPSEC_EXT_HEADERS_MAX 8
#endif

#if IPSEC_PORT_MIN < 1024 || IPSEC_PORT_MAX > 65535
#error "IPSEC_PORT_MIN..IPSEC_PORT_MAX must lie within 1024..65535"
#endif
#if IPSEC_PORT_MAX - IPSEC_PORT_MIN < 7
#error "IPSEC_PORT_MIN..IPSEC_PORT_MAX: three sets need eight ports or more"
#endif
#if IPSEC_PORT_MIN <= 5061 && IPSEC_PORT_MAX >= 5060
#error "IPSEC_PORT_MIN..IPSEC_PORT_MAX must leave out 5060 and 5061"
#endif
#if IPSEC_EXT_HEADERS_MAX < 1 || IPSEC_EXT_HEADERS_MAX > 32
#error "IPSEC_EXT_HEADERS_MAX must be 1..32"
#endif

#endif
