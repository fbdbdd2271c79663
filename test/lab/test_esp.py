#!/usr/bin/python3
# class: check
"""The lab's ESP against the published and the computed vectors, and its
rules one by one (RFC 4303, TS 33.203 annex I)."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import aes, des, esp, gcm                          # noqa: E402
from lab.testing import Failure, Tests, check, equal        # noqa: E402

VECTORS = os.path.join(HERE, '..', 'vectors', 'esp')
CK, IK = bytes(range(16)), bytes(range(16, 32))
tests = Tests(30)
unhex = bytes.fromhex


def load(name):
    with open(os.path.join(VECTORS, name)) as file:
        return json.load(file)


def pair(alg='hmac-sha-1-96', ealg='aes-cbc'):
    """Two ends of one association."""
    return [esp.Association(0x1234, esp.transform(alg, ealg, CK, IK))
            for _ in range(2)]


def dropped(association, packet):
    try:
        association.open(packet)
    except esp.Drop as why:
        return str(why)
    raise Failure('taken: %s' % packet.hex())


@tests.add('FIPS 197 appendix C.1, both ways')
async def fips197():
    key = unhex('000102030405060708090a0b0c0d0e0f')
    text = unhex('00112233445566778899aabbccddeeff')
    equal(aes.encrypt(key, text).hex(), '69c4e0d86a7b0430d8cdb78070b4c55a')
    equal(aes.cipher(key).decrypt(aes.encrypt(key, text)), text)


@tests.add('FIPS 46-3: every S box row is a permutation; a known answer')
async def fips46():
    for digits in des.S:
        for row in range(0, 64, 16):
            equal(sorted(digits[row:row + 16]), list('0123456789abcdef'))
    cipher = des.TripleDes(unhex('133457799bbcdff1') * 3)
    equal(cipher.encrypt(unhex('0123456789abcdef')).hex(),
          '85e813540f0ab405')
    equal(cipher.decrypt(unhex('85e813540f0ab405')).hex(),
          '0123456789abcdef')


@tests.add('RFC 3602 s4: every AES-CBC case')
async def rfc3602():
    cases = [c for c in load('rfc3602-aes-cbc.json')['cases']
             if c['type'] == 'aes-cbc']
    equal(len(cases), 4, 'cases')
    for c in cases:
        alg = esp.Cbc(aes.Aes(unhex(c['key'])), 16, 'sha1', b'')
        got = alg.seal(b'', unhex(c['iv']), unhex(c['plaintext']))
        equal(got[:-12].hex(), c['ciphertext'], c['title'])
        equal(alg.open(b'', unhex(c['iv']), got).hex(), c['plaintext'])


@tests.add('RFC 2202: every HMAC case, cut to 96 bits')
async def rfc2202():
    cases = load('rfc2202-hmac.json')['cases']
    check(len(cases) >= 14, 'cases missing')
    for c in cases:
        alg = esp.Cbc(None, 0, c['alg'][5:].replace('-', ''),
                      unhex(c['key']))
        equal(alg.icv(unhex(c['data'])).hex(), c['digest96'],
              '%s %d' % (c['alg'], c['case']))


@tests.add('GCM known answers')
async def gcm_answers():
    for c in load('gcm-known-answers.json')['cases']:
        g, iv = gcm.Gcm(unhex(c['key'])), unhex(c['iv'])
        text = g.crypt(iv, unhex(c['plaintext']))
        equal(text.hex(), c['ciphertext'], 'ciphertext')
        equal(g.tag(iv, unhex(c['aad']), text).hex(), c['tag'], 'tag')


@tests.add('TS 33.203 annex I: every computed packet, both ways')
async def computed():
    data = load('ipsec3gpp-computed.json')
    equal({(p['alg'], p['ealg']) for p in data['packets']}, set(esp.PAIRS),
          'pairs')
    for p in data['packets']:
        alg = esp.transform(p['alg'], p['ealg'], unhex(data['ck']),
                            unhex(data['ik']))
        sa = esp.Association(int(data['spi'], 16), alg)
        got = sa.seal(unhex(data['payload']), data['next_header'],
                      unhex(p['iv']))
        equal(got.hex(), p['esp_packet'], '%s %s' % (p['alg'], p['ealg']))
        equal(sa.open(got), (data['next_header'], unhex(data['payload'])))


@tests.add('RFC 4303 s2.4: all lengths, aligned, with every pair')
async def lengths():
    for alg, ealg in esp.PAIRS:
        one, two = pair(alg, ealg)
        for n in range(0, 70):
            text = bytes(range(n))
            packet = one.seal(text, esp.UDP)
            equal(len(packet) % 4, 0, 'alignment')
            equal(two.open(packet), (esp.UDP, text), '%s %s' % (alg, ealg))


@tests.add('RFC 4303 s3.4: any octet changed or cut off is noticed')
async def tampered():
    for alg, ealg in esp.PAIRS:
        one, two = pair(alg, ealg)
        packet = one.seal(b'some text of a message', esp.UDP)
        for i in range(8, len(packet)):
            why = dropped(two, packet[:i] + bytes([packet[i] ^ 1]) +
                          packet[i + 1:])
            equal(why, 'ICV', 'reason')
            check(dropped(two, packet[:i]) in ('ICV', 'length'), 'cut')
        two.open(packet)


@tests.add('RFC 4303 s3.4.3: replay window of 64')
async def replay():
    one, two = pair()
    packets = [one.seal(b'%d' % i, esp.UDP) for i in range(200)]
    two.open(packets[0])
    equal(dropped(two, packets[0]), 'replay')
    two.open(packets[63])
    two.open(packets[1])
    two.open(packets[64])
    equal(dropped(two, packets[1]), 'replay')
    equal(dropped(two, packets[63]), 'replay')
    two.open(packets[199])
    two.open(packets[136])
    equal(dropped(two, packets[135]), 'replay')
    # a forged number moves nothing
    forged = packets[150][:4] + b'\xff\xff\xff\xff' + packets[150][8:]
    equal(dropped(two, forged), 'ICV')
    two.open(packets[150])


@tests.add('RFC 4303 s3.3.3: a sequence number never comes again')
async def cycle():
    one, _ = pair()
    one.seq = 0xfffffffe
    one.seal(b'', esp.UDP)
    try:
        one.seal(b'', esp.UDP)
    except esp.Drop:
        return
    raise Failure('wrapped')


@tests.add('RFC 4303 s2.4: padding that is not 1, 2, 3 ...')
async def padding():
    one, two = pair('hmac-md5-96', 'null')
    head = bytes.fromhex('0000123400000001')
    for tail in (b'\1\3\2\x11', b'\0\0\xff\x11'):
        text = b'text' + tail
        packet = head + one.alg.seal(head, b'', text)
        two.top, two.seen = 0, 0
        equal(dropped(two, packet), 'padding')


if __name__ == '__main__':
    sys.exit(tests.main())
