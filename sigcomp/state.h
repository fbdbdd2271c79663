/**
 * @file state.h  State handler, private interface
 */
#ifndef SIGCOMP_STATE_H
#define SIGCOMP_STATE_H

#include "sigcomp/udvm.h"

/** Head of a record in an arena; state_value follows, padded to four bytes */
struct sigcomp_record {
	uint32_t age;       /* greater: created or refreshed later */
	uint16_t len;
	uint16_t addr;
	uint16_t instr;
	uint16_t minacc;
	uint16_t prio;
	uint8_t id[SIGCOMP_ID_LEN];
};

static inline uint32_t sigcomp_record_size(uint32_t len)
{
	return (uint32_t)sizeof(struct sigcomp_record) + ((len + 3) & ~3u);
}


void sigcomp_state_create(struct sigcomp *sc,
			  struct sigcomp_compartment *comp,
			  const struct sigcomp_request *req);
void sigcomp_state_free(struct sigcomp *sc, struct sigcomp_compartment *comp,
			const struct sigcomp_request *req);
bool sigcomp_state_may_share(const struct sigcomp_compartment *comp,
			     size_t len);
void sigcomp_state_share(struct sigcomp_compartment *comp,
			 const uint8_t *text, size_t len);
void sigcomp_state_shared(struct sigcomp_compartment *comp, uint32_t age);
void sigcomp_state_clear(struct sigcomp_compartment *comp);

#endif
