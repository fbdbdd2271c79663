/**
 * @file msrp/session.c  MSRP endpoint: sessions, connections, time
 *
 *   state   event      action                           next
 *   ---------------------------------------------------------------------
 *   closed  open       -                                open
 *           request    481                              -
 *   open,   peer       -                                known
 *   nobody
 *   open,   nobody     -                                nobody
 *   known,
 *   bound
 *   open,   connected  EPROTO                           -
 *   nobody,
 *   bound
 *   open,   request    told bound, 200 (RFC 4975 s5.4)  bound
 *   known
 *   known   connected  told bound, SEND (s5.4)          bound
 *   bound   request    200                              -
 *           lost       told failed (s5.4)               known
 *           481, 506   told failed (s10)                known
 *   nobody  request    481                              -
 *   known,  URI        -                                open
 *   nobody
 *   any     close      -                                closed
 *
 * open: the peer is who comes first; nobody: msrp_session_peer() has said so,
 * as after a session has failed.  lost: the connection; URI: another one of
 * ours (msrp_session_self()).  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "msrp/core.h"
#include "msrp/uri.h"


void msrp_pl_str(struct pl *pl, const char *str)
{
	pl->p = str;
	pl->l = strlen(str);
}


/** A text that is known to fit, with its zero */
void msrp_str_pl(char *str, size_t size, const struct pl *pl)
{
	const size_t n = pl->l < size ? pl->l : size - 1;

	memcpy(str, pl->p, n);
	str[n] = '\0';
}


void msrp_init(struct msrp *m, const struct msrp_handlers *h, void *arg,
	       uint32_t max_size)
{
	memset(m, 0, sizeof(*m));
	m->h = h;
	m->arg = arg;
	m->max_size = max_size < MSRP_ANY - 1 ? max_size : MSRP_ANY - 2;
}


/** Let go of all that belongs to a session */
static void release(struct msrp_session *s)
{
	struct msrp *m = s->m;
	struct msrp_conn *c = s->conn;
	unsigned i;

	s->ending = true;
	/* for a while there may be another session for it; a peer that takes
	   nothing wins no time by that */
	if (c && !c->blocked)
		c->due_ms = m->now_ms + MSRP_T_MS;
	s->conn = NULL;
	s->auth = NULL;
	s->nickname = NULL;
	for (i = 0; i < MSRP_CONNS; i++)
		msrp_conn_forget(&m->connv[i], s);
	msrp_in_drop(m, s);
	msrp_out_drop(m, c, s);
	s->ending = false;
	s->used = !s->closed;
}


int msrp_session_self(struct msrp_session *s, const char *self)
{
	struct msrp_uri uri;
	struct pl pl;

	msrp_pl_str(&pl, self);
	if (msrp_uri_decode(&uri, &pl) || !uri.session_id.l)
		return EINVAL;
	if (pl.l >= MSRP_URI_MAX)
		return EOVERFLOW;

	msrp_str_pl(s->self, sizeof(s->self), &pl);
	s->peer[s->via] = '\0';
	s->failed = false;

	return 0;
}


int msrp_session_open(struct msrp_session **sp, struct msrp *m,
		      const char *self, void *arg)
{
	unsigned i;
	int err;

	for (i = 0; i < MSRP_SESSIONS; i++) {

		struct msrp_session *s = &m->sessv[i];

		if (s->used)
			continue;
		memset(s, 0, sizeof(*s));
		err = msrp_session_self(s, self);
		if (err)
			return err;
		s->used = true;
		s->m    = m;
		s->arg  = arg;
		s->serial = ++m->serial;
		*sp = s;
		return 0;
	}

	return ENOMEM;
}


static void set_relayed(struct msrp_session *s)
{
	s->relayed = strchr(s->peer, ' ') != NULL;
}


/** Is the peer known? */
bool msrp_session_known(const struct msrp_session *s)
{
	return s->peer[s->via] != '\0';
}


int msrp_session_peer(struct msrp_session *s, const struct pl *path,
		      uint32_t max_size)
{
	s->failed = !path;
	if (s->failed) {
		if (s->conn)
			release(s);
		return 0;
	}
	if (!msrp_path_valid(path))
		return EINVAL;
	if (path->l >= sizeof(s->peer) - s->via)
		return EOVERFLOW;

	msrp_str_pl(s->peer + s->via, sizeof(s->peer) - s->via, path);
	s->max_size = max_size;
	set_relayed(s);

	return 0;
}


#if MSRP_RELAY
int msrp_session_via(struct msrp_session *s, const struct pl *use_path)
{
	const size_t len = strlen(s->peer + s->via) + 1;
	const size_t via = use_path->l ? use_path->l + 1 : 0;

	if (via && !msrp_path_valid(use_path))
		return EINVAL;
	if (via >= sizeof(s->peer) || sizeof(s->peer) - via < len)
		return EOVERFLOW;

	memmove(s->peer + via, s->peer + s->via, len);
	s->via = (uint16_t)via;
	if (via) {
		memcpy(s->peer, use_path->p, use_path->l);
		s->peer[via - 1] = ' ';
	}
	set_relayed(s);

	return 0;
}
#endif


void msrp_session_close(struct msrp_session *s)
{
	if (!s->used)
		return;

	/* by a handler of its messages: free when all of them are told */
	s->closed = true;
	if (!s->ending)
		release(s);
}


/** Is there room for one more message of a session?  Who has one leaves a
 *  place for each other session that has none: what its peer does with it
 *  must not harm them */
bool msrp_place(const struct msrp_session *s, unsigned way, unsigned max)
{
	const struct msrp_session *t;
	unsigned taken = 0;

	for (t = s->m->sessv; t < s->m->sessv + MSRP_SESSIONS; t++)
		taken += t->openv[way] ? t->openv[way]
			: t->conn && t != s && s->openv[way];

	return taken < max;
}


void *msrp_session_arg(const struct msrp_session *s)
{
	return s->arg;
}


unsigned msrp_session_conn(const struct msrp_session *s)
{
	return s->conn ? s->conn->num : (unsigned)MSRP_NONE;
}


void msrp_session_fail(struct msrp_session *s, int err, uint16_t status)
{
	release(s);
	if (s->used)
		s->m->h->failed_h(s, err, status, s->m->arg);
}


unsigned msrp_conn_sessions(const struct msrp *m, unsigned conn)
{
	unsigned i, n = 0;

	for (i = 0; i < MSRP_SESSIONS; i++)
		n += m->sessv[i].conn == &m->connv[conn];

	return n;
}


/** A connection of ours, new or in use */
void msrp_conn_begin(struct msrp *m, struct msrp_conn *c)
{
	if (c->used)
		return;

	memset(c, 0, sizeof(*c));
	c->num = (uint8_t)(c - m->connv);
	msrp_parser_init(&c->ps);
	c->used = true;
	c->due_ms = m->now_ms + MSRP_T_MS;
}


int msrp_accepted(struct msrp *m, uint64_t now_ms, unsigned conn)
{
	m->now_ms = (uint32_t)now_ms;
	if (conn >= MSRP_CONNS || m->connv[conn].used)
		return EINVAL;

	msrp_conn_begin(m, &m->connv[conn]);

	return 0;
}


int msrp_connected(struct msrp *m, uint64_t now_ms, unsigned conn,
		   struct msrp_session *s)
{
	struct msrp_conn *c;

	m->now_ms = (uint32_t)now_ms;
	if (conn >= MSRP_CONNS)
		return EINVAL;
	if (s->conn || s->failed || s->ending || !msrp_session_known(s))
		return EPROTO;

	c = &m->connv[conn];
	msrp_conn_begin(m, c);

	/* RFC 4975 s5.4: the active endpoint sends a SEND request at once */
	if (!msrp_request_new(c, MSRP_K_BIND, s))
		return ENOMEM;

	s->conn = c;
	m->h->bound_h(s, m->arg);
	msrp_pump(m, c);

	return 0;
}


/**
 * A connection has ended
 *
 * @param tell  The caller does not know yet
 */
void msrp_conn_end(struct msrp *m, struct msrp_conn *c, int err, bool tell)
{
	unsigned i;

	if (!c->used)
		return;

	c->used = false;
	c->out = NULL;
	memset(c->seg, 0, sizeof(c->seg));
	if (tell)
		m->h->close_h(c->num, m->arg);

	msrp_auth_lost(m, c);

	/* RFC 4975 s5.4: its sessions have failed too */
	for (i = 0; i < MSRP_SESSIONS; i++) {
		if (m->sessv[i].conn == c)
			msrp_session_fail(&m->sessv[i], err, 0);
	}
}


void msrp_lost(struct msrp *m, uint64_t now_ms, unsigned conn, int err)
{
	m->now_ms = (uint32_t)now_ms;
	if (conn < MSRP_CONNS)
		msrp_conn_end(m, &m->connv[conn], err, false);
}


void msrp_close(struct msrp *m, uint64_t now_ms, unsigned conn)
{
	m->now_ms = (uint32_t)now_ms;
	if (conn < MSRP_CONNS)
		msrp_conn_end(m, &m->connv[conn], ECONNRESET, true);
}


int msrp_recv(struct msrp *m, uint64_t now_ms, unsigned conn,
	      const uint8_t *p, size_t n, size_t *used)
{
	struct msrp_conn *c = &m->connv[conn];
	struct msrp_found f;
	size_t k;
	int err;

	*used = 0;
	m->now_ms = (uint32_t)now_ms;
	if (conn >= MSRP_CONNS || !c->used)
		return EPROTO;

	for (;;) {
		if (*used < n && m->h->ready_h && !m->h->ready_h(conn, m->arg))
			return EAGAIN;

		/* what a frame may cause must find room */
		if (*used < n && !msrp_reply_room(c)) {
			msrp_pump(m, c);
			if (!c->used)
				return EPROTO;
			if (!msrp_reply_room(c))
				return EAGAIN;
		}

		err = msrp_parser_feed(&c->ps, &f, &m->head, p + *used,
				       n - *used, &k);
		*used += k;
		if (err == EAGAIN)
			break;
		if (!err)
			err = msrp_take(m, c, &f);
		if (!c->used)
			return EPROTO;
		if (err) {
			msrp_conn_end(m, c, err, true);
			return err;
		}
	}

	msrp_pump(m, c);

	return c->used ? 0 : EPROTO;
}


void msrp_writable(struct msrp *m, uint64_t now_ms, unsigned conn)
{
	m->now_ms = (uint32_t)now_ms;
	if (conn < MSRP_CONNS)
		msrp_pump(m, &m->connv[conn]);
}


/** Milliseconds until then; 0: it is due */
uint32_t msrp_left(const struct msrp *m, uint32_t due_ms)
{
	const uint32_t left = due_ms - m->now_ms;

	return left <= INT32_MAX ? left : 0;
}


/** Nothing is taken from us, or no session comes: not for long */
static bool conn_waits(const struct msrp *m, const struct msrp_conn *c)
{
	return c->blocked ||
		(!c->kept && !msrp_conn_sessions(m, c->num));
}


/** The success report that was asked for is awaited */
static bool out_waits(const struct msrp_out *o)
{
	return o->state == MSRP_O_SENT && !o->pending;
}


/** Run what is due on a connection */
static void conn_poll(struct msrp *m, struct msrp_conn *c)
{
	if (conn_waits(m, c) && !msrp_left(m, c->due_ms)) {
		msrp_conn_end(m, c, ETIMEDOUT, true);
		return;
	}

	msrp_trans_due(m, c);
	msrp_pump(m, c);
}


static void earlier(const struct msrp *m, uint32_t *wait, uint32_t due_ms)
{
	const uint32_t left = msrp_left(m, due_ms);

	if (left < *wait)
		*wait = left;
}


static uint32_t next_due(const struct msrp *m)
{
	const struct msrp_conn *c;
	const struct msrp_trans *t;
	uint32_t wait = UINT32_MAX;
	unsigned i;

	for (c = m->connv; c < m->connv + MSRP_CONNS; c++) {

		if (!c->used)
			continue;
		if (conn_waits(m, c))
			earlier(m, &wait, c->due_ms);
		for (t = c->transv; t < c->transv + MSRP_TRANS; t++) {
			if (t->kind && t->to != MSRP_ANY)
				earlier(m, &wait, t->due_ms);
		}
	}
	for (i = 0; i < MSRP_OUT; i++) {
		if (out_waits(&m->outv[i]))
			earlier(m, &wait, m->outv[i].due_ms);
	}
	for (i = 0; i < MSRP_IN; i++) {
		if (m->inv[i].s)
			earlier(m, &wait, m->inv[i].due_ms);
	}

	return wait;
}


void msrp_poll(struct msrp *m, uint64_t now_ms, uint32_t *wait_ms)
{
	unsigned i;

	m->now_ms = (uint32_t)now_ms;
	for (i = 0; i < MSRP_CONNS; i++) {
		if (m->connv[i].used)
			conn_poll(m, &m->connv[i]);
	}
	for (i = 0; i < MSRP_OUT; i++) {
		if (out_waits(&m->outv[i]) && !msrp_left(m, m->outv[i].due_ms))
			msrp_out_fail(m, &m->outv[i], ETIMEDOUT, 0);
	}
	for (i = 0; i < MSRP_IN; i++) {
		if (m->inv[i].s && !msrp_left(m, m->inv[i].due_ms))
			msrp_in_end(m, &m->inv[i], ETIMEDOUT);
	}

	*wait_ms = next_due(m);
}
