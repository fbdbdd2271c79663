"""The S-CSCF: registrar and authentication (TS 24.229 clause 5.4.1).

Requests arrive from a P-CSCF as (message, reply, flow); services that come
later (conference focus, messages between UEs) hook into `services`.
"""
import asyncio
import base64
import secrets
import time

from . import digest, regevent, sip
from .misbehave import Action


class Challenge:
    """One 401 and what the UE has to make of it."""

    def __init__(self, params, algorithm, vector, password, bad):
        self.params, self.algorithm = params, algorithm
        self.vector, self.password, self.bad = vector, password, bad
        self.auth = None                # the credentials that answered it


class Binding:
    """The registered contact of a private identity."""

    def __init__(self, contact, call_id, impi, impu, pcscf, flow):
        self.impi = impi
        self.contact, self.call_id, self.impu = contact, call_id, impu
        self.pcscf, self.flow = pcscf, flow
        self.params, self.gruus, self.pub_gruu = {}, set(), None
        self.temp_gruu, self.first_cseq = None, 0
        self.expires_at, self.timer, self.shortened = 0, None, False

    def left(self):
        return max(0, round(self.expires_at - time.monotonic()))


class Account:
    """What the S-CSCF knows about one subscription."""

    def __init__(self, sub):
        self.sub, self.binding = sub, None
        self.challenge, self.last, self.prev = None, None, None
        self.min_expires, self.last_offer = 0, None
        self.subscriptions = []


class Context:
    """One REGISTER put in its place: see classify()."""

    def __init__(self, kind, req, flow, account, auth):
        self.kind, self.flow, self.auth = kind, flow, auth
        self.account = account
        self.sub = account.sub if account else None
        self.challenge = account.challenge if account else None
        self.last = account.last if account else None
        self.prev = account.prev if account else None
        self.min_expires = account.min_expires if account else 0
        self.action = Action('', [])


def asked_expires(req):
    """RFC 3261 s10.2.1.1: the Contact parameter comes first."""
    contact = req.get('Contact', '')
    if contact and contact != '*':
        value = sip.NameAddr.parse(contact).params.get('expires')
        if value is not None:
            return int(value)
    return req.number('Expires', 3600)


class Scscf:
    """services: list of f(req, reply, account) -> True when handled; for an
    ACK reply and account are None."""

    def __init__(self, hss, options, checker):
        self.hss, self.options, self.checker = hss, options, checker
        self.uri = 'sip:scscf1.%s' % hss.home
        self.route = 'sip:orig@scscf1.%s;lr' % hss.home
        self.accounts, self.services = {}, []
        self.notifier = regevent.Notifier(self, options, checker)

    def account(self, impi):
        sub = self.hss.find(impi)
        if sub and sub.impi not in self.accounts:
            self.accounts[sub.impi] = Account(sub)
        return self.accounts.get(sub.impi) if sub else None

    def classify(self, req, flow):
        """Which REGISTER of the procedures this is, by its credentials."""
        auth = {}
        try:
            if req.get('Authorization'):
                auth = sip.parse_auth(req.get('Authorization'))[1]
            zero = asked_expires(req) == 0
        except (sip.SipError, ValueError):
            zero = False
        account = self.account(auth.get('username', ''))
        if not account and not auth:
            sub = self.hss.by_impu(str(req.addr('To').uri))
            account = sub and self.account(sub.impi)
        kind, nonce = 'initial', auth.get('nonce')
        if account and nonce:
            chal, last = account.challenge, account.last
            if chal and nonce == chal.params.get('nonce'):
                kind = ('sync-failure' if 'auts' in auth else
                        'mac-failure' if not auth.get('response') else
                        'answer')
            elif last and account.binding and nonce == last.auth['nonce']:
                kind = 'refresh'
            if zero and kind in ('answer', 'refresh'):
                kind = 'deregister'
        return Context(kind, req, flow, account, auth)

    # REGISTER

    def register(self, req, ctx, reply, pcscf):
        account, action = ctx.account, ctx.action
        if not account:
            return reply(req.answer(403, tag=self._tag()))
        account.prev = req
        if self.options.min_expires and \
                0 < asked_expires(req) < self.options.min_expires:
            account.min_expires = self.options.min_expires
            resp = req.answer(423, tag=self._tag())
            return reply(resp.add('Min-Expires', self.options.min_expires))
        if ctx.kind in ('initial', 'mac-failure'):
            return reply(self._challenge(req, account, action))
        chal = ctx.challenge
        if ctx.kind == 'sync-failure':
            good = len(base64.b64decode(ctx.auth['auts'])) == 14 and \
                account.sub.alg and account.sub.resync(
                    chal.vector.rand, base64.b64decode(ctx.auth['auts']))[0]
            if not good:
                return reply(req.answer(403, 'Bad AUTS', self._tag()))
            return reply(self._challenge(req, account, action))
        fresh = chal and ctx.auth['nonce'] == chal.params.get('nonce')
        if not fresh:                   # a refresh with the last credentials
            if self.options.challenge == 'always' or \
                    account.binding.shortened:
                return reply(self._challenge(req, account, action))
            account.last.auth = ctx.auth
        elif not digest.good(ctx.auth, chal.algorithm, chal.password,
                             'REGISTER', req.body):
            account.challenge = None
            return reply(req.answer(403, 'Authentication Failed',
                                    self._tag()))
        else:
            chal.auth, account.last, account.challenge = ctx.auth, chal, None
        account.min_expires = 0
        self._bind(req, ctx, reply, pcscf)

    @staticmethod
    def _tag():
        return secrets.token_hex(4)

    def _challenge(self, req, account, action):
        """TS 24.229 s5.4.1.2.1, RFC 3310 s3.2."""
        sub, options = account.sub, self.options
        resp = req.answer(401, tag=self._tag())
        algorithm, vector, bad = options.algorithm, None, ''
        if sub.password is None:
            vector = sub.vector(bytes(5) + b'\1'
                                if action.name == 'old-sqn' else None)
            autn = vector.autn
            if action.name == 'bad-mac':
                autn = autn[:-1] + bytes([autn[-1] ^ 1])
            octets = vector.rand + autn + secrets.token_bytes(
                options.server_data)
            password = digest.aka_password(algorithm, vector.keys)
        else:
            if algorithm.startswith('AKA'):
                algorithm = 'MD5'
            octets, password = secrets.token_bytes(16), sub.password
        bad = {'bad-mac': 'mac', 'old-sqn': 'sqn'}.get(action.name, '')
        nonce = base64.b64encode(octets).decode()
        if action.name in ('no-challenge', 'basic', 'short-nonce',
                           'bad-base64', 'algorithm'):
            bad = 'unusable'
        if action.name == 'short-nonce':
            nonce = base64.b64encode(octets[:31]).decode()
        if action.name == 'bad-base64':
            nonce = '*' + nonce[1:]
        if action.name == 'algorithm':
            algorithm = action.args[0]
        params = {'realm': self.hss.home, 'nonce': nonce,
                  'algorithm': algorithm}
        if options.opaque:
            params['opaque'] = options.opaque
        if options.qop != 'none':
            params['qop'] = options.qop
        if action.name == 'basic':
            resp.add('WWW-Authenticate', 'Basic realm="%s"' % self.hss.home)
        elif action.name != 'no-challenge':
            resp.add('WWW-Authenticate', 'Digest ' + ', '.join(
                '%s=%s' % (k, v) if k == 'algorithm' else '%s="%s"' % (k, v)
                for k, v in params.items()))
        account.challenge = Challenge(params, algorithm, vector, password,
                                      bad)
        return resp

    def _bind(self, req, ctx, reply, pcscf):
        """RFC 3261 s10.3 and TS 24.229 s5.4.1.2.2, s5.4.1.4."""
        account, options = ctx.account, self.options
        resp = req.answer(200, tag=self._tag())
        for path in req.values('Path'):
            resp.add('Path', path)
        grant = asked_expires(req)
        if options.grant and grant:
            grant = min(grant, options.grant)
        if grant == 0:
            contact = req.get('Contact')
            if contact != '*':
                addr = sip.NameAddr.parse(contact)
                addr.params['expires'] = '0'
                resp.add('Contact', addr)
            self._finish(resp, ctx, req)
            reply(resp)
            return self.unbind(account, 'unregistered')
        old = account.binding
        event = 'refreshed' if old else 'registered'
        self._new_binding(req, ctx, pcscf, grant)
        if ctx.action.name == 'foreign-contact':
            resp.add('Contact', '<sip:10.1.1.1:5999>;expires=77')
        else:
            if options.extras:
                resp.add('Contact', '<sip:10.1.1.1:5999>;expires=77')
            resp.add('Contact', account.binding.contact)
        impus = account.sub.impus
        resp.add('P-Associated-URI', ', '.join('<%s>' % u for u in impus))
        for uri in options.service_route.split() or [self.route]:
            resp.add('Service-Route', '<%s>' % uri)
        self._finish(resp, ctx, req)
        reply(resp)
        self.notifier.changed(account, event)

    def _finish(self, resp, ctx, req):
        options, last = self.options, ctx.account.last
        if options.extras:
            resp.add('Feature-Caps', '*;+g.3gpp.unknown="yes"')
            resp.add('X-Nobody-Knows', 'a, "b;c", <d>')
        if options.auth_info != 'off' and last:
            proof = digest.rspauth(last.auth, last.algorithm, last.password)
            if options.auth_info == 'bad':
                proof = '0' * len(proof)
            auth = last.auth
            info = 'rspauth="%s"' % proof
            if 'qop' in auth:
                info = 'qop=%s, %s, cnonce="%s", nc=%s' % (
                    auth['qop'], info, auth['cnonce'], auth['nc'])
            resp.add('Authentication-Info', info)

    def _new_binding(self, req, ctx, pcscf, grant):
        account, old = ctx.account, ctx.account.binding
        contact = req.addr('Contact')
        impu = str(req.addr('To').uri)
        if old and old.contact.uri.same(contact.uri) and \
                old.call_id == req.get('Call-ID'):
            binding = old
            binding.contact, binding.pcscf = contact, pcscf
            binding.flow, binding.shortened = ctx.flow, False
            binding.timer.cancel()
        else:
            # TS 24.229 s5.4.1.2.2: the private identity's new contact
            # takes the place of the old one
            if old:
                old.timer.cancel()
            binding = Binding(contact, req.get('Call-ID'),
                              account.sub.impi, impu, pcscf, ctx.flow)
            binding.first_cseq = req.cseq()[0]
            account.binding = binding
        binding.params = {k: v for k, v in contact.params.items()
                          if k not in ('expires', 'pub-gruu', 'temp-gruu')}
        contact.params['expires'] = str(grant)
        instance = sip.unquote(contact.params.get('+sip.instance'))
        if self.options.gruu and instance and \
                'gruu' in req.tokens('Supported'):
            self._gruu(account, binding, instance)
        self.set_expiry(account, grant)

    def _gruu(self, account, binding, instance):
        """RFC 5627 s5.3: a public and a fresh temporary GRUU."""
        aor = account.sub.impus[0]
        binding.pub_gruu = '%s;gr=%s' % (aor, instance.strip('<>'))
        binding.temp_gruu = 'sip:tgruu.%s@%s;gr' % (
            secrets.token_hex(8), self.hss.home)
        binding.gruus |= {binding.pub_gruu, binding.temp_gruu}
        binding.contact.params['pub-gruu'] = '"%s"' % binding.pub_gruu
        binding.contact.params['temp-gruu'] = '"%s"' % binding.temp_gruu

    def set_expiry(self, account, seconds):
        binding = account.binding
        if binding.timer:
            binding.timer.cancel()
        binding.expires_at = time.monotonic() + seconds
        binding.timer = asyncio.get_running_loop().call_later(
            seconds, self._expired, account)

    def _expired(self, account):
        """TS 24.229 s5.1.1.4: a UE refreshes in time while it lives."""
        self.checker.complain(None, 'TS 24.229 s5.1.1.4',
                              'a binding expired without a refresh')
        self.unbind(account, 'expired')

    def unbind(self, account, event, form='with', **kw):
        """RFC 3680 s5: the registration ends, its watchers are told."""
        if not account.binding:
            return
        self.notifier.ended(account, event, form, **kw)
        account.binding.pcscf.registration_over(account.binding)
        account.binding.timer.cancel()
        account.binding = account.last = account.challenge = None

    # everything else

    def request(self, req, reply, binding_of, pcscf):
        """From the UE, its own route headers already taken off."""
        account = binding_of(self.accounts.values())
        if account:
            for service in self.services:
                if service(req, reply, account):
                    return
        if req.method == 'SUBSCRIBE' and self.notifier.subscribe(
                req, reply, account):
            return
        if account is None:
            return reply(req.answer(403, tag=self._tag()))
        reply(req.answer(405 if req.method == 'SUBSCRIBE' else 404,
                         tag=self._tag()))

    def ack(self, req, flow):
        """The ACK of a 2xx: no answer."""
        for service in self.services:
            if service(req, None, None):
                return
        self.checker.complain(req, 'RFC 3261 s13.2.2.4', 'an ACK to nothing')
