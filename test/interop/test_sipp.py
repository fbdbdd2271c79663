#!/usr/bin/python3
# needs: kamailio kamailio-ims-modules kamailio-presence-modules sip-tester
# class: test
"""sipp's AKAv1-MD5 registration against the same Kamailio core that our UE
meets, so that a change of the core's configuration cannot favour us."""
import asyncio
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from interop import kamailio                                # noqa: E402
from interop.diameter import MAR, SAR                       # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

tests = Tests(60)


async def sipp(mode):
    if not shutil.which('sipp'):
        raise Skip('sip-tester is not installed')
    folder = tempfile.mkdtemp(prefix='uims-sipp-')
    try:
        async with kamailio.Core() as core:
            proc = await asyncio.create_subprocess_exec(
                'sipp', '127.0.0.1:5060', '-i', '127.0.0.1', '-nostdin',
                '-sf', os.path.join(HERE, 'sipp', 'reg_aka.xml'),
                '-inf', os.path.join(HERE, 'sipp', 'users.csv'),
                '-m', '1', '-t', mode, '-timeout', '20', cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT)
            out, _ = await proc.communicate()
            equal(proc.returncode, 0, 'exit status; ' +
                  out.decode('utf-8', 'replace')[-200:])
            # the network's own view
            check(core.cx.count[MAR] == 1 and core.cx.count[SAR] == 1,
                  'Cx commands: %s', core.cx.count)
            check('001010000000005@' + core.hss.home in core.cx.assigned,
                  'not registered at the HSS')
    finally:
        shutil.rmtree(folder)


tests.add('sipp registers with AKAv1-MD5 over UDP', 'u1')(sipp)
tests.add('sipp registers with AKAv1-MD5 over TCP', 't1')(sipp)

if __name__ == '__main__':
    kamailio.enter_namespace()
    sys.exit(tests.main())
