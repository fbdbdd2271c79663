#!/usr/bin/python3
# class: test
# needs: iproute2 kamailio kamailio-ims-modules kamailio-presence-modules
"""What a newcomer runs first: make demo, in the lab and with Kamailio."""
import asyncio
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from lab import uims                                        # noqa: E402
from lab.testing import Failure, Skip, Tests, check, equal  # noqa: E402

tests = Tests(180)


async def demo(*words):
    if not uims.exists():
        raise Failure('%s is not built' % uims.PROGRAM)
    if 'NET=kamailio' in words and kamailio.missing():
        raise Skip('missing: ' + ', '.join(kamailio.missing()))
    proc = await asyncio.create_subprocess_exec(
        'make', '-s', 'demo', *words, cwd=uims.ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    out = (await proc.communicate())[0].decode('utf-8', 'replace')
    equal(proc.returncode, 0, 'exit status; ' + out[-1500:])
    for text in ('Cid was removed by the focus', 'Word for word.',
                 'all agree: Ann, Bob, Cid', '\ngood: '):
        check(text in out, 'no %s in %s', text, out[-1500:])


for _command in ('make demo', 'make demo IP=6 TRANSPORT=tcp',
                 'make demo NET=kamailio'):
    tests.add(_command, *_command.split()[2:])(demo)

if __name__ == '__main__':
    sys.exit(tests.main())
