#!/usr/bin/python3
# class: test
"""uims with SigComp in the lab, whose SigComp is an implementation of its own
(RFC 3486, RFC 4077, RFC 5049, TS 24.229 clause 8.1; cases after TS 34.229-1
clause 13, without security associations)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab.conf_scene import conference, create, leave, run   # noqa: E402
from lab.scene import scene                                 # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(60)


def counts(s):
    return s.box.do('sigcomp')[0]


async def notified(s):
    await s.until(lambda: any(
        e.msg and e.msg.get('CSeq', '').endswith('NOTIFY')
        for e in s.box.seen('200', 'up')), 'a 200 to the NOTIFY')


async def reregistered(s):
    await s.ue.command('reregister')
    await s.event('reregistered')


def all_compressed(s):
    for way in ('up', 'down'):
        c = counts(s)[way]
        check(c['messages'] >= 4, '%s: %s', way, c)
        equal(c['compressed'], c['messages'], 'compressed ' + way)


# 13.1 SigComp in the initial registration
async def registration(network, lines=(), settings=()):
    async with scene('set sigcomp on', *lines, transport=network,
                     settings=(('sigcomp', 'on'),) + tuple(settings)) as s:
        await s.registered()
        await notified(s)
        all_compressed(s)
        c = counts(s)
        check(2 * c['up']['wire'] < c['up']['plain'], 'up %s', c['up'])
        equal((c['nacks_sent'], c['nacks_received'], c['reasons']),
              (0, 0, []), 'NACKs')
        await s.deregister()
        all_compressed(s)
        await s.quit()


@tests.add('TS 34.229-1 13.1: a registration, its event and its end, all '
           'compressed, UDP')
async def udp():
    await registration('udp')


@tests.add('TS 34.229-1 13.1: the same over TCP')
async def tcp():
    await registration('tcp')


@tests.add('TS 34.229-1 13.1: the same with 2048 octets of memory each')
async def small():
    await registration('udp', settings=(('sms', '2048'),))


@tests.add('TS 34.229-1 13.1: the same with a P-CSCF of version 1, without '
           'NACK')
async def version1():
    await registration('udp', ['set sigcomp_nack off'])


# 13.2, 13.3 SigComp in calls: every message of theirs, both ways
def call_compressed(s):
    all_compressed(s)
    c = counts(s)
    check(2 * c['up']['wire'] < c['up']['plain'], 'up %s', c['up'])
    # states are created and used
    check(2 * c['referring'] > c['up']['messages'], 'referring %s', c)
    equal((c['nacks_sent'], c['nacks_received']), (0, 0), 'NACKs')


@tests.add('TS 34.229-1 13.2: SigComp in the MO call')
async def mo_call():
    async with conference('set sigcomp on', settings={
            'sigcomp': 'on'}) as s:
        await notified(s)
        s.box.do('sigcomp clear')
        await create(s)
        await leave(s)
        for name in ('INVITE', 'ACK', 'BYE'):
            equal(len(s.box.seen(name, 'up')), 1, name)
        call_compressed(s)
        await s.deregister()


@tests.add('TS 34.229-1 13.3: SigComp in the MT call')
async def mt_call():
    async with conference('set sigcomp on', settings={
            'sigcomp': 'on'}) as s:
        await notified(s)
        s.box.do('conf new meeting sip:robot1@x.y')
        s.box.do('sigcomp clear')
        s.box.do('conf invite meeting %s sip:robot1@x.y' % s.sub.impus[0])
        await s.event('conference-invitation')
        event = await run(s, 'accept', 'conference-joined',
                          'conference-failed')
        equal(event['event'], 'conference-joined', 'event')
        equal(len(s.box.seen('INVITE', 'down')), 1, 'INVITE')
        await leave(s)
        call_compressed(s)
        await s.deregister()


# state that the P-CSCF has lost
async def lost(network):
    async with scene('set sigcomp on', transport=network,
                     settings=(('sigcomp', 'on'),)) as s:
        await s.registered()
        await notified(s)
        s.box.do('sigcomp forget')
        s.box.do('sigcomp clear')
        await reregistered(s)
        c = counts(s)
        check(c['nacks_sent'] >= 1, 'NACKs %s', c)
        equal(c['up']['compressed'], c['up']['messages'], 'compressed')
        await s.deregister()
        await s.quit()


@tests.add('RFC 4077 s2.3: a P-CSCF that has forgotten all gets a full '
           'message, UDP')
async def lost_udp():
    await lost('udp')


@tests.add('RFC 4077 s2.3: the same over TCP, where nothing is repeated by '
           'itself')
async def lost_tcp():
    await lost('tcp')


@tests.add('RFC 4077 s1.1.2: a P-CSCF that comes back without '
           'registrations or state')
async def restarted():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),)) as s:
        await s.registered()
        await notified(s)
        s.box.do('kill 0')
        s.box.do('restart 0')
        await reregistered(s)
        c = counts(s)
        equal(c['up']['compressed'], c['up']['messages'], 'compressed')
        await s.deregister()
        await s.quit()


@tests.add('RFC 3486 s4: --json tells the octets on the wire')
async def wire():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),),
                     args=('-v',)) as s:
        await s.registered()
        await notified(s)
        said = [e for e in s.ue.events if e.get('event') == 'message']
        check(len(said) >= 8, '%d messages', len(said))
        for e in said:
            check(e['wire'] < e['bytes'], 'wire %s of %s', e['wire'],
                  e['bytes'])
        c = counts(s)
        equal(sum(e['wire'] for e in said),
              c['up']['wire'] + c['down']['wire'], 'octets')
        await s.deregister()
        await s.quit()


@tests.add('RFC 3486: without the setting nothing is compressed or asked for')
async def off():
    async with scene('set sigcomp on') as s:
        await s.registered()
        await notified(s)
        c = counts(s)
        equal((c['up']['compressed'], c['down']['compressed']), (0, 0))
        check(not any(b'sigcomp' in e.data for e in s.box.trace if e.msg),
              'comp=sigcomp')
        await s.deregister()
        await s.quit()


@tests.add('RFC 4077 s2.2: a message damaged on the way earns a NACK')
async def spoilt():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),)) as s:
        await s.registered()
        await notified(s)
        s.box.do('sigcomp clear')
        s.box.do('sigcomp spoil 1')
        await reregistered(s)
        c = counts(s)
        equal((c['nacks_received'], c['nacks_known']), (1, 1), 'NACKs')
        await s.deregister()
        await s.quit()


@tests.add('RFC 4077 s2.3: and is sent again on a connection')
async def spoilt_stream():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),),
                     transport='tcp') as s:
        await s.registered()
        await notified(s)
        s.box.do('sigcomp clear')
        s.box.do('sigcomp spoil 1')
        await reregistered(s)
        equal(counts(s)['nacks_received'], 1, 'NACKs')
        await s.deregister()
        await s.quit()


@tests.add('RFC 3486 s4: a plain answer to a compressed request is read')
async def plain():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),)) as s:
        s.box.do('sigcomp skip 3')
        await s.registered()
        await notified(s)
        c = counts(s)
        equal(c['down']['messages'] - c['down']['compressed'], 3, 'plain')
        await s.deregister()
        await s.quit()


@tests.add('RFC 4077 s4.2: a NACK of a message that was never sent is ignored')
async def strange():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),)) as s:
        await s.registered()
        await notified(s)
        s.box.do('sigcomp nack %s' % s.sub.impi)
        s.box.do('sigcomp clear')
        await reregistered(s)
        # a NACK that is believed takes away the state to refer to
        c = counts(s)
        check(c['up']['messages'] >= 2, 'messages %s', c)
        equal(c['referring'], c['up']['messages'], 'referring to state')
        await s.deregister()
        await s.quit()


@tests.add('RFC 4077 s2.3.1: a NACK of a message that was sent: the next refers '
           'to no state')
async def believed():
    async with scene('set sigcomp on', settings=(('sigcomp', 'on'),)) as s:
        await s.registered()
        await notified(s)
        s.box.do('sigcomp forget')
        s.box.do('sigcomp clear')
        await reregistered(s)
        c = counts(s)
        check(c['referring'] < c['up']['messages'], 'referring %s', c)
        await s.deregister()
        await s.quit()


if __name__ == '__main__':
    sys.exit(tests.main())
