#!/bin/sh
# 2,000 simulated lives with security associations in which things cross:
# re-registration while requests are under way, lost 401 and 200, network
# re-authentication, P-CSCFs that forget. A life that goes wrong prints its
# seed.
# class: test
cd "$(dirname "$0")/../.." || exit 1

if out=$("${B:-build/host}/lives" -r -n 2000); then
	echo "ok races: $(echo "$out" | tail -1)"
	echo "1 passed, 0 failed"
else
	echo "$out" | tail -20
	echo "FAIL races: seeds are above"
	echo "0 passed, 1 failed"
	exit 1
fi
