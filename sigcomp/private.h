/**
 * @file private.h  What the files of the library tell each other
 */
#ifndef SIGCOMP_PRIVATE_H
#define SIGCOMP_PRIVATE_H

#include "sigcomp/sigcomp.h"

struct udvm;

enum { SIGCOMP_TAG = 0x100 };   /* a number 0..255 is meant */

/* header.c */
uint32_t sigcomp_load(struct udvm *u, const uint8_t *msg, uint32_t len,
		      bool stream);
uint32_t sigcomp_item_len(const uint8_t *p, size_t len);

/* compartment.c */
void sigcomp_feedback(struct sigcomp *sc, struct sigcomp_compartment *comp);
uint8_t sigcomp_param_byte(uint32_t cpb, uint32_t dms, uint32_t sms);

/* nack.c */
int sigcomp_nack_read(struct sigcomp_result *res, struct sigcomp *sc,
		      const uint8_t *p, size_t len, uint32_t version);

/* ledger.c: what the peer has */
void sigcomp_ledger_update(struct sigcomp_compartment *comp);
void sigcomp_ledger_doubt(struct sigcomp_compartment *comp,
			  const struct sigcomp_ledger *y);
void sigcomp_ledger_clear(struct sigcomp_compartment *comp, uint32_t handle);
void sigcomp_ledger_again(struct sigcomp_compartment *comp, uint32_t handle);
void sigcomp_ledger_add(struct sigcomp_compartment *comp,
			const struct sigcomp_save *save, uint16_t tag,
			bool ordered);
void sigcomp_ledger_free(struct sigcomp_compartment *comp, uint8_t slots);
void sigcomp_ledger_settle(struct sigcomp_compartment *comp, uint32_t handle,
			   bool created);
void sigcomp_ledger_missing(struct sigcomp_compartment *comp,
			    const uint8_t *id, size_t len);
uint32_t sigcomp_ledger_newest(const struct sigcomp_compartment *comp);
bool sigcomp_ledger_held(const struct sigcomp_compartment *comp);
void sigcomp_ledger_lost(struct sigcomp_compartment *comp, uint16_t tag);
unsigned sigcomp_ledger_tags(const struct sigcomp_compartment *comp,
			     uint8_t *tag);

/* policy.c */
void sigcomp_policy_returned(struct sigcomp_compartment *comp,
			     const uint8_t *item, size_t len);
void sigcomp_policy_heard(struct sigcomp *sc,
			  struct sigcomp_compartment *comp);
void sigcomp_policy_refused(struct sigcomp_compartment *comp,
			    const struct sigcomp_sent *sent,
			    enum sigcomp_reason reason,
			    const uint8_t *detail, size_t len);

#endif
