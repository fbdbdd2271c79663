/**
 * @file usim_reader.c  The card in a PC/SC reader: the loop's side
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <mbedtls/platform_util.h>
#include "ports/linux/usim.h"


/** The thread's time to end */
#define END_S 2


static void leave(struct linux_usim *us)
{
	if (us->fd < 0)
		return;

	fd_close(us->fd);
	(void)close(us->fd);
	us->fd = -1;
}


/** A job cannot be ended any more, and no other one begun */
static void lost(struct linux_usim *us, int err, const char *why)
{
	char text[sizeof(us->why)];

	(void)snprintf(text, sizeof(text), "%s", why);
	tmr_cancel(&us->tmr);
	leave(us);
	usim_apdu_cancel(&us->card);
	linux_usim_done(us, &us->card, err, text);
	linux_usim_gone(us, text);
}


static void timeout(void *arg)
{
	lost(arg, ETIMEDOUT, "the reader does not answer");
}


static void send_command(struct linux_usim *us)
{
	tmr_start(&us->tmr, LINUX_USIM_TIMEOUT_MS, timeout, us);
	if (send(us->fd, us->card.cmd, us->card.cmd_len, MSG_NOSIGNAL) < 0)
		lost(us, EIO, "the reader is gone");
}


static void answer(struct linux_usim *us, const uint8_t *ans, size_t len)
{
	const int err = usim_apdu_answer(&us->card, ans, len);

	if (err == EAGAIN) {
		send_command(us);
		return;
	}

	tmr_cancel(&us->tmr);
	linux_usim_done(us, &us->card, err, us->card.why);
	mbedtls_platform_zeroize(&us->card.res, sizeof(us->card.res));
}


static void note_h(int flags, void *arg)
{
	struct linux_usim *us = arg;
	uint8_t buf[USIM_PCSC_NOTE_MAX + 1];
	const ssize_t n = recv(us->fd, buf, sizeof(buf) - 1, 0);

	(void)flags;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;

	if (n < 2) {
		lost(us, EIO, "the reader is gone");
	}
	else if (buf[0] == USIM_PCSC_READY) {
		usim_apdu_init(&us->card, buf[1] == 1);
		usim_apdu_identify(&us->card);
		send_command(us);
	}
	else if (buf[0] == USIM_PCSC_ANSWER) {
		answer(us, &buf[1], (size_t)n - 1);
	}
	else {
		buf[n] = '\0';
		lost(us, ENOENT, (const char *)&buf[1]);
	}

	mbedtls_platform_zeroize(buf, sizeof(buf));
}


/** Signals are for the loop, which waits for them: one that the thread took
 *  would not wake it */
static int start_thread(struct linux_usim *us)
{
	sigset_t all, mask;
	int err;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &mask);
	err = pthread_create(&us->thread, NULL, usim_pcsc_thread, &us->pcsc);
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);

	return err;
}


/** Start the thread; the identities are read when it has found a card */
int usim_reader_open(struct linux_usim *us, const char *reader)
{
	int fdv[2], err;

	if (strlen(reader) >= sizeof(us->pcsc.reader))
		return EINVAL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fdv))
		return errno;

	usim_apdu_init(&us->card, false);
	(void)strcpy(us->pcsc.reader, reader);
	us->pcsc.fd = fdv[1];
	us->fd  = fdv[0];

	err = fcntl(us->fd, F_SETFL, O_NONBLOCK) ? errno
		: fd_listen(us->fd, FD_READ, note_h, us);
	if (!err)
		err = start_thread(us);
	if (err) {
		(void)close(fdv[1]);
		leave(us);
		return err;
	}

	us->threaded = true;
	tmr_start(&us->tmr, LINUX_USIM_TIMEOUT_MS, timeout, us);

	return 0;
}


int usim_reader_authenticate(struct linux_usim *us, const uint8_t rand[16],
			     const uint8_t autn[16])
{
	const int err = usim_apdu_authenticate(&us->card, rand, autn);

	if (!err)
		send_command(us);

	return err;
}


void usim_reader_close(struct linux_usim *us)
{
	struct timespec end;

	leave(us);
	if (us->threaded) {
		/* a thread that a hung reader keeps ends with the program */
		(void)clock_gettime(CLOCK_REALTIME, &end);
		end.tv_sec += END_S;
		(void)pthread_timedjoin_np(us->thread, NULL, &end);
		us->threaded = false;
	}

	usim_apdu_close(&us->card);
}
