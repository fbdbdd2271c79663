#!/usr/bin/python3
# class: soak
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""Power cuts: the board is switched off at random moments of registration
and of writes to non-volatile memory.  The sequence numbers of its USIM never
go back, and the next start registers.  POWER_CUTS says how often (200),
SEED from where the moments come."""
import asyncio
import contextlib
import os
import random
import struct
import sys
import tempfile
import zlib

import test_firmware as firmware
from lab import board, netns
from lab.box import Box
from lab.testing import Tests, check, equal, no_complaints

tests = Tests(1500)
CUTS = int(os.environ.get('POWER_CUTS', '200'))
SEED = int(os.environ.get('SEED', '1'))


def sqn(folder):
    """SEQ by IND of the newest slot that is whole; zeros when there is
    none (ports/common/nv_slots.h)."""
    best = None
    for name in ('nv-slot-0', 'nv-slot-1'):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        with open(path, 'rb') as file:
            slot = file.read()
        if len(slot) < 9 or zlib.crc32(slot[4:]) != \
                struct.unpack_from('<I', slot)[0]:
            continue
        count = struct.unpack_from('<I', slot, 4)[0]
        if best is None or count > best[0]:
            best = count, slot[8:]
    if best is None:
        return [0] * 32
    data = best[1]
    while data and data[0]:
        length = data[0]
        name, size = data[1:1 + length], struct.unpack_from(
            '<H', data, 1 + length)[0]
        value, data = data[3 + length:][:size], data[3 + length + size:]
        if name == b'usim-sqn':
            return [int.from_bytes(value[i:i + 6], 'big')
                    for i in range(0, size, 6)]
    return [0] * 32


@tests.add('firmware: %d power cuts: SQN never goes back, the next start '
           'registers' % CUTS)
async def cuts():
    rand = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder, \
            board.Cable(4) as wire:
        async with Box([wire.host], wire=wire) as box:
            args = firmware.settings(box, wire, transport='udp')
            before, torn = sqn(folder), 0
            for n in range(CUTS):
                proc = await firmware.start(args, folder)
                await asyncio.sleep(rand.uniform(0.02, 0.5))
                # it may have deregistered and ended by itself
                with contextlib.suppress(ProcessLookupError):
                    proc.kill()
                await proc.communicate()
                after = sqn(folder)
                check(all(b >= a for a, b in zip(before, after)),
                      'cut %d: %s after %s', n, after, before)
                torn += after != before
                before = after
                if n % 10 == 9:
                    _, code, lines = await firmware.run(args, folder)
                    equal(code, 0, 'start after cut %d: %s' % (n, lines[-5:]))
                    before = sqn(folder)
            no_complaints(box)
            check(any(before), 'no sequence number was ever stored')
            print('  %d cuts, %d of them after a new sequence number' % (
                CUTS, torn))


if __name__ == '__main__':
    board.build()
    sys.exit(netns.main(tests))
