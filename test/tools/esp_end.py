"""The library ipsec/ for tests in Python: the program esptool and packets."""

import os
import socket
import struct
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# all pairs of TS 33.203 annex H
PAIRS = [('hmac-sha-1-96', 'null'), ('hmac-sha-1-96', 'aes-cbc'),
         ('hmac-sha-1-96', 'des-ede3-cbc'), ('hmac-md5-96', 'null'),
         ('hmac-md5-96', 'aes-cbc'), ('hmac-md5-96', 'des-ede3-cbc'),
         ('null', 'aes-gcm'), ('aes-gmac', 'null')]


def salt(ck, ik, fc, name):
    """Annex I: last 32 bits of HMAC-SHA-256 with key CK, IK."""
    import hashlib
    import hmac
    text = bytes([fc]) + name + struct.pack('!H', len(name))
    return hmac.new(ck + ik, text, hashlib.sha256).digest()[-4:]


def keys(alg, ealg, ck, ik):
    """TS 33.203 annex I: (integrity key, encryption key)."""
    auth = {'null': b'', 'hmac-md5-96': ik, 'hmac-sha-1-96': ik + bytes(4),
            'aes-gmac': ik + salt(ck, ik, 0x58, b'AES_GMAC_SALT')}[alg]
    enc = {'null': b'', 'des-ede3-cbc': ck + ck[:8], 'aes-cbc': ck,
           'aes-gcm': ck + salt(ck, ik, 0x59, b'AES_GCM_SALT')}[ealg]
    return auth, enc


def checksum(data):
    """One's complement sum (RFC 1071)."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(addr):
    """Address in network order."""
    return socket.inet_pton(socket.AF_INET6 if ':' in addr
                            else socket.AF_INET, addr)


def transport(src, dst, proto, sport, dport, data):
    """A UDP datagram or TCP segment with its checksum."""
    if proto == 17:
        head = struct.pack('!HHHH', sport, dport, 8 + len(data), 0)
        at = 6
    else:
        head = struct.pack('!HHIIBBHHH', sport, dport, 1, 1, 0x50, 0x18,
                           8192, 0, 0)
        at = 16
    pseudo = packed(src) + packed(dst) + struct.pack(
        '!II', len(head) + len(data), proto)
    total = checksum(pseudo + head + data) or 0xffff
    return head[:at] + struct.pack('!H', total) + head[at + 2:] + data


def ip(src, dst, proto, body):
    """A whole IP packet."""
    if ':' in src:
        return struct.pack('!IHBB', 6 << 28, len(body), proto, 64) + \
            packed(src) + packed(dst) + body
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 0, 0x4000, 64,
                       proto, 0) + packed(src) + packed(dst)
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body


def payload(packet):
    """What follows the (plain) IP header."""
    return packet[40:] if packet[0] >> 4 == 6 else packet[20:]


class End:
    """One end of the associations: a running esptool."""

    def __init__(self, alg, ealg, ck, ik, local, remote, spis, ports,
                 program=None):
        program = program or os.path.join(ROOT, 'build/host/esptool')
        self.proc = subprocess.Popen(
            [program, alg, ealg, ck.hex(), ik.hex(), local, remote,
             ','.join(map(str, spis)), ','.join(map(str, ports))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, letter, packet=b''):
        """(letter, octets) of the answer."""
        self.proc.stdin.write(letter + struct.pack('!H', len(packet)) +
                              packet)
        self.proc.stdin.flush()
        head = self.proc.stdout.read(3)
        if len(head) != 3:
            raise RuntimeError('esptool has ended')
        return head[:1].decode(), self.proc.stdout.read(
            struct.unpack('!H', head[1:])[0])

    def out(self, packet):
        """Protect; the ESP packet."""
        verdict, data = self.ask(b'o', packet)
        if verdict != 'P':
            raise ValueError('%s %r' % (verdict, data))
        return data

    def inward(self, packet):
        """(verdict, packet or reason) of an inbound packet."""
        return self.ask(b'i', packet)

    def counters(self):
        """The counters by name."""
        text = self.ask(b's')[1].decode()
        return {name: int(n) for name, n in
                (line.split() for line in text.splitlines())}

    def close(self):
        """End the program."""
        self.proc.stdin.close()
        self.proc.wait(10)
        self.proc.stdout.close()
