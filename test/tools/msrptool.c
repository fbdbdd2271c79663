/**
 * @file msrptool.c  Host program: the MSRP library on plain sockets, for tests
 *                   against other programs
 *
 * msrptool HOST PORT LISTEN-PORT
 *
 * Connects to HOST:PORT (a relay or a peer) and listens on 127.0.0.1.
 * Commands on standard input, one a line:
 *
 *   auth RELAY-URI USER PASSWORD [EXPIRES]
 *   peer PATH            To-Path, and bind the session to the connection
 *   send N [report]      N octets of a known pattern
 *   say TEXT
 *   quit
 *
 * A JSON line for each thing that happens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "msrp/msrp.h"
#include "msrp/relay.h"

enum { SIZE = 1 << 20 };

static struct msrp m;
static struct msrp_session *sess;
static struct msrp_auth auth;
static int fdv[MSRP_CONNS];
static bool full[MSRP_CONNS];
static uint8_t pattern[SIZE], in[SIZE];
static char words[4][512];


static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static size_t send_h(unsigned conn, const struct msrp_iov *v, unsigned n,
		     void *arg)
{
	struct iovec iov[3];
	size_t len = 0;
	ssize_t took;
	unsigned i;

	(void)arg;
	for (i = 0; i < n; i++) {
		iov[i].iov_base = (void *)(uintptr_t)v[i].p;
		iov[i].iov_len = v[i].n;
		len += v[i].n;
	}
	took = writev(fdv[conn], iov, (int)n);
	if (took < 0)
		took = 0;
	full[conn] = (size_t)took < len;

	return (size_t)took;
}


static void close_h(unsigned conn, void *arg)
{
	(void)arg;
	close(fdv[conn]);
	fdv[conn] = -1;
	printf("{\"event\":\"closed\",\"conn\":%u}\n", conn);
}


static int random_h(void *buf, size_t n, void *arg)
{
	(void)arg;

	return getrandom(buf, n, 0) == (ssize_t)n ? 0 : EIO;
}


static void bound_h(struct msrp_session *s, void *arg)
{
	(void)arg;
	printf("{\"event\":\"bound\",\"conn\":%u}\n", msrp_session_conn(s));
}


static void failed_h(struct msrp_session *s, int err, uint16_t status,
		     void *arg)
{
	(void)s;
	(void)arg;
	printf("{\"event\":\"failed\",\"err\":%d,\"status\":%u}\n", err,
	       status);
}


static uint16_t open_h(struct msrp_session *s, const struct msrp_info *i,
		       struct msrp_sink *sink, void *arg)
{
	(void)s;
	(void)i;
	(void)arg;
	sink->buf = in;
	sink->size = sizeof(in);

	return 200;
}


static void done_h(struct msrp_session *s, const struct msrp_result *r,
		   void *arg)
{
	(void)s;
	(void)arg;
	printf("{\"event\":\"received\",\"err\":%d,\"len\":%u,\"same\":%s}\n",
	       r->err, r->len, memcmp(in, pattern, r->len) ? "false"
	       : "true");
}


static void sent_h(struct msrp_session *s, const char *id,
		   const struct msrp_result *r, void *arg)
{
	(void)s;
	(void)arg;
	printf("{\"event\":\"sent\",\"id\":\"%s\",\"err\":%d,\"status\":%u,"
	       "\"len\":%u}\n", id, r->err, r->status, r->len);
}


static const struct msrp_handlers handlers = {
	.send_h = send_h, .close_h = close_h, .random_h = random_h,
	.bound_h = bound_h, .failed_h = failed_h, .open_h = open_h,
	.done_h = done_h, .sent_h = sent_h
};


static void auth_h(struct msrp_session *s, uint16_t status,
		   const struct pl *use_path, uint32_t expires_s, void *arg)
{
	(void)s;
	(void)arg;
	printf("{\"event\":\"auth\",\"status\":%u,\"path\":\"%.*s\","
	       "\"expires\":%u}\n", status, (int)use_path->l,
	       use_path->p ? use_path->p : "", expires_s);
}


static int command(char *line)
{
	struct msrp_msg msg = {.type = "text/plain", .data = pattern};
	unsigned n = 0;
	struct pl pl;
	char *p;
	int err = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (!strncmp(line, "peer ", 5)) {
		pl_set_str(&pl, line + 5);
		err = msrp_session_peer(sess, &pl, 0);
		if (!err)
			err = msrp_connected(&m, now(), 0, sess);
		goto out;
	}
	for (p = strtok(line, " "); p && n < 4; p = strtok(NULL, " "))
		snprintf(words[n++], sizeof(words[0]), "%s", p);

	if (!n || !strcmp(words[0], "quit"))
		return EPIPE;
	if (!strcmp(words[0], "auth") && n >= 4) {
		auth.relay = words[1];
		auth.user = words[2];
		auth.password = words[3];
		auth.auth_h = auth_h;
		err = msrp_auth(sess, now(), 0, &auth);
	}
	else if (!strcmp(words[0], "send") && n >= 2) {
		msg.len = (uint32_t)strtoul(words[1], NULL, 0);
		msg.success = n > 2;
		err = msrp_send(NULL, sess, now(), &msg);
	}
	else {
		err = EINVAL;
	}

 out:
	if (err)
		printf("{\"event\":\"error\",\"err\":%d}\n", err);

	return 0;
}


/** A socket on a port that is used for listening and connecting: a relay
 *  then finds the connection that stands */
static int bound(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));

	return bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -1 : fd;
}


static int listener(uint16_t *port)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	const int fd = bound(*port);

	if (fd < 0 || listen(fd, 4) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len))
		return -1;
	*port = ntohs(sa.sin_port);

	return fd;
}


static int dial(const char *host, const char *port, uint16_t local)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	const int fd = bound(local);

	sa.sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, host, &sa.sin_addr);

	return connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -1 : fd;
}


static void readable(unsigned conn)
{
	static uint8_t buf[65536];
	const ssize_t n = recv(fdv[conn], buf, sizeof(buf), MSG_DONTWAIT);
	size_t used, pos = 0;

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		close(fdv[conn]);
		fdv[conn] = -1;
		printf("{\"event\":\"lost\",\"conn\":%u}\n", conn);
		msrp_lost(&m, now(), conn, ECONNRESET);
		return;
	}
	while (n > 0 && pos < (size_t)n && fdv[conn] >= 0) {
		if (msrp_recv(&m, now(), conn, buf + pos, (size_t)n - pos,
			      &used) != EAGAIN && used == 0)
			break;
		pos += used;
	}
}


static void take(int lfd)
{
	const int fd = accept(lfd, NULL, NULL);
	unsigned i;

	for (i = 0; fd >= 0 && i < MSRP_CONNS; i++) {
		if (fdv[i] < 0 && !msrp_accepted(&m, now(), i)) {
			fdv[i] = fd;
			printf("{\"event\":\"accepted\",\"conn\":%u}\n", i);
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}


int main(int argc, char *argv[])
{
	struct pollfd pv[MSRP_CONNS + 2];
	char line[2048], self[128];
	uint16_t port;
	uint32_t wait;
	unsigned i;
	int lfd;

	if (argc != 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < SIZE; i++)
		/* no quotes: tshark pairs them across lines */
		pattern[i] = (uint8_t)('A' + (i * 7 + i / 53) % 53);
	port = (uint16_t)atoi(argv[3]);
	lfd = listener(&port);
	msrp_init(&m, &handlers, NULL, SIZE);
	snprintf(self, sizeof(self), "msrp://127.0.0.1:%u/s%d0123456789;tcp",
		 port, (int)getpid());
	if (lfd < 0 || msrp_session_open(&sess, &m, self, NULL))
		return 1;
	for (i = 0; i < MSRP_CONNS; i++)
		fdv[i] = -1;
	fdv[0] = dial(argv[1], argv[2], port);
	if (fdv[0] < 0)
		return 1;
	printf("{\"event\":\"ready\",\"self\":\"%s\"}\n", self);

	for (;;) {
		msrp_poll(&m, now(), &wait);
		for (i = 0; i < MSRP_CONNS; i++) {
			pv[i].fd = fdv[i];
			pv[i].events = (short)(POLLIN |
					       (full[i] ? POLLOUT : 0));
			pv[i].revents = 0;
		}
		pv[i].fd = lfd;
		pv[i].events = POLLIN;
		pv[i + 1].fd = STDIN_FILENO;
		pv[i + 1].events = POLLIN;
		if (poll(pv, MSRP_CONNS + 2, wait < 60000 ? (int)wait
			 : 60000) < 0)
			return 1;
		for (i = 0; i < MSRP_CONNS; i++) {
			if (fdv[i] >= 0 && pv[i].revents & POLLOUT)
				msrp_writable(&m, now(), i);
			if (fdv[i] >= 0 && pv[i].revents & ~POLLOUT)
				readable(i);
		}
		if (pv[i].revents)
			take(lfd);
		if (pv[i + 1].revents && (!fgets(line, sizeof(line), stdin) ||
					  command(line)))
			return 0;
	}
}
