/**
 * @file fuzz_session.c  libFuzzer target: sessions, commands and messages in
 * any order
 *
 * Input: records of one octet that says what happens, the next octet where a
 * number is needed, and for some a text up to the next zero octet:
 *
 *   0      time passes: two octets, in 16 ms
 *   1      session_start(); flags
 *   2..6   accept, reject, hold, resume, end of the session with that number
 *   7      an answer to our last INVITE; what: see answer_invite()
 *   8      200 to the last request of ours
 *   9      491 or another status to it
 *   10     a request of the peer in the dialog; method; text: fields
 *   11     the same with a description
 *   12     an INVITE of the peer; text: fields
 *   13     its CANCEL     14  ACK to its 2xx
 *   15     resources: refused or there
 *   16     octets as they are; text
 *   17     the registration is lost
 *
 * Whatever came, each session that the user knows of has ended once, and
 * nothing is left.
 */
#include "test/fuzz/records.h"
#include "test/unit/reg_kit.c"
#include "test/unit/session_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	unsigned started;       /* sessions that the user has begun      */
	unsigned ended;
} f;

static const char *const sdpv[] = {
	NULL, SS_SDP, SS_SDP "a=sendonly\r\n", SS_SDP "a=inactive\r\n",
	SS_SDP "a=curr:qos local none\r\na=curr:qos remote none\r\n"
	"a=des:qos mandatory local sendrecv\r\n"
	"a=des:qos mandatory remote sendrecv\r\na=conf:qos remote sendrecv\r\n",
	SS_SDP "a=curr:qos local sendrecv\r\na=curr:qos remote sendrecv\r\n"
	"a=des:qos mandatory local sendrecv\r\n"
	"a=des:qos mandatory remote sendrecv\r\n",
	"v=0\r\n", SS_SDP "m=audio 9 RTP/AVP 0\r\n"
};


static const char *sdp(void)
{
	return sdpv[octet() % (sizeof(sdpv) / sizeof(sdpv[0]))];
}


static void count_h(struct session *s, enum session_event event)
{
	(void)s;

	f.ended += event == SESSION_ENDED;
	must(f.ended <= f.started + ss.claims);
	ss.eventc = 0;
}


/* The log of what was sent is short: begin anew, keep our INVITE and the
   last */
static void tidy(void)
{
	rk.eventc = 0;
	if (rk.sentc < RK_SENT - 20)
		return;

	if (ss.invite < rk.sentc)
		memmove(rk.sentv[0], rk.sentv[ss.invite], RK_TEXT);
	memmove(rk.sentv[1], rk.sentv[rk.sentc - 1], RK_TEXT);
	rk.sentc = 2;
	ss.invite = 0;
}


static struct session *any(void)
{
	return &rk.ue.sessions.sv[octet() % UE_SESSIONS_MAX];
}


static void start(void)
{
	const unsigned flags = octet() & 3;
	struct session *s;

	if (session_start(&s, &rk.ue.sessions, SS_PEER, &ss_user, flags,
			  NULL))
		return;

	++f.started;
	rk_run(0);
	in.incoming = false;
	if (ss_sent("INVITE") != UINT_MAX)
		ss.invite = ss_sent("INVITE");
}


#define CHALLENGE "Retry-After: 5\r\nProxy-Authenticate: Digest " \
	"realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true\r\n"


static void answer_invite(void)
{
	static const unsigned codev[] = {
		100, 180, 183, 407, 200, 200, 302, 408, 422, 481, 486, 487,
		491, 500, 503, 580
	};
	static const char *const linev[] = {
		"", "Require: 100rel\r\nRSeq: 7\r\n",
		"Require: 100rel\r\nRSeq: 8\r\n", "Min-SE: 4000\r\n",
		"Session-Expires: 90;refresher=uac\r\n",
		"Session-Expires: 90;refresher=uas\r\n",
		CHALLENGE, SS_RR
	};
	static const char *const tagv[] = {"net", "net", "net", "fork"};
	const unsigned code = codev[octet() % 16];
	char lines[400];
	unsigned v = octet();

	if (ss.invite >= rk.sentc || !rk_is(ss.invite, "INVITE"))
		return;

	snprintf(lines, sizeof(lines), "%s%s%s",
		 v & 8 ? "" : SS_CONTACT, v & 16 ? "" : SS_ALLOW,
		 linev[v & 7]);
	ss_answer_as(ss.invite, code, tagv[v >> 6], lines, sdp());
}


static void answer_last(unsigned code)
{
	unsigned n;

	for (n = rk.sentc; n-- > 0;) {
		if (!rk_status(n) && !rk_is(n, "ACK")) {
			ss_answer(n, code, SS_CONTACT, sdp());
			return;
		}
	}
}


static void command(unsigned what)
{
	struct session *s = any();

	/* what a user may have in his hands */
	if (s->state == SESSION_FREE || s->user != &ss_user)
		return;

	switch (what) {

	case 2:  (void)session_accept(s); break;
	case 3:  (void)session_reject(s, 100 + octet() * 2 % 600); break;
	case 4:  (void)session_hold(s, true); break;
	case 5:  (void)session_hold(s, false); break;
	default: (void)session_end(s); break;
	}

	rk_run(0);
}


static void peer_request(bool body)
{
	static const char *const methodv[] = {
		"INVITE", "UPDATE", "BYE", "PRACK", "ACK", "NOTIFY", "INVITE",
		"OPTIONS"
	};
	const char *method = methodv[octet() & 7];
	const char *s = body ? sdp() : NULL;

	if (!in.incoming && (ss.invite >= rk.sentc ||
			     !rk_is(ss.invite, "INVITE")))
		return;
	(void)ss_request(method, text(), s);
}


static void record(void)
{
	const unsigned what = octet() % 18;
	unsigned v;

	switch (what) {

	case 0:
		v = octet();
		rk_run((v << 8 | octet()) * 16);
		break;

	case 1: start(); break;
	case 2: case 3: case 4: case 5: case 6: command(what); break;
	case 7: answer_invite(); break;
	case 8: answer_last(200); break;
	case 9: answer_last(400 + octet() % 200); break;
	case 10: peer_request(false); break;
	case 11: peer_request(true); break;

	case 12:
		v = octet();
		(void)ss_invite(v & 1 ? text() : v & 2 ? "Require: 100rel\r\n"
				SS_ALLOW : NULL, sdp());
		break;

	case 13: ss_cancel(); break;
	case 14: ss_ack(sdp()); break;

	case 15:
		v = octet();
		ue_qos_result(&rk.ue, ss.reserve_id, v & 1 ? EBUSY : 0);
		ss.reserve_silent = v & 2;
		rk_run(0);
		break;

	case 16: (void)rk_recv(text()); break;
	default: sessions_lost(&rk.ue.sessions); break;
	}

	tidy();
	must(rk.ue.event_count <= UE_EVENTS_MAX);
	must(!rk.ue.stats.events_lost);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i;
	bool ok;

	memset(&f, 0, sizeof(f));
	records_begin(data, len);

	ok = octet() & 1 ? ss_begin_qos(true) : ss_begin(NULL);
	must(ok);
	rk.set.password = "secret";
	ss.eventh = count_h;

	for (i = 0; i < 200 && records.left; i++)
		record();

	/* silence, then the end */
	rk_run(300000);
	for (i = 0; i < UE_SESSIONS_MAX; i++) {
		if (rk.ue.sessions.sv[i].state != SESSION_FREE)
			(void)session_end(&rk.ue.sessions.sv[i]);
	}
	rk_run(300000);
	must(f.ended == f.started + ss.claims);
	ss.reserves = 0;
	must(!ss_end());

	return 0;
}
