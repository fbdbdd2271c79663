/**
 * @file messaging_relay.c  The UE's MSRP relay (RFC 4976 s5)
 *
 * A URI of the relay is for one session (s5.1), and an offer cannot wait for
 * it: a session is authorised ahead of its need and taken when one begins.
 *
 *   state       event         action                        next
 *   ---------------------------------------------------------------------
 *   IDLE        time          connect                       CONNECTING
 *   CONNECTING  connected     AUTH                          UP
 *               gone          tell LOST                     IDLE
 *   UP          granted       AUTH (answer), tell READY     UP*
 *               403           tell LOST                     REFUSED
 *               no answer     tell LOST                     IDLE
 *   UP*         time          AUTH (the URI's is over)      -
 *               session       AUTH (for the next one)       -
 *   UP(*)       gone          tell LOST                     IDLE
 *   any         unregistered  -                             IDLE
 *
 * UP*: a URI is ready for a session; granted: 401, then 200; gone: the
 * connection, or there was none.  REFUSED lasts as long as the registration.
 * DOWN is left at once.  Another certificate than that of the settings:
 * REFUSED, instead of connected.  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "msrp/uri.h"
#include "ue/ue.h"
#include "ue/ims/text.h"

#if MSRP_RELAY

enum { IDLE = 0, CONNECTING, UP, DOWN, REFUSED };

enum {
	PORT_MSRP     = 2855,           /* RFC 4975 s15.4                */
	WAIT_MIN_MS   = 4000,           /* between two attempts          */
	WAIT_MAX_MS   = 30 * 60 * 1000,
	LEAD_MAX_S    = 60,             /* before the time is over       */
	BOUNDS_MAX    = 2               /* times that 423 is heeded      */
};


static const struct ue_relay *settings(const struct messaging *mg)
{
	return mg->ue->set->messaging ? mg->ue->set->messaging->relay : NULL;
}


int messaging_relay_addr(struct ue_addr *addr, const char *str, bool tls)
{
	const struct pl pl = ims_pl(str);
	struct msrp_uri uri;

	if (msrp_uri_decode(&uri, &pl) || uri.secure != tls ||
	    ue_addr_decode(addr, &uri.host))
		return EINVAL;
	addr->port = uri.port ? uri.port : PORT_MSRP;

	return 0;
}


bool messaging_relay_on(const struct messaging *mg, unsigned conn)
{
	return mg->relay.open && mg->relay.conn == conn;
}


static void down(struct messaging *mg, int err, uint16_t status)
{
	struct messaging_relay *r = &mg->relay;

	r->state  = DOWN;
	r->err    = err;
	r->status = status;
	messaging_wake(mg);
}


void messaging_relay_connected(struct messaging *mg)
{
	struct messaging_relay *r = &mg->relay;

	/* RFC 4976 s9.2: authenticated before it learns anything */
	if (!messaging_shows(mg, r->conn, settings(mg)->sha256))
		down(mg, EACCES, 0);
	else if (r->state == CONNECTING)
		r->state = UP;
	messaging_wake(mg);
}


void messaging_relay_closed(struct messaging *mg, int err)
{
	mg->relay.open = false;
	if (mg->relay.state != DOWN)
		down(mg, err, 0);
}


int messaging_relay_bind(struct messaging *mg, struct messaging_media *md)
{
	return mg->relay.state == UP ?
		msrp_connected(&mg->m, messaging_now(mg), mg->relay.conn,
			       md->ms) : ENOTCONN;
}


/* ------------------------------------------------------------------ */
/* Authorisations */


/** RFC 4976 s5.1: what the relay grants */
static int grant(struct messaging *mg, struct messaging_media *md,
		 const struct pl *use_path, uint32_t expires_s)
{
	const uint32_t lead_s = expires_s / 2 < LEAD_MAX_S ? expires_s / 2
		: LEAD_MAX_S;
	int err;

	if (!expires_s || !use_path->l ||
	    ims_copy(md->use_path, sizeof(md->use_path), use_path))
		return EPROTO;
	err = msrp_session_via(md->ms, use_path);
	if (err)
		return err;

	md->due_ms = messaging_now(mg) + (uint64_t)(expires_s - lead_s) * 1000;
	/* s8: the peer is told the new URI in a new offer */
	md->renew = md->s != NULL;

	return 0;
}


static void auth_h(struct msrp_session *ms, uint16_t status,
		   const struct pl *use_path, uint32_t expires_s, void *arg)
{
	struct messaging *mg = arg;
	struct messaging_relay *r = &mg->relay;
	struct messaging_media *md = msrp_session_arg(ms);

	if (r->state != UP)
		return;

	/* without a bound the relay is to decide */
	if (status == 423 && r->bounds < BOUNDS_MAX) {
		++r->bounds;
		r->auth.expires_s = expires_s;
	}
	else if (status == 200 && !grant(mg, md, use_path, expires_s)) {
		r->wait_ms = 0;
		r->bounds = 0;
		if (!r->told) {
			r->told = r->ready = true;
			r->expires_s = expires_s;
		}
	}
	else {
		down(mg, status == 408 ? ETIMEDOUT :
		     status && status / 100 != 4 ? EPROTO : EACCES, status);
	}
	messaging_wake(mg);
}


/** Is it authorised, and nobody's? */
static bool is_spare(const struct messaging_media *md)
{
	return !md->s && md->ms;
}


struct messaging_media *messaging_relay_take(struct messaging *mg)
{
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS && mg->relay.state == UP; i++) {
		if (is_spare(&mg->mediav[i]) && mg->mediav[i].use_path[0])
			return &mg->mediav[i];
	}

	return NULL;
}


/** Whose AUTH is next?  NULL: nobody's now */
static struct messaging_media *next(struct messaging *mg, uint64_t *due_ms)
{
	struct messaging_media *md, *late = NULL, *room = NULL;
	bool spare = false;
	unsigned i;

	*due_ms = UINT64_MAX;
	for (i = 0; i < MSRP_SESSIONS; i++) {

		md = &mg->mediav[i];
		/* one AUTH at a time (RFC 4976 s9.1) */
		if (md->ms && md->ms->auth)
			return NULL;
		if (!md->s && !md->ms)
			room = md;
		if (is_spare(md))
			spare = true;
		if (!md->ms || md->state == MESSAGING_LOST)
			continue;
		if (md->due_ms <= messaging_now(mg))
			late = md;
		else if (md->due_ms < *due_ms)
			*due_ms = md->due_ms;
	}
	if (late || spare || !room)
		return late;

	return messaging_media_open(mg, room) ? NULL : room;
}


static void authorise(struct messaging *mg, const struct ue_relay *set,
		      uint64_t *due_ms)
{
	struct messaging_relay *r = &mg->relay;
	struct messaging_media *md = next(mg, due_ms);

	if (!md)
		return;

	r->auth.relay    = set->uri;
	r->auth.user     = set->user;
	r->auth.password = set->password;
	r->auth.auth_h   = auth_h;
	r->auth.arg      = mg;
	/* what is full now is not in a second */
	if (msrp_auth(md->ms, messaging_now(mg), r->conn, &r->auth))
		*due_ms = messaging_now(mg) + 1000;
}


/* ------------------------------------------------------------------ */
/* The connection */


static void begin(struct messaging *mg, const struct ue_relay *set)
{
	struct messaging_relay *r = &mg->relay;
	struct ue_addr addr;
	int err;

	(void)messaging_relay_addr(&addr, set->uri, messaging_secure(mg));
	r->auth.expires_s = set->expires_s;
	r->bounds = 0;
	r->state = CONNECTING;
	err = messaging_connect(mg, &addr, &r->conn);
	if (err)
		down(mg, err, 0);
	else
		r->open = true;
}


/** What the relay's URIs were for has no way any more */
static void let_go(struct messaging *mg)
{
	unsigned i;

	if (mg->relay.open) {
		mg->relay.open = false;
		messaging_disconnect(mg, mg->relay.conn);
	}
	for (i = 0; i < MSRP_SESSIONS; i++) {

		struct messaging_media *md = &mg->mediav[i];

		if (is_spare(md)) {
			msrp_session_close(md->ms);
			memset(md, 0, sizeof(*md));
		}
		/* not one whose session has ended, and is to be told only */
		else if (md->ms && md->use_path[0] &&
			 md->state != MESSAGING_LOST) {
			messaging_lost(mg, md, mg->relay.err,
				       mg->relay.status);
		}
	}
}


/** DOWN: and when it is tried again */
static void end(struct messaging *mg)
{
	struct messaging_relay *r = &mg->relay;
	uint16_t rnd = 0;

	let_go(mg);
	r->told  = r->ready = false;
	r->lost  = true;
	r->state = r->err == EACCES ? REFUSED : IDLE;

	r->wait_ms = r->wait_ms ? 2 * r->wait_ms : WAIT_MIN_MS;
	if (r->wait_ms > WAIT_MAX_MS)
		r->wait_ms = WAIT_MAX_MS;
	/* all phones of a relay lose it at once */
	(void)mg->ue->port->random(mg->ue->port->arg, &rnd, sizeof(rnd));
	r->due_ms = messaging_now(mg) + r->wait_ms / 2 +
		r->wait_ms / 2 * (uint64_t)rnd / UINT16_MAX;
}


void messaging_relay_poll(struct messaging *mg, uint32_t *wait_ms)
{
	struct messaging_relay *r = &mg->relay;
	const uint64_t now = messaging_now(mg);
	const struct ue_relay *set = settings(mg);
	uint64_t due = UINT64_MAX;

	if (!set)
		return;

	if (!mg->ue->reg.info.registered) {
		r->err = ECONNRESET;
		r->status = 0;
		let_go(mg);
		memset(r, 0, sizeof(*r));
		return;
	}

	if (r->state == DOWN)
		end(mg);
	if (r->state == IDLE && now >= r->due_ms)
		begin(mg, set);
	if (r->state == UP)
		authorise(mg, set, &due);

	if (r->state == DOWN)
		due = now;
	else if (r->state == IDLE)
		due = r->due_ms;
	if (due <= now)
		*wait_ms = 0;
	else if (due - now < *wait_ms)
		*wait_ms = (uint32_t)(due - now);
}


bool messaging_relay_tell(struct messaging *mg)
{
	struct messaging_relay *r = &mg->relay;
	struct ue_event *ev;

	if (!r->ready && !r->lost)
		return false;

	ev = ue_event_new(mg->ue, r->lost ? UE_EVENT_RELAY_LOST
			  : UE_EVENT_RELAY_READY);
	if (r->lost) {
		ev->err    = r->err;
		ev->status = r->status;
		r->lost    = false;
	}
	else {
		ev->expires_s = r->expires_s;
		r->ready = false;
	}

	return true;
}

#endif
