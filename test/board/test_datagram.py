#!/usr/bin/python3
# class: test
# needs: qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi
"""The firmware at the other end of two datagram sockets: no tap, no
privilege. This end is a P-CSCF of one answer."""
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import board                                       # noqa: E402
from lab.testing import Tests, check                        # noqa: E402

tests = Tests(90)
MAC = bytes.fromhex('020000000001')
IP = bytes((192, 0, 2, 1))
SETTINGS = ('ip=192.0.2.2', 'pcscf=192.0.2.1:5060', 'transport=udp',
            'impi=user@home.test', 'impu=sip:user@home.test',
            'home=home.test', 'sec=none',
            'k=465b5ce8b199b49faa5f0a2ee238a6bc',
            'opc=cd63cb71954a9f4e48a5994e37a02baf', 'run=register; quit')


def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def arp_reply(frame):
    """RFC 826: is it for us?"""
    if frame[12:14] != b'\x08\x06' or frame[20:22] != b'\0\1' or \
            frame[38:42] != IP:
        return None
    return frame[6:12] + MAC + frame[12:20] + b'\0\2' + MAC + IP + \
        frame[22:32]


def udp_payload(frame):
    if frame[12:14] != b'\x08\x00' or frame[23] != 17 or frame[30:34] != IP:
        return None
    return frame[42:38 + struct.unpack('!H', frame[38:40])[0]]


def udp_reply(frame, payload):
    """The same way back; a UDP checksum of 0 is none (RFC 768)."""
    udp = frame[36:38] + frame[34:36] + struct.pack('!HH', 8 + len(payload),
                                                    0) + payload
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + \
        IP + frame[26:30]
    ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
    return frame[6:12] + MAC + b'\x08\x00' + ip + udp


def refusal(request):
    """403 to a REGISTER (RFC 3261 s8.2.6)."""
    kept = [line for line in request.decode().split('\r\n') if
            line.split(':')[0] in ('Via', 'From', 'To', 'Call-ID', 'CSeq')]
    kept = [line + ';tag=1' if line.startswith('To:') else line
            for line in kept]
    return '\r\n'.join(['SIP/2.0 403 Forbidden'] + kept +
                       ['Content-Length: 0', '', '']).encode()


def serve(sock, peer, proc, seconds):
    """Answer until the program ends; the REGISTERs seen."""
    seen, end = [], time.monotonic() + seconds
    while proc.poll() is None and time.monotonic() < end:
        if not select.select([sock], [], [], 0.2)[0]:
            continue
        frame = sock.recv(2048)
        answer, payload = arp_reply(frame), udp_payload(frame)
        if payload is not None and payload.startswith(b'REGISTER '):
            seen.append(payload)
            answer = udp_reply(frame, refusal(payload))
        if answer:
            sock.sendto(answer.ljust(60, b'\0'), peer)
    return seen


@tests.add('firmware: a REGISTER and its answer over datagram sockets')
async def register():
    board.build()
    with tempfile.TemporaryDirectory() as folder:
        ours = os.path.join(folder, 'ours')
        theirs = os.path.join(folder, 'theirs')
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind(ours)
        words = ['sh', board.QEMU, board.IMAGE, '-netdev',
                 'dgram,id=n0,local.type=unix,local.path=%s,'
                 'remote.type=unix,remote.path=%s' % (theirs, ours),
                 '-net', 'nic,model=lan9118,netdev=n0', '--', *SETTINGS]
        with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT) as proc:
            seen = serve(sock, theirs, proc, 60)
            proc.kill()
            out = proc.stdout.read()
        sock.close()
    check(seen, 'no REGISTER: %s', out[-500:])
    check('"registration-failed"' in out and '403' in out, out[-500:])


if __name__ == '__main__':
    sys.exit(tests.main())
