"""A name server for a handful of records (RFC 1035, RFC 2782, RFC 3403),
so that a P-CSCF can be found by name (RFC 3263)."""
import ipaddress
import struct

from . import transport

TYPES = {'A': 1, 'AAAA': 28, 'SRV': 33, 'NAPTR': 35}


def encode_name(name):
    labels = [label.encode() for label in name.rstrip('.').split('.') if label]
    return b''.join(bytes([len(x)]) + x for x in labels) + b'\0'


def _text(text):
    return bytes([len(text)]) + text.encode()


def rdata(kind, value):
    """value: an address; (priority, weight, port, target);
    (order, preference, flags, service, regexp, replacement)."""
    if kind in ('A', 'AAAA'):
        return ipaddress.ip_address(value).packed
    if kind == 'SRV':
        return struct.pack('!HHH', *value[:3]) + encode_name(value[3])
    return struct.pack('!HH', *value[:2]) + b''.join(
        _text(v) for v in value[2:5]) + encode_name(value[5])


class NameServer:
    """records: list of (name, type, value); queries: what was asked."""

    def __init__(self, records, host='127.0.0.1', port=0):
        self.host, self.port = host, port
        self.records, self.queries = list(records), []
        self.silent = False

    async def __aenter__(self):
        self.udp = transport.UdpPort(self.received)
        self.port = await self.udp.open(self.host, self.port)
        return self

    async def __aexit__(self, *exc):
        self.udp.close()

    def received(self, flow, data):
        ident, _, questions = struct.unpack('!HHH', data[:6])
        pos, labels = 12, []
        while data[pos]:
            labels.append(data[pos + 1:pos + 1 + data[pos]].decode())
            pos += 1 + data[pos]
        number, = struct.unpack('!H', data[pos + 1:pos + 3])
        name = '.'.join(labels).lower()
        kind = {v: k for k, v in TYPES.items()}.get(number, str(number))
        self.queries.append((name, kind))
        if self.silent or questions != 1:
            return
        answers = [rdata(k, v) for n, k, v in self.records
                   if n == name and k == kind]
        known = any(n == name for n, _, _ in self.records)
        flags = 0x8580 if known else 0x8583         # or: no such name
        reply = struct.pack('!HHHHHH', ident, flags, 1, len(answers), 0, 0)
        reply += data[12:pos + 5]
        for octets in answers:
            reply += struct.pack('!HHHIH', 0xc00c, number, 1, 60,
                                 len(octets)) + octets
        flow.send(reply)
