#!/usr/bin/python3
# class: check
# needs: openssl
"""uims with messages over TLS (RFC 4975 s14, RFC 8122): UE to UE; with
OpenSSL as the other end, client and server; wrong certificates."""
import asyncio
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import test_uims_messaging as messaging            # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(90)


@tests.add('TCP/TLS/MSRP: texts and 1 MB both ways')
async def both():
    async with messaging.two(transport='tcp', msrps=('on', 'on')) as (s, t):
        await s.ue.command('chat ' + t.uri)
        await t.event('session-incoming')
        await t.ue.command('answer')
        for one in (s, t):
            if not one.ue.named('messaging-ready'):
                await one.event('messaging-ready')
        for one, two in ((s, t), (t, s)):
            await messaging.said(one, 'say hello')
            equal((await messaging.heard(two))['text'], 'hello', 'text')
            data = os.urandom(1000000)
            path = os.path.join(one.files, 'large.bin')
            with open(path, 'wb') as f:
                f.write(data)
            await messaging.said(one, 'send ' + path)
            await messaging.heard(two, 'file')
            with open(os.path.join(two.files, 'large.bin'), 'rb') as f:
                check(f.read() == data, 'other octets')
            os.remove(path)
            os.remove(os.path.join(two.files, 'large.bin'))
        await s.ue.command('hangup')
        await t.event('session-ended')
        for one in (s, t):
            await messaging.gone(one)


def once(s, name):
    found = s.ue.named(name)
    return found[-1] if found else None


@tests.add('RFC 4975 s14.4: OpenSSL is the server; what it shows is checked')
async def server():
    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two(transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            await s.box.msrp.secure(folder)
            await messaging.joined(s, t)
            await messaging.said(s, 'say hello there')
            equal((await messaging.heard(t))['text'], 'hello there', 'text')
            data = os.urandom(20000)
            path = os.path.join(s.files, 'picture.jpg')
            with open(path, 'wb') as f:
                f.write(data)
            await messaging.said(s, 'send ' + path)
            await messaging.heard(t, 'file')
            with open(os.path.join(t.files, 'picture.jpg'), 'rb') as f:
                check(f.read() == data, 'other octets')
            await messaging.left(s, t)


@tests.add('RFC 8122 s5: OpenSSL is the client, and compares')
async def client():
    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two('set conf_answer active', transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            await s.box.msrp.secure(folder)
            await messaging.joined(s, t)
            check(all(x.active for x in s.box.msrp.sessions.values()),
                  'the UE has connected')
            await messaging.said(s, 'say hello there')
            equal((await messaging.heard(t))['text'], 'hello there', 'text')
            await messaging.left(s, t)


@tests.add('RFC 4975 s5.4: OpenSSL has connected and said something before '
           'its answer is there')
async def early():
    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two('set conf_answer active',
                                 'set conf_late_answer 0.5',
                                 transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            await s.box.msrp.secure(folder)
            await s.ue.command('chat sip:echo@' + s.box.peers.domain)
            await s.until(lambda: s.box.peers.peers, 'a call')
            session = s.box.peers.peers[0].session
            await s.until(lambda: session.conn, 'a connection')
            session.send(b'in advance', 'text/plain')
            await asyncio.sleep(0.2)
            check(not s.ue.named('text'), 'taken from who is not known')
            check(not s.ue.named('session-established'), 'not early')
            await s.event('messaging-ready')
            equal((await messaging.heard(s))['text'], 'in advance', 'text')
            await messaging.said(s, 'say hello there')
            equal((await messaging.heard(s))['text'], 'hello there', 'text')
            await s.ue.command('hangup')
            await s.event('session-ended')
            for one in (s, t):
                await messaging.gone(one)


@tests.add('a peer that floods a connection keeps nothing else from its turn')
async def flood():
    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two(transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            await s.box.msrp.secure(folder)
            await s.ue.command('chat sip:echo@' + s.box.peers.domain)
            await s.event('messaging-ready')
            session = s.box.peers.peers[0].session
            head = ('MSRP flood SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n'
                    'Message-ID: flood\r\nContent-Type: text/plain\r\n\r\n'
                    % (session.peer, session.own))
            session.waiting['flood'] = lambda tid, status: None
            session.conn.send(head.encode() + bytes(100000000))
            await s.ue.command('status')
            await s.event('status')
            # what TLS has made of it, and the kernel has not taken
            tcp = session.conn.sock._ssl_protocol._transport
            check(tcp.get_write_buffer_size(), 'only when all had come')
            session.conn.close()
            await s.event('messaging-lost')


@tests.add('a peer of TLS that only warns keeps nothing else from its turn')
async def warnings():
    # RFC 5246 s7.2: level warning, of a kind that ends nothing
    alert = bytes((21, 3, 3, 0, 2, 1, 113))
    peers = []

    async def warn(reader, writer):
        await reader.read(1)
        peers.append(writer)
        writer.write(alert * 10000000)

    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two(transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            switch = s.box.msrp
            await switch.secure(folder)
            switch.server.close()
            switch.server = await asyncio.start_server(warn, switch.host,
                                                       switch.port)
            await s.ue.command('chat sip:echo@' + s.box.peers.domain)
            await s.until(lambda: peers, 'a connection')
            await s.ue.command('status')
            await s.event('status')
            check(peers[0].transport.get_write_buffer_size(),
                  'only when all had come')
            peers[0].transport.abort()
            await s.event('messaging-lost')


@tests.add('RFC 9325 s4.1: what is offered has ECDHE and 128 bits')
async def offered():
    hellos = []

    async def hear(reader, writer):
        # RFC 5246 s6.2.1, s7.4: the heads of record and message
        head = await reader.readexactly(5)
        hellos.append(await reader.readexactly(
            int.from_bytes(head[3:], 'big')))
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two(transport='tcp',
                                 msrps=('on', 'on')) as (s, _):
            switch = s.box.msrp
            await switch.secure(folder)
            switch.server.close()
            switch.server = await asyncio.start_server(hear, switch.host,
                                                       switch.port)
            await s.ue.command('chat sip:echo@' + s.box.peers.domain)
            await s.event('messaging-lost')
    # s7.4.1.2: version, random, session_id, cipher_suites
    hello = hellos[0]
    pos = 4 + 2 + 32
    pos += 1 + hello[pos]
    end = pos + 2 + int.from_bytes(hello[pos:pos + 2], 'big')
    suites = [int.from_bytes(hello[i:i + 2], 'big')
              for i in range(pos + 2, end, 2)]
    # RFC 5289: ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    check(0xc02b in suites, 'suites %s', suites)
    # RFC 5746 s3.3: TLS_EMPTY_RENEGOTIATION_INFO_SCSV is none; AES of RFC 4492
    # and RFC 5289
    bad = [hex(n) for n in suites if n != 0xff and not (
        0xc009 <= n <= 0xc00a or 0xc013 <= n <= 0xc014 or
        0xc023 <= n <= 0xc028 or 0xc02b <= n <= 0xc030)]
    equal(bad, [], 'others')


@tests.add('RFC 4975 s14.4: another certificate than described: closed')
async def wrong():
    with tempfile.TemporaryDirectory() as folder:
        async with messaging.two(transport='tcp',
                                 msrps=('on', 'on')) as (s, t):
            await s.box.msrp.secure(folder)
            known = s.box.msrp.tls.announced
            s.box.msrp.tls.announced = known[:-2] + (
                'AA' if known[-2:] != 'AA' else 'BB')
            await s.ue.command('create')
            await s.event('conference-joined')
            event = once(s, 'messaging-lost') or \
                await s.event('messaging-lost')
            equal(event['error'], 'Permission denied', event)
            check(not s.ue.named('messaging-ready'), 'ready all the same')
            await asyncio.sleep(0.2)
            equal(len(s.box.msrp.connections), 0, 'connections left')
            await s.ue.command('leave')
            await s.event('conference-ended')
            for one in (s, t):
                await messaging.gone(one)


if __name__ == '__main__':
    sys.exit(tests.main())
