/**
 * @file msrp/reply.c  Responses, REPORTs and requests without body; what
 *                     comes back (RFC 4975 s7.1.2, s7.1.3, s7.2, s7.3.2)
 */
#include <errno.h>
#include <string.h>
#include "msrp/core.h"
#include "msrp/relay.h"
#include "msrp/uri.h"


/** A response or REPORT that a frame causes: msrp_reply_room() was asked */
struct msrp_reply *msrp_reply_new(struct msrp_conn *c, enum msrp_kind kind,
				  struct msrp_session *s)
{
	struct msrp_reply *r = &c->replyv[c->replies++];

	memset(r, 0, sizeof(*r));
	r->kind = (uint8_t)kind;
	r->s    = s;

	return r;
}


/** A request of ours; what a frame may cause keeps its room */
bool msrp_request_new(struct msrp_conn *c, enum msrp_kind kind,
		      struct msrp_session *s)
{
	if (c->replies + 3 > MSRP_REPLIES)
		return false;

	(void)msrp_reply_new(c, kind, s);

	return true;
}


/** A frame causes a response and a REPORT at most */
bool msrp_reply_room(const struct msrp_conn *c)
{
	return c->replies + 2 <= MSRP_REPLIES;
}


static void reply_remove(struct msrp_conn *c, unsigned i)
{
	--c->replies;
	memmove(&c->replyv[i], &c->replyv[i + 1],
		(c->replies - i) * sizeof(c->replyv[0]));
}


/** What a connection has for a session; also one that is not bound to it has
 *  its AUTH */
void msrp_conn_forget(struct msrp_conn *c, const struct msrp_session *s)
{
	unsigned i = 0;

	while (i < c->replies) {
		if (c->replyv[i].s == s)
			reply_remove(c, i);
		else
			++i;
	}
	for (i = 0; i < MSRP_TRANS; i++) {
		if (c->transv[i].s == s)
			c->transv[i].kind = 0;
	}
	if (c->rx == s) {
		c->rx = NULL;
		c->rx_due = MSRP_DUE_NOTHING;
	}
}


/* RFC 4975 s7.2: To-Path is the first URI of the request's From-Path */
static void response(struct msrp_head *h, const struct msrp_conn *c,
		     const struct msrp_reply *r)
{
	struct pl rest;

	h->status = r->status;
	msrp_pl_str(&h->name, r->status == 200 ? "OK" : "Refused");
	msrp_pl_str(&h->tid, r->id);
	if (r->kind == MSRP_K_STRANGE) {
		msrp_pl_str(&h->hdrv[MSRP_TO_PATH], c->from);
		msrp_pl_str(&h->hdrv[MSRP_FROM_PATH], c->to);
		return;
	}
	msrp_pl_str(&rest, r->s->peer);
	/* where it was no SEND: all of the way back */
	h->hdrv[MSRP_TO_PATH] = rest;
	if (r->status != 501)
		(void)msrp_path_next(&h->hdrv[MSRP_TO_PATH], &rest);
	msrp_pl_str(&h->hdrv[MSRP_FROM_PATH], r->s->self);
}


/* RFC 4975 s7.1.2, s7.1.3 */
static void report(struct msrp_head *h, const struct msrp_reply *r)
{
	h->method = MSRP_REPORT;
	msrp_pl_str(&h->hdrv[MSRP_MESSAGE_ID], r->id);
	msrp_pl_str(&h->hdrv[MSRP_STATUS], "000 200 OK");
	h->ranged = true;
	h->range.start = 1;
	h->range.end = h->range.total = r->total;
}


static void request(struct msrp_head *h, const struct msrp_reply *r,
		    const char *id)
{
	msrp_pl_str(&h->tid, id);
	msrp_pl_str(&h->hdrv[MSRP_TO_PATH], r->s->peer);
	msrp_pl_str(&h->hdrv[MSRP_FROM_PATH], r->s->self);

	if (r->kind == MSRP_K_REPORT) {
		report(h, r);
	}
	else if (r->kind == MSRP_K_BIND) {
		h->method = MSRP_SEND;
		msrp_pl_str(&h->hdrv[MSRP_MESSAGE_ID], id);
		/* s7.1.1: 1-0/0 */
		h->ranged = true;
		h->range.start = 1;
	}
	else if (r->kind == MSRP_K_AUTH) {
		/* RFC 4976 s5.1: to the relay alone */
		h->method = MSRP_AUTH;
		msrp_pl_str(&h->hdrv[MSRP_TO_PATH], r->s->auth->relay);
	}
	else {
		h->method = MSRP_NICKNAME;
	}
}


/* A response, which may belong to no session that could fail, always fits: it
   has two URIs, an identifier twice, and a status with its phrase */
_Static_assert(MSRP_TX_MAX >= MSRP_PATH_MAX + MSRP_URI_MAX + 256,
	       "MSRP_TX_MAX");

static int write_text(struct msrp *m, struct msrp_conn *c,
		      const struct msrp_reply *r)
{
	const struct msrp_head *h = &m->tx;
	struct msrp_text t;

	msrp_text_init(&t, c->txbuf, sizeof(c->txbuf));
	(void)msrp_head_write(&t, h);
	/* RFC 7701 s9: a quoted string */
	if (r->kind == MSRP_K_NICKNAME)
		msrp_putf(&t, "Use-Nickname: \"%s\"\r\n", r->s->nickname);
	if (r->kind == MSRP_K_AUTH)
		msrp_auth_write(&t, r->s->auth, h->tid.p);
	msrp_end_write(&t, &h->tid, false, MSRP_COMPLETE);
	if (t.full)
		return EOVERFLOW;

	c->seg[0].p = c->txbuf;
	c->seg[0].n = t.len;

	return 0;
}


/** Put what waits longest into the first segment; what needs a transaction
 *  while too many are open is passed over.  @return 0; EAGAIN: there is only
 *  that */
int msrp_reply_write(struct msrp *m, struct msrp_conn *c)
{
	const struct msrp_reply *r = c->replyv;
	char id[2 * MSRP_RANDOM_LEN + 1];
	struct msrp_session *s;
	enum msrp_kind kind;
	int err = 0;

	while (r->kind > MSRP_K_REPORT && !msrp_trans_free(c)) {
		if (++r == c->replyv + c->replies)
			return EAGAIN;
	}
	kind = (enum msrp_kind)r->kind;
	s = r->s;

	memset(&m->tx, 0, sizeof(m->tx));
	if (kind < MSRP_K_REPORT) {
		response(&m->tx, c, r);
	}
	else {
		err = m->h->random_h(c->tid, sizeof(c->tid), m->arg);
		msrp_hex(id, c->tid, MSRP_RANDOM_LEN);
		request(&m->tx, r, id);
	}
	if (!err)
		err = write_text(m, c, r);
	reply_remove(c, (unsigned)(r - c->replyv));
	if (err && kind == MSRP_K_AUTH)
		msrp_auth_answered(m, c, s, 408);
	else if (err)
		msrp_session_fail(s, err, 0);
	else if (kind > MSRP_K_REPORT)
		(void)msrp_trans_begin(m, c, kind, s);

	return 0;
}


/** RFC 4975 s10: what the status code of a response or report means for a
 *  message */
static void refused(struct msrp *m, struct msrp_out *o, uint16_t status)
{
	struct msrp_session *s = o->s;

	if (status == 481 || status == 506)
		msrp_session_fail(s, EPROTO, status);
	else
		/* s10.4: 408 is a time-out */
		msrp_out_fail(m, o, status == 408 ? ETIMEDOUT : EPROTO,
			      status);
}


static void chunk_answered(struct msrp *m, const struct msrp_trans *t,
			   uint16_t status)
{
	struct msrp_out *o = t->out;
	struct msrp_session *s = o->s;

	--o->pending;
	if (status / 100 != 2) {
		refused(m, o, status);
		return;
	}

	if (t->from == o->acked)
		o->acked = t->to;
	if (m->h->progress_h && o->state != MSRP_O_ENDING)
		m->h->progress_h(s, o->acked, o->total, o->arg);
	(void)msrp_out_settle(m, o);
}


/** The end of a transaction by a response, or by time: 408 */
static void answered(struct msrp *m, struct msrp_conn *c,
		     struct msrp_trans *slot, uint16_t status)
{
	const struct msrp_trans t = *slot;

	slot->kind = 0;
	switch (t.kind) {

	case MSRP_K_CHUNK:
		chunk_answered(m, &t, status);
		break;

	case MSRP_K_BIND:
		if (status == 408 || status == 481 || status == 506)
			msrp_session_fail(t.s, status == 408 ? ETIMEDOUT :
					  EPROTO, status);
		break;

	case MSRP_K_AUTH:
		msrp_auth_answered(m, c, t.s, status);
		break;

	default:
		t.s->nickname = NULL;
		m->h->nickname_h(t.s, status, m->arg);
		break;
	}
}


void msrp_answered(struct msrp *m, struct msrp_conn *c, const struct pl *tid,
		   uint16_t status)
{
	char id[2 * MSRP_RANDOM_LEN + 1];
	unsigned i;

	for (i = 0; i < MSRP_TRANS; i++) {

		struct msrp_trans *t = &c->transv[i];

		if (!t->kind)
			continue;
		msrp_hex(id, t->tid, MSRP_RANDOM_LEN);
		if (pl_strcmp(tid, id))
			continue;

		/* good news about what has not been sent yet is none */
		if (t->to != MSRP_ANY || status / 100 != 2)
			answered(m, c, t, status);
		return;
	}
}


/** RFC 4975 s7.1.1: 30 seconds without a response */
void msrp_trans_due(struct msrp *m, struct msrp_conn *c)
{
	unsigned i;

	for (i = 0; i < MSRP_TRANS && c->used; i++) {

		struct msrp_trans *t = &c->transv[i];

		if (t->kind && t->to != MSRP_ANY && !msrp_left(m, t->due_ms))
			answered(m, c, t, 408);
	}
}


/** A REPORT for a session is in m->head */
void msrp_reported(struct msrp *m, struct msrp_session *s)
{
	const struct msrp_head *h = &m->head;
	const uint16_t status = msrp_head_report(h);
	unsigned i;

	for (i = 0; i < MSRP_OUT; i++) {

		struct msrp_out *o = &m->outv[i];

		/* s7.3.2: by Message-ID; unknown ones are ignored */
		if (o->state == MSRP_O_FREE || o->s != s ||
		    pl_strcmp(&h->hdrv[MSRP_MESSAGE_ID], o->id))
			continue;

		if (status && status / 100 != 2) {
			/* octets that were not received end the session */
			if (status == 408 && h->ranged)
				msrp_session_fail(s, ETIMEDOUT, status);
			else
				refused(m, o, status);
			return;
		}
		if (!status || !o->success)
			return;

		/* s7.1.3: it may speak of any range */
		if (!h->ranged || h->range.end == MSRP_ANY)
			o->reported = o->total;
		else if (h->range.start - 1 <= o->reported &&
			 h->range.end > o->reported)
			o->reported = h->range.end;
		if (o->reported > o->pos)
			o->reported = o->pos;
		(void)msrp_out_settle(m, o);
		return;
	}
}


int msrp_nickname(struct msrp_session *s, const char *name)
{
	struct msrp_conn *c = s->conn;

	if (!c)
		return ENOTCONN;
	if (s->nickname)
		return EBUSY;
	if (!msrp_request_new(c, MSRP_K_NICKNAME, s))
		return ENOMEM;

	s->nickname = name;

	return 0;
}
