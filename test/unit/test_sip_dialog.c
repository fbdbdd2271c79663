/**
 * @file test_sip_dialog.c  Dialogs: RFC 3261 12, 13.2.2.4, RFC 6665 4.4.1
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "test/unit/sip_kit.h"
#include "test/unit/test.h"
#include "ue/sip/dialog.h"

static struct kit k;
/** A text of a dialog */
#define T(d, which) sip_dialog_text(&(d), SIP_DIALOG_##which)

static struct sip_dialog dlg, other;
static struct sip_msg msg;
static char buf[4000];

/** Of the route set of a dialog */
#define ROUTES_MAX (UE_ROUTES_MAX + 1152)
#define URI_MAX 512

#define LOCAL "sip:ue@example.net"
#define REMOTE "sip:focus@conf.example.net"
#define PRELOADED "<sip:192.0.2.9:5060;lr>, <sip:orig@scscf.example.net;lr>"


static void begin(void)
{
	kit_init(&k, KIT_UDP);
	memset(&dlg, 0, sizeof(dlg));
	(void)sip_dialog_init(&dlg, &k.sip, &k.hop, LOCAL, REMOTE, PRELOADED);
}


/* Send a request of the dialog; its number in what was sent */
static unsigned send(const char *method)
{
	struct sip_writer *w = sip_dialog_begin(&dlg, &k.sip, method);

	(void)sip_writer_end(w);
	if (!strcmp(method, "ACK"))
		(void)sip_send_ack(&k.sip, &k.hop, NULL);
	else
		(void)sip_ctrans_start(NULL, &k.sip, &k.hop, NULL, NULL);

	return k.sentc - 1;
}


/* A response to what was sent, handed to a dialog */
static int respond(struct sip_dialog *d, unsigned n, unsigned code,
		   const char *tag, const char *extra)
{
	snprintf(buf, sizeof(buf), "%s",
		 kit_response(&k, n, code, tag, extra));
	if (sip_msg_parse(&msg, buf, strlen(buf), SIP_FRAMING_DATAGRAM))
		return -1;

	return sip_dialog_response(d, &msg);
}


/* A request of the peer inside the dialog, into msg */
static void peer_request(const char *method, unsigned cseq,
			 const char *from_tag, const char *to_tag,
			 const char *call_id, const char *extra)
{
	snprintf(buf, sizeof(buf),
		 "%s sip:ue@192.0.2.1:5070 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx\r\n"
		 "Max-Forwards: 70\r\n"
		 "From: <" REMOTE ">;tag=%s\r\nTo: <" LOCAL ">;tag=%s\r\n"
		 "Call-ID: %s\r\nCSeq: %u %s\r\n%s"
		 "Content-Length: 0\r\n\r\n",
		 method, from_tag, to_tag, call_id, cseq, method,
		 extra ? extra : "");
	memset(&msg, 0, sizeof(msg));
	(void)sip_msg_parse(&msg, buf, strlen(buf), SIP_FRAMING_DATAGRAM);
}

#define RR								\
	"Record-Route: <sip:a.example.net;lr>;x=1, "			\
	"\"B\" <sip:b.example.net:5061;lr;transport=tcp>\r\n"		\
	"Record-Route: <sip:c.example.net;lr>\r\n"
#define CONTACT "Contact: <sip:focus@10.0.0.5:5090;gr=1>;isfocus\r\n"


static void first_request(void)
{
	unsigned n;

	begin();
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);
	n = send("INVITE");
	CHECK(kit_is(&k, n, "INVITE " REMOTE " SIP/2.0\r\n"));
	CHECK_STR(kit_hdr(&k, n, "Route"), PRELOADED);
	CHECK_STR(kit_hdr(&k, n, "To"), "<" REMOTE ">");
	CHECK_STR(kit_hdr(&k, n, "Call-ID"), T(dlg, CALL_ID));
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "1 INVITE");
	snprintf(buf, sizeof(buf), "<" LOCAL ">;tag=%s", T(dlg, LOCAL_TAG));
	CHECK_STR(kit_hdr(&k, n, "From"), buf);
	CHECK(strlen(T(dlg, CALL_ID)) >= 16);
	CHECK(strlen(T(dlg, LOCAL_TAG)) >= 8);

	/* another one has other identifiers */
	CHECK_EQ(sip_dialog_init(&other, &k.sip, &k.hop, LOCAL, REMOTE,
				 NULL), 0);
	CHECK(strcmp(T(other, CALL_ID), T(dlg, CALL_ID)) != 0);
	CHECK(strcmp(T(other, LOCAL_TAG), T(dlg, LOCAL_TAG)) != 0);
	CHECK_STR(T(other, ROUTES), "");
}


static void confirmed(void)
{
	unsigned n;

	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 100, NULL, NULL), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);
	CHECK_EQ(respond(&dlg, n, 180, NULL, NULL), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);

	CHECK_EQ(respond(&dlg, n, 180, "f1", RR CONTACT), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_EARLY);
	CHECK_STR(T(dlg, REMOTE_TAG), "f1");
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:focus@10.0.0.5:5090;gr=1");
	/* RFC 3261 s12.1.2: reverse order, URI parameters kept */
	CHECK_STR(T(dlg, ROUTES), "<sip:c.example.net;lr>, "
		  "<sip:b.example.net:5061;lr;transport=tcp>, "
		  "<sip:a.example.net;lr>");

	/* requests of an early dialog raise the CSeq, the ACK does not */
	n = send("PRACK");
	CHECK(kit_is(&k, n, "PRACK sip:focus@10.0.0.5:5090;gr=1 SIP/2.0"));
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "2 PRACK");
	CHECK_STR(kit_hdr(&k, n, "To"), "<" REMOTE ">;tag=f1");
	CHECK_EQ(respond(&dlg, n, 200, NULL, NULL), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_EARLY);

	/* s13.2.2.4: the 2xx computes the route set again */
	CHECK_EQ(respond(&dlg, 0, 200, "f1",
			 "Record-Route: <sip:z.example.net;lr>\r\n"
			 "Contact: <sip:new@10.0.0.6>\r\n"), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CONFIRMED);
	CHECK_STR(T(dlg, ROUTES), "<sip:z.example.net;lr>");
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:new@10.0.0.6");

	n = send("ACK");
	CHECK(kit_is(&k, n, "ACK sip:new@10.0.0.6 SIP/2.0\r\n"));
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "1 ACK");
	n = send("BYE");
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "3 BYE");
	CHECK_STR(kit_hdr(&k, n, "Route"), "<sip:z.example.net;lr>");

	/* now it stays */
	CHECK_EQ(respond(&dlg, 0, 200, "f1",
			 RR "Contact: <sip:newer@10.0.0.6>\r\n"), 0);
	CHECK_STR(T(dlg, ROUTES), "<sip:z.example.net;lr>");

	sip_dialog_close(&dlg);
	CHECK_EQ(dlg.state, SIP_DIALOG_NONE);
	CHECK(!sip_dialog_match(&dlg, &msg));
}


static void no_record_route(void)
{
	unsigned n;

	begin();
	n = send("SUBSCRIBE");
	CHECK_EQ(respond(&dlg, n, 200, "t", CONTACT), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CONFIRMED);
	CHECK_STR(T(dlg, ROUTES), "");
	n = send("SUBSCRIBE");
	CHECK_STR(kit_hdr(&k, n, "Route"), "");
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "2 SUBSCRIBE");
}


static void strict_router(void)
{
	unsigned n;

	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, "t", CONTACT
			 "Record-Route: <sip:last.example.net;lr>, "
			 "<sip:strict.example.net?Subject=x>\r\n"), 0);
	/* RFC 3261 s12.2.1.1 */
	n = send("BYE");
	CHECK(kit_is(&k, n, "BYE sip:strict.example.net SIP/2.0\r\n"));
	CHECK_STR(kit_hdr(&k, n, "Route"), "<sip:last.example.net;lr>, "
		  "<sip:focus@10.0.0.5:5090;gr=1>");

	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, "t", CONTACT
			 "Record-Route: <sip:strict.example.net>\r\n"), 0);
	n = send("BYE");
	CHECK(kit_is(&k, n, "BYE sip:strict.example.net SIP/2.0\r\n"));
	CHECK_STR(kit_hdr(&k, n, "Route"), "<sip:focus@10.0.0.5:5090;gr=1>");

	/* lr with a value, in any case, is loose */
	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, "t", CONTACT
			 "Record-Route: <sip:x.example.net;LR=on>\r\n"), 0);
	n = send("BYE");
	CHECK(kit_is(&k, n, "BYE sip:focus@10.0.0.5:5090;gr=1 "));
}


static void forked(void)
{
	unsigned n;

	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 183, "f1", RR CONTACT), 0);
	(void)send("PRACK");

	/* another branch answers */
	CHECK_EQ(respond(&dlg, n, 200, "f2",
			 "Record-Route: <sip:z.example.net;lr>\r\n"
			 "Contact: <sip:second@10.0.0.7>\r\n"), EPROTO);
	CHECK_STR(T(dlg, REMOTE_TAG), "f1");
	CHECK_EQ(sip_dialog_fork(&other, &dlg, &msg), 0);
	CHECK_EQ(other.state, SIP_DIALOG_CONFIRMED);
	CHECK_STR(T(other, REMOTE_TAG), "f2");
	CHECK_STR(T(other, REMOTE_TARGET), "sip:second@10.0.0.7");
	CHECK_STR(T(other, ROUTES), "<sip:z.example.net;lr>");
	CHECK_STR(T(other, CALL_ID), T(dlg, CALL_ID));
	CHECK_STR(T(other, LOCAL_TAG), T(dlg, LOCAL_TAG));
	CHECK_EQ(other.local_cseq, 1);
	CHECK_EQ(dlg.state, SIP_DIALOG_EARLY);
	CHECK_EQ(dlg.local_cseq, 2);

	/* each knows its own */
	CHECK(sip_dialog_match(&other, &msg));
	CHECK(!sip_dialog_match(&dlg, &msg));

	/* its own response makes no fork of another call */
	snprintf(buf, sizeof(buf), "%s",
		 kit_response(&k, n, 486, "f3", CONTACT));
	CHECK_EQ(sip_msg_parse(&msg, buf, strlen(buf),
			       SIP_FRAMING_DATAGRAM), 0);
	CHECK_EQ(sip_dialog_fork(&other, &dlg, &msg), EPROTO);
	CHECK_EQ(other.state, SIP_DIALOG_NONE);
}


static void bad_responses(void)
{
	static char longv[2000];
	unsigned n;

	begin();
	n = send("INVITE");

	/* a 2xx needs a Contact (s12.1.1); final errors change nothing */
	CHECK_EQ(respond(&dlg, n, 200, "t", NULL), EBADMSG);
	CHECK_EQ(respond(&dlg, n, 200, "t", "Contact: *\r\n"), EBADMSG);
	CHECK_EQ(respond(&dlg, n, 404, "t", CONTACT), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);
	CHECK_STR(T(dlg, REMOTE_TAG), "");
	CHECK_STR(T(dlg, ROUTES), PRELOADED);

	/* what does not fit leaves the old state */
	memset(longv, 0, sizeof(longv));
	strcpy(longv, "Contact: <sip:");
	memset(longv + strlen(longv), 'x', URI_MAX);
	strcat(longv, "@h>\r\n");
	CHECK_EQ(respond(&dlg, n, 200, "t", longv), EOVERFLOW);

	memset(longv, 0, sizeof(longv));
	strcpy(longv, CONTACT "Record-Route: <sip:");
	memset(longv + strlen(longv), 'x', ROUTES_MAX);
	strcat(longv, ";lr>\r\n");
	CHECK_EQ(respond(&dlg, n, 200, "t", longv), EOVERFLOW);

	memset(longv, 0, sizeof(longv));
	memset(longv, 't', UE_TAG_MAX);
	CHECK_EQ(respond(&dlg, n, 200, longv, CONTACT), EOVERFLOW);
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);
	CHECK_STR(T(dlg, REMOTE_TAG), "");
	CHECK_STR(T(dlg, REMOTE_TARGET), REMOTE);
	CHECK_STR(T(dlg, ROUTES), PRELOADED);

	/* of another call */
	CHECK_EQ(sip_dialog_init(&other, &k.sip, &k.hop, LOCAL, REMOTE,
				 NULL), 0);
	CHECK_EQ(respond(&other, n, 200, "t", CONTACT), EPROTO);

	/* RFC 3261 s12.1.2: a 2xx without a tag is taken (RFC 2543) */
	CHECK_EQ(respond(&dlg, n, 200, NULL, CONTACT), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CONFIRMED);
	n = send("BYE");
	CHECK_STR(kit_hdr(&k, n, "To"), "<" REMOTE ">");
}


static void routes_at_limit(void)
{
	static char extra[ROUTES_MAX + 200], tag[UE_TAG_MAX];
	unsigned n;
	size_t fill;

	begin();
	n = send("INVITE");

	/* the text "<...>" of exactly ROUTES_MAX - 1 octets fits, a long tag
	   of a peer as well */
	memset(tag, 't', sizeof(tag) - 1);
	fill = ROUTES_MAX - 1 - (sizeof("<sip:;lr>") - 1);
	strcpy(extra, CONTACT "Record-Route: <sip:");
	memset(extra + strlen(extra), 'x', fill);
	extra[sizeof(CONTACT "Record-Route: <sip:") - 1 + fill] = '\0';
	strcat(extra, ";lr>\r\n");
	CHECK_EQ(respond(&dlg, n, 200, tag, extra), 0);
	CHECK_EQ(strlen(T(dlg, ROUTES)), ROUTES_MAX - 1);
	CHECK_STR(T(dlg, REMOTE_TAG), tag);
}


static void in_dialog(void)
{
	unsigned n;

	begin();
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, "f1", RR CONTACT), 0);

	peer_request("INFO", 5, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK(sip_dialog_match(&dlg, &msg));
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);

	/* RFC 3261 s12.2.2: lower is out of order, a gap is not */
	peer_request("INFO", 4, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK_EQ(sip_dialog_request(&dlg, &msg), EPROTO);
	CHECK_EQ(dlg.remote_cseq, 5);
	peer_request("BYE", 50, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_EQ(dlg.remote_cseq, 50);

	/* the ACK has an old number and changes nothing */
	peer_request("ACK", 3, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_EQ(dlg.remote_cseq, 50);

	/* target refresh: only by some methods, routes stay */
	peer_request("INFO", 51, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID),
		     "Contact: <sip:no@10.0.0.9>\r\n");
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:focus@10.0.0.5:5090;gr=1");
	peer_request("UPDATE", 52, "f1", T(dlg, LOCAL_TAG), T(dlg, CALL_ID),
		     "Record-Route: <sip:evil;lr>\r\n"
		     "Contact: <sip:moved@10.0.0.9>\r\n");
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:focus@10.0.0.5:5090;gr=1");
	/* RFC 6141 s4.6 */
	CHECK_EQ(sip_dialog_target(&dlg, &msg), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:moved@10.0.0.9");
	CHECK_STR(T(dlg, ROUTES), "<sip:c.example.net;lr>, "
		  "<sip:b.example.net:5061;lr;transport=tcp>, "
		  "<sip:a.example.net;lr>");

	/* who does not belong */
	peer_request("BYE", 53, "f2", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK(!sip_dialog_match(&dlg, &msg));
	peer_request("BYE", 53, "f1", "x", T(dlg, CALL_ID), NULL);
	CHECK(!sip_dialog_match(&dlg, &msg));
	peer_request("BYE", 53, "f1", T(dlg, LOCAL_TAG), "x", NULL);
	CHECK(!sip_dialog_match(&dlg, &msg));

	/* a re-INVITE's answer moves the target, too (s12.2.1.2) */
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, NULL,
			 "Contact: <sip:again@10.0.0.8>\r\n"), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:again@10.0.0.8");
	/* and without Contact it stays */
	n = send("INVITE");
	CHECK_EQ(respond(&dlg, n, 200, NULL, NULL), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:again@10.0.0.8");
	n = send("ACK");
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "3 ACK");
}


static void notify_first(void)
{
	unsigned n;

	/* RFC 6665 s4.4.1 */
	begin();
	n = send("SUBSCRIBE");
	peer_request("NOTIFY", 7, "nt", "wrong", T(dlg, CALL_ID), RR CONTACT);
	CHECK(!sip_dialog_match(&dlg, &msg));
	peer_request("NOTIFY", 7, "nt", T(dlg, LOCAL_TAG), T(dlg, CALL_ID), NULL);
	CHECK(sip_dialog_match(&dlg, &msg));
	CHECK_EQ(sip_dialog_request(&dlg, &msg), EBADMSG);
	peer_request("NOTIFY", 7, "nt", T(dlg, LOCAL_TAG), T(dlg, CALL_ID),
		     RR CONTACT);
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_EARLY);
	CHECK_STR(T(dlg, REMOTE_TAG), "nt");
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:focus@10.0.0.5:5090;gr=1");
	CHECK_STR(T(dlg, ROUTES), "<sip:a.example.net;lr>, "
		  "<sip:b.example.net:5061;lr;transport=tcp>, "
		  "<sip:c.example.net;lr>");

	/* the 200 confirms it and leaves the routes of the NOTIFY */
	CHECK_EQ(respond(&dlg, n, 200, "nt",
			 "Record-Route: <sip:z.example.net;lr>\r\n"
			 "Contact: <sip:n2@10.0.0.6>\r\n"), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_CONFIRMED);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:n2@10.0.0.6");
	CHECK(strstr(T(dlg, ROUTES), "z.example.net") == NULL);

	/* s4.3: a NOTIFY without the routes that it should have */
	begin();
	n = send("SUBSCRIBE");
	peer_request("NOTIFY", 7, "nt", T(dlg, LOCAL_TAG), T(dlg, CALL_ID),
		     CONTACT);
	CHECK_EQ(sip_dialog_request(&dlg, &msg), 0);
	CHECK_STR(T(dlg, ROUTES), "");
	CHECK_EQ(respond(&dlg, n, 200, "nt",
			 "Record-Route: <sip:z.example.net;lr>\r\n"
			 CONTACT), 0);
	CHECK_STR(T(dlg, ROUTES), "<sip:z.example.net;lr>");

	/* a second notifier */
	peer_request("NOTIFY", 1, "other", T(dlg, LOCAL_TAG), T(dlg, CALL_ID),
		     CONTACT);
	CHECK(!sip_dialog_match(&dlg, &msg));
}


static void uas(void)
{
	const struct sip_strans st = {.sip = &k.sip, .tag = 0x12ab};
	unsigned n;

	begin();
	snprintf(buf, sizeof(buf), "%s",
		 kit_request_text("UDP", "INVITE", "z9hG4bKx", 11, NULL,
				  "Record-Route: <sip:second;lr>\r\n"));
	CHECK_EQ(sip_msg_parse(&msg, buf, strlen(buf),
			       SIP_FRAMING_DATAGRAM), 0);
	CHECK_EQ(sip_dialog_accept(&dlg, &st, &k.hop, &msg), 0);
	CHECK_EQ(dlg.state, SIP_DIALOG_EARLY);
	CHECK_STR(T(dlg, CALL_ID), "in1@192.0.2.9");
	CHECK_STR(T(dlg, REMOTE_TAG), "pt");
	CHECK_STR(T(dlg, REMOTE_URI), "sip:peer@example.net");
	CHECK_STR(T(dlg, LOCAL_URI), "sip:ue@example.net");
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:peer@192.0.2.99");
	/* RFC 3261 s12.1.1: in order */
	CHECK_STR(T(dlg, ROUTES), "<sip:192.0.2.9:5060;lr>, <sip:second;lr>");
	CHECK_EQ(dlg.remote_cseq, 11);
	CHECK_STR(T(dlg, LOCAL_TAG), "000012ab");

	n = send("BYE");
	CHECK(kit_is(&k, n, "BYE sip:peer@192.0.2.99 SIP/2.0\r\n"));
	CHECK_STR(kit_hdr(&k, n, "CSeq"), "1 BYE");
	CHECK_STR(kit_hdr(&k, n, "To"), "<sip:peer@example.net>;tag=pt");

	/* without Contact there is no dialog */
	{
		char *p;

		snprintf(buf, sizeof(buf), "%s",
			 kit_request_text("UDP", "INVITE", "z9hG4bKx", 11,
					  NULL, NULL));
		p = strstr(buf, "Contact:");
		CHECK(p != NULL);
		memcpy(p, "X-ontac", 7);
		CHECK_EQ(sip_msg_parse(&msg, buf, strlen(buf),
				       SIP_FRAMING_DATAGRAM), 0);
		CHECK_EQ(sip_dialog_accept(&dlg, &st, &k.hop, &msg),
			 EBADMSG);
		CHECK_EQ(dlg.state, SIP_DIALOG_NONE);
	}
}


static void refused(void)
{
	char uri[URI_MAX + 1];

	kit_init(&k, KIT_UDP);
	memset(uri, 'x', sizeof(uri));
	uri[URI_MAX] = '\0';
	CHECK_EQ(sip_dialog_init(&dlg, &k.sip, &k.hop, uri, REMOTE, NULL),
		 EOVERFLOW);
	CHECK_EQ(sip_dialog_init(&dlg, &k.sip, &k.hop, LOCAL, uri, NULL),
		 EOVERFLOW);
	CHECK_EQ(dlg.state, SIP_DIALOG_NONE);
	uri[URI_MAX - 1] = '\0';
	CHECK_EQ(sip_dialog_init(&dlg, &k.sip, &k.hop, uri, REMOTE, NULL),
		 0);
	k.random_err = EIO;
	CHECK_EQ(sip_dialog_init(&dlg, &k.sip, &k.hop, LOCAL, REMOTE, NULL),
		 EIO);
	CHECK_EQ(dlg.state, SIP_DIALOG_NONE);

	/* a dialog whose hop is closed sends nothing */
	begin();
	sip_hop_close(&k.hop);
	CHECK_EQ(sip_writer_err(sip_dialog_begin(&dlg, &k.sip, "BYE")),
		 EINVAL);
}


/* All of the store but so many octets */
static void fill(struct sip_stored *m, size_t left)
{
	CHECK_EQ(sip_store_alloc_most(m, &k.sip.store, 1, UE_SIP_STORE), 0);
	sip_store_trim(m, &k.sip.store, 0, m->len - left);
}


static void no_room(void)
{
	struct sip_stored m = {0, 0, 0};
	unsigned n;

	/* no dialog without its texts */
	kit_init(&k, KIT_UDP);
	memset(&dlg, 0, sizeof(dlg));
	fill(&m, 300);
	CHECK_EQ(sip_dialog_init(&dlg, &k.sip, &k.hop, LOCAL, REMOTE, NULL),
		 ENOMEM);
	CHECK_EQ(dlg.state, SIP_DIALOG_NONE);
	sip_store_free(&k.sip.store, &m);

	/* the peer's answer finds no room: all stays, and it can come again */
	begin();
	n = send("INVITE");
	while (k.sip.store.evict(k.sip.store.arg))
		;
	fill(&m, 300);
	CHECK_EQ(respond(&dlg, n, 200, "f1", "Contact: <sip:focus@10.0.0.5>"
			 "\r\n"), ENOMEM);
	CHECK_EQ(dlg.state, SIP_DIALOG_CALLING);
	CHECK_STR(T(dlg, REMOTE_TAG), "");
	CHECK_STR(T(dlg, REMOTE_TARGET), REMOTE);
	CHECK_STR(T(dlg, ROUTES), PRELOADED);
	sip_store_free(&k.sip.store, &m);
	CHECK_EQ(respond(&dlg, n, 200, "f1", "Contact: <sip:focus@10.0.0.5>"
			 "\r\n"), 0);
	CHECK_STR(T(dlg, REMOTE_TARGET), "sip:focus@10.0.0.5");
	sip_dialog_close(&dlg);
	CHECK_STR(T(dlg, CALL_ID), "");
}


const struct test_case suite_sip_dialog[] = {
	{"RFC 3261 s8.1.1: the request that begins a dialog", first_request},
	{"RFC 3261 s12.1.2, s13.2.2.4: early, confirmed, CSeq, ACK",
	 confirmed},
	{"RFC 3261 s12.1.2: no Record-Route, no route set",
	 no_record_route},
	{"RFC 3261 s12.2.1.1: strict routers", strict_router},
	{"RFC 3261 s13.2.2.4: each branch of a fork is a dialog", forked},
	{"responses that make no dialog leave it as it was", bad_responses},
	{"the longest route set fits", routes_at_limit},
	{"RFC 3261 s12.2.2: requests of the peer, target refresh",
	 in_dialog},
	{"RFC 6665 s4.4.1: a NOTIFY before the 200 makes the dialog",
	 notify_first},
	{"RFC 3261 s12.1.1: dialog of a UAS", uas},
	{"what does not fit is refused", refused},
	{"no room for the texts: no dialog, or the one that was", no_room},
	{NULL, NULL}
};
