"""Subscribers, authentication vectors and sequence numbers (TS 33.102
annex C.1, TS 29.228)."""
import secrets
import time
from collections import namedtuple

from . import aka
from .options import HOME

Vector = namedtuple('Vector', 'rand autn keys sqn')

SET1_K = bytes.fromhex('465b5ce8b199b49faa5f0a2ee238a6bc')
SET1_OPC = bytes.fromhex('cd63cb71954a9f4e48a5994e37a02baf')
# a key and OP that sipp 3.6.1 reads right (no octet 5b in the key)
SIPP_K = bytes.fromhex('112233445566778899aabbccddeeff10')
SIPP_OP = bytes.fromhex('cdc202d5123e20f62b6d676ac72cb318')
TUAK_K = bytes.fromhex('abababababababababababababababab')
TUAK_TOP = bytes.fromhex('55' * 32)
EPOCH = 1704067200                  # SEQ counts seconds since 2024-01-01
IND_BITS = 5


class Subscriber:
    """One subscription: a private identity, its public ones, its secret."""

    def __init__(self, imsi, msisdn, alg, home=HOME, barred=True,
                 password=None):
        self.imsi, self.home = imsi, home
        self.impi = '%s@%s' % (imsi, home)
        self.temporary = 'sip:%s@%s' % (imsi, home)
        # the implicit registration set; the first is the default identity
        self.impus = ['sip:%s@%s' % (msisdn, home), 'tel:' + msisdn,
                      'sip:user%s@%s' % (imsi[-2:], home)]
        if not barred:
            self.impus.insert(0, self.temporary)
        self.alg, self.amf = alg, b'\0\0'
        self.password = password
        self.seq, self.ind = 0, 0

    def next_sqn(self):
        """TS 33.102 sC.1.1.3: partly time based, IND counted round."""
        self.seq = max(self.seq + 1, int(time.time()) - EPOCH)
        self.ind = (self.ind + 1) % (1 << IND_BITS)
        return ((self.seq << IND_BITS) | self.ind).to_bytes(6, 'big')

    def set_sqn(self, sqn):
        """TS 33.102 s6.3.5: go on from the USIM's SQN."""
        value = int.from_bytes(sqn, 'big')
        self.seq, self.ind = value >> IND_BITS, value % (1 << IND_BITS)

    def vector(self, sqn=None):
        rand = secrets.token_bytes(16)
        sqn = sqn or self.next_sqn()
        autn, keys = aka.make_autn(self.alg, rand, sqn, self.amf)
        return Vector(rand, autn, keys, sqn)

    def resync(self, rand, auts):
        """True when MAC-S is right; then SQN follows the USIM's."""
        good, sqn_ms = aka.check_auts(self.alg, rand, auts)
        if good:
            self.seq = int.from_bytes(sqn_ms, 'big') >> IND_BITS
        return good, sqn_ms


class Hss:
    """The subscribers by private identity."""

    def __init__(self, home=HOME):
        self.home, self.subs = home, {}
        mil = aka.Milenage(SET1_K, opc=SET1_OPC)
        for n in range(1, 5):
            self.add(Subscriber('00101000000000%d' % n,
                                '+1555000000%d' % n, mil, home))
        self.add(Subscriber('001010000000005', '+15550000005',
                            aka.Milenage(SIPP_K, op=SIPP_OP), home))
        self.add(Subscriber('001010000000006', '+15550000006',
                            aka.Tuak(TUAK_K, top=TUAK_TOP), home))
        self.add(Subscriber('001010000000007', '+15550000007', mil, home,
                            barred=False))
        self.add(Subscriber('001010000000008', '+15550000008', None, home,
                            barred=False, password=b'a plain password'))

    def add(self, sub):
        self.subs[sub.impi] = sub

    def find(self, impi):
        """By private identity or by IMSI alone."""
        return self.subs.get(impi) or self.subs.get(
            '%s@%s' % (impi, self.home))

    def by_impu(self, impu):
        for sub in self.subs.values():
            if impu == sub.temporary or impu in sub.impus:
                return sub
        return None
