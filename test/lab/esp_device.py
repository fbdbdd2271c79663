"""ESP below the kernel's UDP and TCP: what sockets bound to a TUN device
send is read there, sealed and sent through a raw socket; what the raw socket
receives is opened and written to the device.  One such device belongs to one
address (RFC 4301 s4.4, transport mode).
"""
import asyncio
import os
import socket
import struct
from collections import namedtuple

from . import esp, netns

# one direction: what it carries, by the ends as this host sees them
Selector = namedtuple('Selector', 'peer local_port peer_port')
Entry = namedtuple('Entry', 'selector association owner')
MTU = 9000          # larger packets of ours are cut after ESP, not before
MSS = 1280          # and segments need no cutting


def checksum(data):
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ip_packet(version, src, dst, protocol, text):
    """A packet as it comes out of ESP: length and protocol are new."""
    if version == 6:
        return struct.pack('>IHBB', 6 << 28, len(text), protocol, 64) + \
            socket.inet_pton(socket.AF_INET6, src) + \
            socket.inet_pton(socket.AF_INET6, dst) + text
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(text), 0, 0x4000, 64,
                       protocol, 0) + \
        socket.inet_aton(src) + socket.inet_aton(dst)
    return head[:10] + struct.pack('>H', checksum(head)) + head[12:] + text


def ip_parts(packet):
    """(source, destination, protocol, text) or None for fragments and what
    is neither UDP nor TCP."""
    if packet[0] >> 4 == 6:
        if packet[6] not in (esp.UDP, esp.TCP):
            return None
        return (socket.inet_ntop(socket.AF_INET6, packet[8:24]),
                socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[6],
                packet[40:])
    if packet[9] not in (esp.UDP, esp.TCP) or \
            struct.unpack('>H', packet[6:8])[0] & 0x3fff:
        return None
    return (socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]),
            packet[9], packet[(packet[0] & 15) * 4:])


def text_length(protocol, text):
    """Octets of the application in a datagram or segment."""
    return len(text) - (8 if protocol == esp.UDP else text[12] >> 4 << 2)


class EspDevice:
    """host: the address; subnet: where peers are; name: of the device.

    dropped(way, reason, owner, octets) hears of packets that were not let
    through; owner is that of the association, or None.
    """

    def __init__(self, host, subnet, name, dropped=lambda *args: None):
        self.host, self.subnet, self.name = host, subnet, name
        self.version = 6 if ':' in host else 4
        self.dropped = dropped
        self.inbound, self.outbound = {}, {}
        self.size = {}      # per flow: octets of each packet not yet told of
        self.packets, self.open = {'up': 0, 'down': 0}, False
        self.spoil, self.repeat = 0, 0

    def start(self):
        self.tun = netns.open_tun(self.name)
        try:
            netns.ip('link', 'set', self.name, 'mtu', MTU, 'up')
            # a socket bound to the device finds this route, others do not
            netns.ip('route', 'append', self.subnet, 'dev', self.name,
                     'metric', 4000, 'advmss', MSS)
        except OSError:
            os.close(self.tun)
            raise
        family = socket.AF_INET6 if self.version == 6 else socket.AF_INET
        self.raw = socket.socket(family, socket.SOCK_RAW, esp.ESP)
        self.raw.setblocking(False)
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.raw.bind((self.host, 0))
        loop = asyncio.get_running_loop()
        loop.add_reader(self.tun, self.pump)
        loop.add_reader(self.raw, self._received)
        self.open = True

    def stop(self):
        if self.open:
            self.open = False
            loop = asyncio.get_running_loop()
            loop.remove_reader(self.tun)
            loop.remove_reader(self.raw)
            os.close(self.tun)
            self.raw.close()
        self.inbound.clear()
        self.outbound.clear()

    # associations

    def add_inbound(self, selector, association, owner=None):
        self.inbound[association.spi] = Entry(selector, association, owner)

    def add_outbound(self, selector, association, owner=None):
        self.outbound[selector] = Entry(selector, association, owner)

    def remove(self, owner):
        for table in (self.inbound, self.outbound):
            for key in [k for k, e in table.items() if e.owner is owner]:
                del table[key]

    # packets

    def pump(self):
        """Take what sockets have sent."""
        while self.open:
            try:
                packet = os.read(self.tun, 65536)
            except BlockingIOError:
                return
            parts = ip_parts(packet)
            if parts:
                self._out(*parts[1:])

    def _out(self, peer, protocol, text):
        local_port, peer_port = struct.unpack('>HH', text[:4])
        selector = Selector(peer, local_port, peer_port)
        entry = self.outbound.get(selector)
        if not entry:
            return self.dropped('down', 'no association', None, text)
        data = entry.association.seal(text, protocol)
        if self.spoil:
            self.spoil -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        self._count('down', selector, protocol, text, data)
        for _ in range(2 if self.repeat else 1):
            self._send(peer, data)
        self.repeat -= bool(self.repeat)

    def _send(self, peer, data):
        try:
            self.raw.sendto(data, (peer, 0))
        except OSError as err:
            self.dropped('down', err.strerror, None, data)

    def _received(self):
        while self.open:
            try:
                data, peer = self.raw.recvfrom(65536)
            except BlockingIOError:
                return
            if self.version == 4:
                data = data[(data[0] & 15) * 4:]
            self._in(peer[0], data)

    def _in(self, peer, data):
        entry = self.inbound.get(int.from_bytes(data[:4], 'big'))
        if not entry or entry.selector.peer != peer:
            return self.dropped('up', 'unknown SPI', None, data)
        try:
            protocol, text = entry.association.open(data)
        except esp.Drop as why:
            return self.dropped('up', str(why), entry.owner, data)
        # RFC 4301 s5.2: the packet has to be what its association is for
        if protocol not in (esp.UDP, esp.TCP) or len(text) < 8 or \
                struct.unpack('>HH', text[:4]) != (
                    entry.selector.peer_port, entry.selector.local_port):
            return self.dropped('up', 'selector', entry.owner, data)
        self._count('up', entry.selector, protocol, text, data)
        os.write(self.tun, ip_packet(self.version, peer, self.host, protocol,
                                     text))

    # octets on the wire

    def _count(self, way, selector, protocol, text, data):
        self.packets[way] += 1
        if text_length(protocol, text) > 0:
            key = way, selector, protocol
            head = 40 if self.version == 6 else 20
            self.size.setdefault(key, []).append(head + len(data))

    def taken(self, way, selector, transport):
        """Octets of the next datagram, or of all segments with text since
        this was last asked."""
        sizes = self.size.get((way, selector, esp.UDP if transport == 'udp'
                               else esp.TCP), [])
        count = 1 if (way, transport) == ('up', 'udp') else len(sizes)
        octets = sum(sizes[:count])
        del sizes[:count]
        return octets

    # sockets

    def socket(self, kind, port):
        """A socket that only knows the inside of ESP, bound."""
        family = socket.AF_INET6 if self.version == 6 else socket.AF_INET
        sock = socket.socket(family, kind)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                        self.name.encode() + b'\0')
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MSS)
        try:
            sock.bind((self.host, port))
        except OSError:
            sock.close()
            raise
        return sock
