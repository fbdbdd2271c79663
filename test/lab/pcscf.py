"""The P-CSCF: the UE's edge of the network (TS 24.229 clause 5.2).

It hands requests to the S-CSCF in the same process, with the headers that a
P-CSCF adds, and carries out the transport side of the scripted
misbehaviour.  SigComp is in `link`, security agreement and the ports inside
ESP are in `security`.
"""
import asyncio
import secrets

from . import secagree, sigcomp_link, sip, stun, transaction, transport
from .misbehave import GARBAGE, Action
from .sigcomp_peer import is_sigcomp


class Pcscf:
    def __init__(self, box, index, host, port):
        self.box, self.index, self.host, self.port = box, index, host, port
        self.options, self.checker = box.options, box.checker
        self.scscf = box.scscf
        self.up, self.tasks, self.clients = False, set(), None
        self.link = sigcomp_link.Link(self)
        self.security = secagree.Agreement(self)

    @property
    def address(self):
        return '%s:%d' % (sip.host_text(self.host), self.port)

    async def start(self):
        self.udp, self.tcp, self.port = await transport.open_pair(
            self.received, lambda flow: None, self.host, self.port)
        self.servers = transaction.Servers(self.box.t1)
        self.clients = transaction.Clients(
            self.box.t1, self.box.t2, lambda: self.options.style)
        self.link.start()
        await self.security.start()
        self.up = True

    def stop(self):
        """Abrupt: sockets closed, transactions and connections gone."""
        if self.up:
            self.up = False
            self.udp.close()
            self.tcp.close()
            self.clients.stop()
            self.security.stop()

    @property
    def ports(self):
        """The unprotected port and port_ps."""
        return {self.port, self.security.port}

    def address_for(self, flow):
        """Where a UE reaches this node: port_ps for one inside ESP."""
        return '%s:%d' % (sip.host_text(self.host), self.security.port if
                          flow.set else self.port)

    def uri_for(self, flow):
        return sip.Uri.parse('sip:%s;lr' % self.address_for(flow))

    def registration_over(self, binding):
        self.link.registration_over(binding)
        self.security.registration_over(binding.impi)

    def later(self, seconds, func, *args):
        asyncio.get_running_loop().call_later(seconds, func, *args)

    # octets in

    def received(self, flow, data):
        if not self.up:
            return
        got = None
        if is_sigcomp(data) and self.link.on:
            got = self.link.receive(flow, data)
            if not got:
                return
            data = got.text
        if data.strip(b'\r\n') == b'':
            self.box.note(self, 'up', flow, data, 'keep-alive')
            if flow.transport == 'tcp' and data == b'\r\n\r\n':
                flow.send(b'\r\n')      # RFC 5626 s4.4.1
            return
        if stun.is_request(data):
            self.box.note(self, 'up', flow, data, 'STUN')
            return flow.send(stun.response(data, flow.peer))
        try:
            msg = sip.parse(data)
        except sip.SipError as err:
            self.box.note(self, 'up', flow, data, 'malformed')
            return self.checker.bad_octets(data, str(err))
        self.box.note(self, 'up', flow, data, msg)
        self.link.tally('up', len(data), got.size if got else len(data),
                        bool(got))
        msg.wire = got.size if got else len(data)
        if not self.security.admit(msg, flow):
            return
        try:
            if msg.is_request:
                self.link.heard_request(msg, flow, got)
                self.request(msg, flow)
            else:
                self.response(msg, flow, got)
        except sip.SipError as err:
            self.checker.complain(msg, 'RFC 3261 s25', str(err))

    def response(self, resp, flow, got):
        client = self.clients.find(resp)
        if not client:
            return self.checker.complain(resp, 'RFC 3261 s17.2',
                                         'an answer to nothing')
        self.checker.response(resp, client.req, flow, self.security)
        self.security.answer_came(resp, flow, client)
        self.link.heard_response(resp, client.flow, got)
        resp.headers.remove(next(h for h in resp.headers if h[0] == 'Via'))
        client.answer(resp)

    def request(self, req, flow):
        if req.method == 'ACK':
            return self.ack(req, flow)
        trans = self.servers.find(req)
        if trans:
            self.checker.repeat(trans.req, req.raw)
            if getattr(trans, 'lost', False):
                trans.lost = False
                return self.handle(trans, trans.req, trans.ctx)
            return trans.again()
        if not self.checker.request(req, flow, self.security):
            return flow.send(req.answer(400, tag='bad').to_bytes())
        trans = self.servers.new(req, self.link.answers(
            req, self.security.answers(flow)))
        ctx, kind = None, None
        if req.method == 'REGISTER':
            ctx = self.scscf.classify(req, flow)
            kind = ctx.kind
            self.box.trace[-1].kind = kind
            self.checker.register(req, ctx)
        trans.ctx = ctx
        trans.action = self.box.rules.action(req.method, kind)
        self.act(trans, req, ctx)

    def ack(self, req, flow):
        """Of a refusal: it ends here; of a 2xx: it goes on."""
        trans = self.servers.invite_of(req)
        if trans:
            return trans.ack()
        if self.checker.acknowledges(req, flow, self.security):
            inner = req.copy()
            inner.push('Via', 'SIP/2.0/UDP %s;branch=%s' % (
                self.address, transaction.branch()))
            self.scscf.ack(inner.remove('Route'), flow)

    def cancel(self, trans, req):
        """RFC 3261 s9.2."""
        invite = self.servers.invite_of(req)
        self.answer(trans, req.answer(200 if invite else 481,
                                      tag=secrets.token_hex(4)))
        if invite:
            invite.cancel()

    # misbehaviour

    def act(self, trans, req, ctx):
        name, args = trans.action
        if name in ('ignore', 'kill', 'close'):
            self.security.doubt(trans.flow)
        if name == 'ignore':
            return
        if name == 'lose':
            trans.lost = True
            trans.action = Action('', [])
            return
        if name == 'close':
            return trans.flow.close() if trans.flow.transport == 'tcp' \
                else None
        if name == 'kill':
            self.checker.forget(req)
            self.stop()
            if args:
                self.later(float(args[0]), self.box.restart_soon, self)
            return
        if name == 'garbage':
            for i in range(int(args[0])):
                self.throw(trans.flow, GARBAGE[i % len(GARBAGE)])
        if name in ('delay', 'trying'):
            if name == 'trying':
                self.answer(trans, req.answer(100))
            return self.later(float(args[0]), self.handle, trans, req, ctx)
        self.handle(trans, req, ctx)

    def throw(self, flow, data):
        self.box.note(self, 'down', flow, data, 'garbage')
        flow.send(data)

    # towards the core

    def handle(self, trans, req, ctx):
        if not self.up:
            return
        name, args = trans.action
        refusal = self.security.refuse(req, ctx, trans)
        if refusal:
            return self.answer(trans, refusal)
        if name == 'status':
            resp = req.answer(int(args[0]), tag=secrets.token_hex(4))
            for extra in args[1:]:
                header, _, value = extra.partition('=')
                resp.add(header, value)
            if ctx and ctx.account:
                ctx.account.prev = req
                ctx.account.min_expires = resp.number('Min-Expires', 0)
            return self.answer(trans, resp)
        if req.method == 'CANCEL':
            return self.cancel(trans, req)
        if req.method == 'INVITE':
            self.answer(trans, req.answer(100))
        inner = req.copy()
        inner.action, inner.trans = trans.action, trans
        secagree.secret_free(inner)
        self.add_received(inner, trans.flow)
        inner.push('Via', 'SIP/2.0/UDP %s;branch=%s' % (
            self.address, transaction.branch()))

        def reply(resp):
            resp.headers.remove(next(h for h in resp.headers
                                     if h[0] == 'Via'))
            self.answer(trans, resp)

        if req.method == 'REGISTER':
            # TS 24.229 s5.2.2: Path; RFC 3327
            inner.push('Path', '<sip:term@%s;lr>' % self.address)
            ctx.action = trans.action
            return self.scscf.register(inner, ctx, reply, self)
        self.route(trans, req, inner, reply)

    def route(self, trans, req, inner, reply):
        """TS 24.229 s5.2.6: served only for a registered contact."""
        flow = trans.flow

        def owner(accounts):
            if flow.set:
                return self.security.owner(flow, accounts)
            for account in accounts:
                b = account.binding
                if b and b.pcscf is self and (
                        b.flow.peer == flow.peer or
                        sip.Via.parse(req.get('Via')).port ==
                        (b.contact.uri.port or 5060)):
                    return account
            return None

        account = owner(self.scscf.accounts.values())
        if account:
            route = [self.uri_for(flow)]
            if not req.addr('To').params.get('tag'):
                text = self.options.service_route.split()
                route += [sip.Uri.parse(u)
                          for u in text or [self.scscf.route]]
            self.checker.routed(req, route)
            self.checker.asserted(req, account)
            inner.push('P-Asserted-Identity',
                       '<%s>' % account.sub.impus[0])
        inner.remove('Route')
        inner.push('Record-Route', '<%s>' % self.uri_for(flow))
        self.scscf.request(inner, reply, owner, self)

    def add_received(self, req, flow):
        """RFC 3581 s4 on the UE's Via."""
        values = req.values('Via')
        via = sip.Via.parse(values[0])
        if 'rport' in via.params:
            via.params['rport'] = str(flow.peer[1])
            via.params['received'] = sip.host_text(flow.peer[0])
        req.remove('Via')
        for value in [str(via)] + values[1:]:
            req.add('Via', value)

    def answer(self, trans, resp):
        if not self.up:
            return
        self.security.answered(trans, resp)
        if self.options.keep and resp.status == 200:
            self.keep(resp)
        self.link.mark(resp, trans.req, trans.flow)
        data = resp.to_bytes(self.options.style)
        if trans.action.name == 'lose-answer':
            trans.action = Action('', [])
            trans.last = data
            return
        if trans.action.name in ('unprotected', 'association-2'):
            flow = self.security.elsewhere(trans)
            trans.action, trans.last = Action('', []), data
            self.box.note(self, 'down', flow, data, resp)
            return flow.send(data)
        self.link.spoil += trans.action.name == 'corrupt'
        self.link.skip += trans.action.name == 'uncompressed'
        times = 2 if trans.action.name == 'twice' else 1
        for _ in range(times):
            self.box.note(self, 'down', trans.flow, data, resp)
        trans.send(data, times)

    def keep(self, resp):
        """RFC 6223 s4.3: the interval goes into the UE's Via."""
        via = sip.Via.parse(resp.get('Via'))
        if 'keep' in via.params:
            rest = resp.values('Via')[1:]
            via.params['keep'] = str(self.options.keep)
            resp.remove('Via')
            for value in reversed([str(via)] + rest):
                resp.push('Via', value)

    # towards the UE

    def send_down(self, req, binding, done):
        """A request from the core to a registered contact."""
        req, flow = req.copy(), binding.flow
        own = self.uri_for(flow)
        req.push('Record-Route', '<%s>' % (
            self.link.uri_of(own) if self.link.compresses(binding) else own))
        if flow.set:
            return self._protected(req, binding, done)
        uri = binding.contact.uri
        peer = (uri.host.strip('[]'), uri.port or 5060)
        if flow.transport == 'udp':
            return self._down(req, self.udp.flow(peer), binding, done)
        if self.options.tcp_down == 'reuse' and flow.alive:
            return self._down(req, flow, binding, done)
        open_one = self.tcp.find(peer)
        if open_one:
            return self._down(req, open_one, binding, done)
        self._connect(self.tcp.connect(peer), req, binding, done)

    def _protected(self, req, binding, done):
        """TS 33.203 s7.1: from port_pc to port_us, over UDP or TCP."""
        one = self.security.target(binding)
        if not one:
            return done(None)
        transport = self.options.sec_down
        if transport == 'same':
            transport = binding.flow.transport
        if transport == 'udp':
            return self._down(req, self.security.sets.datagrams(one),
                              binding, done)
        self._connect(self.security.sets.connection(one), req, binding, done)

    def _connect(self, connecting, req, binding, done):
        async def run():
            try:
                flow = await connecting
            except OSError:
                return done(None)
            self._down(req, flow, binding, done)

        task = asyncio.ensure_future(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _down(self, req, flow, binding, done):
        if not self.up:
            return
        flow = self.link.requests(flow, binding)
        req.push('Via', 'SIP/2.0/%s %s;branch=%s%s' % (
            flow.transport.upper(), self.address_for(flow),
            transaction.branch(),
            self.link.via_of(flow)))
        data = req.to_bytes(self.options.style)
        self.box.note(self, 'down', flow, data, req)
        if req.method == 'ACK':
            return flow.send(data)
        self.clients.start(req, flow, done)
