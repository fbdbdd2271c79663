/**
 * @file session_qos.c  Preconditions: resources for quality of service (RFC
 * 3312, RFC 4032; TS 24.229 6.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/services/session_core.h"


static bool has_reserve(const struct session *s)
{
	const struct ue *ue = s->all->ue;

	return ue->set->preconditions && ue->port->qos_reserve;
}


void session_qos_init(struct session *s)
{
	memset(&s->qos, 0, sizeof(s->qos));
	s->qos.des_local = SDESC_SENDRECV;
	s->qos.des_remote = SDESC_SENDRECV;
	s->qos.strength_local = SDESC_STRENGTH_MANDATORY;
	s->qos.strength_remote = SDESC_STRENGTH_OPTIONAL;

	/* RFC 4032 s2: resources that need no reservation are there */
	if (!has_reserve(s)) {
		s->qos.curr_local = SDESC_SENDRECV;
		s->reserve = SESSION_RESERVE_DONE;
	}
}


int session_qos_take(struct session *s, const struct sdesc_media *m,
		     bool offer)
{
	struct sdesc_qos theirs, q;
	int err;

	s->confirm = false;
	err = sdesc_qos_decode(&theirs, m);
	if (err == ENOENT) {
		/* s11: a peer that does not know them, or does not want them
		   any more */
		s->preconditions = false;
		return 0;
	}
	if (err)
		return offer ? err : 0;

	sdesc_qos_reverse(&q, &theirs);
	s->preconditions = true;
	s->qos.curr_remote = q.curr_remote;

	/* s5.1.2: a strength may be raised, not lowered.  Who is called is
	   not to be alerted before both sides are ready */
	if (q.strength_remote > s->qos.strength_remote)
		s->qos.strength_remote = q.strength_remote;
	if (!s->uac)
		s->qos.strength_remote = SDESC_STRENGTH_MANDATORY;

	/* s7: ask to be told, and tell who asks */
	s->qos.conf_remote = !s->uac && !sdesc_qos_met(&s->qos) &&
		s->qos.curr_remote != SDESC_SENDRECV ? SDESC_SENDRECV : 0;
	s->confirm = theirs.conf_remote;

	return 0;
}


bool session_qos_tells(const struct session *s)
{
	/* s6: who is called waits for the caller, whether he asks or not */
	return s->preconditions && s->described &&
		s->told != s->qos.curr_local &&
		(s->confirm || s->state == SESSION_EARLY);
}


void session_reserve(struct session *s)
{
	const struct ue_port *port = s->all->ue->port;

	if (!s->preconditions || s->reserve != SESSION_RESERVE_NONE)
		return;

	s->reserve = SESSION_RESERVE_PENDING;
	s->reserved_port = true;
	if (port->qos_reserve(port->arg, session_id(s))) {
		s->reserved_port = false;
		sessions_reserved(s->all, session_id(s), EBUSY);
	}
}


void sessions_reserved(struct sessions *ss, unsigned id, int err)
{
	struct session *s = session_by_id(ss, id);

	if (!s || s->reserve != SESSION_RESERVE_PENDING)
		return;

	s->reserve = err ? SESSION_RESERVE_FAILED : SESSION_RESERVE_DONE;
	if (!err)
		s->qos.curr_local = SDESC_SENDRECV;

	if (!err || s->state == SESSION_INCOMING) {
		session_todo(s, SESSION_TODO_NEXT);
	}
	else if (s->state == SESSION_CALLING || s->state == SESSION_EARLY) {
		/* s8 */
		session_because(s, EBUSY, 0, "resources refused");
		session_todo(s, SESSION_TODO_END);
	}
}
