"""MSRP endpoints of the lab: sessions on one listening socket, a chat room
(RFC 7701) and an endpoint that does as it is told.

A session's owner:
    message(session, message)   a whole one; a status, 200 to take it
    nickname(session, name)     a status (RFC 7701 s7.1)
    reported(session, frame)    a REPORT came
    bound(session)              the connection stands
"""
import asyncio
import re

from . import cpim, misbehave, msrp, sdp as sdps, sip, tls

CHUNK = 2048


class Message:
    """One that is being put together, or is whole."""

    def __init__(self, frame):
        self.ident, self.ctype = frame.get('Message-ID'), None
        self.success = frame.get('Success-Report') == 'yes'
        self.parts, self.total, self.body = {}, None, b''
        self.first, self.ended = frame, False

    def take(self, frame):
        """RFC 4975 s7.3.1: True when nothing is missing."""
        self.ctype = frame.get('Content-Type') or self.ctype
        start, _, total = frame.range() or (1, None, None)
        self.parts[start] = frame.body or b''
        if frame.flag == '$':
            self.total = start + len(frame.body or b'') - 1
        elif total is not None:
            self.total = self.total or total
        data = bytearray()
        for pos, part in sorted(self.parts.items()):
            if pos > len(data) + 1:
                return False            # something is missing before it
            data[pos - 1:pos - 1 + len(part)] = part
        self.body = bytes(data)
        return self.total is not None and len(data) >= self.total


class Session:
    """One MSRP session of the lab with a UE."""

    def __init__(self, switch, owner, label=''):
        self.switch, self.owner, self.label = switch, owner, label
        self.ident = msrp.ident(12)
        self.own = 'msrp%s://%s:%d/%s;tcp' % (
            's' if switch.tls else '', sip.host_text(switch.host), switch.port, self.ident)
        self.peer, self.types, self.wrapped = None, [], []
        self.active, self.conn, self.max_size = False, None, None
        self.open, self.waiting, self.reports = {}, {}, []
        self.log, self.chatroom = [], None
        self.chunk, self.task = CHUNK, None
        switch.sessions[self.ident] = self

    # SDP (RFC 4975 s8, RFC 6135, RFC 6714)

    def media(self, setup, chatroom=None, extra=()):
        media = sdps.Media('message', self.switch.port, self.switch.proto,
                           ['*'])
        media.add('accept-types', self.switch.accept_types)
        if self.switch.wrapped_types:
            media.add('accept-wrapped-types', self.switch.wrapped_types)
        media.add('path', self.own).add('max-size', self.switch.max_size)
        media.add('setup', setup)
        if self.switch.tls:
            media.add('fingerprint', self.switch.tls.announced)
        if self.switch.cema:
            media.add('msrp-cema')
        if chatroom is not None:
            media.add('chatroom', chatroom)
        for name, value in extra:
            media.add(name, value)
        return media

    def agreed(self, theirs, active):
        """What the UE's description says; active: we connect."""
        peer = theirs.get('path')
        if peer == self.peer:
            return
        self.peer, self.active = peer, active
        self.certificate = theirs.get('fingerprint')
        self.types = (theirs.get('accept-types') or '').split(' ')
        self.wrapped = (theirs.get('accept-wrapped-types') or '').split(' ')
        self.chatroom = theirs.get('chatroom')
        self.max_size = int(theirs.get('max-size') or 0) or None
        if active and not self.conn:
            self.task = asyncio.ensure_future(self._connect())

    async def _connect(self):
        """RFC 4975 s5.4: the active side also sends the first SEND."""
        host, port = msrp.address_of(self.peer.split(' ')[0])
        loop = asyncio.get_running_loop()
        for _ in range(20):
            try:
                _, self.conn = await loop.create_connection(
                    lambda: msrp.Connection(self.switch), host, port,
                    local_addr=(self.switch.host, 0),
                    **self.switch.client())
                break
            except OSError:
                await asyncio.sleep(0.1)
        else:
            return self.switch.complain(
                None, 'RFC 6135 s4.2.2', 'nobody listens at %s' % self.peer)
        if self.switch.tls:
            der = self.conn.sock.get_extra_info('ssl_object').getpeercert(
                True)
            self.switch.need(
                self.certificate == tls.fingerprint(der), None,
                'RFC 8122 s5', 'another certificate than described')
        self.conn.sessions.add(self)
        frame = self._send_frame()
        self.waiting[frame.tid] = lambda tid, status: self.switch.need(
            status in (0, 200), frame, 'RFC 4975 s7.3.1', 'an empty SEND '
            'is answered %d' % status)
        self.frame_out(frame)
        self.owner.bound(self)

    # out

    def frame_out(self, frame):
        self.switch.note(self, 'down', frame)
        self.log.append(('down', frame))
        self.switch.write(self.conn, frame.to_bytes())

    def _send_frame(self, method='SEND'):
        frame = msrp.Frame(msrp.ident(), method)
        return frame.add('To-Path', self.peer).add('From-Path', self.own) \
            .add('Message-ID', msrp.ident())

    def send(self, body, ctype, success=False, failure=None, ident=None):
        """A message in chunks; a Future of its status (0: no answer)."""
        future = asyncio.get_running_loop().create_future()
        ident = ident or msrp.ident()
        step, total, left = self.chunk, len(body), set()

        def answered(tid, status):
            left.discard(tid)
            if future.done():
                return
            if status != 200:
                future.set_result(status)
            elif not left:
                future.set_result(200)

        for pos in range(0, max(total, 1), step):
            part = body[pos:pos + step]
            frame = msrp.Frame(msrp.ident(), 'SEND', body=part)
            frame.flag = '$' if pos + step >= total else '+'
            frame.add('To-Path', self.peer).add('From-Path', self.own)
            frame.add('Message-ID', ident)
            if success:
                frame.add('Success-Report', 'yes')
            if failure:
                frame.add('Failure-Report', failure)
            frame.add('Byte-Range', '%d-%s/%d' % (
                pos + 1, pos + len(part) if len(part) <= 2048 else '*',
                total))
            frame.add('Content-Type', ctype)
            left.add(frame.tid)
            self.waiting[frame.tid] = answered
            self.frame_out(frame)
        return future

    # in

    def frame_in(self, conn, frame):
        self.log.append(('up', frame))
        msrp.judge(self.switch.need, frame, self.own, self.peer or '')
        if frame.status:
            answered = self.waiting.pop(frame.tid, None)
            if not answered:
                return self.switch.complain(frame, 'RFC 4975 s7.2',
                                            'an answer to nothing')
            return answered(frame.tid, frame.status)
        if self.conn is None:
            self.conn = conn
            conn.sessions.add(self)
            self.switch.need(not self.active, frame, 'RFC 6135 s4.2.2',
                             'the passive side connects')
            self.owner.bound(self)
        elif self.conn is not conn and self.conn.alive:
            return self.answer(conn, frame, 506)
        self.conn = conn
        return self._request(frame)

    def answer(self, conn, frame, status):
        """RFC 4975 s7.2: Failure-Report says whether."""
        if frame.method == 'REPORT' or frame.get('Failure-Report') == 'no' \
                or (frame.get('Failure-Report') == 'partial' and
                    status == 200):
            return
        resp = frame.answer(status)
        self.switch.note(self, 'down', resp)
        self.switch.write(conn, resp.to_bytes())

    def _request(self, frame):
        action = self.switch.rules.action(frame.method, None)
        if action.name == 'ignore':
            return None
        if action.name == 'close':
            return self.conn.close()
        if action.name == 'status':
            return self.answer(self.conn, frame, int(action.args[0]))
        if action.name == 'delay':
            asyncio.get_running_loop().call_later(
                float(action.args[0]), self._handle, frame)
            return None
        if action.name == 'garbage':
            self.switch.write(self.conn, misbehave.GARBAGE[
                int(action.args[0]) % len(misbehave.GARBAGE)])
        if action.name == 'twice':
            self._handle(frame)
        return self._handle(frame)

    def _handle(self, frame):
        if frame.method == 'REPORT':
            self.reports.append(frame)
            return self.owner.reported(self, frame)
        if frame.method == 'NICKNAME':
            name = frame.get('Use-Nickname', '')
            m = re.match(r'"((?:[^"\\]|\\.)*)"\Z', name)
            status = self.owner.nickname(
                self, re.sub(r'\\(.)', r'\1', m[1])) if m else 424
            return self.answer(self.conn, frame, status)
        if frame.method != 'SEND':
            return self.answer(self.conn, frame, 501)
        if frame.body is None:
            return self.answer(self.conn, frame, 200)
        return self._chunk(frame)

    def _chunk(self, frame):
        ident = frame.get('Message-ID')
        if ident not in self.open:
            self.open[ident] = Message(frame)
        message = self.open[ident]
        if frame.flag == '#':
            del self.open[ident]
            return self.answer(self.conn, frame, 200)
        whole = message.take(frame)
        status = 200
        if len(message.body) > self.switch.max_size:
            status = 413
        elif not self.allowed(message.ctype):
            status = 415
        elif whole:
            del self.open[ident]
            self.switch.need(len(message.body) <= self.switch.max_size,
                             frame, 'RFC 4975 s8.6', 'more than max-size')
            status = self.owner.message(self, message) or 200
        if status != 200:
            self.open.pop(ident, None)
        self.answer(self.conn, frame, status)
        if whole and status == 200 and message.success and \
                not self.switch.no_reports:
            self._report(message)
        return None

    def allowed(self, ctype):
        ctype = (ctype or '').split(';')[0].strip().lower()
        types = self.switch.accept_types.split(' ')
        return '*' in types or ctype in types or \
            ctype.split('/')[0] + '/*' in types

    def _report(self, message):
        """RFC 4975 s7.1.2: a success report; it gets no answer."""
        frame = msrp.Frame(msrp.ident(), 'REPORT')
        size = len(message.body)
        frame.add('To-Path', self.peer).add('From-Path', self.own)
        frame.add('Message-ID', message.ident)
        frame.add('Byte-Range', '1-%d/%d' % (size, size))
        frame.add('Status', '000 200 OK')
        self.frame_out(frame)

    def close(self):
        self.switch.sessions.pop(self.ident, None)
        if self.task:
            self.task.cancel()
        if self.conn:
            self.conn.sessions.discard(self)
            if not self.conn.sessions:
                self.conn.close()
            self.conn = None


class Switch:
    """The listening socket and all sessions of one host."""

    def __init__(self, checker, host):
        self.checker, self.host, self.port = checker, host, 0
        self.sessions, self.connections, self.server = {}, set(), None
        self.rules, self.trace = misbehave.Rules(), []
        self.accept_types = 'message/cpim text/plain text/html ' \
            'application/im-iscomposing+xml'
        self.wrapped_types, self.max_size = '*', 32768
        self.cema, self.no_reports, self.pieces = True, False, 0
        self.tls = None

    @property
    def proto(self):
        return 'TCP/TLS/MSRP' if self.tls else 'TCP/MSRP'

    def client(self):
        """How a connection is made."""
        return {'ssl': self.tls.client, 'server_hostname': ''} \
            if self.tls else {}

    async def secure(self, folder):
        """From now on all is MSRPS, with a new certificate."""
        self.server.close()
        self.tls = tls.Certificate(folder)
        await self.start()

    async def start(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: msrp.Connection(self), self.host, self.port,
            ssl=self.tls.server if self.tls else None)
        self.port = self.server.sockets[0].getsockname()[1]

    def stop(self):
        if self.server:
            self.server.close()
        for session in list(self.sessions.values()):
            if session.task:
                session.task.cancel()
        for conn in list(self.connections):
            conn.close()

    def complain(self, frame, rule, text):
        self.checker.complain(frame, rule, text)

    def need(self, good, frame, rule, text):
        return self.checker.need(good, frame, rule, text)

    def note(self, session, way, frame):
        self.trace.append((way, session.label, frame))

    def write(self, conn, data):
        if not conn:
            return
        if not self.pieces:
            return conn.send(data)
        for i in range(0, len(data), self.pieces):
            conn.send(data[i:i + self.pieces])
        return None

    # connections

    def opened(self, conn):
        self.connections.add(conn)

    def lost(self, conn):
        self.connections.discard(conn)
        for session in list(conn.sessions):
            session.conn = None
            for tid, answered in list(session.waiting.items()):
                answered(tid, 0)
            session.waiting.clear()

    def broken(self, conn, why):
        self.complain(None, 'RFC 4975 s9', why)
        conn.close()

    def frame(self, conn, frame):
        own = frame.get('To-Path', '').split(' ')[-1]
        m = msrp.URI.match(own)
        session = self.sessions.get(m['session']) if m else None
        if not session:
            # RFC 4975 s7.3: nobody's
            if frame.method and frame.method != 'REPORT' and m and \
                    frame.get('From-Path'):
                conn.send(frame.answer(481).to_bytes())
            return
        self.note(session, 'up', frame)
        session.frame_in(conn, frame)


class Room:
    """RFC 7701: what one says the others hear.

    members: {uri: Session or None}; None is a user who only exists here.
    """

    def __init__(self, checker, uri, private=True, nicknames=True):
        self.checker, self.uri = checker, uri
        self.members, self.nicks, self.heard = {}, {}, []
        self.private, self.nicknames = private, nicknames
        self.on_nick = lambda uri: None

    @property
    def tokens(self):
        return ' '.join((['nickname'] if self.nicknames else []) +
                        (['private-messages'] if self.private else []))

    def uri_of(self, session):
        for uri, one in self.members.items():
            if one is session:
                return uri
        return None

    def bound(self, session):
        pass

    def reported(self, session, frame):
        pass

    # RFC 7701 s7

    def nickname(self, session, name):
        uri = self.uri_of(session)
        if not self.nicknames:
            return 403
        if len(name) > 64 or '\n' in name:
            return 424
        for other, nick in self.nicks.items():
            if name and nick.lower() == name.lower() and other != uri:
                return 425
        if name:
            self.nicks[uri] = name
        else:
            self.nicks.pop(uri, None)
        self.on_nick(uri)
        return 200

    # RFC 7701 s6

    def message(self, session, message):
        uri = self.uri_of(session)
        if uri is None:
            return 403
        if message.ctype.split(';')[0] != 'message/cpim':
            # a plain conference (TS 24.247 A.5): all hear it as it is
            self.checker.need(session.chatroom is None, message.first,
                              'RFC 7701 s6.1', '%s in a chat room' %
                              message.ctype)
            if session.chatroom is not None:
                return 415
            self.heard.append((uri, self.uri, message.body))
            return self._all(uri, message.body, message.ctype)
        try:
            msg = cpim.parse(message.body)
            cpim.judge(self.checker.need, message.first, msg)
            sender, to = (cpim.address(msg.get(n)) for n in ('From', 'To'))
        except cpim.CpimError as err:
            self.checker.complain(message.first, 'RFC 3862', str(err))
            return 400
        self.checker.need(sender == uri, message.first, 'RFC 7701 s6.1',
                          'From %s, not %s' % (sender, uri))
        if sender != uri:
            return 403
        self.heard.append((uri, to, msg.body))
        if to == self.uri:
            return self._all(uri, message.body, message.ctype)
        if not self.private:
            return 428
        if to not in self.members:
            return 404
        other = self.members[to]
        if other and other.conn:
            other.send(message.body, message.ctype)
        return 200

    def _all(self, sender, body, ctype):
        for uri, session in list(self.members.items()):
            if uri != sender and session and session.conn:
                if 'message/cpim' in ctype and \
                        'message/cpim' not in session.types:
                    inner = cpim.parse(body)
                    session.send(inner.body, inner.mime_get('Content-Type'))
                else:
                    session.send(body, ctype)
        return 200

    def say(self, sender, text, to=None, **kw):
        """A user of the lab says something, to all or to one."""
        msg = cpim.make(sender, to or self.uri, text, **kw)
        body = msg.to_bytes()
        if to:
            session = self.members.get(to)
            return session.send(body, 'message/cpim') if session else None
        self._all(sender, body, 'message/cpim')
        return None


class Endpoint:
    """An MSRP endpoint of its own, one to one: keeps what it hears, answers
    as `status` says, and can send files (RFC 5547)."""

    def __init__(self, status=200):
        self.status, self.messages, self.nicks = status, [], []
        self.sessions, self.reports = [], []

    def bound(self, session):
        self.sessions.append(session)

    def message(self, session, message):
        self.messages.append(message)
        return self.status

    def nickname(self, session, name):
        self.nicks.append(name)
        return 403

    def reported(self, session, frame):
        self.reports.append(frame)
