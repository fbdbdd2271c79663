/**
 * @file msrp/sender.c  Sending messages: chunks, turns, interruption (RFC
 *                      4975 s7.1.1)
 *
 * A connection sends one thing at a time, as up to three segments: header
 * section, octets of the body where the application has them, end-line.
 * Only when all are taken by the port the next one is chosen: what waits in
 * replyv first, then the messages in turn.  A chunk of unknown end is gone on
 * with until something else waits.
 *
 * A message (with a success report wanted; else as if it had come):
 *
 *   state      event       action                           next
 *   ---------------------------------------------------------------------
 *   FREE       send        SEND (RFC 4975 s7.1)             SENDING
 *              lost        tell failed                      -
 *   SENDING    room        -                                SENT
 *              EIO         #, tell EIO (s7.1)               FREE
 *              413         -                                ENDING
 *              REPORT 413  -                                ENDING
 *              30 s        tell failed, tell ECONNRESET     FREE
 *              abort       - (# follows)                    ENDING
 *   WAITING    octets      SEND (s7.1.1)                    SENT
 *              EIO         #, tell EIO (s7.1)               FREE
 *              abort       #, tell ECANCELED (s7.1)         FREE
 *   SENT       200         -                                ANSWERED
 *              REPORT 200  -                                REPORTED
 *   REPORTED   200         tell sent                        FREE
 *   ANSWERED   REPORT 200  tell sent (s7.1.3)               FREE
 *              120 s       tell ETIMEDOUT                   FREE
 *   WAITING,   30 s        tell ETIMEDOUT (s7.1.1)          FREE
 *   SENT,      413         tell EPROTO (s10.5)              FREE
 *   REPORTED
 *   SENT,      abort       tell ECANCELED                   FREE
 *   REPORTED,
 *   ANSWERED
 *   WAITING,   REPORT 413  tell EPROTO (s7.1.2)             FREE
 *   SENT,
 *   REPORTED,
 *   ANSWERED
 *   ENDING,    room        #, tell ECANCELED (s7.1)         FREE
 *   ENDING*    30 s        tell failed, tell ECANCELED      FREE
 *              lost        tell failed, tell ECANCELED      FREE
 *              481         tell failed, tell ECANCELED      FREE
 *              REPORT 408  tell failed, tell ECANCELED      FREE
 *              close       tell ECANCELED                   FREE
 *   SENDING,   lost        tell failed, tell ECONNRESET     FREE
 *   WAITING,   close       tell ECONNRESET                  FREE
 *   SENT,      REPORT 408  tell failed, tell ECONNRESET     FREE
 *   REPORTED,
 *   ANSWERED
 *   SENDING,   481         tell failed, tell ECONNRESET     FREE
 *   WAITING,
 *   SENT,
 *   REPORTED
 *
 * SENDING: in the middle of a chunk, until the port has room; WAITING: for its
 * turn or its source; SENT: response and report are awaited; REPORTED: the
 * response; ANSWERED: the report; ENDING: it was given up in the middle of a
 * chunk; ENDING*: before one, while others are sent.  lost: the connection;
 * close: the session, whose half chunk ends with # when there is room.  Any
 * other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "msrp/core.h"
#include "msrp/head.h"


/** Place for a transaction; NULL: too many are open */
struct msrp_trans *msrp_trans_free(struct msrp_conn *c)
{
	unsigned i;

	for (i = 0; i < MSRP_TRANS; i++) {
		if (!c->transv[i].kind)
			return &c->transv[i];
	}

	return NULL;
}


/** Begin a transaction with the identifier in c->tid; there is a place */
struct msrp_trans *msrp_trans_begin(struct msrp *m, struct msrp_conn *c,
				    enum msrp_kind kind,
				    struct msrp_session *s)
{
	struct msrp_trans *t = msrp_trans_free(c);

	t->kind = (uint8_t)kind;
	t->s    = s;
	t->out  = NULL;
	t->from = t->to = 0;
	t->due_ms = m->now_ms + MSRP_T_MS;
	memcpy(t->tid, c->tid, sizeof(t->tid));

	return t;
}


/** The outcome of a message, when nothing points to its memory any more */
bool msrp_out_settle(struct msrp *m, struct msrp_out *o)
{
	struct msrp_session *s = o->s;
	struct msrp_result r;
	unsigned i;

	if (o->state == MSRP_O_SENT) {
		if (o->pending || (o->success && o->reported < o->total))
			return false;
	}
	/* the peer is to be told with "#" first */
	else if (o->state != MSRP_O_ENDING || (o->cut && o->s->conn)) {
		return false;
	}

	for (i = 0; i < MSRP_CONNS; i++) {

		struct msrp_conn *c = &m->connv[i];
		unsigned k;

		if (c->out == o)
			return false;
		for (k = 0; k < MSRP_TRANS; k++) {
			if (c->transv[k].kind && c->transv[k].out == o)
				c->transv[k].kind = 0;
		}
	}

	r.err    = o->err;
	r.status = o->status;
	r.len    = o->err ? o->acked : o->total;
	if (o->success && o->err)
		r.len = o->reported;
	r.total  = o->total;

	/* the slot is free when the handler sends the next message */
	o->state = MSRP_O_FREE;
	--s->openv[MSRP_WAY_OUT];
	m->h->sent_h(s, o->id, &r, o->arg);

	return true;
}


void msrp_out_fail(struct msrp *m, struct msrp_out *o, int err,
		   uint16_t status)
{
	if (o->state == MSRP_O_FREE)
		return;

	if (o->state != MSRP_O_ENDING) {
		o->state  = MSRP_O_ENDING;
		o->err    = err;
		o->status = status;
	}
	(void)msrp_out_settle(m, o);
}


/** Next octets of a message; fewer than are left only from a source */
static int window(const struct msrp_out *o, const uint8_t **p, size_t *n)
{
	const size_t left = o->total - o->pos;
	int err;

	*p = NULL;
	*n = 0;
	if (!left)
		return 0;

	if (o->source_h) {
		err = o->source_h(p, n, o->pos, o->arg);
		if (err)
			return err;
		if (!*p || !*n)
			return EIO;
	}
	else {
		*p = o->data + o->pos;
		*n = left;
	}
	if (*n > left)
		*n = left;

	return 0;
}


/** Choose the identifier of a chunk.  RFC 4975 s7.1: where the body holds it
 *  by chance the guard ends the chunk */
static int choose(struct msrp *m, struct msrp_conn *c)
{
	char id[2 * MSRP_RANDOM_LEN + 1];
	const int err = m->h->random_h(c->tid, sizeof(c->tid), m->arg);

	msrp_hex(id, c->tid, MSRP_RANDOM_LEN);
	msrp_guard_init(&c->guard, id);

	return err;
}


static int chunk_head(struct msrp *m, struct msrp_conn *c, size_t n)
{
	const struct msrp_out *o = c->out;
	const uint32_t at = n ? o->pos : 0;
	struct msrp_head *h = &m->tx;
	struct msrp_text t;

	memset(h, 0, sizeof(*h));
	h->method = MSRP_SEND;
	h->body = h->ranged = true;
	msrp_pl_str(&h->tid, c->guard.tid);
	msrp_pl_str(&h->hdrv[MSRP_TO_PATH], o->s->peer);
	msrp_pl_str(&h->hdrv[MSRP_FROM_PATH], o->s->self);
	msrp_pl_str(&h->hdrv[MSRP_MESSAGE_ID], o->id);
	if (o->success)
		msrp_pl_str(&h->hdrv[MSRP_SUCCESS_REPORT], "yes");
	if (o->silent)
		msrp_pl_str(&h->hdrv[MSRP_FAILURE_REPORT], "no");
	if (o->disposition)
		msrp_pl_str(&h->hdrv[MSRP_CONTENT_DISPOSITION],
			    o->disposition);
	msrp_pl_str(&h->hdrv[MSRP_CONTENT_TYPE], o->type);

	/* s7.1.1: a chunk that may be interrupted has no range-end, and one of
	   more than 2048 octets must be such a chunk; one without octets says
	   1-0 */
	h->range.start = at + 1;
	h->range.end   = c->open_end ? MSRP_ANY : at + (uint32_t)n;
	h->range.total = o->total;

	msrp_text_init(&t, c->txbuf, sizeof(c->txbuf));
	if (msrp_head_write(&t, h))
		return EOVERFLOW;

	c->seg[0].p = c->txbuf;
	c->seg[0].n = t.len;

	return 0;
}


/** Has a message something to send on a connection? */
static bool wants(const struct msrp_out *o, const struct msrp_conn *c)
{
	return (o->state == MSRP_O_SENDING ||
		(o->state == MSRP_O_ENDING && o->cut)) && o->s->conn == c;
}


static bool others_wait(const struct msrp *m, const struct msrp_conn *c)
{
	unsigned i;

	if (c->replies)
		return true;

	for (i = 0; i < MSRP_OUT; i++) {

		const struct msrp_out *o = &m->outv[i];

		if (o != c->out && wants(o, c))
			return true;
	}

	return false;
}


/** Most octets of a chunk: relays may hold whole ones; s7.1.1 allows small
 *  ones, too */
static uint32_t chunk_max(const struct msrp_out *o)
{
	return o->s->relayed ? MSRP_CHUNK : MSRP_CHUNK_MAX;
}


/** Is the chunk to end behind what has been chosen to be sent? */
static bool chunk_ends(const struct msrp *m, const struct msrp_conn *c)
{
	const struct msrp_out *o = c->out;
	const uint32_t len = o->pos - c->chunk_from;

	if (o->pos == o->total || o->state == MSRP_O_ENDING || c->interrupt ||
	    !c->open_end)
		return true;

	return len >= MSRP_CHUNK &&
		(len >= chunk_max(o) || others_wait(m, c));
}


/** Write the end-line of the current chunk */
static void chunk_end(struct msrp_conn *c)
{
	struct msrp_out *o = c->out;
	enum msrp_flag flag = MSRP_MORE;
	struct msrp_text t;
	struct pl tid;

	if (o->pos == o->total)
		flag = MSRP_COMPLETE;
	else if (o->state == MSRP_O_ENDING)
		flag = MSRP_ABORTED;
	if (flag != MSRP_MORE)
		o->cut = false;

	msrp_pl_str(&tid, c->guard.tid);
	msrp_text_init(&t, c->end, sizeof(c->end));
	msrp_end_write(&t, &tid, true, flag);
	c->seg[2].p = c->end;
	c->seg[2].n = t.len;
}


/** More of the body into the middle segment */
static void chunk_piece(struct msrp_conn *c, const uint8_t *p, size_t n)
{
	struct msrp_out *o = c->out;
	const size_t room = chunk_max(o) - (o->pos - c->chunk_from);

	if (n > MSRP_PIECE)
		n = MSRP_PIECE;
	if (n > room)
		n = room;

	c->seg[1].p = p;
	c->seg[1].n = msrp_guard_pass(&c->guard, p, n);
	c->interrupt = c->seg[1].n < n;
	o->pos += (uint32_t)c->seg[1].n;
}


/** End a chunk where the port has taken it to */
static void chunk_stop(struct msrp_conn *c)
{
	c->out->pos -= (uint32_t)c->seg[1].n;
	c->seg[1].n = 0;
	chunk_end(c);
}


/**
 * s7.1.1: interrupt a chunk where the port has not taken all of a piece, when
 * others wait or the message has failed
 */
static void chunk_cut(struct msrp *m, struct msrp_conn *c)
{
	const struct msrp_out *o = c->out;
	const uint32_t left = (uint32_t)c->seg[1].n;

	if (!o || !c->open_end || !left || c->seg[0].n)
		return;
	if (o->state != MSRP_O_ENDING &&
	    (o->pos - left - c->chunk_from < MSRP_CHUNK ||
	     !others_wait(m, c)))
		return;

	chunk_stop(c);
}


/** A session has ended: its messages too.  s7.1: a chunk that is half sent
 *  ends with "#" where it is, whatever its range says: the connection may be
 *  that of others, too */
void msrp_out_drop(struct msrp *m, struct msrp_conn *c,
		   const struct msrp_session *s)
{
	bool in_chunk;
	unsigned i;

	for (i = 0; i < MSRP_OUT; i++) {

		struct msrp_out *o = &m->outv[i];

		if (o->state == MSRP_O_FREE || o->s != s)
			continue;

		/* one that settles may be another message when its handler
		   returns */
		in_chunk = c->out == o;
		msrp_out_fail(m, o, ECONNRESET, 0);
		if (!in_chunk)
			continue;
		if (!c->seg[2].p || c->seg[1].n)
			chunk_stop(c);
		c->out = NULL;
		(void)msrp_out_settle(m, o);
	}
}


/** Begin a chunk of the message whose turn it is */
static int chunk_begin(struct msrp *m, struct msrp_conn *c,
		       struct msrp_out *o)
{
	const bool going = o->state == MSRP_O_SENDING;
	struct msrp_trans *t;
	const uint8_t *p = NULL;
	size_t n = 0;
	int err;

	/* s7.1: a chunk without octets says that there will be no more */
	err = going ? window(o, &p, &n) : 0;
	if (err)
		return err;
	err = choose(m, c);
	if (err)
		return err;

	c->out = o;
	c->chunk_from = o->pos;
	if (n > chunk_max(o))
		n = chunk_max(o);
	c->open_end = going && (n > MSRP_CHUNK ||
		(n < MSRP_CHUNK && n < o->total - o->pos));
	err = chunk_head(m, c, n);
	if (err) {
		c->out = NULL;
		return err;
	}
	t = o->silent || !going ? NULL :
		msrp_trans_begin(m, c, MSRP_K_CHUNK, o->s);
	c->chunk = t;
	if (t) {
		t->out  = o;
		t->from = o->pos;
		t->to   = MSRP_ANY;
		++o->pending;
	}
	chunk_piece(c, p, n);

	return 0;
}


/** All of a chunk has been handed over */
static void chunk_done(struct msrp *m, struct msrp_conn *c)
{
	struct msrp_out *o = c->out;

	/* s7.1.1: the timer runs from the last octet on */
	if (c->chunk) {
		c->chunk->to = o->pos;
		c->chunk->due_ms = m->now_ms + MSRP_T_MS;
	}
	c->out = NULL;
	if (o->state == MSRP_O_SENDING && o->pos == o->total) {
		o->state  = MSRP_O_SENT;
		o->due_ms = m->now_ms + MSRP_REPORT_MS;
		if (o->silent)
			o->acked = o->total;
	}
	(void)msrp_out_settle(m, o);
}


/** The next message in turn; one that waits for its source is passed over */
static bool next_message(struct msrp *m, struct msrp_conn *c)
{
	unsigned i;
	int err;

	for (i = 1; i <= MSRP_OUT; i++) {

		const unsigned k = (c->turn + i) % MSRP_OUT;
		struct msrp_out *o = &m->outv[k];

		if (!wants(o, c) || (o->state == MSRP_O_SENDING &&
				     !o->silent && !msrp_trans_free(c)))
			continue;

		err = chunk_begin(m, c, o);
		if (!err) {
			c->turn = (uint8_t)k;
			return true;
		}
		if (err != EAGAIN) {
			/* s7.1: what has begun ends with "#", if that can be
			   sent */
			o->cut = o->state == MSRP_O_SENDING && o->pos;
			if (o->cut)
				--i;
			msrp_out_fail(m, o, err == EOVERFLOW ? err : EIO, 0);
			(void)msrp_out_settle(m, o);
		}
		if (!c->used)
			return false;
	}

	return false;
}


/** Fill the segments; false: nothing to send now */
static bool next(struct msrp *m, struct msrp_conn *c)
{
	const uint8_t *p;
	size_t n;
	int err;

	if (!c->out) {
		if (c->replies) {
			err = msrp_reply_write(m, c);
			if (err != EAGAIN)
				return true;
		}
		if (!next_message(m, c))
			return false;
	}
	else if (!chunk_ends(m, c)) {
		err = window(c->out, &p, &n);
		if (err == EAGAIN) {
			/* s7.1.1: let others go on meanwhile */
			if (!others_wait(m, c))
				return false;
			c->interrupt = true;
		}
		else if (err) {
			msrp_out_fail(m, c->out, EIO, 0);
		}
		else {
			chunk_piece(c, p, n);
		}
	}

	if (chunk_ends(m, c))
		chunk_end(c);

	return true;
}


/** Hand the segments to the port; false: not all were taken */
static bool flush(struct msrp *m, struct msrp_conn *c)
{
	struct msrp_iov v[3];
	size_t took;
	unsigned i, n = 0;

	for (i = 0; i < 3; i++) {
		if (c->seg[i].n)
			v[n++] = c->seg[i];
	}
	if (!n)
		return true;

	took = m->h->send_h(c->num, v, n, m->arg);
	if (took)
		c->blocked = false;

	for (i = 0; i < 3; i++) {

		const size_t k = took < c->seg[i].n ? took : c->seg[i].n;

		if (!k)
			continue;
		c->seg[i].p = (const char *)c->seg[i].p + k;
		c->seg[i].n -= k;
		took -= k;
	}
	if (!c->seg[0].n && !c->seg[1].n && !c->seg[2].n)
		return true;

	/* who has no session wins no time by being slow: that of a stranger
	   runs already */
	if (!c->blocked) {
		c->blocked = true;
		if (c->kept || msrp_conn_sessions(m, c->num))
			c->due_ms = m->now_ms + MSRP_T_MS;
	}

	return false;
}


/** Send until nothing is left or nothing more is taken */
static void pump(struct msrp *m, struct msrp_conn *c)
{
	bool ended;

	while (c->used) {

		chunk_cut(m, c);

		/* the end-line is always the last segment */
		ended = c->seg[2].p;
		if (!flush(m, c))
			return;
		c->blocked = false;

		if (ended) {
			c->seg[2].p = NULL;
			if (c->out)
				chunk_done(m, c);
			continue;
		}
		c->again = false;
		if (!next(m, c) && !c->again)
			return;
	}
}


void msrp_pump(struct msrp *m, struct msrp_conn *c)
{
	if (m->idle && *m->idle)
		return;

	/* called by a handler that is called from here: go on there */
	if (c->pumping) {
		c->again = true;
		return;
	}

	c->pumping = true;
	pump(m, c);
	c->pumping = false;
}


static int check(const struct msrp_session *s, const struct msrp_msg *msg)
{
	const size_t len = msg->id ? strlen(msg->id) : 0;

	if (!msg->type || !msg->type[0] || (!msg->data && !msg->source_h &&
					    msg->len) ||
	    (msg->id && (len < MSRP_TID_MIN ||
			 *msrp_skip(msg->id, msg->id + len, C_IDENT))))
		return EINVAL;

	/* RFC 4975 s8.6: a limit of the message, not of a chunk */
	if (msg->len >= MSRP_ANY - 1 || (s->max_size &&
					 msg->len > s->max_size))
		return EMSGSIZE;

	if (strlen(msg->type) >= MSRP_TYPE_MAX || len > MSRP_TID_MAX)
		return EOVERFLOW;

	return 0;
}


int msrp_send(struct msrp_out **outp, struct msrp_session *s,
	      uint64_t now_ms, const struct msrp_msg *msg)
{
	struct msrp *m = s->m;
	struct msrp_conn *c = s->conn;
	uint8_t rand[MSRP_RANDOM_LEN];
	struct msrp_out *o = NULL;
	unsigned i;
	int err;

	m->now_ms = (uint32_t)now_ms;
	if (!c)
		return ENOTCONN;
	err = check(s, msg);
	if (err)
		return err;

	for (i = 0; i < MSRP_OUT && !o; i++) {
		if (m->outv[i].state == MSRP_O_FREE)
			o = &m->outv[i];
	}
	if (!o || !msrp_place(s, MSRP_WAY_OUT, MSRP_OUT))
		return ENOMEM;

	memset(o, 0, sizeof(*o));
	if (msg->id) {
		memcpy(o->id, msg->id, strlen(msg->id) + 1);
	}
	else {
		err = m->h->random_h(rand, sizeof(rand), m->arg);
		if (err)
			return err;
		msrp_hex(o->id, rand, MSRP_RANDOM_LEN);
	}
	memcpy(o->type, msg->type, strlen(msg->type) + 1);
	o->s           = s;
	o->data        = msg->data;
	o->source_h    = msg->data ? NULL : msg->source_h;
	o->arg         = msg->arg;
	o->disposition = msg->disposition;
	o->total       = msg->len;
	o->success     = msg->success;
	o->silent      = msg->silent;
	o->state       = MSRP_O_SENDING;
	++s->openv[MSRP_WAY_OUT];
	if (outp)
		*outp = o;

	msrp_pump(m, c);

	return 0;
}


void msrp_abort(struct msrp_out *out, uint64_t now_ms)
{
	struct msrp *m = out->s->m;
	struct msrp_conn *c = out->s->conn;

	m->now_ms = (uint32_t)now_ms;
	if (out->state == MSRP_O_SENDING)
		out->cut = out->pos && out->pos < out->total;
	msrp_out_fail(m, out, ECANCELED, 0);
	if (c)
		msrp_pump(m, c);
}


void msrp_resume(struct msrp_out *out, uint64_t now_ms)
{
	struct msrp_conn *c = out->s->conn;

	out->s->m->now_ms = (uint32_t)now_ms;
	if (c)
		msrp_pump(out->s->m, c);
}
