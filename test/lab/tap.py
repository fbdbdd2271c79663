"""What is on the wire: every IP packet between the network and the UE, as a
packet socket sees it.  Judges what has to be inside ESP, and keeps packets
and keys for tshark.
"""
import asyncio
import socket
import struct
import time

from . import esp
from .esp_device import ip_parts

ETH_P_ALL, PACKET_OUTGOING, RAW_IP = 3, 4, 101
# names of the ESP preferences of tshark
CIPHERS = {'null': 'NULL', 'aes-cbc': 'AES-CBC [RFC3602]',
           'des-ede3-cbc': 'TripleDES-CBC [RFC2451]',
           'aes-gcm': 'AES-GCM with 16 octet ICV [RFC4106]'}
DIGESTS = {'hmac-md5-96': 'HMAC-MD5-96 [RFC2403]',
           'hmac-sha-1-96': 'HMAC-SHA-1-96 [RFC2404]', 'null': 'NULL',
           'aes-gmac': 'ANY 128 bit authentication [no checking]'}


class Tap:
    """clear(source, destination, destination port) hears of each UDP and TCP
    packet of a UE that is not in ESP."""

    def __init__(self, device, clear):
        self.device, self.clear = device, clear
        self.packets, self.keys, self.sock = [], [], None

    def start(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                  socket.htons(ETH_P_ALL))
        self.sock.bind((self.device, ETH_P_ALL))
        self.sock.setblocking(False)
        asyncio.get_running_loop().add_reader(self.sock, self._readable)

    def stop(self):
        if self.sock:
            asyncio.get_running_loop().remove_reader(self.sock)
            self.sock.close()
            self.sock = None

    def _readable(self):
        while self.sock:
            try:
                packet, addr = self.sock.recvfrom(65536)
            except OSError:
                return
            if addr[1] not in (0x0800, 0x86dd):
                continue
            self.packets.append((time.time(), packet))
            parts = ip_parts(packet)
            if parts and addr[2] != PACKET_OUTGOING:
                port = struct.unpack('>H', parts[3][2:4])[0]
                self.clear(parts[0], parts[1], port)

    def learn(self, one, host):
        """The keys of a set, for tshark."""
        for spi, src, dst in ((one.spi_ps, one.ue, host),
                              (one.spi_uc, host, one.ue),
                              (one.spi_us, host, one.ue),
                              (one.spi_pc, one.ue, host)):
            self.keys.append(sa_line(spi, src, dst, one.pair, *one.keys))

    def save(self, name):
        with open(name, 'wb') as file:
            file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                                   RAW_IP))
            for at, packet in self.packets:
                file.write(struct.pack('<IIII', int(at), int(at % 1 * 1e6),
                                       len(packet), len(packet)) + packet)


def sa_line(spi, src, dst, pair, ck, ik):
    """A line of tshark's table of associations: -o 'uat:esp_sa:LINE'."""
    alg, ealg = pair
    key = {'null': b'', 'aes-cbc': ck, 'des-ede3-cbc': ck + ck[:8],
           'aes-gcm': ck + esp.salt(ck, ik, 0x59, b'AES_GCM_SALT')}[ealg]
    auth = {'hmac-md5-96': ik, 'hmac-sha-1-96': ik + bytes(4)}.get(alg, b'')
    return ','.join('"%s"' % v for v in (
        'IPv6' if ':' in src else 'IPv4', src, dst, '0x%08x' % spi,
        CIPHERS[ealg], '0x' + key.hex() if key else '', DIGESTS[alg],
        '0x' + auth.hex() if auth else ''))
