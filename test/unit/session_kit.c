/**
 * @file session_kit.c  Sessions of a registered UE on reg_kit's port
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/session_kit.h"

struct ss ss;

/** Dialog of the peer's INVITE */
static struct {
	bool incoming;
	unsigned serial;
	char branch[24];
	char to_tag[64];
	char lines[400];
} in;


/* ------------------------------------------------------------------ */
/* The user */


static bool user_claim_h(struct session *s, const struct sip_msg *msg,
		    const struct sdesc *sdp, void *arg)
{
	(void)msg;
	(void)sdp;
	(void)arg;

	if (ss.no_claim)
		return false;

	ss.s = s;
	++ss.claims;
	if (ss.auto_accept)
		(void)session_accept(s);

	return true;
}


static int user_write_media_h(struct session *s, struct sip_writer *w,
			 unsigned index, const struct sdesc_media *offer,
			 void *arg)
{
	(void)s;
	(void)arg;

	if (index >= ss.streams ||
	    (offer && !sdesc_media_is(offer, "message", NULL)))
		return ENOENT;

	sdesc_write_media(w, "message", 7654, "TCP/MSRP", "*");
	sdesc_write_attr(w, "accept-types", "text/plain");
	sdesc_write_attr(w, "path", "msrp://10.0.0.7:7654/abc;tcp");

	return 0;
}


static int user_answer_h(struct session *s, unsigned index,
		    const struct sdesc_media *m, void *arg)
{
	(void)s;
	(void)index;
	(void)m;
	(void)arg;

	++ss.answers;

	return ss.answer_err;
}


static void user_header_h(struct session *s, struct sip_writer *w,
		     enum sip_method method, uint16_t code, void *arg)
{
	(void)s;
	(void)arg;

	if (method == SIP_METHOD_INVITE && !code)
		sip_writer_hdr(w, SIP_HDR_REFERRED_BY, "<sip:carol@x.net>");
}


static int user_part_h(struct session *s, unsigned index,
		  struct session_part *part, struct sip_writer *w, void *arg)
{
	(void)s;
	(void)arg;

	if (index >= ss.parts)
		return ENOENT;

	part->ctype = "application/resource-lists+xml";
	part->disposition = "recipient-list";
	part->content_id = NULL;
	if (w)
		sip_writer_str(w, "<resource-lists/>");

	return 0;
}


static bool user_request_h(struct session *s, struct sip_strans *st,
		      const struct sip_msg *msg, void *arg)
{
	(void)s;
	(void)msg;
	(void)arg;

	if (ss.request_taken)
		(void)sip_reply(st, 202, NULL);

	return ss.request_taken;
}


static void user_event_h(struct session *s, enum session_event event,
		    const struct session_cause *cause, void *arg)
{
	struct ss_event *e;

	(void)arg;

	if (ss.eventc < SS_EVENTS) {
		e = &ss.eventv[ss.eventc++];
		e->event = event;
		e->s = s;
		e->err = cause->err;
		e->status = cause->status;
		e->by_peer = cause->by_peer;
		e->retry_after_s = cause->retry_after_s;
	}
	if (ss.eventh)
		ss.eventh(s, event);
}


const struct session_user ss_user = {
	.claim_h = user_claim_h, .write_media_h = user_write_media_h,
	.answer_h = user_answer_h, .header_h = user_header_h, .part_h = user_part_h,
	.request_h = user_request_h, .event_h = user_event_h
};


/* ------------------------------------------------------------------ */
/* Begin */


static int user_reserve_h(void *arg, unsigned session)
{
	(void)arg;

	++ss.reserves;
	ss.reserve_id = session;
	if (ss.reserve_err)
		return ss.reserve_err;
	if (!ss.reserve_silent)
		ue_qos_result(&rk.ue, session, 0);

	return 0;
}


static void user_release_h(void *arg, unsigned session)
{
	(void)arg;
	(void)session;

	++ss.releases;
}


bool ss_begin(void (*before)(void))
{
	unsigned n;

	memset(&ss, 0, sizeof(ss));
	memset(&in, 0, sizeof(in));
	ss.streams = 1;

	rk_begin();
	if (before)
		before();

	n = rk_registered(NULL);
	if (!n || rk_document(n, 1, rk_reginfo(0, true, RK_IMPU, "active",
					       "active", "registered",
					       NULL)) != 200)
		return false;

	/* not to be counted with those of sessions */
	rk.sentc = n + 1;

	return !session_add_user(&rk.ue.sessions, &ss_user, NULL);
}


static void with_qos(void)
{
	rk.set.preconditions = true;
	rk.port.qos_reserve = user_reserve_h;
	rk.port.qos_release = user_release_h;
}


static void without_port(void)
{
	rk.set.preconditions = true;
}


bool ss_begin_qos(bool reserve)
{
	return ss_begin(reserve ? with_qos : without_port);
}


unsigned ss_call(unsigned flags)
{
	in.incoming = false;
	if (session_start(&ss.s, &rk.ue.sessions, SS_PEER, &ss_user, flags,
			  NULL))
		return UINT_MAX;

	rk_run(0);
	ss.invite = ss_sent("INVITE");

	return ss.invite;
}


/* ------------------------------------------------------------------ */
/* The peer's messages */


void ss_answer_as(unsigned n, unsigned code, const char *tag,
		  const char *lines, const char *sdp)
{
	rk_answer_as(n, code, tag, lines, "application/sdp", sdp);
}


void ss_answer(unsigned n, unsigned code, const char *lines, const char *sdp)
{
	ss_answer_as(n, code, "net", lines, sdp);
}


unsigned ss_established(void)
{
	const unsigned n = ss_call(0);

	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR, SS_SDP);

	return n;
}


unsigned ss_request_cseq(const char *method, unsigned cseq,
			 const char *lines, const char *sdp)
{
	static char text[4000], body[2000], from[200], to[200], id[120];
	const unsigned before = rk.sentc;

	if (in.incoming) {
		snprintf(from, sizeof(from), "<" SS_PEER ">;tag=bobtag");
		snprintf(to, sizeof(to), "<" RK_IMPU ">;tag=%s", in.to_tag);
		snprintf(id, sizeof(id), "in%u", in.serial);
	}
	else {
		snprintf(from, sizeof(from), "<" SS_PEER ">;tag=net");
		snprintf(to, sizeof(to), "%s", rk_hdr(ss.invite, "From"));
		snprintf(id, sizeof(id), "%s", rk_hdr(ss.invite, "Call-ID"));
	}

	snprintf(text, sizeof(text), "%s sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKq%u\r\n"
		 "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
		 "CSeq: %u %s\r\n" SS_CONTACT "%s%s", method, ++rk.branch,
		 from, to, id, cseq, method, lines ? lines : "",
		 rk_body(body, sizeof(body), "application/sdp", sdp));
	(void)rk_recv(text);

	while (before < rk.sentc && rk_status(before) == 0)
		return rk_status(rk_last());

	return before < rk.sentc ? rk_status(before) : 0;
}


unsigned ss_request(const char *method, const char *lines, const char *sdp)
{
	unsigned status;

	status = ss_request_cseq(method, strcmp(method, "ACK") ? ++ss.cseq
				 : ss.cseq, lines, sdp);
	rk_run(0);

	return status;
}


unsigned ss_invite(const char *lines, const char *sdp)
{
	++in.serial;
	ss.cseq = 1;

	return ss_invite_again(lines, sdp);
}


unsigned ss_invite_again(const char *lines, const char *sdp)
{
	static char text[4000], body[2400];
	unsigned i, before = rk.sentc;
	const char *tag;

	in.incoming = true;
	snprintf(in.branch, sizeof(in.branch), "z9hG4bKi%u", ++rk.branch);

	snprintf(text, sizeof(text), "INVITE sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=%s\r\n"
		 "Max-Forwards: 70\r\nFrom: <" SS_PEER ">;tag=bobtag\r\n"
		 "To: <" RK_IMPU ">\r\nCall-ID: in%u\r\nCSeq: %u INVITE\r\n"
		 SS_CONTACT SS_RR "%s%s", in.branch, in.serial, ss.cseq,
		 lines ? lines : SS_ALLOW,
		 rk_body(body, sizeof(body), "application/sdp", sdp));
	(void)rk_recv(text);
	rk_run(0);

	for (i = before; i < rk.sentc; i++) {
		if (rk_status(i) <= 100)
			continue;
		tag = strstr(rk_hdr(i, "To"), ";tag=");
		snprintf(in.to_tag, sizeof(in.to_tag), "%s",
			 tag ? tag + 5 : "");
		return i;
	}

	return UINT_MAX;
}


static void in_transaction(const char *method, const char *lines)
{
	static char text[1000];

	snprintf(text, sizeof(text), "%s sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=%s\r\n"
		 "Max-Forwards: 70\r\nFrom: <" SS_PEER ">;tag=bobtag\r\n"
		 "To: <" RK_IMPU ">%s%s\r\nCall-ID: in%u\r\nCSeq: 1 %s\r\n"
		 "%sContent-Length: 0\r\n\r\n", method, in.branch,
		 strcmp(method, "ACK") ? "" : ";tag=",
		 strcmp(method, "ACK") ? "" : in.to_tag, in.serial, method,
		 lines);
	(void)rk_recv(text);
	rk_run(0);
}


void ss_cancel_alone(void)
{
	in_transaction("CANCEL", "");
}


void ss_cancel(void)
{
	ss_cancel_with("");
}


void ss_cancel_with(const char *lines)
{
	in_transaction("CANCEL", lines);
	in_transaction("ACK", "");
}


void ss_ack(const char *sdp)
{
	(void)ss_request_cseq("ACK", ss.cseq, NULL, sdp);
	rk_run(0);
}


bool ss_incoming(void)
{
	(void)ss_invite(NULL, SS_SDP);
	if (!ss.s || session_accept(ss.s))
		return false;

	rk_run(0);
	ss_ack(NULL);

	return ss.s->state == SESSION_CONFIRMED;
}


/* ------------------------------------------------------------------ */


unsigned ss_sent(const char *what)
{
	return rk_sent(what);
}


unsigned ss_sent_count(const char *what)
{
	return rk_sent_count(what);
}


unsigned ss_events(enum session_event event)
{
	unsigned i, n = 0;

	for (i = 0; i < ss.eventc; i++)
		n += ss.eventv[i].event == event;

	return n;
}


const struct ss_event *ss_event(enum session_event event)
{
	unsigned i;

	for (i = ss.eventc; i-- > 0;) {
		if (ss.eventv[i].event == event)
			return &ss.eventv[i];
	}

	return NULL;
}


const char *ss_end(void)
{
	unsigned i;

	rk_run(300000);

	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (rk.ue.sessions.sv[i].state != SESSION_FREE)
			return "a session is left";
	}
	if (ss.reserves && !ss.reserve_err && ss.reserves != ss.releases)
		return "resources are left";

	return rk_end();
}
