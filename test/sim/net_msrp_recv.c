/**
 * @file net_msrp_recv.c  MSRP of the phones in the simulator: what the UE
 * sends (RFC 4975 s7, s9)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/sim/net_msrp_core.h"

/** One whole frame */
struct frame {
	char tid[40];
	char first[40];         /* method, or status and comment         */
	const char *hdrs;       /* zero-terminated                       */
	const char *body;       /* NULL = none                           */
	size_t body_len;
	char flag;
};


static const char *find(const char *p, size_t len, const char *str)
{
	const size_t n = strlen(str);
	size_t i;

	for (i = 0; i + n <= len; i++) {
		if (p[i] == str[0] && !memcmp(p + i, str, n))
			return p + i;
	}

	return NULL;
}


/* Value of a header field; "" */
static const char *hdr(char *val, size_t size, const struct frame *f,
		       const char *name)
{
	const size_t n = strlen(name);
	const char *p = f->hdrs;
	size_t k = 0;

	for (; p && *p; p = strstr(p, "\r\n")) {
		p += p[0] == '\r' ? 2 : 0;
		if (strncmp(p, name, n) || strncmp(p + n, ": ", 2))
			continue;
		for (p += n + 2; *p && *p != '\r' && k < size - 1; p++)
			val[k++] = *p;
		break;
	}
	val[k] = '\0';

	return val;
}


/* ------------------------------------------------------------------ */
/* Requests */


/* RFC 4975 s7.2: both paths turned round */
static void respond(struct net_msrp *nm, unsigned conn, const struct frame *f,
		    unsigned status)
{
	char from[160], to[160], failure[12];

	if (!strcmp(hdr(failure, sizeof(failure), f, "Failure-Report"), "no"))
		return;
	if (sim_chance(net_msrp_sim(nm), nm->mute)) {
		++nm->muted;
		return;
	}

	net_msrp_put(nm, (int)conn, "MSRP %s %u %s\r\nTo-Path: %s\r\n"
		     "From-Path: %s\r\n-------%s$\r\n", f->tid, status,
		     status == 200 ? "OK" : "No",
		     hdr(from, sizeof(from), f, "From-Path"),
		     hdr(to, sizeof(to), f, "To-Path"), f->tid);
}


static void report(struct net_msrp *nm, const struct net_msrp_in *in)
{
	const struct net_msrp_session *s = in->s;
	const unsigned serial = ++nm->serial;

	++nm->reports;
	net_msrp_put(nm, s->conn, "MSRP nr%08u REPORT\r\nTo-Path: %s\r\n"
		     "From-Path: %s\r\nMessage-ID: %s\r\n"
		     "Byte-Range: 1-%u/%u\r\nStatus: 000 200 OK\r\n"
		     "-------nr%08u$\r\n", serial, s->peer, s->self, in->id,
		     (unsigned)in->len, (unsigned)in->len, serial);
}


static struct net_msrp_session *session_of(struct net_msrp *nm,
					   const struct frame *f)
{
	char to[160], from[sizeof(nm->sessv[0].peer)];
	unsigned i;

	(void)hdr(to, sizeof(to), f, "To-Path");
	(void)hdr(from, sizeof(from), f, "From-Path");

	for (i = 0; i < NET_CALLS; i++) {

		struct net_msrp_session *s = &nm->sessv[i];

		if (!s->call || strcmp(s->self, to))
			continue;
		/* where the UE's answer is not here yet, another path than
		   before (RFC 4975 s8.4) */
		if (!s->bound && s->call->req.len)
			memcpy(s->peer, from, sizeof(s->peer));
		else if (s->peer[0] && strcmp(s->peer, from) &&
			 !s->call->req.len)
			net_msrp_wrong(nm, "From-Path is not a=path");
		return s;
	}

	return NULL;
}


static struct net_msrp_in *in_find(struct net_msrp *nm,
				   const struct net_msrp_session *s,
				   const char *id)
{
	unsigned i;

	for (i = 0; i < NET_MSRP_IN; i++) {
		if (nm->inv[i].s == s && (!s || !strcmp(nm->inv[i].id, id)))
			return &nm->inv[i];
	}

	return NULL;
}


/* The incomplete message that a chunk is of */
static struct net_msrp_in *in_of(struct net_msrp *nm,
				 struct net_msrp_session *s,
				 const struct frame *f)
{
	char id[NET_MSRP_ID];
	struct net_msrp_in *in = in_find(nm, s, hdr(id, sizeof(id), f,
						    "Message-ID"));

	if (!id[0])
		net_msrp_wrong(nm, "a SEND without Message-ID");
	if (in)
		return in;

	in = in_find(nm, NULL, NULL);
	if (!in) {
		net_msrp_sim(nm)->broken = "a phone has no room for messages";
		return NULL;
	}
	in->s = s;
	in->len = 0;
	memcpy(in->id, id, sizeof(id));
	(void)hdr(in->type, sizeof(in->type), f, "Content-Type");

	return in;
}


/* RFC 4975 s7.3.1; the UE sends in order.  @return status */
static unsigned chunk(struct net_msrp *nm, struct net_msrp_session *s,
		      const struct frame *f, bool *done)
{
	struct net_msrp_in *in = in_of(nm, s, f);
	unsigned long start = 0, total = 0;
	char range[48], *end;

	if (!in)
		return 413;

	start = strtoul(hdr(range, sizeof(range), f, "Byte-Range"), &end, 10);
	end = strchr(range, '/');
	total = end ? strtoul(end + 1, NULL, 10) : 0;
	/* the rest of one that was refused */
	if (!in->len && start != 1) {
		in->s = NULL;
		return 413;
	}
	if (start != in->len + 1 || f->body_len > sizeof(in->data) - in->len ||
	    (f->flag == '$' && in->len + f->body_len != total))
		net_msrp_wrong(nm, "Byte-Range is not what follows");
	else
		memcpy(in->data + in->len, f->body, f->body_len);
	in->len += (uint32_t)f->body_len;

	if (f->flag == '#' || sim_chance(net_msrp_sim(nm), nm->strict)) {
		in->s = NULL;
		nm->refused += f->flag != '#';
		return f->flag == '#' ? 200 : 413;
	}
	*done = f->flag == '$';

	return 200;
}


static void complete(struct net_msrp *nm, struct net_msrp_session *s,
		     const struct frame *f)
{
	char id[NET_MSRP_ID], success[8];
	struct net_msrp_in *in = in_find(nm, s, hdr(id, sizeof(id), f,
						    "Message-ID"));

	++nm->received;
	if (!strcmp(hdr(success, sizeof(success), f, "Success-Report"),
		    "yes"))
		report(nm, in);
	if (nm->recv_h)
		nm->recv_h(in, nm->arg);
	in->s = NULL;
}


static void send_h(struct net_msrp *nm, unsigned conn, const struct frame *f)
{
	struct net_msrp_session *s = session_of(nm, f);
	bool done = false;
	unsigned status = 200;

	if (!s) {
		respond(nm, conn, f, 481);
		return;
	}
	/* RFC 4975 s5.4 */
	if (s->conn != (int)conn && s->conn >= 0) {
		respond(nm, conn, f, 506);
		return;
	}
	if (!s->bound && !s->active)
		net_msrp_bound(nm, s, (int)conn);

	if (f->body)
		status = chunk(nm, s, f, &done);
	respond(nm, conn, f, status);
	if (done)
		complete(nm, s, f);
}


/* RFC 4975 s7.1.2 */
static void report_h(struct net_msrp *nm, const struct frame *f)
{
	char id[NET_MSRP_ID], status[40];
	unsigned i;

	(void)hdr(id, sizeof(id), f, "Message-ID");
	if (strncmp(hdr(status, sizeof(status), f, "Status"), "000 200", 7))
		net_msrp_wrong(nm, "a REPORT of something else than success");

	for (i = 0; i < NET_MSRP_OUT; i++) {

		struct net_msrp_out *o = nm->outv[i];

		if (!o || strcmp(o->id, id))
			continue;
		if (!o->report)
			net_msrp_wrong(nm, "a REPORT that nobody asked for");
		o->reported = true;
		net_msrp_answered(nm, o, 200);
		return;
	}
}


static void response_h(struct net_msrp *nm, unsigned conn,
		       const struct frame *f)
{
	const unsigned serial = (unsigned)strtoul(f->tid + 2, NULL, 10);
	const unsigned status = (unsigned)strtoul(f->first, NULL, 10);
	unsigned i;

	for (i = 0; i < NET_MSRP_TRANS; i++) {

		struct net_msrp_trans *t = &nm->transv[i];

		if (t->serial != serial || t->conn != (int)conn)
			continue;
		t->serial = 0;
		if (t->out) {
			t->out->acked += status == 200;
			net_msrp_answered(nm, t->out, status);
		}
		else if (status == 200) {
			net_msrp_bound(nm, t->s, (int)conn);
		}
		return;
	}
}


/* ------------------------------------------------------------------ */
/* Frames */


/* The first line.  @return what is behind it; NULL: it is none */
static char *first_line(struct frame *f, char *p, size_t len)
{
	const char *eol = find(p, len, "\r\n");
	const size_t n = eol ? (size_t)(eol - p) : 0;
	char line[96];

	if (!n || n >= sizeof(line))
		return NULL;
	memcpy(line, p, n);
	line[n] = '\0';

	return sscanf(line, "MSRP %39[^ ] %39[^\n]", f->tid, f->first) == 2
		? p + n + 2 : NULL;
}


/* @return octets of the first frame, 0: it is not complete */
static size_t frame(struct net_msrp *nm, struct frame *f, char *p, size_t len)
{
	char end[60];
	const char *e, *body;
	char *h;

	if (len < 5 || !find(p, len, "\r\n"))
		return 0;
	h = first_line(f, p, len);
	if (!h) {
		net_msrp_wrong(nm, "this is no MSRP");
		return len;
	}

	(void)snprintf(end, sizeof(end), "\r\n-------%s", f->tid);
	e = find(h - 2, len - (size_t)(h - 2 - p), end);
	if (!e || (size_t)(p + len - e) < strlen(end) + 3)
		return 0;

	f->flag = e[strlen(end)];
	if (!strchr("$+#", f->flag) || memcmp(e + strlen(end) + 1, "\r\n", 2))
		net_msrp_wrong(nm, "a wrong end-line");

	body = find(h, (size_t)(e - h), "\r\n\r\n");
	f->body = body ? body + 4 : NULL;
	f->body_len = body ? (size_t)(e - f->body) : 0;
	f->hdrs = h;
	/* where the header section ends, with or without a body */
	p[(body ? body + 2 : e) - p] = '\0';

	return (size_t)(e - p) + strlen(end) + 3;
}


static void take(struct net_msrp *nm, unsigned conn, const struct frame *f)
{
	if (strncmp(f->hdrs, "To-Path: ", 9))
		net_msrp_wrong(nm, "To-Path does not come first");

	if (!strcmp(f->first, "SEND"))
		send_h(nm, conn, f);
	else if (!strcmp(f->first, "REPORT"))
		report_h(nm, f);
	else if (f->first[0] >= '2' && f->first[0] <= '5')
		response_h(nm, conn, f);
	else
		respond(nm, conn, f, 501);
}


void net_msrp_data_h(unsigned conn, uint8_t *data, size_t len, void *arg)
{
	struct net_msrp *nm = arg;
	struct net_msrp_conn *c = &nm->connv[conn];
	size_t n;

	if (!c->used)
		return;
	if (len > sizeof(c->rx) - c->rx_len) {
		net_msrp_wrong(nm, "a frame that is longer than a message");
		net_msrp_close(nm, conn);
		return;
	}
	memcpy(c->rx + c->rx_len, data, len);
	c->rx_len = (uint16_t)(c->rx_len + len);

	while (c->used && c->rx_len) {

		struct frame f;

		memset(&f, 0, sizeof(f));
		n = frame(nm, &f, c->rx, c->rx_len);
		if (!n)
			return;
		take(nm, conn, &f);
		if (!c->used)
			return;
		c->rx_len = (uint16_t)(c->rx_len - n);
		memmove(c->rx, c->rx + n, c->rx_len);
	}
}
