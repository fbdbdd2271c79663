"""MSRP endpoints one to one: sip:echo@, sip:file@ and sip:imdn@peer.HOME.

echo says again what it hears; file takes a file (RFC 5547) and can send one;
imdn answers as RFC 5438 asks; all obey the rules of the switch.
"""
import hashlib
import re
import secrets

from . import cpim, leg, msrp_switch, sdp as sdps, sip
from .focus import ConfServer


def selector(text):
    """RFC 5547 s6: {'name': ..., 'size': ..., 'hash': ...}."""
    found = {}
    for m in re.finditer(r'(\w+):("(?:[^"\\]|\\.)*"|\S+)', text or ''):
        found[m[1]] = m[2].strip('"')
    return found


class Peer(msrp_switch.Endpoint):
    """One call with a UE; also the owner of its leg."""

    def __init__(self, server, uri, account, content=None):
        super().__init__()
        self.server, self.uri, self.account = server, uri, account
        self.session, self.selector, self.file = None, None, content
        self.leg, self.state, self.files = None, 'new', []

    def start(self, req, reply):
        self.leg = leg.Leg(self.server, self, self.account, None,
                           '<%s>' % self.uri)
        self.leg.incoming(req, reply)

    def call(self, name='file.bin', ctype='application/octet-stream'):
        """INVITE the UE; with content: a file for it."""
        self.name, self.ctype = name, ctype
        self.leg = leg.Leg(self.server, self, self.account,
                           '<%s>' % self.uri, '<%s>' % self.uri)
        self.leg.invite(self.account.sub.impus[0], [
            ('P-Asserted-Identity', '<%s>' % self.uri)])

    def offer(self, one):
        out = self.server.new_sdp()
        self.session = self.server.switch_session(self, self.uri)
        extra = []
        if self.file is not None:
            digest = hashlib.sha1(self.file).hexdigest().upper()
            digest = ':'.join(re.findall('..', digest))
            extra = [('file-selector', 'name:"%s" type:%s size:%d '
                      'hash:sha-1:%s' % (self.name, self.ctype,
                                         len(self.file), digest)),
                     ('file-transfer-id', secrets.token_hex(12)),
                     ('file-disposition', 'attachment'),
                     ('sendonly', None)]
        media = self.session.media(self.server.options.conf_setup,
                                   None, extra)
        if self.file is not None:
            media.attrs = [(n, self.ctype if n == 'accept-types' else v)
                           for n, v in media.attrs]
        out.media.append(media)
        return out

    def answer(self, one, offer):
        out, taken = self.server.new_sdp(), False
        for theirs in offer.media:
            if theirs.kind != 'message' or not theirs.port or taken:
                out.media.append(sdps.Media(theirs.kind, 0, theirs.proto,
                                            theirs.formats))
                continue
            taken = True
            extra = self._file(one, theirs)
            self.session = self.session or self.server.switch_session(
                self, self.uri)
            setup = {'active': 'passive', 'passive': 'active'}.get(
                theirs.get('setup'), self.server.options.conf_answer)
            media = self.session.media(setup, None, extra)
            if self.selector:
                media.attrs = [(n, '*' if n == 'accept-types' else v)
                               for n, v in media.attrs if n != 'max-size']
            out.media.append(media)
        return out if taken else None

    def _file(self, one, theirs):
        """RFC 5547 s8.3: the answer repeats the selector."""
        text = theirs.get('file-selector')
        if not text:
            return []
        need, req = self.server.checks.need, one.invite_req
        self.selector = selector(text)
        need(theirs.get('file-transfer-id'), req, 'RFC 5547 s6',
             'no file-transfer-id')
        need(theirs.has('sendonly') or theirs.has('recvonly'), req,
             'RFC 5547 s8.2.1', 'neither sendonly nor recvonly')
        need({'name', 'size'} <= set(self.selector), req,
             'RFC 5547 s8.2.1', 'file-selector %s' % text)
        return [('file-selector', text), ('file-transfer-id', theirs.get(
            'file-transfer-id')), ('recvonly', None)]

    # what the leg tells

    def described(self, one, theirs):
        for i, media in enumerate(theirs.media):
            if media.kind == 'message' and media.port and self.session:
                self.session.agreed(
                    media, one.ours.media[i].get('setup') == 'active')

    def established(self, one):
        self.state = 'established'

    def gone_leg(self, one, why):
        self.state = why
        if self.session:
            self.session.close()

    def within(self, one, req, reply):
        return False

    # what the session tells

    def bound(self, session):
        super().bound(session)
        if self.file is not None:
            session.send(self.file, self.ctype, success=True)

    def message(self, session, message):
        super().message(session, message)
        name = sip.Uri.parse(self.uri).user
        if self.selector:
            return self._received(message)
        if name == 'echo':
            session.send(message.body, message.ctype)
        if name == 'imdn' and message.ctype.startswith('message/cpim'):
            self._notify(session, message)
        return 200

    def _received(self, message):
        need, frame = self.server.checks.need, message.first
        want = self.selector
        need(str(len(message.body)) == want.get('size'), frame,
             'RFC 5547 s8.3.2', '%d octets, size %s' % (
                 len(message.body), want.get('size')))
        if want.get('hash', '').lower().startswith('sha-1:'):
            digest = hashlib.sha1(message.body).hexdigest().upper()
            need(want['hash'][6:].replace(':', '').upper() == digest, frame,
                 'RFC 5547 s8.3.2', 'another hash')
        self.files.append(message.body)
        return 200

    def _notify(self, session, message):
        """RFC 5438 s7.2: delivery and display, as asked."""
        try:
            got = cpim.parse(message.body)
            cpim.judge(self.server.checks.need, message.first, got)
            sender, to = (cpim.address(got.get(n)) for n in ('From', 'To'))
        except cpim.CpimError as err:
            self.server.checks.complain(message.first, 'RFC 3862', str(err))
            return
        asked = got.imdn('Disposition-Notification') or ''
        for word, kind, status in (
                ('positive-delivery', 'delivery', 'delivered'),
                ('display', 'display', 'displayed')):
            if word in asked:
                back = cpim.make(to, sender, cpim.imdn_document(
                    got.imdn('Message-ID'), got.get('DateTime'), kind,
                    status), 'message/imdn+xml',
                    imdn_id=secrets.token_hex(8))
                session.send(back.to_bytes(), 'message/cpim')


class PeerServer(ConfServer):
    def __init__(self, box, switch):
        super().__init__(box, switch)
        self.domain, self.factory = 'peer.%s' % box.hss.home, 'sip:-@-'
        self.peers, self.make = [], Peer

    def find(self, uri):
        return None

    def request(self, req, reply, account):
        uri = sip.Uri.parse(req.uri)
        if uri.host != self.domain:
            return False
        for one in self.legs:
            if one.matches(req):
                one.request(req, reply)
                return True
        if reply is None:
            return False
        if req.method == 'MESSAGE':
            self.checks.message(req, account)
            reply(req.answer(200, tag='peer'))
        elif req.method != 'INVITE' or req.addr('To').params.get('tag'):
            reply(req.answer(481 if req.addr('To').params.get('tag')
                             else 405, tag='peer').add('Allow', leg.ALLOW))
        else:
            self.checks.invite(req, account)
            peer = self.make(self, str(uri), account)
            self.peers.append(peer)
            peer.start(req, reply)
        return True

    def call(self, account, name='echo', content=None, **kw):
        peer = Peer(self, 'sip:%s@%s' % (name, self.domain), account,
                    content)
        self.peers.append(peer)
        peer.call(**kw)
        return peer
