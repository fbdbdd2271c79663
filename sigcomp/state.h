/**
 * @file state.h  State handler, private interface
 */
#ifndef SIGCOMP_STATE_H
#define SIGCOMP_STATE_H

#include "sigcomp/udvm.h"

void sigcomp_state_create(struct sigcomp *sc,
			  struct sigcomp_compartment *comp,
			  const struct sigcomp_request *req);
void sigcomp_state_free(struct sigcomp *sc, struct sigcomp_compartment *comp,
			const struct sigcomp_request *req);
void sigcomp_state_clear(struct sigcomp_compartment *comp);
int  sigcomp_state_share(struct sigcomp *sc, struct sigcomp_compartment *comp,
			 const uint8_t *text, size_t len);

#endif
