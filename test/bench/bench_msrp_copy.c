/**
 * @file bench_msrp_copy.c  100 MB over loopback TCP: MSRP beside a plain copy
 *
 *     bench_msrp_copy          rows: name value unit goal
 *
 * Two processes, each with an endpoint of the MSRP library on a socket that is
 * read and written without waiting, as ports do it; the receiver sums what is
 * streamed to it.  The plain copy sends the same octets over the same kind of
 * socket, and its receiver sums them, too.  Three runs of each, the best
 * counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "msrp/msrp.h"

enum { SIZE = 100 * 1000 * 1000, READ = 262144, RUNS = 3 };

static uint8_t *data;
static uint8_t buf[READ];
static struct msrp m;
static struct msrp_session *sess;
static int fd = -1;
static bool full, done;
static uint64_t sum;
static int result;


static void must(int cond, const char *what)
{
	if (!cond) {
		perror(what);
		exit(1);
	}
}


static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);

	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}


/** A sum that reads every octet, eight at a time */
static void add(const uint8_t *p, size_t n)
{
	uint64_t v;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&v, p, 8);
		sum += v;
	}
	while (n--)
		sum += *p++;
}


static size_t send_h(unsigned conn, const struct msrp_iov *v, unsigned n,
		     void *arg)
{
	struct iovec iov[3];
	size_t len = 0;
	ssize_t took;
	unsigned i;

	(void)conn;
	(void)arg;
	for (i = 0; i < n; i++) {
		iov[i].iov_base = (void *)(uintptr_t)v[i].p;
		iov[i].iov_len = v[i].n;
		len += v[i].n;
	}
	took = writev(fd, iov, (int)n);
	if (took < 0)
		took = 0;
	full = (size_t)took < len;

	return (size_t)took;
}


static void close_h(unsigned conn, void *arg)
{
	(void)conn;
	(void)arg;
	must(0, "closed");
}


static int random_h(void *p, size_t n, void *arg)
{
	uint8_t *q = p;

	(void)arg;
	while (n--)
		*q++ = (uint8_t)rand();

	return 0;
}


static void bound_h(struct msrp_session *s, void *arg)
{
	(void)s;
	(void)arg;
}


static void failed_h(struct msrp_session *s, int err, uint16_t status,
		     void *arg)
{
	(void)s;
	(void)err;
	(void)status;
	(void)arg;
	must(0, "failed");
}


static uint16_t open_h(struct msrp_session *s, const struct msrp_info *i,
		       struct msrp_sink *sink, void *arg)
{
	(void)s;
	(void)i;
	(void)sink;
	(void)arg;

	return 200;
}


static void data_h(uint32_t off, const uint8_t *p, size_t n, void *arg)
{
	(void)off;
	(void)arg;
	add(p, n);
}


static void done_h(struct msrp_session *s, const struct msrp_result *r,
		   void *arg)
{
	(void)s;
	(void)arg;
	result = r->err || r->len != SIZE;
}


static void sent_h(struct msrp_session *s, const char *id,
		   const struct msrp_result *r, void *arg)
{
	(void)s;
	(void)id;
	(void)arg;
	result = r->err || r->len != SIZE;
	done = true;
}


static const struct msrp_handlers handlers = {
	.send_h = send_h, .close_h = close_h, .random_h = random_h,
	.bound_h = bound_h, .failed_h = failed_h, .open_h = open_h,
	.data_h = data_h, .done_h = done_h, .sent_h = sent_h
};


static void endpoint(const char *self, const char *peer)
{
	struct pl pl;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	msrp_init(&m, &handlers, NULL, SIZE);
	must(!msrp_session_open(&sess, &m, self, NULL), "session");
	pl_set_str(&pl, peer);
	must(!msrp_session_peer(sess, &pl, 0), "peer");
}


/** One turn of the loop; false: the other side has gone */
static bool turn(void)
{
	struct pollfd pv = {fd, (short)(POLLIN | (full ? POLLOUT : 0)), 0};
	size_t used, pos = 0;
	ssize_t n;

	must(poll(&pv, 1, 10000) > 0, "poll");
	if (pv.revents & POLLOUT)
		msrp_writable(&m, 1, 0);
	if (!(pv.revents & POLLIN))
		return true;
	n = recv(fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	while (pos < (size_t)n) {
		(void)msrp_recv(&m, 1, 0, buf + pos, (size_t)n - pos, &used);
		pos += used;
		if (pos < (size_t)n)
			msrp_writable(&m, 1, 0);
	}

	return true;
}


static void msrp_receive(void)
{
	endpoint("msrp://127.0.0.1:2/b;tcp", "msrp://127.0.0.1:1/a;tcp");
	must(!msrp_accepted(&m, 1, 0), "accepted");
	while (turn())
		;
}


static void msrp_give(void)
{
	struct msrp_msg msg = {.type = "application/octet-stream",
			       .data = data, .len = SIZE, .success = true};

	endpoint("msrp://127.0.0.1:1/a;tcp", "msrp://127.0.0.1:2/b;tcp");
	must(!msrp_connected(&m, 1, 0, sess), "connected");
	must(!msrp_send(NULL, sess, 1, &msg), "send");
	while (!done && turn())
		;
	must(done && !result, "sent");
}


static void plain_receive(void)
{
	size_t got = 0;
	ssize_t n;

	while (got < SIZE && (n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		add(buf, (size_t)n);
		got += (size_t)n;
	}
	must(send(fd, "x", 1, 0) == 1, "answer");
}


static void plain_give(void)
{
	size_t pos = 0;
	ssize_t n;

	while (pos < SIZE) {
		n = send(fd, data + pos, SIZE - pos < 65536 ? SIZE - pos
			 : 65536, 0);
		must(n > 0, "send");
		pos += (size_t)n;
	}
	must(recv(fd, buf, 1, 0) == 1, "answer");
}


/** Seconds of one copy */
static double copy(void (*give)(void), void (*receive)(void))
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	const int lfd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(sa);
	int on = 1, status;
	double t;
	pid_t pid;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(!bind(lfd, (struct sockaddr *)&sa, sizeof(sa)) &&
	     !listen(lfd, 1) &&
	     !getsockname(lfd, (struct sockaddr *)&sa, &len), "listen");
	pid = fork();
	if (!pid) {
		fd = accept(lfd, NULL, NULL);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		receive();
		_exit(result);
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	must(!connect(fd, (struct sockaddr *)&sa, sizeof(sa)), "connect");
	close(lfd);
	full = done = false;
	t = seconds();
	give();
	t = seconds() - t;
	close(fd);
	must(waitpid(pid, &status, 0) == pid && !status, "receiver");

	return t;
}


int main(void)
{
	double plain = 1e9, with = 1e9, t;
	unsigned i;

	data = malloc(SIZE);
	must(data != NULL, "memory");
	for (i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 24);

	for (i = 0; i < RUNS; i++) {
		t = copy(plain_give, plain_receive);
		plain = t < plain ? t : plain;
		t = copy(msrp_give, msrp_receive);
		with = t < with ? t : with;
	}
	printf("plain copy of 100 MB %.0f MB/s -\n", SIZE / plain / 1e6);
	printf("msrp copy of 100 MB %.0f MB/s -\n", SIZE / with / 1e6);
	printf("msrp copy, share of the plain one %.2f of-1 >=0.5\n",
	       plain / with);

	return 0;
}
