/**
 * @file conf_kit.c  Conferences of a registered UE on reg_kit's port
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "test/unit/conf_kit.h"

struct ck ck;

static const struct ue_codec codec = {
	.name = "AMR", .rate_hz = 8000, .pt = 97
};
static const struct ue_audio audio = {
	.port = 3456, .codecv = &codec, .codecc = 1
};

static struct {
	unsigned serial;
	unsigned cseq;
	char branch[32];
	char to_tag[64];
} in;


static void invited_h(struct rk *k, const struct ue_event *ev)
{
	(void)k;

	if (ev->type == UE_EVENT_CONF_INVITATION)
		ck.conf = ev->conf;
}


bool ck_begin(void (*before)(void))
{
	memset(&ck, 0, sizeof(ck));
	memset(&in, 0, sizeof(in));
	rk_begin();
	rk.set.audio = &audio;
	rk.eventh = invited_h;
	if (before)
		before();

	return rk_registered(NULL) > 0;
}


/* ------------------------------------------------------------------ */
/* Messages of the focus */


void ck_answer(unsigned n, unsigned code, const char *tag, const char *lines,
	       const char *ctype, const char *body)
{
	rk_answer_as(n, code, tag, lines, ctype, body);
}


unsigned ck_request(unsigned n, const char *tag, const char *method,
		    const char *lines, const char *ctype, const char *body)
{
	static char text[4000];
	char from[300], to[300], id[100];
	unsigned i, before = rk.sentc;
	int len;

	if (n == UINT_MAX) {
		snprintf(from, sizeof(from), "<sip:bob@home2.net>");
		snprintf(to, sizeof(to), "<" RK_IMPU ">");
		snprintf(id, sizeof(id), "out%u", ++in.serial);
	}
	else {
		snprintf(from, sizeof(from), "%s", rk_hdr(n, "To"));
		snprintf(to, sizeof(to), "%s", rk_hdr(n, "From"));
		snprintf(id, sizeof(id), "%s", rk_hdr(n, "Call-ID"));
	}
	if (strstr(from, ";tag="))
		*strstr(from, ";tag=") = '\0';

	len = snprintf(text, sizeof(text), "%s sip:10.0.0.7:5062 SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKc%u\r\n"
		       "Max-Forwards: 68\r\nFrom: %s;tag=%s\r\nTo: %s\r\n"
		       "Call-ID: %s\r\nCSeq: %u %s\r\n%s", method,
		       ++rk.branch, from, tag, to, id, ++ck.cseq, method,
		       lines ? lines : "");
	(void)rk_body(text + len, sizeof(text) - (size_t)len, ctype, body);
	(void)rk_recv(text);

	for (i = before; i < rk.sentc && rk_status(i) <= 100; i++)
		;
	rk_run(0);

	return rk_status(i);
}


unsigned ck_notify(const char *state, const char *doc)
{
	char lines[400];

	snprintf(lines, sizeof(lines), "Event: conference\r\n"
		 "Subscription-State: %s\r\nContact: <" CK_FOCUS ">\r\n",
		 state);

	return ck_request(ck.subscribe, "151170", "NOTIFY", lines, CK_INFO,
			  doc);
}


unsigned ck_notify_refer(unsigned n, const char *state, const char *frag)
{
	char lines[400];

	snprintf(lines, sizeof(lines), "Event: refer;id=%.*s\r\n"
		 "Subscription-State: %s\r\nContact: <" CK_FOCUS ">\r\n",
		 (int)strcspn(rk_hdr(n, "CSeq"), " "), rk_hdr(n, "CSeq"),
		 state);

	return ck_request(n, strstr(rk_hdr(n, "To"), "tag=") ? "314159"
			  : "refer", "NOTIFY", lines, CK_FRAG, frag);
}


unsigned ck_invite(const char *lines, const char *sdp)
{
	static char text[4000];
	unsigned i, before = rk.sentc;
	const char *tag;
	int len;

	++in.serial;
	in.cseq = 1;
	snprintf(in.branch, sizeof(in.branch), "z9hG4bKi%u", ++rk.branch);
	len = snprintf(text, sizeof(text), "INVITE sip:10.0.0.7:5062 SIP/2.0"
		       "\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=%s\r\n"
		       "Max-Forwards: 66\r\nFrom: <" CK_FOCUS ">;tag=171828"
		       "\r\nTo: <" RK_IMPU ">\r\nCall-ID: in%u\r\n"
		       "CSeq: 1 INVITE\r\n" CK_ROUTE CK_ALLOW "%s",
		       in.branch, in.serial, lines);
	(void)rk_body(text + len, sizeof(text) - (size_t)len,
		       "application/sdp", sdp);
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


unsigned ck_in_invite(const char *method, const char *lines)
{
	return ck_in_invite_body(method, lines, NULL);
}


unsigned ck_in_invite_body(const char *method, const char *lines,
			   const char *doc)
{
	static char text[4000];
	int len;
	const bool cancel = !strcmp(method, "CANCEL");
	const bool first = cancel || !strcmp(method, "ACK");
	unsigned i, before = rk.sentc;
	char branch[32];

	if (cancel)
		snprintf(branch, sizeof(branch), "%s", in.branch);
	else
		snprintf(branch, sizeof(branch), "z9hG4bKj%u", ++rk.branch);

	len = snprintf(text, sizeof(text), "%s sip:10.0.0.7:5062 SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=%s\r\n"
		       "Max-Forwards: 68\r\nFrom: <" CK_FOCUS ">;tag=171828"
		       "\r\nTo: <" RK_IMPU ">%s%s\r\nCall-ID: in%u\r\n"
		       "CSeq: %u %s\r\n%s", method, branch,
		       cancel ? "" : ";tag=", cancel ? "" : in.to_tag,
		       in.serial, first ? 1u : ++in.cseq, method,
		       lines ? lines : "");
	(void)rk_body(text + len, sizeof(text) - (size_t)len, CK_INFO, doc);
	(void)rk_recv(text);

	for (i = before; i < rk.sentc && rk_status(i) <= 100; i++)
		;
	rk_run(0);

	return rk_status(i);
}


const char *ck_doc(unsigned version, const char *state, const char *users)
{
	static char doc[3000];

	snprintf(doc, sizeof(doc), "<?xml version=\"1.0\"?>\r\n"
		 "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-"
		 "info\" entity=\"" CK_FOCUS "\" state=\"%s\" version=\"%u\">"
		 "<users state=\"%s\">%s</users></conference-info>", state,
		 version, state, users);

	return doc;
}


/* ------------------------------------------------------------------ */
/* Ready-made conferences */


bool ck_join(const struct ue_conf_params *prm)
{
	if (ue_conf_join(&rk.ue, &ck.conf, CK_FOCUS, prm))
		return false;

	rk_run(0);
	ck.invite = ck_sent("INVITE");
	ck_answer(ck.invite, 200, "314159", CK_CONTACT CK_ROUTE CK_ALLOW,
		  "application/sdp", CK_SDP);
	ck.subscribe = ck_sent("SUBSCRIBE");

	return rk_events(UE_EVENT_CONF_JOINED) == 1;
}


bool ck_joined(void)
{
	if (!ck_begin(NULL) || !ck_join(NULL))
		return false;

	ck_answer(ck.subscribe, 200, "151170", "Contact: <" CK_FOCUS ">\r\n"
		  CK_ROUTE "Expires: 3600\r\n", NULL, NULL);

	return ck_notify("active;expires=3600", ck_doc(1, "full",
			 CK_USER("sip:alice@home1.net", "connected")
			 CK_USER("sip:bob@home2.net", "connected")
			 CK_USER("sip:carol@home3.net", "connected"))) == 200;
}


unsigned ck_sent(const char *what)
{
	return rk_sent(what);
}


unsigned ck_sent_count(const char *what)
{
	return rk_sent_count(what);
}


const char *ck_end(void)
{
	const char *why = NULL;
	unsigned i;

	if (rk.ue.port && ue_reg_info(&rk.ue)->state != IMS_REG_IDLE) {
		(void)ue_deregister(&rk.ue);
		rk_run(300000);
	}

	for (i = 0; i < UE_CONFS_MAX; i++) {
		if (rk.ue.confs.v[i].state != UE_CONF_FREE)
			why = "a conference is left";
	}
	for (i = 0; i < UE_REFERS_MAX; i++) {
		if (rk.ue.refers.v[i].state || rk.ue.confs.requestv[i].conf)
			why = "a REFER is left";
	}
	for (i = 0; i < UE_REFER_DIALOGS; i++) {
		if (rk.ue.refers.dlgv[i].state)
			why = "a dialog is left";
	}

	return why ? why : rk_end();
}


/* ------------------------------------------------------------------ */
/* Tables */


/* Does the text fit the pattern, in which `*` stands for any text? */
static bool fits(const char *text, const char *pattern)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		}
		else if (*pattern == *text) {
			++pattern;
			++text;
		}
		else if (star) {
			pattern = star + 1;
			text = ++from;
		}
		else {
			return false;
		}
	}

	while (*pattern == '*')
		++pattern;

	return !*pattern;
}


static const struct ck_field *find_field(const struct ck_field *fieldv,
					 const char *name, size_t len)
{
	for (; fieldv->name; fieldv++) {
		if (strlen(fieldv->name) == len &&
		    !strncasecmp(fieldv->name, name, len))
			return fieldv;
	}

	return NULL;
}


const char *ck_differs(unsigned n, const char *start,
		       const struct ck_field *fieldv)
{
	static char why[800];
	const struct ck_field *f;
	const char *line, *end;
	size_t len;

	if (n >= rk.sentc)
		return "no such message";
	if (strncmp(rk.sentv[n], start, strlen(start)) ||
	    strncmp(rk.sentv[n] + strlen(start), "\r\n", 2))
		return rk.sentv[n];

	for (f = fieldv; f->name; f++) {

		const char *val = rk_hdr(n, f->name);

		if (f->val ? fits(val, f->val) : !*val)
			continue;
		snprintf(why, sizeof(why), "%s: %s, not %s", f->name, val,
			 f->val ? f->val : "absent");
		return why;
	}

	for (line = strstr(rk.sentv[n], "\r\n") + 2;
	     strncmp(line, "\r\n", 2); line = end + 2) {

		end = strstr(line, "\r\n");
		len = strcspn(line, ":");
		if (!find_field(fieldv, line, len)) {
			snprintf(why, sizeof(why), "not in the table: %.*s",
				 (int)(end - line), line);
			return why;
		}
	}

	return NULL;
}
