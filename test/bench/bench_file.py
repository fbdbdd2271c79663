#!/usr/bin/python3
# needs: python3
"""A file of 100 MB from UE to UE (RFC 5547) over loopback TCP, beside a plain
copy of the same file: read, sent, received and written by two processes in the
same run.

Prints rows `name value unit goal`.  The transfer counts from the first octet
to the file under its own name, with the SHA-1 that the receiver makes of it;
the one that the sender makes before it offers the file has a row of its own.
Nine runs of each, the best counts; and, for a machine that is busy with other
things, the processor time of whichever side of a copy took more of it.
"""

import asyncio
import os
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import uims                                        # noqa: E402
from lab.scene import Scene, scene                          # noqa: E402

SIZE, PIECE, RUNS = 100 * 1000 * 1000, 65536, 9


def row(name, value, unit, goal):
    print('%s %.2f %s %s' % (name, value, unit, goal), flush=True)


def plain_receive(sock, path):
    conn, _ = sock.accept()
    buf = bytearray(PIECE)
    with open(path, 'wb', buffering=0) as f:
        while True:
            n = conn.recv_into(buf)
            if not n:
                break
            f.write(memoryview(buf)[:n])
    conn.sendall(b'x')


def plain(source, target):
    """Seconds of a plain copy; processor time of its busier side."""
    with socket.create_server(('127.0.0.1', 0)) as sock:
        pid = os.fork()
        if not pid:
            plain_receive(sock, target)
            os._exit(0)
        with socket.create_connection(sock.getsockname()) as conn, \
                open(source, 'rb', buffering=0) as f:
            start, spent = time.monotonic(), time.process_time()
            buf = bytearray(PIECE)
            while True:
                n = f.readinto(buf)
                if not n:
                    break
                conn.sendall(memoryview(buf)[:n])
            conn.shutdown(socket.SHUT_WR)
            conn.recv(1)
            seconds = time.monotonic() - start
            spent = time.process_time() - spent
        used = os.wait4(pid, 0)[2]
    os.unlink(target)
    return seconds, max(spent, used.ru_utime + used.ru_stime)


class Clock:
    """When the events of a UE came."""

    def __init__(self, s):
        self.s, self.at = s, {}
        s.ue.on_event = self.event

    def event(self, event):
        self.at[event.get('event')] = time.monotonic()

    async def named(self, name):
        event = await self.s.event(name, 'file-failed', seconds=60)
        if event['event'] != name:
            raise RuntimeError(event)
        return self.at[name], event


def processor(s):
    with open('/proc/%d/stat' % s.ue.proc.pid, encoding='ascii') as f:
        words = f.read().split()
    return (int(words[13]) + int(words[14])) / os.sysconf('SC_CLK_TCK')


async def transfer(s, t, path, uri):
    """Seconds from the first octet on, and before it; processor time of the
    receiver, which makes the SHA-1 meanwhile."""
    begin, spent = time.monotonic(), processor(t.s)
    await s.s.ue.command('send %s to %s' % (path, uri))
    start, _ = await s.named('file-started')
    end, received = await t.named('file-received')
    await s.named('file-sent')
    spent = processor(t.s) - spent
    os.unlink(received['file'])
    return end - start, start - begin, spent


def peak_kb(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as f:
        for line in f:
            if line.startswith('VmHWM'):
                return int(line.split()[1])
    return 0


async def main():
    with tempfile.TemporaryDirectory() as one, \
            tempfile.TemporaryDirectory() as other:
        path = os.path.join(one, 'large.bin')
        with open(path, 'wb') as f:
            for _ in range(SIZE // 1000000):
                f.write(os.urandom(1000000))
        async with scene(settings={'folder': one}, complaints=False,
                         transport='tcp') as s:
            sub = s.box.hss.find('001010000000002')
            found = uims.settings_for(
                sub, [n.address for n in s.box.pcscfs], '127.0.0.1', 'tcp')
            found.update(timers='rfc3261', folder=other)
            async with uims.Uims(found) as ue:
                t = Scene(s.box, ue, sub)
                await s.registered()
                uri = (await t.registered())['impu']
                copy, moved = [], []
                for _ in range(RUNS):
                    copy.append(plain(path, os.path.join(other, 'copy')))
                    moved.append(await transfer(Clock(s), Clock(t), path,
                                                uri))
                peak = max(peak_kb(x.ue.proc.pid) for x in (s, t))
    copy, copy_spent = (min(v) for v in zip(*copy))
    moved, before, spent = (min(v) for v in zip(*moved))
    row('file-100-MB-plain-copy', SIZE / copy / 1e6, 'MB/s', '-')
    row('file-100-MB-transfer', SIZE / moved / 1e6, 'MB/s', '-')
    row('file-100-MB-share-of-the-plain-copy', copy / moved, 'of-1', '>=0.5')
    row('file-100-MB-plain-copy-processor', copy_spent, 's', '-')
    row('file-100-MB-transfer-processor', spent, 's', '-')
    row('file-100-MB-SHA-1-and-offer', before, 's', '-')
    row('file-100-MB-peak-memory-of-uims', peak, 'KB', '-')


asyncio.run(main())
