"""The small UE with security agreement: what it sends and receives after the
challenge goes through the lab's own ESP in the UE's namespace (TS 24.229
s5.1.1, TS 33.203 s7)."""
import base64
import secrets
import socket

from . import aka, esp, security, sip, transport
from .esp_device import EspDevice, Selector
from .tinyue import TinyUe

# more of them make a REGISTER that is too large for UDP
PAIRS = [('hmac-sha-1-96', 'aes-cbc')]


class Offer:
    """SPIs and port_uc of one REGISTER, and the header made of them."""

    def __init__(self, ue):
        self.spis = tuple(secrets.randbelow(1 << 31) + 256 for _ in (0, 1))
        self.udp = ue.protected_port(0)
        self.port_uc = self.udp.local[1]
        self.values = [
            'ipsec-3gpp;alg=%s;ealg=%s;spi-c=%010d;spi-s=%010d;port-c=%d;'
            'port-s=%d' % (
                pair + self.spis + (self.port_uc, ue.port_us))
            for pair in ue.pairs]
        self.server = []                # Security-Server, in its words


class SecureUe(TinyUe):
    """wire: the netns.Wire; mangle(req) may spoil what is about to leave."""

    def __init__(self, sub, pcscf, wire, network='udp', pairs=PAIRS, **kw):
        super().__init__(sub, pcscf, wire.ue, network, **kw)
        self.net, self.pairs = wire, pairs
        self.device = EspDevice(wire.ue, wire.subnet, 'esp0', self._dropped)
        self.current, self.drops, self.offers = None, [], {}
        self.mangle = lambda req: req
        self.heard = []                 # local port of each message

    def _dropped(self, way, reason, *rest):
        if (way, reason) != ('down', 'no association'):
            self.drops.append((way, reason))

    async def start(self):
        with self.net.ns.inside():
            self.device.start()
            family = socket.AF_INET6 if ':' in self.host else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.bind((self.host, 0))
            self.port = sock.getsockname()[1]
            stream = socket.socket(family, socket.SOCK_STREAM)
            stream.setblocking(False)
        self.udp = transport.SocketPort(self.received, sock)
        self.tcp = transport.TcpPort(self.received)
        self.server = self.protected_port(0)
        self.port_us = self.server.local[1]
        with self.net.ns.inside():
            listener = self.device.socket(socket.SOCK_STREAM, self.port_us)
        await self.tcp.open(self.host, self.port_us, listener)
        self.flow = self.udp.flow(self.pcscf)
        if self.network == 'tcp':
            self.flow = await self.tcp.connect(self.pcscf, stream)
        else:
            stream.close()
        self.me = '%s:%d' % (sip.host_text(self.host), self.port)
        return self

    def stop(self):
        super().stop()
        self.server.close()
        for offer in self.offers.values():
            offer.udp.close()
        self.device.stop()

    def protected_port(self, number):
        with self.net.ns.inside():
            sock = self.device.socket(socket.SOCK_DGRAM, number)
        return transport.SocketPort(self.received, sock)

    def received(self, flow, data):
        self.heard.append(flow.local[1])
        if flow.transport == 'udp' and flow.peer[1] in self.offers:
            # answers leave from port_uc of the set of the request
            offer = self.offers[flow.peer[1]]
            flow = offer.udp.flow(offer.port_ps)
        super().received(flow, data)

    async def ask(self, req, seconds=5):
        if self.current and not req.get('Security-Verify'):
            self.verify(req)
        self.mangle(req)
        return await super().ask(req, seconds)

    def verify(self, req):
        for value in self.current.server if self.current else []:
            req.add('Security-Verify', value)
        req.add('Require', 'sec-agree').add('Proxy-Require', 'sec-agree')

    def agreeing(self, req, offer):
        for value in offer.values:
            req.add('Security-Client', value)
        if not self.current:
            self.verify(req)
        return req

    async def register(self, expires=None):
        """The final answer; a new offer with each REGISTER but the one that
        answers a valid challenge."""
        expires = self.expires if expires is None else expires
        authz, resp = self.authz or self.empty(), None
        for _ in range(5):
            offer = Offer(self)
            resp = await self.ask(self.agreeing(
                self.register_request(authz, expires), offer))
            if resp is None or resp.status != 401:
                break
            self.authz = authz = self.credentials(resp)
            auth = sip.parse_auth(authz)[1]
            if 'auts' in auth or not auth['response'] or not resp.get(
                    'Security-Server'):
                continue
            before = self.current, self.flow, self.me
            await self.establish(offer, resp)
            resp = await self.ask(self.agreeing_again(
                self.register_request(authz, expires), offer))
            if resp is None or resp.status != 200:
                self.current, self.flow, self.me = before
            break
        if resp is not None and resp.status == 200 and expires:
            self.service_route = resp.values('Service-Route')
            self.impus = [str(sip.NameAddr.parse(v).uri)
                          for v in resp.values('P-Associated-URI')]
        return resp

    def agreeing_again(self, req, offer):
        for value in offer.values:
            req.add('Security-Client', value)
        return req

    async def establish(self, offer, resp):
        """The four associations, and a flow from port_uc to port_ps."""
        offer.server = resp.values('Security-Server')
        entries = [security.Mechanism.parse(v) for v in offer.server]
        best = max((m for m in entries if m.usable and m.pair in self.pairs),
                   key=lambda m: m.q)
        rand = base64.b64decode(sip.parse_auth(
            resp.get('WWW-Authenticate'))[1]['nonce'])[:16]
        keys = aka.Keys(*self.sub.alg.keys(rand))
        spi_pc, spi_ps = best.spis
        port_pc, port_ps = best.ports
        host = self.pcscf[0]

        def sa(spi):
            return esp.Association(spi, esp.transform(
                *best.pair, keys.ck[:16], keys.ik[:16]))
        one = Selector(host, offer.port_uc, port_ps)
        two = Selector(host, self.port_us, port_pc)
        self.device.add_outbound(one, sa(spi_ps), offer)
        self.device.add_inbound(one, sa(offer.spis[0]), offer)
        self.device.add_inbound(two, sa(offer.spis[1]), offer)
        self.device.add_outbound(two, sa(spi_pc), offer)
        offer.port_ps = host, port_ps
        self.offers[port_pc] = offer
        self.flow = offer.udp.flow(offer.port_ps)
        if self.network == 'tcp':
            with self.net.ns.inside():
                sock = self.device.socket(socket.SOCK_STREAM, offer.port_uc)
            self.flow = await self.tcp.connect(offer.port_ps, sock)
        self.me = '%s:%d' % (sip.host_text(self.host), self.port_us)
        self.current, self.pcscf_now = offer, (host, port_ps)

    def request(self, *args, **kw):
        """TS 24.229 s5.1.2A.1.1: the P-CSCF with its protected port."""
        learnt, self.pcscf = self.pcscf, self.pcscf_now
        try:
            return super().request(*args, **kw)
        finally:
            self.pcscf = learnt
