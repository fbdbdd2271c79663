"""The UE's own messages of the flows that the conference texts print, and
how one that was sent is held against them.

The order of headers does not matter. Where a printed header is not sent, or
one is sent that is not printed, the test says why: `lacks` and `adds`. What
the texts have wrong (branches used twice, SIP/2.0/UPD, ports in an ACK that
the Contact did not have, unclosed brackets, CSeq 1 in each REFER) is not
imitated, and listed in ERRORS.
"""
import re

from . import sip

# TS 24.147 clause 6.5.2.1 (contribution on leaving a conference)
TABLES = {
    '6.5.2.1-1': '''BYE sip:conference1@mrfc1.home1.net SIP/2.0
Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7
Max-Forwards: 70
Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>
P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11
From: <sip:user1_public1@home1.net>; tag=171828
To: <sip:conference-factory1@mrfc1.home1.net>; tag=314159
Call-ID: cb03a0s09a2sdfglkj490333
Require: sec-agree
Proxy-Require: sec-agree
Security-Verify: ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi=87654321; port1=7531
Cseq: 153 BYE
Content-Length: 0''',
    '6.5.2.1-11': '''SIP/2.0 200 OK
Via: SIP/2.0/UDP pcscf1.visited1.net:7531;comp=sigcomp;branch=z9hG4bK240f34.1
From:
To:
Call-ID:
CSeq:
Content-Length: 0''',
    '6.5.2.1-14': '''SUBSCRIBE sip:conference1@mrfc1.home1.net SIP/2.0
Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7
Max-Forwards: 70
Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>
Privacy: none
From: <sip:user1_public1@home1.net>;tag=31415
To: <sip:conference1@mrfc1.home1.net>;tag=151170
Call-ID: b89rjhnedlrfjflslj40a222
CSeq: 62 SUBSCRIBE
Event: conference
Expires: 0
Content-Length: 0''',
    '6.5.2.1-23': '''SIP/2.0 200 OK
Via: SIP/2.0/UDP pcscf1.visited1.net:7531;comp=sigcomp;branch=z9hG4bK240f34.1
From:
To:
Call-ID:
CSeq:
Content-Length: 0''',
    # TS 24.247 annex A.5
    'A.5.1-1': '''INVITE sip:conference1@home2.net SIP/2.0
Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7
Max-Forwards: 70
Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>
P-Preferred-Identity: "John Doe" <sip:user1_public1@home1.net>
P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11
Privacy: none
From: <sip:user1_public1@home1.net>; tag=171828
To: <sip:conference1@home2.net>
Call-ID: cb03a0s09a2sdfglkj490333
Cseq: 127 INVITE
Require: sec-agree
Proxy-Require: sec-agree
Supported: gruu
Security-Verify: ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi-c=98765432; spi-s=87654321; port-c=8642; port-s=7531
Contact: <sip: user1_public1@home1.net;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6 ;comp=sigcomp>
Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, REFER, MESSAGE, SUBSCRIBE, NOTIFY
Accept:application/sdp, application/3gpp-ims+xml
Content-Type: application/sdp
Content-Length: (...)''',
    'A.5.1-17': '''ACK sip:conference1@home2.net:2342 SIP/2.0
Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7
Max-Forwards: 70
Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:scscf1.home1.net;lr>
From: <sip:user1_public1@home1.net>; tag=171828
To: <sip:conference1@home2.net>;tag=314159
Call-ID: cb03a0s09a2sdfglkj490333
Cseq: 127 ACK
Content-Length: 0''',
    'A.5.2-11': '''SIP/2.0 100 Trying
Via: SIP/2.0/UDP pcscf2.visited2.net:5088;comp=sigcomp;branch=z9hG4bK240f34.1
From:
To:
Call-ID:
CSeq:
Content-Length: 0''',
    'A.5.2-13': '''SIP/2.0 200 OK
Via: SIP/2.0/UDP pcscf2.visited2.net:5088;comp=sigcomp;branch=z9hG4bK240f34.1
Record-Route: <sip:pcscf2.visited2.net:5088;lr;comp=sigcomp>, <sip:scscf2.home2.net;lr>
P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11
Privacy: none
From:
To: <sip:user2_public1@home2.net>; tag=314159
Call-ID:
CSeq: 127 INVITE
Supported: gruu
Contact: <sip: user2_public1@home2.net;gr=urn:uuid:2ad8950e-48a5-4a74-8d99-ad76cc7fc74 ;comp=sigcomp>
Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, REFER, MESSAGE, SUBSCRIBE, NOTIFY
Content-Type: application/sdp
Content-Length: (...)''',
    # draft-ranjit-sipping-conference-01
    'F1': '''INITIATE sip:sip-conf@domain.com SIP/2.0
Via: SIP/2.0/UDP ua1.domain.com;branch=z9hG4bK11111
Max-Forwards: 70
From: <sip:ua1@domain.com>;tag=100
To: <sip:sip-conf@domain.com>
Call-Id: ua1-conf@domain.com
Contact:<sip:ua1@domain.com>
Confer-To:sip:ua2@domain.com;action=add,sip:ua3@domain.com;action=add
CSeq: 1 INITIATE
Accept: application/conference-info+xml
Event: Conference''',
    'F13': '''REFER sip:sip-conf@domain.com SIP/2.0
Via: SIP/2.0/UDP ua1.domain.com;branch=z9hG4bK11113
Max-Forwards: 70
From: <sip:ua1@domain.com>;tag=111
To: <sip-conf@domain.com>;tag=234
Call-Id: conf-ua1@domain.com
CSeq: 1 REFER
Contact: <sip:ua1@domain.com>
Refer-To: sip:ua4@domain.com;action=add
Referred-By: sip:ua1@domain.com''',
    'F45': '''BYE sip:sip-conf@domain.com SIP/2.0
Via: SIP/2.0/UDP ua1.domain.com;branch=z9hG4bK11119122
Max-Forwards: 70
From: <sip:ua1@domain.com;tag=111
To: <sip:sip-conf@domain.com>;tag=234
Call-Id: conf-ua1@domain.com
CSeq: 1 BYE''',
}
# drawn in the draft (F4, F7, F10 ... F51) and counted in the release
# scenarios of PoC, but not printed: what RFC 3261 s8.2.6.2, s12.1.1 and
# s13.3.1.4 and RFC 3515 s2.2 put into them, and the information elements
TABLES['200 INVITE'] = '''SIP/2.0 200 OK
Via:
From:
To:
Call-ID:
CSeq:
Contact:
Content-Type: application/sdp
Content-Length: (...)'''
TABLES['200'] = TABLES['6.5.2.1-11']
TABLES['PoC 9.X.1-1'] = TABLES['PoC 9.X.2-1'] = '''REFER sip:session SIP/2.0
Via: SIP/2.0/UDP client;branch=z9hG4bK1
Max-Forwards: 70
From:
To:
Call-ID:
CSeq: 1 REFER
Contact:
Refer-To: <sip:session;method=BYE>
Referred-By:
Content-Length: 0'''
TABLES['F20'] = TABLES['F13'].replace('ua4', 'ua2').replace('add', 'remove')
TABLES['F26'] = TABLES['F13'].replace('ua4', 'ua3').replace('add', 'hold')
TABLES['F34'] = TABLES['F13'].replace('ua4', 'ua3').replace('add', 'resume')
TABLES['F41'] = TABLES['F45'].replace('ua1', 'ua3').replace('111', '333', 1)

ERRORS = {
    '6.5.2.1-1': 'spi and port1 in Security-Verify (an early draft of TS '
                 '24.229); To is the factory although the INVITE went '
                 'there, the Request-URI is the conference URI',
    '6.5.2.1-14': 'the branch of table 6.5.2.1-1 again; no Contact, which '
                  'RFC 6665 s4.1.2.1 demands; nothing of the security '
                  'agreement',
    'A.5.1-1': 'blanks inside the Contact URI',
    'A.5.1-17': 'a port in the Request-URI that the Contact of table '
                'A.5.1-12 does not have; the branch of the INVITE',
    'A.5.2-11': 'none: the UE rings within 200 ms, and sends a 180 instead '
                '(RFC 3261 s17.2.1)',
    'A.5.2-13': 'blanks inside the Contact URI',
    'F1': 'no Content-Length (RFC 3261 s20.14 wants it over streams)',
    'F13': 'To without sip:, CSeq 1 in each REFER of one dialog',
    'F45': 'From without a closing bracket, CSeq 1 after other requests',
}

# why a printed header is not sent
SEC = 'only with a security agreement (RFC 3329 s2.3.1)'
PANI = 'only where the access network is known (TS 24.229 s5.1.2A.1.1)'
# why one is sent that is not printed
WHY = {
    'Content-Length': 'RFC 3261 s20.14',
    'Contact': 'RFC 3261 s12.1.1, RFC 6665 s4.1.2.1',
    'P-Access-Network-Info': 'TS 24.229 s5.1.2A.1.1: on every request but '
                             'ACK and CANCEL, and every answer',
    'P-Preferred-Identity': 'TS 24.229 s5.1.2A.1.1',
    'Privacy': 'TS 24.229 s5.1.2A.2', 'Route': 'TS 24.229 s5.1.2A.1.1',
    'Supported': 'RFC 3261 s8.1.1.9', 'User-Agent': 'RFC 3261 s20.41',
    'Allow': 'RFC 3261 s20.5', 'Allow-Events': 'RFC 6665 s7.2.2',
    'Accept': 'RFC 4575 s3.4', 'Expires': 'RFC 6665 s4.1.2.1',
    'P-Early-Media': 'RFC 5009 s8', 'Accept-Contact': 'RFC 3841',
    'P-Preferred-Service': 'TS 24.229 s5.1.2A.1.1',
    'Session-Expires': 'RFC 4028 s7.1', 'Min-SE': 'RFC 4028 s7.1',
    'Record-Route': 'RFC 3261 s12.1.1', 'Reason': 'RFC 3326 s2',
    'MIME-Version': 'RFC 2045 s4', 'Require': 'RFC 3261 s20.32',
    'Proxy-Require': 'RFC 3329 s2.3.1', 'Security-Verify': 'RFC 3329 s2.3.1',
}


def printed(name):
    """(first line, {header: value}) of a table."""
    lines = TABLES[name].split('\n')
    found = {}
    for line in lines[1:]:
        key, _, value = line.partition(':')
        key = {'Cseq': 'CSeq', 'Call-Id': 'Call-ID'}.get(key.strip(),
                                                         key.strip())
        found[key] = value.strip()
    return lines[0], found


def answered(req, resp):
    """What is wrong with a 200 of the UE."""
    invite, to = req.method == 'INVITE', req.get('To')
    given = {name: ', '.join(req.values(name)) for name in (
        'Via', 'From', 'Call-ID', 'CSeq')}
    given['To'] = to if ';tag=' in to else lambda got, _: got.startswith(
        to + ';tag=')
    wrong = compare('200 INVITE' if invite else '200', resp, given)
    if invite and ';tag=' not in to and \
            resp.values('Record-Route') != req.values('Record-Route'):
        wrong.append('Record-Route %s' % resp.values('Record-Route'))
    return wrong


def compare(name, msg, given=(), lacks=(), adds=(), status=None):
    """What is wrong with a message, as text; given: what the printed values
    stand for, a text or a function of the value; status: another one than
    printed."""
    first, headers = printed(name)
    if status:
        first = 'SIP/2.0 %d' % status
    given, lacks = dict(given), dict(lacks)
    wrong = []
    start = '%s %s' % (msg.method, msg.uri) if msg.is_request else \
        'SIP/2.0 %d' % msg.status
    want = first.split()[0] if msg.is_request else ' '.join(
        first.split()[:2])
    if msg.is_request and want != msg.method or \
            not msg.is_request and want != start:
        return ['%s, not %s' % (start, first)]
    if msg.is_request and 'Request-URI' in given and \
            msg.uri != given['Request-URI']:
        wrong.append('Request-URI %s, not %s' % (msg.uri,
                                                 given['Request-URI']))
    names = {n for n, _ in msg.headers}
    for key, value in headers.items():
        if key in lacks:
            continue
        if key not in names:
            wrong.append('no %s' % key)
            continue
        got = ', '.join(msg.values(key))
        rule = given.get(key, DEFAULTS.get(key, value))
        if callable(rule):
            if not rule(got, value):
                wrong.append('%s: %s' % (key, got))
        elif rule and _plain(got) != _plain(rule):
            wrong.append('%s: %s, not %s' % (key, got, rule))
    for key in sorted(names - set(headers)):
        if key not in WHY and key not in adds:
            wrong.append('%s is not printed' % key)
    return wrong


def _plain(text):
    """Without blanks that mean nothing."""
    return re.sub(r'\s*([;,])\s*', r'\1', text).lower()


def _one_via(got, _):
    via = sip.Via.parse(got)
    return (via.params.get('branch') or '').startswith('z9hG4bK')


def _method(got, value):
    number, method = got.split()
    return number.isdigit() and method == value.split()[-1]


def _at_least(got, value):
    """Every token that is printed."""
    return {t.strip().lower() for t in value.split(',')} <= \
        {t.split(';')[0].strip().lower() for t in got.split(',')}


DEFAULTS = {
    'Via': lambda got, value: bool(got), 'CSeq': _method,
    'Contact': lambda got, value: sip.NameAddr.parse(got) is not None,
    'Content-Length': lambda got, value: got.isdigit() and
    (value != '0' or got == '0'),
    'Allow': _at_least, 'Accept': _at_least, 'Supported': _at_least,
    'P-Access-Network-Info': lambda got, value: bool(got),
    'Security-Verify': lambda got, value: got.startswith('ipsec-3gpp'),
    'P-Preferred-Identity': lambda got, value: bool(got),
    'Event': lambda got, value: got == value,
}
