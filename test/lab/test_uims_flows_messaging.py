#!/usr/bin/python3
# class: test
"""uims in messaging conferences of the lab: the flows A.5.1 and A.5.2 of TS
24.247 by their tables, chat rooms (RFC 7701), and an MSRP peer that
misbehaves (RFC 4975)."""
import asyncio
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import flows, sdp as sdps                          # noqa: E402
from lab.conf_scene import another, conference, leave, run, up  # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)
MESSAGING = {'messages': 'on', 'audio': None}
QUOTE = "those are my principles. If you don't like them I have others"


@contextlib.asynccontextmanager
async def chat(*lines, settings=(), **kw):
    async with conference('set conf_media message', *lines,
                          settings={**MESSAGING, **dict(settings)},
                          **kw) as s:
        yield s


async def joined(s, *robots):
    """In the conference `room`, messages can be sent."""
    uri = s.box.do('conf new room ' + ' '.join(robots))
    event = await run(s, 'join ' + uri, 'conference-joined',
                      'conference-failed')
    equal(event['event'], 'conference-joined', 'event')
    await ready(s)
    return s.box.conf.conferences[uri]


async def ready(s, ue=None, sub=None):
    """Messages can be sent, and the switch knows whose connection it is."""
    event = await (ue or s.ue).event('messaging-ready', 'messaging-lost')
    equal(event and event['event'], 'messaging-ready', 'event')
    uri = (sub or s.sub).impus[0]
    conf = list(s.box.conf.conferences.values())[-1]
    await s.until(lambda: conf.room.members[uri].conn, 'bound')


async def say(s, text):
    event = await run(s, 'say ' + text, 'message-sent', 'message-failed')
    return event


def frames(s, way, method=None, status=None):
    return [f for w, _, f in s.box.msrp.trace if w == way and
            (method is None or f.method == method) and
            (status is None or f.status == status)]


def described(s, msg, printed, setup):
    """The lines that the tables print, with what stands for them here."""
    found = sdps.parse(msg.body)
    media, = found.media
    equal((media.kind, media.proto, media.formats),
          ('message', 'TCP/MSRP', ['*']), 'm=')
    check(media.port, 'm= without port')
    for name in ('accept-types', 'path', 'max-size'):
        check(media.get(name), 'no a=%s', name)
    types = media.get('accept-types').split(' ')
    check(set(types) >= {'message/cpim', 'text/plain'}, 'types %s', types)
    check(media.has('msrp-cema'), 'no a=msrp-cema')
    check(media.get('setup') in setup, 'setup %s', media.get('setup'))
    # RFC 6714 s4.2.1: the path repeats c= and the port
    check(media.get('path').startswith('msrp://%s:%d/' % (
        '[%s]' % found.address(media) if ':' in found.address(media)
        else found.address(media), media.port)), 'path %s', media.get('path'))
    check(printed, 'table')
    return media


# ---- A.5.1: a UE joins

async def a51(network, host):
    async with chat('set conf_chatroom off', transport=network,
                    host=host) as s:
        conf = await joined(s)
        invite, = up(s, 'INVITE')
        # step 1
        equal(flows.compare('A.5.1-1', invite, {
            'Request-URI': conf.uri, 'Max-Forwards': '70',
            'Route': ', '.join(invite.values('Route')),
            'From': lambda got, _: got.startswith('<%s>;tag=' %
                                                  s.sub.impus[0]),
            'To': '<%s>' % conf.uri, 'Call-ID': lambda got, _: bool(got),
            }, lacks={
                'Require': flows.SEC, 'Proxy-Require': flows.SEC,
                'Security-Verify': flows.SEC,
                'P-Access-Network-Info': flows.PANI}), [], 'A.5.1-1')
        mine = described(s, invite, 'A.5.1-1', ('active', 'actpass'))
        # steps 16, 17
        answer = [e.msg for e in s.box.seen('200', 'down')
                  if e.msg.get('Call-ID') == invite.get('Call-ID')][0]
        theirs, = sdps.parse(answer.body).media
        equal(theirs.get('setup'), 'passive', 'A.5.1-12')
        ack, = up(s, 'ACK')
        equal(flows.compare('A.5.1-17', ack, {
            'Request-URI': conf.uri, 'Max-Forwards': '70',
            'Route': ', '.join(reversed(answer.values('Record-Route'))),
            'From': invite.get('From'), 'To': answer.get('To'),
            'Call-ID': invite.get('Call-ID'),
            'CSeq': '%d ACK' % invite.cseq()[0]}), [], 'A.5.1-17')
        # step 22: the UE has connected; steps 23, 24
        event = await say(s, QUOTE)
        equal(event['event'], 'message-sent', 'event')
        send = [f for f in frames(s, 'up', 'SEND') if f.body][0]
        names = [n for n, _ in send.headers]
        equal(names[:3], ['To-Path', 'From-Path', 'Message-ID'], 'A.5.1-23')
        equal(send.get('To-Path'), theirs.get('path'), 'To-Path')
        equal(send.get('From-Path'), mine.get('path'), 'From-Path')
        size = len(QUOTE)
        start, end, total = send.range()
        equal((start, total), (1, size), 'Byte-Range')
        check(end in (None, size), 'Byte-Range')
        equal(send.get('Content-Type').split(';')[0], 'text/plain',
              'Content-Type without the quotes of the table')
        equal((send.body, send.flag), (QUOTE.encode(), '$'), 'body')
        equal(conf.room.heard[-1][2], QUOTE.encode(), 'what was heard')
        await leave(s)
        await s.until(lambda: not s.box.msrp.connections, 'closed')
        await s.deregister()


for net, at in (('udp', '127.0.0.1'), ('tcp', '127.0.0.1'), ('udp', '::1')):
    tests.add('TS 24.247 A.5.1, tables A.5.1-1 to A.5.1-24, %s, %s' % (
        net, 'IPv6' if ':' in at else 'IPv4'), net, at)(a51)


# ---- A.5.2: the focus invites

async def a52(setup):
    async with chat('set conf_chatroom off', 'set conf_setup ' + setup) as s:
        uri = s.box.do('conf new room sip:robot1@x.y')
        conf = s.box.conf.conferences[uri]
        s.box.do('conf invite room %s sip:robot1@x.y' % s.sub.impus[0])
        event = await s.event('conference-invitation')
        equal(event['conference'], conf.uri, 'conference URI')
        event = await run(s, 'accept', 'conference-joined',
                          'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        await ready(s)
        invite = s.box.seen('INVITE', 'down')[0].msg
        offer, = sdps.parse(invite.body).media
        # step 11
        ringing = [e.msg for e in s.box.seen('180', 'up')][0]
        equal(s.box.seen('100', 'up'), [], '100')
        equal(flows.compare('A.5.2-11', ringing, {
            **{name: ', '.join(invite.values(name)) for name in (
                'Via', 'From', 'Call-ID', 'CSeq')},
            'To': lambda got, _: got.startswith(invite.get('To') + ';tag=')},
            status=180), [], 'A.5.2-11')
        # step 13
        ok = [e.msg for e in s.box.seen('200', 'up')
              if e.msg.get('Call-ID') == invite.get('Call-ID')][0]
        equal(flows.compare('A.5.2-13', ok, {
            'Via': ', '.join(invite.values('Via')),
            'Record-Route': ', '.join(invite.values('Record-Route')),
            'From': invite.get('From'),
            'To': lambda got, _: got.startswith(invite.get('To') + ';tag='),
            'Call-ID': invite.get('Call-ID'), 'CSeq': invite.get('CSeq')},
            lacks={'P-Access-Network-Info': flows.PANI}), [],
              'A.5.2-13')
        want = ('passive',) if setup == 'active' else ('active', 'passive')
        mine = described(s, ok, 'A.5.2-13', want)
        # steps 21 to 23
        text = 'I will never be a member of a club'
        conf.room.members[s.sub.impus[0]].send(text.encode(), 'text/plain')
        event = await s.event('text')
        equal(event.get('text'), text, 'text')
        send = [f for f in frames(s, 'down', 'SEND') if f.body][-1]
        await s.until(lambda: [f for f in frames(s, 'up', status=200)
                               if f.tid == send.tid], 'the 200 of the UE')
        answer = [f for f in frames(s, 'up', status=200)
                  if f.tid == send.tid][0]
        # the table prints the paths of the request unchanged: wrong by RFC
        # 4975 s7.2
        equal([n for n, _ in answer.headers], ['To-Path', 'From-Path'],
              'A.5.2-23')
        equal(answer.get('To-Path'), offer.get('path'), 'To-Path')
        equal(answer.get('From-Path'), mine.get('path'), 'From-Path')
        await leave(s)


tests.add('TS 24.247 A.5.2, tables A.5.2-1 to A.5.2-23', 'active')(a52)
tests.add('TS 24.247 A.5.2 with an offer of actpass (RFC 6135 s4.2)',
          'actpass')(a52)


# ---- chat rooms

@tests.add('RFC 7701 s6.1, s6.3: two UEs talk, to all and to one; nobody hears '
           'himself')
async def talking():
    async with chat() as s, another(s, messages='on') as two:
        conf = await joined(s, 'sip:robot1@x.y')
        await two.command('join ' + conf.uri)
        await ready(s, two, two.sub)
        for line, text, to in (
                ('say hello', 'hello', conf.uri),
                ('say @%s for you' % two.sub.impus[0], 'for you',
                 two.sub.impus[0])):
            event = await run(s, line, 'message-sent', 'message-failed')
            equal(event['event'], 'message-sent', 'event')
            event = await two.event('text')
            equal((event.get('from'), event.get('to'), event.get('text')),
                  (s.sub.impus[0], to, text), 'heard')
        event = await run(s, 'say @sip:nobody@x.y hello', 'message-sent',
                          'message-failed')
        equal((event['event'], event.get('status')), ('message-failed', 404),
              'event')
        conf.room.private = False
        event = await run(s, 'say @sip:robot1@x.y hello', 'message-sent',
                          'message-failed')
        equal(event.get('status'), 428, 'status')
        s.box.do('conf say room robot1 "good day to all"')
        for ue in (s.ue, two):
            event = await ue.event('text')
            equal(event.get('text'), 'good day to all', 'heard')
        equal(len(s.ue.named('text')), 1, 'own words')
        await leave(s)


@tests.add('RFC 7701 s7: nicknames')
async def nicknames():
    async with chat() as s:
        conf = await joined(s, 'sip:robot1@x.y')
        conf.room.nicks['sip:robot1@x.y'] = 'Ann'
        for name, status in (('Bob', 200), ('ann', 425), ('Bo', 200)):
            event = await run(s, 'nick ' + name, 'nickname',
                              'nickname-refused')
            equal(event.get('status'), status, name)
        equal(conf.room.nicks, {'sip:robot1@x.y': 'Ann',
                                s.sub.impus[0]: 'Bo'}, 'nicknames')
        await leave(s)


# ---- what goes wrong

async def refused(action, status):
    async with chat() as s:
        conf = await joined(s)
        s.box.do('msrp at SEND:1 ' + action)
        event = await say(s, 'one')
        equal((event['event'], event.get('status')),
              ('message-failed', status), 'event')
        event = await say(s, 'two')
        equal(event['event'], 'message-sent', 'the next one')
        equal([b for _, _, b in conf.room.heard], [b'two'], 'heard')
        await leave(s)


for code in (400, 403, 413, 415, 423):
    tests.add('RFC 4975 s10: %d' % code, 'status %d' % code, code)(refused)


@tests.add('RFC 4975: octets that come one by one, long messages')
async def pieces():
    async with chat('msrp pieces 1') as s:
        conf = await joined(s, 'sip:robot1@x.y')
        equal((await say(s, 'x' * 400))['event'], 'message-sent', 'event')
        for size in (1, 2047, 2048, 2049, 9000):
            s.box.do('conf say room robot1 ' + 'y' * size)
            event = await s.event('text')
            # a line of output holds no more than its start
            check(event['text'] == 'y' * min(size, len(event['text'])) and
                  len(event['text']) >= min(size, 1000), '%d: %s', size,
                  event)
        check(conf.room.heard, 'nothing heard')
        await leave(s)


@tests.add('RFC 4975 s5.4: the connection breaks, the session stays')
async def broken():
    async with chat() as s:
        await joined(s)
        s.box.do('msrp close')
        await s.event('messaging-lost')
        await leave(s)
        await s.deregister()


@tests.add('RFC 4975 s9: octets that are no MSRP')
async def garbage():
    for i in range(9):
        async with chat(complaints=False) as s:
            await joined(s)
            s.box.do('msrp at SEND:1 garbage %d' % i)
            event = await say(s, 'hello')
            check(event['event'] in ('message-sent', 'message-failed'),
                  'event %s', event)
            await leave(s)


@tests.add('RFC 4975 s8.6: more than the other takes is not sent')
async def too_large():
    async with chat('msrp set max_size 300') as s:
        await joined(s)
        before = len(frames(s, 'up', 'SEND'))
        await s.ue.command('say ' + 'x' * 400)
        await s.event('error')
        await asyncio.sleep(0.1)
        equal(len(frames(s, 'up', 'SEND')), before, 'SENDs')
        await leave(s)


if __name__ == '__main__':
    sys.exit(tests.main())
