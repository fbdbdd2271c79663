/**
 * @file net_msrp.c  MSRP of the phones in the simulator: descriptions,
 * sessions, connections, what is sent
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "msrp/uri.h"
#include "test/sim/net_msrp_core.h"

#define PORT 9000

/** RFC 4975 s7.1.1, and what a success report may take */
#define T_MS 30000
#define REPORT_MS 120000

/** Octets of a chunk at most: s7.1.1, without interruption */
#define CHUNK 2048

static const struct ue_addr own = {4, {192, 0, 2, 77}, 0};


struct sim *net_msrp_sim(const struct net_msrp *nm)
{
	return nm->calls->net->sim;
}


void net_msrp_wrong(struct net_msrp *nm, const char *why)
{
	if (!nm->wrong)
		nm->wrong = why;
}


static bool chance(struct net_msrp *nm, unsigned percent)
{
	return sim_chance(net_msrp_sim(nm), percent);
}


static void timer_h(void *arg);


static void wake(struct net_msrp *nm)
{
	nm->wait_ms = 10;
	ue_timer_start(&net_msrp_sim(nm)->timers, &nm->timer,
		       1 + sim_below(net_msrp_sim(nm), 40), timer_h, nm);
}


/* ------------------------------------------------------------------ */
/* Descriptions */


/* Value of an attribute in the lines of a description */
static bool attr(char *val, size_t size, const struct pl *sdp,
		 const char *name)
{
	const size_t n = strlen(name);
	size_t i, k;

	for (i = 0; i + n < sdp->l; i++) {
		if ((i && sdp->p[i - 1] != '\n') || memcmp(sdp->p + i, name, n))
			continue;
		for (k = 0; i + n + k < sdp->l && k < size - 1 &&
		     sdp->p[i + n + k] != '\r'; k++)
			val[k] = sdp->p[i + n + k];
		val[k] = '\0';
		return true;
	}

	return false;
}


/* RFC 4975 s6: another URI for each session; s5.4: also for one that is made
   again */
static void describe_anew(struct net_msrp *nm, struct net_msrp_session *s)
{
	s->peer[0] = '\0';
	(void)snprintf(s->self, sizeof(s->self),
		       "msrp://192.0.2.77:%u/ph%08xa%08x;tcp", PORT +
		       (unsigned)sim_below(net_msrp_sim(nm), nm->ports),
		       (unsigned)sim_rand(net_msrp_sim(nm)), ++nm->serial);
}


static struct net_msrp_session *session_of(struct net_msrp *nm,
					   struct net_call *c)
{
	struct net_msrp_session *s = &nm->sessv[c - nm->calls->callv];

	if (s->call)
		return s;

	memset(s, 0, sizeof(*s));
	s->call = c;
	s->conn = -1;
	describe_anew(nm, s);

	return s;
}


/* RFC 6135 s4: who has offered says actpass, who answers chooses.  A session
   that stands stays as it is */
static size_t write_h(char *buf, size_t size, struct net_call *c, void *arg)
{
	struct net_msrp *nm = arg;
	struct net_msrp_session *s = session_of(nm, c);
	unsigned port = PORT;

	(void)sscanf(s->self, "msrp://192.0.2.77:%u", &port);

	return (size_t)snprintf(buf, size, "m=message %u TCP/MSRP *\r\n"
				"a=accept-types:*\r\n"
				"a=accept-wrapped-types:*\r\n"
				"a=path:%s\r\na=setup:%s\r\n"
				"a=msrp-cema\r\n%s", port, s->self,
				!s->peer[0] ? "actpass" : s->active ? "active"
				: "passive", nm->attrs);
}


/* ------------------------------------------------------------------ */
/* Life of sessions */


struct net_msrp_session *net_msrp_of(struct net_msrp *nm,
				     const struct net_call *c)
{
	struct net_msrp_session *s = &nm->sessv[c - nm->calls->callv];

	return s->call ? s : NULL;
}


static void outcome(struct net_msrp *nm, struct net_msrp_out *out,
		    unsigned status)
{
	unsigned i;

	for (i = 0; i < NET_MSRP_TRANS; i++) {
		if (nm->transv[i].out == out)
			nm->transv[i].serial = 0;
	}
	for (i = 0; i < NET_MSRP_OUT; i++) {
		if (nm->outv[i] == out)
			nm->outv[i] = NULL;
	}

	out->s = NULL;
	++*(status ? &nm->failed : &nm->sent);
	if (nm->sent_h)
		nm->sent_h(out, status, nm->arg);
}


/* Its connection is no more, or it is over */
static void unbind(struct net_msrp *nm, struct net_msrp_session *s)
{
	const bool was = s->bound;
	unsigned i;

	s->conn = -1;
	s->bound = false;
	s->lost = true;
	for (i = 0; i < NET_MSRP_OUT; i++) {
		if (nm->outv[i] && nm->outv[i]->s == s)
			outcome(nm, nm->outv[i], 1);
	}
	for (i = 0; i < NET_MSRP_TRANS; i++) {
		if (nm->transv[i].s == s)
			nm->transv[i].serial = 0;
	}
	for (i = 0; i < NET_MSRP_IN; i++) {
		if (nm->inv[i].s == s)
			nm->inv[i].s = NULL;
	}
	if (was && nm->lost_h)
		nm->lost_h(s, nm->arg);
}


static bool carries(const struct net_msrp *nm, int conn)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {
		if (nm->sessv[i].call && nm->sessv[i].conn == conn)
			return true;
	}

	return false;
}


/* It carries nothing any more: the UE closes it, too */
static void let_go(struct net_msrp *nm, int conn)
{
	if (conn < 0 || !nm->connv[conn].used || carries(nm, conn) ||
	    chance(nm, 50))
		return;

	nm->connv[conn].used = false;
	sim_tcp_close(net_msrp_sim(nm), (unsigned)conn, 0);
}


/* Its connection is no more, the call goes on */
static void fail(struct net_msrp *nm, struct net_msrp_session *s)
{
	const int conn = s->conn;

	unbind(nm, s);
	describe_anew(nm, s);
	let_go(nm, conn);
}


/* The UE's a=path.  @return false: it cannot be read, or is that of before */
static bool learn_path(struct net_msrp *nm, struct net_msrp_session *s,
		       const struct pl *sdp)
{
	char path[sizeof(s->peer)];
	struct msrp_uri uri;
	struct ue_addr addr;
	struct pl pl;

	if (!attr(path, sizeof(path), sdp, "a=path:")) {
		net_msrp_wrong(nm, "a description without a=path");
		return false;
	}
	if (!strcmp(path, s->peer))
		return false;
	pl_set_str(&pl, path);
	if (msrp_uri_decode(&uri, &pl) || ue_addr_decode(&addr, &uri.host)) {
		net_msrp_wrong(nm, "a=path cannot be read");
		return false;
	}

	/* its session of before has failed */
	if (s->peer[0])
		fail(nm, s);
	memcpy(s->peer, path, sizeof(path));
	s->addr = addr;
	s->addr.port = uri.port;

	return true;
}


static void read_h(struct net_call *c, const struct pl *sdp, void *arg)
{
	struct net_msrp *nm = arg;
	struct net_msrp_session *s = session_of(nm, c);
	char setup[20] = "";

	if (!learn_path(nm, s, sdp))
		return;

	if (!attr(setup, sizeof(setup), sdp, "a=setup:"))
		net_msrp_wrong(nm, "a description without a=setup");
	if (!strcmp(setup, "actpass"))
		s->active = chance(nm, 50);
	else
		s->active = !strcmp(setup, "passive");
}


static void over_h(struct net_call *c, void *arg)
{
	struct net_msrp *nm = arg;
	struct net_msrp_session *s = net_msrp_of(nm, c);
	int conn;

	if (!s)
		return;

	conn = s->conn;
	unbind(nm, s);
	s->call = NULL;
	let_go(nm, conn);
}


void net_msrp_bound(struct net_msrp *nm, struct net_msrp_session *s, int conn)
{
	s->conn = conn;
	s->bound = true;
	if (nm->ready_h)
		nm->ready_h(s, nm->arg);
}


/* A connection to the same place is used again (RFC 4975 s5.4) */
static int conn_shared(struct net_msrp *nm, const struct net_msrp_session *s)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {

		const struct net_msrp_session *o = &nm->sessv[i];

		if (o->call && o->bound && ue_addr_equal(&o->addr, &s->addr) &&
		    chance(nm, nm->share))
			return o->conn;
	}

	return -1;
}


/* RFC 4975 s5.4: the active endpoint sends a SEND at once */
static void bind(struct net_msrp *nm, struct net_msrp_session *s)
{
	char tid[16];

	if (net_msrp_trans(nm, tid, s, NULL))
		net_msrp_put(nm, s->conn, "MSRP %s SEND\r\nTo-Path: %s\r\n"
			     "From-Path: %s\r\nMessage-ID: b%s\r\n"
			     "-------%s$\r\n", tid, s->peer, s->self, tid,
			     tid);
	wake(nm);
}


static void up_h(struct net_call *c, void *arg)
{
	struct net_msrp *nm = arg;
	struct net_msrp_session *s = net_msrp_of(nm, c);
	struct ue_addr src = own;

	if (!s || !s->peer[0] || !s->active || s->conn >= 0)
		return;

	s->conn = conn_shared(nm, s);
	if (s->conn >= 0) {
		++nm->shared;
		bind(nm, s);
		return;
	}

	src.port = (uint16_t)(20000 + ++nm->serial % 20000);
	s->conn = sim_tcp_connect(net_msrp_sim(nm), &src, &s->addr);
	if (s->conn < 0)
		return;
	++nm->connects;
	memset(&nm->connv[s->conn], 0, offsetof(struct net_msrp_conn, tx));
	nm->connv[s->conn].used = true;
}


/* ------------------------------------------------------------------ */
/* Connections */


static int accept_h(unsigned conn, const struct ue_addr *dst, void *arg)
{
	struct net_msrp *nm = arg;

	if (dst->port < PORT || dst->port >= PORT + nm->ports)
		net_msrp_wrong(nm, "a connection to a place of nobody");
	if (chance(nm, nm->refuse))
		return ECONNREFUSED;

	++nm->accepts;
	memset(&nm->connv[conn], 0, offsetof(struct net_msrp_conn, tx));
	nm->connv[conn].used = nm->connv[conn].up = true;

	return 0;
}


static bool alive_h(const struct ue_addr *addr, void *arg)
{
	(void)addr;
	(void)arg;

	return true;
}


static void closed_h(unsigned conn, void *arg)
{
	struct net_msrp *nm = arg;
	unsigned i;

	nm->connv[conn].used = false;
	for (i = 0; i < NET_CALLS; i++) {
		if (nm->sessv[i].call && nm->sessv[i].conn == (int)conn)
			fail(nm, &nm->sessv[i]);
	}
}


static void connect_h(unsigned conn, int err, void *arg)
{
	struct net_msrp *nm = arg;
	unsigned i;

	if (err) {
		closed_h(conn, nm);
		return;
	}

	nm->connv[conn].up = true;
	for (i = 0; i < NET_CALLS; i++) {
		if (nm->sessv[i].call && nm->sessv[i].conn == (int)conn)
			bind(nm, &nm->sessv[i]);
	}
	/* whose session it was hung up meanwhile: the UE waits for it, and
	   nobody comes */
}


void net_msrp_close(struct net_msrp *nm, unsigned conn)
{
	sim_tcp_close(net_msrp_sim(nm), conn, ECONNRESET);
	closed_h(conn, nm);
}


/* ------------------------------------------------------------------ */
/* Sending */


bool net_msrp_trans(struct net_msrp *nm, char tid[16],
		    struct net_msrp_session *s, struct net_msrp_out *out)
{
	unsigned i;

	for (i = 0; i < NET_MSRP_TRANS; i++) {

		struct net_msrp_trans *t = &nm->transv[i];

		if (t->serial)
			continue;
		t->serial = ++nm->serial;
		t->conn = s->conn;
		t->s = s;
		t->out = out;
		t->due_ms = net_msrp_sim(nm)->now_ms + T_MS;
		(void)snprintf(tid, 16, "nt%08u", t->serial);
		return true;
	}

	return false;
}


void net_msrp_put(struct net_msrp *nm, int conn, const char *fmt, ...)
{
	struct net_msrp_conn *c = &nm->connv[conn];
	const size_t room = sizeof(c->tx) - c->tx_len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(c->tx + c->tx_len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		net_msrp_sim(nm)->broken = "a phone's answers do not fit";
	else
		c->tx_len = (uint16_t)(c->tx_len + n);
	wake(nm);
}


/* One of the first two that were not sent: the UE has to put them in order */
static unsigned next_chunk(struct net_msrp *nm, const struct net_msrp_out *o)
{
	unsigned i, first = o->count;

	for (i = 0; i < o->count; i++) {
		if (o->sentv[i])
			continue;
		if (first == o->count)
			first = i;
		else
			return chance(nm, 20) ? i : first;
	}

	return first;
}


static void write_chunk(struct net_msrp *nm, struct net_msrp_out *o)
{
	struct net_msrp_conn *c = &nm->connv[o->s->conn];
	const unsigned k = next_chunk(nm, o);
	const uint32_t pos = k * o->chunk;
	const uint32_t n = o->len - pos < o->chunk ? o->len - pos : o->chunk;
	char tid[16], end[12] = "*", flag = '+';

	if (k == o->count || !net_msrp_trans(nm, tid, o->s, o))
		return;

	if (pos + n == o->len)
		flag = '$';
	else if (o->abort && chance(nm, 30))
		flag = '#';
	/* s7.1.1: either is allowed */
	if (chance(nm, 50))
		(void)snprintf(end, sizeof(end), "%u", (unsigned)(pos + n));

	net_msrp_put(nm, o->s->conn, "MSRP %s SEND\r\nTo-Path: %s\r\n"
		     "From-Path: %s\r\nMessage-ID: %s\r\n%s"
		     "Byte-Range: %u-%s/%u\r\nContent-Type: %s\r\n\r\n", tid,
		     o->s->peer, o->s->self, o->id, o->report ?
		     "Success-Report: yes\r\n" : "", (unsigned)pos + 1, end,
		     (unsigned)o->len, o->type);
	memcpy(c->tx + c->tx_len, o->data + pos, n);
	c->tx_len = (uint16_t)(c->tx_len + n);
	net_msrp_put(nm, o->s->conn, "\r\n-------%s%c\r\n", tid, flag);

	++nm->chunks;
	o->sentv[k] = true;
	o->due_ms = net_msrp_sim(nm)->now_ms + REPORT_MS;
	if (flag == '#')
		outcome(nm, o, 2);
}


bool net_msrp_send(struct net_msrp *nm, struct net_msrp_session *s,
		   struct net_msrp_out *out)
{
	const uint32_t least = out->len / NET_MSRP_CHUNKS + 1;
	unsigned i;

	if (!s || !s->bound || !s->peer[0])
		return false;

	for (i = 0; i < NET_MSRP_OUT; i++) {
		if (nm->outv[i])
			continue;
		nm->outv[i] = out;
		out->s = s;
		out->chunk = 1 + sim_below(net_msrp_sim(nm), CHUNK);
		if (out->chunk < least)
			out->chunk = least;
		out->count = out->len ? (out->len - 1) / out->chunk + 1 : 1;
		memset(out->sentv, 0, sizeof(out->sentv));
		out->acked = 0;
		out->reported = false;
		out->due_ms = UINT64_MAX;
		wake(nm);
		return true;
	}

	return false;
}


/* A response, or a time-out (408), or a report */
void net_msrp_answered(struct net_msrp *nm, struct net_msrp_out *o,
		       unsigned status)
{
	if (status != 200) {
		outcome(nm, o, status);
		return;
	}
	if (o->acked == o->count && (o->reported || !o->report))
		outcome(nm, o, 0);
}


/* Octets out, and the next chunk of any message when there are none */
static bool pump(struct net_msrp *nm, unsigned conn)
{
	struct net_msrp_conn *c = &nm->connv[conn];
	struct sim *sim = net_msrp_sim(nm);
	const unsigned turn = sim_below(sim, NET_MSRP_OUT);
	bool moved = false;
	size_t n;
	unsigned i;

	while (c->used && c->up) {

		for (i = 0; !c->tx_len && i < NET_MSRP_OUT; i++) {

			struct net_msrp_out *o =
				nm->outv[(turn + i) % NET_MSRP_OUT];

			if (o && o->s->conn == (int)conn)
				write_chunk(nm, o);
		}

		n = sim_tcp_room(sim, conn);
		if (n > c->tx_len)
			n = c->tx_len;
		if (!n)
			break;
		sim_tcp_send(sim, conn, c->tx, n);
		c->tx_len = (uint16_t)(c->tx_len - n);
		memmove(c->tx, c->tx + n, c->tx_len);
		moved = true;
		if (chance(nm, 30))
			break;
	}

	return moved;
}


static bool waits(const struct net_msrp *nm)
{
	unsigned i;

	for (i = 0; i < NET_MSRP_OUT; i++) {
		if (nm->outv[i])
			return true;
	}
	for (i = 0; i < NET_MSRP_TRANS; i++) {
		if (nm->transv[i].serial)
			return true;
	}
	for (i = 0; i < SIM_CONNS; i++) {
		if (nm->connv[i].used && nm->connv[i].tx_len)
			return true;
	}

	return false;
}


/* Time-outs: of responses and of reports */
static void overdue(struct net_msrp *nm)
{
	const uint64_t now_ms = net_msrp_sim(nm)->now_ms;
	unsigned i;

	for (i = 0; i < NET_MSRP_TRANS; i++) {

		struct net_msrp_trans *t = &nm->transv[i];

		if (!t->serial || t->due_ms > now_ms)
			continue;
		t->serial = 0;
		if (t->out)
			outcome(nm, t->out, 408);
		else
			fail(nm, t->s);
	}
	for (i = 0; i < NET_MSRP_OUT; i++) {
		if (nm->outv[i] && nm->outv[i]->due_ms <= now_ms)
			outcome(nm, nm->outv[i], 408);
	}
}


static void timer_h(void *arg)
{
	struct net_msrp *nm = arg;
	bool moved = false;
	unsigned i;

	overdue(nm);
	for (i = 0; i < SIM_CONNS; i++)
		moved |= pump(nm, i);

	if (moved)
		nm->wait_ms = 10;
	else if (nm->wait_ms < 1000)
		nm->wait_ms *= 2;
	if (waits(nm))
		ue_timer_start(&net_msrp_sim(nm)->timers, &nm->timer,
			       nm->wait_ms, timer_h, nm);
}


/* ------------------------------------------------------------------ */


void net_msrp_init(struct net_msrp *nm, struct net_calls *cs)
{
	struct sim_host *h = &cs->net->sim->peer;
	unsigned i;

	memset(nm, 0, offsetof(struct net_msrp, inv));
	for (i = 0; i < NET_MSRP_IN; i++)
		nm->inv[i].s = NULL;
	for (i = 0; i < SIM_CONNS; i++)
		nm->connv[i].used = false;

	nm->calls = cs;
	nm->attrs = "";
	nm->ports = 1;
	nm->share = 100;
	nm->media.write_h = write_h;
	nm->media.read_h = read_h;
	nm->media.up_h = up_h;
	nm->media.over_h = over_h;
	nm->media.arg = nm;
	cs->media = &nm->media;
	h->accept_h = accept_h;
	h->connect_h = connect_h;
	h->data_h = net_msrp_data_h;
	h->closed_h = closed_h;
	h->alive_h = alive_h;
	h->arg = nm;
	cs->net->sim->peer_addr = own;
}


const char *net_msrp_residue(const struct net_msrp *nm)
{
	unsigned i;

	if (nm->wrong)
		return nm->wrong;
	for (i = 0; i < SIM_CONNS; i++) {
		if (nm->connv[i].used)
			return "a connection is left to a phone";
	}
	for (i = 0; i < NET_CALLS; i++) {
		if (nm->sessv[i].call)
			return "a phone has a session left";
	}

	return waits(nm) ? "a phone waits for something" : NULL;
}
