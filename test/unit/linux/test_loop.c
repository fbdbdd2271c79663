/**
 * @file test_loop.c  The event loop on real descriptors
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ports/common/re_port.h"
#include "ports/common/re_loop.h"
#include "ports/common/re_time.h"
#include "test/unit/test.h"


/** Two pipes; the tests write to w[] and listen on r[] */
static struct {
	int r[2], w[2];
	unsigned calls[2];
	int flags[2];
	bool swap;
} io;


static int start(void)
{
	unsigned i;

	memset(&io, 0, sizeof(io));
	for (i = 0; i < 2; i++) {
		int p[2];

		if (pipe(p))
			return errno;
		io.r[i] = p[0];
		io.w[i] = p[1];
	}

	return 0;
}


static void stop(void)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		fd_close(io.r[i]);
		(void)close(io.r[i]);
		if (io.w[i] >= 0)
			(void)close(io.w[i]);
	}
}


static void readable(int flags, void *arg)
{
	const unsigned i = *(const unsigned *)arg;
	char c;

	++io.calls[i];
	io.flags[i] |= flags;
	if ((flags & FD_READ) && read(io.r[i], &c, 1) < 0)
		io.flags[i] = -1;
	if (io.swap) {
		/* the other one closes; its number is taken again at once */
		const unsigned o = !i;

		io.swap = false;
		fd_close(io.r[o]);
		(void)fd_listen(io.r[o], FD_READ, readable, arg);
	}
}


static unsigned first = 0, second = 1;


static void delivery(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(fd_listen(io.r[0], FD_READ, readable, &first), 0);
	CHECK_EQ(fd_listen(io.r[1], FD_READ, readable, &second), 0);
	CHECK_EQ(loop_poll(0), 0);
	CHECK_EQ(io.calls[0] + io.calls[1], 0);

	CHECK_EQ(write(io.w[1], "x", 1), 1);
	CHECK_EQ(loop_poll(-1), 0);
	CHECK_EQ(io.calls[0], 0);
	CHECK_EQ(io.calls[1], 1);
	CHECK_EQ(io.flags[1], FD_READ);

	(void)close(io.w[0]);
	io.w[0] = -1;
	CHECK_EQ(loop_poll(-1), 0);
	CHECK(io.flags[0] & FD_EXCEPT);

	fd_close(io.r[1]);
	fd_close(io.r[0]);
	CHECK_EQ(write(io.w[1], "x", 1), 1);
	CHECK_EQ(loop_poll(0), 0);
	CHECK_EQ(io.calls[1], 1);
	stop();
}


static void stale_event(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(fd_listen(io.r[0], FD_READ, readable, &first), 0);
	CHECK_EQ(fd_listen(io.r[1], FD_READ, readable, &second), 0);
	CHECK_EQ(write(io.w[0], "x", 1), 1);
	CHECK_EQ(write(io.w[1], "x", 1), 1);

	/* both are ready; whichever comes first replaces the other, whose
	   event of this round must then not reach its successor */
	io.swap = true;
	CHECK_EQ(loop_poll(0), 0);
	CHECK_EQ(io.calls[0] + io.calls[1], 1);
	stop();
}


static void full_table(void)
{
	int fdv[LOOP_FDS_MAX + 1];
	int n, i, err = 0;

	for (n = 0; n <= LOOP_FDS_MAX; n++) {
		fdv[n] = open("/dev/null", O_RDONLY);
		if (fdv[n] < 0)
			break;
		err = fd_listen(fdv[n], FD_READ, readable, &first);
		if (err)
			break;
	}
	for (i = 0; i < n; i++) {
		fd_close(fdv[i]);
		(void)close(fdv[i]);
	}
	(void)close(fdv[n]);
	CHECK_EQ(n, LOOP_FDS_MAX);
	CHECK_EQ(err, EMFILE);
	CHECK_EQ(fd_listen(-1, FD_READ, readable, &first), EBADF);
}


static void timer_handler(void *arg)
{
	++*(unsigned *)arg;
	re_cancel();
}


static void timer_ends_wait(void)
{
	struct tmr tmr;
	unsigned count = 0;

	/* nothing else would ever end these waits */
	tmr_init(&tmr);
	tmr_start(&tmr, 1, timer_handler, &count);
	CHECK_EQ(re_main(NULL), 0);
	CHECK_EQ(count, 1);

	tmr_start(&tmr, 1, timer_handler, &count);
	while (count < 2)
		CHECK_EQ(loop_poll(-1), 0);
}


static int caught;


static void signal_handler(int sig)
{
	caught = sig;
	re_cancel();
}


static void raise_handler(void *arg)
{
	(void)arg;
	(void)raise(SIGTERM);
}


static void signals(void)
{
	struct tmr tmr;

	caught = 0;
	tmr_init(&tmr);
	tmr_start(&tmr, 0, raise_handler, NULL);
	CHECK_EQ(re_main(signal_handler), 0);
	CHECK_EQ(caught, SIGTERM);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGALRM, SIG_DFL);
}


/** In a child that has slept for a day: 0, it knows of it */
static int child_slept(void)
{
	static const char offset[] = "boottime 86400 0";
	struct timespec mono;
	int fd;

	if (unshare(CLONE_NEWTIME))
		return 77;
	fd = open("/proc/self/timens_offsets", O_WRONLY);
	if (fd < 0 || write(fd, offset, sizeof(offset) - 1) < 0)
		return 77;
	(void)close(fd);

	/* a namespace of times is entered by children */
	if (fork() == 0) {
		(void)clock_gettime(CLOCK_MONOTONIC, &mono);
		_exit(re_time_platform_us() / 1000000 >=
		      (uint64_t)mono.tv_sec + 86400 ? 0 : 1);
	}
	(void)wait(&fd);

	return WEXITSTATUS(fd);
}


static void time_asleep(void)
{
	int status = 0;
	const pid_t pid = fork();

	if (pid == 0)
		_exit(child_slept());
	CHECK(pid > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	/* 77: a namespace is not permitted */
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
}


const struct test_case suite_loop[] = {
	{"events reach the handler of their descriptor only", delivery},
	{"an event does not reach a descriptor's successor", stale_event},
	{"EMFILE when the table is full", full_table},
	{"a timer ends the wait", timer_ends_wait},
	{"a signal reaches the loop's handler", signals},
	{"time goes on while the device sleeps", time_asleep},
	{NULL, NULL}
};
