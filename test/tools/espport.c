/**
 * @file espport.c  ESP of the Linux port for tests in Python
 *
 *     espport auto|tun|xfrm ALG EALG CK IK LOCAL REMOTE SPIS PORTS
 *
 * One set of associations, as in esptool.  Standard input is a connected
 * UNIX socket.  What was opened goes there with four protected sockets: UDP on
 * port_uc, UDP on port_us, TCP bound to port_uc, TCP listening on port_us.
 * After that each octet is answered by the counters; `r` removes the set, `u`
 * says that the sockets of UDP are closed; the end of the input ends the
 * program.  Exit status: 0; 1 an error that is printed; 2 usage.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <mbedtls/platform_util.h>
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"
#include "test/tools/esp_args.h"

#define SOCKETS 4

static struct ipsec db;
static struct linux_esp esp;
static struct ipsec_params prm;


static int open_socket(int *fdp, enum ue_flow_kind kind, uint16_t port)
{
	struct ue_addr local = {.family = prm.local.family, .port = port};
	struct ue_addr remote = {.family = prm.remote.family};
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, err;

	memcpy(local.ip, prm.local.ip, sizeof(local.ip));
	memcpy(remote.ip, prm.remote.ip, sizeof(remote.ip));
	len = linux_sockaddr_set(&ss, &local);

	fd = socket(ss.ss_family, kind == UE_FLOW_DATAGRAM ? SOCK_DGRAM
		    : SOCK_STREAM, 0);
	if (fd < 0)
		return errno;

	err = linux_esp_protect(&esp, fd, &local, &remote, kind);
	if (!err && bind(fd, (struct sockaddr *)&ss, len))
		err = errno;
	if (err) {
		(void)close(fd);
		return err;
	}
	*fdp = fd;

	return 0;
}


/** Text with the sockets.  The reader has copies then */
static int hand_over(const char *text, int fdv[SOCKETS])
{
	union {
		struct cmsghdr hdr;
		uint8_t buf[CMSG_SPACE(SOCKETS * sizeof(int))];
	} u;
	struct iovec iov = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = &u,
			     .msg_controllen = sizeof(u)};

	memset(&u, 0, sizeof(u));
	u.hdr.cmsg_level = SOL_SOCKET;
	u.hdr.cmsg_type  = SCM_RIGHTS;
	u.hdr.cmsg_len   = CMSG_LEN(SOCKETS * sizeof(int));
	memcpy(CMSG_DATA(&u.hdr), fdv, SOCKETS * sizeof(int));

	return sendmsg(STDIN_FILENO, &msg, 0) < 0 ? errno : 0;
}


static int open_sockets(int fdv[SOCKETS])
{
	int err;

	err = open_socket(&fdv[0], UE_FLOW_DATAGRAM, prm.ue.port_uc);
	if (!err)
		err = open_socket(&fdv[1], UE_FLOW_DATAGRAM, prm.ue.port_us);
	if (!err)
		err = open_socket(&fdv[2], UE_FLOW_CONNECT, prm.ue.port_uc);
	if (!err)
		err = open_socket(&fdv[3], UE_FLOW_LISTEN, prm.ue.port_us);
	if (!err && listen(fdv[3], 4))
		err = errno;

	return err;
}


static void release(uint16_t port)
{
	struct ue_addr local = {.family = prm.local.family, .port = port};

	memcpy(local.ip, prm.local.ip, sizeof(local.ip));
	linux_esp_release(&esp, &local, UE_FLOW_DATAGRAM);
}


static void on_command(int flags, void *arg)
{
	struct ipsec_stats stats;
	char text[ESP_COUNTERS], c;

	(void)flags;
	(void)arg;

	if (read(STDIN_FILENO, &c, 1) != 1) {
		re_cancel();
		return;
	}

	if (c == 'r') {
		linux_esp_remove(&esp, &prm.ue);
		ipsec_flush(&db);
	}
	else if (c == 'u') {
		release(prm.ue.port_uc);
		release(prm.ue.port_us);
	}
	linux_esp_stats(&esp, &stats);
	(void)!write(STDIN_FILENO, text, esp_counters(text, &stats));
}


static void on_signal(int sig)
{
	(void)sig;
	re_cancel();
}


static int run(enum linux_esp_mode mode, const char **what)
{
	int fdv[SOCKETS] = {-1, -1, -1, -1};
	struct ipsec_keys keys;
	char text[64];
	int err;

	*what = "database";
	err = ipsec_init(&db, 0, 0, esp_random, NULL);
	if (!err)
		err = ipsec_add(NULL, &db, &prm, re_time_ms());
	if (!err)
		err = ipsec_establish(&db, re_time_ms(), 3600);
	if (err)
		return err;

	err = linux_esp_open(&esp, mode, &db, what);
	if (err)
		return err;

	*what = "sockets";
	err = open_sockets(fdv);
	if (err)
		goto out;

	*what = "associations";
	err = linux_esp_pair(&esp, prm.alg, prm.ealg) ? 0 : ENOTSUP;
	if (!err)
		err = ipsec_keys_expand(&keys, prm.alg, prm.ealg, prm.ck,
					prm.ik);
	if (!err)
		err = linux_esp_install(&esp, &prm, &keys);
	mbedtls_platform_zeroize(&keys, sizeof(keys));
	if (err)
		goto out;

	*what = "hand over";
	(void)snprintf(text, sizeof(text), "%s %s", linux_esp_name(esp.mode),
		       esp.tun.name);
	err = hand_over(text, fdv);
	if (err)
		goto out;
	for (unsigned i = 0; i < SOCKETS; i++)
		(void)close(fdv[i]);

	*what = "loop";
	err = fd_listen(STDIN_FILENO, FD_READ, on_command, NULL);
	if (!err)
		err = re_main(on_signal);
	fd_close(STDIN_FILENO);
	if (err == EINTR)
		err = 0;

 out:
	linux_esp_close(&esp);

	return err;
}


int main(int argc, char *argv[])
{
	enum linux_esp_mode mode = LINUX_ESP_AUTO;
	const char *what = "loop";
	int err;

	while (argc == 10 && mode <= LINUX_ESP_XFRM &&
	       strcmp(argv[1], linux_esp_name(mode)))
		++mode;
	if (argc != 10 || mode > LINUX_ESP_XFRM ||
	    esp_args(&prm, argv + 2)) {
		(void)fprintf(stderr, "usage: espport auto|tun|xfrm ALG EALG "
			      "CK IK LOCAL REMOTE SPIS PORTS\n");
		return 2;
	}

	err = linux_platform_init();
	if (!err)
		err = run(mode, &what);
	if (err)
		(void)fprintf(stderr, "espport: %s: %s\n", what,
			      strerror(err));
	ipsec_close(&db);
	linux_platform_close();

	return err ? 1 : 0;
}
