#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules kamailio-tls-modules tshark openssl
# class: test
"""Our MSRP library, and two uims, with Kamailio's MSRP relay (RFC 4976):
AUTH, Use-Path, both directions, chunks, REPORT, 481, over TCP and TLS; and
tshark's opinion of every frame over TCP."""
import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab import tls, uims                                   # noqa: E402
from lab.scene import Scene, scene                          # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

TOOL = os.path.join(ROOT, 'build', 'host', 'msrptool')
RELAY = 'msrp://127.0.0.1:2855;tcp'
SECURE = 'msrps://127.0.0.1:2856;tcp'
KAMAILIO = '/usr/sbin/kamailio'
tests = Tests(60)


class Tool:
    """One end of ours, and what it says."""

    def __init__(self, port=2855):
        self.port, self.events = port, []

    async def __aenter__(self):
        self.proc = await asyncio.create_subprocess_exec(
            TOOL, '127.0.0.1', str(self.port), '0',
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        self.own = (await self.event('ready'))['self']
        return self

    async def __aexit__(self, *exc):
        if self.proc.returncode is None:
            self.proc.kill()
        await self.proc.wait()

    def do(self, line):
        self.proc.stdin.write(line.encode() + b'\n')

    async def event(self, name, seconds=10):
        """The next event of that name; others go."""
        while True:
            line = await asyncio.wait_for(self.proc.stdout.readline(),
                                          seconds)
            check(line, 'the tool has ended before %s', name)
            self.events.append(json.loads(line))
            if self.events[-1]['event'] == name:
                return self.events[-1]

    async def auth(self, user='alice', password='alicepw'):
        self.do('auth %s %s %s' % (RELAY, user, password))
        return await self.event('auth')


class Relay:
    """Kamailio as relay, with tshark beside it."""

    def __init__(self, *defines, secure=False):
        self.defines, self.secure = list(defines), secure

    async def __aenter__(self):
        if not os.access(KAMAILIO, os.X_OK):
            raise Skip('kamailio is not installed')
        self.folder = tempfile.mkdtemp(prefix='msrp-relay-')
        self.pcap = os.path.join(self.folder, 'wire.pcap')
        os.chmod(self.folder, 0o777)
        if self.secure:
            self.certificate = tls.Certificate(self.folder)
            self.defines += ['CERTIFICATE="%s/crt.pem"' % self.folder,
                             'KEY="%s/key.pem"' % self.folder]
        self.shark = await asyncio.create_subprocess_exec(
            'tshark', '-q', '-i', 'lo', '-w', self.pcap,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE)
        while b'Capturing' not in await asyncio.wait_for(
                self.shark.stderr.readline(), 10):
            pass
        self.log = open(os.path.join(self.folder, 'log'), 'wb')
        await self.start()
        return self

    async def start(self):
        self.proc = await asyncio.create_subprocess_exec(
            KAMAILIO, '-f', os.path.join(HERE, 'core', 'msrp_relay.cfg'),
            '-P', os.path.join(self.folder, 'pid'), '-Y', self.folder,
            '-m', '32', '-M', '4', '-DD', '-E',
            *(w for d in self.defines for w in ('-A', d)),
            stdout=self.log, stderr=self.log)
        for _ in range(100):
            try:
                _, w = await asyncio.open_connection('127.0.0.1', 2855)
                w.close()
                return
            except OSError:
                await asyncio.sleep(0.1)
        raise AssertionError('the relay does not start')

    async def stop(self):
        self.proc.terminate()
        await self.proc.wait()

    async def __aexit__(self, *exc):
        await self.stop()
        if self.shark.returncode is None:
            self.shark.send_signal(signal.SIGINT)
            await self.shark.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def wire(self):
        """What tshark makes of it: frames, complaints."""
        await asyncio.sleep(1)
        self.shark.send_signal(signal.SIGINT)
        await self.shark.wait()
        found = []
        for what in ('msrp.request.line || msrp.response.line',
                     'msrp && (_ws.malformed || _ws.expert.severity >= '
                     '0x400000)'):
            proc = await asyncio.create_subprocess_exec(
                'tshark', '-r', self.pcap, '-d', 'tcp.port==2855,msrp',
                '-Y', what, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL)
            out, _ = await proc.communicate()
            found.append(out.decode().splitlines())
        return found


@tests.add('RFC 4976 s5.1: AUTH, 401, AUTH, Use-Path; a wrong password')
async def auth():
    async with Relay(), Tool() as good, Tool() as bad:
        event = await good.auth()
        equal(event['status'], 200, 'AUTH')
        check(event['path'].startswith('msrp://127.0.0.1:2855/'),
              'Use-Path %s', event['path'])
        check(event['expires'] > 0, 'no Expires')
        equal((await bad.auth(password='wrong'))['status'], 401, 'AUTH')


@tests.add('RFC 4976 s5: messages both ways, 60 KB in chunks, REPORT')
async def both_ways():
    async with Relay() as relay, Tool() as alice, Tool() as bob:
        path = (await alice.auth())['path']
        # bob reaches alice by her relay; she reaches him through it
        bob.do('peer %s %s' % (path, alice.own))
        await bob.event('bound')
        alice.do('peer %s %s' % (path, bob.own))
        await alice.event('bound')

        bob.do('send 11 report')
        equal((await alice.event('received'))['same'], True, 'hello')
        event = await bob.event('sent')
        equal((event['err'], event['len']), (0, 11), 'with a REPORT')

        bob.do('send 60000 report')
        event = await alice.event('received')
        equal((event['err'], event['len'], event['same']),
              (0, 60000, True), '60 KB to alice')
        equal((await bob.event('sent'))['len'], 60000, 'confirmed')

        alice.do('send 60000 report')
        event = await bob.event('received')
        equal((event['err'], event['len'], event['same']),
              (0, 60000, True), '60 KB to bob')
        equal((await alice.event('sent'))['len'], 60000, 'confirmed')

        frames, complaints = await relay.wire()
        check(len(frames) > 20, 'tshark sees %d frames', len(frames))
        equal(complaints, [], 'what tshark complains about')


@tests.add('RFC 4975 s10.8: the relay knows no such session: 481')
async def unknown():
    async with Relay(), Tool() as bob:
        bob.do('peer msrp://127.0.0.1:2855/nosuch;tcp '
               'msrp://127.0.0.1:9/alice;tcp')
        event = await bob.event('failed')
        equal(event['status'], 481, 'status')


@contextlib.asynccontextmanager
async def two(relay, first=None, second=None):
    """Two registered uims of which each has a folder and maybe a relay."""
    with tempfile.TemporaryDirectory() as one, \
            tempfile.TemporaryDirectory() as other:
        async with scene(transport='tcp', settings=dict(
                first or {}, folder=one)) as s:
            sub = s.box.hss.find('001010000000002')
            found = uims.settings_for(
                sub, [n.address for n in s.box.pcscfs], '127.0.0.1', 'tcp')
            found.update(second or {}, timers='rfc3261', folder=other)
            async with uims.Uims(found) as ue:
                t = Scene(s.box, ue, sub)
                s.files, t.files = one, other
                for each in (s, t):
                    each.uri = (await each.registered())['impu']
                yield s, t


def settings(user='alice', password='alicepw', **more):
    return dict(more, relay=RELAY, relay_user=user, relay_password=password)


def secured(relay, user='alice', password='alicepw', **more):
    found = dict(settings(user, password), relay=SECURE, msrps='on',
                 relay_fingerprint=relay.certificate.announced.split()[1])
    return dict(found, **more)


async def once(s, name):
    """That event, whether it has come already or not."""
    found = s.ue.named(name)
    return found[-1] if found else await s.event(name)


async def chat(s, t):
    await s.ue.command('chat ' + t.uri)
    await t.event('session-incoming')
    await t.ue.command('answer')
    for each in (s, t):
        await once(each, 'messaging-ready')


async def over(*scenes):
    await scenes[0].ue.command('hangup')
    await scenes[1].event('session-ended')
    for s in scenes:
        await s.ue.command('deregister')
        await s.event('deregistered')


async def said(s, t, size):
    """A text and a file, with a REPORT, arrive as they are."""
    await s.ue.command('say hello')
    equal((await t.event('text'))['text'], 'hello', 'text')
    # letters: tshark pairs quotes across lines
    data = bytes(65 + b % 53 for b in os.urandom(size))
    path = os.path.join(s.files, '%d.bin' % size)
    with open(path, 'wb') as f:
        f.write(data)
    await s.ue.command('send ' + path)
    await t.event('file')
    with open(os.path.join(t.files, '%d.bin' % size), 'rb') as f:
        check(f.read() == data, 'other octets')
    while True:
        event = await s.event('message-sent', 'message-failed')
        check(event and event['event'] == 'message-sent', event)
        if event['bytes'] >= size:
            return


@tests.add('RFC 4976 s5: two uims, each behind the relay: texts, 60 KB in '
           'chunks, REPORT')
async def two_uims():
    async with Relay() as relay, two(
            relay, settings(), settings('bob', 'bobpw')) as (s, t):
        for each in (s, t):
            check((await once(each, 'relay-ready'))['expires'] > 0,
                  'no Expires')
        await chat(s, t)
        await said(s, t, 60000)
        await said(t, s, 60001)
        await over(s, t)
        frames, complaints = await relay.wire()
        check(len(frames) > 60, 'tshark sees %d frames', len(frames))
        equal(complaints, [], 'what tshark complains about')


@tests.add('RFC 4976 s9.2: over TLS: AUTH, Use-Path, texts, 60 KB in chunks '
           'both ways, REPORT')
async def over_tls():
    async with Relay(secure=True) as relay, two(
            relay, secured(relay), secured(relay, 'bob', 'bobpw')) as (s, t):
        for each in (s, t):
            check((await once(each, 'relay-ready'))['expires'] > 0,
                  'no Expires')
        await chat(s, t)
        await said(s, t, 60000)
        await said(t, s, 60001)
        await over(s, t)
        await asyncio.sleep(1)
        with open(relay.pcap, 'rb') as f:
            wire = f.read()
        check(len(wire) > 240000, 'tshark sees %d octets', len(wire))
        # the descriptions name it; nothing says it
        for words in (b'SEND\r\n', b'AUTH\r\n', b'From-Path'):
            check(words not in wire, '%s in the clear', words)


@tests.add('RFC 4976 s9.2: a relay with another certificate learns nothing')
async def another():
    async with Relay(secure=True) as relay, two(
            relay, secured(relay, relay_fingerprint=':'.join(['AB'] * 32))
            ) as (s, t):
        event = await once(s, 'relay-lost')
        equal(event['error'], 'Permission denied', 'error')
        await asyncio.sleep(5)
        equal(len(s.ue.named('relay-lost')), 1, 'times that it was tried')
        relay.log.flush()
        with open(relay.log.name, 'rb') as f:
            check(b'MSRP ' not in f.read(), 'it was asked')
        for each in (s, t):
            await each.ue.command('deregister')
            await each.event('deregistered')


@tests.add('RFC 4975 s10.8: over TLS the relay knows no such session: 481')
async def unknown_over_tls():
    async with Relay(secure=True) as relay, scene(
            transport='tcp', settings={'msrps': 'on'}) as s:
        # the conference is described as if it were at the relay
        s.box.msrp.tls, s.box.msrp.port = relay.certificate, 2856
        await s.registered()
        await s.ue.command('create')
        await s.event('conference-joined')
        event = await once(s, 'messaging-lost')
        equal(event['status'], 481, event)
        await s.ue.command('leave')
        await s.event('conference-ended')
        await s.ue.command('deregister')
        await s.event('deregistered')


@tests.add('RFC 4976 s8: new URIs before the time of the old ones is over')
async def refresh():
    # Kamailio answers every Expires with 423: uims goes on without
    async with Relay('SHORT') as relay, two(
            relay, settings(relay_expires=30),
            settings('bob', 'bobpw')) as (s, t):
        for each in (s, t):
            await once(each, 'relay-ready')
        await chat(s, t)
        await said(s, t, 10)
        before = invites(s)
        await s.event('session-modified', 'session-changed', seconds=25)
        await s.event('session-modified', 'session-changed', seconds=25)
        check(invites(s) > before + 1, 'no re-INVITE of each')
        await said(t, s, 5000)
        await said(s, t, 5001)
        await over(s, t)


def invites(s):
    return len([e for e in s.ue.named('message') if e['name'] == 'INVITE'])


@tests.add('the relay goes: told, and again when it is back')
async def loss():
    async with Relay() as relay, two(
            relay, settings(), settings('bob', 'bobpw')) as (s, t):
        for each in (s, t):
            await once(each, 'relay-ready')
        await chat(s, t)
        await said(s, t, 10)
        await relay.stop()
        for each in (s, t):
            await each.event('messaging-lost')
            await once(each, 'relay-lost')
        await relay.start()
        for each in (s, t):
            await each.event('relay-ready', seconds=25)
        await s.ue.command('hangup')
        await t.event('session-ended')
        await chat(s, t)
        await said(s, t, 11)
        await over(s, t)


@tests.add('RFC 4976 s5.1: a relay that refuses is left alone')
async def refused():
    async with Relay() as relay, two(
            relay, settings(password='wrong')) as (s, t):
        event = await once(s, 'relay-lost')
        equal(event['status'], 401, 'status')
        await asyncio.sleep(5)
        equal(len(s.ue.named('relay-lost')), 1, 'times that it was tried')
        await s.ue.command('chat ' + t.uri)
        await s.event('session-failed')
        for each in (s, t):
            await each.ue.command('deregister')
            await each.event('deregistered')


if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
