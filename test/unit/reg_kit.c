/**
 * @file reg_kit.c  A UE on a port that only remembers
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/reg_kit.h"

struct rk rk;

static const struct ue_addr peer = {
	.family = 4, .ip = {192, 0, 2, 1}, .port = 5060
};


/* ------------------------------------------------------------------ */
/* The port */


static int open_h(void *arg, unsigned flow, const struct ue_flow_params *prm,
		  struct ue_addr *local)
{
	(void)arg;

	if (prm->kind != UE_FLOW_DATAGRAM)
		return ENOTSUP;

	rk.flow = flow;
	rk.local.family = 4;
	rk.local.ip[0] = 10;
	rk.local.ip[3] = 7;
	rk.local.port = prm->local.port ? prm->local.port : 5062;
	*local = rk.local;

	return 0;
}


static int send_h(void *arg, unsigned flow, const struct ue_addr *dst,
		  const void *data, size_t len)
{
	(void)arg;
	(void)flow;
	(void)dst;

	/* keep-alives are none of our business here */
	if (len < 20 || rk.sentc >= RK_SENT || len >= RK_TEXT)
		return 0;

	rk.at_msv[rk.sentc] = rk.now_ms;
	memcpy(rk.sentv[rk.sentc], data, len);
	rk.sentv[rk.sentc++][len] = '\0';

	return 0;
}


static void close_h(void *arg, unsigned flow)
{
	(void)arg;

	if (flow == rk.flow)
		rk.flow = UINT_MAX;
}


static int resolve_h(void *arg, uint32_t id, const char *name,
		     enum ue_transport transport)
{
	(void)arg;
	(void)transport;

	rk.lookup = id;
	(void)snprintf(rk.name, sizeof(rk.name), "%s", name);
	if (!rk.resolve_silent)
		ue_resolved(&rk.ue, id, 0, &peer, NULL, 1);

	return 0;
}


static int random_h(void *arg, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)arg;

	while (len--) {
		rk.rnd = rk.rnd * 1664525 + 1013904223;
		*p++ = (uint8_t)(rk.rnd >> 24);
	}

	return 0;
}


static int authenticate_h(void *arg, const uint8_t rand[16],
			  const uint8_t autn[16])
{
	(void)arg;
	(void)autn;

	++rk.asked;
	memcpy(rk.rand, rand, 16);
	if (!rk.card_silent)
		ue_usim_result(&rk.ue, &rk.card);

	return 0;
}


static void log_h(void *arg, enum ue_log_level level, const char *line)
{
	(void)arg;
	(void)level;

	snprintf(rk.log, sizeof(rk.log), "%s", line);
}


static void wake_h(void *arg)
{
	(void)arg;

	++rk.wakes;
}


static void event_h(struct ue *ue, const struct ue_event *ev, void *arg)
{
	(void)ue;
	(void)arg;

	if (rk.eventc < RK_EVENTS)
		rk.eventv[rk.eventc++] = *ev;
	if (rk.eventh)
		rk.eventh(&rk, ev);
}


/* ------------------------------------------------------------------ */


void rk_begin(void)
{
	memset(&rk, 0, sizeof(rk));
	rk.now_ms = 5000;
	rk.flow = UINT_MAX;
	rk.rnd = 4711;

	rk.set.impi = "alice_private@" RK_HOME;
	rk.set.impu = RK_IMPU;
	rk.set.home = RK_HOME;
	rk.set.imei = "90420156025763";
	rk.set.pcscfv[0] = "192.0.2.1";
	rk.set.transport = UE_TRANSPORT_UDP_ONLY;
	rk.set.access_network_info =
		"3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=0010100011234567";

	rk.port.flow_open = open_h;
	rk.port.flow_send = send_h;
	rk.port.flow_close = close_h;
	rk.port.resolve = resolve_h;
	rk.port.random = random_h;
	rk.port.usim_authenticate = authenticate_h;
	rk.port.log = log_h;
	rk.port.wake = wake_h;

	rk.card.status = UE_USIM_OK;
	rk.card.res_len = 8;
	memcpy(rk.card.res, "\x01\x00\x02\x00\xff\x00\x03\x04", 8);
	memset(rk.card.ck, 0xc, 16);
	memset(rk.card.ik, 0x1, 16);
	memset(rk.card.auts, 0xa, 14);
}


size_t rk_sendv(void *arg, unsigned flow, const struct ue_iov *iov,
		unsigned n)
{
	(void)arg;
	(void)flow;
	(void)iov;
	(void)n;

	return 0;
}


int rk_init(void)
{
	return ue_init(&rk.ue, &rk.set, &rk.port, event_h, NULL);
}


void rk_run(uint64_t ms)
{
	const uint64_t end = rk.now_ms + ms;
	uint32_t wait;

	for (;;) {
		ue_poll(&rk.ue, rk.now_ms, &wait);
		if (wait > end - rk.now_ms)
			break;
		rk.now_ms += wait;
	}

	rk.now_ms = end;
	ue_poll(&rk.ue, rk.now_ms, NULL);
}


int rk_recv(const char *text)
{
	static uint8_t buf[4096];
	const size_t len = strlen(text);

	if (len > sizeof(buf))
		return E2BIG;

	memcpy(buf, text, len);

	return ue_flow_recv(&rk.ue, rk.now_ms, rk.flow, &peer, buf, len);
}


/* ------------------------------------------------------------------ */
/* Messages */


static const char *find_line(const char *msg, const char *name)
{
	const size_t n = strlen(name);
	const char *p;

	for (p = strstr(msg, "\r\n"); p; p = strstr(p + 2, "\r\n")) {
		if (!strncmp(p + 2, name, n) && p[2 + n] == ':')
			return p + 2 + n + 1;
	}

	return NULL;
}


const char *rk_hdr(unsigned n, const char *name)
{
	static char buf[8][600];
	static unsigned next;
	const char *p, *end;
	char *val = buf[next++ % 8];

	val[0] = '\0';
	if (n >= rk.sentc)
		return val;

	p = find_line(rk.sentv[n], name);
	end = p ? strstr(p, "\r\n") : NULL;
	if (end)
		snprintf(val, 600, "%.*s", (int)(end - p - (*p == ' ')),
			 p + (*p == ' '));

	return val;
}


bool rk_has(unsigned n, const char *text)
{
	return n < rk.sentc && strstr(rk.sentv[n], text);
}


bool rk_is(unsigned n, const char *method)
{
	const size_t len = strlen(method);

	return n < rk.sentc && !strncmp(rk.sentv[n], method, len) &&
		rk.sentv[n][len] == ' ';
}


void rk_confirm(struct sip_dialog *dlg, const char *tag)
{
	char buf[2048];
	size_t n = 0;
	int i;

	for (i = 0; i < SIP_DIALOG_TEXTS; i++) {

		const char *str = i == SIP_DIALOG_REMOTE_TAG ? tag
			: sip_dialog_text(dlg, (enum sip_dialog_text)i);

		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s", str) + 1;
	}
	(void)sip_store_put(&dlg->text, &dlg->sip->store, buf, n);
	dlg->state = SIP_DIALOG_CONFIRMED;
}


unsigned rk_status(unsigned n)
{
	unsigned code = 0;

	if (n < rk.sentc && sscanf(rk.sentv[n], "SIP/2.0 %u", &code) != 1)
		code = 0;

	return code;
}


unsigned rk_last(void)
{
	return rk.sentc - 1;
}


static bool is_what(unsigned i, const char *what)
{
	const unsigned code = (unsigned)strtoul(what, NULL, 10);

	return code ? rk_status(i) == code : rk_is(i, what);
}


unsigned rk_sent(const char *what)
{
	unsigned i;

	for (i = rk.sentc; i-- > 0;) {
		if (is_what(i, what))
			return i;
	}

	return UINT_MAX;
}


unsigned rk_sent_count(const char *what)
{
	unsigned i, n = 0;

	for (i = 0; i < rk.sentc; i++)
		n += is_what(i, what);

	return n;
}


const char *rk_body(char *buf, size_t size, const char *ctype,
		    const char *body)
{
	if (body)
		snprintf(buf, size, "Content-Type: %s\r\nContent-Length: %u\r\n"
			 "\r\n%s", ctype, (unsigned)strlen(body), body);
	else
		snprintf(buf, size, "Content-Length: 0\r\n\r\n");

	return buf;
}


static int put_answer(unsigned n, unsigned code, const char *tag,
		  const char *lines, const char *ctype, const char *body)
{
	static char text[4096];
	const char *to = rk_hdr(n, "To");
	const bool tagged = !tag || strstr(to, "tag=");
	int len;

	len = snprintf(text, sizeof(text), "SIP/2.0 %u X\r\nVia: %s\r\n"
		       "From: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		       "%s", code, rk_hdr(n, "Via"), rk_hdr(n, "From"), to,
		       tagged ? "" : ";tag=", tagged ? "" : tag,
		       rk_hdr(n, "Call-ID"), rk_hdr(n, "CSeq"),
		       lines ? lines : "");
	(void)rk_body(text + len, sizeof(text) - (size_t)len, ctype, body);

	return rk_recv(text);
}


void rk_answer_as(unsigned n, unsigned code, const char *tag,
		  const char *lines, const char *ctype, const char *body)
{
	(void)put_answer(n, code, tag, lines, ctype, body);
	rk_run(0);
}


int rk_answer(unsigned n, unsigned code, const char *lines)
{
	return put_answer(n, code, "net", lines, NULL, NULL);
}


void rk_reply(unsigned code, const char *lines)
{
	(void)rk_answer(rk_last(), code, lines);
	rk_run(0);
}


void rk_challenge(void)
{
	rk_reply(401, "WWW-Authenticate: Digest realm=\"home1.net\", nonce=\""
		 RK_NONCE "\", algorithm=AKAv1-MD5, qop=\"auth\"\r\n");
}


void rk_ok(uint32_t expires, const char *lines)
{
	char text[1500];

	snprintf(text, sizeof(text), "Contact: %s;expires=%u\r\n%s",
		 rk_hdr(rk_last(), "Contact"), (unsigned)expires,
		 lines ? lines : "");
	rk_reply(200, text);
}


unsigned rk_registered(const char *lines)
{
	if (rk_init() || ue_register(&rk.ue))
		return 0;

	rk_run(0);
	rk_challenge();
	rk_ok(600000, lines ? lines :
	      "P-Associated-URI: <sip:alice@home1.net>, <tel:+15550100>\r\n"
	      "Service-Route: <sip:orig@scscf1.home1.net;lr>\r\n"
	      "Path: <sip:term@pcscf1.home1.net;lr>\r\n");
	if (!rk_is(rk_last(), "SUBSCRIBE"))
		return 0;

	rk_reply(200, "Contact: <sip:scscf1.home1.net>\r\n"
		 "Expires: 600000\r\n");

	return rk_last();
}


int rk_notify(unsigned n, unsigned cseq, const char *from_tag,
	      const char *lines, const char *body)
{
	static char text[4096];
	char to[200], from[300];

	/* our To is the SUBSCRIBE's From, and the other way round */
	snprintf(from, sizeof(from), "%s", rk_hdr(n, "From"));
	snprintf(to, sizeof(to), "%s", rk_hdr(n, "To"));
	if (strstr(to, ";tag="))
		*strstr(to, ";tag=") = '\0';

	snprintf(text, sizeof(text), "NOTIFY sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn%u\r\n"
		 "Max-Forwards: 70\r\nFrom: %s;tag=%s\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: %u NOTIFY\r\n"
		 "Contact: <sip:scscf1.home1.net>\r\n%s%s"
		 "Content-Length: %u\r\n\r\n%s", ++rk.branch, to,
		 from_tag, from, rk_hdr(n, "Call-ID"), cseq, lines,
		 body ? "Content-Type: application/reginfo+xml\r\n" : "",
		 (unsigned)(body ? strlen(body) : 0), body ? body : "");

	return rk_recv(text);
}


unsigned rk_document(unsigned n, unsigned cseq, const char *body)
{
	const unsigned before = rk.sentc;

	(void)rk_notify(n, cseq, "net", "Event: reg\r\n"
			"Subscription-State: active;expires=600000\r\n",
			body);
	if (rk.sentc == before)
		return 0;

	return rk_status(before);
}


unsigned rk_request(const char *method, const char *lines)
{
	char text[1500];
	const unsigned before = rk.sentc;

	snprintf(text, sizeof(text), "%s sip:10.0.0.7:5062 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKr%u\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:bob@home1.net>;tag=b%u\r\n"
		 "Call-ID: r%u\r\nCSeq: 1 %s\r\n%sContent-Length: 0\r\n\r\n",
		 method, rk.branch, rk.branch, rk.branch, method,
		 lines ? lines : "To: <sip:alice@home1.net>\r\n");
	++rk.branch;
	(void)rk_recv(text);

	return rk.sentc == before ? 0 : rk_status(before);
}


/* ------------------------------------------------------------------ */


unsigned rk_events(enum ue_event_type type)
{
	unsigned i, n = 0;

	for (i = 0; i < rk.eventc; i++)
		n += rk.eventv[i].type == type;

	return n;
}


const struct ue_event *rk_event(enum ue_event_type type)
{
	unsigned i;

	for (i = rk.eventc; i-- > 0;) {
		if (rk.eventv[i].type == type)
			return &rk.eventv[i];
	}

	return NULL;
}


const char *rk_reginfo(unsigned version, bool full, const char *aor,
		       const char *state, const char *cstate,
		       const char *event, const char *attrs)
{
	static char doc[1000];
	int n;

	n = snprintf(doc, sizeof(doc), "<?xml version=\"1.0\"?>\r\n<reginfo "
		     "xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		     "version=\"%u\" state=\"%s\"><registration aor=\"%s\" "
		     "id=\"r\" state=\"%s\">", version,
		     full ? "full" : "partial", aor, state);
	if (cstate)
		n += snprintf(doc + n, sizeof(doc) - (size_t)n, "<contact "
			      "id=\"c\" state=\"%s\" event=\"%s\" %s><uri>"
			      "sip:10.0.0.7:5062</uri></contact>", cstate,
			      event, attrs ? attrs : "");
	snprintf(doc + n, sizeof(doc) - (size_t)n, "</registration>"
		 "</reginfo>");

	return doc;
}


const char *rk_end(void)
{
	const uint8_t *left = (const uint8_t *)&rk.ue;

	if (rk.ue.port && ue_reg_info(&rk.ue)->state != IMS_REG_IDLE) {
		(void)ue_deregister(&rk.ue);
		rk_run(300000);
	}
	rk_run(300000);

	if (ue_reg_info(&rk.ue)->state != IMS_REG_IDLE)
		return "not idle";
	if (!sip_idle(&rk.ue.sip))
		return "a transaction or block is left";
	if (rk.ue.timers.head)
		return "a timer is left";
	if (rk.flow != UINT_MAX)
		return "a flow is left";
	if (rk.ue.stats.events_lost)
		return "events were lost";

	ue_close(&rk.ue);

	/* nothing of what was secret or ours stays: the first octet is zero,
	   and each is as the one before it */
	if (left[0] || memcmp(left, left + 1, sizeof(rk.ue) - 1))
		return "not wiped";

	return NULL;
}
