"""Client and server transactions of the network side (RFC 3261 section 17).

INVITE transactions are not here yet: the conference focus brings them.
"""
import asyncio
import secrets

from . import sip


def branch():
    return 'z9hG4bK' + secrets.token_hex(8)


def key_of(req):
    """RFC 3261 s17.2.3: branch, sent-by and method name a transaction."""
    via = sip.Via.parse(req.get('Via', ''))
    return (via.params.get('branch'), via.host, via.port, req.method)


class Server:
    """A non-INVITE server transaction: Trying, Proceeding, Completed."""

    def __init__(self, req, flow):
        self.req, self.flow = req, flow
        self.last, self.repeats = None, 0

    def send(self, data, times=1):
        self.last = data
        for _ in range(times):
            self.flow.send(data)

    def again(self):
        """RFC 3261 s17.2.2: a retransmitted request gets the last answer."""
        self.repeats += 1
        if self.last:
            self.flow.send(self.last)


class Servers:
    """All server transactions of a node, each kept for 64*T1."""

    def __init__(self, t1):
        self.hold, self.table = 64 * t1, {}

    def find(self, req):
        return self.table.get(key_of(req))

    def new(self, req, flow):
        key = key_of(req)
        trans = self.table[key] = Server(req, flow)
        asyncio.get_running_loop().call_later(
            self.hold, lambda: self.table.pop(key, None))
        return trans


class Client:
    """A non-INVITE client transaction (RFC 3261 s17.1.2)."""

    def __init__(self, owner, req, flow, done):
        self.owner, self.req, self.flow, self.done = owner, req, flow, done
        self.data = req.to_bytes(owner.style())
        loop = asyncio.get_running_loop()
        self.wait = owner.t1
        self.timer_f = loop.call_later(64 * owner.t1, self.timeout)
        self.timer_e = None
        self.send()

    def send(self):
        self.flow.send(self.data)
        if self.flow.transport == 'udp':
            loop = asyncio.get_running_loop()
            self.timer_e = loop.call_later(self.wait, self.send)
            self.wait = min(2 * self.wait, self.owner.t2)

    def stop(self):
        self.timer_f.cancel()
        if self.timer_e:
            self.timer_e.cancel()

    def timeout(self):
        self.stop()
        self.owner.forget(self)
        self.done(None)

    def answer(self, resp):
        if resp.status < 200:
            self.wait = self.owner.t2
            return
        self.stop()
        # kept so that a repeated final answer still finds its request
        if self.done:
            done, self.done = self.done, None
            done(resp)


class Clients:
    """All client transactions of a node, found by branch and method."""

    def __init__(self, t1, t2, style):
        self.t1, self.t2, self.style, self.table = t1, t2, style, {}

    def start(self, req, flow, done):
        via = sip.Via.parse(req.get('Via'))
        client = Client(self, req, flow, done)
        self.table[(via.params['branch'], req.method)] = client
        return client

    def find(self, resp):
        """RFC 3261 s17.1.3: top Via branch and CSeq method."""
        via = sip.Via.parse(resp.get('Via', ''))
        return self.table.get((via.params.get('branch'), resp.cseq()[1]))

    def forget(self, client):
        for key, value in list(self.table.items()):
            if value is client:
                del self.table[key]

    def stop(self):
        for client in self.table.values():
            client.stop()
        self.table.clear()
