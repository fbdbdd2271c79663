"""Galois/Counter Mode over AES with nonces of 12 octets (NIST SP 800-38D),
for RFC 4106 and RFC 4543."""
from . import aes

R = 0xe1 << 120


def _product(x, table):
    """SP 800-38D s6.3; table holds H times each power of the variable."""
    z = 0
    for i in range(128):
        if x >> (127 - i) & 1:
            z ^= table[i]
    return z


class Gcm:
    def __init__(self, key):
        self.aes = aes.Aes(key)
        v, self.table = int.from_bytes(self.aes.encrypt(bytes(16)), 'big'), []
        for _ in range(128):
            self.table.append(v)
            v = v >> 1 ^ (R if v & 1 else 0)

    def _hash(self, aad, data):
        y = 0
        for text in (aad, data):
            for i in range(0, len(text), 16):
                y = _product(y ^ int.from_bytes(
                    text[i:i + 16].ljust(16, b'\0'), 'big'), self.table)
        return _product(y ^ (len(aad) * 8 << 64 | len(data) * 8), self.table)

    def crypt(self, nonce, data):
        """SP 800-38D s6.5, from counter 2 on; its own inverse."""
        stream = b''.join(
            self.aes.encrypt(nonce + (2 + i).to_bytes(4, 'big'))
            for i in range((len(data) + 15) // 16))
        return bytes(a ^ b for a, b in zip(data, stream))

    def tag(self, nonce, aad, ciphertext):
        mask = int.from_bytes(self.aes.encrypt(nonce + b'\0\0\0\1'), 'big')
        return (self._hash(aad, ciphertext) ^ mask).to_bytes(16, 'big')
