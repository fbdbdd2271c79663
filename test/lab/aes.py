"""AES-128 (FIPS 197): single blocks for Milenage, CBC and counter mode for
ESP.

Open to timing attacks: for a test network only.
"""
import functools
import struct


def _xtime(a):
    return ((a << 1) ^ 0x1b) & 0xff if a & 0x80 else a << 1


def _times(a, b):
    """FIPS 197 s4.2: the product in GF(2^8)."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a, b = _xtime(a), b >> 1
    return product


def _make_sbox():
    """FIPS 197 s5.1.1: inverse in GF(2^8), then the affine map."""
    sbox, p, q = [0] * 256, 1, 1
    while True:
        p ^= _xtime(p)                  # p runs over the powers of 3
        q ^= q << 1                     # q over those of 1/3
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        if q & 0x80:
            q ^= 0x09
        x = q
        for shift in (1, 2, 3, 4):
            x ^= (q << shift | q >> (8 - shift)) & 0xff
        sbox[p] = x ^ 0x63
        if p == 1:
            sbox[0] = 0x63
            return sbox


def _columns(box, factors):
    """Per octet the column that substitution and MixColumns make of it,
    rotated for each of the four rows."""
    tables = []
    for row in range(4):
        turned = factors[-row:] + factors[:-row] if row else factors
        tables.append([int.from_bytes(bytes(
            _times(box[x], f) for f in turned), 'big') for x in range(256)])
    return tables


SBOX = _make_sbox()
INVERSE = [0] * 256
for _i, _s in enumerate(SBOX):
    INVERSE[_s] = _i
ENC = _columns(SBOX, [2, 1, 1, 3])
DEC = _columns(INVERSE, [14, 9, 13, 11])
UNMIX = _columns(range(256), [14, 9, 13, 11])


def _expand(key):
    """FIPS 197 s5.2: eleven round keys of four words."""
    words, rcon = list(struct.unpack('>4I', key)), 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = (word << 8 | word >> 24) & 0xffffffff
            word = int.from_bytes(bytes(
                SBOX[b] for b in word.to_bytes(4, 'big')), 'big')
            word ^= rcon << 24
            rcon = _xtime(rcon)
        words.append(words[i - 4] ^ word)
    return [tuple(words[i:i + 4]) for i in range(0, 44, 4)]


class Aes:
    """The cipher under one key."""

    def __init__(self, key):
        self.keys = _expand(key)
        # FIPS 197 s5.3.5: round keys of the equivalent inverse cipher
        back = self.keys[::-1]
        self.back = [back[0]] + [tuple(
            UNMIX[0][w >> 24] ^ UNMIX[1][w >> 16 & 255] ^
            UNMIX[2][w >> 8 & 255] ^ UNMIX[3][w & 255] for w in k)
            for k in back[1:-1]] + [back[-1]]

    @staticmethod
    def _run(block, keys, tables, box, step):
        """step: how far ShiftRows goes, 1 forwards and 3 backwards."""
        t0, t1, t2, t3 = tables
        s = [a ^ b for a, b in zip(struct.unpack('>4I', block), keys[0])]
        for k in keys[1:-1]:
            s = [t0[s[i] >> 24] ^ t1[s[(i + step) % 4] >> 16 & 255] ^
                 t2[s[(i + 2) % 4] >> 8 & 255] ^
                 t3[s[(i + 3 * step) % 4] & 255] ^ k[i] for i in range(4)]
        return struct.pack('>4I', *(
            (box[s[i] >> 24] << 24 | box[s[(i + step) % 4] >> 16 & 255] << 16
             | box[s[(i + 2) % 4] >> 8 & 255] << 8
             | box[s[(i + 3 * step) % 4] & 255]) ^ keys[-1][i]
            for i in range(4)))

    def encrypt(self, block):
        return self._run(block, self.keys, ENC, SBOX, 1)

    def decrypt(self, block):
        return self._run(block, self.back, DEC, INVERSE, 3)


@functools.lru_cache(64)
def cipher(key):
    return Aes(key)


def encrypt(key, block):
    """One 16-octet block under a 16-octet key."""
    return cipher(key).encrypt(block)
