"""Session descriptions (RFC 4566, RFC 3264, RFC 3312, RFC 4975 s8, RFC 6135):
a strict reader, a writer, and what an offer or answer of a UE has to be."""
import re

DIRECTIONS = ('sendrecv', 'sendonly', 'recvonly', 'inactive')
REVERSED = {'sendrecv': 'sendrecv', 'sendonly': 'recvonly',
            'recvonly': 'sendonly', 'inactive': 'inactive'}


class SdpError(Exception):
    pass


class Media:
    def __init__(self, kind, port, proto, formats):
        self.kind, self.port, self.proto = kind, port, proto
        self.formats, self.attrs, self.conn = formats, [], None
        self.other = []                 # i=, b=, k= lines

    def values(self, name):
        return [v for n, v in self.attrs if n == name]

    def get(self, name, default=None):
        found = self.values(name)
        return found[0] if found else default

    def has(self, name):
        return any(n == name for n, _ in self.attrs)

    def direction(self, default='sendrecv'):
        found = [n for n, _ in self.attrs if n in DIRECTIONS]
        return found[0] if found else default

    def add(self, name, value=None):
        self.attrs.append((name, None if value is None else str(value)))
        return self

    def lines(self):
        out = ['m=%s %d %s %s' % (self.kind, self.port, self.proto,
                                  ' '.join(self.formats))]
        if self.conn:
            out.append('c=' + self.conn)
        return out + ['a=' + n if v is None else 'a=%s:%s' % (n, v)
                      for n, v in self.attrs]


class Sdp:
    def __init__(self, address, ident=1, version=1):
        family = 'IP6' if ':' in address else 'IP4'
        self.origin = ['-', str(ident), str(version), 'IN', family, address]
        self.conn = 'IN %s %s' % (family, address)
        self.attrs, self.media = [], []

    @property
    def version(self):
        return int(self.origin[2])

    def direction(self, media):
        found = [n for n, _ in self.attrs if n in DIRECTIONS]
        return media.direction(found[0] if found else 'sendrecv')

    def address(self, media):
        return (media.conn or self.conn).split()[-1]

    def to_bytes(self):
        out = ['v=0', 'o=' + ' '.join(self.origin), 's=-',
               'c=' + self.conn, 't=0 0']
        out += ['a=' + n if v is None else 'a=%s:%s' % (n, v)
                for n, v in self.attrs]
        for media in self.media:
            out += media.lines()
        return ('\r\n'.join(out) + '\r\n').encode()


ORDER = 'vosiuepcbtrzka'


def parse(body):
    """RFC 4566 s5: the order of lines is fixed."""
    try:
        text = body.decode('utf-8')
    except UnicodeDecodeError:
        raise SdpError('not UTF-8') from None
    if not text.endswith('\r\n'):
        raise SdpError('the last line has no CRLF')
    found, last, media = {}, -1, None
    sdp = Sdp('0.0.0.0')
    sdp.conn = None
    for line in text[:-2].split('\r\n'):
        m = re.match(r'([a-z])=(\S.*|)\Z', line)
        if not m or '\r' in line or '\n' in line:
            raise SdpError('bad line: %r' % line)
        kind, value = m[1], m[2]
        if kind == 'm':
            media = _media(value)
            sdp.media.append(media)
            last = -1
            continue
        if kind not in ORDER or ORDER.index(kind) < last:
            raise SdpError('out of order: %s' % line)
        last = ORDER.index(kind)
        if kind == 'a':
            name, colon, rest = value.partition(':')
            (media or sdp).attrs.append((name, rest if colon else None))
        elif media is not None:
            if kind == 'c':
                media.conn = value
            elif kind in 'ibk':
                media.other.append(line)
            else:
                raise SdpError('not in a media description: %s' % line)
        else:
            found[kind] = value
    for kind in 'vost':
        if kind not in found:
            raise SdpError('no %s= line' % kind)
    if found['v'] != '0':
        raise SdpError('v=%s' % found['v'])
    sdp.origin = found['o'].split(' ')
    if len(sdp.origin) != 6 or not sdp.origin[1].isdigit() or \
            not sdp.origin[2].isdigit() or sdp.origin[3] != 'IN':
        raise SdpError('o=%s' % found['o'])
    sdp.conn = found.get('c')
    for media in sdp.media:
        if not media.conn and not sdp.conn:
            raise SdpError('no c= for m=%s' % media.kind)
    return sdp


def _media(value):
    m = re.match(r'([a-z]+) (\d{1,5})(/\d+)? (\S+) (\S.*)\Z', value)
    if not m or int(m[2]) > 65535:
        raise SdpError('m=%s' % value)
    return Media(m[1], int(m[2]), m[4], m[5].split(' '))


# MSRP (RFC 4975 s8, RFC 6135 s4)

PATH = re.compile(r'msrps?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(:\d{1,5})'
                  r'?/[A-Za-z0-9\-._~!$&\'()*+,;=:@/]+?;tcp(;\S+)?\Z')
TYPE = re.compile(r'(\*|[A-Za-z0-9!#$&.+\-^_]+/(\*|[A-Za-z0-9!#$&.+\-^_]+))'
                  r'(;\S+)?\Z')


def judge(need, msg, sdp, offer=None, last=None):
    """The rules for a description of a UE; offer: the one it answers; last:
    the one of the same dialog before."""
    rule = 'RFC 3264 s8'
    if last:
        same = sdp.to_bytes() == last.to_bytes()
        need(sdp.origin[:2] == last.origin[:2] and sdp.version == (
            last.version if same else last.version + 1), msg, rule,
            'o= %s after %s' % (sdp.origin, last.origin))
        need(len(sdp.media) >= len(last.media), msg, rule,
             'fewer media descriptions than before')
    if offer:
        need([m.kind for m in sdp.media] == [m.kind for m in offer.media],
             msg, 'RFC 3264 s6', 'media of the answer: %s' %
             [m.kind for m in sdp.media])
    for i, media in enumerate(sdp.media):
        asked = offer.media[i] if offer and i < len(offer.media) else None
        if media.port == 0 or (asked and asked.port == 0):
            need(media.port == 0, msg, 'RFC 3264 s6', 'a refused stream is '
                 'answered with port %d' % media.port)
            continue
        if media.kind == 'message':
            _judge_message(need, msg, sdp, media, asked)
        else:
            _judge_audio(need, msg, sdp, media, asked, offer)


def _judge_audio(need, msg, sdp, media, asked, offer):
    need(media.proto in ('RTP/AVP', 'RTP/AVPF', 'RTP/SAVP'), msg,
         'RFC 4566 s5.14', 'proto %s' % media.proto)
    need(all(f.isdigit() and int(f) < 128 for f in media.formats), msg,
         'RFC 3551 s3', 'formats %s' % media.formats)
    mapped = {v.split()[0] for v in media.values('rtpmap') if v}
    for fmt in media.formats:
        need(not fmt.isdigit() or int(fmt) < 96 or fmt in mapped, msg,
             'RFC 4566 s6', 'no rtpmap for %s' % fmt)
    if asked:
        need(set(media.formats) & set(asked.formats), msg, 'RFC 3264 s6.1',
             'no format of the offer')
        allowed = {'sendrecv': DIRECTIONS,
                   'sendonly': ('recvonly', 'inactive'),
                   'recvonly': ('sendonly', 'inactive'),
                   'inactive': ('inactive',)}[offer.direction(asked)]
        need(sdp.direction(media) in allowed, msg, 'RFC 3264 s6.1',
             '%s answered by %s' % (offer.direction(asked),
                                    sdp.direction(media)))


def _judge_message(need, msg, sdp, media, asked):
    rule = 'RFC 4975 s8'
    need(media.proto in ('TCP/MSRP', 'TCP/TLS/MSRP'), msg, rule + '.2',
         'proto %s' % media.proto)
    need(media.formats == ['*'], msg, rule + '.2',
         'format list %s' % media.formats)
    types = media.get('accept-types')
    need(types and all(TYPE.match(t) for t in types.split(' ')), msg,
         rule + '.6', 'accept-types %s' % types)
    path = media.get('path')
    need(path and all(PATH.match(p) for p in path.split(' ')), msg,
         rule + '.2', 'path %s' % path)
    if path and PATH.match(path.split(' ')[-1]):
        ident = path.split(' ')[-1].split('/', 3)[-1].split(';')[0]
        # 80 bits are 14 characters of base64
        need(len(ident) >= 14, msg, 'RFC 4975 s14.1',
             'session-id %s is short' % ident)
    size = media.get('max-size')
    need(size is None or size.isdigit(), msg, rule + '.6',
         'max-size %s' % size)
    need(not media.has('connection'), msg, 'RFC 6135 s4.1', 'a=connection')
    setup = media.get('setup')
    if asked is None:
        need(setup in ('active', 'actpass'), msg, 'RFC 6135 s4.2.1',
             'an offer with setup %s' % setup)
    else:
        want = {'active': ('passive',), 'passive': ('active',),
                'actpass': ('active', 'passive'),
                None: ('passive', None)}[asked.get('setup')]
        need(setup in want, msg, 'RFC 6135 s4.2.2', 'setup %s answered by '
             '%s' % (asked.get('setup'), setup))
    need(setup != 'holdconn', msg, 'RFC 6135 s4.1', 'setup holdconn')
    if path and media.has('msrp-cema'):
        host = PATH.match(path.split(' ')[-1])
        host = host[1].strip('[]') if host else ''
        need(host == sdp.address(media), msg, 'RFC 6714 s4.2',
             'path %s beside c= %s' % (path, sdp.address(media)))


# preconditions (RFC 3312, RFC 4032)

def qos(media):
    """{('curr', 'local'): 'none', ('des', 'remote'): 'optional ...'}"""
    found = {}
    for name in ('curr', 'des', 'conf'):
        for value in media.values(name):
            words = (value or '').split(' ')
            if words[0] != 'qos' or len(words) < 3:
                continue
            place = words[1] if name != 'des' else words[2]
            rest = words[2:] if name != 'des' else [words[1]] + words[3:]
            found[(name, place)] = ' '.join(rest)
    return found
