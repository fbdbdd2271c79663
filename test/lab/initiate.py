"""The conference server of draft-ranjit-sipping-conference-01: INITIATE,
Confer-To, Refer-To with action, notifications to the initiator."""
from . import confevent, leg, referral, sip
from .focus import Conference, ConfServer, in_soon


def confer_to(values):
    """4.3: [(URI, action)]; the examples have no <> around the URI."""
    found = []
    for text in values:
        for one in sip.split_outside(text, ','):
            target = referral.ReferTo(one)
            found.append((str(target.uri), target.action or 'add'))
    return found


class Initiated(Conference):
    """F1 to F12: made by an INITIATE."""

    def __init__(self, server, uri, creator=None):
        super().__init__(server, uri, creator)
        self.contact = '<%s>' % uri
        self.initiator, self.sub = None, None

    def begin(self, req, account, wanted):
        self.initiator = account.sub.impus[0]
        for uri, action in wanted:
            if action == 'remove':
                continue
            self.invite(uri, by=None)
            if action == 'hold':
                in_soon(0.3, self.hold, uri, True)
        self.invite(self.initiator)

    def hold(self, uri, on, ref=None):
        """6.3: SDP with a=recvonly; 6.4: with a=sendrecv."""
        self.server.options.conf_hold = 'recvonly'
        return super().hold(uri, on, ref)

    def refer(self, req, reply, account, one=None):
        """6.1 to 6.4; told by the conference NOTIFY, by that of RFC 3515
        only where the option says so."""
        self.server.checks.refer(req, account)
        self.server.checks.need(
            referral.ReferTo(req.get('Refer-To', '')).action in (
                'add', 'remove', 'hold', 'resume'), req,
            'draft-ranjit-sipping-conference-01 s4.4', 'Refer-To %s' %
            req.get('Refer-To'))
        ref = referral.Referral(self.server, req, account, self.contact,
                                one)
        if self.server.options.initiate_refer == 'draft':
            ref.silent, marked = True, ref.silent
            resp = req.answer(202, tag=ref.tag).add('Contact', self.contact)
            if marked:
                resp.add('Refer-Sub', 'false')
            reply(resp)
        else:
            ref.accept(reply)
        self.ask(referral.ReferTo(req.get('Refer-To')), ref, None)

    def gone_leg(self, one, why):
        """6.5, 6.6: the initiator's BYE is the end of it all."""
        user = self.legs.get(one)
        super().gone_leg(one, why)
        if user and user.uri == self.initiator and not self.ended:
            self.end()


class InitiateServer(ConfServer):
    def __init__(self, box, switch):
        super().__init__(box, switch)
        self.domain = 'initiate.%s' % box.hss.home
        self.factory = 'sip:sip-conf@' + self.domain

    def _factory(self, req, reply, account):
        if reply is None:
            return False
        for conf in self.conferences.values():
            if conf.sub and conf.sub.matches(req):
                if req.method == 'REFER':
                    conf.refer(req, reply, account)
                elif req.method in ('SUBSCRIBE', 'INITIATE'):
                    conf.notifier.subscribe(req, reply, account)
                else:
                    reply(req.answer(405).add('Allow', leg.ALLOW))
                return True
        if req.method != 'INITIATE':
            reply(req.answer(481 if req.addr('To').params.get('tag')
                             else 405, tag='initiate').add(
                'Allow', 'INITIATE'))
            return True
        return self.initiate(req, reply, account)

    def initiate(self, req, reply, account):
        """F1, F2."""
        rule = 'draft-ranjit-sipping-conference-01 s4.3'
        need = self.checks.need
        need(len([1 for n, _ in req.headers if n == 'Confer-To']) == 1, req,
             rule, 'Confer-To is not there once')
        need((req.get('Event') or '').lower() == 'conference', req,
             rule, 'Event %s' % req.get('Event'))
        need(req.addr('To').uri.same(sip.Uri.parse(req.uri)), req,
             'RFC 3261 s8.1.1.1', 'To is not the Request-URI')
        self.checker.contact(req, account)
        try:
            wanted = confer_to([v for n, v in req.headers
                                if n == 'Confer-To'])
        except sip.SipError as err:
            need(False, req, rule, str(err))
            return reply(req.answer(400, tag='initiate')) or True
        conf = self.new('draft%d' % (self.count + 1), cls=Initiated)
        expires = req.number('Expires', 3600)
        conf.sub = confevent.Subscription(
            conf.notifier, req, account, expires,
            req.get('Event', 'Conference').split(';')[0].strip())
        conf.notifier.subs.append(conf.sub)
        resp = req.answer(202, tag=conf.sub.tag)
        resp.add('Contact', '<%s>' % self.factory)
        reply(resp.add('Expires', expires))
        conf.notifier.full(conf.sub)
        conf.begin(req, account, wanted)
        return True
