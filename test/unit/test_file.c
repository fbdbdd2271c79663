/**
 * @file test_file.c  RFC 5547 s8: file transfers, end to end at one UE; the
 * test is the peer, writes its SIP and MSRP itself, and reads ours
 *
 * More than 800 lines: one place for every rule of RFC 5547 s8.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/crypto_fault.h"
#include "test/unit/session_kit.h"
#include "test/unit/test.h"

#if UE_FILE_TRANSFER

enum { CONN = UE_FLOWS_MAX, SIZE = 5000 };

/** SHA-1 of octets 0, 1, 2 ... 250, 0, 1 ... of which SIZE are the file */
#define HASH "E6:93:7A:A0:16:BC:06:ED:A8:1D:3B:22:7F:FF:DE:82:5D:88:1C:E5"

#define TID "vBnG916bdberum2fFEABR1FR3ExZMUrd"
#define PEER_PATH "msrp://192.0.2.77:9000/s1;tcp"

/** Description of a peer; what follows is about the file */
#define SDP								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\n"
#define LINE(port, dir)							\
	"m=message " port " TCP/MSRP *\r\na=" dir "\r\n"		\
	"a=accept-types:*\r\na=path:" PEER_PATH "\r\na=setup:passive\r\n"
#define SELECTOR "a=file-selector:name:\"a.bin\" " \
	"type:application/octet-stream size:5000 hash:sha-1:" HASH "\r\n"
#define ID "a=file-transfer-id:" TID "\r\n"
#define PUSH SDP LINE("9000", "sendonly") SELECTOR ID
#define PULL SDP LINE("9000", "recvonly") SELECTOR ID

/** What the test remembers; the UE's side of the file */
static struct {
	struct ue_file file;
	unsigned id;
	uint8_t data[SIZE + 100];       /* what is to be sent */
	uint8_t got[SIZE + 100];        /* what was written */
	unsigned writes;
	int write_err;
	int (*open_h)(void *arg, unsigned flow,
		      const struct ue_flow_params *prm,
		      struct ue_addr *local);
	void (*close_h)(void *arg, unsigned flow);
	char wire[20000];               /* what the UE sent by MSRP */
	size_t wire_len;
	size_t room;                    /* that the port has for more */
	struct ue_addr remote;          /* to which it connected */
	const char *second;             /* behind the peer's Message-ID */
} t;


/** Where octets are in others, NULL = nowhere */
static const char *find(const char *p, size_t n, const char *what)
{
	const size_t k = strlen(what);

	for (; n >= k; p++, n--) {
		if (!memcmp(p, what, k))
			return p;
	}

	return NULL;
}


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	if (off >= sizeof(t.data))
		return EIO;
	*p = t.data + off;
	/* in pieces, as a disk gives it */
	*n = sizeof(t.data) - off < 700 ? sizeof(t.data) - off : 700;

	return 0;
}


static int read_got_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	*p = t.got + off;
	*n = SIZE - off;

	return 0;
}


static int write_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	(void)arg;
	++t.writes;
	if (t.write_err)
		return t.write_err;
	if (off > sizeof(t.got) || sizeof(t.got) - off < n)
		abort();
	memcpy(t.got + off, p, n);

	return 0;
}


static int open_h(void *arg, unsigned flow, const struct ue_flow_params *prm,
		  struct ue_addr *local)
{
	if (flow < UE_FLOWS_MAX)
		return t.open_h(arg, flow, prm, local);

	*local = rk.local;
	local->port = 2855;
	if (prm->kind == UE_FLOW_CONNECT)
		t.remote = prm->remote;

	return 0;
}


static void close_h(void *arg, unsigned flow)
{
	if (flow < UE_FLOWS_MAX)
		t.close_h(arg, flow);
}


static size_t sendv_h(void *arg, unsigned flow, const struct ue_iov *v,
		      unsigned n)
{
	size_t took = 0, k;
	unsigned i;

	(void)arg;
	(void)flow;
	for (i = 0; i < n && t.room; i++) {
		k = v[i].len < t.room ? v[i].len : t.room;
		if (k > sizeof(t.wire) - 1 - t.wire_len)
			k = sizeof(t.wire) - 1 - t.wire_len;
		memcpy(t.wire + t.wire_len, v[i].data, k);
		t.wire_len += k;
		t.wire[t.wire_len] = '\0';
		t.room -= k;
		took += k;
	}

	return took;
}


static const struct ue_messaging messaging = {.files = true, .port = 2855};
static const struct ue_messaging no_files = {.port = 2855};


static void with_messaging(void)
{
	t.open_h = rk.port.flow_open;
	t.close_h = rk.port.flow_close;
	rk.port.flow_open = open_h;
	rk.port.flow_close = close_h;
	rk.port.flow_sendv = sendv_h;
	rk.set.messaging = &messaging;
}


static bool begin(void)
{
	unsigned i;

	memset(&t, 0, sizeof(t));
	for (i = 0; i < sizeof(t.data); i++)
		t.data[i] = (uint8_t)(i % 251);
	t.room = SIZE_MAX;
	t.file.name = "a.bin";
	t.file.size = SIZE;
	t.file.read_h = read_h;
	t.file.arg = &t;

	return ss_begin(with_messaging);
}


static const char *end(void)
{
	/* who received waits a while for the end of the session */
	rk_run(10000);
	if (ss_sent("BYE") != UINT_MAX)
		ss_answer(ss_sent("BYE"), 200, NULL, NULL);

	return ss_end();
}


/** Octets of the peer by MSRP */
static void recv_msrp(const char *p, size_t n)
{
	size_t used;

	(void)ue_flow_stream(&rk.ue, rk.now_ms, CONN, (const uint8_t *)p, n,
			     &used);
	rk_run(0);
}


/** Our path, from a description or a request */
static const char *own_path(unsigned n)
{
	static char path[128];
	const char *p = strstr(rk.sentv[n], "a=path:");

	if (!p)
		return "";
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(p + 7, "\r"),
		 p + 7);

	return path;
}


/** A SEND of the peer with octets from..to - 1 of a file */
static void send_type(const char *path, const char *type, unsigned from,
		      unsigned to, unsigned total, char flag)
{
	static char buf[8000];
	int n = snprintf(buf, sizeof(buf), "MSRP dkei38sd SEND\r\n"
			 "To-Path: %s\r\nFrom-Path: " PEER_PATH "\r\n"
			 "Message-ID: 4564dpWd%s\r\nByte-Range: %u-*/%u\r\n"
			 "Content-Type: %s\r\n\r\n", path,
			 t.second ? t.second : "", from + 1, total, type);

	memcpy(buf + n, t.data + from, to - from);
	n += (int)(to - from);
	n += snprintf(buf + n, sizeof(buf) - (size_t)n,
		      "\r\n-------dkei38sd%c\r\n", flag);
	recv_msrp(buf, (size_t)n);
}


static void send_part(const char *path, unsigned from, unsigned to,
		      unsigned total, char flag)
{
	send_type(path, "application/octet-stream", from, to, total, flag);
}


static bool answered(const char *status)
{
	char line[64];

	snprintf(line, sizeof(line), "MSRP dkei38sd %s", status);

	return strstr(t.wire, line);
}


/** The peer confirms what has begun since `from` in t.wire.  @return requests
 *  that were confirmed */
static unsigned confirm(const char *path, const char *status)
{
	const char *p = t.wire;
	char id[48], buf[400];
	unsigned n = 0;

	while ((p = strstr(p, "MSRP "))) {
		if (sscanf(p, "MSRP %47s SEND", id) != 1 ||
		    strncmp(p + 6 + strlen(id), "SEND", 4)) {
			++p;
			continue;
		}
		++p;
		++n;
		snprintf(buf, sizeof(buf), "MSRP %s %s\r\nTo-Path: %s\r\n"
			 "From-Path: " PEER_PATH "\r\n-------%s$\r\n", id,
			 status, path, id);
		recv_msrp(buf, strlen(buf));
	}
	t.wire_len = 0;
	t.wire[0] = '\0';

	return n;
}


static const struct ue_event *outcome(void)
{
	const struct ue_event *ev = rk_event(UE_EVENT_FILE_DONE);

	return ev ? ev : rk_event(UE_EVENT_FILE_FAILED);
}


static unsigned outcomes(void)
{
	return rk_events(UE_EVENT_FILE_DONE) +
		rk_events(UE_EVENT_FILE_FAILED);
}


/* ------------------------------------------------------------------ */
/* Offers of ours: push */


/** ue_file_send(), its INVITE is there */
static bool send_file(void)
{
	if (ue_file_send(&rk.ue, &t.id, SS_PEER, &t.file))
		return false;
	rk_run(0);
	ss.invite = ss_sent("INVITE");

	return ss.invite != UINT_MAX;
}


#define ANSWER SDP LINE("9000", "recvonly") SELECTOR

/** The identifier that our offer has */
static const char *own_id(void)
{
	static char id[80];
	const char *p = strstr(rk.sentv[ss.invite], "a=file-transfer-id:");

	snprintf(id, sizeof(id), "%.*s", p ? (int)strcspn(p, "\r") : 0,
		 p ? p : "");

	return id;
}


static void answer_with(const char *sdp, const char *more)
{
	static char text[1500];

	snprintf(text, sizeof(text), "%s%s\r\n%s", sdp, own_id(), more);
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR, text);
}


/** Answered, connected, the first octets are on their way */
static bool sending(const char *sdp, const char *more)
{
	if (!send_file())
		return false;
	answer_with(sdp, more);
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);

	return t.wire_len > 0;
}


/* RFC 5547 s7 */
static void push_offer(void)
{
	CHECK(begin());
	t.file.date = "Mon, 15 May 2006 15:01:31 +0300";
	CHECK(send_file());

	CHECK(rk_has(ss.invite, "m=message 2855 TCP/MSRP *\r\n"));
	CHECK(rk_has(ss.invite, "a=accept-types:message/cpim *\r\n"));
	CHECK(rk_has(ss.invite, "a=sendonly\r\n"));
	/* s8.2.1: the SHA-1 was made before */
	CHECK(rk_has(ss.invite, SELECTOR));
	CHECK_EQ(strlen(own_id()), strlen("a=file-transfer-id:") + 32);
	CHECK(rk_has(ss.invite, "a=file-disposition:attachment\r\n"));
	CHECK(rk_has(ss.invite, "a=file-date:modification:\"Mon, 15 May 2006 "
		     "15:01:31 +0300\"\r\n"));
	CHECK(!rk_has(ss.invite, "file-range"));
	CHECK(!rk_has(ss.invite, "chatroom"));

	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), EPROTO);
	ss_answer(ss.invite, 487, NULL, NULL);
}


static void push_done(void)
{
	struct ue_file_info info;

	CHECK(begin());
	CHECK(sending(ANSWER, ""));
	CHECK_EQ(t.remote.port, 9000);
	/* s8.7: one message, from its first octet */
	CHECK(strstr(t.wire, "Byte-Range: 1-*/5000\r\n"));
	CHECK(strstr(t.wire, "Content-Disposition: attachment;filename=\""
		     "a.bin\"\r\n"));
	CHECK(strstr(t.wire, "Content-Type: application/octet-stream\r\n"));
	CHECK_EQ(rk_events(UE_EVENT_FILE_STARTED), 1);
	CHECK_EQ(outcomes(), 0);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK(info.sending);
	CHECK_EQ(info.size, SIZE);

	CHECK(confirm(own_path(ss.invite), "200 OK") >= 2);
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->session, t.id);
	CHECK(outcome()->message.arg == &t);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK_EQ(outcome()->message.total, SIZE);
	/* s8.7: the sender closes */
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_ENDED), 0);
	CHECK_STR(end(), NULL);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), ENOENT);
	CHECK_EQ(outcomes(), 1);
}


/** The body of all SENDs of ours, one behind the other */
static size_t bodies(char *to)
{
	const char *p = t.wire, *body, *tail;
	size_t n = 0;

	while ((p = strstr(p, " SEND\r\n"))) {
		body = find(p, (size_t)(t.wire + t.wire_len - p),
			    "\r\n\r\n");
		tail = body ? find(body, (size_t)(t.wire + t.wire_len - body),
				   "\r\n-------") : NULL;
		if (!tail)
			return n;
		p = tail;
		body += 4;
		memcpy(to + n, body, (size_t)(tail - body));
		n += (size_t)(tail - body);
	}

	return n;
}


static void push_cpim(void)
{
	static char got[20000];
	static const char inner[] = "\r\n\r\nContent-Type: application/"
		"octet-stream\r\nContent-Disposition: attachment\r\n\r\n";
	const char *file;
	size_t n;

	CHECK(begin());
	/* RFC 5547 s9.1: the answer wants CPIM */
	CHECK(send_file());
	answer_with(SDP "m=message 9000 TCP/MSRP *\r\na=recvonly\r\n"
		    "a=accept-types:message/cpim\r\na=accept-wrapped-types:*"
		    "\r\na=path:" PEER_PATH "\r\na=setup:passive\r\n"
		    SELECTOR, "");
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	CHECK(strstr(t.wire, "Content-Type: message/cpim\r\n"));
	n = bodies(got);
	CHECK(!memcmp(got, "From: <" RK_IMPU ">\r\n", 12));
	file = find(got, n, inner);
	CHECK(file != NULL);
	file += sizeof(inner) - 1;
	CHECK_MEM(file, n - (size_t)(file - got), t.data, SIZE);

	(void)confirm(own_path(ss.invite), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK_STR(end(), NULL);
}


static void push_range(void)
{
	static char got[20000];

	CHECK(begin());
	t.file.from = 3000;
	CHECK(sending(ANSWER, "a=file-range:3001-5000\r\n"));
	CHECK(rk_has(ss.invite, "a=file-range:3001-5000\r\n"));
	/* s6: the hash is that of the whole file */
	CHECK(rk_has(ss.invite, SELECTOR));
	/* s6: MSRP counts from 1 again */
	CHECK(strstr(t.wire, "Byte-Range: 1-"));
	CHECK_MEM(got, bodies(got), t.data + 3000, 2000);
	(void)confirm(own_path(ss.invite), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK_STR(end(), NULL);
}


/** An answer that is no use: BYE, one outcome */
static const char *no_use(const char *sdp, const char *more, int err)
{
	if (!send_file())
		return "no INVITE";
	answer_with(sdp, more);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	if (outcomes() != 1 || outcome()->err != err)
		return "outcome";
	if (t.wire_len)
		return "octets were sent";

	return ss_sent("BYE") != UINT_MAX ? NULL : "no BYE";
}


static void push_answers(void)
{
	/* port 0 */
	CHECK(begin());
	CHECK_STR(no_use(SDP LINE("0", "recvonly") SELECTOR, "",
			 ECONNREFUSED), NULL);
	CHECK_STR(end(), NULL);
	/* another direction */
	CHECK(begin());
	CHECK_STR(no_use(SDP LINE("9000", "sendonly") SELECTOR, "", EPROTO),
		  NULL);
	CHECK_STR(end(), NULL);
	/* s8.3.1: another range, none */
	CHECK(begin());
	t.file.from = 100;
	CHECK_STR(no_use(ANSWER, "a=file-range:100-5000\r\n", EPROTO), NULL);
	CHECK_STR(end(), NULL);
	CHECK(begin());
	t.file.from = 100;
	CHECK_STR(no_use(ANSWER, "", EPROTO), NULL);
	CHECK_STR(end(), NULL);
	CHECK(begin());
	CHECK_STR(no_use(ANSWER, "a=file-range:1-4999\r\n", EPROTO), NULL);
	CHECK_STR(end(), NULL);
	CHECK(begin());
	CHECK_STR(no_use(ANSWER, "a=file-range:-1-5000\r\n", EPROTO), NULL);
	CHECK_STR(end(), NULL);
	/* s8.1: another transfer */
	CHECK(begin());
	CHECK(send_file());
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR, ANSWER ID);
	ss_answer(ss_sent("BYE"), 200, NULL, NULL);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EPROTO);
	CHECK_STR(end(), NULL);
	/* refused as a whole */
	CHECK(begin());
	CHECK(send_file());
	ss_answer(ss.invite, 603, NULL, NULL);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->status, 603);
	CHECK_STR(ss_end(), NULL);
}


static void push_plain_peer(void)
{
	/* s4: an endpoint that knows MSRP only takes the file as well */
	CHECK(begin());
	CHECK(send_file());
	ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW SS_RR,
		  SDP LINE("9000", "recvonly"));
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	(void)confirm(own_path(ss.invite), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
}


static void push_abort(void)
{
	CHECK(begin());
	CHECK(send_file());
	answer_with(ANSWER, "");
	/* in the middle of the file */
	t.room = 4000;
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	t.room = SIZE_MAX;
	ue_flow_writable(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	/* s8.4, RFC 4975 s7.1 */
	CHECK(t.wire_len > 10);
	CHECK_STR(t.wire + t.wire_len - 3, "#\r\n");
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECANCELED);
	rk_run(1000);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcomes(), 1);
}


static void push_late_answer(void)
{
	/* the answer comes when the outcome was told: the file is no more */
	CHECK(begin());
	CHECK(send_file());
	ss_answer(ss.invite, 180, SS_CONTACT, NULL);
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	answer_with(ANSWER, "");
	CHECK_EQ(t.wire_len, 0);
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcomes(), 1);
}


static void push_cut(void)
{
	CHECK(begin());
	CHECK(sending(ANSWER, ""));
	/* 413 and a cut: nothing is confirmed */
	ue_flow_closed(&rk.ue, rk.now_ms, CONN, ECONNRESET);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECONNRESET);
	CHECK_EQ(outcome()->message.len, 0);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);

	CHECK(begin());
	CHECK(sending(ANSWER, ""));
	(void)confirm(own_path(ss.invite), "413 Stop");
	CHECK_EQ(outcome()->status, 413);
	CHECK_STR(end(), NULL);
}


static void push_source(void)
{
	/* a file that cannot be read is not offered */
	CHECK(begin());
	t.file.size = sizeof(t.data) + 1;
	CHECK_EQ(ue_file_send(&rk.ue, &t.id, SS_PEER, &t.file), 0);
	rk_run(0);
	CHECK_EQ(ss_sent("INVITE"), UINT_MAX);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EIO);
	CHECK_STR(ss_end(), NULL);
}


/* The n-th call of SHA-1 fails: no offer with a wrong hash */
static void push_hash_fails(void)
{
	unsigned n;

	for (n = 1; n < 100; n++) {
		CHECK(begin());
		crypto_fault = n;
		CHECK_EQ(ue_file_send(&rk.ue, &t.id, SS_PEER, &t.file), 0);
		rk_run(0);
		if (crypto_fault)
			break;
		CHECK_EQ(ss_sent("INVITE"), UINT_MAX);
		CHECK_EQ(outcomes(), 1);
		CHECK_EQ(outcome()->err, EIO);
	}
	crypto_fault = 0;
	CHECK(n > 1 + SIZE / 700);
	CHECK(rk_has(ss_sent("INVITE"), SELECTOR));
}


static void commands(void)
{
	struct ue_file_info info;
	struct ue_file f;
	unsigned id, i;

	CHECK(begin());
	f = t.file;
	CHECK_EQ(ue_file_send(&rk.ue, NULL, SS_PEER, &f), EINVAL);
	CHECK_EQ(ue_file_send(&rk.ue, &id, "nobody", &f), EINVAL);
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, NULL), EINVAL);
	f.read_h = NULL;
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &f), EINVAL);
	f = t.file;
	f.size = UE_FILE_ANY;
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &f), EINVAL);
	f.size = 10;
	f.from = 11;
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &f), EINVAL);
	/* s6: a range holds an octet at least */
	f.from = 10;
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &f), EINVAL);
	f.write_h = write_h;
	CHECK_EQ(ue_file_fetch(&rk.ue, &id, SS_PEER, &f), EPROTO);
	f.from = 0;
	f.type = "text";
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &f), EINVAL);
	/* s8.2.2: at least one selector */
	memset(&f, 0, sizeof(f));
	f.size = UE_FILE_ANY;
	f.write_h = write_h;
	CHECK_EQ(ue_file_fetch(&rk.ue, &id, SS_PEER, &f), EINVAL);
	CHECK_EQ(ue_file_accept(&rk.ue, 1, &f), ENOENT);
	CHECK_EQ(ue_file_end(&rk.ue, 1, 0), ENOENT);
	CHECK_EQ(ue_file_info(&info, &rk.ue, 1), ENOENT);

	/* as many as there is room for */
	for (i = 0; i < UE_FILES_MAX; i++)
		CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &t.file), 0);
	CHECK_EQ(ue_file_send(&rk.ue, &id, SS_PEER, &t.file), ENOMEM);
}


/* ------------------------------------------------------------------ */
/* Offers of the peer: push */


/** The peer's offer; @return number of the answer after consent */
static unsigned offered(const char *sdp)
{
	unsigned n = ss_invite(NULL, sdp);
	unsigned before;

	if (!rk_events(UE_EVENT_FILE_OFFERED))
		return n;

	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	t.file.write_h = write_h;
	t.file.read_h = read_got_h;
	before = rk.sentc;
	if (ue_file_accept(&rk.ue, t.id, &t.file))
		return UINT_MAX;
	rk_run(0);
	ss_ack(NULL);

	return before < rk.sentc ? before : UINT_MAX;
}


/** Accepted, and connected by us */
static unsigned receiving(const char *sdp)
{
	const unsigned n = offered(sdp);

	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);

	return n;
}


static void taken(void)
{
	struct ue_file_info info;
	unsigned n;

	CHECK(begin());
	n = ss_invite(NULL, PUSH "a=file-disposition:attachment\r\n"
		      "a=file-icon:cid:id2@alicepc.example.com\r\n");
	CHECK_EQ(rk_status(n), 180);
	CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 1);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 0);
	CHECK_STR(rk_event(UE_EVENT_FILE_OFFERED)->text, SS_PEER);
	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK_STR(info.name, "a.bin");
	CHECK_STR(info.type, "application/octet-stream");
	CHECK_EQ(info.size, SIZE);
	CHECK_EQ(info.from, 0);
	CHECK_EQ(info.to, SIZE);
	CHECK(info.hash && !info.sending && !info.render && !info.checked);

	t.file.write_h = write_h;
	CHECK_EQ(ue_file_accept(&rk.ue, t.id, &t.file), 0);
	rk_run(0);
	n = rk_last();
	CHECK_EQ(rk_status(n), 200);
	CHECK(rk_has(n, "a=recvonly\r\n"));
	/* s8.3.1: the selector and the identifier; not the others */
	CHECK(rk_has(n, SELECTOR));
	CHECK(rk_has(n, ID));
	CHECK(!rk_has(n, "file-icon") && !rk_has(n, "file-disposition") &&
	      !rk_has(n, "file-range"));
	ss_ack(NULL);
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);

	send_part(own_path(n), 0, 2000, SIZE, '+');
	CHECK(answered("200"));
	CHECK_EQ(rk_events(UE_EVENT_FILE_STARTED), 1);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK_EQ(info.pos, 2000);
	send_part(own_path(n), 2000, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK_MEM(t.got, SIZE, t.data, SIZE);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK(info.checked);
	CHECK_EQ(rk_events(UE_EVENT_MESSAGE_RECEIVED), 0);
	/* the sender ends the session; after a while we do */
	CHECK_EQ(ss_sent("BYE"), UINT_MAX);
	rk_run(6000);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcomes(), 1);
}


static void wrong_octets(void)
{
	unsigned n;

	/* one octet is another: the SHA-1 tells */
	CHECK(begin());
	n = receiving(PUSH);
	t.data[4321] ^= 1;
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_FAILED), 1);
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);

	/* fewer than described */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 4000, 4000, '$');
	CHECK(answered("413"));
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EBADMSG);

	/* fewer, with the right total */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 4000, SIZE, '$');
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_STR(end(), NULL);

	/* more than described */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, SIZE + 50, SIZE, '$');
	CHECK(answered("413"));
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EPROTO);
	CHECK_STR(end(), NULL);

	/* another type */
	CHECK(begin());
	n = receiving(PUSH);
	send_type(own_path(n), "text/html", 0, SIZE, SIZE, '$');
	CHECK(answered("415"));
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcome()->err, EBADMSG);

	/* s8.7: a second message */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	/* RFC 4975 s5.4: its copy is none */
	t.wire_len = 0;
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK(answered("200"));
	t.wire_len = 0;
	t.second = "-2";
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK(answered("403"));
	CHECK_STR(end(), NULL);
	CHECK_EQ(outcomes(), 1);
}


/* The n-th call of SHA-1 fails: what has come is not called checked, nor
   another file than described */
static void taken_hash_fails(void)
{
	unsigned i, n, k;

	/* with and without a way to read back what has come */
	for (i = 0; i < 2; i++)
	for (n = 1; n < 100; n++) {
		CHECK(begin());
		crypto_fault = n;
		k = receiving(PUSH);
		if (i)
			t.file.read_h = NULL;
		send_part(own_path(k), 0, 2000, SIZE, '+');
		send_part(own_path(k), 2000, SIZE, SIZE, '$');
		if (crypto_fault) {
			crypto_fault = 0;
			CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
			CHECK_EQ(n, 5);
			break;
		}
		CHECK_EQ(outcomes(), 1);
		CHECK_EQ(rk_events(UE_EVENT_FILE_FAILED), 1);
		CHECK_EQ(outcome()->err, EIO);
		CHECK_STR(end(), NULL);
	}

	/* what comes once more is hashed anew */
	CHECK(begin());
	k = receiving(PUSH);
	crypto_fault = 1;
	send_part(own_path(k), 0, 2000, SIZE, '+');
	CHECK_EQ(crypto_fault, 0);
	send_part(own_path(k), 0, 2000, SIZE, '+');
	send_part(own_path(k), 2000, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
	crypto_fault = 0;
}


static void order(void)
{
	unsigned n;

	/* RFC 4975 s7.3.1: the second half before the first */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 2500, SIZE, SIZE, '$');
	CHECK_EQ(outcomes(), 0);
	send_part(own_path(n), 0, 2500, SIZE, '+');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);

	/* what comes once more counts, also for the SHA-1 */
	CHECK(begin());
	n = receiving(PUSH);
	t.data[100] ^= 1;
	send_part(own_path(n), 0, 2500, SIZE, '+');
	t.data[100] ^= 1;
	send_part(own_path(n), 0, 2500, SIZE, '+');
	send_part(own_path(n), 2500, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);

	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 2500, SIZE, '+');
	t.data[100] ^= 1;
	send_part(own_path(n), 0, 2500, SIZE, '+');
	send_part(own_path(n), 2500, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_FAILED), 1);
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_STR(end(), NULL);
}


static void resumed(void)
{
	unsigned n;

	CHECK(begin());
	memcpy(t.got, t.data, 3000);
	n = receiving(PUSH "a=file-range:3001-5000\r\n");
	CHECK(rk_has(n, "a=file-range:3001-5000\r\n"));
	send_part(own_path(n), 0, 10, 2000, '+');
	CHECK_MEM(t.got + 3000, 10, t.data, 10);
	CHECK_STR(end(), NULL);
}


static void resumed_good(void)
{
	struct ue_file_info info;
	unsigned n;

	CHECK(begin());
	memcpy(t.got, t.data, 3000);
	n = receiving(PUSH "a=file-range:3001-5000\r\n");
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK_EQ(info.from, 3000);
	/* in MSRP it begins at 1 */
	memmove(t.data, t.data + 3000, 2000);
	send_part(own_path(n), 0, 2000, 2000, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK(info.checked);
	CHECK_STR(end(), NULL);

	/* s6: the hash is that of the whole file, whose end is not known */
	CHECK(begin());
	n = receiving(SDP LINE("9000", "sendonly")
		      "a=file-selector:type:application/octet-stream "
		      "hash:sha-1:" HASH "\r\n" ID
		      "a=file-range:1-1000\r\n");
	send_part(own_path(n), 0, 1000, 1000, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, 1000);
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK(!info.checked);
	CHECK_EQ(info.size, UE_FILE_ANY);
	CHECK_STR(end(), NULL);

	/* what was there is not that file */
	CHECK(begin());
	memcpy(t.got, t.data, 3000);
	t.got[5] ^= 1;
	n = receiving(PUSH "a=file-range:3001-5000\r\n");
	memmove(t.data, t.data + 3000, 2000);
	send_part(own_path(n), 0, 2000, 2000, '$');
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_STR(end(), NULL);
}


/* s8.2.2: selectors are for who fetches */
static void taken_unknown(void)
{
	unsigned n;

	CHECK(begin());
	t.file.name = NULL;
	t.file.size = UE_FILE_ANY;
	n = receiving(PUSH);
	CHECK(n != UINT_MAX);
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
}


/* s8.4: a peer that does not begin, and one that takes its time */
static void never_begins(void)
{
	unsigned n;

	CHECK(begin());
	n = receiving(PUSH);
	(void)confirm(own_path(n), "200 OK");
	rk_run(119999);
	CHECK_EQ(outcomes(), 0);
	rk_run(1);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ETIMEDOUT);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);

	CHECK(begin());
	n = receiving(PUSH);
	(void)confirm(own_path(n), "200 OK");
	rk_run(100000);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	rk_run(100000);
	CHECK_EQ(outcomes(), 0);
	send_part(own_path(n), 1000, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);

	/* it was to connect */
	CHECK(begin());
	CHECK(send_file());
	answer_with(SDP "m=message 9000 TCP/MSRP *\r\na=recvonly\r\n"
		    "a=accept-types:*\r\na=path:" PEER_PATH "\r\n"
		    "a=setup:active\r\n" SELECTOR, "");
	rk_run(120000);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ETIMEDOUT);
	CHECK_STR(end(), NULL);

	/* the last octet leaves long after the first one */
	CHECK(begin());
	CHECK(send_file());
	answer_with(ANSWER, "");
	rk_run(100000);
	t.room = 3000;
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(25000);
	CHECK_EQ(outcomes(), 0);
	t.room = SIZE_MAX;
	ue_flow_writable(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	(void)confirm(own_path(ss.invite), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
}


static void broken_off(void)
{
	unsigned n;

	/* the application learns how much is there */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1234, SIZE, '+');
	ue_flow_closed(&rk.ue, rk.now_ms, CONN, ECONNRESET);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECONNRESET);
	CHECK_EQ(outcome()->message.len, 1234);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);

	/* RFC 4975 s7.1: "#" of the sender */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1234, SIZE, '#');
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK_EQ(outcome()->message.len, 1234);
	CHECK_STR(end(), NULL);

	/* the session ends */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1234, SIZE, '+');
	CHECK_EQ(ss_request("BYE", NULL, NULL), 200);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECONNRESET);
	CHECK_EQ(outcome()->message.len, 1234);
	CHECK_STR(ss_end(), NULL);

	/* there is no room where it is written */
	CHECK(begin());
	n = receiving(PUSH);
	t.write_err = ENOSPC;
	send_part(own_path(n), 0, 1234, SIZE, '+');
	send_part(own_path(n), 1234, SIZE, SIZE, '$');
	CHECK(answered("413"));
	CHECK_EQ(outcome()->err, ENOSPC);
	CHECK_EQ(t.writes, 1);
	CHECK_EQ(outcome()->message.len, 0);
	CHECK_STR(end(), NULL);

	/* nor for the last octets: nothing is confirmed */
	CHECK(begin());
	n = receiving(PUSH);
	t.write_err = ENOSPC;
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK(answered("413"));
	CHECK(!answered("200"));
	CHECK_EQ(outcome()->err, ENOSPC);
	CHECK_EQ(outcome()->message.len, 0);
	CHECK_STR(end(), NULL);
}


static void receiver_aborts(void)
{
	unsigned n;

	/* s8.4, figure 5: 413, then the end of the session */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(0);
	CHECK_EQ(ss_sent("BYE"), UINT_MAX);
	send_part(own_path(n), 1000, 2000, SIZE, '+');
	CHECK(answered("413"));
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK_EQ(outcome()->message.len, 1000);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);

	/* nothing more comes */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(1000);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);
}


static void refused(void)
{
	unsigned n;

	CHECK(begin());
	(void)ss_invite(NULL, PUSH);
	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 200), EINVAL);
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 603);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK_EQ(ue_file_accept(&rk.ue, t.id, &t.file), ENOENT);
	ss_ack(NULL);
	CHECK_STR(ss_end(), NULL);

	/* the peer gives up */
	CHECK(begin());
	(void)ss_invite(NULL, PUSH);
	ss_cancel();
	CHECK_EQ(outcomes(), 1);
	CHECK_STR(ss_end(), NULL);

	/* RFC 3326: it was taken elsewhere, or ended there */
	CHECK(begin());
	(void)ss_invite(NULL, PUSH);
	ss_cancel_with("Reason: SIP;cause=200\r\n");
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(rk_events(UE_EVENT_FILE_FAILED), 1);
	CHECK_EQ(outcome()->status, 200);
	CHECK_STR(ss_end(), NULL);
	CHECK(begin());
	(void)receiving(PUSH);
	CHECK_EQ(ss_request("BYE", "Reason: SIP;cause=200\r\n", NULL), 200);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(rk_events(UE_EVENT_FILE_FAILED), 1);
	CHECK_STR(end(), NULL);

	/* without the setting it is a session with messages */
	CHECK(begin());
	rk.set.messaging = &no_files;
	n = ss_invite(NULL, PUSH);
	CHECK_EQ(rk_status(n), 180);
	CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
}


static void bad_offers(void)
{
	static const char *const badv[] = {
		/* s8.1: no identifier */
		SDP LINE("9000", "sendonly") SELECTOR,
		SDP LINE("9000", "sendonly") SELECTOR
			"a=file-transfer-id:\r\n",
		/* one that is too long */
		SDP LINE("9000", "sendonly") SELECTOR
			"a=file-transfer-id:" TID TID "\r\n",
		/* s8.2.1: no direction */
		SDP LINE("9000", "sendrecv") SELECTOR ID,
		SDP LINE("9000", "inactive") SELECTOR ID,
		/* selectors */
		SDP LINE("9000", "sendonly") "a=file-selector:size:-1\r\n" ID,
		SDP LINE("9000", "sendonly") "a=file-selector: \r\n" ID,
		SDP LINE("9000", "sendonly")
			"a=file-selector:name:\"%zz\"\r\n" ID,
		SDP LINE("9000", "sendonly")
			"a=file-selector:size:99999999999\r\n" ID,
		/* ranges */
		PUSH "a=file-range:0-5000\r\n",
		PUSH "a=file-range:-5-5000\r\n",
		PUSH "a=file-range:1-5001\r\n",
		PUSH "a=file-range:5002-*\r\n",
		PUSH "a=file-range:5001-*\r\n",
		PUSH "a=file-range\r\n",
	};
	unsigned i, n;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++) {
		CHECK(begin());
		n = ss_invite(NULL, badv[i]);
		if (rk_status(n) != 488)
			CHECK_STR(badv[i], "refused with 488");
		ss_ack(NULL);
		CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 0);
		CHECK_EQ(outcomes(), 0);
		CHECK_STR(ss_end(), NULL);
	}
}


static void names(void)
{
	struct ue_file_info info;

	CHECK(begin());
	(void)ss_invite(NULL, SDP LINE("9000", "sendonly")
			"a=file-selector:name:\"..%2F..%2Fetc/passwd\" size:1"
			"\r\n" ID);
	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK_STR(info.name, "_._.._etc_passwd");
	CHECK(info.render);
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 488), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 488);
}


static void several(void)
{
	unsigned n;

	/* s8.3: the first is taken, the other is refused by itself */
	CHECK(begin());
	n = receiving(PUSH LINE("9001", "sendonly") "a=file-selector:size:7"
		      "\r\na=file-transfer-id:other\r\n");
	CHECK(rk_has(n, SELECTOR ID));
	CHECK(rk_has(n, "m=message 0 TCP/MSRP *\r\na=file-selector:size:7\r\n"
		     "a=file-transfer-id:other\r\n"));
	CHECK_EQ(ue_file_end(&rk.ue, t.id, 0), 0);
	rk_run(0);
	CHECK_STR(end(), NULL);

	/* with a chat it is a chat */
	CHECK(begin());
	n = ss_invite(NULL, PUSH "m=message 9000 TCP/MSRP *\r\n"
		      "a=accept-types:*\r\na=path:" PEER_PATH "\r\n");
	CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 0);
	CHECK_EQ(rk_events(UE_EVENT_SESSION_INCOMING), 1);
	CHECK_EQ(ue_session_accept(&rk.ue, rk_event(
			UE_EVENT_SESSION_INCOMING)->session), 0);
	rk_run(0);
	n = rk_last();
	CHECK(rk_has(n, "m=message 0 TCP/MSRP *\r\n" SELECTOR ID));
	CHECK(rk_has(n, "m=message 2855 TCP/MSRP *\r\n"));
}


static void repeated(void)
{
	static const char other[] = SDP LINE("9000", "sendonly")
		"a=file-selector:name:\"a.bin\" size:4999\r\n" ID;
	unsigned n;

	/* s8.1: the same identifier: the transfer goes on */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, PUSH), 200);
	CHECK(rk_has(rk_last(), ID));
	ss_ack(NULL);
	send_part(own_path(n), 1000, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	/* and is not begun again when it is over */
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, PUSH), 200);
	ss_ack(NULL);
	CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 1);
	CHECK_STR(end(), NULL);

	/* a new one in the old session is refused, the old one goes on */
	CHECK(begin());
	n = receiving(PUSH);
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, SDP LINE("9000", "sendonly")
			    SELECTOR "a=file-transfer-id:new\r\n"), 488);
	ss_ack(NULL);
	send_part(own_path(n), 0, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);

	/* the same identifier for another file is an error */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, other), 488);
	ss_ack(NULL);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EPROTO);
	CHECK_STR(end(), NULL);
}


static void closed_by_offer(void)
{
	unsigned n;

	/* s8.4, RFC 3264 s8.2: port 0 in a new offer, answered by port 0 */
	CHECK(begin());
	n = receiving(PUSH);
	send_part(own_path(n), 0, 1000, SIZE, '+');
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, SDP LINE("0", "sendonly")
			    SELECTOR ID), 200);
	CHECK(rk_has(ss_sent("200"), "m=message 0 TCP/MSRP *\r\n" SELECTOR
		     ID));
	ss_ack(NULL);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECONNRESET);
	CHECK_EQ(outcome()->message.len, 1000);
	CHECK_STR(end(), NULL);
}


/* s8.4: also behind an offer of our own, as to refresh the session */
static void closed_after_ours(void)
{
	unsigned n;

	CHECK(begin());
	CHECK(send_file());
	ss_answer(ss.invite, 200, SS_CONTACT "Allow: INVITE, ACK, BYE\r\n"
		  "Session-Expires: 200;refresher=uac\r\n", ANSWER);
	rk_run(100000);
	n = ss_sent("INVITE");
	CHECK(n != ss.invite);
	ss_answer(n, 200, SS_CONTACT, ANSWER);
	CHECK_EQ(ss_request("INVITE", SS_ALLOW, SDP LINE("0", "recvonly")
			    SELECTOR), 200);
	ss_ack(NULL);
	rk_run(0);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, ECONNRESET);
	CHECK_STR(end(), NULL);
}


static void wrapped(void)
{
	static const char head[] = "From: <sip:bob@home2.net>\r\n"
		"To: <" RK_IMPU ">\r\n\r\n"
		"Content-Type: application/octet-stream\r\n\r\n";
	const unsigned k = sizeof(head) - 1;
	unsigned n, cut;

	/* s8.7, figure in s9.1: in CPIM, in two chunks at any place */
	for (cut = 1; cut < k + 3; cut += 7) {
		CHECK(begin());
		n = receiving(PUSH);
		memmove(t.data + k, t.data, SIZE);
		memcpy(t.data, head, k);
		send_type(own_path(n), "message/cpim", 0, cut, SIZE + k, '+');
		/* what messages need is not kept longer than that */
		CHECK_EQ(rk.ue.messaging.outv[0].state, cut < k);
		send_type(own_path(n), "message/cpim", cut, SIZE + k,
			  SIZE + k, '$');
		CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
		CHECK_EQ(outcome()->message.len, SIZE);
		CHECK_MEM(t.got, SIZE, t.data + k, SIZE);
		CHECK_STR(end(), NULL);
	}

	/* broken off in it: nothing of the file is there */
	CHECK(begin());
	n = receiving(PUSH);
	memcpy(t.data, head, k);
	send_type(own_path(n), "message/cpim", 0, k - 9, SIZE + k, '#');
	CHECK_EQ(outcome()->err, ECANCELED);
	CHECK_EQ(outcome()->message.len, 0);
	CHECK_STR(end(), NULL);

	/* a header without end */
	CHECK(begin());
	n = receiving(PUSH);
	memset(t.data, 'a', sizeof(t.data));
	send_type(own_path(n), "message/cpim", 0, SIZE, SIZE + k, '$');
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_EQ(t.writes, 0);
	CHECK_STR(end(), NULL);
}


/* ------------------------------------------------------------------ */
/* Pull */


static void pull(void)
{
	static char got[20000];
	struct ue_file_info info;
	unsigned n;

	/* s8.3.2: the peer wants a file of ours, without knowing its hash */
	CHECK(begin());
	(void)ss_invite(NULL, SDP LINE("9000", "recvonly")
			"a=file-selector:name:\"a.bin\"\r\n" ID
			"a=file-range:1001-*\r\n");
	CHECK_EQ(rk_events(UE_EVENT_FILE_OFFERED), 1);
	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	CHECK_EQ(ue_file_info(&info, &rk.ue, t.id), 0);
	CHECK(info.sending);
	CHECK_EQ(info.size, UE_FILE_ANY);
	CHECK_EQ(info.from, 1000);
	CHECK_EQ(ue_file_accept(&rk.ue, t.id, &t.file), 0);
	rk_run(0);
	n = rk_last();
	CHECK_EQ(rk_status(n), 200);
	CHECK(rk_has(n, "a=sendonly\r\n"));
	CHECK(rk_has(n, "a=file-selector:name:\"a.bin\" hash:sha-1:" HASH
		     "\r\n"));
	CHECK(rk_has(n, ID));
	CHECK(rk_has(n, "a=file-range:1001-*\r\n"));
	ss_ack(NULL);
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);
	CHECK_MEM(got, bodies(got), t.data + 1000, SIZE - 1000);
	(void)confirm(own_path(n), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_EQ(outcome()->message.len, SIZE);
	CHECK(ss_sent("BYE") != UINT_MAX);
	CHECK_STR(end(), NULL);
}


static void pull_mismatch(void)
{
	/* another size than is wanted, a range that is not there */
	CHECK(begin());
	(void)ss_invite(NULL, PULL);
	t.id = rk_event(UE_EVENT_FILE_OFFERED)->session;
	t.file.size = SIZE - 1;
	CHECK_EQ(ue_file_accept(&rk.ue, t.id, &t.file), EINVAL);
	/* s8.3.2: a file with another hash is not sent */
	t.file.size = SIZE;
	t.data[0] ^= 1;
	CHECK_EQ(ue_file_accept(&rk.ue, t.id, &t.file), 0);
	rk_run(0);
	CHECK_EQ(rk_status(rk_last()), 488);
	CHECK_EQ(outcomes(), 1);
	CHECK_EQ(outcome()->err, EBADMSG);
	ss_ack(NULL);
	CHECK_STR(ss_end(), NULL);
}


/** ue_file_fetch() and the answer */
static bool fetch(const char *selector, const char *more)
{
	t.file.size = UE_FILE_ANY;
	t.file.read_h = read_got_h;
	t.file.write_h = write_h;
	if (ue_file_fetch(&rk.ue, &t.id, SS_PEER, &t.file))
		return false;
	rk_run(0);
	ss.invite = ss_sent("INVITE");
	answer_with(SDP LINE("9000", "sendonly"), selector);
	if (more) {
		ss_answer(ss_sent("BYE"), 200, NULL, NULL);
		return true;
	}
	ue_flow_connected(&rk.ue, rk.now_ms, CONN);
	rk_run(0);

	return true;
}


static void fetched(void)
{
	CHECK(begin());
	CHECK(fetch(SELECTOR, NULL));
	/* s8.2.2: what selects the file, and nothing else */
	CHECK(rk_has(ss.invite, "a=recvonly\r\n"));
	CHECK(rk_has(ss.invite, "a=file-selector:name:\"a.bin\"\r\n"));
	CHECK(rk_has(ss.invite, "a=file-transfer-id:"));
	CHECK(!rk_has(ss.invite, "file-disposition"));
	send_part(own_path(ss.invite), 0, SIZE, SIZE, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_MEM(t.got, SIZE, t.data, SIZE);
	CHECK_STR(end(), NULL);

	/* the hash in the answer counts */
	CHECK(begin());
	CHECK(fetch(SELECTOR, NULL));
	t.data[0] ^= 1;
	send_part(own_path(ss.invite), 0, SIZE, SIZE, '$');
	CHECK_EQ(outcome()->err, EBADMSG);
	CHECK_STR(end(), NULL);

	/* another size is another file; no selector, no file */
	CHECK(begin());
	t.file.hash = t.data;
	CHECK(fetch(SELECTOR, ""));
	CHECK_EQ(outcome()->err, EPROTO);
	CHECK_STR(end(), NULL);
	CHECK(begin());
	CHECK(fetch("", ""));
	CHECK_EQ(outcome()->err, EPROTO);
	CHECK_STR(end(), NULL);

	/* the rest of a file */
	CHECK(begin());
	memcpy(t.got, t.data, 4000);
	t.file.from = 4000;
	CHECK(fetch(SELECTOR "a=file-range:4001-*\r\n", NULL));
	CHECK(rk_has(ss.invite, "a=file-range:4001-*\r\n"));
	memmove(t.data, t.data + 4000, 1000);
	send_part(own_path(ss.invite), 0, 1000, 1000, '$');
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
}


static void empty_file(void)
{
	CHECK(begin());
	t.file.size = 0;
	CHECK(sending(SDP LINE("9000", "recvonly"), ""));
	CHECK(rk_has(ss.invite, "size:0 hash:sha-1:DA:39:A3:EE:"));
	(void)confirm(own_path(ss.invite), "200 OK");
	CHECK_EQ(rk_events(UE_EVENT_FILE_DONE), 1);
	CHECK_STR(end(), NULL);
}

#endif


const struct test_case suite_file[] = {
#if UE_FILE_TRANSFER
	{"RFC 5547 s8.2.1: the offer of a sender", push_offer},
	{"RFC 5547 s8.7: a file is one message", push_done},
	{"RFC 5547 s8.7: in CPIM where the peer wants that", push_cpim},
	{"RFC 5547 s6: a range of a file is sent", push_range},
	{"RFC 5547 s8: answers that are no use", push_answers},
	{"RFC 5547 s4: the peer knows MSRP only", push_plain_peer},
	{"RFC 5547 s8.4: the sender aborts", push_abort},
	{"RFC 5547 s8.4: an answer after the sender has given up",
	 push_late_answer},
	{"RFC 5547 s8.2.1: cut off, and 413", push_cut},
	{"RFC 5547 s8.2.1: a file that cannot be read", push_source},
	{"RFC 5547 s8.2.1: a SHA-1 that fails is no offer", push_hash_fails},
	{"RFC 5547 s8.2: commands", commands},
	{"RFC 5547 s8.3.1: a file is received", taken},
	{"RFC 5547 s8.3.1: other octets than were described", wrong_octets},
	{"RFC 5547 s8.3.1: a SHA-1 that fails is no other file",
	 taken_hash_fails},
	{"RFC 4975 s7.3.1: octets in another order, and twice", order},
	{"RFC 5547 s6: MSRP counts from 1 in a range", resumed},
	{"RFC 5547 s8.3.1: the rest of a file is received", resumed_good},
	{"RFC 5547 s8.2.2: consent needs no selector", taken_unknown},
	{"RFC 5547 s8.4: a transfer that does not begin", never_begins},
	{"RFC 5547 s8.3.1: how much is there when it breaks off", broken_off},
	{"RFC 5547 s8.4: the receiver aborts", receiver_aborts},
	{"RFC 5547 s8.3: refused, cancelled, not wanted", refused},
	{"RFC 5547 s8.3: malformed offers", bad_offers},
	{"RFC 5547 s10: a name out of a path", names},
	{"RFC 5547 s8.3: several files, a file and a chat", several},
	{"RFC 5547 s8.1: file-transfer-id again, new, with another file",
	 repeated},
	{"RFC 5547 s8.4: the stream is closed by an offer", closed_by_offer},
	{"RFC 5547 s8.4: the same behind an offer of ours", closed_after_ours},
	{"RFC 5547 s8.7: a file in CPIM is received", wrapped},
	{"RFC 5547 s8.3.2: the peer fetches a file", pull},
	{"RFC 5547 s8.3.2: the file is not the one that is wanted",
	 pull_mismatch},
	{"RFC 5547 s8.2.2: we fetch a file", fetched},
	{"RFC 5547 s6: a file without octets", empty_file},
#endif
	{NULL, NULL}
};
