#!/usr/bin/python3
# class: test
# needs: gcc
"""ue/sip's parser (under ASan and UBSan) and libre's decoder on generated
messages: valid ones in several spellings, and damaged ones.

A valid message must be taken by ours whatever libre says; its fields are
compared one by one.
"""
import json
import re
import struct
import subprocess
import sys

import differ
from sip_grammar import Message

LIBRE = 'build/deps/libre/src/'
# what ours refuses in damaged messages, and the clause; libre looks at none
STRICT = {
    'RFC 3261 s7.3.1: a field that is no list occurs once':
        ('header field occurs twice',),
    'RFC 3261 s8.1.1, RFC 4475 3.2.1: what every message has':
        ('no Via', 'no From', 'no To', 'no Call-ID', 'no CSeq',
         'no transaction identifier in branch'),
    'RFC 3261 s8.1.1.5: the method of CSeq is the request\'s':
        ("CSeq method is not the request's",),
    'RFC 3261 s18.3: Content-Length is not beyond the datagram':
        ('Content-Length beyond the end',),
    'RFC 3261 s20.16, s20.22, s20.14: numbers':
        ('bad CSeq', 'bad Max-Forwards', 'bad Content-Length'),
    'RFC 3261 s25.1: header fields':
        ('bad Via', 'bad From', 'bad To', 'bad Contact', 'bad Route',
         'bad Call-ID', 'bad Content-Type'),
    'RFC 3261 s25.1: the first line':
        ('not SIP', 'bad status line', 'bad status code', 'bad request line',
         'bad Request-URI', 'SIP version not supported'),
    'RFC 3261 s25.1: lines':
        ('control character', 'header field without name and colon',
         'line without CRLF', 'no empty line after the header fields'),
}


# an addr-spec, and an angle bracket in one of its quoted parameters
QUOTED = re.compile(rb'(?im)^(f|t|from|to)\s*:[^<"]*=\s*".*<')


def strict(reasons):
    return lambda ours, theirs, text: ours[0] == 'damaged' and \
        theirs[1] and ours[2] in reasons


def http(ours, theirs, text):
    return ours[1] and re.search(rb'[ <](http|[^:@<> ]*):[/?:]', text)


def joaat(name):
    """What libre knows a header field by: twelve bits of Jenkins' hash."""
    h = 0
    for c in name.lower():
        h = h + ord(c) & 0xffffffff
        h = h + (h << 10) & 0xffffffff
        h ^= h >> 6
    h = h + (h << 3) & 0xffffffff
    h ^= h >> 11
    return h + (h << 15) & 0xfff


LOOKED_AT = {joaat(name): name for name in (
    'Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Length',
    'Content-Type', 'Max-Forwards', 'Expires')}


def taken_for_another(ours, theirs, text):
    names = re.findall(r'(?m)^([\w.!%*+`~-]+)[ \t]*:',
                       text.decode('latin-1'))
    return any(LOOKED_AT.get(joaat(n), n).lower() != n.lower()
               for n in names if len(n) > 1)


def no_branch(ours, theirs, text):
    return ours[1] and not ours[3]


def other_protocol(ours, theirs, text):
    return ours[1] and re.search(
        rb'(?im)^v(ia)?\s*:(?!\s*SIP\s*/\s*2\.0\s*/\s*[A-Z])', text)


VERDICT_RULES = [(why, strict(reasons)) for why, reasons in STRICT.items()]
VERDICT_RULES.append((
    'RFC 3261 s25.1: absoluteURI; libre takes no URI with an authority, and '
    'none that begins with ? or :', http))
VERDICT_RULES += [
    ('RFC 3261 s17.2.3: a Via of RFC 2543 has no branch', no_branch),
    ('RFC 3261 s7.5: CRLF before the start line is ignored; libre does so in '
     'its transports', lambda ours, theirs, text: ours[1] and
     text.startswith(b'\r\n')),
    ('RFC 3261 s25.1: protocol-name, protocol-version and transport are any '
     'token', other_protocol),
    ('RFC 3261 s25.1: < in a quoted parameter opens nothing',
     lambda ours, theirs, text: ours[1] and QUOTED.search(text)),
    ('RFC 3261 s7.3.1: an unknown field is ignored; libre knows fields by '
     'twelve bits of a hash, and takes Ugent for another',
     lambda ours, theirs, text: ours[1] and
     taken_for_another(ours, theirs, text)),
]


def list_of(values):
    return re.sub(r' *, *', ',', ','.join(
        v for n, v in values if n.lower() in ('via', 'v', 'route')))


FIELD_RULES = (
    ('RFC 3261 s25.1: display-name is several tokens; libre keeps the last',
     lambda ours, theirs, text: ours[0].endswith('dname') and
     ours[1].endswith(' ' + theirs[1])),
    ('RFC 3261 s25.1: quoted-pair; libre ends a value at a comma after it',
     lambda ours, theirs, text: ours[0] in ('via', 'branch') and
     b'\\"' in text),
    ('RFC 3261 s25.1: < in a quoted parameter opens nothing',
     lambda ours, theirs, text: ours[0].split('.')[0] in ('from', 'to') and
     QUOTED.search(text)),
    ('RFC 3261 s7.3.1: a list of a comma alone is no list; libre calls it '
     'empty', lambda ours, theirs, text: ours[0] == 'hdrs' and
     [[n, v.strip(' ,')] for n, v in ours[1]] ==
     [[n, v.strip(' ,')] for n, v in theirs[1]]),
    ('RFC 3261 s7.3.1: no comma inside <> or quotes divides a list; libre '
     'divides <sip:a,b@c>, and loses count at an escaped quote',
     lambda ours, theirs, text: ours[0] == 'hdrs' and
     list_of(ours[1]) == list_of(theirs[1]) and
     re.search(rb'<[^>]*,|\\"', text)),
    ('RFC 3261 s7.3.1: an unknown field is ignored; libre takes Uecord-Route '
     'for From', taken_for_another),
    ('RFC 3261 s25.1: a scheme ends at the first colon; libre takes what is '
     'before a later one', lambda ours, theirs, text:
     ours[0].endswith('uri.scheme') and theirs[1].startswith('//')),
)


# differences too rare to wait for
EXAMPLES = (
    ('SI/2.0/UDP a;branch=z', '<sip:b@c>', ''),
    ('SIP/2.0/UDP a;branch=z', 'sip:b;y=">";x=\t"<\\":;>;=";tag=1', ''),
    ('SIP/2.0/UDP a;branch=z', 'sip:b;v=">";z=\t"<\\":;>;="', ''),
    ('SIP/2.0/UDP a;branch=z', '<sip:b@c>', 'Security-Server: ,\r\n'),
    ('SIP/2.0/UDP a', 'http://b', ''),
    ('SIP/2.0/UDP a;branch=z', 'http://b:c', ''),
    ('SIP/2.0/UDP a;branch=z', '<sip:b@c>', 'Ugent: x/1.0 (a (b) c)\r\n'),
    ('SIP/2.0/UDP a;branch=z', '<sip:b@c>', 'Uecord-Route: <sip:x>\r\n'),
)


def example(via, to, more):
    return ('SIP/2.0 200 OK\r\nVia: %s\r\nTo: %s\r\nFrom: <sip:a@b>\r\n'
            'Call-ID: 1\r\nCSeq: 1 BYE\r\n%s\r\n' % (via, to, more)).encode()


class End:
    def __init__(self, program):
        self.proc = subprocess.Popen([program], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)

    def ask(self, data):
        self.proc.stdin.write(struct.pack('>H', len(data)) + data)
        self.proc.stdin.flush()
        line = self.proc.stdout.readline()
        if not line:
            raise RuntimeError('%s has ended on %r' % (self.proc.args[0],
                                                       data))
        return json.loads(line)

    def close(self):
        self.proc.stdin.close()
        if self.proc.wait(10):
            raise RuntimeError('%s: %d' % (self.proc.args[0],
                                           self.proc.returncode))


def flat(got, name=''):
    """Nested fields with dots in their names, in one notation: a fold is a
    space, headers come without their question mark, parameters without the
    space before, and the parts of a URI only of sip and sips."""
    out = {}
    for key, value in got.items():
        if isinstance(value, dict):
            out.update(flat(value, name + key + '.'))
        else:
            if isinstance(value, str) and key != 'body':
                value = re.sub(r'[\r\n\t ]+', ' ', value)
                if key == 'headers':
                    value = value.lstrip('?')
                elif key in ('params', 'ctype_params', 'text', 'host'):
                    value = value.strip()
            elif key == 'hdrs':
                value = [[n, re.sub(r'[\r\n\t ]+', ' ', v)]
                         for n, v in value]
            out[name + key] = value
    if got.get('scheme', 'sip').lower() not in ('sip', 'sips'):
        return {name + 'scheme': got['scheme']}
    if got.get('clen', '').isdigit():
        out['body'] = out['body'][:int(got['clen'])]
    return out


def main():
    ours = End(differ.build('sip_ours', True, ('ue', 're'),
                            ['-ffunction-sections', '-Wl,--gc-sections']))
    theirs = End(differ.build(
        'sip_libre', False, ('re',),
        ['-std=gnu11', '-w', '-no-pie', '-ffunction-sections',
         '-Wl,--gc-sections', LIBRE + 'sip/msg.c', LIBRE + 'mem/mem.c']))
    verdicts = differ.Run('RFC 3261: who takes a generated message', 4000,
                          VERDICT_RULES)
    fields = differ.Run('RFC 3261: what is in it', 1, FIELD_RULES)

    def compare(i, kind, data):
        one, two = ours.ask(data), theirs.ask(data)
        both = one['why'], one.get('branch')
        verdicts.compare(
            i, kind if not one['why'] else kind + ' refused',
            (kind, not one['why'], *both), (kind, not two['why'], *both),
            data)
        if one['why'] and two['why'] and kind != 'damaged':
            verdicts.refused(i, (kind, *both), (kind, two['why']), data)
        if one['why'] or two['why']:
            return
        one, two = flat(one), flat(two)
        for name in sorted(one.keys() & two.keys()):
            fields.compare(i, name, (name, one[name]), (name, two[name]),
                           data)
    for some in EXAMPLES:
        compare('example', 'valid', example(*some))
    compare('example', 'valid', b'\r\n' + example(*EXAMPLES[0]))
    for i, rnd in verdicts.cases():
        message = Message(rnd)
        kind = rnd.choice(('valid', 'spelt', 'damaged'))
        compare(i, kind, message.octets() if kind == 'valid' else
                message.equal() if kind == 'spelt' else message.damaged())
    ours.close()
    theirs.close()
    return differ.summary([
        verdicts.result(('valid', 'spelt', 'damaged', 'damaged refused')),
        fields.result(('via', 'hdrs'))])


if __name__ == '__main__':
    sys.exit(main())
