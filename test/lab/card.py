"""A UICC with USIM and ISIM (TS 102 221, TS 31.102, TS 31.103), as it answers
command APDUs with protocol T=0: 61xx and GET RESPONSE, 6Cxx."""
import struct

from . import aka

# TS 101 220 annex E: RID and application code of 3GPP, then what each
# issuer puts there
AIDS = {'ISIM': bytes.fromhex('A0000000871004FFFFFFFF8903020000'),
        'USIM': bytes.fromhex('A0000000871002FFFFFFFF8903020000')}
ATR = bytes.fromhex('3B9F96801FC78031A073BE21136743200718000001A5')

OK, NOT_FOUND = b'\x90\0', b'\x6a\x82'


def tlv(tag, value):
    return bytes([tag, len(value)]) + value


def text(value):
    return tlv(0x80, value.encode())


def imsi(digits):
    """TS 31.102 s4.2.2: the first half octet is 9 for an odd number."""
    halves = ('9' if len(digits) % 2 else '1') + digits
    halves += 'F' * (len(halves) % 2)
    octets = bytes(int(halves[i + 1] + halves[i], 16)
                   for i in range(0, len(halves), 2))
    return bytes([len(octets)]) + octets.ljust(8, b'\xff')


class Card:
    """sub: an hss.Subscriber. apps: the applications it has.

    files, records: their contents, may be changed. answers: what is said to
    the next commands of an INS in place of the right answer: octets, or None
    to let one pass. log: (command, answer).
    """

    def __init__(self, sub, apps=('USIM', 'ISIM'), impu=None):
        self.sub, self.apps = sub, apps
        self.files = {
            ('MF', 0x2fe2): bytes.fromhex('98101000000000000010'),
            ('USIM', 0x6f07): imsi(sub.imsi),
            ('USIM', 0x6fad): bytes.fromhex('00000002'),
            ('ISIM', 0x6f02): text(sub.impi).ljust(120, b'\xff'),
            ('ISIM', 0x6f03): text(sub.home).ljust(100, b'\xff')}
        self.records = {
            ('ISIM', 0x6f04): [text(u).ljust(100, b'\xff') for u in
                               [impu or sub.temporary] + sub.impus]}
        self.sqn, self.answers, self.log = 0, {}, []
        self.reset()

    def reset(self):
        self.app, self.ef, self.pending = {}, {}, b''
        self.app[0] = 'MF'
        self.ef[0] = None

    # ---- logical channels (TS 102 221 s11.1.17)

    def open_channel(self):
        free = [n for n in range(1, 4) if n not in self.app]
        if not free:
            return None
        self.app[free[0]], self.ef[free[0]] = 'MF', None
        return free[0]

    def close_channel(self, n):
        if n not in self.app or not n:
            return False
        del self.app[n], self.ef[n]
        return True

    def select_app(self, channel, aid):
        """SELECT by AID, which may be cut short; its name."""
        for name in self.apps:
            if len(aid) >= 5 and AIDS[name].startswith(aid):
                self.app[channel], self.ef[channel] = name, None
                return name
        return None

    # ---- commands

    def apdu(self, command):
        """One command; data and status word."""
        scripted = self.answers.get(command[1])
        answer = scripted.pop(0) if scripted else None
        if answer is None:
            answer = self._apdu(command)
        self.log.append((command, answer))
        return answer

    def _out(self, data):
        self.pending = data
        return bytes([0x61, len(data) & 255])

    def _apdu(self, c):
        if len(c) < 5:
            return b'\x67\0'
        channel, ins, p1, p2, p3 = c[0] & 3, c[1], c[2], c[3], c[4]
        data = c[5:5 + p3] if len(c) > 5 else b''
        if channel not in self.app:
            return b'\x68\x81'
        if len(c) > 5 and len(c) != 5 + p3:
            return b'\x67\0'
        if ins == 0xa4:
            return self._select(channel, p1, data)
        if ins == 0xc0:
            if p3 != (len(self.pending) & 255):
                return bytes([0x6c, len(self.pending) & 255])
            answer, self.pending = self.pending, b''
            return answer + OK
        if ins == 0xb0:
            return self._read_binary(channel, p1 << 8 | p2, p3)
        if ins == 0xb2:
            return self._read_record(channel, p1, p3)
        if ins == 0x70:
            return self._manage(p1, p2, p3)
        if ins == 0x88:
            return self._authenticate(channel, p2, data)
        return b'\x6d\0'

    def _manage(self, p1, p2, p3):
        if p1 == 0x80:
            return OK if self.close_channel(p2) else b'\x68\x81'
        n = self.open_channel() if p3 == 1 else None
        return bytes([n]) + OK if n else b'\x6a\x81'

    def _fcp(self, channel):
        return tlv(0x62, tlv(0x82, b'\x78\x21') + tlv(0x8a, b'\x05') +
                   tlv(0x84, AIDS.get(self.app[channel], b'')))

    def _select(self, channel, p1, data):
        if p1 == 4:
            if not self.select_app(channel, data):
                return NOT_FOUND
            return self._out(self._fcp(channel))
        if len(data) != 2:
            return b'\x67\0'
        fid = struct.unpack('!H', data)[0]
        for app in (self.app[channel], 'MF'):
            if (app, fid) in self.files or (app, fid) in self.records:
                self.ef[channel] = (app, fid)
                return self._out(self._fcp(channel))
        return NOT_FOUND

    def _read_binary(self, channel, offset, le):
        found = self.files.get(self.ef[channel])
        if found is None:
            return b'\x69\x86'
        rest = found[offset:offset + 256]
        if le != (len(rest) & 255):
            return bytes([0x6c, len(rest) & 255])
        return rest + OK

    def _read_record(self, channel, number, le):
        found = self.records.get(self.ef[channel])
        if not found or not 1 <= number <= len(found):
            return b'\x6a\x83'
        record = found[number - 1]
        if le != len(record):
            return bytes([0x6c, len(record)])
        return record + OK

    def _authenticate(self, channel, p2, data):
        """TS 31.103 s7.1.1, TS 31.102 s7.1.1; TS 33.102 s6.3.3."""
        if self.app[channel] not in AIDS:
            return b'\x69\x85'
        if p2 != 0x81:
            return b'\x6a\x86'
        if len(data) != 34 or data[0] != 16 or data[17] != 16:
            return b'\x67\0'
        rand, autn = data[1:17], data[18:]
        good, sqn, _, keys = aka.check_autn(self.sub.alg, rand, autn)
        if not good:
            return b'\x98\x62'
        number = int.from_bytes(sqn, 'big')
        if number <= self.sqn:
            auts = aka.make_auts(self.sub.alg, rand,
                                 self.sqn.to_bytes(6, 'big'))
            return self._out(b'\xdc' + bytes([len(auts)]) + auts)
        self.sqn = number
        return self._out(b'\xdb' + b''.join(
            bytes([len(v)]) + v for v in (keys.res, keys.ck, keys.ik)))
