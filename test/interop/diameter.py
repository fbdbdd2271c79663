"""A home subscriber server that speaks Cx (TS 29.228, TS 29.229) over the
Diameter base protocol (RFC 6733) to Kamailio's I-CSCF and S-CSCF.

The subscribers, keys and sequence numbers are the lab's (lab.hss).
"""
import asyncio
import itertools
import struct
from collections import Counter


VENDOR_3GPP, CX = 10415, 16777216
CER, DWR, DPR = 257, 280, 282
UAR, SAR, LIR, MAR, RTR = 300, 301, 302, 303, 304
# TS 29.229 s6.3: AVP codes; the base protocol's below 300
SESSION, ORIGIN_HOST, ORIGIN_REALM, RESULT, USER_NAME = 263, 264, 296, 268, 1
PUBLIC_ID, SERVER, USER_DATA, AUTH_ITEM, ASSIGN = 601, 602, 606, 612, 614
REQUEST, MANDATORY, VENDOR_BIT = 0x80, 0x40, 0x80


def avp(code, data, vendor=0):
    """RFC 6733 s4.1; a list is a grouped AVP, an int an Unsigned32."""
    if isinstance(data, str):
        data = data.encode()
    elif isinstance(data, int):
        data = struct.pack('!I', data)
    elif isinstance(data, list):
        data = b''.join(data)
    flags = MANDATORY | (VENDOR_BIT if vendor else 0)
    head = struct.pack('!I', code) + struct.pack(
        '!I', (flags << 24) | (8 + 4 * bool(vendor) + len(data)))
    if vendor:
        head += struct.pack('!I', vendor)
    return head + data + b'\0' * (-len(data) % 4)


def avps(octets):
    """{code: octets of the first AVP of this code}"""
    found, pos = {}, 0
    while pos + 8 <= len(octets):
        code, word = struct.unpack('!II', octets[pos:pos + 8])
        length = word & 0xffffff
        head = 12 if word >> 31 else 8
        found.setdefault(code, octets[pos + head:pos + length])
        pos += max(8, length + -length % 4)
    return found


def message(flags, command, app, hop, end, body):
    octets = b''.join(body)
    return struct.pack('!IIIII', (1 << 24) | (20 + len(octets)),
                       (flags << 24) | command, app, hop, end) + octets


def experimental(code):
    """TS 29.229 s6.2"""
    return [avp(297, [avp(266, VENDOR_3GPP), avp(298, code)])]


def user_data(sub):
    """TS 29.228 annex E: the service profile with barred identities."""
    every = sub.impus + ([] if sub.temporary in sub.impus
                         else [sub.temporary])
    ids = ''.join(
        '<PublicIdentity><BarringIndication>%d</BarringIndication>'
        '<Identity>%s</Identity></PublicIdentity>' % (
            uri not in sub.impus, uri) for uri in every)
    return ('<?xml version="1.0" encoding="UTF-8"?><IMSSubscription>'
            '<PrivateID>%s</PrivateID><ServiceProfile>%s</ServiceProfile>'
            '</IMSSubscription>' % (sub.impi, ids))


class CxServer:
    """hss: lab.hss.Hss; scscf: the URI of the only S-CSCF."""

    def __init__(self, hss, scscf, address='127.0.0.9', port=3868):
        self.hss, self.scscf = hss, scscf
        self.address, self.port = address, port
        self.assigned, self.peers = {}, {}
        self.count, self.hops, self.resyncs = Counter(), itertools.count(1), []
        self.ident = [avp(ORIGIN_HOST, address), avp(ORIGIN_REALM, hss.home)]
        self.app = avp(260, [avp(266, VENDOR_3GPP), avp(258, CX)])

    async def start(self):
        self.server = await asyncio.start_server(
            self.client, self.address, self.port)

    def stop(self):
        self.server.close()
        for writer in self.peers.values():
            writer.close()

    async def client(self, reader, writer):
        peer = None
        try:
            while True:
                head = await reader.readexactly(4)
                size = int.from_bytes(head, 'big') & 0xffffff
                rest = await reader.readexactly(size - 4)
                flags, command = rest[0], int.from_bytes(rest[1:4], 'big')
                app, hop, end = struct.unpack('!III', rest[4:16])
                got = avps(rest[16:])
                if not flags & REQUEST:
                    continue
                self.count[command] += 1
                if command == CER:
                    peer = got[ORIGIN_HOST].decode()
                    self.peers[peer] = writer
                writer.write(message(flags & MANDATORY, command, app, hop,
                                     end, self.answer(command, got)))
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        finally:
            self.peers.pop(peer, None)
            writer.close()

    def answer(self, command, got):
        done = [avp(RESULT, 2001)] + self.ident
        if command == CER:              # RFC 6733 s5.3.2
            octets = bytes(int(x) for x in self.address.split('.'))
            return done + [avp(257, b'\0\1' + octets),
                           avp(266, VENDOR_3GPP), avp(269, 'lab'),
                           avp(265, VENDOR_3GPP), self.app]
        if command in (DWR, DPR):
            return done
        return [avp(SESSION, got[SESSION]), self.app,
                avp(277, 1)] + self.ident + self.cx(command, got)

    def cx(self, command, got):
        impi = got.get(USER_NAME, b'').decode()
        impu = got.get(PUBLIC_ID, b'').decode()
        sub = self.hss.find(impi) or self.hss.by_impu(impu)
        if not sub or not sub.alg:
            return experimental(5001)   # USER_UNKNOWN
        if command == UAR:
            if impu != sub.temporary and impu not in sub.impus:
                return experimental(5002)
            if sub.impi in self.assigned:
                return experimental(2002) + [
                    avp(SERVER, self.assigned[sub.impi], VENDOR_3GPP)]
            return experimental(2001) + [
                avp(SERVER, self.scscf, VENDOR_3GPP)]
        if command == LIR:
            if sub.impi not in self.assigned:
                return experimental(5003)
            return [avp(RESULT, 2001),
                    avp(SERVER, self.assigned[sub.impi], VENDOR_3GPP)]
        if command == MAR:
            return self.vector(sub, impu, avps(got.get(AUTH_ITEM, b'')))
        if command == SAR:
            return self.assign(sub, got)
        return [avp(RESULT, 3001)]

    def vector(self, sub, impu, item):
        """TS 29.228 s6.3; SIP-Authorization holds RAND and AUTS."""
        auts = item.get(610)
        if auts:
            good, sqn_ms = sub.resync(auts[:16], auts[16:30])
            self.resyncs.append((good, sqn_ms.hex()))
        v, vendor = sub.vector(), VENDOR_3GPP
        item = [avp(613, 1, vendor), avp(608, 'Digest-AKAv1-MD5', vendor),
                avp(609, v.rand + v.autn, vendor),
                avp(610, v.keys.res, vendor), avp(625, v.keys.ck, vendor),
                avp(626, v.keys.ik, vendor)]
        return [avp(USER_NAME, sub.impi), avp(PUBLIC_ID, impu, vendor),
                avp(607, 1, vendor), avp(AUTH_ITEM, item, vendor),
                avp(RESULT, 2001)]

    def assign(self, sub, got):
        """TS 29.229 s6.3.15: 0 to 3 keep the user, 4 to 8 let it go."""
        kind = int.from_bytes(got[ASSIGN], 'big')
        answer = [avp(USER_NAME, sub.impi), avp(RESULT, 2001)]
        if kind in (4, 5, 6, 7, 8):
            self.assigned.pop(sub.impi, None)
        elif kind in (1, 2, 3):
            self.assigned[sub.impi] = got.get(
                SERVER, self.scscf.encode()).decode()
        if kind in (0, 1, 2, 3):
            answer.append(avp(USER_DATA, user_data(sub), VENDOR_3GPP))
        return answer

    def terminate(self, sub, impu, code=0, text='permanent termination'):
        """TS 29.228 s6.2: Registration-Termination-Request to the S-CSCF."""
        host = next(p for p in self.peers if 'scscf' in p)
        hop, vendor = next(self.hops), VENDOR_3GPP
        self.assigned.pop(sub.impi, None)
        self.peers[host].write(message(
            REQUEST | MANDATORY, RTR, CX, hop, hop,
            [avp(SESSION, '%s;1;%d' % (self.address, hop)), self.app,
             avp(277, 1)] + self.ident + [
                avp(293, host), avp(283, self.hss.home),
                avp(USER_NAME, sub.impi), avp(PUBLIC_ID, impu, vendor),
                avp(615, [avp(616, code, vendor), avp(617, text, vendor)],
                    vendor)]))
