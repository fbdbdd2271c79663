/**
 * @file net_event.c  The scripted network: registration event (RFC 3680,
 * RFC 6665), its NOTIFYs and other requests to the UE
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/sim/net_core.h"

/* RFC 3261 17.1.2 with the values of TS 24.229 7.7 */
#define T1_MS 2000
#define T2_MS 16000
#define TIMER_F_MS (64 * T1_MS)


/* ------------------------------------------------------------------ */
/* Documents */


/** What of a contact is said */
struct doc_contact {
	const char *reg_state;
	const char *state;      /**< NULL = no contact element           */
	const char *event;
	const char *extra;      /**< one more attribute with a number    */
};

static const struct doc_contact contactv[] = {
	[NET_DOC_REGISTERED]  = {"active", "active", "registered", NULL},
	[NET_DOC_PARTIAL]     = {"active", "active", "refreshed", NULL},
	[NET_DOC_SHORTENED]   = {"active", "active", "shortened", "expires"},
	[NET_DOC_REJECTED]    = {"terminated", "terminated", "rejected",
				 NULL},
	[NET_DOC_DEACTIVATED] = {"terminated", "terminated", "deactivated",
				 NULL},
	[NET_DOC_PROBATION]   = {"terminated", "terminated", "probation",
				 "retry-after"},
	[NET_DOC_EXPIRED]     = {"terminated", "terminated", "expired", NULL},
	[NET_DOC_UNREGISTERED] = {"terminated", "terminated", "unregistered",
				  NULL},
	[NET_DOC_NO_CONTACTS] = {"terminated", NULL, NULL, NULL},
	[NET_DOC_OTHER_CONTACT] = {"active", "terminated", "unregistered",
				   NULL},
	[NET_DOC_GARBAGE]     = {"active", NULL, NULL, NULL},
	[NET_DOC_NONE]        = {"active", NULL, NULL, NULL}
};


static bool is_final(enum net_doc doc)
{
	return !strcmp(contactv[doc].reg_state, "terminated");
}


static size_t doc_contact(char *buf, size_t size, const char *id,
			  const char *uri, const struct doc_contact *c,
			  uint32_t value)
{
	char extra[40] = "";

	if (c->extra)
		(void)snprintf(extra, sizeof(extra), " %s=\"%u\"", c->extra,
			       (unsigned)value);

	return (size_t)snprintf(buf, size, "<contact id=\"%s\" state=\"%s\" "
				"event=\"%s\"%s><uri>%s</uri></contact>", id,
				c->state, c->event, extra, uri);
}


static size_t doc_registration(char *buf, size_t size, const struct net *net,
			       const char *aor, const char *id,
			       enum net_doc doc, uint32_t value)
{
	const struct doc_contact *c = &contactv[doc];
	char cid[8];
	size_t n;

	(void)snprintf(cid, sizeof(cid), "c%s", id);
	n = (size_t)snprintf(buf, size, "<registration aor=\"%s\" id=\"%s\" "
			     "state=\"%s\">", aor, id, c->reg_state);

	if (doc == NET_DOC_OTHER_CONTACT) {
		n += doc_contact(buf + n, size - n, cid, net->contact,
				 &contactv[NET_DOC_REGISTERED], 0);
		n += doc_contact(buf + n, size - n, "o1",
				 "sip:other@198.51.100.9:5060", c, 0);
	}
	else if (c->state) {
		n += doc_contact(buf + n, size - n, cid, net->contact, c,
				 value);
	}

	return n + (size_t)snprintf(buf + n, size - n, "</registration>");
}


static size_t document(char *buf, size_t size, const struct net *net,
		       enum net_doc doc, uint32_t value)
{
	size_t n;

	if (doc == NET_DOC_NONE)
		return 0;

	if (doc == NET_DOC_GARBAGE)
		return (size_t)snprintf(buf, size, "<reginfo <>");

	n = (size_t)snprintf(buf, size, "<?xml version=\"1.0\"?>\n<reginfo "
			     "xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
			     "version=\"%u\" state=\"%s\">\n",
			     (unsigned)net->version,
			     doc == NET_DOC_PARTIAL ? "partial" : "full");

	if (net->barred)
		n += doc_registration(buf + n, size - n, net,
				      NET_DEFAULT_IMPU, "a", doc, value);
	else
		n += doc_registration(buf + n, size - n, net, net->impu, "b",
				      doc, value);
	n += doc_registration(buf + n, size - n, net, NET_TEL, "t", doc,
			      value);

	return n + (size_t)snprintf(buf + n, size - n, "</reginfo>\n");
}


/* ------------------------------------------------------------------ */
/* NOTIFY */


static void notify_next(struct net *net);


static void notify_end(struct net *net)
{
	net->notify.busy = false;
	ue_timer_cancel(&net->sim->timers, &net->notify.timer);
	notify_next(net);
}


static void notify_h(void *arg);
static bool notify_connection(struct net *net);


static void notify_transmit(struct net *net)
{
	struct net_notify *n = &net->notify;
	const struct net_pcscf *p = &net->pcscfv[net->home_pcscf];

	if (!p->up)
		return;

	/* the set of before may be gone: over that of now */
	if (net->sec.on && !n->tcp)
		(void)net_sec_way(net, &n->src, &n->dst);

	if (!n->tcp)
		net_udp_send(net, &n->src, &n->dst, n->text, n->len);
	else if (net->sub_conn >= 0 && net->connv[net->sub_conn].up)
		sim_tcp_send(net->sim, (unsigned)net->sub_conn, n->text,
			     n->len);
}


static void notify_h(void *arg)
{
	struct net *net = arg;
	struct net_notify *n = &net->notify;

	if (net->sim->now_ms - n->since_ms >= TIMER_F_MS) {
		/* RFC 6665 s4.2.2: nobody answers, the subscription is over */
		net->subscribed = false;
		net->unheard = true;
		net->pendingc = 0;
		notify_end(net);
		return;
	}

	/* over TCP only where its set or its connection has gone */
	if (n->tcp && net->sec.on &&
	    (net->sub_conn < 0 || !net_sec_lives(net, &n->src)) &&
	    net_sec_way(net, &n->src, &n->dst) && notify_connection(net))
		notify_transmit(net);

	if (!n->tcp) {
		notify_transmit(net);
		n->interval_ms = n->interval_ms * 2 < T2_MS
			? n->interval_ms * 2 : T2_MS;
	}

	ue_timer_start(&net->sim->timers, &n->timer, n->interval_ms, notify_h,
		       net);
}


/* The connection of the SUBSCRIBE, or a new one to the UE's own port */
static bool notify_connection(struct net *net)
{
	const struct net_notify *n = &net->notify;
	const bool ours = net->notify_connect || net->sec.on;
	struct net_conn *c;
	int conn;

	/* TS 33.203 7.1: never the UE's connection; one for each set */
	if (net->sub_conn >= 0 &&
	    net->connv[net->sub_conn].from_ue != ours &&
	    (!net->sec.on || ue_addr_equal(&n->src, &net->sim->connv[
			net->sub_conn].net_addr)))
		return net->connv[net->sub_conn].up;

	conn = sim_tcp_connect(net->sim, &n->src, &n->dst);
	if (conn < 0)
		return false;

	c = &net->connv[conn];
	memset(c, 0, sizeof(*c));
	c->used = true;
	c->pcscf = net->home_pcscf;
	net->sub_conn = conn;

	return false;
}


void net_notify_connected(struct net *net, int conn, int err)
{
	if (conn != net->sub_conn)
		return;

	if (err)
		net->sub_conn = -1;
	else if (net->notify.busy)
		notify_transmit(net);
}


static void notify_write(struct net *net, const struct net_pending *p)
{
	static char body[1600];
	struct net_notify *n = &net->notify;
	struct sip_writer *w = &net->w;
	struct ue_addr self;
	struct pl ruri;
	char host[UE_ADDR_STR];
	size_t len;

	len = document(body, sizeof(body), net, p->doc, p->value);
	++net->version;

	ruri.p = net->sub_target;
	ruri.l = strlen(net->sub_target);
	self = net_self(net, net->home_pcscf);
	ue_addr_print(host, &self, UE_ADDR_HOSTPORT);

	sip_writer_init(w, n->text, sizeof(n->text));
	sip_writer_request(w, "NOTIFY", &ruri);
	sip_writer_hdr(w, SIP_HDR_VIA, "SIP/2.0/%s %s;branch=z9hG4bKn%u%s",
		       n->tcp ? "TCP" : "UDP", host, ++net->tags,
		       net->comp.on ? ";comp=sigcomp" : "");
	sip_writer_hdr(w, SIP_HDR_MAX_FORWARDS, "69");
	sip_writer_hdr(w, SIP_HDR_FROM, "%s;tag=%s", net->sub_from,
		       net->sub_tag);
	sip_writer_hdr(w, SIP_HDR_TO, "%s", net->sub_to);
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "%s", net->sub_id);
	sip_writer_hdr(w, SIP_HDR_CSEQ, "%u NOTIFY", ++net->sub_cseq);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:scscf." SIM_HOME ">");
	sip_writer_hdr(w, SIP_HDR_EVENT, "reg");

	if (p->substate)
		sip_writer_hdr(w, SIP_HDR_SUBSCRIPTION_STATE, "%s",
			       p->substate);
	else if (is_final(p->doc))
		sip_writer_hdr(w, SIP_HDR_SUBSCRIPTION_STATE,
			       "terminated;reason=noresource");
	else
		sip_writer_hdr(w, SIP_HDR_SUBSCRIPTION_STATE,
			       "active;expires=%u", net->sub_expires_s);

	if (len ? sip_writer_body(w, "application/reginfo+xml", body, len)
	    : sip_writer_end(w))
		net->sim->broken = "the network cannot write its NOTIFY";

	n->len = (uint16_t)sip_writer_len(w);
	n->cseq = net->sub_cseq;
}


static void notify_next(struct net *net)
{
	struct net_notify *n = &net->notify;
	struct net_pending p;
	bool way;

	if (n->busy || !net->pendingc)
		return;

	p = net->pendingv[0];
	--net->pendingc;
	memmove(net->pendingv, net->pendingv + 1,
		net->pendingc * sizeof(net->pendingv[0]));

	n->busy = true;
	n->tcp = net->sub_tcp;
	way = net_sec_way(net, &n->src, &n->dst);
	n->port_pc = n->src.port;
	n->since_ms = net->sim->now_ms;
	n->interval_ms = T1_MS;
	notify_write(net, &p);
	++net->notifies;

	/* over once it is said to be; what comes after it is refused */
	if (is_final(p.doc) || (p.substate &&
				!strncmp(p.substate, "terminated", 10)))
		net->subscribed = false;

	ue_timer_start(&net->sim->timers, &n->timer, n->interval_ms, notify_h,
		       net);
	if (way && (!n->tcp || notify_connection(net)))
		notify_transmit(net);
}


void net_notify(struct net *net, enum net_doc doc, uint32_t value,
		const char *substate)
{
	struct net_pending *p;

	if (is_final(doc))
		net->registered = false;
	if (doc == NET_DOC_SHORTENED)
		net->expiry_ms = net->sim->now_ms + value * 1000ULL;

	if (!net->subscribed || net->pendingc == NET_PENDING)
		return;

	p = &net->pendingv[net->pendingc++];
	p->doc = doc;
	p->value = value;
	p->substate = substate;
	notify_next(net);
}


void net_response_h(struct net_ctx *x)
{
	struct net *net = x->net;
	const struct sip_msg *m = &net->msg;

	if (m->method != SIP_METHOD_NOTIFY || !net->notify.busy ||
	    m->cseq != net->notify.cseq ||
	    pl_strcmp(&m->call_id, net->sub_id) || m->code < 200)
		return;

	/* TS 24.229 5.1.1.5.1: over the set on which the request came */
	if (x->set && x->set->sa.port_pc != net->notify.src.port &&
	    x->set->sa.port_pc != net->notify.port_pc && !net->sec.wrong)
		net->sec.wrong = "a response over another set";

	net->notify_code = m->code;
	if (m->code < 300)
		++net->notify_ok;
	else if (m->code == 481)
		net->subscribed = false;

	notify_end(net);
}


/* ------------------------------------------------------------------ */
/* SUBSCRIBE */


static void copy_text(char *dst, size_t size, const struct pl *src)
{
	(void)snprintf(dst, size, "%.*s", (int)src->l, src->p ? src->p : "");
}


static bool in_dialog(const struct net *net)
{
	const struct sip_msg *m = &net->msg;

	return net->subscribed && !pl_strcmp(&m->call_id, net->sub_id) &&
		!pl_strcmp(&m->to_tag, net->sub_tag);
}


static void subscription_new(struct net *net)
{
	const struct sip_msg *m = &net->msg;
	struct pl val;

	copy_text(net->sub_id, sizeof(net->sub_id), &m->call_id);
	(void)snprintf(net->sub_tag, sizeof(net->sub_tag), "s%u",
		       (unsigned)++net->tags);
	if (!sip_msg_hdr(&val, m, SIP_HDR_FROM))
		copy_text(net->sub_to, sizeof(net->sub_to), &val);
	(void)snprintf(net->sub_from, sizeof(net->sub_from), "<%.*s>",
		       (int)m->to.uri.text.l, m->to.uri.text.p);
	net->sub_cseq = 0;
	net->version = 0;
	net->subscribed = true;
	net->unheard = false;
	net->pendingc = 0;
	net->notify.busy = false;
	ue_timer_cancel(&net->sim->timers, &net->notify.timer);
}


static void subscribe_answer(struct net_ctx *x, uint32_t expires)
{
	struct net *net = x->net;
	const struct ue_addr self = net_self(net, x->pcscf);
	struct sip_writer *w;
	char host[UE_ADDR_STR];

	w = net_reply_begin(x, 200, net->sub_tag);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:scscf." SIM_HOME ">");
	sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", expires);
	sip_writer_hdr(w, SIP_HDR_RECORD_ROUTE, "<sip:%s;lr>",
		       ue_addr_print(host, &self, UE_ADDR_HOSTPORT));
	net_reply_send(x);
}


void net_subscribe_h(struct net_ctx *x)
{
	struct net *net = x->net;
	const struct sip_msg *m = &net->msg;
	struct sip_addr contact;
	struct sip_event ev;
	uint32_t expires = 600000;

	if (sip_msg_event(&ev, m) || pl_strcmp(&ev.type, "reg")) {
		net_reply(x, 489);
		return;
	}

	if (sip_msg_addr(&contact, m, SIP_HDR_CONTACT)) {
		net_reply(x, 400);
		return;
	}

	if (!net_is_registered(net)) {
		net_reply(x, 403);
		return;
	}

	if (m->to_tag.p && !in_dialog(net)) {
		net_reply(x, 481);
		return;
	}

	if (!m->to_tag.p)
		subscription_new(net);

	(void)sip_msg_uint(&expires, m, SIP_HDR_EXPIRES);
	if (expires > net->sub_grant_s)
		expires = net->sub_grant_s;

	copy_text(net->sub_target, sizeof(net->sub_target),
		  &contact.uri.text);
	net->sub_tcp = x->transport == UE_TRANSPORT_TCP;
	net->sub_conn = x->conn;
	net->sub_expires_s = expires;
	subscribe_answer(x, expires);

	if (!net->no_notify)
		net_notify(net, NET_DOC_REGISTERED, 0, expires ? NULL
			   : "terminated;reason=timeout");
}


/* ------------------------------------------------------------------ */


void net_request(struct net *net, const char *method, const char *headers)
{
	const unsigned tag = (unsigned)++net->tags;
	struct ue_addr src, dst, self = net_self(net, net->home_pcscf);
	char buf[1200], host[UE_ADDR_STR];
	int n;

	ue_addr_print(host, &self, UE_ADDR_HOSTPORT);
	n = snprintf(buf, sizeof(buf),
		     "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKr%u"
		     "\r\nMax-Forwards: 69\r\nFrom: <sip:peer@example.net>"
		     ";tag=p%u\r\nTo: <%s>\r\nCall-ID: r%u@example.net\r\n"
		     "CSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n", method,
		     net->contact, host, tag, tag, net->impu, tag, method,
		     headers);

	if (n > 0 && (size_t)n < sizeof(buf) && net_sec_way(net, &src, &dst))
		net_udp_send(net, &src, &dst, buf, (size_t)n);
}
