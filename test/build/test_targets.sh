#!/bin/sh
# class: test
# needs: gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi
# The other targets: the unit tests run as a 32-bit ARM program, the
# libraries compile for the Cortex-M3.
set -u
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# NAME COMMAND...
try()
{
	name=$1
	shift
	if "$@" >"$log" 2>&1; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name: $(grep -E 'FAIL|rror' "$log" | head -3)"
		failed=$((failed + 1))
	fi
}

have()
{
	command -v "$1" >/dev/null && return
	echo "skip $2: no $1"
	skipped=$((skipped + 1))
	return 1
}

if have arm-linux-gnueabihf-gcc "linux-armhf"; then
	try "linux-armhf: libraries, uims and unit tests build" \
		make TARGET=linux-armhf libs unit build/linux-armhf/uims
	have qemu-arm-static "linux-armhf: unit tests" &&
		try "linux-armhf: unit tests pass on 32-bit ARM" \
			qemu-arm-static build/linux-armhf/unit
fi
if have arm-none-eabi-gcc "mps2-an385"; then
	try "mps2-an385: libraries build" make TARGET=mps2-an385 libs
fi

echo "$passed passed, $failed failed$([ $skipped = 0 ] ||
	echo ", $skipped skipped")"
[ $failed = 0 ]
