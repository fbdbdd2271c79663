/**
 * @file messaging.c  MSRP sessions of a UE: connections, life, outcomes
 *
 *   state       event      action                           next
 *   ---------------------------------------------------------------------
 *   FREE        start      INVITE (with the m= line)        OFFERED
 *   LOST        resume     INVITE (another path, s5.4)      OFFERED
 *   AGREED,     resume     INVITE                           -
 *   CONNECTING,
 *   BOUND
 *   OFFERED     passive    connect                          CONNECTING
 *               active     -                                AGREED
 *               request    200 (RFC 4975 s5.4)              OFFERED*
 *   OFFERED*    passive    tell READY                       BOUND
 *               active     tell READY                       BOUND
 *   AGREED      request    200, tell READY                  BOUND
 *   AGREED,     offer      connect (RFC 4975 s5.4)          CONNECTING
 *   LOST
 *   CONNECTING  connected  SEND, tell READY                 BOUND
 *               request    200, tell READY                  BOUND
 *   BOUND,      request    506 (in use)                     -
 *   OFFERED*
 *   OFFERED*,   gone       tell LOST                        LOST
 *   CONNECTING,
 *   BOUND
 *   BOUND       481        tell LOST (506 too)              LOST
 *   LOST        request    481                              -
 *   AGREED,     BYE        -                                FREE
 *   CONNECTING,
 *   BOUND,
 *   LOST
 *
 * OFFERED*: the peer was faster than its answer; over TLS nothing more is read
 * of it until then.  A session that would be BOUND to an end with another
 * certificate than was described is LOST, and one whose new offer has come to
 * nothing (RFC 6714 s4.2; told LOST, too).  passive, active: the answer to our
 * offer, the peer waits for our connection or makes one; offer: a new one of
 * the peer, who waits; request: its first one, over another connection; 481:
 * to a request of ours.  Any other pair of state and event: nothing.
 *
 * More than 800 lines: what the MSRP library and the port say ends in the
 * same few tables.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"
#if UE_MSRP_TLS
#include <mbedtls/constant_time.h>
#endif

enum { SLOT_FREE = 0, SLOT_BUSY, SLOT_DONE };

enum {
	/** Digits of randomness in a session-id (RFC 4975 s14.1: 80 bits) */
	ID_HEX = 24,
	NOTIFY_MS = 2000                /* that a notification may wait */
};


uint32_t messaging_max_size(const struct messaging *mg)
{
	const struct ue_messaging *set = mg->ue->set->messaging;

	return set && set->max_size ? set->max_size : 65536;
}


uint64_t messaging_now(const struct messaging *mg)
{
	return mg->ue->timers.now_ms;
}


static void timer_h(void *arg)
{
	/* messaging_poll() follows the timers */
	(void)arg;
}


/** ue_poll() is to be called soon */
void messaging_wake(struct messaging *mg)
{
	ue_timer_start(&mg->ue->timers, &mg->timer, 0, timer_h, mg);
	ue_wake(mg->ue);
}


/* ------------------------------------------------------------------ */
/* Handlers of the MSRP library */


/** NULL: it is authorised ahead of its need (RFC 4976) */
static struct messaging_media *media_of(const struct msrp_session *ms)
{
	struct messaging_media *md = msrp_session_arg(ms);

	return md->s ? md : NULL;
}


static size_t send_h(unsigned conn, const struct msrp_iov *v, unsigned n,
		     void *arg)
{
	struct messaging *mg = arg;
	const struct ue_port *port = mg->ue->port;
	struct ue_iov iov[3];
	unsigned i;

	for (i = 0; i < n && i < 3; i++) {
		iov[i].data = v[i].p;
		iov[i].len  = v[i].n;
	}

	return port->flow_sendv(port->arg, UE_FLOWS_MAX + conn, iov, i);
}


static void close_h(unsigned conn, void *arg)
{
	struct messaging *mg = arg;

	mg->ue->port->flow_close(mg->ue->port->arg, UE_FLOWS_MAX + conn);
	if (messaging_relay_on(mg, conn))
		messaging_relay_closed(mg, ECONNRESET);
}


static int random_h(void *buf, size_t n, void *arg)
{
	struct messaging *mg = arg;

	return mg->ue->port->random(mg->ue->port->arg, buf, n);
}


bool messaging_secure(const struct messaging *mg)
{
	return UE_MSRP_TLS && mg->ue->set->messaging->tls;
}


#if UE_MSRP_TLS
bool messaging_shows(const struct messaging *mg, unsigned conn,
		     const uint8_t sha256[32])
{
	const struct ue_port *port = mg->ue->port;
	uint8_t shown[32];

	return !messaging_secure(mg) ||
		(!port->tls_fingerprint(port->arg, UE_FLOWS_MAX + conn,
					shown) &&
		 !mbedtls_ct_memcmp(shown, sha256, sizeof(shown)));
}
#endif


/** RFC 4975 s14.4: has the other end the certificate that was described?
 *  That of a relay was looked at before */
static bool is_peer(const struct messaging *mg,
		    const struct messaging_media *md, unsigned conn)
{
#if UE_MSRP_TLS
	return messaging_relay_on(mg, conn) ||
		messaging_shows(mg, conn, md->peer_cert);
#else
	(void)mg;
	(void)md;
	(void)conn;

	return true;
#endif
}


void messaging_bound(struct messaging *mg, struct messaging_media *md)
{
	const unsigned conn = msrp_session_conn(md->ms);

	if (is_peer(mg, md, conn)) {
		md->state = MESSAGING_BOUND;
	}
	else {
		msrp_close(&mg->m, messaging_now(mg), conn);
		messaging_lost(mg, md, EACCES, 0);
	}
}


static void bound_h(struct msrp_session *ms, void *arg)
{
	struct messaging_media *md = media_of(ms);

	if (md && md->state >= MESSAGING_AGREED)
		messaging_bound(arg, md);
	messaging_wake(arg);
}


/** Nothing that has begun stays without outcome */
static void nickname_over(struct messaging_media *md)
{
	if (!md->nick_done) {
		md->nick_done = md->nick;
		md->nick_status = 0;
	}
}


void messaging_lost(struct messaging *mg, struct messaging_media *md, int err,
		    uint16_t status)
{
	nickname_over(md);
	/* RFC 4975 s5.4: not without a new description */
	(void)msrp_session_peer(md->ms, NULL, 0);
	md->state  = MESSAGING_LOST;
	md->told   = false;
	md->lost   = true;
	md->err    = err;
	md->status = status;
	messaging_wake(mg);
}


static void failed_h(struct msrp_session *ms, int err, uint16_t status,
		     void *arg)
{
	struct messaging_media *md = media_of(ms);

	if (md)
		messaging_lost(arg, md, err, status);
}


static uint16_t open_h(struct msrp_session *ms, const struct msrp_info *info,
		       struct msrp_sink *sink, void *arg)
{
	struct messaging *mg = arg;
	const struct ue_messaging *set = mg->ue->set->messaging;
	struct messaging_media *md = media_of(ms);
	struct messaging_in *in = NULL;
	uint16_t status;
	unsigned i;

	for (i = 0; i < MSRP_IN && !in; i++) {
		if (mg->inv[i].state == SLOT_FREE)
			in = &mg->inv[i];
	}
	if (!in || !md)
		return 413;

	if (messaging_user(md))
		status = md->user->open_h(md, info, sink);
	else
		status = set->open_h ? set->open_h(mg->ue, md->id, info,
						   sink, set->arg) : 415;
	if (status / 100 != 2)
		return status;

	in->mg      = mg;
	in->md      = md;
	in->user    = messaging_user(md);
	in->arg     = sink->arg;
	in->cpim    = msrp_type_is(&info->type, "message/cpim")
		? (const char *)sink->buf : NULL;
	in->session = md->id;
	in->duplicate = info->duplicate;
	in->state   = SLOT_BUSY;
	sink->arg   = in;

	return status;
}


static void data_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	const struct messaging_in *in = arg;
	const struct ue_messaging *set = in->mg->ue->set->messaging;

	if (UE_FILE_TRANSFER && in->user)
		in->user->data_h(off, p, n, in->arg);
	else if (set->data_h)
		set->data_h(off, p, n, in->arg);
}


static void done_h(struct msrp_session *ms, const struct msrp_result *r,
		   void *arg)
{
	struct messaging_in *in = arg;

	(void)ms;
	if (UE_FILE_TRANSFER && in->user) {
		in->state = SLOT_FREE;
		in->user->done_h(r, in->arg);
		return;
	}
	in->res   = *r;
	in->state = SLOT_DONE;
	messaging_wake(in->mg);
}


static void sent_h(struct msrp_session *ms, const char *id,
		   const struct msrp_result *r, void *arg)
{
	const struct messaging_media *md = msrp_session_arg(ms);
	struct messaging_out *o = arg;

	(void)id;
	if (messaging_user(md)) {
		md->user->sent_h(r, arg);
		return;
	}
	o->res   = *r;
	/* what was written before it is none of the user's */
	o->res.len    = r->len > o->head_len ? r->len - o->head_len : 0;
	o->res.total -= o->head_len;
	o->state = o->quiet ? SLOT_FREE : SLOT_DONE;
	messaging_wake(o->mg);
}


static void nickname_h(struct msrp_session *ms, uint16_t status, void *arg)
{
	struct messaging_media *md = media_of(ms);

	if (!md)
		return;

	md->nick_done = true;
	md->nick_status = status;
	messaging_wake(arg);
}


/** RFC 4975 s5.4, s14.4: who was faster than his answer over TLS says only
 *  there which certificate is his; until then what he sends stays where it
 *  is */
static bool undescribed(const struct messaging *mg, unsigned conn)
{
	unsigned i;

	if (!messaging_secure(mg) || messaging_relay_on(mg, conn))
		return false;
	for (i = 0; i < MSRP_SESSIONS; i++) {

		const struct messaging_media *md = &mg->mediav[i];

		if (md->state == MESSAGING_OFFERED && md->ms &&
		    msrp_session_conn(md->ms) == conn)
			return true;
	}

	return false;
}


/** Known who it is from, and room for the next message?  Else nothing more is
 *  read */
static bool ready_h(unsigned conn, void *arg)
{
	const struct messaging *mg = arg;
	bool room = true;
	unsigned i;

	if (undescribed(mg, conn))
		return false;
	/* in the middle of one that has its room */
	if (mg->m.connv[conn].in)
		return true;

	for (i = 0; i < MSRP_IN; i++) {
		if (mg->inv[i].state == SLOT_FREE)
			return true;
		/* there will be, when it has been told */
		if (mg->inv[i].state == SLOT_DONE)
			room = false;
	}

	return room;
}


static const struct msrp_handlers handlers = {
	.send_h = send_h, .close_h = close_h, .random_h = random_h,
	.bound_h = bound_h, .failed_h = failed_h, .open_h = open_h,
	.data_h = data_h, .done_h = done_h, .sent_h = sent_h,
	.nickname_h = nickname_h, .ready_h = ready_h
};


/* ------------------------------------------------------------------ */
/* Life */


const char *messaging_check(const struct ue_messaging *set,
			    const struct ue_port *port)
{
	const struct ue_relay *relay;
#if MSRP_RELAY
	struct ue_addr addr;
#endif

	if (!set)
		return NULL;
	if (!port->flow_sendv || !ims_is_line(set->accept_types) ||
	    !ims_is_line(set->wrapped_types))
		return "settings: messaging: flow_sendv() or types";
	if (set->tls && (!UE_MSRP_TLS || !port->tls_fingerprint))
		return "settings: tls: not built";
	relay = set->relay;
#if MSRP_RELAY
	if (relay && (!relay->uri || !relay->user || !relay->password ||
		      messaging_relay_addr(&addr, relay->uri, set->tls)))
		return "settings: relay: msrp://ADDRESS:PORT;tcp, user and "
			"password expected (msrps with tls)";
	if (relay && set->tls && !relay->sha256)
		return "settings: relay: its certificate is needed with tls";

	return NULL;
#else
	return relay ? "settings: relay: not built" : NULL;
#endif
}


void messaging_init(struct messaging *mg, struct ue *ue)
{
	memset(mg, 0, sizeof(*mg));
	mg->ue = ue;
	msrp_init(&mg->m, &handlers, mg, messaging_max_size(mg));
	mg->m.idle = &ue->timers.idle;
}


void messaging_close(struct messaging *mg)
{
	const struct ue_port *port = mg->ue->port;
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (mg->mediav[i].ms)
			msrp_session_close(mg->mediav[i].ms);
	}
	for (i = 0; i < MSRP_CONNS; i++) {
		if (mg->opening & 1u << i)
			port->flow_close(port->arg, UE_FLOWS_MAX + i);
		msrp_close(&mg->m, messaging_now(mg), i);
	}
	if (mg->listener.port)
		port->flow_close(port->arg, MESSAGING_LISTENER);
	ue_timer_cancel(&mg->ue->timers, &mg->timer);
}


struct messaging_media *messaging_of(struct messaging *mg,
				     const struct session *s)
{
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (mg->mediav[i].s == s && mg->mediav[i].ms &&
		    mg->mediav[i].serial == s->serial)
			return &mg->mediav[i];
	}

	return NULL;
}


/** One listener serves all sessions, at the address that the UE has now */
static void open_listener(struct messaging *mg)
{
	const struct ue_port *port = mg->ue->port;
	struct ue_flow_params prm;

	memset(&prm, 0, sizeof(prm));
	prm.kind  = UE_FLOW_LISTEN;
	prm.local = mg->ue->reg.info.local;
	if (mg->listener.port) {
		if (ue_addr_same_ip(&mg->listener, &prm.local))
			return;
		port->flow_close(port->arg, MESSAGING_LISTENER);
	}
	prm.local.port = mg->ue->set->messaging->port;
	prm.tls = messaging_secure(mg);
	if (port->flow_open(port->arg, MESSAGING_LISTENER, &prm,
			    &mg->listener))
		mg->listener.port = 0;
}


/** An MSRP session with a URI of ours; one that has failed gets another URI */
int messaging_media_open(struct messaging *mg, struct messaging_media *md)
{
	char self[sizeof("msrps:///;tcp") + UE_ADDR_STR + ID_HEX] = "msrps://";
	const size_t at = messaging_secure(mg) ? 8 : 7;
	struct ue_addr addr = mg->ue->reg.info.local;
	size_t n;
	int err;

	if (at == 7)
		memcpy(self, "msrp://", at);
	addr.port = mg->listener.port ? mg->listener.port : 9;
	(void)ue_addr_print(self + at, &addr, UE_ADDR_HOSTPORT);
	n = strlen(self);
	self[n++] = '/';
	err = sip_random_hex(&mg->ue->sip, self + n, ID_HEX + 1);
	if (err)
		return err;
	memcpy(self + n + ID_HEX, ";tcp", 5);
	if (md->ms)
		return msrp_session_self(md->ms, self);

	memset(md, 0, sizeof(*md));

	return msrp_session_open(&md->ms, &mg->m, self, md);
}


/** One of the table without use */
static struct messaging_media *media_free(struct messaging *mg)
{
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (!mg->mediav[i].s && !mg->mediav[i].ms)
			return &mg->mediav[i];
	}

	return NULL;
}


struct messaging_media *messaging_new(struct messaging *mg,
				      struct session *s)
{
	const struct ue_messaging *set = mg->ue->set->messaging;
	struct messaging_media *md;

	if (!set)
		return NULL;

	if (set->relay) {
		md = messaging_relay_take(mg);
	}
	else {
		open_listener(mg);
		md = media_free(mg);
		if (md && messaging_media_open(mg, md))
			return NULL;
	}
	if (!md)
		return NULL;

	md->s      = s;
	md->id     = session_id(s);
	md->serial = s->serial;
	md->state  = MESSAGING_OFFERED;
	call_media(s)->messages = true;
	messaging_wake(mg);

	return md;
}


static void media_end(struct messaging *mg, struct messaging_media *md)
{
	const unsigned conn = messaging_conn(md);
	/* RFC 4975 s5.4: without it the peer would take the session for lost
	   before the BYE is there.  The peer ends it, or nobody uses it */
	const bool stays = md->s->state == SESSION_ENDING &&
		md->state == MESSAGING_BOUND;

	nickname_over(md);
	msrp_session_close(md->ms);
	md->ms = NULL;
	md->state = MESSAGING_FREE;
	if (!stays)
		messaging_leave(mg, conn);
}


static bool conn_free(const struct messaging *mg, unsigned conn)
{
	if (messaging_relay_on(mg, conn))
		return false;
	return !mg->m.connv[conn].used && !(mg->opening & 1u << conn);
}


/** Whose a connection is: the IPv4 address; of an IPv6 prefix of 64 bits the
 *  half in which neighbours differ */
static uint32_t source(const struct ue_addr *addr)
{
	uint32_t v;

	memcpy(&v, addr->ip + (addr->family == 6 ? 4 : 0), sizeof(v));

	return v;
}


/** Has a session described that as its peer?  Behind a NAT none has */
static bool described(const struct messaging *mg, uint32_t from)
{
	const struct messaging_media *md;

	for (md = mg->mediav; md < mg->mediav + MSRP_SESSIONS; md++) {
		if (md->ms && source(&md->remote) == from)
			return true;
	}

	return false;
}


/** A number for a new connection.  Where none is free one that has no session
 *  gives way: rather one that no session has described, rather one of the same
 *  source, so that nobody keeps others out by connecting; of these the one
 *  that has waited longest */
static unsigned conn_new(struct messaging *mg, const struct ue_addr *remote)
{
	const struct msrp_conn *v = mg->m.connv;
	const uint32_t from = source(remote);
	unsigned i, best = MSRP_CONNS;
	uint32_t rank, most = 0;

	for (i = 0; i < MSRP_CONNS; i++) {

		if (conn_free(mg, i)) {
			best = i;
			break;
		}
		if (!v[i].used || messaging_relay_on(mg, i) ||
		    msrp_conn_sessions(&mg->m, i))
			continue;
		rank = described(mg, mg->fromv[i]) ? 1 : 3;
		if (mg->fromv[i] == from)
			++rank;
		/* of the same the one with the least of MSRP_T_MS left */
		rank = (rank << 16) + mg->m.now_ms - v[i].due_ms;
		if (rank > most) {
			most = rank;
			best = i;
		}
	}
	if (best < MSRP_CONNS) {
		mg->fromv[best] = from;
		msrp_close(&mg->m, messaging_now(mg), best);
	}

	return best;
}


/** Begin a connection: messaging_flow_connected() or _closed() follows */
int messaging_connect(struct messaging *mg, const struct ue_addr *remote,
		      uint8_t *connp)
{
	const struct ue_port *port = mg->ue->port;
	const unsigned i = conn_new(mg, remote);
	struct ue_flow_params prm;
	struct ue_addr local;
	int err;

	if (i == MSRP_CONNS)
		return ENOMEM;

	memset(&prm, 0, sizeof(prm));
	prm.kind   = UE_FLOW_CONNECT;
	prm.local  = mg->ue->reg.info.local;
	prm.local.port = 0;
	prm.remote = *remote;
	prm.tls = messaging_secure(mg);
	err = port->flow_open(port->arg, UE_FLOWS_MAX + i, &prm, &local);
	if (err)
		return err;

	mg->opening |= 1u << i;
	*connp = (uint8_t)i;

	return 0;
}


/** End one that is being made or stands */
void messaging_disconnect(struct messaging *mg, unsigned conn)
{
	mg->opening &= ~(1u << conn);
	if (mg->m.connv[conn].used)
		msrp_close(&mg->m, messaging_now(mg), conn);
	else
		close_h(conn, mg);
}


unsigned messaging_conn(const struct messaging_media *md)
{
	return md->state == MESSAGING_CONNECTING ? md->conn
		: msrp_session_conn(md->ms);
}


/** One that a session has had.  RFC 4976 s5.4: that to our relay stays */
void messaging_leave(struct messaging *mg, unsigned conn)
{
	if (conn != MSRP_NONE && !messaging_relay_on(mg, conn) &&
	    !msrp_conn_sessions(&mg->m, conn))
		messaging_disconnect(mg, conn);
}


/** RFC 4975 s5.4: a connection to the same place is used again; RFC 6714
 *  s6.3: that is the middlebox, whatever the path says */
static int open_connection(struct messaging *mg, struct messaging_media *md)
{
	const struct messaging_media *v;
	unsigned conn;

	if (messaging_use_path(md)[0])
		return messaging_relay_bind(mg, md);
	for (v = mg->mediav; v < mg->mediav + MSRP_SESSIONS; v++) {

		if (v->state != MESSAGING_BOUND ||
		    !ue_addr_equal(&v->remote, &md->remote))
			continue;
		conn = msrp_session_conn(v->ms);
		if (is_peer(mg, md, conn))
			return msrp_connected(&mg->m, messaging_now(mg), conn,
					      md->ms);
	}

	return messaging_connect(mg, &md->remote, &md->conn);
}


static void media_poll(struct messaging *mg, struct messaging_media *md)
{
	struct session *s = md->s;
	int err;

	if (!s || !md->ms)
		return;

	if (s->serial != md->serial || s->state == SESSION_FREE ||
	    s->state == SESSION_ENDING) {
		media_end(mg, md);
		return;
	}

	/* RFC 3264 s8.2: it was removed */
	if (!call_media(s)->messages && md->state != MESSAGING_LOST) {
		if (messaging_user(md)) {
			messaging_lost(mg, md, ECONNRESET, 0);
			return;
		}
		md->lost   = true;
		md->err    = ECONNRESET;
		md->status = 0;
		media_end(mg, md);
		return;
	}

	/* while another change goes on it waits for its turn */
	if (md->renew && !session_modify(s))
		md->renew = false;

	if (s->state != SESSION_CONFIRMED)
		return;

	/* RFC 6714 s4.2: the offer after the fall-back, or another new one,
	   has come to nothing */
	if (md->state == MESSAGING_OFFERED && !s->want && !session_is_busy(s))
		messaging_lost(mg, md, EPROTO, 0);

	if (md->state == MESSAGING_AGREED && md->active) {
		md->state = MESSAGING_CONNECTING;
		err = open_connection(mg, md);
		if (err)
			messaging_lost(mg, md, err, 0);
	}
}


/* ------------------------------------------------------------------ */
/* Outcomes into the event ring */


static struct ue_event *event_new(struct messaging *mg,
				  enum ue_event_type type, unsigned session,
				  int err, uint16_t status)
{
	struct ue_event *ev = ue_event_new(mg->ue, type);

	ev->session = session;
	ev->err     = err;
	ev->status  = status;

	return ev;
}


static struct ue_event *tell_message(struct messaging *mg,
				     enum ue_event_type type,
				     unsigned session,
				     const struct msrp_result *r, void *arg)
{
	struct ue_event *ev = event_new(mg, type, session, r->err,
					r->status);

	ev->message.arg   = arg;
	ev->message.len   = r->len;
	ev->message.total = r->total;

	return ev;
}


/** Something that waits to be told; false: nothing */
static bool tell_media(struct messaging *mg, struct messaging_media *md)
{
	if (!md->s)
		return false;

	/* whose it is looks himself */
	if (messaging_user(md)) {
		if (!md->ms)
			md->s = NULL;
		return false;
	}

	if (md->nick_done) {
		md->nick = md->nick_done = false;
		(void)event_new(mg, UE_EVENT_NICKNAME, md->id,
				md->nick_status ? 0 : ECONNRESET,
				md->nick_status);
		return true;
	}
	if (md->lost) {
		md->lost = false;
		(void)event_new(mg, UE_EVENT_MESSAGING_LOST,
				md->id, md->err, md->status);
		return true;
	}
	if (md->state == MESSAGING_BOUND && !md->told) {
		md->told = true;
		(void)event_new(mg, UE_EVENT_MESSAGING_READY,
				md->id, 0, 0);
		return true;
	}
	if (!md->ms)
		md->s = NULL;

	return false;
}


/** A notification may wait: for 2 seconds of a minute, because its peer can
 *  leave as long as it likes what is on its way to it, and meanwhile the
 *  messages of others find no room */
static bool may_wait(const struct messaging *mg, struct messaging_media *md)
{
	const uint64_t now = messaging_now(mg);

	if (!md->notify_ms || now - md->notify_ms >= 60000)
		md->notify_ms = now;

	return now - md->notify_ms < NOTIFY_MS;
}


/**
 * A message has come in.  RFC 5438 s7.2.1: its delivery is notified, once;
 * that waits for room among what is on its way
 *
 * @return false: it waits
 */
static bool tell_in(struct messaging *mg, struct messaging_in *in)
{
	enum ue_event_type type = in->res.err ? UE_EVENT_MESSAGE_BROKEN
		: UE_EVENT_MESSAGE_RECEIVED;
	struct msrp_cpim *c = &mg->cpim;
	enum msrp_imdn_status notice = MSRP_IMDN_NONE;
	struct ue_event *ev;
	void *about = NULL;
	struct pl from;

	if (!in->res.err && in->cpim &&
	    !msrp_cpim_decode(c, in->cpim, in->res.len)) {
		if (imdn_read(&about, &notice, &mg->ue->imdns, c))
			type = UE_EVENT_MESSAGE_NOTIFIED;
		else if (!in->duplicate &&
			 messaging_notify(mg, in->session, c,
					  MSRP_IMDN_DELIVERED) == ENOMEM &&
			 may_wait(mg, in->md))
			return false;
	}

	in->state = SLOT_FREE;
	ev = tell_message(mg, type, in->session, &in->res, in->arg);
	ev->message.about  = about;
	ev->message.notice = notice;
	if (notice && !msrp_cpim_uri(&from, &c->from))
		(void)ims_copy(ev->text, sizeof(ev->text), &from);

	return true;
}


static bool tell_one(struct messaging *mg)
{
	unsigned i;

	if (messaging_relay_tell(mg))
		return true;
	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (tell_media(mg, &mg->mediav[i]))
			return true;
	}
	for (i = 0; i < MSRP_IN; i++) {

		struct messaging_in *in = &mg->inv[i];

		if (in->state == SLOT_DONE && tell_in(mg, in))
			return true;
	}
	for (i = 0; i < MSRP_OUT; i++) {

		struct messaging_out *o = &mg->outv[i];

		if (o->state != SLOT_DONE)
			continue;
		o->state = SLOT_FREE;
		(void)tell_message(mg, o->res.err ? UE_EVENT_MESSAGE_FAILED :
				   UE_EVENT_MESSAGE_SENT, o->session, &o->res,
				   o->arg);
		return true;
	}

	return false;
}


void messaging_poll(struct messaging *mg)
{
	struct ue *ue = mg->ue;
	uint32_t wait;
	unsigned i;

	if (!ue->set->messaging)
		return;

	/* this is what it was for */
	ue_timer_cancel(&ue->timers, &mg->timer);

	msrp_poll(&mg->m, messaging_now(mg), &wait);
	for (i = 0; i < MSRP_SESSIONS; i++)
		media_poll(mg, &mg->mediav[i]);
	messaging_relay_poll(mg, &wait);

	/* each event waits until there is room; none is lost */
	while (ue_events_free(ue) > UE_EVENTS_RESERVE && tell_one(mg))
		wait = 0;
	for (i = 0; i < MSRP_IN; i++) {
		if (mg->inv[i].state == SLOT_DONE && wait > NOTIFY_MS)
			wait = NOTIFY_MS;
	}

	/* what has begun meanwhile may be due before that */
	if (wait != UINT32_MAX && !mg->timer.h)
		ue_timer_start(&ue->timers, &mg->timer, wait, timer_h, mg);
}


/* ------------------------------------------------------------------ */
/* Flows */


int messaging_flow_recv(struct messaging *mg, unsigned flow,
			const uint8_t *data, size_t len, size_t *used)
{
	int err = msrp_recv(&mg->m, messaging_now(mg), flow - UE_FLOWS_MAX,
			    data, len, used);

	/* what is closed has been closed by close_h */
	if (err && err != EAGAIN)
		*used = len;

	return err == EAGAIN ? EAGAIN : 0;
}


/** Who waits for a connection; NULL: nobody (any more) */
static struct messaging_media *connecting(struct messaging *mg, unsigned conn)
{
	struct messaging_media *md;

	for (md = mg->mediav; md < mg->mediav + MSRP_SESSIONS; md++) {
		if (md->s && md->state == MESSAGING_CONNECTING &&
		    md->conn == conn)
			return md;
	}

	return NULL;
}


void messaging_flow_connected(struct messaging *mg, unsigned flow)
{
	const unsigned conn = flow - UE_FLOWS_MAX;
	struct messaging_media *md;
	int err;

	if (conn >= MSRP_CONNS || !(mg->opening & 1u << conn))
		return;

	mg->opening &= ~(1u << conn);
	if (messaging_relay_on(mg, conn)) {
		messaging_relay_connected(mg);
		return;
	}
	while ((md = connecting(mg, conn)) != NULL) {
		err = msrp_connected(&mg->m, messaging_now(mg), conn, md->ms);
		if (!err)
			return;
		messaging_lost(mg, md, err, 0);
	}

	/* nobody wants it any more */
	close_h(conn, mg);
}


void messaging_flow_writable(struct messaging *mg, unsigned flow)
{
	msrp_writable(&mg->m, messaging_now(mg), flow - UE_FLOWS_MAX);
}


int messaging_flow_accepted(struct messaging *mg,
			    const struct ue_addr *remote, unsigned *flow)
{
	const unsigned i = conn_new(mg, remote);

	if (msrp_accepted(&mg->m, messaging_now(mg), i))
		return ENOMEM;
	*flow = UE_FLOWS_MAX + i;
	messaging_wake(mg);

	return 0;
}


void messaging_flow_closed(struct messaging *mg, unsigned flow, int err)
{
	const unsigned conn = flow - UE_FLOWS_MAX;
	struct messaging_media *md;

	if (flow == MESSAGING_LISTENER) {
		mg->listener.port = 0;
		return;
	}
	if (!err)
		err = ECONNRESET;
	if (messaging_relay_on(mg, conn))
		messaging_relay_closed(mg, err);

	if (!(mg->opening & 1u << conn)) {
		msrp_lost(&mg->m, messaging_now(mg), conn, err);
		return;
	}

	mg->opening &= ~(1u << conn);
	while ((md = connecting(mg, conn)) != NULL)
		messaging_lost(mg, md, err, 0);
}
