#!/bin/sh
# class: test
# needs: gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user-static
# needs: gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
# The unit tests on 32-bit ARM and on the Cortex-M3, where undefined behaviour
# is an instruction that stops the program.
set -u
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# TARGET PREFIX COMMAND...
try()
{
	target=$1 prefix=$2
	shift 2
	name="$target: unit tests pass without undefined behaviour"
	if ! command -v "$prefix-gcc" >/dev/null ||
	   ! command -v "$1" >/dev/null; then
		echo "skip $name: no $prefix-gcc or $1"
		skipped=$((skipped + 1))
	elif make -j2 TARGET="$target" SAN=trap unit >"$log" 2>&1 &&
	     "$prefix-objdump" -d "build/$target-trap/libue.a" |
		grep -q 'udf.*#255' &&
	     "$@" -q >"$log" 2>&1; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name: $(grep -aE '^FAIL|error:|\*\*\*|^fault' "$log" |
			head -3)"
		failed=$((failed + 1))
	fi
}

try linux-armhf arm-linux-gnueabihf \
	qemu-arm-static build/linux-armhf-trap/unit
try mps2-an385 arm-none-eabi \
	sh test/tools/qemu_mps2.sh build/mps2-an385-trap/unit --

echo "$passed passed, $failed failed$([ $skipped = 0 ] ||
	echo ", $skipped skipped")"
[ $failed = 0 ]
