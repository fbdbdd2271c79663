"""A UE of a few lines that proves a network works before our own UE meets
it: registers with AKA, subscribes, re-registers, resynchronises,
de-registers.  It does what TS 24.229 clause 5.1.1 asks and no more."""
import asyncio
import base64
import secrets
import uuid

from . import aka, digest, sigcomp_link, sigcomp_peer, sip, transport


class TinyUe:
    """sub: an hss.Subscriber (identities and key); network: 'udp'/'tcp';
    sigcomp: compress from the first REGISTER on (no security here)."""

    def __init__(self, sub, pcscf, host='127.0.0.1', network='udp',
                 instance=None, retransmit=False, sigcomp=False):
        self.sub, self.pcscf, self.host = sub, pcscf, host
        self.network, self.instance = network, instance
        self.retransmit = retransmit
        self.call_id = secrets.token_hex(8) + '@ue'
        self.tag, self.cseq, self.authz = secrets.token_hex(4), 0, None
        self.service_route, self.impus, self.sqn_ms = [], [], 0
        self.requests, self.waiting, self.auto = [], {}, True
        self.sub_cseq, self.expires = 0, 600000
        self.endpoint, self.sigcomp_id = None, None
        self.wire, self.nacks, self.reasons = [], [], []
        if sigcomp:
            self.sigcomp_id = 'urn:uuid:%s' % uuid.uuid4()
            self.restart_sigcomp()

    def restart_sigcomp(self):
        self.endpoint = sigcomp_peer.Endpoint(
            sigcomp_peer.load_dictionary(sigcomp_link.DICTIONARY))
        self.endpoint.open('pcscf')

    def send(self, flow, data):
        """Compressed whenever this UE does SigComp at all."""
        octets = data
        if self.endpoint:
            octets = self.endpoint.compress('pcscf', data,
                                            flow.transport == 'tcp')
        self.wire.append((len(data), len(octets)))
        flow.send(octets)

    def decompress(self, flow, data):
        """None when there is nothing for SIP."""
        got = self.endpoint.receive(data, flow.transport == 'tcp')
        if got.nack:
            self.nacks.append(got)
            return None
        if got.reason:
            self.reasons.append(got.reason)
            flow.send(got.reply)
            return None
        self.endpoint.accept(got, 'pcscf')
        return got.text

    @property
    def contact(self):
        return '<sip:%s%s>' % (self.me, ';comp=sigcomp;sigcomp-id=%s' %
                               self.sigcomp_id if self.endpoint else '')

    async def start(self):
        self.udp, self.tcp, self.port = await transport.open_pair(
            self.received, lambda flow: None, self.host, 0)
        self.flow = self.udp.flow(self.pcscf)
        if self.network == 'tcp':
            self.flow = await self.tcp.connect(self.pcscf)
        self.me = '%s:%d' % (sip.host_text(self.host), self.port)
        return self

    def stop(self):
        self.udp.close()
        self.tcp.close()

    async def __aenter__(self):
        return await self.start()

    async def __aexit__(self, *exc):
        self.stop()

    # messages

    def received(self, flow, data):
        if self.endpoint and sigcomp_peer.is_sigcomp(data):
            data = self.decompress(flow, data)
            if data is None:
                return
        if not data.strip(b'\r\n'):
            return
        try:
            msg = sip.parse(data)
        except sip.SipError:
            return
        if msg.is_request:
            if msg.get('Call-ID') + msg.get('CSeq') not in [
                    r.get('Call-ID') + r.get('CSeq') for r in self.requests]:
                self.requests.append(msg)
            if self.auto:
                self.send(flow, msg.answer(200, tag=self.tag).to_bytes())
        else:
            try:
                via = sip.Via.parse(msg.get('Via'))
            except sip.SipError:
                return
            future = self.waiting.get(via.params.get('branch'))
            if future and not future.done() and msg.status >= 200:
                future.set_result(msg)

    async def ask(self, req, seconds=5):
        """Send a request, return the final answer or None."""
        branch = 'z9hG4bK' + secrets.token_hex(8)
        req.push('Via', 'SIP/2.0/%s %s;branch=%s;rport' % (
            self.network.upper(), self.me, branch) + (
                ';comp=sigcomp;sigcomp-id="%s"' % self.sigcomp_id
                if self.endpoint else ''))
        future = asyncio.get_running_loop().create_future()
        self.waiting[branch] = future
        data = req.to_bytes()
        for i in range(int(seconds) if self.retransmit else 1):
            self.send(self.flow, data)
            try:
                return await asyncio.wait_for(
                    asyncio.shield(future), 1 if self.retransmit else seconds)
            except asyncio.TimeoutError:
                pass
        return None

    def register_request(self, authz, expires):
        home = self.sub.home
        self.cseq += 1
        req = sip.Message('REGISTER', 'sip:' + home)
        contact = self.contact
        if self.instance:
            contact += ';+sip.instance="<%s>"' % self.instance
        for name, value in (
                ('Max-Forwards', 70),
                ('From', '<%s>;tag=%s' % (self.sub.temporary, self.tag)),
                ('To', '<%s>' % self.sub.temporary),
                ('Call-ID', self.call_id),
                ('CSeq', '%d REGISTER' % self.cseq), ('Contact', contact),
                ('Expires', expires),
                ('Supported', 'path, gruu' if self.instance else 'path'),
                ('Authorization', authz)):
            req.add(name, value)
        return req

    def empty(self):
        return ('Digest username="%s", realm="%s", uri="sip:%s", nonce="", '
                'response=""' % (self.sub.impi, self.sub.home,
                                 self.sub.home))

    def credentials(self, resp):
        """TS 24.229 s5.1.1.5: what a 401 is answered with."""
        _, chal, _ = sip.parse_auth(resp.get('WWW-Authenticate'))
        home, nonce = 'sip:' + self.sub.home, chal['nonce']
        auth = {'username': self.sub.impi, 'realm': chal['realm'],
                'uri': home, 'nonce': nonce}
        auts, password, keys = None, self.sub.password, None
        if self.sub.alg:
            octets = base64.b64decode(nonce)
            rand, autn = octets[:16], octets[16:32]
            good, sqn, _, keys = aka.check_autn(self.sub.alg, rand, autn)
            if not good:
                auth['response'] = ''
                return self.join(auth, chal)
            # TS 33.102 sC.2.2 with one element: SEQ without IND counts
            if int.from_bytes(sqn, 'big') >> 5 <= self.sqn_ms >> 5:
                auts = aka.make_auts(self.sub.alg, rand,
                                     self.sqn_ms.to_bytes(6, 'big'))
                auth['auts'], password = base64.b64encode(
                    auts).decode(), b''
            else:
                self.sqn_ms = int.from_bytes(sqn, 'big')
                password = digest.aka_password(chal['algorithm'], keys)
        if 'qop' in chal:
            auth.update(qop=chal['qop'].split(',')[0], nc='00000001',
                        cnonce=secrets.token_hex(8))
        auth['response'] = digest.make(auth, chal['algorithm'], password,
                                       'REGISTER')
        return self.join(auth, chal)

    @staticmethod
    def join(auth, chal):
        auth['algorithm'] = chal['algorithm']
        if 'opaque' in chal:
            auth['opaque'] = chal['opaque']
        return 'Digest ' + ', '.join(
            '%s=%s' % (k, v) if k in ('algorithm', 'qop', 'nc') else
            '%s="%s"' % (k, v) for k, v in auth.items())

    # procedures

    async def register(self, expires=None):
        """The final answer; follows as many challenges as come (5)."""
        expires = self.expires if expires is None else expires
        resp = await self.ask(self.register_request(
            self.authz or self.empty(), expires))
        for _ in range(5):
            if resp is None or resp.status != 401:
                break
            self.authz = self.credentials(resp)
            resp = await self.ask(self.register_request(self.authz,
                                                        expires))
        if resp is not None and resp.status == 200 and expires:
            self.service_route = resp.values('Service-Route')
            self.impus = [str(sip.NameAddr.parse(v).uri)
                          for v in resp.values('P-Associated-URI')]
        return resp

    def request(self, method, uri, to, call_id, cseq, target=True):
        req = sip.Message(method, uri)
        route = ['<sip:%s:%d;lr>' % (sip.host_text(self.pcscf[0]),
                                     self.pcscf[1])]
        for value in route + self.service_route if target else route:
            req.add('Route', value)
        for name, value in (
                ('Max-Forwards', 70),
                ('From', '<%s>;tag=%s' % (self.impus[0], self.tag)),
                ('To', to), ('Call-ID', call_id),
                ('CSeq', '%d %s' % (cseq, method)),
                ('Contact', self.contact)):
            req.add(name, value)
        return req

    async def subscribe(self, expires=None):
        """Initial SUBSCRIBE; the answer.  NOTIFYs collect in requests."""
        impu = self.impus[0]
        self.sub_call_id = secrets.token_hex(8) + '@ue'
        self.sub_cseq = 1
        req = self.request('SUBSCRIBE', impu, '<%s>' % impu,
                           self.sub_call_id, 1)
        req.add('Event', 'reg').add('Expires', self.expires
                                    if expires is None else expires)
        req.add('Accept', 'application/reginfo+xml')
        resp = await self.ask(req)
        if resp is not None and resp.status == 200:
            self.dialog_to = resp.get('To')
            self.dialog_target = str(resp.addr('Contact').uri)
        return resp

    async def refresh_subscription(self, expires):
        self.sub_cseq += 1
        req = self.request('SUBSCRIBE', self.dialog_target, self.dialog_to,
                           self.sub_call_id, self.sub_cseq, target=False)
        req.add('Event', 'reg').add('Expires', expires)
        return await self.ask(req)

    async def notified(self, count=1, seconds=5):
        """The count-th NOTIFY, or None."""
        for _ in range(int(seconds * 100)):
            found = [r for r in self.requests if r.method == 'NOTIFY']
            if len(found) >= count:
                return found[count - 1]
            await asyncio.sleep(0.01)
        return None
