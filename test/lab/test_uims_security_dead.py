#!/usr/bin/python3
# class: soak
# needs: iproute2
"""uims whose P-CSCF is gone with all associations: what takes a time-out and
a pause."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import netns                                       # noqa: E402
from lab.secure_scene import scene                          # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(150)
ANEW = [('initial', False), ('answer', True)]


async def restarted(version, transport):
    async with scene(version=version, transport=transport) as s:
        await s.registered()
        await s.notified()
        s.box.do('kill 0')
        s.box.do('restart 0')
        await s.until(lambda: s.box.pcscfs[0].up, 'restart')
        await s.ue.command('reregister')
        await s.event('registered', seconds=120)
        equal(s.registers()[-2:], ANEW, 'REGISTERs')
        # the dialog that died with it
        s.box.do('complaints clear')
        await s.deregister()


async def dead(version, transport):
    async with scene(version=version, transport=transport, pcscfs=2) as s:
        await s.registered()
        await s.notified()
        s.box.do('kill 0')
        await s.ue.command('reregister')
        await s.event('registered', seconds=120)
        equal([e.pcscf for e in s.box.seen('REGISTER', 'up')][-2:], [1, 1],
              'P-CSCFs')
        equal(s.registers()[-2:], ANEW, 'REGISTERs')
        s.box.do('complaints clear')
        await s.deregister()


for _version, _transport in ((4, 'tcp'), (6, 'udp'), (6, 'tcp')):
    tests.add('TS 24.229 s5.1.1.4: a dead P-CSCF, IPv%d, %s' % (
        _version, _transport), _version, _transport)(dead)
for _transport in ('udp', 'tcp'):
    tests.add('TS 24.229 s5.1.1.2.1: a P-CSCF that lost all, %s' %
              _transport, 4, _transport)(restarted)


@tests.add('TS 33.203 s7.3: another IK, the UE gives up')
async def wrong_ik():
    async with scene('at REGISTER:1 wrong-ik') as s:
        await s.ue.command('register')
        event = await s.event('registered', 'registration-failed',
                              'register-retry', seconds=120)
        check(event['event'] != 'registered', 'registered')
        equal(s.sets('current'), [], 'sets')


if __name__ == '__main__':
    sys.exit(netns.main(tests))
