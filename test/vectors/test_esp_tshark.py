#!/usr/bin/python3
# class: test
# needs: tshark python3-cryptography
"""Independent programs read what ipsec/ sends.

tshark decrypts packets of random lengths with the keys of TS 33.203 annex I
and finds every ICV good: all pairs but GMAC, which it does not know; those
are checked with python3-cryptography (RFC 4543). IPv4 and IPv6, UDP and TCP.
As a counter-check a packet with one octet changed has to be found bad.
"""

import os
import random
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tools'))
import esp_end  # noqa: E402

SPIS = (0x1001, 0x1002, 0x2001, 0x2002)
PORTS = (31010, 31020, 5100, 6100)
ENDS = {4: ('10.77.0.1', '10.77.0.2'), 6: ('fd77::1', 'fd77::2')}
CIPHER = {'null': 'NULL', 'aes-cbc': 'AES-CBC [RFC3602]',
          'des-ede3-cbc': 'TripleDES-CBC [RFC2451]',
          'aes-gcm': 'AES-GCM with 16 octet ICV [RFC4106]'}
HASH = {'null': 'NULL', 'hmac-sha-1-96': 'HMAC-SHA-1-96 [RFC2404]',
        'hmac-md5-96': 'HMAC-MD5-96 [RFC2403]'}
COUNT = 40


def pcap(path, packets):
    """Raw IP packets (link type 101)."""
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 70000, 101))
        for p in packets:
            f.write(struct.pack('<IIII', 0, 0, len(p), len(p)) + p)


def tshark(folder, packets, alg, ealg, auth, enc):
    """Fields of each packet as tshark sees them."""
    path = os.path.join(folder, 'esp.pcap')
    pcap(path, packets)
    argv = ['tshark', '-r', path, '-o', 'esp.enable_encryption_decode:TRUE',
            '-o', 'esp.enable_authentication_check:TRUE']
    for family in ('IPv4', 'IPv6'):
        for spi in SPIS:
            argv += ['-o', 'uat:esp_sa:"%s","*","*","0x%08x","%s","%s","%s",'
                     '"%s"' % (family, spi, CIPHER[ealg],
                               '0x' + enc.hex() if enc else '', HASH[alg],
                               '0x' + auth.hex() if auth else '')]
    for field in ('esp.icv_good', 'esp.sequence', 'udp.srcport',
                  'udp.dstport', 'tcp.srcport', 'tcp.dstport',
                  'udp.checksum.status', 'tcp.checksum.status',
                  'udp.payload', 'tcp.payload', 'ip.checksum.status'):
        argv += ['-e', field]
    argv += ['-T', 'fields', '-E', 'separator=;', '-o',
             'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE',
             '-o', 'ip.check_checksum:TRUE', '--disable-protocol', 'sip',
             '--disable-heuristic', 'sip_udp']
    env = {**os.environ, 'WIRESHARK_CONFIG_DIR': folder, 'HOME': folder}
    out = subprocess.run(argv, check=True, text=True, env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [line.split(';') for line in out.stdout.splitlines()]


def traffic(end, family, rnd, count=COUNT):
    """Packets sent by one end, with what they carry."""
    me, peer = ENDS[family]
    sent = []
    for n in range(count):
        proto = 6 if n % 2 else 17
        data = rnd.randbytes(rnd.choice((1, 2, 15, 16, 17,
                                         rnd.randrange(1, 1300))))
        first = n % 4 < 2
        ports = (PORTS[0], PORTS[3]) if first else (PORTS[1], PORTS[2])
        plain = esp_end.ip(me, peer, proto, esp_end.transport(
            me, peer, proto, *ports, data))
        sent.append((proto, ports, data, n // 4 * 2 + n % 2 + 1, plain,
                     end.out(plain)))
    return sent


def expect(row, proto, ports, data, number, family):
    """Is this what tshark had to see?  The first difference, or ''."""
    udp = proto == 17
    want = ['1', str(number), *(map(str, ports) if udp else ('', '')),
            *(('', '') if udp else map(str, ports)),
            '1' if udp else '', '' if udp else '1',
            data.hex() if udp else '', '' if udp else data.hex(),
            '1' if family == 4 else '']
    row = row + [''] * (len(want) - len(row))
    return next(('field %d is %s, not %s' % (i, a[:40], b[:40])
                 for i, (a, b) in enumerate(zip(row, want)) if a != b), '')


def check_tshark(alg, ealg, family, folder, rnd):
    """One pair, one IP version: '' or what is wrong."""
    ck, ik = rnd.randbytes(16), rnd.randbytes(16)
    auth, enc = esp_end.keys(alg, ealg, ck, ik)
    end = esp_end.End(alg, ealg, ck, ik, *ENDS[family], SPIS, PORTS)
    try:
        sent = traffic(end, family, rnd)
    finally:
        end.close()

    rows = tshark(folder, [s[5] for s in sent], alg, ealg, auth, enc)
    if len(rows) != len(sent):
        return '%d packets seen of %d' % (len(rows), len(sent))
    for n, (row, s) in enumerate(zip(rows, sent)):
        bad = expect(row, *s[:4], family)
        if bad:
            return 'packet %d: %s' % (n, bad)

    # tshark does tell good from bad
    broken = bytearray(sent[0][5])
    broken[-1] ^= 1
    row = tshark(folder, [bytes(broken)], alg, ealg, auth, enc)[0]
    return 'a wrong ICV looks good' if row[0] == '1' else ''


def check_gmac(family, rnd):
    """RFC 4543 s3: additional data is SPI, number, IV and the whole text."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    ck, ik = rnd.randbytes(16), rnd.randbytes(16)
    auth, _ = esp_end.keys('aes-gmac', 'null', ck, ik)
    end = esp_end.End('aes-gmac', 'null', ck, ik, *ENDS[family], SPIS, PORTS)
    ivs = set()
    try:
        for proto, ports, _, number, plain, packet in traffic(end, family,
                                                              rnd):
            esp = esp_end.payload(packet)
            spi, seq = struct.unpack('!II', esp[:8])
            iv, text, icv = esp[8:16], esp[16:-16], esp[-16:]
            if spi != (SPIS[3] if ports[0] == PORTS[0] else SPIS[2]) or \
                    seq != number:
                return 'SPI %x number %d' % (spi, seq)
            try:
                AESGCM(auth[:16]).decrypt(auth[16:] + iv, icv, esp[:-16])
            except InvalidTag:
                return 'ICV of number %d' % seq
            pad, nh = text[-2], text[-1]
            if nh != proto or text[-2 - pad:-2] != bytes(range(1, pad + 1)):
                return 'trailer of number %d' % seq
            if text[:-2 - pad] != esp_end.payload(plain):
                return 'payload of number %d' % seq
            ivs.add(iv)
    finally:
        end.close()
    return '' if len(ivs) == COUNT else 'an IV is used twice'


def main():
    """Every pair, both IP versions."""
    count = {True: 0, False: 0}
    # one seed: the same packets on every machine; SEED=N for others
    seed = int(os.environ.get('SEED', 1))
    rnd = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for alg, ealg in esp_end.PAIRS:
            for family in (4, 6):
                name = 'IPv%d alg=%s ealg=%s' % (family, alg, ealg)
                if alg == 'aes-gmac':
                    bad = check_gmac(family, rnd)
                else:
                    bad = check_tshark(alg, ealg, family, folder, rnd)
                print('FAIL %s: %s (SEED=%d)' % (name, bad, seed) if bad
                      else 'ok %s, %d packets' % (name, COUNT))
                count[not bad] += 1
    print('%d passed, %d failed' % (count[True], count[False]))
    return 1 if count[False] else 0


if __name__ == '__main__':
    sys.exit(main())
