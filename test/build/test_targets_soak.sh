#!/bin/sh
# class: soak
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm iproute2
# Another board, by a few lines over the first: the unit tests on a Cortex-M7,
# and the firmware's demo.
set -u
cd "$(dirname "$0")/../.." || exit 1

. test/tools/try.sh

try "mps2-an500: firmware and unit tests build" make TARGET=mps2-an500
try "mps2-an500: unit tests pass on the Cortex-M7" \
	sh test/tools/qemu_mps2.sh build/mps2-an500/unit -- -q
try "mps2-an500: the demo" make demo TARGET=mps2-an500

tried
