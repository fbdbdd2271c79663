#!/usr/bin/python3
# class: check
"""The lab itself, without our UE: vectors, strictness of the checks,
procedures with a small scripted UE, and every misbehaviour."""
import asyncio
import json
import os
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import (aes, aka, control, digest, sip, stun,      # noqa: E402
                 transport)
from lab.box import Box                                     # noqa: E402
from lab.dns import NameServer, encode_name                 # noqa: E402
from lab.testing import (Failure, Tests, check, equal,      # noqa: E402
                         no_complaints)
from lab.tinyue import TinyUe                               # noqa: E402

VECTORS = os.path.join(HERE, '..', 'vectors')
NS = '{urn:ietf:params:xml:ns:reginfo}'
tests = Tests(30)
unhex = bytes.fromhex


def load(name):
    with open(os.path.join(VECTORS, name)) as file:
        return json.load(file)


# ---- algorithms

@tests.add('FIPS 197 appendix C.1: AES-128')
async def aes_vector():
    equal(aes.encrypt(unhex('000102030405060708090a0b0c0d0e0f'),
                      unhex('00112233445566778899aabbccddeeff')).hex(),
          '69c4e0d86a7b0430d8cdb78070b4c55a', 'ciphertext')


@tests.add('TS 35.208: every Milenage set')
async def milenage_sets():
    sets = load('milenage.json')['sets']
    check(len(sets) == 20, 'sets missing')
    for s in sets:
        alg = aka.Milenage(unhex(s['k']), op=unhex(s['op']))
        rand, sqn, amf = unhex(s['rand']), unhex(s['sqn']), unhex(s['amf'])
        got = [alg.opc, alg.f1(rand, sqn, amf), alg.f1_star(rand, sqn, amf)]
        got += alg.keys(rand)
        want = [s[n] for n in (
            'opc', 'f1_mac_a', 'f1star_mac_s', 'f2_res', 'f3_ck', 'f4_ik',
            'f5_ak', 'f5star_ak')]
        equal([g.hex() for g in got], want, 'set %d' % s['set'])
        equal(aka.make_autn(alg, rand, sqn, amf)[0].hex(),
              s['computed']['autn'], 'AUTN')
        auts = aka.make_auts(alg, rand, sqn)
        equal(auts.hex(), s['computed']['auts_sqnms_eq_sqn_amf0000'], 'AUTS')
        equal(aka.check_auts(alg, rand, auts), (True, sqn), 'AUTS back')
        wrong = auts[:-1] + bytes([auts[-1] ^ 1])
        check(not aka.check_auts(alg, rand, wrong)[0], 'bad MAC-S accepted')


@tests.add('TS 35.233: every TUAK set')
async def tuak_sets():
    sets = load('tuak.json')['sets']
    check(len(sets) == 6, 'sets missing')
    for s in sets:
        out = s['out']
        size = {n: len(v) // 2 for n, v in out.items()}
        alg = aka.Tuak(unhex(s['k']), top=unhex(s['top']),
                       mac_len=size['f1'], res_len=size['f2'],
                       ck_len=size['f3'], ik_len=size['f4'],
                       iterations=s['keccak_iterations'])
        rand, sqn, amf = unhex(s['rand']), unhex(s['sqn']), unhex(s['amf'])
        got = [alg.topc, alg.f1(rand, sqn, amf), alg.f1_star(rand, sqn, amf)]
        got += alg.keys(rand)
        equal([g.hex() for g in got], [out[n] for n in (
            'topc', 'f1', 'f1star', 'f2', 'f3', 'f4', 'f5', 'f5star')],
            'set %d' % s['set'])


@tests.add('RFC 3310, RFC 4169: every computed digest')
async def digests():
    data = load('aka-digest.json')
    c = data['rfc2617_check']
    equal(digest.response('MD5', c['username'], c['realm'],
                          c['password'].encode(), c['method'], c['uri'],
                          c['nonce'], c['qop'], c['nc'], c['cnonce']),
          c['response'], 'RFC 2617 s3.5')
    sets = {s['set']: s for s in load('milenage.json')['sets']}
    for e in data['examples']:
        s = sets[e['milenage_set']]
        keys = aka.Milenage(unhex(s['k']), op=unhex(s['op'])).keys(
            unhex(s['rand']))

        def answer(algorithm, password, qop=None):
            return digest.response(
                algorithm, e['username'], e['realm'], password, e['method'],
                e['uri'], e['nonce'], qop, e['nc'], e['cnonce'])
        v1 = digest.aka_password('AKAv1-MD5', keys)
        v2 = digest.aka_password('AKAv2-MD5', keys)
        equal(v2.decode(), e['akav2_password'], 'AKAv2 password')
        equal([answer('AKAv1-MD5', v1), answer('AKAv1-MD5', v1, 'auth'),
               answer('AKAv1-MD5', v1, 'auth-int'),
               answer('AKAv2-MD5', v2, 'auth'),
               answer('AKAv1-MD5', b'', 'auth'),
               answer('AKAv1-MD5', b'')],
              [e[n] for n in (
                  'akav1_md5_no_qop', 'akav1_md5_qop_auth',
                  'akav1_md5_qop_auth_int_empty_body', 'akav2_md5_qop_auth',
                  'sync_failure_response_qop_auth',
                  'sync_failure_response_no_qop')], 'responses')


# ---- SIP

@tests.add('RFC 3261 s7.3: every style of header parses to the same')
async def styles():
    req = sip.Message('NOTIFY', 'sip:a@[::1]:5070')
    req.add('Via', 'SIP/2.0/UDP [::1]:5060;branch=z9hG4bKx;rport')
    req.add('From', '"A, \\"b\\" <c>" <sip:a@b;x=y>;tag=1').add('To',
                                                              '<sip:b@c>')
    req.add('Call-ID', 'x@y').add('CSeq', '1 NOTIFY')
    req.add('Contact', '<sip:q@w?h=1>;q=0.1, sip:e@r;expires=3')
    req.body = b'body'
    plain = sip.parse(req.to_bytes())
    for style in ('compact', 'folded', 'lower'):
        again = sip.parse(req.to_bytes(style))
        equal([h for h in again.headers if h[0] != 'Content-Length'],
              req.headers, style)
        equal(again.body, b'body', 'body')
    equal(plain.addr('From').display, 'A, "b" <c>', 'display')
    equal(len(plain.values('Contact')), 2, 'contacts')
    equal(sip.Via.parse(plain.get('Via')).params,
          {'branch': 'z9hG4bKx', 'rport': None}, 'Via')


@tests.add('RFC 3261 s25: what is no message is refused')
async def refused():
    good = (b'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1'
            b'\r\nContent-Length: 0\r\n\r\n')
    sip.parse(good)
    for bad in (good[:-2], good.replace(b'\r\n', b'\n'),
                good.replace(b' sip:', b'  sip:'),
                good.replace(b'SIP/2.0\r', b'SIP/3.0\r'),
                good.replace(b': 0', b': 5'), good.replace(b': 0', b': x'),
                good.replace(b'Via', b'V\xff'), good.replace(b'Via:', b'Via'),
                good.replace(b'a@b', b'<a@b>'), good + b'more',
                good.replace(b'\r\n\r\n', b'\r\nCSeq: 1 A\r\nCSeq: 1 A'
                             b'\r\n\r\n')):
        try:
            sip.parse(bad)
        except sip.SipError:
            continue
        raise Failure('accepted: %r' % bad)


@tests.add('RFC 5389: a STUN Binding request gets its address')
async def stun_binding():
    req = unhex('000100002112a442' + '00' * 12)
    check(stun.is_request(req) and not stun.is_request(b'REGISTER'), 'kind')
    resp = stun.response(req, ('127.0.0.1', 0x1234))
    equal(resp[-8:].hex(), '000133265e12a443', 'XOR-MAPPED-ADDRESS')


# ---- procedures

def states(notify):
    """{aor: (registration state, [(contact state, event)])}"""
    root = ET.fromstring(notify.body)
    return {r.get('aor'): (r.get('state'), [
        (c.get('state'), c.get('event')) for c in r.findall(NS + 'contact')])
        for r in root.findall(NS + 'registration')}


async def life(host, network, imsi='1', **kw):
    async with Box([host]) as box:
        sub = box.hss.find('00101000000000' + imsi)
        for name, value in kw.items():
            box.do('set %s %s' % (name, value))
        pcscf = (host, box.pcscfs[0].port)
        async with TinyUe(sub, pcscf, host, network,
                          'urn:gsma:imei:35123401-234567-0') as ue:
            equal((await ue.register()).status, 200, 'REGISTER')
            equal(ue.impus, sub.impus, 'P-Associated-URI')
            equal((await ue.subscribe()).status, 200, 'SUBSCRIBE')
            first = await ue.notified(1)
            check(first, 'no NOTIFY')
            equal({s for s, _ in states(first).values()}, {'active'},
                  'states')
            if kw.get('gruu') != 'off':
                check(b'pub-gruu' in first.body, 'no GRUU')
            equal((await ue.register()).status, 200, 're-REGISTER')
            check(await ue.notified(2), 'no second NOTIFY')
            equal((await ue.refresh_subscription(600000)).status, 200,
                  'refresh')
            check(await ue.notified(3), 'no third NOTIFY')
            equal((await ue.register(0)).status, 200, 'de-REGISTER')
            last = await ue.notified(4)
            check(last and set(s for s, _ in states(last).values()) ==
                  {'terminated'}, 'last NOTIFY')
            check(box.do('status') == [], 'still registered')
        no_complaints(box)


for _host in ('127.0.0.1', '::1'):
    for _net in ('udp', 'tcp'):
        tests.add('a life over %s, %s' % (_net, _host), _host, _net)(life)
tests.add('a life with TUAK', '127.0.0.1', 'udp', '6')(life)
tests.add('a life without barred identity', '127.0.0.1', 'udp', '7')(life)
tests.add('a life with a password (MD5)', '127.0.0.1', 'udp', '8')(life)


def variant(name, **kw):
    async def run():
        await life('127.0.0.1', 'udp', kw.pop('imsi', '1'), **kw)
    tests.add('a life with ' + name)(run)


variant('AKAv2-MD5', algorithm='AKAv2-MD5')
variant('AKAv2-SHA-256', algorithm='AKAv2-SHA-256')
variant('SHA-256', algorithm='SHA-256', imsi='8')
variant('no qop and an opaque', qop='none', opaque='abc')
variant('server data, folded headers', server_data='7', style='folded')
variant('partial documents, compact headers', partial='on', style='compact')
variant('unchallenged re-registration', challenge='never')


@tests.add('TS 33.102 s6.3.5: resynchronisation')
async def resync():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            ue.sqn_ms = 0x700000000000
            equal((await ue.register()).status, 200, 'REGISTER')
            equal([e.kind for e in box.seen('REGISTER')],
                  ['initial', 'sync-failure', 'answer'], 'order')
        no_complaints(box)


@tests.add('rules: bad MAC twice, then good; old SQN')
async def bad_challenges():
    async with Box() as box:
        box.do('at REGISTER:1-2 bad-mac')
        box.do('at REGISTER:3 old-sqn')
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            equal((await ue.register()).status, 200, 'REGISTER')
            equal([e.kind for e in box.seen('REGISTER')],
                  ['initial', 'mac-failure', 'mac-failure', 'sync-failure',
                   'answer'], 'order')
        no_complaints(box)


@tests.add('rules: status with headers, 423, unusable challenges')
async def failures():
    async with Box() as box:
        box.do('at REGISTER:1 status 503 Retry-After=7')
        box.do('at REGISTER:2 no-challenge')
        box.do('at REGISTER:3 basic')
        box.do('at REGISTER:4 status 305 "Contact=<sip:127.0.0.5>"')
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            async def one():
                return await ue.ask(ue.register_request(ue.empty(), 600000))
            resp = await one()
            equal((resp.status, resp.get('Retry-After')), (503, '7'), '1st')
            resp = await one()
            equal((resp.status, resp.get('WWW-Authenticate')), (401, None),
                  '2nd')
            resp = await one()
            check(resp.get('WWW-Authenticate').startswith('Basic'), '3rd')
            equal((await one()).status, 305, '4th')
            box.do('set min_expires 700000')
            resp = await one()
            equal((resp.status, resp.get('Min-Expires')), (423, '700000'),
                  '5th')
        no_complaints(box)


@tests.add('rules: lost, ignored, delayed, doubled; garbage; kill, restart')
async def transport_rules():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        node = box.pcscfs[0]
        async with TinyUe(sub, ('127.0.0.1', node.port),
                          retransmit=True) as ue:
            box.do('at REGISTER:1 lose')
            box.do('at REGISTER:2 lose-answer')
            equal((await ue.register()).status, 200, 'after losses')
            check(len(box.seen('REGISTER')) == 4, 'retransmissions')
            box.do('rules clear')
            for line in ('at SUBSCRIBE:1 garbage 9', 'at SUBSCRIBE:2 twice',
                         'at SUBSCRIBE:3 trying 0.2'):
                box.do(line)
            for _ in range(3):
                equal((await ue.subscribe()).status, 200, 'SUBSCRIBE')
            equal(len(box.seen('garbage')), 9, 'garbage')
            ue.retransmit = False
            box.do('at SUBSCRIBE:1 ignore')
            ue.impus = sub.impus
            box.do('rules clear')
            box.do('at SUBSCRIBE:1 ignore')
            req = ue.request('SUBSCRIBE', sub.impus[0],
                             '<%s>' % sub.impus[0], 'ign@x', 1)
            check(await ue.ask(req, 0.3) is None, 'an ignored one answered')
            box.do('kill')
            req = ue.register_request(ue.empty(), 600000)
            check(await ue.ask(req, 0.3) is None, 'a dead P-CSCF answered')
            box.do('restart')
            check(await box.until(lambda: node.up), 'no restart')
            ue.authz = None
            equal((await ue.register()).status, 200, 'after restart')


@tests.add('rules: a P-CSCF that dies on a request serves its repetition')
async def dies_on_request():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port),
                          retransmit=True) as ue:
            box.do('at REGISTER/answer:1 kill 0.3')
            equal((await ue.register()).status, 200, 'REGISTER')
        no_complaints(box)


@tests.add('RFC 3263: the name server answers what it holds')
async def name_server():
    async with NameServer([('a.test', 'A', '127.0.0.7')]) as dns:
        answers = []
        port = transport.UdpPort(lambda flow, data: answers.append(data))
        await port.open('127.0.0.1', 0)
        for name, kind in (('a.test', 1), ('a.test', 28), ('b.test', 1)):
            port.flow(('127.0.0.1', dns.port)).send(
                unhex('000701000001000000000000') + encode_name(name) +
                bytes([0, kind, 0, 1]))
        for _ in range(200):
            await asyncio.sleep(0.01)
            if len(answers) == 3:
                break
        port.close()
        equal([(a[3] & 15, a[7]) for a in answers],
              [(0, 1), (0, 0), (3, 0)], 'status and count')
        equal(answers[0][-4:], bytes([127, 0, 0, 7]), 'address')


@tests.add('network de-registration in every form')
async def dereg():
    for form, want in (
            ('with', ('terminated', [('terminated', 'rejected')])),
            ('without', ('terminated', [])),
            ('contact-only', ('active', [('terminated', 'rejected')]))):
        async with Box() as box:
            sub = box.hss.find('001010000000001')
            async with TinyUe(sub, ('127.0.0.1',
                                    box.pcscfs[0].port)) as ue:
                await ue.register()
                await ue.subscribe()
                await ue.notified(1)
                box.do('dereg 001010000000001 rejected %s' % form)
                last = await ue.notified(2)
                check(last, 'no NOTIFY')
                equal(states(last)[sub.impus[0]], want, form)
                check(last.get('Subscription-State').startswith(
                    'terminated'), 'Subscription-State')
            no_complaints(box)


@tests.add('shortened, probation with retry-after, ended subscription')
async def other_events():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            await ue.register()
            await ue.subscribe()
            await ue.notified(1)
            box.do('shorten 001010000000001 60')
            second = await ue.notified(2)
            check(b'event="shortened" expires="60"' in second.body,
                  'no shortened')
            box.do('notify 001010000000001 gap')
            third = await ue.notified(3)
            check(b'version="3"' in third.body, 'no gap')
            box.do('end-subscription 001010000000001 probation 5')
            last = await ue.notified(4)
            equal(last.get('Subscription-State'),
                  'terminated;reason=probation;retry-after=5', 'state')
            await ue.subscribe()
            box.do('dereg 001010000000001 probation with retry-after=9')
            last = await ue.notified(6)
            check(b'event="probation" retry-after="9"' in last.body,
                  'no retry-after')
        no_complaints(box)


@tests.add('NOTIFY before the answer; over a connection of its own')
async def notify_first():
    async with Box() as box:
        box.do('at SUBSCRIBE:1 notify-first')
        box.do('set tcp_down connect')
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port),
                          network='tcp') as ue:
            await ue.register()
            await ue.subscribe()
            check(await ue.notified(1), 'no NOTIFY')
            check(await box.until(lambda: box.seen('200', 'up')),
                  'not answered')
        no_complaints(box)


# ---- the checks notice what is wrong

async def spoiled(spoil, rule):
    """A REGISTER changed by spoil(req) must earn a complaint of rule."""
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            req = ue.register_request(ue.empty(), 600000)
            spoil(req)
            await ue.ask(req, 0.5)
            check(any(rule in c.rule for c in box.complaints),
                  'complaints: %s', [c.rule for c in box.complaints])


def change(name, old, new):
    def spoil(req):
        req.headers = [(n, v.replace(old, new) if n == name else v)
                       for n, v in req.headers]
    return spoil


for _name, _spoil, _rule in (
        ('another Request-URI', lambda r: setattr(r, 'uri', 'sip:x.org'),
         '5.1.1.2.1'),
        ('no From tag', change('From', ';tag=', ';gat='), 's8.1.1.3'),
        ('a foreign To', change('To', '001@', '002@'), '5.1.1.2.1'),
        ('no path in Supported', change('Supported', 'path', 'timer'),
         '5.1.1.2.1'),
        ('Expires 3600', change('Expires', '600000', '3600'), '5.1.1.2.1'),
        ('a Route', lambda r: r.add('Route', '<sip:a;lr>'), 'A.1.1'),
        ('Security-Client', lambda r: r.add('Security-Client',
                                            'ipsec-3gpp'), '3329'),
        ('sec-agree', lambda r: r.add('Require', 'sec-agree'), '3329'),
        ('an unquoted realm', change(
            'Authorization', 'realm="ims.mnc001.mcc001.3gppnetwork.org"',
            'realm=ims.mnc001.mcc001.3gppnetwork.org'), 's25.1'),
        ('no nonce', change('Authorization', 'nonce="", ', ''), '5.1.1.2.2'),
        ('an algorithm at once', change(
            'Authorization', 'nonce=""', 'nonce="", algorithm=MD5'),
         '5.1.1.2.2'),
        ('no Authorization', lambda r: r.remove('Authorization'),
         '5.1.1.2.2'),
        ('Max-Forwards 0', change('Max-Forwards', '70', '0'), 's8.1.1.6'),
        ('the CSeq of another method', change('CSeq', 'REGISTER',
                                              'SUBSCRIBE'), 's8.1.1.5'),
        ('two contacts', lambda r: r.add('Contact', '<sip:1.2.3.4>'),
         '5.1.1.2.1'),
        ('gruu without instance', change('Supported', 'path', 'path,gruu'),
         '5.1.1.2.1'),
        ('P-Access-Network-Info too early', lambda r: r.add(
            'P-Access-Network-Info', '3GPP-E-UTRAN-FDD'), '5.1.1.2.1')):
    tests.add('complaint: ' + _name, _spoil, _rule)(spoiled)


@tests.add('complaint: wrong Route, another identity, no PATH answer')
async def spoiled_subscribe():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            await ue.register()
            no_complaints(box)
            ue.service_route = []
            await ue.subscribe()
            check('5.1.2A' in box.complaints[-1].rule, 'Route not noticed')
            box.do('complaints clear')
            ue.impus = [sub.temporary]
            await ue.subscribe()
            check(any('barred' in c.text for c in box.complaints),
                  'barred identity not noticed')


@tests.add('complaint: a response of the wrong key, nc, a repeated CSeq')
async def spoiled_answers():
    async with Box() as box:
        sub = box.hss.find('001010000000001')
        for old, new, rule in (('response="', 'response="0', '3310'),
                               ('nc=00000001', 'nc=00000002', '2617')):
            async with TinyUe(sub, ('127.0.0.1',
                                    box.pcscfs[0].port)) as ue:
                resp = await ue.ask(ue.register_request(ue.empty(), 600000))
                authz = ue.credentials(resp).replace(old, new)
                await ue.ask(ue.register_request(authz, 600000))
                check(any(rule in c.rule for c in box.complaints), rule)
                box.do('complaints clear')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            await ue.ask(ue.register_request(ue.empty(), 600000))
            ue.cseq = 0
            await ue.ask(ue.register_request(ue.empty(), 600000))
            check(any('s10.2' in c.rule for c in box.complaints), 'CSeq')


@tests.add('complaint: a binding that expires, a NOTIFY refused')
async def expired():
    async with Box() as box:
        box.do('set grant 1')
        sub = box.hss.find('001010000000001')
        async with TinyUe(sub, ('127.0.0.1', box.pcscfs[0].port)) as ue:
            await ue.register()
            await ue.subscribe()
            check(await box.until(lambda: any(
                'expired' in c.text for c in box.complaints), 3), 'silence')
            check(b'event="expired"' in (await ue.notified(2)).body, 'event')


@tests.add('control socket: one line in, one JSON line out')
async def control_socket():
    async with Box() as box:
        box.control = await control.serve(box, 0)
        port = box.control.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection('127.0.0.1', port)

        async def ask(line):
            writer.write(line.encode() + b'\n')
            return json.loads(await reader.readline())
        equal(await ask('at REGISTER:2 bad-mac'), {'ok': True,
                                                   'result': None}, 'at')
        equal((await ask('rules'))['result'], ['REGISTER:2 bad-mac'],
              'rules')
        for bad in ('', 'nothing', 'at REGISTER', 'at REGISTER fly',
                    'at REGISTER:1 delay', 'set nothing 1', 'set sec on',
                    'set gruu maybe', 'set grant x', 'kill 7',
                    'dereg 001010000000001 rejected', 'shorten x'):
            check(not (await ask(bad))['ok'], 'accepted: %s', bad)
        equal((await ask('status'))['result'], [], 'status')
        writer.close()


@tests.add('box.py by hand: says that it is ready, stops on quit')
async def by_hand():
    proc = await asyncio.create_subprocess_exec(
        sys.executable, os.path.join(HERE, 'box.py'), '--do',
        'at REGISTER:1 bad-mac', stdout=asyncio.subprocess.PIPE)
    try:
        ready = json.loads(await asyncio.wait_for(proc.stdout.readline(), 20))
        equal(ready['event'], 'ready', 'event')
        reader, writer = await asyncio.open_connection('127.0.0.1',
                                                       ready['control'])
        writer.write(b'quit\n')
        equal(await asyncio.wait_for(proc.wait(), 20), 0, 'exit status')
        writer.close()
    finally:
        if proc.returncode is None:
            proc.kill()
            await proc.wait()


if __name__ == '__main__':
    sys.exit(tests.main())
