"""Triple DES in EDE form (FIPS 46-3), for ESP with des-ede3-cbc.

The tables are those of the standard, which counts bits from 1 at the left.
"""
import functools

IP = [start - 8 * i for start in (58, 60, 62, 64, 57, 59, 61, 63)
      for i in range(8)]
FP = [IP.index(i) + 1 for i in range(1, 65)]
P = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
     2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25]
PC1 = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18,
       10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
       63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22,
       14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2 = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10,
       23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
       41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48,
       44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
# one digit an entry, four rows of sixteen each
S = ['e4d12fb83a6c5907' '0f74e2d1a6cb9538'
     '41e8d62bfc973a50' 'fc8249175b3ea06d',
     'f18e6b34972dc05a' '3d47f28ec01a69b5'
     '0e7ba4d158c6932f' 'd8a13f42b67c05e9',
     'a09e63f51dc7b428' 'd709346a285ecbf1'
     'd6498f30b12c5ae7' '1ad069874fe3b52c',
     '7de3069a1285bc4f' 'd8b56f03472c1ae9'
     'a690cb7df13e5284' '3f06a1d8945bc72e',
     '2c417ab6853fd0e9' 'eb2c47d150fa3986'
     '421bad78f9c5630e' 'b8c71e2d6f09a453',
     'c1af92680d34e75b' 'af427c9561de0b38'
     '9ef528c3704a1db6' '432c95fabe17608d',
     '4b2ef08d3c975a61' 'd0b7491ae35c2f86'
     '14bdc37eaf680592' '6bd814a7950fe23c',
     'd2846fb1a93e50c7' '1fd8a374c56b0e92'
     '7b419ce206adf358' '21e74a8dfc90356b']


def permute(value, width, table):
    out = 0
    for place in table:
        out = out << 1 | value >> (width - place) & 1
    return out


def _boxes():
    """Each S box with P behind it: 64 words by the six bits that enter."""
    boxes = []
    for i, digits in enumerate(S):
        box = []
        for x in range(64):
            row, col = (x >> 4 & 2) | (x & 1), x >> 1 & 15
            value = int(digits[16 * row + col], 16) << (28 - 4 * i)
            box.append(permute(value, 32, P))
        boxes.append(box)
    return boxes


BOXES = _boxes()


def _schedule(key):
    """Sixteen round keys, each as eight groups of six bits."""
    cd = permute(int.from_bytes(key, 'big'), 64, PC1)
    c, d, keys = cd >> 28, cd & 0xfffffff, []
    for n in SHIFTS:
        c = (c << n | c >> (28 - n)) & 0xfffffff
        d = (d << n | d >> (28 - n)) & 0xfffffff
        k = permute(c << 28 | d, 56, PC2)
        keys.append([k >> (42 - 6 * i) & 63 for i in range(8)])
    return keys


class TripleDes:
    """The cipher under three keys of 8 octets."""

    def __init__(self, key):
        one, two, three = (_schedule(key[i:i + 8]) for i in (0, 8, 16))
        self.forth = [one, two[::-1], three]
        self.back = [three[::-1], two, one[::-1]]

    @staticmethod
    def _run(block, passes):
        value = permute(int.from_bytes(block, 'big'), 64, IP)
        left, right = value >> 32, value & 0xffffffff
        for keys in passes:
            for k in keys:
                # E: six bits from each place, overlapping by one
                wide = (right & 1) << 33 | right << 1 | right >> 31
                out = 0
                for i in range(8):
                    out ^= BOXES[i][(wide >> (28 - 4 * i) & 63) ^ k[i]]
                left, right = right, left ^ out
            left, right = right, left
        return permute(left << 32 | right, 64, FP).to_bytes(8, 'big')

    def encrypt(self, block):
        return self._run(block, self.forth)

    def decrypt(self, block):
        return self._run(block, self.back)


@functools.lru_cache(64)
def cipher(key):
    return TripleDes(key)
