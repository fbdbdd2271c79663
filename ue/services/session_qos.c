/**
 * @file session_qos.c  Preconditions: resources for quality of service (RFC
 * 3312, RFC 4032; TS 24.229 6.1)
 *
 * We are called: both sides have their resources before the user is alerted
 *
 *   state      event           action                                next
 *   ------------------------------------------------------------------------
 *   UNACKED    PRACK           200                                   NONE
 *              PRACK ready     200                                   REMOTE
 *              ready           - (told after the PRACK)              UNACKED*
 *   UNACKED*   PRACK           200, UPDATE (RFC 3312 s7)             TELLING
 *              PRACK ready     200 (it tells), 180, tell ALERT       RINGING
 *   UNACKED(*) UPDATE ready    200                                   -
 *              UPDATE none     200                                   -
 *              UPDATE plain    200                                   -
 *              UPDATE without  200                                   -
 *              64*T1           504, tell ENDED (RFC 3262 s3)         GONE
 *   NONE       ready           UPDATE                                TELLING
 *   PLAIN      ready           - (nobody has asked)                  LOCAL
 *   REMOTE     ready           UPDATE                                TELLING*
 *   NONE,      refused         580, tell ENDED (s8)                  GONE
 *   PLAIN,     UPDATE ready    200                                   REMOTE
 *   REMOTE     UPDATE none     200                                   NONE
 *              UPDATE plain    200                                   PLAIN
 *   LOCAL,     UPDATE ready    200 (it tells), 180, tell ALERT       RINGING
 *   GLARE(*)   UPDATE none     200 (it tells)                        LOCAL
 *              UPDATE plain    200 (it tells)                        LOCAL
 *   NONE,      UPDATE without  200, 180, tell ALERT (s11)            RINGING
 *   PLAIN,
 *   REMOTE,
 *   LOCAL,
 *   GLARE(*)
 *   NONE,      64*T1           580, tell ENDED (s8)                  GONE
 *   PLAIN,
 *   REMOTE,
 *   LOCAL,
 *   TELLING(*)
 *   TELLING    U488            - (RFC 4032 s4: the 180 will tell)    LOCAL
 *              U491            - (RFC 3311 s5.3)                     GLARE
 *   TELLING*   U488            180, tell ALERT (it tells)            RINGING
 *              U491            -                                     GLARE*
 *   TELLING(*) U200            read, 180, tell ALERT                 RINGING
 *              U200 none       read                                  LOCAL
 *              U200 bad        480, tell ENDED                       GONE
 *              U481            480, tell ENDED (RFC 3261 s12.2.1.2)  GONE
 *              UPDATE ready    491 (RFC 3311 s5.2)                   -
 *              UPDATE none     491                                   -
 *              UPDATE plain    491                                   -
 *              UPDATE without  491                                   -
 *   GLARE      back-off        UPDATE                                TELLING
 *   GLARE*     back-off        UPDATE                                TELLING*
 *   RINGING    accept          200                                   ACCEPTED
 *   RINGING,   UPDATE ready    200                                   -
 *   ACCEPTED   UPDATE none     200                                   -
 *              UPDATE plain    200                                   -
 *              UPDATE without  200                                   -
 *   ACCEPTED   64*T1           BYE (no ACK)                          GONE
 *              CANCEL          200                                   -
 *   NONE,      PRACK           481                                   -
 *   PLAIN,     PRACK ready     481                                   -
 *   LOCAL,
 *   REMOTE,
 *   TELLING(*),
 *   GLARE(*),
 *   RINGING,
 *   ACCEPTED
 *   UNACKED(*), CANCEL         200, 487, tell ENDED                  GONE
 *   NONE,
 *   PLAIN,
 *   LOCAL,
 *   REMOTE,
 *   TELLING(*),
 *   GLARE(*),
 *   RINGING
 *
 * UNACKED: our 183 with the answer has no PRACK, UNACKED*: and our resources
 * are there.  Then: NONE: the resources of nobody, and the caller wants to be
 * told of ours; PLAIN: it does not; LOCAL: ours, nothing is to be told;
 * REMOTE: the caller's, who wants to be told; TELLING: our UPDATE is on its
 * way, GLARE: will be again; star: the caller's are there.  ready, refused:
 * ours; UPDATE, PRACK: with an offer of the caller that is ready, or not
 * (none), or does not ask any more (plain), or has no preconditions (without);
 * U: answers to ours.
 *
 * We call: the peer is told when our resources are there, because it waits
 *
 *   state      event           action                                next
 *   ------------------------------------------------------------------------
 *   ANSWERED,  ready           UPDATE (RFC 3312 s6)                  TELLING
 *   QUIET      refused         CANCEL (s8)                           FAILED
 *              UPDATE          200, tell CHANGED                     QUIET
 *              UPDATE conf     200, tell CHANGED                     ANSWERED
 *   ANSWERED   200             ACK, tell ESTABLISHED                 MADE
 *   QUIET      200             ACK, tell ESTABLISHED                 PLAIN
 *   TELLING    U200            read                                  TOLD
 *              U488            CANCEL                                FAILED
 *              U481            CANCEL                                FAILED
 *              U491            -                                     GLARE
 *              200             ACK, tell ESTABLISHED                 LATE
 *   GLARE      back-off        UPDATE                                TELLING
 *              UPDATE          200 (it tells), tell CHANGED          TOLD
 *              UPDATE conf     200 (it tells), tell CHANGED          TOLD
 *              200             ACK, tell ESTABLISHED                 GLARE*
 *   TOLD       UPDATE          200, tell CHANGED                     -
 *              UPDATE conf     200, tell CHANGED                     -
 *              200             ACK, tell ESTABLISHED                 DONE
 *   MADE       ready           UPDATE (s7)                           LATE
 *   MADE,      UPDATE          200, tell CHANGED                     PLAIN
 *   PLAIN      UPDATE conf     200, tell CHANGED                     MADE
 *   LATE       U200            read                                  DONE
 *              U488            - (it does not want to know)          PLAIN
 *              U481            BYE                                   FAILED
 *              U491            -                                     GLARE*
 *   GLARE*     back-off        UPDATE                                LATE
 *              UPDATE          200 (it tells), tell CHANGED          DONE
 *              UPDATE conf     200 (it tells), tell CHANGED          DONE
 *   DONE       UPDATE          200, tell CHANGED                     -
 *              UPDATE conf     200, tell CHANGED                     -
 *   TELLING,   UPDATE          491 (RFC 3311 s5.2)                   -
 *   LATE       UPDATE conf     491                                   -
 *   MADE,      200             ACK (it has come again)               -
 *   PLAIN,
 *   LATE,
 *   GLARE*,
 *   DONE
 *   ANSWERED,  rel             PRACK                                 -
 *   QUIET,
 *   TELLING,
 *   GLARE,
 *   TOLD
 *
 * ANSWERED: by a reliable 1xx with a=conf, QUIET: without; MADE, PLAIN: and
 * then by a 2xx; TELLING, LATE: our UPDATE is under way, GLARE, GLARE*: will
 * be again, before and after the 2xx.  UPDATE: of the peer, conf: that asks to
 * be told.  Any other pair of state and event: nothing.
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
