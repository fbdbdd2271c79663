/**
 * @file net.c  The scripted network: transport, registrar, scripts
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/net_core.h"

/** RFC 3261 17.2.2 timer J with the values of TS 24.229 7.7 */
#define TIMER_J_MS 128000

#define PORT 5060


/* ------------------------------------------------------------------ */
/* Responses, kept for repeated requests */


static struct net_strans *strans_find(struct net *net, uint64_t key)
{
	unsigned i;

	for (i = 0; i < NET_STRANS; i++) {

		struct net_strans *st = &net->stransv[i];

		if (st->key == key &&
		    net->sim->now_ms - st->at_ms <= TIMER_J_MS)
			return st;
	}

	return NULL;
}


/* A free one, else the oldest */
static struct net_strans *strans_new(struct net *net, uint64_t key)
{
	struct net_strans *old = &net->stransv[0];
	unsigned i;

	for (i = 0; i < NET_STRANS; i++) {
		if (net->stransv[i].at_ms < old->at_ms)
			old = &net->stransv[i];
	}

	old->key = key;
	old->at_ms = net->sim->now_ms;
	old->silent = false;
	old->len = 0;

	return old;
}


static uint64_t request_key(const struct net_ctx *x)
{
	const struct sip_msg *m = &x->net->msg;
	uint64_t h = 0xcbf29ce484222325ULL + (unsigned)x->pcscf;
	size_t i;

	for (i = 0; i < m->via.branch.l; i++)
		h = (h ^ (uint8_t)m->via.branch.p[i]) * 0x100000001b3ULL;

	return h * 31 + m->method;
}


static void transmit(struct net_ctx *x, const void *data, size_t len)
{
	struct net *net = x->net;
	struct ue_addr src, dst;

	if (!net->pcscfv[x->pcscf].up || x->lose)
		return;

	if (x->transport == UE_TRANSPORT_TCP) {
		sim_tcp_send(net->sim, (unsigned)x->conn, data, len);
		return;
	}

	net_sec_reply_way(x, &src, &dst);
	net_udp_send(net, &src, &dst, data, len);
}


struct sip_writer *net_reply_begin(struct net_ctx *x, uint16_t code,
				   const char *to_tag)
{
	struct net *net = x->net;
	char text[UE_ADDR_STR], tag[16];
	struct pl received;

	if (!to_tag) {
		(void)snprintf(tag, sizeof(tag), "n%u",
			       (unsigned)++net->tags);
		to_tag = tag;
	}

	received.p = ue_addr_print(text, &x->src, UE_ADDR_PLAIN);
	received.l = strlen(text);

	sip_writer_init(&net->w, net->tx, sizeof(net->tx));
	sip_writer_reply(&net->w, &net->msg, code, NULL, to_tag, &received,
			 x->src.port);
	if (x->rx)
		x->rx->answer = code;

	return &net->w;
}


/* RFC 6223 4.4: the server fills in the value of the UE's `keep` */
static size_t grant_keep(struct net *net, size_t len)
{
	char *keep, *eol = strstr(net->tx, "\r\nVia: ");
	char num[16];
	int n;

	eol = eol ? strstr(eol + 2, "\r\n") : NULL;
	keep = strstr(net->tx, ";keep");
	if (!net->keep_s || !keep || !eol || keep > eol || keep[5] == '=')
		return len;

	n = snprintf(num, sizeof(num), "=%u", net->keep_s);
	if (n < 0 || len + (size_t)n >= sizeof(net->tx))
		return len;

	keep += 5;
	memmove(keep + n, keep, len - (size_t)(keep - net->tx));
	memcpy(keep, num, (size_t)n);

	return len + (size_t)n;
}


void net_reply_send(struct net_ctx *x)
{
	struct net *net = x->net;
	size_t len;

	if (x->step.name)
		sip_writer_hdr_named(&net->w, x->step.name, "%s",
				     x->step.val);

	if (sip_writer_end(&net->w)) {
		net->sim->broken = "the network cannot write its response";
		return;
	}

	len = sip_writer_len(&net->w);
	net->tx[len < sizeof(net->tx) ? len : len - 1] = '\0';
	len = grant_keep(net, len);

	memcpy(x->st->text, net->tx, len);
	x->st->len = (uint16_t)len;
	transmit(x, net->tx, len);
}


void net_reply(struct net_ctx *x, uint16_t code)
{
	(void)net_reply_begin(x, code, NULL);
	net_reply_send(x);
}


/* ------------------------------------------------------------------ */
/* Misbehaviour */


/* What needs no knowledge of the method.  @return false: act by the rules */
static bool misbehave(struct net_ctx *x)
{
	struct net *net = x->net;
	struct sip_writer *w;

	switch (x->step.act) {

	case NET_ANSWER:
		w = net_reply_begin(x, x->step.code, NULL);
		if (x->step.value)
			sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u",
				       x->step.value);
		net_reply_send(x);
		return true;

	case NET_BRIEF:
		w = net_reply_begin(x, 423, NULL);
		sip_writer_hdr(w, SIP_HDR_MIN_EXPIRES, "%u", x->step.value);
		net_reply_send(x);
		return true;

	case NET_SILENT:
		x->st->silent = true;
		return true;

	case NET_RESET:
		x->st->silent = true;
		if (x->conn >= 0) {
			net->connv[x->conn].used = false;
			sim_tcp_close(net->sim, (unsigned)x->conn,
				      ECONNRESET);
		}
		return true;

	case NET_KILL:
		net_kill(net, x->pcscf);
		return true;

	default:
		return false;
	}
}


/* ------------------------------------------------------------------ */
/* REGISTER */


static void challenge(struct net_ctx *x, enum net_act bad)
{
	struct net *net = x->net;
	struct sip_writer *w;

	net_auth_challenge(net, bad);

	w = net_reply_begin(x, 401, NULL);
	sip_writer_name(w, SIP_HDR_WWW_AUTHENTICATE);
	sip_writer_fmt(w, "Digest realm=\"%s\", nonce=\"%s\", algorithm=%s",
		       SIM_HOME, net->nonce, net->algorithm);
	if (net->qop)
		sip_writer_str(w, ", qop=\"auth\"");
	if (net->opaque)
		sip_writer_fmt(w, ", opaque=\"%s\"", net->opaque);
	sip_writer_eol(w);
	net_sec_challenge(x, w);
	net_reply_send(x);
}


static void write_contact(struct net *net, struct sip_writer *w,
			  const struct sip_addr *c, uint32_t expires)
{
	struct pl instance;

	sip_writer_name(w, SIP_HDR_CONTACT);
	sip_writer_fmt(w, "<%r>;expires=%u", &c->uri.text, expires);
	if (!sip_param_get(&instance, &c->params, "+sip.instance")) {
		sip_writer_fmt(w, ";+sip.instance=\"%r\"", &instance);
		/* RFC 5627 s5.3 */
		if (net->gruu &&
		    sip_msg_has_token(&net->msg, SIP_HDR_SUPPORTED, "gruu"))
			sip_writer_fmt(w, ";pub-gruu=\"%s;gr=urn:x\""
				       ";temp-gruu=\"sip:tgruu.%u@%s;gr\"",
				       NET_DEFAULT_IMPU, ++net->tags,
				       SIM_HOME);
	}
	sip_writer_eol(w);
}


static void write_lists(struct net *net, struct sip_writer *w)
{
	const struct ue_addr addr = net_self(net, net->home_pcscf);
	char host[UE_ADDR_STR];

	if (!net->no_assoc && net->barred)
		sip_writer_hdr(w, SIP_HDR_P_ASSOCIATED_URI, "<%s>, <%s>",
			       NET_DEFAULT_IMPU, NET_TEL);
	else if (!net->no_assoc)
		sip_writer_hdr(w, SIP_HDR_P_ASSOCIATED_URI,
			       "<%s>, <%s>, <%s>", net->impu,
			       NET_DEFAULT_IMPU, NET_TEL);

	if (net->service_route)
		sip_writer_hdr(w, SIP_HDR_SERVICE_ROUTE, "%s",
			       net->service_route);

	if (sip_msg_has_token(&net->msg, SIP_HDR_SUPPORTED, "path"))
		sip_writer_hdr(w, SIP_HDR_PATH, "<sip:term@%s;lr>",
			       ue_addr_print(host, &addr, UE_ADDR_HOSTPORT));
}


static void copy_text(char *dst, size_t size, const struct pl *src)
{
	(void)snprintf(dst, size, "%.*s", (int)src->l, src->p ? src->p : "");
}


static void bind_contact(struct net_ctx *x, const struct sip_addr *c,
			 uint32_t expires)
{
	struct net *net = x->net;

	net->registered = true;
	net->expiry_ms = net->sim->now_ms + expires * 1000ULL;
	net->home_pcscf = x->pcscf;
	copy_text(net->contact, sizeof(net->contact), &c->uri.text);
	copy_text(net->impu, sizeof(net->impu), &net->msg.to.uri.text);

	if (ue_addr_decode(&net->contact_addr, &c->uri.host))
		net->contact_addr = x->src;
	net->contact_addr.port = c->uri.port ? c->uri.port : PORT;
}


static void unbind(struct net *net)
{
	const bool was = net->registered;

	net->registered = false;
	net_sec_unregistered(net);
	if (was && net->subscribed)
		net_notify(net, NET_DOC_UNREGISTERED, 0, NULL);
}


static uint32_t wanted_s(const struct net *net, const struct sip_addr *c)
{
	uint32_t v = 3600;

	if (!sip_param_uint(&v, &c->params, "expires"))
		return v;

	(void)sip_msg_uint(&v, &net->msg, SIP_HDR_EXPIRES);

	return v;
}


static void accept_register(struct net_ctx *x)
{
	struct net *net = x->net;
	struct sip_writer *w;
	struct sip_addr c;
	char info[200];
	uint32_t expires;

	net->fresh = false;
	if (sip_msg_addr(&c, &net->msg, SIP_HDR_CONTACT)) {
		net_reply(x, 400);
		return;
	}

	expires = wanted_s(net, &c);
	if (!expires) {
		net_reply(x, 200);
		unbind(net);
		return;
	}

	if (expires > net->grant_s)
		expires = net->grant_s;

	bind_contact(x, &c, expires);
	net_sec_registered(x);

	w = net_reply_begin(x, 200, NULL);
	write_contact(net, w, &c, expires);
	write_lists(net, w);
	net_auth_info(info, sizeof(info), net, &net->msg);
	if (net->rspauth && info[0])
		sip_writer_hdr(w, SIP_HDR_AUTHENTICATION_INFO, "%s", info);
	net_reply_send(x);
}


static void register_normal(struct net_ctx *x)
{
	struct net *net = x->net;
	const enum net_auth auth = net_auth_check(net, &net->msg);

	switch (auth) {

	case NET_AUTH_OK:
		/* an unprotected initial REGISTER is always challenged */
		if (net_sec_may_register(x) &&
		    (net->fresh || (net_is_registered(net) &&
				    !net->rechallenge)))
			accept_register(x);
		else
			challenge(x, NET_CHALLENGE);
		break;

	case NET_AUTH_WRONG:
		++net->bad_auth;
		net_reply(x, 403);
		break;

	default:
		challenge(x, NET_CHALLENGE);
		break;
	}
}


static void register_h(struct net_ctx *x)
{
	struct net *net = x->net;

	++net->registers;
	net_script_next(&x->step, &net->reg, x->pcscf);
	x->lose = x->step.act == NET_LOSE;
	if (misbehave(x))
		return;

	switch (x->step.act) {

	case NET_CHALLENGE:
	case NET_BAD_MAC:
	case NET_OLD_SQN:
		/* a good AUTS in it counts */
		(void)net_auth_check(net, &net->msg);
		challenge(x, x->step.act);
		break;

	case NET_ACCEPT:
		accept_register(x);
		break;

	default:
		register_normal(x);
		break;
	}
}


bool net_is_registered(const struct net *net)
{
	return net->registered && net->sim->now_ms < net->expiry_ms;
}


/* ------------------------------------------------------------------ */
/* Received messages */


static bool to_calls(struct net_ctx *x)
{
	struct net *net = x->net;

	return net->call_request_h && net->call_request_h(x, net->call_arg);
}


static void request(struct net_ctx *x)
{
	struct net *net = x->net;
	const uint64_t key = request_key(x);

	net_sec_message(x, key);
	if (net->msg.method == SIP_METHOD_ACK) {
		(void)to_calls(x);
		return;
	}

	x->st = strans_find(net, key);
	if (x->st) {
		++net->repeats;
		if (!x->st->silent && x->st->len)
			transmit(x, x->st->text, x->st->len);
		return;
	}

	++net->requests;
	x->st = strans_new(net, key);
	x->rx = net_log_add(x);
	if (net->request_h)
		net->request_h(net, &net->msg, net->arg);

	if (net_sec_refuse(x))
		return;
	net_sec_heard(x);

	switch (net->msg.method) {

	case SIP_METHOD_REGISTER:
		register_h(x);
		break;

	case SIP_METHOD_SUBSCRIBE:
		/* to another package than the registration event */
		if (to_calls(x))
			break;
		net_script_next(&x->step, &net->sub, x->pcscf);
		++net->subscribes;
		if (!misbehave(x))
			net_subscribe_h(x);
		break;

	default:
		if (!to_calls(x))
			net_reply(x, 200);
		break;
	}
}


static void message(struct net_ctx *x, char *data, size_t len)
{
	struct net *net = x->net;

	x->len = len < sizeof(net->copy) ? len : sizeof(net->copy);
	memcpy(net->copy, data, x->len);

	if (sip_msg_parse(&net->msg, data, len,
			  x->transport == UE_TRANSPORT_TCP
			  ? SIP_FRAMING_STREAM : SIP_FRAMING_DATAGRAM)) {
		++net->bad;
		return;
	}

	if (net->msg.request) {
		request(x);
		return;
	}

	net_sec_message(x, 0);
	(void)net_log_add(x);
	if (!net->call_response_h ||
	    !net->call_response_h(net, &net->msg, net->call_arg))
		net_response_h(x);
}


static int pcscf_at(const struct net *net, const struct ue_addr *addr)
{
	int i;

	for (i = 0; i < NET_PCSCFS; i++) {
		if (ue_addr_same_ip(&net->pcscfv[i].addr, addr) &&
		    (addr->port == PORT || net->sec.on))
			return i;
	}

	return -1;
}


static void udp_h(const struct ue_addr *dst, const struct ue_addr *src,
		  uint8_t *data, size_t len, void *arg)
{
	struct net *net = arg;
	struct net_ctx x;

	memset(&x, 0, sizeof(x));
	x.net = net;
	x.pcscf = pcscf_at(net, dst);
	x.transport = UE_TRANSPORT_UDP;
	x.conn = -1;
	x.src = *src;
	x.dst = *dst;

	if (x.pcscf < 0 || !net->pcscfv[x.pcscf].up)
		return;

	if (net_stun_h(net, dst, src, data, len))
		return;

	if (net_comp_recv(net, dst, src, &data, &len))
		message(&x, (char *)data, len);
}


static int accept_h(unsigned conn, const struct ue_addr *dst, void *arg)
{
	struct net *net = arg;
	const int pcscf = pcscf_at(net, dst);
	struct net_conn *c = &net->connv[conn];

	if (pcscf < 0)
		return ECONNREFUSED;

	if (!net->pcscfv[pcscf].up)
		return ETIMEDOUT;

	if (net->refuse_tcp)
		return ECONNREFUSED;

	memset(c, 0, sizeof(*c));
	c->used = true;
	c->up = true;
	c->from_ue = true;
	c->pcscf = pcscf;
	++net->connects;

	return 0;
}


static void connect_h(unsigned conn, int err, void *arg)
{
	struct net *net = arg;

	net->connv[conn].up = !err;
	if (err)
		net->connv[conn].used = false;
	net_notify_connected(net, (int)conn, err);
}


static void closed_h(unsigned conn, void *arg)
{
	struct net *net = arg;

	net->connv[conn].used = false;
	if (net->sub_conn == (int)conn)
		net->sub_conn = -1;
}


static void frame(struct net *net, unsigned conn, enum sip_frame kind,
		  char *data, size_t len)
{
	struct net_ctx x;

	if (kind == SIP_FRAME_PING) {
		++net->pings;
		if (!net->no_pong)
			sim_tcp_send(net->sim, conn, "\r\n", 2);
		return;
	}

	if (kind != SIP_FRAME_MSG)
		return;

	memset(&x, 0, sizeof(x));
	x.net = net;
	x.pcscf = net->connv[conn].pcscf;
	x.transport = UE_TRANSPORT_TCP;
	x.conn = (int)conn;
	x.src = net->sim->connv[conn].ue_addr;
	x.dst = net->sim->connv[conn].net_addr;
	message(&x, data, len);
}


static void data_h(unsigned conn, uint8_t *data, size_t len, void *arg)
{
	struct net *net = arg;
	struct net_conn *c = &net->connv[conn];

	if (!c->used || len > sizeof(c->buf) - c->len) {
		++net->bad;
		return;
	}

	memcpy(c->buf + c->len, data, len);
	c->len = (uint16_t)(c->len + len);

	while (c->used && c->len) {

		enum sip_frame kind = SIP_FRAME_MSG;
		size_t n = 0;
		static char one[SIM_PACKET_MAX];

		/* half of a ping is no pong */
		if (c->len < 4 && c->buf[0] == '\r')
			break;

		if (sip_msg_frame(&n, &kind, c->buf, c->len, sizeof(c->buf)))
			break;

		memcpy(one, c->buf, n);
		c->len = (uint16_t)(c->len - n);
		memmove(c->buf, c->buf + n, c->len);
		frame(net, conn, kind, one, n);
	}
}


static bool alive_h(const struct ue_addr *addr, void *arg)
{
	const struct net *net = arg;
	const int pcscf = pcscf_at(net, addr);

	return pcscf >= 0 && net->pcscfv[pcscf].up;
}


static size_t resolve_h(struct ue_addr *addrv, size_t max, const char *name,
			void *arg)
{
	struct net *net = arg;
	size_t i;

	++net->lookups;

	if (!strcmp(name, "pcscf.test")) {
		for (i = 0; i < NET_PCSCFS && i < max; i++)
			addrv[i] = net->pcscfv[i].addr;
		return i;
	}

	if (!strncmp(name, "pcscf", 5) && name[5] >= '1' && name[5] <= '3' &&
	    !strcmp(name + 6, ".test")) {
		addrv[0] = net->pcscfv[name[5] - '1'].addr;
		return 1;
	}

	return 0;
}


/* ------------------------------------------------------------------ */
/* Life */


void net_init(struct net *net, struct sim *sim)
{
	struct sim_host *h = &sim->host;
	unsigned i;

	memset(net, 0, sizeof(*net));
	net->sim = sim;
	net->grant_s = net->sub_grant_s = 600000;
	net->algorithm = "AKAv1-MD5";
	net->service_route = "<sip:orig@scscf." SIM_HOME ";lr>";
	net->sub_conn = -1;
	net->logging = true;

	for (i = 0; i < NET_PCSCFS; i++) {
		struct ue_addr *a = &net->pcscfv[i].addr;

		a->family = 4;
		a->ip[0] = 192;
		a->ip[2] = 2;
		a->ip[3] = (uint8_t)(i + 1);
		a->port = PORT;
		net->pcscfv[i].up = true;
	}

	h->udp_h = udp_h;
	h->accept_h = accept_h;
	h->connect_h = connect_h;
	h->data_h = data_h;
	h->closed_h = closed_h;
	h->alive_h = alive_h;
	h->resolve_h = resolve_h;
	h->seal_h = net_seal_h;
	h->open_h = net_open_h;
	h->arg = net;
}


void net_use_ipv6(struct net *net)
{
	unsigned i;

	for (i = 0; i < NET_PCSCFS; i++) {
		struct ue_addr *a = &net->pcscfv[i].addr;

		memset(a, 0, sizeof(*a));
		a->family = 6;
		a->ip[0] = 0x20;
		a->ip[1] = 0x01;
		a->ip[2] = 0x0d;
		a->ip[3] = 0xb8;
		a->ip[15] = (uint8_t)(i + 1);
		a->port = PORT;
	}
}
