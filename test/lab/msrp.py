"""MSRP frames and connections (RFC 4975 sections 4 to 7, 9): a strict reader,
a writer, and what a UE's frames have to be."""
import asyncio
import re
import secrets

TID = re.compile(rb'[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}\Z')
HEADER = re.compile(r'[A-Za-z][A-Za-z0-9!#$%&\'*+\-.^_`|~]*\Z')
RANGE = re.compile(r'(\d{1,10})-(\d{1,10}|\*)/(\d{1,10}|\*)\Z')
URI = re.compile(r'(?P<scheme>msrps?)://((?P<user>[^@/]+)@)?'
                 r'(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)'
                 r'(:(?P<port>\d{1,5}))?(/(?P<session>[^;\s]+))?'
                 r';(?P<transport>[a-z]+)(?P<params>(;[^;\s]+)*)\Z', re.I)
COMMENTS = {200: 'OK', 400: 'Bad Request', 403: 'Forbidden',
            404: 'Unknown Recipient', 408: 'Timeout',
            413: 'Stop Sending', 415: 'Unknown Type',
            423: 'Out Of Bounds', 424: 'Malformed Nickname',
            425: 'Nickname In Use', 428: 'No Private Messages',
            481: 'No Such Session', 501: 'Unknown Method',
            506: 'Session In Use'}


class MsrpError(Exception):
    pass


def uri_key(text):
    """RFC 4975 s6.1: what has to be equal for two URIs to be the same."""
    m = URI.match(text)
    if not m:
        raise MsrpError('bad MSRP URI: %s' % text)
    return (m['scheme'].lower(), m['host'].lower(), m['port'],
            m['session'], m['transport'].lower())


def address_of(text):
    m = URI.match(text)
    return m['host'].strip('[]'), int(m['port'] or 2855)


def ident(octets=9):
    return secrets.token_urlsafe(octets).replace('_', '.').strip('-.') + 'x'


class Frame:
    """A request (method) or a response (status)."""

    def __init__(self, tid, method=None, status=0, comment='', body=None,
                 flag='$'):
        self.tid, self.method, self.status = tid, method, status
        self.comment, self.body, self.flag = comment, body, flag
        self.headers = []

    @property
    def name(self):
        return self.method or str(self.status)

    def add(self, name, value):
        self.headers.append((name, str(value)))
        return self

    def get(self, name, default=None):
        for n, v in self.headers:
            if n.lower() == name.lower():
                return v
        return default

    def range(self):
        """Byte-Range: (start, end or None, total or None)."""
        m = RANGE.match(self.get('Byte-Range', ''))
        if not m:
            return None
        return (int(m[1]), None if m[2] == '*' else int(m[2]),
                None if m[3] == '*' else int(m[3]))

    def to_bytes(self):
        first = 'MSRP %s %s' % (self.tid, self.method or (
            '%d %s' % (self.status, self.comment)).strip())
        lines = [first] + ['%s: %s' % h for h in self.headers]
        data = '\r\n'.join(lines).encode() + b'\r\n'
        if self.body is not None:
            data += b'\r\n' + self.body + b'\r\n'
        return data + ('-------%s%s\r\n' % (self.tid, self.flag)).encode()

    def answer(self, status, comment=None):
        """RFC 4975 s7.2: to the previous hop, from us."""
        frame = Frame(self.tid, status=status, comment=COMMENTS.get(
            status, '') if comment is None else comment)
        frame.add('To-Path', self.get('From-Path').split(' ')[0]
                  if self.method in ('SEND', 'NICKNAME') else
                  self.get('From-Path'))
        return frame.add('From-Path', self.get('To-Path').split(' ')[0])


class Reader:
    """Whole frames out of a stream; raises MsrpError for what is none."""

    def __init__(self, most=1 << 22):
        self.buffer, self.most = b'', most

    def feed(self, data):
        self.buffer += data
        while True:
            frame = self._take()
            if not frame:
                return
            yield frame

    def _take(self):
        buf = self.buffer
        if not buf:
            return None
        end = buf.find(b'\r\n')
        if end < 0:
            if len(buf) > 256:
                raise MsrpError('no end of the start line')
            return None
        words = buf[:end].split(b' ', 2)
        if words[0] != b'MSRP' or len(words) != 3 or \
                not TID.match(words[1]):
            raise MsrpError('bad start line: %r' % buf[:end])
        mark = b'\r\n-------' + words[1]
        at = buf.find(mark, end)
        while at >= 0 and buf[at + len(mark):at + len(mark) + 1] not in (
                b'$', b'+', b'#', b''):
            at = buf.find(mark, at + 1)
        size = at + len(mark) + 3
        if at < 0 or len(buf) < size:
            if len(buf) > self.most:
                raise MsrpError('a frame without end')
            return None
        if buf[size - 2:size] != b'\r\n':
            raise MsrpError('bad end-line')
        frame = self._frame(words, buf[end + 2:at + 2],
                            chr(buf[size - 3]))
        self.buffer = buf[size:]
        frame.raw = buf[:size]
        return frame

    @staticmethod
    def _frame(words, inner, flag):
        rest = words[2].decode('utf-8', 'strict')
        m = re.match(r'(\d{3})( (.*))?\Z', rest)
        if m:
            frame = Frame(words[1].decode(), None, int(m[1]), m[3] or '')
        elif re.match(r'[A-Z]+\Z', rest):
            frame = Frame(words[1].decode(), rest)
        else:
            raise MsrpError('neither method nor status: %s' % rest)
        frame.flag = flag
        head, sep, body = inner.partition(b'\r\n\r\n')
        if sep:
            # the CRLF before the end-line is not body
            frame.body = body[:-2] if body.endswith(b'\r\n') else None
            if frame.body is None:
                raise MsrpError('no CRLF after the body')
        else:
            head = inner[:-2] if inner.endswith(b'\r\n') else inner
        for line in head.decode('utf-8').split('\r\n'):
            name, colon, value = line.partition(': ')
            if not colon or not HEADER.match(name):
                raise MsrpError('bad header line: %r' % line)
            frame.headers.append((name, value))
        return frame


def judge(need, frame, own, peer):
    """A frame of the UE. own, peer: the two paths of its session."""
    rule = 'RFC 4975 s7.1'
    names = [n for n, _ in frame.headers]
    need(names[:2] == ['To-Path', 'From-Path'], frame, rule,
         'the first headers are %s' % names[:2])
    need(len(set(n.lower() for n in names)) == len(names), frame, rule,
         'a header twice: %s' % names)
    try:
        need(uri_key(frame.get('To-Path', '').split(' ')[-1]) ==
             uri_key(own), frame, rule, 'To-Path %s, not %s' %
             (frame.get('To-Path'), own))
        need(uri_key(frame.get('From-Path', '').split(' ')[0]) ==
             uri_key(peer.split(' ')[0]), frame, rule,
             'From-Path %s, not %s' % (frame.get('From-Path'), peer))
    except MsrpError as err:
        need(False, frame, 'RFC 4975 s9', str(err))
    if frame.status:
        need(frame.flag == '$' and frame.body is None, frame,
             'RFC 4975 s7.2', 'a response with body or flag %s' %
             frame.flag)
        return
    if frame.method == 'SEND':
        _judge_send(need, frame)
    elif frame.method == 'REPORT':
        need(frame.get('Message-ID') and frame.range() and re.match(
            r'000 \d{3}( .*)?\Z', frame.get('Status', '')), frame,
            'RFC 4975 s7.1.2', 'headers of the REPORT: %s' % frame.headers)
    elif frame.method == 'NICKNAME':
        need(re.match(r'".*"\Z', frame.get('Use-Nickname', '')), frame,
             'RFC 7701 s7.1', 'Use-Nickname %s' % frame.get('Use-Nickname'))


def _judge_send(need, frame):
    rule = 'RFC 4975 s7.1.1'
    need(re.match(r'[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}\Z',
                  frame.get('Message-ID', '')), frame, rule,
         'Message-ID %s' % frame.get('Message-ID'))
    for name, values in (('Success-Report', ('yes', 'no')),
                         ('Failure-Report', ('yes', 'no', 'partial'))):
        need(frame.get(name) in (None,) + values, frame, rule,
             '%s: %s' % (name, frame.get(name)))
    if frame.body is None:
        return
    need(frame.get('Content-Type') and
         frame.headers[-1][0].lower() == 'content-type', frame,
         'RFC 4975 s9', 'Content-Type is not the last header')
    got = frame.range()
    if not need(got is not None, frame, rule,
                'Byte-Range %s' % frame.get('Byte-Range')):
        return
    start, end, total = got
    size = len(frame.body)
    need(start >= 1, frame, rule, 'Byte-Range from %d' % start)
    if size > 2048:
        need(end is None, frame, 'RFC 4975 s7.1',
             'a range of %d octets names its end' % size)
    if end is not None and frame.flag != '#':
        need(end == start + size - 1, frame, rule,
             'Byte-Range %d-%d with %d octets' % (start, end, size))
    if total is not None and frame.flag == '$':
        need(start + size - 1 == total, frame, rule,
             'the last chunk ends at %d of %d' % (start + size - 1, total))
    if total is not None:
        need(start + size - 1 <= total, frame, rule, 'more than the total')


class Connection(asyncio.Protocol):
    """owner: frame(conn, frame), broken(conn, why), opened(conn),
    lost(conn)."""

    def __init__(self, owner):
        self.owner, self.reader = owner, Reader()
        self.sock, self.sessions, self.alive = None, set(), False

    def connection_made(self, transport):
        self.sock, self.alive = transport, True
        self.peer = transport.get_extra_info('peername')[:2]
        self.owner.opened(self)

    def connection_lost(self, exc):
        self.alive = False
        self.owner.lost(self)

    def data_received(self, data):
        try:
            for frame in self.reader.feed(data):
                self.owner.frame(self, frame)
        except (MsrpError, UnicodeDecodeError) as err:
            self.owner.broken(self, str(err))

    def send(self, data):
        if self.alive:
            self.sock.write(data)

    def close(self):
        if self.sock:
            self.sock.abort()
        self.alive = False
