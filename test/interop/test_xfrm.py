#!/usr/bin/python3
# class: test
# needs: user-mode-linux kmod iproute2 gcc libc6-dev
"""The library ipsec/ against the ESP of the Linux kernel.

A user-mode Linux guest holds the P-CSCF's side of a set of associations for
every pair of algorithms of TS 33.203 annex H, over IPv4 and IPv6. Our side is
the library behind a raw socket. For each set: all four associations carry
packets; what is tampered with, replayed, truncated, under a wrong SPI or for
other ports is dropped on either side and counted there.
"""

import os
import random
import select
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, 'uml'),
                os.path.join(HERE, '..', 'tools')]
import esp_end  # noqa: E402
import guest_xfrm  # noqa: E402
import uml  # noqa: E402

ENDS = guest_xfrm.ENDS


class Failed(Exception):
    """A check does not hold."""


def check(cond, what):
    """The check that everything here is made of."""
    if not cond:
        raise Failed(what)


class Wire:
    """ESP in and out through raw sockets of the host."""

    def __init__(self, family):
        af = socket.AF_INET if family == 4 else socket.AF_INET6
        self.family = family
        self.tx = socket.socket(af, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.rx = socket.socket(af, socket.SOCK_RAW, 50)

    def send(self, packet):
        """A whole IP packet."""
        peer = ENDS[self.family][1]
        self.tx.sendto(packet, (peer, 0) if self.family == 4
                       else (peer, 0, 0, 0))

    def receive(self, seconds=3):
        """A whole IP packet with ESP, or None."""
        if not select.select([self.rx], [], [], seconds)[0]:
            return None
        data = self.rx.recv(65535)
        if self.family == 4:
            return data
        # the header is not handed out; nothing in it is secret
        me, peer = ENDS[6]
        return esp_end.ip(peer, me, 50, data)

    def close(self):
        """Close both sockets."""
        self.tx.close()
        self.rx.close()


class Control:
    """The guest's counters, in the clear."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.settimeout(1)
        self.peer = (ENDS[4][1], guest_xfrm.CONTROL)

    def counters(self):
        """Counters by name."""
        text = ''
        for attempt in range(1, 6):
            self.sock.sendto(b'?', self.peer)
            try:
                text = self.sock.recv(4000).decode()
                break
            except socket.timeout:
                # a datagram may be lost on the way to a busy guest
                check(attempt < 5, 'the guest does not answer')
        return {k: int(v) for k, v in (line.split() for line in
                                       text.splitlines())}

    def end(self):
        """Let the guest end."""
        self.sock.sendto(b'end', self.peer)
        self.sock.close()


def resized(packet, family, length):
    """A packet cut to a length, its header saying so."""
    if family == 4:
        head = packet[:2] + struct.pack('!H', length) + packet[4:10] + \
            bytes(2) + packet[12:20]
        head = head[:10] + struct.pack('!H', esp_end.checksum(head)) + \
            head[12:]
        return head + packet[20:length]
    return packet[:4] + struct.pack('!H', length - 40) + packet[6:length]


def flipped(packet, at):
    """A packet with one bit changed."""
    p = bytearray(packet)
    p[at] ^= 1
    return bytes(p)


class Case:
    """One set of associations."""

    def __init__(self, s, control):
        self.s = s
        self.control = control
        self.wire = Wire(s['family'])
        self.args = (s['alg'], s['ealg'], s['ck'], s['ik'],
                     *ENDS[s['family']], s['spis'], s['ports'])
        self.end = esp_end.End(*self.args)
        self.head = 20 if s['family'] == 4 else 40

    def close(self):
        """End program and sockets."""
        self.end.close()
        self.wire.close()

    def plain(self, sport, dport, data):
        """A UDP packet of ours."""
        me, peer = ENDS[self.s['family']]
        return esp_end.ip(me, peer, 17, esp_end.transport(
            me, peer, 17, sport, dport, data))

    def drain(self):
        """Forget late answers."""
        while self.wire.receive(0):
            pass

    def exchange(self, sport, dport, data):
        """Send until there is an answer; both ESP packets. UDP may lose."""
        self.drain()
        for _ in range(3):
            out = self.end.out(self.plain(sport, dport, data))
            self.wire.send(out)
            back = self.wire.receive()
            if back:
                return out, back
        raise Failed('no answer from port %d' % dport)

    def echo(self, sport, dport, data):
        """There and back over one pair of associations; both ESP packets."""
        out, back = self.exchange(sport, dport, data)
        verdict, packet = self.end.inward(back)
        check(verdict == 'P', 'answer is %s %r' % (verdict, packet[:20]))
        udp = esp_end.payload(packet)
        check(struct.unpack('!HH', udp[:4]) == (dport, sport), 'ports')
        check(udp[8:] == b'echo ' + data, 'contents')
        return out, back

    def carries(self):
        """All four associations, lengths around the blocks."""
        uc, us, pc, ps = self.s['ports']
        for n in (1, 14, 15, 16, 17, 100, 1200):
            self.echo(uc, ps, b'a' * n)
            self.echo(us, pc, b'b' * n)

    def refuses(self):
        """Bad packets to us are dropped and counted by their reason."""
        uc, ps = self.s['ports'][0], self.s['ports'][3]
        _, old = self.echo(uc, ps, b'seen')
        _, good = self.exchange(uc, ps, b'kept back')
        start = self.end.counters()
        bad = {'replay': [old],
               'icv': [flipped(good, at) for at in
                       (self.head + 4, self.head + 8, len(good) - 20,
                        len(good) - 1)],
               'no-sa': [flipped(good, self.head)],
               'length': [resized(good, self.s['family'], self.head + n)
                          for n in (0, 7, 8, 19)]}
        # the same keys, but the association is for other ports
        ports = list(self.s['ports'])
        ports[3] += 1000
        other = esp_end.End(*self.args[:7], tuple(ports))
        verdict, why = other.inward(good)
        check((verdict, why) == ('D', b'selector'), 'selector: %r' % why)
        other.close()

        for reason, packets in bad.items():
            for p in packets:
                verdict, why = self.end.inward(p)
                check((verdict, why.decode()) == ('D', reason),
                      '%s: %s %r' % (reason, verdict, why[:20]))
        now = self.end.counters()
        for reason, packets in bad.items():
            check(now[reason] == start[reason] + len(packets),
                  '%s counted %d' % (reason, now[reason] - start[reason]))
        check(self.end.inward(good)[0] == 'P', 'and the good one?')

    def refused(self):
        """The kernel drops and counts the same in what comes from us."""
        uc, us, pc, ps = self.s['ports']
        old, _ = self.echo(uc, ps, b'seen')
        good = self.end.out(self.plain(uc, ps, b'never as it is'))
        # the same keys and SPI with other ports inside
        wrong = esp_end.End(*self.args[:7], (uc, us, pc, ps + 1))
        for _ in range(64):
            selector = wrong.out(self.plain(uc, ps + 1, b'elsewhere'))
        wrong.close()
        for what, packet, names in (
                ('tampered', flipped(good, len(good) - 20),
                 ('XfrmInStateProtoError',)),
                ('replayed', old, ('XfrmInStateSeqError',)),
                ('truncated', resized(good, self.s['family'],
                                      self.head + 12),
                 ('XfrmInHdrError', 'XfrmInError',
                  'XfrmInStateProtoError')),
                ('wrong SPI', flipped(good, self.head),
                 ('XfrmInNoStates',)),
                ('wrong selector', selector,
                 ('XfrmInNoPols', 'XfrmInStateMismatch',
                  'XfrmInPolBlock', 'XfrmInTmplMismatch'))):
            before = self.control.counters()
            self.wire.send(packet)
            end = time.monotonic() + 5
            while True:
                now = self.control.counters()
                if any(now[n] > before[n] for n in names):
                    break
                check(time.monotonic() < end, '%s: not counted: %s' % (
                    what, {n: now[n] - before[n] for n in now
                           if now[n] != before[n]}))
            check(self.wire.receive(0) is None, what + ' was answered')
        self.echo(uc, ps, b'and on')


def run(guest, seed):
    """All sets; (passed, failed)."""
    count = {True: 0, False: 0}
    control = Control()
    for s in guest_xfrm.sets(seed):
        case = Case(s, control)
        for what in ('carries', 'refuses', 'refused'):
            name = 'IPv%d alg=%s ealg=%s %s' % (s['family'], s['alg'],
                                               s['ealg'], what)
            try:
                getattr(case, what)()
                print('ok ' + name, flush=True)
                count[True] += 1
            except (Failed, ValueError, OSError) as e:
                print('FAIL %s: %s (seed %d)' % (name, e, seed), flush=True)
                count[False] += 1
        case.close()
    control.end()
    if count[False]:
        print(guest.text())
    return count


def main():
    """Boot, test, end."""
    why = uml.missing()
    if why:
        print('skip XFRM: ' + why)
        print('0 passed, 0 failed, 1 skipped')
        return 0
    seed = int(os.environ.get('SEED', random.randrange(1 << 30)))
    uml.network()
    guest_py = os.path.join(HERE, 'uml', 'guest_xfrm.py')
    with uml.Guest(['/usr/bin/python3', guest_py, str(seed)]) as guest:
        if not guest.wait('READY'):
            print('FAIL XFRM: the guest does not get ready')
            print(guest.text()[-3000:])
            print('0 passed, 1 failed')
            return 1
        count = run(guest, seed)
    print('%d passed, %d failed' % (count[True], count[False]))
    return 1 if count[False] else 0


if __name__ == '__main__':
    sys.exit(main())
