#!/usr/bin/python3
# class: check
"""uims with messages: chat rooms of the lab's conference server and sessions
from UE to UE (TS 24.247 A.5.1, RFC 4975, RFC 7701, RFC 5438, RFC 3994)."""
import asyncio
import contextlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import uims                                        # noqa: E402
from lab.scene import Scene, scene                          # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(90)


@contextlib.asynccontextmanager
async def two(*lines, msrps=(None, None), audio=None, **kw):
    """Two registered UEs in one network, each with a folder for files."""
    with tempfile.TemporaryDirectory() as one, \
            tempfile.TemporaryDirectory() as other:
        async with scene(*lines, settings={
                'folder': one, 'msrps': msrps[0], 'audio': audio},
                **kw) as s:
            sub = s.box.hss.find('001010000000002')
            found = uims.settings_for(
                sub, [n.address for n in s.box.pcscfs], '127.0.0.1',
                kw.get('transport', 'udp'))
            found.update(timers='rfc3261', folder=other)
            if msrps[1]:
                found['msrps'] = msrps[1]
            if audio:
                found['audio'] = audio
            async with uims.Uims(found) as ue:
                t = Scene(s.box, ue, sub)
                s.files, t.files = one, other
                for one_ in (s, t):
                    event = await one_.registered()
                    one_.uri = event['impu']
                yield s, t


async def joined(*scenes):
    """All in one conference; its URI."""
    await scenes[0].ue.command('create')
    event = await scenes[0].event('conference-joined', 'conference-failed')
    equal(event['event'], 'conference-joined', event)
    uri = event['conference']
    for s in scenes[1:]:
        await s.ue.command('join ' + uri)
        event = await s.event('conference-joined', 'conference-failed')
        equal(event['event'], 'conference-joined', event)
    for s in scenes:
        if not s.ue.named('messaging-ready'):
            await s.event('messaging-ready')
    # its ACK, or its first SEND, may still be on its way to the switch
    room = scenes[0].box.conf.conferences[uri].room
    await scenes[0].until(lambda: len(room.members) == len(scenes) and all(
        m and m.conn for m in room.members.values()), 'all bound')
    return uri


async def gone(s):
    await s.ue.command('deregister')
    await s.event('deregistered')


async def left(*scenes):
    for s in scenes:
        await s.ue.command('leave')
        await s.event('conference-ended')
        await gone(s)


async def said(s, line):
    await s.ue.command(line)
    event = await s.event('message-sent', 'message-failed')
    equal(event['event'], 'message-sent', event)


async def heard(s, name='text'):
    return await s.event(name)


for kind in ('udp', 'tcp'):
    @tests.add('TS 24.247 A.5.1, RFC 7701 s6: join, say, hear, ' + kind,
               kind)
    async def room(transport):
        async with two(transport=transport) as (s, t):
            uri = await joined(s, t)
            await said(s, 'say hello there')
            event = await heard(t)
            equal((event['text'], event['from'], event['to']),
                  ('hello there', s.uri, uri), 'to all')
            await said(t, 'say hi')
            equal((await heard(s))['text'], 'hi', 'to all')
            await left(s, t)


@tests.add('RFC 7701 s6.2, s7: private message, nickname, one that is taken')
async def private():
    async with two() as (s, t):
        await joined(s, t)
        await said(s, 'say @%s psst' % t.uri)
        event = await heard(t)
        equal((event['text'], event['to']), ('psst', t.uri), 'to one')
        await s.ue.command('nick Alice')
        equal((await s.event('nickname', 'nickname-refused'))['status'],
              200, 'nickname')
        await t.ue.command('nick alice')
        event = await t.event('nickname', 'nickname-refused')
        equal((event['event'], event['status']), ('nickname-refused', 425),
              'taken')
        await left(s, t)


@tests.add('RFC 7701 s6.2: nobody with that URI in the room: 404')
async def nobody():
    async with two() as (s, t):
        await joined(s, t)
        await s.ue.command('say @sip:nobody@example.com hello')
        event = await s.event('message-sent', 'message-failed')
        equal((event['event'], event.get('status')),
              ('message-failed', 404), event)
        await left(s, t)


@tests.add('a file through the room: the same octets arrive')
async def send_file():
    async with two() as (s, t):
        await joined(s, t)
        data = os.urandom(20000)
        path = os.path.join(s.files, 'picture.jpg')
        with open(path, 'wb') as f:
            f.write(data)
        await said(s, 'send ' + path)
        event = await heard(t, 'file')
        equal(event['bytes'], len(data), 'length')
        with open(os.path.join(t.files, 'picture.jpg'), 'rb') as f:
            check(f.read() == data, 'other octets')
        await left(s, t)


@tests.add('RFC 5547 s10: the name of a file in a chat is made safe, and only '
           'its owner reads it')
async def names():
    async with two() as (s, t):
        await joined(s, t)
        for n, (name, kept) in enumerate((
                (b'-r$(x)`y`;z', '_r_(x)_y__z'), (b'.profile', '_profile'),
                (b'~root%7f%c2%9b%ff', '_root_7f_c2_9b_ff'),
                (b'%2e%2E%2fup', '_2e_2E_2fup'), (b'-r$(x)`y`;z', '_r_(x)_y__z.1'),
                (b'100% sure', '100_ sure'), ('b\xe4r'.encode(), 'b\xe4r'))):
            path = os.path.join(s.files.encode(), name)
            with open(path, 'wb') as f:
                f.write(b'octets %d' % n)
            await said(s, 'send ' + os.fsdecode(path))
            event = await heard(t, 'file')
            path = os.path.join(t.files, kept)
            equal(event['file'], path, 'where it is')
            with open(path, 'rb') as f:
                equal(f.read(), b'octets %d' % n, 'octets')
            equal(os.stat(path).st_mode & 0o777, 0o600, 'who reads it')
        await left(s, t)


@tests.add('RFC 3994: the other one types')
async def typing():
    async with two() as (s, t):
        await joined(s, t)
        await said(s, 'typing')
        equal((await heard(t, 'typing'))['active'], True, 'active')
        await said(s, 'typing off')
        equal((await heard(t, 'typing'))['active'], False, 'idle')
        await left(s, t)


@tests.add('RFC 4975 s10.5: the peer answers 413')
async def refused():
    async with two() as (s, t):
        await joined(s, t)
        s.box.do('msrp at SEND status 413')
        await s.ue.command('say no')
        event = await s.event('message-sent', 'message-failed')
        equal((event['event'], event.get('status')),
              ('message-failed', 413), event)
        s.box.do('msrp rules clear')
        await said(s, 'say yes')
        equal((await heard(t))['text'], 'yes', 'afterwards')
        await left(s, t)


@tests.add('RFC 4975 s7.1: abort a file that is on its way: #')
async def aborted():
    async with two() as (s, t):
        s.box.msrp.max_size = 4000000
        await joined(s, t)
        path = os.path.join(s.files, 'large.bin')
        with open(path, 'wb') as f:
            f.write(os.urandom(3000000))
        s.box.do('msrp at SEND ignore')
        seen = len(s.box.msrp.trace)
        await s.ue.command('send ' + path)
        chunks = []
        while len(chunks) < 4:          # it waits for their responses
            await asyncio.sleep(0.05)
            chunks = [f for way, _, f in s.box.msrp.trace[seen:]
                      if way == 'up' and f.flag == '+']
        await s.ue.command('abort')
        event = await s.event('message-sent', 'message-failed')
        equal((event['event'], event['bytes']), ('message-failed', 0), event)
        await asyncio.sleep(0.2)
        last = s.box.msrp.trace[-1][2]
        equal((last.flag, last.body, last.get('Message-ID')),
              ('#', b'', chunks[0].get('Message-ID')), 'the last chunk')
        # s7.1.1: without octets there is no other place
        equal(last.range()[0], 1, 'where it begins')
        s.box.do('msrp rules clear')
        await said(s, 'say yes')
        equal((await heard(t))['text'], 'yes', 'afterwards')
        await left(s, t)


@tests.add('RFC 4975 s7: what comes octet by octet')
async def pieces():
    async with two() as (s, t):
        await joined(s, t)
        s.box.do('msrp pieces 1')
        for n in range(3):
            await said(s, 'say number %d' % n)
            equal((await heard(t))['text'], 'number %d' % n, 'text')
        await left(s, t)


@tests.add('TS 24.247 8: a session with messages from UE to UE, 1 MB')
async def one_to_one():
    async with two() as (s, t):
        await s.ue.command('chat ' + t.uri)
        await t.event('session-incoming')
        await t.ue.command('answer')
        for one in (s, t):
            if not one.ue.named('messaging-ready'):
                await one.event('messaging-ready')
        await said(s, 'say hello')
        equal((await heard(t))['text'], 'hello', 'text')
        data = os.urandom(1000000)
        path = os.path.join(t.files, 'large.bin')
        with open(path, 'wb') as f:
            f.write(data)
        await said(t, 'send ' + path)
        await heard(s, 'file')
        with open(os.path.join(s.files, 'large.bin'), 'rb') as f:
            check(f.read() == data, 'other octets')
        await s.ue.command('hangup')
        await t.event('session-ended')
        for one in (s, t):
            await gone(one)


@tests.add('RFC 3264 s5: UEs with audio and messages: a call, and beside it a '
           'session with messages')
async def audio_beside():
    async with two(audio='40000') as (s, t):
        for command, port in (('call', 40000), ('chat', None)):
            await s.ue.command('%s %s' % (command, t.uri))
            await t.event('session-incoming')
            await t.ue.command('answer')
            if port:
                for one in (s, t):
                    event = await one.event('session-established')
                    equal(event['media'], '127.0.0.1:%d' % port, event)
                    equal(event['codec'], 'AMR-WB', event)
        for one in (s, t):
            if not one.ue.named('messaging-ready'):
                await one.event('messaging-ready')
        await said(s, 'say hello')
        equal((await heard(t))['text'], 'hello', 'text')
        for one in (s, t):
            await gone(one)


@tests.add('TS 24.247 5, RFC 3428 s4, s5, s7, s8: a MESSAGE to another UE; '
           'one that nobody answers')
async def page():
    async with two() as (s, t):
        await s.ue.command('message %s hello' % t.uri)
        event = await s.event('page-sent', 'page-failed')
        equal((event['event'], event['status']), ('page-sent', 200), event)
        event = await t.event('page')
        equal((event['text'], event['from']), ('hello', s.uri), event)
        await s.ue.command('message sip:nobody@%s hello' % s.box.hss.home)
        equal((await s.event('page-sent', 'page-failed'))['event'],
              'page-failed', 'to nobody')
        for one in (s, t):
            await gone(one)


if __name__ == '__main__':
    sys.exit(tests.main())
