#!/usr/bin/python3
# class: test
"""uims in conferences of the lab's conference server (TS 24.147 5.3.1, RFC
4579, RFC 4575; TS 34.229-1 15.17 to 15.21)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)
AUDIO = {'audio': '4000'}


def roster(event):
    """{entity: status} of an event with users."""
    return dict(u.rsplit(' ', 1) for u in event['users'].split(', ') if u)


async def roster_with(s, *wanted):
    """The next roster event in which these (entity, status) are."""
    while True:
        found = roster(await s.event('roster'))
        if all(found.get(uri) == status for uri, status in wanted):
            return found


async def created(s, *uris):
    await s.registered()
    await s.ue.command('create ' + ' '.join(uris))
    event = await s.event('conference-joined', 'conference-failed')
    equal(event['event'], 'conference-joined', event)
    await s.event('conference-subscribed')
    return event['conference']


async def left(s):
    await s.ue.command('leave')
    await s.event('conference-ended')
    await s.deregister()


for transport in ('udp', 'tcp'):
    @tests.add('TS 34.229-1 15.17: create at the factory, subscribe, leave, '
               + transport, transport)
    async def create(transport):
        async with scene(transport=transport, settings=AUDIO) as s:
            uri = await created(s)
            own = s.sub.temporary
            found = roster(await s.event('roster'))
            equal(list(found.values()), ['connected'], found)
            check(uri != s.box.conf.factory, 'the factory is no focus')
            await left(s)
            equal(s.box.do('conf')[0]['subscriptions'], 0, own)


@tests.add('RFC 5366: create with a list of users')
async def create_list():
    async with scene(settings=AUDIO, transport='tcp') as s:
        robot = 'sip:robot1@' + s.box.hss.home
        await created(s, robot)
        await roster_with(s, (robot, 'connected'))
        await left(s)


@tests.add('TS 34.229-1 15.19: invite by REFER to the focus, remove, leave')
async def invite():
    async with scene(settings=AUDIO) as s:
        robot = 'sip:robot1@' + s.box.hss.home
        busy = 'sip:busy1@' + s.box.hss.home
        await created(s)
        await s.ue.command('invite ' + robot)
        event = await s.event('invited', 'invite-failed')
        equal((event['event'], event['status']), ('invited', 200), event)
        await s.ue.command('invite ' + busy)
        event = await s.event('invited', 'invite-failed')
        equal((event['event'], event['status']), ('invite-failed', 486),
              event)
        await s.ue.command('remove ' + robot)
        event = await s.event('removed', 'remove-failed')
        equal((event['event'], event['status']), ('removed', 200), event)
        await s.until(lambda: 'connected' not in [
            v for e in s.ue.named('roster')[-1:]
            for k, v in roster(e).items() if k == robot], 'a roster without')
        await left(s)


@tests.add('RFC 5368: invite several at once')
async def invite_many():
    async with scene(settings=AUDIO, transport='tcp') as s:
        one, two = ('sip:robot%d@%s' % (n, s.box.hss.home) for n in (1, 2))
        await created(s)
        await s.ue.command('invite %s %s' % (one, two))
        equal((await s.event('invited', 'invite-failed'))['event'],
              'invited', 'REFER')
        await roster_with(s, (one, 'connected'), (two, 'connected'))
        await left(s)


@tests.add('TS 24.147 5.3.1.4.1: join by URI, hold, resume, leave')
async def join():
    async with scene(settings=AUDIO) as s:
        uri = s.box.do('conf new table sip:robot9@' + s.box.hss.home)
        await s.registered()
        await s.ue.command('join ' + uri)
        equal((await s.event('conference-joined', 'conference-failed'))[
            'event'], 'conference-joined', 'join')
        await s.event('roster')
        for what in ('hold', 'resume'):
            await s.ue.command(what)
            equal((await s.event('conference-modified',
                                 'conference-modify-failed'))['event'],
                  'conference-modified', what)
        await left(s)


@tests.add('TS 24.147 5.3.1.6.2: removed by the focus')
async def removed():
    async with scene(settings=AUDIO) as s:
        uri = await created(s)
        await s.event('roster')
        s.box.do('conf end ' + uri)
        event = await s.event('conference-ended')
        equal(event['by_peer'], True, event)
        await s.deregister()


@tests.add('A conference that is not there')
async def unknown():
    async with scene(settings=AUDIO) as s:
        await s.registered()
        await s.ue.command('join sip:nothing@conf-factory.'
                           + s.box.hss.home)
        event = await s.event('conference-joined', 'conference-failed')
        equal((event['event'], event['status']), ('conference-failed', 404),
              event)
        await s.deregister()


@tests.add('RFC 4575: subscribe without taking part; a gap, a refresh')
async def watch():
    async with scene(settings=AUDIO) as s:
        uri = s.box.do('conf new table sip:robot9@' + s.box.hss.home)
        await s.registered()
        await s.ue.command('subscribe ' + uri)
        await s.event('conference-subscribed')
        # RFC 6665 s4.4.1: the NOTIFY may have come before the 200
        await s.until(lambda: s.ue.named('roster'), 'roster')
        await s.ue.command('unsubscribe')
        await s.event('conference-ended')
        await s.deregister()


sys.exit(tests.main())
