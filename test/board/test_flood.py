#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""The board's Ethernet flooded: garbage, mutated frames, ESP with a wrong
ICV, fragments that never become whole, SYN segments, 10,000 frames a second.
Afterwards the UE is still registered and answers, nothing is lost from its
pools, and its watchdog has not fired.  FLOOD_SECONDS says how long each kind
lasts (1; soak: 30), SEED from where the frames come."""
import asyncio
import os
import random
import socket
import struct
import subprocess
import sys
import time

import test_firmware as firmware
from lab import board, netns
from lab.board import Cable
from lab.box import Box
from lab.testing import Tests, check, equal, no_complaints

RATE, BURST = 10000, 100
# least part of the frames that the cable has to take
SHARE = 0.1
SECONDS = float(os.environ.get('FLOOD_SECONDS', '1'))
SEED = int(os.environ.get('SEED', '1'))
tests = Tests(240 + 4 * SECONDS)
ESP, FRAGMENT, ICMP, TCP, UDP = 50, 44, 1, 6, 17
IP4, ARP, IP6 = 0x0800, 0x0806, 0x86dd


def checksum(data):
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


class Frames:
    """Frames for one board, from what was seen on its cable."""

    def __init__(self, seen, wire, ports, rand):
        self.rand, self.wire, self.ports = rand, wire, ports
        self.seen = seen
        self.version = wire.version
        # ours and the board's
        self.head = next(f[:12] for f in seen
                         if f[12:14] == struct.pack('>H', self.type()))
        self.mac = self.head[:6]

    def type(self):
        return IP6 if self.version == 6 else IP4

    def addresses(self):
        family = socket.AF_INET6 if self.version == 6 else socket.AF_INET
        return [socket.inet_pton(family, a) for a in
                (self.wire.host, self.wire.ue)]

    def packet(self, protocol, data, offset=None, ident=0):
        """An IP packet to the board; offset: (octets, more) of a fragment."""
        src, dst = self.addresses()
        if self.version == 6:
            if offset:
                data = struct.pack('>BBHI', protocol, 0, offset[0] |
                                   offset[1], ident) + data
                protocol = FRAGMENT
            ip = struct.pack('>IHBB', 6 << 28, len(data), protocol, 64)
            ip += src + dst
        else:
            where = offset[0] >> 3 | offset[1] << 13 if offset else 0
            ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(data),
                             ident & 0xffff, where, 64, protocol, 0)
            ip += src + dst
            ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
        return self.head + struct.pack('>H', self.type()) + ip + data

    def garbage(self):
        rand = self.rand
        to = rand.choice((self.mac, b'\xff' * 6, b'\x33\x33\0\0\0\1'))
        return to + rand.randbytes(6) + struct.pack('>H', rand.choice(
            (IP4, IP6, rand.getrandbits(16)))) + rand.randbytes(
                rand.randrange(1500))

    def mutated(self):
        """A frame of the run before, some of its octets changed, cut or
        longer.  Not ARP and neighbour discovery: who may answer these owns
        the link, and the board believes him."""
        rand = self.rand
        frame = bytearray(rand.choice(self.seen))
        for _ in range(rand.randrange(1, 8)):
            frame[rand.randrange(12, len(frame))] = rand.getrandbits(8)
        if frame[12:14] == struct.pack('>H', ARP) or frame[20] == 58:
            frame[12] = 0x88
        if rand.random() < 0.2:
            frame = frame[:rand.randrange(14, len(frame) + 1)]
        elif rand.random() < 0.2:
            frame += rand.randbytes(rand.randrange(1514 - len(frame) + 1))
        return bytes(frame)

    def wrong_icv(self):
        """ESP of the run before, or with its SPI, not with its ICV."""
        rand = self.rand
        at = 54 if self.version == 6 else 34
        frame = rand.choice([f for f in self.seen
                             if f[at - (34 if self.version == 6 else 11)] ==
                             ESP])
        if rand.random() < 0.5:
            return frame[:-12] + rand.randbytes(12)
        return self.packet(ESP, frame[at:at + 4] + struct.pack(
            '>I', rand.getrandbits(32)) + rand.randbytes(
                16 * rand.randrange(1, 80)))

    def fragments(self):
        """Of packets that never become whole, or overlap."""
        rand = self.rand
        return self.packet(rand.choice((UDP, TCP, ESP)), rand.randbytes(
            8 * rand.randrange(1, 180)), (8 * rand.randrange(1000), True),
            rand.randrange(50))

    def datagrams(self):
        """UDP with any checksum, and SYN, to the UE's ports."""
        rand = self.rand
        port = rand.choice(self.ports)
        if rand.random() < 0.5:
            data = rand.choice((b'OPTIONS sip:a@b SIP/2.0\r\n\r\n',
                                rand.randbytes(rand.randrange(1400))))
            sums = 0 if self.version == 4 else rand.getrandbits(16)
            return self.packet(UDP, struct.pack(
                '>HHHH', rand.randrange(1, 65536), port, 8 + len(data),
                sums) + data)
        src, dst = self.addresses()
        tcp = struct.pack('>HHIIBBHHH', rand.randrange(1, 65536), port,
                          rand.getrandbits(32), 0, 5 << 4, 2, 8192, 0, 0)
        pseudo = src + dst + struct.pack('>HH', TCP, len(tcp))
        return self.packet(TCP, tcp[:16] + struct.pack(
            '>H', checksum(pseudo + tcp)) + tcp[18:])

    KINDS = (garbage, mutated, wrong_icv, fragments, datagrams)


def flood(frames, kind, seconds):
    """Send frames of a kind at the rate.  @return how many the cable took,
    and seconds"""
    # made before: the rate is not to depend on how fast they are made
    batch = [kind(frames) for _ in range(min(int(RATE * seconds), 20000))]
    sent, lost, start = 0, 0, time.monotonic()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(('net0', 0))
        while sent < RATE * seconds:
            for n in range(BURST):
                try:
                    sock.send(batch[(sent + n) % len(batch)])
                except OSError:         # the cable is full: lost on it
                    lost += 1
            sent += BURST
            wait = start + sent / RATE - time.monotonic()
            if wait > 0:
                time.sleep(wait)
    return sent - lost, time.monotonic() - start


class Sniffer:
    """Frames to the board, while with."""

    def __enter__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                  socket.htons(3))
        self.sock.bind(('net0', 3))
        self.sock.setblocking(False)
        return self

    def __exit__(self, *exc):
        self.sock.close()

    def frames(self):
        found = []
        while True:
            try:
                data, where = self.sock.recvfrom(2048)
            except OSError:
                return found
            if where[2] == 4 and len(data) > 34:        # outgoing
                found.append(data)


async def answers(box, what):
    """A request of the network is answered."""
    before = len(box.trace)
    box.do('send %s OPTIONS' % firmware.IMSI)
    check(await box.until(lambda: [
        e for e in box.trace[before:] if e.way == 'up' and e.msg and
        e.msg.get('CSeq', '').endswith('OPTIONS')], 40), 'no answer %s', what)


async def one(version, kind):
    name = kind.__name__
    with Cable(version) as wire:
        async with Box([wire.host], wire=wire) as box:
            box.do('set sec on')
            args = firmware.settings(box, wire, transport='auto',
                                     sec='ipsec', algs=firmware.ALGS)
            async with board.Board(args) as ue:
                with Sniffer() as sniffer:
                    await ue.command('register')
                    check(await ue.event('registered'), ue.events)
                    check(await ue.event('reg-event'), ue.events)
                    await answers(box, 'before')
                    seen = sniffer.frames()
                ports = [e.peer[1] for e in box.trace if e.way == 'up']
                frames = Frames(seen, wire, sorted(set(ports)),
                                random.Random(SEED))
                # what looks into every packet has no time for these
                box.tap.stop()
                sent, took = await asyncio.get_running_loop().run_in_executor(
                    None, flood, frames, kind, SECONDS)
                check(sent >= SHARE * RATE * SECONDS, 'only %d frames', sent)
                netns.ip('neigh', 'flush', 'dev', 'net0')
                box.tap.start()

                await answers(box, 'after %d frames of %s' % (sent, name))
                await ue.command('reregister')
                check(await ue.event('reregistered', seconds=40),
                      'no re-registration: %s', ue.events[-5:])
                await ue.command('deregister')
                check(await ue.event('deregistered', seconds=40),
                      'no deregistration: %s', ue.events[-5:])
                if name == 'fragments':
                    # half-made packets are forgotten after 15 seconds, RFC
                    # 8200 s4.5: 60
                    await asyncio.sleep(17 if version == 4 else 62)
                for _ in range(10):
                    await ue.command('peaks')
                    peaks = await ue.event('peaks')
                    check(peaks, 'the board is silent')
                    if not any(v[0] for k, v in peaks.items()
                               if k in firmware.TRANSIENT):
                        break
                    # a neighbour is asked for three times, once a second
                    # (RFC 4861 s7.2.2), before its packets are dropped
                    await asyncio.sleep(1)
                firmware.memory([{k: v[:3] + [0] if k != 'free' and
                                  k != 'event' else v
                                  for k, v in peaks.items()}])
                print('  %d frames of %s, %d a second; most used of: %s' % (
                    sent, name, sent / took, ', '.join(
                        '%s %d of %d' % (k, v[1], v[2])
                        for k, v in peaks.items() if len(v) == 4 and
                        k in firmware.TRANSIENT and v[1])))
                await ue.command('quit')
                equal(await ue.wait(10), 0, 'exit status')
                check(not any('watchdog' in str(e) for e in ue.events),
                      'the watchdog fired')
            no_complaints(box)


for _version in (4, 6):
    for _kind in Frames.KINDS:
        tests.add('firmware: IPv%d, %d frames a second of %s' % (
            _version, RATE, _kind.__name__.replace('_', ' ')),
            _version, _kind)(one)


def main():
    board.build()
    return netns.main(tests)


if __name__ == '__main__':
    sys.exit(main())
