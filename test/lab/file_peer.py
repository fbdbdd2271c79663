"""A file peer (RFC 5547), written from the RFC: offers files (push), fetches
them (pull), takes them, gives them, goes on where a transfer broke off, and
lies when it is told to.

Lies, keywords of Lie: digest, size, name, transfer_id, dir_ (attributes in
place of the true ones), file_range (text), octets (what is sent), ctype (of
the message), cut (octets after which the connection is closed).
"""
import hashlib
import re
import secrets

from . import leg, msrp, peer, sdp as sdps

SELECTOR = re.compile(
    r'(?:name:"(?P<name>(?:[^"%\r\n]|%[0-9A-Fa-f]{2})+)"'
    r'|size:(?P<size>\d+)'
    r'|type:(?P<type>[^\s/;]+/[^\s;]+(?:;[^\s="]+="[^"]*")*)'
    r'|hash:sha-1:(?P<sha1>(?:[0-9A-F]{2}:){19}[0-9A-F]{2})'
    r'|hash:(?P<other>[^\s:]+:[0-9A-F:]+))(?: |\Z)')
RANGE = re.compile(r'([1-9]\d*)-([1-9]\d*|\*)\Z')


def digest(data):
    return ':'.join(re.findall('..', hashlib.sha1(data).hexdigest().upper()))


def selector(text):
    """RFC 5547 s6, strictly: {'name', 'size', 'type', 'sha1'}; ValueError."""
    found, pos = {}, 0
    while pos < len(text):
        m = SELECTOR.match(text, pos)
        if not m:
            raise ValueError('file-selector %r at %d' % (text, pos))
        key = m.lastgroup
        if key in found and key != 'other':
            raise ValueError('%s twice in %r' % (key, text))
        found[key] = m[key]
        pos = m.end()
    if 'name' in found:
        found['name'] = re.sub(r'%([0-9A-Fa-f]{2})',
                               lambda m: chr(int(m[1], 16)), found['name'])
    if not found:
        raise ValueError('a file-selector without selectors')
    return found


def file_range(text, size):
    """(first octet from 0, behind the last)."""
    m = RANGE.match(text)
    if not m or (m[2] != '*' and int(m[2]) < int(m[1])):
        raise ValueError('file-range %r' % text)
    return int(m[1]) - 1, size if m[2] == '*' else int(m[2])


class FilePeer(peer.Peer):
    """One transfer.  content: the file of whoever sends; begin: from which
    octet on it goes; pull: we want it of the UE, by its name."""

    def __init__(self, server, account, content=None, name='file.bin',
                 begin=0, pull=False, user='file', **lie):
        super().__init__(server, 'sip:%s@%s' % (user, server.domain),
                         account, content)
        self.name, self.begin, self.pull, self.lie = name, begin, pull, lie
        self.want, self.got, self.refused = {}, b'', False
        self.ident = lie.get('transfer_id', secrets.token_hex(16))
        self.heard, self.status = 0, None

    # offers

    def offer(self, one):
        out = self.server.new_sdp()
        self.session = self.server.switch_session(self, self.uri)
        size = self.lie.get('size', len(self.file or b''))
        if self.pull:
            text = 'name:"%s"' % self.name
        else:
            text = 'name:"%s" type:application/octet-stream size:%s ' \
                'hash:sha-1:%s' % (self.name, size, self.lie.get(
                    'digest', digest(self.file)))
        extra = [('file-selector', self.lie.get('selector', text)),
                 ('file-transfer-id', self.ident),
                 (self.lie.get('dir_', 'recvonly' if self.pull
                               else 'sendonly'), None)]
        extra = [e for e in extra if e[1] is not None or
                 e[0] in ('sendonly', 'recvonly', 'sendrecv')]
        where = self.lie.get('file_range', '%d-%s' % (
            self.begin + 1, '*' if self.pull else size)
            if self.begin else None)
        if where:
            extra.append(('file-range', where))
        media = self.session.media(self.server.options.conf_setup, None,
                                   extra)
        media.attrs = [(n, '*' if n == 'accept-types' else v)
                       for n, v in media.attrs if n != 'max-size']
        out.media.append(media)
        return out

    def call(self):
        self.server.peers.append(self)
        self.leg = leg.Leg(self.server, self, self.account,
                           '<%s>' % self.uri, '<%s>' % self.uri)
        self.leg.invite(self.account.sub.impus[0], [
            ('P-Asserted-Identity', '<%s>' % self.uri)])
        return self

    # answers

    def answer(self, one, offer):
        need, req = self.server.checks.need, one.invite_req
        out = self.server.new_sdp()
        for i, theirs in enumerate(offer.media):
            if i or theirs.kind != 'message' or not theirs.port:
                out.media.append(sdps.Media(theirs.kind, 0, theirs.proto,
                                            theirs.formats))
                continue
            try:
                self.want = selector(theirs.get('file-selector') or '')
                first, last = file_range(theirs.get('file-range') or '1-*',
                                         int(self.want.get('size', 0)))
            except ValueError as err:
                self.server.checks.complain(req, 'RFC 5547 s6', str(err))
                return None
            ident = theirs.get('file-transfer-id') or ''
            need(re.match(r"[!#-'*+\-.0-9A-Z^-~]{16,}\Z", ident), req,
                 'RFC 5547 s8.1', 'file-transfer-id %r' % ident)
            push = theirs.has('sendonly')
            need(push != theirs.has('recvonly'), req, 'RFC 5547 s8.2',
                 'one direction')
            if push:
                need(self.want.keys() & {'type', 'size', 'sha1'}, req,
                     'RFC 5547 s8.2.1', 'nothing but a name')
            else:
                need(not theirs.has('file-disposition') and
                     not theirs.has('file-date'), req, 'RFC 5547 s8.2.2',
                     'more than what selects the file')
            self.first, self.push = first, push
            if push and first and len(self.got) < first:
                return None
            text = theirs.get('file-selector')
            if not push:
                if self.file is None:
                    return None
                if 'sha1' not in self.want:
                    text += ' hash:sha-1:' + self.lie.get(
                        'digest', digest(self.file))
                if 'size' not in self.want:
                    text += ' size:%s' % self.lie.get('size',
                                                      len(self.file))
                self.begin, last = first, len(self.file)
            extra = [('file-selector', text), ('file-transfer-id', ident),
                     ('recvonly' if push else 'sendonly', None)]
            if theirs.get('file-range'):
                extra.append(('file-range', self.lie.get(
                    'file_range', theirs.get('file-range'))))
            self.session = self.session or self.server.switch_session(
                self, self.uri)
            setup = {'active': 'passive', 'passive': 'active'}.get(
                theirs.get('setup'), self.server.options.conf_answer)
            media = self.session.media(setup, None, extra)
            types = self.lie.get('accept_types', '*')
            media.attrs = [(n, types if n == 'accept-types' else v)
                           for n, v in media.attrs if n != 'max-size']
            if self.lie.get('refuse'):
                media.port = 0
            out.media.append(media)
        return out

    def described(self, one, theirs):
        media = theirs.media[0]
        need = self.server.checks.need
        if one.ours.media[0].get('file-transfer-id') == self.ident:
            # RFC 5547 s8.3: what the UE answers
            self.refused = not media.port
            mine = one.ours.media[0]
            need(media.get('file-transfer-id') == self.ident, None,
                 'RFC 5547 s8.3', 'another file-transfer-id')
            need((media.get('file-selector') or '').startswith(
                mine.get('file-selector')), None, 'RFC 5547 s8.3.1',
                'file-selector %s' % media.get('file-selector'))
            need(self.refused or media.get('file-range') ==
                 mine.get('file-range'), None, 'RFC 5547 s8.3.1',
                 'file-range %s' % media.get('file-range'))
            need(self.refused or media.has('sendonly' if self.pull
                                           else 'recvonly'), None,
                 'RFC 5547 s8.3', 'the direction of the answer')
            for name in () if self.pull else ('file-icon', 'file-date',
                                              'file-disposition'):
                need(not media.has(name), None, 'RFC 5547 s8.3.1',
                     '%s in an answer' % name)
        super().described(one, theirs)

    # octets

    def partial(self):
        """What has come of a message that is not whole."""
        for message in self.session.open.values() if self.session else ():
            return message.body
        return b''

    @property
    def gives(self):
        return self.file is not None and not self.pull

    def bound(self, session):
        self.sessions.append(session)
        session.chunk = self.lie.get('chunk', session.chunk)
        if not self.gives:
            return
        data = self.lie.get('octets', self.file)[self.begin:]
        ctype = self.lie.get('ctype', 'application/octet-stream')
        if 'cut' in self.lie:
            self._part(session, data[:self.lie['cut']], len(data), ctype)
            return
        session.send(data, ctype).add_done_callback(
            lambda f: setattr(self, 'status', f.result()))

    def _part(self, session, part, total, ctype):
        """The beginning of a message; then the connection is cut."""
        frame = msrp.Frame(msrp.ident(), 'SEND', body=part, flag='+')
        frame.add('To-Path', session.peer).add('From-Path', session.own)
        frame.add('Message-ID', msrp.ident())
        frame.add('Byte-Range', '1-*/%d' % total)
        frame.add('Content-Type', ctype)

        def answered(tid, status):
            self.status = status
            if session.conn:
                session.conn.close()
        session.waiting[frame.tid] = answered
        session.frame_out(frame)

    def message(self, session, message):
        """RFC 5547 s8.7: one message with the file, or the rest of it."""
        self.got = self.got[:getattr(self, 'first', 0)] + message.body
        self.status = 200
        want, need = self.want, self.server.checks.need
        if self.lie.get('accept_types') == 'message/cpim':
            need(message.ctype == 'message/cpim', message.first,
                 'RFC 4975 s8.6', message.ctype)
            self.got = message.body.split(b'\r\n\r\n', 2)[2]
        if 'size' in want:
            need(len(self.got) == int(want['size']), message.first,
                 'RFC 5547 s8.2.1', '%d octets, size %s' % (
                     len(self.got), want['size']))
        if 'sha1' in want:
            need(digest(self.got) == want['sha1'], message.first,
                 'RFC 5547 s6', 'another SHA-1')
        return 200
