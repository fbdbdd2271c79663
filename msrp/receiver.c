/**
 * @file msrp/receiver.c  Requests received: whose they are, chunks put
 *                        together (RFC 4975 s5.4, s7.3)
 *
 * A message (with a success report wanted), and the chunks that it comes in:
 *
 *   state    event                  action                             next
 *   --------------------------------------------------------------------------
 *   NONE     head                   open                               CHUNK
 *            +                      open, 200                          PART
 *            gap $                  open, 200                          HOLES
 *            #                      open, 200, tell ECANCELED          -
 *   SEEN     head                   - (s5.4: a copy is not told)       COPY
 *            +                      200                                MORE
 *            $, gap $               200, REPORT                        -
 *            #                      200                                -
 *            415                    200                                MORE
 *   COPY     +                      200                                MORE
 *            $                      200, REPORT                        SEEN
 *            #                      200                                SEEN
 *            large, refuse          413                                REFUSED
 *            120 s                  -                                  EXPIRED
 *   MORE     head                   -                                  COPY
 *            +, 415                 200                                -
 *            $, gap $               200, REPORT                        SEEN
 *            #                      200                                SEEN
 *            large, refuse          413                                SEEN
 *            120 s                  -                                  SEEN
 *   COPY,    lost                   tell failed                        SEEN
 *   MORE     close                  -                                  SEEN
 *   OTHER    head                   open, duplicate (s5.4)             CHUNK
 *            +                      open, duplicate, 200               PART
 *            gap $                  open, duplicate, 200               HOLES
 *            $                      open, duplicate, 200, REPORT, tell SEEN
 *                                   whole
 *            #                      open, duplicate, 200, tell         -
 *                                   ECANCELED
 *   NONE,    415                    415 (open_h says so, s10)          -
 *   OTHER
 *   NONE,    large                  413 (s8.6)                         -
 *   SEEN,
 *   OTHER
 *   NONE     $                      open, 200, REPORT, tell whole      SEEN
 *   CHUNK    +                      200                                PART
 *   PART     head                   - (s5.1: no open_h again)          CHUNK
 *            +, 415                 200                                -
 *            gap $                  200                                HOLES
 *   HOLES    head                   -                                  CHUNK*
 *            $, gap $, 415          200 (that part has come again)     -
 *   CHUNK,   $                      200, REPORT, tell whole            SEEN
 *   CHUNK*,
 *   PART
 *   CHUNK*,  +                      200, REPORT, tell whole            SEEN
 *   HOLES
 *   CHUNK,   #                      200, tell ECANCELED                NONE
 *   CHUNK*,
 *   PART,
 *   HOLES
 *   CHUNK,   large, refuse          413, tell EPROTO (s10.5)           REFUSED
 *   CHUNK*   120 s                  tell ETIMEDOUT                     EXPIRED
 *   PART,    large, refuse          413, tell EPROTO (s10.5)           NONE
 *   HOLES    120 s                  tell ETIMEDOUT                     NONE
 *   EXPIRED  octets, large, refuse  413 (s10.5)                        REFUSED
 *            +, $, #                413 (not 200: it did not arrive)   NONE
 *   REFUSED  +, $, #                - (the 413 has left)               NONE
 *   NONE,    empty                  200 (s7.1: no body, no message)    -
 *   SEEN,
 *   MORE,
 *   OTHER,
 *   PART,
 *   HOLES
 *   CHUNK,   lost                   tell ECONNRESET, tell failed       NONE
 *   CHUNK*,  close                  tell ECONNRESET                    NONE
 *   PART,
 *   HOLES
 *   EXPIRED, lost                   tell failed                        NONE
 *   REFUSED  close                  -                                  NONE
 *   NONE,    lost                   tell failed                        -
 *   SEEN,
 *   OTHER
 *
 * CHUNK: in the middle of one; PART: between two; HOLES: the one with "$" was
 * there, others are missing; CHUNK*: in one of them; REFUSED: in the rest of a
 * chunk that was refused, EXPIRED: of a message that was given up; SEEN: all
 * of it has come before, COPY: in the middle of a chunk of it that comes once
 * more, MORE: between two; OTHER: all of one with its id has come in another
 * session.  head: a chunk begins; +, $, #: it ends so, or a whole one comes;
 * gap: with a hole before it; large: more than a=max-size; refuse:
 * msrp_refuse() and the next octets, or else the end of the chunk (and what
 * is next follows it); lost: the connection.  Any other pair of state and
 * event: nothing.
 *
 * What its sender still hears of a chunk (enum msrp_due), by Failure-Report:
 *
 *   state    event                  action                             next
 *   --------------------------------------------------------------------------
 *   NONE     yes                    - (s7.2)                           OK
 *            partial                - (s7.1.4: no 200)                 ERROR
 *            no                     - (s7.1.4)                         NOTHING
 *   OK       end                    200                                NONE
 *   ERROR,   end                    -                                  NONE
 *   NOTHING
 *   OK,      large                  413 (s10.5)                        NOTHING
 *   ERROR    120 s                  -                                  STOP
 *   STOP     octets, large          413 (s10.5: at once)               NOTHING
 *            end                    413                                NONE
 *   OK,      close                  -                                  NOTHING
 *   ERROR,
 *   STOP
 *
 * NONE: between two chunks.  Any other pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "msrp/core.h"
#include "msrp/uri.h"


/** RFC 4975 s7.3: To-Path has exactly one URI, that of a session */
static struct msrp_session *session_of(struct msrp *m, const struct pl *to)
{
	unsigned i;

	for (i = 0; i < MSRP_SESSIONS; i++) {

		struct msrp_session *s = &m->sessv[i];
		struct pl self;

		msrp_pl_str(&self, s->self);
		if (s->used && msrp_uri_match(&self, to))
			return s;
	}

	return NULL;
}


/** Whose request is it?  0, or the status that it earns */
static uint16_t find_session(struct msrp *m, struct msrp_conn *c,
			     struct msrp_session **sp)
{
	struct pl from = m->head.hdrv[MSRP_FROM_PATH];
	struct msrp_session *s;

	s = session_of(m, &m->head.hdrv[MSRP_TO_PATH]);
	if (!s || s->failed)
		return 481;
	/* RFC 4976 s6.4: our relays have put themselves before it */
	if (MSRP_RELAY && from.l > s->via && !memcmp(from.p, s->peer, s->via))
		pl_advance(&from, s->via);
	/* s5.4: it is assumed to be who was given this URI */
	if (!msrp_session_known(s) && msrp_session_peer(s, &from, 0))
		return 481;

	/* s5.4: the session is in use on another connection */
	if (s->conn && s->conn != c)
		return 506;

	*sp = s;
	if (s->conn)
		return 0;

	s->conn = c;
	m->h->bound_h(s, m->arg);

	return s->conn ? 0 : 481;
}


/** RFC 4975 s7.2: a response goes to the first URI of the From-Path.  Where
 *  that is not the session's peer it is remembered, one at a time: others get
 *  none */
static int sender_of(struct msrp *m, struct msrp_conn *c,
		     const struct msrp_session *s)
{
	struct pl path = m->head.hdrv[MSRP_FROM_PATH], from, peer;
	struct pl to = m->head.hdrv[MSRP_TO_PATH];
	unsigned i;

	if (!msrp_path_next(&from, &path))
		return EPROTO;

	if (s) {
		msrp_pl_str(&path, s->peer);
		(void)msrp_path_next(&peer, &path);
		c->strange = !msrp_uri_match(&peer, &from);
		if (!c->strange)
			return 0;
	}
	if (from.l >= MSRP_URI_MAX || !msrp_path_next(&peer, &to))
		return EPROTO;

	for (i = 0; i < c->replies; i++) {
		if (c->replyv[i].kind == MSRP_K_STRANGE &&
		    pl_strcmp(&from, c->from)) {
			c->rx_due = MSRP_DUE_NOTHING;
			return 0;
		}
	}

	c->strange = true;
	msrp_str_pl(c->from, sizeof(c->from), &from);
	msrp_str_pl(c->to, sizeof(c->to), &peer);

	return 0;
}


/** Answer the current request, once */
static void respond(struct msrp_conn *c, uint16_t status)
{
	struct msrp_reply *r;

	if (!c->rx_due)
		return;

	c->rx_due = MSRP_DUE_NOTHING;
	r = msrp_reply_new(c, c->strange ? MSRP_K_STRANGE : MSRP_K_RESPONSE,
			   c->rx);
	memcpy(r->id, c->rx_tid, sizeof(r->id));
	r->status = status;
}


static uint32_t limit(const struct msrp_session *s)
{
	return s->limit ? s->limit : s->m->max_size;
}


void msrp_session_limit(struct msrp_session *s, uint32_t max_size)
{
	s->limit = max_size;
}


void msrp_refuse(struct msrp_session *s)
{
	unsigned i;

	for (i = 0; i < MSRP_IN; i++) {
		if (s->m->inv[i].s == s)
			s->m->inv[i].sink.size = 0;
	}
}


/** The last message with that id of which all has come; NULL: none */
static struct msrp_seen *seen(struct msrp *m, const struct pl *id)
{
	unsigned i;

	for (i = 0; i < MSRP_SEEN; i++) {
		if (!pl_strcmp(id, m->seenv[i].id))
			return &m->seenv[i];
	}

	return NULL;
}


static void remember(struct msrp *m, const struct msrp_in *in)
{
	struct msrp_seen *v;
	struct pl id;

	msrp_pl_str(&id, in->id);
	v = seen(m, &id);
	if (!v) {
		v = &m->seenv[m->seen_next];
		m->seen_next = (uint8_t)((m->seen_next + 1) % MSRP_SEEN);
	}
	memcpy(v->id, in->id, sizeof(v->id));
	v->session = in->s->serial;
}


static struct msrp_in *in_find(struct msrp *m, const struct msrp_session *s,
			       const struct pl *id)
{
	unsigned i;

	for (i = 0; i < MSRP_IN; i++) {
		if (m->inv[i].s == s && !pl_strcmp(id, m->inv[i].id))
			return &m->inv[i];
	}

	return NULL;
}


void msrp_in_end(struct msrp *m, struct msrp_in *in, int err)
{
	struct msrp_result r = {0, 0, 0, 0};
	struct msrp_session *s = in->s;
	unsigned i;

	for (i = 0; i < MSRP_CONNS; i++) {
		if (m->connv[i].in == in) {
			m->connv[i].in = NULL;
			if (m->connv[i].rx_due)
				m->connv[i].rx_due = MSRP_DUE_STOP;
		}
	}

	r.err   = err;
	r.total = in->total != MSRP_ANY ? in->total : in->announced;
	r.len   = in->n && !in->have[0].from ? in->have[0].to : 0;
	if (!err) {
		r.len = r.total;
		remember(m, in);
	}

	in->s = NULL;
	--s->openv[MSRP_WAY_IN];
	if (!in->copy)
		m->h->done_h(s, &r, in->sink.arg);
}


void msrp_in_drop(struct msrp *m, const struct msrp_session *s)
{
	unsigned i;

	for (i = 0; i < MSRP_IN; i++) {
		if (m->inv[i].s == s)
			msrp_in_end(m, &m->inv[i], ECONNRESET);
	}
}


/** A message that is not known yet.  0, or the status that it earns */
static uint16_t in_open(struct msrp *m, struct msrp_conn *c,
			struct msrp_session *s)
{
	const struct msrp_head *h = &m->head;
	const uint32_t total = h->ranged ? h->range.total : MSRP_ANY;
	struct msrp_in *in = NULL;
	struct msrp_info info;
	struct msrp_sink sink = {NULL, 0, NULL};
	const struct msrp_seen *known = seen(m, &h->hdrv[MSRP_MESSAGE_ID]);
	const bool copy = known && known->session == s->serial;
	uint16_t status;
	unsigned i;

	for (i = 0; i < MSRP_IN && !in; i++) {
		if (!m->inv[i].s)
			in = &m->inv[i];
	}
	/* no room for one more, or larger than a=max-size says */
	if (!in || !msrp_place(s, MSRP_WAY_IN, MSRP_IN) ||
	    (total != MSRP_ANY && total > limit(s)))
		return 413;

	memset(&info, 0, sizeof(info));
	info.id = h->hdrv[MSRP_MESSAGE_ID];
	info.type = h->hdrv[MSRP_CONTENT_TYPE];
	info.disposition = h->hdrv[MSRP_CONTENT_DISPOSITION];
	info.total = total;
	info.duplicate = known;
	sink.size = limit(s);
	/* s5.4: a copy is confirmed once more, and that is all */
	status = copy ? 200 : m->h->open_h(s, &info, &sink, m->arg);
	if (status / 100 != 2)
		return status >= 300 ? status : 413;

	memset(in, 0, sizeof(*in));
	++s->openv[MSRP_WAY_IN];
	in->s = s;
	in->sink = sink;
	in->total = MSRP_ANY;
	in->announced = total;
	in->success = h->success == MSRP_YES;
	in->copy = copy;
	msrp_str_pl(in->id, sizeof(in->id), &info.id);
	c->in = in;
	if (s->conn)
		return 0;

	/* closed by open_h */
	msrp_in_end(m, in, ECONNRESET);

	return 481;
}


/** A SEND with a body begins.  0, or the status that it earns */
static uint16_t send_begins(struct msrp *m, struct msrp_conn *c,
			    struct msrp_session *s)
{
	const struct msrp_head *h = &m->head;
	uint16_t status;

	c->rx_pos = h->ranged ? h->range.start - 1 : 0;
	c->in = in_find(m, s, &h->hdrv[MSRP_MESSAGE_ID]);
	if (c->rx_pos > limit(s)) {
		/* s10.5: it is the message that is refused */
		if (c->in)
			msrp_in_end(m, c->in, EPROTO);
		return 413;
	}

	status = c->in ? 0 : in_open(m, c, s);
	if (!status)
		c->in->due_ms = m->now_ms + MSRP_IDLE_MS;

	return status;
}


/** The status of a request to a session; 0: it is known at its end */
static uint16_t request(struct msrp *m, struct msrp_conn *c,
			struct msrp_session *s)
{
	switch (m->head.method) {

	case MSRP_SEND:
		return m->head.body ? send_begins(m, c, s) : 0;

	case MSRP_REPORT:
		msrp_reported(m, s);
		return 0;

	default:
		return 501;
	}
}


static int take_head(struct msrp *m, struct msrp_conn *c)
{
	const struct msrp_head *h = &m->head;
	struct msrp_session *s = NULL;
	uint16_t status;

	c->in = NULL;
	c->rx = NULL;
	c->rx_due = MSRP_DUE_NOTHING;

	if (h->method == MSRP_RESPONSE) {
		if (!h->bad)
			msrp_answered(m, c, &h->tid, h->status);
		return 0;
	}
	msrp_str_pl(c->rx_tid, sizeof(c->rx_tid), &h->tid);

	/* s7.1.4: who gets a response; s7.1.2: a REPORT never */
	if (h->method != MSRP_REPORT && h->failure != MSRP_NO)
		c->rx_due = h->failure == MSRP_PARTIAL ? MSRP_DUE_ERROR
			: MSRP_DUE_OK;

	status = h->bad ? 400 : find_session(m, c, &s);
	if (!status)
		status = request(m, c, s);
	if (!c->used)
		return EPROTO;
	c->rx = s && s->conn ? s : NULL;

	if (c->rx_due && sender_of(m, c, c->rx))
		return EPROTO;

	/* what is refused is refused at once: s10.5 lets the sender stop */
	if (status) {
		c->in = NULL;
		respond(c, status);
	}

	return 0;
}


/** Refuse the rest of a chunk whose beginning was good */
static void stop(struct msrp *m, struct msrp_conn *c, uint16_t status)
{
	msrp_in_end(m, c->in, EPROTO);
	respond(c, status);
}


/** Remember octets from..to - 1; false: too many holes */
static bool have(struct msrp_in *in, uint32_t from, uint32_t to)
{
	struct msrp_hole *v = in->have;
	unsigned i = 0, k;

	while (i < in->n && v[i].to < from)
		++i;

	if (i == in->n || v[i].from > to) {
		if (in->n == MSRP_HOLES)
			return false;
		memmove(&v[i + 1], &v[i], (in->n - i) * sizeof(*v));
		v[i].from = from;
		v[i].to = to;
		++in->n;
		return true;
	}

	/* it touches piece i and maybe those behind it */
	if (from < v[i].from)
		v[i].from = from;
	for (k = i; k < in->n && v[k].from <= to; k++) {
		if (v[k].to > to)
			to = v[k].to;
	}
	v[i].to = to;
	memmove(&v[i + 1], &v[k], (in->n - k) * sizeof(*v));
	in->n = (uint8_t)(in->n - (k - i - 1));

	return true;
}


static void take_data(struct msrp *m, struct msrp_conn *c,
		      const struct msrp_found *f)
{
	struct msrp_in *in = c->in;

	/* s10.5: nobody wants the rest */
	if (c->rx_due == MSRP_DUE_STOP)
		respond(c, MSRP_DUE_STOP);
	if (!in)
		return;

	/* s8.6: more than a=max-size, or than the application has room for */
	if (c->rx_pos > in->sink.size || in->sink.size - c->rx_pos < f->len ||
	    limit(in->s) - c->rx_pos < f->len ||
	    !have(in, c->rx_pos, c->rx_pos + (uint32_t)f->len)) {
		stop(m, c, 413);
		return;
	}

	/* s7.3.1: the last one received takes precedence */
	if (in->sink.buf)
		memcpy(in->sink.buf + c->rx_pos, f->data, f->len);
	else if (!in->copy)
		m->h->data_h(c->rx_pos, f->data, f->len, in->sink.arg);
	c->rx_pos += (uint32_t)f->len;
	if (c->in)
		in->due_ms = m->now_ms + MSRP_IDLE_MS;
}


/** All of the message is there */
static bool complete(const struct msrp_in *in)
{
	if (in->total == MSRP_ANY)
		return false;

	return in->copy || !in->total || (in->n && !in->have[0].from &&
			      in->have[0].to >= in->total);
}


static void take_end(struct msrp *m, struct msrp_conn *c, enum msrp_flag flag)
{
	struct msrp_in *in = c->in;
	struct msrp_session *s = c->rx;
	struct msrp_reply *r;

	/* s10.5: refused by who took the last octets */
	if (in && flag != MSRP_ABORTED && c->rx_pos > in->sink.size) {
		stop(m, c, 413);
		return;
	}

	/* the response first: it is about this chunk */
	if (c->rx_due > MSRP_DUE_ERROR)
		respond(c, c->rx_due);

	c->in = NULL;
	if (!in)
		return;

	if (flag == MSRP_ABORTED) {
		msrp_in_end(m, in, ECANCELED);
		return;
	}

	/* s7.3.1: the chunk with "$" defines the length of the message */
	if (flag == MSRP_COMPLETE)
		in->total = c->rx_pos;
	if (!complete(in))
		return;

	if (in->success) {
		r = msrp_reply_new(c, MSRP_K_REPORT, s);
		memcpy(r->id, in->id, sizeof(r->id));
		r->total = in->total;
	}
	msrp_in_end(m, in, 0);
}


int msrp_take(struct msrp *m, struct msrp_conn *c,
	      const struct msrp_found *f)
{
	switch (f->step) {

	case MSRP_STEP_HEAD:
		return take_head(m, c);

	case MSRP_STEP_DATA:
		take_data(m, c, f);
		return 0;

	default:
		take_end(m, c, f->flag);
		return 0;
	}
}
