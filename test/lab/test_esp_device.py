#!/usr/bin/python3
# class: test
# needs: iproute2
"""The lab's ESP below the kernel's UDP and TCP, between two namespaces."""
import asyncio
import contextlib
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import esp, esp_device, netns                      # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

CK, IK = bytes(range(16)), bytes(range(16, 32))
UE_PORT, NET_PORT = 40001, 40002
tests = Tests(30)


class Ends:
    """net and ue: two devices that share an association each way."""

    def __init__(self, wire, pair):
        self.drops = []
        self.net = esp_device.EspDevice(
            wire.host, wire.subnet, 'esp0',
            lambda *args: self.drops.append(args[:2]))
        self.ue = esp_device.EspDevice(
            wire.ue, wire.subnet, 'esp0',
            lambda *args: self.drops.append(('ue',) + args[:2]))

        def sa(spi):
            return esp.Association(spi, esp.transform(*pair, CK, IK))
        at_net = esp_device.Selector(wire.ue, NET_PORT, UE_PORT)
        at_ue = esp_device.Selector(wire.host, UE_PORT, NET_PORT)
        self.net.add_inbound(at_net, sa(1000), self)
        self.net.add_outbound(at_net, sa(2000), self)
        self.ue.add_outbound(at_ue, sa(1000), self)
        self.ue.add_inbound(at_ue, sa(2000), self)


@contextlib.asynccontextmanager
async def ends(version, pair=('hmac-sha-1-96', 'aes-cbc')):
    with netns.Wire(version) as wire:
        both = Ends(wire, pair)
        both.net.start()
        with wire.ns.inside():
            both.ue.start()
        both.wire = wire
        try:
            yield both
        finally:
            both.net.stop()
            both.ue.stop()


def sockets(e, kind):
    with e.wire.ns.inside():
        ue = e.ue.socket(kind, UE_PORT)
    return e.net.socket(kind, NET_PORT), ue


async def udp(version, pair):
    async with ends(version, pair) as e:
        loop = asyncio.get_running_loop()
        net, ue = sockets(e, socket.SOCK_DGRAM)
        with net, ue:
            ue.connect((e.wire.host, NET_PORT))
            net.connect((e.wire.ue, UE_PORT))
            for size in (1, 1300, 4000):
                text = os.urandom(size)
                await loop.sock_sendall(ue, text)
                equal(await loop.sock_recv(net, 9000), text, 'up')
                await loop.sock_sendall(net, text)
                equal(await loop.sock_recv(ue, 9000), text, 'down')
        equal(e.drops, [], 'drops')
        equal(e.net.packets, {'up': 3, 'down': 3}, 'packets')


for _version in (4, 6):
    for _pair in esp.PAIRS:
        tests.add('UDP, IPv%d, %s %s' % ((_version,) + _pair), _version,
                  _pair)(udp)


async def tcp(version):
    async with ends(version) as e:
        loop = asyncio.get_running_loop()
        net, ue = sockets(e, socket.SOCK_STREAM)
        with net, ue:
            net.listen()
            await loop.sock_connect(ue, (e.wire.host, NET_PORT))
            conn, peer = await loop.sock_accept(net)
            equal(peer[:2], (e.wire.ue, UE_PORT), 'peer')
            with conn:
                text = os.urandom(20000)
                await loop.sock_sendall(ue, text)
                got = b''
                while len(got) < len(text):
                    got += await loop.sock_recv(conn, 65536)
                equal(got, text, 'up')
                await loop.sock_sendall(conn, b'answer')
                equal(await loop.sock_recv(ue, 100), b'answer', 'down')
        equal(e.drops, [], 'drops')
        sel = esp_device.Selector(e.wire.ue, NET_PORT, UE_PORT)
        check(e.net.taken('up', sel, 'tcp') > 20000, 'octets')


tests.add('TCP, IPv4', 4)(tcp)
tests.add('TCP, IPv6', 6)(tcp)


@tests.add('RFC 4303 s3.4: what is spoilt, repeated or unknown is dropped')
async def drops():
    async with ends(4) as e:
        loop = asyncio.get_running_loop()
        net, ue = sockets(e, socket.SOCK_DGRAM)
        with net, ue:
            ue.connect((e.wire.host, NET_PORT))
            e.ue.spoil = 1
            await loop.sock_sendall(ue, b'spoilt')
            await asyncio.sleep(0.05)
            e.ue.repeat = 1
            await loop.sock_sendall(ue, b'twice')
            equal(await loop.sock_recv(net, 100), b'twice', 'text')
            await asyncio.sleep(0.05)
            entry, = e.ue.outbound.values()
            entry.association.spi += 1
            await loop.sock_sendall(ue, b'lost')
            await asyncio.sleep(0.05)
        equal(e.drops, [('up', 'ICV'), ('up', 'replay'),
                        ('up', 'unknown SPI')], 'drops')


@tests.add('RFC 4301 s5.2: the ports inside are those of the association')
async def selector():
    async with ends(4) as e:
        loop = asyncio.get_running_loop()
        with e.wire.ns.inside():
            ue = e.ue.socket(socket.SOCK_DGRAM, UE_PORT + 1)
        with ue:
            entry, = e.ue.outbound.values()
            e.ue.add_outbound(entry.selector._replace(
                local_port=UE_PORT + 1), entry.association)
            ue.connect((e.wire.host, NET_PORT))
            await loop.sock_sendall(ue, b'from another port')
            await asyncio.sleep(0.05)
        equal(e.drops, [('up', 'selector')], 'drops')


@tests.add('a socket of the device hears nothing from outside ESP')
async def outside():
    async with ends(4) as e:
        with e.net.socket(socket.SOCK_DGRAM, NET_PORT) as net:
            with e.wire.ns.inside():
                ue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with ue:
                ue.sendto(b'in the clear', (e.wire.host, NET_PORT))
                await asyncio.sleep(0.05)
                try:
                    net.recv(100)
                    check(False, 'heard')
                except BlockingIOError:
                    pass


if __name__ == '__main__':
    sys.exit(netns.main(tests))
