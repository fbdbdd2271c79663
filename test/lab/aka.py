"""AKA algorithms: Milenage (TS 35.206) and TUAK (TS 35.231), AUTN and AUTS
(TS 33.102 clause 6.3)."""
from collections import namedtuple

from . import aes

# RES, CK, IK, AK and the resynchronisation AK* of one RAND
Keys = namedtuple('Keys', 'res ck ik ak ak_star')


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Milenage:
    """TS 35.206 clause 4.1, with the default r and c constants."""

    R = (64, 0, 32, 64, 96)
    C = (0, 1, 2, 4, 8)

    def __init__(self, k, opc=None, op=None):
        self.k = k
        self.opc = opc if opc else xor(aes.encrypt(k, op), op)

    def _out(self, n, rand, in1=None):
        temp = aes.encrypt(self.k, xor(rand, self.opc))
        rot = self.R[n - 1] // 8
        text = xor(in1 if n == 1 else temp, self.opc)
        text = text[rot:] + text[:rot]
        if n == 1:
            text = xor(text, temp)
        text = text[:15] + bytes([text[15] ^ self.C[n - 1]])
        return xor(aes.encrypt(self.k, text), self.opc)

    def f1(self, rand, sqn, amf):
        return self._out(1, rand, (sqn + amf) * 2)[:8]

    def f1_star(self, rand, sqn, amf):
        return self._out(1, rand, (sqn + amf) * 2)[8:]

    def keys(self, rand):
        out2 = self._out(2, rand)
        return Keys(out2[8:], self._out(3, rand), self._out(4, rand),
                    out2[:6], self._out(5, rand)[:6])


def keccak_f1600(state):
    """The permutation of FIPS 202 clause 3.3 on 200 octets."""
    mask = (1 << 64) - 1

    def rol(v, n):
        return (v << n | v >> (64 - n)) & mask if n else v

    a = [[int.from_bytes(state[8 * (x + 5 * y):8 * (x + 5 * y) + 8],
                         'little') for y in range(5)] for x in range(5)]
    lfsr = 1
    for _ in range(24):
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4]
             for x in range(5)]
        d = [c[(x + 4) % 5] ^ rol(c[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        x, y, lane = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            a[x][y], lane = rol(lane, (t + 1) * (t + 2) // 2 % 64), a[x][y]
        for y in range(5):
            row = [a[x][y] for x in range(5)]
            for x in range(5):
                a[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        for j in range(7):
            lfsr = (lfsr << 1) ^ ((lfsr >> 7) * 0x171)
            if lfsr & 2:
                a[0][0] ^= 1 << ((1 << j) - 1)
    return b''.join((a[x][y] & mask).to_bytes(8, 'little')
                    for y in range(5) for x in range(5))


class Tuak:
    """TS 35.231 clause 6; lengths in octets."""

    def __init__(self, k, topc=None, top=None, mac_len=8, res_len=8,
                 ck_len=16, ik_len=16, iterations=1):
        self.k, self.iterations = k, iterations
        self.mac_len, self.res_len = mac_len, res_len
        self.ck_len, self.ik_len = ck_len, ik_len
        self.topc = topc or self._run(top, 0, bytes(16), bytes(2),
                                      bytes(6))[:32][::-1]

    def _run(self, top, instance, rand, amf, sqn):
        instance |= len(self.k) == 32
        state = (top[::-1] + bytes([instance]) + b'TUAK1.0'[::-1] +
                 rand[::-1] + amf[::-1] + sqn[::-1] +
                 self.k[::-1].ljust(32, b'\0') + b'\x1f' + bytes(38) +
                 b'\x80' + bytes(64))
        for _ in range(self.iterations):
            state = keccak_f1600(state)
        return state

    def _f1(self, base, rand, sqn, amf):
        out = self._run(self.topc, base | self.mac_len, rand, amf, sqn)
        return out[:self.mac_len][::-1]

    def f1(self, rand, sqn, amf):
        return self._f1(0, rand, sqn, amf)

    def f1_star(self, rand, sqn, amf):
        return self._f1(0x80, rand, sqn, amf)

    def keys(self, rand):
        # f2 to f5 have a length field of three bits: RES of 32 bits is 0
        res_bits = 0 if self.res_len == 4 else self.res_len
        inst = (res_bits | (self.ck_len == 32) << 2 |
                (self.ik_len == 32) << 1)
        out = self._run(self.topc, 0x40 | inst, rand, bytes(2), bytes(6))
        star = self._run(self.topc, 0xc0, rand, bytes(2), bytes(6))
        return Keys(out[:self.res_len][::-1],
                    out[32:32 + self.ck_len][::-1],
                    out[64:64 + self.ik_len][::-1],
                    out[96:102][::-1], star[96:102][::-1])


def make_autn(alg, rand, sqn, amf):
    """TS 33.102 s6.3.2: AUTN and the keys."""
    keys = alg.keys(rand)
    return xor(sqn, keys.ak) + amf + alg.f1(rand, sqn, amf)[:8], keys


def check_autn(alg, rand, autn):
    """TS 33.102 s6.3.3, the USIM's side: (MAC good, SQN, AMF, keys)."""
    keys = alg.keys(rand)
    sqn, amf = xor(autn[:6], keys.ak), autn[6:8]
    return alg.f1(rand, sqn, amf)[:8] == autn[8:], sqn, amf, keys


def make_auts(alg, rand, sqn_ms):
    """TS 33.102 s6.3.3: AMF* is all zero."""
    return (xor(sqn_ms, alg.keys(rand).ak_star) +
            alg.f1_star(rand, sqn_ms, bytes(2))[:8])


def check_auts(alg, rand, auts):
    """TS 33.102 s6.3.5, the network's side: (MAC-S good, SQN_MS)."""
    sqn_ms = xor(auts[:6], alg.keys(rand).ak_star)
    return alg.f1_star(rand, sqn_ms, bytes(2))[:8] == auts[6:], sqn_ms
