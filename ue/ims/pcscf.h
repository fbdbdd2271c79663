/**
 * @file pcscf.h  P-CSCFs of the UE: names and addresses in order, which one
 * is tried next (TS 24.229 9.2.1, 5.1.1.2.1; RFC 3263)
 */
#ifndef IMS_PCSCF_H
#define IMS_PCSCF_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/ue_port.h"

/** One address to try */
struct ims_pcscf {
	struct ue_addr addr;
	/** Transport that its name asked for, 0 = either */
	uint8_t transport;
	bool tried;             /**< failed in this round                */
	bool stale;             /**< of the round before, not yet found
				 *   again                               */
	uint64_t not_before_ms; /**< Retry-After                         */
};

/** All of them.  Entries of the settings are turned into addresses one after
 *  the other, when they are needed */
struct ims_pcscfs {
	const char *const *namev;       /**< settings; ends with NULL    */
	unsigned next_name;             /**< first one not yet turned    */
	unsigned count;
	int8_t current;                 /**< index, -1 = none            */
	struct ims_pcscf v[UE_PCSCF_MAX];
};

/** A new list; nothing is tried yet */
void ims_pcscfs_init(struct ims_pcscfs *ps, const char *const *namev);

/** Begin a new round: every address may be tried again, names are looked up
 *  again */
void ims_pcscfs_restart(struct ims_pcscfs *ps);

/**
 * Choose the next address of this round
 *
 * @param name  Result on EAGAIN: the name to look up, host[:port]
 *
 * @return 0 ps->current is it; EAGAIN a name must be looked up first:
 *         ims_pcscfs_add() for each of its addresses, then again; ENOENT
 *         this round is over
 */
int  ims_pcscfs_next(struct ims_pcscfs *ps, uint64_t now_ms,
		     const char **name);

/** Is there another one in this round? */
bool ims_pcscfs_more(const struct ims_pcscfs *ps, uint64_t now_ms);

/** Add an address; one that is already there keeps its marks.  A full list
 *  drops one that was tried, or does not take it */
void ims_pcscfs_add(struct ims_pcscfs *ps, const struct ue_addr *addr,
		    enum ue_transport transport);

/** The current one has failed; retry_after_ms 0 = none was given */
void ims_pcscfs_failed(struct ims_pcscfs *ps, uint64_t now_ms,
		       uint64_t retry_after_ms);

/** The current one works: a new round begins when it fails */
void ims_pcscfs_good(struct ims_pcscfs *ps);

/** Milliseconds until the first address may be tried (Retry-After) */
uint64_t ims_pcscfs_wait_ms(const struct ims_pcscfs *ps, uint64_t now_ms);

/** Split `host`, `host:port`, `1.2.3.4:port`, `[v6]:port` or a bare IPv6
 *  address.
 *
 * @param addr  Result: the address, port 5060 where none is given; family 0
 *              when it is a name (then only the port counts, 0 = none given)
 *
 * @return 0, EINVAL
 */
int  ims_pcscf_decode(struct ue_addr *addr, const char *text);

#endif
