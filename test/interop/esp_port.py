"""ESP of the Linux port between two network namespaces, for test_esp_port.py.

Both ends are the program espport, one with the roles of the UE, one with
those of the P-CSCF. It hands its protected sockets over; all traffic is made
here, by the kernel's own UDP and TCP.
"""

import itertools
import os
import random
import socket
import struct
import subprocess
import time

import esp_end

ENDS = {4: ('10.78.0.1', '10.78.0.2'), 6: ('fd78::1', 'fd78::2')}
LONG = 30       # seconds: nothing takes that long, on a busy machine neither
FRESH = itertools.count()
PROGRAM = os.path.join(esp_end.ROOT, 'build/host/espport')


def ip(*words, net=None):
    """The command ip, in a namespace."""
    subprocess.run((net.words if net else []) + ['ip', *words], check=True)


class Net:
    """A network namespace, held by a process; addrs: on its loopback."""

    def __init__(self, addrs=()):
        self.addrs = addrs
        mine = os.stat('/proc/self/ns/net').st_ino
        self.proc = subprocess.Popen(['unshare', '-n', 'sleep', '600'])
        path = '/proc/%d/ns/net' % self.proc.pid
        while os.stat(path).st_ino == mine:
            time.sleep(0.005)
        self.words = ['nsenter', '--net=' + path]
        self.pid = str(self.proc.pid)
        ip('link', 'set', 'lo', 'up', net=self)
        for addr in addrs:
            if ':' in addr:
                ip('-6', 'addr', 'add', addr, 'dev', 'lo', 'nodad', net=self)
                self.ready(addr)

    def ready(self, addr):
        """Wait until an IPv6 address is one of this host: the kernel makes
        its route some time after it was added."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and 'local ' + addr not in \
                self.run('ip', '-6', 'route', 'show', 'table', 'local'):
            time.sleep(0.02)

    def run(self, *words):
        """Standard output of a command."""
        return subprocess.run(self.words + list(words), check=True,
                              text=True, stdout=subprocess.PIPE).stdout

    def socket(self, *args):
        """A plain socket of this namespace."""
        # the process stays single-threaded, so it may change over and back
        here = os.open('/proc/self/ns/net', os.O_RDONLY)
        there = os.open('/proc/%s/ns/net' % self.pid, os.O_RDONLY)
        try:
            setns(there)
            return socket.socket(*args)
        finally:
            setns(here)
            os.close(here)
            os.close(there)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """It ends with its last process."""
        self.proc.kill()
        self.proc.wait()


def setns(fd):
    """setns(2) is not in Python 3.11."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, 0):
        raise OSError(ctypes.get_errno(), 'setns')


class End:
    """A running espport."""

    def __init__(self, net, mode, pair, family, ck, ik, local, remote, spis,
                 ports):
        ours, theirs = socket.socketpair()
        self.net, self.ctl, self.ports = net, ours, ports
        self.local, self.remote = local, remote
        self.proc = subprocess.Popen(
            net.words + [PROGRAM, mode, *pair, ck.hex(), ik.hex(), local,
                         remote, ','.join(map(str, spis)),
                         ','.join(map(str, ports))],
            stdin=theirs, stderr=subprocess.PIPE)
        theirs.close()
        ours.settimeout(LONG)
        text, fds, _, _ = socket.recv_fds(ours, 64, 4)
        if not fds:
            raise RuntimeError(self.proc.stderr.read().decode().strip())
        self.mode, _, self.device = text.decode().partition(' ')
        self.uc, self.us, self.tcp, self.listener = [
            socket.socket(fileno=fd) for fd in fds]
        for s in (self.uc, self.us, self.tcp, self.listener):
            s.settimeout(LONG)

    def counters(self):
        """Counters by name."""
        return self.ask(b's')

    def ask(self, letter):
        """A command of espport; its counters."""
        self.ctl.send(letter)
        return {name: int(n) for name, n in
                (line.split() for line in
                 self.ctl.recv(4096).decode().splitlines())}

    def release(self):
        """Let go of the sockets."""
        for s in (self.uc, self.us, self.tcp, self.listener):
            s.close()

    def close(self, how=None):
        """End it, by a signal or in peace; exit status."""
        self.release()
        if how:
            # nsenter has become the program
            self.proc.send_signal(how)
        self.ctl.close()
        status = self.proc.wait(LONG)
        self.proc.stderr.close()
        return status


class Link:
    """Two namespaces and a veth pair; sources are checked strictly."""

    def __init__(self):
        self.nets = [Net(), Net()]
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    def _make(self):
        ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1', 'netns',
           self.nets[1].pid, net=self.nets[0])
        for n, net in enumerate(self.nets):
            net.run('sh', '-ec', """
                echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
                ip addr add %s/24 dev v%d
                ip -6 addr add %s/64 dev v%d nodad
                ip link set v%d up""" % (ENDS[4][n], n, ENDS[6][n], n, n))
        for n, net in enumerate(self.nets):
            net.ready(ENDS[6][n])
        self._carries()

    def _carries(self):
        """Wait until datagrams come through: a device that is up drops what
        it is given until the kernel has seen its carrier."""
        for family, af in ((4, socket.AF_INET), (6, socket.AF_INET6)):
            pair = [net.socket(af, socket.SOCK_DGRAM) for net in self.nets]
            for s, addr in zip(pair, ENDS[family]):
                s.bind((addr, 0))
                s.settimeout(0.1)
            for src, dst in (pair, pair[::-1]):
                deadline = time.monotonic() + LONG
                while True:
                    src.sendto(b'up?', dst.getsockname()[:2])
                    try:
                        dst.recv(16)
                        break
                    except socket.timeout:
                        if time.monotonic() > deadline:
                            raise
            for s in pair:
                s.close()

    def close(self):
        """The devices end with their namespaces."""
        for net in self.nets:
            net.close()


class Pair:
    """UE and P-CSCF on two sides of a link, or on one host."""

    def __init__(self, where, modes=('tun', 'tun'),
                 pair=('hmac-sha-1-96', 'aes-cbc'), family=4):
        self.ends, self.family = [], family
        if isinstance(where, Link):
            self.nets, addrs = where.nets, ENDS[family]
        else:
            self.nets, addrs = [where], where.addrs
        try:
            self._ends(modes, pair, addrs)
        except BaseException:
            self.close()
            raise

    def _ends(self, modes, pair, addrs):
        rnd = random.Random()
        ck, ik = rnd.randbytes(16), rnd.randbytes(16)
        self.spis = tuple(rnd.sample(range(256, 1 << 31), 4))
        # uc, us, pc, ps; never twice, old ones may be in TIME-WAIT
        n = next(FRESH)
        self.portv = tuple(first + n for first in (31000, 32000, 5100, 6100))
        # the P-CSCF has the UE's roles turned round
        turned = [(t[2], t[3], t[0], t[1]) for t in (self.spis, self.portv)]
        self.ends.append(End(self.nets[0], modes[0], pair, self.family, ck,
                             ik, *addrs, self.spis, self.portv))
        self.ends.append(End(self.nets[-1], modes[1], pair, self.family, ck,
                             ik, *reversed(addrs), *turned))
        self.ue, self.pcscf = self.ends

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End what still runs."""
        for end in self.ends:
            if end.proc.poll() is None:
                end.close()

    def udp(self, data):
        """A datagram on each of the four associations; what arrived."""
        ue, p = self.ue, self.pcscf
        got = []
        # from, to, of which socket; the P-CSCF's uc is port_pc
        for src, dst, end in ((ue.uc, p.us, p), (p.us, ue.uc, ue),
                              (p.uc, ue.us, ue), (ue.us, p.uc, p)):
            dst_addr = (end.local, dst.getsockname()[1])
            src.sendto(data, dst_addr)
            packet, peer = dst.recvfrom(65535)
            got.append((packet == data, peer[1] == src.getsockname()[1]))
        return got

    def connect(self):
        """TCP from port_uc to port_ps; both ends of the connection."""
        self.ue.tcp.connect((self.pcscf.local, self.portv[3]))
        peer, _ = self.pcscf.listener.accept()
        peer.settimeout(LONG)
        return self.ue.tcp, peer


def stream(src, dst, size):
    """Send octets through a connection while reading them; are they equal?"""
    data = random.randbytes(size)
    src.setblocking(False)
    got, sent = bytearray(), 0
    deadline = time.monotonic() + LONG
    while len(got) < size and time.monotonic() < deadline:
        if sent < size:
            try:
                sent += src.send(data[sent:sent + 65536])
            except BlockingIOError:
                pass
        dst.settimeout(0.02)
        try:
            got += dst.recv(65536)
        except socket.timeout:
            pass
    src.settimeout(LONG)
    dst.settimeout(LONG)
    return bytes(got) == data


class Sniffer:
    """Every frame at a device, or those from and to one address."""

    def __init__(self, net, device, address=None):
        new = net.socket if net else socket.socket
        self.address = esp_end.packed(address) if address else b''
        self.sock = new(socket.AF_PACKET, socket.SOCK_DGRAM,
                        socket.htons(3))
        self.sock.bind((device, 3))
        self.sock.setblocking(False)

    def packets(self):
        """IP packets since the last call: (sent, packet)."""
        found = []
        while True:
            try:
                data, addr = self.sock.recvfrom(65535)
            except BlockingIOError:
                return found
            if addr[1] in (0x0800, 0x86dd) and self.address in data[8:40]:
                found.append((addr[2] == socket.PACKET_OUTGOING, data))

    def close(self):
        """Stop."""
        self.sock.close()


def proto(packet):
    """Protocol of an IP packet; of a fragment: that of the whole."""
    if packet[0] >> 4 == 4:
        return packet[9]
    # behind hop-by-hop options and the fragment header
    return packet[40] if packet[6] in (0, 44) else packet[6]


def esp_sender(net, family):
    """A raw socket that sends ESP and does not swallow any."""
    s = net.socket(socket.AF_INET if family == 4 else socket.AF_INET6,
                   socket.SOCK_RAW, 50)
    s.bind((ENDS[family][1], 0))
    return s


def fragments(net):
    """Packets that IPv4 and IPv6 had to cut."""
    total = 0
    text = net.run('cat', '/proc/net/snmp6')
    for line in text.splitlines():
        name, n = line.split()
        if name == 'Ip6FragOKs':
            total += int(n)
    rows = net.run('cat', '/proc/net/snmp').splitlines()
    keys, values = [r.split() for r in rows if r.startswith('Ip:')]
    return total + int(values[keys.index('FragOKs')])


def flipped(data, at):
    """One bit changed."""
    p = bytearray(data)
    p[at] ^= 1
    return bytes(p)


def spi_of(payload):
    """The SPI of an ESP payload."""
    return struct.unpack('!I', payload[:4])[0]
