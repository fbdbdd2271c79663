/**
 * @file comp.c  SigComp between the UE and its P-CSCF
 *
 * Over 800 lines: both directions share what is known of flows and messages.
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/comp.h"

#if UE_SIGCOMP

#include "sigcomp/lz.h"
#include "ue/sip/core.h"
#include "ue/sip/scan.h"

/** A request is sent again after so many NACKs; then it fails, or its timers
 *  decide */
#define NACKS_MAX 4

/** ... in place of their number: too long for the peer, it goes plain */
#define NACKS_PLAIN 0xff

/** RFC 5049 s4.1 */
#define DMS_MIN 8192

/** What a short message may grow by: bytecode, and record marking (RFC 3320
 *  s4.2.2) */
#define WIRE_MORE 256

/** Less memory than this for what is decompressed is as good as none */
#define TEXT_MIN 2048

/** So many messages in one piece, and none that is SIP, end a connection: each
 *  may take all its cycles */
#define VAIN_MAX 16

/** What a connection carries */
enum mode {
	MODE_UNKNOWN = 0,
	MODE_PLAIN,
	MODE_SIGCOMP
};

/* Nothing was compressed yet */
enum { NO_FLOW = 0xff };

/* The message waits in the decompression memory while it is marked */
_Static_assert(sizeof(((struct sigcomp_storage *)0)->mem) >=
	       UE_SIP_MSG_MAX + WIRE_MORE, "mem holds a message");


static bool is_stream(const struct sip_comp *c, unsigned flow)
{
	return c->sip->flowv[flow].kind != UE_FLOW_DATAGRAM;
}


static struct sigcomp_compartment *compartment(struct sip_comp *c)
{
	return &c->st.comp[0];
}


/* What is known about a connection: nothing, if its number is new */
static uint8_t *mode_of(struct sip_comp *c, unsigned flow)
{
	struct sip_comp_flow *fl = &c->flowv[flow];
	const uint8_t gen = c->sip->flowv[flow].gen;

	if (fl->gen != gen) {

		/* what was sent over the old one may be lost */
		if (fl->mode == MODE_SIGCOMP)
			sigcomp_forget(compartment(c));
		memset(fl, 0, sizeof(*fl));
		fl->gen = gen;
	}

	return &fl->mode;
}


/* ------------------------------------------------------------------ */
/* When to compress */


/* RFC 3486 s8 */
static bool is_sigcomp(const struct pl *comp)
{
	return comp->p && sip_is_word(comp, "sigcomp");
}


/* RFC 3486 s5: a response, if the topmost Via says so.  Our writer has made
   the line */
static bool via_wants(struct sip_comp *c, const char *msg, size_t len)
{
	const char *end = msg + len;
	const char *p = memchr(msg, '\n', len);
	const char *eol;

	while (p && ++p < end) {

		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol || eol - p < 2)
			break;

		if (sip_line_is(p, (size_t)(eol - p), SIP_HDR_VIA)) {
			for (p += 4; p < eol && *p == ' '; p++)
				;
			return sip_via_scan(&c->scratch.via, p, eol - 1) &&
				is_sigcomp(&c->scratch.via.comp);
		}
		p = eol;
	}

	return false;
}


static bool is_response(const char *msg, size_t len)
{
	return len > 4 && !memcmp(msg, "SIP/", 4);
}


static bool is_keepalive(const char *msg, size_t len)
{
	return len && (msg[0] == '\r' || msg[0] == '\n');
}


static bool wants(struct sip_comp *c, const char *msg, size_t len)
{
	return is_response(msg, len) ? via_wants(c, msg, len) : c->willing;
}


/* ------------------------------------------------------------------ */
/* What was sent */


/* Who sends it: a transaction, or nobody that waits for an answer */
static void identify(struct sip_comp *c, struct sip_comp_sent *s,
		     const char *msg, size_t len)
{
	const struct sip_ctrans *ct = c->sip->sending_c;
	const struct sip_strans *st = c->sip->sending_s;

	s->request = !is_response(msg, len);

	/* of an INVITE, too, or of none */
	if (len > 4 && !memcmp(msg, "ACK ", 4))
		s->method = SIP_METHOD_ACK;
	else if (s->request && ct) {
		s->method = ct->method;
		s->twice = ct->interval_ms > c->sip->cfg.timers.t1_ms;
	}

	if (s->request && ct)
		s->key = ct->key;
	else if (!s->request && st)
		s->key = st->key;
}


/* Before anything can fail: the answer to a copy that goes plain does not show
   that a compressed one has come */
static struct sip_comp_sent *note(struct sip_comp *c, const char *msg,
				  size_t len)
{
	struct sip_comp_sent fresh = {
		.text = sip_hash(c->sip->secret | 1, msg, len) | 1
	};
	unsigned i;

	identify(c, &fresh, msg, len);

	for (i = 0; i < UE_COMP_SENT; i++) {

		struct sip_comp_sent *s = &c->sentv[i];

		if (s->text == fresh.text) {
			s->twice = true;
			return s;
		}

		/* with another Via, as after TCP was refused */
		if (fresh.key && s->key == fresh.key &&
		    s->request == fresh.request && s->method == fresh.method)
			s->twice = fresh.twice = true;
	}

	i = c->sent_next;
	c->sent_next = (uint8_t)((i + 1) % UE_COMP_SENT);
	c->sentv[i] = fresh;

	return &c->sentv[i];
}


/* RFC 3320 s5: what the library is told of the answer to come */
static unsigned expectation(const struct sip_comp_sent *s, const char *msg)
{
	if (s->request)
		return s->method == SIP_METHOD_ACK ? 0 : SIGCOMP_ANSWERED;

	/* the ACK follows a final response to an INVITE: other responses
	   have 2xx and more, too, but nothing is lost if none comes */
	return msg[8] >= '2' ? SIGCOMP_FOLLOWED : 0;
}


/* ------------------------------------------------------------------ */
/* Send */


static uint8_t *wire_ptr(struct sip_comp *c)
{
	return (uint8_t *)sip_store_ptr(&c->sip->store, &c->wire);
}


/* RFC 4896 s11: plain text in a SigComp message */
static void wrap(struct sip_comp *c, const void *msg, size_t len, size_t *np)
{
	static const uint8_t code[] = {
		0xf8, 0x00, 0xa1, 0x1c, 0x01, 0x86, 0x09, 0x22, 0x86, 0x01,
		0x16, 0xf9, 0x23
	};

	uint8_t *wire = wire_ptr(c);

	memcpy(wire, code, sizeof(code));
	memcpy(wire + sizeof(code), msg, len);
	*np = sizeof(code) + len;
}


/* RFC 5049 s8: each transmission is compressed anew */
static int compress(struct sip_comp *c, unsigned flow, size_t *np,
		    struct sip_comp_sent *s, const char *msg, size_t len)
{
	const unsigned flags = expectation(s, msg) |
		(is_stream(c, flow) ? SIGCOMP_RELIABLE : 0) |
		(s->twice ? SIGCOMP_AGAIN : 0);
	int err;

	/* TS 33.203 7.1: requests and answers have a connection each */
	if (c->last != NO_FLOW && c->last != flow)
		sigcomp_other_stream(compartment(c));
	c->last = (uint8_t)flow;

	err = sigcomp_compress(&c->st.sc, compartment(c), wire_ptr(c),
			       c->wire.len, np, &s->handle,
			       (const uint8_t *)msg, len, flags);
	if (!err)
		++c->stats.tx_compressed;

	return err;
}


/* RFC 3320 s4.2.2.  Between messages the endpoint's memory is idle */
static int mark(struct sip_comp *c, size_t *np)
{
	int err;

	memcpy(c->st.mem, wire_ptr(c), *np);

	err = sigcomp_stream_mark(wire_ptr(c), c->wire.len, np,
				  (const uint8_t *)c->st.mem, *np);
	/* it counts as arrived, and is not even sent */
	if (err)
		sigcomp_forget(compartment(c));

	return err;
}


/* What was received is not read any more */
static void done_h(void *arg)
{
	struct sip_comp *c = arg;

	sigcomp_discard(&c->st.sc);
	sip_store_free(&c->sip->store, &c->text);
}


/* What is sent has been handed to the port */
static void sent_h(void *arg, unsigned flow, int err)
{
	struct sip_comp *c = arg;

	sip_store_free(&c->sip->store, &c->wire);

	/* what a stream has taken counts as arrived: it has not taken this */
	if (err && is_stream(c, flow) && c->flowv[flow].mode == MODE_SIGCOMP)
		sigcomp_forget(compartment(c));
}


/* Into c->wire, as the peer wants it.  s NULL: the well-known bytecode */
static int write_wire(struct sip_comp *c, unsigned flow, size_t *np,
		      struct sip_comp_sent *s, const void *in, size_t len)
{
	int err;

	if (len > UE_SIP_MSG_MAX)
		return EOVERFLOW;

	/* all that it may take, or what it most often takes */
	err = sip_store_alloc_most(&c->wire, &c->sip->store,
				   len / 2 + WIRE_MORE, len + WIRE_MORE);
	if (err)
		return err;
	sip_store_pin(&c->sip->store, &c->wire, true);

	if (s)
		err = compress(c, flow, np, s, in, len);
	else
		wrap(c, in, len, np);
	if (!err && is_stream(c, flow))
		err = mark(c, np);
	if (err) {
		/* it may fit when there is more */
		if (c->wire.len < len + WIRE_MORE)
			err = ENOMEM;
		sip_store_free(&c->sip->store, &c->wire);
	}

	return err;
}


static int encode_h(void *arg, unsigned flow, const void *in, size_t in_len,
		    const void **out, size_t *out_len)
{
	struct sip_comp *c = arg;
	const bool stream = is_stream(c, flow);
	struct sip_comp_sent *s = NULL;
	bool wanted;
	uint8_t *mode;
	size_t n = 0;
	int err = 0;

	/* nobody has vouched for what was received last */
	sigcomp_discard(&c->st.sc);

	wanted = sip_comp_is_open(c);
	if (wanted && !is_keepalive(in, in_len))
		s = note(c, in, in_len);
	wanted = wanted && wants(c, in, in_len) &&
		!(s && s->nacks == NACKS_PLAIN);

	if (stream) {

		/* RFC 5049 s5: never both on one connection */
		mode = mode_of(c, flow);
		if (*mode == MODE_UNKNOWN)
			*mode = wanted ? MODE_SIGCOMP : MODE_PLAIN;
		wanted = *mode == MODE_SIGCOMP;
	}

	if (wanted)
		err = write_wire(c, flow, &n, s, in, in_len);
	if (err && stream)
		return err == ENOMEM ? EAGAIN : err;

	/* else: no gain, no room, or the peer has refused all that it was
	   sent */
	*out = wanted && !err ? wire_ptr(c) : in;
	*out_len = wanted && !err ? n : in_len;

	return 0;
}


/* ------------------------------------------------------------------ */
/* NACK (RFC 4077) */


/* s2.2: where the message came from.  msg NULL: the stream is broken */
static void send_nack(struct sip_comp *c, const struct sip_filter_rx *rx,
		      const uint8_t *msg, size_t len)
{
	const struct ue_port *port = c->sip->port;
	uint8_t nack[SIGCOMP_NACK_MAX], marked[2 * SIGCOMP_NACK_MAX + 4];
	const bool stream = is_stream(c, rx->flow);
	size_t n;

	++c->stats.rx_failed;
	if (sigcomp_nack(&n, &c->st.sc, nack, sizeof(nack), msg, len))
		return;

	if (stream && sigcomp_stream_mark(marked, sizeof(marked), &n, nack, n))
		return;

	if (!port->flow_send(port->arg, rx->flow, rx->from,
			     stream ? marked : nack, n))
		++c->stats.nacks_sent;
}


/* s2.3.2: what could not be read is sent again, in a form that the library has
   now chosen, or its transaction fails: nothing else goes over a connection.
   s2.3.1: datagrams only by the timers of their transactions */
static void nacked(struct sip_comp *c, const struct sigcomp_result *res,
		   bool stream)
{
	unsigned i;
	int err = 0;

	++c->stats.nacks_received;

	for (i = 0; res->comp && i < UE_COMP_SENT; i++) {

		struct sip_comp_sent *s = &c->sentv[i];

		if (!s->text || s->handle != res->handle)
			continue;

		if (res->reason == SIGCOMP_OUTPUT_OVERFLOW)
			s->nacks = NACKS_PLAIN;
		if (!stream)
			return;

		if (s->nacks == NACKS_PLAIN)
			err = EMSGSIZE;
		else if (s->nacks == NACKS_MAX)
			err = EPROTO;
		else
			++s->nacks;
		if (s->request)
			sip_ctrans_again(c->sip, s->key, s->method, err);
		else if (!err)
			sip_strans_again(c->sip, s->key);
		return;
	}
}


/* ------------------------------------------------------------------ */
/* Receive */


/* One SigComp message.  EAGAIN: there is nothing for the parser */
static int decompress(struct sip_comp *c, struct sip_filter_rx *rx,
		      const uint8_t *msg, size_t len)
{
	const bool stream = is_stream(c, rx->flow);
	struct sip_store *st = &c->sip->store;
	struct sigcomp_result res;
	int err;

	err = sip_store_alloc_most(&c->text, st, TEXT_MIN, UE_SIP_MSG_MAX);
	if (!err) {
		sip_store_pin(st, &c->text, true);
		err = sigcomp_decompress(&res, &c->st.sc, (uint8_t *)
					 sip_store_ptr(st, &c->text),
					 c->text.len, msg, len, stream);
		/* want of room that passes is none (RFC 4077 s3.2) */
		if (err && (res.reason != SIGCOMP_OUTPUT_OVERFLOW ||
			    c->text.len == UE_SIP_MSG_MAX)) {
			send_nack(c, rx, msg, len);
			return EBADMSG;
		}
	}
	if (err) {
		++c->sip->stats.no_memory;
		return ENOMEM;
	}

	if (res.kind == SIGCOMP_NACK) {
		sip_store_free(st, &c->text);
		nacked(c, &res, stream);
		return EAGAIN;
	}

	++c->stats.rx_compressed;
	if (!res.len)
		return EAGAIN;

	sip_store_trim(&c->text, st, 0, res.len);
	rx->out = (uint8_t *)sip_store_ptr(st, &c->text);
	rx->out_len = res.len;

	return 0;
}


static int plain(struct sip_comp *c, struct sip_filter_rx *rx)
{
	rx->out = c->rest;
	rx->out_len = c->rest_len;
	c->rest_len = 0;

	return rx->out_len ? 0 : EAGAIN;
}


static int datagram(struct sip_comp *c, struct sip_filter_rx *rx)
{
	const size_t len = c->rest_len;

	if (!len || !sigcomp_is_message(c->rest, len))
		return plain(c, rx);

	c->rest_len = 0;

	if (!sip_comp_is_open(c) || !ue_addr_same_ip(&c->peer, rx->from))
		return EACCES;

	rx->wire_len = len;

	return decompress(c, rx, c->rest, len);
}


/**
 * The octets of a message that are in the rest of the piece, without their
 * marks, in place: they are never more
 *
 * @return 0: the message ends there; EAGAIN: more follow; EBADMSG
 */
static int unmark(struct sip_comp *c, unsigned flow, const uint8_t **msg,
		  size_t *len)
{
	struct sip_comp_flow *fl = &c->flowv[flow];
	struct sigcomp_stream st;
	size_t used;
	int err;

	sigcomp_stream_init(&st, c->rest, c->rest_len);
	st.before = c->sip->flowv[flow].wire.len + (size_t)fl->skip;
	st.quoted = fl->quoted;
	st.ff = fl->ff;
	err = sigcomp_stream_feed(&st, msg, len, c->rest, c->rest_len, &used);
	fl->quoted = st.quoted;
	fl->ff = st.ff;

	if (err == EAGAIN) {
		*msg = st.buf;
		*len = st.len;
	}
	c->rest += used;
	c->rest_len -= used;
	c->wire_len += used;

	return err;
}


static bool is_between(const struct sip_comp *c, unsigned flow)
{
	const struct sip_comp_flow *fl = &c->flowv[flow];

	return !c->sip->flowv[flow].wire.len && !fl->ff && !fl->quoted &&
		!fl->skip;
}


/* The next message of the piece */
static int record(struct sip_comp *c, struct sip_filter_rx *rx)
{
	struct sip_comp_flow *fl = &c->flowv[rx->flow];
	struct sip_stored *wire = &c->sip->flowv[rx->flow].wire;
	struct sip_store *st = &c->sip->store;
	const uint8_t *msg = NULL;
	size_t len = 0;
	int err, more;

	if (is_between(c, rx->flow)) {

		/* RFC 5049 s5: nothing else on this connection */
		if (c->rest_len && !sigcomp_is_message(c->rest, c->rest_len))
			return EPROTO;
		c->wire_len = 0;
	}

	err = unmark(c, rx->flow, &msg, &len);
	if (err && err != EAGAIN) {
		send_nack(c, rx, NULL, 0);
		return err;
	}

	if (fl->skip) {
		fl->skip = err != 0;
		return EAGAIN;
	}

	/* most pieces are whole messages: no copy */
	if (err || wire->head) {
		more = sip_flow_gather(c->sip, wire, msg, len);
		/* RFC 3320 s4.2.2: no reason to close, either */
		if (more == EOVERFLOW) {
			sip_store_free(st, wire);
			++c->stats.rx_failed;
			++c->sip->stats.rx_filtered;
			fl->skip = err != 0;
			return EAGAIN;
		}
		if (err || more)
			return more ? more : err;
		/* nothing is written before somebody has vouched for it */
		len = sip_store_get(c->sip->tx, sizeof(c->sip->tx), st, wire);
		sip_store_free(st, wire);
		msg = (const uint8_t *)c->sip->tx;
	}

	if (c->vain == VAIN_MAX)
		return EPROTO;
	++c->vain;

	/* a message that cannot be read is no reason to close */
	rx->wire_len = c->wire_len;
	err = decompress(c, rx, msg, len);
	if (err == EBADMSG) {
		++c->sip->stats.rx_filtered;
		err = EAGAIN;
	}

	return err;
}


static int stream(struct sip_comp *c, struct sip_filter_rx *rx)
{
	const uint8_t gen = c->sip->flowv[rx->flow].gen;
	uint8_t *mode = mode_of(c, rx->flow);
	int err = EAGAIN;

	if (*mode == MODE_UNKNOWN)
		*mode = sip_comp_is_open(c) &&
			sigcomp_is_message(c->rest, c->rest_len)
			? MODE_SIGCOMP : MODE_PLAIN;

	if (*mode == MODE_PLAIN)
		return plain(c, rx);

	while (c->rest_len && err == EAGAIN) {

		done_h(c);
		err = record(c, rx);

		/* sending may have closed it */
		if (!sip_flow_is(c->sip, (int8_t)rx->flow, gen))
			return EAGAIN;
	}

	return err;
}


static int decode_h(void *arg, struct sip_filter_rx *rx)
{
	struct sip_comp *c = arg;
	int err;

	sigcomp_discard(&c->st.sc);

	if (rx->len) {
		c->rest = rx->data;
		c->rest_len = rx->len;
		c->vain = 0;
	}

	err = is_stream(c, rx->flow) ? stream(c, rx) : datagram(c, rx);
	if (err)
		done_h(c);

	return err;
}


/* ------------------------------------------------------------------ */
/* What the parser thinks of it */


/* Does the first URI of these fields have comp=sigcomp? */
static bool uri_wants(struct sip_comp *c, const struct sip_msg *msg,
		      enum sip_hdr_id id)
{
	struct sip_addr *addr = &c->scratch.addr;
	struct sip_iter it;
	struct pl comp;

	sip_iter_init(&it, msg, id);

	return !sip_iter_addr(addr, &it) && addr->uri.text.p &&
		!sip_param_get(&comp, &addr->uri.params, "comp") &&
		is_sigcomp(&comp);
}


/* RFC 3486 s4, s6: the P-CSCF says that it reads SigComp */
static bool shows(struct sip_comp *c, const struct sip_msg *msg)
{
	if (msg->request && is_sigcomp(&msg->via.comp))
		return true;

	return uri_wants(c, msg, SIP_HDR_RECORD_ROUTE) ||
		uri_wants(c, msg, SIP_HDR_PATH) ||
		uri_wants(c, msg, SIP_HDR_SERVICE_ROUTE);
}


/* An answer shows that its request has arrived */
static void confirm(struct sip_comp *c, const struct sip_msg *msg)
{
	uint64_t key;
	unsigned i;

	if (!sip_branch_decode(&key, &msg->via.branch))
		return;

	for (i = 0; i < UE_COMP_SENT; i++) {

		const struct sip_comp_sent *s = &c->sentv[i];

		if (s->text && s->request && s->key == key &&
		    s->method == msg->method && !s->twice)
			sigcomp_confirm(compartment(c), s->handle);
	}
}


static void verdict_h(void *arg, const struct sip_msg *msg)
{
	struct sip_comp *c = arg;

	if (msg)
		c->vain = 0;
	if (!msg || !sip_comp_is_open(c)) {
		sigcomp_discard(&c->st.sc);
		return;
	}

	/* RFC 3320 s5; it sends SigComp, so it reads SigComp */
	if (!sigcomp_accept(&c->st.sc, compartment(c)))
		c->willing = true;

	if (!msg->request)
		confirm(c, msg);

	if (!c->willing)
		c->willing = shows(c, msg);
}


/* ------------------------------------------------------------------ */
/* Life */


bool sip_comp_is_open(const struct sip_comp *c)
{
	return c->peer.family != 0;
}


static int open_compartment(struct sip_comp *c)
{
	return sigcomp_open(&c->st.sc, compartment(c), c->st.arena[0],
			    c->prm.sms, c->st.codec_mem[0],
			    sizeof(c->st.codec_mem[0]));
}


int sip_comp_init(struct sip_comp *c, struct sip *sip,
		  const struct sip_comp_params *prm)
{
	struct sigcomp_settings set = {.version = 2, .codec = &sigcomp_lz};
	int err;

	memset(c, 0, sizeof(*c));
	c->sip = sip;
	c->prm = *prm;
	if (!c->prm.dms)
		c->prm.dms = SIGCOMP_DMS;
	if (!c->prm.sms)
		c->prm.sms = SIGCOMP_SMS;
	if (!c->prm.cpb)
		c->prm.cpb = 16;

	c->filter.encode  = encode_h;
	c->filter.decode  = decode_h;
	c->filter.verdict = verdict_h;
	c->filter.sent    = sent_h;
	c->filter.done    = done_h;
	c->filter.arg     = c;

	if (c->prm.dms < DMS_MIN || c->prm.dms > SIGCOMP_DMS ||
	    c->prm.sms > SIGCOMP_SMS || c->prm.cpb > 128)
		return EINVAL;

	set.dms = c->prm.dms;
	set.cpb = (uint8_t)c->prm.cpb;
	set.mem = (uint8_t *)c->st.mem;
	set.mem_size = sizeof(c->st.mem);

	err = sigcomp_init(&c->st.sc, &set);
	if (!err)
		err = open_compartment(c);
	if (!err)
		sigcomp_close(&c->st.sc, compartment(c));

	return err;
}


int sip_comp_open(struct sip_comp *c, const struct ue_addr *peer,
		  const char *instance, bool willing)
{
	static const char name[] = ";comp=sigcomp;sigcomp-id=\"";
	const size_t len = strlen(instance);
	int err;

	if (len > sizeof(c->via_params) - sizeof(name) - 1)
		return EOVERFLOW;

	sip_comp_close(c);

	err = open_compartment(c);
	if (err)
		return err;

	/* RFC 5049 s9.1: quoted in a Via */
	memcpy(c->via_params, name, sizeof(name) - 1);
	memcpy(c->via_params + sizeof(name) - 1, instance, len);
	memcpy(c->via_params + sizeof(name) - 1 + len, "\"", 2);
	c->filter.via_params = c->via_params;

	c->peer = *peer;
	c->willing = willing;
	c->last = NO_FLOW;

	return 0;
}


void sip_comp_close(struct sip_comp *c)
{
	if (!sip_comp_is_open(c))
		return;

	sigcomp_discard(&c->st.sc);
	sigcomp_close(&c->st.sc, compartment(c));
	memset(c->sentv, 0, sizeof(c->sentv));
	memset(&c->peer, 0, sizeof(c->peer));
	c->filter.via_params = NULL;
	c->willing = false;
}

#endif
