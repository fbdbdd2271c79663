"""Client and server transactions of the network side (RFC 3261 section 17,
RFC 6026)."""
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


class InviteServer(Server):
    """RFC 3261 s17.2.1, RFC 6026 s7.1: 2xx is repeated by the one who sent
    it, all else is repeated here until the ACK."""

    def __init__(self, req, flow, t1):
        super().__init__(req, flow)
        self.t1, self.wait, self.status, self.timer = t1, t1, 0, None
        self.acked, self.cancelled, self.on_cancel = False, False, None

    def send(self, data, times=1):
        super().send(data, times)
        self.status = int(data[8:11])
        if self.status >= 300 and self.flow.transport == 'udp':
            self.timer = asyncio.get_running_loop().call_later(
                self.wait, self.repeat)

    def repeat(self):
        self.flow.send(self.last)
        self.wait *= 2
        if self.wait < 64 * self.t1:
            self.timer = asyncio.get_running_loop().call_later(
                self.wait, self.repeat)

    def again(self):
        if not 200 <= self.status < 300:
            super().again()

    def ack(self):
        self.acked = True
        if self.timer:
            self.timer.cancel()

    def cancel(self):
        """RFC 3261 s9.2."""
        self.cancelled = True
        if self.status < 200 and self.on_cancel:
            self.on_cancel()


class Servers:
    """All server transactions of a node, each kept for 64*T1."""

    def __init__(self, t1):
        self.t1, self.hold, self.table = t1, 64 * t1, {}

    def find(self, req):
        return self.table.get(key_of(req))

    def invite_of(self, req):
        """RFC 3261 s17.2.3, s9.2: the INVITE of an ACK or CANCEL."""
        return self.table.get(key_of(req)[:3] + ('INVITE',))

    def new(self, req, flow):
        key = key_of(req)
        trans = self.table[key] = Server(req, flow) \
            if req.method != 'INVITE' else InviteServer(req, flow, self.t1)
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


class InviteClient(Client):
    """RFC 3261 s17.1.1, RFC 6026 s7.2: done gets every answer."""

    def __init__(self, owner, req, flow, done):
        self.provisional, self.final, self.cancelling = False, None, False
        super().__init__(owner, req, flow, done)

    def send(self):
        self.flow.send(self.data)
        if self.flow.transport == 'udp' and not self.provisional:
            loop = asyncio.get_running_loop()
            self.timer_e = loop.call_later(self.wait, self.send)
            self.wait *= 2

    def within(self, method):
        """ACK of a refusal, or CANCEL: Via, Route and the rest are those
        of the INVITE (RFC 3261 s9.1, s17.1.1.3)."""
        req = sip.Message(method, self.req.uri)
        for name, value in self.req.headers:
            if name in ('Via', 'Max-Forwards', 'Route', 'From', 'To',
                        'Call-ID'):
                req.add(name, value)
        return req.add('CSeq', '%d %s' % (self.req.cseq()[0], method))

    def answer(self, resp):
        self.provisional = True
        self.stop()
        if resp.status < 200 and self.cancelling:
            self.cancelling = False
            self.cancel()
        if resp.status >= 300:
            ack = self.within('ACK').remove('To')
            self.flow.send(ack.add('To', resp.get('To')).to_bytes(
                self.owner.style()))
            if self.final:
                return              # a repeated refusal
            self.final = resp
        if self.done:
            self.done(resp)

    def cancel(self):
        """RFC 3261 s9.1: after the first provisional answer."""
        if not self.provisional:
            self.cancelling = True
        elif not self.final:
            self.owner.start(self.within('CANCEL'), self.flow,
                             lambda resp: None)


class Clients:
    """All client transactions of a node, found by branch and method."""

    def __init__(self, t1, t2, style):
        self.t1, self.t2, self.style, self.table = t1, t2, style, {}

    def start(self, req, flow, done):
        via = sip.Via.parse(req.get('Via'))
        client = (InviteClient if req.method == 'INVITE' else Client)(
            self, req, flow, done)
        if hasattr(done, 'client'):
            done.client = client        # for its CANCEL
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
