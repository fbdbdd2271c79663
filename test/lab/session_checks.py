"""What a UE's session and conference requests have to look like (TS 24.229
clauses 5.1.2A, 5.1.3, 5.1.4, 6.1; TS 24.147 clause 5.3.1; TS 24.247 clause 7;
RFC 3261, 3262, 3311, 3515, 4575, 4579, 5366): each breach is a complaint."""
import re

from . import cpim, referral, sdp as sdps, sip

IMS_XML = 'application/3gpp-ims+xml'
RINFO = 'application/conference-info+xml'


class SessionChecks:
    def __init__(self, checker):
        self.checker = checker
        self.need, self.complain = checker.need, checker.complain

    def guarded(self, func, msg, *args):
        """A value that cannot be read is a complaint of its own."""
        try:
            func(msg, *args)
        except (sip.SipError, ValueError) as err:
            self.complain(msg, 'RFC 3261 s25', str(err))

    # bodies

    def description(self, msg):
        """The application/sdp in a body or in a part of it; None."""
        if not msg.body:
            return None
        try:
            for headers, body in referral.parts(msg):
                if headers['content-type'].split(';')[0].strip().lower() \
                        == 'application/sdp':
                    return body
        except (ValueError, KeyError) as err:
            self.complain(msg, 'RFC 2046 s5.1', str(err))
        return None

    def recipients(self, msg):
        """The URI list of RFC 5366 s4; [] without one."""
        found = []
        try:
            for headers, body in referral.parts(msg):
                kind = headers.get('content-type', '').split(';')[0].lower()
                if kind != 'application/resource-lists+xml':
                    continue
                disposition = headers.get('content-disposition', '')
                self.need(disposition.split(';')[0].strip() ==
                          'recipient-list' or msg.method == 'REFER', msg,
                          'RFC 5366 s4', 'Content-Disposition %s' %
                          disposition)
                found += referral.uri_list(body)
        except (ValueError, KeyError, SyntaxError) as err:
            self.complain(msg, 'RFC 5366 s4', str(err))
        if found and msg.method == 'INVITE':
            self.need('recipient-list-invite' in msg.tokens('Require'), msg,
                      'RFC 5366 s5.1', 'Require without '
                      'recipient-list-invite')
        return found

    # requests of the UE

    def invite(self, req, account):
        """An initial INVITE."""
        self.guarded(self._invite, req, account)

    def _invite(self, req, account):
        need, rule = self.need, 'TS 24.229 s5.1.3.1'
        self.checker.contact(req, account)
        to, ruri = req.addr('To').uri, sip.Uri.parse(req.uri)
        need(to.same(ruri), req, 'RFC 3261 s8.1.1.1',
             'To %s, Request-URI %s' % (to, ruri))
        need(str(req.addr('From').uri) in account.sub.impus, req,
             'TS 24.229 s5.1.2A.1.1', 'From %s' % req.get('From'))
        allow = req.tokens('Allow')
        need(allow >= {'invite', 'ack', 'cancel', 'bye'}, req,
             'RFC 3261 s13.2.1', 'Allow %s' % sorted(allow))
        supported = req.tokens('Supported') | req.tokens('Require')
        need('100rel' not in supported or 'prack' in allow, req,
             'RFC 3262 s3', '100rel without PRACK in Allow')
        need('precondition' not in supported or 'update' in allow, req,
             'RFC 3312 s11', 'precondition without UPDATE in Allow')
        accept = req.tokens('Accept')
        need({'application/sdp', IMS_XML} <= accept, req, rule,
             'Accept %s' % sorted(accept))
        need(not req.body or req.get('Content-Type'), req,
             'RFC 3261 s20.15', 'a body without Content-Type')
        if 'gruu' not in supported:
            need(str(req.addr('Contact').uri) not in account.binding.gruus,
                 req, 'TS 24.229 s5.1.2A.1.1', 'a GRUU without '
                 'Supported: gruu')

    def preconditions(self, req, media):
        """RFC 3312 s5, TS 24.229 s6.1.2, of a description with them."""
        qos, rule = sdps.qos(media), 'RFC 3312 s5'
        for key in (('curr', 'local'), ('curr', 'remote'),
                    ('des', 'local'), ('des', 'remote')):
            self.need(key in qos, req, rule, 'no %s line for %s' % key)
        self.need(qos.get(('des', 'local'), 'mandatory').startswith(
            'mandatory'), req, 'TS 24.229 s6.1.2', 'des local %s' %
            qos.get(('des', 'local')))
        self.need('precondition' in req.tokens('Supported') |
                  req.tokens('Require') or req.method != 'INVITE', req,
                  'RFC 3312 s11', 'preconditions without their option tag')

    def within(self, req, leg):
        """A request inside a dialog of ours."""
        self.guarded(self._within, req, leg)

    def _within(self, req, leg):
        need = self.need
        want = sip.NameAddr.parse(leg.contact).uri
        need(sip.Uri.parse(req.uri).same(want), req, 'RFC 3261 s12.2.1.1',
             'Request-URI %s, the remote target is %s' % (req.uri, want))
        if req.method in ('INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE'):
            self.checker.contact(req, leg.account)
        if req.method in ('BYE', 'PRACK', 'CANCEL'):
            need(not req.get('Expires'), req, 'RFC 3261 s20', 'Expires')
        if req.method == 'PRACK':
            need(re.match(r'\d+ \d+ INVITE\Z', req.get('RAck', '')), req,
                 'RFC 3262 s7.2', 'RAck %s' % req.get('RAck'))

    def subscribe(self, req, account, sub):
        """TS 24.147 s5.3.1.2, RFC 4575 s3; sub: the one it refreshes."""
        self.guarded(self._subscribe, req, account, sub)

    def _subscribe(self, req, account, sub):
        need = self.need
        event = (req.get('Event') or '').split(';')[0].strip()
        need(event == (sub.event if sub else 'conference'), req,
             'RFC 4575 s3.1', 'Event %s' % req.get('Event'))
        need(not req.get('Accept') or RINFO in req.tokens('Accept'), req,
             'RFC 4575 s3.4', 'Accept %s' % req.get('Accept'))
        need(req.number('Expires') is not None, req, 'RFC 6665 s4.1.2.1',
             'no Expires')
        need(not req.body, req, 'RFC 4575 s3.2', 'a body')
        self.checker.contact(req, account)
        if not sub:
            need(req.addr('To').uri.same(sip.Uri.parse(req.uri)), req,
                 'RFC 3261 s8.1.1.1', 'To is not the Request-URI')
            need(req.tokens('Allow-Events') <= {'conference', 'refer',
                                                'reg'}, req,
                 'RFC 6665 s8.2.2', 'Allow-Events')

    def refer(self, req, account):
        """TS 24.147 s5.3.1.5.3, s5.3.1.6.3; RFC 3515 s2.4.1."""
        self.guarded(self._refer, req, account)

    def _refer(self, req, account):
        need = self.need
        need(len(req.values('Refer-To')) == 1, req, 'RFC 3515 s2.4.1',
             '%d Refer-To values' % len(req.values('Refer-To')))
        self.checker.contact(req, account)
        by = req.get('Referred-By')
        if by:
            uri = sip.NameAddr.parse(by).uri
            need(str(uri) in account.sub.impus, req, 'RFC 3892 s3',
                 'Referred-By %s' % by)
        target = referral.ReferTo(req.get('Refer-To', ''))
        if target.cid:
            need('multiple-refer' in req.tokens('Require'), req,
                 'RFC 5368 s3', 'a list without Require: multiple-refer')
            need((req.get('Refer-Sub') or '').lower() == 'false' or
                 'norefersub' in req.tokens('Require'), req, 'RFC 5368 s3',
                 'a list without Refer-Sub: false')
            ids = [h.get('content-id', '').strip('<>')
                   for h, _ in referral.parts(req)] + [
                       (req.get('Content-ID') or '').strip('<>')]
            need(target.cid in ids, req, 'RFC 2392 s2',
                 'no part with Content-ID %s' % target.cid)

    def message(self, req, account):
        """RFC 3428 s4, s8."""
        self.need(not req.get('Contact'), req, 'RFC 3428 s4', 'Contact')
        self.need(req.get('Content-Type'), req, 'RFC 3428 s4',
                  'no Content-Type')
        for headers, body in referral.parts(req):
            if headers['content-type'].startswith('message/cpim'):
                try:
                    cpim.judge(self.need, req, cpim.parse(body))
                except cpim.CpimError as err:
                    self.complain(req, 'RFC 3862', str(err))

    # answers of the UE

    def session_answer(self, resp, leg):
        """To an INVITE of ours."""
        self.guarded(self._session_answer, resp, leg)

    def _session_answer(self, resp, leg):
        need, rule = self.need, 'RFC 3261 s13.3.1'
        if resp.status <= 100 or resp.status >= 300:
            return
        need(len(resp.values('Contact')) == 1, resp, rule, 'no Contact')
        need(resp.addr('To').params.get('tag'), resp, rule, 'no To tag')
        if resp.status >= 200:
            need(resp.tokens('Allow') >= {'invite', 'ack', 'cancel', 'bye'},
                 resp, rule + '.4', 'Allow %s' %
                 sorted(resp.tokens('Allow')))
            need('100rel' not in resp.tokens('Require'), resp,
                 'RFC 3262 s3', 'a reliable 2xx')
        elif '100rel' in resp.tokens('Require'):
            need(resp.number('RSeq'), resp, 'RFC 3262 s3', 'no RSeq')
        need(not resp.get('P-Asserted-Identity'), resp, 'RFC 3325 s9.1',
             'a UE does not assert identities')
