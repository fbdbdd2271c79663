/**
 * @file re_loop.c  The event loop of ports that have poll(2)
 *
 * Replaces libre's main.c. A handler may close and open descriptors, its own
 * too; an event that was reported for a descriptor before it was closed is
 * not delivered to the one that got the same number.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include "ports/common/re_port.h"
#include "ports/common/re_loop.h"


/** A descriptor that is watched */
struct watch {
	int fd;                 /**< -1: free                            */
	int flags;              /**< FD_READ | FD_WRITE | FD_EXCEPT      */
	unsigned serial;        /**< tells apart users of the same number */
	fd_h *fh;
	void *arg;
};

static struct {
	struct watch watchv[LOOP_FDS_MAX];
	size_t watchc;          /**< entries ever used                   */
	unsigned serial;
	bool running;
	struct pollfd pollv[LOOP_FDS_MAX];
	unsigned serialv[LOOP_FDS_MAX]; /**< serials of pollv           */
} loop;

static volatile sig_atomic_t signal_seen;

/* libre has no header for it */
struct list *tmrl_get(void);


static struct watch *watch_find(int fd)
{
	size_t i;

	for (i = 0; i < loop.watchc; i++) {
		if (loop.watchv[i].fd == fd)
			return &loop.watchv[i];
	}

	return NULL;
}


static struct watch *watch_new(void)
{
	struct watch *w = watch_find(-1);

	if (!w) {
		if (loop.watchc == LOOP_FDS_MAX)
			return NULL;
		w = &loop.watchv[loop.watchc++];
	}
	w->serial = ++loop.serial;

	return w;
}


int fd_listen(int fd, int flags, fd_h *fh, void *arg)
{
	struct watch *w;

	if (fd < 0)
		return EBADF;

	w = watch_find(fd);
	if (!flags || !fh) {
		if (w)
			w->fd = -1;
		return 0;
	}

	if (!w)
		w = watch_new();
	if (!w)
		return EMFILE;

	w->fd    = fd;
	w->flags = flags;
	w->fh    = fh;
	w->arg   = arg;

	return 0;
}


void fd_close(int fd)
{
	(void)fd_listen(fd, 0, NULL, NULL);
}


/* The table has a fixed size; 0 empties it, as libre's does */
int fd_setsize(int maxfds)
{
	if (!maxfds) {
		loop.watchc = 0;
		return 0;
	}

	return maxfds <= LOOP_FDS_MAX ? 0 : EMFILE;
}


void fd_debug(void)
{
}


static nfds_t pollv_fill(void)
{
	nfds_t n = 0;
	size_t i;

	for (i = 0; i < loop.watchc; i++) {
		const struct watch *w = &loop.watchv[i];
		int events = 0;

		if (w->fd < 0)
			continue;
		if (w->flags & FD_READ)
			events |= POLLIN;
		if (w->flags & FD_WRITE)
			events |= POLLOUT;

		loop.pollv[n].fd = w->fd;
		loop.pollv[n].events = (short)events;
		loop.pollv[n].revents = 0;
		loop.serialv[n] = w->serial;
		++n;
	}

	return n;
}


/** Deliver one descriptor's events, if it is still the same and wants them */
static void deliver(const struct pollfd *p, unsigned serial)
{
	const struct watch *w = watch_find(p->fd);
	int flags = 0;

	if (!w || w->serial != serial)
		return;

	if (p->revents & POLLIN)
		flags |= FD_READ;
	if (p->revents & POLLOUT)
		flags |= FD_WRITE;
	if (p->revents & (POLLERR | POLLHUP | POLLNVAL))
		flags |= FD_EXCEPT;

	if (flags)
		w->fh(flags, w->arg);
}


/** The shorter of the caller's wait and the time to the next timer; -1: for
 *  ever */
static int wait_time(int wait_ms)
{
	const struct list *tmrl = tmrl_get();
	uint64_t to;

	if (!tmrl->head)
		return wait_ms < 0 ? -1 : wait_ms;

	/* 1 is also "due now" */
	to = tmr_next_timeout(tmrl_get());
	if (to > INT_MAX)
		to = INT_MAX;

	return wait_ms < 0 || (uint64_t)wait_ms > to ? (int)to : wait_ms;
}


static int loop_round(int wait_ms, const sigset_t *mask)
{
	struct timespec ts, *tsp = NULL;
	nfds_t i, n = pollv_fill();
	const int to = wait_time(wait_ms);
	int got;

	if (to >= 0) {
		ts.tv_sec = to / 1000;
		ts.tv_nsec = (long)(to % 1000) * 1000000;
		tsp = &ts;
	}

	got = ppoll(loop.pollv, n, tsp, mask);
	if (got < 0)
		return errno;

	for (i = 0; got > 0 && i < n; i++) {
		if (!loop.pollv[i].revents)
			continue;
		--got;
		deliver(&loop.pollv[i], loop.serialv[i]);
	}

	tmr_poll(tmrl_get());

	return 0;
}


int loop_poll(int wait_ms)
{
	return loop_round(wait_ms, NULL);
}


static void signal_catch(int sig)
{
	signal_seen = sig;
}


/** Signals come only while the loop waits: none is lost between the look at
 *  signal_seen and the wait */
static void signals_on(sigset_t *saved)
{
	static const int sigv[] = {SIGINT, SIGTERM, SIGALRM, SIGHUP,
				   SIGQUIT};
	struct sigaction sa;
	sigset_t block;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = signal_catch;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigemptyset(&block);
	for (i = 0; i < ARRAY_SIZE(sigv); i++) {

		struct sigaction was;

		/* nohup(1) */
		if (sigv[i] == SIGHUP && !sigaction(SIGHUP, NULL, &was) &&
		    was.sa_handler == SIG_IGN)
			continue;

		(void)sigaction(sigv[i], &sa, NULL);
		(void)sigaddset(&block, sigv[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &block, saved);
}


int re_main(re_signal_h *signalh)
{
	sigset_t mask;
	int err = 0;

	if (loop.running)
		return EALREADY;

	if (signalh)
		signals_on(&mask);

	loop.running = true;
	while (loop.running) {

		err = loop_round(-1, signalh ? &mask : NULL);
		if (err && err != EINTR)
			break;
		err = 0;

		if (signal_seen && signalh) {
			const int sig = signal_seen;

			signal_seen = 0;
			signalh(sig);
		}
	}
	loop.running = false;

	if (signalh)
		(void)sigprocmask(SIG_SETMASK, &mask, NULL);

	return err;
}


void re_cancel(void)
{
	loop.running = false;
}


int libre_init(void)
{
	return 0;
}


void libre_close(void)
{
	(void)fd_setsize(0);
}
