/**
 * @file fault_wrap.c  A store and tables that are full on demand: what the
 * linker puts in front of them (UNIT_WRAP in the Makefile)
 */
#include <errno.h>
#include "test/sim/world.h"
#include "ue/services/conference_core.h"
#include "ue/services/session_core.h"

static bool fails(enum sim_fault_kind kind)
{
	return sim_fails(&world.u.fault, kind);
}


/* ------------------------------------------------------------------ */
/* The store: st is the second argument */


static bool is_full(struct sip_store *st)
{
	if (!fails(SIM_FAULT_STORE))
		return false;

	++st->failed;

	return true;
}


#define STORE(name, full, types, args)					\
int __real_##name types;						\
int __wrap_##name types;						\
int __wrap_##name types							\
{									\
	if (!is_full(st))						\
		return __real_##name args;				\
	full;								\
									\
	return ENOMEM;							\
}

STORE(sip_store_alloc, sip_store_free(st, m),
      (struct sip_stored *m, struct sip_store *st, size_t len, size_t leave),
      (m, st, len, leave))
STORE(sip_store_put, sip_store_free(st, m),
      (struct sip_stored *m, struct sip_store *st, const void *data,
       size_t len), (m, st, data, len))
STORE(sip_store_alloc_most, sip_store_free(st, m),
      (struct sip_stored *m, struct sip_store *st, size_t min, size_t max),
      (m, st, min, max))
STORE(sip_store_append, (void)m,
      (struct sip_stored *m, struct sip_store *st, const void *data,
       size_t len), (m, st, data, len))
STORE(sip_store_page_alloc, (void)page,
      (uint8_t *page, struct sip_store *st, size_t leave), (page, st, leave))


/* ------------------------------------------------------------------ */
/* Tables */


#define TABLE(type, none, name, types, args)				\
type __real_##name types;						\
type __wrap_##name types;						\
type __wrap_##name types						\
{									\
	return fails(SIM_FAULT_TABLE) ? none : __real_##name args;	\
}

TABLE(int, ENOMEM, sip_ctrans_start,
      (struct sip_ctrans **ctp, struct sip *sip, struct sip_hop *base,
       sip_response_h *h, void *arg), (ctp, sip, base, h, arg))
TABLE(int, ENOMEM, refer_send,
      (struct refer **rfp, struct refers *rs, const struct refer_params *prm,
       refer_h *h, void *arg), (rfp, rs, prm, h, arg))
TABLE(int, ENOMEM, msrp_session_open,
      (struct msrp_session **sp, struct msrp *m, const char *self, void *arg),
      (sp, m, self, arg))
TABLE(int, ENOMEM, msrp_send,
      (struct msrp_out **op, struct msrp_session *s, uint64_t now_ms,
       const struct msrp_msg *msg), (op, s, now_ms, msg))
TABLE(struct ue_conf *, NULL, conf_new,
      (struct confs *cs, enum ue_conf_state state, const char *uri,
       const struct ue_conf_params *prm), (cs, state, uri, prm))
TABLE(struct session *, NULL, session_alloc, (struct sessions *ss), (ss))
TABLE(struct file *, NULL, file_new, (struct files *fs), (fs))
TABLE(struct messaging_out *, NULL, messaging_out_new,
      (struct messaging *mg), (mg))
