"""The P-CSCF's side of every pair of algorithms in the kernel of the guest.

guest_xfrm.py SEED: makes the associations of sets() with `ip xfrm`, answers
each UDP datagram with "echo " and the datagram, on port 9999 (in the clear)
with the kernel's counters, and ends at the datagram "end" there.
"""

import os
import random
import select
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', '..', 'tools'))
import esp_end  # noqa: E402

ENDS = {4: ('10.77.0.1', '10.77.0.2'), 6: ('fd77::1', 'fd77::2')}
CONTROL = 9999


def sets(seed):
    """One set of associations for each pair and IP version."""
    rnd = random.Random(seed)
    n = 0
    for alg, ealg in esp_end.PAIRS:
        for family in (4, 6):
            yield {'alg': alg, 'ealg': ealg, 'family': family,
                   'ck': rnd.randbytes(16), 'ik': rnd.randbytes(16),
                   # uc, us, pc, ps
                   'spis': tuple(0x10000 * (k + 1) + n for k in range(4)),
                   'ports': (31100 + n, 31200, 5100 + n, 6100 + n)}
            n += 1


def words(alg, ealg, auth, enc):
    """Algorithms as `ip xfrm state` takes them."""
    def key(k):
        return '0x' + k.hex()
    if ealg == 'aes-gcm':
        return ['aead', 'rfc4106(gcm(aes))', key(enc), '128']
    if alg == 'aes-gmac':
        return ['aead', 'rfc4543(gcm(aes))', key(auth), '128']
    cipher = {'null': 'ecb(cipher_null)', 'aes-cbc': 'cbc(aes)',
              'des-ede3-cbc': 'cbc(des3_ede)'}[ealg]
    mac = {'hmac-sha-1-96': 'hmac(sha1)', 'hmac-md5-96': 'hmac(md5)'}[alg]
    return ['enc', cipher, key(enc) if enc else '',
            'auth-trunc', mac, key(auth), '96']


def associate(s, reqid):
    """Four states and four policies."""
    ue, me = ENDS[s['family']]
    uc, us, pc, ps = s['ports']
    spi = dict(zip(('uc', 'us', 'pc', 'ps'), s['spis']))
    algo = words(s['alg'], s['ealg'], *esp_end.keys(
        s['alg'], s['ealg'], s['ck'], s['ik']))
    # source, destination, SPI, source port, destination port
    for k, (src, dst, number, sport, dport) in enumerate((
            (ue, me, spi['ps'], uc, ps), (me, ue, spi['uc'], ps, uc),
            (me, ue, spi['us'], pc, us), (ue, me, spi['pc'], us, pc))):
        req = str(reqid + k)
        yield ['state', 'add', 'src', src, 'dst', dst, 'proto', 'esp', 'spi',
               hex(number), 'reqid', req, 'mode', 'transport',
               'replay-window', '64', *algo,
               'sel', 'src', src, 'dst', dst, 'proto', 'udp',
               'sport', str(sport), 'dport', str(dport)]
        yield ['policy', 'add', 'src', src, 'dst', dst, 'proto', 'udp',
               'sport', str(sport), 'dport', str(dport), 'dir',
               'in' if dst == me else 'out', 'tmpl', 'src', src, 'dst', dst,
               'proto', 'esp', 'reqid', req, 'mode', 'transport']


def bound(family, port):
    """A UDP socket."""
    s = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6,
                      socket.SOCK_DGRAM)
    s.bind((ENDS[family][1], port))
    return s


def counters():
    """The kernel's counters of what it dropped."""
    with open('/proc/net/xfrm_stat', 'rb') as f:
        return f.read()


def main():
    """Set up, say so, echo."""
    socks = []
    for n, s in enumerate(sets(int(sys.argv[1]))):
        for line in associate(s, 1 + 4 * n):
            r = subprocess.run(['ip', 'xfrm', *line], check=False, text=True,
                               stderr=subprocess.PIPE)
            if r.returncode:
                print('FAILED', s['alg'], s['ealg'], r.stderr.strip())
        socks += [bound(s['family'], p) for p in s['ports'][2:]]
    control = bound(4, CONTROL)
    print('READY', flush=True)
    while True:
        ready = select.select(socks + [control], [], [], 60)[0]
        # nobody there any more
        if not ready:
            return
        for s in ready:
            data, peer = s.recvfrom(4000)
            if s is not control:
                s.sendto(b'echo ' + data, peer)
            elif data == b'end':
                return
            else:
                s.sendto(counters(), peer)


if __name__ == '__main__':
    main()
