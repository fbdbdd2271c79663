/**
 * @file sip_kit.c  A SIP core on a port that only remembers, in virtual time
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/sip_kit.h"

const struct ue_addr kit_own = {4, {192, 0, 2, 1}, 0};
const struct ue_addr kit_peer = {4, {192, 0, 2, 9}, 5060};
const struct ue_addr kit_other = {4, {198, 51, 100, 7}, 4444};


/* ---- port ---- */

static int flow_open(void *arg, unsigned flow,
		     const struct ue_flow_params *prm, struct ue_addr *local)
{
	struct kit *k = arg;
	struct kit_flow *f = &k->flowv[flow];

	if (k->open_err && k->open_kind == prm->kind) {
		const int err = k->open_err;

		k->open_err = 0;
		return err;
	}

	if (prm->kind == UE_FLOW_LISTEN && prm->local.port &&
	    prm->local.port == k->tcp_taken)
		return EADDRINUSE;

	*local = prm->local;
	if (!local->family) {
		*local = kit_own;
		local->port = prm->local.port;
	}
	if (!local->port)
		local->port = k->next_port++;

	f->open = true;
	f->prm = *prm;
	f->local = *local;

	if (prm->kind == UE_FLOW_CONNECT && k->connect_at_once)
		sip_flow_connected(&k->sip, flow);

	if (prm->kind == UE_FLOW_CONNECT && k->refuse_at_once) {
		f->open = false;
		sip_flow_closed(&k->sip, flow, ECONNREFUSED);
	}

	return 0;
}


static int flow_send(void *arg, unsigned flow, const struct ue_addr *dst,
		     const void *data, size_t len)
{
	struct kit *k = arg;
	struct kit_sent *s = &k->sentv[k->sentc];

	if (k->send_err)
		return k->send_err;

	if (k->sentc == KIT_SENT || k->used + len + 1 > KIT_DATA)
		return EIO;

	s->at_ms = k->timers.now_ms;
	s->flow = flow;
	s->dst = dst ? *dst : kit_peer;
	s->msg = k->data + k->used;
	s->len = len;
	memcpy(k->data + k->used, data, len);
	k->data[k->used + len] = '\0';
	k->used += len + 1;
	++k->sentc;

	return 0;
}


static void flow_close(void *arg, unsigned flow)
{
	struct kit *k = arg;

	k->flowv[flow].open = false;
}


static int fake_random(void *arg, void *buf, size_t len)
{
	struct kit *k = arg;
	uint8_t *p = buf;

	while (len--) {
		k->rnd = k->rnd * 1103515245u + 12345u;
		*p++ = (uint8_t)(k->rnd >> 16);
	}

	return k->random_err;
}


static void trace(void *arg, const struct ue_trace *t)
{
	struct kit *k = arg;

	(void)t;
	++k->traced;
}


/* ---- handlers ---- */

static struct kit_call *note(const struct kit *k, struct kit_call *callv,
			     unsigned *callc)
{
	struct kit_call *c = &callv[*callc < KIT_CALLS ? *callc
		: KIT_CALLS - 1];

	++*callc;
	memset(c, 0, sizeof(*c));
	c->at_ms = k->timers.now_ms;

	return c;
}


static void response_h(struct sip_ctrans *ct, int err,
		       const struct sip_msg *msg, void *arg)
{
	struct kit *k = arg;
	struct kit_call *c = note(k, k->respv, &k->respc);

	c->err = err;
	c->code = msg ? msg->code : 0;
	c->who = ct;

	if (k->close_hop)
		sip_hop_close(&k->hop);
}


static void strans_h(struct sip_strans *st, int err, void *arg)
{
	struct kit *k = arg;
	struct kit_call *c = note(k, k->stv, &k->stc);

	c->err = err;
	c->who = st;
}


static void request_h(struct sip *sip, struct sip_strans *st,
		      const struct sip_msg *msg, void *arg)
{
	struct kit *k = arg;
	struct kit_call *c = note(k, k->reqv, &k->reqc);

	(void)sip;
	c->method = msg->method;
	c->st = st != NULL;
	c->who = st;

	if (!st)
		return;

	k->st = st;

	sip_strans_set_handler(st, strans_h, k);
	if (k->auto_code)
		(void)sip_reply(st, k->auto_code, NULL);
	if (k->close_hop)
		sip_hop_close(&k->hop);
}


static void hop_h(struct sip_hop *hop, enum sip_hop_event event, int err,
		  void *arg)
{
	struct kit *k = arg;
	struct kit_call *c = note(k, k->hopv, &k->hopc);

	c->err = err;
	c->code = (uint16_t)event;
	c->who = hop;
}


/* ---- life ---- */

static const char *const methodv[] = {
	"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "NOTIFY", "MESSAGE", NULL
};
static const char *const optionv[] = {"path", "100rel", NULL};
static const char *const acceptv[] = {
	"application/sdp", "application/reginfo+xml", "text/plain", NULL
};
static const struct sip_uas_config uas = {
	.methodv = methodv, .optionv = optionv, .acceptv = acceptv
};


void kit_init(struct kit *k, unsigned what)
{
	static const struct sip_timers rfc = {500, 4000, 5000};
	static const struct sip_timers ims = {2000, 16000, 17000};
	struct sip_config cfg;
	struct sip_hop_params prm;

	memset(k, 0, sizeof(*k));
	k->next_port = 40000;
	k->rnd = 1;
	k->port.arg = k;
	k->port.flow_open = flow_open;
	k->port.flow_send = flow_send;
	k->port.flow_close = flow_close;
	k->port.random = fake_random;
	k->port.trace = trace;

	memset(&cfg, 0, sizeof(cfg));
	cfg.timers = what & KIT_IMS ? ims : rfc;
	cfg.udp_max = 1300;

	if (sip_init(&k->sip, &k->timers, &k->port, &cfg, &uas, request_h, k))
		return;

	if (!(what & (KIT_UDP | KIT_TCP)))
		return;

	memset(&prm, 0, sizeof(prm));
	prm.peer = kit_peer;
	prm.local = kit_own;
	prm.local.port = 5070;
	prm.udp = (what & KIT_UDP) != 0;
	prm.tcp = (what & KIT_TCP) != 0;
	(void)sip_hop_open(&k->hop, &k->sip, &prm, hop_h, k);
}


bool kit_clean(const struct kit *k)
{
	return sip_idle(&k->sip) && !k->timers.head;
}


void kit_run(struct kit *k, uint64_t until_ms)
{
	while (k->timers.head && k->timers.head->due_ms <= until_ms) {
		ue_timers_set_now(&k->timers, k->timers.head->due_ms);
		ue_timers_run(&k->timers, 1);
	}

	ue_timers_set_now(&k->timers, until_ms);
}


int kit_flow(const struct kit *k, enum ue_flow_kind kind)
{
	int i;

	for (i = UE_FLOWS_MAX - 1; i >= 0; i--) {
		if (k->flowv[i].open && k->flowv[i].prm.kind == kind)
			return i;
	}

	return -1;
}


/* ---- requests of ours ---- */

void kit_begin(struct kit *k, const char *method, size_t pad)
{
	static char fill[UE_SIP_MSG_MAX];
	const struct pl ruri = PL("sip:peer@example.net");
	struct sip_writer *w;

	memset(fill, 'x', sizeof(fill));
	fill[pad] = '\0';

	w = sip_request_begin(&k->sip, &k->hop, method, &ruri);
	sip_writer_hdr(w, SIP_HDR_ROUTE, "<sip:pcscf.example.net;lr>");
	sip_writer_hdr(w, SIP_HDR_FROM, "<sip:ue@example.net>;tag=ut");
	sip_writer_hdr(w, SIP_HDR_TO, "<sip:peer@example.net>");
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "call1");
	sip_writer_hdr(w, SIP_HDR_CSEQ, "7 %s", method);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:ue@192.0.2.1:5070>");
	if (pad)
		sip_writer_hdr(w, SIP_HDR_SUBJECT, "%s", fill);
	(void)sip_writer_end(w);
}


int kit_start(struct kit *k, struct sip_ctrans **ct, const char *method,
	      size_t pad)
{
	kit_begin(k, method, pad);

	return sip_ctrans_start(ct, &k->sip, &k->hop, response_h, k);
}


/* ---- what comes in ---- */

void kit_recv(struct kit *k, int flow, const struct ue_addr *src,
	      const char *data, size_t len)
{
	static uint8_t buf[8192];

	memcpy(buf, data, len);
	(void)sip_flow_recv(&k->sip, (unsigned)flow, src, buf, len);
}


void kit_recv_str(struct kit *k, int flow, const char *str)
{
	kit_recv(k, flow, &kit_peer, str, strlen(str));
}


const char *kit_response(struct kit *k, unsigned n, unsigned code,
			 const char *to_tag, const char *extra)
{
	static char buf[3000];
	char via[300], to[200], from[200], id[100], cseq[60];

	snprintf(via, sizeof(via), "%s", kit_hdr(k, n, "Via"));
	snprintf(to, sizeof(to), "%s", kit_hdr(k, n, "To"));
	snprintf(from, sizeof(from), "%s", kit_hdr(k, n, "From"));
	snprintf(id, sizeof(id), "%s", kit_hdr(k, n, "Call-ID"));
	snprintf(cseq, sizeof(cseq), "%s", kit_hdr(k, n, "CSeq"));

	snprintf(buf, sizeof(buf),
		 "SIP/2.0 %u Text\r\nVia: %s\r\nTo: %s%s%s\r\nFrom: %s\r\n"
		 "Call-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
		 code, via, to, to_tag ? ";tag=" : "", to_tag ? to_tag : "",
		 from, id, cseq, extra ? extra : "");

	return buf;
}


void kit_respond(struct kit *k, unsigned n, unsigned code,
		 const char *to_tag, const char *extra)
{
	kit_recv_str(k, (int)k->sentv[n].flow,
		     kit_response(k, n, code, to_tag, extra));
}


const char *kit_request_text(const char *transport, const char *method,
			     const char *branch, unsigned cseq,
			     const char *to_tag, const char *extra)
{
	static char buf[3000];

	snprintf(buf, sizeof(buf),
		 "%s sip:ue@192.0.2.1:5070 SIP/2.0\r\n"
		 "Via: SIP/2.0/%s 192.0.2.9:5060;branch=%s\r\n"
		 "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKfar\r\n"
		 "Max-Forwards: 68\r\n"
		 "Record-Route: <sip:192.0.2.9:5060;lr>\r\n"
		 "From: <sip:peer@example.net>;tag=pt\r\n"
		 "To: <sip:ue@example.net>%s%s\r\n"
		 "Call-ID: in1@192.0.2.9\r\n"
		 "CSeq: %u %s\r\n"
		 "Contact: <sip:peer@192.0.2.99>\r\n"
		 "%sContent-Length: 0\r\n\r\n",
		 method, transport, branch, to_tag ? ";tag=" : "",
		 to_tag ? to_tag : "", cseq, method, extra ? extra : "");

	return buf;
}


void kit_request(struct kit *k, int flow, const char *method,
		 const char *branch, unsigned cseq, const char *to_tag,
		 const char *extra)
{
	const bool udp = k->flowv[flow].prm.kind == UE_FLOW_DATAGRAM;

	kit_recv_str(k, flow, kit_request_text(udp ? "UDP" : "TCP", method,
					       branch, cseq, to_tag, extra));
}


/* ---- what was sent ---- */

bool kit_has(const struct kit *k, unsigned n, const char *text)
{
	return n < k->sentc && strstr(k->sentv[n].msg, text) != NULL;
}


bool kit_is(const struct kit *k, unsigned n, const char *start)
{
	return n < k->sentc &&
		!strncmp(k->sentv[n].msg, start, strlen(start));
}


const char *kit_hdr(const struct kit *k, unsigned n, const char *name)
{
	static char val[600];
	const size_t len = strlen(name);
	const char *p = n < k->sentc ? k->sentv[n].msg : "";

	val[0] = '\0';
	for (p = strstr(p, "\r\n"); p; p = strstr(p + 2, "\r\n")) {
		if (!strncmp(p + 2, name, len) && p[2 + len] == ':') {
			snprintf(val, sizeof(val), "%s", p + len + 4);
			val[strcspn(val, "\r")] = '\0';
			break;
		}
	}

	return val;
}


unsigned kit_times(const struct kit *k, unsigned n, const uint64_t *timev)
{
	unsigned i;

	for (i = 0; timev[i] != UINT64_MAX; i++) {
		if (n + i >= k->sentc || k->sentv[n + i].at_ms != timev[i])
			break;
	}

	return i;
}
