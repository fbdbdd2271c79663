#!/usr/bin/python3
# class: test
# needs: pcscd vsmartcard-vpcd libpcsclite-dev
"""uims with a card in a PC/SC reader: pcscd, vpcd's virtual reader and the
lab's card in it, in a mount namespace of their own; the lab as the network."""
import asyncio
import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import uims                                        # noqa: E402
from lab.card import ATR, Card                              # noqa: E402
from lab.hss import Hss                                     # noqa: E402
from lab.scene import scene                                 # noqa: E402
from lab.testing import Skip, Tests, check, equal           # noqa: E402

IMSI = '001010000000001'
FROM_CARD = {'impi': None, 'impu': None, 'home': None, 'k': None,
             'opc': None}
PORT = 35963                    # vpcd's
DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so'
READER = '''FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x%X
LIBPATH %s
CHANNELID 0x%X
''' % (PORT, DRIVER, PORT)

tests = Tests(60)


class Pcscd:
    """The service, with vpcd's reader alone."""

    async def __aenter__(self):
        self.folder = tempfile.mkdtemp(prefix='uims-pcscd-')
        with open(os.path.join(self.folder, 'vpcd'), 'w',
                  encoding='ascii') as f:
            f.write(READER)
        self.proc = await asyncio.create_subprocess_exec(
            'pcscd', '-f', '-c', self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if os.path.exists('/run/pcscd/pcscd.comm'):
                return self
            await asyncio.sleep(0.05)
        raise RuntimeError('pcscd does not start')

    async def __aexit__(self, *exc):
        if self.proc.returncode is None:
            self.proc.send_signal(signal.SIGTERM)
        await self.proc.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Slot:
    """A card in vpcd's reader: 2 octets of length, then a command APDU, or
    one octet: power off, on, reset, give the ATR."""

    def __init__(self, card):
        self.card = card
        self.beforeh = None     # awaited before a command is answered

    async def __aenter__(self):
        for _ in range(200):
            try:
                self.r, self.w = await asyncio.open_connection('127.0.0.1',
                                                               PORT)
                break
            except OSError:
                await asyncio.sleep(0.05)
        self.task = asyncio.ensure_future(self._serve())
        # the reader looks for cards from time to time
        await asyncio.sleep(1.5)
        return self

    async def __aexit__(self, *exc):
        await self.remove()

    async def remove(self):
        self.w.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _serve(self):
        while True:
            size = struct.unpack('!H', await self.r.readexactly(2))[0]
            data = await self.r.readexactly(size)
            if size == 1:
                if data[0] == 4:
                    self._send(ATR)
                else:
                    self.card.reset()
                continue
            if self.beforeh:
                await self.beforeh(data)
            self._send(self.card.apdu(data))

    def _send(self, data):
        self.w.write(struct.pack('!H', len(data)) + data)


@contextlib.asynccontextmanager
async def with_reader(*lines, card=None, name='', complaints=True):
    async with Pcscd(), Slot(card or Card(Hss().find(IMSI))) as slot:
        async with scene(*lines, complaints=complaints, settings={
                **FROM_CARD,
                'usim': 'pcsc' + (':' + name if name else '')}) as s:
            yield s, slot


async def whole(name=''):
    async with with_reader(name=name) as (s, slot):
        event = await s.registered()
        equal(event['impu'], s.sub.impus[0], 'default public identity')
        await s.ue.command('reregister')
        await s.event('reregistered')
        await s.deregister()
        said = [a[0] for c, a in slot.card.log if c[1] == 0x88]
        equal(said, [0x61] * len(said), 'answers to AUTHENTICATE')
        check(said, 'the card was not asked')
        await s.quit()


tests.add('PC/SC: a whole registration with the first card')(whole)
tests.add('PC/SC: a whole registration, the reader by its name',
          'Virtual PCD 00 00')(whole)


@tests.add('TS 24.229 C.2: a card with USIM only')
async def usim_only():
    card = Card(Hss().find(IMSI), apps=('USIM',))
    async with with_reader(card=card) as (s, slot):
        await s.registered()
        await s.deregister()


@tests.add('TS 34.229-1 9.1: MAC invalid twice: status 9862 of the card')
async def mac():
    async with with_reader('at REGISTER:1-2 bad-mac') as (s, slot):
        await s.registered()
        equal(s.kinds(), ['initial', 'mac-failure', 'mac-failure',
                          'answer'], 'REGISTERs')
        await s.deregister()


@tests.add('TS 34.229-1 9.2: SQN out of range: AUTS of the card')
async def sqn():
    async with with_reader() as (s, slot):
        slot.card.sqn = 1 << 42
        await s.registered()
        equal(s.kinds(), ['initial', 'sync-failure', 'answer'], 'REGISTERs')
        await s.deregister()


@tests.add('the card is taken out: noticed, a challenge is not answered')
async def removed():
    async with with_reader(complaints=False) as (s, slot):
        await s.registered()
        await slot.remove()
        event = await s.event('card-removed')
        check('gone' in event['reason'], 'event %s', event)
        # a second one, as the card might have been slow only
        for n in (1, 2):
            s.box.do('at REGISTER/refresh:%d old-sqn' % n)
        await s.ue.command('reregister')
        await s.event('deregistered', seconds=60)


@tests.add('a card that answers late: the loop goes on meanwhile')
async def late():
    async with with_reader() as (s, slot):
        held = []

        async def hold(command):
            if command[1] == 0x88:
                await s.ue.command('status')
                while not s.ue.named('status'):
                    await asyncio.sleep(0.01)
                held.append(command)

        slot.beforeh = hold
        await s.registered()
        equal(len(held), 1, 'commands held')
        slot.beforeh = None
        await s.deregister()


async def stops(want, service, name=''):
    """The program does not start; exit status 2, and it says why."""
    async with contextlib.AsyncExitStack() as stack:
        if service:
            await stack.enter_async_context(Pcscd())
        found = {'pcscf': '127.0.0.1:9', 'usim': 'pcsc' + name}
        async with uims.Uims(found, 'register') as ue:
            equal(await ue.wait(30), 2, 'exit status')
            check(want in ue.stderr, 'told %r', ue.stderr)


tests.add('no PC/SC service', 'no PC/SC service', False)(stops)
tests.add('no card in the reader', 'no card', True)(stops)
tests.add('no such reader', 'no card in a reader: Unknown reader', True,
          ':another')(stops)


def main():
    if not os.path.exists(DRIVER) or not shutil.which('pcscd'):
        print('skip PC/SC: pcscd and vsmartcard-vpcd are not there\n'
              '0 passed, 0 failed, 1 skipped')
        return 0
    if 'UIMS' not in os.environ:
        # built before the library was there?
        subprocess.run(['make', '-s', '--no-print-directory',
                        os.path.relpath(uims.PROGRAM, uims.ROOT)],
                       cwd=uims.ROOT, check=True,
                       stdout=subprocess.DEVNULL)
    return tests.main()


if __name__ == '__main__':
    # the service has one place for its socket
    if '--inside' not in sys.argv:
        if os.geteuid() or subprocess.run(['unshare', '-m', 'true'],
                                          check=False).returncode:
            print('skip PC/SC: a mount namespace is not permitted\n'
                  '0 passed, 0 failed, 1 skipped')
            sys.exit(0)
        os.makedirs('/run/pcscd', exist_ok=True)
        os.execvp('unshare', [
            'unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /run/pcscd && '
            'exec /usr/bin/python3 "$@"', 'sh', os.path.abspath(__file__),
            '--inside', *sys.argv[1:]])
    sys.exit(main())
