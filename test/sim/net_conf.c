/**
 * @file net_conf.c  A focus in the simulator
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/net_conf.h"

#define INFO "application/conference-info+xml"
#define FRAG "message/sipfrag;version=2.0"

/** Longest subscription, seconds: some run out in a life */
#define EXPIRES_S 900

static void act_h(void *arg);


static struct sim *sim_of(const struct net_conf *nc)
{
	return nc->calls.net->sim;
}


/* By chance, as long as it may */
static bool chance(struct net_conf *nc, unsigned percent)
{
	return !nc->quiet && sim_chance(sim_of(nc), percent);
}


static bool same(const char *str, const struct pl *pl)
{
	return pl->p && strlen(str) == pl->l && !memcmp(str, pl->p, pl->l);
}


static void copy(char *dst, size_t size, const struct pl *src)
{
	const size_t len = !src->p ? 0 : src->l < size ? src->l : size - 1;

	if (len)
		memcpy(dst, src->p, len);
	dst[len] = '\0';
}


/* ------------------------------------------------------------------ */
/* Subscriptions */


static void release(struct net_note *n)
{
	net_again_stop(&n->req);
	ue_timer_cancel(&sim_of(n->all)->timers, &n->act);
	n->used = false;
}


static void act_later(struct net_note *n, uint64_t ms)
{
	ue_timer_start(&sim_of(n->all)->timers, &n->act, ms, act_h, n);
}


/* Of the dialog that a request of the UE begins, or belongs to */
static struct net_note *note_new(struct net_conf *nc, struct net_call *c)
{
	const struct sip_msg *m = &nc->calls.net->msg;
	struct net_note *n = NULL;
	struct sip_addr addr;
	unsigned i;

	for (i = 0; i < NET_NOTES && !n; i++) {
		if (!nc->notev[i].used)
			n = &nc->notev[i];
	}
	if (!n)
		return NULL;

	memset(n, 0, sizeof(*n));
	n->all = nc;
	n->used = true;
	n->call = c;
	copy(n->id, sizeof(n->id), &m->call_id);
	copy(n->ue_tag, sizeof(n->ue_tag), &m->from_tag);
	(void)snprintf(n->tag, sizeof(n->tag), "fo%u", ++nc->serial);
	if (c)
		memcpy(n->tag, c->tag, sizeof(n->tag));
	if (!sip_msg_addr(&addr, m, SIP_HDR_CONTACT))
		copy(n->target, sizeof(n->target), &addr.uri.text);

	return n;
}


static struct net_note *note_find(struct net_conf *nc, const struct sip_msg *m)
{
	const struct pl *own = m->request ? &m->to_tag : &m->from_tag;
	unsigned i;

	for (i = 0; i < NET_NOTES; i++) {

		struct net_note *n = &nc->notev[i];

		if (n->used && same(n->id, &m->call_id) && same(n->tag, own) &&
		    (m->request ? !n->refer : n->sent_cseq == m->cseq))
			return n;
	}

	return NULL;
}


static void given_up(void *arg)
{
	release(arg);
}


/* again: until it is answered */
static void notify(struct net_note *n, bool again, const char *state,
		   const char *ctype, const char *body)
{
	struct net_conf *nc = n->all;
	struct net_calls *cs = &nc->calls;
	struct net_call *c = n->call;
	char via[NET_VIA], id[32] = "";
	int len;

	/* the session ends, and the subscription with it: a NOTIFY must not
	   overtake the BYE (RFC 3261 s12.2.2) */
	if (c && (c->state == NET_CALL_FREE || c->state == NET_CALL_ENDING ||
		  strcmp(c->tag, n->tag))) {
		release(n);
		return;
	}

	if (n->refer)
		(void)snprintf(id, sizeof(id), ";id=%u",
			       (unsigned)n->refer_id);
	n->sent_cseq = c ? ++c->cseq : ++n->cseq;
	len = snprintf(nc->text, sizeof(nc->text), "NOTIFY %s SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP %s;branch=z9hG4bKf%u\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:conf@x.net>;tag=%s\r\n"
		       "To: <sip:ue@x.net>;tag=%s\r\nCall-ID: %s\r\n"
		       "CSeq: %u NOTIFY\r\nContact: <sip:%s@192.0.2.77>\r\n"
		       "Event: %s%s\r\nSubscription-State: %s\r\n"
		       "%s%s%sContent-Length: %u\r\n\r\n%s",
		       c ? c->target : n->target, net_via(via, cs->net),
		       ++nc->serial, n->tag, n->ue_tag, n->id, (unsigned)n->sent_cseq, n->tag,
		       n->refer ? "refer" : "conference", id, state,
		       body ? "Content-Type: " : "", body ? ctype : "",
		       body ? "\r\n" : "", body ? (unsigned)strlen(body) : 0,
		       body ? body : "");

	if (again)
		net_again_start(&n->req, cs, nc->text, (size_t)len, given_up,
				n);
	else
		net_calls_send(cs, nc->text, (size_t)len);
}


/* ------------------------------------------------------------------ */
/* Documents (RFC 4575) */


static void document(struct net_note *n, bool again, bool full)
{
	static const char *const statusv[] = {"connected", "on-hold",
					      "disconnected", "alerting"};
	struct net_conf *nc = n->all;
	struct sim *sim = sim_of(nc);
	const unsigned user = sim_below(sim, 40);
	char doc[700];

	++nc->documents;
	/* lost on the way, or an old one again */
	n->version += chance(nc, 8) ? sim_below(sim, 3) : 1;
	(void)snprintf(doc, sizeof(doc), "<?xml version=\"1.0\"?>\r\n"
		       "<conference-info xmlns=\"urn:ietf:params:xml:ns:"
		       "conference-info\" entity=\"sip:conf@x.net\" state=\"%s"
		       "\" version=\"%u\"><users%s><user entity=\"sip:u%u@x.net"
		       "\" state=\"%s\"><endpoint entity=\"sip:u%u@x.net\">"
		       "<status>%s</status></endpoint></user></users>"
		       "</conference-info>%s", chance(nc, 1) ? "deleted"
		       : full ? "full" : "partial", n->version,
		       full ? "" : " state=\"partial\"", user,
		       chance(nc, 20) ? "deleted" : "full", user,
		       statusv[sim_below(sim, 4)], chance(nc, 4) ? "<" : "");
	notify(n, again, chance(nc, 5) ? "pending" : "active", INFO, doc);
}


unsigned net_conf_document(struct net_conf *nc)
{
	unsigned i, sent = 0;

	for (i = 0; i < NET_NOTES; i++) {

		struct net_note *n = &nc->notev[i];

		if (n->used && !n->refer && !n->over) {
			document(n, false, sim_chance(sim_of(nc), 20));
			++sent;
		}
	}

	return sent;
}


/* RFC 6665 4.1.3 */
static void end_subscription(struct net_note *n)
{
	static const char *const statev[] = {
		"terminated", "terminated;reason=deactivated",
		"terminated;reason=timeout", "terminated;reason=rejected",
		"terminated;reason=noresource",
		"terminated;reason=giveup;retry-after=7",
		"terminated;reason=probation;retry-after=40"
	};

	n->over = true;
	notify(n, true, statev[sim_below(sim_of(n->all), 7)], INFO, NULL);
}


static void subscribe(struct net_ctx *x, struct net_conf *nc,
		      struct net_note *n, uint32_t expires_s)
{
	const bool first = n->version == 0 && chance(nc, 20);
	struct sip_writer *w;

	n->expires_s = expires_s < EXPIRES_S ? expires_s : EXPIRES_S;
	++nc->subscribes;

	/* RFC 6665 s4.4.1: it may come before the answer */
	if (first)
		document(n, true, true);
	w = net_reply_begin(x, 200, n->tag);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:%s@192.0.2.77>", n->tag);
	sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", n->expires_s);
	net_reply_send(x);

	if (!expires_s) {
		n->over = true;
		notify(n, true, "terminated;reason=timeout", INFO, NULL);
	}
	else {
		act_later(n, (uint64_t)n->expires_s * 1000 + 20000);
		if (!first)
			document(n, true, true);
	}
}


static void subscribed(struct net_ctx *x, struct net_conf *nc)
{
	static const uint16_t codev[] = {403, 481, 503, 423, 404};
	const struct sip_msg *m = &x->net->msg;
	struct net_note *n = NULL;
	struct sip_writer *w;
	uint32_t expires_s;

	if (sip_msg_uint(&expires_s, m, SIP_HDR_EXPIRES))
		expires_s = EXPIRES_S;

	if (m->to_tag.p)
		n = note_find(nc, m);
	else if (!chance(nc, 12))
		n = note_new(nc, NULL);

	if (n && !n->over) {
		subscribe(x, nc, n, expires_s);
		return;
	}

	w = net_reply_begin(x, m->to_tag.p ? 481 : codev[sim_below(
			    sim_of(nc), 5)], NULL);
	sip_writer_hdr(w, SIP_HDR_MIN_EXPIRES, "%u", 7200);
	sip_writer_hdr(w, SIP_HDR_RETRY_AFTER, "%u", 4);
	net_reply_send(x);
}


/* ------------------------------------------------------------------ */
/* REFER of the UE (RFC 3515) */


static void report(struct net_note *n)
{
	static const char *const fragv[] = {
		"SIP/2.0 200 OK\r\n", "SIP/2.0 486 Busy Here\r\n",
		"SIP/2.0 603 Decline\r\n", "SIP/2.0 180 Ringing\r\n",
		"garbage"
	};
	struct sim *sim = sim_of(n->all);

	/* RFC 3515 2.4.5: what comes in between */
	if (chance(n->all, 30)) {
		notify(n, chance(n->all, 50), "active;expires=60", FRAG,
		       fragv[3]);
		if (n->used)
			act_later(n, sim_below(sim, 20000));
		return;
	}

	n->over = true;
	notify(n, true, "terminated;reason=noresource", FRAG,
	       fragv[n->all->quiet ? 0 : sim_below(sim, 5)]);
}


static void act_h(void *arg)
{
	struct net_note *n = arg;

	if (n->refer && !n->over)
		report(n);
	else
		release(n);
}


static void referred(struct net_ctx *x, struct net_conf *nc,
		     struct net_call *c)
{
	static const uint16_t codev[] = {403, 481, 503, 603};
	const struct sip_msg *m = &x->net->msg;
	struct net_note *n = NULL;
	struct sip_writer *w;
	const bool no_sub = sip_msg_has_token(m, SIP_HDR_REQUIRE,
					      "norefersub");

	++nc->refers;
	if (!chance(nc, 15))
		n = note_new(nc, c);
	if (!n) {
		net_reply(x, codev[sim_below(sim_of(nc), 4)]);
		return;
	}

	n->refer = true;
	n->refer_id = m->cseq;
	w = net_reply_begin(x, 202, n->tag);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:%s@192.0.2.77>", n->tag);
	/* RFC 4488 s4 */
	if (no_sub)
		sip_writer_hdr(w, SIP_HDR_REFER_SUB, "false");
	net_reply_send(x);

	if (no_sub) {
		release(n);
		return;
	}

	notify(n, true, "active;expires=60", FRAG, "SIP/2.0 100 Trying\r\n");
	/* some never end: the UE must notice */
	if (n->used)
		act_later(n, chance(nc, 10) ? 200000
			  : sim_below(sim_of(nc), 15000));
}


/* ------------------------------------------------------------------ */
/* Messages */


static bool is_conference(const struct sip_msg *m)
{
	struct sip_event event;

	return !sip_msg_event(&event, m) &&
		!pl_strcmp(&event.type, "conference");
}


static bool request_h(struct net_ctx *x, void *arg)
{
	struct net_conf *nc = arg;
	const struct sip_msg *m = &x->net->msg;

	switch (m->method) {

	case SIP_METHOD_SUBSCRIBE:
		if (!is_conference(m))
			return false;
		subscribed(x, nc);
		return true;

	case SIP_METHOD_REFER:
		if (m->to_tag.p)
			break;
		referred(x, nc, NULL);
		return true;

	case SIP_METHOD_NOTIFY:
		/* how our REFER goes on */
		net_reply(x, chance(nc, 10) ? 481 : 200);
		return true;

	default:
		break;
	}

	return net_calls_request_h(x, &nc->calls);
}


static bool other_h(struct net_ctx *x, struct net_call *c, void *arg)
{
	if (x->net->msg.method != SIP_METHOD_REFER)
		return false;

	referred(x, arg, c);

	return true;
}


static void notified(struct net_note *n, const struct sip_msg *m)
{
	if (m->code < 200)
		return;

	net_again_stop(&n->req);

	/* RFC 6665 4.2.2 */
	if (n->over || m->code == 481 || m->code == 489)
		release(n);
}


static bool response_h(struct net *net, const struct sip_msg *m, void *arg)
{
	struct net_conf *nc = arg;
	struct net_note *n;

	if (m->method == SIP_METHOD_NOTIFY) {
		n = note_find(nc, m);
		if (n)
			notified(n, m);
		else if (m->from_tag.l > 2 && !memcmp(m->from_tag.p, "fo", 2))
			return true;
		else
			return net_calls_response_h(net, m, &nc->calls);
		return true;
	}

	if (m->method == SIP_METHOD_REFER) {
		if (m->code >= 200)
			net_again_stop(&nc->refer);
		return true;
	}

	return net_calls_response_h(net, m, &nc->calls);
}


/* ------------------------------------------------------------------ */
/* By chance */


static void refer_given_up(void *arg)
{
	struct net_conf *nc = arg;

	net_again_stop(&nc->refer);
}


/* RFC 3515: come to a conference */
static void refer(struct net_conf *nc)
{
	struct net *net = nc->calls.net;
	const unsigned serial = ++nc->serial;
	char via[NET_VIA];
	int len;

	if (!net_is_registered(net) || nc->refer.len)
		return;

	++nc->referred;
	len = snprintf(nc->text, sizeof(nc->text), "REFER %s SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP %s;branch=z9hG4bKr%u\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:bob@x.net>;tag=rf%u\r\n"
		       "To: <sip:ue@x.net>\r\nCall-ID: refer%u\r\n"
		       "CSeq: 1 REFER\r\nContact: <sip:bob@192.0.2.77>\r\n"
		       "Refer-To: <sip:conf@x.net>\r\n"
		       "Referred-By: <sip:bob@x.net>\r\n"
		       "Content-Length: 0\r\n\r\n", net->contact,
		       net_via(via, net), serial, serial, serial);
	net_again_start(&nc->refer, &nc->calls, nc->text, (size_t)len,
			refer_given_up, nc);
}


void net_conf_restart(struct net_conf *nc)
{
	unsigned i;

	++nc->restarts;
	net_calls_forget(&nc->calls);
	net_again_stop(&nc->refer);
	for (i = 0; i < NET_NOTES; i++) {
		if (nc->notev[i].used)
			release(&nc->notev[i]);
	}
}


void net_conf_act(struct net_conf *nc)
{
	struct sim *sim = sim_of(nc);
	struct net_note *n = &nc->notev[sim_below(sim, NET_NOTES)];
	unsigned i;

	switch (sim_below(sim, 8)) {

	case 0:
		(void)net_calls_start(&nc->calls);
		break;

	case 1:
		if (chance(nc, 40))
			refer(nc);
		break;

	case 2:
		if (!chance(nc, 15))
			break;
		++nc->storms;
		for (i = sim_below(sim, 60); i; i--)
			(void)net_conf_document(nc);
		break;

	case 3:
		if (chance(nc, 8))
			net_conf_restart(nc);
		break;

	case 4:
		if (n->used && !n->refer && !n->over)
			end_subscription(n);
		break;

	default:
		if (n->used && !n->refer && !n->over)
			document(n, chance(nc, 70), chance(nc, 20));
		(void)(chance(nc, 30) && net_conf_document(nc));
		break;
	}
}


/* ------------------------------------------------------------------ */


void net_conf_quiet(struct net_conf *nc)
{
	nc->quiet = true;
}


void net_conf_init(struct net_conf *nc, struct net *net)
{
	memset(nc, 0, sizeof(*nc));
	net_calls_init(&nc->calls, net);
	nc->calls.contact_params = ";isfocus";
	nc->calls.other_h = other_h;
	nc->calls.other_arg = nc;
	net->call_request_h = request_h;
	net->call_response_h = response_h;
	net->call_arg = nc;
}
