#!/usr/bin/python3
# class: test
"""The flows of the conference texts by their tables, uims in the lab: leaving
(TS 24.147 clause 6.5.2.1), and what TS 24.147 clause 5.3.1, RFC 4575, 4579,
5366 and 5368 ask around them."""
import asyncio
import os
import sys
from urllib.parse import unquote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import sip                                         # noqa: E402
from lab.conf_scene import (AUDIO, another, conference, create,  # noqa: E402
                            leave, leaving, other, roster, run, up)
from lab.testing import Tests, check, equal                 # noqa: E402
from lab.tinyconf import sipfrags                           # noqa: E402

tests = Tests(60)

# ---- TS 24.147 6.5.2.1: a user leaves a conference

for words, lines in (('', ()), (', documents as printed',
                                ('set conf_form seed',))):
    for net in ('udp', 'tcp'):
        tests.add('TS 24.147 6.5.2.1, tables 6.5.2.1-1 to 6.5.2.1-25, %s%s'
                  % (net, words), net, *lines)(leaving)


@tests.add('TS 34.229-1 15.17: the focus ends the subscription by itself')
async def focus_ends():
    async with conference('set conf_sub_ends on') as s:
        conf = await create(s)
        await s.event('roster')
        await leave(s)
        await s.until(lambda: not conf.notifier.subs, 'no subscription')
        await s.deregister()


# ---- creating, joining

@tests.add('TS 24.147 5.3.1.3.2: created by the factory URI, the 200 names '
           'the conference')
async def factory():
    async with conference() as s:
        conf = await create(s)
        await roster(s, me='connected')
        sub, = up(s, 'SUBSCRIBE', Event='conference')
        equal(sub.uri, conf.uri, 'Request-URI of SUBSCRIBE')
        await leave(s)
        await s.deregister()


@tests.add('RFC 5366: created with a list of users')
async def with_list():
    async with conference(transport='tcp') as s:
        await create(s, 'sip:robot1@' + s.home, 'sip:robot2@' + s.home)
        await roster(s, me='connected', robot1='connected',
                     robot2='connected')
        await leave(s)


async def join(host):
    async with conference(host=host) as s:
        uri = s.box.do('conf new meeting sip:robot1@x.y')
        event = await run(s, 'join ' + uri, 'conference-joined',
                          'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        equal(event['conference'], uri, 'conference URI')
        await roster(s, me='connected', robot1='connected')
        await leave(s)


tests.add('TS 24.147 5.3.1.4.1: joined by its URI, IPv4', '127.0.0.1')(join)
tests.add('TS 24.147 5.3.1.4.1: joined by its URI, IPv6', '::1')(join)


async def refused(status, *lines):
    async with conference(*lines) as s:
        s.box.do('conf new meeting')
        event = await run(s, 'join sip:%s@%s' % (
            'meeting' if lines else 'nothing', s.box.conf.domain),
            'conference-failed', 'conference-joined')
        equal((event['event'], event.get('status')),
              ('conference-failed', status), 'event')
        await s.deregister()


tests.add('RFC 4579 s5.1: a conference that is not there: 404', 404)(refused)
tests.add('RFC 3261 s21.4.18: the focus refuses: 480', 480,
          'set conf_refuse 480')(refused)
tests.add('RFC 3261 s21.5.4: 503', 503, 'set conf_refuse 503')(refused)


@tests.add('RFC 3261 s8.1.3.4: redirected: told, not followed')
async def redirected():
    async with conference('set conf_refuse 302') as s:
        s.box.do('conf new meeting')
        event = await run(s, 'join sip:meeting@' + s.box.conf.domain,
                          'conference-failed', 'conference-joined')
        equal((event['event'], event.get('status'), event.get('contacts')),
              ('conference-failed', 302, 'sip:moved@%s, tel:+15550123' %
               s.box.conf.domain), 'event')
        equal(len(up(s, 'INVITE')), 1, 'INVITEs')
        await s.deregister()


@tests.add('TS 24.229 5.1.2A.1.1: a challenge to INVITE, with a password and '
           'without')
async def challenged():
    async with conference('set conf_challenge on', transport='tcp',
                          imsi='001010000000008') as s:
        s.box.do('conf new meeting')
        event = await run(s, 'join sip:meeting@' + s.box.conf.domain,
                          'conference-joined', 'conference-failed')
        equal(event['event'], 'conference-joined', event)
        acks = [e.msg for e in s.box.seen('ACK', 'up')]
        equal(acks[-1].get('Proxy-Authorization'),
              up(s, 'INVITE')[-1].get('Proxy-Authorization'), 'of the ACK')
        await leave(s)
        await s.deregister()
    async with conference('set conf_challenge on') as s:
        s.box.do('conf new meeting')
        event = await run(s, 'join sip:meeting@' + s.box.conf.domain,
                          'conference-failed', 'conference-joined')
        equal((event['event'], event.get('status')),
              ('conference-failed', 407), event)
        check(event.get('error'), event)
        await s.deregister()


@tests.add('TS 34.229-1 15.17: created with preconditions')
async def preconditions():
    async with conference('set conf_rel always',
                          settings={'preconditions': 'on'},
                          transport='tcp') as s:
        await create(s)
        check(up(s, 'PRACK'), 'no PRACK')
        await leave(s)
        await s.deregister()


@tests.add('TS 24.247 7.3.2.5.3: invited by the focus, with and without '
           'reliable answers')
async def invited():
    for lines in ((), ('set conf_preconditions on',)):
        async with conference(*lines) as s:
            s.box.do('conf new meeting sip:robot1@x.y')
            s.box.do('conf invite meeting %s sip:robot1@x.y' %
                     s.sub.impus[0])
            event = await s.event('conference-invitation')
            check('meeting' in event['conference'], 'event %s', event)
            event = await run(s, 'accept', 'conference-joined',
                              'conference-failed')
            equal(event['event'], 'conference-joined', 'event')
            await roster(s, me='connected', robot1='connected')
            await leave(s)


# ---- others

# with them an INVITE is too long for UDP alone (RFC 3261 s18.1.1)
PRECONDITIONS = (('', {'transport': 'udp', 'preconditions': 'off'}),
                 (' with preconditions', {'transport': 'tcp',
                                          'preconditions': 'on'}))


def both(name):
    """Without preconditions, and with them."""
    def add(func):
        for words, how in PRECONDITIONS:
            tests.add(name + words, how)(func)
        return func
    return add


def with_qos(how, *lines, **kw):
    return conference(
        'set conf_rel ' + ('always' if how['preconditions'] == 'on'
                           else 'auto'), *lines,
        settings={'preconditions': how['preconditions']},
        transport=how['transport'], **kw)


def reserved(s, how):
    """Our INVITE had preconditions, its 183 was acknowledged; or neither."""
    invite = up(s, 'INVITE')[0]
    equal((b'a=des:qos' in invite.body, bool(up(s, 'PRACK'))),
          2 * (how['preconditions'] == 'on',), 'preconditions')


@both('TS 34.229-1 15.19: REFER to the focus invites; the outcome')
async def invite(how):
    async with with_qos(how) as s:
        await create(s)
        reserved(s, how)
        for name, want, status in (('robot1', 'invited', 200),
                                   ('busy1', 'invite-failed', 486),
                                   ('nobody1', 'invite-failed', 404)):
            event = await run(s, 'invite sip:%s@%s' % (name, s.home),
                              'invited', 'invite-failed')
            equal((event['event'], event.get('status')), (want, status),
                  name)
        await roster(s, me='connected', robot1='connected')
        await leave(s)
        await s.deregister()


@both('TS 34.229-1 15.18: REFER to another UE invites')
async def refer_user(how):
    async with with_qos(how, complaints=False) as s, other(s) as two:
        conf = await create(s)
        reserved(s, how)
        two.auto = False
        await s.ue.command('refer ' + two.impus[0])
        check(await two.until(lambda: two.heard('REFER')), 'no REFER')
        refer = two.heard('REFER')[0]
        target = refer.get('Refer-To')
        check(conf.uri in target, 'Refer-To %s', target)
        equal(refer.addr('To').params, {}, 'parameters of To')
        two.send(two.flow, refer.answer(202, tag='two').add(
            'Contact', two.contact).to_bytes())
        for i, line in enumerate(('100 Trying', '200 OK')):
            notify = sip.Message('NOTIFY', str(refer.addr('Contact').uri))
            for value in refer.values('Record-Route'):
                notify.add('Route', value)
            for name, value in (
                    ('Max-Forwards', 70),
                    ('From', refer.get('To') + ';tag=two'),
                    ('To', refer.get('From')),
                    ('Call-ID', refer.get('Call-ID')),
                    ('CSeq', '%d NOTIFY' % (i + 1)), ('Event', 'refer'),
                    ('Subscription-State', 'active;expires=60' if i == 0
                     else 'terminated;reason=noresource'),
                    ('Contact', two.contact),
                    ('Content-Type', 'message/sipfrag;version=2.0')):
                notify.add(name, value)
            notify.body = ('SIP/2.0 %s\r\n' % line).encode()
            equal((await two.ask(notify)).status, 200, 'NOTIFY')
        event = await s.event('invited', 'invite-failed')
        equal((event['event'], event.get('status')), ('invited', 200),
              'event')


@both('TS 34.229-1 15.21: joins after a REFER, removed by the focus')
async def referred(how):
    async with with_qos(how, 'set conf_sub_ends on') as s, other(s) as two:
        uri = s.box.do('conf new meeting sip:robot1@x.y')
        resp = await two.refer(s.sub.impus[0], '<%s>' % uri, None, [
            ('Referred-By', '<%s>' % two.impus[0])])
        equal(resp.status, 202, 'REFER')
        event = await s.event('conference-invitation')
        equal(event.get('inviter'), two.impus[0], 'inviter')
        event = await run(s, 'accept', 'conference-joined',
                          'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        check(await two.until(lambda: len(sipfrags(two)) >= 2), 'NOTIFYs %s',
              sipfrags(two))
        equal([sipfrags(two)[0], sipfrags(two)[-1]],
              [('active', 'SIP/2.0 100 Trying'),
               ('terminated', 'SIP/2.0 200 OK')], 'what was told')
        reserved(s, how)
        invite, = up(s, 'INVITE')
        check(two.impus[0] in (invite.get('Referred-By') or ''),
              'Referred-By %s', invite.get('Referred-By'))
        await roster(s, me='connected', robot1='connected')
        s.box.do('conf drop meeting %s' % s.sub.impus[0])
        event = await s.event('conference-ended')
        equal(event.get('by_peer'), True, 'by the peer')


@tests.add('RFC 3515 s2.4.2: a REFER that is refused')
async def refer_refused():
    async with conference() as s, other(s) as two:
        uri = s.box.do('conf new meeting')
        resp = await two.refer(s.sub.impus[0], '<%s>' % uri)
        equal(resp.status, 202, 'REFER')
        await s.event('conference-invitation')
        await s.ue.command('leave')
        check(await two.until(lambda: any(
            f[0] == 'terminated' for f in sipfrags(two))), 'NOTIFYs %s',
              sipfrags(two))
        check(sipfrags(two)[-1][1].startswith('SIP/2.0 6') or
              sipfrags(two)[-1][1].startswith('SIP/2.0 4'), 'told %s',
              sipfrags(two))
        equal(up(s, 'INVITE'), [], 'INVITEs')


@tests.add('RFC 3261 s8.2.1: INITIATE and other methods nobody knows')
async def unknown_methods():
    async with conference() as s:
        for method in ('INITIATE', 'PUBLISH', 'NONSENSE'):
            s.box.do('send %s %s' % (s.impi(), method))
            await s.until(lambda m=method: [
                e for e in s.box.trace if e.way == 'up' and e.msg and
                e.msg.status in (405, 501) and e.msg.cseq()[1] == m],
                'an answer to ' + method)
        await s.deregister()


@tests.add('TS 24.147 5.3.1.6.3: removes another; RFC 4579 s5.11')
async def remove():
    async with conference() as s:
        await create(s, )
        await run(s, 'invite sip:robot1@' + s.home, 'invited')
        await roster(s, me='connected', robot1='connected')
        event = await run(s, 'remove sip:robot1@' + s.home, 'removed',
                          'remove-failed')
        equal(event['event'], 'removed', 'event')
        refer = up(s, 'REFER')[-1]
        check('method=BYE' in refer.get('Refer-To'), 'Refer-To')
        await roster(s, me='connected')
        event = await run(s, 'remove sip:robot7@' + s.home, 'removed',
                          'remove-failed')
        equal((event['event'], event.get('status')), ('remove-failed', 404),
              'event')
        await leave(s)


@tests.add('TS 24.147 5.3.1.6.2: removed by the focus')
async def removed():
    async with conference('set conf_sub_ends on') as s:
        await create(s)
        await s.event('roster')
        s.box.do('conf drop - %s' % s.sub.impus[0])
        event = await s.event('conference-ended')
        equal(event.get('by_peer'), True, 'by the peer')
        await s.deregister()


@tests.add('RFC 4579 s5.12: the end for all')
async def end_all():
    async with conference() as s:
        conf = await create(s, )
        await run(s, 'invite sip:robot1@' + s.home, 'invited')
        await s.ue.command('end')
        await s.event('conference-ended')
        await s.until(lambda: not conf.users, 'nobody left')
        await s.deregister()


@tests.add('three UEs: two of ours talk, a third is invited and removed')
async def three():
    async with conference() as s, another(s) as two, \
            another(s, '001010000000003') as three_:
        conf = await create(s)
        await two.command('join ' + conf.uri)
        check(await two.event('conference-joined'), 'not joined')
        await s.ue.command('invite ' + three_.sub.impus[0])
        check(await three_.event('conference-invitation'), 'not invited')
        await three_.command('accept')
        check(await three_.event('conference-joined'), 'not joined')
        event = await s.event('invited', 'invite-failed')
        equal(event['event'], 'invited', 'event')
        await s.until(lambda: len(conf.users) == 3, 'three users')
        event = await run(s, 'remove ' + three_.sub.impus[0], 'removed',
                          'remove-failed')
        equal(event['event'], 'removed', 'event')
        event = await three_.event('conference-ended')
        check(event and event.get('by_peer'), 'event %s', event)
        await two.command('leave')
        check(await two.event('conference-ended'), 'not left')
        await leave(s)
        equal(conf.users, {}, 'who is left')


async def three_way(network, preconditions):
    """Hold A, call B, hold B, C.10, a REFER with Replaces for each."""
    more = {'preconditions': preconditions}
    async with conference(transport=network, settings=more) as s, \
            another(s, **AUDIO, **more) as a, \
            another(s, '001010000000003', **AUDIO, **more) as b:
        calls = []
        for ue in (a, b):
            await s.ue.command('call ' + ue.sub.impus[0])
            check(await ue.event('session-incoming'), 'no call')
            await ue.command('answer')
            event = await s.event('session-established', 'session-failed')
            equal(event['event'], 'session-established', 'call')
            calls.append((ue, event['session']))
            event = await run(s, 'hold', 'session-modified',
                              'session-modify-failed')
            equal(event['event'], 'session-modified', 'hold')
            event = await ue.event('session-changed')
            check(event and event['held'], 'not on hold: %s', event)
        conf = await create(s)
        for ue, session in calls:
            invite, = [i for i in up(s, 'INVITE') if i.uri == ue.sub.impus[0]
                       and 'tag=' not in i.get('To')]
            await s.ue.command('move %d' % session)
            check(await ue.event('conference-invitation'), 'not invited')
            await ue.command('accept')
            check(await ue.event('conference-joined'), 'not joined')
            event = await s.event('moved', 'move-failed')
            equal((event['event'], event['status']), ('moved', 200), event)
            refer = up(s, 'REFER')[-1]
            equal(refer.uri, conf.uri, 'Request-URI of REFER')
            target = unquote(refer.get('Refer-To'))
            for text in ('<%s?Replaces=' % ue.sub.impus[0],
                         invite.get('Call-ID') + ';', ';to-tag=',
                         ';from-tag=' + invite.addr('From').params['tag']):
                check(text in target, 'no %s in %s', text, target)
            event = await s.event('session-ended')
            equal((event['session'], event.get('by_peer')), (session, True),
                  'the call has been replaced')
        equal(sorted(u.status for u in conf.users.values()),
              3 * ['connected'], 'who is there')
        await leave(s)


for net, qos in (('udp', 'off'), ('tcp', 'off'), ('tcp', 'on')):
    tests.add('TS 34.229-1 15.20: three-way session creation, %s, '
              'preconditions %s' % (net, qos), net, qos)(three_way)


# ---- hold

async def hold(network):
    async with conference(transport=network) as s:
        await create(s)
        await roster(s, me='connected')
        for line, status in (('hold', 'on-hold'), ('resume', 'connected')):
            event = await run(s, line, 'conference-modified',
                              'conference-modify-failed')
            equal(event['event'], 'conference-modified', 'event')
            await roster(s, me=status)
        s.box.do('conf hold - %s on' % s.sub.impus[0])
        event = await s.event('conference-changed')
        equal(event.get('held'), True, 'held')
        s.box.do('conf hold - %s off' % s.sub.impus[0])
        event = await s.event('conference-changed')
        equal(event.get('held'), False, 'held')
        await leave(s)
        await s.deregister()


tests.add('TS 34.229-1 15.11, 15.12: hold and resume from either side, udp',
          'udp')(hold)
tests.add('TS 34.229-1 15.11, 15.12: hold and resume from either side, tcp',
          'tcp')(hold)


# ---- documents

@tests.add('RFC 4575 s4.6: partial documents, lost and repeated ones, a full '
           'one brings all back')
async def documents():
    async with conference() as s:
        await create(s)
        await roster(s, me='connected')
        s.box.do('conf add - sip:robot1@x.y')
        await roster(s, me='connected', robot1='connected')
        for form in ('repeat', 'old', 'broken', 'empty', 'bad-ns',
                     'entity'):
            s.box.do('conf notify - ' + form)
            await asyncio.sleep(0.1)
            await roster(s, me='connected', robot1='connected')
        # a version too far: the UE asks for a full document
        seen = len(up(s, 'SUBSCRIBE', Event='conference'))
        s.box.do('conf notify - gap')
        await s.until(lambda: len(up(s, 'SUBSCRIBE', Event='conference')) >
                      seen, 'a refresh')
        s.box.do('conf add - sip:robot2@x.y')
        await roster(s, me='connected', robot1='connected',
                     robot2='connected')
        await leave(s)


@tests.add('TS 24.147 6.5, draft-ranjit F12: documents as those texts print '
           'them')
async def printed():
    for form in ('seed', 'draft'):
        async with conference() as s:
            await create(s)
            s.box.do('conf add - sip:robot1@x.y')
            await roster(s, me='connected', robot1='connected')
            s.box.do('conf notify - ' + form)
            await asyncio.sleep(0.2)
            await roster(s, me='connected', robot1='connected')
            await leave(s)


@tests.add('RFC 6665 s4.1.2.2: the subscription is ended, lost, refreshed')
async def subscription():
    async with conference() as s:
        await create(s)
        await s.event('roster')
        s.box.do('conf end-subscriptions - noresource')
        await s.event('conference-subscription-ended')
        event = await run(s, 'subscribe', 'conference-subscribed',
                          'conference-subscription-ended')
        equal(event['event'], 'conference-subscribed', 'event')
        event = await run(s, 'unsubscribe', 'conference-subscription-ended')
        await leave(s)
        await s.deregister()


@tests.add('RFC 6665 s4.1.2.4: NOTIFY before the 200 to SUBSCRIBE')
async def early():
    async with conference() as s:
        s.box.do('at SUBSCRIBE notify-first')
        await create(s)
        await roster(s, me='connected')
        await leave(s)


# ---- what goes wrong on the way

@tests.add('RFC 3261 s17.1.1, s17.1.2: lost requests and answers')
async def losses():
    async with conference('at INVITE:1 lose', 'at BYE:1 lose-answer',
                          'at REFER:1 lose') as s:
        await create(s)
        event = await run(s, 'invite sip:robot1@' + s.home, 'invited',
                          'invite-failed')
        equal(event['event'], 'invited', 'event')
        await leave(s)
        await s.deregister()


@tests.add('TS 24.229 5.1.1.6: deregistered in a conference')
async def deregistered():
    async with conference() as s:
        conf = await create(s)
        await s.ue.command('deregister')
        for name in ('conference-ended', 'deregistered'):
            await s.until(lambda n=name: s.ue.named(n), name)
        await s.until(lambda: not conf.users, 'out of the conference')


if __name__ == '__main__':
    sys.exit(tests.main())
