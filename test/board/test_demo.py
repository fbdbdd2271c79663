#!/usr/bin/python3
# class: test
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""`make demo TARGET=mps2-an385`: all of the story, in less than a minute."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from lab import board, demo_board, netns                    # noqa: E402
from lab.testing import Tests, check                        # noqa: E402

tests = Tests(60)


async def play(version, transport):
    check(await demo_board.run(version, transport), 'see above')


for _version in (4, 6):
    for _transport in ('udp', 'tcp'):
        tests.add('firmware: the demo over %s and IPv%d' % (
            _transport.upper(), _version), _version, _transport)(play)


if __name__ == '__main__':
    board.build()
    sys.exit(netns.main(tests))
