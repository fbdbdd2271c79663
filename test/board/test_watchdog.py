#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
"""A UE task that hangs is ended by the watchdog."""
import asyncio
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))

from lab import board                                       # noqa: E402
from lab.testing import Tests, check, equal                 # noqa: E402

tests = Tests(120)


def symbol(name):
    out = subprocess.run(['arm-none-eabi-nm', board.IMAGE], check=True,
                         text=True, stdout=subprocess.PIPE).stdout
    return next(int(f[0], 16) for f in map(str.split, out.splitlines())
                if f[-1] == name)


class Debugger:
    """The little of GDB's remote protocol that writes memory."""

    def __init__(self, streams):
        self.reader, self.writer = streams

    async def say(self, text):
        self.writer.write(b'+$%s#%02x' % (text.encode(),
                                          sum(text.encode()) & 0xff))
        await self.writer.drain()

    async def answer(self):
        await self.reader.readuntil(b'$')
        answer = await self.reader.readuntil(b'#')
        await self.reader.readexactly(2)
        return answer[:-1]


@tests.add('firmware: the watchdog ends a UE task that hangs')
async def hangs():
    with tempfile.TemporaryDirectory() as folder:
        sock = os.path.join(folder, 'gdb')
        proc = await asyncio.create_subprocess_exec(
            'sh', board.QEMU, board.IMAGE, '-S', '-gdb',
            'unix:%s,server=on,wait=off' % sock, cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE)
        try:
            while not os.path.exists(sock):
                await asyncio.sleep(0.05)
            gdb = Debugger(await asyncio.open_unix_connection(sock))
            # `b .` in place of what the task does after it has come round
            await gdb.say('M%x,2:fee7' % (symbol('freertos_netif_poll') & ~1))
            equal(await gdb.answer(), b'OK', 'answer to M')
            await gdb.say('M%x,2:fee7' % (symbol('ulTaskNotifyTake') & ~1))
            equal(await gdb.answer(), b'OK', 'answer to M')
            await gdb.say('c')
            out, _ = await proc.communicate()
        finally:
            if proc.returncode is None:
                proc.kill()
        check(out.endswith(b'watchdog\r\n'), out)
        equal(proc.returncode, 4, 'exit status')


if __name__ == '__main__':
    board.build()
    sys.exit(tests.main())
