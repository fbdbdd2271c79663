#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules
# class: test
"""Two UEs call each other through the Kamailio IMS core: P-CSCF, S-CSCF and
back, with the routes and identities that they put in."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab import uims                                        # noqa: E402
from lab.testing import Failure, Tests, check, equal        # noqa: E402

tests = Tests(90)
ALICE, BOB = '001010000000001', '001010000000002'


async def event(core, ue, *names, seconds=20):
    found = await ue.event(*names, seconds=seconds)
    if found is None:
        raise Failure('no event %s; events %s; %s\n%s' % (
            ' or '.join(names),
            [e.get('name', e.get('event')) for e in ue.events],
            ue.stderr[-300:], core.logs(5)))
    return found


async def registered(core, imsi, host, network):
    sub = core.hss.find(imsi)
    found = uims.settings_for(sub, '127.0.0.1:5060', host, network)
    found.update(timers='rfc3261', expires='600', audio='40000',
                 imei='35123401234567' + imsi[-1])
    ue = await uims.Uims(found).start()
    await ue.command('register')
    got = await event(core, ue, 'registered', 'registration-failed')
    equal(got['event'], 'registered', 'registration of %s' % imsi)
    await event(core, ue, 'reg-event')
    return ue, sub


async def call(network):
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    async with kamailio.Core() as core:
        ues = []
        try:
            alice, sub_a = await registered(core, ALICE, '127.0.0.1', network)
            ues.append(alice)
            bob, sub_b = await registered(core, BOB, '127.0.0.11', network)
            ues.append(bob)
            await talk(core, alice, bob, sub_a, sub_b)
        finally:
            for ue in ues:
                await ue.stop()


async def talk(core, alice, bob, sub_a, sub_b):
    await alice.command('call %s' % sub_b.impus[0])
    got = await event(core, bob, 'session-incoming')
    equal(got.get('reason'), sub_a.impus[0], 'asserted identity')
    got = await event(core, alice, 'session-progress')
    equal(got.get('status'), 180, 'ringing')
    await bob.command('answer')
    for ue in (alice, bob):
        got = await event(core, ue, 'session-established', 'session-failed',
                          'session-ended')
        equal((got['event'], got.get('codec')),
              ('session-established', 'AMR-WB'), 'the session')

    await bob.command('hangup')
    got = await event(core, bob, 'session-ended')
    got = await event(core, alice, 'session-ended')
    check(got.get('by_peer'), 'who hung up: %s', got)

    # and refused, cancelled
    await bob.command('call %s' % sub_a.impus[0])
    await event(core, alice, 'session-incoming')
    await event(core, bob, 'session-progress')
    await alice.command('hangup')
    got = await event(core, bob, 'session-failed')
    equal(got.get('status'), 480, 'status of the refusal')

    for ue in (alice, bob):
        await ue.command('deregister')
        await event(core, ue, 'deregistered')
        await ue.command('quit')
        equal(await ue.wait(10), 0, 'exit status')


for _net in ('udp', 'tcp'):
    tests.add('Kamailio: a call through P-CSCF and S-CSCF, %s' % _net,
              _net)(call)

if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
