"""One INVITE dialog of an application server with a UE: both roles (RFC 3261
sections 12 to 15; RFC 3262, 3264, 3311, 3312, 4028).

The owner is asked and told:
    answer(leg, offer)      an Sdp, or None: 488
    offer(leg)              an Sdp
    described(leg, sdp)     what the UE has agreed to
    established(leg), gone_leg(leg, why)
    within(leg, req, reply) any other request of the dialog; True: answered
"""
import asyncio
import secrets

from . import sdp as sdps
from . import sip

ALLOW = ('INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, REFER, MESSAGE, '
         'SUBSCRIBE, NOTIFY, PUBLISH')


def tag():
    return secrets.token_hex(5)


class Leg:
    """contact: our Contact, a whole value; account: whose UE it is."""

    def __init__(self, server, owner, account, local, contact):
        self.server, self.owner, self.account = server, owner, account
        self.core, self.checks = server.core, server.checks
        self.local, self.contact = local, contact
        self.tag, self.cseq, self.remote_cseq = tag(), 1, 0
        self.call_id = secrets.token_hex(8) + '@lab'
        self.remote, self.remote_tag, self.target = None, None, None
        self.state, self.ours, self.theirs = 'new', None, None
        self.invite_req, self.reply, self.rseq = None, None, 0
        self.deliver, self.timer, self.headers = None, None, []
        self.need_update = False
        self.offered = None
        self.pracked, self.once = set(), True

    # both roles

    @property
    def t1(self):
        return self.server.box.t1

    def matches(self, req):
        return (req.get('Call-ID') == self.call_id and
                req.addr('To').params.get('tag') == self.tag and
                req.addr('From').params.get('tag') == self.remote_tag)

    def _later(self, seconds, func, *args):
        self._stop_timer()
        self.timer = asyncio.get_running_loop().call_later(
            seconds, func, *args)

    def _stop_timer(self):
        if self.timer:
            self.timer.cancel()
            self.timer = None

    def _read(self, msg, offer=None):
        """The description in a message of the UE; None without one."""
        body = self.checks.description(msg)
        if body is None:
            return None
        try:
            found = sdps.parse(body)
        except sdps.SdpError as err:
            self.checks.complain(msg, 'RFC 4566 s5', str(err))
            return None
        sdps.judge(self.checks.need, msg, found, offer, self.theirs)
        self.theirs = found
        return found

    def _body(self, msg, sdp):
        if sdp:
            if self.ours:
                sdp.origin[:2] = self.ours.origin[:2]
                same = sdp.media and [m.lines() for m in sdp.media] == \
                    [m.lines() for m in self.ours.media]
                sdp.origin[2] = str(self.ours.version + (not same))
            self.ours = sdp
            msg.add('Content-Type', 'application/sdp')
            msg.body = sdp.to_bytes()
        return msg

    def _finish(self, why):
        if self.state == 'ended':
            return
        self.state = 'ended'
        self._stop_timer()
        if self in self.server.legs:
            self.server.legs.remove(self)
        self.owner.gone_leg(self, why)

    def stop(self):
        self.state = 'ended'
        self._stop_timer()

    # UAS

    def incoming(self, req, reply, headers=()):
        """An INVITE of the UE; headers: for its 2xx."""
        self.server.legs.append(self)
        self.call_id = req.get('Call-ID')
        self.remote, self.local = req.get('From'), req.get('To')
        self.remote_tag = req.addr('From').params['tag']
        self.remote_cseq, self.invite_req = req.cseq()[0], req
        self.target = str(req.addr('Contact').uri)
        self.reply, self.headers, self.state = reply, list(headers), 'early'
        req.trans.on_cancel = self._cancelled
        offer = self._read(req)
        if offer is None:
            if req.body:
                return self.refuse(400)
            # RFC 3261 s13.2.1: the offer is in the 2xx, the answer in the
            # ACK
            self.offered = self.owner.offer(self)
            return self._accept(self.offered)
        answer = self.owner.answer(self, offer)
        if answer is None:
            return self.refuse(488)
        pre = self._preconditions(req, offer, answer)
        rel = '100rel' in req.tokens('Supported') | req.tokens('Require')
        if (pre or self.server.options.conf_rel == 'always') and rel:
            return self._progress(answer)
        self._accept(answer)

    def _preconditions(self, req, offer, answer):
        """RFC 3312 s5.1: our answer's attributes; True when in use."""
        used = False
        tags = req.tokens('Supported') | req.tokens('Require')
        for theirs, ours in zip(offer.media, answer.media):
            qos = sdps.qos(theirs)
            if not qos or not ours.port:
                continue
            self.checks.preconditions(req, theirs)
            if 'precondition' not in tags:
                continue
            used = True
            done = qos.get(('curr', 'local'), 'none') == 'sendrecv'
            self.need_update = self.need_update or not done
            self._qos(ours, 'sendrecv' if done else 'none')
        return used

    @staticmethod
    def _qos(media, remote):
        media.attrs = [(n, v) for n, v in media.attrs
                       if n not in ('curr', 'des', 'conf')]
        media.add('curr', 'qos local sendrecv')
        media.add('curr', 'qos remote ' + remote)
        media.add('des', 'qos mandatory local sendrecv')
        media.add('des', 'qos mandatory remote sendrecv')
        if remote == 'none':
            media.add('conf', 'qos remote sendrecv')

    def _respond(self, req, status, sdp=None, extra=()):
        resp = req.answer(status, tag=self.tag)
        if status < 300:
            resp.add('Contact', self.contact).add('Allow', ALLOW)
        for name, value in extra:
            resp.add(name, value)
        return self._body(resp, sdp)

    def _progress(self, answer):
        """RFC 3262 s3: a 183 that the UE acknowledges."""
        self.rseq = self.rseq + 1 if self.rseq else 100
        resp = self._respond(self.invite_req, 183, answer,
                             [('Require', '100rel'), ('RSeq', self.rseq)])
        self._repeat(resp, self.t1, 'RFC 3262 s3', 'no PRACK')

    def _repeat(self, resp, wait, rule, what):
        if wait > 64 * self.t1:
            self.checks.complain(resp, rule, what)
            return self.refuse(504) if resp.status < 200 else self.bye()
        self.reply(resp.copy())
        self._later(wait, self._repeat, resp, 2 * wait, rule, what)

    def _prack(self, req, reply):
        """RFC 3262 s3, s5."""
        self.checks.need(
            req.get('RAck') == '%d %d INVITE' % (
                self.rseq, self.invite_req.cseq()[0]), req, 'RFC 3262 s7.2',
            'RAck %s' % req.get('RAck'))
        self._stop_timer()
        offer = self._read(req)
        if offer:
            answer = self.owner.answer(self, offer)
            self._preconditions(self.invite_req, offer, answer)
            self._check_reserved(offer)
            reply(self._respond(req, 200, answer))
        else:
            reply(self._respond(req, 200))
        if not self.need_update:
            self._accept(None)

    def _check_reserved(self, offer):
        if all(sdps.qos(m).get(('curr', 'local'), 'sendrecv') == 'sendrecv'
               for m in offer.media if m.port):
            self.need_update = False

    def _update(self, req, reply):
        """RFC 3311 s5.2, RFC 3312 s5.1.2."""
        offer = self._read(req)
        self.target = str(req.addr('Contact').uri)
        if offer is None:
            return reply(self._respond(req, 200, None, self._timer(req)))
        answer = self.owner.answer(self, offer)
        if answer is None:
            return reply(req.answer(488, tag=self.tag))
        if self.state == 'early':
            self._check_reserved(offer)
            self._preconditions(self.invite_req, offer, answer)
        reply(self._respond(req, 200, answer, self._timer(req)))
        self.owner.described(self, offer)
        if self.state == 'early' and not self.need_update:
            self._accept(None)
        return None

    @staticmethod
    def _timer(req):
        """RFC 4028 s9: as asked, the UE refreshes."""
        asked = req.get('Session-Expires')
        if not asked or 'timer' not in req.tokens('Supported'):
            return []
        return [('Session-Expires', asked.split(';')[0] + ';refresher=uac'),
                ('Require', 'timer')]

    def _accept(self, sdp):
        self.state = 'accepted'
        self._stop_timer()
        resp = self._respond(self.invite_req, 200, sdp, self.headers +
                             self._timer(self.invite_req))
        sent = (resp, self.t1, 'RFC 3261 s13.3.1.4', 'no ACK')
        late = self.server.options.conf_late_answer
        if not late:
            return self._repeat(*sent)
        if self.theirs:
            self.owner.described(self, self.theirs)
        return self._later(late, self._repeat, *sent)

    def refuse(self, status, extra=()):
        resp = self.invite_req.answer(status, tag=self.tag)
        for name, value in extra:
            resp.add(name, value)
        self.reply(resp)
        self._finish('refused')

    def _cancelled(self):
        if self.state == 'early':
            self.refuse(487)

    def _acked(self, req):
        self.checks.need(req.cseq()[0] == self.invite_req.cseq()[0], req,
                         'RFC 3261 s13.2.2.4', 'CSeq %s' % req.get('CSeq'))
        if self.state != 'accepted':
            return
        self._stop_timer()
        first, self.once = self.once, False
        self.state = 'confirmed'
        if self.offered:
            found = self._read(req, self.offered)
            self.checks.need(found is not None, req, 'RFC 3261 s13.2.1',
                             'no answer in the ACK')
            self.offered = None
        if self.theirs:
            self.owner.described(self, self.theirs)
        if first:
            self.owner.established(self)

    # in the dialog

    def request(self, req, reply):
        method = req.method
        if method == 'ACK':
            return self._acked(req)
        number = req.cseq()[0]
        if number <= self.remote_cseq:
            self.checks.complain(req, 'RFC 3261 s12.2.1.1',
                                 'CSeq %d after %d' % (number,
                                                       self.remote_cseq))
        self.remote_cseq = number
        self.checks.within(req, self)
        if method == 'BYE':
            reply(req.answer(200, tag=self.tag))
            return self._finish('left')
        if method == 'PRACK':
            return self._prack(req, reply)
        if method == 'UPDATE':
            return self._update(req, reply)
        if method == 'INVITE':
            return self._reinvited(req, reply)
        if self.owner.within(self, req, reply):
            return None
        resp = req.answer(405, tag=self.tag)
        return reply(resp.add('Allow', ALLOW))

    def _reinvited(self, req, reply):
        """RFC 3261 s14.2."""
        if self.state != 'confirmed':
            return reply(req.answer(491, tag=self.tag))
        self.target = str(req.addr('Contact').uri)
        self.invite_req, self.reply = req, reply
        offer = self._read(req)
        if offer is None:
            self.offered = self.owner.offer(self)
            return self._accept(self.offered)
        answer = self.owner.answer(self, offer)
        if answer is None:
            return reply(req.answer(488, tag=self.tag))
        self._preconditions(req, offer, answer)
        self.headers = []
        return self._accept(answer)

    # UAC

    def _request(self, method, cseq=None):
        if cseq is None:
            cseq, self.cseq = self.cseq, self.cseq + 1
        req = sip.Message(method, self.target)
        local = self.local if ';tag=' in self.local else \
            '%s;tag=%s' % (self.local, self.tag)
        for name, value in (('Max-Forwards', 70), ('From', local),
                            ('To', self.remote), ('Call-ID', self.call_id),
                            ('CSeq', '%d %s' % (cseq, method))):
            req.add(name, value)
        if method in ('INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY'):
            req.add('Contact', self.contact)
        return req

    def invite(self, to, headers=()):
        """An INVITE to the UE of self.account."""
        self.server.legs.append(self)
        self.remote, self.target, self.state = '<%s>' % to, to, 'calling'
        req = self._request('INVITE')
        for name, value in (('Allow', ALLOW),
                            ('Supported', '100rel, precondition, timer'),
                            *headers):
            req.add(name, value)
        offer = self.owner.offer(self)
        if self.server.options.conf_preconditions:
            for media in offer.media:
                self._qos(media, 'none')
                media.attrs.remove(('conf', 'qos remote sendrecv'))
        self._body(req, offer)
        self.invite_req = req
        self.deliver = self.core.send(req, self.account, self._answered)

    def _answered(self, resp):
        if resp is None:
            return self._finish('no answer')
        if self.state == 'ended':
            return None
        self.checks.session_answer(resp, self)
        to = resp.addr('To').params.get('tag')
        if 100 < resp.status < 300 and to:
            self.remote, self.remote_tag = resp.get('To'), to
            self.target = str(resp.addr('Contact').uri)
        if resp.status < 200:
            return self._provisional(resp)
        if resp.status >= 300:
            return self._finish('refused %d' % resp.status)
        self._ack(resp)
        if self.state in ('calling', 'early'):
            self.state = 'confirmed'
            if self.theirs:
                self.owner.described(self, self.theirs)
            self.owner.established(self)
        return None

    def _ack(self, resp):
        answer = None
        if self.checks.description(resp) is not None and not self.pracked:
            answer = self._read(resp, self.ours)
        self.checks.need(answer is not None or self.pracked, resp,
                         'RFC 3261 s13.2.1', 'no answer in the 2xx')
        req = self._request('ACK', self.invite_req.cseq()[0])
        self.core.send(req, self.account, lambda resp: None)

    def _provisional(self, resp):
        """RFC 3262 s4."""
        self.state = 'early'
        if '100rel' not in resp.tokens('Require'):
            return
        rseq = resp.number('RSeq')
        if rseq in self.pracked:
            return
        self.checks.need(not self.pracked or rseq == max(self.pracked) + 1,
                         resp, 'RFC 3262 s3', 'RSeq %s' % rseq)
        if self.checks.description(resp) is not None and not self.pracked:
            self._read(resp, self.ours)
        self.pracked.add(rseq)
        req = self._request('PRACK')
        req.add('RAck', '%d %d INVITE' % (rseq,
                                          self.invite_req.cseq()[0]))
        self.core.send(req, self.account, lambda resp: self.checks.need(
            resp is not None and resp.status == 200, resp, 'RFC 3262 s3',
            'PRACK answered %s' % (resp and resp.status)))

    def cancel(self):
        if self.deliver:
            self.deliver.cancel()

    def bye(self, reason=None):
        if self.state in ('ended', 'new'):
            return
        if self.state in ('calling', 'early') and self.deliver:
            return self.cancel()
        if self.state == 'early':
            return self.refuse(480)
        req = self._request('BYE')
        if reason:
            req.add('Reason', reason)
        self.state = 'leaving'
        self._stop_timer()
        self.core.send(req, self.account, self._byed)

    def _byed(self, resp):
        self.checks.need(resp is not None and resp.status in (200, 481),
                         resp, 'RFC 3261 s15.1.2', 'BYE answered %s' % (
                             resp and resp.status))
        self._finish('removed')

    def reinvite(self, change, done=lambda good: None, method='INVITE'):
        """change(sdp): what the new offer has otherwise."""
        offer = sdps.parse(self.ours.to_bytes())
        for media in offer.media:
            media.attrs = [(n, v) for n, v in media.attrs
                           if n not in ('conf',)]
        change(offer)
        req = self._request(method)
        req.add('Allow', ALLOW).add('Supported', '100rel, timer')
        self._body(req, offer)

        def answered(resp):
            if resp is None or resp.status >= 300:
                return done(False)
            if resp.status < 200:
                return None
            self._read(resp, self.ours)
            if method == 'INVITE':
                self.core.send(self._request('ACK', req.cseq()[0]),
                               self.account, lambda resp: None)
            self.owner.described(self, self.theirs)
            return done(True)

        self.core.send(req, self.account, answered)

    def hold(self, direction, done=lambda good: None, method='INVITE'):
        """RFC 3264 s8.4: sendonly or inactive; sendrecv resumes."""
        def change(offer):
            for media in offer.media:
                media.attrs = [(n, v) for n, v in media.attrs
                               if n not in sdps.DIRECTIONS]
                media.add(direction)
        self.reinvite(change, done, method)
