"""CPIM messages (RFC 3862) and IMDN (RFC 5438)."""
import re
from xml.sax.saxutils import escape

NS_IMDN = 'imdn <urn:ietf:params:imdn>'


class CpimError(Exception):
    pass


class Cpim:
    def __init__(self):
        self.headers, self.mime, self.body = [], [], b''

    def add(self, name, value):
        self.headers.append((name, value))
        return self

    def values(self, name):
        return [v for n, v in self.headers if n == name]

    def get(self, name, default=None):
        found = self.values(name)
        return found[0] if found else default

    def mime_get(self, name, default=None):
        for n, v in self.mime:
            if n.lower() == name.lower():
                return v
        return default

    def imdn(self, name):
        """A header of the IMDN name space, whatever its prefix is."""
        for value in self.values('NS'):
            m = re.match(r'(?:(\S+) )?<urn:ietf:params:imdn>\Z', value)
            if m:
                prefix = m[1] + '.' if m[1] else ''
                return self.get(prefix + name)
        return None

    def to_bytes(self):
        out = ''.join('%s: %s\r\n' % h for h in self.headers) + '\r\n'
        out += ''.join('%s: %s\r\n' % h for h in self.mime) + '\r\n'
        return out.encode() + self.body


def address(value):
    """'Alice <sip:a@b>' to its URI."""
    m = re.match(r'(?:"(?:[^"\\]|\\.)*"\s*|[^<"]*)<([^<>\s]+)>\Z',
                 value or '')
    if not m:
        raise CpimError('bad address: %s' % value)
    return m[1]


def parse(data):
    """RFC 3862 s2.1: three parts with empty lines between; lines end with
    CRLF, header lines are not folded."""
    try:
        head, inner, body = data.split(b'\r\n\r\n', 2)
        text, mime = head.decode('utf-8'), inner.decode('utf-8')
    except ValueError:
        raise CpimError('not three parts of UTF-8') from None
    msg = Cpim()
    for line in text.split('\r\n'):
        m = re.match(r'([A-Za-z0-9!#$%&\'*+\-^_`|~.]+): (\S.*|)\Z', line)
        if not m or '\n' in line or '\r' in line:
            raise CpimError('bad header line: %r' % line)
        msg.add(m[1], m[2])
    for line in mime.split('\r\n'):
        name, colon, value = line.partition(':')
        if not colon:
            raise CpimError('bad MIME header line: %r' % line)
        msg.mime.append((name, value.strip()))
    msg.body = body
    return msg


def judge(need, msg, cpim):
    """What a UE's CPIM message has to be (RFC 3862 s3, RFC 5438 s6)."""
    rule = 'RFC 3862 s3'
    for name in ('From', 'DateTime'):
        need(len(cpim.values(name)) <= 1, msg, rule, '%s twice' % name)
    for name in ('From', 'To'):
        try:
            need(cpim.get(name) and address(cpim.get(name)), msg, rule,
                 'no %s' % name)
        except CpimError as err:
            need(False, msg, rule, '%s: %s' % (name, err))
    when = cpim.get('DateTime')
    need(when is None or re.match(
        r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z', when),
        msg, 'RFC 3339 s5.6', 'DateTime %s' % when)
    need(cpim.mime_get('Content-Type'), msg, rule, 'no inner Content-Type')
    wanted = cpim.imdn('Disposition-Notification')
    if wanted:
        kinds = {w.strip() for w in wanted.split(',')}
        need(kinds <= {'positive-delivery', 'negative-delivery',
                       'processing', 'display'}, msg, 'RFC 5438 s6.2',
             'Disposition-Notification %s' % wanted)
        need(cpim.imdn('Message-ID'), msg, 'RFC 5438 s6.3',
             'no imdn.Message-ID')
        need(when, msg, 'RFC 5438 s7.1.1.1', 'no DateTime')
    if cpim.mime_get('Content-Type', '').startswith('message/imdn+xml'):
        need(cpim.mime_get('Content-Disposition') == 'notification', msg,
             'RFC 5438 s7.2.1.1', 'Content-Disposition %s' %
             cpim.mime_get('Content-Disposition'))
        need(not wanted, msg, 'RFC 5438 s7.2.1', 'an IMDN asks for an IMDN')


def make(sender, to, body, ctype='text/plain;charset=utf-8', when=None,
         imdn_id=None, want=None):
    msg = Cpim().add('From', '<%s>' % sender).add('To', '<%s>' % to)
    msg.add('DateTime', when or '2026-01-01T00:00:00Z')
    if imdn_id:
        msg.add('NS', NS_IMDN).add('imdn.Message-ID', imdn_id)
    if want:
        msg.add('imdn.Disposition-Notification', want)
    msg.mime.append(('Content-Type', ctype))
    if ctype.startswith('message/imdn+xml'):
        msg.mime.append(('Content-Disposition', 'notification'))
    msg.body = body if isinstance(body, bytes) else body.encode()
    return msg


def imdn_document(message_id, when, kind='delivery', status='delivered'):
    """RFC 5438 s9."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\r\n'
            '<imdn xmlns="urn:ietf:params:xml:ns:imdn">'
            '<message-id>%s</message-id><datetime>%s</datetime>'
            '<%s-notification><status><%s/></status></%s-notification>'
            '</imdn>' % (escape(message_id), when, kind, status,
                         kind)).encode()
