/**
 * @file fuzz_messaging.c  libFuzzer target: messages in sessions, with a peer,
 * a relay and connections that do what they like
 *
 * Input: an octet (bit 0 TLS, bit 1 a relay), then records of one octet that
 * says what happens, octets where numbers are needed, and texts up to a zero
 * octet, in which `@` is our path:
 *
 *   0      time passes: two octets, in 16 ms
 *   1      we call       2  200 to it, with a description  3  another status
 *   4      we are called, with a description  5  re-INVITE  6  BYE  7  ACK
 *   8..11  accept, hold, resume, end
 *   12     200 to the last request of ours
 *   13     connected     14  closed    15  somebody connects    (connection)
 *   16     a request over MSRP: connection, method, fields, body
 *   17     octets over MSRP: connection, text
 *   18     an answer to what we sent over MSRP: connection, status, fields
 *   19     a message of ours    20  it is given up    21  a nickname
 *   22     nothing more is taken of us; or it is again
 *   23     the certificate that is shown from now on
 *   24     what was received last is displayed
 *   25     the registration is lost
 *
 * Whatever came, each message that was begun has one outcome, no octet is
 * taken of who has not the certificate described, and nothing is left.
 */
#include "test/fuzz/records.h"
#include "test/unit/reg_kit.c"
#include "test/unit/session_kit.c"
#include "test/unit/msg_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MESSAGES = 8 };

#define AA16 "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"

static struct {
	bool secure;
	uint8_t shown;          /* octets of the certificate; 0: none    */
	unsigned session;
	char path[200];         /* ours                                  */
	bool owed[MESSAGES];

	/* connections: what the port knows, what it holds */
	unsigned opens[MSRP_CONNS];
	bool up[MSRP_CONNS];
	uint8_t held[MSRP_CONNS][6000];
	size_t held_len[MSRP_CONNS];
} f;


/* A text with our path for `@` */
static const char *mine(void)
{
	static char buf[1600];
	const char *p = text();
	size_t n = 0, k;

	for (; *p; p++) {
		k = *p == '@' ? strlen(f.path) : 1;
		if (n + k >= sizeof(buf))
			break;
		memcpy(buf + n, *p == '@' ? f.path : p, k);
		n += k;
	}
	buf[n] = '\0';

	return buf;
}


static int fingerprint(void *arg, unsigned flow, uint8_t sha256[32])
{
	(void)arg;
	if (flow != UE_FLOWS_ALL && !f.shown)
		return ENOENT;
	memset(sha256, flow == UE_FLOWS_ALL ? 1 : f.shown, 32);

	return 0;
}


static void secure(void)
{
	static uint8_t sha256[32];

	memset(sha256, 0xaa, sizeof(sha256));
	rk.port.tls_fingerprint = fingerprint;
	mg.set.tls = f.secure;
	if (f.secure)
		mg.relay.uri = "msrps://192.0.2.50:2855;tcp";
	mg.relay.sha256 = sha256;
	mg.set.port = 7654;
}


static void told(struct rk *k, const struct ue_event *ev)
{
	size_t i;

	(void)k;
	switch (ev->type) {

	case UE_EVENT_SESSION_INCOMING:
		f.session = ev->session;
		break;

	case UE_EVENT_MESSAGE_SENT:
	case UE_EVENT_MESSAGE_FAILED:
		i = (size_t)((bool *)ev->message.arg - f.owed);
		must(i < MESSAGES && f.owed[i]);
		f.owed[i] = false;
		break;

	case UE_EVENT_MESSAGE_RECEIVED:
		must(ev->message.len <= sizeof(mg.in));
		/* over TLS only of the end that was described, or the relay */
		must(!f.secure || mg.set.relay || f.shown == 0xaa);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* SIP */


static const char *description(void)
{
	static const char *const pathv[] = {
		"://192.0.2.77:9000/s1;tcp", "://192.0.2.77:9000/s2;tcp",
		"://192.0.2.78:9001/s1;tcp", "://[2001:db8::9]:9000/s1;tcp"
	};
	static const char *const setupv[] = {
		"", "a=setup:active\r\n", "a=setup:passive\r\n",
		"a=setup:actpass\r\n"
	};
	static char buf[2400];
	const unsigned v = octet();

	snprintf(buf, sizeof(buf), "v=0\r\no=bob 7 %u IN IP4 192.0.2.77\r\n"
		 "s=-\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
		 "m=message 9000 TCP/%sMSRP *\r\na=accept-types:*\r\n%s"
		 "a=path:msrp%s%s\r\n%s%s%s", v, f.secure ? "TLS/" : "",
		 f.secure ? "a=fingerprint:SHA-256 " AA16 ":" AA16 "\r\n" : "",
		 f.secure ? "s" : "", pathv[v & 3], setupv[v >> 2 & 3],
		 v & 16 ? "a=chatroom:nickname private-messages\r\n" : "",
		 mine());

	return buf;
}


/* Our path, from what was sent last with one; the log is short */
static void look_at_sent(void)
{
	unsigned i;

	for (i = rk.sentc; i-- > 0;) {
		if (strstr(rk.sentv[i], "a=path:")) {
			snprintf(f.path, sizeof(f.path), "%s", mg_own(i));
			break;
		}
	}
	if (rk.sentc > RK_SENT - 20) {
		if (ss.invite < rk.sentc)
			memmove(rk.sentv[0], rk.sentv[ss.invite], RK_TEXT);
		memmove(rk.sentv[1], rk.sentv[rk.sentc - 1], RK_TEXT);
		rk.sentc = 2;
		ss.invite = 0;
	}
	rk.eventc = 0;
}


static void answer_invite(unsigned code)
{
	if (ss.invite < rk.sentc && rk_is(ss.invite, "INVITE"))
		ss_answer(ss.invite, code, SS_CONTACT SS_ALLOW SS_RR,
			  code == 200 ? description() : NULL);
}


static void answer_last(void)
{
	unsigned n;

	for (n = rk.sentc; n-- > 0;) {
		if (!rk_status(n) && !rk_is(n, "ACK") &&
		    !rk_is(n, "INVITE")) {
			ss_answer(n, 200, SS_CONTACT, NULL);
			return;
		}
	}
}


static void peer_does(unsigned what)
{
	switch (what) {

	case 4: (void)ss_invite(SS_ALLOW, description()); break;
	case 5: (void)ss_request("INVITE", SS_ALLOW, description()); break;
	case 6: (void)ss_request("BYE", NULL, NULL); break;
	default: ss_ack(NULL); break;
	}
}


/* ------------------------------------------------------------------ */
/* MSRP */


/* What the port does after each step: it knows which connections there are,
   and hands in what it holds */
static void look_at_connections(void)
{
	size_t used;
	unsigned c;

	for (c = 0; c < MSRP_CONNS; c++) {
		if (!mg.open[c] || f.opens[c] != mg.opens[c]) {
			f.opens[c] = mg.opens[c];
			f.up[c] = false;
			f.held_len[c] = 0;
		}
		if (!f.held_len[c])
			continue;
		used = 0;
		if (ue_flow_stream(&rk.ue, rk.now_ms, UE_FLOWS_MAX + c,
				   f.held[c], f.held_len[c], &used) !=
		    EAGAIN)
			used = f.held_len[c];
		must(used <= f.held_len[c]);
		f.held_len[c] -= used;
		memmove(f.held[c], f.held[c] + used, f.held_len[c]);
		rk_run(0);
	}
}


static void hand_in(unsigned c, const char *p)
{
	const size_t n = strlen(p);

	if (f.up[c] && n <= sizeof(f.held[c]) - f.held_len[c]) {
		memcpy(f.held[c] + f.held_len[c], p, n);
		f.held_len[c] += n;
	}
}


static void request(unsigned c)
{
	static const char *const methodv[] = {
		"SEND", "SEND", "REPORT", "NICKNAME", "AUTH", "OTHER"
	};
	static char buf[5000], lines[1600];
	const unsigned v = octet();

	snprintf(lines, sizeof(lines), "%s", mine());
	snprintf(buf, sizeof(buf), "MSRP tid%u %s\r\nTo-Path: %s\r\n"
		 "From-Path: msrp%s://192.0.2.77:9000/s1;tcp\r\n"
		 "Message-ID: m%u\r\n%s%s%s-------tid%u%c\r\n", v % 10,
		 methodv[v % 6], f.path, f.secure ? "s" : "", v & 8, lines,
		 mine(), v & 32 ? "" : "\r\n", v % 10,
		 v & 64 ? '+' : v & 128 ? '#' : '$');
	hand_in(c, buf);
}


static void answer(unsigned c)
{
	static const char *const statusv[] = {
		"200", "200", "413", "481", "506", "403", "415", "401"
	};
	static const char *const challenge = "WWW-Authenticate: Digest "
		"realm=\"r\", qop=\"auth\", nonce=\"n\"\r\n";
	const char *status = statusv[octet() & 7], *wire = mg_wire(c);
	static char buf[3000];
	char tid[40];
	const char *to = strstr(wire, "To-Path: ");
	const char *from = strstr(wire, "From-Path: ");

	if (!to || !from || strncmp(wire, "MSRP ", 5))
		return;
	snprintf(tid, sizeof(tid), "%.*s", (int)strcspn(wire + 5, " "),
		 wire + 5);
	snprintf(buf, sizeof(buf), "MSRP %s %s\r\nTo-Path: %.*s\r\n"
		 "From-Path: %.*s\r\n%s%s-------%s$\r\n", tid, status,
		 (int)strcspn(from + 11, " \r"), from + 11,
		 (int)strcspn(to + 9, " \r"), to + 9,
		 strcmp(status, "401") ? "" : challenge, mine(), tid);
	hand_in(c, buf);
}


static void somebody_connects(void)
{
	const struct ue_addr from = {.family = 4};
	unsigned flow;

	if (!rk.ue.messaging.listener.port ||
	    ue_flow_accepted(&rk.ue, rk.now_ms, MESSAGING_LISTENER, &from,
			     &flow))
		return;
	must(flow - UE_FLOWS_MAX < MSRP_CONNS);
	must(!mg.open[flow - UE_FLOWS_MAX]);
	mg.open[flow - UE_FLOWS_MAX] = true;
	f.up[flow - UE_FLOWS_MAX] = true;
}


/* ------------------------------------------------------------------ */
/* The user */


static void send_message(void)
{
	static const uint8_t data[5000];
	const unsigned i = octet() % MESSAGES, v = octet();
	struct ue_message msg = {
		.type = "text/plain", .data = data,
		.len = v & 1 ? sizeof(data) : v & 2, .arg = &f.owed[i],
		.report = v & 4, .to = v & 8 ? "sip:c@d" : NULL,
		.datetime = v & 16 ? "2026-11-29T00:00:00Z" : NULL,
		.notify = v & 32 ? "positive-delivery, display" : NULL,
		.about = &f, .id = v & 64 ? "note-1" : NULL
	};

	if (!f.owed[i] && !ue_message_send(&rk.ue, f.session, &msg))
		f.owed[i] = true;
}


static void user(unsigned what)
{
	switch (what) {

	case 8:  (void)ue_session_accept(&rk.ue, f.session); break;
	case 9:  (void)ue_session_hold(&rk.ue, f.session); break;
	case 10: (void)ue_session_resume(&rk.ue, f.session); break;
	case 11: (void)ue_session_end(&rk.ue, f.session); break;
	case 19: send_message(); break;
	case 20:
		(void)ue_message_abort(&rk.ue, &f.owed[octet() % MESSAGES]);
		break;
	case 21: (void)ue_nickname(&rk.ue, f.session, "Al"); break;
	default:
		(void)ue_message_displayed(&rk.ue, f.session, mg.in,
					   strnlen((char *)mg.in,
						   sizeof(mg.in)));
		break;
	}
}


static void connection(unsigned what)
{
	const unsigned c = octet() % MSRP_CONNS;

	switch (what) {

	case 13:
		if (!mg.open[c] || f.up[c])
			return;
		f.up[c] = true;
		mg_connected(c);
		break;

	case 14:
		if (mg.open[c])
			mg_gone(c, (int)octet());
		break;

	case 16: request(c); break;
	case 17: hand_in(c, mine()); break;
	case 18: answer(c); break;

	default:
		mg.full = !mg.full;
		if (!mg.full && f.up[c])
			ue_flow_writable(&rk.ue, rk.now_ms, UE_FLOWS_MAX + c);
		break;
	}
}


static void record(void)
{
	const unsigned what = octet() % 26;
	unsigned v;

	switch (what) {

	case 0:
		v = octet();
		rk_run((v << 8 | octet()) * 16);
		break;

	case 1:
		(void)mg_call();
		f.session = mg.session;
		break;

	case 2: answer_invite(200); break;
	case 3: answer_invite(300 + octet()); break;
	case 4: case 5: case 6: case 7: peer_does(what); break;
	case 12: answer_last(); break;
	case 13: case 14: case 16: case 17: case 18: case 22:
		connection(what);
		break;
	case 15: somebody_connects(); break;
	case 23:
		/* one certificate a connection: those that stand end */
		for (v = 0; v < MSRP_CONNS; v++) {
			if (mg.open[v])
				mg_gone(v, ECONNRESET);
		}
		f.shown = (uint8_t)octet();
		break;
	case 25: sessions_lost(&rk.ue.sessions); break;
	default: user(what); break;
	}

	rk_run(0);
	look_at_connections();
	look_at_sent();
	must(!rk.ue.stats.events_lost);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i, how;

	memset(&f, 0, sizeof(f));
	f.shown = 0xaa;
	records_begin(data, len);
	how = octet();
	f.secure = how & 1;
	must(how & 2 ? mg_begin_relay(secure) : mg_begin(secure));
	rk.eventh = told;
	ss.invite = UINT_MAX;
	if (how & 2)
		f.up[0] = true;
	f.opens[0] = mg.opens[0];

	for (i = 0; i < 100 && records.left; i++)
		record();

	/* silence, then the end */
	mg.full = false;
	rk_run(400000);
	sessions_leave(&rk.ue.sessions);
	rk_run(400000);
	for (i = 0; i < MESSAGES; i++)
		must(!f.owed[i]);
	for (i = 0; i < MSRP_OUT; i++)
		must(!rk.ue.messaging.outv[i].state);
	for (i = 0; i < MSRP_IN; i++)
		must(!rk.ue.messaging.inv[i].state);
	for (i = 0; i < MSRP_SESSIONS; i++)
		must(!rk.ue.messaging.mediav[i].ms || how & 2);
	must(!ss_end());

	return 0;
}
