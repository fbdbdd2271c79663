"""Network namespaces of a test's own: the network's, in which this process
runs, and the UE's, joined by a pair of virtual Ethernet devices.  All of it
is gone when the process ends.

    netns.enter()               # once, before anything else
    with netns.Wire() as wire: ... Box(hosts=[wire.host], wire=wire)
"""
import contextlib
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
LIBC = ctypes.CDLL(None, use_errno=True)
HOSTS = {4: ('10.9.8.1', '10.9.8.101', 24), 6: ('fd09::1', 'fd09::101', 64)}


class Refused(Exception):
    """What is missing for namespaces, in words for the user."""


def _call(name, *args):
    if getattr(LIBC, name)(*args):
        err = ctypes.get_errno()
        raise OSError(err, os.strerror(err))


def _own():
    return os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)


def up_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sH14x', b'lo', IFF_UP))


def enter():
    """Put this process into a network namespace of its own, as root or as
    the root of a user namespace; raises Refused."""
    if not ip_tool():
        raise Refused('the program ip is missing (package iproute2)')
    uid, gid = os.geteuid(), os.getegid()
    try:
        if uid == 0:
            _call('unshare', CLONE_NEWNET)
        else:
            _call('unshare', CLONE_NEWUSER | CLONE_NEWNET)
            for name, text in (('setgroups', 'deny'),
                               ('uid_map', '0 %d 1' % uid),
                               ('gid_map', '0 %d 1' % gid)):
                with open('/proc/self/' + name, 'w') as file:
                    file.write(text)
        up_loopback()
        os.close(open_tun('probe'))
    except OSError as err:
        raise Refused('no permission for network namespaces and TUN '
                      'devices (%s)' % err.strerror) from None


def ip_tool():
    return shutil.which('ip', path='/usr/sbin:/sbin:/usr/bin:/bin')


def ip(*words, fds=()):
    """Run the ip program; raises OSError with its words."""
    done = subprocess.run([ip_tool()] + [str(w) for w in words],
                          pass_fds=fds, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        raise OSError('ip %s: %s' % (' '.join(map(str, words)),
                                     done.stderr.decode().strip()))


def open_tun(name):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(fd, TUNSETIFF, struct.pack(
            '16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError:
        os.close(fd)
        raise
    return fd


class Namespace:
    """Another network namespace, held by a descriptor."""

    def __init__(self):
        home = _own()
        try:
            _call('unshare', CLONE_NEWNET)
            self.fd = _own()
            up_loopback()
        finally:
            _call('setns', home, CLONE_NEWNET)
            os.close(home)

    @contextlib.contextmanager
    def inside(self):
        """Sockets and programs of this block belong to the namespace."""
        home = _own()
        self.join()
        try:
            yield
        finally:
            _call('setns', home, CLONE_NEWNET)
            os.close(home)

    def join(self):
        """Also what a child does before it becomes another program."""
        _call('setns', self.fd, CLONE_NEWNET)

    def close(self):
        os.close(self.fd)


def no_filter():
    """Packets of a TUN device come from where the route does not point."""
    for name in ('all', 'default'):
        with contextlib.suppress(OSError):
            with open('/proc/sys/net/ipv4/conf/%s/rp_filter' % name,
                      'w') as file:
                file.write('0')


class Wire:
    """host: the network's address, ue: the UE's; device: our end."""

    device = 'net0'

    def __init__(self, version=4, pcscfs=1):
        host, self.ue, self.prefix = HOSTS[version]
        self.version, self.host, self.others = version, host, []
        self.hosts = [host[:-1] + str(i + 1) for i in range(pcscfs)]

    @property
    def subnet(self):
        return self.host[:-1] + '%s/%d' % (
            '0' if self.version == 4 else '', self.prefix)

    def __enter__(self):
        self.ns = Namespace()
        no_filter()
        ip('link', 'add', self.device, 'type', 'veth', 'peer', 'name', 'ue0')
        ip('link', 'set', 'ue0', 'netns', '/proc/self/fd/%d' % self.ns.fd,
           fds=[self.ns.fd])
        for host in self.hosts:
            self.address(host, self.device)
        ip('link', 'set', self.device, 'up')
        with self.ns.inside():
            no_filter()
            self.address(self.ue, 'ue0')
            ip('link', 'set', 'ue0', 'up')
        return self

    def address(self, host, device):
        ip('addr', 'add', '%s/%d' % (host, self.prefix), 'dev', device,
           *(['nodad'] if self.version == 6 else []))

    def another(self, n):
        """One more UE in a namespace of its own, on a wire of its own: its
        address and the namespace."""
        ue, device, ns = self.ue[:-1] + str(n), 'net%d' % n, Namespace()
        ip('link', 'add', device, 'type', 'veth', 'peer', 'name', 'ue0',
           'netns', '/proc/self/fd/%d' % ns.fd, fds=[ns.fd])
        ip('addr', 'add', self.host, 'dev', device,
           *(['nodad'] if self.version == 6 else []))
        ip('link', 'set', device, 'up')
        ip('route', 'add', ue, 'dev', device)
        with ns.inside():
            no_filter()
            self.address(ue, 'ue0')
            ip('link', 'set', 'ue0', 'up')
        self.others.append((device, ns))
        return ue, ns

    def __exit__(self, *exc):
        for device, ns in [(self.device, self.ns)] + self.others:
            ip('link', 'del', device)
            ns.close()


def main(tests):
    """Run tests in a namespace; the exit status."""
    try:
        enter()
    except Refused as why:
        print('skip namespaces: %s' % why)
        print('0 passed, 0 failed, 1 skipped')
        return 0
    return tests.main()
