/**
 * @file net_msrp_core.h  Between net_msrp.c and net_msrp_recv.c
 */
#ifndef SIM_NET_MSRP_CORE_H
#define SIM_NET_MSRP_CORE_H

#include <stdarg.h>
#include "test/sim/net_msrp.h"

struct sim *net_msrp_sim(const struct net_msrp *nm);
void net_msrp_wrong(struct net_msrp *nm, const char *why);
/** Text to the UE */
void net_msrp_put(struct net_msrp *nm, int conn, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Begin a transaction.  @return false: too many */
bool net_msrp_trans(struct net_msrp *nm, char tid[16],
		    struct net_msrp_session *s, struct net_msrp_out *out);
void net_msrp_bound(struct net_msrp *nm, struct net_msrp_session *s, int conn);
void net_msrp_answered(struct net_msrp *nm, struct net_msrp_out *o,
		       unsigned status);
/** We give a connection up */
void net_msrp_close(struct net_msrp *nm, unsigned conn);

void net_msrp_data_h(unsigned conn, uint8_t *data, size_t len, void *arg);

#endif
