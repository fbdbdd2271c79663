#!/usr/bin/python3
# class: soak
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
"""test_flood.py with 30 seconds of each kind."""
import os
import sys

os.environ.setdefault('FLOOD_SECONDS', '30')

import test_flood                                           # noqa: E402

if __name__ == '__main__':
    sys.exit(test_flood.main())
