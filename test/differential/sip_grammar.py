"""Random SIP messages by the grammar of RFC 3261 section 25.1, and damage.

Message(rnd).octets() is valid; equal() writes the same message another way
(names, case, folds, order); damaged() is mostly invalid.
"""

HOSTS = ('example.com', 'pcscf1.home1.net', 'a-b.example.org.', '10.0.0.1',
         '192.0.2.254', '[2001:db8::9:1]', '[::1]', 'localhost', 'x')
TOKEN = 'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-.!%*_+`\'~'
WORD = TOKEN + '()<>:\\"/[]?{}'
USER = 'abcxyz0129-_.!~*\'()&=+$,;?/'
METHODS = ('INVITE', 'ACK', 'BYE', 'CANCEL', 'REGISTER', 'OPTIONS', 'INFO',
           'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'PRACK', 'UPDATE',
           'PUBLISH', 'x-New.Method~')
COMPACT = {'Via': 'v', 'From': 'f', 'To': 't', 'Call-ID': 'i',
           'Contact': 'm', 'Content-Type': 'c', 'Content-Length': 'l',
           'Supported': 'k', 'Subject': 's', 'Event': 'o', 'Refer-To': 'r',
           'Content-Encoding': 'e', 'Allow-Events': 'u',
           'Session-Expires': 'x', 'Referred-By': 'b'}


class Message:
    def __init__(self, rnd):
        self.rnd = rnd
        self.method = rnd.choice(METHODS)
        self.request = rnd.random() < .6
        if self.request:
            self.start = '%s %s SIP/2.0' % (self.method, self.uri(True))
        else:
            self.start = 'SIP/2.0 %d %s' % (
                rnd.choice((100, 180, 183, 200, 202, 302, 401, 404, 481,
                            503, 699)),
                rnd.choice(('OK', 'Ringing', '', 'Not Found', 'a  b ; c')))
        self.body = ''.join(rnd.choice('abc\r\n: =\xe9\xff')
                            for _ in range(rnd.choice((0, 0, 5, 40))))
        self.fields = []
        self.lines()

    def some(self, chars, low, high):
        return ''.join(self.rnd.choice(chars)
                       for _ in range(self.rnd.randint(low, high)))

    def token(self):
        return self.some(TOKEN, 1, 9)

    def maybe(self, text, chance=.5):
        return text if self.rnd.random() < chance else ''

    def space(self):
        """Where LWS may be and mostly is not."""
        return self.rnd.choice(('',) * 9 + (' ', '  ', '\t'))

    def quoted(self):
        return '"%s"' % ''.join(
            self.rnd.choice(('a', 'B', ' ', ',', ';', '<', '>', ':', '@',
                             '\\"', '\\\\', '\\z', '\xc3\xa9', '='))
            for _ in range(self.rnd.randint(0, 8)))

    def params(self, names, uri=False):
        out = ''
        number = min(len(names), self.rnd.choice((0, 0, 0, 1, 2)))
        for name in self.rnd.sample(names, number):
            value = self.token() if not uri else self.some(
                'abcXYZ019-_.!~*\'()[]/:&+$', 1, 6)
            kind = self.rnd.randrange(4)
            if uri:
                out += ';' + name + self.maybe('=' + value)
            elif kind == 0:
                out += ';' + name
            elif kind == 1:
                out += '%s;%s%s=%s%s' % (self.space(), self.space(), name,
                                         self.space(), self.quoted())
            else:
                out += '%s;%s%s%s=%s%s' % (
                    self.space(), self.space(), name, self.space(),
                    self.space(), value)
        return out

    def uri(self, request=False):
        rnd = self.rnd
        kind = rnd.randrange(12)
        if kind == 0:
            return rnd.choice(('tel:+1-201-555-0123', 'tel:7042;phone-'
                               'context=example.com', 'urn:service:sos',
                               'urn:uuid:f81d4fae-7dec-11d0-a765-'
                               '00a0c91e6bf6', 'http://example.com/x'))
        user = self.some(USER, 1, 8) + self.maybe('%41%2a', .1)
        if rnd.random() < .1:
            user += ':' + self.some('abc019&=+$,-_.', 0, 5)
        host = rnd.choice(HOSTS)
        out = rnd.choice(('sip:', 'sip:', 'sip:', 'sips:', 'SIP:')) + \
            self.maybe(user + '@', .8) + host + \
            self.maybe(':%d' % rnd.choice((5060, 1, 65535, 5061)), .3) + \
            self.params(['lr', 'transport', 'user', 'comp', 'maddr', 'x',
                         'gr'], True)
        if not request and rnd.random() < .1:
            out += '?%s=%s' % (self.some('abcXZ-', 1, 5),
                               self.some('abc019-', 1, 5))
        return out

    def addr(self, names, brackets=False):
        rnd = self.rnd
        uri = self.uri()
        plain = not brackets and rnd.random() < .25
        # RFC 3261 s20: with comma, question mark or semicolon in brackets
        if plain and not set(',?;') & set(uri):
            return uri + self.params(names) + self.maybe(
                ';v=">";z=\t"<\\":;>;="', .05)
        name = rnd.choice(('', '', self.quoted() + self.space(),
                           self.some('abcXYZ-.', 1, 6) + ' ',
                           'Two Words '))
        return '%s<%s>%s' % (name, uri, self.params(names))

    def via(self):
        rnd = self.rnd
        return 'SIP%s/%s2.0%s/%s%s %s%s%s;branch=%s%s' % (
            self.space(), self.space(), self.space(), self.space(),
            rnd.choice(('UDP', 'TCP', 'TLS', 'SCTP', 'X-new')),
            rnd.choice(HOSTS),
            self.maybe('%s:%s%d' % (self.space(), self.space(),
                                    rnd.randint(1, 65535))),
            self.maybe(rnd.choice((';rport', ';rport=5060', ';keep',
                                   ';ttl=3', ';comp=sigcomp',
                                   ';received=10.0.0.1'))),
            self.maybe('z9hG4bK') + self.some(TOKEN, 1, 9),
            self.params(['x', 'maddr-y']))

    def add(self, name, value):
        self.fields.append((name, value))

    def lines(self):
        rnd = self.rnd
        for _ in range(rnd.choice((1, 1, 2))):
            self.add('Via', ','.join(self.via() for _ in range(
                rnd.choice((1, 1, 1, 2)))))
        for name in ('From', 'To'):
            self.add(name, self.addr(['x', 'y.z']) + self.maybe(
                ';tag=' + self.token(), .8))
        self.add('Call-ID', self.some(WORD, 1, 9) + self.maybe(
            '@' + self.some(WORD, 1, 9)))
        self.add('CSeq', '%d %s' % (rnd.choice(
            (0, 1, 4711, 4294967295, rnd.randrange(1 << 31))), self.method))
        some = (
            ('Max-Forwards', lambda: str(rnd.randrange(256))),
            ('Contact', lambda: rnd.choice(('*', '')) or ', '.join(
                self.addr(['expires', 'q', '+sip.instance'])
                for _ in range(rnd.choice((1, 1, 2))))),
            ('Route', lambda: ','.join(self.addr(['x'], True) for _ in
                                       range(rnd.choice((1, 2))))),
            ('Record-Route', lambda: self.addr(['x'], True)),
            ('Expires', lambda: str(rnd.randrange(1 << 32))),
            ('Supported', lambda: ', '.join(
                self.token() for _ in range(rnd.randrange(4)))),
            ('Allow', lambda: ', '.join(rnd.sample(METHODS, 3))),
            ('Event', lambda: 'reg' + self.params(['id', 'x'])),
            ('Subject', lambda: 'a "b , <c ' + self.token()),
            ('P-Asserted-Identity', lambda: self.addr([], True)),
            ('X-Unknown', lambda: self.some(WORD + ' ,;"', 0, 20)),
            ('User-Agent', lambda: 'x/1.0 (a (b) c)'),
            ('Security-Server', lambda: 'ipsec-3gpp;alg=hmac-md5-96;'
             'spi-c=%d;q=0.1' % rnd.randrange(1 << 32)))
        for name, make in rnd.sample(some, rnd.randrange(7)):
            self.add(name, make())
        if self.body:
            self.add('Content-Type', rnd.choice((
                'application/sdp', 'text/plain;charset=utf-8',
                'Multipart/Mixed ; boundary="a b"', 'message / cpim')))
        if self.body or rnd.random() < .7:
            self.add('Content-Length', str(len(self.body)))
        rnd.shuffle(self.fields)

    def text(self, fields=None):
        return '\r\n'.join([self.start] + ['%s: %s' % f for f in
                                           fields or self.fields]) + \
            '\r\n\r\n' + self.body

    def octets(self):
        return self.text().encode('latin-1')

    def equal(self):
        """The same with other names, case, folds and spaces."""
        rnd, out = self.rnd, []
        for name, value in self.fields:
            if name in COMPACT and rnd.random() < .3:
                name = COMPACT[name]
            name = ''.join(rnd.choice((c.lower(), c.upper())) for c in name)
            # RFC 3261 s7.3.1: a fold is where one SP may be
            if ' ' in value and '"' not in value and rnd.random() < .3:
                value = value.replace(' ', '\r\n' + rnd.choice(' \t'), 1)
            out.append((name + self.space(), self.space() + value +
                        self.space()))
        return self.text(out).encode('latin-1')

    def damaged(self):
        rnd = self.rnd
        lines = [self.start] + ['%s: %s' % f for f in self.fields]
        how = rnd.randrange(6)
        at = rnd.randrange(1, len(lines))
        if how == 0:
            del lines[at]
        elif how == 1:
            lines.append(lines[at])
        elif how == 2:
            lines[at] = lines[at].split(':')[0] + ': ' + rnd.choice(
                ('', self.token(), self.uri(), self.quoted(),
                 '99999999999', '-1', ',', ';', '<>', '\0'))
        text = bytearray('\r\n'.join(lines).encode('latin-1') +
                         b'\r\n\r\n' + self.body.encode('latin-1'))
        for _ in range(rnd.randrange(1, 3) if how > 2 else 0):
            at = rnd.randrange(len(text) + 1)
            what = rnd.randrange(5)
            if what == 0:
                text[at:at + 1] = bytes([rnd.randrange(256)])
            elif what == 1:
                del text[at:at + rnd.choice((1, 1, 2, 5, 30))]
            elif what == 2:
                text[at:at] = rnd.choice(
                    (b'\r', b'\n', b'\r\n', b' ', b'\t', b'"', b'<', b'>',
                     b';', b':', b',', b'@', b'/', b'%', b'(', b'[', b']',
                     b'?', b'=', b'\\', b'\0', b'\xff', b'0', b'999999'))
            elif what == 3:
                end = at + rnd.randrange(1, 20)
                text[at:at] = text[at:end]
            elif rnd.random() < .1:
                del text[at:]
        return bytes(text)
