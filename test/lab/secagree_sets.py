"""Sets of four associations at a P-CSCF (TS 33.203 s7.1, s7.4): ports, SPIs,
lifetimes, and the flows that lead through them.

    1  UE -> P-CSCF  port_uc -> port_ps  spi_ps     3  port_pc -> port_us
    2  P-CSCF -> UE  port_ps -> port_uc  spi_uc     4  port_us -> port_pc
"""
import asyncio
import secrets
import socket

from . import esp, transport
from .esp_device import EspDevice, Selector

TEMPORARY, CURRENT, OLD, CLOSING = 'temporary', 'current', 'old', 'closing'


class Set:
    """offer: the UE's Mechanism; verify: Security-Server as it was sent."""

    def __init__(self, impi, ue, offer, pair, client):
        self.impi, self.ue, self.pair = impi, ue, pair
        self.spi_uc, self.spi_us = offer.spis
        self.port_uc, self.port_us = offer.ports
        self.client, self.verify = client, []
        self.state, self.timer, self.ends_at = TEMPORARY, None, 0
        self.replaced_at = 0            # when another became current
        self.altered = False            # by a man in the middle of ours
        self.heard = False              # more than REGISTER has come
        # the UE may take it for dead: a request over it went unanswered
        self.doubt = False
        self.keys = None
        self.connecting = asyncio.Lock()

    def selector(self, number, port_ps):
        """Of association 1 to 4, as the P-CSCF sees its ends."""
        return Selector(self.ue, port_ps, self.port_uc) if number < 3 else \
            Selector(self.ue, self.port_pc, self.port_us)

    def status(self):
        return {'impi': self.impi, 'state': self.state,
                'alg': self.pair[0], 'ealg': self.pair[1],
                'port_uc': self.port_uc, 'port_us': self.port_us,
                'port_pc': self.port_pc, 'spi_uc': self.spi_uc,
                'spi_us': self.spi_us, 'spi_pc': self.spi_pc,
                'spi_ps': self.spi_ps}


class Sets:
    """All sets of one P-CSCF and its protected ports.

    received(flow, octets) gets what came through ESP; flows have .set and
    .number, the association it came over.  dropped as in EspDevice.
    """

    def __init__(self, host, wire, name, received, dropped):
        self.host, self.received = host, received
        self.device = EspDevice(host, wire.subnet, name, dropped)
        self.all, self.by_ends, self.port_ps = [], {}, 0
        self.spis = set()               # every one there ever was

    async def start(self):
        self.device.start()
        sock, stream = self._pair(self.port_ps)
        self.udp = transport.SocketPort(self._heard, sock)
        self.tcp = transport.TcpPort(self._heard)
        self.port_ps = await self.tcp.open(self.host, 0, stream)

    def _pair(self, port):
        """Sockets for UDP and TCP on one number; port 0 picks a free one."""
        for _ in range(50):
            sock = self.device.socket(socket.SOCK_DGRAM, port)
            try:
                return sock, self.device.socket(socket.SOCK_STREAM,
                                                sock.getsockname()[1])
            except OSError:
                sock.close()
        raise OSError('no free port on %s' % self.host)

    def stop(self):
        if self.device.open:
            for one in list(self.all):
                self.delete(one)
            self.udp.close()
            self.tcp.close()
            self.device.stop()

    def _heard(self, flow, data):
        self.mark(flow)
        if flow.set:
            self.received(flow, data)

    def mark(self, flow):
        ends = flow.peer[0], flow.local[1], flow.peer[1]
        flow.set, flow.number = self.by_ends.get(ends, (None, 0))
        flow.protected = True

    # life of a set

    def _spis(self):
        pair = []
        while len(pair) < 2:
            spi = 256 + secrets.randbelow((1 << 32) - 256)
            if spi not in self.spis:
                self.spis.add(spi)
                pair.append(spi)
        return tuple(pair)

    def add(self, one, ck, ik):
        """TS 33.203 s7.1: a new port_pc with each set, port_ps stays."""
        # TCP connects from there later: until then nobody else takes it
        sock, one.held = self._pair(0)
        one.udp = transport.SocketPort(self._heard, sock)
        one.tcp = transport.TcpPort(self._heard)
        one.port_pc = one.udp.local[1]
        one.spi_pc, one.spi_ps = self._spis()
        one.keys = ck, ik
        device = self.device

        def sa(spi):
            return esp.Association(spi, esp.transform(*one.pair, ck, ik))
        through = [one.selector(n, self.port_ps) for n in (1, 3)]
        device.add_inbound(through[0], sa(one.spi_ps), one)
        device.add_outbound(through[0], sa(one.spi_uc), one)
        device.add_outbound(through[1], sa(one.spi_us), one)
        device.add_inbound(through[1], sa(one.spi_pc), one)
        self.by_ends[tuple(through[0])] = one, 1
        self.by_ends[tuple(through[1])] = one, 4
        self.all.append(one)

    def delete(self, one):
        if one not in self.all:
            return
        self.all.remove(one)
        if one.timer:
            one.timer.cancel()
        self.device.remove(one)
        for ends in [e for e, (s, _) in self.by_ends.items() if s is one]:
            del self.by_ends[ends]
        one.udp.close()
        one.tcp.close()
        one.held.close()
        for flow in list(self.tcp.flows):
            if flow.set is one:
                flow.close()
        one.keys = None

    def lives(self, one, seconds):
        """Delete it after this time; a set never lives shorter than before."""
        loop = asyncio.get_running_loop()
        one.ends_at = max(one.ends_at, loop.time() + seconds)
        self._timer(one)

    def ends(self, one, seconds):
        one.ends_at = asyncio.get_running_loop().time() + seconds
        self._timer(one)

    def _timer(self, one):
        if one.timer:
            one.timer.cancel()
        # a day is longer than any test: the loop takes no more
        loop = asyncio.get_running_loop()
        one.timer = loop.call_at(min(one.ends_at, loop.time() + 86400),
                                 self.delete, one)

    def find(self, impi, *states):
        for one in reversed(self.all):
            if one.impi == impi and one.state in states:
                return one
        return None

    # towards the UE

    def datagrams(self, one, number=3):
        """UDP over association 3, or 2 to see what the UE makes of it."""
        flow = one.udp.flow((one.ue, one.port_us)) if number == 3 else \
            self.udp.flow((one.ue, one.port_uc))
        flow.set, flow.number, flow.protected = one, number, True
        return flow

    async def connection(self, one):
        """TCP from port_pc to port_us, one for all; raises OSError."""
        peer = one.ue, one.port_us
        async with one.connecting:
            flow = one.tcp.find(peer)
            if not flow:
                sock = self.device.socket(socket.SOCK_STREAM, one.port_pc)
                flow = await one.tcp.connect(peer, sock)
                self.mark(flow)
        return flow
