"""UDP and TCP ports of a network node, and the flows to its peers.

A Flow is one direction-pair to one peer.  Where ESP is used, the sockets are
made by EspDevice.socket() and given here.  SigComp messages pass as they are;
on a connection they are delimited here.
"""
import asyncio
import socket

from . import sigcomp_codec, sigcomp_peer, sip

KEEPALIVE = (b'\r\n\r\n', b'\r\n')


class Flow:
    """What a node needs to answer a peer.

    set: of associations, None outside ESP; number: the one it arrives over;
    protected: False outside ESP where security agreement is in use.
    """

    set, number, protected = None, 0, True

    def __init__(self, port, transport, peer, local):
        self.port, self.transport = port, transport
        self.peer, self.local = peer[:2], local[:2]
        self.alive = True

    def send(self, data):
        raise NotImplementedError

    def __str__(self):
        return '%s %s:%d' % (self.transport, sip.host_text(self.peer[0]),
                             self.peer[1])


class UdpFlow(Flow):
    def send(self, data):
        self.port.send(data, self.peer)


class UdpPort(asyncio.DatagramProtocol):
    """One UDP socket; received(flow, octets) is called for each datagram."""

    def __init__(self, received):
        self.received, self.transport = received, None

    async def open(self, host, port):
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, (host, port))
        return self.transport.get_extra_info('sockname')[1]

    def connection_made(self, transport):
        self.transport = transport
        self.local = transport.get_extra_info('sockname')

    def datagram_received(self, data, addr):
        self.received(UdpFlow(self, 'udp', addr, self.local), data)

    def error_received(self, exc):
        """A peer that is gone: SIP's own timers notice it."""

    def flow(self, peer):
        return UdpFlow(self, 'udp', peer, self.local)

    def send(self, data, peer):
        if self.transport and not self.transport.is_closing():
            self.transport.sendto(data, peer)

    def close(self):
        if self.transport:
            self.transport.abort()


class SocketPort:
    """The same around a bound socket, ready at once."""

    def __init__(self, received, sock):
        self.received, self.sock = received, sock
        self.local = sock.getsockname()[:2]
        asyncio.get_running_loop().add_reader(sock, self._readable)

    def _readable(self):
        while self.sock:
            try:
                data, addr = self.sock.recvfrom(65536)
            except OSError:
                return
            self.received(self.flow(addr), data)

    def flow(self, peer):
        return UdpFlow(self, 'udp', peer, self.local)

    def send(self, data, peer):
        if self.sock:
            self.sock.sendto(data, peer)

    def close(self):
        if self.sock:
            asyncio.get_running_loop().remove_reader(self.sock)
            self.sock.close()
            self.sock = None


class TcpFlow(Flow, asyncio.Protocol):
    """One TCP connection; cuts the stream into messages."""

    def __init__(self, port):
        self.port, self.transport, self.alive = port, 'tcp', False
        self.buffer, self.framer = b'', None
        # RFC 5049 s5: None until the first octet decides
        self.sigcomp, self.mixed = None, False

    def connection_made(self, transport):
        self.sock, self.alive = transport, True
        self.peer = transport.get_extra_info('peername')[:2]
        self.local = transport.get_extra_info('sockname')[:2]
        self.port.flows.add(self)

    def connection_lost(self, exc):
        self.alive = False
        self.port.flows.discard(self)
        self.port.lost(self)

    def data_received(self, data):
        if not self.buffer and not self.framer and \
                sigcomp_peer.is_sigcomp(data):
            self.framer = sigcomp_peer.Framer()
            self.mixed = self.sigcomp is False
            if self.sigcomp is None:
                self.sigcomp = True
        if self.framer:
            return self.sigcomp_received(data)
        self.mixed = self.mixed or bool(self.sigcomp)
        self.sigcomp = bool(self.sigcomp)
        self.buffer += data
        while self.buffer and self.alive:
            if self.buffer.startswith(b'\r\n'):
                # RFC 5626 s3.5.1: a ping is two CRLF, the pong is one
                ping = self.buffer.startswith(b'\r\n\r\n')
                if not ping and len(self.buffer) < 4 and self.buffer in (
                        b'\r\n', b'\r\n\r'):
                    return
                cut = 4 if ping else 2
                self.buffer = self.buffer[cut:]
                self.port.received(self, KEEPALIVE[0 if ping else 1])
                continue
            try:
                length = sip.frame_length(self.buffer)
            except sip.SipError:
                length = len(self.buffer)
            if not length:
                return
            one, self.buffer = self.buffer[:length], self.buffer[length:]
            self.port.received(self, one)

    def sigcomp_received(self, data):
        try:
            for message in self.framer.feed(data):
                if self.alive:
                    self.port.received(self, message)
        except sigcomp_peer.Framer.FramingError:
            # RFC 3320 s4.2.2, RFC 4077 s3.2
            self.send(sigcomp_peer.make_nack('FRAMING_ERROR'))
            self.sock.close()

    def send(self, data):
        """SIP or one SigComp message; both never on one connection."""
        if self.sigcomp is None:
            self.sigcomp = sigcomp_peer.is_sigcomp(data)
        if self.sigcomp:
            if not sigcomp_peer.is_sigcomp(data):
                data = sigcomp_codec.PLAIN_PREFIX + data
            data = sigcomp_peer.frame(data)
        if self.alive:
            self.sock.write(data)

    def close(self):
        self.alive = False
        self.sock.abort()


class TcpPort:
    """One listening socket and all connections of it, both ways."""

    def __init__(self, received, lost=lambda flow: None):
        self.received, self.lost = received, lost
        self.flows, self.server = set(), None

    async def open(self, host, port, sock=None):
        loop = asyncio.get_running_loop()
        self.host = host
        self.server = await loop.create_server(
            lambda: TcpFlow(self), sock=sock) if sock else \
            await loop.create_server(
                lambda: TcpFlow(self), host, port, reuse_address=True)
        return self.server.sockets[0].getsockname()[1]

    async def connect(self, peer, sock=None):
        """RFC 3261 s18.1.1: a connection of our own towards a UE."""
        loop = asyncio.get_running_loop()
        if sock:
            await loop.sock_connect(sock, peer)
        _, flow = await loop.create_connection(
            lambda: TcpFlow(self), sock=sock) if sock else \
            await loop.create_connection(
                lambda: TcpFlow(self), peer[0], peer[1],
                local_addr=(self.host, 0))
        return flow

    def find(self, peer):
        for flow in self.flows:
            if flow.peer == peer[:2] and flow.alive:
                return flow
        return None

    def close(self):
        if self.server:
            self.server.close()
        for flow in list(self.flows):
            flow.close()


async def open_pair(received, lost, host, port):
    """UDP and TCP on one number; port 0 picks a free one."""
    for _ in range(50):
        udp, tcp = UdpPort(received), TcpPort(received, lost)
        number = await udp.open(host, port)
        try:
            await tcp.open(host, number)
            return udp, tcp, number
        except OSError:
            udp.close()
            if port:
                raise
    raise OSError('no free port on %s' % host)


def free_port(host='127.0.0.1'):
    """A number that is free for UDP and TCP just now (ephemeral range)."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    for _ in range(50):
        with socket.socket(family, socket.SOCK_DGRAM) as one, \
                socket.socket(family, socket.SOCK_STREAM) as two:
            one.bind((host, 0))
            try:
                two.bind((host, one.getsockname()[1]))
            except OSError:
                continue
            return one.getsockname()[1]
    raise OSError('no free port on %s' % host)
