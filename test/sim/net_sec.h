/**
 * @file net_sec.h  The network's side of security agreement and associations
 * (TS 33.203 6, 7; RFC 3329): a P-CSCF as the UE sees it
 *
 * It is strict: the first rule that the UE breaks is told in `wrong`, and
 * what comes without its association, or to a protected port in the clear, is
 * dropped and counted.
 */
#ifndef SIM_NET_SEC_H
#define SIM_NET_SEC_H

#include "test/sim/sim.h"

#define NET_SETS 8

/** Protected server port of each P-CSCF; client ports count up from it */
#define NET_PORT_PS 6100

enum net_set_state {
	NET_SET_FREE = 0,
	NET_SET_TEMPORARY,
	NET_SET_CURRENT,
	NET_SET_OLD,
	NET_SET_VOID            /**< was temporary: a last answer        */
};

struct net_set {
	uint8_t state;          /**< enum net_set_state                  */
	int pcscf;
	struct sim_set sa;
	uint64_t gone_ms;       /**< end of its life, UINT64_MAX = open  */
	bool heard;             /**< a request came over it since it is current */
	char client[1300];      /**< Security-Client of the challenged one */
	char server[1500];      /**< Security-Server                     */
};

/** What is wrong with the Security-Server of the next challenges */
enum net_sec_fault {
	NET_SEC_GOOD = 0,
	NET_SEC_NONE,           /**< it is missing                       */
	NET_SEC_UNKNOWN,        /**< an algorithm that nobody knows      */
	NET_SEC_NOT_OFFERED,    /**< a pair that the UE has not offered  */
	NET_SEC_NO_PORT,        /**< port-s is missing                   */
	NET_SEC_BAD_SPI,        /**< SPI 0                               */
	NET_SEC_OWN_SPI,        /**< the UE's own SPI                    */
	NET_SEC_KEYS,           /**< IK of another subscriber            */
	/* attacks (RFC 3329 5): what the UE sends or gets is not what the
	   P-CSCF gets or sends */
	NET_SEC_WEAK_CLIENT,    /**< only the last mechanism of Security-Client
				 *   has arrived                         */
	NET_SEC_WEAK_SERVER     /**< the stronger mechanism was taken out of
				 *   Security-Server                     */
};

struct net_sec {
	bool on;

	/* what it does; set by tests */
	const char *alg;        /**< NULL = the first pair of the offer  */
	const char *ealg;
	const char *other;      /**< further mechanisms, before ours     */
	const char *q;          /**< ";q=0.9" or ""                      */
	enum net_sec_fault fault;
	unsigned faults;        /**< so many challenges                  */
	bool ps_to_uc;          /**< answers over SA 2, not SA 3         */
	bool patient;           /**< requests go over the old set until the
				 *   new one was used                    */
	bool no_494;            /**< a mismatch is answered 403          */

	/* what it knows */
	struct net_set setv[NET_SETS];
	struct net_set *in;     /**< over which the message came; NULL: clear */
	uint32_t count;

	/* what it saw */
	const char *wrong;      /**< NULL = nothing                      */
	unsigned clear;         /**< messages in the clear               */
	unsigned protected_;
	unsigned mismatches;    /**< Security-Client or -Verify          */
	unsigned esp_dropped;
	unsigned clear_dropped;
	unsigned on_old;        /**< messages over an old set            */
};

#endif
