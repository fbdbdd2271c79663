/**
 * @file msg_kit.c  Messages of a registered UE on session_kit's port
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/msg_kit.h"

struct mg mg;

static int (*open_datagram)(void *arg, unsigned flow,
			    const struct ue_flow_params *prm,
			    struct ue_addr *local);
static void (*close_datagram)(void *arg, unsigned flow);


static int flow_open(void *arg, unsigned flow,
		     const struct ue_flow_params *prm, struct ue_addr *local)
{
	const unsigned conn = flow - UE_FLOWS_MAX;

	if (flow < UE_FLOWS_MAX)
		return open_datagram(arg, flow, prm, local);

	if (flow == MESSAGING_LISTENER && (mg.no_listener || mg.listening))
		return EADDRINUSE;
	if (flow != MESSAGING_LISTENER && mg.open_err)
		return mg.open_err;
	*local = prm->local;
	if (flow == MESSAGING_LISTENER) {
		local->port = 7654;
		mg.listening = true;
		return 0;
	}
	mg.open[conn] = true;
	++mg.opens[conn];
	mg.remote[conn] = prm->remote;

	return 0;
}


static void flow_close(void *arg, unsigned flow)
{
	if (flow < UE_FLOWS_MAX)
		close_datagram(arg, flow);
	else if (flow < MESSAGING_LISTENER)
		mg.open[flow - UE_FLOWS_MAX] = false;
	else
		mg.listening = false;
}


static size_t flow_sendv(void *arg, unsigned flow, const struct ue_iov *iov,
			 unsigned n)
{
	const unsigned conn = flow - UE_FLOWS_MAX;
	size_t took = 0, k;
	unsigned i;

	(void)arg;
	for (i = 0; i < n && !mg.full; i++) {
		k = sizeof(mg.wire[0]) - 1 - mg.wire_len[conn];
		if (k > iov[i].len)
			k = iov[i].len;
		memcpy(mg.wire[conn] + mg.wire_len[conn], iov[i].data, k);
		mg.wire_len[conn] += k;
		took += k;
	}

	return took;
}


static uint16_t message_open_h(struct ue *ue, unsigned session,
			       const struct msrp_info *info,
			       struct msrp_sink *sink, void *arg)
{
	(void)ue;
	(void)session;
	(void)info;
	(void)arg;
	++mg.began;
	sink->buf  = mg.in;
	sink->size = sizeof(mg.in);
	sink->arg  = &mg;

	return mg.verdict ? mg.verdict : 200;
}


static void (*change)(void);


static void with_streams(void)
{
	open_datagram  = rk.port.flow_open;
	close_datagram = rk.port.flow_close;
	rk.port.flow_open  = flow_open;
	rk.port.flow_close = flow_close;
	rk.port.flow_sendv = flow_sendv;
	mg.set.open_h = message_open_h;
	rk.set.messaging = &mg.set;
	if (change)
		change();
}


bool mg_begin(void (*before)(void))
{
	memset(&mg, 0, sizeof(mg));
	change = before;
	if (!ss_begin(with_streams))
		return false;
	ss.no_claim = true;

	return true;
}


bool mg_begin_relay(void (*before)(void))
{
	memset(&mg, 0, sizeof(mg));
	mg.relay.uri      = MG_RELAY;
	mg.relay.user     = "alice";
	mg.relay.password = "secret";
	mg.set.relay      = &mg.relay;
	change = before;
	if (!ss_begin(with_streams) || !mg.open[0])
		return false;
	ss.no_claim = true;
	mg_connected(0);

	return true;
}


const char *mg_sdp(const char *addr, unsigned port, const char *path,
		   const char *attrs)
{
	static char text[2][1200];
	static unsigned turn;
	char *out = text[turn++ % 2];

	snprintf(out, sizeof(text[0]), "v=0\r\no=bob 7 %u IN IP4 192.0.2.77\r\n"
		 "s=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=message %u TCP/MSRP *\r\n"
		 "a=path:%s\r\n%s%s", turn, addr, port, path,
		 strstr(attrs, "accept-types") ? "" :
		 "a=accept-types:text/plain message/cpim\r\n", attrs);

	return out;
}


const char *mg_sdp_session(const char *sdp, const char *lines)
{
	static char text[1600];
	const char *at = strstr(sdp, "m=message");

	(void)re_snprintf(text, sizeof(text), "%b%s%s", sdp,
			  (size_t)(at - sdp), lines, at);

	return text;
}


unsigned mg_call(void)
{
	if (ue_session_start(&rk.ue, &mg.session, SS_PEER, NULL))
		return UINT_MAX;
	rk_run(0);
	ss.invite = ss_sent("INVITE");

	return ss.invite;
}


bool mg_bound(const char *attrs)
{
	char lines[200];
	unsigned n = mg_call();

	snprintf(lines, sizeof(lines), "a=setup:passive\r\n%s", attrs);
	ss_answer(n, 200, SS_CONTACT SS_ALLOW SS_RR,
		  mg_sdp("192.0.2.77", 9000, MG_BOB, lines));
	if (!mg.open[0])
		return false;
	mg_connected(0);
	mg_answer(0, mg_wire(0), "200 OK", "");

	return rk_events(UE_EVENT_MESSAGING_READY) == 1;
}


void mg_connected(unsigned conn)
{
	ue_flow_connected(&rk.ue, rk.now_ms, UE_FLOWS_MAX + conn);
	rk_run(0);
}


void mg_gone(unsigned conn, int err)
{
	mg.open[conn] = false;
	ue_flow_closed(&rk.ue, rk.now_ms, UE_FLOWS_MAX + conn, err);
	rk_run(0);
}


void mg_recv(unsigned conn, const char *text)
{
	size_t used;

	(void)ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX + conn,
			     (const uint8_t *)text, strlen(text), &used);
	rk_run(0);
}


const char *mg_sent(unsigned conn)
{
	static char text[4096];

	memcpy(text, mg.wire[conn], mg.wire_len[conn]);
	text[mg.wire_len[conn]] = '\0';
	mg.wire_len[conn] = 0;

	return text;
}


const char *mg_wire(unsigned conn)
{
	rk_run(0);

	return mg_sent(conn);
}


void mg_answer(unsigned conn, const char *text, const char *status,
	       const char *lines)
{
	const char *to = strstr(text, "To-Path: ");
	const char *from = strstr(text, "From-Path: ");
	char tid[40], out[1200];

	if (!to || !from || strncmp(text, "MSRP ", 5))
		return;
	snprintf(tid, sizeof(tid), "%.*s", (int)strcspn(text + 5, " "),
		 text + 5);
	snprintf(out, sizeof(out), "MSRP %s %s\r\nTo-Path: %.*s\r\n"
		 "From-Path: %.*s\r\n%s-------%s$\r\n", tid, status,
		 (int)strcspn(from + 11, " \r"), from + 11,
		 (int)strcspn(to + 9, " \r"), to + 9, lines, tid);
	mg_recv(conn, out);
}


const char *mg_own(unsigned n)
{
	static char uri[200];
	const char *p = strstr(rk.sentv[n], "a=path:");
	size_t len = p ? strcspn(p, "\r") : 0;
	size_t at = len;

	while (at && p[at - 1] != ' ' && at > 7)
		--at;
	snprintf(uri, sizeof(uri), "%.*s", (int)(len - at), p + at);

	return uri;
}


void mg_request(unsigned conn, unsigned n, const char *tid,
		const char *method, const char *lines, const char *body,
		char flag)
{
	char out[2400];

	snprintf(out, sizeof(out), "MSRP %s %s\r\nTo-Path: %s\r\n"
		 "From-Path: " MG_BOB "\r\n%s%s%s%s-------%s%c\r\n", tid,
		 method, mg_own(n), lines, body ? "\r\n" : "",
		 body ? body : "", body ? "\r\n" : "", tid, flag);
	mg_recv(conn, out);
}


void mg_granted(const char *lines)
{
	mg_answer(0, mg_wire(0), "401 Unauthorized", "WWW-Authenticate: "
		  "Digest realm=\"r\", qop=\"auth\", nonce=\"n\"\r\n");
	mg_answer(0, mg_wire(0), "200 OK", lines);
}
