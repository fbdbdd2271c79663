/**
 * @file stream.c  Linux port: connections for MSRP
 *
 * Octets go to the socket from where they lie, and come in as many as the
 * core takes; what it does not take is held, and nothing more is read until
 * it is taken.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"

static uint8_t rxbuf[LINUX_HELD_MAX];


#if UE_MSRP_TLS
static size_t secure_sendv(struct linux_flow *f, const struct ue_iov *iov,
			   unsigned n)
{
	size_t took = 0, k, pos;
	unsigned i;

	for (i = 0; i < n; i++) {
		for (pos = 0; pos < iov[i].len; pos += k) {
			k = linux_tls_write(f, (const uint8_t *)iov[i].data +
					    pos, iov[i].len - pos);
			if (!k)
				goto out;
			took += k;
		}
	}

 out:
	if ((i < n || f->tls->out_len) && !f->full) {
		f->full = true;
		linux_flow_watch(f);
	}

	return took;
}


/** The handshake goes on; connected when it is over.  true: it is */
static bool secured(struct linux_flow *f)
{
	struct linux_port *lp = f->port;
	int err;

	if (f->tls->ready)
		return true;

	err = linux_tls_handshake(f);
	f->full = f->tls->out_len > 0;
	if (err && err != EAGAIN) {
		linux_flow_lost(f, err);
		return false;
	}
	linux_flow_watch(f);
	if (err)
		return false;
	if (f->kind == UE_FLOW_CONNECT) {
		tmr_cancel(&f->tmr);
		ue_flow_connected(lp->ue, re_time_ms(), f->num);
		linux_port_pump(lp);
	}

	return f->fd >= 0;
}


void linux_stream_secure(struct linux_flow *f)
{
	const int err = linux_tls_begin(f, f->kind == UE_FLOW_ACCEPTED);

	if (err)
		linux_flow_lost(f, err);
	else
		(void)secured(f);
}
#endif


size_t linux_stream_sendv(void *arg, unsigned num, const struct ue_iov *iov,
			  unsigned n)
{
	struct linux_port *lp = arg;
	struct linux_flow *f = &lp->flowv[num];
	struct iovec v[3];
	struct msghdr msg;
	size_t len = 0;
	ssize_t took;
	unsigned i;

	if (f->fd < 0 || f->connecting || n > 3)
		return 0;
#if UE_MSRP_TLS
	if (f->secure)
		return secure_sendv(f, iov, n);
#endif

	for (i = 0; i < n; i++) {
		v[i].iov_base = (void *)(uintptr_t)iov[i].data;
		v[i].iov_len  = iov[i].len;
		len += iov[i].len;
	}
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov    = v;
	msg.msg_iovlen = n;

	/* an error shows at the next read, too, which may have to wait until
	   what is held has been taken */
	took = sendmsg(f->fd, &msg, MSG_NOSIGNAL);
	if (took < 0) {
		f->broken = errno != EAGAIN && errno != EINTR;
		took = 0;
	}
	if ((size_t)took < len && !f->full) {
		f->full = true;
		linux_flow_watch(f);
	}

	return (size_t)took;
}


/** Give octets to the core; what it leaves is held */
static void hand_in(struct linux_flow *f, const uint8_t *p, size_t n)
{
	struct linux_port *lp = f->port;
	const bool held = f->held_len > 0;
	size_t used = 0;

	if (ue_flow_stream(lp->ue, re_time_ms(), f->num, p, n, &used) ==
	    EAGAIN && f->fd >= 0) {
		n -= used;
		memmove(f->held, p + used, n);
		f->held_len = n;
	}
	else {
		f->held_len = 0;
	}

	if (f->fd >= 0 && held != (f->held_len > 0))
		linux_flow_watch(f);
}


/** ue_poll() has run: what is held may find room now.  Nothing waits for it
 *  in between: the core wakes us when it has made room */
void linux_stream_retry(struct linux_port *lp)
{
	for (unsigned i = UE_FLOWS_MAX; i < MESSAGING_LISTENER; i++) {

		struct linux_flow *f = &lp->flowv[i];

		if (f->fd >= 0 && f->held_len)
			hand_in(f, f->held, f->held_len);
	}
}


/** Octets that have come: 0, EAGAIN, or why there will be none any more */
static int receive(struct linux_flow *f, size_t *n)
{
	ssize_t got;

	*n = sizeof(rxbuf);
#if UE_MSRP_TLS
	if (f->secure)
		return linux_tls_read(f, rxbuf, n);
#endif
	got = recv(f->fd, rxbuf, *n, 0);
	if (got < 0)
		return errno == EINTR ? EAGAIN : errno;
	*n = (size_t)got;

	return got ? 0 : ECONNRESET;
}


void linux_stream_event(struct linux_flow *f, bool readable, bool writable)
{
	struct linux_port *lp = f->port;
	size_t n;
	int err;

#if UE_MSRP_TLS
	if (f->secure) {
		err = linux_tls_flush(f);
		if (err && err != EAGAIN) {
			linux_flow_lost(f, err);
			return;
		}
		if (!secured(f))
			return;
		writable = writable && !err;
	}
#endif
	if (writable && f->full) {
		f->full = false;
		ue_flow_writable(lp->ue, re_time_ms(), f->num);
		if (f->fd >= 0 && !f->full)
			linux_flow_watch(f);
		linux_port_pump(lp);
	}
	/* once, then it is the turn of others.  A record fits into rxbuf, so
	   TLS holds nothing that the socket does not show */
	if (f->fd < 0 || f->held_len || !readable)
		return;
	err = receive(f, &n);
	if (err == EAGAIN)
		return;
	if (err) {
		linux_flow_lost(f, err);
		return;
	}
	hand_in(f, rxbuf, n);
	linux_port_pump(lp);
}


#if UE_MSRP_TLS
_Static_assert(LINUX_HELD_MAX >= MBEDTLS_SSL_IN_CONTENT_LEN,
	       "LINUX_HELD_MAX");
#endif
