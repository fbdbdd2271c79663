"""What a UE's requests and answers have to look like, header by header
(TS 24.229 clauses 5.1.1, 5.1.2, 5.1.2A; RFC 3261; RFC 3581; RFC 3680).

Every breach becomes a complaint; a test with a complaint has failed.  The
rules on security agreement are in secagree.py where it is in use, else in
no_security().
"""
import base64
import binascii
import re
from collections import namedtuple

from . import digest, esp, sip

Complaint = namedtuple('Complaint', 'message rule text')
INSTANCE = re.compile(
    r'"<urn:(gsma:imei:\d{8}-\d{6}-\d|'
    r'uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})>"\Z')
PANI = re.compile(r'[A-Za-z0-9.\-]+\s*(;\s*[a-z0-9\-]+(="?[^";]+"?)?)*\Z')
QUOTED = {'username', 'realm', 'nonce', 'uri', 'response', 'cnonce',
          'opaque', 'auts'}


class Checker:
    """Keeps what has to agree from one message to the next."""

    def __init__(self, options, home, verbose=False):
        self.options, self.home, self.verbose = options, home, verbose
        self.complaints = []
        self.branches, self.cseqs = set(), {}
        self.broken = False     # a connection was closed by a test

    def complain(self, msg, rule, text):
        if self.options.check:
            name = msg.name if msg else '(no message)'
            self.complaints.append(Complaint(name, rule, text))
            if self.verbose:
                print('complaint: %s in %s: %s' % (rule, name, text),
                      flush=True)

    def need(self, good, msg, rule, text):
        if not good:
            self.complain(msg, rule, text)
        return good

    # every message

    def bad_octets(self, data, why):
        self.complain(None, 'RFC 3261 s25', '%s: %r' % (why, data[:60]))

    def request(self, req, flow, agreement):
        """RFC 3261 s8.1.1, s18.1.1, s20; True when it can be handled."""
        try:
            self._request(req, flow)
            self.security(req, flow, agreement)
        except sip.SipError as err:
            self.complain(req, 'RFC 3261 s25', str(err))
            return False
        return True

    def _request(self, req, flow):
        need = self.need
        vias = req.values('Via')
        need(len(vias) == 1, req, 'RFC 3261 s8.1.1.7',
             '%d Via values' % len(vias))
        via = sip.Via.parse(vias[0])
        need(via.transport == flow.transport.upper(), req,
             'RFC 3261 s18.1.1', 'Via says %s' % via.transport)
        need(via.host.strip('[]') == flow.peer[0], req,
             'RFC 3261 s18.1.1', 'Via host %s, sent from %s' %
             (via.host, flow.peer[0]))
        branch = via.params.get('branch') or ''
        need(branch.startswith('z9hG4bK') and len(branch) > 7, req,
             'RFC 3261 s8.1.1.7', 'no magic cookie in branch "%s"' % branch)
        # RFC 3261 s9.1, s17.1.1.3: CANCEL and ACK share it with the INVITE
        need((branch, req.method) not in self.branches, req,
             'RFC 3261 s8.1.1.7', 'branch used before')
        self.branches.add((branch, req.method))
        if flow.transport == 'udp':
            # in ESP answers go to port_us, whatever the source port
            need(flow.set or 'rport' in via.params and
                 via.params['rport'] is None, req,
                 'RFC 3581 s3', 'Via without an empty rport')
            # without a known path MTU
            size = getattr(req, 'wire', len(req.raw))
            one = flow.set
            size += esp.overhead(*one.pair) if one else 0
            limit = self.options.udp_limit
            need(not limit or size <= limit, req, 'RFC 3261 s18.1.1',
                 '%d octets over UDP' % size)
        else:
            need('Content-Length' in dict(req.headers), req,
                 'RFC 3261 s20.14', 'no Content-Length over TCP')
        need('received' not in via.params, req, 'RFC 3261 s18.2.1',
             'a client does not write received')
        hops = req.number('Max-Forwards')
        need(hops is not None and 0 < hops <= 255, req,
             'RFC 3261 s8.1.1.6', 'Max-Forwards %s' % hops)
        need(sip.CALLID.match(req.get('Call-ID', '')), req,
             'RFC 3261 s8.1.1.4', 'bad Call-ID')
        need(req.addr('From').params.get('tag'), req, 'RFC 3261 s8.1.1.3',
             'From without tag')
        req.addr('To')
        number, method = req.cseq()
        need(method == req.method, req, 'RFC 3261 s8.1.1.5',
             'CSeq method %s' % method)
        if method not in ('ACK', 'CANCEL'):
            key = (req.get('Call-ID'), req.addr('From').params.get('tag'))
            last = self.cseqs.get(key)
            # a connection may break under a request: then one is missing
            gap = 2 if self.broken else 1
            need(last is None or last < number <= last + gap, req,
                 'RFC 3261 s12.2.1.1, s10.2', 'CSeq %d after %s' %
                 (number, last))
            self.cseqs[key] = number

    def acknowledges(self, req, flow, security):
        """RFC 3261 s13.2.2.4: each 2xx that comes again gets the same ACK."""
        branch = sip.Via.parse(req.get('Via', '')).params.get('branch')
        return (branch, 'ACK') in self.branches or \
            self.request(req, flow, security)

    def forget(self, req):
        """A request that died with its P-CSCF: its retransmission reaches
        a server that has never seen it."""
        branch = sip.Via.parse(req.get('Via')).params.get('branch')
        self.branches.discard((branch, req.method))
        self.cseqs.pop((req.get('Call-ID'),
                        req.addr('From').params.get('tag')), None)

    def security(self, msg, flow, agreement):
        if agreement.on:
            agreement.judge(msg, flow)
        else:
            self.no_security(msg)

    def no_security(self, msg):
        """TS 24.229 s5.1.1.2.1 without a security agreement."""
        for name in ('Security-Client', 'Security-Verify',
                     'Security-Server'):
            self.need(not msg.get(name), msg, 'RFC 3329 s2.3.1',
                      '%s without a security agreement' % name)
        for name in ('Require', 'Proxy-Require'):
            self.need('sec-agree' not in msg.tokens(name), msg,
                      'RFC 3329 s2.3.1', '%s: sec-agree without a security '
                      'agreement' % name)
        self.access_network(msg)

    def access_network(self, msg):
        pani = msg.get('P-Access-Network-Info')
        self.need(pani is None or PANI.match(pani), msg,
                  'TS 24.229 s7.2A.4', 'bad P-Access-Network-Info')

    def repeat(self, first, data):
        """RFC 3261 s17.1.2: a retransmission is the same octets."""
        self.need(first.raw == data, first, 'RFC 3261 s17.1.2',
                  'a retransmission differs')

    def response(self, resp, req, flow, agreement):
        """RFC 3261 s8.2.6.2: what an answer copies from the request."""
        try:
            for name in ('Via', 'From', 'Call-ID', 'CSeq'):
                self.need(resp.values(name) == req.values(name), resp,
                          'RFC 3261 s8.2.6.2', '%s changed' % name)
            sent, got = req.addr('To'), resp.addr('To')
            self.need(got.uri.same(sent.uri), resp, 'RFC 3261 s8.2.6.2',
                      'To changed')
            tag = sent.params.get('tag')
            self.need(resp.status == 100 or got.params.get('tag') and
                      tag in (None, got.params['tag']), resp,
                      'RFC 3261 s8.2.6.2', 'To tag')
            self.security(resp, flow, agreement)
        except sip.SipError as err:
            self.complain(resp, 'RFC 3261 s25', str(err))

    # REGISTER

    def register(self, req, ctx):
        """ctx is scscf.Context: kind of REGISTER and what came before."""
        try:
            self._register(req, ctx)
            getattr(self, '_' + ctx.kind.replace('-', '_'))(req, ctx)
        except sip.SipError as err:
            self.complain(req, 'RFC 3261 s25', str(err))

    def _register(self, req, ctx):
        need, rule = self.need, 'TS 24.229 s5.1.1.2.1'
        need(req.uri == 'sip:' + self.home, req, rule,
             'Request-URI %s' % req.uri)
        frm, to = req.addr('From'), req.addr('To')
        need(frm.uri.same(to.uri) and frm.uri.scheme == 'sip', req, rule,
             'From and To are not the same SIP URI')
        need('tag' not in to.params, req, rule, 'To has a tag')
        if ctx.sub:
            need(str(frm.uri) in [ctx.sub.temporary] + ctx.sub.impus, req,
                 rule, '%s is not of this subscription' % frm.uri)
        need(not req.get('Route'), req, 'TS 34.229-1 A.1.1', 'Route')
        need('path' in req.tokens('Supported'), req, rule,
             'Supported without path')
        for name, _ in req.headers:
            need(name not in ('Record-Route', 'Path', 'Service-Route',
                              'P-Asserted-Identity', 'P-Associated-URI'),
                 req, rule, 'a UE does not send %s' % name)
        self._contact(req, ctx)
        self._credentials(req, ctx)

    def _contact(self, req, ctx):
        need, rule = self.need, 'TS 24.229 s5.1.1.2.1'
        contacts = req.values('Contact')
        if not need(len(contacts) == 1, req, rule,
                    '%d contacts' % len(contacts)):
            return
        expires = req.number('Expires')
        if contacts == ['*']:
            need(ctx.kind == 'deregister' and expires == 0, req,
                 'RFC 3261 s10.2.2', 'Contact: * without Expires: 0')
            return
        contact = sip.NameAddr.parse(contacts[0])
        need(contact.uri.scheme == 'sip' and
             contact.uri.host.strip('[]') == ctx.flow.peer[0], req, rule,
             'Contact %s, sent from %s' % (contact.uri, ctx.flow.peer[0]))
        via = sip.Via.parse(req.get('Via'))
        if ctx.flow.transport == 'udp':
            need((contact.uri.port or 5060) == (via.port or 5060), req,
                 rule, 'Contact and Via name different ports')
        supported = req.tokens('Supported')
        instance = contact.params.get('+sip.instance')
        need(instance is None or INSTANCE.match(instance), req,
             'TS 23.003 s13.8', '+sip.instance %s' % instance)
        need(instance or not supported & {'gruu', 'outbound'}, req, rule,
             'gruu or outbound without +sip.instance')
        need('reg-id' not in contact.params or 'outbound' in supported, req,
             'RFC 5626 s4.2.1', 'reg-id without outbound')
        self._expires(req, ctx, contact.params.get('expires', expires))

    def _expires(self, req, ctx, asked):
        """TS 24.229 s5.1.1.2.1: 600000, or what a 423 asked for."""
        want = self.options.expires
        if ctx.kind == 'deregister':
            want = 0
        elif ctx.min_expires:
            self.need(asked is not None and int(asked) >= ctx.min_expires,
                      req, 'RFC 3261 s10.2.8', 'Expires %s below Min-Expires '
                      '%d' % (asked, ctx.min_expires))
            return
        elif not want or (asked == 0 and ctx.prev and
                          ctx.prev.number('Expires') == 0):
            return      # an answer within a de-registration
        self.need(asked is not None and int(asked) == want, req,
                  'TS 24.229 s5.1.1.2.1', 'Expires %s' % asked)

    def _credentials(self, req, ctx):
        """TS 24.229 s5.1.1.2.2, s5.1.1.5.1; quoting of RFC 3261 s25.1."""
        need, rule = self.need, 'TS 24.229 s5.1.1.2.2'
        if not need(len(req.values('Authorization')) == 1, req, rule,
                    '%d Authorization headers' %
                    len(req.values('Authorization'))):
            return
        scheme, auth, quoted = sip.parse_auth(req.get('Authorization'))
        need(scheme == 'Digest', req, rule, 'scheme %s' % scheme)
        for name in ('username', 'realm', 'nonce', 'uri', 'response'):
            need(name in auth or (name == 'response' and 'auts' in auth),
                 req, rule, 'Authorization without %s' % name)
        for name in auth:
            need((name in quoted) == (name in QUOTED), req,
                 'RFC 3261 s25.1', 'quotes of %s' % name)
        need(auth.get('realm') == self.home, req, rule,
             'realm %s' % auth.get('realm'))
        need(auth.get('uri') == 'sip:' + self.home, req, rule,
             'digest uri %s' % auth.get('uri'))

    def _initial(self, req, ctx):
        need, rule = self.need, 'TS 24.229 s5.1.1.2.2'
        auth = ctx.auth
        need(auth.get('nonce', '') == '' and auth.get('response', '') == '',
             req, rule, 'nonce or response not empty')
        extra = set(auth) - {'username', 'realm', 'nonce', 'uri', 'response'}
        need(not extra, req, rule, 'parameters %s' % ', '.join(extra))
        need(not req.get('P-Access-Network-Info'), req,
             'TS 24.229 s5.1.1.2.1', 'P-Access-Network-Info without a '
             'security association')

    def _follows(self, req, ctx):
        """TS 24.229 s5.1.1.5.1, s5.1.1.5.3: what stays the same."""
        need, rule = self.need, 'TS 24.229 s5.1.1.5.1'
        prev, chal = ctx.prev, ctx.challenge
        for name in ('Call-ID', 'From', 'To', 'Contact'):
            if name == 'Contact' and ctx.flow.set:
                continue                # its port and comp may be new
            need(req.get(name) == prev.get(name), req, rule,
                 '%s is not that of the challenged REGISTER' % name)
        need(req.cseq()[0] == prev.cseq()[0] + 1, req, rule, 'CSeq')
        for name in ('realm', 'algorithm', 'opaque'):
            need(ctx.auth.get(name) == chal.params.get(name), req, rule,
                 '%s is %s, was %s' % (name, ctx.auth.get(name),
                                       chal.params.get(name)))

    def _answer(self, req, ctx):
        need, auth = self.need, ctx.auth
        self._follows(req, ctx)
        need(not ctx.challenge.bad, req, 'TS 33.102 s6.3.3',
             'the UE accepted a challenge that was bad: %s' %
             ctx.challenge.bad)
        self._protection(req, ctx, '00000001')
        password = ctx.challenge.password
        need(ctx.challenge.bad or digest.good(
             auth, ctx.challenge.algorithm, password, 'REGISTER', req.body),
             req, 'RFC 3310 s3.3', 'wrong response')

    def _protection(self, req, ctx, nc):
        """RFC 2617 s3.2.2: qop, nc and cnonce together or not at all."""
        need, auth = self.need, ctx.auth
        offered = ctx.challenge.params.get('qop')
        if not offered:
            need(not {'qop', 'nc', 'cnonce'} & set(auth), req,
                 'RFC 2617 s3.2.2', 'qop, nc or cnonce without an offer')
            return
        need(auth.get('qop') in offered.split(','), req, 'RFC 2617 s3.2.2',
             'qop %s, offered %s' % (auth.get('qop'), offered))
        need(auth.get('cnonce'), req, 'RFC 2617 s3.2.2', 'no cnonce')
        need(auth.get('nc') == nc, req, 'RFC 2617 s3.2.2',
             'nc %s, not %s' % (auth.get('nc'), nc))

    def _mac_failure(self, req, ctx):
        """TS 24.229 s5.1.1.5.3: empty response, no auts."""
        self._follows(req, ctx)
        self.need(ctx.challenge.bad == 'mac', req, 'TS 33.102 s6.3.3',
                  'the UE calls the MAC of a good challenge wrong')

    def _sync_failure(self, req, ctx):
        """TS 24.229 s5.1.1.5.3, RFC 3310 s3.4."""
        need, auth = self.need, ctx.auth
        self._follows(req, ctx)
        try:
            octets = base64.b64decode(auth['auts'], validate=True)
        except binascii.Error:
            octets = b''
        need(len(octets) == 14, req, 'RFC 3310 s3.4', 'auts %s' %
             auth['auts'])
        need('response' not in auth or digest.good(
             auth, ctx.challenge.algorithm, b'', 'REGISTER', req.body), req,
             'RFC 3310 s3.4', 'response not of the empty password')

    def _refresh(self, req, ctx):
        """TS 24.229 s5.1.1.4: the last nonce and the last response, or the
        next nc of RFC 2617 s3.2.2 with its response."""
        need, rule = self.need, 'TS 24.229 s5.1.1.4'
        auth, last, prev = ctx.auth, ctx.last, ctx.prev
        need(req.get('Call-ID') == prev.get('Call-ID'), req, rule,
             'another Call-ID')
        for name in ('From', 'To'):
            need(req.addr(name).uri.same(prev.addr(name).uri), req, rule,
                 '%s is not that of the registration' % name)
        need(auth.get('opaque') == last.auth.get('opaque'), req, rule,
             'opaque')
        if auth.get('response') == last.auth['response']:
            return
        # not always by one: requests that were refused or lost count, too
        if 'nc' in last.auth:
            need(int(auth.get('nc', '0'), 16) > int(last.auth['nc'], 16),
                 req, 'RFC 2617 s3.2.2',
                 'nc %s after %s' % (auth.get('nc'), last.auth['nc']))
        need(digest.good(auth, last.algorithm, last.password, 'REGISTER',
                         req.body), req, rule,
             'neither the last response nor a new valid one')

    def _deregister(self, req, ctx):
        """TS 24.229 s5.1.1.6."""
        if ctx.last and ctx.auth.get('nonce') == ctx.last.auth['nonce']:
            self._refresh(req, ctx)
        elif ctx.challenge:
            self._answer(req, ctx)

    # requests after registration

    def routed(self, req, expected):
        """TS 24.229 s5.1.2A: the preloaded route, or the dialog's."""
        try:
            got = [sip.NameAddr.parse(v) for v in req.values('Route')]
            good = len(got) == len(expected) and all(
                'lr' in g.uri.params and g.uri.host == e.host and
                (g.uri.port or 5060) == (e.port or 5060) and
                g.uri.user == e.user for g, e in zip(got, expected))
        except sip.SipError as err:
            return self.complain(req, 'RFC 3261 s25', str(err))
        return self.need(good, req, 'TS 24.229 s5.1.2A.1.1',
                         'Route %s, not %s' % (
                             ', '.join(req.values('Route')) or 'absent',
                             ', '.join(map(str, expected))))

    def subscribe(self, req, account):
        """TS 24.229 s5.1.1.3: the first SUBSCRIBE of a dialog."""
        try:
            self._subscribe(req, account)
        except sip.SipError as err:
            self.complain(req, 'RFC 3261 s25', str(err))

    def _subscribe(self, req, account):
        need, rule = self.need, 'TS 24.229 s5.1.1.3'
        frm, to = req.addr('From').uri, req.addr('To').uri
        ruri = sip.Uri.parse(req.uri)
        need(frm.same(to) and frm.same(ruri), req, rule,
             'Request-URI, From and To differ')
        need(str(frm) in account.sub.impus, req, rule,
             '%s is barred or not registered' % frm)
        need(req.number('Expires') == self.options.expires or
             not self.options.expires, req, rule,
             'Expires %s' % req.get('Expires'))
        need(not req.get('Accept') or
             'application/reginfo+xml' in req.tokens('Accept'), req, rule,
             'Accept without application/reginfo+xml')
        need(req.get('Call-ID') != account.binding.call_id, req,
             'RFC 3261 s8.1.1.4', 'Call-ID of the registration')
        self.contact(req, account)

    def asserted(self, req, account):
        """RFC 3325 s9.2, TS 24.229 s5.1.2A.1.1, on every request."""
        wishes = [str(sip.NameAddr.parse(w).uri)
                  for w in req.values('P-Preferred-Identity')]
        self.need(all(w in account.sub.impus for w in wishes), req, 'TS 24.229 s5.1.2A.1.1',
                  'P-Preferred-Identity %s' % ', '.join(wishes))
        self.need(not req.get('P-Asserted-Identity'), req, 'RFC 3325 s9.1',
                  'a UE does not assert identities')

    def contact(self, msg, account):
        """TS 24.229 s5.1.2A.1.1: a GRUU or the registered address."""
        if not self.need(len(msg.values('Contact')) == 1, msg,
                         'RFC 3261 s8.1.1.8', '%d contacts' %
                         len(msg.values('Contact'))):
            return
        uri, own = msg.addr('Contact').uri, account.binding.contact.uri
        self.need(str(uri) in account.binding.gruus or
                  (uri.host, uri.port) == (own.host, own.port), msg,
                  'TS 24.229 s5.1.2A.1.1', 'Contact %s is neither a GRUU nor '
                  'the registered address' % uri)
