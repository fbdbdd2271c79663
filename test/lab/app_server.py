"""The conference server as an application server of another IMS core (TS
24.229 clause 5.7): a SIP node of its own, which meets only the core.

    async with AppServer(hss) as server: ... server.conf.new('room')

It takes the place of box.Box for focus.ConfServer.  What the UE's own network
would have to say (checks.py) is not heard here; session_checks.py is, and what
a core has to put in or take out.
"""
from . import (checks, core, focus, msrp_switch, options, session_checks,
               sip, transaction, transport)


class Binding:
    """The address of a user: its public identity, until its requests have
    shown the registered contact."""

    def __init__(self, uri):
        self.contact, self.gruus, self.seen = sip.NameAddr(uri), set(), False

    def learn(self, req):
        if not self.seen and req.get('Contact'):
            self.contact, self.seen = req.addr('Contact'), True


class Account:
    def __init__(self, sub):
        self.sub = sub
        self.binding = Binding(sip.Uri.parse(sub.impus[0]))


class Dialog:
    """What is kept of one with a UE: whose it is, and its route set."""

    def __init__(self, account, routes):
        self.account, self.routes = account, routes


class AppServer:
    """hss: whose public identities it knows; icscf: where requests to a user
    begin (TS 24.229 s5.7.5); through: hosts that every dialog passes."""

    def __init__(self, hss, host='127.0.0.4', port=5070,
                 icscf=('127.0.0.2', 4060), through=(), t1=0.5, t2=4.0):
        self.hss, self.host, self.port = hss, host, port
        self.icscf, self.through = icscf, set(through)
        self.t1, self.t2 = t1, t2
        self.options = options.Options()
        self.checker = checks.Checker(self.options, hss.home)
        self.session_checks = session_checks.SessionChecks(self.checker)
        self.accounts = {sub.impi: Account(sub) for sub in hss.subs.values()}
        self.dialogs, self.trace = {}, []
        self.core, self.servers = self, []
        self.msrp = msrp_switch.Switch(self.checker, host)
        self.conf = focus.ConfServer(self, self.msrp)

    @property
    def complaints(self):
        return self.checker.complaints

    async def __aenter__(self):
        self.udp = transport.UdpPort(self.received)
        await self.udp.open(self.host, self.port)
        self.transactions = transaction.Servers(self.t1)
        self.clients = transaction.Clients(self.t1, self.t2,
                                           lambda: 'normal')
        await self.msrp.start()
        return self

    async def __aexit__(self, *exc):
        self.conf.stop()
        self.msrp.stop()
        self.clients.stop()
        self.udp.close()

    # octets in

    def received(self, flow, data):
        try:
            msg = sip.parse(data)
            self.trace.append(('up', msg))
            if msg.is_request:
                self.request(msg, flow)
            else:
                self.response(msg)
        except sip.SipError as err:
            self.checker.bad_octets(data, str(err))

    def response(self, resp):
        client = self.clients.find(resp)
        if not client:
            return self.checker.complain(resp, 'RFC 3261 s17.2',
                                         'an answer to nothing')
        resp.headers.remove(next(h for h in resp.headers if h[0] == 'Via'))
        return client.answer(resp)

    def request(self, req, flow):
        invite = self.transactions.invite_of(req)
        if req.method == 'ACK':
            if invite:
                return invite.ack()
            return self.conf.request(req, None, None)
        trans = self.transactions.find(req)
        if trans:
            return trans.again()
        trans = req.trans = self.transactions.new(req, flow)

        def reply(resp):
            self.trace.append(('down', resp))
            trans.send(resp.to_bytes())

        if req.method == 'CANCEL':
            reply(req.answer(200 if invite else 481, tag='server'))
            return invite and invite.cancel()
        if req.method == 'INVITE':
            reply(req.answer(100))
        account = self.sender(req)
        if not account:
            return reply(req.answer(403, tag='server'))
        account.binding.learn(req)
        if not self.conf.request(req, reply, account):
            reply(req.answer(404, tag='server'))
        return None

    def sender(self, req):
        """Whose UE a request comes from; a dialog that it may make."""
        key = (req.get('Call-ID'), req.addr('From').params.get('tag'))
        if req.addr('To').params.get('tag'):
            found = self.dialogs.get(key)
            return found and found.account
        need = self.checker.need
        # TS 24.229 s5.2.6.3.3: P-CSCF
        asserted = req.values('P-Asserted-Identity')
        need(asserted, req, 'TS 24.229 s5.2.6.3', 'nobody is asserted')
        for name in ('P-Preferred-Identity', 'Security-Verify', 'Route'):
            need(not req.get(name), req, 'TS 24.229 s5.2.6.3',
                 '%s passed the core' % name)
        routes = req.values('Record-Route')
        hosts = {sip.NameAddr.parse(r).uri.host for r in routes}
        need(self.through <= hosts, req, 'TS 24.229 s5.2.6.3, s5.4.3.2',
             'Record-Route %s' % routes)
        sub = asserted and self.hss.by_impu(
            str(sip.NameAddr.parse(asserted[0]).uri))
        if not sub:
            return None
        account = self.accounts[sub.impi]
        self.dialogs[key] = Dialog(account, routes)
        return account

    # for the conference server: its core

    def account_of(self, uri):
        sub = self.hss.by_impu(str(uri))
        return self.accounts[sub.impi] if sub else None

    def send(self, req, account, done):
        """A request to a UE, along the route set of its dialog."""
        dialog = self.dialogs.get((req.get('Call-ID'),
                                   req.addr('To').params.get('tag')))
        hop = self.icscf
        for route in dialog.routes if dialog else ():
            req.add('Route', route)
        if dialog and dialog.routes:
            uri = sip.NameAddr.parse(dialog.routes[0]).uri
            hop = (uri.host, uri.port or 5060)

        def answered(resp):
            tag = resp and resp.addr('To').params.get('tag')
            if tag and 100 < resp.status < 300 and not dialog:
                self.dialogs[(resp.get('Call-ID'), tag)] = Dialog(
                    account, resp.values('Record-Route')[::-1])
            done(resp)

        deliver = core.Deliver(answered)
        req.push('Via', 'SIP/2.0/UDP %s:%d;branch=%s' % (
            self.host, self.port, transaction.branch()))
        self.trace.append(('down', req))
        flow = self.udp.flow(hop)
        if req.method == 'ACK':
            flow.send(req.to_bytes())
        else:
            self.clients.start(req, flow, deliver)
        return deliver
