/**
 * @file test_session_auth.c  INVITE: answers that ask for something else:
 * challenges (TS 24.229 5.1.2A.1.1, RFC 3261 22), redirection (8.1.3.4)
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "test/unit/session_kit.h"
#include "test/unit/test.h"


static void with_audio(void)
{
	static const struct ue_codec codec = {"AMR", 8000, 97, NULL};
	static const struct ue_audio audio = {40000, &codec, 1, 0, 0};

	rk.set.audio = &audio;
}


/* What is said about an answer that makes no session, with the application's
   own command */
static const struct ue_event *call_refused(unsigned code, const char *lines)
{
	unsigned id;

	if (!ss_begin(with_audio) ||
	    ue_session_start(&rk.ue, &id, SS_PEER, NULL))
		return NULL;

	rk_run(0);
	ss_answer(ss_sent("INVITE"), code, lines, NULL);

	return rk_event(UE_EVENT_SESSION_FAILED);
}


static void redirected(void)
{
	const struct ue_event *ev;

	/* where to is told, nobody goes there by himself */
	ev = call_refused(302, "Contact: <sip:else@x.net>;q=0.7, \"Desk, 2\" "
			  "<sip:desk@x.net;transport=tcp>\r\n"
			  "m: tel:+15550123\r\n");
	CHECK(ev != NULL);
	CHECK_EQ(ev->status, 302);
	CHECK_STR(ev->text, "sip:else@x.net, sip:desk@x.net;transport=tcp, "
		  "tel:+15550123");
	CHECK_EQ(ss_sent_count("INVITE"), 1);
	CHECK_STR(ss_end(), NULL);

	/* whole URIs, as many as have room; none */
	ev = call_refused(300, "Contact: <sip:"
			  "1234567890123456789012345678901234567890"
			  "1234567890123456789012345678901234567890@x.net>, "
			  "<sip:"
			  "1234567890123456789012345678901234567890"
			  "1234567890123456789012345678901234567890@x.net>, "
			  "<sip:short@x.net>\r\n");
	CHECK_STR(ev->text, "sip:"
		  "1234567890123456789012345678901234567890"
		  "1234567890123456789012345678901234567890@x.net, "
		  "sip:short@x.net");
	CHECK_STR(ss_end(), NULL);
	CHECK_STR(call_refused(302, NULL)->text, "Moved Temporarily");
	CHECK_STR(ss_end(), NULL);
	CHECK_STR(call_refused(302, "Contact: *\r\n")->text,
		  "Moved Temporarily");
	CHECK_STR(ss_end(), NULL);
}


static void with_password(void)
{
	rk.set.password = "secret";
}


#define CHALLENGE(name, nonce, more) name ": Digest realm=\"home1.net\", " \
	"nonce=\"" nonce "\", qop=\"auth\", algorithm=MD5" more "\r\n"


/* RFC 3261 s22.3 */
static void challenged(void)
{
	unsigned n;

	/* TS 24.229 5.1.2A.1.1: the same again with Proxy-Authorization; the
	   ACK has it as well (RFC 3261 s22.1) */
	CHECK(ss_begin(with_password));
	n = ss_call(0);
	ss_answer(n, 407, CHALLENGE("Proxy-Authenticate", "n1", ""), NULL);
	CHECK(rk_is(n + 1, "ACK"));
	CHECK_EQ(ss_sent("INVITE"), n + 2);
	CHECK_STR(rk_hdr(n + 2, "CSeq"), "2 INVITE");
	CHECK_STR(rk_hdr(n + 2, "Call-ID"), rk_hdr(n, "Call-ID"));
	CHECK_STR(rk_hdr(n + 2, "From"), rk_hdr(n, "From"));
	CHECK(rk_has(n + 2, "Proxy-Authorization: Digest username=\""
		     "alice_private@" RK_HOME
		     "\",realm=\"home1.net\",nonce=\"n1\""));
	CHECK(rk_has(n + 2, "uri=\"" SS_PEER "\""));
	CHECK(rk_has(n + 2, "m=message 7654"));
	CHECK(!rk_has(n + 2, "secret"));

	/* an old nonce: once more */
	ss_answer(n + 2, 407, CHALLENGE("Proxy-Authenticate", "n2",
					", stale=true"), NULL);
	n = ss_sent("INVITE");
	CHECK(rk_has(n, "nonce=\"n2\""));
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_STR(rk_hdr(ss_sent("ACK"), "Proxy-Authorization"),
		  rk_hdr(n, "Proxy-Authorization"));
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	/* RFC 3261 s13.2.2.4: the same as the INVITE, here none */
	CHECK_EQ(session_hold(ss.s, true), 0);
	rk_run(0);
	ss_answer(ss_sent("INVITE"), 200, SS_CONTACT, SS_SDP);
	CHECK_STR(rk_hdr(ss_sent("INVITE"), "Proxy-Authorization"), "");
	CHECK_STR(rk_hdr(ss_sent("ACK"), "Proxy-Authorization"), "");
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);

	/* by the peer itself, and the answer was not good */
	CHECK(ss_begin(with_password));
	n = ss_call(0);
	ss_answer(n, 401, CHALLENGE("WWW-Authenticate", "n1", ""), NULL);
	n = ss_sent("INVITE");
	CHECK(rk_has(n, "Authorization: Digest username="));
	CHECK(!rk_has(n, "Proxy-Authorization"));
	ss_answer(n, 401, CHALLENGE("WWW-Authenticate", "n2", ""), NULL);
	CHECK_EQ(ss_sent_count("INVITE"), 2);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, 401);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EACCES);
	CHECK_STR(ss_end(), NULL);
}


/* RFC 4028 s7.3: what 422 asks for is another request, which is challenged
   anew by a proxy whose nonce is good for one */
static void challenged_again(void)
{
	unsigned n;

	CHECK(ss_begin(with_password));
	n = ss_call(0);
	ss_answer(n, 407, CHALLENGE("Proxy-Authenticate", "n1", ""), NULL);
	ss_answer(ss_sent("INVITE"), 422, "Min-SE: 3600\r\n", NULL);
	ss_answer(ss_sent("INVITE"), 407,
		  CHALLENGE("Proxy-Authenticate", "n2", ""), NULL);
	n = ss_sent("INVITE");
	CHECK(rk_has(n, "nonce=\"n2\""));
	CHECK_STR(rk_hdr(n, "Session-Expires"), "3600");
	CHECK_STR(rk_hdr(n, "CSeq"), "4 INVITE");
	ss_answer(n, 200, SS_CONTACT, SS_SDP);
	CHECK_EQ(ss_events(SESSION_ESTABLISHED), 1);
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_STR(ss_end(), NULL);
}


static void challenged_in_vain(unsigned code, const char *lines,
			       void (*before)(void))
{
	CHECK(ss_begin(before));
	ss_answer(ss_call(0), code, lines, NULL);
	CHECK_EQ(ss_sent_count("INVITE"), 1);
	CHECK_EQ(ss_event(SESSION_ENDED)->status, code);
	CHECK_EQ(ss_event(SESSION_ENDED)->err, EACCES);
	CHECK_STR(ss_end(), NULL);
}


/* Keys of AKA are for REGISTER; what cannot be read is not answered */
static void not_answered(void)
{
	challenged_in_vain(407, CHALLENGE("Proxy-Authenticate", "n1", ""),
			   NULL);
	challenged_in_vain(407, "Proxy-Authenticate: Digest realm=\"r\", "
			   "nonce=\"n\", algorithm=AKAv1-MD5\r\n",
			   with_password);
	challenged_in_vain(407, "Proxy-Authenticate: Digest realm=\"r\", "
			   "nonce=\"n\", qop=\"auth-int\"\r\n",
			   with_password);
	challenged_in_vain(407, CHALLENGE("WWW-Authenticate", "n1", ""),
			   with_password);
	challenged_in_vain(401, "WWW-Authenticate: Basic realm=\"r\"\r\n",
			   with_password);
	challenged_in_vain(401, NULL, with_password);
}


const struct test_case suite_session_auth[] = {
	{"RFC 3261 s8.1.3.4: redirected: where to is told", redirected},
	{"TS 24.229 5.1.2A.1.1: a challenge to INVITE is answered", challenged},
	{"RFC 4028 s7.3: a challenge behind 422", challenged_again},
	{"TS 24.229 5.1.2A.1.1: challenges without an answer", not_answered},
	{NULL, NULL}
};
