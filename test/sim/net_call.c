/**
 * @file net_call.c  The other side of sessions in the simulator
 *
 * Over 800 lines: both roles of a phone, which share dialogs and repetition.
 */
#include <stdio.h>
#include <string.h>
#include "test/sim/net_call.h"

#define SDP_HEAD							\
	"v=0\r\no=- 7 %u IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
#define SDP_AUDIO							\
	"m=audio 9000 RTP/AVP 99\r\n"					\
	"a=rtpmap:99 AMR-WB/16000\r\na=%s\r\n"


static void act_h(void *arg);


/* RFC 3312: what a phone with preconditions says in each description */
static size_t write_sdp(char *buf, size_t size, struct net_call *c,
			unsigned version, const char *dir)
{
	const struct net_media *media = c->all->media;
	size_t n = (size_t)snprintf(buf, size, SDP_HEAD, version);

	if (media)
		return n + media->write_h(buf + n, size - n, c, media->arg);

	n += (size_t)snprintf(buf + n, size - n, SDP_AUDIO, dir);
	if (!c->qos)
		return n;

	return n + (size_t)snprintf(buf + n, size - n,
			"a=curr:qos local %s\r\na=curr:qos remote %s\r\n"
			"a=des:qos mandatory local sendrecv\r\n"
			"a=des:qos mandatory remote sendrecv\r\n%s",
			c->ready ? "sendrecv" : "none",
			c->ue_ready ? "sendrecv" : "none", c->ue_ready ? ""
			: "a=conf:qos remote sendrecv\r\n");
}


/* What the UE says about itself */
static void learn(struct net_call *c, const struct sip_msg *m)
{
	static const char ready[] = "a=curr:qos local sendrecv\r\n";
	const struct net_media *media = c->all->media;
	size_t i;

	if (media && m->body.l)
		media->read_h(c, &m->body, media->arg);

	for (i = 0; i + sizeof(ready) - 1 <= m->body.l; i++) {
		if (!memcmp(m->body.p + i, ready, sizeof(ready) - 1))
			c->ue_ready = true;
	}
}


static struct sim *sim_of(const struct net_calls *cs)
{
	return cs->net->sim;
}


/* ------------------------------------------------------------------ */
/* Sending, again and again */


void net_calls_send(struct net_calls *cs, const char *text, size_t len)
{
	struct net *net = cs->net;
	struct ue_addr src, dst;

	if (net_sec_way(net, &src, &dst) && net->pcscfv[net->home_pcscf].up)
		net_udp_send(net, &src, &dst, text, len);
}


static void over(struct net_call *c)
{
	const struct net_media *media = c->all->media;

	if (media)
		media->over_h(c, media->arg);
	net_again_stop(&c->req);
	net_again_stop(&c->resp);
	ue_timer_cancel(&sim_of(c->all)->timers, &c->act);
	c->state = NET_CALL_FREE;
}


static void act_later(struct net_call *c, uint32_t ms)
{
	ue_timer_start(&sim_of(c->all)->timers, &c->act, ms, act_h, c);
}


static void described(struct net_call *c)
{
	const struct net_media *media = c->all->media;

	if (media && c->state == NET_CALL_UP)
		media->up_h(c, media->arg);
}


/* Who has answered may use the media at once */
static void early(struct net_call *c)
{
	const struct net_media *media = c->all->media;

	if (media && sim_chance(sim_of(c->all), 30))
		media->up_h(c, media->arg);
}


/* At times it does something by chance */
static void up(struct net_call *c)
{
	c->state = NET_CALL_UP;
	act_later(c, 1000 + sim_below(sim_of(c->all), 30000));
	described(c);
}


static void req_given_up(void *arg);
static void resp_given_up(void *arg);


static void keep_req(struct net_call *c, const char *text, size_t len)
{
	net_again_start(&c->req, c->all, text, len, req_given_up, c);
}


static void keep_resp(struct net_call *c, const char *text, size_t len)
{
	net_again_start(&c->resp, c->all, text, len, resp_given_up, c);
}


/* ------------------------------------------------------------------ */
/* Requests of the phone */


static size_t put_body(char *buf, size_t size, struct net_call *c,
		       const char *dir)
{
	char sdp[600];
	int n = 0;

	if (dir)
		n = (int)write_sdp(sdp, sizeof(sdp), c,
				   (unsigned)c->cseq + 1, dir);

	return (size_t)snprintf(buf, size, "%sContent-Length: %d\r\n\r\n%.*s",
				dir ? "Content-Type: application/sdp\r\n" : "",
				n, n, sdp);
}


static void request(struct net_call *c, const char *method, const char *lines,
		    const char *dir)
{
	struct net_calls *cs = c->all;
	char text[NET_CALL_TEXT], via[NET_VIA];
	const bool ack = !strcmp(method, "ACK");
	const bool cancel = !strcmp(method, "CANCEL");
	const uint32_t cseq = ack || cancel ? c->invite_cseq : ++c->cseq;
	unsigned branch = ++cs->serial;
	struct pl name;
	int n;

	/* RFC 3261 s9.1, s17.1.1.3: those of the INVITE */
	if (cancel || (ack && c->failed))
		branch = c->invite_branch;

	pl_set_str(&name, method);
	n = snprintf(text, sizeof(text), "%s %s SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP %s;branch=z9hG4bKp%u\r\n"
		     "Max-Forwards: 70\r\nFrom: <sip:bob@x.net>;tag=%s\r\n"
		     "To: <sip:ue@x.net>%s%s\r\nCall-ID: %s\r\n"
		     "CSeq: %u %s\r\nContact: <sip:%s@192.0.2.77>%s\r\n%s",
		     method, c->target, net_via(via, cs->net), branch,
		     c->tag,
		     c->ue_tag[0] ? ";tag=" : "", c->ue_tag, c->id,
		     (unsigned)cseq, method, c->tag, cs->contact_params,
		     lines ? lines : "");
	n += (int)put_body(text + n, sizeof(text) - (size_t)n, c, dir);

	if (ack) {
		net_calls_send(cs, text, (size_t)n);
		return;
	}

	c->req_method = (unsigned)sip_method(&name);
	c->req_cseq = cseq;
	if (c->req_method == SIP_METHOD_INVITE) {
		c->invite_cseq = cseq;
		c->invite_branch = branch;
		c->provisional = false;
	}
	keep_req(c, text, (size_t)n);
}


static void bye(struct net_call *c)
{
	/* s15: not before the ACK */
	if (c->state == NET_CALL_UP || c->state == NET_CALL_ENDING) {
		c->state = NET_CALL_ENDING;
		request(c, "BYE", NULL, NULL);
	}
}


/* ------------------------------------------------------------------ */
/* Responses of the phone to the UE's INVITE */


static void respond(struct net_call *c, unsigned code, bool body)
{
	struct net_calls *cs = c->all;
	struct sip_writer *w = &cs->w;
	char sdp[600];

	memcpy(cs->copy, c->invite, c->invite_len);
	if (sip_msg_parse(&cs->msg, cs->copy, c->invite_len,
			  SIP_FRAMING_DATAGRAM)) {
		sim_of(cs)->broken = "the UE's INVITE cannot be read again";
		return;
	}

	sip_writer_init(w, cs->tx, sizeof(cs->tx));
	sip_writer_reply(w, &cs->msg, (uint16_t)code, NULL, c->tag, NULL, 0);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:%s@192.0.2.77>%s", c->tag,
		       c->all->contact_params);
	sip_writer_hdr(w, SIP_HDR_ALLOW, "INVITE, ACK, CANCEL, BYE, PRACK, "
		       "UPDATE");
	c->rel = false;
	if (code < 200 && body) {
		sip_writer_hdr(w, SIP_HDR_REQUIRE, "100rel");
		sip_writer_hdr(w, SIP_HDR_RSEQ, "%u", ++c->rseq);
		c->rel = true;
	}
	if (body && !c->described) {
		c->described = true;
		(void)sip_writer_body(w, "application/sdp", sdp,
				      write_sdp(sdp, sizeof(sdp), c, 1,
						"sendrecv"));
	}
	else {
		(void)sip_writer_end(w);
	}

	if (code >= 200 || c->rel)
		keep_resp(c, cs->tx, sip_writer_len(w));
	else
		net_calls_send(cs, cs->tx, sip_writer_len(w));
}


/* A branch answers: the proxy lets no refusal of others through any more */
static void answer(struct net_call *c)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {
		if (!strcmp(c->all->callv[i].id, c->id))
			c->all->callv[i].lost = true;
	}

	c->state = NET_CALL_ANSWERED;
	respond(c, 200, true);
	++c->all->ups;
	early(c);
}


/* The branches of one INVITE: its refusal leaves when none is left */
static void refuse(struct net_call *c, unsigned code)
{
	struct net_calls *cs = c->all;
	unsigned i;

	if (c->lost) {
		over(c);
		return;
	}

	c->failed = true;
	for (i = 0; i < NET_CALLS; i++) {

		struct net_call *o = &cs->callv[i];

		if (o != c && o->state != NET_CALL_FREE && !o->uac &&
		    !strcmp(o->id, c->id) &&
		    !(o->state == NET_CALL_RINGING && o->failed)) {
			over(c);
			return;
		}
	}

	respond(c, code, false);
}


static void resp_given_up(void *arg)
{
	struct net_call *c = arg;

	net_again_stop(&c->resp);
	if (c->rel) {
		refuse(c, 504);
	}
	else if (c->failed) {
		over(c);
	}
	else {
		/* RFC 3261 s13.3.1.4 */
		c->state = NET_CALL_UP;
		bye(c);
	}
}


static void req_given_up(void *arg)
{
	struct net_call *c = arg;

	net_again_stop(&c->req);

	if (c->req_method == SIP_METHOD_BYE ||
	    (c->req_method == SIP_METHOD_INVITE &&
	     c->state == NET_CALL_CALLING))
		over(c);
	else if (c->req_method == SIP_METHOD_INVITE ||
		 c->state == NET_CALL_UP)
		bye(c);
}


/* ------------------------------------------------------------------ */
/* By chance */


static void act_ringing(struct net_call *c)
{
	struct sim *sim = sim_of(c->all);
	static const unsigned codev[] = {403, 480, 486, 503, 600, 603};

	if (c->failed)
		return;

	if (c->rel) {
		act_later(c, 1000);
		return;
	}

	/* RFC 3312 s5.1.1: nobody is alerted before both are ready */
	if (c->qos && !c->ue_ready) {
		if (c->described && (sim_chance(sim, 5) || c->all->quiet)) {
			refuse(c, 580);
			return;
		}
		if (!c->described)
			respond(c, 183, true);
		act_later(c, 2000);
		return;
	}

	switch (c->all->willing ? 4 : sim_below(sim, 5)) {

	case 0:
		respond(c, 180, false);
		break;

	case 1:
		if (c->ue_rel)
			respond(c, 183, true);
		break;

	case 2:
		if (sim_chance(sim, 40) || c->all->quiet) {
			refuse(c, codev[sim_below(sim, 6)]);
			return;
		}
		break;

	default:
		answer(c);
		return;
	}

	act_later(c, 500 + sim_below(sim, 20000));
}


static void act_up(struct net_call *c)
{
	struct net_calls *cs = c->all;
	struct sim *sim = sim_of(cs);
	const char *dir = sim_chance(sim, 50) ? "sendonly" : "sendrecv";

	if (cs->calm && !cs->quiet)
		return;

	if (c->req.len || c->resp.len) {
		if (sim_chance(sim, 20))
			bye(c);
		act_later(c, 1000 + sim_below(sim, 10000));
		return;
	}

	switch (cs->quiet ? 9 : sim_below(sim, 10)) {

	case 0: case 1: case 2:
		++cs->holds;
		request(c, "INVITE", NULL, dir);
		break;

	case 3: case 4:
		++cs->holds;
		request(c, "UPDATE", NULL, dir);
		break;

	case 5:
		request(c, "INVITE", NULL, NULL);
		break;

	case 9:
		bye(c);
		break;

	default:
		break;
	}

	act_later(c, 1000 + sim_below(sim, 60000));
}


static void act_h(void *arg)
{
	struct net_call *c = arg;

	switch (c->state) {

	case NET_CALL_RINGING: act_ringing(c); break;
	case NET_CALL_UP:      act_up(c); break;
	case NET_CALL_CALLING:
		if (c->qos && c->described && !c->told && !c->req.len) {
			/* our resources are there now */
			c->ready = c->told = true;
			request(c, "UPDATE", NULL, "sendrecv");
			act_later(c, 30000);
			break;
		}
		/* it takes too long */
		act_later(c, 1000);
		if (c->provisional && !c->req.len && !c->failed) {
			c->failed = true;
			request(c, "CANCEL", NULL, NULL);
		}
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* What the UE sends */


static bool same(const char *str, const struct pl *pl)
{
	return pl->p && strlen(str) == pl->l && !memcmp(str, pl->p, pl->l);
}


static struct net_call *find(struct net_calls *cs, const struct sip_msg *m)
{
	const struct pl *own = m->request ? &m->to_tag : &m->from_tag;
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {

		struct net_call *c = &cs->callv[i];

		if (c->state != NET_CALL_FREE && same(c->id, &m->call_id) &&
		    same(c->tag, own))
			return c;
	}

	return NULL;
}


static struct net_call *call_new(struct net_calls *cs)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {

		struct net_call *c = &cs->callv[i];

		if (c->state != NET_CALL_FREE)
			continue;

		memset(c, 0, sizeof(*c));
		c->all = cs;
		(void)snprintf(c->tag, sizeof(c->tag), "ph%u",
			       ++cs->serial);
		c->cseq = 100;
		c->version = 10;
		c->rseq = 10 * (1 + sim_below(sim_of(cs), 1000));

		return c;
	}

	return NULL;
}


static void copy(char *dst, size_t size, const struct pl *src)
{
	const size_t len = src->l < size ? src->l : size - 1;

	memcpy(dst, src->p ? src->p : "", src->p ? len : 0);
	dst[src->p ? len : 0] = '\0';
}


static void set_target(struct net_call *c, const struct sip_msg *m)
{
	struct sip_addr addr;

	if (!sip_msg_addr(&addr, m, SIP_HDR_CONTACT))
		copy(c->target, sizeof(c->target), &addr.uri.text);
}


static bool has_qos(const struct sip_msg *m)
{
	static const char des[] = "a=des:qos ";
	size_t i;

	for (i = 0; i + sizeof(des) - 1 <= m->body.l; i++) {
		if (!memcmp(m->body.p + i, des, sizeof(des) - 1))
			return true;
	}

	return false;
}


static void branch(struct net_ctx *x, struct net_calls *cs)
{
	struct net *net = cs->net;
	struct net_call *c = call_new(cs);

	if (!c) {
		sim_of(cs)->broken = "no phone is free";
		return;
	}

	c->state = NET_CALL_RINGING;
	copy(c->id, sizeof(c->id), &net->msg.call_id);
	copy(c->ue_tag, sizeof(c->ue_tag), &net->msg.from_tag);
	set_target(c, &net->msg);
	c->ue_rel = sip_msg_has_token(&net->msg, SIP_HDR_SUPPORTED,
				      "100rel");
	c->qos = has_qos(&net->msg);
	c->ready = true;
	learn(c, &net->msg);
	if (x->len > sizeof(c->invite)) {
		sim_of(cs)->broken = "the UE's INVITE is too long";
		return;
	}
	memcpy(c->invite, net->copy, x->len);
	c->invite_len = (uint16_t)x->len;
	act_later(c, sim_below(sim_of(cs), 5000));
}


static void new_invite(struct net_ctx *x, struct net_calls *cs)
{
	++cs->invites;
	net_reply(x, 100);
	branch(x, cs);
	if (sim_chance(sim_of(cs), cs->fork)) {
		++cs->forks;
		branch(x, cs);
	}
}


static void reply_sdp(struct net_ctx *x, struct net_call *c, unsigned code,
		      bool body)
{
	struct net *net = x->net;
	struct sip_writer *w = net_reply_begin(x, (uint16_t)code, c->tag);
	char sdp[600];
	size_t len;

	learn(c, &net->msg);
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<sip:%s@192.0.2.77>%s", c->tag,
		       c->all->contact_params);
	if (!body) {
		net_reply_send(x);
		return;
	}

	(void)sip_writer_body(w, "application/sdp", sdp,
			      write_sdp(sdp, sizeof(sdp), c,
					(unsigned)++c->version, "sendrecv"));
	len = sip_writer_len(w);
	memcpy(x->st->text, net->tx, len);
	x->st->len = (uint16_t)len;
	net_calls_send(c->all, net->tx, len);
	if (net->msg.method == SIP_METHOD_INVITE) {
		keep_resp(c, net->tx, len);
		early(c);
	}
	else {
		described(c);
	}
}


static void reinvited(struct net_ctx *x, struct net_call *c)
{
	/* RFC 3261 s14.2 */
	if (c->req.len && (c->req_method == SIP_METHOD_INVITE ||
			   c->req_method == SIP_METHOD_UPDATE)) {
		++c->all->glares;
		reply_sdp(x, c, 491, false);
	}
	else if (c->state == NET_CALL_RINGING && c->described && !c->rel &&
		 x->net->msg.method == SIP_METHOD_UPDATE) {
		if (x->net->msg.body.l)
			++c->all->qos_met;
		reply_sdp(x, c, 200, x->net->msg.body.l != 0);
	}
	else if (c->state != NET_CALL_UP || c->resp.len) {
		reply_sdp(x, c, c->state == NET_CALL_ENDING ? 481 : 500,
			  false);
	}
	else {
		set_target(c, &x->net->msg);
		reply_sdp(x, c, 200, x->net->msg.body.l ||
			  x->net->msg.method == SIP_METHOD_INVITE);
	}
}


static void cancelled(struct net_ctx *x, struct net_calls *cs)
{
	unsigned i;

	net_reply(x, 200);

	for (i = 0; i < NET_CALLS; i++) {

		struct net_call *c = &cs->callv[i];

		if (c->state == NET_CALL_RINGING && !c->failed &&
		    same(c->id, &x->net->msg.call_id)) {
			net_again_stop(&c->resp);
			refuse(c, 487);
		}
	}
}


static void byed(struct net_ctx *x, struct net_call *c)
{
	net_reply(x, 200);
	if (c->state == NET_CALL_ENDING) {
		++c->all->crossed;
		return;
	}
	over(c);
}


static void pracked(struct net_ctx *x, struct net_call *c)
{
	struct sip_rack rack;

	if (!c->rel || sip_msg_rack(&rack, &x->net->msg) ||
	    rack.rseq != c->rseq) {
		net_reply(x, 481);
		return;
	}

	++c->all->prackd;
	c->rel = false;
	net_again_stop(&c->resp);
	if (x->net->msg.body.l)
		++c->all->qos_met;
	reply_sdp(x, c, 200, x->net->msg.body.l != 0);
}


static void ack(struct net_calls *cs, const struct sip_msg *m)
{
	struct net_call *c = find(cs, m);

	if (!c || !c->resp.len || c->rel)
		return;

	net_again_stop(&c->resp);
	if (c->state == NET_CALL_RINGING && c->failed) {
		over(c);
	}
	else if (c->state == NET_CALL_ANSWERED) {
		up(c);
	}
	else {
		described(c);
	}
}


bool net_calls_request_h(struct net_ctx *x, void *arg)
{
	struct net_calls *cs = arg;
	const struct sip_msg *m = &x->net->msg;
	struct net_call *c;

	if (m->method == SIP_METHOD_ACK) {
		ack(cs, m);
		return true;
	}
	if (m->method == SIP_METHOD_CANCEL) {
		cancelled(x, cs);
		return true;
	}
	if (m->method == SIP_METHOD_INVITE && !m->to_tag.p) {
		new_invite(x, cs);
		return true;
	}
	if (!m->to_tag.p || m->method == SIP_METHOD_SUBSCRIBE)
		return false;

	c = find(cs, m);
	if (!c) {
		net_reply(x, 481);
		return true;
	}

	switch (m->method) {

	case SIP_METHOD_BYE:    byed(x, c); break;
	case SIP_METHOD_PRACK:  pracked(x, c); break;
	case SIP_METHOD_INVITE: reinvited(x, c); break;
	case SIP_METHOD_UPDATE: reinvited(x, c); break;
	default:
		if (!cs->other_h || !cs->other_h(x, c, cs->other_arg))
			net_reply(x, 405);
		break;
	}

	return true;
}


/* ------------------------------------------------------------------ */
/* What the UE answers */


static void invite_answered(struct net_call *c, const struct sip_msg *m)
{
	const bool first = c->state == NET_CALL_CALLING;
	char lines[100];
	uint32_t rseq;

	if (m->code < 200) {
		if (m->code > 100 && first)
			copy(c->ue_tag, sizeof(c->ue_tag), &m->to_tag);
		c->provisional = true;
		if (c->req_method == SIP_METHOD_INVITE)
			net_again_stop(&c->req);
		if (m->code > 100 && !c->failed && !c->req.len &&
		    sip_msg_has_token(m, SIP_HDR_REQUIRE, "100rel") &&
		    !sip_msg_uint(&rseq, m, SIP_HDR_RSEQ)) {
			set_target(c, m);
			learn(c, m);
			if (m->body.l && c->qos) {
				c->described = true;
				act_later(c, sim_below(sim_of(c->all), 5000));
			}
			(void)snprintf(lines, sizeof(lines),
				       "RAck: %u %u INVITE\r\n",
				       (unsigned)rseq,
				       (unsigned)c->invite_cseq);
			request(c, "PRACK", lines, NULL);
		}
		return;
	}

	if (c->req_method == SIP_METHOD_INVITE)
		net_again_stop(&c->req);
	copy(c->ue_tag, sizeof(c->ue_tag), &m->to_tag);

	if (m->code >= 300) {
		const bool failed = c->failed;

		c->failed = true;
		request(c, "ACK", NULL, NULL);
		c->failed = failed;
		if (first)
			over(c);
		return;
	}

	c->failed = false;
	set_target(c, m);
	learn(c, m);
	request(c, "ACK", NULL, first || m->body.l == 0 ? NULL : "sendrecv");
	if (first) {
		++c->all->ups;
		up(c);
	}
	else {
		described(c);
	}
}


bool net_calls_response_h(struct net *net, const struct sip_msg *m, void *arg)
{
	struct net_calls *cs = arg;
	struct net_call *c = find(cs, m);

	(void)net;

	if (!c)
		return false;

	if (m->method == SIP_METHOD_INVITE) {
		if (m->cseq == c->invite_cseq)
			invite_answered(c, m);
		return true;
	}

	if (m->code < 200 || m->method != c->req_method || !c->req.len ||
	    m->cseq != c->req_cseq)
		return true;

	net_again_stop(&c->req);

	if (m->method == SIP_METHOD_BYE)
		over(c);
	else if (m->method == SIP_METHOD_CANCEL && m->code == 481)
		c->failed = false;
	else if (m->method == SIP_METHOD_UPDATE &&
		 (m->code == 481 || m->code == 408))
		bye(c);
	else if (m->method == SIP_METHOD_UPDATE && m->code < 300) {
		learn(c, m);
		described(c);
	}

	return true;
}


/* ------------------------------------------------------------------ */


void net_calls_init(struct net_calls *cs, struct net *net)
{
	memset(cs, 0, sizeof(*cs));
	cs->net = net;
	cs->contact_params = "";
	net->call_request_h = net_calls_request_h;
	net->call_response_h = net_calls_response_h;
	net->call_arg = cs;
}


bool net_calls_start(struct net_calls *cs)
{
	struct net_call *c;

	if (!net_is_registered(cs->net))
		return false;

	c = call_new(cs);
	if (!c)
		return false;

	c->uac = true;
	c->state = NET_CALL_CALLING;
	(void)snprintf(c->id, sizeof(c->id), "phone%u", ++cs->serial);
	(void)snprintf(c->target, sizeof(c->target), "%s", cs->net->contact);
	c->qos = sim_chance(sim_of(cs), cs->qos);
	request(c, "INVITE", "Supported: 100rel, precondition\r\n"
		"Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE\r\n",
		"sendrecv");
	act_later(c, 20000 + sim_below(sim_of(cs), 60000));

	return true;
}


void net_call_end(struct net_call *c)
{
	bye(c);
}


void net_calls_end(struct net_calls *cs)
{
	unsigned i;

	cs->quiet = true;
	for (i = 0; i < NET_CALLS; i++) {

		struct net_call *c = &cs->callv[i];

		/* what the proxy cancels when another branch has answered */
		if (c->state == NET_CALL_RINGING && c->lost)
			over(c);
		else if (c->state == NET_CALL_UP ||
			 c->state == NET_CALL_CALLING ||
			 c->state == NET_CALL_RINGING)
			act_later(c, 0);
	}
}


void net_calls_forget(struct net_calls *cs)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {
		if (cs->callv[i].state != NET_CALL_FREE)
			over(&cs->callv[i]);
	}
}


unsigned net_calls_left(const struct net_calls *cs)
{
	unsigned i, n = 0;

	for (i = 0; i < NET_CALLS; i++)
		n += cs->callv[i].state != NET_CALL_FREE;

	return n;
}


bool net_calls_up(const struct net_calls *cs, const char *id)
{
	unsigned i;

	for (i = 0; i < NET_CALLS; i++) {
		if (!strcmp(cs->callv[i].id, id) &&
		    cs->callv[i].state == NET_CALL_UP)
			return true;
	}

	return false;
}
