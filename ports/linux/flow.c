/**
 * @file flow.c  Linux port: UDP ports, TCP listeners and connections
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"


/** A datagram, or what a TCP socket gave at once; one thread, one buffer */
static uint8_t rxbuf[65536];


socklen_t linux_sockaddr_set(struct sockaddr_storage *ss,
			     const struct ue_addr *addr)
{
	memset(ss, 0, sizeof(*ss));

	if (addr->family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port   = htons(addr->port);
		memcpy(&in6->sin6_addr, addr->ip, 16);

		return sizeof(*in6);
	}
	else {
		struct sockaddr_in *in = (struct sockaddr_in *)ss;

		in->sin_family = AF_INET;
		in->sin_port   = htons(addr->port);
		memcpy(&in->sin_addr, addr->ip, 4);

		return sizeof(*in);
	}
}


static void from_sockaddr(struct ue_addr *addr,
			  const struct sockaddr_storage *ss)
{
	memset(addr, 0, sizeof(*addr));

	if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)ss;

		addr->family = 6;
		addr->port   = ntohs(in6->sin6_port);
		memcpy(addr->ip, &in6->sin6_addr, 16);
	}
	else if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)ss;

		addr->family = 4;
		addr->port   = ntohs(in->sin_port);
		memcpy(addr->ip, &in->sin_addr, 4);
	}
}


static void flow_release(struct linux_flow *f)
{
	static const struct linger cut = {1, 0};

	if (f->fd < 0)
		return;

	/* TS 33.203 7.1: the next one has the same four numbers: it cannot
	   wait until this one has left FIN-WAIT or TIME-WAIT */
	if (f->protect && f->kind == UE_FLOW_CONNECT)
		(void)setsockopt(f->fd, SOL_SOCKET, SO_LINGER, &cut,
				 sizeof(cut));

#if UE_MSRP_TLS
	linux_tls_end(f);
#endif
	tmr_cancel(&f->tmr);
	fd_close(f->fd);
	(void)close(f->fd);
	f->fd = -1;
	if (f->protect && f->kind != UE_FLOW_ACCEPTED)
		linux_esp_release(&f->port->esp, &f->local, f->kind);
	f->connecting = false;
	f->out_len = 0;
	f->full = false;
	f->broken = false;
	f->held_len = 0;
}


/** The flow is gone by itself: tell the core */
void linux_flow_lost(struct linux_flow *f, int err)
{
	struct linux_port *lp = f->port;

	flow_release(f);
	ue_flow_closed(lp->ue, re_time_ms(), f->num, err);
	linux_port_pump(lp);
}


static void flow_event(int flags, void *arg);


void linux_flow_watch(struct linux_flow *f)
{
	int flags = f->held_len ? 0 : FD_READ;

	if (f->connecting || f->out_len || (f->full && !f->broken))
		flags |= FD_WRITE;

	if (fd_listen(f->fd, flags, flow_event, f))
		linux_flow_lost(f, ENOMEM);
}


static void tcp_accept_one(struct linux_flow *listener)
{
	struct linux_port *lp = listener->port;
	struct sockaddr_storage ss;
	socklen_t sslen = sizeof(ss);
	struct ue_addr remote;
	struct linux_flow *f;
	unsigned num;
	int fd;

	fd = accept4(listener->fd, (struct sockaddr *)&ss, &sslen,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;

	from_sockaddr(&remote, &ss);
	if (ue_flow_accepted(lp->ue, re_time_ms(), listener->num, &remote,
			     &num)) {
		(void)close(fd);
		return;
	}

	f = &lp->flowv[num];
	f->fd         = fd;
	f->kind       = UE_FLOW_ACCEPTED;
	f->connecting = false;
	f->protect    = listener->protect;
	f->remote     = remote;
	f->local      = listener->local;
	f->secure     = listener->secure;
	f->out_len    = 0;
	linux_flow_watch(f);
#if UE_MSRP_TLS
	if (f->secure)
		linux_stream_secure(f);
#endif
}


static void tcp_flush(struct linux_flow *f)
{
	ssize_t n;

	n = send(f->fd, f->out, f->out_len, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			linux_flow_lost(f, errno);
		return;
	}

	f->out_len -= (size_t)n;
	memmove(f->out, f->out + n, f->out_len);

	if (!f->out_len)
		linux_flow_watch(f);
}


static void tcp_connected(struct linux_flow *f)
{
	struct linux_port *lp = f->port;
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;

	if (err) {
		linux_flow_lost(f, err);
		return;
	}

	f->connecting = false;
	linux_flow_watch(f);
#if UE_MSRP_TLS
	if (f->secure) {
		linux_stream_secure(f);
		return;
	}
#endif
	tmr_cancel(&f->tmr);
	ue_flow_connected(lp->ue, re_time_ms(), f->num);
	linux_port_pump(lp);
}


static void receive(struct linux_flow *f)
{
	struct linux_port *lp = f->port;
	struct sockaddr_storage ss;
	socklen_t sslen = sizeof(ss);
	struct ue_addr src;
	ssize_t n;

	memset(&ss, 0, sizeof(ss));
	n = recvfrom(f->fd, rxbuf, sizeof(rxbuf), 0, (struct sockaddr *)&ss,
		     &sslen);

	if (f->kind == UE_FLOW_DATAGRAM) {
		if (n <= 0)
			return;
		from_sockaddr(&src, &ss);
	}
	else {
		if (n == 0) {
			linux_flow_lost(f, 0);
			return;
		}
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				linux_flow_lost(f, errno);
			return;
		}
		src = f->remote;
	}

	/* a full event ring is emptied by ue_poll(): one second try */
	if (ue_flow_recv(lp->ue, re_time_ms(), f->num, &src, rxbuf,
			 (size_t)n) == EAGAIN) {
		linux_port_pump(lp);
		(void)ue_flow_recv(lp->ue, re_time_ms(), f->num, &src,
				   rxbuf, (size_t)n);
	}
	linux_port_pump(lp);
}


static void flow_event(int flags, void *arg)
{
	struct linux_flow *f = arg;

	if (f->fd < 0)
		return;

	if (f->kind == UE_FLOW_LISTEN) {
		tcp_accept_one(f);
		return;
	}

	if (f->connecting) {
		if (flags & (FD_WRITE | FD_EXCEPT))
			tcp_connected(f);
		return;
	}

	if (f->num >= UE_FLOWS_MAX) {
		linux_stream_event(f, flags & (FD_READ | FD_EXCEPT),
				   flags & FD_WRITE);
		return;
	}

	if ((flags & FD_WRITE) && f->out_len)
		tcp_flush(f);

	if (f->fd >= 0 && (flags & (FD_READ | FD_EXCEPT)))
		receive(f);
}


/** The local address from which the kernel reaches a peer */
static int source_address(struct ue_addr *local, const struct ue_addr *remote)
{
	struct sockaddr_storage ss;
	socklen_t len = linux_sockaddr_set(&ss, remote);
	uint16_t port = local->port;
	int fd, err = 0;

	if (!remote->family)
		return EADDRNOTAVAIL;

	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	if (connect(fd, (struct sockaddr *)&ss, len)) {
		err = errno;
	}
	else {
		len = sizeof(ss);
		if (getsockname(fd, (struct sockaddr *)&ss, &len))
			err = errno;
	}
	(void)close(fd);

	if (!err) {
		from_sockaddr(local, &ss);
		local->port = port;
	}

	return err;
}


static int open_socket(int *fdp, struct linux_port *lp,
		       const struct ue_flow_params *prm,
		       const struct ue_addr *local)
{
	const bool tcp = prm->kind != UE_FLOW_DATAGRAM;
	struct sockaddr_storage ss;
	socklen_t len = linux_sockaddr_set(&ss, local);
	int on = 1, err = 0;
	int fd;

	fd = socket(ss.ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM)
		    | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	if (local->family == 6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				 sizeof(on));
	if (tcp) {
		/* a port of an earlier connection may be in TIME-WAIT */
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
				 sizeof(on));
	}

	if (prm->protect)
		err = linux_esp_protect(&lp->esp, fd, local, &prm->remote,
					prm->kind);
	if (err) {
		(void)close(fd);
		return err;
	}

	if (bind(fd, (struct sockaddr *)&ss, len) ||
	    (prm->kind == UE_FLOW_LISTEN && listen(fd, 4))) {
		err = errno;
		(void)close(fd);
		if (prm->protect)
			linux_esp_release(&lp->esp, local, prm->kind);
		return err;
	}

	*fdp = fd;

	return 0;
}


static int connect_socket(struct linux_flow *f, const struct ue_addr *remote)
{
	struct sockaddr_storage ss;
	socklen_t len = linux_sockaddr_set(&ss, remote);

	f->connecting = true;

	if (connect(f->fd, (struct sockaddr *)&ss, len) &&
	    errno != EINPROGRESS)
		return errno;

	return 0;
}


/** As long as MSRP waits for anything: a peer may accept and then say nothing
 *  of TLS */
static void not_connected_h(void *arg)
{
	linux_flow_lost(arg, ETIMEDOUT);
}


static int flow_open(void *arg, unsigned num,
		     const struct ue_flow_params *prm, struct ue_addr *local)
{
	struct linux_port *lp = arg;
	struct linux_flow *f = &lp->flowv[num];
	struct ue_addr own = prm->local;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int err;

	if (!own.family) {
		err = source_address(&own, &prm->remote);
		if (err)
			return err;
	}

	err = open_socket(&f->fd, lp, prm, &own);
	if (err)
		return err;

	f->kind       = prm->kind;
	f->protect    = prm->protect;
	f->secure     = prm->tls;
	f->local      = own;
	f->remote     = prm->remote;
	f->connecting = false;
	f->out_len    = 0;

	if (prm->kind == UE_FLOW_CONNECT) {
		err = connect_socket(f, &prm->remote);
		if (err)
			goto out;
		if (num >= UE_FLOWS_MAX)
			tmr_start(&f->tmr, MSRP_T_MS, not_connected_h, f);
	}

	if (getsockname(f->fd, (struct sockaddr *)&ss, &len)) {
		err = errno;
		goto out;
	}
	from_sockaddr(&f->local, &ss);

	err = fd_listen(f->fd, f->connecting ? FD_READ | FD_WRITE : FD_READ,
			flow_event, f);
	if (err)
		goto out;

	*local = f->local;

 out:
	if (err)
		flow_release(f);

	return err;
}


static int stream_send(struct linux_flow *f, const void *data, size_t len)
{
	ssize_t n = 0;

	if (f->connecting)
		return ENOTCONN;
	if (sizeof(f->out) - f->out_len < len)
		return EAGAIN;

	if (!f->out_len) {
		n = send(f->fd, data, len, MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				return errno;
			n = 0;
		}
		if ((size_t)n == len)
			return 0;
	}

	memcpy(f->out + f->out_len, (const uint8_t *)data + n,
	       len - (size_t)n);
	f->out_len += len - (size_t)n;

	return fd_listen(f->fd, FD_READ | FD_WRITE, flow_event, f);
}


static int flow_send(void *arg, unsigned num, const struct ue_addr *dst,
		     const void *data, size_t len)
{
	struct linux_port *lp = arg;
	struct linux_flow *f = &lp->flowv[num];
	struct sockaddr_storage ss;
	socklen_t sslen;

	if (f->fd < 0)
		return ENOTCONN;

	if (f->kind != UE_FLOW_DATAGRAM)
		return stream_send(f, data, len);

	sslen = linux_sockaddr_set(&ss, dst);
	if (sendto(f->fd, data, len, 0, (struct sockaddr *)&ss, sslen) < 0)
		return errno;

	return 0;
}


static void flow_close(void *arg, unsigned num)
{
	struct linux_port *lp = arg;
	struct linux_flow *f = &lp->flowv[num];

	/* what flow_send() has taken, if the kernel takes it now */
	if (f->fd >= 0 && f->out_len)
		(void)send(f->fd, f->out, f->out_len, MSG_NOSIGNAL);

	flow_release(f);
}


void linux_flow_init(struct linux_port *lp)
{
	for (unsigned i = 0; i < UE_FLOWS_ALL; i++) {
		lp->flowv[i].port = lp;
		lp->flowv[i].num  = i;
		lp->flowv[i].fd   = -1;
		if (i >= UE_FLOWS_MAX && i < MESSAGING_LISTENER)
			lp->flowv[i].held = lp->heldv[i - UE_FLOWS_MAX];
#if UE_MSRP_TLS
		if (i >= UE_FLOWS_MAX && i < MESSAGING_LISTENER)
			lp->flowv[i].tls = &lp->tlsv[i - UE_FLOWS_MAX];
#endif
	}

	lp->port.flow_open  = flow_open;
	lp->port.flow_send  = flow_send;
	lp->port.flow_close = flow_close;
	lp->port.flow_sendv = linux_stream_sendv;
#if UE_MSRP_TLS
	lp->port.tls_fingerprint = linux_tls_fingerprint;
#endif
}


/** Before the UE is closed: nothing of a protected connection may be left to
 *  the kernel, which has no keys then */
void linux_flow_cut(struct linux_port *lp)
{
	static const struct linger cut = {1, 0};

	for (unsigned i = 0; i < UE_FLOWS_ALL; i++) {

		const struct linux_flow *f = &lp->flowv[i];

		if (f->fd >= 0 && f->protect)
			(void)setsockopt(f->fd, SOL_SOCKET, SO_LINGER, &cut,
					 sizeof(cut));
	}
}


void linux_flow_close_all(struct linux_port *lp)
{
	for (unsigned i = 0; i < UE_FLOWS_MAX; i++)
		flow_release(&lp->flowv[i]);
}
