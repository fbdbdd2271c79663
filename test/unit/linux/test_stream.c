/**
 * @file test_stream.c  Linux port: connections for MSRP on a socket pair
 */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ports/common/re_loop.h"
#include "ports/linux/linux_port.h"
#include "test/unit/test.h"

enum { FLOW = UE_FLOWS_MAX, ROUNDS = 50 };

#define FRAME "MSRP abcd SEND\r\nTo-Path: msrp://h:1/none;tcp\r\n"	\
	"From-Path: msrp://i:2/x;tcp\r\nMessage-ID: 1234\r\n-------abcd$\r\n"

static struct linux_port lp;
static struct ue ue;
static struct ue_settings set;
static struct msrp_handlers handlers;
static int peer;

static bool ready;
static unsigned asked;          /* how often octets were handed in          */


static bool ready_h(unsigned conn, void *arg)
{
	(void)conn;
	(void)arg;
	++asked;

	return ready;
}


static void event_h(struct ue *u, const struct ue_event *ev, void *arg)
{
	(void)u;
	(void)ev;
	(void)arg;
}


static int no_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	memset(buf, 7, len);

	return 0;
}


/** A UE with one MSRP connection, which takes octets when `ready` says so */
static int start(void)
{
	struct linux_flow *f = &lp.flowv[FLOW];
	int fd[2], err;

	linux_port_init(&lp, &ue);
	lp.port.random = no_random;
	memset(&set, 0, sizeof(set));
	set.home   = "home1.net";
	set.impi   = "alice@home1.net";
	set.impu   = "sip:alice@home1.net";
	set.pcscfv[0] = "192.0.2.1";
	set.password = "secret";
	err = ue_init(&ue, &set, &lp.port, event_h, NULL);
	if (err)
		return err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd))
		return errno;
	peer = fd[1];
	f->fd = fd[0];
	f->kind = UE_FLOW_ACCEPTED;

	handlers = *ue.messaging.m.h;
	handlers.ready_h = ready_h;
	ue.messaging.m.h = &handlers;
	ready = false;
	asked = 0;
	linux_flow_watch(f);

	return msrp_accepted(&ue.messaging.m, 1, 0);
}


static void stop(void)
{
	ue_close(&ue);
	if (lp.flowv[FLOW].fd >= 0)
		lp.port.flow_close(&lp, FLOW);
	linux_port_close(&lp);
	(void)close(peer);
}


static void rounds(unsigned n)
{
	while (n--)
		(void)loop_poll(0);
}


/* TS 33.203 7.1: the next connection of a set has the same four numbers as the
   last one, however that was closed */
static void closed_and_open(void)
{
	struct ue_flow_params prm;
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	struct ue_addr local;
	unsigned i;
	int fd, peerv[2];

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&in, len), 0);
	CHECK_EQ(listen(fd, 4), 0);
	CHECK_EQ(getsockname(fd, (struct sockaddr *)&in, &len), 0);

	linux_port_init(&lp, &ue);
	memset(&prm, 0, sizeof(prm));
	prm.kind = UE_FLOW_CONNECT;
	prm.remote.family = prm.local.family = 4;
	memcpy(prm.remote.ip, &in.sin_addr, 4);
	memcpy(prm.local.ip, &in.sin_addr, 4);
	prm.remote.port = ntohs(in.sin_port);

	for (i = 0; i < 2; i++) {
		CHECK_EQ(lp.port.flow_open(&lp, 0, &prm, &local), 0);
		prm.local.port = local.port;
		peerv[i] = accept(fd, NULL, NULL);
		CHECK(peerv[i] >= 0);
		lp.flowv[0].protect = true;
		lp.port.flow_close(&lp, 0);
	}
	for (i = 0; i < 2; i++)
		(void)close(peerv[i]);
	(void)close(fd);
	linux_port_close(&lp);
}


/** What the core does not take waits without anybody being woken for it, and
 *  is there when it has room */
static void held(void)
{
	char buf[256];

	CHECK_EQ(start(), 0);
	CHECK_EQ(write(peer, FRAME, strlen(FRAME)), (int)strlen(FRAME));
	rounds(ROUNDS);
	CHECK_EQ(lp.flowv[FLOW].held_len, strlen(FRAME));
	CHECK(asked >= 1);
	CHECK(asked <= 4);

	/* nothing more is read: TCP slows the peer down */
	CHECK_EQ(write(peer, FRAME, strlen(FRAME)), (int)strlen(FRAME));
	asked = 0;
	rounds(ROUNDS);
	CHECK_EQ(asked, 0);
	CHECK_EQ(lp.flowv[FLOW].held_len, strlen(FRAME));

	ready = true;
	linux_port_pump(&lp);
	CHECK_EQ(lp.flowv[FLOW].held_len, 0);
	rounds(ROUNDS);
	/* both requests were answered: 481 */
	CHECK_EQ(read(peer, buf, 4), 4);
	CHECK_MEM(buf, 4, "MSRP", 4);
	CHECK_EQ(read(peer, buf, sizeof(buf)) > 100, 1);
	stop();
}


/** The peer goes while octets are held */
static void held_and_closed(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(write(peer, FRAME, strlen(FRAME)), (int)strlen(FRAME));
	rounds(3);
	CHECK(lp.flowv[FLOW].held_len);
	(void)shutdown(peer, SHUT_RDWR);
	ready = true;
	linux_port_pump(&lp);
	rounds(3);
	CHECK_EQ(lp.flowv[FLOW].fd, -1);
	CHECK_EQ(lp.flowv[FLOW].held_len, 0);
	stop();
}


/** The peer is gone while octets are held and others wait to leave: that can
 *  be written and fails, again and again */
static void held_and_broken(void)
{
	static uint8_t data[65536];
	const struct ue_iov iov = {data, sizeof(data)};
	struct linux_flow *f = &lp.flowv[FLOW];
	unsigned n = 0;

	CHECK_EQ(start(), 0);
	CHECK_EQ(write(peer, FRAME, strlen(FRAME)), (int)strlen(FRAME));
	rounds(3);
	CHECK(f->held_len);
	while (lp.port.flow_sendv(&lp, FLOW, &iov, 1) == sizeof(data))
		;
	CHECK(f->full);
	(void)close(peer);
	peer = -1;

	/* what the core does when it is told that there is room */
	for (unsigned i = 0; i < ROUNDS; i++) {
		rounds(1);
		if (!f->full) {
			++n;
			CHECK_EQ(lp.port.flow_sendv(&lp, FLOW, &iov, 1), 0);
		}
	}
	CHECK_EQ(n, 1);

	/* the core takes what is held, and hears of the end */
	CHECK(f->fd >= 0);
	ready = true;
	linux_port_pump(&lp);
	rounds(3);
	CHECK_EQ(f->fd, -1);
	stop();
}


/** A device that sleeps: ppoll() does not count that time, the UE does */
static void device_sleeps(void)
{
	CHECK_EQ(start(), 0);
	linux_port_pump(&lp);
	CHECK(tmr_isrunning(&lp.tmr));
	CHECK(tmr_get_expire(&lp.tmr) <= 60000);
	stop();
}


/** Who is connected to and does not get that far, as a peer that accepts and
 *  says nothing of TLS: not for long */
static void not_connected(void)
{
	struct ue_flow_params prm = {.kind = UE_FLOW_LISTEN};
	struct linux_flow *f = &lp.flowv[FLOW];
	struct ue_addr local;

	CHECK_EQ(start(), 0);
	lp.port.flow_close(&lp, FLOW);
	prm.local.family = 4;
	prm.local.ip[0] = 127;
	prm.local.ip[3] = 1;
	CHECK_EQ(lp.port.flow_open(&lp, MESSAGING_LISTENER, &prm, &local), 0);
	prm.kind = UE_FLOW_CONNECT;
	prm.remote = local;
	CHECK_EQ(lp.port.flow_open(&lp, FLOW, &prm, &local), 0);
	CHECK(tmr_isrunning(&f->tmr));
	CHECK(tmr_get_expire(&f->tmr) <= MSRP_T_MS);
	rounds(ROUNDS);
	CHECK(!tmr_isrunning(&f->tmr));

	if (f->fd >= 0)
		lp.port.flow_close(&lp, FLOW);
	CHECK_EQ(lp.port.flow_open(&lp, FLOW, &prm, &local), 0);
	fd_close(f->fd);
	tmr_start(&f->tmr, 0, f->tmr.th, f->tmr.arg);
	rounds(ROUNDS);
	CHECK_EQ(f->fd, -1);
	CHECK(!tmr_isrunning(&f->tmr));
	lp.port.flow_close(&lp, MESSAGING_LISTENER);
	stop();
}


const struct test_case suite_stream[] = {
	{"octets that are held wait without wake-ups", held},
	{"a connection ends while octets are held", held_and_closed},
	{"a connection that is broken does not keep the loop awake",
	 held_and_broken},
	{"the UE is asked at least once a minute", device_sleeps},
	{"a connection that does not come about, as one over TLS",
	 not_connected},
	{"TS 33.203 7.1: a protected connection is closed and made again",
	 closed_and_open},
	{NULL, NULL}
};
