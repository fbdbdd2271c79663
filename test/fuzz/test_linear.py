#!/usr/bin/python3
# class: test
# needs: gcc valgrind
"""No input costs more than its length: what repeats in a hostile message is
repeated four times as often, and must not take more than six times as many
instructions in the targets of libFuzzer, which read all there is in it.

Prints the worst ones.  An argument: a part of a name.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
OUT = os.path.join(ROOT, 'build', 'linear')
LIBS = ('common', 'ue', 'sigcomp', 'ipsec', 'msrp', 're', 'mbedtls', 'z')
SMALL, TIMES, MOST = 3000, 4, 6.0
# fewer instructions than this are nobody's harm
LEAST = 400000

VIA = 'SIP/2.0/UDP a;branch=z9hG4bK1'
HEAD = ('\0MESSAGE sip:a@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n'
        'To: <sip:b@c>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nVia: ' + VIA +
        '\r\nMax-Forwards: 70\r\n')
END = '\r\n\r\n'


def hdr(name, first, unit, last=''):
    """A header field in which something repeats."""
    return HEAD + name + ': ' + first, unit, last + END


def ruri(first, unit, last=''):
    return '\0MESSAGE ' + first, unit, last + \
        HEAD[len('\0MESSAGE sip:a@b'):] + '\r\n'


SIP = {
    'header fields that nobody knows': (HEAD, 'X: y\r\n', '\r\n'),
    'empty header fields': (HEAD, 'Route:\r\n', '\r\n'),
    'the same list field': (HEAD, 'Route: <sip:a;lr>\r\n', '\r\n'),
    'many Via': (HEAD, 'Via: ' + VIA + '\r\n', '\r\n'),
    'empty lines in front': ('\0', '\r\n', HEAD[1:] + '\r\n'),
    'folds': hdr('Subject', 'a', '\r\n a'),
    'folds of blanks': hdr('Subject', 'a', '\r\n \t '),
    'list of Via': hdr('Via', VIA, ', ' + VIA),
    'parameters of Via': hdr('Via', VIA, ';a=b'),
    'list of Route': hdr('Route', '<sip:a;lr>', ',<sip:a;lr>'),
    'list of Record-Route with parameters':
        hdr('Record-Route', '<sip:a>', ';a=b,<sip:a>;c="d,e"'),
    'list of Contact': hdr('Contact', '<sip:a>', ', "a" <sip:a>;q=0.1'),
    'parameters of Contact': hdr('Contact', '<sip:a>', ';expires=5;q=1'),
    'empty elements of a list': hdr('Route', '<sip:a>', ' , '),
    'P-Associated-URI': hdr('P-Associated-URI', '<sip:a>', ', <tel:1>'),
    'tokens of a display name': hdr('Contact', 'a', ' a', ' <sip:a>'),
    'quoted pairs of a display name':
        hdr('Contact', '"', '\\"', '" <sip:a>'),
    'a quote that does not end': hdr('Contact', '"', '\\"'),
    'quotes': hdr('Contact', '<sip:a>;a=""', ';b=""'),
    'commas in quotes': hdr('Contact', '"', ',', '" <sip:a>'),
    'parameters without values': hdr('Contact', '<sip:a>', ';a'),
    'long parameter': hdr('Contact', '<sip:a>;a=', 'b'),
    'escapes of a URI': hdr('Contact', '<sip:', '%61', '@b>'),
    'escapes that are bad at last': hdr('Contact', '<sip:', '%61', '%@b>'),
    'parameters of a URI': hdr('Contact', '<sip:a', ';a=b', '>'),
    'different parameters of a URI':
        hdr('Contact', '<sip:a', ';{}=b', '>'),
    'header fields of a URI': hdr('Contact', '<sip:a?a=b', '&a=b', '>'),
    'different header fields of a URI':
        hdr('Contact', '<sip:a?a=b', '&{}=b', '>'),
    'password of a URI': hdr('Contact', '<sip:a:', 'b', '@c>'),
    'at signs': hdr('Contact', '<sip:', 'a:b;', '@c>'),
    'labels of a host': hdr('Contact', '<sip:', 'a.', 'a>'),
    'hyphens of a host': hdr('Contact', '<sip:a', '-', 'a>'),
    'digits of a host': hdr('Contact', '<sip:', '1.', '1>'),
    'colons of an address': hdr('Contact', '<sip:[', '1:', '1]>'),
    'Request-URI: escapes': ruri('sip:', '%61', '@b'),
    'Request-URI: parameters': ruri('sip:a', ';{}=b'),
    'Request-URI: absolute': ruri('x:', 'a/'),
    'Accept': hdr('Accept', 'a/b', ', a/b;q=0.1'),
    'Supported': hdr('Supported', 'a', ', {}'),
    'Require': hdr('Require', 'a', ', {}'),
    'Allow': hdr('Allow', 'INVITE', ', INVITE'),
    'Security-Server': hdr('Security-Server', 'tls;q=0.1',
                           ', ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1'),
    'WWW-Authenticate': hdr('WWW-Authenticate', 'Digest realm="a"',
                            ', {}="b"'),
    'Digest qop': hdr('WWW-Authenticate', 'Digest realm="a",qop="auth',
                      ',auth', '"'),
    'Authentication-Info': hdr('Authentication-Info', 'qop=auth', ', {}=b'),
    'Event': hdr('Event', 'reg', ';{}=b'),
    'Subscription-State': hdr('Subscription-State', 'active', ';{}=b'),
    'Content-Type': hdr('Content-Type', 'text/plain', ';{}=b'),
    'Warning': hdr('Warning', '399 a "', 'b', '"'),
    'digits': hdr('Expires', '', '1'),
    'Call-ID': hdr('Call-ID', '', 'a'),
    'what is no header field': (HEAD, 'a b c\r\n', '\r\n'),
    'colons': (HEAD, ':', '\r\n'),
    'octets': (HEAD + '\r\n', '\xff', ''),
}

SDP = 'v=0\r\no=a 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n'
MEDIA = SDP + 'm=message 9 TCP/MSRP *\r\n'
SDPS = {
    'attributes of the session': (SDP, 'a=x:y\r\n', ''),
    'attributes of a stream': (MEDIA, 'a=x:y\r\n', ''),
    'streams': (SDP, 'm=audio 9 RTP/AVP 0\r\n', ''),
    'formats': (SDP + 'm=audio 9 RTP/AVP 0', ' 1', '\r\n'),
    'rtpmap': (SDP + 'm=audio 9 RTP/AVP 0\r\n', 'a=rtpmap:0 A/8000\r\n',
               ''),
    'path': (MEDIA + 'a=path:msrp://a:1/b;tcp', ' msrp://a:1/b;tcp', '\r\n'),
    'accept-types': (MEDIA + 'a=accept-types:a/b', ' a/b', '\r\n'),
    'fingerprint': (MEDIA + 'a=fingerprint:sha-256 00', ':00', '\r\n'),
    'preconditions': (MEDIA, 'a=curr:qos local none\r\n', ''),
    'bandwidth': (SDP, 'b=AS:1\r\n', ''),
    'times': (SDP, 't=0 0\r\n', ''),
    'no lines': (SDP, 'x', ''),
    'empty lines': (SDP, '\r\n', ''),
    'empty parts': ('\1x', '--x\r\n\r\n\r\n', '--x--'),
    'near boundaries': ('\1x--x\r\n\r\n', '\r\n--y', '\r\n--x--'),
    'hyphens': ('\1x--x\r\n\r\n', '-', '\r\n--x--'),
    'fields of a part': ('\1x--x\r\n', 'Content-ID: <a>\r\n',
                         '\r\n\r\n--x--'),
    'line ends of a part': ('\1x--x\r\n\r\n', '\r\n', '--x--'),
}

REG = ('<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:'
       'reginfo" version="1" state="full"><registration aor="sip:a@b" '
       'id="1" state="active">')
REG_END = '</registration></reginfo>'
CONTACT = ('<contact id="{}" state="active" event="created"><uri>sip:a@b'
           '</uri></contact>')


def xml(head, end):
    """What repeats in any document."""
    return {
        'unknown elements': (head, '<x>a</x>', end),
        'nesting': (head, '<x>', end),
        'attributes': (head + '<x', ' {}="b"', '/>' + end),
        'the same attribute': (head + '<x', ' a="b"', '/>' + end),
        'namespaces': (head + '<x', ' xmlns:{}="b"', '/>' + end),
        'references': (head + '<x>', '&amp;', '</x>' + end),
        'numbers of characters': (head + '<x>', '&#x61;', '</x>' + end),
        'long number of a character':
            (head + '<x>&#', '0', '97;</x>' + end),
        'comments': (head, '<!-- - -->', end),
        'a comment that does not end': (head + '<!--', ' -', ''),
        'CDATA': (head + '<x>', '<![CDATA[]]]>', '</x>' + end),
        'CDATA that does not end': (head + '<x><![CDATA[', ']', ''),
        'instructions': (head, '<?a b?>', end),
        'blanks': (head, ' ', end),
        'text': (head + '<x>', 'a', '</x>' + end),
        'a long name': (head + '<', 'a', '/>' + end),
        'blanks in a tag': (head + '<x', ' ', '/>' + end),
        'quotes': (head + '<x a="', "'", '"/>' + end),
        'less than': (head, '<', end),
    }


REGS = {**xml(REG, REG_END),
        'contacts': (REG, CONTACT, REG_END),
        'the same contact': (REG, CONTACT.replace('{}', 'a'), REG_END),
        'registrations': (
            REG + REG_END[:15], '<registration aor="sip:{}@b" id="{}" '
            'state="active"></registration>', REG_END[15:]),
        'a long URI': (REG + '<contact id="1" state="active" event='
                       '"created"><uri>sip:a', ';{}=b',
                       '</uri></contact>' + REG_END)}
CONF = ('<?xml version="1.0"?><conference-info xmlns="urn:ietf:params:xml:'
        'ns:conference-info" entity="sip:c@d" state="full" version="1">')
CONF_END = '</conference-info>'
USERS = CONF + '<users>'
USERS_END = '</users>' + CONF_END
USER = ('<user entity="sip:{}@b"><endpoint entity="sip:{}"><status>connected'
        '</status><media id="1"><type>audio</type></media></endpoint></user>')
CONFS = {**xml(CONF, CONF_END),
         'users': (USERS, USER, USERS_END),
         'the same user': (USERS, USER.replace('{}', 'a'), USERS_END),
         'endpoints': (USERS + '<user entity="sip:a@b">',
                       '<endpoint entity="{}"/>', '</user>' + USERS_END),
         'media': (USERS + '<user entity="sip:a@b"><endpoint entity="e">',
                   '<media id="{}"/>', '</endpoint></user>' + USERS_END),
         'a long URI': (USERS + '<user entity="sip:a', ';{}=b', '"/>' +
                        USERS_END),
         'roles': (USERS + '<user entity="sip:a@b"><roles>',
                   '<entry>a</entry>', '</roles></user>' + USERS_END)}

SEND = ('\377MSRP tid0 SEND\r\nTo-Path: msrp://a:1/b;tcp\r\n'
        'From-Path: msrp://c:1/d;tcp\r\nMessage-ID: m\r\n')
FRAMES = {
    'fields': (SEND, 'X: y\r\n', '\r\n'),
    'To-Path': ('\377MSRP tid0 SEND\r\nTo-Path: msrp://a:1/b;tcp',
                ' msrp://a:1/b;tcp', '\r\nFrom-Path: msrp://c:1/d;tcp\r\n'
                '-------tid0$\r\n'),
    'From-Path': (SEND[:SEND.index('Message')], 'From-Path: msrp://a:1/b;'
                  'tcp\r\n', '-------tid0$\r\n'),
    'digits': (SEND + 'Byte-Range: ', '1', '-2/3\r\n'),
    'content': (SEND + 'Content-Type: a/b\r\n\r\n', 'a',
                '\r\n-------tid0$\r\n'),
    'hyphens': (SEND + 'Content-Type: a/b\r\n\r\n', '-',
                '\r\n-------tid0$\r\n'),
    'near end-lines': (SEND + 'Content-Type: a/b\r\n\r\n',
                       '\r\n-------tid', '\r\n-------tid0$\r\n'),
    'ends of lines': (SEND + 'Content-Type: a/b\r\n\r\n', '\r\n',
                      '\r\n-------tid0$\r\n'),
    'requests': ('\377', 'MSRP tid0 SEND\r\nTo-Path: msrp://a:1/b;tcp\r\n'
                 'From-Path: msrp://c:1/d;tcp\r\n-------tid0$\r\n', ''),
    'a long line': ('\377MSRP tid0 SEND\r\nX: ', 'a', ''),
    'no MSRP': ('\377', 'a', ''),
}

CPIM = 'From: <sip:a@b>\r\nTo: <sip:c@d>\r\n'
CPIMS = {
    'fields': (CPIM, 'X: y\r\n', '\r\nContent-type: a/b\r\n\r\nc'),
    'To': (CPIM, 'To: <sip:c@d>\r\n', '\r\nContent-type: a/b\r\n\r\nc'),
    'namespaces': (CPIM, 'NS: {} <urn:a>\r\n',
                   '\r\nContent-type: a/b\r\n\r\nc'),
    'Subject with escapes': (CPIM + 'Subject: ', '\\"', '\r\n\r\n'
                             'Content-type: a/b\r\n\r\nc'),
    'a long URI': ('From: <sip:', 'a', '@b>\r\n' + CPIM[17:] +
                   '\r\nContent-type: a/b\r\n\r\nc'),
    'fields of the content': (CPIM + '\r\n', 'Content-ID: <a>\r\n',
                              '\r\nc'),
    'notifications': (CPIM + 'NS: imdn <urn:ietf:params:imdn>\r\nimdn.'
                      'Disposition-Notification: display', ', display',
                      '\r\n\r\nContent-type: a/b\r\n\r\nc'),
    'content': (CPIM + '\r\nContent-type: a/b\r\n\r\n', 'c', ''),
    **xml('<?xml version="1.0"?><imdn xmlns="urn:ietf:params:xml:ns:imdn">'
          '<message-id>1</message-id>', '</imdn>')}

FILES = {
    'escapes of a name': ('name:"', '%61', '" size:1'),
    'long name': ('name:"', 'a', '" size:1'),
    'selectors': ('size:1', ' {}:1', ''),
    'hash': ('hash:sha-1:00', ':00', ''),
    'types': ('type:a/b', ';{}=b', ''),
    'blanks': ('size:1', ' ', ''),
}

TARGETS = {'sip_message': SIP, 'sdp': SDPS, 'reginfo': REGS,
           'conference_info': CONFS, 'msrp_frame': FRAMES,
           'msrp_content': CPIMS, 'file_selector': FILES}


def repeat(case, size):
    """The case in about that many octets; {} is another word each time."""
    first, unit, last = case
    times = max(1, size // len(unit.replace('{}', 'aaa')))
    if '{}' not in unit:
        return (first + unit * times + last).encode('latin-1')
    words = []
    for i in range(times):
        word = ''
        for _ in range(3):
            i, k = divmod(i, 26)
            word += chr(97 + k)
        words.append(unit.replace('{}', word))
    return (first + ''.join(words) + last).encode('latin-1')


def build(target):
    flags = subprocess.run(['make', '-s', '--no-print-directory',
                            'print-flags'], cwd=ROOT, check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    libs = ['build/host/lib%s.a' % lib for lib in LIBS]
    program = os.path.join(OUT, target)
    subprocess.run(['gcc', *[f.replace("'", '') for f in flags],
                    '-Wno-missing-prototypes', '-D_GNU_SOURCE', '-g', '-Os',
                    '-no-pie',
                    'test/fuzz/linear.c', 'test/fuzz/fuzz_%s.c' % target,
                    '-o', program, '-Wl,--start-group', *libs,
                    '-Wl,--end-group', '-lpthread'], cwd=ROOT, check=True)
    return program


def count(program, inputs):
    """Instructions of each input."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, data in enumerate(inputs):
            names.append(os.path.join(folder, '%d.in' % i))
            with open(names[-1], 'wb') as f:
                f.write(data)
        out = os.path.join(folder, 'out')
        subprocess.run(['valgrind', '--tool=callgrind', '-q',
                        '--callgrind-out-file=' + out, program, *names],
                       cwd=ROOT, check=True)
        found = {}
        for i in range(1, len(names) + 1):
            with open('%s.%d' % (out, i), encoding='utf-8') as f:
                text = f.read()
            name = re.search(r'desc: Trigger: Client Request: (\S+)', text)
            total = re.search(r'^totals: (\d+)', text, re.M)
            found[name[1]] = int(total[1])
        return [found[name] for name in names]


def main():
    os.makedirs(OUT, exist_ok=True)
    subprocess.run(['make', '-s', '--no-print-directory',
                    *['build/host/lib%s.a' % lib for lib in LIBS]],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    want = ''.join(sys.argv[1:2])
    good = bad = 0
    for target, cases in TARGETS.items():
        names = [n for n in cases if want in '%s: %s' % (target, n)]
        if not names:
            continue
        small = count(build(target), [repeat(cases[n], SMALL)
                                      for n in names])
        large = count(os.path.join(OUT, target),
                      [repeat(cases[n], SMALL * TIMES) for n in names])
        for name, few, many in zip(names, small, large):
            fine = many < LEAST or many <= MOST * few
            good, bad = good + fine, bad + (not fine)
            if not fine or want:
                print('%s %s: %s: %d to %d instructions, %.1f times' % (
                    'ok' if fine else 'FAIL', target, name, few, many,
                    many / few))
        worst = max(zip(large, names))
        print('ok %s: %d inputs; the most: %s, %d instructions' % (
            target, len(names), worst[1], worst[0]), flush=True)
    print('%d passed, %d failed' % (good, bad))
    return 1 if bad or not good else 0


if __name__ == '__main__':
    sys.exit(main())
