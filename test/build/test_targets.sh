#!/bin/sh
# class: test
# needs: gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
# The other targets: the unit tests run as a 32-bit ARM program and on the
# Cortex-M3, both emulated; the firmware links.
set -u
cd "$(dirname "$0")/../.." || exit 1

. test/tools/try.sh

have()
{
	command -v "$1" >/dev/null && return
	echo "skip $2: no $1"
	skipped=$((skipped + 1))
	return 1
}

if have arm-linux-gnueabihf-gcc "linux-armhf"; then
	try "linux-armhf: libraries, programs and unit tests build" \
		make TARGET=linux-armhf
	have qemu-arm-static "linux-armhf: unit tests" &&
		try "linux-armhf: unit tests pass on 32-bit ARM" \
			qemu-arm-static build/linux-armhf/unit -q
fi
if have arm-none-eabi-gcc "mps2-an385"; then
	try "mps2-an385: firmware and unit tests build" \
		make TARGET=mps2-an385
	have qemu-system-arm "mps2-an385: unit tests" &&
		try "mps2-an385: unit tests pass on the Cortex-M3" \
			sh test/tools/qemu_mps2.sh build/mps2-an385/unit -- -q
fi

tried
