/**
 * @file msrp_kit.c  Two MSRP endpoints and what lies between them
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msrp_kit.h"

struct mkit_end mkit[2];
char mkit_text[KIT_TEXT];
uint64_t mkit_ms;
static uint32_t rnd_state;
static enum mkit_call within;
static void (*within_act)(void);


void mkit_within(enum mkit_call call, void (*act)(void))
{
	within = call;
	within_act = act;
}


static void called(enum mkit_call call)
{
	if (call != within)
		return;

	within = 0;
	within_act();
}


uint32_t mkit_rnd(uint32_t below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;

	return below ? rnd_state % below : 0;
}


static size_t send_h(unsigned conn, const struct msrp_iov *v, unsigned n,
		     void *arg)
{
	struct mkit_end *e = arg;
	size_t took = 0, k, log;
	unsigned i;

	if (conn || !e->up)
		return 0;

	for (i = 0; i < n; i++) {
		k = e->out.room - e->out.len;
		if (k > v[i].n)
			k = v[i].n;
		memcpy(e->out.buf + e->out.len, v[i].p, k);
		log = sizeof(e->log) - 1 - e->log_len;
		if (log > k)
			log = k;
		memcpy(e->log + e->log_len, v[i].p, log);
		e->log_len += log;
		e->out.len += k;
		e->out.total += k;
		took += k;
		if (k < v[i].n)
			break;
	}

	return took;
}


static void close_h(unsigned conn, void *arg)
{
	struct mkit_end *e = arg;

	(void)conn;
	e->up = false;
}


static int random_h(void *buf, size_t n, void *arg)
{
	const struct mkit_end *e = arg;
	uint8_t *p = buf;

	while (n--)
		*p++ = (uint8_t)mkit_rnd(256);

	return e->random_err;
}


static void bound_h(struct msrp_session *s, void *arg)
{
	struct mkit_end *e = arg;

	(void)s;
	++e->bound;
	called(KIT_BOUND);
}


static void failed_h(struct msrp_session *s, int err, uint16_t status,
		     void *arg)
{
	struct mkit_end *e = arg;

	(void)s;
	++e->failed;
	e->fail_err = err;
	e->fail_status = status;
	called(KIT_FAILED);
}


static uint16_t open_h(struct msrp_session *s, const struct msrp_info *i,
		       struct msrp_sink *sink, void *arg)
{
	struct mkit_end *e = arg;
	struct mkit_in *in = &e->inv[e->n_in % KIT_MSGS];

	(void)s;
	if (e->verdict)
		return e->verdict;

	memset(in, 0, sizeof(*in));
	in->used = true;
	in->buf = e->bufv[e->n_in++ % KIT_MSGS];
	in->duplicate = i->duplicate;
	memcpy(in->id, i->id.p, i->id.l);
	if (i->type.l < sizeof(in->type))
		memcpy(in->type, i->type.p, i->type.l);
	if (!e->stream) {
		sink->buf = in->buf;
		sink->size = KIT_BUF;
	}
	sink->arg = in;
	called(KIT_OPEN);

	return 200;
}


static void data_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	struct mkit_in *in = arg;

	in->streamed += n;
	if (off < KIT_BUF && n <= KIT_BUF - off)
		memcpy(in->buf + off, p, n);
	called(KIT_DATA);
}


static void done_h(struct msrp_session *s, const struct msrp_result *r,
		   void *arg)
{
	struct mkit_in *in = arg;

	(void)s;
	in->done = true;
	in->res = *r;
	called(KIT_DONE);
}


static void sent_h(struct msrp_session *s, const char *id,
		   const struct msrp_result *r, void *arg)
{
	struct mkit_end *e = arg;
	const unsigned k = e->n_sent++ % KIT_MSGS;

	(void)s;
	e->sentv[k] = *r;
	memcpy(e->sent_idv[k], id, strlen(id) + 1);
	called(KIT_SENT);
}


static void progress_h(struct msrp_session *s, uint32_t len, uint32_t total,
		       void *arg)
{
	struct mkit_end *e = arg;

	(void)s;
	(void)len;
	(void)total;
	++e->progress;
}


static void nickname_h(struct msrp_session *s, uint16_t status, void *arg)
{
	struct mkit_end *e = arg;

	(void)s;
	e->nickname = status;
	called(KIT_NICKNAME);
}


static const struct msrp_handlers handlers = {
	send_h, close_h, random_h, bound_h, failed_h, open_h, data_h, done_h,
	sent_h, progress_h, nickname_h, NULL
};


void mkit_open(uint32_t max_size, uint32_t seed)
{
	struct pl peer;
	unsigned i;

	rnd_state = seed ? seed : 1;
	mkit_ms = 1000;
	within = 0;
	for (i = 0; i < 2; i++) {
		memset(&mkit[i], 0, offsetof(struct mkit_end, out.buf));
		mkit[i].num = i;
		mkit[i].out.room = KIT_PIPE;
		msrp_init(&mkit[i].m, &handlers, &mkit[i], max_size);
		(void)msrp_session_open(&mkit[i].s, &mkit[i].m,
					i ? KIT_URI_1 : KIT_URI_0, NULL);
		pl_set_str(&peer, i ? KIT_URI_0 : KIT_URI_1);
		(void)msrp_session_peer(mkit[i].s, &peer, max_size);
	}
}


void mkit_connect(void)
{
	mkit[0].up = mkit[1].up = true;
	(void)msrp_accepted(&mkit[1].m, mkit_ms, 0);
	(void)msrp_connected(&mkit[0].m, mkit_ms, 0, mkit[0].s);
}


void mkit_start(uint32_t max_size, uint32_t seed)
{
	mkit_open(max_size, seed);
	mkit_connect();
	mkit_run(KIT_PIPE);
	(void)mkit_wire(0);
	(void)mkit_wire(1);
}


/** Give an end octets in memory of exactly that size; what it took */
static size_t give(struct mkit_end *e, const uint8_t *p, size_t n)
{
	static uint8_t exact[KIT_PIPE];
	uint8_t *q = exact + sizeof(exact) - n;
	size_t used;

	memcpy(q, p, n);
	(void)msrp_recv(&e->m, mkit_ms, 0, q, n, &used);

	return used;
}


void mkit_carry(unsigned from, size_t n)
{
	struct mkit_pipe *p = &mkit[from].out;
	struct mkit_end *to = &mkit[!from];
	size_t used;

	if (n > p->len)
		n = p->len;
	used = to->up ? give(to, p->buf, n) : n;
	memmove(p->buf, p->buf + used, p->len - used);
	p->len -= used;
	if (used && mkit[from].up)
		msrp_writable(&mkit[from].m, mkit_ms, 0);
}


void mkit_run(size_t step)
{
	uint64_t before;

	do {
		before = mkit[0].out.total + mkit[1].out.total + mkit[0].out.len +
			mkit[1].out.len;
		mkit_carry(0, step > 1 ? 1 + mkit_rnd((uint32_t)step) : 1);
		mkit_carry(1, step > 1 ? 1 + mkit_rnd((uint32_t)step) : 1);
		if (mkit[0].up)
			msrp_writable(&mkit[0].m, mkit_ms, 0);
		if (mkit[1].up)
			msrp_writable(&mkit[1].m, mkit_ms, 0);
	} while (mkit[0].out.len || mkit[1].out.len || before !=
		 mkit[0].out.total + mkit[1].out.total);
}


void mkit_pass(uint64_t ms)
{
	uint32_t wait;

	mkit_ms += ms;
	msrp_poll(&mkit[0].m, mkit_ms, &wait);
	msrp_poll(&mkit[1].m, mkit_ms, &wait);
}


void mkit_cut(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		mkit[i].out.len = 0;
		if (mkit[i].up) {
			mkit[i].up = false;
			msrp_lost(&mkit[i].m, mkit_ms, 0, ECONNRESET);
		}
	}
}


void mkit_inject(unsigned to, const char *text, size_t step)
{
	size_t n = strlen(text), k;

	while (n && mkit[to].up) {
		k = give(&mkit[to], (const uint8_t *)text, step < n ? step : n);
		if (!k)
			return;
		text += k;
		n -= k;
	}
}


void mkit_request(unsigned to, const char *tid, const char *method,
		  const char *hdrs, const char *body, char flag)
{
	static char s[8192];

	(void)snprintf(s, sizeof(s), "MSRP %s %s\r\nTo-Path: %s\r\n"
		       "From-Path: %s\r\n%s%s%s%s-------%s%c\r\n", tid, method,
		       to ? KIT_URI_1 : KIT_URI_0, to ? KIT_URI_0 : KIT_URI_1,
		       hdrs, body ? "\r\n" : "", body ? body : "",
		       body ? "\r\n" : "", tid, flag);
	mkit_inject(to, s, sizeof(s));
}


void mkit_respond(unsigned to, const char *tid, unsigned status)
{
	char s[512];

	(void)snprintf(s, sizeof(s), "MSRP %.16s %u x\r\nTo-Path: %s\r\n"
		       "From-Path: %s\r\n-------%.16s$\r\n", tid, status,
		       to ? KIT_URI_1 : KIT_URI_0, to ? KIT_URI_0 : KIT_URI_1,
		       tid);
	mkit_inject(to, s, sizeof(s));
}


void mkit_second(struct msrp_session **sp, struct msrp_session **peerp)
{
	struct pl pl;

	(void)msrp_session_open(sp, &mkit[0].m, KIT_URI_2, NULL);
	(void)msrp_session_open(peerp, &mkit[1].m, KIT_URI_3, NULL);
	pl_set_str(&pl, KIT_URI_3);
	(void)msrp_session_peer(*sp, &pl, 0);
	pl_set_str(&pl, KIT_URI_2);
	(void)msrp_session_peer(*peerp, &pl, 0);
	(void)msrp_connected(&mkit[0].m, mkit_ms, 0, *sp);
	mkit_run(KIT_PIPE);
	(void)mkit_wire(0);
	(void)mkit_wire(1);
}


int mkit_send(unsigned from, const void *data, size_t len, bool success)
{
	const struct msrp_msg msg = {
		.type = "text/plain", .data = data, .len = (uint32_t)len,
		.success = success, .arg = &mkit[from]
	};

	return msrp_send(NULL, mkit[from].s, mkit_ms, &msg);
}


const char *mkit_wire(unsigned from)
{
	static char text[2][KIT_TEXT];
	struct mkit_end *e = &mkit[from];

	memcpy(text[from], e->log, e->log_len);
	text[from][e->log_len] = '\0';
	e->log_len = 0;

	return text[from];
}


void mkit_grab(unsigned from)
{
	const char *s = mkit_wire(from);

	memcpy(mkit_text, s, strlen(s) + 1);
}


unsigned mkit_times(const char *what)
{
	const char *p = mkit_text;
	unsigned n = 0;

	while ((p = strstr(p, what))) {
		++n;
		p += strlen(what);
	}

	return n;
}
