#!/usr/bin/python3
# class: test
# needs: gcc
"""ipsec/ and the lab's ESP on generated packets, keys and transforms.

Outbound: the lab must make the same octets from the same text and IV.
Inbound: whole, damaged and replayed packets; both must say the same, with
the same reason.
"""
import struct
import sys

import differ
import esp_end
from lab import esp

UC, US, PC, PS = range(4)
ADDRESSES = (('10.77.0.1', '10.77.0.2'), ('fd77::1', 'fd77::2'))
# which checks both ends make, in ipsec/'s names
REASONS = {'length': 'length', 'replay': 'replay', 'ICV': 'icv',
           'padding': 'padding'}


class Life:
    """One set of associations between ipsec/ and the lab."""

    def __init__(self, rnd, alg, ealg):
        self.rnd, self.alg, self.ealg = rnd, alg, ealg
        self.me, self.peer = rnd.choice(ADDRESSES)
        ck, ik = rnd.randbytes(16), rnd.randbytes(16)
        self.spis = rnd.sample(range(256, 1 << 32), 4)
        self.ports = rnd.sample(range(1024, 65536), 4)
        self.end = esp_end.End(alg, ealg, ck, ik, self.me, self.peer,
                               self.spis, self.ports)

        def association(which):
            return esp.Association(self.spis[which],
                                   esp.transform(alg, ealg, ck, ik))
        # by the SPI of who receives; what the lab sends and what it hears
        self.out = {which: association(which) for which in (PC, PS)}
        self.sender = {which: association(which) for which in (UC, US)}
        self.heard = {which: association(which) for which in (UC, US)}
        self.sent = {UC: [], US: []}
        self.shape = self.out[PC].alg

    def text(self, size, ports, proto):
        return esp_end.transport(self.me, self.peer, proto, *ports,
                                 self.rnd.randbytes(size))

    def size(self):
        return self.rnd.choice((self.rnd.randrange(40),
                                self.rnd.randrange(300)))

    # outbound

    def outbound(self):
        rnd = self.rnd
        which = rnd.choice((PC, PS))
        ports = [self.ports[US if which == PC else UC], self.ports[which]]
        proto = rnd.choice((6, 17))
        body = self.text(self.size(), ports, proto)
        packet = esp_end.ip(self.me, self.peer, proto, body)
        if '.' in self.me and rnd.random() < .2:
            # RFC 791: options between header and payload stay in the clear
            options = b'\1' * 4 * rnd.randrange(1, 11)
            packet = self.rewrite(
                bytes([0x45 + len(options) // 4]) + packet[1:20] + options,
                proto, body)
        return which, proto, body, packet

    def out_case(self):
        which, proto, body, packet = self.outbound()
        verdict, got = self.end.ask(b'o', packet)
        head = len(packet) - len(body)
        association = self.out[which]
        iv = got[head + 8:head + 8 + self.shape.iv_len]
        return (verdict, got), ('P', self.rewrite(
            packet[:head], 50, association.seal(body, proto, iv)))

    @staticmethod
    def rewrite(head, proto, body):
        """RFC 4303 s3.1.1: the header with a new protocol and length."""
        if head[0] >> 4 == 6:
            return head[:4] + struct.pack('!HB', len(body), proto) + \
                head[7:] + body
        head = head[:2] + struct.pack('!H', len(head) + len(body)) + \
            head[4:9] + bytes([proto]) + b'\0\0' + head[12:]
        return head[:10] + struct.pack('!H', esp_end.checksum(head)) + \
            head[12:] + body

    # inbound

    def packet(self, which):
        """(ESP, what is special about it)"""
        rnd, sender = self.rnd, self.sender[which]
        ports = [self.ports[PS if which == UC else PC], self.ports[which]]
        proto = rnd.choice((6, 17))
        what = rnd.choice(('whole', 'whole', 'whole', 'ports', 'protocol',
                           'trailer', 'unaligned', 'far'))
        if what == 'ports':
            ports[rnd.randrange(2)] ^= 1 << rnd.randrange(16)
        body = self.text(self.size(), ports, proto)
        if what == 'protocol':
            proto = rnd.choice((59, 1, 0, 50))
        if what == 'far':
            sender.seq += rnd.choice((1, 40, 63, 64, 65, 200, 1 << 20))
        if what not in ('trailer', 'unaligned'):
            return sender.seal(body, proto), what
        sender.seq += 1
        head = struct.pack('>II', sender.spi, sender.seq)
        iv = sender.alg.new_iv(sender.seq)
        text = body
        if what == 'trailer':
            # any padding, mostly wrong
            pad = rnd.choice((0, 1, 2, 3, 255))
            text += bytes(rnd.choice((i + 1, i, 0)) & 255
                          for i in range(pad % 8))
            text += rnd.randbytes(-(len(text) + 2) % sender.alg.align)
            text += bytes([rnd.choice((pad, pad % 8, len(text) & 255)),
                           proto])
        else:
            align = 4 if not sender.alg.iv_len else sender.alg.align
            while len(text) % 4 == 2:
                text += b'\1'
            text += b'\0' + bytes([proto])
            if not isinstance(sender.alg, esp.Cbc) or \
                    not sender.alg.block:
                return head + iv + sender.alg.seal(head, iv, text), what
            # a cipher leaves no part of a block: the rest as it is
            keep = len(text) % align
            data = sender.alg.seal(head, iv, text[:len(text) - keep])[:-12]
            data += text[len(text) - keep:]
            return head + iv + data + sender.alg.icv(head + iv + data), what
        return head + iv + sender.alg.seal(head, iv, text), what

    def damaged(self, data):
        rnd, data = self.rnd, bytearray(data)
        how = rnd.randrange(4)
        if how == 0:
            data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)
        elif how == 1:
            del data[rnd.randrange(len(data)):]
        elif how == 2:
            data += rnd.randbytes(rnd.randrange(1, 33))
        else:
            at = rnd.randrange(len(data))
            del data[at:at + rnd.randrange(1, 17)]
        return bytes(data)

    def judge(self, data):
        """What the lab says, in ipsec/'s words."""
        if len(data) < 8:
            return 'D', 'length'
        spi = int.from_bytes(data[:4], 'big')
        which = [w for w in (UC, US) if self.spis[w] == spi]
        if not which:
            return 'D', 'no-sa'
        which = which[0]
        # RFC 4303 s2.4: the lab looks at blocks of ciphers only, after the
        # ICV; a packet that is none must not move its window either
        if not self.aligned(data):
            return 'D', 'length'
        try:
            proto, text = self.heard[which].open(data)
        except esp.Drop as why:
            return 'D', REASONS[str(why)]
        if proto == 59:                 # RFC 4303 s2.6
            return 'D', 'dummy'
        # RFC 4301 s5.2 step 4: is it for this association?
        ports = struct.pack('!HH', self.ports[PS if which == UC else PC],
                            self.ports[which])
        short = len(text) < (20 if proto == 6 else 8)
        if proto not in (6, 17) or short or text[:4] != ports:
            return 'D', 'selector'
        return 'P', esp_end.ip(self.peer, self.me, proto, text)

    def aligned(self, data):
        text = len(data) - 8 - self.shape.iv_len - self.shape.icv_len
        return text > 0 and text % self.shape.align == 0

    def in_case(self):
        rnd, which = self.rnd, self.rnd.choice((UC, US))
        if self.sent[which] and rnd.random() < .25:
            data, what = rnd.choice(self.sent[which][-100:]), 'again'
        else:
            data, what = self.packet(which)
            self.sent[which].append(data)
        if rnd.random() < .25:
            data, what = self.damaged(data), what + ' damaged'
        verdict, got = self.end.inward(
            esp_end.ip(self.peer, self.me, 50, data))
        ours = (verdict, got.decode() if verdict == 'D' else got)
        return ours, self.judge(data), '%s %s %s: %s' % (
            self.alg, self.ealg, what, data.hex())


def main():
    differ.make('build/host/esptool')
    verdicts = []
    for alg, ealg in esp_end.PAIRS:
        run = differ.Run('RFC 4303: %s, %s' % (alg, ealg), 10)
        for i, rnd in run.cases():
            life = Life(rnd, alg, ealg)
            for n in range(40):
                if rnd.random() < .3:
                    ours, theirs = life.out_case()
                    run.compare((i, n), 'out', ours, theirs)
                else:
                    ours, theirs, text = life.in_case()
                    kind = theirs[1] if theirs[0] == 'D' else 'in'
                    run.compare((i, n), kind, ours, theirs, text)
            life.end.close()
        verdicts.append(run.result(('out', 'in', 'icv', 'replay')))
    return differ.summary(verdicts)


if __name__ == '__main__':
    sys.exit(main())
