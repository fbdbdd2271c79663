"""A name server for a handful of records (RFC 1035, RFC 2782, RFC 3403),
so that a P-CSCF can be found by name (RFC 3263)."""
import ipaddress
import struct

from . import transport

TYPES = {'A': 1, 'CNAME': 5, 'AAAA': 28, 'SRV': 33, 'NAPTR': 35}


def encode_name(name):
    labels = [label.encode() for label in name.rstrip('.').split('.') if label]
    return b''.join(bytes([len(x)]) + x for x in labels) + b'\0'


def _text(text):
    return bytes([len(text)]) + text.encode()


def rdata(kind, value):
    """value: an address; the name of which it is an alias; (priority, weight,
    port, target); (order, preference, flags, service, regexp, replacement)."""
    if kind in ('A', 'AAAA'):
        return ipaddress.ip_address(value).packed
    if kind == 'CNAME':
        return encode_name(value)
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
        answers = self.answers(name, kind)
        known = any(n == name for n, _, _ in self.records)
        flags = 0x8580 if known else 0x8583         # or: no such name
        reply = struct.pack('!HHHHHH', ident, flags, 1, len(answers), 0, 0)
        reply += data[12:pos + 5]
        for owner, k, value in answers:
            octets = rdata(k, value)
            reply += encode_name(owner) + struct.pack(
                '!HHIH', TYPES[k], 1, 60, len(octets)) + octets
        flow.send(reply)

    def answers(self, name, kind):
        """RFC 1034 s4.3.2: an alias, and what its name has."""
        found = [r for r in self.records
                 if r[0] == name and r[1] in (kind, 'CNAME')]
        for _, k, target in list(found):
            if k == 'CNAME' and target != name:
                found += self.answers(target, kind)
        return found
