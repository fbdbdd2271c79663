"""SIP messages: a strict parser and a writer (RFC 3261 sections 7, 18.3,
20 and 25.1).

The parser is there to judge what a UE sends, so it refuses whatever the
grammar does not allow; it is not a model of robustness.
"""
import re

COMPACT = {
    'a': 'Accept-Contact', 'b': 'Referred-By', 'c': 'Content-Type',
    'd': 'Request-Disposition', 'e': 'Content-Encoding', 'f': 'From',
    'i': 'Call-ID', 'j': 'Reject-Contact', 'k': 'Supported',
    'l': 'Content-Length', 'm': 'Contact', 'o': 'Event', 'r': 'Refer-To',
    's': 'Subject', 't': 'To', 'u': 'Allow-Events', 'v': 'Via',
    'x': 'Session-Expires',
}
TO_COMPACT = {name: short for short, name in COMPACT.items()}
NAMES = {name.lower(): name for name in list(COMPACT.values()) + [
    'Accept', 'Allow', 'Authentication-Info', 'Authorization', 'CSeq',
    'Contact', 'Expires', 'Feature-Caps', 'Max-Forwards', 'Min-Expires',
    'P-Access-Network-Info', 'P-Asserted-Identity', 'P-Associated-URI',
    'P-Preferred-Identity', 'Path', 'Privacy', 'Proxy-Require', 'Reason',
    'Record-Route', 'Require', 'Retry-After', 'Route', 'Security-Client',
    'Security-Server', 'Security-Verify', 'Server', 'Service-Route',
    'Subscription-State', 'Unsupported', 'User-Agent', 'Warning',
    'WWW-Authenticate', 'RSeq', 'RAck', 'Content-Disposition', 'Refer-Sub',
    'Replaces', 'Target-Dialog', 'Confer-To', 'Min-SE', 'MIME-Version',
    'P-Called-Party-ID', 'P-Charging-Vector', 'Content-ID', 'SIP-ETag']}
# RFC 3261 s7.3.1: headers that may be written once with commas or repeatedly
LISTS = {'Via', 'Contact', 'Route', 'Record-Route', 'Path', 'Service-Route',
         'Supported', 'Require', 'Proxy-Require', 'Unsupported', 'Allow',
         'Allow-Events', 'Accept', 'P-Associated-URI', 'Security-Client',
         'Security-Server', 'Security-Verify', 'P-Asserted-Identity',
         'P-Preferred-Identity'}
# RFC 3261 s20: headers of which a message holds one at most
SINGLE = {'From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Length',
          'Content-Type', 'Expires', 'Event', 'Subscription-State',
          'Min-Expires', 'Retry-After', 'P-Access-Network-Info', 'User-Agent',
          'RSeq', 'RAck', 'Refer-To', 'Referred-By', 'Refer-Sub',
          'Session-Expires', 'Min-SE', 'Replaces', 'Content-Disposition'}
REASONS = {
    100: 'Trying', 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 202: 'Accepted', 305: 'Use Proxy',
    400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
    404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout',
    415: 'Unsupported Media Type', 421: 'Extension Required',
    420: 'Bad Extension', 423: 'Interval Too Brief',
    480: 'Temporarily Unavailable', 481: 'Call/Transaction Does Not Exist',
    482: 'Loop Detected', 486: 'Busy Here', 487: 'Request Terminated',
    488: 'Not Acceptable Here', 489: 'Bad Event', 491: 'Request Pending', 500: 'Server Internal Error',
    501: 'Not Implemented', 503: 'Service Unavailable',
    504: 'Server Time-out', 580: 'Precondition Failure',
    600: 'Busy Everywhere', 603: 'Decline'}

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")
_WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]+"
CALLID = re.compile(_WORD + r'(@' + _WORD + r')?\Z')
HOST = re.compile(r'(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)\Z')
URI = re.compile(
    r'(?P<scheme>sips?):((?P<user>[A-Za-z0-9\-_.!~*\'()%&=+$,;?/:]+)@)?'
    r'(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(:(?P<port>\d{1,5}))?'
    r'(?P<params>(;[^;?<>\s]+)*)(\?(?P<headers>[^<>\s]*))?\Z', re.I)
TEL = re.compile(r'tel:(?P<user>\+?[0-9A-Fa-f*#\-.()]+)'
                 r'(?P<params>(;[^;?<>\s]+)*)\Z', re.I)


class SipError(Exception):
    """The octets are not a SIP message, or a value is not well formed."""


def split_outside(text, sep):
    """Split at sep, but not inside a quoted string or angle brackets."""
    parts, start, quoted, angle, skip = [], 0, False, False, False
    for i, ch in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = ch == '\\'
            quoted = ch != '"'
        elif ch == '"':
            quoted = True
        elif ch == '<':
            angle = True
        elif ch == '>':
            angle = False
        elif ch == sep and not angle:
            parts.append(text[start:i].strip())
            start = i + 1
    if quoted or angle:
        raise SipError('unbalanced quotes or brackets: %s' % text)
    parts.append(text[start:].strip())
    return parts


def parse_params(text):
    """';a=b;c' to {'a': 'b', 'c': None}; names in lower case."""
    params = {}
    if not text:
        return params
    if not text.startswith(';'):
        raise SipError('parameters must begin with a semicolon: %s' % text)
    for part in split_outside(text[1:], ';'):
        name, eq, value = part.partition('=')
        name, value = name.strip().lower(), value.strip()
        if not TOKEN.match(name) or (eq and not value):
            raise SipError('bad parameter: %s' % part)
        if name in params:
            raise SipError('parameter twice: %s' % name)
        params[name] = value if eq else None
    return params


def unquote(text):
    """A quoted-string without its quotes and escapes; others unchanged."""
    if text and len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r'\\(.)', r'\1', text[1:-1])
    return text


class Uri:
    """A SIP, SIPS or tel URI (RFC 3261 s19.1, RFC 3966)."""

    def __init__(self, scheme, user, host, port=None, params=None,
                 headers=None):
        self.scheme, self.user, self.host = scheme, user, host
        self.port, self.params = port, params or {}
        self.headers = headers          # as written, percent-encoded

    @classmethod
    def parse(cls, text):
        m = URI.match(text)
        if m:
            port = int(m['port']) if m['port'] else None
            if port is not None and not 0 < port < 65536:
                raise SipError('bad port: %s' % text)
            return cls(m['scheme'].lower(), m['user'], m['host'].lower(),
                       port, parse_params(m['params']), m['headers'])
        m = TEL.match(text)
        if m:
            return cls('tel', m['user'], '', None, parse_params(m['params']))
        raise SipError('bad URI: %s' % text)

    def __str__(self):
        params = ''.join(';%s' % k if v is None else ';%s=%s' % (k, v)
                         for k, v in self.params.items())
        if self.scheme == 'tel':
            return 'tel:%s%s' % (self.user, params)
        return '%s:%s%s%s%s' % (
            self.scheme, self.user + '@' if self.user else '', self.host,
            ':%d' % self.port if self.port else '', params)

    def same(self, other):
        """RFC 3261 s19.1.4, without the URI headers."""
        must = {'user', 'ttl', 'method', 'maddr', 'transport'}
        both = set(self.params) & set(other.params)
        return ((self.scheme, self.user, self.host, self.port) ==
                (other.scheme, other.user, other.host, other.port) and
                all(str(self.params[p]).lower() ==
                    str(other.params[p]).lower() for p in both) and
                not (set(self.params) ^ set(other.params)) & must)


class NameAddr:
    """A name-addr or addr-spec with header parameters (RFC 3261 s20.10)."""

    def __init__(self, uri, params=None, display=''):
        self.uri, self.params, self.display = uri, params or {}, display

    @classmethod
    def parse(cls, text):
        quoted = re.match(r'\s*"(?:[^"\\]|\\.)*"\s*', text)
        at = text.find('<', quoted.end() if quoted else 0)
        if at < 0:
            if quoted:
                raise SipError('a display name needs <>: %s' % text)
            uri, semi, rest = text.partition(';')
            if ',' in uri or '?' in uri:
                raise SipError('this URI must be inside <>: %s' % text)
            return cls(Uri.parse(uri.strip()), parse_params(semi + rest))
        end = text.find('>', at)
        if end < 0:
            raise SipError('no closing >: %s' % text)
        display = text[:at].strip()
        if display and not quoted and not all(
                TOKEN.match(w) for w in display.split()):
            raise SipError('bad display name: %s' % text)
        return cls(Uri.parse(text[at + 1:end]),
                   parse_params(text[end + 1:].strip()), unquote(display))

    def __str__(self):
        params = ''.join(';%s' % k if v is None else ';%s=%s' % (k, v)
                         for k, v in self.params.items())
        name = '"%s" ' % self.display if self.display else ''
        return '%s<%s>%s' % (name, self.uri, params)


class Via:
    """One Via value (RFC 3261 s20.42)."""

    def __init__(self, transport, host, port, params):
        self.transport, self.host = transport, host
        self.port, self.params = port, params

    @classmethod
    def parse(cls, text):
        m = re.match(r'SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9\-.]+)\s+'
                     r'(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)'
                     r'(?:\s*:\s*(\d{1,5}))?\s*(;.*)?\Z', text)
        if not m:
            raise SipError('bad Via: %s' % text)
        return cls(m[1].upper(), m[2].lower(), int(m[3]) if m[3] else None,
                   parse_params(m[4] or ''))

    def __str__(self):
        params = ''.join(';%s' % k if v is None else ';%s=%s' % (k, v)
                         for k, v in self.params.items())
        return 'SIP/2.0/%s %s%s%s' % (
            self.transport, self.host,
            ':%d' % self.port if self.port else '', params)


def parse_auth(text):
    """'Digest a="b", c=d' to (scheme, {name: value}, {quoted names})."""
    scheme, _, rest = text.strip().partition(' ')
    values, quoted = {}, set()
    for part in split_outside(rest, ','):
        name, eq, value = part.partition('=')
        name, value = name.strip().lower(), value.strip()
        if not eq or not TOKEN.match(name) or not value:
            raise SipError('bad credentials: %s' % part)
        if name in values:
            raise SipError('twice in the credentials: %s' % name)
        if value[0] == '"':
            quoted.add(name)
        elif not TOKEN.match(value):
            raise SipError('neither token nor quoted string: %s' % part)
        values[name] = unquote(value)
    return scheme, values, quoted


class Message:
    """A request (method, uri) or a response (status, reason)."""

    def __init__(self, method=None, uri=None, status=0, reason=''):
        self.method, self.uri = method, uri
        self.status, self.reason = status, reason
        self.headers, self.body, self.raw = [], b'', b''

    @property
    def is_request(self):
        return self.status == 0

    @property
    def name(self):
        """REGISTER, or 401 for an answer."""
        return self.method if self.is_request else str(self.status)

    def values(self, name):
        """Every value of a header; list headers are taken apart."""
        found = [v for n, v in self.headers if n == name]
        if name in LISTS:
            return [v for text in found for v in split_outside(text, ',')
                    if v]
        return found

    def get(self, name, default=None):
        found = self.values(name)
        return found[0] if found else default

    def tokens(self, name):
        """The option tags, methods or types of a list header."""
        return {v.split(';')[0].strip().lower() for v in self.values(name)}

    def add(self, name, value):
        self.headers.append((name, str(value)))
        return self

    def push(self, name, value):
        """Put a header above all others."""
        self.headers.insert(0, (name, str(value)))
        return self

    def remove(self, name):
        self.headers = [(n, v) for n, v in self.headers if n != name]
        return self

    def addr(self, name):
        value = self.get(name)
        if value is None:
            raise SipError('no %s' % name)
        return NameAddr.parse(value)

    def cseq(self):
        m = re.match(r'(\d{1,10})[ \t]+(\S+)\Z', self.get('CSeq', ''))
        if not m or int(m[1]) >= 1 << 31 or not TOKEN.match(m[2]):
            raise SipError('bad CSeq: %s' % self.get('CSeq'))
        return int(m[1]), m[2]

    def number(self, name, default=None):
        value = self.get(name)
        if value is None:
            return default
        m = re.match(r'(\d{1,10})\s*([;(].*)?\Z', value)
        if not m or int(m[1]) >= 1 << 32:
            raise SipError('bad %s: %s' % (name, value))
        return int(m[1])

    def copy(self):
        new = Message(self.method, self.uri, self.status, self.reason)
        new.headers, new.body = list(self.headers), self.body
        new.raw = self.raw
        return new

    def answer(self, status, reason=None, tag=None):
        """RFC 3261 s8.2.6: a response to this request."""
        resp = Message(status=status,
                       reason=reason or REASONS.get(status, 'Answer'))
        for name in ('Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'):
            if name == 'Record-Route' and status >= 300:
                continue
            for value in self.values(name):
                if name == 'To' and tag and ';tag=' not in value:
                    value += ';tag=' + tag
                resp.add(name, value)
        return resp

    def to_bytes(self, style='normal'):
        """style: normal, compact, folded or lower (RFC 3261 s7.3)."""
        if self.is_request:
            lines = ['%s %s SIP/2.0' % (self.method, self.uri)]
        else:
            lines = ['SIP/2.0 %d %s' % (self.status, self.reason)]
        for name, value in self.headers:
            if name == 'Content-Length':
                continue
            lines.append(_line(name, value, style))
        lines.append(_line('Content-Length', str(len(self.body)), style))
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + self.body


def _line(name, value, style):
    if style == 'compact':
        return '%s:%s' % (TO_COMPACT.get(name, name), value)
    if style == 'lower':
        return '%s  :\t %s' % (name.lower(), value)
    if style == 'folded':
        return '%s:\r\n  %s' % (name, value)
    return '%s: %s' % (name, value)


def _start_line(line):
    m = re.match(r'SIP/2\.0 ([1-6]\d\d) ([^\r\n]*)\Z', line)
    if m:
        return Message(status=int(m[1]), reason=m[2])
    parts = line.split(' ')
    if len(parts) != 3 or parts[2] != 'SIP/2.0' or not TOKEN.match(parts[0]):
        raise SipError('bad start line: %s' % line)
    Uri.parse(parts[1])
    return Message(method=parts[0], uri=parts[1])


def parse(data):
    """The message in one datagram, or cut out of a stream."""
    head, sep, body = data.partition(b'\r\n\r\n')
    if not sep:
        raise SipError('no empty line')
    if re.search(rb'\r(?!\n)|(?<!\r)\n|\0', head):
        raise SipError('stray CR, LF or NUL in the header')
    try:
        lines = head.decode('utf-8').split('\r\n')
    except UnicodeDecodeError:
        raise SipError('the header is not UTF-8') from None
    unfolded = []
    for line in lines:
        if line[:1] in (' ', '\t') and len(unfolded) > 1:
            unfolded[-1] += ' ' + line.strip()
        else:
            unfolded.append(line)
    msg = _start_line(unfolded[0])
    for line in unfolded[1:]:
        name, colon, value = line.partition(':')
        name = name.rstrip(' \t')
        if not colon or not TOKEN.match(name):
            raise SipError('bad header line: %s' % line)
        name = COMPACT.get(name.lower(), NAMES.get(name.lower(), name))
        msg.add(name, value.strip())
    for name in SINGLE:
        if len([1 for n, _ in msg.headers if n == name]) > 1:
            raise SipError('%s occurs twice' % name)
    length = msg.number('Content-Length', len(body))
    if length != len(body):
        raise SipError('Content-Length %d, body %d' % (length, len(body)))
    msg.body, msg.raw = body, data
    return msg


def frame_length(data):
    """RFC 3261 s18.3: octets of the first message in a stream, or 0."""
    end = data.find(b'\r\n\r\n')
    if end < 0:
        return 0
    m = re.search(rb'\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*'
                  rb'(?=\r\n)', data[:end + 2], re.I)
    if not m:
        raise SipError('a message in a stream without Content-Length')
    total = end + 4 + int(m[1])
    return total if len(data) >= total else 0


def host_text(host):
    """An address as it stands in a URI: IPv6 in brackets."""
    return '[%s]' % host if ':' in host else host
