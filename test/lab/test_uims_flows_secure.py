#!/usr/bin/python3
# class: test
# needs: iproute2
"""Conferences of uims inside ESP: the leaving flow of TS 24.147 clause 6.5.2.1
with the headers of the security agreement that its tables print."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import netns                                       # noqa: E402
from lab.conf_scene import (conference, create, leave,      # noqa: E402
                            leaving, roster, run)
from lab.secure_scene import ALGS                           # noqa: E402
from lab.testing import Tests, check                        # noqa: E402

tests = Tests(60)

for version in (4, 6):
    for net in ('udp', 'tcp'):
        def case(net=net, version=version):
            lines = ('set udp_limit 0',) * (net == 'udp')
            return leaving(net, *lines, secure=version,
                           settings={'algs': ALGS})
        tests.add('TS 24.147 6.5.2.1 inside ESP, IPv%d, %s' % (
            version, net))(case)


@tests.add('TS 33.203 s7.1: every message of a conference is inside ESP')
async def inside():
    async with conference(secure=4, transport='tcp') as s:
        await create(s, 'sip:robot1@' + s.box.hss.home)
        await roster(s, me='connected', robot1='connected')
        await run(s, 'remove sip:robot1@' + s.home, 'removed')
        await leave(s)
        start = [e.kind for e in s.box.trace].index('answer')
        for e in s.box.trace[start:]:
            check(e.pair, 'outside ESP: %s', e)
        await s.deregister()


if __name__ == '__main__':
    sys.exit(netns.main(tests))
