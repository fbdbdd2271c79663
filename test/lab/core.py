"""What lies behind the S-CSCF: application servers, and the way from one UE
to another (TS 24.229 clauses 5.4.3.2, 5.4.3.3).

An application server is asked by request(req, reply, account) whether a
Request-URI is its own; for an ACK reply and account are None.
"""
from . import sip


class Deliver:
    """What becomes of a request to a UE; answers go to `done`."""

    def __init__(self, done):
        self.done, self.client = done, None

    def __call__(self, resp):
        self.done(resp)

    def cancel(self):
        if self.client:
            self.client.cancel()


class Core:
    def __init__(self, scscf, checker):
        self.scscf, self.checker, self.servers = scscf, checker, []
        self.proxied = {}               # Call-ID to the pair of accounts
        scscf.services.append(self.service)

    def service(self, req, reply, account):
        for server in self.servers:
            if server.request(req, reply, account):
                return True
        return self.between(req, reply, account)

    # users

    def account_of(self, uri):
        """The subscription of a public identity, a GRUU or a contact."""
        for account in self.scscf.accounts.values():
            b = account.binding
            if str(uri) in account.sub.impus or \
                    str(uri) == account.sub.temporary:
                return account
            if b and (str(uri) in b.gruus or
                      (uri.host, uri.port or 5060) ==
                      (b.contact.uri.host, b.contact.uri.port or 5060)
                      and uri.user == b.contact.uri.user):
                return account
        return None

    def send(self, req, account, done):
        """A request to a UE: its Request-URI becomes the contact."""
        binding = account.binding
        if not binding:
            done(None)
            return Deliver(done)
        uri = sip.Uri.parse(req.uri)
        if (uri.host, uri.port or 5060) != (
                binding.contact.uri.host, binding.contact.uri.port or 5060):
            # TS 24.229 s5.4.3.3
            if not req.addr('To').params.get('tag'):
                req.add('P-Called-Party-ID', '<%s>' % req.uri)
            req.uri = str(binding.contact.uri)
        deliver = Deliver(done)
        binding.pcscf.send_down(req, binding, deliver)
        return deliver

    def between(self, req, reply, account):
        """From one UE to the other.  Each sees its own P-CSCF alone."""
        uri = sip.Uri.parse(req.uri)
        other = self.account_of(uri)
        if not other:
            return False
        if reply is None:
            down = self._down(req)
            self.send(down, other, lambda resp: None)
            return True
        if other is account and req.method in ('SUBSCRIBE', 'PUBLISH'):
            return False
        if not other.binding:
            reply(req.answer(480, tag='core'))
            return True
        mine = req.values('Record-Route')

        def done(resp):
            if resp is None:
                return reply(req.answer(408, tag='core'))
            resp = resp.copy().remove('Record-Route')
            for value in mine if resp.status < 300 else ():
                resp.add('Record-Route', value)
            if resp.status == 100:
                return None
            return reply(resp)

        deliver = self.send(self._down(req), other, done)
        if req.method == 'INVITE':
            req.trans.on_cancel = deliver.cancel
        return True

    @staticmethod
    def _down(req):
        down = req.copy().remove('Record-Route').remove(
            'P-Preferred-Identity').remove('P-Access-Network-Info')
        hops = req.number('Max-Forwards', 70)
        return down.remove('Max-Forwards').add('Max-Forwards', hops - 1)
