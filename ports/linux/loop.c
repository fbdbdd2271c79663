/**
 * @file loop.c  libre's main loop on poll(2): one thread, a fixed table
 *
 * Takes the place of libre's main.c.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include "ports/common/re_port.h"
#include "ue/ue_config.h"


/** Sockets of the UE, of the name look-up, the terminal */
#define LOOP_MAX (UE_FLOWS_MAX + 8)

struct list *tmrl_get(void);


static struct loop {
	struct list tmrl;
	struct pollfd fdv[LOOP_MAX];
	struct {
		fd_h *h;
		void *arg;
	} handlerv[LOOP_MAX];
	unsigned count;
	bool running;
	volatile sig_atomic_t sig;
} loop;


/** The timers of libre's tmr.c */
struct list *tmrl_get(void)
{
	return &loop.tmrl;
}


static int find(int fd)
{
	for (unsigned i = 0; i < loop.count; i++) {
		if (loop.fdv[i].fd == fd)
			return (int)i;
	}

	return -1;
}


/** @return 0; EINVAL; ENOMEM the table is full */
int fd_listen(int fd, int flags, fd_h *fh, void *arg)
{
	int i = find(fd);
	short events = 0;

	if (fd < 0)
		return EINVAL;

	if (!flags || !fh) {
		fd_close(fd);
		return 0;
	}

	if (i < 0) {
		if (loop.count == LOOP_MAX)
			return ENOMEM;
		i = (int)loop.count++;
	}

	if (flags & FD_READ)
		events |= POLLIN;
	if (flags & FD_WRITE)
		events |= POLLOUT;

	loop.fdv[i].fd       = fd;
	loop.fdv[i].events   = events;
	loop.fdv[i].revents  = 0;
	loop.handlerv[i].h   = fh;
	loop.handlerv[i].arg = arg;

	return 0;
}


/** The entry is only marked: a handler may close others while the table is
 *  walked */
void fd_close(int fd)
{
	const int i = find(fd);

	if (i < 0)
		return;

	loop.fdv[i].fd     = -1;
	loop.handlerv[i].h = NULL;
}


static void compact(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < loop.count; i++) {
		if (!loop.handlerv[i].h)
			continue;
		loop.fdv[n]      = loop.fdv[i];
		loop.handlerv[n] = loop.handlerv[i];
		++n;
	}

	loop.count = n;
}


static void dispatch(void)
{
	const unsigned count = loop.count;

	for (unsigned i = 0; i < count && loop.running; i++) {

		const short ev = loop.fdv[i].revents;
		int flags = 0;

		if (!loop.handlerv[i].h || !ev)
			continue;
		loop.fdv[i].revents = 0;

		if (ev & (POLLIN | POLLHUP))
			flags |= FD_READ;
		if (ev & POLLOUT)
			flags |= FD_WRITE;
		if (ev & (POLLERR | POLLNVAL))
			flags |= FD_EXCEPT;

		loop.handlerv[i].h(flags, loop.handlerv[i].arg);
	}
}


static void on_signal(int sig)
{
	loop.sig = sig;
}


/** How long poll(2) may sleep: libre says 0 when there is no timer */
static int sleep_ms(void)
{
	const uint64_t ms = tmr_next_timeout(&loop.tmrl);

	if (!ms)
		return -1;

	return ms < 60000 ? (int)ms : 60000;
}


/**
 * Run until re_cancel()
 *
 * @param signalh  Called for SIGINT and SIGTERM from the loop, may be NULL
 *
 * @return 0, or the errno of poll(2)
 */
int re_main(re_signal_h *signalh)
{
	int err = 0;

	if (signalh) {
		struct sigaction sa;

		memset(&sa, 0, sizeof(sa));
		sa.sa_handler = on_signal;
		(void)sigaction(SIGINT, &sa, NULL);
		(void)sigaction(SIGTERM, &sa, NULL);
	}

	loop.running = true;

	while (loop.running) {

		compact();

		if (poll(loop.fdv, loop.count, sleep_ms()) < 0 &&
		    errno != EINTR) {
			err = errno;
			break;
		}

		if (loop.sig) {
			const int sig = loop.sig;

			loop.sig = 0;
			if (signalh)
				signalh(sig);
			continue;
		}

		tmr_poll(&loop.tmrl);
		dispatch();
	}

	loop.running = false;

	return err;
}


void re_cancel(void)
{
	loop.running = false;
}
