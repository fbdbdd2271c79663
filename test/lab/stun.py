"""STUN Binding for keep-alives over UDP (RFC 5626 s4.4.2, RFC 5389)."""
import ipaddress
import struct

COOKIE = 0x2112a442


def is_request(data):
    return (len(data) >= 20 and data[:2] == b'\0\1' and
            struct.unpack('!I', data[4:8])[0] == COOKIE)


def response(data, peer):
    """RFC 5389 s15.2: XOR-MAPPED-ADDRESS of where it came from."""
    addr = ipaddress.ip_address(peer[0])
    key = data[4:20]
    port = peer[1] ^ (COOKIE >> 16)
    xored = bytes(a ^ b for a, b in zip(addr.packed, key))
    value = struct.pack('!BBH', 0, 1 if addr.version == 4 else 2,
                        port) + xored
    attr = struct.pack('!HH', 0x0020, len(value)) + value
    return struct.pack('!HH', 0x0101, len(attr)) + data[4:20] + attr
