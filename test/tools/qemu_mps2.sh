#!/bin/sh
# Run an image of an MPS2 board in QEMU: console on standard input and output,
# exit status by semihosting.
#   qemu_mps2.sh IMAGE [QEMU OPTION...] [-- ARGUMENT...]
# The folder of the image, build/<target>, says which board it is.
set -eu
image=$1
machine=$(basename "$(dirname "$image")")
shift
semihosting=enable=on,target=native,arg=$(basename "$image")
n=$#
while [ "$n" -gt 0 ] && [ "$1" != -- ]; do
	set -- "$@" "$1"
	shift
	n=$((n - 1))
done
if [ "$n" -gt 0 ]; then
	shift
	n=$((n - 1))
	while [ "$n" -gt 0 ]; do
		# a comma in a value is written twice
		semihosting=$semihosting,arg=$(echo "$1" | sed 's/,/,,/g')
		shift
		n=$((n - 1))
	done
fi
exec qemu-system-arm -M "${machine%-trap}" -kernel "$image" -display none \
	-monitor none -serial stdio -semihosting-config "$semihosting" "$@"
