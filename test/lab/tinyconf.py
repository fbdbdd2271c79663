"""The small UE in conferences: INVITE both ways, REFER, SUBSCRIBE to the
conference event, MSRP.  It proves the lab, with faults on request."""
import asyncio
import secrets

from . import msrp_switch, referral, sdp as sdps, sip
from .tinyue import TinyUe

ALLOW = ('INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, REFER, MESSAGE, '
         'SUBSCRIBE, NOTIFY')
ACCEPT = 'application/sdp, application/3gpp-ims+xml'


class Call:
    """One INVITE dialog."""

    def __init__(self, call_id, local, remote, target, route):
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target, self.route, self.cseq = target, route, 1
        self.state, self.theirs, self.session = 'early', None, None
        self.ours, self.provisional, self.headers = None, [], {}
        self.status = 0


class ConfUe(TinyUe):
    """answer_status: to an INVITE from the network."""

    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.calls, self.answer_status, self.messages = [], 200, []
        self.setup, self.chatroom = 'active', 'nickname private-messages'
        self.skip = set()           # faults: 'ack', 'allow', 'accept' ...
        self.version = 1

    async def start(self):
        await super().start()
        self.switch = msrp_switch.Switch(_Blind(), self.host)
        await self.switch.start()
        self.endpoint_ = msrp_switch.Endpoint()
        return self

    def stop(self):
        self.switch.stop()
        super().stop()

    # SDP

    def session_of(self, call):
        call.session = call.session or msrp_switch.Session(
            self.switch, self.endpoint_, self.sub.imsi)
        return call.session

    def offer(self, call, kinds='message', qos=None, direction=None):
        out = sdps.Sdp(self.host, 77, self.version)
        for kind in kinds.split('+'):
            if kind == 'message':
                media = self.session_of(call).media(self.setup,
                                                    self.chatroom)
            else:
                media = sdps.Media('audio', 4000, 'RTP/AVP', ['0', '96'])
                media.add('rtpmap', '96 AMR/8000')
            if qos:
                media.add('curr', 'qos local ' + qos)
                media.add('curr', 'qos remote none')
                media.add('des', 'qos mandatory local sendrecv')
                media.add('des', 'qos optional remote sendrecv')
            if direction:
                media.add(direction)
            out.media.append(media)
        call.ours = out
        return out

    def answer_to(self, call, offer):
        out = sdps.Sdp(self.host, 78, 1)
        for theirs in offer.media:
            if theirs.kind == 'message':
                media = self.session_of(call).media(
                    {'active': 'passive'}.get(theirs.get('setup'),
                                              'active'),
                    self.chatroom if theirs.has('chatroom') else None)
                call.session.agreed(theirs, media.get('setup') == 'active')
            else:
                media = sdps.Media('audio', 4000, 'RTP/AVP',
                                   theirs.formats[:1])
                media.add(sdps.REVERSED[offer.direction(theirs)])
            out.media.append(media)
        call.ours = out
        return out

    def learned(self, call, body):
        call.theirs = sdps.parse(body)
        for media, ours in zip(call.theirs.media, call.ours.media):
            if media.kind == 'message' and media.port:
                self.session_of(call).agreed(
                    media, media.get('setup') == 'passive')

    # requests

    def initial(self, method, uri):
        req = self.request(method, uri, '<%s>' % uri,
                           secrets.token_hex(8) + '@ue', 1)
        return req.add('P-Preferred-Identity', '<%s>' % self.impus[0])

    def inside(self, call, method, cseq=None):
        if cseq is None:
            call.cseq += 1
            cseq = call.cseq
        req = sip.Message(method, call.target)
        for value in call.route:
            req.add('Route', value)
        for name, value in (('Max-Forwards', 70), ('From', call.local),
                            ('To', call.remote), ('Call-ID', call.call_id),
                            ('CSeq', '%d %s' % (cseq, method))):
            req.add(name, value)
        if method in ('INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE'):
            req.add('Contact', self.contact)
        return req

    async def invite(self, uri, kinds='message', qos=None, users=(),
                     headers=(), late=False):
        """The final answer and the Call."""
        req = self.initial('INVITE', uri)
        call = Call(req.get('Call-ID'), req.get('From'), None, uri, [])
        if 'allow' not in self.skip:
            req.add('Allow', ALLOW)
        if 'accept' not in self.skip:
            req.add('Accept', ACCEPT)
        req.add('Supported', '100rel, precondition' if qos else '100rel')
        for name, value in headers:
            req.add(name, value)
        if not late:
            self.body(req, self.offer(call, kinds, qos).to_bytes(), users)
        call.req = req
        self.calls.append(call)
        resp = await self.ask(req, 8)
        if resp is not None and resp.status < 300 and late:
            call.ours = self.answer_to(call, sdps.parse(resp.body))
        elif resp is not None and resp.status < 300 and resp.body:
            self.learned(call, resp.body)
        if resp is not None and resp.status < 300:
            self.dialog(call, resp)
            call.state = 'confirmed'
            ack = self.inside(call, 'ACK', 1)
            if late:
                ack.add('Content-Type', 'application/sdp')
                ack.body = call.ours.to_bytes()
            if 'ack' not in self.skip:
                self.send_ack(ack)
        return resp, call

    def body(self, req, sdp, users=()):
        """RFC 5366 s4: description and list."""
        if not users:
            req.add('Content-Type', 'application/sdp')
            req.body = sdp
            return
        entries = ''.join('<entry uri="%s"/>' % u for u in users)
        req.add('Require', 'recipient-list-invite')
        req.add('Content-Type', 'multipart/mixed;boundary="b1"')
        req.body = (b'--b1\r\nContent-Type: application/sdp\r\n\r\n' + sdp +
                    b'\r\n--b1\r\nContent-Type: application/'
                    b'resource-lists+xml\r\nContent-Disposition: '
                    b'recipient-list\r\n\r\n<resource-lists xmlns="urn:ietf'
                    b':params:xml:ns:resource-lists"><list>' +
                    entries.encode() + b'</list></resource-lists>'
                    b'\r\n--b1--\r\n')

    def dialog(self, call, resp):
        call.remote = resp.get('To')
        call.target = str(resp.addr('Contact').uri)
        call.route = list(reversed(resp.values('Record-Route')))

    def send_ack(self, ack):
        ack.push('Via', 'SIP/2.0/%s %s;branch=z9hG4bK%s;rport' % (
            self.network.upper(), self.me, secrets.token_hex(8)))
        self.send(self.flow, ack.to_bytes())

    async def bye(self, call):
        call.state = 'ended'
        return await self.ask(self.inside(call, 'BYE'))

    async def refer(self, uri, refer_to, call=None, headers=()):
        req = self.inside(call, 'REFER') if call else \
            self.initial('REFER', uri)
        req.add('Refer-To', refer_to)
        for name, value in headers:
            req.add(name, value)
        return await self.ask(req)

    async def watch(self, uri, expires=3600, headers=()):
        """SUBSCRIBE to the conference event; (answer, Call)."""
        req = self.initial('SUBSCRIBE', uri)
        req.add('Event', 'conference').add('Expires', expires)
        req.add('Accept', 'application/conference-info+xml')
        for name, value in headers:
            req.add(name, value)
        call = Call(req.get('Call-ID'), req.get('From'), None, uri, [])
        resp = await self.ask(req)
        if resp is not None and resp.status < 300:
            self.dialog(call, resp)
        return resp, call

    async def unwatch(self, call):
        req = self.inside(call, 'SUBSCRIBE')
        return await self.ask(req.add('Event', 'conference').add('Expires',
                                                                 0))

    def heard(self, method, call_id=None):
        return [r for r in self.requests if r.method == method and
                call_id in (None, r.get('Call-ID'))]

    async def until(self, condition, seconds=5):
        for _ in range(int(seconds * 100)):
            if condition():
                return True
            await asyncio.sleep(0.01)
        return False

    # what comes

    def received(self, flow, data):
        try:
            msg = sip.parse(data)
        except sip.SipError:
            return super().received(flow, data)
        if not msg.is_request:
            if msg.status < 200 and msg.cseq()[1] == 'INVITE':
                self._provisional(msg)
            elif msg.status >= 300 and msg.cseq()[1] == 'INVITE':
                self._refused(msg)
            return super().received(flow, data)
        if msg.method == 'INVITE':
            return self._invited(flow, msg)
        if msg.method == 'BYE':
            for call in self.calls:
                if call.call_id == msg.get('Call-ID'):
                    call.state = 'ended'
                    if call.session:
                        call.session.close()
        if msg.method == 'ACK':
            self.requests.append(msg)
            return None
        return super().received(flow, data)

    def _call_of(self, msg):
        for call in self.calls:
            if call.call_id == msg.get('Call-ID'):
                return call
        return None

    def _refused(self, msg):
        """RFC 3261 s17.1.1.3."""
        call = self._call_of(msg)
        if not call or not hasattr(call, 'req'):
            return
        ack = sip.Message('ACK', call.req.uri)
        for name, value in call.req.headers:
            if name in ('Via', 'Route', 'Max-Forwards', 'From', 'Call-ID'):
                ack.add(name, value)
        ack.add('To', msg.get('To')).add('CSeq', '%d ACK' % msg.cseq()[0])
        self.send(self.flow, ack.to_bytes())

    def _provisional(self, msg):
        call = self._call_of(msg)
        if not call or msg.status == 100:
            return
        rseq = msg.number('RSeq')
        if rseq is None or rseq in call.provisional:
            return
        call.provisional.append(rseq)
        self.dialog(call, msg)
        if msg.body:
            self.learned(call, msg.body)
        asyncio.ensure_future(self._prack(call, rseq))

    async def _prack(self, call, rseq):
        req = self.inside(call, 'PRACK')
        await self.ask(req.add('RAck', '%d 1 INVITE' % rseq))
        if any(m.values('curr') and 'qos local none' in m.values('curr')
               for m in call.ours.media):
            self.version += 1
            for media in call.ours.media:
                media.attrs = [(n, v) for n, v in media.attrs
                               if n != 'curr']
                media.add('curr', 'qos local sendrecv')
                media.add('curr', 'qos remote sendrecv')
            call.ours.origin[2] = str(self.version)
            req = self.inside(call, 'UPDATE')
            req.add('Content-Type', 'application/sdp')
            req.body = call.ours.to_bytes()
            await self.ask(req)

    def _invited(self, flow, req):
        call = self._call_of(req)
        again = call is not None
        if any(r.get('CSeq') == req.get('CSeq') and r.get('Call-ID') ==
               req.get('Call-ID') for r in self.heard('INVITE')):
            return
        self.requests.append(req)
        if not again:
            call = Call(req.get('Call-ID'), '%s;tag=%s' % (
                req.get('To'), self.tag), req.get('From'),
                str(req.addr('Contact').uri), req.values('Record-Route'))
            call.cseq = 10
            self.calls.append(call)
        resp = req.answer(self.answer_status, tag=self.tag)
        if self.answer_status < 300:
            resp.add('Contact', self.contact).add('Allow', ALLOW)
            offer = sdps.parse(req.body)
            old = call.ours
            answer = self.answer_to(call, offer)
            if old:
                answer.origin = list(old.origin)
                answer.origin[2] = str(int(old.origin[2]) + (
                    [m.lines() for m in answer.media] !=
                    [m.lines() for m in old.media]))
            resp.add('Content-Type', 'application/sdp')
            resp.body = answer.to_bytes()
            call.state = 'confirmed'
        self.send(flow, resp.to_bytes())


class _Blind:
    """The small UE judges nobody."""

    @staticmethod
    def need(good, *_):
        return good

    @staticmethod
    def complain(*_):
        pass


def sipfrags(ue, call_id=None):
    """What the NOTIFYs of a REFER said: [(state, first line)]."""
    return [(r.get('Subscription-State').split(';')[0],
             r.body.decode().strip()) for r in ue.heard('NOTIFY', call_id)
            if (r.get('Event') or '').startswith('refer')]


def rosters(ue, call_id=None):
    return [r for r in ue.heard('NOTIFY', call_id)
            if (r.get('Event') or '').lower().startswith('conference')]


__all__ = ['ConfUe', 'sipfrags', 'rosters', 'referral']
