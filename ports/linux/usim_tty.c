/**
 * @file usim_tty.c  The device of a modem whose card is used
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <mbedtls/platform_util.h>
#include "ports/linux/usim.h"


static void timeout(void *arg)
{
	struct linux_usim *us = arg;

	usim_at_timeout(&us->at);
}


static void check(void *arg)
{
	struct linux_usim *us = arg;

	(void)usim_at_check(&us->at);
}


/** What the device does not take now is lost; the time-out notices it */
static void send_h(const char *cmd, size_t len, void *arg)
{
	struct linux_usim *us = arg;

	tmr_start(&us->tmr, USIM_AT_TIMEOUT_MS, timeout, us);
	if (write(us->fd, cmd, len) < 0)
		return;
}


static void done_h(enum usim_at_job job, int err, void *arg)
{
	struct linux_usim *us = arg;

	tmr_start(&us->tmr, LINUX_USIM_CHECK_MS, check, us);

	if (job == USIM_AT_IDENTIFY || job == USIM_AT_AUTHENTICATE) {
		linux_usim_done(us, &us->at.card, err, us->at.why);
		mbedtls_platform_zeroize(&us->at.card.res,
					 sizeof(us->at.card.res));
	}

	if (us->at.gone) {
		tmr_cancel(&us->tmr);
		linux_usim_gone(us, us->at.why);
	}
}


static void leave(struct linux_usim *us)
{
	if (us->fd < 0)
		return;

	fd_close(us->fd);
	(void)close(us->fd);
	us->fd = -1;
}


static void read_h(int flags, void *arg)
{
	struct linux_usim *us = arg;
	char buf[256];
	ssize_t n;

	(void)flags;

	n = read(us->fd, buf, sizeof(buf));
	if (n > 0) {
		usim_at_recv(&us->at, buf, (size_t)n);
		mbedtls_platform_zeroize(buf, sizeof(buf));
	}
	else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* unplugged */
		leave(us);
		usim_at_removed(&us->at);
	}
}


static int set_raw(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio))
		return errno;

	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cc[VMIN]  = 1;
	tio.c_cc[VTIME] = 0;
	if (cfsetspeed(&tio, B115200) || tcsetattr(fd, TCSANOW, &tio) ||
	    tcflush(fd, TCIOFLUSH))
		return errno;

	return 0;
}


/** Open the device and begin to read the identities */
int usim_tty_open(struct linux_usim *us, const char *device)
{
	int err;

	usim_at_init(&us->at, send_h, done_h, us);

	us->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (us->fd < 0)
		return errno;

	err = set_raw(us->fd);
	if (!err)
		err = fd_listen(us->fd, FD_READ, read_h, us);
	if (!err)
		err = usim_at_identify(&us->at);
	if (err)
		leave(us);

	return err;
}


int usim_tty_authenticate(struct linux_usim *us, const uint8_t rand[16],
			  const uint8_t autn[16])
{
	return usim_at_authenticate(&us->at, rand, autn);
}


void usim_tty_close(struct linux_usim *us)
{
	if (us->fd >= 0) {
		usim_at_close(&us->at);
		tmr_cancel(&us->tmr);
	}
	leave(us);
}
