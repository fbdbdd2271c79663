#!/usr/bin/python3
# class: test
# needs: tshark nettle-dev
"""tshark's opinion of file transfers of uims (RFC 5547): every MSRP frame, the
attributes in the descriptions, the octets on the wire."""
import asyncio
import base64
import hashlib
import os
import re
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import msrp, test_uims_files as files              # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

tests = Tests(90)
# text: tshark takes the body of a frame for lines
MINE = base64.encodebytes(os.urandom(15000))
THEIRS = base64.encodebytes(os.urandom(15000))


class Shark:
    async def __aenter__(self):
        if not shutil.which('tshark'):
            raise Skip('tshark is not installed')
        self.folder = tempfile.mkdtemp(prefix='uims-files-')
        os.chmod(self.folder, 0o777)
        self.pcap = os.path.join(self.folder, 'wire.pcap')
        self.proc = await asyncio.create_subprocess_exec(
            'tshark', '-q', '-i', 'lo', '-w', self.pcap,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE)
        for _ in range(10):
            line = await asyncio.wait_for(self.proc.stderr.readline(), 10)
            if b'Capturing' in line:
                await asyncio.sleep(1)
                return self
            if not line:
                break
        shutil.rmtree(self.folder, ignore_errors=True)
        raise Skip('tshark may not capture here')

    async def __aexit__(self, *exc):
        await self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def stop(self):
        if self.proc.returncode is None:
            await asyncio.sleep(1)
            self.proc.send_signal(signal.SIGINT)
            await self.proc.wait()

    async def read(self, *args):
        proc = await asyncio.create_subprocess_exec(
            'tshark', '-r', self.pcap, *args, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL)
        return (await proc.communicate())[0].decode('utf-8', 'replace')


@tests.add('a file each way: frames, selectors, and the SHA-1 of the octets')
async def both_ways():
    async with Shark() as shark, files.one() as s:
        made = files.peers(s)
        path = files.write(s.own, 'mine.bin', MINE)
        await s.ue.command('send %s to %s' % (path, files.target(s)))
        equal((await files.result(s, 'file-sent', 'file-failed'))['event'],
              'file-sent', 'sent')
        peer = await files.push(s, THEIRS, name='theirs.bin')
        equal((await files.result(s))['event'], 'file-received', 'received')
        await shark.stop()

        own = {msrp.address_of(p.session.peer)[1] for p in (made[0], peer)}
        ports = {s.box.msrp.port, s.box.pcscfs[0].port} | own
        how = []
        for port in ports:
            how += ['-d', 'tcp.port==%d,%s' % (
                port, 'sip' if port == s.box.pcscfs[0].port else 'msrp')]
        lines = await shark.read(*how, '-Y', 'msrp.request.line')
        check(len(lines.splitlines()) >= 4, lines)
        # those of the UE; the lab's are split between segments anywhere
        equal(await shark.read(
            *how, '-Y', 'msrp && (%s) && (_ws.malformed || '
            '_ws.expert.severity >= 0x600000)' % ' || '.join(
                ['tcp.dstport == %d' % s.box.msrp.port] +
                ['tcp.srcport == %d' % p for p in own])), '', 'complaints')

        # what the descriptions say, by its reading of them
        said = await shark.read(*how, '-Y', 'sdp', '-T', 'fields', '-e',
                                'sdp.media_attr')
        for data in (MINE, THEIRS):
            digest = ':'.join(re.findall(
                '..', hashlib.sha1(data).hexdigest().upper()))
            check('hash:sha-1:' + digest in said, said)
        check('file-transfer-id' in said and 'sendonly' in said, said)


if __name__ == '__main__':
    sys.exit(tests.main())
