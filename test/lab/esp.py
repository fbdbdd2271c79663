"""ESP in transport mode (RFC 4303) with the algorithms of TS 33.203 annex H
and the keys of its annex I: what stands between the IP header and the end of
the packet.
"""
import hashlib
import hmac
import secrets
import struct

from . import aes, des, gcm

ESP, TCP, UDP = 50, 6, 17
ALGS = ('hmac-md5-96', 'hmac-sha-1-96', 'aes-gmac')
EALGS = ('null', 'des-ede3-cbc', 'aes-cbc', 'aes-gcm')
# TS 33.203 annex H: aes-gcm protects integrity itself, aes-gmac only that
PAIRS = [(a, e) for a in ALGS[:2] for e in EALGS[:3]] + [
    ('aes-gmac', 'null'), ('null', 'aes-gcm')]
WINDOW = 64


class Drop(Exception):
    """A packet that is not taken; the text is the reason."""


def salt(ck, ik, fc, label):
    """TS 33.203 annex I: the last 32 bits of TS 33.220 annex B's KDF."""
    text = bytes([fc]) + label + struct.pack('>H', len(label))
    return hmac.new(ck + ik, text, hashlib.sha256).digest()[-4:]


class Cbc:
    """RFC 2451 and RFC 3602, with the ICV of RFC 2403 or RFC 2404."""

    icv_len = 12

    def __init__(self, block, iv_len, digest, key):
        self.block, self.iv_len = block, iv_len
        self.digest, self.key = digest, key
        self.align = max(4, iv_len)

    def icv(self, data):
        return hmac.new(self.key, data, self.digest).digest()[:12]

    def new_iv(self, seq):
        return secrets.token_bytes(self.iv_len)

    def seal(self, head, iv, text):
        if self.block:
            out, last = [], iv
            for i in range(0, len(text), self.iv_len):
                last = self.block.encrypt(bytes(
                    a ^ b for a, b in zip(text[i:i + self.iv_len], last)))
                out.append(last)
            text = b''.join(out)
        return text + self.icv(head + iv + text)

    def open(self, head, iv, data):
        data, icv = data[:-12], data[-12:]
        if not hmac.compare_digest(icv, self.icv(head + iv + data)):
            raise Drop('ICV')
        if not self.block:
            return data
        if len(data) % self.iv_len:
            raise Drop('length')
        out, last = [], iv
        for i in range(0, len(data), self.iv_len):
            block = data[i:i + self.iv_len]
            out.append(bytes(a ^ b for a, b in zip(
                self.block.decrypt(block), last)))
            last = block
        return b''.join(out)


class Aead:
    """RFC 4106; with conceal=False RFC 4543."""

    icv_len, iv_len, align = 16, 8, 4

    def __init__(self, key, salt4, conceal):
        self.gcm, self.salt, self.conceal = gcm.Gcm(key), salt4, conceal

    def new_iv(self, seq):
        # RFC 4106 s3.1: never twice under one key
        return seq.to_bytes(8, 'big')

    def _tag(self, head, iv, data):
        nonce = self.salt + iv
        if self.conceal:
            return self.gcm.tag(nonce, head, data)
        return self.gcm.tag(nonce, head + iv + data, b'')

    def seal(self, head, iv, text):
        if self.conceal:
            text = self.gcm.crypt(self.salt + iv, text)
        return text + self._tag(head, iv, text)

    def open(self, head, iv, data):
        data, icv = data[:-16], data[-16:]
        if not hmac.compare_digest(icv, self._tag(head, iv, data)):
            raise Drop('ICV')
        return self.gcm.crypt(self.salt + iv, data) if self.conceal else data


def transform(alg, ealg, ck, ik):
    """The algorithms of one pair under the keys of annex I."""
    if (alg, ealg) not in PAIRS:
        raise ValueError('no such pair: %s, %s' % (alg, ealg))
    if ealg == 'aes-gcm':
        return Aead(ck, salt(ck, ik, 0x59, b'AES_GCM_SALT'), True)
    if alg == 'aes-gmac':
        return Aead(ik, salt(ck, ik, 0x58, b'AES_GMAC_SALT'), False)
    digest, key = ('md5', ik) if alg == 'hmac-md5-96' else \
        ('sha1', ik + bytes(4))
    if ealg == 'aes-cbc':
        return Cbc(aes.Aes(ck), 16, digest, key)
    if ealg == 'des-ede3-cbc':
        return Cbc(des.TripleDes(ck + ck[:8]), 8, digest, key)
    return Cbc(None, 0, digest, key)


def overhead(alg, ealg):
    """The least number of octets that ESP adds."""
    ivs = {'null': 0, 'des-ede3-cbc': 8, 'aes-cbc': 16, 'aes-gcm': 8}
    aead = 'aes-gmac' in (alg, ealg) or ealg == 'aes-gcm'
    return 8 + (8 if aead else ivs[ealg]) + 2 + (16 if aead else 12)


class Association:
    """One direction: an SPI, a transform, a sequence number or a window."""

    def __init__(self, spi, alg):
        self.spi, self.alg = spi, alg
        self.seq = 0                    # the last one sent
        self.top, self.seen = 0, 0      # the highest one heard, its window

    def seal(self, text, protocol, iv=None):
        """RFC 4303 s3.3."""
        if self.seq == 0xffffffff:
            raise Drop('sequence numbers used up')
        self.seq += 1
        alg = self.alg
        head = struct.pack('>II', self.spi, self.seq)
        iv = alg.new_iv(self.seq) if iv is None else iv
        # RFC 4303 s2.4
        pad = -(len(text) + 2) % alg.align
        text += bytes(range(1, pad + 1)) + bytes([pad, protocol])
        return head + iv + alg.seal(head, iv, text)

    def _fresh(self, seq):
        """RFC 4303 s3.4.3."""
        if seq == 0 or seq + WINDOW <= self.top:
            return False
        return seq > self.top or not self.seen >> (self.top - seq) & 1

    def _heard(self, seq):
        if seq > self.top:
            self.seen = self.seen << (seq - self.top) & ((1 << WINDOW) - 1)
            self.top = seq
        self.seen |= 1 << (self.top - seq)

    def open(self, packet):
        """RFC 4303 s3.4: (protocol, text); raises Drop."""
        alg = self.alg
        if len(packet) < 8 + alg.iv_len + 2 + alg.icv_len:
            raise Drop('length')
        head, rest = packet[:8], packet[8:]
        seq = int.from_bytes(head[4:], 'big')
        if not self._fresh(seq):
            raise Drop('replay')
        text = alg.open(head, rest[:alg.iv_len], rest[alg.iv_len:])
        self._heard(seq)
        pad, protocol = text[-2], text[-1]
        if pad + 2 > len(text) or text[len(text) - 2 - pad:-2] != bytes(
                range(1, pad + 1)):
            raise Drop('padding')
        return protocol, text[:len(text) - 2 - pad]
