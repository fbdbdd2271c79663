/**
 * @file esp_tun.c  User-space ESP: a TUN device, raw sockets, and the engine
 *
 *   protected socket <-> kernel's UDP, TCP, IP <-> TUN <-> ipsec_output(),
 *   ipsec_input() <-> raw ESP socket <-> kernel's IP <-> network
 *
 * A protected socket is bound to the device (SO_BINDTODEVICE): what leaves
 * it comes to this process and nowhere else, and only what this process has
 * unwrapped reaches it.  No policy rule and no change outside the device is
 * needed, so that all of it ends with the descriptor of the device, however
 * the program ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include "ports/common/log.h"
#include "ports/common/re_time.h"
#include "ports/linux/linux_port.h"
#include "ue/ue_addr.h"


/* Datagrams are fragmented after ESP, not before (RFC 4303 s3.3.4): the
 * device takes the longest, the raw socket cuts what the link cannot */
#define TUN_MTU 65535

/** Packets handled before others have their turn */
#define BURST 32

/* RFC 7600 s4.8: the dummy IPv4 address.  The device needs one for the loose
 * check of sources (RFC 3704) to be asked at all */
static const uint8_t dummy4[4] = {192, 0, 0, 8};

static uint8_t buf[IPSEC_HEADROOM + TUN_MTU + IPSEC_TAILROOM];


/** IPv6: the raw socket neither takes nor gives a header */
#define IP6_HDR 40


static void esp_send(const struct esp_tun *tun, const uint8_t *p, size_t len)
{
	struct sockaddr_storage ss;
	struct ue_addr dst;
	socklen_t sslen;
	size_t hdr;

	memset(&dst, 0, sizeof(dst));
	if (p[0] >> 4 == 4) {
		dst.family = 4;
		memcpy(dst.ip, p + 16, 4);
		hdr = (p[0] & 15u) * 4;
	}
	else {
		dst.family = 6;
		memcpy(dst.ip, p + 24, 16);
		hdr = IP6_HDR;
	}

	/* what cannot be sent is lost as on any link */
	sslen = linux_sockaddr_set(&ss, &dst);
	(void)sendto(dst.family == 4 ? tun->raw4 : tun->raw6, p + hdr,
		     len - hdr, 0, (struct sockaddr *)&ss, sslen);
}


static void fd_end(int *fd)
{
	if (*fd < 0)
		return;

	fd_close(*fd);
	(void)close(*fd);
	*fd = -1;
}


static void on_tun(int flags, void *arg)
{
	struct esp_tun *tun = arg;

	(void)flags;

	for (unsigned i = 0; i < BURST; i++) {

		struct ipsec_packet pkt = {buf, sizeof(buf), IPSEC_HEADROOM,
					   0, IPSEC_DROP_NONE};
		const ssize_t n = read(tun->fd, buf + IPSEC_HEADROOM,
				       TUN_MTU);
		/* somebody has deleted it: there would be no end of that */
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			log_error("%s: %s", tun->name, strerror(errno));
			fd_end(&tun->fd);
		}
		if (n <= 0)
			return;

		pkt.len = (size_t)n;
		if (ipsec_output(tun->db, &pkt, re_time_ms()) !=
		    IPSEC_PROTECT)
			continue;

		if (tun->packeth)
			tun->packeth(buf + pkt.pos, pkt.len, tun->arg);
		esp_send(tun, buf + pkt.pos, pkt.len);
	}
}


static struct esp_guard *udp_find(struct esp_tun *tun, uint8_t family,
				  uint16_t port)
{
	for (unsigned i = 0; i < ESP_GUARDS; i++) {
		if (tun->udpv[i].users && tun->udpv[i].local.port == port &&
		    tun->udpv[i].local.family == family)
			return &tun->udpv[i];
	}

	return NULL;
}


/** For what has no socket the kernel sends an ICMP error that repeats it,
 *  outside of ESP. Of TCP it is RST, see stray_begin() */
static bool is_wanted(struct esp_tun *tun, const uint8_t *p)
{
	const bool ip6 = p[0] >> 4 == 6;
	const uint8_t *udp = p + (ip6 ? IP6_HDR : (p[0] & 15u) * 4);

	switch (p[ip6 ? 6 : 9]) {

	case IPPROTO_TCP: return true;
	case IPPROTO_UDP: return udp_find(tun, ip6 ? 6 : 4, (uint16_t)(
					  udp[2] << 8 | udp[3]));
	default:          return false;
	}
}


static void esp_recv(struct esp_tun *tun, size_t len)
{
	struct ipsec_packet pkt = {buf, sizeof(buf), 0, len, IPSEC_DROP_NONE};

	if (tun->packeth)
		tun->packeth(buf, len, tun->arg);

	if (ipsec_input(tun->db, &pkt, re_time_ms()) == IPSEC_PROTECT &&
	    is_wanted(tun, buf + pkt.pos))
		(void)!write(tun->fd, buf + pkt.pos, pkt.len);
}


static void on_raw4(int flags, void *arg)
{
	struct esp_tun *tun = arg;

	(void)flags;

	for (unsigned i = 0; i < BURST; i++) {

		const ssize_t n = recv(tun->raw4, buf, sizeof(buf), 0);

		if (n <= 0)
			return;
		esp_recv(tun, (size_t)n);
	}
}


static void on_raw6(int flags, void *arg)
{
	struct esp_tun *tun = arg;

	(void)flags;

	for (unsigned i = 0; i < BURST; i++) {

		struct sockaddr_in6 src;
		socklen_t srclen = sizeof(src);
		const ssize_t n = recvfrom(tun->raw6, buf + IP6_HDR, TUN_MTU,
					   0, (struct sockaddr *)&src,
					   &srclen);
		if (n <= 0)
			return;

		memset(buf, 0, 8);
		buf[0] = 6 << 4;
		buf[4] = (uint8_t)(n >> 8);
		buf[5] = (uint8_t)n;
		buf[6] = IPPROTO_ESP;
		buf[7] = 64;
		memcpy(buf + 8, &src.sin6_addr, 16);
		memcpy(buf + 24, tun->local6, 16);
		esp_recv(tun, IP6_HDR + (size_t)n);
	}
}


/** A raw ESP socket; while it is open the kernel does not answer ESP with
 *  "protocol unreachable" */
static int open_raw(int *fdp, int family)
{
	const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	const int name = family == AF_INET ? IP_MTU_DISCOVER
		: IPV6_MTU_DISCOVER;
	const int dont = IP_PMTUDISC_DONT;
	const int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			      IPPROTO_ESP);
	if (fd < 0)
		return errno;

	(void)setsockopt(fd, level, name, &dont, sizeof(dont));
	*fdp = fd;

	return 0;
}


static int open_device(struct esp_tun *tun)
{
	struct ifreq ifr;

	tun->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tun->fd < 0)
		return errno;

	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	(void)strcpy(ifr.ifr_name, "uims%d");
	if (ioctl(tun->fd, TUNSETIFF, &ifr))
		return errno;
	memcpy(tun->name, ifr.ifr_name, sizeof(tun->name));

	tun->ifindex = if_nametoindex(tun->name);

	return tun->ifindex ? 0 : errno;
}


static void begin_link(struct esp_tun *tun, bool up)
{
	struct ifinfomsg ifi;

	memset(&ifi, 0, sizeof(ifi));
	ifi.ifi_index  = (int)tun->ifindex;
	ifi.ifi_flags  = up ? IFF_UP : 0;
	ifi.ifi_change = up ? IFF_UP : 0;
	netlink_begin(&tun->route, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
}


/** Packets of a peer that is reached through another device are welcome, also
 *  of one on this host */
static int set_inet(struct esp_tun *tun)
{
	static const uint32_t loose = 2, on = 1, mtu = TUN_MTU;
	struct netlink *nl = &tun->route;
	size_t spec, inet, conf;

	begin_link(tun, false);
	netlink_attr(nl, IFLA_MTU, &mtu, sizeof(mtu));
	spec = netlink_nest(nl, IFLA_AF_SPEC);
	inet = netlink_nest(nl, AF_INET);
	conf = netlink_nest(nl, IFLA_INET_CONF);
	netlink_attr(nl, IPV4_DEVCONF_RP_FILTER, &loose, sizeof(loose));
	netlink_attr(nl, IPV4_DEVCONF_ACCEPT_LOCAL, &on, sizeof(on));
	netlink_attr(nl, IPV4_DEVCONF_ROUTE_LOCALNET, &on, sizeof(on));
	netlink_nest_end(nl, conf);
	netlink_nest_end(nl, inet);
	netlink_nest_end(nl, spec);

	return netlink_talk(nl, NULL, NULL);
}


/** No link-local address, so that the kernel asks for no router there */
static int set_inet6(struct esp_tun *tun)
{
	static const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
	struct netlink *nl = &tun->route;
	size_t spec, inet6;

	begin_link(tun, false);
	spec  = netlink_nest(nl, IFLA_AF_SPEC);
	inet6 = netlink_nest(nl, AF_INET6);
	netlink_attr(nl, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
	netlink_nest_end(nl, inet6);
	netlink_nest_end(nl, spec);

	return netlink_talk(nl, NULL, NULL);
}


static int set_up(struct esp_tun *tun)
{
	struct ifaddrmsg ifa;
	int err;

	begin_link(tun, true);
	err = netlink_talk(&tun->route, NULL, NULL);
	if (err)
		return err;

	memset(&ifa, 0, sizeof(ifa));
	ifa.ifa_family    = AF_INET;
	ifa.ifa_prefixlen = 32;
	ifa.ifa_scope     = RT_SCOPE_HOST;
	ifa.ifa_index     = tun->ifindex;
	netlink_begin(&tun->route, RTM_NEWADDR, NLM_F_CREATE, &ifa,
		      sizeof(ifa));
	netlink_attr(&tun->route, IFA_LOCAL, dummy4, sizeof(dummy4));

	return netlink_talk(&tun->route, NULL, NULL);
}


/** IPv4 takes a destination without a route as on the link when the socket is
 *  bound to the device; IPv6 needs a route.  It is worse than any other, so
 *  that only sockets bound to the device follow it */
static int route_inet6(struct esp_tun *tun)
{
	static const uint32_t worst = 0x7fffffff;
	struct rtmsg rt;
	int err;

	if (tun->route6)
		return 0;

	memset(&rt, 0, sizeof(rt));
	rt.rtm_family   = AF_INET6;
	rt.rtm_table    = RT_TABLE_MAIN;
	rt.rtm_protocol = RTPROT_STATIC;
	rt.rtm_scope    = RT_SCOPE_UNIVERSE;
	rt.rtm_type     = RTN_UNICAST;
	netlink_begin(&tun->route, RTM_NEWROUTE, NLM_F_CREATE, &rt,
		      sizeof(rt));
	netlink_attr(&tun->route, RTA_OIF, &tun->ifindex,
		     sizeof(tun->ifindex));
	netlink_attr(&tun->route, RTA_PRIORITY, &worst, sizeof(worst));
	err = netlink_talk(&tun->route, NULL, NULL);
	tun->route6 = !err;

	return err;
}


/**
 * Make the device and the sockets
 *
 * @return 0; EPERM, ENOENT no /dev/net/tun, or another errno; then *what says
 *         which step it was
 */
int esp_tun_open(struct esp_tun *tun, struct ipsec *db, const char **what)
{
	int err;

	memset(tun, 0, sizeof(*tun));
	tun->fd = tun->raw4 = tun->raw6 = tun->route.fd = -1;
	tun->db = db;

	*what = "/dev/net/tun";
	err = open_device(tun);
	if (err)
		goto out;

	*what = "TUN device";
	err = netlink_open(&tun->route, NETLINK_ROUTE);
	if (!err)
		err = set_inet(tun);
	if (err)
		goto out;
	/* a kernel may be without IPv6 */
	(void)set_inet6(tun);
	err = set_up(tun);
	if (err)
		goto out;

	*what = "raw ESP socket";
	err = open_raw(&tun->raw4, AF_INET);
	if (err)
		goto out;
	(void)open_raw(&tun->raw6, AF_INET6);

	*what = "event loop";
	err = fd_listen(tun->fd, FD_READ, on_tun, tun);
	if (!err)
		err = fd_listen(tun->raw4, FD_READ, on_raw4, tun);
	if (!err && tun->raw6 >= 0)
		err = fd_listen(tun->raw6, FD_READ, on_raw6, tun);

 out:
	if (err)
		esp_tun_close(tun);

	return err;
}


static void stray_end(struct esp_stray *stray)
{
	if (!stray->local.family)
		return;

	(void)close(stray->fd);
	memset(stray, 0, sizeof(*stray));
}


/** A listener of the device that hears nothing but what is for no connection:
 *  SYN is dropped at offset 13 of the segment */
static int stray_listen(const struct esp_tun *tun, int fd,
			const struct ue_addr *local)
{
	struct sock_filter codev[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog prog = {ARRAY_SIZE(codev), codev};
	static const int on = 1;
	struct sockaddr_storage ss;
	const socklen_t len = linux_sockaddr_set(&ss, local);

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			   sizeof(prog)) ||
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, tun->name,
			   (socklen_t)strlen(tun->name)) ||
		bind(fd, (struct sockaddr *)&ss, len) || listen(fd, 0)
		? errno : 0;
}


/** The kernel answers segments that have no socket with RST by the usual way,
 *  outside of ESP. So that there is one, connections share their port with a
 *  listener, whose RST goes by the device */
static int stray_begin(struct esp_tun *tun, const struct ue_addr *local)
{
	struct esp_stray *stray = &tun->strayv[tun->stray_pos % ESP_STRAYS];
	int fd, err;

	for (unsigned i = 0; i < ESP_STRAYS; i++) {
		if (ue_addr_equal(&tun->strayv[i].local, local))
			return 0;
	}

	fd = socket(local->family == 6 ? AF_INET6 : AF_INET,
		    SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	err = stray_listen(tun, fd, local);
	if (err) {
		(void)close(fd);
		return err;
	}

	stray_end(stray);
	stray->local = *local;
	stray->fd    = fd;
	++tun->stray_pos;

	return 0;
}


/** The device goes, and with it its addresses and routes */
void esp_tun_close(struct esp_tun *tun)
{
	for (unsigned i = 0; i < ESP_STRAYS; i++)
		stray_end(&tun->strayv[i]);
	fd_end(&tun->raw4);
	fd_end(&tun->raw6);
	netlink_close(&tun->route);
	fd_end(&tun->fd);
}


/** Largest TCP segment whose ESP packet fits the way to a peer */
static int segment_max(const struct ue_addr *remote)
{
	const bool ip6 = remote->family == 6;
	struct sockaddr_storage ss;
	const socklen_t sslen = linux_sockaddr_set(&ss, remote);
	int mtu = 1500, path = 0;
	socklen_t len = sizeof(path);
	const int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		if (!connect(fd, (struct sockaddr *)&ss, sslen) &&
		    !getsockopt(fd, ip6 ? IPPROTO_IPV6 : IPPROTO_IP,
				ip6 ? IPV6_MTU : IP_MTU, &path, &len) &&
		    path >= 576 && path < mtu)
			mtu = path;
		(void)close(fd);
	}

	return mtu - (ip6 ? IP6_HDR : 20) - 20 -
		IPSEC_HEADROOM - IPSEC_TAILROOM;
}


static int udp_begin(struct esp_tun *tun, const struct ue_addr *local)
{
	struct esp_guard *udp = udp_find(tun, local->family, local->port);

	for (unsigned i = 0; !udp && i < ESP_GUARDS; i++) {
		if (!tun->udpv[i].users)
			udp = &tun->udpv[i];
	}
	if (!udp)
		return ENOMEM;

	udp->local = *local;
	++udp->users;

	return 0;
}


/** Have a socket speak through the device */
int esp_tun_protect(struct esp_tun *tun, int fd, const struct ue_addr *local,
		    const struct ue_addr *remote, enum ue_flow_kind kind)
{
	const bool ip6 = local->family == 6;
	const int raw = ip6 ? tun->raw6 : tun->raw4;
	struct ue_addr own = *local;
	static const int on = 1;
	struct sockaddr_storage ss;
	socklen_t len;
	int mss, err;

	/* ESP leaves from the UE's own address, and is read for it only */
	own.port = 0;
	len = linux_sockaddr_set(&ss, &own);
	if (bind(raw, (struct sockaddr *)&ss, len))
		return errno;

	if (ip6) {
		memcpy(tun->local6, own.ip, 16);
		err = route_inet6(tun);
		if (err)
			return err;
	}

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, tun->name,
		       (socklen_t)strlen(tun->name)))
		return errno;

	if (kind == UE_FLOW_DATAGRAM)
		return udp_begin(tun, local);

	mss = segment_max(remote->family ? remote : local);
	if (setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)))
		return errno;

	/* port_us has the UE's own listener */
	if (kind != UE_FLOW_CONNECT)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		return errno;

	return stray_begin(tun, local);
}


void esp_tun_release(struct esp_tun *tun, const struct ue_addr *local,
		     enum ue_flow_kind kind)
{
	struct esp_guard *udp = kind == UE_FLOW_DATAGRAM
		? udp_find(tun, local->family, local->port) : NULL;

	if (udp)
		--udp->users;
}


/** Nothing comes to these ports any more */
void esp_tun_remove(struct esp_tun *tun, const struct ipsec_offer *ue)
{
	for (unsigned i = 0; i < ESP_STRAYS; i++) {
		if (tun->strayv[i].local.port == ue->port_uc)
			stray_end(&tun->strayv[i]);
	}
}
