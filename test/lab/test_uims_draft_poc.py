#!/usr/bin/python3
# class: test
"""uims as initiator and participant of draft-ranjit-sipping-conference-01 (F1
to F52), and as PoC client with a pre-established session (the release
scenarios 9.X.1 to 9.X.3 of OMA PoC), in the lab."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import flows                                       # noqa: E402
from lab.conf_scene import (another, answered, answers,     # noqa: E402
                            conference, leave, other, run, up)
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)


# ---- draft-ranjit-sipping-conference-01

def bare(got, value):
    """Refer-To and the like with or without <> around the URI."""
    return got.replace('<', '').replace('>', '') == value


def same(text):
    return lambda got, _: bare(got, text)


async def become(s, conf, uri, want):
    await s.until(lambda: getattr(conf.users.get(uri), 'status', None) ==
                  want, '%s is %s' % (uri, want))


async def told(s, uri, want):
    """The roster of the initiator says so."""
    await s.until(lambda: s.ue.named('roster') and '%s %s' % (uri, want) in
                  s.ue.named('roster')[-1]['users'], '%s %s in the roster' %
                  (uri, want))


@tests.add('draft-ranjit F1 to F52: INITIATE, add, remove, hold, resume, '
           'exit, deletion')
async def draft():
    async with conference() as s, other(s) as ua2, \
            another(s, '001010000000003') as ua3, \
            other(s, '001010000000004') as ua4:
        server, three = s.box.initiate.factory, ua3.sub.impus[0]
        await s.ue.command('initiate %s %s %s' % (server, ua2.impus[0],
                                                  three))
        await s.until(lambda: s.box.initiate.conferences, 'F1')
        conf, = s.box.initiate.conferences.values()
        # F6 to F8: the participant needs nothing of the draft
        check(await ua3.event('session-incoming'), 'F6')
        await ua3.command('answer')
        event = await s.event('conference-joined', 'conference-failed')
        equal(event['event'], 'conference-joined', 'F9 to F11')
        for uri in (s.sub.impus[0], ua2.impus[0], three):
            await become(s, conf, uri, 'connected')
            await told(s, uri, 'connected')
        first, = up(s, 'INITIATE')
        equal(flows.compare('F1', first, {
            'Request-URI': server, 'From': lambda got, _: ';tag=' in got,
            'To': '<%s>' % server, 'Call-ID': lambda got, _: bool(got),
            'Confer-To': same('%s;action=add, %s;action=add' % (
                ua2.impus[0], three))}), [], 'F1')
        # the dialog of F9
        invite = [e.msg for e in s.box.seen('INVITE', 'down')
                  if s.sub.impus[0] in e.msg.get('To')][0]
        mine = [e.msg for e in s.box.seen('200', 'up') if e.msg.get(
            'Call-ID') == invite.get('Call-ID')][0]
        dialog = {'Request-URI': conf.uri, 'From': mine.get('To'),
                  'To': mine.get('From'), 'Call-ID': mine.get('Call-ID')}

        async def refer(table, line, uri, action, status):
            await s.ue.command(line)
            await s.event('invited', 'removed', 'requested')
            await become(s, conf, uri, status)
            await told(s, uri, status) if status else None
            equal(flows.compare(table, up(s, 'REFER')[-1], {
                **dialog, 'Refer-To': same('%s;action=%s' % (uri, action)),
                'Referred-By': same(s.sub.impus[0])}), [], table)

        await refer('F13', 'invite ' + ua4.impus[0], ua4.impus[0], 'add',
                    'connected')
        await refer('F20', 'remove ' + ua2.impus[0], ua2.impus[0],
                    'remove', None)
        equal(ua2.calls[0].state, 'ended', 'F22')
        await refer('F26', 'hold ' + three, three, 'hold', 'on-hold')
        await refer('F34', 'resume ' + three, three, 'resume', 'connected')
        # F41: a participant leaves, the initiator is told
        await ua3.command('hangup')
        await become(s, conf, three, None)
        bye = [e.msg for e in s.box.seen('BYE', 'up')
               if three in e.msg.get('From')][0]
        call = [e.msg for e in s.box.seen('INVITE', 'down')
                if three in e.msg.get('To')][0]
        equal(flows.compare('F41', bye, {
            'Request-URI': conf.uri, 'To': call.get('From'),
            'From': lambda got, _: got.startswith('<%s>;tag=' % three),
            'Call-ID': call.get('Call-ID')}), [], 'F41')
        # F45 to F52: the end for all
        await leave(s)
        await s.until(lambda: ua4.calls[0].state == 'ended', 'F50')
        bye = [e.msg for e in s.box.seen('BYE', 'up')
               if s.sub.impus[0] in e.msg.get('From')][0]
        equal(flows.compare('F45', bye, dialog), [], 'F45')
        equal(conf.users, {}, 'who is left')
        # what is drawn and not printed: F10, F13, F19, F25, F33, F40, F44;
        # F7, F30, F37
        count = await answers(s, s.sub.impus[0], 'INVITE', 'NOTIFY')
        check(count['INVITE'] == 1 and count['NOTIFY'] >= 6, '%s', count)
        equal(await answers(s, three, 'INVITE'), {'INVITE': 3},
              'F7, F30, F37')


@tests.add('draft-ranjit 4.1: INITIATE refused; nobody calls')
async def refused():
    async with conference() as s:
        event = await run(s, 'initiate sip:nobody@%s sip:robot1@x.y' %
                          s.box.initiate.domain, 'conference-failed')
        check(event.get('status', 0) >= 400, 'event %s', event)
        s.box.do('at INITIATE:1 status 501')
        event = await run(s, 'initiate %s sip:robot1@x.y' %
                          s.box.initiate.factory, 'conference-failed')
        equal(event.get('status'), 501, 'status')
        await s.deregister()


@tests.add('draft-ranjit 4.4: a server that also sends what RFC 3515 asks: '
           'refused, and all goes on')
async def both():
    async with conference('set initiate_refer both', complaints=False) as s:
        event = await run(s, 'initiate %s sip:robot1@x.y' %
                          s.box.initiate.factory, 'conference-joined',
                          'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        conf, = s.box.initiate.conferences.values()
        await become(s, conf, 'sip:robot1@x.y', 'connected')
        for i in range(6):
            line = 'invite' if i % 2 == 0 else 'remove'
            event = await run(s, line + ' sip:robot2@x.y', 'invited',
                              'removed', 'invite-failed', 'remove-failed')
            check('failed' not in event['event'], 'event %s', event)
            await become(s, conf, 'sip:robot2@x.y',
                         None if i % 2 else 'connected')
        await leave(s)


# ---- PoC: the pre-established session stays

async def established(s):
    """A pre-established session in a PoC session."""
    poc = s.box.poc.session('talk', 'sip:robot1@x.y', 'sip:robot2@x.y')
    event = await run(s, 'poc ' + s.box.poc.factory, 'conference-joined',
                      'conference-failed')
    equal(event['event'], 'conference-joined', 'event')
    pre = event['conference']
    await s.event('conference-subscribed')
    event = await run(s, 'invite ' + poc.uri, 'invited', 'invite-failed')
    equal((event['event'], event.get('status')), ('invited', 200), 'event')
    check(s.sub.impus[0] in poc.users, 'not in the PoC session')
    return poc, pre


def in_session(s):
    """The dialog of the pre-established session."""
    invite, = up(s, 'INVITE')
    answer = [e.msg for e in s.box.seen('200', 'down')
              if e.msg.get('Call-ID') == invite.get('Call-ID')][0]
    return {'From': invite.get('From'), 'To': answer.get('To'),
            'Call-ID': invite.get('Call-ID'),
            'Referred-By': '<%s>' % s.sub.impus[0]}


async def over(s):
    await leave(s)
    await s.deregister()


async def notifies(s, event):
    """What the UE was told, and that it answered with 200."""
    found = [e.msg for e in s.box.seen('NOTIFY', 'down')
             if (e.msg.get('Event') or '').startswith(event)]
    await answered(s, found)
    return found


async def notified(s):
    return (await answers(s, s.sub.impus[0], 'NOTIFY'))['NOTIFY']


@tests.add('OMA PoC 9.X.1: the client releases itself, REFER(BYE) to the '
           'pre-established session')
async def poc_leave():
    async with conference() as s:
        poc, pre = await established(s)
        seen = len(await notifies(s, 'refer'))
        event = await run(s, 'poc-leave', 'requested', 'request-failed')
        equal((event['event'], event.get('status')), ('requested', 200),
              'event')
        refer = up(s, 'REFER')[-1]
        # step 1: what the REFER carries, in the dialog of that session
        equal(flows.compare('PoC 9.X.1-1', refer, {
            **in_session(s), 'Request-URI': pre,
            'Refer-To': '<%s;method=BYE>' % poc.uri}), [], '9.X.1-1')
        # steps 8 to 11: one NOTIFY, which is no participant notification
        equal(len(await notifies(s, 'refer')), seen + 1, 'refer NOTIFYs')
        equal(sorted(poc.users), ['sip:robot1@x.y', 'sip:robot2@x.y'],
              'who is left')
        equal(up(s, 'BYE'), [], 'the pre-established session')
        await over(s)
        check(await notified(s), 'step 10')


@tests.add('OMA PoC 9.X.2: the client releases all, REFER(BYE) to the '
           'controlling server')
async def poc_end():
    for who in (['sip:robot1@x.y'], ['sip:robot1@x.y', 'sip:robot2@x.y'],
                ['sip:talk@poc.ims.mnc001.mcc001.3gppnetwork.org']):
        async with conference('set conf_refer 200', transport='tcp') as s:
            poc, pre = await established(s)
            event = await run(s, 'poc-end %s %s' % (poc.uri, ' '.join(who)),
                              'requested', 'request-failed')
            equal(event['event'], 'requested', 'event')
            refer = up(s, 'REFER')[-1]
            # step 1: to the controlling server; several: RFC 5368 s5
            one = len(who) == 1
            equal(flows.compare('PoC 9.X.2-1', refer, {
                'Request-URI': poc.uri, 'To': '<%s>' % poc.uri,
                'From': lambda got, _: got.startswith('<%s>;tag=' %
                                                      s.sub.impus[0]),
                'Refer-To': '<%s;method=BYE>' % who[0] if one else
                lambda got, _: got.startswith('<cid:'),
                'Content-Length': lambda got, _: (got == '0') is one,
                'Referred-By': '<%s>' % s.sub.impus[0]}, adds=() if one else (
                    'Content-Type', 'Content-ID', 'Refer-Sub',
                    'Content-Disposition')), [], '9.X.2-1')
            equal(poc.users, {}, 'who is left')
            equal(up(s, 'BYE'), [], 'the pre-established session')
            await over(s)
            check(await notified(s), 'step 15')


@tests.add('OMA PoC 9.X.3: participant notifications name the PoC session')
async def poc_participants():
    async with conference() as s:
        poc, pre = await established(s)
        await s.until(lambda: s.ue.named('roster') and 'robot1' in s.ue.named(
            'roster')[-1]['users'], 'the roster')
        sub, = up(s, 'SUBSCRIBE', Event='conference')
        equal(sub.uri, pre, 'Request-URI of SUBSCRIBE')
        body = (await notifies(s, 'conference'))[-1].body.decode()
        check('entity="%s"' % poc.uri in body, 'entity of %s', body)
        s.box.do('conf add talk sip:robot3@x.y')
        await s.until(lambda: 'robot3' in s.ue.named('roster')[-1]['users'],
                      'the roster')
        await notifies(s, 'conference')
        await over(s)
        check(await notified(s) >= 2, 'step 3')


if __name__ == '__main__':
    sys.exit(tests.main())
