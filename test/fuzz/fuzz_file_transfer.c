/**
 * @file fuzz_file_transfer.c  libFuzzer target: file transfers (RFC 5547) with a
 * hostile peer: offers, answers, octets by MSRP
 *
 * Input: records, an octet that says what happens and a text up to a NUL.  In
 * a text `@` is our path.  Whatever is written lies inside of what was
 * described, what the application began or was asked for has one outcome, and
 * nothing is left.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/reg_kit.c"
#include "test/unit/session_kit.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { CONN = UE_FLOWS_MAX, SIZE = 3000 };

#define LINE								\
	"v=0\r\no=bob 7 1 IN IP4 192.0.2.77\r\ns=-\r\n"			\
	"c=IN IP4 192.0.2.77\r\nt=0 0\r\nm=message 9000 TCP/MSRP *\r\n"	\
	"a=accept-types:*\r\na=path:msrp://192.0.2.77:9000/s1;tcp\r\n"	\
	"a=setup:passive\r\n"

static struct {
	const uint8_t *p;
	size_t left;
	struct ue_file file;
	unsigned id, owed, told;
	uint8_t data[SIZE];
	char path[128];
	int (*open_h)(void *arg, unsigned flow,
		      const struct ue_flow_params *prm,
		      struct ue_addr *local);
	void (*close_h)(void *arg, unsigned flow);
} f;


static void must(bool cond)
{
	if (!cond)
		abort();
}


/** The next text, with our path for `@` */
static const char *text(void)
{
	static char buf[1200];
	const char *p;
	size_t n = 0;

	for (; f.left && *f.p; f.p++, f.left--) {
		p = (const char *)f.p;
		if (*p == '@' && n + sizeof(f.path) < sizeof(buf)) {
			memcpy(buf + n, f.path, strlen(f.path));
			n += strlen(f.path);
		}
		else if (n + 1 < sizeof(buf)) {
			buf[n++] = *p;
		}
	}
	if (f.left) {
		++f.p;
		--f.left;
	}
	buf[n] = '\0';

	return buf;
}


static const char *sdp(void)
{
	static char buf[1800];

	snprintf(buf, sizeof(buf), LINE "%s\r\n", text());

	return buf;
}


static int read_h(const uint8_t **p, size_t *n, uint32_t off, void *arg)
{
	(void)arg;
	*p = f.data + off % SIZE;
	*n = SIZE - off % SIZE;

	return 0;
}


static int write_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	struct ue_file_info info;
	bool inside = false;
	uint8_t sum = 0;
	size_t i;

	(void)arg;
	for (i = 0; i < n; i++)
		sum ^= p[i];
	/* of one of those that are there */
	for (i = 0; i < UE_FILES_MAX; i++) {
		if (!ue_file_info(&info, &rk.ue, rk.ue.files.v[i].id) &&
		    !info.sending && off >= info.from && off <= info.to &&
		    info.to - off >= n)
			inside = true;
	}
	must(inside);

	return sum == 1 ? ENOSPC : 0;
}


static int file_open_h(void *arg, unsigned flow, const struct ue_flow_params *prm,
		  struct ue_addr *local)
{
	if (flow < UE_FLOWS_MAX)
		return f.open_h(arg, flow, prm, local);

	*local = rk.local;
	local->port = 2855;

	return 0;
}


static void file_close_h(void *arg, unsigned flow)
{
	if (flow < UE_FLOWS_MAX)
		f.close_h(arg, flow);
}


static size_t sendv_h(void *arg, unsigned flow, const struct ue_iov *v,
		      unsigned n)
{
	size_t len = 0;
	unsigned i;

	(void)arg;
	(void)flow;
	for (i = 0; i < n; i++)
		len += v[i].len;

	return len;
}


static void file_event_h(struct rk *k, const struct ue_event *ev)
{
	(void)k;
	if (ev->type == UE_EVENT_FILE_OFFERED) {
		++f.owed;
		f.id = ev->session;
	}
	if (ev->type == UE_EVENT_FILE_DONE ||
	    ev->type == UE_EVENT_FILE_FAILED)
		++f.told;
}


static const struct ue_messaging messaging = {.files = true, .port = 2855};


static void with_messaging(void)
{
	f.open_h = rk.port.flow_open;
	f.close_h = rk.port.flow_close;
	rk.port.flow_open = file_open_h;
	rk.port.flow_close = file_close_h;
	rk.port.flow_sendv = sendv_h;
	rk.set.messaging = &messaging;
	rk.eventh = file_event_h;
}


/** Our path, from what was sent last with one */
static void learn_path(void)
{
	unsigned i;

	for (i = rk.sentc; i-- > 0;) {

		const char *p = strstr(rk.sentv[i], "a=path:");

		if (!p)
			continue;
		snprintf(f.path, sizeof(f.path), "%.*s",
			 (int)strcspn(p + 7, "\r"), p + 7);
		return;
	}
}


static void recv_msrp(void)
{
	const char *p = text();
	size_t used;

	(void)ue_flow_stream(&rk.ue, rk.now_ms, CONN, (const uint8_t *)p,
			     strlen(p), &used);
	rk_run(0);
}


static void call(bool send)
{
	const int err = send
		? ue_file_send(&rk.ue, &f.id, SS_PEER, &f.file)
		: ue_file_fetch(&rk.ue, &f.id, SS_PEER, &f.file);

	f.owed += !err;
	rk_run(0);
	ss.invite = ss_sent("INVITE");
}


static void record(void)
{
	const uint8_t what = *f.p;
	unsigned n;

	++f.p;
	--f.left;
	switch (what % 12) {

	case 0: (void)ss_invite(NULL, sdp()); break;
	case 1:
		(void)ue_file_accept(&rk.ue, f.id, &f.file);
		rk_run(0);
		ss_ack(NULL);
		break;
	case 2:
		ue_flow_connected(&rk.ue, rk.now_ms, CONN);
		rk_run(0);
		break;
	case 3: recv_msrp(); break;
	case 4:
		ue_flow_closed(&rk.ue, rk.now_ms, CONN, ECONNRESET);
		rk_run(0);
		break;
	case 5: (void)ss_request("INVITE", SS_ALLOW, sdp()); break;
	case 6:
		(void)ue_file_end(&rk.ue, f.id, 0);
		rk_run(0);
		break;
	case 7: call(what & 16); break;
	case 8:
		if (ss.invite != UINT_MAX)
			ss_answer(ss.invite, 200, SS_CONTACT SS_ALLOW, sdp());
		break;
	case 9: rk_run(what * 100u); break;
	case 10: (void)ss_request("BYE", NULL, NULL); break;
	default:
		n = ss_sent("BYE");
		if (n != UINT_MAX)
			ss_answer(n, 200, NULL, NULL);
		break;
	}
	learn_path();
	if (rk.sentc > RK_SENT - 20)
		rk.sentc = RK_SENT - 20;
	if (rk.eventc > RK_EVENTS - 20)
		rk.eventc = 0;
	must(!rk.ue.stats.events_lost);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned i;

	memset(&f, 0, sizeof(f));
	f.p = data;
	f.left = len;
	must(ss_begin(with_messaging));
	ss.no_claim = true;
	ss.invite = UINT_MAX;
	f.file.name = "a.bin";
	f.file.size = SIZE;
	f.file.read_h = read_h;
	f.file.write_h = write_h;

	for (i = 0; i < 60 && f.left; i++)
		record();

	rk_run(400000);
	for (i = 0; i < UE_FILES_MAX; i++)
		(void)ue_file_end(&rk.ue, rk.ue.files.v[i].id, 0);
	sessions_leave(&rk.ue.sessions);
	rk_run(400000);
	must(f.told == f.owed);
	for (i = 0; i < UE_FILES_MAX; i++)
		must(!rk.ue.files.v[i].id);
	for (i = 0; i < MSRP_OUT; i++)
		must(!rk.ue.messaging.outv[i].state);

	return 0;
}
