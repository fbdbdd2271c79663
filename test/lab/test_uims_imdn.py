#!/usr/bin/python3
# class: check
"""uims and what becomes of messages (RFC 5438), in sessions and by MESSAGE,
and messages to lists (RFC 5365)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import cpim, pages                                 # noqa: E402
from lab.test_uims_messaging import gone, joined, left, said, two  # noqa
from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(90)
BOTH = 'notify positive-delivery, display'


def fates(s, name):
    return [(e['by'], e['message']) for e in s.ue.named(name)]


async def fate(s, name, by, number):
    """It may come before the outcome of the message."""
    await s.until(lambda: (by, number) in fates(s, name), '%s: %s' % (
        name, fates(s, name)))


async def paged(s, line, status=200):
    await s.ue.command(line)
    event = await s.event('page-sent', 'page-failed')
    equal(event.get('status'), status, event)
    return event


@tests.add('RFC 5438 s7: delivery and display of a message in a chat room')
async def room():
    async with two() as (s, t):
        await joined(s, t)
        await said(s, 'say nobody asks')
        await t.event('text')
        await s.ue.command(BOTH)
        for n in (1, 2):
            await said(s, 'say number %d' % n)
            equal((await t.event('text'))['text'], 'number %d' % n, 'text')
            await fate(s, 'delivered', t.uri, n)
            await fate(s, 'displayed', t.uri, n)
        await left(s, t)
        equal(len(s.ue.named('delivered')), 2, 'notifications')


@tests.add('RFC 5438 s7.1.1.3: only what is asked for is told')
async def only():
    async with two() as (s, t):
        await joined(s, t)
        await s.ue.command('notify display')
        await said(s, 'say look')
        await t.event('text')
        await fate(s, 'displayed', t.uri, 1)
        await s.ue.command('notify')
        await said(s, 'say no more')
        await t.event('text')
        await left(s, t)
        equal(len(s.ue.named('delivered')), 0, 'delivered')
        equal(len(s.ue.named('displayed')), 1, 'displayed')


@tests.add('RFC 5438 s7.1.2: notifications of another implementation')
async def lab_peer():
    async with scene() as s:
        await s.registered()
        peer = 'sip:imdn@peer.%s' % s.box.hss.home
        await s.ue.command('chat ' + peer)
        await s.event('messaging-ready')
        await s.ue.command(BOTH)
        await said(s, 'say hello')
        await fate(s, 'delivered', peer, 1)
        await fate(s, 'displayed', peer, 1)
        await s.ue.command('hangup')
        await s.event('session-ended')
        await gone(s)


@tests.add('RFC 5438 with MESSAGE: another implementation notifies')
async def page_peer():
    async with scene() as s:
        await s.registered()
        peer = 'sip:imdn@pages.%s' % s.box.hss.home
        await s.ue.command(BOTH)
        await paged(s, 'message %s hello' % peer)
        await fate(s, 'delivered', peer, 1)
        await fate(s, 'displayed', peer, 1)
        await gone(s)


@tests.add('RFC 5438 s7.2.1: by MESSAGE, back through the stations')
async def stations():
    # the notifications are longer than what goes over UDP by itself
    async with scene('set udp_limit 0') as s:
        impu = (await s.registered())['impu']
        host = 'pages.%s' % s.box.hss.home
        account = next(iter(a for a in s.box.scscf.accounts.values()
                            if a.binding))
        msg = cpim.make('sip:friend@' + host, impu, 'hello', imdn_id='id-1',
                        want='display, positive-delivery,unknown')
        for n in ('station', 'other'):
            msg.add('imdn.IMDN-Record-Route', '<sip:%s@%s>' % (n, host))
        msg.add('imdn.Original-To', '<sip:group@%s>' % host)
        # s14.2: who is not the sender gets none
        s.box.pages.send(impu, account, 'sip:friend@' + host,
                         msg.to_bytes(), 'message/cpim')
        equal((await s.event('page'))['text'], 'hello', 'text')
        s.box.pages.send(impu, account, 'sip:station@' + host,
                         msg.to_bytes(), 'message/cpim')
        equal((await s.event('page'))['text'], 'hello', 'text')
        heard = s.box.pages.heard
        await s.until(lambda: len(heard) == 2, 'two notifications')
        found = {}
        for req in heard:
            equal(req.uri, 'sip:station@' + host, 'Request-URI')
            got = cpim.parse(req.body)
            equal([cpim.address(v) for v in
                   got.values('imdn.IMDN-Route')],
                  ['sip:station@' + host, 'sip:other@' + host], 'stations')
            equal(cpim.address(got.get('To')), 'sip:friend@' + host, 'To')
            check(got.imdn('Message-ID') != 'id-1', 'the same Message-ID')
            doc = pages.document(req.body)
            found[doc['kind']] = doc
        for kind, status in (('delivery', 'delivered'),
                             ('display', 'displayed')):
            equal((found[kind]['status'], found[kind]['message-id'],
                   found[kind]['datetime'],
                   found[kind]['original-recipient-uri']),
                  (status, 'id-1', '2026-01-01T00:00:00Z',
                   'sip:group@' + host), kind)
        await gone(s)


@tests.add('RFC 5438 s7.2.1: never a notification about a notification')
async def no_ping_pong():
    async with scene() as s:
        impu = (await s.registered())['impu']
        friend = 'sip:friend@pages.%s' % s.box.hss.home
        account = next(iter(a for a in s.box.scscf.accounts.values()
                            if a.binding))
        msg = cpim.make(friend, impu, cpim.imdn_document(
            'unknown', '2026-01-01T00:00:00Z'), 'message/imdn+xml',
            imdn_id='id-2', want='positive-delivery, display')
        s.box.pages.send(impu, account, friend, msg.to_bytes(),
                         'message/cpim')
        await fate(s, 'delivered', friend, 0)
        await gone(s)
        equal(s.box.pages.heard, [], 'notifications')


@tests.add('RFC 5365 s4: a MESSAGE to a list, with notifications (RFC 5438 '
           's8)')
async def to_list():
    async with two(transport='tcp') as (s, t):
        await s.ue.command(BOTH)
        await paged(s, 'message %s,%s,%s to all of you' % (
            t.uri, t.uri, s.uri), 202)
        for one in (s, t):
            equal((await one.event('page'))['text'], 'to all of you', 'text')
        for name in ('delivered', 'displayed'):
            for one in (s, t):
                await fate(s, name, one.uri, 1)
        for one in (s, t):
            await gone(one)
        equal(len(t.ue.named('page')), 1, 'once')


@tests.add('RFC 5365 s6: a service that knows no lists; a body in a URI')
async def refused():
    async with scene() as s:
        await s.registered()
        s.box.pages.refuse = 420
        await paged(s, 'message sip:a@example.com,sip:b@example.com hi', 420)
        await s.ue.command('message sip:a@example.com?Body=x,sip:b@x hi')
        await s.event('error')
        equal(len(s.box.pages.heard), 1, 'requests')
        await gone(s)


if __name__ == '__main__':
    sys.exit(tests.main())
